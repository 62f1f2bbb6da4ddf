//! Thin commands: take the arguments, call the core, map the error.

pub mod account;
pub mod app;
pub mod deploy;
pub mod live;
pub mod operate;
pub mod plan;
pub mod practice;
pub mod project;
