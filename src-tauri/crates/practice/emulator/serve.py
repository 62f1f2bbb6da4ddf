"""Entry point of the practice account: ministack, what we add to it, and the door in front."""

import asyncio
import contextlib
import os
import signal
import sys

# Python runs isolated, without the folder of this file among its paths.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def emulator():
    """The ASGI application: ministack and what we add to it, without the door."""
    import settings

    os.environ["GATEWAY_PORT"] = str(settings.PORT)
    os.environ["MINISTACK_ACCOUNT_ID"] = settings.ACCOUNT
    os.environ["MINISTACK_REGION"] = settings.REGION

    import connections
    import corrections
    import ministack.app as ministack
    import network
    import pacing
    import pipelines
    import scaling
    import servers

    know_services()
    handlers = ministack.SERVICE_HANDLERS
    pacing.install()
    network.install()
    corrections.install(handlers)
    servers.install()
    scaling.install(handlers)
    connections.install(handlers)
    pipelines.install(handlers)
    return ministack.app


def main():
    """Serve until told to stop."""
    leave_session()
    import gate
    import settings
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    app = emulator()
    config = Config()
    config.bind = [f"127.0.0.1:{settings.PORT}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1

    orders = []

    async def run():
        ended = asyncio.Event()

        def order(what):
            orders.append(what)
            ended.set()

        if hasattr(signal, "SIGTERM") and os.name == "posix":
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, order, "stop")
        await serve(gate.guarded(app, order), config, shutdown_trigger=ended.wait)

    asyncio.run(run())
    if orders and orders[-1] == "reset":
        # The same process with nothing in it: address, key and process id stay, so the app remains connected.
        os.execv(sys.executable, [sys.executable, "-I", os.path.abspath(__file__)])
    # Threads of running executions must not keep the process alive.
    os._exit(0)


def know_services():
    """ministack reads the models of all AWS services, for seconds, when it first meets one that it lacks."""
    import botocore.session
    from ministack.core import router

    router._KNOWN_AWS_SERVICE_NAMES = frozenset(botocore.session.get_session().get_available_services())


def leave_session():
    """The server outlives the app and its terminal. After a reset it has left already."""
    with contextlib.suppress(AttributeError, PermissionError):
        os.setsid()


if __name__ == "__main__":
    main()
