//! Plans that come to where a bug shows.
//!
//! Most bugs show under the explorer's own plans within a few runs. Some need what those draw too
//! seldom: leases and reads at the same time, clients that retry, slow links while leaders change.

use rift::check::Property;
use rift::check::raft::RaftJudges;
use rift::explore::{
    NemesisSettings, PartitionMode, Plan, RaftSubject, Rest, SAFETY_US, Subject, Swarm, run,
    schedule_with,
};
use rift::labs::raft::{RaftProcess, RaftRequest, RaftSetup, config_of};
use rift::labs::{Setting, SettingValue};
use rift::raft::{Bug, ClientId, KeyValueCommand, LogIndex, ReadPolicy, RequestId, ServerId};
use rift::random::Random;
use rift::sim::{Delay, Fault, LinkSettings, NodeId, World, WorldSettings};

/// What runs are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The explorer's own.
    Any,
    /// Of those, the ones whose members change.
    Changes,
    /// Many reads under leases, with true clocks, while leaders are cut off and hand over.
    Transfers,
    /// Clients with sessions that ask again what they have asked before.
    Retries,
    /// Messages of leaders long gone.
    SlowLinks,
}

/// The promise that breaks first with the bug in every server, in each of the first `most` runs of
/// a kind.
pub(super) fn runs(kind: Kind, bug: Bug, most: u64) -> Box<dyn Iterator<Item = Option<Property>>> {
    let most = most as usize;
    if matches!(kind, Kind::Any | Kind::Changes) {
        let subject = broken(bug);
        let plans = (0..).map(move |seed| RaftSubject::genuine().plan(seed));
        let suits = move |plan: &Plan| {
            kind != Kind::Changes || config_of(&plan.settings).membership_changes
        };
        let plans = plans.filter(suits).take(most);
        return Box::new(plans.map(move |plan| {
            let outcome = run(&subject, &subject.plan(plan.settings.seed));
            outcome.earliest().map(|violation| violation.property)
        }));
    }
    Box::new((0..).take(most).map(move |seed| Rough::new(kind, seed, bug).first_broken()))
}

/// The explorer's own runs, with the bug.
pub(super) fn broken(bug: Bug) -> RaftSubject {
    let entry = Bug::CATALOGUE.iter().find(|entry| entry.bug == bug).expect("all are listed");
    let value = SettingValue::Choice(entry.name);
    RaftSubject::genuine().always(vec![Setting { name: "break", value }])
}

/// A run that needs what the lab's clients do not do, such as asking in somebody else's session.
struct Rough {
    settings: WorldSettings<RaftSetup>,
    inputs: Vec<(u64, Given)>,
}

enum Given {
    Fault(Fault),
    Request(NodeId, RaftRequest),
}

impl Rough {
    fn new(kind: Kind, seed: u64, bug: Bug) -> Rough {
        let mut random = Random::for_purpose(seed, 400);
        let (slow_us, crashes) = match kind {
            Kind::Transfers => (5_000, true),
            Kind::SlowLinks => (150_000, false),
            _ => (5_000, false),
        };
        let mut run = Rough::calm(seed, slow_us, crashes);
        let config = &mut run.settings.setup.config;
        config.planted = bug.into();
        match kind {
            Kind::Transfers => {
                config.leader_stickiness = true;
                config.reads = ReadPolicy::Lease { clock_drift_ppm: 20_000 };
                // Some messages come so late that another leads by then.
                run.settings.links.reorder_ppm = 250_000;
                run.settings.links.reorder_us = 200_000;
                run.ask(3_000, &mut random, |request, _| RaftRequest::Read {
                    request,
                    key: "x".into(),
                });
                let nodes = u64::from(run.settings.nodes);
                run.ask(120_000, &mut random, |_, random| {
                    let to = ServerId(random.below(nodes) as u8);
                    RaftRequest::TransferLeadership { to }
                });
            }
            Kind::Retries => {
                config.max_sessions = [2, 64][random.below(2) as usize];
                config.snapshot_after_entries = Some(10);
                run.ask(200_000, &mut random, |request, _| RaftRequest::RegisterClient { request });
                run.ask(10_000, &mut random, |request, random| {
                    let client = ClientId(LogIndex(1 + random.below(12)));
                    let sequence = random.below(2 + request.0 / 2_000);
                    let command = put(request.0);
                    RaftRequest::ClientRequest { request, client, sequence, command }
                });
            }
            _ => run.ask(80_000, &mut random, |_, _| RaftRequest::TimeOutNow),
        }
        run.ask(12_000, &mut random, |request, _| RaftRequest::Propose {
            request,
            command: put(request.0),
        });
        run.inputs.sort_by_key(|(at_us, _)| *at_us);
        run
    }

    /// Everybody votes, clocks are true, links take up to `slow_us`, and the network falls apart in
    /// ways that leave some of it connected. Nobody asks for anything yet.
    fn calm(seed: u64, slow_us: u64, crashes: bool) -> Rough {
        let drawn = RaftSubject::genuine().plan(seed).settings;
        let nodes = drawn.servers;
        let mut config = config_of(&drawn);
        config.membership_changes = false;
        config.servers = (0..nodes).map(ServerId).collect();
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: slow_us });
        let settings = NemesisSettings {
            nodes,
            safety_us: SAFETY_US,
            calm_links: LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 }),
            calm_sync: Delay::Uniform { low_us: 50, high_us: 1_000 },
            rest: Rest::Healed,
            rest_until_us: SAFETY_US,
        };
        let swarm = Swarm {
            partition_ppm: 60_000,
            heal_ppm: 60_000,
            modes: vec![
                PartitionMode::IsolateOne,
                PartitionMode::OneWay,
                PartitionMode::Bridge,
                PartitionMode::Links,
            ],
            stable_us: 60_000,
            crash_ppm: if crashes { 30_000 } else { 0 },
            restart_ppm: 300_000,
            ..Swarm::calm()
        };
        let faults = schedule_with(seed, &settings, &swarm).faults.into_iter();
        let inputs = faults.map(|(at_us, fault)| (at_us, Given::Fault(fault))).collect();
        let sync = drawn.tuning.sync.expect("every plan sets it");
        let setup = RaftSetup { config };
        Rough { settings: WorldSettings { nodes, seed, links, sync, setup }, inputs }
    }

    /// Every server is asked, about every `pause_us`.
    fn ask(
        &mut self,
        pause_us: u64,
        random: &mut Random,
        mut request: impl FnMut(RequestId, &mut Random) -> RaftRequest,
    ) {
        let mut at_us = random.below(pause_us);
        while at_us < SAFETY_US {
            for node in (0..self.settings.nodes).map(NodeId) {
                let request = request(RequestId(self.inputs.len() as u64), random);
                self.inputs.push((at_us, Given::Request(node, request)));
            }
            at_us += random.between(1, 2 * pause_us);
        }
    }

    fn first_broken(self) -> Option<Property> {
        let mut world = World::<RaftProcess>::new(self.settings);
        let mut judges = RaftJudges::new(world.settings().nodes);
        for (at_us, what) in self.inputs {
            world.advance_watched(at_us, |world| judges.observe(world)).expect("room");
            let _ = match what {
                Given::Fault(fault) => world.inject(fault),
                Given::Request(node, request) => world.request(node, request),
            };
            judges.observe(&world);
            if let Some(violation) = judges.verdicts().earliest() {
                return Some(violation.property);
            }
        }
        judges.audit(&world);
        judges.verdicts().earliest().map(|violation| violation.property)
    }
}

fn put(value: u64) -> KeyValueCommand {
    KeyValueCommand::Put { key: "x".into(), value: value.to_string() }
}
