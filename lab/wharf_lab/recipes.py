"""One recipe a server: its configuration and command line, traps included."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import accounts
from .catalogue import SYSTEM_PYTHON
from .errors import LabError
from .supervise import Launch

SERVERS_DIR = Path(__file__).resolve().parent.parent / "servers"


@dataclass
class Order:
    """What was asked for, complete with paths and ports."""

    server: object
    host: str
    port: int
    passive: tuple
    lab_dir: Path
    root: Path
    tls: str
    certs: Path
    require_tls_reuse: bool
    max_clients: int
    idle: int
    mounts: list
    extra: list

    @property
    def ipv6(self):
        return ":" in self.host

    @property
    def program(self):
        return self.server.home / self.server.source.program

    def write(self, name, lines, mode=0o600):
        path = self.lab_dir / name
        path.write_text("\n".join(lines) + "\n")
        path.chmod(mode)
        return path


def vsftpd(order):
    yes_no = {True: "YES", False: "NO"}
    empty = order.lab_dir / "empty"
    empty.mkdir(exist_ok=True)
    empty.chmod(0o555)
    config = [
        "background=NO",
        # The two exclude each other.
        f"listen={yes_no[not order.ipv6]}",
        f"listen_ipv6={yes_no[order.ipv6]}",
        f"listen_address{'6' if order.ipv6 else ''}={order.host}",
        f"listen_port={order.port}",
        f"pasv_min_port={order.passive[0]}",
        f"pasv_max_port={order.passive[1]}",
        "anonymous_enable=YES",
        f"anon_root={order.root}",
        "local_enable=YES",
        f"local_root={order.root}",
        "write_enable=YES",
        "local_umask=022",
        "chroot_local_user=YES",
        # Without it: "refusing to run with writable root inside chroot()".
        "allow_writeable_chroot=YES",
        f"secure_chroot_dir={empty}",
        "check_shell=NO",
        "pam_service_name=vsftpd",
        # Kills sessions on kernels and libraries newer than its list of system calls.
        "seccomp_sandbox=NO",
        "connect_from_port_20=NO",
        "async_abor_enable=YES",
        "ascii_upload_enable=YES",
        "ascii_download_enable=YES",
        "ls_recurse_enable=YES",
        "use_localtime=NO",
        "xferlog_enable=YES",
        f"vsftpd_log_file={order.lab_dir / 'vsftpd.log'}",
        f"max_clients={order.max_clients or 0}",
        f"idle_session_timeout={order.idle or 300}",
    ]
    if order.tls != "none":
        config += [
            "ssl_enable=YES",
            f"implicit_ssl={yes_no[order.tls == 'implicit']}",
            f"rsa_cert_file={order.certs / 'both.pem'}",
            "allow_anon_ssl=YES",
            "force_local_logins_ssl=NO",
            "force_local_data_ssl=NO",
            # The built-in list holds one cipher that no library offers any more.
            "ssl_ciphers=HIGH",
            f"require_ssl_reuse={yes_no[order.require_tls_reuse]}",
            # A line in its log for each handshake: version, cipher, resumed or not.
            "debug_ssl=YES",
        ]
    return Launch([order.program, order.write("vsftpd.conf", config)], mounts=order.mounts)


def proftpd(order):
    home, lab_dir = order.server.home, order.lab_dir
    password = order.write(
        "proftpd.passwd",
        # mod_auth_file alone is asked, so the anonymous account has to be here as well.
        [accounts.passwd_line(order.root, accounts.PASSWORD_SHA512).rstrip(),
         f"ftp:*:{accounts.ANONYMOUS_UID}:{accounts.ANONYMOUS_UID}::{order.root}:/bin/sh",
         "nobody:*:65534:65534::/:/bin/sh"],
    )  # fmt: skip
    group = order.write(
        "proftpd.group",
        [f"ship:x:{accounts.UID}:", f"ftp:x:{accounts.ANONYMOUS_UID}:", "nogroup:x:65534:"],
    )
    limits = [f"MaxClients {order.max_clients}"] if order.max_clients else []
    config = [
        f"ModulePath {home}/usr/lib/proftpd",
        # HASH and X…, MODE Z, SITE CPFR, SITE UTIME and friends.
        *(f"LoadModule mod_{name}.c" for name in ("digest", "deflate", "copy", "site_misc")),
        "LoadModule mod_tls.c",
        "DeflateEngine on",
        'ServerName "wharf lab"',
        "ServerType standalone",
        f"DefaultAddress {order.host}",
        f"UseIPv6 {'on' if order.ipv6 else 'off'}",
        # Else it listens on every address of the machine and sorts the connections itself.
        "SocketBindTight on",
        f"Port {order.port}",
        f"PassivePorts {order.passive[0]} {order.passive[1]}",
        "User nobody",
        "Group nogroup",
        f"DefaultRoot {order.root}",
        "AuthOrder mod_auth_file.c",
        f"AuthUserFile {password}",
        f"AuthGroupFile {group}",
        "RequireValidShell off",
        "UseFtpUsers off",
        "UseReverseDNS off",
        "WtmpLog off",
        "Umask 022",
        "AllowOverwrite on",
        "AllowStoreRestart on",
        f"TimeoutIdle {order.idle or 600}",
        # How long the 226 is held back for a client that keeps its data connection open.
        "TimeoutLinger 5",
        f"ScoreboardFile {lab_dir}/proftpd.scoreboard",
        f"PidFile {lab_dir}/proftpd.pid",
        f"DelayTable {lab_dir}/proftpd.delay",
        f"SystemLog {lab_dir}/proftpd.log",
        f"TransferLog {lab_dir}/proftpd.transfers",
        *limits,
        f"<Anonymous {order.root}>",
        "  User ftp",
        "  Group ftp",
        "  UserAlias anonymous ftp",
        "  RequireValidShell off",
        *limits,
        "</Anonymous>",
    ]
    if order.tls != "none":
        options = [] if order.require_tls_reuse else ["NoSessionReuseRequired"]
        options += ["UseImplicitSSL"] if order.tls == "implicit" else []
        config += [
            "TLSEngine on",
            "TLSProtocol TLSv1.2 TLSv1.3",
            f"TLSRSACertificateFile {order.certs}/server.pem",
            f"TLSRSACertificateKeyFile {order.certs}/server.key",
            "TLSVerifyClient off",
            "TLSRequired off",
            "TLSRenegotiate none",
            f"TLSLog {lab_dir}/proftpd.tls",
            *([f"TLSOptions {' '.join(options)}"] if options else []),
        ]
    config = order.write("proftpd.conf", config)
    return Launch([order.program, "-n", "-q", "-c", config], mounts=order.mounts)


def pure_ftpd(order):
    users = order.write(
        "pure-ftpd.passwd",
        [f"{accounts.USER}:{accounts.PASSWORD_SHA512}:{accounts.UID}:{accounts.UID}"
         f"::{order.root}/./::::::::::::"],
    )  # fmt: skip
    database = order.lab_dir / "pure-ftpd.pdb"
    run_quietly(order.server.home / "usr/bin/pure-pw", "mkdb", database, "-f", users)
    argv = [
        order.program,
        "-S", f"{order.host},{order.port}",
        "-p", f"{order.passive[0]}:{order.passive[1]}",
        "-l", f"puredb:{database}",
        "-g", order.lab_dir / "pure-ftpd.pid",
        # Everybody in a chroot; names instead of numbers are not looked up in the network.
        "-A", "-H",
        "-U", "133:022",
    ]  # fmt: skip
    if order.max_clients:
        argv += ["-c", order.max_clients]
    if order.idle:
        # It counts in minutes.
        argv += ["-I", -(-order.idle // 60)]
    if order.tls != "none":
        argv += ["-Y", 1, "-2", order.certs / "both.pem"]
    return Launch(argv, mounts=order.mounts)


def gridftp(order):
    users = order.write(
        "gridftp.passwd", [accounts.passwd_line(order.root, accounts.PASSWORD_DES).rstrip()]
    )
    argv = [
        order.program,
        # It starts itself anew for each connection, from where the package would have put it.
        "-exec", order.program,
        "-p", order.port,
        "-control-interface", order.host,
        "-data-interface", order.host,
        # The option above decides what is told, this one what is done: else it listens everywhere.
        "-dc-default", f"tcp:iface={order.host}",
        "-password-file", users,
        "-allow-anonymous", "-anonymous-user", "ftp",
        "-control-idle-timeout", order.idle or 600,
        "-log-module", "stdio",
    ]  # fmt: skip
    if order.max_clients:
        argv += ["-connections-max", order.max_clients]
    return Launch(argv, mounts=order.mounts)


def inetutils(order):
    idle = ["-t", order.idle, "-T", order.idle] if order.idle else []
    return inetd(order, order.program, "-a", "pam", *idle)


def linux_ftpd(order):
    idle = ["-t", order.idle, "-T", order.idle] if order.idle else []
    # Its TLS cannot work: it loads the certificate only once TLS is active.
    return inetd(order, order.program, "-n", "-z", "nossl", *idle)


def inetd(order, *command):
    """For servers that take their connection from an inetd."""
    script = SERVERS_DIR / "inetd.py"
    argv = [SYSTEM_PYTHON, "-IS", script, order.host, order.port, *command]
    return Launch(argv, mounts=order.mounts)


def run_quietly(*command):
    """A server's own tool, run before it; what it says is of interest only if it fails."""
    done = subprocess.run(
        [str(word) for word in command], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"{command[0]} failed:\n{done.stdout}")


def libunftp(order):
    host = f"[{order.host}]" if order.ipv6 else order.host
    argv = [
        order.server.home / order.server.source.binary,
        f"{host}:{order.port}",
        order.root,
        f"{order.passive[0]}-{order.passive[1]}",
        order.idle or 600,
    ]
    if order.tls != "none":
        argv += [order.certs / "server.pem", order.certs / "server.key"]
    return Launch(argv, uid=accounts.UID)


def pyftpdlib(order):
    return scripted(order, order.server.home / "bin/python", "-I", "pyftpdlib_server.py")


def aioftp(order):
    return scripted(order, order.server.home / "bin/python", "-I", "aioftp_server.py")


def twisted(order):
    return scripted(order, order.server.home / "bin/python", "-I", "twisted_server.py")


def ftp_srv(order):
    return scripted(order, shutil.which("node"), "ftp_srv_server.js")


def scripted(order, interpreter, *words):
    """A server program of ours below lab/servers, which takes the order as JSON and runs as
    the lab's user: what it needs of the machine is a port and the tree."""
    *options, script = words
    told = {
        "host": order.host,
        "port": order.port,
        "passive": order.passive,
        "root": str(order.root),
        "user": accounts.USER,
        "password": accounts.PASSWORD,
        "tls": order.tls,
        "certs": str(order.certs),
        "max_clients": order.max_clients or 0,
        "idle": order.idle or 0,
        "home": str(order.server.home),
        "extra": order.extra,
    }
    # Read by root here and handed over: the lab may lie where its user cannot pass.
    program = order.write(script, [(SERVERS_DIR / script).read_text()], mode=0o644)
    return Launch([interpreter, *options, program, json.dumps(told)], uid=accounts.UID)


def launch(order):
    """The command that carries the order out."""
    return RECIPES[order.server.name](order)


RECIPES = {
    "vsftpd": vsftpd,
    "proftpd": proftpd,
    "pure-ftpd": pure_ftpd,
    "inetutils": inetutils,
    "linux-ftpd": linux_ftpd,
    "gridftp": gridftp,
    "libunftp": libunftp,
    "pyftpdlib": pyftpdlib,
    "aioftp": aioftp,
    "twisted": twisted,
    "ftp-srv": ftp_srv,
}
