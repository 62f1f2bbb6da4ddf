//! The picture: boxes that stand for resources of the model, and what flows between them.

use crate::application::Application;
use crate::choices::{Dns, Launch, Nat, Origin};
use crate::model::Template;
use crate::plan::{Diagram, DiagramEdge, DiagramNode, Zone};
use crate::price::amount;

/// Draws the application.
pub(crate) fn diagram(app: &Application, templates: &[Template]) -> Diagram {
    let servers = app.choices.servers;
    let size = format!(
        "{} vCPU, {} GB",
        amount(f64::from(servers.cpu_units) / 1024.0),
        amount(f64::from(servers.memory_mib) / 1024.0)
    );
    let count = if servers.min == servers.max {
        servers.min.to_string()
    } else {
        format!("{}–{}", servers.min, servers.max)
    };
    let on = match app.choices.launch {
        Launch::Ec2 => app.instance().name(app.choices.cpu),
        Launch::Fargate => "Fargate",
        Launch::FargateSpot => "Fargate Spot",
    };
    let (way, way_detail, way_zone) = match app.nat() {
        None => ("Way out", "your network's own", Zone::Public),
        Some(Nat::Gateway) => ("NAT gateway", "out, never in", Zone::Public),
        Some(Nat::GatewayPerZone) => ("NAT gateways", "one in each zone, out, never in", Zone::Public),
        Some(Nat::Instance) => ("NAT instance", "out, never in", Zone::Public),
        Some(Nat::Endpoints) => ("Endpoints", "AWS services only", Zone::Private),
    };
    let host = crate::source_host::host_name(app.choices.provider);
    let balancer_zone = match app.choices.origin {
        Origin::PublicAlb => "admits CloudFront only",
        Origin::VpcOrigin => "no public address",
    };
    let mut boxes = vec![
        ("visitors", "Visitors".to_owned(), "browsers".to_owned(), Zone::Outside),
        (
            "repository",
            host.to_owned(),
            app.choices.repository.clone().unwrap_or_else(|| "repository".to_owned()),
            Zone::Outside,
        ),
        (
            "cloudfront",
            "CloudFront".to_owned(),
            "the only way in".to_owned(),
            Zone::Edge,
        ),
        ("alb", "Load balancer".to_owned(), balancer_zone.to_owned(), Zone::Public),
        ("nat", way.to_owned(), way_detail.to_owned(), way_zone),
        (
            "servers",
            "Servers".to_owned(),
            format!("{count} × {size}, {on}"),
            Zone::Private,
        ),
        ("ui", "User interface".to_owned(), "private bucket".to_owned(), Zone::Account),
        ("secrets", "Secrets".to_owned(), secrets_detail(app), Zone::Account),
        (
            "pipeline",
            "Pipeline".to_owned(),
            format!("commits to {}", app.choices.branch),
            Zone::Account,
        ),
        (
            "images",
            "Images".to_owned(),
            "one for each release".to_owned(),
            Zone::Account,
        ),
        (
            "artifacts",
            "Infrastructure".to_owned(),
            "templates and build files".to_owned(),
            Zone::Account,
        ),
        (
            "logs",
            "Logs".to_owned(),
            if app.log_days() == 1 {
                "kept for a day".to_owned()
            } else {
                format!("kept for {} days", app.log_days())
            },
            Zone::Account,
        ),
    ];
    if let Some(domain) = app.domain() {
        let who = match domain.dns {
            Dns::Route53 { .. } => "Route 53, certificate",
            Dns::Outside => "DNS elsewhere, certificate",
        };
        boxes.push(("domain", app.domain_names().join(", "), who.to_owned(), Zone::Edge));
    }
    if let Some(firewall) = app.web_firewall() {
        boxes.push((
            "firewall",
            "Web firewall".to_owned(),
            format!("{} requests in 5 minutes each", firewall.requests_per_five_minutes),
            Zone::Edge,
        ));
    }
    if app.own_key() {
        boxes.push((
            "key",
            "Encryption key".to_owned(),
            "the application's own".to_owned(),
            Zone::Account,
        ));
    }
    if let Some(address) = app.alarm_address() {
        boxes.push(("alarms", "Alarms".to_owned(), address.to_owned(), Zone::Account));
    }
    if app.reaches_internet() {
        let called = (
            "internet",
            "Third-party APIs".to_owned(),
            "called by servers".to_owned(),
            Zone::Outside,
        );
        boxes.insert(2, called);
    }
    if app.migrates() {
        boxes.push((
            "migrator",
            "Migrations".to_owned(),
            "Prisma, in a Lambda function".to_owned(),
            Zone::Private,
        ));
    }
    if let Some(engine) = app.engine() {
        boxes.push((
            "database",
            // A box has room for two words.
            match app.aurora() {
                Some(_) => engine.label.to_owned(),
                None => format!("{} {}", engine.label, engine.version),
            },
            match app.aurora() {
                Some(aurora) => format!("{}–{} capacity units", amount(aurora.min_acu), amount(aurora.max_acu)),
                None => app.choices.database_options.class.name().to_owned(),
            },
            Zone::Isolated,
        ));
    }
    let nodes: Vec<DiagramNode> = boxes
        .into_iter()
        .map(|(id, label, detail, zone)| DiagramNode {
            id: id.to_owned(),
            label,
            detail,
            zone,
            resources: templates
                .iter()
                .flat_map(Template::resources)
                .filter(|r| r.node == id)
                .map(|r| r.id.clone())
                .collect(),
        })
        .collect();
    let way = match app.choices.origin {
        Origin::PublicAlb => format!("/{}/* over HTTP, with a password", app.api_prefix()),
        Origin::VpcOrigin => format!("/{}/* over a private way, with a password", app.api_prefix()),
    };
    let mut edges = vec![
        if app.web_firewall().is_some() {
            ("firewall", "cloudfront", "what it lets through".to_owned())
        } else {
            ("visitors", "cloudfront", "HTTPS".to_owned())
        },
        ("cloudfront", "ui", "files, signed requests".to_owned()),
        ("cloudfront", "alb", way),
        ("alb", "servers", format!("HTTP, port {}", app.port())),
        ("servers", "nat", "HTTPS".to_owned()),
        ("secrets", "servers", "environment variables".to_owned()),
        ("servers", "logs", "output".to_owned()),
        ("images", "servers", "image of a release".to_owned()),
        ("repository", "pipeline", "commits".to_owned()),
        ("artifacts", "pipeline", "infrastructure".to_owned()),
        ("pipeline", "images", "builds".to_owned()),
        ("pipeline", "ui", "publishes".to_owned()),
        ("pipeline", "servers", "releases".to_owned()),
    ];
    if app.reaches_internet() {
        edges.insert(5, ("nat", "internet", "HTTPS".to_owned()));
    }
    if let Some(engine) = app.engine() {
        edges.push(("servers", "database", format!("port {}, TLS", engine.port)));
    }
    if app.migrates() {
        edges.push(("pipeline", "migrator", "before each release".to_owned()));
        edges.push(("secrets", "migrator", "environment variables".to_owned()));
        edges.push(("migrator", "database", "migrations".to_owned()));
    }
    if app.web_firewall().is_some() {
        edges.push(("visitors", "firewall", "HTTPS".to_owned()));
    }
    if app.domain().is_some() {
        edges.push(("domain", "cloudfront", "name and certificate".to_owned()));
    }
    if app.own_key() {
        edges.extend(["secrets", "logs", "images"].map(|to| ("key", to, "encrypts".to_owned())));
        if app.engine().is_some() {
            edges.push(("key", "database", "encrypts".to_owned()));
        }
    }
    if app.alarm_address().is_some() {
        edges.push(("servers", "alarms", "errors, health, load".to_owned()));
        edges.push(("pipeline", "alarms", "failed releases".to_owned()));
    }
    let edges = edges
        .into_iter()
        .map(|(from, to, label)| DiagramEdge {
            from: from.to_owned(),
            to: to.to_owned(),
            label,
        })
        .collect();
    Diagram { nodes, edges }
}

fn secrets_detail(app: &Application) -> String {
    match app.inputs.secret_keys.len() {
        0 => "encrypted, in your account".to_owned(),
        1 => "1 of your own, encrypted".to_owned(),
        number => format!("{number} of your own, encrypted"),
    }
}
