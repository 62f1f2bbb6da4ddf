//! A database that is Aurora Serverless v2.

use zonke_plan::{Aurora, CheckResult, Choices, Database, Inputs, Plan, StackRole, plan};

mod common;

fn planned(change: impl FnOnce(&mut Choices)) -> Plan {
    let mut choices = Choices {
        database: Database::Postgres,
        region: "us-east-1".to_owned(),
        ..Choices::suggested(&common::guestbook())
    };
    choices.database_options.aurora = Some(Aurora::default());
    change(&mut choices);
    plan(&Inputs::new(common::guestbook(), Some(choices))).expect("this can be planned")
}

fn pausing(choices: &mut Choices) {
    choices.database_options.aurora = Some(Aurora {
        min_acu: 0.0,
        ..Aurora::default()
    });
}

fn database_price(plan: &Plan) -> f64 {
    plan.price
        .lines
        .iter()
        .find(|l| l.id == "database")
        .map(|l| l.monthly)
        .expect("a line for the database")
}

fn base(plan: &Plan) -> &str {
    &plan.stack(StackRole::Base).expect("a base stack").template
}

#[test]
fn pausing_saves_money_only_when_no_server_keeps_it_awake() {
    let awake = database_price(&planned(|_| {}));
    assert!(
        (43.0..48.0).contains(&awake),
        "half a unit all month, storage and reads: {awake}"
    );
    let with_server = planned(pausing);
    assert!(
        (database_price(&with_server) - awake).abs() < 0.01,
        "a server keeps its connections open"
    );
    let said = with_server
        .checks
        .iter()
        .find(|c| c.id == "database-awake")
        .expect("it is said");
    assert_eq!(said.result, CheckResult::Accepted);
    assert!(said.detail.contains("keep their"), "{}", said.detail);
    let without = planned(|c| {
        pausing(c);
        (c.servers.min, c.servers.max) = (0, 0);
    });
    assert!(database_price(&without) < 3.0, "{}", database_price(&without));
    let standby = planned(|c| c.database_options.multi_az = true);
    assert!(database_price(&standby) > awake + 40.0, "a standby has the same capacity");
}

#[test]
fn the_data_are_protected_and_the_servers_wait_for_a_database_that_wakes() {
    let plan = planned(pausing);
    let configuration = plan.files.iter().find(|f| f.path == "base.json").expect("parameters");
    let configuration: serde_json::Value = serde_json::from_str(&configuration.text).unwrap();
    let denied = &configuration["StackPolicy"]["Statement"][1];
    assert_eq!(denied["Resource"], serde_json::json!(["LogicalResourceId/Database"]));
    assert!(
        base(&plan).contains("connect_timeout=40"),
        "Prisma gives up after five seconds otherwise"
    );
    assert!(!base(&planned(|_| {})).contains("connect_timeout"));
    assert!(base(&plan).contains("SecondsUntilAutoPause: 600"));
    let may = |action: &str| {
        plan.policies
            .iter()
            .flat_map(|p| &p.statements)
            .any(|s| s.actions.iter().any(|a| a == action))
    };
    assert!(may("rds:ModifyDBCluster") && !may("rds:ModifyDBInstance"));
}

#[test]
fn what_is_of_the_other_kind_is_not_planned() {
    let instance = planned(|c| c.database_options.aurora = None);
    assert!(!base(&instance).contains("DBCluster"));
    let cluster = planned(|c| c.database = Database::Mysql);
    assert!(base(&cluster).contains("aurora-mysql") && !base(&cluster).contains("AllocatedStorage"));
    // Without a database the capacity means nothing.
    let none = planned(|c| c.database = Database::None);
    assert!(!base(&none).contains("AWS::RDS"));
    let box_of = |plan: &Plan| {
        plan.diagram
            .nodes
            .iter()
            .find(|n| n.id == "database")
            .map(|n| (n.label.clone(), n.detail.clone()))
    };
    let (label, detail) = box_of(&planned(|_| {})).expect("a box");
    assert_eq!(
        (label.as_str(), detail.as_str()),
        ("Aurora PostgreSQL", "0.5–4 capacity units")
    );
}

#[test]
fn capacities_that_aurora_does_not_have_are_refused() {
    let refused = |path: &str, text: &str| {
        let choices = Choices {
            database: Database::Postgres,
            ..Choices::suggested(&common::guestbook())
        };
        let choices = choices.with_text(path, text).expect("a number");
        choices.validate().expect_err("refused").to_string()
    };
    assert!(refused("databaseOptions.aurora.minAcu", "0.3").contains("steps of a half"));
    assert!(refused("databaseOptions.aurora.minAcu", "300").contains("0 to 256"));
    assert!(refused("databaseOptions.aurora.minAcu", "8").contains("not less than the lowest"));
    assert!(refused("databaseOptions.aurora.maxAcu", "0.5").contains("1 to 256"));
    assert!(refused("databaseOptions.aurora.pauseMinutes", "2").contains("5 to 1440"));
    let start = Choices::suggested(&common::guestbook());
    let on = start.with_text("databaseOptions.aurora.minAcu", "0").unwrap();
    assert_eq!(on.database_options.aurora.map(|a| (a.max_acu, a.pauses())), Some((4.0, true)));
    assert_eq!(on.with_text("databaseOptions.aurora", "").unwrap(), start);
}
