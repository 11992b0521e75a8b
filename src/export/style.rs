//! The looks of a picture that stands alone: the rules of the page's own style sheets that it
//! needs, and no others.
//!
//! The page's colours are pairs, `light-dark(…, …)`. A picture in an `<img>` is on the safe side
//! with `prefers-color-scheme`, so the dark ones are said again under it. What moves or reacts on
//! the page (animations, transitions, cursors) is left out.

const PAGE: &str = include_str!("../../static/rift.css");
const VIEWS: &str = include_str!("../../static/views.css");
const PLOTS: &str = include_str!("../../static/plots.css");
const LENS: &str = include_str!("../../static/lens.css");
const CAP: &str = include_str!("../../static/cap.css");
const CALLS: &str = include_str!("../../static/calls.css");
const BREAKER: &str = include_str!("../../static/breaker.css");

/// Properties that mean nothing in a picture.
const DROPPED: [&str; 9] = [
    "animation",
    "cursor",
    "outline",
    "pointer-events",
    "touch-action",
    "transition",
    "user-select",
    "-webkit-user-select",
    "-webkit-touch-callout",
];

/// The rules that `markup` needs, and `own` rules that it brings.
pub(super) fn style(markup: &str, own: &str) -> String {
    let sheets = [PAGE, VIEWS, PLOTS, LENS, CAP, CALLS, BREAKER].map(without_comments);
    let page = &sheets[0];
    let mut kept = String::new();
    for (selectors, body) in sheets.iter().flat_map(|css| rules(css)) {
        let fitting: Vec<&str> =
            selectors.split(',').map(str::trim).filter(|one| is_needed(one, markup)).collect();
        if !fitting.is_empty() {
            push_rule(&mut kept, &fitting.join(","), declarations(body));
        }
    }
    kept.push_str(own);
    let mut text = String::new();
    push_rule(&mut text, ":root", colours(page, &kept));
    text.push_str(&kept);
    let mut dark = String::new();
    for (selectors, body) in rules(&text) {
        let pairs = declarations(body).into_iter().filter(|(_, value)| value.contains(PAIR));
        push_rule(&mut dark, selectors, pairs.collect());
    }
    let (light, dark) = (one_side(&text, false), one_side(&dark, true));
    format!("{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n")
}

const PAIR: &str = "light-dark(";

fn push_rule(text: &mut String, selectors: &str, declarations: Vec<(&str, &str)>) {
    if !declarations.is_empty() {
        let body = declarations.iter().map(|(name, value)| format!("{name}:{value};"));
        text.push_str(&format!("{selectors}{{{}}}\n", body.collect::<String>()));
    }
}

fn without_comments(css: &str) -> String {
    let mut text = String::new();
    let mut rest = css;
    while let Some((before, behind)) = rest.split_once("/*") {
        text.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, after)| after);
    }
    text + rest
}

/// The plain rules: selectors and body. What stands under an `@` is passed over.
fn rules(css: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = css;
    while let Some(open) = rest.find('{') {
        let selectors = rest[..open].trim();
        let mut depth = 0;
        let close = rest[open..].char_indices().find(|(_, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let Some((close, _)) = close else {
            break;
        };
        if !selectors.starts_with('@') {
            found.push((selectors, &rest[open + 1..open + close]));
        }
        rest = &rest[open + close + 1..];
    }
    found
}

fn declarations(body: &str) -> Vec<(&str, &str)> {
    let pairs = body.split(';').filter_map(|one| one.split_once(':'));
    let trimmed = pairs.map(|(name, value)| (name.trim(), value.trim()));
    trimmed.filter(|(name, _)| !DROPPED.contains(name)).collect()
}

/// Whether the classes and attributes of a selector all occur in the picture. One that has none, or
/// asks for a state such as `:hover`, is about the page.
fn is_needed(selector: &str, markup: &str) -> bool {
    if selector.contains(':') || !selector.contains(['.', '[']) {
        return false;
    }
    let mut rest = selector;
    while let Some(at) = rest.find(['.', '[']) {
        let behind = &rest[at + 1..];
        let is_there = if rest[at..].starts_with('[') {
            let end = behind.find(']').unwrap_or(behind.len());
            rest = &behind[end..];
            markup.contains(&behind[..end])
        } else {
            let end = behind.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
            let end = end.unwrap_or(behind.len());
            rest = &behind[end..];
            has_class(markup, &behind[..end])
        };
        if !is_there {
            return false;
        }
    }
    true
}

fn has_class(markup: &str, class: &str) -> bool {
    let ends = |c: Option<char>| matches!(c, Some(' ' | '"'));
    markup.match_indices(class).any(|(at, _)| {
        ends(markup[..at].chars().next_back()) && ends(markup[at + class.len()..].chars().next())
    })
}

/// The page's named colours and fonts that `kept` uses.
fn colours<'a>(page: &'a str, kept: &str) -> Vec<(&'a str, &'a str)> {
    let mut named = Vec::new();
    for (_, body) in rules(page).into_iter().filter(|(selectors, _)| *selectors == ":root") {
        let used = |(name, _): &(&str, &str)| kept.contains(&format!("var({name})"));
        named.extend(declarations(body).into_iter().filter(used));
    }
    // A tone's colour is named by another colour, so this goes down once and no deeper.
    named
}

/// `light-dark(a, b)` as one of the two.
fn one_side(css: &str, dark: bool) -> String {
    let mut text = String::new();
    let mut rest = css;
    while let Some((before, behind)) = rest.split_once(PAIR) {
        text.push_str(before);
        let (pair, after) = behind.split_once(')').unwrap_or((behind, ""));
        let (light_one, dark_one) = pair.split_once(',').unwrap_or((pair, pair));
        text.push_str(if dark { dark_one.trim() } else { light_one.trim() });
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_gets_the_rules_it_needs_in_both_schemes() {
        let css = style("<g class=\"cell solid term-1\"><rect/></g>", "");
        assert!(css.contains(".cell.solid rect") || css.contains(".cell rect"), "{css}");
        assert!(css.contains(".term-1{--tint:#d8ebf7;}"), "{css}");
        assert!(css.contains("@media (prefers-color-scheme:dark){\n:root{--ink:#e6e8ec;"), "{css}");
        assert!(css.contains(".term-1{--tint:#1d4560;}"), "{css}");
        for absent in ["light-dark", "term-2", "cursor", "hover", ".menu", "body", "--paper"] {
            assert!(!css.contains(absent), "{absent}: {css}");
        }
    }

    #[test]
    fn selectors_are_needed_only_as_a_whole() {
        let markup = "<g class=\"node thick\" data-tone=\"calm\"/>";
        assert!(
            is_needed(".node.thick .node", markup) && is_needed("[data-tone=\"calm\"]", markup)
        );
        for other in [".nod", ".node .thin", "svg", ".node:hover", "[data-tone=\"bad\"]", "*"] {
            assert!(!is_needed(other, markup), "{other}");
        }
    }
}
