//! The fifth figure's lens.

#[path = "rift-lens/mod.rs"]
pub mod lens;

fn main() {
    rift::labs::know_only(rift::labs::Known::WHOLE);
}
