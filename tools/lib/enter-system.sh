# enter-system.sh: the inside of ./tools/test-on: mount what programs expect, and run a command in
# the tree
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# Usage: unshare --mount --pid --fork sh enter-system.sh ROOT USER COMMAND...

set -eu

root=$1
user=$2
shift 2

# A mount point, so that it can become "/" of this namespace: in a mere chroot no further ones can
# be made.
mount --bind "$root" "$root"
cd "$root"

mount -t proc proc proc
mount --rbind /sys sys
mount --bind /dev dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=0755 run run

pivot_root . .
umount --lazy .

home=/root
if [ "$user" != root ]; then
  home=/home/$user
fi

# A shell of its own as the first process, which takes in what others leave behind; and no service
# is started.
exec chroot . /usr/bin/env -i \
  HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/sh LANG=C.UTF-8 TERM="${TERM:-dumb}" \
  CI="${CI:-}" \
  ${CC:+CC="$CC"} ${CXX:+CXX="$CXX"} \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin RUNLEVEL=1 \
  sh -c '
    user=$1
    shift
    cd /home/tester/qnet
    if [ "$user" = root ]; then
      "$@"
    else
      setpriv --reuid "$user" --regid "$user" --init-groups "$@"
    fi
  ' sh "$user" "$@"
