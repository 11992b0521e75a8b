//! A place in a line, and the small things that can stand there.

use super::super::tokens::{Piece, Token};
use super::super::{Member, ScriptError, Who, Wrong, limits, units};
use crate::labs::{Client, MAX_CLIENTS, ScriptedEntry};
use crate::sim::{Delay, NodeId};

pub(super) type Parsed<T> = Result<T, ScriptError>;

/// Reads one line from left to right.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) tokens: &'a [Token<'a>],
    pub(super) line: u32,
    /// The column behind the last token.
    pub(super) end_column: u32,
    pub(super) entry: &'static ScriptedEntry,
    pub(super) servers: u8,
    /// Whether a setting may stand here, too.
    pub(super) settings: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn is_at_end(&self) -> bool {
        self.tokens.is_empty()
    }

    fn column(&self) -> u32 {
        self.tokens.first().map_or(self.end_column, |token| token.column)
    }

    pub(super) fn fail<T>(&self, wrong: Wrong) -> Parsed<T> {
        Err(ScriptError { line: self.line, column: self.column(), wrong })
    }

    pub(super) fn expected<T>(&self, what: impl Into<String>) -> Parsed<T> {
        let found = match self.tokens.first().map(|token| &token.what) {
            None => "the end of the line".to_owned(),
            Some(Piece::Word(word)) => format!("`{word}`"),
            Some(Piece::Sign(sign)) => format!("`{sign}`"),
            Some(Piece::Text(_)) => "a text".to_owned(),
        };
        self.fail(Wrong::Expected { what: what.into(), found })
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        match self.tokens.first()?.what {
            Piece::Word(word) => Some(word),
            Piece::Text(_) | Piece::Sign(_) => None,
        }
    }

    pub(super) fn skip(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }

    /// Takes the word if it comes next. Whether it did.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let comes = self.peek() == Some(word);
        if comes {
            self.skip();
        }
        comes
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let comes = self
            .tokens
            .first()
            .is_some_and(|token| matches!(token.what, Piece::Sign(s) if s == sign));
        if comes {
            self.skip();
        }
        comes
    }

    pub(super) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.takes(word) { Ok(()) } else { self.expected(format!("`{word}`")) }
    }

    pub(super) fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.takes_sign(sign) { Ok(()) } else { self.expected(format!("`{sign}`")) }
    }

    pub(super) fn end(&self) -> Parsed<()> {
        if self.is_at_end() { Ok(()) } else { self.expected("the end of the line") }
    }

    /// A text in quotes.
    pub(super) fn text(&mut self) -> Parsed<String> {
        match self.tokens.first().map(|token| &token.what) {
            Some(Piece::Text(text)) => {
                let text = text.clone();
                self.skip();
                Ok(text)
            }
            _ => self.expected("a text in quotes"),
        }
    }

    /// A text in quotes, or a word.
    pub(super) fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(word) => {
                self.skip();
                Ok(word.to_owned())
            }
            None => self.text(),
        }
    }

    /// `KEY=VALUE`
    pub(super) fn pair(&mut self) -> Parsed<(String, String)> {
        let key = self.name()?;
        self.sign("=")?;
        Ok((key, self.name()?))
    }

    pub(super) fn number(&mut self, what: &'static str, lowest: u64, highest: u64) -> Parsed<u64> {
        let digits = self.peek().filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
        let Some(digits) = digits else {
            return self.expected(what);
        };
        match digits.parse::<u64>().ok().filter(|number| (lowest..=highest).contains(number)) {
            Some(number) => {
                self.skip();
                Ok(number)
            }
            None => self.fail(Wrong::OutOfRange { what, lowest, highest }),
        }
    }

    pub(super) fn count(&mut self, what: &'static str) -> Parsed<u32> {
        self.number(what, 0, u32::MAX.into()).map(|number| number as u32)
    }

    /// A time of any length.
    pub(super) fn any_time(&mut self) -> Parsed<u64> {
        match self.peek().and_then(units::parse_time) {
            Some(us) => {
                self.skip();
                Ok(us)
            }
            None => self.expected("a time such as 20ms, 1.5s or 300us"),
        }
    }

    /// A time that a script may take.
    pub(super) fn time(&mut self) -> Parsed<u64> {
        let here = self.clone();
        let us = self.any_time()?;
        if us > limits::RUN_US {
            let (lowest, highest) = (0, limits::RUN_US);
            return here.fail(Wrong::OutOfRange { what: "a time, in us,", lowest, highest });
        }
        Ok(us)
    }

    pub(super) fn share(&mut self) -> Parsed<u32> {
        match self.peek().and_then(units::parse_share) {
            Some(ppm) => {
                self.skip();
                Ok(ppm)
            }
            None => self.expected("a share such as 12.5%"),
        }
    }

    /// `5ms`, `5ms..20ms`, `exponential 5ms`, `log-normal 5ms sigma 50%`, `pareto 5ms shape 116%`
    pub(super) fn delay(&mut self) -> Parsed<Delay> {
        if self.takes("exponential") {
            return Ok(Delay::Exponential { mean_us: self.any_time()? });
        }
        if self.takes("log-normal") {
            let median_us = self.any_time()?;
            self.word("sigma")?;
            return Ok(Delay::LogNormal { median_us, sigma_ppm: self.share()? });
        }
        if self.takes("pareto") {
            let low_us = self.any_time()?;
            self.word("shape")?;
            return Ok(Delay::Pareto { low_us, shape_ppm: self.share()? });
        }
        let low_us = self.any_time()?;
        if !self.takes_sign("..") {
            return Ok(Delay::Constant { us: low_us });
        }
        Ok(Delay::Uniform { low_us, high_us: self.any_time()? })
    }

    /// A server, or `None` if something else stands here.
    pub(super) fn maybe_who(&mut self) -> Parsed<Option<Who>> {
        let Some(word) = self.peek() else {
            return Ok(None);
        };
        let named = |word: &str| self.entry.names.iter().find(|name| **name == word).copied();
        let who = if let Some(name) = named(word) {
            Who::Named(name)
        } else if let Some(name) = word.strip_prefix("old-").and_then(named) {
            Who::Old(name)
        } else if let Some(digits) = word.strip_prefix('S')
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
        {
            let number = digits.parse::<u8>().ok().filter(|n| (1..=self.servers).contains(n));
            let Some(number) = number else {
                let highest = self.servers.into();
                return self.fail(Wrong::OutOfRange { what: "a server", lowest: 1, highest });
            };
            Who::Number(NodeId(number - 1))
        } else {
            return Ok(None);
        };
        self.skip();
        Ok(Some(who))
    }

    pub(super) fn who(&mut self) -> Parsed<Who> {
        match self.maybe_who()? {
            Some(who) => Ok(who),
            None => {
                let names: Vec<String> =
                    self.entry.names.iter().map(|name| format!(", {name}, old-{name}")).collect();
                self.expected(format!("a server: S1 to S{}{}", self.servers, names.concat()))
            }
        }
    }

    /// A client, such as `C2`.
    pub(super) fn client(&mut self) -> Parsed<Client> {
        let digits = self.peek().and_then(|word| word.strip_prefix('C'));
        let number = digits.and_then(|digits| digits.parse::<u8>().ok());
        match number.filter(|number| (1..=MAX_CLIENTS).contains(number)) {
            Some(number) => {
                self.skip();
                Ok(Client(number))
            }
            None => self.expected(format!("a client: C1 to C{MAX_CLIENTS}")),
        }
    }

    /// One or more members.
    pub(super) fn members(&mut self) -> Parsed<Vec<Member>> {
        let mut members = Vec::new();
        loop {
            let member = if self.takes("rest") {
                Member::Rest
            } else if self.takes("all") {
                Member::All
            } else if self.takes_sign("+") {
                Member::More(self.number("how many more", 1, self.servers.into())? as u8)
            } else if let Some(who) = self.maybe_who()? {
                Member::Who(who)
            } else if members.is_empty() {
                return self.expected("servers such as S1 S2, leader +1, rest or all");
            } else {
                return Ok(members);
            };
            members.push(member);
        }
    }
}
