"""CodePipeline: the operations and the CloudFormation type. `executions` does the work."""

import time
import uuid

import executions
from cbor import Instant
from corrections import user_arn
from executions import Execution, Pipeline
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners
from rpc import Refusal, camel, page, service

_pipelines = {}
_VERBATIM = frozenset({"Configuration"})


def install(handlers):
    """Add the service and its CloudFormation type."""
    handlers["codepipeline"] = service(
        {
            "CreatePipeline": create,
            "GetPipeline": get,
            "UpdatePipeline": update,
            "DeletePipeline": delete,
            "ListPipelines": list_pipelines,
            "StartPipelineExecution": start,
            "StopPipelineExecution": stop,
            "RetryStageExecution": retry,
            "GetPipelineState": state,
            "GetPipelineExecution": get_execution,
            "ListPipelineExecutions": list_executions,
            "ListActionExecutions": list_actions,
            "ListTagsForResource": lambda _request: {"tags": []},
        }
    )
    provisioners._RESOURCE_HANDLERS["AWS::CodePipeline::Pipeline"] = {
        "create": create_resource,
        "update": update_resource,
        "delete": delete_resource,
    }


def _key(name):
    return (get_account_id(), get_region(), name)


def _find(name):
    found = _pipelines.get(_key(name))
    if found is None:
        message = f"Account '{get_account_id()}' does not have a pipeline with name '{name}'"
        raise Refusal("PipelineNotFoundException", message)
    return found


def _find_execution(pipeline, execution_id):
    found = next((each for each in pipeline.executions if each.id == execution_id), None)
    if found is None:
        message = f"The pipeline execution could not be found: {execution_id}"
        raise Refusal("PipelineExecutionNotFoundException", message)
    return found


def _check(declaration):
    stages = declaration.get("stages") or []
    if len(stages) < 2:
        raise Refusal("InvalidStructureException", "Pipeline should have at least two stages")
    for position, stage in enumerate(stages):
        for action in stage["actions"]:
            source = action["actionTypeId"]["category"] == "Source"
            if position == 0 and not source:
                message = "Pipeline should start with a stage that only contains source actions"
                raise Refusal("InvalidStructureException", message)
            if position > 0 and source:
                message = "Pipeline may only contain source actions in its first stage"
                raise Refusal("InvalidStructureException", message)


def create(request):
    """Create a pipeline; like AWS, it runs at once."""
    declaration = dict(request["pipeline"])
    name = declaration["name"]
    if _key(name) in _pipelines:
        raise Refusal(
            "PipelineNameInUseException",
            f"A pipeline with the name '{name}' already exists in account '{get_account_id()}'",
        )
    _check(declaration)
    declaration["version"] = 1
    declaration.setdefault("pipelineType", "V2")
    declaration.setdefault("executionMode", "SUPERSEDED")
    pipeline = Pipeline(declaration, get_account_id(), get_region())
    _pipelines[_key(name)] = pipeline
    _run(pipeline, "CreatePipeline", {})
    return {"pipeline": declaration}


def _run(pipeline, trigger, request):
    execution = Execution(pipeline, trigger, request.get("sourceRevisions") or [], request.get("variables") or [])
    pipeline.executions.insert(0, execution)
    execution.begin()
    return execution


def get(request):
    """The declaration."""
    pipeline = _find(request["name"])
    metadata = {"pipelineArn": pipeline.arn, "created": pipeline.created, "updated": pipeline.updated}
    return {"pipeline": pipeline.declaration, "metadata": metadata}


def update(request):
    """Replace the declaration; executions under way finish with the old one."""
    declaration = dict(request["pipeline"])
    pipeline = _find(declaration["name"])
    _check(declaration)
    declaration["version"] = pipeline.declaration["version"] + 1
    declaration.setdefault("pipelineType", "V2")
    declaration.setdefault("executionMode", "SUPERSEDED")
    pipeline.declaration = declaration
    pipeline.updated = Instant(time.time())
    return {"pipeline": declaration}


def delete(request):
    """Stop everything and forget the pipeline; not an error if there is none, as in AWS."""
    pipeline = _pipelines.pop(_key(request["name"]), None)
    for execution in pipeline.executions if pipeline else []:
        execution.stop("The pipeline was deleted.", abandon=True)
    return {}


def list_pipelines(request):
    """Pipelines of this account and region."""
    found = [
        {
            "name": pipeline.name,
            "version": pipeline.declaration["version"],
            "pipelineType": pipeline.declaration["pipelineType"],
            "executionMode": pipeline.declaration["executionMode"],
            "created": pipeline.created,
            "updated": pipeline.updated,
        }
        for key, pipeline in _pipelines.items()
        if key[:2] == (get_account_id(), get_region())
    ]
    found, more = page(found, request)
    return {"pipelines": found, **more}


def start(request):
    """Run the pipeline."""
    pipeline = _find(request["name"])
    known = {action["name"] for action in pipeline.declaration["stages"][0]["actions"]}
    for revision in request.get("sourceRevisions") or []:
        if revision["actionName"] not in known:
            raise Refusal("ValidationException", f"There is no source action named {revision['actionName']}.")
    return {"pipelineExecutionId": _run(pipeline, "StartPipelineExecution", request).id}


def stop(request):
    """Stop after the actions under way, or without waiting for them."""
    pipeline = _find(request["pipelineName"])
    execution = _find_execution(pipeline, request["pipelineExecutionId"])
    if execution.status not in ("InProgress", "Stopping"):
        message = f"Pipeline execution {execution.id} is not stoppable: it is in state {execution.status}"
        raise Refusal("PipelineExecutionNotStoppableException", message)
    execution.stop(request.get("reason") or "", bool(request.get("abandon")))
    return {"pipelineExecutionId": execution.id}


def retry(request):
    """Run the failed actions of a stage, or all of them, again and go on from there."""
    pipeline = _find(request["pipelineName"])
    name = request["stageName"]
    if name not in [stage["name"] for stage in pipeline.declaration["stages"]]:
        raise Refusal("StageNotFoundException", f"Stage {name} not found in pipeline {pipeline.name}")
    execution = _find_execution(pipeline, request["pipelineExecutionId"])
    latest = pipeline.latest_in(name)
    if latest is not execution:
        message = f"The execution {execution.id} is not the latest one in stage {name}"
        raise Refusal("NotLatestPipelineExecutionException", message)
    if execution.stages[name].status not in ("Failed", "Stopped"):
        message = f"The stage {name} is not in a retryable state: {execution.stages[name].status}"
        raise Refusal("StageNotRetryableException", message)
    execution.retry(name, everything=request.get("retryMode") == "ALL_ACTIONS")
    return {"pipelineExecutionId": execution.id}


def state(request):
    """Each stage with the latest execution that entered it."""
    pipeline = _find(request["name"])
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.declaration["version"],
        "stageStates": [_stage_state(pipeline, stage) for stage in pipeline.declaration["stages"]],
        "created": pipeline.created,
        "updated": pipeline.updated,
    }


def _stage_state(pipeline, stage):
    name = stage["name"]
    execution = pipeline.latest_in(name)
    run = execution.stages.get(name) if execution else None
    view = {"stageName": name, "inboundExecutions": [], "inboundTransitionState": {"enabled": True}}
    for waiting in pipeline.waiting_for(name):
        inbound = {"pipelineExecutionId": waiting.id, "status": "InProgress", "type": "STANDARD"}
        view["inboundExecutions"].append(inbound)
    if view["inboundExecutions"]:
        view["inboundExecution"] = view["inboundExecutions"][0]
    if run:
        view["latestExecution"] = {"pipelineExecutionId": execution.id, "status": run.status, "type": "STANDARD"}
    view["actionStates"] = [_action_state(action, run) for action in stage["actions"]]
    return view


def _action_state(action, run):
    view = {"actionName": action["name"]}
    entity = executions.entity_url(action)
    if entity:
        view["entityUrl"] = entity
    done = run.actions.get(action["name"]) if run else None
    if done is None:
        return view
    if done.revision:
        view["currentRevision"] = done.revision
    latest = {
        "actionExecutionId": done.id,
        "status": done.status,
        "summary": done.summary,
        "lastStatusChange": done.updated,
        "lastUpdatedBy": user_arn(),
        "externalExecutionId": done.external_id,
        "externalExecutionUrl": done.external_url,
        "errorDetails": done.error,
        "logStreamARN": done.log_stream,
    }
    view["latestExecution"] = {key: value for key, value in latest.items() if value}
    return view


def get_execution(request):
    """One execution."""
    execution = _find_execution(_find(request["pipelineName"]), request["pipelineExecutionId"])
    return {"pipelineExecution": execution.view()}


def list_executions(request):
    """Executions, newest first."""
    pipeline = _find(request["pipelineName"])
    wanted = (request.get("filter") or {}).get("succeededInStage", {}).get("stageName")
    found = [
        execution.summary()
        for execution in pipeline.executions
        if wanted is None or (wanted in execution.stages and execution.stages[wanted].status == "Succeeded")
    ]
    found, more = page(found, request)
    return {"pipelineExecutionSummaries": found, **more}


def list_actions(request):
    """What every action did, newest first."""
    pipeline = _find(request["pipelineName"])
    wanted = (request.get("filter") or {}).get("pipelineExecutionId")
    wanted = wanted or (request.get("filter") or {}).get("latestInPipelineExecution", {}).get("pipelineExecutionId")
    found = [
        detail
        for execution in pipeline.executions
        if wanted in (None, execution.id)
        for detail in execution.action_details()
    ]
    found.sort(key=lambda detail: detail["startTime"], reverse=True)
    found, more = page(found, request)
    return {"actionExecutionDetails": found, **more}


# ---- CloudFormation ----


def _declaration(properties, default_name):
    own = {key: value for key, value in properties.items() if key not in ("Tags", "RestartExecutionOnUpdate")}
    declaration = camel(own, _VERBATIM)
    declaration.setdefault("name", default_name)
    for stage in declaration["stages"]:
        for action in stage["actions"]:
            action["runOrder"] = int(action.get("runOrder", 1))
            action["configuration"] = {key: str(value) for key, value in (action.get("configuration") or {}).items()}
            for key in ("inputArtifacts", "outputArtifacts"):
                action.setdefault(key, [])
    return declaration


def _refused(call, request):
    try:
        return call(request)
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal


def create_resource(logical_id, properties, stack):
    """AWS::CodePipeline::Pipeline."""
    declaration = _declaration(properties, f"{stack}-{logical_id}-{uuid.uuid4().hex[:12]}")
    _refused(create, {"pipeline": declaration})
    return declaration["name"], {"Version": "1"}


def update_resource(name, _old, new, _stack):
    """Everything but the name updates in place."""
    version = _refused(update, {"pipeline": _declaration(new, name)})["pipeline"]["version"]
    if str(new.get("RestartExecutionOnUpdate", "")).lower() == "true":
        _refused(start, {"name": name})
    return name, {"Version": str(version)}


def delete_resource(name, _properties):
    """Delete the pipeline, unless that happened already."""
    delete({"name": name})
