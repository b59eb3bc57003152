/* qnet-host-question.c: a question to a resolver, and the result from its answer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-host-question-private.h"

#include <string.h>

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "lookup/qnet-host-cache-private.h"
#include "lookup/qnet-host-info-private.h"

static QnetHostQuestion *
question_new (void)
{
  QnetHostQuestion *question = g_new0 (QnetHostQuestion, 1);

  question->resolver = g_resolver_get_default ();

  return question;
}

QnetHostQuestion *
qnet_host_question_new_name (const char               *name,
                             QnetNetworkLayerProtocol  protocol)
{
  QnetHostQuestion *question = question_new ();

  question->name = g_strdup (name);
  question->protocol = protocol;

  return question;
}

QnetHostQuestion *
qnet_host_question_new_address (QnetHostAddress *address)
{
  QnetHostQuestion *question = question_new ();

  question->address = qnet_host_address_ref (address);

  return question;
}

void
qnet_host_question_free (QnetHostQuestion *question)
{
  g_object_unref (question->resolver);
  g_free (question->name);
  g_free (question->encoded);
  g_free (question->key);
  g_clear_pointer (&question->address, qnet_host_address_unref);
  g_clear_object (&question->inet);
  g_free (question);
}

gboolean
qnet_host_question_is_for_system (QnetHostQuestion *question)
{
  return qnet_is_system_resolver (question->resolver);
}

static gboolean
has_calls_for_family (const GResolverClass *klass)
{
  return klass->lookup_by_name_with_flags_async != NULL
         && klass->lookup_by_name_with_flags_finish != NULL;
}

gboolean
qnet_host_question_can_be_split (QnetHostQuestion *question)
{
  return qnet_host_question_is_for_system (question)
         || has_calls_for_family (G_RESOLVER_GET_CLASS (question->resolver));
}

/* (transfer full): the name or the address that was asked for, as text */
char *
qnet_host_question_describe (QnetHostQuestion *question)
{
  return question->name != NULL ? g_strdup (question->name)
                                : qnet_host_address_to_string (question->address);
}

void
qnet_host_question_set_cancelled_error (QnetHostQuestion  *question,
                                        GError           **error)
{
  g_autofree char *text = qnet_host_question_describe (question);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
               _("Could not look up “%s”: The lookup was cancelled"), text);
}

/* A custom resolver may lack some calls, and GIO does not check that. */
static gboolean
has_async_calls (QnetHostQuestion *question)
{
  const GResolverClass *klass = G_RESOLVER_GET_CLASS (question->resolver);

  if (question->name == NULL)
    return klass->lookup_by_address_async != NULL && klass->lookup_by_address_finish != NULL;

  if (question->protocol != QNET_NETWORK_LAYER_PROTOCOL_ANY_IP)
    return has_calls_for_family (klass);

  return klass->lookup_by_name_async != NULL && klass->lookup_by_name_finish != NULL;
}

gboolean
qnet_host_question_has_blocking_call (QnetHostQuestion *question)
{
  const GResolverClass *klass = G_RESOLVER_GET_CLASS (question->resolver);

  return question->name != NULL ? klass->lookup_by_name != NULL : klass->lookup_by_address != NULL;
}

gboolean
qnet_host_question_check_async_calls (QnetHostQuestion  *question,
                                      GError           **error)
{
  g_autofree char *text = NULL;

  if (has_async_calls (question))
    return TRUE;

  text = qnet_host_question_describe (question);
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not look up “%s”: The resolver has no asynchronous call for it"), text);
  return FALSE;
}

/* Results without a lookup */

static QnetHostInfo *
new_named (const char      *name,
           QnetHostAddress *address)
{
  g_autoptr(GPtrArray) addresses = g_ptr_array_new ();

  g_ptr_array_add (addresses, address);

  return qnet_host_info_new (name, addresses);
}

/* The result if @name is an address, else NULL. */
static QnetHostInfo *
answer_literal (const char *name)
{
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);

  return address != NULL ? new_named (name, address) : NULL;
}

static gboolean
is_localhost (const char *key)
{
  return g_str_equal (key, "localhost") || g_str_has_suffix (key, ".localhost");
}

/* RFC 6761, section 6.3: these names always are the loopback addresses. A question for one family
 * has the same answer. */
static QnetHostInfo *
answer_localhost (QnetHostQuestion *question)
{
  g_autoptr(GPtrArray) addresses = NULL;
  g_autoptr(QnetHostAddress) ipv4 = NULL;
  g_autoptr(QnetHostAddress) ipv6 = NULL;

  if (!qnet_host_question_is_for_system (question) || !is_localhost (question->key))
    return NULL;

  ipv6 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6);
  ipv4 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  addresses = g_ptr_array_new ();
  g_ptr_array_add (addresses, ipv6);
  g_ptr_array_add (addresses, ipv4);

  return qnet_host_info_new (question->name, addresses);
}

static QnetHostInfo *
answer_cached (QnetHostQuestion *question)
{
  g_autoptr(QnetHostInfo) cached = qnet_host_cache_find (question->resolver, question->key,
                                                         question->protocol);

  return cached != NULL ? qnet_host_info_new_shared (cached, question->name) : NULL;
}

/* Prepares the name for the resolver. The final dot remains: it prevents the use of a search
 * list. */
static gboolean
encode_name (QnetHostQuestion  *question,
             GError           **error)
{
  g_autofree char *readable = NULL;

  if (*question->name == '\0')
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("Could not look up a host: The name is empty"));
      return FALSE;
    }

  question->key = qnet_host_name_canonicalize (question->name);
  if (question->key != NULL)
    {
      question->encoded = g_hostname_to_ascii (question->name);
      return TRUE;
    }

  readable = g_utf8_make_valid (question->name, -1);
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not look up “%s”: The name is not a valid host name"), readable);
  return FALSE;
}

gboolean
qnet_host_question_check_name (const char  *name,
                               GError     **error)
{
  g_autoptr(QnetHostQuestion) question
    = qnet_host_question_new_name (name, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);

  return encode_name (question, error);
}

/* Returns NULL without an error if the resolver has to be asked. */
QnetHostInfo *
qnet_host_question_answer_at_once (QnetHostQuestion  *question,
                                   GError           **error)
{
  QnetHostInfo *info = answer_literal (question->name);

  if (info != NULL || !encode_name (question, error))
    return info;

  info = answer_localhost (question);
  if (info == NULL)
    info = answer_cached (question);

  question->generation = qnet_host_cache_get_generation ();

  return info;
}

gboolean
qnet_host_question_prepare_address (QnetHostQuestion  *question,
                                    GError           **error)
{
  question->inet = qnet_host_address_to_inet_address (question->address);

  if (question->inet == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not look up the name of an address: The address is Null"));

  return question->inet != NULL;
}

/* The answer of a resolver */

/* A message that already contains the host ("Error resolving “x”: ...") is not prefixed. */
static void
set_error_from_failure (GError     **error,
                        GError      *failure,  /* (transfer full) */
                        const char  *what)
{
  if (failure->domain == G_RESOLVER_ERROR && strstr (failure->message, what) != NULL)
    {
      qnet_set_error (error, qnet_socket_error_code_from_gerror (failure), "%s", failure->message);
      g_error_free (failure);
    }
  else
    qnet_take_error_from_gerror (error, failure, _("Could not look up “%s”"), what);
}

static QnetHostInfo *
add_to_cache (QnetHostQuestion *question,
              QnetHostInfo     *info,  /* (transfer full) */
              guint             time_to_live)
{
  qnet_host_cache_add (question->resolver, question->key, question->protocol, info,
                       question->generation, time_to_live);

  return info;
}

static void
set_no_address_error (QnetHostQuestion  *question,
                      GError           **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not look up “%s”: The name has no address"), question->name);
}

QnetHostInfo *
qnet_host_question_take_resolved (QnetHostQuestion  *question,
                                  GList             *inet_addresses,  /* (transfer full) */
                                  GError            *failure,  /* (transfer full) (nullable) */
                                  GError           **error)
{
  QnetHostInfo *info = NULL;

  if (failure != NULL)
    set_error_from_failure (error, failure, question->name);
  else if (inet_addresses == NULL)
    set_no_address_error (question, error);
  else
    info = add_to_cache (question,
                     qnet_host_info_new_from_inet_addresses (question->name, inet_addresses),
                     qnet_host_info_get_time_to_live (inet_addresses));

  g_resolver_free_addresses (inet_addresses);

  return info;
}

/* The owner of the address chooses its name: it may be anything. A name that is not UTF-8 is
 * ignored. */
static char *
decode_name (const char *encoded)  /* (nullable) */
{
  char *decoded;

  if (encoded == NULL || !g_utf8_validate (encoded, -1, NULL))
    return NULL;

  decoded = g_hostname_to_unicode (encoded);

  return decoded != NULL ? decoded : g_strdup (encoded);
}

/* If an address has no name, its text is used, as in Qt. */
static QnetHostInfo *
new_for_address (QnetHostQuestion *question,
                 const char       *encoded)  /* (nullable) */
{
  g_autofree char *decoded = decode_name (encoded);
  g_autofree char *text = NULL;

  if (decoded != NULL)
    return new_named (decoded, question->address);

  text = qnet_host_address_to_string (question->address);

  return new_named (text, question->address);
}

QnetHostInfo *
qnet_host_question_take_named (QnetHostQuestion  *question,
                               char              *name,  /* (transfer full) (nullable) */
                               GError            *failure,  /* (transfer full) (nullable) */
                               GError           **error)
{
  g_autofree char *encoded = name;
  g_autofree char *text = NULL;

  if (failure == NULL || g_error_matches (failure, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    {
      g_clear_error (&failure);
      return new_for_address (question, encoded);
    }

  text = qnet_host_address_to_string (question->address);
  set_error_from_failure (error, failure, text);

  return NULL;
}

/* The answer of the system */

static QnetHostInfo *
take_answer_for_name (QnetHostQuestion  *question,
                      QnetSystemAnswer  *answer,
                      GError           **error)
{
  if (answer->status != 0)
    qnet_system_answer_set_error (answer, question->name, error);
  else if (answer->addresses->len == 0)
    set_no_address_error (question, error);
  else
    return add_to_cache (question, qnet_host_info_new (question->name, answer->addresses),
                     QNET_HOST_CACHE_NO_LIMIT);

  return NULL;
}

static QnetHostInfo *
take_answer_for_address (QnetHostQuestion  *question,
                         QnetSystemAnswer  *answer,
                         GError           **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *text = NULL;

  if (answer->status == 0)
    return new_for_address (question, answer->name);

  text = qnet_host_address_to_string (question->address);
  qnet_system_answer_set_error (answer, text, &failure);

  if (g_error_matches (failure, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND))
    return new_for_address (question, NULL);

  g_propagate_error (error, g_steal_pointer (&failure));

  return NULL;
}

QnetHostInfo *
qnet_host_question_take_answer (QnetHostQuestion  *question,
                                QnetSystemAnswer  *answer,
                                GError           **error)
{
  return question->name != NULL ? take_answer_for_name (question, answer, error)
                                : take_answer_for_address (question, answer, error);
}

gboolean
qnet_host_question_begin (QnetSystemLookup *lookup,
                          QnetHostQuestion *question)
{
  if (question->name != NULL)
    return qnet_system_lookup_begin_name (lookup, question->encoded, question->protocol,
                                          question->generation);

  return qnet_system_lookup_begin_address (lookup, question->address);
}
