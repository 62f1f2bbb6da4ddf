//! What is removed, what is done for that, and what is left alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::audit::AuditLog;
use crate::testing::{Request, Server};

const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-base/1";
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop-b/1";

/// An account with a base stack in this status that has been through these.
struct Account {
    status: &'static str,
    history: &'static [&'static str],
    /// Whether its database is a cluster.
    aurora: bool,
    protected: AtomicBool,
    filled: AtomicBool,
    deleted: AtomicBool,
    done: Mutex<Vec<String>>,
}

impl Account {
    fn with(status: &'static str, history: &'static [&'static str]) -> Arc<Self> {
        Arc::new(Self {
            status,
            history,
            aurora: false,
            protected: AtomicBool::new(true),
            filled: AtomicBool::new(true),
            deleted: AtomicBool::new(false),
            done: Mutex::default(),
        })
    }

    fn with_aurora() -> Arc<Self> {
        let mut account = Self::with("ROLLBACK_FAILED", &[]);
        if let Some(account) = Arc::get_mut(&mut account) {
            account.aurora = true;
        }
        account
    }

    fn did(&self, what: &str) {
        self.done.lock().unwrap().push(what.to_owned());
    }

    fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    fn answer(&self, request: &Request) -> (u16, &'static str, String) {
        let body = request.body.as_str();
        let of = |action: &str| body.starts_with(&format!("Action={action}&"));
        let refused = |code: &str| {
            (
                400,
                "",
                format!("<R><Error><Code>{code}</Code><Message>x does not exist</Message></Error></R>"),
            )
        };
        let xml = if of("DescribeStacks") {
            if body.contains("shop-service") || self.deleted.load(Ordering::SeqCst) {
                return refused("ValidationError");
            }
            format!(
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>shop-base</StackName><StackId>{STACK}</StackId>\
                <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>{}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
                self.status
            )
        } else if of("DescribeStackEvents") {
            let event = |status: &&str| {
                format!(
                    "<member><StackId>{STACK}</StackId><EventId>{status}</EventId><StackName>shop-base</StackName><PhysicalResourceId>{STACK}</PhysicalResourceId>\
                    <Timestamp>2026-01-01T00:00:00Z</Timestamp><ResourceStatus>{status}</ResourceStatus></member>"
                )
            };
            let events: String = self.history.iter().rev().map(event).collect();
            format!(
                "<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>{events}</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>"
            )
        } else if of("ListStackResources") {
            let resource = |id: &str, kind: &str, physical: &str, status: &str| {
                format!(
                    "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
                    <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp><ResourceStatus>{status}</ResourceStatus></member>"
                )
            };
            format!(
                "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>{}{}{}{}{}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>",
                if self.aurora {
                    resource("Database", "AWS::RDS::DBCluster", "shop-db", "DELETE_FAILED")
                } else {
                    resource("Database", "AWS::RDS::DBInstance", "shop-db", "DELETE_FAILED")
                },
                resource(
                    "LoadBalancer",
                    "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    BALANCER,
                    "DELETE_FAILED"
                ),
                resource("LogBucket", "AWS::S3::Bucket", "shop-logs", "DELETE_FAILED"),
                resource("UiBucket", "AWS::S3::Bucket", "somebody-elses", "CREATE_FAILED"),
                resource("Network", "AWS::EC2::VPC", "vpc-1", "DELETE_FAILED"),
            )
        } else if of("DescribeDBInstances") {
            format!(
                "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>shop-db</DBInstanceIdentifier>\
                <DeletionProtection>{}</DeletionProtection></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>",
                self.protected.load(Ordering::SeqCst)
            )
        } else if of("DescribeDBClusters") {
            format!(
                "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster><DBClusterIdentifier>shop-db</DBClusterIdentifier>\
                <DeletionProtection>{}</DeletionProtection></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>",
                self.protected.load(Ordering::SeqCst)
            )
        } else if of("ModifyDBCluster") {
            assert!(
                body.contains("DBClusterIdentifier=shop-db") && body.contains("ApplyImmediately=true"),
                "{body}"
            );
            assert!(body.contains("DeletionProtection=false"), "{body}");
            self.did("cluster");
            self.protected.store(false, Ordering::SeqCst);
            "<ModifyDBClusterResponse><ModifyDBClusterResult/></ModifyDBClusterResponse>".to_owned()
        } else if of("ModifyDBInstance") {
            assert!(
                body.contains("DBInstanceIdentifier=shop-db") && body.contains("ApplyImmediately=true"),
                "{body}"
            );
            assert!(body.contains("DeletionProtection=false"), "{body}");
            self.did("database");
            self.protected.store(false, Ordering::SeqCst);
            "<ModifyDBInstanceResponse><ModifyDBInstanceResult/></ModifyDBInstanceResponse>".to_owned()
        } else if of("ModifyLoadBalancerAttributes") {
            assert!(body.contains("loadbalancer%2Fapp%2Fshop-b%2F1"), "{body}");
            assert!(
                body.contains("Key=deletion_protection.enabled") && body.contains("Value=false"),
                "{body}"
            );
            assert!(
                request.head.contains("/eu-west-1/elasticloadbalancing/aws4_request"),
                "{}",
                request.head
            );
            self.did("load balancer");
            "<ModifyLoadBalancerAttributesResponse/>".to_owned()
        } else if of("DeleteStack") {
            self.did("stack");
            self.deleted.store(true, Ordering::SeqCst);
            "<DeleteStackResponse/>".to_owned()
        } else if request.head.starts_with("get /shop-logs?") || request.head.starts_with("get /shop-logs/?") {
            let versions = "<Version><Key>alb/a</Key><VersionId>v1</VersionId></Version><Version><Key>alb/a</Key><VersionId>v2</VersionId></Version>\
                <DeleteMarker><Key>alb/a</Key><VersionId>v3</VersionId></DeleteMarker>";
            let filled = self.filled.load(Ordering::SeqCst);
            format!(
                "<ListVersionsResult>{}</ListVersionsResult>",
                if filled { versions } else { "" }
            )
        } else if request.head.starts_with("post /shop-logs?") || request.head.starts_with("post /shop-logs/?") {
            assert!(
                ["v1", "v2", "v3"].iter().all(|v| body.contains(v)),
                "every version goes: {body}"
            );
            self.did("bucket");
            self.filled.store(false, Ordering::SeqCst);
            "<DeleteResult/>".to_owned()
        } else {
            panic!("unexpected: {}\n{body}", request.head);
        };
        (200, "", xml)
    }
}

async fn session(account: &Arc<Account>) -> Session {
    let account = Arc::clone(account);
    Server::answering(move |request| account.answer(request))
        .await
        .session(&AuditLog::off())
}

#[tokio::test]
async fn a_stack_that_never_came_up_goes_with_everything_that_is_protected_in_it() {
    let account = Account::with("ROLLBACK_FAILED", &[]);
    let session = session(&account).await;
    let stack = find(&session, "shop", StackRole::Base).await.unwrap().unwrap();
    assert_eq!(
        announcement(&session, &stack).await.unwrap(),
        "What is left of `shop-base`, which was never complete, is removed first: the deletion protection of `Database` and \
         `LoadBalancer` is switched off, `LogBucket` is emptied."
    );
    assert_eq!(account.done(), Vec::<String>::new(), "telling it changes nothing");
    assert!(any(&session, "shop").await.unwrap());
    clear(&session, "shop").await.unwrap();
    assert_eq!(account.done(), ["database", "load balancer", "bucket", "stack"]);
    assert!(!any(&session, "shop").await.unwrap());
}

#[tokio::test]
async fn a_cluster_gives_up_its_protection_as_an_instance_does() {
    let account = Account::with_aurora();
    clear(&session(&account).await, "shop").await.unwrap();
    assert_eq!(account.done(), ["cluster", "load balancer", "bucket", "stack"]);
}

#[tokio::test]
async fn a_deletion_that_failed_is_taken_up_again() {
    let history = &[
        "REVIEW_IN_PROGRESS",
        "CREATE_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_FAILED",
        "DELETE_IN_PROGRESS",
    ];
    let account = Account::with("DELETE_FAILED", history);
    clear(&session(&account).await, "shop").await.unwrap();
    assert_eq!(account.done().last().map(String::as_str), Some("stack"));
}

#[tokio::test]
async fn a_stack_that_was_in_use_is_left_to_its_owner() {
    const ONCE: &[&str] = &["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"];
    // The events of its creation are older than what AWS remembers.
    const FORGOTTEN: &[&str] = &["DELETE_IN_PROGRESS", "DELETE_FAILED"];
    const CHANGED: &[&str] = &[
        "CREATE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "DELETE_FAILED",
    ];
    for history in [ONCE, FORGOTTEN, CHANGED] {
        let account = Account::with("DELETE_FAILED", history);
        let error = clear(&session(&account).await, "shop").await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Conflict, "{history:?}");
        assert!(error.message.contains("shop-base"), "{}", error.message);
        assert_eq!(account.done(), Vec::<String>::new(), "{history:?}");
    }
    for status in [
        "CREATE_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_IN_PROGRESS",
    ] {
        let account = Account::with(status, &[]);
        clear(&session(&account).await, "shop").await.unwrap();
        assert_eq!(account.done(), Vec::<String>::new(), "{status}");
    }
}
