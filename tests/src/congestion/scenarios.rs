//! The trials and their targets.

use core::time::Duration;

use super::bottleneck::Path;
use super::flow::Load;
use super::report::Report;
use super::world::{START, Trial, World};

/// Bandwidths, Mbit/s.
pub const MEGABITS: [f64; 4] = [0.5, 2.0, 10.0, 100.0];
/// One-way delays, ms.
pub const DELAYS_MS: [u64; 4] = [10, 50, 100, 200];
/// Shares lost at random.
pub const LOSSES: [f64; 4] = [0.0, 0.02, 0.05, 0.1];

/// What is aimed at.
pub const GOODPUT_CLEAN: f64 = 0.9;
/// At 2 % of random loss.
pub const GOODPUT_LOSSY: f64 = 0.8;
/// For 99 % of the packets, ms, where the buffer itself holds more.
pub const WAIT_MS: f64 = 50.0;
/// Jain's index of ten flows.
pub const FAIRNESS: f64 = 0.9;
/// For 99 % of a game's updates beside bulk data, on top of the path's delay, ms.
pub const UPDATE_MS: f64 = 30.0;
/// How soon after a stall the path is full again.
pub const RECOVERY: Duration = Duration::from_millis(1_500);

/// A path of so many megabits per second.
pub fn path(megabits: f64, delay_ms: u64) -> Path {
    Path::new((megabits * 1e6) as u64, delay_ms)
}

/// How long the start of a flow takes that is not counted: 25 round trips, at least 5 s.
pub fn warm_up(path: &Path) -> Duration {
    (25 * path.round_trip()).max(Duration::from_secs(5))
}

/// One flow alone; `length` counts after the warm-up.
pub fn alone(path: Path, length: Duration) -> Report {
    let warm_up = warm_up(&path);
    Trial::bulk(path, warm_up + length, warm_up).run()
}

/// `count` flows that start one after the other, and are compared once they had `warm_up` to settle.
pub fn sharing(path: Path, count: u32, apart: Duration, warm_up: Duration, length: Duration) -> Report {
    let flows = (0..count).map(|index| (Load::Bulk, index * apart)).collect();
    Trial { flows, ..Trial::bulk(path, warm_up + length, warm_up) }.run()
}

/// A flow beside one that does as Cubic does.
pub fn beside_cubic(path: Path, length: Duration) -> Report {
    let warm_up = warm_up(&path);
    Trial { cubic: true, ..Trial::bulk(path, warm_up + length, warm_up) }.run()
}

/// A game's 60 updates a second beside bulk data.
pub fn game_beside_bulk(path: Path, length: Duration) -> Report {
    let warm_up = warm_up(&path);
    let flows = vec![(Load::BulkAndGame, Duration::ZERO)];
    Trial { flows, ..Trial::bulk(path, warm_up + length, warm_up) }.run()
}

/// Unreliable bulk data, of which nothing is acknowledged unless it is asked for.
pub fn unreliable(path: Path, length: Duration) -> Report {
    let warm_up = warm_up(&path);
    let flows = vec![(Load::UnreliableBulk, Duration::ZERO)];
    Trial { flows, ..Trial::bulk(path, warm_up + length, warm_up) }.run()
}

/// A game alone, from its first update on.
pub fn game_alone(path: Path, length: Duration) -> Report {
    let flows = vec![(Load::Game, Duration::ZERO)];
    Trial { flows, ..Trial::bulk(path, length, Duration::ZERO) }.run()
}

/// One flow on a path whose delay varies by itself.
pub fn jittery(path: Path, jitter: Duration, length: Duration) -> Report {
    alone(Path { jitter, ..path }, length)
}

/// A fixed rate: GNS's way.
pub fn fixed_rate(path: Path, rate: u32, length: Duration) -> Report {
    let warm_up = warm_up(&path);
    Trial { rates: Some((rate, rate)), ..Trial::bulk(path, warm_up + length, warm_up) }.run()
}

/// What a stall did.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    /// Bytes that entered the path while nothing came back, as a share of what the stall's time could have carried.
    pub flooded: f64,
    /// After the stall, until the path carried 80 % of its bandwidth again over 100 ms; `None` if it did not.
    pub recovered_after: Option<Duration>,
}

/// One flow; everything is lost for a second.
pub fn stalled(path: Path) -> Stall {
    const STALL: Duration = Duration::from_secs(1);
    const STEP: Duration = Duration::from_millis(100);
    let from = START + warm_up(&path);
    let path = Path { stall: Some((from, from + STALL)), ..path };
    let capacity = path.bytes_per_second() as f64;
    let trial = Trial::bulk(path, Duration::from_secs(60), Duration::ZERO);
    let mut world = World::new(&trial);
    world.run_until(from);
    let sent = world.entered_bytes();
    world.run_until(from + STALL);
    let flooded = (world.entered_bytes() - sent) as f64 / capacity / STALL.as_secs_f64();
    let mut recovered_after = None;
    while recovered_after.is_none() && world.now() < from + 10 * STALL {
        // Payload that waited for what the stall swallowed arrives at once: what passes the bottleneck counts.
        let before = world.passed_bytes();
        world.run_until(world.now() + STEP);
        if (world.passed_bytes() - before) as f64 / STEP.as_secs_f64() >= 0.8 * capacity {
            recovered_after = Some(world.now().since(from + STALL));
        }
    }
    Stall { flooded, recovered_after }
}
