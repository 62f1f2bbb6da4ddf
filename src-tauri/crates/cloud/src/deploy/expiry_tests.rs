//! A session that ends in the middle of a deployment: the person is asked, and nothing AWS has accepted is sent again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use tokio::sync::watch;

use super::*;
use crate::access::Access;
use crate::audit::AuditLog;
use crate::journal::tests::pending;
use crate::live::Hub;
use crate::testing::{Request, Server};
use crate::view::{AccountTarget, UpdateBody};

const OLD: &str = "ASIAOLD";
const NEW: &str = "ASIANEW";

/// Somebody with a session: once AWS has refused it, whoever wants credentials waits until they sign in.
#[derive(Debug)]
struct Person {
    refused: Mutex<Vec<String>>,
    signed_in: watch::Sender<bool>,
    waiting: watch::Sender<u32>,
    asked: AtomicUsize,
}

impl Person {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            refused: Mutex::default(),
            signed_in: watch::Sender::new(false),
            waiting: watch::Sender::new(0),
            asked: AtomicUsize::new(0),
        })
    }

    async fn credentials(&self) -> Credentials {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let signed_in = *self.signed_in.borrow();
        let over = !self.refused.lock().unwrap().is_empty();
        if over && !signed_in {
            self.waiting.send_modify(|n| *n += 1);
            self.signed_in.subscribe().wait_for(|yes| *yes).await.unwrap();
            self.waiting.send_modify(|n| *n -= 1);
        }
        let id = if over { NEW } else { OLD };
        Credentials::new(id, "canary-key", Some("canary-token".to_owned()), None, "test")
    }

    /// Waits until somebody wants new credentials.
    async fn is_asked(&self) {
        self.waiting.subscribe().wait_for(|n| *n > 0).await.unwrap();
    }

    async fn session(self: &Arc<Self>, server: &Server) -> Session {
        let told = Arc::clone(self);
        let refused = Arc::new(move |id: &str| told.refused.lock().unwrap().push(id.to_owned()));
        let access = Access {
            label: "work".to_owned(),
            region: Some("eu-west-1".to_owned()),
            endpoint_url: Some(server.url.clone()),
            waiting: self.waiting.subscribe(),
            ..Access::new(Arc::clone(self), refused)
        };
        let target = AccountTarget::Saved {
            id: "work".to_owned(),
            region: None,
        };
        Session::connect(&target, access, AuditLog::off()).await.unwrap()
    }
}

impl ProvideCredentials for Person {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { Ok(self.credentials().await) })
    }
}

/// What a request asks for, and of what.
fn operation(request: &Request) -> String {
    if let Some(target) = request.head.lines().find_map(|l| l.strip_prefix("x-amz-target: ")) {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let form = |name: &str| {
        request
            .body
            .split('&')
            .find_map(|pair| pair.strip_prefix(name))
            .unwrap_or_default()
            .to_owned()
    };
    match form("Action=") {
        action if action.is_empty() => {
            let mut line = request.head.split([' ', '?']);
            format!("{} {}", line.next().unwrap(), line.next().unwrap())
        }
        action => format!("{action} {}", form("StackName=")).trim_end().to_owned(),
    }
}

fn is_signed_with(request: &Request, id: &str) -> bool {
    request.head.contains(&format!("credential={}/", id.to_lowercase()))
}

fn expired(request: &Request) -> (u16, &'static str, String) {
    if request.head.contains("x-amz-target: ") {
        let body = "{\"__type\":\"ExpiredTokenException\",\"message\":\"The security token included in the request is expired\"}";
        return (400, "", body.to_owned());
    }
    let error = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>";
    let body = match operation(request).split(' ').next() {
        Some("get" | "put" | "head") => error.to_owned(),
        Some(zones) if zones.starts_with("DescribeA") || zones.starts_with("DescribeM") => {
            format!("<Response><Errors>{error}</Errors></Response>")
        }
        _ => format!("<ErrorResponse>{error}</ErrorResponse>"),
    };
    (403, "", body)
}

fn accepted(operation: &str) -> (u16, &'static str, String) {
    let text = |body: &str| (200, "", body.to_owned());
    match operation {
        "GetCallerIdentity" => text(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/Deployer/ada</Arn>\
             <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        "ExecuteChangeSet shop-pipeline" => {
            text("<ExecuteChangeSetResponse><ExecuteChangeSetResult/></ExecuteChangeSetResponse>")
        }
        "DescribeStacks shop-pipeline" => text(
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>id</StackId><StackName>shop-pipeline</StackName>\
             <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member>\
             <OutputKey>ArtifactBucketName</OutputKey><OutputValue>bucket</OutputValue></member></Outputs></member></Stacks>\
             </DescribeStacksResult></DescribeStacksResponse>",
        ),
        "DescribeAvailabilityZones" => text(
            "<R><availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName></item><item><zoneName>eu-west-1b</zoneName></item>\
             </availabilityZoneInfo></R>",
        ),
        "DescribeManagedPrefixLists" => text("<R><prefixListSet><item><prefixListId>pl-1</prefixListId></item></prefixListSet></R>"),
        "listpipelineexecutions" => text("{\"pipelineExecutionSummaries\":[]}"),
        "startpipelineexecution" => text("{\"pipelineExecutionId\":\"e-1\"}"),
        stack if stack.starts_with("DescribeStacks") => (
            400,
            "",
            "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>"
                .to_owned(),
        ),
        get if get.starts_with("get ") => (404, "", "<Error><Code>NoSuchKey</Code></Error>".to_owned()),
        put if put.starts_with("put ") => (200, "x-amz-version-id: v1\r\n", String::new()),
        other => (400, "", format!("<Error><Code>Unexpected</Code><Message>{other}</Message></Error>")),
    }
}

/// An account that refuses the old session from the first time on that it is asked for `until`.
async fn account(until: Option<String>, done: &Arc<Mutex<Vec<String>>>) -> Server {
    let (done, over) = (Arc::clone(done), Mutex::new(false));
    Server::answering(move |request| {
        let operation = operation(request);
        let mut over = over.lock().unwrap();
        *over |= until.as_ref() == Some(&operation);
        if *over && !is_signed_with(request, NEW) {
            return expired(request);
        }
        done.lock().unwrap().push(operation.clone());
        accepted(&operation)
    })
    .await
}

/// Deploys a confirmed review; the session ends when `until` is asked for. Returns what AWS did, in alphabetical order.
async fn deploy(until: Option<&str>) -> Vec<String> {
    let done = Arc::default();
    let server = account(until.map(str::to_owned), &done).await;
    let person = Person::new();
    let session = person.session(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::at(folder.path());
    let pending = Pending {
        change_set: Some("shop-1".to_owned()),
        confirmed: true,
        ..pending("shop-1")
    };
    journal.save(&pending).unwrap();
    let reserved = journal.reserve("shop-1").unwrap().unwrap();
    let mut deployment = {
        let (session, journal) = (session.clone(), journal.clone());
        tokio::spawn(async move {
            begin(&session, &pending).await.unwrap();
            carry_on(session, pending, journal, reserved).await;
        })
    };
    if let Some(until) = until {
        tokio::select! {
            () = person.is_asked() => {}
            _ = &mut deployment => panic!("{until}: nobody was asked: {:?}", session.work("shop")),
        }
        assert!(!done.lock().unwrap().contains(&until.to_owned()), "{until} was refused");
        person.signed_in.send_replace(true);
    }
    deployment.await.unwrap();
    let Some(Work::HandedOver { execution, .. }) = session.work("shop") else {
        panic!("{until:?}: {:?}", session.work("shop"));
    };
    assert_eq!(execution, "e-1", "{until:?}");
    assert!(journal.all().is_empty(), "{until:?}: nothing is left to do");
    let requests = server.requests().len();
    assert!(
        person.asked.load(Ordering::SeqCst) >= requests,
        "credentials are asked for anew for every attempt"
    );
    let mut done = done.lock().unwrap().clone();
    done.sort();
    done
}

#[tokio::test]
async fn a_session_that_ends_anywhere_in_a_deployment_repeats_nothing() {
    let undisturbed = deploy(None).await;
    let executions = |done: &[String]| done.iter().filter(|o| o.starts_with("ExecuteChangeSet")).count();
    assert_eq!(executions(&undisturbed), 1, "{undisturbed:?}");
    let mut stations = undisturbed.clone();
    stations.dedup();
    stations.retain(|station| station != "GetCallerIdentity");
    assert!(stations.len() >= 8, "{stations:?}");
    for station in stations {
        assert_eq!(deploy(Some(&station)).await, undisturbed, "the session ended at {station}");
    }
}

#[tokio::test]
async fn a_live_view_that_waits_says_so_and_goes_on() {
    let done = Arc::default();
    let server = account(Some("DescribeStacks other-base".to_owned()), &done).await;
    let person = Person::new();
    let session = person.session(&server).await;
    let hub = Hub::new();
    let mut updates = hub.deployment(&session, "other");
    let UpdateBody::Trouble(trouble) = updates.next().await.unwrap().body else {
        panic!("the first message says that the view waits");
    };
    assert!(
        trouble.signed_out && trouble.message.contains("`work`") && trouble.message.contains("waits for your sign-in"),
        "{trouble:?}"
    );
    person.signed_in.send_replace(true);
    let mut body = updates.next().await.unwrap().body;
    while let UpdateBody::Trouble(_) = body {
        body = updates.next().await.unwrap().body;
    }
    assert!(matches!(body, UpdateBody::Snapshot(_)), "{body:?}");

    // Nobody looks any more: the call that waits is given up.
    let person = Person::new();
    let server = account(Some("DescribeStacks other-base".to_owned()), &done).await;
    let session = person.session(&server).await;
    let mut updates = hub.deployment(&session, "other");
    updates.next().await.unwrap();
    person.is_asked().await;
    drop(updates);
    let mut touched = session.touched();
    drop(session);
    assert!(touched.changed().await.is_err(), "the poller and its session are gone");
}
