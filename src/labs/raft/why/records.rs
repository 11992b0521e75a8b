//! Why something happened: what it was, in the words of the story where it has some, and what led
//! to it.

use super::super::scene::{entry_text, kind_name, says};
use super::super::{RaftEvent, narration};
use super::reasons::{LOSSES, event_of, node_of};
use super::{Answer, Happened, Look, Why, explaining, ms};
use crate::raft::{
    ChunkRefusal, CommitRule, Event, IgnoreReason, MessageKind, Outcome, ReadGuarantee,
    SnapshotRefusal, StepDown, TimeOutRefusal, VoteDenial,
};
use crate::sim::{Happening, LossReason, NodeId, RecordId};

impl Why<'_> {
    /// Why the record `id` happened; `None` if it is not known, or not any more.
    pub(super) fn of_record(&self, id: RecordId) -> Option<Answer> {
        let (text, section) = self.happened(id)?;
        let mut answer = Answer::new(text, section);
        answer.record = Some(id);
        let reasons = self.reasons(id);
        let because = self.because(id, &reasons);
        answer.say(&because);
        answer.servers.extend(explaining::servers_of(self.history(), id));
        Some(answer)
    }

    /// What happened, in a sentence, with the section that has the rule.
    pub(super) fn happened(&self, id: RecordId) -> Option<(String, &'static str)> {
        let record = self.record(id)?;
        if let Some((_, text, section)) = narration::tell(self.clients, record) {
            // What is done from outside is what Raft must live with.
            return Some((text, section.unwrap_or("§2")));
        }
        Some(match &record.what {
            Happening::Booted { node, .. } => {
                (format!("{node} starts for the first time, as a follower."), "§5.2")
            }
            // The story tells of all faults.
            Happening::Fault(_) => (String::new(), "§2"),
            Happening::Requested { node, .. } => (format!("You make {node} time out."), "§5.2"),
            Happening::Sent { from, to, message, .. } => {
                let what = self.letter(id)?;
                (format!("{from} sends {to}: {what}."), rule_of(message.kind()))
            }
            Happening::Duplicated { message, .. } => {
                let (from, to, _) = self.history().message(*message)?;
                let what = self.letter(*message)?;
                (format!("A message from {from} to {to} is doubled: {what}."), "§2")
            }
            Happening::Delivered { message } => {
                let (from, to, text) = self.history().message(*message)?;
                let what = self.letter(*message)?;
                (format!("{to} gets from {from}: {what}."), rule_of(text.kind()))
            }
            Happening::Lost { message, reason } => {
                let (from, to, _) = self.history().message(*message)?;
                let why = match reason {
                    LossReason::Cut => "its link was cut when it would have arrived".to_owned(),
                    LossReason::Chance => "the link loses some".to_owned(),
                    LossReason::NodeDown => format!("{to} was down"),
                    LossReason::NetworkFull => "the network carried as much as it can".to_owned(),
                    LossReason::QueueFull => "too many waited for the link already".to_owned(),
                    LossReason::Dropped => "it was taken off the network".to_owned(),
                };
                let what = self.letter(*message)?;
                (format!("A message from {from} to {to} is lost, for {why}: {what}."), "§2")
            }
            Happening::Deadline { node } => {
                (format!("{node} has waited as long as it wanted."), "§5.2")
            }
            Happening::WriteStarted { node, .. } => {
                (format!("{node} writes to its disk what it must not forget."), "Figure 2")
            }
            Happening::WriteSynced { node, .. } => {
                (format!("{node}’s disk has it: what waited for that may leave."), "Figure 2")
            }
            Happening::WritesKept { node, whole, torn } => {
                let torn = if *torn { ", and of the next a part" } else { "" };
                (
                    format!("Of what {node}’s disk was writing, {whole} writes are there{torn}."),
                    "§2",
                )
            }
            Happening::Decided { node, event } => untold(*node, event),
        })
    }

    /// `AppendEntries (term 1: 0 entries)`
    fn letter(&self, message: RecordId) -> Option<String> {
        let (_, _, text) = self.history().message(message)?;
        Some(format!("{} ({})", kind_name(text), says(text)))
    }

    /// What the reasons say beyond the sentence itself.
    fn because(&self, id: RecordId, reasons: &[RecordId]) -> String {
        let Some(what) = self.what(id) else {
            return String::new();
        };
        let main = reasons.first().copied();
        match what {
            Happening::Lost { .. } | Happening::Sent { .. } => {
                main.map(|main| self.dated(main)).unwrap_or_default()
            }
            Happening::Deadline { node } => match main.and_then(|main| self.what(main)) {
                Some(main) if is_election(main, *node) => {
                    "It leads, and leaves no follower without a message for long.".to_owned()
                }
                _ => "Its timer was set when it last heard of a leader, voted or began.".to_owned(),
            },
            Happening::Delivered { .. } => match reasons.get(1) {
                Some(act) => self.dated(*act),
                None => String::new(),
            },
            Happening::Decided { node, event } => match event {
                RaftEvent::Raft(event) => self.because_event(id, *node, event, reasons),
                RaftEvent::Session { .. } => match reasons.get(1) {
                    Some(first) => format!("The first time was at {}.", ms(self.at_us(*first))),
                    None => String::new(),
                },
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    fn because_event(
        &self,
        id: RecordId,
        node: NodeId,
        event: &Event,
        reasons: &[RecordId],
    ) -> String {
        let second = reasons.get(1).copied();
        match event {
            Event::ElectionTimedOut { forced: false, .. }
            | Event::SteppedDown { reason: StepDown::NoMajority { .. }, .. } => {
                self.silence(node, reasons)
            }
            Event::VoteDenied { reason, .. } | Event::PreVoteDenied { reason, .. } => {
                let Some(second) = second else {
                    return String::new();
                };
                match reason {
                    VoteDenial::LogOutOfDate { .. } => format!(
                        "It has that entry since {}. Who leads must have every committed entry, \
                         and this may be one.",
                        ms(self.at_us(second))
                    ),
                    _ => self.dated(second),
                }
            }
            Event::SteppedDown { reason: StepDown::HigherTerm { .. }, .. } => {
                // One step farther: how the other one came to its term.
                let origin = reasons.first().and_then(|main| self.reasons(*main).get(1).copied());
                origin.map(|origin| self.dated(origin)).unwrap_or_default()
            }
            Event::TermAdvanced { .. }
            | Event::Committed { by: CommitRule::Learned { .. }, .. }
            | Event::SteppedDown { reason: StepDown::LostTo { .. }, .. } => {
                second.map(|second| self.dated(second)).unwrap_or_default()
            }
            Event::ProposalRefused { .. } | Event::ReadRefused { .. } => {
                let Some(second) = second else {
                    return format!("{node} has never led.");
                };
                self.dated(second)
            }
            Event::BecameCandidate { .. } | Event::BecamePreCandidate { .. } => {
                reasons.first().map(|main| self.dated(*main)).unwrap_or_default()
            }
            Event::Committed { by: CommitRule::Counted { .. }, .. } => {
                let mut text = String::new();
                for reason in reasons {
                    if let Some(Event::MatchIndexAdvanced { follower, .. }) =
                        self.what(*reason).and_then(|what| event_of(what, node))
                    {
                        let at = ms(self.at_us(*reason));
                        let begin = if text.is_empty() { "It knows so of " } else { ", of " };
                        text.push_str(&format!("{begin}{follower} since {at}"));
                    }
                }
                if text.is_empty() { text } else { text + "." }
            }
            Event::NextIndexBackedUp { follower, .. } => {
                let refused = self.refusal(id, node_of(*follower));
                refused.map(|refused| self.dated(refused)).unwrap_or_default()
            }
            Event::ConflictTruncated { .. } => {
                let origin = second.map(|second| self.dated(second)).unwrap_or_default();
                format!("{origin} The leader’s log decides; what goes was not committed.")
            }
            Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. } => {
                self.stale_read(id, node).map(|(text, _)| text).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// Why nobody was heard.
    fn silence(&self, node: NodeId, reasons: &[RecordId]) -> String {
        let lost: Vec<RecordId> = reasons
            .iter()
            .copied()
            .filter(|id| matches!(self.what(*id), Some(Happening::Lost { .. })))
            .collect();
        let act = reasons.iter().copied().find(|id| match self.what(*id) {
            Some(Happening::Fault(_)) => true,
            Some(Happening::Decided { node: on, .. }) => *on != node,
            _ => false,
        });
        let mut text = act.map(|act| self.dated(act)).unwrap_or_default();
        if let [.., first] = lost[..] {
            let many = match lost.len() {
                1 => "a message".to_owned(),
                // They were not counted any further.
                LOSSES => format!("{LOSSES} messages or more"),
                many => format!("{many} messages"),
            };
            let link = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{link}Meanwhile {many} from or to {node} got lost."));
            // The last of the list is the earliest: why that one?
            if let Some(reason) = self.reasons(first).first() {
                text.push(' ');
                text.push_str(&self.dated(*reason));
            }
        }
        text
    }

    /// The refusal that `node` heard of when the record `id` was decided.
    fn refusal(&self, id: RecordId, follower: NodeId) -> Option<RecordId> {
        let delivered = self.record(id)?.cause?;
        let Happening::Delivered { message } = self.what(delivered)? else {
            return None;
        };
        self.event_before(*message, follower, &mut |event| {
            matches!(event, Event::AppendRejected { .. })
        })
    }

    /// `At 312 ms: You cut 6 links.`
    fn dated(&self, id: RecordId) -> String {
        match self.happened(id) {
            Some((text, _)) => format!("At {}: {text}", ms(self.at_us(id))),
            None => String::new(),
        }
    }
}

fn is_election(what: &Happened, node: NodeId) -> bool {
    matches!(event_of(what, node), Some(Event::BecameLeader { .. }))
}

/// The rule that a message follows.
fn rule_of(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::RequestVote | MessageKind::RequestVoteReply => "§5.2",
        MessageKind::PreVote | MessageKind::PreVoteReply => "Thesis 9.6",
        MessageKind::TimeoutNow => "Thesis 3.10",
        MessageKind::AppendEntries | MessageKind::AppendEntriesReply => "§5.3",
        MessageKind::InstallSnapshot | MessageKind::InstallSnapshotReply => "§7",
    }
}

/// What the story leaves out.
fn untold(node: NodeId, event: &RaftEvent) -> (String, &'static str) {
    match event {
        RaftEvent::Raft(event) => untold_event(node, event),
        RaftEvent::Applied { index, entry } => {
            let text = entry_text(entry);
            (format!("{node} applies entry {index}, {text}: it is committed."), "§5.3")
        }
        RaftEvent::Restored { last_included_index } => {
            (format!("{node} has the state after entry {last_included_index}."), "§7")
        }
        RaftEvent::Session { index, .. } => {
            (format!("{node} does what entry {index} asks for."), "Thesis 6.3")
        }
        RaftEvent::Read { .. } => {
            (format!("{node} tells the client what it has read."), "Thesis 6.4")
        }
        RaftEvent::Answered { outcome, .. } => match outcome {
            Outcome::Readable { read_index } => {
                (format!("{node} reads, with all applied up to {read_index}."), "Thesis 6.4")
            }
            Outcome::ChangeRefused { .. } => {
                (format!("{node} says that the cluster stays as it is."), "§6")
            }
            _ => (format!("{node} tells the client that it does not do it."), "§8"),
        },
    }
}

fn untold_event(node: NodeId, event: &Event) -> (String, &'static str) {
    match event {
        Event::VoteReceived { from, granted, votes, needed, .. } => {
            let what = if *granted { "vote" } else { "refusal" };
            (format!("{node} counts the {what} of {from}: {votes} of {needed} votes."), "§5.2")
        }
        Event::PreVoteReceived { from, granted, votes, needed, .. } => {
            let what = if *granted { "word" } else { "refusal" };
            let text = format!("{node} counts the {what} of {from}: {votes} of {needed} would do.");
            (text, "Thesis 9.6")
        }
        Event::LeaderFound { leader, term } => {
            (format!("{node} hears from {leader}, the leader of term {term}."), "§5.2")
        }
        Event::TermAdvanced { from, to, seen_from } => {
            (format!("{node} goes from term {from} to {to}, which {seen_from} is in."), "§5.1")
        }
        Event::MatchIndexAdvanced { follower, to } => {
            (format!("{node} knows now that {follower} has everything up to {to}."), "§5.3")
        }
        Event::Committed { through, by } => {
            let leader = match by {
                CommitRule::Learned { leader } | CommitRule::Installed { leader } => {
                    format!("{leader} says")
                }
                CommitRule::Counted { .. } => "a majority has it".to_owned(),
            };
            (format!("{node} commits up to entry {through}: {leader}."), "§5.3")
        }
        Event::SnapshotChunkTaken { leader, .. } => {
            (format!("{node} takes a part of {leader}’s snapshot."), "§7")
        }
        Event::SnapshotChunkRefused { reason, .. } => {
            let why = match reason {
                ChunkRefusal::StaleTerm { theirs, mine } => {
                    format!("term {theirs} is over, this is term {mine}")
                }
                ChunkRefusal::CommittedAlready { .. } => "it has all that already".to_owned(),
                ChunkRefusal::NotTheNext { .. } => "another part comes next".to_owned(),
            };
            (format!("{node} does not take that part of a snapshot: {why}."), "§7")
        }
        Event::SnapshotRefused { reason, .. } => {
            let why = match reason {
                SnapshotRefusal::NotApplied { .. } => "not all of it is applied",
                SnapshotRefusal::CoveredAlready { .. } => "it has one as late",
            };
            (format!("{node} does not keep that snapshot: {why}."), "§7")
        }
        Event::MessageIgnored { from, kind, reason } => {
            ignored(node, node_of(*from), *kind, reason)
        }
        Event::TimeOutIgnored { reason } => {
            let why = match reason {
                TimeOutRefusal::NotAMember => "it has no vote",
                TimeOutRefusal::NoTermLeft => "there is no term after this",
                TimeOutRefusal::IsLeader => "it leads",
                TimeOutRefusal::LeaseAtStake => "a leader may rely on it",
            };
            (format!("{node} does not stand for election: {why}."), "§5.2")
        }
        Event::HeldMessageDropped { to, .. } => {
            (format!("Too much waits for {node}’s disk: a message to {to} is dropped."), "Figure 2")
        }
        Event::SyncIgnored { .. } => (format!("{node} never asked for that write."), "Figure 2"),
        // The story tells of all others.
        _ => (format!("{node} decides."), "Figure 2"),
    }
}

fn ignored(
    node: NodeId,
    from: NodeId,
    kind: MessageKind,
    reason: &IgnoreReason,
) -> (String, &'static str) {
    let (why, section) = match reason {
        IgnoreReason::FromItself => ("it names itself as the sender".to_owned(), rule_of(kind)),
        IgnoreReason::UnknownServer | IgnoreReason::RemovedServer => {
            (format!("{from} is no member"), "§6")
        }
        IgnoreReason::FalseName { claimed } => {
            (format!("it claims to come from {claimed}"), rule_of(kind))
        }
        IgnoreReason::StaleReply { theirs, mine } | IgnoreReason::StaleLeader { theirs, mine } => {
            (format!("it is of term {theirs}, and this is term {mine}"), "§5.1")
        }
        IgnoreReason::NotCandidate => ("it gathers no votes any more".to_owned(), "§5.2"),
        IgnoreReason::CountedBefore => ("that vote was counted before".to_owned(), "§5.2"),
        IgnoreReason::NotLeader => ("it leads no longer".to_owned(), "§5.3"),
        IgnoreReason::SecondLeader { first } => (format!("{first} leads this term"), "§5.2"),
        IgnoreReason::MatchBeyondLog { last_log_index, .. } => {
            (format!("its own log ends at {last_log_index}"), "§5.3")
        }
        IgnoreReason::StaleChunk | IgnoreReason::RoundAhead { .. } => {
            ("it answers nothing that was asked".to_owned(), rule_of(kind))
        }
        IgnoreReason::StaleRejection { next_index, .. } => {
            (format!("it goes on from entry {next_index} already"), "§5.3")
        }
        IgnoreReason::WouldEraseCommitted { index, .. } => {
            (format!("it would erase entry {index}, which is committed"), "§5.4")
        }
    };
    (format!("{node} makes nothing of a message of {from}: {why}."), section)
}
