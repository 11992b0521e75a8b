//! The messages, requests and events of the whole as plain data. What callers, read models and Raft
//! say is in the words of their own labs; a front's own events are added here.

use super::scene::is_answer;
use super::space_time::weight;
use super::system::{Done, Looks, Shown, WholeEvent, WholeMessage, WholeProcess, WholeRequest};
use super::{WholeLab, words};
use crate::labs::Lab;
use crate::labs::breaker::BreakerRequest;
use crate::labs::breaker::exported as of_caller;
use crate::labs::events::RequestOutcome;
use crate::labs::events::exported as of_shop;
use crate::labs::exported::{
    Datum, Exported, Field, Said, Told, Words, names, objects, optional, tell,
};
use crate::labs::raft::exported as of_raft;
use crate::sim::RecordId;

const WORDS: Words<WholeProcess> = Words { message, weight, is_answer, request, event };

impl Exported for WholeLab {
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

fn message(message: &WholeMessage) -> Said {
    let note = Some(words::says(message));
    let (name, fields): (_, Vec<Field>) = match message {
        WholeMessage::Raft(message) => return of_raft::message(message),
        WholeMessage::Feed(message) => return of_shop::message(message),
        WholeMessage::Order { call, era, id, wish } => {
            let fields = vec![
                ("call", call.into()),
                ("era", era.into()),
                ("order_id", id.into()),
                ("wish", wish.into()),
            ];
            ("Order", fields)
        }
        WholeMessage::Answer { call, era, answer, done } => {
            let fields = vec![
                ("call", call.into()),
                ("era", era.into()),
                ("answer", answer.into()),
                ("done", done.into()),
            ];
            ("Answer", fields)
        }
        WholeMessage::Look => ("Look", Vec::new()),
        WholeMessage::Shown(shown) => ("Shown", vec![("shown", shown.into())]),
    };
    Said { name, fields, note }
}

fn request(request: &WholeRequest) -> Said {
    let (name, fields, note): (_, Vec<Field>, _) = match request {
        WholeRequest::Raft(request) => return of_raft::request(request),
        WholeRequest::ByHand(what) => return of_caller::request(&BreakerRequest::ByHand(*what)),
        WholeRequest::OrderOnce => ("OrderOnce", Vec::new(), "gets another customer"),
        WholeRequest::Rebuild => ("Rebuild", Vec::new(), "is to read all events anew"),
        WholeRequest::GoBy(conduct) => {
            let mut fields = of_caller::policy_of(&conduct.policy);
            fields.extend([
                ("keys", (&conduct.keys).into()),
                ("looks", (&conduct.looks).into()),
                ("refresh_us", (&conduct.refresh_us).into()),
                ("in_order", (&conduct.in_order).into()),
            ]);
            ("GoBy", fields, "goes by other settings")
        }
    };
    Said { name, fields, note: Some(note.to_owned()) }
}

fn event(event: &WholeEvent) -> Said {
    let (name, fields, note): (_, Vec<Field>, _) = match event {
        WholeEvent::Raft(event) => return of_raft::event(event),
        WholeEvent::Shop(event) => return of_shop::event(event),
        WholeEvent::Caller(event) => return of_caller::event(event),
        WholeEvent::Wanted { request, order, wish, shown } => {
            let fields = vec![
                ("request", request.into()),
                ("order_id", order.into()),
                ("wish", wish.into()),
                ("shown", shown.into()),
            ];
            ("Wanted", fields, Some(words::wish(*wish)))
        }
        WholeEvent::Sent { call, order, id } => {
            let fields =
                vec![("call", call.into()), ("order_id", order.into()), ("try_id", id.into())];
            ("SentOrder", fields, None)
        }
        WholeEvent::Heard { order, id, wish, done, in_time, shown } => {
            let fields = vec![
                ("order_id", order.into()),
                ("try_id", id.into()),
                ("wish", wish.into()),
                ("done", done.into()),
                ("in_time", in_time.into()),
                ("shown", shown.into()),
            ];
            ("Heard", fields, Some(format!("{}: it {}", words::brief(*wish), words::outcome(done))))
        }
        WholeEvent::Turned { to } => {
            ("Turned", vec![("to", to.into())], Some(format!("asks {to} from now on")))
        }
    };
    Said { name, fields, note }
}

names! {
    Looks { Shop, Page }
}

objects! {
    Done { index, outcome }
}

optional! { Done, Shown, RequestOutcome }

impl From<&Shown> for Datum {
    fn from(shown: &Shown) -> Datum {
        let [tea, mugs] = shown.left.map(|left| Datum::Signed(left.into()));
        Datum::Object(vec![("through", (&shown.through).into()), ("tea", tea), ("mugs", mugs)])
    }
}
