//! An ordered map whose copies share structure: a copy costs one pointer, and a change of it copies
//! the nodes on one path, whatever the number of entries.
//!
//! It is a B+ tree of reference-counted slices with the number of entries in each branch, so that
//! the n-th entry is found as fast as one by its key. Entries are not removed: what clients changed
//! only grows. The published crates take more memory for small entries (a node each, or nodes of a
//! fixed size that ascending keys leave half empty), and do not count.

use std::borrow::Borrow;
use std::fmt::{self, Debug};
use std::iter;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

/// Maximum number of entries in a leaf, and of branches in a node. A change copies one of each on
/// every level, so less is faster; the memory for nodes is divided by it.
const WIDTH: usize = 16;

#[derive(Clone)]
pub(crate) struct SharedMap<K, V> {
    root: Node<K, V>,
}

/// Only a root is empty.
#[derive(Clone)]
enum Node<K, V> {
    /// Ascending by key.
    Leaf(Arc<[(K, V)]>),
    Inner(Arc<[Branch<K, V>]>),
}

#[derive(Clone)]
struct Branch<K, V> {
    /// The last key in it.
    last: K,
    /// The number of entries in it.
    count: usize,
    node: Node<K, V>,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self { root: Node::Leaf(Arc::default()) }
    }
}

impl<K, V> SharedMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.root.len()
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(entries) => {
                    let place = entries.binary_search_by(|(found, _)| found.borrow().cmp(key));
                    return place.ok().and_then(|place| entries.get(place)).map(|(_, value)| value);
                }
                Node::Inner(branches) => {
                    let place = branches.partition_point(|branch| branch.last.borrow() < key);
                    node = &branches.get(place)?.node;
                }
            }
        }
    }

    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// The number of entries before the first whose key it is false for; it must be false for all
    /// keys after that one.
    pub(crate) fn partition_point(&self, is_before: impl Fn(&K) -> bool) -> usize {
        let (mut node, mut before) = (&self.root, 0);
        loop {
            match node {
                Node::Leaf(entries) => {
                    return before + entries.partition_point(|(key, _)| is_before(key));
                }
                Node::Inner(branches) => {
                    let place = branches.partition_point(|branch| is_before(&branch.last));
                    before += branches.iter().take(place).map(|branch| branch.count).sum::<usize>();
                    match branches.get(place) {
                        Some(branch) => node = &branch.node,
                        None => return before,
                    }
                }
            }
        }
    }

    /// All entries, ascending by key.
    pub(crate) fn entries(&self) -> Entries<'_, K, V> {
        Entries { map: Some(self), range: (0, self.len()) }
    }

    /// The leaf that has the entry with that index, and the index in it.
    fn leaf(&self, mut index: usize) -> Option<(&[(K, V)], usize)> {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(entries) => return Some((entries, index)),
                Node::Inner(branches) => {
                    node = &branches
                        .iter()
                        .find(|branch| {
                            let is_in = index < branch.count;
                            index -= if is_in { 0 } else { branch.count };
                            is_in
                        })?
                        .node;
                }
            }
        }
    }
}

impl<K: Ord + Clone, V: Clone> SharedMap<K, V> {
    /// Adds an entry, in place of the one with that key if there is one.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if let Some(right) = self.root.insert(key, value) {
            let left = std::mem::replace(&mut self.root, Node::Leaf(Arc::default()));
            self.root = Node::Inner([left, right].into_iter().filter_map(Branch::of).collect());
        }
    }

    /// The value of the key; it is added if there is none.
    #[expect(clippy::expect_used, reason = "it was just added")]
    pub(crate) fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        if !self.contains_key(&key) {
            self.insert(key.clone(), V::default());
        }
        self.root.get_mut(&key).expect("the entry of the key")
    }
}

impl<K, V> Node<K, V> {
    fn len(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Inner(branches) => branches.iter().map(|branch| branch.count).sum(),
        }
    }

    fn last(&self) -> Option<&K> {
        match self {
            Self::Leaf(entries) => entries.last().map(|(key, _)| key),
            Self::Inner(branches) => branches.last().map(|branch| &branch.last),
        }
    }
}

impl<K: Ord + Clone, V: Clone> Node<K, V> {
    /// Adds an entry; gives the right part if there was no room.
    fn insert(&mut self, key: K, value: V) -> Option<Self> {
        match self {
            Self::Leaf(entries) => match entries.binary_search_by(|(found, _)| found.cmp(&key)) {
                Ok(place) => {
                    Arc::make_mut(entries)[place].1 = value;
                    None
                }
                Err(place) => put(entries, place, (key, value)).map(Self::Leaf),
            },
            Self::Inner(branches) => {
                let place = branches.partition_point(|branch| branch.last < key);
                let place = place.min(branches.len() - 1);
                let branch = &mut Arc::make_mut(branches)[place];
                let right = branch.node.insert(key, value);
                branch.count = branch.node.len();
                if let Some(last) = branch.node.last().filter(|last| **last != branch.last) {
                    branch.last = last.clone();
                }
                let right = right.and_then(Branch::of)?;
                put(branches, place + 1, right).map(Self::Inner)
            }
        }
    }

    fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::Leaf(entries) => {
                let place = entries.binary_search_by(|(found, _)| found.cmp(key)).ok()?;
                Arc::make_mut(entries).get_mut(place).map(|(_, value)| value)
            }
            Self::Inner(branches) => {
                let place = branches.partition_point(|branch| branch.last < *key);
                Arc::make_mut(branches).get_mut(place)?.node.get_mut(key)
            }
        }
    }
}

impl<K: Clone, V> Branch<K, V> {
    fn of(node: Node<K, V>) -> Option<Self> {
        Some(Self { last: node.last()?.clone(), count: node.len(), node })
    }
}

/// Inserts an item before the one at that place; gives the right part if there was no room.
fn put<T: Clone>(items: &mut Arc<[T]>, place: usize, item: T) -> Option<Arc<[T]>> {
    if items.len() < WIDTH {
        *items = inserted(items, place, item);
        return None;
    }
    // What is only added to at its end stays full.
    let cut = if place == items.len() { place } else { items.len() / 2 };
    let (left, right) = items.split_at(cut);
    let (left, right) = if place < cut {
        (inserted(left, place, item), right.into())
    } else {
        (left.into(), inserted(right, place - cut, item))
    };
    *items = left;
    Some(right)
}

fn inserted<T: Clone>(items: &[T], place: usize, item: T) -> Arc<[T]> {
    let (before, after) = items.split_at(place);
    before.iter().cloned().chain(iter::once(item)).chain(after.iter().cloned()).collect()
}

/// Adjacent entries of a map.
pub(crate) struct Entries<'m, K, V> {
    /// None: there are none.
    map: Option<&'m SharedMap<K, V>>,
    /// The indexes of the first and after the last; both exist.
    range: (usize, usize),
}

impl<K, V> Clone for Entries<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Entries<'_, K, V> {}

impl<K, V> Default for Entries<'_, K, V> {
    fn default() -> Self {
        Self { map: None, range: (0, 0) }
    }
}

impl<'m, K, V> Entries<'m, K, V> {
    pub(crate) fn len(&self) -> usize {
        self.range.1 - self.range.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(&self, index: usize) -> Option<&'m (K, V)> {
        let index = self.range.0 + index;
        let map = self.map.filter(|_| index < self.range.1)?;
        let (leaf, place) = map.leaf(index)?;
        leaf.get(place)
    }

    /// Those with these indexes, as far as they exist.
    pub(crate) fn slice(self, indexes: Range<usize>) -> Self {
        let (start, end) = self.range;
        let at = |index: usize| start.saturating_add(index).min(end);
        let from = at(indexes.start);
        Self { range: (from, at(indexes.end).max(from)), ..self }
    }

    /// Those after the first `count`.
    pub(crate) fn skip(self, count: usize) -> Self {
        self.slice(count..usize::MAX)
    }

    /// The number of entries before the first that it is false for; it must be false for all after
    /// that one.
    pub(crate) fn partition_point(&self, is_before: impl Fn(&(K, V)) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&is_before) { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(crate) fn iter(self) -> Iter<'m, K, V> {
        Iter { rest: self, front: [].iter(), back: [].iter() }
    }
}

impl<'m, K, V> IntoIterator for Entries<'m, K, V> {
    type Item = &'m (K, V);
    type IntoIter = Iter<'m, K, V>;

    fn into_iter(self) -> Iter<'m, K, V> {
        self.iter()
    }
}

pub(crate) struct Iter<'m, K, V> {
    /// Those in neither of the two parts of leaves.
    rest: Entries<'m, K, V>,
    front: slice::Iter<'m, (K, V)>,
    back: slice::Iter<'m, (K, V)>,
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = &'m (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.front.as_slice().is_empty() && !self.rest.is_empty() {
            let (leaf, place) = self.rest.map?.leaf(self.rest.range.0)?;
            let part = leaf.get(place..)?;
            let part = part.get(..self.rest.len()).unwrap_or(part);
            self.rest = self.rest.skip(part.len());
            self.front = part.iter();
        }
        self.front.next().or_else(|| self.back.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.front.len() + self.rest.len() + self.back.len();
        (count, Some(count))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.back.as_slice().is_empty() && !self.rest.is_empty() {
            let (leaf, place) = self.rest.map?.leaf(self.rest.range.1 - 1)?;
            let part = leaf.get(..=place)?;
            let part = &part[part.len().saturating_sub(self.rest.len())..];
            self.rest = self.rest.slice(0..self.rest.len() - part.len());
            self.back = part.iter();
        }
        self.back.next_back().or_else(|| self.front.next_back())
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<K: Debug, V: Debug> Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries().iter().map(|(key, value)| (key, value))).finish()
    }
}

impl<K: Debug, V: Debug> Debug for Entries<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries().iter().eq(other.entries())
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for SharedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn nodes<K, V>(node: &Node<K, V>, found: &mut HashSet<usize>) {
        match node {
            Node::Leaf(entries) => {
                found.insert(entries.as_ptr().addr());
            }
            Node::Inner(branches) => {
                found.insert(branches.as_ptr().addr());
                branches.iter().for_each(|branch| nodes(&branch.node, found));
            }
        }
    }

    /// The number of nodes that the second map does not share with the first, and that it has.
    fn unshared<K, V>(first: &SharedMap<K, V>, second: &SharedMap<K, V>) -> (usize, usize) {
        let (mut before, mut after) = (HashSet::new(), HashSet::new());
        nodes(&first.root, &mut before);
        nodes(&second.root, &mut after);
        (after.difference(&before).count(), after.len())
    }

    proptest! {
        #[test]
        fn a_map_is_what_the_standard_one_is_and_a_copy_stays_what_it_was(
            keys in proptest::collection::vec(0u32..600, 0..900),
            copied_at in 0usize..900,
            (from, to) in (0usize..700, 0usize..700),
            mixed in proptest::collection::vec(any::<bool>(), 0..40),
        ) {
            let (mut map, mut expected) = (SharedMap::default(), BTreeMap::new());
            let mut copy = None;
            for (i, &key) in keys.iter().enumerate() {
                if i == copied_at {
                    copy = Some((map.clone(), expected.clone()));
                }
                if key % 3 == 0 {
                    *map.or_default(key) += i;
                    *expected.entry(key).or_default() += i;
                } else {
                    map.insert(key, i);
                    expected.insert(key, i);
                }
            }
            for (map, expected) in copy.into_iter().chain([(map, expected)]) {
                let all: Vec<(u32, usize)> = expected.iter().map(|(&k, &v)| (k, v)).collect();
                prop_assert_eq!(map.len(), all.len());
                prop_assert!(map.entries().iter().eq(&all));
                prop_assert!(map.entries().iter().rev().eq(all.iter().rev()));
                prop_assert_eq!(map.entries().iter().len(), all.len());
                for key in 0..600 {
                    prop_assert_eq!(map.get(&key), expected.get(&key));
                    prop_assert_eq!(
                        map.partition_point(|&k| k < key), all.partition_point(|&(k, _)| k < key)
                    );
                }
                for index in 0..=all.len() {
                    prop_assert_eq!(map.entries().get(index), all.get(index));
                }
                let (from, to) = (from.min(all.len()), to.min(all.len()).max(from.min(all.len())));
                let part = map.entries().slice(from..to);
                prop_assert!(part.iter().eq(&all[from..to]));
                prop_assert_eq!(
                    part.partition_point(|&(k, _)| k < 300),
                    all[from..to].partition_point(|&(k, _)| k < 300)
                );
                prop_assert_eq!(part.skip(3).get(1), all[from..to].get(4));
                // From both ends.
                let (mut one, mut other) = (part.iter(), all[from..to].iter());
                for &front in &mixed {
                    let (found, expected) = if front {
                        (one.next(), other.next())
                    } else {
                        (one.next_back(), other.next_back())
                    };
                    prop_assert_eq!(found, expected);
                    prop_assert_eq!(one.len(), other.len());
                }
            }
        }
    }

    #[test]
    fn a_change_copies_one_path_whatever_the_number_of_entries() {
        let spread = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for count in [1_000, 200_000] {
            let ascending: SharedMap<u64, u64> = (0..count).map(|i| (i, i)).collect();
            let random: SharedMap<u64, u64> = (0..count).map(|i| (spread(i), i)).collect();
            // Whatever the order, nodes are half full at least; in ascending order they are full.
            let (_, nodes) = unshared(&SharedMap::default(), &ascending);
            assert!(nodes as u64 <= count / 14, "{nodes} nodes for {count} entries");
            let (_, nodes) = unshared(&SharedMap::default(), &random);
            assert!(nodes as u64 <= count / 6, "{nodes} nodes for {count} entries");
            for (map, key) in [(ascending, count), (random, spread(count))] {
                let mut longer = map.clone();
                longer.insert(key, 0);
                // A path has six nodes at most here; each can be split.
                let (copied, _) = unshared(&map, &longer);
                assert!(copied <= 12, "{copied} nodes copied for {count} entries");
                let mut changed = longer.clone();
                *changed.or_default(key) = 1;
                let (copied, _) = unshared(&longer, &changed);
                assert!(copied <= 6, "{copied} nodes copied for {count} entries");
                assert_eq!((longer.get(&key), changed.get(&key)), (Some(&0), Some(&1)));
            }
        }
    }
}
