//! How it looks: callers with their breakers drawn on them, what they call, and calls on their way.

mod cells;
mod looks;
mod places;
mod tokens;
mod words;

pub(in crate::labs) use looks::{door_look, no_door};
pub(super) use tokens::legend_of as legend;
pub(super) use tokens::{dress, is_answer};
pub(super) use words::{is_used, reading, sides};

use super::super::stage::{Placing, links};
use super::Cluster;
use super::system::{BreakerEvent, BreakerProcess, Cast};
use super::table::headline;
use crate::circuit_breaker::{Generation, Outcome, Reported, State};
use crate::scene::{
    Burst, Frame, Lane, Lever, LinkView, Mark, NodeView, Point, Scene, Shape, Switch, Token, Tone,
    Tray,
};
use crate::sim::{Flight, Happening, NodeId};

/// So many messages are drawn at most. Of more, every second, fourth or eighth one is. More than
/// [`Scene::CROWD`] are a few marks, so it is the world’s work that takes the time, not theirs.
const MOST_TOKENS: usize = 1_000;

/// So many calls that bounced off or came late are drawn at a time, the latest.
const MOST_BURSTS: usize = 24;

/// So many records are looked through for those.
const MOST_READ: usize = 4_000;

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let (world, cast) = (cluster.world(), cluster.cast());
    let network = world.network();
    let stands = places::places(cast, frame);
    let mut links = links(world, &stands, &[]);
    links.retain(|link| is_used(cast, link.ends.0, link.ends.1));
    let rim = frame.node_radius() + 8.0;
    links.iter_mut().for_each(|link| link.switch = switch(cluster, link, frame));
    let place = Placing { world, stands: &stands, links: &links, rim };
    let look = |id: NodeId| looks::node(cluster, id, stands[id.index()], frame, linger_us);
    let nodes: Vec<NodeView> = world.node_ids().map(look).collect();
    let (mut tokens, of_each) = tokens(&place);
    let mut bursts = place.bursts(linger_us);
    let turned_away = TurnedAway { cluster, nodes: &nodes, links: &links, linger_us };
    turned_away.add_to(&mut tokens, &mut bursts);
    let sides = words::sides(cluster, &|from, to| network.is_cut(from, to));
    let drawn = (of_each > 1).then(|| format!("One in {of_each} messages is drawn"));
    Scene {
        frame,
        tokens,
        bursts,
        links,
        tears: Vec::new(),
        clients: Vec::new(),
        headline: headline(cluster),
        network_line: sides.or(drawn),
        nodes,
    }
}

/// The messages that are drawn, and of how many each is one.
fn tokens(place: &Placing<'_, BreakerProcess>) -> (Vec<Token>, usize) {
    let flights = place.world.network();
    let count = flights.in_flight().count();
    let mut of_each = 1;
    while count / of_each > MOST_TOKENS {
        of_each *= 2;
    }
    // By their numbers, so that the same ones are drawn all the way.
    let is_drawn = |flight: &&Flight| (flight.id.0 as usize / 2).is_multiple_of(of_each);
    let drawn = flights.in_flight().filter(is_drawn);
    (drawn.filter_map(|flight| tokens::token(place, flight, count)).collect(), of_each)
}

/// The switch on a link that goes through a breaker: near its caller, or where the link goes down,
/// below what hangs below that.
fn switch(cluster: &Cluster, link: &LinkView, frame: Frame) -> Option<Switch> {
    let (from, to) = link.ends;
    let doors = cluster.process(from)?.caller()?.doors();
    let place = if doors.len() > 1 { cluster.cast().place_of(to) } else { 0 };
    let lever = match doors.get(place)?.state() {
        State::Closed | State::Disabled | State::MetricsOnly => Lever::Closed,
        State::HalfOpen => Lever::Ajar,
        State::Open { .. } | State::ForcedOpen => Lever::Open,
    };
    let down = link.from.direction(link.to).y;
    // The more a link slants, the later it has come as far down.
    let way = match down > 0.6 {
        true => (frame.node_radius() + frame.skirt() + 26.0) / down,
        false => frame.node_radius() + 16.0,
    };
    let at = (way + Switch::REACH) / link.from.distance(link.to).max(1.0);
    Some(Switch { at: at.min(0.62), lever })
}

/// Calls that a breaker has just turned away, which come back from its switch, and results that
/// came late, which fall into the tray.
struct TurnedAway<'a> {
    cluster: &'a Cluster,
    nodes: &'a [NodeView],
    links: &'a [LinkView],
    linger_us: u64,
}

impl TurnedAway<'_> {
    /// A message has a number of its own: its place in the history. What is told here has another
    /// place there, and so a number that no message has.
    fn add_to(&self, tokens: &mut Vec<Token>, bursts: &mut Vec<Burst>) {
        let history = self.cluster.world().history();
        let since_us = self.cluster.world().now_us().saturating_sub(self.linger_us);
        let latest = history.len() as u32;
        let records = history.since(since_us).rev().take(MOST_READ).enumerate();
        let told = records.filter_map(|(back, record)| match &record.what {
            Happening::Decided { node, event } => {
                let id = latest.checked_sub(back as u32 + 1)?;
                Some((id, record.at_us, self.nodes.get(node.index())?, event))
            }
            _ => None,
        });
        let mut turned = 0;
        let mut late = Vec::new();
        for (id, at_us, from, event) in told {
            match event {
                BreakerEvent::Rejected { to, .. } if turned < MOST_BURSTS => {
                    turned += 1;
                    // Where links are close together there is no room for the word.
                    let (above, reason) = match self.cluster.cast() {
                        Cast::One | Cast::Network => (28.0, "rejected"),
                        Cast::Fleet => (22.0, ""),
                        Cast::Shards => (14.0, ""),
                    };
                    bursts.push(Burst { id, at: self.door(from, *to, above), reason });
                }
                BreakerEvent::Ended { era, outcome, reported: Some(Reported::Late(_)), .. } => {
                    late.push((id, at_us, from, Some((*era, *outcome))));
                }
                BreakerEvent::CameTooLate { .. } => late.push((id, at_us, from, None)),
                _ => {}
            }
        }
        late.truncate(Tray::PLACES);
        for (k, (id, at_us, from, known)) in late.into_iter().rev().enumerate() {
            tokens.extend(self.falling((id, at_us), from, known, k));
        }
    }

    /// A caller's switch to `to`, or so far above it.
    fn door(&self, from: &NodeView, to: NodeId, above: f32) -> Point {
        let link = self.links.iter().find(|link| link.ends == (from.id, to));
        let switch = link.and_then(|link| Some((link, link.switch.as_ref()?)));
        switch.map_or(from.at, |(link, switch)| {
            link.from.towards(link.to, switch.at).moved(link.upwards(), above)
        })
    }

    /// A late result on its way from the switch into the tray, after so many others that are on
    /// that way; where there is no tray, none.
    fn falling(
        &self,
        (id, at_us): (u32, u64),
        from: &NodeView,
        known: Option<(Generation, Outcome)>,
        before: usize,
    ) -> Option<Token> {
        let tray = from.tray.as_ref()?;
        let place = Tray::place((tray.items.len() + before).min(Tray::PLACES - 1));
        let end = Point::new(from.at.x + tray.at.x + place.x, from.at.y + tray.at.y + place.y);
        let link = self.links.iter().find(|link| link.ends.0 == from.id)?;
        let start = self.door(from, link.ends.1, 0.0);
        // Around what hangs below the caller, and in from above.
        let bend = Point::new(start.x.max(end.x) + 70.0, (end.y - 34.0).max(start.y));
        let mark = |(_, outcome): (Generation, Outcome)| match outcome {
            Outcome::Success => Mark::Check,
            _ => Mark::Cross,
        };
        Some(Token {
            id,
            shape: Shape::Dot,
            filled: false,
            mark: known.map(mark),
            tone: Tone::Plain,
            label: "late".to_owned(),
            tint: known.map(|(era, _)| looks::tint(era)),
            lane: Lane::arc(start, bend, end),
            sent_us: at_us,
            arrives_us: at_us + self.linger_us,
            stopped_at: None,
            description: "Came late, and moves nothing".to_owned(),
        })
    }
}
