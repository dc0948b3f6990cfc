//! Lanes, and how connections and lanes are doing.

use gamesockets::Connection;

use crate::arguments::{In, Out};
use crate::border::{Code, guard};
use crate::instances;
use crate::records::{LaneStatus, RealTimeStatus};

/// Sets how many lanes there are to send on, and how they share what the connection may send.
#[unsafe(no_mangle)]
#[doc(alias = "ConfigureConnectionLanes")]
pub extern "C" fn gamesockets_configure_connection_lanes(
    instance: u64,
    connection: u32,
    priorities: In<i32>,
    weights: In<u16>,
    count: usize,
) -> Code {
    guard(|| {
        let priorities = priorities.slice(count, "the priorities")?;
        let weights = weights.slice(count, "the weights")?;
        let connection = Connection::from_raw(connection);
        Ok(instances::get(instance)?.configure_connection_lanes(connection, priorities, weights)?)
    })
}

/// How a connection and its first `lane_count` lanes are doing.
#[unsafe(no_mangle)]
#[doc(alias = "GetConnectionRealTimeStatus")]
pub extern "C" fn gamesockets_get_connection_real_time_status(
    instance: u64,
    connection: u32,
    status: Out<RealTimeStatus>,
    lanes: Out<LaneStatus>,
    lane_count: usize,
) -> Code {
    guard(|| {
        let connection = Connection::from_raw(connection);
        let (found, of_lanes) = instances::get(instance)?.connection_lane_status(connection, lane_count)?;
        let of_lanes: Vec<LaneStatus> = of_lanes.iter().map(LaneStatus::from).collect();
        lanes.fill(lane_count, &of_lanes, "the lanes")?;
        status.write(RealTimeStatus::from(&found), "the status")
    })
}
