//! Reliable and unreliable game networking over UDP.
