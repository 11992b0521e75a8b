//! What can be waited for and expected: the lab's patterns, and the judges' promises.

use super::super::{Arg, Atom, Claim, Condition, Group, Wrong, promise_name};
use super::cursor::{Cursor, Parsed};
use super::wait;
use crate::check::Property;

pub(super) fn claim(line: &mut Cursor<'_>) -> Parsed<Claim> {
    if line.takes("now") {
        return Ok(Claim::Now(condition(line)?));
    }
    if line.takes("eventually") {
        return Ok(Claim::Eventually(wait(line)?));
    }
    if line.takes("never") {
        return Ok(Claim::Never(condition(line)?));
    }
    if line.takes("broken") {
        return match promise(line) {
            Some(property) => Ok(Claim::Broken(property)),
            None => line.expected(format!("a promise: {}", promises(line))),
        };
    }
    if !line.takes("always") {
        return line.expected("now, eventually, always, never or broken");
    }
    if line.takes("every-promise") {
        return Ok(Claim::AllKept);
    }
    if let Some(property) = promise(line) {
        return Ok(Claim::Kept(property));
    }
    match condition(line) {
        Ok(condition) => Ok(Claim::Always(condition)),
        Err(_) if !starts_a_condition(line) => {
            line.expected(format!("a condition, every-promise or a promise: {}", promises(line)))
        }
        Err(error) => Err(error),
    }
}

/// Takes the name of a promise, if one comes next.
fn promise(line: &mut Cursor<'_>) -> Option<Property> {
    let word = line.peek()?;
    let mut all = line.entry.promises.iter().copied();
    let found = all.find(|promise| promise_name(*promise) == word)?;
    line.skip();
    Some(found)
}

fn promises(line: &Cursor<'_>) -> String {
    let all = line.entry.promises.iter();
    all.map(|promise| promise_name(*promise)).collect::<Vec<String>>().join(", ")
}

pub(super) fn condition(line: &mut Cursor<'_>) -> Parsed<Condition> {
    let mut atoms = vec![atom(line)?];
    while line.takes("and") {
        atoms.push(atom(line)?);
    }
    Ok(Condition { atoms })
}

/// Of the patterns that fit, the longest.
fn atom(line: &mut Cursor<'_>) -> Parsed<Atom> {
    let not = line.takes("not");
    let mut best: Option<(Cursor<'_>, Atom)> = None;
    let mut furthest = None;
    for form in line.entry.forms {
        let mut here = line.clone();
        match pattern(&mut here, form.pattern) {
            Ok(args) => {
                let longer = |(best, _): &(Cursor<'_>, Atom)| here.tokens.len() < best.tokens.len();
                if best.as_ref().is_none_or(longer) {
                    best = Some((here, Atom { not, pattern: form.pattern, args }));
                }
            }
            Err(error) => {
                let left = here.tokens.len();
                let vague = matches!(error.wrong, Wrong::Expected { .. });
                if vague && left == line.tokens.len() {
                    continue;
                }
                if furthest.as_ref().is_none_or(|(least, _)| left < *least) {
                    furthest = Some((left, error));
                }
            }
        }
    }
    match (best, furthest) {
        (Some((after, atom)), _) => {
            *line = after;
            Ok(atom)
        }
        (None, Some((_, error))) => Err(error),
        (None, None) => {
            let patterns: Vec<&str> = line.entry.forms.iter().map(|form| form.pattern).collect();
            line.expected(format!("a condition: {}", patterns.join(", ")))
        }
    }
}

fn starts_a_condition(line: &Cursor<'_>) -> bool {
    let mut here = line.clone();
    here.takes("not");
    here.entry.forms.iter().any(|form| {
        let first = form.pattern.split(' ').next().unwrap_or_default();
        here.peek() == Some(first) || matches!(here.clone().maybe_who(), Ok(Some(_)) | Err(_))
    })
}

fn pattern(line: &mut Cursor<'_>, pattern: &str) -> Parsed<Vec<Arg>> {
    let mut args = Vec::new();
    for word in pattern.split(' ') {
        match word {
            "SERVER" => args.push(Arg::Server(line.who()?)),
            "GROUP" if line.takes("group") => {
                let number = line.number("the number of a group", 1, line.servers.into())?;
                args.push(Arg::Group(Group::OfCut(number as u8)));
            }
            "GROUP" => args.push(Arg::Group(Group::Of(line.members()?))),
            "CLIENT" => args.push(Arg::Client(line.client()?)),
            "N" => args.push(Arg::Number(line.number("a number", 0, u64::MAX)?)),
            "KEY" => args.push(Arg::Key(line.name()?)),
            "KEY=VALUE" => {
                let (key, value) = line.pair()?;
                args.push(Arg::Pair(key, value));
            }
            word => line.word(word)?,
        }
    }
    Ok(args)
}
