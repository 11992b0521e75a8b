//! What stands beside and below the stage. Plain views: data in, markup out.

mod left_out;
mod legend;
mod promises;
mod settings;
mod story;
mod table;
mod tasks;
mod why;

pub(crate) use left_out::{left_out, planted};
pub(crate) use legend::legend;
pub(crate) use promises::promises;
pub(crate) use settings::{MEMBERS, is_of_servers, settings, shown_value};
pub(crate) use story::story;
pub(crate) use table::tables;
pub(crate) use tasks::tasks;
pub(crate) use why::{Why, why};
