//! Proving who we are, and asking the same of peers.

use gamesockets_schema::Availability;
use pyo3::prelude::*;

use super::Sockets;
use crate::buffer::Payload;
use crate::errors::raise;
use crate::to_python;

#[pymethods]
impl Sockets {
    #[doc = about!(init_authentication)]
    fn init_authentication<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python::member(py, Availability::INFO, self.core()?.init_authentication() as i32)
    }

    #[doc = about!(get_authentication_status)]
    fn get_authentication_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python::member(py, Availability::INFO, self.core()?.authentication_status().available as i32)
    }

    #[doc = about!(get_certificate_request)]
    fn get_certificate_request(&self) -> PyResult<std::borrow::Cow<'static, [u8]>> {
        Ok(self.core()?.certificate_request().into())
    }

    #[doc = about!(set_certificate)]
    #[pyo3(signature = (certificate, private_key=None))]
    fn set_certificate(&self, certificate: &Bound<'_, PyAny>, private_key: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let inner = self.core()?;
        let certificate = Payload::of(certificate)?;
        match private_key.map(Payload::of).transpose()? {
            Some(key) => inner.set_certificate_and_private_key(certificate.bytes(), key.bytes()),
            None => inner.set_certificate(certificate.bytes()),
        }
        .map_err(raise)
    }

    /// Believe the certificates that a CA signs, from now on, in new connections; gives the ids of its keys.
    ///
    /// `authority` is a public key (a line `ssh-ed25519 ...`, or 32 bytes), or a certificate of a CA.
    fn add_trusted_ca(&self, authority: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
        let inner = self.core()?;
        if let Ok(text) = authority.extract::<String>() {
            return inner.add_trusted_ca(text.as_bytes()).map_err(raise);
        }
        inner.add_trusted_ca(Payload::of(authority)?.bytes()).map_err(raise)
    }

    /// Distrust a key, a CA's or a peer's, from now on, in new connections.
    fn revoke(&self, key_id: u64) -> PyResult<()> {
        self.core()?.revoke(key_id);
        Ok(())
    }

    /// Distrust every key of a list: one decimal key id per line, `#` begins a remark. Tells how many there are.
    fn revoke_all(&self, key_ids: &str) -> PyResult<usize> {
        self.core()?.revoke_all(key_ids).map_err(raise)
    }

    #[doc = about!(get_current_app_id)]
    fn get_current_app_id(&self) -> PyResult<u32> {
        Ok(self.core()?.app_id())
    }

    #[doc = about!(set_current_app_id)]
    fn set_current_app_id(&self, new_current_app_id: u32) -> PyResult<()> {
        self.core()?.set_app_id(new_current_app_id);
        Ok(())
    }
}
