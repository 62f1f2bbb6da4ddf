//! Signing in against an account that checks who signs: refusals, a session that ends in the middle of a deployment, and other
//! programs that get their credentials from us.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the tables and figures are what these tests are read for")]

mod account;
mod aws_cli;
mod canary;
mod console;
mod expiry;
mod refusals;
