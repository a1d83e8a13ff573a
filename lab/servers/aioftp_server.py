"""aioftp as a server of the lab. The order is a JSON object, the only argument."""

import asyncio
import json
import logging
import ssl
import sys

import aioftp


async def main():
    order = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO)
    root = order["root"]
    users = [
        aioftp.User(order["user"], order["password"], base_path=root),
        # No name: whoever is not known gets in as anonymous and may read.
        aioftp.User(base_path=root, permissions=[aioftp.Permission("/", writable=False)]),
    ]
    context = None
    if order["tls"] == "implicit":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(order["certs"] + "/both.pem")
    server = aioftp.Server(
        users,
        idle_timeout=order["idle"],
        maximum_connections=order["max_clients"] or None,
        data_ports=range(order["passive"][0], order["passive"][1] + 1),
        ssl=context,
    )
    await server.run(order["host"], order["port"])


asyncio.run(main())
