//! The network against a reader of its history that keeps books of its own.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rift::sim::*;

const NODES: u8 = 3;

/// Sends what it is asked to, and tells what comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Post {
    outputs: Vec<Output<Post>>,
}

impl Process for Post {
    type Setup = ();
    type Message = u32;
    type Request = (NodeId, u32);
    /// From whom, and what.
    type Event = (NodeId, u32);
    type Write = ();
    type Image = ();

    fn boot(_: &(), _: NodeId, _: &(), _: u64, _: u64) -> Post {
        Post { outputs: Vec::new() }
    }

    fn handle(&mut self, _: u64, input: Input<Post>) {
        match input {
            Input::Message { from, message } => self.outputs.push(Output::Event((from, message))),
            Input::Request((to, message)) => self.outputs.push(Output::Send { to, message }),
            Input::Deadline | Input::Synced { .. } => unreachable!("it asks for neither"),
        }
    }

    fn poll(&mut self) -> Option<Output<Post>> {
        (!self.outputs.is_empty()).then(|| self.outputs.remove(0))
    }

    fn deadline_us(&self) -> Option<u64> {
        None
    }

    fn apply_write(_: &mut (), _: &()) {}
}

type Ends = (NodeId, NodeId);

#[derive(Clone, Debug)]
enum Act {
    Send(Ends),
    Cut(Ends),
    Heal(Ends),
    HealAll,
    Set(Ends, LinkSettings),
    Drop(u32),
    Delay(u32, u64),
    Duplicate(u32),
    Crash(NodeId),
    Restart(NodeId),
    Wait(u64),
}

fn any_ends() -> impl Strategy<Value = Ends> {
    (0..NODES, 1..NODES).prop_map(|(from, on)| (NodeId(from), NodeId((from + on) % NODES)))
}

fn any_ppm() -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0), 2 => 0..=1_000_000_u32, 1 => Just(1_000_000)]
}

fn any_capacity() -> impl Strategy<Value = Option<Capacity>> {
    let capacity = (1_000..20_000_u32, 0..3_u32);
    prop::option::of(capacity.prop_map(|(per_second, queue)| Capacity { per_second, queue }))
}

fn any_settings() -> impl Strategy<Value = LinkSettings> {
    let delay = prop_oneof![
        (0..3_000_u64).prop_map(|us| Delay::Constant { us }),
        (0..2_000_u64, 0..2_000_u64)
            .prop_map(|(low_us, more)| Delay::Uniform { low_us, high_us: low_us + more }),
        (0..2_000_u64).prop_map(|mean_us| Delay::Exponential { mean_us }),
    ];
    let rates = (any_ppm(), any_ppm(), any_ppm(), 0..2_000_u32);
    (delay, rates, any_capacity()).prop_map(|(delay, rates, capacity)| {
        let (loss_ppm, duplicate_ppm, reorder_ppm, reorder_us) = rates;
        LinkSettings { delay, loss_ppm, duplicate_ppm, reorder_ppm, reorder_us, capacity }
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    let node = || (0..NODES).prop_map(NodeId);
    prop_oneof![
        10 => any_ends().prop_map(Act::Send),
        3 => any_ends().prop_map(Act::Cut),
        2 => any_ends().prop_map(Act::Heal),
        1 => Just(Act::HealAll),
        3 => (any_ends(), any_settings()).prop_map(|(ends, settings)| Act::Set(ends, settings)),
        1 => (0..9_u32).prop_map(Act::Drop),
        2 => (0..9_u32, 0..4_000_u64).prop_map(|(nth, us)| Act::Delay(nth, us)),
        2 => (0..9_u32).prop_map(Act::Duplicate),
        1 => node().prop_map(Act::Crash),
        2 => node().prop_map(Act::Restart),
        6 => (0..2_000_u64).prop_map(Act::Wait),
    ]
}

fn world(seed: u64, links: LinkSettings) -> World<Post> {
    let sync = Delay::Constant { us: 100 };
    World::new(WorldSettings { nodes: NODES, seed, links, sync, setup: () })
}

/// Does it, or has it refused without any trace.
fn act(world: &mut World<Post>, act: &Act) {
    let before = (world.history().hash(), world.history().len());
    let nth = |nth: u32| world.network().nth_on_its_way(nth);
    let fault = match act.clone() {
        Act::Wait(us) => return world.advance_to(world.now_us() + us).expect("it is short"),
        Act::Send((from, to)) => {
            let message = world.history().len() as u32;
            if world.request(from, (to, message)).is_err() {
                assert_eq!((world.history().hash(), world.history().len()), before);
            }
            return;
        }
        Act::Cut(ends) => Some(Fault::Cut(vec![ends])),
        Act::Heal(ends) => Some(Fault::Heal(vec![ends])),
        Act::HealAll => Some(Fault::HealAll),
        Act::Set(ends, settings) => Some(Fault::SetLinks(vec![ends], settings)),
        Act::Drop(n) => nth(n).map(Fault::DropMessage),
        Act::Delay(n, us) => nth(n).map(|id| Fault::DelayMessage(id, us)),
        Act::Duplicate(n) => nth(n).map(Fault::DuplicateMessage),
        Act::Crash(node) => Some(Fault::Crash(node)),
        Act::Restart(node) => Some(Fault::Restart(node)),
    };
    if fault.is_some_and(|fault| world.inject(fault).is_err()) {
        assert_eq!((world.history().hash(), world.history().len()), before);
    }
}

/// What somebody knows who reads the history record by record and trusts nothing.
struct Books {
    links: LinkSettings,
    set: BTreeMap<Ends, LinkSettings>,
    cut: BTreeSet<Ends>,
    down: BTreeSet<NodeId>,
    on_their_way: BTreeMap<RecordId, (Flight, LinkSettings)>,
    /// By text: how many may come at most, and how many came.
    copies: BTreeMap<u32, u32>,
    came: BTreeMap<u32, u32>,
    /// Sent or copied, delivered, lost.
    counts: [usize; 3],
    last_fault: Option<(RecordId, Fault)>,
    read: usize,
}

impl Books {
    fn new(links: LinkSettings) -> Books {
        Books {
            links,
            set: BTreeMap::new(),
            cut: BTreeSet::new(),
            down: BTreeSet::new(),
            on_their_way: BTreeMap::new(),
            copies: BTreeMap::new(),
            came: BTreeMap::new(),
            counts: [0; 3],
            last_fault: None,
            read: 0,
        }
    }

    fn settings(&self, ends: Ends) -> LinkSettings {
        self.set.get(&ends).copied().unwrap_or(self.links)
    }

    /// Reads what is new, then compares what should be on its way with what is.
    fn read(&mut self, world: &World<Post>) {
        let records = world.history().records();
        for (at, record) in records.iter().enumerate().skip(self.read) {
            self.enter(world.history(), RecordId(at as u32), record);
        }
        self.read = records.len();
        let here: Vec<Flight> = self.on_their_way.values().map(|(flight, _)| *flight).collect();
        let there: Vec<Flight> = world.network().in_flight().copied().collect();
        assert_eq!(here, there);
        assert!(there.iter().all(|flight| flight.arrives_us >= world.now_us()), "all that is due");
        assert_eq!(self.counts[0], self.counts[1] + self.counts[2] + there.len());
    }

    fn enter(&mut self, history: &History<Post>, id: RecordId, record: &Record<Post>) {
        let sent_us = record.at_us;
        match &record.what {
            Happening::Sent { from, to, arrives_us, message } => {
                let (from, to, arrives_us) = (*from, *to, *arrives_us);
                self.depart(Flight { id, from, to, sent_us, arrives_us });
                assert_eq!(self.copies.insert(*message, 1), None, "a text is sent once");
            }
            Happening::Duplicated { message, arrives_us } => {
                let (from, to, text) = history.message(*message).expect("the first message");
                self.copied_for_a_reason(record, *message, (from, to));
                self.depart(Flight { id, from, to, sent_us, arrives_us: *arrives_us });
                *self.copies.get_mut(text).expect("copied after it was sent") += 1;
            }
            Happening::Delivered { message } => {
                let (flight, _) = self.land(*message, sent_us);
                assert_eq!(flight.arrives_us, sent_us, "neither early nor late");
                assert!(!self.cut.contains(&(flight.from, flight.to)), "through a cut");
                assert!(!self.down.contains(&flight.to), "nobody is there");
                self.counts[1] += 1;
            }
            Happening::Lost { message, reason } => {
                let (flight, settings) = self.land(*message, sent_us);
                self.lost_for_a_reason(&flight, &settings, *reason, sent_us);
                self.counts[2] += 1;
            }
            Happening::Decided { node, event: (from, text) } => {
                let delivered = history.get(record.cause.expect("it was told")).expect("a record");
                let Happening::Delivered { message } = delivered.what else {
                    panic!("{record:?} comes of {delivered:?}");
                };
                assert_eq!(history.message(message), Some((*from, *node, text)));
                let came = self.came.entry(*text).or_default();
                *came += 1;
                assert!(*came <= self.copies[text], "once, and once for every copy");
            }
            Happening::Fault(fault) => {
                self.suffer(fault);
                self.last_fault = Some((id, fault.clone()));
            }
            Happening::Booted { node, .. } => {
                self.down.remove(node);
            }
            _ => {}
        }
    }

    fn depart(&mut self, flight: Flight) {
        assert!(flight.arrives_us >= flight.sent_us, "before it was sent");
        let settings = self.settings((flight.from, flight.to));
        self.on_their_way.insert(flight.id, (flight, settings));
        self.counts[0] += 1;
    }

    fn land(&mut self, id: RecordId, at_us: u64) -> (Flight, LinkSettings) {
        let found = self.on_their_way.remove(&id).expect("it is on its way, and ends once");
        assert!(at_us >= found.0.sent_us);
        found
    }

    fn copied_for_a_reason(&self, record: &Record<Post>, first: RecordId, ends: Ends) {
        match &self.last_fault {
            Some((id, Fault::DuplicateMessage(of))) if record.cause == Some(*id) => {
                assert!(self.on_their_way.contains_key(of));
            }
            _ => {
                assert_eq!(record.cause, Some(first), "by chance, when it was sent");
                assert!(self.settings(ends).duplicate_ppm > 0);
            }
        }
    }

    fn lost_for_a_reason(&self, way: &Flight, set: &LinkSettings, reason: LossReason, at_us: u64) {
        match reason {
            LossReason::Cut => {
                assert!(self.cut.contains(&(way.from, way.to)));
                assert_eq!(at_us, way.arrives_us, "a message is judged when it would arrive");
            }
            LossReason::Chance => assert!(set.loss_ppm > 0 && at_us <= way.arrives_us),
            LossReason::NodeDown => {
                assert!(self.down.contains(&way.to));
                assert_eq!(at_us, way.arrives_us);
            }
            LossReason::QueueFull => assert!(set.capacity.is_some() && at_us == way.sent_us),
            LossReason::Dropped => {
                let fault = self.last_fault.as_ref().map(|(_, fault)| fault);
                assert_eq!(fault, Some(&Fault::DropMessage(way.id)));
            }
            LossReason::NetworkFull => panic!("there are only a few"),
        }
    }

    fn suffer(&mut self, fault: &Fault) {
        match fault {
            Fault::Cut(links) => self.cut.extend(links),
            Fault::Heal(links) => self.cut.retain(|ends| !links.contains(ends)),
            Fault::HealAll => self.cut.clear(),
            Fault::SetLinks(links, settings) => {
                self.set.extend(links.iter().map(|ends| (*ends, *settings)));
            }
            Fault::Crash(node) => {
                self.down.insert(*node);
            }
            Fault::DelayMessage(id, us) => {
                let (flight, _) = self.on_their_way.get_mut(id).expect("it is on its way");
                flight.arrives_us += us;
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_message_is_accounted_for(
        seed: u64, links in any_settings(), acts in prop::collection::vec(any_act(), 0..120),
    ) {
        let mut world = world(seed, links);
        let mut books = Books::new(links);
        for one in &acts {
            act(&mut world, one);
            books.read(&world);
        }
        act(&mut world, &Act::Wait(LONGEST_DELAY_US));
        books.read(&world);
        prop_assert_eq!(world.network().in_flight_count(), 0, "every way has an end");
    }

    /// The same seed and the same acts are the same run, and a clone goes on like its original.
    #[test]
    fn a_run_can_be_repeated_and_cloned(
        seed: u64, links in any_settings(),
        acts in prop::collection::vec(any_act(), 0..80), cloned_after in 0..80_usize,
    ) {
        let (first, rest) = acts.split_at(cloned_after.min(acts.len()));
        let mut original = world(seed, links);
        first.iter().for_each(|one| act(&mut original, one));
        let mut clone = original.clone();
        rest.iter().for_each(|one| act(&mut original, one));
        // One after the other: what they shared would show.
        rest.iter().for_each(|one| act(&mut clone, one));
        prop_assert!(clone == original);
        let mut again = world(seed, links);
        acts.iter().for_each(|one| act(&mut again, one));
        prop_assert_eq!(again.history().hash(), original.history().hash());
        prop_assert!(again == original);
    }

    /// A link of constant delay is a queue: what it takes comes in order, at a known time.
    #[test]
    fn a_link_without_variance_keeps_the_order(
        seed: u64, delay_us in 0..3_000_u64, capacity in any_capacity(),
        gaps in prop::collection::vec(prop_oneof![Just(0), 0..1_500_u64], 1..60),
    ) {
        let delay = Delay::Constant { us: delay_us };
        let mut world = world(seed, LinkSettings { capacity, ..LinkSettings::with_delay(delay) });
        let (mut ends, mut expected) = (Vec::<u64>::new(), Vec::new());
        for gap_us in gaps {
            act(&mut world, &Act::Wait(gap_us));
            let (now_us, text) = (world.now_us(), world.history().len() as u32);
            act(&mut world, &Act::Send((NodeId(0), NodeId(1))));
            let Some(Capacity { per_second, queue }) = capacity else {
                expected.push((now_us + delay_us, text));
                continue;
            };
            // One of those that have not left the link is on it, the others wait.
            let not_through = ends.iter().filter(|end_us| **end_us > now_us).count();
            if not_through == 0 || not_through - 1 < queue as usize {
                let begins_us = ends.last().copied().unwrap_or(0).max(now_us);
                ends.push(begins_us + u64::from(1_000_000 / per_second));
                expected.push((ends[ends.len() - 1] + delay_us, text));
            }
        }
        act(&mut world, &Act::Wait(LONGEST_DELAY_US));
        let told = world.history().records().iter().filter_map(|record| match record.what {
            Happening::Decided { event: (_, text), .. } => Some((record.at_us, text)),
            _ => None,
        });
        prop_assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
