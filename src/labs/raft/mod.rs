//! The Raft lab: a cluster of [`raft`](crate::raft) servers in the [world](crate::sim).

mod challenges;
mod choices;
mod chronicle;
mod client_views;
mod clients;
mod cluster;
pub(super) mod exported;
mod feats;
mod judged;
#[cfg(feature = "lessons")]
pub(super) mod lessons;
mod log_matrix;
mod machine;
mod members;
mod narration;
mod operations;
mod outcome;
mod peace;
mod scenarios;
pub(super) mod scene;
mod script;
mod settings;
pub(super) mod space_time;
mod table;
mod tasks;
mod time_strip;
mod why;
mod world;

pub use clients::{Asked, Clients, Fate};
pub use cluster::Cluster;
pub use operations::operations;
pub use peace::{bears_the_broken, newest_leader};
pub use script::SCRIPTED;
pub use settings::{config_of, settings_of};
pub use world::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};

use chronicle::Chronicle;
use tasks::TaskBoard;
use why::Why;

use super::partition::describe;
use super::{
    Breach, Choice, Command, Explained, Explanation, LOGS, Lab, LabEntry, LabSettings, LabWords,
    LegendItem, Outcome, Partition, Promise, Question, Refused, SPACE_TIME, StoryLine, TOGETHER,
    Table, Task, partition,
};
use crate::check::raft::RaftJudges;
use crate::check::{Finding, Property};
use crate::scene::log_matrix::{LogMatrix, LogWindow};
use crate::scene::space_time::SpaceTime;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Frame, Highlight, Scene, Spacing, Target, Thing, Window};
use crate::shared_list::SharedList;
use crate::sim::{Delay, Halted, LinkSettings, NodeId, RecordId, World};
use crate::stable_hash::stable_hash;

/// The lab's line in the registry.
pub const ENTRY: LabEntry = LabEntry {
    name: "raft",
    servers: 3..=9,
    defaults: LabSettings::new(5, 5),
    settings: settings::SETTINGS,
    groups: settings::GROUPS,
    #[cfg(feature = "lessons")]
    lessons: lessons::LESSONS,
    #[cfg(not(feature = "lessons"))]
    lessons: &[],
    words: LabWords {
        what: "a Raft",
        promises: "What Raft promises:",
        judged: "Judges look at every server after every single event. The first five are those \
            of the paper’s Figure 3; the others would break earlier.",
        by_itself: "as in Figure 2",
    },
    views: &[SPACE_TIME, LOGS, TOGETHER],
    opens_view: false,
    stage: None,
    speed_ppm: None,
    quiz: None,
    check: |settings| settings::problem(settings).map_or(Ok(()), Err),
    open: |settings| Box::new(RaftLab::new(settings)),
};

/// How long before the first election the figure opens, in microseconds.
const PRELUDE_US: u64 = 14_000;

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 6_000, high_us: 12_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 200, high_us: 500 };

/// A Raft cluster with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct RaftLab {
    cluster: Cluster,
    /// The records worth telling. With `tasks`, a fold over the first `read` records.
    told: SharedList<RecordId, 128>,
    tasks: TaskBoard,
    /// It looks at the world after every single event.
    chronicle: Chronicle,
    read: usize,
}

impl RaftLab {
    /// A cluster at time 0.
    pub fn new(settings: &LabSettings) -> RaftLab {
        let tasks = TaskBoard::new(settings::config_of(settings).servers.len() as u8);
        let cluster = Cluster::new(settings);
        let chronicle = Chronicle::new(cluster.world());
        let mut lab = RaftLab { cluster, told: SharedList::default(), tasks, chronicle, read: 0 };
        lab.read_on();
        lab
    }

    /// The world of the cluster.
    pub fn world(&self) -> &World<RaftProcess> {
        self.cluster.world()
    }

    /// What clients have asked for, and what became of it.
    pub fn clients(&self) -> &Clients {
        self.cluster.clients()
    }

    /// Who leads, for tests that have waited for it.
    #[cfg(test)]
    fn leader(&self) -> NodeId {
        let leader = newest_leader(self.world()).expect("there is a leader");
        NodeId(leader.server().id().0)
    }

    /// How many servers decide, of those that are members at first.
    fn majority(&self) -> usize {
        self.world().settings().setup.config.majority()
    }

    /// Folds the records that came since the last time into what is told and ticked.
    fn read_on(&mut self) {
        self.chronicle.observe(self.cluster.world());
        let records = self.cluster.world().history().records();
        for (place, record) in records.from(self.read).enumerate() {
            let id = RecordId((self.read + place) as u32);
            if narration::is_told(self.cluster.clients(), record) {
                self.told.push(id);
            }
            self.tasks.read(record);
        }
        self.read = records.len();
    }
}

impl Lab for RaftLab {
    fn now_us(&self) -> u64 {
        self.world().now_us()
    }

    fn next_due_us(&self) -> Option<u64> {
        self.world().next_due_us()
    }

    fn quiet_until_us(&self) -> Option<u64> {
        self.world().quiet_until_us()
    }

    fn opening_us(&self) -> u64 {
        self.world().next_due_us().unwrap_or(0).saturating_sub(PRELUDE_US)
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.advance_within(at_us, usize::MAX).map(|_| ())
    }

    fn advance_within(&mut self, at_us: u64, records: usize) -> Result<bool, Halted> {
        let chronicle = &mut self.chronicle;
        let advanced =
            self.cluster.advance_within(at_us, records, |world| chronicle.observe(world));
        self.read_on();
        advanced
    }

    fn fork(&self) -> Box<dyn Lab> {
        Box::new(self.clone())
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        self.cluster.act(command)?;
        self.read_on();
        Ok(())
    }

    fn history_len(&self) -> usize {
        self.world().history().len()
    }

    fn history_first(&self) -> usize {
        self.world().history().records().first()
    }

    fn let_go_before(&mut self, record: RecordId) {
        self.cluster.let_go_before(record);
        let first = RecordId(self.history_first() as u32);
        self.told.let_go_before(self.told.partition_point(|told| *told < first));
        self.chronicle.let_go_before(first);
    }

    fn record(&self, record: RecordId) -> Option<(u64, u64)> {
        let record = self.world().history().get(record)?;
        Some((record.at_us, stable_hash(record)))
    }

    fn history_hash(&self) -> u64 {
        self.world().history().hash()
    }

    fn scene(&self, frame: Frame, linger_us: u64) -> Scene {
        scene::scene(self.world(), self.clients(), frame, linger_us)
    }

    fn lane(&self, window: Window, buckets: u32) -> LaneContent {
        time_strip::lane(self.world(), &self.chronicle, self.cluster.verdicts(), window, buckets)
    }

    fn next_mark_us(&self, at_us: u64, back: bool) -> Option<u64> {
        let verdicts = self.cluster.verdicts();
        time_strip::next_mark_us(self.world(), &self.chronicle, verdicts, at_us, back)
    }

    fn story(&self, most: usize) -> Vec<StoryLine> {
        let from = self.told.len().saturating_sub(most);
        let history = self.world().history();
        let line = |id: &RecordId| narration::line(self.clients(), history, *id);
        self.told.from(from).filter_map(line).collect()
    }

    fn table(&self) -> Table {
        table::table(self.world())
    }

    fn client_table(&self) -> Table {
        client_views::table(self.clients())
    }

    fn tasks(&self) -> Vec<Task> {
        let first = self.cluster.verdicts().earliest();
        let first = first.and_then(|violation| self.world().history().get(violation.at));
        self.tasks.tasks(first.map(|record| record.at_us))
    }

    fn promises(&self) -> Vec<Promise> {
        let verdicts = self.cluster.verdicts();
        let history = self.world().history();
        let promise = |property: Property| {
            let (name, says) = property.words_of_raft();
            let broken = verdicts.of(property).map(|violation| {
                let at_us = history.get(violation.at).map_or(0, |record| record.at_us);
                Breach {
                    record: violation.at,
                    at_us,
                    finding: violation.finding.to_string(),
                    servers: concerned(&violation.finding),
                }
            });
            Promise { name, says, is_main: property.is_of_figure_3(), broken }
        };
        // Of what cannot happen here nothing is promised, either.
        let config = &self.world().settings().setup.config;
        let promised = match config.snapshot_after_entries {
            Some(_) => RaftJudges::PROPERTIES,
            None => RaftJudges::OF_FIGURE_2,
        };
        promised.iter().copied().map(promise).collect()
    }

    fn outcome(&self) -> Outcome {
        outcome::outcome(&self.cluster)
    }

    fn legend(&self) -> Vec<LegendItem> {
        let config = &self.world().settings().setup.config;
        let shown = if config.snapshot_after_entries.is_some() { 6 } else { 5 };
        scene::LEGEND[..shown].to_vec()
    }

    fn reading(&self) -> &'static str {
        scene::READING
    }

    fn choices(&self, target: Target) -> Vec<Choice> {
        choices::choices(self.world(), self.clients(), target)
    }

    fn stroke_effect(&self, links: &[(NodeId, NodeId)]) -> Partition {
        let quorum = members::quorum(&members::in_force(self.world()));
        let network = self.world().network();
        partition::stroke_effect(network, links, &|cut| describe(network, &quorum, cut))
    }

    fn drop_effect(&self, node: NodeId, joins: Option<NodeId>) -> Partition {
        let quorum = members::quorum(&members::in_force(self.world()));
        let network = self.world().network();
        partition::drop_effect(network, node, joins, &|cut| describe(network, &quorum, cut))
    }
}

impl Explained for RaftLab {
    fn space_time(&self, window: Window, spacing: Spacing) -> Option<SpaceTime> {
        let verdicts = self.cluster.verdicts();
        Some(space_time::space_time(
            self.world(),
            self.clients(),
            (&self.chronicle, verdicts),
            window,
            spacing,
        ))
    }

    fn log_matrix(&self, window: LogWindow) -> Option<LogMatrix> {
        Some(log_matrix::log_matrix(self.world(), window))
    }

    fn last_log_index(&self) -> u64 {
        log_matrix::last_index(self.world())
    }

    fn highlight(&self, thing: Thing) -> Highlight {
        time_strip::highlight(self.world(), thing)
    }

    fn why(&self, question: &Question) -> Option<Explanation> {
        Why::new(self.world(), self.clients()).answer(question)
    }

    fn questions(&self, target: Target) -> Vec<(String, Question)> {
        Why::new(self.world(), self.clients()).questions(target)
    }
}

/// The servers that a finding is about.
pub(super) fn concerned(finding: &Finding) -> Vec<NodeId> {
    let servers = match finding {
        Finding::TwoLeaders { first, second, .. } | Finding::NotConverged { first, second } => {
            vec![first, second]
        }
        Finding::FalseMatch { leader, follower, .. } => vec![leader, follower],
        Finding::Deposed { leader, by, .. } => vec![leader, by],
        Finding::TwoVotes { voter: server, .. }
        | Finding::TooFewVotes { leader: server, .. }
        | Finding::LeaderRewrote { leader: server, .. }
        | Finding::LeaderLacks { leader: server, .. }
        | Finding::TooFewCopies { leader: server, .. }
        | Finding::CommittedOldTerm { leader: server, .. }
        | Finding::MajoritiesApart { leader: server, .. }
        | Finding::ChangedTooEarly { leader: server, .. }
        | Finding::EntriesDiffer { server, .. }
        | Finding::AppliedDiffer { server, .. }
        | Finding::AppliedOutOfOrder { server, .. }
        | Finding::TermWentBack { server, .. }
        | Finding::IndexWentBack { server, .. }
        | Finding::NeverCommitted { server, .. }
        | Finding::CommitsDiffer { server, .. }
        | Finding::RemovedCommitted { server, .. }
        | Finding::OutOfOrder { server, .. }
        | Finding::TermFell { server, .. }
        | Finding::SentTooEarly { server, .. }
        | Finding::NotWritten { server }
        | Finding::FalseSnapshot { server, .. }
        | Finding::OtherMembers { server, .. }
        | Finding::TimerWrong { server, .. }
        | Finding::LogTimeWentBack { server, .. }
        | Finding::EffectsDiffer { server, .. }
        | Finding::DoneTwice { server, .. }
        | Finding::StaleRead { server, .. } => vec![server],
        // What the judges of stores without a leader find is about none of these servers.
        Finding::NotLinearizable { .. }
        | Finding::NoProgress { .. }
        | Finding::TooFewHold { .. }
        | Finding::ReadMissed { .. }
        | Finding::SessionBroken { .. }
        | Finding::ReplicasDiffer { .. }
        | Finding::NotServed { .. }
        | Finding::InWords(_) => Vec::new(),
    };
    servers.into_iter().map(|server| NodeId(server.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Setting, SettingValue};
    use super::*;
    use crate::scene::CellLook;
    use crate::sim::Fault;

    fn write(lab: &mut RaftLab, via: NodeId, times: u64) {
        for _ in 0..times {
            let value = (lab.clients().writes() + 1).to_string();
            lab.act(&Command::write(via, "x", value)).expect("the server runs");
            lab.advance_to(lab.now_us() + 60_000).expect("far from any limit");
        }
    }

    /// With every switch on: a follower that was down for long is rescued by a snapshot (§7), the
    /// picture shows it as one cell, and the judges find nothing.
    #[test]
    fn a_server_that_slept_is_rescued_by_a_snapshot() {
        let mut settings = LabSettings::new(3, 5);
        for entry in ENTRY.settings {
            if let SettingValue::Switch(_) = entry.default {
                let value = SettingValue::Switch(true);
                settings.tuning.set(Setting { name: entry.name, value });
            }
        }
        let mut lab = RaftLab::new(&settings);
        lab.advance_to(400_000).expect("far from any limit");
        let leader = lab.leader();
        let sleeper = NodeId((leader.0 + 1) % 3);
        lab.act(&Command::Faults(vec![Fault::Crash(sleeper)])).expect("it runs");
        write(&mut lab, leader, 9);
        lab.act(&Command::Faults(vec![Fault::Restart(sleeper)])).expect("it is down");
        lab.advance_to(lab.now_us() + 600_000).expect("far from any limit");
        let awake = lab.world().node(sleeper).and_then(|node| node.process()).expect("it runs");
        assert_eq!(awake.store().get("x"), Some("9"));
        assert!(awake.server().log().base().last_log_index.0 >= 4, "it came by a snapshot");
        let scene = lab.scene(Frame { width: 800.0, height: 500.0 }, 0);
        let cells = &scene.nodes[sleeper.index()].strip.cells;
        assert!(cells[0].text.starts_with("1…") && cells[0].look == CellLook::Stacked, "{cells:?}");
        assert!(lab.promises().iter().all(|promise| promise.broken.is_none()));
    }
}
