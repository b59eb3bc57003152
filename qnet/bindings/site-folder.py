#!/usr/bin/python3
#
# site-folder.py: the folder below a prefix in which this interpreter looks for modules
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: site-folder.py PREFIX

Prints nothing where the interpreter looks in no folder below PREFIX.
"""

import os
import site
import sys

prefix = os.path.join(sys.argv[1], "")
local = os.path.join(prefix, "local", "")
folders = [folder
           for folder in [*site.getsitepackages(), site.getusersitepackages()]
           if folder.startswith(prefix)]

# A folder below /usr/local is not for a prefix of /usr, which contains it. If the distribution has
# a folder of its own beside the one of PyGObject, that is the right one.
folders = [folder for folder in folders if not folder.startswith(local)] or folders

print(folders[0] if folders else "")
