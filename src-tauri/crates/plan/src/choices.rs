//! What the user decides about an application before it is built.

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_project::{Findings, GitProvider};

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
    /// What runs the servers.
    pub launch: Launch,
    /// Processor of servers and builds.
    pub cpu: CpuArchitecture,
    /// How CloudFront reaches the load balancer.
    pub origin: Origin,
    /// Size and number of servers.
    pub servers: Servers,
}

/// Database next to the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Database {
    /// No database.
    None,
    /// RDS for PostgreSQL.
    Postgres,
    /// RDS for MySQL.
    Mysql,
}

/// What runs the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Launch {
    /// Fargate: no machines to look after.
    Fargate,
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
            launch: Launch::Fargate,
            cpu: CpuArchitecture::Arm64,
            origin: Origin::PublicAlb,
            servers: Servers {
                cpu_units: 512,
                memory_mib: 1024,
                min: 1,
                max: 1,
            },
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
