//! Decoders: no input makes them panic, and what they read they write back so that it reads the same.

use gamesockets_proto::Identity;
use gamesockets_proto::crypto;
use gamesockets_proto::wire::Extensions;
use gamesockets_proto::wire::control::{ControlPacket, MAX_DEBUG_TEXT};
use gamesockets_proto::wire::data_header::{DataHeader, encode_data_header};
use gamesockets_proto::wire::frame::stream::{
    HeaderDecode, MAX_MESSAGE_HEADER_LEN, decode_message_header, encode_message_header,
};
use gamesockets_proto::wire::frame::{AckBlock, Frame, FrameDecoder, MAX_ACK_BLOCKS, MAX_ACK_COUNT};
use gamesockets_proto::wire::messages::{Certificate, CertificateSigned, SessionCryptInfo};
use prost::Message;

/// A whole control packet.
pub fn control_packet(data: &[u8]) {
    let Ok(packet) = ControlPacket::decode(data) else { return };
    // An encoder cuts long texts, as the wire wants it; everything else comes back as it was.
    if let ControlPacket::ConnectionClosed(closed) = &packet
        && closed.debug.as_ref().is_some_and(|text| text.len() > MAX_DEBUG_TEXT)
    {
        return;
    }
    let mut encoded = Vec::new();
    packet.encode(&mut encoded);
    // A message without any field is not a packet worth sending: it would be too short to be looked at.
    if encoded.len() >= 5 && encoded[1..] != [0; 511] {
        assert_eq!(ControlPacket::decode(&encoded), Ok(packet));
    }
}

/// The clear header of a data packet.
pub fn data_header(data: &[u8]) {
    let Ok(header) = DataHeader::decode(data) else { return };
    assert!(header.chunk_offset <= data.len());
    let stats = header.stats.as_ref().map(Message::encode_to_vec);
    let mut encoded = Vec::new();
    encode_data_header(
        &mut encoded,
        header.recipient,
        u64::from(header.packet_number_low),
        stats.as_deref(),
        header.time_since_previous,
    );
    let again = DataHeader::decode(&encoded).expect("what was encoded");
    assert_eq!(again.chunk_offset, encoded.len());
    assert_eq!(DataHeader { chunk_offset: header.chunk_offset, ..again }, header);
}

/// The frames of a decrypted packet.
pub fn frames(data: &[u8]) {
    for extensions in [Extensions::NONE, Extensions::OURS] {
        frames_with(data, extensions);
    }
}

fn frames_with(data: &[u8], extensions: Extensions) {
    let mut decoder = FrameDecoder::with_extensions(data, extensions);
    let mut frames = 0;
    while let Ok(Some(frame)) = decoder.next_frame() {
        frames += 1;
        assert!(frames <= data.len(), "frames out of nothing");
        match frame {
            Frame::Ack(ack) => check_ack(&ack.blocks().collect::<Vec<_>>()),
            Frame::Unreliable { data: piece, .. } | Frame::Reliable { data: piece, .. } => {
                assert!(piece.len() < data.len());
            }
            Frame::StopWaiting { .. } | Frame::SelectLane(_) | Frame::ReceiveWindow(_) | Frame::Padding => {}
        }
    }
    let last = decoder.next_frame();
    assert_eq!(last, decoder.next_frame(), "the end and an error stay what they are");
}

fn check_ack(blocks: &[AckBlock]) {
    assert!(blocks.len() <= MAX_ACK_BLOCKS);
    assert!(blocks.iter().all(|b| b.acks <= MAX_ACK_COUNT && b.nacks <= MAX_ACK_COUNT));
}

/// The headers of messages in a reliable stream.
pub fn stream_framing(data: &[u8]) {
    let mut rest = data;
    loop {
        match decode_message_header(rest) {
            Err(_) => return,
            Ok(HeaderDecode::Incomplete) => {
                assert!(rest.len() < MAX_MESSAGE_HEADER_LEN, "a header longer than the longest");
                return;
            }
            Ok(HeaderDecode::Complete { header, len }) => {
                assert!((1..=rest.len().min(MAX_MESSAGE_HEADER_LEN)).contains(&len));
                let mut encoded = Vec::new();
                encode_message_header(&mut encoded, header.gap, header.size);
                assert!(encoded.len() <= len, "the shortest form is longer than what was read");
                assert_eq!(decode_message_header(&encoded), Ok(HeaderDecode::Complete { header, len: encoded.len() }));
                let next = len.saturating_add(header.size as usize).min(rest.len());
                rest = &rest[next..];
            }
        }
    }
}

/// The printed form of an identity.
pub fn identity(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(identity) = text.parse::<Identity>() else { return };
    let printed = identity.to_string();
    assert!(printed.len() <= 127, "{printed}");
    assert_eq!(printed.parse::<Identity>().expect("what was printed"), identity);
    let legacy = identity.to_legacy_binary();
    if let Ok(Some(from_legacy)) = Identity::from_wire(None, Some(&legacy), None) {
        assert_eq!(from_legacy, identity);
    }
}

/// A certificate in its envelope, the files it comes in, and the signed session info.
pub fn certificate(data: &[u8]) {
    certificate_files(data);
    if let Ok(signed) = CertificateSigned::decode(data) {
        assert_eq!(CertificateSigned::decode(signed.encode_to_vec().as_slice()), Ok(signed.clone()));
        signed.cert.iter().for_each(|cert| certificate_content(cert));
    }
    certificate_content(data);
    if let Ok(info) = SessionCryptInfo::decode(data) {
        assert_eq!(SessionCryptInfo::decode(info.encode_to_vec().as_slice()), Ok(info));
    }
}

/// The files that certificates and keys come in.
fn certificate_files(data: &[u8]) {
    let _ = crypto::read_certificates(data);
    let _ = crypto::read_request(data);
    if let Ok(key) = crypto::PrivateKey::parse(data) {
        let again = crypto::PrivateKey::parse(key.to_openssh("").as_bytes());
        assert_eq!(again.map(|key| key.seed()), Ok(key.seed()));
    }
    let _ = crypto::PublicKey::parse(data);
    let _ = crypto::revocation::parse(&String::from_utf8_lossy(data));
}

fn certificate_content(data: &[u8]) {
    let Ok(cert) = Certificate::decode(data) else { return };
    assert_eq!(Certificate::decode(cert.encode_to_vec().as_slice()), Ok(cert.clone()));
    let identity = Identity::from_wire(
        cert.identity_string.as_deref(),
        cert.legacy_identity_binary.as_ref(),
        cert.legacy_steam_id,
    );
    if let Ok(Some(identity)) = identity {
        assert!(identity.to_string().len() <= 127);
    }
}
