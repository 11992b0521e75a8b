//! Worlds that are worked out one after the other, in slices.

/// All that makes a world, but its seed.
pub(super) trait Experiment: Clone + PartialEq {
    /// The world on its way.
    type Running;
    /// What is kept of it.
    type Told;

    /// The world of a seed at its beginning.
    fn begin(&self, seed: u64) -> Self::Running;

    /// Goes on for about so many records; what there is to tell once it is over.
    fn go_on(running: &mut Self::Running, records: usize) -> Option<Self::Told>;
}

/// About so many records of a world's history are made in a slice: some milliseconds in a browser.
const SLICE: usize = 3_000;

/// Worlds in the order in which they are worked out.
pub(super) struct Cells<E: Experiment> {
    cells: Vec<Cell<E>>,
    running: Option<(usize, E::Running)>,
    known: usize,
}

struct Cell<E: Experiment> {
    experiment: E,
    seed: u64,
    told: Option<E::Told>,
}

impl<E: Experiment> Cells<E> {
    /// None.
    pub(super) fn new() -> Cells<E> {
        Cells { cells: Vec::new(), running: None, known: 0 }
    }

    /// Wants these worlds, each with its seed. What is known of those that were there already, at
    /// the same place, stays.
    pub(super) fn want(&mut self, worlds: impl Iterator<Item = (E, u64)>) {
        let mut before = std::mem::take(&mut self.cells).into_iter();
        self.cells = worlds
            .map(|(experiment, seed)| {
                let same =
                    before.next().filter(|cell| cell.seed == seed && cell.experiment == experiment);
                same.unwrap_or(Cell { experiment, seed, told: None })
            })
            .collect();
        self.known = self.cells.iter().filter(|cell| cell.told.is_some()).count();
        self.running = None;
    }

    /// Does a slice of the work.
    pub(super) fn run(&mut self) {
        self.run_within(SLICE);
    }

    fn run_within(&mut self, records: usize) {
        if self.running.is_none() {
            let next = self.cells.iter().position(|cell| cell.told.is_none());
            self.running = next.map(|place| {
                let cell = &self.cells[place];
                (place, cell.experiment.begin(cell.seed))
            });
        }
        let Some((place, running)) = &mut self.running else { return };
        if let Some(told) = E::go_on(running, records) {
            self.cells[*place].told = Some(told);
            self.known += 1;
            self.running = None;
        }
    }

    /// How many are worked out, and how many there are.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.known, self.cells.len())
    }

    /// What there is to tell of the world at a place.
    pub(super) fn told(&self, place: usize) -> Option<&E::Told> {
        self.cells.get(place)?.told.as_ref()
    }

    /// The same of every `step`th world, from `first` on.
    pub(super) fn every(&self, first: usize, step: usize) -> impl Iterator<Item = &E::Told> {
        let cells = self.cells.iter().skip(first).step_by(step.max(1));
        cells.filter_map(|cell| cell.told.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as many records as it says, and tells its seed.
    #[derive(Clone, Debug, PartialEq)]
    struct Takes(usize);

    impl Experiment for Takes {
        type Running = (usize, u64);
        type Told = u64;

        fn begin(&self, seed: u64) -> (usize, u64) {
            (self.0, seed)
        }

        fn go_on((left, seed): &mut (usize, u64), records: usize) -> Option<u64> {
            *left = left.saturating_sub(records);
            (*left == 0).then_some(*seed)
        }
    }

    #[test]
    fn worlds_are_worked_out_in_order_and_kept_while_nothing_about_them_changes() {
        let mut cells = Cells::new();
        cells.want([(Takes(5), 7), (Takes(1), 8), (Takes(9), 9)].into_iter());
        assert_eq!((cells.progress(), cells.told(0)), ((0, 3), None));
        (0..3).for_each(|_| cells.run_within(2));
        assert_eq!((cells.progress(), cells.told(0)), ((1, 3), Some(&7)));
        cells.run_within(2);
        assert_eq!(cells.progress(), (2, 3));
        // The first has another seed now, the second is the same, the third another experiment.
        cells.want([(Takes(5), 6), (Takes(1), 8), (Takes(2), 9)].into_iter());
        assert_eq!((cells.progress(), cells.told(0), cells.told(1)), ((1, 3), None, Some(&8)));
        (0..99).for_each(|_| cells.run_within(1));
        assert_eq!(cells.progress(), (3, 3));
        assert_eq!(cells.every(0, 2).copied().collect::<Vec<_>>(), [6, 9]);
        assert_eq!((cells.told(3), cells.every(3, 0).count()), (None, 0));
    }
}
