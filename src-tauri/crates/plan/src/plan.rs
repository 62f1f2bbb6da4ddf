//! The plan: everything that would be built, as plain values.

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_project::Findings;

use crate::application::Application;
use crate::{Choices, FreshPrices, PlanError};

/// What a plan is computed from. Travels inside `infra.zip` as `inputs.json`, so that later changes (a new secret, another
/// number of servers) can be planned from the user's AWS account alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Inputs {
    /// What was found in the folder.
    pub findings: Findings,
    /// What the user decided.
    pub choices: Choices,
    /// Names of the application's secrets; each becomes an environment variable. Never a value.
    pub secret_keys: Vec<String>,
    /// Version of the application secret the servers should run with (`"0"` before the first change).
    pub secrets_revision: String,
    /// What the application ran with before these choices, where the account says so: taking away what they lack needs the right to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Choices>>,
}

/// Everything that would be built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What it was computed from.
    pub inputs: Inputs,
    /// Edge stack (if there is one), pipeline, base and service stack, in the order they are deployed.
    pub stacks: Vec<PlannedStack>,
    /// Every file of `infra.zip`, as text.
    pub files: Vec<PlannedFile>,
    /// What it costs a month.
    pub price: Price,
    /// What was checked about it, and the result.
    pub checks: Vec<Check>,
    /// IAM policies that a person needs to deploy and operate exactly this plan; usually one. All of them are needed.
    pub policies: Vec<PlannedPolicy>,
    /// What talks to what.
    pub diagram: Diagram,
    /// Parameters that only an account can answer, filled in when deploying.
    pub resolved_at_deployment: Vec<AccountParameter>,
}

impl Plan {
    /// The stack of this role.
    pub fn stack(&self, role: StackRole) -> Option<&PlannedStack> {
        self.stacks.iter().find(|s| s.role == role)
    }

    /// What a resource is for, one short phrase in plain words; nothing for a resource that is not part of the plan.
    pub fn describe(&self, role: StackRole, logical_id: &str) -> Option<&str> {
        self.stack(role)?
            .resources
            .iter()
            .find(|r| r.logical_id == logical_id)
            .map(|r| r.description.as_str())
    }

    /// Tags of a stack, by which an application is found again.
    pub fn tags(&self, role: StackRole) -> Vec<Parameter> {
        stack_tags(&self.inputs.choices, role)
    }

    /// Parameters of the pipeline stack, with the connection to the source host.
    pub fn pipeline_parameters(&self, connection_arn: &str) -> Vec<Parameter> {
        vec![Parameter {
            name: "ConnectionArn".to_owned(),
            value: connection_arn.to_owned(),
        }]
    }

    /// Tells plans with the same inputs from others: a sum over the choices, findings, names of secrets and their revision.
    pub fn made_from(&self) -> String {
        let inputs = self.files.iter().find(|f| f.path == crate::artifacts::INPUTS_FILE);
        crate::archive::sum(inputs.map_or(&[][..], |f| f.text.as_bytes()))
    }

    /// `infra.zip` without an account: what only an account can answer is missing from `base.json`.
    ///
    /// The same plan gives the same bytes.
    pub fn infra_zip(&self) -> Vec<u8> {
        crate::archive::pack_files(&self.files)
    }
}

/// Tags of a stack of an application with these choices.
pub fn stack_tags(choices: &Choices, role: StackRole) -> Vec<Parameter> {
    let tags = crate::stacks::tags(choices, role);
    tags.into_iter().map(|(name, value)| Parameter { name, value }).collect()
}

/// `infra.zip` with the account's answers, ready for the pipeline. The same plan and answers give the same bytes.
pub fn infra_zip_for(plan: &Plan, facts: &AccountFacts) -> Vec<u8> {
    crate::archive::pack_files(&crate::artifacts::answered(&plan.files, &plan.resolved_at_deployment, facts))
}

/// Plans an application: templates, build files, price, checks, policy and diagram.
///
/// Pure: the same inputs give the same plan, byte for byte.
///
/// # Errors
/// [`PlanError`] if a choice breaks a rule, or if the project cannot be deployed as it is.
pub fn plan(inputs: &Inputs) -> Result<Plan, PlanError> {
    plan_priced(inputs, None)
}

/// The same with prices that AWS told. Nothing but the price depends on them.
///
/// # Errors
/// As [`plan`].
pub fn plan_priced(inputs: &Inputs, fresh: Option<&FreshPrices>) -> Result<Plan, PlanError> {
    let app = Application::new(inputs)?;
    let templates = crate::stacks::all(&app);
    let stacks: Vec<PlannedStack> = templates
        .iter()
        .map(|template| {
            let (text, resources) = template.write();
            let known = |p: &crate::model::ParameterDeclaration| {
                p.value.as_ref().map(|value| Parameter {
                    name: p.name.to_owned(),
                    value: value.clone(),
                })
            };
            PlannedStack {
                role: template.role,
                name: template.name.clone(),
                region: crate::stacks::region(&app, template.role).to_owned(),
                template_file: template.file(),
                template: text,
                parameters: template.parameters.iter().filter_map(known).collect(),
                resources,
            }
        })
        .collect();
    let resolved_at_deployment = templates
        .iter()
        .flat_map(|t| t.parameters.iter().map(move |p| (t.role, p)))
        .filter_map(|(stack, p)| {
            p.answered_by_account.map(|how| AccountParameter {
                stack,
                name: p.name.to_owned(),
                how: how.to_owned(),
            })
        })
        .collect();
    Ok(Plan {
        inputs: inputs.clone(),
        files: crate::artifacts::files(&app, &templates, &stacks),
        price: crate::price::price(&app, &templates, fresh),
        checks: crate::checks::check(&app, &templates),
        policies: crate::policy::deployer_policies(&app, &templates),
        diagram: crate::diagram::diagram(&app, &templates),
        stacks,
        resolved_at_deployment,
    })
}

/// One CloudFormation stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlannedStack {
    /// Which one.
    pub role: StackRole,
    /// `<app>-pipeline`, `<app>-base`, `<app>-service` or `<app>-edge`.
    pub name: String,
    /// Region it stands in: the application's, except for the edge stack.
    pub region: String,
    /// Name of the template file, such as `base.template.yaml`.
    pub template_file: String,
    /// The template, YAML.
    pub template: String,
    /// Parameters whose value is known without an account.
    pub parameters: Vec<Parameter>,
    /// What the template creates.
    pub resources: Vec<PlannedResource>,
}

/// Which of the stacks of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum StackRole {
    /// Pipeline, build projects, roles; deployed by the app.
    Pipeline,
    /// Network, edge, database, secrets, cluster; deployed by the pipeline.
    Base,
    /// Task definition, service, scaling; deployed by the pipeline after the migrations.
    Service,
    /// Certificate and web firewall, in us-east-1 because CloudFront takes them from nowhere else; deployed by the app. Exists
    /// only with one of the two.
    Edge,
    /// The role or user of whoever deploys, made once by an administrator; not one of a plan's stacks.
    Deployer,
}

/// A parameter of a template with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    /// Parameter name in the template.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One resource of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlannedResource {
    /// Logical id in the template.
    pub logical_id: String,
    /// CloudFormation type, such as `AWS::ECS::Service`.
    pub resource_type: String,
    /// What it is for, one short phrase in plain words.
    pub description: String,
    /// First line of the resource in the template, counted from 1.
    pub line: u32,
}

/// A file of `infra.zip` or of the plan's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlannedFile {
    /// Path inside the zip.
    pub path: String,
    /// What it is for, one sentence.
    pub description: String,
    /// Its content.
    pub text: String,
}

/// An IAM policy that fits into a managed policy (6,144 characters without white space).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlannedPolicy {
    /// Name to create it under, such as `guestbook-deployer`.
    pub name: String,
    /// The document, JSON.
    pub document: String,
    /// Its statements with their reasons, in the document's order.
    pub statements: Vec<PolicyStatement>,
}

/// One statement of a policy, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStatement {
    /// Its name in the document.
    pub sid: String,
    /// What it is for, one sentence without a full stop.
    pub why: String,
    /// Actions it allows.
    pub actions: Vec<String>,
    /// Resources they are limited to; `*` where a service knows no others.
    pub resources: Vec<String>,
    /// Condition as JSON, if there is one.
    pub condition: Option<String>,
}

/// What a plan costs a month, in US dollars, without tax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Region the prices are of.
    pub region: String,
    /// Line items.
    pub lines: Vec<PriceLine>,
    /// Sum of the lines, US dollars a month.
    pub total: f64,
    /// Traffic and hours the total assumes, one sentence.
    pub assumptions: String,
    /// The same with traffic; nothing in a plan that an earlier version made.
    #[serde(default)]
    pub traffic: Option<PricedTraffic>,
    /// Day of the price table, `YYYY-MM-DD`.
    pub date: String,
    /// Whether every unit price was confirmed for this region; otherwise some are those of a neighbouring region.
    pub confirmed: bool,
}

/// What a plan costs a month with the traffic that it states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PricedTraffic {
    /// Line items, the same as of [`Price`].
    pub lines: Vec<PriceLine>,
    /// Sum of the lines, US dollars a month.
    pub total: f64,
    /// Traffic and hours the total assumes, one sentence.
    pub assumptions: String,
}

/// One line of the price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PriceLine {
    /// Stable name, such as `nat`.
    pub id: String,
    /// What is paid for, in plain words.
    pub label: String,
    /// US dollars a month.
    pub monthly: f64,
    /// How it is computed, such as `730 h × 0.0225 USD + 0.1 LCU × 730 h × 0.008 USD`.
    pub formula: String,
    /// Where the unit prices were read.
    pub source: String,
    /// Day of the bundled table, `YYYY-MM-DD`, if a unit price of the line is from it.
    #[serde(default)]
    pub bundled: Option<String>,
    /// Day on which AWS's price list told unit prices of the line, `YYYY-MM-DD`, the oldest if there are several.
    #[serde(default)]
    pub fresh: Option<String>,
}

/// One statement about the plan that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Stable name, such as `alb-admits-cloudfront-only`.
    pub id: String,
    /// The statement, in plain words.
    pub title: String,
    /// How it came out.
    pub result: CheckResult,
    /// What shows it, or what to do.
    pub detail: String,
}

/// Result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CheckResult {
    /// The plan satisfies it.
    Satisfied,
    /// It costs extra and was left out.
    Option,
    /// Not satisfied, for the reason given.
    Accepted,
    /// The plan must not be deployed like this.
    Failed,
}

/// What talks to what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Diagram {
    /// Boxes.
    pub nodes: Vec<DiagramNode>,
    /// Arrows.
    pub edges: Vec<DiagramEdge>,
}

/// A box of the diagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiagramNode {
    /// Unique name.
    pub id: String,
    /// What it is, in plain words.
    pub label: String,
    /// Second line, such as `2 × 0.5 vCPU`.
    pub detail: String,
    /// Who can reach it.
    pub zone: Zone,
    /// Logical ids it stands for.
    pub resources: Vec<String>,
}

/// Who can reach a box of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Zone {
    /// Outside AWS: visitors, the source host.
    Outside,
    /// AWS's edge network.
    Edge,
    /// Public subnets.
    Public,
    /// Private subnets.
    Private,
    /// Subnets without a route to anywhere.
    Isolated,
    /// Services of the account and region outside the network.
    Account,
}

/// An arrow of the diagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiagramEdge {
    /// Box it starts at.
    pub from: String,
    /// Box it ends at.
    pub to: String,
    /// What flows, such as `HTTPS`.
    pub label: String,
}

/// A parameter that only an account can answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountParameter {
    /// Stack it belongs to.
    pub stack: StackRole,
    /// Parameter name in the template.
    pub name: String,
    /// How it is found out, one sentence.
    pub how: String,
}

/// Answers of the account to [`AccountParameter`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountFacts {
    /// Two availability zones of the region.
    pub zones: [String; 2],
    /// Managed prefix list of CloudFront's origin-facing servers in the region.
    pub cloudfront_prefix_list: String,
    /// Connection to the source host, AVAILABLE.
    pub connection_arn: String,
    /// Bucket of the pipeline stack.
    pub artifact_bucket: String,
    /// Certificate of the site, from the edge stack; issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_arn: Option<String>,
    /// Web firewall of the site, from the edge stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl_arn: Option<String>,
}

impl Inputs {
    /// Inputs of a first deployment: nothing secret is set yet. Without choices, the ones a person would start with.
    pub fn new(findings: Findings, choices: Option<Choices>) -> Self {
        let choices = choices.unwrap_or_else(|| Choices::suggested(&findings));
        Self {
            findings,
            choices,
            secret_keys: Vec::new(),
            secrets_revision: "0".to_owned(),
            before: None,
        }
    }
}
