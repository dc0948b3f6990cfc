//! Honest clients: a few that send a small message fifty times a second and time its echo, and one that connects anew
//! again and again.

use std::net::SocketAddr;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use gamesockets::{Connection, ConnectionState, SendFlags, Sockets};

use crate::server::{commands, say};

const CLIENTS: usize = 4;
const PERIOD: Duration = Duration::from_millis(20);

/// Where to.
#[derive(clap::Args)]
pub(crate) struct Options {
    server: SocketAddr,
}

/// Who comes anew: waits for its connection, then for its echo, then begins again.
struct Newcomer {
    connection: Connection,
    since: Instant,
}

pub(crate) fn run(options: &Options) {
    let sockets = Sockets::anonymous().expect("an instance");
    let connect = || sockets.connect_by_ip_address(options.server, &[]).expect("a connection");
    let clients: Vec<Connection> = (0..CLIENTS).map(|_| connect()).collect();
    let mut newcomer = Newcomer { connection: connect(), since: Instant::now() };
    let (epoch, mut next) = (Instant::now(), Instant::now());
    let (mut echoes, mut arrivals): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let commands = commands();
    loop {
        if Instant::now() >= next {
            next += PERIOD;
            let stamp = epoch.elapsed().as_nanos() as u64;
            let flags = SendFlags::UNRELIABLE | SendFlags::NO_NAGLE;
            for &client in &clients {
                // One that is not connected yet, or any more, has nothing to measure.
                let _ = sockets.send_message_to_connection(client, &stamp.to_le_bytes(), flags);
            }
        }
        for &client in &clients {
            for message in sockets.receive_messages_on_connection(client, 64).unwrap_or_default() {
                if let Ok(stamp) = message.payload[..].try_into().map(u64::from_le_bytes) {
                    echoes.push((epoch.elapsed().as_nanos() as u64).saturating_sub(stamp) / 1_000);
                }
            }
        }
        let state = sockets.connection_info(newcomer.connection).map(|info| info.connection_state);
        match state {
            Ok(ConnectionState::Connecting) => {}
            Ok(ConnectionState::Connected) => {
                arrivals.push(newcomer.since.elapsed().as_micros() as u64);
                let _ = sockets.close_connection(newcomer.connection, 0, "", false);
                newcomer = Newcomer { connection: connect(), since: Instant::now() };
            }
            _ => {
                let _ = sockets.close_connection(newcomer.connection, 0, "", false);
                newcomer = Newcomer { connection: connect(), since: newcomer.since };
            }
        }
        while sockets.poll_event().is_some() {}
        match commands.try_recv() {
            Ok(command) if command.trim() == "report" => {
                say(&format!(
                    "{} {} {} {} {}",
                    echoes.len(),
                    percentile(&mut echoes, 50),
                    percentile(&mut echoes, 99),
                    arrivals.len(),
                    percentile(&mut arrivals, 50),
                ));
                echoes.clear();
                arrivals.clear();
            }
            Err(TryRecvError::Disconnected) => return,
            _ => {}
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

fn percentile(values: &mut [u64], percent: usize) -> u64 {
    values.sort_unstable();
    values.get(values.len() * percent / 100).or(values.last()).copied().unwrap_or(0)
}
