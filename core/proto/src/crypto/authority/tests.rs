//! From a request to a certificate that verifies, or not.

use super::super::{Authentication, LocalCertificate, LocalCertificateError, PeerCertificate, TrustError, TrustStore};
use super::*;

const NOW: u64 = 1_800_000_000;

fn ca(seed: u8) -> CertificateAuthority {
    CertificateAuthority::new(PrivateKey::from_seed([seed; 32]))
}

fn alice() -> Identity {
    "str:alice".parse().unwrap()
}

fn alices_key() -> PrivateKey {
    PrivateKey::from_seed([9; 32])
}

fn grant() -> Grant {
    Grant { app_ids: vec![0], time_created: NOW as u32, time_expiry: NOW as u32 + 10, ..Grant::default() }
}

fn signed_by(ca: &CertificateAuthority) -> CertificateSigned {
    ca.sign_request(&request(alices_key().public_key(), Some(&alice())), &grant()).unwrap()
}

fn trusting(ca: &CertificateAuthority) -> TrustStore {
    let mut trust = TrustStore::default();
    trust.add_root(&ca.public_key().to_bytes()).unwrap();
    trust
}

#[test]
fn a_request_has_the_bytes_of_valves_library() {
    // wire-p2p section 7.1.
    let key = alices_key().public_key();
    let request = request(key, Some(&alice())).encode_to_vec();
    let expected = [
        &[0x0a, 0x38, 0x08, 0x01, 0x12, 0x20][..],
        &key.to_bytes(),
        &[0x5a, 0x07, 0x1a, 0x05],
        b"alice",
        &[0x62, 0x09],
        b"str:alice",
    ];
    assert_eq!(request, expected.concat());
}

#[test]
fn a_signed_request_is_a_certificate_that_verifies() {
    let ca = ca(1);
    let signed = signed_by(&ca);
    let trust = trusting(&ca);
    let peer = PeerCertificate::parse(Some(&signed)).unwrap();
    assert_eq!(peer.verify(&alice(), 0, &trust, NOW), Ok(Authentication::Authenticated));
    let ours = LocalCertificate::with_known_key(&signed, Some(&alices_key())).unwrap();
    assert_eq!(ours.check(&alice(), &trust, NOW), Ok(true));
    assert_eq!(ours.check(&alice(), &TrustStore::default(), NOW), Ok(false), "a CA that we do not know");
}

#[test]
fn requests_and_certificates_are_read_as_text_and_as_bytes() {
    let request = request(alices_key().public_key(), Some(&alice()));
    let bytes = request.encode_to_vec();
    let text = armour::encode(armour::REQUEST_LABEL, &bytes);
    assert_eq!(read_request(&bytes), Ok(request.clone()));
    assert_eq!(read_request(text.as_bytes()), Ok(request));
    let (one, two) = (signed_by(&ca(1)), signed_by(&ca(2)));
    assert_eq!(read_certificates(&one.encode_to_vec()), Ok(vec![one.clone()]));
    let text = [&one, &two].map(|signed| armour::encode(armour::CERTIFICATE_LABEL, &signed.encode_to_vec())).concat();
    assert_eq!(read_certificates(text.as_bytes()), Ok(vec![one, two]));
}

#[test]
fn what_is_cut_off_is_neither_request_nor_certificate() {
    let bytes = request(alices_key().public_key(), Some(&alice())).encode_to_vec();
    for len in 0..bytes.len() {
        assert!(read_request(&bytes[..len]).is_err(), "{len} bytes");
    }
    let bytes = signed_by(&ca(1)).encode_to_vec();
    for len in 0..bytes.len() {
        // Up to the end of the certificate itself it does not parse; without its signature it cannot be ours.
        for signed in read_certificates(&bytes[..len]).unwrap_or_default() {
            let error = LocalCertificate::with_known_key(&signed, Some(&alices_key())).unwrap_err();
            assert_eq!(error, LocalCertificateError::Unsigned, "{len} bytes");
        }
    }
}

#[test]
fn what_a_ca_refuses_to_sign() {
    let ca = ca(1);
    let key = alices_key().public_key();
    let sign = |request: &CertificateRequest, grant: &Grant| ca.sign_request(request, grant).unwrap_err();
    let good = request(key, Some(&alice()));
    let bob: Identity = "str:bob".parse().unwrap();
    let for_bob = Grant { identity: Some(bob.clone()), ..grant() };
    assert_eq!(sign(&good, &for_bob), IssueError::OtherIdentity { requested: alice(), granted: bob });
    let nobodys = request(key, None);
    assert_eq!(sign(&nobodys, &grant()), IssueError::NoIdentity);
    assert!(ca.sign_request(&nobodys, &for_bob).is_ok());
    let anonymous = request(key, Some(&Identity::localhost()));
    assert_eq!(sign(&anonymous, &grant()), IssueError::Anonymous(Identity::localhost()));
    assert_eq!(sign(&good, &Grant { app_ids: vec![], ..grant() }), IssueError::NoAppIds);
    let at_once = Grant { time_expiry: NOW as u32, ..grant() };
    assert!(matches!(sign(&good, &at_once), IssueError::ExpiresTooEarly { .. }));
    assert_eq!(sign(&CertificateRequest::default(), &grant()), IssueError::Malformed);
    let no_key = CertificateRequest { cert: Some(Certificate { key_type: Some(0), ..good.cert.unwrap() }) };
    assert_eq!(sign(&no_key, &grant()), IssueError::BadKey);
}

#[test]
fn a_self_signed_authority_is_trusted_within_its_scope() {
    let (root, other) = (ca(1), ca(2));
    let limited = Grant { app_ids: vec![5], time_expiry: NOW as u32 + 5, ..grant() };
    let certificate = root.sign_authority(root.public_key(), &limited).unwrap();
    let mut trust = TrustStore::default();
    trust.set_app_id(5);
    assert_eq!(trust.add_certificate(&certificate), Ok(root.public_key().id()));
    let ours = LocalCertificate::with_known_key(&signed_by(&root), Some(&alices_key())).unwrap();
    assert_eq!((ours.time_expiry(), ours.valid_until(&trust)), (NOW + 10, NOW + 5));
    assert_eq!(ours.valid_until(&TrustStore::default()), NOW + 10);
    let request = request(alices_key().public_key(), Some(&alice()));
    let verify = |signed: &CertificateSigned, trust: &TrustStore, now| {
        PeerCertificate::parse(Some(signed)).unwrap().verify(&alice(), 0, trust, now)
    };
    let signed = root.sign_request(&request, &Grant { app_ids: vec![5, 6], ..grant() }).unwrap();
    assert_eq!(verify(&signed, &trust, NOW), Ok(Authentication::Authenticated));
    assert!(verify(&signed, &trust, NOW + 6).is_err(), "the CA has expired, the certificate has not");
    trust.set_app_id(6);
    assert!(verify(&signed, &trust, NOW).is_err(), "the CA may not vouch for app 6");

    // Another CA's name over it, or another's signature under it.
    let forged = CertificateSigned { ca_signature: signed_by(&other).ca_signature, ..certificate.clone() };
    assert_eq!(TrustStore::default().add_certificate(&forged), Err(TrustError::BadSignature));
    let foreign = other.sign_authority(root.public_key(), &limited).unwrap();
    let unknown = Err(TrustError::UnknownAuthority(other.public_key().id()));
    assert_eq!(TrustStore::default().add_certificate(&foreign), unknown);
    assert!(trusting(&other).add_certificate(&foreign).is_ok());
}

#[test]
fn a_certificate_that_is_not_for_us_is_refused() {
    let ca = ca(1);
    let trust = trusting(&ca);
    let error = |grant: &Grant, ours: &Identity, trust: &TrustStore, now| {
        let signed = ca.sign_request(&request(alices_key().public_key(), Some(&alice())), grant).unwrap();
        LocalCertificate::with_known_key(&signed, Some(&alices_key())).unwrap().check(ours, trust, now).unwrap_err()
    };
    let bob: Identity = "str:bob".parse().unwrap();
    assert!(matches!(error(&grant(), &bob, &trust, NOW), LocalCertificateError::WrongIdentity { .. }));
    let other_app = Grant { app_ids: vec![7], ..grant() };
    let wrong_app = LocalCertificateError::WrongApp { app_ids: vec![7], app_id: 0 };
    assert_eq!(error(&other_app, &alice(), &trust, NOW), wrong_app);
    for trust in [&trust, &TrustStore::default()] {
        let expired = error(&grant(), &alice(), trust, NOW + 11);
        assert!(matches!(expired, LocalCertificateError::Invalid(TrustError::Expired { .. })));
    }
    let mut revoking = trust;
    revoking.revoke(alices_key().public_key().id());
    let revoked = LocalCertificateError::Invalid(TrustError::Revoked(alices_key().public_key().id()));
    assert_eq!(error(&grant(), &alice(), &revoking, NOW), revoked);
}

#[test]
fn the_private_key_may_come_with_the_certificate() {
    let signed = signed_by(&ca(1));
    let with = |data: Vec<u8>| CertificateSigned { private_key_data: Some(data.into()), ..signed.clone() };
    let (ours, other) = (alices_key(), PrivateKey::from_seed([8; 32]));
    for data in [ours.seed().to_vec(), ours.to_openssh("").into_bytes()] {
        assert!(LocalCertificate::with_known_key(&with(data.clone()), None).is_ok());
        assert!(LocalCertificate::with_known_key(&with(data), Some(&ours)).is_ok());
    }
    let error = |signed: &CertificateSigned, known| LocalCertificate::with_known_key(signed, known).unwrap_err();
    assert_eq!(error(&signed, None), LocalCertificateError::NoPrivateKey);
    assert_eq!(error(&signed, Some(&other)), LocalCertificateError::WrongKey);
    assert_eq!(error(&with(other.seed().to_vec()), None), LocalCertificateError::WrongKey);
    assert_eq!(error(&with(other.seed().to_vec()), Some(&ours)), LocalCertificateError::WrongKey);
    assert!(matches!(error(&with(vec![1; 5]), None), LocalCertificateError::PrivateKey(_)));
}
