//! The map of consistency models: which of them the run has not broken yet.

use super::super::systems::seconds;
use super::Shown;
use super::words::{Judged, anomaly, go, instant_us};
use crate::check::consistency::{IMPLIES, MODELS, MOST_JUDGED, Model, Standing};
use crate::scene::svg::Markup;

/// The four session guarantees, in the order of the badges.
pub(super) const SESSIONS: [Model; 4] = [
    Model::ReadYourWrites,
    Model::MonotonicReads,
    Model::MonotonicWrites,
    Model::WritesFollowReads,
];

/// What people call a model.
pub(super) fn title(model: Model) -> &'static str {
    match model {
        Model::Linearizable => "Linearizable",
        Model::Sequential => "Sequential",
        Model::Causal => "Causal memory",
        Model::CausalConvergence => "Causal convergence",
        Model::ReadYourWrites => "Read your writes",
        Model::MonotonicReads => "Monotonic reads",
        Model::MonotonicWrites => "Monotonic writes",
        Model::WritesFollowReads => "Writes follow reads",
        Model::Eventual => "Eventual",
    }
}

/// What a model promises.
pub(super) fn meaning(model: Model) -> &'static str {
    match model {
        Model::Linearizable => "as with one copy, in real time",
        Model::Sequential => "one order of everything for all, but not in real time",
        Model::Causal => "causes before effects, in an order of each client’s own",
        Model::CausalConvergence => "causes before effects, and one order of writes",
        Model::ReadYourWrites => "a client sees what it wrote",
        Model::MonotonicReads => "a client’s reads never go back",
        Model::MonotonicWrites => "who sees a write sees what its writer wrote before",
        Model::WritesFollowReads => "who sees a write sees what its writer had read",
        Model::Eventual => "once it is quiet, everybody reads the same",
    }
}

/// The middle of a model on the map, in hundredths of its width and height. The strongest are at
/// the top. The same places are in `static/lens.css`, by number.
fn place(model: Model) -> (u8, u8) {
    match model {
        Model::Linearizable => (50, 12),
        Model::Sequential => (37, 37),
        Model::Causal => (25, 62),
        Model::CausalConvergence => (50, 62),
        Model::Eventual => (87, 62),
        Model::ReadYourWrites => (12, 87),
        Model::MonotonicReads => (37, 87),
        Model::MonotonicWrites => (62, 87),
        Model::WritesFollowReads => (87, 87),
    }
}

/// The map as a list with lines behind it, the same for those who see it and those who hear it.
pub(super) fn draw(html: &mut Markup, judged: &Judged<'_>) {
    html.open("section", &[("class", "hl-models"), ("aria-label", "Map of consistency models")]);
    html.open("div", &[("class", "hl-map")]);
    let held = |model: Model| judged.live.standing(model) == Standing::Held;
    let frame = [("viewBox", "0 0 100 100"), ("preserveAspectRatio", "none")];
    html.open("svg", &[("class", "hl-edges"), ("aria-hidden", "true"), frame[0], frame[1]]);
    for lit in [false, true] {
        let mut path = String::new();
        for (from, to) in IMPLIES.iter().filter(|(from, to)| (held(*from) && held(*to)) == lit) {
            let ((x1, y1), (x2, y2)) = (place(*from), place(*to));
            path += &format!("M{x1} {y1}L{x2} {y2}");
        }
        let class = if lit { "hl-edge lit" } else { "hl-edge" };
        html.leaf("path", &[("class", class), ("d", &path)]);
    }
    html.close("svg");
    html.open("ul", &[]);
    let strongest = judged.live.strongest();
    for model in MODELS {
        item(html, judged, model, strongest.contains(&model));
    }
    html.close("ul");
    html.close("div");
    html.words("p", &[("class", "hl-key")], &key(&strongest));
    html.close("section");
}

/// What is left, in a sentence.
fn key(strongest: &[Model]) -> String {
    let names: Vec<&str> = strongest.iter().map(|model| title(*model)).collect();
    let left = match &names[..] {
        [] => return "Nothing on this map is left: the run has broken every model.".to_owned(),
        [only] if *only == title(Model::Linearizable) => {
            return "A model implies those that lines lead down to. All of them hold so far."
                .to_owned();
        }
        names => names.join(", "),
    };
    format!("A model implies those that lines lead down to. The strongest left (★): {left}.")
}

fn item(html: &mut Markup, judged: &Judged<'_>, model: Model, is_strongest: bool) {
    let number = (model as usize).to_string();
    let standing = judged.live.standing(model);
    let state = match standing {
        Standing::Held => "held",
        Standing::Broken { .. } => "broken",
        Standing::Undecided => "unknown",
    };
    let strongest = if is_strongest { "true" } else { "false" };
    let class = ["hl-model m", &number].concat();
    let item = [
        ("class", class.as_str()),
        ("data-state", state),
        ("data-strongest", strongest),
        ("title", meaning(model)),
    ];
    html.open("li", &item);
    match standing {
        Standing::Held => {
            let mark = if is_strongest { "★ " } else { "✓ " };
            html.words("b", &[], &[mark, title(model)].concat());
            let words = if is_strongest { ": the strongest left, " } else { ": not broken, " };
            hear(html, &[words, meaning(model)].concat());
        }
        Standing::Broken { since, witness } => {
            let since_us = instant_us(judged.cluster, since);
            let pressed = judged.shown == Some(Shown::Model(model));
            let label =
                format!("{}: broken, {}. Show by what", title(model), anomaly(witness.anomaly));
            let show = [
                ("data-look", &*["model=", &number].concat()),
                ("aria-pressed", if pressed { "true" } else { "false" }),
                ("aria-label", &label),
            ];
            html.words("button", &show, &["× ", title(model)].concat());
            if let Some(since_us) = since_us {
                go(html, since_us, &seconds(since_us));
            }
        }
        Standing::Undecided => {
            html.words("b", &[], &["? ", title(model)].concat());
            let words = format!(
                ": unknown, for the search used up its budget, or there are more than \
                {MOST_JUDGED} operations"
            );
            hear(html, &words);
        }
    }
    html.close("li");
}

fn hear(html: &mut Markup, words: &str) {
    html.words("span", &[("class", "visually-hidden")], words);
}
