//! What the page and the lens call things when they talk to each other. Both use this file.
//!
//! A name is a letter and up to two numbers with a point between them:
//!
//! ```text
//! things     n3 server      m17 message    r17 record        e5.2 entry, by index and term
//!            q4 request
//! targets    n3 server      m17 message    k1.2 link         u1 or u1.2 client, and whom it asks
//!            s the stage    x3.1 a further list of choices for a server
//! questions  o3 role        w17 record     c3.7 entry, by server and index
//!            l no leader    q4 request
//! ```

use crate::labs::Question;
use crate::scene::{EntryName, Target, Thing};
use crate::sim::{NodeId, RecordId};
use crate::small_text::number;

/// Something with a name that both sides know.
pub trait Named: Sized {
    /// The letter and the numbers.
    fn parts(&self) -> (char, Option<u64>, Option<u64>);

    /// What has such a name.
    fn of_parts(letter: char, first: Option<u64>, second: Option<u64>) -> Option<Self>;
}

/// The name of a thing, a target or a question.
pub fn name(named: &impl Named) -> String {
    let (letter, first, second) = named.parts();
    let mut text = String::from(letter);
    if let Some(first) = first {
        text.push_str(&first.to_string());
    }
    if let Some(second) = second {
        text.push('.');
        text.push_str(&second.to_string());
    }
    text
}

/// What has this name. `None` if nothing has.
pub fn named<T: Named>(text: &str) -> Option<T> {
    let mut letters = text.chars();
    let letter = letters.next()?;
    let numbers = letters.as_str();
    if numbers.is_empty() {
        return T::of_parts(letter, None, None);
    }
    let (first, second) = match numbers.split_once('.') {
        Some((first, second)) => (first, Some(number(second)?)),
        None => (numbers, None),
    };
    T::of_parts(letter, Some(number(first)?), second)
}

impl Named for Thing {
    fn parts(&self) -> (char, Option<u64>, Option<u64>) {
        match *self {
            Thing::Node(node) => ('n', Some(node.0.into()), None),
            Thing::Message(record) => ('m', Some(record.0.into()), None),
            Thing::Record(record) => ('r', Some(record.0.into()), None),
            Thing::Entry(entry) => ('e', Some(entry.index), Some(entry.term)),
            Thing::Request(number) => ('q', Some(number), None),
        }
    }

    fn of_parts(letter: char, first: Option<u64>, second: Option<u64>) -> Option<Thing> {
        match (letter, first?, second) {
            ('n', node, None) => Some(Thing::Node(server(node)?)),
            ('m', id, None) => Some(Thing::Message(record(id)?)),
            ('r', id, None) => Some(Thing::Record(record(id)?)),
            ('q', number, None) => Some(Thing::Request(number)),
            ('e', index, Some(term)) => Some(Thing::Entry(EntryName { index, term })),
            _ => None,
        }
    }
}

impl Named for Target {
    fn parts(&self) -> (char, Option<u64>, Option<u64>) {
        match *self {
            Target::Stage => ('s', None, None),
            Target::Node(node) => ('n', Some(node.0.into()), None),
            Target::Link(a, b) => ('k', Some(a.0.into()), Some(b.0.into())),
            Target::Message(id) => ('m', Some(id.0.into()), None),
            Target::Client(client, via) => {
                ('u', Some(client.into()), via.map(|node| node.0.into()))
            }
            Target::More(node, list) => ('x', Some(node.0.into()), Some(list.into())),
        }
    }

    fn of_parts(letter: char, first: Option<u64>, second: Option<u64>) -> Option<Target> {
        let Some(first) = first else {
            return (letter == 's').then_some(Target::Stage);
        };
        match (letter, second) {
            ('n', None) => Some(Target::Node(server(first)?)),
            ('k', Some(other)) => Some(Target::Link(server(first)?, server(other)?)),
            ('m', None) => Some(Target::Message(record(first)?)),
            ('u', None) => Some(Target::Client(first.try_into().ok()?, None)),
            ('u', Some(via)) => Some(Target::Client(first.try_into().ok()?, Some(server(via)?))),
            ('x', Some(list)) => Some(Target::More(server(first)?, list.try_into().ok()?)),
            _ => None,
        }
    }
}

impl Named for Question {
    fn parts(&self) -> (char, Option<u64>, Option<u64>) {
        match *self {
            Question::Role(node) => ('o', Some(node.0.into()), None),
            Question::Record(id) => ('w', Some(id.0.into()), None),
            Question::Entry { node, index } => ('c', Some(node.0.into()), Some(index)),
            Question::Cell { node, key } => ('h', Some(node.0.into()), Some(key)),
            Question::NoLeader => ('l', None, None),
            Question::Request(number) => ('q', Some(number), None),
        }
    }

    fn of_parts(letter: char, first: Option<u64>, second: Option<u64>) -> Option<Question> {
        let Some(first) = first else {
            return (letter == 'l').then_some(Question::NoLeader);
        };
        match (letter, second) {
            ('o', None) => Some(Question::Role(server(first)?)),
            ('w', None) => Some(Question::Record(record(first)?)),
            ('c', Some(index)) => Some(Question::Entry { node: server(first)?, index }),
            ('h', Some(key)) => Some(Question::Cell { node: server(first)?, key }),
            ('q', None) => Some(Question::Request(first)),
            _ => None,
        }
    }
}

fn server(number: u64) -> Option<NodeId> {
    number.try_into().ok().map(NodeId)
}

fn record(number: u64) -> Option<RecordId> {
    number.try_into().ok().map(RecordId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let (a, b, id) = (NodeId(0), NodeId(255), RecordId(u32::MAX));
        let entry = EntryName { index: u64::MAX, term: 7 };
        for thing in [
            Thing::Node(b),
            Thing::Message(id),
            Thing::Record(id),
            Thing::Entry(entry),
            Thing::Request(u64::MAX),
        ] {
            assert_eq!(named(&name(&thing)), Some(thing));
        }
        for target in [
            Target::Stage,
            Target::Node(a),
            Target::Link(a, b),
            Target::Message(id),
            Target::Client(3, None),
            Target::Client(3, Some(b)),
            Target::More(b, 9),
        ] {
            assert_eq!(named(&name(&target)), Some(target));
        }
        for question in [
            Question::Role(b),
            Question::Record(id),
            Question::Entry { node: a, index: u64::MAX },
            Question::Cell { node: a, key: 3 },
            Question::NoLeader,
            Question::Request(12),
        ] {
            assert_eq!(named(&name(&question)), Some(question));
        }
    }

    #[test]
    fn what_is_no_name_names_nothing() {
        for text in ["", "n", "n256", "m-1", "m4294967296", "e5", "e5.", "s1", "ä", "n1.2", "k1"] {
            assert_eq!(named::<Thing>(text), None, "{text}");
            assert_eq!(named::<Question>(text), None, "{text}");
            assert_eq!(named::<Target>(text), None, "{text}");
        }
    }
}
