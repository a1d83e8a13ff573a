"""The servers of the lab: what each is, where it comes from, what it can be asked to do."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"
HOME = Path(os.environ.get("LAB_HOME", "/opt/wharf-lab"))


@dataclass(frozen=True)
class Debian:
    """Packages that are unpacked, not installed: as packages they exclude each other."""

    packages: tuple
    program: str


@dataclass(frozen=True)
class Pip:
    """One pinned distribution in a virtual environment of its own."""

    requirement: str


@dataclass(frozen=True)
class Npm:
    """The lock file in `lab/servers/NAME/` pins everything."""

    requirement: str


@dataclass(frozen=True)
class Cargo:
    """A crate of ours in `lab/NAME/`, outside the workspace, with its own lock file."""

    binary: str


@dataclass(frozen=True)
class Server:
    """A server, and what a test may expect of it."""

    name: str
    tier: int
    source: object
    tls: tuple = ("none",)
    tls_reuse: bool = False
    # Sends 234 before it has changed over: a ClientHello that follows at once may be lost.
    tls_race: bool = False
    active: tuple = ("PORT", "EPRT")
    ipv6: bool = True
    anonymous: bool = True
    epsv: bool = True
    mlsd: bool = False
    rest: bool = True
    size: bool = True
    chroot: bool = True
    passive_range: bool = True
    max_clients: bool = True
    # The step in which it counts idle seconds.
    idle: int = 1

    @property
    def home(self):
        """Where its software lies."""
        return HOME / self.name

    @property
    def stamp(self):
        """The file that says which version is installed."""
        return self.home / "stamp.json"

    def installed(self):
        """What the stamp says, or None when the server is not installed."""
        try:
            return json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return None

    def describe(self):
        """The entry that `list --json` prints."""
        entry = {k: v for k, v in asdict(self).items() if k != "source"}
        stamp = self.installed()
        entry["installed"] = stamp is not None
        entry["version"] = stamp["version"] if stamp else None
        return entry


EVERY_TLS = ("none", "explicit", "implicit")

SERVERS = {
    server.name: server
    for server in (
        Server(
            "vsftpd",
            1,
            Debian(("vsftpd",), "usr/sbin/vsftpd"),
            tls=EVERY_TLS,
            tls_reuse=True,
        ),
        Server(
            "proftpd",
            1,
            Debian(("proftpd-core", "proftpd-mod-crypto"), "usr/sbin/proftpd"),
            tls=EVERY_TLS,
            tls_reuse=True,
            mlsd=True,
        ),
        Server(
            "pure-ftpd",
            1,
            Debian(("pure-ftpd", "pure-ftpd-common"), "usr/sbin/pure-ftpd"),
            tls=("none", "explicit"),
            mlsd=True,
            idle=60,
        ),
        Server(
            "inetutils",
            1,
            Debian(("inetutils-ftpd",), "usr/sbin/ftpd"),
            active=("PORT", "EPRT", "LPRT"),
            chroot=False,
            passive_range=False,
            max_clients=False,
        ),
        Server(
            "pyftpdlib",
            1,
            Pip("pyftpdlib[ssl]==2.2.0"),
            tls=EVERY_TLS,
            mlsd=True,
        ),
        Server(
            "libunftp",
            1,
            Cargo("wharf-lab-libunftp"),
            tls=("none", "explicit"),
            tls_race=True,
            active=("PORT",),
            mlsd=True,
            max_clients=False,
        ),
        Server(
            "linux-ftpd",
            2,
            Debian(("ftpd-ssl",), "usr/sbin/in.ftpd"),
            chroot=False,
            passive_range=False,
            max_clients=False,
        ),
        Server(
            "gridftp",
            2,
            Debian(("globus-gridftp-server-progs",), "usr/sbin/globus-gridftp-server"),
            active=("PORT", "EPRT", "SPOR"),
            mlsd=True,
            chroot=False,
            passive_range=False,
        ),
        Server(
            "aioftp",
            2,
            Pip("aioftp==0.28.3"),
            tls=("none", "implicit"),
            active=(),
            mlsd=True,
            size=False,
        ),
        Server(
            "twisted",
            2,
            Pip("twisted==26.10.0"),
            ipv6=False,
            rest=False,
            passive_range=False,
        ),
        Server(
            "ftp-srv",
            2,
            Npm("ftp-srv@4.6.3"),
            tls=EVERY_TLS,
            tls_race=True,
            ipv6=False,
            max_clients=False,
        ),
    )
}
