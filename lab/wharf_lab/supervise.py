"""Runs one server so that nothing of it can stay behind.

    wharf-lab ── init (pid 1 of a pid namespace) ── server ── its sessions …

Killing init makes the kernel kill everything below it, daemonised or not, and `waitpid` on init
returns when all of it is gone. Init in turn dies with the lab (`PR_SET_PDEATHSIG`), so SIGKILL to
the lab leaves nothing either. The mount namespace around them holds our accounts and nothing
of it is seen outside.
"""

import ctypes
import os
import select
import signal
import time
from dataclasses import dataclass, field

from . import ports
from .errors import LabError

STARTUP_SECONDS = 10
POLL_MILLISECONDS = 2

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x0002_0000, 0x0800_0000, 0x2000_0000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000
PR_SET_PDEATHSIG = 1

STDIN = 0

libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Launch:
    """How a server is started: what a recipe says and the supervisor does."""

    argv: list
    uid: int = 0
    env: dict = field(default_factory=dict)
    mounts: list = field(default_factory=list)


class Stopped(Exception):
    """A signal asked the lab to end."""


class Supervisor:
    """One server and the lab's own life: signals, stdin, the end of the server."""

    def __init__(self, log):
        self._log = log
        self._init = None
        self._pidfd = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)

    def start(self, launch, host, port):
        """Starts the server and returns when it listens; LabError if it does not."""
        self._spawn(launch)
        deadline = time.monotonic() + STARTUP_SECONDS
        while not ports.listening(host, port):
            if self._ended(POLL_MILLISECONDS):
                raise LabError(f"the server ended before it listened\n{self.output()}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"not listening on {host} port {port} after {STARTUP_SECONDS} s\n"
                    f"{self.output()}"
                )

    def wait(self, until_eof):
        """Waits for a signal, for the end of stdin if asked to, or for the server's end."""
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        if until_eof:
            poll.register(STDIN, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._pidfd:
                    raise LabError(f"the server ended by itself\n{self.output()}")
                if not os.read(descriptor, 4096):
                    return

    def stop(self):
        """Ends the server and everything it started; back when the last of it is gone."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self._init is not None:
            os.kill(self._init, signal.SIGKILL)
            os.waitpid(self._init, 0)

    def output(self):
        """What the server wrote so far."""
        return self._log.read_text(errors="replace").rstrip() or "(it said nothing)"

    def _stop(self, _number, _frame):
        raise Stopped

    def _ended(self, milliseconds):
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(milliseconds))

    def _spawn(self, launch):
        armed, arm = os.pipe()
        go, release = os.pipe()
        # Appending, for several processes write; emptied, for a LAB_DIR may see several starts.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        log = os.open(self._log, flags, 0o644)
        # No signal between the fork and the note of its pid, and none of our handlers in init.
        stopping = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
        try:
            # Applies to the children alone, so the lab itself stays where it is.
            _call(libc.unshare, CLONE_NEWPID)
            self._init = os.fork()
            if self._init == 0:
                os.close(armed)
                os.close(release)
                _init(launch, log, arm, go)
            self._pidfd = os.pidfd_open(self._init)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping)
            for descriptor in (arm, go, log):
                os.close(descriptor)
        # Init goes on only once it is tied to us, and we are still there to say so: no moment
        # is left in which our death would go unnoticed.
        if os.read(armed, 1):
            os.write(release, b"g")
        os.close(armed)
        os.close(release)


def _init(launch, log, arm, go):
    """Pid 1 of the namespace: sets the stage, starts the server, reaps. Never returns."""
    status = 127
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _call(libc.prctl, PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.write(arm, b"a")
        if not os.read(go, 1):
            os._exit(1)
        _call(libc.unshare, CLONE_NEWNS | CLONE_NEWIPC)
        _mount(None, "/", MS_REC | MS_PRIVATE)
        for ours, theirs in launch.mounts:
            _mount(ours, theirs, MS_BIND)
        server = os.fork()
        if server == 0:
            _exec(launch)
        # The descriptors of the lab go with its exit, but init lives as long as the server: it
        # must not hold the caller's pipes or the port claim open.
        os.closerange(3, 256)
        while True:
            child, waited = os.wait()
            if child == server:
                status = os.waitstatus_to_exitcode(waited)
                print(f"wharf-lab: the server ended with status {status}", flush=True)
                break
    except BaseException as error:
        print(f"wharf-lab: {error}", flush=True)
    finally:
        os._exit(status & 0xFF)


def _exec(launch):
    """Becomes the server. Never returns."""
    try:
        if launch.uid:
            os.setgroups([])
            os.setgid(launch.uid)
            os.setuid(launch.uid)
        os.umask(0o022)
        os.chdir("/")
        # Only what a daemon needs: a test's environment must not change a server's behaviour.
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "LANG": "C.UTF-8"}
        os.closerange(3, 256)
        os.execve(launch.argv[0], [str(word) for word in launch.argv], {**env, **launch.env})
    except BaseException as error:
        print(f"wharf-lab: {launch.argv[0]}: {error}", flush=True)
        os._exit(127)


def _mount(source, target, flags):
    source = None if source is None else os.fsencode(source)
    _call(libc.mount, source, os.fsencode(target), None, ctypes.c_ulong(flags), None)


def _call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise LabError(f"{function.__name__}: {os.strerror(number)} (a namespace needs root)")
