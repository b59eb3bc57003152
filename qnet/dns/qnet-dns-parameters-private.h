/* qnet-dns-parameters-private.h: the parameters of an SVCB or HTTPS record (RFC 9460)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "dns/qnet-dns-reader-private.h"

#include "qnet-host-address.h"

G_BEGIN_DECLS

typedef struct
{
  guint16  key;
  GBytes  *value;  /* (owned): as in the message */
} QnetDnsParameter;

/* (transfer full) (element-type QnetDnsParameter) */
GArray    *qnet_dns_parameters_new           (void);
/* Reads to the end of the reader. FALSE if keys are not in ascending order, the value of a key of
 * RFC 9460 is malformed, or one that another demands is missing: then the record must not be used.
 * @out_parameters (transfer full) is set in both cases. */
gboolean   qnet_dns_parameters_read          (QnetDnsReader  *reader,
                                              GArray        **out_parameters);

/* (transfer none) (nullable): NULL: there is no such parameter */
GBytes    *qnet_dns_parameters_get           (GArray         *self,
                                              int             key);
/* Whether each mandatory key is one of QnetDnsServiceParameter */
gboolean   qnet_dns_parameters_are_known     (GArray         *self);
/* 0: there is none */
guint16    qnet_dns_parameters_get_port      (GArray         *self);
/* Those that are UTF-8. (transfer full) */
GStrv      qnet_dns_parameters_dup_protocols (GArray         *self);
/* (transfer full) (element-type QnetHostAddress) */
GPtrArray *qnet_dns_parameters_dup_hints     (GArray         *self);

G_END_DECLS
