//! What happened, in sentences, each with the section of the paper that has the rule.

use super::super::StoryLine;
pub(super) use super::super::telling::Telling;
use super::super::telling::tell_fault;
use super::client_views::{tell_answer, tell_ask, tell_left_alone, tell_read};
use super::members::{change_text, refuse_change, refuse_transfer};
use super::{Clients, RaftEvent, RaftProcess, RaftRequest};
use crate::raft::{
    AppendRejection, CommitRule, EndedSession, Event, IgnoreReason, NotCommitted, ProposalRefusal,
    ReadGuarantee, StepDown, TimeOutRefusal, VoteDenial,
};
use crate::scene::Tone;
use crate::sim::{Fault, Happening, History, NodeId, Record, RecordId};

/// Whether `record` is worth a line of the story.
pub(super) fn is_told(clients: &Clients, record: &Record<RaftProcess>) -> bool {
    tell(clients, record).is_some()
}

/// The line for the record `id`.
pub(super) fn line(
    clients: &Clients,
    history: &History<RaftProcess>,
    id: RecordId,
) -> Option<StoryLine> {
    let record = history.get(id)?;
    let (tone, text, section) = tell(clients, record)?;
    Some(StoryLine { record: id, at_us: record.at_us, tone, text, section })
}

/// What happened, if it is worth a line of the story.
pub(super) fn tell(clients: &Clients, record: &Record<RaftProcess>) -> Option<Telling> {
    match &record.what {
        Happening::Fault(fault) => {
            let mut text = tell_fault(fault);
            if let Fault::Crash(node) | Fault::CrashTorn { node, .. } = fault {
                text.push_str(&tell_left_alone(clients, *node, record.at_us));
            }
            Some((Tone::Bad, text, None))
        }
        Happening::Booted { node, boot } if *boot > 1 => {
            Some((Tone::Plain, format!("{node} starts again from its disk."), Some("Figure 2")))
        }
        Happening::Requested { node, request } => {
            tell_ask(clients, *node, request).or_else(|| tell_request(*node, request))
        }
        Happening::Decided { node, event } => match event {
            RaftEvent::Raft(event) => tell_event(*node, event),
            RaftEvent::Answered { request, outcome } => {
                tell_answer(clients, *node, *request, outcome)
            }
            RaftEvent::Read { request, key, value } => {
                Some(tell_read(clients, *node, *request, key, value))
            }
            RaftEvent::Session { ended, .. } => tell_ended(*node, ended),
            RaftEvent::Applied { .. } | RaftEvent::Restored { .. } => None,
        },
        _ => None,
    }
}

fn tell_request(node: NodeId, request: &RaftRequest) -> Option<Telling> {
    let (text, section) = match request {
        RaftRequest::TransferLeadership { to } => {
            (format!("You ask {node} to hand over to {to}."), "Thesis 3.10")
        }
        RaftRequest::ChangeMembership { change, .. } => {
            (format!("You ask {node} to {}.", change_text(change)), "§6")
        }
        _ => return None,
    };
    Some((Tone::Plain, text, Some(section)))
}

/// What was done before, or for no session, is told with the answer.
fn tell_ended(node: NodeId, ended: &[EndedSession]) -> Option<Telling> {
    let EndedSession { client, made_room, .. } = ended.first()?;
    let why = if *made_room { "there is no room for it" } else { "it was not used" };
    let text = format!("{node} ends session {}: {why}.", client.0);
    Some((Tone::Calm, text, Some("Thesis 6.3")))
}

fn tell_event(node: NodeId, event: &Event) -> Option<Telling> {
    let election = tell_election(node, event);
    election
        .or_else(|| tell_transfer(node, event))
        .or_else(|| tell_read_round(node, event))
        .or_else(|| tell_snapshot(node, event))
        .or_else(|| tell_membership(node, event))
        .or_else(|| tell_replication(node, event))
        .or_else(|| tell_oddity(node, event))
}

fn tell_election(node: NodeId, event: &Event) -> Option<Telling> {
    Some(match event {
        Event::ElectionTimedOut { forced: false, .. } => (
            Tone::Eager,
            format!("{node} has heard from no leader: its election timer runs out."),
            Some("§5.2"),
        ),
        Event::ElectionTimedOut { forced: true, .. } => {
            (Tone::Bad, format!("You made {node} time out."), Some("§5.2"))
        }
        Event::BecameCandidate { term } => (
            Tone::Eager,
            format!("{node} stands for election in term {term} and asks for votes."),
            Some("§5.2"),
        ),
        Event::VoteGranted { candidate, term, .. } => {
            (Tone::Calm, format!("{node} votes for {candidate} in term {term}."), Some("§5.2"))
        }
        Event::VoteDenied { candidate, reason, .. } => {
            let (why, section) = deny(reason);
            (Tone::Calm, format!("{node} does not vote for {candidate}: {why}."), Some(section))
        }
        Event::BecameLeader { term, votes } => (
            Tone::Chief,
            format!("{node} has {votes} votes, a majority: it leads term {term}."),
            Some("§5.2"),
        ),
        Event::BecamePreCandidate { term } => (
            Tone::Eager,
            format!("{node} asks whether it would win an election after term {term}."),
            Some("Thesis 9.6"),
        ),
        Event::PreVoteGranted { candidate, .. } => {
            (Tone::Calm, format!("{node} would vote for {candidate}."), Some("Thesis 9.6"))
        }
        Event::PreVoteDenied { candidate, reason, .. } => {
            let (why, section) = deny(reason);
            let text = format!("{node} would not vote for {candidate}: {why}.");
            (Tone::Calm, text, Some(section))
        }
        Event::SteppedDown { reason, .. } => match reason {
            StepDown::HigherTerm { term, seen_from } => (
                Tone::Bad,
                format!("{node} sees term {term} in a message of {seen_from} and steps down."),
                Some("§5.1"),
            ),
            StepDown::LostTo { leader } => (
                Tone::Calm,
                format!("{node} gives up: {leader} has won the election."),
                Some("§5.2"),
            ),
            StepDown::NoMajority { heard, .. } => (
                Tone::Bad,
                format!("{node} has heard from {heard} servers, itself included: it steps down."),
                Some("Thesis 6.2"),
            ),
            StepDown::Removed { .. } => (
                Tone::Calm,
                format!("{node} is no member any more, and that is committed: it steps down."),
                Some("Thesis 4.2.2"),
            ),
            StepDown::GaveVote { candidate } => (
                Tone::Calm,
                format!("{node} has voted for {candidate} and lets it try."),
                Some("Thesis 9.6"),
            ),
        },
        _ => return None,
    })
}

fn deny(reason: &VoteDenial) -> (String, &'static str) {
    match reason {
        VoteDenial::LeaderAlive { leader, ago_us } => {
            (format!("it heard from the leader {leader} {} ms ago", ago_us / 1_000), "Thesis 4.2.3")
        }
        VoteDenial::JustStarted { .. } => {
            ("it has just started and may have forgotten a leader".to_owned(), "Thesis 6.4.1")
        }
        VoteDenial::StaleTerm { theirs, mine } => {
            (format!("term {theirs} is over, this is term {mine}"), "§5.1")
        }
        VoteDenial::AlreadyVoted { voted_for } => {
            (format!("its vote in this term is {voted_for}’s"), "§5.2")
        }
        VoteDenial::LogOutOfDate { theirs, mine } => (
            format!(
                "that log ends with entry {} of term {}, its own with entry {} of term {}",
                theirs.last_log_index,
                theirs.last_log_term,
                mine.last_log_index,
                mine.last_log_term
            ),
            "§5.4.1",
        ),
    }
}

fn tell_transfer(node: NodeId, event: &Event) -> Option<Telling> {
    let (tone, text) = match event {
        Event::TransferStarted { to, .. } => {
            (Tone::Chief, format!("{node} is going to hand over to {to}."))
        }
        Event::TransferRefused { to, reason } => {
            let why = refuse_transfer(reason);
            (Tone::Plain, format!("{node} cannot hand over to {to}: {why}."))
        }
        Event::TimeoutNowSent { to } => {
            (Tone::Chief, format!("{to} has the whole log: {node} tells it to stand."))
        }
        Event::TransferAborted { to } => {
            (Tone::Bad, format!("{to} does not take over: {node} goes on leading."))
        }
        Event::ToldToStand { leader, .. } => {
            (Tone::Eager, format!("{leader} wants {node} to lead: it stands at once."))
        }
        _ => return None,
    };
    Some((tone, text, Some("Thesis 3.10")))
}

fn tell_read_round(node: NodeId, event: &Event) -> Option<Telling> {
    let (tone, text) = match event {
        Event::ReadStarted { .. } => {
            (Tone::Chief, format!("{node} asks the others whether it still leads."))
        }
        Event::ReadReady { by: ReadGuarantee::Round { .. }, .. } => {
            (Tone::Chief, format!("A majority has answered: {node} led when the read came."))
        }
        Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. } => {
            (Tone::Chief, format!("{node} reads under its lease, trusting the clocks."))
        }
        Event::ReadRefused { reason, .. } => {
            let (why, _) = refuse(reason);
            (Tone::Calm, format!("{node} {why}."))
        }
        _ => return None,
    };
    Some((tone, text, Some("Thesis 6.4")))
}

fn tell_snapshot(node: NodeId, event: &Event) -> Option<Telling> {
    let (tone, text) = match event {
        Event::SnapshotTaken { last_included_index, .. } => (
            Tone::Calm,
            format!("{node} keeps its state instead of the log up to {last_included_index}."),
        ),
        Event::SnapshotSent { follower, .. } => (
            Tone::Chief,
            format!("{follower} needs entries that {node} has dropped: it gets the snapshot."),
        ),
        Event::SnapshotInstalled { leader, last_included_index, .. } => (
            Tone::Calm,
            format!("{node} takes over the state of {leader} after entry {last_included_index}."),
        ),
        _ => return None,
    };
    Some((tone, text, Some("§7")))
}

fn tell_membership(node: NodeId, event: &Event) -> Option<Telling> {
    let (tone, text) = match event {
        Event::ConfigurationAdopted { index } => {
            (Tone::Calm, format!("{node} goes by the members of entry {index} from now on."))
        }
        Event::ConfigurationRolledBack { from, to } => {
            (Tone::Bad, format!("Entry {from} is gone: {node} goes by the members of {to} again."))
        }
        Event::ChangeRefused { reason, .. } => {
            let (why, section) = refuse_change(reason);
            let text = format!("{node} does not change the members: {why}.");
            return Some((Tone::Bad, text, Some(section)));
        }
        Event::LearnerCaughtUp { learner, .. } => {
            (Tone::Calm, format!("{learner} has caught up and can be given a vote."))
        }
        _ => return None,
    };
    Some((tone, text, Some("§6")))
}

fn tell_replication(node: NodeId, event: &Event) -> Option<Telling> {
    Some(match event {
        Event::Proposed { index, term, .. } => (
            Tone::Chief,
            format!("{node} puts it into its log as entry {index} of term {term}."),
            Some("§5.3"),
        ),
        Event::ProposalRefused { reason, .. } => {
            let (why, section) = refuse(reason);
            (Tone::Calm, format!("{node} {why}."), Some(section))
        }
        Event::NoopAppended { index, term } => (
            Tone::Chief,
            format!("{node} begins term {term} with an empty entry, number {index}."),
            Some("§8"),
        ),
        Event::EntriesAppended { from_index, to_index } if from_index == to_index => {
            (Tone::Calm, format!("{node} stores entry {to_index}."), Some("§5.3"))
        }
        Event::EntriesAppended { from_index, to_index } => {
            (Tone::Calm, format!("{node} stores entries {from_index} to {to_index}."), Some("§5.3"))
        }
        Event::AppendRejected { leader, reason, .. } => {
            let (why, section) = reject(reason);
            (Tone::Bad, format!("{node} refuses entries of {leader}: {why}."), Some(section))
        }
        Event::ConflictTruncated { from_index, old_term, new_term, count } => (
            Tone::Bad,
            format!(
                "{node} deletes {}: {from_index} is of term {old_term} here, of term {new_term} \
                 at the leader.",
                if *count == 1 { "an entry".to_owned() } else { format!("{count} entries") }
            ),
            Some("§5.3"),
        ),
        Event::NextIndexBackedUp { follower, to } => {
            (Tone::Chief, format!("{node} tries {follower} again from entry {to}."), Some("§5.3"))
        }
        Event::Committed { through, by: CommitRule::Counted { copies, .. } } => (
            Tone::Chief,
            format!("{copies} servers have entry {through}: {node} commits it."),
            Some("§5.3"),
        ),
        Event::NotCommittedYet { index, reason } => {
            let NotCommitted::OldTerm { entry_term, current_term } = reason;
            (
                Tone::Bad,
                format!(
                    "A majority has entry {index}, but it is of term {entry_term}: {node} may \
                     commit by counting only in term {current_term}."
                ),
                Some("§5.4.2"),
            )
        }
        _ => return None,
    })
}

fn refuse(reason: &ProposalRefusal) -> (String, &'static str) {
    match reason {
        ProposalRefusal::NotLeader { leader: Some(leader) } => {
            (format!("does not lead and takes no writes: ask {leader}"), "§8")
        }
        ProposalRefusal::NotLeader { leader: None } => {
            ("does not lead and takes no writes. It knows no leader either".to_owned(), "§8")
        }
        ProposalRefusal::TransferInProgress { to } => {
            (format!("is handing over to {to} and takes no writes"), "Thesis 3.10")
        }
        ProposalRefusal::LogFull { limit } => {
            (format!("has {limit} entries in its log and takes no more"), "§7")
        }
        ProposalRefusal::TooManyBytesPending { limit_bytes } => {
            (format!("would have more than {limit_bytes} bytes to answer for, and waits"), "§5.3")
        }
        ProposalRefusal::TooManyPending { limit } => {
            (format!("has yet to answer {limit} clients and takes no more"), "§5.3")
        }
    }
}

fn reject(reason: &AppendRejection) -> (String, &'static str) {
    match reason {
        AppendRejection::StaleTerm { theirs, mine } => {
            (format!("term {theirs} is over, this is term {mine}"), "§5.1")
        }
        AppendRejection::NoEntry { prev_log_index, last_log_index } => {
            (format!("entry {prev_log_index} is missing, its log ends at {last_log_index}"), "§5.3")
        }
        AppendRejection::TermMismatch { prev_log_index, theirs, mine } => {
            (format!("its entry {prev_log_index} is of term {mine}, not {theirs}"), "§5.3")
        }
    }
}

/// What should never happen, or what a click asked for in vain.
fn tell_oddity(node: NodeId, event: &Event) -> Option<Telling> {
    Some(match event {
        Event::TimeOutIgnored { reason: TimeOutRefusal::IsLeader } => {
            (Tone::Plain, format!("{node} leads: it has no election timer."), Some("§5.2"))
        }
        Event::TimeOutIgnored { reason: TimeOutRefusal::LeaseAtStake } => (
            Tone::Plain,
            format!("{node} has heard from a leader that may rely on it, and waits."),
            Some("Thesis 6.4.1"),
        ),
        Event::MessageIgnored { from, reason: IgnoreReason::SecondLeader { first }, .. } => (
            Tone::Bad,
            format!("{node} hears {from} claim to lead, but {first} leads this term!"),
            Some("§5.2"),
        ),
        Event::MessageIgnored {
            from,
            reason: IgnoreReason::WouldEraseCommitted { index, .. },
            ..
        } => (
            Tone::Bad,
            format!("{node} refuses {from}: it would erase entry {index}, which is committed!"),
            Some("§5.4"),
        ),
        _ => return None,
    })
}
