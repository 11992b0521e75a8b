//! The command line: what it prints, and the code it exits with.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs `rift` with these arguments, and a script on its standard input.
fn rift(args: &[&str], script: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rift"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it has a standard input");
    // A command that does not read has perhaps ended already.
    let _ = stdin.write_all(script.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_script_that_holds_exits_with_0() {
    let (code, out, err) = rift(&["run", "minority-writes"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("---  The old leader still accepts writes."), "{out}");
    assert!(out.contains("yes  never committed x=1"), "{out}");
}

#[test]
fn a_broken_expectation_exits_with_1() {
    let (code, out, err) = rift(&["run", "-"], "rift 1\nlab raft\nexpect now leader\n");
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(out.contains("line   3: NO   now leader: it does not hold at 0s"), "{out}");
}

#[test]
fn a_step_that_cannot_be_done_exits_with_1() {
    let (code, out, _) = rift(&["run", "-"], "rift 1\nlab raft\nrestart S1\n");
    assert_eq!(code, Some(1));
    assert!(out.contains("line   3: stopped at 0s: S1 is running already"), "{out}");
}

#[test]
fn a_wrong_script_exits_with_2_and_shows_the_place() {
    let (code, out, err) = rift(&["run", "-"], "rift 1\nlab raft\n\nuntil laeder\n");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.starts_with("-:4:7: expected a condition: leader, no leader"), "{err}");
    assert!(err.ends_with("\n    4 | until laeder\n      |       ^\n"), "{err}");
}

#[test]
fn wrong_arguments_exit_with_2_and_help_with_0() {
    assert_eq!(rift(&["run"], "").0, Some(2));
    assert_eq!(rift(&["run", "no/such/file"], "").0, Some(2));
    assert_eq!(rift(&["dance"], "").0, Some(2));
    let (code, out, _) = rift(&["help"], "");
    assert!(code == Some(0) && out.contains("rift run FILE"), "{out}");
    let (code, out, _) = rift(&["list"], "");
    assert!(code == Some(0) && out.contains("minority-writes"), "{out}");
}
