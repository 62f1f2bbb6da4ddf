//! What the app and the command show of a running application.
//!
//! Times are milliseconds since the Unix epoch. Nothing here ever holds the value of a secret.
//!
//! Longer than 500 lines because it is one flat list of the types that cross to both faces.

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_plan::StackRole;

/// How to reach an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum AccountTarget {
    /// The local practice account.
    Practice,
    /// A profile of `~/.aws/config` or `~/.aws/credentials`.
    #[serde(rename_all = "camelCase")]
    Profile {
        /// Profile name.
        name: String,
        /// Region instead of the profile's own.
        region: Option<String>,
    },
    /// A profile that the app has saved.
    #[serde(rename_all = "camelCase")]
    Saved {
        /// Id of the profile.
        id: String,
        /// Region instead of the profile's own.
        region: Option<String>,
    },
}

/// A connected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of an account, each shown by itself"
)]
pub struct AccountView {
    /// How it is reached.
    pub target: AccountTarget,
    /// Short name for the header: the profile's name or `Practice account`.
    pub label: String,
    /// Twelve digits.
    pub account_id: String,
    /// Who the app is in that account.
    pub arn: String,
    /// Region in use.
    pub region: String,
    /// Whether this is the practice account.
    pub practice: bool,
    /// Whether this is the root user, with which nothing may be deployed.
    pub root: bool,
    /// Whether nothing may be changed through this profile: every such call is refused before it is sent.
    pub read_only: bool,
    /// Whether this is an account of production: it stands out, and changes want its name typed.
    pub production: bool,
    /// Address used instead of AWS's own, unless this is the practice account.
    pub endpoint_url: Option<String>,
}

/// A profile found in the AWS configuration files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileSummary {
    /// Profile name.
    pub name: String,
    /// Region stated in the profile.
    pub region: Option<String>,
    /// How it signs in.
    pub kind: ProfileKind,
}

/// How a profile signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ProfileKind {
    /// Access keys in a file.
    Keys,
    /// IAM Identity Center.
    Sso,
    /// A role on top of another profile.
    AssumeRole,
    /// An external command.
    Process,
    /// A session of `aws login`.
    Login,
    /// Something else, or nothing.
    Other,
}

/// A change set, in human words, before anything is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    /// Names this review in `deploy_execute` and `deploy_discard`.
    pub id: String,
    /// Application.
    pub app: String,
    /// Account it would change.
    pub account: AccountView,
    /// Whether the application exists already.
    pub update: bool,
    /// What happens to certificate and web firewall, if something does.
    pub edge: Option<EdgeReview>,
    /// What AWS would change now in the pipeline stack.
    pub changes: Vec<ChangeRow>,
    /// What the pipeline will build after that, per stack.
    pub later: Vec<LaterStack>,
    /// Monthly price, US dollars.
    pub monthly: f64,
    /// Whether the source host still needs a hand-shake in the AWS console, and where.
    pub connection: ConnectionView,
    /// Why the first attempt failed, if there was one; its remains are removed before the review.
    pub previous_failure: Option<Failure>,
}

/// What a deployment does to the stack with certificate and web firewall, in us-east-1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EdgeReview {
    /// Name of the stack.
    pub name: String,
    /// Its region.
    pub region: String,
    /// What AWS would change in it.
    pub changes: Vec<ChangeRow>,
    /// Whether that happens after the release, because CloudFront uses until then what goes away; otherwise before everything
    /// else.
    pub after_release: bool,
    /// Whether it waits until a person has entered records at a DNS provider outside the account.
    pub waits_for_dns: bool,
}

/// One change of a change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangeRow {
    /// Logical id in the template.
    pub logical_id: String,
    /// CloudFormation type.
    pub resource_type: String,
    /// What it is for.
    pub description: String,
    /// What happens to it.
    pub action: ChangeAction,
    /// Properties that change, for an update.
    pub properties: Vec<String>,
}

/// What a change set does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ChangeAction {
    /// It is created.
    Add,
    /// It is changed in place.
    Modify,
    /// It is created anew and the old one is deleted.
    Replace,
    /// AWS decides while it runs whether it is replaced.
    MayReplace,
    /// It is deleted.
    Remove,
}

/// A stack that the pipeline deploys later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LaterStack {
    /// Which one.
    pub role: StackRole,
    /// Its name.
    pub name: String,
    /// Number of resources.
    pub resources: u32,
}

/// State of the connection to the source host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Name in AWS.
    pub name: String,
    /// Whether the pipeline can use it.
    pub available: bool,
    /// Page of the AWS console where a person finishes it.
    pub console_url: String,
}

/// A deployment, from the first change set to the running site. Derived from AWS alone, so it survives the app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentView {
    /// Application.
    pub app: String,
    /// Where it stands.
    pub phase: DeploymentPhase,
    /// The way from start to end.
    pub steps: Vec<StepView>,
    /// The stacks with their resources, as far as they exist.
    pub stacks: Vec<StackView>,
    /// Present once `phase` is `succeeded` or `failed`.
    pub outcome: Option<Outcome>,
}

/// Where a deployment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DeploymentPhase {
    /// Nothing of the application exists.
    Absent,
    /// Something is going on in AWS.
    Running,
    /// AWS waits for this app to upload the infrastructure; deploying again goes on from here.
    Interrupted,
    /// The latest deployment reached its end.
    Succeeded,
    /// The latest deployment failed; what could be was rolled back.
    Failed,
}

/// One step of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// Stable name: `edgeStack` if there is one, `pipelineStack`, then one per pipeline stage such as `stage:Build`.
    pub id: String,
    /// What happens, in plain words.
    pub title: String,
    /// How far it is.
    pub state: WorkState,
    /// What it waits for or how it ended.
    pub detail: String,
    /// Records that a person has to enter at the DNS provider before it goes on.
    pub records: Vec<DnsRecord>,
}

/// A record at the provider of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecord {
    /// Name, without the dot at its end.
    pub name: String,
    /// Type, such as `CNAME`.
    pub kind: String,
    /// Value, without the dot at its end.
    pub value: String,
    /// Whether AWS has seen it.
    pub seen: bool,
}

/// How far a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WorkState {
    /// Not begun.
    Waiting,
    /// Going on.
    Running,
    /// Done.
    Succeeded,
    /// Failed.
    Failed,
    /// Being undone, or undone, after a failure.
    RolledBack,
    /// Left out or stopped.
    Skipped,
}

/// One stack of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StackView {
    /// Which one.
    pub role: StackRole,
    /// Its name.
    pub name: String,
    /// CloudFormation's own word, such as `CREATE_IN_PROGRESS`.
    pub status: String,
    /// How far it is.
    pub state: WorkState,
    /// Its resources, in the order they began.
    pub resources: Vec<ResourceRow>,
}

/// One resource of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRow {
    /// Stack it belongs to.
    pub stack: StackRole,
    /// Logical id in the template.
    pub logical_id: String,
    /// CloudFormation type.
    pub resource_type: String,
    /// What it is for.
    pub description: String,
    /// CloudFormation's own word.
    pub status: String,
    /// How far it is.
    pub state: WorkState,
    /// Why, if CloudFormation says so.
    pub reason: Option<String>,
    /// When this operation on it began.
    pub started_at: f64,
    /// When this operation on it ended.
    pub ended_at: Option<f64>,
}

/// How a deployment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// One sentence.
    pub sentence: String,
    /// What to do next.
    pub hint: String,
    /// Address of the site.
    pub site_url: Option<String>,
    /// What failed first.
    pub failure: Option<Failure>,
}

/// The first specific failure of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What failed: a logical id or `stage/action`.
    pub what: String,
    /// Its type, for a resource.
    pub resource_type: Option<String>,
    /// What AWS says.
    pub reason: String,
    /// What that means, in plain words.
    pub meaning: String,
    /// What to do about it.
    pub fix: String,
}

/// An application of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSummary {
    /// Application name.
    pub app: String,
    /// Region.
    pub region: String,
    /// Status of the pipeline stack.
    pub status: String,
    /// How far that is.
    pub state: WorkState,
    /// Address of the site, once there is one.
    pub site_url: Option<String>,
}

/// An application as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// Application.
    pub app: String,
    /// Account it runs in.
    pub account: AccountView,
    /// Where its latest deployment stands.
    pub phase: DeploymentPhase,
    /// Address of the site, once there is one.
    pub site_url: Option<String>,
    /// Stacks that exist, in the order they are deployed, without their resources.
    pub stacks: Vec<StackSummary>,
    /// Its servers, once there are any.
    pub servers: Option<ServersView>,
    /// Its pipeline, once there is one.
    pub pipeline: Option<PipelineView>,
    /// How the latest deployment ended, if it did.
    pub outcome: Option<Outcome>,
}

/// A stack by name and status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StackSummary {
    /// Which one.
    pub role: StackRole,
    /// Its name.
    pub name: String,
    /// CloudFormation's own word, such as `CREATE_COMPLETE`.
    pub status: String,
    /// How far it is.
    pub state: WorkState,
}

/// The pipeline of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PipelineView {
    /// Pipeline name.
    pub name: String,
    /// Latest execution.
    pub execution: Option<ExecutionView>,
    /// Stages with the state of their latest execution.
    pub stages: Vec<StageView>,
    /// Executions, newest first, at most 20.
    pub history: Vec<ExecutionView>,
}

/// One execution of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionView {
    /// Execution id.
    pub id: String,
    /// How far it is.
    pub state: WorkState,
    /// What started it, in plain words.
    pub trigger: String,
    /// Commit, if known.
    pub commit: Option<String>,
    /// First line of the commit message, if known.
    pub message: Option<String>,
    /// When it started.
    pub started_at: Option<f64>,
    /// When it last changed.
    pub updated_at: Option<f64>,
}

/// One stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StageView {
    /// Stage name.
    pub name: String,
    /// How far it is.
    pub state: WorkState,
    /// Whether the state belongs to an older execution than the latest.
    pub outdated: bool,
    /// Actions, in order.
    pub actions: Vec<ActionView>,
}

/// One action of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ActionView {
    /// Action name.
    pub name: String,
    /// What it does, in plain words.
    pub description: String,
    /// How far it is.
    pub state: WorkState,
    /// AWS's summary or error.
    pub detail: Option<String>,
    /// When it last changed.
    pub updated_at: Option<f64>,
}

/// The servers of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ServersView {
    /// Cluster name.
    pub cluster: String,
    /// Service name.
    pub service: String,
    /// `Fargate` or the capacity provider.
    pub launch: String,
    /// Number of servers asked for.
    pub desired: u32,
    /// Number of servers that run.
    pub running: u32,
    /// Number of servers that are starting.
    pub pending: u32,
    /// Lowest number the scaling may choose.
    pub min: u32,
    /// Highest number the scaling may choose.
    pub max: u32,
    /// Deployments going on, newest first.
    pub rollouts: Vec<RolloutView>,
    /// Running servers, then recently stopped ones.
    pub tasks: Vec<TaskView>,
    /// Service events, newest first, at most 20.
    pub events: Vec<ServiceEvent>,
}

/// A rollout of a task definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RolloutView {
    /// `family:revision`.
    pub task_definition: String,
    /// ECS's own word: `PRIMARY`, `ACTIVE`, `DRAINING`.
    pub status: String,
    /// How far it is.
    pub state: WorkState,
    /// Servers asked for.
    pub desired: u32,
    /// Servers that run.
    pub running: u32,
    /// Servers that failed to start.
    pub failed: u32,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    /// Short id.
    pub id: String,
    /// ECS's own word, such as `RUNNING`.
    pub status: String,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: String,
    /// Availability zone.
    pub zone: Option<String>,
    /// `family:revision`.
    pub task_definition: String,
    /// When it started.
    pub started_at: Option<f64>,
    /// Why it stopped.
    pub stopped_reason: Option<String>,
}

/// An event of the ECS service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ServiceEvent {
    /// When.
    pub at: f64,
    /// What ECS says.
    pub message: String,
}

/// The secrets of an application, by name only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SecretsView {
    /// Name of the secret in Secrets Manager.
    pub secret_name: String,
    /// Its current version.
    pub version: String,
    /// When its value last changed.
    pub changed_at: Option<f64>,
    /// Keys, in alphabetical order.
    pub keys: Vec<SecretKey>,
    /// Whether every server runs with the current version.
    pub servers_current: bool,
}

/// One secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SecretKey {
    /// Name of the environment variable.
    pub name: String,
    /// Whether AWS or this app owns the value (the database address), so that it cannot be edited.
    pub managed: bool,
    /// Whether the service knows this key.
    pub injected: bool,
}

/// A message of a live subscription. `seq` starts at 0 and grows by one.
///
/// The first message is always a `snapshot` or a `trouble`; after it, `delta`s refine the latest snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Update<S, D> {
    /// Position in the subscription.
    pub seq: u32,
    /// When AWS was last asked with success.
    pub at: f64,
    /// What it says.
    pub body: UpdateBody<S, D>,
}

/// Content of an [`Update`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "type", content = "data")]
pub enum UpdateBody<S, D> {
    /// The whole state.
    Snapshot(S),
    /// What changed since the message before.
    Delta(D),
    /// Asked again, nothing changed.
    Fresh,
    /// Asking failed; the app tries again by itself.
    Trouble(TroubleView),
    /// No more messages will come.
    Closed,
}

/// Why a live view is not fresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TroubleView {
    /// What went wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Seconds until the next try.
    pub retry_in_seconds: u32,
    /// Whether a new sign-in is needed before anything helps.
    pub signed_out: bool,
}

/// What changed in a [`DeploymentView`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentDelta {
    /// Where it stands now.
    pub phase: DeploymentPhase,
    /// All steps.
    pub steps: Vec<StepView>,
    /// Stacks whose status changed; their `resources` hold only the rows that changed or are new.
    pub stacks: Vec<StackView>,
    /// Present once it ended.
    pub outcome: Option<Outcome>,
}
