//! A plot once more, as a table.

use super::{CurvePlot, PlanePlot};

/// A table: its head, and its rows, the first cell of each naming it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// What the columns are.
    pub head: Vec<String>,
    /// As many cells each as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl Rows {
    /// The curves at some places of the axis, a column a curve.
    pub fn of_curves(plot: &CurvePlot, places: &[u64]) -> Rows {
        let names = plot.curves.iter().map(|curve| curve.name.clone());
        let head = [plot.x.title.clone()].into_iter().chain(names).collect();
        let unit = plot.y.scale.unit;
        let rows = places.iter().map(|place| {
            let cells = plot.curves.iter().map(|curve| {
                let Some(value) = curve.at(*place) else {
                    return "–".to_owned();
                };
                match curve.bounds_at(*place) {
                    Some((low, high)) => {
                        let (low, high) = (unit.words(low), unit.words(high));
                        [&unit.words(value), " (", &low, " to ", &high, ")"].concat()
                    }
                    None => unit.words(value),
                }
            });
            [plot.x.scale.unit.words(*place)].into_iter().chain(cells).collect()
        });
        Rows { head, rows: rows.collect() }
    }

    /// The points of a plane, a row a point.
    pub fn of_plane(plot: &PlanePlot) -> Rows {
        let head = vec![String::new(), plot.x.title.clone(), plot.y.title.clone()];
        let rows = plot.dots.iter().map(|dot| {
            let (x, y) = dot.at;
            vec![dot.label.clone(), plot.x.scale.unit.words(x), plot.y.scale.unit.words(y)]
        });
        Rows { head, rows: rows.collect() }
    }
}
