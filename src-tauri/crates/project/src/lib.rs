//! A folder on disk becomes findings about the project in it.
//!
//! Reads files only: it never runs code of the project, never follows a link out of the folder and never touches the network.

mod assemble;
mod error;
mod findings;
mod folder;
mod options;
mod place;
mod tree;

use std::path::Path;

pub use error::InspectError;
pub use findings::*;
pub use options::{InspectOptions, Overrides, Progress, Stage};

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
    let root = folder::check(dir)?;
    let tree = tree::Tree::list(&root, options)?;
    Ok(assemble::findings(&tree, options))
}
