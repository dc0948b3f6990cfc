//! The clock, the log, identities and addresses as texts.

use std::net::Ipv4Addr;

use gamesockets::{
    DebugOutputType, FakeIpType, Identity, Sockets, address_fake_ip_type, address_to_string, ipv4_fake_ip_type,
    is_fake_ipv4, parse_ip_address,
};

use super::args::Args;
use crate::conformance::answer::Answer;

pub(super) fn call(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    Some(match name {
        "GetLocalTimestamp" => sockets.local_timestamp().into(),
        "SetDebugOutputFunction" => {
            if let Some(level) = DebugOutputType::from_value(args.i32(0)) {
                sockets.set_debug_output_level(level);
            }
            Answer::Nothing
        }
        // Events are told in any case.
        "SetGlobalCallback_SteamNetAuthenticationStatusChanged"
        | "SetGlobalCallback_SteamNetConnectionStatusChanged" => true.into(),
        "GetIPv4FakeIPType" => fake_type(args).value().into(),
        "IsFakeIPv4" => args.text(0).parse().is_ok_and(is_fake_ipv4).into(),
        "SteamNetworkingIdentity_ParseString" => args.text(0).parse::<Identity>().is_ok().into(),
        "SteamNetworkingIdentity_ToString" => {
            args.text(0).parse::<Identity>().map_or_else(|error| error.to_string(), |known| known.to_string()).into()
        }
        "SteamNetworkingIPAddr_ParseString" => parse_ip_address(args.text(0)).is_ok().into(),
        "SteamNetworkingIPAddr_ToString" => {
            let address = parse_ip_address(args.text(0)).map(|address| address_to_string(address, args.bool(1)));
            address.unwrap_or_else(|error| error.to_string()).into()
        }
        "SteamNetworkingIPAddr_GetFakeIPType" => {
            parse_ip_address(args.text(0)).map_or(FakeIpType::Invalid, address_fake_ip_type).value().into()
        }
        _ => return None,
    })
}

fn fake_type(args: &Args<'_>) -> FakeIpType {
    args.text(0).parse::<Ipv4Addr>().map_or(FakeIpType::Invalid, ipv4_fake_ip_type)
}
