//! How far a part is, and what is in its way; and where an event of the log comes from.

use super::{Answer, EventsEvent, Log, Look, Question, Role, Why, act, role};
use crate::labs::events::desk::Step;
use crate::labs::events::keeper::MODELS;
use crate::labs::events::model::Model;
use crate::labs::events::{KEEPER, Publish, Replica, words};
use crate::labs::raft::RaftEvent;
use crate::labs::telling::{ms, names};
use crate::raft;
use crate::sim::NodeId;

impl Why<'_> {
    /// Why a part does what it does.
    pub(super) fn of_part(&self, node: NodeId) -> Option<Answer> {
        self.world().node(node)?;
        if let Some(still) = self.is_still(node) {
            let loses = match role(self.log(), node) {
                Role::Desk => "what it was at is lost with it, and it remembers nothing",
                Role::Keeper => "what is in its file stays, and nothing can be appended",
                Role::Model(_) => "what is on its disk stays, and it does not hear of events",
                Role::Replica => "its log is on its disk, and the others go on without it",
            };
            let mut answer = Answer::new(format!("{node} {}: {loses}.", still.text), words::ATOMIC);
            answer.servers.push(node);
            answer.record = still.act;
            return Some(answer);
        }
        let process = self.cluster.process(node)?;
        let mut answer = match role(self.log(), node) {
            Role::Desk => self.of_desk(node),
            Role::Keeper => self.of_keeper(),
            Role::Model(_) => self.of_model(node, process.model()?),
            Role::Replica => self.of_replica(node, process.replica()?),
        };
        answer.servers.push(node);
        Some(answer)
    }

    fn of_desk(&self, node: NodeId) -> Answer {
        let works = self.cluster.process(node).and_then(|process| process.desk());
        let works = works.map_or(&[][..], |desk| desk.works());
        let Some(work) = works.first() else {
            let text = format!(
                "{node} waits for customers. It keeps nothing: it reads what it needs when it \
                 decides."
            );
            return Answer::new(text, words::DECIDER);
        };
        let of = self.requests().numbered(work.request).map_or("a request".to_owned(), act);
        let waits = match work.step {
            Step::Reading => "it has asked for the streams on which the decision rests",
            Step::Appending(_) => "it has decided, and waits for word that it is appended",
        };
        let mut answer = Answer::new(format!("{node} is at {of}: {waits}."), words::DECIDER);
        answer.record = self.requests().numbered(work.request).map(|asked| asked.called);
        if let Some(obstacle) = self.between(node, KEEPER) {
            answer.say(&format!("But {}.", obstacle.text));
            answer.also.extend(obstacle.act);
        }
        answer.next.push((format!("What becomes of {of}?"), Question::Request(work.request.0)));
        answer
    }

    fn of_keeper(&self) -> Answer {
        let keeper = self.cluster.process(KEEPER).and_then(|process| process.keeper());
        let Some(keeper) = keeper else { return Answer::new(String::new(), words::YOUNG) };
        let end = keeper.store().last_position();
        let mut text = format!("{KEEPER} has {} in its log.", words::events(end));
        let (durable, told) = (keeper.durable_through(), keeper.published_through());
        if durable < end {
            text.push_str(&format!(" On its disk are {durable}; it is writing."));
        }
        if told < durable {
            text.push_str(&format!(" The read models were told of {told}."));
        }
        let mut answer = Answer::new(text, words::YOUNG);
        answer.record = self.appended(end);
        let late = keeper.followers().iter().filter(|follower| follower.seen < told);
        let late: Vec<NodeId> = late.map(|follower| follower.node).collect();
        if !late.is_empty() {
            let have = if late.len() == 1 { "has" } else { "have" };
            let goes_on = match self.cluster.rules().publish {
                Publish::FromTheLog => "it sends again until they have",
                Publish::Once => "it has told them once, and does not tell them again",
            };
            answer.say(&format!(
                "{} {have} not said that they have all of it: {goes_on}.",
                names(&late)
            ));
            for node in &late {
                if let Some(obstacle) = self.between(KEEPER, *node) {
                    answer.say(&format!("In fact, {}.", obstacle.text));
                    answer.also.extend(obstacle.act);
                    break;
                }
            }
            answer.servers.extend(late);
        }
        answer
    }

    /// How far a read model is, what is in its way, and what is wrong with it.
    fn of_model(&self, node: NodeId, model: &Model) -> Answer {
        let (through, end) = (model.through(), self.ledger().end());
        let kind = words::model(model.kind());
        let text = format!("{node}, {kind}, has taken in what happened up to {through} of {end}.");
        let mut answer = Answer::new(text, words::YOUNG);
        answer.record = self.told_before(self.end(), node, &mut |event| {
            matches!(event, EventsEvent::TookIn { .. } | EventsEvent::Resumed { .. })
        });
        if through < end {
            self.say_why_behind(&mut answer, node, through);
        }
        if self.chronicle.is_off(node) {
            self.say_why_off(&mut answer, node, model);
        } else if through >= end {
            answer.say("That is all of it.");
        }
        answer
    }

    fn say_why_behind(&self, answer: &mut Answer, node: NodeId, through: u64) {
        let next = through + 1;
        if let Some(obstacle) = self.between(node, KEEPER) {
            answer.say(&format!("It hears of nothing: {}.", obstacle.text));
            answer.also.extend(obstacle.act);
            return;
        }
        let durable = self.cluster.durable_through();
        if durable < next {
            answer.say(&format!("Event {next} is not durable yet, and is not told before."));
            return;
        }
        let published = self.told_before(self.end(), KEEPER, &mut |event| {
            matches!(event, EventsEvent::Published { from, through }
                if (*from..=*through).contains(&next))
        });
        let lost = self.loss_of_event(self.end(), node, next);
        let once = self.cluster.rules().publish == Publish::Once;
        match (lost, once) {
            (Some(lost), true) => {
                answer.say(&format!(
                    "Event {next} was told once, and died on the way at {}: it is not told again.",
                    ms(self.at_us(lost))
                ));
                answer.say("To rebuild it is the way out: the log still has it.");
            }
            (None, true) if published.is_none() => {
                answer.say(&format!(
                    "Event {next} was never told: the power went between append and publish, and \
                     nobody looks into the log for what was not told."
                ));
            }
            (Some(lost), false) => answer.say(&format!(
                "The message with event {next} died at {}; it is sent again.",
                ms(self.at_us(lost))
            )),
            _ => answer.say(&format!("Event {next} is on its way.")),
        }
        answer.also.extend(lost.or(published));
    }

    fn say_why_off(&self, answer: &mut Answer, node: NodeId, model: &Model) {
        answer.section = words::AGAIN;
        let through = model.through().max(model.state().taken.len() as u64);
        let odd = (1..=through).find(|position| model.state().times(*position) != 1);
        let times = |position| model.state().times(position);
        match odd {
            Some(position) if times(position) == 0 => answer.say(&format!(
                "But event {position} is not in its state, so it is not what the log comes to."
            )),
            Some(position) => answer.say(&format!(
                "But event {position} is in its state {} times, so it is not what the log comes \
                 to.",
                times(position)
            )),
            None => answer.say("But it is not what the log comes to."),
        }
        let resumed = self.told_before(self.end(), node, &mut |event| {
            matches!(event, EventsEvent::Resumed { through, state_of } if through != state_of)
        });
        if let Some(resumed) = resumed {
            answer.say(&self.dated(resumed));
            answer.also.push(resumed);
        } else if !self.cluster.rules().in_order {
            answer.say(
                "It takes events in as they arrive: those that come twice count twice, and \
                        those that do not come are not missed.",
            );
        }
        answer.say("To rebuild it makes it right: the log has every event once.");
    }

    fn of_replica(&self, node: NodeId, replica: &Replica) -> Answer {
        let server = replica.raft().server();
        let (has, end) = (replica.store().last_position(), self.cluster.log().last_position());
        let leads = match (self.leader(), matches!(server.role(), raft::Role::Leader { .. })) {
            (_, true) => format!("{node} leads term {}.", server.current_term().0),
            (Some(leader), false) => format!("{node} follows {leader}, which leads."),
            (None, false) => format!("{node} knows of no leader that runs."),
        };
        let mut answer = Answer::new(leads, words::RAFT_ELECTION);
        answer.record = self.came_to_lead(self.leader().unwrap_or(node));
        let carried = match has == end {
            true => format!("It has carried out all commands: its log has {end} events."),
            false => format!(
                "It has carried out commands up to event {has} of {end}: what is committed since, \
                 or after its restart, it carries out from its log."
            ),
        };
        answer.say(&carried);
        answer
    }

    fn came_to_lead(&self, leader: NodeId) -> Option<crate::sim::RecordId> {
        self.told_before(self.end(), leader, &mut |event| {
            matches!(event, EventsEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })))
        })
    }

    /// Why nobody leads; or who does.
    pub(super) fn of_no_leader(&self) -> Answer {
        if self.log() == Log::Single {
            let text = format!("Nobody has to lead here: {KEEPER} alone keeps the log.");
            return Answer::new(text, words::YOUNG);
        }
        let Some(leader) = self.leader() else {
            let text = "Nobody leads: no server that runs has heard of a majority that wants it.";
            return Answer::new(text.to_owned(), words::RAFT_ELECTION);
        };
        let mut answer = Answer::new(format!("{leader} leads."), words::RAFT_ELECTION);
        answer.servers.push(leader);
        answer.record = self.came_to_lead(leader);
        answer
    }

    /// Where an event that a part has comes from, and who has it.
    pub(super) fn of_event(&self, node: NodeId, position: u64) -> Option<Answer> {
        let entry = self.ledger().entry(position)?;
        if position > self.position_of(node) {
            return None;
        }
        let (event, version) = (entry.event, entry.version);
        let stream = event.stream();
        let text = format!("Event {position} is “{event}”, version {version} of {stream}.");
        let mut answer = Answer::new(text, words::YOUNG);
        answer.servers.push(node);
        answer.record = entry.record;
        let asked = entry.root.and_then(|root| self.requests().numbered(root));
        match asked {
            Some(asked) => {
                answer.say(&format!("It came of {}, at {}.", act(asked), ms(asked.at_us)));
                answer.also.push(asked.called);
                let label = format!("What became of {}?", act(asked));
                answer.next.push((label, Question::Request(asked.request.0)));
            }
            None if entry.record.is_none() => answer.say("It had happened before the run."),
            None => {}
        }
        if let Some(decision) = self.ledger().decision(entry.id) {
            let on = words::at_version(stream, decision.version);
            answer.say(&format!("The decision rested on {on}."));
            answer.also.push(decision.record);
        }
        self.say_who_has(&mut answer, position);
        Some(answer)
    }

    fn say_who_has(&self, answer: &mut Answer, position: u64) {
        match self.log() {
            Log::Single => {
                if position > self.cluster.durable_through() {
                    answer.say("It is not on the disk yet: a crash would lose it.");
                    return;
                }
                let has = |node: &NodeId| {
                    let model = words::model_of(self.cluster, *node);
                    model.is_some_and(|model| model.state().times(position) > 0)
                };
                let (have, rest): (Vec<NodeId>, Vec<NodeId>) = MODELS.into_iter().partition(has);
                answer.say(&match (&have[..], &rest[..]) {
                    (_, []) => "All read models have taken it in.".to_owned(),
                    ([], _) => "No read model has taken it in yet.".to_owned(),
                    (have, _) => format!("Of the read models, {} took it in so far.", names(have)),
                });
            }
            Log::Raft => {
                let has = |node: &NodeId| {
                    let log = words::log_of(self.cluster, *node);
                    log.is_some_and(|log| log.last_position() >= position)
                };
                let have: Vec<NodeId> = self.world().node_ids().filter(has).collect();
                answer.say(&format!("{} carried it out so far.", names(&have)));
            }
        }
    }
}
