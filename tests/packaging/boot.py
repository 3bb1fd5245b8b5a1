# SPDX-License-Identifier: MIT
"""Boots a Debian out of a directory, in a machine that is emulated."""

import os
import re
import secrets
import sys
import tempfile

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
sys.path.insert(0, f"{CHECKOUT}/tests/vm")
import machine

# What it does not need to run is not put into its memory.
NOT_NEEDED = ("./boot", "./usr/include",
              "./usr/lib/gcc", "./usr/lib/jvm", "./usr/lib/modules/*/kernel",
              "./usr/share", "./usr/src/linux-*", "./var/cache",
              "./var/lib/apt", "./tmp/packages",
              "./usr/lib/x86_64-linux-gnu/*.a", "./usr/lib/python3*",
              "./usr/lib/linux-kbuild*", "./usr/lib/locale")
MEMORY = "1500M"
LIMIT = 900                     # seconds
TEST = re.compile(r"(not )?ok - (.*)")
SERVICE = """[Service]
Type=oneshot
StandardOutput=file:/dev/ttyS1
StandardError=inherit
WorkingDirectory=/booted
ExecStartPre=udevadm settle
ExecStart={commands}
ExecStopPost=/booted/end

[Install]
WantedBy=multi-user.target
"""
# Prints the mark that tests/vm/machine.py waits for, and waits for its answer.
END = """#!/bin/sh
exec 3<>/dev/ttyS1
stty raw -echo <&3
printf '\\036%s 0\\n' {nonce} >&3
until read -r answer <&3 && [ "$answer" = {nonce} ]; do
	:
done
reboot -ff
"""


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def prepare(root, commands, nonce):
    """Has commands run at the end of the boot, one after another, and then the
    end."""
    names = [os.path.basename(command) for command in commands]
    for name, command in zip(names, commands):
        with open(command, encoding="utf-8") as file:
            write(root.inside(f"/booted/{name}"), file.read(), 0o755)
    write(root.inside("/booted/end"), END.format(nonce=nonce), 0o755)
    write(root.inside("/etc/systemd/system/booted.service"), SERVICE.format(
        commands="\nExecStart=".join(f"-/booted/{name}" for name in names)))
    # Without a number it would take this for its first boot.
    write(root.inside("/etc/machine-id"), secrets.token_hex(16) + "\n")
    root.shell("systemctl --root=/ enable booted.service; "
               "ln -s /lib/systemd/systemd /init")


def pack(root, archive):
    """An archive that a kernel unpacks into its memory, and starts /init of."""
    pruned = " -o ".join(f"-path '{path}'" for path in NOT_NEEDED)
    root.shell(f"cd /; find . -xdev '(' {pruned} ')' -prune -o -print0 | "
               "cpio --quiet --null -o -H newc",
               output=archive)


def run(root, kernel, commands):
    """Boots what is in root, which is changed by that, and runs commands there,
    in /booted; returns the names of the tests that they report, each with its
    problem or None."""
    nonce = secrets.token_hex(16)
    prepare(root, commands, nonce)
    said = []
    with tempfile.NamedTemporaryFile(prefix="ashmem-boot-") as archive:
        pack(root, archive)
        vm = machine.Machine(
            kernel=root.inside(f"/boot/vmlinuz-{kernel}"),
            initramfs=archive.name, nonce=nonce, accel="tcg", memory=MEMORY,
            cpus=2, append=[], output=said.append, console=lambda _: None)
        vm.run(limit=LIMIT)
    results = parse(b"".join(said).decode(errors="replace"))
    if vm.status is None:
        results.append(("it comes to its end", "\n".join(vm.log[-40:])))
    return results


def parse(text):
    results = []
    for line in text.splitlines():
        test = TEST.match(line)
        if test:
            results.append([test[2], "it does not" if test[1] else None])
        elif results and results[-1][1]:
            results[-1][1] += "\n" + line.removeprefix("# ")
    return results
