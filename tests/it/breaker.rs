//! The circuit breaker lab as a whole: callers, breakers, what they call, the network and crashes
//! together, through the same cluster as on the page.

use rift::labs::breaker::{BreakerEvent, BreakerLab, BreakerProcess, Cluster};
use rift::labs::{Ask, Client, Command, Lab, LabSettings, Promise, Refused, Setting, SettingValue};
use rift::sim::{Fault, Happening, NodeId};

#[path = "breaker/answers.rs"]
mod answers;
#[path = "breaker/path.rs"]
mod path;
#[path = "breaker/promises.rs"]
mod promises;
#[path = "breaker/scripts.rs"]
mod scripts;
#[path = "breaker/settings.rs"]
mod settings;

const S1: NodeId = NodeId(0);
const S2: NodeId = NodeId(1);
const SECOND_US: u64 = 1_000_000;

/// A run that is driven by hand.
struct Stage {
    lab: BreakerLab,
}

const fn choice(name: &'static str, word: &'static str) -> (&'static str, SettingValue) {
    (name, SettingValue::Choice(word))
}

const fn count(name: &'static str, count: u64) -> (&'static str, SettingValue) {
    (name, SettingValue::Count(count))
}

const fn ms(name: &'static str, ms: u64) -> (&'static str, SettingValue) {
    (name, SettingValue::Time { us: ms * 1_000 })
}

const fn percent(name: &'static str, percent: u32) -> (&'static str, SettingValue) {
    (name, SettingValue::Share { ppm: percent * 10_000 })
}

const fn switch(name: &'static str, on: bool) -> (&'static str, SettingValue) {
    (name, SettingValue::Switch(on))
}

impl Stage {
    fn open(settings: &[(&'static str, SettingValue)]) -> Stage {
        let mut all = LabSettings::new(6, 7);
        settings.iter().for_each(|(name, value)| all.tuning.set(Setting { name, value: *value }));
        assert_eq!((rift::labs::breaker::ENTRY.check)(&all), Ok(()));
        Stage { lab: BreakerLab::new(&all) }
    }

    fn cluster(&self) -> &Cluster {
        self.lab.cluster()
    }

    fn set(&mut self, (name, value): (&'static str, SettingValue)) {
        self.act(Command::Set(Setting { name, value })).expect("it can be turned");
    }

    fn act(&mut self, command: Command) -> Result<(), Refused> {
        self.lab.act(&command)
    }

    fn ask(&mut self, what: &str) -> Result<(), Refused> {
        let what = Ask::Do { what: what.to_owned() };
        self.act(Command::Ask { client: Client::FIRST, via: S1, what })
    }

    fn fault(&mut self, fault: Fault) {
        self.act(Command::Faults(vec![fault])).expect("it can be done");
    }

    fn seconds(&mut self, seconds: u64) {
        self.ms(seconds * 1_000);
    }

    fn ms(&mut self, ms: u64) {
        let at_us = self.lab.now_us() + ms * 1_000;
        self.lab.advance_to(at_us).expect("no limit is near");
    }

    /// Goes on until something holds.
    fn until(&mut self, holds: impl Fn(&Cluster) -> bool) {
        for _ in 0..1_000_000 {
            if holds(self.cluster()) {
                return;
            }
            let due_us = self.lab.next_due_us().expect("something is due");
            self.lab.advance_to(due_us).expect("no limit is near");
        }
        panic!("it never comes to that");
    }

    /// What callers have told, in order.
    fn told(&self) -> Vec<BreakerEvent> {
        let records = self.cluster().world().history().records();
        let told = |what: &Happening<BreakerProcess>| match what {
            Happening::Decided { event, .. } => Some(event.clone()),
            _ => None,
        };
        records.iter().filter_map(|record| told(&record.what)).collect()
    }

    fn broken(&self) -> Vec<&'static str> {
        let broken = |promise: Promise| promise.broken.map(|_| promise.name);
        self.lab.promises().into_iter().filter_map(broken).collect()
    }

    fn story(&self) -> String {
        let lines = self.lab.story(10_000);
        lines.iter().map(|line| format!("{:>8} {}\n", line.at_us / 1_000, line.text)).collect()
    }
}

fn state(cluster: &Cluster) -> rift::circuit_breaker::State {
    let caller = cluster.process(S1).and_then(BreakerProcess::caller).expect("it is up");
    caller.doors()[0].state()
}
