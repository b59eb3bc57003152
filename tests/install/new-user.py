#!/usr/bin/python3
#
# new-user.py: the commands of README.md give an installed qnet and four running programs
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: new-user.py SOURCE-FOLDER

Runs the commands of README.md, in its order, in an empty environment: first those of "Building and
installing", with the default prefix, then each program as its own lines say. It happens in a mount
namespace where /usr/local is empty and what is written to /etc is forgotten, so that nothing
remains of it.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

import readme

INSTALLING = "## Building and installing\n"
INSIDE = "QNET_TEST_INSIDE_NAMESPACE"

# /usr/local is where the default prefix is; ldconfig writes the other two.
MOUNTS = """
mount -t tmpfs -o mode=0755 none /usr/local
mount -t tmpfs -o mode=0755 none /var/cache
mkdir /var/cache/ldconfig
mkdir "$1/etc" "$1/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" overlay /etc
"""


def namespaces():
    options = ["--mount", "--propagation", "private"]
    return options if os.geteuid() == 0 else ["--user", "--map-root-user", *options]


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def enter():
    """Starts this script again, inside."""
    if shutil.which("unshare") is None:
        skip("unshare is not installed")
    if subprocess.run(["unshare", *namespaces(), "true"],
                      stderr=subprocess.DEVNULL).returncode != 0:
        skip("no mount namespace can be made here")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", *namespaces(), sys.executable, "-B", *sys.argv])


@contextlib.contextmanager
def mounted_over(scratch):
    # the layers of an overlay may not lie on another overlay
    layers = os.path.join(scratch, "layers")
    os.mkdir(layers)
    script = 'mount -t tmpfs none "$1"\n' + MOUNTS
    done = subprocess.run(["sh", "-ec", script, "sh", layers], capture_output=True,
                          encoding="utf-8")
    if done.returncode != 0:
        skip("the file systems cannot be mounted here: " + done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", "/etc", layers], check=True)


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class User:
    """A user with a shell, in a folder."""

    def __init__(self, scratch):
        tools = os.path.join(scratch, "bin")
        os.mkdir(tools)
        sudo = os.path.join(tools, "sudo")
        with open(sudo, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nexec "$@"\n')  # inside the namespace no sudo is needed
        os.chmod(sudo, 0o755)
        self.environment = {
            "HOME": scratch,
            "LANG": "C.UTF-8",
            "PATH": tools + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        }

    def run(self, commands, folder):
        """Runs them, and keeps what they export."""
        with tempfile.NamedTemporaryFile() as file:
            done = subprocess.run(["sh", "-ec", f"{commands}\nenv -0 > '{file.name}'"], cwd=folder,
                                  env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT,
                                  encoding="utf-8")
            pairs = file.read().decode().rstrip("\0").split("\0")
        if done.returncode == 0:
            self.environment = dict(pair.split("=", 1) for pair in pairs)
        return done


class Points:
    def __init__(self):
        self.count = 0
        self.failed = False

    def add(self, good, name, output=""):
        self.count += 1
        self.failed |= not good
        if not good:
            print(re.sub("^", "# ", output.strip()[-4000:], flags=re.MULTILINE))
        print(f"{'ok' if good else 'not ok'} {self.count} {name}", flush=True)


def install(user, points, text, tree):
    for language, commands in blocks(text):
        if language == "sh":
            done = user.run(commands, tree)
            points.add(done.returncode == 0, commands.strip().splitlines()[0], done.stdout)


def try_program(user, points, language, program, commands, folder):
    """The last command starts it; what is before builds it."""
    ending, tool, _ = readme.LANGUAGES[language]
    with open(os.path.join(folder, "echo" + ending), "w", encoding="utf-8") as file:
        file.write(program)
    *building, start = commands.strip().splitlines()
    done = user.run("\n".join(building), folder)
    good = done.returncode == 0
    if good:
        try:
            good = readme.echoes(["sh", "-c", "exec " + start], cwd=folder, env=user.environment)
        except (OSError, ValueError) as error:
            done.stdout += str(error)
            good = False
    points.add(good, f"{language}: {start}", done.stdout)


def main(source):
    if INSIDE not in os.environ:
        enter()

    with open(os.path.join(source, "README.md"), encoding="utf-8") as file:
        before, after = file.read().split(INSTALLING)
    after = after.split("\n## ")[0]

    with tempfile.TemporaryDirectory() as scratch, mounted_over(scratch):
        tree = os.path.join(scratch, "qnet")
        shutil.copytree(source, tree, ignore=shutil.ignore_patterns("_build*", ".git"),
                        symlinks=True)

        points = Points()
        user = User(scratch)
        install(user, points, after, tree)

        program = None
        for language, block in blocks(before):
            if language in readme.LANGUAGES:
                program = language, block
            elif program is not None:
                try_program(user, points, *program, block, scratch)
                program = None

    print(f"1..{points.count}")
    return 1 if points.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
