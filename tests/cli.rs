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
    assert!(out.contains("---  Two servers here, three there."), "{out}");
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

#[test]
fn a_picture_is_rendered() {
    let folder = std::env::temp_dir().join(format!("rift-render-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("there is room");
    for view in ["stage", "space-time", "logs", "timeline", "animated"] {
        let file = folder.join(view).with_extension("svg");
        let file = file.to_str().expect("it is UTF-8");
        let args = ["render", "minority-writes", "-o", file, "--view", view, "--width", "700"];
        assert_eq!(rift(&args, ""), (Some(0), String::new(), String::new()));
        let svg = std::fs::read_to_string(file).expect("it was written");
        assert!(svg.starts_with("<svg ") && svg.contains(" width=\"700\""), "{view}");
        assert_eq!(svg.contains("<animate "), view == "animated");
    }
    std::fs::remove_dir_all(folder).expect("it was there");
    let (code, early, _) = rift(&["render", "minority-writes", "--at", "90ms"], "");
    assert!(code == Some(0) && early.contains("At 90.000 ms. No leader."), "{early}");
}

#[test]
fn a_run_is_exported_and_read_again() {
    let export = |source: &str, format: &str, script: &str| {
        let (code, out, err) = rift(&["export", source, "--as", format], script);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{format}");
        out
    };
    let link = export("minority-writes", "link", "");
    assert!(link.starts_with("run=1."));
    let script = export("minority-writes", "script", "");
    // A link, a script with times, and the scenario are the same run.
    let records = export("minority-writes", "jsonl", "");
    assert_eq!(export(link.trim(), "jsonl", ""), records);
    assert_eq!(export("-", "jsonl", &script), records);
    assert!(export("-", "shiviz", &script).starts_with("(?<host>"));
    assert!(export(link.trim(), "mermaid", "").starts_with("sequenceDiagram\n"));
}

/// The other lab's runs as well; it has no logs to draw.
#[test]
fn a_store_is_exported_and_rendered() {
    for (format, start) in [("jsonl", "{\"id\":0,"), ("shiviz", "(?<host>"), ("link", "run=1.")] {
        let (code, out, err) = rift(&["export", "siblings", "--as", format], "");
        assert_eq!((code, err.as_str()), (Some(0), ""), "{format}");
        assert!(out.starts_with(start), "{format}: {out}");
    }
    for view in ["stage", "space-time", "timeline", "animated"] {
        let (code, svg, err) = rift(&["render", "siblings", "--view", view], "");
        assert_eq!((code, err.as_str()), (Some(0), ""), "{view}");
        assert!(svg.starts_with("<svg "), "{view}");
    }
    let (code, _, err) = rift(&["render", "siblings", "--view", "logs"], "");
    assert!(code == Some(2) && err.contains("this lab has no such picture"), "{err}");
}

#[test]
fn a_wrong_picture_names_the_argument() {
    let render = |args: &[&str]| {
        let (code, out, err) = rift(&[&["render", "minority-writes"], args].concat(), "");
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        err
    };
    for (args, wrong) in [
        (&["--view", "film"][..], "--view must be stage, space-time, logs, timeline or animated"),
        (
            &["--at", "soon"],
            "--at must be a time such as 310ms or 1.5s, a day at most, not \"soon\"",
        ),
        (&["--at"], "--at needs a value"),
        (&["--at", "1ms", "--at", "2ms"], "--at stands there twice"),
        (&["--width", "-3"], "--width must be a whole number, not \"-3\""),
        (&["--width", "9"], "the width must be 200 to 4000 pixels, not 9"),
        (&["--depth", "3"], "there is no option --depth"),
        (&["another"], "one file or link at a time; what is \"another\"?"),
        (&["--from", "1ms"], "--from means nothing here: this view shows one instant"),
        (&["--plays", "1s"], "--plays means nothing here: only --view animated moves"),
        (&["--view", "animated", "--at", "1ms"], "--at means nothing here: --from and --to say"),
        (&["--view", "animated", "--to", "9ms", "--from", "10ms"], "it would begin at 10 ms and"),
        (&["-o", "no/such/folder/x.svg"], "-o no/such/folder/x.svg: "),
    ] {
        let err = render(args);
        assert!(err.starts_with("rift: ") && err.contains(wrong), "{args:?}: {err}");
    }
    let (code, _, err) = rift(&["export", "-"], "rift 1\nlab raft\n");
    assert!(code == Some(2) && err.contains("--as is missing"), "{err}");
    let (_, _, err) = rift(&["export", "-", "--as", "link"], "rift 1\nlab raft\nhael\n");
    assert!(err.starts_with("rift: -: line 3, column 1: expected"), "{err}");
    let (_, _, err) = rift(&["render", "run=9.AA"], "");
    assert!(
        err.starts_with("rift: this link: the link cannot be opened: it is of version 9"),
        "{err}"
    );
    let (code, _, err) = rift(&["render"], "");
    assert!(code == Some(2) && err.contains("name a script's file, a link or a scenario"), "{err}");
}
