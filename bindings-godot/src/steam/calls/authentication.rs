//! Certificates.

use gamesockets::schema::field::Bytes;
use gamesockets::schema::records::{CertificateAnswer, CertificateRequest};
use gamesockets::{Availability, Error};
use godot::prelude::*;

use crate::steam::Steam;

const NOT_RUNNING: &str = "the library does not run";

pub(in crate::steam) fn init_authentication(steam: &Steam) -> Availability {
    steam.sockets().map_or(Availability::CannotTry, |sockets| sockets.init_authentication())
}

pub(in crate::steam) fn get_authentication_status(steam: &Steam) -> Availability {
    steam.sockets().map_or(Availability::CannotTry, |sockets| sockets.authentication_status().available)
}

pub(in crate::steam) fn get_certificate_request(steam: &Steam) -> CertificateRequest {
    match steam.sockets().map(|sockets| sockets.certificate_request()) {
        Some(request) => CertificateRequest {
            cert_size: u32::try_from(request.len()).unwrap_or(u32::MAX),
            certificate: Bytes(request),
            error_message: String::new(),
        },
        None => {
            CertificateRequest { certificate: Bytes(Vec::new()), error_message: NOT_RUNNING.to_owned(), cert_size: 0 }
        }
    }
}

pub(in crate::steam) fn set_certificate(steam: &Steam, certificate: Bytes) -> CertificateAnswer {
    answer(steam.sockets().map(|sockets| sockets.set_certificate(&certificate.0)))
}

/// As [`set_certificate`], with the private key that belongs to it.
pub(in crate::steam) fn set_certificate_and_private_key(
    steam: &Steam,
    certificate: &PackedByteArray,
    private_key: &PackedByteArray,
) -> CertificateAnswer {
    answer(
        steam
            .sockets()
            .map(|sockets| sockets.set_certificate_and_private_key(certificate.as_slice(), private_key.as_slice())),
    )
}

fn answer(result: Option<Result<(), Error>>) -> CertificateAnswer {
    match result {
        Some(Ok(())) => CertificateAnswer { response: true, error: String::new() },
        Some(Err(error)) => CertificateAnswer { response: false, error: error.to_string() },
        None => CertificateAnswer { response: false, error: NOT_RUNNING.to_owned() },
    }
}
