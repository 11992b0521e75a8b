//! The last things that happened, each with the rule behind it.

use yew::Html;

use crate::labs::{Breach, Question, StoryLine};
use crate::lens::words::name;
use crate::scene::{Tone, svg::tone_name};
use crate::text;
use crate::ui::tree::{Tree, named};

/// The story, the newest line on top. `jumped` is the breach that is being looked at, under its
/// promise's name: it comes before all else, and the line of its record is marked.
pub(crate) fn story(lines: &[StoryLine], jumped: Option<&(&'static str, Breach)>) -> Html {
    let marked = jumped.map(|(_, breach)| breach.record);
    let mut tree = Tree::default();
    tree.open("div", named!["class" = "panel story", "role" = "group", "aria-label" = text::STORY]);
    tree.words("h2", named![], text::STORY);
    if lines.is_empty() {
        tree.words("p", named!["class" = "quiet"], text::STORY_EMPTY);
    }
    tree.open("ol", named![]);
    if let Some((name, breach)) = jumped {
        let named = named!["data-tone" = tone_name(Tone::Bad), "aria-current" = "true"];
        tree.open("li", named);
        tree.key("breach");
        tree.words("span", named!["class" = "when"], &text::milliseconds(breach.at_us));
        tree.open("span", named![]);
        tree.words("b", named![], name);
        tree.text(&format!(": {}.", breach.finding));
        tree.close();
        tree.close();
    }
    for line in lines.iter().rev() {
        let current = (marked == Some(line.record)).then_some("true");
        let named = named!["data-tone" = tone_name(line.tone), "aria-current" = current];
        tree.open("li", named);
        tree.key(&line.record.0.to_string());
        tree.words("span", named!["class" = "when"], &text::milliseconds(line.at_us));
        tree.open("span", named![]);
        tree.text(&line.text);
        if let Some(section) = line.section {
            tree.text(" ");
            tree.words("cite", named![], section);
        }
        tree.text(" ");
        let question = name(&Question::Record(line.record));
        let named = named!["class" = "ask", "data-ask" = question.as_str()];
        tree.words("button", named, text::WHY);
        tree.close();
        tree.close();
    }
    tree.close();
    tree.close();
    tree.html()
}
