//! A folder on disk becomes findings about the project in it.
//!
//! Reads files only: it never runs code of the project, never follows a link out of the folder and never touches the network.

mod findings;

pub use findings::*;
