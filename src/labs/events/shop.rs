//! The shop that the figure is about: what happens in it, what customers can want, and the rules.
//!
//! It knows no store, no network and no time. Stock has a stream for each item, payments one for
//! each customer; who has taken what is in the stock's streams, and what is in a cart follows from
//! it.

use std::fmt;

use crate::event_store::file::PayloadBytes;
use crate::event_store::{Decider, Event, Evolve, Upcaster, Upcasters};

/// What the shop sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// In boxes.
    Tea,
    /// Few of them.
    Mug,
}

/// Who buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Customer {
    /// The first client of the figure.
    Ann,
    /// The second.
    Ben,
    /// She bought before the run began; only the past knows her.
    Cleo,
}

/// What has happened. Money is in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShopEvent {
    /// So many of an item came in.
    Stocked {
        /// Of what.
        item: Item,
        /// How many.
        count: u8,
    },
    /// A customer took one.
    Taken {
        /// Of what.
        item: Item,
        /// Who.
        customer: Customer,
    },
    /// A customer put one back.
    PutBack {
        /// Of what.
        item: Item,
        /// Who.
        customer: Customer,
    },
    /// A customer paid.
    Charged {
        /// Who.
        customer: Customer,
        /// How much.
        cents: u32,
    },
    /// A customer paid, as it was written down in the shop's first year: in whole euros. An
    /// [upcaster](upcasters) makes it [`Charged`](ShopEvent::Charged).
    ChargedEuros {
        /// Who.
        customer: Customer,
        /// How much.
        euros: u16,
    },
    /// A customer took one and paid for it, in one go.
    Sold {
        /// Of what.
        item: Item,
        /// Who.
        customer: Customer,
    },
}

/// What somebody wants of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShopCommand {
    /// Takes one.
    Take(Customer, Item),
    /// Puts one back.
    PutBack(Customer, Item),
    /// Pays what is owed.
    Pay(Customer),
    /// Puts three more on the shelf.
    Restock(Item),
    /// Takes one and pays for it.
    Buy(Customer, Item),
    /// Likewise, and somebody else has looked whether there is one: the shop does not.
    BuyUnseen(Customer, Item),
}

/// Why the shop says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShopRefusal {
    /// There is none left.
    SoldOut(Item),
    /// The customer has none that could be put back.
    NotInCart(Customer, Item),
    /// The customer owes nothing.
    NothingOwed(Customer),
    /// The shelf holds [`Shop::SHELF`] and no more.
    ShelfFull(Item),
}

impl Item {
    /// All of them.
    pub const ALL: [Item; 2] = [Item::Tea, Item::Mug];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Item::Tea => "tea",
            Item::Mug => "mug",
        }
    }

    /// What it costs, in cents.
    pub fn cents(self) -> u32 {
        match self {
            Item::Tea => 450,
            Item::Mug => 1_200,
        }
    }

    /// The stream of its stock.
    pub fn stream(self) -> &'static str {
        match self {
            Item::Tea => "stock-tea",
            Item::Mug => "stock-mug",
        }
    }
}

impl Customer {
    /// All of them.
    pub const ALL: [Customer; 3] = [Customer::Ann, Customer::Ben, Customer::Cleo];

    /// What people call the customer.
    pub fn name(self) -> &'static str {
        match self {
            Customer::Ann => "Ann",
            Customer::Ben => "Ben",
            Customer::Cleo => "Cleo",
        }
    }

    /// The stream of the customer's payments.
    pub fn stream(self) -> &'static str {
        match self {
            Customer::Ann => "payments-ann",
            Customer::Ben => "payments-ben",
            Customer::Cleo => "payments-cleo",
        }
    }
}

impl ShopEvent {
    /// The stream that it belongs to.
    pub fn stream(self) -> &'static str {
        match self {
            ShopEvent::Stocked { item, .. }
            | ShopEvent::Taken { item, .. }
            | ShopEvent::PutBack { item, .. }
            | ShopEvent::Sold { item, .. } => item.stream(),
            ShopEvent::Charged { customer, .. } | ShopEvent::ChargedEuros { customer, .. } => {
                customer.stream()
            }
        }
    }

    /// The name of its type.
    pub fn event_type(self) -> &'static str {
        match self {
            ShopEvent::Stocked { .. } => "Stocked",
            ShopEvent::Taken { .. } => "Taken",
            ShopEvent::PutBack { .. } => "PutBack",
            ShopEvent::Charged { .. } => "Charged",
            ShopEvent::ChargedEuros { .. } => "ChargedEuros",
            ShopEvent::Sold { .. } => "Sold",
        }
    }

    /// The item that it is about, if it is about one.
    pub fn item(self) -> Option<Item> {
        match self {
            ShopEvent::Stocked { item, .. }
            | ShopEvent::Taken { item, .. }
            | ShopEvent::PutBack { item, .. }
            | ShopEvent::Sold { item, .. } => Some(item),
            ShopEvent::Charged { .. } | ShopEvent::ChargedEuros { .. } => None,
        }
    }

    /// The customer that it is about, if it is about one.
    pub fn customer(self) -> Option<Customer> {
        match self {
            ShopEvent::Stocked { .. } => None,
            ShopEvent::Taken { customer, .. }
            | ShopEvent::PutBack { customer, .. }
            | ShopEvent::Sold { customer, .. }
            | ShopEvent::Charged { customer, .. }
            | ShopEvent::ChargedEuros { customer, .. } => Some(customer),
        }
    }
}

/// As one would tell it: `Ann took a mug`.
impl fmt::Display for ShopEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ShopEvent::Stocked { item, count } => write!(f, "{count} × {} came in", item.name()),
            ShopEvent::Taken { item, customer } => {
                write!(f, "{} took a {}", customer.name(), item.name())
            }
            ShopEvent::PutBack { item, customer } => {
                write!(f, "{} put a {} back", customer.name(), item.name())
            }
            ShopEvent::Charged { customer, cents } => {
                write!(f, "{} paid {}", customer.name(), Euros(cents.into()))
            }
            ShopEvent::ChargedEuros { customer, euros } => {
                write!(f, "{} paid {euros} €", customer.name())
            }
            ShopEvent::Sold { item, customer } => {
                write!(f, "{} bought a {}", customer.name(), item.name())
            }
        }
    }
}

/// Cents, shown as euros: `4.50 €`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Euros(pub i64);

impl fmt::Display for Euros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02} €", cents / 100, cents % 100)
    }
}

impl ShopCommand {
    /// The streams that a decision about it rests on. What is decided goes to the first.
    pub fn streams(self) -> Vec<&'static str> {
        match self {
            ShopCommand::Take(_, item)
            | ShopCommand::PutBack(_, item)
            | ShopCommand::Restock(item)
            | ShopCommand::Buy(_, item)
            | ShopCommand::BuyUnseen(_, item) => vec![item.stream()],
            ShopCommand::Pay(customer) => {
                vec![customer.stream(), Item::Tea.stream(), Item::Mug.stream()]
            }
        }
    }

    /// A customer's command in the words that runs and scripts have for it: `take tea`, `put back
    /// mug`, `pay`, `restock tea`. `None` if they are not among them.
    pub fn parse(customer: Customer, words: &str) -> Option<ShopCommand> {
        let item = |name: &str| Item::ALL.into_iter().find(|item| item.name() == name);
        if words == "pay" {
            return Some(ShopCommand::Pay(customer));
        }
        let (verb, name) = words.rsplit_once(' ')?;
        match verb {
            "take" => Some(ShopCommand::Take(customer, item(name)?)),
            "put back" => Some(ShopCommand::PutBack(customer, item(name)?)),
            "restock" => Some(ShopCommand::Restock(item(name)?)),
            "buy" => Some(ShopCommand::Buy(customer, item(name)?)),
            "buy unseen" => Some(ShopCommand::BuyUnseen(customer, item(name)?)),
            _ => None,
        }
    }
}

/// In the words of [`ShopCommand::parse`].
impl fmt::Display for ShopCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ShopCommand::Take(_, item) => write!(f, "take {}", item.name()),
            ShopCommand::PutBack(_, item) => write!(f, "put back {}", item.name()),
            ShopCommand::Pay(_) => f.write_str("pay"),
            ShopCommand::Restock(item) => write!(f, "restock {}", item.name()),
            ShopCommand::Buy(_, item) => write!(f, "buy {}", item.name()),
            ShopCommand::BuyUnseen(_, item) => write!(f, "buy unseen {}", item.name()),
        }
    }
}

impl fmt::Display for ShopRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ShopRefusal::SoldOut(item) => write!(f, "no {} is left", item.name()),
            ShopRefusal::NotInCart(customer, item) => {
                write!(f, "{} has no {}", customer.name(), item.name())
            }
            ShopRefusal::NothingOwed(customer) => write!(f, "{} owes nothing", customer.name()),
            ShopRefusal::ShelfFull(item) => write!(f, "the shelf is full of {}", item.name()),
        }
    }
}

impl std::error::Error for ShopRefusal {}

/// The shop's state: what all its events come to. Numbers may be below 0 where the rules were not
/// kept, for that is what there is to see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shop {
    /// How many are left of each item, in the order of [`Item::ALL`].
    pub left: [i32; 2],
    /// By customer, in the order of [`Customer::ALL`].
    pub customers: [Account; 3],
}

/// A customer's part of the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Account {
    /// How many of each item are in the cart, paid or not, in the order of [`Item::ALL`].
    pub cart: [i32; 2],
    /// What was paid, in cents.
    pub paid_cents: i64,
    /// How often.
    pub payments: u32,
}

impl Account {
    /// What the cart is worth less what was paid, in cents; below 0 if too much was.
    pub fn owes_cents(&self) -> i64 {
        let worth = |item: Item| i64::from(self.cart[item as usize]) * i64::from(item.cents());
        Item::ALL.into_iter().map(worth).sum::<i64>() - self.paid_cents
    }
}

impl Shop {
    /// How many of an item a shelf holds.
    pub const SHELF: i32 = 9;

    /// How many of an item are left.
    pub fn left(&self, item: Item) -> i32 {
        self.left[item as usize]
    }

    /// A customer's part.
    pub fn account(&self, customer: Customer) -> &Account {
        &self.customers[customer as usize]
    }

    /// The state after one more event.
    pub fn apply(&mut self, event: ShopEvent) {
        match event {
            ShopEvent::Stocked { item, count } => self.left[item as usize] += i32::from(count),
            ShopEvent::Taken { item, customer } => {
                self.left[item as usize] -= 1;
                self.customers[customer as usize].cart[item as usize] += 1;
            }
            ShopEvent::PutBack { item, customer } => {
                self.left[item as usize] += 1;
                self.customers[customer as usize].cart[item as usize] -= 1;
            }
            ShopEvent::Charged { customer, cents } => {
                let account = &mut self.customers[customer as usize];
                account.paid_cents += i64::from(cents);
                account.payments += 1;
            }
            ShopEvent::Sold { item, customer } => {
                self.left[item as usize] -= 1;
                let account = &mut self.customers[customer as usize];
                account.cart[item as usize] += 1;
                account.paid_cents += i64::from(item.cents());
                account.payments += 1;
            }
            // Nothing here knows euros any more: that is what the upcaster is for.
            ShopEvent::ChargedEuros { .. } => {}
        }
    }

    /// What comes of a command in this state.
    ///
    /// # Errors
    ///
    /// [`ShopRefusal`]: nothing does.
    pub fn decide(&self, command: ShopCommand) -> Result<ShopEvent, ShopRefusal> {
        match command {
            ShopCommand::Take(_, item) | ShopCommand::Buy(_, item) if self.left(item) <= 0 => {
                Err(ShopRefusal::SoldOut(item))
            }
            ShopCommand::Buy(customer, item) | ShopCommand::BuyUnseen(customer, item) => {
                Ok(ShopEvent::Sold { item, customer })
            }
            ShopCommand::Take(customer, item) => Ok(ShopEvent::Taken { item, customer }),
            ShopCommand::PutBack(customer, item) => {
                let has = self.account(customer).cart[item as usize];
                if has <= 0 {
                    return Err(ShopRefusal::NotInCart(customer, item));
                }
                Ok(ShopEvent::PutBack { item, customer })
            }
            ShopCommand::Pay(customer) => {
                let cents = u32::try_from(self.account(customer).owes_cents()).unwrap_or(0);
                if cents == 0 {
                    return Err(ShopRefusal::NothingOwed(customer));
                }
                Ok(ShopEvent::Charged { customer, cents })
            }
            ShopCommand::Restock(item) if self.left(item) + 3 > Shop::SHELF => {
                Err(ShopRefusal::ShelfFull(item))
            }
            ShopCommand::Restock(item) => Ok(ShopEvent::Stocked { item, count: 3 }),
        }
    }
}

/// The shop's rules, as an event store knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShopRules;

impl Evolve for ShopRules {
    type Payload = ShopEvent;
    type State = Shop;

    fn initial(&self) -> Shop {
        Shop::default()
    }

    fn evolve(&self, shop: &mut Shop, event: &Event<'_, ShopEvent>) {
        shop.apply(*event.payload());
    }

    fn knows(&self, event_type: &str) -> bool {
        event_type != "ChargedEuros"
    }

    fn schema(&self) -> u64 {
        2
    }
}

impl Decider for ShopRules {
    type Command = ShopCommand;
    type Refusal = ShopRefusal;

    fn decide(&self, shop: &Shop, command: &ShopCommand) -> Result<Vec<ShopEvent>, ShopRefusal> {
        shop.decide(*command).map(|event| vec![event])
    }

    fn event_type(&self, event: &ShopEvent) -> &'static str {
        event.event_type()
    }
}

/// The sleeve that the shop's oldest events go through.
pub fn upcasters() -> Upcasters<ShopEvent> {
    let step = Upcaster { from: "ChargedEuros", to: "Charged", upcast: into_cents };
    Upcasters::new(vec![step]).unwrap_or_default()
}

/// The event in its newest form.
pub fn upcast(event: ShopEvent) -> ShopEvent {
    into_cents(&event).unwrap_or(event)
}

fn into_cents(event: &ShopEvent) -> Option<ShopEvent> {
    match *event {
        ShopEvent::ChargedEuros { customer, euros } => {
            Some(ShopEvent::Charged { customer, cents: u32::from(euros) * 100 })
        }
        _ => None,
    }
}

/// What had happened before the run: there is tea, and one last mug.
pub const BEFORE: [ShopEvent; 6] = [
    ShopEvent::Stocked { item: Item::Tea, count: 5 },
    ShopEvent::Stocked { item: Item::Mug, count: 3 },
    ShopEvent::Taken { item: Item::Mug, customer: Customer::Cleo },
    ShopEvent::Taken { item: Item::Mug, customer: Customer::Cleo },
    ShopEvent::ChargedEuros { customer: Customer::Cleo, euros: 24 },
    ShopEvent::Taken { item: Item::Tea, customer: Customer::Ben },
];

/// A kind, what it is about, and a number in the order of their bytes, the highest last.
impl PayloadBytes for ShopEvent {
    fn encode(&self, into: &mut Vec<u8>) {
        match *self {
            ShopEvent::Stocked { item, count } => into.extend([0, item as u8, count]),
            ShopEvent::Taken { item, customer } => into.extend([1, item as u8, customer as u8]),
            ShopEvent::PutBack { item, customer } => into.extend([2, item as u8, customer as u8]),
            ShopEvent::Charged { customer, cents } => {
                into.extend([3, customer as u8]);
                into.extend(cents.to_le_bytes());
            }
            ShopEvent::ChargedEuros { customer, euros } => {
                into.extend([4, customer as u8]);
                into.extend(euros.to_le_bytes());
            }
            ShopEvent::Sold { item, customer } => into.extend([5, item as u8, customer as u8]),
        }
    }

    fn decode(bytes: &[u8]) -> Option<ShopEvent> {
        let item = |byte: u8| Item::ALL.get(usize::from(byte)).copied();
        let customer = |byte: u8| Customer::ALL.get(usize::from(byte)).copied();
        Some(match *bytes {
            [0, of, count] => ShopEvent::Stocked { item: item(of)?, count },
            [1, of, by] => ShopEvent::Taken { item: item(of)?, customer: customer(by)? },
            [2, of, by] => ShopEvent::PutBack { item: item(of)?, customer: customer(by)? },
            [3, by, a, b, c, d] => {
                let cents = u32::from_le_bytes([a, b, c, d]);
                ShopEvent::Charged { customer: customer(by)?, cents }
            }
            [4, by, a, b] => {
                let euros = u16::from_le_bytes([a, b]);
                ShopEvent::ChargedEuros { customer: customer(by)?, euros }
            }
            [5, of, by] => ShopEvent::Sold { item: item(of)?, customer: customer(by)? },
            _ => return None,
        })
    }
}
