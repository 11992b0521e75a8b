//! How a shop looks: desks on the left, the log in the middle, read models on the right, and
//! between them what one says to the next. On a cluster: its servers in a ring.

mod cells;
mod looks;
mod tokens;
mod words;

pub(in crate::labs) use cells::{in_words as holds, log_in_words};
pub(in crate::labs) use cells::{log as log_strip, model as model_strip};
pub(in crate::labs) use looks::kind_word;
pub(super) use looks::{desk_at_work, wrong};
pub(super) use tokens::is_answer;
pub(super) use tokens::legend_of as legend;
pub(in crate::labs) use tokens::{dress, label};
pub(super) use words::{euros, headline, reading, sides, state};

use super::super::stage::{Placing, links, stands};
use super::system::{KEEPER, Log};
use super::{Cluster, client_views};
use crate::scene::{Frame, Point, Ranks, Ring, Scene, Tear, tears};

/// So many desks, logs and read models.
const RANKS: [usize; 3] = [2, 1, 3];

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let (world, log) = (cluster.world(), cluster.rules().log);
    let network = world.network();
    let ranks = (log == Log::Single).then(|| Ranks::new(frame, &RANKS));
    let (stands, tears): (Vec<Point>, Vec<Tear>) = match &ranks {
        // Who stands in a rank speaks to the next, so a cut is a link, and no tear through all.
        Some(ranks) => (ranks.places.clone(), Vec::new()),
        None => {
            let ring = Ring::new(frame, world.node_ids().count());
            let tears = tears(frame, &ring, &network.groups());
            (stands(&ring, &tears), tears)
        }
    };
    let mut links = links(world, &stands, &tears);
    if log == Log::Single {
        links.retain(|link| link.ends.0 == KEEPER || link.ends.1 == KEEPER);
    }
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    Scene {
        frame,
        nodes: world
            .node_ids()
            .map(|id| looks::node(cluster, id, stands[id.index()], frame))
            .collect(),
        tokens: network.in_flight().filter_map(|flight| tokens::token(&place, flight)).collect(),
        bursts: place.bursts(linger_us),
        links,
        tears,
        clients: client_views::views(cluster, frame, &stands, ranks.as_ref()),
        headline: words::headline(cluster),
        network_line: words::sides(cluster, &|from, to| network.is_cut(from, to)),
    }
}
