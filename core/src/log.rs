//! The library's own log: to `tracing`, and as events to the application that asked for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use gamesockets_schema::DebugOutputType;

use crate::events::EventQueue;

/// Where lines go. A line that nobody wants is not even formatted.
pub(crate) struct Log {
    /// Lines up to this detail become events.
    level: AtomicI32,
    events: Arc<EventQueue>,
}

impl Log {
    pub(crate) const fn new(events: Arc<EventQueue>) -> Self {
        Self { level: AtomicI32::new(DebugOutputType::None as i32), events }
    }

    pub(crate) fn set_level(&self, level: DebugOutputType) {
        self.level.store(level as i32, Ordering::Relaxed);
    }

    pub(crate) fn write(&self, level: DebugOutputType, line: fmt::Arguments<'_>) {
        use DebugOutputType as Level;
        match level {
            Level::None => return,
            Level::Bug | Level::Error => tracing::error!("{line}"),
            Level::Important | Level::Message => tracing::info!("{line}"),
            Level::Warning => tracing::warn!("{line}"),
            Level::Verbose | Level::Debug => tracing::debug!("{line}"),
            Level::Everything => tracing::trace!("{line}"),
        }
        if level as i32 <= self.level.load(Ordering::Relaxed) {
            self.events.push_line(level, line.to_string());
        }
    }
}
