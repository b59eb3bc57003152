/* name-server.h: a name server with the replies of the test, which may be wrong
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

typedef struct _TestNameServer TestNameServer;

/* Called in the thread of the server, for a query over UDP, or over TCP without its length. The
 * result is sent as is, also over TCP; nothing is sent for NULL. (transfer full) (nullable) */
typedef GByteArray *(*TestAnswer) (const guint8 *query,
                                   gsize         size,
                                   gboolean      by_tcp,
                                   gpointer      user_data);

/* Listens on 127.0.0.1, UDP and TCP. */
TestNameServer *test_name_server_new         (TestAnswer      answer,
                                              gpointer        user_data);
TestNameServer *test_name_server_new_on_port (guint16     port,     /* 0: any */
                                              TestAnswer  answer,
                                              gpointer    user_data);
void            test_name_server_free        (TestNameServer *self);
guint16         test_name_server_get_port    (TestNameServer *self);
guint           test_name_server_get_n_asked (TestNameServer *self);  /* queries so far */

/* To be called in a TestAnswer: sends @bytes before the answer. */
void            test_name_server_send        (const GByteArray *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestNameServer, test_name_server_free)

/* Messages */

GByteArray     *test_reply_new               (const guint8   *query,
                                              gsize           size,
                                              guint           rcode);  /* with the question */
void            test_reply_add               (GByteArray     *reply,
                                              const char     *name,    /* (nullable): as queried */
                                              guint16         type,
                                              guint32         time_to_live,
                                              const void     *data,
                                              gsize           size);
void            test_reply_add_name          (GByteArray     *reply,
                                              const char     *name,
                                              guint16         type,
                                              guint32         time_to_live,
                                              const char     *value);  /* another name */
/* Adds the length in front. (transfer full) */
GByteArray     *test_reply_frame             (GByteArray     *reply);
void            test_append_name             (GByteArray     *bytes,
                                              const char     *name);   /* "a.b", without escapes */
void            test_append_u16              (GByteArray     *bytes,
                                              guint16         value);
