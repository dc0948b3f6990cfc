//! What the engine calls.

use gamesockets::SendFlags;
use gamesockets::schema::constants::MAX_MESSAGE_SIZE;
use gamesockets_multiplayer::{Line, Mode, Notice, Status};
use godot::classes::IMultiplayerPeerExtension;
use godot::classes::multiplayer_peer::{ConnectionStatus, TransferMode};
use godot::global::Error;
use godot::meta::conv::RawPtr;
use godot::prelude::*;

use super::taken::Taken;
use super::{GameSocketsPeer, refusal};

#[godot_api]
impl IMultiplayerPeerExtension for GameSocketsPeer {
    unsafe fn get_packet_rawptr(
        &mut self,
        r_buffer: RawPtr<*mut RawPtr<*const u8>>,
        r_buffer_size: RawPtr<*mut i32>,
    ) -> Error {
        let Some(packet) = self.session.as_mut().and_then(|session| session.next_packet()) else {
            return Error::ERR_UNAVAILABLE;
        };
        let (peer, channel, mode) = (packet.peer, packet.channel.into(), packet.mode);
        self.taken = Taken { payload: packet.payload, peer, channel, mode };
        let payload = &self.taken.payload;
        // SAFETY: the engine hands over two valid places to write to. It reads the bytes before it takes the next packet,
        // and until then `taken` keeps them.
        unsafe {
            *r_buffer.ptr() = RawPtr::new(payload.as_ptr());
            *r_buffer_size.ptr() = payload.len() as i32;
        }
        Error::OK
    }

    unsafe fn put_packet_rawptr(&mut self, p_buffer: RawPtr<*const u8>, p_buffer_size: i32) -> Error {
        let length = usize::try_from(p_buffer_size).unwrap_or(0);
        let payload = if length == 0 {
            &[]
        } else {
            // SAFETY: the engine hands over that many bytes, and keeps them until this call returns.
            unsafe { std::slice::from_raw_parts(p_buffer.ptr(), length) }
        };
        self.put(payload)
    }

    fn get_available_packet_count(&self) -> i32 {
        self.session.as_ref().map_or(0, |session| session.waiting() as i32)
    }

    fn get_max_packet_size(&self) -> i32 {
        MAX_MESSAGE_SIZE as i32
    }

    fn get_packet_channel(&self) -> i32 {
        let next = self.session.as_ref().and_then(|session| session.peek());
        next.map_or(self.taken.channel, |packet| packet.channel.into())
    }

    fn get_packet_mode(&self) -> TransferMode {
        let next = self.session.as_ref().and_then(|session| session.peek());
        match next.map_or(self.taken.mode, |packet| packet.mode) {
            Mode::Unreliable => TransferMode::UNRELIABLE,
            Mode::UnreliableOrdered => TransferMode::UNRELIABLE_ORDERED,
            Mode::Reliable => TransferMode::RELIABLE,
        }
    }

    fn set_transfer_channel(&mut self, p_channel: i32) {
        self.channel = p_channel;
    }

    fn get_transfer_channel(&self) -> i32 {
        self.channel
    }

    fn set_transfer_mode(&mut self, p_mode: TransferMode) {
        self.mode = p_mode;
    }

    fn get_transfer_mode(&self) -> TransferMode {
        self.mode
    }

    fn set_target_peer(&mut self, p_peer: i32) {
        self.target = p_peer;
    }

    fn get_packet_peer(&self) -> i32 {
        let next = self.session.as_ref().and_then(|session| session.peek());
        next.map_or(self.taken.peer, |packet| packet.peer)
    }

    fn is_server(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_host())
    }

    fn poll(&mut self) {
        let begun = self.begun;
        let Some(session) = &mut self.session else { return };
        for notice in session.poll() {
            match notice {
                Notice::Connected(id) => self.tell("peer_connected", id),
                Notice::Disconnected(id) => self.tell("peer_disconnected", id),
                Notice::Line(line) => self.print(&line),
            }
            // A handler may have closed us, and begun anew: then the rest is over.
            if self.session.is_none() || self.begun != begun {
                return;
            }
        }
        if self.session.as_ref().is_some_and(|session| session.status() == Status::Disconnected) {
            self.end_session();
        }
    }

    fn close(&mut self) {
        self.end_session();
    }

    fn disconnect_peer(&mut self, p_peer: i32, p_force: bool) {
        let Some(session) = &mut self.session else { return };
        if !session.disconnect(p_peer, p_force) {
            godot_warn!("GameSocketsPeer.disconnect_peer: there is no peer {p_peer}: it has left already");
        } else if p_force && session.status() == Status::Disconnected {
            self.end_session();
        }
    }

    fn get_unique_id(&self) -> i32 {
        self.session.as_ref().map_or(0, |session| session.id())
    }

    fn set_refuse_new_connections(&mut self, p_enable: bool) {
        self.refuses_new = p_enable;
        if let Some(session) = &mut self.session {
            session.set_refuses_new(p_enable);
        }
    }

    fn is_refusing_new_connections(&self) -> bool {
        self.refuses_new
    }

    fn is_server_relay_supported(&self) -> bool {
        self.server_relay && self.session.is_some()
    }

    fn get_connection_status(&self) -> ConnectionStatus {
        match self.session.as_ref().map(|session| session.status()) {
            Some(Status::Connecting) => ConnectionStatus::CONNECTING,
            Some(Status::Connected) => ConnectionStatus::CONNECTED,
            Some(Status::Disconnected) | None => ConnectionStatus::DISCONNECTED,
        }
    }
}

impl GameSocketsPeer {
    fn put(&mut self, payload: &[u8]) -> Error {
        let (mode, no_delay) = match self.mode {
            TransferMode::UNRELIABLE => (Mode::Unreliable, self.no_delay),
            TransferMode::UNRELIABLE_ORDERED => (Mode::UnreliableOrdered, self.no_delay),
            _ => (Mode::Reliable, false),
        };
        let mut extra = SendFlags::UNRELIABLE;
        if self.no_nagle {
            extra |= SendFlags::NO_NAGLE;
        }
        if no_delay {
            extra |= SendFlags::NO_DELAY | SendFlags::NO_NAGLE;
        }
        let Some(session) = &mut self.session else { return Error::ERR_UNCONFIGURED };
        match session.send(self.target, self.channel, mode, payload, extra) {
            Ok(()) => Error::OK,
            Err(refused) => refusal::of_packet(&refused, mode, &mut self.said),
        }
    }

    /// Emits a signal. The handlers may call any function of this object, and let go of it.
    fn tell(&mut self, signal: &str, id: i32) {
        let this = self.to_gd();
        self.base_mut().emit_signal(signal, &[i64::from(id).to_variant()]);
        if this.get_reference_count() == 1 {
            // Nobody else has it any more, and it cannot end while the engine is inside its `poll`.
            let mut last = Some(this);
            Callable::from_fn("let_go", move |_| drop(last.take())).call_deferred(&[]);
        }
    }

    fn print(&self, line: &Line) {
        let id = self.session.as_ref().map_or(0, |session| session.id());
        match line {
            Line::Session(text) if self.debug_level > 0 => godot_print!("GameSocketsPeer {id}: {text}"),
            Line::Sockets(text) => godot_print!("GameSocketsPeer {id}: sockets: {text}"),
            Line::Session(_) => {}
        }
    }
}
