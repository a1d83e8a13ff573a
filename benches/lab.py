"""A server of the lab for a measurement."""

import contextlib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SHIP = 2121  # the lab's user


class Serving:
    """Where a running server is, and its files."""

    def __init__(self, ready, root, lab_dir):
        self.host, self.port = ready[1:]
        self.root = root
        self.lab_dir = lab_dir
        self.ca = os.path.join(lab_dir, "certs", "ca.pem")

    def log(self, name):
        """A log of the server's, by the name the recipe gives it."""
        with open(os.path.join(self.lab_dir, name), errors="replace") as log:
            return log.read()


@contextlib.contextmanager
def serving(server, directory, *options):
    """Runs a server over `directory`/root, which is made if it is not there."""
    root, lab_dir = os.path.join(directory, "root"), os.path.join(directory, "lab")
    os.makedirs(root, exist_ok=True)
    os.chmod(directory, 0o755)
    os.chown(root, SHIP, SHIP)
    lab = subprocess.Popen(
        [os.path.join(ROOT, "lab", "wharf-lab"), "start", server, "--root", root, "--until-eof", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=dict(os.environ, LAB_DIR=lab_dir))
    try:
        ready = lab.stdout.readline().split()
        if ready[:1] != ["READY"]:
            sys.exit(f"{server} did not start")
        yield Serving(ready, root, lab_dir)
    finally:
        lab.stdin.close()
        lab.wait(timeout=20)


def build(*arguments):
    """A release build of ours."""
    subprocess.run(["cargo", "build", "--release", "--locked", *arguments], cwd=ROOT, check=True)


def version(client):
    """A client's name and version, or None if it is not installed."""
    try:
        told = subprocess.run([client, "--version"], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    # `curl 7.88.1 (x86_64…`, `LFTP | Version 4.9.2 | Copyright…`
    return f"{client} {re.search(r'[0-9][0-9.]+', told.stdout)[0]}"
