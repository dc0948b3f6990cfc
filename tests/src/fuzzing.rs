//! What the fuzzer runs: one function per target, from arbitrary bytes to a panic if something is wrong.
//!
//! The programs in `tests/fuzz` hand these functions the inputs of libFuzzer; `fuzz_regressions.rs` hands them the inputs
//! that once found a bug. To add a target: a function here, a row in [`TARGETS`], a program in `tests/fuzz`.

pub mod decoders;
pub mod ends;
pub mod peer;

/// One fuzz target.
pub struct Target {
    /// As in `cargo xtask fuzz --seconds 60 <name>`.
    pub name: &'static str,
    /// Panics when the input shows a bug.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "control_packet", run: decoders::control_packet },
    Target { name: "data_header", run: decoders::data_header },
    Target { name: "frames", run: decoders::frames },
    Target { name: "stream_framing", run: decoders::stream_framing },
    Target { name: "identity", run: decoders::identity },
    Target { name: "certificate", run: decoders::certificate },
    Target { name: "connection", run: ends::connection },
    Target { name: "hostile_peer", run: peer::hostile_peer },
];
