"""Ports: a block for each lab, and the kernel's word on who listens."""

import random
import socket
import struct

from .errors import LabError

# Below the ephemeral range (32768 on), so that no outgoing connection of the machine sits on one.
FIRST, END, BLOCK = 20000, 32000, 100
LISTEN = "0A"
TIME_WAIT = "06"
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


class Block:
    """A hundred ports that no other lab of this machine will use.

    The claim is an abstract unix socket: it vanishes with the process, whatever kills it, and it
    lives in the network namespace, as the ports do.
    """

    def __init__(self):
        starts = list(range(FIRST, END, BLOCK))
        # A random order: labs started at the same time do not queue for the same claims.
        random.shuffle(starts)
        busy, closed = set(), set()
        for table in TABLES:
            for _, port, state in _rows(table):
                (closed if state == TIME_WAIT else busy).add(int(port, 16))
        # The kernel remembers a closed connection for a minute. A server may listen there all the
        # same, so a test run that starts hundreds finds a block; untouched ones still come first.
        starts.sort(key=lambda start: not closed.isdisjoint(range(start, start + BLOCK)))
        for start in starts:
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                claim.bind(f"\0wharf-lab-ports-{start}")
            except OSError:
                claim.close()
                continue
            block = range(start, start + BLOCK)
            # GridFTP, for one, does not listen on a port that is remembered. And the block begins
            # below, for active connections come from the port next to it (RFC 959 §3.2).
            control = next((port for port in block[1 : BLOCK // 2] if port not in closed), None)
            if busy.isdisjoint(block) and control is not None:
                self._claim = claim
                self.control = control
                self.passive = (control + 1, block[-1])
                return
            claim.close()
        raise LabError(f"no free block of {BLOCK} ports between {FIRST} and {END}")


def refuse_taken(host, port):
    """Raises if somebody listens where the server is to listen."""
    if any(taken == port and at in (host, "0.0.0.0", "::") for at, taken in _listeners()):
        raise LabError(f"port {port} is taken already")


def listening(host, port):
    """Whether the kernel shows a listener at exactly this address.

    Asking the kernel instead of connecting leaves the server's client slots, logs and greeting
    delays alone; the exact address keeps a server honest that would listen on every interface.
    """
    return (host, port) in _listeners()


def _listeners():
    """Whoever listens on this machine, as (address, port).

    The kernel shows them ahead of all other sockets. Those may be ten thousand after a test run, and
    take longer to read than most servers to start.
    """
    for table in TABLES:
        for address, port, state in _rows(table):
            if state != LISTEN:
                break
            yield _address(address), int(port, 16)


def _rows(table):
    """Every socket of the table as (local address, local port, state), in the kernel's words."""
    try:
        lines = open(table)
    except FileNotFoundError:  # a kernel without IPv6
        return
    with lines:
        next(lines)
        for line in lines:
            _, local, _, state, _ = line.split(maxsplit=4)
            yield *local.split(":"), state


def _address(text):
    # The kernel prints each 32-bit word in the machine's byte order.
    words = [int(text[i : i + 8], 16) for i in range(0, len(text), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words))
