//! What was set where: sparse, so that what was not set is inherited.

use std::collections::BTreeMap;

use gamesockets_schema::ConfigScope;
use gamesockets_schema::config::{ConfigData, ConfigOption, ConfigValue};

use super::{ConfigEntry, ConfigSetting, check_scope, find_settable};
use crate::error::Error;

/// The options that were set at one scope. Their values are converted and in range.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Overrides(BTreeMap<ConfigValue, ConfigData>);

/// The scopes that all objects of an instance inherit from.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    pub(crate) global: Overrides,
    pub(crate) interface: Overrides,
}

impl Overrides {
    /// Initial options, for an object of this scope; later entries win.
    ///
    /// # Errors
    /// [`Error::Option`] or [`Error::OptionScope`] for the first entry that cannot be set.
    pub(crate) fn of_entries(scope: ConfigScope, entries: &[ConfigEntry]) -> Result<Self, Error> {
        let mut overrides = Self::default();
        for entry in entries {
            let (option, _) = find_settable(entry.option)?;
            check_scope(option, scope)?;
            overrides.put(option.id, Some(accept(option, &entry.value)?));
        }
        Ok(overrides)
    }

    pub(crate) fn get(&self, id: ConfigValue) -> Option<&ConfigData> {
        self.0.get(&id)
    }

    /// Sets an option, or with `None` goes back to inheriting it.
    pub(crate) fn put(&mut self, id: ConfigValue, value: Option<ConfigData>) {
        match value {
            Some(value) => self.0.insert(id, value),
            None => self.0.remove(&id),
        };
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ConfigValue, &ConfigData)> {
        self.0.iter().map(|(&id, value)| (id, value))
    }
}

/// What applies at the last of these scopes, which stand from the widest to the narrowest. `None` for an option without
/// a public default.
pub(crate) fn effective(option: &ConfigOption, scopes: &[&Overrides]) -> Option<ConfigSetting> {
    let set = |(depth, scope): (usize, &&Overrides)| {
        scope.get(option.id).map(|value| ConfigSetting { value: value.clone(), inherited: depth > 0 })
    };
    let default = || option.default().map(|value| ConfigSetting { value, inherited: scopes.len() > 1 });
    scopes.iter().rev().enumerate().find_map(set).or_else(default)
}

/// What is stored when this value is set.
pub(crate) fn accept(option: &ConfigOption, value: &ConfigData) -> Result<ConfigData, Error> {
    option.accept(value).map_err(|error| Error::Option { option: option.id.0, problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gamesockets_schema::config;
    use proptest::prelude::*;

    use super::super::Settings;
    use super::*;

    /// What may happen to a scope: it, the option, and the new value or `None` to clear.
    type Step = (usize, ConfigValue, Option<i32>);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let option = prop::sample::select(vec![
            ConfigValue::NAGLE_TIME,
            ConfigValue::SEND_BUFFER_SIZE,
            ConfigValue::TIMEOUT_CONNECTED,
        ]);
        prop::collection::vec((0..4_usize, option, prop::option::of(4096..20_000_i32)), 0..40)
    }

    fn row(id: ConfigValue) -> &'static ConfigOption {
        find_settable(id).unwrap().0
    }

    /// The model: the whole history, searched backwards for the narrowest scope that has a value.
    fn model(history: &[Step], id: ConfigValue, asked: usize) -> (ConfigData, bool) {
        for scope in (0..=asked).rev() {
            let last = history.iter().rev().find(|&&(at, option, _)| at == scope && option == id);
            if let Some(&(_, _, Some(value))) = last {
                return (value.into(), scope != asked);
            }
        }
        (row(id).default().unwrap(), asked > 0)
    }

    proptest! {
        #[test]
        fn options_are_inherited_from_the_nearest_scope_that_sets_them(history in steps()) {
            let mut scopes = vec![Overrides::default(); 4];
            for (scope, id, value) in &history {
                scopes[*scope].put(*id, value.map(ConfigData::from));
            }
            let scopes: Vec<_> = scopes.iter().collect();
            for asked in 0..4 {
                for id in [ConfigValue::NAGLE_TIME, ConfigValue::SEND_BUFFER_SIZE, ConfigValue::TIMEOUT_CONNECTED] {
                    let setting = effective(row(id), &scopes[..=asked]).unwrap();
                    prop_assert_eq!((setting.value, setting.inherited), model(&history, id, asked));
                }
            }
            let settings = Settings::resolve(&scopes).connection;
            let number = |id| match model(&history, id, 3).0 {
                ConfigData::Int32(number) => number.unsigned_abs(),
                _ => unreachable!("all three are numbers"),
            };
            prop_assert_eq!(settings.send_buffer_size_bytes, number(ConfigValue::SEND_BUFFER_SIZE));
            let nagle = Duration::from_micros(number(ConfigValue::NAGLE_TIME).into());
            prop_assert_eq!(settings.nagle_time, nagle);
            let timeout = Duration::from_millis(number(ConfigValue::TIMEOUT_CONNECTED).into());
            prop_assert_eq!(settings.timeout_connected, timeout);
        }
    }

    fn initial(option: ConfigValue, value: impl Into<ConfigData>) -> Result<Overrides, Error> {
        Overrides::of_entries(ConfigScope::Connection, &[ConfigEntry::new(option, value)])
    }

    #[test]
    fn values_are_converted_and_clamped() {
        let kept = |option, value: ConfigData| initial(option, value).unwrap().get(option).cloned();
        assert_eq!(kept(ConfigValue::SEND_BUFFER_SIZE, 1.into()), Some(4096.into()));
        assert_eq!(kept(ConfigValue::NAGLE_TIME, "1000".into()), Some(1000.into()));
        assert_eq!(kept(ConfigValue::CONNECTION_USER_DATA, 7.into()), Some(7_i64.into()));
        assert_eq!(kept(ConfigValue::MTU_PACKET_SIZE, 9000_i64.into()), Some(config::MTU_PACKET_SIZE.max.into()));
    }

    #[test]
    fn what_cannot_be_set_is_refused_by_name() {
        let problem = |result: Result<Overrides, Error>| result.unwrap_err().to_string();
        assert!(problem(initial(ConfigValue(12_345), 1)).contains("12345"));
        assert!(problem(initial(ConfigValue::NAGLE_TIME, "soon")).contains("soon"));
        assert!(problem(initial(ConfigValue::MTU_DATA_SIZE, 1200)).contains("MTU_DataSize"));
        assert!(problem(initial(ConfigValue::SYMMETRIC_CONNECT, 1)).contains("SymmetricConnect arrives with P2P"));
        assert!(problem(initial(ConfigValue::FAKE_PACKET_LOSS_SEND, 5.0)).contains("FakePacketLoss_Send"));
        let global = [ConfigEntry::new(ConfigValue::FAKE_PACKET_LOSS_SEND, 5.0)];
        assert!(Overrides::of_entries(ConfigScope::Global, &global).is_ok());
    }
}
