//! What must be allowed to build each type of resource: one table, from which the role of the stacks and the policy of the
//! person who deploys are computed.
//!
//! Sources: the "permissions" of the handlers in CloudFormation's resource schemas and the "Actions, resources, and
//! condition keys" pages of the IAM service authorization reference.

use crate::value::{Value, map, sub};

/// Rights to build one type of resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    /// Statement they are collected in.
    pub(crate) group: Group,
    pub(crate) actions: &'static [&'static str],
}

/// Statements, each with the resources it covers. `{app}`, `{stack}`, `{partition}`, `{region}` and `{account}` are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Things whose names CloudFormation makes up, limited to the region.
    Regional,
    /// Reading, which most services cannot limit to a resource.
    Read,
    /// CloudFront, which is global and names things by random ids.
    Edge,
    Buckets,
    Database,
    Secrets,
    Functions,
    Logs,
    Parameters,
    Alarms,
    Cluster,
    Roles,
    Profiles,
    Images,
    Builds,
    Pipelines,
}

impl Group {
    pub(crate) fn sid(self) -> String {
        format!("{self:?}")
    }

    /// Why the statement is there, one phrase.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Regional => {
                "Network, load balancer and scaling: CloudFormation makes up their names, so the region is the limit"
            }
            Self::Read => "Reading that cannot be limited to one resource",
            Self::Edge => "CloudFront names things by random ids",
            Self::Buckets => "Buckets of the stack",
            Self::Database => "The database, its settings and its snapshots",
            Self::Secrets => "The application's secrets",
            Self::Functions => "The migration function",
            Self::Logs => "Log groups of the application",
            Self::Parameters => "Answers from the base to the service stack",
            Self::Alarms => "Alarms of the application",
            Self::Cluster => "Cluster, service and task definitions of the application",
            Self::Roles => "Roles of the stack, below a path of their own",
            Self::Profiles => "The machines' profile",
            Self::Images => "Image repository",
            Self::Builds => "Build projects",
            Self::Pipelines => "The pipeline",
        }
    }

    /// Resources it covers; `*` where names are not ours to choose.
    pub(crate) fn resources(self) -> &'static [&'static str] {
        match self {
            Self::Regional | Self::Read | Self::Edge => &["*"],
            Self::Buckets => &["arn:{partition}:s3:::{stack}-*"],
            Self::Database => &[
                "arn:{partition}:rds:{region}:{account}:db:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:subgrp:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:pg:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:snapshot:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:og:default*",
            ],
            Self::Secrets => &["arn:{partition}:secretsmanager:{region}:{account}:secret:{app}/*"],
            Self::Functions => &["arn:{partition}:lambda:{region}:{account}:function:{app}-*"],
            Self::Logs => &["arn:{partition}:logs:{region}:{account}:log-group:/zonke/{app}/*"],
            Self::Parameters => &["arn:{partition}:ssm:{region}:{account}:parameter/zonke/{app}/*"],
            Self::Alarms => &["arn:{partition}:cloudwatch:{region}:{account}:alarm:{app}-*"],
            Self::Cluster => &[
                "arn:{partition}:ecs:{region}:{account}:cluster/{app}",
                "arn:{partition}:ecs:{region}:{account}:service/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:service-deployment/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:service-revision/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:task-definition/{app}-*",
                "arn:{partition}:ecs:{region}:{account}:capacity-provider/{stack}-*",
            ],
            Self::Roles => &["arn:{partition}:iam::{account}:role/zonke/{app}/{stack}-*"],
            Self::Profiles => &["arn:{partition}:iam::{account}:instance-profile/zonke/{app}/*"],
            Self::Images => &["arn:{partition}:ecr:{region}:{account}:repository/zonke/{app}"],
            Self::Builds => &["arn:{partition}:codebuild:{region}:{account}:project/{app}-*"],
            Self::Pipelines => &["arn:{partition}:codepipeline:{region}:{account}:{app}"],
        }
    }
}

const fn rights(group: Group, actions: &'static [&'static str]) -> Rights {
    Rights { group, actions }
}

/// Rights to create, update, read and delete a type of resource; empty for a type this crate does not generate.
pub(crate) fn of_kind(kind: &str) -> &'static [Rights] {
    use Group::{
        Alarms, Buckets, Builds, Cluster, Database, Edge, Functions, Images, Logs, Parameters, Pipelines, Profiles, Read,
        Regional, Roles, Secrets,
    };
    match kind {
        "AWS::EC2::VPC" => {
            const {
                &[
                    rights(
                        Regional,
                        &[
                            "ec2:CreateVpc",
                            "ec2:DeleteVpc",
                            "ec2:ModifyVpcAttribute",
                            "ec2:CreateTags",
                            "ec2:DeleteTags",
                        ],
                    ),
                    rights(Read, &["ec2:Describe*"]),
                ]
            }
        }
        "AWS::EC2::InternetGateway" => const { &[rights(Regional, &["ec2:CreateInternetGateway", "ec2:DeleteInternetGateway"])] },
        "AWS::EC2::VPCGatewayAttachment" => {
            const { &[rights(Regional, &["ec2:AttachInternetGateway", "ec2:DetachInternetGateway"])] }
        }
        "AWS::EC2::Subnet" => {
            const {
                &[rights(
                    Regional,
                    &["ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"],
                )]
            }
        }
        "AWS::EC2::RouteTable" => const { &[rights(Regional, &["ec2:CreateRouteTable", "ec2:DeleteRouteTable"])] },
        "AWS::EC2::Route" => const { &[rights(Regional, &["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"])] },
        "AWS::EC2::SubnetRouteTableAssociation" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "ec2:AssociateRouteTable",
                        "ec2:DisassociateRouteTable",
                        "ec2:ReplaceRouteTableAssociation",
                    ],
                )]
            }
        }
        "AWS::EC2::EIP" => {
            const {
                &[rights(
                    Regional,
                    &["ec2:AllocateAddress", "ec2:ReleaseAddress", "ec2:DisassociateAddress"],
                )]
            }
        }
        "AWS::EC2::NatGateway" => const { &[rights(Regional, &["ec2:CreateNatGateway", "ec2:DeleteNatGateway"])] },
        "AWS::EC2::VPCEndpoint" => {
            const {
                &[rights(
                    Regional,
                    &["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"],
                )]
            }
        }
        "AWS::EC2::SecurityGroup" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "ec2:CreateSecurityGroup",
                        "ec2:DeleteSecurityGroup",
                        "ec2:AuthorizeSecurityGroupIngress",
                        "ec2:AuthorizeSecurityGroupEgress",
                        "ec2:RevokeSecurityGroupIngress",
                        "ec2:RevokeSecurityGroupEgress",
                        "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
                        "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
                    ],
                )]
            }
        }
        "AWS::EC2::SecurityGroupIngress" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "ec2:AuthorizeSecurityGroupIngress",
                        "ec2:RevokeSecurityGroupIngress",
                        "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
                    ],
                )]
            }
        }
        "AWS::EC2::LaunchTemplate" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "ec2:CreateLaunchTemplate",
                        "ec2:CreateLaunchTemplateVersion",
                        "ec2:DeleteLaunchTemplate",
                        "ec2:ModifyLaunchTemplate",
                    ],
                )]
            }
        }
        "AWS::AutoScaling::AutoScalingGroup" => {
            const {
                &[
                    rights(
                        Regional,
                        &[
                            "autoscaling:CreateAutoScalingGroup",
                            "autoscaling:UpdateAutoScalingGroup",
                            "autoscaling:DeleteAutoScalingGroup",
                            "autoscaling:CreateOrUpdateTags",
                            "autoscaling:DeleteTags",
                            "autoscaling:SetDesiredCapacity",
                            "autoscaling:TerminateInstanceInAutoScalingGroup",
                            "ec2:RunInstances",
                        ],
                    ),
                    rights(Read, &["autoscaling:Describe*"]),
                ]
            }
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            const {
                &[
                    rights(
                        Regional,
                        &[
                            "elasticloadbalancing:CreateLoadBalancer",
                            "elasticloadbalancing:DeleteLoadBalancer",
                            "elasticloadbalancing:ModifyLoadBalancerAttributes",
                            "elasticloadbalancing:SetIpAddressType",
                            "elasticloadbalancing:SetSecurityGroups",
                            "elasticloadbalancing:SetSubnets",
                            "elasticloadbalancing:AddTags",
                            "elasticloadbalancing:RemoveTags",
                        ],
                    ),
                    rights(Read, &["elasticloadbalancing:Describe*"]),
                ]
            }
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "elasticloadbalancing:CreateTargetGroup",
                        "elasticloadbalancing:DeleteTargetGroup",
                        "elasticloadbalancing:ModifyTargetGroup",
                        "elasticloadbalancing:ModifyTargetGroupAttributes",
                    ],
                )]
            }
        }
        "AWS::ElasticLoadBalancingV2::Listener" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "elasticloadbalancing:CreateListener",
                        "elasticloadbalancing:DeleteListener",
                        "elasticloadbalancing:ModifyListener",
                    ],
                )]
            }
        }
        "AWS::ElasticLoadBalancingV2::ListenerRule" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "elasticloadbalancing:CreateRule",
                        "elasticloadbalancing:DeleteRule",
                        "elasticloadbalancing:ModifyRule",
                        "elasticloadbalancing:SetRulePriorities",
                    ],
                )]
            }
        }
        "AWS::ApplicationAutoScaling::ScalableTarget" => {
            const {
                &[
                    rights(
                        Regional,
                        &[
                            "application-autoscaling:RegisterScalableTarget",
                            "application-autoscaling:DeregisterScalableTarget",
                            "application-autoscaling:TagResource",
                        ],
                    ),
                    rights(
                        Read,
                        &[
                            "application-autoscaling:Describe*",
                            "application-autoscaling:ListTagsForResource",
                        ],
                    ),
                ]
            }
        }
        "AWS::ApplicationAutoScaling::ScalingPolicy" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "application-autoscaling:PutScalingPolicy",
                        "application-autoscaling:DeleteScalingPolicy",
                    ],
                )]
            }
        }
        "AWS::CloudFront::Distribution" => {
            const {
                &[rights(
                    Edge,
                    &[
                        "cloudfront:CreateDistribution",
                        "cloudfront:UpdateDistribution",
                        "cloudfront:DeleteDistribution",
                        "cloudfront:GetDistribution",
                        "cloudfront:GetDistributionConfig",
                        "cloudfront:TagResource",
                        "cloudfront:UntagResource",
                        "cloudfront:ListTagsForResource",
                    ],
                )]
            }
        }
        "AWS::CloudFront::OriginAccessControl" => {
            const {
                &[rights(
                    Edge,
                    &[
                        "cloudfront:CreateOriginAccessControl",
                        "cloudfront:UpdateOriginAccessControl",
                        "cloudfront:DeleteOriginAccessControl",
                        "cloudfront:GetOriginAccessControl",
                        "cloudfront:GetOriginAccessControlConfig",
                    ],
                )]
            }
        }
        "AWS::CloudFront::Function" => {
            const {
                &[rights(
                    Edge,
                    &[
                        "cloudfront:CreateFunction",
                        "cloudfront:UpdateFunction",
                        "cloudfront:DeleteFunction",
                        "cloudfront:PublishFunction",
                        "cloudfront:DescribeFunction",
                        "cloudfront:GetFunction",
                    ],
                )]
            }
        }
        "AWS::CloudFront::VpcOrigin" => {
            const {
                &[rights(
                    Edge,
                    &[
                        "cloudfront:CreateVpcOrigin",
                        "cloudfront:UpdateVpcOrigin",
                        "cloudfront:DeleteVpcOrigin",
                        "cloudfront:GetVpcOrigin",
                    ],
                )]
            }
        }
        "AWS::S3::Bucket" => {
            const {
                &[rights(
                    Buckets,
                    &[
                        "s3:CreateBucket",
                        "s3:DeleteBucket",
                        "s3:ListBucket",
                        "s3:GetBucket*",
                        "s3:Get*Configuration",
                        "s3:PutBucket*",
                        "s3:PutEncryptionConfiguration",
                        "s3:PutLifecycleConfiguration",
                    ],
                )]
            }
        }
        "AWS::S3::BucketPolicy" => {
            const {
                &[rights(
                    Buckets,
                    &["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"],
                )]
            }
        }
        "AWS::RDS::DBInstance" => {
            const {
                &[
                    rights(
                        Database,
                        &[
                            "rds:CreateDBInstance",
                            "rds:ModifyDBInstance",
                            "rds:DeleteDBInstance",
                            "rds:RebootDBInstance",
                            "rds:CreateDBSnapshot",
                            "rds:AddTagsToResource",
                            "rds:RemoveTagsFromResource",
                            "rds:ListTagsForResource",
                        ],
                    ),
                    rights(Read, &["rds:Describe*"]),
                ]
            }
        }
        "AWS::RDS::DBSubnetGroup" => {
            const {
                &[rights(
                    Database,
                    &[
                        "rds:CreateDBSubnetGroup",
                        "rds:ModifyDBSubnetGroup",
                        "rds:DeleteDBSubnetGroup",
                    ],
                )]
            }
        }
        "AWS::RDS::DBParameterGroup" => {
            const {
                &[rights(
                    Database,
                    &[
                        "rds:CreateDBParameterGroup",
                        "rds:ModifyDBParameterGroup",
                        "rds:ResetDBParameterGroup",
                        "rds:DeleteDBParameterGroup",
                    ],
                )]
            }
        }
        "AWS::SecretsManager::Secret" => {
            const {
                &[
                    rights(
                        Secrets,
                        &[
                            "secretsmanager:CreateSecret",
                            "secretsmanager:UpdateSecret",
                            "secretsmanager:DeleteSecret",
                            "secretsmanager:DescribeSecret",
                            "secretsmanager:GetSecretValue",
                            "secretsmanager:PutSecretValue",
                            "secretsmanager:TagResource",
                            "secretsmanager:UntagResource",
                        ],
                    ),
                    rights(Read, &["secretsmanager:GetRandomPassword"]),
                ]
            }
        }
        "AWS::SecretsManager::SecretTargetAttachment" => {
            const {
                &[rights(
                    Secrets,
                    &["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                )]
            }
        }
        "AWS::Lambda::Function" => {
            const {
                &[rights(
                    Functions,
                    &[
                        "lambda:CreateFunction",
                        "lambda:UpdateFunctionCode",
                        "lambda:UpdateFunctionConfiguration",
                        "lambda:DeleteFunction",
                        "lambda:GetFunction*",
                        "lambda:GetRuntimeManagementConfig",
                        "lambda:ListTags",
                        "lambda:TagResource",
                        "lambda:UntagResource",
                    ],
                )]
            }
        }
        "AWS::Logs::LogGroup" => {
            const {
                &[
                    rights(
                        Logs,
                        &[
                            "logs:CreateLogGroup",
                            "logs:DeleteLogGroup",
                            "logs:PutRetentionPolicy",
                            "logs:DeleteRetentionPolicy",
                            "logs:ListTagsForResource",
                            "logs:TagResource",
                            "logs:UntagResource",
                        ],
                    ),
                    rights(Read, &["logs:DescribeLogGroups"]),
                ]
            }
        }
        "AWS::SSM::Parameter" => {
            const {
                &[
                    rights(
                        Parameters,
                        &[
                            "ssm:PutParameter",
                            "ssm:DeleteParameter",
                            "ssm:GetParameter",
                            "ssm:GetParameters",
                            "ssm:AddTagsToResource",
                            "ssm:RemoveTagsFromResource",
                            "ssm:ListTagsForResource",
                        ],
                    ),
                    rights(Read, &["ssm:DescribeParameters"]),
                ]
            }
        }
        "AWS::CloudWatch::Alarm" => {
            const {
                &[
                    rights(
                        Alarms,
                        &[
                            "cloudwatch:PutMetricAlarm",
                            "cloudwatch:DeleteAlarms",
                            "cloudwatch:ListTagsForResource",
                            "cloudwatch:TagResource",
                            "cloudwatch:UntagResource",
                        ],
                    ),
                    rights(Read, &["cloudwatch:DescribeAlarms"]),
                ]
            }
        }
        "AWS::ECS::Cluster" | "AWS::ECS::ClusterCapacityProviderAssociations" => {
            const {
                &[
                    rights(
                        Cluster,
                        &[
                            "ecs:DescribeClusters",
                            "ecs:UpdateCluster",
                            "ecs:UpdateClusterSettings",
                            "ecs:DeleteCluster",
                            "ecs:PutClusterCapacityProviders",
                            "ecs:TagResource",
                            "ecs:UntagResource",
                            "ecs:ListTagsForResource",
                        ],
                    ),
                    rights(Regional, &["ecs:CreateCluster"]),
                ]
            }
        }
        "AWS::ECS::CapacityProvider" => {
            const {
                &[
                    rights(Cluster, &["ecs:UpdateCapacityProvider", "ecs:DeleteCapacityProvider"]),
                    rights(Regional, &["ecs:CreateCapacityProvider"]),
                    rights(Read, &["ecs:DescribeCapacityProviders"]),
                ]
            }
        }
        "AWS::ECS::TaskDefinition" => {
            const {
                &[
                    rights(Regional, &["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"]),
                    rights(Read, &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]),
                ]
            }
        }
        "AWS::ECS::Service" => {
            const {
                &[rights(
                    Cluster,
                    &[
                        "ecs:CreateService",
                        "ecs:UpdateService",
                        "ecs:DeleteService",
                        "ecs:DescribeService*",
                        "ecs:ListServiceDeployments",
                    ],
                )]
            }
        }
        "AWS::IAM::Role" => {
            const {
                &[rights(
                    Roles,
                    &[
                        "iam:CreateRole",
                        "iam:DeleteRole",
                        "iam:GetRole",
                        "iam:UpdateRole",
                        "iam:UpdateAssumeRolePolicy",
                        "iam:TagRole",
                        "iam:UntagRole",
                        "iam:GetRolePolicy",
                        "iam:PutRolePolicy",
                        "iam:DeleteRolePolicy",
                        "iam:AttachRolePolicy",
                        "iam:DetachRolePolicy",
                        "iam:ListRolePolicies",
                        "iam:ListAttachedRolePolicies",
                    ],
                )]
            }
        }
        "AWS::IAM::InstanceProfile" => {
            const {
                &[rights(
                    Profiles,
                    &[
                        "iam:CreateInstanceProfile",
                        "iam:DeleteInstanceProfile",
                        "iam:GetInstanceProfile",
                        "iam:AddRoleToInstanceProfile",
                        "iam:RemoveRoleFromInstanceProfile",
                        "iam:TagInstanceProfile",
                    ],
                )]
            }
        }
        "AWS::ECR::Repository" => {
            const {
                &[rights(
                    Images,
                    &[
                        "ecr:CreateRepository",
                        "ecr:DeleteRepository",
                        "ecr:DescribeRepositories",
                        "ecr:GetLifecyclePolicy",
                        "ecr:PutLifecyclePolicy",
                        "ecr:DeleteLifecyclePolicy",
                        "ecr:GetRepositoryPolicy",
                        "ecr:PutImageScanningConfiguration",
                        "ecr:PutImageTagMutability",
                        "ecr:ListTagsForResource",
                        "ecr:TagResource",
                        "ecr:UntagResource",
                    ],
                )]
            }
        }
        "AWS::CodeBuild::Project" => {
            const {
                &[rights(
                    Builds,
                    &[
                        "codebuild:CreateProject",
                        "codebuild:UpdateProject",
                        "codebuild:DeleteProject",
                        "codebuild:BatchGetProjects",
                    ],
                )]
            }
        }
        "AWS::CodePipeline::Pipeline" => {
            const {
                &[rights(
                    Pipelines,
                    &[
                        "codepipeline:CreatePipeline",
                        "codepipeline:UpdatePipeline",
                        "codepipeline:DeletePipeline",
                        "codepipeline:GetPipeline",
                        "codepipeline:TagResource",
                        "codepipeline:UntagResource",
                        "codepipeline:ListTagsForResource",
                    ],
                )]
            }
        }
        _ => &[],
    }
}

/// Collects the rights for these types of resources: one entry for each statement, actions sorted, nothing twice.
pub(crate) fn collected<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Vec<(Group, Vec<&'static str>)> {
    let mut statements: Vec<(Group, Vec<&'static str>)> = Vec::new();
    for right in kinds.into_iter().flat_map(of_kind) {
        match statements.iter_mut().find(|(group, _)| *group == right.group) {
            Some((_, actions)) => actions.extend(right.actions),
            None => statements.push((right.group, right.actions.to_vec())),
        }
    }
    statements.sort_by_key(|(group, _)| *group);
    for (_, actions) in &mut statements {
        actions.sort_unstable();
        actions.dedup();
        // A pattern such as ec2:Describe* makes the actions it covers superfluous.
        let patterns: Vec<String> = actions
            .iter()
            .filter_map(|a| a.strip_suffix('*'))
            .map(str::to_owned)
            .collect();
        actions.retain(|a| a.ends_with('*') || !patterns.iter().any(|p| a.starts_with(p.as_str())));
    }
    statements
}

/// Services that need a role of their own the first time they are used in an account, for these types of resources.
pub(crate) fn service_linked_roles<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
    let mut services: Vec<&'static str> = kinds
        .into_iter()
        .filter_map(|kind| match kind {
            "AWS::ECS::Cluster" => Some("ecs.amazonaws.com"),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => Some("elasticloadbalancing.amazonaws.com"),
            "AWS::RDS::DBInstance" => Some("rds.amazonaws.com"),
            "AWS::AutoScaling::AutoScalingGroup" => Some("autoscaling.amazonaws.com"),
            "AWS::ApplicationAutoScaling::ScalableTarget" => Some("ecs.application-autoscaling.amazonaws.com"),
            "AWS::CloudFront::VpcOrigin" => Some("vpcorigin.cloudfront.amazonaws.com"),
            _ => None,
        })
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Statements of a role in a template that CloudFormation assumes for this stack prefix.
pub(crate) fn role_statements(app: &str, stack: &str, kinds: &[&str]) -> Vec<Value> {
    let fill = |pattern: &str| {
        sub(pattern
            .replace("{app}", app)
            .replace("{stack}", stack)
            .replace("{partition}", "${AWS::Partition}")
            .replace("{region}", "${AWS::Region}")
            .replace("{account}", "${AWS::AccountId}"))
    };
    let mut statements: Vec<Value> = collected(kinds.iter().copied())
        .into_iter()
        .map(|(group, actions)| {
            let mut statement = vec![
                ("Sid".to_owned(), group.sid().into()),
                ("Effect".to_owned(), "Allow".into()),
                ("Action".to_owned(), Value::from(actions)),
                (
                    "Resource".to_owned(),
                    match group.resources() {
                        [one] => fill(one),
                        many => many.iter().map(|p| fill(p)).collect::<Vec<_>>().into(),
                    },
                ),
            ];
            if group == Group::Regional {
                statement.push((
                    "Condition".to_owned(),
                    map! { "StringEquals": map! { "aws:RequestedRegion": crate::value::refer("AWS::Region") } },
                ));
            }
            Value::Map(statement).note(group.why())
        })
        .collect();
    let services = service_linked_roles(kinds.iter().copied());
    if !services.is_empty() {
        statements.push(
            map! {
                "Sid": "ServiceLinkedRoles",
                "Effect": "Allow",
                "Action": "iam:CreateServiceLinkedRole",
                "Resource": fill("arn:{partition}:iam::{account}:role/aws-service-role/*"),
                "Condition": map! { "StringEquals": map! { "iam:AWSServiceName": services } },
            }
            .note("Roles that these services need the first time they are used in an account"),
        );
    }
    statements
}
