//! `zonke role`.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use zonke_cloud::view::{AccountTarget, StackView, WorkState};
use zonke_cloud::{DeployerReview, DeployerWish, Session, discard_deployer, make_deployer, review_deployer};
use zonke_home::Home;
use zonke_plan::{Deployer, Holder, Inputs, deployer_stack};
use zonke_signin::{NewRole, RoleSource};

use crate::args::Role;
use crate::deploy::{confirmed, connect, show_change, sign, suffix};
use crate::desk::open_home;
use crate::failure::Failure;
use crate::{plan, print};

pub(crate) async fn run(arguments: &Role) -> Result<ExitCode, Failure> {
    if let Some(file) = &arguments.template {
        return template(arguments, file);
    }
    let home = open_home()?;
    let session = connect(&home, &arguments.account, arguments.settings.region.as_deref()).await?;
    let inputs = inputs(arguments, Some(&session.account().region))?;
    let review = review_deployer(&session, &inputs, &wish(arguments)).await?;
    show(&review);
    let Some(id) = &review.id else {
        return finish(&home, arguments, &session, review.role_arn.as_deref().unwrap_or_default());
    };
    if !arguments.yes && !confirmed("Make the role")? {
        discard_deployer(&session, &review.app, id).await?;
        print::note("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    let said = Mutex::new(HashMap::new());
    let arn = make_deployer(&session, &review.app, id, |stack| {
        progress(&review, &stack, &mut said.lock().unwrap_or_else(PoisonError::into_inner));
    })
    .await?;
    finish(&home, arguments, &session, &arn)
}

fn inputs(arguments: &Role, region: Option<&String>) -> Result<Inputs, Failure> {
    let mut settings = arguments.settings.clone();
    if let Some(region) = region {
        settings.region = Some(region.clone());
    }
    Ok(plan::make(&arguments.folder, &settings)?.inputs)
}

fn wish(arguments: &Role) -> DeployerWish {
    DeployerWish {
        only_me: !arguments.whole_account,
        external_id: arguments.external_id.clone(),
        session_hours: arguments.hours,
        permissions_boundary: arguments.boundary.clone(),
    }
}

/// Without an account nobody knows who will ask for the role: whoever in the account has the right to.
fn template(arguments: &Role, file: &std::path::Path) -> Result<ExitCode, Failure> {
    let holder = if arguments.user {
        Holder::User
    } else {
        Holder::Role {
            trusted: None,
            external_id: arguments.external_id.clone(),
            session_hours: arguments.hours,
        }
    };
    let deployer = Deployer {
        holder,
        permissions_boundary: arguments.boundary.clone(),
    };
    let stack = deployer_stack(&inputs(arguments, None)?, &deployer)?;
    std::fs::write(file, &stack.template).map_err(|error| {
        Failure::new(
            format!("{} cannot be written: {error}", file.display()),
            "Name a file in a folder that exists.",
        )
    })?;
    print::line(format!(
        "Create the stack {} in {} from {}.",
        stack.name,
        stack.region,
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn show(review: &DeployerReview) {
    let account = &review.account;
    let practice = if account.practice { " (practice)" } else { "" };
    print::note(format!(
        "{} in account {}{practice}, {}",
        review.stack, account.account_id, account.region
    ));
    for change in &review.changes {
        show_change(change);
    }
    match &review.trusted {
        Some(name) => print::note(format!("  Only {name} may take the role on.")),
        None => print::note("  Whoever in the account has the right to may take the role on."),
    }
    print::note(format!(
        "  The role can deploy {} in {} only; another region needs a role of its own.",
        review.app, account.region
    ));
    if review.changes.is_empty() {
        print::note("  The role is already as planned.");
    }
}

/// Says each thing once.
fn progress(review: &DeployerReview, stack: &StackView, seen: &mut HashMap<String, WorkState>) {
    for row in &stack.resources {
        let before = seen.insert(row.logical_id.clone(), row.state);
        if before == Some(row.state) {
            continue;
        }
        let planned = review.changes.iter().find(|c| c.logical_id == row.logical_id);
        let description = planned.map_or(&row.description, |c| &c.description);
        let reason = suffix(row.reason.as_deref().unwrap_or_default());
        print::line(format!("  {} {:<12} {description}{reason}", sign(row.state), row.logical_id));
    }
}

fn finish(home: &Home, arguments: &Role, session: &Session, arn: &str) -> Result<ExitCode, Failure> {
    print::line(arn);
    let Some(label) = &arguments.save else {
        return Ok(ExitCode::SUCCESS);
    };
    let source = match &session.account().target {
        AccountTarget::Saved { id, .. } => RoleSource::Saved { id: id.clone() },
        AccountTarget::Profile { name, .. } => RoleSource::AwsProfile { name: name.clone() },
        AccountTarget::Practice => {
            return Err(Failure::new(
                "the practice account knows no other roles than its own",
                "The role is there to be looked at; go on with --practice.",
            ));
        }
    };
    let saved = home.profiles().add_role(&NewRole {
        label: label.clone(),
        role_arn: arn.to_owned(),
        mfa_serial: None,
        external_id: arguments.external_id.clone(),
        source,
        region: Some(session.account().region.clone()),
    })?;
    print::note(format!("{} is saved; use it with --profile {}.", saved.label, saved.id));
    Ok(ExitCode::SUCCESS)
}
