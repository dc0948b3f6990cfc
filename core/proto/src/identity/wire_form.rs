//! Identities in messages (spec sections 4.3 and 4.6).

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use bytes::Bytes;

use super::{Identity, IdentityError, IdentityErrorCause as Cause, Repr, steam_id};
use crate::wire::IdentityLegacyBinary;

/// An IPv6 address and a port.
const LEGACY_ADDRESS_LEN: usize = 18;

impl Identity {
    /// Reads an identity from the three fields that may hold one; the first that is present counts (spec section 4.6).
    /// `None` if none is.
    ///
    /// # Errors
    /// When the one that counts is malformed.
    pub fn from_wire(
        identity_string: Option<&str>,
        legacy_binary: Option<&IdentityLegacyBinary>,
        legacy_steam_id: Option<u64>,
    ) -> Result<Option<Self>, IdentityError> {
        if let Some(text) = identity_string {
            return text.parse().map(Some);
        }
        if let Some(binary) = legacy_binary {
            return Self::from_legacy_binary(binary).map(Some);
        }
        legacy_steam_id.map(connectable_steam_id).transpose()
    }

    /// The binary form, empty for kinds that have none (spec section 4.3).
    pub fn to_legacy_binary(&self) -> IdentityLegacyBinary {
        let mut binary = IdentityLegacyBinary::default();
        match &self.0 {
            Repr::SteamId(id) => binary.steam_id = Some(*id),
            Repr::GenericString(text) => {
                binary.generic_string = Some(Bytes::copy_from_slice(text.as_bytes()));
            }
            Repr::GenericBytes(bytes) => binary.generic_bytes = Some(Bytes::copy_from_slice(bytes)),
            Repr::Ip(ip, port) => {
                let ip = match ip {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                    IpAddr::V6(ip) => *ip,
                };
                let mut bytes = ip.octets().to_vec();
                // The only big-endian number on the wire.
                bytes.extend_from_slice(&port.to_be_bytes());
                binary.ipv6_and_port = Some(bytes.into());
            }
            Repr::XboxPairwiseId(_) | Repr::PsnId(_) | Repr::Unknown(_) => {}
        }
        binary
    }

    fn from_legacy_binary(binary: &IdentityLegacyBinary) -> Result<Self, IdentityError> {
        if let Some(id) = binary.steam_id {
            return connectable_steam_id(id);
        }
        if let Some(text) = &binary.generic_string {
            let text = core::str::from_utf8(text)
                .map_err(|_| IdentityError::new(text.escape_ascii().to_string(), Cause::NotUtf8))?;
            return Self::from_generic_string(text);
        }
        if let Some(bytes) = &binary.generic_bytes {
            return Self::from_generic_bytes(bytes);
        }
        let Some(bytes) = &binary.ipv6_and_port else {
            return Err(IdentityError::new("", Cause::EmptyLegacyForm));
        };
        legacy_address(bytes)
            .map(Self::from_address)
            .ok_or_else(|| IdentityError::new(format!("{} bytes", bytes.len()), Cause::LegacyAddressLength))
    }
}

fn connectable_steam_id(id: u64) -> Result<Identity, IdentityError> {
    if steam_id::may_connect(id) {
        Identity::from_steam_id(id)
    } else {
        Err(IdentityError::new(format!("steamid:{id}"), Cause::InvalidSteamId))
    }
}

fn legacy_address(bytes: &[u8]) -> Option<SocketAddr> {
    let bytes: &[u8; LEGACY_ADDRESS_LEN] = bytes.try_into().ok()?;
    let (ip, port) = bytes.split_first_chunk::<16>()?;
    let port = u16::from_be_bytes(port.try_into().ok()?);
    Some(SocketAddr::new(IpAddr::V6(Ipv6Addr::from(*ip)), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> Identity {
        text.parse().unwrap()
    }

    #[test]
    fn the_binary_form_keeps_the_identity() {
        for text in [
            "steamid:76561197960287930",
            "str:alice",
            "str:",
            "gen:0102",
            "ip:10.1.2.3:4660",
            "ip:[2001:db8::1]:4660",
            "ip:::1",
        ] {
            let binary = identity(text).to_legacy_binary();
            let back = Identity::from_wire(None, Some(&binary), None).unwrap().unwrap();
            assert_eq!(back, identity(text));
        }
        for text in ["psn:1", "xboxpwid:x", "foo:bar"] {
            assert_eq!(identity(text).to_legacy_binary(), IdentityLegacyBinary::default());
        }
    }

    #[test]
    fn the_port_is_big_endian() {
        let binary = identity("ip:10.1.2.3:4660").to_legacy_binary();
        assert_eq!(hex::encode(binary.ipv6_and_port.unwrap()), "00000000000000000000ffff0a0102031234");
    }

    #[test]
    fn the_first_present_field_counts() {
        let binary = IdentityLegacyBinary {
            generic_bytes: Some(Bytes::from_static(&[1])),
            generic_string: Some(Bytes::from_static(b"bob")),
            ..Default::default()
        };
        let steam_id = Some(76_561_197_960_287_930);
        let read = |text, binary, id| Identity::from_wire(text, binary, id).unwrap();
        assert_eq!(read(Some("str:alice"), Some(&binary), steam_id), Some(identity("str:alice")));
        assert_eq!(read(None, Some(&binary), steam_id), Some(identity("str:bob")));
        assert_eq!(read(None, None, steam_id), Some(identity("steamid:76561197960287930")));
        assert_eq!(read(None, None, None), None);
        // A malformed one is not skipped.
        assert!(Identity::from_wire(Some("foo"), Some(&binary), steam_id).is_err());
    }

    #[test]
    fn malformed_binary_forms() {
        let cause = |binary: IdentityLegacyBinary| Identity::from_wire(None, Some(&binary), None).unwrap_err().cause;
        assert_eq!(cause(IdentityLegacyBinary::default()), Cause::EmptyLegacyForm);
        for len in [0, 17, 19] {
            let ipv6_and_port = Some(Bytes::from(vec![0; len]));
            let binary = IdentityLegacyBinary { ipv6_and_port, ..Default::default() };
            assert_eq!(cause(binary), Cause::LegacyAddressLength);
        }
        let generic_string = Some(Bytes::from_static(&[0xff]));
        assert_eq!(cause(IdentityLegacyBinary { generic_string, ..Default::default() }), Cause::NotUtf8);
        let generic_bytes = Some(Bytes::from(vec![0; 33]));
        assert_eq!(cause(IdentityLegacyBinary { generic_bytes, ..Default::default() }), Cause::GenericBytes);
    }

    #[test]
    fn a_legacy_steam_id_must_be_able_to_connect() {
        let clan = 0x0170_0000_0000_0001;
        assert!(Identity::from_steam_id(clan).is_ok());
        assert!(Identity::from_wire(None, None, Some(clan)).is_err());
        assert!(Identity::from_wire(None, None, Some(0)).is_err());
    }
}
