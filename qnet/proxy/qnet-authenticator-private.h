/* qnet-authenticator-private.h: asking by an authenticator
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-authenticator.h"

G_BEGIN_DECLS

/* The answer is there. @user is NULL when there is none: the handler gave none, or whoever has held
 * the authenticator has dropped it. It is the last call; the authenticator may be freed in it. */
typedef void (*QnetAuthenticatorFunc) (gpointer    asker,
                                       const char *user,
                                       const char *password);

/* For whom the question is: before the signal. */
void qnet_authenticator_begin  (QnetAuthenticator     *self,
                                const char            *realm,  /* (nullable) */
                                QnetAuthenticatorFunc  answered,
                                gpointer               asker);

/* After the signal: tells the answer now, unless somebody holds it for later, and then drops the
 * caller's reference, so that nobody waits for an authenticator that is gone. TRUE when it is held. */
gboolean qnet_authenticator_end (QnetAuthenticator    *self);  /* (transfer full) */

/* Nobody wants to know any more. */
void qnet_authenticator_forget (QnetAuthenticator     *self);

G_END_DECLS
