//! Why a request went as it did, a read model lags or is wrong, an event is there or is not.

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
