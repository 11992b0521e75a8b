//! A run as a [Mermaid sequence diagram](https://mermaid.js.org/syntax/sequenceDiagram.html), which
//! many wikis and code hosts draw by themselves.
//!
//! | arrow | meaning |
//! |---|---|
//! | `->>` | a request arrived |
//! | `-->>` | an answer arrived |
//! | `-x`, `--x` | it was lost, with the reason |
//! | `-)`, `--)` | it is still on its way at the end |
//!
//! Mermaid knows no slanted arrows, so a message stands where it arrives, or would have. Notes tell
//! of elections, crashes, cuts and what clients ask for. More than
//! [`MERMAID_MESSAGES`](super::limits::MERMAID_MESSAGES) messages nobody reads, and Mermaid itself
//! refuses long texts: heartbeats and answers without news go first, then the latest, and the
//! diagram says how many.

use super::{Recording, limits};
use crate::labs::exported::{Part, Told};
use crate::scenario::FaultAct;
use crate::scene::Window;
use crate::scene::space_time::Weight;
use crate::sim::{NodeId, RecordId};

/// The part of a run as a sequence diagram.
pub fn mermaid(recording: &Recording, window: Window) -> String {
    let (mut messages, notes) = collect(recording, window);
    let all = messages.len();
    for least in [Weight::Normal, Weight::Strong] {
        if messages.len() > limits::MERMAID_MESSAGES {
            messages.retain(|message| message.weight >= least);
        }
    }
    let first = messages.len().min(limits::MERMAID_MESSAGES);
    let cut_off_us = messages.get(first).map(|message| message.at_us);
    messages.truncate(first);
    let notes_in_all = notes.len();
    let lines = notes.into_iter().take(limits::MERMAID_NOTES).map(|note| (note.order, note.text));
    let mut lines: Vec<_> = lines.chain(messages.iter().map(|m| (m.order, m.line()))).collect();
    lines.sort_by_key(|(order, _)| *order);
    let mut text = String::from("sequenceDiagram\n");
    for node in (0..recording.servers()).map(NodeId) {
        text.push_str(&format!("    participant {node}\n"));
    }
    for (_, line) in lines {
        text.push_str(&format!("    {line}\n"));
    }
    let last = NodeId(recording.servers().saturating_sub(1));
    let left_out = all - messages.len();
    if left_out > 0 {
        let from = match cut_off_us {
            Some(at_us) => format!(", all of them from {} on", millis(at_us)),
            None => String::new(),
        };
        let words = format!("{left_out} of {all} messages are left out{from}");
        text.push_str(&format!("    Note over {},{last}: {words}\n", NodeId(0)));
    }
    if notes_in_all > limits::MERMAID_NOTES {
        let words = format!("{} notes are left out", notes_in_all - limits::MERMAID_NOTES);
        text.push_str(&format!("    Note over {},{last}: {words}\n", NodeId(0)));
    }
    text
}

struct Message {
    /// Where it stands: the record of its end.
    order: RecordId,
    at_us: u64,
    from: NodeId,
    to: NodeId,
    is_answer: bool,
    weight: Weight,
    words: String,
    end: End,
}

enum End {
    Arrived,
    Lost(String),
    OnItsWay,
}

struct Note {
    order: RecordId,
    text: String,
}

impl Message {
    fn line(&self) -> String {
        let Message { from, to, words, .. } = self;
        let line = if self.is_answer { "--" } else { "-" };
        let words = clean(words);
        match &self.end {
            End::Arrived => format!("{from}{line}>>{to}: {words}"),
            End::Lost(why) => format!("{from}{line}x{to}: {words} ({why})"),
            End::OnItsWay => format!("{from}{line}){to}: {words} (on its way)"),
        }
    }
}

/// The messages that end in the window, or are on their way at its end, and the notes.
fn collect(recording: &Recording, window: Window) -> (Vec<Message>, Vec<Note>) {
    let (mut messages, mut notes): (Vec<Message>, Vec<Note>) = (Vec::new(), Vec::new());
    // What has left and not ended, in the order of its numbers.
    let mut open: Vec<(RecordId, Message)> = Vec::new();
    let everybody = (NodeId(0), NodeId(recording.servers().saturating_sub(1)));
    for (id, told) in recording.told().take_while(|(_, told)| told.at_us <= window.to_us) {
        match told.part {
            Part::Sent { from, to } | Part::Copied { from, to, .. } => {
                let at_us = told.at_us;
                let copied = match told.part {
                    Part::Copied { message, .. } => find(&open, message),
                    _ => None,
                };
                let words = match copied.map(|place| &open[place].1) {
                    Some(first) => format!("{} (copy)", first.words),
                    None => told.note.unwrap_or(told.words),
                };
                let (weight, is_answer, end) = (told.weight, told.is_answer, End::OnItsWay);
                let message = Message { order: id, at_us, from, to, is_answer, weight, words, end };
                open.push((id, message));
            }
            Part::Delivered { message, .. } | Part::Lost { message, .. } => {
                let Some(place) = find(&open, message) else {
                    continue;
                };
                let end = match told.part {
                    Part::Lost { .. } => End::Lost(reason(&told)),
                    _ => End::Arrived,
                };
                let (_, message) = open.remove(place);
                if told.at_us >= window.from_us {
                    let (order, at_us) = (id, told.at_us);
                    messages.push(Message { order, at_us, end, ..message });
                }
            }
            Part::At(_) | Part::Network if told.at_us >= window.from_us => {
                notes.extend(note(id, &told, everybody));
            }
            Part::At(_) | Part::Network => {}
        }
    }
    // What has not ended stands last.
    let order = RecordId(u32::MAX);
    messages.extend(open.into_iter().map(|(_, message)| Message { order, ..message }));
    (messages, notes)
}

fn find(open: &[(RecordId, Message)], message: RecordId) -> Option<usize> {
    open.binary_search_by_key(&message, |(id, _)| *id).ok()
}

fn reason(told: &Told) -> String {
    let found = told.fields.iter().find(|(name, _)| *name == "reason");
    match found {
        Some((_, crate::labs::exported::Datum::Text(why))) => why.replace('_', " "),
        _ => "lost".to_owned(),
    }
}

/// What a picture should point out: on a server, or over all of them if it is about links.
fn note(id: RecordId, told: &Told, (first, last): (NodeId, NodeId)) -> Option<Note> {
    let at = millis(told.at_us);
    let text = match (told.part, &told.fault, &told.note) {
        (Part::At(node), _, Some(words)) => {
            format!("Note over {node}: {at}<br/>{node} {}", clean(words))
        }
        (_, Some(fault), _) => {
            let act = clean(&FaultAct::of_fault(fault).to_string());
            format!("Note over {first},{last}: {at}<br/>{act}")
        }
        _ => return None,
    };
    Some(Note { order: id, text })
}

fn millis(us: u64) -> String {
    format!("{}.{:03} ms", us / 1_000, us % 1_000)
}

/// The letters that mean something to Mermaid, written by their numbers.
fn clean(words: &str) -> String {
    const MOST: usize = 120;
    let mut text = String::new();
    for letter in words.chars().take(MOST) {
        match letter {
            '#' | ';' | '<' | '>' | '&' | '"' | '%' => {
                text.push_str(&format!("#{};", u32::from(letter)));
            }
            '\n' | '\r' => text.push(' '),
            _ if letter.is_control() => {}
            _ => text.push(letter),
        }
    }
    text
}
