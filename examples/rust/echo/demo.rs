//! Server and client in one process, for three seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gamesockets::{Connection, SendFlags, Sockets};

use super::client::{self, percent};
use super::{Outcome, server};

const SECONDS: u32 = 3;
/// One message of each kind per tick.
const TICK: Duration = Duration::from_millis(10);
const FIRST_SHOWN: usize = 3;

pub(crate) fn run(stop: &AtomicBool) -> Outcome {
    let serving = Sockets::new("str:echo-server".parse()?)?;
    let socket = serving.create_listen_socket_ip(([127, 0, 0, 1], 0).into(), &[])?;
    let address = serving.listen_socket_address(socket)?;
    println!("the server listens on {address}");
    let server_stop = Arc::new(AtomicBool::new(false));
    let server = {
        let stop = Arc::clone(&server_stop);
        thread::spawn(move || server::serve(serving, false, &stop))
    };
    let sockets = Sockets::new("str:echo-client".parse()?)?;
    let result =
        client::connect(&sockets, address, &[], stop).and_then(|connection| converse(&sockets, connection, stop));
    server_stop.store(true, Ordering::Relaxed);
    server.join().unwrap_or_else(|_| Err("the server panicked".into()))?;
    result
}

#[derive(Default)]
struct Counts {
    sent: usize,
    reliable: usize,
    unreliable: usize,
    round_trip: Duration,
}

impl Counts {
    fn echoed(&self) -> usize {
        self.reliable + self.unreliable
    }
}

fn converse(sockets: &Sockets, connection: Connection, stop: &AtomicBool) -> Outcome {
    let start = Instant::now();
    let mut counts = Counts::default();
    for second in 1..=SECONDS {
        while start.elapsed() < Duration::from_secs(u64::from(second)) && !stop.load(Ordering::Relaxed) {
            let text = format!("message {} at {} ns", counts.sent + 1, start.elapsed().as_nanos());
            for flags in [SendFlags::RELIABLE, SendFlags::UNRELIABLE] {
                sockets.send_message_to_connection(connection, text.as_bytes(), flags | SendFlags::NO_NAGLE)?;
            }
            counts.sent += 1;
            listen(sockets, connection, start, Instant::now() + TICK, &mut counts)?;
        }
        let status = sockets.connection_real_time_status(connection)?;
        println!(
            "after {second} s: {} messages echoed, ping {} ms, {:.1} kB/s out, {:.1} kB/s in",
            counts.echoed(),
            status.ping,
            status.bytes_out_per_second / 1e3,
            status.bytes_in_per_second / 1e3,
        );
    }
    let patience = Instant::now() + Duration::from_secs(1);
    while counts.echoed() < counts.sent * 2 && Instant::now() < patience {
        listen(sockets, connection, start, (Instant::now() + TICK).min(patience), &mut counts)?;
    }
    sockets.close_connection(connection, 0, "done", false)?;
    conclude(&counts)
}

/// Takes what comes back until `deadline`.
fn listen(
    sockets: &Sockets,
    connection: Connection,
    start: Instant,
    deadline: Instant,
    counts: &mut Counts,
) -> Outcome {
    while sockets.wait_messages(connection, deadline.saturating_duration_since(Instant::now()))? {
        for message in sockets.receive_messages_on_connection(connection, 64)? {
            let text = String::from_utf8_lossy(&message.payload);
            let sent_at = text
                .split(' ')
                .nth(3)
                .and_then(|nanoseconds| nanoseconds.parse().ok())
                .ok_or("a message came back changed")?;
            let round_trip = start.elapsed().saturating_sub(Duration::from_nanos(sent_at));
            let is_reliable = message.flags.contains(SendFlags::RELIABLE);
            *if is_reliable { &mut counts.reliable } else { &mut counts.unreliable } += 1;
            counts.round_trip += round_trip;
            if counts.echoed() <= FIRST_SHOWN * 2 {
                let kind = if is_reliable { "reliable" } else { "unreliable" };
                println!("echoed: \"{text}\", {kind}, after {:.2} ms", round_trip.as_secs_f64() * 1e3);
            }
        }
    }
    Ok(())
}

fn conclude(counts: &Counts) -> Outcome {
    let lost = |received: usize| counts.sent.saturating_sub(received);
    let average = counts.round_trip.as_secs_f64() * 1e3 / counts.echoed().max(1) as f64;
    println!(
        "{} of {} reliable and {} of {} unreliable messages came back, {average:.2} ms on average; loss {:.2} %",
        counts.reliable,
        counts.sent,
        counts.unreliable,
        counts.sent,
        percent(lost(counts.unreliable), counts.sent),
    );
    match lost(counts.reliable) {
        0 => Ok(()),
        lost => Err(format!("{lost} reliable messages did not come back").into()),
    }
}
