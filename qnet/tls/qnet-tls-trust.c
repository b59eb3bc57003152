/* qnet-tls-trust.c: the authorities that a session trusts
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-trust-private.h"

#include <gnutls/x509.h>
#include <sys/stat.h>

#include "tls/qnet-tls-gnutls-private.h"

struct _QnetTlsTrust
{
  gatomicrefcount                   ref_count;
  gnutls_certificate_credentials_t  credentials;
};

/* The authorities of the system, as they were when they were read. They are never freed, since
 * another thread may just be taking a reference; they change a few times a year. */
typedef struct _System System;

struct _System
{
  QnetTlsTrust *trust;
  System       *former;   /* (nullable) */
  guint64       version;  /* of the files */
};

static System *the_system = NULL;  /* (atomic) (nullable) */

static G_DEFINE_QUARK (qnet-tls-trust, quark)

static QnetTlsTrust *
trust_new (void)
{
  QnetTlsTrust *self = g_new0 (QnetTlsTrust, 1);

  g_atomic_ref_count_init (&self->ref_count);
  gnutls_certificate_allocate_credentials (&self->credentials);
  gnutls_certificate_set_retrieve_function3 (self->credentials, qnet_tls_session_retrieve);
  /* What a server staples is judged by qnet-tls-verification.c, apart from the signatures. */
  gnutls_certificate_set_verify_flags (self->credentials, GNUTLS_VERIFY_DISABLE_CRL_CHECKS);

  return self;
}

QnetTlsTrust *
qnet_tls_trust_ref (QnetTlsTrust *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
qnet_tls_trust_unref (QnetTlsTrust *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  gnutls_certificate_free_credentials (self->credentials);
  g_free (self);
}

/* One for all sessions */
QnetTlsTrust *
qnet_tls_trust_new_none (void)
{
  static QnetTlsTrust *none = NULL;  /* (atomic) (nullable) */
  QnetTlsTrust *made;

  if (g_atomic_pointer_get (&none) == NULL)
    {
      made = trust_new ();
      if (!g_atomic_pointer_compare_and_exchange (&none, NULL, made))
        qnet_tls_trust_unref (made);
    }

  return qnet_tls_trust_ref (g_atomic_pointer_get (&none));
}

gnutls_certificate_credentials_t
qnet_tls_trust_get_credentials (QnetTlsTrust *self)
{
  return self->credentials;
}

/* Changes when the file does. */
static guint64
add_version (guint64     version,
             const char *path)
{
  const guint64 prime = G_GUINT64_CONSTANT (1099511628211);  /* of the FNV hash */
  struct stat status = { 0 };

  if (stat (path, &status) != 0)
    return version * prime;

  version = (version ^ (guint64) status.st_ino) * prime;
  version = (version ^ (guint64) status.st_size) * prime;
  version = (version ^ (guint64) status.st_mtim.tv_sec) * prime;

  return (version ^ (guint64) status.st_mtim.tv_nsec) * prime;
}

/* The system */

/* Where GnuTLS reads them is decided when it is built: these are the usual places. */
static const char *const bundles[] = {
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
};

/* Changes when one of the files does. */
static guint64
get_version (void)
{
  guint64 version = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (bundles); i++)
    version = add_version (version, bundles[i]);

  return version;
}

static System *
system_new (System  *former,
            guint64  version)
{
  System *system = g_new0 (System, 1);

  system->former = former;
  system->version = version;
  system->trust = trust_new ();
  gnutls_certificate_set_x509_system_trust (system->trust->credentials);

  return system;
}

static void
system_free (System *system)
{
  qnet_tls_trust_unref (system->trust);
  g_free (system);
}

/* Lock-free: a fork in another thread could leave a lock locked forever. */
QnetTlsTrust *
qnet_tls_trust_new_system (void)
{
  System *current = g_atomic_pointer_get (&the_system);
  guint64 version = get_version ();
  System *made;

  if (current != NULL && current->version == version)
    return qnet_tls_trust_ref (current->trust);

  made = system_new (current, version);
  if (g_atomic_pointer_compare_and_exchange (&the_system, current, made))
    return qnet_tls_trust_ref (made->trust);

  system_free (made);

  return qnet_tls_trust_ref (((System *) g_atomic_pointer_get (&the_system))->trust);
}

/* Databases */

static gpointer
dup_trust (gpointer data,
           gpointer user_data)
{
  return data != NULL ? qnet_tls_trust_ref (data) : NULL;
}

/* Files that were read in this thread, the latest first: a program that makes a database of the
 * same file for each connection reads it once. */
typedef struct
{
  char         *path;     /* (owned) */
  guint64       version;
  QnetTlsTrust *trust;    /* (owned) */
} File;

#define MAX_FILES 8

static void files_free (gpointer data);

static GPrivate the_files = G_PRIVATE_INIT (files_free);

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->path);
  qnet_tls_trust_unref (file->trust);
  g_free (file);
}

static void
files_free (gpointer data)
{
  g_queue_free_full (data, file_free);
}

static GQueue *
get_files (void)
{
  GQueue *files = g_private_get (&the_files);

  if (files == NULL)
    {
      files = g_queue_new ();
      g_private_set (&the_files, files);
    }

  return files;
}

static File *
find_file (GQueue     *files,
           const char *path,
           guint64     version)
{
  for (GList *link = files->head; link != NULL; link = link->next)
    {
      File *file = link->data;

      if (file->version == version && g_str_equal (file->path, path))
        return file;
    }

  return NULL;
}

static void
remember_file (GQueue       *files,
               const char   *path,
               guint64       version,
               QnetTlsTrust *trust)
{
  File *file = g_new (File, 1);

  *file = (File) { g_strdup (path), version, qnet_tls_trust_ref (trust) };
  g_queue_push_head (files, file);

  if (files->length > MAX_FILES)
    file_free (g_queue_pop_tail (files));
}

/* The file was read by the database before; it may not exist any more. */
static QnetTlsTrust *
load_file (const char *path)
{
  GQueue *files = get_files ();
  guint64 version = add_version (1, path);
  File *file = find_file (files, path, version);
  g_autoptr(QnetTlsTrust) trust = NULL;

  if (file != NULL)
    return qnet_tls_trust_ref (file->trust);

  trust = trust_new ();
  if (gnutls_certificate_set_x509_trust_file (trust->credentials, path, GNUTLS_X509_FMT_PEM) <= 0)
    return NULL;

  remember_file (files, path, version, trust);

  return g_steal_pointer (&trust);
}

static QnetTlsTrust *
new_of_file (GTlsDatabase *database)
{
  g_autofree char *path = NULL;
  QnetTlsTrust *self = g_object_dup_qdata (G_OBJECT (database), quark_quark (), dup_trust, NULL);

  if (self != NULL)
    return self;

  g_object_get (database, "anchors", &path, NULL);
  self = path != NULL ? load_file (path) : NULL;
  if (self != NULL)
    g_object_set_qdata_full (G_OBJECT (database), quark_quark (), qnet_tls_trust_ref (self),
                             (GDestroyNotify) qnet_tls_trust_unref);

  return self;
}

/* A subclass may decide by itself. */
QnetTlsTrust *
qnet_tls_trust_new_of_database (GTlsDatabase *database)
{
  GTlsBackend *backend = g_tls_backend_get_default ();
  g_autoptr(GTlsDatabase) system = NULL;

  if (G_OBJECT_TYPE (database) == g_tls_backend_get_file_database_type (backend))
    return new_of_file (database);

  system = g_tls_backend_get_default_database (backend);

  return database == system ? qnet_tls_trust_new_system () : NULL;
}

void
qnet_tls_trust_prepare (GTlsDatabase *database)
{
  GType type = g_tls_backend_get_file_database_type (g_tls_backend_get_default ());

  if (database != NULL && G_OBJECT_TYPE (database) == type)
    {
      G_GNUC_UNUSED g_autoptr(QnetTlsTrust) trust = new_of_file (database);
    }
}
