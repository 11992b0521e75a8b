mod explore;
mod hostile;
mod judges;
mod linearizability;
mod paper;
mod raft_cluster;
mod seeds;
mod tampered;
