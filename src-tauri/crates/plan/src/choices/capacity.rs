//! How much there is of everything: database, machines, ways out, and what scales the servers.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Class, storage and safety of the database.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", default)]
pub struct DatabaseOptions {
    /// Processor and memory of an instance; Aurora has none.
    pub class: DatabaseClass,
    /// Storage in GB at the beginning; RDS cannot make it smaller later. Aurora's follows the data.
    pub storage_gb: u32,
    /// Storage in GB up to which RDS grows by itself; equal to `storage_gb` to keep it fixed.
    pub max_storage_gb: u32,
    /// Whether a standby waits in a second zone.
    pub multi_az: bool,
    /// Days for which automatic backups are kept, 1 to 35.
    pub backup_days: u32,
    /// Aurora Serverless v2 in place of an instance with a class and storage of its own; none for the instance.
    pub aurora: Option<Aurora>,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            class: DatabaseClass::T4gMicro,
            storage_gb: 20,
            max_storage_gb: 100,
            multi_az: false,
            backup_days: 7,
            aurora: None,
        }
    }
}

/// Capacity of Aurora Serverless v2, in AWS's own unit (ACU): about 2 GB of memory with the processors that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", default)]
pub struct Aurora {
    /// Lowest capacity, in steps of a half; 0 lets it pause while nobody is connected.
    pub min_acu: f64,
    /// Highest capacity, in steps of a half, 1 to 256.
    pub max_acu: f64,
    /// Minutes without a connection after which it pauses, 5 to 1440; means something with a lowest capacity of 0 only.
    pub pause_minutes: u32,
}

impl Default for Aurora {
    fn default() -> Self {
        Self {
            min_acu: 0.5,
            max_acu: 4.0,
            pause_minutes: 10,
        }
    }
}

impl Aurora {
    /// Whether it may pause.
    pub fn pauses(self) -> bool {
        self.min_acu < 0.5
    }
}

/// Class of a database instance, in AWS's own names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum DatabaseClass {
    /// 2 burstable processors, 1 GB.
    #[default]
    #[serde(rename = "db.t4g.micro")]
    T4gMicro,
    /// 2 burstable processors, 2 GB.
    #[serde(rename = "db.t4g.small")]
    T4gSmall,
    /// 2 burstable processors, 4 GB.
    #[serde(rename = "db.t4g.medium")]
    T4gMedium,
    /// 2 burstable processors, 8 GB.
    #[serde(rename = "db.t4g.large")]
    T4gLarge,
    /// 2 processors, 8 GB.
    #[serde(rename = "db.m7g.large")]
    M7gLarge,
    /// 4 processors, 16 GB.
    #[serde(rename = "db.m7g.xlarge")]
    M7gXlarge,
}

impl DatabaseClass {
    /// Every class, smallest first.
    pub const ALL: [Self; 6] = [
        Self::T4gMicro,
        Self::T4gSmall,
        Self::T4gMedium,
        Self::T4gLarge,
        Self::M7gLarge,
        Self::M7gXlarge,
    ];

    /// AWS's name, such as `db.t4g.micro`.
    pub fn name(self) -> &'static str {
        match self {
            Self::T4gMicro => "db.t4g.micro",
            Self::T4gSmall => "db.t4g.small",
            Self::T4gMedium => "db.t4g.medium",
            Self::T4gLarge => "db.t4g.large",
            Self::M7gLarge => "db.m7g.large",
            Self::M7gXlarge => "db.m7g.xlarge",
        }
    }
}

/// Size of the machines on EC2; the family follows the processor (`t4g` or `t3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MachineSize {
    /// 2 processors, 2 GB.
    Small,
    /// 2 processors, 4 GB.
    Medium,
    /// 2 processors, 8 GB.
    Large,
    /// 4 processors, 16 GB.
    Xlarge,
}

/// How servers reach what is outside their network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Nat {
    /// One NAT gateway in one zone.
    #[default]
    Gateway,
    /// A NAT gateway in each zone.
    GatewayPerZone,
    /// A small machine that translates addresses: cheap, and a single point of failure.
    Instance,
    /// Interface endpoints for the AWS services that servers need; no way to the internet.
    Endpoints,
}

/// What the number of servers follows within its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "metric")]
pub enum ScaleBy {
    /// Average use of the servers' processors.
    #[serde(rename_all = "camelCase")]
    Cpu {
        /// Use to be kept, 10 to 90 percent.
        percent: u32,
    },
    /// Requests that reach a server.
    #[serde(rename_all = "camelCase")]
    Requests {
        /// Requests of a minute for each server, 1 to 1,000,000.
        per_minute: u32,
    },
}

impl Default for ScaleBy {
    fn default() -> Self {
        Self::Cpu { percent: 60 }
    }
}
