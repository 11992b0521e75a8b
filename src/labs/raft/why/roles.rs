//! Why a server is what it is, and why nobody leads (§5.2; thesis 9.6).

use super::entries::nodes;
use super::reasons::{event_of, node_of};
use super::{Answer, Look, Obstacle, Question, RaftServer, Why, ms, names};
use crate::labs::stage::in_the_world;
use crate::raft::{Event, Role, ServerId, Term};
use crate::sim::{Happening, NodeId, RecordId};
use crate::sorted::SortedSet;

impl Why<'_> {
    /// Why `node` is what it is; `None` if there is no such server.
    pub(super) fn of_role(&self, node: NodeId) -> Option<Answer> {
        self.world.node(node)?;
        let still = self.is_still(node);
        let Some(server) = self.server(node) else {
            let Obstacle { text, act } = still?;
            let mut answer = Answer::new(format!("{node} {text}."), "§2");
            if let Some((told, _)) = act.and_then(|act| self.happened(act)) {
                answer.say(&told);
            }
            answer.record = act;
            answer.servers.push(node);
            return Some(answer);
        };
        let mut answer = match server.role() {
            Role::Leader { .. } => self.of_leader(node, server),
            Role::Candidate { votes } => self.of_candidate(node, server, votes, false),
            Role::PreCandidate { votes } => self.of_candidate(node, server, votes, true),
            Role::Follower { leader } => self.of_follower(node, server, *leader),
        };
        if let Some(still) = still {
            answer.say(&format!("It {} and knows nothing of what has happened since.", still.text));
            answer.also.extend(still.act);
        }
        answer.servers.push(node);
        Some(answer)
    }

    fn of_leader(&self, node: NodeId, server: &RaftServer) -> Answer {
        let term = server.current_term();
        let won = self.won(self.end(), node, Some(term));
        let mut answer = Answer::new(format!("{node} leads term {term}"), "§5.2");
        if let Some(won) = won {
            let mut voters = self.voters_of(won, node, term);
            voters.push(node);
            let voters: SortedSet<NodeId> = voters.into_iter().collect();
            let voters = voters.into_vec();
            answer.text.push_str(&format!(
                " since {}: {} voted for it, and it takes {} of {}.",
                ms(self.at_us(won)),
                names(&voters),
                server.configuration().needed(),
                self.voters(server).len()
            ));
            answer.servers.extend(voters);
        } else {
            answer.text.push('.');
        }
        // What made it stand: a timer, somebody’s act, or a leader that handed over.
        let stood = won.and_then(|won| {
            self.event_before(won, node, &mut |event| {
                matches!(event, Event::BecameCandidate { .. })
            })
        });
        let stood = stood.and_then(|stood| self.reasons(stood).first().copied());
        if let Some((told, _)) = stood.and_then(|reason| self.happened(reason)) {
            answer.say(&told);
        }
        answer.also.extend(stood);
        answer.record = won;
        self.say_reach(&mut answer, node, server);
        self.say_deposed(&mut answer, node, server);
        answer
    }

    /// A leader that cannot talk to a majority.
    fn say_reach(&self, answer: &mut Answer, node: NodeId, server: &RaftServer) {
        let reach = self.in_reach(node);
        let configuration = server.configuration();
        if !configuration.has_majority(&|id| reach.contains(&node_of(id))) {
            let needed = configuration.needed();
            let others: Vec<NodeId> = reach.into_iter().filter(|other| *other != node).collect();
            let reach = if others.is_empty() {
                "nobody else".to_owned()
            } else {
                ["only ", &names(&others)].concat()
            };
            answer.say(&format!(
                "Now it reaches and hears {reach}, and commits nothing without {needed} servers."
            ));
            let obstacles = self.world.node_ids().flat_map(|other| {
                let cuts = [self.is_cut(node, other), self.is_cut(other, node)];
                cuts.into_iter().chain([self.is_still(other)]).flatten()
            });
            for act in obstacles.filter_map(|obstacle| obstacle.act) {
                if !answer.also.contains(&act) {
                    answer.also.push(act);
                }
            }
        }
    }

    /// Who had voted for `node` when it won.
    fn voters_of(&self, won: RecordId, node: NodeId, term: Term) -> Vec<NodeId> {
        let mut voters = Vec::new();
        self.find_back(RecordId(0), won, &mut |_, happened| match event_of(happened, node) {
            Some(Event::VoteReceived { from, term: of, granted: true, .. }) if *of == term => {
                voters.push(node_of(*from));
                false
            }
            Some(Event::BecameCandidate { .. }) => true,
            _ => false,
        });
        voters
    }

    fn of_candidate(
        &self,
        node: NodeId,
        server: &RaftServer,
        votes: &SortedSet<ServerId>,
        is_pre: bool,
    ) -> Answer {
        let term = server.current_term();
        let stood = self.event_before(self.end(), node, &mut |event| match event {
            Event::BecameCandidate { .. } => !is_pre,
            Event::BecamePreCandidate { .. } => is_pre,
            _ => false,
        });
        let why = stood.and_then(|id| {
            let reason = *self.reasons(id).first()?;
            self.happened(reason)
        });
        let (text, section) = match is_pre {
            false => (format!("{node} stands for election in term {term}."), "§5.2"),
            true => (format!("{node} asks whether it would win, before it stands."), "Thesis 9.6"),
        };
        let mut answer = Answer::new(text, section);
        if let Some((why, _)) = why {
            answer.say(&why);
        }
        let have: Vec<ServerId> = votes.iter().copied().collect();
        let needed = server.configuration().needed();
        let have = nodes(&have);
        answer.say(&format!("It has the votes of {}, and it takes {needed}.", names(&have)));
        for voter in self.voters(server).into_iter().filter(|voter| !have.contains(voter)) {
            let (text, reason) = self.why_no_vote(node, voter, stood, is_pre);
            answer.say(&text);
            if let Some(reason) = reason
                && !answer.also.contains(&reason)
            {
                answer.also.push(reason);
            }
        }
        if let Some(timer) = server.election_timer() {
            let at = ms(in_the_world(self.world, node, timer.deadline_us));
            answer.say(&format!("It tries again at {at}."));
        }
        answer.record = stood;
        answer
    }

    /// Why a candidate has no vote of `voter`: a sentence, and what decided it.
    fn why_no_vote(
        &self,
        node: NodeId,
        voter: NodeId,
        stood: Option<RecordId>,
        is_pre: bool,
    ) -> (String, Option<RecordId>) {
        if voter == node {
            return ("Its own vote is not on its disk yet.".to_owned(), stood);
        }
        let floor = stood.unwrap_or(RecordId(0));
        let denied =
            self.find_back(floor, self.end(), &mut |_, happened| match event_of(happened, voter) {
                Some(Event::VoteDenied { candidate, .. }) => !is_pre && candidate.0 == node.0,
                Some(Event::PreVoteDenied { candidate, .. }) => is_pre && candidate.0 == node.0,
                _ => false,
            });
        if let Some((text, _)) = denied.and_then(|id| self.happened(id)) {
            return (text, denied);
        }
        if let Some(still) = self.is_still(voter) {
            return (format!("{voter} {}.", still.text), still.act);
        }
        for (from, to) in [(node, voter), (voter, node)] {
            if let Some(cut) = self.is_cut(from, to) {
                return (format!("{voter} has no say: {}.", cut.text), cut.act);
            }
        }
        let question = self.on_its_way(node, voter, &mut |_| true);
        let answer = self.on_its_way(voter, node, &mut |_| true);
        match (question, answer) {
            (Some((at_us, id)), _) => (format!("{voter} is asked at {}.", ms(at_us)), Some(id)),
            (_, Some((at_us, id))) => {
                (format!("{voter}’s answer arrives at {}.", ms(at_us)), Some(id))
            }
            _ => (format!("{voter} has not answered."), None),
        }
    }

    fn of_follower(&self, node: NodeId, server: &RaftServer, leader: Option<ServerId>) -> Answer {
        let term = server.current_term();
        let since = self.find_back(RecordId(0), self.end(), &mut |_, happened| match happened {
            Happening::Booted { node: on, .. } => *on == node,
            _ => match event_of(happened, node) {
                Some(Event::LeaderFound { .. }) => true,
                Some(event) => {
                    leader.is_none()
                        && matches!(
                            event,
                            Event::SteppedDown { .. }
                                | Event::TermAdvanced { .. }
                                | Event::VoteGranted { .. }
                        )
                }
                None => false,
            },
        });
        let mut answer = match leader {
            Some(leader) => {
                let text = format!(
                    "{node} follows {leader}: it has heard from {leader} as the leader of term \
                     {term}, and from nobody of a later one."
                );
                Answer::new(text, "§5.2")
            }
            None => {
                let led = self.won(self.end(), node, Some(term)).is_some();
                let text = if led {
                    format!("{node} follows nobody: in term {term} it led itself.")
                } else {
                    format!("{node} follows nobody: it has heard from no leader of term {term}.")
                };
                let mut answer = Answer::new(text, "§5.2");
                if let Some((told, _)) = since.and_then(|id| self.happened(id)) {
                    answer.say(&told);
                }
                answer
            }
        };
        match server.election_timer() {
            Some(timer) => {
                let at = ms(in_the_world(self.world, node, timer.deadline_us));
                answer.say(&format!("If it hears from no leader until {at}, it stands itself."));
            }
            None => {
                let configuration = server.configuration();
                let is_member = configuration.members().contains(&ServerId(node.0));
                answer.say(match (is_member, configuration.is_voter(ServerId(node.0))) {
                    (false, _) => "It is no member of the cluster, and so it never stands.",
                    (true, false) => "It is a learner: it has no vote, and never stands.",
                    (true, true) => "Its election timer does not run.",
                });
            }
        }
        answer.record = since;
        answer
    }

    /// Why nobody leads. If somebody does, that is the answer.
    pub(super) fn of_no_leader(&self) -> Answer {
        if let Some((node, server)) = self.newest_leader() {
            let mut answer = self.of_leader(node, server);
            answer.text.insert_str(0, "There is one. ");
            if let Some(still) = self.is_still(node) {
                answer.say(&format!("But it {}.", still.text));
                answer.also.extend(still.act);
            }
            answer.servers.push(node);
            return answer;
        }
        let mut answer = Answer::new("Nobody leads.".to_owned(), "§5.2");
        self.say_who_could_win(&mut answer);
        answer.record =
            self.find_back(RecordId(0), self.end(), &mut |_, happened| match happened {
                Happening::Decided { node, .. } => event_of(happened, *node).is_some_and(|event| {
                    matches!(
                        event,
                        Event::ElectionTimedOut { .. }
                            | Event::SteppedDown { .. }
                            | Event::VoteDenied { .. }
                            | Event::PreVoteDenied { .. }
                    )
                }),
                Happening::Fault(fault) => fault.node().is_some_and(|node| fault.stops(node)),
                _ => false,
            });
        if let Some(id) = answer.record
            && let Some((told, _)) = self.happened(id)
        {
            answer.say(&format!("At {}: {told}", ms(self.at_us(id))));
        }
        self.say_candidates(&mut answer);
        self.say_next_timer(&mut answer);
        answer
    }

    /// Without a majority that can talk, nobody can win.
    fn say_who_could_win(&self, answer: &mut Answer) {
        let awake: Vec<NodeId> =
            self.world.node_ids().filter(|node| self.is_awake(*node)).collect();
        let could_win = |node: &NodeId| {
            let reach = self.in_reach(*node);
            self.server(*node).is_some_and(|server| {
                let configuration = server.configuration();
                configuration.has_majority(&|id| reach.contains(&node_of(id)))
            })
        };
        if awake.iter().any(could_win) {
            return;
        }
        let needed = awake.first().and_then(|node| self.server(*node));
        let needed = needed.map_or(0, |server| server.configuration().needed());
        if awake.len() < needed || awake.is_empty() {
            answer.say(&format!("Of all servers only {} can do anything.", names(&awake)));
            for node in self.world.node_ids().filter(|node| !awake.contains(node)) {
                answer.also.extend(self.is_still(node).and_then(|still| still.act));
            }
            return;
        }
        answer.say(&format!("Nobody can win: it takes {needed} votes, and no group is so large:"));
        let mut mark = " ";
        for group in self.world.network().groups() {
            let group: Vec<NodeId> =
                group.into_iter().filter(|node| awake.contains(node)).collect();
            if !group.is_empty() {
                answer.text.push_str(mark);
                answer.text.push_str(&names(&group));
                mark = " | ";
            }
        }
        answer.text.push('.');
        for ends in self.world.network().link_ends() {
            if let Some(act) = self.is_cut(ends.0, ends.1).and_then(|cut| cut.act)
                && !answer.also.contains(&act)
            {
                answer.also.push(act);
            }
        }
    }

    fn say_candidates(&self, answer: &mut Answer) {
        for node in self.world.node_ids().filter(|node| self.is_awake(*node)) {
            let Some(server) = self.server(node) else {
                continue;
            };
            let (votes, verb) = match server.role() {
                Role::Candidate { votes } => (votes, "stands"),
                Role::PreCandidate { votes } => (votes, "asks before it stands"),
                _ => continue,
            };
            let (votes, needed) = (votes.len(), server.configuration().needed());
            let term = server.current_term();
            let text = format!("{node} {verb} in term {term} and has {votes} of {needed} votes.");
            answer.say(&text);
            answer.servers.push(node);
            let why = format!("Why has {node} not won?");
            answer.next.push((why, Question::Role(node)));
        }
    }

    fn say_next_timer(&self, answer: &mut Answer) {
        let awake = self.world.node_ids().filter(|node| self.is_awake(*node));
        let timers = awake.filter_map(|node| {
            let timer = self.server(node)?.election_timer()?;
            Some((in_the_world(self.world, node, timer.deadline_us), node))
        });
        if let Some((at_us, node)) = timers.min() {
            answer.say(&format!("The next timer to run out is {node}’s, at {}.", ms(at_us)));
        }
    }
}
