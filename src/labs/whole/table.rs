//! The same as the picture, as a table; orders, as another; and how things stand, in a sentence.

use super::super::Table;
use super::super::breaker::table::door;
use super::super::events::scene::{holds, log_in_words};
use super::super::stage::troubles;
use super::Cluster;
use super::orders::Order;
use super::system::{Role, WholeProcess};
use super::words;
use crate::circuit_breaker::State;
use crate::sim::NodeId;

/// So many events of a server are written out, and so many orders: the newest.
const EVENTS: u64 = 8;
const ORDERS: usize = 24;

/// A row for each node.
pub(super) fn table(cluster: &Cluster) -> Table {
    let row = |node: NodeId| {
        let [state, has] = stands(cluster, node);
        vec![node.to_string(), words::part(cluster.cast(), node).to_owned(), state, has]
    };
    Table {
        caption: "Every node as it stands. Of a front: its breaker, and what became of orders. Of \
                  a server: its role, and its last events. Of a page: the position up to which it \
                  has followed, and what it shows."
            .to_owned(),
        head: vec!["Node", "Is", "State", "Has"],
        rows: cluster.world().node_ids().map(row).collect(),
    }
}

fn stands(cluster: &Cluster, id: NodeId) -> [String; 2] {
    let Some(node) = cluster.world().node(id) else { return Default::default() };
    let [state, has] = match (node.process(), cluster.cast().role(id)) {
        (Some(WholeProcess::Front(_)), _) => front(cluster, id),
        (Some(WholeProcess::Server(server)), _) => {
            let (raft, store) = (server.replica().raft().server(), server.replica().store());
            let role = super::super::raft::scene::role_word(raft);
            let state = format!("{role}, term {}", raft.current_term());
            [state, log_in_words(store, EVENTS)]
        }
        (Some(WholeProcess::Page(page)), _) => {
            let model = page.model();
            let state = format!("at {}, asks {}", model.through(), page.asks());
            [state, holds(model.kind(), &model.state().shop)]
        }
        (None, Role::Front) => ["down".to_owned(), "nothing".to_owned()],
        (None, Role::Server) => {
            let entries = node.disk().image().raft.log.len();
            ["down".to_owned(), format!("{entries} entries of Raft’s log on its disk")]
        }
        (None, Role::Page(_)) => {
            let kept = node.disk().image().model.position;
            ["down".to_owned(), format!("events up to {kept} on its disk")]
        }
    };
    [state + &troubles(cluster.world(), id), has]
}

fn front(cluster: &Cluster, id: NodeId) -> [String; 2] {
    let world = cluster.world();
    let Some(front) = cluster.process(id).and_then(WholeProcess::front) else {
        return Default::default();
    };
    let now_us = world.node(id).map_or(0, |node| node.clock().shows_us(world.now_us()));
    let breaker = front.caller().doors().first();
    let state = breaker.map_or("no breaker".to_owned(), |breaker| door(breaker, now_us));
    let calls = cluster.orders().calls().of(id).cloned().unwrap_or_default();
    let shown = match front.shown() {
        None => "the stock page was not shown yet".to_owned(),
        Some(shown) => {
            format!("the page showed {}, as of event {}", words::left(shown.left), shown.through)
        }
    };
    let has = format!(
        "{} wait; of {} orders {} answered, {} turned away, {} failed; {shown}",
        front.orders().len(),
        calls.begun,
        calls.served,
        calls.rejected,
        calls.failed
    );
    [state, has]
}

/// What customers have ordered, and what became of it, the newest first.
pub(super) fn orders(cluster: &Cluster) -> Table {
    let row = |order: &Order| {
        let sent = order.sent.to_string();
        let at = words::seconds(order.at_us);
        vec![at, order.front.to_string(), words::wish(order.wish), sent, words::told(order)]
    };
    Table {
        caption: "The latest orders: when and where they were made, how often they were sent, and \
                  what the customer was told."
            .to_owned(),
        head: vec!["At", "Front", "Order", "Sent", "Told"],
        rows: cluster.orders().all().iter().rev().take(ORDERS).map(row).collect(),
    }
}

/// How things stand, in a few sentences.
pub(super) fn headline(cluster: &Cluster) -> String {
    let leads = match cluster.leader() {
        Some(leader) => format!("{leader} leads."),
        None => "Nobody leads, so nothing is sold.".to_owned(),
    };
    let fronts = cluster.fronts().filter_map(|node| cluster.process(node)?.front());
    let doors: Vec<State> =
        fronts.flat_map(|front| front.caller().doors().iter().map(|door| door.state())).collect();
    let open = doors.iter().filter(|state| **state != State::Closed).count();
    let breakers = match (doors.len(), open) {
        (0, _) => " There are no breakers.".to_owned(),
        (_, 0) => String::new(),
        (all, open) => format!(" {open} of {all} breakers are not closed."),
    };
    let counts = cluster.orders().counts();
    let page = cluster.process(cluster.cast().stock_page()).and_then(WholeProcess::page);
    let page = match page {
        None => " The stock page is down.".to_owned(),
        Some(page) => match cluster.last_position().saturating_sub(page.model().through()) {
            0 => String::new(),
            1 => " The stock page is one event behind.".to_owned(),
            behind => format!(" The stock page is {behind} events behind."),
        },
    };
    let told = counts.done + counts.refused;
    format!("{leads}{breakers} {told} of {} orders were answered.{page}", counts.made)
}
