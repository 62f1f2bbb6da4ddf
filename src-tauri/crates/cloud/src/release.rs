//! Whether a release is going on.

use aws_sdk_codepipeline::types::PipelineExecutionStatus;

use crate::error::{CloudError, ErrorCode, Result, from_sdk};
use crate::pipeline::pipeline_name;
use crate::session::Session;

/// Executions that are looked at: more than a queue of commits is ever long in practice, and one page.
const LATEST: i32 = 20;

/// Refuses while a release is going on or waits in the queue. It took its infrastructure when it began, so that its last stage
/// would put the servers back to what they were: a secret would vanish again, a deleted one be asked for.
///
/// # Errors
/// A conflict that says so, or AWS refuses.
pub(crate) async fn refuse_during(session: &Session, app: &str) -> Result<()> {
    let name = pipeline_name(app);
    let answer = session
        .0
        .pipeline
        .list_pipeline_executions()
        .pipeline_name(&name)
        .max_results(LATEST)
        .send()
        .await;
    let executions = match answer {
        Ok(output) => output.pipeline_execution_summaries.unwrap_or_default(),
        Err(error) => {
            let error = from_sdk(&format!("list the releases of `{app}`"), &error);
            return if error.code == ErrorCode::NotFound {
                Ok(())
            } else {
                Err(error)
            };
        }
    };
    let going = executions.iter().any(|e| {
        matches!(
            e.status,
            Some(PipelineExecutionStatus::InProgress | PipelineExecutionStatus::Stopping)
        )
    });
    if going {
        return Err(CloudError::conflict(
            format!("A release of `{app}` is going on, and its last step would undo this change."),
            "Wait until it has reached its end (the pipeline view shows it), then try again.",
        ));
    }
    Ok(())
}
