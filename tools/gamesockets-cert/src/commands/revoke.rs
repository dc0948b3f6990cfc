//! `revoke`.

use std::path::{Path, PathBuf};

use clap::Args;
use gamesockets_proto::crypto::revocation;

use super::inspect;
use crate::Outcome;
use crate::files::{self, Kind};

/// Add keys to a list of revoked ones. Peers that load the list believe no certificate of these keys any more.
#[derive(Args)]
#[command(after_help = "\
Examples:
  gamesockets-cert revoke --list revoked.txt alice.cert
  gamesockets-cert revoke --list revoked.txt 9417917822780561193 --remark \"key lost\"

The list is text: one key id per line, and remarks behind #. Revoking the key of a CA revokes all that it has signed.")]
pub(crate) struct Arguments {
    /// The list; made if it does not exist.
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// What to remember about it.
    #[arg(long)]
    remark: Option<String>,
    /// The ids of keys; or files with a certificate, a request or a public key.
    #[arg(required = true, value_name = "KEY_ID_OR_FILE")]
    keys: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut list = match arguments.list.exists() {
        true => files::read_text(&arguments.list)?,
        false => "# Revoked keys: one key id per line.\n".to_owned(),
    };
    let mut revoked = revocation::parse(&list).map_err(|error| format!("{}: {error}", arguments.list.display()))?;
    if !list.is_empty() && !list.ends_with('\n') {
        list.push('\n');
    }
    for key in &arguments.keys {
        for (id, name) in key_ids(key)? {
            if revoked.contains(&id) {
                println!("{id} is revoked already");
                continue;
            }
            let remark = arguments.remark.as_ref().unwrap_or(&name);
            list += &revocation::entry(id, remark);
            revoked.push(id);
            println!("revoked {id}");
        }
    }
    files::write(&arguments.list, Kind::RevocationList, &list)
}

fn key_ids(key: &str) -> Outcome<Vec<(u64, String)>> {
    if let Ok(id) = key.strip_prefix("ID").unwrap_or(key).parse() {
        return Ok(vec![(id, String::new())]);
    }
    inspect::key_ids(&files::read(Path::new(key))?).map_err(|problem| format!("{key}: {problem}"))
}
