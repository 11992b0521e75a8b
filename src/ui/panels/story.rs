//! The last things that happened, each with the rule behind it.

use yew::Html;

use crate::labs::StoryLine;
use crate::scene::svg::tone_name;
use crate::ui::text;
use crate::ui::tree::{Tree, named};

/// The story, the newest line on top.
pub(crate) fn story(lines: &[StoryLine]) -> Html {
    let mut tree = Tree::default();
    tree.open("section", named!["class" = "panel story", "aria-label" = text::STORY]);
    tree.words("h2", named![], text::STORY);
    if lines.is_empty() {
        tree.words("p", named!["class" = "quiet"], text::STORY_EMPTY);
    }
    tree.open("ol", named![]);
    for line in lines.iter().rev() {
        tree.open("li", named!["data-tone" = tone_name(line.tone)]);
        tree.key(&line.record.0.to_string());
        tree.words("span", named!["class" = "when"], &milliseconds(line.at_us));
        tree.open("span", named![]);
        tree.text(&line.text);
        if let Some(section) = line.section {
            tree.text(" ");
            tree.words("cite", named![], section);
        }
        tree.close();
        tree.close();
    }
    tree.close();
    tree.close();
    tree.html()
}

/// An instant as people read it: `117.3 ms`.
pub(crate) fn milliseconds(at_us: u64) -> String {
    format!("{}.{} ms", at_us / 1_000, at_us % 1_000 / 100)
}
