//! The one stack that an administrator makes once: a role, or a user, with exactly the rights that a plan needs.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use specta::Type;

use crate::application::Application;
use crate::error::PlanError;
use crate::model::{Output, Resource, Section, Template};
use crate::plan::{Inputs, PlannedPolicy, PlannedStack, StackRole};
use crate::stacks;
use crate::validate::validate_boundary;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Policies that IAM attaches to one role or group at most, unless the account has asked for more.
const MAX_ATTACHED: usize = 10;
/// Longest session that IAM gives a role, in hours.
const MAX_HOURS: u32 = 12;

/// Who is to hold the rights of a plan, and within which limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Deployer {
    /// What the stack makes.
    pub holder: Holder,
    /// ARN of an IAM policy that nothing the role or user does may go beyond.
    pub permissions_boundary: Option<String>,
}

/// What holds the rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Holder {
    /// A role that somebody of the same account takes on.
    #[serde(rename_all = "camelCase")]
    Role {
        /// Who may take it on: `user/NAME` or `role/NAME` of the account the stack stands in, with their paths; without one,
        /// everybody in that account whose own rights allow it.
        trusted: Option<String>,
        /// Id that must be told to take the role on.
        external_id: Option<String>,
        /// Longest session, 1 to 12 hours. A session taken on from another role's session ends after one hour in any case.
        session_hours: u32,
    },
    /// A user in a group of its own. Its access key is made by hand afterwards, because a stack would show it.
    User,
}

impl Holder {
    /// A role for this user or role of the account, with sessions of one hour.
    pub fn role_for(trusted: Option<String>) -> Self {
        Self::Role {
            trusted,
            external_id: None,
            session_hours: 1,
        }
    }
}

/// The stack that makes a role or a user with the policies of this plan. It stands in the application's region, though IAM
/// knows no regions, so that it is found beside the others.
///
/// # Errors
/// [`PlanError`] if the inputs cannot be planned or a field of `deployer` breaks a rule of IAM.
pub fn deployer_stack(inputs: &Inputs, deployer: &Deployer) -> Result<PlannedStack, PlanError> {
    check(deployer)?;
    let app = Application::new(inputs)?;
    let policies = crate::policy::deployer_policies(&app, &stacks::all(&app));
    if policies.len() > MAX_ATTACHED {
        let reason = format!("its rights fill {} policies, and IAM attaches {MAX_ATTACHED}", policies.len());
        return Err(PlanError::project(reason));
    }
    let template = template(&app, deployer, &policies);
    let (text, resources) = template.write();
    Ok(PlannedStack {
        role: StackRole::Deployer,
        name: template.name.clone(),
        region: stacks::region(&app, StackRole::Deployer).to_owned(),
        template_file: template.file(),
        template: text,
        parameters: Vec::new(),
        resources,
    })
}

fn check(deployer: &Deployer) -> Result<(), PlanError> {
    if let Some(boundary) = &deployer.permissions_boundary {
        validate_boundary(boundary)?;
    }
    let Holder::Role {
        trusted,
        external_id,
        session_hours,
    } = &deployer.holder
    else {
        return Ok(());
    };
    if !(1..=MAX_HOURS).contains(session_hours) {
        return Err(PlanError::choice("sessionHours", session_hours, "1 to 12 hours"));
    }
    let of = |allowed: &'static str| move |c: char| c.is_ascii_alphanumeric() || allowed.contains(c);
    if let Some(name) = trusted {
        let rest = name.strip_prefix("user/").or_else(|| name.strip_prefix("role/"));
        if !rest.is_some_and(|r| {
            (1..=576).contains(&r.len()) && !r.starts_with('/') && !r.ends_with('/') && r.chars().all(of("_+=,.@/-"))
        }) {
            return Err(PlanError::choice("trusted", name, "user/NAME or role/NAME, such as user/ada"));
        }
    }
    if let Some(id) = external_id
        && !((2..=1224).contains(&id.len()) && id.chars().all(of("_+=,.@:/-")))
    {
        return Err(PlanError::choice(
            "externalId",
            id,
            "2 to 1,224 letters, digits and any of _+=,.@:/-",
        ));
    }
    Ok(())
}

fn template(app: &Application, deployer: &Deployer, policies: &[PlannedPolicy]) -> Template {
    let rights: Vec<Resource> = policies.iter().enumerate().map(|(at, p)| rights(app, at, p)).collect();
    let attached: Vec<Value> = rights.iter().map(|r| refer(r.id.as_str())).collect();
    let (resources, outputs) = match &deployer.holder {
        Holder::Role {
            trusted,
            external_id,
            session_hours,
        } => {
            let mut role = Resource::new(
                "Role",
                "AWS::IAM::Role",
                "Role of whoever deploys this application, for one session at a time",
                map! {
                    "Path": path(app),
                    "Description": format!("Deploys and operates {}", app.name()),
                    "MaxSessionDuration": session_hours * 3600,
                    "AssumeRolePolicyDocument": map! {
                        "Version": "2012-10-17",
                        "Statement": list![trust(trusted.as_deref(), external_id.as_deref())],
                    },
                    "ManagedPolicyArns": attached,
                },
            );
            within(&mut role, deployer);
            let arn = Output {
                name: "RoleArn",
                description: "ARN of the role, to be taken on",
                value: get_att("Role", "Arn"),
            };
            (vec![role], vec![arn])
        }
        Holder::User => {
            let group = Resource::new(
                "Group",
                "AWS::IAM::Group",
                "Group of those who deploy this application",
                map! { "Path": path(app), "ManagedPolicyArns": attached },
            );
            let mut user = Resource::new(
                "User",
                "AWS::IAM::User",
                "User who deploys this application; has no password and no key until you make one",
                map! { "Path": path(app), "Groups": list![refer("Group")] },
            );
            within(&mut user, deployer);
            let name = Output {
                name: "UserName",
                description: "Name of the user, on whose page in IAM you make the access key",
                value: refer("User"),
            };
            (vec![group, user], vec![name])
        }
    };
    Template {
        role: StackRole::Deployer,
        name: stacks::name(app.name(), StackRole::Deployer),
        description: format!(
            "{}: who may deploy and operate the application, with exactly the rights of its plan. Made once by an administrator; \
             deleting this stack takes the rights away and nothing else.",
            app.name()
        ),
        parameters: Vec::new(),
        sections: vec![
            Section {
                heading: "Who",
                resources,
            },
            Section {
                heading: "What they may do",
                resources: rights,
            },
        ],
        outputs,
    }
}

/// Roles and users of all applications lie below paths of their own.
fn path(app: &Application) -> String {
    format!("/zonke/{}/", app.name())
}

fn within(resource: &mut Resource, deployer: &Deployer) {
    if let Some(boundary) = &deployer.permissions_boundary {
        resource.set("PermissionsBoundary", boundary);
    }
}

/// One policy, word for word as the plan shows it, with the reason of each statement above it.
fn rights(app: &Application, at: usize, policy: &PlannedPolicy) -> Resource {
    let document: Json = serde_json::from_str(&policy.document).unwrap_or_default();
    let statements: Vec<Value> = document["Statement"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(&policy.statements)
        .map(|(statement, explained)| value(statement).note(&explained.why))
        .collect();
    Resource::new(
        format!("Rights{}", at + 1),
        "AWS::IAM::ManagedPolicy",
        "What the plan needs, each statement with its reason",
        map! {
            "Path": path(app),
            "Description": format!("Rights to deploy and operate {}", app.name()),
            "PolicyDocument": map! { "Version": "2012-10-17", "Statement": statements },
        },
    )
}

/// Plain JSON as part of a template.
fn value(json: &Json) -> Value {
    match json {
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(entries) => Value::Map(entries.iter().map(|(key, v)| (key.clone(), value(v))).collect()),
        Json::String(text) => Value::from(text),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => Value::Number(number.as_i64().unwrap_or_default()),
        Json::Null => Value::from(""),
    }
}

/// Who may take the role on: somebody of the stack's own account, never of another.
fn trust(trusted: Option<&str>, external_id: Option<&str>) -> Value {
    let arn = |name: &str| sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{name}"));
    let mut condition = Vec::new();
    let principal = match trusted {
        // IAM Identity Center makes its roles anew, with another ending, when their permissions change; a principal would be lost.
        Some(role) if role.starts_with("role/aws-reserved/") => {
            let stem = role.rsplit_once('_').map_or(role, |(stem, _)| stem);
            condition.push(("ArnLike".to_owned(), map! { "aws:PrincipalArn": arn(&format!("{stem}_*")) }));
            arn("root")
        }
        Some(name) => arn(name),
        None => arn("root"),
    };
    if let Some(id) = external_id {
        condition.push(("StringEquals".to_owned(), map! { "sts:ExternalId": id }));
    }
    let mut statement = map! {
        "Effect": "Allow",
        "Principal": map! { "AWS": principal },
        "Action": "sts:AssumeRole",
    };
    if !condition.is_empty() {
        statement.insert(3, "Condition", Value::Map(condition));
    }
    statement
}

#[cfg(test)]
mod tests;
