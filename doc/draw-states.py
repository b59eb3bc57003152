#!/usr/bin/python3
#
# draw-states.py: draws the state machines of internals.md with Graphviz
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: draw-states.py DOT CHAPTER.md PICTURE.svg...

DOT is the program of Graphviz. Each table of the chapter becomes the picture that is named above
it; together they are the PICTUREs. lint-internals makes sure that the tables are those of the
code."""

import os
import re
import subprocess
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "lint"))
import lint  # noqa: E402
import states  # noqa: E402

# With more edges than that, the picture is higher than wide; and their texts would hide the states.
MAX_WIDE = 6
MAX_TEXTS = 8

WIDTH_OF_TEXT = 24

GRAPH = """digraph {{
  graph [rankdir={direction} bgcolor=transparent nodesep=0.35 ranksep=0.5]
  node [shape=box style=rounded height=0.4 margin="0.15,0.05" color="{grey}" fontcolor="{grey}"
        fontname="Helvetica,Arial,sans-serif" fontsize=12]
  edge [color="{grey}" fontcolor="{grey}" arrowsize=0.7
        fontname="Helvetica,Arial,sans-serif" fontsize=10]
  "" [shape=circle style=filled fillcolor="{grey}" width=0.12 height=0.12 label="" class=start]
  "" -> "{first}"
{lines}
}}
"""

# The attributes have a colour for any background, for viewers without style sheets.
GREY = "#808080"
STYLE = """<style>
  .node path { fill: #f6f5f4; stroke: #77767b }
  .node text { fill: #241f31 }
  .edge path { stroke: #5e5c64 }
  .edge polygon, .start ellipse { fill: #5e5c64; stroke: #5e5c64 }
  .edge text { fill: #5e5c64 }
  @media (prefers-color-scheme: dark) {
    .node path { fill: #3d3846; stroke: #9a9996 }
    .node text { fill: #ffffff }
    .edge path { stroke: #c0bfbc }
    .edge polygon, .start ellipse { fill: #c0bfbc; stroke: #c0bfbc }
    .edge text { fill: #deddda }
  }
</style>
"""


def quote(text):
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def short_names(edges):
    """{QNET_THING_A: a}: without the words that all of them begin with, in lower case."""
    names = list(dict.fromkeys(state for edge in edges for state in edge))
    prefix = os.path.commonprefix(names)
    prefix = prefix[:prefix.rfind("_") + 1]
    return {name: name[len(prefix):].lower().replace("_", " ") for name in names}


def lines_of(text):
    """A text beside an edge, without marks of code, in short lines."""
    lines = textwrap.wrap(text.replace("`", ""), WIDTH_OF_TEXT, break_long_words=False)
    return "\n".join(f" {line} " for line in lines).replace("\n", r"\n")


def describe(machine):
    """The machine in the language of Graphviz. The table begins with the first state."""
    names = short_names(machine.edges)
    has_texts = len(machine.edges) <= MAX_TEXTS
    direction = "LR" if len(machine.edges) <= MAX_WIDE else "TB"
    lines = []
    for (before, after), when in machine.edges.items():
        label = f' [label="{lines_of(when)}"]' if has_texts else ""
        lines.append(f"  {quote(names[before])} -> {quote(names[after])}{label}")
    first, _ = next(iter(machine.edges))
    return GRAPH.format(direction=direction, grey=GREY, first=names[first], lines="\n".join(lines))


def draw(dot, machine, path):
    drawn = subprocess.run([dot, "-Tsvg"], input=describe(machine), stdout=subprocess.PIPE,
                           check=True, encoding="utf-8").stdout
    drawn = re.sub(r"(<svg\b[^>]*>\n)", lambda match: match[1] + STYLE, drawn, count=1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(drawn)


def main(dot, chapter, *paths):
    machines = {machine.picture: machine for machine in states.from_chapter(lint.read(chapter))}
    wanted = {os.path.basename(path): path for path in paths}

    if wanted.keys() != machines.keys():
        names = ", ".join(sorted(wanted.keys() ^ machines.keys()))
        sys.exit(f"{chapter} and doc/meson.build do not have the same pictures: {names}")

    for name, path in wanted.items():
        draw(dot, machines[name], path)


if __name__ == "__main__":
    main(*sys.argv[1:])
