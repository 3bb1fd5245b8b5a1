#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What has passed already, and need not run again: tests/proven.

Each line there has a name and a key. The name is that of a kernel, and stands
for what `make check-kernels` runs on it (`debug`: `make check-debug`); or it is
`packages`, for `make check-packages`. The key is a hash of what is proven: for
a kernel the driver, the header of its calls and how the kernel is chosen; for
the packages what says how they are made and installed, and the service in them.
A change of any of it makes the line void. What else such a run meets, the
library and the tests themselves, is judged by `make check` each time, on the
kernels that this has.

    tests/proof.py NAME...      prints those of them that have no valid line
"""

import hashlib
import os
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PROVEN = os.path.join(CHECKOUT, "tests/proven")
# As git takes them: a * stands for slashes, too.
DRIVER = ["driver/*.[ch]", "driver/Kbuild", "include/linux/ashmem.h"]
PACKAGES = ["debian", "packaging", "tests/packaging", "driver/Makefile",
            "daemon/*.[ch]", "*meson.build", "meson_options.txt",
            "lib/libashmem.map", "docs/man"]
DEBUG = ["tests/vm/debug.config", "tests/vm/debug-kernel", "tests/fault"]


def files(patterns):
    """Paths of what git has below the checkout, in order."""
    # Root may look into the checkout of whoever it is.
    found = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns],
        cwd=CHECKOUT, check=True, text=True, stdout=subprocess.PIPE).stdout
    return sorted(filter(None, found.split("\0")))


def kernel_line(name):
    """How tests/vm/kernels describes a kernel."""
    with open(os.path.join(CHECKOUT, "tests/vm/kernels"),
              encoding="utf-8") as kernels:
        for line in kernels:
            if line.split()[:1] == [name]:
                return " ".join(line.split())
    raise KeyError(f"no kernel '{name}' in tests/vm/kernels")


def key(name):
    """The hash of what the proof of this name hangs on."""
    if name == "packages":
        patterns, line = PACKAGES + DRIVER, ""
    elif name == "debug":
        patterns, line = DRIVER + DEBUG, ""
    else:
        patterns, line = DRIVER, kernel_line(name)
    digest = hashlib.sha256(line.encode())
    for path in files(patterns):
        with open(os.path.join(CHECKOUT, path), "rb") as file:
            content = file.read()
        digest.update(f"\0{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:40]


def lines():
    """Those of tests/proven, as they are, and each one's name or None."""
    with open(PROVEN, encoding="utf-8") as file:
        return [(line, None if line.startswith("#") else line.split()[0])
                for line in file if line.strip()]


def is_proven(name):
    """Does tests/proven have a line of this name with today's key?"""
    return any(line.split() == [name, key(name)] for line, _ in lines())


def record(name):
    """Notes that all of this name has passed."""
    kept = [line for line, other in lines() if other != name]
    with open(PROVEN, "w", encoding="utf-8") as file:
        file.writelines(kept + [f"{name} {key(name)}\n"])


def main(arguments):
    """Prints the names that are not proven."""
    if not arguments:
        print("tests/proof.py: say the names to look for", file=sys.stderr)
        return 2
    try:
        print("\n".join(name for name in arguments if not is_proven(name)))
    except KeyError as error:
        print(f"tests/proof.py: {error.args[0]}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
