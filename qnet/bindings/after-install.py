#!/usr/bin/python3
#
# after-install.py: what is left to do until programs find the library that was just installed
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: after-install.py [--before] LIBDIR DATADIR PYTHON-FOLDER

Looks where the loader, introspection, Python, GJS and valac look, and prints a line for each that
would not find this qnet. PYTHON-FOLDER is empty where qnet is installed for C alone.
With --before the library is not installed yet: meson 1.0 does not show what an install script
prints.
"""

import ctypes
import os
import subprocess
import sys

before = sys.argv[1] == "--before"
libdir, datadir, python_folder = sys.argv[2:] if before else sys.argv[1:]
typelibs = os.path.join(libdir, "girepository-1.0")
steps = []


def loader_finds_library():
    try:
        ctypes.CDLL("libqnet-1.so.0")
    except OSError:
        return False
    # one of another prefix is not the one that was installed
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return os.path.realpath(os.path.join(libdir, "libqnet-1.so.0")) in maps.read()


def ldconfig_searches(folder):
    environment = dict(os.environ, LC_ALL="C", PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    try:
        # -N and -X: it changes nothing
        listed = subprocess.run(["ldconfig", "-v", "-N", "-X"], env=environment,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, encoding="utf-8").stdout
    except OSError:
        return False
    searched = [line.split(":")[0] for line in listed.splitlines() if line.startswith("/")]
    return os.path.realpath(folder) in map(os.path.realpath, searched)


def data_is_searched():
    searched = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return os.path.realpath(datadir) in map(os.path.realpath, searched.split(":"))


def introspection_searches(folder):
    try:
        import gi

        gi.require_version("GIRepository", "2.0")
        from gi.repository import GIRepository
    except (ImportError, ValueError):
        return True  # without PyGObject no program in Python asks
    return folder in GIRepository.Repository.get_search_path()


def python_searches(folder):
    script = "import os, sys; raise SystemExit(sys.argv[1] not in map(os.path.realpath, sys.path))"
    return subprocess.run([sys.executable, "-c", script, os.path.realpath(folder)]).returncode == 0


if before or not loader_finds_library():
    if ldconfig_searches(libdir):
        steps.append("run ldconfig as root, so that the loader finds the library")
    else:
        steps.append(f"set LD_LIBRARY_PATH={libdir}, where neither the loader nor ldconfig looks")
if python_folder and not data_is_searched():
    steps.append(f"set XDG_DATA_DIRS={datadir}:/usr/local/share:/usr/share for valac, and for "
                 "programs in JavaScript: without its overrides qnet has a different API there")
if python_folder and not introspection_searches(typelibs):
    steps.append(f"set GI_TYPELIB_PATH={typelibs} for programs in Python and JavaScript")
if python_folder and not python_searches(python_folder):
    steps.append(f"set PYTHONPATH={python_folder} for programs in Python: without its overrides "
                 "qnet has a different API there")

for step in steps:
    print(step if before else f"qnet is installed; still to do: {step}.")
