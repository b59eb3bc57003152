# matrix.sh: the compilers and kinds of build that qnet is built with; POSIX sh, to be sourced
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# A row each: the compiler, and the options of meson
matrix_rows ()
{
  cat << END
gcc -Dwerror=true
clang -Dwerror=true
gcc -Dbuildtype=release
clang -Dbuildtype=release
gcc -Dbuildtype=plain
clang -Dbuildtype=plain
gcc -Ddefault_library=static
gcc -Ddefault_library=both
gcc -Dintrospection=disabled
gcc -Dtls=disabled
gcc -Db_lto=true
clang -Db_lto=true
END
}

# matrix_row COMPILER OPTION...: build it and run the tests in C; leaves what came of it in $result
matrix_row ()
{
  compiler=$1
  shift
  row_folder=$top/_build-matrix
  row_log=$row_folder.log
  rm -rf "$row_folder"

  if ! have_command "$compiler"; then
    result="left out: $compiler is not here"
    return 0
  fi

  # clang optimizes at link time with its own linker
  case "$compiler $*" in
    clang*lto*) linker=lld ;;
    *) linker= ;;
  esac

  if ! env CC="$compiler" ${linker:+CC_LD=$linker} meson setup "$@" "$row_folder" "$top" \
      > "$row_log" 2>&1; then
    result='failed: meson setup'
    return 1
  fi
  if ! ninja -C "$row_folder" >> "$row_log" 2>&1; then
    result='failed: ninja'
    return 1
  fi

  meson test -C "$row_folder" --no-rebuild --suite=unit --suite=anomaly --suite=fuzz \
    >> "$row_log" 2>&1
  result=$("$python" "$top/tools/lib/count-results.py" "$row_folder/meson-logs/testlog.json" |
    sed -n '$p')
  case $result in
    *' 0 failed'*) ;;
    *) result="failed: $result"; return 1 ;;
  esac
}

walk_matrix ()
{
  rows_passed=0
  rows_failed=0
  rows_skipped=0

  headline 'The matrix'
  matrix_rows > "$top/_build-matrix.rows"
  while read -r row; do
    # shellcheck disable=SC2086
    if ! matrix_row $row < /dev/null; then
      rows_failed=$((rows_failed + 1))
      tail -n 40 "$row_log"
    elif [ "${result#left out}" != "$result" ]; then
      rows_skipped=$((rows_skipped + 1))
    else
      rows_passed=$((rows_passed + 1))
    fi
    printf '%-36s %s\n' "$row" "$result"
  done < "$top/_build-matrix.rows"
  rm -rf "$top/_build-matrix" "$top/_build-matrix.log" "$top/_build-matrix.rows"

  say
  say "$rows_passed passed, $rows_failed failed, $rows_skipped skipped"
  [ "$rows_failed" -eq 0 ]
}
