"""ECS in time: servers start, are replaced, roll and fail the way they do in AWS.

ministack without Docker marks every task as running at once and never looks again. Here one loop moves each task
through its life and each service toward what was asked of it.
"""

import logging
import math
import threading
import time
import uuid

import settings
from calls import CallFailed, json_call
from ministack.core.responses import get_region, new_uuid, now_iso, request_scope
from ministack.services import ec2, ecs
from ministack.services.cloudformation import provisioners
from rpc import camel

log = logging.getLogger("practice")

# Seconds in AWS.
PROVISIONING = 12
PENDING = 40
DRAINING = 25
STEADY = 20
TICK = 0.1

# Maps whose keys are the user's, not AWS's.
_VERBATIM = frozenset({"Options", "DockerLabels", "SystemControls"})
_ALIVE = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")
_FAILURES_UNTIL_BREAK = 3


def install():
    """Take the reconciliation of services over from ministack and register the types it lacks."""
    ecs._get_docker = lambda: None
    ecs._reconcile_service_tasks = adopt
    ecs._complete_service_deployment = lambda *_args, **_kwargs: None
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::ECS::TaskDefinition"] = {
        "create": create_task_definition,
        "update": update_task_definition,
        "delete": provisioners._ecs_task_def_delete,
    }
    handlers["AWS::ECS::Service"] = {
        "create": create_service,
        "update": update_service,
        "delete": provisioners._ecs_service_delete,
    }
    handlers["AWS::ECS::CapacityProvider"] = {
        "create": create_capacity_provider,
        "update": update_capacity_provider,
        "delete": delete_capacity_provider,
    }
    handlers["AWS::ECS::ClusterCapacityProviderAssociations"] = {
        "create": associate_capacity_providers,
        "update": lambda _id, _old, new, stack: associate_capacity_providers("", new, stack),
        "delete": lambda cluster, _properties: _put_capacity_providers(cluster, [], []),
    }
    threading.Thread(target=_run, daemon=True, name="practice-servers").start()


# ---- the loop ----


def _run():
    while True:
        time.sleep(TICK)
        for account, region in {(key[0], key[1]) for key, _service in ecs._services.all_items()}:
            with request_scope(account, region):
                for key, service in list(ecs._services.items()):
                    try:
                        _advance(key, service)
                    except Exception:
                        log.exception("service %s", key)


def adopt(_cluster, key):
    """Called by ministack after every change of a service: the loop does the rest."""
    service = ecs._services.get(key)
    if service is None:
        return
    # ministack says this on every update, also when nothing drains.
    service["events"] = [
        event for event in service["events"] if "has begun draining connections on 1 tasks" not in event["message"]
    ]
    for deployment in service["deployments"]:
        if "_adopted" not in deployment:
            deployment["_adopted"] = time.time()
            deployment["rolloutState"] = "IN_PROGRESS"
            deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} in progress."
            deployment["launchType"] = None


def _advance(key, service):
    if service["status"] != "ACTIVE":
        return
    adopt("", key)
    now = time.time()
    tasks = [
        task
        for task in list(ecs._tasks.values())
        if task.get("group") == f"service:{service['serviceName']}" and task["clusterArn"] == service["clusterArn"]
    ]
    for task in tasks:
        _age(service, task, now)
    primary = ecs._primary_deployment(service)
    living = [task for task in tasks if task["lastStatus"] in _ALIVE and task["desiredStatus"] == "RUNNING"]
    current = [task for task in living if task.get("_deployment_id") == primary["id"]]
    stale = [task for task in living if task.get("_deployment_id") != primary["id"]]
    if primary["rolloutState"] != "FAILED":
        _match(service, primary, current, stale)
        _retire(service, current, stale)
    _count(service, tasks)
    _judge(service, primary, stale, now)


def _match(service, primary, current, stale):
    wanted = service["desiredCount"]
    primary["desiredCount"] = wanted
    if len(current) < wanted:
        percent = int((service.get("deploymentConfiguration") or {}).get("maximumPercent", 200))
        room = max(1, wanted * percent // 100) - len(current) - len(stale)
        _start(service, primary, min(wanted - len(current), max(room, 0)))
    elif len(current) > wanted:
        surplus = sorted(current, key=lambda task: task["createdAt"])[wanted:]
        _stop(service, surplus, "Scaling activity initiated by deployment " + primary["id"])


def _retire(service, current, stale):
    """Stop old servers as far as new ones carry the load."""
    carrying = sum(task["lastStatus"] == "RUNNING" for task in current)
    spare = len([task for task in stale if task["lastStatus"] == "RUNNING"]) + carrying - service["desiredCount"]
    _stop(service, stale[: max(0, spare)], "Scaling activity initiated by deployment")


def _start(service, deployment, count):
    if count <= 0:
        return
    before = set(ecs._tasks)
    ecs._run_task(
        {
            "cluster": service["clusterArn"],
            "taskDefinition": deployment["taskDefinition"],
            "count": count,
            "group": f"service:{service['serviceName']}",
            "startedBy": deployment["id"],
            "launchType": service.get("launchType"),
            "capacityProviderStrategy": service.get("capacityProviderStrategy"),
            "networkConfiguration": service.get("networkConfiguration"),
            "_deploymentId": deployment["id"],
        }
    )
    started = [ecs._tasks[arn] for arn in ecs._tasks if arn not in before]
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    for number, task in enumerate(started, len(before)):
        _place(task, network.get("subnets") or [], number)
    names = " ".join(f"(task {task['taskArn'].rpartition('/')[2]})" for task in started)
    _say(service, f"has started {len(started)} tasks: {names}.")


def _place(task, subnets, number):
    """A fresh task: not yet running, in the next of the service's subnets."""
    task.update(lastStatus="PROVISIONING", startedAt=None, pullStartedAt=None, pullStoppedAt=None, _since=time.time())
    task["_startup_stable"] = False
    task["healthStatus"] = "UNKNOWN"
    for container in task["containers"]:
        container["lastStatus"] = "PENDING"
    if subnets:
        subnet = subnets[number % len(subnets)]
        record = ec2._subnets.get(subnet) or {}
        task["availabilityZone"] = record.get("AvailabilityZone", f"{get_region()}a")
        prefix = record.get("CidrBlock", "10.0.0.0/24").rpartition(".")[0]
        address = f"{prefix}.{10 + number % 240}"
        details = {
            "subnetId": subnet,
            "networkInterfaceId": "eni-" + uuid.uuid4().hex[:17],
            "privateIPv4Address": address,
        }
        task["attachments"] = [
            {
                "id": new_uuid(),
                "type": "ElasticNetworkInterface",
                "status": "ATTACHED",
                "details": [{"name": name, "value": value} for name, value in details.items()],
            }
        ]


def _stop(service, tasks, reason):
    if not tasks:
        return
    for task in tasks:
        task.update(desiredStatus="STOPPED", lastStatus="DEACTIVATING", stoppingAt=now_iso(), _since=time.time())
        task.update(stoppedReason=reason, stopCode="ServiceSchedulerInitiated")
    names = " ".join(f"(task {task['taskArn'].rpartition('/')[2]})" for task in tasks)
    _say(service, f"has stopped {len(tasks)} running tasks: {names}.")


def _age(service, task, now):
    passed = now - task.get("_since", now)
    status = task["lastStatus"]
    if status == "DEACTIVATING" and passed >= settings.scaled(DRAINING):
        ecs._mark_task_stopped(task["taskArn"], task, task["stoppedReason"], task["stopCode"], exit_code=0)
    elif status == "PROVISIONING" and passed >= settings.scaled(PROVISIONING):
        task.update(lastStatus="PENDING", _since=now, pullStartedAt=now_iso())
    elif status == "PENDING" and passed >= settings.scaled(PENDING):
        reason = settings.fault("tasks", service["serviceName"], task["taskDefinitionArn"].rpartition("/")[2])
        if reason:
            _fail(service, task, reason)
            return
        task.update(lastStatus="RUNNING", _since=now, startedAt=now_iso(), pullStoppedAt=now_iso())
        task.update(healthStatus="HEALTHY", connectivity="CONNECTED", _startup_stable=True)
        for container in task["containers"]:
            container.update(lastStatus="RUNNING", healthStatus="UNKNOWN")
        for balancer in service.get("loadBalancers") or []:
            _say(service, f"registered 1 targets in (target-group {balancer.get('targetGroupArn')})")


def _fail(service, task, reason):
    """A server that does not come up, and what ECS makes of several of them."""
    for container in task["containers"]:
        container["reason"] = reason
    ecs._mark_task_stopped(task["taskArn"], task, reason, "TaskFailedToStart", exit_code=1)
    deployment = next((d for d in service["deployments"] if d["id"] == task.get("_deployment_id")), None)
    if deployment is None or deployment["rolloutState"] != "IN_PROGRESS":
        return
    deployment["failedTasks"] = deployment.get("failedTasks", 0) + 1
    _say(service, f"was unable to start a task: {reason}")
    breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    limit = max(_FAILURES_UNTIL_BREAK, math.ceil(service["desiredCount"] / 2))
    if breaker.get("enable") and deployment["failedTasks"] >= limit:
        _break(service, deployment, bool(breaker.get("rollback")))


def _break(service, deployment, roll_back):
    deployment["rolloutState"] = "FAILED"
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    deployment["desiredCount"] = 0
    _say(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    earlier = next((d for d in service["deployments"] if d is not deployment and d.get("_completed")), None)
    if earlier is None or not roll_back:
        return
    deployment["status"] = "ACTIVE"
    earlier.update(status="PRIMARY", rolloutState="IN_PROGRESS", _adopted=time.time())
    earlier["rolloutStateReason"] = f"ECS deployment circuit breaker: rolling back to deploymentId {earlier['id']}."
    service["taskDefinition"] = earlier["taskDefinition"]
    service["deployments"].sort(key=lambda d: d["status"] != "PRIMARY")
    _say(service, f"rolling back to deployment {earlier['id']}.")


def _count(service, tasks):
    for deployment in service["deployments"]:
        own = [task["lastStatus"] for task in tasks if task.get("_deployment_id") == deployment["id"]]
        deployment["runningCount"] = own.count("RUNNING")
        deployment["pendingCount"] = own.count("PENDING") + own.count("PROVISIONING")
    service["runningCount"] = sum(d["runningCount"] for d in service["deployments"])
    service["pendingCount"] = sum(d["pendingCount"] for d in service["deployments"])
    ecs._recount_cluster(service["clusterArn"].rpartition("/")[2])


def _judge(service, primary, stale, now):
    """Complete a rollout once it is steady and forget deployments without servers."""
    settled = primary["runningCount"] == service["desiredCount"] and not primary["pendingCount"] and not stale
    if not settled:
        primary["_settled"] = None
        return
    primary["_settled"] = primary.get("_settled") or now
    if primary["rolloutState"] == "IN_PROGRESS" and now - primary["_settled"] >= settings.scaled(STEADY):
        primary.update(rolloutState="COMPLETED", _completed=True, updatedAt=now_iso())
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        service["deployments"] = [d for d in service["deployments"] if d is primary or d["runningCount"] > 0]
        _say(service, f"(deployment {primary['id']}) deployment completed.")
        _say(service, "has reached a steady state.")


def _say(service, message):
    text = f"(service {service['serviceName']}) {message}"
    service["events"].insert(0, {"id": new_uuid(), "createdAt": now_iso(), "message": text})
    del service["events"][100:]


# ---- CloudFormation ----


def create_task_definition(logical_id, properties, stack):
    """AWS::ECS::TaskDefinition with everything a reader of the definition needs, the secrets above all."""
    arn, attributes = provisioners._ecs_task_def_create(logical_id, properties, stack)
    record = ecs._task_defs[arn.rpartition("/")[2]]
    record["containerDefinitions"] = camel(properties.get("ContainerDefinitions") or [], _VERBATIM)
    if properties.get("RuntimePlatform"):
        record["runtimePlatform"] = camel(properties["RuntimePlatform"])
    for container in record["containerDefinitions"]:
        for mapping in container.get("portMappings") or []:
            mapping.update({key: int(mapping[key]) for key in ("containerPort", "hostPort") if key in mapping})
        container.update({key: int(container[key]) for key in ("stopTimeout", "cpu", "memory") if key in container})
        _booleans(container, "essential", "readonlyRootFilesystem")
        _booleans(container.get("linuxParameters") or {}, "initProcessEnabled")
        _mapping_strings(container.get("environment") or [])
    return arn, attributes


def _booleans(holder, *keys):
    holder.update({key: _true(holder[key]) for key in keys if key in holder})


def _mapping_strings(rows):
    for row in rows:
        row["value"] = str(row.get("value", ""))


def _true(value):
    return str(value).lower() == "true"


def update_task_definition(arn, old, new, stack):
    """Another revision for any change but the tags."""
    if {k: v for k, v in old.items() if k != "Tags"} == {k: v for k, v in new.items() if k != "Tags"}:
        return arn, {"TaskDefinitionArn": arn}
    return create_task_definition("", new, stack)


def create_service(logical_id, properties, stack):
    """AWS::ECS::Service: complete when its first rollout is."""
    properties = {**properties, "DesiredCount": int(properties.get("DesiredCount", 1))}
    arn, attributes = provisioners._ecs_service_create(logical_id, properties, stack)
    service = _service(arn)
    service.update(
        healthCheckGracePeriodSeconds=int(properties.get("HealthCheckGracePeriodSeconds", 0)),
        enableExecuteCommand=_true(properties.get("EnableExecuteCommand", False)),
        enableECSManagedTags=_true(properties.get("EnableECSManagedTags", False)),
        propagateTags=properties.get("PropagateTags", "NONE"),
    )
    _numbers(service)
    _await_rollout(service, service["deployments"][0])
    return arn, attributes


def _numbers(service):
    """Counts and switches that a template may hold as text."""
    for balancer in service.get("loadBalancers") or []:
        balancer["containerPort"] = int(balancer.get("containerPort") or 0)
    for item in service.get("capacityProviderStrategy") or []:
        item.update({key: int(item[key]) for key in ("weight", "base") if key in item})
    configuration = service.get("deploymentConfiguration") or {}
    for key in ("maximumPercent", "minimumHealthyPercent", "bakeTimeInMinutes"):
        if key in configuration:
            configuration[key] = int(configuration[key])
    _booleans(configuration.get("deploymentCircuitBreaker") or {}, "enable", "rollback")
    _booleans(configuration.get("alarms") or {}, "enable", "rollback")


def update_service(arn, old, new, stack):
    """Roll the servers if the task definition or the nonce of ForceNewDeployment changed."""
    new = dict(new)
    for key in ("DesiredCount", "HealthCheckGracePeriodSeconds"):
        if key in new:
            new[key] = int(new[key])
    if "EnableExecuteCommand" in new:
        new["EnableExecuteCommand"] = _true(new["EnableExecuteCommand"])
    service = _service(arn)
    before = service["deployments"][0]["id"]
    result = provisioners._ecs_service_update(arn, old, new, stack)
    rolled = service["deployments"][0]["id"] != before
    force = new.get("ForceNewDeployment") or {}
    if not rolled and force != old.get("ForceNewDeployment") and _true(force.get("EnableForceNewDeployment", False)):
        request = {"cluster": service["clusterArn"], "service": arn, "forceNewDeployment": True}
        status, _headers, body = ecs._update_service(request)
        if status >= 400:
            raise ValueError(body.decode())
    _numbers(service)
    latest = service["deployments"][0]
    if latest["id"] != before:
        _await_rollout(service, latest)
    return result


def _service(arn):
    cluster, name = arn.split(":service/")[1].split("/")
    return ecs._services[f"{cluster}/{name}"]


def _await_rollout(service, deployment):
    adopt("", f"{service['clusterArn'].rpartition('/')[2]}/{service['serviceName']}")
    # A deployment that another one replaces meanwhile is left to that one.
    while service["status"] == "ACTIVE" and (
        deployment in service["deployments"] or deployment["rolloutState"] == "FAILED"
    ):
        if deployment["rolloutState"] == "COMPLETED":
            return
        if deployment["rolloutState"] == "FAILED":
            raise ValueError(
                "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker "
                f"was triggered'.\" (RequestToken: {new_uuid()}, HandlerErrorCode: GeneralServiceException)"
            )
        time.sleep(TICK)


def _capacity_request(properties):
    provider = camel(properties["AutoScalingGroupProvider"])
    scaling = provider.get("managedScaling") or {}
    for key in ("targetCapacity", "minimumScalingStepSize", "maximumScalingStepSize", "instanceWarmupPeriod"):
        if key in scaling:
            scaling[key] = int(scaling[key])
    return provider


def create_capacity_provider(logical_id, properties, stack):
    """AWS::ECS::CapacityProvider over an Auto Scaling group."""
    name = properties.get("Name") or provisioners._physical_name(stack, logical_id, max_len=255)
    request = {"name": name, "autoScalingGroupProvider": _capacity_request(properties)}
    _ecs_call("CreateCapacityProvider", request)
    return name, {}


def update_capacity_provider(name, _old, new, _stack):
    """The scaling settings update in place."""
    ecs._capacity_providers[name]["autoScalingGroupProvider"] = _capacity_request(new)
    return name, {}


def delete_capacity_provider(name, _properties):
    """Delete the provider, unless that happened already."""
    if name in ecs._capacity_providers:
        _ecs_call("DeleteCapacityProvider", {"capacityProvider": name})


def associate_capacity_providers(_logical_id, properties, _stack):
    """AWS::ECS::ClusterCapacityProviderAssociations."""
    strategy = camel(properties.get("DefaultCapacityProviderStrategy") or [])
    for item in strategy:
        item.update({key: int(item[key]) for key in ("weight", "base") if key in item})
    _put_capacity_providers(properties["Cluster"], properties.get("CapacityProviders") or [], strategy)
    return properties["Cluster"], {}


def _put_capacity_providers(cluster, providers, strategy):
    if cluster.rpartition("/")[2] in ecs._clusters:
        request = {"cluster": cluster, "capacityProviders": providers, "defaultCapacityProviderStrategy": strategy}
        _ecs_call("PutClusterCapacityProviders", request)


def _ecs_call(operation, request):
    try:
        json_call("ecs", f"AmazonEC2ContainerServiceV20141113.{operation}", request)
    except CallFailed as failure:
        raise ValueError(failure.message) from failure
