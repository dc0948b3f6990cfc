//! The editor's help on our classes: opened in a real editor without a display, and read.

use std::fs;
use std::path::Path;
use std::time::Duration;

use gamesockets_schema::constants::CONSTANTS;
use gamesockets_schema::enums::ENUMS;
use gamesockets_schema::functions;
use gamesockets_schema::records::EVENTS;
use gamesockets_schema::table::Group;

use crate::generate::godot::{is_emitted, is_offered};
use crate::godot::{Project, install_addon};
use crate::process::watch;
use crate::test::totals::Totals;
use crate::workspace::TaskResult;

const LIMIT: Duration = Duration::from_secs(180);
/// The page, in the project.
const PAGE: &str = "page.txt";

/// Opens the help on the classes until it is there, writes all pages down as one, and ends the editor.
const PLUGIN: &str = "@tool
extends EditorPlugin

const CLASSES := [\"Steam\", \"GameSocketsPeer\", \"GameSocketsPacketPeer\", \"GameSocketsMonitor\"]
## What the pages have when they are there.
const LAST_WORDS := [\"acceptConnection\", \"create_host\", \"get_connection_handle\", \"toggle_key\"]


func _enter_tree() -> void:
	_write_page.call_deferred()


func _write_page() -> void:
	var editor := EditorInterface.get_script_editor()
	var text := \"\"
	for _attempt in 30:
		for class_name_ in CLASSES:
			for _frame in 30:
				await get_tree().process_frame
			editor.goto_help(\"class_name:\" + class_name_)
		text = \"\"
		for label in editor.find_children(\"*\", \"RichTextLabel\", true, false):
			text += label.get_parsed_text()
		if LAST_WORDS.all(func(word: String) -> bool: return text.contains(word)):
			break
	var file := FileAccess.open(\"res://PAGE\", FileAccess.WRITE)
	file.store_string(text)
	file.close()
	get_tree().quit()
";

/// Opens the page and looks for every sentence of the schema.
pub(super) fn help(totals: &mut Totals) -> TaskResult {
    let folder = std::env::temp_dir().join(format!("gamesockets-help-{}", std::process::id()));
    let page = prepare(&folder).and_then(|()| read_page(&folder));
    // What is left behind lies among temporary files.
    let _ = fs::remove_dir_all(&folder);
    let page = words(&page?);
    let missing: Vec<&str> = sentences().into_iter().filter(|sentence| !page.contains(&words(sentence))).collect();
    totals.add(missing.is_empty().into(), (!missing.is_empty()).into());
    if !missing.is_empty() {
        return Err(format!("the editor's help lacks:\n{}", missing.join("\n")));
    }
    let empty = page.matches("no description for this").count();
    if empty == 0 { Ok(()) } else { Err(format!("the editor's help has {empty} things without a description")) }
}

/// A project with the addon, and a plugin of the editor that writes the page and ends the editor.
fn prepare(folder: &Path) -> TaskResult {
    install_addon(folder, false)?;
    let plugin = PLUGIN.replace("PAGE", PAGE);
    let files = [
        (
            "project.godot",
            "config_version=5\n\n[editor_plugins]\n\nenabled=PackedStringArray(\"res://addons/page/plugin.cfg\")\n",
        ),
        (
            "addons/page/plugin.cfg",
            "[plugin]\n\nname=\"page\"\ndescription=\"\"\nauthor=\"\"\nversion=\"1\"\nscript=\"page.gd\"\n",
        ),
        ("addons/page/page.gd", plugin.as_str()),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        let made = fs::create_dir_all(path.parent().unwrap_or(folder));
        made.and_then(|()| fs::write(&path, text)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn read_page(folder: &Path) -> Result<String, String> {
    let project = Project::open(folder)?;
    // The first editor gathers the documentation of the engine; it may meet that of the extension too late, and crash as it
    // quits (godotengine/godot#111048).
    let _ = watch(project.headless().args(["--editor", "--quit"]), LIMIT, |_| ());
    let end = watch(project.headless().arg("--editor"), LIMIT, |_| ());
    fs::read_to_string(folder.join(PAGE)).map_err(|error| format!("the editor has written no page: {error}; {end:?}"))
}

/// How the descriptions of the classes begin that are written by hand. That nothing in them lacks a description is seen
/// in the page.
const CLASSES: [&str; 4] = [
    "The networking API of GodotSteam, without Steam",
    "Runs Godot's high-level multiplayer",
    "One peer of a GameSocketsPeer",
    "Draws the health of a connection over a running game",
];

/// What the schema says about everything that `Steam` has, and something of every class.
fn sentences() -> Vec<&'static str> {
    let functions = functions::all().filter(|function| is_offered(function)).map(|function| function.doc);
    let events = EVENTS.iter().filter(|event| is_emitted(event)).map(|event| event.record.doc);
    let enums = ENUMS.iter().filter(|info| info.group != Group::MultiplayerPeer);
    let values = enums.flat_map(|info| info.values).filter(|row| row.godot_name.is_some()).map(|row| row.doc);
    let constants = CONSTANTS.iter().filter(|row| row.godot_name.is_some()).map(|row| row.doc);
    functions.chain(events).chain(values).chain(constants).chain(CLASSES).collect()
}

/// The words alone: the page has its own line breaks, and code is set in another font.
fn words(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}
