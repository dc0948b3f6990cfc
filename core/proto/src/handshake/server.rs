//! The side that listens (spec sections 5.4 and 5.5).

use core::net::SocketAddr;
use core::time::Duration;

use zeroize::Zeroizing;

use super::peer::{AuthOptions, Policy, SignalledPeer, VerifiedPeer, resolve_identity};
use super::{Established, LocalHandshake, MAX_PING_EST_MS, Reject};
use crate::ConnectionConfig;
use crate::crypto::{LocalCertificate, PeerCertificate, TrustStore, cipher};
use crate::identity::Identity;
use crate::time::Timestamp;
use crate::wire::{ConnectOk, ConnectRequest, ControlPacket};

/// How long the client's timestamp is echoed.
const ECHO_TIME: Duration = Duration::from_secs(4);

/// A ConnectRequest of which we know whose it claims to be, and nothing more.
pub struct IdentifiedRequest<'a> {
    request: &'a ConnectRequest,
    certificate: PeerCertificate,
    identity: Identity,
    connection_id: u32,
    allow_without_auth: u8,
}

/// What a server needs to know to judge a ConnectRequest.
pub struct ServerParams<'a> {
    /// Who we are.
    pub identity: &'a Identity,
    /// Our CA-signed certificate, if we have one.
    pub certificate: Option<&'a LocalCertificate>,
    /// Whose signatures count.
    pub trust: &'a TrustStore,
    /// The time, for certificates.
    pub unix_seconds: u64,
    /// Random bytes for this connection alone.
    pub seed: [u8; 32],
}

impl<'a> IdentifiedRequest<'a> {
    /// Checks 3 to 5 of spec section 5.4.
    ///
    /// # Errors
    /// Always `Ignore`.
    pub fn read(request: &'a ConnectRequest, from: SocketAddr, config: &ConnectionConfig) -> Result<Self, Reject> {
        let connection_id = match request.client_connection_id {
            None | Some(0) => return Err(Reject::Ignore("no connection id")),
            Some(id) => id,
        };
        let certificate =
            PeerCertificate::parse(request.cert.as_ref()).map_err(|error| Reject::Ignore(error.short()))?;
        let in_message = || {
            Identity::from_wire(
                request.identity_string.as_deref(),
                request.legacy_identity_binary.as_ref(),
                request.legacy_client_steam_id,
            )
        };
        let allow_without_auth = AuthOptions::of(config).for_client_at(from);
        let identity = resolve_identity(&certificate, in_message, from, allow_without_auth)?;
        Ok(Self { request, certificate, identity, connection_id, allow_without_auth })
    }

    /// Who the client claims to be.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The client's connection ID.
    pub fn connection_id(&self) -> u32 {
        self.connection_id
    }

    /// Check 9 of spec section 5.4: certificate, signature, version.
    ///
    /// # Errors
    /// `Fail` with what a client would make of it; a server drops the request without a word.
    pub fn verify(self, now: Timestamp, params: &ServerParams<'_>) -> Result<ServerHandshake, Reject> {
        let policy = Policy {
            allow_without_auth: self.allow_without_auth,
            trust: params.trust,
            unix_seconds: params.unix_seconds,
        };
        let crypt = self.request.crypt.as_ref();
        let peer = VerifiedPeer::verify(self.certificate, crypt, &self.identity, &policy)?;
        Ok(ServerHandshake {
            local: Local::of(params),
            remote_identity: self.identity,
            client_connection_id: self.connection_id,
            peer,
            received: now,
            client_timestamp: self.request.my_timestamp,
            ping_est_ms: self.request.ping_est_ms.filter(|&ms| ms <= MAX_PING_EST_MS),
            connect_ok: None,
        })
    }
}

/// What our share of the handshake will be made of, once the application accepts: until then it costs next to nothing.
struct Local {
    identity: Identity,
    app_id: u32,
    certificate: Option<Box<LocalCertificate>>,
    seed: Zeroizing<[u8; 32]>,
}

impl Local {
    fn of(params: &ServerParams<'_>) -> Self {
        Self {
            identity: params.identity.clone(),
            app_id: params.trust.app_id(),
            certificate: params.certificate.cloned().map(Box::new),
            seed: Zeroizing::new(params.seed),
        }
    }
}

/// A connection that a client asked for: accepted or not yet.
pub struct ServerHandshake {
    local: Local,
    remote_identity: Identity,
    client_connection_id: u32,
    peer: VerifiedPeer,
    received: Timestamp,
    client_timestamp: Option<u64>,
    ping_est_ms: Option<u32>,
    /// Once accepted: all of it but the echo.
    connect_ok: Option<Box<ConnectOk>>,
}

impl ServerHandshake {
    /// The client called by a signal; whose it is the signal says, and its certificate has to say the same.
    ///
    /// # Errors
    /// `Fail`, with what to tell the client.
    pub fn from_credentials(
        now: Timestamp,
        peer: SignalledPeer<'_>,
        params: &ServerParams<'_>,
    ) -> Result<Self, Reject> {
        Ok(Self {
            local: Local::of(params),
            client_connection_id: peer.connection_id,
            peer: peer.verify(params.trust)?,
            remote_identity: peer.identity,
            received: now,
            client_timestamp: None,
            ping_est_ms: None,
            connect_ok: None,
        })
    }

    /// Who the client is.
    pub fn remote_identity(&self) -> &Identity {
        &self.remote_identity
    }

    /// The client's connection ID.
    pub fn client_connection_id(&self) -> u32 {
        self.client_connection_id
    }

    /// The client's protocol version.
    pub fn peer_protocol_version(&self) -> u32 {
        self.peer.protocol_version()
    }

    /// Whether a CA we trust vouches for the client's identity.
    pub fn is_authenticated(&self) -> bool {
        self.peer.is_authenticated()
    }

    /// The client's estimate of the round-trip time, ms, if it makes sense.
    pub fn ping_est_ms(&self) -> Option<u32> {
        self.ping_est_ms
    }

    /// The application accepts: chooses the cipher, derives the keys, and gives the ConnectOK to send (spec section 5.5).
    ///
    /// # Errors
    /// `Fail` with 4002 if there is no common cipher or the client's X25519 key is no good.
    pub fn accept(
        &mut self,
        now: Timestamp,
        local_connection_id: u32,
        config: &ConnectionConfig,
    ) -> Result<(ControlPacket, Established), Reject> {
        let own = cipher::offer_list(config.unencrypted, cipher::aes_is_fast());
        let cipher = cipher::choose(&own, self.peer.ciphers()).ok_or_else(|| Reject::bad_crypt("no common cipher"))?;
        let Local { identity, app_id, certificate, seed } = &self.local;
        let mut local = LocalHandshake::new(identity, *app_id, certificate.as_deref(), **seed);
        local.set_window(config);
        let crypt = local.crypt_info(&[cipher]);
        let client = self.peer.share(self.client_connection_id);
        let server = local.share(local_connection_id, &crypt);
        let keys = local
            .derive_keys(self.peer.exchange_key()?, &client, &server)
            .ok_or_else(|| Reject::bad_crypt("key exchange failed"))?;
        let certificate = local.certificate();
        let is_certified = certificate.identity().is_some();
        let connect_ok = self.connect_ok.insert(Box::new(ConnectOk {
            client_connection_id: Some(self.client_connection_id),
            server_connection_id: Some(local_connection_id),
            crypt: Some(crypt),
            cert: Some(certificate.wire().clone()),
            identity_string: (!is_certified).then(|| identity.to_string()),
            ..Default::default()
        }));
        let packet = with_echo(connect_ok, now, self.received, self.client_timestamp);
        let established = Established {
            send_key: keys.server_to_client(cipher),
            recv_key: keys.client_to_server(cipher),
            cipher,
            remote_identity: self.remote_identity.clone(),
            remote_connection_id: self.client_connection_id,
            peer_protocol_version: self.peer.protocol_version(),
            peer_extensions: self.peer.extensions(),
            extensions: self.peer.extensions() & local.extensions(),
            windows: local.windows(&self.peer),
            authenticated: self.peer.is_authenticated(),
            peer_key: self.peer.certificate_key(),
            ping_sample_ms: None,
        };
        Ok((packet, established))
    }

    /// The ConnectOK again, for a client that asks again. `None` before [`Self::accept`].
    pub fn connect_ok(&self, now: Timestamp) -> Option<ControlPacket> {
        let connect_ok = self.connect_ok.as_ref()?;
        Some(with_echo(connect_ok, now, self.received, self.client_timestamp))
    }
}

/// Adds the client's timestamp and how long we have had it; after 4 s that says nothing about the path any more.
fn with_echo(
    connect_ok: &ConnectOk,
    now: Timestamp,
    received: Timestamp,
    client_timestamp: Option<u64>,
) -> ControlPacket {
    let mut connect_ok = Box::new(connect_ok.clone());
    if let (Some(timestamp), true) = (client_timestamp, now.since(received) < ECHO_TIME) {
        connect_ok.your_timestamp = Some(timestamp);
        connect_ok.delay_time_usec = u32::try_from(now.micros_since(received)).ok();
    }
    ControlPacket::ConnectOk(connect_ok)
}
