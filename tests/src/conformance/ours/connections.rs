//! Connections, listen sockets, and who we are.

use gamesockets::ResultCode;
use gamesockets::schema::records::SocketPair;
use gamesockets::{Connection, Error, Identity, ListenSocket, Sockets, address_to_string, parse_address};

use super::args::Args;
use super::{code, done, empty};
use crate::conformance::answer::Answer;

pub(super) fn call(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    let connection = args.connection(0);
    Some(match name {
        "AcceptConnection" => code(sockets.accept_connection(connection)),
        "CloseConnection" => done(&sockets.close_connection(connection, args.i32(1), args.text(2), args.bool(3))),
        "CloseListenSocket" => done(&sockets.close_listen_socket(args.listen_socket(0))),
        "ConnectByIPAddress" => {
            let connect = |address| sockets.connect_by_ip_address(address, &args.options(1));
            parse_address(args.text(0)).and_then(connect).map_or(0, Connection::raw).into()
        }
        "CreateListenSocketIP" => {
            let listen = |address| sockets.create_listen_socket_ip(address, &args.options(1));
            parse_address(args.text(0)).and_then(listen).map_or(0, ListenSocket::raw).into()
        }
        "CreateSocketPair" => socket_pair(sockets, args),
        "GetConnectionInfo" => record(&sockets.connection_info(connection)),
        "GetConnectionName" => sockets.connection_name(connection).unwrap_or_default().into(),
        "GetConnectionRealTimeStatus" => status(sockets, args),
        "GetConnectionUserData" => sockets.connection_user_data(connection).unwrap_or(-1).into(),
        "GetDetailedConnectionStatus" => {
            let page = sockets.detailed_connection_status(connection);
            let success = if page.is_ok() { 0 } else { -1 };
            let text = Answer::from(page.unwrap_or_default());
            Answer::record([("success", success.into()), ("status", text.clone()), ("buffer", text)])
        }
        "GetListenSocketAddress" => match sockets.listen_socket_address(args.listen_socket(0)) {
            Ok(address) => address_to_string(address, args.bool(1)).into(),
            Err(_) => "".into(),
        },
        "GetQuickConnectionStatus" => record(&sockets.quick_connection_status(connection)),
        "SetConnectionName" => {
            // Its answer is nothing, whatever became of it.
            let _ = sockets.set_connection_name(connection, args.text(1));
            Answer::Nothing
        }
        "SetConnectionUserData" => done(&sockets.set_connection_user_data(connection, args.int(1))),
        _ => return identity(sockets, name, args),
    })
}

/// Who we are, and who says so.
fn identity(sockets: &Sockets, name: &str, args: &Args<'_>) -> Option<Answer> {
    Some(match name {
        "GetIdentity" => sockets.identity().to_string().into(),
        "ResetIdentity" => {
            if let Ok(identity) = args.identity(0) {
                sockets.reset_identity(identity.unwrap_or_else(Identity::localhost));
            }
            Answer::Nothing
        }
        "GetAuthenticationStatus" => sockets.authentication_status().available.value().into(),
        "InitAuthentication" => sockets.init_authentication().value().into(),
        "GetCertificateRequest" => {
            let request = sockets.certificate_request();
            let size = Answer::from(request.len() as u64);
            Answer::record([("certificate", Answer::Bytes(request)), ("error_message", "".into()), ("cert_size", size)])
        }
        "SetCertificate" => {
            let result = sockets.set_certificate(args.bytes(0));
            let error = result.as_ref().err().map(Error::to_string).unwrap_or_default();
            Answer::record([("response", done(&result)), ("error", error.into())])
        }
        _ => return None,
    })
}

fn socket_pair(sockets: &Sockets, args: &Args<'_>) -> Answer {
    let pair = match (args.identity(1), args.identity(2)) {
        (Ok(first), Ok(second)) => sockets.create_socket_pair(args.bool(0), first, second).ok(),
        _ => None,
    };
    let [connection1, connection2] = pair.map_or([0, 0], |(first, second)| [first.raw(), second.raw()]);
    Answer::of(&SocketPair { success: pair.is_some(), connection1, connection2 })
}

fn status(sockets: &Sockets, args: &Args<'_>) -> Answer {
    match sockets.connection_lane_status(args.connection(0), args.size(1)) {
        Ok((status, lanes)) => Answer::record([
            ("response", ResultCode::Ok.value().into()),
            ("connection_status", Answer::of(&status)),
            ("lanes_status", Answer::of(&lanes)),
        ]),
        Err(error) => Answer::record([
            ("response", error.code().value().into()),
            ("connection_status", empty()),
            ("lanes_status", Answer::List(Vec::new())),
        ]),
    }
}

/// A record, or an empty one for a failure.
fn record(result: &Result<impl serde::Serialize, Error>) -> Answer {
    result.as_ref().map_or_else(|_| empty(), Answer::of)
}
