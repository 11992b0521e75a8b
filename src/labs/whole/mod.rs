//! The whole-system lab: everything together, in one world with one timeline.
//!
//! Customers come to two shop fronts. A front looks at the stock page, and calls the cluster
//! through its [breaker](crate::circuit_breaker), with [retries](crate::resilience) if it may. The
//! cluster is [Raft](crate::raft) with an event-sourced shop on top: what is committed are orders,
//! and every server carries them out on an [event store](crate::event_store) of its own. Two pages
//! are read models that follow those events, and so are a little behind.
//!
//! Nothing here is made for this lab alone: fronts, servers and pages are the caller of the
//! [breaker](super::breaker) lab and the replica and read model of the
//! [event sourcing](super::events) lab.

mod challenges;
mod choices;
mod chronicle;
mod cluster;
mod dials;
mod exported;
mod front;
mod highlight;
mod judged;
mod judges;
mod lane;
mod narration;
mod orders;
mod outcome;
mod page;
mod promises;
mod scenarios;
mod scene;
mod script;
mod server;
mod settings;
mod space_time;
mod system;
mod table;
mod tasks;
mod why;
mod words;

pub use cluster::{Cluster, ORDER};
pub use front::{Front, Order as OpenOrder};
pub use judged::JudgedWhole;
pub use orders::{Counts, Order, Orders, Told};
pub use page::Page;
pub use script::SCRIPTED;
pub use server::Server;
pub use system::{
    Cast, Conduct, Done, FRONTS, Looks, PAGES, Role, Shown, WholeEvent, WholeMessage, WholeProcess,
    WholeRequest, WholeSetup,
};

use std::any::Any;

use chronicle::Chronicle;

use super::{
    Choice, Command, Dial, Explained, Explanation, Lab, LabEntry, LabSettings, LabWords,
    LegendItem, Outcome, Partition, Promise, Question, Refused, SPACE_TIME, StoryLine, Table, Task,
    partition,
};
use crate::scene::space_time::SpaceTime;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Highlight, Scene, Spacing, Target, Thing, Window};
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId};
use crate::stable_hash::stable_hash;

/// As many nodes as there are with five servers; with three there are fewer.
const NODES: u8 = FRONTS + 5 + PAGES;

/// The lab's line in the registry.
pub const ENTRY: LabEntry = LabEntry {
    name: "whole",
    servers: NODES..=NODES,
    defaults: LabSettings::new(NODES, 7),
    settings: settings::SETTINGS,
    groups: settings::GROUPS,
    #[cfg(feature = "lessons")]
    lessons: super::raft::lessons::LESSONS,
    #[cfg(not(feature = "lessons"))]
    lessons: &[],
    words: LabWords {
        what: "a shop on a cluster",
        promises: "What all of it promises:",
        judged: "All of it is judged after every single event, whatever is set. Where a setting \
            gives something up, that is said beside it.",
        by_itself: "as it is by itself",
    },
    views: &[SPACE_TIME],
    opens_view: false,
    stage: Some(settings::CLUSTER),
    speed_ppm: Some(500_000),
    quiz: None,
    check: |settings| settings::setup(settings).map(|_| ()),
    open: |settings| Box::new(WholeLab::new(settings)),
};

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 20_000, high_us: 40_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 2_000, high_us: 4_000 };

/// A run with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct WholeLab {
    cluster: Cluster,
    /// It looks at the cluster after every single event.
    chronicle: Chronicle,
}

impl WholeLab {
    /// At time 0.
    pub fn new(settings: &LabSettings) -> WholeLab {
        let cluster = Cluster::new(settings);
        let mut chronicle = Chronicle::new(&cluster);
        chronicle.observe(&cluster);
        WholeLab { cluster, chronicle }
    }

    /// The world with what became of every order, and nothing that is drawn.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The lab behind the face that the page and the lens know, if it is this one.
    pub fn of(lab: &dyn Lab) -> Option<&WholeLab> {
        let lab: &dyn Any = lab;
        lab.downcast_ref()
    }
}

impl Lab for WholeLab {
    fn now_us(&self) -> u64 {
        self.cluster.world().now_us()
    }

    fn next_due_us(&self) -> Option<u64> {
        self.cluster.next_due_us()
    }

    fn quiet_until_us(&self) -> Option<u64> {
        self.cluster.world().quiet_until_us()
    }

    /// A leader has to be elected first, or whoever comes is told that there is none.
    fn opening_us(&self) -> u64 {
        self.cluster.clone().first_leader_us()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX).map(|_| ())
    }

    fn advance_within(&mut self, at_us: u64, records: usize) -> Result<bool, Halted> {
        let chronicle = &mut self.chronicle;
        let all = self.cluster.advance_within(at_us, records, |cluster| chronicle.observe(cluster));
        // Some promises break by nothing happening.
        if all == Ok(true) {
            self.chronicle.observe(&self.cluster);
        }
        all
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
        self.chronicle.story(most)
    }

    fn table(&self) -> Table {
        table::table(&self.cluster)
    }

    fn client_table(&self) -> Table {
        table::orders(&self.cluster)
    }

    fn tasks(&self) -> Vec<Task> {
        self.chronicle.tasks()
    }

    fn promises(&self) -> Vec<Promise> {
        self.chronicle.promises(&self.cluster)
    }

    fn outcome(&self) -> Outcome {
        outcome::outcome(&self.cluster)
    }

    fn legend(&self) -> Vec<LegendItem> {
        scene::LEGEND.to_vec()
    }

    fn reading(&self) -> &'static str {
        scene::READING
    }

    fn choices(&self, target: Target) -> Vec<Choice> {
        choices::choices(&self.cluster, target)
    }

    fn dials(&self) -> Vec<Dial> {
        dials::dials(&self.cluster)
    }

    fn stroke_effect(&self, links: &[(NodeId, NodeId)]) -> Partition {
        let network = self.cluster.world().network();
        partition::stroke_effect(network, links, &|cut| scene::sides(&self.cluster, cut))
    }

    fn drop_effect(&self, node: NodeId, joins: Option<NodeId>) -> Partition {
        let network = self.cluster.world().network();
        partition::drop_effect(network, node, joins, &|cut| scene::sides(&self.cluster, cut))
    }
}

impl Explained for WholeLab {
    fn space_time(&self, window: Window, spacing: Spacing) -> Option<SpaceTime> {
        space_time::space_time(&self.cluster, &self.chronicle, window, spacing)
    }

    fn highlight(&self, thing: Thing) -> Highlight {
        highlight::highlight(&self.cluster, thing)
    }

    fn why(&self, question: &Question) -> Option<Explanation> {
        why::answer(&self.cluster, &self.chronicle, question)
    }

    fn questions(&self, target: Target) -> Vec<(String, Question)> {
        why::questions(&self.cluster, &self.chronicle, target)
    }
}
