//! The event sourcing lab as a whole: desks, log, read models, network, disks and crashes together,
//! through the same cluster as on the page.

use rift::event_store::Replay;
use rift::labs::events::shop::{Customer, Item, Shop, ShopRules, upcasters};
use rift::labs::events::{
    Asked, Cluster, EventsEvent, EventsProcess, KEEPER, MODELS, Model, RequestOutcome,
};
use rift::labs::{Ask, Client, Command, LabSettings, Setting, SettingValue};
use rift::sim::{Fault, Happening, NodeId};

#[path = "events/cluster.rs"]
mod cluster;
#[path = "events/crashes.rs"]
mod crashes;
#[path = "events/every_instant.rs"]
mod every_instant;
#[path = "events/hostile.rs"]
mod hostile;
#[path = "events/requests.rs"]
mod requests;
#[path = "events/scripts.rs"]
mod scripts;

const ANN: Client = Client(1);
const BEN: Client = Client(2);
const S1: NodeId = NodeId(0);
const S2: NodeId = NodeId(1);
/// The read model of carts.
const CARTS: NodeId = NodeId(3);
/// That of stock.
const STOCK: NodeId = NodeId(4);

/// A shop that is driven by hand.
struct Stage {
    cluster: Cluster,
}

impl Stage {
    /// Without anything on its way: the read models have what had happened before.
    fn open(settings: &[(&'static str, SettingValue)]) -> Stage {
        Stage::of_seed(6, settings)
    }

    fn of_seed(seed: u64, settings: &[(&'static str, SettingValue)]) -> Stage {
        let mut all = LabSettings::new(6, seed);
        settings.iter().for_each(|(name, value)| all.tuning.set(Setting { name, value: *value }));
        let mut stage = Stage { cluster: Cluster::new(&all) };
        stage.rest();
        stage
    }

    fn act(&mut self, command: Command) {
        self.cluster.act(&command).expect("it makes sense");
    }

    fn set(&mut self, name: &'static str, value: SettingValue) {
        self.act(Command::Set(Setting { name, value }));
    }

    fn fault(&mut self, fault: Fault) {
        self.act(Command::Faults(vec![fault]));
    }

    fn ask(&mut self, client: Client, via: NodeId, what: &str) {
        let what = Ask::Do { what: what.to_owned() };
        self.act(Command::Ask { client, via, what });
    }

    fn retry(&mut self, client: Client, via: NodeId) {
        self.act(Command::Ask { client, via, what: Ask::Retry });
    }

    fn wait(&mut self, us: u64) {
        let until_us = self.cluster.world().now_us() + us;
        self.cluster.advance_to(until_us).expect("far from any limit");
    }

    /// Until nothing is on its way and nobody waits, or for long.
    fn rest(&mut self) {
        for _ in 0..100 {
            self.wait(50_000);
            if self.cluster.next_due_us().is_none() {
                return;
            }
        }
    }

    /// Event by event, until something is so.
    #[track_caller]
    fn until(&mut self, is_so: impl Fn(&Cluster) -> bool) {
        for _ in 0..10_000 {
            if is_so(&self.cluster) {
                return;
            }
            let due_us = self.cluster.next_due_us().expect("something is to come");
            self.cluster.advance_to(due_us).expect("far from any limit");
        }
        panic!("it never was so");
    }

    /// What became of the latest thing that a client has asked for.
    fn outcome(&self, client: Client) -> Option<RequestOutcome> {
        self.cluster.requests().latest(client).and_then(|asked: &Asked| asked.outcome)
    }

    /// What all events of the log come to.
    fn shop(&self) -> Shop {
        let (log, upcasters) = (self.cluster.log(), upcasters());
        let replay = Replay::new(&ShopRules).upcasting(&upcasters);
        replay.all_to(log, log.last_position()).expect("all types are known").state
    }

    fn model(&self, node: NodeId) -> &Model {
        self.cluster.process(node).and_then(EventsProcess::model).expect("it runs")
    }

    /// What a read model should have made of the log by its position.
    fn due_of(&self, node: NodeId) -> Shop {
        let (kind, upcasters) = (self.model(node).kind(), upcasters());
        let replay = Replay::new(&kind).upcasting(&upcasters);
        let through = self.model(node).through();
        replay.all_to(self.cluster.log(), through).expect("it is not ahead").state
    }

    /// Whether a read model is what the log comes to.
    fn is_right(&self, node: NodeId) -> bool {
        self.model(node).state().shop == self.due_of(node)
    }

    #[track_caller]
    fn assert_all_are_right_and_caught_up(&self) {
        for node in MODELS {
            assert_eq!(self.model(node).through(), self.cluster.log().last_position(), "{node}");
            assert!(self.is_right(node), "{node}");
        }
    }

    fn events(&self) -> impl Iterator<Item = (NodeId, &EventsEvent)> {
        let records = self.cluster.world().history().records();
        records.iter().filter_map(|record| match &record.what {
            Happening::Decided { node, event } => Some((*node, event)),
            _ => None,
        })
    }

    fn count(&self, is_so: impl Fn(&EventsEvent) -> bool) -> usize {
        self.events().filter(|(_, event)| is_so(event)).count()
    }
}

fn choice(word: &'static str) -> SettingValue {
    SettingValue::Choice(word)
}

fn left(stage: &Stage, item: Item) -> i32 {
    stage.shop().left(item)
}

fn payments(stage: &Stage, customer: Customer) -> u32 {
    stage.shop().account(customer).payments
}

/// The read models take in what had happened before the run, and then there is nothing to do.
#[test]
fn it_opens_with_one_mug_and_falls_quiet() {
    let stage = Stage::open(&[]);
    assert_eq!(stage.cluster.log().last_position(), 6);
    assert_eq!(stage.cluster.log().stream("stock-mug").version(), 3);
    assert_eq!((left(&stage, Item::Mug), left(&stage, Item::Tea)), (1, 4));
    stage.assert_all_are_right_and_caught_up();
    assert_eq!(stage.cluster.next_due_us(), None, "nobody waits for anything");
    // Old money was read in its new form.
    let payments = &stage.model(NodeId(5)).state().shop;
    assert_eq!(payments.account(Customer::Cleo).paid_cents, 2_400);
}

#[test]
fn a_run_is_the_same_each_time() {
    let run = || {
        let mut stage = Stage::open(&[]);
        stage.ask(ANN, S1, "take tea");
        stage.wait(30_000);
        stage.ask(BEN, S2, "pay");
        stage.fault(Fault::Crash(KEEPER));
        stage.wait(30_000);
        stage.fault(Fault::Restart(KEEPER));
        stage.rest();
        stage.cluster.world().history().hash()
    };
    assert_eq!(run(), run());
}
