/* dns-query.c: asks a name server for records of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static char *server = NULL;
static int port = QNET_DNS_PORT;
static int timeout = 0;

static const GOptionEntry entries[] = {
  { "server", 0, 0, G_OPTION_ARG_STRING, &server,
    "Ask this name server; by default that of the system",
    "ADDRESS" },
  { "port", 0, 0, G_OPTION_ARG_INT, &port, "On which port", "PORT" },
  { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "How long to wait at most", "MS" },
  G_OPTION_ENTRY_NULL
};

/* Records, as a zone file would have them */

static void
print_names (GPtrArray  *records,
             const char *type)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsDomainNameRecord *record = g_ptr_array_index (records, i);

      g_print ("%s. %u IN %s %s.\n", qnet_dns_domain_name_record_get_name (record),
               qnet_dns_domain_name_record_get_time_to_live (record), type,
               qnet_dns_domain_name_record_get_value (record));
    }
}

static void
print_addresses (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsHostAddressRecord *record = g_ptr_array_index (records, i);
      QnetHostAddress *address = qnet_dns_host_address_record_get_value (record);
      g_autofree char *text = qnet_host_address_to_string (address);
      gboolean is_ipv4
        = qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;

      g_print ("%s. %u IN %s %s\n", qnet_dns_host_address_record_get_name (record),
               qnet_dns_host_address_record_get_time_to_live (record), is_ipv4 ? "A" : "AAAA",
               text);
    }
}

static void
print_mail (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsMailExchangeRecord *record = g_ptr_array_index (records, i);

      g_print ("%s. %u IN MX %u %s.\n", qnet_dns_mail_exchange_record_get_name (record),
               qnet_dns_mail_exchange_record_get_time_to_live (record),
               qnet_dns_mail_exchange_record_get_preference (record),
               qnet_dns_mail_exchange_record_get_exchange (record));
    }
}

static void
print_services (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsServiceRecord *record = g_ptr_array_index (records, i);

      g_print ("%s. %u IN SRV %u %u %u %s.\n", qnet_dns_service_record_get_name (record),
               qnet_dns_service_record_get_time_to_live (record),
               qnet_dns_service_record_get_priority (record),
               qnet_dns_service_record_get_weight (record),
               qnet_dns_service_record_get_port (record),
               qnet_dns_service_record_get_target (record));
    }
}

/* The text of DNS is bytes; those that are not printable are shown as numbers. */
static void
print_quoted (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_print (" \"");
  for (gsize i = 0; i < size; i++)
    {
      if (g_ascii_isprint (data[i]) && data[i] != '"' && data[i] != '\\')
        g_print ("%c", data[i]);
      else
        g_print ("\\%03u", data[i]);
    }
  g_print ("\"");
}

static void
print_texts (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsTextRecord *record = g_ptr_array_index (records, i);
      GPtrArray *values = qnet_dns_text_record_get_values (record);

      g_print ("%s. %u IN TXT", qnet_dns_text_record_get_name (record),
               qnet_dns_text_record_get_time_to_live (record));
      for (guint k = 0; k < values->len; k++)
        print_quoted (g_ptr_array_index (values, k));
      g_print ("\n");
    }
}

static void
print_associations (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsTlsAssociationRecord *record = g_ptr_array_index (records, i);
      gsize size;
      const guint8 *value = qnet_dns_tls_association_record_get_value (record, &size);

      g_print ("%s. %u IN TLSA %u %u %u ", qnet_dns_tls_association_record_get_name (record),
               qnet_dns_tls_association_record_get_time_to_live (record),
               qnet_dns_tls_association_record_get_usage (record),
               qnet_dns_tls_association_record_get_selector (record),
               qnet_dns_tls_association_record_get_matching_type (record));
      for (gsize k = 0; k < size; k++)
        g_print ("%02x", value[k]);
      g_print ("\n");
    }
}

static void
print_records (QnetDnsLookup *lookup)
{
  print_names (qnet_dns_lookup_get_canonical_name_records (lookup), "CNAME");
  print_addresses (qnet_dns_lookup_get_host_address_records (lookup));
  print_mail (qnet_dns_lookup_get_mail_exchange_records (lookup));
  print_names (qnet_dns_lookup_get_name_server_records (lookup), "NS");
  print_names (qnet_dns_lookup_get_pointer_records (lookup), "PTR");
  print_services (qnet_dns_lookup_get_service_records (lookup));
  print_texts (qnet_dns_lookup_get_text_records (lookup));
  print_associations (qnet_dns_lookup_get_tls_association_records (lookup));
}

/* The command line */

static gboolean
parse_type (const char        *text,
            QnetDnsRecordType *type)
{
  g_autoptr(GEnumClass) types = g_type_class_ref (QNET_TYPE_DNS_RECORD_TYPE);
  g_autofree char *nick = g_ascii_strdown (text, -1);
  const GEnumValue *value = g_enum_get_value_by_nick (types, nick);

  if (value != NULL)
    *type = value->value;

  return value != NULL;
}

static gboolean
parse_words (int                 argc,
             char               *argv[],
             QnetDnsRecordType  *type,
             GError            **error)
{
  if (argc != 2 && argc != 3)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         "A name is needed, and perhaps a type");
  else if (argc == 3 && !parse_type (argv[2], type))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s is no type of records",
                 argv[2]);
  else if (port < 1 || port > G_MAXUINT16 || timeout < 0)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         "A port is a number from 1 to 65535, and a time is not negative");
  else
    return TRUE;

  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options = g_option_context_new ("NAME [TYPE] - ask a name server");
  g_autoptr(QnetDnsLookup) lookup = NULL;
  g_autoptr(QnetHostAddress) nameserver = NULL;
  g_autoptr(GError) error = NULL;
  QnetDnsRecordType type = QNET_DNS_RECORD_TYPE_A;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !parse_words (argc, argv, &type, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  nameserver = server != NULL ? qnet_host_address_parse (server, &error)
                              : qnet_host_address_new_null ();
  if (nameserver == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  lookup = qnet_dns_lookup_new_with_nameserver (type, argv[1], nameserver, port);
  qnet_dns_lookup_set_timeout (lookup, timeout);
  qnet_dns_lookup_lookup (lookup);

  if (!qnet_dns_lookup_wait_for_finished (lookup, -1, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  print_records (lookup);

  return EXIT_SUCCESS;
}
