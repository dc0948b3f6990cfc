//! Instances: making and ending them, and who they are.

use gamesockets::{Identity, Sockets};

use crate::arguments::{In, Out};
use crate::border::{Code, Failure, guard};
use crate::instances;
use crate::structs::ConfigEntry;

/// Starts an instance. Without an identity it is anonymous; without a trace directory nothing is traced, and a trace
/// size limit of 0 is the default.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_create(
    identity: In<u8>,
    identity_length: usize,
    options: In<ConfigEntry>,
    option_count: usize,
    trace_directory: In<u8>,
    trace_directory_length: usize,
    trace_size_limit: u64,
    instance: Out<u64>,
) -> Code {
    guard(|| {
        let instance = instance.check("the instance")?;
        let mut builder = Sockets::builder();
        if let Some(identity) = identity.identity(identity_length)? {
            builder = builder.identity(identity);
        }
        for entry in options.options(option_count)? {
            builder = builder.option(entry);
        }
        let directory = trace_directory.text(trace_directory_length, "the trace directory")?;
        if !directory.is_empty() {
            builder = builder.trace_directory(directory);
        }
        if trace_size_limit > 0 {
            builder = builder.trace_size_limit(trace_size_limit);
        }
        instance.write(instances::insert(builder.build()?), "the instance")
    })
}

/// Ends an instance: closes its connections (reason 2999) and listen sockets. Takes up to a second while closed
/// connections still deliver. With `in_background` it answers at once, as a finaliser must. A call that another thread
/// is in goes on to its end.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_destroy(instance: u64, in_background: u8) -> Code {
    guard(|| {
        let sockets = instances::remove(instance)?;
        if in_background == 0 {
            drop(sockets);
            return Ok(());
        }
        let ending = std::thread::Builder::new().name("gamesockets-end".into()).spawn(move || drop(sockets));
        // Without a thread, the closure was dropped here, and the instance with it.
        drop(ending);
        Ok(())
    })
}

/// Who the instance is, as text.
#[unsafe(no_mangle)]
#[doc(alias = "GetIdentity")]
pub extern "C" fn gamesockets_get_identity(
    instance: u64,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| buffer.bytes(capacity, length, instances::get(instance)?.identity().to_string().as_bytes()))
}

/// Becomes somebody else; without an identity, anonymous.
#[unsafe(no_mangle)]
#[doc(alias = "ResetIdentity")]
pub extern "C" fn gamesockets_reset_identity(instance: u64, identity: In<u8>, identity_length: usize) -> Code {
    guard(|| {
        let identity = identity.identity(identity_length)?;
        instances::get(instance)?.reset_identity(identity.unwrap_or_else(Identity::localhost));
        Ok(())
    })
}

/// The clock of the instance, microseconds.
#[unsafe(no_mangle)]
#[doc(alias = "GetLocalTimestamp")]
pub extern "C" fn gamesockets_get_local_timestamp(instance: u64, microseconds: Out<u64>) -> Code {
    guard(|| microseconds.write(instances::get(instance)?.local_timestamp(), "the time"))
}

/// The app that certificates must be good for.
#[unsafe(no_mangle)]
#[doc(alias = "get_current_app_id")]
pub extern "C" fn gamesockets_get_app_id(instance: u64, app_id: Out<u32>) -> Code {
    guard(|| app_id.write(instances::get(instance)?.app_id(), "the app id"))
}

/// From now on certificates must be good for this app.
#[unsafe(no_mangle)]
#[doc(alias = "set_current_app_id")]
pub extern "C" fn gamesockets_set_app_id(instance: u64, app_id: u32) -> Code {
    guard(|| {
        instances::get(instance)?.set_app_id(app_id);
        Ok(())
    })
}

/// Checks an identity that is given as text; writes it as the library writes it, and its kind (`IdentityType`).
#[unsafe(no_mangle)]
#[doc(alias = "SteamNetworkingIdentity_ParseString")]
pub extern "C" fn gamesockets_parse_identity(
    text: In<u8>,
    text_length: usize,
    kind: Out<i32>,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let nothing = || Failure::invalid("the identity is empty: write one as str:alice or steamid:76561197960265729");
        let identity = text.identity(text_length)?.ok_or_else(nothing)?;
        kind.write(identity.kind(), "the kind")?;
        buffer.bytes(capacity, length, identity.to_string().as_bytes())
    })
}

/// A SteamID64 as the text of an identity.
#[unsafe(no_mangle)]
#[doc(alias = "SteamNetworkingIdentity_ToString")]
pub extern "C" fn gamesockets_identity_of_steam_id(
    steam_id: u64,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| buffer.bytes(capacity, length, Identity::from_steam_id(steam_id)?.to_string().as_bytes()))
}
