//! Every scenario that ships is true, and three of them tell their story line by line.

use rift::labs::SCRIPTED;
use rift::scenario::{parse, play};

#[test]
fn every_shipped_scenario_plays_green() {
    for entry in SCRIPTED {
        let mut red = Vec::new();
        for shipped in entry.scenarios {
            match parse(shipped.text) {
                Err(e) => red.push(format!("{}: {e}", shipped.name)),
                Ok(scenario) => {
                    let report = play(&scenario).expect("what parses can be played");
                    if !report.passed() {
                        red.push(format!("# {}\n{report}", shipped.name));
                    }
                }
            }
        }
        assert!(red.is_empty(), "{}", red.join("\n"));
    }
}
