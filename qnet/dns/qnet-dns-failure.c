/* qnet-dns-failure.c: why a name server did not answer a query
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-failure-private.h"

#include "base/qnet-i18n-private.h"

QnetDnsLookupError
qnet_dns_failure_get_code (QnetDnsFailure failure)
{
  switch (failure)
    {
    case QNET_DNS_FAILURE_TIMEOUT:
      return QNET_DNS_LOOKUP_ERROR_TIMEOUT;

    case QNET_DNS_FAILURE_FORMAT_ERROR:
      return QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST;

    case QNET_DNS_FAILURE_NOT_IMPLEMENTED:
    case QNET_DNS_FAILURE_SERVER_FAILURE:
      return QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE;

    case QNET_DNS_FAILURE_REFUSED:
      return QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED;

    case QNET_DNS_FAILURE_UNRELATED_REPLY:
    case QNET_DNS_FAILURE_MALFORMED_REPLY:
    case QNET_DNS_FAILURE_INCOMPLETE_REPLY:
      return QNET_DNS_LOOKUP_ERROR_INVALID_REPLY;
    }

  g_assert_not_reached ();
}

static char *
make_message (QnetDnsFailure  failure,
              const char     *name,
              const char     *server)
{
  /* Translators: in all of these messages, the first %s is a name, and the second one a name server
   * such as "192.0.2.53 port 53" */
  switch (failure)
    {
    case QNET_DNS_FAILURE_TIMEOUT:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s did not reply in time"),
                              name, server);

    case QNET_DNS_FAILURE_UNRELATED_REPLY:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s sent no valid reply to "
                                "the query"), name, server);

    case QNET_DNS_FAILURE_FORMAT_ERROR:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s did not understand the "
                                "query"), name, server);

    case QNET_DNS_FAILURE_NOT_IMPLEMENTED:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s does not support this "
                                "type of query"), name, server);

    case QNET_DNS_FAILURE_SERVER_FAILURE:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s reported a failure"),
                              name, server);

    case QNET_DNS_FAILURE_REFUSED:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s refused the query"),
                              name, server);

    case QNET_DNS_FAILURE_MALFORMED_REPLY:
      return g_strdup_printf (_("Could not look up “%s”: The reply of the name server %s is "
                                "malformed"), name, server);

    case QNET_DNS_FAILURE_INCOMPLETE_REPLY:
      return g_strdup_printf (_("Could not look up “%s”: The name server %s closed the connection "
                                "before its reply was complete"), name, server);
    }

  g_assert_not_reached ();
}

void
qnet_dns_failure_set_error (QnetDnsFailure   failure,
                            const char      *name,
                            const char      *server,
                            GError         **error)
{
  g_autofree char *message = make_message (failure, name, server);

  g_set_error_literal (error, QNET_DNS_LOOKUP_ERROR, qnet_dns_failure_get_code (failure), message);
}

static gboolean
is_from_server (int code)
{
  return code != QNET_DNS_LOOKUP_ERROR_RESOLVER && code != QNET_DNS_LOOKUP_ERROR_TIMEOUT;
}

gboolean
qnet_dns_failure_is_better (const GError       *error,
                            QnetDnsLookupError  code)
{
  return error == NULL || (!is_from_server (error->code) && is_from_server (code));
}
