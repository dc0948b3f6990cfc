//! What the sockets of an instance work with: simulated conditions, tracing, marks.

use std::time::Duration;

use gamesockets_schema::config::{self, ConfigData, NumberOption};

use super::Overrides;

/// The settings of all sockets of an instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NetworkSettings {
    /// For what leaves.
    pub(crate) send: ConditionSettings,
    /// For what comes.
    pub(crate) receive: ConditionSettings,
    /// How many bytes of each datagram are logged; `None`: no line at all.
    pub(crate) trace_max_bytes: Option<usize>,
    /// The ECN field of what leaves: the two bits of RFC 3168; 0 is no mark, and what "automatic" comes to.
    pub(crate) ecn: u8,
}

/// Simulated conditions in one direction (spec section 15). Shares are from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConditionSettings {
    /// Bytes per second that pass; 0 for any number.
    pub(crate) rate: u32,
    /// Bytes that pass at once under that limit.
    pub(crate) burst: u32,
    /// Share that is lost.
    pub(crate) loss: f64,
    /// Delay of every datagram.
    pub(crate) lag: Duration,
    /// Share that is delayed, so that others overtake it.
    pub(crate) reorder: f64,
    /// By how much.
    pub(crate) reorder_time: Duration,
    /// Share that comes twice.
    pub(crate) duplicate: f64,
    /// Largest delay of the second copy.
    pub(crate) duplicate_time_max: Duration,
    /// Share that is delayed at random.
    pub(crate) jitter: f64,
    /// Mean of that delay.
    pub(crate) jitter_mean: Duration,
    /// Its upper bound.
    pub(crate) jitter_max: Duration,
}

impl NetworkSettings {
    /// What follows from the global scope.
    pub(crate) fn resolve(global: &Overrides) -> Self {
        let values = Values(global);
        Self {
            send: ConditionSettings {
                rate: values.int(config::FAKE_RATE_LIMIT_SEND_RATE).unsigned_abs(),
                burst: values.int(config::FAKE_RATE_LIMIT_SEND_BURST).unsigned_abs(),
                loss: values.share(config::FAKE_PACKET_LOSS_SEND),
                lag: values.milliseconds(config::FAKE_PACKET_LAG_SEND),
                reorder: values.share(config::FAKE_PACKET_REORDER_SEND),
                reorder_time: values.milliseconds(config::FAKE_PACKET_REORDER_TIME),
                duplicate: values.share(config::FAKE_PACKET_DUP_SEND),
                duplicate_time_max: values.milliseconds(config::FAKE_PACKET_DUP_TIME_MAX),
                jitter: values.share(config::FAKE_PACKET_JITTER_SEND_PCT),
                jitter_mean: values.fraction(config::FAKE_PACKET_JITTER_SEND_AVG),
                jitter_max: values.fraction(config::FAKE_PACKET_JITTER_SEND_MAX),
            },
            receive: ConditionSettings {
                rate: values.int(config::FAKE_RATE_LIMIT_RECV_RATE).unsigned_abs(),
                burst: values.int(config::FAKE_RATE_LIMIT_RECV_BURST).unsigned_abs(),
                loss: values.share(config::FAKE_PACKET_LOSS_RECV),
                lag: values.milliseconds(config::FAKE_PACKET_LAG_RECV),
                reorder: values.share(config::FAKE_PACKET_REORDER_RECV),
                reorder_time: values.milliseconds(config::FAKE_PACKET_REORDER_TIME),
                duplicate: values.share(config::FAKE_PACKET_DUP_RECV),
                duplicate_time_max: values.milliseconds(config::FAKE_PACKET_DUP_TIME_MAX),
                jitter: values.share(config::FAKE_PACKET_JITTER_RECV_PCT),
                jitter_mean: values.fraction(config::FAKE_PACKET_JITTER_RECV_AVG),
                jitter_max: values.fraction(config::FAKE_PACKET_JITTER_RECV_MAX),
            },
            trace_max_bytes: usize::try_from(values.int(config::PACKET_TRACE_MAX_BYTES)).ok(),
            ecn: u8::try_from(values.int(config::ECN)).unwrap_or(0),
        }
    }
}

impl ConditionSettings {
    /// Whether every datagram passes at once.
    pub(crate) fn is_off(&self) -> bool {
        let jitters = self.jitter > 0.0 && !self.jitter_mean.is_zero() && !self.jitter_max.is_zero();
        let reorders = self.reorder > 0.0 && !self.reorder_time.is_zero();
        self.rate == 0 && self.loss == 0.0 && self.lag.is_zero() && self.duplicate == 0.0 && !reorders && !jitters
    }
}

/// The values of options, each in the type of its row.
struct Values<'a>(&'a Overrides);

impl Values<'_> {
    fn int(&self, option: NumberOption<i32>) -> i32 {
        match self.0.get(option.id) {
            Some(&ConfigData::Int32(number)) => number,
            _ => option.default,
        }
    }

    fn float(&self, option: NumberOption<f32>) -> f32 {
        match self.0.get(option.id) {
            Some(&ConfigData::Float(number)) => number,
            _ => option.default,
        }
    }

    fn share(&self, percent: NumberOption<f32>) -> f64 {
        f64::from(self.float(percent)) / 100.0
    }

    fn milliseconds(&self, option: NumberOption<i32>) -> Duration {
        Duration::from_millis(self.int(option).unsigned_abs().into())
    }

    fn fraction(&self, milliseconds: NumberOption<f32>) -> Duration {
        Duration::try_from_secs_f32(self.float(milliseconds) / 1000.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use gamesockets_schema::config::{ConfigValue, OptionKind};

    use super::super::Support;
    use super::super::support::support;
    use super::*;

    fn with(entries: &[(ConfigValue, ConfigData)]) -> NetworkSettings {
        let mut global = Overrides::default();
        for (id, value) in entries {
            global.put(*id, Some(value.clone()));
        }
        NetworkSettings::resolve(&global)
    }

    #[test]
    fn every_option_of_the_instance_reaches_its_sockets() {
        for option in config::OPTIONS.iter().filter(|option| support(option) == Support::Network) {
            let greatest = match option.kind {
                OptionKind::Int32(Some(bounds)) => ConfigData::Int32(bounds.max),
                OptionKind::Float(Some(bounds)) if bounds.default < bounds.max => ConfigData::Float(bounds.max),
                OptionKind::Float(Some(bounds)) => ConfigData::Float(bounds.min),
                _ => panic!("{} is no number", option.name),
            };
            assert_ne!(with(&[(option.id, greatest)]), with(&[]), "{} changes nothing", option.name);
        }
    }

    #[test]
    fn by_default_nothing_is_done() {
        let settings = with(&[]);
        assert!(settings.send.is_off() && settings.receive.is_off());
        assert_eq!((settings.trace_max_bytes, settings.ecn), (None, 0));
    }

    #[test]
    fn a_direction_is_on_when_something_can_happen_in_it() {
        let send = |id, value: ConfigData| with(&[(id, value)]).send;
        assert!(!send(ConfigValue::FAKE_PACKET_LOSS_SEND, 5.0.into()).is_off());
        assert!(!send(ConfigValue::FAKE_PACKET_LAG_SEND, 5.into()).is_off());
        assert!(!send(ConfigValue::FAKE_PACKET_DUP_SEND, 5.0.into()).is_off());
        assert!(!send(ConfigValue::FAKE_PACKET_REORDER_SEND, 5.0.into()).is_off());
        assert!(!send(ConfigValue::FAKE_PACKET_JITTER_SEND_AVG, 5.0.into()).is_off());
        assert!(!send(ConfigValue::FAKE_RATE_LIMIT_SEND_RATE, 5.into()).is_off());
        assert!(send(ConfigValue::FAKE_PACKET_LOSS_RECV, 5.0.into()).is_off());
        assert!(send(ConfigValue::FAKE_PACKET_REORDER_TIME, 5.into()).is_off());
    }
}
