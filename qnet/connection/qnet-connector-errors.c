/* qnet-connector-errors.c: the errors of an attempt to connect
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "connection/qnet-connector-lookup-private.h"
#include "connection/qnet-connector-parts-private.h"

/* "127.0.0.1 port 80", "example.org port 80 (127.0.0.1)"; @address (nullable): which one of a
 * name */
static char *
describe_target (QnetConnector   *self,
                 QnetHostAddress *address)
{
  g_autofree char *text = NULL;

  if (self->literal != NULL)
    return qnet_host_address_to_display (self->literal, self->port);

  if (address == NULL)
    /* Translators: a host and its port */
    return g_strdup_printf (_("%s port %u"), self->host, self->port);

  text = qnet_host_address_to_string (address);

  /* Translators: a host, its port, and one of the addresses of the host */
  return g_strdup_printf (_("%s port %u (%s)"), self->host, self->port, text);
}

/* Failures */

/* The first of several failures is reported, since it concerns the address that the resolver
 * prefers. A failure that only means that this machine has no route to such addresses (no IPv6, for
 * example) is replaced by the first more specific one. */
static void
note_failure (QnetConnector *self,
              GError        *error,  /* (transfer full) */
              gboolean       is_specific)
{
  if (self->error != NULL && (self->error_is_specific || !is_specific))
    {
      g_error_free (error);
      return;
    }

  g_clear_error (&self->error);
  self->error = error;
  self->error_is_specific = is_specific;
}

static gboolean
is_specific (int error_number)
{
  switch (error_number)
    {
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
    case ENETUNREACH:
    case EINVAL:  /* a link-local address without a scope */
      return FALSE;

    default:
      return TRUE;
    }
}

/* The kernel then reports EINVAL for any other host; for IPv6 it may as well mean the scope. */
static gboolean
is_bound_to_loopback (QnetConnector *self)
{
  g_autoptr(QnetHostAddress) address = NULL;
  guint16 port;

  if (self->bound_name.ss_family != AF_INET)
    return FALSE;

  address = qnet_host_address_take_native (&self->bound_name, FALSE, &port);

  return qnet_host_address_is_loopback (address);
}

/* "127.0.0.1: Connection refused", for the list of all failures */
static void
list_failure (QnetConnector *self,
              GError        *error)  /* (transfer full) */
{
  g_ptr_array_add (self->failures, g_strdup (error->message));
  g_error_free (error);
}

static void
list_errno (QnetConnector   *self,
            QnetHostAddress *address,
            int              error_number)
{
  g_autofree char *text = qnet_host_address_to_string (address);
  GError *error = NULL;

  qnet_set_error_for_address (&error, error_number, address, text);
  list_failure (self, error);
}

static void
list_gerror (QnetConnector   *self,
             QnetHostAddress *address,
             const GError    *cause)
{
  g_autofree char *text = qnet_host_address_to_string (address);
  GError *error = NULL;

  qnet_take_error_from_gerror (&error, g_error_copy (cause), "%s", text);
  list_failure (self, error);
}

void
qnet_connector_note_errno (QnetConnector   *self,
                           QnetHostAddress *address,
                           int              error_number)
{
  g_autofree char *target = describe_target (self, address);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);
  GError *error = NULL;

  if (error_number == EINVAL && is_bound_to_loopback (self))
    qnet_set_error (&error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not connect to %s: The socket is bound to a loopback address"),
                    target);
  else
    qnet_set_error_for_address (&error, error_number, address, what);

  list_errno (self, address, error_number);
  qnet_connector_add_report (self, address, QNET_ATTEMPT_FAILED, error);
  note_failure (self, error, is_specific (error_number));
}

void
qnet_connector_note_unanswered (QnetConnector   *self,
                                QnetHostAddress *address)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  /* Translators: an address that has not answered in time, in a list of addresses with the reason
   * of each */
  g_ptr_array_add (self->failures, g_strdup_printf (_("%s: No answer"), text));
}

void
qnet_connector_note_gerror (QnetConnector   *self,
                            QnetHostAddress *address,
                            GError          *cause)  /* (transfer full) */
{
  g_autofree char *target = describe_target (self, address);
  GError *error = NULL;

  list_gerror (self, address, cause);
  qnet_take_error_from_gerror (&error, cause, _("Could not connect to %s"), target);
  qnet_connector_add_report (self, address, QNET_ATTEMPT_FAILED, error);
  note_failure (self, error, TRUE);
}

/* All addresses have failed */

static char *
list_failures (QnetConnector *self)
{
  g_ptr_array_add (self->failures, NULL);

  /* Translators: what separates the items of a list: "127.0.0.1: Connection refused" */
  return g_strjoinv (_("; "), (char **) self->failures->pdata);
}

/* The code remains that of the failure that was noted. */
GError *
qnet_connector_take_error (QnetConnector *self)
{
  g_autoptr(GError) noted = g_steal_pointer (&self->error);
  g_autofree char *target = NULL;
  g_autofree char *list = NULL;

  if (self->failures->len < 2)
    return g_steal_pointer (&noted);

  target = describe_target (self, NULL);
  list = list_failures (self);

  return g_error_new (noted->domain, noted->code,
                      /* Translators: a host and its port; its addresses, each with the reason */
                      _("Could not connect to %s by any of its addresses: %s"), target, list);
}

/* No address can be used */

static void
set_family_error_of_literal (QnetConnector  *self,
                             GError        **error,
                             const char     *target)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  self->bound_name.ss_family == AF_INET
                    ? _("Could not connect to %s: The socket is bound to an IPv4 address")
                    : _("Could not connect to %s: The socket is bound to an IPv6 address"),
                  target);
}

static void
set_family_error_of_name (QnetConnector  *self,
                          GError        **error,
                          const char     *target)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  self->bound_name.ss_family == AF_INET
                    ? _("Could not connect to %s: The socket is bound to an IPv4 address, "
                        "and the host has no IPv4 address")
                    : _("Could not connect to %s: The socket is bound to an IPv6 address, "
                        "and the host has no IPv6 address"),
                  target);
}

/* Returns whether the reason is the scope of the address or the bound descriptor, rather than the
 * host or the protocol that was asked for. */
static gboolean
set_error_of_descriptor (QnetConnector  *self,
                         GError        **error)
{
  g_autofree char *target = describe_target (self, NULL);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);
  struct sockaddr_storage native;

  if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
      || self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6
      || (self->literal != NULL && qnet_host_address_is_null (self->literal)))
    return FALSE;

  if (self->literal != NULL
      && qnet_host_address_to_native (self->literal, self->port, &native) == 0)
    qnet_set_error_for_address (error, EADDRNOTAVAIL, self->literal, what);
  else if (self->bound_name.ss_family == AF_UNSPEC)
    return FALSE;
  else if (self->literal != NULL)
    set_family_error_of_literal (self, error, target);
  else
    set_family_error_of_name (self, error, target);

  return TRUE;
}

static GError *
new_literal_error (QnetConnector *self)
{
  g_autofree char *target = qnet_host_address_to_display (self->literal, self->port);
  GError *error = NULL;

  if (qnet_host_address_is_null (self->literal))
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to port %u: The host has no address"), self->port);
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: It is not an IPv4 address"), target);
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: It is not an IPv6 address"), target);
  else
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: It is not the address of a host"), target);

  return error;
}

GError *
qnet_connector_new_no_address_error (QnetConnector *self)
{
  GError *error = NULL;

  if (set_error_of_descriptor (self, &error))
    return error;

  if (self->literal != NULL)
    return new_literal_error (self);

  return qnet_connector_lookup_new_no_address_error (self->host, self->protocol);
}

/* Timeouts */

static void
set_timeout_error (QnetConnector  *self,
                   GError        **error)
{
  g_autofree char *target = describe_target (self, NULL);
  g_autofree char *list = NULL;
  double seconds = self->connect_timeout / 1000.0;

  if (self->n_started < 2)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the host with its port, and a number of seconds */
                      _("Could not connect to %s: No connection was established within %g s"),
                      target, seconds);
      return;
    }

  list = list_failures (self);
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                  /* Translators: the host with its port; a number of seconds; and the addresses of
                   * the host, each with the reason */
                  _("Could not connect to %s within %g s by any of its addresses: %s"), target,
                  seconds, list);
}

GError *
qnet_connector_new_timeout_error (QnetConnector *self)
{
  GError *error = NULL;

  if (self->step == QNET_CONNECTOR_STEP_LOOKUP)
    return qnet_connector_lookup_new_timeout_error (self->host, self->lookup_timeout);

  qnet_connector_list_unanswered (self);
  set_timeout_error (self, &error);

  return error;
}
