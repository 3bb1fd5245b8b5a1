# SPDX-License-Identifier: MIT
"""Plays an ashmemd that means harm: `liar.py SOCKET ROLE [INODE]`.

claims    says that it serves the region with this inode
slow      lists regions without end, and shows no pin map
full      lets nobody connect
Says "ready", and then whatever descriptors it is sent.
"""

import contextlib
import os
import select
import socket
import struct
import sys

LIST = 5
REGIONS = 32                    # in one packet


def memfd_device():
    return os.fstat(os.memfd_create("any")).st_dev


def region(inode):
    return struct.pack("<QQQQQIIII256s", memfd_device(), inode, 16, 16, 99, 1,
                       0, 0, 0, b"a lie")


def listing(cursor, regions):
    return (struct.pack("<IiQIi", LIST, 0, cursor, len(regions), 1) +
            b"".join(regions) +
            bytes(len(region(0)) * (REGIONS - len(regions))))


def answer(connection, claimed):
    request, fds, *_ = socket.recv_fds(connection, 64, 4)
    if not request:
        return False
    if fds:
        print(f"sent {len(fds)}", flush=True)
    if struct.unpack("<I", request[:4])[0] == LIST:
        connection.send(listing(0, [region(claimed)]) if claimed else
                        listing(1 << 40, [region(10 ** 9 + i)
                                          for i in range(REGIONS)]))
    elif claimed:
        connection.send(request[:4] + bytes(28 - len(request[:4])))
    return True


def serve(server, claimed):
    connections = []
    while True:
        for ready in select.select([server, *connections], [], [])[0]:
            if ready is server:
                connections.append(server.accept()[0])
                continue
            with contextlib.suppress(OSError):
                if answer(ready, claimed):
                    continue
            connections.remove(ready)


def fill(path):
    clients = []
    with contextlib.suppress(BlockingIOError):
        while True:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            clients.append(client)
            client.setblocking(False)
            client.connect(path)
    return clients


def main(path, role, inode="0"):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(path)
    server.listen(0 if role == "full" else 64)
    clients = fill(path) if role == "full" else []
    print("ready", flush=True)
    if clients:
        select.select([], [], [])
    serve(server, int(inode))


main(*sys.argv[1:])
