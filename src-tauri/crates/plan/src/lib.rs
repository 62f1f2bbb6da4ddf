//! Findings and choices become stacks, price, policy, checks and a diagram.
//!
//! Pure: no clock, no network, no disk. The same [`Inputs`] give byte-identical output.

mod choices;
mod plan;

pub use choices::*;
pub use plan::*;
