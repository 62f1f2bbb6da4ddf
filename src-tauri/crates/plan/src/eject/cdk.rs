//! The stacks as an app of the AWS CDK, for whoever wants to go on in TypeScript.
//!
//! `cdk-from-cfn` writes the constructs. What it cannot say is found before ([`residue`]) and added behind them word for word, so
//! that `cdk synth` gives the template that the plan has. `scripts/check-cdk` compares the two for many choice sets.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use cdk_from_cfn::CloudformationParseTree;
use cdk_from_cfn::cdk::Schema;
use cdk_from_cfn::ir::CloudformationProgramIr;
use cdk_from_cfn::synthesizer::Typescript;
use serde_json::{Map, Value as Json, json};

use crate::eject::{EjectedFile, text};
use crate::error::PlanError;
use crate::model::{OnDelete, Resource, Template, role_name};
use crate::plan::StackRole;
use crate::value::{Value, placeholders};

mod residue;

use residue::{Residue, ResourceResidue};

/// Folder of the app.
const FOLDER: &str = "cdk";

/// Files that are the same for every application: path, what it is, text.
const CONSTANT: [(&str, &str, &str); 6] = [
    (
        "cdk.json",
        "how the CDK runs the app",
        include_str!("../../assets/eject/cdk/cdk.json"),
    ),
    (
        "package.json",
        "what the app needs, in exact versions",
        include_str!("../../assets/eject/cdk/package.json"),
    ),
    (
        "tsconfig.json",
        "how it is type-checked",
        include_str!("../../assets/eject/cdk/tsconfig.json"),
    ),
    (
        ".gitignore",
        "what can be made anew",
        include_str!("../../assets/eject/cdk/gitignore"),
    ),
    (
        "bin/write.mjs",
        "puts the synthesized templates in the place of those that `deploy.sh` deploys",
        include_str!("../../assets/eject/cdk/write.mjs"),
    ),
    (
        "lib/parameter.ts",
        "how the stacks declare parameters",
        include_str!("../../assets/eject/cdk/parameter.ts"),
    ),
];

/// The files of the app, under `cdk/`.
///
/// # Errors
/// [`PlanError`] if a template cannot be said in TypeScript, which would be our mistake.
pub(super) fn files(app: &str, region: &str, templates: &[Template]) -> Result<Vec<EjectedFile>, PlanError> {
    let mut stacks = Vec::with_capacity(templates.len());
    for template in templates {
        stacks.push((template, stack(template)?));
    }
    let mut files = vec![
        text(
            "README.md",
            "what the app is for, and what it cannot say",
            readme(app, region, &stacks),
        ),
        text("bin/app.ts", "the app: its stacks", program(templates)),
    ];
    for (template, stack) in stacks {
        files.push(text(
            format!("lib/{}.ts", module(template.role)),
            format!("stack `{}`", template.name),
            stack.text,
        ));
    }
    files.extend(CONSTANT.map(|(path, about, content)| text(path, about, content)));
    for file in &mut files {
        file.path.insert_str(0, &format!("{FOLDER}/"));
    }
    Ok(files)
}

/// A stack in TypeScript.
struct Stack {
    text: String,
    /// What had to be written beside the constructs: resource and path.
    beside: Vec<String>,
}

fn class(role: StackRole) -> &'static str {
    match role {
        StackRole::Pipeline => "PipelineStack",
        StackRole::Base => "BaseStack",
        StackRole::Service => "ServiceStack",
        StackRole::Edge => "EdgeStack",
        StackRole::Deployer => "DeployerStack",
    }
}

fn module(role: StackRole) -> String {
    format!("{}-stack", role_name(role))
}

/// Where `deploy.sh` takes a template from, seen from the app.
fn place(template: &Template) -> String {
    match template.role {
        StackRole::Pipeline | StackRole::Edge => format!("../{}", template.file()),
        StackRole::Base | StackRole::Service | StackRole::Deployer => format!("../infra/{}", template.file()),
    }
}

fn program(templates: &[Template]) -> String {
    let mut text = "import * as cdk from 'aws-cdk-lib';\n".to_owned();
    for template in templates {
        let (class, module) = (class(template.role), module(template.role));
        let _ = writeln!(text, "import {{ {class} }} from '../lib/{module}';");
    }
    text.push_str(
        "\nconst app = new cdk.App();\n\
         // The templates stand for themselves: no bootstrap stack, and nothing of the CDK's own in them.\n\
         const plain = () => new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false });\n\n",
    );
    for template in templates {
        let _ = writeln!(
            text,
            "new {}(app, {}, {{ synthesizer: plain(), description: {} }});",
            class(template.role),
            quoted(&template.name),
            quoted(&template.description)
        );
    }
    text
}

fn stack(template: &Template) -> Result<Stack, PlanError> {
    let name = class(template.role);
    let broken = |error: String| PlanError::project(format!("the stack {} cannot be said in TypeScript: {error}", template.name));
    let schema = Schema::builtin();
    let mut resources = Map::new();
    let mut residues = Vec::new();
    for resource in template.resources() {
        let (said, residue) = residue::split(schema, resource);
        resources.insert(resource.id.clone(), said);
        residues.push((resource, residue));
    }
    let outputs: Map<String, Json> = template
        .outputs
        .iter()
        .map(|o| {
            let body = json!({ "Description": o.description, "Value": o.value.to_json() });
            (o.name.to_owned(), body)
        })
        .collect();
    let parameters: Map<String, Json> = template
        .parameters
        .iter()
        .map(|p| (p.name.to_owned(), json!({ "Type": "String" })))
        .collect();
    let said = json!({ "Parameters": parameters, "Resources": resources, "Outputs": outputs });
    let tree: CloudformationParseTree = serde_json::from_value(said).map_err(|e| broken(e.to_string()))?;
    let program = CloudformationProgramIr::from(tree, &Cow::Borrowed(schema)).map_err(|e| broken(e.to_string()))?;
    let mut written = Vec::new();
    program
        .synthesize(&Typescript {}, &mut written, name)
        .map_err(|e| broken(e.to_string()))?;
    let written = String::from_utf8(written).map_err(|e| broken(e.to_string()))?;
    let beside = residues
        .iter()
        .flat_map(|(resource, residue)| {
            residue
                .properties
                .iter()
                .map(|r| format!("{} of `{}`", r.words(), resource.id))
        })
        .collect();
    // The newer of the two names; the old one goes with the next major version of the CDK.
    let written = written.replace(".addDependency(", ".addResourceDependency(");
    let text = complete(&written, template, &residues).ok_or_else(|| broken("its text has another form".to_owned()))?;
    Ok(Stack { text, beside })
}

/// Puts the parameters before the resources, and behind them what could not be said.
fn complete(written: &str, template: &Template, residues: &[(&Resource, ResourceResidue)]) -> Option<String> {
    const RESOURCES: &str = "\n    // Resources\n";
    const OUTPUTS: &str = "\n    // Outputs\n";
    const END: &str = "  }\n}\n";
    // cdk-from-cfn makes parameters values that are known when the app runs; here they stay parameters.
    let written = without_props(written, class(template.role))?;
    let written = template.parameters.iter().fold(written, |text, p| {
        let name = variable(p.name);
        text.replace(&format!("props.{name}!"), &format!("{name}.ref"))
    });
    let written = residues
        .iter()
        .filter(|(_, residue)| residue.unknown_type)
        .fold(written, |text, (resource, _)| untyped(&text, resource, template));
    let (head, rest) = written.split_once(RESOURCES)?;
    let (body, tail) = match rest.split_once(OUTPUTS) {
        Some((body, outputs)) => (body, format!("{OUTPUTS}{outputs}")),
        None => (rest.strip_suffix(END)?, END.to_owned()),
    };
    let mut text = head.to_owned();
    if !template.parameters.is_empty() {
        text = text.replacen(
            "import * as cdk from 'aws-cdk-lib';\n",
            "import * as cdk from 'aws-cdk-lib';\nimport { parameter } from './parameter';\n",
            1,
        );
        text.push_str("\n    // Parameters\n");
    }
    for p in &template.parameters {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(p.kind));
        if let Some(default) = &p.default {
            body.insert("default".to_owned(), default.to_json());
        }
        if let Some(pattern) = p.pattern {
            body.insert("allowedPattern".to_owned(), json!(pattern));
        }
        body.insert("description".to_owned(), json!(p.description));
        let _ = writeln!(
            text,
            "    const {} = parameter(this, {}, {});",
            variable(p.name),
            quoted(p.name),
            literal(&Json::Object(body), 4)
        );
    }
    text.push_str(RESOURCES);
    text.push_str(body);
    let mut beside = String::new();
    for (resource, residue) in residues {
        let variable = variable(&resource.id);
        if let Some(policy) = replace_policy(resource.on_delete) {
            let _ = writeln!(
                beside,
                "    {variable}.cfnOptions.updateReplacePolicy = cdk.CfnDeletionPolicy.{policy};"
            );
        }
        if let Some(metadata) = &residue.metadata {
            let _ = writeln!(beside, "    {variable}.addOverride('Metadata', {});", literal(metadata, 4));
        }
        for Residue { path, value } in &residue.properties {
            let _ = writeln!(
                beside,
                "    {variable}.addPropertyOverride({}, {});",
                quoted(path),
                literal(value, 4)
            );
        }
    }
    if !beside.is_empty() {
        text.push_str("\n    // Beside the constructs\n");
        text.push_str(&beside);
    }
    text.push_str(&tail);
    Some(text)
}

/// A resource of a type that the tables do not know becomes one of the CDK's nameless kind.
fn untyped(written: &str, resource: &Resource, template: &Template) -> String {
    let mut parts = resource.kind.split("::").skip(1);
    let (service, kind) = (
        parts.next().unwrap_or_default().to_lowercase(),
        parts.next().unwrap_or_default(),
    );
    let (id, variable) = (&resource.id, variable(&resource.id));
    let text = written.replacen(
        &format!("new {service}.Cfn{kind}(this, '{id}', {{\n"),
        &format!("new cdk.CfnResource(this, '{id}', {{\n      type: '{}',\n", resource.kind),
        1,
    );
    let attributes: BTreeSet<String> = template
        .resources()
        .map(|r| &r.properties)
        .chain(template.outputs.iter().map(|o| &o.value))
        .flat_map(|value| attributes_of(value, id))
        .collect();
    attributes.into_iter().fold(text, |text, attribute| {
        let typed = voca_rs::case::pascal_case(&attribute.replace('.', ""));
        let untyped = format!("{variable}.getAtt({}).toString()", quoted(&attribute));
        text.replace(&format!("{variable}.attr{typed}"), &untyped)
    })
}

/// The attributes of a resource that a value needs.
fn attributes_of(value: &Value, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    value.walk(&mut |value| {
        if let Value::GetAtt(of, attribute) = value {
            found.extend((of == id).then(|| attribute.clone()));
        } else if let Value::Sub(text) = value {
            let names = placeholders(text).into_iter().filter_map(|name| name.split_once('.'));
            found.extend(names.filter(|(of, _)| *of == id).map(|(_, attribute)| attribute.to_owned()));
        }
    });
    found
}

/// The stack without the properties that would be its parameters.
fn without_props(written: &str, class: &str) -> Option<String> {
    let (head, rest) = written.split_once(&format!("export interface {class}Props extends cdk.StackProps {{\n"))?;
    let (_, rest) = rest.split_once("}\n\n")?;
    Some(format!("{head}{rest}").replacen(&format!("props: {class}Props"), "props: cdk.StackProps", 1))
}

fn replace_policy(policy: OnDelete) -> Option<&'static str> {
    match policy {
        OnDelete::Delete => None,
        OnDelete::DeleteButKeepReplaced | OnDelete::Keep => Some("RETAIN"),
        OnDelete::Snapshot => Some("SNAPSHOT"),
    }
}

/// The name that the constructs refer to a resource or parameter by.
fn variable(id: &str) -> String {
    voca_rs::case::camel_case(id)
}

/// A string of TypeScript.
fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}

/// JSON as a literal of TypeScript, its later lines indented.
fn literal(value: &Json, indent: usize) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    pretty.replace('\n', &format!("\n{}", " ".repeat(indent)))
}

fn readme(app: &str, region: &str, stacks: &[(&Template, Stack)]) -> String {
    let mut text = format!(
        "# {app} as a CDK app\n\n\
         The stacks of {app} in TypeScript, for the [AWS CDK](https://docs.aws.amazon.com/cdk/v2/guide/home.html). It is made from the\n\
         templates by [cdk-from-cfn](https://github.com/cdklabs/cdk-from-cfn) and gives the same templates back. It needs Node 20 or newer.\n\n\
         ```sh\nnpm install\nnpm run templates\n```\n\n\
         synthesizes the stacks and puts their templates in the place of those that `../deploy.sh` deploys; `../deploy.sh update` rolls\n\
         them out, as before. So the order of a release stays: build, migrate, servers. `npx cdk diff` is for looking only: the stacks are\n\
         deployed by the pipeline in {region}, with parameters that it fills in, and `cdk deploy` would do that behind its back. Warnings\n\
         that `cdk synth` prints come from checks of the CDK; the same templates were checked when they were planned.\n\n\
         | File | Stack | Template |\n|---|---|---|\n"
    );
    for (template, _) in stacks {
        let _ = writeln!(
            text,
            "| `lib/{}.ts` | `{}` | `{}` |",
            module(template.role),
            template.name,
            place(template)
        );
    }
    text.push_str(
        "\n## What it cannot say\n\n\
         - Every resource is a construct of the first level (`Cfn…`), as in the template. Grants, defaults and names that constructs of a\n  \
         higher level would add are not wanted here: they would replace what runs.\n\
         - Comments of the templates are not in it; the templates beside it keep them until `npm run templates` replaces them.\n\
         - What happens to a replaced resource, remarks for checkers, and properties younger than the tables of cdk-from-cfn stand at the\n  \
         end of each constructor, under `Beside the constructs`, word for word as in the template.\n",
    );
    let beside: Vec<&String> = stacks.iter().flat_map(|(_, s)| &s.beside).collect();
    if !beside.is_empty() {
        text.push_str("\n  Properties there:\n");
        for line in beside {
            let _ = writeln!(text, "  - {line}");
        }
    }
    text
}

#[cfg(test)]
mod tests;
