//! What the world can do to a process, fault by fault, with a process that only tells what it saw.

use rift::labs::raft::RaftProcess;
use rift::sim::*;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

/// Does what it is asked, and tells what happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Probe {
    now_us: u64,
    outputs: Vec<Output<Probe>>,
    deadline_us: Option<u64>,
    writes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ask {
    Send(NodeId, u32),
    Write(Vec<u32>),
    WakeAt(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Saw {
    Boot(Vec<u32>),
    Message(u32),
    Deadline,
    Synced(u64),
}

impl Process for Probe {
    type Setup = ();
    type Message = u32;
    type Request = Ask;
    /// What, and what the process's clock showed.
    type Event = (Saw, u64);
    type Write = Vec<u32>;
    type Image = Vec<u32>;

    fn boot(_: &(), _: NodeId, image: &Vec<u32>, now_us: u64, _: u64) -> Probe {
        let outputs = vec![Output::Event((Saw::Boot(image.clone()), now_us))];
        Probe { now_us, outputs, deadline_us: None, writes: 0 }
    }

    fn handle(&mut self, now_us: u64, input: Input<Probe>) {
        assert!(now_us >= self.now_us, "time never goes back");
        self.now_us = now_us;
        let saw = match input {
            Input::Message { message, .. } => Saw::Message(message),
            Input::Deadline => {
                assert!(self.deadline_us.take().is_some_and(|due_us| due_us <= now_us));
                Saw::Deadline
            }
            Input::Synced { write } => Saw::Synced(write.0),
            Input::Request(Ask::Send(to, message)) => {
                return self.outputs.push(Output::Send { to, message });
            }
            Input::Request(Ask::Write(write)) => {
                self.writes += 1;
                return self.outputs.push(Output::Write { id: WriteId(self.writes), write });
            }
            Input::Request(Ask::WakeAt(us)) => return self.deadline_us = Some(us),
        };
        self.outputs.push(Output::Event((saw, now_us)));
    }

    fn poll(&mut self) -> Option<Output<Probe>> {
        (!self.outputs.is_empty()).then(|| self.outputs.remove(0))
    }

    fn deadline_us(&self) -> Option<u64> {
        self.deadline_us
    }

    fn apply_write(image: &mut Vec<u32>, write: &Vec<u32>) {
        image.extend(write);
    }

    fn tear_write(write: &Vec<u32>, part_ppm: u32) -> Option<Vec<u32>> {
        let kept = write.len() * part_ppm as usize / 1_000_000;
        (kept > 0).then(|| write[..kept].to_vec())
    }
}

fn world_with(links: LinkSettings) -> World<Probe> {
    let sync = Delay::Constant { us: 100 };
    World::new(WorldSettings { nodes: 2, seed: 1, links, sync, setup: () })
}

/// Messages take 1,000 µs, syncs 100 µs.
fn world() -> World<Probe> {
    world_with(LinkSettings::with_delay(Delay::Constant { us: 1_000 }))
}

fn send(world: &mut World<Probe>, message: u32) -> RecordId {
    let asked = world.request(A, Ask::Send(B, message)).expect("A runs");
    RecordId(asked.0 + 1)
}

/// What `node` saw: when, what, and what its clock showed.
fn seen(world: &World<Probe>, node: NodeId) -> Vec<(u64, Saw, u64)> {
    let records = world.history().records().iter();
    let seen = records.filter_map(|record| match &record.what {
        Happening::Decided { node: who, event: (saw, shown_us) } if *who == node => {
            Some((record.at_us, saw.clone(), *shown_us))
        }
        _ => None,
    });
    seen.skip(1).collect()
}

/// When which messages came.
fn messages(world: &World<Probe>) -> Vec<(u64, u32)> {
    let seen = seen(world, B).into_iter();
    seen.filter_map(|(at_us, saw, _)| match saw {
        Saw::Message(message) => Some((at_us, message)),
        _ => None,
    })
    .collect()
}

fn losses(world: &World<Probe>) -> Vec<LossReason> {
    let records = world.history().records().iter();
    records
        .filter_map(|record| match record.what {
            Happening::Lost { reason, .. } => Some(reason),
            _ => None,
        })
        .collect()
}

#[test]
fn a_paused_node_takes_what_waited_in_the_order_in_which_it_came() {
    let mut world = world();
    world.request(B, Ask::WakeAt(1_500)).unwrap();
    world.request(B, Ask::Write(vec![7])).unwrap();
    send(&mut world, 1);
    world.inject(Fault::Pause(B)).unwrap();
    world.advance_to(1_200).unwrap();
    world.request(B, Ask::Write(vec![8])).unwrap();
    send(&mut world, 2);
    world.advance_to(5_000).unwrap();
    assert_eq!(seen(&world, B), []);
    let node = world.node(B).unwrap();
    assert_eq!(node.paused_since_us(), Some(0));
    assert_eq!(node.disk().image(), &[7], "a disk goes on, but nobody writes");
    assert_eq!(world.network().in_flight_count(), 2, "they wait at the door");
    // What has arrived cannot be cut off any more.
    world.inject(Fault::cut_between(&[A], &[B])).unwrap();
    world.inject(Fault::Resume(B)).unwrap();
    world.advance_to(6_000).unwrap();
    let expected = [
        (5_000, Saw::Synced(1), 5_000),
        (5_000, Saw::Message(1), 5_000),
        (5_000, Saw::Deadline, 5_000),
        (5_000, Saw::Message(2), 5_000),
        (5_100, Saw::Synced(2), 5_100),
    ];
    assert_eq!(seen(&world, B), expected);
    assert_eq!(world.network().in_flight_count(), 0);
}

#[test]
fn what_waits_at_the_door_of_a_node_that_crashes_is_lost() {
    let mut world = world();
    send(&mut world, 1);
    world.request(B, Ask::WakeAt(500)).unwrap();
    world.inject(Fault::Pause(B)).unwrap();
    world.advance_to(2_000).unwrap();
    world.inject(Fault::Crash(B)).unwrap();
    world.inject(Fault::Restart(B)).unwrap();
    world.advance_to(9_000).unwrap();
    assert_eq!(losses(&world), [LossReason::NodeDown]);
    assert_eq!(seen(&world, B), [(2_000, Saw::Boot(vec![]), 2_000)], "no deadline either");
    assert_eq!(world.node(B).unwrap().paused_since_us(), None);
}

#[test]
fn resuming_and_pausing_in_one_instant_lets_nothing_in() {
    let mut world = world();
    send(&mut world, 1);
    world.request(B, Ask::WakeAt(500)).unwrap();
    world.inject(Fault::Pause(B)).unwrap();
    world.advance_to(2_000).unwrap();
    world.request(B, Ask::WakeAt(7_000)).unwrap();
    world.inject(Fault::Resume(B)).unwrap();
    world.inject(Fault::Pause(B)).unwrap();
    world.advance_to(3_000).unwrap();
    assert_eq!(seen(&world, B), []);
    world.inject(Fault::Resume(B)).unwrap();
    world.advance_to(8_000).unwrap();
    let expected = [
        (3_000, Saw::Deadline, 3_000),
        (3_000, Saw::Message(1), 3_000),
        (7_000, Saw::Deadline, 7_000),
    ];
    assert_eq!(seen(&world, B), expected);
}

#[test]
fn a_crash_may_keep_the_oldest_writes_and_tear_the_next() {
    let kept = |whole, part_ppm| {
        let mut world = world();
        for write in [vec![1, 2], vec![3, 4, 5, 6], vec![7]] {
            world.request(A, Ask::Write(write)).unwrap();
        }
        world.inject(Fault::CrashTorn { node: A, whole, part_ppm }).unwrap();
        world.inject(Fault::Restart(A)).unwrap();
        world.advance_to(1_000).unwrap();
        let told = world.history().records().iter().find_map(|record| match record.what {
            Happening::WritesKept { whole, torn, .. } => Some((whole, torn)),
            _ => None,
        });
        (world.node(A).unwrap().disk().image().clone(), told.expect("what was kept is told"))
    };
    assert_eq!(kept(0, 0), (vec![], (0, false)));
    assert_eq!(kept(1, 500_000), (vec![1, 2, 3, 4], (1, true)));
    assert_eq!(kept(1, 100_000), (vec![1, 2], (1, false)));
    assert_eq!(kept(9, 1_000_000), (vec![1, 2, 3, 4, 5, 6, 7], (3, false)));
}

#[test]
fn a_slow_disk_is_slow_from_the_next_sync_on() {
    let mut world = world();
    world.request(A, Ask::Write(vec![1])).unwrap();
    world.inject(Fault::SetSync(A, Delay::Constant { us: 9_000 })).unwrap();
    world.advance_to(100).unwrap();
    world.request(A, Ask::Write(vec![2])).unwrap();
    world.advance_to(20_000).unwrap();
    let expected = [(100, Saw::Synced(1), 100), (9_100, Saw::Synced(2), 9_100)];
    assert_eq!(seen(&world, A), expected);
}

#[test]
fn a_disk_that_is_mended_ends_its_sync_sooner() {
    let mut world = world();
    world.inject(Fault::SetSync(A, Delay::Constant { us: 500_000 })).unwrap();
    world.request(A, Ask::Write(vec![1])).unwrap();
    world.advance_to(1_000).unwrap();
    world.inject(Fault::SetSync(A, Delay::Constant { us: 50 })).unwrap();
    world.request(A, Ask::Write(vec![2])).unwrap();
    world.advance_to(900_000).unwrap();
    let expected = [(1_050, Saw::Synced(1), 1_050), (1_100, Saw::Synced(2), 1_100)];
    assert_eq!(seen(&world, A), expected);
}

#[test]
fn a_process_lives_by_its_own_clock() {
    let mut world = world();
    world.request(A, Ask::WakeAt(10_000)).unwrap();
    world.advance_to(2_000).unwrap();
    // Half speed: from 2,000 on the clock needs 16,000 µs to show 10,000.
    world.inject(Fault::SetClock { node: A, rate_ppm: 500_000, offset_us: 0 }).unwrap();
    world.advance_to(20_000).unwrap();
    assert_eq!(seen(&world, A), [(18_000, Saw::Deadline, 10_000)]);
    world.request(A, Ask::WakeAt(30_000)).unwrap();
    world.inject(Fault::SetClock { node: A, rate_ppm: 1_000_000, offset_us: 9_000 }).unwrap();
    world.advance_to(50_000).unwrap();
    assert_eq!(seen(&world, A)[1..], [(21_000, Saw::Deadline, 30_000)]);
    // Set back: it stands still at 59,000 until the world is there, less what it was set back by.
    world.inject(Fault::SetClock { node: A, rate_ppm: 1_000_000, offset_us: -1_000 }).unwrap();
    world.request(A, Ask::WakeAt(59_001)).unwrap();
    world.advance_to(70_000).unwrap();
    assert_eq!(seen(&world, A)[2..], [(60_001, Saw::Deadline, 59_001)]);
    assert_eq!(world.node(A).unwrap().clock().ahead_us(70_000), -1_000);
}

#[test]
fn a_clock_set_during_a_pause_moves_the_deadline_that_is_still_to_come() {
    let mut world = world();
    world.request(A, Ask::WakeAt(10_000)).unwrap();
    world.inject(Fault::Pause(A)).unwrap();
    world.inject(Fault::SetClock { node: A, rate_ppm: 1_000_000, offset_us: 9_000 }).unwrap();
    world.advance_to(1_000).unwrap();
    world.inject(Fault::true_clock(A)).unwrap();
    world.inject(Fault::Resume(A)).unwrap();
    world.advance_to(20_000).unwrap();
    assert_eq!(seen(&world, A), [(1_000, Saw::Deadline, 10_000)], "it stood still at 10,000");
}

#[test]
fn messages_can_be_dropped_delayed_and_doubled() {
    let mut world = world();
    let (one, two, three) = (send(&mut world, 1), send(&mut world, 2), send(&mut world, 3));
    world.inject(Fault::DropMessage(one)).unwrap();
    world.inject(Fault::DelayMessage(two, 700)).unwrap();
    world.advance_to(400).unwrap();
    let copy = RecordId(world.inject(Fault::DuplicateMessage(three)).unwrap().0 + 1);
    let copy_of_copy = RecordId(world.inject(Fault::DuplicateMessage(copy)).unwrap().0 + 1);
    world.inject(Fault::DropMessage(copy)).unwrap();
    assert_eq!(world.network().flight(two).unwrap().arrives_us, 1_700);
    assert_eq!(world.history().message(copy_of_copy), Some((A, B, &3)));
    world.advance_to(5_000).unwrap();
    assert_eq!(messages(&world), [(1_000, 3), (1_400, 3), (1_700, 2)]);
    assert_eq!(losses(&world), [LossReason::Dropped, LossReason::Dropped]);
}

#[test]
fn a_delay_of_nothing_changes_nothing() {
    let mut world = world();
    let one = send(&mut world, 1);
    world.inject(Fault::DelayMessage(one, 0)).unwrap();
    world.inject(Fault::DelayMessage(one, u64::MAX)).unwrap();
    world.advance_to(1_000_000).unwrap();
    assert_eq!(messages(&world), []);
    assert_eq!(world.network().in_flight_count(), 1, "never is long");
}

#[test]
fn links_double_and_hold_back_by_chance() {
    let links = LinkSettings {
        duplicate_ppm: 1_000_000,
        reorder_ppm: 1_000_000,
        reorder_us: 250,
        ..LinkSettings::with_delay(Delay::Constant { us: 1_000 })
    };
    let mut world = world_with(links);
    send(&mut world, 1);
    world.advance_to(9_000).unwrap();
    assert_eq!(messages(&world), [(1_000, 1), (1_250, 1)], "the copy is not held back");
}

#[test]
fn a_full_link_queues_and_then_loses() {
    let capacity = Some(Capacity { per_second: 1_000, queue: 2 });
    let delay = Delay::Constant { us: 100 };
    let mut world = world_with(LinkSettings { capacity, ..LinkSettings::with_delay(delay) });
    for message in 1..=5 {
        send(&mut world, message);
    }
    world.advance_to(2_500).unwrap();
    send(&mut world, 6);
    world.advance_to(9_000).unwrap();
    assert_eq!(messages(&world), [(1_100, 1), (2_100, 2), (3_100, 3), (4_100, 6)]);
    assert_eq!(losses(&world), [LossReason::QueueFull; 2]);
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    use FaultRefused::*;
    let mut world = world();
    let delivered = send(&mut world, 1);
    world.advance_to(2_000).unwrap();
    world.inject(Fault::Crash(B)).unwrap();
    let waiting = {
        world.inject(Fault::Restart(B)).unwrap();
        let waiting = send(&mut world, 2);
        world.inject(Fault::Pause(B)).unwrap();
        world.advance_to(4_000).unwrap();
        waiting
    };
    let links = |change: fn(&mut LinkSettings)| {
        let mut settings = LinkSettings::with_delay(Delay::Constant { us: 1 });
        change(&mut settings);
        Fault::SetLinks(vec![(A, B)], settings)
    };
    let (c, flat) = (NodeId(2), Delay::Pareto { low_us: 1, shape_ppm: 0 });
    let clock = |node, rate_ppm| Fault::SetClock { node, rate_ppm, offset_us: 0 };
    let cases = [
        (Fault::Pause(c), UnknownNode(c)),
        (Fault::Pause(B), NodeIsPaused(B)),
        (Fault::Resume(A), NodeIsNotPaused(A)),
        (Fault::CrashTorn { node: c, whole: 0, part_ppm: 0 }, UnknownNode(c)),
        (Fault::CrashTorn { node: A, whole: 0, part_ppm: 1_000_001 }, MoreThanWhole(1_000_001)),
        (Fault::SetSync(c, Delay::Constant { us: 1 }), UnknownNode(c)),
        (Fault::SetSync(A, flat), Sync(ImpossibleDelay::NoShape)),
        (clock(c, 1_000_000), UnknownNode(c)),
        (clock(A, 0), ClockRate(0)),
        (clock(A, u32::MAX), ClockRate(u32::MAX)),
        (Fault::DropMessage(delivered), NotOnItsWay(delivered)),
        (Fault::DelayMessage(waiting, 5), NotOnItsWay(waiting)),
        (Fault::DuplicateMessage(RecordId(9_999)), NotOnItsWay(RecordId(9_999))),
        (
            links(|link| link.delay = Delay::Uniform { low_us: 2, high_us: 1 }),
            Link(ImpossibleLink::Delay(ImpossibleDelay::EmptyRange)),
        ),
        (
            links(|link| link.duplicate_ppm = 1_000_001),
            Link(ImpossibleLink::MoreThanAll { ppm: 1_000_001 }),
        ),
        (
            links(|link| link.capacity = Some(Capacity { per_second: 0, queue: 1 })),
            Link(ImpossibleLink::Capacity { per_second: 0 }),
        ),
    ];
    let before = world.clone();
    for (fault, reason) in cases {
        assert_eq!(world.inject(fault.clone()), Err(reason), "{fault:?}");
        assert!(!reason.to_string().is_empty());
    }
    assert_eq!(world, before);
}

/// The history is most of what a run holds in memory.
#[test]
fn a_record_takes_at_most_120_bytes() {
    let bytes = size_of::<Record<RaftProcess>>();
    assert!(bytes <= 120, "{bytes}");
}
