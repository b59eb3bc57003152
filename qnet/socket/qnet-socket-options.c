/* qnet-socket-options.c: options of a socket, remembered until there is a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-options-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"

/* An option that the system lacks keeps its line in the table: no level is -1, so that the kernel
 * itself says ENOPROTOOPT. */
#if !defined (TCP_KEEPIDLE) && defined (TCP_KEEPALIVE)
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif

#ifdef TCP_USER_TIMEOUT
#define USER_TIMEOUT_LEVEL IPPROTO_TCP
#else
#define USER_TIMEOUT_LEVEL (-1)
#define TCP_USER_TIMEOUT (-1)
#endif

#ifdef IP_MTU
#define MTU_LEVEL IPPROTO_IP
#define MTU_LEVEL_IPV6 IPPROTO_IPV6
#else
#define MTU_LEVEL (-1)
#define MTU_LEVEL_IPV6 (-1)
#define IP_MTU (-1)
#define IPV6_MTU (-1)
#endif

typedef struct
{
  const char     *nick;
  int             minimum;
  int             maximum;     /* below the minimum: read only */
  int             initial;     /* before anybody has set it; 0 is also "as the system has it" */
  QnetSocketType  type;        /* the only type that it fits; UNKNOWN: it fits all */
  int             level;
  int             name;
  int             level_ipv6;  /* 0: as for IPv4 */
  int             name_ipv6;
} Option;

/* The upper bounds are Linux's; a system that allows less says so itself. */
static const Option options_table[QNET_N_SOCKET_OPTIONS] =
{
  [QNET_SOCKET_OPTION_LOW_DELAY] =
    { "low-delay", 0, 1, 1, QNET_SOCKET_TYPE_TCP, IPPROTO_TCP, TCP_NODELAY, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE] =
    { "keep-alive", 0, 1, 0, QNET_SOCKET_TYPE_TCP, SOL_SOCKET, SO_KEEPALIVE, 0, 0 },
  [QNET_SOCKET_OPTION_MULTICAST_TTL] =
    { "multicast-ttl", 0, 255, 1, QNET_SOCKET_TYPE_UDP,
      IPPROTO_IP, IP_MULTICAST_TTL, IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
  [QNET_SOCKET_OPTION_MULTICAST_LOOPBACK] =
    { "multicast-loopback", 0, 1, 1, QNET_SOCKET_TYPE_UDP,
      IPPROTO_IP, IP_MULTICAST_LOOP, IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
  [QNET_SOCKET_OPTION_TYPE_OF_SERVICE] =
    { "type-of-service", 0, 255, 0, QNET_SOCKET_TYPE_UNKNOWN,
      IPPROTO_IP, IP_TOS, IPPROTO_IPV6, IPV6_TCLASS },
  [QNET_SOCKET_OPTION_SEND_BUFFER_SIZE] =
    { "send-buffer-size", 1, G_MAXINT, 0, QNET_SOCKET_TYPE_UNKNOWN, SOL_SOCKET, SO_SNDBUF, 0, 0 },
  [QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE] =
    { "receive-buffer-size", 1, G_MAXINT, 0, QNET_SOCKET_TYPE_UNKNOWN,
      SOL_SOCKET, SO_RCVBUF, 0, 0 },
  [QNET_SOCKET_OPTION_PATH_MTU] =
    { "path-mtu", 0, -1, 0, QNET_SOCKET_TYPE_UNKNOWN,
      MTU_LEVEL, IP_MTU, MTU_LEVEL_IPV6, IPV6_MTU },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE] =
    { "keep-alive-idle", 0, 32767, 0, QNET_SOCKET_TYPE_TCP, IPPROTO_TCP, TCP_KEEPIDLE, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL] =
    { "keep-alive-interval", 0, 32767, 0, QNET_SOCKET_TYPE_TCP, IPPROTO_TCP, TCP_KEEPINTVL, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT] =
    { "keep-alive-count", 0, 127, 0, QNET_SOCKET_TYPE_TCP, IPPROTO_TCP, TCP_KEEPCNT, 0, 0 },
  [QNET_SOCKET_OPTION_USER_TIMEOUT] =
    { "user-timeout", 0, G_MAXINT, 0, QNET_SOCKET_TYPE_TCP,
      USER_TIMEOUT_LEVEL, TCP_USER_TIMEOUT, 0, 0 },
};

struct _QnetSocketOptions
{
  guint32 is_set;                         /* a bit per option */
  int     values[QNET_N_SOCKET_OPTIONS];  /* valid where the bit is set */
};

G_STATIC_ASSERT (QNET_N_SOCKET_OPTIONS <= 32);

/* Remembering */

static void
remember (QnetSocketOptions **options,
          int                 option,
          int                 value)
{
  if (*options == NULL)
    *options = g_new0 (QnetSocketOptions, 1);

  (*options)->is_set |= 1u << option;
  (*options)->values[option] = value;
}

static gboolean
is_remembered (const QnetSocketOptions *options,
               int                      option)
{
  return options != NULL && (options->is_set & (1u << option)) != 0;
}

static int
get_remembered (const QnetSocketOptions *options,
                int                      option)
{
  return is_remembered (options, option) ? options->values[option] : options_table[option].initial;
}

/* Whether 0 takes back what was asked for before, and the kernel does not know such a 0. */
static gboolean
is_reset (int option,
          int value)
{
  return value == 0 &&
         option >= QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE &&
         option <= QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT;
}

/* The kernel's side: 0 or an errno */

static int
get_family (int fd)
{
  struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof storage;

  getsockname (fd, (struct sockaddr *) &storage, &size);  /* what goes wrong here goes wrong below */

  return storage.ss_family;
}

static int
read_kernel (int  fd,
             int  family,
             int  option,
             int *out_value)
{
  const Option *self = &options_table[option];
  gboolean is_ipv6 = family == AF_INET6 && self->level_ipv6 != 0;
  int value = 0;
  socklen_t size = sizeof value;

  if (qnet_sys_getsockopt (fd,
                           is_ipv6 ? self->level_ipv6 : self->level,
                           is_ipv6 ? self->name_ipv6 : self->name,
                           &value, &size) < 0)
    return errno;

  *out_value = self->maximum == 1 ? value != 0 : value;  /* some systems give a bit of their own */
  return 0;
}

static int
write_kernel (int fd,
              int family,
              int option,
              int value)
{
  const Option *self = &options_table[option];
  int result;

  if (family != AF_INET6 || self->level_ipv6 == 0)
    return qnet_sys_setsockopt (fd, self->level, self->name, &value, sizeof value) < 0 ? errno : 0;

  result = qnet_sys_setsockopt (fd, self->level_ipv6, self->name_ipv6, &value, sizeof value);
  if (result < 0)
    return errno;

  /* A dual-stack socket talks IPv4 as well, and keeps those settings apart. Where there is no such
   * thing nothing is lost. */
  qnet_sys_setsockopt (fd, self->level, self->name, &value, sizeof value);

  return 0;
}

/* Linux lets a socket hear every group that anybody on the machine has joined, unless it is told
 * otherwise: whoever has not joined, or has left, is to hear nothing. */
static void
hear_own_groups_alone (int fd,
                       int family)
{
  int off = 0;

#ifdef IP_MULTICAST_ALL
  qnet_sys_setsockopt (fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off);
#endif
#ifdef IPV6_MULTICAST_ALL
  if (family == AF_INET6)
    qnet_sys_setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off);
#endif
}

/* Broadcasts need no leave, as in Qt; and each datagram tells where it came to and how far it may
 * still go. It is asked for at once, since the kernel takes it down when a datagram arrives, not
 * when it is read. What the system lacks is not known then. */
static void
set_up_datagrams (int fd,
                  int family)
{
  int on = 1;

  hear_own_groups_alone (fd, family);
  qnet_sys_setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
#ifdef IP_RECVTTL
  qnet_sys_setsockopt (fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
#endif
#ifdef IP_PKTINFO
  if (family == AF_INET)
    qnet_sys_setsockopt (fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
#endif
#ifdef IPV6_RECVPKTINFO
  if (family == AF_INET6)
    {
      qnet_sys_setsockopt (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
      qnet_sys_setsockopt (fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
    }
#endif
}

/* A fresh socket knows the defaults of the system. */
static int
reset_kernel (int fd,
              int family,
              int option)
{
  int fresh = qnet_sys_socket (family, SOCK_STREAM, 0);
  int value;
  int result;

  if (fresh < 0)
    return errno;

  result = read_kernel (fresh, family, option, &value);
  qnet_clear_fd (&fresh);

  return result != 0 ? result : write_kernel (fd, family, option, value);
}

static gboolean
set_on_descriptor (int      fd,
                   int      family,
                   int      option,
                   int      value,
                   GError **error)
{
  int result;

  if (is_reset (option, value))
    result = reset_kernel (fd, family, option);
  else
    result = write_kernel (fd, family, option, value);

  if (result == 0)
    return TRUE;

  qnet_set_error_from_errno (error, result, _("Could not set the socket option %s to %d"),
                             options_table[option].nick, value);
  return FALSE;
}

/* Guards */

static gboolean
check_option (int      option,
              GError **error)
{
  if (option >= 0 && option < QNET_N_SOCKET_OPTIONS)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("There is no socket option %d"), option);
  return FALSE;
}

static gboolean
check_value (int      option,
             int      value,
             GError **error)
{
  const Option *self = &options_table[option];

  if (value >= self->minimum && value <= self->maximum)
    return TRUE;

  if (self->maximum < self->minimum)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("The socket option %s can only be read"), self->nick);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not set the socket option %s to %d: not between %d and %d"),
                    self->nick, value, self->minimum, self->maximum);
  return FALSE;
}

static gboolean
is_of_groups (int option)
{
  return option == QNET_SOCKET_OPTION_MULTICAST_TTL || option == QNET_SOCKET_OPTION_MULTICAST_LOOPBACK;
}

/* Whether apply() has to look at @option on a descriptor of that kind. */
static gboolean
fits (int            option,
      int            family,
      QnetSocketType type)
{
  const Option *self = &options_table[option];

  if (self->type != QNET_SOCKET_TYPE_UNKNOWN && self->type != type)
    return FALSE;

  return family == AF_INET || family == AF_INET6 || self->level == SOL_SOCKET;
}

/* Interface */

gboolean
qnet_socket_options_check_type (int              option,
                                QnetSocketType   type,
                                GError         **error)
{
  const Option *self = option >= 0 && option < QNET_N_SOCKET_OPTIONS ? &options_table[option] : NULL;

  if (self == NULL || type == QNET_SOCKET_TYPE_UNKNOWN || self->type == QNET_SOCKET_TYPE_UNKNOWN || self->type == type)
    return TRUE;

  if (self->type == QNET_SOCKET_TYPE_UDP)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not use the socket option %s: it is for UDP sockets alone"), self->nick);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not use the socket option %s: it is for TCP sockets alone"), self->nick);

  return FALSE;
}

gboolean
qnet_socket_options_check_relayed (int      option,
                                   GError **error)
{
  if (!is_of_groups (option))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not use the socket option %s: datagrams go through a proxy"), options_table[option].nick);

  return FALSE;
}

const char *
qnet_socket_options_find_unrelayed (QnetSocketOptions *options)
{
  for (int i = 0; i < QNET_N_SOCKET_OPTIONS; i++)
    if (is_of_groups (i) && get_remembered (options, i) != options_table[i].initial)
      return options_table[i].nick;

  return NULL;
}

void
qnet_socket_options_free (QnetSocketOptions *options)
{
  g_free (options);
}

gboolean
qnet_socket_options_set (QnetSocketOptions **options,
                         int                 fd,
                         int                 option,
                         int                 value,
                         GError            **error)
{
  if (!check_option (option, error) || !check_value (option, value, error))
    return FALSE;

  if (fd >= 0 && !set_on_descriptor (fd, get_family (fd), option, value, error))
    return FALSE;

  remember (options, option, value);
  return TRUE;
}

gboolean
qnet_socket_options_get (QnetSocketOptions *options,
                         int                fd,
                         int                option,
                         int               *out_value,
                         GError           **error)
{
  int result;

  if (!check_option (option, error))
    return FALSE;

  if (fd >= 0)
    result = read_kernel (fd, get_family (fd), option, out_value);
  else if (option == QNET_SOCKET_OPTION_PATH_MTU)
    result = ENOTCONN;
  else
    {
      *out_value = get_remembered (options, option);
      return TRUE;
    }

  if (result != 0)
    qnet_set_error_from_errno (error, result, _("Could not read the socket option %s"),
                               options_table[option].nick);
  return result == 0;
}

gboolean
qnet_socket_options_apply (QnetSocketOptions *options,
                           int                fd,
                           int                family,
                           QnetSocketType     type,
                           GError           **error)
{
  if (family == AF_UNSPEC)
    family = get_family (fd);

  /* Nobody has asked for the default, so that no connection fails for want of it. */
  if (!is_remembered (options, QNET_SOCKET_OPTION_LOW_DELAY) &&
      fits (QNET_SOCKET_OPTION_LOW_DELAY, family, type))
    write_kernel (fd, family, QNET_SOCKET_OPTION_LOW_DELAY, TRUE);

  if (type == QNET_SOCKET_TYPE_UDP)
    set_up_datagrams (fd, family);

  for (int i = 0; i < QNET_N_SOCKET_OPTIONS; i++)
    {
      if (!is_remembered (options, i) || !fits (i, family, type) || is_reset (i, options->values[i]))
        continue;

      if (!set_on_descriptor (fd, family, i, options->values[i], error))
        return FALSE;
    }

  return TRUE;
}
