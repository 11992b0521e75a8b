//! The whole-system lab: everything together, in one world with one timeline.
//!
//! Customers come to two shop fronts. A front looks at the stock page, and calls the cluster
//! through its [breaker](crate::circuit_breaker), with [retries](crate::resilience) if it may. The
//! cluster is [Raft](crate::raft) with an event-sourced shop on top: what is committed are orders,
//! and every server carries them out on an [event store](crate::event_store) of its own. Two pages
//! are read models that follow those events, and so are a little behind.
//!
//! Nothing here is made for this lab alone: fronts, servers and pages are the caller of the
//! [breaker](super::breaker) lab and the replica and read model of the
//! [event sourcing](super::events) lab.

mod cluster;
mod front;
mod orders;
mod page;
mod server;
mod settings;
mod system;

pub use cluster::{Cluster, ORDER};
pub use front::{Front, Order as OpenOrder};
pub use orders::{Counts, Order, Orders, Told};
pub use page::Page;
pub use server::Server;
pub use system::{
    Cast, Conduct, Done, FRONTS, Looks, PAGES, Role, Shown, WholeEvent, WholeMessage, WholeProcess,
    WholeRequest, WholeSetup,
};

use crate::sim::{Delay, LinkSettings};

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 20_000, high_us: 40_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 2_000, high_us: 4_000 };

#[cfg(test)]
mod scratch {
    use super::*;
    use crate::labs::LabSettings;

    #[test]
    fn orders_flow() {
        let mut cluster = Cluster::new(&LabSettings::new(7, 7));
        for second in 1..=20 {
            cluster.advance_to(second * 1_000_000).unwrap();
            let ends: Vec<u64> = cluster.servers().map(|n| cluster.replica(n).map_or(0, |r| r.store().last_position())).collect();
            let pages: Vec<u64> = [cluster.cast().stock_page(), cluster.cast().sales_page()].into_iter().map(|n| cluster.process(n).and_then(WholeProcess::page).map_or(0, |p| p.model().through())).collect();
            println!("{second} leader {:?} {:?} waiting {} ends {ends:?} pages {pages:?} records {}", cluster.leader(), cluster.orders().counts(), cluster.orders().waiting(), cluster.world().history().len());
            let calls: Vec<_> = cluster.orders().calls().all().iter().map(|c| (c.begun, c.served, c.rejected, c.failed, c.late)).collect();
            println!("   {calls:?}");
        }
    }
}
