"""Twisted's FTP server as a server of the lab. The order is a JSON object, the only argument."""

import json
import sys

from twisted.cred.checkers import AllowAnonymousAccess, InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.protocols.ftp import FTP, FTPAnonymousShell, FTPFactory, FTPShell, IFTPShell
from twisted.python import log
from twisted.python.filepath import FilePath
from zope.interface import implementer


@implementer(IRealm)
class OneTree:
    """The same tree for everybody; anonymous may only read."""

    def __init__(self, root):
        self._root = FilePath(root)

    def requestAvatar(self, avatar_id, _mind, *_interfaces):
        shell = FTPShell if avatar_id else FTPAnonymousShell
        return IFTPShell, shell(self._root), lambda: None


def protocol(host):
    """The protocol, with passive ports on one address instead of all of the machine's."""

    class OnOneAddress(FTP):
        def getDTPPort(self, factory, interface=""):
            return super().getDTPPort(factory, interface=host)

    return OnOneAddress


def main():
    order = json.loads(sys.argv[1])
    log.startLogging(sys.stdout)
    accounts = InMemoryUsernamePasswordDatabaseDontUse()
    accounts.addUser(order["user"], order["password"])
    factory = FTPFactory(Portal(OneTree(order["root"]), [AllowAnonymousAccess(), accounts]))
    factory.protocol = protocol(order["host"])
    if order["idle"]:
        factory.timeOut = order["idle"]
    if order["max_clients"]:
        factory.connectionLimit = order["max_clients"]
    # Ephemeral passive ports: it keeps listeners for 10 s after an error, and a range runs dry.
    reactor.listenTCP(order["port"], factory, interface=order["host"])
    reactor.run()


main()
