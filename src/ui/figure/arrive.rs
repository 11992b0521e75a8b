//! What a figure begins with: the link in the address, the reader's last run, or a fresh one.

use std::slice;

use crate::embed::Params;
use crate::labs::{LabEntry, LabSettings, Tuning};
use crate::link::Link;
use crate::sim::Halted;
use crate::text;
use crate::timeline::{BranchId, Timeline};
use crate::ui::app::address_is_our_own;
use crate::ui::place::Place;
use crate::ui::share::{self, InAddress};
use crate::ui::{crash, keep};

/// So many records are played in a frame on a long way. It takes a browser some 10 ms.
const PART: usize = 24_000;

/// A way that is gone in parts, so that the page stays alive.
pub(super) struct Journey {
    /// Where it leads, the last first.
    pub(super) stops: Vec<(BranchId, u64)>,
    /// A branch to be shown beside it then.
    pub(super) beside: Option<BranchId>,
}

impl Journey {
    /// Goes a part of the way. Whether it is over.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run goes no further; the way is over then, too.
    pub(super) fn go_on(&mut self, timeline: &mut Timeline) -> Result<bool, Halted> {
        while let Some((branch, at_us)) = self.stops.last().copied() {
            if timeline.branch() != branch || timeline.now_us() > at_us {
                let _ = timeline.set_out(branch, at_us);
            }
            match timeline.approach(at_us, PART) {
                Ok(true) => {
                    self.stops.pop();
                }
                Ok(false) => return Ok(false),
                Err(halted) => {
                    self.stops.clear();
                    return Err(halted);
                }
            }
        }
        Ok(true)
    }
}

/// What a figure begins with.
pub(super) struct Arrival {
    pub(super) timeline: Timeline,
    /// The way to the instant that is to be seen.
    pub(super) journey: Option<Journey>,
    /// It is the reader's own run, or one that was sent: it waits for them.
    pub(super) waits: bool,
    pub(super) notices: Vec<String>,
}

/// At home as the address says, else as the reader left it; elsewhere as the link says that was
/// given to the figure; else fresh.
pub(super) fn arrival(entry: &'static LabEntry, place: &Place, params: &Params) -> Arrival {
    let mut notices = Vec::new();
    let given = params.link.as_ref().filter(|_| !place.at_home);
    let run = match given {
        Some(link) => InAddress::Run(Link::parse_of(link, slice::from_ref(entry))),
        None if place.at_home => share::run_in_address(entry),
        None => InAddress::Nothing,
    };
    if let InAddress::Run(link) = run {
        match link {
            Ok(link) => match of_link(entry, link) {
                Ok(arrival) => return arrival,
                Err(why) => notices.push(bad_link(&why)),
            },
            Err(why) => notices.push(bad_link(&why.to_string())),
        }
        return Arrival { notices, ..fresh(entry, params) };
    }
    let asks = params.seed.is_some() || params.servers.is_some() || !params.protocol.is_empty();
    if place.at_home
        && (!asks || address_is_our_own())
        && let Some(link) =
            keep::kept(entry).and_then(|text| Link::parse_of(&text, slice::from_ref(entry)).ok())
        && let Ok(arrival) = of_link(entry, link)
    {
        return arrival;
    }
    fresh(entry, params)
}

/// What is said of a link that does not open.
pub(super) fn bad_link(why: &str) -> String {
    text::bad_link(why)
}

/// What a link says, on the way to its instant.
pub(super) fn of_link(entry: &'static LabEntry, link: Link) -> Result<Arrival, String> {
    if link.lab != entry.name {
        return Err(text::of_figure(link.lab));
    }
    (entry.check)(&link.settings)?;
    crash::note_seed(link.settings.seed);
    let Link { branch, at_us, beside, .. } = link;
    let mut timeline = Timeline::of_tree(entry, link.settings, link.tree);
    let other = beside.map(|beside| (beside, at_us));
    let mut stops = vec![(branch, at_us)];
    stops.extend(other);
    let mut journey = Journey { stops, beside };
    // Most are short: then the figure opens where it should.
    let arrived = journey.go_on(&mut timeline).unwrap_or(true);
    let journey = (!arrived || beside.is_some()).then_some(journey);
    Ok(Arrival { timeline, journey, waits: true, notices: Vec::new() })
}

fn fresh(entry: &'static LabEntry, params: &Params) -> Arrival {
    let mut settings = LabSettings::new(
        params.servers.unwrap_or(entry.defaults.servers),
        params.seed.unwrap_or(entry.defaults.seed),
    );
    let mut notices = Vec::new();
    settings.tuning.protocol = params.protocol.clone();
    if let Err(why) = (entry.check)(&settings) {
        notices.push(text::cannot_work(&why));
        settings.tuning = Tuning::NONE;
    }
    Arrival { timeline: open(entry, settings), journey: None, waits: false, notices }
}

/// A new run, shortly before something happens.
pub(super) fn open(entry: &'static LabEntry, settings: LabSettings) -> Timeline {
    crash::note_seed(settings.seed);
    let mut timeline = Timeline::start(entry, settings);
    let opening_us = timeline.lab().opening_us();
    // A run that halts before it opens shows what it has; the first frame reports the halt.
    let _ = timeline.advance_to(opening_us);
    timeline
}
