//! UDP sockets: many datagrams per system call, both ways, on one or both address families.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

use quinn_udp::{EcnCodepoint, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};

use super::conditions::Conditions;

/// What we ask the operating system to buffer in each direction; it may give less.
const OS_BUFFER_BYTES: usize = 4 << 20;
/// The most a single UDP send may carry, segmented or not.
const MAX_SEND_BYTES: usize = 65_000;

/// A non-blocking UDP socket.
pub(crate) struct UdpSocket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    /// Simulated conditions, once it is registered.
    conditions: Option<(mio::Token, Arc<Conditions>)>,
    /// So many receives fail, as on a system that reports the ICMP errors of earlier sends.
    #[cfg(test)]
    pub(super) receive_errors: std::sync::atomic::AtomicUsize,
}

impl UdpSocket {
    /// Binds for listening. The any-address of IPv6 listens on IPv4, too, and alone where the system has no IPv6
    /// (spec section 1.6); that of IPv4 on IPv4 only.
    pub(crate) fn listen(address: SocketAddr) -> io::Result<Self> {
        let address = normalise(address);
        if !address.ip().is_unspecified() || address.is_ipv4() {
            return Self::bind(address, false);
        }
        let both = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port());
        let ipv4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
        match Self::bind(both, true) {
            // The port being taken is the caller's problem; a system without IPv6 is not.
            Err(error) if !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
                Self::bind(ipv4, false)
            }
            result => result,
        }
    }

    /// Binds an ephemeral port from which `remote` can be reached.
    pub(crate) fn towards(remote: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = match remote {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        Self::bind(SocketAddr::new(any, 0), false)
    }

    fn bind(address: SocketAddr, dual_stack: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(!dual_stack)?;
        }
        socket.set_nonblocking(true)?;
        // Best effort: the system's own limits stand.
        let _ = socket.set_recv_buffer_size(OS_BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(OS_BUFFER_BYTES);
        socket.bind(&address.into())?;
        let io = mio::net::UdpSocket::from_std(socket.into());
        let state = UdpSocketState::new((&io).into())?;
        let local = io.local_addr()?;
        Ok(Self {
            io,
            state,
            local,
            conditions: None,
            #[cfg(test)]
            receive_errors: std::sync::atomic::AtomicUsize::default(),
        })
    }

    pub(crate) fn register(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        conditions: Arc<Conditions>,
    ) -> io::Result<()> {
        registry.register(&mut self.io, token, mio::Interest::READABLE)?;
        self.conditions = Some((token, conditions));
        Ok(())
    }

    /// The bound address, with the port the system chose.
    pub(crate) const fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Whether answers must name the local address that a peer wrote to.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.local.ip().is_unspecified()
    }

    /// How many datagrams of equal size one [`Self::send`] may carry.
    pub(crate) fn max_segments(&self) -> usize {
        self.state.max_gso_segments().get()
    }

    /// How many bytes of equally sized datagrams one [`Self::send`] may carry.
    pub(crate) const fn max_send_bytes() -> usize {
        MAX_SEND_BYTES
    }

    /// Sends `contents`, cut into datagrams of `segment_size`. The only error that comes out is `WouldBlock`, and then
    /// nothing was sent: any other means that the datagrams are lost, which is what UDP does.
    pub(crate) fn send(&self, route: Route, segment_size: usize, contents: &[u8]) -> io::Result<()> {
        if segment_size == 0 || contents.is_empty() {
            return Ok(());
        }
        match &self.conditions {
            Some((token, conditions)) if conditions.are_on() => {
                conditions.send(*token, self, route, segment_size, contents);
                Ok(())
            }
            _ => self.send_now(route, segment_size, contents),
        }
    }

    /// As [`Self::send`], past the simulated conditions.
    pub(super) fn send_now(&self, route: Route, segment_size: usize, contents: &[u8]) -> io::Result<()> {
        let ecn = self.conditions.as_ref().and_then(|(_, conditions)| EcnCodepoint::from_bits(conditions.ecn()));
        let destination = self.map_to_socket_family(route.remote);
        let send = |contents: &[u8]| {
            let transmit = Transmit {
                destination,
                ecn,
                contents,
                segment_size: (contents.len() > segment_size).then_some(segment_size),
                src_ip: route.source,
            };
            self.io.try_io(|| self.state.try_send((&self.io).into(), &transmit))
        };
        let send_each = |contents: &[u8]| {
            for datagram in contents.chunks(segment_size) {
                let _ = send(datagram);
            }
            Ok(())
        };
        // Where the system cuts nothing, it would send all as one datagram.
        if contents.len() > segment_size && self.max_segments() == 1 {
            return send_each(contents);
        }
        match send(contents) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            // Some devices refuse segmented sends: then one by one.
            Err(_) if contents.len() > segment_size => send_each(contents),
            _ => Ok(()),
        }
    }

    /// Receives into `buffers`; each may hold several datagrams from one peer, `stride` bytes apart.
    pub(crate) fn receive(&self, buffers: &mut [IoSliceMut<'_>], metas: &mut [RecvMeta]) -> io::Result<usize> {
        #[cfg(test)]
        self.fail_if_told()?;
        self.io.try_io(|| self.state.recv((&self.io).into(), buffers, metas))
    }

    #[cfg(test)]
    fn fail_if_told(&self) -> io::Result<()> {
        use std::sync::atomic::Ordering::Relaxed;
        let one_less = |left: usize| left.checked_sub(1);
        match self.receive_errors.fetch_update(Relaxed, Relaxed, one_less) {
            Ok(_) => Err(io::ErrorKind::ConnectionReset.into()),
            Err(_) => Ok(()),
        }
    }

    fn map_to_socket_family(&self, remote: SocketAddr) -> SocketAddr {
        match (self.local, remote) {
            (SocketAddr::V6(_), SocketAddr::V4(v4)) => {
                SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0).into()
            }
            _ => remote,
        }
    }
}

/// Where datagrams of a connection go, and from which of our addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) remote: SocketAddr,
    /// On a wildcard socket: the address the peer wrote to. `None`: the system chooses.
    pub(crate) source: Option<IpAddr>,
}

/// An IPv4 address that came in IPv6 clothes, as IPv4; any other address without flow information, and with a zone only
/// where the system reports one: so that it is equal to the address that datagrams come from.
pub(crate) fn normalise(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(v4.into(), v6.port()),
            None => {
                let zone = if v6.ip().is_unicast_link_local() { v6.scope_id() } else { 0 };
                SocketAddrV6::new(*v6.ip(), v6.port(), 0, zone).into()
            }
        },
        v4 @ SocketAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(socket: &UdpSocket) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut buffer = vec![0; 1 << 16];
        let mut got = Vec::new();
        for _ in 0..200 {
            let mut metas = [RecvMeta::default()];
            match socket.receive(&mut [IoSliceMut::new(&mut buffer)], &mut metas) {
                Ok(_) => {
                    let meta = metas[0];
                    for datagram in buffer[..meta.len].chunks(meta.stride) {
                        got.push((normalise(meta.addr), datagram.to_vec()));
                    }
                }
                Err(_) if got.is_empty() => std::thread::sleep(std::time::Duration::from_millis(5)),
                Err(_) => break,
            }
        }
        got
    }

    #[test]
    fn one_send_carries_many_datagrams() {
        let server = UdpSocket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = UdpSocket::towards(server.local_address()).unwrap();
        let contents: Vec<u8> = (0..=99).collect();
        let route = Route { remote: server.local_address(), source: None };
        client.send(route, 40, &contents).unwrap();
        let got: Vec<_> = receive(&server).into_iter().map(|(_, datagram)| datagram).collect();
        assert_eq!(got, contents.chunks(40).map(<[u8]>::to_vec).collect::<Vec<_>>());
    }

    #[test]
    fn the_any_address_hears_ipv4_and_answers_from_the_address_it_was_called_by() {
        for any in ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"] {
            let server = UdpSocket::listen(any.parse().unwrap()).unwrap();
            hears_ipv4_and_answers_from_the_address_it_was_called_by(&server);
        }
    }

    #[test]
    fn the_any_address_of_ipv4_leaves_ipv6_alone() {
        for any in ["0.0.0.0:0", "[::ffff:0.0.0.0]:0"] {
            let server = UdpSocket::listen(any.parse().unwrap()).unwrap();
            assert_eq!(server.local_address().ip(), IpAddr::from(Ipv4Addr::UNSPECIFIED));
            let Ok(client) = UdpSocket::listen("[::1]:0".parse().unwrap()) else { continue };
            let there: SocketAddr = (Ipv6Addr::LOCALHOST, server.local_address().port()).into();
            client.send(Route { remote: there, source: None }, 3, b"abc").unwrap();
            let here: SocketAddr = (Ipv4Addr::LOCALHOST, server.local_address().port()).into();
            let other = UdpSocket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
            other.send(Route { remote: here, source: None }, 3, b"def").unwrap();
            assert_eq!(receive(&server), [(other.local_address(), b"def".to_vec())]);
        }
    }

    fn hears_ipv4_and_answers_from_the_address_it_was_called_by(server: &UdpSocket) {
        assert!(server.is_wildcard());
        let here: SocketAddr = ([127, 0, 0, 9], server.local_address().port()).into();
        let client = UdpSocket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        client.send(Route { remote: here, source: None }, 3, b"abc").unwrap();
        assert_eq!(receive(server), [(client.local_address(), b"abc".to_vec())]);
        let back = Route { remote: client.local_address(), source: Some(here.ip()) };
        server.send(back, 3, b"def").unwrap();
        assert_eq!(receive(&client), [(here, b"def".to_vec())]);
    }
}
