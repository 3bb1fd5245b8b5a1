# SPDX-License-Identifier: MIT
"""What in a kernel's log is a report of a fault, and what is worth a note."""

import re

# How every record starts on the console (printk.time=1), with the caller's
# number if the kernel shows it. Anchoring on it keeps out text that merely
# mentions a fault.
STAMP = r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? "

FAULTS = (
    r"WARNING: ",               # WARN(), and every lockdep report
    r"BUG[: ]",                 # oops, KASAN, sleeping in atomic, slab, ...
    r"kernel BUG at ",
    r"Oops",
    r".*\[#\d+\]",
    r"Kernel panic",
    r"Unable to handle ",
    r"general protection fault",
    r"double fault",
    r"UBSAN: ",
    r"KASAN: ",
    r"=+ BUG: KFENCE",
    r"INFO: task .* blocked for more than ",
    r"INFO: trying to register non-static key",
    r"INFO: suspicious RCU usage",
    r"INFO: possible ",
    r".*possible (circular|recursive) locking",
    r".*inconsistent lock state",
    r".*detected (expedited )?stalls",
    r".*self-detected stall",
    r".*soft lockup",
    r".*kmemleak: Kernel memory leak detector disabled",
    r".*list_(add|del) corruption",
    r".*refcount_t: ",
    r".*scheduling while atomic",
    r".*cannot create duplicate filename",
    r"kmem_cache_destroy .* still has objects",
    # tests/vm/init complains, of leaks too: the kernel's own line about these
    # also appears where a test scans, and knows which it can explain.
    r"vm: ",
)
NOTES = (
    r".*[Oo]ut of memory: Killed process ",
    r".*: segfault at ",
    r"traps: ",
    r".*page allocation failure",
)

FAULT = re.compile(STAMP + "(?:" + "|".join(FAULTS) + ")")
NOTE = re.compile(STAMP + "(?:" + "|".join(NOTES) + ")")
# A processor's erratum or a debug kernel's greeting is no fault.
HARMLESS = re.compile(STAMP + r"\*\*|.*WARNING: Unprivileged eBPF")

# Lines to show from the first line of a report on.
REPORT_LINES = 100


def faults(log):
    """The indexes of the lines that report a fault."""
    return [index for index, line in enumerate(log)
            if FAULT.match(line) and not HARMLESS.match(line)]


def notes(log):
    return [line for line in log if NOTE.match(line)]


def excerpts(log):
    """The lines of the log that a reader needs to understand its faults."""
    shown = set()
    for index in faults(log):
        shown.update(range(max(index - 1, 0),
                           min(index + REPORT_LINES, len(log))))
    previous = None
    for index in sorted(shown):
        if previous is not None and index != previous + 1:
            yield "..."
        yield log[index]
        previous = index
