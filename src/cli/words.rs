//! The words of a command line: what it is about, and named values. Every error names the argument.

use std::fmt;

use crate::scenario::parse_time;

/// A command line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadWords {
    /// There is no such option.
    Unknown(String),
    /// The option needs a value after it.
    NoValue(&'static str),
    /// The option stands there twice.
    Twice(&'static str),
    /// The option cannot have this value.
    Value { option: &'static str, wants: &'static str, found: String },
    /// The option means nothing here. Why.
    Useless { option: &'static str, why: &'static str },
    /// What it should be about is missing.
    NoSource,
    /// It can be about one thing. This is the second.
    SecondSource(String),
    /// This option must be there.
    Missing(&'static str),
}

impl fmt::Display for BadWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadWords::Unknown(word) => write!(f, "there is no option {word}"),
            BadWords::NoValue(option) => write!(f, "{option} needs a value"),
            BadWords::Twice(option) => write!(f, "{option} stands there twice"),
            BadWords::Value { option, wants, found } => {
                write!(f, "{option} must be {wants}, not {found:?}")
            }
            BadWords::Useless { option, why } => write!(f, "{option} means nothing here: {why}"),
            BadWords::NoSource => {
                write!(f, "name a script's file, a link or a scenario that ships")
            }
            BadWords::SecondSource(word) => {
                write!(f, "one file or link at a time; what is {word:?}?")
            }
            BadWords::Missing(option) => write!(f, "{option} is missing"),
        }
    }
}

/// What a command line says.
#[derive(Debug)]
pub(super) struct Words<'a> {
    pub(super) source: &'a str,
    values: Vec<(&'static str, &'a str)>,
}

impl<'a> Words<'a> {
    /// Reads what comes after the command's name: one source, and options of these names, each with
    /// a value.
    pub(super) fn parse(
        words: &[&'a str],
        options: &[&'static str],
    ) -> Result<Words<'a>, BadWords> {
        let (mut source, mut values) = (None, Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if *word == "-" || !word.starts_with('-') {
                if source.replace(*word).is_some() {
                    return Err(BadWords::SecondSource((*word).to_owned()));
                }
                continue;
            }
            let option = options.iter().find(|option| *option == word);
            let option = *option.ok_or_else(|| BadWords::Unknown((*word).to_owned()))?;
            if values.iter().any(|(name, _)| *name == option) {
                return Err(BadWords::Twice(option));
            }
            values.push((option, *words.next().ok_or(BadWords::NoValue(option))?));
        }
        Ok(Words { source: source.ok_or(BadWords::NoSource)?, values })
    }

    /// The value of an option.
    pub(super) fn get(&self, option: &str) -> Option<&'a str> {
        self.values.iter().find(|(name, _)| *name == option).map(|(_, value)| *value)
    }

    /// A time, such as `310ms`, in microseconds.
    pub(super) fn time(&self, option: &'static str) -> Result<Option<u64>, BadWords> {
        self.read(option, "a time such as 310ms or 1.5s, a day at most", |value| {
            parse_time(value).filter(|us| *us <= crate::link::limits::AT_US)
        })
    }

    /// A whole number.
    pub(super) fn number(&self, option: &'static str) -> Result<Option<u32>, BadWords> {
        self.read(option, "a whole number", |value| value.parse().ok())
    }

    /// A value of its own kind.
    pub(super) fn read<T>(
        &self,
        option: &'static str,
        wants: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadWords> {
        let Some(value) = self.get(option) else {
            return Ok(None);
        };
        let found = || value.chars().take(60).collect();
        parse(value).map(Some).ok_or_else(|| BadWords::Value { option, wants, found: found() })
    }

    /// Refuses an option that has no effect.
    pub(super) fn without(&self, option: &'static str, why: &'static str) -> Result<(), BadWords> {
        match self.get(option) {
            Some(_) => Err(BadWords::Useless { option, why }),
            None => Ok(()),
        }
    }
}
