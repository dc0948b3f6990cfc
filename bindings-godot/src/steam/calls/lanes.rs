//! Lanes.

use gamesockets::{Connection, ResultCode};
use godot::prelude::*;

use crate::steam::Steam;

pub(in crate::steam) fn configure_connection_lanes(
    steam: &Steam,
    connection: u32,
    lanes: u32,
    priorities: AnyArray,
    weights: AnyArray,
) -> ResultCode {
    const NAME: &str = "configureConnectionLanes";
    let (Some(priorities), Some(weights)) = (numbers::<i32>(&priorities), numbers::<u16>(&weights)) else {
        steam.watch.warn_once(&format!("{NAME}: priorities are ints of 32 bits, weights ints from 1 to 65535"));
        return ResultCode::InvalidParam;
    };
    let is_wanted = |count: usize| u32::try_from(count) == Ok(lanes);
    if !is_wanted(priorities.len()) || !is_wanted(weights.len()) {
        steam.watch.warn_once(&format!(
            "{NAME}: {lanes} lanes need as many priorities and weights, not {} and {}",
            priorities.len(),
            weights.len()
        ));
        return ResultCode::InvalidParam;
    }
    steam.code(NAME, ResultCode::NoConnection, |sockets| {
        sockets.configure_connection_lanes(Connection::from_raw(connection), &priorities, &weights)
    })
}

fn numbers<T: TryFrom<i64>>(array: &AnyArray) -> Option<Vec<T>> {
    array.iter_shared().map(|number| T::try_from(number.try_to::<i64>().ok()?).ok()).collect()
}
