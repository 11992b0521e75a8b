mod explore;
mod hostile;
mod paper;
mod raft_cluster;
mod seeds;
