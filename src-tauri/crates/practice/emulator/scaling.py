"""Application Auto Scaling for ECS services, as far as an operator meets it."""

import time
import uuid

from cbor import Instant
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs
from ministack.services.cloudformation import provisioners
from rpc import Refusal, page, service

_targets = {}
_policies = {}
_activities = []


def install(handlers):
    """Add the service and its CloudFormation types."""
    handlers["application-autoscaling"] = service(
        {
            "RegisterScalableTarget": register,
            "DeregisterScalableTarget": deregister,
            "DescribeScalableTargets": describe_targets,
            "PutScalingPolicy": put_policy,
            "DeleteScalingPolicy": delete_policy,
            "DescribeScalingPolicies": describe_policies,
            "DescribeScalingActivities": describe_activities,
            "ListTagsForResource": lambda _request: {"Tags": {}},
        }
    )
    types = provisioners._RESOURCE_HANDLERS
    types["AWS::ApplicationAutoScaling::ScalableTarget"] = {
        "create": create_target,
        "update": lambda _id, _old, new, stack: create_target("", new, stack),
        "delete": delete_target,
    }
    types["AWS::ApplicationAutoScaling::ScalingPolicy"] = {
        "create": create_policy,
        "update": lambda _id, _old, new, stack: create_policy("", new, stack),
        "delete": delete_policy_resource,
    }


def _key(request):
    return (
        get_account_id(),
        get_region(),
        request["ServiceNamespace"],
        request["ResourceId"],
        request["ScalableDimension"],
    )


def _ecs_service(key):
    _account, _region, namespace, resource, _dimension = key
    if namespace != "ecs":
        raise Refusal("ValidationException", f"The practice account scales ECS services only, not {namespace}.")
    found = ecs._services.get(resource.removeprefix("service/"))
    if found is None or found["status"] != "ACTIVE":
        raise Refusal("ValidationException", f"ECS service doesn't exist: {resource}")
    return found


def register(request):
    """Set the range, then bring the service into it, which is what makes "N servers" take effect at once."""
    key = _key(request)
    target = _targets.get(key)
    found = _ecs_service(key)
    if target is None:
        if "MinCapacity" not in request or "MaxCapacity" not in request:
            raise Refusal("ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target.")
        account, region = key[:2]
        role = "aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        target = {
            "ServiceNamespace": key[2],
            "ResourceId": key[3],
            "ScalableDimension": key[4],
            "RoleARN": f"arn:aws:iam::{account}:role/{role}AWSServiceRoleForApplicationAutoScaling_ECSService",
            "CreationTime": Instant(time.time()),
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
            "ScalableTargetARN": f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/"
            + uuid.uuid4().hex,
        }
    low = int(request.get("MinCapacity", target.get("MinCapacity", 0)))
    high = int(request.get("MaxCapacity", target.get("MaxCapacity", 0)))
    if low > high:
        raise Refusal("ValidationException", f"Minimum capacity {low} cannot be greater than maximum capacity {high}.")
    target.update(MinCapacity=low, MaxCapacity=high)
    target["SuspendedState"] |= request.get("SuspendedState") or {}
    _targets[key] = target
    _clamp(key, found, low, high)
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _clamp(key, found, low, high):
    before = found["desiredCount"]
    after = min(max(before, low), high)
    if after == before:
        return
    found["desiredCount"] = after
    bound = "minimum" if after == low else "maximum"
    now = Instant(time.time())
    _activities.insert(
        0,
        {
            "ActivityId": str(uuid.uuid4()),
            "ServiceNamespace": key[2],
            "ResourceId": key[3],
            "ScalableDimension": key[4],
            "Description": f"Setting desired count to {after}.",
            "Cause": f"{bound} capacity was set to {after}",
            "StartTime": now,
            "EndTime": now,
            "StatusCode": "Successful",
            "StatusMessage": f"Successfully set desired count to {after}. Change successfully fulfilled by ecs.",
        },
    )


def deregister(request):
    """Forget the range and its policies; the service keeps its number."""
    key = _key(request)
    if _targets.pop(key, None) is None:
        raise Refusal("ObjectNotFoundException", f"No scalable target found for resource {key[3]}")
    for policy in [policy for policy in _policies if policy[:5] == key]:
        del _policies[policy]
    return {}


def _mine(key, request):
    if key[:3] != (get_account_id(), get_region(), request["ServiceNamespace"]):
        return False
    wanted = request.get("ResourceIds") or ([request["ResourceId"]] if request.get("ResourceId") else None)
    return (wanted is None or key[3] in wanted) and request.get("ScalableDimension") in (None, key[4])


def describe_targets(request):
    """Ranges of one service namespace."""
    found, more = page(
        [target for key, target in _targets.items() if _mine(key, request)], request, "MaxResults", "NextToken", 50
    )
    return {"ScalableTargets": found, **more}


def put_policy(request):
    """Keep a policy. The practice account has no load, so nothing ever triggers it."""
    key = _key(request)
    if key not in _targets:
        raise Refusal("ObjectNotFoundException", f"No scalable target found for resource {key[3]}")
    name = request["PolicyName"]
    policy = _policies.get((*key, name))
    if policy is None:
        account, region = key[:2]
        tail = f"scalingPolicy:{uuid.uuid4()}:resource/{key[2]}/{key[3]}:policyName/{name}"
        policy = {
            "PolicyARN": f"arn:aws:autoscaling:{region}:{account}:{tail}",
            "CreationTime": Instant(time.time()),
            "Alarms": [],
        }
    policy.update({field: value for field, value in request.items() if field != "Tags"})
    _policies[(*key, name)] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def delete_policy(request):
    """Forget a policy."""
    if _policies.pop((*_key(request), request["PolicyName"]), None) is None:
        raise Refusal("ObjectNotFoundException", f"No scaling policy found for {request['PolicyName']}")
    return {}


def describe_policies(request):
    """Policies of one service namespace."""
    names = request.get("PolicyNames")
    found = [p for key, p in _policies.items() if _mine(key[:5], request) and (not names or key[5] in names)]
    found, more = page(found, request, "MaxResults", "NextToken", 50)
    return {"ScalingPolicies": found, **more}


def describe_activities(request):
    """What the scaling did, newest first."""
    found = [
        activity
        for activity in _activities
        if activity["ServiceNamespace"] == request["ServiceNamespace"]
        and request.get("ResourceId") in (None, activity["ResourceId"])
    ]
    found, more = page(found, request, "MaxResults", "NextToken", 50)
    return {"ScalingActivities": found, **more}


# ---- CloudFormation ----


def _refused(call, request):
    try:
        return call(request)
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal


def create_target(_logical_id, properties, _stack):
    """AWS::ApplicationAutoScaling::ScalableTarget; registering again is how AWS updates it as well."""
    _refused(register, properties)
    physical = f"{properties['ResourceId']}|{properties['ScalableDimension']}|{properties['ServiceNamespace']}"
    return physical, {"Id": physical}


def delete_target(_physical_id, properties):
    """Deregister, unless that happened already."""
    if _key(properties) in _targets:
        _refused(deregister, properties)


def _located(properties):
    located = dict(properties)
    if "ScalingTargetId" in located:
        resource, dimension, namespace = located.pop("ScalingTargetId").split("|")
        located.update(ResourceId=resource, ScalableDimension=dimension, ServiceNamespace=namespace)
    return located


def create_policy(_logical_id, properties, _stack):
    """AWS::ApplicationAutoScaling::ScalingPolicy."""
    arn = _refused(put_policy, _located(properties))["PolicyARN"]
    return arn, {"Arn": arn}


def delete_policy_resource(_physical_id, properties):
    """Delete the policy, unless its target took it along."""
    located = _located(properties)
    if (*_key(located), located["PolicyName"]) in _policies:
        _refused(delete_policy, located)
