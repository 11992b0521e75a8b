//! The picture's twin: the same state as a table, for everyone who would rather read.

use yew::Html;

use crate::labs::Table;
use crate::text;
use crate::ui::tree::{Tree, named};

/// The tables, folded away until they are wanted.
pub(crate) fn tables(tables: &[Table]) -> Html {
    let mut tree = Tree::default();
    tree.open("details", named!["class" = "panel table"]);
    tree.words("summary", named![], text::TABLE);
    let named = named![
        "class" = "table-scroll",
        "tabindex" = "0",
        "role" = "region",
        "aria-label" = text::TABLE
    ];
    tree.open("div", named);
    for table in tables {
        table_view(&mut tree, table);
    }
    tree.close();
    tree.close();
    tree.html()
}

fn table_view(tree: &mut Tree, Table { caption, head, rows }: &Table) {
    tree.open("table", named![]);
    tree.words("caption", named![], caption);
    tree.open("thead", named![]);
    tree.open("tr", named![]);
    for title in head {
        tree.words("th", named!["scope" = "col"], title);
    }
    tree.close();
    tree.close();
    tree.open("tbody", named![]);
    for row in rows {
        table_row(tree, row);
    }
    tree.close();
    tree.close();
}

fn table_row(tree: &mut Tree, row: &[String]) {
    let (name, rest) = row.split_first().map_or(("", row), |(name, rest)| (name.as_str(), rest));
    tree.open("tr", named!["data-row" = name]);
    tree.words("th", named!["scope" = "row"], name);
    for cell in rest {
        tree.words("td", named![], cell);
    }
    tree.close();
}
