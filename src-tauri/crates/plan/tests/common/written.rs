//! Reads written templates as CloudFormation does, independently of the model they come from: every name must lead somewhere and
//! nothing may exceed a limit.
//!
//! Limits: "Understand CloudFormation quotas" in the CloudFormation user guide, "IAM and AWS STS quotas" in the IAM user guide and the
//! API reference of the service that is named.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "shared by several programs, each of which uses a part"
)]

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use serde_yaml_ng::Value as Yaml;
use zonke_plan::{Plan, PlannedPolicy, PlannedStack, StackRole};

#[path = "limits.rs"]
mod limits;
use limits::{ATTRIBUTES, LENGTHS, SIZES};

/// Bytes of a template that a call carries itself; the app deploys pipeline and edge stack like this.
const INLINE: usize = 51_200;
/// Bytes of a template that lies in a bucket.
const UPLOADED: usize = 1_000_000;
const RESOURCES: usize = 500;
const PARAMETERS: usize = 200;
const OUTPUTS: usize = 200;
const DESCRIPTION: usize = 1024;
const PARAMETER_VALUE: usize = 4096;
/// Characters of a managed policy without white space; of a role's inline policies together; of what says who may take it.
const MANAGED_POLICY: usize = 6144;
const INLINE_POLICIES: usize = 10_240;
const TRUST_POLICY: usize = 2048;
/// Managed policies of a role or a user, and tags of a resource, at most.
const POLICIES_OF_ONE: usize = 10;
const TAGS: usize = 50;
/// Conditions of a load balancer's rule, counted in values.
const RULE_VALUES: usize = 5;
/// Bytes of `ParameterOverrides`, once the pipeline has filled in its variables, and what one of those may become.
const OVERRIDES: usize = 1024;
const VARIABLE: usize = 256;
/// Longest ARN, and longest name or id, that CloudFormation makes up.
const ARN: usize = 160;
const ID: usize = 64;

const PSEUDO: [&str; 6] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Everything that CloudFormation, IAM or the pipeline would refuse about a plan; nothing if all is well.
pub fn problems(plan: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    for stack in &plan.stacks {
        let mut say = |text: String| problems.push(format!("{}: {text}", stack.name));
        match read(&stack.template) {
            Ok(template) => Written::new(plan, stack, &template).examine(&mut say),
            Err(reason) => say(reason),
        }
    }
    for policy in &plan.policies {
        problems.extend(deployer_policy(policy));
    }
    if plan.policies.len() > POLICIES_OF_ONE {
        problems.push(format!("{} policies for one person", plan.policies.len()));
    }
    problems
}

fn deployer_policy(policy: &PlannedPolicy) -> Option<String> {
    match serde_json::from_str::<Json>(&policy.document) {
        Ok(document) => {
            let size = document.to_string().len();
            (size > MANAGED_POLICY).then(|| format!("{} has {size} characters", policy.name))
        }
        Err(error) => Some(format!("{}: {error}", policy.name)),
    }
}

/// A template with short forms (`!Sub`) written out (`Fn::Sub`).
///
/// # Errors
/// What a YAML parser says, names that occur twice among it.
pub fn read(text: &str) -> Result<Json, String> {
    json_of(&serde_yaml_ng::from_str(text).map_err(|e| e.to_string())?)
}

fn json_of(yaml: &Yaml) -> Result<Json, String> {
    Ok(match yaml {
        Yaml::Sequence(items) => Json::Array(items.iter().map(json_of).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let key = key.as_str().ok_or_else(|| format!("{key:?} is no text"))?;
                Ok((key.to_owned(), json_of(value)?))
            });
            Json::Object(entries.collect::<Result<_, String>>()?)
        }
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string();
            let value = json_of(&tagged.value)?;
            match (name.trim_start_matches('!'), &value) {
                ("Ref", _) => json!({ "Ref": value }),
                ("GetAtt", Json::String(both)) => {
                    let (id, attribute) = both.split_once('.').ok_or_else(|| format!("{both} names no attribute"))?;
                    json!({ "Fn::GetAtt": [id, attribute] })
                }
                (function, _) => json!({ format!("Fn::{function}"): value }),
            }
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => {
            serde_json::to_value(yaml).map_err(|e| e.to_string())?
        }
    })
}

/// An intrinsic function: its name and what it gets.
fn function(value: &Json) -> Option<(&str, &Json)> {
    let entries = value.as_object().filter(|entries| entries.len() == 1)?;
    let (name, value) = entries.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), value))
}

/// Entries of a map, or nothing.
fn entries<'a>(value: &'a Json, key: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    value[key]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

/// Elements of a list, or the value itself.
fn each(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(items) => items.iter().collect(),
        Json::Null => Vec::new(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => vec![value],
    }
}

/// A value behind a path such as `KeyPolicy.Statement.0`; all of it for an empty path.
fn at<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    value.pointer(
        &path
            .split('.')
            .filter(|p| !p.is_empty())
            .fold(String::new(), |path, part| path + "/" + part),
    )
}

struct Written<'a> {
    plan: &'a Plan,
    stack: &'a PlannedStack,
    template: &'a Json,
    parameters: BTreeSet<&'a str>,
}

impl<'a> Written<'a> {
    fn new(plan: &'a Plan, stack: &'a PlannedStack, template: &'a Json) -> Self {
        Self {
            plan,
            stack,
            template,
            parameters: entries(template, "Parameters").map(|(name, _)| name).collect(),
        }
    }

    fn examine(&self, say: &mut impl FnMut(String)) {
        self.counts(say);
        self.names(say);
        self.parameters(say);
        for (id, resource) in entries(self.template, "Resources") {
            self.texts(id, resource, say);
            self.policies(id, resource, say);
            Self::kinds(id, resource, say);
        }
    }

    fn counts(&self, say: &mut impl FnMut(String)) {
        let most = match self.stack.role {
            StackRole::Pipeline | StackRole::Edge | StackRole::Deployer => INLINE,
            StackRole::Base | StackRole::Service => UPLOADED,
        };
        let count = |section: &str| entries(self.template, section).count();
        let description = self.template["Description"].as_str().unwrap_or_default();
        for (what, has, most) in [
            ("bytes", self.stack.template.len(), most),
            ("resources", count("Resources"), RESOURCES),
            ("parameters", count("Parameters"), PARAMETERS),
            ("outputs", count("Outputs"), OUTPUTS),
            ("bytes of description", description.len(), DESCRIPTION),
            ("tags", self.plan.tags(self.stack.role).len(), TAGS),
        ] {
            if has > most {
                say(format!("{has} {what}; {most} are allowed"));
            }
        }
        let known = [
            "AWSTemplateFormatVersion",
            "Description",
            "Parameters",
            "Resources",
            "Outputs",
        ];
        for (section, _) in self.template.as_object().into_iter().flatten() {
            if !known.contains(&section.as_str()) {
                say(format!("a section {section}, which nothing here reads"));
            }
        }
    }

    /// Every name leads somewhere.
    fn names(&self, say: &mut impl FnMut(String)) {
        let mut used = BTreeSet::new();
        let ids = entries(self.template, "Resources").map(|(id, _)| id);
        for name in ids.chain(self.parameters.iter().copied()) {
            if name.len() > 255 || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                say(format!("{name} is no logical id"));
            }
        }
        for (id, resource) in entries(self.template, "Resources") {
            if self.parameters.contains(id) {
                say(format!("{id} is a parameter and a resource"));
            }
            for other in each(&resource["DependsOn"]) {
                if other.as_str().is_none_or(|other| self.kind(other).is_none() || other == id) {
                    say(format!("{id} waits for {other}"));
                }
            }
            if resource.get("Condition").is_some() {
                say(format!("{id} has a condition, and none is declared"));
            }
            self.walk(id, &resource["Properties"], &mut used, say);
        }
        for (name, output) in entries(self.template, "Outputs") {
            self.walk(name, output, &mut used, say);
        }
        for name in self.parameters.iter().filter(|name| !used.contains(**name)) {
            say(format!("nothing uses the parameter {name}"));
        }
    }

    fn kind(&self, id: &str) -> Option<&'a str> {
        self.template["Resources"][id]["Type"].as_str()
    }

    fn walk(&self, owner: &str, value: &'a Json, used: &mut BTreeSet<&'a str>, say: &mut impl FnMut(String)) {
        match (function(value), value) {
            (Some(("Ref", name)), _) => self.name(owner, name.as_str().unwrap_or_default(), None, used, say),
            (Some(("Fn::GetAtt", both)), _) => {
                let (id, attribute) = (both[0].as_str().unwrap_or_default(), both[1].as_str());
                self.name(owner, id, Some(attribute.unwrap_or_default()), used, say);
            }
            (Some(("Fn::Sub", text)), _) => match text.as_str() {
                Some(text) => {
                    for placeholder in placeholders(text) {
                        match placeholder.split_once('.') {
                            Some((id, attribute)) => self.name(owner, id, Some(attribute), used, say),
                            None => self.name(owner, placeholder, None, used, say),
                        }
                    }
                }
                None => say(format!("{owner} fills something in that is no text")),
            },
            (Some(("Fn::Base64", inner)), _) => self.walk(owner, inner, used, say),
            (Some((other, _)), _) => say(format!("{owner} calls {other}, which nothing here knows")),
            (None, Json::Object(all)) => all.values().for_each(|v| self.walk(owner, v, used, say)),
            (None, Json::Array(items)) => items.iter().for_each(|v| self.walk(owner, v, used, say)),
            (None, Json::String(text)) if !placeholders(text).is_empty() && !text.starts_with("function ") => {
                say(format!("{owner} has {text:?}, whose placeholders nobody fills in"));
            }
            (None, Json::Null) => say(format!("{owner} has an empty property")),
            (None, Json::Bool(_) | Json::Number(_) | Json::String(_)) => {}
        }
    }

    fn name(
        &self,
        owner: &str,
        name: &'a str,
        attribute: Option<&str>,
        used: &mut BTreeSet<&'a str>,
        say: &mut impl FnMut(String),
    ) {
        used.insert(name);
        let problem = match (self.kind(name), attribute) {
            (Some(kind), Some(attribute)) => {
                let known = ATTRIBUTES
                    .iter()
                    .find(|(k, _)| *k == kind)
                    .is_some_and(|(_, all)| all.contains(&attribute));
                (!known).then(|| format!("{owner} asks for {attribute} of {name}, a {kind}"))
            }
            (Some(_), None) => None,
            (None, None) if self.parameters.contains(name) || PSEUDO.contains(&name) => None,
            (None, _) => Some(format!("{owner} names {name}, which does not exist")),
        };
        problem.into_iter().for_each(say);
    }

    /// Every parameter has a value, and every value a parameter.
    fn parameters(&self, say: &mut impl FnMut(String)) {
        let stack = self.stack;
        let planned: BTreeSet<&str> = stack.parameters.iter().map(|p| p.name.as_str()).collect();
        let asked: BTreeSet<&str> = self
            .plan
            .resolved_at_deployment
            .iter()
            .filter(|p| p.stack == stack.role)
            .map(|p| p.name.as_str())
            .collect();
        for (name, declaration) in entries(self.template, "Parameters") {
            // The build says which image it made; a plan without a repository cannot be deployed, and says so in a check.
            let later = name == "ImageUri" || (name == "RepositoryId" && self.plan.inputs.choices.repository.is_none());
            let answered = later || planned.contains(name) || asked.contains(name);
            if declaration["Default"].is_null() && !answered {
                say(format!("nobody says what {name} is"));
            }
        }
        for name in planned.union(&asked).filter(|name| !self.parameters.contains(**name)) {
            say(format!("{name} has a value and is no parameter"));
        }
        for parameter in stack.parameters.iter().filter(|p| p.value.len() > PARAMETER_VALUE) {
            say(format!("{} has {} characters", parameter.name, parameter.value.len()));
        }
    }

    /// Texts are as short as the service wants them.
    fn texts(&self, id: &str, resource: &Json, say: &mut impl FnMut(String)) {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let properties = &resource["Properties"];
        for (_, path, most) in LENGTHS.iter().filter(|(k, ..)| *k == kind) {
            let Some(value) = at(properties, path) else { continue };
            let length = self.resolved(value).as_str().map_or(0, |text| text.chars().count());
            if length > *most {
                say(format!("{path} of {id} has {length} characters; {most} are allowed"));
            }
        }
        for (_, path, most) in SIZES.iter().filter(|(k, ..)| *k == kind) {
            let Some(value) = at(properties, path) else { continue };
            let size = self.resolved(value).to_string().len();
            if size > *most {
                say(format!("{path} of {id} has {size} bytes; {most} are allowed"));
            }
        }
        if properties["Tags"].as_array().map_or(0, Vec::len) + self.plan.tags(self.stack.role).len() > TAGS {
            say(format!("{id} has too many tags"));
        }
    }

    fn policies(&self, id: &str, resource: &Json, say: &mut impl FnMut(String)) {
        let properties = &resource["Properties"];
        let size = |document: &Json| self.resolved(document).to_string().len();
        match resource["Type"].as_str() {
            Some("AWS::IAM::Role") => {
                let inline: usize = each(&properties["Policies"])
                    .into_iter()
                    .map(|p| size(&p["PolicyDocument"]))
                    .sum();
                let trust = size(&properties["AssumeRolePolicyDocument"]);
                if inline > INLINE_POLICIES {
                    say(format!("{id} has {inline} characters of policies"));
                }
                if trust > TRUST_POLICY {
                    say(format!("{id} is trusted in {trust} characters"));
                }
                if each(&properties["ManagedPolicyArns"]).len() > POLICIES_OF_ONE {
                    say(format!("{id} has too many policies"));
                }
            }
            Some("AWS::IAM::ManagedPolicy") => {
                let characters = size(&properties["PolicyDocument"]);
                if characters > MANAGED_POLICY {
                    say(format!("{id} has {characters} characters"));
                }
            }
            _ => {}
        }
    }

    /// What services count in ways of their own.
    fn kinds(id: &str, resource: &Json, say: &mut impl FnMut(String)) {
        let properties = &resource["Properties"];
        match resource["Type"].as_str() {
            Some("AWS::ElasticLoadBalancingV2::ListenerRule") => {
                let values = each(&properties["Conditions"]).into_iter().map(|condition| {
                    let configured = condition
                        .as_object()
                        .into_iter()
                        .flatten()
                        .filter(|(key, _)| key.ends_with("Config"));
                    configured.map(|(_, config)| each(&config["Values"]).len()).sum::<usize>()
                });
                let values: usize = values.sum();
                if values > RULE_VALUES {
                    say(format!("{id} compares {values} values"));
                }
            }
            Some("AWS::CodePipeline::Pipeline") => {
                let actions = each(&properties["Stages"])
                    .into_iter()
                    .flat_map(|stage| each(&stage["Actions"]));
                for action in actions {
                    let overrides = action["Configuration"]["ParameterOverrides"].as_str().unwrap_or_default();
                    let size = overrides.len() + overrides.matches("#{").count() * VARIABLE;
                    if size > OVERRIDES {
                        say(format!("{} overrides parameters in {size} bytes", action["Name"]));
                    }
                }
            }
            _ => {}
        }
    }

    /// A value with texts as long as whatever their placeholders can become.
    fn resolved(&self, value: &Json) -> Json {
        match (function(value), value) {
            (Some(("Ref", name)), _) => Json::String(self.pseudo(name.as_str().unwrap_or_default())),
            (Some(("Fn::GetAtt", _)), _) => Json::String("x".repeat(ARN)),
            (Some(("Fn::Sub", Json::String(text))), _) => {
                let filled = placeholders(text).into_iter().fold(text.clone(), |text, name| {
                    let by = if name.contains('.') {
                        "x".repeat(ARN)
                    } else {
                        self.pseudo(name)
                    };
                    text.replacen(&format!("${{{name}}}"), &by, 1)
                });
                Json::String(filled)
            }
            (Some((_, inner)), _) => self.resolved(inner),
            (None, Json::Array(items)) => items.iter().map(|item| self.resolved(item)).collect(),
            (None, Json::Object(all)) => {
                Json::Object(all.iter().map(|(key, value)| (key.clone(), self.resolved(value))).collect())
            }
            (None, other) => other.clone(),
        }
    }

    fn pseudo(&self, name: &str) -> String {
        match name {
            "AWS::Partition" => "aws".to_owned(),
            "AWS::Region" => self.stack.region.clone(),
            "AWS::AccountId" => "111122223333".to_owned(),
            "AWS::StackName" => self.stack.name.clone(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            // A topic, a role or a secret gives its ARN; most others an id.
            other => "x".repeat(if self.kind(other).is_some() { ARN } else { ID }),
        }
    }
}

/// Names inside `${…}` that `Fn::Sub` fills in.
fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    parts.map(|(name, _)| name).filter(|name| !name.starts_with('!')).collect()
}
