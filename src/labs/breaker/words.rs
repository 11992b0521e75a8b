//! The words that story, pictures, answers and promises have in common.

use crate::scene::Tone;

/// A sentence, its colour, and the source that has the rule.
pub(super) type Telling = (Tone, String, Option<&'static str>);
