//! The command line, one file a command. Each writes to standard output what was asked for, to
//! standard error what went wrong, and answers with the code to exit with.

mod explore;
mod list;
mod publish;
mod render;
mod run;
mod run_link;
mod source;
mod words;

use std::io::Write;
use std::process::ExitCode;

const HELP: &str = "\
rift: experiments with real protocols in a deterministic world

    rift run FILE    play a scenario script (or a shipped scenario's name; - is standard input),
                     print what happened and whether every expectation holds
    rift run LINK    open a link of the page (in quotes), print the story up to its instant, the
                     branches, and the hash of the history there
    rift list        the scenarios that ship, and what scripts can say about each lab
    rift publish DIR what a page needs of those scenarios: DIR/scenarios/LAB/NAME.json with the run,
                     what is said when, and what holds; and a still picture, DIR/posters/NAME.svg;
                     DIR/challenges.json, what each challenge wants, and how it begins
    rift render FILE|LINK [-o figure.svg] [--view stage|space-time|logs|timeline|animated]
                [--at TIME] [--from TIME] [--to TIME] [--plays TIME] [--width W] [--height H]
                     draw it as an SVG file that stands alone: at an instant, or, if animated, from
                     one to another; without -o on standard output
    rift export FILE|LINK --as jsonl|shiviz|mermaid|script|link [-o OUT] [--from TIME] [--to TIME]
                     write the run down: a JSON object a record, a ShiViz log with vector clocks,
                     a Mermaid sequence diagram, a script with exact times, a link
    rift explore raft
                     play seeds under a nemesis, judged after every event; print what breaks a
                     promise as a script with the fewest acts, for `rift run`
    rift explore partial-views
                     the same for networks in which servers see only part of the others
        --seeds N    so many, instead of 10000       --start S    from this one on
        --jobs J     on so many threads              --save DIR   write the scripts there, too
        --state FILE go on where FILE says it stopped, and note there how far it came
        --set \"SETTING VALUE\"
                     in all runs, such as --set \"pre-vote on\" or --set \"break forgotten-vote\"
    rift check raft|partial-views --seed S [--set \"SETTING VALUE\"]
                     one such run: its hash and what the judges say
    rift help        this

Exit codes: 0 all is well; 1 an expectation does not hold, or a step could not be done;
2 the script or the command line is wrong.
";

/// What the command line was wrong about, or the script.
const WRONG: u8 = 2;

/// Runs the command that `args`, without the program's name, ask for.
pub fn main(args: &[String]) -> ExitCode {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["run", link] if link.contains(crate::link::PREFIX) => run_link::run(link),
        ["run", file] => run::run(file),
        ["list"] => list::list(),
        ["publish", folder] => publish::publish(folder),
        ["render", ref rest @ ..] => render::render(rest),
        ["export", ref rest @ ..] => render::export(rest),
        ["explore" | "check", ..] => explore::main(args),
        [] | ["help" | "--help" | "-h"] => {
            say(HELP);
            ExitCode::SUCCESS
        }
        ["run", ..] => wrong("`rift run` takes one file"),
        _ => wrong(&format!("there is no `rift {}`", args.join(" "))),
    }
}

/// Writes to standard output. Whoever stops reading has seen enough.
fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn wrong(why: &str) -> ExitCode {
    eprintln!("rift: {why}; `rift help` says what there is");
    ExitCode::from(WRONG)
}
