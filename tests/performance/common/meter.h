/* meter.h: counts answers, first to warm up, then for the result
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct
{
  const char *workload;
  const char *address;    /* a port on the loopback interface, or the path of a Unix socket */
  int         active;     /* connections that make requests */
  int         idle;       /* connections that only exist */
  int         touch;      /* whether each of those makes one request first */
  double      warm_up;    /* seconds */
  double      seconds;    /* to measure */
  long        requests;   /* if not 0, it counts instead of seconds, in each of the two phases */
  uint64_t    bulk_size;  /* bytes of one transfer */
} MeterTask;

/* "PROGRAM [OPTION]... WORKLOAD ADDRESS" */
void     meter_parse (MeterTask *task, int argc, char **argv);

/* Begins to count, once all connections are open. */
void     meter_start (void);

/* One more answer has come. After the warm-up it prints "ready" and waits for a line on standard
 * input; then it measures for as long as was asked for, prints "ANSWERS MICROSECONDS TOTAL LOST",
 * waits again, and ends the program. TOTAL counts from the line on: the answers that had piled up
 * while it waited are no part of the rate, but of what the other side has done. */
void     meter_count (void);

/* A datagram was lost. */
void     meter_lost  (void);

unsigned meter_port  (const MeterTask *task);

void     meter_fail  (const char *what) __attribute__ ((noreturn));

#ifdef __cplusplus
}
#endif
