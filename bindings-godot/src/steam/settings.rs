//! Project settings.

use godot::classes::ProjectSettings;
use godot::prelude::*;

const IDENTITY: &str = "gamesockets/identity";
const PERSONA_NAME: &str = "gamesockets/persona_name";
const APP_ID: &str = "gamesockets/app_id";
const EMBED_CALLBACKS: &str = "gamesockets/embed_callbacks";

/// Makes the settings known, so that the editor shows them.
pub(super) fn register() {
    define(IDENTITY, GString::new().to_variant());
    define(PERSONA_NAME, GString::new().to_variant());
    define(APP_ID, 0_i64.to_variant());
    define(EMBED_CALLBACKS, false.to_variant());
}

fn define(name: &str, default: Variant) {
    let mut settings = ProjectSettings::singleton();
    if !settings.has_setting(name) {
        settings.set_setting(name, &default);
    }
    settings.set_initial_value(name, &default);
    settings.set_as_basic(name, true);
    let info = vdict! { "name" => name, "type" => default.get_type() };
    settings.add_property_info(&info.upcast_any_dictionary());
}

/// Who we are, if the project says so.
pub(super) fn identity() -> Option<String> {
    text(IDENTITY)
}

/// The name shown to players, if the project says so.
pub(super) fn persona_name() -> Option<String> {
    text(PERSONA_NAME)
}

/// The app that certificates are for; 0 unless set.
pub(super) fn app_id() -> u32 {
    get(APP_ID).try_to_relaxed::<i64>().ok().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

/// Whether signals are emitted each frame without `run_callbacks`.
pub(super) fn embed_callbacks() -> bool {
    get(EMBED_CALLBACKS).booleanize()
}

fn text(name: &str) -> Option<String> {
    let text = get(name).try_to_relaxed::<GString>().ok()?.to_string();
    let text = text.trim();
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

fn get(name: &str) -> Variant {
    ProjectSettings::singleton().get_setting_with_override(name)
}
