//! The service stack: what runs, how many, and when a bad release goes back. Deployed after the migrations, with the image
//! of this commit.

use crate::application::{Application, database_url_name};
use crate::choices::{Launch, ScaleBy};
use crate::model::{Output, ParameterDeclaration, Resource, Section, Template};
use crate::plan::{StackRole, Zone};
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Name of the container and prefix of its log streams.
const CONTAINER: &str = "api";

pub(crate) fn template(app: &Application) -> Template {
    let mut sections = vec![
        Section {
            heading: "Servers",
            resources: vec![task(app), errors(app), service(app)],
        },
        scaling(app),
    ];
    if app.alarm_address().is_some() {
        sections.push(Section {
            heading: "Alarms",
            resources: super::alarms::servers(app),
        });
    }
    Template {
        role: StackRole::Service,
        name: super::name(app.name(), StackRole::Service),
        description: format!(
            "{}: the servers. Separate from the base stack, so that taking a release back can never touch network or database. \
             Deployed by the pipeline after the migrations.",
            app.name()
        ),
        parameters: parameters(app),
        sections,
        outputs: vec![
            Output {
                name: "ServiceName",
                description: "ECS service",
                value: get_att("Servers", "Name"),
            },
            Output {
                name: "TaskDefinitionArn",
                description: "Revision that runs",
                value: refer("Server"),
            },
        ],
    }
}

fn parameters(app: &Application) -> Vec<ParameterDeclaration> {
    let servers = app.choices.servers;
    let path = |name: &str| format!("/zonke/{}/{name}", app.name());
    let text = "AWS::SSM::Parameter::Value<String>";
    let mut parameters = vec![
        ParameterDeclaration::new(
            "ImageUri",
            "String",
            "Image of this release, repository@sha256:digest; the pipeline fills it in",
        ),
        ParameterDeclaration::new(
            "SecretsRevision",
            "String",
            "Version of the application secret; a new value makes ECS replace the servers",
        )
        .value(&app.inputs.secrets_revision),
        ParameterDeclaration::new("MinServers", "Number", "Lowest number of servers").value(servers.min.to_string()),
        ParameterDeclaration::new(
            "MaxServers",
            "Number",
            "Highest number of servers; the same as the lowest for a fixed number",
        )
        .value(servers.max.to_string()),
        ParameterDeclaration::new("Subnets", "AWS::SSM::Parameter::Value<List<String>>", "Private subnets")
            .default(path("private-subnets")),
        ParameterDeclaration::new("ServerGroup", text, "Firewall of the servers").default(path("server-group")),
        ParameterDeclaration::new("TargetGroup", text, "Where the load balancer sends requests").default(path("target-group")),
        ParameterDeclaration::new("LoadBalancerName", text, "The load balancer's name in metrics")
            .default(path("load-balancer-name")),
        ParameterDeclaration::new("ExecutionRole", text, "Role that starts servers").default(path("execution-role")),
        ParameterDeclaration::new("TaskRole", text, "Role that servers have").default(path("task-role")),
    ];
    if app.bake_minutes().is_none() || app.alarm_address().is_some() {
        parameters.push(
            ParameterDeclaration::new("TargetGroupName", text, "The target group's name in metrics")
                .default(path("target-group-name")),
        );
    }
    if app.bake_minutes().is_some() {
        for (name, description, parameter) in [
            (
                "OtherTargetGroup",
                "Where the load balancer finds the servers of every second release",
                "other-target-group",
            ),
            ("ListenerRule", "Rule in which ECS moves the traffic", "listener-rule"),
            ("TrafficRole", "Role with which ECS moves the traffic", "traffic-role"),
        ] {
            parameters.push(ParameterDeclaration::new(name, text, description).default(path(parameter)));
        }
    }
    if app.bake_minutes().is_some() && app.alarm_address().is_some() {
        parameters.push(
            ParameterDeclaration::new("OtherTargetGroupName", text, "The other target group's name in metrics")
                .default(path("other-target-group-name")),
        );
    }
    if app.alarm_address().is_some() {
        parameters.push(ParameterDeclaration::new("AlarmTopic", text, "Where alarms are reported").default(path("alarm-topic")));
    }
    if !app.inputs.secret_keys.is_empty() {
        parameters.push(
            ParameterDeclaration::new("AppSecret", text, "Secret that holds the application's secrets")
                .default(path("app-secret")),
        );
    }
    if app.engine().is_some() {
        parameters.push(
            ParameterDeclaration::new("DatabaseUrlSecret", text, "Secret that holds the database's address")
                .default(path("db-url-secret")),
        );
    }
    if !app.database_parts().is_empty() {
        parameters.push(
            ParameterDeclaration::new("DatabaseSecret", text, "Secret that holds the database's user and password")
                .default(path("db-secret")),
        );
    }
    if app.is_ec2() {
        parameters.push(ParameterDeclaration::new("Capacity", text, "What adds machines").default(path("capacity-provider")));
    }
    parameters
}

/// Variables whose values are no secret.
fn environment(app: &Application) -> Value {
    let mut variables = vec![
        ("NODE_ENV", "production".to_owned()),
        (app.port_variable(), app.port().to_string()),
    ];
    if app.backend.loopback_only {
        // Read by the preload script, which then listens for the load balancer too.
        variables.push(("ZONKE_LISTEN_ALL", "1".to_owned()));
    }
    if app.is_postgres() && app.backend.prisma.is_none() {
        // The usual PostgreSQL driver obeys it; RDS refuses connections without TLS.
        variables.push(("PGSSLMODE", "require".to_owned()));
    }
    variables
        .into_iter()
        .map(|(name, value)| map! { "Name": name, "Value": value })
        .collect::<Vec<_>>()
        .into()
}

/// Variables whose values ECS fetches from Secrets Manager when a server starts.
fn secrets(app: &Application) -> Vec<Value> {
    let entry = |name: &str, from: Value| map! { "Name": name, "ValueFrom": from };
    let mut entries = Vec::new();
    if let Some(name) = database_url_name(app.inputs) {
        entries.push(entry(name, refer("DatabaseUrlSecret")));
    }
    for (name, key) in app.database_parts() {
        entries.push(entry(name, sub(format!("${{DatabaseSecret}}:{key}::"))));
    }
    for key in &app.inputs.secret_keys {
        entries.push(entry(key, sub(format!("${{AppSecret}}:{key}::"))));
    }
    entries
}

fn task(app: &Application) -> Resource {
    let servers = app.choices.servers;
    let secrets = secrets(app);
    let mut container = vec![
        ("Name".to_owned(), Value::from(CONTAINER)),
        ("Image".to_owned(), refer("ImageUri")),
        ("Essential".to_owned(), true.into()),
        (
            "StopTimeout".to_owned(),
            Value::from(40).note("Longer than the load balancer takes to stop sending requests."),
        ),
        ("LinuxParameters".to_owned(), map! { "InitProcessEnabled": true }),
        (
            "PortMappings".to_owned(),
            list![map! { "Name": "http", "ContainerPort": app.port(), "Protocol": "tcp" }],
        ),
        ("Environment".to_owned(), environment(app)),
    ];
    if !secrets.is_empty() {
        container.push((
            "Secrets".to_owned(),
            Value::from(secrets).note("Names only; ECS fetches the values when a server starts."),
        ));
    }
    container.push((
        "LogConfiguration".to_owned(),
        map! {
            "LogDriver": "awslogs",
            "Options": map! {
                "awslogs-group": format!("/zonke/{}/api", app.name()),
                "awslogs-region": refer("AWS::Region"),
                "awslogs-stream-prefix": CONTAINER,
                "mode": "non-blocking",
            },
        },
    ));
    let charge = if app.is_ec2() { None } else { Some(Charge::Fargate) };
    let mut task = Resource::new(
        "Server",
        "AWS::ECS::TaskDefinition",
        format!("One server: {} vCPU, {} MiB", crate::price::amount(f64::from(servers.cpu_units) / 1024.0), servers.memory_mib),
        map! {
            "Family": format!("{}-api", app.name()),
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": list![if app.is_ec2() { "EC2" } else { "FARGATE" }],
            "Cpu": servers.cpu_units.to_string(),
            "Memory": servers.memory_mib.to_string(),
            "RuntimePlatform": map! { "CpuArchitecture": if app.is_arm() { "ARM64" } else { "X86_64" }, "OperatingSystemFamily": "LINUX" },
            "ExecutionRoleArn": refer("ExecutionRole"),
            "TaskRoleArn": refer("TaskRole"),
            "ContainerDefinitions": list![Value::Map(container)],
        },
    )
    .zone(Zone::Private)
    .node("servers")
    .accept("CKV_AWS_336", "applications may write temporary files");
    task.charges.extend(charge);
    task
}

fn errors(app: &Application) -> Resource {
    // In a blue/green release answers come from one group of servers, then from the other: only the load balancer sees both.
    let mut dimensions = vec![map! { "Name": "LoadBalancer", "Value": refer("LoadBalancerName") }];
    if app.bake_minutes().is_none() {
        dimensions.push(map! { "Name": "TargetGroup", "Value": refer("TargetGroupName") });
    }
    let mut alarm = Resource::new(
        "Errors",
        "AWS::CloudWatch::Alarm",
        "Servers answer with errors; takes a running release back",
        map! {
            "AlarmDescription": "Servers answer with status 5xx; takes a running release back",
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Dimensions": dimensions,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 20,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    )
    .node("logs")
    .charge(Charge::Alarm);
    if app.alarm_address().is_some() {
        alarm.set("AlarmActions", list![refer("AlarmTopic")]);
        alarm.set("OKActions", list![refer("AlarmTopic")]);
    }
    alarm
}

/// How a release replaces the servers, and when it goes back.
fn deployment(app: &Application) -> Value {
    let mut deployment = map! {
        "Strategy": "ROLLING",
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": map! { "Enable": true, "Rollback": true },
        "Alarms": map! { "Enable": true, "Rollback": true, "AlarmNames": list![refer("Errors")] },
    };
    if let Some(minutes) = app.bake_minutes() {
        deployment = map! {
            "Strategy": Value::from("BLUE_GREEN")
                .note("All new servers start beside the old ones; the traffic moves at once and can move back as fast."),
            "BakeTimeInMinutes": minutes,
            "MinimumHealthyPercent": 100,
            "MaximumPercent": 200,
            "DeploymentCircuitBreaker": map! { "Enable": true, "Rollback": true },
            "Alarms": map! { "Enable": true, "Rollback": true, "AlarmNames": list![refer("Errors")] },
        };
    }
    deployment
}

/// Where the load balancer finds the servers.
fn behind(app: &Application) -> Value {
    let mut behind = map! { "TargetGroupArn": refer("TargetGroup"), "ContainerName": CONTAINER, "ContainerPort": app.port() };
    if app.bake_minutes().is_some() {
        behind.insert(
            3,
            "AdvancedConfiguration",
            map! {
                "AlternateTargetGroupArn": refer("OtherTargetGroup"),
                "ProductionListenerRule": refer("ListenerRule"),
                "RoleArn": refer("TrafficRole"),
            },
        );
    }
    behind
}

fn service(app: &Application) -> Resource {
    let on = |provider: Value, weight: u32, base: u32| map! { "CapacityProvider": provider, "Weight": weight, "Base": base };
    let spot = "FARGATE_SPOT";
    let providers = match (app.choices.launch, app.choices.spot_base) {
        (Launch::Ec2, _) => list![on(refer("Capacity"), 1, 1)],
        (Launch::Fargate, _) => list![on("FARGATE".into(), 1, 1)],
        (Launch::FargateSpot, 0) => list![on(spot.into(), 1, 0)],
        (Launch::FargateSpot, base) => list![on("FARGATE".into(), 0, base), on(spot.into(), 1, 0)],
    };
    Resource::new(
        "Servers",
        "AWS::ECS::Service",
        if app.bake_minutes().is_some() {
            "Keeps the servers running; a release starts new ones beside them and moves the traffic at once"
        } else {
            "Keeps the servers running and replaces them one by one at a release"
        },
        map! {
            "ServiceName": format!("{}-api", app.name()),
            "Cluster": app.name(),
            "TaskDefinition": refer("Server"),
            "CapacityProviderStrategy": providers
                .note("No number of servers here, on purpose: an update keeps the number that scaling has set."),
            "NetworkConfiguration": map! { "AwsvpcConfiguration": map! {
                "AssignPublicIp": "DISABLED",
                "Subnets": refer("Subnets"),
                "SecurityGroups": list![refer("ServerGroup")],
            } },
            "LoadBalancers": list![behind(app)],
            "HealthCheckGracePeriodSeconds": 60,
            "AvailabilityZoneRebalancing": "ENABLED",
            "EnableExecuteCommand": false,
            "EnableECSManagedTags": true,
            "PropagateTags": "SERVICE",
            "ForceNewDeployment": map! { "EnableForceNewDeployment": true, "ForceNewDeploymentNonce": refer("SecretsRevision") },
            "DeploymentConfiguration": deployment(app),
        },
    )
    .zone(Zone::Private)
    .node("servers")
}

fn scaling(app: &Application) -> Section {
    let (policy, description, metric, target) = match app.choices.scale_by {
        ScaleBy::Cpu { percent } => (
            "cpu",
            format!("Within that range: adds servers above {percent} % of their processors, removes them below"),
            map! { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
            percent,
        ),
        ScaleBy::Requests { per_minute } => (
            "requests",
            format!("Within that range: adds servers above {per_minute} requests a minute for each, removes them below"),
            map! {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": sub("${LoadBalancerName}/${TargetGroupName}"),
            },
            per_minute,
        ),
    };
    let resources = vec![
        Resource::new(
            "Scale",
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "How many servers there may be",
            map! {
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": sub(format!("service/{}/${{Servers.Name}}", app.name())),
                "MinCapacity": refer("MinServers"),
                "MaxCapacity": refer("MaxServers"),
            },
        )
        .zone(Zone::Private)
        .node("servers"),
        // Also with a fixed number, where it has nothing to do: a range can then be set without a release.
        Resource::new(
            "ScaleByLoad",
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            description,
            map! {
                "PolicyName": policy,
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": refer("Scale"),
                "TargetTrackingScalingPolicyConfiguration": map! {
                    "PredefinedMetricSpecification": metric,
                    "TargetValue": target,
                    "ScaleOutCooldown": 60,
                    "ScaleInCooldown": 300,
                },
            },
        )
        .zone(Zone::Private)
        .node("servers"),
    ];
    Section {
        heading: "Scaling",
        resources,
    }
}
