//! What scripts can say about the event sourcing lab: settings, conditions, promises.

use super::super::{
    Client, Command, Form, Lab, LabSettings, Refused, Scripted, ScriptedEntry, Value,
};
use super::judged::{JudgedShop, PROMISES};
use super::shop::{Customer, Item, Shop, ShopRules, upcasters};
use super::system::{EventsEvent, EventsProcess, KEEPER, Log, Outcome};
use super::{Cluster, ENTRY, EventLab, Model, RaftEvent, challenges, scenarios};
use crate::check::{Property, Verdicts};
use crate::event_store::Replay;
use crate::raft::{self, RoleKind};
use crate::scenario::promise_name;
use crate::sim::{Fault, Halted, Happening, LinkSettings, NodeId, RecordId};

/// The lab's line in the registry of labs that scripts can play in.
pub const SCRIPTED: ScriptedEntry = ScriptedEntry {
    lab: ENTRY,
    names: &["keeper", "leader"],
    forms: FORMS,
    promises: CLAIMED,
    scenarios: scenarios::SHIPPED,
    challenges: challenges::SHIPPED,
    open: |settings| Box::new(ScriptedEvents::new(settings)),
};

/// What can be claimed of a run.
const CLAIMED: &[Property] = &[
    Property::NoLostUpdate,
    Property::StockNeverBelowZero,
    Property::OnceAskedOnceDone,
    Property::AcknowledgedEventsStay,
    Property::ReadModelsAreFolds,
    Property::ReadModelsCatchUp,
    Property::SameLogSameState,
    Property::OneLogOnAllServers,
];

const FORMS: &[Form] = &[
    form("SERVER up", "It runs."),
    form("SERVER down", "It does not run."),
    form("SERVER leads", "It is a leader of Raft."),
    form("events N", "The log has so many events, durable or not; those before the run count."),
    form("durable N", "So many are durable; on a cluster, carried out by some server."),
    form("version KEY N", "The stream has this version; 0 if it is not there."),
    form("left KEY N", "By the log, so many are left of the item."),
    form("oversold KEY", "By the log, fewer than none are left of the item."),
    form("paid KEY N", "By the log, the customer has paid so many cents: ann, ben or cleo."),
    form("payments KEY N", "By the log, the customer has paid so many times."),
    form("SERVER has N", "It runs, and has taken in, or carried out, everything up to there."),
    form("lag SERVER N", "It runs, and so many positions of the log are yet to come."),
    form("SERVER right", "It runs, and is what the log comes to up to where it is."),
    form("SERVER holds event N N times", "That event is in its state so often."),
    form("models equal", "All three run, have kept all of the log, and are what it comes to."),
    form("logs equal", "All servers of the cluster run, and have the same log."),
    form("CLIENT waits", "The client’s latest request has no answer yet."),
    form("CLIENT done", "The client’s latest request was done; not only found to be done before."),
    form("CLIENT recognised", "It had been done before, and nothing has happened."),
    form("CLIENT refused", "The shop has said no."),
    form("CLIENT conflict", "Somebody was quicker."),
    form("CLIENT unknown", "Nobody knows what became of it."),
    form("CLIENT unreachable", "What keeps the log could not be reached: it has changed nothing."),
    form("conflicts N", "So many appends were refused because somebody was quicker."),
    form("recognised N", "So many repeats were recognised."),
    form("torn tails N", "So often the keeper has cut a torn end off its file."),
    form("armed", "A crash that was asked for is yet to come."),
    form("no-lost-update kept", "The promise was kept so far, given or not."),
    form("stock-never-below-zero kept", "Likewise."),
    form("once-asked-once-done kept", "Likewise."),
    form("acknowledged-events-stay kept", "Likewise."),
    form("read-models-are-folds kept", "Likewise."),
    form("read-models-catch-up kept", "Likewise."),
    form("same-log-same-state kept", "Likewise."),
    form("one-log-on-all-servers kept", "Likewise."),
];

const fn form(pattern: &'static str, meaning: &'static str) -> Form {
    Form { pattern, meaning }
}

/// The lab, as scripts see it.
struct ScriptedEvents {
    judged: JudgedShop,
}

impl ScriptedEvents {
    fn new(settings: &LabSettings) -> ScriptedEvents {
        ScriptedEvents { judged: JudgedShop::new(EventLab::new(settings), &[]) }
    }

    fn cluster(&self) -> &Cluster {
        self.judged.lab().cluster()
    }

    fn model(&self, node: NodeId) -> Option<&Model> {
        self.cluster().process(node)?.model()
    }

    /// The last position that a read model, or a server of a cluster, has.
    fn position(&self, node: NodeId) -> Option<u64> {
        match self.cluster().process(node)? {
            EventsProcess::Model(model) => Some(model.through()),
            EventsProcess::Replica(replica) => Some(replica.store().last_position()),
            EventsProcess::Keeper(keeper) => Some(keeper.store().last_position()),
            EventsProcess::Desk(_) => None,
        }
    }

    fn lag(&self, node: NodeId) -> Option<u64> {
        Some(self.cluster().log().last_position().saturating_sub(self.position(node)?))
    }

    /// What all events of the log come to.
    fn shop(&self) -> Shop {
        let (log, upcasters) = (self.cluster().log(), upcasters());
        let replay = Replay::new(&ShopRules).upcasting(&upcasters);
        replay.all_to(log, log.last_position()).map_or(Shop::default(), |folded| folded.state)
    }

    /// Whether a server is what the log comes to up to where it is.
    fn is_right(&self, node: NodeId) -> bool {
        let (log, upcasters) = (self.cluster().log(), upcasters());
        match self.cluster().process(node) {
            Some(EventsProcess::Model(model)) => {
                let kind = model.kind();
                let replay = Replay::new(&kind).upcasting(&upcasters);
                let due = replay.all_to(log, model.through());
                due.is_ok_and(|due| due.state == model.state().shop)
            }
            Some(EventsProcess::Replica(replica)) => {
                let end = replica.store().last_position();
                log.fork(end).is_ok_and(|log| log == *replica.store())
            }
            _ => false,
        }
    }

    /// Whether all servers of a kind run, have all of the log, and are right.
    fn are_equal(&self, is_one: impl Fn(&NodeId) -> bool) -> bool {
        // A read model is there when its disk is.
        let keeps = |node| self.model(node).is_none_or(|model| model.kept() == model.through());
        let mut nodes = self.cluster().world().node_ids().filter(is_one).peekable();
        nodes.peek().is_some()
            && nodes.all(|node| self.lag(node) == Some(0) && self.is_right(node) && keeps(node))
    }

    fn latest(&self, client: Client, is: impl Fn(Option<Outcome>) -> bool) -> bool {
        self.cluster().requests().latest(client).is_some_and(|asked| is(asked.outcome))
    }

    fn count(&self, is_so: impl Fn(&EventsEvent) -> bool) -> u64 {
        let records = self.cluster().world().history().records();
        let told = |happening: &Happening<EventsProcess>| match happening {
            Happening::Decided { event, .. } => is_so(event),
            _ => false,
        };
        records.iter().filter(|record| told(&record.what)).count() as u64
    }

    fn leads(&self, node: NodeId) -> Option<raft::Term> {
        let server = self.cluster().process(node)?.replica()?.raft().server();
        (server.role().kind() == RoleKind::Leader).then(|| server.current_term())
    }

    fn of_client(&self, pattern: &str, client: Client) -> bool {
        use Outcome::{Conflict, Done, Refused, Unknown, Unreachable};
        self.latest(client, |outcome| match pattern {
            "CLIENT waits" => outcome.is_none(),
            "CLIENT done" => matches!(outcome, Some(Done { repeated: false, .. })),
            "CLIENT recognised" => matches!(outcome, Some(Done { repeated: true, .. })),
            "CLIENT refused" => matches!(outcome, Some(Refused(_))),
            "CLIENT conflict" => matches!(outcome, Some(Conflict { .. })),
            "CLIENT unknown" => outcome == Some(Unknown),
            "CLIENT unreachable" => outcome == Some(Unreachable),
            _ => false,
        })
    }

    /// Of what the log comes to.
    fn of_shop(&self, pattern: &str, key: &str, number: u64) -> bool {
        let shop = self.shop();
        let item = Item::ALL.into_iter().find(|item| item.name() == key);
        let customer =
            Customer::ALL.into_iter().find(|customer| customer.name().eq_ignore_ascii_case(key));
        let (left, account) =
            (item.map(|item| shop.left(item)), customer.map(|customer| shop.account(customer)));
        match pattern {
            "left KEY N" => left.is_some_and(|left| u64::try_from(left) == Ok(number)),
            "oversold KEY" => left.is_some_and(|left| left < 0),
            "paid KEY N" => account.is_some_and(|it| u64::try_from(it.paid_cents) == Ok(number)),
            "payments KEY N" => account.is_some_and(|it| u64::from(it.payments) == number),
            _ => false,
        }
    }
}

impl Scripted for ScriptedEvents {
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

    /// On a cluster there are others than with a log in one file.
    fn servers(&self) -> Option<u8> {
        Some(self.cluster().world().settings().nodes)
    }

    fn named(&self, name: &str) -> Option<NodeId> {
        let log = self.cluster().rules().log;
        match name {
            "keeper" if log == Log::Single => Some(KEEPER),
            "leader" => {
                let nodes = self.cluster().world().node_ids();
                nodes.filter(|node| self.leads(*node).is_some()).max_by_key(|it| self.leads(*it))
            }
            _ => None,
        }
    }

    fn holds(&self, pattern: &str, values: &[Value]) -> bool {
        use Value::{Client as By, Key, Number, Server as On};
        let cluster = self.cluster();
        match (pattern, values) {
            ("SERVER up", [On(node)]) => cluster.process(*node).is_some(),
            ("SERVER down", [On(node)]) => cluster.process(*node).is_none(),
            ("SERVER leads", [On(node)]) => self.leads(*node).is_some(),
            ("events N", [Number(count)]) => cluster.log().last_position() == *count,
            ("durable N", [Number(count)]) => cluster.durable_through() == *count,
            ("version KEY N", [Key(stream), Number(version)]) => {
                cluster.log().stream(stream).version() == *version
            }
            ("left KEY N" | "paid KEY N" | "payments KEY N", [Key(key), Number(number)]) => {
                self.of_shop(pattern, key, *number)
            }
            ("oversold KEY", [Key(key)]) => self.of_shop(pattern, key, 0),
            ("SERVER has N", [On(node), Number(position)]) => {
                self.position(*node) == Some(*position)
            }
            ("lag SERVER N", [On(node), Number(lag)]) => self.lag(*node) == Some(*lag),
            ("SERVER right", [On(node)]) => self.is_right(*node),
            ("SERVER holds event N N times", [On(node), Number(event), Number(times)]) => {
                let model = self.model(*node);
                model.is_some_and(|model| u64::from(model.state().times(*event)) == *times)
            }
            ("models equal", []) => {
                self.are_equal(|node| super::MODELS.contains(node))
                    && cluster.rules().log == Log::Single
            }
            ("logs equal", []) => cluster.rules().log == Log::Raft && self.are_equal(|_| true),
            (pattern, [By(client)]) => self.of_client(pattern, *client),
            ("conflicts N", [Number(count)]) => {
                self.count(|event| matches!(event, EventsEvent::Conflicted { .. })) == *count
            }
            ("recognised N", [Number(count)]) => {
                self.count(|event| matches!(event, EventsEvent::Recognised { .. })) == *count
            }
            ("torn tails N", [Number(count)]) => {
                let torn = |event: &EventsEvent| {
                    matches!(event, EventsEvent::Recovered { torn_bytes: 1.., .. })
                };
                self.count(torn) == *count
            }
            ("armed", []) => cluster.armed().is_some(),
            (pattern, []) => {
                let name = pattern.strip_suffix(" kept");
                let promise =
                    PROMISES.iter().find(|(_, it)| Some(promise_name(*it).as_str()) == name);
                promise.is_some_and(|(_, property)| self.judged.is_kept(*property))
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
                    EventsEvent::Raft(RaftEvent::Raft(raft::Event::ElectionTimedOut {
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
        let all: Vec<Property> = PROMISES.iter().map(|(_, property)| *property).collect();
        assert_eq!(all, CLAIMED);
        for property in all {
            let name = format!("{} kept", promise_name(property));
            assert!(FORMS.iter().any(|form| form.pattern == name), "{name}");
        }
    }
}
