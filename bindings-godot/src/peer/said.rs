//! What has been said already: a game sends sixty times a second, and nobody reads the same words that often.

use std::collections::HashSet;

/// So many different things are said; then there is silence.
const MAX: usize = 64;

/// What has been said since the session began.
#[derive(Debug, Default)]
pub(super) struct Said(HashSet<String>);

impl Said {
    /// Whether this is new, and to be said.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        self.0.len() < MAX && self.0.insert(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice_and_not_everything_is_said() {
        let mut said = Said::default();
        assert!(said.is_new("one") && said.is_new("two"));
        assert!(!said.is_new("one"));
        let new = (0..1000).filter(|number| said.is_new(&number.to_string())).count();
        assert_eq!(new, MAX - 2);
    }
}
