//! Which counters plugins have made: metrics keep every name for ever, so names are rationed.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Names of one plugin.
const MAX_NAMES: usize = 16;

/// Names of counters by plugin.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<HashMap<String, HashSet<String>>>);

impl Counters {
    /// Whether `plugin` may count under `name`.
    pub(crate) fn admit(&self, plugin: &str, name: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(plugin) {
            all.insert(plugin.to_owned(), HashSet::new());
        }
        let Some(names) = all.get_mut(plugin) else { return false };
        names.contains(name) || (names.len() < MAX_NAMES && names.insert(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_has_sixteen_names_and_keeps_them() {
        let counters = Counters::default();
        let admitted = (0..100).filter(|number| counters.admit("a/b", &number.to_string())).count();
        assert_eq!(admitted, MAX_NAMES);
        assert!(counters.admit("a/b", "0"));
        assert!(counters.admit("a/c", "100"));
    }
}
