//! A reader who plays with the lab.

use rift::labs::{Ask, Client, Command, Explained, Lab, LabEntry, LabSettings, Setting};
use rift::sim::{Fault, NodeId};

use crate::playing;
pub(super) use crate::playing::{choice, count, switch};

pub(super) const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

pub(super) struct Play {
    pub(super) lab: Box<dyn Lab>,
}

pub(super) fn entry() -> &'static LabEntry {
    playing::lab("cap")
}

pub(super) fn settings(protocol: &[Setting]) -> LabSettings {
    let mut settings = LabSettings::new(5, 5);
    for setting in protocol {
        settings.tuning.set(*setting);
    }
    settings
}

impl Play {
    pub(super) fn new(protocol: &[Setting]) -> Play {
        let mut play = Play { lab: (entry().open)(&settings(protocol)) };
        play.wait(100);
        play
    }

    pub(super) fn look(&self) -> &dyn Explained {
        playing::look(self.lab.as_ref())
    }

    pub(super) fn wait(&mut self, ms: u64) {
        self.lab.advance_to(self.lab.now_us() + ms * 1_000).expect("far from any limit");
    }

    pub(super) fn act(&mut self, command: Command) {
        self.lab.act(&command).expect("it makes sense");
    }

    pub(super) fn ask(&mut self, client: u8, via: u8, what: Ask) {
        self.act(Command::Ask { client: Client(client), via: NodeId(via - 1), what });
    }

    pub(super) fn write(&mut self, client: u8, via: u8, value: &str) {
        self.ask(client, via, Ask::Write { key: "x".into(), value: value.into() });
        self.wait(300);
    }

    pub(super) fn delete(&mut self, client: u8, via: u8) {
        self.ask(client, via, Ask::Delete { key: "x".into() });
        self.wait(300);
    }

    pub(super) fn read(&mut self, client: u8, via: u8) {
        self.ask(client, via, Ask::Read { key: "x".into() });
        self.wait(300);
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.act(Command::Faults(vec![fault]));
    }

    /// S1 and S2 on one side.
    pub(super) fn cut(&mut self) {
        self.fault(Fault::cut_between(&S[..2], &S[2..]));
    }

    pub(super) fn heal(&mut self) {
        self.fault(Fault::HealAll);
    }

    pub(super) fn set(&mut self, setting: Setting) {
        self.act(Command::Set(setting));
    }

    pub(super) fn done(&self) -> Vec<bool> {
        playing::done(self.lab.as_ref())
    }

    /// The whole story, a line a line.
    pub(super) fn story(&self) -> String {
        playing::story(self.lab.as_ref())
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.story().contains(words)
    }
}
