//! The side that connects (spec section 5.3).

use core::net::SocketAddr;
use std::sync::Arc;

use gamesockets_schema::ConnectionEnd;

use super::peer::{AuthOptions, Policy, SignalledPeer, VerifiedPeer, resolve_identity};
use super::{Established, LocalHandshake, Reject, ping};
use crate::crypto::{Cipher, LocalCertificate, PeerCertificate, TrustStore, cipher};
use crate::identity::Identity;
use crate::time::Timestamp;
use crate::wire::{
    CertificateSigned, ChallengeReply, ChallengeRequest, ConnectOk, ConnectRequest, ControlPacket,
    SessionCryptInfoSigned,
};
use crate::{ConnectionConfig, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN};

/// The oldest version that understands more than one lane (spec section 0.3).
pub(crate) const LANES_VERSION_MIN: u32 = 11;

/// The value of IP_AllowWithoutAuth with which a certificate is not even tried for (spec section 5.7).
const UNAUTHENTICATED_SILENTLY: u8 = 2;

/// Builds the client's packets and judges the server's. What it sends of itself never changes: the keys depend on it.
pub struct ClientHandshake {
    identity: Identity,
    connection_id: u32,
    local: LocalHandshake,
    offer: Vec<Cipher>,
    crypt: SessionCryptInfoSigned,
    auth: AuthOptions,
    trust: Arc<TrustStore>,
    expected_identity: Option<Identity>,
    lane_count: u16,
    /// From the latest ChallengeReply.
    peer_version: Option<u32>,
}

impl ClientHandshake {
    /// With an unsigned certificate. The options that matter in the handshake are taken now (spec section 5.7). `seed`
    /// is random and not used for anything else.
    pub fn new(
        identity: Identity,
        config: &ConnectionConfig,
        seed: [u8; 32],
        connection_id: u32,
        trust: Arc<TrustStore>,
    ) -> Self {
        Self::with_certificate(identity, None, config, seed, connection_id, trust)
    }

    /// With a CA-signed certificate, if there is one.
    pub fn with_certificate(
        identity: Identity,
        certificate: Option<&LocalCertificate>,
        config: &ConnectionConfig,
        seed: [u8; 32],
        connection_id: u32,
        trust: Arc<TrustStore>,
    ) -> Self {
        let mut local = LocalHandshake::new(&identity, trust.app_id(), certificate, seed);
        local.set_window(config);
        let offer = cipher::offer_list(config.unencrypted, cipher::aes_is_fast());
        Self::with_local(identity, local, offer, config, connection_id, trust)
    }

    /// With secrets and ciphers of the caller's choice.
    pub fn with_local(
        identity: Identity,
        local: LocalHandshake,
        offer: Vec<Cipher>,
        config: &ConnectionConfig,
        connection_id: u32,
        trust: Arc<TrustStore>,
    ) -> Self {
        Self {
            identity,
            connection_id,
            crypt: local.crypt_info(&offer),
            local,
            offer,
            auth: AuthOptions::of(config),
            trust,
            expected_identity: None,
            lane_count: 1,
            peer_version: None,
        }
    }

    /// From now on only this peer will do.
    pub fn expect_identity(&mut self, identity: Identity) {
        self.expected_identity = Some(identity);
    }

    /// From now on only a peer that understands this many lanes will do.
    pub fn set_lane_count(&mut self, count: u16) {
        self.lane_count = count;
    }

    /// Whether we would have to show a server at this address a CA-signed certificate, and have none. Only anonymous
    /// clients get by without one then (spec section 5.7).
    pub fn lacks_certificate(&self, remote: SocketAddr) -> bool {
        let is_required = self.auth.for_server_at(remote) < UNAUTHENTICATED_SILENTLY && !self.identity.is_localhost();
        is_required && !self.local.certificate().is_signed()
    }

    /// The version that the server claimed in its latest challenge.
    pub fn peer_version(&self) -> Option<u32> {
        self.peer_version
    }

    /// What to begin, and to try again, with.
    pub fn challenge_request(&self, now: Timestamp) -> ControlPacket {
        ControlPacket::ChallengeRequest(ChallengeRequest {
            connection_id: Some(self.connection_id),
            my_timestamp: Some(now.as_micros()),
            protocol_version: Some(PROTOCOL_VERSION),
        })
    }

    /// What to answer to a ChallengeReply, and a sample of the round-trip time in ms. `ping_est_ms` is what is known of
    /// it so far; when nothing is, the sample is reported to the server.
    ///
    /// # Errors
    /// When it is not for us, or the server is too old: code 5001.
    pub fn on_challenge_reply(
        &mut self,
        reply: &ChallengeReply,
        now: Timestamp,
        ping_est_ms: Option<u32>,
    ) -> Result<(ControlPacket, Option<u32>), Reject> {
        if reply.connection_id != Some(self.connection_id) {
            return Err(Reject::Ignore("challenge for another connection"));
        }
        let Some(challenge) = reply.challenge else {
            return Err(Reject::Ignore("no challenge"));
        };
        let version = reply.protocol_version.unwrap_or(0);
        if version < PROTOCOL_VERSION_MIN {
            let text = format!("peer's software is too old: version {version}");
            return Err(Reject::fail(ConnectionEnd::MISC_GENERIC, text));
        }
        self.peer_version = Some(version);
        let sample_ms = ping::sample_ms(now, reply.your_timestamp, 0);
        let request = self.connect_request(now, challenge, ping_est_ms.or(sample_ms));
        Ok((request, sample_ms))
    }

    /// Checks a ConnectOK to the end and derives the keys. Whether one is wanted in its state, the connection knows.
    ///
    /// # Errors
    /// `Ignore`: go on trying. `Fail`: the code of spec section 5.6.
    pub fn on_connect_ok(
        &mut self,
        ok: &ConnectOk,
        now: Timestamp,
        remote: SocketAddr,
        unix_seconds: u64,
    ) -> Result<Established, Reject> {
        if ok.client_connection_id != Some(self.connection_id) {
            return Err(Reject::Ignore("for another connection"));
        }
        let allow_without_auth = self.auth.for_server_at(remote);
        let certificate =
            PeerCertificate::parse(ok.cert.as_ref()).map_err(|_| Reject::Ignore("certificate does not parse"))?;
        let remote_identity = resolve_identity(&certificate, || identity_in(ok), remote, allow_without_auth)?;
        if self.expected_identity.as_ref().is_some_and(|expected| *expected != remote_identity) {
            return Err(Reject::Ignore("another identity than expected"));
        }
        let remote_connection_id = ok.server_connection_id.unwrap_or(0);
        if remote_connection_id & 0xffff == 0 {
            return Err(Reject::bad_crypt("bad connection id of the server"));
        }
        let policy = Policy { allow_without_auth, trust: &self.trust, unix_seconds };
        let peer = VerifiedPeer::verify(certificate, ok.crypt.as_ref(), &remote_identity, &policy)?;
        self.check_version(peer.protocol_version())?;
        let ping_sample_ms = ping::sample_ms(now, ok.your_timestamp, ok.delay_time_usec.unwrap_or(0));
        self.establish(&peer, remote_identity, remote_connection_id, ping_sample_ms)
    }

    /// What a signal carries in place of a ConnectRequest (wire-p2p section 1.9).
    pub fn credentials(&self) -> (CertificateSigned, SessionCryptInfoSigned) {
        (self.local.certificate().wire().clone(), self.crypt.clone())
    }

    /// Checks what a signal carried in place of a ConnectOK, and derives the keys. Whose it is the signal says, and its
    /// certificate has to say the same.
    ///
    /// # Errors
    /// As [`Self::on_connect_ok`].
    pub fn on_credentials(&self, peer: &SignalledPeer<'_>) -> Result<Established, Reject> {
        let verified = peer.verify(&self.trust)?;
        self.check_version(verified.protocol_version())?;
        self.establish(&verified, peer.identity.clone(), peer.connection_id, None)
    }

    /// A sample of the round-trip time from a ConnectOK that is otherwise of no use any more, in ms (spec section 5.3).
    pub fn ping_sample_ms(&self, ok: &ConnectOk, now: Timestamp) -> Option<u32> {
        if ok.client_connection_id != Some(self.connection_id) {
            return None;
        }
        ping::sample_ms(now, ok.your_timestamp, ok.delay_time_usec.unwrap_or(0))
    }

    fn connect_request(&self, now: Timestamp, challenge: u64, ping_ms: Option<u32>) -> ControlPacket {
        let certificate = self.local.certificate();
        let is_certified = certificate.identity().is_some();
        ControlPacket::ConnectRequest(Box::new(ConnectRequest {
            client_connection_id: Some(self.connection_id),
            challenge: Some(challenge),
            cert: Some(certificate.wire().clone()),
            my_timestamp: Some(now.as_micros()),
            ping_est_ms: ping_ms,
            crypt: Some(self.crypt.clone()),
            identity_string: (!is_certified).then(|| self.identity.to_string()),
            ..Default::default()
        }))
    }

    fn check_version(&self, version: u32) -> Result<(), Reject> {
        let fail = |text| Err(Reject::fail(ConnectionEnd::REMOTE_BAD_PROTOCOL_VERSION, text));
        match self.peer_version {
            Some(earlier) if earlier != version => {
                fail(format!("peer claimed version {earlier} first, and now {version}"))
            }
            _ if self.lane_count > 1 && version < LANES_VERSION_MIN => {
                fail(format!("peer's software is too old for lanes: version {version}"))
            }
            _ => Ok(()),
        }
    }

    fn establish(
        &self,
        peer: &VerifiedPeer,
        remote_identity: Identity,
        remote_connection_id: u32,
        ping_sample_ms: Option<u32>,
    ) -> Result<Established, Reject> {
        let cipher = cipher::chosen(&self.offer, peer.ciphers())
            .ok_or_else(|| Reject::bad_crypt("server did not choose one of our ciphers"))?;
        let client = self.local.share(self.connection_id, &self.crypt);
        let keys = self
            .local
            .derive_keys(peer.exchange_key()?, &client, &peer.share(remote_connection_id))
            .ok_or_else(|| Reject::bad_crypt("key exchange failed"))?;
        Ok(Established {
            send_key: keys.client_to_server(cipher),
            recv_key: keys.server_to_client(cipher),
            cipher,
            remote_identity,
            remote_connection_id,
            peer_protocol_version: peer.protocol_version(),
            peer_extensions: peer.extensions(),
            extensions: peer.extensions() & self.local.extensions(),
            windows: self.local.windows(peer),
            authenticated: peer.is_authenticated(),
            peer_key: peer.certificate_key(),
            ping_sample_ms,
        })
    }
}

fn identity_in(ok: &ConnectOk) -> Result<Option<Identity>, crate::identity::IdentityError> {
    Identity::from_wire(ok.identity_string.as_deref(), ok.legacy_identity_binary.as_ref(), ok.legacy_server_steam_id)
}
