/* qnet-dns-record.h: the records of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-enums.h"
#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_DNS_DOMAIN_NAME_RECORD (qnet_dns_domain_name_record_get_type ())
#define QNET_TYPE_DNS_HOST_ADDRESS_RECORD (qnet_dns_host_address_record_get_type ())
#define QNET_TYPE_DNS_MAIL_EXCHANGE_RECORD (qnet_dns_mail_exchange_record_get_type ())
#define QNET_TYPE_DNS_SERVICE_RECORD (qnet_dns_service_record_get_type ())
#define QNET_TYPE_DNS_TEXT_RECORD (qnet_dns_text_record_get_type ())
#define QNET_TYPE_DNS_TLS_ASSOCIATION_RECORD (qnet_dns_tls_association_record_get_type ())
#define QNET_TYPE_DNS_START_OF_AUTHORITY_RECORD (qnet_dns_start_of_authority_record_get_type ())
#define QNET_TYPE_DNS_NAMING_AUTHORITY_RECORD (qnet_dns_naming_authority_record_get_type ())
#define QNET_TYPE_DNS_SERVICE_BINDING_RECORD (qnet_dns_service_binding_record_get_type ())
#define QNET_TYPE_DNS_CERTIFICATION_AUTHORITY_RECORD \
  (qnet_dns_certification_authority_record_get_type ())
#define QNET_TYPE_DNS_UNKNOWN_RECORD (qnet_dns_unknown_record_get_type ())

typedef struct _QnetDnsDomainNameRecord QnetDnsDomainNameRecord;
typedef struct _QnetDnsHostAddressRecord QnetDnsHostAddressRecord;
typedef struct _QnetDnsMailExchangeRecord QnetDnsMailExchangeRecord;
typedef struct _QnetDnsServiceRecord QnetDnsServiceRecord;
typedef struct _QnetDnsTextRecord QnetDnsTextRecord;
typedef struct _QnetDnsTlsAssociationRecord QnetDnsTlsAssociationRecord;
typedef struct _QnetDnsUnknownRecord QnetDnsUnknownRecord;
typedef struct _QnetDnsCertificationAuthorityRecord QnetDnsCertificationAuthorityRecord;
typedef struct _QnetDnsServiceBindingRecord QnetDnsServiceBindingRecord;
typedef struct _QnetDnsNamingAuthorityRecord QnetDnsNamingAuthorityRecord;
typedef struct _QnetDnsStartOfAuthorityRecord QnetDnsStartOfAuthorityRecord;

QNET_AVAILABLE_IN_1_0
GType qnet_dns_domain_name_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsDomainNameRecord *qnet_dns_domain_name_record_ref (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_domain_name_record_unref (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_domain_name_record_get_name (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_domain_name_record_get_time_to_live (QnetDnsDomainNameRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_domain_name_record_get_value (QnetDnsDomainNameRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_host_address_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsHostAddressRecord *qnet_dns_host_address_record_ref (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_host_address_record_unref (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_host_address_record_get_name (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_host_address_record_get_time_to_live (QnetDnsHostAddressRecord *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_dns_host_address_record_get_value (QnetDnsHostAddressRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_mail_exchange_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsMailExchangeRecord *qnet_dns_mail_exchange_record_ref (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_mail_exchange_record_unref (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_mail_exchange_record_get_name (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_mail_exchange_record_get_time_to_live (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_mail_exchange_record_get_exchange (QnetDnsMailExchangeRecord *self);
QNET_AVAILABLE_IN_1_0
guint16 qnet_dns_mail_exchange_record_get_preference (QnetDnsMailExchangeRecord *self);

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
GSrvTarget           *qnet_dns_service_record_to_srv_target    (QnetDnsServiceRecord *self)
                                                               G_GNUC_WARN_UNUSED_RESULT;

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
GType qnet_dns_tls_association_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsTlsAssociationRecord *qnet_dns_tls_association_record_ref
                             (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_tls_association_record_unref (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_tls_association_record_get_name (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_tls_association_record_get_time_to_live (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8 qnet_dns_tls_association_record_get_usage (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8 qnet_dns_tls_association_record_get_selector (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
guint8 qnet_dns_tls_association_record_get_matching_type (QnetDnsTlsAssociationRecord *self);
QNET_AVAILABLE_IN_1_0
gconstpointer qnet_dns_tls_association_record_get_value (QnetDnsTlsAssociationRecord *self,
                                                         gsize                       *size);
QNET_AVAILABLE_IN_1_0
GBytes *qnet_dns_tls_association_record_get_value_bytes (QnetDnsTlsAssociationRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_start_of_authority_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsStartOfAuthorityRecord *qnet_dns_start_of_authority_record_ref
                               (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_start_of_authority_record_unref (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_start_of_authority_record_get_name (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_time_to_live (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_start_of_authority_record_get_primary_server
            (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_start_of_authority_record_get_mailbox (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_serial (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_refresh (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_retry (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_expire (QnetDnsStartOfAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_start_of_authority_record_get_minimum (QnetDnsStartOfAuthorityRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_naming_authority_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsNamingAuthorityRecord *qnet_dns_naming_authority_record_ref
                              (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_naming_authority_record_unref (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_naming_authority_record_get_name (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_naming_authority_record_get_time_to_live (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint16 qnet_dns_naming_authority_record_get_order (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint16 qnet_dns_naming_authority_record_get_preference (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_naming_authority_record_get_flags (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_naming_authority_record_get_services (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_naming_authority_record_get_regular_expression
            (QnetDnsNamingAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_naming_authority_record_get_replacement (QnetDnsNamingAuthorityRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_service_binding_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsServiceBindingRecord *qnet_dns_service_binding_record_ref
                             (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_service_binding_record_unref (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_service_binding_record_get_name (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_service_binding_record_get_time_to_live (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
QnetDnsRecordType qnet_dns_service_binding_record_get_record_type
                  (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
gboolean qnet_dns_service_binding_record_is_usable (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
guint16 qnet_dns_service_binding_record_get_priority (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_service_binding_record_get_target (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
guint16 qnet_dns_service_binding_record_get_port (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
char **qnet_dns_service_binding_record_get_protocols (QnetDnsServiceBindingRecord *self)
       G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GPtrArray *qnet_dns_service_binding_record_get_address_hints (QnetDnsServiceBindingRecord *self);
QNET_AVAILABLE_IN_1_0
gconstpointer qnet_dns_service_binding_record_get_parameter
              (QnetDnsServiceBindingRecord *self,
               int                          key,
               gsize                       *size);
QNET_AVAILABLE_IN_1_0
GBytes *qnet_dns_service_binding_record_get_parameter_bytes
        (QnetDnsServiceBindingRecord *self,
         int                          key);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_certification_authority_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsCertificationAuthorityRecord *qnet_dns_certification_authority_record_ref
                                     (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_certification_authority_record_unref (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_certification_authority_record_get_name
            (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_certification_authority_record_get_time_to_live
        (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
gboolean qnet_dns_certification_authority_record_is_critical
         (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_certification_authority_record_get_tag
            (QnetDnsCertificationAuthorityRecord *self);
QNET_AVAILABLE_IN_1_0
gconstpointer qnet_dns_certification_authority_record_get_value
              (QnetDnsCertificationAuthorityRecord *self,
               gsize                               *size);
QNET_AVAILABLE_IN_1_0
GBytes *qnet_dns_certification_authority_record_get_value_bytes
        (QnetDnsCertificationAuthorityRecord *self);

QNET_AVAILABLE_IN_1_0
GType qnet_dns_unknown_record_get_type (void);
QNET_AVAILABLE_IN_1_0
QnetDnsUnknownRecord *qnet_dns_unknown_record_ref (QnetDnsUnknownRecord *self);
QNET_AVAILABLE_IN_1_0
void qnet_dns_unknown_record_unref (QnetDnsUnknownRecord *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_dns_unknown_record_get_name (QnetDnsUnknownRecord *self);
QNET_AVAILABLE_IN_1_0
guint32 qnet_dns_unknown_record_get_time_to_live (QnetDnsUnknownRecord *self);
QNET_AVAILABLE_IN_1_0
int qnet_dns_unknown_record_get_type_number (QnetDnsUnknownRecord *self);
QNET_AVAILABLE_IN_1_0
gconstpointer qnet_dns_unknown_record_get_value (QnetDnsUnknownRecord *self,
                                                 gsize                *size);
QNET_AVAILABLE_IN_1_0
GBytes *qnet_dns_unknown_record_get_value_bytes (QnetDnsUnknownRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsDomainNameRecord, qnet_dns_domain_name_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsHostAddressRecord, qnet_dns_host_address_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsMailExchangeRecord, qnet_dns_mail_exchange_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsServiceRecord, qnet_dns_service_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsTextRecord, qnet_dns_text_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsTlsAssociationRecord, qnet_dns_tls_association_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsStartOfAuthorityRecord,
                               qnet_dns_start_of_authority_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsNamingAuthorityRecord, qnet_dns_naming_authority_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsServiceBindingRecord, qnet_dns_service_binding_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsCertificationAuthorityRecord,
                               qnet_dns_certification_authority_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsUnknownRecord, qnet_dns_unknown_record_unref)

G_END_DECLS
