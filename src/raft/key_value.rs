//! The state machine that a cluster keeps in step: a map from strings to strings.

use crate::sorted::SortedMap;

/// A change of the map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyValueCommand {
    /// Sets `key` to `value`.
    Put {
        /// Where.
        key: String,
        /// To what.
        value: String,
    },
    /// Removes `key`, if it is there.
    Delete {
        /// What.
        key: String,
    },
}

/// The map. Stores that have applied the same commands in the same order are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyValueStore {
    values: SortedMap<String, String>,
}

impl KeyValueStore {
    /// Carries out `command` and gives the value that its key had before.
    pub fn apply(&mut self, command: &KeyValueCommand) -> Option<String> {
        match command {
            KeyValueCommand::Put { key, value } => self.values.insert(key.clone(), value.clone()),
            KeyValueCommand::Delete { key } => self.values.remove(key),
        }
    }

    /// The value of `key`, if it has one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// All keys and their values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many keys have a value.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no key has a value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_put_wins_and_delete_forgets() {
        let put =
            |key: &str, value: &str| KeyValueCommand::Put { key: key.into(), value: value.into() };
        let mut store = KeyValueStore::default();
        for command in [put("x", "1"), put("y", "2"), put("x", "3")] {
            store.apply(&command);
        }
        assert_eq!(store.iter().collect::<Vec<_>>(), [("x", "3"), ("y", "2")]);
        store.apply(&KeyValueCommand::Delete { key: "x".into() });
        store.apply(&KeyValueCommand::Delete { key: "never there".into() });
        assert_eq!((store.get("x"), store.get("y"), store.len()), (None, Some("2"), 1));
    }
}
