//! Reads scripts on two threads before somebody walks through them in order, and so finds everything ready.
//!
//! What is made ready never depends on who did it, so findings are the same however the threads take turns.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crate::InspectOptions;
use crate::manifest::Manifest;
use crate::resolver::{Resolver, is_script};
use crate::script::Reader;
use crate::sources::Sources;
use crate::tree::{Tree, lock};
use crate::tsconfig::TsConfigs;

/// Scripts that a thread takes at once.
const TAKEN: usize = 8;

/// Most scripts that are read before somebody asks for one.
const MAX_AHEAD: usize = 5000;

/// What every thread needs to read scripts.
#[derive(Clone, Copy)]
pub(crate) struct Project<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) manifests: &'t [Manifest],
    pub(crate) tsconfigs: &'t TsConfigs,
    pub(crate) sources: &'t Sources<'t>,
    pub(crate) options: &'t InspectOptions,
}

/// Looks at each of the scripts, on two threads.
pub(crate) fn each(project: Project<'_>, scripts: &[u32], reader: &Reader, look: impl Fn(u32, &Reader) + Sync) {
    let next = AtomicUsize::new(0);
    let work = |reader: &Reader| {
        while !project.options.cancelled() {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            let Some(rest) = scripts.get(from..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            for place in rest.iter().take(TAKEN) {
                look(*place, reader);
            }
        }
    };
    thread::scope(|scope| {
        // Without a second thread the first one does it all.
        let _second = crate::on_deep_stack(scope, || work(&Reader::default()));
        work(reader);
    });
}

/// Scripts that were found and wait to be read.
struct Waiting {
    places: Vec<u32>,
    /// By the position in the tree.
    seen: Vec<bool>,
    found: usize,
    /// Threads that may still find more.
    busy: usize,
    /// Threads that wait for them.
    idle: usize,
}

impl Waiting {
    fn add(&mut self, place: u32) {
        let seen = self.seen.get_mut(place as usize);
        if self.found < MAX_AHEAD && seen.is_some_and(|seen| !std::mem::replace(seen, true)) {
            self.found += 1;
            self.places.push(place);
        }
    }
}

/// Lets the other thread end where one ended unforeseen; otherwise it would wait for what that one might find.
struct Ended<'w> {
    waiting: &'w Mutex<Waiting>,
    more: &'w Condvar,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.waiting).busy -= 1;
            self.more.notify_all();
        }
    }
}

/// Reads what the scripts mention, however far away. `seen` says what was read before, and afterwards what was read then.
pub(crate) fn follow(project: Project<'_>, entries: &[u32], seen: &mut Vec<bool>, reader: &Reader, resolver: &Resolver<'_>) {
    let mut waiting = Waiting {
        places: Vec::new(),
        seen: std::mem::take(seen),
        found: 0,
        busy: 0,
        idle: 0,
    };
    waiting.seen.resize(project.tree.len(), false);
    for place in entries {
        waiting.add(*place);
    }
    let waiting = Mutex::new(waiting);
    let more = Condvar::new();
    let work = |reader: &Reader, resolver: &Resolver<'_>, enough: usize| {
        let mut now = lock(&waiting);
        while now.places.len() < enough {
            if project.options.cancelled() {
                now.places.clear();
            }
            // Never all of them, so that the other thread finds something.
            let mine = now.places.len().div_ceil(2).min(TAKEN);
            let from = now.places.len() - mine;
            let mine = now.places.split_off(from);
            if mine.is_empty() {
                if now.busy == 0 {
                    break;
                }
                now.idle += 1;
                now = more.wait(now).unwrap_or_else(PoisonError::into_inner);
                now.idle -= 1;
                continue;
            }
            now.busy += 1;
            drop(now);
            let ended = Ended {
                waiting: &waiting,
                more: &more,
            };
            let outlines = mine.into_iter().filter_map(|place| project.sources.outline(place, reader));
            let linked = outlines.flat_map(|outline| resolver.links(outline).iter().flatten());
            let scripts: Vec<u32> = linked.copied().filter(|place| is_script(project.tree.at(*place))).collect();
            drop(ended);
            now = lock(&waiting);
            now.busy -= 1;
            for place in scripts {
                now.add(place);
            }
            if now.idle > 0 {
                more.notify_all();
            }
        }
        if now.idle > 0 {
            more.notify_all();
        }
    };
    // A second thread is worth its while only where there is much to read.
    work(reader, resolver, 2 * TAKEN);
    if !lock(&waiting).places.is_empty() {
        thread::scope(|scope| {
            // Without a second thread the first one does it all.
            let _second = crate::on_deep_stack(scope, || {
                let resolver = Resolver::new(project.tree, project.manifests, project.tsconfigs);
                work(&Reader::default(), &resolver, usize::MAX);
            });
            work(reader, resolver, usize::MAX);
        });
    }
    *seen = waiting.into_inner().unwrap_or_else(PoisonError::into_inner).seen;
}
