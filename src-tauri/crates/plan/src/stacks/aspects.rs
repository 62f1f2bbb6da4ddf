//! What holds for every resource of a kind, whoever adds it: how long logs stay, what encrypts them, and the boundary of roles.
//!
//! Applied to finished templates, so that a log group or a role that is added later cannot be forgotten.

use crate::application::Application;
use crate::model::{Resource, Template};
use crate::plan::StackRole;
use crate::value::{Value, get_att, list, map, refer};

/// Applies everything to a template.
pub(super) fn apply(app: &Application, template: &mut Template) {
    let key = app.own_key().then(|| match template.role {
        StackRole::Pipeline => get_att("Key", "Arn"),
        StackRole::Base | StackRole::Service | StackRole::Edge | StackRole::Deployer => refer("Key"),
    });
    for resource in template.sections.iter_mut().flat_map(|s| &mut s.resources) {
        if resource.kind == "AWS::Logs::LogGroup" {
            resource.set("RetentionInDays", app.log_days());
        }
        if let ("AWS::IAM::Role", Some(boundary)) = (resource.kind, app.permissions_boundary()) {
            resource.set("PermissionsBoundary", boundary);
        }
        if let Some(key) = &key {
            encrypt(resource, key);
        }
    }
}

/// Makes a resource use the application's own key, and takes back the excuse for not doing so.
fn encrypt(resource: &mut Resource, key: &Value) {
    match resource.kind {
        "AWS::Logs::LogGroup" => {
            resource.set("KmsKeyId", key.clone());
            resource.no_longer_accept("CKV_AWS_158");
        }
        "AWS::SecretsManager::Secret" => {
            resource.set("KmsKeyId", key.clone());
            resource.no_longer_accept("CKV_AWS_149");
        }
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" if resource.at("StorageEncrypted").is_some() => {
            resource.set("KmsKeyId", key.clone());
        }
        "AWS::Lambda::Function" => {
            resource.set("KmsKeyArn", key.clone());
            resource.no_longer_accept("CKV_AWS_173");
        }
        "AWS::SNS::Topic" => {
            resource.set("KmsMasterKeyId", key.clone());
            resource.no_longer_accept("CKV_AWS_26");
        }
        "AWS::ECR::Repository" => {
            resource.set(
                "EncryptionConfiguration",
                map! { "EncryptionType": "KMS", "KmsKey": key.clone() },
            );
            resource.no_longer_accept("CKV_AWS_136");
            // ECR makes a grant when the repository is made; whoever deploys finds the key by its name.
            resource.depends_on.push("KeyName".to_owned());
        }
        "AWS::CodeBuild::Project" => {
            resource.set("EncryptionKey", key.clone());
            resource.no_longer_accept("CKV_AWS_147");
        }
        "AWS::CodePipeline::Pipeline" => {
            let store = map! {
                "Type": "S3",
                "Location": refer("ArtifactBucket"),
                "EncryptionKey": map! { "Type": "KMS", "Id": key.clone() },
            };
            resource.set("ArtifactStore", store);
            resource.no_longer_accept("CKV_AWS_219");
        }
        // The logs of a load balancer cannot be written to a bucket with such a key, and the page is public anyway.
        "AWS::S3::Bucket" if resource.id == "ArtifactBucket" => {
            let rule = map! {
                "BucketKeyEnabled": true,
                "ServerSideEncryptionByDefault": map! { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key.clone() },
            };
            resource.set("BucketEncryption", map! { "ServerSideEncryptionConfiguration": list![rule] });
        }
        "AWS::IAM::Role" => allow_key(resource, key),
        _ => {}
    }
}

/// A role that reads or writes what the key encrypts may use the key for that.
fn allow_key(role: &mut Resource, key: &Value) {
    let Some(Value::List(statements)) = role.properties.at_mut("Policies.0.PolicyDocument.Statement") else {
        return;
    };
    let may = |wanted: &str| {
        statements.iter().any(|statement| {
            let action = statement.get("Action");
            let actions = action.map(Value::items).unwrap_or_default().iter().chain(action);
            actions.filter_map(Value::text).any(|a| a == wanted)
        })
    };
    let mut actions = Vec::new();
    if may("secretsmanager:GetSecretValue") || may("s3:GetObject") {
        actions.push("kms:Decrypt");
    }
    if may("s3:PutObject") {
        actions.push("kms:GenerateDataKey");
    }
    if role.id == "StackRole" {
        // Databases, secrets and functions are made with the key in the name of whoever makes them.
        actions = vec![
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
        ];
    }
    if actions.is_empty() {
        return;
    }
    let action = if let [one] = actions.as_slice() {
        Value::from(*one)
    } else {
        Value::from(actions)
    };
    statements.push(
        map! { "Effect": "Allow", "Action": action, "Resource": key.clone() }
            .note("The key that encrypts what the statements above name"),
    );
}
