/* test-socket.vala: connecting, states, errors and lifetime of a QnetTcpSocket, from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

class Lamp : Object {
    public Qnet.SocketState state { get; set; }
}

void test_signals () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();
    var events = new StringBuilder ();
    ours.state_changed.connect ((state) => { events.append_printf ("%d ", state); });
    ours.host_found.connect (() => { events.append ("found "); });
    ours.connected.connect (() => { events.append ("connected "); });
    ours.disconnected.connect (() => { events.append ("disconnected "); });

    ours.connect_to_host ("127.0.0.1", listener.port);
    iterate_until (() => events.str.contains (" connected "));
    assert_cmpstr (events.str, CompareOperator.EQ, "2 found 3 connected ");

    listener.accept ().close ();
    events.truncate ();
    iterate_until (() => events.str.contains ("disconnected "));
    assert_cmpstr (events.str, CompareOperator.EQ, "6 0 disconnected ");
}

void test_attempts () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();
    var attempts = new StringBuilder ();
    ours.attempt.connect ((address, port, state, error) => {
        assert_true (port == listener.port && error == null);
        attempts.append_printf ("%s %d ", address.to_string (), state);
    });

    ours.connect_to_host ("127.0.0.1", listener.port);
    iterate_until (() => ours.state == Qnet.SocketState.CONNECTED);
    assert_cmpstr (attempts.str, CompareOperator.EQ, "127.0.0.1 0 127.0.0.1 2 ");
}

void test_connectable () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();

    ours.connect_to_connectable (new NetworkAddress ("127.0.0.1", listener.port));
    ours.wait_for_connected (PATIENCE);
    assert_true (ours.peer_port == listener.port);
    ours.abort ();

    ours.connect_to_service ("imap", "none..invalid");
    try {
        ours.wait_for_connected (PATIENCE);
        assert_not_reached ();
    } catch (Qnet.SocketError.HOST_NOT_FOUND error) {
    }
}

void test_ready_read () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    var got = new StringBuilder ();
    ours.ready_read.connect ((device) => { got.append (text (device.read_all ())); });

    peer.send ("one");
    iterate_until (() => got.str == "one");
    peer.send ("two");
    iterate_until (() => got.str == "onetwo");
}

void test_bind_property () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();
    var lamp = new Lamp ();
    ours.bind_property ("state", lamp, "state", BindingFlags.SYNC_CREATE);

    ours.connect_to_host ("127.0.0.1", listener.port);
    iterate_until (() => lamp.state == Qnet.SocketState.CONNECTED);
    ours.abort ();
    assert_true (lamp.state == Qnet.SocketState.UNCONNECTED);
}

void test_properties () throws Error {
    var ours = new Qnet.TcpSocket () { read_buffer_size = 10, idle_timeout = 5000 };
    Qnet.HostAddress address;
    int value;
    assert_true (ours.read_buffer_size == 10 && ours.idle_timeout == 5000);
    assert_null (ours.peer_name);

    var peer = connect_pair (ours);
    address = ours.peer_address;
    assert_true (address.equal (local_host ()));
    assert_cmpstr (ours.peer_name, CompareOperator.EQ, "127.0.0.1");
    assert_true (ours.peer_port > 0 && ours.local_port > 0);
    assert_true (ours.open_mode == (Qnet.OpenMode.READ_ONLY | Qnet.OpenMode.WRITE_ONLY));

    ours.set_socket_option (Qnet.SocketOption.KEEP_ALIVE, 1);
    assert_true (ours.get_socket_option (Qnet.SocketOption.KEEP_ALIVE, out value));
    assert_cmpint (value, CompareOperator.EQ, 1);
    peer.close ();
}

void test_bind () throws Error {
    var listener = new Listener ();
    var ours = new Qnet.TcpSocket ();

    ours.bind (local_host (), 0, Qnet.BindFlags.SHARE_ADDRESS | Qnet.BindFlags.REUSE_ADDRESS_HINT);
    assert_true (ours.state == Qnet.SocketState.BOUND);
    ours.connect_to_address (local_host (), listener.port);
    assert_true (ours.wait_for_connected (PATIENCE));
    assert_true (new Qnet.TcpSocket ().bind_port (0));
}

void test_code_zero () throws Error {
    var ours = new Qnet.TcpSocket ();
    Error? received = null;
    assert_true (ours.error == null);
    ours.error_occurred.connect ((error) => { received = error; });
    ours.connect_to_host ("127.0.0.1", closed_port ());

    assert_cmpint (code_of (() => ours.wait_for_connected (PATIENCE)), CompareOperator.EQ, 0);
    assert_true (received is Qnet.SocketError.CONNECTION_REFUSED);
    assert_true (ours.error is Qnet.SocketError.CONNECTION_REFUSED);
    assert_cmpint (ours.get_error_code (), CompareOperator.EQ, 0);
}

void test_code_minus_one () throws Error {
    var ours = new Qnet.TcpSocket ();
    Error? received = null;
    ours.error_occurred.connect ((error) => { received = error; });
    ours.error_occurred (new Error (Qnet.SocketError.quark (), -1, "?"));

    assert_true (received is Qnet.SocketError);
    assert_cmpint (received.code, CompareOperator.EQ, -1);
}

void test_states () throws Error {
    var ours = new Qnet.TcpSocket ();
    assert_cmpint (code_of (() => ours.wait_for_disconnected (0)), CompareOperator.EQ,
                   Qnet.SocketError.OPERATION);

    var peer = connect_pair (ours);
    assert_cmpint (code_of (() => ours.wait_for_ready_read (1)), CompareOperator.EQ,
                   Qnet.SocketError.SOCKET_TIMEOUT);
    peer.close ();
    assert_true (ours.wait_for_disconnected (PATIENCE));
    assert_true (ours.error is Qnet.SocketError.REMOTE_HOST_CLOSED);
}

void test_waiting () throws Error {
    var others = 0;
    var idle = Idle.add (() => {
        others++;
        return Source.CONTINUE;
    });
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);

    ours.write_string ("ping");
    ours.wait_for_bytes_written (PATIENCE);
    assert_cmpstr (peer.receive (4), CompareOperator.EQ, "ping");
    peer.send ("pong");
    ours.wait_for_ready_read (PATIENCE);
    assert_cmpstr (text (ours.read_all ()), CompareOperator.EQ, "pong");
    assert_cmpint (others, CompareOperator.EQ, 0);
    Source.remove (idle);
}

void test_thread () throws Error {
    var listener = new Listener ();
    var thread = new Thread<string> ("blocking", () => {
        try {
            var ours = new Qnet.TcpSocket ();
            ours.connect_to_host ("127.0.0.1", listener.port);
            ours.wait_for_connected (PATIENCE);
            ours.wait_for_ready_read (PATIENCE);
            return text (ours.read_all ());
        } catch (Error error) {
            return error.message;
        }
    });

    var peer = listener.accept ();
    peer.send ("hello");
    assert_cmpstr (thread.join (), CompareOperator.EQ, "hello");
}

void test_dropped () throws Error {
    var ours = new Qnet.TcpSocket ();
    var peer = connect_pair (ours);
    ours.write_string ("last one");
    ours = null;

    assert_cmpstr (peer.receive (8), CompareOperator.EQ, "last one");
    assert_cmpstr (peer.receive (1), CompareOperator.EQ, "");
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/socket/attempts", "Each attempt is reported with its address and its state.",
         test_attempts);
    add ("/vala/socket/connectable",
         "The objects of GIO that stand for a peer can be connected to.", test_connectable);
    add ("/vala/socket/signals", "A connection is reported by state, host-found and connected.",
         test_signals);
    add ("/vala/socket/ready-read", "ready-read is emitted for each arrival.", test_ready_read);
    add ("/vala/socket/bind-property", "The state binds to a property of another object.",
         test_bind_property);
    add ("/vala/socket/properties", "Addresses, ports, names, flags and options are properties.",
         test_properties);
    add ("/vala/socket/bind", "A socket binds before it connects.", test_bind);
    add ("/vala/socket/code-zero",
         "A refused connection, code 0, comes as error, signal and property.", test_code_zero);
    add ("/vala/socket/code-minus-one", "The code -1 passes through a signal unchanged.",
         test_code_minus_one);
    add ("/vala/socket/states",
         "What a state does not allow, a timeout and the peer's end are errors.", test_states);
    add ("/vala/socket/waiting", "Waits need no main loop, and do not run other sources.",
         test_waiting);
    add ("/vala/socket/thread", "A thread without a loop has blocking sockets of its own.",
         test_thread);
    add ("/vala/socket/dropped",
         "Data that was written before the last reference was dropped arrives.", test_dropped);

    return Test.run ();
}
