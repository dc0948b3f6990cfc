//! The one instance of the library behind the singleton: its start, its end, and who it is.

use std::cell::{Cell, OnceCell, RefCell};

use gamesockets::schema::InitResult;
use gamesockets::schema::records::InitAnswer;
use gamesockets::{Identity, Sockets};

use super::{identity, settings};

/// The library, started by the first call that needs it.
#[derive(Default)]
pub(super) struct Instance {
    life: RefCell<Life>,
    /// Who we are, once that has been asked for; later changes are the library's.
    identity: RefCell<Option<Identity>>,
    app_id: OnceCell<Cell<u32>>,
    last_start: RefCell<Option<InitAnswer>>,
    has_embedded_callbacks: Cell<bool>,
}

#[derive(Default)]
enum Life {
    #[default]
    NotStarted,
    Running(Sockets),
    ShutDown,
}

impl Instance {
    /// The library if it runs.
    pub(super) fn running(&self) -> Option<Sockets> {
        match &*self.life.borrow() {
            Life::Running(sockets) => Some(sockets.clone()),
            Life::NotStarted | Life::ShutDown => None,
        }
    }

    /// The library; started if it was not. `None` after `steamShutdown`, and where it cannot be started.
    pub(super) fn sockets(&self) -> Option<Sockets> {
        match &*self.life.borrow() {
            Life::Running(sockets) => return Some(sockets.clone()),
            Life::ShutDown => return None,
            Life::NotStarted => {}
        }
        self.start();
        self.running()
    }

    /// Whether `steamShutdown` was the last word.
    pub(super) fn is_shut_down(&self) -> bool {
        matches!(&*self.life.borrow(), Life::ShutDown)
    }

    /// Starts the library, also after `steamShutdown`. One that runs is left alone.
    pub(super) fn start(&self) -> InitAnswer {
        if self.running().is_some() {
            return self.last_start();
        }
        let identity = self.identity();
        let answer = match Sockets::new(identity.clone()) {
            Ok(sockets) => {
                sockets.set_app_id(self.app_id().get());
                *self.life.borrow_mut() = Life::Running(sockets);
                InitAnswer { status: InitResult::Ok, verbal: format!("Ready as {identity}, without Steam.") }
            }
            Err(error) => InitAnswer { status: InitResult::FailedGeneric, verbal: error.to_string() },
        };
        *self.last_start.borrow_mut() = Some(answer.clone());
        answer
    }

    /// How the last start went.
    pub(super) fn last_start(&self) -> InitAnswer {
        self.last_start.borrow().clone().unwrap_or_else(|| InitAnswer {
            status: InitResult::FailedGeneric,
            verbal: "Not started yet: call steamInit, or anything that uses the network.".to_owned(),
        })
    }

    /// Stops the library; connections end with reason 2999.
    pub(super) fn shut_down(&self) {
        // Dropped outside of the borrow: it may wait for lingering connections.
        let before = self.life.replace(Life::ShutDown);
        drop(before);
    }

    /// Who we are, or will be once the library is started.
    pub(super) fn identity(&self) -> Identity {
        if let Some(sockets) = self.running() {
            return sockets.identity();
        }
        self.identity.borrow_mut().get_or_insert_with(identity::choose).clone()
    }

    /// Becomes somebody else. Closes what the library has open.
    pub(super) fn become_identity(&self, identity: Identity) {
        if let Some(sockets) = self.running() {
            sockets.reset_identity(identity.clone());
        }
        *self.identity.borrow_mut() = Some(identity);
    }

    /// The app that certificates are for.
    pub(super) fn app_id(&self) -> &Cell<u32> {
        self.app_id.get_or_init(|| Cell::new(settings::app_id()))
    }

    /// Changes the app that certificates are for.
    pub(super) fn set_app_id(&self, app_id: u32) {
        self.app_id().set(app_id);
        if let Some(sockets) = self.running() {
            sockets.set_app_id(app_id);
        }
    }

    /// From now on each frame emits the signals.
    pub(super) fn embed_callbacks(&self) {
        self.has_embedded_callbacks.set(true);
    }

    /// Whether each frame emits the signals.
    pub(super) fn has_embedded_callbacks(&self) -> bool {
        self.has_embedded_callbacks.get()
    }
}
