//! Debian's packages, where they can be installed without a question.

use std::process::Command;

use crate::run::{Checkout, Outcome, find_on_path, output_of, run_visibly, say};

/// Installs Debian's packages where that is possible without a question; elsewhere does nothing,
/// and whoever needs them says what to install.
pub(crate) fn apt_install(
    checkout: &Checkout,
    packages: &[&str],
    why: &str,
    advice: &str,
) -> Outcome {
    let (Some(_), Some(root)) = (find_on_path("apt-get"), become_root()) else {
        return Ok(());
    };
    say(format_args!("installing {} with apt-get, for {why}", packages.join(" and ")));
    let apt = |args: &[&str]| {
        let mut command = checkout.command(root.get_program());
        command.args(root.get_args()).arg("apt-get").args(args);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        run_visibly(&mut command, &format!("`apt-get {}` failed", args[0]), advice)
    };
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

/// As root, or with a `sudo` that asks nothing: the words to put before a command.
fn become_root() -> Option<Command> {
    if output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0") {
        return Some(Command::new("env"));
    }
    let mut sudo = Command::new("sudo");
    sudo.arg("-n");
    output_of(Command::new("sudo").args(["-n", "true"])).map(|_| sudo)
}
