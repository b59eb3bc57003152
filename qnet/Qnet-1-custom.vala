/* Qnet-1-custom.vala: what vapigen gets wrong
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

namespace Qnet {
    public abstract class IODevice : GLib.IOStream {
        /* vapigen does not know that the class implements what is abstract in its parent. */
        public override GLib.InputStream input_stream { get; }
        public override GLib.OutputStream output_stream { get; }

        /* vapigen loses the type of the length that the _finish function returns, and uses int. */
        [CCode (array_length_type = "gsize")]
        [Version (since = "1.0")]
        public async uint8[] read_line_async (size_t max_size = 0,
                                              int io_priority = GLib.Priority.DEFAULT,
                                              GLib.Cancellable? cancellable = null)
            throws GLib.Error;
    }
}
