/* qnet-dns-lookup.h: looks up DNS records of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-dns-record.h"
#include "qnet-enums.h"
#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

/**
 * QNET_DNS_PORT:
 *
 * The default port of name servers.
 *
 * Since: 1.0
 */
#define QNET_DNS_PORT 53

#define QNET_TYPE_DNS_LOOKUP (qnet_dns_lookup_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetDnsLookup, qnet_dns_lookup, QNET, DNS_LOOKUP, GObject)

QNET_AVAILABLE_IN_1_0
QnetDnsLookup    *qnet_dns_lookup_new                         (QnetDnsRecordType     record_type,
                                                               const char           *name)
                                                              G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetDnsLookup    *qnet_dns_lookup_new_with_nameserver         (QnetDnsRecordType     record_type,
                                                               const char           *name,
                                                               QnetHostAddress      *nameserver,
                                                               guint16               port)
                                                              G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
const char       *qnet_dns_lookup_get_name                    (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_name                    (QnetDnsLookup        *self,
                                                               const char           *name);
QNET_AVAILABLE_IN_1_0
QnetDnsRecordType qnet_dns_lookup_get_record_type             (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_record_type             (QnetDnsLookup        *self,
                                                               QnetDnsRecordType     record_type);
QNET_AVAILABLE_IN_1_0
int               qnet_dns_lookup_get_type_number             (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_type_number             (QnetDnsLookup        *self,
                                                               int                   number);
QNET_AVAILABLE_IN_1_0
QnetHostAddress  *qnet_dns_lookup_get_nameserver              (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_nameserver              (QnetDnsLookup        *self,
                                                               QnetHostAddress      *nameserver);
QNET_AVAILABLE_IN_1_0
guint16           qnet_dns_lookup_get_nameserver_port         (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_nameserver_port         (QnetDnsLookup        *self,
                                                               guint16               port);
QNET_AVAILABLE_IN_1_0
int               qnet_dns_lookup_get_timeout                 (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_set_timeout                 (QnetDnsLookup        *self,
                                                               int                   msecs);

QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_lookup                      (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_lookup_async                (QnetDnsLookup        *self,
                                                               int                   io_priority,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_dns_lookup_lookup_finish               (QnetDnsLookup        *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_dns_lookup_wait_for_finished           (QnetDnsLookup        *self,
                                                               int                   msecs,
                                                               GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_dns_lookup_wait_for_finished_full      (QnetDnsLookup        *self,
                                                               int                   msecs,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
QNET_AVAILABLE_IN_1_0
void              qnet_dns_lookup_abort                       (QnetDnsLookup        *self);

QNET_AVAILABLE_IN_1_0
gboolean          qnet_dns_lookup_is_finished                 (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
const GError     *qnet_dns_lookup_get_error                   (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_dns_lookup_is_authentic_data           (QnetDnsLookup        *self);

QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_canonical_name_records  (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_host_address_records    (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_mail_exchange_records   (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_name_server_records     (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_pointer_records         (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_service_records         (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_text_records            (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_tls_association_records (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_certification_authority_records
                                                              (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_naming_authority_records
                                                              (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_service_binding_records (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_start_of_authority_records
                                                              (QnetDnsLookup        *self);
QNET_AVAILABLE_IN_1_0
GPtrArray        *qnet_dns_lookup_get_unknown_records         (QnetDnsLookup        *self);

G_END_DECLS
