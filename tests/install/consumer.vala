/* consumer.vala: the smallest program that uses qnet, in Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

int main () {
    unowned string? mismatch = Qnet.check_version (Qnet.MAJOR_VERSION, Qnet.MINOR_VERSION,
                                                   Qnet.MICRO_VERSION);
    print ("qnet %s\n", Qnet.VERSION_S);
    return mismatch == null ? 0 : 1;
}
