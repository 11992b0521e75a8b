//! Searching for broken promises with all cores of a machine.
//!
//! ```text
//! rift explore raft --seeds 1000000 --jobs 8 --state sweep.txt
//! rift explore raft --state sweep.txt        goes on where it stopped, or was stopped
//! rift explore raft --save found             scripts of broken seeds go into files, too
//! rift check raft --seed 7                   one run: its hash and what the judges say
//! rift explore partial-views                 links that stay cut: do leaders stay, does one lead?
//! rift explore cap --seeds 10000             stores of every setting: is what they promise kept?
//! rift explore cap --demand linearizability --set "read-repair off"
//!                                            what nobody has promised: when does it break?
//! rift explore events                        shops with a log of events, of every setting
//! ```
//!
//! A broken seed is shrunk to the fewest actions and printed as a script, which `rift run` replays.
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

use super::{say, wrong};
use crate::check::Property;
use crate::explore::{
    CapSubject, EventsSubject, Outcome, PartialViews, RaftSubject, Subject, Tally, run, script,
    shrink, sweep,
};
use crate::labs::{ScriptedEntry, Setting, find_scripted};
use crate::scenario::{self, promise_name};
use crate::sorted::SortedMap;

/// Seeds that a thread takes at once.
const CHUNK: u64 = 100;

/// Broken seeds that are shrunk and shown.
const SHOWN: usize = 3;

/// Runs that shrinking one of them may take.
const SHRINK_RUNS: usize = 5_000;

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
        Ok(Command::Check { searched, seed }) => check(&searched, seed),
        Err(mistake) => wrong(&mistake.to_string()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Command {
    Explore(Options),
    Check { searched: Searched, seed: u64 },
}

/// What can be explored by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    /// Clusters under the nemesis.
    #[default]
    Raft,
    /// Clusters in which some links stay cut.
    PartialViews,
    /// Stores of the CAP lab under the nemesis.
    Cap,
    /// Shops of the event sourcing lab under the nemesis.
    Events,
}

impl What {
    fn named(name: &str) -> Option<What> {
        let all = [What::Raft, What::PartialViews, What::Cap, What::Events];
        all.into_iter().find(|what| what.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            What::Raft => "raft",
            What::PartialViews => "partial-views",
            What::Cap => "cap",
            What::Events => "events",
        }
    }

    /// What its runs are judged by.
    fn promises(self) -> impl Iterator<Item = Property> {
        let of_stores = [Property::ReplicasConverge, Property::ServedInPeace];
        let scripted = self.lab().promises;
        Property::ALL.into_iter().filter(move |property| match self {
            What::Cap => scripted.contains(property) || of_stores.contains(property),
            What::Events => scripted.contains(property),
            What::Raft | What::PartialViews => *property <= Property::LeadersStay,
        })
    }

    /// The lab whose runs they are.
    fn lab(self) -> &'static ScriptedEntry {
        let name = match self {
            What::Raft | What::PartialViews => "raft",
            What::Cap => "cap",
            What::Events => "events",
        };
        find_scripted(name).expect("they are all in the registry")
    }
}

/// What is explored: a subject, and what all of its runs are set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Searched {
    what: What,
    /// Settings that every run has, as scripts have them.
    lines: Vec<String>,
    set: Vec<Setting>,
    /// Judged whether it is promised or not.
    demanded: Vec<Property>,
}

impl Searched {
    fn new(what: What, lines: &[&str], demanded: Vec<Property>) -> Result<Searched, String> {
        let set = settings(what, lines)?;
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Ok(Searched { what, lines, set, demanded })
    }

    fn cap(&self) -> CapSubject {
        CapSubject::genuine().always(self.set.clone()).demanding(&self.demanded)
    }

    fn events(&self) -> EventsSubject {
        EventsSubject::genuine().always(self.set.clone()).demanding(&self.demanded)
    }

    fn raft(&self) -> RaftSubject {
        RaftSubject::genuine().always(self.set.clone())
    }

    fn partial_views(&self) -> PartialViews {
        PartialViews::genuine().always(self.set.clone())
    }

    fn sweep(&self, seeds: impl IntoIterator<Item = u64>) -> Tally {
        match self.what {
            What::Raft => sweep(&self.raft(), seeds),
            What::PartialViews => sweep(&self.partial_views(), seeds),
            What::Cap => sweep(&self.cap(), seeds),
            What::Events => sweep(&self.events(), seeds),
        }
    }

    fn run(&self, seed: u64) -> Outcome {
        match self.what {
            What::Raft => run_seed(&self.raft(), seed),
            What::PartialViews => run_seed(&self.partial_views(), seed),
            What::Cap => run_seed(&self.cap(), seed),
            What::Events => run_seed(&self.events(), seed),
        }
    }

    /// Scripts that reproduce the first broken seeds in the fewest actions, each with its seed.
    fn scripts_of_broken(&self, tally: &Tally) -> Vec<(u64, String)> {
        match self.what {
            What::Raft => scripts_of_broken(&self.raft(), tally),
            What::PartialViews => scripts_of_broken(&self.partial_views(), tally),
            What::Cap => scripts_of_broken(&self.cap(), tally),
            What::Events => scripts_of_broken(&self.events(), tally),
        }
    }

    /// The first line of a state file.
    fn format(&self) -> String {
        let mut format = format!("rift explore {} 1", self.what.name());
        for line in &self.lines {
            let _ = write!(format, " --set \"{line}\"");
        }
        for property in &self.demanded {
            let _ = write!(format, " --demand {}", promise_name(*property));
        }
        format
    }
}

fn run_seed<S: Subject>(subject: &S, seed: u64) -> Outcome {
    run(subject, &subject.plan(seed))
}

/// What is to be explored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Options {
    searched: Searched,
    seeds: u64,
    start: u64,
    jobs: usize,
    state: Option<String>,
    /// Where scripts of broken seeds go, besides the standard output.
    save: Option<String>,
}

/// Settings as scripts have them.
fn settings(what: What, lines: &[&str]) -> Result<Vec<Setting>, String> {
    let lab = what.lab().lab.name;
    let text = format!("rift 1\nlab {lab}\n{}\n", lines.join("\n"));
    let scenario = scenario::parse(&text).map_err(|error| format!("--set: {}", error.wrong))?;
    let set = scenario.settings.tuning.protocol;
    if set.len() == lines.len() {
        Ok(set)
    } else {
        Err(format!("not settings of {lab}: {}", lines.join(", ")))
    }
}

/// A promise by its name in scripts, if it can be demanded of `what`.
fn demandable(what: What, name: &str) -> Result<Property, String> {
    let all = match what {
        What::Raft | What::PartialViews => &[][..],
        What::Cap => &CapSubject::DEMANDABLE,
        What::Events => &EventsSubject::DEMANDABLE,
    };
    let found = all.iter().copied().find(|property| promise_name(*property) == name);
    found.ok_or_else(|| format!("not to be demanded of {}: {name}", what.name()))
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Command, String> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (verb, name, flags) = match &words[..] {
            [verb @ ("explore" | "check"), name, flags @ ..] => (*verb, *name, flags),
            _ => return Err("what shall be done?".to_owned()),
        };
        let what = What::named(name).ok_or(format!("no such subject: {name}"))?;
        let mut jobs = thread::available_parallelism().map_or(1, usize::from);
        let (mut seed, mut set, mut demanded) = (None, Vec::new(), Vec::new());
        let (mut seeds, mut start, mut state, mut save) = (10_000, 0, None, None);
        for pair in flags.chunks(2) {
            let [flag, value] = pair else {
                return Err(format!("{} needs a value", pair[0]));
            };
            let number = || value.parse().map_err(|_| format!("{flag} {value}: not a number"));
            match (verb, *flag) {
                ("explore", "--seeds") => seeds = number()?,
                ("explore", "--start") => start = number()?,
                ("explore", "--jobs") => jobs = (number()? as usize).clamp(1, 256),
                ("explore", "--state") => state = Some((*value).to_owned()),
                ("explore", "--save") => save = Some((*value).to_owned()),
                (_, "--set") => set.push(*value),
                (_, "--demand") => demanded.push(demandable(what, value)?),
                ("check", "--seed") => seed = Some(number()?),
                _ => return Err(format!("no such option: {flag}")),
            }
        }
        let searched = Searched::new(what, &set, demanded)?;
        match (verb, seed) {
            ("explore", _) => {
                Ok(Command::Explore(Options { searched, seeds, start, jobs, state, save }))
            }
            (_, Some(seed)) => Ok(Command::Check { searched, seed }),
            (_, None) => Err("check needs --seed".to_owned()),
        }
    }
}

/// How far a sweep has come. All seeds before `next` are in the tally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    searched: Searched,
    start: u64,
    end: u64,
    next: u64,
    tally: Tally,
}

impl State {
    /// The file's text. Broken seeds are kept as numbers: what they break can be seen again.
    fn to_text(&self) -> String {
        let Tally { runs, events, simulated_us, halted, unjudged, hash, broken } = &self.tally;
        let mut text = format!(
            "{}\nstart {}\nend {}\nnext {}\nruns {runs}\nevents {events}\n\
             simulated_us {simulated_us}\nhalted {halted}\nunjudged {unjudged}\nhash {hash}\n",
            self.searched.format(),
            self.start,
            self.end,
            self.next
        );
        for (seed, _) in broken {
            let _ = writeln!(text, "broken {seed}");
        }
        text
    }

    fn from_text(searched: &Searched, text: &str) -> Result<State, String> {
        let mut lines = text.lines();
        if lines.next() != Some(&searched.format()) {
            return Err("not a state file of this version and subject".to_owned());
        }
        let mut state = State { searched: searched.clone(), ..State::default() };
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
                "unjudged" => state.tally.unjudged = number,
                "hash" => state.tally.hash = number,
                "broken" => {
                    let again = searched.sweep([number]);
                    state.tally.broken.extend(again.broken);
                }
                _ => return Err(format!("not a line of a state file: {line}")),
            }
        }
        Ok(state)
    }

    fn load(options: &Options) -> Result<State, String> {
        let end = options.start.saturating_add(options.seeds);
        let (searched, start) = (&options.searched, options.start);
        let tally = Tally::default();
        let fresh = State { searched: searched.clone(), start, end, next: start, tally };
        let Some(path) = &options.state else {
            return Ok(fresh);
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                State::from_text(searched, &text).map_err(|mistake| format!("{path}: {mistake}"))
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
            scope.spawn(move || work(options, next, end, &sender));
        }
        drop(sender);
        collect(&receiver, &mut state, options, begun)
    })?;
    report(&state, begun.elapsed());
    for (seed, text) in options.searched.scripts_of_broken(&state.tally) {
        say(&format!("\n{text}\n"));
        save_script(options, seed, &text)?;
    }
    Ok(state.tally)
}

/// Takes chunks of seeds until there are none, or nobody listens any more.
fn work(options: &Options, next: &AtomicU64, end: u64, sender: &mpsc::Sender<(u64, Tally)>) {
    loop {
        let after = |from: u64| (from < end).then(|| from.saturating_add(CHUNK).min(end));
        let Ok(from) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after) else {
            return;
        };
        let tally = options.searched.sweep(from..end.min(from.saturating_add(CHUNK)));
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
            state.next = state.end.min(state.next.saturating_add(CHUNK));
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
    let Tally { runs, events, simulated_us, halted, unjudged, hash, broken } = &state.tally;
    let minutes = simulated_us / 60_000_000;
    let (from, to, broken) = (state.start, state.next, broken.len());
    let took = took.as_secs_f64();
    say(&format!(
        "seeds {from} to {to}: {runs} runs, {events} events\n\
         {} h {} min simulated, {halted} runs cut short, hash {hash:016x}\n\
         {unjudged} runs not judged for linearizability: too many orders to try\n\
         {broken} broken; {took:.1} s since it began or went on\n",
        minutes / 60,
        minutes % 60,
    ));
}

/// Scripts that reproduce the first broken seeds in the fewest actions, each with its seed.
fn scripts_of_broken<S: Subject>(subject: &S, tally: &Tally) -> Vec<(u64, String)> {
    let mut scripts = Vec::new();
    for (seed, violation) in tally.broken.iter().take(SHOWN) {
        let property = violation.property;
        let Some(shrunk) = shrink(subject, &subject.plan(*seed), property, SHRINK_RUNS) else {
            continue;
        };
        let mut scenario = script(subject, &shrunk.plan, Some(property));
        scenario.title = format!("Seed {seed}, made small, breaks {}", property.name());
        let finding = shrunk.outcome.verdicts.of(property).map(|found| found.finding.to_string());
        let text = format!(
            "# {}\n# history {:016x}; play it with `rift run FILE`\n{scenario}",
            finding.unwrap_or_default(),
            shrunk.outcome.hash
        );
        scripts.push((*seed, text));
    }
    scripts
}

fn save_script(options: &Options, seed: u64, text: &str) -> Result<(), String> {
    let Some(folder) = &options.save else {
        return Ok(());
    };
    let path = std::path::Path::new(folder).join(format!("seed-{seed}.rift"));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn check(searched: &Searched, seed: u64) -> ExitCode {
    let outcome = searched.run(seed);
    say(&format!("seed {seed}: {} events, hash {:016x}\n", outcome.events, outcome.hash));
    let promises = searched.what.promises();
    for property in promises {
        let name = property.name();
        say(&match outcome.verdicts.of(property) {
            None => format!("  ok      {name}\n"),
            Some(violation) => format!("  BROKEN  {name}: {}\n", violation.finding),
        });
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

    fn raft(lines: &[&str]) -> Searched {
        Searched::new(What::Raft, lines, Vec::new()).expect("these are settings")
    }

    #[test]
    fn what_is_asked_is_understood_or_refused_by_name() {
        let (state, save) = (Some("s.txt".to_owned()), Some("found".to_owned()));
        let searched = raft(&[]);
        let options =
            Options { searched: searched.clone(), seeds: 50, start: 7, jobs: 2, state, save };
        assert_eq!(
            parse("explore raft --seeds 50 --start 7 --jobs 2 --state s.txt --save found"),
            Ok(Command::Explore(options))
        );
        assert_eq!(parse("check raft --seed 9"), Ok(Command::Check { searched, seed: 9 }));
        let searched = Searched { what: What::PartialViews, ..Searched::default() };
        let check = Command::Check { searched, seed: 9 };
        assert_eq!(parse("check partial-views --seed 9"), Ok(check));
        for (line, mistake) in [
            ("", "what shall be done?"),
            ("explore paxos", "no such subject: paxos"),
            ("explore raft --seeds", "--seeds needs a value"),
            ("explore raft --seeds many", "--seeds many: not a number"),
            ("explore raft --seed 1", "no such option: --seed"),
            ("explore raft --set heal", "not settings of raft: heal"),
            ("check raft", "check needs --seed"),
        ] {
            assert_eq!(parse(line), Err(mistake.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_state_survives_its_file() {
        let tally = sweep(&RaftSubject::genuine(), 0..3);
        let searched = raft(&["reads lease", "sticky-leader on"]);
        let state = State { searched: searched.clone(), start: 0, end: 10, next: 3, tally };
        assert_eq!(State::from_text(&searched, &state.to_text()), Ok(state.clone()));
        assert!(State::from_text(&raft(&[]), &state.to_text()).is_err());
        assert!(State::from_text(&searched, "something else").is_err());
        let unreadable = format!("{}\nnext soon", searched.format());
        assert!(State::from_text(&searched, &unreadable).is_err());
    }

    /// However many threads there are, and however often it was stopped, the result is the same.
    #[test]
    fn a_sweep_in_parts_by_several_threads_is_the_same_sweep() {
        let path = std::env::temp_dir().join(format!("rift-sweep-{}.txt", std::process::id()));
        let path = path.to_str().expect("a plain name").to_owned();
        let options = |seeds, state| Options {
            searched: raft(&[]),
            seeds,
            start: 0,
            jobs: 3,
            state,
            save: None,
        };
        let whole = explore(&options(250, None)).expect("nothing to write");
        let begun = State {
            searched: raft(&[]),
            start: 0,
            end: 250,
            next: CHUNK,
            tally: sweep(&RaftSubject::genuine(), 0..CHUNK),
        };
        begun.save(&options(250, Some(path.clone()))).expect("a place for temporary files");
        let resumed = explore(&options(250, Some(path.clone()))).expect("it goes on");
        fs::remove_file(&path).expect("it is there");
        assert_eq!(resumed, whole);
        let last = Options { start: u64::MAX - 3, ..options(3, None) };
        assert_eq!(explore(&last).expect("there are three").runs, 3, "it stops at the last seed");
        assert_eq!(whole, sweep(&RaftSubject::genuine(), 0..250));
    }
}
