# tap.py: run the unittest cases of a program, and print TAP
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys
import unittest


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.printed = 0

    def startTest(self, test):
        super().startTest(test)
        self.subtests_are_well = True

    def point(self, verdict, test, directive=""):
        self.printed += 1
        promise = test.shortDescription()
        name = test.id().removeprefix("__main__.") + (f": {promise}" if promise else "")
        print(f"{verdict} {self.printed} - {name.replace('#', '')}{directive}", flush=True)

    def fail(self, test, error):
        self.point("not ok", test)
        for line in self._exc_info_to_string(error, test).splitlines():
            print("#", line, file=sys.stderr, flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.point("ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fail(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.fail(test, error)

    def addSubTest(self, test, subtest, error):
        # A case with failed parts gets one point, with the first of them.
        super().addSubTest(test, subtest, error)
        if error is not None and self.subtests_are_well:
            self.subtests_are_well = False
            self.fail(test, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.point("ok", test, f" # SKIP {reason}")


def main(case=None):
    """Runs that case, or all of the program."""
    loader = unittest.defaultTestLoader
    suite = (loader.loadTestsFromTestCase(case) if case
             else loader.loadTestsFromModule(sys.modules["__main__"]))
    result = TapResult()

    print(f"1..{suite.countTestCases()}", flush=True)
    suite.run(result)

    sys.exit(not result.wasSuccessful())
