/* peers.vala: peers for the tests, with GIO's own sockets, and how a case is added
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 30000;  // milliseconds; only what is broken needs so many

public delegate void Body () throws Error;
public delegate bool Condition ();

public void add (string path, string promise, owned Body body) {
    Test.add_data_func (path, () => {
        Test.summary (promise);
        try {
            body ();
        } catch (Error error) {
            GLib.error ("%s: %s", path, error.message);
        }
    });
}

public void iterate_until (Condition condition) {
    while (!condition ()) {
        MainContext.default ().iteration (true);
    }
}

/* The code with which the body fails in our domain */
public int code_of (Body body) {
    try {
        body ();
    } catch (Qnet.SocketError error) {
        assert_true (error.message != "");
        return error.code;
    } catch (Error error) {
        GLib.error ("not of our domain: %s", error.message);
    }
    GLib.error ("it should have failed");
}

public string text (uint8[] data) {
    var builder = new StringBuilder.sized (data.length);
    builder.append_len ((string) data, data.length);
    return builder.str;
}

public Qnet.HostAddress local_host () {
    return new Qnet.HostAddress.special (Qnet.SpecialAddress.LOCAL_HOST);
}

/* The other end of a connection, blocking: the kernel has what it needs already */
public class Peer {
    SocketConnection connection;

    public Peer (SocketConnection connection) {
        this.connection = connection;
    }

    public Peer.calling (Qnet.TcpServer server) throws Error {
        connection = new SocketClient ().connect_to_host ("127.0.0.1", server.server_port);
    }

    public void send (string words) throws Error {
        connection.output_stream.write_all (words.data, null);
    }

    /* As many bytes, or fewer when our end has ended */
    public string receive (size_t size) throws Error {
        return text (Bytes.unref_to_data (connection.input_stream.read_bytes (size)));
    }

    public void close () throws Error {
        connection.close ();
    }
}

public class Listener {
    SocketListener listener = new SocketListener ();
    public uint16 port { get; private set; }

    public Listener () throws Error {
        SocketAddress address;

        listener.add_address (new InetSocketAddress.from_string ("127.0.0.1", 0), SocketType.STREAM,
                              SocketProtocol.TCP, null, out address);
        port = (uint16) ((InetSocketAddress) address).port;
    }

    public Peer accept () throws Error {
        return new Peer (listener.accept (null));
    }

    public void close () {
        listener.close ();
    }
}

/* A port on which no program listens */
public uint16 closed_port () throws Error {
    var listener = new Listener ();

    listener.close ();
    return listener.port;
}

/* Connects a socket of ours, and gives the other end */
public Peer connect_pair (Qnet.TcpSocket ours) throws Error {
    var listener = new Listener ();

    ours.connect_to_host ("127.0.0.1", listener.port);
    ours.wait_for_connected (PATIENCE);
    return listener.accept ();
}

/* Has the peer send, and waits until all of it is in our read buffer */
public void receive (Qnet.IODevice ours, Peer peer, string words) throws Error {
    var expected = ours.bytes_available + words.length;

    peer.send (words);
    while (ours.bytes_available < expected) {
        ours.wait_for_ready_read (PATIENCE);
    }
}
