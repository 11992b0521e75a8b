//! Raft servers with something wrong between them and the world.
//!
//! The server inside is the real one. What goes in and comes out is changed, as a bug in the core
//! would change it, or the state that judges see is. Each of these must be caught.

use std::collections::VecDeque;

use rift::check::Property;
use rift::check::raft::{RaftNode, Told};
use rift::labs::raft::{Keeps, RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use rift::raft::{
    AppendResult, Configuration, Durable, Effect, Entry, Event, KeyValueCommand, KeyValueStore,
    Log, LogIndex, Message, Payload, ReadGuarantee, RequestId, Role, Server, ServerId, Term, Write,
};
use rift::sim::{Input, NodeId, Output, Process, WriteId};

type KvMessage = Message<KeyValueCommand>;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bug {
    /// Nothing: it votes once, and does all else as it should.
    VotesOnce,
    /// A write counts as durable at once.
    SyncIsALie,
    /// `votedFor` is not read back after a crash.
    ForgetsVote,
    /// `currentTerm` is not read back after a crash.
    ForgetsTerm,
    /// Entries are not written.
    LosesEntries,
    /// Every candidate gets the vote.
    VotesForAll,
    /// A candidate whose log is behind gets the vote.
    SkipsUpToDateCheck,
    /// A refused vote counts.
    CountsRefusals,
    /// A vote counts twice.
    CountsVotesTwice,
    /// A vote of an earlier election counts.
    CountsStaleVotes,
    /// An acknowledgement of an earlier term counts.
    CountsStaleAcks,
    /// A refusal of AppendEntries counts as success.
    TakesRefusalForSuccess,
    /// A follower vouches for an entry more than it has.
    VouchesForMore,
    /// A follower does not check the entry before the new ones.
    SkipsPreviousCheck,
    /// A leader sends something else than it has.
    ChangesEntries,
    /// A leader gives old entries its own term when it sends them.
    RestampsEntries,
    /// A leader takes for committed what it has only sent.
    ExaggeratesCommit,
    /// A leader counts copies of entries of earlier terms (§5.4.2).
    CommitsOldTerms,
    /// A server loses its latest changes without having crashed.
    Amnesia,
    /// A server applies entries twice.
    AppliesTwice,
    /// A server applies something else than the log has.
    AppliesOther,
    /// Commits go beyond the log.
    CommitsBeyondLog,
    /// A candidate takes itself for the leader.
    LeadsTooEarly,
    /// A leader cuts off its own last entry.
    LeaderCuts,
    /// A server puts a wrong term on its last entry.
    WrongTermInLog,
    /// `matchIndex` is reset to 0 now and then.
    MatchIsReset,
    /// Election timers do not run.
    NeverStands,
    /// One server ignores all entries.
    IgnoresEntries,
    /// A snapshot on disk is not the one that was taken.
    ChangesSnapshots,
    /// New voters take over in one step, without joint consensus.
    ReplacesInOneStep,
    /// A leader takes every entry for a change of members, and waits for none of them.
    ChangesTooEarly,
    /// A retried command takes effect again.
    DoesAgain,
    /// Whoever does not lead answers reads from what it knows.
    ReadsAnywhere,
}

impl Bug {
    /// Bugs that a few runs show, and promises that they break.
    pub(crate) const CATALOGUE: &'static [(Bug, &'static [Property])] = &[
        (Bug::SyncIsALie, &[Property::SyncedBeforeSent, Property::CommittedOnMajority]),
        (Bug::ForgetsVote, &[Property::OneVotePerTerm, Property::MemoryIsWritten]),
        (Bug::ForgetsTerm, &[Property::TermNeverGoesBack]),
        (Bug::LosesEntries, &[Property::MemoryIsWritten, Property::SyncedBeforeSent]),
        (Bug::VotesForAll, &[Property::OneVotePerTerm, Property::ElectionSafety]),
        (
            Bug::SkipsUpToDateCheck,
            &[Property::LeaderCompleteness, Property::CommittedStays, Property::Linearizability],
        ),
        (Bug::CountsRefusals, &[Property::ElectedByMajority, Property::ElectionSafety]),
        (Bug::CountsVotesTwice, &[Property::ElectedByMajority]),
        (Bug::CountsStaleVotes, &[Property::ElectedByMajority]),
        (Bug::TakesRefusalForSuccess, &[Property::MatchIsTruthful]),
        (Bug::VouchesForMore, &[Property::SyncedBeforeSent, Property::MatchIsTruthful]),
        (Bug::SkipsPreviousCheck, &[Property::LogMatching]),
        (Bug::ChangesEntries, &[Property::LogMatching, Property::StateMachineSafety]),
        (Bug::RestampsEntries, &[Property::LogMatching]),
        (Bug::ExaggeratesCommit, &[Property::CommitsAgree]),
        (Bug::CommitsOldTerms, &[Property::CommitsOwnTerm]),
        (Bug::Amnesia, &[Property::CommitNeverGoesBack, Property::MatchNeverGoesBack]),
        (Bug::AppliesTwice, &[Property::StateMachineSafety]),
        (Bug::AppliesOther, &[Property::StateMachineSafety]),
        (Bug::CommitsBeyondLog, &[Property::IndicesInOrder]),
        (Bug::LeadsTooEarly, &[Property::ElectedByMajority, Property::ElectionSafety]),
        (Bug::LeaderCuts, &[Property::LeaderAppendOnly]),
        (Bug::WrongTermInLog, &[Property::TermsAscend]),
        (Bug::MatchIsReset, &[Property::MatchNeverGoesBack]),
        (Bug::NeverStands, &[Property::Progress]),
        (Bug::IgnoresEntries, &[Property::Convergence]),
        (Bug::ChangesSnapshots, &[Property::SnapshotsAreTrue]),
        (Bug::ReplacesInOneStep, &[Property::MajoritiesOverlap]),
        (Bug::ChangesTooEarly, &[Property::MajoritiesOverlap]),
        (Bug::DoesAgain, &[Property::OncePerCommand]),
        (Bug::ReadsAnywhere, &[Property::ReadsAreFresh]),
    ];
}

/// A Raft server with a bug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tampered {
    inner: RaftProcess,
    bug: Bug,
    members: u8,
    inputs: u64,
    /// Writes by the number that the world knows. A server with amnesia uses its numbers again.
    writes: Vec<WriteId>,
    /// Outputs to come before the server's own.
    extra: VecDeque<Output<Tampered>>,
    /// Itself a while ago.
    past: Option<Box<RaftProcess>>,
    /// The log that judges see.
    shown: Option<Log<KeyValueCommand>>,
    /// The joint configuration that judges see, without its old side.
    one_sided: Option<Configuration>,
}

impl Tampered {
    fn server(&self) -> &Server<KeyValueCommand> {
        self.inner.server()
    }

    /// Every third of its inputs or so, but not at first.
    fn now_and_then(&self) -> bool {
        self.inputs > 60 && self.inputs.is_multiple_of(37)
    }

    fn tamper_message(&self, from: NodeId, message: KvMessage) -> Vec<(NodeId, KvMessage)> {
        let mine = self.server().current_term();
        let with = |message| vec![(from, message)];
        match (self.bug, message) {
            (Bug::SkipsUpToDateCheck, mut message) => {
                if let Message::RequestVote { last_log_index, last_log_term, .. } = &mut message {
                    (*last_log_index, *last_log_term) = (LogIndex(u64::MAX), Term(u64::MAX));
                }
                with(message)
            }
            (Bug::CountsRefusals, Message::RequestVoteReply { term, .. }) => {
                with(Message::RequestVoteReply { term, vote_granted: true })
            }
            (Bug::CountsStaleVotes, Message::RequestVoteReply { vote_granted: true, .. }) => {
                with(Message::RequestVoteReply { term: mine, vote_granted: true })
            }
            (Bug::CountsVotesTwice, message @ Message::RequestVoteReply { .. }) => {
                let own = self.server().id().0;
                let other = (0..self.members).find(|id| *id != own && *id != from.0);
                let other = NodeId(other.unwrap_or(from.0));
                vec![(from, message.clone()), (other, message)]
            }
            (Bug::CountsStaleAcks, Message::AppendEntriesReply { result, .. }) => {
                with(Message::AppendEntriesReply { term: mine, result, round: 0 })
            }
            (Bug::TakesRefusalForSuccess, mut message) => {
                if let Message::AppendEntriesReply { result, .. } = &mut message
                    && let AppendResult::Failure { prev_log_index, .. } = *result
                {
                    *result = AppendResult::Success { match_index: prev_log_index };
                }
                with(message)
            }
            (Bug::SkipsPreviousCheck, mut message) => {
                if let Message::AppendEntries { prev_log_index, prev_log_term, .. } = &mut message {
                    let here = self.server().log().term_at(*prev_log_index);
                    *prev_log_term = here.unwrap_or(*prev_log_term);
                }
                with(message)
            }
            (Bug::IgnoresEntries, Message::AppendEntries { .. })
                if self.server().id() == ServerId(0) =>
            {
                Vec::new()
            }
            (_, message) => with(message),
        }
    }

    fn tamper_sent(&self, mut message: KvMessage) -> KvMessage {
        match (self.bug, &mut message) {
            (Bug::VotesForAll, Message::RequestVoteReply { vote_granted, .. }) => {
                *vote_granted = true;
            }
            (
                Bug::VouchesForMore,
                Message::AppendEntriesReply {
                    result: AppendResult::Success { match_index }, ..
                },
            ) => *match_index = match_index.next(),
            (Bug::ChangesEntries, Message::AppendEntries { entries, .. }) => {
                if let Some(Entry { payload: Payload::Command(command), .. }) = entries.first_mut()
                {
                    *command = KeyValueCommand::Delete { key: "x".into() };
                }
            }
            (Bug::RestampsEntries, Message::AppendEntries { term, entries, .. }) => {
                entries.iter_mut().for_each(|entry| entry.term = *term);
            }
            (
                Bug::ExaggeratesCommit,
                Message::AppendEntries { prev_log_index, entries, leader_commit, .. },
            ) => *leader_commit = prev_log_index.plus(entries.len()),
            _ => {}
        }
        message
    }

    fn tamper_event(&mut self, event: RaftEvent) -> Output<Tampered> {
        let event = match (self.bug, event) {
            (Bug::AppliesTwice, event @ RaftEvent::Applied { .. }) => {
                self.extra.push_back(Output::Event(event.clone()));
                event
            }
            (Bug::AppliesOther, RaftEvent::Applied { index, mut entry })
                if self.server().id() == ServerId(1) =>
            {
                entry.payload = Payload::Noop;
                RaftEvent::Applied { index, entry }
            }
            (Bug::DoesAgain, RaftEvent::Session { index, effect: Effect::Repeated { answer } }) => {
                RaftEvent::Session { index, effect: Effect::Applied { answer } }
            }
            (Bug::ReadsAnywhere, RaftEvent::Raft(Event::ReadRefused { request, .. })) => {
                let (read_index, by) = (self.commit_index(), ReadGuarantee::Round { round: 0 });
                RaftEvent::Raft(Event::ReadReady { request, read_index, by })
            }
            (_, event) => event,
        };
        Output::Event(event)
    }

    /// The log as a broken server would have it.
    fn show_log(&mut self) {
        let log = self.server().log();
        let mut entries: Vec<Entry<KeyValueCommand>> =
            log.iter().map(|(_, entry)| entry.clone()).collect();
        match self.bug {
            Bug::LeaderCuts if self.inner.leads() && self.inputs > 60 => drop(entries.pop()),
            Bug::WrongTermInLog => {
                let last = entries.last_mut().filter(|entry| entry.term > Term(1));
                last.into_iter().for_each(|entry| entry.term = Term(0));
            }
            _ => return,
        }
        self.shown = Some(Log::from(entries));
    }
}

impl Process for Tampered {
    type Setup = (RaftSetup, Bug);
    type Message = KvMessage;
    type Request = RaftRequest;
    type Event = RaftEvent;
    type Write = Write<KeyValueCommand>;
    type Image = Durable<KeyValueCommand>;

    fn boot(
        (setup, bug): &(RaftSetup, Bug),
        node: NodeId,
        image: &Durable<KeyValueCommand>,
        now_us: u64,
        seed: u64,
    ) -> Tampered {
        let mut image = image.clone();
        match bug {
            Bug::ForgetsVote => image.voted_for = None,
            Bug::ForgetsTerm => image.current_term = Term(0),
            _ => {}
        }
        Tampered {
            inner: RaftProcess::boot(setup, node, &image, now_us, seed),
            bug: *bug,
            members: setup.config.servers.len() as u8,
            inputs: 0,
            writes: Vec::new(),
            extra: VecDeque::new(),
            past: None,
            shown: None,
            one_sided: None,
        }
    }

    fn handle(&mut self, now_us: u64, input: Input<Tampered>) {
        self.inputs += 1;
        if self.bug == Bug::Amnesia && self.inputs.is_multiple_of(40) {
            let present = self.inner.clone();
            if let Some(past) = self.past.replace(Box::new(present)) {
                self.inner = *past;
            }
        }
        match input {
            Input::Message { from, message } => {
                for (from, message) in self.tamper_message(from, message) {
                    self.inner.handle(now_us, Input::Message { from, message });
                }
            }
            Input::Deadline => self.inner.handle(now_us, Input::Deadline),
            Input::Synced { write } => {
                let write = self.writes[write.0 as usize - 1];
                self.inner.handle(now_us, Input::Synced { write });
            }
            Input::Request(request) => self.inner.handle(now_us, Input::Request(request)),
        }
        self.show_log();
        if self.bug == Bug::ReplacesInOneStep && self.server().configuration().is_joint() {
            let voters = self.server().configuration().voters.clone();
            self.one_sided = Some(Configuration { voters, ..Configuration::default() });
        }
    }

    fn poll(&mut self) -> Option<Output<Tampered>> {
        if let Some(output) = self.extra.pop_front() {
            return Some(output);
        }
        Some(match self.inner.poll()? {
            Output::Send { to, message } => Output::Send { to, message: self.tamper_sent(message) },
            Output::Write { id, mut write } => {
                if self.bug == Bug::SyncIsALie {
                    self.inner.handle(0, Input::Synced { write: id });
                }
                if self.bug == Bug::LosesEntries {
                    write.append.clear();
                }
                if let (Bug::ChangesSnapshots, Some(snapshot)) = (self.bug, &mut write.snapshot) {
                    snapshot.state.push(self.server().id().0);
                }
                self.writes.push(id);
                Output::Write { id: WriteId(self.writes.len() as u64), write }
            }
            Output::Event(event) => self.tamper_event(event),
        })
    }

    fn deadline_us(&self) -> Option<u64> {
        self.inner.deadline_us().filter(|_| self.bug != Bug::NeverStands || self.inner.leads())
    }

    fn apply_write(image: &mut Durable<KeyValueCommand>, write: &Write<KeyValueCommand>) {
        image.apply(write);
    }
}

impl RaftNode for Tampered {
    type Command = KeyValueCommand;

    fn raft(&self) -> &Server<KeyValueCommand> {
        self.inner.server()
    }

    fn told(event: &RaftEvent) -> Told<'_, KeyValueCommand> {
        RaftProcess::told(event)
    }

    fn read_asked(request: &RaftRequest) -> Option<RequestId> {
        RaftProcess::read_asked(request)
    }

    fn configuration_index(&self) -> LogIndex {
        match self.bug {
            Bug::ChangesTooEarly if self.inner.leads() => self.log().last_index(),
            _ => self.raft().configuration_index(),
        }
    }

    fn configuration_at(&self, index: LogIndex) -> &Configuration {
        let honest = self.raft().configuration_at(index);
        self.one_sided.as_ref().filter(|_| honest.is_joint()).unwrap_or(honest)
    }

    fn log(&self) -> &Log<KeyValueCommand> {
        self.shown.as_ref().unwrap_or(self.inner.log())
    }

    fn leads(&self) -> bool {
        let stands = matches!(self.raft().role(), Role::Candidate { .. });
        self.inner.leads() || (self.bug == Bug::LeadsTooEarly && stands)
    }

    fn commit_index(&self) -> LogIndex {
        let honest = self.inner.commit_index();
        match self.bug {
            Bug::CommitsBeyondLog if self.inputs > 60 => self.log().last_index().next(),
            Bug::CommitsOldTerms if self.inner.leads() => {
                let mut copies = vec![self.raft().durable_index()];
                self.inner.each_follower(|_, match_index, _| copies.push(match_index));
                copies.sort_unstable();
                honest.max(copies[copies.len() - self.raft().config().majority()])
            }
            _ => honest,
        }
    }

    fn each_follower(&self, mut see: impl FnMut(ServerId, LogIndex, LogIndex)) {
        let reset = self.bug == Bug::MatchIsReset && self.now_and_then();
        self.inner.each_follower(|id, match_index, next_index| {
            see(id, if reset { LogIndex(0) } else { match_index }, next_index);
        });
    }
}

impl Keeps for Tampered {
    fn store(&self) -> &KeyValueStore {
        self.inner.store()
    }
}
