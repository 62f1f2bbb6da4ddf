"""CodePipeline: sources, real stacks, played builds, failures, order."""

import json
import uuid

from account import AccountTest, client, eventually, zipped
from botocore.exceptions import ClientError

BASE = {
    "Parameters": {"App": {"Type": "String"}},
    "Resources": {
        "Cluster": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Name": {"Fn::Sub": "/t/${App}/cluster"}, "Value": "c"},
        }
    },
    "Outputs": {"UiBucketName": {"Value": {"Fn::Sub": "${App}-ui"}}},
}
SERVICE = {
    "Parameters": {
        "ImageUri": {"Type": "String"},
        "Cluster": {"Type": "AWS::SSM::Parameter::Value<String>"},
        "Count": {"Type": "Number", "Default": 1},
    },
    "Resources": {
        "Image": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "ImageUri"}}}
    },
    "Outputs": {"Image": {"Value": {"Ref": "ImageUri"}}, "Cluster": {"Value": {"Ref": "Cluster"}}},
}
BUILDSPEC = "version: 0.2\nenv:\n  exported-variables: [IMAGE_URI, MIGRATION_KEY]\n"


def action(name, provider, configuration, category="Build", order=1, inputs=(), outputs=(), namespace=None):
    """An action as a template has it."""
    return {
        "Name": name,
        "RunOrder": order,
        "ActionTypeId": {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"},
        "Configuration": configuration,
        "InputArtifacts": [{"Name": each} for each in inputs],
        "OutputArtifacts": [{"Name": each} for each in outputs],
        **({"Namespace": namespace} if namespace else {}),
    }


def stack_action(name, file, namespace=None, mode="CREATE_UPDATE", **more):
    """A CloudFormation action on templates of the Infra artifact."""
    configuration = {
        "ActionMode": mode,
        "StackName": name,
        "TemplatePath": f"Infra::{file}.yaml",
        "TemplateConfiguration": f"Infra::{file}.json",
    }
    return action(
        file.title(), "CloudFormation", {**configuration, **more}, "Deploy", inputs=["Infra"], namespace=namespace
    )


class Pipelines(AccountTest):
    """One pipeline per test, made by CloudFormation like the app's."""

    def make(self, mode="QUEUED", base_mode="CREATE_UPDATE"):
        """Create the pipeline stack; the pipeline runs at once, without an infra.zip."""
        self.app = "p" + uuid.uuid4().hex[:8]
        connection = client("codeconnections").create_connection(ConnectionName=self.app, ProviderType="GitHub")[
            "ConnectionArn"
        ]
        self.connection = connection
        eventually(lambda: self.connection_status() == "AVAILABLE", what="the hand-shake")
        self.bucket = f"{self.app}-artifacts"
        source = {
            "ConnectionArn": connection,
            "FullRepositoryId": "me/shop",
            "BranchName": "main",
            "DetectChanges": "false",
        }
        api = {
            "ProjectName": {"Ref": "Api"},
            "PrimarySource": "Infra",
            "EnvironmentVariables": '[{"name":"COMMIT","value":"#{Code.CommitId}"}]',
        }
        migrate = {
            "ProjectName": {"Ref": "Tools"},
            "EnvironmentVariables": json.dumps(
                [{"name": "KEY", "value": "#{Api.MIGRATION_KEY}"}, {"name": "UI", "value": "#{Base.UiBucketName}"}]
            ),
        }
        overrides = {"ParameterOverrides": '{"ImageUri":"#{Api.IMAGE_URI}"}'}
        stages = [
            {
                "Name": "Source",
                "Actions": [
                    action("Code", "CodeStarSourceConnection", source, "Source", outputs=["Code"], namespace="Code"),
                    action(
                        "Infra",
                        "S3",
                        {"S3Bucket": {"Ref": "Bucket"}, "S3ObjectKey": "infra/infra.zip"},
                        "Source",
                        outputs=["Infra"],
                    ),
                ],
            },
            {
                "Name": "Build",
                "Actions": [
                    stack_action(f"{self.app}-base", "base", "Base", base_mode),
                    action("Api", "CodeBuild", api, inputs=["Infra", "Code"], namespace="Api"),
                ],
            },
            {"Name": "Migrate", "Actions": [action("Migrate", "CodeBuild", migrate, inputs=["Infra"])]},
            {"Name": "Deploy", "Actions": [stack_action(f"{self.app}-service", "service", **overrides)]},
        ]
        project = {
            "ServiceRole": "arn:aws:iam::111122223333:role/r",
            "Artifacts": {"Type": "CODEPIPELINE"},
            "Environment": {
                "Type": "ARM_CONTAINER",
                "Image": "i",
                "ComputeType": "BUILD_GENERAL1_SMALL",
                "EnvironmentVariables": [{"Name": "REPOSITORY_URI", "Value": "registry/shop"}],
            },
            "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": {"Ref": "Logs"}}},
            "Source": {"Type": "CODEPIPELINE", "BuildSpec": "buildspec-api.yml"},
        }
        bucket = {"BucketName": self.bucket, "VersioningConfiguration": {"Status": "Enabled"}}
        pipeline = {
            "Name": self.app,
            "PipelineType": "V2",
            "ExecutionMode": mode,
            "RoleArn": "arn:aws:iam::111122223333:role/r",
            "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Bucket"}},
            "Stages": stages,
        }
        template = {
            "Resources": {
                "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
                "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/t/{self.app}"}},
                "Api": {"Type": "AWS::CodeBuild::Project", "Properties": {"Name": f"{self.app}-api", **project}},
                "Tools": {"Type": "AWS::CodeBuild::Project", "Properties": {"Name": f"{self.app}-tools", **project}},
                "Pipeline": {"Type": "AWS::CodePipeline::Pipeline", "Properties": pipeline},
            }
        }
        self.template = template
        self.assertEqual(self.deploy(f"{self.app}-pipeline", template), "CREATE_COMPLETE")

    def connection_status(self):
        return client("codeconnections").get_connection(ConnectionArn=self.connection)["Connection"]["ConnectionStatus"]

    def upload(self, **files):
        """Put an infra.zip into the bucket; its version."""
        content = {
            "base.yaml": BASE,
            "base.json": {"Parameters": {"App": self.app}, "Tags": {"zonke:app": self.app}},
            "service.yaml": SERVICE,
            "service.json": {"Parameters": {"Cluster": f"/t/{self.app}/cluster"}},
            "buildspec-api.yml": BUILDSPEC,
        }
        content.update({name.replace("_", "."): value for name, value in files.items()})
        content = {name: value for name, value in content.items() if value is not None}
        return client("s3").put_object(Bucket=self.bucket, Key="infra/infra.zip", Body=zipped(content))["VersionId"]

    def latest(self):
        return client("codepipeline").list_pipeline_executions(pipelineName=self.app)["pipelineExecutionSummaries"][0]

    def finished(self, execution_id=None):
        """Status of an execution, by default the latest, once it is over."""
        execution_id = execution_id or self.latest()["pipelineExecutionId"]

        def status():
            found = client("codepipeline").get_pipeline_execution(
                pipelineName=self.app, pipelineExecutionId=execution_id
            )
            now = found["pipelineExecution"]["status"]
            return None if now in ("InProgress", "Stopping") else now

        return eventually(status, what="the end of the execution")

    def start(self, **more):
        return client("codepipeline").start_pipeline_execution(name=self.app, **more)["pipelineExecutionId"]

    def action(self, stage, name):
        """State of an action in GetPipelineState."""
        states = client("codepipeline").get_pipeline_state(name=self.app)["stageStates"]
        stage = next(each for each in states if each["stageName"] == stage)
        return next(each for each in stage["actionStates"] if each["actionName"] == name)

    def outputs(self, name):
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def test_the_first_run_fails_honestly_without_infrastructure_and_a_retry_goes_on(self):
        self.make()
        self.assertEqual(self.finished(), "Failed")
        error = self.action("Source", "Infra")["latestExecution"]["errorDetails"]
        self.assertIn("The object with key 'infra/infra.zip' does not exist", error["message"])
        execution = self.latest()["pipelineExecutionId"]
        with self.assertRaisesRegex(ClientError, "not in a retryable|not the latest"):
            client("codepipeline").retry_stage_execution(
                pipelineName=self.app, stageName="Build", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
            )
        version = self.upload()
        client("codepipeline").retry_stage_execution(
            pipelineName=self.app, stageName="Source", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
        )
        self.assertEqual(self.finished(execution), "Succeeded")
        self.assertIn(version, [each["revisionId"] for each in self.latest()["sourceRevisions"]])

    def test_a_run_takes_the_stacks_through_with_variables_of_earlier_actions(self):
        self.make()
        self.finished()
        self.upload()
        self.assertEqual(self.finished(self.start()), "Succeeded")
        service = self.outputs(f"{self.app}-service")
        self.assertRegex(service["Image"], r"^registry/shop@sha256:[0-9a-f]{64}$")
        self.assertEqual(service["Cluster"], "c")
        tags = client("cloudformation").describe_stacks(StackName=f"{self.app}-base")["Stacks"][0]["Tags"]
        self.assertEqual(tags, [{"Key": "zonke:app", "Value": self.app}])

        details = client("codepipeline").list_action_executions(pipelineName=self.app)["actionExecutionDetails"]
        migrate = next(each for each in details if each["actionName"] == "Migrate")
        variables = {
            row["name"]: row["value"]
            for row in json.loads(migrate["input"]["resolvedConfiguration"]["EnvironmentVariables"])
        }
        self.assertRegex(variables["KEY"], r"^migrations/[0-9a-f]{40}\.tgz$")
        self.assertEqual(variables["UI"], f"{self.app}-ui")
        api = self.action("Build", "Api")["latestExecution"]
        self.assertIn("does not build or run code", api["summary"])
        stream = api["externalExecutionId"].partition(":")[2]
        log = client("logs").get_log_events(logGroupName=f"/t/{self.app}", logStreamName=stream)["events"]
        self.assertTrue(any("does not build or run code" in event["message"] for event in log))
        base = self.action("Build", "Base")["latestExecution"]
        self.assertIn("cloudformation/home", base["externalExecutionUrl"])

        # The same again changes nothing; a new setting goes through.
        again = self.start()
        self.assertEqual(self.finished(again), "Succeeded")
        self.assertEqual(
            self.action("Deploy", "Service")["latestExecution"]["summary"], "Stack was already up to date."
        )
        self.upload(service_json={"Parameters": {"Cluster": f"/t/{self.app}/cluster", "Count": "3"}})
        self.assertEqual(self.finished(self.start()), "Succeeded")
        found = client("cloudformation").describe_stacks(StackName=f"{self.app}-service")["Stacks"][0]
        self.assertIn({"ParameterKey": "Count", "ParameterValue": "3"}, found["Parameters"])
        self.assertEqual(found["StackStatus"], "UPDATE_COMPLETE")

    def test_an_old_pair_of_code_and_infrastructure_can_run_again(self):
        self.make()
        self.finished()
        old = self.upload()
        self.finished(self.start())
        before = self.outputs(f"{self.app}-service")["Image"]
        self.upload()
        commit = "a" * 40
        revisions = [
            {"actionName": "Code", "revisionType": "COMMIT_ID", "revisionValue": commit},
            {"actionName": "Infra", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": old},
        ]
        self.assertEqual(self.finished(self.start(sourceRevisions=revisions)), "Succeeded")
        self.assertNotEqual(self.outputs(f"{self.app}-service")["Image"], before)
        self.assertEqual({each["revisionId"] for each in self.latest()["sourceRevisions"]}, {commit, old})

    def test_the_reason_of_a_failing_resource_reaches_the_action_and_a_retry_helps(self):
        self.make()
        self.finished()
        self.upload()
        self.faults({"cfn": {"Cluster": "parameter limit exceeded"}})
        execution = self.start()
        self.assertEqual(self.finished(execution), "Failed")
        message = self.action("Build", "Base")["latestExecution"]["errorDetails"]["message"]
        self.assertIn("Cluster (AWS::SSM::Parameter): parameter limit exceeded", message)
        self.assertEqual(self.action("Build", "Api")["latestExecution"]["status"], "Succeeded", "its neighbor finished")

        # A stack whose creation failed cannot be updated, as in AWS.
        self.faults({})
        retry = {
            "pipelineName": self.app,
            "stageName": "Build",
            "pipelineExecutionId": execution,
            "retryMode": "FAILED_ACTIONS",
        }
        client("codepipeline").retry_stage_execution(**retry)
        self.assertEqual(self.finished(execution), "Failed")
        message = self.action("Build", "Base")["latestExecution"]["errorDetails"]["message"]
        self.assertIn("is in ROLLBACK_COMPLETE state and can not be updated", message)

        client("cloudformation").delete_stack(StackName=f"{self.app}-base")
        eventually(self.no_base, what="the deletion")
        client("codepipeline").retry_stage_execution(**retry)
        self.assertEqual(self.finished(execution), "Succeeded")

    def test_the_reason_is_found_behind_many_other_events(self):
        self.make()
        self.finished()
        topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic", "Properties": {}} for number in range(60)}
        last = {
            "Type": "AWS::SSM::Parameter",
            "DependsOn": list(topics),
            "Properties": {"Type": "String", "Value": "v"},
        }
        template = {**BASE, "Resources": {**BASE["Resources"], **topics, "Last": last}}
        self.upload(base_yaml=template)
        self.faults({"cfn": {"Last": "the last one fails"}})
        self.assertEqual(self.finished(self.start()), "Failed")
        message = self.action("Build", "Base")["latestExecution"]["errorDetails"]["message"]
        self.assertIn("Last (AWS::SSM::Parameter): the last one fails", message)

    def no_base(self):
        try:
            client("cloudformation").describe_stacks(StackName=f"{self.app}-base")
        except ClientError:
            return True
        return False

    def test_replace_on_failure_makes_a_failed_stack_anew(self):
        self.make(base_mode="REPLACE_ON_FAILURE")
        self.finished()
        self.upload()
        self.faults({"cfn": {"Cluster": "no"}})
        self.assertEqual(self.finished(self.start()), "Failed")
        self.faults({})
        self.assertEqual(self.finished(self.start()), "Succeeded")

    def test_what_is_missing_in_the_infrastructure_is_named(self):
        self.make()
        self.finished()
        self.upload(base_json=None, **{"buildspec-api_yml": None})
        self.assertEqual(self.finished(self.start()), "Failed")
        self.assertIn(
            "File [base.json] does not exist",
            self.action("Build", "Base")["latestExecution"]["errorDetails"]["message"],
        )
        self.assertIn("YAML_FILE_ERROR", self.action("Build", "Api")["latestExecution"]["errorDetails"]["message"])

    def test_an_action_fails_on_request(self):
        self.make()
        self.finished()
        self.upload()
        self.faults({"pipeline": {"Migrate.Migrate": "P3009: migrate found failed migrations"}})
        self.assertEqual(self.finished(self.start()), "Failed")
        self.assertIn("P3009", self.action("Migrate", "Migrate")["latestExecution"]["errorDetails"]["message"])
        self.assertNotIn("latestExecution", self.action("Deploy", "Service"), "nothing runs after a failed stage")

    def test_a_connection_that_nobody_finished_fails_the_source(self):
        self.make()
        self.finished()
        self.upload()
        self.faults({"connection": {self.app: "nobody clicks"}})
        self.assertEqual(self.connection_status(), "PENDING")
        self.assertEqual(self.finished(self.start()), "Failed")
        message = self.action("Source", "Code")["latestExecution"]["errorDetails"]["message"]
        self.assertIn("is not in AVAILABLE state", message)

    def test_executions_queue_and_can_be_stopped(self):
        self.make()
        self.finished()
        self.upload()
        first, second, third = self.start(), self.start(), self.start()
        client("codepipeline").stop_pipeline_execution(
            pipelineName=self.app, pipelineExecutionId=third, abandon=True, reason="not now"
        )
        self.assertEqual(self.finished(third), "Stopped")
        self.assertEqual((self.finished(first), self.finished(second)), ("Succeeded", "Succeeded"))
        details = client("codepipeline").list_action_executions(pipelineName=self.app)["actionExecutionDetails"]
        began = {(each["pipelineExecutionId"], each["actionName"]): each["startTime"] for each in details}
        ended = {(each["pipelineExecutionId"], each["actionName"]): each["lastUpdateTime"] for each in details}
        self.assertLessEqual(ended[first, "Migrate"], began[second, "Migrate"], "one execution in a stage at a time")
        with self.assertRaisesRegex(ClientError, "not stoppable"):
            client("codepipeline").stop_pipeline_execution(pipelineName=self.app, pipelineExecutionId=first)

    def test_deleting_the_stack_deletes_the_pipeline(self):
        self.make()
        client("s3").list_objects_v2(Bucket=self.bucket)
        client("cloudformation").delete_stack(StackName=f"{self.app}-pipeline")

        def gone():
            try:
                client("codepipeline").get_pipeline_state(name=self.app)
            except ClientError as error:
                return error.response["Error"]["Code"] == "PipelineNotFoundException"

        eventually(gone, what="the deletion of the pipeline")
