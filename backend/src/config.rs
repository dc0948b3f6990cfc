//! What an operator can choose: one TOML file, every key of which has a default.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use toml::{Table, Value};

/// Every key: its section, its name, its default as it stands in a file, and what it is for.
const KEYS: [(&str, &str, &str, &str); 9] = [
    ("network", "listen", "[\"127.0.0.1:28100\"]", "Where clients come in, UDP. --public listens everywhere."),
    (
        "network",
        "advertise",
        "\"\"",
        "The host in the network's address, as clients reach it. Empty: the first of listen.",
    ),
    ("network", "apps", "[]", "The app ids that are served. Empty: all."),
    ("network", "clients_max", "10000", "How many clients may be there at once."),
    (
        "login",
        "mode",
        "\"open\"",
        "Who a client is. open: whom its key makes it, or a str: name that no other key has claimed.",
    ),
    ("lobbies", "max", "100000", "How many lobbies there may be at once."),
    (
        "lobbies",
        "strict_private",
        "false",
        "A private lobby is entered by invitation or code only; else its id suffices.",
    ),
    ("http", "listen", "\"127.0.0.1:28102\"", "Where /healthz is, TCP. Empty: nowhere."),
    (
        "store",
        "folder",
        "\"\"",
        "Where keys and data are kept. Empty: the platform's folder for data, which the start prints.",
    ),
];

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where clients come in.
    pub listen: Vec<SocketAddr>,
    /// The host in the network's address; empty: the first of `listen`.
    pub advertise: String,
    /// The apps that are served; empty: all.
    pub apps: Vec<u32>,
    /// How many clients at once.
    pub clients_max: usize,
    /// How many lobbies at once.
    pub lobbies_max: usize,
    /// See `roles::lobbies::Rules`.
    pub strict_private: bool,
    /// Where `/healthz` is.
    pub http: Option<SocketAddr>,
    /// Where keys and data are kept.
    pub folder: PathBuf,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn wrong<T>(text: String) -> Result<T, ConfigError> {
    Err(ConfigError(text))
}

/// The file with every key at its default, and what each is for.
pub fn default_file() -> String {
    let mut text = String::from("# gamesockets-backend: every key with its default.\n");
    let mut section = "";
    for (of, name, default, purpose) in KEYS {
        if of != section {
            section = of;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&format!("# {purpose}\n{name} = {default}\n"));
    }
    text
}

impl Config {
    /// Reads a file's text; what is missing has its default.
    ///
    /// # Errors
    /// When it is no TOML, has a key that there is not, or a value of the wrong kind.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let given: Table = text.parse().map_err(|error| ConfigError(format!("no TOML: {error}")))?;
        check_names(&given)?;
        let defaults: Table = default_file().parse().map_err(|error| ConfigError(format!("defaults: {error}")))?;
        let value = |section: &str, name: &str| {
            let of = |table: &Table| table.get(section)?.as_table()?.get(name).cloned();
            of(&given).or_else(|| of(&defaults)).unwrap_or(Value::Boolean(false))
        };
        if text_of("login.mode", &value("login", "mode"))? != "open" {
            return wrong("login.mode: \"open\" is the only mode that there is so far".into());
        }
        let http = text_of("http.listen", &value("http", "listen"))?;
        let folder = text_of("store.folder", &value("store", "folder"))?;
        let config = Self {
            listen: list("network.listen", &value("network", "listen"), address)?,
            advertise: text_of("network.advertise", &value("network", "advertise"))?,
            apps: list("network.apps", &value("network", "apps"), number)?,
            clients_max: number("network.clients_max", &value("network", "clients_max"))? as usize,
            lobbies_max: number("lobbies.max", &value("lobbies", "max"))? as usize,
            strict_private: match value("lobbies", "strict_private") {
                Value::Boolean(value) => value,
                other => return wrong(format!("lobbies.strict_private: write true or false, not {}", shown(&other))),
            },
            http: match http.as_str() {
                "" => None,
                _ => Some(address("http.listen", &Value::String(http))?),
            },
            folder: if folder.is_empty() { data_folder()? } else { folder.into() },
        };
        if config.listen.is_empty() {
            return wrong("network.listen: name at least one address, such as \"127.0.0.1:28100\"".into());
        }
        Ok(config)
    }
}

fn check_names(given: &Table) -> Result<(), ConfigError> {
    for (section, inner) in given {
        if !KEYS.iter().any(|key| key.0 == section) {
            return wrong(unknown("section", section, KEYS.iter().map(|key| key.0)));
        }
        let Some(inner) = inner.as_table() else {
            return wrong(format!("{section} is a section: write [{section}] and its keys below"));
        };
        let names = || KEYS.iter().filter(|key| key.0 == section).map(|key| key.1);
        if let Some(name) = inner.keys().find(|name| !names().any(|known| known == name.as_str())) {
            return wrong(unknown(&format!("key in [{section}]"), name, names()));
        }
    }
    Ok(())
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.min_by_key(|known| distance(known, name)).unwrap_or_default();
    format!("\"{name}\" is no {what}: did you mean \"{nearest}\"? --print-config shows all")
}

/// How many letters have to be changed, added or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// A value in words.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        other => format!("a value of type {}", other.type_str()),
    }
}

fn text_of(name: &str, value: &Value) -> Result<String, ConfigError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        other => wrong(format!("{name}: write a text in quotes, not {}", shown(other))),
    }
}

fn number(name: &str, value: &Value) -> Result<u32, ConfigError> {
    let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
    number
        .ok_or_else(|| ConfigError(format!("{name}: write a whole number from 0 to 4294967295, not {}", shown(value))))
}

fn address(name: &str, value: &Value) -> Result<SocketAddr, ConfigError> {
    let address = value.as_str().and_then(|text| text.parse().ok());
    address.ok_or_else(|| {
        ConfigError(format!("{name}: write \"IP:port\", such as \"127.0.0.1:28100\", not {}", shown(value)))
    })
}

fn list<T>(
    name: &str,
    value: &Value,
    each: impl Fn(&str, &Value) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    match value {
        Value::Array(values) => values.iter().map(|value| each(name, value)).collect(),
        other => wrong(format!("{name}: write a list in brackets, not {}", shown(other))),
    }
}

/// Where programs of this user keep their data.
fn data_folder() -> Result<PathBuf, ConfigError> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    match folder {
        Some(folder) => Ok(folder.join("gamesockets-backend")),
        None => wrong("store.folder: name a folder, since this user has none for data".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::parse(text).unwrap_err().0
    }

    #[test]
    fn the_printed_file_is_what_nothing_means() {
        assert_eq!(Config::parse(&default_file()), Config::parse(""));
        let config = Config::parse("[network]\napps = [480]\n[store]\nfolder = \"x\"").unwrap();
        assert_eq!((config.apps, config.folder), (vec![480], "x".into()));
    }

    #[test]
    fn a_mistake_is_named_with_what_would_be_right() {
        assert!(error("[network]\nlistne = []").contains("did you mean \"listen\""));
        assert!(error("[lobies]").contains("did you mean \"lobbies\""));
        assert!(error("network = 3").contains("[network]"));
        assert!(error("[network]\nlisten = \"x\"").contains("list"));
        assert!(error("[network]\nlisten = [\"x\"]").contains("IP:port"));
        assert!(error("[network]\nlisten = []").contains("at least one"));
        assert!(error("[network]\napps = [-1]").contains("whole number"));
        assert!(error("[login]\nmode = \"magic\"").contains("open"));
        assert!(error("[lobbies]\nstrict_private = 1").contains("true or false"));
        assert!(error("what").contains("no TOML"));
    }
}
