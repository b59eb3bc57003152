/* service-resolver.h: a resolver for services whose hosts the test sets
 *
 * "aN.test" is 127.0.0.N, and there are no other names.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* Takes the place of the default resolver for the rest of the program. */
void        service_resolver_install   (void);

/* From now on each service has no hosts: the domain states that it does not offer it. */
void        service_resolver_clear     (void);
void        service_resolver_add       (const char *host,
                                        guint16     port);  /* one more host of each service */

/* From now on services are not found, or not answered until the lookup is cancelled. */
void        service_resolver_fail      (const char *reason);
void        service_resolver_hang      (void);

/* (nullable): the name of the last service that was asked for */
const char *service_resolver_get_asked (void);
