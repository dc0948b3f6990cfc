//! What two ends of ours can do beyond GNS. Each end announces its set in the signed session info, in a field that GNS
//! skips; only what both announced is ever used (docs/WIRE_FORMAT.md, "Extensions").

use core::ops::BitAnd;

/// A set of extensions; numbers we do not know are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions(pub u32);

impl Extensions {
    /// None: what GNS has.
    pub const NONE: Self = Self(0);
    /// The receiver tells how much reliable data it has room for (frame 0xA0).
    pub const RECEIVE_WINDOW: Self = Self(1);
    /// Packets may be padded, and larger than GNS's, to find out what the path carries (frame 0xA1).
    pub const PATH_MTU: Self = Self(2);
    /// What this engine announces.
    pub const OURS: Self = Self(Self::RECEIVE_WINDOW.0 | Self::PATH_MTU.0);

    /// The set without those of `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are in the set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitAnd for Extensions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
