"""Deploys planned choice sets into a practice account and prints one line for each; see scripts/deploy-matrix.

    deploy.py ZONKE SERVER FOLDER

SERVER is the file that says where the practice account listens, FOLDER what the example `write_matrix` wrote.
"""

import io
import json
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import botocore.config
import botocore.exceptions
import botocore.session

# Longest time for one stack, in seconds: what takes AWS an hour takes two here.
PATIENCE = 120
IMAGE = "111122223333.dkr.ecr.{region}.amazonaws.com/zonke/app@sha256:" + "0" * 64


class Account:
    """The practice account in one region."""

    def __init__(self, server, region):
        self.server, self.region, self.clients = server, region, {}

    def client(self, service):
        """A client of one service."""
        if service not in self.clients:
            self.clients[service] = botocore.session.get_session().create_client(
                service,
                endpoint_url=f"http://127.0.0.1:{self.server['port']}",
                region_name=self.region,
                aws_access_key_id=self.server["accessKey"],
                aws_secret_access_key="practice",
                config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
            )
        return self.clients[service]

    def deploy(self, name, template, parameters, tags):
        """Makes a stack, then updates it with itself. Returns its outputs."""
        stacks = self.client("cloudformation")
        request = {
            "StackName": name,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            "Capabilities": ["CAPABILITY_IAM"],
            **template,
        }
        stacks.create_stack(**request)
        status, outputs = self.settled(name)
        if status != "CREATE_COMPLETE":
            raise Failed(f"{name}: {status}: {'; '.join(self.reasons(name))}")
        try:
            stacks.update_stack(**request)
        except botocore.exceptions.ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
            return outputs
        status, _ = self.settled(name)
        events = stacks.describe_stack_events(StackName=name)["StackEvents"]
        touched = {e["LogicalResourceId"] for e in events if e["ResourceStatus"].startswith("UPDATE")} - {name}
        if touched or status != "UPDATE_COMPLETE":
            raise Failed(f"{name}: the same template again changed {', '.join(sorted(touched))} ({status})")
        return outputs

    def settled(self, name):
        """Status and outputs of a stack, once it changes no more."""
        deadline = time.monotonic() + PATIENCE
        while True:
            stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return stack["StackStatus"], {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
            if time.monotonic() > deadline:
                raise Failed(f"{name} is still {stack['StackStatus']}")
            time.sleep(0.02)

    def reasons(self, name):
        """Why resources failed, the first one first."""
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        failed = [e for e in reversed(events) if e["ResourceStatus"].endswith("_FAILED")]
        return [f"{e['LogicalResourceId']} {e.get('ResourceStatusReason')}" for e in failed]


class Failed(Exception):
    """A stack did not become what it should."""


def there_before(account, choices):
    """Makes what a user has before the application: a zone of DNS, a network. Returns the ids that the choices have for them, each
    with the one it got."""
    ids = {}
    domain, network = choices["domain"], choices.get("network")
    if domain and domain["dns"]["kind"] == "route53":
        made = account.client("route53").create_hosted_zone(Name=domain["name"], CallerReference="matrix")
        ids[domain["dns"]["zoneId"]] = made["HostedZone"]["Id"].rpartition("/")[2]
    if network:
        ec2 = account.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        ids[network["vpcId"]] = vpc
        subnets = [subnet for kind in ("publicSubnets", "privateSubnets", "isolatedSubnets") for subnet in network[kind]]
        for number, subnet in enumerate(subnets):
            zone = f"{account.region}{'ac'[number % 2]}"
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)
            ids[subnet] = made["Subnet"]["SubnetId"]
    return ids


def replaced(text, ids):
    """The text with every id in place of the one that stood for it."""
    for before, after in ids.items():
        text = text.replace(before, after)
    return text


def deploy(server, folder):
    """All stacks of one choice set."""
    text = (folder / "plan.json").read_text(encoding="utf-8")
    choices = json.loads(text)["inputs"]["choices"]
    account = Account(server, choices["region"])
    made = there_before(account, choices)
    plan = json.loads(replaced(text, made))
    stacks = {stack["role"]: stack for stack in plan["stacks"]}
    with zipfile.ZipFile(folder / "infra.zip") as archive:
        files = {name: replaced(archive.read(name).decode(), made) for name in archive.namelist()}
    configured = {role: json.loads(files[f"{role}.json"]) for role in ("base", "service")}
    tags = configured["base"]["Tags"]

    edge = {}
    if "edge" in stacks:
        abroad = Account(server, stacks["edge"]["region"])
        edge = abroad.deploy(stacks["edge"]["name"], {"TemplateBody": stacks["edge"]["template"]}, {}, tags)
    connections = account.client("codeconnections")
    connection = connections.create_connection(ConnectionName="code", ProviderType="GitHub")["ConnectionArn"]
    known = {p["name"]: p["value"] for p in stacks["pipeline"]["parameters"]}
    template = {"TemplateBody": stacks["pipeline"]["template"]}
    made = account.deploy(stacks["pipeline"]["name"], template, {**known, "ConnectionArn": connection}, tags)
    bucket = made["ArtifactBucketName"]

    storage = account.client("s3")
    given = configured["base"]["Parameters"]
    answers = {"ArtifactBucket": bucket, "Certificate": edge.get("CertificateArn"), "WebAcl": edge.get("WebAclArn")}
    given.update({name: answer for name, answer in answers.items() if name in given})
    if "MigratorKey" in given:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.mjs", "export const handler = async () => ({});")
        storage.put_object(Bucket=bucket, Key=given["MigratorKey"], Body=code.getvalue())
    image = {"ImageUri": IMAGE.format(region=account.region)}
    for role, extra in (("base", {}), ("service", image)):
        # As the pipeline hands them over: from a bucket, where they may be longer.
        storage.put_object(Bucket=bucket, Key=f"{role}.yaml", Body=stacks[role]["template"].encode())
        address = {"TemplateURL": f"https://s3.{account.region}.amazonaws.com/{bucket}/{role}.yaml"}
        account.deploy(stacks[role]["name"], address, {**configured[role]["Parameters"], **extra}, tags)
    return sum(len(stack["resources"]) for stack in plan["stacks"])


def main():
    """Every choice set into an account with nothing in it."""
    zonke, server, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    unknown, deployed, failed, resources = Counter(), 0, 0, 0
    sets = sorted(folder.iterdir())
    for each in sets:
        subprocess.run([zonke, "practice", "reset"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            count = deploy(json.loads(server.read_text(encoding="utf-8")), each)
        except (Failed, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            missing = re.search(r"Unrecognized resource types: \[([^\]]*)\]", str(error))
            unknown.update(missing.group(1).split(", ") if missing else [])
            failed += 0 if missing else 1
            print(f"{'unknown' if missing else 'FAILED '} {each.name}\n        {error}", flush=True)
        else:
            deployed += 1
            resources += count
            print(f"ok      {each.name}: {count} resources", flush=True)
    for kind, count in unknown.most_common():
        print(f"the practice account does not know {kind} ({count} choice sets)")
    print(f"{len(sets)} choice sets: {deployed} deployed, {failed} failed, {resources} resources")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
