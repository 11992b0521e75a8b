//! The circuit breaker lab: callers behind breakers, a service that can be made ill, and the storm
//! that retries make of it.
//!
//! Callers begin requests by themselves and make calls through [breakers](crate::circuit_breaker),
//! with [retries](crate::resilience) if they may. What they call is a service, a service with a
//! database behind it, four shards, or a [Raft](crate::raft) cluster.

pub(super) mod caller;
pub(super) mod calls;
mod challenges;
mod choices;
pub(super) mod chronicle;
mod client_views;
mod cluster;
mod cluster_server;
pub(super) mod dials;
pub(super) mod door;
pub(super) mod doors;
pub(super) mod exported;
mod highlight;
mod judged;
pub(super) mod judges;
mod lane;
pub(super) mod narration;
mod outbox;
mod outcome;
pub(super) mod policy;
pub(super) mod promises;
mod scenarios;
pub(super) mod scene;
mod script;
mod service;
pub(super) mod settings;
pub(super) mod space_time;
pub(super) mod system;
pub(super) mod table;
mod tasks;
pub(super) mod telling;
mod views;
mod why;
pub(super) mod words;

pub use caller::Caller;
pub use calls::{Calls, CallsOf, LATE_KEPT, LateCall, UnderWay};
pub use cluster::{Cluster, WORDS};
pub use cluster_server::Replica;
pub use door::Door;
pub use judged::JudgedBreaker;
pub use policy::{BreakerPolicy, Policy};
pub use script::SCRIPTED;
pub use service::{ASKS_FOR_US, HANGS_FOR_US, Health, Service};
pub use system::{
    Answer, BreakerEvent, BreakerImage, BreakerMessage, BreakerProcess, BreakerRequest,
    BreakerSetup, BreakerWrite, ByHand, CallId, Cast, DATABASE, End, RequestId, Role,
};

use std::any::Any;

use chronicle::Chronicle;

use super::raft::RaftEvent;

use super::{
    Choice, Command, Dial, Explained, Explanation, Lab, LabEntry, LabSettings, LabWords,
    LegendItem, Outcome, Partition, Promise, Question, Refused, SPACE_TIME, StoryLine, Table, Task,
    View, partition,
};
use crate::scene::space_time::SpaceTime;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Highlight, Scene, Spacing, Target, Thing, Window};
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId};
use crate::stable_hash::stable_hash;

/// As many nodes as the largest cast has; the others have fewer.
const NODES: u8 = 6;

/// The lab's line in the registry.
pub const ENTRY: LabEntry = LabEntry {
    name: "breaker",
    servers: NODES..=NODES,
    defaults: LabSettings::new(NODES, 7),
    settings: settings::SETTINGS,
    groups: settings::GROUPS,
    lessons: &[],
    words: LabWords {
        what: "a circuit breaker",
        promises: "What these settings promise:",
        judged: "What was promised is judged after every single event. Breakers with habits, and \
            callers with mistakes, promise less.",
        by_itself: "as it is by itself",
    },
    views: &[views::STORM, views::RETRIES, views::SHARDS, views::LIBRARIES, SPACE_TIME],
    opens_view: false,
    stage: Some(settings::CAST),
    speed_ppm: Some(1_000_000),
    quiz: None,
    check: |settings| settings::setup(settings).map(|_| ()),
    open: |settings| Box::new(BreakerLab::new(settings)),
};

/// How links behave when nothing else is asked for: slow enough to be watched.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 120_000, high_us: 180_000 });

/// Those of the network, where servers must hear of each other in time.
const LINKS_OF_NETWORK: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 20_000, high_us: 40_000 });

/// How long disks need when nothing else is asked for: only servers of the cluster have one.
const SYNC: Delay = Delay::Uniform { low_us: 2_000, high_us: 4_000 };

/// A run with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct BreakerLab {
    cluster: Cluster,
    /// It looks at the cluster after every single event.
    chronicle: Chronicle,
}

impl BreakerLab {
    /// At time 0.
    pub fn new(settings: &LabSettings) -> BreakerLab {
        let cluster = Cluster::new(settings);
        let mut chronicle = Chronicle::new(&cluster);
        chronicle.observe(&cluster);
        BreakerLab { cluster, chronicle }
    }

    /// The world with what became of every call, and nothing that is drawn.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The lab behind the face that the page and the lens know, if it is this one.
    pub fn of(lab: &dyn Lab) -> Option<&BreakerLab> {
        let lab: &dyn Any = lab;
        lab.downcast_ref()
    }
}

impl Lab for BreakerLab {
    fn now_us(&self) -> u64 {
        self.cluster.world().now_us()
    }

    fn next_due_us(&self) -> Option<u64> {
        self.cluster.next_due_us()
    }

    fn quiet_until_us(&self) -> Option<u64> {
        self.cluster.world().quiet_until_us()
    }

    /// The first call is soon made.
    fn opening_us(&self) -> u64 {
        0
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
        scene::legend(self.cluster.cast())
    }

    fn reading(&self) -> &'static str {
        scene::reading(self.cluster.cast())
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

impl Explained for BreakerLab {
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
