//! What judging costs: the same runs with and without the judges.
//!
//! `cargo bench --no-default-features --bench judges [-- SEEDS]`

mod bare;

use std::time::{Duration, Instant};

use rift::check::raft::RaftJudges;
use rift::explore::{Plan, RaftSubject, Subject, run};

use bare::Bare;

fn main() {
    let seeds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(300);
    let subject = RaftSubject::genuine();
    let plans: Vec<Plan> = (0..seeds).map(|seed| subject.plan(seed)).collect();
    let runs: Vec<Bare> = plans.iter().map(|plan| Bare::of(&subject, plan)).collect();
    let mut events = 0;
    let (mut bare, mut judged) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let (took, count) = time(&runs, |run| run.play(|_| {}));
        (bare, events) = (bare.min(took), count);
        let (took, count) = time(&runs, |run| {
            let mut judges = RaftJudges::new(run.settings.nodes);
            run.play(|world| judges.observe(world))
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

fn time(runs: &[Bare], play: impl Fn(&Bare) -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let events = runs.iter().map(play).sum();
    (start.elapsed(), events)
}
