//! Methods that GodotSteam lacks: identities and addresses as text, lanes, and whom to trust.

use gamesockets::{Identity, address_fake_ip_type, address_to_string, parse_ip_address};
use godot::prelude::*;

use super::{Steam, calls, identity};
use crate::variant::Answer;

#[godot_api(secondary)]
impl Steam {
    /// The text of a SteamID64, as `getIdentity` writes it (`steamid:76561197960265729`); empty if no account can have
    /// this number.
    #[func(rename = identityToString)]
    fn identity_to_string(&self, steam_id: i64) -> GString {
        Identity::from_steam_id(steam_id.cast_unsigned())
            .map(|identity| GString::from(&identity.to_string()))
            .unwrap_or_default()
    }

    /// Reads an identity: `str:alice`, `ip:127.0.0.1:4000`, `steamid:76561197960265729`, a number, or a name.
    ///
    /// Answers a dictionary: `success`, `type` (`NetworkingIdentityType`), `steam_id` (0 if it is of another kind), `text`
    /// (its full form), `error` (what is wrong with it).
    #[func(rename = identityFromString)]
    fn identity_from_string(&self, text: GString) -> VarDictionary {
        match identity::read(&text.to_string()) {
            Ok(identity) => vdict! {
                "success" => true,
                "type" => identity.kind(),
                "steam_id" => identity.steam_id().unwrap_or(0).cast_signed(),
                "text" => identity.to_string(),
                "error" => "",
            },
            Err(error) => {
                vdict! { "success" => false, "type" => 0, "steam_id" => 0, "text" => "", "error" => error }
            }
        }
    }

    /// Becomes somebody else, of any kind that `identityFromString` reads; false, and nothing is changed, if it reads
    /// nothing. Closes every connection and listen socket, as `resetIdentity` does.
    #[func(rename = setIdentity)]
    fn set_identity(&self, text: GString) -> bool {
        match identity::read(&text.to_string()) {
            Ok(identity) => {
                self.instance.become_identity(identity);
                true
            }
            Err(error) => {
                self.watch.warn_once(&format!("setIdentity: {error}"));
                false
            }
        }
    }

    /// Reads an IP address with or without a port.
    ///
    /// Answers a dictionary: `success`, `ip`, `port` (0 without), `fake_ip_type` (`NetworkingFakeIPType`).
    #[func(rename = ipAddressFromString)]
    fn ip_address_from_string(&self, text: GString) -> VarDictionary {
        match parse_ip_address(&text.to_string()) {
            Ok(address) => vdict! {
                "success" => true,
                "ip" => address_to_string(address, false),
                "port" => address.port(),
                "fake_ip_type" => address_fake_ip_type(address).value(),
            },
            Err(_) => vdict! { "success" => false, "ip" => "", "port" => 0, "fake_ip_type" => 0 },
        }
    }

    /// An address and a port as one text, IPv6 in brackets; empty if the address is none, or the port is not in 0 to
    /// 65535.
    #[func(rename = ipAddressToString)]
    fn ip_address_to_string(&self, ip: GString, port: i64) -> GString {
        let (Ok(mut address), Ok(port)) = (parse_ip_address(&ip.to_string()), u16::try_from(port)) else {
            return GString::new();
        };
        address.set_port(port);
        GString::from(&address_to_string(address, true))
    }

    /// As `sendMessageToConnection`, on the lane of this number (see `configureConnectionLanes`).
    #[func(rename = sendMessageToConnectionOnLane)]
    fn send_message_to_connection_on_lane(
        &self,
        connection_handle: i64,
        message: PackedByteArray,
        flags: i64,
        lane: i64,
    ) -> VarDictionary {
        let connection = u32::try_from(connection_handle).unwrap_or(0);
        // No connection has a lane of the largest number.
        let lane = u16::try_from(lane).unwrap_or(u16::MAX);
        calls::send_on_lane(self, "sendMessageToConnectionOnLane", connection, &message, flags, lane)
            .answer(self.keys())
    }

    /// As `setCertificate`, with the private key that belongs to it: an OpenSSH private key without a passphrase, or its
    /// 32 bytes.
    #[func(rename = setCertificateAndPrivateKey)]
    fn set_certificate_and_private_key(
        &self,
        certificate: PackedByteArray,
        private_key: PackedByteArray,
    ) -> VarDictionary {
        calls::set_certificate_and_private_key(self, &certificate, &private_key).answer(self.keys())
    }

    /// Believes the certificates that this authority signs, in new connections: a public key (a line `ssh-ed25519 ...` or
    /// 32 bytes) or a CA certificate. False, and a warning says why, if it is neither.
    #[func(rename = addTrustedCA)]
    fn add_trusted_ca(&self, authority: PackedByteArray) -> bool {
        self.ask("addTrustedCA", |sockets| sockets.add_trusted_ca(authority.as_slice())).is_some()
    }

    /// Distrusts keys, of authorities or peers, in new connections: one decimal key id per line, `#` begins a remark.
    /// Answers how many there were, -1 if a line is neither.
    #[func(rename = revokeKeys)]
    fn revoke_keys(&self, list: GString) -> i64 {
        let count = self.ask("revokeKeys", |sockets| sockets.revoke_all(&list.to_string()));
        count.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1)
    }
}
