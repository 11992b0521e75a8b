//! Why not: an `Error` with a `code` and whatever belongs to it as properties.

use js_sys::Object;
use rift::event_store::file::{Damage, JournalError, Torn};
use rift::event_store::{AppendError, BadName, ReadError, RemoveError};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::{JsCast, JsValue};

use crate::javascript::{self, BadArgument};
use crate::results::{self, StateOut, id, to_js};

/// A refusal: its fields, and the sentence.
pub(crate) struct Refusal {
    fields: Fields,
    message: String,
}

/// `code` is the name of the variant. Places in a batch and lengths fit into a number, for memory
/// is addressed with 32 bits; what does not is a BigInt.
#[derive(Serialize)]
#[serde(tag = "code", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Fields {
    Conflict {
        stream: String,
        #[serde(with = "preserve")]
        expected: JsValue,
        actual: StateOut,
    },
    PartlyThere {
        stream: String,
        #[serde(with = "preserve")]
        expected: JsValue,
        there: String,
        not_there: String,
    },
    TwiceInBatch {
        id: String,
        first: u32,
        second: u32,
    },
    BadName {
        bytes: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<u32>,
    },
    Full {},
    TooBig {
        bytes: u32,
    },
    NoStream {
        stream: String,
        actual: StateOut,
    },
    StartsAtZero {},
    LimitIsZero {},
    BeyondEnd {
        asked: u64,
        end: u64,
    },
    Gone {
        asked: u64,
        first: u64,
    },
    BadArgument {
        argument: String,
    },
    /// The store is open elsewhere.
    InUse {
        store: String,
    },
    /// What is in IndexedDB is not what was written.
    Damaged {
        at: u64,
    },
    /// IndexedDB cannot be used.
    Storage {
        #[serde(with = "preserve")]
        cause: JsValue,
    },
    /// A subscription is further than the log: another log, or one restored from an older copy.
    AheadOfLog {
        position: u64,
        log: u64,
    },
    /// Something could not be written. Whether it was is seen when the store is opened again.
    Failed {
        #[serde(with = "preserve")]
        cause: JsValue,
    },
    Closed {},
}

impl Refusal {
    fn new(fields: Fields, message: impl ToString) -> Refusal {
        Refusal { fields, message: message.to_string() }
    }

    pub(crate) fn bad_argument(argument: &str, what: &str) -> Refusal {
        BadArgument::new(argument, what).into()
    }

    pub(crate) fn in_use(store: &str) -> Refusal {
        let fields = Fields::InUse { store: store.to_owned() };
        Refusal::new(fields, format!("the store `{store}` is open elsewhere"))
    }

    pub(crate) fn storage(cause: JsValue) -> Refusal {
        let message = format!("IndexedDB: {}", said(&cause));
        Refusal::new(Fields::Storage { cause }, message)
    }

    /// A piece of the log is missing in the database.
    pub(crate) fn hole(at: u64) -> Refusal {
        Refusal::new(Fields::Damaged { at }, format!("damaged: nothing is written at byte {at}"))
    }

    /// A transaction is written whole or not at all, so no crash explains a torn end.
    pub(crate) fn torn(torn: Torn) -> Refusal {
        Refusal::new(Fields::Damaged { at: torn.at }, format!("damaged: {torn}"))
    }

    pub(crate) fn ahead_of_log(position: u64, log: u64) -> Refusal {
        let message = format!("the subscription is at {position}, the log only at {log}");
        Refusal::new(Fields::AheadOfLog { position, log }, message)
    }

    pub(crate) fn failed(cause: &JsValue) -> Refusal {
        let message = format!("not known to be durable: {}; open the store again", said(cause));
        Refusal::new(Fields::Failed { cause: cause.clone() }, message)
    }

    pub(crate) fn closed() -> Refusal {
        Refusal::new(Fields::Closed {}, "the store is closed")
    }

    pub(crate) fn into_js(self) -> JsValue {
        javascript::error("EventStoreError", &self.message, &to_js(&self.fields))
    }
}

/// What the browser said.
fn said(cause: &JsValue) -> String {
    cause.dyn_ref::<Object>().map(|error| error.to_string().into()).unwrap_or_default()
}

impl From<BadArgument> for Refusal {
    fn from(bad: BadArgument) -> Refusal {
        let BadArgument { argument, message } = bad;
        Refusal { fields: Fields::BadArgument { argument }, message }
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Refusal {
        let message = error.to_string();
        let fields = match error {
            JournalError::TooBig { bytes } => Fields::TooBig { bytes: bytes as u32 },
            JournalError::Append(AppendError::Full) => Fields::Full {},
            JournalError::Append(AppendError::Conflict { stream, expected, actual }) => {
                let (expected, actual) = (results::expected(expected), actual.into());
                Fields::Conflict { stream, expected, actual }
            }
            JournalError::Append(AppendError::PartlyThere {
                stream,
                expected,
                there,
                not_there,
            }) => {
                let (there, not_there) = (id(there), id(not_there));
                let expected = results::expected(expected);
                Fields::PartlyThere { stream, expected, there, not_there }
            }
            JournalError::Append(AppendError::TwiceInBatch { id: twice, first, second }) => {
                Fields::TwiceInBatch { id: id(twice), first: first as u32, second: second as u32 }
            }
            JournalError::Append(AppendError::BadName(bad)) => match bad {
                BadName::Stream { bytes } => Fields::BadName { bytes: bytes as u32, event: None },
                BadName::Type { event, bytes } => {
                    Fields::BadName { bytes: bytes as u32, event: Some(event as u32) }
                }
            },
        };
        Refusal { fields, message }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Refusal {
        let message = error.to_string();
        let fields = match error {
            ReadError::NoStream { stream, actual } => {
                Fields::NoStream { stream, actual: actual.into() }
            }
            ReadError::StartsAtZero => Fields::StartsAtZero {},
            ReadError::LimitIsZero => Fields::LimitIsZero {},
            ReadError::BeyondEnd { asked, end } => Fields::BeyondEnd { asked, end },
            ReadError::Gone { asked, first } => Fields::Gone { asked, first },
        };
        Refusal { fields, message }
    }
}

impl From<RemoveError> for Refusal {
    fn from(error: RemoveError) -> Refusal {
        let message = error.to_string();
        let fields = match error {
            RemoveError::Conflict { stream, expected, actual } => {
                let (expected, actual) = (results::expected(expected), actual.into());
                Fields::Conflict { stream, expected, actual }
            }
            RemoveError::BeyondEnd { asked, end } => Fields::BeyondEnd { asked, end },
        };
        Refusal { fields, message }
    }
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Refusal {
        let at = match damage {
            Damage::NotOurs | Damage::UnknownFormat(_) => 0,
            Damage::Acknowledged { at, .. } | Damage::Nonsense { at, .. } => at,
        };
        Refusal::new(Fields::Damaged { at }, damage)
    }
}
