/* qnet-dns-query.c: one question, put to one name server after the other
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-dns-query-private.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"

#include "qnet-error.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

#define DATAGRAM_SIZE 4096  /* more than we allow; what is longer is cut, and then malformed */

typedef enum
{
  STEP_NEW,       /* from the next turn on */
  STEP_UDP,       /* waiting for a datagram */
  STEP_TCP_SEND,  /* connecting, or sending the question */
  STEP_TCP_READ,  /* waiting for the reply */
  STEP_ENDED      /* told, or orphaned */
} Step;

/* How the letters of the name are sent to the server that is asked. */
typedef enum
{
  CASE_MIXED,         /* by chance; only a reply in the same letters is one */
  CASE_MIXED_BY_TCP,  /* a reply by UDP had others: a forger's, or the server cannot keep them */
  CASE_PLAIN          /* as they were given; any letters will do in the reply */
} Casing;

struct _QnetDnsQuery
{
  QnetDnsQueryFunc  func;
  gpointer          owner;
  Step              step;

  char             *name;      /* (owned) */
  guint16           type;
  gboolean          has_edns;  /* until a server does not understand it */
  Casing            casing;
  GByteArray       *plain;     /* (owned) (nullable): the question in the letters that were given */
  GByteArray       *message;   /* (owned) (nullable): the question as it was sent last */

  QnetResolvConf   *conf;      /* (owned): a server that has failed is taken out */
  guint             server;    /* whom we ask */
  int               attempt;   /* how often they were all asked */

  QnetWatch         watch;
  QnetDeadline      timeout;   /* for this server */
  int               fd;        /* (owned): -1: none */
  GByteArray       *buffer;    /* (owned): what came by TCP, the length in front included */
  gsize             n_sent;    /* by TCP, bytes, the length in front included */

  gboolean          has_heard_strangers;  /* something came that was no reply to us */
  GError           *error;     /* (owned) (nullable): what to say if nobody answers */
};

static void ask (QnetDnsQuery *self);

/* The end */

static void
close_socket (QnetDnsQuery *self)
{
  qnet_deadline_stop (&self->timeout);
  qnet_watch_stop (&self->watch);
  qnet_clear_fd (&self->fd);
}

static void
end (QnetDnsQuery   *self,
     QnetDnsMessage *reply,  /* (transfer full) (nullable) */
     GError         *error)  /* (transfer full) (nullable) */
{
  close_socket (self);
  self->step = STEP_ENDED;
  self->func (self->owner, reply, error);  /* may free us */
}

/* What went wrong */

static char *
describe_server (QnetDnsQuery *self)
{
  const struct sockaddr_storage *native
    = &g_array_index (self->conf->servers, struct sockaddr_storage, self->server);
  guint16 port;
  g_autoptr(QnetHostAddress) address = qnet_host_address_take_native (native, FALSE, &port);

  return qnet_host_address_to_display (address, port);
}

/* A reply that was no use tells more than no reply, and of the same kind the first one counts. */
static gboolean
is_better (GError             *error,  /* (nullable) */
           QnetDnsLookupError  code)
{
  if (error == NULL)
    return TRUE;

  return (error->code == QNET_DNS_LOOKUP_ERROR_RESOLVER
          || error->code == QNET_DNS_LOOKUP_ERROR_TIMEOUT)
         && code != QNET_DNS_LOOKUP_ERROR_RESOLVER && code != QNET_DNS_LOOKUP_ERROR_TIMEOUT;
}

static void
note_failure (QnetDnsQuery       *self,
              QnetDnsLookupError  code,
              const char         *reason)
{
  g_autofree char *server = NULL;

  if (!is_better (self->error, code))
    return;

  server = describe_server (self);
  g_clear_error (&self->error);
  g_set_error (&self->error, QNET_DNS_LOOKUP_ERROR, code,
               /* Translators: a name, the name server that was asked, and why it did not help */
               _("Could not look up “%s” at %s: %s"), self->name, server, reason);
}

/* A server that cannot handle letters of mixed case is asked once more without. */
static void
ask_in_plain_case (QnetDnsQuery *self)
{
  self->casing = CASE_PLAIN;
  ask (self);
}

/* The next server, when this one has not answered; it is asked again when all others were. One that
 * has answered by UDP alone, in other letters, is asked once more. */
static void
go_on_after_silence (QnetDnsQuery *self)
{
  if (self->casing == CASE_MIXED_BY_TCP)
    {
      ask_in_plain_case (self);
      return;
    }

  self->server++;
  self->casing = CASE_MIXED;
  ask (self);
}

/* ... when it has answered, and would so again. */
static void
go_on_without (QnetDnsQuery       *self,
               QnetDnsLookupError  code,
               const char         *reason)
{
  note_failure (self, code, reason);

  if (self->casing != CASE_PLAIN)
    {
      ask_in_plain_case (self);
      return;
    }

  g_array_remove_index (self->conf->servers, self->server);
  self->casing = CASE_MIXED;
  ask (self);
}

static void
go_on_after_errno (QnetDnsQuery *self,
                   int           error_number)
{
  note_failure (self, QNET_DNS_LOOKUP_ERROR_RESOLVER, g_strerror (error_number));
  go_on_after_silence (self);
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetDnsQuery *self = CONTAINER_OF (deadline, QnetDnsQuery, timeout);

  if (self->has_heard_strangers)
    note_failure (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                  _("what arrived was no reply to the question"));
  else
    note_failure (self, QNET_DNS_LOOKUP_ERROR_TIMEOUT,
                  _("the name server did not reply in time"));

  go_on_after_silence (self);
}

/* Replies */

/* A server that knows names in the letters of its zone alone says so of all others. */
static void
end_not_found (QnetDnsQuery *self)
{
  GError *error = NULL;

  if (self->casing != CASE_PLAIN)
    {
      ask_in_plain_case (self);
      return;
    }

  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_NOT_FOUND,
               _("Could not look up “%s”: there is no such name"), self->name);
  end (self, NULL, error);
}

/* RFC 6891, section 7: who does not know EDNS says that the question is malformed. */
static void
go_on_without_edns (QnetDnsQuery       *self,
                    QnetDnsLookupError  code,
                    const char         *reason)
{
  if (!self->has_edns)
    {
      go_on_without (self, code, reason);
      return;
    }

  self->has_edns = FALSE;
  ask (self);
}

static void
take_reply (QnetDnsQuery   *self,
            QnetDnsMessage *reply)  /* (transfer full) */
{
  g_autoptr(QnetDnsMessage) message = reply;

  switch (message->rcode)
    {
    case QNET_DNS_RCODE_NO_ERROR:
      end (self, g_steal_pointer (&message), NULL);
      break;

    case QNET_DNS_RCODE_NAME_ERROR:
      end_not_found (self);
      break;

    case QNET_DNS_RCODE_FORMAT_ERROR:
      go_on_without_edns (self, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                          _("the name server did not understand the question"));
      break;

    case QNET_DNS_RCODE_NOT_IMPLEMENTED:
      go_on_without_edns (self, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE,
                          _("the name server cannot answer questions of this kind"));
      break;

    case QNET_DNS_RCODE_SERVER_FAILURE:
      go_on_without (self, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE,
                     _("the name server could not find out"));
      break;

    case QNET_DNS_RCODE_REFUSED:
      go_on_without (self, QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED,
                     _("the name server refused to answer"));
      break;

    default:
      go_on_without (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                     _("the reply of the name server makes no sense"));
      break;
    }
}

static QnetDnsMatch
match (QnetDnsQuery *self,
       const guint8 *data,
       gsize         size)
{
  return qnet_dns_message_match (data, size, self->message->data, self->message->len);
}

/* Names that refer to the question have its letters, which are not to be seen. */
static QnetDnsMessage *
parse (QnetDnsQuery *self,
       guint8       *data,
       gsize         size)
{
  qnet_dns_message_restore_case (data, self->plain->data);

  return qnet_dns_message_parse (data, size, NULL);
}

/* Sockets */

static socklen_t
get_size (const struct sockaddr_storage *native)
{
  return native->ss_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
}

/* A connected socket: the kernel lets nothing in but what comes from the server, and chooses a port
 * by chance. */
static gboolean
open_socket (QnetDnsQuery *self,
             int           type)
{
  const struct sockaddr_storage *native
    = &g_array_index (self->conf->servers, struct sockaddr_storage, self->server);

  self->fd = qnet_sys_socket (native->ss_family, type, 0);

  return self->fd >= 0
         && (qnet_sys_connect (self->fd, (const struct sockaddr *) native, get_size (native)) == 0
             || errno == EINPROGRESS);
}

static void
wait_for (QnetDnsQuery  *self,
          Step           step,
          QnetReadiness  interest)
{
  self->step = step;
  qnet_watch_start (&self->watch, self->fd, interest);
  qnet_deadline_start (&self->timeout, qnet_clock_until (self->conf->interval));
}

/* TCP (RFC 7766): a message has its length in front of it */

static void
ask_by_tcp (QnetDnsQuery *self)
{
  close_socket (self);
  g_byte_array_set_size (self->buffer, 0);
  self->n_sent = 0;

  if (open_socket (self, SOCK_STREAM))
    wait_for (self, STEP_TCP_SEND, QNET_READINESS_WRITE);
  else
    go_on_after_errno (self, errno);
}

static gssize
send_rest (QnetDnsQuery *self)
{
  guint8 length[2] = { self->message->len >> 8, self->message->len & 0xff };
  struct iovec vectors[] = {
    { length, sizeof length },
    { self->message->data, self->message->len },
  };

  if (self->n_sent < sizeof length)
    {
      vectors[0].iov_base = length + self->n_sent;
      vectors[0].iov_len -= self->n_sent;
      return qnet_sys_send (self->fd, vectors, 2);
    }

  vectors[1].iov_base = self->message->data + (self->n_sent - sizeof length);
  vectors[1].iov_len -= self->n_sent - sizeof length;
  return qnet_sys_send (self->fd, vectors + 1, 1);
}

static void
go_on_sending (QnetDnsQuery *self)
{
  gssize n_sent = send_rest (self);

  if (n_sent < 0 && errno == EAGAIN)
    return;

  if (n_sent < 0)
    {
      go_on_after_errno (self, errno);
      return;
    }

  self->n_sent += n_sent;

  if (self->n_sent == 2 + (gsize) self->message->len)
    {
      self->step = STEP_TCP_READ;
      qnet_watch_set_interest (&self->watch, QNET_READINESS_READ);
    }
}

static void
take_tcp_message (QnetDnsQuery *self,
                  guint8       *data,
                  gsize         size)
{
  g_autoptr(QnetDnsMessage) reply = NULL;

  if (match (self, data, size) >= QNET_DNS_MATCH_OTHER_CASE)
    reply = parse (self, data, size);

  close_socket (self);

  if (reply == NULL || reply->is_truncated)
    go_on_without (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                   _("the reply of the name server makes no sense"));
  else
    take_reply (self, g_steal_pointer (&reply));
}

static void
go_on_reading (QnetDnsQuery *self)
{
  guint8 bytes[DATAGRAM_SIZE];
  gssize size = qnet_sys_recv (self->fd, bytes, sizeof bytes);
  gsize length;

  if (size < 0 && errno == EAGAIN)
    return;

  if (size <= 0)
    {
      close_socket (self);
      go_on_without (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                     _("the name server closed the connection before its reply was complete"));
      return;
    }

  g_byte_array_append (self->buffer, bytes, size);

  if (self->buffer->len < 2)
    return;

  length = self->buffer->data[0] << 8 | self->buffer->data[1];
  if (self->buffer->len >= 2 + length)
    take_tcp_message (self, self->buffer->data + 2, length);
}

/* UDP */

/* Numbers, and cases of letters, that cannot be guessed keep forged replies out. */
static guint64
choose_bits (void)
{
  guint64 bits;

#ifdef HAVE_GETENTROPY
  if (getentropy (&bits, sizeof bits) == 0)
    return bits;
#endif

  bits = (guint64) g_random_int () << 32 | g_random_int ();

  return bits;
}

/* FALSE: the name is none. */
static gboolean
make_message (QnetDnsQuery *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  g_clear_pointer (&self->plain, g_byte_array_unref);

  self->plain = qnet_dns_message_new_query (self->name, self->type, (guint16) choose_bits (),
                                            self->has_edns ? QNET_DNS_UDP_SIZE : 0);
  if (self->plain == NULL)
    return FALSE;

  self->message = g_byte_array_new ();
  g_byte_array_append (self->message, self->plain->data, self->plain->len);
  if (self->casing != CASE_PLAIN)
    qnet_dns_message_mix_case (self->message, choose_bits ());

  return TRUE;
}

/* A datagram is sent whole or not at all. */
static gboolean
send_datagram (QnetDnsQuery *self)
{
  const struct iovec vector = { self->message->data, self->message->len };

  return qnet_sys_send (self->fd, &vector, 1) >= 0;
}

static void
ask_by_udp (QnetDnsQuery *self)
{
  if (open_socket (self, SOCK_DGRAM) && send_datagram (self))
    wait_for (self, STEP_UDP, QNET_READINESS_READ);
  else
    go_on_after_errno (self, errno);
}

static void
take_datagram (QnetDnsQuery *self,
               guint8       *data,
               gsize         size)
{
  g_autoptr(QnetDnsMessage) reply = parse (self, data, size);

  close_socket (self);

  if (reply == NULL)
    go_on_without (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                   _("the reply of the name server makes no sense"));
  else if (reply->is_truncated)
    ask_by_tcp (self);
  else
    take_reply (self, g_steal_pointer (&reply));
}

/* By TCP no other can have sent the reply than the server, so that its letters do not matter. */
static void
take_datagram_in_other_case (QnetDnsQuery *self,
                             guint8       *data,
                             gsize         size)
{
  if (self->casing == CASE_PLAIN)
    {
      take_datagram (self, data, size);
      return;
    }

  self->casing = CASE_MIXED_BY_TCP;
  ask_by_tcp (self);
}

/* The true reply may still come, unless it is that of a server from before EDNS: such are asked
 * again without. */
static void
pass_over (QnetDnsQuery *self,
           QnetDnsMatch  how)
{
  self->has_heard_strangers = TRUE;

  if (how == QNET_DNS_MATCH_NO_QUESTION && self->has_edns)
    go_on_without_edns (self, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, NULL);
}

static void
judge_datagram (QnetDnsQuery *self,
                guint8       *data,
                gsize         size)
{
  QnetDnsMatch how = match (self, data, size);

  switch (how)
    {
    case QNET_DNS_MATCH_EXACT:
      take_datagram (self, data, size);
      break;

    case QNET_DNS_MATCH_OTHER_CASE:
      take_datagram_in_other_case (self, data, size);
      break;

    case QNET_DNS_MATCH_NO_QUESTION:
    case QNET_DNS_MATCH_NONE:
      pass_over (self, how);
      break;
    }
}

static void
read_datagram (QnetDnsQuery *self)
{
  guint8 data[DATAGRAM_SIZE];
  gssize size = qnet_sys_recv (self->fd, data, sizeof data);

  if (size < 0 && errno == EAGAIN)
    return;

  if (size < 0)
    go_on_after_errno (self, errno);
  else
    judge_datagram (self, data, size);
}

/* The steps */

static void
end_invalid (QnetDnsQuery *self)
{
  GError *error = NULL;
  g_autofree char *readable = g_utf8_make_valid (self->name, -1);

  if (*self->name == '\0')
    g_set_error_literal (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                         _("Could not look up a name: it is empty"));
  else
    g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                 _("Could not look up “%s”: it cannot be a name"), readable);
  end (self, NULL, error);
}

/* All were asked: begin anew, or give up. */
static gboolean
has_server (QnetDnsQuery *self)
{
  if (self->server >= self->conf->servers->len)
    {
      self->server = 0;
      self->attempt++;
    }

  return self->conf->servers->len > 0 && self->attempt < self->conf->n_attempts;
}

static void
ask (QnetDnsQuery *self)
{
  close_socket (self);
  self->has_heard_strangers = FALSE;

  if (!has_server (self))
    {
      end (self, NULL, g_steal_pointer (&self->error));
      return;
    }

  if (make_message (self))
    ask_by_udp (self);
  else
    end_invalid (self);
}

static void
query_ready (QnetWatch     *watch,
             QnetReadiness  readiness)
{
  QnetDnsQuery *self = CONTAINER_OF (watch, QnetDnsQuery, watch);

  switch (self->step)
    {
    case STEP_NEW:
      ask (self);
      break;

    case STEP_UDP:
      read_datagram (self);
      break;

    case STEP_TCP_SEND:
      go_on_sending (self);
      break;

    case STEP_TCP_READ:
      go_on_reading (self);
      break;

    case STEP_ENDED:
      break;
    }
}

static void
query_orphaned (QnetWatch *watch)
{
  QnetDnsQuery *self = CONTAINER_OF (watch, QnetDnsQuery, watch);

  qnet_clear_fd (&self->fd);
  self->step = STEP_ENDED;
}

static const QnetWatchFuncs query_watch_funcs = {
  .ready = query_ready,
  .orphaned = query_orphaned,
};

/* Interface */

QnetDnsQuery *
qnet_dns_query_new (QnetWaitSet      *set,
                    QnetResolvConf   *conf,
                    const char       *name,
                    guint16           type,
                    QnetDnsQueryFunc  func,
                    gpointer          owner)
{
  QnetDnsQuery *self = g_new0 (QnetDnsQuery, 1);

  self->func = func;
  self->owner = owner;
  self->name = g_strdup (name);
  self->type = type;
  self->has_edns = TRUE;
  self->conf = conf;
  self->fd = -1;
  self->buffer = g_byte_array_new ();

  qnet_watch_init (&self->watch, &query_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);
  qnet_watch_defer (&self->watch);

  return self;
}

void
qnet_dns_query_free (QnetDnsQuery *self)
{
  qnet_deadline_stop (&self->timeout);
  qnet_watch_clear (&self->watch);
  qnet_clear_fd (&self->fd);

  g_free (self->name);
  g_clear_pointer (&self->plain, g_byte_array_unref);
  g_clear_pointer (&self->message, g_byte_array_unref);
  qnet_resolv_conf_free (self->conf);
  g_byte_array_unref (self->buffer);
  g_clear_error (&self->error);
  g_free (self);
}
