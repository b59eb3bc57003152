# machine.py: what the figures come from: processors, system, versions
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import os
import re
import resource
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))

LIBRARIES = {"GLib": "glib-2.0", "libuv": "libuv", "libevent": "libevent_core", "Qt": "Qt6Network"}


def output(*command):
    """The first line a command prints, or ""."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TOP)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (result.stdout.splitlines() or [""])[0].strip()


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def processor():
    info = read("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.*)$", info, re.M)
    where = ", in a virtual machine" if re.search(r"^flags.*\bhypervisor\b", info, re.M) else ""
    return f"{model[1] if model else os.uname().machine}, {os.cpu_count()} processors{where}"


def memory():
    match = re.search(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), re.M)
    return f"{int(match[1]) / 1024 / 1024:.1f} GiB" if match else "?"


def versions():
    found = {name: output("pkg-config", "--modversion", pc) for name, pc in LIBRARIES.items()}
    found["gcc"] = output("cc", "-dumpfullversion")
    found["Python"] = output("/usr/bin/python3", "--version").removeprefix("Python ")
    found["GJS"] = output("gjs", "--version").removeprefix("gjs ")
    return ", ".join(f"{name} {version}" for name, version in found.items() if version)


def describe():
    """Ordered facts for the head of the report."""
    system = re.search(r'^PRETTY_NAME="(.*)"$', read("/etc/os-release"), re.M)
    dirty = " and changes" if output("git", "status", "--porcelain", "--untracked-files=no") else ""
    return {
        "qnet": (output("git", "describe", "--always", "--tags") or "unknown") + dirty,
        "processor": processor(),
        "memory": memory(),
        "system": f"{system[1] if system else '?'}, Linux {os.uname().release}",
        "versions": versions(),
    }


def build(programs):
    """How the programs, and qnet, were compiled."""
    path = os.path.join(programs, "..", "..", "meson-info", "intro-buildoptions.json")
    options = {option["name"]: option["value"] for option in json.loads(read(path) or "[]")}
    checks = "with" if options.get("debug", True) else "without"
    when = ", at link time, too" if options.get("b_lto") in (True, "true") else ""
    return f"-O{options.get('optimization', '?')}{when}, {checks} checks of casts"


def processors():
    """(for what is measured, for the load): two that do not share a core, where there are such."""
    allowed = sorted(os.sched_getaffinity(0))
    first = allowed[0]
    siblings = set()
    listed = read(f"/sys/devices/system/cpu/cpu{first}/topology/thread_siblings_list")
    for part in re.findall(r"\d+(?:-\d+)?", listed):
        low, _, high = part.partition("-")
        siblings.update(range(int(low), int(high or low) + 1))
    others = [cpu for cpu in allowed if cpu not in siblings] or allowed[1:]
    return (others[0], first) if others else (None, None)


def allow_descriptors():
    """Lets the programs have as many as they may; gives how many those are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
