//! The state machine that the lab replicates, and how it goes into a snapshot.

use crate::raft::{
    Bug, ClientId, Config, Effect, EndedSession, KeyValueCommand, KeyValueStore, LogIndex, Payload,
    Planted, Session, Sessions,
};

/// A key-value store and the sessions of its clients. Servers that have applied the same entries
/// are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    pub(super) store: KeyValueStore,
    pub(super) sessions: Sessions<Option<String>>,
    planted: Planted,
}

impl Machine {
    pub(super) fn new(config: &Config) -> Machine {
        let Config { max_sessions, session_timeout_us, planted, .. } = *config;
        let sessions = Sessions::new(max_sessions, session_timeout_us).with_planted(planted);
        Machine { store: KeyValueStore::default(), sessions, planted }
    }

    /// Carries out the committed entry at `index`: what it did, and the sessions that it has ended.
    pub(super) fn apply(
        &mut self,
        index: LogIndex,
        payload: &Payload<KeyValueCommand>,
    ) -> (Effect<Option<String>>, Vec<EndedSession>) {
        let store = &mut self.store;
        self.sessions.apply(index, payload, |command| store.apply(command))
    }

    /// Everything, as bytes. Machines that are equal have equal bytes.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_number(&mut bytes, self.store.len() as u64);
        for (key, value) in self.store.iter() {
            put_text(&mut bytes, key);
            put_text(&mut bytes, value);
        }
        if self.planted.has(Bug::SessionsNotSaved) {
            put_number(&mut bytes, 0);
            return bytes;
        }
        put_number(&mut bytes, self.sessions.len() as u64);
        for (client, session) in self.sessions.iter() {
            put_number(&mut bytes, client.0.0);
            let is_saved = !self.planted.has(Bug::SessionUseNotSaved);
            put_number(&mut bytes, if is_saved { session.last_used.0 } else { 0 });
            put_number(&mut bytes, if is_saved { session.last_used_us } else { 0 });
            bytes.push(u8::from(session.latest.is_some()));
            if let Some((sequence, answer)) = &session.latest {
                put_number(&mut bytes, *sequence);
                bytes.push(u8::from(answer.is_some()));
                answer.iter().for_each(|answer| put_text(&mut bytes, answer));
            }
        }
        bytes
    }

    /// What [`save`](Machine::save) has written; `None` if it is something else.
    pub(super) fn load(config: &Config, mut bytes: &[u8]) -> Option<Machine> {
        let bytes = &mut bytes;
        let mut machine = Machine::new(config);
        for _ in 0..take_number(bytes)? {
            let (key, value) = (take_text(bytes)?, take_text(bytes)?);
            machine.store.apply(&KeyValueCommand::Put { key, value });
        }
        for _ in 0..take_number(bytes)? {
            let client = ClientId(LogIndex(take_number(bytes)?));
            let last_used = LogIndex(take_number(bytes)?);
            let last_used_us = take_number(bytes)?;
            let mut latest = None;
            if take_flag(bytes)? {
                let sequence = take_number(bytes)?;
                let answer = if take_flag(bytes)? { Some(take_text(bytes)?) } else { None };
                latest = Some((sequence, answer));
            }
            machine.sessions.restore(client, Session { last_used, last_used_us, latest });
        }
        bytes.is_empty().then_some(machine)
    }
}

fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend(number.to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

fn take_flag(bytes: &mut &[u8]) -> Option<bool> {
    let (flag, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*flag != 0)
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_comes_back_and_nothing_else_does() {
        let config = Config::of(3);
        let mut machine = Machine::new(&config);
        let put =
            |key: &str, value: &str| KeyValueCommand::Put { key: key.into(), value: value.into() };
        let ask = |sequence, command| Payload::ClientRequest {
            client: ClientId(LogIndex(1)),
            sequence,
            command,
            log_time_us: 7,
        };
        let log = [
            Payload::RegisterClient { log_time_us: 3 },
            Payload::RegisterClient { log_time_us: 5 },
            Payload::Command(put("x", "1")),
            ask(1, put("x", "2")),
        ];
        for (at, payload) in log.iter().enumerate() {
            machine.apply(LogIndex(1).plus(at), payload);
        }
        let bytes = machine.save();
        assert_eq!(Machine::load(&config, &bytes), Some(machine));
        for cut in 0..bytes.len() {
            assert_eq!(Machine::load(&config, &bytes[..cut]), None, "{cut}");
        }
    }
}
