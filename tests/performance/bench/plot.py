# plot.py: a picture of each workload, by gnuplot
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil
import subprocess

from plan import GROUPS, PEERS, TITLES
from report import number
from results import Summary

QNET = "#2a7ab0"
REFERENCE = "#555555"
OTHER = "#b9b9b9"
WIDE = 30  # from here on, times the smallest, only a logarithmic scale shows both

SHORT = {"gio-streams": "GIO streams", "gio-sockets": "GIO sockets"}

HEAD = """\
set terminal svg size 960,430 font "sans-serif,12" background "#ffffff"
set output "{path}"
set style fill solid 1.0 noborder
set boxwidth 0.65
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set xtics rotate by -30
set bmargin 5
unset key
"""

BARS = """\
unset logscale y
set xrange [-0.6:{last}.6]
{scale}
set title "{title}"
plot $d{n} using 1:3:(0.65):6:xtic(2) with boxes lc rgb variable, \\
     $d{n} using 1:3:4:5 with yerrorbars lc rgb "#000000" ps 0, \\
     $d{n} using 1:5:7 with labels offset 0,0.8 font ",11"
"""


GROWTH = """\
set key outside right
set logscale xy
set xtics norotate (1, 10, 100, 1000, 8000)
set title "CPU µs per echo"
set xlabel "busy connections"
"""


def have_gnuplot():
    return shutil.which("gnuplot") is not None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def colour(workload, peer):
    if peer.startswith("qnet"):
        return QNET
    return REFERENCE if peer == workload.reference else OTHER


def bars_of(results, workload, figure, scale=1):
    """[(peer, Summary, ratio to the reference or None)]"""
    bars = []
    for peer in workload.peers:
        summary = Summary(v * scale for v in results.series(figure, workload.name, peer).values())
        if summary:
            ratio = Summary(results.ratios(figure, workload.name, peer, workload.reference))
            bars.append((peer, summary, ratio.median if ratio else None))
    return bars


def block(n, workload, bars):
    lines = [f"$d{n} << EOD"]
    for i, (peer, summary, ratio) in enumerate(bars):
        name = SHORT.get(peer, TITLES[peer])
        label = "" if ratio is None else number(ratio)
        rgb = int(colour(workload, peer)[1:], 16)
        numbers = f"{summary.median} {summary.low} {summary.high}"
        lines.append(f"{i} {quoted(name)} {numbers} {rgb} {quoted(label)}")
    return "\n".join([*lines, "EOD", ""])


def y_scale(bars):
    low = min(summary.low for _, summary, _ in bars)
    high = max(summary.high for _, summary, _ in bars)
    if low > 0 and high > WIDE * low:
        return f"set logscale y\nset yrange [{low / 3}:{high * 3}]"
    return f"set yrange [0:{high * 1.15 or 1}]"


def workload_script(results, workload, path):
    """Rates at the left, CPU time at the right; over each bar the ratio to the reference."""
    one = workload.unit if workload.is_bulk else workload.unit.removesuffix("s")
    if workload.kind == "memory":
        parts = [("memory", 1, "KiB per connection")]
    else:
        parts = [("rate", 1, f"{workload.unit} per second"), ("cpu", 1e6, f"CPU µs per {one}")]
    charts = [(bars_of(results, workload, figure, scale), title) for figure, scale, title in parts]
    charts = [(bars, title) for bars, title in charts if bars]
    if not charts:
        return ""
    script = HEAD.format(path=path)
    for n, (bars, _) in enumerate(charts):
        script += block(n, workload, bars)
    script += f"set multiplot layout 1,{len(charts)} title {quoted(workload.title)}\n"
    for n, (bars, title) in enumerate(charts):
        script += BARS.format(n=n, title=title, scale=y_scale(bars), last=len(bars) - 1)
    return script + "unset multiplot\n"


def growth_script(results, path):
    """CPU time per echo, by how many connections are busy."""
    echoes = [w for group in GROUPS for w in group if w.name.startswith("echo-")]
    lines = {}
    for peer in PEERS:
        points = [(w.active, Summary(results.series("cpu", w.name, peer).values())) for w in echoes]
        points = [(x, summary.median * 1e6) for x, summary in points if summary]
        if len(points) > 1:
            lines[peer] = points
    if not lines:
        return ""
    script = HEAD.format(path=path) + GROWTH
    for n, points in enumerate(lines.values()):
        script += f"$g{n} << EOD\n" + "".join(f"{x} {y}\n" for x, y in points) + "EOD\n"
    curves = []
    for n, peer in enumerate(lines):
        width = 3 if peer == "qnet" else 1.5
        title = quoted(SHORT.get(peer, TITLES[peer]))
        curves.append(f"$g{n} with linespoints lw {width} pt {n + 4} title {title}")
    return script + "plot " + ", ".join(curves)


def draw(script):
    result = subprocess.run(["gnuplot", "-"], input=script, text=True, capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(f"gnuplot: {result.stderr}")


def write(results, folder):
    """{workload: file}, relative to the folder; nothing without gnuplot."""
    if not have_gnuplot():
        return {}
    plots = {}
    scripts = {w.name: (workload_script, results, w) for group in GROUPS for w in group}
    scripts["growth"] = (growth_script, results)
    for name, (make, *arguments) in scripts.items():
        script = make(*arguments, os.path.join(folder, f"{name}.svg"))
        if script:
            draw(script)
            plots[name] = f"{name}.svg"
    return plots
