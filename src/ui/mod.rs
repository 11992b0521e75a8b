//! The page, in Yew. Thin: gestures become commands, scenes become SVG, and no protocol is known.
//!
//! Three tiers keep it cheap. Panels (story, table, tasks) are rendered when something happened,
//! at most about ten times a second while playing. The stage's structure is rendered when the
//! scene changes. Motion between two events is written straight to the `transform` of what moves,
//! by one animation-frame loop that runs only while the figure plays, is on screen, and the tab is
//! visible.

mod announce;
mod app;
mod controls;
mod crash;
mod figure;
mod frame_loop;
mod keep;
mod lens;
mod menu;
mod motion;
mod panels;
mod pinned;
mod place;
mod playback;
mod share;
mod stage;
mod strip;
mod studies;
mod tree;
mod views;
mod watch;

pub use app::{ask, mount, mount_lab, unmount};
pub use crash::install_panic_hook;
pub use figure::Extras;
pub use place::Place;
pub use studies::mount_studies;
