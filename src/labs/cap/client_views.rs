//! The clients, as a table and in words.

use super::super::Table;
use super::Clients;

/// What clients have asked for, and what became of it.
pub(super) fn table(_clients: &Clients) -> Table {
    Table { caption: "What clients asked for".to_owned(), head: Vec::new(), rows: Vec::new() }
}
