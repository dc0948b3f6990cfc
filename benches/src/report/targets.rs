//! The targets: ratios within one run, and whether they are met.

use super::tables::number;
use crate::job::PeerId::{self, Enet, Ours, Quinn, QuinnCubic, Renet, Valve};
use crate::suite::measure::figure;
use crate::suite::results::Results;

/// One target: a figure of ours, and what it is held against.
struct Target {
    text: &'static str,
    work: &'static str,
    figure: &'static str,
    against: Against,
    want: Want,
}

enum Against {
    /// The ratio to a peer's figure.
    Peer(PeerId),
    /// The ratio to this.
    Value(f64),
    /// The lowest figure of those that find a path's rate by themselves; the others were told it.
    LowestOf(&'static [PeerId]),
}

enum Want {
    AtLeast(f64),
    AtMost(f64),
}

/// What a target came to.
struct Verdict {
    ratio: f64,
    ours: f64,
    theirs: f64,
    met: bool,
}

use Against::{LowestOf, Peer, Value};
use Want::{AtLeast, AtMost};

const fn target(text: &'static str, work: &'static str, figure: &'static str, against: Against, want: Want) -> Target {
    Target { text, work, figure, against, want }
}

const TARGETS: &[Target] = &[
    target("bulk, MB/s, to GNS", "bulk-64k", figure::GOODPUT, Peer(Valve), AtLeast(10.0)),
    target("bulk, MB/s, to quinn at MTU 1,472", "bulk-64k", figure::GOODPUT, Peer(Quinn), AtLeast(1.2)),
    target("bulk, MB/s, to quinn at MTU 1,300", "bulk-64k-1300", figure::GOODPUT, Peer(Quinn), AtLeast(1.2)),
    target("bulk, CPU per byte, to quinn", "bulk-64k", figure::CPU_PER_BYTE, Peer(Quinn), AtMost(0.8)),
    target("64 B unreliable, to GNS", "unreliable-64", figure::MESSAGES, Peer(Valve), AtLeast(10.0)),
    target("64 B unreliable, to quinn", "unreliable-64", figure::MESSAGES, Peer(Quinn), AtLeast(1.0)),
    target("64 B reliable, to GNS", "reliable-64", figure::MESSAGES, Peer(Valve), AtLeast(10.0)),
    target("64 B reliable, to renet", "reliable-64", figure::MESSAGES, Peer(Renet), AtLeast(5.0)),
    target("64 B reliable, to quinn's one stream", "reliable-64", figure::MESSAGES, Peer(Quinn), AtLeast(0.8)),
    target("ping-pong p50, us, to quinn", "ping-pong", figure::P50, Peer(Quinn), AtMost(0.4)),
    target("ping-pong p50, us, to ENet", "ping-pong", figure::P50, Peer(Enet), AtMost(1.3)),
    target("ping-pong p99, us, to quinn", "ping-pong", figure::P99, Peer(Quinn), AtMost(0.5)),
    target("500 connects at once, to quinn", "connect-500", figure::CONNECTS, Peer(Quinn), AtLeast(1.5)),
    target("KiB for an idle connection (of 5,000), to 4", "crowd-5000", figure::IDLE_MEMORY, Value(4.0), AtMost(1.0)),
    target("KiB for an active one (of 5,000), to 16", "crowd-5000", figure::ACTIVE_MEMORY, Value(16.0), AtMost(1.0)),
    target("10,000 at 20 Hz, % delivered", "crowd-10000", figure::DELIVERED, Value(100.0), AtLeast(0.9995)),
    target("10,000 at 20 Hz, p99 us, to 50 ms", "crowd-10000", figure::P99, Value(50_000.0), AtMost(1.0)),
    target("5 % loss, bulk, to quinn with BBR", "loss-5-bulk", figure::GOODPUT, Peer(Quinn), AtLeast(1.0)),
    target("5 % loss, 60 Hz, p99 us, to GNS", "loss-5-game", figure::P99, Peer(Valve), AtMost(0.7)),
    target("5 % loss, 60 Hz, p99 us, to ENet", "loss-5-game", figure::P99, Peer(Enet), AtMost(1.0)),
    target("10 Mbit/s, MB/s, to the link's 1.25", "bottleneck-bulk", figure::GOODPUT, Value(1.25), AtLeast(0.95)),
    target(
        "10 Mbit/s, wait p50 ms, to the least of quinn's and ENet's",
        "bottleneck-bulk",
        figure::QUEUE_P50,
        LowestOf(&[Quinn, QuinnCubic, Enet]),
        AtMost(1.0),
    ),
];

/// Why a target is missed where it is: what profiles of the work say (`perf record` of either process, `valgrind
/// --tool=massif` for memory, the example `message_cost` for the engine alone).
const REASONS: &[(&str, &str)] = &[
    (
        "bulk-64k",
        "It was 1.14x, 1.20x and 1.21x quinn's in three runs: what decides is the noise. Of the client's time 39 % is the \
         system, 24 % encryption, 19 % copying (in, and into the packet); of the server's, 28 % is decryption, 24 % the \
         system, 17 % copying (out of the packet, into the message).",
    ),
    (
        "unreliable-64",
        "Of the client's time 35 % is packing message by message, 23 % queueing, 20 % the system, 10 % encryption; of the \
         server's, 25 % is decoding, 21 % handing messages from the thread that reads to the one that takes them, 23 % the \
         system, 11 % decryption. The engine alone takes 84 ns to send and 49 ns to receive one (`message_cost`).",
    ),
    (
        "reliable-64",
        "A message here has a number, a lane and a time of its own and is queued by itself; quinn's writer hands over chunks \
         of 64 KiB that were put together before, and its reader counts inside the chunks that arrive. Of the client's time \
         33 % is queueing, 24 % the system, 13 % encryption, 11 % copying; of the server's, 26 % is decoding, 21 % handing \
         messages from thread to thread, 15 % the system, 10 % the allocator, 10 % decryption. The engine alone takes 55 ns \
         to send and 48 ns to receive one.",
    ),
    (
        "crowd-5000",
        "Massif, per connection: 2.1 KB of session (1.1 KB are the two AES-GCM keys with their tables, 0.4 KB congestion \
         control), 1.9 KB of connection (0.8 KB are statistics that the API promises), 0.3 KB for its lane, 0.3 KB in \
         tables of addresses and handles; the rest is small pieces and what the allocator adds.",
    ),
    (
        "crowd-10000",
        "400,000 messages a second, each in a datagram of its own since each goes to another address and at once: the \
         machine's limit, a system call for each, is in the table of limits. quinn delivers nearly all by gathering what is \
         late, several messages of a connection to a packet, hundreds of milliseconds late; ours sends each as it comes and \
         falls behind in reading. Besides, half of the time goes into cache misses on the states of ten thousand \
         connections: no function stands out, and none takes more than 5 %.",
    ),
    (
        "loss-5-game",
        "It was 0.58x, 0.63x and 0.75x GNS's in three runs. A message that was lost once takes about 95 ms: the way there, up \
         to 17 ms until the next packet shows the hole, 3 ms of grace, and the round trip of report and repetition; the rest \
         is two processors on which six peers and their paths run at the same time.",
    ),
    (
        "bottleneck-bulk",
        "Of a packet of 1,472 bytes the wire format takes 40: header 9, acknowledgement and stop-waiting 8, place in the \
         stream 7, tag 16; Ethernet, IP and UDP take 42 more. That leaves 94.6 % of the link at most, whoever fills it.",
    ),
];

/// Every target with its verdict, as far as the run has what it needs.
pub(super) fn table(results: &Results) -> String {
    let mut lines = vec!["## Targets\n".to_owned()];
    lines.push("| target | wanted | ours | against | ratio | verdict |".to_owned());
    lines.push("|---|---|---|---|---|---|".to_owned());
    for target in TARGETS {
        let wanted = match target.want {
            AtLeast(ratio) => format!("at least {ratio}x"),
            AtMost(ratio) => format!("at most {ratio}x"),
        };
        let told = match verdict(target, results) {
            Some(Verdict { ratio, ours, theirs, met }) => format!(
                "{} | {} | {}x | {}",
                number(ours),
                number(theirs),
                number(ratio),
                if met { "pass" } else { "**short**" }
            ),
            None => "- | - | - | not measured".to_owned(),
        };
        lines.push(format!("| {} | {wanted} | {told} |", target.text));
    }
    lines.extend(reasons(results));
    lines.join("\n") + "\n"
}

/// Why targets are missed, a line for each work.
fn reasons(results: &Results) -> Vec<String> {
    let is_short = |work: &str| {
        let mut targets = TARGETS.iter().filter(|target| target.work == work);
        targets.any(|target| verdict(target, results).is_some_and(|verdict| !verdict.met))
    };
    let mut lines = vec![String::new()];
    for (work, reason) in REASONS.iter().filter(|(work, _)| is_short(work)) {
        lines.push(format!("- `{work}` is short: {reason}"));
    }
    lines
}

fn verdict(target: &Target, results: &Results) -> Option<Verdict> {
    let median = |peer| results.figure(target.work, peer, target.figure).map(|spread| spread.median);
    let ours = median(Ours)?;
    let theirs = match target.against {
        Peer(peer) => median(peer)?,
        Value(value) => value,
        LowestOf(peers) => peers.iter().filter_map(|peer| median(*peer)).min_by(f64::total_cmp)?,
    };
    let ratio = ours / theirs;
    let met = match target.want {
        AtLeast(wanted) => ratio >= wanted,
        AtMost(wanted) => ratio <= wanted,
    };
    Some(Verdict { ratio, ours, theirs, met })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::plan::plan;

    #[test]
    fn every_target_is_about_work_that_is_planned() {
        let works: Vec<String> = plan(false).into_iter().map(|work| work.id).collect();
        assert!(REASONS.iter().all(|(work, _)| TARGETS.iter().any(|target| target.work == *work)));
        for target in TARGETS {
            assert!(works.iter().any(|work| work == target.work), "{}", target.work);
        }
    }
}
