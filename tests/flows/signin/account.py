"""An account that looks at who signs: the practice account's emulator with its sign-in on and without our door.

Signatures, session tokens, the time of a request and permissions are checked by the emulator itself, and refused with the codes
of each AWS protocol. What a test can move on top of that is the account's clock and the end of its sessions.

It ends when its standard input is closed, so that it does not outlive the test.
"""

import asyncio
import datetime
import email.utils
import json
import os
import sys
import time
import urllib.parse
import uuid

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Control:
    """What was asked for, and what is to happen."""

    def __init__(self):
        self.log = []
        self.ahead = 0
        self.end_at = None


def main():
    """Serve on the port of the environment; the first line of standard output says who may come in."""
    sys.path.insert(0, os.environ["EMULATOR"])
    import serve
    from hypercorn.asyncio import serve as listen
    from hypercorn.config import Config

    app = serve.emulator()
    import ministack.app
    import pacing

    handlers = ministack.app.SERVICE_HANDLERS
    handlers["s3"] = with_a_service_role(handlers["s3"])
    # Outside the practice account the app looks every three seconds, and at AWS a pipeline's bucket is there for that long before it.
    pacing.SECONDS["AWS::CodePipeline::Pipeline"] = 10 / float(os.environ["ZONKE_PRACTICE_SPEED"])
    control = Control()
    import ministack.core.sigv4 as sigv4
    from ministack.services import sts

    def moved(signature, check=sigv4.request_time_failure):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=control.ahead)
        return check(signature, now=now)

    sigv4.request_time_failure = moved
    # AWS knows what an ended session was; the emulator forgets it at the next one.
    sts._evict_expired_sessions = lambda: None

    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['ZONKE_PRACTICE_PORT']}"]
    config.graceful_timeout = 1
    people = inhabitants()

    async def run():
        async def closed():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, sys.stdin.buffer.read)

        print(json.dumps(people), flush=True)
        await listen(watched(app, control), config, shutdown_trigger=closed)

    asyncio.run(run())
    # Threads of running executions must not keep the process alive.
    os._exit(0)


def with_a_service_role(handler):
    """The pipeline reads its source without saying who it is, which is refused here: it has a role at AWS."""
    from ministack.core.iam_evaluator import pin_request_origin

    signed = f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"

    async def handle(method, path, headers, body, query):
        # Only a call from inside has no port in its host.
        if headers.get("host") == "localhost" and "authorization" not in headers:
            pin_request_origin("127.0.0.1", True)
            headers = {**headers, "authorization": signed}
        return await handler(method, path, headers, body, query)

    return handle


def inhabitants():
    """Users with a key each, and a role that any of them may take on."""
    from calls import query_call

    def call(action, **parameters):
        return query_call("iam", action, {"Version": "2010-05-08", **parameters})

    def user(name, policy=None):
        call("CreateUser", UserName=name)
        if policy:
            call("PutUserPolicy", UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
        key = call("CreateAccessKey", UserName=name)
        return {"id": key.findtext(".//AccessKeyId"), "secret": key.findtext(".//SecretAccessKey")}

    people = {
        "ada": user("ada", EVERYTHING),
        "gone": user("gone", EVERYTHING),
        "idle": user("idle", EVERYTHING),
        "eve": user("eve", EVERYTHING),
        "guest": user("guest"),
    }
    call("DeleteAccessKey", UserName="gone", AccessKeyId=people["gone"]["id"])
    call("UpdateAccessKey", UserName="idle", AccessKeyId=people["idle"]["id"], Status="Inactive")
    account = os.environ["ZONKE_PRACTICE_ACCOUNT"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = call("CreateRole", RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))
    call("PutRolePolicy", RoleName="deployer", PolicyName="own", PolicyDocument=json.dumps(EVERYTHING))
    return {**people, "role": role.findtext(".//Arn")}


def watched(app, control):
    """The application behind a book of what was asked, and `/_test`, where a test gives its orders."""

    async def entrance(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = await read(receive)
        if scope["path"] == "/_test":
            order = json.loads(body or b"{}")
            # A call into the emulator from its own event loop would wait for itself.
            await answer(send, await asyncio.to_thread(obey, control, order))
            return
        what, key = operation(scope, body), signer(scope)
        if control.end_at == what:
            control.end_at = None
            end_sessions()
        asked = {"operation": what, "key": key, "status": 0}
        control.log.append(asked)

        async def replay():
            nonlocal body
            whole, body = body, b""
            return {"type": "http.request", "body": whole, "more_body": False}

        async def noted(message):
            if message["type"] == "http.response.start":
                asked["status"] = message["status"]
                headers = {name.lower(): value for name, value in message["headers"]}
                headers[b"date"] = email.utils.formatdate(time.time() + control.ahead, usegmt=True).encode()
                # AWS gives every answer an id; the emulator leaves it out where it refuses.
                headers.setdefault(b"x-amzn-requestid", str(uuid.uuid4()).encode())
                message["headers"] = list(headers.items())
            await send(message)

        # The buckets refuse whoever does not come by TLS.
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await app(scope, replay, noted)

    return entrance


def obey(control, order):
    """Carry out an order; the answer is the book so far, the key of a new session of the role, or every pipeline run."""
    if role := order.get("assume"):
        return new_session(role)
    if order.get("runs"):
        import pipelines

        return [run.summary()["status"] for found in pipelines._pipelines.values() for run in found.executions]
    control.ahead = order.get("ahead", control.ahead)
    control.end_at = order.get("endSessionsAt", control.end_at)
    if order.get("endSessions"):
        end_sessions()
    return control.log


def new_session(role):
    """A session of the role, as somebody else's program would have left it in a file."""
    from calls import query_call

    session = query_call("sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "another-program"})
    names = {"id": "AccessKeyId", "secret": "SecretAccessKey", "token": "SessionToken"}
    return {name: session.findtext(f".//{element}") for name, element in names.items()}


def end_sessions():
    """Every session of a role is over from now on."""
    from ministack.services import sts

    for session in sts._sessions.values():
        session["Expiration"] = min(session.get("Expiration", 0), time.time() - 1)


async def read(receive):
    """The whole body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return body


def header(scope, name):
    """A header of the request, or nothing."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def operation(scope, body):
    """What a request asks for: the name of the operation, or method and path where the protocol has no name."""
    if target := header(scope, b"x-amz-target"):
        return target.rpartition(".")[2]
    if "urlencoded" in header(scope, b"content-type"):
        form = urllib.parse.parse_qs(body.decode("latin-1"))
        return form.get("Action", ["?"])[0]
    if "/operation/" in scope["path"]:
        return scope["path"].rpartition("/")[2]
    return f"{scope['method']} {scope['path']}"


def signer(scope):
    """The access key id in the signature."""
    return header(scope, b"authorization").partition("Credential=")[2].partition("/")[0]


async def answer(send, value):
    """Send JSON."""
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
