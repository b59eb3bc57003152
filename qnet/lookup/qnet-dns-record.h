/* qnet-dns-record.h: what a name server says of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_DNS_DOMAIN_NAME_RECORD (qnet_dns_domain_name_record_get_type ())
#define QNET_TYPE_DNS_HOST_ADDRESS_RECORD (qnet_dns_host_address_record_get_type ())
#define QNET_TYPE_DNS_MAIL_EXCHANGE_RECORD (qnet_dns_mail_exchange_record_get_type ())
#define QNET_TYPE_DNS_SERVICE_RECORD (qnet_dns_service_record_get_type ())
#define QNET_TYPE_DNS_TEXT_RECORD (qnet_dns_text_record_get_type ())
#define QNET_TYPE_DNS_TLS_ASSOCIATION_RECORD (qnet_dns_tls_association_record_get_type ())

typedef struct _QnetDnsDomainNameRecord QnetDnsDomainNameRecord;
typedef struct _QnetDnsHostAddressRecord QnetDnsHostAddressRecord;
typedef struct _QnetDnsMailExchangeRecord QnetDnsMailExchangeRecord;
typedef struct _QnetDnsServiceRecord QnetDnsServiceRecord;
typedef struct _QnetDnsTextRecord QnetDnsTextRecord;
typedef struct _QnetDnsTlsAssociationRecord QnetDnsTlsAssociationRecord;

QNET_AVAILABLE_IN_1_0
GType                    qnet_dns_domain_name_record_get_type         (void);
QNET_AVAILABLE_IN_1_0
QnetDnsDomainNameRecord *qnet_dns_domain_name_record_ref              (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
void                     qnet_dns_domain_name_record_unref            (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
const char              *qnet_dns_domain_name_record_get_name         (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
guint32                  qnet_dns_domain_name_record_get_time_to_live (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
const char              *qnet_dns_domain_name_record_get_value        (QnetDnsDomainNameRecord *self);

QNET_AVAILABLE_IN_1_0
GType                     qnet_dns_host_address_record_get_type         (void);
QNET_AVAILABLE_IN_1_0
QnetDnsHostAddressRecord *qnet_dns_host_address_record_ref              (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
void                      qnet_dns_host_address_record_unref            (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
const char               *qnet_dns_host_address_record_get_name         (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
guint32                   qnet_dns_host_address_record_get_time_to_live (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress          *qnet_dns_host_address_record_get_value        (QnetDnsHostAddressRecord *self);

QNET_AVAILABLE_IN_1_0
GType                      qnet_dns_mail_exchange_record_get_type         (void);
QNET_AVAILABLE_IN_1_0
QnetDnsMailExchangeRecord *qnet_dns_mail_exchange_record_ref              (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
void                       qnet_dns_mail_exchange_record_unref            (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
const char                *qnet_dns_mail_exchange_record_get_name         (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
guint32                    qnet_dns_mail_exchange_record_get_time_to_live (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
const char                *qnet_dns_mail_exchange_record_get_exchange     (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
guint16                    qnet_dns_mail_exchange_record_get_preference   (QnetDnsMailExchangeRecord *self);

QNET_AVAILABLE_IN_1_0
GType                 qnet_dns_service_record_get_type         (void);
QNET_AVAILABLE_IN_1_0
QnetDnsServiceRecord *qnet_dns_service_record_ref              (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_dns_service_record_unref            (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_dns_service_record_get_name         (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
guint32               qnet_dns_service_record_get_time_to_live (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_dns_service_record_get_target       (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
guint16               qnet_dns_service_record_get_port         (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
guint16               qnet_dns_service_record_get_priority     (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
guint16               qnet_dns_service_record_get_weight       (QnetDnsServiceRecord *self);
QNET_AVAILABLE_IN_1_0
GSrvTarget           *qnet_dns_service_record_to_srv_target    (QnetDnsServiceRecord *self) G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
GType              qnet_dns_text_record_get_type         (void);
QNET_AVAILABLE_IN_1_0
QnetDnsTextRecord *qnet_dns_text_record_ref              (QnetDnsTextRecord *self);
QNET_AVAILABLE_IN_1_0
void               qnet_dns_text_record_unref            (QnetDnsTextRecord *self);
QNET_AVAILABLE_IN_1_0
const char        *qnet_dns_text_record_get_name         (QnetDnsTextRecord *self);
QNET_AVAILABLE_IN_1_0
guint32            qnet_dns_text_record_get_time_to_live (QnetDnsTextRecord *self);
QNET_AVAILABLE_IN_1_0
GPtrArray         *qnet_dns_text_record_get_values       (QnetDnsTextRecord *self);

QNET_AVAILABLE_IN_1_0
GType                        qnet_dns_tls_association_record_get_type          (void);
QNET_AVAILABLE_IN_1_0
QnetDnsTlsAssociationRecord *qnet_dns_tls_association_record_ref               (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
void                         qnet_dns_tls_association_record_unref             (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
const char                  *qnet_dns_tls_association_record_get_name          (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint32                      qnet_dns_tls_association_record_get_time_to_live  (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8                       qnet_dns_tls_association_record_get_usage         (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8                       qnet_dns_tls_association_record_get_selector      (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8                       qnet_dns_tls_association_record_get_matching_type (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
GBytes                      *qnet_dns_tls_association_record_get_value         (QnetDnsTlsAssociationRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsDomainNameRecord, qnet_dns_domain_name_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsHostAddressRecord, qnet_dns_host_address_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsMailExchangeRecord, qnet_dns_mail_exchange_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsServiceRecord, qnet_dns_service_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsTextRecord, qnet_dns_text_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsTlsAssociationRecord, qnet_dns_tls_association_record_unref)

G_END_DECLS
