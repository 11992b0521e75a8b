//! What must hold for any schedule: messages in any order, lost and repeated, tears, crashes and
//! wrong clocks, drawn at random; and that the judge is not blind.

use proptest::prelude::*;
use rift::check::linearizability::{Checker, Operation, Progress, Register, RegisterCall};
use rift::quorum::*;

use super::store::*;

#[derive(Clone, Debug)]
enum Act {
    /// A client writes the next number, or nothing, through a server.
    Write(u16, u8, bool),
    Read(u16, u8),
    Deliver(u16),
    Drop(u16),
    Repeat(u16),
    /// Which servers are on the one side.
    Split(u8),
    Heal,
    Crash(u8),
    Restart(u8),
    SlowDisk(u8),
    Sync(u8),
    SetClock(u8, i32),
    Wait(u32),
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..4_u16, any::<u8>(), prop::bool::weighted(0.1))
            .prop_map(|(client, at, deletes)| Act::Write(client, at, deletes)),
        12 => (0..4_u16, any::<u8>()).prop_map(|(client, at)| Act::Read(client, at)),
        100 => any::<u16>().prop_map(Act::Deliver),
        8 => any::<u16>().prop_map(Act::Drop),
        2 => any::<u16>().prop_map(Act::Repeat),
        1 => any::<u8>().prop_map(Act::Split),
        1 => Just(Act::Heal),
        1 => any::<u8>().prop_map(Act::Crash),
        3 => any::<u8>().prop_map(Act::Restart),
        2 => any::<u8>().prop_map(Act::SlowDisk),
        2 => any::<u8>().prop_map(Act::Sync),
        1 => (any::<u8>(), -500_000..500_000_i32).prop_map(|(at, us)| Act::SetClock(at, us)),
        4 => (1..100_000_u32).prop_map(Act::Wait),
    ]
}

fn any_acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(any_act(), 100..400)
}

type Call = RegisterCall<Value>;

/// What clients did, and what became of it.
struct Run {
    store: Store,
    /// By request: when it was called, what was asked, when it was answered.
    log: Vec<(RequestId, u64, Call, Option<u64>)>,
    step: u64,
    next_value: Value,
}

impl Run {
    fn new(settings: Settings) -> Run {
        Run { store: Store::of(settings), log: Vec::new(), step: 0, next_value: 0 }
    }

    fn at(&self, server: u8) -> ServerId {
        ServerId(server % self.store.ids().len() as u8)
    }

    fn play(&mut self, acts: &[Act]) {
        for act in acts {
            self.step += 1;
            let flights = self.store.in_flight.len();
            let nth = |nth: &u16| usize::from(*nth).checked_rem(flights);
            match act {
                Act::Write(client, ..) | Act::Read(client, ..) if self.is_busy(*client) => {}
                Act::Write(client, at, deletes) => {
                    self.next_value += 1;
                    let value = (!deletes).then_some(self.next_value);
                    let call = value.map_or(Call::Clear, Call::Write);
                    let at = self.at(*at);
                    let request = self.store.write_call(at, *client, WriteCall::blind('x', value));
                    self.log.push((request, self.step, call, None));
                }
                Act::Read(client, at) => {
                    let request = self.store.read(self.at(*at), *client);
                    self.log.push((request, self.step, Call::Read, None));
                }
                Act::Deliver(place) => {
                    if let Some(place) = nth(place) {
                        self.store.deliver_nth(place);
                    }
                }
                Act::Drop(place) => drop(nth(place).map(|at| self.store.in_flight.remove(at))),
                Act::Repeat(place) => {
                    let copy = nth(place).map(|place| self.store.in_flight[place].clone());
                    self.store.in_flight.extend(copy);
                }
                Act::Split(side) => {
                    let ids = self.store.ids();
                    let (one, other): (Vec<_>, Vec<_>) =
                        ids.into_iter().partition(|id| side >> id.0 & 1 == 1);
                    self.store.split(&[&one, &other]);
                }
                Act::Heal => self.store.heal(),
                Act::Crash(at) => self.store.crash(self.at(*at)),
                Act::Restart(at) => {
                    let at = self.at(*at);
                    if !self.store.is_up(at) {
                        self.store.restart(at);
                    }
                }
                Act::SlowDisk(at) => self.store.slow_disk(self.at(*at)),
                Act::Sync(at) => self.store.sync(self.at(*at)),
                Act::SetClock(at, us) => self.store.set_clock(self.at(*at), i64::from(*us)),
                Act::Wait(us) => self.store.advance(u64::from(*us)),
            }
            self.note_answers();
        }
    }

    /// A client does one thing after the other; it waits a while for an answer.
    fn is_busy(&self, client: u16) -> bool {
        let of_client = |(request, ..): &&(RequestId, u64, Call, Option<u64>)| {
            request.client == ClientId(client)
        };
        let last = self.log.iter().rev().find(of_client);
        last.is_some_and(|(_, called, _, at)| at.is_none() && self.step < called + 40)
    }

    fn note_answers(&mut self) {
        let (store, step) = (&self.store, self.step);
        for (request, .., answered) in self.log.iter_mut().filter(|(.., at)| at.is_none()) {
            *answered = store.answer(*request).map(|_| step);
        }
    }

    /// Everything is mended, and all that is owed is delivered.
    fn mend(&mut self) {
        self.store.heal();
        for id in self.store.ids() {
            if !self.store.is_up(id) {
                self.store.restart(id);
            }
            self.store.sync(id);
            self.store.set_clock(id, 0);
        }
        self.store.run(1_000_000);
        self.note_answers();
    }

    /// Reads by everybody, one after the other.
    fn read_everywhere(&mut self) {
        for id in self.store.ids() {
            self.step += 1;
            let request = self.store.read(id, 9);
            self.log.push((request, self.step, Call::Read, None));
            self.store.run(500_000);
            self.step += 1;
            self.note_answers();
        }
    }

    fn verdict(&self) -> Progress<Key> {
        let operations = self.log.iter().filter_map(|(request, called, call, answered)| {
            let answer = match (self.store.answer(*request), call) {
                // It has not happened.
                (Some(Outcome::Unavailable { .. } | Outcome::Refused { .. }), _) => return None,
                (Some(Outcome::Ok { result: Success::Found(cell), .. }), _) => {
                    let value = cell.as_ref().and_then(|cell| cell.values().next());
                    Some(value.copied())
                }
                (Some(Outcome::Ok { .. }), _) => Some(None),
                // Unknown, never failed.
                (Some(Outcome::Indeterminate { .. } | Outcome::Behind { .. }) | None, _) => None,
            };
            let answer = answer.zip(*answered).map(|(value, at)| (at, value));
            Some(('x', Operation { called: *called, call: call.clone(), answer }))
        });
        Checker::new(Register::default(), operations.collect()).step(MOST_STEPS)
    }
}

/// A run that the judge has not settled by then is not judged.
const MOST_STEPS: u64 = 200_000;

fn all_equal(store: &Store) -> bool {
    let cells = |id| store.server(id).cells().collect::<Vec<_>>();
    store.ids().into_iter().all(|id| cells(id) == cells(S1))
}

/// CP as it ships, but without a detector and anti-entropy, which would help. With more servers
/// than replicas some coordinators are none, and do not repair themselves.
fn cp(servers: u8, n: usize) -> Settings {
    let (r, w) = (majority(n), majority(n));
    Settings { n, r, w, anti_entropy_us: None, detector: None, ..Settings::cp(servers) }
}

/// Draws runs until one is broken, `most` at most: which one that is, and how many the judge could
/// not settle.
fn first_broken(settings: &Settings, most: usize) -> (Option<usize>, usize) {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = any_acts();
    let mut unjudged = 0;
    for at in 0..most {
        let acts = strategy.new_tree(&mut runner).expect("acts can be drawn").current();
        let mut run = Run::new(settings.clone());
        run.play(&acts);
        run.mend();
        run.read_everywhere();
        match run.verdict() {
            Progress::Broken(_) => return (Some(at), unjudged),
            Progress::Searching | Progress::GaveUp => unjudged += 1,
            Progress::Linearizable => {}
        }
    }
    (None, unjudged)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// CP with write-back and stamps of a quorum is linearizable, whatever clocks show, and however
    /// servers crash (Attiya et al. 1995; Lynch and Shvartsman 1997).
    #[test]
    fn cp_with_write_back_is_linearizable(
        acts in any_acts(), n in 3..6_usize, more in 0..3_u8,
    ) {
        let mut run = Run::new(cp(n as u8 + more, n));
        run.play(&acts);
        run.mend();
        run.read_everywhere();
        let verdict = run.verdict();
        prop_assert!(!matches!(verdict, Progress::Broken(_)), "{:?} in {:?}", verdict, run.log);
    }

    /// The same with everything else on that ships: the detector and anti-entropy do no harm.
    #[test]
    fn so_it_is_with_all_that_ships(acts in any_acts()) {
        let mut run = Run::new(Settings::cp(3));
        run.play(&acts);
        run.mend();
        run.read_everywhere();
        let verdict = run.verdict();
        prop_assert!(!matches!(verdict, Progress::Broken(_)), "{:?} in {:?}", verdict, run.log);
    }

    /// No acknowledged CP write is lost: after the heal everybody holds it, or one that was stamped
    /// above it.
    #[test]
    fn acknowledged_cp_writes_survive_the_heal(acts in any_acts()) {
        let mut run = Run::new(Settings::cp(3));
        run.play(&acts);
        let acknowledged = run.store.answers.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Ok { result: Success::Written { stamp, .. }, .. } => Some(*stamp),
            _ => None,
        });
        let highest = acknowledged.max();
        run.mend();
        run.store.run(3 * 1_000_000);
        prop_assert!(all_equal(&run.store));
        for id in run.store.ids() {
            let held = run.store.server(id).cell(&'x').and_then(Cell::latest);
            prop_assert!(held >= highest, "{:?} is lost", highest);
        }
    }

    /// AP converges: after the heal, and within the bound of `anti_entropy.rs`, replicas are equal,
    /// hints are delivered, and reads agree; with siblings as well.
    #[test]
    fn ap_converges_after_the_heal(acts in any_acts(), keeps_siblings in any::<bool>()) {
        let resolution =
            if keeps_siblings { Resolution::Siblings } else { Resolution::LastWriteWins };
        let mut run = Run::new(Settings { resolution, ..Settings::ap(5, 3) });
        run.play(&acts);
        run.mend();
        run.store.run(5 * 1_000_000);
        let cells = |id| run.store.server(id).cells().collect::<Vec<_>>();
        for id in [S2, S3] {
            prop_assert_eq!(cells(id), cells(S1));
        }
        for id in run.store.ids() {
            prop_assert_eq!(run.store.server(id).hints().count(), 0);
        }
    }

    /// With siblings nothing that was acknowledged is lost unless its replacement had seen it: in
    /// blind writes, unless the same client wrote again.
    #[test]
    fn siblings_lose_no_write_that_nobody_had_seen(acts in any_acts()) {
        let settings = Settings { resolution: Resolution::Siblings, ..Settings::ap(3, 3) };
        let mut run = Run::new(settings);
        run.play(&acts);
        run.mend();
        run.store.run(3 * 1_000_000);
        let cell = run.store.server(S1).cell(&'x').cloned();
        let vector = cell.map(|cell| cell.context().vector).unwrap_or_default();
        let left: Vec<RequestId> = run.store.server(S1).cell(&'x').into_iter()
            .flat_map(Cell::siblings).map(|sibling| sibling.stamp.request).collect();
        for (request, outcome) in &run.store.answers {
            let Outcome::Ok { result: Success::Written { .. }, .. } = outcome else { continue };
            prop_assert!(vector.includes(*request));
            let of_client = left.iter().find(|other| other.client == request.client);
            prop_assert!(of_client.is_some_and(|last| last.sequence >= request.sequence));
        }
    }
}

/// The judge sees what is missing: each of these leaves out one thing that linearizability needs,
/// and runs drawn in the same way show it.
#[test]
fn the_checker_catches_what_is_left_out() {
    let (broken, unjudged) = first_broken(&cp(5, 3), 100);
    assert_eq!(broken, None);
    assert!(unjudged <= 2, "{unjudged} of 100 runs are not judged");
    let without: [(&str, Settings); 4] = [
        ("write-back", Settings { read_repair: ReadRepair::Async, ..cp(5, 3) }),
        ("stamps of a quorum", Settings { stamping: Stamping::Clock, ..cp(5, 3) }),
        ("the disk", Settings { ack_before_sync: true, ..cp(5, 3) }),
        ("overlap", Settings { r: 1, mode: Mode::Ap { sloppy: false }, ..cp(5, 3) }),
    ];
    for (what, settings) in without {
        let config = settings.clone().check().expect("it can work");
        let promise = config.promise(config.quorum());
        assert!(promise.consistency < Consistency::Linearizable || promise.if_clocks_agree);
        let (broken, _) = first_broken(&settings, 300);
        assert!(broken.is_some(), "without {what} nothing breaks in 300 runs");
    }
}

/// Versions as honest clients make them: each knows what its client had read, and its client's own.
fn honest_cells(reads: &[(u16, u8)]) -> Vec<Cell<Value>> {
    let mut cells: Vec<Cell<Value>> = Vec::new();
    let mut known: Vec<(u16, Context)> = Vec::new();
    for (at, (client, read)) in (1_u64..).zip(reads) {
        let mut context = Context::default();
        let own = known.iter().find(|(other, _)| other == client);
        own.into_iter().for_each(|(_, own)| context.join(own));
        if let Some(seen) = usize::from(*read).checked_rem(cells.len()) {
            context.join(&cells[seen].context());
        }
        let request = RequestId { client: ClientId(*client), sequence: at };
        context.vector.include(request);
        // Clocks show anything.
        let stamp = Stamp { clock_us: at * 7919 % 5, server: ServerId(0), request };
        let vector = context.vector.clone();
        cells.push(Cell::of(Sibling { stamp, vector, value: Some(at as Value) }));
        known.retain(|(other, _)| other != client);
        known.push((*client, context));
    }
    cells
}

proptest! {
    /// Merging is a least upper bound: order, grouping and repetition change nothing.
    #[test]
    fn merging_does_not_depend_on_order(
        reads in prop::collection::vec((0..4_u16, any::<u8>()), 3..9),
        split in any::<u16>(), keeps_siblings in any::<bool>(),
    ) {
        let how = if keeps_siblings { Resolution::Siblings } else { Resolution::LastWriteWins };
        let merge = |cells: &[&Cell<Value>]| {
            let mut merged = cells[0].clone();
            cells.iter().for_each(|cell| drop(merged.merge(cell, how)));
            merged
        };
        let cells = honest_cells(&reads);
        let forward: Vec<&Cell<Value>> = cells.iter().collect();
        let backward: Vec<&Cell<Value>> = cells.iter().rev().collect();
        let all = merge(&forward);
        prop_assert_eq!(&all, &merge(&backward));
        let (left, right): (Vec<&Cell<Value>>, Vec<_>) =
            forward.iter().enumerate().partition_map(|at| split >> at & 1 == 1);
        if !left.is_empty() && !right.is_empty() {
            let (left, right) = (merge(&left), merge(&right));
            prop_assert_eq!(&all, &merge(&[&left, &right]));
            prop_assert!(all.includes(&left, how) && all.includes(&right, how));
        }
    }
}

/// Sorts into two lists by place.
trait PartitionMap<'a>: Iterator<Item = (usize, &'a &'a Cell<Value>)> + Sized {
    fn partition_map(
        self,
        is_left: impl Fn(usize) -> bool,
    ) -> (Vec<&'a Cell<Value>>, Vec<&'a Cell<Value>>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (at, cell) in self {
            if is_left(at) { left.push(*cell) } else { right.push(*cell) }
        }
        (left, right)
    }
}

impl<'a, I: Iterator<Item = (usize, &'a &'a Cell<Value>)>> PartitionMap<'a> for I {}
