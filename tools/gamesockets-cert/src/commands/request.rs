//! `request`.

use std::path::PathBuf;

use clap::Args;
use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{armour, request};
use prost::Message as _;

use crate::Outcome;
use crate::files::{self, Kind};

/// Make a request for a certificate, and its key if there is none yet.
#[derive(Args)]
#[command(after_help = "\
Examples:
  gamesockets-cert request --identity str:alice --key alice.key --out alice.req
  gamesockets-cert request --identity steamid:76561197960287930 --key me.key --out me.req

An existing key is used again, for a new certificate instead of one that expires.")]
pub(crate) struct Arguments {
    /// Whose the certificate is to be: str:NAME, steamid:NUMBER, gen:HEX, psn:NUMBER, xboxpwid:TEXT.
    #[arg(long)]
    identity: Identity,
    /// The private key: made, for its owner's eyes only, if the file does not exist.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the request goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.identity.is_localhost() {
        return Err(format!("{} is anonymous: a certificate would say nothing", arguments.identity));
    }
    if arguments.key == arguments.out {
        return Err(format!("{}: the key and the request need a file each", arguments.out.display()));
    }
    files::must_be_free_for(&arguments.out, Kind::Request)?;
    let key = if arguments.key.exists() {
        files::read_private_key(&arguments.key)?
    } else {
        let key = files::new_private_key()?;
        files::write_private_key(&arguments.key, &key)?;
        key
    };
    let public = key.public_key();
    let request = request(public, Some(&arguments.identity));
    files::write(&arguments.out, Kind::Request, &armour::encode(armour::REQUEST_LABEL, &request.encode_to_vec()))?;
    println!("request of {} with key {}: {}", arguments.identity, public.id(), arguments.out.display());
    Ok(())
}
