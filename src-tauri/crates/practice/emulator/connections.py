"""CodeConnections. A person finishes the hand-shake in AWS's console; here the practice account plays that person."""

import time
import uuid

import settings
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners
from rpc import Refusal, page, service

# Seconds in AWS terms until the played person has clicked.
HANDSHAKE = 120

_PROVIDERS = ("Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged", "AzureDevOps")
_connections = {}
_tags = {}


def install(handlers):
    """Add the service under both of its names and its CloudFormation type."""
    handlers["codeconnections"] = handlers["codestar-connections"] = service(
        {
            "CreateConnection": create,
            "GetConnection": get,
            "ListConnections": list_connections,
            "DeleteConnection": delete,
            "TagResource": tag,
            "UntagResource": untag,
            "ListTagsForResource": list_tags,
        }
    )
    provisioners._RESOURCE_HANDLERS["AWS::CodeConnections::Connection"] = {
        "create": create_resource,
        "delete": lambda arn, _properties: _connections.pop(arn, None),
    }


def create(request):
    """Always PENDING at first, as in AWS."""
    name, provider = request.get("ConnectionName", ""), request.get("ProviderType")
    if not name:
        raise Refusal("ValidationException", "ConnectionName must not be empty.")
    if provider not in _PROVIDERS and not request.get("HostArn"):
        raise Refusal("ValidationException", f"ProviderType must be one of {', '.join(_PROVIDERS)}.")
    arn = f"arn:aws:codeconnections:{get_region()}:{get_account_id()}:connection/{uuid.uuid4()}"
    _connections[arn] = {
        "ConnectionName": name,
        "ConnectionArn": arn,
        "ProviderType": provider or "GitHubEnterpriseServer",
        "OwnerAccountId": get_account_id(),
        "_created": time.time(),
    }
    _tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    return {"ConnectionArn": arn, "Tags": request.get("Tags") or []}


def view(arn):
    """A connection with its status at this moment, or None."""
    record = _connections.get(arn)
    if record is None:
        return None
    waiting = time.time() - record["_created"] < settings.scaled(HANDSHAKE)
    pending = waiting or settings.fault("connection", record["ConnectionName"], arn)
    shown = {key: value for key, value in record.items() if not key.startswith("_")}
    return {**shown, "ConnectionStatus": "PENDING" if pending else "AVAILABLE"}


def get(request):
    """One connection."""
    found = view(request.get("ConnectionArn"))
    if found is None:
        raise Refusal("ResourceNotFoundException", f"Connection not found: {request.get('ConnectionArn')}")
    return {"Connection": found}


def list_connections(request):
    """Connections of this account and region."""
    place = f":{get_region()}:{get_account_id()}:"
    found = [view(arn) for arn in list(_connections) if place in arn]
    if request.get("ProviderTypeFilter"):
        found = [each for each in found if each["ProviderType"] == request["ProviderTypeFilter"]]
    found, more = page(found, request, "MaxResults", "NextToken", 50)
    return {"Connections": found, **more}


def delete(request):
    """Forget a connection."""
    get(request)
    _connections.pop(request["ConnectionArn"], None)
    return {}


def tag(request):
    """Add or change tags."""
    _tags.setdefault(request["ResourceArn"], {}).update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {}


def untag(request):
    """Remove tags."""
    for key in request["TagKeys"]:
        _tags.get(request["ResourceArn"], {}).pop(key, None)
    return {}


def list_tags(request):
    """Tags of a connection."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags.get(request["ResourceArn"], {}).items()]}


def create_resource(_logical_id, properties, _stack):
    """AWS::CodeConnections::Connection."""
    try:
        arn = create(properties)["ConnectionArn"]
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal
    return arn, {"ConnectionArn": arn, "ConnectionStatus": "PENDING", "OwnerAccountId": get_account_id()}
