"""A small inetd: one listener, one program, a process for each connection.

    inetd.py HOST PORT PROGRAM [ARGUMENT…]

The program gets the connection as stdin and stdout. Its stderr goes to ours and not, as inetd has
it, to the client: what a library complains about is no part of the protocol.
"""

import os
import signal
import socket
import sys


def main():
    host, port, *command = sys.argv[1:]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(64)
    # The kernel reaps the sessions.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            # An ignored signal stays ignored in the program, which waits for its own children.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(connection.fileno(), 0)
            os.dup2(connection.fileno(), 1)
            os.execv(command[0], command)
        connection.close()


main()
