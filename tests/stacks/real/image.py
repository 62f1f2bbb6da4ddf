"""Reads the generated Dockerfile and executes it, stage by stage, in scratch roots."""

import fnmatch
import json
import re
import shlex
import shutil
from pathlib import Path

from root import Root, node_base

# What the base image would get from Debian. The scratch root has this computer's own.
DEBIAN_PACKAGES = "apt-get update"


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word.upper(), rest) for word, _, rest in (line.strip().partition(" ") for line in joined.splitlines())]


def ignored(patterns: list[str], path: str) -> bool:
    """Whether a .dockerignore leaves a path out; the last pattern that fits decides."""
    out = False
    for pattern in patterns:
        wanted = pattern.removeprefix("!")
        subject = Path(path).name if wanted.startswith("**/") else path
        if fnmatch.fnmatchcase(subject, wanted.removeprefix("**/")):
            out = not pattern.startswith("!")
    return out


def copy_context(context: Path, target: Path, patterns: list[str]) -> None:
    """Copies what a build would send to docker."""

    def skip(folder: str, names: list[str]) -> list[str]:
        inside = Path(folder).relative_to(context)
        return [name for name in names if ignored(patterns, str(inside / name))]

    shutil.copytree(context, target, symlinks=True, ignore=skip, dirs_exist_ok=True)


class Image:
    """What is left of the last stage: its root, where it starts, as whom and with what."""

    def __init__(self, root: Root):
        self.root = root
        self.workdir = "/"
        self.user = "root"
        self.start: list[str] = []
        self.install: bool | None = None
        self.build: bool | None = None


class Failed(Exception):
    """A step of the Dockerfile failed."""


def build(infra: Path, context: Path, room: Path, install_command: str, log) -> Image:
    """Executes every instruction of `infra`/Dockerfile.api on `context`. Raises `Failed` with the step that failed."""
    patterns = [line for line in (infra / "Dockerfile.api.dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    stages: dict[str, Image] = {}
    image = None
    for word, rest in instructions((infra / "Dockerfile.api").read_text()):
        log.write(f"\n{word} {rest}\n")
        log.flush()
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            major = int(re.search(r"node:(\d+)", base).group(1))
            image = Image(Root(room / f"stage-{len(stages)}", node_base(room.parent / "bases", major)))
            stages[name or "final"] = image
        elif word == "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                known = image.root.environment
                known[name] = re.sub(r"\$\{?(\w+)\}?", lambda match: known.get(match.group(1), ""), value)
        elif word == "WORKDIR":
            image.workdir = str(Path(image.workdir) / rest)
            image.root.path(image.workdir).mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            copy(image, stages, rest, infra, context, patterns)
        elif word == "RUN":
            if rest.startswith(DEBIAN_PACKAGES):
                log.write("not executed: the packages of this computer are used\n")
                continue
            succeeded = image.root.run(["sh", "-c", rest], image.workdir, log)
            if rest.endswith(install_command):
                image.install = succeeded and image.install is not False
            elif rest.startswith("test -e "):
                image.build = succeeded
            if not succeeded:
                raise Failed(rest)
        elif word == "USER":
            image.user = rest
        elif word == "CMD":
            image.start = json.loads(rest)
        elif word != "EXPOSE":
            raise Failed(f"{word} {rest}: an instruction that is not understood here")
    image.install, image.build = stages["build"].install, stages["build"].build
    return image


def copy(image: Image, stages: dict[str, Image], rest: str, infra: Path, context: Path, patterns: list[str]) -> None:
    """COPY from the context, from the folder of infra.zip, or from another stage."""
    arguments = rest.split()
    options = dict(each.removeprefix("--").split("=", 1) for each in arguments if each.startswith("--"))
    *sources, target = [each for each in arguments if not each.startswith("--")]
    to = image.root.path(str(Path(image.workdir) / target))
    for source in sources:
        if "from" not in options:
            if source != ".":
                raise Failed(f"COPY {rest}: only the whole context is understood here")
            copy_context(context, to, patterns)
        elif options["from"] == "zonke":
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy2(infra / source, to)
        else:
            shutil.copytree(stages[options["from"]].root.path(source), to, symlinks=True, dirs_exist_ok=True)
