/* qnet-syscall-private.h: the few system calls qnet makes itself, so that tests can make one fail
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <sys/socket.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  QNET_SYSCALL_SOCKET,
  QNET_SYSCALL_BIND,
  QNET_SYSCALL_LISTEN,
  QNET_SYSCALL_CONNECT,
  QNET_SYSCALL_ACCEPT,
  QNET_SYSCALL_RECV,
  QNET_SYSCALL_SEND,
  QNET_SYSCALL_RECVMSG,
  QNET_SYSCALL_SENDMSG,
  QNET_SYSCALL_RECVMMSG,
  QNET_SYSCALL_SENDMMSG,
  QNET_SYSCALL_SHUTDOWN,
  QNET_SYSCALL_GETSOCKOPT,
  QNET_SYSCALL_SETSOCKOPT,
  QNET_SYSCALL_IOCTL,
  QNET_SYSCALL_EPOLL_CREATE,
  QNET_SYSCALL_EPOLL_CTL,
  QNET_SYSCALL_OPEN,
  QNET_SYSCALL_PIPE,
  QNET_N_SYSCALLS
} QnetSyscall;

/* Called before each call when set. A result > 0 is the errno that the call fails with instead of
 * being made; 0 lets it through; < 0 lets a recv or send through with at most that many bytes.
 * For tests alone; not thread-safe. */
typedef int (*QnetSyscallFault) (QnetSyscall call);

extern QnetSyscallFault qnet_syscall_fault;

/* Where the system cannot move several datagrams in one call, it has no type for them either. */
#ifndef MSG_WAITFORONE
struct mmsghdr
{
  struct msghdr msg_hdr;
  unsigned int  msg_len;
};
#endif

/* All of them repeat on EINTR by themselves. Descriptors come back non-blocking and close-on-exec. */
int     qnet_sys_socket     (int family, int type, int protocol);
int     qnet_sys_bind       (int fd, const struct sockaddr *address, socklen_t size);
int     qnet_sys_listen     (int fd, int backlog);
int     qnet_sys_connect    (int fd, const struct sockaddr *address, socklen_t size);
int     qnet_sys_accept     (int fd, struct sockaddr_storage *peer, socklen_t *out_size);
gssize  qnet_sys_recv       (int fd, void *buffer, gsize size);
gssize  qnet_sys_send       (int fd, const struct iovec *vectors, int n_vectors);  /* MSG_NOSIGNAL */
int     qnet_sys_shutdown   (int fd, int how);

/* Datagrams. One is received or sent as a whole or not at all, so these have no short form. */
gssize  qnet_sys_recvfrom   (int fd, void *buffer, gsize size, int flags,
                             struct sockaddr_storage *out_sender);
gssize  qnet_sys_sendto     (int fd, const void *data, gsize size,
                             const struct sockaddr *address, socklen_t address_size);
gssize  qnet_sys_recvmsg    (int fd, struct msghdr *message, int flags);
gssize  qnet_sys_sendmsg    (int fd, const struct msghdr *message);

/* How many of the @n were moved, at least one, or -1. Where the system has no such call they are
 * moved one by one. */
int     qnet_sys_recvmmsg   (int fd, struct mmsghdr *messages, guint n);
int     qnet_sys_sendmmsg   (int fd, struct mmsghdr *messages, guint n);

int     qnet_sys_getsockopt (int fd, int level, int name, void *value, socklen_t *size);
int     qnet_sys_setsockopt (int fd, int level, int name, const void *value, socklen_t size);

/* What the kernel still holds of a stream that was written; 0 where it does not report it. */
gsize   qnet_sys_get_unsent (int fd);  /* TCP alone: not sent even once */
gsize   qnet_sys_get_unread (int fd);  /* TCP: not acknowledged, and a FIN counts as a byte; local: not read by the peer */
/* EPOLLOUT from now on means that nothing is unsent. FALSE where the kernel cannot report that. */
gboolean qnet_sys_watch_unsent (int fd);
/* Resets a TCP connection, whichever other processes hold the descriptor; any other one is shut down. */
void    qnet_sys_reset      (int fd);

int     qnet_sys_open       (const char *path, int flags);
int     qnet_sys_pipe       (int fds[2]);
void    qnet_sys_close      (int fd);  /* never repeats, keeps errno */

/* Closes *@fd unless it is -1, and makes it -1. */
void    qnet_clear_fd       (int *fd);
/* The same for a connection, whose peer is to notice even if another process has the descriptor, too. */
void    qnet_hang_up        (int *fd, gboolean is_forked);

/* TRUE in the child of a fork, for what was made before it: then descriptors are only closed. @epoch
 * is what qnet_fork_epoch() returned when the thing was made. */
guint   qnet_fork_epoch     (void);

/* Whether the process has such a descriptor. */
gboolean qnet_is_descriptor (int fd);

G_END_DECLS
