//! Customers: what they asked for and what became of it, as chips, as a table and as choices.

use super::super::{Ask, Choice, Client, Command, Table};
use super::requests::Asked;
use super::scene::euros;
use super::shop::{Customer, ShopCommand, ShopRefusal};
use super::system::{Outcome, Role, role};
use super::{Cluster, scene};
use crate::scene::{Chip, ChipState, ClientView, Density, Frame, Point, Ranks};
use crate::sim::NodeId;

/// Who stands in the picture.
pub(super) const CUSTOMERS: [(Client, Customer); 2] =
    [(Client(1), Customer::Ann), (Client(2), Customer::Ben)];

/// So many of the latest requests are shown.
const SHOWN: usize = 2;

/// The server that a customer turns to: Ann the first, Ben the second.
pub(super) fn home(client: Client) -> NodeId {
    NodeId(if client == Client::FIRST { 0 } else { 1 })
}

/// Whether a node takes what customers ask for.
pub(super) fn is_asked(cluster: &Cluster, node: NodeId) -> bool {
    matches!(role(cluster.rules().log, node), Role::Desk | Role::Replica)
}

/// The customers in the picture of servers that stand at `stands`.
pub(super) fn views(
    cluster: &Cluster,
    frame: Frame,
    stands: &[Point],
    ranks: Option<&Ranks>,
) -> Vec<ClientView> {
    let shop = scene::state(cluster);
    let compact = frame.density() == Density::Compact;
    // Beside a ring there is room for one on a phone, before a rank as well.
    let most = if compact { 1 } else { SHOWN };
    let view = |(place, (client, customer)): (usize, (Client, Customer))| {
        let latest = || asked_by(cluster, client);
        let (at, mirrored) = match ranks {
            Some(ranks) => ranks.client(place),
            None => ClientView::stand(frame, place),
        };
        let chips: Vec<Chip> = latest().take(most).map(|asked| chip(cluster, asked)).collect();
        let waiting = latest().find(|asked| asked.outcome.is_none());
        let said = chips.iter().map(|chip| format!(". {}: {}", chip.text, chip.answer));
        let said: String = said.collect();
        let (asks, name) = (format!("asks {}", home(client)), customer.name());
        let account = match shop.account(customer).owes_cents() {
            0 => String::new(),
            owes if owes > 0 => format!("owes {}", euros(owes)),
            owes => format!("paid {} too much", euros(-owes)),
        };
        let whole = if account.is_empty() { asks } else { format!("{asks}, {account}") };
        let note = if compact && !account.is_empty() { account } else { whole.clone() };
        ClientView {
            client: client.0,
            name: name.to_owned(),
            at,
            mirrored,
            description: format!("{name}, a customer, {whole}{said}"),
            note,
            waits_for: waiting.and_then(|asked| stands.get(asked.via.index()).copied()),
            chips,
            stacked: true,
        }
    };
    CUSTOMERS.into_iter().enumerate().map(view).collect()
}

fn asked_by(cluster: &Cluster, client: Client) -> impl Iterator<Item = &Asked> {
    cluster.requests().asked().iter().rev().filter(move |asked| asked.client == client)
}

fn chip(cluster: &Cluster, asked: &Asked) -> Chip {
    let (state, answer) = match asked.outcome {
        None => (ChipState::Waiting, format!("at {}", asked.via)),
        Some(outcome) => answer(cluster, asked, outcome),
    };
    Chip { text: what_text(asked), answer, state }
}

fn answer(cluster: &Cluster, asked: &Asked, outcome: Outcome) -> (ChipState, String) {
    match outcome {
        Outcome::Done { position, .. } if is_lost(cluster, asked, position) => {
            (ChipState::Wrong, "ok, yet lost".to_owned())
        }
        Outcome::Done { repeated: false, .. } => (ChipState::Done, "ok".to_owned()),
        Outcome::Done { repeated: true, .. } => (ChipState::Done, "was done".to_owned()),
        Outcome::Refused(why) => (ChipState::Refused, refused(why).to_owned()),
        Outcome::Conflict { .. } => (ChipState::Refused, "conflict".to_owned()),
        Outcome::Unknown => (ChipState::Unknown, "unknown".to_owned()),
        Outcome::Unreachable => (ChipState::Refused, "not reached".to_owned()),
        Outcome::Impossible => (ChipState::Refused, "impossible".to_owned()),
    }
}

/// Whether a customer was told that it happened, and what stands there now is something else.
pub(super) fn is_lost(cluster: &Cluster, asked: &Asked, position: u64) -> bool {
    let event = cluster.log().event(position);
    event.is_none_or(|event| event.metadata().correlation != Some(asked.id))
}

/// Why, in a word or two: the table has it in full.
fn refused(why: ShopRefusal) -> &'static str {
    match why {
        ShopRefusal::SoldOut(_) => "sold out",
        ShopRefusal::NotInCart(..) => "has none",
        ShopRefusal::NothingOwed(_) => "owes nothing",
        ShopRefusal::ShelfFull(_) => "full",
    }
}

/// What was asked for, in a few letters: `take mug`, `mug back`, `mug again`.
fn what_text(asked: &Asked) -> String {
    let what = asked.command.to_string();
    let item = what.rsplit(' ').next().unwrap_or(&what);
    match (asked.retries, asked.command) {
        (Some(_), _) => [item, " again"].concat(),
        (None, ShopCommand::PutBack(..)) => [item, " back"].concat(),
        (None, ShopCommand::Restock(_)) => ["more ", item].concat(),
        _ => what,
    }
}

/// What customers have asked for, and what became of it.
pub(super) fn table(cluster: &Cluster) -> Table {
    let shop = scene::state(cluster);
    let row = |(client, customer): (Client, Customer)| {
        let told = asked_by(cluster, client).take(6).map(|asked| in_full(cluster, asked));
        let told: Vec<String> = told.collect();
        let account = shop.account(customer);
        vec![
            customer.name().to_owned(),
            format!("{}", home(client)),
            euros(account.paid_cents),
            euros(account.owes_cents()),
            if told.is_empty() { "none".to_owned() } else { told.join("; ") },
        ]
    };
    Table {
        caption:
            "Every customer, what the log says of them, and what they know of what they asked \
                  for, the newest first."
                .into(),
        head: vec!["Customer", "Asks", "Paid", "Owes", "Requests"],
        rows: CUSTOMERS.into_iter().map(row).collect(),
    }
}

fn in_full(cluster: &Cluster, asked: &Asked) -> String {
    let said = match asked.outcome {
        Some(Outcome::Refused(why)) => format!("refused, {why}"),
        Some(Outcome::Conflict { expected, actual }) => {
            format!("conflict, expected version {expected}, actual {actual}")
        }
        Some(Outcome::Done { position, repeated: true }) => {
            format!("recognised, it is at position {position}")
        }
        Some(Outcome::Done { position, .. }) if !is_lost(cluster, asked, position) => {
            format!("ok, at position {position}")
        }
        _ => chip(cluster, asked).answer,
    };
    let again = if asked.retries.is_some() { " again" } else { "" };
    format!("{}{again} via {}: {said}", asked.command, asked.via)
}

/// What a customer can do, and whom to ask.
pub(super) fn choices(cluster: &Cluster, client: Client, via: Option<NodeId>) -> Vec<Choice> {
    let via = via.unwrap_or_else(|| home(client));
    if !is_asked(cluster, via) {
        let why = "It takes nothing from customers: S1 and S2 do";
        return vec![Choice::unavailable(format!("Ask {via}"), why)];
    }
    if cluster.process(via).is_none() {
        let why = "It is down: no answer would come";
        return vec![Choice::unavailable(format!("Ask {via}"), why)];
    }
    let mut choices = asks(client, via, "");
    choices.extend(retry(cluster, client, via));
    choices
}

/// Everything that a customer can ask for, in the words of runs, with what comes of it.
pub(super) const WORDS: [(&str, &str); 5] = [
    ("take tea", "A box of tea for 4.50 €"),
    ("take mug", "A mug for 12 €"),
    ("put back tea", "It can be sold again"),
    ("put back mug", "It can be sold again"),
    ("pay", "Everything in the cart that is not paid yet"),
];

/// A choice for each of [`WORDS`], and for more on the shelf.
pub(super) fn asks(client: Client, via: NodeId, place: &str) -> Vec<Choice> {
    let restocks = [("restock tea", "Three more"), ("restock mug", "Three more")];
    let choice = |(words, hint): (&str, &str)| {
        let label = [&words[..1].to_uppercase(), &words[1..], place].concat();
        Choice::new(label, hint, command(client, via, words))
    };
    WORDS.into_iter().chain(restocks).map(choice).collect()
}

/// A customer asks for something in words.
pub(super) fn command(client: Client, via: NodeId, words: &str) -> Command {
    Command::Ask { client, via, what: Ask::Do { what: words.to_owned() } }
}

/// The latest request once more, if there is one.
fn retry(cluster: &Cluster, client: Client, via: NodeId) -> Option<Choice> {
    let last = asked_by(cluster, client).next()?;
    let command = Command::Ask { client, via, what: Ask::Retry };
    let label = format!("Ask again: {}", last.command);
    Some(Choice::new(label, retry_hint(cluster), command))
}

/// What comes of a retry.
pub(super) fn retry_hint(cluster: &Cluster) -> &'static str {
    match cluster.rules().same_ids {
        true => "The same once more, with the same id: what has happened is recognised",
        false => "The same once more, with a fresh id: nobody can tell that it is the same",
    }
}

/// Whether a customer has asked for anything.
pub(super) fn has_asked(cluster: &Cluster, client: Client) -> bool {
    cluster.requests().latest(client).is_some()
}
