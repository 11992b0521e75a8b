//! Which labs a program knows.
//!
//! The library is compiled once for every program of the page, so it cannot leave labs out. A
//! program that is to be small [says](know_only) which labs it is for, before anything else; the
//! linker drops the others, for then nothing names them. It is set once and for good, so nothing
//! that is worked out depends on when it is asked for.

use std::cell::Cell;

use super::explained::{self, AsExplained};
use super::exported::ExportedEntry;
use super::{LABS, LabEntry, ScriptedEntry, breaker, cap, events, exported, raft, scripted, whole};

/// The lines of every registry that are about certain labs.
pub struct Known {
    pub(crate) labs: &'static [LabEntry],
    pub(crate) scripted: &'static [ScriptedEntry],
    pub(crate) exported: &'static [ExportedEntry],
    pub(super) explained: &'static [AsExplained],
}

impl Known {
    /// All of them.
    pub const ALL: &Known = &Known {
        labs: LABS,
        scripted: scripted::SCRIPTED,
        exported: exported::EXPORTED,
        explained: explained::EXPLAINED,
    };
    /// The first figure's lab.
    pub const RAFT: &Known = &Known {
        labs: &[raft::ENTRY],
        scripted: &[raft::SCRIPTED],
        exported: &[exported::RAFT],
        explained: &[explained::RAFT],
    };
    /// The second figure's lab.
    pub const CAP: &Known = &Known {
        labs: &[cap::ENTRY],
        scripted: &[cap::SCRIPTED],
        exported: &[exported::CAP],
        explained: &[explained::CAP],
    };
    /// The third figure's lab.
    pub const EVENTS: &Known = &Known {
        labs: &[events::ENTRY],
        scripted: &[events::SCRIPTED],
        exported: &[exported::EVENTS],
        explained: &[explained::EVENTS],
    };
    /// The fourth figure's lab.
    pub const BREAKER: &Known = &Known {
        labs: &[breaker::ENTRY],
        scripted: &[breaker::SCRIPTED],
        exported: &[exported::BREAKER],
        explained: &[explained::BREAKER],
    };
    /// The fifth figure's lab.
    pub const WHOLE: &Known = &Known {
        labs: &[whole::ENTRY],
        scripted: &[whole::SCRIPTED],
        exported: &[exported::WHOLE],
        explained: &[explained::WHOLE],
    };
    /// None. What a program of the page knows that has not said anything.
    #[cfg(feature = "lens")]
    const NONE: &Known = &Known { labs: &[], scripted: &[], exported: &[], explained: &[] };
}

#[cfg(feature = "lens")]
const BY_ITSELF: &Known = Known::NONE;
#[cfg(not(feature = "lens"))]
const BY_ITSELF: &Known = Known::ALL;

thread_local! {
    static KNOWN: Cell<&'static Known> = const { Cell::new(BY_ITSELF) };
}

/// From now on this program knows these labs only, in this thread; a page has no other. With the
/// feature `lens` it knows none until then, and without it all.
pub fn know_only(labs: &'static Known) {
    KNOWN.set(labs);
}

/// The labs that this program knows.
pub(crate) fn known() -> &'static Known {
    KNOWN.get()
}
