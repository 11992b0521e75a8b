//! What the shapes on the stage mean.

use yew::prelude::*;

use crate::labs::LegendItem;
use crate::scene::svg;
use crate::ui::text;

/// One line of shapes with their meanings, and how to read the rest.
pub(crate) fn legend(items: &[LegendItem], reading: &'static str) -> Html {
    html! {
        <div class="legend">
            <ul aria-label={text::LEGEND}>{ for items.iter().map(legend_item) }</ul>
            <p>{ reading }</p>
        </div>
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
