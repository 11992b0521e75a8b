//! The command line: `rift help` says what it can do.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    rift::cli::main(&args)
}
