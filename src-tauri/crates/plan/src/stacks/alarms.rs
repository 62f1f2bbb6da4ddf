//! Alarms, and the e-mail address that hears of them.
//!
//! The topic stands in the pipeline stack, which exists first and outlives failed releases.

use crate::application::Application;
use crate::model::{Resource, Section};
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Where alarms go, and the rule that reports failed releases; part of the pipeline stack.
pub(super) fn topic(app: &Application) -> Section {
    let name = app.name();
    let source = |service: &str, rest: &str| {
        sub(format!(
            "arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"
        ))
    };
    let publish = |sid: &str, service: &str, condition: Value| {
        map! {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": map! { "Service": service },
            "Action": "sns:Publish",
            "Resource": refer("AlarmTopic"),
            "Condition": condition,
        }
    };
    let resources = vec![
        Resource::new(
            "AlarmTopic",
            "AWS::SNS::Topic",
            "Where alarms and failed releases are reported",
            map! { "TopicName": format!("{name}-alarms"), "DisplayName": format!("Zonké: {name}") },
        )
        .node("alarms")
        .accept("CKV_AWS_26", "alarms cannot use AWS's shared key; a key of your own costs extra"),
        Resource::new(
            "AlarmAddress",
            "AWS::SNS::Subscription",
            "The address that hears of them; AWS asks it once whether it wants to",
            map! { "TopicArn": refer("AlarmTopic"), "Protocol": "email", "Endpoint": refer("AlarmEmail") },
        )
        .node("alarms"),
        Resource::new(
            "AlarmTopicPolicy",
            "AWS::SNS::TopicPolicy",
            "Alarms of this application and its pipeline may report there, nobody else",
            map! {
                "Topics": list![refer("AlarmTopic")],
                "PolicyDocument": map! { "Version": "2012-10-17", "Statement": list![
                    publish("Alarms", "cloudwatch.amazonaws.com", map! {
                        "ArnLike": map! { "aws:SourceArn": source("cloudwatch", &format!("alarm:{name}-*")) },
                        "StringEquals": map! { "aws:SourceAccount": refer("AWS::AccountId") },
                    }),
                    publish("FailedReleases", "events.amazonaws.com", map! {
                        "ArnEquals": map! { "aws:SourceArn": get_att("FailedReleases", "Arn") },
                    }),
                ] },
            },
        ),
        Resource::new(
            "FailedReleases",
            "AWS::Events::Rule",
            "Reports releases that failed",
            map! {
                "Name": format!("{name}-failed-releases"),
                "Description": "Reports releases that failed",
                "EventPattern": map! {
                    "source": list!["aws.codepipeline"],
                    "detail-type": list!["CodePipeline Pipeline Execution State Change"],
                    "detail": map! { "pipeline": list![name], "state": list!["FAILED"] },
                },
                "Targets": list![map! {
                    "Id": "alarms",
                    "Arn": refer("AlarmTopic"),
                    "InputTransformer": map! {
                        "InputPathsMap": map! { "pipeline": "$.detail.pipeline", "execution": "$.detail.execution-id", "time": "$.time" },
                        "InputTemplate": "\"A release of <pipeline> failed at <time> (execution <execution>). The version before it goes on running. Open the application in Zonké Desktop for the cause.\"",
                    },
                }],
            },
        )
        .node("alarms"),
        Resource::new(
            "ParameterAlarmTopic",
            "AWS::SSM::Parameter",
            "Tells the other stacks where alarms are reported",
            map! { "Name": format!("/zonke/{name}/alarm-topic"), "Type": "String", "Value": refer("AlarmTopic") },
        ),
    ];
    Section {
        heading: "Alarms",
        resources,
    }
}

/// One alarm.
pub(super) struct Alarm<'a> {
    pub(super) id: &'a str,
    pub(super) description: &'a str,
    pub(super) namespace: &'a str,
    pub(super) metric: &'a str,
    pub(super) dimensions: Value,
    pub(super) statistic: &'a str,
    /// Seconds.
    pub(super) period: i64,
    pub(super) periods: i64,
    pub(super) threshold: i64,
    pub(super) comparison: &'a str,
}

impl Alarm<'_> {
    /// As a resource that reports to the topic, when it begins and when it is over.
    pub(super) fn resource(self, node: &'static str) -> Resource {
        Resource::new(
            self.id,
            "AWS::CloudWatch::Alarm",
            self.description,
            map! {
                "AlarmDescription": self.description,
                "Namespace": self.namespace,
                "MetricName": self.metric,
                "Dimensions": self.dimensions,
                "Statistic": self.statistic,
                "Period": self.period,
                "EvaluationPeriods": self.periods,
                "Threshold": self.threshold,
                "ComparisonOperator": self.comparison,
                "TreatMissingData": "notBreaching",
                "AlarmActions": list![refer("AlarmTopic")],
                "OKActions": list![refer("AlarmTopic")],
            },
        )
        .node(node)
        .charge(Charge::Alarm)
    }
}

/// Alarms about the servers; part of the service stack.
pub(super) fn servers(app: &Application) -> Vec<Resource> {
    let dimension = |name: &str, value: Value| map! { "Name": name, "Value": value };
    let unhealthy = |id, group: &str| {
        Alarm {
            id,
            description: "A server does not answer its health check for five minutes",
            namespace: "AWS/ApplicationELB",
            metric: "UnHealthyHostCount",
            dimensions: list![
                dimension("LoadBalancer", refer("LoadBalancerName")),
                dimension("TargetGroup", refer(group))
            ],
            statistic: "Maximum",
            period: 60,
            periods: 5,
            threshold: 0,
            comparison: "GreaterThanThreshold",
        }
        .resource("alarms")
    };
    let mut alarms = vec![unhealthy("UnhealthyServers", "TargetGroupName")];
    if app.bake_minutes().is_some() {
        alarms.push(unhealthy("UnhealthyOtherServers", "OtherTargetGroupName"));
    }
    alarms.push(
        Alarm {
            id: "BusyServers",
            description: "The servers' processors are above 85 % for a quarter of an hour",
            namespace: "AWS/ECS",
            metric: "CPUUtilization",
            dimensions: list![
                dimension("ClusterName", app.name().into()),
                dimension("ServiceName", get_att("Servers", "Name")),
            ],
            statistic: "Average",
            period: 300,
            periods: 3,
            threshold: 85,
            comparison: "GreaterThanThreshold",
        }
        .resource("alarms"),
    );
    alarms
}

/// Alarms about the database; part of the base stack. `dimension` names it in metrics, `connections` is how many it takes.
pub(super) fn database(dimension: &str, database: &Value, storage: bool, connections: i64) -> Section {
    let dimensions = || list![map! { "Name": dimension, "Value": database.clone() }];
    let mut resources = vec![
        Alarm {
            id: "BusyDatabase",
            description: "The database's processor is above 80 % for a quarter of an hour",
            namespace: "AWS/RDS",
            metric: "CPUUtilization",
            dimensions: dimensions(),
            statistic: "Average",
            period: 300,
            periods: 3,
            threshold: 80,
            comparison: "GreaterThanThreshold",
        }
        .resource("alarms"),
        Alarm {
            id: "ManyConnections",
            description: "The database has used four fifths of its connections for five minutes",
            namespace: "AWS/RDS",
            metric: "DatabaseConnections",
            dimensions: dimensions(),
            statistic: "Maximum",
            period: 60,
            periods: 5,
            threshold: connections * 4 / 5,
            comparison: "GreaterThanThreshold",
        }
        .resource("alarms"),
    ];
    if storage {
        resources.push(
            Alarm {
                id: "FullDatabase",
                description: "The database has less than 2 GB of free storage",
                namespace: "AWS/RDS",
                metric: "FreeStorageSpace",
                dimensions: dimensions(),
                statistic: "Minimum",
                period: 300,
                periods: 1,
                threshold: 2_000_000_000,
                comparison: "LessThanThreshold",
            }
            .resource("alarms"),
        );
    }
    Section {
        heading: "Alarms of the database",
        resources,
    }
}
