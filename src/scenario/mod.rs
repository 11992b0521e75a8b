//! The script: a small language for experiments, which a person can write in a blog post.
//!
//! A script says what to set up, what happens when, what to say, what the reader should try, and
//! what to expect. The same file is a figure, a test, the input of `rift run`, and the form in
//! which a run found by searching is told to people.
//!
//! ```text
//! rift 1
//! lab raft
//! title "The minority cannot commit"
//! servers 5
//! seed 7
//!
//! until leader
//! cut leader +1 | rest
//! say "The old leader still accepts writes. Watch whether they commit."
//! write x=1 to old-leader
//! task "Wait for a leader on the other side" until leader in group 2
//! write x=2 to leader
//! heal
//! expect never committed x=1
//! expect eventually converged
//! expect always election-safety
//! ```
//!
//! # The words of version 1
//!
//! A line is a setting or a step, or nothing. `#` begins a comment. Settings come first. Steps are
//! done in order, each as soon as the one before it is done, unless it says when.
//!
//! | line | what it does |
//! |---|---|
//! | `title "…"`, `servers 5`, `seed 7` | names the experiment, sets it up |
//! | `network delay 5ms..20ms loss 1%` | how every link behaves at first |
//! | `tasks cut-off heal` | which of the lab's tasks readers are shown |
//! | `goal "…"`, `forbid crash set` | what a [`challenge`] is about; what must not be done in it |
//! | `disks 300us` | how long every disk needs at first |
//! | `election-timeout 100ms..200ms`, … | settings of the lab's protocol: [`SettingEntry`] |
//! | `at 120ms …`, `after 30ms …` | when: since the start of the run, since the step before |
//! | `until CONDITION within 500ms` | waits; in vain after 5 s if it does not say |
//! | `say "…"` | tells the reader something |
//! | `stop "…"` | does so, and playback waits for them; what follows comes a microsecond later |
//! | `task "…" until CONDITION by ACT` | invites the reader; with nobody there, ACT does it |
//! | `rule "…" CONDITION` | it holds from here on, as long as the script is not over |
//! | `expect now CONDITION` | it holds here |
//! | `expect eventually CONDITION within 1s` | it holds here, or comes to |
//! | `expect always CONDITION`, `expect never …` | at every instant, at none, of the whole run |
//! | `expect always election-safety` | the judges find this promise kept |
//! | `expect broken election-safety` | they find it broken |
//! | `break forgotten-vote` | a setting: a rule is left out; only with the feature `every-bug` |
//! | `expect always every-promise` | they find all of them kept |
//! | `cut A \| B`, `cut A -> B` | nothing passes between, or one way; more after commas |
//! | `heal`, `heal A \| B` | all links, or some |
//! | `links A -> B delay 80ms loss 10%` | how links treat messages from now on |
//! | `links A \| B as-at-first` | as they did at first |
//! | `crash S`, `crash S keeping 2 and 50%` | 2 unsynced writes and half of the next survive |
//! | `restart S`, `pause S`, `resume S` | |
//! | `disk S 50ms` | how long a sync takes |
//! | `clock S rate 110% ahead 20ms`, `clock S true` | |
//! | `drop message S1 -> S2` | the oldest on that link; so do `delay` (… `by 5ms`), `duplicate` |
//! | `time-out S` | its timer runs out |
//! | `write x=1 to S`, `read x from S` | a client asks for a write, for a read |
//! | `delete x at S` | for a key to be deleted |
//! | `open-session at S`, `retry at S` | for a session; for its latest write once more |
//! | `do "take mug" at S` | for something else, in the lab's own words |
//! | `write x=1 to S by C2` | the client is C1 if the line does not say |
//! | `add-learner S4 via S`, `promote S4 via S`, `remove S4 via S` | S is asked to change members |
//! | `voters S1 S2 S5 via S` | these get the votes, in one step for all |
//! | `transfer from S to S2` | S is asked to hand leadership over |
//! | `set NAME VALUE` | a setting of the protocol has another value, where the lab can do that |
//! | `heal; cut A \| B` | faults at one instant, all or nothing |
//!
//! A **server** is `S1`, `leader` (the newest, if there are two), or `old-leader`: whom a fault of
//! the script last called `leader`. Each lab has names of its own: in `cap` there are also
//! `primary`, and `coordinator`, who has or had what was asked for last. A **group** of servers may
//! also say `+2` (two that the fault does not name, lowest numbers first), `rest` (all that it does
//! not name) and `all`. Conditions may ask about `group 2`: the second side of the script's last
//! `cut … | …`. **Conditions** are the lab's own, see [`Form`]; `not` turns one around, `and` joins
//! some. `rift list` prints them all.
//!
//! **Promises** are judged as far as they were made: a store that is set to read old values keeps
//! its word when it does, and `set` changes what is promised from then on. What came of a run,
//! promised or not, conditions tell: `stale reads 1`, `lost x=1`, `not linearizable kept`.
//!
//! Times are `300us`, `20ms` or `1.5s`, exact to the microsecond; shares are `12.5%`, exact to the
//! millionth. **Delays** are `5ms`, `5ms..20ms` (equally likely), `exponential 5ms`,
//! `log-normal 5ms sigma 50%` or `pareto 5ms shape 116%`.
//!
//! # Grammar
//!
//! ```text
//! script    = "rift" "1" NL  "lab" WORD NL  { [ setting ] NL }  { [ step ] NL }
//! setting   = "title" TEXT | "servers" INT | "seed" INT | "network" quality | "disks" delay
//!           | "tasks" WORD { WORD } | "goal" TEXT | "forbid" WORD { WORD }
//!           | WORD ( TIME [ ".." TIME ] | INT | SHARE | "on" | "off" | WORD )
//! step      = [ "at" TIME | "after" TIME ] ( act | until | say | task | rule | expect )
//!           | "at" TIME | "after" TIME
//! until     = "until" wait
//! wait      = condition [ "within" TIME ]
//! say       = ( "say" | "stop" ) TEXT
//! task      = "task" TEXT "until" wait [ "by" act ]
//! rule      = "rule" TEXT condition
//! expect    = "expect" ( "now" condition | "eventually" wait | "always" condition
//!           | "never" condition | "always" promise | "always" "every-promise"
//!           | "broken" promise )
//! condition = atom { "and" atom }
//! atom      = [ "not" ] pattern of the lab, with SERVER = server, N = INT,
//!             GROUP = group | "group" INT, CLIENT = "C" INT, KEY = name,
//!             KEY=VALUE = pair
//! act       = "time-out" server | ask [ "by" "C" INT ] | change "via" server
//!           | "transfer" "from" server "to" server | "nothing" | fault { ";" fault }
//!           | "set" WORD ( TIME [ ".." TIME ] | INT | SHARE | "on" | "off" | WORD )
//! ask       = "write" pair "to" server | "read" name "from" server
//!           | "delete" name "at" server | "open-session" "at" server | "retry" "at" server
//!           | "do" TEXT "at" server
//! change    = ( "add-learner" | "promote" | "remove" ) server | "voters" server { server }
//! fault     = "cut" links | "heal" [ "all" | links ]
//!           | "links" links ( quality | "as-at-first" )
//!           | "crash" server [ "keeping" INT "and" SHARE ]
//!           | ( "restart" | "pause" | "resume" ) server
//!           | "disk" server delay
//!           | "clock" server ( "true" | "rate" SHARE [ ( "ahead" | "behind" ) TIME ] )
//!           | ( "drop" | "duplicate" ) message | "delay" message "by" TIME
//! message   = "message" ( INT | server "->" server )
//! links     = "none" | link { "," link }
//! link      = group "->" group | group "|" group { "|" group }
//! group     = member { member }
//! member    = server | "+" INT | "rest" | "all"
//! server    = "S" INT | NAME | "old-" NAME
//! quality   = part { part }
//! part      = "delay" delay | "loss" SHARE | "duplicate" SHARE | "reorder" SHARE "by" TIME
//!           | "capacity" INT "queue" INT
//! delay     = TIME [ ".." TIME ] | "exponential" TIME | "log-normal" TIME "sigma" SHARE
//!           | "pareto" TIME "shape" SHARE
//! pair      = name "=" name
//! name      = WORD | TEXT
//! TEXT      = '"' … '"', with \" \\ \n \u{HEX} inside
//! WORD      = ASCII letters, digits, "_" and "%", and single "-" and "." between them
//! ```
//!
//! # From text to text, and to a run
//!
//! [`parse`] reads a [`Scenario`]; its `Display` writes it, and reading that gives the same
//! scenario. [`play`] plays it with nobody there and reports; a [`Player`] goes step by step beside
//! a reader. Conditions are looked at after every instant at which something happened. A run can be
//! written down as a script: [`Scenario::of_run`] has every act at its exact microsecond, and
//! playing that gives the same history.
//!
//! ```
//! let scenario = rift::scenario::parse("
//!     rift 1
//!     lab raft
//!     until leader
//!     write x=1 to leader
//!     expect eventually committed x=1
//! ")?;
//! let report = rift::scenario::play(&scenario).expect("what is read can be played");
//! assert!(report.passed());
//! let schedule = rift::scenario::Scenario::of_run(&report.run, report.ended_us);
//! assert!(schedule.to_string().contains("ms write x=1 to S"));
//! # Ok::<(), rift::scenario::ScriptError>(())
//! ```
//!
//! Everything is bounded, see [`limits`]; a script from anywhere can be wrong, but it can neither
//! make this module panic nor let it run forever.

mod ast;
pub mod challenge;
mod error;
mod of_run;
mod parse;
mod player;
mod print;
mod report;
mod resolve;
mod tokens;
mod units;

pub use ast::{
    Act, Arg, Atom, Change, Claim, Condition, FaultAct, Group, Links, Member, Quality, Scenario,
    Step, Wait, What, When, Which, Who,
};
pub use error::{ScriptError, Wrong};
pub use parse::parse;
pub use player::{Failed, Failure, Player, Said, TaskOfScript, Verdict};
pub use report::{Report, Teller, TraceLine, play, play_within};
pub use units::{parse_time, print_time};

use crate::check::Property;
#[cfg(doc)]
use crate::labs::{Form, SettingEntry};

/// What a script may use of everything. Reaching a limit is reported, never hidden.
pub mod limits {
    /// Bytes of a script.
    pub const SCRIPT_BYTES: usize = 1_000_000;
    /// Steps of a script.
    pub const STEPS: usize = 20_000;
    /// Claims of a script about every instant of the run.
    pub const WATCHES: usize = 100;
    /// How long a run may take in the world, in microseconds: an hour.
    pub const RUN_US: u64 = 3_600_000_000;
    /// How long is waited for a condition, in microseconds, when the script does not say.
    pub const PATIENCE_US: u64 = 5_000_000;
    /// Directed links that one fault may name.
    pub const LINKS: usize = 10_000;
}

/// What scripts call a promise: `Property::ElectionSafety` is `election-safety`.
pub fn promise_name(property: Property) -> String {
    let lower = |c: char| if c == ' ' { '-' } else { c.to_ascii_lowercase() };
    property.name().chars().map(lower).collect()
}
