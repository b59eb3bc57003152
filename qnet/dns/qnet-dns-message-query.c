/* qnet-dns-message-query.c: writes DNS queries, and matches replies with them (RFC 1035, RFC 5452)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "dns/qnet-dns-message-private.h"

#define HEADER_SIZE 12
#define TYPE_OPT    41

/* In the third byte of the header */
#define IS_REPLY          0x80
#define OPCODE_MASK       0x78
#define RECURSION_DESIRED 0x01

/* In the fourth byte */
#define AUTHENTIC_DATA    0x20

/* The bit that differs between upper and lower case in ASCII */
#define CASE_BIT          0x20

/* Writing */

static void
append_u16 (GByteArray *message,
            guint16     value)
{
  guint8 bytes[] = { value >> 8, value & 0xff };

  g_byte_array_append (message, bytes, sizeof bytes);
}

/* Reads one byte of a label in text form: itself, "\." and the like, or "\DDD". Returns the rest of
 * the text, NULL if it is invalid. */
static const char *
unescape (const char *text,
          guint8     *out_byte)
{
  guint value;

  if (*text != '\\')
    {
      *out_byte = (guint8) *text;
      return text + 1;
    }

  if (!g_ascii_isdigit (text[1]))
    {
      *out_byte = (guint8) text[1];
      return text[1] != '\0' ? text + 2 : NULL;
    }

  if (!g_ascii_isdigit (text[2]) || !g_ascii_isdigit (text[3]))
    return NULL;

  value = g_ascii_digit_value (text[1]) * 100 + g_ascii_digit_value (text[2]) * 10
          + g_ascii_digit_value (text[3]);
  *out_byte = (guint8) value;

  return value <= 0xff ? text + 4 : NULL;
}

/* Appends a label, which ends at a dot or at the end of the text. Returns the rest of the text,
 * NULL if the label is invalid. */
static const char *
append_label (GByteArray *message,
              const char *text)
{
  guint8 label[1 + QNET_DNS_MAX_LABEL];
  guint8 size = 0;

  while (text != NULL && *text != '\0' && *text != '.')
    {
      if (size == QNET_DNS_MAX_LABEL)
        return NULL;

      text = unescape (text, &label[1 + size++]);
    }

  if (text == NULL || size == 0)
    return NULL;

  label[0] = size;
  g_byte_array_append (message, label, 1 + size);

  return text;
}

static gboolean
append_name (GByteArray *message,
             const char *name)
{
  const guint8 end = 0;
  guint start = message->len;

  if (*name == '\0')
    return FALSE;

  if (strcmp (name, ".") == 0)
    name++;

  while (*name != '\0')
    {
      name = append_label (message, name);
      if (name == NULL)
        return FALSE;

      if (*name == '.')
        name++;
    }

  g_byte_array_append (message, &end, 1);

  return message->len - start <= QNET_DNS_MAX_NAME;
}

/* RFC 6891: the name of the root, the type, the maximum size of a reply instead of a class, no
 * flags, no options. */
static void
append_edns (GByteArray *message,
             guint16     udp_size)
{
  const guint8 root = 0;

  g_byte_array_append (message, &root, 1);
  append_u16 (message, TYPE_OPT);
  append_u16 (message, udp_size);
  append_u16 (message, 0);
  append_u16 (message, 0);
  append_u16 (message, 0);
}

GByteArray *
qnet_dns_message_new_query (const char *name,
                            guint16     type,
                            guint16     id,
                            guint16     udp_size,
                            gboolean    asks_for_authentic)
{
  g_autoptr(GByteArray) message = g_byte_array_new ();

  append_u16 (message, id);
  append_u16 (message, RECURSION_DESIRED << 8 | (asks_for_authentic ? AUTHENTIC_DATA : 0));
  append_u16 (message, 1);                      /* questions */
  append_u16 (message, 0);                      /* answers */
  append_u16 (message, 0);                      /* authorities */
  append_u16 (message, udp_size > 0 ? 1 : 0);   /* additional records */

  if (!append_name (message, name))
    return NULL;

  append_u16 (message, type);
  append_u16 (message, QNET_DNS_CLASS_IN);

  if (udp_size > 0)
    append_edns (message, udp_size);

  return g_steal_pointer (&message);
}

/* Replies to it */

/* The question of our own query follows the header, and its name is not compressed. */
static gsize
get_name_size (const guint8 *query)
{
  gsize at = HEADER_SIZE;

  while (query[at] != 0)
    at += 1 + query[at];

  return at + 1 - HEADER_SIZE;
}

/* The lengths of labels are not letters, so tolower() does not change them. */
static gboolean
is_same_name (const guint8 *name,
              const guint8 *other,
              gsize         size)
{
  for (gsize i = 0; i < size; i++)
    if (g_ascii_tolower (name[i]) != g_ascii_tolower (other[i]))
      return FALSE;

  return TRUE;
}

/* A server that fails may omit the question, in particular one that predates EDNS. */
static QnetDnsMatch
match_without_question (const guint8 *data)
{
  return (data[3] & QNET_DNS_RCODE_MASK) != QNET_DNS_RCODE_NO_ERROR ? QNET_DNS_MATCH_NO_QUESTION
                                                           : QNET_DNS_MATCH_NONE;
}

QnetDnsMatch
qnet_dns_message_match (const guint8 *data,
                        gsize         size,
                        const guint8 *query,
                        gsize         query_size)
{
  gsize name_size = get_name_size (query);
  gsize end = HEADER_SIZE + name_size + 4;
  guint n_questions;

  g_assert (query_size >= end);

  if (size < HEADER_SIZE
      || memcmp (data, query, 2) != 0
      || (data[2] & (IS_REPLY | OPCODE_MASK)) != IS_REPLY)
    return QNET_DNS_MATCH_NONE;

  n_questions = data[4] << 8 | data[5];
  if (n_questions == 0)
    return match_without_question (data);

  if (n_questions != 1
      || size < end
      || !is_same_name (data + HEADER_SIZE, query + HEADER_SIZE, name_size)
      || memcmp (data + end - 4, query + end - 4, 4) != 0)
    return QNET_DNS_MATCH_NONE;

  return memcmp (data + HEADER_SIZE, query + HEADER_SIZE, name_size) == 0
         ? QNET_DNS_MATCH_EXACT : QNET_DNS_MATCH_OTHER_CASE;
}

void
qnet_dns_message_mix_case (GByteArray *query,
                           guint64     bits)
{
  gsize name_size = get_name_size (query->data);

  for (gsize i = 0; i < name_size; i++)
    if (g_ascii_isalpha (query->data[HEADER_SIZE + i]))
      {
        query->data[HEADER_SIZE + i] ^= bits & 1 ? CASE_BIT : 0;
        bits = bits >> 1 | bits << 63;
      }
}

void
qnet_dns_message_restore_case (guint8       *data,
                               const guint8 *query)
{
  memcpy (data + HEADER_SIZE, query + HEADER_SIZE, get_name_size (query));
}
