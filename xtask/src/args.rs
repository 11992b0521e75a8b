//! The command line, parsed by hand: six commands do not earn a dependency.

use std::fmt;

use crate::bench::Place;
use crate::size::BUDGET_KB;
use crate::test::Step;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(ServeOptions),
    Build,
    /// For trunk, which calls it from a hook beside its own build.
    Programs,
    /// Likewise, after it.
    NamePrograms,
    Size {
        limit_kb: u32,
    },
    Setup,
    /// Where to measure.
    Bench(Vec<Place>),
    /// The steps to run, in their usual order.
    Test(Vec<Step>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    pub(crate) port: u16,
    pub(crate) open: bool,
    pub(crate) release: bool,
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        ServeOptions { port: 8080, open: false, release: false }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ArgError {
    UnknownCommand(String),
    UnknownArgument { command: &'static str, argument: String },
    UnknownStep(String),
    MissingValue(&'static str),
    BadValue { flag: &'static str, value: String, wanted: &'static str },
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArgError::UnknownCommand(name) => write!(f, "there is no command `{name}`"),
            ArgError::UnknownArgument { command, argument } => {
                write!(f, "`{command}` does not know `{argument}`")
            }
            ArgError::UnknownStep(name) => {
                write!(f, "there is no test step `{name}`; the steps are")?;
                Step::ALL.iter().try_for_each(|step| write!(f, " {}", step.name()))
            }
            ArgError::MissingValue(flag) => write!(f, "`{flag}` needs a value"),
            ArgError::BadValue { flag, value, wanted } => {
                write!(f, "`{flag}` wants {wanted}, not `{value}`")
            }
        }
    }
}

pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, ArgError> {
    let mut args = Args { rest: args.into_iter().collect::<Vec<_>>().into_iter() };
    let Some(name) = args.rest.next() else {
        return Ok(Command::Help);
    };
    if args.rest.as_slice().iter().any(|arg| arg == "--help" || arg == "-h") {
        return Ok(Command::Help);
    }
    match name.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "serve" => args.serve(),
        "build" => args.nothing_more("build", Command::Build),
        "programs" => args.nothing_more("programs", Command::Programs),
        "name-programs" => args.nothing_more("name-programs", Command::NamePrograms),
        "bench" => args.bench(),
        "setup" => args.nothing_more("setup", Command::Setup),
        "size" => args.size(),
        "test" => args.test(),
        _ => Err(ArgError::UnknownCommand(name)),
    }
}

struct Args {
    rest: std::vec::IntoIter<String>,
}

impl Args {
    fn serve(mut self) -> Result<Command, ArgError> {
        let mut options = ServeOptions::default();
        while let Some(argument) = self.rest.next() {
            match split(&argument) {
                ("--port", value) => {
                    options.port = self.number("--port", value, "a port from 1 to 65535")?;
                }
                ("--open", None) => options.open = true,
                ("--release", None) => options.release = true,
                _ => return Err(ArgError::UnknownArgument { command: "serve", argument }),
            }
        }
        Ok(Command::Serve(options))
    }

    fn size(mut self) -> Result<Command, ArgError> {
        let mut limit_kb = BUDGET_KB;
        while let Some(argument) = self.rest.next() {
            match split(&argument) {
                ("--limit", value) => limit_kb = self.number("--limit", value, "a number of kB")?,
                _ => return Err(ArgError::UnknownArgument { command: "size", argument }),
            }
        }
        Ok(Command::Size { limit_kb })
    }

    /// Steps run in their usual order whatever the order asked for: later ones use what earlier
    /// ones built.
    fn test(self) -> Result<Command, ArgError> {
        let mut wanted = Vec::new();
        for argument in self.rest {
            if argument.starts_with('-') {
                return Err(ArgError::UnknownArgument { command: "test", argument });
            }
            let step = Step::ALL.into_iter().find(|step| step.name() == argument);
            wanted.push(step.ok_or(ArgError::UnknownStep(argument))?);
        }
        let all = wanted.is_empty();
        Ok(Command::Test(Step::ALL.into_iter().filter(|s| all || wanted.contains(s)).collect()))
    }

    fn bench(self) -> Result<Command, ArgError> {
        let mut places = Vec::new();
        for argument in self.rest {
            places.push(match argument.as_str() {
                "native" => Place::Native,
                "web" => Place::Web,
                "page" => Place::Page,
                _ => return Err(ArgError::UnknownArgument { command: "bench", argument }),
            });
        }
        if places.is_empty() {
            places = vec![Place::Native, Place::Web, Place::Page];
        }
        Ok(Command::Bench(places))
    }

    fn nothing_more(mut self, command: &'static str, parsed: Command) -> Result<Command, ArgError> {
        match self.rest.next() {
            None => Ok(parsed),
            Some(argument) => Err(ArgError::UnknownArgument { command, argument }),
        }
    }

    /// The value of `flag`, written `--flag=value` or `--flag value`. Zero means nothing for
    /// any of our flags.
    fn number<N: std::str::FromStr + Default + PartialEq>(
        &mut self,
        flag: &'static str,
        attached: Option<&str>,
        wanted: &'static str,
    ) -> Result<N, ArgError> {
        let value = attached.map(str::to_owned).or_else(|| self.rest.next());
        let value = value.ok_or(ArgError::MissingValue(flag))?;
        match value.parse() {
            Ok(number) if number != N::default() => Ok(number),
            _ => Err(ArgError::BadValue { flag, value, wanted }),
        }
    }
}

fn split(argument: &str) -> (&str, Option<&str>) {
    match argument.split_once('=') {
        Some((flag, value)) => (flag, Some(value)),
        None => (argument, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Command, ArgError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn error(line: &str) -> String {
        parse_line(line).expect_err("the line is wrong").to_string()
    }

    #[test]
    fn no_command_is_a_cry_for_help() {
        for line in ["", "help", "--help", "-h", "serve --help", "test -h"] {
            assert_eq!(parse_line(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn serve_takes_its_flags_in_both_spellings() {
        let expect = |port, open, release| Ok(Command::Serve(ServeOptions { port, open, release }));
        assert_eq!(parse_line("serve"), expect(8080, false, false));
        assert_eq!(parse_line("serve --port 9000 --open"), expect(9000, true, false));
        assert_eq!(parse_line("serve --release --port=1"), expect(1, false, true));
    }

    #[test]
    fn size_takes_a_limit() {
        assert_eq!(parse_line("size"), Ok(Command::Size { limit_kb: BUDGET_KB }));
        assert_eq!(parse_line("size --limit 90"), Ok(Command::Size { limit_kb: 90 }));
    }

    #[test]
    fn test_steps_run_in_their_usual_order() {
        assert_eq!(parse_line("test"), Ok(Command::Test(Step::ALL.to_vec())));
        assert_eq!(parse_line("test e2e fmt"), Ok(Command::Test(vec![Step::Fmt, Step::E2e])));
    }

    #[test]
    fn benches_run_everywhere_unless_told_where() {
        let all = Ok(Command::Bench(vec![Place::Native, Place::Web, Place::Page]));
        assert_eq!(parse_line("bench"), all);
        assert_eq!(parse_line("bench web"), Ok(Command::Bench(vec![Place::Web])));
        assert_eq!(error("bench there"), "`bench` does not know `there`");
    }

    #[test]
    fn errors_name_what_is_wrong() {
        assert_eq!(error("sevre"), "there is no command `sevre`");
        assert_eq!(error("serve --prot 1"), "`serve` does not know `--prot`");
        assert_eq!(error("serve --open=yes"), "`serve` does not know `--open=yes`");
        assert_eq!(error("serve --port"), "`--port` needs a value");
        assert_eq!(error("serve --port 0"), "`--port` wants a port from 1 to 65535, not `0`");
        assert_eq!(error("serve --port=70000").matches("70000").count(), 1);
        assert_eq!(error("build fast"), "`build` does not know `fast`");
        assert_eq!(error("test --fast"), "`test` does not know `--fast`");
        assert!(error("test fmd").starts_with("there is no test step `fmd`; the steps are fmt "));
    }
}
