use std::collections::BTreeSet;

use super::*;
use crate::choices::Choices;
use crate::plan::Inputs;
use crate::{fixtures, plan};

fn planned(change: impl FnOnce(&mut Choices)) -> Plan {
    let findings = fixtures::guestbook();
    let mut choices = Choices::suggested(&findings);
    choices.repository = Some("octo/guestbook".to_owned());
    change(&mut choices);
    plan(&Inputs::new(findings, Some(choices))).expect("a plan")
}

fn ejected(plan: &Plan) -> Vec<EjectedFile> {
    eject(plan, EjectOptions { cdk: true }).expect("a folder")
}

fn of<'a>(files: &'a [EjectedFile], path: &str) -> &'a str {
    let file = files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(&file.bytes).expect("text")
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert_eq!(ejected(&planned(|_| {})), ejected(&planned(|_| {})));
}

#[test]
fn every_blank_is_one_that_the_script_fills_in_a_file_that_it_looks_at() {
    let plan = planned(|c| {
        c.web_firewall = Some(crate::WebFirewall {
            requests_per_five_minutes: 2000,
        });
    });
    let files = ejected(&plan);
    let script = of(&files, "deploy.sh");
    let looked_at = ["infra/base.json", "infra/service.json", "infra/account.json"];
    for file in files.iter().filter(|f| f.path.starts_with("infra/")) {
        let content = String::from_utf8_lossy(&file.bytes);
        let blanks: BTreeSet<&str> = content
            .split('"')
            .filter(|w| w.starts_with('@') && w.ends_with('@') && w.len() > 2)
            .collect();
        assert!(
            blanks.is_empty() || looked_at.contains(&file.path.as_str()),
            "{}: {blanks:?}",
            file.path
        );
        for blank in blanks {
            assert!(script.contains(&format!("s|{blank}|")), "the script does not fill {blank}");
        }
    }
    for parameter in plan.resolved_at_deployment.iter().filter(|p| p.stack == StackRole::Base) {
        let configuration: serde_json::Value = serde_json::from_str(of(&files, "infra/base.json")).expect("JSON");
        assert!(
            configuration["Parameters"][&parameter.name]
                .as_str()
                .is_some_and(|v| v.starts_with('@')),
            "{} is left open",
            parameter.name
        );
    }
    assert!(files.iter().any(|f| f.path == "edge.template.yaml"));
}

#[test]
fn a_plan_without_a_repository_or_with_a_failed_check_is_refused() {
    let mut plan = planned(|_| {});
    plan.inputs.choices.repository = None;
    assert!(
        eject(&plan, EjectOptions::default())
            .expect_err("refused")
            .to_string()
            .contains("repository")
    );

    let mut plan = planned(|_| {});
    plan.checks[0].result = CheckResult::Failed;
    let title = plan.checks[0].title.clone();
    assert!(
        eject(&plan, EjectOptions::default())
            .expect_err("refused")
            .to_string()
            .contains(&title)
    );
}

#[test]
fn the_readme_names_every_file_but_itself() {
    let files = ejected(&planned(|_| {}));
    let readme = of(&files, "README.md");
    for file in files.iter().filter(|f| f.path != "README.md") {
        assert!(readme.contains(&format!("`{}`", file.path)), "{} is not explained", file.path);
    }
}

#[test]
fn no_setting_can_break_out_of_its_quotes() {
    assert_eq!(quoted("it's"), r"'it'\''s'");
}
