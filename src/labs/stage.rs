//! What pictures of all labs have in common: where servers stand, links, messages on their way.

use crate::scene::{
    Burst, Countdown, Density, Frame, Gauge, Lane, LinkView, NodeView, Outline, Pip, Point, Ring,
    Strip, Tear, Tone, Tray,
};
use crate::sim::{Flight, Happening, LossReason, NodeId, Process, Record, TRUE_RATE_PPM, World};

/// Where each server stands: cut off, a little farther out.
pub(super) fn stands(ring: &Ring, tears: &[Tear]) -> Vec<Point> {
    const DRIFT: f32 = 9.0;
    let drifts = |place: usize| tears.iter().any(|tear| tear.group.contains(&NodeId(place as u8)));
    let stand = |(place, at): (usize, &Point)| {
        if drifts(place) { at.moved(ring.outwards(*at), DRIFT) } else { *at }
    };
    ring.places.iter().enumerate().map(stand).collect()
}

pub(super) fn links<P: Process>(
    world: &World<P>,
    stands: &[Point],
    tears: &[Tear],
) -> Vec<LinkView> {
    let network = world.network();
    let link = |(a, b): (NodeId, NodeId)| {
        let (from, to) = (stands[a.index()], stands[b.index()]);
        let (cut_forward, cut_backward) = (network.is_cut(a, b), network.is_cut(b, a));
        let torn_at = tears.iter().find_map(|tear| tear.crossed_by(from, to));
        let state = match (cut_forward, cut_backward) {
            (false, false) => "up".to_owned(),
            (true, true) => "cut".to_owned(),
            (true, false) => format!("cut from {a} to {b}"),
            (false, true) => format!("cut from {b} to {a}"),
        };
        LinkView {
            ends: (a, b),
            from,
            to,
            cut_forward,
            cut_backward,
            cut_at: torn_at.unwrap_or(0.5),
            in_tear: torn_at.is_some(),
            switch: None,
            description: format!("Link {a} – {b}: {state}"),
        }
    };
    network.link_ends().filter(|(a, b)| a < b).map(link).collect()
}

/// When it is `local_us` on the clock of `id`, by the world's time and if the clock goes on as now.
pub(super) fn in_the_world<P: Process>(world: &World<P>, id: NodeId, local_us: u64) -> u64 {
    let now_us = world.now_us();
    let Some(clock) = world.node(id).map(|node| node.clock()) else {
        return local_us;
    };
    let until = i128::from(local_us) - i128::from(clock.shows_us(now_us));
    let until = until * i128::from(TRUE_RATE_PPM) / i128::from(clock.rate_ppm().max(1));
    u64::try_from(i128::from(now_us) + until).unwrap_or(0)
}

/// What is wrong with a server that is up, in a few words after its role.
pub(super) fn troubles<P: Process>(world: &World<P>, id: NodeId) -> String {
    let Some(node) = world.node(id) else {
        return String::new();
    };
    let clock = node.clock();
    let mut words = String::new();
    if node.paused_since_us().is_some() {
        words.push_str(", paused");
    }
    if node.sync() != world.settings().sync {
        words.push_str(", slow disk");
    }
    if clock.rate_ppm() > TRUE_RATE_PPM {
        words.push_str(", fast clock");
    } else if clock.rate_ppm() < TRUE_RATE_PPM {
        words.push_str(", slow clock");
    } else if clock.ahead_us(world.now_us()) != 0 {
        words.push_str(", wrong clock");
    }
    words
}

/// What a server shows of itself besides what it holds.
pub(super) struct Look {
    pub(super) tone: Tone,
    pub(super) outline: Outline,
    pub(super) crown: bool,
    pub(super) word: String,
    /// The same where there is little room.
    pub(super) short: String,
    pub(super) detail: String,
    pub(super) pips: Vec<Pip>,
    pub(super) burning: Vec<Countdown>,
    pub(super) countdown: Option<Countdown>,
    pub(super) gauge: Option<Gauge>,
    pub(super) tray: Option<Tray>,
}

impl Look {
    pub(super) fn new(tone: Tone, outline: Outline, word: impl Into<String>) -> Look {
        let word = word.into();
        let (crown, short, detail) = (false, word.clone(), String::new());
        let (pips, burning, countdown) = (Vec::new(), Vec::new(), None);
        let (gauge, tray) = (None, None);
        Look { tone, outline, crown, word, short, detail, pips, burning, countdown, gauge, tray }
    }

    /// The server at its place, with what it holds as cells and in words.
    pub(super) fn view<P: Process>(
        self,
        world: &World<P>,
        id: NodeId,
        at: Point,
        frame: Frame,
        strip: Strip,
        contents: &str,
    ) -> NodeView {
        let found = world.node(id);
        let troubles = troubles(world, id);
        let is_down = found.is_none_or(|node| node.process().is_none());
        let place = if is_down { "on its disk: " } else { "" };
        let (name, word, detail) = (id.to_string(), &self.word, self.detail);
        let gap = if detail.is_empty() { "" } else { " " };
        NodeView {
            id,
            at,
            tone: self.tone,
            outline: self.outline,
            crown: self.crown,
            hatched: is_down || found.is_some_and(|node| node.paused_since_us().is_some()),
            description: format!("{name} {word}{gap}{detail}{troubles}: {place}{contents}"),
            word: match frame.density() {
                Density::Compact if !troubles.is_empty() => {
                    troubles.trim_start_matches(", ").to_owned()
                }
                Density::Compact => self.short,
                Density::Roomy => [word.as_str(), &troubles].concat(),
            },
            name,
            detail,
            countdown: self.countdown,
            pips: self.pips,
            burning: self.burning,
            strip,
            gauge: self.gauge,
            tray: self.tray,
        }
    }
}

/// Places what is, or a moment ago was, on its way.
pub(super) struct Placing<'a, P: Process> {
    pub(super) world: &'a World<P>,
    pub(super) stands: &'a [Point],
    pub(super) links: &'a [LinkView],
    pub(super) rim: f32,
}

impl<P: Process> Placing<'_, P> {
    /// The messages that died in the last `linger_us`, each where it died.
    pub(super) fn bursts(&self, linger_us: u64) -> Vec<Burst> {
        let since_us = self.world.now_us().saturating_sub(linger_us);
        let history = self.world.history();
        let burst = |record: &Record<P>| {
            let Happening::Lost { message, reason } = record.what else {
                return None;
            };
            let flight = history.flight(message)?;
            let Flight { from, to, .. } = flight;
            let (part, reason) = match reason {
                LossReason::Cut => (self.stop(&flight).unwrap_or(1.0), "cut"),
                LossReason::Chance => (0.5, "lost"),
                LossReason::NodeDown => (1.0, "down"),
                LossReason::NetworkFull | LossReason::QueueFull => (0.0, "full"),
                LossReason::Dropped => (0.5, "dropped"),
            };
            Some(Burst { id: message.0, at: self.lane(from, to).at(part), reason })
        };
        history.since(since_us).filter_map(burst).collect()
    }

    pub(super) fn lane(&self, from: NodeId, to: NodeId) -> Lane {
        Lane::between(self.stands[from.index()], self.stands[to.index()], self.rim)
    }

    /// Where on its lane the message meets the cut that is ahead of it, if one is.
    pub(super) fn stop(&self, flight: &Flight) -> Option<f32> {
        let Flight { from, to, .. } = *flight;
        let cut_since_us = self.world.network().link(from, to)?.cut_since_us?;
        let link = self.links.iter().find(|link| link.ends == (from.min(to), from.max(to)))?;
        let along = if from < to { link.cut_at } else { 1.0 - link.cut_at };
        let room = link.from.distance(link.to);
        let way = (room - 2.0 * self.rim).max(1.0);
        let stop = ((along * room - self.rim) / way).clamp(0.0, 1.0);
        let passed = flight.progress(cut_since_us) as f32 / 65_536.0 > stop;
        (!passed).then_some(stop)
    }
}
