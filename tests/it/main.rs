#[cfg(feature = "lessons")]
mod bugs;
mod exhaustive;
mod explore;
mod hashes;
#[path = "../shared/histories.rs"]
mod histories;
mod hostile;
mod judges;
mod leases;
mod linearizability;
mod liveness;
mod paper;
mod primary_backup;
mod properties;
mod quorum;
mod raft_cluster;
mod scenarios;
mod scripts;
mod seeds;
mod thesis;
mod tidy;
