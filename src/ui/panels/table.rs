//! The picture's twin: the same state as a table, for everyone who would rather read.

use yew::prelude::*;

use crate::labs::Table;
use crate::ui::text;

/// The table, folded away until it is wanted.
pub(crate) fn table(table: &Table) -> Html {
    let Table { caption, head, rows } = table;
    html! {
        <details class="panel table">
            <summary>{ text::TABLE }</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label={text::TABLE}>
                <table>
                    <caption>{ caption.clone() }</caption>
                    <thead>
                        <tr>for title in head { <th scope="col">{ *title }</th> }</tr>
                    </thead>
                    <tbody>
                        for row in rows { { table_row(row) } }
                    </tbody>
                </table>
            </div>
        </details>
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
