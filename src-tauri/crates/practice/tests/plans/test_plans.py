"""What Zonké plans, taken through the practice account: every variant becomes three complete stacks, side by side."""

import json
import os
import sys
import threading
import unittest
import zipfile
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "behavior"))
from account import client, eventually  # noqa: E402

# Put into infra.zip by the test in Rust, which cannot know the bucket's name.
PLACEHOLDER = "bucket-of-the-pipeline-stack"


class Application:
    """One planned application on its way."""

    def __init__(self, folder):
        self.folder = folder
        self.name = folder.name
        self.problem = None

    def run(self):
        """Deploy and keep what went wrong."""
        try:
            self.deploy()
        except Exception as error:  # noqa: BLE001
            self.problem = f"{type(error).__name__}: {error}"

    def stack(self, role):
        name = f"{self.name}-{role}"
        found = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return found["StackStatus"], {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def failures(self, role):
        pages = (
            client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=f"{self.name}-{role}")
        )
        events = [event for page in pages for event in page["StackEvents"]]
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason"))
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED")
        ]

    def deploy(self):
        """The pipeline stack, then the upload, then a run of the pipeline."""
        connection = self.connection()
        client("cloudformation").create_stack(
            StackName=f"{self.name}-pipeline",
            TemplateBody=(self.folder / "pipeline.template.yaml").read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": "ConnectionArn", "ParameterValue": connection}],
            Capabilities=["CAPABILITY_IAM"],
        )
        status = self.settled("pipeline")
        assert status == "CREATE_COMPLETE", self.failures("pipeline")
        self.upload(self.stack("pipeline")[1]["ArtifactBucketName"])
        self.succeed("the first release")
        for role in ("base", "service"):
            status, _ = self.stack(role)
            assert status == "CREATE_COMPLETE", (role, status)
        _, base = self.stack("base")
        assert base["SiteUrl"].startswith("https://"), base
        service = client("ecs").describe_services(cluster=base["ClusterName"], services=[f"{self.name}-api"])[
            "services"
        ][0]
        assert service["runningCount"] == service["desiredCount"] == 1, service
        # The same again must find nothing to do, or every commit would touch the network.
        self.succeed("the second release")
        for stage, action in (("Build", "Infrastructure"), ("Deploy", "Service")):
            summary = self.action(stage, action)["summary"]
            assert summary == "Stack was already up to date.", (action, summary)

    def connection(self):
        connections = client("codeconnections")
        arn = connections.create_connection(ConnectionName=self.name, ProviderType="GitHub")["ConnectionArn"]

        def available():
            return connections.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"] == "AVAILABLE"

        eventually(available, what="the hand-shake")
        return arn

    def settled(self, role):
        def status():
            now = self.stack(role)[0]
            return None if now.endswith("_IN_PROGRESS") else now

        return eventually(status, 120, f"the end of {role}")

    def upload(self, bucket):
        content = BytesIO()
        with zipfile.ZipFile(self.folder / "infra.zip") as given, zipfile.ZipFile(content, "w") as made:
            for name in given.namelist():
                made.writestr(name, given.read(name).replace(PLACEHOLDER.encode(), bucket.encode()))
            key = json.loads(given.read("base.json"))["Parameters"].get("MigratorKey")
        migrator = (self.folder / "migrator.zip").read_bytes()
        if key:
            client("s3").put_object(Bucket=bucket, Key=key, Body=migrator)
        client("s3").put_object(Bucket=bucket, Key="infra/infra.zip", Body=content.getvalue())

    def succeed(self, what):
        pipeline = client("codepipeline")
        execution = pipeline.start_pipeline_execution(name=self.name)["pipelineExecutionId"]

        def status():
            now = pipeline.get_pipeline_execution(pipelineName=self.name, pipelineExecutionId=execution)
            now = now["pipelineExecution"]["status"]
            return None if now == "InProgress" else now

        ended = eventually(status, 120, what)
        details = pipeline.list_action_executions(pipelineName=self.name)["actionExecutionDetails"]
        errors = [
            (each["actionName"], each["output"]["executionResult"].get("errorDetails"))
            for each in details
            if each["pipelineExecutionId"] == execution and each["status"] != "Succeeded"
        ]
        assert ended == "Succeeded", (what, ended, errors)

    def action(self, stage, name):
        states = client("codepipeline").get_pipeline_state(name=self.name)["stageStates"]
        stage = next(each for each in states if each["stageName"] == stage)
        return next(each for each in stage["actionStates"] if each["actionName"] == name)["latestExecution"]


class Plans(unittest.TestCase):
    """All variants at once."""

    def test_every_variant_becomes_a_running_application(self):
        applications = [Application(folder) for folder in sorted(Path(os.environ["PLANS"]).iterdir())]
        self.assertGreater(len(applications), 1)
        for service in ("cloudformation", "codeconnections", "codepipeline", "ecs", "s3"):
            client(service)  # making clients is not safe in threads, using them is
        threads = [threading.Thread(target=application.run) for application in applications]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({each.name: each.problem for each in applications if each.problem}, {})


if __name__ == "__main__":
    unittest.main()
