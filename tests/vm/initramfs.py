# SPDX-License-Identifier: MIT
"""The initial file system of the virtual machine: a cpio archive, "newc".

It is not compressed: an emulated processor unpacks more slowly than the host
copies.
"""

import os
import re
import stat
import struct
import subprocess

BUSYBOX = "/usr/bin/busybox" if os.path.exists("/usr/bin/busybox") \
    else "/bin/busybox"


class Initramfs:
    """root is where programs and libraries of the guest's architecture are."""

    def __init__(self, root=""):
        self.root = root
        self.parts = []
        self.names = set()

    def _entry(self, name, mode, data=b""):
        name = name.strip("/")
        if name in self.names:
            return
        self.names.add(name)
        encoded = name.encode() + b"\0"
        fields = (len(self.names), mode, 0, 0, 1, 0, len(data),
                  0, 0, 0, 0, len(encoded), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        for part in (header + encoded, data):
            self.parts.append(part + b"\0" * (-len(part) % 4))

    def directory(self, name):
        name = name.strip("/")
        if name and name not in self.names:
            self.directory(os.path.dirname(name))
            self._entry(name, stat.S_IFDIR | 0o755)

    def content(self, name, data, mode=0o644):
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def tree(self, host, name):
        """Copies a file, or a directory with all that is in it."""
        if os.path.isdir(host):
            self.directory(name)
            for entry in sorted(os.listdir(host)):
                if not entry.endswith(".p"):    # Meson's object files
                    self.tree(os.path.join(host, entry), f"{name}/{entry}")
            return
        with open(host, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            self.content(name, file.read(), mode)

    def libraries(self, program):
        """Copies what a program is linked to, and its loader."""
        if self.root:
            self._foreign_libraries(program)
            return
        listed = subprocess.run(["ldd", program], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        for word in listed.split():
            if word.startswith("/"):
                self.tree(word, word)

    def _foreign_libraries(self, program):
        """The loader of another architecture cannot be asked."""
        loader = interpreter(program)
        self.tree(self.root + loader, loader)
        # The libraries stand beside it, but for those of the checkout.
        folder = os.path.dirname(os.path.realpath(self.root + loader))
        missing = needed(program)
        while missing:
            path = os.path.join(folder, missing.pop())
            where = path.removeprefix(self.root).strip("/")
            if where not in self.names and os.path.exists(path):
                self.tree(path, where)
                missing += needed(path)

    def busybox(self):
        self.tree(self.root + BUSYBOX, "bin/busybox")
        # An applet that the guest's has not says so when it is called.
        applets = subprocess.run([BUSYBOX, "--list"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.split()
        for applet in applets:
            self.link(f"bin/{applet}", "busybox")

    def write(self, file):
        self._entry("TRAILER!!!", 0)
        for part in self.parts:
            file.write(part)
        file.flush()


def needed(path):
    """The names of the libraries that a program or library is linked to."""
    listed = subprocess.run(["readelf", "--dynamic", path], check=True,
                            text=True, stdout=subprocess.PIPE).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", listed)


def processor(path):
    """ELF's number of the processor that a program is for, else None."""
    with open(path, "rb") as file:
        image = file.read(20)
    return int.from_bytes(image[18:], "little") \
        if image[:4] == b"\x7fELF" else None


def interpreter(path):
    """The loader that a dynamically linked program asks for, else None."""
    with open(path, "rb") as file:
        image = file.read()
    if image[:4] != b"\x7fELF":
        return None
    wide = image[4] == 2
    table, = struct.unpack_from("<Q" if wide else "<I", image,
                                32 if wide else 28)
    size, count = struct.unpack_from("<HH", image, 54 if wide else 42)
    for index in range(count):
        header = table + index * size
        kind, = struct.unpack_from("<I", image, header)
        if kind != 3:                                   # PT_INTERP
            continue
        start, = struct.unpack_from("<Q" if wide else "<I", image,
                                    header + (8 if wide else 4))
        return image[start:image.index(b"\0", start)].decode()
    return None
