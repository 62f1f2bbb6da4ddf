"""Calls from the extension into ministack's own services, without the network.

Only for worker threads: a call from the event loop would wait for itself.
"""

import json
import urllib.parse
import xml.etree.ElementTree as ElementTree

import ministack.app as ministack


class CallFailed(Exception):
    """An error of the called service."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


def json_call(service, target, request):
    """An operation of a JSON service, such as ("logs", "Logs_20140328.PutLogEvents", {...})."""
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
    status, body = _send(service, "POST", "/", headers, json.dumps(request).encode())
    value = json.loads(body or b"{}")
    if status >= 400:
        raise CallFailed(str(value.get("__type", "")).rpartition("#")[2], value.get("message") or value.get("Message"))
    return value


def query_call(service, action, parameters):
    """An operation of a Query service; the answer is an element without name spaces."""
    form = {"Action": action, **parameters}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    status, body = _send(service, "POST", "/", headers, urllib.parse.urlencode(form).encode())
    root = ElementTree.fromstring(body)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if status >= 400:
        raise CallFailed(root.findtext(".//Code") or "", root.findtext(".//Message") or "")
    return root


def members(name, rows):
    """`[{"Key": "a"}]` as `{"Tags.member.1.Key": "a"}`."""
    return {
        f"{name}.member.{number}.{key}": str(value) for number, row in enumerate(rows, 1) for key, value in row.items()
    }


def _send(service, method, path, headers, body):
    handler = ministack.SERVICE_HANDLERS[service]
    status, _headers, answer = ministack.call_service_handler_sync(handler, method, path, headers, body, {})
    return status, answer.encode() if isinstance(answer, str) else answer
