//! Sets of choices to start from, each with what it is good for and what it gives up.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Choices, DatabaseClass, DatabaseOptions, Launch, Nat, Origin, ScaleBy, Servers};

/// Logs of the frugal preset, in days.
const FRUGAL_LOG_DAYS: u32 = 7;

/// A set of choices to start from.
///
/// It decides how much there is of everything: servers, database, ways out of the network. Names, the repository, the engine of
/// the database, the processor, domain, keys and everything else stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Preset {
    /// The least money at which servers and database stay in their own networks.
    Frugal,
    /// What [`Choices::suggested`] starts from.
    Standard,
    /// Nothing in one zone only.
    HighAvailability,
}

impl Preset {
    /// Every preset, cheapest first.
    pub const ALL: [Self; 3] = [Self::Frugal, Self::Standard, Self::HighAvailability];

    /// Its name, two words at most.
    pub fn title(self) -> &'static str {
        match self {
            Self::Frugal => "Frugal",
            Self::Standard => "Standard",
            Self::HighAvailability => "High availability",
        }
    }

    /// What it is good for, one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Frugal => "For a trial or a site that may be away for minutes; as isolated as the others.",
            Self::Standard => "For a site that people use: ordinary servers and a managed way out.",
            Self::HighAvailability => "For a site that must stay up when a zone of AWS fails.",
        }
    }

    /// What it gives up, one sentence each; the most important first.
    pub fn trade_offs(self) -> &'static [&'static str] {
        match self {
            Self::Frugal => &[
                "The one server is Spot: AWS may take it with two minutes' notice, and the site is away until another starts.",
                "The way out is one small machine; while it is replaced, servers cannot call anyone.",
                "A quarter of a processor and 0.5 GB: a heavy request slows everyone.",
                "One database without a standby: if its zone fails, it is away until AWS has restored it.",
                "Logs are kept for 7 days.",
            ],
            Self::Standard => &[
                "One server: if it fails, the site is away for about two minutes.",
                "One way out of the network: if its zone fails, servers cannot call anyone.",
                "One database without a standby: if its zone fails, it is away until AWS has restored it.",
            ],
            Self::HighAvailability => &[
                "Two servers, two ways out and a standby database run all month, whether anyone comes or not.",
                "A standby is not a backup: what is deleted in one copy is deleted in the other.",
            ],
        }
    }

    /// These choices with the preset's in place of their own.
    #[must_use]
    pub fn apply(self, choices: &Choices) -> Choices {
        let mut next = choices.clone();
        next.machine = None;
        next.scale_by = ScaleBy::default();
        next.spot_base = super::spot_base();
        next.log_days = super::LOG_DAYS;
        next.origin = Origin::PublicAlb;
        next.launch = Launch::Fargate;
        next.container_insights = false;
        next.servers = Servers {
            cpu_units: 512,
            memory_mib: 1024,
            min: 1,
            max: 1,
        };
        next.database_options = DatabaseOptions {
            // Instance or Aurora is as much a matter of what the data lie in as the engine.
            aurora: choices.database_options.aurora,
            ..DatabaseOptions::default()
        };
        match self {
            Self::Frugal => {
                next.launch = Launch::FargateSpot;
                next.spot_base = 0;
                next.nat = Nat::Instance;
                // An internal load balancer needs no public addresses, which cost as much as a small server.
                next.origin = Origin::VpcOrigin;
                next.log_days = FRUGAL_LOG_DAYS;
                next.servers.cpu_units = 256;
                next.servers.memory_mib = 512;
            }
            Self::Standard => next.nat = Nat::Gateway,
            Self::HighAvailability => {
                next.nat = Nat::GatewayPerZone;
                next.servers.min = 2;
                next.servers.max = 6;
                next.database_options.class = DatabaseClass::T4gSmall;
                next.database_options.multi_az = true;
                next.database_options.backup_days = 14;
            }
        }
        next
    }
}
