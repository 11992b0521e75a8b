//! Whether the counters can be wrong: hand-made runs that wrong ones get wrong, and random runs
//! that right ones must get right.

use super::*;
use crate::labs::cap::{Asked, Fate};
use crate::labs::{Ask, Client, Setting, SettingValue};
use crate::random::Random;
use crate::sim::{Fault, TRUE_RATE_PPM};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

fn cluster(system: System, mode: &'static str) -> Cluster {
    let mut settings = LabSettings::new(5, 5);
    settings.tuning.set(Setting { name: "mode", value: SettingValue::Choice(mode) });
    let mut cluster = Cluster::new(&settings, system);
    wait(&mut cluster, 1_000);
    cluster
}

fn wait(cluster: &mut Cluster, ms: u64) {
    let until_us = cluster.world().now_us() + ms * 1_000;
    cluster.advance_to(until_us).expect("far from any limit");
}

fn fault(cluster: &mut Cluster, fault: Fault) {
    cluster.act(&Command::Faults(vec![fault])).expect("it is possible");
}

fn ask(cluster: &mut Cluster, client: u8, via: u8, what: Ask) {
    let (client, via) = (Client(client), NodeId(via));
    cluster.act(&Command::Ask { client, via, what }).expect("the server runs");
    wait(cluster, 300);
}

fn write(cluster: &mut Cluster, client: u8, via: u8, value: &str) {
    ask(cluster, client, via, Ask::Write { key: "x".to_owned(), value: value.to_owned() });
}

fn read(cluster: &mut Cluster, client: u8, via: u8) {
    ask(cluster, client, via, Ask::Read { key: "x".to_owned() });
}

fn cut(cluster: &mut Cluster) {
    fault(cluster, Fault::cut_between(&S[..2], &S[2..]));
    wait(cluster, 400);
}

fn heal(cluster: &mut Cluster) {
    fault(cluster, Fault::HealAll);
    wait(cluster, 4_000);
}

/// Small runs with how many writes are lost and how many reads are stale, counted by hand.
fn cases() -> Vec<(&'static str, Cluster, u64, u64)> {
    let mut cases = Vec::new();

    // Each of these replaces the one before on purpose.
    let mut peace = cluster(System::Quorum, "ap");
    for value in ["1", "2", "3"] {
        write(&mut peace, 1, 0, value);
        // New when it was read, whatever comes after.
        read(&mut peace, 2, 4);
    }
    cases.push(("overwritten in peace", peace, 0, 0));

    // The minority keeps it, nobody acknowledged it, and in the end the other one counts.
    let mut unknown = cluster(System::Quorum, "cp");
    fault(&mut unknown, Fault::cut_between(&S[..2], &S[2..]));
    write(&mut unknown, 1, 0, "nobody knows");
    write(&mut unknown, 2, 4, "other");
    heal(&mut unknown);
    read(&mut unknown, 1, 0);
    cases.push(("unknown and gone", unknown, 0, 0));

    // Of the left side's three, two were overwritten on the left: gone with the third. The left
    // reads what it wrote before the right wrote, twice.
    let mut torn = cluster(System::Quorum, "ap");
    cut(&mut torn);
    ["1", "2", "3"].into_iter().for_each(|value| write(&mut torn, 1, 0, value));
    write(&mut torn, 2, 4, "right");
    read(&mut torn, 1, 0);
    read(&mut torn, 1, 1);
    heal(&mut torn);
    read(&mut torn, 1, 0);
    cases.push(("both sides wrote", torn, 3, 2));

    // It lives on the disk of a server that is down, so it may still come back.
    let mut down = cluster(System::Quorum, "ap");
    fault(&mut down, Fault::cut_between(&S[..1], &S[1..]));
    wait(&mut down, 400);
    write(&mut down, 1, 0, "alone");
    fault(&mut down, Fault::Crash(S[0]));
    wait(&mut down, 300);
    cases.push(("on a disk that is off", down, 0, 0));

    let mut fast = cluster(System::Quorum, "ap");
    let offset_us = 3_000_000;
    fault(&mut fast, Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us });
    write(&mut fast, 1, 0, "fast");
    write(&mut fast, 2, 1, "later");
    read(&mut fast, 3, 2);
    cases.push(("a clock that is fast", fast, 1, 1));

    // S1 is the primary; two of what it answers alone are gone once S5 was promoted.
    let mut failover = cluster(System::PrimaryBackup, "cp");
    write(&mut failover, 1, 0, "shipped");
    cut(&mut failover);
    write(&mut failover, 1, 0, "tail 1");
    write(&mut failover, 1, 0, "tail 2");
    let act = Command::TransferLeadership { via: S[4], to: S[4] };
    failover.act(&act).expect("it runs");
    write(&mut failover, 2, 4, "new");
    heal(&mut failover);
    read(&mut failover, 1, 0);
    cases.push(("a failover", failover, 2, 0));

    let mut raft = cluster(System::Raft, "cp");
    cut(&mut raft);
    write(&mut raft, 1, 0, "left");
    write(&mut raft, 2, 4, "right");
    wait(&mut raft, 1_000);
    heal(&mut raft);
    read(&mut raft, 1, 0);
    cases.push(("Raft", raft, 0, 0));
    cases
}

type Wrong = (&'static str, fn(&Cluster) -> u64);

fn writes(cluster: &Cluster) -> impl Iterator<Item = &Asked> {
    cluster.clients().asked().iter().filter(|asked| asked.written().is_some())
}

fn is_nowhere(cluster: &Cluster, asked: &Asked) -> bool {
    cluster.holders(asked).next().is_none()
}

/// Counters of lost writes that somebody might write.
const WRONG_LOSSES: [Wrong; 5] = [
    ("whatever is nowhere is lost", |cluster| {
        let gone = |asked: &&Asked| asked.is_done() && is_nowhere(cluster, asked);
        writes(cluster).filter(gone).count() as u64
    }),
    ("what nobody acknowledged counts as well", |cluster| {
        let gone = |asked: &&Asked| !asked.is_done() && is_nowhere(cluster, asked);
        cluster.lost_writes().len() as u64 + writes(cluster).filter(gone).count() as u64
    }),
    ("a disk that is off is no place", |cluster| {
        let on_running = |asked: &Asked| {
            let runs = |node: &NodeId| {
                cluster.world().node(*node).is_some_and(|node| node.process().is_some())
            };
            cluster.holders(asked).any(|node| runs(&node))
        };
        let first_gone = |asked: &&Asked| asked.is_done() && !on_running(asked);
        let known = cluster.lost_writes().len() as u64;
        known.max(writes(cluster).filter(first_gone).take(1).count() as u64)
    }),
    ("who was overwritten by anybody is not lost", |cluster| {
        let last = cluster.lost_writes().last().copied();
        u64::from(last.is_some())
    }),
    ("nothing is ever lost", |_| 0),
];

/// Counters of stale reads that somebody might write.
const WRONG_STALENESS: [Wrong; 3] = [
    ("whatever is not the last write is stale", |cluster| {
        let asked = cluster.clients().asked();
        let last = writes(cluster).last().and_then(|asked| asked.written().flatten());
        let is_other = |asked: &&Asked| match &asked.fate {
            Fate::Done(found) => asked.written().is_none() && found.first().map(|it| &**it) != last,
            _ => false,
        };
        asked.iter().filter(is_other).count() as u64
    }),
    ("one a run is enough", |cluster| cluster.counters().stale_reads.min(1)),
    ("nothing is ever stale", |_| 0),
];

#[test]
fn the_counters_get_every_case_right_and_every_wrong_counter_gets_one_wrong() {
    let cases = cases();
    for (name, cluster, lost, stale) in &cases {
        let counters = cluster.counters();
        assert_eq!((counters.lost_writes, counters.stale_reads), (*lost, *stale), "{name}");
    }
    for (wrong, count) in WRONG_LOSSES {
        let caught = cases.iter().any(|(_, cluster, lost, _)| count(cluster) != *lost);
        assert!(caught, "no case shows that this is wrong: {wrong}");
    }
    for (wrong, count) in WRONG_STALENESS {
        let caught = cases.iter().any(|(_, cluster, _, stale)| count(cluster) != *stale);
        assert!(caught, "no case shows that this is wrong: {wrong}");
    }
}

/// Cuts, heals, crashes and pauses at random instants.
fn troubles(seed: u64) -> Vec<(u64, Command)> {
    let mut random = Random::from_seed(seed);
    let mut acts = Vec::new();
    let mut at_us = 600_000;
    while at_us < 7_000_000 {
        let node = S[random.below(5) as usize];
        let side: Vec<NodeId> = S.into_iter().filter(|_| random.below(2) == 0).collect();
        let others: Vec<NodeId> = S.into_iter().filter(|node| !side.contains(node)).collect();
        let fault = match random.below(8) {
            0..=2 => Fault::cut_between(&side, &others),
            3 | 4 => Fault::HealAll,
            5 => Fault::Crash(node),
            6 => Fault::Restart(node),
            _ => Fault::Pause(node),
        };
        acts.push((at_us, Command::Faults(vec![fault])));
        at_us += 50_000 + random.below(900_000);
    }
    acts.push((7_000_000, Command::Faults(vec![Fault::HealAll])));
    for node in S {
        acts.push((7_000_000, Command::Faults(vec![Fault::Restart(node)])));
        acts.push((7_000_000, Command::Faults(vec![Fault::Resume(node)])));
    }
    acts
}

#[test]
fn whatever_happens_raft_and_cp_lose_nothing_and_the_sums_are_right() {
    let mut lost_by_primary_backup = 0;
    for seed in 0..24 {
        let mut comparison = Comparison::new(&LabSettings::new(5, seed));
        comparison.play(&troubles(seed), 11_000_000).expect("far from any limit");
        for system in System::ALL {
            let report = comparison.report(system);
            let counters = report.counters;
            let over = counters.answered + counters.refused + counters.unknown;
            assert!(over <= counters.asked, "{seed} {system:?}");
            assert!(counters.stale_reads + counters.lost_writes <= counters.answered);
            let silences = report.availability.silences.len() as u64;
            assert!(silences <= counters.refused + counters.unknown, "{seed} {system:?}");
            assert_eq!(counters.every_live_server_answers, silences == 0);
            let gaps = &report.availability.gaps;
            assert!(gaps.windows(2).all(|pair| pair[0].1 < pair[1].0), "{seed} {gaps:?}");
            match system {
                System::PrimaryBackup => lost_by_primary_backup += counters.lost_writes,
                _ => assert_eq!(
                    (counters.lost_writes, counters.stale_reads),
                    (0, 0),
                    "seed {seed}, {system:?}"
                ),
            }
        }
    }
    assert!(lost_by_primary_backup > 0);
}
