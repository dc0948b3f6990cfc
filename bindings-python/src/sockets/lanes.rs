//! Lanes, and how connections and lanes are doing.

use gamesockets::Connection;
use gamesockets::schema::records::RealTimeStatusAnswer;
use gamesockets_schema::ResultCode;
use pyo3::prelude::*;

use super::Sockets;
use crate::errors::{invalid_argument, raise};
use crate::to_python;

#[pymethods]
impl Sockets {
    #[doc = about!(configure_connection_lanes)]
    fn configure_connection_lanes(
        &self,
        connection: u32,
        lanes: usize,
        priorities: Vec<i32>,
        weights: Vec<u16>,
    ) -> PyResult<()> {
        if [priorities.len(), weights.len()] != [lanes; 2] {
            let counts = (priorities.len(), weights.len());
            return Err(invalid_argument(format!(
                "{lanes} lanes, but {} priorities and {} weights: give one of each for every lane",
                counts.0, counts.1
            )));
        }
        let connection = Connection::from_raw(connection);
        self.core()?.configure_connection_lanes(connection, &priorities, &weights).map_err(raise)
    }

    #[doc = about!(get_connection_real_time_status)]
    #[pyo3(signature = (connection_handle, lanes=0, get_status=true))]
    fn get_connection_real_time_status<'py>(
        &self,
        py: Python<'py>,
        connection_handle: u32,
        lanes: usize,
        get_status: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let connection = Connection::from_raw(connection_handle);
        let (connection_status, lanes_status) =
            self.core()?.connection_lane_status(connection, lanes).map_err(raise)?;
        let answer = RealTimeStatusAnswer { response: ResultCode::Ok, connection_status, lanes_status };
        let answer = to_python::record(py, RealTimeStatusAnswer::INFO, &answer)?;
        if !get_status {
            answer.del_item("connection_status")?;
        }
        Ok(answer)
    }
}
