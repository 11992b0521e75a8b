//! A real process on a real file, killed while it writes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rift::event_file::EventFile;
use rift::event_store::*;

use super::account::*;
use super::file::TempPath;

/// Where the process that is to be killed writes.
const FILE: &str = "RIFT_TEST_KILLED_FILE";
const SAYS: &str = "acknowledged ";

/// In the process that is to be killed: appends until then. Without the variable, nothing.
#[test]
fn a_writer_that_never_ends() {
    let Ok(path) = std::env::var(FILE) else { return };
    let (mut file, _) = EventFile::open(path.as_ref()).expect("it is not damaged");
    let mut next = file.store().last_position();
    // Far more than it lives to write.
    while next < 1_000_000 {
        let batch = deposits(next..next + next % 5 + 1);
        let appended = file.append("a", Expected::Exact(next), next, batch);
        next = appended.expect("the disk works").version;
        println!("{SAYS}{next}");
    }
}

/// Killed again and again, in the midst of whatever it does: what it said was acknowledged is
/// there, and of the rest whole batches or nothing.
#[test]
fn what_a_killed_process_had_acknowledged_is_there() {
    let path = TempPath::new("killed");
    let mut before = 0;
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().expect("tests have a path"))
            .args(["--exact", "event_store::killed::a_writer_that_never_ends", "--nocapture"])
            .env(FILE, &path.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it ran once, so it runs again");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let said = lines.map_while(Result::ok).filter_map(|line| {
            let (_, number) = line.split_once(SAYS)?;
            number.parse::<u64>().ok()
        });
        let acknowledged = said.take(7 * round + 1).last().expect("it says something");
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let (file, _) = EventFile::<Account>::open(&path.0).expect("it is not damaged");
        let there = file.store().last_position();
        assert!(acknowledged > before && there >= acknowledged, "{there} of {acknowledged}");
        assert_eq!(ids_in(file.store(), "a"), (0..there).collect::<Vec<_>>());
        let mut whole = 0;
        while whole < there {
            whole += whole % 5 + 1;
        }
        assert_eq!(whole, there, "a batch is there in part");
        before = there;
    }
}
