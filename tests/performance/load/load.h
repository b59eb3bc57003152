/* load.h: the parts of the load generator
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stddef.h>
#include <sys/epoll.h>

#include "common/meter.h"

/* Each runs until the meter ends the program. */
void load_requests   (const MeterTask *task);  /* echo, unix, lines, pieces */
void load_accepts    (const MeterTask *task);  /* connect, one request, away; again and again */
void load_bulk       (const MeterTask *task);  /* one connection, one way, much */
void load_datagrams  (const MeterTask *task);

/* A blocking connection to what is measured. */
int  load_connect    (const MeterTask *task);
void load_send       (int fd, const char *data, size_t size);

/* Ends the program when nothing happens for ten seconds. */
int  load_wait       (int epoll_fd, struct epoll_event *events, int n_events);
void load_watch      (int epoll_fd, int fd, void *data);

/* End the program if an answer is not what it has to be. */
void load_check      (const char *answer, const char *expected, size_t size);

void load_check_size (size_t size, size_t expected);

/* A request of @size bytes: no two neighbours alike, so that a byte too few or too many is seen. */
void load_fill       (char *request, size_t size);
