//! The CAP lab: a replicated key-value store under the reader's cuts, and what each choice costs.
//!
//! Three systems can be put under the same acts: a store without a leader
//! ([`quorum`](crate::quorum)), [`raft`](crate::raft) and
//! [`primary_backup`](crate::primary_backup).

mod availability;
mod challenges;
mod choices;
mod chronicle;
mod client_views;
mod clients;
mod cluster;
mod counters;
mod dials;
mod exported;
mod highlight;
pub mod history;
pub mod judged;
mod lane;
mod ledger;
mod losses;
mod narration;
mod outcome;
mod promises;
mod riddle;
mod scenarios;
mod scene;
mod script;
mod seen;
mod settings;
mod sides;
mod space_time;
pub mod staleness;
mod system;
pub mod systems;
mod table;
mod tasks;
#[cfg(test)]
mod tests;
mod why;
mod words;

pub use availability::{Availability, SLOT_US, Silence, Slot};
pub use clients::{Asked, Clients, Fate, WhyRefused};
pub use cluster::Cluster;
pub use counters::Counters;
pub use riddle::{riddle, solution};
pub use script::SCRIPTED;
pub use settings::{CapConfig, cap_config};
pub use system::{
    CapEvent, CapImage, CapMessage, CapProcess, CapRequest, CapSetup, CapWrite, QuorumProcess,
    System,
};
pub use systems::{Comparison, Counted, Report, ServerSign, Sides};

use std::any::Any;

use chronicle::Chronicle;
use staleness::Experiment;
use why::Why;

use super::raft::{RaftEvent, RaftRequest};
use super::{
    Choice, Command, Dial, Explained, Explanation, Lab, LabEntry, LabSettings, LabWords,
    LegendItem, Outcome, Partition, Promise, Question, Refused, Riddle, Riddles, SPACE_TIME,
    Solution, StoryLine, Table, Task, View, partition,
};
use crate::scene::space_time::SpaceTime;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Highlight, Scene, Spacing, Target, Thing, Window};
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId};
use crate::stable_hash::stable_hash;

/// The lab's line in the registry.
pub const ENTRY: LabEntry = LabEntry {
    name: "cap",
    servers: 3..=7,
    defaults: LabSettings::new(5, 5),
    settings: settings::SETTINGS,
    groups: settings::GROUPS,
    lessons: &[],
    words: LabWords {
        what: "a replicated store",
        promises: "What these settings promise:",
        judged: "What was promised is judged after every single event. Other settings promise \
            something else, from when they are turned.",
        by_itself: "as they are by themselves",
    },
    views: &[history::HISTORY, SPACE_TIME, systems::SYSTEMS, staleness::STALENESS],
    opens_view: false,
    stage: None,
    speed_ppm: None,
    quiz: Some(|| Box::new(Riddles::new(riddle_of, solution_of))),
    check: |settings| cap_config(settings).map(|_| ()),
    open: |settings| Box::new(CapLab::new(settings)),
};

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 6_000, high_us: 12_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 200, high_us: 500 };

/// A replicated store with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct CapLab {
    cluster: Cluster,
    /// It looks at the cluster after every single event.
    chronicle: Chronicle,
}

impl CapLab {
    /// A store at time 0.
    pub fn new(settings: &LabSettings) -> CapLab {
        let system = cap_config(settings).map_or(System::Quorum, |config| config.system);
        let cluster = Cluster::new(settings, system);
        let mut chronicle = Chronicle::new(&cluster);
        chronicle.observe(&cluster);
        CapLab { cluster, chronicle }
    }

    /// The store with its clients, and nothing that is drawn.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The lab behind the face that the page and the lens know, if it is this one.
    pub fn of(lab: &dyn Lab) -> Option<&CapLab> {
        let lab: &dyn Any = lab;
        lab.downcast_ref()
    }

    /// What is measured of its store, as it is set now.
    pub fn experiment(&self) -> Experiment {
        Experiment::of(self.cluster.begun_with(), self.cluster.config())
    }
}

fn riddle_of(lab: &dyn Lab, command: &Command) -> Option<Riddle> {
    riddle(CapLab::of(lab)?.cluster(), command)
}

fn solution_of(lab: &dyn Lab, riddle: &Riddle) -> Option<Solution> {
    solution(CapLab::of(lab)?.cluster(), riddle)
}

impl Lab for CapLab {
    fn now_us(&self) -> u64 {
        self.cluster.world().now_us()
    }

    fn next_due_us(&self) -> Option<u64> {
        self.cluster.next_due_us()
    }

    fn quiet_until_us(&self) -> Option<u64> {
        self.cluster.world().quiet_until_us()
    }

    /// Nothing happens before somebody asks for something, so the figure opens at the start.
    fn opening_us(&self) -> u64 {
        0
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX).map(|_| ())
    }

    fn advance_within(&mut self, at_us: u64, records: usize) -> Result<bool, Halted> {
        let chronicle = &mut self.chronicle;
        self.cluster.advance_within(at_us, records, |cluster| chronicle.observe(cluster))
    }

    fn fork(&self) -> Box<dyn Lab> {
        Box::new(self.clone())
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.cluster.act(command)?;
        self.chronicle.observe(&self.cluster);
        Ok(())
    }

    fn history_len(&self) -> usize {
        self.cluster.world().history().len()
    }

    fn history_first(&self) -> usize {
        self.cluster.world().history().records().first()
    }

    fn let_go_before(&mut self, record: RecordId) {
        self.cluster.let_go_before(record);
        let first = RecordId(self.history_first() as u32);
        self.chronicle.let_go_before(first);
    }

    fn record(&self, record: RecordId) -> Option<(u64, u64)> {
        let record = self.cluster.world().history().get(record)?;
        Some((record.at_us, stable_hash(record)))
    }

    fn history_hash(&self) -> u64 {
        self.cluster.world().history().hash()
    }

    fn scene(&self, frame: Frame, linger_us: u64) -> Scene {
        scene::scene(&self.cluster, frame, linger_us)
    }

    fn lane(&self, window: Window, buckets: u32) -> LaneContent {
        lane::lane(&self.cluster, &self.chronicle, window, buckets)
    }

    fn next_mark_us(&self, at_us: u64, back: bool) -> Option<u64> {
        self.chronicle.annals().marks.next_us(at_us, back)
    }

    fn story(&self, most: usize) -> Vec<StoryLine> {
        self.chronicle.story(&self.cluster, most)
    }

    fn table(&self) -> Table {
        table::table(&self.cluster)
    }

    fn client_table(&self) -> Table {
        client_views::table(&self.cluster)
    }

    fn tasks(&self) -> Vec<Task> {
        self.chronicle.tasks().tasks(self.cluster.system())
    }

    fn promises(&self) -> Vec<Promise> {
        self.chronicle.word().promises(&self.cluster)
    }

    fn outcome(&self) -> Outcome {
        outcome::outcome(&self.cluster)
    }

    fn legend(&self) -> Vec<LegendItem> {
        scene::legend(self.cluster.system())
    }

    fn reading(&self) -> &'static str {
        scene::reading(self.cluster.system())
    }

    fn choices(&self, target: Target) -> Vec<Choice> {
        choices::choices(&self.cluster, target)
    }

    fn dials(&self) -> Vec<Dial> {
        dials::dials(&self.cluster)
    }

    fn stroke_effect(&self, links: &[(NodeId, NodeId)]) -> Partition {
        let network = self.cluster.world().network();
        partition::stroke_effect(network, links, &|cut| sides::in_words(&self.cluster, cut))
    }

    fn drop_effect(&self, node: NodeId, joins: Option<NodeId>) -> Partition {
        let network = self.cluster.world().network();
        partition::drop_effect(network, node, joins, &|cut| sides::in_words(&self.cluster, cut))
    }
}

impl Explained for CapLab {
    fn space_time(&self, window: Window, spacing: Spacing) -> Option<SpaceTime> {
        Some(space_time::space_time(&self.cluster, &self.chronicle, window, spacing))
    }

    fn view(&self, name: &str) -> Option<Box<dyn View>> {
        if name == history::HISTORY.name {
            return Some(Box::new(history::HistoryView::default()));
        }
        if name == systems::SYSTEMS.name {
            return Some(Box::new(systems::SystemsView::default()));
        }
        if name == staleness::STALENESS.name {
            return Some(Box::new(staleness::StalenessView::new(self.experiment())));
        }
        None
    }

    fn highlight(&self, thing: Thing) -> Highlight {
        highlight::highlight(&self.cluster, thing)
    }

    fn why(&self, question: &Question) -> Option<Explanation> {
        Why::new(&self.cluster, &self.chronicle).answer(question)
    }

    fn questions(&self, target: Target) -> Vec<(String, Question)> {
        Why::new(&self.cluster, &self.chronicle).questions(target)
    }
}
