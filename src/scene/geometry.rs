//! Points, segments and the bent lanes that messages take.

use std::fmt;

/// A point, or an arrow, in CSS pixels; y grows downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Point {
    /// The point `(x, y)`.
    pub fn new(x: f32, y: f32) -> Point {
        Point { x, y }
    }

    /// The point a part of the way from here to `other`: 0 is here, 1 is there.
    pub fn towards(self, other: Point, part: f32) -> Point {
        Point::new(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }

    /// The distance to `other`.
    pub fn distance(self, other: Point) -> f32 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// The arrow of length 1 from here towards `other`; nothing if they coincide.
    pub fn direction(self, other: Point) -> Point {
        let distance = self.distance(other);
        if distance == 0.0 {
            return Point::default();
        }
        Point::new((other.x - self.x) / distance, (other.y - self.y) / distance)
    }

    /// This point moved by `arrow` times `length`.
    pub fn moved(self, arrow: Point, length: f32) -> Point {
        Point::new(self.x + arrow.x * length, self.y + arrow.y * length)
    }

    /// How far this arrow reaches along `other`.
    pub fn dot(self, other: Point) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// The arrow from `other` to here.
    pub fn minus(self, other: Point) -> Point {
        Point::new(self.x - other.x, self.y - other.y)
    }

    /// This arrow turned by a quarter to the right.
    pub fn right(self) -> Point {
        Point::new(-self.y, self.x)
    }
}

/// As SVG wants it: `12.5 7`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tenths(self.x))?;
        f.write_str(" ")?;
        f.write_str(&tenths(self.y))
    }
}

/// A length with one decimal at most.
///
/// By hand, because the standard way of printing a float weighs ten times as much in wasm.
pub fn tenths(length: f32) -> String {
    let scaled = (length * 10.0).round() as i32;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.unsigned_abs() / 10, scaled.unsigned_abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Whether the segments `a`–`b` and `c`–`d` cross. Touching counts, lying on one line does not.
pub fn segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool {
    crossing(a, b, c, d).is_some()
}

/// Where on the segment `a`–`b` the segment `c`–`d` crosses it, as a part of the way.
pub(super) fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<f32> {
    let (along, across) = (b.minus(a), d.minus(c));
    let turn = cross(along, across);
    if turn == 0.0 {
        return None;
    }
    let on_first = cross(c.minus(a), across) / turn;
    let on_second = cross(c.minus(a), along) / turn;
    let within = 0.0..=1.0;
    (within.contains(&on_first) && within.contains(&on_second)).then_some(on_first)
}

fn cross(a: Point, b: Point) -> f32 {
    a.x * b.y - a.y * b.x
}

/// The way of a message: bent to its right, so that two directions do not overlap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    start: Point,
    bend: Point,
    end: Point,
}

impl Lane {
    /// From the rim of one node to the rim of another, both of radius `rim`.
    pub fn between(from: Point, to: Point, rim: f32) -> Lane {
        let forward = from.direction(to);
        let room = from.distance(to);
        let rim = rim.min(room / 2.0);
        let start = from.moved(forward, rim);
        let end = to.moved(forward, -rim);
        let bend = start.towards(end, 0.5).moved(forward.right(), (room * 0.09).min(26.0));
        Lane { start, bend, end }
    }

    /// The same, bent so much farther outwards.
    pub fn bent(self, by: f32) -> Lane {
        let outwards = self.start.direction(self.end).right();
        Lane { bend: self.bend.moved(outwards, by), ..self }
    }

    /// Along an arc that leaves `start` towards `bend` and comes to `end` from there.
    pub fn arc(start: Point, bend: Point, end: Point) -> Lane {
        Lane { start, bend, end }
    }

    /// The point a part of the way along.
    pub fn at(&self, part: f32) -> Point {
        let first = self.start.towards(self.bend, part);
        let second = self.bend.towards(self.end, part);
        first.towards(second, part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_tells_where() {
        let p = Point::new;
        assert_eq!(crossing(p(0.0, 0.0), p(4.0, 0.0), p(1.0, -1.0), p(1.0, 1.0)), Some(0.25));
        assert_eq!(crossing(p(0.0, 0.0), p(4.0, 0.0), p(5.0, -1.0), p(5.0, 1.0)), None);
        assert!(!segments_cross(p(0.0, 0.0), p(1.0, 0.0), p(0.0, 1.0), p(1.0, 1.0)));
        assert!(!segments_cross(p(0.0, 0.0), p(0.0, 0.0), p(0.0, 1.0), p(1.0, 1.0)));
    }

    #[test]
    fn lanes_of_two_directions_keep_apart() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(200.0, 0.0));
        let (there, back) = (Lane::between(a, b, 30.0), Lane::between(b, a, 30.0));
        assert_eq!(there.at(0.0), Point::new(30.0, 0.0));
        assert_eq!(there.at(1.0), Point::new(170.0, 0.0));
        assert!(there.at(0.5).distance(back.at(0.5)) > 15.0);
    }

    #[test]
    fn tenths_are_short() {
        assert_eq!(tenths(12.04), "12");
        assert_eq!(tenths(-0.26), "-0.3");
        assert_eq!(tenths(7.55), "7.6");
        assert_eq!(tenths(-0.01), "0");
    }
}
