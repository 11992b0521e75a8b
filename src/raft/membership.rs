//! Changes of who belongs to the cluster (§6; thesis, chapter 4).
//!
//! A configuration is an entry of the log, and a server uses the latest one in its log, committed
//! or not; if the entry is truncated, the one before it is in force again. There are two ways from
//! one configuration to the next:
//!
//! - one server at a time (4.1): any majority of the old one and any of the new one have a server
//!   in common, so no step in between is needed;
//! - any set of voters at once, by *joint consensus* (§6): first a configuration in which
//!   everything needs a majority of either side; when that is committed, the leader appends the
//!   new one.
//!
//! New servers are learners first: they get entries and do not count, until the last round of
//! catching up was fast enough (4.2.1). A leader that is removed leads until that is committed,
//! does not count itself meanwhile, and then steps down (4.2.2).
//!
//! Two rules keep changes apart. The next one has to wait until the one before is committed. And a
//! new leader changes nothing before an entry of its own term is committed: without that, added to
//! the thesis in 2015, two leaders in a row could each make a change that the other does not know,
//! and their majorities need not meet.
//!
//! Servers that were removed do not know it, time out, and ask for votes. Whoever knows that their
//! removal is committed ignores them, unless their log is more up to date than one's own: then it
//! may be one's own configuration that is old.

use super::configuration::Configurations;
use super::server::Server;
use super::{
    Bug, ChangeRefusal, CommandSize, Configuration, Event, IgnoreReason, LogEnd, LogIndex, Message,
    Outcome, Output, Payload, Progress, RequestId, Role, ServerId, StepDown, Transfer, Write,
};

/// What is to become of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MembershipChange {
    /// Send entries to this server, which has no vote yet.
    AddLearner(ServerId),
    /// Give a learner that has caught up a vote.
    Promote(ServerId),
    /// This voter or learner goes.
    Remove(ServerId),
    /// From now on these are the voters, by joint consensus. All of them must be members.
    Replace(Vec<ServerId>),
}

impl<C: CommandSize> Server<C> {
    /// Leaders: put a new configuration into the log, where it takes effect at once.
    pub(super) fn handle_change(&mut self, request: RequestId, change: MembershipChange) {
        match self.changed_configuration(&change) {
            Ok(configuration) => {
                let term = self.current_term();
                let payload = Payload::Configuration(Box::new(configuration));
                let bytes = payload.entry_bytes();
                let index = self.append_to_own_log(payload);
                self.await_answer(index, request, bytes);
                self.outbox.event(Event::Proposed { request, index, term });
                self.send_to_all_behind();
            }
            Err(reason) => {
                self.outbox.event(Event::ChangeRefused { request, reason });
                let outcome = Outcome::ChangeRefused { reason };
                self.outbox.push(Output::Answer { request, outcome });
            }
        }
    }

    /// The configuration that `change` leads to, if it may be made now.
    fn changed_configuration(
        &self,
        change: &MembershipChange,
    ) -> Result<Configuration, ChangeRefusal> {
        self.may_change()?;
        let mut next = self.configuration().clone();
        match change {
            MembershipChange::AddLearner(server) => {
                if next.is_member(*server) {
                    return Err(ChangeRefusal::AlreadyMember);
                }
                next.learners.insert(*server);
            }
            MembershipChange::Promote(server) => {
                if !next.learners.remove(server) {
                    return Err(ChangeRefusal::NotALearner);
                }
                self.must_have_caught_up(*server)?;
                next.voters.insert(*server);
            }
            MembershipChange::Remove(server) => {
                if !next.learners.remove(server) && !next.voters.remove(server) {
                    return Err(ChangeRefusal::NotAMember { server: *server });
                }
            }
            MembershipChange::Replace(voters) => {
                for server in voters.iter().filter(|server| !next.voters.contains(server)) {
                    if !next.learners.remove(server) {
                        return Err(ChangeRefusal::NotAMember { server: *server });
                    }
                    self.must_have_caught_up(*server)?;
                }
                let voters = voters.iter().copied().collect();
                next.old_voters = std::mem::replace(&mut next.voters, voters);
                if next.old_voters == next.voters {
                    return Err(ChangeRefusal::NoChange);
                }
                if self.config.has(Bug::NoJointConsensus) {
                    next = next.new_side();
                }
            }
        }
        if next.voters.is_empty() { Err(ChangeRefusal::NoVoterLeft) } else { Ok(next) }
    }

    fn may_change(&self) -> Result<(), ChangeRefusal> {
        let Role::Leader { leadership, .. } = &self.role else {
            return Err(ChangeRefusal::NotLeader { leader: self.leader() });
        };
        if !self.config.membership_changes {
            return Err(ChangeRefusal::SwitchedOff);
        }
        if let Some(Transfer { to, .. }) = leadership.transfer {
            return Err(ChangeRefusal::TransferInProgress { to });
        }
        if self.commit_index < leadership.term_start && !self.config.has(Bug::ChangeBeforeOwnTerm) {
            return Err(ChangeRefusal::NothingOfThisTermCommitted);
        }
        let index = self.configuration_index();
        if (index > self.commit_index || self.configuration().is_joint())
            && !self.config.has(Bug::ChangeWhilePending)
        {
            return Err(ChangeRefusal::ChangePending { index });
        }
        Ok(())
    }

    /// 4.2.1: the last round of catching up took less than an election timeout.
    fn must_have_caught_up(&self, server: ServerId) -> Result<(), ChangeRefusal> {
        let last_log_index = self.log().last_index();
        let timeout_us = self.config.election_timeout_low_us;
        let progress = self.progress(server);
        let match_index = progress.map(|f| f.match_index).unwrap_or_default();
        let caught_up = progress.is_some_and(|f| {
            let round_us = self.now_us.saturating_sub(f.catch_up.round_started_us);
            f.catch_up.was_fast && (match_index == last_log_index || round_us < timeout_us)
        });
        if caught_up {
            Ok(())
        } else {
            Err(ChangeRefusal::NotCaughtUp { match_index, last_log_index })
        }
    }

    /// 4.2.1: a learner that has all that was there when its round began begins the next one.
    pub(super) fn note_catch_up(&mut self, follower: ServerId) {
        let (now_us, last_index) = (self.now_us, self.log().last_index());
        let timeout_us = self.config.election_timeout_low_us;
        if !self.configuration().learners.contains(&follower) {
            return;
        }
        let Ok(progress) = self.progress_mut(follower) else {
            return;
        };
        let catch_up = &mut progress.catch_up;
        if progress.match_index < catch_up.round_end {
            return;
        }
        let round_us = now_us.saturating_sub(catch_up.round_started_us);
        let was_fast = round_us < timeout_us;
        let is_news = was_fast && !catch_up.was_fast;
        *catch_up = CatchUp { round_end: last_index, round_started_us: now_us, was_fast };
        if is_news {
            self.outbox.event(Event::LearnerCaughtUp { learner: follower, round_us });
        }
    }

    /// What follows from the commitment of a configuration, for leaders above all.
    pub(super) fn finish_change(&mut self) {
        let Role::Leader { leadership, .. } = &self.role else {
            if self.election_timer.is_some() && !self.may_stand() {
                self.election_timer = None;
            }
            return;
        };
        let index = self.configuration_index();
        if self.commit_index < index.max(leadership.term_start) {
            return;
        }
        if self.configuration().is_joint() {
            let next =
                Configuration { old_voters: Default::default(), ..self.configuration().clone() };
            self.append_to_own_log(Payload::Configuration(Box::new(next)));
            self.send_to_all_behind();
        } else if !self.configuration().is_voter(self.id) {
            // The others should learn before that it is committed.
            for follower in self.follower_ids() {
                self.send_round(follower);
            }
            self.become_follower(None, StepDown::Removed { index });
        }
    }

    /// The entry of the configuration in force; 0 if it is the one that the cluster began with.
    pub fn configuration_index(&self) -> LogIndex {
        self.configurations.current_index()
    }

    /// The configuration as of the entry at `index`; for what was dropped, the oldest that is
    /// known.
    pub fn configuration_at(&self, index: LogIndex) -> &Configuration {
        self.configurations.at(index)
    }

    /// The log has changed by `change`: finds the configuration that is in force now.
    pub(super) fn follow_configurations(&mut self, change: &Write<C>, was_reset: bool) {
        let before = self.configuration_index();
        if let Some(snapshot) = &change.snapshot {
            let base = snapshot.last_included_index;
            if was_reset {
                self.configurations = Configurations::new(base, snapshot.configuration.clone());
            } else {
                self.configurations.drop_through(base);
            }
        }
        if let Some(first) = change.truncate_from
            && !self.config.has(Bug::ConfigurationNotRolledBack)
        {
            self.configurations.truncate_from(first);
            let to = self.configuration_index();
            if to < before {
                self.outbox.event(Event::ConfigurationRolledBack { from: before, to });
            }
        }
        let mut index = LogIndex(self.log().last_index().0 - change.append.len() as u64);
        for entry in &change.append {
            index = index.next();
            if let Payload::Configuration(configuration) = &entry.payload
                && (self.leader() == Some(self.id)
                    || !self.config.has(Bug::ConfigurationForLeadersOnly))
            {
                self.configurations.push(index, Configuration::clone(configuration));
                self.outbox.event(Event::ConfigurationAdopted { index });
            }
        }
        if self.configuration_index() != before {
            self.obey_configuration();
        }
    }

    /// A leader talks to the members, all of them and nobody else. Who may stand for election has
    /// an election timer, and nobody else has.
    fn obey_configuration(&mut self) {
        let members = self.others();
        let last_index = self.log().last_index();
        let now_us = self.now_us;
        if let Role::Leader { followers, .. } = &mut self.role {
            followers.retain(|id| members.contains(id));
            for id in members {
                if !followers.contains_key(&id) {
                    followers.insert(id, Progress::new(last_index, now_us));
                }
            }
            // A round may have a majority now that it had not before.
            self.confirm_round();
        } else if !self.may_stand() {
            self.election_timer = None;
        } else if self.election_timer.is_none() {
            self.reset_election_timer();
        }
    }

    /// Whether this server may stand for election: as a voter, or, if it is to be removed, until it
    /// knows that to be committed. It may be the only one that has the entry, and the others cannot
    /// elect anybody else before they have it (4.2.2). After a restart it may know of little that
    /// is committed, so every configuration counts that may yet be in force somewhere.
    pub(super) fn may_stand(&self) -> bool {
        self.configurations.is_voter_since(self.commit_index, self.id)
    }

    /// Whether a message of a server that is not in the configuration has to be ignored.
    ///
    /// While its removal is not known to be committed, it is heard like any other, for it may
    /// stand. A leader may be one that this server has yet to hear of, so it is heard (4.2.2).
    /// So is a candidate whose log is more up to date. All others are strangers, or were removed.
    pub(super) fn reason_to_shun(
        &self,
        from: ServerId,
        message: &Message<C>,
    ) -> Option<IgnoreReason> {
        let commit_index = self.commit_index;
        if self.configuration().is_member(from)
            || self.configurations.is_voter_since(commit_index, from)
        {
            return None;
        }
        let was_member = self.config.is_member(from) || self.configurations.any_has(from);
        let reason =
            if was_member { IgnoreReason::RemovedServer } else { IgnoreReason::UnknownServer };
        let may_be_news = match message {
            Message::AppendEntries { .. }
            | Message::InstallSnapshot { .. }
            | Message::TimeoutNow { .. } => true,
            Message::RequestVote { last_log_index, last_log_term, .. }
            | Message::PreVote { last_log_index, last_log_term, .. } => {
                let (last_log_term, last_log_index) = (*last_log_term, *last_log_index);
                LogEnd { last_log_term, last_log_index } > self.log().end()
            }
            _ => false,
        };
        (!self.config.membership_changes || !may_be_news).then_some(reason)
    }
}

/// How a learner catches up, in rounds (4.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CatchUp {
    /// The leader's last entry when the present round began.
    pub round_end: LogIndex,
    /// When it began.
    pub round_started_us: u64,
    /// Whether the round before took less than the shortest election timeout.
    pub was_fast: bool,
}
