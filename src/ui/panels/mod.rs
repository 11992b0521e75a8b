//! What stands beside and below the stage.

mod legend;
mod story;
mod table;
mod tasks;

pub(crate) use legend::Legend;
pub(crate) use story::{Story, milliseconds};
pub(crate) use table::StateTable;
pub(crate) use tasks::Tasks;
