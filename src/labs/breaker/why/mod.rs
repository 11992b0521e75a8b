//! Why a breaker moved, a call was rejected, a request failed.

use super::super::{Explanation, Question};
use super::Cluster;
use super::chronicle::Chronicle;
use crate::scene::Target;

/// The answer to a question.
pub(super) fn answer(_: &Cluster, _: &Chronicle, _question: &Question) -> Option<Explanation> {
    None
}

/// What there is to ask.
pub(super) fn questions(_: &Cluster, _: &Chronicle, _target: Target) -> Vec<(String, Question)> {
    Vec::new()
}
