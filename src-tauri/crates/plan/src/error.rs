//! Why something cannot be planned.

use std::fmt::Display;

use thiserror::Error;

/// Why something cannot be planned. Every message names the field, the value and the rule, and can be shown as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A choice breaks a rule.
    #[error("{}", broken(field, value, rule))]
    Choice {
        /// Path of the field in [`Choices`](crate::Choices) or [`Inputs`](crate::Inputs), such as `servers.max`.
        field: &'static str,
        /// The value, as text; never the value of a secret.
        value: String,
        /// The rule, with an example of what would be right.
        rule: String,
    },
    /// The project as found cannot be deployed.
    #[error("this project cannot be planned: {reason}")]
    Project {
        /// One sentence with what to do next.
        reason: String,
    },
    /// A zip that should be ours is not readable.
    #[error("{file} in infra.zip cannot be read: {reason}")]
    Archive {
        /// File inside the zip, or `infra.zip` itself.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A broken rule in words. What is empty was not filled in yet, which is not the same as wrong.
fn broken(field: &str, value: &str, rule: &str) -> String {
    if value.is_empty() {
        format!("{field} is missing: {rule}")
    } else {
        format!("{field} cannot be \"{value}\": {rule}")
    }
}

impl PlanError {
    pub(crate) fn choice(field: &'static str, value: impl Display, rule: impl Into<String>) -> Self {
        Self::Choice {
            field,
            value: value.to_string(),
            rule: rule.into(),
        }
    }

    pub(crate) fn project(reason: impl Into<String>) -> Self {
        Self::Project { reason: reason.into() }
    }

    pub(crate) fn archive(file: impl Into<String>, reason: impl Display) -> Self {
        Self::Archive {
            file: file.into(),
            reason: reason.to_string(),
        }
    }
}
