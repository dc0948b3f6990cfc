//! Where a host is: an address, or a name that has to be looked up, which may take seconds and blocks nobody.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use gamesockets::parse_address;

/// How long a name may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest name that DNS has, bytes.
const NAME_MAX: usize = 253;

/// Where a host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Its address.
    Address(SocketAddr),
    /// The name of its computer, and its port.
    Name(String, u16),
}

impl Remote {
    /// Reads `IP:port` and `name:port` when `port` is 0, else an IP or a name. `None` when it is neither.
    pub fn parse(text: &str, port: u16) -> Option<Self> {
        let text = text.trim();
        if port != 0 {
            return match text.parse::<IpAddr>() {
                Ok(ip) => Some(Self::Address(SocketAddr::new(ip, port))),
                Err(_) => is_name(text).then(|| Self::Name(text.to_owned(), port)),
            };
        }
        if let Ok(address) = parse_address(text) {
            return Some(Self::Address(address));
        }
        let (name, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        is_name(name).then(|| Self::Name(name.to_owned(), port))
    }
}

impl From<SocketAddr> for Remote {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

/// A name has a letter; IPv4 has none, and IPv6 has colons.
fn is_name(text: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || ['-', '_', '.'].contains(&letter);
    text.len() <= NAME_MAX && text.chars().any(char::is_alphabetic) && text.chars().all(fits)
}

/// A name that is being looked up, on a thread of its own.
#[derive(Debug)]
pub(crate) struct Lookup {
    name: String,
    answer: Receiver<Result<SocketAddr, String>>,
    until: Instant,
}

impl Lookup {
    pub(crate) fn start(name: &str, port: u16) -> std::io::Result<Self> {
        let (sender, answer) = channel();
        let asked = name.to_owned();
        thread::Builder::new().name("gamesockets lookup".into()).spawn(move || {
            // Whoever asked may have gone.
            let _ = sender.send(look_up(&asked, port));
        })?;
        Ok(Self { name: name.to_owned(), answer, until: Instant::now() + LOOKUP_TIMEOUT })
    }

    /// The address, or in words why there is none; `None` while nobody knows.
    pub(crate) fn poll(&self) -> Option<Result<SocketAddr, String>> {
        let name = &self.name;
        match self.answer.try_recv() {
            Ok(answer) => Some(answer.map_err(|error| format!("no computer is known as \"{name}\": {error}"))),
            Err(TryRecvError::Empty) if Instant::now() < self.until => None,
            Err(_) => Some(Err(format!("nobody has answered what the address of \"{name}\" is"))),
        }
    }
}

/// The first address of IPv4, or of IPv6 if there is none: a host at `*` hears IPv4, too; the other way round it does not
/// work.
fn look_up(name: &str, port: u16) -> Result<SocketAddr, String> {
    let found = (name, port).to_socket_addrs().map_err(|error| error.to_string())?;
    found.min_by_key(|address| !address.is_ipv4()).ok_or_else(|| "it has no address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_told_apart() {
        let address = |text: &str| Some(Remote::Address(text.parse().expect("an address")));
        let name = |name: &str, port| Some(Remote::Name(name.into(), port));
        assert_eq!(Remote::parse("192.0.2.7:4242", 0), address("192.0.2.7:4242"));
        assert_eq!(Remote::parse("[2001:db8::1]:4242", 0), address("[2001:db8::1]:4242"));
        assert_eq!(Remote::parse("192.0.2.7", 4242), address("192.0.2.7:4242"));
        assert_eq!(Remote::parse("2001:db8::1", 4242), address("[2001:db8::1]:4242"));
        assert_eq!(Remote::parse("localhost:4242", 0), name("localhost", 4242));
        assert_eq!(Remote::parse(" game.example.org ", 4242), name("game.example.org", 4242));
        for neither in ["", "localhost", "localhost:0", "localhost:70000", "::1:5:x", "1.2.3:5", "a b:5", "a/b:5", ":5"]
        {
            assert_eq!(Remote::parse(neither, 0), None, "{neither}");
        }
        assert_eq!(Remote::parse("localhost:4242", 4242), None);
        assert_eq!(Remote::parse(&"a".repeat(254), 4242), None);
    }

    #[test]
    fn a_lookup_has_an_end() {
        let wait = |lookup: Lookup| {
            loop {
                if let Some(answer) = lookup.poll() {
                    return answer;
                }
                thread::sleep(Duration::from_millis(1));
            }
        };
        assert_eq!(
            wait(Lookup::start("localhost", 7).expect("a thread")),
            Ok("127.0.0.1:7".parse().expect("an address"))
        );
        let unknown = wait(Lookup::start("no-such-computer.invalid", 7).expect("a thread")).expect_err("not known");
        assert!(unknown.contains("no-such-computer.invalid"), "{unknown}");
        let (_sender, answer) = channel();
        let late = Lookup { name: "slow".into(), answer, until: Instant::now() };
        assert!(wait(late).expect_err("not known").contains("nobody has answered"));
    }
}
