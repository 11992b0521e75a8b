//! Firefox, found or installed where the system lets us, and the tests that are run in it.
//!
//! Its driver is a crate, so it is set up as trunk is (`setup`).

use std::env;
use std::path::PathBuf;

use crate::apt::apt_install;
use crate::browser::family;
use crate::run::{Checkout, Failure, Outcome, find_on_path};

const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
const ON_MAC: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";

/// What is run in Firefox, too, by the names of modules and tests of `tests/browser`: of each kind
/// of thing that browsers do in their own way what tells the most, in some two minutes. All that
/// does not need Chromium can be: `E2E_BROWSER=firefox cargo test --no-default-features --features
/// e2e --test browser`.
pub(crate) const TESTS: &[&str] = &[
    // The tests' own hands and eyes.
    "support_works::a_mouse_draws_a_stroke_of_small_moves",
    "support_works::a_small_dark_still_touch_screen_is_what_the_page_sees",
    "support_works::a_word_on_the_console_and_a_request_abroad_are_noticed",
    // A figure is torn and heals; keys alone will do; tasks tick; the guide opens.
    "reader::a_server_dragged_out_is_on_an_island_and_comes_back_when_dragged_in",
    "reader::a_stroke_isolates_the_leader_and_the_majority_goes_on_without_it",
    "reader::the_keyboard_alone_can_cut_off_a_server_and_heal",
    "time::the_keyboard_alone_goes_through_time",
    "guide::a_tour_waits_goes_on_goes_back_and_ends",
    "guide::what_the_reader_does_is_theirs_and_the_tour_is_still_there",
    "guide::a_laboratory_is_fetched_when_its_place_comes_near",
    "trade_offs::sliders_change_what_is_run_and_keep_the_focus",
    "reflow::at_320_pixels_every_page_fits",
    // The same history, bit for bit, and links that open it.
    "reader::the_browser_lives_the_same_history_as_the_native_program",
    "cap::a_link_opens_at_the_same_instant_of_the_same_history",
    "breaker::a_link_opens_at_the_same_instant_of_the_same_history",
    "events::two_writers_race_and_the_one_who_came_second_decides_again",
    "time::a_link_shows_both_branches_side_by_side_at_the_same_instant",
    // The second program, and what comes in and goes out through it.
    "lens::each_tab_shows_the_run_and_agrees_with_the_figure",
    "share::a_script_is_opened_by_the_keyboard_and_its_mistake_is_named",
    "robust::in_a_really_sandboxed_frame_everything_else_works",
    // On pages of other people.
    "embed::ten_figures_of_a_post_share_four_programs_under_a_strict_policy_and_a_path",
    "embed::a_frame_has_the_height_of_its_figure_and_answers",
    "embed::a_script_moves_a_figure_and_hears_what_happens",
    "embed_manners::every_page_of_the_kit_works_under_the_strictest_policy_and_a_path",
    // The packages for JavaScript.
    "event_store::bytes_of_another_window_are_bytes",
    "event_store::what_was_appended_is_read_in_every_way_as_it_was",
    "event_store::kept::what_was_acknowledged_is_there_after_a_reload_and_still_known_by_its_ids",
    "circuit_breaker::the_fifth_failure_in_a_row_opens_and_a_rejection_says_why_and_for_how_long",
    "circuit_breaker::a_page_with_a_strict_policy_guards_its_own_fetches",
];

pub(crate) fn ensure(checkout: &Checkout) -> Outcome<PathBuf> {
    if let Some(named) = env::var_os("FIREFOX").map(PathBuf::from) {
        let missing = || Failure::new("there is no file where FIREFOX says", advice());
        return Some(named).filter(|path| path.is_file()).ok_or_else(missing);
    }
    let find = || {
        let on_mac = || Some(PathBuf::from(ON_MAC)).filter(|path| path.is_file());
        NAMES.into_iter().find_map(find_on_path).or_else(on_mac)
    };
    if find().is_none() && is_debian() {
        apt_install(checkout, &["firefox-esr"], "the page is tested in it, too", &advice())?;
    }
    find().ok_or_else(|| Failure::new("no Firefox on PATH", advice()))
}

/// Ubuntu's package is but a hint at a snap, which takes no profile of ours.
fn is_debian() -> bool {
    family().first().is_some_and(|id| id == "debian")
}

fn advice() -> String {
    let install = match env::consts::OS {
        "macos" => "run `brew install --cask firefox`",
        _ if is_debian() => "run `sudo apt-get install firefox-esr`",
        _ => "install Firefox",
    };
    format!("{install}, or name the program in FIREFOX")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A filter that no test has would let the step pass by running nothing.
    #[test]
    fn every_test_for_firefox_is_there() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser");
        for name in super::TESTS {
            let (module, test) = name.rsplit_once("::").expect("a module and a test");
            let file = tests.join(module.replace("::", "/") + ".rs");
            let source = fs::read_to_string(&file).unwrap_or_default();
            assert!(source.contains(&format!("\nfn {test}() {{")), "{name} in {}", file.display());
        }
    }
}
