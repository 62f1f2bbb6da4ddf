//! Everything that talks to AWS: sessions, deployments and live views.
//!
//! A [`Session`] is a connected account. [`deploy`] reviews and executes a plan, [`live`] shows what happens, and the functions
//! at the root operate a running application. CloudFormation is the database: what is shown is derived from AWS alone, so it
//! survives the app.

mod access;
mod apps;
mod audit;
mod connection;
pub mod deploy;
mod deployer;
mod deployment;
mod ec2;
mod error;
mod infra;
mod journal;
pub mod live;
mod pipeline;
mod preflight;
mod prices;
mod profiles;
mod proof;
mod query;
mod release;
mod remains;
mod secrets;
mod servers;
mod session;
mod stacks;
#[cfg(test)]
mod testing;
mod time;
pub mod view;
mod watch;
#[cfg(test)]
mod wire_tests;

pub use access::Access;
pub use apps::{applications, status};
pub use audit::{AuditEntry, AuditFilter, AuditLog, AuditPage};
pub use deployer::{DeployerReview, DeployerWish, discard_deployer, make_deployer, review_deployer};
pub use error::{CloudError, ErrorCode, Result};
pub use infra::deployed_inputs;
pub use journal::Journal;
pub use pipeline::pipeline_start;
pub use preflight::{Preflight, PreflightCheck, PreflightId, PreflightResult, preflight};
pub use prices::{PriceRefresh, refresh_prices};
pub use profiles::profiles;
pub use proof::{Facts, latency, prove};

pub use secrets::{secret_delete, secret_put};
pub use servers::scale;
pub use session::{Endpoint, Session};
pub use watch::Refused;
