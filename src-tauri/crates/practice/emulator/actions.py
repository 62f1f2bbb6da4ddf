"""What the actions of a pipeline do.

Sources and CloudFormation actions are real: bytes come out of S3, templates go into CloudFormation. Builds are
played: the practice account has no access to the source host and builds nothing, and says so in every summary.
"""

import hashlib
import io
import json
import time
import urllib.parse
import uuid
import zipfile

import connections
import settings
import yaml
from calls import CallFailed, json_call, members, query_call
from cbor import Instant
from ministack.core.responses import get_account_id, get_region
from ministack.services import codebuild, s3

# Seconds in AWS.
SOURCE = 6
BUILD = {"api": 150, "ui": 80, "release": 45}
BUILD_DEFAULT = 60
STACK_POLL = 0.1

_OVERRIDES_LIMIT = 1000


class ActionFailed(Exception):
    """The reason why an action fails, with CodePipeline's code for it."""

    def __init__(self, message, code="JobFailed"):
        super().__init__(message)
        self.code = code


def perform(execution, action):
    """Do one action. Raises `ActionFailed`."""
    provider = action.declaration["actionTypeId"]["provider"]
    kinds = {
        "CodeStarSourceConnection": repository_source,
        "S3": bucket_source,
        "CloudFormation": stack,
        "CodeBuild": build,
    }
    # S3 is also a deploy action, which nothing of ours uses.
    known = provider in kinds and (provider != "S3" or action.declaration["actionTypeId"]["category"] == "Source")
    if not known:
        raise ActionFailed(f"The practice account cannot play {provider} actions.", "ConfigurationError")
    reason = settings.fault("pipeline", f"{action.stage}.{action.declaration['name']}", action.declaration["name"])
    if reason:
        settings.pause(SOURCE)
        raise ActionFailed(reason)
    kinds[provider](execution, action)


def _revise(execution, action, revision_id, summary):
    outputs = action.declaration.get("outputArtifacts") or []
    name = outputs[0]["name"] if outputs else action.declaration["name"]
    now = Instant(time.time())
    action.revision = {"revisionId": revision_id, "revisionChangeId": revision_id, "created": now}
    execution.revisions.append({"name": name, "revisionId": revision_id, "revisionSummary": summary, "created": now})
    action.revision["revisionSummary"] = summary
    return name


def repository_source(execution, action):
    """A commit of the user's repository, which the practice account cannot read: its id is made up and says so."""
    configuration = action.resolved
    arn, repository, branch = (
        configuration.get(key, "") for key in ("ConnectionArn", "FullRepositoryId", "BranchName")
    )
    connection = connections.view(arn)
    settings.pause(SOURCE)
    if connection is None:
        raise ActionFailed(f"Connection {arn} does not exist.", "ConfigurationError")
    if connection["ConnectionStatus"] != "AVAILABLE":
        message = f"Unable to use Connection: {arn}. The connection is not in AVAILABLE state."
        raise ActionFailed(message, "PermissionError")
    override = execution.source_revisions.get(action.declaration["name"])
    commit = override["revisionValue"] if override else hashlib.sha1(f"{repository}@{branch}".encode()).hexdigest()
    summary = "Practice commit: the practice account does not read your repository."
    name = _revise(execution, action, commit, summary)
    execution.artifacts[name] = None
    action.summary = summary
    action.external_id = commit
    action.outputs = {
        "CommitId": commit,
        "CommitMessage": summary,
        "BranchName": branch,
        "FullRepositoryName": repository,
        "ConnectionArn": arn,
        "ProviderType": connection["ProviderType"],
        "AuthorDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "AuthorDisplayName": "Practice account",
    }


def bucket_source(execution, action):
    """An object out of a versioned bucket."""
    bucket, key = action.resolved.get("S3Bucket", ""), action.resolved.get("S3ObjectKey", "")
    settings.pause(SOURCE)
    if bucket not in s3._buckets:
        raise ActionFailed(f"The bucket with name '{bucket}' does not exist.", "ConfigurationError")
    override = execution.source_revisions.get(action.declaration["name"])
    version = override["revisionValue"] if override else None
    status, headers, content = _object(bucket, key, version)
    if status == 404:
        raise ActionFailed(f"The object with key '{key}' does not exist in bucket '{bucket}'.", "ConfigurationError")
    if status >= 400:
        raise ActionFailed(f"The object '{key}' in bucket '{bucket}' cannot be read.", "PermissionError")
    found = {name.lower(): value for name, value in headers.items()}
    version = found.get("x-amz-version-id", "null")
    if version == "null":
        message = f"The bucket '{bucket}' has no versioning, which an S3 source action requires."
        raise ActionFailed(message, "ConfigurationError")
    name = _revise(execution, action, version, f"Amazon S3 version id: {version}")
    execution.artifacts[name] = content
    action.summary = f"Amazon S3 version id: {version}"
    action.external_id = version
    action.outputs = {
        "BucketName": bucket,
        "ObjectKey": key,
        "VersionId": version,
        "ETag": found.get("etag", "").strip('"'),
    }


def _object(bucket, key, version):
    import ministack.app as ministack

    query = {"versionId": [version]} if version else {}
    path = f"/{bucket}/{urllib.parse.quote(key)}"
    handler = ministack.SERVICE_HANDLERS["s3"]
    status, headers, body = ministack.call_service_handler_sync(handler, "GET", path, {"host": "localhost"}, b"", query)
    if status >= 400:
        return status, headers, b""
    if not isinstance(body, (bytes, bytearray)):
        body = s3._get_object_data(bucket, key, version_id=version)
    return status, headers, bytes(body)


# ---- CloudFormation ----


def _file(execution, action, reference, what):
    """Content of `Artifact::path`."""
    name, _, path = reference.partition("::")
    if name not in [each["name"] for each in action.declaration.get("inputArtifacts") or []]:
        message = f"The {what} {reference} names an artifact that is not an input of the action."
        raise ActionFailed(message, "ConfigurationError")
    content = execution.artifacts.get(name)
    try:
        with zipfile.ZipFile(io.BytesIO(content or b"")) as archive:
            return archive.read(path).decode()
    except KeyError:
        raise ActionFailed(f"File [{path}] does not exist in artifact [{name}]", "ConfigurationError") from None
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ActionFailed(f"Artifact [{name}] is not a readable zip file: {error}", "ConfigurationError") from error


def _json(text, what):
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ActionFailed(f"{what} is not valid JSON: {error}", "ConfigurationError") from error
    if not isinstance(value, dict):
        raise ActionFailed(f"{what} is not a JSON object", "ConfigurationError")
    return value


def _describe(name):
    try:
        found = query_call("cloudformation", "DescribeStacks", {"StackName": name})
    except CallFailed:
        return None
    stack_element = found.find(".//Stacks/member")
    if stack_element is None:
        return None
    outputs = {
        each.findtext("OutputKey"): each.findtext("OutputValue") for each in stack_element.findall("Outputs/member")
    }
    return {
        "id": stack_element.findtext("StackId"),
        "status": stack_element.findtext("StackStatus"),
        "reason": stack_element.findtext("StackStatusReason") or "",
        "outputs": outputs,
    }


def stack(execution, action):
    """Create, update or delete a stack and wait for it."""
    configuration = action.resolved
    name, mode = configuration["StackName"], configuration.get("ActionMode", "CREATE_UPDATE")
    found = _describe(name)
    if mode == "DELETE_ONLY":
        _delete(name, found, action)
        return
    if mode not in ("CREATE_UPDATE", "REPLACE_ON_FAILURE"):
        raise ActionFailed(f"The practice account cannot play the action mode {mode}.", "ConfigurationError")
    request = _request(execution, action, name)
    if found and found["status"].endswith("_IN_PROGRESS"):
        raise ActionFailed(f"Stack:{found['id']} is in {found['status']} state and can not be updated.")
    if found and found["status"] in (
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "CREATE_FAILED",
        "DELETE_FAILED",
        "UPDATE_ROLLBACK_FAILED",
    ):
        if mode != "REPLACE_ON_FAILURE":
            raise ActionFailed(f"Stack:{found['id']} is in {found['status']} state and can not be updated.")
        _delete(name, found, action)
        found = None
    try:
        query_call("cloudformation", "UpdateStack" if found else "CreateStack", request)
    except CallFailed as failure:
        if found and "No updates are to be performed" in failure.message:
            _finish(action, found, "Stack was already up to date.")
            return
        raise ActionFailed(failure.message, "ConfigurationError") from failure
    made = _wait(name, action)
    if made["status"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        verb = "update" if found else "creation"
        raise ActionFailed(f"Stack {verb} failed with status {made['status']}. {_first_failure(made['id'])}")
    _finish(action, made, f"Stack {name} was {'updated' if found else 'created'}.")


def _request(execution, action, name):
    configuration = action.resolved
    parameters, tags, policy = {}, {}, None
    if configuration.get("TemplateConfiguration"):
        reference = configuration["TemplateConfiguration"]
        settings_file = _json(_file(execution, action, reference, "template configuration"), reference)
        unknown = set(settings_file) - {"Parameters", "Tags", "StackPolicy"}
        if unknown:
            raise ActionFailed(f"Unknown keys in {reference}: {', '.join(sorted(unknown))}", "ConfigurationError")
        parameters.update(settings_file.get("Parameters") or {})
        tags.update(settings_file.get("Tags") or {})
        policy = settings_file.get("StackPolicy")
    overrides = configuration.get("ParameterOverrides") or ""
    if len(overrides.encode()) > _OVERRIDES_LIMIT:
        raise ActionFailed(
            "ParameterOverrides is longer than 1 KB, which CodePipeline does not accept.", "ConfigurationError"
        )
    if overrides:
        parameters.update(_json(overrides, "ParameterOverrides"))
    request = {
        "StackName": name,
        "TemplateBody": _file(execution, action, configuration["TemplatePath"], "template"),
        **members("Parameters", [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]),
        **members("Tags", [{"Key": k, "Value": v} for k, v in tags.items()]),
    }
    for number, capability in enumerate((configuration.get("Capabilities") or "").split(","), 1):
        if capability.strip():
            request[f"Capabilities.member.{number}"] = capability.strip()
    if configuration.get("RoleArn"):
        request["RoleARN"] = configuration["RoleArn"]
    if policy:
        request["StackPolicyBody"] = json.dumps(policy)
    return request


def _wait(name, action):
    while True:
        found = _describe(name)
        if found is None:
            raise ActionFailed(f"Stack [{name}] does not exist: it was deleted while the action waited for it.")
        _link(action, found["id"])
        action.summary = f"Stack {name}: {found['status']}"
        if not found["status"].endswith("_IN_PROGRESS"):
            return found
        time.sleep(STACK_POLL)


def _delete(name, found, action):
    if found is None:
        action.summary = f"Stack {name} does not exist."
        return
    query_call("cloudformation", "DeleteStack", {"StackName": name})
    while (left := _describe(found["id"])) and left["status"] != "DELETE_COMPLETE":
        if left["status"] == "DELETE_FAILED":
            raise ActionFailed(f"Stack {name} could not be deleted. {_first_failure(found['id'])}")
        time.sleep(STACK_POLL)
    action.summary = f"Stack {name} was deleted."


def _link(action, stack_id):
    action.external_id = stack_id
    quoted = urllib.parse.quote(stack_id, safe="")
    region = get_region()
    action.external_url = (
        f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#/stacks/events?stackId={quoted}"
    )


def _finish(action, found, summary):
    _link(action, found["id"])
    action.summary = summary
    action.outputs = found["outputs"]


def _events(stack_id):
    """Events of a stack, newest first."""
    token = ""
    while True:
        more = {"NextToken": token} if token else {}
        answer = query_call("cloudformation", "DescribeStackEvents", {"StackName": stack_id, **more})
        yield from answer.findall(".//StackEvents/member")
        token = answer.findtext(".//NextToken")
        if not token:
            return


def _first_failure(stack_id):
    """The reason of the first failure of the latest operation: CodePipeline copies it into the action's error."""
    first = ""
    for event in _events(stack_id):
        status, reason = event.findtext("ResourceStatus") or "", event.findtext("ResourceStatusReason") or ""
        logical_id, resource_type = event.findtext("LogicalResourceId"), event.findtext("ResourceType")
        if status.endswith("_FAILED") and reason and not reason.endswith("cancelled"):
            first = f"{logical_id} ({resource_type}): {reason}"
        if reason == "User Initiated" and resource_type == "AWS::CloudFormation::Stack":
            break
    return first


# ---- CodeBuild ----


def build(execution, action):
    """A build that only takes its time. What it publishes is what its buildspec says it exports."""
    configuration = action.resolved
    name = configuration.get("ProjectName", "")
    project = codebuild._projects.get(name)
    if project is None:
        arn = f"arn:aws:codebuild:{get_region()}:{get_account_id()}:project/{name}"
        raise ActionFailed(f"Error calling startBuild: Project cannot be found: {arn}", "ConfigurationError")
    build_id = str(uuid.uuid4())
    action.external_id = f"{name}:{build_id}"
    region, account = get_region(), get_account_id()
    action.external_url = (
        f"https://{region}.console.aws.amazon.com/codesuite/codebuild/{account}/projects/{name}/build/"
        f"{urllib.parse.quote(action.external_id)}/?region={region}"
    )
    action.summary = f"Practice build of {name}: nothing is really built."
    variables = _build_variables(project, configuration)
    exported = _exported(execution, action, project)
    _write_log(project, action, build_id, name, variables)
    kind = name.rpartition("-")[2]
    settings.pause(BUILD.get(kind, BUILD_DEFAULT))
    commit = next(
        (each["revisionId"] for each in execution.revisions if execution.artifacts.get(each["name"], b"") is None),
        execution.id,
    )
    action.outputs = {each: _export(each, commit, variables) for each in exported}
    action.outputs["CODEBUILD_BUILD_ID"] = action.external_id
    for artifact in action.declaration.get("outputArtifacts") or []:
        execution.artifacts[artifact["name"]] = b""
    action.summary = f"Practice build of {name} done. The practice account does not build or run code."


def _build_variables(project, configuration):
    declared = (project.get("environment") or {}).get("environmentVariables") or []
    variables = {each["name"]: each.get("value", "") for each in declared}
    if configuration.get("EnvironmentVariables"):
        try:
            rows = json.loads(configuration["EnvironmentVariables"])
            variables.update({row["name"]: row["value"] for row in rows})
        except (ValueError, KeyError, TypeError) as error:
            raise ActionFailed(
                f"EnvironmentVariables of the action cannot be read: {error}", "ConfigurationError"
            ) from error
    return variables


def _exported(execution, action, project):
    """Names under `env.exported-variables` of the buildspec, which has to be where CodeBuild would look for it."""
    spec = (project.get("source") or {}).get("buildspec") or "buildspec.yml"
    if "\n" in spec:
        text = spec
    else:
        inputs = [each["name"] for each in action.declaration.get("inputArtifacts") or []]
        primary = action.resolved.get("PrimarySource") or (inputs[0] if inputs else "")
        if execution.artifacts.get(primary) is None:
            message = f"YAML_FILE_ERROR Message: stat /codebuild/output/src/{spec}: no such file or directory"
            raise ActionFailed(f"Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: {message}")
        try:
            text = _file(execution, action, f"{primary}::{spec}", "buildspec")
        except ActionFailed as failure:
            message = f"YAML_FILE_ERROR Message: {failure}"
            raise ActionFailed(
                f"Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: {message}"
            ) from failure
    try:
        return ((yaml.safe_load(text) or {}).get("env") or {}).get("exported-variables") or []
    except (yaml.YAMLError, AttributeError) as error:
        message = f"YAML_FILE_ERROR Message: {error}"
        raise ActionFailed(f"Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: {message}") from error


def _export(name, commit, variables):
    """A value of the right shape, the same for the same commit."""
    if name == "IMAGE_URI":
        repository = (
            variables.get("REPOSITORY_URI") or f"{get_account_id()}.dkr.ecr.{get_region()}.amazonaws.com/practice"
        )
        return f"{repository}@sha256:{hashlib.sha256(f'image {commit}'.encode()).hexdigest()}"
    if name.endswith("_KEY"):
        return f"migrations/{commit}.tgz"
    return f"practice-{hashlib.sha256(f'{name} {commit}'.encode()).hexdigest()[:16]}"


def _write_log(project, action, build_id, name, variables):
    group = ((project.get("logsConfig") or {}).get("cloudWatchLogs") or {}).get("groupName")
    if not group:
        return
    now = int(time.time() * 1000)
    lines = [
        f"[Container] Practice build of {name}",
        "[Container] The practice account does not build or run code: no source is downloaded, no command runs.",
        f"[Container] Variables of this build: {', '.join(sorted(variables)) or 'none'}",
    ]
    events = [{"timestamp": now, "message": line} for line in lines]
    try:
        json_call("logs", "Logs_20140328.CreateLogStream", {"logGroupName": group, "logStreamName": build_id})
        request = {"logGroupName": group, "logStreamName": build_id, "logEvents": events}
        json_call("logs", "Logs_20140328.PutLogEvents", request)
    except CallFailed:
        return
    region, account = get_region(), get_account_id()
    action.log_stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{build_id}"
