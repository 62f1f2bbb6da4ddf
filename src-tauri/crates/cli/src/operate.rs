//! Commands for a running application.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use zonke_cloud::Session;
use zonke_cloud::live::Hub;
use zonke_cloud::view::UpdateBody;
use zonke_vault::Secret as SecretValue;

use crate::args::{App, Apps, Scale, Secret, SecretAction, Status};
use crate::deploy::connect;
use crate::desk::open_home;
use crate::failure::Failure;
use crate::print;

pub(crate) async fn status(arguments: &Status) -> Result<ExitCode, Failure> {
    let home = open_home()?;
    let session = connect(&home, &arguments.account, arguments.region.as_deref()).await?;
    let app = match &arguments.app {
        Some(app) => app.clone(),
        None => only_app(&session).await?,
    };
    let status = Box::pin(zonke_cloud::status(&session, &app)).await?;
    if arguments.json {
        print::json(&status)?;
    } else {
        print::line(format!(
            "{} — {}",
            status.app,
            status.site_url.as_deref().unwrap_or("no address yet")
        ));
        for stack in &status.stacks {
            print::line(format!("  {:<28} {}", stack.name, stack.status));
        }
        if let Some(servers) = &status.servers {
            print::line(format!("  servers: {} of {} run", servers.running, servers.desired));
        }
        if let Some(execution) = status.pipeline.as_ref().and_then(|pipeline| pipeline.execution.as_ref()) {
            print::line(format!("  pipeline: {:?}, {}", execution.state, execution.trigger));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn only_app(session: &Session) -> Result<String, Failure> {
    let mut apps = zonke_cloud::applications(session).await?;
    match (apps.pop(), apps.len()) {
        (Some(app), 0) => Ok(app.app),
        (Some(_), _) => Err(Failure::new(
            "the account has several applications",
            "Name one; `zonke apps` lists them.",
        )),
        (None, _) => Err(Failure::new(
            "the account has no application in this region",
            "Deploy one with `zonke deploy`.",
        )),
    }
}

pub(crate) async fn apps(arguments: &Apps) -> Result<ExitCode, Failure> {
    let home = open_home()?;
    let session = connect(&home, &arguments.account, arguments.region.as_deref()).await?;
    let apps = zonke_cloud::applications(&session).await?;
    if arguments.json {
        print::json(&apps)?;
    } else {
        for app in apps {
            print::line(format!(
                "{:<22} {:<14} {:<24} {}",
                app.app,
                app.region,
                app.status,
                app.site_url.unwrap_or_default()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn session(arguments: &App) -> Result<Session, Failure> {
    connect(&open_home()?, &arguments.account, arguments.region.as_deref()).await
}

pub(crate) async fn release(arguments: &App) -> Result<ExitCode, Failure> {
    zonke_cloud::pipeline_start(&session(arguments).await?, &arguments.app).await?;
    print::line(format!("{} is being released.", arguments.app));
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn scale(arguments: &Scale) -> Result<ExitCode, Failure> {
    let max = arguments.max.unwrap_or(arguments.min);
    zonke_cloud::scale(&session(&arguments.app).await?, &arguments.app.app, arguments.min, max).await?;
    print::line(if max == arguments.min {
        format!("{max} servers")
    } else {
        format!("{} to {max} servers", arguments.min)
    });
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn secret(arguments: &Secret) -> Result<ExitCode, Failure> {
    match &arguments.action {
        SecretAction::List(app) => list_secrets(app).await?,
        SecretAction::Set(secret) => {
            let value = read_value()?;
            zonke_cloud::secret_put(&session(&secret.app).await?, &secret.app.app, &secret.key, value).await?;
            print::line(format!("{} is set; the servers are being replaced one by one.", secret.key));
        }
        SecretAction::Delete(secret) => {
            zonke_cloud::secret_delete(&session(&secret.app).await?, &secret.app.app, &secret.key).await?;
            print::line(format!(
                "{} is deleted; the servers are being replaced one by one.",
                secret.key
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_secrets(app: &App) -> Result<(), Failure> {
    let session = session(app).await?;
    let mut updates = Hub::new().secrets(&session, &app.app);
    while let Some(update) = updates.next().await {
        match update.body {
            UpdateBody::Snapshot(view) | UpdateBody::Delta(view) => {
                for key in view.keys {
                    print::line(key.name);
                }
                return Ok(());
            }
            UpdateBody::Trouble(trouble) => return Err(Failure::new(trouble.message, trouble.hint)),
            UpdateBody::Fresh => {}
            UpdateBody::Closed => break,
        }
    }
    Err(Failure::new(
        format!("the secrets of {} could not be listed", app.app),
        "Try again.",
    ))
}

/// Reads a value from standard input, so that it is in no argument list and no shell history.
fn read_value() -> Result<SecretValue, Failure> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        print::note("Type the value, then Enter and Ctrl-D:");
    }
    let mut value = String::new();
    stdin
        .read_to_string(&mut value)
        .map_err(|error| Failure::new(format!("no value could be read: {error}"), ""))?;
    let value = value.strip_suffix('\n').map(str::to_owned).unwrap_or(value);
    if value.is_empty() {
        return Err(Failure::new(
            "the value is empty",
            "Pipe a value in: printf %s VALUE | zonke secret set …",
        ));
    }
    Ok(SecretValue::from(value))
}
