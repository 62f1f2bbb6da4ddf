//! The role and the user of a plan, as IAM gets them.

use serde_json::{Value as Json, json};

use super::*;
use crate::fixtures;

fn inputs() -> Inputs {
    Inputs::new(fixtures::guestbook(), None)
}

fn role(trusted: Option<&str>, external_id: Option<&str>) -> Deployer {
    Deployer {
        holder: Holder::Role {
            trusted: trusted.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            session_hours: 4,
        },
        permissions_boundary: None,
    }
}

fn properties(deployer: &Deployer, id: &str) -> Json {
    let inputs = inputs();
    let app = Application::new(&inputs).unwrap();
    let policies = crate::policy::deployer_policies(&app, &stacks::all(&app));
    let template = template(&app, deployer, &policies);
    template.resource(id).unwrap().properties.to_json()
}

fn trust_of(deployer: &Deployer) -> Json {
    properties(deployer, "Role")["AssumeRolePolicyDocument"]["Statement"][0].clone()
}

#[test]
fn the_role_has_exactly_the_policies_of_the_plan() {
    let made = crate::plan(&inputs()).unwrap();
    let attached = &properties(&role(None, None), "Role")["ManagedPolicyArns"];
    assert_eq!(attached.as_array().map(Vec::len), Some(made.policies.len()));
    for (at, policy) in made.policies.iter().enumerate() {
        let id = format!("Rights{}", at + 1);
        assert_eq!(attached[at], json!({ "Ref": id }));
        let document: Json = serde_json::from_str(&policy.document).unwrap();
        assert_eq!(properties(&role(None, None), &id)["PolicyDocument"], document);
    }
    let text = deployer_stack(&inputs(), &role(None, None)).unwrap().template;
    for statement in made.policies.iter().flat_map(|p| &p.statements) {
        let start = statement.why.split(' ').take(4).collect::<Vec<_>>().join(" ");
        assert!(
            text.contains(&format!("# {start}")),
            "the reason of {} is missing",
            statement.sid
        );
    }
}

#[test]
fn only_the_stacks_own_account_is_ever_trusted() {
    let own = |name: &str| json!({ "AWS": { "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{name}") } });
    let everybody = trust_of(&role(None, Some("agreed-7")));
    assert_eq!(everybody["Principal"], own("root"));
    assert_eq!(
        everybody["Condition"],
        json!({ "StringEquals": { "sts:ExternalId": "agreed-7" } })
    );
    let ada = trust_of(&role(Some("user/team/ada"), None));
    assert_eq!(ada["Principal"], own("user/team/ada"));
    assert_eq!(ada.get("Condition"), None);
    let center = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef";
    let center = trust_of(&role(Some(center), None));
    assert_eq!(center["Principal"], own("root"));
    assert!(
        center["Condition"]["ArnLike"]["aws:PrincipalArn"]["Fn::Sub"]
            .as_str()
            .is_some_and(|arn| arn.ends_with("/AWSReservedSSO_Admin_*"))
    );
}

#[test]
fn a_boundary_and_the_length_of_sessions_reach_the_role() {
    let boundary = "arn:aws:iam::111122223333:policy/limit";
    let bounded = Deployer {
        permissions_boundary: Some(boundary.to_owned()),
        ..role(None, None)
    };
    let role = properties(&bounded, "Role");
    assert_eq!(role["PermissionsBoundary"], boundary);
    assert_eq!(role["MaxSessionDuration"], 4 * 3600);
    let user = Deployer {
        holder: Holder::User,
        ..bounded
    };
    assert_eq!(properties(&user, "User")["PermissionsBoundary"], boundary);
}

#[test]
fn a_user_gets_its_rights_from_a_group_and_no_key_from_the_stack() {
    let user = Deployer {
        holder: Holder::User,
        permissions_boundary: None,
    };
    let stack = deployer_stack(&inputs(), &user).unwrap();
    let kinds: Vec<&str> = stack.resources.iter().map(|r| r.resource_type.as_str()).collect();
    assert_eq!(&kinds[..2], ["AWS::IAM::Group", "AWS::IAM::User"]);
    assert!(
        !kinds.contains(&"AWS::IAM::AccessKey"),
        "a key in a stack can be read by many"
    );
    assert_eq!(stack.name, "guestbook-deployer");
    assert!(stack.template.len() <= 51_200, "it fits into one request");
}

#[test]
fn what_iam_would_refuse_is_refused_before() {
    let refused = |deployer: &Deployer| deployer_stack(&inputs(), deployer).unwrap_err().to_string();
    for wrong in [
        "ada",
        "user/",
        "arn:aws:iam::999999999999:user/ada",
        "root",
        "user/a b",
        "user//ada",
    ] {
        assert!(refused(&role(Some(wrong), None)).contains("user/ada"), "{wrong}");
    }
    for wrong in ["x", "with space"] {
        assert!(refused(&role(None, Some(wrong))).contains("externalId"), "{wrong}");
    }
    for hours in [0, 13] {
        let mut deployer = role(None, None);
        deployer.holder = Holder::Role {
            trusted: None,
            external_id: None,
            session_hours: hours,
        };
        assert!(refused(&deployer).contains("sessionHours"));
    }
    let bounded = Deployer {
        permissions_boundary: Some("limit".to_owned()),
        ..role(None, None)
    };
    assert!(refused(&bounded).contains("permissionsBoundary"));
}
