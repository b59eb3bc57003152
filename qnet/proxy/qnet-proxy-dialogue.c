/* qnet-proxy-dialogue.c: the exchange with a proxy until the connection is established
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
#include "base/qnet-state-machine-private.h"
#include "proxy/qnet-network-proxy-private.h"

#define MAX_NAME 255  /* bytes: the length is one byte in SOCKS5, and DNS names are not longer */

/* The phase */

#define TO(phase) QNET_TO (QNET_PROXY_PHASE_##phase)

static const QnetEdges edges[] = {
  [QNET_PROXY_PHASE_ACTIVE]      = TO (CREDENTIALS) | TO (RECONNECT) | TO (BOUND) | TO (DONE)
                                   | TO (FAILED),
  [QNET_PROXY_PHASE_CREDENTIALS] = TO (ACTIVE) | TO (FAILED),
  [QNET_PROXY_PHASE_RECONNECT]   = TO (ACTIVE) | TO (FAILED),
  [QNET_PROXY_PHASE_BOUND]       = TO (DONE) | TO (FAILED),
  [QNET_PROXY_PHASE_DONE]        = TO (FAILED),  /* the request was not sent whole */
  [QNET_PROXY_PHASE_FAILED]      = 0,
};

#undef TO

/* The only writer of the phase. */
void
qnet_proxy_dialogue_set_phase (QnetProxyDialogue *self,
                               QnetProxyPhase     phase)
{
  QNET_CHECK_EDGE (edges, self->phase, phase);

  self->phase = phase;
}

/* Errors */

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
make_message (QnetProxyDialogue *self,
              const char        *reason)
{
  g_autofree char *proxy = qnet_network_proxy_to_display (self->proxy);
  g_autofree char *target = NULL;

  switch (self->command)
    {
    case QNET_PROXY_COMMAND_CONNECT:
      target = describe_target (self);
      if (qnet_network_proxy_get_proxy_type (self->proxy) == QNET_PROXY_TYPE_SOCKS5)
        /* Translators: the first %s is a host with its port, the second one the proxy with its
         * port, and the third one a sentence such as "The proxy closed the connection" */
        return g_strdup_printf (_("Could not connect to %s through the SOCKS5 proxy %s: %s"),
                                target, proxy, reason);

      /* Translators: the first %s is a host with its port, the second one the proxy with its port,
       * and the third one a sentence such as "The proxy closed the connection" */
      return g_strdup_printf (_("Could not connect to %s through the HTTP proxy %s: %s"),
                              target, proxy, reason);

    case QNET_PROXY_COMMAND_BIND:
      /* Translators: %u is a port, the first %s is the proxy with its port, and the second one a
       * sentence such as "The proxy closed the connection" */
      return g_strdup_printf (_("Could not listen on port %u through the SOCKS5 proxy %s: %s"),
                              self->port, proxy, reason);

    case QNET_PROXY_COMMAND_ASSOCIATE:
      /* Translators: the first %s is the proxy with its port, and the second one a sentence such as
       * "The proxy closed the connection" */
      return g_strdup_printf (_("Could not exchange datagrams through the SOCKS5 proxy %s: %s"),
                              proxy, reason);
    }

  g_assert_not_reached ();
}

static void
set_failure (QnetProxyDialogue *self,
             QnetSocketError    code,
             const char        *message)
{
  g_assert (self->error == NULL);

  qnet_set_error (&self->error, code, "%s", message);
  qnet_proxy_dialogue_set_phase (self, QNET_PROXY_PHASE_FAILED);
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

  message = make_message (self, reason);
  set_failure (self, code, message);
}

/* Checks: invalid requests are rejected before anything is sent */

/* Returns whether a name only has unreserved characters, so that it cannot end a line or add a
 * field in HTTP. */
static gboolean
is_plain_name (const char *name)
{
  return *name != '\0'
         && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._~") == strlen (name);
}

/* Names are sent in their ASCII form, as in DNS. */
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
  place = qnet_network_proxy_to_display (proxy);

  if (*name == '\0')
    /* Translators: a proxy such as "proxy.example port 1080" */
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to a host through the proxy %s: The host name is empty"),
                    place);
  else
    /* Translators: an invalid host name, and a proxy such as "proxy.example port 1080" */
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to “%s” through the proxy %s: The host name is not valid"),
                    readable, place);

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

/* Capabilities set by the user do not add commands to a protocol. */
static gboolean
supports (QnetProxyType    type,
          QnetProxyCommand command)
{
  return type == QNET_PROXY_TYPE_SOCKS5
         || (type == QNET_PROXY_TYPE_HTTP && command == QNET_PROXY_COMMAND_CONNECT);
}

gboolean
qnet_proxy_can (QnetNetworkProxy *proxy,
                QnetProxyCommand  command)
{
  return supports (qnet_network_proxy_get_proxy_type (proxy), command)
         && (qnet_network_proxy_get_capabilities (proxy) & get_needed_capability (command)) != 0;
}

static gboolean
refuse (QnetProxyDialogue  *self,
        GError            **error,
        QnetSocketError     code,
        const char         *reason)
{
  g_autofree char *message = make_message (self, reason);

  qnet_set_error (error, code, "%s", message);

  return FALSE;
}

static gboolean
check_address (QnetProxyDialogue  *self,
               GError            **error)
{
  if (qnet_host_address_get_scope_id (self->address) != NULL)
    return refuse (self, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   _("An address with a scope cannot be sent to a proxy"));

  if (qnet_host_address_is_null (self->address))
    return refuse (self, error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                   _("The address of the host is not set"));

  return TRUE;
}

static gboolean
take_target (QnetProxyDialogue       *self,
             const QnetProxyRequest  *request,
             GError                 **error)
{
  self->port = request->port;

  if (request->address != NULL)
    {
      self->address = qnet_host_address_ref (request->address);
      return check_address (self, error);
    }

  self->host = qnet_proxy_name_to_wire (request->host, self->proxy, error);

  return self->host != NULL;
}

static gboolean
check_proxy (QnetProxyDialogue  *self,
             GError            **error)
{
  if (!qnet_proxy_can (self->proxy, self->command))
    return refuse (self, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   _("The proxy does not support this operation"));

  if (!qnet_network_proxy_has_host (self->proxy))
    return refuse (self, error, QNET_SOCKET_ERROR_PROXY_NOT_FOUND,
                   _("The host of the proxy is neither a host name nor an address"));

  return TRUE;
}

static QnetProxyDialogue *
dialogue_alloc (QnetNetworkProxy       *proxy,
                const QnetProxyRequest *request)
{
  const QnetProxyDialogueFuncs *funcs = &qnet_http_tunnel_funcs;
  QnetProxyDialogue *self;

  if (qnet_network_proxy_get_proxy_type (proxy) == QNET_PROXY_TYPE_SOCKS5)
    funcs = &qnet_socks5_client_funcs;

  self = g_malloc0 (funcs->size);
  self->funcs = funcs;
  self->proxy = qnet_network_proxy_ref (proxy);
  self->command = request->command;
  self->can_ask = request->can_ask;
  self->output = g_byte_array_new ();
  self->user = g_strdup (qnet_network_proxy_get_user (proxy));
  self->password = g_strdup (qnet_network_proxy_get_password (proxy));

  return self;
}

/* For the implementations */

void
qnet_proxy_dialogue_write (QnetProxyDialogue *self,
                           gconstpointer      data,
                           gsize              length)
{
  g_byte_array_append (self->output, data, length);
}

void
qnet_proxy_dialogue_request_credentials (QnetProxyDialogue *self)
{
  if (!self->can_ask)
    {
      qnet_proxy_dialogue_fail (self, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                                *self->user == '\0'
                                  ? _("The proxy requires a user name and a password")
                                  : _("The proxy rejected the user name or the password"));
      return;
    }

  self->can_ask = FALSE;
  qnet_proxy_dialogue_set_phase (self, QNET_PROXY_PHASE_CREDENTIALS);
}

/* Interface */

QnetProxyDialogue *
qnet_proxy_dialogue_new (QnetNetworkProxy        *proxy,
                         const QnetProxyRequest  *request,
                         GError                 **error)
{
  QnetProxyDialogue *self = dialogue_alloc (proxy, request);

  if (!take_target (self, request, error) || !check_proxy (self, error))
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
takes_input (QnetProxyDialogue *self)
{
  return self->phase == QNET_PROXY_PHASE_ACTIVE || self->phase == QNET_PROXY_PHASE_BOUND;
}

gsize
qnet_proxy_dialogue_feed (QnetProxyDialogue *self,
                          const guint8      *data,
                          gsize              length)
{
  QnetProxyPhase phase = self->phase;
  gsize taken = 0;

  while (taken < length && self->phase == phase && takes_input (self))
    taken += self->funcs->take (self, data + taken, length - taken);

  return taken;
}

void
qnet_proxy_dialogue_end (QnetProxyDialogue *self)
{
  if (takes_input (self) || self->phase == QNET_PROXY_PHASE_CREDENTIALS)
    self->funcs->closed (self);
}

void
qnet_proxy_dialogue_restart (QnetProxyDialogue *self)
{
  g_assert (self->phase == QNET_PROXY_PHASE_RECONNECT);

  qnet_proxy_dialogue_set_phase (self, QNET_PROXY_PHASE_ACTIVE);
  g_byte_array_set_size (self->output, 0);
  self->funcs->begin (self);
}

void
qnet_proxy_dialogue_set_credentials (QnetProxyDialogue *self,
                                     const char        *user,
                                     const char        *password)
{
  g_assert (self->phase == QNET_PROXY_PHASE_CREDENTIALS);

  if (user == NULL)
    {
      qnet_proxy_dialogue_request_credentials (self);  /* this fails, because the application is
                                                        * asked only once */
      return;
    }

  g_free (self->user);
  g_free (self->password);
  self->user = g_strdup (user);
  self->password = g_strdup (password);

  qnet_proxy_dialogue_set_phase (self, QNET_PROXY_PHASE_ACTIVE);
  self->funcs->credentials_set (self);
}

void
qnet_proxy_dialogue_sent (QnetProxyDialogue *self,
                          gsize              length)
{
  g_byte_array_remove_range (self->output, 0, length);
}
