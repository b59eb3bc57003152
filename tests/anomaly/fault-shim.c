/* fault-shim.c: wraps calls of the C library, and makes a chosen one fail
 *
 * The number of a closed descriptor is not used again for as long as possible, so that each use of
 * it is noticed.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Both forms of a function are wrapped: that of the header is not to be renamed. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS

#include "fault-shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The numbers that are used: above those that a program starts with. */
#define FIRST_NUMBER 4200
#define LAST_NUMBER 16000

#define EXPORT __attribute__ ((visibility ("default")))

/* The function behind ours. */
#define NEXT(name)                                             \
  static __typeof__ (&name) next;                              \
  if (next == NULL)                                            \
    next = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name)

static const char *const call_names[FAULT_N_CALLS] = {
  "socket",  "bind",     "listen",      "connect",     "accept",       "recv",       "recvfrom",
  "recvmsg", "recvmmsg", "send",        "sendto",      "sendmsg",      "sendmmsg",   "read",
  "write",   "shutdown", "getsockname", "getpeername", "getsockopt",   "setsockopt", "ioctl",
  "fcntl",   "dup",      "eventfd",     "pipe",        "epoll_create", "epoll_ctl",  "epoll_wait",
  "poll",    "open",     "stat",        "link",        "rename",       "unlink",     "chmod",
  "flock",   "thread",   "random",      "getaddrinfo", "getnameinfo",  "getifaddrs", "descriptors",
};

/* Descriptors */

typedef enum { UNKNOWN, CLOSED, STREAM, DATAGRAM, EVENTS, LOCAL_FILE } Kind;

#define FOREIGN 0x40

static _Atomic unsigned char table[LAST_NUMBER + 4096];
static _Atomic unsigned char makers[LAST_NUMBER + 4096];  /* a FaultCall */
static atomic_int next_number = FIRST_NUMBER;
static atomic_int n_open;
static atomic_bool is_misused;
static char misuse[400];
static __thread int exempt;

static void
note_misuse (const char *call,
             int         fd,
             const char *what)
{
  char text[sizeof misuse];

  if (exempt > 0 || atomic_exchange (&is_misused, true))
    return;

  snprintf (text, sizeof text, "%s() of descriptor %d, which %s", call, fd, what);
  memcpy (misuse, text, sizeof misuse);

  if (getenv ("QNET_FAULT_TRACE") != NULL)
    {
      void *frames[40];

      fprintf (stderr, "# %s\n", misuse);
      backtrace_symbols_fd (frames, backtrace (frames, 40), 2);
    }
}

static int
is_known (int fd)
{
  return fd >= 0 && fd < (int) sizeof table;
}

static Kind
get_kind (int fd)
{
  return is_known (fd) ? (Kind) (table[fd] & ~FOREIGN) : UNKNOWN;
}

/* Gives it a number of its own. */
static int
renumber (int fd)
{
  int flags = (int) syscall (SYS_fcntl, fd, F_GETFD);
  int number = atomic_load (&next_number);
  int moved = (int) syscall (SYS_fcntl, fd, (flags & FD_CLOEXEC) != 0 ? F_DUPFD_CLOEXEC : F_DUPFD,
                             number < LAST_NUMBER ? number : FIRST_NUMBER);

  if (moved < 0 || moved >= (int) sizeof table)
    return fd;

  atomic_store (&next_number, moved + 1);
  syscall (SYS_close, fd);

  return moved;
}

static int
adopt (int       fd,
       Kind      kind,
       FaultCall maker)
{
  int saved = errno;

  if (fd < 0)
    return fd;

  fd = renumber (fd);
  if (is_known (fd))
    {
      table[fd] = (unsigned char) (kind | (exempt > 0 ? FOREIGN : 0));
      makers[fd] = (unsigned char) maker;
      if (exempt == 0)
        n_open++;
    }

  errno = saved;

  return fd;
}

static Kind
get_socket_kind (int fd)
{
  int type = 0;
  socklen_t size = sizeof type;

  syscall (SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size);

  return type == SOCK_STREAM ? STREAM : type != 0 ? DATAGRAM : LOCAL_FILE;
}

/* Passing a number that was never open is allowed: sockets of a service manager are found in this
 * way. */
static void
check_use (const char *call,
           int         fd,
           int         result)
{
  if (result < 0 && errno == EBADF && get_kind (fd) != UNKNOWN)
    note_misuse (call, fd, "is closed");
}

/* Faults */

static FaultPlan plan = { FAULT_N_CALLS, 0, 0, 0 };
static atomic_bool is_armed;
static atomic_uint counts[FAULT_N_CALLS];
static atomic_uint n_failed;
static int n_open_at_first;
static _Atomic long long lifted_at;  /* nanoseconds, or 0 */

static long long
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void
trace (FaultCall call)
{
  void *frames[40];

  n_failed++;
  if (getenv ("QNET_FAULT_TRACE") == NULL)
    return;

  fprintf (stderr, "# fault in %s, call %u:\n", call_names[call], counts[call]);
  backtrace_symbols_fd (frames, backtrace (frames, 40), 2);
}

/* The outcome of the call; 0: it does not fail */
static int
get_outcome (FaultCall call)
{
  unsigned n;

  if (exempt > 0)
    return 0;

  n = ++counts[call];
  if (!is_armed || plan.call != call || n < plan.nth || n - plan.nth >= plan.n_times)
    return 0;

  trace (call);

  return plan.outcome;
}

static bool
fails (FaultCall call)
{
  int outcome = get_outcome (call);

  if (outcome > 0)
    errno = outcome;

  return outcome > 0;
}

/* One that makes a descriptor fails, too, when there are too many. */
static bool
fails_to_open (FaultCall call)
{
  long long now;

  if (fails (call))
    return true;

  if (exempt > 0 || !is_armed || plan.call != FAULT_DESCRIPTORS
      || n_open < n_open_at_first + (int) plan.nth)
    return false;

  now = get_time ();
  if (lifted_at == 0)
    lifted_at = now + plan.n_times * 1000000LL;
  if (now >= lifted_at)
    return false;

  trace (call);
  errno = plan.outcome;

  return true;
}

/* One that moves bytes: TRUE if it fails; else @size is what it may move. Datagrams are moved
 * whole. */
static bool
fails_to_move (FaultCall  call,
               int        fd,
               size_t    *size)
{
  int outcome = get_outcome (call);

  if (outcome > 0)
    errno = outcome;
  else if (outcome < 0 && get_kind (fd) == STREAM && *size > (size_t) -outcome)
    *size = (size_t) -outcome;

  return outcome > 0;
}

/* Control */

static const struct { const char *name; int value;
} error_names[] = {
  { "EPERM", EPERM },
  { "EINTR", EINTR },
  { "EIO", EIO },
  { "EAGAIN", EAGAIN },
  { "ENOMEM", ENOMEM },
  { "EACCES", EACCES },
  { "EMFILE", EMFILE },
  { "ENFILE", ENFILE },
  { "ENOSPC", ENOSPC },
  { "EPIPE", EPIPE },
  { "ENOBUFS", ENOBUFS },
  { "ECONNRESET", ECONNRESET },
  { "ECONNABORTED", ECONNABORTED },
  { "ETIMEDOUT", ETIMEDOUT },
  { "ECONNREFUSED", ECONNREFUSED },
  { "EADDRINUSE", EADDRINUSE },
  { "ENETUNREACH", ENETUNREACH },
};

EXPORT const char *
fault_call_name (FaultCall call)
{
  return call_names[call];
}

EXPORT void
fault_begin (const FaultPlan *new_plan)
{
  is_armed = false;
  for (int i = 0; i < FAULT_N_CALLS; i++)
    counts[i] = 0;

  n_failed = 0;
  is_misused = false;
  misuse[0] = '\0';
  n_open_at_first = n_open;
  lifted_at = 0;
  if (new_plan != NULL)
    plan = *new_plan;

  is_armed = new_plan != NULL;
}

EXPORT unsigned
fault_end (void)
{
  is_armed = false;

  return n_failed;
}

EXPORT unsigned
fault_count (FaultCall call)
{
  return counts[call];
}

EXPORT unsigned
fault_count_polls (void)
{
  return counts[FAULT_EPOLL_WAIT] + counts[FAULT_POLL];
}

EXPORT void
fault_exempt_begin (void)
{
  exempt++;
}

EXPORT void
fault_exempt_end (void)
{
  exempt--;
}

EXPORT void
fault_give (int fd)
{
  if (!is_known (fd) || (table[fd] & FOREIGN) == 0)
    return;

  table[fd] &= (unsigned char) ~FOREIGN;
  n_open++;
}

EXPORT void
fault_take (int fd)
{
  if (!is_known (fd) || (table[fd] & FOREIGN) != 0)
    return;

  table[fd] |= FOREIGN;
  n_open--;
}

EXPORT const char *
fault_get_misuse (void)
{
  return is_misused ? misuse : NULL;
}

static bool
is_reserve (int fd)
{
  char link[40], target[16];
  ssize_t length;

  if (makers[fd] != FAULT_OPEN)
    return false;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, target, sizeof target);

  return length == 9 && memcmp (target, "/dev/null", 9) == 0;
}

EXPORT unsigned
fault_count_open (char   *text,
                  size_t  size)
{
  size_t length = 0;
  unsigned n = 0;

  text[0] = '\0';
  for (int fd = 0; fd < (int) sizeof table; fd++)
    {
      if (table[fd] <= CLOSED || (table[fd] & FOREIGN) != 0)
        continue;

      /* The descriptors that qnet reserves for contexts of GLib are opened and closed at any
       * time. */
      if (is_reserve (fd))
        continue;

      n++;
      if (length + 40 < size)
        length += (size_t) snprintf (text + length, size - length, " %d (%s)", fd,
                                     call_names[makers[fd]]);
    }

  return n;
}

static void __attribute__ ((constructor))
prepare (void)
{
  const char *text = getenv ("QNET_FAULT");
  struct rlimit limit;
  char call[32], error[32];
  unsigned nth = 1, n_times = 1;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }

  if (text == NULL || sscanf (text, "%31[^:]:%31[^:]:%u:%u", call, error, &nth, &n_times) < 2)
    return;

  plan = (FaultPlan) { FAULT_N_CALLS, atoi (error), nth, n_times };
  for (int i = 0; i < FAULT_N_CALLS; i++)
    if (strcmp (call_names[i], call) == 0)
      plan.call = (FaultCall) i;

  for (size_t i = 0; i < sizeof error_names / sizeof *error_names; i++)
    if (strcmp (error_names[i].name, error) == 0)
      plan.outcome = error_names[i].value;

  is_armed = true;
}

/* Calls that make sockets */

EXPORT int
socket (int domain,
        int type,
        int protocol)
{
  NEXT (socket);
  int fd;

  if (fails_to_open (FAULT_SOCKET))
    return -1;

  fd = next (domain, type, protocol);

  return adopt (fd, fd < 0 ? UNKNOWN : get_socket_kind (fd), FAULT_SOCKET);
}

EXPORT int
socketpair (int domain,
            int type,
            int protocol,
            int fds[2])
{
  NEXT (socketpair);

  if (next (domain, type, protocol, fds) < 0)
    return -1;

  fds[0] = adopt (fds[0], STREAM, FAULT_SOCKET);
  fds[1] = adopt (fds[1], STREAM, FAULT_SOCKET);

  return 0;
}

EXPORT int
accept4 (int              fd,
         struct sockaddr *restrict address,
         socklen_t *restrict size,
         int              flags)
{
  NEXT (accept4);
  int result;

  if (fails_to_open (FAULT_ACCEPT))
    return -1;

  result = next (fd, address, size, flags);
  check_use ("accept4", fd, result);

  return adopt (result, STREAM, FAULT_ACCEPT);
}

EXPORT int
accept (int              fd,
        struct sockaddr *restrict address,
        socklen_t *restrict size)
{
  NEXT (accept);
  int result;

  if (fails_to_open (FAULT_ACCEPT))
    return -1;

  result = next (fd, address, size);
  check_use ("accept", fd, result);

  return adopt (result, STREAM, FAULT_ACCEPT);
}

/* Calls of a descriptor that do no more than fail */

#define WRAP_FD_CALL(name, call, parameters, arguments) \
  EXPORT int                                            \
  name parameters                                       \
  {                                                     \
    NEXT (name);                                        \
    int result;                                         \
                                                        \
    if (fails (call))                                   \
      return -1;                                        \
                                                        \
    result = next arguments;                            \
    check_use (#name, fd, result);                      \
                                                        \
    return result;                                      \
  }

WRAP_FD_CALL (bind,
              FAULT_BIND,
              (int fd, const struct sockaddr *address, socklen_t size),
              (fd, address, size))
WRAP_FD_CALL (connect,
              FAULT_CONNECT,
              (int fd, const struct sockaddr *address, socklen_t size),
              (fd, address, size))
WRAP_FD_CALL (listen, FAULT_LISTEN, (int fd, int backlog), (fd, backlog))
WRAP_FD_CALL (getsockname,
              FAULT_GETSOCKNAME,
              (int fd, struct sockaddr *restrict address, socklen_t *restrict size),
              (fd, address, size))
WRAP_FD_CALL (getpeername,
              FAULT_GETPEERNAME,
              (int fd, struct sockaddr *restrict address, socklen_t *restrict size),
              (fd, address, size))
WRAP_FD_CALL (getsockopt,
              FAULT_GETSOCKOPT,
              (int fd, int level, int name, void *restrict value, socklen_t *restrict size),
              (fd, level, name, value, size))
WRAP_FD_CALL (setsockopt,
              FAULT_SETSOCKOPT,
              (int fd, int level, int name, const void *value, socklen_t size),
              (fd, level, name, value, size))
WRAP_FD_CALL (flock, FAULT_FLOCK, (int fd, int operation), (fd, operation))
WRAP_FD_CALL (fchmod, FAULT_CHMOD, (int fd, mode_t mode), (fd, mode))

/* It fails if the peer has closed the connection, which reading notices. */
EXPORT int
shutdown (int fd, int how)
{
  NEXT (shutdown);
  struct sockaddr nothing = { .sa_family = AF_UNSPEC };
  int result;

  if (fails (FAULT_SHUTDOWN))
    {
      int error_number = errno;

      if (syscall (SYS_connect, fd, &nothing, sizeof nothing) < 0)
        next (fd, SHUT_RDWR);

      errno = error_number;
      return -1;
    }

  result = next (fd, how);
  check_use ("shutdown", fd, result);

  return result;
}

/* A descriptor can always be forgotten. */
EXPORT int
epoll_ctl (int                 epoll,
           int                 operation,
           int                 fd,
           struct epoll_event *event)
{
  NEXT (epoll_ctl);
  int result;

  if (operation != EPOLL_CTL_DEL && fails (FAULT_EPOLL_CTL))
    return -1;

  result = next (epoll, operation, fd, event);
  check_use ("epoll_ctl", fd, result);

  return result;
}

EXPORT int
ioctl (int           fd,
       unsigned long request,
       ...)
{
  NEXT (ioctl);
  va_list list;
  void *argument;
  int result;

  va_start (list, request);
  argument = va_arg (list, void *);
  va_end (list);

  if (fails (FAULT_IOCTL))
    return -1;

  result = next (fd, request, argument);
  check_use ("ioctl", fd, result);

  return result;
}

static int
control (int  fd,
         int  command,
         long argument)
{
  bool is_copy = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  int result;

  if (is_copy ? fails_to_open (FAULT_DUP) : fails (FAULT_FCNTL))
    return -1;

  result = (int) syscall (SYS_fcntl, fd, command, argument);
  check_use ("fcntl", fd, result);

  return is_copy ? adopt (result, get_kind (fd), FAULT_DUP) : result;
}

#define WRAP_FCNTL(name)              \
  EXPORT int                          \
  name (int fd,                       \
        int command,                  \
        ...)                          \
  {                                   \
    va_list list;                     \
    long argument;                    \
                                      \
    va_start (list, command);         \
    argument = va_arg (list, long);   \
    va_end (list);                    \
                                      \
    return control (fd, command, argument); \
  }

WRAP_FCNTL (fcntl)
WRAP_FCNTL (fcntl64)

EXPORT int
dup (int fd)
{
  int result;

  if (fails_to_open (FAULT_DUP))
    return -1;

  result = (int) syscall (SYS_dup, fd);
  check_use ("dup", fd, result);

  return adopt (result, get_kind (fd), FAULT_DUP);
}

EXPORT int
close (int fd)
{
  int result;

  if (exempt == 0 && is_known (fd) && (table[fd] & FOREIGN) != 0)
    note_misuse ("close", fd, "belongs to the test");

  if (is_known (fd) && table[fd] > CLOSED)
    {
      if ((table[fd] & FOREIGN) == 0)
        n_open--;
      table[fd] = CLOSED;
    }

  result = (int) syscall (SYS_close, fd);
  check_use ("close", fd, result);

  return result;
}

/* Calls that move bytes */

#define CHECKED(type, call_text, expression) \
  type result = (expression);                \
  check_use (call_text, fd, (int) result);   \
  return result

EXPORT ssize_t
recv (int    fd,
      void  *buffer,
      size_t size,
      int    flags)
{
  NEXT (recv);

  if (fails_to_move (FAULT_RECV, fd, &size))
    return -1;

  CHECKED (ssize_t, "recv", next (fd, buffer, size, flags));
}

EXPORT ssize_t
recvfrom (int              fd,
          void *restrict   buffer,
          size_t           size,
          int              flags,
          struct sockaddr *restrict address,
          socklen_t *restrict address_size)
{
  NEXT (recvfrom);

  if (fails_to_move (FAULT_RECVFROM, fd, &size))
    return -1;

  CHECKED (ssize_t, "recvfrom", next (fd, buffer, size, flags, address, address_size));
}

EXPORT ssize_t
send (int         fd,
      const void *data,
      size_t      size,
      int         flags)
{
  NEXT (send);

  if (fails_to_move (FAULT_SEND, fd, &size))
    return -1;

  CHECKED (ssize_t, "send", next (fd, data, size, flags));
}

EXPORT ssize_t
sendto (int                    fd,
        const void            *data,
        size_t                 size,
        int                    flags,
        const struct sockaddr *address,
        socklen_t              address_size)
{
  NEXT (sendto);

  if (fails_to_move (FAULT_SENDTO, fd, &size))
    return -1;

  CHECKED (ssize_t, "sendto", next (fd, data, size, flags, address, address_size));
}

EXPORT ssize_t
read (int    fd,
      void  *buffer,
      size_t size)
{
  NEXT (read);
  Kind kind = get_kind (fd);

  if ((kind == STREAM || kind == EVENTS) && fails_to_move (FAULT_READ, fd, &size))
    return -1;

  CHECKED (ssize_t, "read", next (fd, buffer, size));
}

EXPORT ssize_t
write (int         fd,
       const void *data,
       size_t      size)
{
  NEXT (write);
  Kind kind = get_kind (fd);

  if ((kind == STREAM || kind == EVENTS) && fails_to_move (FAULT_WRITE, fd, &size))
    return -1;

  CHECKED (ssize_t, "write", next (fd, data, size));
}

/* The first bytes of a message, as if there were no more room. */
static struct msghdr
shorten (const struct msghdr *message,
         struct iovec        *vector,
         size_t               size)
{
  struct msghdr shortened = *message;

  *vector = message->msg_iov[0];
  if (vector->iov_len > size)
    vector->iov_len = size;

  shortened.msg_iov = vector;
  shortened.msg_iovlen = 1;

  return shortened;
}

static void
adopt_passed (struct msghdr *message)
{
  for (struct cmsghdr *item = CMSG_FIRSTHDR (message); item != NULL;
       item = CMSG_NXTHDR (message, item))
    {
      size_t size = item->cmsg_len - CMSG_LEN (0);

      if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
        continue;

      for (size_t at = 0; at + sizeof (int) <= size; at += sizeof (int))
        {
          int passed;

          memcpy (&passed, CMSG_DATA (item) + at, sizeof passed);
          passed = adopt (passed, get_socket_kind (passed), FAULT_RECVMSG);
          memcpy (CMSG_DATA (item) + at, &passed, sizeof passed);
        }
    }
}

EXPORT ssize_t
recvmsg (int            fd,
         struct msghdr *message,
         int            flags)
{
  NEXT (recvmsg);
  size_t size = SIZE_MAX;
  struct iovec vector;
  struct msghdr shortened;
  ssize_t result;

  if (fails_to_move (FAULT_RECVMSG, fd, &size))
    return -1;

  if (size == SIZE_MAX || message->msg_iovlen == 0)
    result = next (fd, message, flags);
  else
    {
      shortened = shorten (message, &vector, size);
      result = next (fd, &shortened, flags);
      message->msg_namelen = shortened.msg_namelen;
      message->msg_controllen = shortened.msg_controllen;
      message->msg_flags = shortened.msg_flags;
    }

  check_use ("recvmsg", fd, (int) result);
  if (result >= 0 && message->msg_controllen > 0)
    adopt_passed (message);

  return result;
}

EXPORT ssize_t
sendmsg (int                  fd,
         const struct msghdr *message,
         int                  flags)
{
  NEXT (sendmsg);
  size_t size = SIZE_MAX;
  struct iovec vector;
  struct msghdr shortened;

  if (fails_to_move (FAULT_SENDMSG, fd, &size))
    return -1;

  if (size != SIZE_MAX && message->msg_iovlen > 0)
    {
      shortened = shorten (message, &vector, size);
      message = &shortened;
    }

  CHECKED (ssize_t, "sendmsg", next (fd, message, flags));
}

EXPORT ssize_t
readv (int                 fd,
       const struct iovec *vectors,
       int                 n)
{
  struct msghdr message = { .msg_iov = (struct iovec *) vectors, .msg_iovlen = (size_t) n };
  NEXT (readv);

  if (get_kind (fd) == STREAM)
    return recvmsg (fd, &message, 0);

  CHECKED (ssize_t, "readv", next (fd, vectors, n));
}

EXPORT ssize_t
writev (int                 fd,
        const struct iovec *vectors,
        int                 n)
{
  struct msghdr message = { .msg_iov = (struct iovec *) vectors, .msg_iovlen = (size_t) n };
  NEXT (writev);

  if (get_kind (fd) == STREAM)
    return sendmsg (fd, &message, 0);

  CHECKED (ssize_t, "writev", next (fd, vectors, n));
}

/* Of several messages the short form is fewer of them. */
EXPORT int
recvmmsg (int              fd,
          struct mmsghdr  *messages,
          unsigned         n,
          int              flags,
          struct timespec *timeout)
{
  NEXT (recvmmsg);
  int outcome = get_outcome (FAULT_RECVMMSG);

  if (outcome > 0)
    {
      errno = outcome;
      return -1;
    }

  if (outcome < 0 && n > (unsigned) -outcome)
    n = (unsigned) -outcome;

  CHECKED (int, "recvmmsg", next (fd, messages, n, flags, timeout));
}

EXPORT int
sendmmsg (int             fd,
          struct mmsghdr *messages,
          unsigned        n,
          int             flags)
{
  NEXT (sendmmsg);
  int outcome = get_outcome (FAULT_SENDMMSG);

  if (outcome > 0)
    {
      errno = outcome;
      return -1;
    }

  if (outcome < 0 && n > (unsigned) -outcome)
    n = (unsigned) -outcome;

  CHECKED (int, "sendmmsg", next (fd, messages, n, flags));
}

/* Waiting */

EXPORT int
epoll_create1 (int flags)
{
  NEXT (epoll_create1);

  return fails_to_open (FAULT_EPOLL_CREATE) ? -1
                                            : adopt (next (flags), LOCAL_FILE, FAULT_EPOLL_CREATE);
}

EXPORT int
epoll_wait (int                 fd,
            struct epoll_event *events,
            int                 n,
            int                 timeout)
{
  NEXT (epoll_wait);

  if (fails (FAULT_EPOLL_WAIT))
    return -1;

  CHECKED (int, "epoll_wait", next (fd, events, n, timeout));
}

EXPORT int
epoll_pwait2 (int                    fd,
              struct epoll_event    *events,
              int                    n,
              const struct timespec *timeout,
              const sigset_t        *mask)
{
  NEXT (epoll_pwait2);

  if (fails (FAULT_EPOLL_WAIT))
    return -1;

  CHECKED (int, "epoll_pwait2", next (fd, events, n, timeout, mask));
}

static int
check_polled (struct pollfd *fds,
              nfds_t         n,
              int            result)
{
  for (nfds_t i = 0; result > 0 && i < n; i++)
    if (fds[i].fd >= 0 && (fds[i].revents & POLLNVAL) != 0)
      note_misuse ("poll", fds[i].fd, "is closed");

  return result;
}

EXPORT int
poll (struct pollfd *fds,
      nfds_t         n,
      int            timeout)
{
  NEXT (poll);

  return fails (FAULT_POLL) ? -1 : check_polled (fds, n, next (fds, n, timeout));
}

EXPORT int
ppoll (struct pollfd         *fds,
       nfds_t                 n,
       const struct timespec *timeout,
       const sigset_t        *mask)
{
  NEXT (ppoll);

  return fails (FAULT_POLL) ? -1 : check_polled (fds, n, next (fds, n, timeout, mask));
}

EXPORT int
eventfd (unsigned value,
         int      flags)
{
  NEXT (eventfd);

  return fails_to_open (FAULT_EVENTFD) ? -1 : adopt (next (value, flags), EVENTS, FAULT_EVENTFD);
}

EXPORT int
pipe2 (int fds[2],
       int flags)
{
  NEXT (pipe2);

  if (fails_to_open (FAULT_PIPE) || next (fds, flags) < 0)
    return -1;

  fds[0] = adopt (fds[0], EVENTS, FAULT_PIPE);
  fds[1] = adopt (fds[1], EVENTS, FAULT_PIPE);

  return 0;
}

EXPORT int
pipe (int fds[2])
{
  return pipe2 (fds, 0);
}

/* Files */

#define WRAP_OPEN(name)                                                                            \
  EXPORT int name (const char *path, int flags, ...)                                               \
  {                                                                                                \
    NEXT (name);                                                                                   \
    va_list list;                                                                                  \
    mode_t mode;                                                                                   \
                                                                                                   \
    va_start (list, flags);                                                                        \
    mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg (list, mode_t) : 0;                     \
    va_end (list);                                                                                 \
                                                                                                   \
    return fails_to_open (FAULT_OPEN) ? -1                                                         \
                                      : adopt (next (path, flags, mode), LOCAL_FILE, FAULT_OPEN);  \
  }

WRAP_OPEN (open)
WRAP_OPEN (open64)

#define WRAP_PATH_CALL(name, call, parameters, arguments)         \
  EXPORT int                                                      \
  name parameters                                                 \
  {                                                               \
    NEXT (name);                                                  \
                                                                  \
    return fails (call) ? -1 : next arguments;                    \
  }

WRAP_PATH_CALL (stat64,
                FAULT_STAT,
                (const char *restrict path, struct stat64 *restrict status),
                (path, status))
WRAP_PATH_CALL (lstat64,
                FAULT_STAT,
                (const char *restrict path, struct stat64 *restrict status),
                (path, status))
WRAP_PATH_CALL (fstat64, FAULT_STAT, (int fd, struct stat64 *status), (fd, status))
WRAP_PATH_CALL (link, FAULT_LINK, (const char *from, const char *to), (from, to))
WRAP_PATH_CALL (rename, FAULT_RENAME, (const char *from, const char *to), (from, to))
WRAP_PATH_CALL (unlink, FAULT_UNLINK, (const char *path), (path))
WRAP_PATH_CALL (chmod, FAULT_CHMOD, (const char *path, mode_t mode), (path, mode))

/* Threads, chance, names */

typedef struct
{
  void *(*func) (void *);
  void   *data;
} Exempt;

static void *
run_exempt (void *data)
{
  Exempt copy = *(Exempt *) data;

  free (data);
  exempt = 1;

  return copy.func (copy.data);
}

EXPORT int
pthread_create (pthread_t *restrict            thread,
                const pthread_attr_t *restrict attributes,
                void                        *(*func) (void *),
                void *restrict                 data)
{
  NEXT (pthread_create);
  int outcome = get_outcome (FAULT_THREAD);
  Exempt *wrapped;

  if (outcome > 0)
    return outcome;

  if (exempt == 0)
    return next (thread, attributes, func, data);

  wrapped = malloc (sizeof *wrapped);
  *wrapped = (Exempt) { func, data };

  return next (thread, attributes, run_exempt, wrapped);
}

EXPORT ssize_t
getrandom (void    *buffer,
           size_t   size,
           unsigned flags)
{
  NEXT (getrandom);

  return fails (FAULT_RANDOM) ? -1 : next (buffer, size, flags);
}

EXPORT int
getentropy (void  *buffer,
            size_t size)
{
  NEXT (getentropy);

  return fails (FAULT_RANDOM) ? -1 : next (buffer, size);
}

EXPORT int
getaddrinfo (const char *restrict            node,
             const char *restrict            service,
             const struct addrinfo *restrict hints,
             struct addrinfo **restrict      result)
{
  NEXT (getaddrinfo);
  int outcome = get_outcome (FAULT_GETADDRINFO);

  /* A name that the system need not know */
  if (node != NULL && strcmp (node, FAULT_HOST) == 0)
    node = "127.0.0.1";

  return outcome != 0 ? outcome : next (node, service, hints, result);
}

EXPORT int
getnameinfo (const struct sockaddr *restrict address,
             socklen_t                       size,
             char *restrict                  host,
             socklen_t                       host_size,
             char *restrict                  service,
             socklen_t                       service_size,
             int                             flags)
{
  NEXT (getnameinfo);
  int outcome = get_outcome (FAULT_GETNAMEINFO);

  return outcome != 0 ? outcome
                      : next (address, size, host, host_size, service, service_size, flags);
}

EXPORT int
getifaddrs (struct ifaddrs **list)
{
  NEXT (getifaddrs);

  return fails (FAULT_GETIFADDRS) ? -1 : next (list);
}
