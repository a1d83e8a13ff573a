"""pyftpdlib as a server of the lab. The order is a JSON object, the only argument."""

import json
import logging
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

EVERYTHING = "elradfmwMT"
READ = "elr"


def main():
    order = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO)
    authorizer = DummyAuthorizer()
    authorizer.add_user(order["user"], order["password"], order["root"], perm=EVERYTHING)
    authorizer.add_anonymous(order["root"], perm=READ)
    handler = type("Handler", (base(order),), {})
    handler.authorizer = authorizer
    handler.passive_ports = range(order["passive"][0], order["passive"][1] + 1)
    if order["idle"]:
        handler.timeout = order["idle"]
    server = FTPServer((order["host"], order["port"]), handler)
    if order["max_clients"]:
        # It counts its listener among them.
        server.max_cons = order["max_clients"] + 1
    server.serve_forever()


def base(order):
    """The handler for the TLS mode that was asked for."""
    if order["tls"] == "none":
        return FTPHandler
    from pyftpdlib.handlers import TLS_FTPHandler

    TLS_FTPHandler.certfile = order["certs"] + "/both.pem"
    if order["tls"] == "explicit":
        return TLS_FTPHandler

    class Implicit(TLS_FTPHandler):
        """TLS from the first byte, data connections included."""

        def handle(self):
            self.secure_connection(self.ssl_context)
            self._prot, self._pbsz = True, True
            super().handle()

    return Implicit


main()
