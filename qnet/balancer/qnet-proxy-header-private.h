/* qnet-proxy-header-private.h: the header of the PROXY protocol, as its parts see it
 *
 * The protocol is that of https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt: version 1 is
 * a line of text, version 2 is binary.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-proxy-header.h"

G_BEGIN_DECLS

/* Bytes: of a line of version 1 with its end; of the fixed part of version 2. */
#define QNET_PROXY_HEADER_MAX_LINE 107
#define QNET_PROXY_HEADER_FIXED    16

/* What the fixed part of version 2 begins with. */
#define QNET_PROXY_HEADER_SIGNATURE      "\r\n\r\n\0\r\nQUIT\n"
#define QNET_PROXY_HEADER_SIGNATURE_SIZE 12

/* How many values a header has at most, beside its checksum. */
#define QNET_PROXY_HEADER_MAX_VALUES 64

/* An additional value. */
typedef struct
{
  guint8  type;
  GBytes *value;  /* (owned) */
} QnetProxyHeaderValue;

struct _QnetProxyHeader
{
  gint             ref_count;         /* (atomic): a gint, for ThreadSanitizer */

  int              version;           /* 1 or 2; 0: it was not received */
  gboolean         is_local;
  QnetHostAddress *source;            /* (owned) (nullable) */
  QnetHostAddress *destination;       /* (owned) (nullable): of the family of @source */
  guint16          source_port;
  guint16          destination_port;
  GArray          *values;            /* (owned) (nullable): of QnetProxyHeaderValue, in order */
};

QnetProxyHeader *qnet_proxy_header_alloc        (int                     version)
                                                G_GNUC_WARN_UNUSED_RESULT;
void             qnet_proxy_header_append_value (QnetProxyHeader        *self,
                                                 guint8                  type,
                                                 GBytes                 *value);

/* Whether there is room for another value of @type: the checksum is there once. */
gboolean         qnet_proxy_header_has_room     (const QnetProxyHeader  *self,
                                                 guint8                  type);

/* How many bytes the header has that @data begins with: more than @length while that is not known,
 * or while some are missing. 0 with *@error: this is no header. */
gsize            qnet_proxy_header_measure      (const guint8           *data,
                                                 gsize                   length,
                                                 GError                **error);
/* Reads a header of exactly @length bytes, as measure() returns it. */
QnetProxyHeader *qnet_proxy_header_parse        (const guint8           *data,
                                                 gsize                   length,
                                                 GError                **error)
                                                G_GNUC_WARN_UNUSED_RESULT;

/* The checksum of RFC 3720 (CRC32C, Castagnoli). @seed is 0, or the checksum of what comes before
 * @data. */
guint32          qnet_proxy_header_checksum     (guint32                 seed,
                                                 const guint8           *data,
                                                 gsize                   length);

G_END_DECLS
