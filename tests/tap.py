# SPDX-License-Identifier: MIT
"""A report in the Test Anything Protocol, and whether it is to be believed."""

import re

TEST = re.compile(r"(not )?ok\b *\d* *(?:- *)?(.*)")
PLAN = re.compile(r"1\.\.(\d+)")
SKIP = re.compile(r"# *skip", re.IGNORECASE)


class Report:
    """What a program has said of its tests, line by line.

    never_skipped has what names of tests begin with that fail if skipped.
    """

    def __init__(self, never_skipped=()):
        self.never_skipped = tuple(never_skipped)
        self.passed = 0
        self.skipped = 0
        self.failures = []      # names of tests, and what is wrong otherwise
        self.planned = None
        self.names = []         # of tests that have passed

    def take(self, line):
        test = TEST.match(line)
        plan = PLAN.match(line)
        if plan:
            self.planned = int(plan[1])
        elif test and test[1]:
            self.failures.append(test[2])
        elif test and SKIP.search(test[2]):
            if test[2].startswith(self.never_skipped):
                self.failures.append(test[2])
            else:
                self.skipped += 1
        elif test:
            self.passed += 1
            self.names.append(test[2])

    def group(self, prefix):
        """The same of those tests only whose names begin with prefix."""
        report = Report()
        report.names = [name for name in self.names if name.startswith(prefix)]
        report.passed = len(report.names)
        report.failures = [failure for failure in self.failures
                           if failure.startswith((prefix, "("))]
        return report

    def conclude(self, problem):
        """Judges the whole.

        problem says what went wrong with the program itself, if anything did:
        a failure of its own, even where all tests passed.
        """
        count = self.passed + self.skipped + len(self.failures)
        if self.planned is None:
            self.failures.append(f"(no plan after {count} tests)")
        elif self.planned != count:
            self.failures.append(f"({count} of {self.planned} tests reported)")
        elif not count:
            self.failures.append("(no tests were run)")
        if problem:
            self.failures.append(f"({problem})")


class Step:
    """The report of a program that does not speak the protocol: one test."""

    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failures = []

    def take(self, line):
        pass

    def conclude(self, problem):
        if problem:
            self.failures.append(f"({problem})")
        else:
            self.passed += 1


def is_concluded(report):
    """Has anything been said of it at all?"""
    return bool(report.passed or report.skipped or report.failures)


def sums(reports):
    passed = sum(report.passed for report in reports)
    failed = sum(len(report.failures) for report in reports)
    skipped = sum(report.skipped for report in reports)
    text = f"{passed} passed, {failed} failed"
    return f"{text}, {skipped} skipped" if skipped else text
