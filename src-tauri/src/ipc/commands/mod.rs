//! Thin commands: take the arguments, call the core, map the error.
#![expect(
    clippy::missing_errors_doc,
    reason = "a command fails with an IpcError, which explains itself to the user"
)]
#![expect(clippy::needless_pass_by_value, reason = "Tauri hands commands their state by value")]

pub mod account;
pub mod app;
pub mod audit;
pub mod deploy;
pub mod deployer;
pub mod live;
pub mod operate;
pub mod plan;
pub mod practice;
pub mod preflight;
pub mod profile;
pub mod project;
pub mod sign_in;
