"""Where ministack is more forgiving than AWS, or answers something that a template or the app would trip over."""

import contextvars
import time

import settings
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, now_iso
from ministack.services import acm, cloudwatch_logs, codebuild, ecs, iam, lambda_svc, rds, s3, secretsmanager, ssm
from ministack.services.cloudformation import _stacks, provisioners
from ministack.services.cloudformation import handlers as cloudformation
from rpc import camel

_types = provisioners._RESOURCE_HANDLERS
_secret = _types["AWS::SecretsManager::Secret"]
_function = _types["AWS::Lambda::Function"]
_project = _types["AWS::CodeBuild::Project"]
_log_group = _types["AWS::Logs::LogGroup"]
_cluster = _types["AWS::ECS::Cluster"]
_bucket = _types["AWS::S3::Bucket"]
_certificate = _types["AWS::CertificateManager::Certificate"]
_database = _types["AWS::RDS::DBInstance"]
_public_parameter = ssm._public_parameter

# Names that tell the user's own variables apart from AWS's keys.
_VERBATIM = frozenset({"Variables"})


def install(services):
    """Put the corrections in place."""
    services["sts"] = as_user(services["sts"])
    # AWS refuses a template with roles whose capability was not acknowledged; ministack only does so with sign-in on.
    cloudformation._capabilities_enforced = lambda: True
    ssm._public_parameter = public_parameter
    simulate_as_iam_does()
    _types["AWS::SecretsManager::Secret"] = {
        **_secret,
        "create": create_secret,
        "update": update_secret,
        "delete": lambda arn, properties: _secret["delete"](_secret_name(arn), properties),
    }
    _types["AWS::Lambda::Function"] = {**_function, "create": create_function}
    _types["AWS::CodeBuild::Project"] = {**_project, "create": create_project, "update": update_project}
    _types["AWS::Logs::LogGroup"] = {**_log_group, "create": create_log_group}
    _types["AWS::ECS::Cluster"] = {**_cluster, "create": create_cluster}
    _types["AWS::S3::Bucket"] = {**_bucket, "delete": delete_bucket}
    _types["AWS::CertificateManager::Certificate"] = {**_certificate, "create": create_certificate}
    _types["AWS::RDS::DBInstance"] = {**_database, "delete": delete_database}


def simulate_as_iam_does():
    """IAM's simulator finds whoever has a path before the name, and believes what it is told about conditions."""
    for gather in ("_gather_role_policies", "_gather_user_policies"):
        setattr(iam_evaluator, gather, _without_path(getattr(iam_evaluator, gather)))
    simulate, resolve = iam._simulate_principal_policy, iam_evaluator._resolve_condition_key
    told = contextvars.ContextVar("told")

    def resolved(key, context):
        return told.get({}).get(key.lower(), resolve(key, context))

    def simulated(parameters):
        entries, number = {}, 1
        while key := iam._p(parameters, f"ContextEntries.member.{number}.ContextKeyName"):
            entries[key.lower()] = iam._p(parameters, f"ContextEntries.member.{number}.ContextKeyValues.member.1")
            number += 1
        before = told.set(entries)
        try:
            return simulate(parameters)
        finally:
            told.reset(before)

    iam_evaluator._resolve_condition_key = resolved
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulated


def _without_path(gather):
    """Policies are kept by the name alone."""
    return lambda name, account: gather(name.rpartition("/")[2], account)


def as_user(handler):
    """ministack says everybody is root, and nothing may be deployed as root."""

    async def handle(method, path, headers, body, query):
        status, answer_headers, answer = await handler(method, path, headers, body, query)
        text = answer.encode() if isinstance(answer, str) else answer
        return (
            status,
            answer_headers,
            text.replace(b":root<", b":user/practice<").replace(b':root"', b':user/practice"'),
        )

    return handle


def public_parameter(name):
    """The image ids of the systems made for ECS and of Amazon Linux, which AWS publishes in every region."""
    found = _public_parameter(name)
    ecs = name.startswith("/aws/service/ecs/optimized-ami/") and name.endswith("/image_id")
    if found is None and (ecs or name.startswith("/aws/service/ami-amazon-linux-latest/al2023-")):
        found = {
            "Name": name,
            "Type": "String",
            "Value": "ami-0a5c7e2f4b6d81935" if "arm64" in name else "ami-0d3f61b8e94a27c50",
            "Version": 1,
            "LastModifiedDate": int(time.time()),
            "ARN": f"arn:aws:ssm:{get_region()}::parameter{name}",
        }
    return found


def _taken(resource_type, property_name, name):
    return ValueError(
        f"Resource of type '{resource_type}' with identifier "
        f'\'{{"/properties/{property_name}":"{name}"}}\' already exists.'
    )


# ---- secrets: `Ref` is the ARN ----


def _secret_name(arn):
    key, _record = secretsmanager._resolve(arn)
    return key or arn


def create_secret(logical_id, properties, stack):
    """AWS::SecretsManager::Secret; a name that is in use is refused."""
    existing = secretsmanager._secrets.get(properties.get("Name"))
    if existing and existing.get("DeletedDate"):
        raise ValueError(
            "You can't create this secret because a secret with this name is already scheduled for deletion. "
            "(Service: AWSSecretsManager; Status Code: 400; Error Code: InvalidRequestException)"
        )
    if existing:
        raise ValueError(
            f"The operation failed because the secret {properties['Name']} already exists. "
            "(Service: AWSSecretsManager; Status Code: 400; Error Code: ResourceExistsException)"
        )
    _name, attributes = _secret["create"](logical_id, properties, stack)
    return attributes["Arn"], attributes


def update_secret(arn, old, new, stack, logical_id=None):
    """Update in place, or replace if the name changed."""
    _name, attributes = _secret["update"](_secret_name(arn), old, new, stack, logical_id)
    return attributes["Arn"], attributes


# ---- others ----


def create_function(logical_id, properties, stack):
    """AWS::Lambda::Function: code that is not in the bucket is refused, ministack would make an empty function."""
    code = properties.get("Code") or {}
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if bucket and key and lambda_svc._fetch_code_from_s3(bucket, key, code.get("S3ObjectVersion")) is None:
        raise ValueError(
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: "
            f"The specified key does not exist. (bucket {bucket}, key {key})"
        )
    name, attributes = _function["create"](logical_id, properties, stack)
    network = properties.get("VpcConfig")
    if network:
        record = lambda_svc._functions[name]["config"]
        record["VpcConfig"] = {
            "SubnetIds": network.get("SubnetIds") or [],
            "SecurityGroupIds": network.get("SecurityGroupIds") or [],
            "VpcId": "",
        }
    return name, attributes


def _complete_project(name, properties):
    project = codebuild._projects[name]
    for source, key in (
        ("LogsConfig", "logsConfig"),
        ("Cache", "cache"),
        ("QueuedTimeoutInMinutes", "queuedTimeoutInMinutes"),
    ):
        if source in properties:
            project[key] = camel(properties[source], _VERBATIM)
    if "queuedTimeoutInMinutes" in project:
        project["queuedTimeoutInMinutes"] = int(project["queuedTimeoutInMinutes"])


def create_project(logical_id, properties, stack):
    """AWS::CodeBuild::Project with its log settings, which ministack drops."""
    name, attributes = _project["create"](logical_id, properties, stack)
    _complete_project(name, properties)
    return name, attributes


def update_project(name, old, new, stack):
    """Update in place."""
    result = _project["update"](name, old, new, stack)
    _complete_project(result[0], new)
    return result


def create_log_group(logical_id, properties, stack):
    """AWS::Logs::LogGroup; a name that is in use is refused."""
    name = properties.get("LogGroupName")
    if name and name in cloudwatch_logs._log_groups:
        raise _taken("AWS::Logs::LogGroup", "LogGroupName", name)
    return _log_group["create"](logical_id, properties, stack)


def create_cluster(logical_id, properties, stack):
    """AWS::ECS::Cluster; a name that is in use is refused."""
    name = properties.get("ClusterName")
    existing = ecs._clusters.get(name) if name else None
    if existing and existing["status"] == "ACTIVE":
        raise _taken("AWS::ECS::Cluster", "ClusterName", name)
    return _cluster["create"](logical_id, properties, stack)


# AWS seconds until the records that prove a domain are seen; here nobody has to enter them.
PROOF = 120


def create_certificate(logical_id, properties, stack):
    """AWS::CertificateManager::Certificate; AWS issues it when it sees the records, ministack at once."""
    arn, attributes = _certificate["create"](logical_id, properties, stack)
    record = acm._certificates[arn]
    record["Status"] = "PENDING_VALIDATION"
    for option in record["DomainValidationOptions"]:
        option["ValidationStatus"] = "PENDING_VALIDATION"
    resources = _stacks[stack]["_resources"]
    kind = "AWS::CertificateManager::Certificate"
    resources.setdefault(logical_id, {"LogicalResourceId": logical_id, "ResourceType": kind}).update(
        {"PhysicalResourceId": arn, "ResourceStatus": "CREATE_IN_PROGRESS", "Timestamp": now_iso()}
    )
    settings.pause(PROOF)
    # As long as a fault says so, nobody enters the records.
    while settings.fault("dns", properties.get("DomainName")):
        time.sleep(0.1)
    for option in record["DomainValidationOptions"]:
        option["ValidationStatus"] = "SUCCESS"
    record["Status"] = "ISSUED"
    return arn, attributes


def delete_bucket(name, properties):
    """AWS::S3::Bucket; one with anything in it, old versions included, stays."""
    record = s3._buckets.get(name)
    if record and (record["objects"] or s3._bucket_has_versions(name)):
        raise ValueError(
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket. "
            "(Service: S3, Status Code: 409)"
        )
    _bucket["delete"](name, properties)


def delete_database(name, properties):
    """AWS::RDS::DBInstance; a protected one stays."""
    if (rds._instances.get(name) or {}).get("DeletionProtection"):
        raise ValueError(
            "Cannot delete protected DB Instance, please disable deletion protection and try again. "
            "(Service: Rds, Status Code: 400)"
        )
    _database["delete"](name, properties)


def user_arn():
    """Who the app is in the practice account."""
    return f"arn:aws:iam::{get_account_id()}:user/practice"
