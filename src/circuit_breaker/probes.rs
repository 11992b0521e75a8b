//! Who is under way while the breaker is half-open, and what came of it.

/// A probe under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// Its permit's serial number.
    pub serial: u64,
    /// When it began, in microseconds.
    pub admitted_us: u64,
    /// At this time, in microseconds, it counts as failed.
    pub expires_us: u64,
}

/// The probes of one half-open era.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Probes {
    /// In the order in which they were admitted, which is the order in which they expire.
    under_way: Vec<Probe>,
    pub(super) successes: u32,
    pub(super) failures: u32,
}

impl Probes {
    pub(super) fn clear(&mut self) {
        self.under_way.clear();
        self.successes = 0;
        self.failures = 0;
    }

    pub(super) fn under_way(&self) -> u32 {
        self.under_way.len() as u32
    }

    pub(super) fn list(&self) -> &[Probe] {
        &self.under_way
    }

    pub(super) fn admit(&mut self, serial: u64, admitted_us: u64, lease_us: u64) {
        let expires_us = admitted_us.saturating_add(lease_us);
        self.under_way.push(Probe { serial, admitted_us, expires_us });
    }

    /// Frees the slot of a probe. `false` if it has none.
    pub(super) fn take(&mut self, serial: u64) -> bool {
        let place = self.under_way.iter().position(|probe| probe.serial == serial);
        place.map(|place| self.under_way.remove(place)).is_some()
    }

    pub(super) fn next_expiry_us(&self) -> Option<u64> {
        self.under_way.first().map(|probe| probe.expires_us)
    }
}
