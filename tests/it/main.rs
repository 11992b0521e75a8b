mod paper;
mod raft_cluster;
mod seeds;
mod thesis;
