//! What the protocol promises, each with a tick or with its first breach.

use yew::Html;

use crate::labs::{Breach, LabWords, Promise};
use crate::text;
use crate::ui::tree::{Tree, named};

/// The promises, folded away while all of them are kept.
pub(crate) fn promises(words: &LabWords, promises: &[Promise]) -> Html {
    let broken = promises.iter().filter(|promise| promise.broken.is_some()).count();
    let (state, verdict) = match broken {
        0 => ("kept", text::all_kept(promises.len())),
        _ => ("broken", text::some_broken(broken, promises.len())),
    };
    let open = (broken > 0).then_some("open");
    let mut tree = Tree::default();
    let named = named!["class" = "panel promises", "data-promises" = state, "open" = open];
    tree.open("details", named);
    folded(&mut tree, words.promises, &verdict);
    tree.words("p", named![], words.judged);
    tree.open("ul", named![]);
    for (place, promise) in promises.iter().enumerate() {
        promise_view(&mut tree, place, promise);
    }
    tree.close();
    tree.close();
    tree.html()
}

/// What is seen of a panel that is folded: what it is about, and how that stands.
pub(super) fn folded(tree: &mut Tree, about: &str, verdict: &str) {
    tree.open("summary", named![]);
    tree.text(about);
    tree.text(" ");
    tree.words("span", named!["class" = "verdict"], verdict);
    tree.close();
}

fn promise_view(tree: &mut Tree, place: usize, promise: &Promise) {
    let (state, tick) = if promise.broken.is_some() { ("broken", "✗") } else { ("kept", "✓") };
    let weight = if promise.is_main { "main" } else { "other" };
    tree.open("li", named!["data-promise" = state, "data-weight" = weight]);
    tree.words("span", named!["class" = "tick", "aria-hidden" = "true"], tick);
    tree.open("span", named![]);
    tree.words("b", named![], promise.name);
    tree.words("small", named![], promise.says);
    if let Some(Breach { at_us, finding, .. }) = &promise.broken {
        let broken = text::broken_at(*at_us, finding);
        tree.words("em", named![], &broken);
        let place = place.to_string();
        let jump = named!["class" = "toggle", "data-jump" = place.as_str()];
        tree.words("button", jump, text::JUMP);
    }
    tree.close();
    tree.close();
}
