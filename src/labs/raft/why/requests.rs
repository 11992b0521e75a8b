//! Why a client's request went as it did, or why there is no answer yet (§8; thesis, chapter 6).

use super::super::{Asked, Fate, RaftEvent, RaftRequest};
use super::reasons::event_of;
use super::{Answer, Look, Obstacle, Question, RaftServer, Why, ms};
use crate::labs::Ask;
use crate::raft::{Event, LogIndex, Outcome, RequestId, Role, ServerId};
use crate::sim::{Happening, NodeId, RecordId};

impl Why<'_> {
    /// What became of the `number`th request, and why; `None` if there was none.
    pub(super) fn of_request(&self, number: u64) -> Option<Answer> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let asked = self.clients.asked().get(place)?;
        let what = match &asked.what {
            Ask::Write { key, value } => format!("to write {key}={value}"),
            Ask::Read { key } => format!("to read {key}"),
            Ask::Delete { key } => format!("to delete {key}"),
            Ask::OpenSession => "for a session".to_owned(),
            Ask::Do { what } => format!("to {what}"),
            Ask::Retry => "for its latest write once more".to_owned(),
        };
        let (client, via) = (asked.client, asked.via);
        let text = format!("At {}, {client} asked {via} {what}.", ms(asked.at_us));
        let section = match asked.what {
            Ask::Read { .. } => "Thesis 6.4",
            _ => "§8",
        };
        let mut answer = Answer::new(text, section);
        answer.servers.push(via);
        let request = asked.request;
        let answered = self.find_back(RecordId(0), self.end(), &mut |_, happened| match happened {
            Happening::Decided { event, .. } => match event {
                RaftEvent::Answered { request: of, outcome } => {
                    *of == request && !matches!(outcome, Outcome::Readable { .. })
                }
                RaftEvent::Read { request: of, .. } => *of == request,
                _ => false,
            },
            Happening::Requested { request: of, .. } => names_request(of, request),
            _ => false,
        });
        answer.record = answered;
        match &asked.fate {
            Fate::Open => self.say_open(&mut answer, asked),
            fate => self.say_fate(&mut answer, asked, fate),
        }
        Some(answer)
    }

    fn say_fate(&self, answer: &mut Answer, asked: &Asked, fate: &Fate) {
        let via = asked.via;
        // What the server decided has words already; the answer only repeats it.
        let decided = answer.record.and_then(|id| self.reasons(id).first().copied());
        let told = match fate {
            Fate::NotLeader(_) | Fate::Refused(_) => decided,
            // That somebody asked is said already.
            _ => answer
                .record
                .filter(|id| !matches!(self.what(*id), Some(Happening::Requested { .. }))),
        };
        if let Some((told, section)) = told.and_then(|id| self.happened(id)) {
            answer.say(&told);
            answer.section = section;
        }
        match fate {
            Fate::DoneBefore => answer.say(
                "In a session every command has a number, and each is done once, however often it \
                 is asked for.",
            ),
            Fate::Unknown => {
                answer.say("Whether it is done in the end, others decide.");
                // Who crashes answers nothing: that is a fault, and no record names the request.
                let crash = asked
                    .known_us
                    .and_then(|at_us| self.history().act_at(at_us, &mut |fault| fault.stops(via)));
                if let Some((told, _)) = crash.and_then(|id| self.happened(id)) {
                    answer.say(&told);
                    answer.record = crash;
                }
            }
            Fate::NotLeader(Some(leader)) => {
                let leader = NodeId(leader.0);
                answer.next.push((
                    format!("Why does {via} take {leader} for the leader?"),
                    Question::Role(via),
                ));
            }
            Fate::NotLeader(None) => {
                answer.next.push(("Why is there no leader?".to_owned(), Question::NoLeader));
            }
            _ => {}
        }
    }

    fn say_open(&self, answer: &mut Answer, asked: &Asked) {
        let via = asked.via;
        if let Some(Obstacle { text, act }) = self.is_still(via) {
            answer.say(&format!("{via} {text}."));
            answer.also.extend(act);
            return;
        }
        let Some(server) = self.server(via) else {
            return;
        };
        let waiting = server.pending_requests().iter().find(|(_, of)| **of == asked.request);
        if let Some((index, _)) = waiting {
            let index = *index;
            answer.say(&format!("It answers once entry {index} is committed."));
            self.join_entry(answer, via, index);
            return;
        }
        self.say_open_read(answer, (via, server), asked.request);
    }

    /// The answer waits for an entry: what that waits for.
    fn join_entry(&self, answer: &mut Answer, via: NodeId, index: LogIndex) {
        let Some(entry) = self.of_entry(via, index) else {
            return;
        };
        answer.say(&entry.text);
        answer.section = entry.section;
        answer.also.extend(entry.also);
        answer.servers.extend(entry.servers);
        answer.next.extend(entry.next);
        let question = Question::Entry { node: via, index: index.0 };
        answer.next.push((format!("Why is entry {index} not committed?"), question));
    }

    /// A read waits for a majority's word that the server still leads, or for a commit.
    fn say_open_read(
        &self,
        answer: &mut Answer,
        (via, server): (NodeId, &RaftServer),
        request: RequestId,
    ) {
        let Role::Leader { leadership, followers } = server.role() else {
            return answer.say("Its server has yet to take it.");
        };
        let Some(read) = leadership.reads.iter().find(|read| read.request == request) else {
            return answer.say("Its server has yet to take it.");
        };
        answer.section = "Thesis 6.4";
        let started = self.event_before(
            self.end(),
            via,
            &mut |event| matches!(event, Event::ReadStarted { request: of, .. } if *of == request),
        );
        answer.record = started.or(answer.record);
        let said = |id: ServerId| {
            id == server.id() || followers.get(&id).is_some_and(|p| p.acked_round >= read.round)
        };
        if server.configuration().has_majority(&said) {
            let index = read.read_index;
            answer.say(&format!("{via} still leads, and has yet to apply entry {index}."));
            return self.join_entry(answer, via, index);
        }
        let needed = server.configuration().needed();
        answer.say(&format!(
            "{via} must know that it still leads: {needed} servers, itself included, have to \
             answer a message that it sent after the read came."
        ));
        for node in self.voters(server).into_iter().filter(|node| !said(ServerId(node.0))) {
            let obstacle = self.is_still(node).map(|still| format!("{node} {}.", still.text));
            let cut = || {
                let cut = self.is_cut(via, node).or_else(|| self.is_cut(node, via))?;
                Some(format!("{node} has not: {}.", cut.text))
            };
            let text = obstacle.or_else(cut);
            answer.say(&text.unwrap_or_else(|| format!("{node} has not yet.")));
            let acts = [self.is_still(node), self.is_cut(via, node), self.is_cut(node, via)];
            answer.also.extend(acts.into_iter().flatten().filter_map(|obstacle| obstacle.act));
        }
        self.say_deposed(answer, via, server);
    }

    /// A read under a lease, and yet somebody else leads by then: then it may be stale.
    pub(super) fn stale_read(&self, id: RecordId, node: NodeId) -> Option<(String, RecordId)> {
        let mine = self.won(id, node, None)?;
        let term = match event_of(self.what(mine)?, node)? {
            Event::BecameLeader { term, .. } => *term,
            _ => return None,
        };
        let newer = self.find_back(mine, id, &mut |_, happened| match happened {
            Happening::Decided { event: RaftEvent::Raft(event), .. } => {
                matches!(event, Event::BecameLeader { term: of, .. } if *of > term)
            }
            _ => false,
        })?;
        let leader = self.history().node_of(newer)?;
        let text = format!(
            "But {leader} leads a later term since {}: what is read here may be stale. A lease \
             holds only as long as clocks keep their bound.",
            ms(self.at_us(newer))
        );
        Some((text, newer))
    }
}

fn names_request(asked: &RaftRequest, request: RequestId) -> bool {
    match asked {
        RaftRequest::Propose { request: of, .. }
        | RaftRequest::RegisterClient { request: of }
        | RaftRequest::ClientRequest { request: of, .. }
        | RaftRequest::Read { request: of, .. } => *of == request,
        RaftRequest::ChangeMembership { .. }
        | RaftRequest::TransferLeadership { .. }
        | RaftRequest::TimeOutNow => false,
    }
}
