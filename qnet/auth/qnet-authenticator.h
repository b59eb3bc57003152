/* qnet-authenticator.h: the answer to a proxy that asks who we are
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib-object.h>

#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_AUTHENTICATOR (qnet_authenticator_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetAuthenticator, qnet_authenticator, QNET, AUTHENTICATOR, GObject)

QNET_AVAILABLE_IN_1_0
QnetAuthenticator *qnet_authenticator_new          (void) G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
const char        *qnet_authenticator_get_user     (QnetAuthenticator *self);
QNET_AVAILABLE_IN_1_0
void               qnet_authenticator_set_user     (QnetAuthenticator *self,
                                                    const char        *user);
QNET_AVAILABLE_IN_1_0
const char        *qnet_authenticator_get_password (QnetAuthenticator *self);
QNET_AVAILABLE_IN_1_0
void               qnet_authenticator_set_password (QnetAuthenticator *self,
                                                    const char        *password);
QNET_AVAILABLE_IN_1_0
const char        *qnet_authenticator_get_realm    (QnetAuthenticator *self);
QNET_AVAILABLE_IN_1_0
void               qnet_authenticator_set_realm    (QnetAuthenticator *self,
                                                    const char        *realm);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_authenticator_is_null      (QnetAuthenticator *self);

QNET_AVAILABLE_IN_1_0
void               qnet_authenticator_hold         (QnetAuthenticator *self);
QNET_AVAILABLE_IN_1_0
void               qnet_authenticator_resume       (QnetAuthenticator *self);

G_END_DECLS
