/* qnet-syscall-private.h: the system calls of qnet, which tests can make fail
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
  QNET_SYSCALL_GETSOCKNAME,
  QNET_SYSCALL_GETPEERNAME,
  QNET_SYSCALL_GETSOCKOPT,
  QNET_SYSCALL_SETSOCKOPT,
  QNET_SYSCALL_IOCTL,
  QNET_SYSCALL_EPOLL_CREATE,
  QNET_SYSCALL_EPOLL_CTL,
  QNET_SYSCALL_OPEN,
  QNET_SYSCALL_PIPE,
  QNET_N_SYSCALLS
} QnetSyscall;

/* If set, called before each system call. A result > 0 is the errno with which the call fails
 * instead; 0 makes the call; with a result < 0 a recv or send transfers at most that many bytes.
 * For tests only; not thread-safe. */
typedef int (*QnetSyscallFault) (QnetSyscall call);

G_GNUC_INTERNAL extern QnetSyscallFault qnet_syscall_fault;

/* A system without calls for several datagrams has no type for them either. */
#ifndef MSG_WAITFORONE
struct mmsghdr
{
  struct msghdr msg_hdr;
  unsigned int  msg_len;
};
#endif

/* All of them repeat after EINTR. Descriptors are non-blocking and close-on-exec. */
int     qnet_sys_socket     (int family, int type, int protocol);
int     qnet_sys_bind       (int fd, const struct sockaddr *address, socklen_t size);
int     qnet_sys_listen     (int fd, int backlog);
int     qnet_sys_connect    (int fd, const struct sockaddr *address, socklen_t size);
int     qnet_sys_accept     (int fd, struct sockaddr_storage *peer, socklen_t *out_size);
int     qnet_sys_shutdown   (int fd, int how);

/* For recv() and send(), which are inline, below: several pieces, signals, and faults of tests. */
gssize  qnet_sys_recv_slowpath (int fd, void *buffer, gsize size);
gssize  qnet_sys_send_slowpath (int fd, const struct iovec *vectors, int n_vectors);

/* Datagrams. Each is received or sent completely or not at all, so tests cannot shorten them. */
gssize  qnet_sys_recvfrom   (int fd, void *buffer, gsize size, int flags,
                             struct sockaddr_storage *out_sender);
gssize  qnet_sys_sendto     (int fd, const void *data, gsize size,
                             const struct sockaddr *address, socklen_t address_size);
gssize  qnet_sys_recvmsg    (int fd, struct msghdr *message, int flags);
gssize  qnet_sys_sendmsg    (int fd, const struct msghdr *message);

/* Returns how many of the @n were received or sent, at least one, or -1. On a system without such a
 * call they are received or sent one by one. */
int     qnet_sys_recvmmsg   (int fd, struct mmsghdr *messages, guint n);
int     qnet_sys_sendmmsg   (int fd, struct mmsghdr *messages, guint n);

int     qnet_sys_getsockname (int fd, struct sockaddr *name, socklen_t *size);
int     qnet_sys_getpeername (int fd, struct sockaddr *name, socklen_t *size);
int     qnet_sys_get_family  (int fd);  /* AF_UNSPEC on failure */

/* SO_ERROR, which the kernel then clears; 0 if there is none, or on failure. */
int     qnet_sys_take_error (int fd);

int     qnet_sys_getsockopt (int fd, int level, int name, void *value, socklen_t *size);
int     qnet_sys_setsockopt (int fd, int level, int name, const void *value, socklen_t size);
/* Whether an IPv6 socket is one for IPv4, too: "::" has two meanings. */
gboolean qnet_sys_is_dual_stack (int fd);

/* The bytes of a stream that are still in the kernel; 0 if it does not report them. */
gsize   qnet_sys_get_unsent (int fd);  /* TCP only: not sent yet */
/* TCP: not acknowledged, where a FIN counts as a byte; local: not read by the peer */
gsize   qnet_sys_get_unread (int fd);
/* Bytes that can be received at once. */
gsize   qnet_sys_get_readable (int fd);
/* From now on EPOLLOUT means that nothing is unsent. FALSE if the kernel cannot report that. */
gboolean qnet_sys_watch_unsent (int fd);
/* Resets a TCP connection, even if other processes have the descriptor; any other connection is
 * shut down. */
void    qnet_sys_reset      (int fd);

int     qnet_sys_open       (const char *path, int flags);
int     qnet_sys_pipe       (int fds[2]);
void    qnet_sys_close      (int fd);  /* never repeats, preserves errno */

/* Closes *@fd unless it is -1, and sets it to -1. */
void    qnet_clear_fd       (int *fd);
/* The same for a connection, whose peer is notified even if another process has the descriptor as
 * well. */
void    qnet_shutdown_fd    (int *fd, gboolean is_forked);

/* TRUE in the child of a fork, for an object from before it: then descriptors are only closed.
 * @epoch is the value of qnet_fork_epoch() when it was created. */
guint   qnet_fork_epoch     (void);

/* Whether this is the child of a fork: a fast check, since it usually is not. */
G_GNUC_INTERNAL extern guint qnet_n_forks;

static inline gboolean
qnet_has_forked (void)
{
  return G_UNLIKELY (qnet_n_forks > 0);
}

/* As functions of their own these two take 32 instructions more of an echo. */

static inline gboolean
qnet_sys_was_interrupted (gssize result)
{
  return G_UNLIKELY (result < 0) && errno == EINTR;
}

static inline gssize
qnet_sys_recv (int    fd,
               void  *buffer,
               gsize  size)
{
  gssize result;

  if (G_UNLIKELY (qnet_syscall_fault != NULL))
    return qnet_sys_recv_slowpath (fd, buffer, size);

  result = recv (fd, buffer, size, 0);
  if (qnet_sys_was_interrupted (result))
    return qnet_sys_recv_slowpath (fd, buffer, size);

  return result;
}

/* MSG_NOSIGNAL. A single piece is the usual case, for which send() saves the kernel a copy of the
 * message header. */
static inline gssize
qnet_sys_send (int                 fd,
               const struct iovec *vectors,
               int                 n_vectors)
{
  gssize result;

  if (G_UNLIKELY (qnet_syscall_fault != NULL || n_vectors != 1))
    return qnet_sys_send_slowpath (fd, vectors, n_vectors);

  result = send (fd, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
  if (qnet_sys_was_interrupted (result))
    return qnet_sys_send_slowpath (fd, vectors, n_vectors);

  return result;
}

/* Whether the process has such a descriptor. */
gboolean qnet_is_descriptor (int fd);

G_END_DECLS
