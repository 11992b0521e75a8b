//! Names of streams and of types, each kept once and known by a number.

use super::table::{Table, hash_of_text};

#[derive(Clone, Debug)]
pub(super) struct Names {
    names: Vec<Box<str>>,
    table: Table,
}

impl Names {
    pub(super) fn new() -> Names {
        Names { names: Vec::new(), table: Table::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name with this number; of a number that was never given, nothing.
    #[inline]
    pub(super) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    /// The number of a name, if it has one. A guess that is right saves looking for it.
    #[inline]
    pub(super) fn find(&self, name: &str, guesses: impl IntoIterator<Item = u32>) -> Option<u32> {
        let is_right =
            |guess: &u32| self.names.get(*guess as usize).is_some_and(|guessed| **guessed == *name);
        guesses.into_iter().find(is_right).or_else(|| self.look_up(name))
    }

    fn look_up(&self, name: &str) -> Option<u32> {
        self.table.find(hash_of_text(name), |number| self.name(number) == name)
    }

    /// The number of a name, which gets the next one if it has none.
    #[inline]
    pub(super) fn number_of(&mut self, name: &str, guesses: impl IntoIterator<Item = u32>) -> u32 {
        self.find(name, guesses).unwrap_or_else(|| self.add(name))
    }

    #[cold]
    fn add(&mut self, name: &str) -> u32 {
        let number = self.names.len() as u32;
        self.names.push(name.into());
        self.table.insert(hash_of_text(name), number);
        number
    }

    /// All names, by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_number() {
        let mut names = Names::new();
        let all = ["cart-1", "cart-2", "", "cart-1", "ä"];
        for guess in [None, Some(0), Some(1), Some(9)] {
            let numbers: Vec<u32> = all.iter().map(|name| names.number_of(name, guess)).collect();
            assert_eq!(numbers, [0, 1, 2, 0, 3]);
        }
        assert_eq!(names.iter().collect::<Vec<_>>(), ["cart-1", "cart-2", "", "ä"]);
        assert_eq!((names.find("cart-2", None), names.find("cart", None)), (Some(1), None));
        assert_eq!((names.name(9), names.name(u32::MAX)), ("", ""));
    }
}
