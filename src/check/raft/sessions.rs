//! Client sessions: what a client asks for takes effect once (§8; thesis 6.3).
//!
//! For that, all servers must end the same sessions at the same entry; the ended ones are part of
//! what an entry did. They go by the time in the log, which must not go back.

use super::super::{Finding, Property, Verdicts};
use super::shadow::Shadow;
use super::view;
use crate::raft::{ClientId, LogIndex, Payload};
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedMap;

/// What entries of sessions did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SessionEffects {
    /// What each entry did on the first server that applied it.
    effects: SortedMap<LogIndex, u64>,
    /// The entry by which each command took effect.
    done_by: SortedMap<(ClientId, u64), LogIndex>,
    /// The latest entry with a log time that was applied anywhere, and that time.
    log_time: (LogIndex, u64),
}

impl SessionEffects {
    /// An entry is applied. What it does is told next.
    pub(super) fn hear<C>(
        &mut self,
        at: RecordId,
        node: NodeId,
        shadow: &mut Shadow,
        (index, payload): (LogIndex, &Payload<C>),
        verdicts: &mut Verdicts,
    ) {
        let (latest, latest_us) = self.log_time;
        if let Some(log_time_us) = payload.log_time_us().filter(|_| index > latest) {
            self.log_time = (index, log_time_us);
            if log_time_us < latest_us {
                let finding = Finding::LogTimeWentBack { server: view::id(node), index };
                verdicts.note(Property::OncePerCommand, at, finding);
            }
        }
        shadow.told_command = match payload {
            Payload::ClientRequest { client, sequence, .. } => Some((index, *client, *sequence)),
            _ => None,
        };
    }

    pub(super) fn judge(
        &mut self,
        at: RecordId,
        node: NodeId,
        shadow: &Shadow,
        (index, took_effect, effect): (LogIndex, bool, u64),
        verdicts: &mut Verdicts,
    ) {
        let (server, property) = (view::id(node), Property::OncePerCommand);
        match self.effects.get(&index) {
            None => drop(self.effects.insert(index, effect)),
            Some(first) if *first == effect => {}
            Some(_) => verdicts.note(property, at, Finding::EffectsDiffer { server, index }),
        }
        let told = shadow.told_command.filter(|(applied, ..)| took_effect && *applied == index);
        let Some((_, client, sequence)) = told else {
            return;
        };
        match self.done_by.get(&(client, sequence)).copied() {
            None => drop(self.done_by.insert((client, sequence), index)),
            Some(first) if first == index => {}
            Some(first) => {
                let finding = Finding::DoneTwice { server, sequence, first, second: index };
                verdicts.note(property, at, finding);
            }
        }
    }
}
