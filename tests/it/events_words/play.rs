//! A reader who plays with the lab.

use rift::labs::events::{Cluster, EventLab, EventsEvent, KEEPER};
use rift::labs::{Ask, Client, Command, Explained, Lab, LabEntry, LabSettings, Setting};
use rift::sim::{Fault, Happening, NodeId};

use crate::playing;
pub(super) use crate::playing::{choice, switch};

pub(super) const S1: NodeId = NodeId(0);
pub(super) const S2: NodeId = NodeId(1);
pub(super) const CARTS: NodeId = NodeId(3);
pub(super) const STOCK: NodeId = NodeId(4);

pub(super) struct Play {
    pub(super) lab: Box<dyn Lab>,
}

pub(super) fn entry() -> &'static LabEntry {
    playing::lab("events")
}

pub(super) fn settings(protocol: &[Setting]) -> LabSettings {
    let mut settings = entry().defaults.clone();
    for setting in protocol {
        settings.tuning.set(*setting);
    }
    settings
}

impl Play {
    /// The read models have what had happened before.
    pub(super) fn new(protocol: &[Setting]) -> Play {
        let mut play = Play { lab: (entry().open)(&settings(protocol)) };
        play.wait(100);
        play
    }

    /// With the log on a cluster that has a leader.
    pub(super) fn on_raft() -> Play {
        let mut settings = settings(&[choice("log", "raft")]);
        settings.servers = 5;
        let mut play = Play { lab: (entry().open)(&settings) };
        play.wait(1_000);
        play
    }

    pub(super) fn look(&self) -> &dyn Explained {
        playing::look(self.lab.as_ref())
    }

    pub(super) fn cluster(&self) -> &Cluster {
        EventLab::of(self.lab.as_ref()).expect("it is this lab").cluster()
    }

    pub(super) fn wait(&mut self, ms: u64) {
        self.lab.advance_to(self.lab.now_us() + ms * 1_000).expect("far from any limit");
    }

    /// Event by event, until something was told of.
    #[track_caller]
    pub(super) fn until(&mut self, is_it: impl Fn(NodeId, &EventsEvent) -> bool) {
        for _ in 0..10_000 {
            let from = self.lab.history_len();
            let due_us = self.lab.next_due_us().expect("something is to come");
            self.lab.advance_to(due_us).expect("far from any limit");
            let records = self.cluster().world().history().records();
            let told = records.from(from).any(|record| match &record.what {
                Happening::Decided { node, event } => is_it(*node, event),
                _ => false,
            });
            if told {
                return;
            }
        }
        panic!("it never was so:\n{}", self.story());
    }

    pub(super) fn act(&mut self, command: Command) {
        self.lab.act(&command).expect("it makes sense");
    }

    pub(super) fn ask(&mut self, client: u8, via: NodeId, what: &str) {
        let what = Ask::Do { what: what.to_owned() };
        self.act(Command::Ask { client: Client(client), via, what });
    }

    pub(super) fn retry(&mut self, client: u8, via: NodeId) {
        self.act(Command::Ask { client: Client(client), via, what: Ask::Retry });
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.act(Command::Faults(vec![fault]));
    }

    /// The part that is down, running again.
    #[track_caller]
    pub(super) fn restart(&mut self) -> NodeId {
        let down = |node: &NodeId| self.cluster().process(*node).is_none();
        let node = self.cluster().world().node_ids().find(down).expect("one is down");
        self.fault(Fault::Restart(node));
        node
    }

    /// The keeper's answer to a desk dies: the link is cut as soon as the event is in the log.
    pub(super) fn lose_the_answer(&mut self, desk: NodeId) {
        self.until(|node, event| node == KEEPER && matches!(event, EventsEvent::Appended { .. }));
        self.fault(Fault::Cut(vec![(KEEPER, desk)]));
        self.wait(400);
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
