//! `zonke plan`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use zonke_cloud::view::AccountTarget;
use zonke_plan::{Choices, CpuArchitecture, Inputs, Plan, PriceLine};
use zonke_project::Verdict;

use crate::args::{self, Folder, Settings};
use crate::desk::open_home;
use crate::failure::Failure;
use crate::{inspect, print};

pub(crate) async fn run(arguments: &args::Plan) -> Result<ExitCode, Failure> {
    let mut plan = make(&arguments.folder, &arguments.settings)?;
    if let Some(profile) = &arguments.refresh_prices {
        refresh(&plan.inputs, profile).await;
        plan = zonke_home::prices().plan(&plan.inputs)?;
    }
    if let Some(out) = &arguments.out {
        write(&plan, out)?;
    }
    if arguments.json {
        print::json(&plan)?;
    } else {
        if let Some(preset) = arguments.settings.preset.map(zonke_plan::Preset::from) {
            trade_offs(preset);
        }
        text(&plan);
        if let Some(out) = &arguments.out {
            print::line(format!("\nWritten to {}", out.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Plans a folder with the settings of the command line on top of the suggested choices.
pub(crate) fn make(folder: &Folder, settings: &Settings) -> Result<Plan, Failure> {
    let findings = inspect::project(folder)?.findings;
    if findings.verdict != Verdict::Deployable {
        return Err(Failure::new(
            findings.reason.clone(),
            "Run `zonke inspect` on the folder to see the candidates, and pick with --set frontend=PATH or --set backend=PATH.",
        ));
    }
    let choices = settings.apply(Choices::suggested(&findings))?;
    Ok(zonke_home::prices().plan(&Inputs::new(findings, Some(choices)))?)
}

/// Asks AWS for prices and keeps them. Where that is not possible, the plan is made with the prices that are there, and it is said.
async fn refresh(inputs: &Inputs, profile: &str) {
    let asked = async {
        let home = open_home()?;
        let target = AccountTarget::Profile {
            name: profile.to_owned(),
            region: Some(inputs.choices.region.clone()),
        };
        let session = home.connect(&target).await?;
        let known = home.prices().of(&inputs.choices.region);
        let asked = zonke_cloud::refresh_prices(&session, inputs, known).await?;
        home.prices().keep(&asked.prices).map_err(|error| {
            Failure::new(
                format!("the prices could not be kept: {error}"),
                "Make room or rights in the app's folder.",
            )
        })?;
        Ok::<_, Failure>(asked)
    };
    match asked.await {
        Ok(asked) => {
            print::note(format!("Prices of AWS: {} read.", asked.read));
            if !asked.missing.is_empty() {
                print::note(format!(
                    "Not in its answers, so the bundled prices stay: {}.",
                    asked.missing.join(", ")
                ));
            }
        }
        Err(failure) => {
            print::note("AWS told no prices; those that are there are used.");
            print::failure(&failure);
        }
    }
}

impl Settings {
    fn apply(&self, start: Choices) -> Result<Choices, Failure> {
        let mut choices = match self.preset {
            Some(preset) => zonke_plan::Preset::from(preset).apply(&start),
            None => start,
        };
        if let Some(path) = &self.choices {
            choices = choices.with_json(&read(path)?)?;
        }
        self.arguments(&mut choices);
        for option in &self.option {
            choices = choices.with_text(&option.path, &option.text)?;
        }
        Ok(choices)
    }

    /// The arguments that bear the name of a choice.
    fn arguments(&self, choices: &mut Choices) {
        if let Some(app) = &self.app {
            choices.app.clone_from(app);
        }
        if let Some(region) = &self.region {
            choices.region.clone_from(region);
        }
        if let Some(branch) = &self.branch {
            choices.branch.clone_from(branch);
        }
        if let Some(repository) = &self.repository {
            choices.repository = Some(repository.clone());
        }
        if let Some(database) = self.database {
            choices.database = match database {
                args::Database::None => zonke_plan::Database::None,
                args::Database::Postgres => zonke_plan::Database::Postgres,
                args::Database::Mysql => zonke_plan::Database::Mysql,
            };
        }
        if let Some(launch) = self.launch {
            choices.launch = match launch {
                args::Launch::Fargate => zonke_plan::Launch::Fargate,
                args::Launch::FargateSpot => zonke_plan::Launch::FargateSpot,
                args::Launch::Ec2 => zonke_plan::Launch::Ec2,
            };
        }
        if let Some(cpu) = self.cpu {
            choices.cpu = match cpu {
                args::Cpu::Arm64 => CpuArchitecture::Arm64,
                args::Cpu::X86_64 => CpuArchitecture::X86_64,
            };
        }
        if let Some(origin) = self.origin {
            choices.origin = match origin {
                args::Origin::PublicAlb => zonke_plan::Origin::PublicAlb,
                args::Origin::VpcOrigin => zonke_plan::Origin::VpcOrigin,
            };
        }
    }
}

impl From<args::Preset> for zonke_plan::Preset {
    fn from(preset: args::Preset) -> Self {
        match preset {
            args::Preset::Frugal => Self::Frugal,
            args::Preset::Standard => Self::Standard,
            args::Preset::HighAvailability => Self::HighAvailability,
        }
    }
}

/// Choices from a file: an object with some of them.
fn read(path: &Path) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(
            format!("{} could not be read: {error}", path.display()),
            "Name a JSON file with --choices.",
        )
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new(
            format!("{} is not a JSON object with choices: {error}", path.display()),
            "Write it as in plan.json under inputs.choices; it may hold as few of them as you like.",
        )
    })
}

fn trade_offs(preset: zonke_plan::Preset) {
    print::line(format!("{}: {}", preset.title(), preset.sentence()));
    for words in preset.trade_offs() {
        print::line(format!("  {words}"));
    }
    print::line("");
}

fn text(plan: &Plan) {
    let choices = &plan.inputs.choices;
    print::line(format!("{} in {}", choices.name(), choices.region));
    for stack in &plan.stacks {
        print::line(format!("\n{} — {} resources", stack.name, stack.resources.len()));
        for resource in &stack.resources {
            print::line(format!("  {:<28} {}", resource.logical_id, resource.description));
        }
    }
    print::line("\nMonthly price");
    for line in &plan.price.lines {
        print::line(format!("  {:>8.2} USD  {}{}", line.monthly, line.label, origin(line)));
    }
    print::line(format!("  {:>8.2} USD  total — {}", plan.price.total, plan.price.assumptions));
    if let Some(traffic) = &plan.price.traffic {
        print::line(format!(
            "  {:>8.2} USD  with traffic — {}",
            traffic.total, traffic.assumptions
        ));
    }
    print::line("\nChecks");
    for check in &plan.checks {
        print::line(format!(
            "  {:<10} {}",
            format!("{:?}", check.result).to_lowercase(),
            check.title
        ));
    }
    if !plan.resolved_at_deployment.is_empty() {
        print::line("\nAnswered by the account when deploying");
        for parameter in &plan.resolved_at_deployment {
            print::line(format!("  {:<28} {}", parameter.name, parameter.how));
        }
    }
}

/// Where the prices of a line are from, if not all of them from the bundled table.
fn origin(line: &PriceLine) -> String {
    match (&line.fresh, &line.bundled) {
        (Some(day), None) => format!(" (AWS, {day})"),
        (Some(day), Some(table)) => format!(" (AWS, {day}; in part the bundled table of {table})"),
        (None, _) => String::new(),
    }
}

/// Writes the plan into a folder: one file per template with its parameters beside it, the zip, the plan and the policy.
fn write(plan: &Plan, out: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::new(
            format!("{} could not be written: {error}", path.display()),
            "Choose another folder with --out.",
        )
    };
    let put = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))
    };
    fs::create_dir_all(out).map_err(|error| failed(out, &error))?;
    for stack in &plan.stacks {
        put(&stack.template_file, stack.template.as_bytes())?;
        let parameters: serde_json::Map<String, serde_json::Value> = stack
            .parameters
            .iter()
            .map(|p| (p.name.clone(), p.value.clone().into()))
            .collect();
        put(
            &stack.template_file.replace(".template.yaml", ".parameters.json"),
            pretty(&parameters)?.as_bytes(),
        )?;
    }
    put("infra.zip", &plan.infra_zip())?;
    put("plan.json", pretty(plan)?.as_bytes())?;
    for policy in &plan.policies {
        put(&format!("{}.policy.json", policy.name), policy.document.as_bytes())?;
    }
    Ok(())
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("the plan could not be written: {error}"), ""))?;
    text.push('\n');
    Ok(text)
}
