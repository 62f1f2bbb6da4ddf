//! The table: what must be allowed for each type of resource.
//!
//! More than 500 lines, because it is one list in the order of the services.
//!
//! Sources: the "permissions" of the handlers in CloudFormation's resource schemas and the "Actions, resources, and
//! condition keys" pages of the IAM service authorization reference.

use super::{Group, Rights};

const fn rights(group: Group, actions: &'static [&'static str]) -> Rights {
    Rights { group, actions }
}

/// Rights to create, update, read and delete a type of resource; empty for a type this crate does not generate.
pub(crate) fn of_kind(kind: &str) -> &'static [Rights] {
    use Group::{
        Alarms, Buckets, Builds, Certificates, Cluster, Database, DatabaseCluster, Dns, Edge, Functions, Images, Keys, Logs, New,
        Parameters, Pipelines, Policies, Profiles, Read, Regional, Roles, Rules, Secrets, Topics, WebFirewalls,
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
        "AWS::EC2::Instance" => {
            const {
                &[rights(
                    Regional,
                    &[
                        "ec2:RunInstances",
                        "ec2:StartInstances",
                        "ec2:StopInstances",
                        "ec2:TerminateInstances",
                        "ec2:ModifyInstanceAttribute",
                        "ec2:ModifyInstanceMetadataOptions",
                    ],
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
                &[
                    rights(
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
                            "ec2:CreateTags",
                            "ec2:DeleteTags",
                        ],
                    ),
                    rights(Read, &["ec2:Describe*"]),
                ]
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
        // What makes an instance of a cluster is asked about the cluster as well, and the cluster about its subnet group.
        "AWS::RDS::DBCluster" => {
            const {
                &[
                    rights(Database, &["rds:CreateDBCluster", "rds:ModifyDBCluster"]),
                    rights(
                        DatabaseCluster,
                        &[
                            "rds:CreateDBCluster",
                            "rds:ModifyDBCluster",
                            "rds:DeleteDBCluster",
                            "rds:CreateDBClusterSnapshot",
                            "rds:CreateDBInstance",
                            "rds:DeleteDBInstance",
                            "rds:ModifyDBInstance",
                            "rds:AddTagsToResource",
                            "rds:RemoveTagsFromResource",
                            "rds:ListTagsForResource",
                        ],
                    ),
                    rights(Read, &["rds:Describe*"]),
                ]
            }
        }
        "AWS::RDS::DBClusterParameterGroup" => {
            const {
                &[rights(
                    DatabaseCluster,
                    &[
                        "rds:CreateDBClusterParameterGroup",
                        "rds:ModifyDBClusterParameterGroup",
                        "rds:ResetDBClusterParameterGroup",
                        "rds:DeleteDBClusterParameterGroup",
                    ],
                )]
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
                        "iam:ListRolePolicies",
                        "iam:ListAttachedRolePolicies",
                    ],
                )]
            }
        }
        "AWS::IAM::ManagedPolicy" => {
            const {
                &[rights(
                    Policies,
                    &[
                        "iam:CreatePolicy",
                        "iam:CreatePolicyVersion",
                        "iam:DeletePolicy",
                        "iam:DeletePolicyVersion",
                        "iam:GetPolicy",
                        "iam:GetPolicyVersion",
                        "iam:ListPolicyVersions",
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
        "AWS::KMS::Key" => {
            const {
                &[
                    rights(
                        Keys,
                        &[
                            "kms:CreateGrant",
                            "kms:DescribeKey",
                            "kms:EnableKeyRotation",
                            "kms:Get*",
                            "kms:ListResourceTags",
                            "kms:PutKeyPolicy",
                            "kms:ScheduleKeyDeletion",
                            "kms:TagResource",
                            "kms:UntagResource",
                            "kms:UpdateKeyDescription",
                        ],
                    ),
                    rights(New, &["kms:CreateKey"]),
                    rights(Read, &["kms:ListAliases"]),
                ]
            }
        }
        "AWS::KMS::Alias" => const { &[rights(Keys, &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"])] },
        "AWS::SNS::Topic" | "AWS::SNS::TopicPolicy" => {
            const {
                &[rights(
                    Topics,
                    &[
                        "sns:CreateTopic",
                        "sns:DeleteTopic",
                        "sns:GetDataProtectionPolicy",
                        "sns:GetTopicAttributes",
                        "sns:ListSubscriptionsByTopic",
                        "sns:ListTagsForResource",
                        "sns:SetTopicAttributes",
                        "sns:TagResource",
                        "sns:UntagResource",
                    ],
                )]
            }
        }
        "AWS::SNS::Subscription" => {
            const {
                &[rights(
                    Topics,
                    &[
                        "sns:GetSubscriptionAttributes",
                        "sns:SetSubscriptionAttributes",
                        "sns:Subscribe",
                        "sns:Unsubscribe",
                    ],
                )]
            }
        }
        "AWS::Events::Rule" => {
            const {
                &[rights(
                    Rules,
                    &[
                        "events:DeleteRule",
                        "events:DescribeRule",
                        "events:ListTagsForResource",
                        "events:ListTargetsByRule",
                        "events:PutRule",
                        "events:PutTargets",
                        "events:RemoveTargets",
                        "events:TagResource",
                        "events:UntagResource",
                    ],
                )]
            }
        }
        "AWS::CertificateManager::Certificate" => {
            const {
                &[
                    rights(
                        Certificates,
                        &[
                            "acm:AddTagsToCertificate",
                            "acm:DeleteCertificate",
                            "acm:DescribeCertificate",
                            "acm:ListTagsForCertificate",
                            "acm:RemoveTagsFromCertificate",
                            "acm:UpdateCertificateOptions",
                        ],
                    ),
                    rights(New, &["acm:RequestCertificate"]),
                ]
            }
        }
        "AWS::WAFv2::WebACL" => {
            const {
                &[rights(
                    WebFirewalls,
                    &[
                        "wafv2:CreateWebACL",
                        "wafv2:DeleteWebACL",
                        "wafv2:GetWebACL",
                        "wafv2:ListTagsForResource",
                        "wafv2:TagResource",
                        "wafv2:UntagResource",
                        "wafv2:UpdateWebACL",
                    ],
                )]
            }
        }
        "AWS::Route53::RecordSet" => {
            const {
                &[
                    rights(
                        Dns,
                        &[
                            "route53:ChangeResourceRecordSets",
                            "route53:GetChange",
                            "route53:GetHostedZone",
                            "route53:ListResourceRecordSets",
                        ],
                    ),
                    rights(Read, &["route53:ListHostedZones"]),
                ]
            }
        }
        _ => &[],
    }
}
