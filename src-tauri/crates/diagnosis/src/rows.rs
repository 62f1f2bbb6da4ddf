//! Rows of the catalogue, by where the trouble is.

mod build;
mod database;
mod http;
mod server;
mod stack;

pub(crate) use build::BUILD;
pub(crate) use database::DATABASE;
pub(crate) use http::HTTP;
pub(crate) use server::SERVER;
pub(crate) use stack::STACK;

use crate::EvidenceKind::{
    self, CfnEvent, CodebuildLog, CodebuildPhase, ContainerExit, EcsServiceEvent, EcsStopped, Http, LambdaLog, PipelineAction,
    Prisma, SignIn,
};

/// Events of stacks, and actions of the pipeline that quote them.
const STACKS: &[EvidenceKind] = &[CfnEvent, PipelineAction];
/// Builds, and actions of the pipeline that quote them.
const BUILDS: &[EvidenceKind] = &[CodebuildPhase, CodebuildLog, PipelineAction];
/// Servers that do not start, and stacks and actions that quote why.
const SERVERS: &[EvidenceKind] = &[EcsStopped, EcsServiceEvent, ContainerExit, CfnEvent, PipelineAction];
/// Whatever talks to a database.
const DATABASES: &[EvidenceKind] = &[Prisma, LambdaLog, ContainerExit, CodebuildLog, PipelineAction];
/// Calls of AWS by the app or by a step of the pipeline.
const CALLS: &[EvidenceKind] = &[CfnEvent, PipelineAction, CodebuildPhase, CodebuildLog, SignIn];
/// Answers to a browser or a probe.
const ANSWERS: &[EvidenceKind] = &[Http];
