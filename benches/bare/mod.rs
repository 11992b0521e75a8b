//! Runs without their clients and judges: what came to the world, and when.

use rift::explore::{Plan, RaftSubject, stage_after};
use rift::labs::raft::{RaftProcess, RaftRequest, RaftSetup};
use rift::sim::{Fault, Happening, NodeId, World, WorldSettings};

/// One such run.
pub(crate) struct Bare {
    pub(crate) settings: WorldSettings<RaftSetup>,
    inputs: Vec<(u64, Given)>,
    ends_us: u64,
}

enum Given {
    Fault(Fault),
    Request(NodeId, RaftRequest),
}

impl Bare {
    /// All that the plan does to its world.
    pub(crate) fn of(subject: &RaftSubject, plan: &Plan) -> Bare {
        let (outcome, cluster) = stage_after(subject, plan);
        let world = cluster.world();
        let given = world.history().records().iter().filter_map(|record| {
            let what = match &record.what {
                Happening::Fault(fault) => Given::Fault(fault.clone()),
                Happening::Requested { node, request } => Given::Request(*node, request.clone()),
                _ => return None,
            };
            Some((record.at_us, what))
        });
        let (settings, ends_us) = (world.settings().clone(), outcome.simulated_us);
        Bare { settings, inputs: given.collect(), ends_us }
    }

    /// Plays it while somebody watches. How many things have happened.
    pub(crate) fn play(&self, mut watch: impl FnMut(&World<RaftProcess>)) -> usize {
        let mut world = World::<RaftProcess>::new(self.settings.clone());
        watch(&world);
        for (at_us, what) in &self.inputs {
            world.advance_watched(*at_us, &mut watch).expect("the history has room");
            let _ = match what {
                Given::Fault(fault) => world.inject(fault.clone()),
                Given::Request(node, request) => world.request(*node, request.clone()),
            };
            watch(&world);
        }
        world.advance_watched(self.ends_us, &mut watch).expect("the history has room");
        world.history().len()
    }
}
