//! `zonke preflight`.

use std::process::ExitCode;

use zonke_cloud::{PreflightCheck, PreflightResult};

use crate::args::Preflight;
use crate::deploy::connect;
use crate::desk::open_home;
use crate::failure::Failure;
use crate::{plan, print};

/// Ends without success if something would make a deployment fail.
pub(crate) async fn run(arguments: &Preflight) -> Result<ExitCode, Failure> {
    let home = open_home()?;
    let session = connect(&home, &arguments.account, arguments.settings.region.as_deref()).await?;
    let mut settings = arguments.settings.clone();
    settings.region = Some(session.account().region.clone());
    let plan = plan::make(&arguments.folder, &settings)?;
    let preflight = zonke_cloud::preflight(&session, &plan, |_| {}).await;
    if arguments.json {
        print::json(&preflight)?;
    } else {
        preflight.checks.iter().for_each(text);
    }
    let blocked = preflight.checks.iter().any(|c| c.result == PreflightResult::Blocked);
    Ok(if blocked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(check: &PreflightCheck) {
    let word = match check.result {
        PreflightResult::Ok => "ok",
        PreflightResult::Unknown => "unknown",
        PreflightResult::Warning => "warning",
        PreflightResult::Blocked => "BLOCKED",
    };
    print::line(format!("{word:<8} {}: {}", check.title, check.found));
    for missing in &check.missing {
        print::line(format!("           {missing}"));
    }
    if !check.fix.is_empty() {
        print::line(format!("         {}", check.fix));
    }
    if let Some(link) = &check.link {
        print::line(format!("         {link}"));
    }
}
