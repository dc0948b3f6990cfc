//! The settings of quinn's ends.

use std::sync::Arc;
use std::time::Duration;

use quinn::congestion::BbrConfig;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Endpoint, EndpointConfig, ServerConfig, TokioRuntime, TransportConfig, VarInt};
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::text;
use crate::job::{Job, PeerId};
use crate::peers::sockets::bound;

/// The name in the certificate.
pub(super) const SERVER_NAME: &str = "localhost";
const WINDOW_BYTES: u32 = 16 << 20;
const DATAGRAM_BUFFER_BYTES: usize = 4 << 20;
/// Each connection keeps a record for every stream that the other end may open: many only where they are used.
const STREAMS_MAX: u32 = 10_000;
/// Nothing on loopback takes longer, not even a thousand handshakes.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(super) fn runtime(job: &Job) -> Result<tokio::runtime::Runtime, String> {
    let mut builder = match job.tuning {
        1 => tokio::runtime::Builder::new_current_thread(),
        threads => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(threads as usize);
            builder
        }
    };
    builder.enable_all().build().map_err(text)
}

pub(super) fn server(job: &Job) -> Result<Endpoint, String> {
    let certificate = rcgen::generate_simple_self_signed([SERVER_NAME.to_owned()]).map_err(text)?;
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(text)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.into()], key.into())
        .map_err(text)?;
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).map_err(text)?));
    config.transport_config(Arc::new(transport(job)?));
    endpoint(job, Some(config))
}

pub(super) fn client(job: &Job) -> Result<Endpoint, String> {
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(text)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier::AnyCertificate(provider())))
        .with_no_client_auth();
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).map_err(text)?));
    config.transport_config(Arc::new(transport(job)?));
    let mut endpoint = endpoint(job, None)?;
    endpoint.set_default_client_config(config);
    Ok(endpoint)
}

fn endpoint(job: &Job, server: Option<ServerConfig>) -> Result<Endpoint, String> {
    let mut config = EndpointConfig::default();
    config.max_udp_payload_size(job.mtu).map_err(text)?;
    Endpoint::new(config, server, bound()?, Arc::new(TokioRuntime)).map_err(text)
}

fn transport(job: &Job) -> Result<TransportConfig, String> {
    let mut config = TransportConfig::default();
    config
        .initial_mtu(job.mtu)
        .min_mtu(job.mtu)
        .mtu_discovery_config(None)
        .stream_receive_window(VarInt::from_u32(WINDOW_BYTES))
        .receive_window(VarInt::from_u32(WINDOW_BYTES))
        .send_window(WINDOW_BYTES.into())
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BUFFER_BYTES)
        .max_idle_timeout(Some(TIMEOUT.try_into().map_err(text)?));
    if job.peer == PeerId::QuinnStreams {
        config.max_concurrent_uni_streams(VarInt::from_u32(STREAMS_MAX));
    }
    if job.path.is_some() && job.peer != PeerId::QuinnCubic {
        config.congestion_controller_factory(Arc::new(BbrConfig::default()));
    }
    Ok(config)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Verifies the signatures of the handshake, and takes any certificate: as an anonymous gamesockets client does.
mod verifier {
    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};

    #[derive(Debug)]
    pub(super) struct AnyCertificate(pub(super) Arc<CryptoProvider>);

    impl ServerCertVerifier for AnyCertificate {
        fn verify_server_cert(
            &self,
            _end_entity: &CertificateDer<'_>,
            _intermediates: &[CertificateDer<'_>],
            _server_name: &ServerName<'_>,
            _ocsp_response: &[u8],
            _now: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}
