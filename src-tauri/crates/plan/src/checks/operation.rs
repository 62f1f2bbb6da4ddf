//! How an application is built, released and scaled.

use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::choices::{Aurora, DatabaseOptions, Launch, ScaleBy};
use crate::model::Resource;
use crate::plan::StackRole;
use crate::stacks::pipeline::trigger;
use crate::validate::MAX_SERVERS;
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 7] = [
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
        "database-as-chosen",
        "There is a database exactly if one was chosen",
        database_as_chosen,
    ),
];

pub(super) const MIGRATION_STATEMENTS: [Statement; 1] = [(
    "migrations-before-servers",
    "Migrations run before new servers start, and stop the release when they fail",
    migrations_before_servers,
)];

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
    let patterns: Vec<&str> = paths.iter().filter_map(Value::text).collect();
    ensure(
        (1..=trigger::MAX_PATTERNS).contains(&paths.len()) && patterns.len() == paths.len(),
        "a trigger takes one to eight path patterns",
    )?;
    ensure(
        patterns.iter().all(|p| (1..=trigger::MAX_PATTERN).contains(&p.len())),
        "a path pattern has up to 255 characters",
    )?;
    let needed = trigger::sources(subject.app);
    let unseen = needed
        .iter()
        .find(|path| !patterns.iter().any(|p| sees(p, subject.app.folder(), path)));
    ensure(
        unseen.is_none(),
        format!("a change of {} would start no release", unseen.map_or("", String::as_str)),
    )?;
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
    if patterns == ["**"] {
        return Ok(format!("every push to {branch}"));
    }
    Ok(format!("pushes to {branch} that touch {}", patterns.join(", ")))
}

/// Whether a pattern matches everything of a path in the project's folder, in the forms that we write: a file, `folder/*`, `folder/**`.
fn sees(pattern: &str, folder: &str, path: &str) -> bool {
    let pattern = pattern.replace('\\', "");
    let path = match (folder, path) {
        (".", path) => path.to_owned(),
        (folder, ".") => format!("{folder}/"),
        (folder, path) => format!("{folder}/{path}"),
    };
    match pattern.strip_suffix("**") {
        Some(tree) => path.starts_with(tree) || tree.is_empty(),
        None if pattern.ends_with('*') => {
            let rest = path.strip_prefix(pattern.trim_end_matches('*'));
            rest.is_some_and(|name| !name.is_empty() && !name.contains('/'))
        }
        None => pattern == path,
    }
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
    let providers = subject
        .only("AWS::ECS::ClusterCapacityProviderAssociations")?
        .must("CapacityProviders")?
        .items();
    ensure(
        providers.iter().any(|p| p.bare() == provider),
        "the cluster does not have what the servers run on",
    )?;
    for fargate in ["FARGATE", "FARGATE_SPOT"] {
        ensure(
            providers.iter().any(|p| p.text() == Some(fargate)),
            format!("servers on {fargate} could not move to machines"),
        )?;
    }
    let insights = if app.choices.container_insights {
        "enabled"
    } else {
        "disabled"
    };
    ensure(
        is(subject.only("AWS::ECS::Cluster")?.at("ClusterSettings.0.Value"), insights),
        "detailed metrics are not as chosen",
    )?;
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
        spread_as_chosen(subject)?;
        ensure(
            subject.of_kind("AWS::AutoScaling::AutoScalingGroup").next().is_none(),
            "there are machines that nothing runs on",
        )?;
    }
    Ok(format!("{expected}, {processor}"))
}

/// On Fargate: whether ordinary and Spot capacity are used as chosen.
fn spread_as_chosen(subject: &Subject) -> Result<(), String> {
    let base = |provider: &str| {
        let strategy = subject.only("AWS::ECS::Service")?.must("CapacityProviderStrategy")?.items();
        let found = strategy.iter().find(|s| is(s.get("CapacityProvider"), provider));
        Ok::<_, String>(found.map(|s| (number(s.get("Weight")), number(s.get("Base")))))
    };
    let choices = subject.app.choices;
    let expected = match (choices.launch, choices.spot_base) {
        (Launch::FargateSpot, 0) => [None, Some((1, 0))],
        (Launch::FargateSpot, ordinary) => [Some((0, i64::from(ordinary))), Some((1, 0))],
        (Launch::Fargate | Launch::Ec2, _) => [Some((1, 1)), None],
    };
    ensure(
        [base("FARGATE")?, base("FARGATE_SPOT")?] == expected,
        "the servers do not run on Fargate and Spot as chosen",
    )
}

fn number(value: Option<&Value>) -> i64 {
    if let Some(Value::Number(number)) = value { *number } else { 0 }
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
    let tracked = policy.must("TargetTrackingScalingPolicyConfiguration")?;
    ensure(
        number(tracked.get("TargetValue")) > 0,
        "load never changes the number of servers",
    )?;
    let metric = tracked.at("PredefinedMetricSpecification.PredefinedMetricType");
    let by_requests = is(metric, "ALBRequestCountPerTarget");
    ensure(
        by_requests == matches!(subject.app.choices.scale_by, ScaleBy::Requests { .. }),
        "the number of servers follows something else than chosen",
    )?;
    if by_requests {
        ensure(
            is(
                tracked.at("PredefinedMetricSpecification.ResourceLabel"),
                "${LoadBalancerName}/${TargetGroupName}",
            ),
            "requests are counted somewhere else",
        )?;
    }
    for group in subject.of_kind("AWS::AutoScaling::AutoScalingGroup") {
        let machines = group.at("MaxSize").and_then(Value::text).and_then(|text| text.parse().ok());
        let each = subject.app.instance().servers(subject.app.choices.servers);
        ensure(
            machines.is_some_and(|m: u32| m * each >= 2 * MAX_SERVERS),
            "servers that are added later would find no machines",
        )?;
    }
    let servers = subject.app.choices.servers;
    Ok(if servers.min == servers.max {
        format!("fixed at {}", servers.min)
    } else {
        format!("{} to {}, by load", servers.min, servers.max)
    })
}

fn database_as_chosen(subject: &Subject) -> Finding {
    let present = subject.resources().filter(|r| r.kind.starts_with("AWS::RDS::")).count();
    match subject.app.engine() {
        None => {
            ensure(present == 0, "there is a database that was not chosen")?;
            Ok("none".to_owned())
        }
        Some(engine) => {
            let database = subject.database()?;
            ensure(
                is(database.at("Engine"), engine.name),
                format!("the database is not {}", engine.label),
            )?;
            let options = subject.app.choices.database_options;
            ensure(
                number(database.at("BackupRetentionPeriod")) == i64::from(options.backup_days),
                "backups are kept for another time than chosen",
            )?;
            match subject.app.aurora() {
                Some(aurora) => cluster_as_chosen(subject, database, aurora)?,
                None => instance_as_chosen(database, options)?,
            }
            Ok(format!("{} {}", engine.label, engine.version))
        }
    }
}

fn instance_as_chosen(database: &Resource, options: DatabaseOptions) -> Result<(), String> {
    ensure(
        is(database.at("DBInstanceClass"), options.class.name()),
        format!("the database is not a {}", options.class.name()),
    )?;
    ensure(
        flag(database.at("MultiAZ"), options.multi_az),
        "the database has not as many copies as chosen",
    )?;
    ensure(
        is(database.at("AllocatedStorage"), &options.storage_gb.to_string())
            && number(database.at("MaxAllocatedStorage")) == i64::from(options.max_storage_gb),
        "the database has other storage than chosen",
    )
}

fn cluster_as_chosen(subject: &Subject, database: &Resource, aurora: Aurora) -> Result<(), String> {
    let capacity = database.must("ServerlessV2ScalingConfiguration")?;
    ensure(
        capacity.get("MinCapacity") == Some(&aurora.min_acu.into())
            && capacity.get("MaxCapacity") == Some(&aurora.max_acu.into()),
        "the database has another capacity than chosen",
    )?;
    let pause = aurora.pauses().then(|| Value::from(aurora.pause_minutes * 60));
    ensure(
        capacity.get("SecondsUntilAutoPause") == pause.as_ref(),
        "the database pauses at another time than chosen",
    )?;
    let mut zones = Vec::new();
    for instance in subject.of_kind("AWS::RDS::DBInstance") {
        ensure(
            is(instance.at("DBInstanceClass"), "db.serverless"),
            format!("{} has a fixed size", instance.id),
        )?;
        ensure(
            instance.at("Engine") == database.at("Engine"),
            format!("{} has another engine than its cluster", instance.id),
        )?;
        zones.push(instance.at("AvailabilityZone").and_then(target));
    }
    let expected = if subject.app.choices.database_options.multi_az { 2 } else { 1 };
    ensure(zones.len() == expected, "the database has not as many copies as chosen")?;
    ensure(
        zones.len() < 2 || zones[0] != zones[1] || subject.app.existing().is_some(),
        "the standby is in the same zone as the first",
    )
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
