#!/usr/bin/env python3
#
# gen-version-macros.py: write the macros of every stable series into qnet-version.h
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: gen-version-macros.py VERSION TEMPLATE OUTPUT

In TEMPLATE, @MAJOR@, @MINOR@, @MICRO@ and @VERSION@ are replaced by the numbers of VERSION, and
the line @SERIES@ by one block of macros for each series from 1.0 up to that of VERSION. A new
series needs nothing here.
"""

import sys

NUMBER = """\
/**
 * QNET_VERSION_{major}_{minor}:
 *
 * The {major}.{minor} series, for %QNET_VERSION_MIN_REQUIRED and %QNET_VERSION_MAX_ALLOWED.
 *
 * Since: {major}.{minor}
 */
#define QNET_VERSION_{major}_{minor} (G_ENCODE_VERSION ({major}, {minor}))
"""

SERIES = """\
#if QNET_VERSION_MIN_REQUIRED >= QNET_VERSION_{major}_{minor}
#define QNET_DEPRECATED_IN_{major}_{minor} G_DEPRECATED _QNET_EXTERN
#define QNET_DEPRECATED_IN_{major}_{minor}_FOR(f) G_DEPRECATED_FOR (f) _QNET_EXTERN
#define QNET_DEPRECATED_ENUMERATOR_IN_{major}_{minor} G_DEPRECATED
#define QNET_DEPRECATED_ENUMERATOR_IN_{major}_{minor}_FOR(f) G_DEPRECATED_FOR (f)
#else
#define QNET_DEPRECATED_IN_{major}_{minor} _QNET_EXTERN
#define QNET_DEPRECATED_IN_{major}_{minor}_FOR(f) _QNET_EXTERN
#define QNET_DEPRECATED_ENUMERATOR_IN_{major}_{minor}
#define QNET_DEPRECATED_ENUMERATOR_IN_{major}_{minor}_FOR(f)
#endif

#if QNET_VERSION_MAX_ALLOWED < QNET_VERSION_{major}_{minor}
#define QNET_AVAILABLE_IN_{major}_{minor} G_UNAVAILABLE ({major}, {minor}) _QNET_EXTERN
#define QNET_AVAILABLE_ENUMERATOR_IN_{major}_{minor} G_UNAVAILABLE ({major}, {minor})
#else
#define QNET_AVAILABLE_IN_{major}_{minor} _QNET_EXTERN
#define QNET_AVAILABLE_ENUMERATOR_IN_{major}_{minor}
#endif
"""


def blocks(template, series):
    return "\n".join(template.format(major=major, minor=minor) for major, minor in series)


def main(version, template, output):
    major, minor, micro = (int(number) for number in version.split("."))
    series = [(major, number) for number in range(minor + 1)]

    with open(template, encoding="utf-8") as file:
        text = file.read()

    for key, value in {
        "@MAJOR@": str(major),
        "@MINOR@": str(minor),
        "@MICRO@": str(micro),
        "@VERSION@": version,
        "@NUMBERS@\n": blocks(NUMBER, series),
        "@SERIES@\n": blocks(SERIES, series),
    }.items():
        text = text.replace(key, value)

    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
