//! Certificates, as far as Valve's packaged build allows: it trusts a CA of Valve's alone, and can have no certificate.

use std::net::{IpAddr, Ipv4Addr};

use gamesockets_interop::protocol::Setting;

use crate::Scenario;
use crate::pair::{Pair, Side, free_address, state};
use crate::peer::int32;

pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[
    ("unknown_ca", unknown_ca),
    ("listener_without_certificate", listener_without_certificate),
    ("client_without_certificate", client_without_certificate),
    ("strangers_are_not_heard", strangers_are_not_heard),
];

/// `TimeoutInitial`, ms.
const TIMEOUT_INITIAL: i32 = 24;
/// `k_nSteamNetworkConnectionInfoFlags_Unauthenticated`.
const FLAG_UNAUTHENTICATED: i32 = 1;
/// `k_ESteamNetConnectionEnd_Misc_InternalError`.
const INTERNAL_ERROR: i32 = 5002;
/// `k_ESteamNetConnectionEnd_Misc_Timeout`.
const TIMEOUT: i32 = 5003;

/// `IP_AllowWithoutAuth` and `IPLocalHost_AllowWithoutAuth`.
fn allow_without_auth(value: i32) -> [Setting; 2] {
    [int32(23, value), int32(52, value)]
}

/// A certificate of a CA that the other end does not know is as good as none: it connects where that is allowed.
fn unknown_ca(pair: &mut Pair) {
    for side in Side::BOTH {
        pair.at(side).show_certificate().expect("a certificate");
    }
    for value in [1, 2] {
        let link = pair.connect_with(&allow_without_auth(value), &[]);
        for side in Side::BOTH {
            let info = pair.at(side).info(link.at(side)).expect("info").expect("exists");
            assert_eq!(info.flags & FLAG_UNAUTHENTICATED, FLAG_UNAUTHENTICATED);
            assert_eq!(info.remote_identity, pair.at(side.other()).identity());
        }
        pair.at(Side::Client).close(link.client, 0, "", false).expect("close");
        pair.wait_for_state(Side::Server, link.server, state::CLOSED_BY_PEER);
    }
}

/// Whoever requires certificates must have one to listen.
fn listener_without_certificate(pair: &mut Pair) {
    for side in Side::BOTH {
        let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!(pair.at(side).listen(address, &allow_without_auth(0)).is_err());
        assert!(pair.at(side).listen(address, &allow_without_auth(1)).is_ok());
    }
}

/// A client that has a name and wants to prove it, and cannot.
fn client_without_certificate(pair: &mut Pair) {
    for side in Side::BOTH {
        let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for value in [0, 1] {
            let connection = pair.at(side).connect(address, &allow_without_auth(value)).expect("a handle");
            let info = pair.wait_for_state(side, connection, state::PROBLEM_DETECTED_LOCALLY);
            assert_eq!(info.end_reason, INTERNAL_ERROR);
            assert!(info.end_debug.starts_with("Need a cert authority!"), "{}", info.end_debug);
        }
    }
}

/// A server of ours that requires certificates says nothing to a client without. (Valve's cannot be made to listen so.)
fn strangers_are_not_heard(pair: &mut Pair) {
    pair.at(Side::Server).show_certificate().expect("a certificate");
    let address = free_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let listening = pair.at(Side::Server).listen(address, &allow_without_auth(0));
    assert_eq!(listening.is_ok(), pair.at(Side::Server).valve().is_none());
    let options = [int32(TIMEOUT_INITIAL, 1200)];
    let connection = pair.at(Side::Client).connect(address, &options).expect("connect");
    let info = pair.wait_for_state(Side::Client, connection, state::PROBLEM_DETECTED_LOCALLY);
    assert_eq!(info.end_reason, TIMEOUT);
}
