#[cfg(feature = "lessons")]
mod bugs;
mod cap;
mod cap_picture;
mod cap_views;
mod cap_words;
#[path = "../shared/clients.rs"]
mod clients;
mod consistency;
mod event_store;
mod events;
mod events_words;
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
mod pbs;
mod primary_backup;
mod properties;
mod quorum;
mod raft_cluster;
mod scenarios;
mod scripts;
mod seeds;
mod staleness;
mod thesis;
mod tidy;
mod views;
mod why;
