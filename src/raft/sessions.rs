//! Client sessions: a command takes effect once, however often it is retried (§8; thesis 6.3).
//!
//! A client that gets no answer asks again, perhaps another leader, and its command may then stand
//! in the log twice. So clients register, number their commands, and every state machine remembers
//! for each client the latest number and its answer. That memory is part of the replicated state:
//! it changes by committed entries alone, so all servers agree on it, and it belongs into
//! snapshots.
//!
//! Memory is bounded, so sessions have to end some day, and all servers must end the same one at
//! the same entry. Here the least recently used one goes when a new client registers and there is
//! no room; "used" means by an entry of the log, so no clock is asked. A client whose session has
//! ended is told so: whether its last command took effect, nobody knows any more.
//!
//! A client has one command under way at a time.

use crate::sorted::SortedMap;

use super::{Bug, LogIndex, Payload, Planted};

/// Names a session: the index of the entry that registered it, so no two are alike (thesis 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub LogIndex);

/// The sessions of a state machine whose commands are answered with an `A`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sessions<A> {
    limit: usize,
    sessions: SortedMap<ClientId, Session<A>>,
    planted: Planted,
}

/// What is remembered of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session<A> {
    /// The entry that used the session last.
    pub last_used: LogIndex,
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
        /// Whose session had to end for it.
        expired: Option<ClientId>,
    },
}

impl<A: Clone> Sessions<A> {
    /// No sessions yet, and never more than `limit`, at least 1. All servers must have the same
    /// limit.
    pub fn new(limit: usize) -> Sessions<A> {
        Sessions { limit: limit.max(1), sessions: SortedMap::new(), planted: Planted::default() }
    }

    /// The same with something wrong, for tests and lessons.
    pub fn with_planted(self, planted: Planted) -> Sessions<A> {
        Sessions { planted, ..self }
    }

    /// Carries out the committed entry at `index`. `run` is called at most once, and only for a
    /// command that is to take effect.
    pub fn apply<C>(
        &mut self,
        index: LogIndex,
        payload: &Payload<C>,
        run: impl FnOnce(&C) -> A,
    ) -> Effect<A> {
        match payload {
            Payload::Noop | Payload::Configuration(_) => Effect::Nothing,
            Payload::Command(command) => Effect::Applied { answer: run(command) },
            Payload::RegisterClient => self.register(index),
            Payload::ClientRequest { client, sequence, command } => {
                let planted = self.planted;
                let Some(session) = self.sessions.get_mut(client) else {
                    if planted.has(Bug::ExpiredSessionRuns) {
                        return Effect::Applied { answer: run(command) };
                    }
                    return Effect::SessionExpired;
                };
                session.last_used = index;
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

    fn register(&mut self, index: LogIndex) -> Effect<A> {
        let is_full = self.sessions.len() >= self.limit;
        let oldest = self.sessions.iter().min_by_key(|(_, session)| session.last_used);
        let expired = oldest.map(|(client, _)| *client).filter(|_| is_full);
        if let Some(client) = expired {
            self.sessions.remove(&client);
        }
        let client = ClientId(index);
        self.sessions.insert(client, Session { last_used: index, latest: None });
        Effect::Registered { client, expired }
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

    fn ask(client: u64, sequence: u64, command: u64) -> Payload<u64> {
        Payload::ClientRequest { client: ClientId(LogIndex(client)), sequence, command }
    }

    fn apply_all(limit: usize, log: &[Payload<u64>]) -> (Vec<Effect<u64>>, u64) {
        let (mut sessions, mut counter) = (Sessions::new(limit), Counter::default());
        let mut effects = Vec::new();
        for (at, payload) in log.iter().enumerate() {
            let index = LogIndex(1).plus(at);
            effects.push(sessions.apply(index, payload, |command| counter.add(command)));
        }
        (effects, counter.0)
    }

    /// Thesis 6.3: "If a server receives a command whose serial number has already been executed,
    /// it responds immediately without re-executing the request."
    #[test]
    fn a_repeated_command_takes_effect_once_and_gets_its_old_answer() {
        let log = [
            Payload::RegisterClient,
            ask(1, 1, 10),
            ask(1, 2, 5),
            ask(1, 2, 5),
            ask(1, 1, 10),
            ask(1, 3, 1),
        ];
        let (effects, total) = apply_all(4, &log);
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
            Payload::RegisterClient,
            Payload::RegisterClient,
            ask(1, 1, 10),
            Payload::RegisterClient,
            ask(2, 1, 10),
            ask(1, 1, 10),
        ];
        let (effects, total) = apply_all(2, &log);
        assert_eq!(effects[1], Effect::Registered { client: client(2), expired: None });
        assert_eq!(effects[3], Effect::Registered { client: client(4), expired: Some(client(2)) });
        assert_eq!(effects[4], Effect::SessionExpired);
        assert_eq!(effects[5], Effect::Repeated { answer: 10 });
        assert_eq!(total, 10);
    }

    #[test]
    fn commands_without_a_session_are_as_ever() {
        let (effects, total) = apply_all(2, &[Payload::Noop, Payload::Command(3), ask(9, 1, 10)]);
        let expected = [Effect::Nothing, Effect::Applied { answer: 3 }, Effect::SessionExpired];
        assert_eq!((effects, total), (expected.to_vec(), 3));
    }
}
