//! What the shapes on the stage mean.

use yew::Html;

use crate::labs::LegendItem;
use crate::scene::svg;
use crate::text;
use crate::ui::tree::{Tree, named};

/// One line of shapes with their meanings, and how to read the rest.
pub(crate) fn legend(items: &[LegendItem], reading: &'static str) -> Html {
    let mut tree = Tree::default();
    tree.open("div", named!["class" = "legend"]);
    tree.open("ul", named!["aria-label" = text::LEGEND]);
    for item in items {
        tree.open("li", named![]);
        tree.open("svg", named!["viewBox" = "-11 -11 22 22", "aria-hidden" = "true"]);
        tree.raw(&svg::glyph(item.shape, item.tone, item.filled));
        tree.close();
        tree.text(item.meaning);
        tree.close();
    }
    tree.close();
    tree.words("p", named![], reading);
    tree.close();
    tree.html()
}
