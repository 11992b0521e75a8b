//! What the shapes on the stage mean.

use yew::prelude::*;

use crate::labs::LegendItem;
use crate::ui::stage::{token_path, tone_class};
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
    let fill = if item.filled { "filled" } else { "hollow" };
    html! {
        <li>
            <svg viewBox="-11 -11 22 22" aria-hidden="true">
                <g class={classes!("token", fill, tone_class(item.tone))}>
                    <path class="token-shape" d={token_path(item.shape)} />
                </g>
            </svg>
            { item.meaning }
        </li>
    }
}
