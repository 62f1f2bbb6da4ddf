"""Services of our own: operation name in, plain values out, in whichever protocol the caller speaks."""

import json
import logging

import cbor

log = logging.getLogger("practice")


class Refusal(Exception):
    """An error that the caller gets by code, as from AWS."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def service(operations):
    """A request handler for ministack out of `{operation name: function(request) -> response}`."""

    async def handle(_method, path, headers, body, _query):
        binary = "cbor" in headers.get("smithy-protocol", "") or "cbor" in headers.get("content-type", "")
        target = headers.get("x-amz-target", "")
        name = target.rpartition(".")[2] if target else path.rstrip("/").rpartition("/")[2]
        try:
            request = _read(body, binary)
            if name not in operations:
                raise Refusal("UnknownOperationException", f"The practice account does not know the operation {name}.")
            return _reply(200, operations[name](request), binary)
        except Refusal as refusal:
            return _reply(refusal.status, {"__type": refusal.code, "message": refusal.message}, binary, refusal.code)
        except Exception:
            log.exception("%s failed", name)
            message = f"{name} failed inside the practice account. Its log has the details."
            return _reply(500, {"__type": "InternalFailure", "message": message}, binary, "InternalFailure")

    return handle


def _read(body, binary):
    if not body:
        return {}
    try:
        request = cbor.decode(body) if binary else json.loads(body)
    except ValueError as error:
        raise Refusal("SerializationException", f"The request is not readable: {error}") from error
    return request if isinstance(request, dict) else {}


def _reply(status, value, binary, error=None):
    headers = {"Content-Type": "application/cbor" if binary else "application/x-amz-json-1.1"}
    if binary:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    if error:
        headers["x-amzn-errortype"] = error
    return status, headers, cbor.encode(value) if binary else json.dumps(value).encode()


def page(items, request, limit_key="maxResults", token_key="nextToken", default=100):
    """One page of `items` and, if there are more, the token of the next one."""
    start = int(request.get(token_key) or 0)
    count = int(request.get(limit_key) or default)
    more = {token_key: str(start + count)} if start + count < len(items) else {}
    return items[start : start + count], more


def camel(value, verbatim=frozenset()):
    """CloudFormation's PascalCase keys as the APIs write them; below the keys in `verbatim` nothing changes."""
    if isinstance(value, dict):
        return {
            key[:1].lower() + key[1:]: item if key in verbatim else camel(item, verbatim) for key, item in value.items()
        }
    if isinstance(value, list):
        return [camel(item, verbatim) for item in value]
    return value
