/* zone-server.c: a name server with a small zone, for tests that are not in C
 *
 * It prints its port, and serves until its standard input ends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>
#include <string.h>

#include "common/name-server.h"

#define TIME_TO_LIVE 300
#define NAME_ERROR   3

typedef struct
{
  const char *name;
  guint16     type;
  const char *front;  /* the bytes before the name */
  gsize       size;   /* of those */
  const char *value;  /* (nullable): a name, at the end of the data */
} Row;

#define BYTES(literal) (literal), sizeof (literal) - 1

static const Row zone[] = {
  { "test",                   2,  BYTES (""),                             "ns.test" },
  { "test",                   15, BYTES ("\0\24"),                        "backup.test" },
  { "test",                   15, BYTES ("\0\12"),                        "mail.test" },
  { "test",                   16, BYTES ("\5hello\5world"),               NULL },
  { "test", 6, BYTES ("\2ns\4test\0\4post\4test\0\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0\12\0\0\0\13"),
    NULL },
  { "test",                   35, BYTES ("\0\1\0\2\1U\7E2U+sip\21!^.*$!sip:a@test!\0"), NULL },
  { "test", 65, BYTES ("\0\1\0\0\1\0\3\2h2\0\3\0\2\x20\xfb\0\4\0\4\300\0\2\1"), NULL },
  { "test",                   257, BYTES ("\200\5issueca.test"),         NULL },
  { "test",                   65280, BYTES ("\xc0\xff\xee"),             NULL },
  { "host.test",              1,  BYTES ("\300\0\2\1"),                   NULL },
  { "host.test",              28, BYTES ("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), NULL },
  { "www.test",               5,  BYTES (""),                             "host.test" },
  { "_http._tcp.test",        33, BYTES ("\0\1\0\2\037\220"),             "host.test" },
  { "_443._tcp.host.test",    52, BYTES ("\3\1\1\xab\xcd\xef"),           NULL },
  { "1.2.0.192.in-addr.arpa", 12, BYTES (""),                             "host.test" },
};

static void
add_row (GByteArray *reply,
         const Row  *row)
{
  g_autoptr(GByteArray) data = g_byte_array_new ();

  g_byte_array_append (data, (const guint8 *) row->front, row->size);
  if (row->value != NULL)
    test_append_name (data, row->value);

  test_reply_add (reply, row->name, row->type, TIME_TO_LIVE, data->data, data->len);
}

/* The records of the name that are of the type; an alias is of each type, and is followed. */
static gboolean
add_rows (GByteArray *reply,
          const char *name,
          guint16     type)
{
  gboolean exists = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (zone); i++)
    {
      if (g_ascii_strcasecmp (zone[i].name, name) != 0)
        continue;

      exists = TRUE;
      if (zone[i].type == type || zone[i].type == 5 || type == 255)
        add_row (reply, &zone[i]);
      if (zone[i].type == 5 && type != 5)
        add_rows (reply, zone[i].value, type);
    }

  return exists;
}

static char *
read_name (const guint8 *query,
           gsize        *end)
{
  GString *name = g_string_new (NULL);
  gsize at = 12;

  for (; query[at] != 0; at += 1 + query[at])
    {
      if (name->len > 0)
        g_string_append_c (name, '.');
      g_string_append_len (name, (const char *) query + at + 1, query[at]);
    }

  *end = at + 1;

  return g_string_free (name, FALSE);
}

static GByteArray *
answer (const guint8 *query,
        gsize         size,
        gboolean      by_tcp,
        gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);
  gsize end;
  g_autofree char *name = read_name (query, &end);

  if (!add_rows (reply, name, query[end] << 8 | query[end + 1]))
    reply->data[3] |= NAME_ERROR;

  return by_tcp ? test_reply_frame (reply) : reply;
}

int
main (void)
{
  g_autoptr(TestNameServer) server = test_name_server_new (answer, NULL);

  printf ("%u\n", test_name_server_get_port (server));
  fflush (stdout);

  while (getchar () != EOF)
    continue;

  return 0;
}
