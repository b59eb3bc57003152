#!/usr/bin/python3
#
# count-results.py: how many tests passed, from what meson recorded of a run
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: count-results.py TESTLOG.json

Each TAP subtest counts, and a program that speaks no TAP counts as one test. Whatever is not
plainly a pass or a skip has failed: a TODO, a timeout, a crash, a subtest that was planned and
never ran. Names what was skipped and what failed, with the last error that it printed, ends with
"N passed, N failed" (and ", N skipped" if any), and exits with 1 if anything failed.
"""

import collections
import json
import re
import sys

PLAN = re.compile(r"^1\.\.(?P<last>\d+)\s*(?:#\s*skip\S*\s*(?P<reason>.*))?$", re.IGNORECASE)
POINT = re.compile(
    r"^(?P<ok>not ok|ok)\b\s*(?P<number>\d+)?\s*-?\s*(?P<name>[^#]*?)\s*"
    r"(?:#\s*(?P<directive>skip|todo)\S*\s*(?P<reason>.*))?$",
    re.IGNORECASE,
)
COMPLAINT = re.compile(
    r"\b(ERROR|CRITICAL|WARNING|Error|Exception|FAIL|Sanitizer|timed out)\b.*|^Bail out!.*"
)
SKIPPED_PROGRAM = 77

Result = collections.namedtuple("Result", "verdict name reason")


def read_tap(text):
    """Gives the results of the subtests, and what is wrong with the stream as a whole (or None)."""
    results = []
    planned = None
    bailed_out = None

    for line in text.splitlines():
        if point := POINT.match(line):
            directive = (point["directive"] or "").lower()
            name = point["name"] or point["number"] or "?"
            reason = point["reason"] or ""
            if directive == "todo":
                results.append(Result("failed", name, "TODO " + reason))
            elif point["ok"].lower() != "ok":
                results.append(Result("failed", name, reason))
            elif directive == "skip":
                results.append(Result("skipped", name, reason))
            else:
                results.append(Result("passed", name, ""))
        elif plan := PLAN.match(line):
            planned = int(plan["last"])
            if planned == 0:
                results.append(Result("skipped", "", plan["reason"] or ""))
                planned = 1
        elif line.startswith("Bail out!"):
            bailed_out = line

    if bailed_out is not None:
        return results, bailed_out
    if planned is None:
        return results, "no plan"
    if planned != len(results):
        return results, f"{planned} subtests planned, {len(results)} ran"
    return results, None


def is_tap(run):
    return any(PLAN.match(line) or POINT.match(line) for line in run.get("stdout", "").splitlines())


def find_complaint(run):
    """Gives the last line of a program that looks like the reason of a failure, or ""."""
    lines = (run.get("stdout", "") + "\n" + run.get("stderr", "")).splitlines()
    complaints = (line.strip() for line in reversed(lines)
                  if COMPLAINT.search(line) and not line.startswith("ok "))
    return next(complaints, "")


def judge(run):
    """Gives the results of one program."""
    verdict = run["result"]

    if is_tap(run):
        results, wrong = read_tap(run["stdout"])
        if verdict not in ("OK", "SKIP"):
            wrong = wrong or f"{verdict}, exit status {run.get('returncode')}"
        if wrong and not any(result.verdict == "failed" for result in results):
            results.append(Result("failed", "", wrong))
        return results

    if verdict == "OK":
        return [Result("passed", "", "")]
    if verdict == "SKIP" or run.get("returncode") == SKIPPED_PROGRAM:
        return [Result("skipped", "", run.get("stdout", "").strip().splitlines()[-1:] or "")]
    return [Result("failed", "", f"{verdict}, exit status {run.get('returncode')}")]


def main(path):
    counts = collections.Counter()
    named = []

    with open(path, encoding="utf-8") as file:
        for line in file:
            run = json.loads(line)
            complaint = find_complaint(run)
            for verdict, name, reason in judge(run):
                counts[verdict] += 1
                if verdict == "failed":
                    reason = ": ".join(filter(None, [reason, complaint]))
                if verdict != "passed":
                    reason = reason[0] if isinstance(reason, list) else reason
                    words = f"{verdict}: {run['name']} {name}".rstrip()
                    named.append(words + (f" ({reason})" if reason else ""))

    print()
    for words in sorted(named, reverse=True):
        print(words)

    ending = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{ending}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
