//! Every choice by its path, for those who write them down: a file, or `servers.max=4` on a command line.

use serde_json::{Map, Value, json};

use super::{Aurora, Choices};
use crate::PlanError;

/// A choice that can be set by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its path in the JSON of [`Choices`], such as `servers.max`; `NAME` at the end stands for any name.
    pub path: &'static str,
    /// What it may be, a few words.
    pub values: &'static str,
}

const fn setting(path: &'static str, values: &'static str) -> Setting {
    Setting { path, values }
}

/// Every choice, in the order of the plan screen.
pub const SETTINGS: [Setting; 50] = [
    setting("app", "3 to 20 lower-case letters, digits and hyphens"),
    setting("environment", "a short name such as staging, or none"),
    setting("region", "an AWS region such as eu-west-1"),
    setting("repository", "owner/name at the source host"),
    setting("provider", "gitHub, gitLab, bitbucket or azureDevOps"),
    setting("branch", "the branch whose commits are released"),
    setting("launch", "fargate, fargateSpot or ec2"),
    setting("spotBase", "a number; with fargateSpot: servers that Spot cannot take away"),
    setting(
        "machine",
        "with ec2: small, medium, large or xlarge, or none for the smallest that fits",
    ),
    setting("cpu", "arm64 or x86_64"),
    setting("servers.cpuUnits", "256, 512, 1024, 2048 or 4096; 1024 is one processor"),
    setting("servers.memoryMib", "a number of MiB such as 1024"),
    setting("servers.min", "a number, the lowest of servers"),
    setting("servers.max", "a number, the highest of servers"),
    setting("scaleBy.metric", "cpu or requests"),
    setting("scaleBy.percent", "a number, the use of the processors to keep, 10 to 90"),
    setting("scaleBy.perMinute", "a number, the requests of a minute for each server"),
    setting("database", "none, postgres or mysql"),
    setting(
        "databaseOptions.class",
        "db.t4g.micro, .small, .medium, .large, db.m7g.large or db.m7g.xlarge",
    ),
    setting("databaseOptions.storageGb", "a number of GB at the beginning, 20 to 65536"),
    setting(
        "databaseOptions.maxStorageGb",
        "a number of GB up to which it grows by itself",
    ),
    setting("databaseOptions.multiAz", "true for a standby in a second zone"),
    setting("databaseOptions.backupDays", "a number of days, 1 to 35"),
    setting(
        "databaseOptions.aurora.minAcu",
        "a number of capacity units; makes the database Aurora Serverless v2, 0 lets it pause",
    ),
    setting("databaseOptions.aurora.maxAcu", "a number of capacity units, 1 to 256"),
    setting(
        "databaseOptions.aurora.pauseMinutes",
        "a number of minutes without a connection, 5 to 1440",
    ),
    setting("origin", "publicAlb or vpcOrigin"),
    setting("network.vpcId", "id of a VPC of your own; nothing of a network is made then"),
    setting(
        "network.publicSubnets",
        "ids of its public subnets with commas between them, for the load balancer",
    ),
    setting("network.privateSubnets", "ids of its private subnets, for the servers"),
    setting("network.isolatedSubnets", "ids of its isolated subnets, for the database"),
    setting("nat", "gateway, gatewayPerZone, instance or endpoints"),
    setting("domain.name", "a domain of your own such as example.com"),
    setting("domain.www", "true if www. leads to the site too"),
    setting("domain.dns.kind", "outside or route53"),
    setting("domain.dns.zoneId", "id of the hosted zone in Route 53"),
    setting(
        "webFirewall.requestsPerFiveMinutes",
        "a number, the requests of one address in five minutes, 10 or more",
    ),
    setting("logDays", "a number of days such as 30"),
    setting("ownKey", "true for an encryption key of its own"),
    setting("alarmAddress", "the e-mail address for alarms"),
    setting("containerInsights", "true for detailed metrics of the servers"),
    setting("rollout.kind", "rolling or blueGreen"),
    setting(
        "rollout.bakeMinutes",
        "a number; with blueGreen: minutes for which the old servers stay",
    ),
    setting("releaseOn", "whatMatters or everyCommit"),
    setting("dockerfile", "a Dockerfile of the repository, or none for the generated one"),
    setting("tags.NAME", "the value of the tag"),
    setting("permissionsBoundary", "the ARN of a policy"),
    setting("uiVariables.NAME", "a public value that is baked into the page"),
    setting("uiConfig.path", "a path below the site such as config.json"),
    setting("uiConfig.values.NAME", "a public value that the page reads when it starts"),
];

/// Setting the first means that the variant is the second.
const IMPLIED: [(&str, &str, &str); 4] = [
    ("scaleBy.percent", "/scaleBy/metric", "cpu"),
    ("scaleBy.perMinute", "/scaleBy/metric", "requests"),
    ("rollout.bakeMinutes", "/rollout/kind", "blueGreen"),
    ("domain.dns.zoneId", "/domain/dns/kind", "route53"),
];

impl Choices {
    /// These choices with one of them set from text, as a person writes it: `servers.max` to `4`, `nat` to `instance`. An empty
    /// text means none, also for a whole group such as `domain`.
    ///
    /// # Errors
    /// If there is no such choice, or the text is nothing it could be; with the choice's name and what it may be. Whether the
    /// choices make sense together is for [`Choices::validate`].
    pub fn with_text(&self, path: &str, text: &str) -> Result<Self, PlanError> {
        let list = path.starts_with("network.") && path.ends_with("Subnets");
        let value = match serde_json::from_str(text) {
            _ if list => {
                let ids = text.split([',', ' ']).map(str::trim).filter(|id| !id.is_empty());
                ids.map(Value::from).collect()
            }
            Ok(value @ (Value::Bool(_) | Value::Number(_))) => value,
            _ if text.is_empty() => Value::Null,
            _ => text.into(),
        };
        self.with(path, &value)
    }

    /// These choices with those of a JSON object in place of their own; the object holds as many of them as one likes.
    ///
    /// # Errors
    /// As [`Choices::with_text`].
    pub fn with_json(&self, object: &Map<String, Value>) -> Result<Self, PlanError> {
        self.with_members("", object)
    }

    fn with_members(&self, before: &str, object: &Map<String, Value>) -> Result<Self, PlanError> {
        object.iter().try_fold(self.clone(), |choices, (key, value)| {
            let path = format!("{before}{key}");
            match value.as_object() {
                Some(members) => choices.with_members(&format!("{path}."), members),
                None => choices.with(&path, value),
            }
        })
    }

    fn with(&self, path: &str, value: &Value) -> Result<Self, PlanError> {
        if value.is_null()
            && matches!(
                path,
                "domain" | "webFirewall" | "uiConfig" | "network" | "databaseOptions.aurora"
            )
        {
            return self
                .replaced(&path.split('.').collect::<Vec<_>>(), Value::Null)
                .ok_or_else(|| unknown(path));
        }
        let setting = SETTINGS.iter().find(|s| covers(s.path, path)).ok_or_else(|| unknown(path))?;
        let steps: Vec<&str> = path.splitn(setting.path.split('.').count(), '.').collect();
        // A name of digits, or a tag `true`, is text after all.
        let as_text = || {
            let plain = value.is_boolean() || value.is_number();
            plain.then(|| self.replaced(&steps, value.to_string().into())).flatten()
        };
        self.replaced(&steps, value.clone()).or_else(as_text).ok_or_else(|| {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            PlanError::choice(setting.path, shown, setting.values)
        })
    }

    /// These choices with the value at these steps; nothing if that is no [`Choices`].
    fn replaced(&self, steps: &[&str], value: Value) -> Option<Self> {
        let mut tree = serde_json::to_value(self).ok()?;
        let (last, groups) = steps.split_last()?;
        if let [first, ..] = groups {
            fill(tree.get_mut(*first)?, &beginning(first, groups.get(1).copied()));
        }
        let group = groups
            .iter()
            .try_fold(&mut tree, |at, step| at.get_mut(*step))?
            .as_object_mut()?;
        if value.is_null() && matches!(groups, ["tags" | "uiVariables"] | ["uiConfig", "values"]) {
            group.remove(*last);
        } else {
            group.insert((*last).to_owned(), value);
        }
        let path = steps.join(".");
        for (_, variant, name) in IMPLIED.iter().filter(|(implies, ..)| *implies == path) {
            *tree.pointer_mut(variant)? = (*name).into();
        }
        serde_json::from_value(tree).ok()
    }
}

fn covers(setting: &str, path: &str) -> bool {
    match setting.strip_suffix("NAME") {
        Some(group) => path.strip_prefix(group).is_some_and(|name| !name.is_empty()),
        None => setting == path,
    }
}

/// What a group holds that is not there yet, or whose variant changes.
fn beginning(group: &str, inner: Option<&str>) -> Value {
    match group {
        "databaseOptions" if inner == Some("aurora") => json!({ "aurora": Aurora::default() }),
        "network" => json!({"vpcId": "", "publicSubnets": [], "privateSubnets": [], "isolatedSubnets": []}),
        "domain" => json!({"name": "", "www": false, "dns": {"kind": "outside", "zoneId": ""}}),
        "webFirewall" => json!({"requestsPerFiveMinutes": 2000}),
        "uiConfig" => json!({"path": "config.json", "values": {}}),
        "rollout" => json!({"kind": "rolling", "bakeMinutes": 5}),
        "scaleBy" => json!({"metric": "cpu", "percent": 60, "perMinute": 1000}),
        _ => json!({}),
    }
}

fn fill(value: &mut Value, missing: &Value) {
    if value.is_null() {
        *value = missing.clone();
    } else if let (Value::Object(members), Value::Object(missing)) = (value, missing) {
        for (key, inner) in missing {
            fill(members.entry(key.clone()).or_insert(Value::Null), inner);
        }
    }
}

fn unknown(path: &str) -> PlanError {
    let known: Vec<&str> = SETTINGS.iter().map(|s| s.path).collect();
    PlanError::choice("the option", path, format!("one of {}", known.join(", ")))
}
