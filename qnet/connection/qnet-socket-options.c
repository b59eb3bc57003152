/* qnet-socket-options.c: the options of a socket, remembered until there is a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-socket-options-private.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

/* An option that the system lacks keeps its entry in the table: there is no level -1, so the kernel
 * reports ENOPROTOOPT. */
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

#ifdef SO_BINDTOIFINDEX
#define INTERFACE_LEVEL SOL_SOCKET
#else
#define INTERFACE_LEVEL (-1)
#define SO_BINDTOIFINDEX (-1)
#endif

#ifdef SO_MARK
#define MARK_LEVEL SOL_SOCKET
#else
#define MARK_LEVEL (-1)
#define SO_MARK (-1)
#endif

typedef struct
{
  const char     *nick;
  int             minimum;
  int             maximum;     /* below the minimum: read only */
  int             initial;     /* the default; 0 may also mean the default of the system */
  QnetSocketType  type;        /* the only type that has it; UNKNOWN: all types */
  int             level;
  int             name;
  int             level_ipv6;  /* 0: as for IPv4 */
  int             name_ipv6;
} Option;

/* The upper bounds are those of Linux; a system with lower ones reports that itself. */
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
  [QNET_SOCKET_OPTION_TTL] =
    { "ttl", 1, 255, 0, QNET_SOCKET_TYPE_UNKNOWN,
      IPPROTO_IP, IP_TTL, IPPROTO_IPV6, IPV6_UNICAST_HOPS },
  [QNET_SOCKET_OPTION_INTERFACE] =
    { "interface", 0, G_MAXINT, 0, QNET_SOCKET_TYPE_UNKNOWN,
      INTERFACE_LEVEL, SO_BINDTOIFINDEX, 0, 0 },
  [QNET_SOCKET_OPTION_MARK] =
    { "mark", 0, G_MAXINT, 0, QNET_SOCKET_TYPE_UNKNOWN, MARK_LEVEL, SO_MARK, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE] =
    { "keep-alive-idle", 0, QNET_KEEP_ALIVE_MAX_SECONDS, 0, QNET_SOCKET_TYPE_TCP,
      IPPROTO_TCP, TCP_KEEPIDLE, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL] =
    { "keep-alive-interval", 0, QNET_KEEP_ALIVE_MAX_SECONDS, 0, QNET_SOCKET_TYPE_TCP,
      IPPROTO_TCP, TCP_KEEPINTVL, 0, 0 },
  [QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT] =
    { "keep-alive-count", 0, QNET_KEEP_ALIVE_MAX_PROBES, 0, QNET_SOCKET_TYPE_TCP,
      IPPROTO_TCP, TCP_KEEPCNT, 0, 0 },
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

/* The remembered values */

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

/* Whether 0 means the default of the system, where the kernel would refuse a 0. */
static gboolean
is_reset (int option,
          int value)
{
  return value == 0 &&
         option >= QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE &&
         option <= QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT;
}

/* The values of the kernel: these return 0 or an errno */

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

  *out_value = self->maximum == 1 ? value != 0 : value;  /* some systems return another bit */
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

  /* A dual-stack socket uses IPv4 as well, with settings of its own. On any other socket this fails
   * without effect. */
  qnet_sys_setsockopt (fd, self->level, self->name, &value, sizeof value);

  return 0;
}

/* By default, a socket on Linux receives the datagrams of all groups that any socket of the machine
 * has joined. Restricts it to the groups that it has joined itself. */
static void
receive_only_joined_groups (int fd,
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

/* Allows broadcasts, as Qt does, and requests the destination and the hop limit of each datagram.
 * It is done at once, since the kernel records them when a datagram arrives, not when it is read.
 * What the system does not support remains unknown. */
static void
set_up_datagrams (int fd,
                  int family)
{
  int on = 1;

  receive_only_joined_groups (fd, family);
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

/* Copies the default of the system from a new socket. */
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

/* Linux takes the index of an interface that does not exist. */
static gboolean
check_interface (int      option,
                 int      value,
                 GError **error)
{
  char name[IF_NAMESIZE];

  if (option != QNET_SOCKET_OPTION_INTERFACE
      || value == 0
      || if_indextoname ((guint) value, name) != NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not set the socket option %s to %d: There is no such network interface"),
                  options_table[option].nick, value);
  return FALSE;
}

static gboolean
set_on_descriptor (int      fd,
                   int      family,
                   int      option,
                   int      value,
                   GError **error)
{
  int result;

  if (!check_interface (option, value, error))
    return FALSE;

  if (is_reset (option, value))
    result = reset_kernel (fd, family, option);
  else
    result = write_kernel (fd, family, option, value);

  if (result == 0)
    return TRUE;

  qnet_set_error_from_errno (error, result,
                             /* Translators: the name of an option, and its value */
                             _("Could not set the socket option %s to %d"),
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
                  _("Could not use socket option %d: There is no such option"), option);
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
                    _("Could not set the socket option %s: It is read-only"), self->nick);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    /* Translators: the name of an option, the value, and the range of its values */
                    _("Could not set the socket option %s to %d: "
                      "The value is not between %d and %d"),
                    self->nick, value, self->minimum, self->maximum);
  return FALSE;
}

static gboolean
is_for_multicast (int option)
{
  return option == QNET_SOCKET_OPTION_MULTICAST_TTL
         || option == QNET_SOCKET_OPTION_MULTICAST_LOOPBACK;
}

/* Whether apply() sets @option on such a descriptor. */
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
  const Option *self;

  if (option < 0 || option >= QNET_N_SOCKET_OPTIONS || type == QNET_SOCKET_TYPE_UNKNOWN)
    return TRUE;

  self = &options_table[option];
  if (self->type == QNET_SOCKET_TYPE_UNKNOWN || self->type == type)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  self->type == QNET_SOCKET_TYPE_UDP
                    ? _("Could not use the socket option %s: Only UDP sockets have it")
                    : _("Could not use the socket option %s: Only TCP sockets have it"),
                  self->nick);

  return FALSE;
}

gboolean
qnet_socket_options_check_relayed (int      option,
                                   GError **error)
{
  if (!is_for_multicast (option))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not use the socket option %s: It has no effect through a proxy"),
                  options_table[option].nick);

  return FALSE;
}

const char *
qnet_socket_options_find_unrelayed (QnetSocketOptions *options)
{
  for (int i = 0; i < QNET_N_SOCKET_OPTIONS; i++)
    if (is_for_multicast (i) && get_remembered (options, i) != options_table[i].initial)
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

  if (fd >= 0 && !set_on_descriptor (fd, qnet_sys_get_family (fd), option, value, error))
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
    result = read_kernel (fd, qnet_sys_get_family (fd), option, out_value);
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
    family = qnet_sys_get_family (fd);

  /* A failure is ignored: the application did not ask for the default. */
  if (!is_remembered (options, QNET_SOCKET_OPTION_LOW_DELAY) &&
      fits (QNET_SOCKET_OPTION_LOW_DELAY, family, type))
    write_kernel (fd, family, QNET_SOCKET_OPTION_LOW_DELAY, TRUE);

  if (type == QNET_SOCKET_TYPE_UDP)
    set_up_datagrams (fd, family);

  for (int i = 0; i < QNET_N_SOCKET_OPTIONS; i++)
    {
      if (!is_remembered (options, i)
          || !fits (i, family, type)
          || is_reset (i, options->values[i]))
        continue;

      if (!set_on_descriptor (fd, family, i, options->values[i], error))
        return FALSE;
    }

  return TRUE;
}
