# results.py: the runs, each with its number, and what they say together
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import datetime
import json
import statistics

from plan import WORKLOADS

MIB = 1024 * 1024


class Results:
    """Every run that was begun, in order.

    Each is written to @path when it begins, and when it has ended, so that none gets lost.
    """

    def __init__(self, path=None):
        self.runs = []
        self.facts = {}
        self.file = open(path, "a", encoding="utf-8") if path else None

    @classmethod
    def read(cls, path):
        """What an earlier bench has written."""
        results = cls()
        runs = {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                if "n" in record:
                    runs[record["n"]] = record
                else:
                    results.facts.update(record)
        results.runs = list(runs.values())
        return results

    def write(self, record):
        if self.file:
            self.file.write(json.dumps(record) + "\n")
            self.file.flush()

    def state(self, **facts):
        """Something that holds for all runs."""
        self.facts.update(facts)
        self.write(facts)

    def begin(self, kind, workload, peer, number):
        run = {
            "n": len(self.runs) + 1,
            "kind": kind,
            "workload": workload,
            "peer": peer,
            "round": number,
            "status": "begun",
            "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        self.runs.append(run)
        self.write(run)
        return run

    def end(self, run, status, **measured):
        run.update(status=status, **measured)
        self.write(run)

    # What came out

    def of(self, status):
        return [run for run in self.runs if run["status"] == status]

    def failures(self):
        return [run for run in self.runs if run["status"] not in ("ok", "left out")]

    def reason(self, workload, peer):
        """Why there is no figure for this peer, or ""."""
        for run in self.runs:
            if run["workload"] == workload and run["peer"] == peer and run["status"] == "left out":
                return run["why"]
        return ""

    def series(self, figure, workload, peer):
        """{round: value} of the runs that came to an end."""
        wanted = (figure if figure in KINDS else "rate", workload, peer)
        return {
            run["round"]: value(run, figure)
            for run in self.of("ok")
            if (run["kind"], run["workload"], run["peer"]) == wanted
        }

    def ratios(self, figure, workload, peer, other, than=""):
        """To another peer, or to the same in another workload, in the same round."""
        ours = self.series(figure, workload, peer)
        theirs = self.series(figure, than or workload, other)
        return [ours[number] / theirs[number] for number in ours if theirs.get(number)]

    def target_values(self, target):
        if target.is_ratio:
            return self.ratios(target.figure, target.workload, target.who, target.peer, target.than)
        return list(self.series(target.figure, target.workload, target.who).values())


# The kinds of runs besides the plain one
KINDS = ("memory", "system-calls", "instructions", "allocations")


def value(run, figure):
    unit = WORKLOADS[run["workload"]]
    size = run.get("bulk_size", 0) / MIB if unit.is_bulk else 1

    if figure == "rate":
        return run["done"] * size / run["seconds"]
    if figure == "cpu":
        return run["cpu"] / (run["total"] * size)
    if figure == "system":
        ticks = run["user"] + run["system"]
        return run["system"] / ticks if ticks else 0.0
    if figure == "busy":
        # of the time the requests took, those made before the clock was started included
        return min(1.0, run["cpu"] / (run["seconds"] * run["total"] / run["done"]))
    if figure == "other-busy":
        return min(1.0, run["other_cpu"] / (run["seconds"] * run["total"] / run["done"]))
    if figure == "memory":
        return run["memory"] / 1024
    if figure == "system-calls":
        return sum(run["calls"].values()) / run["total"]
    return run[figure] / run["total"]


class Summary:
    """Median and range of some values; it is false where there are none."""

    def __init__(self, values):
        self.values = list(values)
        if self.values:
            self.median = statistics.median(self.values)
            self.low, self.high = min(self.values), max(self.values)

    def __bool__(self):
        return bool(self.values)


def verdict(target, summary):
    """(whether the median reaches it, whether the whole range misses it); None: not measured."""
    if not summary:
        return None
    # A count is good to the third place: one allocation in many thousand requests is a buffer that
    # grew once.
    places = 9 if target.is_ratio else 3
    median, low, high = (round(v, places) for v in (summary.median, summary.low, summary.high))
    if target.at_most:
        return median <= target.limit, low > target.limit
    return median >= target.limit, high < target.limit
