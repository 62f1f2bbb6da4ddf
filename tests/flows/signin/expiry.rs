//! A session that ends in the middle of a deployment, from the folder to the running application.

use std::io;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use zonke_cloud::live::{DeploymentUpdate, Hub, Subscription};
use zonke_cloud::view::{AccountTarget, DeploymentPhase, UpdateBody};
use zonke_cloud::{Session, deploy};
use zonke_home::Home;
use zonke_plan::{Choices, Database, Inputs, Plan};
use zonke_project::InspectOptions;
use zonke_signin::{DeviceCode, Keeping, Prompts, SignInDesk, SignInHow, SignInMethod, SignInNeed};
use zonke_vault::Secret;

use crate::account::{Account, Asked, REGION};

/// Enough for a busy computer; a deployment takes seconds.
const LIMIT: Duration = Duration::from_secs(150);

/// Where the session ends, one after the other: each speaks another protocol of AWS and has its own word for it.
const STATIONS: [&str; 4] = [
    "ExecuteChangeSet",
    "DescribeAvailabilityZones",
    "ListPipelineExecutions",
    "DescribeStacks",
];

/// Somebody with an MFA device at hand.
struct Person;

#[async_trait]
impl Prompts for Person {
    fn open(&self, _: &str) -> io::Result<()> {
        Err(io::Error::other("a role needs no browser"))
    }

    fn show_code(&self, _: &DeviceCode) {}

    async fn mfa_code(&self, _: &str, _: &str) -> Option<Secret> {
        Some(Secret::from("123456"))
    }
}

struct Desk {
    home: Home,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// The app with a role that wants an MFA code, on top of a saved key.
    async fn with_role(account: &Account) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_owned())
            .expect("the app's folder")
            .asking(SignInDesk::open());
        home.keep(Keeping::MemoryOnly).await;
        let profiles = home.profiles();
        account.keep_role(&profiles, Some("arn:aws:iam::111122223333:mfa/ada")).await;
        Self { home, _folder: folder }
    }

    async fn sign_in(&self) {
        let profiles = self.home.profiles();
        let cancel = CancellationToken::new();
        let signed_in = profiles.sign_in("deployer", SignInMethod::Browser, &Person, &cancel);
        signed_in.await.expect("signed in");
        self.home.desk().met("deployer");
    }

    /// Waits until somebody is asked to sign in.
    async fn need(&self) -> SignInNeed {
        let mut needs = self.home.desk().needs();
        let found = needs.wait_for(|needs| !needs.is_empty()).await.expect("the desk is open");
        found[0].clone()
    }
}

pub(crate) fn guestbook() -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let findings = zonke_project::inspect_with(&folder, &InspectOptions::default()).expect("the example");
    let choices = Choices {
        repository: Some("acme/guestbook".to_owned()),
        region: REGION.to_owned(),
        database: Database::None,
        ..Choices::suggested(&findings)
    };
    zonke_plan::plan(&Inputs::new(findings, Some(choices))).expect("a plan")
}

pub(crate) async fn connection_is_finished(session: &Session, id: &str, home: &Home) {
    while !deploy::connection_state(session, id, &home.journal())
        .await
        .expect("asked")
        .available
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Deploys; the session ends at each of the stations. Returns what was asked of AWS.
async fn deployed(stations: &[&str]) -> (Vec<Asked>, Vec<String>) {
    let account = Account::start().await;
    let desk = Desk::with_role(&account).await;
    desk.sign_in().await;
    let target = AccountTarget::Saved {
        id: "deployer".to_owned(),
        region: None,
    };
    let session = desk.home.connect(&target).await.expect("connected");
    let journal = desk.home.journal();
    let review = deploy::review(&session, &guestbook(), None, &journal)
        .await
        .expect("reviewed");
    connection_is_finished(&session, &review.id, &desk.home).await;

    let mut left = stations.iter();
    let mut next = left.next();
    if let Some(station) = next {
        account.end_sessions_at(station);
    }
    let mut asked_for = 0;
    let mut seen_waiting = false;
    let hub = Hub::new();
    let mut updates: Option<Subscription<DeploymentUpdate>> = None;
    let execute = deploy::execute(&session, &review.id, &journal);
    tokio::pin!(execute);
    loop {
        tokio::select! {
            executed = &mut execute, if updates.is_none() => {
                executed.expect("it goes on");
                updates = Some(hub.deployment(&session, &review.app));
            }
            need = desk.need(), if asked_for < stations.len() => {
                assert_eq!((need.profile.as_str(), need.put_off), ("deployer", false));
                assert!(matches!(need.how, SignInHow::Mfa { .. }) && need.waiting > 0, "{need:?}");
                println!("{}: {} {}", next.expect("a station"), need.message, need.hint);
                asked_for += 1;
                next = left.next();
                if let Some(station) = next {
                    account.end_sessions_at(station);
                }
                desk.sign_in().await;
            }
            update = async { updates.as_mut().expect("a view").next().await }, if updates.is_some() => {
                let (phase, outcome) = match update.expect("the view goes on").body {
                    UpdateBody::Snapshot(view) => (view.phase, view.outcome),
                    UpdateBody::Delta(delta) => (delta.phase, delta.outcome),
                    UpdateBody::Trouble(trouble) => {
                        assert!(trouble.signed_out, "{trouble:?}");
                        seen_waiting = true;
                        continue;
                    }
                    UpdateBody::Fresh => continue,
                    UpdateBody::Closed => panic!("the view ended"),
                };
                assert_ne!(phase, DeploymentPhase::Failed, "{stations:?}: {outcome:?}");
                if phase == DeploymentPhase::Succeeded {
                    break;
                }
            }
        }
    }
    assert_eq!(asked_for, stations.len(), "asked once for each session that ended");
    assert!(stations.is_empty() || seen_waiting, "the view says that it waits");
    (account.asked(), account.runs())
}

/// What was changed in the account, in alphabetical order and without what is random in a name.
fn changes(asked: &[Asked]) -> Vec<String> {
    let reads = ["Get", "Describe", "List", "GET", "HEAD", "AssumeRole"];
    let mut done: Vec<_> = asked
        .iter()
        .filter(|a| a.status < 300 && !reads.iter().any(|start| a.operation.starts_with(start)))
        .map(|a| match a.operation.rsplit_once('/') {
            // The bucket's name is made up anew for each stack.
            Some((_, file)) => format!("PUT {file}"),
            None => a.operation.clone(),
        })
        .collect();
    done.sort();
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_in_the_middle_of_a_deployment_repeats_nothing() {
    let both = async { tokio::join!(deployed(&[]), deployed(&STATIONS)) };
    let ((plain, plain_runs), (broken, broken_runs)) = tokio::time::timeout(LIMIT, Box::pin(both)).await.expect("in time");
    let keys: std::collections::BTreeSet<_> = broken.iter().map(|a| &a.key).filter(|k| k.starts_with("ASIA")).collect();
    println!(
        "{} requests, {} sessions; changes: {:?}",
        broken.len(),
        keys.len(),
        changes(&broken)
    );
    assert_eq!(keys.len(), STATIONS.len() + 1, "each sign-in made one session");
    assert_eq!(changes(&broken), changes(&plain));
    let executed = changes(&broken).iter().filter(|c| *c == "ExecuteChangeSet").count();
    assert_eq!(executed, 1);
    assert_eq!(
        (plain_runs.as_slice(), broken_runs.as_slice()),
        (&["Succeeded".to_owned()][..], &["Succeeded".to_owned()][..])
    );
}
