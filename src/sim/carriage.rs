//! How messages travel: sent, copied, held up, lost, delivered.

use super::world::{Due, World, limits};
use super::{Flight, Happening, Input, LossReason, NodeId, Process, RecordId};

impl<P: Process> World<P> {
    /// A message leaves, or dies at the very start.
    pub(super) fn send(&mut self, from: NodeId, to: NodeId, message: P::Message, cause: RecordId) {
        let sent_us = self.now_us;
        let Some(link) = self.network.link_mut(from, to) else {
            return;
        };
        let queued_us = link.take(sent_us);
        let settings = link.settings;
        let delay_us = settings.delay.draw_us(&mut self.streams.delay);
        let taken_by_chance = self.streams.loss.chance(settings.loss_ppm);
        let doubled_by_chance = self.streams.duplicate.chance(settings.duplicate_ppm);
        let held_back = self.streams.reorder.chance(settings.reorder_ppm);
        let held_us = if held_back { u64::from(settings.reorder_us) } else { 0 };
        let way_us = delay_us.saturating_add(queued_us.unwrap_or(0)).saturating_add(held_us);
        let arrives_us = sent_us.saturating_add(way_us);
        let id = self.record(Some(cause), Happening::Sent { from, to, arrives_us, message });
        let full = self.network.in_flight_count() >= limits::IN_FLIGHT;
        if full || queued_us.is_none() {
            let reason = if full { LossReason::NetworkFull } else { LossReason::QueueFull };
            self.record(Some(id), Happening::Lost { message: id, reason });
            return;
        }
        let slot = if taken_by_chance {
            self.schedule(way_us / 2, Due::ChanceLoss(id))
        } else {
            self.schedule(way_us, Due::Arrival(id))
        };
        self.network.depart(Flight { id, from, to, sent_us, arrives_us }, slot);
        if doubled_by_chance && self.network.in_flight_count() < limits::IN_FLIGHT {
            self.copy(Flight { id, from, to, sent_us, arrives_us }, id);
        }
    }

    /// A copy of the message `of` leaves, `cause` being why.
    pub(super) fn copy(&mut self, of: Flight, cause: RecordId) {
        let Some(link) = self.network.link(of.from, of.to) else {
            return;
        };
        let delay_us = link.settings.delay.draw_us(&mut self.streams.copy_delay);
        let (sent_us, arrives_us) = (self.now_us, self.now_us.saturating_add(delay_us));
        // Copies of copies name the first message, which has the text.
        let message = match self.history[of.id].what {
            Happening::Duplicated { message, .. } => message,
            _ => of.id,
        };
        let id = self.record(Some(cause), Happening::Duplicated { message, arrives_us });
        let slot = self.schedule(delay_us, Due::Arrival(id));
        self.network.depart(Flight { id, sent_us, arrives_us, ..of }, slot);
    }

    /// A message reaches the end of its link, where it is judged.
    pub(super) fn arrive(&mut self, message: RecordId) {
        let Some(flight) = self.network.flight(message).copied() else {
            return;
        };
        if self.network.is_cut(flight.from, flight.to) {
            return self.lose(message, LossReason::Cut);
        }
        self.hand_over(message);
    }

    /// The process takes a message, unless it is paused or gone.
    pub(super) fn hand_over(&mut self, message: RecordId) {
        let Some(flight) = self.network.flight(message).copied() else {
            return;
        };
        if self.nodes[flight.to.index()].process.is_none() {
            return self.lose(message, LossReason::NodeDown);
        }
        if self.wait_at_door(flight.to, Due::Handover(message)) {
            return self.network.put_off(message, 0, None);
        }
        self.network.land(message);
        let record = self.record(Some(message), Happening::Delivered { message });
        let Some((from, to, text)) = self.history.message(message) else {
            return;
        };
        let input = Input::Message { from, message: text.clone() };
        self.feed(to, input, record);
    }

    pub(super) fn lose(&mut self, message: RecordId, reason: LossReason) {
        if self.network.land(message).is_some() {
            self.record(Some(message), Happening::Lost { message, reason });
        }
    }
}
