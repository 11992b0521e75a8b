//! Who is up, as far as one knows.
//!
//! A server that says nothing for [`Detector::suspect_after_us`] is taken for down, until it is
//! heard again. That is an opinion: it may be slow, or cut off, or hear us and not be heard. It
//! decides what is refused without being tried, who stands in for whom, and when hints are
//! delivered. No promise rests on it.

use crate::sorted::SortedMap;

use super::{Config, Data, Detector, Event, Message, Server, ServerId};

/// What a server knows of the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Peers {
    peers: SortedMap<ServerId, Peer>,
    /// When the next heartbeats go out.
    pub(super) heartbeat_due_us: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Peer {
    server: ServerId,
    /// When it was last heard.
    heard_us: u64,
    is_suspected: bool,
}

impl Peers {
    /// Everybody is taken to be up at first.
    pub(super) fn new(own: ServerId, config: &Config, now_us: u64) -> Peers {
        let peer = |server| Peer { server, heard_us: now_us, is_suspected: false };
        let others = config.settings().servers.iter().filter(|server| **server != own);
        let peers = others.map(|server| (*server, peer(*server))).collect();
        Peers { peers, heartbeat_due_us: now_us }
    }

    /// The others, lowest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = ServerId> {
        self.peers.keys().copied()
    }

    pub(super) fn is_known(&self, server: ServerId) -> bool {
        self.peers.contains_key(&server)
    }

    pub(super) fn is_suspected(&self, server: ServerId) -> bool {
        self.peers.get(&server).is_some_and(|peer| peer.is_suspected)
    }

    /// When the next one is to be suspected if nothing is heard of it.
    pub(super) fn suspicion_us(&self, detector: Detector) -> Option<u64> {
        let peers = self.peers.values().filter(|peer| !peer.is_suspected);
        peers.map(|peer| peer.heard_us.saturating_add(detector.suspect_after_us)).min()
    }

    /// Keeps what is known of servers that still belong to the store.
    pub(super) fn follow(&mut self, own: ServerId, config: &Config, now_us: u64) {
        let mut peers = Peers::new(own, config, now_us).peers;
        for (server, peer) in self.peers.iter() {
            if let Some(kept) = peers.get_mut(server) {
                *kept = *peer;
            }
        }
        self.peers = peers;
    }
}

impl<K: Data, V: Data> Server<K, V> {
    /// Whether `server` is up, as far as this one knows.
    pub fn is_alive(&self, server: ServerId) -> bool {
        server == self.id || !self.peers.is_suspected(server)
    }

    /// A message of `server` has arrived.
    pub(super) fn hear(&mut self, server: ServerId) {
        let now_us = self.time.now_us;
        let Some(peer) = self.peers.peers.get_mut(&server) else { return };
        peer.heard_us = now_us;
        if std::mem::take(&mut peer.is_suspected) {
            self.outbox.event(Event::HeardAgain { server });
            self.hand_off(server);
        }
    }

    pub(super) fn watch_peers(&mut self) {
        let Some(detector) = self.config.settings().detector else { return };
        let now_us = self.time.now_us;
        let Server { peers, outbox, .. } = self;
        for peer in peers.peers.values_mut() {
            let silent_us = now_us.saturating_sub(peer.heard_us);
            if !peer.is_suspected && silent_us >= detector.suspect_after_us {
                peer.is_suspected = true;
                outbox.event(Event::Suspected { server: peer.server, silent_us });
            }
        }
        if peers.heartbeat_due_us <= now_us {
            peers.heartbeat_due_us = now_us.saturating_add(detector.heartbeat_us);
            for server in peers.peers.keys() {
                outbox.send(*server, Message::Heartbeat);
            }
        }
    }
}
