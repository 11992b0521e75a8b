//! The permits of calls under way, each under a small number that JavaScript keeps.

use rift::circuit_breaker::Permit;

#[derive(Default)]
pub(crate) struct UnderWay {
    places: Vec<Option<Permit>>,
    free: Vec<i32>,
}

impl UnderWay {
    /// Keeps a permit. Memory ends long before the numbers do.
    pub(crate) fn put(&mut self, permit: Permit) -> i32 {
        if let Some(place) = self.free.pop()
            && let Some(kept) = self.places.get_mut(place as usize)
        {
            *kept = Some(permit);
            return place;
        }
        self.places.push(Some(permit));
        self.places.len() as i32 - 1
    }

    /// The permit of a place, once.
    pub(crate) fn take(&mut self, place: i32) -> Option<Permit> {
        let permit = self.places.get_mut(place as usize)?.take()?;
        self.free.push(place);
        Some(permit)
    }
}
