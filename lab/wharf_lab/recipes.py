"""One recipe a server: its configuration and command line, traps included."""

import sys
from dataclasses import dataclass
from pathlib import Path

from . import accounts
from .supervise import Launch

SERVERS_DIR = Path(__file__).resolve().parent.parent / "servers"
SYSTEM_PYTHON = "/usr/bin/python3"


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
        ]
    return Launch([order.program, order.write("vsftpd.conf", config)], mounts=order.mounts)


def launch(order):
    """The command that carries the order out."""
    return RECIPES[order.server.name](order)


RECIPES = {
    "vsftpd": vsftpd,
}
