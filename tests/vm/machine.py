# SPDX-License-Identifier: MIT
"""A QEMU machine: started, listened to, and ended whatever happens."""

import contextlib
import dataclasses
import fcntl
import os
import re
import selectors
import socket
import subprocess
import tempfile
import termios
import threading
import time
import tty

ESCAPE = b"\x1d"                                        # Ctrl-]
KVM_PROBE_SECONDS = 10
# Once the command's status is known, the guest has only to reset.
RESET_SECONDS = 20

KERNEL_ARGUMENTS = (
    "ignore_loglevel", "printk.time=1",
    "printk.devkmsg=on", "panic=-1", "oops=panic",
    # An emulated processor may wait long for a busy host; that is no fault.
    "rcupdate.rcu_cpu_stall_timeout=120", "watchdog_thresh=60",
    "mitigations=off",
)


@dataclasses.dataclass
class Board:
    """What a machine of one architecture, as Debian names it, is made of."""
    native: str                 # what a host of this kind calls itself
    qemu: str                   # the program
    package: str                # of Debian, that has it
    machine: tuple              # QEMU's arguments
    processor: str              # that is emulated
    ports: tuple                # QEMU's arguments for the two serial ports
    kernel: tuple               # arguments for the kernel, its console first
    output: str                 # the guest's name of the second port
    processors: tuple           # ELF's numbers of those it runs programs of

    def serial_ports(self, ports):
        """QEMU's arguments for ports, which are sockets."""
        for number, (port, arguments) in enumerate(zip(ports, self.ports)):
            yield from ("-chardev", f"socket,id=s{number},fd={port.fileno()}")
            for argument in arguments:
                yield argument.format(f"s{number}")


BOARDS = {
    "amd64": Board(
        native="x86_64",
        qemu="qemu-system-x86_64", package="qemu-system-x86",
        machine=(), processor="max",
        ports=(("-device", "isa-serial,chardev={}"),) * 2,
        # Some kernels forget for a moment at boot that they use five levels of
        # page tables, and KASAN then takes an interrupt for a wild access.
        kernel=("console=ttyS0", "no5lvl"), output="ttyS1",
        processors=(62, 3)),
    # A processor that has pages of every size, runs 32-bit programs, and does
    # not sign pointers, which an emulation takes long for.
    "arm64": Board(
        native="aarch64",
        qemu="qemu-system-aarch64", package="qemu-system-arm",
        machine=("-M", "virt"), processor="neoverse-n1",
        ports=(("-serial", "chardev:{}"),
               ("-device", "pci-serial,chardev={}")),
        kernel=("console=ttyAMA0",), output="ttyS0",
        processors=(183, 40)),
}


class Machine:
    """One boot: its settings, and afterwards what it left behind.

    output is called with every piece of what the command prints, console
    with every line of the kernel's log.
    """

    def __init__(self, *, kernel, initramfs, nonce, accel, memory, cpus,
                 append, output, console, board=BOARDS["amd64"]):
        self.board = board
        self.kernel = kernel
        self.initramfs = initramfs
        self.accel = accel
        self.memory = memory
        self.cpus = cpus
        self.append = append
        self.output = output
        self.console = console
        self.nonce = nonce.encode()
        self.mark = re.compile(b"\x1e%b (\\d{1,3})\n" % self.nonce)
        self.mark_length = len(nonce) + len("\x1e 255\n")
        self.status = None      # the command's exit status, once it is known
        self.log = []           # the kernel's
        self.timed_out = False
        self.left = False       # the user left the shell by its escape key
        self.complaint = ""     # QEMU's
        self._pending = b""     # of the output: may be the mark's beginning
        self._line = b""        # of the log: not ended yet

    def _start(self, ports, complaints):
        processor = "host" if self.accel == "kvm" else self.board.processor
        accel = "kvm" if self.accel == "kvm" else "tcg,thread=multi"
        command = [
            # QEMU must not outlive us, however we end.
            "setpriv", "--pdeathsig", "KILL", self.board.qemu,
            *self.board.machine, "-nodefaults", "-no-user-config",
            "-display", "none", "-no-reboot", "-accel", accel,
            "-cpu", processor, "-m", self.memory,
            # A kernel without ACPI finds one processor in each socket.
            "-smp", f"{self.cpus},sockets={self.cpus}",
            "-kernel", self.kernel, "-initrd", self.initramfs,
            "-append", " ".join((*self.board.kernel, *KERNEL_ARGUMENTS,
                                 *self.append)),
            *self.board.serial_ports(ports),
        ]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=complaints, start_new_session=True,
            pass_fds=[port.fileno() for port in ports])

    def run(self, limit=None, keyboard=None):
        """Boots, and returns when the machine has ended.

        limit is in seconds; keyboard is a descriptor to read for the shell.
        """
        with contextlib.ExitStack() as stack:
            (console, console_far), (output, output_far) = (
                map(stack.enter_context, socket.socketpair())
                for _ in range(2))
            complaints = stack.enter_context(tempfile.TemporaryFile())
            qemu = self._start((console_far, output_far), complaints)
            stack.enter_context(qemu)
            stack.callback(qemu.kill)
            console_far.close()
            output_far.close()
            self._type = None if keyboard is None else threading.Thread(
                target=self._pass_keys, args=(keyboard, output, qemu),
                daemon=True)
            self._listen(console, output, limit)
            qemu.kill()
            qemu.wait()
            complaints.seek(0)
            self.complaint = complaints.read().decode(errors="replace")
        if self._line:
            self.take_console(b"\n")
        if self._pending:
            self.output(self._pending)

    def _pass_keys(self, keyboard, output, qemu):
        """A thread of its own: the guest may take no keys for long."""
        while (keys := os.read(keyboard, 1024)) and ESCAPE not in keys:
            send(output, keys)
        self.left = True
        qemu.kill()

    def _listen(self, console, output, limit):
        deadline = time.monotonic() + limit if limit else None
        with selectors.DefaultSelector() as ready:
            ready.register(console, selectors.EVENT_READ)
            ready.register(output, selectors.EVENT_READ)
            while ready.get_map():
                wait = deadline and deadline - time.monotonic()
                if wait is not None and wait <= 0:
                    self.timed_out = self.status is None
                    return
                for key, _ in ready.select(wait):
                    data = receive(key.fileobj)
                    if not data:
                        ready.unregister(key.fileobj)
                    elif key.fileobj is console:
                        self.take_console(data)
                    else:
                        self._start_typing()
                        if self.take_output(data):
                            send(output, b"\n%b\n" % self.nonce)
                            deadline = time.monotonic() + RESET_SECONDS

    def _start_typing(self):
        """A guest loses keys that come before its shell has said a word."""
        if self._type:
            self._type.start()
            self._type = None

    def take_console(self, data):
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            self.log.append(text)
            self.console(text)

    def take_output(self, data):
        """Passes output on; true when it has just brought the mark."""
        if self.status is not None:
            return False
        data = self._pending + data
        found = self.mark.search(data)
        if found:
            self.status = int(found[1])
            self._pending = b""
            self.output(data[:found.start()])
            return True
        # What may be the beginning of the mark waits for the rest of it.
        begin = data.find(b"\x1e", max(len(data) - self.mark_length, 0))
        if begin < 0:
            begin = len(data)
        self._pending = data[begin:]
        if begin:
            self.output(data[:begin])
        return False


def send(port, data):
    """A machine that has just ended takes nothing any more."""
    with contextlib.suppress(ConnectionError):
        port.sendall(data)


def receive(port):
    """The end may come as an error: what was sent has not been taken."""
    try:
        return port.recv(65536)
    except ConnectionError:
        return b""


@contextlib.contextmanager
def raw_keyboard(descriptor):
    """Passes every key on, Ctrl-C too, while the context lasts."""
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def boot_id():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def best_accel(cache, boots):
    """KVM where a guest really boots on it, else emulation.

    Some machines offer /dev/kvm and then hang or end every guest. So boot
    one, by boots(accel, seconds), and remember the verdict until the host
    itself boots again.
    """
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "accel"), "a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = file.read().split()
        if len(known) == 2 and known[0] == boot_id():
            return known[1]
        accel = "kvm" if boots("kvm", KVM_PROBE_SECONDS) else "tcg"
        file.truncate(0)
        file.write(f"{boot_id()} {accel}\n")
        return accel
