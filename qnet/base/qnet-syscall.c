/* qnet-syscall.c: the system calls of qnet, which tests can make fail
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-syscall-private.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

QnetSyscallFault qnet_syscall_fault = NULL;

/* Makes @call, unless a test makes it fail, until it is not interrupted. */
#define REPEAT(result, which, size, call)                     \
  do                                                          \
    (result) = is_made_to_fail ((which), (size)) ? -1 : (call); \
  while ((result) < 0 && errno == EINTR)

/* @size: (inout) (nullable): the most bytes to transfer, if the call transfers any */
static inline gboolean
is_made_to_fail (QnetSyscall  which,
                 gsize       *size)
{
  int fault;

  if (G_LIKELY (qnet_syscall_fault == NULL))
    return FALSE;

  fault = qnet_syscall_fault (which);

  if (fault > 0)
    errno = fault;
  else if (fault < 0 && size != NULL)
    *size = MIN (*size, (gsize) -fault);

  return fault > 0;
}

/* Without accept4() and SOCK_NONBLOCK another thread can fork in between; such systems have no
 * better way. */
#if !defined (HAVE_ACCEPT4) || !defined (SOCK_NONBLOCK)
static int
make_private (int fd)
{
  if (fd < 0)
    return fd;

  if (fcntl (fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl (fd, F_SETFL, O_NONBLOCK) == 0)
    return fd;

  qnet_sys_close (fd);
  return -1;
}
#endif

static int
open_socket (int family,
             int type,
             int protocol)
{
#ifdef SOCK_NONBLOCK
  return socket (family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
#else
  return make_private (socket (family, type, protocol));
#endif
}

static int
accept_socket (int              fd,
               struct sockaddr *peer,
               socklen_t       *size)
{
#ifdef HAVE_ACCEPT4
  return accept4 (fd, peer, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  return make_private (accept (fd, peer, size));
#endif
}

static gssize
send_message (int                 fd,
              const struct iovec *vectors,
              int                 n_vectors)
{
  struct msghdr message = { 0, };

  message.msg_iov = (struct iovec *) vectors;
  message.msg_iovlen = n_vectors;

  return sendmsg (fd, &message, MSG_NOSIGNAL);
}

/* A single piece is the usual case, for which send() saves the kernel a copy of the message header.
 * A short write for a test need not extend beyond the first piece either. */
static gssize
send_vectors (int                 fd,
              const struct iovec *vectors,
              int                 n_vectors,
              gsize               limit)
{
  if (n_vectors == 1 || limit != G_MAXSIZE)
    return send (fd, vectors[0].iov_base, MIN (vectors[0].iov_len, limit), MSG_NOSIGNAL);

  return send_message (fd, vectors, n_vectors);
}

/* System calls */

int
qnet_sys_socket (int family,
                 int type,
                 int protocol)
{
  int result;

  REPEAT (result, QNET_SYSCALL_SOCKET, NULL, open_socket (family, type, protocol));

  return result;
}

int
qnet_sys_bind (int                    fd,
               const struct sockaddr *address,
               socklen_t              size)
{
  int result;

  REPEAT (result, QNET_SYSCALL_BIND, NULL, bind (fd, address, size));

  return result;
}

int
qnet_sys_listen (int fd,
                 int backlog)
{
  int result;

  REPEAT (result, QNET_SYSCALL_LISTEN, NULL, listen (fd, backlog));

  return result;
}

/* A connect() that a signal has interrupted continues in the kernel, so another call returns
 * EALREADY or EISCONN. The result is the one that the first call would have had. */
int
qnet_sys_connect (int                    fd,
                  const struct sockaddr *address,
                  socklen_t              size)
{
  gboolean is_again = FALSE;

  for (;;)
    {
      if (!is_made_to_fail (QNET_SYSCALL_CONNECT, NULL) && connect (fd, address, size) == 0)
        return 0;

      if (errno != EINTR)
        break;

      is_again = TRUE;
    }

  if (is_again && errno == EISCONN)
    return 0;

  if (is_again && errno == EALREADY)
    errno = EINPROGRESS;

  return -1;
}

int
qnet_sys_accept (int                      fd,
                 struct sockaddr_storage *peer,
                 socklen_t               *out_size)
{
  socklen_t size = sizeof *peer;
  int result;

  REPEAT (result, QNET_SYSCALL_ACCEPT, NULL, accept_socket (fd, (struct sockaddr *) peer, &size));
  *out_size = size;

  return result;
}

gssize
qnet_sys_recv_slowpath (int    fd,
                        void  *buffer,
                        gsize  size)
{
  gssize result;

  REPEAT (result, QNET_SYSCALL_RECV, &size, recv (fd, buffer, size, 0));

  return result;
}

gssize
qnet_sys_send_slowpath (int                 fd,
                        const struct iovec *vectors,
                        int                 n_vectors)
{
  gsize limit = G_MAXSIZE;
  gssize result;

  REPEAT (result, QNET_SYSCALL_SEND, &limit, send_vectors (fd, vectors, n_vectors, limit));

  return result;
}

/* Datagrams */

gssize
qnet_sys_recvfrom (int                      fd,
                   void                    *buffer,
                   gsize                    size,
                   int                      flags,
                   struct sockaddr_storage *out_sender)
{
  socklen_t sender_size = sizeof *out_sender;
  gssize result;

  REPEAT (result, QNET_SYSCALL_RECVMSG, NULL,
          recvfrom (fd, buffer, size, flags, (struct sockaddr *) out_sender,
                    out_sender != NULL ? &sender_size : NULL));

  return result;
}

gssize
qnet_sys_sendto (int                    fd,
                 const void            *data,
                 gsize                  size,
                 const struct sockaddr *address,
                 socklen_t              address_size)
{
  gssize result;

  REPEAT (result, QNET_SYSCALL_SENDMSG, NULL,
          sendto (fd, data, size, MSG_NOSIGNAL, address, address_size));

  return result;
}

gssize
qnet_sys_recvmsg (int            fd,
                  struct msghdr *message,
                  int            flags)
{
  gssize result;

  REPEAT (result, QNET_SYSCALL_RECVMSG, NULL, recvmsg (fd, message, flags));

  return result;
}

gssize
qnet_sys_sendmsg (int                  fd,
                  const struct msghdr *message)
{
  gssize result;

  REPEAT (result, QNET_SYSCALL_SENDMSG, NULL, sendmsg (fd, message, MSG_NOSIGNAL));

  return result;
}

/* If some were transferred, the failure of the next one is reported by the next call. */
static int
receive_one_by_one (int             fd,
                    struct mmsghdr *messages,
                    guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      gssize size = qnet_sys_recvmsg (fd, &messages[i].msg_hdr, 0);

      if (size < 0)
        return i > 0 ? (int) i : -1;

      messages[i].msg_len = (unsigned int) size;
    }

  return (int) n;
}

static int
send_one_by_one (int             fd,
                 struct mmsghdr *messages,
                 guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      if (qnet_sys_sendmsg (fd, &messages[i].msg_hdr) < 0)
        return i > 0 ? (int) i : -1;
    }

  return (int) n;
}

static int
receive_together (int             fd,
                  struct mmsghdr *messages,
                  guint           n)
{
#ifdef HAVE_RECVMMSG
  return recvmmsg (fd, messages, n, 0, NULL);
#else
  errno = ENOSYS;
  return -1;
#endif
}

static int
send_together (int             fd,
               struct mmsghdr *messages,
               guint           n)
{
#ifdef HAVE_SENDMMSG
  return sendmmsg (fd, messages, n, MSG_NOSIGNAL);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int
qnet_sys_recvmmsg (int             fd,
                   struct mmsghdr *messages,
                   guint           n)
{
  int result;

  REPEAT (result, QNET_SYSCALL_RECVMMSG, NULL, receive_together (fd, messages, n));

  return result < 0 && errno == ENOSYS ? receive_one_by_one (fd, messages, n) : result;
}

int
qnet_sys_sendmmsg (int             fd,
                   struct mmsghdr *messages,
                   guint           n)
{
  int result;

  REPEAT (result, QNET_SYSCALL_SENDMMSG, NULL, send_together (fd, messages, n));

  return result < 0 && errno == ENOSYS ? send_one_by_one (fd, messages, n) : result;
}

int
qnet_sys_shutdown (int fd,
                   int how)
{
  int result;

  REPEAT (result, QNET_SYSCALL_SHUTDOWN, NULL, shutdown (fd, how));

  return result;
}

int
qnet_sys_getsockname (int              fd,
                      struct sockaddr *name,
                      socklen_t       *size)
{
  int result;

  REPEAT (result, QNET_SYSCALL_GETSOCKNAME, NULL, getsockname (fd, name, size));

  return result;
}

int
qnet_sys_getpeername (int              fd,
                      struct sockaddr *name,
                      socklen_t       *size)
{
  int result;

  REPEAT (result, QNET_SYSCALL_GETPEERNAME, NULL, getpeername (fd, name, size));

  return result;
}

int
qnet_sys_get_family (int fd)
{
  struct sockaddr_storage name;
  socklen_t size = sizeof name;

  if (qnet_sys_getsockname (fd, (struct sockaddr *) &name, &size) != 0)
    return AF_UNSPEC;

  return name.ss_family;
}

int
qnet_sys_getsockopt (int        fd,
                     int        level,
                     int        name,
                     void      *value,
                     socklen_t *size)
{
  int result;

  REPEAT (result, QNET_SYSCALL_GETSOCKOPT, NULL, getsockopt (fd, level, name, value, size));

  return result;
}

gboolean
qnet_sys_is_dual_stack (int fd)
{
  int v6_only = 1;
  socklen_t size = sizeof v6_only;

  return qnet_sys_getsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &size) == 0 && !v6_only;
}

int
qnet_sys_take_error (int fd)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0)
    return 0;

  return error_number;
}

int
qnet_sys_setsockopt (int         fd,
                     int         level,
                     int         name,
                     const void *value,
                     socklen_t   size)
{
  int result;

  REPEAT (result, QNET_SYSCALL_SETSOCKOPT, NULL, setsockopt (fd, level, name, value, size));

  return result;
}

/* The bytes of a stream in the kernel */

static gsize
get_amount (int           fd,
            unsigned long request)
{
  int amount = 0;
  int result;

  REPEAT (result, QNET_SYSCALL_IOCTL, NULL, ioctl (fd, request, &amount));

  return result == 0 ? (gsize) MAX (amount, 0) : 0;
}

gsize
qnet_sys_get_readable (int fd)
{
  return get_amount (fd, FIONREAD);
}

gsize
qnet_sys_get_unsent (int fd)
{
#ifdef SIOCOUTQNSD
  return get_amount (fd, SIOCOUTQNSD);
#else
  return 0;
#endif
}

gsize
qnet_sys_get_unread (int fd)
{
#ifdef SIOCOUTQ
  return get_amount (fd, SIOCOUTQ);
#else
  return 0;
#endif
}

gboolean
qnet_sys_watch_unsent (int fd)
{
#ifdef TCP_NOTSENT_LOWAT
  int value = 1;

  return qnet_sys_setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, sizeof value) == 0;
#else
  return FALSE;
#endif
}

/* SO_LINGER takes effect when the last descriptor is closed; dissolving the association does at
 * once. */
void
qnet_sys_reset (int fd)
{
  struct sockaddr nothing = { .sa_family = AF_UNSPEC };

  if (connect (fd, &nothing, sizeof nothing) != 0)
    qnet_sys_shutdown (fd, SHUT_RDWR);
}

int
qnet_sys_open (const char *path,
               int         flags)
{
  int result;

  REPEAT (result, QNET_SYSCALL_OPEN, NULL, open (path, flags | O_CLOEXEC));

  return result;
}

int
qnet_sys_pipe (int fds[2])
{
  int result;

  REPEAT (result, QNET_SYSCALL_PIPE, NULL, pipe (fds));

  if (result == 0)
    {
      fcntl (fds[0], F_SETFD, FD_CLOEXEC);
      fcntl (fds[1], F_SETFD, FD_CLOEXEC);
    }

  return result;
}

/* After EINTR the descriptor is closed on Linux, and its number may already belong to another
 * file. */
void
qnet_sys_close (int fd)
{
  int saved_errno = errno;

  close (fd);
  errno = saved_errno;
}

void
qnet_clear_fd (int *fd)
{
  int old = *fd;

  *fd = -1;

  if (old >= 0)
    qnet_sys_close (old);
}

/* Descriptors inherited by the child of a fork belong to its parent. */
void
qnet_shutdown_fd (int      *fd,
                  gboolean  is_forked)
{
  if (*fd >= 0 && !is_forked)
    qnet_sys_shutdown (*fd, SHUT_RDWR);

  qnet_clear_fd (fd);
}

/* Forks */

guint qnet_n_forks = 0;

static void
forked_cb (void)
{
  qnet_n_forks++;  /* the child has a single thread */
}

/* Registered when the first object that a fork would share is created: a library should not run
 * code when it is loaded by programs that never use it. */
guint
qnet_fork_epoch (void)
{
  static gsize registered = 0;

  if (g_once_init_enter (&registered))
    {
      pthread_atfork (NULL, NULL, forked_cb);
      g_once_init_leave (&registered, 1);
    }

  return qnet_n_forks;
}

gboolean
qnet_is_descriptor (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}
