//! Why an entry is committed, and what is missing while it is not (§5.3, §5.4.2, §6).

use super::reasons::{event_of, node_of};
use super::{Answer, Look, Question, RaftServer, Why, ms, names};
use crate::raft::{Event, LogIndex, Role, RoleKind, ServerId};
use crate::sim::{Happening, NodeId, RecordId};
use crate::sorted::SortedSet;

impl Why<'_> {
    /// Why the entry at `index` of `node`'s log is committed or not; `None` if there is no `node`.
    pub(super) fn of_entry(&self, node: NodeId, index: LogIndex) -> Option<Answer> {
        self.world.node(node)?;
        let Some(server) = self.server(node) else {
            let still = self.is_still(node)?;
            let text =
                format!("{node} {}: what is on its disk stays, and nothing is added.", still.text);
            let mut answer = Answer::new(text, "§5.5");
            answer.record = still.act;
            answer.servers.push(node);
            return Some(answer);
        };
        let mut answer = if index <= server.commit_index() {
            self.of_committed(node, index)
        } else {
            let leader = self.newest_leader();
            // A leader of an earlier term than the server's own has no say about its log.
            let above = leader.filter(|(_, lead)| lead.current_term() >= server.current_term());
            match (server.role(), above) {
                (Role::Leader { .. }, _) => self.of_counting((node, server), index),
                (_, Some((leader, lead))) => {
                    self.of_followers_entry((node, server), (leader, lead), index)
                }
                (_, None) => self.of_orphan((node, server), index),
            }
        };
        if answer.record.is_none() {
            let term = server.log().term_at(index);
            answer.record = term.and_then(|term| self.origin(self.end(), index, term));
        }
        answer.servers.push(node);
        Some(answer)
    }

    /// Nobody who runs leads the server's term, or a later one.
    fn of_orphan(&self, (node, server): (NodeId, &RaftServer), index: LogIndex) -> Answer {
        let term = server.current_term();
        let text = format!(
            "Nobody leads term {term}, in which {node} is, or a later one, so nobody counts who \
             has entry {index}. The next leader decides what becomes of it."
        );
        let mut answer = Answer::new(text, "§5.3");
        answer.next.push(("Why is there no leader?".to_owned(), Question::NoLeader));
        answer
    }

    /// The server knows that the entry is committed: from when, and from whom.
    fn of_committed(&self, node: NodeId, index: LogIndex) -> Answer {
        let mut known = None;
        self.find_back(RecordId(0), self.end(), &mut |id, happened| match happened {
            Happening::Booted { node: on, .. } => *on == node,
            _ => match event_of(happened, node) {
                Some(Event::Committed { through, .. }) if *through >= index => {
                    known = Some(id);
                    false
                }
                // The one before did not go so far.
                Some(Event::Committed { .. }) => true,
                _ => false,
            },
        });
        let told = known.and_then(|id| self.happened(id));
        let (text, section) = told.unwrap_or((String::new(), "§7"));
        let mut answer = match known {
            Some(id) => {
                let at = ms(self.at_us(id));
                Answer::new(format!("Entry {index} is committed since {at}: {text}"), section)
            }
            // Only what a snapshot covers is known to be committed from the start.
            None => {
                let text = format!(
                    "Entry {index} is part of {node}’s snapshot: only what is \
                     committed gets there."
                );
                Answer::new(text, "§7")
            }
        };
        answer.record = known;
        answer
    }

    /// A server that takes itself for the leader counts copies: which it misses, and why.
    fn of_counting(&self, (leader, lead): (NodeId, &RaftServer), index: LogIndex) -> Answer {
        let Some(entry_term) = lead.log().term_at(index) else {
            let last = lead.log().last_index();
            let text = format!("{leader} has no entry {index}: its log ends at {last}.");
            return Answer::new(text, "§5.3");
        };
        let configuration = lead.configuration();
        let has = |id: ServerId| self.known_copy(lead, id) >= index;
        let (have, lack): (Vec<NodeId>, Vec<NodeId>) =
            self.voters(lead).into_iter().partition(|node| has(ServerId(node.0)));
        let term = lead.current_term();
        let mut answer = if !configuration.has_majority(&has) {
            // In joint consensus no one number says it.
            let needed = match configuration.is_joint() {
                true => String::new(),
                false => {
                    let all = have.len() + lack.len();
                    format!(", and it takes {} of {all}", configuration.needed())
                }
            };
            let text = format!(
                "Entry {index} is on the disk of {}, as far as {leader} knows{needed}.",
                names(&have),
            );
            let mut answer = Answer::new(text, "§5.3");
            if configuration.is_joint() {
                answer.section = "§6";
                let of = |side: &SortedSet<ServerId>| {
                    let count = side.iter().filter(|id| has(**id)).count();
                    format!("{count} of {}", side.len())
                };
                answer.say(&format!(
                    "The cluster is changing: it takes a majority of the old members, who have it \
                     on {}, and one of the new, on {}.",
                    of(&configuration.old_voters),
                    of(&configuration.voters)
                ));
            }
            self.say_missing(&mut answer, (leader, lead), &lack, index);
            answer
        } else if entry_term < term {
            let text = format!(
                "A majority has entry {index}, but it is of term {entry_term}: {leader} commits by \
                 counting only entries of its own term {term}, and those before with them. It has \
                 none on a majority yet."
            );
            Answer::new(text, "§5.4.2")
        } else {
            Answer::new(
                format!("A majority has entry {index}: {leader} is about to commit it."),
                "§5.3",
            )
        };
        self.say_deposed(&mut answer, leader, lead);
        answer.servers.extend(have.into_iter().chain(lack).chain([leader]));
        answer
    }

    /// How far a leader knows the log to be on a server's disk.
    fn known_copy(&self, lead: &RaftServer, id: ServerId) -> LogIndex {
        match lead.match_index(id) {
            Some(match_index) => match_index,
            None if id == lead.id() => lead.durable_index(),
            None => LogIndex(0),
        }
    }

    fn say_missing(
        &self,
        answer: &mut Answer,
        (leader, lead): (NodeId, &RaftServer),
        lack: &[NodeId],
        index: LogIndex,
    ) {
        // Those that the same cut keeps apart are named together.
        let mut apart: Option<(Vec<NodeId>, String)> = None;
        let say_apart = |answer: &mut Answer, apart: Option<(Vec<NodeId>, String)>| {
            if let Some((nodes, text)) = apart {
                answer.say(&format!("{} {text}.", names(&nodes)));
            }
        };
        for &node in lack {
            if node == leader {
                let still = self.is_still(leader).map(|still| format!(" It {}.", still.text));
                let still = still.unwrap_or_default();
                answer.say(&format!("{leader}’s own disk is still writing.{still}"));
                continue;
            }
            let obstacle = self.why_no_ack((leader, lead), node, index);
            if let Some(act) = obstacle.act
                && !answer.also.contains(&act)
            {
                answer.also.push(act);
            }
            match &mut apart {
                Some((nodes, text)) if *text == obstacle.text && text.starts_with("cannot") => {
                    nodes.push(node);
                }
                _ => say_apart(answer, apart.replace((vec![node], obstacle.text))),
            }
        }
        say_apart(answer, apart);
    }

    /// There is a leader of a later term, and this one does not know.
    pub(super) fn say_deposed(&self, answer: &mut Answer, leader: NodeId, lead: &RaftServer) {
        let Some((newer, server)) = self.newest_leader() else {
            return;
        };
        if server.current_term() <= lead.current_term() {
            return;
        }
        let term = server.current_term();
        answer.say(&format!("{newer} leads term {term} by now, and {leader} does not know."));
        answer.servers.push(newer);
        answer.next.push((format!("Why does {newer} lead?"), Question::Role(newer)));
        if let Some(cut) = self.is_cut(newer, leader).and_then(|cut| cut.act)
            && !answer.also.contains(&cut)
        {
            answer.also.push(cut);
        }
    }

    /// A follower has an entry of which it does not know that it is committed.
    fn of_followers_entry(
        &self,
        (node, server): (NodeId, &RaftServer),
        (leader, lead): (NodeId, &RaftServer),
        index: LogIndex,
    ) -> Answer {
        let term = lead.current_term();
        let mine = server.log().term_at(index);
        let theirs = lead.log().term_at(index);
        let (Some(entry_term), true) = (mine, mine == theirs) else {
            return self.of_difference((node, server), (leader, lead), index);
        };
        if lead.commit_index() < index {
            let mut answer = self.of_counting((leader, lead), index);
            let next = Question::Entry { node: leader, index: index.0 };
            answer.next.push((format!("Why does {leader} not commit entry {index}?"), next));
            return answer;
        }
        let text = format!(
            "{leader}, the leader of term {term}, has committed entry {index} of term \
             {entry_term}; {node} has it and has not heard that."
        );
        let mut answer = Answer::new(text, "§5.3");
        let news = self.on_its_way(leader, node, &mut |message| match message {
            crate::raft::Message::AppendEntries { leader_commit, .. } => *leader_commit >= index,
            _ => false,
        });
        if let Some(still) = self.is_still(node) {
            answer.say(&format!("{node} {}.", still.text));
            answer.also.extend(still.act);
        } else if let Some(cut) = self.is_cut(leader, node) {
            answer.say(&format!("It cannot: {}.", cut.text));
            answer.also.extend(cut.act);
        } else if let Some((arrives_us, id)) = news {
            answer.say(&format!("The news arrives at {}.", ms(arrives_us)));
            answer.also.push(id);
        } else {
            let due = self.next_append(leader, node);
            answer.say(&format!("The news goes out with the next message{due}."));
        }
        answer.servers.push(leader);
        answer
    }

    /// The logs of a server and of the leader differ at `index`.
    fn of_difference(
        &self,
        (node, server): (NodeId, &RaftServer),
        (leader, lead): (NodeId, &RaftServer),
        index: LogIndex,
    ) -> Answer {
        let term = lead.current_term();
        let mut answer = match (server.log().term_at(index), lead.log().term_at(index)) {
            (None, None) => {
                let text =
                    format!("Neither {node} nor {leader}, the leader, has an entry {index}.");
                Answer::new(text, "§5.3")
            }
            (None, Some(_)) => {
                let last = server.log().last_index();
                let text = format!("{node} has no entry {index}: its log ends at {last}.");
                let mut answer = Answer::new(text, "§5.3");
                let obstacle = self.why_no_ack((leader, lead), node, index);
                answer.say(&format!("{leader} leads and has it. {node} {}.", obstacle.text));
                answer.also.extend(obstacle.act);
                answer
            }
            (Some(mine), theirs) => {
                let there = match theirs {
                    Some(theirs) => format!("has an entry of term {theirs} there"),
                    None => "has none there".to_owned(),
                };
                let text = format!(
                    "{node} has an entry {index} of term {mine}, but {leader}, the leader of term \
                     {term}, {there}: it is not committed, and {node} will delete it."
                );
                let mut answer = Answer::new(text, "§5.3");
                if let Some(obstacle) = self.is_still(node) {
                    answer.say(&format!("{node} {}.", obstacle.text));
                    answer.also.extend(obstacle.act);
                } else if let Some(cut) = self.is_cut(leader, node) {
                    answer.say(&format!("Until now {}.", cut.text));
                    answer.also.extend(cut.act);
                }
                answer
            }
        };
        if server.role().kind() == RoleKind::Candidate {
            answer.say(&format!("{node} stands for election and follows nobody."));
        }
        let won = self.won(self.end(), leader, Some(term));
        answer.also.extend(won);
        answer.servers.push(leader);
        answer
    }
}

/// Those of `servers` that are nodes of the world.
pub(super) fn nodes(servers: &[ServerId]) -> Vec<NodeId> {
    servers.iter().map(|id| node_of(*id)).collect()
}
