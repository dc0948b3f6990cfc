//! A TOML file whose tables know their place in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::conformance::names::nearest;

/// A file being read.
pub(super) struct Source<'a> {
    /// Its path below the folder of scripts.
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn parse(&self) -> Result<Spanned<DeValue<'a>>, String> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            format!("{}: {}", self.place(&span), error.message())
        })?;
        let span = table.span();
        Ok(Spanned::new(span, DeValue::Table(table.into_inner())))
    }

    /// File and line.
    pub(super) fn place(&self, span: &Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        format!("{}:{}", self.file, before.matches('\n').count() + 1)
    }
}

/// A table of the file.
pub(super) struct Table<'a> {
    pub(super) source: &'a Source<'a>,
    span: Range<usize>,
    pub(super) entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn new(source: &'a Source<'a>, value: &'a Spanned<DeValue<'a>>) -> Result<Self, String> {
        match value.get_ref() {
            DeValue::Table(entries) => Ok(Self { source, span: value.span(), entries }),
            other => Err(format!("{}: a table belongs here, not a {}", source.place(&value.span()), other.type_str())),
        }
    }

    pub(super) fn place(&self) -> String {
        self.source.place(&self.span)
    }

    /// Refuses keys that nobody reads.
    pub(super) fn check_keys(&self, known: &[&str]) -> Result<(), String> {
        let unknown = self.entries.keys().find(|key| !known.contains(&key.get_ref().as_ref()));
        unknown.map_or(Ok(()), |key| {
            let name = key.get_ref();
            let hint = nearest(name, known.iter().copied()).map_or(String::new(), |near| format!(": `{near}`?"));
            let place = self.source.place(&key.span());
            Err(format!("{place}: unknown key `{name}`{hint} (there are {})", known.join(", ")))
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// A message about a value.
    pub(super) fn problem(&self, key: &str, problem: &str) -> String {
        let span = self.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        format!("{}: {problem}", self.source.place(&span))
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, String> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.get_ref().as_str().map(Some).ok_or_else(|| self.problem(key, &format!("`{key}` is a text")))
    }

    pub(super) fn is(&self, key: &str) -> Result<bool, String> {
        let Some(value) = self.get(key) else { return Ok(false) };
        value.get_ref().as_bool().ok_or_else(|| self.problem(key, &format!("`{key}` is true or false")))
    }

    /// The tables of a list of tables.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Table<'a>>, String> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array().ok_or_else(|| self.problem(key, &format!("write [[{key}]]")))?;
        list.iter().map(|entry| Table::new(self.source, entry)).collect()
    }
}
