//! Certificates: proving who we are, and asking the same of peers.

use crate::arguments::{In, Out};
use crate::border::{Code, guard};
use crate::instances;

/// Says that authentication is wanted; writes how ready we are (`Availability`).
#[unsafe(no_mangle)]
#[doc(alias = "InitAuthentication")]
pub extern "C" fn gamesockets_init_authentication(instance: u64, available: Out<i32>) -> Code {
    guard(|| available.write(instances::get(instance)?.init_authentication().value(), "the availability"))
}

/// How ready our certificate is (`Availability`), and the same in words, cut to what fits.
#[unsafe(no_mangle)]
#[doc(alias = "GetAuthenticationStatus")]
pub extern "C" fn gamesockets_get_authentication_status(
    instance: u64,
    available: Out<i32>,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| {
        let status = instances::get(instance)?.authentication_status();
        available.write(status.available.value(), "the availability")?;
        length.write(buffer.cut(capacity, &status.debug_message)?, "the length")
    })
}

/// What a certificate authority has to sign.
#[unsafe(no_mangle)]
#[doc(alias = "GetCertificateRequest")]
pub extern "C" fn gamesockets_get_certificate_request(
    instance: u64,
    buffer: Out<u8>,
    capacity: usize,
    length: Out<usize>,
) -> Code {
    guard(|| buffer.bytes(capacity, length, &instances::get(instance)?.certificate_request()))
}

/// Shows peers this certificate from now on; with a private key, that key replaces ours.
#[unsafe(no_mangle)]
#[doc(alias = "SetCertificate")]
pub extern "C" fn gamesockets_set_certificate(
    instance: u64,
    certificate: In<u8>,
    certificate_length: usize,
    private_key: In<u8>,
    private_key_length: usize,
) -> Code {
    guard(|| {
        let certificate = certificate.slice(certificate_length, "the certificate")?;
        let private_key = private_key.slice(private_key_length, "the private key")?;
        let sockets = instances::get(instance)?;
        match private_key {
            [] => sockets.set_certificate(certificate)?,
            key => sockets.set_certificate_and_private_key(certificate, key)?,
        }
        Ok(())
    })
}

/// Believes the certificates that an authority signs: a public key, or its certificate.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_add_trusted_ca(instance: u64, authority: In<u8>, authority_length: usize) -> Code {
    guard(|| {
        let authority = authority.slice(authority_length, "the authority")?;
        instances::get(instance)?.add_trusted_ca(authority)?;
        Ok(())
    })
}

/// Distrusts a key.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_revoke(instance: u64, key_id: u64) -> Code {
    guard(|| {
        instances::get(instance)?.revoke(key_id);
        Ok(())
    })
}

/// Distrusts every key of a list: one decimal key id per line. Writes how many there are.
#[unsafe(no_mangle)]
pub extern "C" fn gamesockets_revoke_all(instance: u64, list: In<u8>, list_length: usize, count: Out<usize>) -> Code {
    guard(|| {
        let count = count.check("the count")?;
        let revoked = instances::get(instance)?.revoke_all(list.text(list_length, "the list")?)?;
        count.write(revoked, "the count")
    })
}
