//! Addresses as text, and which of them are fake.

use gamesockets::{address_fake_ip_type, address_to_string, ipv4_fake_ip_type, is_fake_ipv4, parse_ip_address};

use crate::arguments::{In, Out};
use crate::border::{Code, Failure, guard};

/// Whether an IPv4 address is an ordinary one or fake (`FakeIpType`).
#[unsafe(no_mangle)]
#[doc(alias = "GetIPv4FakeIPType")]
pub extern "C" fn gamesockets_get_ipv4_fake_ip_type(text: In<u8>, text_length: usize, kind: Out<i32>) -> Code {
    guard(|| kind.write(ipv4_fake_ip_type(ipv4(text, text_length)?).value(), "the kind"))
}

/// Whether an IPv4 address is of the fake ranges: 1 if so.
#[unsafe(no_mangle)]
#[doc(alias = "IsFakeIPv4")]
pub extern "C" fn gamesockets_is_fake_ipv4(text: In<u8>, text_length: usize, is_fake: Out<u8>) -> Code {
    guard(|| is_fake.write(u8::from(is_fake_ipv4(ipv4(text, text_length)?)), "the answer"))
}

/// Whether an address is an ordinary one or fake (`FakeIpType`).
#[unsafe(no_mangle)]
#[doc(alias = "SteamNetworkingIPAddr_GetFakeIPType")]
pub extern "C" fn gamesockets_get_address_fake_ip_type(text: In<u8>, text_length: usize, kind: Out<i32>) -> Code {
    guard(|| {
        let address = parse_ip_address(text.text(text_length, "the address")?)?;
        kind.write(address_fake_ip_type(address).value(), "the kind")
    })
}

/// Checks an address that is given as text; writes it as the library writes it.
#[unsafe(no_mangle)]
#[doc(alias = "SteamNetworkingIPAddr_ParseString")]
pub extern "C" fn gamesockets_parse_address(
    text: In<u8>,
    text_length: usize,
    with_port: u8,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let address = parse_ip_address(text.text(text_length, "the address")?)?;
        buffer.bytes(capacity, length, address_to_string(address, with_port != 0).as_bytes())
    })
}

fn ipv4(text: In<u8>, length: usize) -> Result<std::net::Ipv4Addr, Failure> {
    let text = text.text(length, "the address")?;
    text.parse().map_err(|_| Failure::invalid(format!("\"{text}\" is no IPv4 address: write it as 127.0.0.1")))
}
