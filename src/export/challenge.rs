//! Challenges as a page needs them: what each wants, how it begins, and how far a run has come.

use super::json;
use crate::labs::SCRIPTED;
use crate::labs::exported::{Datum, Field};
use crate::link::Link;
use crate::scenario::challenge::{Foul, Grade, Grader, Terms, beginning};
use crate::scenario::{parse, print_time};
use crate::session::Run;
use crate::text::files;
use crate::timeline::{BranchId, Tree};

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

/// All that ship, as a JSON list: name, lab, title, goal, its parts, the rules, and the run before
/// anybody has done anything, as a link.
///
/// # Errors
///
/// In words, which one cannot be told and why.
pub fn challenges() -> Result<String, String> {
    let mut list = String::from("[");
    for shipped in SCRIPTED.iter().flat_map(|entry| entry.challenges) {
        let said = |why: &dyn ToString| format!("{}: {}", shipped.name, why.to_string());
        let scenario = parse(shipped.text).map_err(|why| said(&why))?;
        let begun = beginning(&scenario).ok_or_else(|| said(&"it does not begin"))?;
        let (Run { lab, settings, actions }, at_us) = begun;
        let (tree, branch) = (Tree::of_actions(actions), BranchId::FIRST);
        let run = Link { lab, settings, tree, branch, at_us, beside: None };
        let terms = Terms::of(&scenario);
        let texts = |all: &[String]| Datum::List(all.iter().map(|it| text(it)).collect());
        let fields: [Field; 7] = [
            ("name", text(shipped.name)),
            ("lab", text(lab)),
            ("title", text(&scenario.title)),
            ("goal", text(&scenario.goal)),
            ("tasks", texts(&terms.tasks)),
            ("rules", texts(&rules(&terms))),
            ("run", text(&run.to_text())),
        ];
        list.push_str(if list.len() > 1 { ",\n" } else { "\n" });
        json::object(&mut list, &fields);
    }
    list.push_str("\n]\n");
    Ok(list)
}

/// The rules in words, with what is forbidden as one of them.
fn rules(terms: &Terms) -> Vec<String> {
    let mut rules = terms.rules.clone();
    let words: Vec<String> = terms.forbids.iter().map(|kind| files::forbidden(kind)).collect();
    if !words.is_empty() {
        rules.push(files::not_allowed(&words.join(", ")));
    }
    rules
}

/// A grade of the run that a link leads to, as JSON: `doneUs`, `acts`, `tasks` as instants or
/// `null`, and `foul`, why the run no longer counts.
pub fn graded(grader: &mut Grader, link: &Link) -> String {
    let actions = link.tree.branch(link.branch).map_or_else(Vec::new, |it| it.actions.clone());
    let run = Run { lab: link.lab, settings: link.settings.clone(), actions };
    let grade = grader.grade(&run, link.at_us);
    let instant = |us: Option<u64>| us.map_or(Datum::Null, Datum::Number);
    let foul = foul(grader, &grade);
    let fields: [Field; 4] = [
        ("doneUs", instant(grade.done_us())),
        ("acts", Datum::Number(grade.acts as u64)),
        ("tasks", Datum::List(grade.tasks.iter().map(|us| instant(*us)).collect())),
        ("foul", foul.map_or(Datum::Null, Datum::Text)),
    ];
    let mut json = String::new();
    json::object(&mut json, &fields);
    json
}

fn foul(grader: &Grader, grade: &Grade) -> Option<String> {
    Some(match grade.foul.as_ref()? {
        Foul::AnotherRun => files::ANOTHER_RUN.to_owned(),
        Foul::Forbidden(kind, at_us) => {
            files::against_the_rules(&print_time(*at_us), &files::forbidden(kind))
        }
        Foul::Rule(place) => {
            let rules = Terms::of(grader.challenge()).rules;
            files::rule_broken(rules.get(*place).map_or(files::SOME_RULE, String::as_str))
        }
        Foul::Stuck => files::STUCK.to_owned(),
    })
}
