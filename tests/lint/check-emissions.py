#!/usr/bin/python3
#
# check-emissions.py: a loop that emits looks again whether to continue
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: check-emissions.py SOURCE_FOLDER [--list]
#
# A handler may do anything, so that after an emission the object may be closed, disposed, or used
# for something else. A loop that emits, also by a function that it calls, has to look again, in one
# of these ways:
# - its condition, or a condition of its body that is tested after the emission, or around it, or
#   that leaves the loop, reads some state: it calls a predicate (is_, has_, can_, may_), looks for
#   the next item (find_, get_first_, peek_, take_), or reads a member other than a length;
# - the loop ends after the emission.
# --list prints all loops that emit.

"""A heuristic on the text: functions are found by name, those that are static first in their own
file. A call by a pointer counts as an emission where it is one of those that lead to handlers."""

import re
import sys

import lint

# What leads to code of the application
EMISSION = re.compile(
    r"\bg_signal_emit(?:v|_by_name|_valist)? \(|\bg_object_notify(?:_by_pspec)? \("
    r"|\bg_object_thaw_notify \(|\bg_list_model_items_changed \(|\bg_task_return_\w+ \("
    r"|\bcallbacks->\w+ \(|->funcs->\w+ \(|->answered \(|->func \("
    r"|\b\w+_GET_CLASS \(\w+\)(?:->priv)?->(?!describe_)\w+ \(|->dispatch_properties_changed \(")

FUNCTION = re.compile(r"^(\w+) \(([^;{]*?)\)\n\{\n(.*?)^\}\n", re.MULTILINE | re.DOTALL)
STATIC = re.compile(r"^static\b[^;{(]*\n(\w+) \(", re.MULTILINE)
CALL = re.compile(r"\b([a-z]\w+) \(")
LOOP = re.compile(r"\b(for|while) \(|\bdo\b(?=\s)")

LENGTH = re.compile(r"\w+(?:(?:->|\.)\w+)*(?:->|\.)len\b")
LOOK = re.compile(
    r"\b(?:\w+_)?(?:is|has|can|may)_\w+ \("
    r"|\b(?:\w+_)?(?:find|get_first|peek|take)_\w+ \("
    r"|(?:->|[a-z]\.)(?!pdata\b|data\b|next\b)[a-z]\w*\b(?! \()")
CONDITION = re.compile(r"\b(?:if|while|switch) (?=\()")
EXIT = re.compile(r"\s*\{?\s*(?:return|break|continue)\b")

# "file: function": why its loop need not look
EXCEPTIONS = {
    "device/qnet-io-device-output-stream.c: put_vectors":
        "put() writes nothing to a device that was closed, and its result ends the loop",
    "lookup/qnet-system-lookup.c: job_run":
        "each lookup is another object, which only this function ends",
    "loop/qnet-watch.c: qnet_reactor_serve_events":
        "serve_event() looks whether the watch still exists, and is interested",
    "ssl/qnet-ssl-socket-properties.c: qnet_ssl_socket_notify_session":
        "notifications are frozen",
    "udp/qnet-udp-socket-batches.c: send_batch":
        "qnet_udp_socket_check_datagram() fails if the socket was closed, which ends the loop",
    "udp/qnet-udp-socket-batches.c: send_batch_by_relay":
        "qnet_udp_socket_send_datagram() fails if the socket was closed, which ends the loop",
    "udp/qnet-udp-socket-batches.c: qnet_udp_socket_write_datagrams":
        "send_several() fails if the socket was closed, and its result ends the loop",
}


def closing(text, start):
    """The index after the bracket that closes the one at start."""
    pairs = {"(": ")", "{": "}"}
    depth = 0
    for at in range(start, len(text)):
        depth += text[at] == text[start]
        depth -= text[at] == pairs[text[start]]
        if depth == 0:
            return at + 1
    return len(text)


def statement_end(text, start):
    """The index after the statement that begins at start."""
    at = start + len(text[start:]) - len(text[start:].lstrip())
    if text[at:at + 1] == "{":
        return closing(text, at)
    word = re.match(r"(?:for|while|if|switch) (?=\()", text[at:])
    if word:
        end = statement_end(text, closing(text, at + word.end()))
        other = re.match(r"\s*else\b", text[end:])
        return statement_end(text, end + other.end()) if other else end
    if re.match(r"do\b", text[at:]):
        end = statement_end(text, at + 2)
        return text.find(";", end) + 1
    return text.find(";", at) + 1 or len(text)


def loops(body):
    """Gives (condition, statement) of each loop; of a for loop, the condition and the last part."""
    ends = set()
    for match in LOOP.finditer(body):
        if match[0].startswith("do"):
            end = statement_end(body, match.end())
            start = body.find("(", end)
            stop = closing(body, start)
            ends.add(start)
            yield body[start:stop], body[match.end():end]
        elif match.end() - 1 not in ends:
            stop = closing(body, match.end() - 1)
            condition = body[match.end():stop - 1]
            if match[1] == "for":
                condition = ";".join(condition.split(";")[1:])
            yield condition, body[stop:statement_end(body, stop)]


def looks(condition):
    return LOOK.search(LENGTH.sub("", condition)) is not None


def conditions(body):
    """Gives the start of each condition, its end, and the end of what it controls."""
    for match in CONDITION.finditer(body):
        end = closing(body, match.end())
        yield match.end(), end, statement_end(body, match.start())


def looks_again(condition, statement, after):
    """Whether a loop looks; after is the index after its last emission."""
    if looks(condition) or re.match(r"[^;]*;\s*(?:return|break)\b", statement[after:]):
        return True
    for start, end, controlled in conditions(statement):
        if looks(statement[start:end]) and (start > after or end < after <= controlled
                                            or EXIT.match(statement, end)):
            return True
    return False


class Code:
    def __init__(self, files):
        self.bodies = {}  # (file, function): its body
        self.places = {}  # a function that is not static: its file
        for path, text in files.items():
            text = lint.without_comments(text)
            statics = set(STATIC.findall(text))
            for name, _, body in FUNCTION.findall(text):
                self.bodies[path, name] = body
                if name not in statics:
                    self.places[name] = path
        self.emitting = {key for key, body in self.bodies.items() if EMISSION.search(body)}
        self.close()

    def find(self, path, name):
        return (path, name) if (path, name) in self.bodies else (self.places.get(name), name)

    def calls(self, path, text):
        return {self.find(path, name) for name in CALL.findall(text)}

    def close(self):
        """A function that calls one that emits emits."""
        callers = {}
        for key, body in self.bodies.items():
            for callee in self.calls(key[0], body):
                callers.setdefault(callee, set()).add(key)
        pending = list(self.emitting)
        while pending:
            new = callers.get(pending.pop(), set()) - self.emitting
            self.emitting |= new
            pending += new

    def last_emission(self, path, text):
        """The index after the last emission, or None."""
        found = [match.end() for match in EMISSION.finditer(text)]
        found += [match.end() for match in CALL.finditer(text)
                  if self.find(path, match[1]) in self.emitting]
        return max(found, default=None)

    def emitting_loops(self):
        """Gives "file: function" and whether the loop looks again."""
        for (path, name), body in sorted(self.bodies.items()):
            for condition, statement in loops(body):
                after = self.last_emission(path, statement)
                if after is None and self.last_emission(path, condition) is not None:
                    after = 0
                if after is not None:
                    yield f"{path}: {name}", looks_again(condition, statement, after)


def findings(files, exceptions):
    found = []
    excused = set()
    for place, is_right in Code(files).emitting_loops():
        if place in exceptions:
            excused.add(place)
        elif not is_right:
            found.append(f"{place}() emits in a loop, and does not look whether to continue")
    found += [f"{place}() needs no exception" for place in sorted(set(exceptions) - excused)]
    return found


SAMPLE = {
    "a.c": """
static void
emit (Thing *self)
{
  g_signal_emit (self, signals[0], 0);  /* is_disposed () */
}

void
bad_list (Thing *self)
{
  for (guint i = 0; i < self->items->len; i++)
    emit (self);
}

void
bad_times (Thing *self)
{
  while (n-- > 0)
    {
      if (self->is_open)
        prepare (self);
      emit (self);
    }
}

void
good_condition (Thing *self)
{
  for (guint i = 0; i < n && !thing_is_disposed (self); i++)
    emit (self);
}

void
good_member (Thing *self)
{
  while (self->state == OPEN)
    emit (self);
}

void
good_later (Thing *self)
{
  for (guint i = 0; i < n; i++)
    {
      emit (self);
      if (self->serial != serial)
        return;
    }
}

void
good_around (Thing *self)
{
  for (guint i = 0; i < n; i++)
    if (has_changed (self, i))
      emit (self);
}

void
good_exit (Thing *self)
{
  for (guint i = 0; i < n; i++)
    {
      if (!self->is_open)
        return;
      emit (self);
    }
}

void
good_once (Thing *self)
{
  for (guint i = 0; i < n; i++)
    {
      emit (self);
      break;
    }
}

void
bad_result (Thing *self)
{
  for (guint i = 0; i < n; i++)
    if (!bad_list (self))
      return;
}

void
good_silent (Thing *self)
{
  for (guint i = 0; i < n; i++)
    prepare (self);
}
""",
    "b.c": """
void
bad_do (Thing *self)
{
  do
    bad_list (self);
  while (--n > 0);
}

static void
emit (Thing *self)
{
  self->n++;
}

void
good_other_file (Thing *self)
{
  for (guint i = 0; i < n; i++)
    emit (self);
}

void
excused (Thing *self)
{
  for (guint i = 0; i < n; i++)
    g_object_notify (self, names[i]);
}
""",
}

SAMPLE_EXPECTED = [
    "a.c: bad_list() emits in a loop, and does not look whether to continue",
    "a.c: bad_result() emits in a loop, and does not look whether to continue",
    "a.c: bad_times() emits in a loop, and does not look whether to continue",
    "b.c: bad_do() emits in a loop, and does not look whether to continue",
    "c.c: gone() needs no exception",
]


def main():
    files = lint.sources(sys.argv[1], ".c")

    if "--list" in sys.argv:
        for place, is_right in Code(files).emitting_loops():
            print(place, "" if is_right else "(does not look)")
        return

    tap = lint.Tap()
    tap.sample("loops that emit look again",
               findings(SAMPLE, {"b.c: excused": "", "c.c: gone": ""}), SAMPLE_EXPECTED)
    tap.clean("loops that emit look again", findings(files, EXCEPTIONS))
    tap.finish()


main()
