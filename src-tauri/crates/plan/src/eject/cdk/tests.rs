use serde_json::{Value as Json, json};

use super::residue::split;
use super::*;
use crate::choices::Choices;
use crate::plan::Inputs;
use crate::value::{list, map};
use crate::{fixtures, stacks};

fn of(properties: Value) -> (Json, ResourceResidue) {
    split(
        Schema::builtin(),
        &Resource::new("Bucket", "AWS::S3::Bucket", "a bucket", properties),
    )
}

#[test]
fn what_the_tables_do_not_know_stands_beside_with_its_path() {
    let (said, residue) = of(map! {
        "BucketName": "b",
        "InventedLately": map! { "A": 1 },
        "LifecycleConfiguration": map! {
            "Rules": list![
                map! { "Status": "Enabled" },
                map! { "Status": "Enabled", "New.Key": list!["x"] },
            ],
        },
    });
    let paths: Vec<_> = residue
        .properties
        .iter()
        .map(|r| (r.path.as_str(), r.value.clone()))
        .collect();
    assert_eq!(
        paths,
        [
            ("InventedLately", json!({ "A": 1 })),
            ("LifecycleConfiguration.Rules.1.New\\.Key", json!(["x"])),
        ]
    );
    assert_eq!(
        said["Properties"],
        json!({ "BucketName": "b", "LifecycleConfiguration": { "Rules": [{ "Status": "Enabled" }, { "Status": "Enabled" }] } })
    );
}

#[test]
fn texts_that_would_be_read_as_typescript_are_escaped_or_stand_beside() {
    let (said, residue) = of(map! {
        "BucketName": Value::Sub("`${AWS::Region}` \\ \n".to_owned()),
        "AccessControl": Value::Sub("${!Literal}${AWS::Region}".to_owned()),
    });
    assert_eq!(
        said["Properties"],
        json!({ "BucketName": { "Fn::Sub": "\\`${AWS::Region}\\` \\\\ \\n" } })
    );
    assert_eq!(residue.properties.len(), 1);
    assert_eq!(
        residue.properties[0].value,
        json!({ "Fn::Sub": "${!Literal}${AWS::Region}" }),
        "word for word"
    );
}

#[test]
fn a_value_that_is_moved_is_moved_once_and_whole() {
    let (said, residue) = of(map! {
        "LifecycleConfiguration": map! {
            "Rules": list![map! { "Unknown": 1, "Transitions": list![map! { "StorageClass": Value::Sub("`${!x}${AWS::Region}".to_owned()) }] }],
            "Unheard": Value::Sub("`".to_owned()),
        },
    });
    let again = residue.properties.iter().fold(said["Properties"].clone(), |mut whole, r| {
        let mut at = &mut whole;
        let steps: Vec<_> = r.path.split('.').collect();
        for step in &steps[..steps.len() - 1] {
            at = match step.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[*step],
            };
        }
        at[steps[steps.len() - 1]] = r.value.clone();
        whole
    });
    assert_eq!(
        again,
        json!({ "LifecycleConfiguration": {
            "Rules": [{ "Transitions": [{ "StorageClass": { "Fn::Sub": "`${!x}${AWS::Region}" } }], "Unknown": 1 }],
            "Unheard": { "Fn::Sub": "`" },
        } })
    );
}

#[test]
fn every_resource_parameter_and_output_of_the_example_is_there_once() {
    let findings = fixtures::guestbook();
    let mut choices = Choices::suggested(&findings);
    choices.repository = Some("octo/guestbook".to_owned());
    choices.web_firewall = Some(crate::WebFirewall {
        requests_per_five_minutes: 2000,
    });
    let inputs = Inputs::new(findings, Some(choices));
    let app = crate::application::Application::new(&inputs).expect("an application");
    let templates = stacks::all(&app);
    assert_eq!(templates.len(), 4);
    let files = files("guestbook", "eu-west-1", &templates).expect("a CDK app");
    for template in &templates {
        let path = format!("cdk/lib/{}.ts", module(template.role));
        let file = files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"));
        let text = std::str::from_utf8(&file.bytes).expect("text");
        let once = |needle: String| assert_eq!(text.matches(&needle).count(), 1, "{path}: {needle}");
        for resource in template.resources() {
            once(format!("(this, '{}', {{", resource.id));
        }
        for parameter in &template.parameters {
            once(format!("parameter(this, \"{}\", {{", parameter.name));
        }
        for output in &template.outputs {
            once(format!("key: '{}',", output.name));
        }
        assert!(!text.contains("props."), "{path}: a parameter became a property");
    }
}
