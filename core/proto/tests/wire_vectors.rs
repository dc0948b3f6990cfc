//! Packets of the vectors file, byte by byte: set A computed from fixed secrets, set B captured from Valve's library.

use std::error::Error;

use bytes::Bytes;
use gamesockets_proto::wire::frame::{AckLatest, Frame, FrameDecoder, HeaderDecode, MessageHeader, PositionField};
use gamesockets_proto::wire::frame::{NumberField, stream};
use gamesockets_proto::wire::{
    Certificate, CertificateSigned, ConnectOk, ConnectRequest, ControlPacket, DataHeader, IdentityLegacyBinary,
    SessionCryptInfo, SessionCryptInfoSigned,
};
use prost::Message;
use serde_json::Value;

type TestResult = Result<(), Box<dyn Error>>;

/// The bytes at `path` (like `/A/client/cert`) in the vectors file.
fn vector(path: &str) -> Result<Bytes, Box<dyn Error>> {
    let vectors: Value = serde_json::from_str(include_str!("data/vectors.json"))?;
    let text = vectors.pointer(path).and_then(Value::as_str).ok_or_else(|| format!("no vector {path}"))?;
    Ok(hex::decode(text)?.into())
}

#[test]
fn certificates() -> TestResult {
    for (path, name, key_start) in [
        ("/A/client/cert", "str:alice", 0x03),
        ("/A/server/cert", "str:bob", 0x25),
        ("/B/cert", "str:vector-client", 0x8a),
    ] {
        let bytes = vector(path)?;
        let certificate = Certificate::decode(&*bytes)?;
        assert_eq!(certificate.key_type, Some(1));
        assert_eq!(certificate.app_ids, [0]);
        assert_eq!(certificate.identity_string.as_deref(), Some(name));
        let key = certificate.key_data.clone().ok_or("no key")?;
        assert_eq!((key.len(), key[0]), (32, key_start));
        assert_eq!(certificate.encode_to_vec(), bytes, "{path}");
    }
    Ok(())
}

#[test]
fn session_infos() -> TestResult {
    for (path, nonce) in [
        ("/A/client/crypt", 0x0123_4567_89ab_cdef),
        ("/A/server/crypt", 0xfedc_ba98_7654_3210),
        ("/B/crypt", 0x1111_1111_1111_1111),
    ] {
        let bytes = vector(path)?;
        let info = SessionCryptInfo::decode(&*bytes)?;
        assert_eq!(info.key_type, Some(1));
        assert_eq!(info.nonce, Some(nonce));
        assert_eq!(info.protocol_version, Some(13));
        assert_eq!(info.ciphers, [2]);
        assert_eq!(info.encode_to_vec(), bytes, "{path}");
    }
    Ok(())
}

#[test]
fn ciphers_may_be_packed_or_unknown() -> TestResult {
    let info = SessionCryptInfo::decode(&*hex::decode("28022863")?)?;
    assert_eq!(info.ciphers, [2, 99]);
    let info = SessionCryptInfo::decode(&*hex::decode("2a03026301")?)?;
    assert_eq!(info.ciphers, [2, 99, 1]);
    assert_eq!(hex::encode(info.encode_to_vec()), "280228632801");
    Ok(())
}

#[test]
fn text_nobody_reads_need_not_be_utf8() -> TestResult {
    let certificate = Certificate::decode(&*hex::decode("5a031a01ff6a01fe6a00")?)?;
    let identity = certificate.legacy_identity_binary.clone().ok_or("no identity")?;
    assert_eq!(identity.generic_string.as_deref(), Some(&[0xff][..]));
    assert_eq!(certificate.ip_addresses, [&[0xfe][..], &[]]);
    Ok(())
}

#[test]
fn connect_request_layout() -> TestResult {
    let request = ConnectRequest {
        client_connection_id: Some(0x1122_3344),
        challenge: Some(0x0102_0304_0506_0708),
        cert: Some(CertificateSigned { cert: Some(vector("/A/client/cert")?), ..Default::default() }),
        my_timestamp: Some(0x8899_aabb_ccdd_eeff),
        ping_est_ms: Some(20),
        crypt: Some(SessionCryptInfoSigned {
            info: Some(vector("/A/client/crypt")?),
            signature: Some(vector("/A/client/sig")?),
        }),
        ..Default::default()
    };
    let packet = ControlPacket::ConnectRequest(Box::new(request));
    let mut datagram = Vec::new();
    packet.encode(&mut datagram);
    let expected = [
        hex::decode("220d44332211110807060504030201")?,
        hex::decode("22332231")?,
        vector("/A/client/cert")?.to_vec(),
        hex::decode("29ffeeddccbbaa9988")?,
        hex::decode("3014")?,
        hex::decode("3a750a31")?,
        vector("/A/client/crypt")?.to_vec(),
        hex::decode("1240")?,
        vector("/A/client/sig")?.to_vec(),
    ]
    .concat();
    assert_eq!(hex::encode(&datagram), hex::encode(expected));
    assert_eq!(ControlPacket::decode(&datagram)?, packet);
    Ok(())
}

#[test]
fn connect_ok_from_valves_library() -> TestResult {
    let datagram = vector("/B/connect_ok")?;
    let packet = ControlPacket::decode(&datagram)?;
    let ControlPacket::ConnectOk(connect_ok) = &packet else {
        return Err(format!("decoded as {packet:?}").into());
    };
    let ConnectOk { crypt, cert, .. } = &**connect_ok;
    assert_eq!(connect_ok.client_connection_id, Some(0xa1b2_c3d4));
    assert_eq!(connect_ok.your_timestamp, Some(0xe9_45e1_5bf6));
    assert_eq!(connect_ok.delay_time_usec, Some(1164));
    assert_eq!(connect_ok.server_connection_id, Some(0x28fe_881a));
    assert_eq!(connect_ok.identity_string, None);

    let crypt = crypt.as_ref().ok_or("no crypt")?;
    assert_eq!(crypt.signature.as_ref().map(Bytes::len), Some(64));
    let info = SessionCryptInfo::decode(&**crypt.info.as_ref().ok_or("no info")?)?;
    assert_eq!((info.protocol_version, &*info.ciphers), (Some(13), &[2][..]));

    let cert = cert.as_ref().ok_or("no cert")?;
    assert_eq!((cert.ca_key_id, &cert.ca_signature), (None, &None));
    let certificate = Certificate::decode(&**cert.cert.as_ref().ok_or("no certificate")?)?;
    assert_eq!(certificate.identity_string.as_deref(), Some("str:real-gns"));
    let legacy = IdentityLegacyBinary { generic_string: Some(Bytes::from_static(b"real-gns")), ..Default::default() };
    assert_eq!(certificate.legacy_identity_binary, Some(legacy));

    let mut again = Vec::new();
    packet.encode(&mut again);
    assert_eq!(again, datagram);
    Ok(())
}

#[test]
fn data_headers() -> TestResult {
    for (path, recipient, packet_number_low) in
        [("/A/udp", 0x5566_7788, 2), ("/A/s2c_packet/udp", 0x1122_3344, 3), ("/B/data", 0xa1b2_c3d4, 2)]
    {
        let expected =
            DataHeader { recipient, packet_number_low, stats: None, time_since_previous: None, chunk_offset: 7 };
        assert_eq!(DataHeader::decode(&vector(path)?)?, expected, "{path}");
    }
    let datagram = vector("/A/udp")?;
    assert_eq!(datagram[7..], vector("/A/chunk")?);
    Ok(())
}

#[test]
fn plaintext_of_the_computed_packet() -> TestResult {
    let plaintext = vector("/A/plaintext")?;
    let mut decoder = FrameDecoder::new(&plaintext);
    assert_eq!(decoder.next_frame()?, Some(Frame::StopWaiting { offset: 1 }));
    match decoder.next_frame()? {
        Some(Frame::Ack(ack)) => {
            assert_eq!((ack.latest, ack.delay, ack.blocks().count()), (AckLatest::Low16(1), None, 0));
        }
        other => return Err(format!("{other:?} is no ack").into()),
    }
    let number = NumberField::Absolute32(1);
    assert_eq!(decoder.next_frame()?, Some(Frame::Unreliable { number, offset: 0, last: true, data: b"hi" }));
    let position = PositionField::Absolute { bits: 48, value: 1 };
    let data = b"\x49\x02reliable!";
    assert_eq!(decoder.next_frame()?, Some(Frame::Reliable { position, data }));
    assert_eq!(decoder.next_frame()?, None);
    let header = MessageHeader { gap: 2, size: 9 };
    assert_eq!(stream::decode_message_header(data)?, HeaderDecode::Complete { header, len: 2 });
    Ok(())
}

#[test]
fn plaintext_from_valves_library() -> TestResult {
    let plaintext = hex::decode("8001980100ffff570100000000000f766563746f722066726f6d20676e73")?;
    let mut decoder = FrameDecoder::new(&plaintext);
    assert_eq!(decoder.next_frame()?, Some(Frame::StopWaiting { offset: 1 }));
    assert!(matches!(decoder.next_frame()?, Some(Frame::Ack(_))));
    let Some(Frame::Reliable { position, data }) = decoder.next_frame()? else {
        return Err("no reliable segment".into());
    };
    assert_eq!(position, PositionField::Absolute { bits: 48, value: 1 });
    assert_eq!(&data[1..], b"vector from gns");
    let header = MessageHeader { gap: 1, size: 15 };
    assert_eq!(stream::decode_message_header(data)?, HeaderDecode::Complete { header, len: 1 });
    assert_eq!(decoder.next_frame()?, None);
    Ok(())
}
