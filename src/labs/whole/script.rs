//! What scripts can say about the whole: settings, conditions, promises.

use super::super::raft::RaftEvent;
use super::super::{Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value};
use super::judged::JudgedWhole;
use super::system::{Role, WholeEvent, WholeProcess};
use super::{Cluster, ENTRY, Front, WholeLab, challenges, scenarios};
use crate::check::{Property, Verdicts};
use crate::circuit_breaker::State;
use crate::labs::events::ModelKind;
use crate::labs::events::shop::Item;
use crate::raft;
use crate::scenario::promise_name;
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["leader", "stock-page", "sales-page"],
    forms: FORMS,
    promises: CLAIMED,
    scenarios: scenarios::SHIPPED,
    challenges: challenges::SHIPPED,
    open: |settings| Box::new(ScriptedWhole::new(settings)),
};

/// What can be claimed of a run.
const CLAIMED: &[Property] = &[
    Property::AcknowledgedEventsStay,
    Property::OnceAskedOnceDone,
    Property::StockNeverBelowZero,
    Property::OneLogOnAllServers,
    Property::ReadModelsAreFolds,
    Property::LateMovesNothing,
    Property::ProbesWithinSockets,
    Property::OpenUntilItsDeadline,
    Property::OpensByItsRule,
    Property::RejectionsEnterNoWindow,
    Property::ProbesNeverWedge,
    Property::NeutralMovesNothing,
    Property::RequestsEndOnce,
    Property::ElectionSafety,
    Property::LeaderAppendOnly,
    Property::LogMatching,
    Property::LeaderCompleteness,
    Property::StateMachineSafety,
    Property::OneVotePerTerm,
    Property::ElectedByMajority,
    Property::TermNeverGoesBack,
    Property::CommitNeverGoesBack,
    Property::MatchNeverGoesBack,
    Property::MatchIsTruthful,
    Property::CommittedOnMajority,
    Property::CommitsOwnTerm,
    Property::CommitsAgree,
    Property::CommittedStays,
    Property::IndicesInOrder,
    Property::TermsAscend,
    Property::SyncedBeforeSent,
    Property::MemoryIsWritten,
    Property::TimersHaveReasons,
];

const FORMS: &[Form] = &[
    form("SERVER up", "It runs."),
    form("SERVER down", "It does not run."),
    form("SERVER leads", "It is a leader of Raft."),
    form("SERVER closed", "It is a front, and its breaker is closed."),
    form("SERVER open", "It is a front, and its breaker is open."),
    form("SERVER half-open", "It is a front, and its breaker is half-open."),
    form("SERVER behind N", "It is a page, and lacks so many events, or more."),
    form("SERVER shows KEY N", "It is a page, or a front, and shows so many left of the item."),
    form("nobody leads", "No server that runs takes itself for a leader."),
    form("ordered N", "So many orders were made, or more; at all fronts together."),
    form("done N", "So many were carried out, or more, as customers were told."),
    form("refused N", "So many were refused by the shop, or more."),
    form("misled N", "So many were sold out though the page showed one, or more."),
    form("turned-away N", "So many ended because a breaker said no, or more."),
    form("failed N", "So many had no answer, or more."),
    form("waiting N", "So many wait for an answer, or more."),
    form("amplified N", "In the last second so many messages in ten were sent for an order."),
    form("left KEY N", "So many of the item are left, by all events that any server has."),
    form("events N", "So many events has the server that has carried out most, or more."),
    form("logs equal", "All servers have carried out the same, and every page has it."),
    form("acknowledged-events-stay kept", "The promise was kept so far, given or not."),
    form("once-asked-once-done kept", "Likewise."),
    form("stock-never-below-zero kept", "Likewise."),
    form("one-log-on-all-servers kept", "Likewise."),
    form("read-models-are-folds kept", "Likewise."),
    form("late-results-move-nothing kept", "Likewise."),
    form("state-machine-safety kept", "Likewise."),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// The lab, as scripts see it.
struct ScriptedWhole {
    judged: JudgedWhole,
}

impl ScriptedWhole {
    fn new(settings: &LabSettings) -> ScriptedWhole {
        ScriptedWhole { judged: JudgedWhole::new(WholeLab::new(settings)) }
    }

    fn cluster(&self) -> &Cluster {
        self.judged.lab().cluster()
    }

    fn front(&self, node: NodeId) -> Option<&Front> {
        self.cluster().process(node)?.front()
    }

    fn state(&self, node: NodeId) -> Option<State> {
        Some(self.front(node)?.caller().doors().first()?.state())
    }

    /// Of one node.
    fn of_node(&self, pattern: &str, node: NodeId) -> bool {
        let state = self.state(node);
        match pattern {
            "SERVER up" => self.cluster().process(node).is_some(),
            "SERVER down" => self.cluster().process(node).is_none(),
            "SERVER leads" => self.cluster().leads(node).is_some(),
            "SERVER closed" => state == Some(State::Closed),
            "SERVER open" => matches!(state, Some(State::Open { .. } | State::ForcedOpen)),
            "SERVER half-open" => state == Some(State::HalfOpen),
            _ => false,
        }
    }

    /// Of all together.
    fn of_all(&self, pattern: &str, number: u64) -> bool {
        let counts = self.cluster().orders().counts();
        let count = match pattern {
            "ordered N" => counts.made,
            "done N" => counts.done,
            "refused N" => counts.refused,
            "misled N" => counts.misled,
            "turned-away N" => counts.rejected,
            "failed N" => counts.failed,
            "waiting N" => self.cluster().orders().waiting() as u64,
            "amplified N" => self.amplified(),
            "events N" => self.cluster().last_position(),
            _ => return false,
        };
        count >= number
    }

    /// For ten orders, how many messages were sent in the last second.
    fn amplified(&self) -> u64 {
        let world = self.cluster().world();
        let (mut made, mut sent) = (0_u64, 0_u64);
        for record in world.history().since(world.now_us().saturating_sub(1_000_000)) {
            match &record.what {
                Happening::Decided { event: WholeEvent::Wanted { .. }, .. } => made += 1,
                Happening::Decided { event: WholeEvent::Sent { .. }, .. } => sent += 1,
                _ => {}
            }
        }
        (sent * 10).checked_div(made).unwrap_or(0)
    }

    /// How many of an item a page or a front shows to be left.
    fn shows(&self, node: NodeId, item: Item) -> Option<i32> {
        let process = self.cluster().process(node)?;
        let shown = match process {
            WholeProcess::Front(front) => front.shown()?,
            WholeProcess::Page(page) if page.model().kind() == ModelKind::Stock => page.shows(),
            _ => return None,
        };
        Some(shown.left[item as usize])
    }

    fn behind(&self, node: NodeId) -> Option<u64> {
        let page = self.cluster().process(node)?.page()?;
        Some(self.cluster().last_position().saturating_sub(page.model().through()))
    }

    fn logs_are_equal(&self) -> bool {
        let end = self.cluster().last_position();
        let cluster = self.cluster();
        cluster.world().node_ids().all(|node| {
            match (cluster.cast().role(node), cluster.process(node)) {
                (Role::Front, _) => true,
                (_, Some(WholeProcess::Server(server))) => {
                    server.replica().store().last_position() == end
                }
                (_, Some(WholeProcess::Page(page))) => page.model().through() == end,
                _ => false,
            }
        })
    }
}

fn item(name: &str) -> Option<Item> {
    Item::ALL.into_iter().find(|item| item.name() == name)
}

impl Scripted for ScriptedWhole {
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

    fn servers(&self) -> Option<u8> {
        Some(self.cluster().cast().nodes())
    }

    fn named(&self, name: &str) -> Option<NodeId> {
        match name {
            "leader" => self.cluster().leader(),
            "stock-page" => Some(self.cluster().cast().stock_page()),
            "sales-page" => Some(self.cluster().cast().sales_page()),
            _ => None,
        }
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Key, Number, Server};
        match (pattern, values) {
            ("SERVER behind N", [Server(node), Number(count)]) => {
                self.behind(*node).is_some_and(|behind| behind >= *count)
            }
            ("SERVER shows KEY N", [Server(node), Key(name), Number(count)]) => {
                let shown = item(name).and_then(|item| self.shows(*node, item));
                shown.is_some_and(|shown| i64::from(shown) == *count as i64)
            }
            ("left KEY N", [Key(name), Number(count)]) => {
                let shop = self.judged.lab().chronicle.word().shop();
                item(name).is_some_and(|item| i64::from(shop.left(item)) == *count as i64)
            }
            ("nobody leads", []) => self.cluster().leader().is_none(),
            ("logs equal", []) => self.logs_are_equal(),
            (pattern, [Server(node)]) => self.of_node(pattern, *node),
            (pattern, [Number(number)]) => self.of_all(pattern, *number),
            (pattern, []) => {
                let name = pattern.strip_suffix(" kept");
                let mut all = CLAIMED.iter().copied();
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
                    WholeEvent::Raft(RaftEvent::Raft(raft::Event::ElectionTimedOut {
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
    use super::super::judged::promised;
    use super::super::promises::Kind;
    use super::*;

    #[test]
    fn every_promise_can_be_claimed() {
        assert!(promised().eq(CLAIMED.iter().copied()));
        let of_whole = Kind::ALL.into_iter().map(Kind::property);
        for property in of_whole {
            let name = format!("{} kept", promise_name(property));
            assert!(FORMS.iter().any(|form| form.pattern == name), "{name}");
        }
    }
}
