//! The four session guarantees, judged at every answer.
//!
//! Terry, Demers, Petersen, Spreitzer, Theimer and Welch ("Session Guarantees for Weakly Consistent
//! Replicated Data", 1994) define them by what a server must hold when it serves a client. A client
//! sees no servers, so here a guarantee says which writes a read must have *seen*, and it is broken
//! if the client's reads cannot be explained by any one order of writes in which each read found
//! the last of those that it must have seen. A read must have seen
//!
//! - read your writes: what its client had written;
//! - monotonic reads: what its client's reads had found;
//! - monotonic writes: with each write that its client has found, what the writer had written
//!   before that;
//! - writes follow reads: with each write that its client has found, what the writer's reads had
//!   found before that;
//!
//! and the order keeps to what is known of writes: one is older if the client of the other had
//! written or found it before (the transitive closure of session order and reads-from). Each client
//! is asked for an order of its own. So both kinds of causal consistency give all four guarantees.

use super::bits::{Bits, in_order};
use super::history::{ClientOperation, History, Source};
use super::{Anomaly, Breach};

/// What each of the four requires, in the order of [`Anomaly::SESSIONS`].
const GUARANTEES: usize = 4;

#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    operations: Vec<Seen>,
    clients: Vec<Client>,
    breaches: Vec<Breach>,
}

/// What is known of an operation.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Which client it is of, by place.
    client: usize,
    /// What its client knew when it called.
    before: Known,
    /// What had happened before it, for it to be what it is.
    past: Bits,
    /// The write that a read found.
    source: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Client {
    id: u64,
    known: Known,
    /// Its answered reads, in order.
    reads: Vec<usize>,
    /// By guarantee: which write must be older than which, and the read that says so.
    older: [Vec<Older>; GUARANTEES],
}

#[derive(Clone, Copy, Debug)]
struct Older {
    old: usize,
    new: usize,
    read: usize,
}

/// What a client has done and seen.
#[derive(Clone, Debug, Default)]
struct Known {
    past: Bits,
    /// By guarantee: the writes that its next read must have seen. Own writes, own sources, what
    /// the writers of these wrote, what they found.
    must_see: [Bits; GUARANTEES],
}

impl Sessions {
    /// A client asks something: what it knows now comes before it.
    pub(super) fn call(&mut self, operation: &ClientOperation) {
        let place = self.clients.iter().position(|client| client.id == operation.client);
        let client = place.unwrap_or_else(|| {
            self.clients.push(Client { id: operation.client, ..Client::default() });
            self.clients.len() - 1
        });
        let before = self.clients[client].known.clone();
        self.operations.push(Seen { client, past: before.past.clone(), before, source: None });
    }

    /// A write was answered.
    pub(super) fn written(&mut self, place: usize) {
        let known = &mut self.clients[self.operations[place].client].known;
        known.past.insert(place);
        known.must_see[0].insert(place);
    }

    /// A read was answered, with what that source wrote. `None` if it may be one of several, which
    /// tells nothing.
    pub(super) fn found(&mut self, history: &History, place: usize, source: Option<Source>) {
        let client = self.operations[place].client;
        self.clients[client].reads.push(place);
        let mut must_see = self.operations[place].before.must_see.clone();
        if let Some(Source::Write(write)) = source {
            let Seen { past, before, .. } = self.operations[write].clone();
            let read = &mut self.operations[place];
            read.source = Some(write);
            read.past.unite(&past);
            read.past.insert(write);
            must_see[2].unite(&before.must_see[0]);
            must_see[3].unite(&before.must_see[1]);
        }
        if let Some(source) = source {
            for (guarantee, must_see) in must_see.iter().enumerate() {
                self.judge(history, guarantee, place, source, must_see);
            }
        }
        let known = &mut self.clients[client].known;
        known.past.unite(&self.operations[place].past);
        known.past.insert(place);
        if let Some(Source::Write(write)) = source {
            known.must_see[1].insert(write);
            known.must_see[2].unite(&must_see[2]);
            known.must_see[3].unite(&must_see[3]);
        }
    }

    /// Every breach, in the order in which they showed.
    pub(super) fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    fn judge(
        &mut self,
        history: &History,
        guarantee: usize,
        read: usize,
        source: Source,
        must_see: &Bits,
    ) {
        let operations = history.operations();
        let key = operations[read].key;
        for seen in must_see.iter().filter(|write| operations[*write].key == key) {
            let witness = match source {
                Source::Write(source) if source == seen => continue,
                Source::Write(source) => {
                    self.put_older(history, guarantee, Older { old: seen, new: source, read })
                }
                Source::Nothing => Some(vec![seen, read]),
            };
            let Some(mut witness) = witness else { continue };
            witness.extend(self.shown_by(history, guarantee, read, seen));
            let anomaly = Anomaly::SESSIONS[guarantee];
            let client = operations[read].client;
            self.breaches.push(Breach { anomaly, client, operations: in_order(witness) });
            return;
        }
    }

    /// Notes that one write must be older than another, or says by which operations it is newer.
    fn put_older(
        &mut self,
        history: &History,
        guarantee: usize,
        edge: Older,
    ) -> Option<Vec<usize>> {
        let Older { old, new, read } = edge;
        let known = |old: usize, new: usize| old == new || self.operations[new].past.contains(old);
        let client = self.operations[read].client;
        // From what is to be the newer one on: what is newer, and by which edge is that known?
        let edges = &self.clients[client].older[guarantee];
        let mut reached = vec![(new, None)];
        let mut at = 0;
        while at < reached.len() {
            let from = reached[at].0;
            if known(from, old) {
                return Some(self.explain(history, guarantee, &reached, at, edge));
            }
            for (number, next) in edges.iter().enumerate() {
                let is_new = reached.iter().all(|(place, _)| *place != next.new);
                if is_new && known(from, next.old) {
                    reached.push((next.new, Some((at, number))));
                }
            }
            at += 1;
        }
        if !known(old, new) {
            self.clients[client].older[guarantee].push(edge);
        }
        None
    }

    /// The operations on the way from the write that was found to the one that is newer.
    fn explain(
        &self,
        history: &History,
        guarantee: usize,
        reached: &[(usize, Option<(usize, usize)>)],
        last: usize,
        edge: Older,
    ) -> Vec<usize> {
        let edges = &self.clients[self.operations[edge.read].client].older[guarantee];
        let mut witness = vec![edge.read];
        let (mut at, mut to) = (last, edge.old);
        loop {
            let (from, by) = reached[at];
            witness.extend(self.chain(history, from, to));
            let Some((before, number)) = by else { return witness };
            let Older { old, read, .. } = edges[number];
            witness.push(read);
            witness.extend(self.shown_by(history, guarantee, read, old));
            (at, to) = (before, old);
        }
    }

    /// Operations from one to another, each in the past of the next: both ends and what is between.
    fn chain(&self, history: &History, from: usize, to: usize) -> Vec<usize> {
        let mut chain = vec![to];
        let mut at = to;
        while at != from {
            let comes_from =
                |place: usize| place == from || self.operations[place].past.contains(from);
            let source = self.operations[at].source;
            let step = |place: &usize| {
                comes_from(*place) && (source == Some(*place) || history.in_session(*place, at))
            };
            let Some(next) = self.operations[at].past.iter().find(step) else { break };
            chain.push(next);
            at = next;
        }
        chain
    }

    /// By which operations the read must have seen the write.
    fn shown_by(
        &self,
        history: &History,
        guarantee: usize,
        read: usize,
        write: usize,
    ) -> Vec<usize> {
        let reads = &self.clients[self.operations[read].client].reads;
        let before = |place: &usize| *place == read || history.in_session(*place, read);
        let mut reads = reads.iter().copied().filter(before);
        let source = |place: usize| self.operations[place].source;
        let told = |place: usize, what: usize| {
            let other = source(place)?;
            self.operations[other].before.must_see[what].contains(write).then_some(other)
        };
        match guarantee {
            1 => reads.find(|place| source(*place) == Some(write)).into_iter().collect(),
            2 | 3 => {
                let mut found =
                    reads.filter_map(|place| Some((place, told(place, guarantee - 2)?)));
                let Some((place, other)) = found.next() else { return Vec::new() };
                let writer = &self.clients[self.operations[other].client];
                let earlier = writer.reads.iter().copied().find(|place| {
                    source(*place) == Some(write) && history.in_session(*place, other)
                });
                let earlier = earlier.filter(|_| guarantee == 3);
                [place, other].into_iter().chain(earlier).collect()
            }
            _ => Vec::new(),
        }
    }
}
