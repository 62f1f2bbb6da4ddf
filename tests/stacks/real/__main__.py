"""Really runs what was planned for real repositories. See scripts/check-real."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import database
import image
import yaml
from root import Root, node_base

# How long an application may take until it answers; the load balancer gives it about as long.
START_SECONDS = 120
STAND_INS = {
    # An image registry that knows an image as soon as it was pushed.
    "aws": """case "$1 $2" in
"ecr get-login-password") echo password ;;
"ecr describe-images") [ -e /tmp/pushed ] || exit 254; echo sha256:feed ;;
"s3 ls") echo "2026-01-01 00:00:00 10 20260101T000000Z-0123456789ab.txt" ;;
"s3 cp") case "$3" in s3://*) echo index.html >"$4" ;; esac ;;
"s3api list-objects-v2") printf 'assets/old.js\\nindex.html\\n' ;;
esac""",
    "docker": 'case "$1" in login) cat >/dev/null ;; buildx) touch /tmp/pushed ;; run) echo unknown ;; esac',
    # The planned version of Node.js is there already.
    "n": "",
    # The authority of the database's certificate.
    "curl": 'while [ $# -gt 1 ]; do [ "$1" = --output ] && cp /build/authority.pem "$2"; shift; done',
    # Prisma fetches its engine from outside the npm registry. Where that cannot be reached, a file stands for it.
    "node": """if [ "$*" = "node_modules/prisma/build/index.js version" ]; then
  timeout 60 /usr/local/bin/node "$@" && exit
  echo "the engine of the migrations is a stand-in" >>/build/calls
  touch node_modules/@prisma/engines/schema-engine-stand-in
  exit
fi
exec /usr/local/bin/node "$@" """,
}


def template(text: str):
    """A CloudFormation template; a function like !Ref becomes its argument."""

    class Loader(yaml.SafeLoader):
        pass

    def argument(loader, _tag, node):
        if isinstance(node, yaml.ScalarNode):
            return loader.construct_scalar(node)
        return loader.construct_sequence(node, True) if isinstance(node, yaml.SequenceNode) else loader.construct_mapping(node, True)

    Loader.add_multi_constructor("!", argument)
    return yaml.load(text, Loader)


def words(path: Path) -> dict[str, str]:
    """The variables that a file of assignments sets, as bash reads it."""
    names = re.findall(r"^(\w+)=", path.read_text(), re.M)
    print_them = "; ".join(f'printf "%s\\0" "${{{name}[*]}}"' for name in names)
    values = subprocess.run(["bash", "-c", f'. "$1"; {print_them}', "-", path], capture_output=True, text=True, check=True).stdout
    return dict(zip(names, values.split("\0")))


def build_environment(room: Path, infra: Path, code: Path, major: int, authority: str) -> Root:
    """What CodeBuild would be: the zip, the commit, and the stand-ins first on the path."""
    root = Root(room / "codebuild", node_base(room.parent / "bases", major))
    shutil.copytree(infra, root.path("/build/infra"))
    # CodeBuild clones the commit, and what is ignored is not in a commit.
    image.copy_context(code, root.path("/build/code"), ["**/node_modules", ".git"])
    root.path("/build/authority.pem").write_text(authority)
    root.path("/build/bin").mkdir()
    for name, script in STAND_INS.items():
        file = root.path(f"/build/bin/{name}")
        file.write_text(f'#!/usr/bin/env bash\n[ "${{0##*/}}" = node ] || echo "{name} $*" >>/build/calls\n{script}\n')
        file.chmod(0o755)
    root.environment |= {
        "PATH": f"/build/bin:{root.environment['PATH']}",
        "CODEBUILD_SRC_DIR": "/build/infra",
        "CODEBUILD_SRC_DIR_Code": "/build/code",
        "CODEBUILD_SRC_DIR_UiFiles": "/tmp/ui",
        "AWS_REGION": "us-east-1",
        "COMMIT": "0123456789abcdef",
        "REPOSITORY_URI": "111122223333.dkr.ecr.us-east-1.amazonaws.com/app",
        "ARTIFACT_BUCKET": "artifacts",
        "UI_BUCKET": "site",
        "DISTRIBUTION_ID": "E1",
        "TASK": "publish",
    }
    return root


def phases(root: Root, buildspec: Path, log) -> bool:
    """Runs the phases of a buildspec in their order, as one shell."""
    commands = []
    for phase in ("install", "pre_build", "build", "post_build"):
        commands += yaml.safe_load(buildspec.read_text())["phases"].get(phase, {}).get("commands", [])
    return root.run(["bash", "-c", "set -e\n" + "\n".join(commands)], "/build/infra", log)


def examples(folder: Path) -> dict[str, str]:
    """The values that the project's own example of an environment has."""
    found = {}
    for name in (".env.example", ".envsample", ".env.dist", ".env.sample"):
        if (folder / name).is_file():
            found |= dict(re.findall(r"^(?:export )?(\w+)=['\"]?([^'\"#\n]*?)['\"]?\s*$", (folder / name).read_text(), re.M))
    return found


def variables(stack, backend, code: Path, server) -> dict[str, str]:
    """What ECS would hand to the container, and for what else the application reads, what a person would type in."""
    container = next(each for each in stack["Resources"].values() if each["Type"] == "AWS::ECS::TaskDefinition")
    container = container["Properties"]["ContainerDefinitions"][0]
    given = {each["Name"]: str(each["Value"]) for each in container.get("Environment", [])}
    for each in container.get("Secrets", []):
        field = re.match(r"\$\{DatabaseSecret\}:(\w+)::", each["ValueFrom"])
        if server and field:
            given[each["Name"]] = server.values()[field.group(1)]
        elif server and each["ValueFrom"] == "DatabaseUrlSecret":
            values = server.values()
            ending = "?schema=public&sslmode=require" if server.engine == "postgresql" else "?sslaccept=accept_invalid_certs"
            given[each["Name"]] = "{0}://{username}:{password}@{host}:{port}/{dbname}{1}".format(server.engine, ending, **values)
    typed = examples(code) | examples(code / backend["path"])
    for variable in backend["envVars"]:
        name = variable["name"]
        if name not in given and (variable["secret"] or variable["required"] or typed.get(name)):
            given[name] = secrets.token_hex(16) if variable["secret"] else typed.get(name) or "set"
    return given


def answers(made: image.Image, port: int, path: str, log) -> str:
    """Starts the application and waits until it answers: its status, or why there is none."""
    line = made.root.command(made.start, made.workdir, made.user)
    started = time.monotonic()
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        while time.monotonic() - started < START_SECONDS:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                    return f"{answer.status} on {path}"
            except urllib.error.HTTPError as answer:
                return f"{answer.code} on {path}"
            except OSError:
                pass
            if process.poll() is not None:
                return "no: it ended"
            time.sleep(0.3)
        return f"no: silent for {START_SECONDS} s"
    finally:
        process.kill()
        process.wait()


def check(zonke: str, project: str, room: Path, logs: Path) -> dict[str, str]:
    """Everything for one repository. Returns a row of the table."""
    folder, *words_after = project.split(",")
    typed = dict(each.removeprefix("env:").split("=", 1) for each in words_after if each.startswith("env:"))
    settings = [each for each in words_after if not each.startswith("env:")]
    code, name = Path(folder).resolve(), Path(folder).resolve().name
    row = {"repository": name} | dict.fromkeys(["install", "build", "entry file", "buildspecs", "UI output", "start"], "-")
    planning = [zonke, "plan", code, "--out", room / "plan", *(f"--set={each}" for each in settings)]
    with open(logs / f"{name}.log", "w") as log:
        if subprocess.run(planning, stdout=log, stderr=subprocess.STDOUT, env=os.environ | {"HOME": str(room)}).returncode:
            return row | {"install": "no plan"}
        with zipfile.ZipFile(room / "plan" / "infra.zip") as archive:
            archive.extractall(room / "infra")
        infra, findings = room / "infra", json.loads((room / "plan" / "plan.json").read_text())["inputs"]["findings"]
        backend = next(each for each in findings["backends"] if each["path"] == findings["chosen"]["backend"])
        facts = words(infra / "build.env")
        stack = template((infra / "service.template.yaml").read_text())
        server, missing = None, ""
        try:
            if "DatabaseUrlSecret" in stack["Parameters"]:
                try:
                    server = database.Server(backend["database"] or "postgresql")
                except database.Missing as error:
                    missing = f" ({error})"
            authority = server.certificate.read_text() if server else ""
            (infra / "database-ca.pem").write_text(authority)
            inner = code / facts["PROJECT_FOLDER"]

            root = build_environment(room, infra, code, int(facts["NODE_MAJOR"]), authority)
            api = phases(root, infra / "buildspec-api.yml", log)
            ui = phases(root, infra / "buildspec-ui.yml", log)
            released = ui and phases(root, infra / "buildspec-release.yml", log)
            row["UI output"] = "yes" if root.path("/tmp/ui/index.html").is_file() else "no"
            calls = root.path("/build/calls")
            log.write("\ncalls:\n" + (calls.read_text() if calls.exists() else ""))
            row["buildspecs"] = " ".join(f"{each} {'ok' if good else 'FAILED'}" for each, good in (("api", api), ("ui", ui), ("release", released)))
            if calls.exists() and "stand-in" in calls.read_text():
                row["buildspecs"] += " (engine of migrations: stand-in)"

            try:
                made = image.build(infra, inner, room, facts["INSTALL_COMMAND"], log)
            except image.Failed as failure:
                return row | {"install": "see log", "build": f"FAILED: {failure}"[:90]}
            row |= {"install": "ok" if made.install else "FAILED", "build": "ok", "entry file": "yes" if made.build else "no"}
            made.root.environment |= variables(stack, backend, inner, server) | typed
            path = backend["healthPath"] or "/" + (backend["globalPrefix"] or "").strip("/")
            row["start"] = answers(made, int(facts["SERVER_PORT"]), path, log) + missing
        finally:
            if server:
                server.stop()
    return row


def works(row: dict[str, str]) -> bool:
    """Whether everything of a repository ran."""
    return (
        (row["install"], row["build"], row["entry file"], row["UI output"]) == ("ok", "ok", "yes", "yes")
        and "FAILED" not in row["buildspecs"]
        and row["start"][:1] in ("2", "3", "4")
    )


def main() -> int:
    """Prints the table; fails if one of the repositories does not work."""
    zonke, *projects = sys.argv[1:]
    if not shutil.which("bwrap"):
        sys.exit("bubblewrap is not installed: sudo apt install bubblewrap")
    logs = Path(os.environ.get("ZONKE_REAL_LOGS") or tempfile.mkdtemp(prefix="zonke-real-logs-"))
    logs.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix="zonke-real-") as folder:
        for number, project in enumerate(projects):
            room = Path(folder) / str(number)
            room.mkdir()
            started = time.monotonic()
            rows.append(check(str(Path(zonke).resolve()), project, room, logs))
            print(f"{rows[-1]['repository']}: {'works' if works(rows[-1]) else 'does not work'} ({time.monotonic() - started:.0f} s)", flush=True)
            shutil.rmtree(room)
    print()
    for index, row in enumerate(rows):
        if index == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(row.values()) + " |")
    print(f"\n{sum(map(works, rows))} of {len(rows)} work; logs: {logs}")
    return 0 if all(map(works, rows)) else 1


sys.exit(main())
