//! Evidence becomes a cause, words and a next step. Pure.
//!
//! This is the only place that reads meaning out of other people's error texts; everything else works with codes.

mod catalogue;
mod phrases;
mod rows;

use serde::{Deserialize, Serialize};
use specta::Type;

pub use catalogue::{diagnose, diagnose_all};
pub use phrases::{is_clock_skew, is_consequence, is_never_signed_in, is_no_changes, is_session_over};

/// Where a piece of evidence was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// An event of a CloudFormation stack.
    CfnEvent,
    /// An action of the pipeline.
    PipelineAction,
    /// A phase of a CodeBuild build.
    CodebuildPhase,
    /// The log of a CodeBuild build.
    CodebuildLog,
    /// An event of the ECS service.
    EcsServiceEvent,
    /// The reason why an ECS task stopped.
    EcsStopped,
    /// The end of a container: exit code, reason, last lines of its log.
    ContainerExit,
    /// The log of the migration function.
    LambdaLog,
    /// The output of the Prisma command.
    Prisma,
    /// An answer to an HTTP request.
    Http,
    /// Signing in.
    SignIn,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Where it was read.
    pub kind: EvidenceKind,
    /// What it says.
    pub text: String,
    /// CloudFormation type of the resource it is about.
    #[serde(default)]
    pub resource_type: Option<String>,
    /// CloudFormation's status of that resource.
    #[serde(default)]
    pub status: Option<String>,
}

impl Evidence {
    /// Evidence of this kind with this text.
    pub fn new(kind: EvidenceKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            resource_type: None,
            status: None,
        }
    }

    /// Says which type of resource it is about.
    pub fn about(mut self, resource_type: impl Into<String>) -> Self {
        self.resource_type = Some(resource_type.into());
        self
    }
}

/// What evidence means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// Stable name of the cause, such as `rds-free-plan-backup-retention`.
    pub code: String,
    /// What it means, one or two plain sentences.
    pub meaning: String,
    /// What to do about it.
    pub fix: String,
    /// Where the fix belongs.
    pub class: FixClass,
}

/// Where a fix belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FixClass {
    /// In the AWS account or its surroundings; the plan is fine.
    Account,
    /// In the plan: a setting of the application.
    Settings,
    /// In the user's own code or repository.
    Code,
}
