//! The faults of a running world, and how often each has met a call and happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderName;

use super::{Effects, Fault, Instead, Page};
use crate::gateway::{Admitted, header_value};
use crate::plan::Plan;
use crate::wire::Reply;
use crate::world::draw::{Seed, Stream, draw, hash_bytes, scale};

/// Counts are atomic words of a fixed number: nobody waits for anybody.
#[derive(Debug, Default)]
pub struct Faults {
    faults: Vec<Arc<Fault>>,
    /// For each fault, a word for each access key and one for calls without a known one.
    calls: Box<[AtomicU64]>,
    happened: Box<[AtomicU64]>,
    keys: usize,
}

/// A fault that happens to a call.
#[derive(Clone, Debug)]
pub struct Fired {
    pub fault: Arc<Fault>,
    /// How often it has happened, from 1.
    pub count: u64,
    /// The number of the call, among those of its access key that the fault looks at.
    pub call: u64,
    pub effects: Effects,
}

impl Fired {
    pub fn instead(&self) -> Option<&Instead> {
        self.fault.act.instead.as_ref()
    }

    /// The answer with what the fault does to it before it leaves.
    pub fn spoil(&self, reply: Reply) -> Reply {
        let mut reply = match self.fault.act.garble {
            Some(garble) => garble.apply(reply),
            None => reply,
        };
        if self.fault.announced {
            let name = HeaderName::from_static("x-syncmock-fault");
            reply.headers_mut().insert(name, header_value(&self.label()));
        }
        reply
    }

    /// `NAME#COUNT`
    pub fn label(&self) -> String {
        format!("{}#{}", self.fault.name, self.count)
    }
}

fn zeroes(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl Faults {
    /// Those of the plan.
    pub fn of(plan: &Plan) -> Self {
        Self::new(plan.faults.clone(), plan.gateway.keys.len())
    }

    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// `keys` is how many access keys the plan has.
    pub fn new(faults: Vec<Arc<Fault>>, keys: usize) -> Self {
        let (calls, happened) = (zeroes(faults.len() * (keys + 1)), zeroes(faults.len()));
        Self { faults, calls, happened, keys: keys + 1 }
    }

    /// As if so many calls had been made before, with every key.
    pub fn after(self, calls: u64) -> Self {
        for word in &self.calls {
            word.store(calls, Ordering::Relaxed);
        }
        self
    }

    /// The faults, each with how many calls it has looked at and how often it has happened.
    pub fn counted(&self) -> impl Iterator<Item = (&Arc<Fault>, u64, u64)> {
        let calls = self.calls.chunks(self.keys.max(1)).map(|words| {
            words.iter().map(|word| word.load(Ordering::Relaxed)).fold(0, u64::saturating_add)
        });
        let happened = self.happened.iter().map(|word| word.load(Ordering::Relaxed));
        self.faults.iter().zip(calls).zip(happened).map(|((fault, calls), n)| (fault, calls, n))
    }

    /// The first fault that happens to the call. Every fault that looks at it counts it.
    pub fn meet(&self, call: &Admitted<'_>, seed: Seed) -> Option<Fired> {
        if self.faults.is_empty() {
            return None;
        }
        let key = call.key_place();
        let page = Page::of(call.arguments());
        let mut fired = None;
        for (place, fault) in self.faults.iter().enumerate() {
            if !fault.looks_at(call, key, page) {
                continue;
            }
            let word = self.calls.get(place * self.keys + key.unwrap_or(self.keys - 1));
            let number = word.map_or(1, |word| word.fetch_add(1, Ordering::Relaxed) + 1);
            if fired.is_none() && fault.happens(number, seed) {
                let count = self.happened.get(place);
                let count = count.map_or(1, |word| word.fetch_add(1, Ordering::Relaxed) + 1);
                let effects = fault.effects(number, seed);
                fired = Some(Fired { fault: fault.clone(), count, call: number, effects });
            }
        }
        fired
    }
}

const CHANCE: Stream = Stream::named("fault.ratio");
const DELAY: Stream = Stream::named("fault.delay");

impl Fault {
    fn looks_at(&self, call: &Admitted<'_>, key: Option<usize>, page: Page) -> bool {
        let on = &self.on;
        let target = call.target();
        on.service.as_deref().is_none_or(|service| service == target.service.name)
            && on.operation.as_deref().is_none_or(|operation| operation == target.operation.name)
            && on.credential.is_none_or(|credential| key == Some(credential))
            && on.page.is_none_or(|wanted| wanted.includes(page))
            && on.from.is_none_or(|from| call.now() >= from)
            && on.until.is_none_or(|until| call.now() < until)
            && self.can_refuse(target)
    }

    fn happens(&self, call: u64, seed: Seed) -> bool {
        self.on.calls.include(call)
            && self
                .on
                .ratio
                .is_none_or(|(some, of)| scale(draw(seed, CHANCE, self.chance(call)), of) < some)
    }

    /// What a call's draws are drawn by: its number, so that every access key meets the same.
    fn chance(&self, call: u64) -> u64 {
        hash_bytes(self.name.as_bytes()).wrapping_add(call)
    }

    fn effects(&self, call: u64, seed: Seed) -> Effects {
        let delay = self.act.delay.as_ref();
        Effects {
            delay: delay.map_or(0, |delay| delay.at(draw(seed, DELAY, self.chance(call)))),
            wire: self.act.wire,
        }
    }

    /// A refusal by a code happens where the code is known.
    fn can_refuse(&self, target: crate::service::Target) -> bool {
        match &self.act.instead {
            Some(Instead::Refuse { code, .. }) => target.catalogued(code).is_some(),
            _ => true,
        }
    }
}
