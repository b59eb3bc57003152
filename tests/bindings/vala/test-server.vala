/* test-server.vala: listening, accepting and subclassing of a QnetTcpServer, from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

class Label : Object {
    public uint port { get; set; }
}

class Visitor : Qnet.TcpSocket {
    public static int alive;
    public int room;

    construct {
        alive++;
    }

    ~Visitor () {
        alive--;
    }
}

class Hotel : Qnet.TcpServer {
    public override void incoming_connection (int fd) {
        var visitor = new Visitor () { room = fd };

        try {
            visitor.set_fd (fd, Qnet.SocketState.CONNECTED,
                                           Qnet.OpenMode.READ_WRITE);
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
        add_pending_connection (visitor);
    }
}

class Counter : Qnet.TcpServer {
    public int count;

    public override void incoming_connection (int fd) {
        count++;
        base.incoming_connection (fd);
    }
}

class Shy : Qnet.TcpServer {
    public bool open;

    public override bool has_pending_connections () {
        return open && base.has_pending_connections ();
    }
}

/* A client of GIO's; the connection of ours is waited for */
Peer call (Qnet.TcpServer server) throws Error {
    var peer = new Peer.calling (server);

    assert_true (server.wait_for_new_connection (PATIENCE));
    return peer;
}

void test_listen () throws Error {
    var server = new Qnet.TcpServer ();
    var label = new Label ();
    Qnet.HostAddress address;
    server.bind_property ("server-port", label, "port", BindingFlags.DEFAULT);
    server.listen (local_host ());

    address = server.server_address;
    assert_true (address.equal (local_host ()));
    assert_true (server.listening && server.server_port > 0);
    assert_cmpuint (label.port, CompareOperator.EQ, server.server_port);

    server.close ();
    assert_false (server.listening);
    assert_cmpuint (label.port, CompareOperator.EQ, 0);
    server.listen_port (0);
    assert_true (server.get_server_address ().equal_special (Qnet.SpecialAddress.ANY));
}

void test_taken () throws Error {
    var server = new Qnet.TcpServer ();
    var other = new Qnet.TcpServer ();
    other.listen (local_host ());

    assert_true (server.error == null);
    assert_cmpint (code_of (() => server.listen (local_host (), other.server_port)),
                   CompareOperator.EQ, 8);
    assert_true (server.error is Qnet.SocketError.ADDRESS_IN_USE);
}

void test_signals () throws Error {
    var server = new Qnet.TcpServer ();
    var emitted = 0;
    Qnet.TcpSocket? ours = null;
    server.listen (local_host ());
    server.pending_connection_available.connect (() => { emitted++; });
    server.new_connection.connect (() => { ours = server.next_pending_connection (); });
    var peer = new Peer.calling (server);

    iterate_until (() => ours != null);
    assert_cmpint (emitted, CompareOperator.EQ, 1);
    assert_null (server.next_pending_connection ());
    peer.close ();
}

void test_wait () throws Error {
    var server = new Qnet.TcpServer ();
    var timed_out = false;
    server.listen (local_host ());

    assert_cmpint (code_of (() => server.wait_for_new_connection_full (1, out timed_out)),
                   CompareOperator.EQ, 5);
    assert_true (timed_out);

    var cancellable = new Cancellable ();
    cancellable.cancel ();
    try {
        server.wait_for_new_connection_full (-1, out timed_out, cancellable);
        assert_not_reached ();
    } catch (Error error) {
        assert_true (error is IOError.CANCELLED && !timed_out);
    }

    var peer = new Peer.calling (server);
    assert_true (server.wait_for_new_connection_full (PATIENCE, out timed_out));
    assert_false (timed_out);
    peer.close ();
}

void test_list_connections () throws Error {
    var server = new Qnet.TcpServer ();
    server.listen (local_host ());
    Peer[] peers = {};
    var n = 0;
    for (var i = 0; i < 3; i++) {
        peers += call (server);
        server.next_pending_connection ();
    }

    foreach (unowned var connection in server.list_connections ()) {
        ((Qnet.TcpSocket) connection).abort ();
        n++;
    }

    assert_cmpint (n, CompareOperator.EQ, 3);
    assert_cmpuint (server.connections.get_n_items (), CompareOperator.EQ, 0);
}

class Picky : Qnet.TcpServer {
    public override void incoming_connection (int fd) {
        refuse_connection (fd);
    }
}

void test_refuse () throws Error {
    var server = new Picky ();
    var emitted = 0;
    server.listen (local_host ());
    server.new_connection.connect (() => { emitted++; });
    var peer = new Peer.calling (server);

    assert_cmpint (code_of (() => server.wait_for_new_connection (100)), CompareOperator.EQ, 5);
    assert_cmpstr (peer.receive (1), CompareOperator.EQ, "");
    assert_cmpint (emitted, CompareOperator.EQ, 0);
    peer.close ();
}

class Threaded : Qnet.TcpServer {
    public Thread<void*>? thread;

    public override void incoming_connection (int fd) {
        thread = new Thread<void*> ("connection", () => {
            try {
                var ours = new Qnet.TcpSocket ();
                ours.set_fd (fd, Qnet.SocketState.CONNECTED,
                                            Qnet.OpenMode.READ_WRITE);
                ours.write_string ("welcome");
                ours.disconnect_from_host ();
            } catch (Error error) {
                GLib.error ("%s", error.message);
            }
            return null;
        });
    }
}

void test_other_thread () throws Error {
    var server = new Threaded ();
    server.listen (local_host ());
    var peer = new Peer.calling (server);

    iterate_until (() => server.thread != null);
    assert_cmpstr (peer.receive (7), CompareOperator.EQ, "welcome");
    server.thread.join ();
    peer.close ();
}

void read_by_argument (Qnet.TcpSocket connection) {
    connection.ready_read.connect ((device) => { device.read_all (); });
}

void read_by_closure (Qnet.TcpSocket connection) {
    connection.ready_read.connect (() => { connection.read_all (); });
}

void test_closure () throws Error {
    var server = new Hotel ();
    server.listen (local_host ());
    Visitor.alive = 0;

    var peer = call (server);
    read_by_argument (server.next_pending_connection ());
    peer.close ();
    iterate_until (() => server.connections.get_n_items () == 0);
    assert_cmpint (Visitor.alive, CompareOperator.EQ, 0);

    peer = call (server);
    read_by_closure (server.next_pending_connection ());
    peer.close ();
    iterate_until (() => server.connections.get_n_items () == 0);
    assert_cmpint (Visitor.alive, CompareOperator.EQ, 1);
}

void test_keeps_connections () throws Error {
    var server = new Qnet.TcpServer ();
    server.listen (local_host ());
    var peer = call (server);
    server.next_pending_connection ().ready_read.connect ((connection) => {
        try {
            connection.write_string (text (connection.read_all ()).up ());
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    });

    peer.send ("still there?");
    iterate_until (() => ((Qnet.IODevice) server.connections.get_item (0)).bytes_sent == 12);
    assert_cmpstr (peer.receive (12), CompareOperator.EQ, "STILL THERE?");
    peer.close ();
    iterate_until (() => server.connections.get_n_items () == 0);
}

void test_incoming_connection () throws Error {
    var server = new Hotel ();
    server.listen (local_host ());
    var peer = call (server);
    var ours = server.next_pending_connection () as Visitor;

    assert_nonnull (ours);
    assert_cmpint (ours.room, CompareOperator.EQ, ours.get_fd ());
    ours.write_string ("welcome");
    ours.flush ();
    assert_cmpstr (peer.receive (7), CompareOperator.EQ, "welcome");
}

void test_chain_up () throws Error {
    var server = new Counter ();
    server.listen (local_host ());
    var peer = call (server);

    assert_cmpint (server.count, CompareOperator.EQ, 1);
    assert_true (server.next_pending_connection () != null);
    peer.close ();
}

void test_queue () throws Error {
    var server = new Shy ();
    server.listen (local_host ());
    var peer = call (server);

    assert_false (server.has_pending_connections ());
    server.open = true;
    assert_true (server.has_pending_connections ());
    peer.close ();
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/server/listen", "A server's address and port are properties, which bind.",
         test_listen);
    add ("/vala/server/taken", "A taken port is an error, and stays in the property.", test_taken);
    add ("/vala/server/signals", "new-connection is emitted, and then the connection is taken.",
         test_signals);
    add ("/vala/server/wait", "The waits need no loop, and say when they time out.", test_wait);
    add ("/vala/server/keeps-connections", "A connection whose variable is dropped lives.",
         test_keeps_connections);
    add ("/vala/server/list-connections",
         "All connections can be ended while they are iterated over.", test_list_connections);
    add ("/vala/server/refuse", "An override may refuse a client.", test_refuse);
    add ("/vala/server/incoming-connection", "An override creates sockets of its own type.",
         test_incoming_connection);
    add ("/vala/server/other-thread", "An override may give the descriptor to another thread.",
         test_other_thread);
    add ("/vala/server/closure",
         "A closure that refers to its connection keeps it, one that uses its argument does not.",
         test_closure);
    add ("/vala/server/chain-up", "An override may chain up.", test_chain_up);
    add ("/vala/server/queue", "The queue of pending connections can be overridden.", test_queue);

    return Test.run ();
}
