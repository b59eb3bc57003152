/* device-fixture.h: a connected QnetTcpSocket, and the plain descriptor at its other end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

typedef struct
{
  GMainContext  *context;  /* (owned): its own, so that no test dispatches another's sources */
  QnetTcpSocket *socket;   /* (owned) (nullable): a test may drop it */
  QnetIODevice  *device;   /* the same */
  GIOStream     *stream;   /* the same */
  int            far;      /* (owned), or -1: the peer, not blocking */
} DeviceFixture;

void           device_fixture_set_up    (DeviceFixture *fixture,
                                         gconstpointer  data);
void           device_fixture_tear_down (DeviceFixture *fixture,
                                         gconstpointer  data);

/* Drops the test's reference. */
void           device_fixture_drop      (DeviceFixture *fixture);

/* Another socket, over a descriptor that it takes. (transfer full) */
QnetTcpSocket *device_fixture_wrap      (int            fd);

/* Runs the loop until nothing happens any more. */
void           device_fixture_settle    (DeviceFixture *fixture);

/* Sends, and runs the loop until it is in the read buffer. */
void           device_fixture_send      (DeviceFixture *fixture,
                                         const char    *text);

/* Reads from the peer's end, and runs the loop, until so many bytes have come. */
void           device_fixture_drain     (DeviceFixture *fixture,
                                         gsize          size);

/* Fills the kernel's buffers and some of ours, so that the next write waits; returns how much it
 * was. */
gsize          device_fixture_clog      (DeviceFixture *fixture);

/* A GAsyncReadyCallback for a GAsyncResult * that was NULL. It may only be called by the test's own
 * thread. */
void           result_cb                (GObject       *source,
                                         GAsyncResult  *result,
                                         gpointer       user_data);
/* Runs the loop until it was called; (transfer full). */
GAsyncResult  *await_result             (GAsyncResult **result);

/* Cancels from another thread, and returns when that has been done. */
void           cancel_elsewhere         (GCancellable  *cancellable);
