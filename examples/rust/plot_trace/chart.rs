//! Panels over one axis of time, as SVG.

use std::fmt::Write as _;

use crate::trace::Point;

const LEFT: f64 = 74.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 78.0;
const PANEL_HEIGHT: f64 = 130.0;
const PANEL_GAP: f64 = 44.0;
const BOTTOM: f64 = 44.0;
/// About how many lines a panel has across, and how many there are along the time.
const LINES_ACROSS: f64 = 5.0;
const LINES_ALONG: f64 = 12.0;
/// Labels of marks closer together than this many pixels are put one below the other.
const MARK_SPACING: f64 = 110.0;

/// The picture.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// Seconds.
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) marks: Vec<Mark<'a>>,
    pub(crate) panels: &'a [Panel],
}

/// A moment worth a line through all panels.
pub(crate) struct Mark<'a> {
    pub(crate) at: f64,
    pub(crate) label: &'a str,
}

/// Curves that share an axis.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) series: Vec<Series>,
}

/// One curve.
pub(crate) struct Series {
    pub(crate) label: &'static str,
    pub(crate) color: &'static str,
    pub(crate) style: Style,
    pub(crate) points: Vec<Point>,
}

/// How a curve is drawn.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// From point to point.
    Line,
    /// A value holds until the next.
    Steps,
    /// The same, filled below.
    Area,
    /// One bar for each value, this many seconds wide.
    Bars(f64),
}

/// Where a panel lies, and what it maps there.
struct Frame {
    x: f64,
    width: f64,
    /// Of its lower edge.
    y: f64,
    start: f64,
    seconds: f64,
    top_value: f64,
}

impl Chart<'_> {
    /// The picture, `width` pixels wide.
    pub(crate) fn svg(&self, width: f64) -> String {
        let height = TOP + self.panels.len() as f64 * (PANEL_HEIGHT + PANEL_GAP) - PANEL_GAP + BOTTOM;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        text(&mut svg, LEFT, 22.0, "font-size=\"15\" font-weight=\"bold\"", self.title);
        let frame = |index: usize| Frame {
            x: LEFT,
            width: width - LEFT - RIGHT,
            y: TOP + index as f64 * (PANEL_HEIGHT + PANEL_GAP) + PANEL_HEIGHT,
            start: self.start,
            seconds: (self.end - self.start).max(1e-3),
            top_value: self.panels[index].top_value(),
        };
        for (index, panel) in self.panels.iter().enumerate() {
            panel.draw(&mut svg, &frame(index), index + 1 == self.panels.len());
        }
        if !self.panels.is_empty() {
            self.draw_marks(&mut svg, &frame(0), height - BOTTOM);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn draw_marks(&self, svg: &mut String, frame: &Frame, bottom: f64) {
        let mut row_ends = [f64::NEG_INFINITY; 2];
        for mark in &self.marks {
            let x = frame.at(mark.at);
            line(svg, (x, TOP - 18.0), (x, bottom), "stroke=\"#222\" stroke-dasharray=\"2 3\" stroke-opacity=\"0.6\"");
            let row = usize::from(row_ends[0] > x);
            row_ends[row] = x + MARK_SPACING;
            let near_the_end = x > frame.x + frame.width - MARK_SPACING;
            let (shift, anchor) = if near_the_end { (-4.0, "end") } else { (4.0, "start") };
            let attributes = format!("fill=\"#222\" font-size=\"11\" text-anchor=\"{anchor}\"");
            text(svg, x + shift, TOP - 22.0 - 13.0 * row as f64, &attributes, mark.label);
        }
    }
}

impl Panel {
    fn top_value(&self) -> f64 {
        let values = self.series.iter().flat_map(|series| &series.points).map(|(_, value)| *value);
        let most = values.fold(0.0, f64::max);
        let step = self.step(most);
        (most / step).ceil().max(1.0) * step
    }

    /// How far lines across are apart. What is drawn as bars is counted in whole numbers.
    fn step(&self, most: f64) -> f64 {
        let counts = self.series.iter().any(|series| matches!(series.style, Style::Bars(_)));
        let step = nice_step(most / LINES_ACROSS);
        if counts { step.max(1.0) } else { step }
    }

    fn draw(&self, svg: &mut String, frame: &Frame, is_last: bool) {
        self.draw_grid(svg, frame, is_last);
        for series in &self.series {
            series.draw(svg, frame);
        }
        let y = frame.y - PANEL_HEIGHT - 6.0;
        text(svg, frame.x, y, "font-weight=\"bold\"", &format!("{} ({})", self.title, self.unit));
        let mut x = frame.x + 130.0;
        for series in &self.series {
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"8\" fill=\"{}\"/>",
                y - 8.0,
                series.color
            );
            text(svg, x + 19.0, y, "fill=\"#444\"", series.label);
            x += 46.0 + 7.0 * series.label.len() as f64;
        }
    }

    fn draw_grid(&self, svg: &mut String, frame: &Frame, is_last: bool) {
        let grid = "stroke=\"#e3e3e3\"";
        for value in ticks(0.0, frame.top_value, self.step(frame.top_value)) {
            let y = frame.height_of(value);
            line(svg, (frame.x, y), (frame.x + frame.width, y), grid);
            text(svg, frame.x - 6.0, y + 4.0, "text-anchor=\"end\" fill=\"#666\"", &short(value));
        }
        for second in ticks(frame.start, frame.start + frame.seconds, nice_step(frame.seconds / LINES_ALONG)) {
            let x = frame.at(second);
            line(svg, (x, frame.y), (x, frame.y - PANEL_HEIGHT), grid);
            if is_last {
                let label = format!("{} s", short(second));
                text(svg, x, frame.y + 18.0, "text-anchor=\"middle\" fill=\"#666\"", &label);
            }
        }
        line(svg, (frame.x, frame.y), (frame.x + frame.width, frame.y), "stroke=\"#888\"");
    }
}

impl Series {
    fn draw(&self, svg: &mut String, frame: &Frame) {
        let color = self.color;
        match self.style {
            Style::Bars(seconds) => {
                let width = (seconds / frame.seconds * frame.width * 0.9).max(1.5);
                for (at, value) in self.points.iter().filter(|(_, value)| *value > 0.0) {
                    let (x, y) = (frame.at(*at) - width / 2.0, frame.height_of(*value));
                    let _ = writeln!(
                        svg,
                        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{color}\"/>",
                        frame.y - y
                    );
                }
            }
            Style::Line => self.outline(svg, &frame.path(&self.points, false)),
            Style::Steps => self.outline(svg, &frame.path(&self.points, true)),
            Style::Area => {
                let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return };
                let path = frame.path(&self.points, true);
                let (from, to) = (frame.at(first.0), frame.at(last.0));
                let _ = writeln!(
                    svg,
                    "<path d=\"{path} L{to:.1} {y:.1} L{from:.1} {y:.1} Z\" fill=\"{color}\" fill-opacity=\"0.18\"/>",
                    y = frame.y
                );
                self.outline(svg, &path);
            }
        }
    }

    fn outline(&self, svg: &mut String, path: &str) {
        if !path.is_empty() {
            let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\"/>", self.color);
        }
    }
}

impl Frame {
    fn at(&self, second: f64) -> f64 {
        self.x + ((second - self.start) / self.seconds).clamp(0.0, 1.0) * self.width
    }

    fn height_of(&self, value: f64) -> f64 {
        self.y - value / self.top_value * PANEL_HEIGHT
    }

    /// A path through the points. Of those within one pixel, only the highest and the lowest are kept.
    fn path(&self, points: &[Point], steps: bool) -> String {
        let mut path = String::new();
        let mut index = 0;
        while index < points.len() {
            let column = self.at(points[index].0).floor();
            let same = points[index..].iter().take_while(|point| self.at(point.0).floor() == column).count();
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for (_, value) in &points[index..index + same] {
                (low, high) = (low.min(*value), high.max(*value));
            }
            let (x, last) = (self.at(points[index].0), points[index + same - 1].1);
            for value in if low == high { vec![last] } else { vec![high, low, last] } {
                let y = self.height_of(value);
                let _ = match (path.is_empty(), steps) {
                    (true, _) => write!(path, "M{x:.1} {y:.1}"),
                    (false, true) => write!(path, " H{x:.1} V{y:.1}"),
                    (false, false) => write!(path, " L{x:.1} {y:.1}"),
                };
            }
            index += same;
        }
        if steps && !path.is_empty() {
            let _ = write!(path, " H{:.1}", self.at(points[points.len() - 1].0));
        }
        path
    }
}

/// The multiples of `step` from `low` to `high`.
fn ticks(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step).ceil() as i64;
    (first..).map(|index| index as f64 * step).take_while(|value| *value <= high + step * 1e-6).collect()
}

/// 1, 2 or 5 times a power of ten, and at least `rough`.
fn nice_step(rough: f64) -> f64 {
    let rough = rough.max(1e-6);
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough).unwrap_or(rough)
}

/// A number without needless digits.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn line(svg: &mut String, from: Point, to: Point, attributes: &str) {
    let _ = writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" {attributes}/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, x: f64, y: f64, attributes: &str, content: &str) {
    let escaped = content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{escaped}</text>");
}
