//! The clients: what each has asked for, and what became of it (§8; thesis, chapter 6).
//!
//! A client knows what it was answered and nothing else. Of what was answered it knows that it was
//! done, or that it was not; of the rest it knows nothing, and may ask again. With a session, what
//! it asks for again is done once.

use super::super::{Ask, Client, MAX_CLIENTS, Refused};
use super::{RaftEvent, RaftRequest};
use crate::raft::{
    ClientId, Effect, Event, KeyValueCommand, LogIndex, Outcome, ProposalRefusal, RequestId,
    ServerId, Term,
};
use crate::shared_list::SharedList;
use crate::sim::{Fault, Happening, NodeId, Process, Record};

/// Everything that clients have asked for so far. A fold over the commands and the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clients {
    asked: SharedList<Asked, 16>,
    /// By client: the first is C1.
    members: Vec<Member>,
    /// What the newest entry of a session did, on the server that told of it last.
    effect: Option<(NodeId, LogIndex, Effect<Option<String>>)>,
}

/// One thing that a client has asked for, once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Names the answer.
    pub request: RequestId,
    /// Who asked.
    pub client: Client,
    /// The server that was asked.
    pub via: NodeId,
    /// For what.
    pub what: Ask,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// Whether a leader has begun with it.
    pub taken: bool,
    /// What became of it.
    pub fate: Fate,
    /// When the client learnt that, in microseconds since the start of the run.
    pub known_us: Option<u64>,
    /// The entry that a leader made of it.
    pub entry: Option<(LogIndex, Term)>,
}

/// What became of a request, as its client knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// There is no answer yet.
    Open,
    /// It was done; for a read, this is what was found.
    Done(Option<String>),
    /// It was done before, and not again.
    DoneBefore,
    /// The server did nothing: it does not lead.
    NotLeader(Option<ServerId>),
    /// The server leads and did nothing.
    Refused(ProposalRefusal),
    /// The session has ended, so nothing was done now; before, perhaps.
    SessionEnded,
    /// The server cannot say, or can no longer answer.
    Unknown,
}

/// What a client remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Member {
    session: Option<ClientId>,
    /// The number of its latest command in the session.
    sequence: u64,
    /// Its latest write.
    latest: Option<(Option<(ClientId, u64)>, KeyValueCommand)>,
}

impl Clients {
    /// Everything asked for, oldest first.
    pub fn asked(&self) -> &SharedList<Asked, 16> {
        &self.asked
    }

    /// The session of a client, as it knows.
    pub fn session(&self, client: Client) -> Option<ClientId> {
        self.member(client)?.session
    }

    /// The latest thing that `client` has asked for.
    pub fn latest(&self, client: Client) -> Option<&Asked> {
        self.asked.iter().rev().find(|asked| asked.client == client)
    }

    /// What was asked for under this name.
    pub fn find(&self, request: RequestId) -> Option<&Asked> {
        self.asked.get(usize::try_from(request.0).ok()?.checked_sub(1)?)
    }

    /// Whether some write of `client` was done.
    pub fn has_written(&self, client: Client) -> bool {
        let writes = |asked: &&Asked| {
            matches!(asked.what, Ask::Write { .. } | Ask::Delete { .. } | Ask::Retry)
        };
        let done = |asked: &Asked| matches!(asked.fate, Fate::Done(_) | Fate::DoneBefore);
        self.of_client(client).filter(writes).any(done)
    }

    /// Whether something that `client` asked for was done, or no leader took notice of it: who is
    /// paused or down has not.
    pub fn is_served(&self, client: Client) -> bool {
        let done = |asked: &Asked| matches!(asked.fate, Fate::Done(_) | Fate::DoneBefore);
        let led = |asked: &Asked| asked.taken || matches!(asked.fate, Fate::Refused(_));
        self.of_client(client).any(done) || !self.of_client(client).any(led)
    }

    fn of_client(&self, client: Client) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(move |asked| asked.client == client)
    }

    /// How many writes were asked for; what was asked for again counts once.
    pub fn writes(&self) -> u64 {
        let writes = |asked: &&Asked| matches!(asked.what, Ask::Write { .. } | Ask::Delete { .. });
        self.asked.iter().filter(writes).count() as u64
    }

    /// What to ask the server for, so that it does what the client wants.
    ///
    /// # Errors
    ///
    /// [`Refused`] if there is no such client, or nothing that it could ask for again.
    pub(super) fn request(&self, client: Client, what: &Ask) -> Result<RaftRequest, Refused> {
        if client.0 == 0 || client.0 > MAX_CLIENTS {
            return Err(Refused::NoSuchClient(client));
        }
        let request = self.next_request();
        let member = self.member(client);
        let next = || member.and_then(|member| Some((member.session?, member.sequence + 1)));
        Ok(match what {
            Ask::Read { key } => RaftRequest::Read { request, key: key.clone() },
            Ask::OpenSession => RaftRequest::RegisterClient { request },
            Ask::Write { key, value } => {
                let command = KeyValueCommand::Put { key: key.clone(), value: value.clone() };
                write(request, next(), command)
            }
            Ask::Delete { key } => {
                let command = KeyValueCommand::Delete { key: key.clone() };
                write(request, next(), command)
            }
            Ask::Do { .. } => return Err(Refused::NotInThisLab),
            Ask::Retry => {
                let latest = member.and_then(|member| member.latest.clone());
                let (session, command) = latest.ok_or(Refused::NothingToRetry(client))?;
                write(request, session, command)
            }
        })
    }

    /// Numbers what is asked for next.
    pub(super) fn next_request(&self) -> RequestId {
        RequestId(self.asked.len() as u64 + 1)
    }

    /// The server `via` was asked for this.
    pub(super) fn note(
        &mut self,
        client: Client,
        via: NodeId,
        what: &Ask,
        at_us: u64,
        asked: &RaftRequest,
    ) {
        let place = usize::from(client.0 - 1);
        while self.members.len() <= place {
            self.members.push(Member::default());
        }
        let member = &mut self.members[place];
        match asked {
            RaftRequest::Propose { command, .. } => member.latest = Some((None, command.clone())),
            RaftRequest::ClientRequest { client, sequence, command, .. } => {
                member.sequence = member.sequence.max(*sequence);
                member.latest = Some((Some((*client, *sequence)), command.clone()));
            }
            _ => {}
        }
        let request = self.next_request();
        let (what, fate) = (what.clone(), Fate::Open);
        let (taken, known_us, entry) = (false, None, None);
        self.asked.push(Asked { request, client, via, what, at_us, taken, fate, known_us, entry });
    }

    /// Something has happened.
    pub(super) fn read<P>(&mut self, record: &Record<P>)
    where
        P: Process<Request = RaftRequest, Event = RaftEvent>,
    {
        match &record.what {
            Happening::Decided { node, event: RaftEvent::Session { index, effect, .. } } => {
                self.effect = Some((*node, *index, effect.clone()));
            }
            Happening::Decided { event: RaftEvent::Read { request, value, .. }, .. } => {
                self.know(*request, record.at_us, Fate::Done(value.clone()));
            }
            Happening::Decided {
                event: RaftEvent::Raft(Event::Proposed { request, index, term }),
                ..
            } => {
                if let Some(asked) = self.of(*request) {
                    (asked.taken, asked.entry) = (true, Some((*index, *term)));
                }
            }
            Happening::Decided {
                event: RaftEvent::Raft(Event::ReadStarted { request, .. }),
                ..
            } => {
                if let Some(asked) = self.of(*request) {
                    asked.taken = true;
                }
            }
            // What was read comes next, and says it all.
            Happening::Decided {
                event: RaftEvent::Answered { outcome: Outcome::Readable { .. }, .. },
                ..
            } => {}
            Happening::Decided { node, event: RaftEvent::Answered { request, outcome } } => {
                let fate = self.fate(*node, *request, outcome);
                self.know(*request, record.at_us, fate);
            }
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                let lost = |asked: &Asked| asked.via == *node && asked.fate == Fate::Open;
                let requests = self.asked.iter().filter(|asked| lost(asked));
                let requests: Vec<RequestId> = requests.map(|asked| asked.request).collect();
                for request in requests {
                    self.know(request, record.at_us, Fate::Unknown);
                }
            }
            _ => {}
        }
    }

    fn fate(&mut self, node: NodeId, request: RequestId, outcome: &Outcome) -> Fate {
        match outcome {
            Outcome::NotLeader { leader } => Fate::NotLeader(*leader),
            Outcome::Refused { reason } => Fate::Refused(*reason),
            Outcome::Readable { .. } | Outcome::ChangeRefused { .. } | Outcome::Unknown => {
                Fate::Unknown
            }
            Outcome::Committed { index, .. } => {
                let effect = self.effect.take_if(|(on, at, _)| (*on, *at) == (node, *index));
                match effect.map(|(_, _, effect)| effect) {
                    Some(Effect::Registered { client, .. }) => {
                        self.set_session(request, Some(client));
                        Fate::Done(None)
                    }
                    Some(Effect::SessionExpired) => {
                        self.set_session(request, None);
                        Fate::SessionEnded
                    }
                    Some(Effect::Superseded { .. }) => Fate::Unknown,
                    Some(Effect::Repeated { .. }) => Fate::DoneBefore,
                    Some(Effect::Applied { .. } | Effect::Nothing) | None => Fate::Done(None),
                }
            }
        }
    }

    fn set_session(&mut self, request: RequestId, session: Option<ClientId>) {
        let Some(client) = self.of(request).map(|asked| asked.client) else {
            return;
        };
        if let Some(member) = self.members.get_mut(usize::from(client.0 - 1)) {
            member.session = session;
            member.sequence = 0;
        }
    }

    /// The first answer counts.
    fn know(&mut self, request: RequestId, at_us: u64, fate: Fate) {
        if let Some(asked) = self.of(request)
            && asked.fate == Fate::Open
        {
            asked.fate = fate;
            asked.known_us = Some(at_us);
        }
    }

    fn of(&mut self, request: RequestId) -> Option<&mut Asked> {
        let place = usize::try_from(request.0).ok()?.checked_sub(1)?;
        self.asked.get_mut(place)
    }

    fn member(&self, client: Client) -> Option<&Member> {
        self.members.get(usize::from(client.0).checked_sub(1)?)
    }
}

fn write(
    request: RequestId,
    session: Option<(ClientId, u64)>,
    command: KeyValueCommand,
) -> RaftRequest {
    match session {
        Some((client, sequence)) => {
            RaftRequest::ClientRequest { request, client, sequence, command }
        }
        None => RaftRequest::Propose { request, command },
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Command, Lab, LabSettings};
    use super::super::RaftLab;
    use super::*;

    const C2: Client = Client(2);

    fn ask(lab: &mut RaftLab, client: Client, via: NodeId, what: Ask) {
        lab.act(&Command::Ask { client, via, what }).expect("the server runs");
        lab.advance_to(lab.now_us() + 100_000).expect("far from any limit");
    }

    fn with_leader() -> (RaftLab, NodeId) {
        let mut lab = RaftLab::new(&LabSettings::new(3, 5));
        lab.advance_to(400_000).expect("far from any limit");
        let leader = lab.leader();
        (lab, leader)
    }

    fn fates(lab: &RaftLab) -> Vec<Fate> {
        lab.clients().asked().iter().map(|asked| asked.fate.clone()).collect()
    }

    fn put(value: &str) -> Ask {
        Ask::Write { key: "x".into(), value: value.into() }
    }

    /// Thesis 6.3: with a session, what is asked for twice is done once.
    #[test]
    fn a_retry_in_a_session_is_done_once_and_without_one_again() {
        let (mut lab, leader) = with_leader();
        ask(&mut lab, C2, leader, Ask::OpenSession);
        assert!(lab.clients().session(C2).is_some() && lab.clients().session(Client(1)).is_none());
        ask(&mut lab, C2, leader, put("1"));
        ask(&mut lab, C2, leader, Ask::Retry);
        ask(&mut lab, Client(1), leader, put("2"));
        ask(&mut lab, Client(1), leader, Ask::Retry);
        ask(&mut lab, C2, leader, Ask::Read { key: "x".into() });
        let done = Fate::Done(None);
        let read = Fate::Done(Some("2".into()));
        let expected = [done.clone(), done.clone(), Fate::DoneBefore, done.clone(), done, read];
        assert_eq!(fates(&lab), expected);
    }

    #[test]
    fn who_asks_a_follower_is_told_whom_to_ask_and_who_asks_the_dead_learns_nothing() {
        let (mut lab, leader) = with_leader();
        let other = NodeId((leader.0 + 1) % 3);
        ask(&mut lab, C2, other, put("1"));
        assert_eq!(fates(&lab), [Fate::NotLeader(Some(ServerId(leader.0)))]);
        lab.act(&Command::Ask { client: C2, via: leader, what: put("2") }).expect("it runs");
        lab.act(&Command::Faults(vec![Fault::Crash(leader)])).expect("it runs");
        assert_eq!(lab.clients().latest(C2).map(|asked| asked.fate.clone()), Some(Fate::Unknown));
        let refused = lab.act(&Command::Ask { client: Client(3), via: other, what: Ask::Retry });
        assert_eq!(refused, Err(Refused::NothingToRetry(Client(3))));
        let nobody = lab.act(&Command::Ask { client: Client(10), via: other, what: put("3") });
        assert_eq!(nobody, Err(Refused::NoSuchClient(Client(10))));
    }
}
