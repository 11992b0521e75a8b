//! What pictures with time to the right have in common, as SVG markup: rulings, the playhead, and
//! how wide words are.

use super::svg::Markup;
use super::{Axis, Frame, tenths};

/// About how wide a text of 11 pixels is.
pub(super) fn width_of(text: &str) -> f32 {
    text.chars().count() as f32 * 6.3
}

/// Instants, with a line each between these heights, and in words below.
pub(super) fn rulings(svg: &mut Markup, axis: &Axis, (top, bottom): (f32, f32), frame: Frame) {
    let (from, to) = (tenths(top), tenths(bottom));
    for (x, words) in axis.rulings(76.0) {
        let path = format!("M{} {from}V{to}", tenths(x));
        svg.leaf("path", &[("class", "ruling"), ("d", &path)]);
        let half = width_of(&words) / 2.0;
        let inside = x - half >= 0.0 && x + half <= frame.width;
        if inside {
            let y = tenths(bottom + 16.0);
            let at = [("class", "ruling-text"), ("x", &tenths(x)), ("y", &y)];
            svg.words("text", &at, &words);
        }
    }
}

/// The playhead, and the field beyond it that has not happened.
pub(super) fn playhead(axis: &Axis, (top, bottom): (f32, f32), now_us: u64) -> String {
    let mut svg = Markup::default();
    let x = axis.x(now_us);
    if x < axis.left() || x > axis.right() {
        return svg.text;
    }
    let (from, height) = (tenths(top), tenths(bottom - top));
    let width = tenths(axis.right() - x);
    let x = tenths(x);
    let ahead = [("class", "st-ahead"), ("x", x.as_str()), ("y", &from), ("width", &width)];
    svg.leaf("rect", &[ahead[0], ahead[1], ahead[2], ahead[3], ("height", &height)]);
    let path = format!("M{x} {}V{}", tenths(top - 6.0), tenths(bottom));
    svg.leaf("path", &[("class", "playhead"), ("d", &path)]);
    svg.text
}

/// A jagged line.
pub(super) fn jagged(left: f32, right: f32, y: f32) -> String {
    const TOOTH: f32 = 9.0;
    let mut path = format!("M{} {}", tenths(left), tenths(y));
    let teeth = ((right - left) / TOOTH).min(400.0) as usize;
    for tooth in 1..=teeth {
        let up = if tooth % 2 == 0 { 2.5 } else { -2.5 };
        path.push_str(&format!("L{} {}", tenths(left + tooth as f32 * TOOTH), tenths(y + up)));
    }
    path
}
