//! What the shapes on the stage mean.

use yew::prelude::*;

use crate::labs::LegendItem;
use crate::scene::svg;
use crate::ui::text;

/// One line of shapes with their meanings.
pub(crate) fn legend(items: &[LegendItem]) -> Html {
    html! {
        <ul class="legend" aria-label={text::LEGEND}>
            for item in items { { legend_item(item) } }
        </ul>
    }
}

fn legend_item(item: &LegendItem) -> Html {
    let glyph = svg::glyph(item.shape, item.tone, item.filled);
    html! {
        <li>
            <svg viewBox="-11 -11 22 22" aria-hidden="true">
                { Html::from_html_unchecked(glyph.into()) }
            </svg>
            { item.meaning }
        </li>
    }
}
