//! Fake addresses: which are, and of which kind.

use std::net::Ipv4Addr;

use gamesockets::schema::FakeIpType;

use crate::steam::Steam;

pub(in crate::steam) fn get_ipv4_fake_ip_type(_: &Steam, address: String) -> FakeIpType {
    address.trim().parse::<Ipv4Addr>().map_or(FakeIpType::Invalid, gamesockets::ipv4_fake_ip_type)
}

pub(in crate::steam) fn is_fake_ipv4(_: &Steam, address: String) -> bool {
    address.trim().parse::<Ipv4Addr>().is_ok_and(gamesockets::is_fake_ipv4)
}
