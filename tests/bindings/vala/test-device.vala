/* test-device.vala: bytes in and out of a QnetIODevice, from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

class Shouter : Qnet.TcpSocket {
    public override bool write_data (uint8[] data) throws Error {
        return base.write_data (text (data).up ().data);
    }
}

/* Gives the bytes of its parent in lower case. */
class Whisperer : Qnet.TcpSocket {
    public override Bytes? read_data (size_t max_size) {
        return new Bytes (text (base.read_data (max_size).get_data ()).down ().data);
    }
}

/* Counts skipped bytes. */
class Jumper : Qnet.TcpSocket {
    public size_t skipped;

    public override size_t skip_data (size_t max_size) {
        var n = base.skip_data (max_size);

        skipped += n;
        return n;
    }
}

/* A device of one's own: what one end writes the other one reads. */
class Queue : Qnet.IODevice {
    public weak Queue peer;
    public bool is_released;
    ByteArray arrived = new ByteArray ();

    construct {
        set_open_mode (Qnet.OpenMode.READ_WRITE);
    }

    public override Bytes? read_data (size_t max_size) {
        var n = uint.min ((uint) max_size, arrived.len);
        var bytes = new Bytes (arrived.data[0:n]);

        arrived.remove_range (0, n);
        return bytes;
    }

    public override bool write_data (uint8[] data) throws Error {
        if (text (data) == "bad") {
            throw new IOError.NO_SPACE ("bad bytes");
        }
        peer.arrived.append (data);
        peer.report_ready_read ();
        report_bytes_written (data.length);
        return true;
    }

    public override bool close_device () throws Error {
        is_released = true;
        peer.report_read_finished ();
        return true;
    }
}

Queue make_queues (out Queue far) {
    var ours = new Queue ();

    far = new Queue ();
    ours.peer = far;
    far.peer = ours;
    return ours;
}

void test_own_bytes () throws Error {
    Queue far;
    var ours = make_queues (out far);
    int64 written = 0;
    var lines = 0;

    ours.bytes_written.connect ((size) => { written += size; });
    far.ready_read.connect (() => { lines++; });
    assert_cmpint ((int) ours.write_string ("one\ntwo"), CompareOperator.EQ, 7);
    assert_true (written == 0);
    iterate_until (() => written == 7 && lines == 1);
    assert_cmpmem (far.peek (3), "one".data);
    assert_cmpstr (far.read_line_utf8 (), CompareOperator.EQ, "one");
    assert_cmpmem (far.read_all (), "two".data);
}

void test_own_end () throws Error {
    Queue far;
    var ours = make_queues (out far);

    ours.write_string ("last");
    assert_true (ours.close ());
    assert_true (ours.is_released);
    iterate_until (() => far.bytes_available == 4);
    assert_cmpmem (far.read_all (), "last".data);
    iterate_until (() => far.read_finished);
}

void test_own_errors () throws Error {
    Queue far;
    var ours = make_queues (out far);

    try {
        ours.write_string ("bad");
        assert_not_reached ();
    } catch (IOError.NO_SPACE error) {
        assert_cmpstr (error.message, CompareOperator.EQ, "bad bytes");
    }

    ours.report_error (new IOError.BROKEN_PIPE ("gone"));
    try {
        ours.wait_for_ready_read ();
        assert_not_reached ();
    } catch (IOError.BROKEN_PIPE error) {
        assert_cmpstr (error.message, CompareOperator.EQ, "gone");
    }
}

void test_read () throws Error {
    var ours = new Qnet.TcpSocket ();
    receive (ours, connect_pair (ours), "abcdef");

    assert_cmpmem (ours.peek (2), "ab".data);
    assert_cmpmem (ours.read (3), "abc".data);
    assert_cmpmem (ours.read_all (), "def".data);
    assert_cmpint (ours.read (9).length, CompareOperator.EQ, 0);
    assert_cmpint (ours.read_all ().length, CompareOperator.EQ, 0);
    assert_false (ours.read_finished);
}

void test_lines () throws Error {
    var ours = new Qnet.TcpSocket ();
    receive (ours, connect_pair (ours), "one\ntwo\nthr");

    assert_true (ours.can_read_line ());
    assert_cmpmem (ours.read_line (0), "one\n".data);
    assert_cmpstr (ours.read_line_utf8 (), CompareOperator.EQ, "two");
    assert_cmpint (ours.read_line (0).length, CompareOperator.EQ, 0);
    assert_cmpmem (ours.read_line (2), "th".data);
}

void test_until () throws Error {
    var ours = new Qnet.TcpSocket ();
    receive (ours, connect_pair (ours), "a--b");

    assert_cmpmem (ours.read_until ("--".data, 0), "a--".data);
    assert_cmpint (ours.read_until ("--".data, 0).length, CompareOperator.EQ, 0);
}

void test_gbytes () throws Error {
    var ours = new Qnet.TcpSocket ();
    receive (ours, connect_pair (ours), "abc\nde");

    assert_cmpmem (ours.peek_bytes (2).get_data (), "ab".data);
    assert_cmpmem (ours.read_bytes (1).get_data (), "a".data);
    assert_cmpmem (ours.read_line_bytes (0).get_data (), "bc\n".data);
    assert_cmpmem (ours.read_all_bytes ().get_data (), "de".data);
}

void test_characters () throws Error {
    var ours = new Qnet.TcpSocket ();
    uint8 character;
    receive (ours, connect_pair (ours), "ab");

    assert_true (ours.get_char (out character));
    assert_cmpint (character, CompareOperator.EQ, 'a');
    ours.unget_char ('x');
    assert_cmpint ((int) ours.skip (1), CompareOperator.EQ, 1);
    assert_cmpmem (ours.read_all (), "b".data);
}

void test_transaction () throws Error {
    var ours = new Qnet.TcpSocket ();
    receive (ours, connect_pair (ours), "abc");

    ours.start_transaction ();
    assert_true (ours.transaction_started);
    assert_cmpmem (ours.read (2), "ab".data);
    ours.rollback_transaction ();
    assert_cmpmem (ours.read (3), "abc".data);
}

void test_write () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    uint8[] data = { 'a', 'b' };

    assert_cmpint ((int) ours.write (data), CompareOperator.EQ, 2);
    assert_cmpint ((int) ours.write_string ("für"), CompareOperator.EQ, 4);
    assert_cmpint ((int) ours.write_bytes (new Bytes (data)), CompareOperator.EQ, 2);
    assert_true (ours.put_char ('c'));
    assert_true (ours.flush ());
    assert_cmpstr (peer.receive (9), CompareOperator.EQ, "abfürabc");
    assert_cmpint (code_of (() => new Qnet.TcpSocket ().write (data)), CompareOperator.EQ,
                   Qnet.SocketError.OPERATION);
}

void test_bytes_written () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    int64 number = 0;

    ours.bytes_written.connect ((size) => { number = size; });
    ours.write_string ("twelve bytes");
    assert_true (number == 0);
    ours.wait_for_bytes_written (PATIENCE);
    assert_true (number == 12);
    assert_cmpstr (peer.receive (12), CompareOperator.EQ, "twelve bytes");
}

void test_close () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);

    ours.write_string ("last bytes");
    assert_true (ours.close ());
    assert_true (ours.is_closed ());
    assert_false (ours.is_open ());
    iterate_until (() => ours.state == Qnet.SocketState.UNCONNECTED);
    assert_cmpstr (peer.receive (10), CompareOperator.EQ, "last bytes");
    assert_cmpstr (peer.receive (1), CompareOperator.EQ, "");
}

void test_write_data () throws Error {
    var ours = new Shouter ();
    var peer = connect_pair (ours);

    assert_cmpint ((int) ours.write_string ("quiet"), CompareOperator.EQ, 5);
    ours.flush ();
    assert_cmpstr (peer.receive (5), CompareOperator.EQ, "QUIET");
}

void test_read_data () throws Error {
    var ours = new Whisperer ();
    receive (ours, connect_pair (ours), "LOUD");

    assert_cmpmem (ours.read (4), "loud".data);
}

void test_skip_data () throws Error {
    var ours = new Jumper ();
    receive (ours, connect_pair (ours), "abcdef");

    assert_cmpint ((int) ours.skip (2), CompareOperator.EQ, 2);
    assert_cmpint ((int) ours.skipped, CompareOperator.EQ, 2);
    assert_cmpmem (ours.read_all (), "cdef".data);
}

void test_data_input_stream () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    var lines = new DataInputStream (ours.input_stream);
    peer.send ("one\ntwo\n");
    peer.close ();

    assert_cmpstr (lines.read_line (), CompareOperator.EQ, "one");
    assert_cmpstr (lines.read_line (), CompareOperator.EQ, "two");
    assert_null (lines.read_line ());
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/device/read",
         "read(), peek() and read_all() give uint8[], empty when there is nothing.", test_read);
    add ("/vala/device/lines", "read_line() gives whole lines, or pieces of the size asked for.",
         test_lines);
    add ("/vala/device/until", "read_until() finds a delimiter.", test_until);
    add ("/vala/device/gbytes", "The _bytes() forms give GBytes.", test_gbytes);
    add ("/vala/device/characters", "Single characters can be taken and put back.",
         test_characters);
    add ("/vala/device/transaction", "A transaction that is rolled back gives the bytes once more.",
         test_transaction);
    add ("/vala/device/write",
         "Arrays, text, GBytes and characters can be written, to an open device.", test_write);
    add ("/vala/device/bytes-written", "bytes-written has the number of bytes.",
         test_bytes_written);
    add ("/vala/device/close", "close() needs no argument, and what was written arrives.",
         test_close);
    add ("/vala/device/write-data", "A subclass can change what is written.", test_write_data);
    add ("/vala/device/read-data", "A subclass can change what is read.", test_read_data);
    add ("/vala/device/skip-data", "A subclass is called for what is skipped.", test_skip_data);
    add ("/vala/device/own-bytes", "A device over a pair of queues reads and writes bytes.",
         test_own_bytes);
    add ("/vala/device/own-end", "Closing one end of it finishes the other one.", test_own_end);
    add ("/vala/device/own-errors", "What it throws, or reports, is what its calls fail with.",
         test_own_errors);
    add ("/vala/device/data-input-stream", "A GDataInputStream over the socket reads lines.",
         test_data_input_stream);

    return Test.run ();
}
