//! `cargo xtask <command>`: everything a person or a machine runs here, in Rust and nothing else.
//!
//! Needs rustup and git only; whatever else is missing, [`setup`] installs, and says so.

mod apt;
mod args;
mod bench;
mod browser;
mod guide;
mod kit;
mod page;
mod programs;
mod run;
mod setup;
mod size;
mod test;
mod tools;

use std::process::ExitCode;

use args::Command;
use run::{Checkout, Outcome};
use setup::{Need, Setup};

const HELP: &str = "\
Rift's tasks. What is missing on this machine is set up first.

    cargo xtask serve            the page at http://127.0.0.1:8080, rebuilt when a file changes
        --port <N>               another port
        --open                   and open it in the browser
        --release                optimised, as it is published
    cargo xtask test             everything that must hold before a change is done
        <step>...                only these: fmt clippy native features doc types wasm page e2e
    cargo xtask build            the page, as it is published, into dist/
    cargo xtask size             raw, gzip and brotli size of every file in dist/
        --limit <kB>             fail if a first visit takes more kB of brotli, not 238
    cargo xtask bench            what the claims about speed rest on; takes minutes
        <place>...               only there: native, web (the core in headless Chromium),
                                 page (a reader's hands on the page)
    cargo xtask setup            only the set-up, for every command above
    cargo xtask help             this text
";

fn main() -> ExitCode {
    let command = match args::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("xtask: {error}. `cargo xtask help` lists the commands.");
            return ExitCode::from(2);
        }
    };
    match perform(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Outcome {
    let checkout = Checkout::find()?;
    match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Serve(options) => {
            let mut setup = Setup::new(&checkout);
            setup.ensure(if options.release { Need::PAGE_RELEASE } else { Need::PAGE_DEV })?;
            page::serve(&checkout, &options)
        }
        Command::Build => {
            Setup::new(&checkout).ensure(Need::PAGE_RELEASE)?;
            page::build(&checkout)
        }
        Command::Programs => programs::build(&checkout),
        Command::NamePrograms => programs::name(&checkout),
        Command::Size { limit_kb } => size::report(&checkout, limit_kb),
        Command::Setup => {
            Setup::new(&checkout).ensure(Need::ALL)?;
            println!("Everything is set up.");
            Ok(())
        }
        Command::Bench(places) => bench::run(&checkout, &places),
        Command::Test(steps) => test::run(&checkout, &steps),
    }
}
