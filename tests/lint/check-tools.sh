#!/bin/sh
#
# check-tools.sh: the commands in tools/ ask each package manager for what is missing, and only then
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Usage: check-tools.sh SOURCE-FOLDER PYTHON
#
# The managers are replaced by scripts that log their arguments. Nothing is installed.

set -u

top=$1
real_python=$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

count=0
failed=0

# point NAME EXPECTED FOUND
point ()
{
  count=$((count + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $count $1"
  else
    printf 'expected: %s\nfound:    %s\n' "$2" "$3" | sed 's/^/# /'
    echo "not ok $count $1"
    failed=1
  fi
}

# A PATH with a few real tools, the replacements, and nothing else
stub_path ()
{
  rm -rf "$scratch/bin"
  mkdir "$scratch/bin"
  for tool in sh cat env grep head id mkdir mktemp printf rm sed sort tr; do
    ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
  done
  if [ "$1" != none ]; then
    cat > "$scratch/bin/$1" << END
#!/bin/sh
echo "$1 \$*" >> "$scratch/calls"
echo called
exit ${2:-0}
END
    chmod +x "$scratch/bin/$1"
  fi
  # every package has a version, but one
  cat > "$scratch/bin/apt-cache" << 'END'
#!/bin/sh
case $2 in
  unknown-apt) candidate='(none)' ;;
  *) candidate=1.0 ;;
esac
printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "$2" "$candidate"
END
  chmod +x "$scratch/bin/apt-cache"
  # root needs no sudo, other users this one
  printf '#!/bin/sh\nexec "$@"\n' > "$scratch/bin/sudo"
  chmod +x "$scratch/bin/sudo"
  : > "$scratch/calls"
}

# in_stub COMMANDS: run them with common.sh, in that PATH; one tool is missing, one is there
in_stub ()
{
  PATH=$scratch/bin sh -c "
set -u
top=$top
. '$top/tools/lib/common.sh'
python=$real_python
purpose='try it'
have_apt_lists () { true; }
needs ()
{
  need 'a thing' command qnet-no-such-thing thing-apt 'thing-dnf more-dnf' thing-pacman thing-zypper
  need 'a shell' command sh sh sh sh sh
}
$1
" 2>&1
}

# Each manager in its own words

for manager in apt-get dnf pacman zypper; do
  case $manager in
    apt-get) packages='thing-apt' options='install -y --no-install-recommends' ;;
    dnf) packages='more-dnf thing-dnf' options='install -y' ;;
    pacman) packages='thing-pacman' options='-S --needed --noconfirm' ;;
    zypper) packages='thing-zypper' options='--non-interactive install --no-recommends' ;;
  esac
  stub_path "$manager"
  said=$(in_stub 'bring needs; echo "status $?"')
  point "$manager is called" "$manager $options $packages" "$(head -n 1 "$scratch/calls")"
  point "$manager: said before it is done" \
    "Missing here, to try it: a thing. Installing with $manager: $packages called " \
    "$(printf '%s\n' "$said" | sed -n '1,3p' | tr '\n' ' ')"
  point "$manager: what is still missing is an error" 'Still missing: a thing. status 1' \
    "$(printf '%s\n' "$said" | sed -n '/^Still/p; /^status/p' | tr '\n' ' ' | sed 's/ $//')"
done

# Nothing to do

stub_path apt-get
said=$(in_stub 'needs () { need "a shell" command sh sh sh sh sh; }; bring needs; echo "status $?"')
point 'nothing is said when all is there' 'status 0' "$said"
point 'nothing is called when all is there' '' "$(cat "$scratch/calls")"

# No manager, a failing one, lists that are missing

stub_path none
said=$(in_stub 'bring needs; echo "status $?"')
point 'no manager' 'status 1' "$(printf '%s\n' "$said" | sed -n '$p')"

stub_path apt-get
said=$(in_stub '
needs ()
{
  need "a thing" command qnet-no-such-thing thing-apt - - -
  need "a rare thing" command qnet-no-such-thing unknown-apt - - -
}
bring needs')
point 'a package that this release lacks keeps no other out' \
  'apt-get install -y --no-install-recommends thing-apt' \
  "$(cat "$scratch/calls")"
point 'it is named' 'This system has no package: unknown-apt. What needs it is left out.' \
  "$(printf '%s\n' "$said" | sed -n '/^This system/p')"

stub_path apt-get 1
in_stub 'bring needs' > "$scratch/said"
point 'a failure: fresh lists, again, one by one' 'install update install install ' \
  "$(sed 's/^apt-get \([a-z]*\).*/\1/' "$scratch/calls" | tr '\n' ' ')"

stub_path apt-get
in_stub 'have_apt_lists () { false; }; bring needs' > "$scratch/said"
point 'no lists: update first' 'update install ' \
  "$(sed 's/^apt-get \([a-z]*\).*/\1/' "$scratch/calls" | tr '\n' ' ')"

# The system's Python

found=$(PATH="/home/me/.pyenv/shims:/opt/conda/bin:$scratch/bin" sh -c "
. '$top/tools/lib/common.sh'
use_system_python
printf '%s\n' \"\$PATH\"")
point 'pyenv and conda are left out of PATH' "$scratch/bin:/usr/bin:/bin" "$found"

# When a build is configured again

in_build ()
{
  PATH=$scratch/bin CC=${2:-} sh -c "
set -u
top='$scratch/tree (1) [x]'
. '$top/tools/lib/common.sh'
have_apt_lists () { true; }
purpose='try it'
meson ()
{
  for word; do
    case \$word in
      */_build) mkdir -p \"\$word\"; : > \"\$word/build.ninja\" ;;
    esac
  done
  echo \"meson \$*\" >> '$scratch/calls'
}
$1
" > "$scratch/said" 2>&1
  grep -c '^meson' "$scratch/calls"
}

stub_path apt-get
mkdir "$scratch/tree (1) [x]"
configure='configure "$top/_build" -Da=b'
point 'configured at first' 1 "$(in_build "$configure")"
point 'not again' 1 "$(in_build "$configure")"
point 'content with another purpose' 1 "$(in_build 'configure_once "$top/_build"')"
point 'again for another compiler' 2 "$(in_build "$configure" clang)"
point 'and back' 3 "$(in_build 'configure_once "$top/_build"')"
point 'again in another process after packages came, one missing still' 4 "$(in_build '
needs () { need "a thing" command qnet-no-such-thing thing-apt - - -; }
bring needs' > /dev/null; in_build 'configure "$top/_build"')"
rm "$scratch/tree (1) [x]/_build/.configured"
point 'one that was set up by hand stays' 4 "$(in_build "$configure")"

# A root file system for ./tools/test-on that is cut short

# The replacement mounts something, makes half a root file system, and never ends.
stub_debootstrap ()
{
  mkdir -p "$scratch/systems" "$scratch/stub"
  cat > "$scratch/stub/debootstrap" << END
#!/bin/sh
for word; do
  case \$word in
    */root)
      mkdir "\$word" || exit 1
      mkdir -p "\$word/home/tester"
      mount -t tmpfs none "\$word/home"
      ;;
  esac
done
echo made >> "$scratch/made"
exec 8> "$scratch/held"
flock 8
echo ready > "$scratch/ready"
exec sleep 600
END
  chmod +x "$scratch/stub/debootstrap"
  # apt reads all of its lists to answer, which takes seconds on a busy machine
  printf '#!/bin/sh\nexit 0\n' > "$scratch/stub/apt-get"
  chmod +x "$scratch/stub/apt-get"
}

# cut_short SIGNAL: ends with the number of processes and of mounts that remain, and what is kept
cut_short ()
{
  rm -f "$scratch/ready"
  mkfifo "$scratch/ready"
  # in the background SIGINT is ignored, and below nohup SIGHUP
  "$real_python" -c '
import os, signal, sys
for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
    signal.signal (number, signal.SIG_DFL)
signal.pthread_sigmask (signal.SIG_SETMASK, ())
os.execv (sys.argv[1], sys.argv[1:])
' "$top/tools/test-on" debian-13 > "$scratch/said" 2>&1 &
  test_on=$!
  read -r word < "$scratch/ready"
  kill -s "$1" "$test_on"
  wait "$test_on" 2> /dev/null
  # held by what debootstrap stands for, for as long as it lives
  flock --timeout 20 "$scratch/held" true && ended=ended || ended='still runs'
  kept=$(ls "$scratch/systems/debian-13" | grep -v -e lock -e scratch)
  echo "$ended, $(grep -c "$scratch" /proc/self/mounts) mounts, kept: $kept"
}

if [ "$(id -u)" -ne 0 ] || ! unshare --mount --pid --fork --mount-proc true 2> /dev/null ||
    ! command -v git > /dev/null 2>&1; then
  count=$((count + 1))
  echo "ok $count cut short # SKIP it needs root, namespaces, and git"
else
  stub_debootstrap
  old_path=$PATH
  PATH=$scratch/stub:$PATH
  export QNET_SYSTEMS="$scratch/systems"
  for signal in TERM INT HUP KILL; do
    point "SIG$signal while a root file system is made" 'ended, 0 mounts, kept: ' \
      "$(cut_short "$signal")"
  done
  point 'each run began again' 4 "$(grep -c made "$scratch/made")"

  # a whole one, and a replacement of tar that unpacks half of it
  : > "$scratch/systems/debian-13/base.tar"
  cat > "$scratch/stub/tar" << END
#!/bin/sh
mkdir -p "\$5/home/tester"
exec "$scratch/stub/debootstrap"
END
  chmod +x "$scratch/stub/tar"
  for signal in TERM KILL; do
    point "SIG$signal while it is unpacked" 'ended, 0 mounts, kept: base.tar' \
      "$(cut_short "$signal")"
  done
  point 'what is kept is removed' '' \
    "$("$top/tools/test-on" --remove debian-13; ls "$scratch/systems")"
  PATH=$old_path
  unset QNET_SYSTEMS
fi

# How results are counted

count_results ()
{
  "$real_python" -B "$top/tools/lib/count-results.py" "$scratch/log" | sed -n '$p'
}

cat > "$scratch/log" << 'END'
{"name": "good", "result": "OK", "returncode": 0, "stdout": "1..2\nok 1 a\nok 2 b # SKIP offline\n"}
{"name": "plain", "result": "OK", "returncode": 0, "stdout": "hello\n"}
END
point 'counted: subtests, skips, a program without TAP' '2 passed, 0 failed, 1 skipped' \
  "$(count_results)"

cat > "$scratch/log" << 'END'
{"name": "bad", "result": "FAIL", "returncode": 1, "stdout": "1..2\nok 1 a\nnot ok 2 b\n"}
{"name": "todo", "result": "OK", "returncode": 0, "stdout": "1..1\nnot ok 1 a # TODO later\n"}
{"name": "crash", "result": "ERROR", "returncode": -11, "stdout": "1..3\nok 1 a\n"}
{"name": "slow", "result": "TIMEOUT", "returncode": -15, "stdout": "1..1\nok 1 a\n"}
{"name": "late", "result": "ERROR", "returncode": 1, "stdout": "1..1\nok 1 a\n"}
{"name": "mute", "result": "FAIL", "returncode": 1, "stdout": ""}
END
point 'counted: failures of every kind' '4 passed, 6 failed' "$(count_results)"

printf '' > "$scratch/log"
"$real_python" -B "$top/tools/lib/count-results.py" "$scratch/log" > "$scratch/said"
point 'nothing that ran is no success' 1 "$?"

# Every command is POSIX sh

for script in tools/bench tools/demo tools/test tools/test-on tools/lib/common.sh \
  tools/lib/enter-system.sh \
    tools/lib/matrix.sh .ci/run; do
  problem=$(sh -n "$top/$script" 2>&1)
  if command -v dash > /dev/null 2>&1; then
    problem=$problem$(dash -n "$top/$script" 2>&1)
  fi
  point "$script parses" '' "$problem"
done

echo "1..$count"
exit "$failed"
