//! What visitors reach: CloudFront, the private bucket of the user interface, and the load balancer that admits CloudFront only.

use super::network::LISTENER_PORT;
use super::targets::{attribute, forward, second_group, target_group};
use crate::application::Application;
use crate::choices::Origin;
use crate::model::{OnDelete, Resource, Section};
use crate::plan::Zone;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// AWS's managed policies, the same in every account. Source: "Use managed … policies" in the CloudFront developer guide.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER_AND_CLOUDFRONT_HEADERS: &str = "33f36d7e-f396-46d9-90e0-52428a34d9dc";
const SECURITY_HEADERS: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/// Header that proves to the load balancer that a request came through this very distribution.
pub(crate) const ORIGIN_HEADER: &str = "X-Zonke-Origin";

/// Idle times in seconds, each longer than the one before, so that nobody reuses a connection that the next one has
/// just closed. The servers' own (80 s) is set by the preload script.
pub(crate) const CLOUDFRONT_KEEP_ALIVE: i64 = 60;
pub(crate) const LOAD_BALANCER_IDLE: i64 = 75;

/// Properties that every bucket here has: encrypted, versioned, closed to the public, without access lists.
pub(super) fn private_bucket(rules: Value, logs_to: Option<(&str, &str)>) -> Value {
    let mut properties = vec![
        (
            "BucketEncryption".to_owned(),
            map! { "ServerSideEncryptionConfiguration": list![map! { "ServerSideEncryptionByDefault": map! { "SSEAlgorithm": "AES256" } }] },
        ),
        ("PublicAccessBlockConfiguration".to_owned(), closed_to_public()),
        (
            "OwnershipControls".to_owned(),
            map! { "Rules": list![map! { "ObjectOwnership": "BucketOwnerEnforced" }] },
        ),
        ("VersioningConfiguration".to_owned(), map! { "Status": "Enabled" }),
    ];
    if let Some((bucket, prefix)) = logs_to {
        properties.push((
            "LoggingConfiguration".to_owned(),
            map! { "DestinationBucketName": refer(bucket), "LogFilePrefix": prefix },
        ));
    }
    properties.push(("LifecycleConfiguration".to_owned(), map! { "Rules": rules }));
    Value::Map(properties)
}

fn closed_to_public() -> Value {
    map! { "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true }
}

/// Statement that refuses requests without TLS.
pub(super) fn tls_only(bucket: &str) -> Value {
    map! {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": list![get_att(bucket, "Arn"), sub(format!("${{{bucket}.Arn}}/*"))],
        "Condition": map! { "Bool": map! { "aws:SecureTransport": false } },
    }
}

pub(super) fn bucket_policy(id: &str, bucket: &str, description: &str, statements: Vec<Value>) -> Resource {
    let document = map! { "Version": "2012-10-17", "Statement": statements };
    Resource::new(
        id,
        "AWS::S3::BucketPolicy",
        description,
        map! { "Bucket": refer(bucket), "PolicyDocument": document },
    )
}

pub(crate) fn buckets(_app: &Application) -> Section {
    let from_distribution = || map! { "StringEquals": map! { "AWS:SourceArn": sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}") } };
    let cloudfront = || map! { "Service": "cloudfront.amazonaws.com" };
    let resources = vec![
        Resource::new(
            "LogBucket",
            "AWS::S3::Bucket",
            "Access logs of load balancer and UI bucket, kept for 90 days",
            private_bucket(
                list![map! {
                    "Id": "expire",
                    "Status": "Enabled",
                    "ExpirationInDays": 90,
                    "NoncurrentVersionExpiration": map! { "NoncurrentDays": 7 },
                    "AbortIncompleteMultipartUpload": map! { "DaysAfterInitiation": 7 },
                }],
                None,
            ),
        )
        .node("logs")
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .accept("CKV_AWS_18", "a log bucket cannot log to itself"),
        bucket_policy(
            "LogBucketPolicy",
            "LogBucket",
            "Load balancer and S3 may write logs; nobody may come without TLS",
            vec![
                tls_only("LogBucket"),
                map! {
                    "Sid": "LoadBalancerLogs",
                    "Effect": "Allow",
                    "Principal": map! { "Service": "logdelivery.elasticloadbalancing.amazonaws.com" },
                    "Action": "s3:PutObject",
                    "Resource": sub("${LogBucket.Arn}/alb/AWSLogs/${AWS::AccountId}/*"),
                    "Condition": map! { "StringEquals": map! { "aws:SourceAccount": refer("AWS::AccountId") } },
                },
                map! {
                    "Sid": "BucketLogs",
                    "Effect": "Allow",
                    "Principal": map! { "Service": "logging.s3.amazonaws.com" },
                    "Action": "s3:PutObject",
                    "Resource": sub("${LogBucket.Arn}/ui/*"),
                    "Condition": map! { "StringEquals": map! { "aws:SourceAccount": refer("AWS::AccountId") } },
                },
            ],
        ),
        Resource::new(
            "UiBucket",
            "AWS::S3::Bucket",
            "Files of the user interface; private, read by CloudFront only",
            private_bucket(
                list![map! {
                    "Id": "old-versions",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": map! { "NoncurrentDays": 30 },
                    "AbortIncompleteMultipartUpload": map! { "DaysAfterInitiation": 7 },
                }],
                Some(("LogBucket", "ui/")),
            ),
        )
        .node("ui")
        .charge(Charge::Storage)
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .after(["LogBucketPolicy"]),
        bucket_policy(
            "UiBucketPolicy",
            "UiBucket",
            "This distribution alone may read the files",
            vec![
                tls_only("UiBucket"),
                map! {
                    "Sid": "DistributionReads",
                    "Effect": "Allow",
                    "Principal": cloudfront(),
                    "Action": "s3:GetObject",
                    "Resource": sub("${UiBucket.Arn}/*"),
                    "Condition": from_distribution(),
                },
                map! {
                    "Sid": "DistributionLists",
                    "Effect": "Allow",
                    "Principal": cloudfront(),
                    "Action": "s3:ListBucket",
                    "Resource": get_att("UiBucket", "Arn"),
                    "Condition": from_distribution(),
                }
                .note("With this a missing file is an honest 404 instead of 403."),
            ],
        ),
    ];
    Section {
        heading: "Buckets",
        resources,
    }
}

/// The value of the secret header, resolved by CloudFormation; it never stands in a template.
fn origin_header_value() -> Value {
    sub("{{resolve:secretsmanager:${OriginHeaderSecret}:SecretString}}")
}

pub(crate) fn load_balancer(app: &Application) -> Section {
    let (scheme, addresses) = match app.choices.origin {
        Origin::PublicAlb => ("internet-facing", 2),
        Origin::VpcOrigin => ("internal", 0),
    };
    let mut rule = vec![
        ("ListenerArn".to_owned(), refer("Listener")),
        ("Priority".to_owned(), 10.into()),
        (
            "Conditions".to_owned(),
            list![map! {
                "Field": "http-header",
                "HttpHeaderConfig": map! { "HttpHeaderName": ORIGIN_HEADER, "Values": list![origin_header_value()] },
            }],
        ),
        ("Actions".to_owned(), list![forward(app)]),
    ];
    if app.strips_prefix() {
        rule.push((
            "Transforms".to_owned(),
            list![map! {
                "Type": "url-rewrite",
                "UrlRewriteConfig": map! { "Rewrites": list![map! { "Regex": format!("^/{}/(.*)$", regex_quote(&app.api_prefix())), "Replace": "/$1" }] },
            }]
            .note(&format!("The servers know nothing of /{}: it only tells CloudFront where to go.", app.api_prefix())),
        ));
    }
    let mut balancer = Resource::new(
        "LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        match app.choices.origin {
            Origin::PublicAlb => "Spreads requests over the servers; admits CloudFront only",
            Origin::VpcOrigin => "Spreads requests over the servers; has no public address",
        },
        map! {
            "Type": "application",
            "Scheme": scheme,
            "IpAddressType": "ipv4",
            "Subnets": super::network::subnets(app, Zone::Public),
            "SecurityGroups": list![get_att("LoadBalancerGroup", "GroupId")],
            "LoadBalancerAttributes": list![
                attribute("idle_timeout.timeout_seconds", LOAD_BALANCER_IDLE.to_string())
                    .note("Longer than CloudFront keeps a connection, shorter than the servers do."),
                attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
                attribute("routing.http.desync_mitigation_mode", "defensive"),
                attribute("deletion_protection.enabled", "true"),
                attribute("access_logs.s3.enabled", "true"),
                attribute("access_logs.s3.bucket", refer("LogBucket")),
                attribute("access_logs.s3.prefix", "alb"),
            ],
        },
    )
    .zone(Zone::Public)
    .node("alb")
    .charge(Charge::LoadBalancer)
    .after(["LogBucketPolicy"])
    .after(super::network::made(app, &["PublicDefaultRoute"]))
    .accept(
        "CKV_AWS_103",
        "no certificate exists for a load balancer without a domain of its own; CloudFront speaks TLS to visitors",
    )
    .accept(
        "CKV2_AWS_20",
        "the listener serves CloudFront only, which redirects visitors to HTTPS",
    )
    .accept("CKV2_AWS_28", "a web firewall belongs to CloudFront, where it costs extra");
    if addresses > 0 {
        balancer = balancer.charge(Charge::PublicAddresses {
            line: "alb-addresses",
            count: addresses,
        });
    }
    let mut resources =
        vec![
        Resource::new(
            "OriginHeaderSecret",
            "AWS::SecretsManager::Secret",
            "Password that CloudFront shows to the load balancer",
            map! {
                "Name": format!("{}/origin-header", app.name()),
                "Description": "Password that CloudFront shows to the load balancer",
                "GenerateSecretString": map! { "PasswordLength": 48, "ExcludePunctuation": true, "IncludeSpace": false },
            },
        )
        .node("secrets")
        .charge(Charge::Secret)
        .accept(
            "CKV_AWS_149",
            "encrypted with the account's own key; a separate one costs extra",
        ),
        balancer,
        target_group(app, "TargetGroup", "The servers behind the load balancer, and how their health is asked"),
        Resource::new(
            "Listener",
            "AWS::ElasticLoadBalancingV2::Listener",
            "Refuses every request that does not show the password",
            map! {
                "LoadBalancerArn": refer("LoadBalancer"),
                "Port": LISTENER_PORT,
                "Protocol": "HTTP",
                "DefaultActions": list![map! {
                    "Type": "fixed-response",
                    "FixedResponseConfig": map! { "StatusCode": "403", "ContentType": "text/plain", "MessageBody": "Forbidden" },
                }],
            },
        )
        .zone(Zone::Public)
        .node("alb")
        .accept(
            "CKV_AWS_2",
            "no certificate exists for a load balancer without a domain of its own",
        )
        .accept(
            "CKV_AWS_103",
            "no certificate exists for a load balancer without a domain of its own",
        ),
        Resource::new(
            "ListenerRule",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Lets requests through that show the password",
            Value::Map(rule),
        )
        .zone(Zone::Public)
        .node("alb"),
    ];
    resources.extend(second_group(app));
    Section {
        heading: "Load balancer",
        resources,
    }
}

/// A path as it stands in a regular expression.
fn regex_quote(text: &str) -> String {
    text.replace('.', "\\.")
}

pub(crate) fn edge(app: &Application) -> Section {
    let name = app.name();
    let region = &app.choices.region;
    let mut resources = vec![
        Resource::new(
            "OriginAccess",
            "AWS::CloudFront::OriginAccessControl",
            "Signature with which CloudFront reads the UI bucket",
            map! { "OriginAccessControlConfig": map! {
                "Name": format!("{name}-{region}-ui"),
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            } },
        )
        .zone(Zone::Edge)
        .node("cloudfront"),
        Resource::new(
            "SpaFunction",
            "AWS::CloudFront::Function",
            "Answers paths of the single-page application with index.html",
            map! {
                "Name": format!("{name}-{region}-spa"),
                "AutoPublish": true,
                "FunctionConfig": map! { "Comment": format!("{name}: single-page application"), "Runtime": "cloudfront-js-2.0" },
                "FunctionCode": crate::artifacts::SPA,
            },
        )
        .zone(Zone::Edge)
        .node("cloudfront"),
    ];
    let host = get_att("LoadBalancer", "DNSName");
    let headers = list![map! { "HeaderName": ORIGIN_HEADER, "HeaderValue": origin_header_value() }];
    let api_origin = match app.choices.origin {
        Origin::PublicAlb => map! {
            "Id": "api",
            "DomainName": host,
            "OriginCustomHeaders": headers,
            "CustomOriginConfig": map! {
                "OriginProtocolPolicy": "http-only",
                "HTTPPort": LISTENER_PORT,
                "OriginReadTimeout": 60,
                "OriginKeepaliveTimeout": CLOUDFRONT_KEEP_ALIVE,
            },
        },
        Origin::VpcOrigin => {
            resources.push(
                Resource::new(
                    "VpcOrigin",
                    "AWS::CloudFront::VpcOrigin",
                    "CloudFront's private way to the load balancer",
                    map! { "VpcOriginEndpointConfig": map! {
                        "Name": format!("{name}-{region}-alb"),
                        "Arn": refer("LoadBalancer"),
                        "HTTPPort": LISTENER_PORT,
                        "HTTPSPort": 443,
                        "OriginProtocolPolicy": "http-only",
                        "OriginSSLProtocols": list!["TLSv1.2"],
                    } },
                )
                .zone(Zone::Edge)
                .node("cloudfront")
                // The load balancer must be active and have a listener before CloudFront connects to it.
                .after(["ListenerRule"])
                .after(super::network::made(app, &["InternetGatewayAttachment"])),
            );
            map! {
                "Id": "api",
                "DomainName": host,
                "OriginCustomHeaders": headers,
                "VpcOriginConfig": map! {
                    "VpcOriginId": get_att("VpcOrigin", "Id"),
                    "OriginReadTimeout": 60,
                    "OriginKeepaliveTimeout": CLOUDFRONT_KEEP_ALIVE,
                },
            }
        }
    };
    resources.push(distribution(app, api_origin));
    Section {
        heading: "Edge",
        resources,
    }
}

/// Certificate of the site and the oldest protocol it speaks.
fn viewer_certificate(app: &Application) -> Value {
    if app.domain().is_none() {
        return map! { "CloudFrontDefaultCertificate": true };
    }
    map! {
        "AcmCertificateArn": refer("Certificate"),
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
}

fn distribution(app: &Application, api_origin: Value) -> Resource {
    let mut config = map! {
                "Enabled": true,
                "Comment": app.name(),
                "HttpVersion": "http2and3",
                "IPV6Enabled": true,
                "PriceClass": "PriceClass_100",
                "DefaultRootObject": "index.html",
                "ViewerCertificate": viewer_certificate(app),
                "Origins": list![
                    map! {
                        "Id": "ui",
                        "DomainName": get_att("UiBucket", "RegionalDomainName"),
                        "OriginAccessControlId": get_att("OriginAccess", "Id"),
                        "S3OriginConfig": map! { "OriginAccessIdentity": "" },
                    },
                    api_origin,
                ],
                "DefaultCacheBehavior": map! {
                    "TargetOriginId": "ui",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "AllowedMethods": list!["GET", "HEAD", "OPTIONS"],
                    "Compress": true,
                    "CachePolicyId": Value::from(CACHING_OPTIMIZED).note("Managed-CachingOptimized"),
                    "ResponseHeadersPolicyId": Value::from(SECURITY_HEADERS).note("Managed-SecurityHeadersPolicy"),
                    "FunctionAssociations": list![map! { "EventType": "viewer-request", "FunctionARN": get_att("SpaFunction", "FunctionARN") }]
                        .note("Here and not as error pages of the distribution: those would turn 404 answers of the API into 200 with HTML."),
                },
                "CacheBehaviors": list![map! {
                    "PathPattern": format!("/{}/*", app.api_prefix()),
                    "TargetOriginId": "api",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "AllowedMethods": list!["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
                    "Compress": true,
                    "CachePolicyId": Value::from(CACHING_DISABLED).note("Managed-CachingDisabled"),
                    "OriginRequestPolicyId": Value::from(ALL_VIEWER_AND_CLOUDFRONT_HEADERS).note("Managed-AllViewerAndCloudFrontHeaders-2022-06"),
                    "ResponseHeadersPolicyId": Value::from(SECURITY_HEADERS).note("Managed-SecurityHeadersPolicy"),
                }],
    };
    if app.web_firewall().is_some() {
        config.insert(2, "WebACLId", refer("WebAcl"));
    }
    if app.domain().is_some() {
        config.insert(2, "Aliases", app.domain_names());
    }
    let mut distribution = Resource::new(
        "Distribution",
        "AWS::CloudFront::Distribution",
        "The site: files from the UI bucket, API calls to the servers",
        map! { "DistributionConfig": config },
    )
    .zone(Zone::Edge)
    .node("cloudfront")
    .accept("CKV_AWS_86", "access logs of CloudFront cost extra")
    .accept("CKV_AWS_310", "there is one region to serve from");
    if app.domain().is_none() {
        distribution = distribution
            .accept(
                "CKV_AWS_174",
                "the certificate of *.cloudfront.net cannot demand TLS 1.2; a domain of your own can",
            )
            .accept("CKV2_AWS_42", "no domain was chosen");
    }
    if app.web_firewall().is_some() {
        distribution.accept(
            "CKV2_AWS_47",
            "the firewall of the edge stack has the rules against Log4j; this checker cannot see it",
        )
    } else {
        distribution
            .accept("CKV_AWS_68", "a web firewall costs extra")
            .accept("CKV2_AWS_47", "a web firewall costs extra")
    }
}
