//! The picture's twin: the same state as a table, for everyone who would rather read.

use yew::prelude::*;

use crate::labs::Table;
use crate::ui::text;

/// The tables, folded away until they are wanted.
pub(crate) fn tables(tables: &[Table]) -> Html {
    html! {
        <details class="panel table">
            <summary>{ text::TABLE }</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label={text::TABLE}>
                { for tables.iter().map(table_view) }
            </div>
        </details>
    }
}

fn table_view(table: &Table) -> Html {
    html! {
        <table>
            <caption>{ table.caption.clone() }</caption>
            <thead><tr>for title in &table.head { <th scope="col">{ *title }</th> }</tr></thead>
            <tbody>for row in &table.rows { { table_row(row) } }</tbody>
        </table>
    }
}

fn table_row(row: &[String]) -> Html {
    let (name, rest) = row.split_first().map_or(("", row), |(name, rest)| (name.as_str(), rest));
    html! {
        <tr data-row={name.to_owned()}>
            <th scope="row">{ name.to_owned() }</th>
            for cell in rest { <td>{ cell.clone() }</td> }
        </tr>
    }
}
