//! What the thesis adds to the paper: Diego Ongaro, "Consensus: Bridging Theory and Practice",
//! Stanford University, 2014. Sections with a § are the paper's, those without the thesis's.

mod elections;
mod membership;
mod pipelining;
mod reads;
mod sessions;
mod transfer;
