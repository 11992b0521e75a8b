//! What is promised, in words, and which settings keep it. [`judges`](super::judges) watch.

use super::policy::Policy;
use crate::check::Property;
use crate::circuit_breaker::Quirk;

/// What can be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::labs) enum Kind {
    LateMovesNothing,
    WithinSockets,
    OpenUntilItsDeadline,
    OpensByItsRule,
    RejectionsEnterNoWindow,
    NeverWedges,
    NeutralMovesNothing,
    EndsOnce,
}

impl Kind {
    pub(in crate::labs) const ALL: [Kind; 8] = [
        Kind::LateMovesNothing,
        Kind::WithinSockets,
        Kind::OpenUntilItsDeadline,
        Kind::OpensByItsRule,
        Kind::RejectionsEnterNoWindow,
        Kind::NeverWedges,
        Kind::NeutralMovesNothing,
        Kind::EndsOnce,
    ];

    /// The same as all labs name theirs.
    pub(in crate::labs) fn property(self) -> Property {
        match self {
            Kind::LateMovesNothing => Property::LateMovesNothing,
            Kind::WithinSockets => Property::ProbesWithinSockets,
            Kind::OpenUntilItsDeadline => Property::OpenUntilItsDeadline,
            Kind::OpensByItsRule => Property::OpensByItsRule,
            Kind::RejectionsEnterNoWindow => Property::RejectionsEnterNoWindow,
            Kind::NeverWedges => Property::ProbesNeverWedge,
            Kind::NeutralMovesNothing => Property::NeutralMovesNothing,
            Kind::EndsOnce => Property::RequestsEndOnce,
        }
    }

    /// What it says, and what is added where the settings give it up.
    pub(in crate::labs) fn says(self, kept: bool) -> &'static str {
        match (self, kept) {
            (Kind::LateMovesNothing, true) => {
                "A result that comes when the breaker is in another era than when its call was \
                 admitted counts as late, and for nothing else."
            }
            (Kind::LateMovesNothing, false) => {
                "A result that comes when the breaker is in another era than when its call was \
                 admitted counts as late, and for nothing else. Given up by this habit."
            }
            (Kind::WithinSockets, true) => {
                "While the breaker is half-open, no more probes are under way than it has sockets."
            }
            (Kind::WithinSockets, false) => {
                "While the breaker is half-open, no more probes are under way than it has sockets. \
                 Given up by this habit."
            }
            (Kind::OpenUntilItsDeadline, true) => {
                "An open breaker lets nothing through before its deadline, and the first call at \
                 the deadline or after it."
            }
            (Kind::OpenUntilItsDeadline, false) => {
                "An open breaker lets nothing through before its deadline, and the first call at \
                 the deadline or after it. Given up by this habit."
            }
            (Kind::OpensByItsRule, true) => {
                "A closed breaker opens at the result that fulfils its rule, such as the fifth \
                 failure in a row, and at no other: worked out anew from all that it was told."
            }
            (Kind::OpensByItsRule, false) => {
                "A closed breaker opens at the result that fulfils its rule, such as the fifth \
                 failure in a row, and at no other: worked out anew from all that it was told. \
                 Given up by this habit."
            }
            (Kind::RejectionsEnterNoWindow, true) => {
                "A window holds the results since the breaker closed, and no call that was never \
                 made."
            }
            (Kind::RejectionsEnterNoWindow, false) => {
                "A window holds the results since the breaker closed, and no call that was never \
                 made. Given up by this habit."
            }
            (Kind::NeverWedges, true) => {
                "A probe that does not report within its lease counts as failed: the breaker goes \
                 on."
            }
            (Kind::NeverWedges, false) => {
                "A probe that does not report within its lease counts as failed: the breaker goes \
                 on. Given up by this habit."
            }
            (Kind::NeutralMovesNothing, true) => {
                "An outcome that says nothing about the service moves nothing."
            }
            (Kind::NeutralMovesNothing, false) => {
                "An outcome that says nothing about the service moves nothing. Given up by this \
                 habit."
            }
            (Kind::EndsOnce, true) => "Every request of a caller that runs ends, and once only.",
            (Kind::EndsOnce, false) => {
                "Every request of a caller that runs ends, and once only. Given up: late answers \
                 are delivered."
            }
        }
    }

    /// Its name.
    pub(in crate::labs) fn name(self) -> &'static str {
        self.property().name()
    }

    /// Whether there is such a promise with these settings.
    pub(in crate::labs) fn is_about(self, policy: &Policy) -> bool {
        self == Kind::EndsOnce || policy.breaker.is_some()
    }

    /// Whether these settings keep it.
    pub(in crate::labs) fn is_kept_by(self, policy: &Policy) -> bool {
        let broken_by: &[Quirk] = match self {
            Kind::LateMovesNothing => &[Quirk::NoGenerations],
            Kind::WithinSockets => &[Quirk::UnlimitedProbes],
            Kind::OpenUntilItsDeadline => &[
                Quirk::StrictDeadline,
                Quirk::SuccessClosesWhileOpen,
                Quirk::FailureExtendsTheWait,
            ],
            Kind::OpensByItsRule => &[
                Quirk::StrictThreshold,
                Quirk::WindowNeverSlides,
                Quirk::RejectionsCounted,
                Quirk::SuccessMayOpen,
            ],
            Kind::RejectionsEnterNoWindow => &[Quirk::RejectionsCounted],
            Kind::NeverWedges => &[Quirk::NoLease],
            Kind::NeutralMovesNothing => &[Quirk::CancelledIsSuccess],
            Kind::EndsOnce => return !policy.delivers_late,
        };
        let quirks = policy.breaker.as_ref().map(|breaker| breaker.quirks).unwrap_or_default();
        !broken_by.iter().any(|quirk| quirks.has(*quirk))
    }
}
