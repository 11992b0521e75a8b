//! A plan as a run of the lab, so that it can be written down as a script, and played by anybody.

use super::{Act, Plan, resolved};
use crate::labs::raft::{ENTRY, RaftRequest};
use crate::labs::{Command, LabSettings, Setting, SettingValue, Tuning};
use crate::raft::{Config, KeyValueCommand};
use crate::scenario::{Claim, Scenario, Step, What, When};
use crate::session::{Run, Session};
use crate::sim::Process;

/// What `plan`, for a cluster with this `config`, does to the Raft lab. Acts that made no sense
/// when they came are left out.
///
/// Scripts have no words yet for sessions, reads, changes of membership and transfers, nor for all
/// settings of the complete Raft: see [`has_words`]. What they have no words for is left out, and
/// only the seed replays the whole.
///
/// The lab numbers its clients' requests by itself, so the history has other numbers there. All
/// else is as in the plan: nothing that Raft does depends on these numbers.
///
/// [`script`] writes it down.
pub fn lab_run<P: Process<Request = RaftRequest>>(plan: &Plan<P>, config: &Config) -> Run {
    let setting = |name, value| Setting { name, value };
    let (low_us, high_us) = (config.election_timeout_low_us, config.election_timeout_high_us);
    let protocol = vec![
        setting("election-timeout", SettingValue::Range { low_us, high_us }),
        setting("heartbeat", SettingValue::Time { us: config.heartbeat_interval_us }),
        setting("batch", SettingValue::Count(config.max_entries_per_append as u64)),
        setting("noop", SettingValue::Switch(config.noop_on_election)),
    ];
    let world = &plan.settings;
    let tuning = Tuning { links: Some(world.links), sync: Some(world.sync), protocol };
    let settings = LabSettings { servers: world.nodes, seed: world.seed, tuning };
    let mut session = Session::start(&ENTRY, settings);
    for action in &resolved(plan).actions {
        let Some(command) = command(&action.act) else {
            continue;
        };
        if session.advance_to(action.at_us).is_err() {
            break;
        }
        // What makes no sense now made none in the plan either.
        let _ = session.act(command);
    }
    session.run().clone()
}

/// The plan as a script that anybody can read, play and shorten: every act at its microsecond, and
/// the claim that no promise breaks. What only the liveness phase shows is not in it.
pub fn script<P: Process<Request = RaftRequest>>(plan: &Plan<P>, config: &Config) -> Scenario {
    let run = lab_run(plan, config);
    let ends_us = run.actions.last().map_or(0, |action| action.at_us).max(plan.peace_us);
    let mut scenario = Scenario::of_run(&run, ends_us);
    let what = What::Expect(Claim::AllKept);
    scenario.steps.push(Step { line: 0, when: When::Next, what });
    scenario
}

/// Whether scripts have words for this act.
pub fn has_words(act: &Act<RaftRequest>) -> bool {
    matches!(act, Act::Message { .. }) || command(act).is_some()
}

fn command(act: &Act<RaftRequest>) -> Option<Command> {
    Some(match act {
        // A plan is resolved before it is written down.
        Act::Message { .. } => return None,
        Act::Fault(fault) => Command::Faults(vec![fault.clone()]),
        Act::Request { node, request: RaftRequest::TimeOutNow } => Command::TimeOut(*node),
        Act::Request { node, request: RaftRequest::Propose { command, .. } } => match command {
            KeyValueCommand::Put { key, value } => {
                Command::write(*node, key.clone(), value.clone())
            }
            // No plan has it, and no lab.
            KeyValueCommand::Delete { .. } => return None,
        },
        Act::Request {
            request:
                RaftRequest::RegisterClient { .. }
                | RaftRequest::ClientRequest { .. }
                | RaftRequest::Read { .. }
                | RaftRequest::ChangeMembership { .. }
                | RaftRequest::TransferLeadership { .. },
            ..
        } => return None,
    })
}
