//! The same run has the same history, here and in the browser: `tests/web.rs` expects the very same
//! lines of the wasm build.

use expect_test::expect_file;

#[path = "../shared/hashes.rs"]
mod shared;

#[test]
fn histories_are_what_they_were() {
    expect_file!["golden/history_hashes.txt"].assert_eq(&shared::history_hashes());
}
