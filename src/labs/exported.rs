//! What a lab must tell so that its runs can be written down for other programs and for people.
//!
//! A run is told record by record, as plain data: [`Told`]. What the world knows of a record is
//! told here, by [`tell`]; a lab adds the [`Words`] of its protocol. The page's first download does
//! without all of this.

mod naming;

pub(super) use naming::{data, lists, names, numbers, objects, optional, variants};

use super::{Lab, LabSettings};
use crate::scene::space_time::Weight;
use crate::sim::{Delay, Fault, Happening, History, LossReason, NodeId, Process, RecordId};

/// A lab whose runs can be written down.
pub trait Exported {
    /// The lab.
    fn lab(&self) -> &dyn Lab;

    /// The lab, to be played on.
    fn lab_mut(&mut self) -> &mut dyn Lab;

    /// What a record tells. `None` if it is not known.
    fn told(&self, record: RecordId) -> Option<Told>;
}

/// A line of the list of labs whose runs can be written down.
pub struct ExportedEntry {
    /// The lab's name in the registry.
    pub lab: &'static str,
    /// Makes it.
    pub open: fn(&LabSettings) -> Box<dyn Exported>,
}

/// The labs whose runs can be written down: one line a lab.
pub const EXPORTED: &[ExportedEntry] = &[RAFT, CAP, EVENTS, BREAKER, WHOLE];
pub(super) const RAFT: ExportedEntry =
    ExportedEntry { lab: "raft", open: |settings| Box::new(super::raft::RaftLab::new(settings)) };
pub(super) const CAP: ExportedEntry =
    ExportedEntry { lab: "cap", open: |settings| Box::new(super::cap::CapLab::new(settings)) };
pub(super) const EVENTS: ExportedEntry = ExportedEntry {
    lab: "events",
    open: |settings| Box::new(super::events::EventLab::new(settings)),
};
pub(super) const BREAKER: ExportedEntry = ExportedEntry {
    lab: "breaker",
    open: |settings| Box::new(super::breaker::BreakerLab::new(settings)),
};
pub(super) const WHOLE: ExportedEntry = ExportedEntry {
    lab: "whole",
    open: |settings| Box::new(super::whole::WholeLab::new(settings)),
};

/// A record as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// The record without which it would not be.
    pub cause: Option<RecordId>,
    /// What sort of thing happened: one of the names in [`tell`].
    pub kind: &'static str,
    /// Who has a part in it.
    pub part: Part,
    /// The rest, by the field's names.
    pub fields: Vec<Field>,
    /// The same in a few words, on one line.
    pub words: String,
    /// A word or two for a picture, if a picture should point it out.
    pub note: Option<String>,
    /// Of a message: how much it tells.
    pub weight: Weight,
    /// Of a message: whether it answers another.
    pub is_answer: bool,
    /// The fault, if it is one.
    pub fault: Option<Fault>,
}

/// Who has a part in what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// It happened at a server.
    At(NodeId),
    /// It happened to links, or was done to a message on its way.
    Network,
    /// A message left.
    Sent {
        /// Its sender.
        from: NodeId,
        /// Its receiver.
        to: NodeId,
    },
    /// A copy of a message is on its way: this record names it.
    Copied {
        /// The first message.
        message: RecordId,
        /// Its sender.
        from: NodeId,
        /// Its receiver.
        to: NodeId,
    },
    /// A message, or a copy, arrived.
    Delivered {
        /// The message.
        message: RecordId,
        /// Its sender.
        from: NodeId,
        /// Its receiver.
        to: NodeId,
    },
    /// A message, or a copy, did not arrive.
    Lost {
        /// The message.
        message: RecordId,
        /// Its sender.
        from: NodeId,
        /// Its receiver.
        to: NodeId,
    },
}

/// A name and a value.
pub type Field = (&'static str, Datum);

/// A value of a field. There are no fractions, so nothing is ever rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Nothing, nobody.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A number that may be negative.
    Signed(i64),
    /// Text. Servers are `S1` and so on.
    Text(String),
    /// Several of the same.
    List(Vec<Datum>),
    /// Fields of its own.
    Object(Vec<Field>),
}

/// What a protocol says of a message, a request or a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub fields: Vec<Field>,
    /// See [`Told::note`].
    pub note: Option<String>,
}

/// The words of a protocol.
pub struct Words<P: Process> {
    /// A message.
    pub message: fn(&P::Message) -> Said,
    /// How much a message tells.
    pub weight: fn(&P::Message) -> Weight,
    /// Whether a message answers another.
    pub is_answer: fn(&P::Message) -> bool,
    /// What an application asks for.
    pub request: fn(&P::Request) -> Said,
    /// A decision.
    pub event: fn(&P::Event) -> Said,
}

/// What the record `id` tells. Its kind is one of `booted`, `fault`, `requested`, `sent`,
/// `duplicated`, `delivered`, `lost`, `deadline`, `write_started`, `write_synced`, `writes_kept`
/// and `decided`.
pub fn tell<P: Process>(history: &History<P>, id: RecordId, protocol: &Words<P>) -> Option<Told> {
    let record = history.get(id)?;
    let ends = |message: &RecordId| history.message(*message).map(|(from, to, _)| (from, to));
    let number = |number: u32| Datum::Number(number.into());
    let message = |id: RecordId| ("id_of_message", number(id.0));
    let (kind, part, said) = match &record.what {
        Happening::Booted { node, boot } => {
            let note = (*boot > 1).then(|| "starts again".to_owned());
            ("booted", Part::At(*node), said("", vec![("boot", number(*boot))], note))
        }
        Happening::Fault(fault) => {
            let part = fault.node().map_or(Part::Network, Part::At);
            ("fault", part, tell_fault(fault))
        }
        Happening::Requested { node, request } => {
            ("requested", Part::At(*node), (protocol.request)(request))
        }
        Happening::Sent { from, to, arrives_us, message } => {
            let mut said = (protocol.message)(message);
            said.fields.insert(0, ("arrives_us", Datum::Number(*arrives_us)));
            ("sent", Part::Sent { from: *from, to: *to }, said)
        }
        Happening::Duplicated { message: of, arrives_us } => {
            let (from, to) = ends(of)?;
            let fields = vec![message(*of), ("arrives_us", Datum::Number(*arrives_us))];
            ("duplicated", Part::Copied { message: *of, from, to }, said("", fields, None))
        }
        Happening::Delivered { message: of } => {
            let (from, to) = ends(of)?;
            let part = Part::Delivered { message: *of, from, to };
            ("delivered", part, said("", vec![message(*of)], None))
        }
        Happening::Lost { message: of, reason } => {
            let (from, to) = ends(of)?;
            let reason = ("reason", Datum::Text(loss_word(*reason).to_owned()));
            let part = Part::Lost { message: *of, from, to };
            ("lost", part, said("", vec![message(*of), reason], None))
        }
        Happening::Deadline { node } => ("deadline", Part::At(*node), said("", Vec::new(), None)),
        Happening::WriteStarted { node, write } => {
            let fields = vec![("write", Datum::Number(write.0))];
            ("write_started", Part::At(*node), said("", fields, None))
        }
        Happening::WriteSynced { node, write } => {
            let fields = vec![("write", Datum::Number(write.0))];
            ("write_synced", Part::At(*node), said("", fields, None))
        }
        Happening::WritesKept { node, whole, torn } => {
            let fields = vec![("whole", number(*whole)), ("torn", Datum::Flag(*torn))];
            ("writes_kept", Part::At(*node), said("", fields, None))
        }
        Happening::Decided { node, event } => ("decided", Part::At(*node), (protocol.event)(event)),
    };
    let carried = history.message(match part {
        Part::Delivered { message, .. }
        | Part::Lost { message, .. }
        | Part::Copied { message, .. } => message,
        _ => id,
    });
    let carries =
        carried.map_or(String::new(), |(.., message)| in_words(&(protocol.message)(message)));
    let words = match part {
        Part::Sent { to, .. } => format!("sends to {to}: {carries}"),
        Part::Copied { from, to, .. } => {
            format!("doubles a message from {from} to {to}: {carries}")
        }
        Part::Delivered { from, .. } => format!("receives from {from}: {carries}"),
        Part::Lost { from, to, .. } => {
            let reason = if let Happening::Lost { reason, .. } = &record.what {
                loss_word(*reason)
            } else {
                ""
            };
            format!("loses ({reason}) from {from} to {to}: {carries}")
        }
        Part::At(_) | Part::Network if said.name.is_empty() => {
            in_words(&Said { name: kind, ..said.clone() })
        }
        Part::At(_) | Part::Network => format!("{kind} {}", in_words(&said)),
    };
    let Said { name, mut fields, note } = said;
    if !name.is_empty() {
        fields.insert(0, (name_of_name(kind), Datum::Text(name.to_owned())));
    }
    Some(Told {
        at_us: record.at_us,
        cause: record.cause,
        kind,
        part,
        fields,
        words,
        note,
        weight: carried.map_or(Weight::Strong, |(.., message)| (protocol.weight)(message)),
        is_answer: carried.is_some_and(|(.., message)| (protocol.is_answer)(message)),
        fault: if let Happening::Fault(fault) = &record.what { Some(fault.clone()) } else { None },
    })
}

fn name_of_name(kind: &str) -> &'static str {
    match kind {
        "sent" => "message",
        "requested" => "ask",
        "fault" => "fault",
        _ => "event",
    }
}

fn said(name: &'static str, fields: Vec<Field>, note: Option<String>) -> Said {
    Said { name, fields, note }
}

/// A name and its plain fields: `BecameLeader term=2 votes=3`.
fn in_words(said: &Said) -> String {
    let mut words = said.name.to_owned();
    for (name, datum) in &said.fields {
        let value = match datum {
            Datum::Flag(flag) => flag.to_string(),
            Datum::Number(number) => number.to_string(),
            Datum::Signed(number) => number.to_string(),
            Datum::Text(text) => text.chars().filter(|c| !c.is_control()).collect(),
            Datum::List(list) => format!("[{}]", list.len()),
            // What has parts has a name first.
            Datum::Object(fields) => match fields.first() {
                Some((_, Datum::Text(text))) => text.clone(),
                _ => continue,
            },
            Datum::Null => continue,
        };
        if *name != "arrives_us" {
            words.push_str(&format!(" {name}={value}"));
        }
    }
    words
}

/// Why a message did not arrive, in a word.
pub fn loss_word(reason: LossReason) -> &'static str {
    match reason {
        LossReason::Cut => "cut",
        LossReason::Chance => "chance",
        LossReason::NodeDown => "node_down",
        LossReason::NetworkFull => "network_full",
        LossReason::QueueFull => "queue_full",
        LossReason::Dropped => "dropped",
    }
}

fn tell_fault(fault: &Fault) -> Said {
    let links = |links: &[(NodeId, NodeId)]| {
        let pair = |(from, to): &(NodeId, NodeId)| Datum::List(vec![from.into(), to.into()]);
        ("links", Datum::List(links.iter().map(pair).collect()))
    };
    let id = |id: &RecordId| ("id_of_message", Datum::Number(id.0.into()));
    let number = |number: &u32| Datum::Number((*number).into());
    let (name, fields, note) = match fault {
        Fault::Cut(all) => ("cut", vec![links(all)], None),
        Fault::Heal(all) => ("heal", vec![links(all)], None),
        Fault::HealAll => ("heal_all", Vec::new(), None),
        Fault::SetLinks(all, settings) => {
            let fields = vec![
                links(all),
                ("delay", tell_delay(settings.delay)),
                ("loss_ppm", number(&settings.loss_ppm)),
                ("duplicate_ppm", number(&settings.duplicate_ppm)),
                ("reorder_ppm", number(&settings.reorder_ppm)),
                ("reorder_us", number(&settings.reorder_us)),
                ("per_second", settings.capacity.map_or(Datum::Null, |c| number(&c.per_second))),
                ("queue", settings.capacity.map_or(Datum::Null, |c| number(&c.queue))),
            ];
            ("set_links", fields, None)
        }
        Fault::Crash(_) => ("crash", Vec::new(), Some("crashes")),
        Fault::CrashTorn { whole, part_ppm, .. } => {
            let fields = vec![("whole", number(whole)), ("part_ppm", number(part_ppm))];
            ("crash_torn", fields, Some("crashes"))
        }
        // The boot that follows has a note.
        Fault::Restart(_) => ("restart", Vec::new(), None),
        Fault::Pause(_) => ("pause", Vec::new(), Some("is paused")),
        Fault::Resume(_) => ("resume", Vec::new(), Some("goes on")),
        Fault::SetSync(_, delay) => ("set_sync", vec![("delay", tell_delay(*delay))], None),
        Fault::SetClock { rate_ppm, offset_us, .. } => {
            let offset = ("offset_us", Datum::Signed(*offset_us));
            ("set_clock", vec![("rate_ppm", number(rate_ppm)), offset], None)
        }
        Fault::DropMessage(message) => ("drop_message", vec![id(message)], None),
        Fault::DelayMessage(message, us) => {
            ("delay_message", vec![id(message), ("by_us", Datum::Number(*us))], None)
        }
        Fault::DuplicateMessage(message) => ("duplicate_message", vec![id(message)], None),
    };
    said(name, fields, note.map(str::to_owned))
}

fn tell_delay(delay: Delay) -> Datum {
    let number = |ppm: u32| Datum::Number(ppm.into());
    let (name, fields) = match delay {
        Delay::Constant { us } => ("constant", vec![("us", Datum::Number(us))]),
        Delay::Uniform { low_us, high_us } => {
            let fields =
                vec![("low_us", Datum::Number(low_us)), ("high_us", Datum::Number(high_us))];
            ("uniform", fields)
        }
        Delay::Exponential { mean_us } => {
            ("exponential", vec![("mean_us", Datum::Number(mean_us))])
        }
        Delay::LogNormal { median_us, sigma_ppm } => {
            let fields =
                vec![("median_us", Datum::Number(median_us)), ("sigma_ppm", number(sigma_ppm))];
            ("log_normal", fields)
        }
        Delay::Pareto { low_us, shape_ppm } => {
            let fields = vec![("low_us", Datum::Number(low_us)), ("shape_ppm", number(shape_ppm))];
            ("pareto", fields)
        }
    };
    Datum::named(name, fields)
}

impl Datum {
    /// Something of which there are several sorts: its name under `is`, then its fields.
    pub fn named(name: &'static str, fields: Vec<Field>) -> Datum {
        let mut all = vec![("is", Datum::Text(name.to_owned()))];
        all.extend(fields);
        Datum::Object(all)
    }
}

impl From<&NodeId> for Datum {
    fn from(node: &NodeId) -> Datum {
        Datum::Text(node.to_string())
    }
}

impl From<&bool> for Datum {
    fn from(flag: &bool) -> Datum {
        Datum::Flag(*flag)
    }
}

impl From<&u64> for Datum {
    fn from(number: &u64) -> Datum {
        Datum::Number(*number)
    }
}

impl From<&u32> for Datum {
    fn from(number: &u32) -> Datum {
        Datum::Number((*number).into())
    }
}

impl From<&u8> for Datum {
    fn from(number: &u8) -> Datum {
        Datum::Number((*number).into())
    }
}

impl From<&usize> for Datum {
    fn from(number: &usize) -> Datum {
        Datum::Number(*number as u64)
    }
}

impl From<&String> for Datum {
    fn from(text: &String) -> Datum {
        Datum::Text(text.clone())
    }
}

optional! { String, u64 }
lists! { String, u32 }
