//! `GameSocketsMonitor`: the health of a connection, drawn over a running game.
//!
//! `source` finds the connection and its figures, `history` keeps the last seconds, `panel` draws them.
#![allow(unreachable_pub, reason = "the getters that gdext makes of properties are public")]

mod history;
mod panel;
mod source;

use godot::classes::control::MouseFilter;
use godot::classes::node::InternalMode;
use godot::classes::{CanvasLayer, Control, Engine, ICanvasLayer, InputEvent, InputEventKey, ThemeDb};
use godot::global::Key;
use godot::prelude::*;

use self::history::{History, INTERVAL};
use self::panel::Panel;
use crate::peer::GameSocketsPeer;

/// Above what games use.
const LAYER: i32 = 120;
/// Between the panel and the edges of the window, pixels.
const DISTANCE: f32 = 12.0;

/// Draws the health of a connection over a running game: ping, quality, rates in and out, and what waits on each lane,
/// over the last 12 seconds.
///
/// Add it to a scene; the key F3 shows and hides it. It is hidden at first, and then it costs nothing. Without further
/// settings it watches the peer of the scene tree, if that is a [GameSocketsPeer]: on a client the connection to the host,
/// on the host that of the first client.
#[derive(GodotClass)]
#[class(base = CanvasLayer)]
pub(crate) struct GameSocketsMonitor {
    /// The key that shows and hides it; `KEY_NONE` for none.
    #[export]
    toggle_key: Key,
    /// Where it stands: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    #[export(enum = (TopLeft = 0, TopRight = 1, BottomLeft = 2, BottomRight = 3))]
    corner: i64,
    /// The connection of `Steam` that it watches; 0 for none.
    #[export]
    connection: i64,
    /// The peer object that it watches, unless `connection` is set; `null` for that of the scene tree.
    #[var]
    peer: Option<Gd<GameSocketsPeer>>,
    /// Which peer of the peer object; 0 for the host, and on the host for the first client.
    #[export]
    peer_id: i64,
    history: History,
    title: String,
    lane_name: fn(usize) -> String,
    /// Until the next look, seconds.
    wait: f64,
    canvas: Option<Gd<Control>>,
    base: Base<CanvasLayer>,
}

#[godot_api]
impl ICanvasLayer for GameSocketsMonitor {
    fn init(base: Base<CanvasLayer>) -> Self {
        let mut node = base.to_init_gd();
        node.set_layer(LAYER);
        node.set_visible(false);
        Self {
            toggle_key: Key::F3,
            corner: 1,
            connection: 0,
            peer: None,
            peer_id: 0,
            history: History::default(),
            title: String::new(),
            lane_name: |lane| lane.to_string(),
            wait: 0.0,
            canvas: None,
            base,
        }
    }

    fn ready(&mut self) {
        if Engine::singleton().is_editor_hint() {
            return;
        }
        let mut canvas = Control::new_alloc();
        canvas.set_mouse_filter(MouseFilter::IGNORE);
        canvas.signals().draw().connect_other(&self.to_gd(), Self::draw);
        self.base_mut().add_child_ex(&canvas).internal(InternalMode::BACK).done();
        self.canvas = Some(canvas);
        self.signals().visibility_changed().connect_self(Self::visibility_changed);
        self.visibility_changed();
    }

    fn process(&mut self, delta: f64) {
        self.wait -= delta;
        if self.wait > 0.0 {
            return;
        }
        // A long frame is one look, not many.
        self.wait = (self.wait + INTERVAL).max(0.0);
        self.look();
    }

    fn unhandled_key_input(&mut self, event: Gd<InputEvent>) {
        let Ok(key) = event.try_cast::<InputEventKey>() else { return };
        let is_ours = self.toggle_key != Key::NONE && key.get_keycode() == self.toggle_key;
        if is_ours && key.is_pressed() && !key.is_echo() {
            let is_visible = self.base().is_visible();
            self.base_mut().set_visible(!is_visible);
        }
    }
}

#[godot_api]
impl GameSocketsMonitor {
    /// How many samples it holds; one stands for 0.1 s, and there are at most 120.
    #[func]
    fn get_sample_count(&self) -> i64 {
        self.history.len() as i64
    }

    /// What it watches, in words; empty when there is no such connection.
    #[func]
    fn get_title(&self) -> GString {
        GString::from(&self.title)
    }
}

impl GameSocketsMonitor {
    /// Works only while it is seen.
    fn visibility_changed(&mut self) {
        let is_visible = self.base().is_visible();
        self.base_mut().set_process(is_visible);
        self.history.clear();
        self.title.clear();
        self.wait = 0.0;
    }

    fn look(&mut self) {
        let source = if self.connection != 0 {
            source::of_steam(self.connection)
        } else {
            let node = self.to_gd().upcast();
            let peer = self.peer.clone().or_else(|| source::peer_of_tree(&node));
            peer.and_then(|peer| source::of_peer(&peer, self.peer_id))
        };
        match source {
            Some(found) => {
                if found.title != self.title {
                    self.history.clear();
                }
                self.title = found.title;
                self.lane_name = found.lane_name;
                self.history.push(found.sample);
            }
            None => {
                self.history.clear();
                self.title.clear();
            }
        }
        if let Some(canvas) = &mut self.canvas {
            canvas.queue_redraw();
        }
    }

    fn draw(&mut self) {
        let (Some(canvas), Some(font)) = (&mut self.canvas, ThemeDb::singleton().get_fallback_font()) else { return };
        let window = canvas.get_viewport_rect().size;
        let room = window - panel::SIZE - Vector2::new(DISTANCE, DISTANCE);
        let x = if self.corner % 2 == 1 { room.x } else { DISTANCE };
        let y = if self.corner >= 2 { room.y } else { DISTANCE };
        canvas.set_position(Vector2::new(x, y));
        let title = if self.title.is_empty() { "no connection" } else { &self.title };
        let canvas = canvas.clone().upcast();
        Panel { canvas, font, title, history: &self.history, lane_name: self.lane_name }.draw();
    }
}
