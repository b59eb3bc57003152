/* qnet-resolv-conf.c: the name servers that the system uses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-resolv-conf-private.h"

#include <netinet/in.h>
#include <string.h>

#ifdef HAVE_RES_NINIT
#include <resolv.h>
#endif

#define DEFAULT_INTERVAL   5000
#define DEFAULT_N_ATTEMPTS 2
#define DNS_PORT           53

static void
add_server (QnetResolvConf *self,
            const void     *native,
            gsize           size)
{
  struct sockaddr_storage storage = { 0 };

  memcpy (&storage, native, size);
  g_array_append_val (self->servers, storage);
}

#ifdef HAVE_RES_NINIT
/* glibc stores IPv6 servers in an array of their own, at the indices that are unused in the
 * list. */
static void
read_servers (QnetResolvConf           *self,
              const struct __res_state *state)
{
  for (int i = 0; i < state->nscount && i < MAXNS; i++)
    {
      if (state->nsaddr_list[i].sin_family == AF_INET)
        add_server (self, &state->nsaddr_list[i], sizeof state->nsaddr_list[i]);
#ifdef __GLIBC__
      else if (state->_u._ext.nsaddrs[i] != NULL)
        add_server (self, state->_u._ext.nsaddrs[i], sizeof *state->_u._ext.nsaddrs[i]);
#endif
    }
}

static void
read_settings (QnetResolvConf *self)
{
  struct __res_state state;

  memset (&state, 0, sizeof state);

  if (res_ninit (&state) != 0)
    return;

  read_servers (self, &state);
  self->interval = MAX (state.retrans, 1) * 1000;
  self->n_attempts = MAX (state.retry, 1);
#ifdef RES_TRUSTAD
  self->trusts_ad = (state.options & RES_TRUSTAD) != 0;
#endif

  if (state.dnsrch[0] != NULL)
    {
      g_free (self->domain);
      self->domain = g_strdup (state.dnsrch[0]);
    }

  res_nclose (&state);
}
#endif

QnetResolvConf *
qnet_resolv_conf_read (void)
{
  QnetResolvConf *self = g_new0 (QnetResolvConf, 1);
  const struct sockaddr_in local = {
    .sin_family = AF_INET,
    .sin_port = g_htons (DNS_PORT),
    .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK),
  };

  self->servers = g_array_new (FALSE, FALSE, sizeof (struct sockaddr_storage));
  self->interval = DEFAULT_INTERVAL;
  self->n_attempts = DEFAULT_N_ATTEMPTS;
  self->domain = g_strdup ("");

#ifdef HAVE_RES_NINIT
  read_settings (self);
#endif

  if (self->servers->len == 0)
    add_server (self, &local, sizeof local);

  return self;
}

void
qnet_resolv_conf_free (QnetResolvConf *self)
{
  g_array_unref (self->servers);
  g_free (self->domain);
  g_free (self);
}
