//! The application's own encryption key. It stands in the pipeline stack, because images, artifacts and builds need it first.

use crate::application::Application;
use crate::model::{OnDelete, Resource, Section};
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Name under which the key is found; its id is random.
pub(crate) fn alias(app: &str) -> String {
    format!("alias/zonke/{app}")
}

pub(super) fn key(app: &Application) -> Section {
    let name = app.name();
    // The last snapshot of a database, and secrets that wait for their deletion, can only be read with the key.
    let on_delete = if app.engine().is_some() {
        OnDelete::Keep
    } else {
        OnDelete::DeleteButKeepReplaced
    };
    let what = if app.engine().is_some() {
        "The application's own encryption key; stays when the stack goes, because snapshots of the database need it"
    } else {
        "The application's own encryption key"
    };
    let resources = vec![
        Resource::new(
            "Key",
            "AWS::KMS::Key",
            what,
            map! {
                "Description": format!("{name}: logs, secrets, images, artifacts and database"),
                "EnableKeyRotation": true,
                "PendingWindowInDays": 30,
                "KeyPolicy": map! { "Version": "2012-10-17", "Statement": statements(app) },
            },
        )
        .node("key")
        .charge(Charge::Key)
        .on_delete(on_delete),
        Resource::new(
            "KeyName",
            "AWS::KMS::Alias",
            "Name of the key",
            map! { "AliasName": alias(name), "TargetKeyId": refer("Key") },
        )
        .node("key"),
        Resource::new(
            "ParameterKey",
            "AWS::SSM::Parameter",
            "Tells the other stacks the key",
            map! { "Name": format!("/zonke/{name}/key"), "Type": "String", "Value": get_att("Key", "Arn") },
        ),
    ];
    Section {
        heading: "Encryption key",
        resources,
    }
}

/// Who may use the key. Named principals only; what roles of the account may do with it is in the roles.
fn statements(app: &Application) -> Value {
    let name = app.name();
    let mut statements = vec![
        map! {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": map! { "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }
        .note("Leaves the rest to the policies of this account; without it nobody could ever change the key again."),
        map! {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": map! { "Service": sub("logs.${AWS::Region}.amazonaws.com") },
            "Action": list!["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": "*",
            "Condition": map! { "ArnLike": map! {
                "kms:EncryptionContext:aws:logs:arn": sub(format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/zonke/{name}/*")),
            } },
        },
    ];
    if app.alarm_address().is_some() {
        statements.push(map! {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": map! { "Service": list!["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
            "Action": list!["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": map! { "StringEquals": map! { "aws:SourceAccount": refer("AWS::AccountId") } },
        });
    }
    statements.into()
}
