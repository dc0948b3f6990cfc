//! Socket pairs.

use crate::arguments::{In, Out};
use crate::border::{Code, guard};
use crate::instances;

/// Makes two connections that are joined to each other.
#[unsafe(no_mangle)]
#[doc(alias = "CreateSocketPair")]
pub extern "C" fn gamesockets_create_socket_pair(
    instance: u64,
    use_network_loopback: u8,
    identity1: In<u8>,
    identity1_length: usize,
    identity2: In<u8>,
    identity2_length: usize,
    connection1: Out<u32>,
    connection2: Out<u32>,
) -> Code {
    guard(|| {
        let (connection1, connection2) =
            (connection1.check("the first connection")?, connection2.check("the second connection")?);
        let identities = (identity1.identity(identity1_length)?, identity2.identity(identity2_length)?);
        let sockets = instances::get(instance)?;
        let (first, second) = sockets.create_socket_pair(use_network_loopback != 0, identities.0, identities.1)?;
        connection1.write(first.raw(), "the first connection")?;
        connection2.write(second.raw(), "the second connection")
    })
}
