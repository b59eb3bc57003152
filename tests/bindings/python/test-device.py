#!/usr/bin/python3
#
# test-device.py: bytes in and out of a QnetIODevice, from Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import array

import tap
from peers import PATIENCE, GLib, PeerCase, Qnet, iterate_until

from gi.repository import Gio

ALL_BYTES = bytes(range(256))


class Reading(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.peer = self.connect()

    def test_read(self):
        """read() and read_all() give bytes, every value of them."""
        self.receive(self.ours, self.peer, ALL_BYTES)

        self.assertEqual(self.ours.read(3), ALL_BYTES[:3])
        self.assertIsInstance(self.ours.read(1), bytes)
        self.assertEqual(self.ours.read_all(), ALL_BYTES[4:])

    def test_nothing(self):
        """Where there is nothing the bytes are empty, and read-finished is False."""
        ours = self.ours
        for nothing in ours.read(9), ours.read_all(), ours.read_line(0), ours.peek(9):
            self.assertEqual(nothing, b"")
        self.assertFalse(self.ours.props.read_finished)

    def test_peek(self):
        """peek() takes nothing."""
        self.receive(self.ours, self.peer, b"ab")

        self.assertEqual((self.ours.peek(1), self.ours.peek(9), self.ours.read(9)),
                         (b"a", b"ab", b"ab"))

    def test_lines(self):
        """read_line() gives whole lines, or pieces of the size asked for."""
        self.receive(self.ours, self.peer, b"one\ntwo\nthr")

        self.assertTrue(self.ours.can_read_line())
        self.assertEqual(self.ours.read_line(0), b"one\n")
        self.assertEqual(self.ours.read_line_utf8(0), "two")
        self.assertFalse(self.ours.can_read_line())
        self.assertEqual(self.ours.read_line(0), b"")
        self.assertEqual(self.ours.read_line(2), b"th")

    def test_bad_lines(self):
        """A loop over lines of text ends: one that is not text raises, and is taken."""
        self.receive(self.ours, self.peer, b"one\n\xff\nthree\n")
        texts = []

        while self.ours.can_read_line():
            self.assertLess(len(texts), 3)
            try:
                texts.append(self.ours.read_line_utf8())
            except GLib.Error as error:
                texts.append(error.message)
        self.assertEqual([texts[0], texts[2]], ["one", "three"])
        self.assertIn("UTF-8", texts[1])

    def test_iteration(self):
        """A "for" gives the lines that have arrived, and leaves the piece."""
        self.receive(self.ours, self.peer, b"one\ntwo\nthr")
        self.assertEqual(list(self.ours), [b"one\n", b"two\n"])

        self.receive(self.ours, self.peer, b"ee\n")
        self.assertEqual([line.decode() for line in self.ours], ["three\n"])

    def test_last_line(self):
        """Without an end of line, the last piece is a line once the peer has ended."""
        self.peer.sendall(b"one\nend")
        self.peer.close()
        self.ours.wait_for_disconnected(PATIENCE)

        self.assertEqual(list(self.ours), [b"one\n", b"end"])
        self.assertTrue(self.ours.props.read_finished)

    def test_read_until(self):
        """read_until() takes any bytes-like delimiter."""
        self.receive(self.ours, self.peer, b"a\0\0b\0\0c\0\0d")

        self.assertEqual(self.ours.read_until(b"\0\0", 0), b"a\0\0")
        self.assertEqual(self.ours.read_until(bytearray(2), 0), b"b\0\0")
        self.assertEqual(self.ours.read_until(memoryview(bytes(2)), 0), b"c\0\0")
        self.assertEqual(self.ours.read_until(b"\0\0", 0), b"")

    def test_gbytes(self):
        """The _bytes() forms give GBytes."""
        self.receive(self.ours, self.peer, b"abc\nde")

        self.assertEqual(self.ours.peek_bytes(2).get_data(), b"ab")
        self.assertEqual(self.ours.read_bytes(1).get_data(), b"a")
        self.assertEqual(self.ours.read_line_bytes(0).get_data(), b"bc\n")
        self.assertEqual(self.ours.read_all_bytes().get_data(), b"de")

    def test_characters(self):
        """Single characters are numbers, and can be put back; where there is none it is None."""
        self.receive(self.ours, self.peer, b"a\0b")

        self.assertEqual(self.ours.get_char(), ord("a"))
        self.ours.unget_char(ord("x"))
        self.assertEqual(self.ours.skip(1), 1)
        self.assertEqual(self.ours.get_char(), 0)
        self.assertEqual(self.ours.read(), b"b")
        self.assertIsNone(self.ours.get_char())

    def test_transaction(self):
        """A transaction that is rolled back gives the bytes once more."""
        self.receive(self.ours, self.peer, b"abc")

        self.ours.start_transaction()
        self.assertTrue(self.ours.props.transaction_started)
        self.assertEqual(self.ours.read(2), b"ab")
        self.ours.rollback_transaction()
        self.assertEqual(self.ours.read(3), b"abc")


class Writing(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.peer = self.connect()

    def assert_sent(self, expected):
        self.ours.flush()
        data = b""
        while len(data) < len(expected):
            data += self.peer.recv(len(expected) - len(data))
        self.assertEqual(data, expected)

    def test_bytes_like(self):
        """write() takes bytes-like objects."""
        for data in (ALL_BYTES, bytearray(b"ab"), memoryview(b"cd"), memoryview(b"e_f_")[::2],
                     array.array("H", [1, 2])):
            expected = memoryview(data).tobytes()
            self.assertEqual(self.ours.write(data), len(expected))
            self.assert_sent(expected)
        self.assertEqual(self.ours.write(b""), 0)

    def test_not_bytes(self):
        """write() takes neither text nor a number, which bytes() would make zeros of."""
        for data in "text", 5, None:
            with self.assertRaises(TypeError):
                self.ours.write(data)
        self.assertEqual(self.ours.get_bytes_to_write(), 0)

    def test_other_forms(self):
        """Text, GBytes and single characters have functions of their own."""
        self.assertEqual(self.ours.write_string("für"), 4)
        self.assertEqual(self.ours.write_bytes(GLib.Bytes.new(b"\0\1")), 2)
        self.assertTrue(self.ours.put_char(255))
        self.assert_sent("für".encode() + b"\0\1\xff")

    def test_glib_bytes(self):
        """Where C takes GBytes, Python takes bytes-like objects as well, and no text."""
        for data in b"\0\1", bytearray(b"ab"), memoryview(b"cd"), GLib.Bytes.new(b"ef"):
            self.assertEqual(self.ours.write_bytes(data), 2)
        self.assert_sent(b"\0\1abcdef")
        for data in "text", 5, None:
            with self.assertRaises(TypeError):
                self.ours.write_bytes(data)
        self.assertEqual(self.ours.get_bytes_to_write(), 0)

    def test_bytes_written(self):
        """The signal bytes-written has the number of bytes, and is not emitted inside write()."""
        numbers = []
        self.ours.connect("bytes-written", lambda device, number: numbers.append(number))
        self.ours.write(bytes(1000))

        self.assertEqual(numbers, [])
        self.assertTrue(self.ours.wait_for_bytes_written(PATIENCE))
        self.assertEqual(numbers, [1000])

    def test_context(self):
        """A "with" closes the device: what was written arrives, then the end."""
        with self.ours as same:
            self.assertIs(same, self.ours)
            self.ours.write(b"last bytes")

        self.assertFalse(self.ours.is_open())
        self.assertTrue(self.ours.is_closed())
        iterate_until(lambda: self.ours.props.state == Qnet.SocketState.UNCONNECTED)
        self.assertEqual(self.peer.makefile("rb").read(), b"last bytes")

    def test_context_and_exception(self):
        """An exception inside "with" closes the device, too, and propagates."""
        with self.assertRaises(KeyError), self.ours:
            raise KeyError

        self.assertTrue(self.ours.is_closed())

    def test_not_open(self):
        """Writing to a device that is not open is an exception."""
        with self.assertRaises(GLib.Error) as caught:
            Qnet.TcpSocket().write(b"x")
        self.assert_error(caught.exception, Qnet.SocketError.OPERATION)


class Subclassing(PeerCase):
    def test_write_data(self):
        """A subclass can change what is written, and chain up."""

        class Shouter(Qnet.TcpSocket):
            def do_write_data(self, data):
                return Qnet.TcpSocket.do_write_data(self, data.upper())

        ours, peer = self.connect(Shouter)
        self.assertEqual(ours.write(b"quiet"), 5)
        ours.flush()
        self.assertEqual(peer.recv(5), b"QUIET")


class Queue(Qnet.IODevice):
    """A device of one's own: what one end writes the other one reads."""

    def __init__(self):
        super().__init__()
        self.arrived = bytearray()
        self.peer = None
        self.is_released = False
        self.set_open_mode(Qnet.OpenMode.READ_WRITE)

    def do_read_data(self, max_size):
        data = self.arrived[:max_size]
        del self.arrived[:max_size]
        return data

    def do_write_data(self, data):
        if data == b"bad":
            raise GLib.Error("bad bytes", "qnet-test", 7)
        self.peer.arrived += data
        self.peer.report_ready_read()
        self.report_bytes_written(len(data))

    def do_close_device(self):
        self.is_released = True
        self.peer.report_read_finished()
        return True


class Own(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.far = Queue(), Queue()
        self.ours.peer, self.far.peer = self.far, self.ours

    def test_bytes(self):
        """A device over a pair of queues reads and writes bytes, and emits the signals."""
        events = []
        self.far.connect("ready-read", lambda device: events.append(device.read()))
        self.ours.connect("bytes-written", lambda device, size: events.append(size))
        self.assertEqual(self.ours.write(ALL_BYTES), 256)
        self.assertEqual(events, [])
        iterate_until(lambda: len(events) == 2)

        self.assertCountEqual(events, [ALL_BYTES, 256])

    def test_lines(self):
        """Lines, peeking and transactions work on its bytes."""
        self.ours.write(b"one\ntwo\nrest")

        self.assertEqual(self.far.peek(3), b"one")
        self.far.start_transaction()
        self.assertEqual(list(self.far), [b"one\n", b"two\n"])
        self.far.rollback_transaction()
        self.assertEqual(self.far.read_line_utf8(), "one")

    def test_end(self):
        """Closing one end finishes the other one."""
        self.ours.write(b"last")
        self.ours.close()
        iterate_until(lambda: not self.far.arrived and self.far.read() == b"last")
        iterate_until(lambda: self.far.props.read_finished)

        self.assertTrue(self.ours.is_released)

    def test_errors(self):
        """What do_write_data() raises is raised by write(), and what is reported by all calls."""
        with self.assertRaises(GLib.Error) as caught:
            self.ours.write(b"bad")
        self.assertEqual((caught.exception.message, caught.exception.code), ("bad bytes", 7))

        self.ours.report_error(GLib.Error("gone", "qnet-test", 8))
        with self.assertRaises(GLib.Error) as caught:
            self.ours.wait_for_ready_read(PATIENCE)
        self.assertEqual(caught.exception.message, "gone")

    def test_streams(self):
        """The streams work on it, too."""
        self.ours.get_output_stream().write_all(b"stream", None)

        self.assertEqual(self.far.get_input_stream().read_bytes(9, None).get_data(), b"stream")


class Streams(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.peer = self.connect()

    def test_data_input_stream(self):
        """A GDataInputStream over the socket reads lines, blocking."""
        self.peer.sendall(b"one\ntwo\n")
        self.peer.close()
        lines = Gio.DataInputStream.new(self.ours.get_input_stream())

        self.assertEqual(lines.read_line_utf8(None)[0], "one")
        self.assertEqual(lines.read_line_utf8(None)[0], "two")
        self.assertIsNone(lines.read_line_utf8(None)[0])

    def test_data_input_stream_async(self):
        """A GDataInputStream over the socket reads lines with a callback."""
        lines = Gio.DataInputStream.new(self.ours.get_input_stream())
        got = []
        lines.read_line_async(
            GLib.PRIORITY_DEFAULT, None, lambda stream,
            result: got.append(stream.read_line_finish_utf8(result)[0])
        )
        self.peer.sendall(b"late\n")
        iterate_until(lambda: got)

        self.assertEqual(got, ["late"])

    def test_splice(self):
        """What is spliced into the output stream arrives."""
        source = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(ALL_BYTES))
        sizes = []
        self.ours.get_output_stream().splice_async(
            source,
            Gio.OutputStreamSpliceFlags.CLOSE_SOURCE | Gio.OutputStreamSpliceFlags.CLOSE_TARGET,
            GLib.PRIORITY_DEFAULT,
            None,
            lambda stream, result: sizes.append(stream.splice_finish(result)),
        )
        iterate_until(lambda: sizes)

        self.assertEqual(sizes, [256])
        self.assertEqual(self.peer.recv(256), ALL_BYTES)


if __name__ == "__main__":
    tap.main()
