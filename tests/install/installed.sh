#!/bin/sh
#
# installed.sh: other programs can use what "meson install" installs
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Usage: installed.sh MESON BUILD-FOLDER SOURCE-FOLDER PREFIX LIBDIR PYTHON

set -u

meson=$1
build=$2
here=$3/tests/install
prefix=$4
libdir=$5
python=$6

CC=${CC:-cc}
CXX=${CXX:-c++}

count=0
failed=0

# point NAME STATUS [SKIP-REASON]
point ()
{
  count=$((count + 1))
  if [ -n "${3:-}" ]; then
    echo "ok $count $1 # SKIP $3"
  elif [ "$2" -eq 0 ]; then
    echo "ok $count $1"
  else
    echo "not ok $count $1"
    failed=1
  fi
}

# try NAME COMMAND...: what it prints is seen if it fails
try ()
{
  name=$1
  shift
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" -ne 0 ]; then
    printf '%s\n' "$output" | sed 's/^/# /'
  fi
  point "$name" "$status"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

try 'install' env DESTDIR="$scratch/root" "$meson" install -C "$build" --no-rebuild --quiet

root=$scratch/root$prefix
library=$root/$libdir

# pkg-config would look for GLib below DESTDIR as well, if it had a system root: so the one
# line that differs is replaced.
mkdir "$scratch/pc"
sed "s|^prefix=.*|prefix=$root|" "$library/pkgconfig/qnet-1.pc" > "$scratch/pc/qnet-1.pc"

export PKG_CONFIG_PATH="$scratch/pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

cflags=$(pkg-config --cflags qnet-1)
libs=$(pkg-config --libs qnet-1)

# shellcheck disable=SC2086
for standard in c99 c11 gnu17; do
  try "compile and link, $standard" "$CC" "-std=$standard" -Wall -Wextra -Wpedantic -Werror \
    $cflags -o "$scratch/consumer" "$here/consumer.c" $libs
done
try 'run' "$scratch/consumer"

for standard in c++11 c++17; do
  if command -v "$CXX" > /dev/null 2>&1; then
    # shellcheck disable=SC2086
    try "compile as $standard" "$CXX" -x c++ "-std=$standard" -Wall -Wextra -Werror \
      $cflags -fsyntax-only "$here/consumer.c"
  else
    point "compile as $standard" 0 'there is no C++ compiler'
  fi
done

# A private header is not there, and a public one wants to be included by qnet.h.
private=$(find "$root/include" -name '*-private.h')
[ -z "$private" ]
point 'no private header' $?

status=0
for header in "$root"/include/qnet-1/qnet/qnet-*.h; do
  # shellcheck disable=SC2086
  if printf '#include <qnet/%s>\n' "${header##*/}" |
      "$CC" $cflags -x c -fsyntax-only - > /dev/null 2>&1; then
    echo "# ${header##*/} can be included alone"
    status=1
  fi
done
point 'headers want to be included by qnet.h' "$status"

# What is left to do, which is what a prefix of one's own needs

if [ -e "$library/libqnet-1.so.0" ]; then
  for when in --before ''; do
    # shellcheck disable=SC2086
    steps=$(env -u LD_LIBRARY_PATH -u XDG_DATA_DIRS "$python" -B \
      "$3/qnet/bindings/after-install.py" $when \
      "$library" "$root/share" "$root/lib/python3" | grep -o \
      -e 'LD_LIBRARY_PATH=[^,]*' -e 'XDG_DATA_DIRS=[^:]*' \
      -e 'PYTHONPATH=[^ ]*' | tr '\n' ' ')
    wanted="LD_LIBRARY_PATH=$library XDG_DATA_DIRS=$root/share PYTHONPATH=$root/lib/python3 "
    [ "$steps" = "$wanted" ]
    point "what is left to do${when:+, known before}" $?
  done
fi

# Other languages, from what is installed

if [ -f "$library/girepository-1.0/Qnet-1.typelib" ] &&
    "$python" -c 'import gi' > /dev/null 2>&1; then
  overrides=$(find "$root" -path '*/gi/overrides/Qnet.py' | sed 's|/gi/overrides/Qnet.py$||')
  try 'Python' env GI_TYPELIB_PATH="$library/girepository-1.0" PYTHONPATH="$overrides" \
    "$python" -B -c '
import gi
gi.require_version ("Qnet", "1")
from gi.repository import Qnet
assert Qnet.check_version (Qnet.MAJOR_VERSION, Qnet.MINOR_VERSION, Qnet.MICRO_VERSION) is None
assert Qnet.OVERRIDES.startswith ("'"$overrides"'/gi/overrides/")
'
  try 'Python without overrides' env GI_TYPELIB_PATH="$library/girepository-1.0" "$python" -B -c '
import gi
gi.require_version ("Qnet", "1")
from gi.repository import Qnet
assert not hasattr (Qnet, "OVERRIDES")
'
else
  point 'Python' 0 'there is no typelib or no PyGObject'
fi

if [ -f "$library/girepository-1.0/Qnet-1.typelib" ] && command -v gjs > /dev/null 2>&1; then
  try 'GJS' env GI_TYPELIB_PATH="$library/girepository-1.0" \
    XDG_DATA_DIRS="$root/share:/usr/local/share:/usr/share" \
    gjs -c '
imports.gi.versions.Qnet = "1";
const {Qnet} = imports.gi;
if (Qnet.check_version (Qnet.MAJOR_VERSION, Qnet.MINOR_VERSION, Qnet.MICRO_VERSION) !== null)
    throw new Error ("mismatch");
if (!Qnet.OVERRIDES.startsWith ("'"$root"'/share/gjs-1.0/overrides/"))
    throw new Error (Qnet.OVERRIDES);
'
  try 'GJS without overrides' env GI_TYPELIB_PATH="$library/girepository-1.0" gjs -c '
imports.gi.versions.Qnet = "1";
if (imports.gi.Qnet.OVERRIDES !== undefined)
    throw new Error (imports.gi.Qnet.OVERRIDES);
'
else
  point 'GJS' 0 'there is no typelib or no gjs'
fi

if [ -f "$root/share/vala/vapi/qnet-1.vapi" ] && command -v valac > /dev/null 2>&1; then
  # shellcheck disable=SC2046
  try 'Vala' valac --vapidir "$root/share/vala/vapi" --girdir "$root/share/gir-1.0" --pkg qnet-1 \
    --fatal-warnings \
    $(for flag in $cflags $libs; do printf -- '-X %s ' "$flag"; done) \
    -o "$scratch/vala-consumer" "$here/consumer.vala"
else
  point 'Vala' 0 'there is no vapi or no valac'
fi

echo "1..$count"
exit "$failed"
