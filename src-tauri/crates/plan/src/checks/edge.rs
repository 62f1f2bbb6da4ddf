//! How visitors come in: CloudFront, the bucket, and the load balancer behind the password.

use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::choices::Origin;
use crate::model::Resource;
use crate::plan::StackRole;
use crate::stacks::edge::{CLOUDFRONT_KEEP_ALIVE, LOAD_BALANCER_IDLE, ORIGIN_HEADER};
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 8] = [
    (
        "listener-refuses-strangers",
        "Requests without CloudFront's password are answered with 403",
        listener_refuses_strangers,
    ),
    (
        "cloudfront-shows-password",
        "CloudFront shows the password that the load balancer asks for",
        cloudfront_shows_password,
    ),
    (
        "alb-reachable-as-chosen",
        "The load balancer is as public as was chosen",
        alb_reachable_as_chosen,
    ),
    (
        "api-reaches-servers",
        "API calls reach the servers: path, port and target agree",
        api_reaches_servers,
    ),
    (
        "ui-bucket-private",
        "The files of the user interface are private; CloudFront alone may read them",
        ui_bucket_private,
    ),
    (
        "buckets-closed",
        "Every bucket is closed to the public, encrypted, and refuses requests without TLS",
        buckets_closed,
    ),
    ("visitors-use-https", "Visitors use HTTPS", visitors_use_https),
    (
        "idle-times-rise",
        "Every connection outlives the one before it",
        idle_times_rise,
    ),
];

fn listener_refuses_strangers(subject: &Subject) -> Finding {
    for listener in subject.of_kind("AWS::ElasticLoadBalancingV2::Listener") {
        let default = listener.must("DefaultActions.0")?;
        let refuses = is(default.get("Type"), "fixed-response") && is(default.at("FixedResponseConfig.StatusCode"), "403");
        ensure(refuses, format!("{} answers strangers", listener.id))?;
    }
    for rule in subject.of_kind("AWS::ElasticLoadBalancingV2::ListenerRule") {
        let condition = rule.must("Conditions.0")?;
        let asks =
            is(condition.get("Field"), "http-header") && is(condition.at("HttpHeaderConfig.HttpHeaderName"), ORIGIN_HEADER);
        ensure(asks, format!("{} does not ask for the password", rule.id))?;
        let value = condition
            .at("HttpHeaderConfig.Values.0")
            .and_then(Value::text)
            .unwrap_or_default();
        ensure(is_dynamic(value), format!("{} holds the password itself", rule.id))?;
    }
    subject.only("AWS::ElasticLoadBalancingV2::Listener")?;
    Ok(format!("the default answer is 403; the only rule asks for {ORIGIN_HEADER}"))
}

/// Whether CloudFormation fetches this value from Secrets Manager instead of finding it in the template.
fn is_dynamic(text: &str) -> bool {
    text.starts_with("{{resolve:secretsmanager:") && text.ends_with("}}")
}

fn origin<'a>(distribution: &'a Resource, id: &str) -> Result<&'a Value, String> {
    let origins = distribution.must("DistributionConfig.Origins")?.items();
    origins
        .iter()
        .map(Value::bare)
        .find(|o| is(o.get("Id"), id))
        .ok_or_else(|| format!("the distribution has no origin {id}"))
}

fn cloudfront_shows_password(subject: &Subject) -> Finding {
    let distribution = subject.only("AWS::CloudFront::Distribution")?;
    let header = origin(distribution, "api")?
        .at("OriginCustomHeaders.0")
        .ok_or("CloudFront shows no password")?;
    let rule = subject.only("AWS::ElasticLoadBalancingV2::ListenerRule")?;
    let asked = rule.must("Conditions.0.HttpHeaderConfig")?;
    ensure(
        header.get("HeaderName") == asked.get("HttpHeaderName"),
        "CloudFront uses another header than the load balancer asks for",
    )?;
    ensure(
        header.get("HeaderValue") == asked.at("Values.0"),
        "CloudFront shows another password than the load balancer asks for",
    )?;
    Ok("both read the same secret".to_owned())
}

fn alb_reachable_as_chosen(subject: &Subject) -> Finding {
    let balancer = subject.only("AWS::ElasticLoadBalancingV2::LoadBalancer")?;
    let scheme = balancer.must("Scheme")?.text().unwrap_or_default();
    let origin = origin(subject.only("AWS::CloudFront::Distribution")?, "api")?;
    match subject.app.choices.origin {
        Origin::PublicAlb => {
            ensure(
                scheme == "internet-facing" && origin.get("CustomOriginConfig").is_some(),
                "CloudFront cannot reach the load balancer",
            )?;
            Ok("internet-facing; its firewall admits CloudFront only".to_owned())
        }
        Origin::VpcOrigin => {
            ensure(scheme == "internal", "the load balancer would have a public address")?;
            let way = origin
                .at("VpcOriginConfig.VpcOriginId")
                .and_then(target)
                .ok_or("CloudFront has no private way to it")?;
            let way = subject
                .template(StackRole::Base)?
                .resource(way)
                .ok_or("CloudFront has no private way to it")?;
            let leads = way.at("VpcOriginEndpointConfig.Arn").and_then(target) == Some(balancer.id.as_str());
            ensure(leads, "CloudFront's private way leads elsewhere")?;
            Ok("internal; CloudFront reaches it by a way of its own".to_owned())
        }
    }
}

fn number(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Number(number)) => Some(*number),
        Some(Value::Text(text)) => text.parse().ok(),
        _ => None,
    }
}

fn api_reaches_servers(subject: &Subject) -> Finding {
    let config = subject.only("AWS::CloudFront::Distribution")?.must("DistributionConfig")?;
    let prefix = subject.app.api_prefix();
    let behavior = config.at("CacheBehaviors.0").ok_or("no path leads to the servers")?;
    ensure(
        is(behavior.get("PathPattern"), &format!("/{prefix}/*")),
        format!("/{prefix}/* does not lead to the servers"),
    )?;
    let named = |b: &Value| b.get("TargetOriginId").and_then(Value::text).map(str::to_owned);
    let origins: Vec<_> = config
        .get("Origins")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|o| o.get("Id").and_then(Value::text))
        .collect();
    for behavior in config
        .get("CacheBehaviors")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .chain(config.get("DefaultCacheBehavior"))
    {
        ensure(
            named(behavior).is_some_and(|id| origins.contains(&id.as_str())),
            "a path leads to an origin that does not exist",
        )?;
    }
    ensure(
        named(behavior).as_deref() == Some("api"),
        format!("/{prefix}/* does not lead to the servers"),
    )?;

    let group = subject
        .of_kind("AWS::ElasticLoadBalancingV2::TargetGroup")
        .find(|g| g.id == "TargetGroup")
        .ok_or("there is no TargetGroup")?;
    let rule = subject.only("AWS::ElasticLoadBalancingV2::ListenerRule")?;
    ensure(
        [
            "Actions.0.TargetGroupArn",
            "Actions.0.ForwardConfig.TargetGroups.0.TargetGroupArn",
        ]
        .iter()
        .find_map(|path| rule.at(path))
        .and_then(target)
            == Some(group.id.as_str()),
        "the rule leads to another target group",
    )?;
    let rewrites = rule.at("Transforms.0").is_some_and(|t| is(t.get("Type"), "url-rewrite"));
    ensure(
        rewrites == subject.app.strips_prefix(),
        format!("the servers would see paths with the wrong beginning (/{prefix})"),
    )?;

    // One port from the firewall to the process.
    let expected = i64::from(subject.app.port());
    let container = subject.only("AWS::ECS::TaskDefinition")?.must("ContainerDefinitions.0")?;
    let variable = container
        .get("Environment")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .find(|e| is(e.get("Name"), subject.app.port_variable()));
    let ports = [
        ("the target group", number(group.at("Port"))),
        ("the container", number(container.at("PortMappings.0.ContainerPort"))),
        (
            "the service",
            number(subject.only("AWS::ECS::Service")?.at("LoadBalancers.0.ContainerPort")),
        ),
        ("the process", number(variable.and_then(|v| v.get("Value")))),
        (
            "the firewall of the load balancer",
            firewall_port(subject, "LoadBalancerGroup")?,
        ),
        ("the firewall of the servers", servers_port(subject)),
    ];
    for (who, port) in ports {
        ensure(
            port == Some(expected),
            format!("{who} uses port {} instead of {expected}", port.unwrap_or_default()),
        )?;
    }
    Ok(format!("/{prefix}/* arrives at port {expected} of the servers"))
}

fn firewall_port(subject: &Subject, group: &str) -> Result<Option<i64>, String> {
    let group = subject
        .template(StackRole::Base)?
        .resource(group)
        .ok_or_else(|| format!("there is no {group}"))?;
    Ok(number(group.at("SecurityGroupEgress.0.ToPort")))
}

fn servers_port(subject: &Subject) -> Option<i64> {
    let rule = subject
        .of_kind("AWS::EC2::SecurityGroupIngress")
        .find(|r| r.at("GroupId").and_then(target) == Some("ServerGroup"))?;
    number(rule.at("ToPort"))
}

fn ui_bucket_private(subject: &Subject) -> Finding {
    let distribution = subject.only("AWS::CloudFront::Distribution")?;
    let ui = origin(distribution, "ui")?;
    let bucket = ui
        .get("DomainName")
        .and_then(target)
        .ok_or("the origin of the user interface is no bucket")?;
    let access = ui
        .get("OriginAccessControlId")
        .and_then(target)
        .ok_or("CloudFront does not sign its requests")?;
    let access = subject
        .template(StackRole::Base)?
        .resource(access)
        .ok_or("CloudFront does not sign its requests")?;
    ensure(
        is(access.at("OriginAccessControlConfig.SigningBehavior"), "always"),
        "CloudFront does not always sign its requests",
    )?;
    let policy = policy_of(subject, bucket)?;
    let mut readers = 0;
    for statement in policy
        .must("PolicyDocument.Statement")?
        .items()
        .iter()
        .filter(|s| is(s.get("Effect"), "Allow"))
    {
        ensure(
            is(statement.at("Principal.Service"), "cloudfront.amazonaws.com"),
            "someone other than CloudFront may read the files",
        )?;
        let source = statement
            .at("Condition.StringEquals.AWS:SourceArn")
            .map(Value::references)
            .unwrap_or_default();
        ensure(
            source.contains(&distribution.id),
            "distributions of other accounts could read the files",
        )?;
        readers += 1;
    }
    ensure(readers > 0, "CloudFront may not read the files")?;
    Ok("Block Public Access on, signed requests of this distribution only".to_owned())
}

fn policy_of<'a>(subject: &Subject<'a>, bucket: &str) -> Result<&'a Resource, String> {
    subject
        .of_kind("AWS::S3::BucketPolicy")
        .find(|p| p.at("Bucket").and_then(target) == Some(bucket))
        .ok_or_else(|| format!("{bucket} has no policy"))
}

fn buckets_closed(subject: &Subject) -> Finding {
    let mut count = 0;
    for bucket in subject.of_kind("AWS::S3::Bucket") {
        for key in [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ] {
            ensure(
                flag(bucket.at(&format!("PublicAccessBlockConfiguration.{key}")), true),
                format!("{} is open to the public: {key}", bucket.id),
            )?;
        }
        let encryption = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm";
        ensure(bucket.at(encryption).is_some(), format!("{} is not encrypted", bucket.id))?;
        let statements = policy_of(subject, &bucket.id)?.must("PolicyDocument.Statement")?.items();
        let refuses = statements
            .iter()
            .any(|s| is(s.get("Effect"), "Deny") && flag(s.at("Condition.Bool.aws:SecureTransport"), false));
        ensure(refuses, format!("{} accepts requests without TLS", bucket.id))?;
        count += 1;
    }
    ensure(count >= 3, "a bucket is missing")?;
    Ok(format!("{count} buckets"))
}

fn visitors_use_https(subject: &Subject) -> Finding {
    let config = subject.only("AWS::CloudFront::Distribution")?.must("DistributionConfig")?;
    let behaviors = config.get("CacheBehaviors").map(Value::items).unwrap_or_default();
    for behavior in behaviors.iter().chain(config.get("DefaultCacheBehavior")) {
        ensure(
            is(behavior.get("ViewerProtocolPolicy"), "redirect-to-https"),
            "a path can be used without HTTPS",
        )?;
    }
    ensure(
        config.get("CustomErrorResponses").is_none(),
        "error pages of the distribution would hide errors of the API",
    )?;
    Ok("HTTP is redirected to HTTPS on every path".to_owned())
}

fn idle_times_rise(subject: &Subject) -> Finding {
    let balancer = subject.only("AWS::ElasticLoadBalancingV2::LoadBalancer")?;
    let attributes = balancer.must("LoadBalancerAttributes")?.items();
    let idle = attributes
        .iter()
        .find(|a| is(a.get("Key"), "idle_timeout.timeout_seconds"))
        .and_then(|a| number(a.get("Value")));
    let origin = origin(subject.only("AWS::CloudFront::Distribution")?, "api")?;
    let keep = ["CustomOriginConfig", "VpcOriginConfig"]
        .iter()
        .find_map(|k| number(origin.get(k)?.get("OriginKeepaliveTimeout")));
    ensure(
        idle == Some(LOAD_BALANCER_IDLE) && keep == Some(CLOUDFRONT_KEEP_ALIVE) && keep < idle,
        "a connection would be closed while it is reused",
    )?;
    // A server that stops must outlive the time in which requests still come.
    let container = subject.only("AWS::ECS::TaskDefinition")?.must("ContainerDefinitions.0")?;
    let stops = number(container.get("StopTimeout"));
    for group in subject.of_kind("AWS::ElasticLoadBalancingV2::TargetGroup") {
        let attributes = group.at("TargetGroupAttributes").map(Value::items).unwrap_or_default();
        let leaves = attributes
            .iter()
            .find(|a| is(a.get("Key"), "deregistration_delay.timeout_seconds"))
            .and_then(|a| number(a.get("Value")));
        ensure(
            leaves.is_some() && leaves < stops,
            "a server would stop while requests still come",
        )?;
    }
    Ok(format!(
        "CloudFront {CLOUDFRONT_KEEP_ALIVE} s, load balancer {LOAD_BALANCER_IDLE} s, servers 80 s"
    ))
}
