//! The README of an ejected folder.

use std::fmt::Write as _;

use crate::choices::Dns;
use crate::eject::EjectedFile;
use crate::plan::{Plan, StackRole};
use crate::source_host::{connection_name, host_name};

/// What a person needs to know who has only this folder and the AWS CLI.
pub(super) fn readme(plan: &Plan, files: &[EjectedFile]) -> String {
    let choices = &plan.inputs.choices;
    let (app, region) = (choices.name(), &choices.region);
    let host = host_name(choices.provider);
    let repository = choices.repository.as_deref().unwrap_or_default();
    let mut text = format!(
        "# {app} in AWS\n\n\
         This folder builds {app} in your AWS account, in {region}, and from then on rolls out\n\
         {released} (`{repository}` at {host}).\n\
         It needs `bash` and the [AWS CLI](https://aws.amazon.com/cli/), version 1.40 or newer, or 2; nothing else, and nobody but\n\
         AWS. It holds no secret: put it under version control.\n\n\
         ## Deploy\n\n\
         Sign in with the AWS CLI so that `aws sts get-caller-identity` shows the right account, then:\n\n\
         ```sh\n./deploy.sh\n```\n\n\
         1. It looks for the connection `{connection}` and makes it if there is none. A new one waits for you: the script prints\n   \
         the page on which you allow AWS to read your repositories at {host}.\n\
         2. It deploys {first}.\n\
         3. It uploads the content of `infra/` as `infra.zip`, with the answers that only your account can give in the places\n   \
         marked with `@...@`.\n\
         4. It starts the pipeline and follows it. The pipeline builds your code, deploys `{app}-base` and `{app}-service` and\n   \
         releases. The first run takes about half an hour, most of it for CloudFront{database}.\n\n\
         {domain}Running it again is safe. If something fails, it says what; correct that and run it again. A new pipeline also starts by\n\
         itself before there is anything to deploy: that one first run fails at its source, and nothing comes of it.\n\n",
        released = choices.released(&format!("`{}`", choices.branch)),
        connection = connection_name(choices.provider),
        first = if plan.stack(StackRole::Edge).is_some() {
            format!("the stacks `{app}-edge` (certificate, web firewall; in us-east-1) and `{app}-pipeline`")
        } else {
            format!("the stack `{app}-pipeline`")
        },
        domain = if choices.domain.as_ref().is_some_and(|d| d.dns == Dns::Outside) {
            "The certificate waits until AWS sees records at your DNS provider: the script shows them and goes on by itself. At the\n\
             end it says what to lead the domain to.\n\n"
        } else {
            ""
        },
        database = if plan.files.iter().any(|f| f.path == "migrate.sh") {
            " and the database"
        } else {
            ""
        },
    );
    let _ = write!(
        text,
        "## Update\n\n\
         Change what you like in the templates, then run `./deploy.sh update`. What was answered at the first time (zones,\n\
         prefix list) is read from the stack that runs, so that nothing is replaced by accident. New code needs no update: commit.\n\n\
         If Zonké Desktop changed the application since, the script stops: secrets that were added there are not known to this\n\
         folder and would be taken from the servers. Make the folder anew from the running application (*Eject to a folder*\n\
         there, or `zonke eject --deployed {app} --out FOLDER`), or add `--take-over`.\n\n",
    );
    let _ = write!(
        text,
        "## Operate\n\n\
         | To | Do |\n|---|---|\n\
         | release the latest commit again | `aws codepipeline start-pipeline-execution --region {region} --name {app}` |\n\
         | change the number of servers | edit `MinServers` and `MaxServers` in `infra/service.json`, then update |\n\
         | add a secret | put the key into the secret `{app}/app` (AWS console, Secrets Manager); in `infra/service.template.yaml` add it to `Secrets` as `{{ Name: KEY, ValueFrom: !Sub \"${{AppSecret}}:KEY::\" }}`{parameter}; set `SecretsRevision` in `infra/service.json` to another value; then update |\n\
         | change the value of a secret | change it in the AWS console, then set `SecretsRevision` to another value and update: the servers start anew |\n\
         | read the log | `aws logs tail /zonke/{app}/api --region {region} --follow` |\n\n\
         ## Take down\n\n\
         ```sh\n./deploy.sh teardown\n```\n\n\
         asks for the name `{app}`, then deletes the stacks in the right order with everything in them. What stays: a last\n\
         snapshot of the database, if there is one, and the connection to {host}, which other applications may use.\n\n\
         ## What is here\n\n\
         | File | What it is |\n|---|---|\n",
        parameter = if plan.inputs.secret_keys.is_empty() {
            format!(
                " and, because it is the first, to `Parameters` \
                 `AppSecret: {{ Type: AWS::SSM::Parameter::Value<String>, Default: /zonke/{app}/app-secret }}`"
            )
        } else {
            String::new()
        },
    );
    for file in files {
        let _ = writeln!(text, "| `{}` | {} |", file.path, file.about);
    }
    let _ = write!(
        text,
        "\n`.written.sha256` has the sums of all of them (`sha256sum --check .written.sha256`), so that a folder that is written again\n\
         keeps what you changed.\n\n\
         It costs about {:.2} USD a month: {}\n\n\
         Nothing is lost by leaving: Zonké Desktop reads the stacks in your account and goes on with an application that was\n\
         deployed from here, unless you changed the templates. It would write its own over them.\n",
        plan.price.total, plan.price.assumptions
    );
    text
}
