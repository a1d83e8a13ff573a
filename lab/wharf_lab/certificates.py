"""A certificate authority and a server certificate, made once for a machine.

`ca.pem` is what a client trusts; `server.pem` and `server.key` belong to the server; `both.pem`
joins the two for servers that want one file. They are made in LAB_HOME/certs and copied into each
LAB_DIR/certs, for two RSA keys take longer than any server takes to start.
"""

import os
import shutil
import subprocess
import time

from . import locks
from .accounts import UID
from .catalogue import HOME
from .errors import LabError

NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"
VALID_DAYS = 397
REMAKE_AFTER_DAYS = 300
LAST = "both.pem"


def provide(directory):
    """Fills `directory` unless its certificate is there already."""
    if not (directory / LAST).exists():
        with locks.held(HOME / "certs.lock"):
            shared = HOME / "certs"
            if not _usable(shared / LAST):
                shutil.rmtree(shared, ignore_errors=True)
                shared.mkdir()
                _make(shared)
            shutil.copytree(shared, directory, dirs_exist_ok=True)
    # Servers that run as `ship` read the key themselves. Root reads it anyway.
    for name in ("server.key", LAST):
        os.chown(directory / name, UID, UID)
        (directory / name).chmod(0o600)


def _usable(made):
    try:
        return time.time() - made.stat().st_mtime < REMAKE_AFTER_DAYS * 86400
    except FileNotFoundError:
        return False


def _make(directory):
    _openssl(
        directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(VALID_DAYS),
        "-subj", "/CN=wharf lab authority", "-keyout", "ca.key", "-out", "ca.pem",
        "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    _openssl(
        directory, "req", "-newkey", "rsa:2048", "-nodes",
        "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr",
    )  # fmt: skip
    (directory / "extensions").write_text(
        f"subjectAltName={NAMES}\n"
        "basicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature,keyEncipherment\n"
        "extendedKeyUsage=serverAuth\n"
    )
    _openssl(
        directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-set_serial", "2121", "-days", str(VALID_DAYS), "-extfile", "extensions",
        "-out", "server.pem",
    )  # fmt: skip
    # Last, and all at once: its presence says that everything is whole.
    partial = directory / f"{LAST}.new"
    partial.touch(mode=0o600)
    halves = [(directory / name).read_text() for name in ("server.key", "server.pem")]
    partial.write_text("".join(halves))
    partial.rename(directory / LAST)


def _openssl(directory, *arguments):
    try:
        done = subprocess.run(
            ("openssl", *arguments), cwd=directory, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError:
        raise LabError("TLS needs the openssl command") from None
    if done.returncode:
        raise LabError(f"openssl {arguments[0]} failed:\n{done.stderr}")
