//! What the end-to-end tests stand on: a site that serves `dist/`, a browser that visits it, and
//! a [`Page`] with hands and eyes.
//!
//! A test is one call of [`visit`]:
//!
//! ```ignore
//! #[test]
//! fn a_leader_emerges() {
//!     visit(Visit::default(), async |page| {
//!         page.wait_for_text("#status", "is leader").await;
//!     });
//! }
//! ```

mod chrome;
mod driver;
mod figure;
mod firefox;
mod page;
mod pointer;
mod site;

pub(crate) use driver::Browser;
pub(crate) use figure::dial_button;
pub(crate) use page::{Page, must};
pub(crate) use pointer::{Hand, Point};
pub(crate) use site::{Reply, Site, SiteOptions};

use std::panic::resume_unwind;
use std::rc::Rc;

use tokio::runtime;
use tokio::task::LocalSet;

use driver::Driver;

/// How a test comes to the page.
pub(crate) struct Visit {
    pub(crate) site: SiteOptions,
    pub(crate) screen: Screen,
    /// What follows the path of the page, such as `?seed=7`.
    pub(crate) query: &'static str,
    /// Whether the test begins only when the browser has loaded the page.
    pub(crate) until_loaded: bool,
}

impl Default for Visit {
    fn default() -> Visit {
        let site = SiteOptions::default();
        Visit { site, screen: Screen::DESK, query: "", until_loaded: true }
    }
}

/// What the reader holds in their hands and how they like it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// CSS pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
    pub(crate) reduced_motion: bool,
    /// The system chooses the colours, as high contrast does in Windows.
    pub(crate) forced_colors: bool,
    /// How many pixels of the screen a CSS pixel has to a side: zooming in makes `width` and
    /// `height` smaller and this one larger.
    pub(crate) zoom: f64,
    /// Fingers instead of a mouse.
    pub(crate) touch: bool,
}

impl Screen {
    pub(crate) const DESK: Screen = Screen {
        width: 1280,
        height: 800,
        dark: false,
        reduced_motion: false,
        forced_colors: false,
        zoom: 1.0,
        touch: false,
    };
    pub(crate) const PHONE: Screen =
        Screen { width: 390, height: 844, touch: true, ..Screen::DESK };
}

/// Serves the site, opens the page in a browser of its own, and runs the test. When the test
/// fails, a picture of the page goes to `test-artifacts/` and its console to the output.
pub(crate) fn visit<Test>(visit: Visit, test: Test)
where
    Test: AsyncFnOnce(&Page) + 'static,
{
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    LocalSet::new().block_on(&runtime.expect("a runtime can be built"), async {
        let site = Site::serve(visit.site.clone());
        let driver = Driver::start();
        let page = Rc::new(Page::open(site, &driver, &visit).await);
        let visited = Rc::clone(&page);
        // A task, so that its panic comes back as a value.
        let outcome = tokio::task::spawn_local(async move { test(&visited).await }).await;
        if outcome.is_err() {
            page.save_evidence().await;
        }
        page.close().await;
        if let Err(failure) = outcome {
            resume_unwind(failure.into_panic());
        }
    });
}
