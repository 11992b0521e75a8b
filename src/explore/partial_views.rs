//! Networks in which servers see only part of the others, for good.
//!
//! A cluster settles, comes to equal logs and falls silent. Then some links are cut and stay cut,
//! but so that some server still has whole links to a majority; nothing else is wrong. With
//! pre-vote and check-quorum:
//!
//! - **Leaders stay.** A leader that a majority hears and answers is never replaced. Who does not
//!   hear it asks for pre-votes in vain, for among any majority somebody hears the leader, and who
//!   has just heard from a leader refuses (thesis 9.6, 4.2.3).
//! - **Somebody leads.** A leader without a majority steps down (6.2), those who heard it stop
//!   protecting it, and somebody who sees a majority is elected, within [`SETTLE_US`]. Without
//!   check-quorum a server that everybody can reach may never stand, because it goes on hearing a
//!   leader that can commit nothing.
//!
//! The silence is part of the promise. An entry that a leader hands to a few servers just before it
//! loses its majority makes their logs the newest; if none of them sees a majority, nobody can be
//! elected at all (§5.4.1). No version of Raft can help that.

use super::Action;
use super::clients::{KEYS, LAST, writes as ask};
use super::partition::{links_where, partition, some_of};
use super::raft::set;
use super::run::{Plan, Stage, Subject};
use super::swarm::PartitionMode;
use crate::check::raft::RaftNode;
use crate::check::{Finding, Property, Verdicts, Violation};
use crate::labs::raft::{Cluster, ENTRY, RaftEvent, RaftProcess, newest_leader, settings_of};
use crate::labs::{Ask, Client, Command, LabSettings, Refused, Setting, Tuning};
use crate::raft::{Config, Event, LogIndex, ServerId, Term};
use crate::random::Random;
use crate::scenario::{Arg, Atom, Claim, Condition};
use crate::sim::{Delay, Fault, Halted, Happening, LinkSettings, NodeId, RecordId, World};

/// Until when there must be a leader that commits, after the cut, in microseconds. Check-quorum
/// takes up to 300 ms, and so does each election; some of them fail.
pub const SETTLE_US: u64 = 4_000_000;

/// For how long after that no leader may be replaced, in microseconds.
pub const WINDOW_US: u64 = 4_000_000;

/// Clients write until then,
const WRITES_US: u64 = 1_200_000;
/// and the cut comes after that much silence.
const SILENCE_US: u64 = 800_000;
/// After the cut nobody writes for so long: nothing is given to a leader without a majority.
const HUSH_US: u64 = 1_000_000;
/// Then a client asks so often.
const SLICE_US: u64 = 200_000;

mod purpose {
    pub(super) const CONFIG: u64 = 120;
    pub(super) const CUT: u64 = 121;
    pub(super) const CLIENTS: u64 = 122;
}

/// Clusters with pre-vote and check-quorum, cut apart for good.
#[derive(Clone, Debug)]
pub struct PartialViews {
    /// Settings that every run has, whatever its seed draws.
    always: Vec<Setting>,
}

impl PartialViews {
    /// Raft as it is.
    pub fn genuine() -> PartialViews {
        PartialViews { always: Vec::new() }
    }

    /// The same, with these settings in every run.
    pub fn always(self, always: Vec<Setting>) -> PartialViews {
        PartialViews { always }
    }
}

/// A cluster that is cut apart, and what is to be known of the instants that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Views {
    cluster: Cluster,
    cut_us: u64,
    cut: Option<AtCut>,
    /// What was committed before clients ask again.
    hushed: Option<LogIndex>,
    settled: Option<Leading>,
}

/// What it was like just after the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AtCut {
    /// Whether anything is promised.
    promised: bool,
    /// The leader that kept its majority.
    kept: Option<Leading>,
}

/// A leader that has no reason to go, from a record on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leading {
    leader: Option<(ServerId, Term)>,
    since: RecordId,
}

impl Views {
    fn leading(&self, is: impl Fn(NodeId) -> bool) -> Leading {
        let world = self.cluster.world();
        let leader = leader(world).filter(|(id, _)| is(NodeId(id.0)));
        Leading { leader, since: RecordId(world.history().len() as u32) }
    }

    /// Goes to an instant that lies before `at_us`, if it has not been there.
    fn come_to(&mut self, instant_us: u64, at_us: u64) -> Result<bool, Halted> {
        let comes = self.cluster.world().now_us() <= instant_us && instant_us < at_us;
        if comes {
            self.cluster.advance_to(instant_us)?;
        }
        Ok(comes)
    }

    fn note_settled(&mut self) {
        let progress = Some(self.cluster.committed()) > self.hushed;
        let settled = self.leading(|_| progress);
        self.settled = Some(settled);
        let leads = leader(self.cluster.world()).is_some();
        let served = leads && self.cluster.clients().is_served(LAST);
        if self.is_promised() && !progress && !served {
            let finding = Finding::NoProgress { waited_us: SETTLE_US };
            self.cluster.note(Property::Progress, finding);
        }
    }

    fn is_promised(&self) -> bool {
        self.cut.as_ref().is_some_and(|cut| cut.promised)
    }

    /// A leader that kept its majority through the cut must stay from there on; another one from
    /// when all must have settled.
    fn judge_leaders(&mut self) {
        let Some(cut) = self.cut.as_ref().filter(|cut| cut.promised) else {
            return;
        };
        let stays = cut.kept.filter(|kept| kept.leader.is_some()).or(self.settled);
        let Some(Leading { leader: Some((leader, term)), since }) = stays else {
            return;
        };
        if let Some((at, by, by_term)) = next_leader(self.cluster.world(), since) {
            let finding = Finding::Deposed { leader, term, by, by_term };
            self.cluster.note_at(at, Property::LeadersStay, finding);
        }
    }
}

impl Stage for Views {
    fn now_us(&self) -> u64 {
        self.cluster.now_us()
    }

    fn history_len(&self) -> usize {
        self.cluster.history_len()
    }

    fn history_hash(&self) -> u64 {
        self.cluster.history_hash()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        if self.cut.is_none() && self.come_to(self.cut_us, at_us)? {
            let world = self.cluster.world();
            let promised = some_see_a_majority(world) && all_is_settled(world);
            let kept = Some(self.leading(|node| sees_a_majority(world, node)));
            self.cut = Some(AtCut { promised, kept });
        }
        if self.hushed.is_none() && self.come_to(self.cut_us + HUSH_US, at_us)? {
            self.hushed = Some(self.cluster.committed());
        }
        if self.settled.is_none() && self.come_to(self.cut_us + SETTLE_US, at_us)? {
            self.note_settled();
        }
        self.cluster.advance_to(at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.cluster.act(command)
    }

    fn nth_on_its_way(&self, nth: u32) -> Option<RecordId> {
        self.cluster.nth_on_its_way(nth)
    }

    fn is_unjudged(&self) -> bool {
        self.cluster.is_unjudged()
    }

    fn verdicts(&self) -> &Verdicts {
        self.cluster.verdicts()
    }
}

impl Subject for PartialViews {
    type Stage = Views;

    fn plan(&self, seed: u64) -> Plan {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let nodes = [3, 3, 4, 5, 5, 5, 7][random.below(7) as usize];
        let config = Config {
            noop_on_election: random.chance(700_000),
            max_entries_per_append: [1, 64][random.below(2) as usize],
            fast_back_up: random.chance(500_000),
            max_in_flight_appends: [1, 8][random.below(2) as usize],
            leader_stickiness: random.chance(500_000),
            pre_vote: true,
            check_quorum: true,
            ..Config::of(nodes)
        };
        let high_us = [1_000, 5_000, 20_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        let mut random = Random::for_purpose(seed, purpose::CLIENTS);
        let mut actions = writes(nodes, &mut random);
        let mut random = Random::for_purpose(seed, purpose::CUT);
        let cut_us = WRITES_US + SILENCE_US + random.below(300_000);
        actions.push(Action::fault(cut_us, Fault::Cut(lasting_cut(nodes, &mut random))));
        let ends_us = cut_us + SETTLE_US + WINDOW_US;
        let core: Vec<NodeId> = (0..nodes).map(NodeId).collect();
        // The leader may be anybody.
        actions.extend(ask(LAST, &core, (cut_us + HUSH_US + SLICE_US, ends_us), SLICE_US));
        let tuning = Tuning { links: Some(links), sync: Some(sync), ..Tuning::NONE };
        let settings = LabSettings { servers: nodes, seed, tuning };
        let settings = set(settings, settings_of(&config, nodes), &self.always);
        Plan { lab: ENTRY.name, settings, actions, core, peace_us: cut_us, ends_us }
    }

    fn open(&self, plan: &Plan) -> Views {
        let cluster = Cluster::new(&plan.settings);
        Views { cluster, cut_us: plan.peace_us, cut: None, hushed: None, settled: None }
    }

    /// Whoever leads must stay to the end.
    fn is_settled(&self, _: &Views, _: &Plan) -> bool {
        false
    }

    fn judge_end(&self, views: &mut Views, _: &Plan) {
        views.cluster.judge_end();
        views.judge_leaders();
    }

    fn claim(&self, _: &Plan, violation: &Violation) -> Claim {
        let atom = |pattern, args| Atom { not: false, pattern, args };
        match violation.finding {
            Finding::Deposed { by_term, .. } => {
                let later = atom("term N", vec![Arg::Number(by_term.0)]);
                Claim::Never(Condition { atoms: vec![later] })
            }
            Finding::NoProgress { .. } => {
                let served = atom("CLIENT served", vec![Arg::Client(LAST)]);
                Claim::Now(Condition { atoms: vec![atom("leader", Vec::new()), served] })
            }
            _ => Claim::Kept(violation.property),
        }
    }
}

/// What clients ask before the cut: each write of one server, whoever leads.
fn writes(nodes: u8, random: &mut Random) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut at_us = 0;
    for number in 1_u64.. {
        at_us += random.between(1_000, 60_000);
        if at_us >= WRITES_US {
            break;
        }
        let key = KEYS[random.below(3) as usize].to_owned();
        let via = NodeId(random.below(nodes.into()) as u8);
        let what = Ask::Write { key, value: number.to_string() };
        actions.push(Action::of(at_us, Command::Ask { client: Client(1), via, what }));
    }
    actions
}

/// Links of which some server keeps those with a majority. From one link, one way, to a star.
fn lasting_cut(nodes: u8, random: &mut Random) -> Vec<(NodeId, NodeId)> {
    let kind = random.below(5);
    let mut cut = match kind {
        0 | 1 => links_of(partition(PartitionMode::OneLink, nodes, random)),
        // In a longer row nobody sees a majority.
        2 if nodes <= 5 => links_of(partition(PartitionMode::Chain, nodes, random)),
        3 => {
            let hub = some_of(nodes, 1, random);
            links_where(nodes, |a, b| !hub.contains(&a) && !hub.contains(&b))
        }
        _ => {
            let ppm = [200_000, 500_000, 800_000][random.below(3) as usize];
            let hub = some_of(nodes, usize::from(nodes), random);
            // One server keeps its links with a majority, both ways; all others lose by chance.
            let kept = &hub[1..1 + usize::from(nodes) / 2];
            links_where(nodes, |a, b| {
                let is_kept =
                    (a == hub[0] && kept.contains(&b)) || (b == hub[0] && kept.contains(&a));
                random.chance(ppm) && !is_kept
            })
        }
    };
    if kind == 1 {
        cut.truncate(1);
    }
    cut
}

fn links_of(fault: Fault) -> Vec<(NodeId, NodeId)> {
    match fault {
        Fault::Cut(links) => links,
        _ => Vec::new(),
    }
}

fn some_see_a_majority(world: &World<RaftProcess>) -> bool {
    world.node_ids().any(|node| sees_a_majority(world, node))
}

/// Whether a server has links with a majority, itself included, that are whole both ways.
fn sees_a_majority(world: &World<RaftProcess>, node: NodeId) -> bool {
    let cut =
        |other: NodeId| world.network().is_cut(node, other) || world.network().is_cut(other, node);
    let seen = world.node_ids().filter(|other| *other == node || !cut(*other)).count();
    seen > world.node_ids().count() / 2
}

/// Whether all servers run and have the same log, and one of them leads all.
fn all_is_settled(world: &World<RaftProcess>) -> bool {
    let Some((_, term)) = leader(world) else {
        return false;
    };
    let process = |node| world.node(node)?.process();
    let end = world.node_ids().find_map(process).map(|process| process.log().end());
    world.node_ids().all(|node| {
        process(node).is_some_and(|process| {
            process.current_term() == term && Some(process.log().end()) == end
        })
    })
}

/// Who leads, in the latest term in which somebody does.
fn leader(world: &World<RaftProcess>) -> Option<(ServerId, Term)> {
    newest_leader(world).map(|process| (process.id(), process.current_term()))
}

/// The first leader that was elected at or after a record.
fn next_leader(world: &World<RaftProcess>, since: RecordId) -> Option<(RecordId, ServerId, Term)> {
    let records = world.history().records().iter().enumerate().skip(since.0 as usize);
    records.into_iter().find_map(|(place, record)| match &record.what {
        Happening::Decided { node, event: RaftEvent::Raft(Event::BecameLeader { term, .. }) } => {
            Some((RecordId(place as u32), ServerId(node.0), *term))
        }
        _ => None,
    })
}
