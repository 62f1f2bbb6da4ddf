//! How an application is built, released, scaled, and what becomes of its secrets.

use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::application::{Application, database_url_name};
use crate::choices::{Database, Origin};
use crate::plan::{Check, CheckResult, StackRole};
use crate::policy;
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 12] = [
    (
        "pipeline-deploys-everything",
        "One pipeline deploys infrastructure, servers and user interface",
        pipeline_deploys_everything,
    ),
    (
        "commit-starts-release",
        "A commit to the chosen branch starts a release",
        commit_starts_release,
    ),
    (
        "repository-stays-clean",
        "Nothing of ours has to be in the repository",
        repository_stays_clean,
    ),
    (
        "servers-run-as-chosen",
        "Servers run on what was chosen, built for its processor",
        servers_run_as_chosen,
    ),
    (
        "bad-release-goes-back",
        "A release that does not become healthy goes back by itself",
        bad_release_goes_back,
    ),
    (
        "servers-scale",
        "The number of servers can be changed and survives a release",
        servers_scale,
    ),
    (
        "no-secret-values",
        "No template holds the value of a secret",
        no_secret_values,
    ),
    (
        "secrets-reach-servers",
        "Secrets reach the servers as environment variables and through Secrets Manager",
        secrets_reach_servers,
    ),
    ("rights-are-named", "No role may do everything", rights_are_named),
    ("roles-fit", "Every role fits into IAM's limit", roles_fit),
    (
        "deployer-policy-fits",
        "The policy for the person who deploys is narrow and fits into IAM's limit",
        deployer_policy_fits,
    ),
    (
        "database-as-chosen",
        "There is a database exactly if one was chosen",
        database_as_chosen,
    ),
];

pub(super) const MIGRATION_STATEMENTS: [Statement; 2] = [
    (
        "migrations-before-servers",
        "Migrations run before new servers start, and stop the release when they fail",
        migrations_before_servers,
    ),
    (
        "secrets-reach-migrations",
        "Secrets reach migrations as environment variables",
        secrets_reach_migrations,
    ),
];

/// Stages of the pipeline with the names and actions in them.
fn stages<'a>(subject: &Subject<'a>) -> Result<Vec<(&'a str, &'a [Value])>, String> {
    let pipeline = subject.only("AWS::CodePipeline::Pipeline")?;
    let stages = pipeline.must("Stages")?.items();
    Ok(stages
        .iter()
        .filter_map(|s| Some((s.get("Name")?.text()?, s.get("Actions")?.items())))
        .collect())
}

fn action<'a>(subject: &Subject<'a>, name: &str) -> Result<&'a Value, String> {
    let found = stages(subject)?
        .into_iter()
        .flat_map(|(_, actions)| actions)
        .find(|a| is(a.get("Name"), name));
    found.ok_or_else(|| format!("the pipeline has no step {name}"))
}

fn pipeline_deploys_everything(subject: &Subject) -> Finding {
    for (step, role) in [("Infrastructure", StackRole::Base), ("Service", StackRole::Service)] {
        let configuration = action(subject, step)?
            .get("Configuration")
            .ok_or("a step has no configuration")?;
        let template = subject.template(role)?;
        ensure(
            is(configuration.get("StackName"), &template.name),
            format!("{step} deploys another stack than {}", template.name),
        )?;
        ensure(
            is(configuration.get("TemplatePath"), &format!("Infra::{}", template.file())),
            format!("{step} uses another template"),
        )?;
        ensure(
            configuration.get("RoleArn").and_then(target) == Some("StackRole"),
            format!("{step} runs without the role of the stacks"),
        )?;
    }
    let image = action(subject, "Service")?
        .at("Configuration.ParameterOverrides")
        .and_then(Value::text)
        .unwrap_or_default();
    ensure(
        image.contains("#{Api.IMAGE_URI}"),
        "servers would not get the image of the commit",
    )?;
    for (step, project) in [("Api", "BuildApi"), ("Ui", "BuildUi"), ("PublishUi", "Release")] {
        let names = action(subject, step)?.at("Configuration.ProjectName").and_then(target);
        ensure(names == Some(project), format!("{step} runs another build than {project}"))?;
    }
    Ok("infrastructure, image, user interface and servers are steps of one run".to_owned())
}

fn commit_starts_release(subject: &Subject) -> Finding {
    let pipeline = subject.only("AWS::CodePipeline::Pipeline")?;
    ensure(is(pipeline.at("PipelineType"), "V2"), "triggers need a pipeline of type V2")?;
    let branch = subject.app.choices.branch.as_str();
    let push = pipeline.must("Triggers.0.GitConfiguration.Push.0")?;
    let watched = push.at("Branches.Includes").map(Value::items).unwrap_or_default();
    ensure(
        watched.len() == 1 && is(watched.first(), branch),
        format!("commits to {branch} do not start a release"),
    )?;
    let paths = push.at("FilePaths.Includes").map(Value::items).unwrap_or_default();
    ensure((1..=8).contains(&paths.len()), "a trigger takes one to eight path patterns")?;
    let source = action(subject, "Code")?;
    ensure(
        is(source.at("Configuration.BranchName"), branch),
        "the source is another branch",
    )?;
    ensure(
        is(source.at("Configuration.DetectChanges"), "false"),
        "every push to any path would start a second run",
    )?;
    let name = pipeline.must("Triggers.0.GitConfiguration.SourceActionName")?;
    ensure(source.get("Name") == Some(name), "the trigger belongs to another source")?;
    Ok(format!(
        "pushes to {branch} that touch {}",
        paths.iter().filter_map(Value::text).collect::<Vec<_>>().join(", ")
    ))
}

fn repository_stays_clean(subject: &Subject) -> Finding {
    for step in ["Api", "Ui"] {
        let action = action(subject, step)?;
        ensure(
            is(action.at("Configuration.PrimarySource"), "Infra"),
            format!("{step} would look for its build file in the repository"),
        )?;
        let inputs: Vec<_> = action
            .get("InputArtifacts")
            .map(Value::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|i| i.get("Name")?.text())
            .collect();
        ensure(
            inputs.contains(&"Infra") && inputs.contains(&"Code"),
            format!("{step} lacks one of its two sources"),
        )?;
    }
    for project in subject.of_kind("AWS::CodeBuild::Project") {
        let file = project.must("Source.BuildSpec")?.text().unwrap_or_default();
        let known = crate::artifacts::constant_paths().any(|path| path == file);
        ensure(
            known,
            format!("{} needs {file}, which the uploaded zip does not hold", project.id),
        )?;
    }
    Ok("build files, Dockerfile and templates come from the uploaded zip".to_owned())
}

fn servers_run_as_chosen(subject: &Subject) -> Finding {
    let app = subject.app;
    let task = subject.only("AWS::ECS::TaskDefinition")?;
    let expected = if app.is_ec2() { "EC2" } else { "FARGATE" };
    ensure(
        is(task.at("RequiresCompatibilities.0"), expected),
        format!("the servers are not made for {expected}"),
    )?;
    ensure(
        is(task.at("NetworkMode"), "awsvpc"),
        "servers would not have a firewall of their own",
    )?;
    let processor = if app.is_arm() { "ARM64" } else { "X86_64" };
    ensure(
        is(task.at("RuntimePlatform.CpuArchitecture"), processor),
        format!("the servers are not made for {processor}"),
    )?;
    let build = subject
        .template(StackRole::Pipeline)?
        .resource("BuildApi")
        .ok_or("there is no build")?;
    let machine = if app.is_arm() { "ARM_CONTAINER" } else { "LINUX_CONTAINER" };
    ensure(
        is(build.at("Environment.Type"), machine),
        format!("the image is not built for {processor}"),
    )?;
    if app.migrates() {
        let function = subject
            .only("AWS::Lambda::Function")?
            .must("Architectures.0")?
            .text()
            .unwrap_or_default();
        let same = function == if app.is_arm() { "arm64" } else { "x86_64" };
        ensure(
            same,
            "the engine of the migrations is built for another processor than their function has",
        )?;
    }
    let provider = subject
        .only("AWS::ECS::Service")?
        .must("CapacityProviderStrategy.0.CapacityProvider")?;
    if app.is_ec2() {
        ensure(
            target(provider) == Some("Capacity"),
            "the servers do not run on the machines of this plan",
        )?;
        let capacity = subject.only("AWS::ECS::CapacityProvider")?.must("AutoScalingGroupProvider")?;
        ensure(
            is(capacity.get("ManagedDraining"), "ENABLED"),
            "machines would go with servers on them",
        )?;
    } else {
        ensure(provider.text() == Some("FARGATE"), "the servers do not run on Fargate")?;
        ensure(
            subject.of_kind("AWS::AutoScaling::AutoScalingGroup").next().is_none(),
            "there are machines that nothing runs on",
        )?;
    }
    Ok(format!("{expected}, {processor}"))
}

fn bad_release_goes_back(subject: &Subject) -> Finding {
    let deployment = subject.only("AWS::ECS::Service")?.must("DeploymentConfiguration")?;
    for part in ["DeploymentCircuitBreaker", "Alarms"] {
        let on = flag(deployment.at(&format!("{part}.Enable")), true) && flag(deployment.at(&format!("{part}.Rollback")), true);
        ensure(on, format!("{part} does not take a bad release back"))?;
    }
    let alarm = deployment
        .at("Alarms.AlarmNames.0")
        .and_then(target)
        .ok_or("no alarm watches a release")?;
    ensure(
        subject.template(StackRole::Service)?.resource(alarm).is_some(),
        format!("there is no {alarm}"),
    )?;
    Ok("circuit breaker and an alarm for answers with status 5xx".to_owned())
}

fn servers_scale(subject: &Subject) -> Finding {
    let service = subject.only("AWS::ECS::Service")?;
    ensure(
        service.at("DesiredCount").is_none(),
        "every release would reset the number of servers",
    )?;
    let scale = subject.only("AWS::ApplicationAutoScaling::ScalableTarget")?;
    ensure(
        scale.at("MinCapacity").and_then(target) == Some("MinServers"),
        "the lowest number cannot be changed",
    )?;
    ensure(
        scale.at("MaxCapacity").and_then(target) == Some("MaxServers"),
        "the highest number cannot be changed",
    )?;
    let policy = subject.only("AWS::ApplicationAutoScaling::ScalingPolicy")?;
    ensure(
        policy.at("ScalingTargetId").and_then(target) == Some(scale.id.as_str()),
        "load does not change the number of servers",
    )?;
    let servers = subject.app.choices.servers;
    Ok(if servers.min == servers.max {
        format!("fixed at {}", servers.min)
    } else {
        format!("{} to {}, by load", servers.min, servers.max)
    })
}

fn no_secret_values(subject: &Subject) -> Finding {
    for secret in subject.of_kind("AWS::SecretsManager::Secret") {
        if let Some(text) = secret.at("SecretString").and_then(Value::text) {
            // Either empty, or an address whose password CloudFormation fetches from another secret.
            let harmless = text == "{}" || text.contains(":{{resolve:secretsmanager:");
            ensure(harmless, format!("{} is created with a value", secret.id))?;
        } else {
            ensure(
                secret.at("GenerateSecretString").is_some(),
                format!("{} is neither empty nor random", secret.id),
            )?;
        }
    }
    for database in subject.of_kind("AWS::RDS::DBInstance") {
        let password = database.must("MasterUserPassword")?.text().unwrap_or_default();
        ensure(
            password.starts_with("{{resolve:secretsmanager:"),
            "the database's password stands in the template",
        )?;
    }
    let secret = |name: &str| subject.app.inputs.secret_keys.iter().any(|key| key == name);
    for task in subject.of_kind("AWS::ECS::TaskDefinition") {
        for container in task.must("ContainerDefinitions")?.items() {
            for variable in container.get("Environment").map(Value::items).unwrap_or_default() {
                let name = variable.get("Name").and_then(Value::text).unwrap_or_default();
                ensure(!secret(name), format!("{name} stands in the template with its value"))?;
            }
        }
    }
    Ok("values are random, empty, or fetched by CloudFormation from Secrets Manager".to_owned())
}

fn secrets_reach_servers(subject: &Subject) -> Finding {
    let container = subject.only("AWS::ECS::TaskDefinition")?.must("ContainerDefinitions.0")?;
    let entries = container.get("Secrets").map(Value::items).unwrap_or_default();
    let names: Vec<&str> = entries.iter().filter_map(|e| e.get("Name")?.text()).collect();
    let expected: Vec<&str> = subject
        .app
        .inputs
        .secret_keys
        .iter()
        .map(String::as_str)
        .chain(database_url_name(subject.app.inputs))
        .collect();
    if let Some(missing) = expected.iter().find(|name| !names.contains(name)) {
        return Err(format!("{missing} does not reach the servers"));
    }
    let service = subject.only("AWS::ECS::Service")?;
    let nonce = service.at("ForceNewDeployment.ForceNewDeploymentNonce").and_then(target);
    ensure(nonce == Some("SecretsRevision"), "servers would keep old values")?;
    let role = subject
        .template(StackRole::Base)?
        .resource("TaskRole")
        .ok_or("servers have no role")?;
    let reads = role
        .must("Policies.0.PolicyDocument.Statement")?
        .items()
        .iter()
        .any(|s| s.references().contains(&"AppSecret".to_owned()));
    ensure(reads, "servers may not read their secret")?;
    // What ECS may fetch at start must cover what the task names.
    let execution = subject
        .template(StackRole::Base)?
        .resource("ExecutionRole")
        .ok_or("nothing may start servers")?;
    let fetches = execution.properties.references();
    for entry in entries {
        let from = entry.get("ValueFrom").map(Value::references).unwrap_or_default();
        let from = from.first().ok_or("a secret comes from nowhere")?;
        ensure(fetches.contains(from), format!("ECS may not fetch {from}"))?;
    }
    Ok(if names.is_empty() {
        "none yet".to_owned()
    } else {
        names.join(", ")
    })
}

fn rights_are_named(subject: &Subject) -> Finding {
    let mut count = 0;
    for role in subject.of_kind("AWS::IAM::Role") {
        for statement in role
            .at("Policies.0.PolicyDocument.Statement")
            .map(Value::items)
            .unwrap_or_default()
        {
            let action = statement.get("Action");
            let actions = action
                .map(Value::items)
                .unwrap_or_default()
                .iter()
                .chain(action.filter(|a| a.text().is_some()));
            for action in actions.filter_map(Value::text) {
                ensure(
                    action != "*" && !action.ends_with(":*"),
                    format!("{} may do everything: {action}", role.id),
                )?;
            }
            let passes = statement.get("Action").is_some_and(|a| a.text() == Some("iam:PassRole"));
            ensure(
                !passes || statement.at("Condition.StringEquals.iam:PassedToService").is_some(),
                format!("{} may hand roles to any service", role.id),
            )?;
            count += 1;
        }
        for managed in role.at("ManagedPolicyArns").map(Value::items).unwrap_or_default() {
            let name = managed.text().unwrap_or_default();
            ensure(
                !name.ends_with("AdministratorAccess") && !name.ends_with("PowerUserAccess"),
                format!("{} is an administrator", role.id),
            )?;
        }
    }
    Ok(format!("{count} statements in the roles of the stacks"))
}

/// Largest sum of a role's inline policies, in characters without white space.
const MAX_INLINE_POLICIES: usize = 10_240;

fn roles_fit(subject: &Subject) -> Finding {
    let mut largest = 0;
    for role in subject.of_kind("AWS::IAM::Role") {
        // Placeholders such as ${AWS::AccountId} are longer than what they stand for, except for the longest regions.
        let size = role.at("Policies").map_or(0, |policies| policies.to_json().to_string().len());
        ensure(
            size <= MAX_INLINE_POLICIES,
            format!("{} has {size} characters; IAM takes {MAX_INLINE_POLICIES}", role.id),
        )?;
        largest = largest.max(size);
    }
    Ok(format!("the largest has {largest} of {MAX_INLINE_POLICIES} characters"))
}

fn deployer_policy_fits(subject: &Subject) -> Finding {
    let policy: serde_json::Value = serde_json::from_str(&policy::deployer_policy(subject.app, subject.templates))
        .map_err(|e| format!("the policy is no JSON: {e}"))?;
    // IAM does not count white space.
    let size = policy.to_string().len();
    ensure(
        size <= policy::MAX_POLICY,
        format!("the policy has {size} characters; IAM takes {}", policy::MAX_POLICY),
    )?;
    let statements = policy["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
    for statement in statements {
        let actions = statement["Action"].as_array().map(Vec::as_slice).unwrap_or_default();
        for action in actions.iter().filter_map(serde_json::Value::as_str) {
            ensure(
                action != "*" && !action.ends_with(":*"),
                format!("the policy allows everything of a service: {action}"),
            )?;
        }
    }
    Ok(format!(
        "{} statements, {size} of {} characters",
        statements.len(),
        policy::MAX_POLICY
    ))
}

fn database_as_chosen(subject: &Subject) -> Finding {
    let present = subject.resources().filter(|r| r.kind.starts_with("AWS::RDS::")).count();
    match subject.app.engine() {
        None => {
            ensure(present == 0, "there is a database that was not chosen")?;
            Ok("none".to_owned())
        }
        Some(engine) => {
            let database = subject.only("AWS::RDS::DBInstance")?;
            ensure(
                is(database.at("Engine"), engine.name),
                format!("the database is not {}", engine.label),
            )?;
            Ok(format!("{} {}", engine.label, engine.version))
        }
    }
}

fn migrations_before_servers(subject: &Subject) -> Finding {
    let names: Vec<&str> = stages(subject)?.into_iter().map(|(name, _)| name).collect();
    let position = |name: &str| {
        names
            .iter()
            .position(|n| *n == name)
            .ok_or_else(|| format!("the pipeline has no stage {name}"))
    };
    ensure(
        position("Build")? < position("Migrate")? && position("Migrate")? < position("Deploy")?,
        "migrations do not run before new servers start",
    )?;
    let variables = action(subject, "Migrate")?
        .at("Configuration.EnvironmentVariables")
        .and_then(Value::text)
        .unwrap_or_default();
    ensure(
        variables.contains("#{Api.BUNDLE_KEY}"),
        "migrations are not those of the commit",
    )?;
    Ok(names.join(" → "))
}

fn secrets_reach_migrations(subject: &Subject) -> Finding {
    let function = subject.only("AWS::Lambda::Function")?;
    let variables = function.must("Environment.Variables")?;
    for (name, secret) in [("DATABASE_URL_SECRET", "DatabaseUrlSecret"), ("APP_SECRET", "AppSecret")] {
        ensure(
            variables.get(name).and_then(target) == Some(secret),
            format!("migrations do not know {secret}"),
        )?;
    }
    let role = function
        .at("Role")
        .and_then(target)
        .and_then(|id| subject.template(StackRole::Base).ok()?.resource(id));
    let may = role.map(|r| r.properties.references()).unwrap_or_default();
    ensure(
        may.contains(&"DatabaseUrlSecret".to_owned()) && may.contains(&"AppSecret".to_owned()),
        "migrations may not read the secrets",
    )?;
    let groups = function.must("VpcConfig.SecurityGroupIds")?.references();
    ensure(
        groups == ["MigratorGroup"],
        "migrations run behind another firewall than the database admits",
    )?;
    Ok("read from Secrets Manager when a migration runs; the function's settings hold names only".to_owned())
}

/// What a person should decide or know: options that were left out, limits that were accepted, and what is still open.
pub(super) fn choices(app: &Application) -> Vec<Check> {
    let entry = |id: &str, title: &str, result, detail: &str| Check {
        id: id.to_owned(),
        title: title.to_owned(),
        result,
        detail: detail.to_owned(),
    };
    let mut checks = Vec::new();
    if app.choices.repository.is_none() {
        checks.push(entry(
            "repository-known",
            "The repository is known",
            CheckResult::Failed,
            "Choose the repository as owner/name: the pipeline fetches commits from the source host, not from this computer.",
        ));
    }
    let uses = app.backend.database.as_deref();
    let chosen = match app.choices.database {
        Database::None => None,
        Database::Postgres => Some("postgresql"),
        Database::Mysql => Some("mysql"),
    };
    // A Prisma schema is written for one engine; with other mappers the engine may be a setting.
    if let (Some(chosen), Some(uses), true) = (chosen, uses, app.backend.prisma.is_some())
        && uses != chosen
        && !(chosen == "mysql" && uses == "mariadb")
    {
        checks.push(entry(
            "database-fits-code",
            "The database fits the code",
            CheckResult::Failed,
            &format!("The Prisma schema is written for {uses}, but the plan has {chosen}. Choose the engine of the schema, or no database."),
        ));
    }
    if chosen.is_none() && uses.is_some_and(|uses| uses != "sqlite") {
        checks.push(entry(
            "database-elsewhere",
            "The database is somewhere else",
            CheckResult::Accepted,
            "The code uses a database and the plan has none: set its address as a secret, or choose a database.",
        ));
    }
    match app.choices.origin {
        Origin::PublicAlb => checks.push(entry(
            "tls-to-load-balancer",
            "CloudFront and the load balancer speak TLS",
            CheckResult::Accepted,
            "Needs a domain of your own. Until then this stretch is HTTP, open to CloudFront only; a VPC origin makes it private.",
        )),
        Origin::VpcOrigin => checks.extend([
            entry(
                "tls-to-load-balancer",
                "CloudFront and the load balancer speak TLS",
                CheckResult::Accepted,
                "Needs a domain of your own. Until then this stretch is HTTP inside AWS's network, on a way that only CloudFront has.",
            ),
            entry(
                "vpc-origin-placement",
                "The VPC origin was tried with a load balancer in public subnets",
                CheckResult::Accepted,
                "AWS describes VPC origins for private subnets. The load balancer has no public address in either; if AWS refuses, \
                 choose the public load balancer, which admits CloudFront only.",
            ),
        ]),
    }
    if app.engine().is_some() && !app.demands_database_tls() {
        checks.push(entry(
            "tls-to-database",
            "Servers and the database speak TLS",
            CheckResult::Accepted,
            "Switch TLS on in the code's database settings; it is not demanded, because drivers of MySQL would refuse to connect.",
        ));
    }
    if app.engine().is_some() {
        checks.push(entry(
            "database-standby",
            "A standby of the database waits in a second zone",
            CheckResult::Option,
            "Doubles the price of the database. Without it a failed zone means restoring from the last backup.",
        ));
    }
    checks.push(entry(
        "nat-per-zone",
        "Each zone has a NAT gateway of its own",
        CheckResult::Option,
        "Doubles the price of the NAT gateway. Without it servers in the other zone lose the internet when its zone fails.",
    ));
    checks.push(entry(
        "web-firewall",
        "A web firewall stands before CloudFront",
        CheckResult::Option,
        "From about 8 USD a month.",
    ));
    checks
}
