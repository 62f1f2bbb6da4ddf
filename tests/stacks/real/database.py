"""A database server of its own for a check: in a temporary folder, on a free port of the loopback address, with TLS as RDS has it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, NAME, PASSWORD = "app", "app", "Loose7change"


class Missing(Exception):
    """No server of that kind is installed."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def certificate(folder: Path) -> Path:
    """Makes a certificate for the loopback address, which is its own authority, and returns its file.

    `localhost` too: Node.js checks that name where an address is given as a number.
    """
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", folder / "server.key", "-out", folder / "server.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "server.crt"


class Server:
    """A running server. `engine` is postgresql or mysql; MariaDB stands in for MySQL."""

    def __init__(self, engine: str):
        self.engine = "mysql" if engine == "mariadb" else engine
        # Not TMPDIR: another account has to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="zonke-database-", dir="/tmp"))
        self.port = free_port()
        self.process = None
        self.certificate = certificate(self.folder)
        # Neither server runs as root.
        self.account = "nobody" if os.getuid() == 0 else None
        try:
            if self.engine == "postgresql":
                self._postgresql()
            elif self.engine == "mysql":
                self._mariadb()
            else:
                raise Missing(f"no server for {engine} is started here")
        except BaseException:
            self.stop()
            raise

    def values(self) -> dict[str, str]:
        """The fields of the secret that RDS would keep."""
        return {"host": "127.0.0.1", "port": str(self.port), "username": USER, "password": PASSWORD, "dbname": NAME}

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        if self.process:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own(self) -> None:
        if self.account:
            shutil.chown(self.folder, self.account)
            for path in self.folder.rglob("*"):
                shutil.chown(path, self.account)
        (self.folder / "server.key").chmod(0o600)

    def _run(self, *command, **options) -> None:
        subprocess.run([str(each) for each in command], check=True, capture_output=True, user=self.account, cwd=self.folder, **options)

    def _start(self, ready: list, *command) -> None:
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(
                [str(each) for each in command], stdout=log, stderr=subprocess.STDOUT, user=self.account, cwd=self.folder
            )
        for _ in range(300):
            if subprocess.run([str(each) for each in ready], capture_output=True).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def _postgresql(self) -> None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name), reverse=True)
        if not folders:
            raise Missing("PostgreSQL is not installed: sudo apt install postgresql")
        programs, data = folders[0], self.folder / "data"
        (self.folder / "password").write_text(PASSWORD)
        self._own()
        self._run(programs / "initdb", "--pgdata", data, "--auth", "scram-sha-256", "--username", USER, "--pwfile", self.folder / "password", "--no-sync")
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all all scram-sha-256\n")
        self._start(
            [programs / "pg_isready", "-h", self.folder, "-p", self.port],
            programs / "postgres", "-D", data, "-p", self.port, "-k", self.folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
            "-c", "ssl=on", "-c", f"ssl_cert_file={self.folder}/server.crt", "-c", f"ssl_key_file={self.folder}/server.key",
        )  # fmt: skip
        self._run(programs / "createdb", "-h", self.folder, "-p", self.port, "-U", USER, NAME)

    def _mariadb(self) -> None:
        if not shutil.which("mariadbd"):
            raise Missing("MariaDB is not installed: sudo apt install mariadb-server")
        self._own()
        data, socket_file = self.folder / "data", self.folder / "socket"
        self._run("mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--tmpdir={self.folder}", "--auth-root-authentication-method=normal", "--skip-test-db")
        self._start(
            ["mariadb-admin", "--no-defaults", f"--socket={socket_file}", "-uroot", "ping"],
            "mariadbd", "--no-defaults", f"--datadir={data}", f"--tmpdir={self.folder}", f"--socket={socket_file}", f"--port={self.port}", "--bind-address=127.0.0.1",
            f"--pid-file={self.folder}/pid", f"--ssl-cert={self.folder}/server.crt", f"--ssl-key={self.folder}/server.key",
        )  # fmt: skip
        statements = f"CREATE DATABASE {NAME}; CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON {NAME}.* TO {USER}@'%';"
        self._run("mariadb", "--no-defaults", f"--socket={socket_file}", "-uroot", "-e", statements)
