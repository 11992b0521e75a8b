//! What stands under a part, as a row of cells: the last events of a log, or what a read model has
//! made of it.

use super::super::shop::{Account, Customer, Item, Shop, ShopEvent, upcast};
use super::super::system::ModelKind;
use super::words::{brief, count, euros, minus};
use crate::event_store::EventStore;
use crate::scene::{Cell, CellLook, Density, Frame, Strip};

/// The last events of a log. Those after `settled` are loose.
pub(in crate::labs) fn log(
    store: &EventStore<ShopEvent>,
    settled: u64,
    frame: Frame,
    most: usize,
) -> Strip {
    let end = store.last_position();
    let hidden = end.saturating_sub(most as u64);
    let compact = frame.density() == Density::Compact;
    let cell = |position: u64| {
        let event = store.event(position)?;
        let head = match compact {
            true => position.to_string(),
            false => format!("{position} · v{}", event.version()),
        };
        let payload = *event.payload();
        let look = if position <= settled { CellLook::Solid } else { CellLook::Loose };
        Some(Cell { head, text: brief(upcast(payload)), tint: tint(payload), look })
    };
    let cells = (hidden + 1..=end).filter_map(cell).collect();
    Strip { hidden: hidden as usize, wide: !compact, cells }
}

/// So many events fit under each server of a ring.
pub(super) const MOST_ON_RING: usize = 3;

/// How many events fit under the one log, clear of its links; where there is little room, numbers
/// only.
pub(super) fn most(frame: Frame) -> usize {
    match frame.density() {
        Density::Compact => 7,
        Density::Roomy if frame.width < 800.0 => 3,
        Density::Roomy => 5,
    }
}

/// A tint for each stream.
fn tint(event: ShopEvent) -> u8 {
    match (event.item(), event.customer()) {
        (Some(item), _) => of_item(item),
        (None, customer) => of_customer(customer.unwrap_or(Customer::Cleo)),
    }
}

fn of_item(item: Item) -> u8 {
    match item {
        Item::Tea => 3,
        Item::Mug => 1,
    }
}

fn of_customer(customer: Customer) -> u8 {
    match customer {
        Customer::Ann => 2,
        Customer::Ben => 4,
        Customer::Cleo => 0,
    }
}

/// What a read model has made of the log; loose as long as it is not on its disk.
pub(in crate::labs) fn model(kind: ModelKind, shop: &Shop, is_kept: bool, frame: Frame) -> Strip {
    let look = if is_kept { CellLook::Solid } else { CellLook::Loose };
    let compact = frame.density() == Density::Compact;
    let of_customer = |customer: Customer| {
        let account = shop.account(customer);
        let text = match (kind, compact) {
            (ModelKind::Payments, true) => (account.paid_cents / 100).to_string(),
            (ModelKind::Payments, false) => euros(account.paid_cents),
            (_, true) => minus(account.cart.iter().sum()),
            (_, false) => cart(account, true),
        };
        let name = customer.name();
        // Where there is room for one line, the first letter says whose it is.
        let text = if compact { [&name[..1], " ", &text].concat() } else { text };
        Cell { head: name.to_owned(), text, tint: of_customer(customer), look }
    };
    let of_item = |item: Item| {
        let (name, left) = (item.name(), minus(shop.left(item)));
        let text = if compact { [&left, " ", name].concat() } else { left };
        Cell { head: name.to_owned(), text, tint: of_item(item), look }
    };
    let cells = match kind {
        ModelKind::Stock => Item::ALL.into_iter().map(of_item).collect(),
        ModelKind::Carts | ModelKind::Payments => {
            Customer::ALL.into_iter().map(of_customer).collect()
        }
    };
    Strip { hidden: 0, wide: true, cells }
}

/// `2 mugs`, `1 tea and 2 mugs`; short: `mug 2`, `t1 m2`.
fn cart(account: &Account, short: bool) -> String {
    let has = |item: &Item| account.cart[*item as usize] != 0;
    let held: Vec<Item> = Item::ALL.into_iter().filter(has).collect();
    let part = |item: &Item| {
        let (number, name) = (account.cart[*item as usize], item.name());
        match (short, held.len()) {
            (true, 1) => [name, " ", &minus(number)].concat(),
            (true, _) => [&name[..1], &minus(number)].concat(),
            (false, _) => count(number, *item),
        }
    };
    let parts: Vec<String> = held.iter().map(part).collect();
    match (parts.is_empty(), short) {
        (true, true) => "–".to_owned(),
        (true, false) => "nothing".to_owned(),
        (false, _) => parts.join(if short { " " } else { " and " }),
    }
}

/// What a read model has made of the log, in words.
pub(in crate::labs) fn in_words(kind: ModelKind, shop: &Shop) -> String {
    let of_customer = |customer: Customer| {
        let account = shop.account(customer);
        match kind {
            ModelKind::Payments => [customer.name(), " paid ", &euros(account.paid_cents)].concat(),
            _ => [customer.name(), " has ", &cart(account, false)].concat(),
        }
    };
    let of_item = |item: Item| count(shop.left(item), item) + " left";
    let parts: Vec<String> = match kind {
        ModelKind::Stock => Item::ALL.into_iter().map(of_item).collect(),
        ModelKind::Carts | ModelKind::Payments => {
            Customer::ALL.into_iter().map(of_customer).collect()
        }
    };
    parts.join(", ")
}

/// The last events of a log, in words, the newest last.
pub(in crate::labs) fn log_in_words(store: &EventStore<ShopEvent>, most: u64) -> String {
    let end = store.last_position();
    let from = end.saturating_sub(most);
    let told = (from + 1..=end).filter_map(|position| {
        let event = store.event(position)?;
        Some(format!("{position} {}", upcast(*event.payload())))
    });
    let told: Vec<String> = told.collect();
    match (from, told.is_empty()) {
        (_, true) => "nothing".to_owned(),
        (0, _) => told.join("; "),
        (more, _) => format!("{more} earlier; {}", told.join("; ")),
    }
}
