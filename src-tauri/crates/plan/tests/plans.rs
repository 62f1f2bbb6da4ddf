//! Whole plans, from the outside.

use std::collections::BTreeSet;

use serde_json::Value;
use zonke_plan::{
    AccountFacts, Choices, CpuArchitecture, Database, Inputs, Launch, Plan, PlanError, StackRole, infra_zip_for, migrator_zip,
    plan, read_account_facts, read_inputs,
};

mod common;

fn inputs(change: impl FnOnce(&mut Choices)) -> Inputs {
    let findings = common::guestbook();
    let mut choices = Choices::suggested(&findings);
    change(&mut choices);
    Inputs {
        findings,
        choices,
        secret_keys: vec!["JWT_SECRET".to_owned()],
        secrets_revision: "0".to_owned(),
        before: None,
    }
}

fn account() -> AccountFacts {
    AccountFacts {
        zones: ["eu-west-1a".to_owned(), "eu-west-1b".to_owned()],
        cloudfront_prefix_list: "pl-4fa04526".to_owned(),
        connection_arn: "arn:aws:codeconnections:eu-west-1:111122223333:connection/x".to_owned(),
        artifact_bucket: "guestbook-pipeline-artifactbucket-1".to_owned(),
        certificate_arn: Some("arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000".to_owned()),
        web_acl_arn: Some("arn:aws:wafv2:us-east-1:111122223333:global/webacl/guestbook/0".to_owned()),
    }
}

fn file<'a>(plan: &'a Plan, path: &str) -> &'a str {
    &plan
        .files
        .iter()
        .find(|f| f.path == path)
        .unwrap_or_else(|| panic!("no {path}"))
        .text
}

fn template(plan: &Plan, role: StackRole) -> &str {
    &plan.stack(role).expect("every plan has three stacks").template
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let inputs = inputs(|_| {});
    let (first, second) = (plan(&inputs).unwrap(), plan(&inputs).unwrap());
    assert_eq!(
        serde_json::to_string(&first).unwrap(),
        serde_json::to_string(&second).unwrap()
    );
    assert_eq!(first.infra_zip(), second.infra_zip());
    assert_eq!(infra_zip_for(&first, &account()), infra_zip_for(&second, &account()));
    assert_eq!(migrator_zip(), migrator_zip());
}

#[test]
fn an_uploaded_zip_tells_what_it_was_planned_from() {
    let inputs = inputs(|choices| choices.servers.max = 3);
    let made = plan(&inputs).unwrap();
    assert_eq!(read_inputs(&made.infra_zip()).unwrap(), inputs);
    let zip = infra_zip_for(&made, &account());
    assert_eq!(read_inputs(&zip).unwrap(), inputs);
    assert_eq!(read_account_facts(&zip).unwrap(), account());
    assert!(matches!(
        read_account_facts(&made.infra_zip()),
        Err(PlanError::Archive { .. })
    ));
    assert!(matches!(read_inputs(b"not a zip"), Err(PlanError::Archive { .. })));
}

#[test]
fn the_account_answers_every_open_parameter_of_the_base_stack() {
    let made = plan(&inputs(|choices| choices.launch = Launch::Ec2)).unwrap();
    let zip = infra_zip_for(&made, &account());
    let again = plan(&read_inputs(&zip).unwrap()).unwrap();
    assert_eq!(again, made);

    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let configuration: Value = serde_json::from_reader(archive.by_name("base.json").unwrap()).unwrap();
    let given: BTreeSet<&str> = configuration["Parameters"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(template(&made, StackRole::Base)).unwrap();
    let declared: BTreeSet<&str> = yaml["Parameters"]
        .as_mapping()
        .unwrap()
        .iter()
        .filter(|(_, declaration)| declaration.get("Default").is_none())
        .filter_map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(given, declared);
    assert_eq!(configuration["Parameters"]["ZoneB"], "eu-west-1b");
    assert_eq!(configuration["Tags"]["zonke:app"], "guestbook");
}

#[test]
fn changing_the_number_of_servers_changes_parameters_and_no_template() {
    for launch in [Launch::Fargate, Launch::Ec2] {
        let with = |min, max| {
            plan(&inputs(|choices| {
                (choices.launch, choices.servers.min, choices.servers.max) = (launch, min, max);
            }))
            .unwrap()
        };
        let (one, many) = (with(1, 1), with(2, 5));
        for role in [StackRole::Pipeline, StackRole::Base, StackRole::Service] {
            assert_eq!(template(&one, role), template(&many, role));
        }
        let parameters: Value = serde_json::from_str(file(&many, "service.json")).unwrap();
        assert_eq!(
            (
                &parameters["Parameters"]["MinServers"],
                &parameters["Parameters"]["MaxServers"]
            ),
            (&Value::from("2"), &Value::from("5"))
        );
    }
}

#[test]
fn every_secret_reaches_the_servers_by_name() {
    let mut inputs = inputs(|_| {});
    inputs.secret_keys = vec!["JWT_SECRET".to_owned(), "STRIPE_KEY".to_owned()];
    inputs.secrets_revision = "7f9c".to_owned();
    let made = plan(&inputs).unwrap();
    let service = template(&made, StackRole::Service);
    for line in [
        "{ Name: DATABASE_URL, ValueFrom: !Ref DatabaseUrlSecret }",
        "{ Name: JWT_SECRET, ValueFrom: !Sub \"${AppSecret}:JWT_SECRET::\" }",
        "{ Name: STRIPE_KEY, ValueFrom: !Sub \"${AppSecret}:STRIPE_KEY::\" }",
        "ForceNewDeploymentNonce: !Ref SecretsRevision",
    ] {
        assert!(service.contains(line), "{line} is missing in\n{service}");
    }
    assert!(file(&made, "service.json").contains("\"SecretsRevision\": \"7f9c\""));
}

#[test]
fn without_a_database_nothing_of_one_is_left() {
    let made = plan(&inputs(|choices| choices.database = Database::None)).unwrap();
    let texts = made
        .stacks
        .iter()
        .map(|s| &s.template)
        // What the code itself wants stays known: it may use a database elsewhere.
        .chain(
            made.files
                .iter()
                .filter(|f| !["inputs.json", "Dockerfile.api", "build.env"].contains(&f.path.as_str()))
                .map(|f| &f.text),
        );
    for text in texts {
        for word in [
            "AWS::RDS",
            "rds:",
            "Isolated",
            "db-url",
            "5432",
            "migrator",
            "DatabaseUrlSecret",
        ] {
            assert!(!text.contains(word), "{word} is in\n{text}");
        }
    }
    assert!(!made.stack(StackRole::Pipeline).unwrap().template.contains("Migrate"));
}

#[test]
fn parts_of_an_address_come_from_the_secret_of_the_database() {
    let findings = common::separate();
    let choices = Choices::suggested(&findings);
    let made = plan(&Inputs {
        findings,
        choices,
        secret_keys: vec![],
        secrets_revision: "0".to_owned(),
        before: None,
    })
    .unwrap();
    let service = template(&made, StackRole::Service);
    for (variable, key) in [
        ("DB_HOST", "host"),
        ("DB_USERNAME", "username"),
        ("DB_PASSWORD", "password"),
        ("DB_NAME", "dbname"),
        ("DB_PORT", "port"),
    ] {
        let line = format!("{{ Name: {variable}, ValueFrom: !Sub \"${{DatabaseSecret}}:{key}::\" }}");
        assert!(service.contains(&line), "{line} is missing in\n{service}");
    }
    assert!(service.contains("ZONKE_LISTEN_ALL"));
}

#[test]
fn a_prefix_that_the_servers_do_not_know_is_taken_off() {
    let base = |roots: &[&str]| {
        let mut findings = common::separate();
        findings.backends[0].route_roots = roots.iter().map(|r| (*r).to_owned()).collect();
        let choices = Choices::suggested(&findings);
        let made = plan(&Inputs {
            findings,
            choices,
            secret_keys: vec![],
            secrets_revision: "0".to_owned(),
            before: None,
        });
        template(&made.unwrap(), StackRole::Base).to_owned()
    };
    let stripped = base(&["things"]);
    assert!(stripped.contains("PathPattern: /api/*"));
    assert!(stripped.contains("Regex: \"^/api/(.*)$\", Replace: /$1"), "{stripped}");
    // Controllers may carry it themselves.
    assert!(!base(&["api"]).contains("url-rewrite"));
    assert!(!template(&plan(&inputs(|_| {})).unwrap(), StackRole::Base).contains("url-rewrite"));
}

#[test]
fn prices_are_those_of_the_price_table() {
    let total = |region: &str, database| {
        plan(&inputs(|choices| {
            region.clone_into(&mut choices.region);
            choices.database = database;
        }))
        .unwrap()
        .price
        .total
    };
    for (region, database, expected) in [
        ("us-east-1", Database::Postgres, 93.43),
        ("eu-west-1", Database::Postgres, 98.73),
        ("us-east-1", Database::None, 78.65),
        ("eu-west-1", Database::None, 82.98),
    ] {
        let actual = total(region, database);
        assert!(
            (actual - expected).abs() < 0.015,
            "{region} {database:?}: {actual} instead of {expected}"
        );
    }
}

#[test]
fn servers_cost_what_they_run_on() {
    let servers = |region: &str, launch, cpu| {
        let made = plan(&inputs(|choices| {
            region.clone_into(&mut choices.region);
            (choices.launch, choices.cpu) = (launch, cpu);
        }));
        made.unwrap()
            .price
            .lines
            .into_iter()
            .find(|l| l.id == "servers")
            .unwrap()
            .monthly
    };
    for (region, launch, cpu, expected) in [
        ("us-east-1", Launch::Fargate, CpuArchitecture::Arm64, 14.42),
        ("us-east-1", Launch::Fargate, CpuArchitecture::X86_64, 18.02),
        ("us-east-1", Launch::Ec2, CpuArchitecture::Arm64, 14.66),
        ("eu-west-1", Launch::Ec2, CpuArchitecture::Arm64, 16.07),
    ] {
        let actual = servers(region, launch, cpu);
        assert!(
            (actual - expected).abs() < 0.015,
            "{region} {launch:?} {cpu:?}: {actual} instead of {expected}"
        );
    }
}

#[test]
fn a_price_is_the_sum_of_its_lines_and_says_where_it_comes_from() {
    let price = plan(&inputs(|_| {})).unwrap().price;
    let sum: f64 = price.lines.iter().map(|l| l.monthly).sum();
    assert!((sum - price.total).abs() < 0.005);
    let nat = price.lines.iter().find(|l| l.id == "nat").unwrap();
    assert_eq!(
        nat.formula,
        "730 address-hours × 0.005 USD + 730 h × 0.048 USD + 10 GB × 0.048 USD"
    );
    assert!(price.lines.iter().all(|l| !l.source.is_empty() && !l.formula.is_empty()));
}

#[test]
fn the_policy_names_this_application_and_no_wildcard_action() {
    let made = plan(&inputs(|_| {})).unwrap();
    assert_eq!(made.policies.len(), 1);
    let policy: Value = serde_json::from_str(&made.policies[0].document).unwrap();
    assert!(policy.to_string().len() <= 6144, "{} characters", policy.to_string().len());
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            assert!(!action.as_str().unwrap().ends_with(":*") && action != "*", "{statement}");
        }
        if !["Read", "Preflight"].contains(&statement["Sid"].as_str().unwrap()) {
            // A load balancer's name is made up by CloudFormation: the condition names the stack it belongs to.
            let resource = format!("{}{}", statement["Resource"], statement["Condition"]);
            let named = ["guestbook", "codeconnections", "scalable-target", "${aws:username}"]
                .iter()
                .any(|word| resource.contains(word));
            assert!(named, "{statement}");
        }
    }
}

#[test]
fn every_statement_of_a_policy_says_why_it_is_there() {
    let made = plan(&inputs(|_| {})).unwrap();
    for policy in &made.policies {
        let document: Value = serde_json::from_str(&policy.document).unwrap();
        let written: Vec<&str> = document["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|s| s["Sid"].as_str())
            .collect();
        let explained: Vec<&str> = policy.statements.iter().map(|s| s.sid.as_str()).collect();
        assert_eq!(written, explained);
        for statement in &policy.statements {
            assert!(statement.why.len() > 20 && !statement.why.ends_with('.'), "{statement:?}");
        }
    }
}

#[test]
fn every_policy_fits_for_the_longest_names() {
    for database in [Database::None, Database::Postgres, Database::Mysql] {
        for launch in [Launch::Fargate, Launch::Ec2] {
            let made = plan(&inputs(|choices| {
                (choices.database, choices.launch) = (database, launch);
                choices.app = "a-name-of-20-letters".to_owned();
                choices.region = "ap-southeast-2".to_owned();
            }))
            .unwrap();
            for policy in &made.policies {
                let size = serde_json::from_str::<Value>(&policy.document).unwrap().to_string().len();
                assert!(size <= 6144, "{database:?} {launch:?}: {size} characters");
            }
        }
    }
}

#[test]
fn the_diagram_shows_the_database_only_if_there_is_one() {
    for (database, expected) in [(Database::None, false), (Database::Postgres, true)] {
        let diagram = plan(&inputs(|choices| choices.database = database)).unwrap().diagram;
        let ids: BTreeSet<&str> = diagram.nodes.iter().map(|n| n.id.as_str()).collect();
        assert_eq!(ids.contains("database"), expected);
        for edge in &diagram.edges {
            assert!(
                ids.contains(edge.from.as_str()) && ids.contains(edge.to.as_str()),
                "{edge:?} leads nowhere"
            );
        }
    }
}

#[test]
fn every_resource_is_described_and_stands_where_the_plan_says() {
    let made = plan(&inputs(|_| {})).unwrap();
    for stack in &made.stacks {
        let lines: Vec<&str> = stack.template.lines().collect();
        for resource in &stack.resources {
            assert_eq!(lines[resource.line as usize - 1], format!("  {}:", resource.logical_id));
            assert_eq!(
                made.describe(stack.role, &resource.logical_id),
                Some(resource.description.as_str())
            );
        }
    }
    assert_eq!(made.describe(StackRole::Base, "Nothing"), None);
}

#[test]
fn wrong_choices_are_refused_with_field_and_rule() {
    let refused = |change: fn(&mut Inputs)| {
        let mut inputs = inputs(|_| {});
        change(&mut inputs);
        plan(&inputs).unwrap_err().to_string()
    };
    for (message, expected) in [
        (refused(|i| i.choices.app = "My App".to_owned()), "app cannot be \"My App\""),
        (refused(|i| i.choices.app = "ecs-shop".to_owned()), "reserved by AWS"),
        (
            refused(|i| i.choices.region = "ireland".to_owned()),
            "region cannot be \"ireland\"",
        ),
        (refused(|i| i.choices.region = "cn-north-1".to_owned()), "China"),
        (
            refused(|i| i.choices.branch = "release/*".to_owned()),
            "branch cannot be \"release/*\"",
        ),
        (refused(|i| i.choices.repository = Some("shop".to_owned())), "owner/name"),
        (
            refused(|i| i.choices.servers.memory_mib = 512),
            "servers.memoryMib cannot be \"512\": with 512 CPU units: 1024 to 4096",
        ),
        (refused(|i| i.choices.servers.min = 2), "not more than servers.max"),
        (refused(|i| i.choices.servers.max = 101), "at most 100 servers"),
        (
            refused(|i| i.secret_keys = vec!["1X".to_owned()]),
            "secretKeys cannot be \"1X\"",
        ),
        (refused(|i| i.secret_keys = vec!["A".to_owned(), "A".to_owned()]), "once"),
        (
            refused(|i| i.secret_keys = vec!["DATABASE_URL".to_owned()]),
            "filled in by the database",
        ),
        (
            refused(|i| i.secret_keys = vec!["AWS_REGION".to_owned()]),
            "choose another name",
        ),
        (
            refused(|i| i.findings.chosen.backend = None),
            "several candidates for the back end",
        ),
        (refused(|i| i.findings.backends.clear()), "no NestJS back end"),
        (refused(|i| i.findings.frontends.clear()), "no React front end"),
        (
            refused(|i| i.findings.backends[0].build_command = "a\nb".to_owned()),
            "one line of shell",
        ),
        (
            refused(|i| i.findings.backends[0].build_command = "nest build \\ ".to_owned()),
            "one line of shell",
        ),
        (
            refused(|i| i.findings.frontends[0].build_command = "vite build \\".to_owned()),
            "one line of shell",
        ),
        (
            refused(|i| i.findings.backends[0].entry_file = "dist/main.js\nUSER root".to_owned()),
            "a path inside the project",
        ),
        (
            refused(|i| i.findings.frontends[0].output_dir = "../etc".to_owned()),
            "a path inside the project",
        ),
    ] {
        assert!(message.contains(expected), "{message:?} does not say {expected:?}");
    }
}

#[test]
fn variables_that_steer_the_servers_themselves_are_no_secrets() {
    for name in [
        "PATH",
        "HOME",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "NODE_OPTIONS",
        "NODE_ENV",
        "PORT",
        "DATABASE_URL_SECRET",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ] {
        let mut inputs = inputs(|_| {});
        inputs.secret_keys = vec![name.to_owned()];
        let refused = plan(&inputs).unwrap_err().to_string();
        assert!(refused.contains("choose another name"), "{name}: {refused}");
    }
}

#[test]
fn no_file_with_secrets_gets_into_the_image() {
    let made = plan(&inputs(|_| {})).unwrap();
    let patterns: Vec<&str> = file(&made, "Dockerfile.api.dockerignore")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    // The last pattern that fits a file decides.
    assert_eq!(
        patterns,
        ["**/node_modules", ".git", "**/.env", "**/.env.*", "!**/.env.example"]
    );
}

#[test]
fn templates_read_like_this() {
    let made = plan(&inputs(|_| {})).unwrap();
    for stack in &made.stacks {
        insta::assert_snapshot!(stack.template_file.replace('.', "-"), stack.template);
    }
    for path in ["Dockerfile.api", "build.env", "base.json", "service.json"] {
        insta::assert_snapshot!(path.replace('.', "-"), file(&made, path));
    }
    insta::assert_snapshot!("policy", made.policies[0].document);
}
