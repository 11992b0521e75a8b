//! What the protocol promises, each with a tick or with its first breach.

use yew::prelude::*;

use super::story::milliseconds;
use crate::labs::Promise;
use crate::ui::text;

/// The promises, folded away while all of them are kept.
pub(crate) fn promises(promises: &[Promise]) -> Html {
    let broken = promises.iter().filter(|promise| promise.broken.is_some()).count();
    let (state, verdict) = match broken {
        0 => ("kept", format!("all {} kept", promises.len())),
        _ => ("broken", format!("{broken} of {} broken", promises.len())),
    };
    html! {
        <details class="panel promises" data-promises={state} open={broken > 0}>
            <summary>{ text::PROMISES }{ " " }<span class="verdict">{ verdict }</span></summary>
            <p>{ text::PROMISES_HOW }</p>
            <ul>{ for promises.iter().enumerate().map(promise_view) }</ul>
        </details>
    }
}

fn promise_view((place, promise): (usize, &Promise)) -> Html {
    let state = if promise.broken.is_some() { "broken" } else { "kept" };
    let weight = if promise.is_main { "main" } else { "other" };
    html! {
        <li key={promise.name} data-promise={state} data-weight={weight}>
            <span class="tick" aria-hidden="true">
                { if promise.broken.is_some() { "✗" } else { "✓" } }
            </span>
            <span>
                <b>{ promise.name }</b>
                <small>{ promise.says }</small>
                if let Some(breach) = &promise.broken {
                    <em>
                        { format!("Broken at {}: {}.", milliseconds(breach.at_us), breach.finding) }
                    </em>
                    <button class="toggle" data-jump={place.to_string()}>{ text::JUMP }</button>
                }
            </span>
        </li>
    }
}
