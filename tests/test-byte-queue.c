/* test-byte-queue.c: bytes in, bytes out
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-byte-queue-private.h"

#define N_OPERATIONS 4000
#define MAX_LENGTH   300000

typedef struct
{
  QnetChunkPool pool;
  QnetByteQueue queue;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  qnet_byte_queue_init (&fixture->queue, &fixture->pool);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_byte_queue_clear (&fixture->queue);
  g_assert_null (fixture->queue.head);
  g_assert_null (fixture->queue.tail);

  qnet_chunk_pool_clear (&fixture->pool);
  g_assert_cmpuint (fixture->pool.small.n_chunks, ==, 0);
  g_assert_cmpuint (fixture->pool.large.n_chunks, ==, 0);
}

static GBytes *
make_bytes (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_test_rand_int ();

  return g_bytes_new_take (data, size);
}

static void
assert_takes (QnetByteQueue *queue,
              const char    *expected)
{
  char buffer[64] = { 0, };
  gsize size = strlen (expected);

  g_assert_cmpuint (qnet_byte_queue_take (queue, buffer, size), ==, size);
  g_assert_cmpstr (buffer, ==, expected);
}

static void
test_empty (Fixture       *fixture,
            gconstpointer  data)
{
  struct iovec vector;
  char byte;
  g_autoptr(GBytes) bytes = NULL;

  g_test_summary ("An empty queue holds no chunk and gives nothing.");

  bytes = qnet_byte_queue_take_bytes (&fixture->queue, 10);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
  g_assert_cmpuint (qnet_byte_queue_take (&fixture->queue, &byte, 1), ==, 0);
  g_assert_cmpuint (qnet_byte_queue_peek (&fixture->queue, &byte, 1), ==, 0);
  g_assert_cmpuint (qnet_byte_queue_drop (&fixture->queue, 1), ==, 0);
  g_assert_cmpint (qnet_byte_queue_get_vectors (&fixture->queue, &vector, 1), ==, 0);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\n", 1), ==, -1);
  g_assert_null (fixture->queue.head);
}

static void
test_recycles (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GBytes) many = make_bytes (3000000);

  g_test_summary ("Emptied chunks serve again, and a pool keeps no more than its bound.");

  qnet_byte_queue_append (&fixture->queue, "one", 3);
  assert_takes (&fixture->queue, "one");
  g_assert_null (fixture->queue.head);
  g_assert_cmpuint (fixture->pool.small.n_chunks, ==, 1);

  qnet_byte_queue_append (&fixture->queue, "two", 3);
  g_assert_cmpuint (fixture->pool.small.n_chunks, ==, 0);

  for (guint i = 0; i < 30000; i++)
    qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (many, NULL), 100);

  qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (many, NULL), 3000000);
  qnet_byte_queue_clear (&fixture->queue);

  g_assert_cmpuint (fixture->pool.small.n_chunks, ==, 256);
  g_assert_cmpuint (fixture->pool.large.n_chunks, ==, 16);
}

static void
test_without_pool (Fixture       *fixture,
                   gconstpointer  data)
{
  QnetByteQueue queue;

  g_test_summary ("A queue needs no pool.");

  qnet_byte_queue_init (&queue, NULL);
  qnet_byte_queue_append (&queue, "abc", 3);
  assert_takes (&queue, "abc");
  g_assert_null (queue.head);
}

static void
test_reserve (Fixture       *fixture,
              gconstpointer  data)
{
  void *space;
  gsize size;

  g_test_summary ("A reservation that is not used leaves nothing; what is used adds to the end.");

  space = qnet_byte_queue_reserve (&fixture->queue, FALSE, &size);
  g_assert_cmpuint (size, >, 2048);
  qnet_byte_queue_commit (&fixture->queue, space, 0);
  g_assert_null (fixture->queue.head);
  g_assert_cmpuint (fixture->pool.small.n_chunks, ==, 1);

  for (guint i = 0; i < 1000; i++)
    {
      space = qnet_byte_queue_reserve (&fixture->queue, FALSE, &size);
      memcpy (space, "0123456789", 10);
      g_assert_cmpuint (size, >=, 1000);
      qnet_byte_queue_commit (&fixture->queue, space, 10);
    }

  space = qnet_byte_queue_reserve (&fixture->queue, TRUE, &size);
  memcpy (space, "0123456789", 10);
  g_assert_cmpuint (size, >, 32768);
  qnet_byte_queue_commit (&fixture->queue, space, 10);

  g_assert_cmpuint (fixture->queue.length, ==, 10010);
  for (guint i = 0; i < 1001; i++)
    assert_takes (&fixture->queue, "0123456789");
}

static void
test_large_bytes_are_not_copied (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (100000);
  g_autoptr(GBytes) part = NULL;
  g_autoptr(GBytes) whole = NULL;

  g_test_summary ("A large GBytes is written and read without a copy, as a whole and in parts.");

  qnet_byte_queue_append_bytes (&fixture->queue, bytes);
  whole = qnet_byte_queue_take_bytes (&fixture->queue, 100000);
  g_assert_true (g_bytes_get_data (whole, NULL) == g_bytes_get_data (bytes, NULL));

  qnet_byte_queue_append_bytes (&fixture->queue, bytes);
  qnet_byte_queue_drop (&fixture->queue, 1000);
  part = qnet_byte_queue_take_bytes (&fixture->queue, 50000);
  g_assert_true ((const guint8 *) g_bytes_get_data (part, NULL)
                 == (const guint8 *) g_bytes_get_data (bytes, NULL) + 1000);
  g_assert_cmpuint (fixture->queue.length, ==, 49000);
}

static void
test_small_part_pins_nothing (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (60000);
  g_autoptr(GBytes) part = NULL;

  g_test_summary ("A small part of a large chunk is copied, and the chunk free to serve again.");

  qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (bytes, NULL), 60000);
  part = qnet_byte_queue_take_bytes (&fixture->queue, 100);
  qnet_byte_queue_clear (&fixture->queue);

  g_assert_cmpuint (fixture->pool.large.n_chunks, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (part, NULL), 100, g_bytes_get_data (bytes, NULL), 100);
}

static void
test_shared_part_stays (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (60000);
  g_autoptr(GBytes) part = NULL;

  g_test_summary ("Bytes that were returned without a copy never change, whatever the queue does "
                  "next.");

  qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (bytes, NULL), 60000);
  part = qnet_byte_queue_take_bytes (&fixture->queue, 30000);

  qnet_byte_queue_prepend (&fixture->queue, "overwrites nothing", 18);
  qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (bytes, NULL), 60000);
  assert_takes (&fixture->queue, "overwrites nothing");
  qnet_byte_queue_clear (&fixture->queue);
  g_assert_cmpuint (fixture->pool.large.n_chunks, ==, 1);  /* the second one's */
  qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (bytes, NULL), 60000);

  g_assert_cmpmem (g_bytes_get_data (part, NULL), 30000, g_bytes_get_data (bytes, NULL), 30000);
}

static gpointer
unref_bytes_thread (gpointer data)
{
  g_bytes_unref (data);

  return NULL;
}

static void
test_shared_part_released_elsewhere (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (60000);

  g_test_summary ("Bytes that were returned without a copy may be released by another thread.");

  for (guint i = 0; i < 20; i++)
    {
      GThread *thread;

      qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (bytes, NULL), 60000);
      thread = g_thread_new ("release", unref_bytes_thread,
                             qnet_byte_queue_take_bytes (&fixture->queue, 30000));
      qnet_byte_queue_clear (&fixture->queue);
      g_thread_join (thread);
    }
}

static void
test_unget (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Bytes put back come out again first, one at a time or many.");

  qnet_byte_queue_append (&fixture->queue, "def", 3);
  qnet_byte_queue_prepend (&fixture->queue, "c", 1);
  qnet_byte_queue_prepend (&fixture->queue, "ab", 2);
  assert_takes (&fixture->queue, "abcd");
  qnet_byte_queue_prepend (&fixture->queue, "d", 1);
  assert_takes (&fixture->queue, "def");
}

static void
test_prepend_queue (Fixture       *fixture,
                    gconstpointer  data)
{
  QnetByteQueue other;

  g_test_summary ("A queue put before another one is empty afterwards.");

  qnet_byte_queue_init (&other, &fixture->pool);
  qnet_byte_queue_prepend_queue (&fixture->queue, &other);
  g_assert_null (fixture->queue.head);

  qnet_byte_queue_append (&other, "a", 1);
  qnet_byte_queue_prepend_queue (&fixture->queue, &other);
  qnet_byte_queue_append (&other, "b", 1);
  qnet_byte_queue_prepend_queue (&fixture->queue, &other);
  qnet_byte_queue_append (&fixture->queue, "c", 1);

  g_assert_cmpuint (other.length, ==, 0);
  g_assert_null (other.head);
  assert_takes (&fixture->queue, "bac");
}

static void
test_move_bytewise (Fixture       *fixture,
                    gconstpointer  data)
{
  QnetByteQueue to;
  struct iovec vectors[8];

  g_test_summary ("Many small moves fill chunks instead of collecting nearly empty ones.");

  qnet_byte_queue_init (&to, &fixture->pool);

  for (guint i = 0; i < 2000; i++)
    {
      qnet_byte_queue_append (&fixture->queue, "x", 1);
      qnet_byte_queue_move (&fixture->queue, 1, &to);
    }

  g_assert_cmpuint (to.length, ==, 2000);
  g_assert_cmpint (qnet_byte_queue_get_vectors (&to, vectors, 8), ==, 1);
  qnet_byte_queue_clear (&to);
}

static void
test_move_shares (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (100000);
  QnetByteQueue to;
  struct iovec vectors[2];

  g_test_summary ("Large pieces move without a copy, whole ones and parts.");

  qnet_byte_queue_init (&to, &fixture->pool);
  qnet_byte_queue_append_bytes (&fixture->queue, bytes);
  qnet_byte_queue_move (&fixture->queue, 40000, &to);
  qnet_byte_queue_move (&fixture->queue, 100000, &to);

  g_assert_cmpuint (fixture->queue.length, ==, 0);
  g_assert_cmpint (qnet_byte_queue_get_vectors (&to, vectors, 2), ==, 2);
  g_assert_true (vectors[0].iov_base == g_bytes_get_data (bytes, NULL));
  g_assert_true ((guint8 *) vectors[1].iov_base == (guint8 *) vectors[0].iov_base + 40000);
  qnet_byte_queue_clear (&to);
}

static void
test_find (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A needle is found where it first starts, also over the border of two chunks.");

  for (guint i = 0; i < 5000; i++)
    qnet_byte_queue_append (&fixture->queue, "-\r", 2);

  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, -1);
  qnet_byte_queue_append (&fixture->queue, "\n--\r\n", 5);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, 9999);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, 9999);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\r", 2), ==, -1);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "-\r-\r-\r\n--", 9), ==, 9994);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "-", 1), ==, 0);

  qnet_byte_queue_drop (&fixture->queue, 9999);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, 0);
  qnet_byte_queue_drop (&fixture->queue, 1);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, 3);
  qnet_byte_queue_prepend (&fixture->queue, "\r", 1);
  g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\r\n", 2), ==, 0);
}

/* The queue remembers the place by chunk as well as by number: what a search skips again and again
 * must be neither bytes nor chunks. One that began at the start would examine eight terabytes. */
static void
test_find_is_linear (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) piece = g_bytes_new_static ("0123456789abcdef", 16);

  g_test_summary ("Looking for the end of a long line after each small arrival takes O(n) in all.");

  for (guint i = 0; i < 1000000; i++)
    {
      qnet_byte_queue_append (&fixture->queue, g_bytes_get_data (piece, NULL), 16);
      g_assert_cmpint (qnet_byte_queue_find (&fixture->queue, "\n", 1), ==, -1);
    }
}

/* The same random operations on the queue and on a GByteArray. */

typedef struct
{
  QnetChunkPool  pool;
  QnetByteQueue  queue;
  QnetByteQueue  other;
  GByteArray    *model;
  GByteArray    *other_model;
  GPtrArray     *taken;         /* (element-type GBytes): returned by the queue ... */
  GPtrArray     *taken_models;  /* ... and copies of what they were then */
} Twins;

static gsize
random_size (void)
{
  static const int limits[] = { 3, 40, 5000, 80000 };

  return g_test_rand_int_range (0, limits[g_test_rand_int_range (0, G_N_ELEMENTS (limits))]);
}

/* Few values, so that searches find something. */
static GBytes *
random_bytes (void)
{
  gsize size = random_size ();
  guint8 *data = g_malloc (size + 1);  /* never NULL, for memcpy() */

  for (gsize i = 0; i < size; i++)
    data[i] = g_test_rand_bit () ? 'x' : 'y';

  if (size > 0)
    data[g_test_rand_int_range (0, size)] = '\n';

  return g_bytes_new_take (data, size);
}

static void
twins_append (Twins *twins)
{
  g_autoptr(GBytes) bytes = random_bytes ();
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (g_test_rand_bit ())
    qnet_byte_queue_append_bytes (&twins->queue, bytes);
  else
    qnet_byte_queue_append (&twins->queue, data, size);

  g_byte_array_append (twins->model, data, size);
}

static void
twins_receive (Twins *twins)
{
  g_autoptr(GBytes) bytes = random_bytes ();
  gsize size, room;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *space = qnet_byte_queue_reserve (&twins->queue, g_test_rand_bit (), &room);

  g_assert_cmpuint (room, >, 0);
  size = MIN (size, room);
  memset (space, 0xaa, room);
  memcpy (space, data, size);
  qnet_byte_queue_commit (&twins->queue, space, size);
  g_byte_array_append (twins->model, data, size);
}

static void
twins_prepend (Twins *twins)
{
  g_autoptr(GBytes) bytes = random_bytes ();
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  qnet_byte_queue_prepend (&twins->queue, data, size);
  g_byte_array_prepend (twins->model, data, size);
}

static void
remove_front (GByteArray *model,
              gsize       size)
{
  if (size > 0)
    g_byte_array_remove_range (model, 0, size);
}

static void
twins_take (Twins *twins)
{
  gsize size = random_size ();
  gsize there = MIN (size, twins->model->len);
  g_autofree guint8 *buffer = g_malloc (size + 1);

  g_assert_cmpuint (qnet_byte_queue_peek (&twins->queue, buffer, size), ==, there);
  g_assert_cmpmem (buffer, there, twins->model->data, there);

  if (g_test_rand_bit ())
    g_assert_cmpuint (qnet_byte_queue_take (&twins->queue, buffer, size), ==, there);
  else
    g_assert_cmpuint (qnet_byte_queue_drop (&twins->queue, size), ==, there);

  g_assert_cmpmem (buffer, there, twins->model->data, there);
  remove_front (twins->model, there);
}

static void
twins_take_bytes (Twins *twins)
{
  GBytes *bytes = qnet_byte_queue_take_bytes (&twins->queue, random_size ());
  gsize size = g_bytes_get_size (bytes);

  g_assert_cmpuint (size, <=, twins->model->len);
  g_ptr_array_add (twins->taken, bytes);
  g_ptr_array_add (twins->taken_models, g_bytes_new (twins->model->data, size));
  remove_front (twins->model, size);
}

static void
twins_move (Twins *twins)
{
  gsize size = random_size ();
  gsize there = MIN (size, twins->model->len);

  qnet_byte_queue_move (&twins->queue, size, &twins->other);
  g_byte_array_append (twins->other_model, twins->model->data, there);
  remove_front (twins->model, there);
}

static void
twins_move_back (Twins *twins)
{
  qnet_byte_queue_prepend_queue (&twins->queue, &twins->other);
  g_assert_cmpuint (twins->other.length, ==, 0);
  g_byte_array_prepend (twins->model, twins->other_model->data, twins->other_model->len);
  g_byte_array_set_size (twins->other_model, 0);
}

static void
twins_find (Twins *twins)
{
  static const char *needles[] = { "\n", "xy", "x\ny", "yxyxyxyxyxy", "\n\n" };
  const char *needle = needles[g_test_rand_int_range (0, G_N_ELEMENTS (needles))];
  const guint8 *data = twins->model->data;
  const guint8 *found = memmem (data, twins->model->len, needle, strlen (needle));

  g_assert_cmpint (qnet_byte_queue_find (&twins->queue, needle, strlen (needle)), ==,
                   found != NULL ? found - data : -1);
}

static void
assert_taken_are_unchanged (Twins *twins)
{
  for (guint i = 0; i < twins->taken->len; i++)
    g_assert_true (g_bytes_equal (twins->taken->pdata[i], twins->taken_models->pdata[i]));
}

static void
twins_clear (Twins *twins)
{
  assert_taken_are_unchanged (twins);

  qnet_byte_queue_clear (&twins->queue);
  g_byte_array_set_size (twins->model, 0);
  g_ptr_array_set_size (twins->taken, 0);
  g_ptr_array_set_size (twins->taken_models, 0);
}

static void
assert_queue_is (QnetByteQueue *queue,
                 GByteArray    *model)
{
  struct iovec vectors[3];
  int n_vectors = qnet_byte_queue_get_vectors (queue, vectors, G_N_ELEMENTS (vectors));
  gsize at = 0;

  g_assert_cmpuint (queue->length, ==, model->len);
  g_assert_cmpint (n_vectors > 0, ==, model->len > 0);

  for (int i = 0; i < n_vectors; i++)
    {
      g_assert_cmpuint (vectors[i].iov_len, >, 0);
      g_assert_cmpuint (vectors[i].iov_len, <=, model->len - at);
      g_assert_true (memcmp (vectors[i].iov_base, model->data + at, vectors[i].iov_len) == 0);
      at += vectors[i].iov_len;
    }
}

static void
twins_step (Twins *twins)
{
  static void (*const operations[]) (Twins *) = {
    twins_append, twins_append, twins_receive, twins_receive, twins_prepend, twins_take, twins_take,
    twins_take_bytes, twins_move, twins_move_back, twins_find, twins_find,
  };

  if (twins->model->len > MAX_LENGTH || g_test_rand_int_range (0, 500) == 0)
    twins_clear (twins);

  operations[g_test_rand_int_range (0, G_N_ELEMENTS (operations))] (twins);

  assert_queue_is (&twins->queue, twins->model);
  assert_queue_is (&twins->other, twins->other_model);
}

static void
test_random (void)
{
  Twins twins;

  g_test_summary ("Whatever is done in whatever order, a queue holds what a plain array would.");

  memset (&twins, 0, sizeof twins);
  qnet_byte_queue_init (&twins.queue, &twins.pool);
  qnet_byte_queue_init (&twins.other, &twins.pool);
  twins.model = g_byte_array_sized_new (MAX_LENGTH);
  twins.other_model = g_byte_array_sized_new (MAX_LENGTH);
  twins.taken = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  twins.taken_models = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < N_OPERATIONS; i++)
    twins_step (&twins);

  assert_taken_are_unchanged (&twins);

  qnet_byte_queue_clear (&twins.queue);
  qnet_byte_queue_clear (&twins.other);
  qnet_chunk_pool_clear (&twins.pool);
  g_ptr_array_unref (twins.taken);
  g_ptr_array_unref (twins.taken_models);
  g_byte_array_unref (twins.model);
  g_byte_array_unref (twins.other_model);
}

#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/byte-queue/empty", test_empty);
  add ("/byte-queue/recycles", test_recycles);
  add ("/byte-queue/without-pool", test_without_pool);
  add ("/byte-queue/reserve", test_reserve);
  add ("/byte-queue/bytes/not-copied", test_large_bytes_are_not_copied);
  add ("/byte-queue/bytes/small-part", test_small_part_pins_nothing);
  add ("/byte-queue/bytes/unchanged", test_shared_part_stays);
  add ("/byte-queue/bytes/other-thread", test_shared_part_released_elsewhere);
  add ("/byte-queue/unget", test_unget);
  add ("/byte-queue/prepend-queue", test_prepend_queue);
  add ("/byte-queue/move/bytewise", test_move_bytewise);
  add ("/byte-queue/move/shares", test_move_shares);
  add ("/byte-queue/find/borders", test_find);
  add ("/byte-queue/find/linear", test_find_is_linear);
  g_test_add_func ("/byte-queue/random", test_random);

  return g_test_run ();
}
