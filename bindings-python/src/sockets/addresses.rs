//! Which addresses are fake.

use std::net::Ipv4Addr;

use gamesockets::{FakeIpType, ipv4_fake_ip_type, is_fake_ipv4};
use pyo3::prelude::*;

use super::Sockets;
use crate::errors::invalid_argument;
use crate::to_python;

#[pymethods]
impl Sockets {
    #[doc = about!(get_ipv4_fake_ip_type)]
    fn get_ipv4_fake_ip_type<'py>(&self, py: Python<'py>, ipv4: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python::member(py, FakeIpType::INFO, ipv4_fake_ip_type(parse(ipv4)?) as i32)
    }

    #[doc = about!(is_fake_ipv4)]
    fn is_fake_ipv4(&self, ip_address: &str) -> PyResult<bool> {
        Ok(is_fake_ipv4(parse(ip_address)?))
    }
}

fn parse(text: &str) -> PyResult<Ipv4Addr> {
    text.parse().map_err(|_| invalid_argument(format!("\"{text}\" is no IPv4 address: write it as 127.0.0.1")))
}
