//! Options around the servers: address, protection, keys, alarms, roll-out and what the page is told.
//!
//! Every one has a default that leaves it out, so that choices of an earlier version still mean what they meant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

/// A domain of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// Name of the site, such as `example.com` or `app.example.com`.
    pub name: String,
    /// Whether `www.` in front of it leads to the site too.
    pub www: bool,
    /// Who answers for the domain.
    pub dns: Dns,
}

/// Who answers for a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Dns {
    /// A hosted zone of this account: every record is written by CloudFormation.
    Route53 {
        /// Id of the hosted zone, such as `Z0123456789ABCDEFGHIJ`.
        zone_id: String,
    },
    /// A provider elsewhere: the records to enter there are shown.
    Outside,
}

/// A web firewall before CloudFront.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WebFirewall {
    /// Requests of one address in five minutes beyond which it is refused, 10 to 2,000,000,000 (AWS's limits).
    pub requests_per_five_minutes: u32,
}

/// How a release replaces the servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Rollout {
    /// One after the other.
    #[default]
    Rolling,
    /// All new ones beside the old ones, then the traffic at once. Twice the servers until the old ones go.
    BlueGreen {
        /// Minutes for which the old servers stay after the traffic has moved, 0 to 1440.
        bake_minutes: u32,
    },
}

/// Which commits to the branch start a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseOn {
    /// Those that change something the application is made from.
    #[default]
    WhatMatters,
    /// All of them.
    EveryCommit,
}

/// A JSON file that the page may fetch when it starts, instead of values that are baked in when it is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UiConfig {
    /// Path below the site, such as `config.json`.
    pub path: String,
    /// Its entries. Public: everyone who opens the site can read them.
    pub values: BTreeMap<String, String>,
}

/// Days for which logs are kept, unless chosen otherwise.
pub(crate) const LOG_DAYS: u32 = 30;

pub(super) fn log_days() -> u32 {
    LOG_DAYS
}
