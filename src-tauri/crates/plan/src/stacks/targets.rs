//! Where the load balancer sends requests: the group of servers, and the second one of blue/green releases.

use crate::application::Application;
use crate::model::Resource;
use crate::plan::Zone;
use crate::value::{Value, list, map, refer};

pub(super) fn attribute(key: &str, value: impl Into<Value>) -> Value {
    map! { "Key": key, "Value": value.into() }
}

pub(super) fn target_group(app: &Application, id: &str, description: &str) -> Resource {
    let (health_path, accepted) = app.health();
    Resource::new(
        id,
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        description,
        map! {
            "VpcId": super::network::vpc(app),
            "TargetType": "ip",
            "Protocol": "HTTP",
            "Port": app.port(),
            "HealthCheckPath": health_path,
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3,
            "Matcher": map! { "HttpCode": accepted },
            "TargetGroupAttributes": list![
                attribute("deregistration_delay.timeout_seconds", "30"),
                attribute("load_balancing.algorithm.type", "least_outstanding_requests"),
            ],
        },
    )
    .zone(Zone::Public)
    .node("alb")
    .accept("CKV_AWS_378", "inside the network; see the load balancer")
}

/// Where the rule sends requests. ECS changes the weights at a blue/green release; CloudFormation leaves them alone unless
/// the rule itself changes.
pub(super) fn forward(app: &Application) -> Value {
    if app.bake_minutes().is_none() {
        return map! { "Type": "forward", "TargetGroupArn": refer("TargetGroup") };
    }
    map! {
        "Type": "forward",
        "ForwardConfig": map! { "TargetGroups": list![
            map! { "TargetGroupArn": refer("TargetGroup"), "Weight": 100 },
            map! { "TargetGroupArn": refer("OtherTargetGroup"), "Weight": 0 },
        ] },
    }
}

/// What blue/green releases need besides: a second group of servers, and the role with which ECS moves the traffic.
pub(super) fn second_group(app: &Application) -> Vec<Resource> {
    if app.bake_minutes().is_none() {
        return Vec::new();
    }
    vec![
        target_group(
            app,
            "OtherTargetGroup",
            "The servers of every second release: ECS moves the traffic from one group to the other",
        ),
        super::roles::role(
            app,
            "TrafficRole",
            "What ECS may do to move the traffic: change the rules and groups of load balancers",
            "ecs.amazonaws.com",
            true,
            &["AmazonECSInfrastructureRolePolicyForLoadBalancers"],
            Vec::new(),
        ),
    ]
}
