//! The law of the controller's steady phase: from what a round delivered, lost and waited to the next rate.

use core::time::Duration;

use super::delivery::Round;
use crate::time::Timestamp;

/// The wait aimed at by a flow of [`TARGET_RATE`], seconds; that of others goes with the square root of their rates.
const TARGET: f64 = 0.011_5;
const TARGET_RATE: f64 = 62_500.0;
const TARGET_MIN: f64 = 0.000_7;
const TARGET_MAX: f64 = 0.03;
/// Growth per round is such that what it queues before it shows waits no longer than this, seconds.
const OVERSHOOT: f64 = 0.01;
/// No round lowers the rate by more than this share.
const DECREASE_MAX: f64 = 0.3;
/// Growth speeds up by this factor in each round without a wait, up to the limit.
const SPEED_UP: f64 = 1.5;
const SPEED_MAX: f64 = 1_024.0;
/// So many rounds without a wait come first.
const FREE_ROUNDS: u32 = 8;
/// Loss beyond what is usual that stops all growth.
const EXCESS_LOSS: f64 = 0.03;
/// Loss beyond what is usual that lowers the rate by half as much, wait or no wait.
const EXCESS_LOSS_MAX: f64 = 0.08;
/// Usual loss is made up for up to this share.
const USUAL_LOSS_MAX: f64 = 0.12;
/// More smoothed loss than this calls for an explanation.
const UNEXPLAINED_LOSS: f64 = 0.05;
/// Loss alone, without a wait, does not lower the rate below this, bytes per second: a bad link still carries a game. More
/// would keep many flows that share a small buffer from making room for each other.
const LOSSY_RATE_MIN: f64 = 24_000.0;
/// Weight of a round in the smoothed loss.
const LOSS_WEIGHT: f64 = 0.2;
/// The usual loss is the least smoothed loss of about so many rounds.
const LOSS_ROUNDS: u32 = 16;
/// By how much the smoothed loss of short rounds exceeds its least by chance.
const LOSS_SPREAD: f64 = 0.04;
/// So many flows like ours share a path at most. If packets wait for longer than those would let them, by this factor
/// and for so many rounds, the queue is somebody else's.
const CONTENDED_FLOWS: f64 = 16.0;
const CONTENDED: f64 = 1.5;
const CONTENDED_ROUNDS: u32 = 8;
/// And if we have been squeezed to this share of what the path once delivered to us.
const SQUEEZED: f64 = 0.125;
/// The target then rises by this factor each round, and falls by the other on loss.
const CONTEND: f64 = 1.2;
const YIELD: f64 = 0.6;
const CONTEND_MAX: f64 = 32.0;
/// A flow that uses less than this share of its rate is limited by its application.
const USES_RATE: f64 = 0.75;
/// An acknowledgement is this late at most, seconds.
const ACK_GAP_MAX: f64 = 0.05;
/// The loop's time constant is not shorter than this, seconds.
const TIME_CONSTANT_MIN: f64 = 0.04;

/// Jitter is believed up to this, seconds.
const JITTER_MAX: f64 = 0.02;

/// What the steering has to know of the path, seconds.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// The shortest round trip.
    pub round_trip: f64,
    /// By how much round trips differ from one sample to the next.
    pub jitter: f64,
}

/// Steers the rate.
#[derive(Clone, Debug)]
pub struct Steering {
    /// What the last round delivered, bytes per second.
    delivered: f64,
    speed: f64,
    free_rounds: u32,
    loss: UsualLoss,
    /// Rounds in a row in which packets waited for too long.
    long_waits: u32,
    /// The target is this many times what it would be on a path of our own.
    contention: f64,
    /// The most that was delivered, bytes per second.
    peak: f64,
    last_ack: Option<Timestamp>,
    ack_gap: f64,
}

impl Default for Steering {
    fn default() -> Self {
        Self {
            delivered: 0.0,
            speed: 1.0,
            free_rounds: 0,
            loss: UsualLoss::default(),
            long_waits: 0,
            contention: 1.0,
            peak: 0.0,
            last_ack: None,
            ack_gap: ACK_GAP_MAX,
        }
    }
}

impl Steering {
    /// The path is known to deliver `rate`.
    pub fn begin(&mut self, rate: f64) {
        self.delivered = rate;
        self.resume();
        self.peak = self.peak.max(rate);
        self.loss.begin();
    }

    /// The path was not used as the rate allows for a while.
    pub fn resume(&mut self) {
        self.speed = 1.0;
        self.free_rounds = 0;
    }

    /// Whether the queue seems to be somebody else's.
    pub fn is_contended(&self) -> bool {
        self.contention > 1.0 || self.long_waits > 0
    }

    /// Whether packets get lost for no reason that shows.
    pub fn loses_much(&self) -> bool {
        self.loss.smoothed() > UNEXPLAINED_LOSS
    }

    /// An acknowledgement came: how often they come decides how fast the loop may be.
    pub fn heard(&mut self, now: Timestamp) {
        if let Some(last) = self.last_ack {
            let gap = now.since(last).min(Duration::from_millis(50)).as_secs_f64();
            self.ack_gap += (gap - self.ack_gap) / 16.0;
        }
        self.last_ack = Some(now);
    }

    /// How long packets of a flow of `rate` may wait where round trips differ by `jitter` by themselves, seconds.
    pub fn target(&self, rate: f64, jitter: f64) -> f64 {
        self.own_target(rate) * self.contention + jitter.min(JITTER_MAX)
    }

    /// The same on a path of our own.
    fn own_target(&self, rate: f64) -> f64 {
        (TARGET * (TARGET_RATE / rate.max(1.0)).sqrt()).clamp(TARGET_MIN, TARGET_MAX)
    }

    /// A round of Startup ended.
    pub fn starting(&mut self, round: &Round) {
        self.loss.record(round.loss, true);
    }

    /// The next rate after a `round` sent at `rate` in which packets waited for `wait` on `path`.
    pub fn steer(&mut self, rate: f64, round: &Round, wait: f64, path: Trip) -> f64 {
        let target = self.target(round.delivery_rate, path.jitter);
        // Only where nothing waits, loss has nothing to do with what we send.
        let usual_loss = self.loss.record(round.loss, wait < target);
        let excess_loss = (round.loss.min(self.loss.smoothed()) - usual_loss).max(0.0);
        let made_up = self.loss.smoothed().min(usual_loss + LOSS_SPREAD).min(USUAL_LOSS_MAX);
        let sent = round.delivery_rate / (1.0 - if wait < target { made_up } else { usual_loss });
        self.peak = self.peak.max(sent);
        if round.app_limited && sent < USES_RATE * rate {
            return self.hold(rate, sent, wait, target);
        }
        self.contend(sent, (wait - path.jitter).max(0.0), excess_loss);
        let before = core::mem::replace(&mut self.delivered, sent);
        // While nothing waits, a poor round is chance; else it is our share.
        let base = if wait < target { sent.max(before) } else { sent };
        let delay = path.round_trip + self.ack_gap;
        let growth_max = OVERSHOOT / (delay + OVERSHOOT);
        let free = wait < target / 2.0 && excess_loss < EXCESS_LOSS / 2.0 && sent > 0.9 * before;
        self.free_rounds = if free { self.free_rounds + 1 } else { 0 };
        self.speed = match self.free_rounds {
            0 => 1.0,
            1..FREE_ROUNDS => self.speed,
            _ => (self.speed * SPEED_UP).min(SPEED_MAX),
        };
        let time_constant = (4.0 * delay).max(TIME_CONSTANT_MIN);
        let mut change = (target - wait) / time_constant;
        if change > 0.0 {
            change = (change * self.speed).min(growth_max) * (1.0 - excess_loss / EXCESS_LOSS).max(0.0);
        }
        if excess_loss > EXCESS_LOSS_MAX {
            change = change.min(-excess_loss / 2.0);
        }
        // What a round delivered was sent one round before: growth in between is kept while nothing waits.
        let base = if wait < target / 2.0 { base.max(rate.min(base * (1.0 + growth_max))) } else { base };
        let next =
            base.clamp(rate * (1.0 - DECREASE_MAX), rate * (1.0 + growth_max)) * (1.0 + change.max(-DECREASE_MAX));
        if wait < target { next.max(rate.min(LOSSY_RATE_MIN)) } else { next }
    }

    /// The application does not use the rate: it neither grows nor, while the path is free, shrinks.
    fn hold(&mut self, rate: f64, sent: f64, wait: f64, target: f64) -> f64 {
        self.resume();
        if wait <= 2.0 * target { rate } else { (rate * 0.85).max(rate.min(sent / USES_RATE)) }
    }

    /// Raises the target while a queue stays that is not ours.
    fn contend(&mut self, sent: f64, wait: f64, excess_loss: f64) {
        let own_target = self.own_target(sent);
        let foreign = CONTENDED * self.own_target(self.peak / CONTENDED_FLOWS);
        if wait < 1.5 * own_target || sent > 2.0 * SQUEEZED * self.peak {
            self.long_waits = 0;
            self.contention = (self.contention * YIELD).max(1.0);
        } else if wait > foreign && sent < SQUEEZED * self.peak {
            self.long_waits += 1;
        }
        if self.long_waits < CONTENDED_ROUNDS {
            return;
        }
        if excess_loss > EXCESS_LOSS / 3.0 {
            // As Cubic would: a step back, and then some time before the next one ahead.
            self.long_waits = 0;
            self.contention = (self.contention * YIELD).max(1.0);
            return;
        }
        self.contention = (self.contention * CONTEND).min(CONTEND_MAX);
    }
}

/// The loss that is there whatever we do: the least of the smoothed loss over some rounds in which nothing waited.
#[derive(Clone, Debug, Default)]
struct UsualLoss {
    smoothed: f64,
    /// The least of the current stretch of rounds and of the one before.
    least: [f64; 2],
    rounds: u32,
}

impl UsualLoss {
    /// Begins with what was seen so far.
    fn begin(&mut self) {
        self.least = [self.smoothed; 2];
    }

    /// Takes a round's loss; answers what is usual.
    fn record(&mut self, loss: f64, path_is_free: bool) -> f64 {
        self.smoothed += LOSS_WEIGHT * (loss - self.smoothed);
        if path_is_free {
            self.rounds += 1;
            if self.rounds >= LOSS_ROUNDS {
                self.rounds = 0;
                self.least = [self.smoothed, self.least[0]];
            }
        }
        self.least[0] = self.least[0].min(self.smoothed);
        self.least[0].min(self.least[1]).min(USUAL_LOSS_MAX)
    }

    fn smoothed(&self) -> f64 {
        self.smoothed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIP: Trip = Trip { round_trip: 0.04, jitter: 0.0 };

    fn round(delivery_rate: f64, loss: f64) -> Round {
        Round { delivery_rate, loss, app_limited: false }
    }

    /// Steers on a path of `capacity` that loses `loss`, whose queue is what is sent too much; answers rate and wait.
    fn settle(rates: &mut [f64], capacity: f64, loss: f64, rounds: u32) -> f64 {
        let mut steerings = vec![Steering::default(); rates.len()];
        steerings.iter_mut().zip(rates.iter()).for_each(|(steering, rate)| steering.begin(*rate));
        let mut wait = 0.0;
        for _ in 0..rounds {
            let total: f64 = rates.iter().sum();
            wait = (wait + TRIP.round_trip * (total * (1.0 - loss) / capacity - 1.0)).max(0.0);
            for (rate, steering) in rates.iter_mut().zip(&mut steerings) {
                let delivered = *rate * (1.0 - loss) * if wait > 0.0 { capacity / (total * (1.0 - loss)) } else { 1.0 };
                *rate = steering.steer(*rate, &round(delivered, loss), wait, TRIP);
            }
        }
        wait
    }

    #[test]
    fn one_flow_fills_the_path_and_holds_its_wait() {
        let mut rates = [200_000.0];
        let wait = settle(&mut rates, 1_000_000.0, 0.0, 400);
        assert!((rates[0] - 1_000_000.0).abs() < 20_000.0, "{rates:?}");
        let target = Steering::default().target(1_000_000.0, 0.0);
        assert!((wait - target).abs() < target / 3.0, "{wait} instead of {target}");
    }

    #[test]
    fn usual_loss_is_made_up_for() {
        let mut rates = [500_000.0];
        settle(&mut rates, 1_000_000.0, 0.05, 400);
        assert!(rates[0] * 0.95 > 950_000.0, "{rates:?}");
    }

    #[test]
    fn unequal_flows_become_equal() {
        let mut rates = [900_000.0, 100_000.0];
        settle(&mut rates, 1_000_000.0, 0.0, 1_500);
        let ratio = rates[0] / rates[1];
        assert!((0.8..1.25).contains(&ratio), "{rates:?}");
    }

    #[test]
    fn an_application_that_sends_little_keeps_its_rate_until_the_path_is_crowded() {
        let mut steering = Steering::default();
        steering.begin(500_000.0);
        let little = Round { app_limited: true, ..round(20_000.0, 0.0) };
        assert_eq!(steering.steer(500_000.0, &little, 0.0, TRIP), 500_000.0);
        assert!(steering.steer(500_000.0, &little, 0.2, TRIP) < 450_000.0);
    }

    #[test]
    fn heavy_loss_without_a_wait_lowers_the_rate() {
        let mut steering = Steering::default();
        steering.begin(1_000_000.0);
        let mut rate = 1_000_000.0;
        for _ in 0..10 {
            rate = steering.steer(rate, &round(0.6 * rate, 0.4), 0.0, TRIP);
        }
        assert!(rate < 500_000.0, "{rate}");
    }

    #[test]
    fn a_queue_that_stays_although_we_are_squeezed_is_contended_for_until_it_overflows() {
        let mut steering = Steering::default();
        steering.begin(1_000_000.0);
        let own = steering.target(50_000.0, 0.0);
        (0..30).for_each(|_| {
            steering.steer(50_000.0, &round(50_000.0, 0.0), 0.08, TRIP);
        });
        let contended = steering.target(50_000.0, 0.0);
        assert!(steering.is_contended() && contended > 3.0 * own, "{contended} for {own}");
        (0..3).for_each(|_| {
            steering.steer(50_000.0, &round(50_000.0, 0.1), 0.08, TRIP);
        });
        assert!(steering.target(50_000.0, 0.0) < contended);
    }
}
