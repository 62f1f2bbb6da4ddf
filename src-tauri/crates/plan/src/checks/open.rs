//! What a person should decide or know: options that were left out, limits that were accepted, and what is still open.

use crate::application::Application;
use crate::choices::{Database, Dns, Launch, Nat, Origin};
use crate::plan::{Check, CheckResult};

/// What a person should decide or know: options that were left out, limits that were accepted, and what is still open.
pub(super) fn choices(app: &Application) -> Vec<Check> {
    let entry = |id: &str, title: &str, result, detail: &str| Check {
        id: id.to_owned(),
        title: title.to_owned(),
        result,
        detail: detail.to_owned(),
    };
    let mut checks = Vec::new();
    if app.choices.repository.is_none() {
        checks.push(entry(
            "repository-known",
            "The repository is known",
            CheckResult::Failed,
            "Choose the repository as owner/name: the pipeline fetches commits from the source host, not from this computer.",
        ));
    }
    let uses = app.backend.database.as_deref();
    let chosen = match app.choices.database {
        Database::None => None,
        Database::Postgres => Some("postgresql"),
        Database::Mysql => Some("mysql"),
    };
    if let (Some(chosen), Some(uses)) = (chosen, uses)
        && uses != chosen
        && !(chosen == "mysql" && uses == "mariadb")
    {
        // A Prisma schema is written for one engine; with other mappers the engine may be a setting.
        let (result, detail) = if app.backend.prisma.is_some() {
            let detail = format!(
                "The Prisma schema is written for {uses}, but the plan has {chosen}. Choose the engine of the schema, or no database."
            );
            (CheckResult::Failed, detail)
        } else {
            (
                CheckResult::Accepted,
                format!("The code uses {uses}, the plan has {chosen}. Make sure that the code can be told so."),
            )
        };
        checks.push(entry("database-fits-code", "The database fits the code", result, &detail));
    }
    if chosen.is_none() && uses == Some("sqlite") {
        checks.push(entry(
            "data-survives-releases",
            "Data survives a release",
            CheckResult::Accepted,
            "The code keeps its data in an SQLite file. Every release replaces the servers and their disks: what the file held is lost.",
        ));
    } else if chosen.is_none() && uses.is_some() {
        checks.push(entry(
            "database-elsewhere",
            "The database is somewhere else",
            CheckResult::Accepted,
            "The code uses a database and the plan has none: set its address as a secret, or choose a database.",
        ));
    }
    if app.permissions_boundary().is_none() {
        checks.push(entry(
            "roles-bounded",
            "Roles that stacks create cannot have more rights than whoever creates them",
            CheckResult::Accepted,
            &format!(
                "Whoever deploys, and the role of the stacks, may create roles below /zonke/{}/ and write any rights into them, because \
                 there is no permissions boundary: give the policy only to people you trust with the whole account, or choose a boundary.",
                app.name()
            ),
        ));
    }
    checks.extend(around(app));
    match app.choices.origin {
        Origin::PublicAlb => checks.push(entry(
            "tls-to-load-balancer",
            "CloudFront and the load balancer speak TLS",
            CheckResult::Accepted,
            "Needs a domain of your own. Until then this stretch is HTTP, open to CloudFront only; a VPC origin makes it private.",
        )),
        Origin::VpcOrigin => checks.extend([
            entry(
                "tls-to-load-balancer",
                "CloudFront and the load balancer speak TLS",
                CheckResult::Accepted,
                "Needs a domain of your own. Until then this stretch is HTTP inside AWS's network, on a way that only CloudFront has.",
            ),
            entry(
                "vpc-origin-placement",
                "The VPC origin was tried with a load balancer in public subnets",
                CheckResult::Accepted,
                "AWS describes VPC origins for private subnets. The load balancer has no public address in either; if AWS refuses, \
                 choose the public load balancer, which admits CloudFront only.",
            ),
        ]),
    }
    if app.engine().is_some() && !app.demands_database_tls() {
        checks.push(entry(
            "tls-to-database",
            "Servers and the database speak TLS",
            CheckResult::Accepted,
            "Switch TLS on in the code's database settings; it is not demanded, because drivers of MySQL would refuse to connect.",
        ));
    }
    if app.engine().is_some() && !app.choices.database_options.multi_az {
        checks.push(entry(
            "database-standby",
            "A standby of the database waits in a second zone",
            CheckResult::Option,
            if app.aurora().is_some() {
                "Doubles the capacity that is paid for. The data are in three zones anyway: without it a failed zone means that AWS \
                 starts the database anew in another one, which takes minutes."
            } else {
                "Doubles the price of the database. Without it a failed zone means restoring from the last backup."
            },
        ));
    }
    if let Some(aurora) = app.aurora().filter(|aurora| aurora.pauses()) {
        checks.push(entry(
            "database-awake",
            "The database answers at once",
            CheckResult::Accepted,
            &format!(
                "After {} minutes without a connection it pauses, and the next one waits for it, up to half a minute. Servers keep their \
                 connections open: while one runs, it does not pause, and costs at least half a capacity unit.",
                aurora.pause_minutes
            ),
        ));
    }
    match app.nat() {
        Some(Nat::Gateway) => checks.push(entry(
            "nat-per-zone",
            "Each zone has a NAT gateway of its own",
            CheckResult::Option,
            "Doubles the price of the NAT gateway. Without it servers in the other zone lose the internet when its zone fails.",
        )),
        // A way out that is not ours is said with the statements about the network.
        None | Some(Nat::GatewayPerZone) => {}
        Some(Nat::Instance) => checks.push(entry(
            "nat-instance",
            "The way to the internet is looked after by AWS",
            CheckResult::Accepted,
            "It is one small machine that nobody patches while it runs. A release after a new Amazon Linux replaces it: servers then \
             lose the internet for a minute or two, and get another address. A NAT gateway has neither trouble.",
        )),
        Some(Nat::Endpoints) => {
            let machines = if app.is_ec2() {
                " Session Manager cannot open the machines."
            } else {
                ""
            };
            checks.push(entry(
                "servers-reach-internet",
                "Servers reach the internet",
                CheckResult::Accepted,
                &format!(
                    "They reach images, logs, secrets and S3 of AWS, nothing else: a server that calls third-party APIs needs a NAT \
                     gateway or instance.{machines}"
                ),
            ));
        }
    }
    if app.choices.launch == Launch::FargateSpot {
        let detail = match app.choices.spot_base {
            0 => "Every server is spare capacity: AWS may take all of them back with two minutes' notice, and start none while it has \
                  nothing to spare. The site can be down then."
                .to_owned(),
            base => format!(
                "{base} of the servers stay{} on ordinary Fargate. AWS may take the others back with two minutes' notice.",
                if base == 1 { "s" } else { "" }
            ),
        };
        checks.push(entry(
            "servers-stay",
            "AWS takes no server away",
            CheckResult::Accepted,
            &detail,
        ));
    }
    checks
}

/// Options around the servers: what was left out, and what a person has to do or know.
fn around(app: &Application) -> Vec<Check> {
    let entry = |id: &str, title: &str, result, detail: String| Check {
        id: id.to_owned(),
        title: title.to_owned(),
        result,
        detail,
    };
    let mut checks = Vec::new();
    match app.domain().map(|d| &d.dns) {
        None => checks.push(entry(
            "own-domain",
            "The site has a domain of your own",
            CheckResult::Option,
            "Costs nothing here; only with one can visitors be held to TLS 1.2 or newer.".to_owned(),
        )),
        Some(Dns::Outside) => checks.push(entry(
            "domain-leads-here",
            "The domain leads to the site",
            CheckResult::Accepted,
            format!(
                "Enter two kinds of records at your DNS provider: first those that prove the domain, shown while the certificate waits; \
                 then {} as ALIAS, ANAME or CNAME to the address that the base stack gives as DomainTarget.",
                app.domain_names().join(" and ")
            ),
        )),
        Some(Dns::Route53 { .. }) => {}
    }
    if app.web_firewall().is_none() {
        checks.push(entry(
            "web-firewall",
            "A web firewall stands before CloudFront",
            CheckResult::Option,
            "About 10 USD a month with a million requests.".to_owned(),
        ));
    }
    if !app.own_key() {
        checks.push(entry(
            "own-key",
            "Logs, secrets, images and the database are encrypted with a key of their own",
            CheckResult::Option,
            "About 1 USD a month. Without it they are encrypted with keys that AWS keeps. It can only be chosen before the first deployment."
                .to_owned(),
        ));
    }
    if app.alarm_address().is_none() {
        checks.push(entry(
            "alarms",
            "Someone hears of failures",
            CheckResult::Option,
            "Costs 0.10 USD a month for each alarm. Without an address failures are seen in the app only.".to_owned(),
        ));
    }
    if let Some(minutes) = app.bake_minutes() {
        checks.push(entry(
            "double-capacity",
            "A release has room for twice the servers",
            CheckResult::Accepted,
            format!(
                "During a release, and for {minutes} minutes after it, old and new servers run beside each other and both are paid for. The stack \
                 waits as long. The circuit breaker stops servers that do not come up; the alarm takes the traffic back after it has moved."
            ),
        ));
    }
    checks
}
