# report.py: what came out, as Markdown
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

from plan import GROUPS, PEERS, TARGETS, TITLES, WORKLOADS
from results import KINDS, Summary, verdict

MARKS = ("<!-- measured: written by ./tools/bench --chapter -->", "<!-- measured: end -->")

# The columns of the table of growth
GROWTH = {
    "echo-1": "1 busy",
    "echo-100": "100 busy",
    "echo-1000": "1 000 busy",
    "echo-8000": "8 000 busy",
    "idle-none": "10 busy",
    "idle-8000": "10 busy, 8 000 idle",
}

COUNTS = {
    "system-calls": "system calls",
    "instructions": "user instructions",
    "allocations": "allocations",
}


def number(x):
    """As many digits as it can be trusted with."""
    if x >= 1000:
        return f"{x:,.0f}".replace(",", " ")
    if x >= 100:
        return f"{x:.0f}"
    if x >= 10:
        return f"{x:.1f}"
    if x >= 0.1 or x == 0:
        return f"{x:.2f}"
    return f"{x:.2g}"


def count(x):
    return f"{x:.3f}" if x < 1 else number(x)


def with_range(summary, form=number, scale=1):
    if not summary:
        return "–"
    median, low, high = (form(v * scale) for v in (summary.median, summary.low, summary.high))
    return median if len(summary.values) == 1 else f"{median} ({low} to {high})"


def table(head, rows, right=()):
    lines = ["| " + " | ".join(head) + " |"]
    rule = ["---:" if i in right else "---" for i in range(len(head))]
    lines.append("| " + " | ".join(rule) + " |")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return lines


def head(results):
    facts = results.facts
    lines = []
    for name, words in facts.get("machine", {}).items():
        lines.append(f"- {name}: {words}")
    for name in ("build", "options", "processors", "began", "ended", "load"):
        if name in facts:
            lines.append(f"- {name}: {facts[name]}")
    return lines


def account(results):
    """Of every run that was begun."""
    ok, left_out, failed = len(results.of("ok")), len(results.of("left out")), results.failures()
    begun = f"{len(results.runs)} runs were begun: {ok} gave a figure, {left_out} were left out"
    rest = f"{len(failed)} failed. All of them are in `runs.jsonl`, numbered; none was made again."
    lines = ["", f"{begun}, {rest}"]
    if failed:
        lines += ["", "Failed:", ""]
        for run in failed:
            what = f"{run['kind']}, {run['workload']}, {TITLES[run['peer']]}, round {run['round']}"
            lines.append(f"- {run['n']}: {what}: {run.get('why', 'it has no end')}")
    reasons = {(run["peer"], run["why"], run["workload"]) for run in results.of("left out")}
    if reasons:
        lines += ["", "Left out:", ""]
        lines += [f"- {TITLES[peer]}, {workload}: {why}" for peer, why, workload in sorted(reasons)]
    return lines


def targets(results):
    rows = []
    for target in TARGETS:
        summary = Summary(results.target_values(target))
        judged = verdict(target, summary)
        words = ["yes" if x else "no" for x in judged] if judged else ["not measured", "–"]
        limit = f"{'at most' if target.at_most else 'at least'} {target.limit:g}"
        form = count if target.figure in COUNTS else number
        rows.append([target.text, target.workload, limit, with_range(summary, form), *words])
    columns = ["figure", "workload", "has to be", "is", "median reaches it",
               "all of the range misses it"]
    return [
        "",
        "## What qnet has to reach",
        "",
        "Ratios are of the same round: the median of the rounds, and their range. A figure falls "
        "short",
        "when its whole range does.",
        "",
        *table(columns, rows, right=(2, 3)),
    ]


def rates(results, workload):
    """Rate and CPU time of each peer, and both to the reference in the same round."""
    rows = []
    name, reference = workload.name, workload.reference
    for peer in workload.peers:
        rate, cpu, busy, other, system = (
            Summary(results.series(figure, name, peer).values())
            for figure in ("rate", "cpu", "busy", "other-busy", "system")
        )
        if not rate:
            continue
        rows.append(
            [
                TITLES[peer],
                with_range(rate),
                with_range(Summary(results.ratios("rate", name, peer, reference))),
                with_range(cpu, scale=1e6),
                with_range(Summary(results.ratios("cpu", name, peer, reference))),
                f"{system.median:.0%}",
                f"{busy.median:.0%} / {other.median:.0%}",
            ]
        )
    unit = workload.unit
    one = unit if unit == "MiB" else unit.removesuffix("s")
    columns = [
        "",
        f"{unit} per second",
        f"to {TITLES[reference]}",
        f"CPU µs per {one}",
        f"to {TITLES[reference]}",
        "of it in the kernel",
        "busy: it / the other side",
    ]
    return table(columns, rows, right=range(1, 7)) if rows else []


def memory(results, workload):
    rows = [
        [TITLES[peer], with_range(summary)]
        for peer in workload.peers
        if (summary := Summary(results.series("memory", workload.name, peer).values()))
    ]
    return table(["", "KiB per connection"], rows, right=(1,)) if rows else []


def counts(results, workload):
    rows = []
    for peer in workload.peers:
        summaries = [Summary(results.series(kind, workload.name, peer).values()) for kind in COUNTS]
        if any(summaries):
            numbers = [with_range(summary, count) for summary in summaries]
            rows.append([TITLES[peer], *numbers, calls(results, workload, peer)])
    columns = ["per " + workload.unit.removesuffix("s"), *COUNTS.values(), "which system calls"]
    return table(columns, rows, right=(1, 2, 3)) if rows else []


def calls(results, workload, peer):
    """The system calls that matter, with how often each is made."""
    for run in results.of("ok"):
        if (run["kind"], run["workload"], run["peer"]) == ("system-calls", workload.name, peer):
            share = {name: n / run["total"] for name, n in run["calls"].items()}
            often = [item for item in share.items() if item[1] >= 0.005]
            often.sort(key=lambda item: -item[1])
            return ", ".join(f"{name} {x:.2f}" for name, x in often)
    return ""


def sections(results, plots):
    lines = []
    for workload in (workload for group in GROUPS for workload in group):
        body = memory(results, workload) if workload.kind == "memory" else rates(results, workload)
        counted = counts(results, workload)
        if not body and not counted:
            continue
        title = workload.title[0].upper() + workload.title[1:]
        lines += ["", f"## {title} (`{workload.name}`)", "", *body]
        if counted:
            lines += ["", *counted]
        if workload.name in plots:
            lines += ["", f"![{workload.title}]({plots[workload.name]})"]
    return lines


def growth(results, plots):
    """CPU time of one echo, by how many connections there are."""
    rows = []
    for peer in PEERS:
        summaries = [Summary(results.series("cpu", name, peer).values()) for name in GROWTH]
        if any(summaries):
            medians = [number(s.median * 1e6) if s else "–" for s in summaries]
            rows.append([TITLES[peer], *medians])
    if not rows:
        return []
    lines = ["", "## CPU time of an echo, by connections", ""]
    lines += ["Microseconds, the median of the rounds.", ""]
    lines += table(["", *GROWTH.values()], rows, right=range(1, len(GROWTH) + 1))
    if "growth" in plots:
        lines += ["", f"![CPU time per request]({plots['growth']})"]
    return lines


def body(results, plots):
    of_all = head(results) + account(results) + targets(results)
    return of_all + growth(results, plots) + sections(results, plots)


def write(results, path, plots):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(["# Measured", "", *body(results, plots)]) + "\n")


def write_chapter(results, path):
    """Puts the tables between the marks of a chapter of the manual, one heading deeper."""
    with open(path, encoding="utf-8") as file:
        before, begin, rest = file.read().partition(MARKS[0])
    old, end, after = rest.partition(MARKS[1])
    if not end:
        raise ValueError(f"{path} has no place for it between {MARKS[0]} and {MARKS[1]}")
    lines = ["#" + line if line.startswith("#") else line for line in body(results, {})]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([before + begin, "", *lines, "", end + after]))


assert set(COUNTS) < set(KINDS) and all(target.workload in WORKLOADS for target in TARGETS)
