//! The player's key: a file that one process at a time has.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gamesockets_proto::crypto::PrivateKey;
use gamesockets_services::player::derived_steam_id;
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::options::PlayerKey;

/// For how long the first key is waited for: a process that starts anew may be faster than its forerunner ends.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(50);
/// So many processes of one user have keys of their own.
const KEYS_MAX: u32 = 256;

/// A key, and the lock that says that it is ours.
pub(crate) struct Held {
    pub(crate) seed: [u8; 32],
    pub(crate) steam_id: u64,
    /// Why it is not kept, if it should have been.
    pub(crate) warning: Option<String>,
    _lock: Option<File>,
}

impl Held {
    /// `random` is thrown away afterwards.
    pub(crate) fn open(key: &PlayerKey, app: u32, random: [u8; 32]) -> Self {
        let folder = match key {
            PlayerKey::Ephemeral => return Self::new(random, None),
            PlayerKey::Folder(folder) => Ok(folder.clone()),
            PlayerKey::Kept => data_folder(app).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)),
        };
        let held = folder.and_then(|folder| {
            Self::open_in(&folder, random, PATIENCE)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))
        });
        held.unwrap_or_else(|error| {
            let warning = format!("the player's key cannot be kept, and is another one next time: {error}");
            Self::new(random, Some(warning))
        })
    }

    fn new(random: [u8; 32], warning: Option<String>) -> Self {
        let (seed, steam_id) = make(random);
        Self { seed, steam_id, warning, _lock: None }
    }

    /// The first key in this folder that no other process has.
    fn open_in(folder: &Path, random: [u8; 32], patience: Duration) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let deadline = Instant::now() + patience;
        for number in 1..=KEYS_MAX {
            let name = if number == 1 { "player".to_owned() } else { format!("player-{number}") };
            let path = folder.join(format!("{name}.lock"));
            let lock = private().read(true).open(path)?;
            loop {
                match lock.try_lock() {
                    Ok(()) => return Self::read(folder.join(format!("{name}.key")), random, lock),
                    Err(TryLockError::Error(error)) => return Err(error),
                    Err(TryLockError::WouldBlock) if number > 1 || Instant::now() >= deadline => break,
                    Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
                }
            }
        }
        Err(io::Error::other(format!("{KEYS_MAX} processes have a key here already")))
    }

    fn read(path: PathBuf, random: [u8; 32], lock: File) -> io::Result<Self> {
        match fs::read(&path) {
            Ok(bytes) => {
                let seed: Option<[u8; 32]> = bytes.try_into().ok();
                let key = seed.and_then(|seed| Some((seed, steam_id(&seed)?)));
                let Some((seed, steam_id)) = key else {
                    let text = format!("{} is damaged: 32 bytes of a player's key were expected", path.display());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                };
                Ok(Self { seed, steam_id, warning: None, _lock: Some(lock) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (seed, steam_id) = make(random);
                let beside = path.with_extension("new");
                let mut file = private().truncate(true).open(&beside)?;
                file.write_all(&seed)?;
                file.sync_all()?;
                fs::rename(beside, path)?;
                Ok(Self { seed, steam_id, warning: None, _lock: Some(lock) })
            }
            Err(error) => Err(error),
        }
    }
}

/// For its owner's eyes alone.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn steam_id(seed: &[u8; 32]) -> Option<u64> {
    derived_steam_id(&PrivateKey::from_seed(*seed).public_key().to_bytes())
}

/// A key that has paid its price: about 16,000 are made for it.
fn make(random: [u8; 32]) -> ([u8; 32], u64) {
    let mut random = ChaCha12Rng::from_seed(random);
    loop {
        let mut seed = [0; 32];
        random.fill_bytes(&mut seed);
        if let Some(steam_id) = steam_id(&seed) {
            return (seed, steam_id);
        }
    }
}

/// Where games of this user keep their data.
fn data_folder(app: u32) -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    Some(folder?.join("gamesockets").join(app.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("gamesockets-keys-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_key_is_kept_and_a_second_process_has_a_second_one() {
        let folder = folder("kept");
        let open = |random: u8| Held::open_in(&folder, [random; 32], Duration::ZERO).unwrap();
        let first = open(1);
        let second = open(2);
        assert_ne!(first.steam_id, second.steam_id);
        let (seed, steam_id) = (first.seed, first.steam_id);
        drop(first);
        let again = open(3);
        assert_eq!((again.seed, again.steam_id), (seed, steam_id));
        drop((again, second));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_damaged_key_is_left_alone_and_said() {
        let folder = folder("damaged");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("player.key"), b"short").unwrap();
        let held = Held::open(&PlayerKey::Folder(folder.clone()), 0, [4; 32]);
        assert!(held.warning.unwrap().contains("damaged"));
        assert_eq!(fs::read(folder.join("player.key")).unwrap(), b"short");
        fs::remove_dir_all(folder).unwrap();
    }
}
