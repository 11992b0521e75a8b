//! Searching for broken promises with all cores of a machine.
//!
//! ```text
//! rift explore raft --seeds 1000000 --jobs 8 --state sweep.txt
//! rift explore raft --state sweep.txt        goes on where it stopped, or was stopped
//! rift check raft --seed 7                   one run: its hash and what the judges say
//! rift explore partial-views                 links that stay cut: do leaders stay, does one lead?
//! ```
//!
//! Build it for speed: `cargo run --profile bench --no-default-features --features cli --bin rift`.
//! (The release profile is the page's, and made for size.)
//!
//! Ctrl-C at any time is safe: the state file holds all runs up to a second ago.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use crate::check::Property;
use crate::explore::{
    Act, Outcome, PartialViews, Plan, RaftSubject, Subject, Tally, run, shrink, sweep,
};
use crate::labs::raft::RaftProcess;
use crate::sorted::SortedMap;

/// Seeds that a thread takes at once.
const CHUNK: u64 = 100;

/// Broken seeds that are shrunk and shown.
const SHOWN: usize = 3;

/// Runs that shrinking one of them may take.
const SHRINK_RUNS: usize = 5_000;

const USAGE: &str = "usage:
  rift explore raft|partial-views [--seeds N] [--start S] [--jobs J] [--state FILE]
  rift check raft|partial-views --seed S";

/// `rift explore …` and `rift check …`.
pub(super) fn main(arguments: &[String]) -> ExitCode {
    match Command::parse(arguments) {
        Ok(Command::Explore(options)) => match explore(&options) {
            Ok(tally) if tally.broken.is_empty() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("rift: {error}");
                ExitCode::from(2)
            }
        },
        Ok(Command::Check { what, seed }) => check(what, seed),
        Err(mistake) => {
            eprintln!("rift: {mistake}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Command {
    Explore(Options),
    Check { what: What, seed: u64 },
}

/// What can be explored by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    /// Clusters under the nemesis.
    #[default]
    Raft,
    /// Clusters in which some links stay cut.
    PartialViews,
}

impl What {
    fn named(name: &str) -> Option<What> {
        [What::Raft, What::PartialViews].into_iter().find(|what| what.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            What::Raft => "raft",
            What::PartialViews => "partial-views",
        }
    }

    fn sweep(self, seeds: impl IntoIterator<Item = u64>) -> Tally {
        match self {
            What::Raft => sweep(&RaftSubject::genuine(), seeds),
            What::PartialViews => sweep(&PartialViews::genuine(), seeds),
        }
    }

    fn run(self, seed: u64) -> Outcome {
        match self {
            What::Raft => run_seed(&RaftSubject::genuine(), seed),
            What::PartialViews => run_seed(&PartialViews::genuine(), seed),
        }
    }

    /// The few actions by which a seed breaks a promise.
    fn shrink(self, seed: u64, property: Property) -> Option<Plan<RaftProcess>> {
        match self {
            What::Raft => shrink_seed(&RaftSubject::genuine(), seed, property),
            What::PartialViews => shrink_seed(&PartialViews::genuine(), seed, property),
        }
    }
}

fn run_seed<S: Subject>(subject: &S, seed: u64) -> Outcome {
    run(subject, &subject.plan(seed))
}

fn shrink_seed<S: Subject>(subject: &S, seed: u64, property: Property) -> Option<Plan<S::Process>> {
    Some(shrink(subject, &subject.plan(seed), property, SHRINK_RUNS)?.plan)
}

/// What is to be explored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Options {
    what: What,
    seeds: u64,
    start: u64,
    jobs: usize,
    state: Option<String>,
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Command, String> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (verb, name, flags) = match &words[..] {
            [verb @ ("explore" | "check"), name, flags @ ..] => (*verb, *name, flags),
            _ => return Err("what shall be done?".to_owned()),
        };
        let what = What::named(name).ok_or(format!("no such subject: {name}"))?;
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        let mut options = Options { what, seeds: 10_000, start: 0, jobs, state: None };
        let mut seed = None;
        for pair in flags.chunks(2) {
            let [flag, value] = pair else {
                return Err(format!("{} needs a value", pair[0]));
            };
            let number = || value.parse().map_err(|_| format!("{flag} {value}: not a number"));
            match (verb, *flag) {
                ("explore", "--seeds") => options.seeds = number()?,
                ("explore", "--start") => options.start = number()?,
                ("explore", "--jobs") => options.jobs = (number()? as usize).clamp(1, 256),
                ("explore", "--state") => options.state = Some((*value).to_owned()),
                ("check", "--seed") => seed = Some(number()?),
                _ => return Err(format!("no such option: {flag}")),
            }
        }
        match (verb, seed) {
            ("explore", _) => Ok(Command::Explore(options)),
            (_, Some(seed)) => Ok(Command::Check { what, seed }),
            (_, None) => Err("check needs --seed".to_owned()),
        }
    }
}

/// How far a sweep has come. All seeds before `next` are in the tally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    what: What,
    start: u64,
    end: u64,
    next: u64,
    tally: Tally,
}

impl State {
    /// The first line of a state file.
    fn format(what: What) -> String {
        format!("rift explore {} 1", what.name())
    }

    /// The file's text. Broken seeds are kept as numbers: what they break can be seen again.
    fn to_text(&self) -> String {
        let Tally { runs, events, simulated_us, halted, hash, broken } = &self.tally;
        let mut text = format!(
            "{}\nstart {}\nend {}\nnext {}\nruns {runs}\nevents {events}\n\
             simulated_us {simulated_us}\nhalted {halted}\nhash {hash}\n",
            Self::format(self.what),
            self.start,
            self.end,
            self.next
        );
        for (seed, _) in broken {
            let _ = writeln!(text, "broken {seed}");
        }
        text
    }

    fn from_text(what: What, text: &str) -> Result<State, String> {
        let mut lines = text.lines();
        if lines.next() != Some(&Self::format(what)) {
            return Err("not a state file of this version and subject".to_owned());
        }
        let mut state = State { what, ..State::default() };
        for line in lines {
            let parsed = line.split_once(' ').and_then(|(name, n)| Some((name, n.parse().ok()?)));
            let (name, number): (&str, u64) =
                parsed.ok_or_else(|| format!("not a line of a state file: {line}"))?;
            match name {
                "start" => state.start = number,
                "end" => state.end = number,
                "next" => state.next = number,
                "runs" => state.tally.runs = number,
                "events" => state.tally.events = number,
                "simulated_us" => state.tally.simulated_us = number,
                "halted" => state.tally.halted = number,
                "hash" => state.tally.hash = number,
                "broken" => {
                    let again = what.sweep([number]);
                    state.tally.broken.extend(again.broken);
                }
                _ => return Err(format!("not a line of a state file: {line}")),
            }
        }
        Ok(state)
    }

    fn load(options: &Options) -> Result<State, String> {
        let end = options.start.saturating_add(options.seeds);
        let (what, start, tally) = (options.what, options.start, Tally::default());
        let fresh = State { what, start, end, next: start, tally };
        let Some(path) = &options.state else {
            return Ok(fresh);
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                State::from_text(what, &text).map_err(|mistake| format!("{path}: {mistake}"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(fresh),
            Err(error) => Err(format!("{path}: {error}")),
        }
    }

    /// Writes beside the file and renames, so that there is a whole file at any time.
    fn save(&self, options: &Options) -> Result<(), String> {
        let Some(path) = &options.state else {
            return Ok(());
        };
        let beside = format!("{path}.new");
        let written = fs::write(&beside, self.to_text()).and_then(|()| fs::rename(&beside, path));
        written.map_err(|error| format!("{path}: {error}"))
    }
}

fn explore(options: &Options) -> Result<Tally, String> {
    let mut state = State::load(options)?;
    let (from, end) = (state.next, state.end);
    let next = AtomicU64::new(from);
    let begun = Instant::now();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..options.jobs {
            let (sender, next) = (sender.clone(), &next);
            let what = options.what;
            scope.spawn(move || work(what, next, end, &sender));
        }
        drop(sender);
        collect(&receiver, &mut state, options, begun)
    })?;
    report(&state, begun.elapsed());
    show_broken(options.what, &state.tally);
    Ok(state.tally)
}

/// Takes chunks of seeds until there are none, or nobody listens any more.
fn work(what: What, next: &AtomicU64, end: u64, sender: &mpsc::Sender<(u64, Tally)>) {
    loop {
        let from = next.fetch_add(CHUNK, Ordering::Relaxed);
        if from >= end {
            return;
        }
        let tally = what.sweep(from..end.min(from + CHUNK));
        if sender.send((from, tally)).is_err() {
            return;
        }
    }
}

/// Puts the parts together in order, so that the state is always a whole beginning.
fn collect(
    receiver: &mpsc::Receiver<(u64, Tally)>,
    state: &mut State,
    options: &Options,
    begun: Instant,
) -> Result<(), String> {
    let mut early: SortedMap<u64, Tally> = SortedMap::new();
    let mut saved = Instant::now();
    while let Ok((from, tally)) = receiver.recv() {
        early.insert(from, tally);
        while let Some(tally) = early.remove(&state.next) {
            state.next = state.end.min(state.next + CHUNK);
            state.tally.merge(tally);
        }
        if saved.elapsed() >= Duration::from_secs(1) {
            saved = Instant::now();
            state.save(options)?;
            progress(state, begun.elapsed());
        }
    }
    eprintln!();
    state.save(options)
}

fn progress(state: &State, took: Duration) {
    let (done, all) = (state.next - state.start, state.end - state.start);
    let broken = state.tally.broken.len();
    eprint!("\r{done} of {all} seeds, {broken} broken, {} s ", took.as_secs());
}

fn report(state: &State, took: Duration) {
    let Tally { runs, events, simulated_us, halted, hash, broken } = &state.tally;
    let hours = simulated_us / 3_600_000_000;
    println!("seeds {} to {}: {runs} runs, {events} events", state.start, state.next);
    println!("{hours} simulated hours, {halted} runs cut short, hash {hash:016x}");
    println!("{} broken; this session took {:.1} s", broken.len(), took.as_secs_f64());
}

fn show_broken(what: What, tally: &Tally) {
    for (seed, violation) in tally.broken.iter().take(SHOWN) {
        println!("\nseed {seed}: {}: {}", violation.property.name(), violation.finding);
        if let Some(plan) = what.shrink(*seed, violation.property) {
            println!("shrunk to {} actions:", plan.actions.len());
            print!("{}", list(&plan));
        }
    }
}

fn list(plan: &Plan<RaftProcess>) -> String {
    let mut text = String::new();
    for action in &plan.actions {
        let _ = match &action.act {
            Act::Fault(fault) => writeln!(text, "{:>9} µs  {fault:?}", action.at_us),
            Act::Request { node, request } => {
                writeln!(text, "{:>9} µs  {node} {request:?}", action.at_us)
            }
            Act::Message { nth, fate } => {
                writeln!(text, "{:>9} µs  {fate:?} message {nth} on its way", action.at_us)
            }
        };
    }
    text
}

fn check(what: What, seed: u64) -> ExitCode {
    let outcome = what.run(seed);
    println!("seed {seed}: {} events, hash {:016x}", outcome.events, outcome.hash);
    for property in Property::ALL {
        match outcome.verdicts.of(property) {
            None => println!("  ok      {}", property.name()),
            Some(violation) => println!("  BROKEN  {}: {}", property.name(), violation.finding),
        }
    }
    if outcome.verdicts.all_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Command::parse(&words)
    }

    #[test]
    fn what_is_asked_is_understood_or_refused_by_name() {
        let (what, state) = (What::Raft, Some("s.txt".to_owned()));
        let options = Options { what, seeds: 50, start: 7, jobs: 2, state };
        assert_eq!(
            parse("explore raft --seeds 50 --start 7 --jobs 2 --state s.txt"),
            Ok(Command::Explore(options))
        );
        assert_eq!(parse("check raft --seed 9"), Ok(Command::Check { what, seed: 9 }));
        let what = What::PartialViews;
        assert_eq!(parse("check partial-views --seed 9"), Ok(Command::Check { what, seed: 9 }));
        for (line, mistake) in [
            ("", "what shall be done?"),
            ("explore paxos", "no such subject: paxos"),
            ("explore raft --seeds", "--seeds needs a value"),
            ("explore raft --seeds many", "--seeds many: not a number"),
            ("explore raft --seed 1", "no such option: --seed"),
            ("check raft", "check needs --seed"),
        ] {
            assert_eq!(parse(line), Err(mistake.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_state_survives_its_file() {
        let tally = sweep(&RaftSubject::genuine(), 0..3);
        let what = What::Raft;
        let state = State { what, start: 0, end: 10, next: 3, tally };
        assert_eq!(State::from_text(what, &state.to_text()), Ok(state.clone()));
        assert!(State::from_text(What::PartialViews, &state.to_text()).is_err());
        assert!(State::from_text(what, "something else").is_err());
        assert!(State::from_text(what, &format!("{}\nnext soon", State::format(what))).is_err());
    }

    /// However many threads there are, and however often it was stopped, the result is the same.
    #[test]
    fn a_sweep_in_parts_by_several_threads_is_the_same_sweep() {
        let path = std::env::temp_dir().join(format!("rift-sweep-{}.txt", std::process::id()));
        let path = path.to_str().expect("a plain name").to_owned();
        let what = What::Raft;
        let options = |seeds, state| Options { what, seeds, start: 0, jobs: 3, state };
        let whole = explore(&options(250, None)).expect("nothing to write");
        let begun = State {
            what,
            start: 0,
            end: 250,
            next: CHUNK,
            tally: sweep(&RaftSubject::genuine(), 0..CHUNK),
        };
        begun.save(&options(250, Some(path.clone()))).expect("a place for temporary files");
        let resumed = explore(&options(250, Some(path.clone()))).expect("it goes on");
        fs::remove_file(&path).expect("it is there");
        assert_eq!(resumed, whole);
        assert_eq!(whole, sweep(&RaftSubject::genuine(), 0..250));
    }
}
