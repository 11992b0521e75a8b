//! What is promised, in words, and which settings keep it. [`judges`](super::judges) watch.

use super::system::{CheckpointWrites, Log, Publish, Rules};

/// What can be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    NoLostUpdate,
    NeverBelowZero,
    OnceOnly,
    AcknowledgedStays,
    ModelsAreFolds,
    ModelsCatchUp,
    SameState,
    OneLog,
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::NoLostUpdate,
        Kind::NeverBelowZero,
        Kind::OnceOnly,
        Kind::AcknowledgedStays,
        Kind::ModelsAreFolds,
        Kind::ModelsCatchUp,
        Kind::SameState,
        Kind::OneLog,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::NoLostUpdate => "No lost update",
            Kind::NeverBelowZero => "Stock never below zero",
            Kind::OnceOnly => "Once asked, once done",
            Kind::AcknowledgedStays => "Acknowledged events stay",
            Kind::ModelsAreFolds => "Read models are folds of the log",
            Kind::ModelsCatchUp => "Read models catch up",
            Kind::SameState => "Same log, same state",
            Kind::OneLog => "One log on all servers",
        }
    }

    /// What it says, and what is added where the settings give it up.
    pub(super) fn says(self, kept: bool) -> &'static str {
        match (self, kept) {
            (Kind::NoLostUpdate, true) => {
                "What is decided about stock is appended only right after the version on which the \
                 decision rests."
            }
            (Kind::NoLostUpdate, false) => {
                "What is decided about stock is appended only right after the version on which the \
                 decision rests. Given up: the check is off."
            }
            (Kind::NeverBelowZero, true) => "Nobody takes what is not there.",
            (Kind::NeverBelowZero, false) => {
                "Nobody takes what is not there. Given up: the check is off."
            }
            (Kind::OnceOnly, true) => {
                "However often a request is retried, it happens once: nobody pays twice."
            }
            (Kind::OnceOnly, false) => {
                "However often a request is retried, it happens once: nobody pays twice. Given up: \
                 retries have fresh ids."
            }
            (Kind::AcknowledgedStays, true) => {
                "An event of which a customer was told is in the log for ever, where it was."
            }
            (Kind::AcknowledgedStays, false) => {
                "An event of which a customer was told is in the log for ever, where it was. Given \
                 up: answers do not wait for the disk."
            }
            (Kind::ModelsAreFolds, true) => {
                "A read model is what the log comes to up to its position: nothing twice, nothing \
                 left out."
            }
            (Kind::ModelsAreFolds, false) => {
                "A read model is what the log comes to up to its position: nothing twice, nothing \
                 left out. Given up: see how read models take in and keep."
            }
            (Kind::ModelsCatchUp, true) => {
                "A read model that runs, and is not cut off, comes to the end of the log."
            }
            (Kind::ModelsCatchUp, false) => {
                "A read model that runs, and is not cut off, comes to the end of the log. Given \
                 up: events are published once."
            }
            (Kind::SameState, _) => {
                "However often the log is replayed, and by whom, it comes to the same state."
            }
            (Kind::OneLog, _) => {
                "At every position all servers have the same event, or do not have it yet."
            }
        }
    }

    /// Whether there is such a promise where the log is kept so.
    pub(super) fn is_about(self, log: Log) -> bool {
        match self {
            Kind::NeverBelowZero | Kind::OnceOnly | Kind::AcknowledgedStays | Kind::SameState => {
                true
            }
            Kind::NoLostUpdate | Kind::ModelsAreFolds | Kind::ModelsCatchUp => log == Log::Single,
            Kind::OneLog => log == Log::Raft,
        }
    }

    /// Whether these rules keep it.
    pub(super) fn is_kept_by(self, rules: &Rules) -> bool {
        match self {
            _ if rules.log == Log::Raft && self != Kind::OnceOnly => true,
            Kind::NoLostUpdate | Kind::NeverBelowZero => rules.check,
            Kind::OnceOnly => rules.same_ids,
            Kind::AcknowledgedStays => rules.durable_first,
            Kind::ModelsAreFolds => {
                rules.in_order && rules.checkpoint == CheckpointWrites::Together
            }
            Kind::ModelsCatchUp => rules.publish == Publish::FromTheLog,
            Kind::SameState | Kind::OneLog => true,
        }
    }
}
