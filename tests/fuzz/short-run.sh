#!/bin/sh
#
# short-run.sh FUZZER FOLDER DICTIONARY: half a minute of the fuzzer, from the inputs in the folder
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

set -eu

# What it finds is written here, and not added to the inputs.
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

set -- "$1" "$2" ${3:+"-dict=$3"}
fuzzer=$1
folder=$2
shift 2

"$fuzzer" "$@" -max_total_time=30 -max_len=4096 -artifact_prefix="$PWD/" "$found" "$folder"
