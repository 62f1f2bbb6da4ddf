//! The pipeline of an application.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's enums grow, and AWS may answer with words the SDK does not know"
)]

use std::collections::HashMap;

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{
    ActionDeclaration, ActionExecutionStatus, PipelineExecutionStatus, PipelineExecutionSummary, StageExecutionStatus,
    TriggerType,
};

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::remains;
use crate::session::{Session, Work};
use crate::time::{ms, now};
use crate::view::{ActionView, ExecutionView, PipelineView, StageView, WorkState};

/// Executions that are shown.
const HISTORY: i32 = 20;

/// Starts an execution with the latest commit and the latest infrastructure, after removing what a failed first release left.
///
/// # Errors
/// The pipeline does not exist yet, a deployment is going on, what is left of a stack that was in use cannot be deleted, or AWS
/// refuses.
pub async fn pipeline_start(session: &Session, app: &str) -> Result<()> {
    session.refuse_root()?;
    let name = pipeline_name(app);
    if session.work(app) == Some(Work::Going) {
        return Err(CloudError::conflict(
            format!("`{app}` is being deployed."),
            "Wait until the pipeline has begun; it starts by itself.",
        ));
    }
    if !remains::any(session, app).await? {
        start(session, &name).await?;
        return Ok(());
    }
    // Removing a database takes minutes: who watches should see what is going on.
    session.set_work(app, Work::Going);
    let started = match remains::clear(session, app).await {
        Ok(()) => start(session, &name).await,
        Err(error) => Err(error),
    };
    match started {
        Ok(execution) => {
            session.set_work(app, Work::HandedOver { execution, at: now() });
            Ok(())
        }
        Err(error) => {
            let at = now();
            session.set_work(
                app,
                Work::Failed {
                    error: error.clone(),
                    at,
                },
            );
            Err(error)
        }
    }
}

/// Name of the pipeline of an application.
pub(crate) fn pipeline_name(app: &str) -> String {
    app.to_owned()
}

/// Starts an execution; returns its id.
pub(crate) async fn start(session: &Session, name: &str) -> Result<String> {
    let output = session
        .0
        .pipeline
        .start_pipeline_execution()
        .name(name)
        .send()
        .await
        .doing(|| format!("start the pipeline `{name}`"))?;
    session.touch();
    Ok(output.pipeline_execution_id().unwrap_or_default().to_owned())
}

/// What each action does, by stage and action name; read once per live view because it changes only with the pipeline stack.
pub(crate) type Descriptions = HashMap<(String, String), String>;

/// Descriptions of the actions, if the pipeline exists.
pub(crate) async fn descriptions(session: &Session, name: &str) -> Result<Option<Descriptions>> {
    let output = match session.0.pipeline.get_pipeline().name(name).send().await {
        Ok(output) => output,
        Err(error) => return absent(from_sdk(&format!("read the pipeline `{name}`"), &error)),
    };
    let mut descriptions = Descriptions::new();
    for stage in output
        .pipeline()
        .map(aws_sdk_codepipeline::types::PipelineDeclaration::stages)
        .unwrap_or_default()
    {
        for action in stage.actions() {
            descriptions.insert((stage.name().to_owned(), action.name().to_owned()), describe(action));
        }
    }
    Ok(Some(descriptions))
}

fn describe(action: &ActionDeclaration) -> String {
    let setting = |key: &str| action.configuration().and_then(|c| c.get(key)).map(String::as_str);
    let provider = action
        .action_type_id()
        .map(aws_sdk_codepipeline::types::ActionTypeId::provider)
        .unwrap_or_default();
    match provider {
        "CodeStarSourceConnection" => {
            format!(
                "Fetch {} of {}",
                setting("BranchName").unwrap_or("the branch"),
                setting("FullRepositoryId").unwrap_or("the repository")
            )
        }
        "S3" => "Fetch the infrastructure".to_owned(),
        "CloudFormation" => format!("Deploy the stack {}", setting("StackName").unwrap_or_default()),
        "CodeBuild" => match action.name() {
            "Api" => "Build the server image".to_owned(),
            "Ui" => "Build the user interface".to_owned(),
            "Migrate" => "Migrate the database".to_owned(),
            "PublishUi" => "Publish the user interface".to_owned(),
            _ => format!("Run the build {}", setting("ProjectName").unwrap_or_default()),
        },
        _ => action.name().to_owned(),
    }
}

/// The pipeline as it stands, if it exists.
pub(crate) async fn look(session: &Session, name: &str, descriptions: &Descriptions) -> Result<Option<PipelineView>> {
    let state = session.0.pipeline.get_pipeline_state().name(name).send();
    let history = session
        .0
        .pipeline
        .list_pipeline_executions()
        .pipeline_name(name)
        .max_results(HISTORY)
        .send();
    let (state, history) = tokio::join!(state, history);
    let state = match state {
        Ok(state) => state,
        Err(error) => return absent(from_sdk(&format!("look at the pipeline `{name}`"), &error)),
    };
    let history = history.doing(|| format!("list the executions of the pipeline `{name}`"))?;
    Ok(Some(fold(name, &state, history.pipeline_execution_summaries(), descriptions)))
}

fn absent<T>(error: crate::CloudError) -> Result<Option<T>> {
    if error.code == ErrorCode::NotFound {
        Ok(None)
    } else {
        Err(error)
    }
}

fn fold(
    name: &str,
    state: &GetPipelineStateOutput,
    history: &[PipelineExecutionSummary],
    descriptions: &Descriptions,
) -> PipelineView {
    let history: Vec<_> = history.iter().map(execution_of).collect();
    let latest = history.first().map(|e| e.id.as_str());
    let stages = state.stage_states().iter().map(|stage| {
        let stage_name = stage.stage_name().unwrap_or_default();
        let execution = stage.latest_execution();
        let outdated = execution.is_some_and(|e| Some(e.pipeline_execution_id()) != latest);
        let actions = stage.action_states().iter().map(|action| {
            let name = action.action_name().unwrap_or_default().to_owned();
            let execution = action.latest_execution();
            let error = execution.and_then(|e| e.error_details()).and_then(|e| e.message());
            let key = (stage_name.to_owned(), name);
            ActionView {
                description: descriptions.get(&key).cloned().unwrap_or_else(|| key.1.clone()),
                name: key.1,
                state: execution.and_then(|e| e.status()).map_or(WorkState::Waiting, action_state),
                detail: error
                    .or_else(|| execution.and_then(|e| e.summary()))
                    .filter(|d| !d.is_empty())
                    .map(str::to_owned),
                updated_at: execution.and_then(|e| e.last_status_change()).map(ms),
            }
        });
        StageView {
            name: stage_name.to_owned(),
            state: execution.map_or(WorkState::Waiting, |e| stage_state(e.status())),
            outdated,
            actions: actions.collect(),
        }
    });
    PipelineView {
        name: name.to_owned(),
        stages: stages.collect(),
        execution: history.first().cloned(),
        history,
    }
}

fn execution_of(summary: &PipelineExecutionSummary) -> ExecutionView {
    // The source that is a commit, as opposed to the version of the infrastructure in S3.
    let commit = summary
        .source_revisions()
        .iter()
        .find(|r| r.revision_id().is_some_and(is_commit));
    ExecutionView {
        id: summary.pipeline_execution_id().unwrap_or_default().to_owned(),
        state: summary.status().map_or(WorkState::Waiting, execution_state),
        trigger: summary
            .trigger()
            .and_then(|t| t.trigger_type())
            .map_or("Started", trigger)
            .to_owned(),
        commit: commit.and_then(|r| r.revision_id()).map(str::to_owned),
        message: commit.and_then(|r| r.revision_summary()).and_then(commit_message),
        started_at: summary.start_time().map(ms),
        updated_at: summary.last_update_time().map(ms),
    }
}

fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.chars().all(|c| c.is_ascii_hexdigit())
}

/// Connections report `{"ProviderType":…,"CommitMessage":…}`, other sources the message itself.
fn commit_message(summary: &str) -> Option<String> {
    let parsed = serde_json::from_str::<serde_json::Value>(summary).ok();
    let message = parsed
        .as_ref()
        .and_then(|v| v.get("CommitMessage")?.as_str())
        .unwrap_or(summary);
    message
        .lines()
        .next()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
}

fn trigger(trigger: &TriggerType) -> &'static str {
    match trigger {
        TriggerType::StartPipelineExecution => "Started by hand",
        TriggerType::CreatePipeline => "First run",
        TriggerType::Webhook | TriggerType::WebhookV2 | TriggerType::PollForSourceChanges | TriggerType::CloudWatchEvent => {
            "A commit"
        }
        TriggerType::AutomatedRollback => "Automatic rollback",
        TriggerType::ManualRollback => "Rollback by hand",
        _ => "Started",
    }
}

fn execution_state(status: &PipelineExecutionStatus) -> WorkState {
    match status {
        PipelineExecutionStatus::InProgress | PipelineExecutionStatus::Stopping => WorkState::Running,
        PipelineExecutionStatus::Succeeded => WorkState::Succeeded,
        PipelineExecutionStatus::Failed => WorkState::Failed,
        PipelineExecutionStatus::Stopped | PipelineExecutionStatus::Superseded | PipelineExecutionStatus::Cancelled => {
            WorkState::Skipped
        }
        _ => WorkState::Waiting,
    }
}

fn stage_state(status: &StageExecutionStatus) -> WorkState {
    match status {
        StageExecutionStatus::InProgress | StageExecutionStatus::Stopping => WorkState::Running,
        StageExecutionStatus::Succeeded => WorkState::Succeeded,
        StageExecutionStatus::Failed => WorkState::Failed,
        StageExecutionStatus::Stopped | StageExecutionStatus::Cancelled | StageExecutionStatus::Skipped => WorkState::Skipped,
        _ => WorkState::Waiting,
    }
}

fn action_state(status: &ActionExecutionStatus) -> WorkState {
    match status {
        ActionExecutionStatus::InProgress => WorkState::Running,
        ActionExecutionStatus::Succeeded => WorkState::Succeeded,
        ActionExecutionStatus::Failed => WorkState::Failed,
        ActionExecutionStatus::Abandoned => WorkState::Skipped,
        _ => WorkState::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codepipeline::types::{ActionState, ExecutionTrigger, SourceRevision, StageExecution, StageState};
    use aws_smithy_types::DateTime;

    use super::*;

    fn stage(name: &str, execution: &str, status: StageExecutionStatus) -> StageState {
        let execution = StageExecution::builder()
            .pipeline_execution_id(execution)
            .status(status)
            .build()
            .unwrap();
        let action = ActionState::builder().action_name("Api").build();
        StageState::builder()
            .stage_name(name)
            .latest_execution(execution)
            .action_states(action)
            .build()
    }

    fn summary(id: &str, revision: &str, text: &str) -> PipelineExecutionSummary {
        PipelineExecutionSummary::builder()
            .pipeline_execution_id(id)
            .status(PipelineExecutionStatus::InProgress)
            .start_time(DateTime::from_millis(1_500))
            .trigger(ExecutionTrigger::builder().trigger_type(TriggerType::WebhookV2).build())
            .source_revisions(
                SourceRevision::builder()
                    .action_name("Infra")
                    .revision_id("v1")
                    .build()
                    .unwrap(),
            )
            .source_revisions(
                SourceRevision::builder()
                    .action_name("Code")
                    .revision_id(revision)
                    .revision_summary(text)
                    .build()
                    .unwrap(),
            )
            .build()
    }

    #[test]
    fn stages_that_the_latest_execution_has_not_reached_are_outdated() {
        let state = GetPipelineStateOutput::builder()
            .stage_states(stage("Build", "new", StageExecutionStatus::InProgress))
            .stage_states(stage("Deploy", "old", StageExecutionStatus::Failed))
            .build();
        let descriptions = Descriptions::from([(("Build".to_owned(), "Api".to_owned()), "Build the server image".to_owned())]);
        let view = fold(
            "shop",
            &state,
            &[summary("new", "v2", ""), summary("old", "v2", "")],
            &descriptions,
        );
        let stages: Vec<_> = view.stages.iter().map(|s| (s.name.as_str(), s.state, s.outdated)).collect();
        assert_eq!(
            stages,
            [("Build", WorkState::Running, false), ("Deploy", WorkState::Failed, true)]
        );
        assert_eq!(view.stages[0].actions[0].description, "Build the server image");
        assert_eq!(
            view.stages[1].actions[0].description, "Api",
            "an action without a description keeps its name"
        );
    }

    #[test]
    fn the_commit_is_told_from_the_version_of_the_infrastructure() {
        let commit = "f6c48f932440c0b15f11455a3f7a524845c44fd5";
        let connection = execution_of(&summary(
            "e",
            commit,
            r#"{"ProviderType":"GitHub","CommitMessage":"Fix the door\n\nIt squeaked."}"#,
        ));
        assert_eq!(
            (connection.commit.as_deref(), connection.message.as_deref()),
            (Some(commit), Some("Fix the door"))
        );
        assert_eq!(
            (connection.trigger.as_str(), connection.started_at),
            ("A commit", Some(1_500.0))
        );
        let plain = execution_of(&summary("e", commit, "Fix the door"));
        assert_eq!(plain.message.as_deref(), Some("Fix the door"));
        assert_eq!(execution_of(&summary("e", "v2", "x")).commit, None);
    }
}
