//! What is sent, and with which options: the same for both libraries.

/// One kind of message, sent over one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// Bytes of a message.
    pub(crate) len: usize,
    /// The API's send flags.
    pub(crate) flags: i32,
}

/// Small messages measure the way to the socket, large ones the way over it.
pub(crate) const WORKLOADS: [Workload; 4] = [
    Workload { name: "100 B, reliable", len: 100, flags: 8 },
    Workload { name: "100 B, unreliable", len: 100, flags: 0 },
    Workload { name: "1,200 B, unreliable", len: 1200, flags: 0 },
    Workload { name: "64 KiB, reliable", len: 64 * 1024, flags: 8 },
];

/// The options of both ends: by number, as the API has them. Valve's library searches its send queue from end to end,
/// so a larger send buffer slows it down.
pub(crate) fn options(rate: i32) -> [(i32, i32); 5] {
    const SEND_BUFFER_SIZE: i32 = 9;
    const SEND_RATE_MIN: i32 = 10;
    const SEND_RATE_MAX: i32 = 11;
    const RECV_BUFFER_SIZE: i32 = 47;
    const RECV_BUFFER_MESSAGES: i32 = 48;
    [
        (SEND_BUFFER_SIZE, 256 << 10),
        (SEND_RATE_MIN, rate),
        (SEND_RATE_MAX, rate),
        (RECV_BUFFER_SIZE, 64 << 20),
        (RECV_BUFFER_MESSAGES, 1_000_000),
    ]
}
