//! Presets, prices beside options, and choices set by their paths.

use serde_json::{Map, Value, json};
use zonke_plan::{
    CheckResult, Choices, Database, Inputs, Launch, Nat, Preset, Rollout, SETTINGS, ScaleBy, WebFirewall, offers, plan, quotes,
};

mod common;

/// What keeps servers and database out of reach.
const ISOLATION: [&str; 5] = [
    "alb-admits-cloudfront-only",
    "servers-private",
    "servers-admit-alb-only",
    "database-isolated",
    "database-admits-servers-only",
];

fn choices() -> Choices {
    Choices {
        database: Database::Postgres,
        region: "us-east-1".to_owned(),
        repository: Some("acme/guestbook".to_owned()),
        ..Choices::suggested(&common::guestbook())
    }
}

#[test]
fn frugal_with_a_database_costs_less_than_45_dollars_and_stays_isolated() {
    let frugal = Preset::Frugal.apply(&choices());
    let plan = plan(&Inputs::new(common::guestbook(), Some(frugal))).expect("the preset can be planned");
    println!("frugal with a database in us-east-1: {} USD", plan.price.total);
    assert!(plan.price.total < 45.0, "{} USD: {:#?}", plan.price.total, plan.price.lines);
    let unmet: Vec<_> = plan.checks.iter().filter(|c| c.result == CheckResult::Failed).collect();
    assert!(unmet.is_empty(), "{unmet:#?}");
    let holds = |id: &str| plan.checks.iter().any(|c| c.id == id && c.result == CheckResult::Satisfied);
    for id in ISOLATION {
        assert!(holds(id), "{id} is not satisfied: {:#?}", plan.checks);
    }
}

#[test]
fn presets_are_ordered_by_price_and_keep_what_is_not_theirs() {
    let mut own = choices();
    own.tags.insert("team".to_owned(), "web".to_owned());
    own.own_key = true;
    own.rollout = Rollout::BlueGreen { bake_minutes: 3 };
    let offers = offers(&common::guestbook(), &own, None);
    let prices: Vec<f64> = offers
        .iter()
        .map(|o| o.quote.monthly.expect("every preset can be planned"))
        .collect();
    println!("frugal, standard, high availability with a key of its own: {prices:?}");
    assert!(prices.is_sorted_by(|a, b| a < b), "{prices:?}");
    for offer in &offers {
        assert!(!offer.trade_offs.is_empty());
        let kept = &offer.choices;
        assert_eq!((&kept.app, &kept.tags, kept.own_key), (&own.app, &own.tags, true));
        assert_eq!((kept.rollout, kept.database, kept.cpu), (own.rollout, own.database, own.cpu));
        assert_eq!(
            offer.preset.apply(kept),
            *kept,
            "applying a preset twice changes nothing more"
        );
    }
}

#[test]
fn the_standard_preset_is_what_a_plan_starts_from() {
    let start = Choices::suggested(&common::guestbook());
    assert_eq!(Preset::Standard.apply(&start), start);
}

#[test]
fn a_quote_is_the_total_of_the_plan_or_its_refusal() {
    let mut nat = choices();
    nat.nat = Nat::GatewayPerZone;
    let mut clash = choices();
    clash.rollout = Rollout::BlueGreen { bake_minutes: 5 };
    clash.scale_by = ScaleBy::Requests { per_minute: 1000 };
    let quotes = quotes(&common::guestbook(), vec![choices(), nat.clone(), clash], None);
    let total = |choices: Choices| plan(&Inputs::new(common::guestbook(), Some(choices))).unwrap().price.total;
    assert_eq!(quotes[0].monthly, Some(total(choices())));
    assert_eq!(quotes[1].monthly, Some(total(nat)));
    let refusal = quotes[2].refusal.as_ref().expect("these exclude each other");
    assert_eq!(
        (quotes[2].monthly, refusal.field.as_deref()),
        (None, Some("scaleBy.perMinute"))
    );
}

#[test]
fn traffic_costs_more_than_none() {
    let mut with = choices();
    with.web_firewall = Some(WebFirewall {
        requests_per_five_minutes: 2000,
    });
    let price = plan(&Inputs::new(common::guestbook(), Some(with))).unwrap().price;
    let traffic = price.traffic.expect("a new plan has both");
    assert!(traffic.total > price.total, "{} is not above {}", traffic.total, price.total);
    let of = |lines: &[zonke_plan::PriceLine], id: &str| lines.iter().find(|l| l.id == id).map(|l| l.monthly);
    for id in ["load-balancer", "nat", "web-firewall", "operations"] {
        assert!(of(&traffic.lines, id) > of(&price.lines, id), "{id}");
    }
    assert_eq!(of(&traffic.lines, "database"), of(&price.lines, "database"));
}

/// A value for every setting that differs from what a plan starts with.
fn other(path: &str) -> &'static str {
    match path {
        "app" => "other",
        "environment" => "7",
        "region" => "eu-central-1",
        "repository" => "acme/shop",
        "provider" => "gitLab",
        "branch" => "release",
        "launch" => "ec2",
        "machine" => "large",
        "cpu" => "x86_64",
        "servers.cpuUnits" | "servers.memoryMib" => "2048",
        "scaleBy.metric" => "requests",
        "database" => "mysql",
        "databaseOptions.class" => "db.m7g.large",
        "databaseOptions.multiAz" | "domain.www" | "ownKey" | "containerInsights" | "tags.NAME" => "true",
        "origin" => "vpcOrigin",
        "nat" => "endpoints",
        "domain.name" => "example.com",
        "domain.dns.kind" => "route53",
        "domain.dns.zoneId" => "Z0123456789",
        "alarmAddress" => "ops@example.com",
        "rollout.kind" => "blueGreen",
        "releaseOn" => "everyCommit",
        "dockerfile" => "api/Dockerfile",
        "permissionsBoundary" => "arn:aws:iam::111122223333:policy/limit",
        "uiVariables.NAME" | "uiConfig.values.NAME" => "42",
        "uiConfig.path" => "settings.json",
        _ => "33",
    }
}

#[test]
fn every_setting_reaches_the_choices() {
    let start = choices();
    for setting in SETTINGS {
        let path = setting.path.replace("NAME", "Cost.center");
        let set = start
            .with_text(&path, other(setting.path))
            .unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_ne!(set, start, "{path}");
    }
}

#[test]
fn every_choice_has_a_setting() {
    let all = SETTINGS.iter().fold(choices(), |choices, s| {
        choices.with_text(&s.path.replace("NAME", "name"), other(s.path)).unwrap()
    });
    // Both variants of a choice, so that the paths of both are looked at.
    let rest = [
        ("scaleBy.percent", "40"),
        ("rollout.kind", "rolling"),
        ("domain.dns.kind", "outside"),
    ];
    let others = rest
        .iter()
        .fold(all.clone(), |choices, (path, text)| choices.with_text(path, text).unwrap());
    for choices in [all, others] {
        let Value::Object(object) = serde_json::to_value(&choices).unwrap() else {
            panic!("choices are an object")
        };
        assert_eq!(Choices::suggested(&common::separate()).with_json(&object).unwrap(), choices);
    }
}

#[test]
fn settings_create_groups_change_variants_and_take_both_away() {
    let set = |path: &str, text: &str| choices().with_text(path, text).unwrap();
    assert_eq!(
        set("rollout.bakeMinutes", "0").rollout,
        Rollout::BlueGreen { bake_minutes: 0 }
    );
    assert_eq!(
        set("scaleBy.perMinute", "500").scale_by,
        ScaleBy::Requests { per_minute: 500 }
    );
    assert_eq!(set("launch", "fargateSpot").launch, Launch::FargateSpot);
    let domain = set("domain.name", "example.com");
    assert_eq!(domain.domain.as_ref().map(|d| d.name.as_str()), Some("example.com"));
    assert_eq!(domain.with_text("domain", "").unwrap(), choices());
    let tagged = set("tags.team", "web");
    assert_eq!(tagged.tags["team"], "web");
    assert_eq!(tagged.with_text("tags.team", "").unwrap(), choices());
}

#[test]
fn a_wrong_setting_is_named_with_what_it_may_be() {
    let says = |path: &str, text: &str| choices().with_text(path, text).unwrap_err().to_string();
    assert_eq!(
        says("nat", "none"),
        "nat cannot be \"none\": gateway, gatewayPerZone, instance or endpoints"
    );
    assert!(says("servers.max", "many").starts_with("servers.max cannot be \"many\": "));
    let unknown = says("database.class", "db.t4g.micro");
    assert!(
        unknown.contains("the option cannot be \"database.class\": one of app,"),
        "{unknown}"
    );
    let file: Map<String, Value> = serde_json::from_value(json!({"servers": {"most": 3}})).unwrap();
    let unknown = choices().with_json(&file).unwrap_err().to_string();
    assert!(unknown.contains("servers.most"), "{unknown}");
}
