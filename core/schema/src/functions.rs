//! The functions of the API: names, arguments, results and what each needs, for bindings and coverage tables.

#[macro_use]
mod macros;
mod general;
mod messages;
mod sockets;
mod utils;

use crate::field::FieldKind;
use crate::table::Group;

/// One function.
#[derive(Debug)]
pub struct FunctionInfo {
    /// Where it belongs.
    pub group: Group,
    /// Its name in Valve's interface; `None` for additions of GodotSteam.
    pub steam_name: Option<&'static str>,
    /// Its name in GodotSteam; `None` where only C++ and Rust offer it.
    pub godot_name: Option<&'static str>,
    /// Its arguments, in order.
    pub args: &'static [ArgInfo],
    /// What it answers.
    pub returns: FieldKind,
    /// What has to be there for it to work.
    pub needs: Needs,
    /// What it does.
    pub doc: &'static str,
}

/// One argument of a function.
#[derive(Debug)]
pub struct ArgInfo {
    /// Its name in the bindings.
    pub name: &'static str,
    /// What kind of value it takes.
    pub kind: FieldKind,
    /// Its default, as GDScript writes it.
    pub default: Option<&'static str>,
}

/// What has to be there for a function to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Only this library and UDP sockets.
    Local,
    /// Someone who knows identities and application ids.
    Identity,
    /// A rendezvous service, and STUN or TURN to get through NATs.
    Signaling,
    /// A channel that the application brings.
    AppSignaling,
    /// A certificate authority.
    CertificateAuthority,
    /// The environment of a hosted server (`SDR_LISTEN_PORT` and its kin).
    HostedEnvironment,
    /// The environment of a hosted server, and a certificate authority.
    HostedCertificate,
    /// Someone who issues relay tickets.
    Tickets,
    /// Relay tickets and relays.
    TicketsAndRelays,
    /// Someone who allots fake addresses.
    FakeIpAllocator,
    /// The configuration of a relay network, and pings to it.
    RelayConfig,
}

impl Needs {
    /// The need in words; empty if there is none.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Local => "",
            Self::Identity => "an identity provider",
            Self::Signaling => "a rendezvous service",
            Self::AppSignaling => "a signaling channel of the application",
            Self::CertificateAuthority => "a certificate authority",
            Self::HostedEnvironment => "a hosted server",
            Self::HostedCertificate => "a hosted server and a certificate authority",
            Self::Tickets => "relay tickets",
            Self::TicketsAndRelays => "relay tickets and relays",
            Self::FakeIpAllocator => "a fake-address allocator",
            Self::RelayConfig => "a relay configuration",
        }
    }
}

/// Every function, group by group.
pub const FUNCTIONS: &[&[FunctionInfo]] = &[sockets::TABLE, messages::TABLE, utils::TABLE, general::TABLE];

/// Every function, one after the other.
pub fn all() -> impl Iterator<Item = &'static FunctionInfo> {
    FUNCTIONS.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete() {
        let count = |group| all().filter(|function| function.group == group).count();
        assert_eq!(count(Group::Sockets), 49);
        assert_eq!(count(Group::Messages), 6);
        assert_eq!(count(Group::Utils), 41);
        assert_eq!(count(Group::General), 19);
    }

    #[test]
    fn no_name_stands_twice() {
        for function in all() {
            assert!(function.doc.ends_with('.'), "{:?} has no doc", function.godot_name);
            assert!(function.steam_name.or(function.godot_name).is_some());
            for name in [function.steam_name, function.godot_name].into_iter().flatten() {
                let holders = all().filter(|other| [other.steam_name, other.godot_name].contains(&Some(name))).count();
                assert_eq!(holders, 1, "{name}");
            }
            for arg in function.args {
                assert_eq!(function.args.iter().filter(|other| other.name == arg.name).count(), 1, "{}", arg.name);
            }
        }
    }

    #[test]
    fn only_native_functions_take_native_types() {
        for function in all().filter(|function| function.godot_name.is_some()) {
            let kinds = function.args.iter().map(|arg| arg.kind).chain([function.returns]);
            for kind in kinds {
                assert!(!matches!(kind, FieldKind::Native(_)), "{:?}", function.godot_name);
            }
        }
    }

    #[test]
    fn defaults_stand_last() {
        for function in all() {
            let mut defaults = function.args.iter().map(|arg| arg.default.is_some());
            assert!(defaults.by_ref().skip_while(|has_default| !has_default).all(|has_default| has_default));
        }
    }
}
