//! Client sessions: a command takes effect once, however often it is retried (§8; thesis 6.3).
//!
//! A client that gets no answer asks again, perhaps another leader, and its command may then stand
//! in the log twice. So clients register, number their commands, and every state machine remembers
//! for each client the latest number and its answer. That memory is part of the replicated state:
//! it changes by committed entries alone, so all servers agree on it, and it belongs into
//! snapshots.
//!
//! Memory is bounded, so sessions have to end some day, and all servers must end the same one at
//! the same entry. No server may ask its clock for that: the leader gives its time to the entries
//! of sessions when it appends them, and by that *log time* everybody goes. A session that has not
//! been used for long enough of it ends with the next entry of any session. Time in which nobody
//! leads does not count, so clients that could not be served do not lose their sessions for it. And
//! if a new client registers and there is no room, the least recently used session goes.
//!
//! A client whose session has ended is told so: whether its last command took effect, nobody knows
//! any more. A client has one command under way at a time, and keeps its session alive while it has
//! nothing new to ask by repeating its latest one.

use crate::sorted::SortedMap;

use super::{Bug, LogIndex, Payload, Planted};

/// Names a session: the index of the entry that registered it, so no two are alike (thesis 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub LogIndex);

/// The sessions of a state machine whose commands are answered with an `A`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sessions<A> {
    limit: usize,
    timeout_us: u64,
    sessions: SortedMap<ClientId, Session<A>>,
    planted: Planted,
}

/// What is remembered of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session<A> {
    /// The entry that used the session last.
    pub last_used: LogIndex,
    /// The log time of that entry.
    pub last_used_us: u64,
    /// The number of its latest command and the answer. `None` until the first.
    pub latest: Option<(u64, A)>,
}

/// What an entry did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<A> {
    /// Nothing to the state machine: it was an empty entry, or one about the cluster itself.
    Nothing,
    /// The command took effect.
    Applied {
        /// Its answer.
        answer: A,
    },
    /// The command had taken effect before, and did not again.
    Repeated {
        /// The answer of that time.
        answer: A,
    },
    /// The client has sent a later command since; the answer to this one is gone.
    Superseded {
        /// The number of its latest command.
        latest: u64,
    },
    /// The client has no session, or none any more. The command had no effect now.
    SessionExpired,
    /// A client was given a session.
    Registered {
        /// Its name.
        client: ClientId,
    },
}

/// A session that an entry has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndedSession {
    /// Whose.
    pub client: ClientId,
    /// For how much log time it had not been used, in microseconds.
    pub idle_us: u64,
    /// Whether it had to go for want of room, before its time.
    pub made_room: bool,
}

impl<A: Clone> Sessions<A> {
    /// No sessions yet, and never more than `limit`, at least 1. A session ends after `timeout_us`
    /// of log time without use, at least 1. All servers must have the same limits.
    pub fn new(limit: usize, timeout_us: u64) -> Sessions<A> {
        let (limit, timeout_us) = (limit.max(1), timeout_us.max(1));
        let planted = Planted::default();
        Sessions { limit, timeout_us, sessions: SortedMap::new(), planted }
    }

    /// The same with something wrong, for tests and lessons.
    pub fn with_planted(self, planted: Planted) -> Sessions<A> {
        Sessions { planted, ..self }
    }

    /// Carries out the committed entry at `index`: what it did, and which sessions it has ended, in
    /// the order of their names. `run` is called at most once, and only for a command that is to
    /// take effect.
    pub fn apply<C>(
        &mut self,
        index: LogIndex,
        payload: &Payload<C>,
        run: impl FnOnce(&C) -> A,
    ) -> (Effect<A>, Vec<EndedSession>) {
        let mut ended = Vec::new();
        if let Some(log_time_us) = payload.log_time_us() {
            self.end_idle(log_time_us, &mut ended);
        }
        (self.carry_out(index, payload, run, &mut ended), ended)
    }

    /// Ends what was not used for too long. What is idle ends before the entry does anything, so a
    /// client that comes back too late is too late, even if nobody came in between.
    fn end_idle(&mut self, log_time_us: u64, ended: &mut Vec<EndedSession>) {
        for (client, session) in self.sessions.iter() {
            let idle_us = log_time_us.saturating_sub(session.last_used_us);
            if idle_us >= self.timeout_us {
                ended.push(EndedSession { client: *client, idle_us, made_room: false });
            }
        }
        for EndedSession { client, .. } in ended {
            self.sessions.remove(client);
        }
    }

    fn carry_out<C>(
        &mut self,
        index: LogIndex,
        payload: &Payload<C>,
        run: impl FnOnce(&C) -> A,
        ended: &mut Vec<EndedSession>,
    ) -> Effect<A> {
        match payload {
            Payload::Noop | Payload::Configuration(_) => Effect::Nothing,
            Payload::Command(command) => Effect::Applied { answer: run(command) },
            Payload::RegisterClient { log_time_us } => self.register(index, *log_time_us, ended),
            Payload::ClientRequest { client, sequence, command, log_time_us } => {
                let planted = self.planted;
                let Some(session) = self.sessions.get_mut(client) else {
                    if planted.has(Bug::ExpiredSessionRuns) {
                        return Effect::Applied { answer: run(command) };
                    }
                    return Effect::SessionExpired;
                };
                session.last_used = index;
                session.last_used_us = session.last_used_us.max(*log_time_us);
                match &session.latest {
                    Some((latest, answer))
                        if sequence == latest && !planted.has(Bug::RetryRunsAgain) =>
                    {
                        Effect::Repeated { answer: answer.clone() }
                    }
                    Some((latest, _)) if sequence < latest && !planted.has(Bug::SupersededRuns) => {
                        Effect::Superseded { latest: *latest }
                    }
                    _ => {
                        let answer = run(command);
                        session.latest = Some((*sequence, answer.clone()));
                        Effect::Applied { answer }
                    }
                }
            }
        }
    }

    /// All sessions, in the order in which they were registered.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &Session<A>)> {
        self.sessions.iter().map(|(client, session)| (*client, session))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Puts back a session that [`iter`](Sessions::iter) has given, when a snapshot is restored.
    pub fn restore(&mut self, client: ClientId, session: Session<A>) {
        self.sessions.insert(client, session);
    }

    fn register(
        &mut self,
        index: LogIndex,
        log_time_us: u64,
        ended: &mut Vec<EndedSession>,
    ) -> Effect<A> {
        let is_full = self.sessions.len() >= self.limit;
        let oldest = self.sessions.iter().min_by_key(|(_, session)| session.last_used);
        let oldest = oldest.map(|(client, session)| (*client, session.last_used_us));
        if let Some((client, last_used_us)) = oldest.filter(|_| is_full) {
            self.sessions.remove(&client);
            let idle_us = log_time_us.saturating_sub(last_used_us);
            ended.push(EndedSession { client, idle_us, made_room: true });
        }
        let client = ClientId(index);
        let session = Session { last_used: index, last_used_us: log_time_us, latest: None };
        self.sessions.insert(client, session);
        Effect::Registered { client }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state machine that counts, so that doing something twice shows.
    #[derive(Default)]
    struct Counter(u64);

    impl Counter {
        fn add(&mut self, by: &u64) -> u64 {
            self.0 += by;
            self.0
        }
    }

    const TIMEOUT_US: u64 = 1_000;

    fn register(log_time_us: u64) -> Payload<u64> {
        Payload::RegisterClient { log_time_us }
    }

    fn ask(client: u64, sequence: u64, command: u64) -> Payload<u64> {
        ask_at(0, client, sequence, command)
    }

    fn ask_at(log_time_us: u64, client: u64, sequence: u64, command: u64) -> Payload<u64> {
        let client = ClientId(LogIndex(client));
        Payload::ClientRequest { client, sequence, command, log_time_us }
    }

    type Done = (Vec<Effect<u64>>, Vec<(LogIndex, EndedSession)>, u64);

    /// What each entry did, which sessions ended at which, and the sum.
    fn apply_all(limit: usize, log: &[Payload<u64>]) -> Done {
        let (mut sessions, mut counter) = (Sessions::new(limit, TIMEOUT_US), Counter::default());
        let (mut effects, mut ended) = (Vec::new(), Vec::new());
        for (at, payload) in log.iter().enumerate() {
            let index = LogIndex(1).plus(at);
            let (effect, gone) = sessions.apply(index, payload, |command| counter.add(command));
            effects.push(effect);
            ended.extend(gone.into_iter().map(|session| (index, session)));
        }
        (effects, ended, counter.0)
    }

    fn ended(at: u64, client: u64, idle_us: u64, made_room: bool) -> (LogIndex, EndedSession) {
        let client = ClientId(LogIndex(client));
        (LogIndex(at), EndedSession { client, idle_us, made_room })
    }

    /// Thesis 6.3: "If a server receives a command whose serial number has already been executed,
    /// it responds immediately without re-executing the request."
    #[test]
    fn a_repeated_command_takes_effect_once_and_gets_its_old_answer() {
        let log =
            [register(0), ask(1, 1, 10), ask(1, 2, 5), ask(1, 2, 5), ask(1, 1, 10), ask(1, 3, 1)];
        let (effects, _, total) = apply_all(4, &log);
        assert_eq!(total, 16);
        assert_eq!(effects[2], Effect::Applied { answer: 15 });
        assert_eq!(effects[3], Effect::Repeated { answer: 15 });
        assert_eq!(effects[4], Effect::Superseded { latest: 2 });
        assert_eq!(effects[5], Effect::Applied { answer: 16 });
    }

    #[test]
    fn the_least_recently_used_session_makes_room() {
        let client = |index| ClientId(LogIndex(index));
        let log = [
            register(0),
            register(0),
            ask(1, 1, 10),
            register(7),
            ask_at(7, 2, 1, 10),
            ask_at(7, 1, 1, 10),
        ];
        let (effects, gone, total) = apply_all(2, &log);
        assert_eq!(effects[1], Effect::Registered { client: client(2) });
        assert_eq!(effects[3], Effect::Registered { client: client(4) });
        assert_eq!(gone, [ended(4, 2, 7, true)]);
        assert_eq!(effects[4], Effect::SessionExpired);
        assert_eq!(effects[5], Effect::Repeated { answer: 10 });
        assert_eq!(total, 10);
    }

    /// Thesis 6.3: "the state machines deterministically use this time input to expire inactive
    /// sessions". Use keeps a session alive, a repeated command included; the entry that finds one
    /// idle for the whole timeout ends it, be it the client's own.
    #[test]
    fn sessions_end_by_the_time_in_the_log() {
        let log = [
            register(0),
            register(10),
            ask_at(900, 1, 1, 10),
            ask_at(1_009, 1, 1, 10),
            ask_at(1_010, 1, 2, 1),
            ask_at(1_010, 2, 1, 10),
            ask_at(2_010, 1, 3, 10),
            register(2_011),
        ];
        let (effects, gone, total) = apply_all(9, &log);
        assert_eq!(gone, [ended(5, 2, 1_000, false), ended(7, 1, 1_000, false)]);
        assert_eq!(effects[4], Effect::Applied { answer: 11 });
        assert_eq!(effects[5], Effect::SessionExpired, "it was ended by another's entry");
        assert_eq!(effects[6], Effect::SessionExpired, "it came too late itself");
        assert_eq!(total, 11);
    }

    /// What only liars could write, or a leader with a bug: time that goes back ends nothing.
    #[test]
    fn log_time_that_goes_back_does_no_harm() {
        let log = [register(5_000), ask_at(0, 1, 1, 1), ask_at(u64::MAX, 1, 2, 1), register(0)];
        let (effects, gone, _) = apply_all(9, &log);
        assert_eq!(effects[1], Effect::Applied { answer: 1 });
        assert_eq!(effects[2], Effect::SessionExpired);
        assert_eq!(gone, [ended(3, 1, u64::MAX - 5_000, false)]);
    }

    #[test]
    fn commands_without_a_session_are_as_ever() {
        let (effects, _, total) =
            apply_all(2, &[Payload::Noop, Payload::Command(3), ask(9, 1, 10)]);
        let expected = [Effect::Nothing, Effect::Applied { answer: 3 }, Effect::SessionExpired];
        assert_eq!((effects, total), (expected.to_vec(), 3));
    }
}
