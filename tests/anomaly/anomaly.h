/* anomaly.h: each system call of a scenario fails in turn
 *
 * A round runs the whole scenario once. In the first round the first call of one kind fails, in the
 * second round the second one, and so on, until a round ends without a failure.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "base/qnet-syscall-private.h"

/* A kind of call, and the ways in which it fails. */
typedef struct
{
  const char  *name;
  QnetSyscall  call;
  int          outcomes[10];  /* errno values; < 0: that many bytes are transferred */
} Anomaly;

/* Runs the scenario, calls anomaly_end(), checks the result, and frees everything. */
typedef void (*AnomalyRound) (gconstpointer data);

/* Runs the rounds; @data is for @round. Marks the test as skipped where the call is never made. */
void     anomaly_run               (const Anomaly *anomaly,
                                    AnomalyRound   round,
                                    gconstpointer  data);

/* From now on no call fails. Returns whether one has failed in this round. */
gboolean anomaly_end               (void);

/* Adds a test for each of the @n kinds; its data is the Anomaly. */
void     anomaly_add_tests         (const char    *path,
                                    const Anomaly *anomalies,
                                    gsize          n,
                                    GTestDataFunc  func);

/* Iterates @context until @is_over; aborts the test when that takes too long. */
void     anomaly_iterate_until     (GMainContext  *context,
                                    gboolean     (*is_over) (gpointer data),
                                    gpointer       data);
