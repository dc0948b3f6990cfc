//! The law of the controller's steady phase: from what a round delivered, lost and waited to the next rate.

use core::time::Duration;

use super::delivery::Round;
use crate::time::Timestamp;

/// The wait aimed at by a flow of [`TARGET_RATE`], seconds; that of others goes with the square root of their rates.
const TARGET: f64 = 0.014;
const TARGET_RATE: f64 = 62_500.0;
const TARGET_MIN: f64 = 0.002;
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

    /// How long packets of a flow of `rate` may wait, seconds.
    pub fn target(&self, rate: f64) -> f64 {
        self.own_target(rate) * self.contention
    }

    /// The same on a path of our own.
    fn own_target(&self, rate: f64) -> f64 {
        (TARGET * (TARGET_RATE / rate.max(1.0)).sqrt()).clamp(TARGET_MIN, TARGET_MAX)
    }

    /// A round of Startup ended.
    pub fn starting(&mut self, round: &Round) {
        self.loss.record(round.loss, true);
    }

    /// The next rate after a `round` sent at `rate` in which packets waited for `wait` on a path of `round_trip` seconds.
    pub fn steer(&mut self, rate: f64, round: &Round, wait: f64, round_trip: f64) -> f64 {
        let target = self.target(round.delivery_rate);
        // Only where nothing waits, loss has nothing to do with what we send.
        let usual_loss = self.loss.record(round.loss, wait < target);
        let excess_loss = (round.loss.min(self.loss.smoothed()) - usual_loss).max(0.0);
        let made_up = self.loss.smoothed().min(usual_loss + LOSS_SPREAD).min(USUAL_LOSS_MAX);
        let sent = round.delivery_rate / (1.0 - if wait < target { made_up } else { usual_loss });
        self.peak = self.peak.max(sent);
        if round.app_limited && sent < USES_RATE * rate {
            return self.hold(rate, sent, wait, target);
        }
        self.contend(wait, target, excess_loss);
        let before = core::mem::replace(&mut self.delivered, sent);
        // While nothing waits, a poor round is chance; else it is our share.
        let base = if wait < target { sent.max(before) } else { sent };
        let delay = round_trip + self.ack_gap;
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
        base.clamp(rate * (1.0 - DECREASE_MAX), rate * (1.0 + growth_max)) * (1.0 + change.max(-DECREASE_MAX))
    }

    /// The application does not use the rate: it neither grows nor, while the path is free, shrinks.
    fn hold(&mut self, rate: f64, sent: f64, wait: f64, target: f64) -> f64 {
        self.resume();
        if wait <= 2.0 * target { rate } else { (rate * 0.85).max(rate.min(sent / USES_RATE)) }
    }

    /// Raises the target while a queue stays that is not ours.
    fn contend(&mut self, wait: f64, target: f64, excess_loss: f64) {
        let own_target = target / self.contention;
        let foreign = CONTENDED * self.own_target(self.peak / CONTENDED_FLOWS);
        if wait < 1.5 * own_target {
            self.long_waits = 0;
            self.contention = (self.contention * YIELD).max(1.0);
        } else if wait > foreign {
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
