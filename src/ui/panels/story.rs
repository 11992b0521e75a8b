//! The last things that happened, each with the rule behind it.

use yew::prelude::*;

use crate::labs::{Breach, StoryLine};
use crate::scene::{Tone, svg::tone_name};
use crate::ui::text;

/// The story, the newest line on top. `jumped` is the breach that is being looked at, under its
/// promise's name: it comes before all else, and the line of its record is marked.
pub(crate) fn story(lines: &[StoryLine], jumped: Option<&(&'static str, Breach)>) -> Html {
    let marked = jumped.map(|(_, breach)| breach.record);
    html! {
        <section class="panel story" aria-label={text::STORY}>
            <h2>{ text::STORY }</h2>
            if lines.is_empty() {
                <p class="quiet">{ text::STORY_EMPTY }</p>
            }
            <ol>
                if let Some((name, breach)) = jumped {
                    <li key="breach" data-tone={tone_name(Tone::Bad)} aria-current="true">
                        <span class="when">{ milliseconds(breach.at_us) }</span>
                        <span><b>{ *name }</b>{ ": " }{ breach.finding.clone() }{ "." }</span>
                    </li>
                }
                for line in lines.iter().rev() {
                    <li key={line.record.0.to_string()} data-tone={tone_name(line.tone)}
                        aria-current={(marked == Some(line.record)).then_some("true")}>
                        <span class="when">{ milliseconds(line.at_us) }</span>
                        <span>
                            { line.text.clone() }
                            if let Some(section) = line.section {
                                { " " }<cite>{ section }</cite>
                            }
                        </span>
                    </li>
                }
            </ol>
        </section>
    }
}

/// An instant as people read it: `117.3 ms`.
pub(crate) fn milliseconds(at_us: u64) -> String {
    format!("{}.{} ms", at_us / 1_000, at_us % 1_000 / 100)
}
