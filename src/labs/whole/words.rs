//! The words that story, pictures, answers and promises have in common.

use super::super::breaker::Answer;
pub(super) use super::super::breaker::words::{FOWLER, NYGARD, add_sentence, seconds, state};
use super::super::events::shop::{Item, ShopCommand, ShopRefusal};
use super::super::events::{ModelKind, RequestOutcome, words as of_shop};
use super::super::raft::space_time as of_raft;
pub(super) use super::super::telling::Telling;
use super::orders::{Order, Told};
use super::system::{Cast, Done, Role, Shown, WholeMessage};
use crate::sim::NodeId;

/// Where the rules stand.
pub(super) const KEYS: &str = "Helland, Idempotence Is Not a Medical Condition (2012)";
pub(super) const CQRS: &str = "Young, CQRS Documents (2010)";
pub(super) const SMR: &str = "Raft §2";

/// What a node is, in words.
pub(super) fn part(cast: Cast, node: NodeId) -> &'static str {
    match cast.role(node) {
        Role::Front => "a shop front",
        Role::Server => "a server of the cluster",
        Role::Page(ModelKind::Stock) => "the stock page",
        Role::Page(_) => "the sales page",
    }
}

/// `Ann wants tea`, `more mugs are to come in`
pub(super) fn wish(wish: ShopCommand) -> String {
    match wish {
        ShopCommand::Restock(Item::Tea) => "more tea is to come in".to_owned(),
        ShopCommand::Restock(Item::Mug) => "more mugs are to come in".to_owned(),
        ShopCommand::Buy(customer, item) | ShopCommand::BuyUnseen(customer, item) => {
            format!("{} wants a {}", customer.name(), item.name())
        }
        other => other.to_string(),
    }
}

/// The same in a few letters: `Ann: mug`, `+3 tea`
pub(super) fn brief(wish: ShopCommand) -> String {
    match wish {
        ShopCommand::Restock(item) => ["+3 ", item.name()].concat(),
        ShopCommand::Buy(customer, item) | ShopCommand::BuyUnseen(customer, item) => {
            [customer.name(), ": ", item.name()].concat()
        }
        other => other.to_string(),
    }
}

/// What the shop made of an order, after “it”.
pub(super) fn outcome(done: &Done) -> String {
    match done.outcome {
        Some(RequestOutcome::Done { position, repeated: false }) => format!("is event {position}"),
        Some(RequestOutcome::Done { position, repeated: true }) => {
            format!("was event {position} already")
        }
        Some(RequestOutcome::Refused(refusal)) => format!("is refused: {refusal}"),
        _ => format!("is said to be entry {}", done.index),
    }
}

/// What a customer was told.
pub(super) fn told(order: &Order) -> String {
    match order.told {
        None => "waits".to_owned(),
        Some(Told::Outcome(RequestOutcome::Done { position, repeated })) => {
            let again = if repeated { ", known again" } else { "" };
            format!("done, event {position}{again}")
        }
        Some(Told::Outcome(RequestOutcome::Refused(refusal))) => refused(order.shown, refusal),
        Some(Told::Outcome(_) | Told::Done) => "done".to_owned(),
        Some(Told::Rejected) => "turned away at once".to_owned(),
        Some(Told::Failed) => "no answer".to_owned(),
    }
}

/// Why the shop said no, and what the customer had seen.
pub(super) fn refused(shown: Option<Shown>, refusal: ShopRefusal) -> String {
    match (shown, refusal) {
        (Some(shown), ShopRefusal::SoldOut(item)) if shown.left[item as usize] > 0 => {
            format!("{refusal}, though the page showed {}", shown.left[item as usize])
        }
        _ => refusal.to_string(),
    }
}

/// `5 tea and 1 mug`
pub(super) fn left(left: [i32; 2]) -> String {
    let [tea, mugs] = Item::ALL.map(|item| left[item as usize]);
    let plural = if mugs == 1 { "" } else { "s" };
    format!("{tea} tea and {mugs} mug{plural}")
}

/// What sort of message it is.
pub(super) fn kind(message: &WholeMessage) -> &'static str {
    match message {
        WholeMessage::Order { .. } => "Order",
        WholeMessage::Answer { .. } => "Answer",
        WholeMessage::Look => "Look at the stock page",
        WholeMessage::Shown(_) => "Stock page",
        WholeMessage::Feed(message) => of_shop::kind(message),
        WholeMessage::Raft(message) => of_raft::letter(message).kind,
    }
}

/// What it says, in a few words.
pub(super) fn says(message: &WholeMessage) -> String {
    match message {
        WholeMessage::Order { call, era, wish, .. } => {
            format!("call {} of era {}: {}", call.number, era.0, self::wish(*wish))
        }
        WholeMessage::Answer { call, answer, done, .. } => {
            let answer = match (answer, done) {
                (Answer::NotHere { leader }, _) => format!("{leader} leads"),
                (Answer::Done, Some(done)) => format!("it {}", outcome(done)),
                (Answer::Done, None) => "done".to_owned(),
                (Answer::Failed | Answer::Busy, _) => "nobody leads".to_owned(),
            };
            format!("to call {}: {answer}", call.number)
        }
        WholeMessage::Look => "what is left?".to_owned(),
        WholeMessage::Shown(shown) => {
            format!("{} are left, as of event {}", left(shown.left), shown.through)
        }
        WholeMessage::Feed(message) => of_shop::says(message),
        WholeMessage::Raft(message) => of_raft::letter(message).says,
    }
}

/// What the pages go by now that they did not before, and so on: what policies do not tell.
pub(super) fn turned(old: &super::Conduct, new: &super::Conduct) -> Option<String> {
    let mut changes = Vec::new();
    if old.keys != new.keys {
        changes.push(match new.keys {
            true => "all tries of an order have one key".to_owned(),
            false => "every try is an order of its own, as far as the shop can know".to_owned(),
        });
    }
    if old.looks != new.looks {
        changes.push(match new.looks {
            super::Looks::Shop => "the shop looks whether there is one left".to_owned(),
            super::Looks::Page => "fronts decide on what the stock page shows".to_owned(),
        });
    }
    if old.refresh_us != new.refresh_us {
        changes.push(format!("pages ask for news every {}", seconds(new.refresh_us)));
    }
    if old.in_order != new.in_order {
        changes.push(match new.in_order {
            true => "pages take events in by their positions".to_owned(),
            false => "pages take events in as they arrive".to_owned(),
        });
    }
    (!changes.is_empty()).then(|| format!("From now on {}.", changes.join(", and ")))
}
