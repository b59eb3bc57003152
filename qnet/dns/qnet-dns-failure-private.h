/* qnet-dns-failure-private.h: why a name server did not answer a query
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "qnet-error.h"

G_BEGIN_DECLS

typedef enum
{
  QNET_DNS_FAILURE_TIMEOUT,
  QNET_DNS_FAILURE_UNRELATED_REPLY,   /* a datagram arrived, but it was not a reply to the query */
  QNET_DNS_FAILURE_FORMAT_ERROR,      /* this and the next three were reported by the server */
  QNET_DNS_FAILURE_NOT_IMPLEMENTED,
  QNET_DNS_FAILURE_SERVER_FAILURE,
  QNET_DNS_FAILURE_REFUSED,
  QNET_DNS_FAILURE_MALFORMED_REPLY,
  QNET_DNS_FAILURE_INCOMPLETE_REPLY   /* over TCP */
} QnetDnsFailure;

QnetDnsLookupError qnet_dns_failure_get_code  (QnetDnsFailure   failure);

/* Sets @error for a query for @name to @server, such as "192.0.2.53 port 53". */
void               qnet_dns_failure_set_error (QnetDnsFailure   failure,
                                               const char      *name,
                                               const char      *server,
                                               GError         **error);

/* Returns whether a failure with @code should be reported instead of the first one, @error
 * (nullable). A failure that a server reported is more useful than a timeout or an error of the
 * system. */
gboolean           qnet_dns_failure_is_better (const GError      *error,
                                               QnetDnsLookupError code);

G_END_DECLS
