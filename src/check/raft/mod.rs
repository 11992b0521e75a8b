//! Raft's promises, watched event by event.
//!
//! Sections are those of Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm
//! (Extended Version)", 2014. Besides the five promises of its Figure 3 there are others that break
//! earlier: a forged acknowledgement is wrong at once, while the committed entry that it costs may
//! be missed only after thousands of runs, or never.
//!
//! | file | promises |
//! |---|---|
//! | `elections` | Election Safety, Leader Completeness, one vote a term, majority of votes |
//! | `logs` | Leader Append-Only, Log Matching, ascending terms, committed stays |
//! | `commitment` | committed on a majority, own term only, commits agree |
//! | `machine` | State Machine Safety |
//! | `indices` | what never goes back, what is in order, true matches |
//! | `durability` | synced before sent, memory is written |
//! | `snapshots` | what stands for dropped entries is what they come to |
//! | `timers` | when election timeouts begin anew |
//! | `membership` | majorities that can decide overlap, the latest members count |
//! | `sessions` | a client's command takes effect once |
//! | `reads` | reads are no older than what was committed |
//!
//! # What is no violation, though it looks like one
//!
//! - A deposed leader that does not know it yet, beside its successor. It cannot commit.
//! - A leader that lacks an entry of an earlier term that nobody committed. Leader Completeness
//!   speaks of the term in which an entry was **committed**, which may be later than its own.
//! - A match index that a deposed leader learns from a late acknowledgement, after the follower,
//!   in a later term, has removed the entry.
//! - A vote that memory forgot in a crash before it was durable: nobody had heard of it.
//! - A server that knows less to be committed after a restart: `commitIndex` is volatile.
//! - A removed entry below the highest commit index that was never the committed one.
//! - A removed entry that a leader of a later term commits meanwhile on other servers: who is still
//!   in an earlier term follows that term's leader, and has not been counted.
//! - Entries that a snapshot replaces. It stands for all that it covers, in memory and on disk; a
//!   leader that drops its beginning rewrites nothing; a server that gets one leaves entries out.
//! - A majority of another configuration than the one that a leader has right after it committed:
//!   the end of joint consensus, and its own removal, follow at once.
//! - A match index that begins again at 0: the follower was removed and added.
//! - A pre-vote for one and a vote for another: a pre-vote promises nothing.
//! - A stale read under a lease when clocks did not keep the bound that the lease was given.

mod commitment;
mod durability;
mod elections;
mod indices;
mod logs;
mod machine;
mod membership;
mod reads;
mod sessions;
mod shadow;
mod snapshots;
mod timers;
mod view;

pub use view::{CommandOf, RaftNode, RaftWorld, Told};

use commitment::Ledger;
use elections::Elections;
use logs::LogRegistry;
use machine::Machine;
use reads::Reads;
use sessions::SessionEffects;
use shadow::Shadow;
use snapshots::Snapshots;

use super::{Finding, Property, Verdicts};
use crate::raft::Durable;
use crate::sim::{Happening, NodeId, RecordId, World};

/// So many elements of what judges remember are one block, see [`SharedList`]. Few, for copies of
/// them are kept of many instants.
///
/// [`SharedList`]: crate::shared_list::SharedList
const SHARED: usize = 64;

/// All judges of a Raft world. They watch from the world's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RaftJudges {
    /// Records before this one have been judged.
    read: usize,
    shadows: Vec<Shadow>,
    elections: Elections,
    logs: LogRegistry,
    ledger: Ledger,
    machine: Machine,
    snapshots: Snapshots,
    sessions: SessionEffects,
    reads: Reads,
    verdicts: Verdicts,
}

/// What a judge looks at: one server after one event, and what it was before.
struct Look<'a, P: RaftWorld> {
    world: &'a World<P>,
    at: RecordId,
    node: NodeId,
    process: &'a P::Node,
    image: &'a Durable<CommandOf<P>>,
    before: &'a Shadow,
}

impl RaftJudges {
    /// What they watch over: all but the promises that only the end of a run can tell.
    pub const PROPERTIES: &[Property] = Property::ALL.split_at(25).0;

    /// Those of them that Raft as in Figure 2 can break.
    pub const OF_FIGURE_2: &[Property] = Property::ALL.split_at(20).0;

    /// Judges for a world of `nodes` servers of which nothing has been judged yet.
    pub fn new(nodes: u8) -> RaftJudges {
        RaftJudges {
            read: 0,
            shadows: vec![Shadow::default(); nodes.into()],
            elections: Elections::default(),
            logs: LogRegistry::default(),
            ledger: Ledger::default(),
            machine: Machine::default(),
            snapshots: Snapshots::default(),
            sessions: SessionEffects::default(),
            reads: Reads::default(),
            verdicts: Verdicts::default(),
        }
    }

    /// What has been found so far.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Notes what somebody else has found.
    pub fn note(&mut self, property: Property, at: RecordId, finding: Finding) {
        self.verdicts.note(property, at, finding);
    }

    /// How far the history has been judged.
    pub fn read(&self) -> usize {
        self.read
    }

    /// The highest index that any leader has committed.
    pub fn committed(&self) -> crate::raft::LogIndex {
        self.ledger.end()
    }

    /// The term of the committed entry at `index`.
    pub fn committed_term(&self, index: crate::raft::LogIndex) -> Option<crate::raft::Term> {
        self.ledger.term_at(index)
    }

    /// Reads the records that are new, and looks at every server that they touch.
    pub fn observe<P: RaftWorld>(&mut self, world: &World<P>) {
        let records = world.history().records();
        if records.len() < self.read {
            return;
        }
        // One bit a node; a world has at most 51.
        let mut touched = 0_u64;
        for (place, record) in records.from(self.read).enumerate() {
            let at = RecordId((self.read + place) as u32);
            if let Some(node) = self.read_record(world, at, &record.what) {
                touched |= 1 << node.0;
            }
        }
        self.read = records.len();
        let at = RecordId(self.read.saturating_sub(1) as u32);
        while touched != 0 {
            let node = NodeId(touched.trailing_zeros() as u8);
            touched &= touched - 1;
            self.look(world, at, node);
        }
    }

    /// Compares every log, in memory and on disk, entry by entry. Too slow for every event; do it
    /// at the end of a run, for changes of a log that were neither told nor written.
    pub fn audit<P: RaftWorld>(&mut self, world: &World<P>) {
        self.observe(world);
        let at = RecordId(self.read.saturating_sub(1) as u32);
        for node in world.node_ids() {
            let Some(found) = world.node(node) else {
                continue;
            };
            let log = view::image_log::<P>(found.disk().image());
            self.logs.audit(at, node, log, &mut self.verdicts);
            if let Some(process) = view::server(world, node) {
                self.logs.audit(at, node, process.log(), &mut self.verdicts);
            }
        }
    }

    /// The node that the record touches.
    fn read_record<P: RaftWorld>(
        &mut self,
        world: &World<P>,
        at: RecordId,
        what: &Happening<P>,
    ) -> Option<NodeId> {
        match what {
            Happening::Booted { node, boot } => {
                let disk = world.node(*node)?.disk();
                self.shadows[node.index()].reboot(*boot, view::image_log::<P>(disk.image()));
                self.reads.hear_boot(*node);
                Some(*node)
            }
            Happening::Sent { from, to, message, .. } => {
                let Some(message) = P::message(message) else { return Some(*from) };
                self.elections.hear(at, *from, *to, message, &mut self.verdicts);
                self.shadows[from.index()].hear(message.term());
                durability::judge_sent(world, at, *from, *to, message, &mut self.verdicts);
                Some(*from)
            }
            Happening::Decided { node, event } => {
                self.read_told(world, at, *node, P::told(event));
                Some(*node)
            }
            Happening::WriteStarted { node, write } => {
                self.shadows[node.index()].note_write(world, *node, *write);
                Some(*node)
            }
            Happening::Requested { node, request } => {
                if let Some(read) = P::read_asked(request) {
                    self.reads.ask(read, self.ledger.end());
                }
                Some(*node)
            }
            Happening::WriteSynced { node, .. } | Happening::Deadline { node } => Some(*node),
            Happening::Delivered { message } => {
                let (from, to, message) = world.history().message(*message)?;
                if let Some(message) = P::message(message) {
                    self.shadows[to.index()].timing.hear(view::id(from), message);
                }
                Some(to)
            }
            Happening::Fault(fault) => {
                self.reads.hear_fault(world.history()[at].at_us, fault);
                None
            }
            Happening::WritesKept { .. }
            | Happening::Lost { .. }
            | Happening::Duplicated { .. } => None,
        }
    }

    fn read_told<P: RaftWorld>(
        &mut self,
        world: &World<P>,
        at: RecordId,
        node: NodeId,
        told: Told<'_, CommandOf<P>>,
    ) {
        let (shadow, verdicts) = (&mut self.shadows[node.index()], &mut self.verdicts);
        match told {
            Told::Applied { index, entry } => {
                self.sessions.hear(at, node, shadow, (index, &entry.payload), verdicts);
                self.machine.judge(at, node, shadow, index, entry, verdicts);
            }
            Told::Restored { last_included_index } => {
                Machine::restore(at, node, shadow, last_included_index, verdicts);
            }
            Told::Session { index, took_effect, effect } => {
                let did = (index, took_effect, effect);
                self.sessions.judge(at, node, shadow, did, verdicts);
            }
            Told::ReadReady { request, read_index, by } => {
                let applied = shadow.told_applied;
                self.reads.judge(world, at, node, (request, read_index, by), applied, verdicts);
            }
            Told::VoteOrAttempt => shadow.timing.has_reason = true,
            Told::Other => {}
        }
    }

    fn look<P: RaftWorld>(&mut self, world: &World<P>, at: RecordId, node: NodeId) {
        let Some(found) = world.node(node) else {
            return;
        };
        let Some(process) = view::server(world, node) else {
            return;
        };
        let image = P::image(found.disk().image());
        let mut shadow = std::mem::take(&mut self.shadows[node.index()]);
        let look = Look { world, at, node, process, image, before: &shadow };
        let verdicts = &mut self.verdicts;
        durability::judge_image(&look, &self.elections, verdicts);
        self.logs.judge(&look, &self.ledger, verdicts);
        self.elections.judge(&look, &self.ledger, verdicts);
        self.ledger.judge(&look, &self.elections, &self.machine, verdicts);
        // After the ledger: what a leader commits it may drop at once, and what it takes a follower
        // to have of that is compared with what was committed.
        indices::judge(&look, &self.ledger, verdicts);
        self.snapshots.judge(&look, &self.ledger, verdicts);
        membership::judge(&look, verdicts);
        timers::judge(&look, verdicts);
        shadow.remember(process, image);
        self.shadows[node.index()] = shadow;
    }
}
