//! What options promise, evaluated on the resources that were made for them.

use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::application::Application;
use crate::choices::Dns;
use crate::model::{OnDelete, Resource};
use crate::plan::StackRole;
use crate::value::Value;

/// Statements that hold for every plan, whatever was chosen.
pub(super) const STATEMENTS: [Statement; 4] = [
    (
        "site-address",
        "The site answers to the address that was chosen, and to no other",
        site_address,
    ),
    (
        "web-firewall-as-chosen",
        "There is a web firewall before CloudFront exactly if one was chosen",
        web_firewall_as_chosen,
    ),
    ("logs-end", "Every log is kept as long as was chosen", logs_end),
    (
        "tags-as-chosen",
        "Everything carries the tags of the application",
        tags_as_chosen,
    ),
];

const KEY_STATEMENT: Statement = (
    "own-key-everywhere",
    "Logs, secrets, images, artifacts and the database are encrypted with the application's own key",
    own_key_everywhere,
);
const BLUE_GREEN_STATEMENT: Statement = (
    "traffic-moves-at-once",
    "ECS can move the traffic between two groups of servers",
    traffic_moves_at_once,
);
const BOUNDARY_STATEMENT: Statement = (
    "roles-within-boundary",
    "No role can be made, or get rights, beyond the boundary",
    roles_within_boundary,
);

/// Statements of the options that this application has.
pub(super) fn chosen(app: &Application) -> impl Iterator<Item = Statement> {
    [
        app.own_key().then_some(KEY_STATEMENT),
        app.alarm_address().map(|_| super::alarms::STATEMENT),
        app.bake_minutes().map(|_| BLUE_GREEN_STATEMENT),
        app.permissions_boundary().map(|_| BOUNDARY_STATEMENT),
    ]
    .into_iter()
    .flatten()
}

/// A resource that must be there.
pub(super) fn must_exist<'a>(subject: &Subject<'a>, id: &str) -> Result<&'a Resource, String> {
    subject
        .resources()
        .find(|r| r.id == id)
        .ok_or_else(|| format!("there is no {id}"))
}

fn site_address(subject: &Subject) -> Finding {
    let app = subject.app;
    let config = subject.only("AWS::CloudFront::Distribution")?.must("DistributionConfig")?;
    let aliases: Vec<&str> = config
        .get("Aliases")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::text)
        .collect();
    let names = app.domain_names();
    ensure(
        aliases == names,
        format!("the site answers to {} instead", aliases.join(", ")),
    )?;
    let viewer = config.get("ViewerCertificate").ok_or("the site has no certificate")?;
    let Some(domain) = app.domain() else {
        ensure(
            flag(viewer.get("CloudFrontDefaultCertificate"), true),
            "the site has a certificate for a domain that was not chosen",
        )?;
        return Ok("an address of CloudFront".to_owned());
    };
    let base = subject.template(StackRole::Base)?;
    let certificate = viewer.get("AcmCertificateArn").and_then(target);
    let asked = base.parameters.iter().find(|p| Some(p.name) == certificate);
    ensure(
        asked.is_some_and(|p| p.answered_by_account.is_some() && p.default.is_none()),
        "the certificate must come from the edge stack, issued: a distribution would otherwise wait for it",
    )?;
    let oldest = viewer.get("MinimumProtocolVersion").and_then(Value::text).unwrap_or_default();
    ensure(
        oldest.starts_with("TLSv1.2") || oldest.starts_with("TLSv1.3"),
        "visitors may use a version of TLS that is broken",
    )?;
    ensure(
        is(viewer.get("SslSupportMethod"), "sni-only"),
        "the certificate would cost 600 USD a month",
    )?;

    // The certificate must name what the distribution answers to.
    let made = subject.only("AWS::CertificateManager::Certificate")?;
    let edge = subject.template(StackRole::Edge)?;
    ensure(
        edge.resource(&made.id).is_some(),
        "CloudFront takes certificates from us-east-1 only",
    )?;
    let mut certified = vec![made.must("DomainName")?.text().unwrap_or_default()];
    let others = made.at("SubjectAlternativeNames").map(Value::items).unwrap_or_default();
    certified.extend(others.iter().filter_map(Value::text));
    ensure(
        certified == names,
        format!("the certificate is for {} only", certified.join(", ")),
    )?;
    ensure(is(made.at("ValidationMethod"), "DNS"), "nobody could prove the domain")?;

    let records = subject.of_kind("AWS::Route53::RecordSet");
    let mut found: Vec<(String, String)> = Vec::new();
    for record in records {
        let leads = record.at("AliasTarget.DNSName").and_then(target) == Some("Distribution");
        ensure(leads, format!("{} leads elsewhere", record.id))?;
        let zone = record.at("HostedZoneId").and_then(Value::text);
        ensure(
            matches!(&domain.dns, Dns::Route53 { zone_id } if zone == Some(zone_id)),
            format!("{} stands in another hosted zone", record.id),
        )?;
        let text = |path: &str| record.at(path).and_then(Value::text).unwrap_or_default().to_owned();
        found.push((text("Name"), text("Type")));
    }
    let expected: Vec<(String, String)> = match domain.dns {
        Dns::Route53 { .. } => names
            .iter()
            .flat_map(|name| ["A", "AAAA"].map(|kind| (name.clone(), kind.to_owned())))
            .collect(),
        Dns::Outside => Vec::new(),
    };
    ensure(found == expected, "the records of the domain do not lead to the site")?;
    Ok(format!("{}, TLS 1.2 or newer", names.join(" and ")))
}

fn web_firewall_as_chosen(subject: &Subject) -> Finding {
    let config = subject.only("AWS::CloudFront::Distribution")?.must("DistributionConfig")?;
    let named = config.get("WebACLId").and_then(target);
    let mut made = subject.of_kind("AWS::WAFv2::WebACL");
    let Some(chosen) = subject.app.web_firewall() else {
        ensure(
            config.get("WebACLId").is_none() && made.next().is_none(),
            "there is a web firewall that was not chosen",
        )?;
        return Ok("none".to_owned());
    };
    ensure(named == Some("WebAcl"), "the site does not use its web firewall")?;
    let firewall = subject.only("AWS::WAFv2::WebACL")?;
    ensure(
        subject.template(StackRole::Edge)?.resource(&firewall.id).is_some(),
        "CloudFront takes web firewalls from us-east-1 only",
    )?;
    ensure(
        is(firewall.at("Scope"), "CLOUDFRONT"),
        "the web firewall is not for CloudFront",
    )?;
    ensure(
        firewall.at("DefaultAction.Allow").is_some(),
        "the web firewall refuses everyone",
    )?;
    let rules = firewall.must("Rules")?.items();
    let limit = rules.iter().find_map(|r| r.at("Statement.RateBasedStatement.Limit"));
    ensure(
        limit == Some(&Value::from(chosen.requests_per_five_minutes)),
        "floods are let through at another rate than was chosen",
    )?;
    let groups: Vec<&str> = rules
        .iter()
        .filter_map(|r| r.at("Statement.ManagedRuleGroupStatement.Name")?.text())
        .collect();
    for needed in ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"] {
        ensure(groups.contains(&needed), format!("the web firewall lacks {needed}"))?;
    }
    let lenient = rules
        .iter()
        .any(|r| r.at("OverrideAction.Count").is_some() || r.at("Action.Count").is_some() || r.at("Action.Allow").is_some());
    ensure(!lenient, "a rule counts instead of refusing")?;
    Ok(format!(
        "{} groups of rules, at most {} requests of one address in five minutes",
        groups.len(),
        chosen.requests_per_five_minutes
    ))
}

fn logs_end(subject: &Subject) -> Finding {
    let days = Value::from(subject.app.log_days());
    let mut count = 0;
    for group in subject.of_kind("AWS::Logs::LogGroup") {
        ensure(
            group.at("RetentionInDays") == Some(&days),
            format!("{} is kept for another time", group.id),
        )?;
        count += 1;
    }
    ensure(count >= 2, "a log is missing")?;
    Ok(format!("{count} logs, {} days", subject.app.log_days()))
}

fn tags_as_chosen(subject: &Subject) -> Finding {
    let choices = subject.app.choices;
    for template in subject.templates {
        let tags = crate::stacks::tags(choices, template.role);
        let has = |key: &str, value: &str| tags.iter().any(|(k, v)| k == key && v == value);
        ensure(
            has("zonke:app", subject.app.name()),
            format!("{} would not be found again", template.name),
        )?;
        ensure(
            choices.tags.iter().all(|(key, value)| has(key, value)),
            format!("{} lacks a tag that was chosen", template.name),
        )?;
        // CloudFormation adds at most ten of its own; AWS takes 50.
        ensure(tags.len() <= 45, "there are more tags than AWS takes")?;
    }
    Ok(format!("{} of your own", choices.tags.len()))
}

/// Whether a property names the key of the application.
fn by_key(value: Option<&Value>) -> bool {
    value.and_then(target) == Some("Key")
}

fn own_key_everywhere(subject: &Subject) -> Finding {
    let mut count = 0;
    for (kind, property) in [
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SecretsManager::Secret", "KmsKeyId"),
        ("AWS::RDS::DBInstance", "KmsKeyId"),
        ("AWS::RDS::DBCluster", "KmsKeyId"),
        ("AWS::Lambda::Function", "KmsKeyArn"),
        ("AWS::ECR::Repository", "EncryptionConfiguration.KmsKey"),
        ("AWS::CodeBuild::Project", "EncryptionKey"),
        ("AWS::CodePipeline::Pipeline", "ArtifactStore.EncryptionKey.Id"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
    ] {
        // The instances of a cluster have no storage of their own.
        for resource in subject.of_kind(kind).filter(|r| r.at("DBClusterIdentifier").is_none()) {
            ensure(by_key(resource.at(property)), format!("{} uses another key", resource.id))?;
            count += 1;
        }
    }
    let artifacts = must_exist(subject, "ArtifactBucket")?;
    let rule = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID";
    ensure(by_key(artifacts.at(rule)), "artifacts use another key")?;
    let key = subject.only("AWS::KMS::Key")?;
    ensure(flag(key.at("EnableKeyRotation"), true), "the key is never rotated")?;
    for statement in key.must("KeyPolicy.Statement")?.items() {
        let principal = statement.get("Principal").ok_or("a statement of the key names nobody")?;
        let everyone = principal.text() == Some("*") || principal.get("AWS").and_then(Value::text) == Some("*");
        ensure(!everyone, "everyone could use the key")?;
        let account = principal.get("AWS").is_some();
        ensure(
            account || statement.get("Condition").is_some(),
            "a service could use the key for other accounts",
        )?;
    }
    let serves = |service: &str| {
        let statements = key.at("KeyPolicy.Statement").map(Value::items).unwrap_or_default();
        let principals = statements.iter().filter_map(|s| s.at("Principal.Service"));
        principals
            .flat_map(|p| p.items().iter().chain([p]))
            .any(|p| is(Some(p), service))
    };
    let mut users = vec!["logs.${AWS::Region}.amazonaws.com"];
    if subject.app.alarm_address().is_some() {
        users.extend(["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
    }
    if let Some(stranger) = users.iter().find(|service| !serves(service)) {
        return Err(format!("{stranger} may not use the key"));
    }
    ensure(
        key.must("KeyPolicy.Statement")?
            .items()
            .iter()
            .any(|s| s.at("Principal.AWS").is_some()),
        "nobody could ever change the key again",
    )?;
    ensure(
        subject.app.engine().is_none() || key.on_delete == OnDelete::Keep,
        "the last snapshot of the database could not be read without the key",
    )?;
    // Whoever reads a secret or an artifact must be able to decrypt it.
    for role in subject.of_kind("AWS::IAM::Role") {
        let statements = role
            .at("Policies.0.PolicyDocument.Statement")
            .map(Value::items)
            .unwrap_or_default();
        let does = |wanted: &str| {
            statements.iter().any(|s| {
                let action = s.get("Action");
                let actions = action.map(Value::items).unwrap_or_default().iter().chain(action);
                actions.filter_map(Value::text).any(|a| a == wanted)
            })
        };
        if does("secretsmanager:GetSecretValue") || does("s3:GetObject") {
            ensure(
                does("kms:Decrypt"),
                format!("{} could not read what the key encrypts", role.id),
            )?;
        }
        if does("s3:PutObject") {
            ensure(
                does("kms:GenerateDataKey"),
                format!("{} could not write what the key encrypts", role.id),
            )?;
        }
    }
    Ok(format!("{} resources; rotated every year", count + 1))
}

fn traffic_moves_at_once(subject: &Subject) -> Finding {
    let service = subject.only("AWS::ECS::Service")?;
    ensure(
        is(service.at("DeploymentConfiguration.Strategy"), "BLUE_GREEN"),
        "servers are replaced one after the other",
    )?;
    let advanced = service.must("LoadBalancers.0.AdvancedConfiguration")?;
    let base = subject.template(StackRole::Base)?;
    let first = service.at("LoadBalancers.0.TargetGroupArn").and_then(target);
    for (property, name, written) in [
        ("AlternateTargetGroupArn", "OtherTargetGroup", "OtherTargetGroup"),
        ("ProductionListenerRule", "ListenerRule", "ListenerRule"),
        ("RoleArn", "TrafficRole", "TrafficRole"),
    ] {
        ensure(
            advanced.get(property).and_then(target) == Some(name) && Some(name) != first,
            format!("ECS does not know {written}"),
        )?;
        ensure(base.resource(written).is_some(), format!("there is no {written}"))?;
    }
    let (one, other) = (must_exist(subject, "TargetGroup")?, must_exist(subject, "OtherTargetGroup")?);
    ensure(
        one.properties == other.properties,
        "the two groups of servers differ, so that every second release would behave differently",
    )?;
    let rule = subject.only("AWS::ElasticLoadBalancingV2::ListenerRule")?;
    let groups = rule.must("Actions.0.ForwardConfig.TargetGroups")?.items();
    ensure(groups.len() == 2, "the rule cannot lead to both groups of servers")?;
    let mover = must_exist(subject, "TrafficRole")?;
    ensure(
        is(
            mover.at("AssumeRolePolicyDocument.Statement.0.Principal.Service"),
            "ecs.amazonaws.com",
        ),
        "ECS may not move the traffic",
    )?;
    ensure(
        mover
            .at("ManagedPolicyArns.0")
            .and_then(Value::text)
            .is_some_and(|p| p.ends_with("ForLoadBalancers")),
        "ECS may not move the traffic",
    )?;
    let watched = must_exist(subject, "Errors")?.must("Dimensions")?.items();
    ensure(
        !watched.iter().any(|d| is(d.get("Name"), "TargetGroup")),
        "the alarm that takes a release back sees every second release only",
    )?;
    let minutes = subject.app.bake_minutes().unwrap_or_default();
    ensure(
        service.at("DeploymentConfiguration.BakeTimeInMinutes") == Some(&Value::from(minutes)),
        "old servers stay for another time than chosen",
    )?;
    Ok(format!(
        "two groups of servers; the old ones stay for {minutes} minutes, and twice the servers with them"
    ))
}

fn roles_within_boundary(subject: &Subject) -> Finding {
    let boundary = subject.app.permissions_boundary().unwrap_or_default();
    let mut count = 0;
    for role in subject.of_kind("AWS::IAM::Role") {
        ensure(
            is(role.at("PermissionsBoundary"), boundary),
            format!("{} has no boundary", role.id),
        )?;
        count += 1;
    }
    let bounds = |condition: Option<&Value>| {
        let limit = condition
            .and_then(|c| c.at("StringEquals"))
            .and_then(|c| c.get("iam:PermissionsBoundary"));
        is(limit, boundary)
    };
    let role = must_exist(subject, "StackRole")?;
    let more = subject
        .of_kind("AWS::IAM::ManagedPolicy")
        .filter_map(|p| p.at("PolicyDocument.Statement"));
    let statements = more
        .chain([role.must("Policies.0.PolicyDocument.Statement")?])
        .flat_map(Value::items);
    for statement in statements {
        let action = statement.get("Action");
        let actions = action.map(Value::items).unwrap_or_default().iter().chain(action);
        for action in actions.filter_map(Value::text).filter(|a| gives_rights(a)) {
            ensure(
                bounds(statement.get("Condition")),
                format!("the role of the stacks may do {action} without the boundary"),
            )?;
        }
    }
    for statement in crate::policy::deployer_policies(subject.app, subject.templates)
        .iter()
        .flat_map(|p| &p.statements)
    {
        let bounded = statement.condition.as_deref().is_some_and(|c| c.contains(boundary));
        for action in statement.actions.iter().filter(|a| gives_rights(a)) {
            ensure(bounded, format!("whoever deploys may do {action} without the boundary"))?;
        }
    }
    Ok(format!(
        "{count} roles; neither the role of the stacks nor whoever deploys can make another kind"
    ))
}

/// Whether an action can give a role rights, or take its boundary away.
fn gives_rights(action: &str) -> bool {
    matches!(
        action,
        "iam:CreateRole"
            | "iam:PutRolePolicy"
            | "iam:AttachRolePolicy"
            | "iam:PutRolePermissionsBoundary"
            | "iam:DeleteRolePermissionsBoundary"
    )
}
