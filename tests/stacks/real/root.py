"""A scratch root for running what belongs into an image or a build environment: its own /usr/local with one version of Node.js, this
computer's programs read-only, and whatever folders are bound into it. The user's home and files are not in it."""

import os
import shutil
import subprocess
from pathlib import Path

# npm as it came with each major version of Node.js.
NPM_OF_NODE = {14: 6, 16: 8, 18: 10, 20: 10, 22: 10, 24: 11}
CERTIFICATES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]
THROUGH = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", *CERTIFICATES]


def node_base(folder: Path, major: int) -> Path:
    """Makes a /usr/local with Node.js of that major version and its npm, both from the npm registry."""
    local = folder / f"node-{major}"
    if local.exists():
        return local
    fetched = folder / f"fetched-{major}"
    fetched.mkdir(parents=True)
    architecture = {"x86_64": "x64", "aarch64": "arm64"}[os.uname().machine]
    packages = [f"node-linux-{architecture}@{major}", f"npm@{NPM_OF_NODE.get(major, 11)}"]
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--force", "--prefix", fetched, *packages], check=True, cwd=fetched
    )
    modules = fetched / "node_modules"
    (local / "bin").mkdir(parents=True)
    shutil.copy2(modules / f"node-linux-{architecture}" / "bin" / "node", local / "bin" / "node")
    (local / "lib" / "node_modules").mkdir(parents=True)
    shutil.copytree(modules / "npm", local / "lib" / "node_modules" / "npm", symlinks=True)
    for command in ("npm", "npx"):
        (local / "bin" / command).symlink_to(f"../lib/node_modules/npm/bin/{command}-cli.js")
        (local / "lib" / "node_modules" / "npm" / "bin" / f"{command}-cli.js").chmod(0o755)
    return local


# The home inside the root; Docker's root user has its own there, too.
HOME = "/home/build"

class Root:
    """A root file system in a folder. Absolute paths of the image are folders in it."""

    def __init__(self, folder: Path, node: Path):
        self.folder = folder
        self.tops = {"tmp", "root", "home", "opt"}
        for top in self.tops:
            (folder / top).mkdir(parents=True)
        shutil.copytree(node, folder / "usr-local", symlinks=True)
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": HOME, "LANG": "C.UTF-8"}

    def path(self, absolute: str) -> Path:
        """Where a path of the root lies on this computer; its top-level folder is made part of the root."""
        parts = Path(absolute).parts[1:]
        if parts[:2] == ("usr", "local"):
            return self.folder.joinpath("usr-local", *parts[2:])
        self.tops.add(parts[0])
        (self.folder / parts[0]).mkdir(exist_ok=True)
        return self.folder.joinpath(*parts)

    def command(self, arguments: list[str], workdir: str, user: str = "root") -> list[str]:
        """The command line that runs `arguments` in this root."""
        line = ["bwrap", "--die-with-parent", "--unshare-pid", "--clearenv", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
        for link in ("bin", "sbin", "lib", "lib64"):
            line += ["--symlink", f"usr/{link}", f"/{link}"]
        line += ["--proc", "/proc", "--dev", "/dev", "--bind", self.folder / "usr-local", "/usr/local"]
        for top in sorted(self.tops):
            line += ["--bind", self.folder / top, f"/{top}"]
        # How this computer reaches the registry; not the rest of the home.
        settings = subprocess.run(["npm", "config", "get", "userconfig"], capture_output=True, text=True, check=True).stdout.strip()
        if os.path.isfile(settings):
            line += ["--ro-bind", settings, f"{HOME}/.npmrc"]
        for name in CERTIFICATES:
            if os.path.isfile(os.environ.get(name, "")):
                line += ["--ro-bind", os.environ[name], os.environ[name]]
        if user != "root":
            line += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        through = {name: os.environ[name] for name in THROUGH if name in os.environ}
        for name, value in {**through, **self.environment}.items():
            line += ["--setenv", name, value]
        return [str(each) for each in [*line, "--chdir", workdir, *arguments]]

    def run(self, arguments: list[str], workdir: str, log, timeout: int = 1200) -> bool:
        """Runs a command to its end and says whether it succeeded. `log` gets its output."""
        log.write(f"\n$ {' '.join(arguments)}\n")
        log.flush()
        try:
            done = subprocess.run(
                self.command(arguments, workdir), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            log.write(f"not done after {timeout} s\n")
            return False
        return done.returncode == 0
