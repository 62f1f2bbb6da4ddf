//! Where results are kept, and the projects that make them.

use crate::application::Application;
use crate::model::{OnDelete, Resource, Section};
use crate::price::Charge;
use crate::stacks::edge::{bucket_policy, private_bucket, tls_only};
use crate::value::{Value, get_att, list, map, refer};

pub(super) fn storage(app: &Application) -> Section {
    let name = app.name();
    let keep = |id: &str, prefix: &str, days: i64| {
        map! {
            "Id": id,
            "Status": "Enabled",
            "Prefix": prefix,
            "ExpirationInDays": days,
            "NoncurrentVersionExpiration": map! { "NoncurrentDays": 1 },
        }
    };
    let mut rules = vec![keep("pipeline", &format!("{name}/"), 30)];
    if app.migrates() {
        rules.push(keep("migrations", "migrations/", 90));
    }
    rules.push(
        map! {
            "Id": "infra",
            "Status": "Enabled",
            "Prefix": "infra/",
            "NoncurrentVersionExpiration": map! { "NoncurrentDays": 90, "NewerNoncurrentVersions": 20 },
        }
        .note("Old versions of the infrastructure stay, so that a release can be taken back together with it."),
    );
    rules
        .push(map! { "Id": "uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": map! { "DaysAfterInitiation": 7 } });
    // Images are kept by count, not by age: a quiet application must still be able to start a server.
    let lifecycle = "{\"rules\":[\n  \
        {\"rulePriority\":1,\"description\":\"images without a name\",\"selection\":{\"tagStatus\":\"untagged\",\"countType\":\"sinceImagePushed\",\"countUnit\":\"days\",\"countNumber\":7},\"action\":{\"type\":\"expire\"}},\n  \
        {\"rulePriority\":2,\"description\":\"all but the last 30 releases\",\"selection\":{\"tagStatus\":\"tagged\",\"tagPatternList\":[\"c-*\"],\"countType\":\"imageCountMoreThan\",\"countNumber\":30},\"action\":{\"type\":\"expire\"}}\n]}\n";
    let resources = vec![
        Resource::new(
            "ArtifactBucket",
            "AWS::S3::Bucket",
            "Infrastructure that the app uploads, and what the pipeline passes from step to step",
            private_bucket(rules.into(), None),
        )
        .node("artifacts")
        .charge(Charge::Artifacts)
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .accept(
            "CKV_AWS_18",
            "holds build results for a month; who reads them is visible in CloudTrail",
        ),
        bucket_policy(
            "ArtifactBucketPolicy",
            "ArtifactBucket",
            "Nobody may come without TLS",
            vec![tls_only("ArtifactBucket")],
        ),
        Resource::new(
            "Images",
            "AWS::ECR::Repository",
            "Images of the servers, one for each release",
            map! {
                "RepositoryName": format!("zonke/{name}"),
                "EmptyOnDelete": true,
                "ImageTagMutability": "IMMUTABLE",
                "ImageScanningConfiguration": map! { "ScanOnPush": true },
                "LifecyclePolicy": map! { "LifecyclePolicyText": lifecycle },
            },
        )
        .node("images")
        .charge(Charge::Images)
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .accept("CKV_AWS_136", "encrypted by AWS; a key of your own costs extra"),
        Resource::new(
            "BuildLogs",
            "AWS::Logs::LogGroup",
            "Output of builds",
            map! { "LogGroupName": format!("/zonke/{name}/build"), "RetentionInDays": 30 },
        )
        .node("pipeline")
        .accept("CKV_AWS_158", "encrypted by AWS; a key of your own costs extra"),
    ];
    Section {
        heading: "Storage",
        resources,
    }
}

/// A build project; all of them share these properties.
fn project(
    app: &Application,
    id: &str,
    description: &str,
    role: &str,
    privileged: bool,
    arm: bool,
    variables: Vec<(&str, Value)>,
) -> Resource {
    let buildspec = match id {
        "BuildApi" => "buildspec-api.yml",
        "BuildUi" => "buildspec-ui.yml",
        _ => "buildspec-release.yml",
    };
    let slug = id.trim_start_matches("Build").to_lowercase();
    // AWS's own images with Amazon Linux 2023.
    let (kind, image) = if arm {
        ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:4.0")
    } else {
        ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:6.0")
    };
    let variables: Vec<Value> = variables
        .into_iter()
        .map(|(name, value)| map! { "Name": name, "Type": "PLAINTEXT", "Value": value })
        .collect();
    let mut environment = vec![
        ("Type".to_owned(), Value::from(kind)),
        ("Image".to_owned(), image.into()),
        ("ComputeType".to_owned(), "BUILD_GENERAL1_SMALL".into()),
        (
            "PrivilegedMode".to_owned(),
            if privileged {
                Value::from(true).note("Building an image needs a Docker daemon inside the build.")
            } else {
                false.into()
            },
        ),
    ];
    if !variables.is_empty() {
        environment.push(("EnvironmentVariables".to_owned(), variables.into()));
    }
    let mut properties = vec![
        ("Name".to_owned(), Value::from(format!("{}-{slug}", app.name()))),
        ("ServiceRole".to_owned(), get_att(role, "Arn")),
        ("Source".to_owned(), map! { "Type": "CODEPIPELINE", "BuildSpec": buildspec }),
        ("Artifacts".to_owned(), map! { "Type": "CODEPIPELINE" }),
        ("TimeoutInMinutes".to_owned(), 30.into()),
        ("QueuedTimeoutInMinutes".to_owned(), 60.into()),
    ];
    if privileged {
        properties.push((
            "Cache".to_owned(),
            map! { "Type": "LOCAL", "Modes": list!["LOCAL_DOCKER_LAYER_CACHE"] },
        ));
    }
    properties.push(("Environment".to_owned(), Value::Map(environment)));
    properties.push((
        "LogsConfig".to_owned(),
        map! { "CloudWatchLogs": map! { "Status": "ENABLED", "GroupName": refer("BuildLogs") } },
    ));
    let resource = Resource::new(id, "AWS::CodeBuild::Project", description, Value::Map(properties)).node("pipeline");
    let resource = resource.accept("CKV_AWS_147", "results are encrypted by AWS; a key of your own costs extra");
    if privileged {
        resource.accept("CKV_AWS_316", "building an image needs a Docker daemon inside the build")
    } else {
        resource
    }
}

pub(super) fn builds(app: &Application) -> Section {
    let bucket = || ("ARTIFACT_BUCKET", refer("ArtifactBucket"));
    let resources = vec![
        project(
            app,
            "BuildApi",
            "Builds the servers' image, and the bundle of migrations",
            "BuildApiRole",
            true,
            app.is_arm(),
            vec![("REPOSITORY_URI", get_att("Images", "RepositoryUri")), bucket()],
        )
        .charge(Charge::Builds),
        project(
            app,
            "BuildUi",
            "Builds the user interface",
            "BuildUiRole",
            false,
            app.is_arm(),
            Vec::new(),
        ),
        project(
            app,
            "Release",
            if app.migrates() {
                "Starts the migration, publishes the user interface"
            } else {
                "Publishes the user interface"
            },
            "ReleaseRole",
            false,
            true,
            vec![("APP", app.name().into()), bucket()],
        ),
    ];
    Section {
        heading: "Builds",
        resources,
    }
}
