/* qnet-proxy-dialogue.c: what is said to a proxy until it has done what is wanted of it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-dialogue-private.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "proxy/qnet-network-proxy-private.h"

#define MAX_NAME 255  /* bytes: SOCKS5's length is one byte, and the DNS has no longer names */

/* Texts */

/* "example.org port 80" */
static char *
describe_target (QnetProxyDialogue *self)
{
  if (self->address != NULL)
    return qnet_host_address_to_display (self->address, self->port);

  /* Translators: a host and its port */
  return g_strdup_printf (_("%s port %u"), self->host, self->port);
}

static char *
describe_failure (QnetProxyDialogue *self,
                  const char        *reason)
{
  g_autofree char *proxy = qnet_network_proxy_to_place (self->proxy);
  g_autofree char *target = NULL;

  switch (self->command)
    {
    case QNET_PROXY_COMMAND_CONNECT:
      target = describe_target (self);
      if (qnet_network_proxy_get_proxy_type (self->proxy) == QNET_PROXY_TYPE_SOCKS5)
        /* Translators: the host with its port, the proxy with its port, and the reason */
        return g_strdup_printf (_("Could not connect to %s through the SOCKS5 proxy %s: %s"),
                                target, proxy, reason);

      /* Translators: the host with its port, the proxy with its port, and the reason */
      return g_strdup_printf (_("Could not connect to %s through the HTTP proxy %s: %s"),
                              target, proxy, reason);

    case QNET_PROXY_COMMAND_BIND:
      /* Translators: a port, the proxy with its port, and the reason */
      return g_strdup_printf (_("Could not listen on port %u through the SOCKS5 proxy %s: %s"),
                              self->port, proxy, reason);

    case QNET_PROXY_COMMAND_ASSOCIATE:
      /* Translators: the proxy with its port, and the reason */
      return g_strdup_printf (_("Could not exchange datagrams through the SOCKS5 proxy %s: %s"),
                              proxy, reason);
    }

  g_assert_not_reached ();
}

static char *
describe_unreached (QnetProxyDialogue *self,
                    const char        *reason)
{
  g_autofree char *proxy = qnet_network_proxy_to_place (self->proxy);
  g_autofree char *target = NULL;

  switch (self->command)
    {
    case QNET_PROXY_COMMAND_CONNECT:
      target = describe_target (self);
      /* Translators: the host with its port, the proxy with its port, and a sentence such as "Could
       * not connect to proxy.example port 1080: Connection refused" */
      return g_strdup_printf (_("Could not connect to %s, since the proxy %s cannot be reached. %s"),
                              target, proxy, reason);

    case QNET_PROXY_COMMAND_BIND:
      /* Translators: a port, the proxy with its port, and a sentence such as "Could not connect to
       * proxy.example port 1080: Connection refused" */
      return g_strdup_printf (_("Could not listen on port %u, since the proxy %s cannot be reached. %s"),
                              self->port, proxy, reason);

    case QNET_PROXY_COMMAND_ASSOCIATE:
      /* Translators: the proxy with its port, and a sentence such as "Could not connect to
       * proxy.example port 1080: Connection refused" */
      return g_strdup_printf (_("Could not exchange datagrams, since the proxy %s cannot be reached. %s"),
                              proxy, reason);
    }

  g_assert_not_reached ();
}

static void
take_failure (QnetProxyDialogue *self,
              QnetSocketError    code,
              const char        *message)
{
  g_assert (self->error == NULL);

  qnet_set_error (&self->error, code, "%s", message);
  self->phase = QNET_PROXY_PHASE_FAILED;
  g_byte_array_set_size (self->output, 0);
}

void
qnet_proxy_dialogue_fail (QnetProxyDialogue *self,
                          QnetSocketError    code,
                          const char        *format,
                          ...)
{
  g_autofree char *message = NULL;
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  message = describe_failure (self, reason);
  take_failure (self, code, message);
}

void
qnet_proxy_dialogue_fail_to_reach (QnetProxyDialogue *self,
                                   QnetSocketError    code,
                                   const char        *reason)
{
  g_autofree char *message = describe_unreached (self, reason);

  take_failure (self, code, message);
}

/* Checks: what cannot be said to the proxy is refused before anything is */

/* A name of letters, digits and the few other characters that are no part of any syntax: nothing in
 * it can end a line of HTTP, or be another field. */
static gboolean
is_plain_name (const char *name)
{
  return *name != '\0'
         && strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789-._~") == strlen (name);
}

/* Names go to the proxy in their ASCII form, as they go to a resolver. */
char *
qnet_proxy_name_to_wire (const char        *name,
                         QnetNetworkProxy  *proxy,
                         GError           **error)
{
  g_autofree char *encoded = NULL;
  g_autofree char *readable = NULL;
  g_autofree char *place = NULL;

  if (strlen (name) <= MAX_NAME && g_utf8_validate (name, -1, NULL))
    encoded = g_hostname_to_ascii (name);

  if (encoded != NULL && strlen (encoded) <= MAX_NAME && is_plain_name (encoded))
    return g_steal_pointer (&encoded);

  readable = g_utf8_make_valid (name, MIN (strlen (name), MAX_NAME));
  place = qnet_network_proxy_to_place (proxy);

  if (*name == '\0')
    /* Translators: a proxy such as "proxy.example port 1080" */
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to a host through the proxy %s: the name of the host is empty"), place);
  else
    /* Translators: the name of a host, and a proxy such as "proxy.example port 1080" */
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to “%s” through the proxy %s: that cannot be the name of a host"), readable, place);

  return NULL;
}

static QnetProxyCapabilities
get_needed_capability (QnetProxyCommand command)
{
  switch (command)
    {
    case QNET_PROXY_COMMAND_CONNECT:
      return QNET_PROXY_CAPABILITIES_TUNNELING;
    case QNET_PROXY_COMMAND_BIND:
      return QNET_PROXY_CAPABILITIES_LISTENING;
    case QNET_PROXY_COMMAND_ASSOCIATE:
      return QNET_PROXY_CAPABILITIES_UDP_TUNNELING;
    }

  g_assert_not_reached ();
}

/* Capabilities set by hand do not teach HTTP to listen. */
static gboolean
speaks (QnetProxyType    type,
        QnetProxyCommand command)
{
  return type == QNET_PROXY_TYPE_SOCKS5
         || (type == QNET_PROXY_TYPE_HTTP && command == QNET_PROXY_COMMAND_CONNECT);
}

gboolean
qnet_proxy_can (QnetNetworkProxy *proxy,
                QnetProxyCommand  command)
{
  return speaks (qnet_network_proxy_get_proxy_type (proxy), command)
         && (qnet_network_proxy_get_capabilities (proxy) & get_needed_capability (command)) != 0;
}

static gboolean
refuse (QnetProxyDialogue  *self,
        GError            **error,
        QnetSocketError     code,
        const char         *reason)
{
  g_autofree char *message = describe_failure (self, reason);

  qnet_set_error (error, code, "%s", message);

  return FALSE;
}

static gboolean
check_address (QnetProxyDialogue  *self,
               GError            **error)
{
  if (qnet_host_address_get_scope_id (self->address) != NULL)
    return refuse (self, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   _("an address with a scope means nothing to a proxy"));

  if (qnet_host_address_is_null (self->address))
    return refuse (self, error, QNET_SOCKET_ERROR_HOST_NOT_FOUND, _("there is no address"));

  return TRUE;
}

static gboolean
take_target (QnetProxyDialogue    *self,
             const QnetProxyWish  *wish,
             GError              **error)
{
  self->port = wish->port;

  if (wish->address != NULL)
    {
      self->address = qnet_host_address_ref (wish->address);
      return check_address (self, error);
    }

  self->host = qnet_proxy_name_to_wire (wish->host, self->proxy, error);

  return self->host != NULL;
}

static gboolean
check_proxy (QnetProxyDialogue  *self,
             GError            **error)
{
  if (!qnet_proxy_can (self->proxy, self->command))
    return refuse (self, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   _("it is no proxy that does this"));

  if (!qnet_network_proxy_has_host (self->proxy))
    return refuse (self, error, QNET_SOCKET_ERROR_PROXY_NOT_FOUND,
                   _("what it has as its host is neither a name nor an address"));

  return TRUE;
}

static QnetProxyDialogue *
dialogue_alloc (QnetNetworkProxy    *proxy,
                const QnetProxyWish *wish)
{
  const QnetProxyDialogueFuncs *funcs = &qnet_http_tunnel_funcs;
  QnetProxyDialogue *self;

  if (qnet_network_proxy_get_proxy_type (proxy) == QNET_PROXY_TYPE_SOCKS5)
    funcs = &qnet_socks5_client_funcs;

  self = g_malloc0 (funcs->size);
  self->funcs = funcs;
  self->proxy = qnet_network_proxy_ref (proxy);
  self->command = wish->command;
  self->can_ask = wish->can_ask;
  self->output = g_byte_array_new ();
  self->user = g_strdup (qnet_network_proxy_get_user (proxy));
  self->password = g_strdup (qnet_network_proxy_get_password (proxy));

  return self;
}

/* For the two kinds of dialogue */

void
qnet_proxy_dialogue_say (QnetProxyDialogue *self,
                         gconstpointer      data,
                         gsize              length)
{
  g_byte_array_append (self->output, data, length);
}

void
qnet_proxy_dialogue_ask (QnetProxyDialogue *self)
{
  if (!self->can_ask)
    {
      qnet_proxy_dialogue_fail (self, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                                *self->user == '\0' ? _("it wants a user and a password")
                                                    : _("it refuses the user or the password"));
      return;
    }

  self->can_ask = FALSE;
  self->phase = QNET_PROXY_PHASE_ASKING;
}

/* Interface */

QnetProxyDialogue *
qnet_proxy_dialogue_new (QnetNetworkProxy     *proxy,
                         const QnetProxyWish  *wish,
                         GError              **error)
{
  QnetProxyDialogue *self = dialogue_alloc (proxy, wish);

  if (!take_target (self, wish, error) || !check_proxy (self, error))
    {
      qnet_proxy_dialogue_free (self);
      return NULL;
    }

  self->funcs->begin (self);

  return self;
}

void
qnet_proxy_dialogue_free (QnetProxyDialogue *self)
{
  self->funcs->clear (self);

  qnet_network_proxy_unref (self->proxy);
  g_byte_array_unref (self->output);
  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self->realm);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  g_clear_pointer (&self->bound_address, qnet_host_address_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
is_listening (QnetProxyDialogue *self)
{
  return self->phase == QNET_PROXY_PHASE_TALKING || self->phase == QNET_PROXY_PHASE_BOUND;
}

gsize
qnet_proxy_dialogue_feed (QnetProxyDialogue *self,
                          const guint8      *data,
                          gsize              length)
{
  QnetProxyPhase phase = self->phase;
  gsize taken = 0;

  while (taken < length && self->phase == phase && is_listening (self))
    taken += self->funcs->take (self, data + taken, length - taken);

  return taken;
}

void
qnet_proxy_dialogue_end (QnetProxyDialogue *self)
{
  if (is_listening (self) || self->phase == QNET_PROXY_PHASE_ASKING)
    self->funcs->ended (self);
}

void
qnet_proxy_dialogue_restart (QnetProxyDialogue *self)
{
  g_assert (self->phase == QNET_PROXY_PHASE_AGAIN);

  self->phase = QNET_PROXY_PHASE_TALKING;
  g_byte_array_set_size (self->output, 0);
  self->funcs->begin (self);
}

void
qnet_proxy_dialogue_answer (QnetProxyDialogue *self,
                            const char        *user,
                            const char        *password)
{
  g_assert (self->phase == QNET_PROXY_PHASE_ASKING);

  if (user == NULL)
    {
      qnet_proxy_dialogue_ask (self);  /* there is no second question: this fails */
      return;
    }

  g_free (self->user);
  g_free (self->password);
  self->user = g_strdup (user);
  self->password = g_strdup (password);

  self->phase = QNET_PROXY_PHASE_TALKING;
  self->funcs->answered (self);
}

void
qnet_proxy_dialogue_sent (QnetProxyDialogue *self,
                          gsize              length)
{
  g_byte_array_remove_range (self->output, 0, length);
}
