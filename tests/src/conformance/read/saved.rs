//! The names that the steps of a script have saved.

/// The names that have been saved so far.
#[derive(Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|saved| saved == name)
    }

    pub(super) fn save(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }
}
