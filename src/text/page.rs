//! What the page says around the figure. What a figure says of itself comes from its lab.

use super::milliseconds;

pub(crate) const PLAY: &str = "Play";
pub(crate) const PAUSE: &str = "Pause";
pub(crate) const STEP_HINT: &str = "To the next thing that happens ( . )";
pub(crate) const STAGE: &str = "On stage";
pub(crate) const DIALS: &str = "What can be turned while it runs";
pub(crate) const MORE_DIALS: &str = "More to turn";
pub(crate) const TURN: &str = "Turn it yourself";
pub(crate) const CONTROLS: &str = "Controls";
pub(crate) const SLOWER: &str = "Slower ( [ )";
pub(crate) const FASTER: &str = "Faster ( ] )";
pub(crate) const HEAL_HINT: &str = "Heal every link ( H )";
pub(crate) const SPEED: &str = "Speed";
pub(crate) const REAL_TIME: &str = "real time";
pub(crate) const CUT: &str = "Cut";
pub(crate) const CUT_HINT: &str =
    "Draw with one drag, or tap a start and an end. Without the tool a mouse can draw, too.";
pub(crate) const CUT_ARMED: &str = "Draw a line across links, or tap its two ends. Esc to stop.";
pub(crate) const NETWORK: &str = "Network";
pub(crate) const ALL_UP: &str = "All links are up.";
pub(crate) const NETWORK_HINT: &str = "Ready-made partitions, and healing ( P )";
pub(crate) const RESTART: &str = "Start over";
pub(crate) const RESTART_HINT: &str = "The same run from its beginning";
pub(crate) const NEW_SEED: &str = "New luck";
pub(crate) const NEW_SEED_HINT: &str = "Another seed: other delays, other timers";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const HEAL: &str = "Heal";
pub(crate) const STORY: &str = "What just happened";
pub(crate) const STORY_EMPTY: &str = "Nothing yet.";
pub(crate) const TASKS: &str = "Try this";
pub(crate) const TASK_DONE: &str = " (done)";
pub(crate) const TASK_TO_DO: &str = " (to do)";
pub(crate) const SETTINGS: &str = "Settings:";
pub(crate) const SETTINGS_HOW: &str = "Each part can be set, to see what it is for. That starts \
     the run over with the same seed, and the page’s address keeps it.";
pub(crate) const LESSONS: &str = "Break a rule";
pub(crate) const LESSONS_HOW: &str = "What is a rule there for? Leave one out on every server, cut \
     the network, write, crash somebody, and watch the promises.";
pub(crate) const LEFT_OUT: &str = "Rule left out: ";
pub(crate) const PUT_BACK: &str = "Put it back";
pub(crate) const SETTINGS_BUTTON: &str = "Settings";
/// Before the name of a setting.
pub(crate) const LESS: &str = "less ";
pub(crate) const MORE: &str = "more ";
pub(crate) const SERVERS: &str = "servers";
pub(crate) const SERVERS_MEANING: &str = "How many servers there are.";
pub(crate) const REPLAYED: &str = "The instant at which the promise broke.";
pub(crate) const JUMP: &str = "Show that instant";
pub(crate) const ASK_LABEL: &str = "The server it asks";
pub(crate) const TABLE: &str = "The same as a table";
pub(crate) const LEGEND: &str = "What travels";
pub(crate) const DISMISS: &str = "Got it";
pub(crate) const CUT_OFF_THESE: &str = "Cut them off";
pub(crate) const CUT_OFF_LABEL: &str = "Cut off these servers";
pub(crate) const FIGURE_LABEL: &str = "A simulated cluster. Space plays and pauses, comma and full \
     stop step back and forth, with shift to the next change, T to the next task, Control Z \
     undoes, Q skips what is quiet, P opens the \
     network menu, H heals, C arms the cut tool, arrow keys move between servers and Enter opens \
     what can be done with one.";
pub(crate) const REALLY: [&str; 2] = [
    "Nothing here is scripted: this is ",
    " in Rust, compiled to WebAssembly, in a simulated network. Same seed and same acts, same \
     history, on any machine.",
];

pub(crate) const TOUR: &str = "The tour";
pub(crate) const TOUR_BACK: &str = "Back";
pub(crate) const TOUR_BACK_HINT: &str = "To what was said before";
pub(crate) const TOUR_GO_ON: &str = "Continue";
pub(crate) const TOUR_NOW_YOU: &str = "Now you";
pub(crate) const TOUR_NOW_YOU_HINT: &str =
    "The same from its start, without the script: nothing happens that you do not do";
pub(crate) const TOUR_RETURN: &str = "Back to the tour";
pub(crate) const TOUR_RETURN_HINT: &str = "To where you left it";
pub(crate) const TOUR_REALLY: &str =
    "A script acts here in your place, and nothing else is arranged: this is ";
pub(crate) const TOUR_OWN: &str = "Your own way. The script ended where you first did something, \
     and everything from there on is yours.";
pub(crate) const TOUR_ALONE: &str = "Now you. The same servers and the same luck, and nobody acts \
     but you. Play, and try what is listed.";

pub(crate) const TABS: &str = "Pictures of the run";
pub(crate) const TAB_NETWORK: &str = "Network";
pub(crate) const EARLIER: &str = "Earlier ( ← )";
pub(crate) const LATER: &str = "Later ( → )";
pub(crate) const ZOOM_IN: &str = "Zoom in ( + )";
pub(crate) const ZOOM_OUT: &str = "Zoom out ( − )";
pub(crate) const BY_EVENTS: &str = "Even steps";
pub(crate) const BY_EVENTS_HINT: &str = "Space events evenly, not in proportion to time";
pub(crate) const FOLLOW: &str = "Follow";
pub(crate) const FOLLOW_HINT: &str = "Stay with the present ( 0 )";
pub(crate) const LENS_LOADING: &str = "Loading what explains the run…";
pub(crate) const LENS_FAILED: &str = "The part of this page that explains the run could not be \
     loaded, or has stopped. The figure goes on without it.";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const DISAGREE: &str = "What is drawn here comes from a replay that differs from the \
     figure. Do not trust it: reload the page, so that both are of the same version.";
pub(crate) const WHY_MORE: &str = "Why …?";
pub(crate) const SHOWS_BRANCH: &str = "Shows branch";
pub(crate) const LOOK_BACK: &str = "A look back. Acting here starts a new branch.";
pub(crate) const STEP_BACK: &str = "Back to the last thing that happened ( , )";
pub(crate) const BEFORE: &str = "Back to the last change ( Shift , )";
pub(crate) const AFTER: &str = "On to the next change ( Shift . )";
pub(crate) const TASK_BEFORE: &str = "Back to where a task was done ( Shift T )";
pub(crate) const TASK_AFTER: &str = "On to where a task was done ( T )";
pub(crate) const SKIP_QUIET: &str = "Skip quiet";
pub(crate) const SKIP_QUIET_HINT: &str = "Playing hurries on while nothing is under way ( Q )";
pub(crate) const LIVE: &str = "Live";
pub(crate) const LIVE_HINT: &str = "To the end of this branch ( End )";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const UNDO_HINT: &str = "To before the last act; it stays on its branch ( Ctrl Z )";
pub(crate) const REDO: &str = "Redo";
pub(crate) const REDO_HINT: &str = "Back to where it was done ( Shift Ctrl Z )";
pub(crate) const COPY_LINK: &str = "Copy link";
pub(crate) const COPY_HINT: &str = "A link to this run, its branches and this instant";
pub(crate) const SHARE: &str = "Share";
pub(crate) const SHARE_HINT: &str =
    "Into a page of yours, as a script, a picture, a diagram, or for other programs";
pub(crate) const OPEN: &str = "Open…";
pub(crate) const OPEN_HINT: &str = "A script or a link: paste or drop it here, too";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const COPY_BY_HAND: &str = "This browser lets no page copy. Here is the link:";
pub(crate) const TIME: &str = "Time";
pub(crate) const TIMELINE: &str = "Timeline";
pub(crate) const IN_THE_PAST: &str = "In the past: acting starts a new branch.";
pub(crate) const SPOKEN_PAST: &str = " You are in the past: acting starts a new branch.";
pub(crate) const BRANCHES: &str = "Branches";
pub(crate) const BRANCH_NAME: &str = "Name of the branch";
pub(crate) const RENAME: &str = "Rename";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const BESIDE: &str = "Compare";
pub(crate) const NEW_BRANCH: &str = "A new branch begins here; the other stays as it was.";
/// What is said until the reader does something else.
pub(crate) const PASSING: [&str; 3] = [NEW_BRANCH, NO_CHANGE, NO_TASK];
pub(crate) const NO_PARTING: &str = "No difference so far.";
pub(crate) const BAD_LINK_INSTEAD: &str = "Here is a fresh run instead.";
pub(crate) const STOP_HERE: &str = "Stop here";
pub(crate) const NOT_KEPT: &str = "This browser does not keep your run for the next visit; “Copy \
     link” does.";
pub(crate) const NO_TASK: &str = "No task was done there on this branch.";
pub(crate) const NO_CHANGE: &str = "Nothing changes for a long time, unless you do something.";

pub(crate) const STUDIES: &str = "Trade-offs";
pub(crate) const WORLDS_DONE: &str = "How many worlds are worked out";
pub(crate) const OF: &str = " of ";
pub(crate) const WORLDS: &str = " worlds";
pub(crate) const HOLD: &str = "Pause";
pub(crate) const GO_ON: &str = "Go on";

// Words that are put together.

pub(crate) fn seed_and_history(seed: u64) -> String {
    format!("Seed {seed} · history ")
}

/// The button on a torn place; `name` is the tear's.
pub(crate) fn heal(name: &str) -> String {
    format!("{HEAL} {name}")
}

pub(crate) fn go_back(at_us: u64) -> String {
    format!("Back to {}", milliseconds(at_us))
}

pub(crate) fn skipped(by_us: u64) -> String {
    format!("skipped {}", milliseconds(by_us))
}

pub(crate) fn cannot_work(why: &str) -> String {
    format!("That cannot work, so it stays as it was: {why}.")
}

/// Ends with [`BAD_LINK_INSTEAD`].
pub(crate) fn bad_link(why: &str) -> String {
    format!("This link does not open: {why}. {BAD_LINK_INSTEAD}")
}

/// Why a link does not open in this figure.
pub(crate) fn of_figure(lab: &str) -> String {
    format!("it is of the figure {lab}")
}

pub(crate) fn on_the_way(to_us: u64, now_us: u64) -> String {
    let (now, to) = (milliseconds(now_us), milliseconds(to_us));
    format!("Playing the run again, up to {to}: {now}")
}

/// What the timeline's slider says of its place.
pub(crate) fn place_in_time(now_us: u64, branch: &str) -> String {
    format!("{}, {BRANCHES} {branch}", milliseconds(now_us))
}

pub(crate) fn let_go(first_seconds: u64) -> String {
    format!("This run is long: it can be seen from {first_seconds} s.")
}

pub(crate) fn forked_at(at_us: u64) -> String {
    format!("from {}", milliseconds(at_us))
}

pub(crate) fn beside_hint(branch: &str) -> String {
    format!("Side by side with {branch}")
}

pub(crate) fn parted_at(at_us: u64) -> String {
    format!("They part at {}.", milliseconds(at_us))
}

/// What happened then in one of two branches; `told` begins with a space.
pub(crate) fn told_of_branch(branch: &str, told: &str) -> String {
    format!(" In {branch}:{told}")
}

/// What differs between two branches.
pub(crate) fn apart(what: &str, [here, there]: [&str; 2], [one, other]: [&str; 2]) -> String {
    format!("{what}: {here} in {one}, {there} in {other}.")
}

pub(crate) fn all_kept(promises: usize) -> String {
    format!("all {promises} kept")
}

pub(crate) fn some_broken(broken: usize, promises: usize) -> String {
    format!("{broken} of {promises} broken")
}

pub(crate) fn broken_at(at_us: u64, finding: &str) -> String {
    format!("Broken at {}: {finding}.", milliseconds(at_us))
}

/// What an address asks for and cannot have. `wanted` is one of `WANTED_…`.
pub(crate) fn ignored(name: &str, shown: &str, wanted: &str) -> String {
    format!("“{name}={shown}” is ignored: {name} wants {wanted}.")
}

pub(crate) fn wanted_whole(from: u8, to: u8) -> String {
    format!("a whole number from {from} to {to}")
}

pub(crate) const WANTED_CONTROLS: &str = "full, mini or none";
pub(crate) const WANTED_PANELS: &str = "all, none, or names of panels such as tasks,story";
pub(crate) const WANTED_SEED: &str = "a whole number from 0 to 18446744073709551615";
pub(crate) const WANTED_SPEED: &str = "a fraction from 1/1000 to 1";
pub(crate) const WANTED_THEME: &str = "auto, light or dark";
pub(crate) const WANTED_AUTOPLAY: &str = "1 or 0";
pub(crate) const WANTED_SWITCH: &str = "on or off";
pub(crate) const WANTED_COUNT: &str = "a whole number from 1";
pub(crate) const WANTED_TIME: &str = "a time such as 30ms";
pub(crate) const WANTED_RANGE: &str = "times such as 100-200ms";
pub(crate) const WANTED_SHARE: &str = "a share such as 10%";
pub(crate) const WANTED_CHOICE: &str = "a name from the list";
