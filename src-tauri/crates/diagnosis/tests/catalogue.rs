//! One sample of every known failure, and messages that only look like one.

use zonke_diagnosis::EvidenceKind::{
    self, CfnEvent, CodebuildLog, CodebuildPhase, ContainerExit, EcsServiceEvent, EcsStopped, Http, LambdaLog, PipelineAction,
    Prisma, SignIn,
};
use zonke_diagnosis::{Evidence, diagnose};

const SAMPLES: &[(&str, EvidenceKind, &str)] = &[
    (
        "cloudfront-account-unverified",
        CfnEvent,
        "Access denied for operation 'AWS::CloudFront::Distribution: Your account must be verified before you can add new CloudFront resources.'",
    ),
    (
        "codebuild-zero-concurrency",
        PipelineAction,
        "AccountLimitExceededException: Cannot have more than 0 builds in queue for the account",
    ),
    (
        "elb-account-unsupported",
        CfnEvent,
        "OperationNotPermitted: This AWS account currently does not support creating load balancers.",
    ),
    (
        "rds-free-plan-backup-retention",
        CfnEvent,
        "The specified backup retention period exceeds the maximum available to free tier customers.",
    ),
    (
        "lambda-reserved-concurrency-min",
        CfnEvent,
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [10].",
    ),
    (
        "eip-limit",
        CfnEvent,
        "The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)",
    ),
    ("vpc-limit", CfnEvent, "The maximum number of VPCs has been reached."),
    (
        "security-group-rule-limit",
        CfnEvent,
        "The maximum number of rules per security group has been reached.",
    ),
    (
        "cloudfront-cname-in-use",
        CfnEvent,
        "One or more of the CNAMEs you provided are already associated with a different resource.",
    ),
    (
        "cloudfront-certificate-invalid",
        CfnEvent,
        "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
    ),
    (
        "acm-pending-validation",
        CfnEvent,
        "Content of DNS Record is: {Name: _a.example.org.,Type: CNAME,Value: _b.acm-validations.aws.}",
    ),
    (
        "waf-scope-region",
        CfnEvent,
        "Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT",
    ),
    (
        "iam-permission-denied",
        CfnEvent,
        "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: ecs:CreateCluster on resource: x",
    ),
    (
        "cfn-capabilities-missing",
        PipelineAction,
        "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    ),
    (
        "resource-already-exists",
        CfnEvent,
        "Resource of type 'AWS::Logs::LogGroup' with identifier '/zonke/shop/build' already exists.",
    ),
    (
        "secret-scheduled-for-deletion",
        CfnEvent,
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ),
    (
        "s3-bucket-not-empty",
        CfnEvent,
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
    ),
    (
        "rds-deletion-protected",
        CfnEvent,
        "Cannot delete protected DB Instance, please disable deletion protection and try again.",
    ),
    (
        "rds-class-version-unavailable",
        CfnEvent,
        "Cannot find version 17.99 for postgres",
    ),
    ("rds-engine-downgrade", CfnEvent, "Cannot upgrade postgres from 17.6 to 17.2"),
    (
        "ec2-dependency-violation",
        CfnEvent,
        "The subnet 'subnet-1' has dependencies and cannot be deleted.",
    ),
    (
        "stack-rollback-complete",
        PipelineAction,
        "Stack:arn:aws:cloudformation:x is in ROLLBACK_COMPLETE state and can not be updated.",
    ),
    (
        "stack-update-rollback-failed",
        PipelineAction,
        "Stack shop-base is in UPDATE_ROLLBACK_FAILED state and can not be updated.",
    ),
    (
        "cfn-export-in-use",
        CfnEvent,
        "Export shop-vpc cannot be deleted as it is in use by other",
    ),
    (
        "stack-policy-denied",
        CfnEvent,
        "Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for resource [LogicalResourceId/Database]",
    ),
    ("api-throttling", CfnEvent, "Rate exceeded (Service: Ecs, Status Code: 400)"),
    (
        "ecs-circuit-breaker",
        CfnEvent,
        "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\"",
    ),
    (
        "ecs-service-linked-role",
        CfnEvent,
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
    (
        "image-not-found",
        EcsStopped,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): shop@sha256:0 not found",
    ),
    (
        "image-pull-network",
        EcsStopped,
        "CannotPullContainerError: dial tcp 52.0.0.1:443: i/o timeout",
    ),
    (
        "image-architecture-mismatch",
        EcsStopped,
        "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'",
    ),
    (
        "secret-json-key-missing",
        EcsStopped,
        "ResourceInitializationError: unable to pull secrets or registry auth: retrieved secret did not contain json key STRIPE_KEY",
    ),
    (
        "secret-access-denied",
        EcsStopped,
        "ResourceInitializationError: unable to pull secrets: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue",
    ),
    (
        "aws-api-unreachable",
        EcsStopped,
        "ResourceInitializationError: unable to pull secrets or registry auth: secretsmanager: connection timeout",
    ),
    (
        "log-group-missing",
        EcsStopped,
        "ResourceInitializationError: failed to validate logger args: The specified log group does not exist.",
    ),
    (
        "task-out-of-memory",
        EcsStopped,
        "OutOfMemoryError: Container killed due to memory usage",
    ),
    (
        "app-crashed-at-start",
        EcsStopped,
        "Essential container in task exited; exit code 1",
    ),
    (
        "health-check-failed",
        EcsStopped,
        "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)",
    ),
    (
        "ecs-placement-no-room",
        EcsServiceEvent,
        "service shop-api was unable to place a task because no container instance met all of its requirements: insufficient memory",
    ),
    (
        "capacity-unavailable",
        EcsServiceEvent,
        "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    ),
    (
        "connection-not-available",
        PipelineAction,
        "The connection arn:aws:codeconnections:x is not in AVAILABLE state.",
    ),
    (
        "source-branch-missing",
        PipelineAction,
        "The action failed because no branch named trunk was found in the selected repository",
    ),
    (
        "infra-zip-missing",
        PipelineAction,
        "The object with key 'infra/infra.zip' does not exist in bucket 'shop'.",
    ),
    (
        "buildspec-not-found",
        CodebuildPhase,
        "YAML_FILE_ERROR: YAML file does not exist",
    ),
    (
        "lockfile-out-of-sync",
        CodebuildLog,
        "ERR_PNPM_OUTDATED_LOCKFILE Cannot install with \"frozen-lockfile\"",
    ),
    (
        "install-scripts-blocked",
        CodebuildLog,
        "npm warn 3 install scripts blocked because they are not covered by allowScripts",
    ),
    (
        "build-out-of-memory",
        CodebuildLog,
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    ),
    (
        "docker-daemon-unavailable",
        CodebuildLog,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    (
        "registry-pull-rate-limit",
        CodebuildLog,
        "toomanyrequests: You have reached your unauthenticated pull rate limit.",
    ),
    (
        "ecr-tag-immutable",
        CodebuildLog,
        "tag invalid: The image tag 'c-1' already exists in the 'shop' repository and cannot be overwritten because the repository is immutable.",
    ),
    (
        "prisma-p3009-failed-migration",
        Prisma,
        "Error: P3009\n\nmigrate found failed migrations in the target database",
    ),
    (
        "prisma-p3018-migration-sql-failed",
        LambdaLog,
        "Error: P3018\n\nA migration failed to apply.",
    ),
    (
        "prisma-p3005-baseline-needed",
        Prisma,
        "Error: P3005\n\nThe database schema is not empty.",
    ),
    (
        "database-unreachable",
        Prisma,
        "Error: P1001: Can't reach database server at `db`:`5432`",
    ),
    (
        "database-auth-failed",
        ContainerExit,
        "error: password authentication failed for user \"app\"",
    ),
    (
        "database-tls-certificate",
        ContainerExit,
        "Error: self-signed certificate in certificate chain",
    ),
    (
        "database-tls-required",
        ContainerExit,
        "no pg_hba.conf entry for host \"10.0.1.2\", user \"app\", database \"app\", no encryption",
    ),
    (
        "prisma-engine-download",
        LambdaLog,
        "request to https://binaries.prisma.sh/all_commits/x failed, reason: getaddrinfo ENOTFOUND binaries.prisma.sh",
    ),
    ("migration-lambda-timeout", LambdaLog, "Task timed out after 900.05 seconds"),
    (
        "http-502-origin-connection",
        Http,
        "502 Bad Gateway, x-cache: Error from cloudfront",
    ),
    ("http-504-origin-timeout", Http, "504 Gateway Timeout ERROR"),
    ("http-503-no-healthy-target", Http, "503 Service Temporarily Unavailable"),
    ("http-403-origin-secret-mismatch", Http, "403 Forbidden"),
    ("spa-fallback-on-api", Http, "GET /api/notes: 200 text/html <!doctype html>"),
    (
        "session-expired",
        SignIn,
        "The security token included in the request is expired",
    ),
    (
        "region-or-account-not-activated",
        SignIn,
        "OptInRequired: You are not subscribed to this service.",
    ),
];

#[test]
fn every_known_failure_is_recognized_by_its_sample() {
    for (code, kind, text) in SAMPLES {
        let found = diagnose(&Evidence::new(*kind, *text)).map(|d| d.code);
        assert_eq!(found.as_deref(), Some(*code), "{text}");
    }
}

#[test]
fn messages_that_only_look_like_a_known_failure_stay_unknown() {
    let near = [
        (
            ContainerExit,
            "AccessDeniedException: role shop is not authorized to perform: ecs:DescribeServices",
        ),
        (
            PipelineAction,
            "Stack cannot be updated when status is: UPDATE_ROLLBACK_COMPLETE",
        ),
        (
            CodebuildPhase,
            "YAML_FILE_ERROR Message: wrong number of container tags, expected 1",
        ),
        (CodebuildLog, "npm ERR! code E401 Incorrect or missing password."),
        (CodebuildLog, "failed to create temp dir: no space left on device"),
        (
            CfnEvent,
            "DB Subnet Group doesn't meet availability zone coverage requirement.",
        ),
    ];
    for (kind, text) in near {
        assert_eq!(diagnose(&Evidence::new(kind, text)).map(|d| d.code), None, "{text}");
    }
}
