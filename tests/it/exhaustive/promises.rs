//! What must hold in every state (Figure 3 of the paper), and what must happen in some, or the
//! bounds would prove nothing.
//!
//! Written down a second time, apart from the judges in `rift::check`: these look at one state and
//! what was ever sent, remember nothing, and may be slow.

use std::collections::BTreeMap;

use rift::raft::{LogIndex, Message, Server, ServerId, Term};
use stateright::Property;

use super::cluster::{Cluster, State};

pub(super) const ELECTION_SAFETY: &str = "Election Safety";
pub(super) const LOG_MATCHING: &str = "Log Matching";
pub(super) const LEADER_COMPLETENESS: &str = "Leader Completeness";
pub(super) const STATE_MACHINE_SAFETY: &str = "State Machine Safety";
pub(super) const ONE_VOTE: &str = "One vote in a term";
pub(super) const ELECTED: &str = "a leader is elected";
pub(super) const COMMITTED: &str = "an entry is committed";
pub(super) const ALL_APPLIED: &str = "all have applied an entry";
pub(super) const TRUNCATED: &str = "entries are removed";
pub(super) const TWO_LEAD: &str = "two lead at once";

pub(super) fn all() -> Vec<Property<Cluster>> {
    vec![
        Property::always(ELECTION_SAFETY, |_, state| one_leader_a_term(state)),
        Property::always(LOG_MATCHING, |_, state| logs_match(state)),
        Property::always(LEADER_COMPLETENESS, |_, state| leaders_have_all(state)),
        Property::always(STATE_MACHINE_SAFETY, |_, state| same_commands(state)),
        Property::always(ONE_VOTE, |_, state| one_vote_a_term(state)),
        Property::sometimes(ELECTED, |_, state| leaders(state) > 0),
        Property::sometimes(COMMITTED, |_, state: &State| !state.applied.is_empty()),
        Property::sometimes(ALL_APPLIED, |_, state: &State| {
            state.nodes.iter().all(|node| node.server.last_applied() > LogIndex(0))
        }),
        Property::sometimes(TRUNCATED, |_, state: &State| state.truncated),
        // With Election Safety they lead in different terms.
        Property::sometimes(TWO_LEAD, |_, state| leaders(state) > 1),
    ]
}

fn leaders(state: &State) -> usize {
    state.nodes.iter().filter(|node| node.leads()).count()
}

/// At most one leader in a term. A leader begins by sending AppendEntries, and what was sent is
/// never forgotten, so this sees leaders of the past too.
fn one_leader_a_term(state: &State) -> bool {
    let sent = state.sent.iter().filter_map(|packet| match packet.message {
        Message::AppendEntries { term, .. } => Some((term, packet.from)),
        _ => None,
    });
    let leaders = state.nodes.iter().filter(|node| node.leads());
    let now = leaders.map(|node| (node.server.current_term(), node.server.id()));
    agree(sent.chain(now))
}

/// A server gives its vote to at most one candidate in a term, over crashes too. A candidate that
/// asks for votes has given itself its own.
fn one_vote_a_term(state: &State) -> bool {
    agree(state.sent.iter().filter_map(|packet| match packet.message {
        Message::RequestVote { term, .. } => Some(((packet.from, term), packet.from)),
        Message::RequestVoteReply { term, vote_granted: true, .. } => {
            Some(((packet.from, term), packet.to))
        }
        _ => None,
    }))
}

/// Whether no key stands for two servers.
fn agree<K: Ord>(pairs: impl Iterator<Item = (K, ServerId)>) -> bool {
    let mut known = BTreeMap::new();
    for (key, server) in pairs {
        if *known.entry(key).or_insert(server) != server {
            return false;
        }
    }
    true
}

/// If two logs have an entry of the same term at the same index, they are the same up to there.
fn logs_match(state: &State) -> bool {
    let [a, b, c] = &state.nodes;
    [(a, b), (a, c), (b, c)].iter().all(|(one, other)| {
        let (one, other) = (one.server.log(), other.server.log());
        let mut same_before = true;
        one.iter().zip(other.iter()).all(|((_, one), (_, other))| {
            same_before &= one == other;
            same_before || one.term != other.term
        })
    })
}

/// What was committed in a term is in the log of every leader of a later one.
fn leaders_have_all(state: &State) -> bool {
    state.nodes.iter().filter(|node| node.leads()).all(|node| {
        let entries = || node.server.log().iter().map(|(_, entry)| entry);
        let committed = state.applied.iter().enumerate();
        committed.into_iter().all(|(place, (entry, term))| {
            *term >= node.server.current_term() || entries().nth(place) == Some(entry)
        })
    })
}

/// No two servers apply different commands at the same index, and what they hold as committed is
/// what was applied.
fn same_commands(state: &State) -> bool {
    !state.applied_otherwise
        && state.nodes.iter().all(|node| {
            let server: &Server<u8> = &node.server;
            let held = server.log().iter().take_while(|(index, _)| *index <= server.commit_index());
            let known = state.applied.iter().map(|(entry, _)| entry);
            held.map(|(_, entry)| entry).zip(known).all(|(held, known)| held == known)
        })
        && state.applied.windows(2).all(|pair| terms_rise(pair[0].0.term, pair[1].0.term))
}

fn terms_rise(before: Term, after: Term) -> bool {
    before <= after
}
