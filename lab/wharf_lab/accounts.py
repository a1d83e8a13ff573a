"""The accounts every server knows, without one being made on the machine.

`ship` (password `harbor`) owns the served tree and may write; `ftp`/`anonymous` reads what is
readable by all. Servers that ask the system see our copies of passwd, group, shadow and pam.d in
a private mount namespace.
"""

from pathlib import Path

USER, PASSWORD = "ship", "harbor"
UID = 2121
ANONYMOUS_UID = 2122

# `openssl passwd -6 -salt wharflab harbor`
PASSWORD_SHA512 = (
    "$6$wharflab$2zGGvGzSy08KIU4yqNeSlSUkG054U3sTEfx2BOqg2PfW"
    "sMa8X58p5xarOMfRDDMRIpHUuzkRDtxKtBz09n4pD0"
)
# DES crypt with salt "wh": the only hash that GridFTP's password file takes.
PASSWORD_DES = "whOwIoFd9Dxfs"

# The delay after a wrong password is left to the servers, each of which has its own.
PAM_RULES = """\
auth     sufficient pam_ftp.so
auth     required   pam_unix.so nodelay
account  required   pam_permit.so
session  required   pam_permit.so
"""
PAM_SERVICES = ("ftp", "vsftpd", "other")

MOTD = "Welcome to the harbor.\nMind the tide.\n"


def passwd_line(root, password="x"):
    """The passwd(5) line of `ship`, at home in the served tree."""
    return f"{USER}:{password}:{UID}:{UID}::{root}:/bin/sh\n"


def write(lab_dir, root):
    """Writes the files and directories, and returns where each is to be mounted."""
    etc, run, log = (lab_dir / name for name in ("etc", "run", "log"))
    pam = etc / "pam.d"
    for directory in (pam, run, log):
        directory.mkdir(parents=True, exist_ok=True)
    (etc / "passwd").write_text(
        _without_ours("/etc/passwd")
        + passwd_line(root)
        + f"ftp:*:{ANONYMOUS_UID}:{ANONYMOUS_UID}::{root}:/bin/sh\n"
    )
    (etc / "group").write_text(
        _without_ours("/etc/group") + f"{USER}:x:{UID}:\nftp:x:{ANONYMOUS_UID}:\n"
    )
    (etc / "shadow").write_text(
        f"root:*:19000:0:99999:7:::\n"
        f"{USER}:{PASSWORD_SHA512}:19000:0:99999:7:::\n"
        f"ftp:*:19000:0:99999:7:::\n"
    )
    (etc / "shadow").chmod(0o600)
    (etc / "ftpusers").write_text("root\n")
    (etc / "motd").write_text(MOTD)
    for service in PAM_SERVICES:
        (pam / service).write_text(PAM_RULES)
    # The BSD servers write who logged in here, and only if the file exists.
    (log / "wtmp").touch()
    mounts = [
        (etc / name, Path("/etc") / name)
        for name in ("passwd", "group", "shadow", "pam.d", "ftpusers", "motd")
    ]
    # Pid files, syslog's socket and login records: neither read from the machine nor left on it.
    mounts += [(run, Path("/run").resolve()), (log, Path("/var/log").resolve())]
    return [
        (ours, theirs)
        for ours, theirs in mounts
        if theirs.exists() and theirs not in (*root.parents, *lab_dir.parents)
    ]


def _without_ours(path):
    ours = (f"{USER}:", "ftp:")
    try:
        lines = Path(path).read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return ""
    return "".join(line for line in lines if not line.startswith(ours))
