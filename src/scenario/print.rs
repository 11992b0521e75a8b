//! From [`Scenario`] to text. What is read from that text is the same scenario.

use std::fmt;

use super::tokens::{is_word, quote};
use super::units::{print_share, print_time};
use super::{
    Act, Arg, Atom, Change, Claim, Condition, FaultAct, Group, Links, Member, Quality, Scenario,
    Step, Wait, What, When, Which, Who, promise_name,
};
use crate::labs::{Ask, Client, SettingValue};
use crate::sim::Delay;

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rift 1")?;
        writeln!(f, "lab {}", self.lab)?;
        if !self.title.is_empty() {
            writeln!(f, "title {}", quote(&self.title))?;
        }
        writeln!(f, "servers {}", self.settings.servers)?;
        writeln!(f, "seed {}", self.settings.seed)?;
        let tuning = &self.settings.tuning;
        if let Some(links) = tuning.links {
            writeln!(f, "network{}", Words(Quality::of(links)))?;
        }
        if let Some(sync) = tuning.sync {
            writeln!(f, "disks {}", Words(sync))?;
        }
        for setting in &tuning.protocol {
            writeln!(f, "{} {}", setting.name, Words(setting.value))?;
        }
        if !self.tasks.is_empty() {
            writeln!(f, "tasks {}", self.tasks.join(" "))?;
        }
        if !self.goal.is_empty() {
            writeln!(f, "goal {}", quote(&self.goal))?;
        }
        if !self.forbids.is_empty() {
            writeln!(f, "forbid {}", self.forbids.join(" "))?;
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.what == What::Nothing { "" } else { " " };
        match self.when {
            When::Next => {}
            When::At(us) => write!(f, "at {}{space}", print_time(us))?,
            When::After(us) => write!(f, "after {}{space}", print_time(us))?,
        }
        match &self.what {
            // Without a time it is none at all, but it must be something.
            What::Nothing if self.when == When::Next => f.write_str("after 0s"),
            What::Nothing => Ok(()),
            What::Act(act) => act.fmt(f),
            What::Say { text, stops } => {
                f.write_str(if *stops { "stop " } else { "say " })?;
                f.write_str(&quote(text))
            }
            What::Until(wait) => write!(f, "until {wait}"),
            What::Task { text, wait, by } => {
                write!(f, "task {} until {wait}", quote(text))?;
                by.iter().try_for_each(|act| write!(f, " by {act}"))
            }
            What::Expect(rule @ Claim::Rule { .. }) => rule.fmt(f),
            What::Expect(claim) => write!(f, "expect {claim}"),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Now(condition) => write!(f, "now {condition}"),
            Claim::Eventually(wait) => write!(f, "eventually {wait}"),
            Claim::Always(condition) => write!(f, "always {condition}"),
            Claim::Never(condition) => write!(f, "never {condition}"),
            Claim::Rule { text, condition } => write!(f, "rule {} {condition}", quote(text)),
            Claim::Kept(property) => write!(f, "always {}", promise_name(*property)),
            Claim::Broken(property) => write!(f, "broken {}", promise_name(*property)),
            Claim::AllKept => f.write_str("always every-promise"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)?;
        self.within_us.iter().try_for_each(|us| write!(f, " within {}", print_time(*us)))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, &self.atoms, " and ")
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut args = self.args.iter();
        for (place, word) in self.pattern.split(' ').enumerate() {
            f.write_str(match (place, self.not) {
                (0, true) => "not ",
                (0, false) => "",
                _ => " ",
            })?;
            match word {
                "SERVER" | "GROUP" | "CLIENT" | "N" | "KEY" | "KEY=VALUE" => match args.next() {
                    Some(arg) => arg.fmt(f)?,
                    None => f.write_str(word)?,
                },
                word => f.write_str(word)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Server(who) => who.fmt(f),
            Arg::Group(Group::Of(members)) => join(f, members, " "),
            Arg::Group(Group::OfCut(number)) => write!(f, "group {number}"),
            Arg::Number(number) => number.fmt(f),
            Arg::Client(client) => client.fmt(f),
            Arg::Key(key) => Name(key).fmt(f),
            Arg::Pair(key, value) => write!(f, "{}={}", Name(key), Name(value)),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Faults(faults) if faults.is_empty() => f.write_str("nothing"),
            Act::Faults(faults) => join(f, faults, "; "),
            Act::TimeOut(who) => write!(f, "time-out {who}"),
            Act::Ask { client, what, via } => {
                match what {
                    Ask::Write { key, value } => {
                        write!(f, "write {}={} to {via}", Name(key), Name(value))?;
                    }
                    Ask::Read { key } => write!(f, "read {} from {via}", Name(key))?,
                    Ask::Delete { key } => write!(f, "delete {} at {via}", Name(key))?,
                    Ask::OpenSession => write!(f, "open-session at {via}")?,
                    Ask::Retry => write!(f, "retry at {via}")?,
                    Ask::Do { what } => write!(f, "do {} at {via}", quote(what))?,
                }
                if *client == Client::FIRST { Ok(()) } else { write!(f, " by {client}") }
            }
            Act::Change { how, via } => {
                match how {
                    Change::AddLearner(who) => write!(f, "add-learner {who}")?,
                    Change::Promote(who) => write!(f, "promote {who}")?,
                    Change::Remove(who) => write!(f, "remove {who}")?,
                    Change::Replace(all) => {
                        f.write_str("voters ")?;
                        join(f, all, " ")?;
                    }
                }
                write!(f, " via {via}")
            }
            Act::Transfer { from, to } => write!(f, "transfer from {from} to {to}"),
            Act::Set(setting) => write!(f, "set {} {}", setting.name, Words(setting.value)),
        }
    }
}

impl fmt::Display for FaultAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultAct::Cut(links) => write!(f, "cut {}", Words(&links[..])),
            FaultAct::Heal(links) => write!(f, "heal {}", Words(&links[..])),
            FaultAct::HealAll => f.write_str("heal"),
            FaultAct::SetLinks(links, None) => write!(f, "links {} as-at-first", Words(&links[..])),
            FaultAct::SetLinks(links, Some(quality)) => {
                write!(f, "links {}{}", Words(&links[..]), Words(*quality))
            }
            FaultAct::Crash(who) => write!(f, "crash {who}"),
            FaultAct::CrashTorn { who, whole, part_ppm } => {
                write!(f, "crash {who} keeping {whole} and {}", print_share(*part_ppm))
            }
            FaultAct::Restart(who) => write!(f, "restart {who}"),
            FaultAct::Pause(who) => write!(f, "pause {who}"),
            FaultAct::Resume(who) => write!(f, "resume {who}"),
            FaultAct::SetSync(who, delay) => write!(f, "disk {who} {}", Words(*delay)),
            FaultAct::SetClock { who, rate_ppm: 1_000_000, offset_us: 0 } => {
                write!(f, "clock {who} true")
            }
            FaultAct::SetClock { who, rate_ppm, offset_us } => {
                write!(f, "clock {who} rate {}", print_share(*rate_ppm))?;
                let by = print_time(offset_us.unsigned_abs());
                match offset_us.signum() {
                    1 => write!(f, " ahead {by}"),
                    -1 => write!(f, " behind {by}"),
                    _ => Ok(()),
                }
            }
            FaultAct::DropMessage(which) => write!(f, "drop message {which}"),
            FaultAct::DelayMessage(which, us) => {
                write!(f, "delay message {which} by {}", print_time(*us))
            }
            FaultAct::DuplicateMessage(which) => write!(f, "duplicate message {which}"),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Number(node) => node.fmt(f),
            Who::Named(name) => f.write_str(name),
            Who::Old(name) => write!(f, "old-{name}"),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Member::Who(who) => who.fmt(f),
            Member::More(count) => write!(f, "+{count}"),
            Member::Rest => f.write_str("rest"),
            Member::All => f.write_str("all"),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Record(record) => record.0.fmt(f),
            Which::OldestOn(from, to) => write!(f, "{from} -> {to}"),
        }
    }
}

/// Values of other modules, as scripts have them.
struct Words<T>(T);

impl fmt::Display for Words<&[Links]> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (place, links) in self.0.iter().enumerate() {
            f.write_str(if place > 0 { ", " } else { "" })?;
            match links {
                Links::Between(groups) => {
                    for (place, group) in groups.iter().enumerate() {
                        f.write_str(if place > 0 { " | " } else { "" })?;
                        join(f, group, " ")?;
                    }
                }
                Links::OneWay(from, to) => {
                    join(f, from, " ")?;
                    f.write_str(" -> ")?;
                    join(f, to, " ")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Words<SettingValue> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SettingValue::Range { low_us, high_us } => {
                write!(f, "{}..{}", print_time(low_us), print_time(high_us))
            }
            SettingValue::Time { us } => f.write_str(&print_time(us)),
            SettingValue::Count(count) => count.fmt(f),
            SettingValue::Switch(true) => f.write_str("on"),
            SettingValue::Switch(false) => f.write_str("off"),
            SettingValue::Share { ppm } => f.write_str(&print_share(ppm)),
            SettingValue::Choice(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Words<Delay> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Delay::Constant { us } => f.write_str(&print_time(us)),
            Delay::Uniform { low_us, high_us } => {
                write!(f, "{}..{}", print_time(low_us), print_time(high_us))
            }
            Delay::Exponential { mean_us } => write!(f, "exponential {}", print_time(mean_us)),
            Delay::LogNormal { median_us, sigma_ppm } => {
                let (median, sigma) = (print_time(median_us), print_share(sigma_ppm));
                write!(f, "log-normal {median} sigma {sigma}")
            }
            Delay::Pareto { low_us, shape_ppm } => {
                write!(f, "pareto {} shape {}", print_time(low_us), print_share(shape_ppm))
            }
        }
    }
}

/// Each word after a space.
impl fmt::Display for Words<Quality> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quality = self.0;
        if let Some(delay) = quality.delay {
            write!(f, " delay {}", Words(delay))?;
        }
        // Something must be said, even of a link that does nothing special.
        if quality.loss_ppm > 0 || quality == Quality::default() {
            write!(f, " loss {}", print_share(quality.loss_ppm))?;
        }
        if quality.duplicate_ppm > 0 {
            write!(f, " duplicate {}", print_share(quality.duplicate_ppm))?;
        }
        if quality.reorder_ppm > 0 || quality.reorder_us > 0 {
            let by = print_time(quality.reorder_us.into());
            write!(f, " reorder {} by {by}", print_share(quality.reorder_ppm))?;
        }
        if let Some(capacity) = quality.capacity {
            write!(f, " capacity {} queue {}", capacity.per_second, capacity.queue)?;
        }
        Ok(())
    }
}

/// A key or a value: in quotes if it must be.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_word(self.0) { f.write_str(self.0) } else { f.write_str(&quote(self.0)) }
    }
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, list: &[T], between: &str) -> fmt::Result {
    for (place, item) in list.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
