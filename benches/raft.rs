//! What a proposal costs the core by itself: a cluster in memory, no world around it, every entry
//! applied on every server in order.
//!
//! `cargo bench --no-default-features --bench raft` prints proposals a second. With valgrind on
//! PATH, `cargo bench --no-default-features --bench raft -- --callgrind` counts instructions a
//! proposal instead, which is the same number whatever else the machine is doing.

use std::collections::VecDeque;
use std::process::Command;
use std::time::Instant;

use rift::raft::{Config, Durable, Input, Output, RequestId, Server, ServerId};

/// Proposals of one measurement.
const PROPOSALS: u64 = 20_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match &args[..] {
        [] => measure_all(time),
        [flag] if flag == "--callgrind" => measure_all(count_instructions),
        [flag, servers, batch, proposals] if flag == "--once" => {
            let number = |text: &String| text.parse().expect("a number");
            run(number(servers) as u8, number(batch), number(proposals));
        }
        _ => eprintln!("raft bench: `--callgrind` or nothing"),
    }
}

fn measure_all(measure: fn(u8, u64) -> Option<String>) {
    println!("{:>8} {:>6}", "servers", "batch");
    for servers in [3, 5, 7] {
        for batch in [1, 64] {
            let result = measure(servers, batch).unwrap_or_else(|| "not measured".to_owned());
            println!("{servers:>8} {batch:>6}  {result}");
        }
    }
}

/// The median of five.
fn time(servers: u8, batch: u64) -> Option<String> {
    let mut rates: Vec<u64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            run(servers, batch, PROPOSALS);
            (PROPOSALS as f64 / start.elapsed().as_secs_f64()) as u64
        })
        .collect();
    rates.sort_unstable();
    Some(format!("{} proposals a second", rates[2]))
}

/// The difference between a long and a short run, so that start and election cancel out.
fn count_instructions(servers: u8, batch: u64) -> Option<String> {
    let long = instructions(servers, batch, 2 * PROPOSALS / 10)?;
    let short = instructions(servers, batch, PROPOSALS / 10)?;
    Some(format!("{} instructions a proposal", (long - short) / (PROPOSALS / 10)))
}

fn instructions(servers: u8, batch: u64, proposals: u64) -> Option<u64> {
    let this = std::env::current_exe().ok()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(this);
    valgrind.args(["--once", &servers.to_string(), &batch.to_string(), &proposals.to_string()]);
    let report = String::from_utf8(valgrind.output().ok()?.stderr).ok()?;
    let line = report.lines().find(|line| line.contains("Collected : "))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Servers that talk to each other at once, each with a disk that syncs at once.
struct Cluster {
    servers: Vec<Server<u64>>,
    inputs: VecDeque<(usize, Input<u64>)>,
    applied: Vec<u64>,
    now_us: u64,
}

fn run(servers: u8, batch: u64, proposals: u64) {
    let boot = |id| Server::boot(ServerId(id), config(servers), &Durable::default(), 0, id.into());
    let mut cluster = Cluster {
        servers: (0..servers).map(boot).collect(),
        inputs: VecDeque::new(),
        applied: vec![0; servers.into()],
        now_us: 1,
    };
    cluster.inputs.push_back((0, Input::TimeOutNow));
    cluster.settle();
    assert_eq!(cluster.servers[0].leader(), Some(ServerId(0)), "it has no rival");
    let mut proposed = 0;
    while proposed < proposals {
        for _ in 0..batch.min(proposals - proposed) {
            proposed += 1;
            let propose = Input::Propose { request: RequestId(proposed), command: proposed };
            cluster.inputs.push_back((0, propose));
        }
        cluster.settle();
    }
    // Followers learn from the next heartbeat what is committed.
    cluster.now_us += 1_000_000;
    cluster.inputs.push_back((0, Input::Deadline));
    cluster.settle();
    assert!(cluster.applied.iter().all(|count| *count == proposals), "{:?}", cluster.applied);
    // What a proposal costs does not include taking the whole cluster apart.
    std::mem::forget(cluster);
}

fn config(servers: u8) -> Config {
    Config { max_entries_per_append: 64, noop_on_election: false, ..Config::of(servers) }
}

impl Cluster {
    fn settle(&mut self) {
        while let Some((place, input)) = self.inputs.pop_front() {
            self.servers[place].handle(self.now_us, input);
            while let Some(output) = self.servers[place].poll_output() {
                match output {
                    Output::Send { to, message } => {
                        let from = ServerId(place as u8);
                        self.inputs.push_back((to.0.into(), Input::Message { from, message }));
                    }
                    Output::Write { id, .. } => {
                        self.inputs.push_back((place, Input::Synced { write: id }));
                    }
                    Output::Apply { index, .. } => {
                        assert_eq!(index.0, self.applied[place] + 1, "in order");
                        self.applied[place] = index.0;
                    }
                    _ => {}
                }
            }
        }
    }
}
