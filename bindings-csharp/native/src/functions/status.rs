//! How connections are doing: in short, over their whole life, and in words.

use gamesockets::Connection;

use crate::arguments::Out;
use crate::border::{Code, guard};
use crate::instances;
use crate::records::{LifetimeStatistics, RealTimeStatus};

/// How a connection is doing right now.
#[unsafe(no_mangle)]
#[doc(alias = "GetQuickConnectionStatus")]
pub extern "C" fn gamesockets_get_quick_connection_status(
    instance: u64,
    connection: u32,
    status: Out<RealTimeStatus>,
) -> Code {
    guard(|| {
        let found = instances::get(instance)?.quick_connection_status(Connection::from_raw(connection))?;
        status.write(RealTimeStatus::from(&found), "the status")
    })
}

/// A page about a connection, for humans.
#[unsafe(no_mangle)]
#[doc(alias = "GetDetailedConnectionStatus")]
pub extern "C" fn gamesockets_get_detailed_connection_status(
    instance: u64,
    connection: u32,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let page = instances::get(instance)?.detailed_connection_status(Connection::from_raw(connection))?;
        buffer.bytes(capacity, length, page.as_bytes())
    })
}

/// The figures of a connection over its whole life.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_get_connection_lifetime_statistics(
    instance: u64,
    connection: u32,
    statistics: Out<LifetimeStatistics>,
) -> Code {
    guard(|| {
        let found = instances::get(instance)?.connection_lifetime_statistics(Connection::from_raw(connection))?;
        statistics.write(LifetimeStatistics::from(&found), "the statistics")
    })
}
