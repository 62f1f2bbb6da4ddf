//! Roles, all of one shape: named by CloudFormation below `/zonke/<app>/`, with their rights inside.

use crate::application::Application;
use crate::model::Resource;
use crate::value::{Value, list, map, refer, sub};

/// A role that a service of AWS may take on.
///
/// `from_this_account` adds the condition that the service acts for this account; some services do not send it.
pub(super) fn role(
    app: &Application,
    id: &str,
    description: &str,
    service: &str,
    from_this_account: bool,
    managed: &[&str],
    statements: Vec<Value>,
) -> Resource {
    let mut trust = vec![
        ("Effect".to_owned(), "Allow".into()),
        ("Principal".to_owned(), map! { "Service": service }),
        ("Action".to_owned(), "sts:AssumeRole".into()),
    ];
    if from_this_account {
        trust.push((
            "Condition".to_owned(),
            map! { "StringEquals": map! { "aws:SourceAccount": refer("AWS::AccountId") } },
        ));
    }
    let mut properties = vec![
        ("Path".to_owned(), Value::from(format!("/zonke/{}/", app.name()))),
        (
            "AssumeRolePolicyDocument".to_owned(),
            map! { "Version": "2012-10-17", "Statement": list![Value::Map(trust)] },
        ),
    ];
    if !managed.is_empty() {
        let arns: Vec<Value> = managed
            .iter()
            .map(|m| sub(format!("arn:${{AWS::Partition}}:iam::aws:policy/{m}")))
            .collect();
        properties.push(("ManagedPolicyArns".to_owned(), arns.into()));
    }
    if !statements.is_empty() {
        let document = map! { "Version": "2012-10-17", "Statement": statements };
        properties.push((
            "Policies".to_owned(),
            list![map! { "PolicyName": "rights", "PolicyDocument": document }],
        ));
    }
    Resource::new(id, "AWS::IAM::Role", description, Value::Map(properties))
}
