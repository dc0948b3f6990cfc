//! Why a call was refused: one of Godot's numbers for the script, and a warning in words for its author.

use gamesockets::SendError;
use gamesockets_multiplayer::{Error as Refused, Mode};
use godot::global::Error;
use godot::prelude::*;

use super::said::Said;

/// A session that was not made.
pub(super) fn of_session(call: &str, refused: &gamesockets::Error) -> Error {
    use gamesockets::Error as E;
    godot_warn!("GameSocketsPeer.{call}: {refused}");
    match refused {
        E::AddressSyntax { .. } | E::AddressNotConnectable { .. } | E::Option { .. } | E::OptionScope { .. } => {
            Error::ERR_INVALID_PARAMETER
        }
        E::AddressInUse { .. } => Error::ERR_ALREADY_IN_USE,
        _ => Error::ERR_CANT_CREATE,
    }
}

/// A packet that was not sent. The engine drops the number, so what nobody expects is said in words, once.
pub(super) fn of_packet(refused: &Refused, mode: Mode, said: &mut Said) -> Error {
    let (number, is_expected) = match refused {
        Refused::NotConnected => (Error::ERR_UNCONFIGURED, true),
        Refused::UnknownPeer { .. } | Refused::UnknownChannel { .. } => (Error::ERR_INVALID_PARAMETER, false),
        Refused::Sockets(gamesockets::Error::Send(error)) => match error {
            SendError::TooLarge { .. } => (Error::ERR_INVALID_PARAMETER, false),
            SendError::BufferFull { .. } | SendError::ExceedsBuffer { .. } => {
                (Error::ERR_OUT_OF_MEMORY, mode != Mode::Reliable)
            }
            _ => (Error::ERR_CONNECTION_ERROR, true),
        },
        _ => (Error::ERR_CONNECTION_ERROR, true),
    };
    let text = refused.to_string();
    if !is_expected && said.is_new(&text) {
        godot_warn!("GameSocketsPeer: a packet was not sent: {text}; this is said once");
    }
    number
}
