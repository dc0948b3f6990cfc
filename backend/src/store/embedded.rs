//! A store in one file.

use std::path::Path;
use std::sync::mpsc;

use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use super::{Condition, Conflict, Entry, Store, StoreError, Write, Written};

/// By bucket and key: revision, end of life (Unix ms; 0: none), value.
type Row<'a> = (u64, u64, &'a [u8]);
const TABLE: TableDefinition<'_, (&str, &str), Row<'_>> = TableDefinition::new("entries");
/// The last revision.
const COUNTER: TableDefinition<'_, &str, u64> = TableDefinition::new("counter");
const LAST: &str = "revision";

/// A store in one file, which one process has open.
pub struct Embedded {
    database: Database,
    watchers: Vec<(&'static str, mpsc::Sender<Write>)>,
}

fn failed(what: &str) -> impl Fn(redb::Error) -> StoreError {
    let what = what.to_owned();
    move |error| StoreError(format!("{what}: {error}"))
}

impl Embedded {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be made, is none of ours, or another process has it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let what = format!("cannot open {}", path.display());
        let error = failed(&what);
        let database = Database::create(path).map_err(|cause| error(cause.into()))?;
        let begun = database.begin_write().map_err(|cause| error(cause.into()))?;
        begun.open_table(TABLE).map_err(|cause| error(cause.into()))?;
        begun.open_table(COUNTER).map_err(|cause| error(cause.into()))?;
        begun.commit().map_err(|cause| error(cause.into()))?;
        Ok(Self { database, watchers: Vec::new() })
    }

    fn try_write(&mut self, now: u64, writes: &[Write]) -> Result<Vec<Written>, redb::Error> {
        let transaction = self.database.begin_write()?;
        let mut results = Vec::with_capacity(writes.len());
        {
            let mut table = transaction.open_table(TABLE)?;
            let mut counter = transaction.open_table(COUNTER)?;
            let mut revision = counter.get(LAST)?.map_or(0, |last| last.value());
            for write in writes {
                let at = (write.bucket, write.key.as_str());
                let there = table.get(at)?.map(|row| (row.value().0, row.value().1));
                let there = there.filter(|&(_, end)| lives(end, now)).map(|(revision, _)| revision);
                let holds = match write.condition {
                    Condition::Always => true,
                    Condition::Absent => there.is_none(),
                    Condition::Revision(revision) => there == Some(revision),
                };
                if !holds {
                    results.push(Err(Conflict));
                    continue;
                }
                revision += 1;
                match &write.value {
                    Some(value) => {
                        let end = if write.ttl_ms == 0 { 0 } else { now.saturating_add(write.ttl_ms) };
                        table.insert(at, (revision, end, value.as_slice()))?;
                    }
                    None => drop(table.remove(at)?),
                }
                results.push(Ok(revision));
            }
            counter.insert(LAST, revision)?;
        }
        transaction.commit()?;
        Ok(results)
    }

    fn try_entries(&self, now: u64, bucket: &str) -> Result<Vec<Entry>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(TABLE)?;
        let mut entries = Vec::new();
        for row in table.range((bucket, "")..)? {
            let (key, row) = row?;
            let (of, key) = key.value();
            if of != bucket {
                break;
            }
            let (revision, end, value) = row.value();
            if lives(end, now) {
                entries.push(Entry { key: key.to_owned(), revision, value: value.to_owned() });
            }
        }
        Ok(entries)
    }

    fn try_get(&self, now: u64, bucket: &str, key: &str) -> Result<Option<Entry>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(TABLE)?;
        let row = table.get((bucket, key))?;
        Ok(row.and_then(|row| {
            let (revision, end, value) = row.value();
            lives(end, now).then(|| Entry { key: key.to_owned(), revision, value: value.to_owned() })
        }))
    }

    fn try_sweep(&mut self, now: u64) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(TABLE)?.retain(|_, (_, end, _)| lives(end, now))?;
        transaction.commit()?;
        Ok(())
    }
}

const fn lives(end: u64, now: u64) -> bool {
    end == 0 || end > now
}

impl Store for Embedded {
    fn get(&self, now: u64, bucket: &str, key: &str) -> Result<Option<Entry>, StoreError> {
        self.try_get(now, bucket, key).map_err(failed("reading the store"))
    }

    fn entries(&self, now: u64, bucket: &str) -> Result<Vec<Entry>, StoreError> {
        self.try_entries(now, bucket).map_err(failed("reading the store"))
    }

    fn write(&mut self, now: u64, writes: &[Write]) -> Result<Vec<Written>, StoreError> {
        let results = self.try_write(now, writes).map_err(failed("writing the store"))?;
        for (write, _) in writes.iter().zip(&results).filter(|(_, result)| result.is_ok()) {
            self.watchers.retain(|(bucket, watcher)| *bucket != write.bucket || watcher.send(write.clone()).is_ok());
        }
        Ok(results)
    }

    fn watch(&mut self, bucket: &'static str) -> mpsc::Receiver<Write> {
        let (watcher, watched) = mpsc::channel();
        self.watchers.push((bucket, watcher));
        watched
    }

    fn sweep(&mut self, now: u64) -> Result<(), StoreError> {
        self.try_sweep(now).map_err(failed("writing the store"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("gamesockets-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn conditions_decide_and_revisions_count_on() {
        let folder = folder("conditions");
        let mut store = Embedded::open(&folder.join("store")).unwrap();
        let watched = store.watch("a");
        let create = Write::create("a", "k", b"1".to_vec());
        assert_eq!(store.write(0, &[create.clone(), create.clone()]).unwrap(), [Ok(1), Err(Conflict)]);
        let at = |revision| Write { condition: Condition::Revision(revision), ..Write::put("a", "k", b"2".to_vec()) };
        assert_eq!(store.write(0, &[at(7), at(1), at(1)]).unwrap(), [Err(Conflict), Ok(2), Err(Conflict)]);
        assert_eq!(store.get(0, "a", "k").unwrap().unwrap().value, b"2");
        assert_eq!(store.get(0, "b", "k").unwrap(), None);
        drop(store);
        let mut store = Embedded::open(&folder.join("store")).unwrap();
        assert_eq!(store.write(0, &[Write::delete("a", "k"), create]).unwrap(), [Ok(3), Ok(4)]);
        assert_eq!(watched.try_iter().count(), 2);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_past_its_time_is_absent() {
        let folder = folder("ttl");
        let mut store = Embedded::open(&folder.join("store")).unwrap();
        let short = Write { ttl_ms: 10, ..Write::create("a", "k", Vec::new()) };
        store.write(0, &[short.clone(), Write::put("a", "l", Vec::new()), Write::put("ab", "m", Vec::new())]).unwrap();
        let keys = |store: &Embedded, now| -> Vec<String> {
            store.entries(now, "a").unwrap().into_iter().map(|entry| entry.key).collect()
        };
        assert_eq!(keys(&store, 9), ["k", "l"]);
        assert_eq!(keys(&store, 10), ["l"]);
        assert_eq!(store.write(5, std::slice::from_ref(&short)).unwrap(), [Err(Conflict)]);
        assert!(store.write(10, &[short]).unwrap()[0].is_ok());
        store.sweep(100).unwrap();
        assert_eq!(keys(&store, 0), ["l"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
