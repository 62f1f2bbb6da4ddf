//! Which rights an operation of AWS needs, and whether a policy has them.

/// Actions that IAM asks for when this operation of this service is called, both named as in the audit log.
///
/// For most operations that is the operation's own name; the others are those of the pages "Actions, resources, and condition
/// keys" of the IAM service authorization reference.
///
/// # Panics
/// If the service is not known here: its prefix in IAM must be looked up first.
pub fn actions_for(service: &str, operation: &str) -> Vec<String> {
    let prefix = match service {
        "Application Auto Scaling" => "application-autoscaling",
        "CloudFormation" => "cloudformation",
        "CloudFront" => "cloudfront",
        "CodeBuild" => "codebuild",
        "CodeConnections" => "codeconnections",
        "CodePipeline" => "codepipeline",
        "EC2" => "ec2",
        "ECS" => "ecs",
        "Elastic Load Balancing" => "elasticloadbalancing",
        "Free Tier" => "freetier",
        "IAM" => "iam",
        "Pricing" => "pricing",
        "RDS" => "rds",
        "S3" => "s3",
        "Secrets Manager" => "secretsmanager",
        "Service Quotas" => "servicequotas",
        // Whoever has credentials may ask who they are.
        "STS" if operation == "GetCallerIdentity" => return Vec::new(),
        "STS" => "sts",
        other => panic!("the prefix of {other} in IAM is not known ({operation})"),
    };
    let names: &[&str] = match (prefix, operation) {
        ("s3", "HeadObject") => &["GetObject"],
        ("s3", "ListObjectVersions") => &["ListBucketVersions"],
        ("s3", "ListObjectsV2") => &["ListBucket"],
        ("s3", "DeleteObjects") => &["DeleteObject", "DeleteObjectVersion"],
        _ => &[operation],
    };
    names.iter().map(|name| format!("{prefix}:{name}")).collect()
}

/// Whether a pattern of a policy covers an action. IAM does not distinguish upper and lower case here.
pub fn covers(pattern: &str, action: &str) -> bool {
    fn from(pattern: &[u8], action: &[u8]) -> bool {
        match pattern.split_first() {
            None => action.is_empty(),
            Some((b'*', rest)) => (0..=action.len()).any(|at| from(rest, &action[at..])),
            Some((first, rest)) => action.split_first().is_some_and(|(a, tail)| a == first && from(rest, tail)),
        }
    }
    from(pattern.to_lowercase().as_bytes(), action.to_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_turned_into_what_iam_asks_for() {
        assert_eq!(actions_for("S3", "HeadObject"), ["s3:GetObject"]);
        assert_eq!(
            actions_for("CloudFormation", "DescribeStacks"),
            ["cloudformation:DescribeStacks"]
        );
        assert!(actions_for("STS", "GetCallerIdentity").is_empty());
    }

    #[test]
    fn patterns_cover_what_they_say() {
        assert!(covers("cloudformation:Describe*", "cloudformation:DescribeStacks"));
        assert!(covers("s3:Get*Configuration", "s3:GetLifecycleConfiguration"));
        assert!(!covers("s3:Get*Configuration", "s3:GetObject"));
        assert!(!covers("s3:GetObject", "s3:GetObjectVersion"));
    }
}
