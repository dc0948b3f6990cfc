//! Numbers for what the managed side holds. None is ever dealt twice.

/// Things by number: `generation << 32 | slot + 1`. 0 is no number.
pub(crate) struct Table<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn insert(&mut self, value: T) -> u64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, value: None });
            self.slots.len() as u32 - 1
        });
        let slot = &mut self.slots[index as usize];
        slot.value = Some(value);
        u64::from(slot.generation) << 32 | u64::from(index + 1)
    }

    pub(crate) fn get(&self, handle: u64) -> Option<&T> {
        let slot = self.slots.get(index(handle)?)?;
        slot.value.as_ref().filter(|_| u64::from(slot.generation) == handle >> 32)
    }

    pub(crate) fn remove(&mut self, handle: u64) -> Option<T> {
        self.get(handle)?;
        let index = index(handle)?;
        let slot = &mut self.slots[index];
        let value = slot.value.take();
        // A slot whose generations are used up stays empty.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(index as u32);
        }
        value
    }
}

fn index(handle: u64) -> Option<usize> {
    (handle as u32).checked_sub(1).map(|index| index as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dealt_once() {
        let mut table = Table::new();
        assert!(table.get(0).is_none());
        let first = table.insert('a');
        let other = table.insert('b');
        assert_eq!(table.remove(first), Some('a'));
        assert_eq!(table.remove(first), None);
        let second = table.insert('c');
        assert_ne!(first, second);
        assert_eq!([first, second, other].map(|handle| table.get(handle).copied()), [None, Some('c'), Some('b')]);
        assert!(table.get(u64::MAX).is_none());
    }
}
