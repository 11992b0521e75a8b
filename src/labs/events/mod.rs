//! The event sourcing lab: a small shop that keeps everything that has happened, and makes what is
//! from it.
//!
//! Customers ask two desks; desks read, decide and append; one server keeps the
//! [log](crate::event_store) in a file; three read models follow it. Or the log is on a
//! [Raft](crate::raft) cluster, and every server's state is a fold of it.

mod challenges;
mod choices;
mod chronicle;
mod client_views;
mod cluster;
mod crashes;
mod desk;
mod dials;
pub(super) mod exported;
mod highlight;
mod judged;
pub(super) mod judges;
pub(super) mod keeper;
mod lane;
mod ledger;
pub(super) mod model;
mod narration;
mod outbox;
mod outcome;
mod promises;
pub(super) mod replica;
mod requests;
mod scenarios;
pub(super) mod scene;
mod script;
mod settings;
pub mod shop;
pub(super) mod space_time;
pub(super) mod system;
mod table;
mod tasks;
mod views;
mod why;
pub(super) mod words;

pub(super) use cluster::append_told;
pub use cluster::{Cluster, REBUILD};
pub use crashes::CrashSpot;
pub use desk::{Decided, Desk, PATIENCE_US, Step, Work};
pub use judged::JudgedShop;
pub use keeper::{Follower, Keeper, MODELS, PUBLISHES_AFTER_US};
pub use model::{Model, ModelImage, ModelState, ModelWrite};
pub use replica::{Replica, read_command};
pub use requests::{Asked, Requests, customer};
pub use script::SCRIPTED;
pub use system::{
    CLUSTER_NODES, CallId, CheckpointWrites, EventsEvent, EventsImage, EventsMessage,
    EventsProcess, EventsRequest, EventsSetup, EventsWrite, KEEPER, Log, ModelKind,
    Outcome as RequestOutcome, Publish, Recorded, RequestId, Role, Rules, SINGLE_NODES, StreamRead,
    role,
};

use std::any::Any;

use chronicle::Chronicle;

use super::raft::RaftEvent;
use super::{
    CURTAIN, Choice, Command, Dial, Explained, Explanation, Lab, LabEntry, LabSettings, LabWords,
    LegendItem, Outcome, Partition, Promise, Question, Refused, SPACE_TIME, StoryLine, Table, Task,
    View, partition,
};
use crate::scene::space_time::SpaceTime;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Highlight, Scene, Spacing, Target, Thing, Window};
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId};
use crate::stable_hash::stable_hash;

/// The lab's line in the registry.
pub const ENTRY: LabEntry = LabEntry {
    name: "events",
    servers: SINGLE_NODES..=SINGLE_NODES,
    defaults: LabSettings::new(SINGLE_NODES, 6),
    settings: settings::SETTINGS,
    groups: settings::GROUPS,
    lessons: &[],
    words: LabWords {
        what: "a shop that keeps its events",
        promises: "What event sourcing promises:",
        judged: "All of it is judged after every single event, whatever is set. Where a setting \
            gives something up, that is said beside it.",
        by_itself: "as they are by themselves",
    },
    views: &[views::LOG, views::SNAPSHOTS, views::OLD_EVENTS, SPACE_TIME, CURTAIN],
    opens_view: true,
    stage: None,
    speed_ppm: None,
    quiz: None,
    check: |settings| settings::rules(settings).map(|_| ()),
    open: |settings| Box::new(EventLab::new(settings)),
};

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 8_000, high_us: 16_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 2_000, high_us: 4_000 };

/// A shop with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct EventLab {
    cluster: Cluster,
    /// It looks at the cluster after every single event.
    chronicle: Chronicle,
}

impl EventLab {
    /// A shop at time 0.
    pub fn new(settings: &LabSettings) -> EventLab {
        let cluster = Cluster::new(settings);
        let mut chronicle = Chronicle::new(&cluster);
        chronicle.observe(&cluster);
        EventLab { cluster, chronicle }
    }

    /// The shop, and nothing that is drawn.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The lab behind the face that the page and the lens know, if it is this one.
    pub fn of(lab: &dyn Lab) -> Option<&EventLab> {
        let lab: &dyn Any = lab;
        lab.downcast_ref()
    }
}

impl Lab for EventLab {
    fn now_us(&self) -> u64 {
        self.cluster.world().now_us()
    }

    fn next_due_us(&self) -> Option<u64> {
        self.cluster.next_due_us()
    }

    fn quiet_until_us(&self) -> Option<u64> {
        self.cluster.world().quiet_until_us()
    }

    /// On one server nothing happens before somebody asks for something, so the figure opens at the
    /// start. A cluster has to elect a leader first, or whoever asks is told that there is none.
    fn opening_us(&self) -> u64 {
        match self.cluster.rules().log {
            Log::Single => 0,
            Log::Raft => self.cluster.clone().first_leader_us(),
        }
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
        self.chronicle.story(&self.cluster, most)
    }

    fn table(&self) -> Table {
        table::table(&self.cluster)
    }

    fn client_table(&self) -> Table {
        client_views::table(&self.cluster)
    }

    fn tasks(&self) -> Vec<Task> {
        self.chronicle.tasks(&self.cluster)
    }

    fn promises(&self) -> Vec<Promise> {
        self.chronicle.promises(&self.cluster)
    }

    fn outcome(&self) -> Outcome {
        outcome::outcome(&self.cluster)
    }

    fn legend(&self) -> Vec<LegendItem> {
        scene::legend(self.cluster.rules().log)
    }

    fn reading(&self) -> &'static str {
        scene::reading(self.cluster.rules().log)
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

impl Explained for EventLab {
    fn space_time(&self, window: Window, spacing: Spacing) -> Option<SpaceTime> {
        space_time::space_time(&self.cluster, &self.chronicle, window, spacing)
    }

    fn view(&self, name: &str) -> Option<Box<dyn View>> {
        views::view(name)
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
