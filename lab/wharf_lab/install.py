"""Puts the servers' software below LAB_HOME, each in a directory of its own.

Quick when there is nothing to do: a stamp for each server says what was installed from which
specification, and a stamp that matches ends the matter without asking anybody.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import locks
from .catalogue import HOME, SYSTEM_PYTHON, Cargo, Debian, Npm, Pip

LAB = Path(__file__).resolve().parent.parent
TIER_ONE_MISSING = 3
NPM_INPUTS = ("package.json", "package-lock.json")
CARGO_INPUTS = ("Cargo.toml", "Cargo.lock", "src/main.rs")


class Skip(Exception):
    """A server that cannot be installed here, and why."""


def install(servers):
    """Installs what is missing, a line for each server; the exit status as the manual has it."""
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:
            (HOME / "log").mkdir(parents=True, exist_ok=True)
            stack.enter_context(locks.held(HOME / "install.lock"))
        missing = False
        for server in servers:
            said = _install_one(server)
            print(f"{server.name}: {said}", flush=True)
            missing |= said.startswith("skipped") and server.tier == 1
    return TIER_ONE_MISSING if missing else 0


def _install_one(server):
    wanted = _specification(server)
    stamp = server.installed()
    if stamp and stamp["specification"] == wanted and _loadable(server):
        return f"present {stamp['version']}"
    if os.geteuid() != 0:
        return "skipped: needs root"
    log = HOME / "log" / f"{server.name}.log"
    with log.open("w") as output:
        work = HOME / f"{server.name}.new"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            version = METHODS[type(server.source)](server, work, Runner(output))
        except Skip as reason:
            shutil.rmtree(work, ignore_errors=True)
            return f"skipped: {reason} (see {log})"
    stamp = {"version": version, "specification": wanted}
    (work / server.stamp.name).write_text(json.dumps(stamp))
    shutil.rmtree(server.home, ignore_errors=True)
    work.rename(server.home)
    return f"installed {version}"


def _loadable(server):
    """Whether the libraries are there as well, which LAB_HOME brought from elsewhere lacks."""
    if not isinstance(server.source, Debian):
        return True
    done = subprocess.run(
        ("ldd", server.home / server.source.program), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode == 0 and "not found" not in done.stdout


def _specification(server):
    """What the stamp is compared with: everything of ours that decides what gets installed."""
    source = server.source
    if isinstance(source, Debian):
        return " ".join(source.packages)
    if isinstance(source, Pip):
        return source.requirement
    inputs = NPM_INPUTS if isinstance(source, Npm) else CARGO_INPUTS
    digest = hashlib.sha256()
    for name in inputs:
        digest.update((_sources(server) / name).read_bytes())
    return digest.hexdigest()


def _sources(server):
    below = "servers" if isinstance(server.source, Npm) else "."
    return LAB / below / server.name


class Runner:
    """Runs commands with their output in the log; the last line of it is the reason of a Skip."""

    def __init__(self, output):
        self._output = output

    def run(self, *command, cwd=None, env=None):
        print("$", *command, file=self._output, flush=True)
        start = self._output.tell()
        try:
            done = subprocess.run(
                [str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL,
                stdout=self._output, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
            )  # fmt: skip
        except FileNotFoundError:
            raise Skip(f"no {command[0]} on this machine") from None
        if done.returncode:
            said = Path(self._output.name).read_text(errors="replace")[start:].strip()
            last = said.splitlines()[-1] if said else f"status {done.returncode}"
            raise Skip(f"{Path(str(command[0])).name} failed: {last}")


def _debian(server, work, runner):
    downloads = work / "packages"
    downloads.mkdir()
    apt.run(runner, "download", *server.source.packages, cwd=downloads)
    libraries, versions = set(), {}
    for package in sorted(downloads.iterdir()):
        runner.run("dpkg-deb", "-x", package, work)
        name, version, depends = _fields(package, "Package", "Version", "Depends")
        versions[name] = version
        for alternatives in depends.split(","):
            first = re.match(r"\s*([a-z0-9.+-]+)", alternatives)
            if first and first[1].startswith(("lib", "zlib")):
                libraries.add(first[1])
    shutil.rmtree(downloads)
    apt.install(runner, *sorted(libraries))
    return versions[server.source.packages[0]]


def _fields(package, *names):
    done = subprocess.run(
        ("dpkg-deb", "-f", package, *names), text=True, check=True, stdout=subprocess.PIPE
    )
    found = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    return [found.get(name, "") for name in names]


class Apt:
    """Debian's archive, asked for its lists once a run and given up after one vain attempt.

    Whoever holds its locks is waited for: a machine that has just been started updates itself.
    """

    COMMAND = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=300")
    # The one lock that it does not wait for when it is told to.
    LISTS = Path("/var/lib/apt/lists/lock")

    def __init__(self):
        self._lists_fresh = False
        self._unreachable = False

    def run(self, runner, *words, cwd=None):
        """Runs apt-get with lists that are not older than this run."""
        if self._unreachable:
            # It tries each file for seconds; the first server has waited for all of them.
            raise Skip("the archive cannot be reached")
        try:
            if not self._lists_fresh:
                self._wait_for_lists()
                runner.run(*self.COMMAND, "update")
                self._lists_fresh = True
            runner.run(*self.COMMAND, *words, cwd=cwd, env={"DEBIAN_FRONTEND": "noninteractive"})
        except Skip as reason:
            self._unreachable = "Failed to fetch" in str(reason)
            raise

    def _wait_for_lists(self):
        with contextlib.suppress(FileNotFoundError), self.LISTS.open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)

    def install(self, runner, *packages):
        """Installs packages properly: libraries and tools, which exclude nobody."""
        if packages:
            self.run(runner, "install", "-y", "--no-install-recommends", *packages)


apt = Apt()


def _pip(server, work, runner):
    if not _venv_possible():
        apt.install(runner, "python3-venv")
    # It is moved afterwards, which its scripts do not survive; its interpreter does, and no more
    # of it is used.
    runner.run(SYSTEM_PYTHON, "-m", "venv", work)
    pip = (work / "bin/python", "-m", "pip")
    runner.run(*pip, "install", "-q", "--retries", "2", server.source.requirement)
    return server.source.requirement.rpartition("==")[2]


def _venv_possible():
    # Debian keeps it in a package apart.
    probe = (SYSTEM_PYTHON, "-c", "import ensurepip, venv")
    return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0


def _npm(server, work, runner):
    if not (shutil.which("node") and shutil.which("npm")):
        apt.install(runner, "nodejs", "npm")
    for name in NPM_INPUTS:
        shutil.copy(_sources(server) / name, work)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts")
    patience = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000")
    runner.run("npm", "ci", "--omit=dev", *quiet, *patience, cwd=work)
    return server.source.requirement.rpartition("@")[2]


def _cargo(server, work, runner):
    # The target directory stays, for a change of a few lines must not cost a whole build.
    target = HOME / "target"
    manifest = _sources(server) / "Cargo.toml"
    runner.run("cargo", "build", "--locked", "--manifest-path", manifest, "--target-dir", target)
    shutil.copy(target / "debug" / server.source.binary, work)
    lock = (_sources(server) / "Cargo.lock").read_text()
    return re.search(rf'name = "{server.name}"\nversion = "(.*)"', lock)[1]


METHODS = {Debian: _debian, Pip: _pip, Npm: _npm, Cargo: _cargo}
