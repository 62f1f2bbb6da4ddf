//! What becomes of secrets, and who may do what.

use super::{Finding, Statement, Subject, ensure, target};
use crate::application::database_url_name;
use crate::plan::StackRole;
use crate::policy;
use crate::rights;
use crate::value::Value;
use serde_json::Value as Json;

pub(super) const STATEMENTS: [Statement; 5] = [
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
        "The policy for the person who deploys names its actions and fits into IAM's limit",
        deployer_policy_fits,
    ),
];

pub(super) const MIGRATION_STATEMENTS: [Statement; 1] = [(
    "secrets-reach-migrations",
    "Secrets reach migrations as environment variables",
    secrets_reach_migrations,
)];

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
    for database in subject
        .of_kind("AWS::RDS::DBInstance")
        .chain(subject.of_kind("AWS::RDS::DBCluster"))
    {
        // The cluster has the password of its instances.
        if database.at("DBClusterIdentifier").is_some() && database.at("MasterUserPassword").is_none() {
            continue;
        }
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
    for build in subject.of_kind("AWS::CodeBuild::Project") {
        for variable in build
            .at("Environment.EnvironmentVariables")
            .map(Value::items)
            .unwrap_or_default()
        {
            let name = variable.get("Name").and_then(Value::text).unwrap_or_default();
            let fetched = super::is(variable.get("Type"), "SECRETS_MANAGER");
            ensure(
                fetched || !secret(name),
                format!("{name} stands in {} with its value", build.id),
            )?;
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
    for role in subject
        .of_kind("AWS::IAM::Role")
        .chain(subject.of_kind("AWS::IAM::ManagedPolicy"))
    {
        for statement in ["Policies.0.PolicyDocument.Statement", "PolicyDocument.Statement"]
            .iter()
            .find_map(|path| role.at(path))
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
            let attaches = statement
                .get("Action")
                .is_some_and(|a| a.items().iter().chain([a]).any(|a| a.text() == Some("iam:AttachRolePolicy")));
            ensure(
                !attaches || statement.at("Condition.ArnEquals.iam:PolicyARN").is_some(),
                format!("{} may make any role an administrator", role.id),
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

fn roles_fit(subject: &Subject) -> Finding {
    let region = subject.app.choices.region.as_str();
    let mut largest = 0;
    for role in subject.of_kind("AWS::IAM::Role") {
        let policies = role.at("Policies").map(Value::items).unwrap_or_default();
        let size: usize = policies
            .iter()
            .filter_map(|policy| policy.get("PolicyDocument"))
            .map(|document| rights::size(document, region))
            .sum();
        ensure(
            size <= rights::MAX_INLINE,
            format!("{} has {size} characters; IAM takes {}", role.id, rights::MAX_INLINE),
        )?;
        largest = largest.max(size);
    }
    for policy in subject.of_kind("AWS::IAM::ManagedPolicy") {
        let size = rights::size(policy.must("PolicyDocument")?, region);
        ensure(
            size <= policy::MAX_POLICY,
            format!("{} has {size} characters; IAM takes {}", policy.id, policy::MAX_POLICY),
        )?;
    }
    Ok(format!("the largest has {largest} of {} characters", rights::MAX_INLINE))
}

fn deployer_policy_fits(subject: &Subject) -> Finding {
    let policies = policy::deployer_policies(subject.app, subject.templates);
    let mut sizes = Vec::new();
    let mut count = 0;
    for planned in &policies {
        let document: Json = serde_json::from_str(&planned.document).map_err(|e| format!("the policy is no JSON: {e}"))?;
        // IAM does not count white space.
        let size = document.to_string().len();
        ensure(
            size <= policy::MAX_POLICY,
            format!("the policy has {size} characters; IAM takes {}", policy::MAX_POLICY),
        )?;
        sizes.push(size.to_string());
        let statements = document["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
        for statement in statements {
            statement_is_limited(statement)?;
        }
        let explained = planned.statements.iter().all(|s| !s.why.is_empty());
        ensure(
            explained && planned.statements.len() == statements.len(),
            "a statement of the policy has no reason",
        )?;
        count += statements.len();
    }
    // A user or role takes ten managed policies.
    ensure(policies.len() <= 5, "there are more policies than one would attach")?;
    Ok(format!(
        "{count} statements, {} of {} characters",
        sizes.join(" and "),
        policy::MAX_POLICY
    ))
}

fn statement_is_limited(statement: &Json) -> Result<(), String> {
    let actions = statement["Action"].as_array().map(Vec::as_slice).unwrap_or_default();
    for action in actions.iter().filter_map(Json::as_str) {
        ensure(
            action != "*" && !action.ends_with(":*"),
            format!("the policy allows everything of a service: {action}"),
        )?;
        ensure(
            action != "iam:AttachRolePolicy" || !statement["Condition"]["ArnLike"]["iam:PolicyARN"].is_null(),
            "the policy allows to make any role an administrator",
        )?;
        ensure(
            action != "iam:PassRole" || !statement["Condition"]["StringEquals"]["iam:PassedToService"].is_null(),
            "the policy allows to hand roles to any service",
        )?;
    }
    Ok(())
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
