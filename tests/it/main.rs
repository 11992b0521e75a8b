#[cfg(feature = "lessons")]
mod bugs;
mod exhaustive;
mod explore;
mod export;
mod hashes;
#[path = "../shared/histories.rs"]
mod histories;
mod hostile;
mod judges;
mod leases;
mod linearizability;
mod links;
mod liveness;
mod paper;
mod properties;
mod raft_cluster;
mod scenarios;
mod scripts;
mod seeds;
mod thesis;
mod tidy;
mod views;
mod why;
