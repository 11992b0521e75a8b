//! What is said by the program for those who look closer: the frame of an answer, how an entry is
//! read aloud, and what is behind the curtain. The answers themselves are the lab's.

use super::milliseconds;

pub(crate) const UNKNOWN: &str = "At this instant nothing is known of it: it has not happened yet, \
     or it is too long ago.";
pub(crate) const CLOSE_HINT: &str = "Close ( Esc )";
pub(crate) const ONE_STEP_BACK: &str = "One step back";
pub(crate) const RETURN: &str = "Return";
pub(crate) const SHOW_CAUSES: &str = "Show in space-time";
pub(crate) const LED_TO_IT: &str = "What led to it";
pub(crate) const GO_TO_MESSAGE: &str = "Go to when it was on its way";

pub(crate) fn asked_at(now_us: u64) -> String {
    [" at ", &milliseconds(now_us)].concat()
}

pub(crate) fn go_to(at_us: u64) -> String {
    ["Go to ", &milliseconds(at_us)].concat()
}

pub(crate) fn go_to_message_hint(at_us: u64) -> String {
    let hint = [
        &milliseconds(at_us),
        ". There it can be dropped, delayed and duplicated: that \
        starts a new branch.",
    ];
    hint.concat()
}

/// An entry of a log; `name` is its server's.
pub(crate) fn entry(name: &str, index: u64, term: u64, what: &str, committed: bool) -> String {
    let state = if committed { "committed" } else { "not known to be committed" };
    format!("{name}, entry {index} of term {term}: {what}, {state}")
}

// Behind the curtain: what was done, as events in streams.

pub(crate) const DONE_LIST: &str = "What you did";
pub(crate) const NOTHING_DONE: &str = "nothing was done yet";
pub(crate) const BEFORE_ANYTHING: &str = "Before anything";
pub(crate) const BEFORE_ANYTHING_DONE: &str = "Before anything was done.";
pub(crate) const BRANCH_COLUMNS: [&str; 4] = ["branch", "acts", "stream", "version"];
pub(crate) const THE_RUN: &str = "the run";
pub(crate) const DELETED: &str = ", deleted";
pub(crate) const HASH: &str = "hash, replayed twice";
pub(crate) const EVENT: &str = "Event";
pub(crate) const EVENT_BACK: &str = "One event back";
pub(crate) const EVENT_ON: &str = "One event on";
pub(crate) const LIST_IS_EMPTY: &str = "Nothing was done yet. Do something in the figure: it \
     becomes an event, and this list is all that is kept of a run.";

pub(crate) fn first_come_to(events: u64) -> String {
    ["What the first ", &events.to_string(), " come to"].concat()
}

pub(crate) fn quoted(name: &str) -> String {
    ["“", name, "”"].concat()
}

pub(crate) fn branch_left(from: &str, at: &str) -> String {
    ["a branch left “", from, "” at ", at].concat()
}

pub(crate) fn was_named(name: &str) -> String {
    ["it was called “", name, "”"].concat()
}

pub(crate) fn was_deleted(branch: &str) -> String {
    ["branch “", branch, "” was deleted"].concat()
}

pub(crate) fn place_of_event(event_type: &str, stream: &str, version: u64) -> String {
    [event_type, " · ", stream, " · version ", &version.to_string()].concat()
}

pub(crate) fn all_that_is_kept(count: usize, streams: usize) -> String {
    let events = if count == 1 { "event" } else { "events" };
    let streams_word = if streams == 1 { "stream" } else { "streams" };
    let (count, streams) = (count.to_string(), streams.to_string());
    let parts = [
        &*count,
        " ",
        events,
        " in ",
        &*streams,
        " ",
        streams_word,
        ": all that is kept of your session. Every message, every server and this picture are \
            replayed from them. Nothing in the list is ever changed; what you delete is an event, \
            too.",
    ];
    parts.concat()
}
