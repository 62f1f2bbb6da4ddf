"""CloudFormation in time: every resource takes as long as its kind takes, scaled, and can be made to fail.

ministack provisions a whole template within milliseconds, which would leave nothing to watch.
"""

import threading

import settings
import timetable
from ministack.core.responses import get_region, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

# Seconds in AWS, as commonly seen; anything else takes a few seconds.
SECONDS = {
    "AWS::ApplicationAutoScaling::ScalableTarget": 10,
    "AWS::AutoScaling::AutoScalingGroup": 60,
    "AWS::CloudFront::Distribution": 200,
    "AWS::CloudFront::Function": 15,
    "AWS::CloudFront::VpcOrigin": 240,
    "AWS::EC2::EIP": 15,
    "AWS::EC2::Instance": 25,
    "AWS::EC2::NatGateway": 95,
    "AWS::EC2::VPCGatewayAttachment": 15,
    "AWS::ECR::Repository": 10,
    "AWS::ECS::Service": 20,  # the rollout itself takes its own time on top
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 150,
    "AWS::IAM::InstanceProfile": 120,
    "AWS::IAM::Role": 18,
    "AWS::Lambda::Function": 15,
    "AWS::RDS::DBInstance": 420,
    "AWS::S3::Bucket": 22,
}
DEFAULT_SECONDS = 4

_STACK = "AWS::CloudFormation::Stack"
_provision = stacks._provision_resource
_update = stacks._update_resource
_delete = stacks._delete_resource
_record = stacks._add_event

# Events of an update that has not begun yet, by region, stack and logical id.
_held = {}
_created = set()
# Logical ids that failed in the operation under way, by stack.
_failed = {}
_lock = threading.Lock()


def install():
    """Put the pace, the faults and AWS's way of reporting updates around ministack's provisioners."""
    # Everything waits, so nothing may run on the event loop.
    stacks._runs_on_worker_thread = lambda _resource_type: True
    stacks._provision_resource = provision
    stacks._update_resource = update
    stacks._delete_resource = delete
    provisioners._delete_resource = delete
    stacks._add_event = record
    timetable.install(seconds, _record)


def seconds(resource_type):
    """How long a resource of this type takes to create."""
    return SECONDS.get(resource_type, DEFAULT_SECONDS)


def _fail_if_asked(kind, logical_id, resource_type):
    reason = settings.fault(kind, logical_id, resource_type)
    if reason:
        raise ValueError(reason)


def _key(stack_name, logical_id):
    return get_region(), stack_name, logical_id


def provision(resource_type, logical_id, properties, stack_name):
    """Create a resource; in a stack update it is reported as a creation, as AWS does."""
    key = _key(stack_name, logical_id)
    with _lock:
        held = _held.pop(key, None)
        if held:
            _created.add(key)
    if held:
        _record(*held[:4], "CREATE_IN_PROGRESS", *held[5:])
    table = timetable.of(stack_name)
    if table:
        table.await_end(logical_id)
    else:
        settings.pause(seconds(resource_type))
    _fail_if_asked("cfn", logical_id, resource_type)
    return _provision(resource_type, logical_id, properties, stack_name)


def update(resource_type, physical_id, old, new, stack_name, logical_id=None, old_attributes=None):
    """Update a resource whose properties changed; one without changes is not touched and not reported."""
    if old != new:
        with _lock:
            held = _held.pop(_key(stack_name, logical_id), None)
        if held:
            _record(*held[:6], physical_id)
        settings.pause(seconds(resource_type) * 0.5)
        _fail_if_asked("cfn", logical_id, resource_type)
    return _update(resource_type, physical_id, old, new, stack_name, logical_id, old_attributes)


def delete(resource_type, physical_id, properties, stack_name=None, logical_id=None):
    """Delete a resource. The fault kind is its own, so that a failed creation still rolls back."""
    settings.pause(seconds(resource_type) * 0.4)
    _fail_if_asked("cfnDelete", logical_id, resource_type)
    return _delete(resource_type, physical_id, properties, stack_name, logical_id)


def record(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
    """Record a stack event, unless it was told before or is about a resource in which nothing happens."""
    event = [stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status]
    if resource_type == _STACK and logical_id == stack_name:
        event[5] = _stack_reason(stack_name, status, reason)
        if status == "ROLLBACK_FAILED":
            _keep_what_is_left(stack_name)
        _record(*event)
        return
    table = timetable.of(stack_name)
    if table and status == "CREATE_IN_PROGRESS" and not table.announce(logical_id):
        return
    if status.endswith("_FAILED"):
        _failed.setdefault(_key(stack_name, ""), []).append(logical_id)
    if _in_update(event):
        _record(*event)
    if table and status == "CREATE_COMPLETE":
        table.complete(logical_id)
    if table and status == "CREATE_FAILED":
        for other in table.cancel(logical_id):
            record(stack_id, stack_name, other, table.types[other], "CREATE_FAILED", "Resource creation cancelled")


def _keep_what_is_left(stack_name):
    """What a rollback could not delete stays part of the stack; ministack forgets it, and would leave it behind."""
    stack = cloudformation._stacks.get(stack_name)
    for logical_id, resource in (stack or {}).get("_rollback_failed", {}).items():
        kept = {"LogicalResourceId": logical_id, "ResourceStatus": "DELETE_FAILED", "Timestamp": now_iso()}
        stack["_resources"].setdefault(logical_id, {**resource, **kept})


def _in_update(event):
    """Put an event of an update right; false if it is not to be recorded, or not yet."""
    key, status = _key(event[1], event[2]), event[4]
    with _lock:
        if status == "UPDATE_IN_PROGRESS" and not event[5]:
            _held[key] = event
            return False
        held = _held.pop(key, None)
        if status == "UPDATE_COMPLETE" and held:
            return False
        if status in ("UPDATE_COMPLETE", "UPDATE_FAILED") and key in _created:
            _created.discard(key)
            event[4] = status.replace("UPDATE", "CREATE")
    if held and status == "UPDATE_FAILED":
        _record(*held)
    return True


def _stack_reason(stack_name, status, reason):
    """AWS names the resources that failed in the event that begins the rollback."""
    if reason == "User Initiated":
        _failed.pop(_key(stack_name, ""), None)
    failed = _failed.get(_key(stack_name, ""))
    if not failed or status not in ("ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"):
        return reason
    verb = "update" if status.startswith("UPDATE") else "create"
    return f"The following resource(s) failed to {verb}: [{', '.join(failed)}]. Rollback requested by user."
