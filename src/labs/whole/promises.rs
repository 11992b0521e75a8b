//! What the whole promises, in words, and which settings keep it. [`judges`](super::judges) watch.
//! What breakers and what Raft promise is said by their own labs.

use super::system::{Conduct, Looks};
use crate::check::Property;

/// What can be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    AcknowledgedStays,
    OnceOnly,
    NeverBelowZero,
    OneLog,
    PagesAreFolds,
}

impl Kind {
    pub(super) const ALL: [Kind; 5] = [
        Kind::AcknowledgedStays,
        Kind::OnceOnly,
        Kind::NeverBelowZero,
        Kind::OneLog,
        Kind::PagesAreFolds,
    ];

    /// The same as all labs name theirs.
    pub(super) fn property(self) -> Property {
        match self {
            Kind::AcknowledgedStays => Property::AcknowledgedEventsStay,
            Kind::OnceOnly => Property::OnceAskedOnceDone,
            Kind::NeverBelowZero => Property::StockNeverBelowZero,
            Kind::OneLog => Property::OneLogOnAllServers,
            Kind::PagesAreFolds => Property::ReadModelsAreFolds,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::AcknowledgedStays => "No acknowledged order is lost",
            Kind::OnceOnly => "Nobody is charged twice",
            Kind::NeverBelowZero => "Stock never below zero",
            Kind::OneLog => "One log on all servers",
            Kind::PagesAreFolds => "Pages show what was",
        }
    }

    /// What it says, and what is added where the settings give it up.
    pub(super) fn says(self, kept: bool) -> &'static str {
        match (self, kept) {
            (Kind::AcknowledgedStays, _) => {
                "An order of which a customer was told stands where it stood, on every server."
            }
            (Kind::OnceOnly, true) => {
                "However often an order is sent, it is carried out and charged once."
            }
            (Kind::OnceOnly, false) => {
                "However often an order is sent, it is carried out and charged once. Given up: \
                 its tries have no key in common."
            }
            (Kind::NeverBelowZero, true) => "Nobody is sold what is not there.",
            (Kind::NeverBelowZero, false) => {
                "Nobody is sold what is not there. Given up: it is looked up on a page that lags."
            }
            (Kind::OneLog, _) => {
                "At every position all servers have the same event, or do not have it yet."
            }
            (Kind::PagesAreFolds, true) => {
                "A page shows what the events up to its position come to: old perhaps, never wrong."
            }
            (Kind::PagesAreFolds, false) => {
                "A page shows what the events up to its position come to: old perhaps, never \
                 wrong. Given up: it takes events in as they arrive."
            }
        }
    }

    /// Whether who goes by this keeps it.
    pub(super) fn is_kept_by(self, conduct: &Conduct) -> bool {
        match self {
            Kind::AcknowledgedStays | Kind::OneLog => true,
            Kind::OnceOnly => conduct.keys,
            Kind::NeverBelowZero => conduct.looks == Looks::Shop,
            Kind::PagesAreFolds => conduct.in_order,
        }
    }
}
