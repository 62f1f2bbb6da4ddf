//! `zonke deploy`.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use zonke_cloud::live::Hub;
use zonke_cloud::view::{
    AccountTarget, ChangeRow, DeploymentPhase, DeploymentView, DnsRecord, Outcome, ReviewView, StackView, StepView, UpdateBody,
    WorkState,
};
use zonke_cloud::{Session, deploy};
use zonke_home::{Home, Prices};
use zonke_plan::Plan;

use crate::args::{Account, Deploy};
use crate::desk::{given_up, open_home};
use crate::failure::Failure;
use crate::{plan, practice, print};

pub(crate) async fn run(arguments: &Deploy) -> Result<ExitCode, Failure> {
    let mut plan = plan::make(&arguments.folder, &arguments.settings)?;
    let home = open_home()?;
    let session = connect(&home, &arguments.account, arguments.settings.region.as_deref()).await?;
    plan = for_account(plan, &session, &home.prices(), arguments.settings.region.is_some())?;
    let journal = home.journal();
    // One that was cut off goes on with the plan that was confirmed; what changed since then is for the next one.
    let app = &plan.inputs.choices.name();
    if deploy::resume(session.clone(), journal.clone()).await.contains(app) {
        print::note(format!("The deployment of {app} that was cut off goes on."));
        return watch(&home, &session, app, arguments.json).await;
    }
    let told = home.prices().of(&plan.inputs.choices.region);
    let review = deploy::review(&session, &plan, told.as_ref(), &journal).await?;
    show(&review);
    if !arguments.yes && !confirmed("Deploy")? {
        deploy::discard(&session, &review.id, &journal).await?;
        print::note("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    deploy::execute(&session, &review.id, &journal).await?;
    watch(&home, &session, &review.app, arguments.json).await
}

/// Opens a session with the account of the command line, or the one that was used last. The practice account is started if needed.
pub(crate) async fn connect(home: &Home, account: &Account, region: Option<&str>) -> Result<Session, Failure> {
    let target = account.target(region).or_else(|| home.last_account()).ok_or_else(|| {
        Failure::new(
            "no account was named, and none was used before",
            "Add --practice, or --profile with the name of an AWS profile.",
        )
    })?;
    if target == AccountTarget::Practice {
        home.practice().start(practice::progress).await?;
    }
    Ok(home.connect(&target).await?)
}

/// A region that was not asked for is the account's own, and the practice account needs no repository to exist.
fn for_account(plan: Plan, session: &Session, prices: &Prices, region_given: bool) -> Result<Plan, Failure> {
    let mut inputs = plan.inputs;
    let account = session.account();
    if region_given && inputs.choices.region != account.region {
        return Err(Failure::new(
            format!(
                "the plan is for {}, but the session with {} is in {}",
                inputs.choices.region, account.label, account.region
            ),
            "Use the same region for both.",
        ));
    }
    inputs.choices.region.clone_from(&account.region);
    if account.practice && inputs.choices.repository.is_none() {
        inputs.choices.repository = Some(format!("practice/{}", inputs.choices.app));
    }
    if inputs.choices.repository.is_none() {
        return Err(Failure::new(
            "the folder has no remote repository, and none was named",
            "Push it to a source host and add --repository OWNER/NAME.",
        ));
    }
    Ok(prices.plan(&inputs)?)
}

fn show(review: &ReviewView) {
    let account = &review.account;
    let practice = if account.practice { " (practice)" } else { "" };
    print::note(format!(
        "{} in account {}{practice}, {}",
        review.app, account.account_id, account.region
    ));
    if let Some(edge) = &review.edge {
        let when = if edge.after_release {
            "after the release"
        } else {
            "before everything else"
        };
        print::note(format!("  {} in {}, {when}:", edge.name, edge.region));
        edge.changes.iter().for_each(show_change);
        if edge.waits_for_dns {
            print::note("  It waits until you have entered records at your DNS provider; they are shown here.");
        }
    }
    review.changes.iter().for_each(show_change);
    if let Some(failure) = &review.previous_failure {
        print::note(format!("  The attempt before failed at {}: {}", failure.what, failure.reason));
        print::note(format!("  {} {}", failure.meaning, failure.fix));
    }
    if review.changes.is_empty() {
        print::note("  The pipeline stack stays as it is.");
    }
    for stack in &review.later {
        print::note(format!(
            "  then the pipeline deploys {} ({} resources)",
            stack.name, stack.resources
        ));
    }
    print::note(format!("  {:.2} USD a month", review.monthly));
}

pub(crate) fn show_change(change: &ChangeRow) {
    print::note(format!(
        "  {:<12} {:<24} {}",
        format!("{:?}", change.action).to_lowercase(),
        change.logical_id,
        change.description
    ));
}

pub(crate) fn confirmed(what: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "there is nobody to confirm this",
            "Add --yes to go on without asking.",
        ));
    }
    print::note(format!("{what}? Type yes:"));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::new(format!("no answer could be read: {error}"), ""))?;
    Ok(answer.trim() == "yes")
}

/// Prints what happens until it ends. The exit code says how.
async fn watch(home: &Home, session: &Session, app: &str, json: bool) -> Result<ExitCode, Failure> {
    let hub = Hub::new();
    let mut updates = hub.deployment(session, app);
    let mut printer = Printer::default();
    while let Some(update) = updates.next().await {
        if json {
            print::json_line(&update)?;
        }
        let (phase, outcome) = match update.body {
            UpdateBody::Snapshot(DeploymentView {
                phase,
                steps,
                stacks,
                outcome,
                ..
            }) => {
                printer.steps(json, &steps);
                printer.stacks(json, &stacks);
                (phase, outcome)
            }
            UpdateBody::Delta(delta) => {
                printer.steps(json, &delta.steps);
                printer.stacks(json, &delta.stacks);
                (delta.phase, delta.outcome)
            }
            // AWS goes on by itself; what this computer still has to hand over is in the journal.
            UpdateBody::Trouble(trouble) if trouble.signed_out && given_up(home) => {
                return Err(Failure::signed_out(trouble.message));
            }
            UpdateBody::Trouble(trouble) => {
                print::note(format!("{} {}", trouble.message, trouble.hint));
                continue;
            }
            UpdateBody::Fresh => continue,
            UpdateBody::Closed => break,
        };
        if let (DeploymentPhase::Succeeded | DeploymentPhase::Failed, Some(outcome)) = (phase, outcome) {
            conclude(&outcome);
            return Ok(if phase == DeploymentPhase::Succeeded {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
    }
    Err(Failure::new(
        "the live view ended before the deployment did",
        "Run `zonke status` to see where it stands.",
    ))
}

/// Remembers what was printed, so that each thing is said once.
#[derive(Default)]
struct Printer {
    steps: std::collections::HashMap<String, WorkState>,
}

impl Printer {
    fn steps(&mut self, json: bool, steps: &[StepView]) {
        for step in steps {
            let before = self.steps.insert(step.id.clone(), step.state);
            if before != Some(step.state) && step.state != WorkState::Waiting && !json {
                print::line(format!("{} {}{}", sign(step.state), step.title, suffix(&step.detail)));
            }
            self.records(json, step);
        }
    }

    /// Records that a step waits for; its words come with them, for they are known only once it goes on.
    fn records(&mut self, json: bool, step: &StepView) {
        let fresh = |r: &&DnsRecord| !r.seen && !self.steps.contains_key(&format!("record/{}", r.name));
        let records: Vec<_> = step.records.iter().filter(fresh).cloned().collect();
        if !records.is_empty() && !json {
            print::line(format!("  {}", step.detail));
        }
        for record in records {
            if !json {
                print::line(format!("    {} {} {}", record.name, record.kind, record.value));
            }
            self.steps.insert(format!("record/{}", record.name), WorkState::Running);
        }
    }

    fn stacks(&mut self, json: bool, stacks: &[StackView]) {
        for row in stacks.iter().flat_map(|stack| &stack.resources) {
            let key = format!("{:?}/{}", row.stack, row.logical_id);
            let before = self.steps.insert(key, row.state);
            if before != Some(row.state) && row.state != WorkState::Waiting && !json {
                print::line(format!(
                    "  {} {:<26} {}{}",
                    sign(row.state),
                    row.logical_id,
                    row.description,
                    suffix(row.reason.as_deref().unwrap_or(""))
                ));
            }
        }
    }
}

pub(crate) fn sign(state: WorkState) -> &'static str {
    match state {
        WorkState::Waiting => " ",
        WorkState::Running => "…",
        WorkState::Succeeded => "✓",
        WorkState::Failed => "✗",
        WorkState::RolledBack => "↩",
        WorkState::Skipped => "–",
    }
}

pub(crate) fn suffix(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" — {text}")
    }
}

fn conclude(outcome: &Outcome) {
    print::note(format!("\n{}", outcome.sentence));
    if let Some(failure) = &outcome.failure {
        print::note(format!("  {}: {}", failure.what, failure.reason));
        print::note(format!("  {}", failure.meaning));
        print::note(format!("  {}", failure.fix));
    }
    // The hint of a failure is usually how to correct it.
    let said = outcome.failure.as_ref().is_some_and(|failure| failure.fix == outcome.hint);
    if !outcome.hint.is_empty() && !said {
        print::note(format!("  {}", outcome.hint));
    }
    if let Some(url) = &outcome.site_url {
        print::line(url);
    }
}
