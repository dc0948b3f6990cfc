//! Lanes: several streams of messages on one connection, which do not wait for each other.

use gamesockets_schema::{LaneStatus, RealTimeStatus};

use super::Sockets;
use crate::error::Error;
use crate::handles::Connection;
use crate::info;

impl Sockets {
    /// Sets how many lanes there are to send on, 1 to 255, and how they share what the connection may send. There is one
    /// priority and one weight for each. The lane with the **lowest** priority number is sent first, and others only when it
    /// has nothing to send; lanes of equal priority share by their weights.
    ///
    /// Only the sender has to know of lanes. They can be set again at any time, with as many lanes as before or more.
    ///
    /// # Errors
    /// [`Error::NoSuchConnection`]; [`Error::Lanes`], and the connection goes on as it was, except that a peer whose software
    /// is too old for lanes ends it with reason 4006.
    #[doc(alias = "ConfigureConnectionLanes")]
    pub fn configure_connection_lanes(
        &self,
        connection: Connection,
        priorities: &[i32],
        weights: &[u16],
    ) -> Result<(), Error> {
        let cell = self.known_connection(connection)?;
        let driver = &self.instance.driver;
        let now = driver.now();
        let mut guarded = cell.lock();
        let result = guarded.engine.configure_lanes(now, priorities, weights);
        cell.settle(driver, now, guarded);
        Ok(result?)
    }

    /// How a connection and its first `lanes` lanes are doing right now.
    ///
    /// # Errors
    /// [`Error::NoSuchConnection`]; [`Error::NoSuchLanes`] if there are fewer.
    pub fn connection_lane_status(
        &self,
        connection: Connection,
        lanes: usize,
    ) -> Result<(RealTimeStatus, Vec<LaneStatus>), Error> {
        let cell = self.known_connection(connection)?;
        let now = self.instance.driver.now();
        let mut guarded = cell.lock();
        let count = guarded.engine.lane_count();
        if lanes > usize::from(count) {
            return Err(Error::NoSuchLanes { asked: lanes, count });
        }
        let status = guarded.engine.status(now);
        let of_lane = |lane| guarded.engine.lane_status(now, lane).map(|status| info::lane_status(&status));
        let lane_status = (0..lanes as u16).filter_map(of_lane).collect();
        Ok((info::real_time_status(&status, guarded.engine.state()), lane_status))
    }
}
