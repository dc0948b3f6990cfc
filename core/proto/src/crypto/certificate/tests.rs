//! A test CA: what verifies and what does not.

use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};

use super::super::trust::key_id;
use super::super::{LocalCertificate, LocalCertificateError};
use super::*;

const NOW: u64 = 1_800_000_000;
const LATER: u32 = 1_900_000_000;

struct Ca(SigningKey);

impl Ca {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn id(&self) -> u64 {
        key_id(&self.public())
    }

    fn sign(&self, cert: &Certificate) -> CertificateSigned {
        let raw = cert.encode_to_vec();
        CertificateSigned {
            ca_key_id: Some(self.id()),
            ca_signature: Some(Bytes::copy_from_slice(&self.0.sign(&raw).to_bytes())),
            cert: Some(raw.into()),
            private_key_data: None,
        }
    }

    fn trusted(&self) -> TrustStore {
        let mut trust = TrustStore::default();
        trust.add_root(&self.public()).unwrap();
        trust
    }
}

fn identity(text: &str) -> Identity {
    text.parse().unwrap()
}

fn key_of(seed: u8) -> Option<Bytes> {
    let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    Some(Bytes::copy_from_slice(key.as_bytes()))
}

/// Alice's, with everything in order.
fn leaf() -> Certificate {
    Certificate {
        key_type: Some(1),
        key_data: key_of(9),
        time_expiry: Some(LATER),
        app_ids: vec![0],
        identity_string: Some("str:alice".into()),
        ..Default::default()
    }
}

fn authority(seed: u8) -> Certificate {
    Certificate {
        key_type: Some(1),
        key_data: key_of(seed),
        time_created: Some(1),
        time_expiry: Some(LATER),
        ..Default::default()
    }
}

fn verify(signed: &CertificateSigned, trust: &TrustStore, allow: u8) -> Result<Authentication, CertificateError> {
    let peer = identity("str:alice");
    PeerCertificate::parse(Some(signed))?.verify(&peer, allow, trust, NOW)
}

fn untrusted(signed: &CertificateSigned, trust: &TrustStore) -> TrustError {
    // What is not trusted is as good as unsigned where that is allowed.
    assert_eq!(verify(signed, trust, 1), Ok(Authentication::Unauthenticated));
    assert_eq!(verify(signed, trust, 2), Ok(Authentication::Unauthenticated));
    match verify(signed, trust, 0) {
        Err(CertificateError::Untrusted(error)) => {
            assert_eq!(CertificateError::Untrusted(error).end(), ConnectionEnd::REMOTE_BAD_CERT);
            error
        }
        other => panic!("verified as {other:?}"),
    }
}

#[test]
fn a_signed_certificate_verifies() {
    let ca = Ca::new(1);
    for allow in 0..=2 {
        let verified = verify(&ca.sign(&leaf()), &ca.trusted(), allow);
        assert_eq!(verified, Ok(Authentication::Authenticated));
    }
    let at_the_last_second = Certificate { time_expiry: Some(NOW as u32), ..leaf() };
    assert!(verify(&ca.sign(&at_the_last_second), &ca.trusted(), 0).is_ok());
}

#[test]
fn an_unsigned_certificate_needs_permission() {
    let signed = LocalCertificate::unsigned(&identity("str:alice"), 0, [9; 32]).wire().clone();
    let trust = TrustStore::default();
    let error = verify(&signed, &trust, 0).unwrap_err();
    assert_eq!(error, CertificateError::AuthenticationRequired);
    assert_eq!(error.end(), ConnectionEnd::REMOTE_BAD_CERT);
    assert_eq!(verify(&signed, &trust, 1), Ok(Authentication::Unauthenticated));
    assert_eq!(verify(&signed, &trust, 2), Ok(Authentication::Unauthenticated));
}

#[test]
fn foreign_tampered_and_expired_certificates_are_not_trusted() {
    let (ca, foreign) = (Ca::new(1), Ca::new(2));
    let trust = ca.trusted();
    let signed = ca.sign(&leaf());

    assert_eq!(untrusted(&foreign.sign(&leaf()), &trust), TrustError::UnknownAuthority(foreign.id()));
    assert_eq!(untrusted(&signed, &TrustStore::default()), TrustError::UnknownAuthority(ca.id()));
    let no_id = CertificateSigned { ca_key_id: None, ..signed.clone() };
    assert_eq!(untrusted(&no_id, &trust), TrustError::UnknownAuthority(0));
    let forged = CertificateSigned { ca_key_id: Some(ca.id()), ..foreign.sign(&leaf()) };
    assert_eq!(untrusted(&forged, &trust), TrustError::BadSignature);
    let changed = Certificate { time_expiry: Some(LATER + 1), ..leaf() }.encode_to_vec();
    let tampered = CertificateSigned { cert: Some(changed.into()), ..signed.clone() };
    assert_eq!(untrusted(&tampered, &trust), TrustError::BadSignature);
    let short = signed.ca_signature.as_ref().map(|signature| signature.slice(..63));
    let cut = CertificateSigned { ca_signature: short, ..signed };
    assert_eq!(untrusted(&cut, &trust), TrustError::BadSignature);
    for time_expiry in [None, Some(NOW as u32 - 1)] {
        let signed = ca.sign(&Certificate { time_expiry, ..leaf() });
        assert!(matches!(untrusted(&signed, &trust), TrustError::Expired { .. }));
    }
}

#[test]
fn revoked_keys_are_not_trusted() {
    let ca = Ca::new(1);
    let leaf_key: [u8; 32] = key_of(9).unwrap()[..].try_into().unwrap();
    for revoked in [ca.id(), key_id(&leaf_key)] {
        let mut trust = ca.trusted();
        trust.revoke(revoked);
        assert_eq!(untrusted(&ca.sign(&leaf()), &trust), TrustError::Revoked(revoked));
    }
}

#[test]
fn trust_passes_down_a_chain() {
    let (root, middle, low) = (Ca::new(1), Ca::new(2), Ca::new(3));
    let mut trust = root.trusted();
    assert_eq!(trust.add_authority(&root.sign(&authority(2))), Ok(middle.id()));
    assert_eq!(trust.add_authority(&middle.sign(&authority(3))), Ok(low.id()));
    assert_eq!(verify(&low.sign(&leaf()), &trust, 0), Ok(Authentication::Authenticated));
    trust.revoke(middle.id());
    assert_eq!(untrusted(&low.sign(&leaf()), &trust), TrustError::Revoked(middle.id()));
}

#[test]
fn a_chain_grants_what_all_of_it_grants() {
    let (root, middle, low) = (Ca::new(1), Ca::new(2), Ca::new(3));
    let chain = |middle_apps: &[u32], low_apps: &[u32], middle_expiry: u32| {
        let mut trust = root.trusted();
        let app_ids = middle_apps.to_vec();
        let cert = Certificate { app_ids, time_expiry: Some(middle_expiry), ..authority(2) };
        trust.add_authority(&root.sign(&cert)).unwrap();
        let cert = Certificate { app_ids: low_apps.to_vec(), ..authority(3) };
        trust.add_authority(&middle.sign(&cert)).unwrap();
        trust
    };
    let signed = low.sign(&leaf());
    assert!(verify(&signed, &chain(&[], &[0, 5], LATER), 0).is_ok());
    assert!(verify(&signed, &chain(&[0, 1], &[0, 5], LATER), 0).is_ok());
    assert_eq!(untrusted(&signed, &chain(&[1], &[0], LATER)), TrustError::EmptyScope);
    // Trusted, but not for this app: no option allows that.
    let outside = verify(&signed, &chain(&[1, 5], &[5], LATER), 2);
    assert_eq!(outside, Err(CertificateError::Untrusted(TrustError::OutOfScope)));
    let expired = chain(&[], &[], NOW as u32 - 1);
    assert!(matches!(untrusted(&signed, &expired), TrustError::Expired { .. }));
}

#[test]
fn authorities_in_a_circle_are_not_trusted() {
    let (root, a, b) = (Ca::new(1), Ca::new(2), Ca::new(3));
    let mut trust = root.trusted();
    trust.add_authority(&root.sign(&authority(2))).unwrap();
    trust.add_authority(&a.sign(&authority(3))).unwrap();
    let older = Certificate { time_created: Some(0), ..authority(2) };
    trust.add_authority(&b.sign(&older)).unwrap();
    assert!(verify(&a.sign(&leaf()), &trust, 0).is_ok());
    let newer = Certificate { time_created: Some(2), ..authority(2) };
    trust.add_authority(&b.sign(&newer)).unwrap();
    assert_eq!(untrusted(&a.sign(&leaf()), &trust), TrustError::NoRoot);
}

#[test]
fn what_is_no_authority() {
    let (root, other) = (Ca::new(1), Ca::new(2));
    let mut trust = root.trusted();
    let mut add = |signed: &CertificateSigned| trust.add_authority(signed).unwrap_err();
    assert_eq!(add(&root.sign(&leaf())), TrustError::AuthorityWithIdentity);
    let forever = Certificate { time_expiry: None, ..authority(2) };
    assert_eq!(add(&root.sign(&forever)), TrustError::AuthorityWithoutExpiry);
    let no_key = Certificate { key_type: Some(0), ..authority(2) };
    assert_eq!(add(&root.sign(&no_key)), TrustError::BadKey);
    assert_eq!(add(&other.sign(&authority(3))), TrustError::UnknownAuthority(other.id()));
    let forged = CertificateSigned { ca_key_id: Some(root.id()), ..other.sign(&authority(3)) };
    assert_eq!(add(&forged), TrustError::BadSignature);
    let garbage = CertificateSigned { cert: Some(Bytes::from_static(&[0xff])), ..forged };
    assert_eq!(add(&garbage), TrustError::Malformed);
    assert_eq!(trust.add_root(&[0; 31]), Err(TrustError::BadKey));
}

#[test]
fn identity_and_app_must_fit_signed_or_not() {
    let ca = Ca::new(1);
    let check = |cert: &Certificate| {
        let unsigned = CertificateSigned { cert: Some(cert.encode_to_vec().into()), ..Default::default() };
        let result = verify(&unsigned, &ca.trusted(), 2);
        assert_eq!(result.is_err(), verify(&ca.sign(cert), &ca.trusted(), 2).is_err());
        result
    };
    let bob = Certificate { identity_string: Some("str:bob".into()), ..leaf() };
    assert!(matches!(check(&bob), Err(CertificateError::WrongIdentity { .. })));
    let no_apps = Certificate { app_ids: vec![], ..leaf() };
    assert_eq!(check(&no_apps), Err(CertificateError::NoAppIds));
    let other_app = Certificate { app_ids: vec![1, 2], ..leaf() };
    assert_eq!(check(&other_app), Err(CertificateError::WrongApp(0)));
    assert!(check(&Certificate { app_ids: vec![1, 0], ..leaf() }).is_ok());
    let malformed = Certificate { identity_string: Some("alice".into()), ..leaf() };
    assert!(matches!(check(&malformed), Err(CertificateError::BadIdentity(_))));
}

#[test]
fn only_anonymous_game_servers_may_lack_an_identity() {
    let ca = Ca::new(1);
    let cert = Certificate { identity_string: None, gameserver_datacenter_ids: vec![7], ..leaf() };
    let verify = |cert: &Certificate, peer: &str| {
        let signed = ca.sign(cert);
        let peer = Identity::from_wire(Some(peer), None, None).unwrap().unwrap();
        PeerCertificate::parse(Some(&signed)).unwrap().verify(&peer, 0, &ca.trusted(), NOW)
    };
    let anonymous_server = "steamid:90071992547409921";
    assert!(verify(&cert, "str:alice") == Err(CertificateError::NoIdentity));
    assert!(verify(&cert, "steamid:76561197960287930") == Err(CertificateError::NoIdentity));
    let anonymous_server_id: u64 = 1 << 56 | 4 << 52 | 1;
    let anonymous_server_text = format!("steamid:{anonymous_server_id}");
    assert_eq!(verify(&cert, &anonymous_server_text), Ok(Authentication::Authenticated));
    let no_places = Certificate { gameserver_datacenter_ids: vec![], ..cert.clone() };
    assert!(verify(&no_places, &anonymous_server_text) == Err(CertificateError::NoIdentity));
    assert!(verify(&cert, anonymous_server).is_ok());
}

#[test]
fn an_address_is_never_authenticated() {
    let ca = Ca::new(1);
    let cert = Certificate { identity_string: Some("ip:10.1.2.3".into()), ..leaf() };
    let peer = PeerCertificate::parse(Some(&ca.sign(&cert))).unwrap();
    let verified = peer.verify(&identity("ip:10.1.2.3"), 0, &ca.trusted(), NOW);
    assert_eq!(verified, Ok(Authentication::Unauthenticated));
}

#[test]
fn session_info_is_signed_with_the_certificates_key() {
    let ours = LocalCertificate::unsigned(&identity("str:alice"), 0, [9; 32]);
    let peer = PeerCertificate::parse(Some(ours.wire())).unwrap();
    let signature = ours.sign(b"info");
    assert_eq!(peer.verify_signature(b"info", &signature), Ok(()));
    let bad = Err(CertificateError::BadSignature);
    assert_eq!(peer.verify_signature(b"inf0", &signature), bad);
    assert_eq!(peer.verify_signature(b"info", &signature[..63]), bad);
    assert_eq!(peer.verify_signature(b"info", &[]), bad);
    let empty = PeerCertificate::parse(None).unwrap();
    assert_eq!(empty.verify_signature(b"info", &signature), Err(CertificateError::BadKey));
    assert_eq!(CertificateError::BadKey.end(), ConnectionEnd::REMOTE_BAD_CRYPT);
    assert_eq!(CertificateError::BadSignature.end(), ConnectionEnd::REMOTE_BAD_CRYPT);
}

#[test]
fn our_signed_certificate_must_be_ours() {
    let ca = Ca::new(1);
    let with_key = CertificateSigned { private_key_data: Some(Bytes::from_static(b"secret")), ..ca.sign(&leaf()) };
    let ours = LocalCertificate::signed(&with_key, [9; 32]).unwrap();
    assert_eq!(ours.time_expiry(), u64::from(LATER));
    assert!(ours.is_signed());
    assert_eq!(ours.identity(), Some(&identity("str:alice")));
    assert_eq!(ours.wire().private_key_data, None);
    let error = |signed: &CertificateSigned, seed| LocalCertificate::signed(signed, seed).unwrap_err();
    assert_eq!(error(&with_key, [8; 32]), LocalCertificateError::WrongKey);
    let unsigned = CertificateSigned { ca_signature: None, ..with_key.clone() };
    assert_eq!(error(&unsigned, [9; 32]), LocalCertificateError::Unsigned);
    let garbage = CertificateSigned { cert: Some(Bytes::from_static(&[0xff])), ..with_key };
    assert_eq!(error(&garbage, [9; 32]), LocalCertificateError::Malformed);
}
