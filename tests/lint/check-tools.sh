#!/bin/sh
#
# check-tools.sh: the commands in tools/ ask each package manager for what is missing, and only then
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Usage: check-tools.sh SOURCE-FOLDER PYTHON
#
# The managers are stand-ins that write down how they were called. Nothing is installed.

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

# A PATH with a few real tools, the stand-ins, and nothing else
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
  # root needs no sudo, everybody else this one
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
  point "$manager: said before it is done" "Missing here, to try it: a thing. Installing with $manager: $packages called " \
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
point 'a package that this release lacks keeps no other out' 'apt-get install -y --no-install-recommends thing-apt' \
  "$(cat "$scratch/calls")"
point 'it is named' 'This system has no package: unknown-apt. What needs it is left out.' \
  "$(printf '%s\n' "$said" | sed -n '/^This system/p')"

stub_path apt-get 1
in_stub 'bring needs' > "$scratch/said"
point 'a failure: fresh lists, again, one by one' 'install update install install ' \
  "$(sed 's/^apt-get \([a-z]*\).*/\1/' "$scratch/calls" | tr '\n' ' ')"

stub_path apt-get
in_stub 'have_apt_lists () { false; }; bring needs' > "$scratch/said"
point 'no lists: update first' 'update install ' "$(sed 's/^apt-get \([a-z]*\).*/\1/' "$scratch/calls" | tr '\n' ' ')"

# The system's Python

found=$(PATH="/home/me/.pyenv/shims:/opt/conda/bin:$scratch/bin" sh -c "
. '$top/tools/lib/common.sh'
use_system_python
printf '%s\n' \"\$PATH\"")
point 'pyenv and conda are left out of PATH' "$scratch/bin:/usr/bin:/bin" "$found"

# How results are counted

count_results ()
{
  "$real_python" -B "$top/tools/lib/count-results.py" "$scratch/log" | sed -n '$p'
}

cat > "$scratch/log" << 'END'
{"name": "good", "result": "OK", "returncode": 0, "stdout": "1..2\nok 1 a\nok 2 b # SKIP no network\n"}
{"name": "plain", "result": "OK", "returncode": 0, "stdout": "hello\n"}
END
point 'counted: subtests, skips, a program without TAP' '2 passed, 0 failed, 1 skipped' "$(count_results)"

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

for script in tools/bench tools/demo tools/test tools/test-on tools/lib/common.sh tools/lib/enter-system.sh \
    tools/lib/matrix.sh .ci/run; do
  problem=$(sh -n "$top/$script" 2>&1)
  if command -v dash > /dev/null 2>&1; then
    problem=$problem$(dash -n "$top/$script" 2>&1)
  fi
  point "$script parses" '' "$problem"
done

echo "1..$count"
exit "$failed"
