//! Start, end, identity, the callback pump.

use gamesockets::Identity;
use gamesockets::schema::InitResult;
use gamesockets::schema::records::InitAnswer;
use godot::prelude::*;

use crate::steam::{Steam, settings};

pub(in crate::steam) fn steam_init(steam: &Steam, app_id: Variant, embed_callbacks: Variant) -> bool {
    steam_init_ex(steam, app_id, embed_callbacks).status == InitResult::Ok
}

pub(in crate::steam) fn steam_init_ex(steam: &Steam, app_id: Variant, embed_callbacks: Variant) -> InitAnswer {
    // Older versions: (retrieve_stats: bool, app_id: int).
    let is_older = app_id.get_type() == VariantType::BOOL;
    let (app_id, embed) = if is_older {
        if embed_callbacks.get_type() == VariantType::INT { (embed_callbacks, false) } else { (Variant::nil(), false) }
    } else {
        (app_id, embed_callbacks.booleanize())
    };
    match app_id.try_to_relaxed::<i64>().map(u32::try_from) {
        Ok(Ok(0)) => {}
        Ok(Ok(app_id)) => steam.instance.set_app_id(app_id),
        _ if app_id.is_nil() => {}
        _ => steam.watch.warn_once(&format!("steamInit: {app_id} is no app id: give an int from 0 to 4294967295")),
    }
    if embed || settings::embed_callbacks() {
        steam.instance.embed_callbacks();
    }
    steam.instance.start()
}

pub(in crate::steam) fn get_steam_init_result(steam: &Steam) -> InitAnswer {
    steam.instance.last_start()
}

pub(in crate::steam) fn steam_shutdown(steam: &Steam) {
    steam.instance.shut_down();
}

pub(in crate::steam) fn is_steam_running(steam: &Steam) -> bool {
    steam.instance.running().is_some()
}

/// There is no backend to be logged on to.
pub(in crate::steam) fn logged_on(_: &Steam) -> bool {
    false
}

pub(in crate::steam) fn run_callbacks(steam: &Steam) {
    steam.pump();
}

pub(in crate::steam) fn run_networking_callbacks(steam: &Steam) {
    steam.pump();
}

pub(in crate::steam) fn get_app_id(steam: &Steam) -> u32 {
    steam.instance.app_id().get()
}

pub(in crate::steam) fn get_current_app_id(steam: &Steam) -> u32 {
    get_app_id(steam)
}

pub(in crate::steam) fn set_current_app_id(steam: &Steam, app_id: u32) {
    steam.instance.set_app_id(app_id);
}

pub(in crate::steam) fn get_steam_id(steam: &Steam) -> u64 {
    steam.instance.identity().steam_id().unwrap_or(0)
}

pub(in crate::steam) fn get_current_steam_id(steam: &Steam) -> u64 {
    get_steam_id(steam)
}

pub(in crate::steam) fn set_current_steam_id(steam: &Steam, steam_id: u64) {
    if steam_id != get_steam_id(steam) {
        become_steam_id(steam, "set_current_steam_id", steam_id);
    }
}

pub(in crate::steam) fn get_steam_id32(_: &Steam, steam_id: u64) -> u32 {
    (steam_id & u64::from(u32::MAX)) as u32
}

pub(in crate::steam) fn get_identity(steam: &Steam) -> String {
    steam.instance.identity().to_string()
}

pub(in crate::steam) fn reset_identity(steam: &Steam, steam_id: u64) {
    if steam_id == 0 {
        steam.instance.become_identity(Identity::localhost());
    } else {
        become_steam_id(steam, "resetIdentity", steam_id);
    }
}

fn become_steam_id(steam: &Steam, name: &str, steam_id: u64) {
    match Identity::from_steam_id(steam_id) {
        Ok(identity) => steam.instance.become_identity(identity),
        Err(error) => steam.watch.warn_once(&format!("{name}: {error}; nothing was changed")),
    }
}

pub(in crate::steam) fn get_persona_name(steam: &Steam) -> String {
    settings::persona_name().unwrap_or_else(|| {
        let identity = steam.instance.identity();
        identity.generic_string().map_or_else(|| identity.to_string(), ToOwned::to_owned)
    })
}

pub(in crate::steam) fn get_friend_persona_name(steam: &Steam, steam_id: u64) -> String {
    if steam_id != 0 && steam_id == get_steam_id(steam) { get_persona_name(steam) } else { String::new() }
}

pub(in crate::steam) fn get_godotsteam_version(_: &Steam) -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Nothing is kept per thread.
pub(in crate::steam) const fn release_current_thread_memory(_: &Steam) {}

/// Nobody else could start this process.
pub(in crate::steam) fn restart_app_if_necessary(_: &Steam, _app_id: u32) -> bool {
    false
}
