//! Findings and choices become stacks, price, policy, checks and a diagram.
//!
//! Pure: no clock, no network, no disk. The same [`Inputs`] give byte-identical output.

mod application;
mod archive;
mod artifacts;
mod checks;
mod choices;
mod deployer;
mod diagram;
mod eject;
mod error;
mod layout;
mod model;
mod plan;
mod policy;
mod price;
mod quote;
mod rights;
mod source_host;
mod stacks;
mod validate;
mod value;
mod yaml;

#[cfg(test)]
mod faults;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod fixtures;

pub use archive::{migrator_zip, read_account_facts, read_inputs};
pub use choices::*;
pub use deployer::{Deployer, Holder, deployer_stack};
pub use eject::{EjectOptions, EjectedFile, eject};
pub use error::PlanError;
pub use plan::*;
pub use price::fresh::{FreshPrices, FreshUnit, PriceQuestion, price_questions};
pub use quote::*;
pub use source_host::{connection_name, host_name};
pub use stacks::viewer::REGION as EDGE_REGION;
pub use validate::{MAX_SECRET_KEYS, MAX_SERVERS, validate_secret_key};
