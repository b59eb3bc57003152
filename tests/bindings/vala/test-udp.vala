/* test-udp.vala: datagrams in Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] WORDS = { "one", "two", "three" };

Qnet.UdpSocket bind_socket () throws Error {
    var socket = new Qnet.UdpSocket ();
    socket.bind (local_host (), 0);
    return socket;
}

ssize_t send (Qnet.UdpSocket from, Qnet.UdpSocket to, uint8[] data) throws Error {
    return from.write_datagram_to (data, local_host (), to.local_port);
}

Qnet.NetworkDatagram make_datagram (Qnet.UdpSocket to, string words) {
    return new Qnet.NetworkDatagram (words.data, local_host (), to.local_port);
}

void test_receive_datagram () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();
    send (peer, ours, { 0, 1, 255 });
    ours.wait_for_ready_read (PATIENCE);
    var datagram = ours.receive_datagram ();

    assert_cmpmem (datagram.get_data (), { 0, 1, 255 });
    assert_cmpstr (datagram.get_sender_address ().to_string (), CompareOperator.EQ, "127.0.0.1");
    assert_cmpint (datagram.get_sender_port (), CompareOperator.EQ, peer.local_port);
    assert_cmpstr (datagram.get_destination_address ().to_string (), CompareOperator.EQ,
                   "127.0.0.1");
    assert_cmpint (datagram.get_hop_limit (), CompareOperator.GT, 0);
}

void test_read_datagram () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();
    Qnet.HostAddress address;
    uint16 port;
    send (peer, ours, "hello".data);
    ours.wait_for_ready_read (PATIENCE);

    assert_cmpmem (ours.read_datagram (0, out address, out port), "hello".data);
    assert_true (address.equal (local_host ()));
    assert_cmpint (port, CompareOperator.EQ, peer.local_port);
}

void test_empty () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();
    assert_true (send (peer, ours, {}) == 0);
    ours.wait_for_ready_read (PATIENCE);

    assert_true (ours.has_pending_datagrams ());
    assert_true (ours.get_pending_datagram_size () == 0);
    assert_cmpint (ours.read_datagram (0, null, null).length, CompareOperator.EQ, 0);
}

void test_failures () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();

    assert_cmpint (code_of (() => { ours.receive_datagram (); }), CompareOperator.EQ,
                   Qnet.SocketError.TEMPORARY);
    assert_cmpint (code_of (() => { send (peer, ours, new uint8[70000]); }), CompareOperator.EQ,
                   Qnet.SocketError.DATAGRAM_TOO_LARGE);
    assert_cmpint (code_of (() => { ours.join_multicast_group (local_host ()); }),
                   CompareOperator.EQ,
                   Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
    assert_cmpint (code_of (() => { ours.join_source_group (local_host (), local_host ()); }),
                   CompareOperator.EQ,
                   Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
}

void test_batch () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();
    var datagrams = new List<Qnet.NetworkDatagram> ();
    foreach (unowned string word in WORDS) {
        datagrams.append (make_datagram (ours, word));
    }

    assert_true (peer.write_datagrams (datagrams) == 3);
    ours.wait_for_ready_read (PATIENCE);
    var batch = ours.receive_datagrams ();
    assert_cmpint (batch.length, CompareOperator.EQ, 3);
    assert_cmpmem (batch[2].get_data (), "three".data);
}

void test_datagrams () throws Error {
    var to = local_host ();
    var none = new Qnet.NetworkDatagram (null);
    var shared = new Qnet.NetworkDatagram.from_bytes (new Bytes ("shared".data), to, 9);
    var full = new Qnet.NetworkDatagram.full ("full".data, null, -1, to, 9, 0, -1);

    assert_cmpint (none.get_data ().length, CompareOperator.EQ, 0);
    assert_false (none.is_valid ());
    assert_cmpmem (shared.get_data (), "shared".data);
    assert_cmpmem (full.get_data (), "full".data);
    assert_cmpmem (full.with_data ("other".data).get_data (), "other".data);
    assert_cmpmem (full.make_reply_bytes (shared.get_bytes ()).get_data (), "shared".data);
}

void test_reply () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();
    peer.write_datagram_bytes_to (new Bytes ("question".data), local_host (), ours.local_port);
    ours.wait_for_ready_read (PATIENCE);
    ours.write_datagram (ours.receive_datagram ().make_reply ("answer".data));
    peer.wait_for_ready_read (PATIENCE);

    assert_cmpmem (peer.read_datagram (0, null, null), "answer".data);
}

void test_device () throws Error {
    var ours = new Qnet.UdpSocket ();
    var peer = bind_socket ();
    ours.connect_to_host ("127.0.0.1", peer.local_port);
    ours.wait_for_connected (PATIENCE);
    ours.write ({});
    peer.wait_for_ready_read (PATIENCE);
    assert_cmpint (peer.read_datagram (0, null, null).length, CompareOperator.EQ, 0);
    ours.write ("ping".data);
    peer.wait_for_ready_read (PATIENCE);
    assert_cmpmem (peer.read_datagram (0, null, null), "ping".data);

    send (peer, ours, "pong".data);
    ours.wait_for_ready_read (PATIENCE);
    assert_cmpmem (ours.read (100), "pong".data);
}

async void await_both () throws Error {
    var ours = bind_socket ();
    var peer = bind_socket ();

    assert_true ((yield peer.write_datagram_async (make_datagram (ours, "awaited"))) == 7);
    var datagram = yield ours.receive_datagram_async ();
    assert_cmpmem (datagram.get_data (), "awaited".data);
}

void test_async () throws Error {
    AsyncResult? outcome = null;

    await_both.begin ((source, result) => { outcome = result; });
    iterate_until (() => outcome != null);
    await_both.end (outcome);
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/udp/receive-datagram",
         "receive_datagram() returns the bytes and all their properties.",
         test_receive_datagram);
    add ("/vala/udp/read-datagram", "read_datagram() gives bytes, the sender, and its port.",
         test_read_datagram);
    add ("/vala/udp/empty", "An empty datagram is a datagram.", test_empty);
    add ("/vala/udp/failures", "Failures are thrown with their codes.", test_failures);
    add ("/vala/udp/batch", "Batches are sent and received as arrays.", test_batch);
    add ("/vala/udp/datagrams", "The bytes of a datagram are a uint8[], or none.", test_datagrams);
    add ("/vala/udp/reply", "make_reply() makes the answer.", test_reply);
    add ("/vala/udp/device", "With one peer it is a device.", test_device);
    add ("/vala/udp/async", "Receiving and sending can be yielded.", test_async);

    return Test.run ();
}
