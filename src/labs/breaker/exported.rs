//! The messages, requests and events as plain data.

use super::BreakerLab;
use super::scene::is_answer;
use super::space_time::weight;
use super::system::{BreakerEvent, BreakerMessage, BreakerProcess, BreakerRequest};
use crate::labs::Lab;
use crate::labs::exported::{Exported, Said, Told, Words, tell};
use crate::sim::RecordId;

const WORDS: Words<BreakerProcess> = Words { message, weight, is_answer, request, event };

impl Exported for BreakerLab {
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

fn message(_message: &BreakerMessage) -> Said {
    Said { name: "Message", fields: Vec::new(), note: None }
}

fn request(_request: &BreakerRequest) -> Said {
    Said { name: "Request", fields: Vec::new(), note: None }
}

fn event(_event: &BreakerEvent) -> Said {
    Said { name: "Event", fields: Vec::new(), note: None }
}
