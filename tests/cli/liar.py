# SPDX-License-Identifier: MIT
"""Plays an ashmemd that means harm: `liar.py SOCKET ROLE [INODE]`.

claims    says that it serves the region with this inode
refuses   says so too, and lets nobody attach to it
slow      lists regions without end, and shows no pin map
full      lets nobody connect
ends      hangs up at once; says "come" of each
Says "ready", and then whatever descriptors it is sent.
"""

import contextlib
import errno
import os
import select
import socket
import struct
import sys

HELLO = 1
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


def reply(kind, error):
    return struct.pack("<IiQII", kind, error, 0, 0, 0)


def answer(connection, role, claimed):
    request, fds, *_ = socket.recv_fds(connection, 64, 4)
    if not request:
        return False
    if fds:
        print(f"sent {len(fds)}", flush=True)
    kind, = struct.unpack("<I", request[:4])
    if kind == LIST:
        connection.send(listing(0, [region(claimed)]) if claimed else
                        listing(1 << 40, [region(10 ** 9 + i)
                                          for i in range(REGIONS)]))
    elif claimed and kind == HELLO:
        sign = os.memfd_create("sign")
        os.ftruncate(sign, 4096)
        socket.send_fds(connection, [reply(kind, 0)], [sign])
        os.close(sign)
    elif claimed:
        connection.send(reply(kind, errno.EPERM if role == "refuses" else 0))
    return True


def serve(server, role, claimed):
    connections = []
    while True:
        for ready in select.select([server, *connections], [], [])[0]:
            if ready is server:
                connections.append(server.accept()[0])
                if role == "ends":
                    connections.pop().close()
                    print("come", flush=True)
                continue
            with contextlib.suppress(OSError):
                if answer(ready, role, claimed):
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
    serve(server, role, int(inode))


main(*sys.argv[1:])
