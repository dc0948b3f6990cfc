//! A UDP socket's worth of connections: which connection does a datagram belong to, and is it a new one?

use std::net::SocketAddr;

use crate::{Connection, ConnectionConfig, Identity, Timestamp};

/// What to do with a datagram.
pub enum Incoming<K> {
    /// It is for this connection: call its `handle_datagram`.
    Connection(K),
    /// Answer the sender with what was written to the reply buffer (never longer than the datagram).
    Reply,
    /// A new connection in `Connecting`. Store it under a key, call [`Endpoint::insert`], tell the application.
    New(Box<Connection>),
    /// Counted and dropped.
    Dropped,
}

/// Routes the datagrams of one UDP socket. `K` is the caller's key for a connection. Keeps no state per unverified address.
pub struct Endpoint<K> {
    _key: core::marker::PhantomData<K>,
}

/// What an endpoint that listens needs to make connections.
pub struct ListenParams {
    /// Who we are.
    pub identity: Identity,
    /// Settings that new connections start with.
    pub config: ConnectionConfig,
    /// Randomness for challenges and connections.
    pub seed: [u8; 32],
    /// Unix time in seconds at `Timestamp` zero, for certificate expiry.
    pub unix_seconds_at_zero: u64,
}

#[allow(unused_variables, clippy::todo, missing_docs, reason = "contract, being filled in")]
impl<K: Copy + Eq> Endpoint<K> {
    pub fn listen(params: ListenParams) -> Self {
        todo!()
    }
    /// Looks at a datagram; `reply` is cleared and filled when the answer is [`Incoming::Reply`].
    /// `connection_id` gives a fresh local connection id (both halves non-zero, unique among the caller's).
    pub fn handle_datagram(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        datagram: &[u8],
        reply: &mut Vec<u8>,
        connection_id: impl FnOnce() -> u32,
    ) -> Incoming<K> {
        todo!()
    }
    /// Binds the remote address (and identity and connection id, for the duplicate check) of a new connection to `key`.
    pub fn insert(&mut self, connection: &Connection, key: K) {
        todo!()
    }
    /// The connection is dead: frees its address.
    pub fn remove(&mut self, remote: SocketAddr) {
        todo!()
    }
    /// The key a remote address routes to.
    pub fn route(&self, remote: SocketAddr) -> Option<K> {
        todo!()
    }
}
