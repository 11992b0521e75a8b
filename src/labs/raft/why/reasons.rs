//! What led to a record, by the rules of the protocol: the causes that the history has, and those
//! that only Raft knows, such as all the votes of an election and not just the last.

use super::{Happened, Look, Why};
use crate::labs::explaining::Reasons;
use crate::raft::{
    CommitRule, Effect, Event, LogIndex, Message, Payload, ReadGuarantee, ServerId, StepDown, Term,
    VoteDenial,
};
use crate::sim::{Fault, Happening, NodeId, RecordId};

use super::super::{RaftEvent, RaftRequest};

/// At most so many losses stand for a silence.
pub(super) const LOSSES: usize = 12;

impl Why<'_> {
    /// What led to the record `id`: first the main reason, one step back. All are earlier.
    pub(super) fn reasons(&self, id: RecordId) -> Vec<RecordId> {
        let mut reasons = Reasons::of(id);
        match self.what(id) {
            Some(Happening::Decided { node, event }) => self.of_event(&mut reasons, *node, event),
            Some(Happening::Sent { .. } | Happening::WriteStarted { .. }) => {
                reasons.add(self.decided_with(id, &mut |_| true));
            }
            Some(Happening::Deadline { node }) => reasons.add(self.leads_since(id, *node)),
            _ => {}
        }
        for reason in self.history().reasons(&self.budget, id) {
            reasons.add(Some(reason));
        }
        reasons.found
    }

    fn of_event(&self, reasons: &mut Reasons, node: NodeId, event: &RaftEvent) {
        let id = reasons.of;
        match event {
            RaftEvent::Raft(event) => {
                self.of_election(reasons, node, event);
                self.of_replication(reasons, node, event);
            }
            RaftEvent::Session { index, effect: Effect::Repeated { .. }, .. } => {
                reasons.add(self.decided_with(id, &mut |_| true));
                reasons.add(self.first_time(id, node, *index));
            }
            RaftEvent::Read { request, .. } | RaftEvent::Answered { request, .. } => {
                reasons.add(self.decided_with(id, &mut |event| {
                    matches!(event, RaftEvent::Raft(_) | RaftEvent::Session { .. })
                }));
                reasons.add(self.asked(id, request.0));
            }
            RaftEvent::Session { .. } | RaftEvent::Applied { .. } | RaftEvent::Restored { .. } => {
                reasons.add(self.decided_with(id, &mut |_| true));
            }
        }
    }

    fn of_election(&self, reasons: &mut Reasons, node: NodeId, event: &Event) {
        let id = reasons.of;
        match event {
            Event::ElectionTimedOut { forced: false, .. } => {
                self.of_silence(reasons, node, None);
            }
            Event::BecamePreCandidate { .. } | Event::BecameCandidate { .. } => {
                reasons.add(self.decided_with(id, &mut |event| {
                    matches!(
                        event,
                        RaftEvent::Raft(
                            Event::ElectionTimedOut { .. }
                                | Event::PreVoteReceived { .. }
                                | Event::ToldToStand { .. }
                        )
                    )
                }));
                self.votes(reasons, node, &mut |event| match event {
                    Event::PreVoteReceived { granted, .. } => Votes::one_if(*granted),
                    Event::BecamePreCandidate { .. } => Votes::Begin,
                    Event::VoteReceived { .. } | Event::SteppedDown { .. } => Votes::None,
                    _ => Votes::Other,
                });
            }
            Event::BecameLeader { term, .. } => {
                self.votes(reasons, node, &mut |event| match event {
                    Event::VoteReceived { term: of, granted, .. } if of == term => {
                        Votes::one_if(*granted)
                    }
                    Event::BecameCandidate { .. } => Votes::Begin,
                    _ => Votes::Other,
                })
            }
            Event::VoteDenied { reason, term, .. } | Event::PreVoteDenied { reason, term, .. } => {
                reasons.cause(self.history());
                reasons.add(self.why_denied(id, node, *term, reason));
            }
            Event::TermAdvanced { to, seen_from, .. } => {
                reasons.cause(self.history());
                reasons.add(self.came_to_term(id, node_of(*seen_from), *to));
            }
            Event::SteppedDown { reason, .. } => match reason {
                StepDown::HigherTerm { .. } => reasons.add(self.decided_with(id, &mut |event| {
                    matches!(event, RaftEvent::Raft(Event::TermAdvanced { .. }))
                })),
                StepDown::LostTo { leader } => {
                    reasons.cause(self.history());
                    reasons.add(self.won(id, node_of(*leader), None));
                }
                StepDown::NoMajority { within_us, .. } => {
                    self.of_silence(reasons, node, Some(*within_us));
                }
                StepDown::Removed { .. } | StepDown::GaveVote { .. } => {
                    reasons.cause(self.history())
                }
            },
            _ => {}
        }
    }

    fn of_replication(&self, reasons: &mut Reasons, node: NodeId, event: &Event) {
        let id = reasons.of;
        match event {
            Event::Committed { through, by: CommitRule::Counted { .. } } => {
                self.copies(reasons, node, *through);
            }
            Event::Committed { through, by: CommitRule::Learned { leader } } => {
                reasons.cause(self.history());
                let leader = node_of(*leader);
                reasons.add(self.event_before(id, leader, &mut |event| {
                    matches!(event, Event::Committed { through: known, .. } if known >= through)
                }));
            }
            Event::NotCommittedYet { index, .. } => self.copies(reasons, node, *index),
            Event::EntriesAppended { to_index, .. } => {
                reasons.cause(self.history());
                if let Some((_, Message::AppendEntries { entries, .. })) = self.delivered(id) {
                    let term = entries.last().map(|entry| entry.term);
                    reasons.add(term.and_then(|term| self.origin(id, *to_index, term)));
                }
            }
            Event::ConflictTruncated { from_index, old_term, new_term, .. } => {
                reasons.cause(self.history());
                reasons.add(self.origin(id, *from_index, *old_term));
                reasons.add(self.origin(id, *from_index, *new_term));
            }
            Event::ProposalRefused { .. } | Event::ReadRefused { .. } => {
                reasons.cause(self.history());
                reasons.add(self.event_before(id, node, &mut |event| {
                    matches!(event, Event::SteppedDown { .. } | Event::TransferStarted { .. })
                }));
            }
            Event::ReadReady { request, by, .. } => {
                reasons.cause(self.history());
                reasons.add(self.event_before(id, node, &mut |event| {
                    matches!(event, Event::ReadStarted { request: of, .. } if of == request)
                }));
                if matches!(by, ReadGuarantee::Lease { .. }) {
                    self.of_stale_read(reasons, node);
                }
            }
            Event::ChangeRefused { .. } => {
                reasons.cause(self.history());
                reasons.add(self.event_before(id, node, &mut |event| {
                    matches!(event, Event::ConfigurationAdopted { .. } | Event::BecameLeader { .. })
                }));
            }
            _ => {}
        }
    }

    /// An election timer ran out, or a majority was not heard from: what kept the others silent,
    /// since the timer was set or `within_us`.
    fn of_silence(&self, reasons: &mut Reasons, node: NodeId, within_us: Option<u64>) {
        let deadline = self.record(reasons.of).and_then(|record| record.cause);
        let Some((deadline, at)) = deadline.and_then(|id| Some((id, self.record(id)?))) else {
            return;
        };
        let mut speaker = None;
        let floor = match (within_us, at.cause) {
            (Some(within_us), _) => {
                let from_us = at.at_us.saturating_sub(within_us);
                let records = self.history().records();
                RecordId(records.partition_point(|record| record.at_us < from_us) as u32)
            }
            (None, Some(since)) => match self.what(since) {
                // Whom it had heard from last may have fallen silent while that was on its way.
                Some(Happening::Delivered { message }) => {
                    speaker = self.history().message(*message).map(|(from, _, _)| from);
                    *message
                }
                _ => since,
            },
            (None, None) => return,
        };
        let is_speaker = |on: Option<NodeId>| speaker.is_none() || on == speaker;
        let (mut losses, mut acts) = (Vec::new(), Vec::new());
        self.find_back(floor, deadline, &mut |at, happened| {
            match happened {
                Happening::Lost { message, .. } if losses.len() < LOSSES => {
                    let ends = self.history().message(*message);
                    if ends.is_some_and(|(from, to, _)| from == node || to == node) {
                        losses.push(at);
                    }
                }
                Happening::Fault(
                    Fault::Crash(on) | Fault::CrashTorn { node: on, .. } | Fault::Pause(on),
                ) if is_speaker(Some(*on)) => acts.push(at),
                Happening::Decided {
                    node: on,
                    event: RaftEvent::Raft(Event::SteppedDown { .. }),
                } if Some(*on) == speaker => acts.push(at),
                _ => {}
            }
            false
        });
        acts.into_iter().chain(losses).for_each(|reason| reasons.add(Some(reason)));
    }

    /// A lease read while somebody else leads: that one, why this one has not heard of it, and who
    /// made its clock wrong.
    fn of_stale_read(&self, reasons: &mut Reasons, node: NodeId) {
        let id = reasons.of;
        let Some((_, newer)) = self.stale_read(id, node) else {
            return;
        };
        reasons.add(Some(newer));
        reasons.add(self.find_back(newer, id, &mut |_, happened| match happened {
            Happening::Lost { message, .. } => {
                self.history().message(*message).is_some_and(|(_, to, _)| to == node)
            }
            _ => false,
        }));
        let mut is_clock = |fault: &Fault| matches!(fault, Fault::SetClock { .. });
        reasons.add(self.history().find_act(&self.budget, RecordId(0), id, &mut is_clock));
    }

    /// The answers that made a server candidate or leader, and where it began to ask.
    fn votes(&self, reasons: &mut Reasons, node: NodeId, is: &mut dyn FnMut(&Event) -> Votes) {
        self.event_before(reasons.of, node, &mut |event| match is(event) {
            Votes::None | Votes::Begin => true,
            Votes::One | Votes::Other => false,
        })
        .map(|begin| {
            self.find_back(begin, reasons.of, &mut |id, happened| {
                if let Some(event) = event_of(happened, node)
                    && !matches!(is(event), Votes::Other | Votes::None)
                {
                    reasons.add(Some(id));
                }
                false
            })
        });
    }

    /// How a leader came to know of the copies of an entry, and where the entry came from.
    fn copies(&self, reasons: &mut Reasons, node: NodeId, through: LogIndex) {
        let mut who: Vec<ServerId> = Vec::new();
        reasons.add(self.decided_with(reasons.of, &mut |event| {
            matches!(event, RaftEvent::Raft(Event::MatchIndexAdvanced { .. }))
        }));
        reasons.cause(self.history());
        let origin = self.event_before(reasons.of, node, &mut |event| match event {
            Event::Proposed { index, .. } | Event::NoopAppended { index, .. } => *index == through,
            Event::BecameLeader { .. } => true,
            _ => false,
        });
        self.find_back(origin.unwrap_or(reasons.of), reasons.of, &mut |id, happened| {
            if let Some(Event::MatchIndexAdvanced { follower, to }) = event_of(happened, node)
                && *to >= through
                && !who.contains(follower)
            {
                who.push(*follower);
                reasons.add(Some(id));
            }
            false
        });
        reasons.add(origin);
    }

    fn why_denied(
        &self,
        id: RecordId,
        node: NodeId,
        term: Term,
        reason: &VoteDenial,
    ) -> Option<RecordId> {
        match reason {
            VoteDenial::AlreadyVoted { .. } => {
                self.event_before(id, node, &mut |event| match event {
                    Event::VoteGranted { term: of, again: false, .. } => *of == term,
                    Event::BecameCandidate { term: of } => *of == term,
                    _ => false,
                })
            }
            VoteDenial::LogOutOfDate { mine, .. } => {
                let last = mine.last_log_index;
                self.event_before(id, node, &mut |event| match event {
                    Event::Proposed { index, .. } | Event::NoopAppended { index, .. } => {
                        *index == last
                    }
                    Event::EntriesAppended { to_index, .. } => *to_index == last,
                    Event::SnapshotInstalled { .. } => true,
                    _ => false,
                })
            }
            VoteDenial::LeaderAlive { leader, .. } => {
                let leader = node_of(*leader);
                self.find_back(RecordId(0), id, &mut |_, happened| match happened {
                    Happening::Delivered { message } => {
                        let message = self.history().message(*message);
                        message.is_some_and(|(from, to, message)| {
                            let is_leaders = matches!(
                                message,
                                Message::AppendEntries { .. } | Message::InstallSnapshot { .. }
                            );
                            (from, to) == (leader, node) && is_leaders
                        })
                    }
                    _ => false,
                })
            }
            VoteDenial::JustStarted { .. } => {
                self.find_back(RecordId(0), id, &mut |_, happened| match happened {
                    Happening::Booted { node: on, .. } => *on == node,
                    _ => false,
                })
            }
            VoteDenial::StaleTerm { mine, .. } => self.came_to_term(id, node, *mine),
        }
    }

    /// A heartbeat is due because the server leads: since when. `None` for other deadlines.
    fn leads_since(&self, id: RecordId, node: NodeId) -> Option<RecordId> {
        let next = RecordId(id.0 + 1);
        let record = self.record(next).filter(|record| record.cause == Some(id))?;
        let Happening::Sent { message, .. } = &record.what else {
            return None;
        };
        let is_leaders =
            matches!(message, Message::AppendEntries { .. } | Message::InstallSnapshot { .. });
        is_leaders.then(|| self.won(id, node, Some(message.term())))?
    }

    /// When `node` became leader, of that term or for the last time.
    pub(super) fn won(&self, id: RecordId, node: NodeId, term: Option<Term>) -> Option<RecordId> {
        self.event_before(id, node, &mut |event| match event {
            Event::BecameLeader { term: of, .. } => term.is_none_or(|term| term == *of),
            _ => false,
        })
    }

    /// How `node` came to a term.
    fn came_to_term(&self, id: RecordId, node: NodeId, term: Term) -> Option<RecordId> {
        self.event_before(id, node, &mut |event| match event {
            Event::BecameCandidate { term: of } | Event::TermAdvanced { to: of, .. } => *of == term,
            _ => false,
        })
    }

    /// Where an entry was made, by whatever leader.
    pub(super) fn origin(&self, id: RecordId, index: LogIndex, term: Term) -> Option<RecordId> {
        self.find_back(RecordId(0), id, &mut |_, happened| match happened {
            Happening::Decided {
                event:
                    RaftEvent::Raft(
                        Event::Proposed { index: at, term: of, .. }
                        | Event::NoopAppended { index: at, term: of },
                    ),
                ..
            } => (*at, *of) == (index, term),
            _ => false,
        })
    }

    /// When a command was done that the entry at `index` asks for again.
    fn first_time(&self, id: RecordId, node: NodeId, index: LogIndex) -> Option<RecordId> {
        let mut wanted = None;
        self.find_back(RecordId(0), id, &mut |_, happened| match happened {
            Happening::Decided { node: on, event: RaftEvent::Applied { index: at, entry } } => {
                let Payload::ClientRequest { client, sequence, .. } = &entry.payload else {
                    return false;
                };
                if *on == node && *at == index {
                    wanted = Some((*client, *sequence));
                }
                *on == node && *at < index && wanted == Some((*client, *sequence))
            }
            _ => false,
        })
    }

    /// Where a client, or a person, asked for what `request` names.
    fn asked(&self, id: RecordId, request: u64) -> Option<RecordId> {
        self.find_back(RecordId(0), id, &mut |_, happened| match happened {
            Happening::Requested { request: asked, .. } => request_id(asked) == Some(request),
            _ => false,
        })
    }

    /// The decision just before `id` that came of the same input.
    fn decided_with(
        &self,
        id: RecordId,
        is: &mut dyn FnMut(&RaftEvent) -> bool,
    ) -> Option<RecordId> {
        self.history().decided_with(&self.budget, id, is)
    }

    /// The latest event of `node` before `id` that is one of those.
    pub(super) fn event_before(
        &self,
        id: RecordId,
        node: NodeId,
        is: &mut dyn FnMut(&Event) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), id, &mut |_, happened| {
            event_of(happened, node).is_some_and(&mut *is)
        })
    }

    /// The message whose delivery brought the record `id` about.
    pub(super) fn delivered(
        &self,
        id: RecordId,
    ) -> Option<(NodeId, &Message<crate::raft::KeyValueCommand>)> {
        let (from, _, message) = self.history().message(self.history().delivered_to(id)?)?;
        Some((from, message))
    }
}

/// What an event is to a count of votes.
enum Votes {
    /// The asking begins here.
    Begin,
    /// A vote.
    One,
    /// Something else.
    Other,
    /// No votes were asked for.
    None,
}

impl Votes {
    fn one_if(granted: bool) -> Votes {
        if granted { Votes::One } else { Votes::Other }
    }
}

/// The protocol's decision that this is, if it is one of `node`.
pub(super) fn event_of(happened: &Happened, node: NodeId) -> Option<&Event> {
    match happened {
        Happening::Decided { node: on, event: RaftEvent::Raft(event) } if *on == node => {
            Some(event)
        }
        _ => None,
    }
}

/// Node *k* runs `ServerId(k)`.
pub(super) fn node_of(server: ServerId) -> NodeId {
    NodeId(server.0)
}

fn request_id(request: &RaftRequest) -> Option<u64> {
    match request {
        RaftRequest::Propose { request, .. }
        | RaftRequest::RegisterClient { request }
        | RaftRequest::ClientRequest { request, .. }
        | RaftRequest::Read { request, .. }
        | RaftRequest::ChangeMembership { request, .. } => Some(request.0),
        RaftRequest::TimeOutNow | RaftRequest::TransferLeadership { .. } => None,
    }
}
