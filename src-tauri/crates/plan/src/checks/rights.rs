//! What roles may do to what other roles trust.

use super::{Finding, Statement, Subject, ensure, target};
use crate::model::Resource;
use crate::plan::StackRole;
use crate::policy;
use crate::stacks::pipeline::INFRA_KEY;
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 2] = [
    (
        "builds-write-results-only",
        "Builds run code of strangers and can write nothing but their own results",
        builds_write_results_only,
    ),
    (
        "callers-may-deploy",
        "Whoever deploys a stack may do what CloudFormation does in the caller's name: read its parameters and tag it",
        callers_may_deploy,
    ),
];

/// Some account, where rights are compared.
const ACCOUNT: &str = "111122223333";

/// What a role's policy allows.
struct Grant<'a> {
    actions: Vec<&'a str>,
    resources: Vec<&'a Value>,
}

/// A single value or the elements of a list.
fn each(value: &Value) -> Vec<&Value> {
    match value.items() {
        [] => vec![value.bare()],
        items => items.iter().map(Value::bare).collect(),
    }
}

/// What the statements of a role say. Statements of another form would be judged wrongly and are refused.
fn grants(role: &Resource) -> Result<Vec<Grant<'_>>, String> {
    let policies = role.at("Policies").map(Value::items).unwrap_or_default();
    let statements = policies
        .iter()
        .flat_map(|p| p.at("PolicyDocument.Statement").map(Value::items).unwrap_or_default());
    statements
        .map(|statement| {
            let part = |name: &str| {
                statement
                    .get(name)
                    .ok_or_else(|| format!("a statement of {} has no {name}", role.id))
            };
            Ok(Grant {
                actions: each(part("Action")?).into_iter().filter_map(Value::text).collect(),
                resources: each(part("Resource")?),
            })
        })
        .collect()
}

/// Whether an IAM pattern covers this text. `*` stands for any text, also for none.
fn covers(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    text.strip_prefix(head)
        .is_some_and(|tail| (0..=tail.len()).any(|at| tail.is_char_boundary(at) && covers(rest, &tail[at..])))
}

/// The pattern of objects that a resource of a statement stands for, with this name for the bucket of artifacts.
fn pattern(resource: &Value, bucket: &str) -> Result<String, String> {
    if let Value::GetAtt(id, _) | Value::Ref(id) = resource {
        return Ok(if id == "ArtifactBucket" {
            bucket.to_owned()
        } else {
            id.clone()
        });
    }
    let text = resource.text().ok_or("a resource of a statement cannot be judged")?;
    Ok(text
        .replace("${ArtifactBucket.Arn}", bucket)
        .replace("${ArtifactBucket}", bucket.trim_start_matches("arn:aws:s3:::"))
        .replace("${AWS::Partition}", "aws"))
}

fn builds_write_results_only(subject: &Subject) -> Finding {
    let app = subject.app.name();
    let bucket = format!("arn:aws:s3:::{app}-pipeline-artifactbucket-0");
    // Whoever writes one of these decides what the role of the stacks builds, what migrations run or what is published.
    let objects = [
        INFRA_KEY.to_owned(),
        format!("{app}/Infra/0"),
        format!("{app}/Code/0"),
        "tools/migrator-0.zip".to_owned(),
        format!("{app}/UiFiles/0"),
        "migrations/0.tgz".to_owned(),
        "releases/0.txt".to_owned(),
    ];
    let mut roles = Vec::new();
    for project in subject.of_kind("AWS::CodeBuild::Project") {
        let id = project
            .at("ServiceRole")
            .and_then(target)
            .ok_or_else(|| format!("{} has no role", project.id))?;
        let role = subject
            .resources()
            .find(|r| r.id == id)
            .ok_or_else(|| format!("there is no {id}"))?;
        ensure(
            role.at("ManagedPolicyArns").is_none(),
            format!("{id} has rights that are not listed in the template"),
        )?;
        // Results of each build: key, and whether it has to be able to write it.
        let (own, needed) = match project.id.as_str() {
            "BuildUi" => (format!("{app}/UiFiles/0"), true),
            "BuildApi" => ("migrations/0.tgz".to_owned(), subject.app.migrates()),
            "Release" => ("releases/0.txt".to_owned(), true),
            other => return Err(format!("nobody knows what {other} builds")),
        };
        let mut writes_own = false;
        for grant in grants(role)? {
            let writes = |action: &str| {
                covers(action, "s3:PutObject")
                    || (action.starts_with("s3:") && !["s3:Get", "s3:List"].iter().any(|r| action.starts_with(r)))
            };
            let pushes = grant.actions.iter().any(|action| covers(action, "ecr:PutImage"));
            ensure(
                !pushes || project.id == "BuildApi",
                format!("{} could replace the servers' image", project.id),
            )?;
            if !grant.actions.iter().any(|action| writes(action)) {
                continue;
            }
            for resource in grant.resources {
                let pattern = pattern(resource, &bucket)?;
                for object in &objects {
                    let covered = covers(&pattern, &format!("{bucket}/{object}"));
                    ensure(!covered || *object == own, format!("{} could write {object}", project.id))?;
                    writes_own |= covered;
                }
            }
        }
        ensure(
            writes_own || !needed,
            format!("{} could not store what it builds", project.id),
        )?;
        roles.push(id);
    }
    Ok(format!("{} each have rights of their own", roles.join(", ")))
}

/// CloudFormation reads parameters and tags stacks with the rights of whoever calls it, not with the stack's own role.
fn callers_may_deploy(subject: &Subject) -> Finding {
    let (app, region) = (subject.app.name(), subject.app.choices.region.as_str());
    let role = subject
        .resources()
        .find(|r| r.id == "PipelineRole")
        .ok_or("there is no PipelineRole")?;
    let mut pipeline = Vec::new();
    for grant in grants(role)? {
        for resource in &grant.resources {
            // What is not text names a resource of the stack, which no parameter is.
            let text = resource.text().unwrap_or_default();
            let text = text.replace("${AWS::Partition}", "aws").replace("${AWS::Region}", region);
            let text = text.replace("${AWS::AccountId}", ACCOUNT);
            pipeline.extend(grant.actions.iter().map(|a| ((*a).to_owned(), text.clone())));
        }
    }
    let callers = [
        ("the pipeline", pipeline),
        ("the person who deploys", policy::allowed(subject.app, subject.templates)),
    ];
    let may = |allowed: &[(String, String)], action: &str, resource: &str| {
        allowed.iter().any(|(a, r)| covers(a, action) && covers(r, resource))
    };
    let mut count = 0;
    let by_pipeline = |role: StackRole| matches!(role, StackRole::Base | StackRole::Service);
    for template in subject.templates.iter().filter(|t| by_pipeline(t.role)) {
        for (who, allowed) in &callers {
            let stack = format!("arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{}/0", template.name);
            for action in ["CreateStack", "UpdateStack", "DescribeStacks", "TagResource", "UntagResource"] {
                ensure(
                    may(allowed, &format!("cloudformation:{action}"), &stack),
                    format!("{who} lacks {action} on {}", template.name),
                )?;
            }
        }
        for parameter in &template.parameters {
            if parameter.kind.contains("AWS::EC2::") {
                let image = parameter.kind.contains("AWS::EC2::Image::Id");
                for (who, allowed) in &callers {
                    ensure(
                        image && may(allowed, "ec2:DescribeImages", "*"),
                        format!("{} would be looked up in EC2, which {who} may not read", parameter.name),
                    )?;
                }
            }
            if !parameter.kind.starts_with("AWS::SSM::Parameter::") {
                continue;
            }
            let path = parameter.default.as_ref().and_then(Value::text).unwrap_or_default();
            let owner = if path.starts_with("/aws/service/") { "" } else { ACCOUNT };
            let arn = format!("arn:aws:ssm:{region}:{owner}:parameter{path}");
            for (who, allowed) in &callers {
                ensure(
                    may(allowed, "ssm:GetParameters", &arn),
                    format!("{who} may not read {path}, which {} needs", parameter.name),
                )?;
            }
            count += 1;
        }
    }
    Ok(format!(
        "{count} parameters of {app}, readable by the pipeline and by the person who deploys"
    ))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn patterns_cover_what_iam_says() {
        assert!(covers("a/*", "a/b/c"));
        assert!(covers("a*/c", "a/b/c"));
        assert!(covers("*", ""));
        assert!(!covers("a/*", "b/a/c"));
        assert!(!covers("a*c", "a/b"));
    }
}
