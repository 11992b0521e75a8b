//! The messages, requests and decisions of the shop as plain data.
//!
//! Names are those of the types, as for [Raft](crate::labs::raft), whose own words are used where
//! the log is on Raft. Two sorts of events would have the same name, so what the store tells a desk
//! of an append is `AppendAnswered`, and what a desk tells a customer is `CustomerAnswered`. What
//! happened in the shop is the `payload` of an event. Ids are text of 32 hexadecimal digits;
//! positions, versions and cents are numbers.

use super::scene::is_answer;
use super::shop::{Customer, Item, ShopCommand, ShopEvent, ShopRefusal};
use super::space_time::weight;
use super::system::{
    CallId, CheckpointWrites, EventsEvent, EventsMessage, EventsProcess, EventsRequest, Log,
    Outcome, Publish, Recorded, RequestId, Rules, StreamRead,
};
use super::words::says;
use super::{EventLab, words};
use crate::event_store::{AppendError, Appended, Effect, EventId, Expected, Place, StreamState};
use crate::labs::Lab;
use crate::labs::exported::{
    Datum, Exported, Field, Said, Told, Words, lists, names, numbers, objects, optional, tell,
    variants,
};
use crate::labs::raft::exported as raft;
use crate::sim::RecordId;

const WORDS: Words<EventsProcess> = Words { message, weight, is_answer, request, event };

impl Exported for EventLab {
    fn lab(&self) -> &dyn Lab {
        self
    }

    fn lab_mut(&mut self) -> &mut dyn Lab {
        self
    }

    fn told(&self, record: RecordId) -> Option<Told> {
        tell(self.cluster().world().history(), record, &WORDS)
    }
}

pub(in crate::labs) fn message(message: &EventsMessage) -> Said {
    let note = Some(says(message));
    let (name, fields): (_, Vec<Field>) = match message {
        EventsMessage::Raft(message) => return raft::message(message),
        EventsMessage::Read { call, streams } => {
            ("Read", vec![("call", call.into()), ("streams", streams.into())])
        }
        EventsMessage::Streams { call, found } => {
            ("Streams", vec![("call", call.into()), ("found", found.into())])
        }
        EventsMessage::Append { call, stream, expected, event: (id, event), command } => {
            let fields = vec![
                ("call", call.into()),
                ("stream", text(stream)),
                ("expected", expected.into()),
                ("event_id", id.into()),
                ("payload", event.into()),
                ("command_id", command.into()),
            ];
            ("Append", fields)
        }
        EventsMessage::Appended { call, appended } => {
            ("AppendAnswered", vec![("call", call.into()), ("appended", appended.into())])
        }
        EventsMessage::NotAppended { call, error } => {
            ("NotAppended", vec![("call", call.into()), ("error", (&**error).into())])
        }
        EventsMessage::Publish { end, events } => {
            ("Publish", vec![("end", end.into()), ("events", events.into())])
        }
        EventsMessage::Seen { through, asks } => {
            ("Seen", vec![("through", through.into()), ("asks", asks.into())])
        }
    };
    Said { name, fields, note }
}

pub(in crate::labs) fn request(request: &EventsRequest) -> Said {
    let (name, fields, note): (_, Vec<Field>, _) = match request {
        EventsRequest::Raft(request) => return raft::request(request),
        EventsRequest::Do { request, id, command } => {
            let fields = vec![
                ("request", request.into()),
                ("command_id", id.into()),
                ("command", command.into()),
            ];
            ("Do", fields, format!("is asked: {command}"))
        }
        EventsRequest::Resend { request, of, id, command } => {
            let fields = vec![
                ("request", request.into()),
                ("of", of.into()),
                ("command_id", id.into()),
                ("command", command.into()),
            ];
            ("Resend", fields, format!("is asked once more: {command}"))
        }
        EventsRequest::Rebuild => ("Rebuild", Vec::new(), "is to read the log anew".to_owned()),
        EventsRequest::GoBy(rules) => ("GoBy", rules_of(rules), "goes by other rules".to_owned()),
    };
    Said { name, fields, note: Some(note) }
}

pub(in crate::labs) fn event(event: &EventsEvent) -> Said {
    let fields = |fields: Vec<Field>| fields;
    let (name, fields) = match event {
        EventsEvent::Raft(event) => return raft::event(event),
        EventsEvent::Decided { request, again, rests_on: (stream, version), event, id } => {
            let fields = fields(vec![
                ("request", request.into()),
                ("again", again.into()),
                ("stream", text(stream)),
                ("version", version.into()),
                ("payload", event.into()),
                ("event_id", id.into()),
            ]);
            ("Decided", fields)
        }
        EventsEvent::Conflicted { request, stream, expected, actual } => {
            let fields = fields(vec![
                ("request", request.into()),
                ("stream", text(stream)),
                ("expected", expected.into()),
                ("actual", actual.into()),
            ]);
            ("Conflicted", fields)
        }
        EventsEvent::Answered { request, outcome } => (
            "CustomerAnswered",
            fields(vec![("request", request.into()), ("outcome", outcome.into())]),
        ),
        EventsEvent::Appended { recorded, expected, command } => {
            let fields = fields(vec![
                ("recorded", recorded.into()),
                ("expected", expected.into()),
                ("command_id", command.into()),
            ]);
            ("Appended", fields)
        }
        EventsEvent::Refused { error } => ("Refused", vec![("error", (&**error).into())]),
        other => simple(other),
    };
    Said { name, fields, note: note(event) }
}

/// What is told of by numbers alone.
fn simple(event: &EventsEvent) -> (&'static str, Vec<Field>) {
    match event {
        EventsEvent::Recognised { position, id } => {
            ("Recognised", vec![("position", position.into()), ("event_id", id.into())])
        }
        EventsEvent::Durable { through } => ("Durable", vec![("through", through.into())]),
        EventsEvent::Published { from, through } => {
            ("Published", vec![("from", from.into()), ("through", through.into())])
        }
        EventsEvent::Recovered { events, torn_bytes } => {
            ("Recovered", vec![("events", events.into()), ("torn_bytes", torn_bytes.into())])
        }
        EventsEvent::TookIn { position, twice } => {
            ("TookIn", vec![("position", position.into()), ("twice", twice.into())])
        }
        EventsEvent::PassedOver { position, waits_for } => {
            ("PassedOver", vec![("position", position.into()), ("waits_for", waits_for.into())])
        }
        EventsEvent::Checkpointed { through } => {
            ("Checkpointed", vec![("through", through.into())])
        }
        EventsEvent::Resumed { through, state_of } => {
            ("Resumed", vec![("through", through.into()), ("state_of", state_of.into())])
        }
        EventsEvent::Rebuilding => ("Rebuilding", Vec::new()),
        // The others have been told.
        _ => ("", Vec::new()),
    }
}

/// A few words for pictures of what stands out.
fn note(event: &EventsEvent) -> Option<String> {
    Some(match event {
        EventsEvent::Decided { event, rests_on: (_, version), .. } => {
            format!("at version {version}: {}", words::decision(*event))
        }
        EventsEvent::Appended { recorded, .. } => {
            format!("event {}: {}", recorded.position, recorded.event)
        }
        EventsEvent::Recognised { position, .. } => format!("has it already, as event {position}"),
        EventsEvent::Refused { error } => format!("refuses: {}", words::refusal(error)),
        EventsEvent::TookIn { position, twice: true } => format!("counts event {position} twice"),
        EventsEvent::Rebuilding => "begins anew".to_owned(),
        EventsEvent::Recovered { events, .. } => format!("finds {}", words::events(*events)),
        EventsEvent::Answered { outcome, .. } => match outcome {
            Outcome::Done { repeated: false, .. } => "tells the customer: done".to_owned(),
            Outcome::Done { .. } => "tells the customer: it was done already".to_owned(),
            Outcome::Refused(refusal) => format!("tells the customer: {refusal}"),
            Outcome::Conflict { .. } => "tells the customer: somebody was quicker".to_owned(),
            Outcome::Unknown => "tells the customer: nobody knows".to_owned(),
            Outcome::Unreachable => "tells the customer: the log is out of reach".to_owned(),
            Outcome::Impossible => "tells the customer: the store cannot".to_owned(),
        },
        _ => return None,
    })
}

fn text(word: &str) -> Datum {
    Datum::Text(word.to_owned())
}

fn rules_of(rules: &Rules) -> Vec<Field> {
    vec![
        ("log", (&rules.log).into()),
        ("check", (&rules.check).into()),
        ("same_ids", (&rules.same_ids).into()),
        ("decides_again", (&rules.decides_again).into()),
        ("durable_first", (&rules.durable_first).into()),
        ("publish", (&rules.publish).into()),
        ("checkpoint", (&rules.checkpoint).into()),
        ("in_order", (&rules.in_order).into()),
    ]
}

names! {
    Log { Single, Raft }
    Publish { FromTheLog, Once }
    CheckpointWrites { Together, StateFirst, PositionFirst }
    Effect { Written, Repeated, Checked }
}

numbers! { RequestId }

objects! {
    CallId { boot, number }
    Recorded { position, version, id, recorded_at, event }
    Place { version, position }
    Appended { effect, version, first, last }
}

optional! { Place }
lists! { Recorded, StreamRead }

impl From<&StreamRead> for Datum {
    fn from(read: &StreamRead) -> Datum {
        let StreamRead { stream, version, events } = read;
        let fields =
            vec![("stream", text(stream)), ("version", version.into()), ("events", events.into())];
        Datum::Object(fields)
    }
}

impl From<&Vec<&'static str>> for Datum {
    fn from(list: &Vec<&'static str>) -> Datum {
        Datum::List(list.iter().map(|word| text(word)).collect())
    }
}

impl From<&EventId> for Datum {
    fn from(id: &EventId) -> Datum {
        Datum::Text(id.to_string())
    }
}

impl From<&Item> for Datum {
    fn from(item: &Item) -> Datum {
        text(item.name())
    }
}

impl From<&Customer> for Datum {
    fn from(customer: &Customer) -> Datum {
        text(customer.name())
    }
}

impl From<&ShopEvent> for Datum {
    fn from(event: &ShopEvent) -> Datum {
        let (name, fields): (_, Vec<Field>) = match event {
            ShopEvent::Stocked { item, count } => {
                ("Stocked", vec![("item", item.into()), ("count", count.into())])
            }
            ShopEvent::Taken { item, customer } => {
                ("Taken", vec![("item", item.into()), ("customer", customer.into())])
            }
            ShopEvent::PutBack { item, customer } => {
                ("PutBack", vec![("item", item.into()), ("customer", customer.into())])
            }
            ShopEvent::Charged { customer, cents } => {
                ("Charged", vec![("customer", customer.into()), ("cents", cents.into())])
            }
            ShopEvent::ChargedEuros { customer, euros } => {
                let euros = ("euros", Datum::Number((*euros).into()));
                ("ChargedEuros", vec![("customer", customer.into()), euros])
            }
            ShopEvent::Sold { item, customer } => {
                ("Sold", vec![("item", item.into()), ("customer", customer.into())])
            }
        };
        Datum::named(name, fields)
    }
}

/// In the words that scripts have for it, and who wants it.
impl From<&ShopCommand> for Datum {
    fn from(command: &ShopCommand) -> Datum {
        let who = match command {
            ShopCommand::Take(customer, _)
            | ShopCommand::PutBack(customer, _)
            | ShopCommand::Pay(customer)
            | ShopCommand::Buy(customer, _)
            | ShopCommand::BuyUnseen(customer, _) => customer.into(),
            ShopCommand::Restock(_) => Datum::Null,
        };
        Datum::Object(vec![("what", Datum::Text(command.to_string())), ("customer", who)])
    }
}

/// In words, as a person is told.
impl From<&ShopRefusal> for Datum {
    fn from(refusal: &ShopRefusal) -> Datum {
        Datum::Text(refusal.to_string())
    }
}

impl From<&Outcome> for Datum {
    fn from(outcome: &Outcome) -> Datum {
        let (name, fields): (_, Vec<Field>) = match outcome {
            Outcome::Refused(why) => ("Refused", vec![("why", why.into())]),
            Outcome::Done { position, repeated } => {
                ("Done", vec![("position", position.into()), ("repeated", repeated.into())])
            }
            Outcome::Conflict { expected, actual } => {
                ("Conflict", vec![("expected", expected.into()), ("actual", actual.into())])
            }
            Outcome::Unknown => ("Unknown", Vec::new()),
            Outcome::Unreachable => ("Unreachable", Vec::new()),
            Outcome::Impossible => ("Impossible", Vec::new()),
        };
        Datum::named(name, fields)
    }
}

impl From<&Expected> for Datum {
    fn from(expected: &Expected) -> Datum {
        let (name, fields): (_, Vec<Field>) = match expected {
            Expected::Any => ("Any", Vec::new()),
            Expected::NoStream => ("NoStream", Vec::new()),
            Expected::Exists => ("Exists", Vec::new()),
            Expected::Exact(version) => ("Exact", vec![("version", version.into())]),
        };
        Datum::named(name, fields)
    }
}

impl From<&StreamState> for Datum {
    fn from(state: &StreamState) -> Datum {
        let (name, fields) = variants!(state; StreamState;
            Missing,
            Deleted { version },
            Exists { version, first },
        );
        Datum::named(name, fields)
    }
}

impl From<&AppendError> for Datum {
    fn from(error: &AppendError) -> Datum {
        let (name, fields): (_, Vec<Field>) = match error {
            AppendError::Conflict { stream, expected, actual } => {
                let fields = vec![
                    ("stream", stream.into()),
                    ("expected", expected.into()),
                    ("actual", actual.into()),
                ];
                ("Conflict", fields)
            }
            AppendError::PartlyThere { stream, expected, there, not_there } => {
                let fields = vec![
                    ("stream", stream.into()),
                    ("expected", expected.into()),
                    ("there", there.into()),
                    ("not_there", not_there.into()),
                ];
                ("PartlyThere", fields)
            }
            AppendError::TwiceInBatch { id, first, second } => {
                let fields =
                    vec![("id", id.into()), ("first", first.into()), ("second", second.into())];
                ("TwiceInBatch", fields)
            }
            AppendError::BadName(bad) => ("BadName", vec![("why", Datum::Text(bad.to_string()))]),
            AppendError::Full => ("Full", Vec::new()),
        };
        Datum::named(name, fields)
    }
}
