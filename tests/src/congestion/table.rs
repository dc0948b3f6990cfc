//! The trials as a Markdown page, each target with its verdict.

use core::fmt::Write as _;
use core::time::Duration;

use super::report::Report;
use super::scenarios::{self as trials, path};

const SECOND: Duration = Duration::from_secs(1);
/// How long a flow is measured after its warm-up: less where a second holds many packets.
const LENGTH: Duration = Duration::from_secs(30);
const LENGTH_FAST: Duration = Duration::from_secs(10);

/// Runs the trials of a section and writes them down.
type Section = fn(&mut Page);

/// The page.
pub struct Page {
    text: String,
    missed: Vec<String>,
    verdicts: usize,
}

impl Page {
    /// Runs everything; `progress` hears of each section.
    pub fn make(progress: impl Fn(&str)) -> Self {
        let mut page = Self { text: HEAD.to_owned(), missed: Vec::new(), verdicts: 0 };
        let sections: [(&str, Section); 8] = [
            ("One flow", Self::one_flow),
            ("One flow on a path with jitter", Self::jitter),
            ("Several flows", Self::several_flows),
            ("Beside Cubic", Self::beside_cubic),
            ("A stall of one second", Self::stalls),
            ("A game's updates beside bulk data", Self::updates),
            ("Unreliable data only", Self::unreliable),
            ("For comparison: GNS's fixed rate", Self::fixed),
        ];
        for (title, section) in sections {
            progress(title);
            let _ = write!(page.text, "\n## {title}\n\n");
            section(&mut page);
        }
        page.sum_up();
        page
    }

    /// As Markdown.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The targets that were missed.
    pub fn missed(&self) -> &[String] {
        &self.missed
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A verdict on targets: (what, met).
    fn verdict(&mut self, trial: &str, targets: &[(String, bool)]) -> String {
        self.verdicts += targets.len();
        let missed: Vec<&str> = targets.iter().filter(|(_, met)| !met).map(|(what, _)| what.as_str()).collect();
        for what in &missed {
            self.missed.push(format!("{trial}: {what}"));
        }
        match (targets.is_empty(), missed.is_empty()) {
            (true, _) => "-".to_owned(),
            (false, true) => "met".to_owned(),
            (false, false) => format!("**missed**: {}", missed.join(", ")),
        }
    }

    fn one_flow(&mut self) {
        self.line("| Mbit/s | delay | random loss | goodput | wait p50 | wait p99 | p99 with the start | dropped | dropped with the start | full after | targets |");
        self.line("|---|---|---|---|---|---|---|---|---|---|---|");
        for megabits in trials::MEGABITS {
            for delay in trials::DELAYS_MS {
                for loss in trials::LOSSES {
                    let path = path(megabits, delay).with_loss(loss);
                    let buffer_ms = path.buffer_bytes() as f64 / path.bytes_per_second() as f64 * 1e3;
                    let report = trials::alone(path, length(megabits));
                    let name = format!("{megabits} Mbit/s, {delay} ms, {}", percent(loss));
                    let mut targets = Vec::new();
                    if loss <= 0.02 {
                        let wanted = if loss == 0.0 { trials::GOODPUT_CLEAN } else { trials::GOODPUT_LOSSY };
                        targets.push((format!("goodput {}", percent(report.goodput())), report.goodput() >= wanted));
                    }
                    if buffer_ms > trials::WAIT_MS {
                        let wait = report.wait_ms(0.99);
                        targets.push((format!("wait {wait:.0} ms"), wait < trials::WAIT_MS));
                    }
                    let verdict = self.verdict(&name, &targets);
                    self.line(&format!(
                        "| {megabits} | {delay} ms | {} | {} | {verdict} |",
                        percent(loss),
                        figures(&report)
                    ));
                }
            }
        }
    }

    fn jitter(&mut self) {
        self.line("Every packet is late by up to so much, there and back; order is kept. No target.\n");
        self.line("| Mbit/s | delay | jitter | goodput | wait p50 | wait p99 | p99 with the start | dropped | dropped with the start | full after |");
        self.line("|---|---|---|---|---|---|---|---|---|---|");
        for megabits in [2.0, 10.0, 100.0] {
            for jitter in [5, 20] {
                let report = trials::jittery(path(megabits, 20), Duration::from_millis(jitter), length(megabits));
                self.line(&format!("| {megabits} | 20 ms | {jitter} ms | {} |", figures(&report)));
            }
        }
    }

    fn several_flows(&mut self) {
        self.line("| Mbit/s | delay | flows | goodput | Jain's index | smallest share | largest share | wait p50 | wait p99 | dropped | targets |");
        self.line("|---|---|---|---|---|---|---|---|---|---|---|");
        let apart = [Duration::from_millis(37), 2 * SECOND];
        for (megabits, delay) in [(10.0, 10), (10.0, 50), (100.0, 10), (100.0, 50)] {
            for (count, apart) in [(2, apart[0]), (2, apart[1]), (10, apart[0]), (10, apart[1])] {
                let warm_up = 25 * SECOND + count * apart;
                let report = trials::sharing(path(megabits, delay), count, apart, warm_up, 25 * SECOND);
                let seconds = apart.as_secs_f64();
                let name = format!("{count} flows {seconds} s apart, {megabits} Mbit/s, {delay} ms");
                let fairness = report.fairness();
                let targets = [(format!("Jain's index {fairness:.2}"), fairness > trials::FAIRNESS)];
                let verdict = self.verdict(&name, if count == 10 { &targets } else { &[] });
                let (least, most) = report.shares.iter().fold((1.0_f64, 0.0_f64), |(a, b), s| (a.min(*s), b.max(*s)));
                self.line(&format!(
                    "| {megabits} | {delay} ms | {count}, {seconds} s apart | {} | {fairness:.3} | {} | {} | {:.1} ms | {:.1} ms | {} | {verdict} |",
                    percent(report.goodput()),
                    percent(least),
                    percent(most),
                    report.wait_ms(0.5),
                    report.wait_ms(0.99),
                    percent(report.dropped_later)
                ));
            }
        }
    }

    fn beside_cubic(&mut self) {
        self.line("No target: the share of each is told. Half each would be fair.\n");
        self.line("| Mbit/s | delay | ours | Cubic | wait p50 | wait p99 | dropped |");
        self.line("|---|---|---|---|---|---|---|");
        for (megabits, delay) in [(2.0, 50), (10.0, 20), (10.0, 50), (10.0, 100), (100.0, 20)] {
            let report = trials::beside_cubic(path(megabits, delay), 40 * SECOND);
            self.line(&format!(
                "| {megabits} | {delay} ms | {} | {} | {:.1} ms | {:.1} ms | {} |",
                percent(report.shares[0]),
                percent(report.shares[1]),
                report.wait_ms(0.5),
                report.wait_ms(0.99),
                percent(report.dropped_later)
            ));
        }
    }

    fn stalls(&mut self) {
        self.line("| Mbit/s | delay | sent into the stall | 80 % again after | targets |");
        self.line("|---|---|---|---|---|");
        for (megabits, delay) in [(0.5, 50), (2.0, 50), (10.0, 10), (10.0, 50), (10.0, 200), (100.0, 50)] {
            let stall = trials::stalled(path(megabits, delay));
            let name = format!("stall, {megabits} Mbit/s, {delay} ms");
            let met = stall.recovered_after.is_some_and(|after| after <= trials::RECOVERY);
            let after = stall.recovered_after.map_or("never".to_owned(), |after| format!("{} ms", after.as_millis()));
            let verdict = self.verdict(&name, &[(format!("recovered after {after}"), met)]);
            self.line(&format!("| {megabits} | {delay} ms | {} | {after} | {verdict} |", percent(stall.flooded)));
        }
    }

    fn updates(&mut self) {
        self.line("200 bytes, 60 times a second, unreliable.\n");
        self.line("| Mbit/s | delay | bulk goodput | update p50 | update p99 | arrived | targets |");
        self.line("|---|---|---|---|---|---|---|");
        for megabits in trials::MEGABITS {
            for delay in [10, 50] {
                let report = trials::game_beside_bulk(path(megabits, delay), length(megabits));
                let name = format!("updates, {megabits} Mbit/s, {delay} ms");
                let p99 = report.latency_ms(0.99);
                let met = p99 < delay as f64 + trials::UPDATE_MS && report.updates_arrived > 0.97;
                let verdict = self.verdict(&name, &[(format!("p99 {p99:.0} ms"), met)]);
                self.line(&format!(
                    "| {megabits} | {delay} ms | {} | {:.1} ms | {p99:.1} ms | {} | {verdict} |",
                    percent(report.goodput()),
                    report.latency_ms(0.5),
                    percent(report.updates_arrived)
                ));
            }
        }
    }

    fn unreliable(&mut self) {
        self.line(
            "As much as goes, all of it unreliable: nothing is acknowledged unless the controller asks for it.\n",
        );
        self.line("| Mbit/s | delay | random loss | goodput | wait p50 | wait p99 | p99 with the start | dropped | dropped with the start | full after |");
        self.line("|---|---|---|---|---|---|---|---|---|---|");
        for (megabits, loss) in [(0.5, 0.0), (2.0, 0.0), (10.0, 0.0), (10.0, 0.02), (100.0, 0.0)] {
            let report = trials::unreliable(path(megabits, 50).with_loss(loss), length(megabits));
            self.line(&format!("| {megabits} | 50 ms | {} | {} |", percent(loss), figures(&report)));
        }
    }

    fn fixed(&mut self) {
        self.line("262,144 bytes a second, whatever the path does.\n");
        self.line("| Mbit/s | delay | random loss | goodput | wait p50 | wait p99 | p99 with the start | dropped | dropped with the start | full after |");
        self.line("|---|---|---|---|---|---|---|---|---|---|");
        for megabits in [0.5, 2.0, 10.0] {
            let report = trials::fixed_rate(path(megabits, 50), 262_144, length(megabits));
            self.line(&format!("| {megabits} | 50 ms | 0 % | {} |", figures(&report)));
        }
    }

    fn sum_up(&mut self) {
        let (verdicts, missed) = (self.verdicts, self.missed.len());
        let mut text = format!("\n## Targets\n\n{} of {verdicts} met.\n", verdicts - missed);
        if missed > 0 {
            text.push_str("\nMissed:\n\n");
            self.missed.iter().for_each(|what| {
                let _ = writeln!(text, "- {what}");
            });
        }
        text.push_str(NOTES);
        self.text.push_str(&text);
    }
}

fn length(megabits: f64) -> Duration {
    if megabits > 50.0 { LENGTH_FAST } else { LENGTH }
}

fn figures(report: &Report) -> String {
    let full = report.full_after.map_or("-".to_owned(), |after| format!("{:.1} s", after.as_secs_f64()));
    format!(
        "{} | {:.1} ms | {:.1} ms | {:.1} ms | {} | {} | {full}",
        percent(report.goodput()),
        report.wait_ms(0.5),
        report.wait_ms(0.99),
        report.wait_with_start_ms(0.99),
        percent(report.dropped_later),
        percent(report.dropped)
    )
}

fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value >= 10.0 || value == 0.0 { format!("{value:.0} %") } else { format!("{value:.2} %") }
}

const HEAD: &str = "\
<!-- Generated by `cargo xtask congestion`. Do not edit. -->

# Congestion control on trial

Made by `cargo xtask congestion`: the engine's connections on simulated paths, on a virtual clock, from fixed seeds, so
that every run gives the same page. How it works: `core/proto/src/congestion/controller.rs`.

- **delay** is one way, and the same back. The bottleneck's buffer holds one bandwidth-delay product (of the round trip),
  at least six packets; what does not fit is dropped (tail drop). Random loss comes on top, on the way there.
- **goodput** is payload read by the receiving application, as a share of the bottleneck's bandwidth. Headers take 3 %.
- **wait** is the time in the bottleneck's queue. **dropped** is the loss the flow itself causes: packets that met a full
  buffer.
- The start (25 round trips, at least 5 s) is left out, except where a column says otherwise. **full after**: when 80 %
  of the bandwidth were first reached, connecting included.
- Targets: goodput at least 90 % on a clean path and 80 % at 2 % random loss; wait below 50 ms for 99 % of the packets
  where the buffer holds more than that; Jain's index above 0.9 for ten flows; updates beside bulk data within the delay
  and 30 ms for 99 %; full again 1.5 s after a stall.
";

const NOTES: &str = "
Known limits, and why:

- The start overshoots: what is sent in the round trip before the queue shows fills the buffer of a fast path once.
- At 0.5 Mbit/s one full packet takes 21 ms on the wire and a round holds a dozen of them. An update waits for the packet
  before it, then travels behind those in the queue; smaller bulk packets would help, at the price of goodput. With
  random loss such short rounds are noisy, and so is the rate.
- At 10 % of random loss and long round trips on slow paths the loss is learnt too slowly to be made up for in full.
- Beside a flow that fills the buffer, as Cubic does, most goes to that flow: the wait is kept short until our share has
  fallen to an eighth of what the path once delivered, and only then is the queue contended for.
- Two flows on a long fast path that started apart come together slowly: the difference between what each of them lets
  wait is a fraction of a millisecond.
- Delay that varies packet by packet by as much as the path is long looks like a queue on a fast path.
";
