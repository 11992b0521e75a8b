//! Values that change in the course of the loop, as `animate` elements.

use super::{Clock, WHOLE, key_time};
use crate::scene::svg::Markup;

/// When something is there: stretches of the loop, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clip {
    stretches: Vec<(u32, u32)>,
}

impl Clip {
    /// It is there from here to there. Stretches that touch become one.
    pub(super) fn show(&mut self, from: u32, to: u32) {
        match self.stretches.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ if from < to => self.stretches.push((from, to)),
            _ => {}
        }
    }

    /// Whether it is there at the end of the loop.
    pub(super) fn lasts(&self) -> bool {
        self.stretches.last().is_some_and(|(_, to)| *to >= WHOLE)
    }

    /// Whether it is always there.
    fn is_whole(&self) -> bool {
        self.lasts() && self.stretches.len() == 1 && self.stretches[0].0 == 0
    }

    /// Opens a group that is there at its time and hidden otherwise. Without animation it is as at
    /// the end. Answers `false`, and opens none, if it is never there.
    pub(super) fn open(&self, svg: &mut Markup, class: &str, clock: Clock) -> bool {
        if self.stretches.is_empty() {
            return false;
        }
        let visibility = if self.lasts() { "visible" } else { "hidden" };
        let mut attributes = vec![("visibility", visibility)];
        if self.is_whole() {
            attributes.clear();
        }
        if !class.is_empty() {
            attributes.push(("class", class));
        }
        svg.open("g", &attributes);
        if !self.is_whole() {
            let mut steps = Vec::new();
            if self.stretches[0].0 > 0 {
                steps.push((0, "hidden"));
            }
            for (from, to) in &self.stretches {
                steps.push((*from, "visible"));
                if *to < WHOLE {
                    steps.push((*to, "hidden"));
                }
            }
            let times: Vec<String> = steps.iter().map(|(at, _)| key_time(*at)).collect();
            let values: Vec<&str> = steps.iter().map(|(_, value)| *value).collect();
            let [duration, repeat] = clock.attributes();
            let animate = [
                ("attributeName", "visibility"),
                (duration.0, &*duration.1),
                (repeat.0, &*repeat.1),
                ("calcMode", "discrete"),
                ("values", &values.join(";")),
                ("keyTimes", &times.join(";")),
            ];
            svg.leaf("animate", &animate);
        }
        true
    }
}

/// A value on its way through the loop, in straight lines between what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Course {
    attribute: &'static str,
    /// The kind of transform, if it is one.
    kind: Option<&'static str>,
    points: Vec<(u32, String)>,
}

impl Course {
    pub(super) fn new(attribute: &'static str, kind: Option<&'static str>) -> Course {
        Course { attribute, kind, points: Vec::new() }
    }

    /// From the last known instant on it goes straight to this. Two values at one instant are a
    /// jump.
    pub(super) fn push(&mut self, at: u32, value: String) {
        let same = |(_, known): &&(u32, String)| *known == value;
        // In the middle of three equal values nothing is lost.
        if let [.., before, last] = &self.points[..]
            && same(&before)
            && same(&last)
        {
            self.points.pop();
        }
        if self.points.last() != Some(&(at, value.clone())) {
            self.points.push((at, value));
        }
    }

    /// The last value.
    pub(super) fn last(&self) -> Option<&str> {
        self.points.last().map(|(_, value)| value.as_str())
    }

    /// The element, to stand in what it moves.
    pub(super) fn draw(&self, svg: &mut Markup, clock: Clock) {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return;
        };
        // `keyTimes` begin at 0 and end at 1.
        let begin = (first.0 > 0).then(|| (0, first.1.clone()));
        let end = (last.0 < WHOLE).then(|| (WHOLE, last.1.clone()));
        let points = begin.iter().chain(&self.points).chain(&end);
        let times: Vec<String> = points.clone().map(|(at, _)| key_time(*at)).collect();
        let values: Vec<&str> = points.map(|(_, value)| value.as_str()).collect();
        let [duration, repeat] = clock.attributes();
        let (times, values) = (times.join(";"), values.join(";"));
        let mut animate = vec![
            ("attributeName", self.attribute),
            (duration.0, &*duration.1),
            (repeat.0, &*repeat.1),
            ("values", &values),
            ("keyTimes", &times),
        ];
        if let Some(kind) = self.kind {
            animate.insert(1, ("type", kind));
        }
        svg.leaf(if self.kind.is_some() { "animateTransform" } else { "animate" }, &animate);
    }
}
