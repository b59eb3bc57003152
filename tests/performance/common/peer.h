/* peer.h: how a server that is measured is called, and what all of them have to agree on
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER_BLOCK_SIZE   65536  /* what is read or written at a time when there is much of it */
#define PEER_REQUEST_SIZE 64
#define PEER_N_PIECES     10
#define PEER_PIECE_SIZE   8
#define PEER_LINE_LIMIT   4096
#define PEER_BATCH        32     /* datagrams for one system call */
#define PEER_HIGH_WATER   262144 /* bytes that may wait to be sent; then a server stops producing */

typedef enum
{
  PEER_ECHO,       /* data is sent back */
  PEER_LINES,      /* each line is sent back, read by the library's functions for lines */
  PEER_PIECES,     /* each request of PEER_REQUEST_SIZE is answered by PEER_N_PIECES writes */
  PEER_BULK_IN,    /* after so many bytes one comes back */
  PEER_BULK_OUT,   /* after one byte so many come back */
  PEER_UDP,        /* datagrams go back one by one */
  PEER_UDP_BATCH,  /* ... or many with one system call */
  PEER_N_WORKLOADS
} PeerWorkload;

typedef struct
{
  PeerWorkload  workload;
  const char   *path;       /* of a Unix socket, or NULL: TCP or UDP on the loopback interface */
  uint64_t      bulk_size;  /* bytes of one transfer */
} PeerTask;

/* What is sent: blocks of PEER_BLOCK_SIZE, and the pieces. */
extern const char peer_block[PEER_BLOCK_SIZE];
extern const char peer_pieces[PEER_N_PIECES][PEER_PIECE_SIZE + 1];

/* "PROGRAM WORKLOAD [ARGUMENT]": the path for "unix", the size for "bulk-in" and "bulk-out". */
void peer_parse    (PeerTask *task, int argc, char **argv);

/* Ends the program; meson and the orchestrator take this for "left out". */
void peer_left_out (const char *why) __attribute__ ((noreturn));
void peer_fail     (const char *what) __attribute__ ((noreturn));

/* Prints where to connect, for the orchestrator. */
void peer_print_port (const PeerTask *task, unsigned port);

/* A descriptor that listens, or is bound for datagrams, and does not block; its port is printed. */
int  peer_listen   (const PeerTask *task);

/* The next block of a transfer of which so much is left. */
static inline size_t
peer_part (uint64_t left)
{
  return left < PEER_BLOCK_SIZE ? (size_t) left : PEER_BLOCK_SIZE;
}

static inline bool
peer_is_datagrams (const PeerTask *task)
{
  return task->workload == PEER_UDP || task->workload == PEER_UDP_BATCH;
}

#ifdef __cplusplus
}
#endif
