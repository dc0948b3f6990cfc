//! Where an end of a connection can be reached: what `sdr_routes` of a signal carries between peers of ours.

use bytes::Bytes;
use prost::Message as _;

use super::token::RouteToken;

/// Routes in one message; beyond these none is read.
const ROUTES_MAX: usize = 8;

/// All routes of one end, as of one revision.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct RelayRoutes {
    /// Grows with each change, from 1.
    #[prost(uint32, tag = "1")]
    pub revision: u32,
    /// The best first.
    #[prost(message, repeated, tag = "2")]
    pub routes: Vec<RelayRoute>,
}

/// A session of the sender's on one relay.
#[derive(Clone, PartialEq, ::prost::Message)]
pub struct RelayRoute {
    /// The relay's point of presence.
    #[prost(fixed32, tag = "1")]
    pub pop: u32,
    /// The relay, as the directory names it. Its address comes from there alone.
    #[prost(string, tag = "2")]
    pub relay: String,
    /// With which the receiver, and nobody else, reaches the sender there.
    #[prost(bytes = "bytes", tag = "3")]
    pub token: Bytes,
    /// From the sender to the relay and back, ms.
    #[prost(uint32, tag = "4")]
    pub ping_ms: u32,
    /// What the sender's options add to it, ms.
    #[prost(uint32, tag = "5")]
    pub penalty_ms: u32,
}

impl RelayRoutes {
    /// Reads what a peer sent; `None` for what has not the form of it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut routes = Self::decode(bytes).ok().filter(|routes| routes.revision != 0)?;
        routes.routes.truncate(ROUTES_MAX);
        Some(routes)
    }
}

impl RelayRoute {
    /// The token, if it has the form of one.
    pub fn token(&self) -> Option<RouteToken> {
        RouteToken::from_bytes(&self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_bounded_and_nonsense_is_none() {
        let route = RelayRoute { relay: "r".into(), ..RelayRoute::default() };
        let routes = RelayRoutes { revision: 1, routes: vec![route; 100] };
        assert_eq!(RelayRoutes::read(&routes.encode_to_vec()).map(|routes| routes.routes.len()), Some(ROUTES_MAX));
        assert_eq!(RelayRoutes::read(&[0xff]), None);
        assert_eq!(RelayRoutes::read(&[]), None, "no revision");
    }
}
