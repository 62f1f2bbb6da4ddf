//! What the user decides about an application before it is built.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_project::{Findings, GitProvider};

mod capacity;
mod network;
mod options;
mod presets;
mod setting;

pub use capacity::{Aurora, DatabaseClass, DatabaseOptions, MachineSize, Nat, ScaleBy};
pub use network::ExistingNetwork;
pub(crate) use options::LOG_DAYS;
pub use options::{Dns, Domain, ReleaseOn, Rollout, UiConfig, WebFirewall};
pub use presets::Preset;
pub use setting::{SETTINGS, Setting};

/// Everything a plan depends on besides the findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Choices {
    /// Lower-case name of the application, prefix of every name in AWS; see [`app_name`].
    pub app: String,
    /// AWS region code, such as `eu-west-1`.
    pub region: String,
    /// Branch whose commits are released.
    pub branch: String,
    /// `owner/name` at the source host.
    pub repository: Option<String>,
    /// Source host of the repository.
    pub provider: GitProvider,
    /// Database next to the servers.
    pub database: Database,
    /// Class, storage and safety of that database; ignored by a plan without one.
    #[serde(default)]
    pub database_options: DatabaseOptions,
    /// What runs the servers.
    pub launch: Launch,
    /// With Fargate Spot: servers that stay on ordinary Fargate, so that something answers when Spot has nothing to give.
    #[serde(default = "spot_base")]
    pub spot_base: u32,
    /// With EC2: size of a machine; none for the smallest that holds a server.
    #[serde(default)]
    pub machine: Option<MachineSize>,
    /// Processor of servers and builds.
    pub cpu: CpuArchitecture,
    /// How CloudFront reaches the load balancer.
    pub origin: Origin,
    /// A network of the user's own to put everything into; none for one that is made. Then `nat` means nothing.
    #[serde(default)]
    pub network: Option<ExistingNetwork>,
    /// How servers reach what is outside their network.
    #[serde(default)]
    pub nat: Nat,
    /// What the number of servers follows within its range.
    #[serde(default)]
    pub scale_by: ScaleBy,
    /// Size and number of servers.
    pub servers: Servers,
    /// Environment, such as `staging`: several may stand beside each other, each with everything of its own. None for the only
    /// one. Together with `app` it makes the name of everything in AWS; see [`Choices::name`].
    #[serde(default)]
    pub environment: Option<String>,
    /// A domain of the user's own; without one the site has an address of CloudFront.
    #[serde(default)]
    pub domain: Option<Domain>,
    /// A web firewall before CloudFront.
    #[serde(default)]
    pub web_firewall: Option<WebFirewall>,
    /// Days for which logs are kept; one of the numbers that AWS knows, such as 30.
    #[serde(default = "options::log_days")]
    pub log_days: u32,
    /// Whether logs, secrets, images, artifacts and the database are encrypted with a key of the application's own.
    #[serde(default)]
    pub own_key: bool,
    /// E-mail address that alarms and failed releases are reported to.
    #[serde(default)]
    pub alarm_address: Option<String>,
    /// Whether AWS keeps detailed metrics of the servers.
    #[serde(default)]
    pub container_insights: bool,
    /// How a release replaces the servers.
    #[serde(default)]
    pub rollout: Rollout,
    /// Which commits to the branch start a release.
    #[serde(default)]
    pub release_on: ReleaseOn,
    /// Tags on everything, besides our own.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// ARN of a policy beyond which no role of the application may go.
    #[serde(default)]
    pub permissions_boundary: Option<String>,
    /// Dockerfile of the repository to build the servers' image from, relative to the project; none for the generated one.
    #[serde(default)]
    pub dockerfile: Option<String>,
    /// Variables that are baked into the page when it is built. Public.
    #[serde(default)]
    pub ui_variables: BTreeMap<String, String>,
    /// A JSON file that the page may fetch when it starts.
    #[serde(default)]
    pub ui_config: Option<UiConfig>,
}

/// Database next to the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Database {
    /// No database.
    None,
    /// PostgreSQL: RDS, or Aurora with [`DatabaseOptions::aurora`].
    Postgres,
    /// MySQL, likewise.
    Mysql,
}

/// What runs the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Launch {
    /// Fargate: no machines to look after.
    Fargate,
    /// Spare capacity of Fargate, about 70 % cheaper; AWS takes it back with two minutes' notice.
    FargateSpot,
    /// Machines of an Auto Scaling group.
    Ec2,
}

/// Processor of servers and builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CpuArchitecture {
    /// Graviton, about a fifth cheaper.
    Arm64,
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86_64,
}

/// How CloudFront reaches the load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// Internet-facing load balancer that admits CloudFront only.
    PublicAlb,
    /// Internal load balancer behind a CloudFront VPC origin.
    VpcOrigin,
}

/// Size and number of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Servers {
    /// CPU units of one server; 1024 is one virtual processor.
    pub cpu_units: u32,
    /// Memory of one server in MiB.
    pub memory_mib: u32,
    /// Lowest number of servers.
    pub min: u32,
    /// Highest number of servers; equal to `min` for a fixed number.
    pub max: u32,
}

/// One server that Spot cannot take away.
fn spot_base() -> u32 {
    1
}

impl Choices {
    /// The choices a person would start from: what the findings say, and the defaults for the rest.
    pub fn suggested(findings: &Findings) -> Self {
        let git = findings.git.as_ref();
        let database = match findings.backend().and_then(|b| b.database.as_deref()) {
            Some("postgresql") => Database::Postgres,
            Some("mysql" | "mariadb") => Database::Mysql,
            _ => Database::None,
        };
        Self {
            app: app_name(&findings.name),
            region: "eu-west-1".to_owned(),
            branch: git
                .and_then(|g| g.branch.clone().or_else(|| g.default_branch.clone()))
                .unwrap_or_else(|| "main".to_owned()),
            repository: git.and_then(|g| g.repository.clone()),
            provider: git.and_then(|g| g.provider).unwrap_or(GitProvider::GitHub),
            database,
            database_options: DatabaseOptions::default(),
            launch: Launch::Fargate,
            spot_base: spot_base(),
            machine: None,
            cpu: CpuArchitecture::Arm64,
            origin: Origin::PublicAlb,
            network: None,
            nat: Nat::default(),
            scale_by: ScaleBy::default(),
            servers: Servers {
                cpu_units: 512,
                memory_mib: 1024,
                min: 1,
                max: 1,
            },
            environment: None,
            domain: None,
            web_firewall: None,
            log_days: LOG_DAYS,
            own_key: false,
            alarm_address: None,
            container_insights: false,
            rollout: Rollout::Rolling,
            release_on: ReleaseOn::default(),
            tags: BTreeMap::new(),
            permissions_boundary: None,
            dockerfile: None,
            ui_variables: BTreeMap::new(),
            ui_config: None,
        }
    }

    /// Name of everything in AWS: the application's, with the environment behind a hyphen if there is one.
    pub fn name(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{}-{environment}", self.app),
            None => self.app.clone(),
        }
    }

    /// What the pipeline releases, in words that begin with "every commit to" and the branch as it is written there.
    pub fn released(&self, branch: &str) -> String {
        match self.release_on {
            ReleaseOn::EveryCommit => format!("every commit to {branch}"),
            ReleaseOn::WhatMatters => format!("every commit to {branch} that touches the application"),
        }
    }
}

/// Turns any text into a valid application name: 3 to 20 characters, lower-case letters, digits and single hyphens,
/// starting with a letter and not ending with a hyphen.
///
/// The limit comes from the longest name built from it: a target group or load balancer name has at most 32 characters.
pub fn app_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            if name.is_empty() && c.is_ascii_digit() {
                name.push('a');
            }
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= 20 {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    if name.len() < 3 {
        format!("{}app", if name.is_empty() { String::new() } else { format!("{name}-") })
    } else {
        name.to_owned()
    }
}
