//! What the importer understands, one behavior at a time, on projects that the tests write themselves.

mod choices;
mod data;
mod entry_file;
mod front_end;
mod install;
mod listening;
mod robustness;
mod settings;
mod support;
