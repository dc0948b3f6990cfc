//! The congestion control's targets, on the quick ones of the trials behind `docs/CONGESTION.md`.

use core::time::Duration;

use gamesockets_tests::congestion::scenarios::{self as trials, path};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_clean_path_is_filled_and_its_queue_is_short() {
    for (megabits, delay) in [(0.5, 10), (0.5, 100), (2.0, 50), (10.0, 10), (10.0, 100), (100.0, 10)] {
        let length = if megabits > 50.0 { SECOND } else { 15 * SECOND };
        let report = trials::alone(path(megabits, delay), length);
        let goodput = report.goodput();
        assert!(goodput >= trials::GOODPUT_CLEAN, "{megabits} Mbit/s, {delay} ms: goodput {goodput}");
        assert!(goodput < 1.0, "more than the path carries");
        let wait = report.wait_ms(0.99);
        assert!(wait < trials::WAIT_MS, "{megabits} Mbit/s, {delay} ms: 99 % wait below {wait} ms");
    }
}

#[test]
fn random_loss_does_not_lower_the_rate() {
    for (megabits, delay, loss, wanted) in
        [(0.5, 50, 0.02, trials::GOODPUT_LOSSY), (2.0, 100, 0.02, trials::GOODPUT_LOSSY), (10.0, 50, 0.1, 0.75)]
    {
        let report = trials::alone(path(megabits, delay).with_loss(loss), 20 * SECOND);
        let goodput = report.goodput();
        assert!(goodput >= wanted, "{megabits} Mbit/s, {delay} ms, {loss}: goodput {goodput}");
    }
}

#[test]
fn ten_flows_get_equal_shares() {
    let report = trials::sharing(path(10.0, 50), 10, Duration::from_millis(37), 25 * SECOND, 15 * SECOND);
    let (fairness, goodput) = (report.fairness(), report.goodput());
    assert!(fairness > trials::FAIRNESS && goodput > trials::GOODPUT_CLEAN, "{fairness}, {goodput}: {report:?}");
    assert!(report.wait_ms(0.99) < trials::WAIT_MS, "{} ms", report.wait_ms(0.99));
}

#[test]
fn a_stall_is_not_flooded_and_is_recovered_from() {
    for (megabits, delay) in [(2.0, 50), (10.0, 10)] {
        let stall = trials::stalled(path(megabits, delay));
        assert!(stall.flooded < 0.8, "{stall:?}");
        assert!(stall.recovered_after.is_some_and(|after| after <= trials::RECOVERY), "{stall:?}");
    }
}

#[test]
fn updates_are_not_held_up_by_bulk_data_on_a_lane_of_lower_priority() {
    for (megabits, delay) in [(2.0, 50), (10.0, 10)] {
        let report = trials::game_beside_bulk(path(megabits, delay), 15 * SECOND);
        let (late, arrived) = (report.latency_ms(0.99), report.updates_arrived);
        assert!(late < delay as f64 + trials::UPDATE_MS, "{megabits} Mbit/s: 99 % within {late} ms");
        assert!(arrived > 0.97 && report.goodput() > 0.85, "{arrived} arrived, goodput {}", report.goodput());
    }
}

#[test]
fn a_game_begins_at_once() {
    let report = trials::game_alone(path(0.5, 50), 5 * SECOND);
    assert!(report.latency_ms(1.0) < 80.0 && report.updates_arrived > 0.97, "{} ms", report.latency_ms(1.0));
}

#[test]
fn unreliable_data_alone_adapts_too() {
    for (megabits, loss) in [(0.5, 0.0), (10.0, 0.02)] {
        let report = trials::unreliable(path(megabits, 50).with_loss(loss), 10 * SECOND);
        let (goodput, dropped) = (report.goodput(), report.dropped_later);
        assert!(goodput > 0.85 && dropped < 0.02, "{megabits} Mbit/s: goodput {goodput}, dropped {dropped}");
    }
}

#[test]
fn equal_bounds_are_a_fixed_rate_whatever_the_path_does() {
    let report = trials::fixed_rate(path(10.0, 20).with_loss(0.05), 262_144, 10 * SECOND);
    let rate = report.goodput() * 1_250_000.0;
    assert!((225_000.0..262_144.0).contains(&rate), "{rate} B/s of payload");
    let narrow = trials::fixed_rate(path(0.5, 20), 262_144, 5 * SECOND);
    assert!(narrow.dropped_later > 0.7, "four times what the path carries: {}", narrow.dropped_later);
}
