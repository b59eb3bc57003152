/* program.c: a program that a test talks to, while the main loop of the test runs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/program.h"

#include <string.h>

struct _Program
{
  GSubprocess  *process;  /* (owned) */
  GMainContext *context;  /* (owned) */
  GString      *output;   /* (owned) */
};

gboolean
program_is_installed (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);

  return path != NULL;
}

Program *
program_start (const char * const *words)
{
  Program *program = g_new (Program, 1);
  GError *error = NULL;

  program->process = g_subprocess_newv (words,
                                        G_SUBPROCESS_FLAGS_STDIN_PIPE
                                        | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                          | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                                        &error);
  g_assert_no_error (error);
  program->context = g_main_context_ref_thread_default ();
  program->output = g_string_new (NULL);

  return program;
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(gboolean *) user_data = TRUE;
}

static char *
end (Program *program)
{
  gboolean has_exited = FALSE;
  char *output;

  g_subprocess_wait_async (program->process, NULL, exited_cb, &has_exited);
  while (!has_exited)
    g_main_context_iteration (program->context, TRUE);

  output = g_string_free (program->output, FALSE);
  g_object_unref (program->process);
  g_main_context_unref (program->context);
  g_free (program);

  return output;
}

void
program_stop (Program *program)
{
  if (program == NULL)
    return;

  g_subprocess_force_exit (program->process);
  g_free (end (program));
}

char *
program_finish (Program *program)
{
  return end (program);
}

static gboolean
readable_cb (GPollableInputStream *pipe,
             gpointer              user_data)
{
  return G_SOURCE_CONTINUE;
}

/* FALSE: there is nothing to read now. */
static gboolean
read_output (Program              *program,
             GPollableInputStream *pipe)
{
  char buffer[4096];
  gssize n = g_pollable_input_stream_read_nonblocking (pipe, buffer, sizeof buffer, NULL, NULL);

  if (n == 0)
    g_error ("the program ended, with the output: %s", program->output->str);
  if (n > 0)
    g_string_append_len (program->output, buffer, n);

  return n > 0;
}

const char *
program_await (Program    *program,
               const char *text)
{
  GPollableInputStream *pipe
    = G_POLLABLE_INPUT_STREAM (g_subprocess_get_stdout_pipe (program->process));
  g_autoptr(GSource) source = g_pollable_input_stream_create_source (pipe, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), NULL, NULL);
  g_source_attach (source, program->context);

  while (strstr (program->output->str, text) == NULL)
    if (!read_output (program, pipe))
      g_main_context_iteration (program->context, TRUE);

  g_source_destroy (source);

  return program->output->str;
}

void
program_write (Program    *program,
               const char *text)
{
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (program->process);

  g_assert_true (g_output_stream_write_all (pipe, text, strlen (text), NULL, NULL, NULL));
}
