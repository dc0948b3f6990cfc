//! Two connections to each other, past their handshake before any network is touched.

use core::net::SocketAddr;

use gamesockets_schema::ConnectionState;

use super::{Endpoint, Incoming, ListenParams};
use crate::connection::ConnectParams;
use crate::{Connection, ConnectionConfig, Identity, Timestamp};

/// A handshake takes two exchanges; one that takes more has failed.
const EXCHANGES_MAX: usize = 4;
/// The authentication option that lets anybody in: both ends are ours.
const ALLOW: u8 = 2;

/// One end of a pair.
pub struct PairEnd {
    /// Its own address, which the other end sends to.
    pub address: SocketAddr,
    /// Who it takes the other end for.
    pub remote_identity: Identity,
    /// Its settings.
    pub config: ConnectionConfig,
    /// Randomness.
    pub seed: [u8; 32],
    /// Its connection id.
    pub connection_id: u32,
}

/// Connects two ends with the real handshake, handing its datagrams over in memory: both come back `Connected`, with
/// keys of their own. `None` if the settings of both do not go together, as far as encryption is concerned.
pub fn connected_pair(
    now: Timestamp,
    unix_seconds_at_zero: u64,
    [first, second]: [PairEnd; 2],
) -> Option<[Connection; 2]> {
    let allowing = |config| ConnectionConfig { ip_local_host_allow_without_auth: ALLOW, ..config };
    let mut client = Connection::connect(
        now,
        ConnectParams {
            remote: second.address,
            identity: second.remote_identity.clone(),
            config: allowing(first.config),
            seed: first.seed,
            connection_id: first.connection_id,
            unix_seconds_at_zero,
            trust: Default::default(),
            certificate: None,
        },
    );
    let mut endpoint = Endpoint::<()>::listen(ListenParams {
        identity: first.remote_identity.clone(),
        config: allowing(second.config),
        seed: second.seed,
        unix_seconds_at_zero,
    });
    let (mut datagram, mut reply) = (Vec::new(), Vec::new());
    for _ in 0..EXCHANGES_MAX {
        datagram.clear();
        client.poll_transmit(now, &mut datagram, 1)?;
        match endpoint.handle_datagram(now, first.address, &datagram, &mut reply, || second.connection_id) {
            Incoming::Reply => client.handle_datagram(now, &mut reply),
            Incoming::New(server) => {
                return finish(now, client, *server, [first.remote_identity, second.remote_identity]);
            }
            Incoming::Connection(()) | Incoming::Dropped => return None,
        }
    }
    None
}

fn finish(
    now: Timestamp,
    mut client: Connection,
    mut server: Connection,
    [server_identity, client_identity]: [Identity; 2],
) -> Option<[Connection; 2]> {
    server.accept(now).ok()?;
    // The rest of the handshake, and what acknowledges it.
    for _ in 0..EXCHANGES_MAX {
        hand_over(now, &mut server, &mut client);
        hand_over(now, &mut client, &mut server);
    }
    // An anonymous end would be known by its address; here it stays what the application called it.
    client.disregard_handshake(now, server_identity);
    server.disregard_handshake(now, client_identity);
    let connected = client.state() == ConnectionState::Connected && server.state() == ConnectionState::Connected;
    connected.then_some([client, server])
}

fn hand_over(now: Timestamp, from: &mut Connection, to: &mut Connection) {
    let mut datagram = Vec::new();
    while from.poll_transmit(now, &mut datagram, 1).is_some() {
        to.handle_datagram(now, &mut datagram);
        datagram.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamesockets_schema::SendFlags;

    fn end(port: u16, remote_identity: &str, unencrypted: u8) -> PairEnd {
        PairEnd {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            remote_identity: remote_identity.parse().expect("an identity"),
            config: ConnectionConfig { unencrypted, ..ConnectionConfig::default() },
            seed: [port as u8; 32],
            connection_id: 0x0001_0000 | u32::from(port),
        }
    }

    #[test]
    fn both_ends_are_connected_and_can_read_each_other() {
        let now = Timestamp::from_micros(1_000_000);
        let [mut one, mut two] = connected_pair(now, 0, [end(1, "str:b", 0), end(2, "ip:::1", 0)]).expect("a pair");
        assert_eq!(one.remote_identity().map(Identity::to_string).as_deref(), Some("str:b"));
        assert_eq!(two.remote_identity(), Some(&Identity::localhost()));
        assert_eq!((one.ping_ms(), two.ping_ms()), (None, None));
        assert_eq!((one.remote_address().port(), two.remote_address().port()), (2, 1));
        one.send(now, b"hello", 0, SendFlags::RELIABLE_NO_NAGLE).expect("taken");
        let mut datagram = Vec::new();
        one.poll_transmit(now, &mut datagram, 1).expect("a packet");
        assert!(!datagram.windows(5).any(|window| window == b"hello"), "encrypted");
        two.handle_datagram(now, &mut datagram);
        assert_eq!(two.receive(now).expect("a message").payload, b"hello"[..]);
    }

    #[test]
    fn settings_that_do_not_go_together_make_no_pair() {
        let ends = [end(1, "str:b", 3), end(2, "str:a", 0)];
        assert!(connected_pair(Timestamp::default(), 0, ends).is_none());
    }
}
