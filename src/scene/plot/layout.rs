//! Where everything of a plot stands.

use super::super::{Density, Frame, Point};
use super::{CurvePlot, Dot, Look, PlanePlot, Ruler};

/// The height of a line of words, and about how wide a letter is, thin or bold.
const LINE: f32 = 15.0;
const LETTER: f32 = 7.6;
const BOLD_LETTER: f32 = 8.2;
/// How bad it is for a label to cover something: worse than to be far away.
const COVERED: f32 = 40.0;
/// How many lines a label may be away from its point.
const RINGS: usize = 4;

/// Places of a plot in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The space it was laid out for.
    pub frame: Frame,
    /// The corners of the part with the numbers: top left and bottom right.
    pub corners: (Point, Point),
    /// Numbers to places.
    x: super::Scale,
    y: super::Scale,
    /// The names of curves, in their order, or the labels of points, in theirs.
    pub labels: Vec<Label>,
    /// Whether the names of curves stand above them, where they do not fit at their ends.
    pub has_legend: bool,
}

/// Where the words of a curve or a point are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// The start of its base line.
    pub at: Point,
    /// How wide it is, about.
    pub width: f32,
    /// Whether it is so far away that a line must lead to it.
    pub is_led: bool,
    /// Whether it is left out: there is no room for it.
    pub is_hidden: bool,
}

impl Label {
    const NONE: Label =
        Label { at: Point { x: 0.0, y: 0.0 }, width: 0.0, is_led: false, is_hidden: false };
}

impl Layout {
    /// Lays out curves. Where there is room, their names stand at their ends.
    pub fn of_curves(plot: &CurvePlot, frame: Frame) -> Layout {
        let widest = plot.curves.iter().map(|curve| name_width(&curve.name));
        let widest = widest.fold(0.0, f32::max);
        let has_legend = frame.density() == Density::Compact;
        let right = if has_legend { 24.0 } else { widest + 20.0 };
        let legend = if has_legend { legend(plot, frame) } else { Vec::new() };
        let lines = legend.last().map_or(0.0, |last| last.at.y - 12.0 + LINE + 4.0);
        let mut layout = Layout::new((&plot.x, &plot.y), frame, (26.0 + lines, right));
        layout.has_legend = has_legend;
        layout.labels = if has_legend { legend } else { layout.at_ends(plot) };
        layout
    }

    /// Lays out a plane. A label stands where it covers no point and no other label, as far as
    /// there is such a place.
    pub fn of_plane(plot: &PlanePlot, frame: Frame) -> Layout {
        let mut layout = Layout::new((&plot.x, &plot.y), frame, (26.0, 24.0));
        let best = Label { at: layout.best(), width: width_of(&plot.best), ..Label::NONE };
        layout.labels = layout.beside(&plot.dots, box_of(&best));
        layout
    }

    fn new((x, y): (&Ruler, &Ruler), frame: Frame, (top, right): (f32, f32)) -> Layout {
        let ticks = y.scale.ticks(6).into_iter().map(|tick| width_of(&y.scale.unit.words(tick)));
        let left = ticks.fold(24.0, f32::max) + 12.0;
        let bottom = frame.height - 38.0;
        let corners = (
            Point::new(left, top),
            Point::new((frame.width - right).max(left + 40.0), bottom.max(top + 40.0)),
        );
        let (x, y) = (x.scale, y.scale);
        Layout { frame, corners, x, y, labels: Vec::new(), has_legend: false }
    }

    /// The place of two numbers.
    pub fn place(&self, x: u64, y: u64) -> Point {
        Point::new(self.x(x), self.y(y))
    }

    /// How far to the right a number is.
    pub fn x(&self, x: u64) -> f32 {
        let (from, to) = (self.corners.0.x, self.corners.1.x);
        from + (to - from) * self.x.part(x)
    }

    /// How far down a number is.
    pub fn y(&self, y: u64) -> f32 {
        let (from, to) = (self.corners.1.y, self.corners.0.y);
        from + (to - from) * self.y.part(y)
    }

    /// The number of the horizontal axis at a place.
    pub fn number_at(&self, x: f32) -> u64 {
        let (from, to) = (self.corners.0.x, self.corners.1.x);
        self.x.value((x - from) / (to - from))
    }

    /// Where the words in the best corner of a plane begin.
    pub fn best(&self) -> Point {
        Point::new(self.corners.0.x + 22.0, self.corners.1.y - 10.0)
    }

    /// Numbers to write under the axis.
    pub fn x_ticks(&self) -> Vec<u64> {
        self.x.ticks(((self.corners.1.x - self.corners.0.x) / 64.0).max(2.0) as usize)
    }

    /// Numbers to write beside the axis.
    pub fn y_ticks(&self) -> Vec<u64> {
        self.y.ticks(((self.corners.1.y - self.corners.0.y) / 34.0).clamp(2.0, 6.0) as usize)
    }

    /// The point of a plane that is meant by a pointer, by its place in the list.
    pub fn dot_at(&self, plot: &PlanePlot, at: Point) -> Option<usize> {
        const REACH: f32 = 22.0;
        let away = |dot: &Dot| self.place(dot.at.0, dot.at.1).distance(at);
        let dots = plot.dots.iter().enumerate().map(|(k, dot)| (k, away(dot)));
        let nearest = dots.min_by(|(_, a), (_, b)| a.total_cmp(b));
        nearest.filter(|(_, distance)| *distance <= REACH).map(|(k, _)| k)
    }

    /// Names at the ends of curves, pushed apart where they would overlap.
    fn at_ends(&self, plot: &CurvePlot) -> Vec<Label> {
        let end = |curve: &super::Curve| curve.points.last().map_or(0, |(_, y)| *y);
        let mut labels: Vec<Label> = plot
            .curves
            .iter()
            .map(|curve| Label {
                at: Point::new(self.corners.1.x + 12.0, self.y(end(curve)) + 4.0),
                width: name_width(&curve.name),
                is_led: false,
                is_hidden: false,
            })
            .collect();
        // Those that end higher, or come later, stand higher.
        let mut order: Vec<usize> = (0..labels.len()).collect();
        for k in 1..order.len() {
            let mut at = k;
            while at > 0 && labels[order[at]].at.y <= labels[order[at - 1]].at.y {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        let mut free = f32::MIN;
        for place in order.iter().copied() {
            labels[place].at.y = labels[place].at.y.max(free);
            free = labels[place].at.y + LINE;
        }
        // And back up, if the last has left the plot.
        let mut free = self.corners.1.y + 4.0;
        for place in order.into_iter().rev() {
            labels[place].at.y = labels[place].at.y.min(free);
            free = labels[place].at.y - LINE;
        }
        labels
    }

    /// Labels beside points, the chosen one's first.
    fn beside(&self, dots: &[Dot], corner: (Point, Point)) -> Vec<Label> {
        let place = |dot: &Dot| (self.place(dot.at.0, dot.at.1), dot.look.reach());
        let places: Vec<(Point, f32)> = dots.iter().map(place).collect();
        let mut order: Vec<usize> = (0..dots.len()).collect();
        for k in 1..order.len() {
            let mut at = k;
            while at > 0 && dots[order[at]].look < dots[order[at - 1]].look {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        let mut labels = vec![Label::NONE; dots.len()];
        let mut taken = vec![corner];
        for k in order {
            let bold = if dots[k].look == Look::Chosen { BOLD_LETTER / LETTER } else { 1.0 };
            let width = width_of(&dots[k].label) * bold;
            let (cost, label) = self.best_beside(&places, k, width, &taken);
            // Where there is no room, a point can do without a label; its words are still there.
            let is_hidden = match dots[k].look {
                Look::Chosen => false,
                Look::Front => taken.iter().any(|other| overlap(*other, box_of(&label))),
                Look::Behind => cost >= COVERED,
            };
            if !is_hidden {
                taken.push(box_of(&label));
            }
            labels[k] = Label { is_hidden, ..label };
        }
        labels
    }

    /// Of the places around a point, near and further away, the one that costs least.
    fn best_beside(
        &self,
        places: &[(Point, f32)],
        k: usize,
        width: f32,
        taken: &[(Point, Point)],
    ) -> (f32, Label) {
        let (own, reach) = places[k];
        let mut best = (f32::MAX, Label { at: own, width, is_led: false, is_hidden: false });
        for ring in 0..RINGS {
            let away = reach + 4.0 + LINE * ring as f32;
            let (above, below) = (-away, away + 9.0);
            let beside = if ring == 0 { 4.0 } else { above };
            for (place, (dx, dy)) in [
                (-width / 2.0, above),
                (reach + 3.0, beside),
                (-width - reach - 3.0, beside),
                (-width / 2.0, below),
            ]
            .into_iter()
            .enumerate()
            {
                let at = Point::new(own.x + dx, own.y + dy);
                let label = Label { at, width, is_led: ring > 0, is_hidden: false };
                let cost = self.cost_of(&label, places, taken) + (ring * 6 + place) as f32;
                if cost < best.0 {
                    best = (cost, label);
                }
            }
        }
        best
    }

    /// How bad a place for a label is: it may leave the plot, lie on another label, or on a point.
    fn cost_of(&self, label: &Label, places: &[(Point, f32)], taken: &[(Point, Point)]) -> f32 {
        let (from, to) = box_of(label);
        let (least, most) = self.corners;
        let leaves = from.x < least.x + 1.0
            || to.x > self.frame.width - 1.0
            || from.y < least.y - 8.0
            || to.y > most.y - 1.0;
        let hits = taken.iter().filter(|other| overlap(**other, (from, to))).count();
        let covers = |(point, reach): &&(Point, f32)| {
            let corner = Point::new(*reach, *reach);
            overlap((point.minus(corner), point.moved(corner, 1.0)), (from, to))
        };
        let covered = places.iter().filter(covers).count();
        (hits + covered) as f32 * COVERED + if leaves { 4.0 * COVERED } else { 0.0 }
    }
}

impl Look {
    /// The radius of the ring around the chosen point.
    pub const RING: f32 = 11.0;

    /// The radius of a point that looks like this.
    pub fn radius(self) -> f32 {
        match self {
            Look::Chosen => 6.5,
            Look::Front | Look::Behind => 4.5,
        }
    }

    /// How far it reaches with all that is around it.
    fn reach(self) -> f32 {
        match self {
            Look::Chosen => Look::RING + 1.0,
            Look::Front | Look::Behind => 6.0,
        }
    }
}

/// About how wide words are.
/// Names of curves in lines above them, each with a piece of its line before it.
fn legend(plot: &CurvePlot, frame: Frame) -> Vec<Label> {
    const PIECE: f32 = 34.0;
    let mut at = Point::new(PIECE, 12.0);
    let mut labels = Vec::new();
    for curve in &plot.curves {
        let width = name_width(&curve.name);
        if at.x > PIECE && at.x + width > frame.width - 4.0 {
            at = Point::new(PIECE, at.y + LINE);
        }
        labels.push(Label { at, width, is_led: false, is_hidden: false });
        at.x += width + PIECE + 4.0;
    }
    labels
}

pub(super) fn width_of(words: &str) -> f32 {
    words.chars().count() as f32 * LETTER
}

/// The same of a curve's name, which is bold.
fn name_width(words: &str) -> f32 {
    words.chars().count() as f32 * BOLD_LETTER
}

pub(super) fn box_of(label: &Label) -> (Point, Point) {
    let Label { at, width, .. } = label;
    (Point::new(at.x, at.y - 10.5), Point::new(at.x + width, at.y + 3.0))
}

pub(super) fn overlap(a: (Point, Point), b: (Point, Point)) -> bool {
    a.0.x < b.1.x && b.0.x < a.1.x && a.0.y < b.1.y && b.0.y < a.1.y
}
