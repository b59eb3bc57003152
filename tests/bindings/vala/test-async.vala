/* test-async.vala: the pairs of _async and _finish, with yield
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

async void test_connect_to_host () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();

    assert_true (yield ours.connect_to_host_async ("localhost", listener.port));
    assert_true (ours.state == Qnet.SocketState.CONNECTED);
}

async void test_connect_to_address () throws Error {
    var listener = new Listener ();

    var address = new NetworkAddress ("127.0.0.1", listener.port);
    assert_true (yield new Qnet.TcpSocket ().connect_to_connectable_async (address));
    try {
        yield new Qnet.TcpSocket ().connect_to_service_async ("imap", "none..invalid");
        assert_not_reached ();
    } catch (Qnet.SocketError.HOST_NOT_FOUND error) {
    }
    try {
        yield new Qnet.LocalSocket ().connect_to_connectable_async (address);
        assert_not_reached ();
    } catch (Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION error) {
    }

    assert_true (yield new Qnet.TcpSocket ().connect_to_address_async (local_host (),
                                                                       listener.port));
}

async void test_refused () throws Error {
    try {
        yield new Qnet.TcpSocket ().connect_to_host_async ("127.0.0.1", closed_port ());
        assert_not_reached ();
    } catch (Qnet.SocketError.CONNECTION_REFUSED error) {
        assert_cmpint (error.code, CompareOperator.EQ, 0);
    }
}

async void test_disconnect_from_host () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    ours.write_string ("last");

    assert_true (yield ours.disconnect_from_host_async ());
    assert_true (ours.state == Qnet.SocketState.UNCONNECTED);
    assert_cmpstr (peer.receive (4), CompareOperator.EQ, "last");

    peer = connect_pair (ours);
    assert_true (yield ours.disconnect_from_peer_async ());
}

async void test_disconnect_from_peer () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    ours.write_string ("last");

    assert_true (yield ours.disconnect_from_peer_async ());
    assert_true (ours.state == Qnet.SocketState.UNCONNECTED);
    assert_cmpstr (peer.receive (4), CompareOperator.EQ, "last");
}

async void test_read_bytes () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    peer.send ("abc");
    assert_cmpmem ((yield ours.read_bytes_async (100)).get_data (), "abc".data);

    peer.close ();
    assert_cmpint ((yield ours.read_bytes_async (100)).length, CompareOperator.EQ, 0);
}

async void test_read_line () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    peer.send ("a line\nmore");

    uint8[] line = yield ours.read_line_async (0);
    assert_cmpmem (line, "a line\n".data);
}

async void test_write_all () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);

    assert_true (yield ours.write_all_async ("written".data));
    assert_true (ours.bytes_to_write == 0);
    assert_cmpstr (peer.receive (7), CompareOperator.EQ, "written");
}

async void test_flush () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    ours.write_string ("flushed");

    assert_true (yield ours.flush_async ());
    assert_cmpstr (peer.receive (7), CompareOperator.EQ, "flushed");
}

async void test_close () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    ours.write_string ("closed");

    assert_true (yield ours.close_async ());
    assert_true (ours.is_closed ());
    assert_cmpstr (peer.receive (6), CompareOperator.EQ, "closed");
}

async void test_accept () throws Error {
    var server = new Qnet.TcpServer ();
    server.listen (local_host ());
    var peer = new Peer.calling (server);
    peer.send ("sent before the handler exists");

    var ours = yield server.accept_async ();
    ours.ready_read.connect (() => { test_accept.callback (); });
    yield;
    assert_cmpstr (text (ours.read_all ()), CompareOperator.EQ, "sent before the handler exists");
}

async void test_stop () throws Error {
    var server = new Qnet.TcpServer ();
    server.listen (local_host ());
    var peer = new Peer.calling (server);
    var ours = yield server.accept_async ();
    ours.stopping.connect (() => { ours.disconnect_from_peer (); });

    assert_cmpint (yield server.stop_async (-1), CompareOperator.EQ, 0);
    assert_false (server.listening);
    assert_cmpstr (peer.receive (1), CompareOperator.EQ, "");

    server.listen (local_host ());
    var other = new Peer.calling (server);
    yield server.accept_async ();
    assert_cmpint (yield server.stop_async (0), CompareOperator.EQ, 1);
    other.close ();
}

async void test_cancel () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    var cancellable = new Cancellable ();
    receive (ours, peer, "half a line");
    Idle.add (() => {
        cancellable.cancel ();
        return Source.REMOVE;
    });

    try {
        yield ours.read_line_async (0, Priority.DEFAULT, cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
        assert_cmpmem (ours.read_all (), "half a line".data);
    }
}

async void run (string name) throws Error {
    switch (name) {
        case "connect-to-host": yield test_connect_to_host (); break;
        case "connect-to-address": yield test_connect_to_address (); break;
        case "refused": yield test_refused (); break;
        case "disconnect-from-host": yield test_disconnect_from_host (); break;
        case "disconnect-from-peer": yield test_disconnect_from_peer (); break;
        case "read-bytes": yield test_read_bytes (); break;
        case "read-line": yield test_read_line (); break;
        case "write-all": yield test_write_all (); break;
        case "flush": yield test_flush (); break;
        case "close": yield test_close (); break;
        case "accept": yield test_accept (); break;
        case "stop": yield test_stop (); break;
        case "cancel": yield test_cancel (); break;
        default: assert_not_reached ();
    }
}

void add_async (string name, string promise) {
    add (@"/vala/async/$name", promise, () => {
        AsyncResult? outcome = null;

        run.begin (name, (source, result) => { outcome = result; });
        iterate_until (() => outcome != null);
        run.end (outcome);
    });
}

int main (string[] args) {
    Test.init (ref args);

    add_async ("connect-to-host", "connect_to_host_async() completes when connected.");
    add_async ("connect-to-address", "connect_to_address_async() does the same by address.");
    add_async ("refused", "A refused connection is thrown, with code 0.");
    add_async ("disconnect-from-host",
               "disconnect_from_host_async() completes when all data is sent.");
    add_async ("disconnect-from-peer",
               "disconnect_from_peer_async() does the same for every kind of socket.");
    add_async ("read-bytes", "read_bytes_async() returns available data, and nothing at the end.");
    add_async ("read-line", "read_line_async() gives a whole line.");
    add_async ("write-all", "write_all_async() completes when the kernel has the data.");
    add_async ("flush", "flush_async() completes when nothing is left to send.");
    add_async ("close", "close_async(), which is GIOStream's, ends when closed.");
    add_async ("accept", "A handler that is connected after accept_async() gets all data.");
    add_async ("stop", "stop_async() waits for the connections, and counts those that it aborts.");
    add_async ("cancel", "A read that is cancelled throws, and loses no byte.");

    return Test.run ();
}
