"""The door of the server.

ministack lets everybody in, and whoever is in can make it run code. On a user's computer that must not be open
to every web page and program that can reach the loopback address, so a caller has to know the access key, which
only this user's app and command can read.
"""

import json
import os
import re

import settings

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
_SIGNED_QUERY = re.compile(r"(?:^|&)X-Amz-Credential=([^/%&]+)(?:/|%2F)", re.IGNORECASE)


def guarded(app, order):
    """The ASGI application behind the door; `order("stop")` and `order("reset")` are for the app alone."""

    async def entrance(scope, receive, send):
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"].startswith("/_practice/"):
            await _administer(scope, send, order)
        elif refusal := _refusal(scope):
            await _answer(send, 403, {"__type": "AccessDeniedException", "message": refusal})
        else:
            await app(scope, receive, send)

    return entrance


def _header(scope, name):
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def _refusal(scope):
    if _header(scope, b"origin") or _header(scope, b"sec-fetch-mode"):
        return "The practice account does not answer web pages."
    if scope["path"].startswith(("/_ministack", "/_localstack", "/_aws")):
        return "The practice account is administered by Zonké only."
    found = _CREDENTIAL.search(_header(scope, b"authorization"))
    if not found:
        found = _SIGNED_QUERY.search(scope.get("query_string", b"").decode("latin-1"))
    if not found or found.group(1) != settings.ACCESS_KEY:
        return "The practice account only answers the access key that Zonké made for it."
    if "/invocations" in scope["path"] and "/functions/" in scope["path"]:
        return "The practice account does not run Lambda code."
    return None


async def _administer(scope, send, order):
    """For the app alone: the nonce proves to each side that the other one is what the pid file says."""
    what = scope["path"].rpartition("/")[2]
    if _header(scope, b"x-zonke-nonce") != settings.NONCE or _header(scope, b"origin"):
        await _answer(send, 403, {"message": "wrong nonce"})
        return
    await _answer(send, 200, {"nonce": settings.NONCE, "pid": os.getpid(), "startedAt": settings.STARTED_AT})
    if scope["method"] == "POST" and what in ("stop", "reset"):
        order(what)


async def _answer(send, status, value):
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
