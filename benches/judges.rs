//! What judging costs: the same runs with and without the judges.
//!
//! `cargo bench --no-default-features --bench judges [-- SEEDS]`

use std::time::{Duration, Instant};

use rift::check::raft::RaftJudges;
use rift::explore::{Plan, RaftSubject, Subject, run};
use rift::labs::raft::RaftProcess;
use rift::sim::World;

fn main() {
    let seeds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(300);
    let subject = RaftSubject::genuine();
    let plans: Vec<Plan<RaftProcess>> = (0..seeds).map(|seed| subject.plan(seed)).collect();
    let mut events = 0;
    let (mut bare, mut judged) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let (took, count) = time(&plans, |plan| play(plan, |_| {}));
        (bare, events) = (bare.min(took), count);
        let (took, count) = time(&plans, |plan| {
            let mut judges = RaftJudges::new(plan.settings.nodes);
            play(plan, |world| judges.observe(world))
        });
        assert_eq!(count, events, "judges change nothing");
        judged = judged.min(took);
    }
    let rate = |took: Duration| events as f64 / took.as_secs_f64() / 1e6;
    println!("{seeds} runs, {events} events in the safety phase");
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

fn time(
    plans: &[Plan<RaftProcess>],
    play: impl Fn(&Plan<RaftProcess>) -> usize,
) -> (Duration, usize) {
    let start = Instant::now();
    let events = plans.iter().map(play).sum();
    (start.elapsed(), events)
}

fn play(plan: &Plan<RaftProcess>, mut watch: impl FnMut(&World<RaftProcess>)) -> usize {
    let mut world = World::<RaftProcess>::new(plan.settings.clone());
    watch(&world);
    for action in &plan.actions {
        world.advance_watched(action.at_us, &mut watch).expect("the history has room");
        let _ = action.act.apply(&mut world);
        watch(&world);
    }
    world.history().len()
}
