"""Executions of a pipeline: stages one after another, actions by run order, variables, stop and retry."""

import contextvars
import hashlib
import logging
import re
import threading
import time
import uuid

import actions
from cbor import Instant
from corrections import user_arn
from ministack.core.responses import get_account_id, get_region

log = logging.getLogger("practice")

_VARIABLE = re.compile(r"#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)\}")
POLL = 0.05


class Pipeline:
    """A declaration and everything that ran under it."""

    def __init__(self, declaration, account, region):
        self.declaration = declaration
        self.name = declaration["name"]
        self.arn = f"arn:aws:codepipeline:{region}:{account}:{self.name}"
        self.created = self.updated = Instant(time.time())
        self.executions = []  # newest first
        self.lock = threading.RLock()

    def latest_in(self, stage):
        """The execution that entered a stage last."""
        entered = [each for each in self.executions if stage in each.stages]
        return max(entered, key=lambda each: each.stages[stage].entered, default=None)

    def waiting_for(self, stage):
        """Executions that queue in front of a stage, the first one first."""
        return [each for each in reversed(self.executions) if each.waits_for == stage]


class StageRun:
    """A stage within one execution."""

    def __init__(self):
        self.status = "InProgress"
        self.entered = time.time()
        self.actions = {}


class ActionRun:
    """An action within one execution."""

    def __init__(self, stage, declaration):
        self.id = str(uuid.uuid4())
        self.stage = stage
        self.declaration = declaration
        self.resolved = {}
        self.status = "InProgress"
        self.started = self.updated = Instant(time.time())
        self.summary = ""
        self.error = None
        self.external_id = None
        self.external_url = None
        self.log_stream = None
        self.revision = None
        self.outputs = {}
        self.inputs = []

    def finish(self, status):
        """Set the final status."""
        self.status = status
        self.updated = Instant(time.time())


class Execution:
    """One run of a pipeline."""

    def __init__(self, pipeline, trigger, source_revisions, variables):
        self.id = str(uuid.uuid4())
        self.pipeline = pipeline
        self.declaration = pipeline.declaration
        self.trigger = trigger
        self.source_revisions = {each["actionName"]: each for each in source_revisions}
        self.status = "InProgress"
        self.status_summary = ""
        self.started = self.updated = Instant(time.time())
        self.stages = {}
        self.history = []
        self.artifacts = {}
        self.revisions = []
        self.waits_for = None
        self.abandoned = False
        given = {each["name"]: each["value"] for each in variables}
        declared = self.declaration.get("variables") or []
        values = {each["name"]: given.get(each["name"], each.get("defaultValue", "")) for each in declared}
        self.namespaces = {"variables": values, "codepipeline": {"PipelineExecutionId": self.id}}

    # ---- running ----

    def begin(self):
        """Start in a thread of its own, in the account and region of the caller."""
        self._spawn(lambda: self._run(0, None))

    def _spawn(self, work):
        context = contextvars.copy_context()

        def guarded():
            try:
                context.run(work)
            except Exception:
                log.exception("execution %s", self.id)
                self._end("Failed")

        threading.Thread(target=guarded, daemon=True, name=f"practice-pipeline-{self.id[:8]}").start()

    def stop(self, reason, abandon):
        """Ask the execution to stop."""
        with self.pipeline.lock:
            if self.status not in ("InProgress", "Stopping"):
                return
            self.status_summary = reason
            self.abandoned = self.abandoned or abandon
            self.status = "Stopping"
            self.updated = Instant(time.time())
            if self.waits_for or abandon:
                self._end("Stopped")

    def retry(self, stage, everything):
        """Go on from a stage that failed."""
        with self.pipeline.lock:
            run = self.stages[stage]
            again = {name for name, action in run.actions.items() if everything or action.status != "Succeeded"}
            # Actions that never began because an earlier one failed have no entry yet.
            run.status = "InProgress"
            for name in again:
                del run.actions[name]
            self.status = "InProgress"
            self.abandoned = False
            self.updated = Instant(time.time())
        names = [each["name"] for each in self.declaration["stages"]]
        self._spawn(lambda: self._run(names.index(stage), run))

    def _end(self, status):
        with self.pipeline.lock:
            self.status = status
            self.waits_for = None
            self.updated = Instant(time.time())
            for run in self.stages.values():
                if run.status == "InProgress":
                    run.status = status
                    for action in run.actions.values():
                        if action.status == "InProgress":
                            action.summary = action.summary or "Abandoned: the execution was stopped."
                            action.finish("Abandoned" if status == "Stopped" else "Failed")

    def _run(self, first, resumed):
        for position, stage in enumerate(self.declaration["stages"]):
            if position < first:
                continue
            run = resumed if position == first and resumed else self._enter(stage["name"])
            if run is None:
                return
            self._stage(stage, run)
            if self.status in ("Stopped", "Superseded"):
                return
            if run.status == "Failed":
                self._end("Failed")
                return
            if self.status == "Stopping":
                run.status = "Stopped"
                self._end("Stopped")
                return
        self._end("Succeeded")

    def _enter(self, stage):
        """Wait for the stage to be free and for older executions to pass, then take it."""
        mode = self.declaration.get("executionMode", "SUPERSEDED")
        self.waits_for = stage
        while True:
            with self.pipeline.lock:
                if self.status not in ("InProgress", "Stopping"):
                    return None
                others = [each for each in self.pipeline.executions if each is not self]
                taken = any(each.stages.get(stage) and each.stages[stage].status == "InProgress" for each in others)
                queue = self.pipeline.waiting_for(stage)
                if mode == "SUPERSEDED" and queue and queue[-1] is not self:
                    self._end("Superseded")
                    return None
                if mode == "PARALLEL" or (not taken and (mode == "SUPERSEDED" or queue[0] is self)):
                    self.waits_for = None
                    run = self.stages[stage] = StageRun()
                    self.updated = Instant(time.time())
                    return run
            time.sleep(POLL)

    def _stage(self, stage, run):
        for order in sorted({each.get("runOrder", 1) for each in stage["actions"]}):
            due = [a for a in stage["actions"] if a.get("runOrder", 1) == order and a["name"] not in run.actions]
            workers = []
            for declaration in due:
                action = run.actions[declaration["name"]] = ActionRun(stage["name"], declaration)
                self.history.append(action)
                context = contextvars.copy_context()
                worker = threading.Thread(target=context.run, args=(self._act, action), daemon=True)
                worker.start()
                workers.append(worker)
            while any(worker.is_alive() for worker in workers) and not self.abandoned:
                time.sleep(POLL)
            with self.pipeline.lock:
                if self.status not in ("InProgress", "Stopping"):
                    return
                if any(run.actions[each["name"]].status == "Failed" for each in due):
                    run.status = "Failed"
                    return
                if self.status == "Stopping":
                    return
        run.status = "Succeeded"

    def _act(self, action):
        declaration = action.declaration
        try:
            configuration = declaration.get("configuration") or {}
            action.resolved = {key: self.resolve(value) for key, value in configuration.items()}
            actions.perform(self, action)
            failure = None
        except actions.ActionFailed as error:
            failure = {"code": error.code, "message": str(error)}
        except Exception as error:
            log.exception("action %s", declaration["name"])
            failure = {"code": "InternalError", "message": f"The practice account could not play this action: {error}"}
        with self.pipeline.lock:
            if action.status != "InProgress":
                return
            if failure:
                action.error = failure
                action.finish("Failed")
            else:
                if declaration.get("namespace"):
                    self.namespaces[declaration["namespace"]] = action.outputs
                action.finish("Succeeded")
            self.updated = Instant(time.time())

    def resolve(self, text):
        """Put the values of earlier actions in place of `#{Namespace.Name}`."""

        def value(match):
            namespace, name = match.groups()
            values = self.namespaces.get(namespace)
            if values is None or name not in values:
                message = f"Unresolved variable #{{{namespace}.{name}}}: no action that ran before publishes it."
                raise actions.ActionFailed(message, "ConfigurationError")
            return str(values[name])

        return _VARIABLE.sub(value, text)

    # ---- views ----

    def _trigger(self):
        return {"triggerType": self.trigger, "triggerDetail": user_arn()}

    def view(self):
        """For GetPipelineExecution."""
        detail = {
            "pipelineName": self.pipeline.name,
            "pipelineVersion": self.declaration["version"],
            "pipelineExecutionId": self.id,
            "status": self.status,
            "artifactRevisions": self.revisions,
            "trigger": self._trigger(),
            "executionMode": self.declaration.get("executionMode", "SUPERSEDED"),
            "executionType": "STANDARD",
            "variables": [{"name": k, "resolvedValue": v} for k, v in self.namespaces["variables"].items()],
        }
        if self.status_summary:
            detail["statusSummary"] = self.status_summary
        return detail

    def summary(self):
        """For ListPipelineExecutions."""
        summary = {
            "pipelineExecutionId": self.id,
            "status": self.status,
            "startTime": self.started,
            "lastUpdateTime": self.updated,
            "sourceRevisions": [
                {
                    "actionName": revision["_action"],
                    "revisionId": revision["revisionId"],
                    "revisionSummary": revision.get("revisionSummary", ""),
                }
                for revision in self._revisions()
            ],
            "trigger": self._trigger(),
            "executionMode": self.declaration.get("executionMode", "SUPERSEDED"),
            "executionType": "STANDARD",
        }
        if self.status_summary:
            summary["statusSummary"] = self.status_summary
            summary["stopTrigger"] = {"reason": self.status_summary}
        return summary

    def _revisions(self):
        return [
            {**(action.revision or {}), "_action": action.declaration["name"]}
            for action in self.history
            if action.revision and action.status == "Succeeded"
        ]

    def action_details(self):
        """For ListActionExecutions, every attempt of every action."""
        return [self._detail(action) for action in self.history]

    def _location(self, name):
        store = self.declaration.get("artifactStore") or {}
        key = f"{self.pipeline.name[:20]}/{name[:10]}/{hashlib.sha1((self.id + name).encode()).hexdigest()[:7]}"
        return {"name": name, "s3location": {"bucket": store.get("location", ""), "key": key}}

    def _detail(self, action):
        declaration = action.declaration
        result = {
            "externalExecutionId": action.external_id,
            "externalExecutionSummary": action.summary,
            "externalExecutionUrl": action.external_url,
            "errorDetails": action.error,
            "logStreamARN": action.log_stream,
        }
        return {
            "pipelineExecutionId": self.id,
            "actionExecutionId": action.id,
            "pipelineVersion": self.declaration["version"],
            "stageName": action.stage,
            "actionName": declaration["name"],
            "startTime": action.started,
            "lastUpdateTime": action.updated,
            "updatedBy": user_arn(),
            "status": action.status,
            "input": {
                "actionTypeId": declaration["actionTypeId"],
                "configuration": declaration.get("configuration") or {},
                "resolvedConfiguration": action.resolved,
                "region": declaration.get("region", get_region()),
                "inputArtifacts": [self._location(each["name"]) for each in declaration.get("inputArtifacts") or []],
                **({"roleArn": declaration["roleArn"]} if declaration.get("roleArn") else {}),
                **({"namespace": declaration["namespace"]} if declaration.get("namespace") else {}),
            },
            "output": {
                "outputArtifacts": [self._location(each["name"]) for each in declaration.get("outputArtifacts") or []],
                "executionResult": {key: value for key, value in result.items() if value},
                "outputVariables": action.outputs,
            },
        }


def entity_url(action):
    """Console page of what an action works on."""
    region = get_region()
    provider, configuration = action["actionTypeId"]["provider"], action.get("configuration") or {}
    console = f"https://{region}.console.aws.amazon.com"
    if provider == "CodeBuild":
        return f"{console}/codesuite/codebuild/{get_account_id()}/projects/{configuration.get('ProjectName')}"
    if provider == "CloudFormation":
        return f"{console}/cloudformation/home?region={region}#/stacks?filteringText={configuration.get('StackName')}"
    if provider == "S3":
        return f"https://s3.console.aws.amazon.com/s3/buckets/{configuration.get('S3Bucket')}"
    return None
