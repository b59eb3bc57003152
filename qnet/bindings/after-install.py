#!/usr/bin/python3
#
# after-install.py: what is left to do until programs find the library that was just installed
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: after-install.py LIBDIR PYTHON-FOLDER

Looks where the loader, introspection and Python look, and prints a line for each that would not find qnet.
"""

import ctypes
import os
import subprocess
import sys

libdir, python_folder = sys.argv[1:]
typelibs = os.path.join(libdir, "girepository-1.0")
steps = []


def loader_finds_library():
    try:
        ctypes.CDLL("libqnet-1.so.0")
    except OSError:
        return False
    return True


def introspection_searches(folder):
    try:
        import gi

        gi.require_version("GIRepository", "2.0")
        from gi.repository import GIRepository
    except (ImportError, ValueError):
        return True  # without PyGObject no program in Python asks
    return folder in GIRepository.Repository.get_search_path()


if not loader_finds_library():
    steps.append("run ldconfig as root, so that the loader finds the library")
if not introspection_searches(typelibs):
    steps.append(f"set GI_TYPELIB_PATH={typelibs} for programs in Python and JavaScript")
if subprocess.run([sys.executable, "-c", f"import sys; raise SystemExit({python_folder!r} not in sys.path)"]).returncode:
    steps.append(f"set PYTHONPATH={python_folder} for programs in Python: without its overrides qnet is another one there")

for step in steps:
    print(f"qnet is installed; still to do: {step}.")
