//! Where the servers stand.

use super::Point;

/// The space a scene is laid out in, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

/// How much room there is for words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// A phone: small nodes, cells without text.
    Compact,
    /// Room enough.
    Roomy,
}

impl Frame {
    /// How much room there is for words.
    pub fn density(self) -> Density {
        if self.width < 620.0 { Density::Compact } else { Density::Roomy }
    }

    /// The radius of a node.
    pub fn node_radius(self) -> f32 {
        match self.density() {
            Density::Compact => 25.0,
            Density::Roomy => 35.0,
        }
    }

    /// The width and height of a cell in the row under a node.
    pub fn cell_size(self) -> (f32, f32) {
        match self.density() {
            Density::Compact => (19.0, 18.0),
            Density::Roomy => (33.0, 30.0),
        }
    }

    /// How many cells fit under each of so many nodes.
    pub fn cells(self, nodes: usize) -> usize {
        let fewer = nodes.saturating_sub(4) / 2;
        match self.density() {
            Density::Compact => 4_usize.saturating_sub(fewer).max(2),
            Density::Roomy => 6_usize.saturating_sub(fewer).max(3),
        }
    }

    /// How far `point` is from the server at `place`, one of so many, and all that hangs below it;
    /// below 0, inside.
    pub fn room_beside(self, nodes: usize, place: Point, point: Point) -> f32 {
        let radius = self.node_radius() + 7.0;
        let to_body = place.distance(point) - radius;
        let half_row = self.cell_size().0 * self.cells(nodes) as f32 / 2.0 + self.more_width();
        let top = place.y + radius;
        let aside = (point.x - place.x).abs() - half_row;
        let below = (top - point.y).max(point.y - (top + self.skirt()));
        to_body.min(aside.max(below))
    }

    /// How much lower the first of so many servers stands, so that clients fit into the corners
    /// beside it. Few servers leave the corners free by themselves.
    fn headroom(self, nodes: usize) -> f32 {
        match (nodes, self.density()) {
            (0..=5, _) => 0.0,
            (_, Density::Compact) => 30.0,
            (_, Density::Roomy) => 22.0,
        }
    }

    /// The width of the number of cells left out, before the first.
    pub fn more_width(self) -> f32 {
        match self.density() {
            Density::Compact => 18.0,
            Density::Roomy => 24.0,
        }
    }

    /// The height of all that hangs below a node: its word, its detail and its row of cells.
    pub fn skirt(self) -> f32 {
        24.0 + self.cell_size().1
    }
}

/// Places on an ellipse, the first at the top, then clockwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// The middle of the ellipse.
    pub centre: Point,
    /// The places, in order.
    pub places: Vec<Point>,
}

impl Ring {
    /// Places for `count` servers in `frame`, with room for what hangs below each.
    pub fn new(frame: Frame, count: usize) -> Ring {
        let radius = frame.node_radius();
        let margin_top = radius + 22.0 + frame.headroom(count);
        let margin_bottom = radius + frame.skirt() + 8.0;
        let half_row = frame.cell_size().0 * frame.cells(count) as f32 / 2.0 + frame.more_width();
        let margin_side = radius.max(half_row) + 4.0;
        let across = (frame.width / 2.0 - margin_side).max(radius);
        let up = ((frame.height - margin_top - margin_bottom) / 2.0).max(radius);
        let across = across.min(up * 1.9);
        let centre = Point::new(frame.width / 2.0, margin_top + up);
        let place = |k: usize| {
            let around = direction(k as f32 / count.max(1) as f32);
            Point::new(centre.x + across * around.x, centre.y + up * around.y)
        };
        Ring { centre, places: (0..count).map(place).collect() }
    }

    /// The arrow of length 1 that points outwards at `place`.
    pub fn outwards(&self, place: Point) -> Point {
        self.centre.direction(place)
    }
}

/// The arrow of length 1 at `turn` (0 to 1) of a full turn, clockwise from straight up.
///
/// By its own series, good to a thousandth of a pixel: the standard sine differs between targets
/// in its last bit, and weighs 8 kB in wasm.
fn direction(turn: f32) -> Point {
    // Within an eighth of a turn of a quarter, where a few terms suffice.
    let quarter = (turn * 4.0 + 0.5) as u32;
    let angle = (turn - quarter as f32 / 4.0) * std::f32::consts::TAU;
    let square = angle * angle;
    let sine = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    match quarter % 4 {
        0 => Point::new(sine, -cosine),
        1 => Point::new(cosine, sine),
        2 => Point::new(-sine, cosine),
        _ => Point::new(-cosine, -sine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_those_of_the_circle() {
        for step in 0..=100 {
            let turn = step as f32 / 100.0;
            let angle = turn * std::f32::consts::TAU;
            let wanted = Point::new(angle.sin(), -angle.cos());
            assert!(direction(turn).distance(wanted) < 0.0001, "{turn}");
        }
    }

    /// Phone and desk, three to nine servers: nothing hangs out of the frame, no two overlap.
    #[test]
    fn everything_fits_and_nothing_overlaps() {
        for (width, height) in [(320.0, 430.0), (390.0, 470.0), (700.0, 480.0), (1080.0, 560.0)] {
            let frame = Frame { width, height };
            for count in 1..=9 {
                let ring = Ring::new(frame, count);
                for (k, place) in ring.places.iter().enumerate() {
                    let radius = frame.node_radius();
                    assert!(place.x >= radius && place.x <= width - radius, "{frame:?} {place:?}");
                    assert!(place.y >= radius && place.y + radius + frame.skirt() <= height);
                    for other in &ring.places[k + 1..] {
                        assert!(place.distance(*other) > radius * 2.0, "{frame:?} {count}");
                    }
                }
            }
        }
    }
}
