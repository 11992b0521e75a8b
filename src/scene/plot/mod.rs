//! Plots of numbers: [curves](CurvePlot) over an axis, and a [plane](PlanePlot) of labelled points.
//!
//! What is here is plain data in whole numbers, each with a [`Unit`] that says how to put it into
//! words. [`Layout`] finds a place for everything, [`svg`] draws it, and [`Rows`] is the same once
//! more as a table. Nothing is told by colour alone: curves differ in their strokes and carry their
//! names, points carry labels and differ in shape.

mod layout;
mod rows;
mod scale;
pub mod svg;
#[cfg(test)]
mod tests;

use super::Tone;

pub use layout::{Label, Layout};
pub use rows::Rows;
pub use scale::{Scale, Spread, Unit};

/// Curves over one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurvePlot {
    /// What is to be seen, in a sentence, for those who do not see it.
    pub title: String,
    /// To the right.
    pub x: Ruler,
    /// Upwards.
    pub y: Ruler,
    /// The curves. What comes first is drawn first, below the others.
    pub curves: Vec<Curve>,
    /// A stretch of the axis in which something was different.
    pub shade: Option<Shade>,
    /// A place on the axis that is looked at.
    pub guide: Option<Guide>,
}

/// Points in a plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanePlot {
    /// What is to be seen, in a sentence, for those who do not see it.
    pub title: String,
    /// To the right.
    pub x: Ruler,
    /// Upwards.
    pub y: Ruler,
    /// The points.
    pub dots: Vec<Dot>,
    /// What is written in the corner at the origin, where a point would be best.
    pub best: String,
}

/// An axis: its numbers, and what they are numbers of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruler {
    /// What is written beside it.
    pub title: String,
    /// Numbers to places.
    pub scale: Scale,
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// Its name, as short as can be: it stands at the end of the line.
    pub name: String,
    /// Its colour.
    pub tone: Tone,
    /// Its line.
    pub stroke: Stroke,
    /// What is between the points.
    pub course: Course,
    /// Points, from left to right.
    pub points: Vec<(u64, u64)>,
    /// For every point how low and how high the truth may be; nothing, if that is known.
    pub band: Vec<(u64, u64)>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stroke {
    /// In one piece.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

/// What a curve does between its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Course {
    /// It goes straight to the next.
    Line,
    /// Each value holds until the next.
    Held,
    /// Each value stands for what is around it, up to halfway to its neighbours: samples.
    Around,
}

/// A stretch of the horizontal axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shade {
    /// From where.
    pub from: u64,
    /// To where.
    pub to: u64,
    /// What is written at its top.
    pub words: String,
}

/// A place on the horizontal axis that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Where.
    pub at: u64,
    /// What is written there.
    pub words: String,
}

/// A labelled point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Its numbers, to the right and upwards.
    pub at: (u64, u64),
    /// Its name, short.
    pub label: String,
    /// What it is, in words.
    pub description: String,
    /// How it is drawn.
    pub look: Look,
    /// What it means to press it; nothing, if nothing comes of that.
    pub press: String,
}

/// How a point is drawn, from the most to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Look {
    /// The one that this is about: large, in a ring.
    Chosen,
    /// No other is better in both numbers: filled, and on a line with the others of its kind.
    Front,
    /// Another is at least as good in both: hollow.
    Behind,
}

impl Curve {
    /// Its value above a place, between points as its [`Course`] has it. `None` outside of its
    /// points.
    pub fn at(&self, x: u64) -> Option<u64> {
        let after = self.points.partition_point(|(at, _)| *at <= x);
        let (from, value) = *self.points.get(after.checked_sub(1)?)?;
        let Some(&(to, next)) = self.points.get(after) else {
            return (x == from).then_some(value);
        };
        Some(match self.course {
            Course::Held => value,
            Course::Around if x - from <= to - x => value,
            Course::Around => next,
            Course::Line => {
                let (low, high) = (i128::from(value), i128::from(next));
                let along = (high - low) * i128::from(x - from) / i128::from(to - from);
                (low + along) as u64
            }
        })
    }

    /// How low and how high the truth may be at a place where there is a point.
    pub fn bounds_at(&self, x: u64) -> Option<(u64, u64)> {
        let place = self.points.iter().position(|(at, _)| *at == x)?;
        self.band.get(place).copied()
    }
}

/// Which of some points, the smaller the better in both numbers, no other one surpasses.
pub fn front(points: &[(u64, u64)]) -> Vec<bool> {
    let surpasses = |other: &(u64, u64), point: &(u64, u64)| {
        other.0 <= point.0 && other.1 <= point.1 && other != point
    };
    let is_in_front = |point| !points.iter().any(|other| surpasses(other, point));
    points.iter().map(is_in_front).collect()
}
