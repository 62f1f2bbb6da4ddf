//! Signing in against an account that checks who signs: refusals, a session that ends in the middle of a deployment, and other
//! programs that get their credentials from us.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the tables and figures are what these tests are read for")]

mod account;
mod aws_cli;
mod canary;
mod console;
mod directory;
mod expiry;
mod panics;
mod refusals;
mod role;
#[expect(clippy::unwrap_used, reason = "whatever fails on the way to a check fails the check")]
#[path = "../../../src-tauri/crates/signin/tests/signin/stand_in.rs"]
mod stand_in;
mod terminal;
