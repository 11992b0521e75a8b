//! What scripts can say about the circuit breaker lab: settings, conditions, promises.

use super::super::{Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value};
use super::judged::JudgedBreaker;
use super::promises::Kind;
use super::system::{BreakerEvent, BreakerProcess, Cast, End};
use super::{BreakerLab, Caller, CallsOf, Cluster, Door, ENTRY, RaftEvent, challenges, scenarios};
use crate::check::{Property, Verdicts};
use crate::circuit_breaker::State;
use crate::raft::{self, RoleKind};
use crate::scenario::promise_name;
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["caller", "leader"],
    forms: FORMS,
    promises: CLAIMED,
    scenarios: scenarios::SHIPPED,
    challenges: challenges::SHIPPED,
    open: |settings| Box::new(ScriptedBreaker::new(settings)),
};

/// What can be claimed of a run.
const CLAIMED: &[Property] = &[
    Property::LateMovesNothing,
    Property::ProbesWithinSockets,
    Property::OpenUntilItsDeadline,
    Property::OpensByItsRule,
    Property::RejectionsEnterNoWindow,
    Property::ProbesNeverWedge,
    Property::NeutralMovesNothing,
    Property::RequestsEndOnce,
];

const FORMS: &[Form] = &[
    form("up N", "At least so many run, callers and services."),
    form("SERVER up", "It runs."),
    form("SERVER down", "It does not run."),
    form("SERVER leads", "It is a leader of Raft."),
    form("SERVER closed", "It is a caller, and all its breakers are closed."),
    form("SERVER open", "It is a caller, and one of its breakers is open."),
    form("SERVER half-open", "It is a caller, and one of its breakers is half-open."),
    form("SERVER closed to SERVER", "The breaker through which it calls the other one is closed."),
    form("SERVER open to SERVER", "It is open."),
    form("SERVER era N", "The first breaker of the caller is in this era, the first being 0."),
    form("SERVER probes N", "So many probes of the caller are under way."),
    form("begun N", "So many requests were begun, or more; of all callers together."),
    form("served N", "So many of them got what they asked for, or more."),
    form("rejected N", "So many ended because a breaker or a bulkhead said no, or more."),
    form("failed N", "So many failed, or more."),
    form("bounced N", "So many calls were turned back by a breaker, or more."),
    form("late N", "So many results came late, or more."),
    form("under way N", "So many calls are under way, or more."),
    form("goodput N", "In the last second so many requests were served, or more."),
    form("waiting SERVER N", "So many calls wait in its queue, or more."),
    form("late-results-move-nothing kept", "The promise was kept so far, given or not."),
    form("no-more-probes-than-sockets kept", "Likewise."),
    form("open-until-its-deadline kept", "Likewise."),
    form("opens-by-its-rule kept", "Likewise."),
    form("rejections-enter-no-window kept", "Likewise."),
    form("probes-never-wedge kept", "Likewise."),
    form("neutral-results-move-nothing kept", "Likewise."),
    form("requests-end-once kept", "Likewise."),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// The lab, as scripts see it.
struct ScriptedBreaker {
    judged: JudgedBreaker,
}

impl ScriptedBreaker {
    fn new(settings: &LabSettings) -> ScriptedBreaker {
        ScriptedBreaker { judged: JudgedBreaker::new(BreakerLab::new(settings)) }
    }

    fn cluster(&self) -> &Cluster {
        self.judged.lab().cluster()
    }

    fn caller(&self, node: NodeId) -> Option<&Caller> {
        self.cluster().process(node)?.caller()
    }

    fn doors(&self, node: NodeId) -> &[Door] {
        self.caller(node).map_or(&[], Caller::doors)
    }

    /// What the breaker is through which a caller calls another node.
    fn state_to(&self, from: NodeId, to: NodeId) -> Option<State> {
        let doors = self.doors(from);
        let place = if doors.len() > 1 { self.cluster().cast().place_of(to) } else { 0 };
        Some(doors.get(place)?.state())
    }

    fn sum(&self, of: impl Fn(&CallsOf) -> u64) -> u64 {
        self.cluster().calls().all().iter().map(of).sum()
    }

    /// How many requests were served in the last second.
    fn goodput(&self) -> u64 {
        let world = self.cluster().world();
        let served = |what: &Happening<BreakerProcess>| match what {
            Happening::Decided { event: BreakerEvent::Over { end, .. }, .. } => *end == End::Served,
            _ => false,
        };
        let late = world.history().since(world.now_us().saturating_sub(1_000_000));
        late.filter(|record| served(&record.what)).count() as u64
    }

    fn leads(&self, node: NodeId) -> Option<raft::Term> {
        let server = self.cluster().process(node)?.replica()?.raft().server();
        (server.role().kind() == RoleKind::Leader).then(|| server.current_term())
    }

    /// Of one server.
    fn of_server(&self, pattern: &str, node: NodeId) -> bool {
        let doors = self.doors(node);
        let any = |is: fn(State) -> bool| doors.iter().any(|door| is(door.state()));
        match pattern {
            "SERVER up" => self.cluster().process(node).is_some(),
            "SERVER down" => self.cluster().process(node).is_none(),
            "SERVER leads" => self.leads(node).is_some(),
            "SERVER closed" => !doors.is_empty() && !any(|state| state != State::Closed),
            "SERVER open" => any(|state| matches!(state, State::Open { .. } | State::ForcedOpen)),
            "SERVER half-open" => any(|state| state == State::HalfOpen),
            _ => false,
        }
    }

    /// Of all callers together.
    fn of_all(&self, pattern: &str, number: u64) -> bool {
        let count = match pattern {
            "up N" => {
                let nodes = self.cluster().world().node_ids();
                nodes.filter(|node| self.cluster().process(*node).is_some()).count() as u64
            }
            "begun N" => self.sum(|of| of.begun),
            "served N" => self.sum(|of| of.served),
            "rejected N" => self.sum(|of| of.rejected),
            "failed N" => self.sum(|of| of.failed),
            "bounced N" => self.sum(|of| of.bounced),
            "late N" => self.sum(|of| of.late),
            "under way N" => self.sum(|of| of.under_way.len() as u64),
            "goodput N" => self.goodput(),
            _ => return false,
        };
        count >= number
    }
}

impl Scripted for ScriptedBreaker {
    fn lab(&self) -> &dyn Lab {
        self.judged.lab()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.judged.advance_to(at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.judged.act(command)
    }

    fn verdicts(&self) -> &Verdicts {
        self.judged.verdicts()
    }

    /// Everything is judged on the way.
    fn judge_end(&mut self) {}

    fn named(&self, name: &str) -> Option<NodeId> {
        match name {
            "caller" => Some(NodeId(0)),
            "leader" if self.cluster().cast() == Cast::Network => {
                let nodes = self.cluster().world().node_ids();
                nodes.filter(|node| self.leads(*node).is_some()).max_by_key(|it| self.leads(*it))
            }
            _ => None,
        }
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Number, Server};
        match (pattern, values) {
            ("SERVER closed to SERVER", [Server(from), Server(to)]) => {
                self.state_to(*from, *to) == Some(State::Closed)
            }
            ("SERVER open to SERVER", [Server(from), Server(to)]) => {
                matches!(self.state_to(*from, *to), Some(State::Open { .. } | State::ForcedOpen))
            }
            ("SERVER era N", [Server(node), Number(era)]) => {
                self.doors(*node).first().is_some_and(|door| door.generation().0 == *era)
            }
            ("SERVER probes N", [Server(node), Number(count)]) => {
                let probes = self.doors(*node).iter().map(|door| door.probes().len() as u64);
                self.caller(*node).is_some() && probes.sum::<u64>() == *count
            }
            ("waiting SERVER N", [Server(node), Number(count)]) => {
                let service = self.cluster().process(*node).and_then(BreakerProcess::service);
                service.is_some_and(|service| service.waiting() as u64 >= *count)
            }
            (pattern, [Server(node)]) => self.of_server(pattern, *node),
            (pattern, [Number(number)]) => self.of_all(pattern, *number),
            (pattern, []) => {
                let name = pattern.strip_suffix(" kept");
                let mut all = Kind::ALL.into_iter().map(Kind::property);
                let promise = all.find(|property| Some(promise_name(*property).as_str()) == name);
                promise.is_some_and(|property| self.judged.is_kept(property))
            }
            _ => false,
        }
    }

    fn first_links(&self) -> LinkSettings {
        self.cluster().world().settings().links
    }

    fn oldest_message(&self, from: NodeId, to: NodeId) -> Option<RecordId> {
        let mut flights = self.cluster().world().network().in_flight();
        flights.find(|flight| flight.from == from && flight.to == to).map(|flight| flight.id)
    }

    fn server_of(&self, record: RecordId) -> Option<NodeId> {
        match &self.cluster().world().history().get(record)?.what {
            // Who makes a server stand for election stands outside.
            Happening::Decided {
                event:
                    BreakerEvent::Raft(RaftEvent::Raft(raft::Event::ElectionTimedOut {
                        forced: true,
                        ..
                    })),
                ..
            } => None,
            Happening::Booted { node, .. } | Happening::Decided { node, .. } => Some(*node),
            Happening::Fault(Fault::Resume(node)) => Some(*node),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_can_be_claimed_and_asked_for() {
        assert!(Kind::ALL.into_iter().map(Kind::property).eq(CLAIMED.iter().copied()));
        for property in CLAIMED {
            let name = format!("{} kept", promise_name(*property));
            assert!(FORMS.iter().any(|form| form.pattern == name), "{name}");
        }
    }
}
