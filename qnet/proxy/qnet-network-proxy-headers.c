/* qnet-network-proxy-headers.c: the header fields that are sent to a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "proxy/qnet-network-proxy-private.h"

#define TOKEN G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "!#$%&'*+-.^_`|~"

typedef struct
{
  char *name;   /* (owned) */
  char *value;  /* (owned) */
} RawHeader;

static void
raw_header_free (RawHeader *header)
{
  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

static void
add_raw_header (GPtrArray  *headers,
                const char *name,
                const char *value)
{
  RawHeader *header = g_new (RawHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  g_ptr_array_add (headers, header);
}

static gboolean
find_raw_header (GPtrArray  *headers,
                 const char *name,
                 guint      *out_index)
{
  for (guint i = 0; i < headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (headers, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        {
          *out_index = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* RFC 9110, section 5.6.2 */
static gboolean
is_token (const char *text)
{
  return *text != '\0' && text[strspn (text, TOKEN)] == '\0';
}

gboolean
qnet_raw_headers_equal (GPtrArray *headers,
                        GPtrArray *others)
{
  if (headers->len != others->len)
    return FALSE;

  for (guint i = 0; i < headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (headers, i);
      RawHeader *other = g_ptr_array_index (others, i);

      if (g_ascii_strcasecmp (header->name, other->name) != 0
          || strcmp (header->value, other->value) != 0)
        return FALSE;
    }

  return TRUE;
}

GPtrArray *
qnet_raw_headers_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) raw_header_free);
}

GPtrArray *
qnet_raw_headers_copy (GPtrArray *headers)
{
  GPtrArray *result = qnet_raw_headers_new ();

  for (guint i = 0; i < headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (headers, i);

      add_raw_header (result, header->name, header->value);
    }

  return result;
}

/* Public API */

/**
 * qnet_network_proxy_with_raw_header:
 * @self: a proxy
 * @name: the name of an HTTP header field
 * @value: (nullable): its value without line breaks, or %NULL to remove the field
 *
 * Creates a copy of the proxy with a header field that is sent with each request.
 *
 * It replaces a field with the same name, ignoring case. Header fields are only sent to HTTP
 * proxies. `Host`, `Proxy-Authorization`, `Content-Length` and `Transfer-Encoding` are reserved:
 * values that were set for them are not sent.
 *
 * Returns: (transfer full): the new proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_raw_header (const QnetNetworkProxy *self,
                                    const char             *name,
                                    const char             *value)
{
  QnetNetworkProxy *result;
  guint index;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL && is_token (name), NULL);
  g_return_val_if_fail (value == NULL || strpbrk (value, "\r\n") == NULL, NULL);

  result = qnet_network_proxy_copy (self);
  if (find_raw_header (result->raw_headers, name, &index))
    g_ptr_array_remove_index (result->raw_headers, index);
  if (value != NULL)
    add_raw_header (result->raw_headers, name, value);

  return result;
}

/**
 * qnet_network_proxy_get_raw_header:
 * @self: a proxy
 * @name: the name of a header field, in any case
 *
 * Gets the value of a header field that is sent to the proxy.
 *
 * Returns: (nullable): the value, or %NULL if there is no such field
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_raw_header (const QnetNetworkProxy *self,
                                   const char             *name)
{
  guint index;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!find_raw_header (self->raw_headers, name, &index))
    return NULL;

  return ((RawHeader *) g_ptr_array_index (self->raw_headers, index))->value;
}

/**
 * qnet_network_proxy_list_raw_headers:
 * @self: a proxy
 *
 * Lists the names of the header fields that are sent to the proxy, in the order of sending.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
qnet_network_proxy_list_raw_headers (const QnetNetworkProxy *self)
{
  char **names;

  g_return_val_if_fail (self != NULL, NULL);

  names = g_new0 (char *, self->raw_headers->len + 1);
  for (guint i = 0; i < self->raw_headers->len; i++)
    names[i] = g_strdup (((RawHeader *) g_ptr_array_index (self->raw_headers, i))->name);

  return names;
}
