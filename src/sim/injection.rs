//! Faults: which are possible, and what they do.

use super::world::{Due, Pause, World, limits};
use super::{
    CLOCK_RATES_PPM, Delay, Fault, FaultRefused, Happening, LossReason, NodeId, Process, RecordId,
};

impl<P: Process> World<P> {
    /// Injects a fault, now.
    ///
    /// # Errors
    ///
    /// [`FaultRefused`] if the fault names something that does not exist, is not in the state that
    /// the fault needs, or could not be so in any world; nothing has changed then.
    pub fn inject(&mut self, fault: Fault) -> Result<RecordId, FaultRefused> {
        self.require_possible(&fault)?;
        let record = self.record(None, Happening::Fault(fault.clone()));
        match fault {
            Fault::Cut(links) => self.set_cut(links, Some(self.now_us)),
            Fault::Heal(links) => self.set_cut(links, None),
            Fault::HealAll => self.set_cut(self.network.link_ends().collect(), None),
            Fault::SetLinks(links, settings) => {
                for (from, to) in links {
                    if let Some(link) = self.network.link_mut(from, to) {
                        link.settings = settings;
                    }
                }
            }
            Fault::Crash(node) => self.crash(node, record, None),
            Fault::CrashTorn { node, whole, part_ppm } => {
                self.crash(node, record, Some((whole, part_ppm)));
            }
            Fault::Restart(node) => self.boot(node, Some(record)),
            Fault::Pause(node) => {
                let pause = Pause { since_us: self.now_us, door: Vec::new() };
                self.nodes[node.index()].pause = Some(pause);
            }
            Fault::Resume(node) => self.resume(node),
            Fault::SetSync(node, delay) => self.set_sync(node, delay),
            Fault::SetClock { node, rate_ppm, offset_us } => {
                self.set_clock(node, rate_ppm, offset_us, record);
            }
            Fault::DropMessage(message) => {
                if let Some(slot) = self.network.slot(message) {
                    self.agenda.cancel(slot);
                }
                self.lose(message, LossReason::Dropped);
            }
            Fault::DelayMessage(message, us) => self.delay_message(message, us),
            Fault::DuplicateMessage(message) => {
                if let Some(flight) = self.network.flight(message).copied() {
                    self.copy(flight, record);
                }
            }
        }
        Ok(record)
    }

    /// Injects a fault, or several that are about links alone, now: all of them or none.
    ///
    /// # Errors
    ///
    /// As [`inject`](World::inject), and [`FaultRefused::NotTogether`] if one of several is about
    /// something else than links, for then whether it is possible may depend on the others. Nothing
    /// has changed then.
    pub fn inject_all(&mut self, faults: &[Fault]) -> Result<(), FaultRefused> {
        let of_links = |fault: &Fault| {
            matches!(fault, Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll | Fault::SetLinks(..))
        };
        if faults.len() > 1 && !faults.iter().all(of_links) {
            return Err(FaultRefused::NotTogether);
        }
        if self.history().len() + faults.len() > limits::RECORDS {
            return Err(FaultRefused::HistoryFull);
        }
        faults.iter().try_for_each(|fault| self.require_possible(fault))?;
        for fault in faults {
            self.inject(fault.clone())?;
        }
        Ok(())
    }

    fn require_possible(&self, fault: &Fault) -> Result<(), FaultRefused> {
        if self.is_full() {
            return Err(FaultRefused::HistoryFull);
        }
        match fault {
            Fault::HealAll => Ok(()),
            Fault::Cut(links) | Fault::Heal(links) => self.require_links(links),
            Fault::SetLinks(links, settings) => {
                settings.validate().map_err(FaultRefused::Link)?;
                self.require_links(links)
            }
            Fault::Crash(node) => self.require_running(*node),
            Fault::CrashTorn { node, part_ppm, .. } => {
                self.require_running(*node)?;
                let whole = *part_ppm <= 1_000_000;
                whole.then_some(()).ok_or(FaultRefused::MoreThanWhole(*part_ppm))
            }
            Fault::Restart(node) => match self.node(*node) {
                None => Err(FaultRefused::UnknownNode(*node)),
                Some(found) if found.process.is_some() => Err(FaultRefused::NodeIsUp(*node)),
                Some(_) => Ok(()),
            },
            Fault::Pause(node) => {
                self.require_running(*node)?;
                let going = !self.is_paused(*node);
                going.then_some(()).ok_or(FaultRefused::NodeIsPaused(*node))
            }
            Fault::Resume(node) => {
                self.require_running(*node)?;
                let paused = self.is_paused(*node);
                paused.then_some(()).ok_or(FaultRefused::NodeIsNotPaused(*node))
            }
            Fault::SetSync(node, delay) => {
                self.node(*node).ok_or(FaultRefused::UnknownNode(*node))?;
                delay.validate().map_err(FaultRefused::Sync)
            }
            Fault::SetClock { node, rate_ppm, .. } => {
                self.node(*node).ok_or(FaultRefused::UnknownNode(*node))?;
                let runs = CLOCK_RATES_PPM.contains(rate_ppm);
                runs.then_some(()).ok_or(FaultRefused::ClockRate(*rate_ppm))
            }
            Fault::DropMessage(message) | Fault::DelayMessage(message, _) => {
                self.network.slot(*message).ok_or(FaultRefused::NotOnItsWay(*message)).map(drop)
            }
            Fault::DuplicateMessage(message) => {
                self.network.slot(*message).ok_or(FaultRefused::NotOnItsWay(*message))?;
                let room = self.network.in_flight_count() < limits::IN_FLIGHT;
                room.then_some(()).ok_or(FaultRefused::NetworkFull)
            }
        }
    }

    fn require_links(&self, links: &[(NodeId, NodeId)]) -> Result<(), FaultRefused> {
        let missing = links.iter().find(|(a, b)| self.network.link(*a, *b).is_none());
        missing.map_or(Ok(()), |(from, to)| Err(FaultRefused::NoSuchLink(*from, *to)))
    }

    fn is_paused(&self, node: NodeId) -> bool {
        self.node(node).is_some_and(|found| found.pause.is_some())
    }

    fn set_cut(&mut self, links: Vec<(NodeId, NodeId)>, cut_since_us: Option<u64>) {
        for (from, to) in links {
            if let Some(link) = self.network.link_mut(from, to) {
                let stays_cut = cut_since_us.is_some() && link.cut_since_us.is_some();
                if !stays_cut {
                    link.cut_since_us = cut_since_us;
                }
            }
        }
    }

    /// A node stops. `kept` is what survives of its unsynced writes, if anything may.
    fn crash(&mut self, id: NodeId, record: RecordId, kept: Option<(u32, u32)>) {
        let node = &mut self.nodes[id.index()];
        node.process = None;
        let (whole, part_ppm) = kept.unwrap_or_default();
        let (whole, torn) = node.disk.crash(whole, part_ppm);
        let door = node.pause.take().map(|pause| pause.door).unwrap_or_default();
        for slot in [node.deadline.take(), node.sync_slot.take()].into_iter().flatten() {
            self.agenda.cancel(slot);
        }
        if kept.is_some() {
            self.record(Some(record), Happening::WritesKept { node: id, whole, torn });
        }
        for due in door {
            if let Due::Handover(message) = due {
                self.lose(message, LossReason::NodeDown);
            }
        }
    }

    /// A paused node goes on: what came meanwhile is due now, in the order in which it came.
    fn resume(&mut self, id: NodeId) {
        let Some(pause) = self.nodes[id.index()].pause.take() else {
            return;
        };
        for due in pause.door {
            let slot = self.schedule(0, due);
            if matches!(due, Due::Deadline(..)) {
                self.nodes[id.index()].deadline = Some(slot);
            }
        }
    }

    /// A disk that was mended does not keep the sync in progress waiting either.
    fn set_sync(&mut self, id: NodeId, delay: Delay) {
        self.nodes[id.index()].sync = delay;
        let Some(slot) = self.nodes[id.index()].sync_slot else {
            return;
        };
        let ends_us = self.now_us.saturating_add(delay.draw_us(&mut self.streams.sync));
        if ends_us < slot.0
            && let Some(due) = self.agenda.cancel(slot)
        {
            self.nodes[id.index()].sync_slot = Some(self.agenda.add(ends_us, due));
        }
    }

    fn set_clock(&mut self, id: NodeId, rate_ppm: u32, offset_us: i64, record: RecordId) {
        let node = &mut self.nodes[id.index()];
        node.clock.set(self.now_us, rate_ppm, offset_us);
        // A deadline that has come already waits at the door.
        let waits = |due: &Due| matches!(due, Due::Deadline(..));
        if !node.pause.as_ref().is_some_and(|pause| pause.door.iter().any(waits)) {
            self.schedule_deadline(id, record);
        }
    }

    fn delay_message(&mut self, message: RecordId, us: u64) {
        let Some(slot) = self.network.slot(message) else {
            return;
        };
        if let Some(due) = self.agenda.cancel(slot) {
            let slot = self.agenda.add(slot.0.saturating_add(us), due);
            self.network.put_off(message, us, Some(slot));
        }
    }
}
