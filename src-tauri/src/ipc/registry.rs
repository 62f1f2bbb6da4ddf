//! The single list of commands. `commands.txt` beside it repeats the names for the build script; a test keeps them equal.

use tauri::Runtime;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

use super::commands::{account, app, deploy, live, operate, plan, practice, project};

/// Every command of the app, with its types.
pub fn commands<R: Runtime>() -> Builder<R> {
    // Every number that crosses is finite, so it never arrives as `null`.
    let finite = specta_typescript::semantic::Configuration::empty().enable_lossless_floats();
    let builder = Builder::<R>::new()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .semantic_types(finite);
    builder.commands(collect_commands![
        app::app_info,
        app::example_path,
        account::profile_list,
        account::account_connect,
        account::account_current,
        account::account_disconnect,
        practice::practice_status,
        practice::practice_start,
        practice::practice_stop,
        practice::practice_reset,
        project::project_pick,
        project::project_inspect,
        plan::plan_make,
        deploy::deploy_review,
        deploy::deploy_connection,
        deploy::deploy_execute,
        deploy::deploy_discard,
        operate::application_list,
        live::deployment_watch,
        live::pipeline_watch,
        live::servers_watch,
        live::secrets_watch,
        live::subscription_cancel,
        operate::pipeline_start,
        operate::servers_scale,
        operate::secret_put,
        operate::secret_delete,
    ])
}
