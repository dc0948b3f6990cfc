//! How a monitor looks: a panel with a title and four charts.

use gamesockets::ConnectionState;
use godot::classes::{CanvasItem, Font, StyleBoxFlat};
use godot::prelude::*;

use super::history::{History, LENGTH, peak};

/// The size of the panel, pixels.
pub(super) const SIZE: Vector2 = Vector2::new(280.0, 316.0);

const MARGIN: f32 = 10.0;
const TITLE_HEIGHT: f32 = 26.0;
const CHART_HEIGHT: f32 = 68.0;
const LABEL_HEIGHT: f32 = 17.0;
const FONT_SIZE: i32 = 12;
const LINE_WIDTH: f32 = 1.5;
/// How many lanes are drawn.
const LANES: usize = 4;

const BACKGROUND: Color = Color::from_rgba(0.07, 0.08, 0.11, 0.88);
const FRAME: Color = Color::from_rgba(1.0, 1.0, 1.0, 0.14);
const GRID: Color = Color::from_rgba(1.0, 1.0, 1.0, 0.07);
const TEXT: Color = Color::from_rgb(0.92, 0.94, 0.97);
const FAINT: Color = Color::from_rgb(0.58, 0.62, 0.70);
const GREEN: Color = Color::from_rgb(0.45, 0.87, 0.56);
const BLUE: Color = Color::from_rgb(0.42, 0.70, 1.0);
const ORANGE: Color = Color::from_rgb(1.0, 0.71, 0.38);
const PURPLE: Color = Color::from_rgb(0.80, 0.58, 1.0);
const LANE_COLORS: [Color; LANES] = [BLUE, ORANGE, GREEN, PURPLE];

/// One line of a chart.
struct Line {
    label: String,
    color: Color,
    series: Vec<Option<f32>>,
}

/// Draws on a canvas item, while it asks to be drawn.
pub(super) struct Panel<'a> {
    pub(super) canvas: Gd<CanvasItem>,
    pub(super) font: Gd<Font>,
    pub(super) title: &'a str,
    pub(super) history: &'a History,
    pub(super) lane_name: fn(usize) -> String,
}

impl Panel<'_> {
    pub(super) fn draw(&mut self) {
        let mut frame = StyleBoxFlat::new_gd();
        frame.set_bg_color(BACKGROUND);
        frame.set_border_color(FRAME);
        frame.set_border_width_all(1);
        frame.set_corner_radius_all(8);
        self.canvas.draw_style_box(&frame, Rect2::new(Vector2::ZERO, SIZE));
        let state = self.history.latest().map_or(ConnectionState::None, |sample| sample.status.state);
        let light = if state == ConnectionState::Connected { GREEN } else { ORANGE };
        self.canvas.draw_circle(Vector2::new(MARGIN + 4.0, 16.0), 4.0, light);
        self.text(Vector2::new(MARGIN + 15.0, 20.0), self.title, TEXT);
        for (index, (label, lines, top)) in self.charts().into_iter().enumerate() {
            let origin = Vector2::new(MARGIN, TITLE_HEIGHT + 4.0 + index as f32 * (CHART_HEIGHT + 2.0));
            self.chart(origin, label, &lines, top);
        }
    }

    /// Name, lines and least height of each chart.
    fn charts(&self) -> [(&'static str, Vec<Line>, f32); 4] {
        let history = self.history;
        let latest = history.latest().map(|sample| &sample.status);
        let line = |label: String, color, series| Line { label, color, series };
        let ping = latest.map(|status| status.ping).filter(|&ping| ping >= 0);
        let ping = ping.map_or_else(|| "? ms".to_owned(), |ping| format!("{ping} ms"));
        let percent = |value: f32| if value < 0.0 { "?".to_owned() } else { format!("{:.0}%", value * 100.0) };
        let (here, there) = latest.map_or((-1.0, -1.0), |status| (status.local_quality, status.remote_quality));
        let about = if latest.is_some_and(|status| status.remote_quality_is_estimate) { "about " } else { "" };
        let (inward, outward) =
            latest.map_or((0.0, 0.0), |status| (status.bytes_in_per_second, status.bytes_out_per_second));
        let lanes = history.busiest_lanes(LANES);
        let queues = lanes.into_iter().zip(LANE_COLORS);
        let queues = queues.map(|(lane, color)| line((self.lane_name)(lane), color, history.queue(lane)));
        [
            ("ping", vec![line(ping, GREEN, history.series(|status| status.ping as f32))], 20.0),
            (
                "quality",
                vec![
                    line(format!("here {}", percent(here)), BLUE, history.series(|status| status.local_quality)),
                    line(
                        format!("there {about}{}", percent(there)),
                        ORANGE,
                        history.series(|status| status.remote_quality),
                    ),
                ],
                1.0,
            ),
            (
                "rate",
                vec![
                    line(format!("in {}/s", bytes(inward)), BLUE, history.series(|s| s.bytes_in_per_second)),
                    line(format!("out {}/s", bytes(outward)), ORANGE, history.series(|s| s.bytes_out_per_second)),
                ],
                1024.0,
            ),
            ("queue", queues.collect(), 1024.0),
        ]
    }

    fn chart(&mut self, origin: Vector2, label: &str, lines: &[Line], least_top: f32) {
        let width = SIZE.x - 2.0 * MARGIN;
        let mut x = origin.x;
        let baseline = origin.y + 12.0;
        x += self.text(Vector2::new(x, baseline), label, FAINT) + 10.0;
        for line in lines {
            x += self.text(Vector2::new(x, baseline), &line.label, line.color) + 10.0;
        }
        let area = Rect2::new(
            origin + Vector2::new(0.0, LABEL_HEIGHT),
            Vector2::new(width, CHART_HEIGHT - LABEL_HEIGHT - 4.0),
        );
        self.canvas.draw_rect(area, GRID);
        let highest = lines.iter().map(|line| peak(&line.series)).fold(least_top, f32::max);
        // A little room above, lest the highest line lie on the edge.
        let top = highest * 1.1;
        for line in lines {
            self.line(area, top, line);
        }
    }

    /// The line, its newest end at the right; where nothing is known, it is interrupted.
    fn line(&mut self, area: Rect2, top: f32, line: &Line) {
        let step = area.size.x / (LENGTH - 1) as f32;
        let first = LENGTH - self.history.len();
        let mut points = Vec::new();
        let end = None;
        for (index, value) in line.series.iter().copied().chain([end]).enumerate() {
            if let Some(value) = value {
                let x = area.position.x + (first + index) as f32 * step;
                points.push(Vector2::new(x, area.position.y + area.size.y * (1.0 - (value / top).clamp(0.0, 1.0))));
                continue;
            }
            if points.len() > 1 {
                let points = PackedVector2Array::from(points.as_slice());
                self.canvas.draw_polyline_ex(&points, line.color).width(LINE_WIDTH).antialiased(true).done();
            }
            points.clear();
        }
    }

    /// Writes a text, and answers its width.
    fn text(&self, position: Vector2, text: &str, color: Color) -> f32 {
        self.canvas.draw_string_ex(&self.font, position, text).font_size(FONT_SIZE).modulate(color).done();
        self.font.get_string_size_ex(text).font_size(FONT_SIZE).done().x
    }
}

/// A number of bytes as people read it.
fn bytes(count: f32) -> String {
    match count {
        count if count >= 1_048_576.0 => format!("{:.1} MiB", count / 1_048_576.0),
        count if count >= 1024.0 => format!("{:.1} KiB", count / 1024.0),
        count => format!("{count:.0} B"),
    }
}
