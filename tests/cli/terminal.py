# SPDX-License-Identifier: MIT
"""A program in a pseudo-terminal, and what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

try:
    import pyte
except ImportError:
    pyte = None


def is_there():
    return pyte is not None


class Terminal:
    """Within `with`, the program runs; status and raw, all that it has sent, are
    there afterwards."""

    def __init__(self, command, environment, patience, columns=80, rows=24):
        self.command = command
        self.environment = environment
        self.patience = patience
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = ""
        self.status = None

    def __enter__(self):
        self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                self.set_size(0, self.screen.columns, self.screen.lines)
                os.execve(self.command[0], self.command, self.environment)
            finally:
                os._exit(127)
        return self

    def __exit__(self, *_):
        deadline = time.monotonic() + self.patience
        while self.take(deadline):
            pass
        if time.monotonic() >= deadline:
            os.kill(self.pid, signal.SIGKILL)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)

    def set_size(self, fd, columns, rows):
        fcntl.ioctl(fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def take(self, deadline):
        """Takes what was sent; returns whether there may be more."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data.decode(errors="replace")
        self.stream.feed(data)
        return bool(data)

    def waits(self, condition):
        """Waits until the screen is as it should be."""
        deadline = time.monotonic() + self.patience
        while not condition():
            if not self.take(deadline):
                return False
        return True

    def shows(self, text):
        return self.waits(lambda: text in self.text())

    def press(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.screen.reset()
        self.set_size(self.master, columns, rows)
        os.kill(self.pid, signal.SIGWINCH)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())
