//! Versions of tools, as they print them and as `Cargo.lock` pins them.

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::run::output_of;

/// Three numbers; what follows them (`-beta.1`, a commit) makes no difference to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Version {
        Version { major, minor, patch }
    }

    /// Reads the first word that starts with a digit: `trunk 0.21.14`,
    /// `wasm-opt version 132 (version_132)`, `Chromium 156.0.8078.73 built on Debian`.
    pub(crate) fn parse(text: &str) -> Option<Version> {
        let starts_with_digit = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let word = text.split_whitespace().find(starts_with_digit)?;
        let mut parts = word.split('.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        let major = parts.next()??;
        let minor = parts.next().flatten().unwrap_or(0);
        let patch = parts.next().flatten().unwrap_or(0);
        Some(Version { major, minor, patch })
    }

    /// What a program says of itself. `None` if it does not run, which also catches a download
    /// that was cut off half-way.
    pub(crate) fn of(program: &Path) -> Option<Version> {
        Version::parse(&output_of(Command::new(program).arg("--version"))?)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Which versions of a tool will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Exactly(Version),
    AtLeast(Version),
}

impl Wanted {
    pub(crate) fn accepts(self, version: Version) -> bool {
        match self {
            Wanted::Exactly(wanted) => version == wanted,
            Wanted::AtLeast(least) => version >= least,
        }
    }
}

/// The version that a `Cargo.lock` pins a package to; `None` unless there is exactly one.
pub(crate) fn locked_version(lock: &str, package: &str) -> Option<Version> {
    let name_line = format!("name = \"{package}\"");
    let mut versions = lock.split("[[package]]").filter_map(|entry| {
        let mut lines = entry.lines().map(str::trim);
        lines.find(|line| *line == name_line)?;
        let version = lines.find_map(|line| line.strip_prefix("version = \""))?;
        Version::parse(version.strip_suffix('"')?)
    });
    let version = versions.next()?;
    versions.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_tools_print_them() {
        let check = |text: &str, expected: Option<(u32, u32, u32)>| {
            let expected = expected.map(|(a, b, c)| Version::new(a, b, c));
            assert_eq!(Version::parse(text), expected, "{text}");
        };
        check("trunk 0.21.14\n", Some((0, 21, 14)));
        check("trunk 0.22.0-beta.1", Some((0, 22, 0)));
        check("wasm-bindgen 0.2.126 (abcdef012)", Some((0, 2, 126)));
        check("wasm-opt version 132 (version_132)", Some((132, 0, 0)));
        check("Chromium 156.0.8078.73 built on Debian 12", Some((156, 0, 8078)));
        check("0.3", Some((0, 3, 0)));
        check("no version at all", None);
        check("", None);
        check("99999999999.1.2", None);
    }

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        let least = Wanted::AtLeast(Version::new(0, 21, 14));
        assert!(least.accepts(Version::new(0, 21, 14)));
        assert!(least.accepts(Version::new(0, 22, 0)));
        assert!(least.accepts(Version::new(1, 0, 0)));
        assert!(!least.accepts(Version::new(0, 21, 9)));
        let exactly = Wanted::Exactly(Version::new(0, 2, 126));
        assert!(exactly.accepts(Version::new(0, 2, 126)));
        assert!(!exactly.accepts(Version::new(0, 2, 127)));
    }

    #[test]
    fn the_lock_file_tells_the_version_of_a_package() {
        let lock = "\
version = 4

[[package]]
name = \"wasm-bindgen-futures\"
version = \"0.4.76\"
dependencies = [
 \"wasm-bindgen\",
]

[[package]]
name = \"wasm-bindgen\"
version = \"0.2.126\"

[[package]]
name = \"twice\"
version = \"1.0.0\"

[[package]]
name = \"twice\"
version = \"2.0.0\"
";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some(Version::new(0, 2, 126)));
        assert_eq!(locked_version(lock, "wasm-bindgen-futures"), Some(Version::new(0, 4, 76)));
        assert_eq!(locked_version(lock, "absent"), None);
        assert_eq!(locked_version(lock, "twice"), None, "which of the two would it be?");
        assert_eq!(
            locked_version(&lock.replace('\n', "\r\n"), "wasm-bindgen").map(|v| v.major),
            Some(0)
        );
    }
}
