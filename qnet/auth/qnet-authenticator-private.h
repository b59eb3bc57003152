/* qnet-authenticator-private.h: requests for credentials
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"
#include "qnet-authenticator.h"

G_BEGIN_DECLS

/* Called with the credentials. @user is NULL if there are none: the handler has not set any, or a
 * held authenticator was finalized. It is called once; the authenticator may be freed by it. */
typedef void (*QnetAuthenticatorFunc) (gpointer    user_data,
                                       const char *user,
                                       const char *password);

/* Begins a request, before the signal is emitted, of a connection of @reactor. */
void qnet_authenticator_begin  (QnetAuthenticator     *self,
                                QnetReactor           *reactor,  /* (nullable) */
                                const char            *realm,  /* (nullable) */
                                QnetAuthenticatorFunc  answered,
                                gpointer               user_data);

/* Ends the emission of the signal: calls @answered, unless the authenticator is held, and drops the
 * caller's reference. If there is no other reference, @answered is called, too. Returns whether it
 * is held. */
gboolean qnet_authenticator_end (QnetAuthenticator    *self);  /* (transfer full) */

/* Cancels the request: @answered is not called. */
void qnet_authenticator_cancel (QnetAuthenticator     *self);

G_END_DECLS
