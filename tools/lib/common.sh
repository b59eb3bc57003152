# common.sh: what ./tools/demo and ./tools/test share; POSIX sh, to be sourced
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# The caller has set $top, the top level of the source tree.

say ()
{
  printf '%s\n' "$*"
}

headline ()
{
  printf '\n== %s\n' "$*"
}

die ()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# meson, g-ir-scanner and PyGObject belong to the system's Python. Another python3
# before it on PATH (pyenv, conda, a virtual environment) knows none of them.
use_system_python ()
{
  old_ifs=$IFS
  new_path=
  IFS=:
  for folder in $PATH; do
    case $folder in
      */.pyenv/* | */pyenv/* | */conda*/* | */miniconda*/*) continue ;;
    esac
    if [ -n "${VIRTUAL_ENV:-}" ] && [ "$folder" = "$VIRTUAL_ENV/bin" ]; then
      continue
    fi
    new_path=$new_path${new_path:+:}$folder
  done
  IFS=$old_ifs

  case :$new_path: in
    *:/usr/bin:*) ;;
    *) new_path=$new_path${new_path:+:}/usr/bin:/bin ;;
  esac

  PATH=$new_path
  export PATH
  unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

  python=/usr/bin/python3
}

# Packages

detect_manager ()
{
  for manager in apt-get dnf pacman zypper; do
    if command -v "$manager" > /dev/null 2>&1; then
      return
    fi
  done
  manager=none
}

# Probes: they look at what is there and never ask the package manager, so that a machine where
# everything was put by hand is as good as any.

have_command ()
{
  command -v "$1" > /dev/null 2>&1
}

# Those that only root has on PATH
have_daemon ()
{
  (PATH=$PATH:/usr/sbin:/sbin && have_command "$1")
}

# The loader complains, and starts the program all the same.
have_preload ()
{
  [ -z "$(LD_PRELOAD=$1 env true 2>&1)" ]
}

have_compiler ()
{
  for compiler in ${CC:-} cc gcc clang; do
    if have_command "$compiler" && printf '#include <stdio.h>\nint main (void) { return 0; }\n' |
        "$compiler" -x c -fsyntax-only - > /dev/null 2>&1; then
      return 0
    fi
  done
  return 1
}

have_cxx ()
{
  for compiler in ${CXX:-} c++ g++ clang++; do
    if have_command "$compiler"; then
      return 0
    fi
  done
  return 1
}

have_pkgconfig ()
{
  have_command pkg-config && pkg-config --exists "$1" 2> /dev/null
}

have_meson ()
{
  have_command meson && [ "$(printf '1.0\n%s\n' "$(meson --version)" | sort -V | head -n 1)" = 1.0 ]
}

have_python_gi ()
{
  [ -x "$python" ] && "$python" -c 'import gi' > /dev/null 2>&1
}

have_typelib ()
{
  have_python_gi && "$python" -c 'import gi, sys; gi.require_version (sys.argv[1], sys.argv[2])' \
    "${1%-*}" "${1##*-}" > /dev/null 2>&1
}

have_nc ()
{
  have_command nc && nc -h 2>&1 | grep -q -e '-N'
}

# A module of GIO's, in the folder where this GLib looks for them
have_gio_tls ()
{
  modules=$(pkg-config --variable=giomoduledir gio-2.0 2> /dev/null)
  for module in "$modules"/libgiognutls.so "$modules"/libgioopenssl.so; do
    if [ -e "$module" ]; then
      return 0
    fi
  done
  return 1
}

have_file ()
{
  [ -e "$1" ]
}

have_sanitizers ()
{
  folder=$(mktemp -d)
  printf 'int main (void) { return 0; }\n' > "$folder/a.c"
  "${CC:-cc}" "-fsanitize=$1" -o "$folder/a" "$folder/a.c" > /dev/null 2>&1
  result=$?
  rm -rf "$folder"
  return "$result"
}

# need WHAT PROBE ARGUMENT APT DNF PACMAN ZYPPER: remember packages for what is not there ("-": none
# known)
need ()
{
  if "have_$2" "$3"; then
    return
  fi

  missing="$missing${missing:+, }$1"
  case $manager in
    apt-get) package=$4 ;;
    dnf) package=$5 ;;
    pacman) package=$6 ;;
    zypper) package=$7 ;;
    *) package=- ;;
  esac
  if [ "$package" != - ]; then
    packages="$packages $package"
  fi
}

needs_to_build ()
{
  need 'a C compiler' compiler '' 'gcc libc6-dev' gcc gcc gcc
  need pkg-config command pkg-config pkg-config pkgconf-pkg-config pkgconf pkgconf-pkg-config
  need 'Python 3' command /usr/bin/python3 python3 python3 python python3
  need 'meson 1.0' meson '' meson meson meson meson
  need ninja command ninja ninja-build ninja-build ninja ninja
  need 'GLib 2.74' pkgconfig 'gio-unix-2.0 >= 2.74' libglib2.0-dev glib2-devel 'glib2 glib2-devel' \
    glib2-devel
  need 'GnuTLS 3.7.4' pkgconfig 'gnutls >= 3.7.4' libgnutls28-dev gnutls-devel gnutls \
    libgnutls-devel
  need gettext command msgfmt gettext gettext gettext gettext-tools
}

# Other languages than C
needs_for_languages ()
{
  need gobject-introspection pkgconfig gobject-introspection-1.0 \
    'gobject-introspection libgirepository1.0-dev' gobject-introspection-devel \
    gobject-introspection \
    gobject-introspection-devel
  need PyGObject python_gi '' python3-gi python3-gobject-base python-gobject python3-gobject
  need GJS command gjs gjs gjs gjs gjs
  need Vala command valac valac vala vala vala
  need vapigen pkgconfig vapigen valac libvala-devel vala libvala-devel
}

needs_to_test ()
{
  need 'a C++ compiler' cxx '' g++ gcc-c++ gcc gcc-c++
  need nm command nm binutils binutils binutils binutils
  need socat command socat socat socat socat socat
  need ip command ip iproute2 iproute iproute2 iproute2
  need systemd-socket-activate command systemd-socket-activate systemd systemd systemd systemd
  need 'nc with -N (OpenBSD)' nc '' netcat-openbsd netcat openbsd-netcat netcat-openbsd
  need dnsmasq daemon dnsmasq dnsmasq-base dnsmasq dnsmasq dnsmasq
  need dante daemon danted dante-server dante-server dante dante-server
  need microsocks command microsocks microsocks - microsocks -
  need tinyproxy daemon tinyproxy tinyproxy-bin tinyproxy tinyproxy tinyproxy
  need squid daemon squid squid squid squid squid
  need haproxy daemon haproxy haproxy haproxy haproxy haproxy
  need 'nginx with streams' file /usr/lib/nginx/modules/ngx_stream_module.so \
    'nginx libnginx-mod-stream' nginx-mod-stream nginx-mod-stream nginx
  need nss_wrapper preload libnss_wrapper.so libnss-wrapper nss_wrapper nss_wrapper nss_wrapper
  need 'sources of locales' file /usr/share/i18n/locales/en_US locales glibc-locale-source glibc \
    glibc-i18ndata
  need 'TLS for GIO' gio_tls '' glib-networking glib-networking glib-networking glib-networking
  need 'certificates of the system' file /etc/ssl/certs/ca-certificates.crt ca-certificates \
    ca-certificates \
    ca-certificates ca-certificates
  need openssl command openssl openssl openssl openssl openssl
  need gnutls-cli command gnutls-cli gnutls-bin gnutls-utils gnutls gnutls
  need SoftHSM command softhsm2-util softhsm2 softhsm softhsm softhsm
}

# Peers and tools of the tests in other languages than C, and of the manual
needs_to_test_languages ()
{
  need libsoup pkgconfig libsoup-3.0 libsoup-3.0-dev libsoup3-devel libsoup3 libsoup-devel
  need 'Soup-3.0.typelib' typelib Soup-3.0 gir1.2-soup-3.0 libsoup3 libsoup3 typelib-1_0-Soup-3_0
  need gi-docgen command gi-docgen gi-docgen gi-docgen gi-docgen gi-docgen
  need Graphviz command dot graphviz graphviz graphviz graphviz
}

# What qnet is measured beside, and with
needs_to_measure ()
{
  need libuv pkgconfig libuv libuv1-dev libuv-devel libuv libuv-devel
  need libevent pkgconfig libevent_core libevent-dev libevent-devel libevent libevent-devel
  need 'Qt 6' pkgconfig Qt6Network qt6-base-dev qt6-qtbase-devel qt6-base qt6-base-devel
  need 'a C++ compiler' cxx '' g++ gcc-c++ gcc gcc-c++
  need strace command strace strace strace strace strace
  need valgrind command valgrind valgrind valgrind valgrind valgrind
  need gnuplot command gnuplot gnuplot-nox gnuplot gnuplot gnuplot
}

needs_for_coverage ()
{
  need gcovr command gcovr gcovr gcovr gcovr gcovr
}

needs_for_sanitizers ()
{
  need 'AddressSanitizer and UBSan' sanitizers address,undefined 'gcc libc6-dev' \
    'libasan libubsan' gcc gcc
}

needs_for_thread_sanitizer ()
{
  need ThreadSanitizer sanitizers thread 'gcc libc6-dev' libtsan gcc gcc
}

# The compiler that $CC names
needs_for_compiler ()
{
  case ${CC:-} in
    *clang*) need "${CC##*/}" command "$CC" clang clang clang clang ;;
  esac
}

needs_for_matrix ()
{
  need clang command clang clang clang clang clang
  need lld command ld.lld lld lld lld lld
}

# A root file system for ./tools/test-on
needs_for_systems ()
{
  need debootstrap daemon debootstrap debootstrap debootstrap debootstrap debootstrap
  need git command git git git git git
  need unshare command unshare util-linux util-linux util-linux util-linux
}

as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have_command sudo; then
    sudo "$@"
  else
    return 1
  fi
}

have_apt_lists ()
{
  for list in /var/lib/apt/lists/*_Packages*; do
    if [ -e "$list" ]; then
      return 0
    fi
  done
  return 1
}

# $1: update, or install, and then the packages
run_manager ()
{
  action=$1
  shift
  case $manager-$action in
    apt-get-update) as_root apt-get update ;;
    apt-get-install)
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" ;;
    dnf-install) as_root dnf install -y "$@" ;;
    pacman-install) as_root pacman -S --needed --noconfirm "$@" ;;
    zypper-install) as_root zypper --non-interactive install --no-recommends "$@" ;;
    *) return 0 ;;
  esac
}

# Leaves in $packages what this release of the system has, and in $unknown what it has not
drop_unknown_packages ()
{
  unknown=
  if [ "$manager" != apt-get ]; then
    return
  fi

  if ! have_apt_lists; then
    run_manager update
  fi

  known=
  for package in $packages; do
    if apt-cache policy "$package" 2> /dev/null | grep -q '^  Candidate: [^(]'; then
      known="$known $package"
    else
      unknown="$unknown $package"
    fi
  done
  packages=$known
}

install_packages ()
{
  if run_manager install "$@"; then
    return 0
  fi

  # Lists that are too old name files that no longer exist.
  if [ "$manager" = apt-get ]; then
    say 'That failed; once more with fresh package lists.'
    run_manager update
    if run_manager install "$@"; then
      return 0
    fi
  fi

  # One name that this release does not know must not keep the others out.
  say 'Now one by one.'
  for package in "$@"; do
    run_manager install "$package" || say "Could not install $package."
  done
}

# bring FUNCTION...: install what the functions say is missing, and leave in $missing what still is.
# $purpose is what it is for.
bring ()
{
  detect_manager
  missing=
  packages=
  for list in "$@"; do
    "$list"
  done

  if [ -z "$missing" ]; then
    return 0
  fi

  say "Missing here, to $purpose: $missing."

  if [ "$manager" = none ]; then
    say 'None of apt-get, dnf, pacman and zypper is here to install it with.'
    return 1
  fi

  drop_unknown_packages
  if [ -n "$unknown" ]; then
    say "This system has no package:$unknown. What needs it is left out."
  fi
  if [ -z "$packages" ]; then
    return 1
  fi

  # one package may serve two needs
  packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
  packages=${packages% }

  if [ "$(id -u)" -ne 0 ] && ! have_command sudo; then
    say "Please install, as root: $packages"
    return 1
  fi

  say "Installing with $manager: $packages"
  # shellcheck disable=SC2086
  install_packages $packages || say "$manager has failed."
  forget_configurations

  missing=
  packages=
  for list in "$@"; do
    "$list"
  done

  if [ -n "$missing" ]; then
    say "Still missing: $missing."
    return 1
  fi
}

# Building

# The next configuration finds what packages brought, by any process or user; a folder that
# was set up by hand has no ".configured".
forget_configurations ()
{
  for configured in "$top"/_build*/.configured; do
    if [ -e "$configured" ]; then
      : > "$configured"
    fi
  done
}

# configure FOLDER OPTION...: set the folder up once, and again when packages came, or its place or
# the compiler has changed; one that was set up by hand stays as it is
configure ()
{
  folder=$1
  shift
  configured="$top ${CC:+CC=$CC }$*"

  if [ -f "$folder/build.ninja" ]; then
    if [ ! -f "$folder/.configured" ]; then
      return 0
    fi
    if [ "$(cat "$folder/.configured")" = "$configured" ]; then
      return 0
    fi
  fi

  headline "Configuring ${folder#"$top/"}"
  rm -f "$folder/build.ninja"  # first: what is left of an interrupted "rm" is not set up
  rm -rf "$folder"
  if ! meson setup "$@" "$folder" "$top" > "$folder.log" 2>&1; then
    cat "$folder.log" >&2
    rm -f "$folder.log"
    die 'could not configure; the end of the lines above says why'
  fi
  sed -n '/^qnet [0-9]/,$p' "$folder.log"
  rm -f "$folder.log"
  printf '%s\n' "$configured" > "$folder/.configured"
}

# configure_once FOLDER: set it up, and be content with one that is there for another purpose
configure_once ()
{
  if [ -f "$1/.configured" ] && [ -f "$1/build.ninja" ]; then
    case $(cat "$1/.configured") in
      "$top ${CC:+CC=$CC }"CC=*) ;;
      "$top ${CC:+CC=$CC }"*) return 0 ;;
    esac
  fi
  configure "$1"
}

# build FOLDER [TARGET]...
build ()
{
  headline "Building ${1#"$top/"}"
  ninja -C "$@" || die 'could not build; the lines above say why'
}
