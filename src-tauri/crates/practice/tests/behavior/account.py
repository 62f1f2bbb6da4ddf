"""The practice account under test, as a client of AWS sees it."""

import io
import json
import os
import time
import unittest
import zipfile

import botocore.config
import botocore.session

ENDPOINT = os.environ["ENDPOINT"]
ACCESS_KEY = os.environ["ACCESS_KEY"]
FAULTS = os.environ["FAULTS"]
REGION = "us-east-1"

_session = botocore.session.Session()
_clients = {}


def client(service):
    """A client of the practice account."""
    if service not in _clients:
        config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
        _clients[service] = _session.create_client(
            service,
            endpoint_url=ENDPOINT,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key="practice",
            config=config,
        )
    return _clients[service]


def eventually(value, seconds=60, what="the condition"):
    """The first value that is not false."""
    deadline = time.monotonic() + seconds
    while not (found := value()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about")
        time.sleep(0.02)
    return found


def zipped(files):
    """A zip file in memory; values that are not text become JSON."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, str) else json.dumps(value))
    return content.getvalue()


class AccountTest(unittest.TestCase):
    """Tests with nothing failing on purpose, unless they ask for it."""

    maxDiff = None

    def setUp(self):
        self.faults({})

    def faults(self, reasons):
        """Make something fail from now on."""
        with open(FAULTS, "w", encoding="utf-8") as file:
            json.dump(reasons, file)

    def deploy(self, name, template, parameters=None, update=False, **more):
        """Create or update a stack and wait; its final status."""
        cloudformation = client("cloudformation")
        call = cloudformation.update_stack if update else cloudformation.create_stack
        call(
            StackName=name,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in (parameters or {}).items()],
            **more,
        )
        return self.settled(name)

    def settled(self, name):
        """The status of a stack once nothing goes on in it."""

        def status():
            now = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            return None if now.endswith("_IN_PROGRESS") else now

        return eventually(status, what=f"the end of the operation on {name}")

    def events(self, name):
        """(logical id, status, reason) of a stack, oldest first."""
        events = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return [
            (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", ""))
            for event in reversed(events)
        ]
