//! Two players who know each other by name meet through a channel of the program's own, and talk over a relay: neither
//! learns the other's address. All three are in this process, on this machine:
//!
//! ```text
//! cargo run --release --example relayed
//! ```

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use ed25519_dalek::SigningKey;
use gamesockets::{Connection, ConnectionState, Event, Identity, Relay, RelayAccess, SendFlags, SignalAnswer, Sockets};
use gamesockets_services::relay::{Forward, RelayTable, TableConfig};
use gamesockets_services::ticket::TicketBody;

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    // Whoever runs the relay trusts this key to say who may use it.
    let issuer = SigningKey::from_bytes(&random()?);
    let relay = start_relay(issuer.verifying_key().to_bytes())?;
    let (ada, bob) = (player("ada", &relay, &issuer)?, player("bob", &relay, &issuer)?);
    bob.create_listen_socket_p2p(0, &[])?;
    let call = ada.connect_p2p_custom_signaling(Some(&bob.identity()), 0, &[])?;

    let began = Instant::now();
    let answered = meet(&ada, &bob, call)?;
    println!("ada and bob met after {} ms", began.elapsed().as_millis());
    let info = bob.connection_info(answered)?;
    println!("bob sees {}, and the address \"{}\"", info.identity_string, info.remote_address);

    ada.send_message_to_connection(call, b"hello, bob", SendFlags::RELIABLE)?;
    bob.wait_messages(answered, PATIENCE)?;
    for message in bob.receive_messages_on_connection(answered, 16)? {
        println!("bob hears: {}", String::from_utf8_lossy(&message.payload));
    }
    Ok(())
}

/// Carries signals between the two until both are connected; gives bob's end. A game has a lobby or a server for this.
fn meet(ada: &Sockets, bob: &Sockets, call: Connection) -> Result<Connection, Box<dyn Error>> {
    let deadline = Instant::now() + PATIENCE;
    let mut answered = None;
    let mut connected = [false, false];
    while connected != [true, true] {
        if Instant::now() > deadline {
            return Err("they did not meet".into());
        }
        for (index, (own, other)) in [(ada, bob), (bob, ada)].into_iter().enumerate() {
            while let Some(event) = own.poll_event() {
                match event {
                    Event::Signal { payload, .. } => {
                        other.received_p2p_custom_signal(&payload, |connection, _, _| {
                            answered = Some(connection);
                            SignalAnswer::Accept
                        })?;
                    }
                    Event::ConnectionStatusChanged { info, .. } => {
                        connected[index] |= info.connection_state == ConnectionState::Connected;
                    }
                    _ => {}
                }
            }
        }
        ada.connection_info(call)?;
        std::thread::sleep(Duration::from_millis(1));
    }
    answered.ok_or_else(|| "nobody called bob".into())
}

/// A player of this name, with a ticket for the relay.
fn player(name: &str, relay: &Relay, issuer: &SigningKey) -> Result<Sockets, Box<dyn Error>> {
    let identity = Identity::from_generic_string(name)?;
    let key = SigningKey::from_bytes(&random()?);
    let now = unix_seconds();
    let ticket = TicketBody {
        id: random()?[..8].to_vec().into(),
        client: identity.to_string(),
        client_key: key.verifying_key().to_bytes().to_vec().into(),
        virtual_port: -1,
        not_before: now,
        expiry: now + 3_600,
        ..TicketBody::default()
    };
    let access = RelayAccess { ticket: ticket.sign(issuer)?, key: key.to_bytes() };
    let sockets = Sockets::new(identity)?;
    sockets.use_relays(std::slice::from_ref(relay), &access);
    Ok(sockets)
}

/// A relay on a thread of its own, until the program ends.
fn start_relay(trusted: [u8; 32]) -> Result<Relay, Box<dyn Error>> {
    let config = TableConfig {
        secret: random()?,
        static_secret: random()?,
        pop: 0x006c_6f63,
        worker: 0,
        ticket_keys: vec![trusted],
        app: 0,
        sessions_max: 1_000,
        sessions_per_identity: 8,
        session_kbps: 8_000,
        session_pps: 2_000,
        total_kbps: 1_000_000,
        idle_s: 60,
        opens_per_second: 1_000,
    };
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let mut table = RelayTable::new(0, config);
    let relay = Relay { name: "here".into(), address: socket.local_addr()?, key: table.public_key() };
    std::thread::spawn(move || {
        let (start, mut buffer) = (Instant::now(), [0; 2_048]);
        let mut out: Vec<(SocketAddr, Vec<u8>)> = Vec::new();
        while let Ok((len, from)) = socket.recv_from(&mut buffer) {
            let now = start.elapsed().as_micros() as u64;
            // Without randomness the relay opens no session.
            let Ok(seed) = random() else { break };
            let forward = table.handle(now, unix_seconds(), from, &mut buffer[..len], || seed, &mut out);
            if let Forward::To(to) = forward {
                let _ = socket.send_to(&buffer[..len], to);
            }
            for (to, datagram) in out.drain(..) {
                let _ = socket.send_to(&datagram, to);
            }
            table.handle_timeout(now);
        }
    });
    Ok(relay)
}

fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn unix_seconds() -> u32 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs() as u32)
}
