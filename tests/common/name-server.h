/* name-server.h: a name server that answers what a test tells it to, however wrong
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

typedef struct _TestNameServer TestNameServer;

/* Called in the server's thread, for a question that came by UDP or by TCP, without the length in
 * front. What it returns is sent as it is, by TCP, too; NULL: nothing. (transfer full)
 * (nullable) */
typedef GByteArray *(*TestAnswer) (const guint8 *query,
                                   gsize         size,
                                   gboolean      by_tcp,
                                   gpointer      user_data);

/* On 127.0.0.1, UDP and TCP. */
TestNameServer *test_name_server_new         (TestAnswer      answer,
                                              gpointer        user_data);
void            test_name_server_free        (TestNameServer *self);
guint16         test_name_server_get_port    (TestNameServer *self);
guint           test_name_server_get_n_asked (TestNameServer *self);  /* questions so far */

/* Within a TestAnswer: goes out before the answer does. */
void            test_name_server_send        (const GByteArray *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestNameServer, test_name_server_free)

/* Messages */

GByteArray     *test_reply_new               (const guint8   *query,
                                              gsize           size,
                                              guint           rcode);  /* question included, no records */
void            test_reply_add               (GByteArray     *reply,
                                              const char     *name,    /* (nullable): NULL for that of the question */
                                              guint16         type,
                                              guint32         time_to_live,
                                              const void     *data,
                                              gsize           size);
void            test_reply_add_name          (GByteArray     *reply,
                                              const char     *name,
                                              guint16         type,
                                              guint32         time_to_live,
                                              const char     *value);  /* another name */
GByteArray     *test_reply_frame             (GByteArray     *reply);  /* (transfer full): with its length in front */
void            test_append_name             (GByteArray     *bytes,
                                              const char     *name);   /* "a.b": labels without anything special */
void            test_append_u16              (GByteArray     *bytes,
                                              guint16         value);
