//! Who a peer is (spec section 4).

/// An identity: comparable, printable (`str:alice`, `ip:127.0.0.1:4000`, `steamid:7656...`), parsable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(String);
