#!/bin/sh
#
# subproject.sh: qnet can be a subproject of another project
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Usage: subproject.sh MESON SOURCE-FOLDER

set -u

meson=$1
top=$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp "$top/tests/install/subproject/meson.build" "$top/tests/install/consumer.c" "$scratch"
mkdir "$scratch/subprojects"
ln -s "$top" "$scratch/subprojects/qnet"

echo 1..3

# step NUMBER NAME COMMAND...
step ()
{
  number=$1
  name=$2
  shift 2
  if output=$("$@" 2>&1); then
    echo "ok $number $name"
  else
    printf '%s\n' "$output" | sed 's/^/# /'
    echo "not ok $number $name"
    exit 1
  fi
}

step 1 'configure' "$meson" setup "$scratch/build" "$scratch" \
  --force-fallback-for=qnet-1 -Dqnet:introspection=disabled
step 2 'build' "$meson" compile -C "$scratch/build"
step 3 'run, and no test of qnet came along' "$meson" test -C "$scratch/build" --no-rebuild

if "$meson" test -C "$scratch/build" --list 2> /dev/null | grep -q '^qnet'; then
  exit 1
fi
