"""What the app decides about this server: where it listens, who may call it and how fast time passes.

Everything comes from environment variables with one prefix, because command lines are visible to every user of
the machine and the access key below is what keeps other programs out.
"""

import json
import os
import time

PREFIX = "ZONKE_PRACTICE_"


def _required(name):
    value = os.environ.get(PREFIX + name, "")
    if not value:
        raise SystemExit(f"{PREFIX}{name} is not set: this server is started by Zonké, not by hand")
    return value


PORT = int(_required("PORT"))
NONCE = _required("NONCE")
ACCESS_KEY = _required("ACCESS_KEY")
ACCOUNT = _required("ACCOUNT")
REGION = _required("REGION")
# Seconds of practice per second of AWS: 0.05 turns the seven minutes of a database into about twenty seconds.
SPEED = float(os.environ.get(PREFIX + "SPEED", "0.05"))
FAULT_FILE = os.environ.get(PREFIX + "FAULTS", "")
STARTED_AT = time.time()


def scaled(aws_seconds):
    """Practice seconds for something that takes `aws_seconds` in AWS."""
    return aws_seconds * SPEED


def pause(aws_seconds):
    """Let the time pass that AWS would need."""
    time.sleep(scaled(aws_seconds))


def fault(kind, *names):
    """The reason why one of `names` is to fail, or None.

    The file is read again each time, so that a fault can be set and lifted while the server runs.
    """
    if not FAULT_FILE:
        return None
    try:
        with open(FAULT_FILE, encoding="utf-8") as file:
            reasons = json.load(file).get(kind, {})
    except (OSError, ValueError):
        return None
    return next((reasons[name] for name in names if name in reasons), None)
