/* qnet-client-hello.c: the first message of a TLS client, looked at and not touched
 *
 * It is judged by GTlsConnection afterwards, so all that matters here is to read nothing beyond its end.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-client-hello-private.h"

#include <string.h>

/* RFC 8446, section 5.1 and appendix B */
#define RECORD_HEADER    5
#define TYPE_HANDSHAKE   22
#define TYPE_CLIENT_HELLO 1
#define EXTENSION_SERVER_NAME 0
#define EXTENSION_PROTOCOLS   16
#define NAME_TYPE_HOST   0
#define MAX_NAME         255

/* What is left to be read. Once something is missing all is. */
typedef struct
{
  const guint8 *next;
  gsize         left;
} Reader;

static Reader
read_bytes (Reader *reader,
            gsize   size)
{
  Reader bytes = { reader->next, size };

  if (size > reader->left)
    {
      *reader = (Reader) { NULL, 0 };
      return *reader;
    }

  reader->next += size;
  reader->left -= size;

  return bytes;
}

static guint
read_number (Reader *reader,
             gsize   size)
{
  Reader bytes = read_bytes (reader, size);
  guint number = 0;

  for (gsize i = 0; i < bytes.left; i++)
    number = number << 8 | bytes.next[i];

  return number;
}

/* A vector: its length, in @size bytes, and then so many bytes. */
static Reader
read_vector (Reader *reader,
             gsize   size)
{
  return read_bytes (reader, read_number (reader, size));
}

static gboolean
is_host_name (Reader name)
{
  return name.left > 0 && name.left <= MAX_NAME
         && memchr (name.next, '\0', name.left) == NULL
         && g_utf8_validate_len ((const char *) name.next, name.left, NULL);
}

static char *
read_server_name (Reader extension)
{
  Reader list = read_vector (&extension, 2);

  while (list.left > 0)
    {
      guint type = read_number (&list, 1);
      Reader name = read_vector (&list, 2);

      if (type == NAME_TYPE_HOST && is_host_name (name))
        return g_ascii_strdown ((const char *) name.next, name.left);
    }

  return NULL;
}

/* Empty where there is none. */
static Reader
find_extension (Reader message,
                guint  wanted)
{
  Reader extensions;

  read_bytes (&message, 2 + 32);   /* version, random */
  read_vector (&message, 1);       /* session */
  read_vector (&message, 2);       /* ciphers */
  read_vector (&message, 1);       /* compression */
  extensions = read_vector (&message, 2);

  while (extensions.left > 0)
    {
      guint type = read_number (&extensions, 2);
      Reader extension = read_vector (&extensions, 2);

      if (type == wanted)
        return extension;
    }

  return (Reader) { NULL, 0 };
}

/* What follows its type and its length, in the only record of @data. */
static Reader
open_message (const guint8 *data,
              gsize         size)
{
  Reader reader = { data, size };
  Reader record;

  read_bytes (&reader, 3);
  record = read_vector (&reader, 2);
  read_bytes (&record, 1);

  return read_vector (&record, 3);
}

static gboolean
offers_protocol (Reader      extension,
                 const char *protocol)
{
  gsize length = strlen (protocol);
  Reader list = read_vector (&extension, 2);

  while (list.left > 0)
    {
      Reader name = read_vector (&list, 1);

      if (length > 0 && name.left == length && memcmp (name.next, protocol, length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* As early as it can be told: somebody who speaks another protocol may wait for our answer. */
static gboolean
is_foreign (const guint8 *data,
            gsize         size)
{
  return (size > 0 && data[0] != TYPE_HANDSHAKE)
         || (size > 1 && data[1] != 3)
         || (size > RECORD_HEADER && data[RECORD_HEADER] != TYPE_CLIENT_HELLO);
}

QnetClientHello
qnet_client_hello_parse (const guint8  *data,
                         gsize          size,
                         char         **out_server_name)
{
  Reader reader = { data, size };
  guint length;

  if (is_foreign (data, size))
    return QNET_CLIENT_HELLO_FOREIGN;

  if (size < RECORD_HEADER)
    return QNET_CLIENT_HELLO_PARTIAL;

  read_bytes (&reader, 3);
  length = read_number (&reader, 2);

  if (length == 0 || length > QNET_CLIENT_HELLO_MAX - RECORD_HEADER)
    return QNET_CLIENT_HELLO_FOREIGN;

  if (reader.left < length)
    return QNET_CLIENT_HELLO_PARTIAL;

  *out_server_name = read_server_name (find_extension (open_message (data, size), EXTENSION_SERVER_NAME));

  return QNET_CLIENT_HELLO_COMPLETE;
}

const char *
qnet_client_hello_choose_protocol (const guint8       *data,
                                   gsize               size,
                                   const char * const *protocols)
{
  Reader extension = find_extension (open_message (data, size), EXTENSION_PROTOCOLS);

  for (gsize i = 0; protocols[i] != NULL; i++)
    if (offers_protocol (extension, protocols[i]))
      return protocols[i];

  return NULL;
}
