//! Where servers stand that pass things on from rank to rank, not all to all.

use super::{ClientView, Density, Frame, Point};

/// Servers in ranks: columns from left to right where there is room, else rows from top to bottom.
/// Whoever asks the first rank stands before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranks {
    /// The places, rank after rank.
    pub places: Vec<Point>,
    frame: Frame,
}

/// Where clients stand in front of the first column, with what they say to the left of them, and
/// where that column is.
const CLIENTS: f32 = 148.0;
const FIRST_COLUMN: f32 = 240.0;

impl Ranks {
    /// Places for ranks of these sizes in `frame`, with room for what hangs below each server.
    pub fn new(frame: Frame, sizes: &[usize]) -> Ranks {
        let radius = frame.node_radius();
        let compact = frame.density() == Density::Compact;
        // On a phone clients stand in the upper corners, with a chip below each.
        let top = radius + if compact { 76.0 } else { 24.0 };
        let bottom = frame.height - radius - frame.skirt() - 8.0;
        let (left, right) = match compact {
            true => (0.0, frame.width),
            false => (FIRST_COLUMN, frame.width - radius - 44.0),
        };
        let along = |rank: usize| rank as f32 / (sizes.len().max(2) - 1) as f32;
        let mut places = Vec::new();
        for (rank, size) in sizes.iter().enumerate() {
            // Two of a rank stand closer than three, and one stands in the middle.
            let across = |place: usize| (place as f32 + 0.5) / *size as f32;
            places.extend((0..*size).map(|place| {
                let (along, across) = (along(rank), across(place));
                if compact {
                    Point::new(left + (right - left) * across, top + (bottom - top) * along)
                } else {
                    let spread = across * 1.5 - 0.25;
                    Point::new(left + (right - left) * along, top + (bottom - top) * spread)
                }
            }));
        }
        Ranks { places, frame }
    }

    /// Where the client stands that asks the server at `place` of the first rank, and whether what
    /// it has to say goes to the left of it.
    pub fn client(&self, place: usize) -> (Point, bool) {
        let (corner, mirrored) = ClientView::stand(self.frame, place);
        match self.places.get(place) {
            Some(server) if self.frame.density() == Density::Roomy => {
                (Point::new(CLIENTS, server.y - 14.0), true)
            }
            _ => (corner, mirrored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Chip, ChipState};

    const SIZES: [usize; 3] = [2, 1, 3];
    const FRAMES: [Frame; 6] = [
        Frame { width: 320.0, height: 400.0 },
        Frame { width: 374.0, height: 416.0 },
        Frame { width: 600.0, height: 432.0 },
        Frame { width: 650.0, height: 432.0 },
        Frame { width: 860.0, height: 456.0 },
        Frame { width: 1206.0, height: 544.0 },
    ];

    /// Everything of a server: its body with the clock around it, and what hangs below, with so
    /// many pixels to either side.
    fn boxes(frame: Frame, at: Point, aside: f32) -> [Point; 2] {
        let radius = frame.node_radius() + 6.0;
        let aside = aside.max(radius);
        [
            Point::new(at.x - aside, at.y - radius),
            Point::new(at.x + aside, at.y + radius + frame.skirt()),
        ]
    }

    fn apart(a: [Point; 2], b: [Point; 2]) -> bool {
        a[1].x <= b[0].x || b[1].x <= a[0].x || a[1].y <= b[0].y || b[1].y <= a[0].y
    }

    /// Phone and desk: nothing hangs out of the frame, no two servers overlap.
    #[test]
    fn everything_fits_and_nothing_overlaps() {
        for frame in FRAMES {
            let ranks = Ranks::new(frame, &SIZES);
            let wide = frame.cell_size().0 * 1.4;
            let cells = |place: usize| if place > 2 { 1.5 * wide } else { 0.0 };
            for (k, place) in ranks.places.iter().enumerate() {
                let mine = boxes(frame, *place, cells(k));
                assert!(mine[0].x >= 0.0 && mine[1].x <= frame.width, "{frame:?} {k} {mine:?}");
                assert!(mine[0].y >= 0.0 && mine[1].y <= frame.height, "{frame:?} {k} {mine:?}");
                for (other, at) in ranks.places.iter().enumerate().skip(k + 1) {
                    let other_box = boxes(frame, *at, cells(other));
                    assert!(apart(mine, other_box), "{frame:?}: {k} and {other}");
                }
            }
        }
    }

    /// Both clients and their newest chip hide no server.
    #[test]
    fn clients_stand_before_their_servers() {
        let chip =
            Chip { text: "pay again".into(), answer: "was done".into(), state: ChipState::Done };
        for frame in FRAMES {
            let ranks = Ranks::new(frame, &SIZES);
            let [one, other] = [0, 1].map(|place| {
                let (at, mirrored) = ranks.client(place);
                let side = if mirrored { -1.0 } else { 1.0 };
                let end = at.x + side * (chip.width() - 14.0);
                let start = at.x - side * 14.0;
                let below = at.y + 22.0 + Chip::HEIGHT;
                [Point::new(start.min(end), at.y - 20.0), Point::new(start.max(end), below)]
            });
            assert!(
                apart(one, other) && one[0].x >= 0.0 && one[0].y > 0.0,
                "{frame:?}: {one:?} {other:?}"
            );
            for place in &ranks.places {
                let server = boxes(frame, *place, 0.0);
                assert!(apart(one, server) && apart(other, server), "{frame:?} {place:?}");
            }
        }
    }
}
