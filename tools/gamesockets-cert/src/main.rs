//! `gamesockets-cert`: a certificate authority on the command line. See docs/CERTIFICATES.md.
#![forbid(unsafe_code)]

mod commands;
mod files;
mod scope;
mod time;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{ca, inspect, request, revoke, sign, verify};

/// What went wrong, for the user.
type Outcome<T = ()> = Result<T, String>;

const EXAMPLES: &str = "\
Examples, from nothing to a certificate that verifies:
  gamesockets-cert ca create --out ca
  gamesockets-cert request --identity str:alice --key alice.key --out alice.req
  gamesockets-cert sign --ca-key ca.key --out alice.cert alice.req
  gamesockets-cert verify --ca ca.cert --identity str:alice alice.cert
  gamesockets-cert revoke --list revoked.txt alice.cert

Players and servers use alice.cert and alice.key, and trust ca.cert. Nobody but the CA ever sees ca.key.";

/// Certificates for gamesockets: make a CA, ask for certificates, sign, inspect, revoke and verify them.
#[derive(Parser)]
#[command(name = "gamesockets-cert", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a certificate authority.
    #[command(subcommand)]
    Ca(ca::Command),
    /// Make a key, if there is none yet, and a request to sign it.
    Request(request::Arguments),
    /// Sign a request: this makes a certificate.
    Sign(sign::Arguments),
    /// Say what is in a certificate, a request or a key.
    Inspect(inspect::Arguments),
    /// Add keys to a list of revoked ones.
    Revoke(revoke::Arguments),
    /// Check a certificate as a peer would that requires authentication.
    Verify(verify::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Ca(ca::Command::Create(arguments)) => ca::create(&arguments),
        Command::Request(arguments) => request::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Revoke(arguments) => revoke::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("gamesockets-cert: {problem}");
            ExitCode::FAILURE
        }
    }
}
