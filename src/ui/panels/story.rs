//! The last things that happened, each with the rule behind it.

use yew::prelude::*;

use crate::labs::StoryLine;
use crate::scene::svg::tone_name;
use crate::ui::text;

/// The story, the newest line on top.
pub(crate) fn story(lines: &[StoryLine]) -> Html {
    html! {
        <section class="panel story" aria-label={text::STORY}>
            <h2>{ text::STORY }</h2>
            if lines.is_empty() {
                <p class="quiet">{ text::STORY_EMPTY }</p>
            }
            <ol>
                for line in lines.iter().rev() {
                    <li key={line.record.0.to_string()} data-tone={tone_name(line.tone)}>
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
