//! A folder on disk becomes findings about the project in it.
//!
//! Reads files only: it never runs code of the project, never follows a link out of the folder and never touches the network.
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::match_same_arms,
    reason = "programs have many shapes; every reader names the ones it understands, one by one, and takes the rest for unknown"
)]

mod ahead;
mod assemble;
mod backend;
mod bootstrap;
mod bundler;
mod bundling;
mod candidates;
mod change;
mod connection;
mod context;
mod data;
mod datasource;
mod document;
mod entry;
mod environment;
mod error;
mod eval;
mod excerpt;
mod exposure;
mod findings;
mod folder;
mod frontend;
mod git;
mod git_index;
mod guesses;
mod json;
mod manifest;
mod memory;
mod migrations;
mod modules;
mod node;
mod nx;
mod options;
mod other;
mod overrides;
mod place;
mod prisma;
mod program;
mod reach;
mod resolver;
mod routes;
mod script;
mod scripts;
mod server_bundle;
mod services;
mod side_effects;
mod sources;
mod trail;
mod tree;
mod tsconfig;
mod usage;
mod verdict;
mod webpack;
mod wiring;
mod workspace;

use std::path::{Path, PathBuf};
use std::thread::{self, Scope, ScopedJoinHandle};

pub use change::{ChangeError, change};
pub use error::InspectError;
pub use excerpt::{Excerpt, ExcerptError, excerpt};
pub use findings::*;
pub use options::{InspectOptions, Progress, Stage};
pub use overrides::{Edit, Field, OverrideError, Overrides};

/// Stack of the inspecting thread: deep sources make for deep recursion, and only touched pages cost memory.
const STACK: usize = 256 * 1024 * 1024;

/// Inspects a folder.
///
/// # Errors
///
/// When the path is not a folder that could hold one project; see [`InspectError`].
pub fn inspect(dir: &Path) -> Result<Findings, InspectError> {
    inspect_with(dir, &InspectOptions::default())
}

/// Inspects a folder; can be cancelled, reports progress and takes what the user knows better.
///
/// # Errors
///
/// When the path is not a folder that could hold one project, or the caller cancelled; see [`InspectError`].
pub fn inspect_with(dir: &Path, options: &InspectOptions) -> Result<Findings, InspectError> {
    on_tree(dir, options, |tree| assemble::findings(tree, dir, options))
}

/// The one folder among what was dropped.
///
/// # Errors
///
/// [`InspectError::Several`] when it is not one.
pub fn only(paths: &[PathBuf]) -> Result<&Path, InspectError> {
    folder::only(paths)
}

/// The folder's real place: the name under which something about it can be remembered.
///
/// # Errors
///
/// When the path is not a folder that could hold one project; see [`InspectError`].
pub fn real_place(dir: &Path) -> Result<PathBuf, InspectError> {
    folder::check(dir)
}

/// The repository that a folder is a checkout of, with the folder in it: what stays the same when a checkout is moved.
pub fn repository(dir: &Path) -> Option<String> {
    git::identity(&folder::check(dir).ok()?)
}

/// Lists the folder and works on it, on a thread that has room for deep sources.
fn on_tree<T, E>(dir: &Path, options: &InspectOptions, work: impl FnOnce(&tree::Tree) -> Result<T, E> + Send) -> Result<T, E>
where
    T: Send,
    E: From<InspectError> + Send,
{
    let root = folder::check(dir)?;
    let failed = |cause: String| InspectError::Unreadable {
        path: dir.to_owned(),
        cause,
    };
    thread::scope(|scope| {
        let work = || work(&tree::Tree::list(&root, options)?);
        match on_deep_stack(scope, work).map_err(failed)?.join() {
            Ok(result) => result,
            Err(_) => Err(failed("its sources confuse the reader".to_owned()).into()),
        }
    })
}

/// Starts a thread that may recurse deeply; the error is what the operating system said.
fn on_deep_stack<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, String> {
    thread::Builder::new()
        .name("inspect".to_owned())
        .stack_size(STACK)
        .spawn_scoped(scope, work)
        .map_err(|e| e.to_string())
}
