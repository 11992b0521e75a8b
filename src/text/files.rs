//! What the files that leave the page say to people, and what is said along a tour and a challenge.

/// The title of a still picture.
pub(crate) fn cluster(servers: usize, lab: &str) -> String {
    format!("{servers} servers of {lab}")
}

/// The title of an animation.
pub(crate) fn cluster_for_a_while(servers: usize, lab: &str, from_ms: u64, to_ms: u64) -> String {
    format!("{servers} servers of {lab} from {from_ms} ms to {to_ms} ms")
}

/// What an animation shows, in words.
pub(crate) fn animation(end: &str) -> String {
    format!("An animation. It ends so: {end}")
}

/// The beginning of what a picture shows, in words.
pub(crate) fn instant(now_us: u64, headline: &str) -> String {
    format!("At {}.{:03} ms. {headline}", now_us / 1_000, now_us % 1_000)
}

/// A task of a tour that the script does, too.
pub(crate) fn your_turn(task: &str) -> String {
    format!("Your turn: {task}. Or go on, and see it done.")
}

pub(crate) const ANOTHER_RUN: &str = "This is another run. Begin the challenge again.";
pub(crate) const STUCK: &str = "The challenge cannot go on from here.";
pub(crate) const SOME_RULE: &str = "a rule.";

pub(crate) fn not_allowed(kinds: &str) -> String {
    format!("Not allowed: {kinds}.")
}

pub(crate) fn against_the_rules(at: &str, kind: &str) -> String {
    format!("Against the rules, at {at}: {kind}.")
}

pub(crate) fn rule_broken(rule: &str) -> String {
    format!("Broken: {rule}")
}

/// What a challenge forbids, in a word or two; `kind` is the word of scripts for it.
pub(crate) fn forbidden(kind: &str) -> String {
    let word = match kind {
        "cut" => "cuts",
        "heal" => "healing",
        "links" => "weather",
        "crash" => "crashes",
        "restart" => "restarts",
        "pause" => "pauses",
        "disk" => "slow disks",
        "clock" => "clocks",
        "message" => "hands on messages",
        "time-out" => "“Time out now”",
        "ask" => "requests",
        "do" => "acts by hand",
        "members" => "changes of members",
        "transfer" => "handing over",
        "set" => "turning settings",
        setting => return format!("turning “{setting}”"),
    };
    word.to_owned()
}
