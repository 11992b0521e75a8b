//! Why a server serves or refuses, and why it holds what it holds.

use super::reasons::quorum_event;
use super::{Answer, Look, Why};
use crate::labs::Question;
use crate::labs::cap::system::CapEvent;
use crate::labs::cap::{RaftEvent, narration, words};
use crate::labs::telling::{ms, names};
use crate::primary_backup as backup;
use crate::quorum::{Event, Sibling};
use crate::raft;
use crate::sim::{Happening, NodeId, RecordId};

impl Why<'_> {
    /// Why a server does what it does about clients: serve, refuse, or nothing at all.
    pub(super) fn of_role(&self, node: NodeId) -> Option<Answer> {
        self.world().node(node)?;
        if let Some(still) = self.is_still(node) {
            let text = format!("{node} {}: it serves nobody.", still.text);
            let mut answer = Answer::new(text, words::AVAILABLE);
            answer.servers.push(node);
            answer.record = still.act;
            return Some(answer);
        }
        if self.store(node).is_none() {
            return Some(self.of_reign(node));
        }
        let suspects = narration::suspects(self.cluster, node);
        let mut answer = match words::sight(self.cluster, node) {
            Some((alive, needed)) if alive < needed => {
                let text = format!(
                    "{node} refuses: it takes {alive} replicas to be up, and an operation needs \
                     {needed}. To serve would be to risk what the other side cannot see."
                );
                Answer::new(text, words::CAP)
            }
            Some((alive, needed)) => {
                let text = format!(
                    "{node} serves: it takes {alive} replicas to be up, and an operation needs \
                     {needed}."
                );
                Answer::new(text, words::DYNAMO_PUT_GET)
            }
            None => {
                let text =
                    format!("{node} serves keys of which it takes enough replicas to be up.");
                Answer::new(text, words::DYNAMO_PUT_GET)
            }
        };
        answer.servers.push(node);
        if !suspects.is_empty() {
            answer.say(&format!("It takes {} for down.", names(&suspects)));
            let mut told = Vec::new();
            for other in &suspects {
                let Some(obstacle) = self.between(node, *other) else { continue };
                answer.also.extend(obstacle.act);
                told.push(obstacle.text);
            }
            match &told[..] {
                [] => answer.say("Nothing is in the way any more: it hears of them soon."),
                [one] => answer.say(&format!("In fact, {one}.")),
                [one, rest @ ..] => {
                    answer.say(&format!("In fact, {one}; likewise {} more.", rest.len()));
                }
            }
        }
        let suspicions = self.suspicions(self.end(), node);
        answer.record = suspicions.iter().max().copied();
        answer.also.extend(suspicions);
        answer.servers.extend(suspects);
        Some(answer)
    }

    /// Of Raft and primary-backup: who leads.
    fn of_reign(&self, node: NodeId) -> Answer {
        let chief = words::chief(self.cluster);
        let text = match chief {
            Some((chief, reign)) if chief == node => format!("{node} leads, number {reign}."),
            Some((chief, _)) => format!("{node} passes everything on to {chief}, which leads."),
            None => format!("{node} serves nobody: nobody leads."),
        };
        let mut answer = Answer::new(text, words::RAFT_ELECTION);
        answer.servers.push(node);
        answer.record = chief.and_then(|(chief, _)| self.came_to_lead(chief));
        answer
    }

    fn came_to_lead(&self, chief: NodeId) -> Option<RecordId> {
        self.find_back(RecordId(0), self.end(), &mut |_, happened| match happened {
            Happening::Decided { node, event } if *node == chief => matches!(
                event,
                CapEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. }))
                    | CapEvent::PrimaryBackup(backup::Event::Promoted { .. })
            ),
            _ => false,
        })
    }

    /// Why nobody leads; or who does.
    pub(super) fn of_no_leader(&self) -> Answer {
        let Some((chief, _)) = words::chief(self.cluster) else {
            let text = "Nobody leads: no server that runs has heard of a majority that wants it.";
            return Answer::new(text.to_owned(), words::RAFT_ELECTION);
        };
        let mut answer = Answer::new(format!("{chief} leads."), words::RAFT_ELECTION);
        answer.servers.push(chief);
        answer.record = self.came_to_lead(chief);
        answer
    }

    /// Why a replica holds what it holds of a key.
    pub(super) fn of_cell(&self, node: NodeId, number: u64) -> Option<Answer> {
        let key = self.clients().word(number);
        let server = self.store(node)?;
        let Some(cell) = server.cell(&key.to_owned()).filter(|_| !key.is_empty()) else {
            return self.of_no_cell(node, key);
        };
        let text = format!("{node} holds {key} = {}.", words::held(cell));
        let mut answer = Answer::new(text, words::DYNAMO_PUT_GET);
        answer.servers.push(node);
        for sibling in cell.siblings() {
            self.say_sibling(&mut answer, node, key, sibling);
        }
        if cell.siblings().len() > 1 {
            answer.section = words::DYNAMO_VERSIONS;
            answer.say(
                "None of these clients had seen the other’s write, so neither counts as later; \
                 both stay until somebody writes that has read both.",
            );
        }
        let others = self.world().node_ids().filter(|other| {
            let theirs = self.store(*other).map(|server| server.cell(&key.to_owned()));
            *other != node && theirs.is_some_and(|theirs| theirs != Some(cell))
        });
        let others: Vec<NodeId> = others.collect();
        if !others.is_empty() {
            let hold = if others.len() == 1 { "holds" } else { "hold" };
            answer.say(&format!("{} {hold} something else.", names(&others)));
        }
        Some(answer)
    }

    /// Who wrote it, and how it came here.
    fn say_sibling(&self, answer: &mut Answer, node: NodeId, key: &str, sibling: &Sibling<String>) {
        let stamp = sibling.stamp;
        let came = self.came(self.end(), node, key, stamp);
        let how = match came.and_then(|id| quorum_event(self.what(id)?, node)) {
            Some(Event::WriteApplied { .. }) => {
                let at_us = came.map_or(0, |id| self.at_us(id));
                format!(
                    "it came at {} from {}, which coordinated the write",
                    ms(at_us),
                    stamp.server
                )
            }
            Some(Event::Merged { from, purpose, .. }) => {
                let (why, section) = words::way(*purpose);
                answer.section = section;
                let at_us = came.map_or(0, |id| self.at_us(id));
                format!("it came at {} from {from}: {why}", ms(at_us))
            }
            _ => "it was on its disk".to_owned(),
        };
        let what = words::write_of(self.clients(), stamp);
        let writer = self.clients().writer(stamp.request);
        let by = writer.map_or(String::new(), |asked| {
            let told = match asked.fate {
                super::Fate::Unknown { .. } => ", and nobody knew whether it counts",
                _ => "",
            };
            format!(" was written by {} at {}{told};", asked.client, ms(asked.at_us))
        });
        answer.say(&format!("{what}{by} {how}."));
        answer.also.extend(self.origin(self.end(), stamp));
        if let Some(place) = writer.and_then(|asked| self.clients().place_of(asked.called)) {
            let label = format!("What became of {what}?");
            answer.next.push((label, Question::Request(place as u64 + 1)));
        }
        answer.record = answer.record.max(came);
    }

    /// Why a replica holds nothing of a key.
    fn of_no_cell(&self, node: NodeId, key: &str) -> Option<Answer> {
        let gone = self.event_before(
            self.end(),
            node,
            &mut |event| matches!(event, Event::TombstoneCollected { key: of, .. } if of == key),
        );
        let text = match gone {
            Some(gone) => format!(
                "{node} holds nothing of {key}: it was deleted, and at {} the tombstone was \
                 forgotten.",
                ms(self.at_us(gone))
            ),
            None => format!("{node} has never heard of {key}."),
        };
        let mut answer = Answer::new(text, words::DYNAMO_REPAIR);
        answer.servers.push(node);
        answer.record = gone;
        (!key.is_empty()).then_some(answer)
    }
}
