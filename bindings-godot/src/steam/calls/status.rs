//! How connections are doing.

use gamesockets::schema::records::DetailedStatus;
use gamesockets::{Connection, LaneStatus, RealTimeStatus, ResultCode};
use serde::Serialize;

use crate::steam::Steam;

/// The schema's `RealTimeStatusAnswer`; the status is empty when it was not asked for, or there is none.
#[derive(Serialize)]
pub(in crate::steam) struct RealTimeStatusAnswer {
    response: ResultCode,
    connection_status: Option<RealTimeStatus>,
    lanes_status: Vec<LaneStatus>,
}

pub(in crate::steam) fn get_connection_real_time_status(
    steam: &Steam,
    connection: u32,
    lanes: u32,
    get_status: bool,
) -> RealTimeStatusAnswer {
    let refused = |response| RealTimeStatusAnswer { response, connection_status: None, lanes_status: Vec::new() };
    let Some(sockets) = steam.sockets() else { return refused(ResultCode::NoConnection) };
    match sockets.connection_lane_status(Connection::from_raw(connection), lanes as usize) {
        Ok((status, lanes_status)) => RealTimeStatusAnswer {
            response: ResultCode::Ok,
            connection_status: Some(status).filter(|_| get_status),
            lanes_status,
        },
        Err(error) => {
            steam.explain("getConnectionRealTimeStatus", &error);
            refused(error.code())
        }
    }
}

pub(in crate::steam) fn get_quick_connection_status(steam: &Steam, connection: u32) -> Option<RealTimeStatus> {
    steam.ask("getQuickConnectionStatus", |sockets| sockets.quick_connection_status(Connection::from_raw(connection)))
}

pub(in crate::steam) fn get_detailed_connection_status(steam: &Steam, connection: u32) -> DetailedStatus {
    let connection = Connection::from_raw(connection);
    match steam.ask("getDetailedConnectionStatus", |sockets| sockets.detailed_connection_status(connection)) {
        Some(status) => DetailedStatus { success: 0, buffer: status.clone(), status },
        None => DetailedStatus { success: -1, status: String::new(), buffer: String::new() },
    }
}

pub(in crate::steam) fn get_local_timestamp(steam: &Steam) -> i64 {
    steam.sockets().map_or(0, |sockets| sockets.local_timestamp().cast_signed())
}
