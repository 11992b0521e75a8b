//! What judging costs: the same runs with and without the judges.
//!
//! `cargo bench --no-default-features --bench judges [-- SEEDS]`

use std::time::{Duration, Instant};

use rift::check::raft::RaftJudges;
use rift::explore::{Plan, RaftSubject, Subject, run, stage_after};
use rift::labs::raft::{RaftProcess, RaftRequest};
use rift::sim::{Fault, Happening, NodeId, World, WorldSettings};

fn main() {
    let seeds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(300);
    let subject = RaftSubject::genuine();
    let plans: Vec<Plan> = (0..seeds).map(|seed| subject.plan(seed)).collect();
    let runs: Vec<Bare> = plans.iter().map(|plan| Bare::of(&subject, plan)).collect();
    let mut events = 0;
    let (mut bare, mut judged) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let (took, count) = time(&runs, |run| play(run, |_| {}));
        (bare, events) = (bare.min(took), count);
        let (took, count) = time(&runs, |run| {
            let mut judges = RaftJudges::new(run.settings.nodes);
            play(run, |world| judges.observe(world))
        });
        assert_eq!(count, events, "judges change nothing");
        judged = judged.min(took);
    }
    let rate = |took: Duration| events as f64 / took.as_secs_f64() / 1e6;
    println!("{seeds} runs, {events} events");
    println!("without judges {:.2} M events/s", rate(bare));
    println!("with judges    {:.2} M events/s", rate(judged));
    let share = 100.0 * (1.0 - bare.as_secs_f64() / judged.as_secs_f64());
    println!("judges take {share:.1} % of the run");

    let start = Instant::now();
    let whole: usize = plans.iter().map(|plan| run(&subject, plan).events).sum();
    let took = start.elapsed();
    let per_second = plans.len() as f64 / took.as_secs_f64();
    println!("whole runs with the liveness phase: {per_second:.0} a second, {whole} events");
}

/// A run without its clients: what came to the world, and when.
struct Bare {
    settings: WorldSettings<<RaftProcess as rift::sim::Process>::Setup>,
    inputs: Vec<(u64, Given)>,
    ends_us: u64,
}

enum Given {
    Fault(Fault),
    Request(NodeId, RaftRequest),
}

impl Bare {
    fn of(subject: &RaftSubject, plan: &Plan) -> Bare {
        let (outcome, cluster) = stage_after(subject, plan);
        let world = cluster.world();
        let given = world.history().records().iter().filter_map(|record| {
            let what = match &record.what {
                Happening::Fault(fault) => Given::Fault(fault.clone()),
                Happening::Requested { node, request } => Given::Request(*node, request.clone()),
                _ => return None,
            };
            Some((record.at_us, what))
        });
        let (settings, ends_us) = (world.settings().clone(), outcome.simulated_us);
        Bare { settings, inputs: given.collect(), ends_us }
    }
}

fn time(runs: &[Bare], play: impl Fn(&Bare) -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let events = runs.iter().map(play).sum();
    (start.elapsed(), events)
}

fn play(run: &Bare, mut watch: impl FnMut(&World<RaftProcess>)) -> usize {
    let mut world = World::<RaftProcess>::new(run.settings.clone());
    watch(&world);
    for (at_us, what) in &run.inputs {
        world.advance_watched(*at_us, &mut watch).expect("the history has room");
        let _ = match what {
            Given::Fault(fault) => world.inject(fault.clone()),
            Given::Request(node, request) => world.request(*node, request.clone()),
        };
        watch(&world);
    }
    world.advance_watched(run.ends_us, &mut watch).expect("the history has room");
    world.history().len()
}
