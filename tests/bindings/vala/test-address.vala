/* test-address.vala: QnetHostAddress and QnetHostInfo from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

void test_equal () throws Error {
    var one = Qnet.HostAddress.from_string ("192.0.2.1");
    var names = new HashTable<Qnet.HostAddress, string> ((key) => key.hash (),
                                                         (a, b) => a.equal (b));

    assert_true (one.equal (new Qnet.HostAddress.ipv4 (0xC0000201u)));
    assert_false (one.equal (Qnet.HostAddress.from_string ("192.0.2.2")));
    names[one] = "here";
    assert_cmpstr (names[Qnet.HostAddress.from_string ("192.0.2.1")], CompareOperator.EQ, "here");
}

void test_string () throws Error {
    Qnet.HostAddress? nonsense = Qnet.HostAddress.from_string ("localhost");

    assert_null (nonsense);
    assert_cmpstr (Qnet.HostAddress.from_string ("2001:DB8:0::7").to_string (), CompareOperator.EQ,
                   "2001:db8::7");
    assert_cmpstr (@"$(local_host ())", CompareOperator.EQ, "127.0.0.1");
}

void test_bytes () throws Error {
    uint8[] data = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
    uint8[] same = new Qnet.HostAddress.ipv6 (data).to_ipv6 ();
    uint32 number;

    assert_cmpmem (data, same);
    assert_true (code_of (() => new Qnet.HostAddress.ipv6 (data[0:15])) >= -1);
    assert_true (local_host ().to_ipv4 (out number));
    assert_cmpuint (number, CompareOperator.EQ, 0x7f000001);
}

void test_native () throws Error {
    uint8[] native = { 0, 0, 0, 80, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0 };

    *(uint16*) native = Posix.AF_INET;
    assert_cmpstr (new Qnet.HostAddress.from_native (native).to_string (), CompareOperator.EQ,
                   "192.0.2.1");
    assert_true (code_of (() => new Qnet.HostAddress.from_native (native[0:7])) >= 0);
}

void test_gio () throws Error {
    var address = Qnet.HostAddress.from_string ("192.0.2.1");

    var from_inet = new Qnet.HostAddress.from_inet_address (address.to_inet_address ());
    var from_socket = new Qnet.HostAddress.from_socket_address (address.to_socket_address (80));
    assert_true (from_inet.equal (address));
    assert_true (from_socket.equal (address));
    assert_null (new Qnet.HostAddress.null ().to_inet_address ());
}

void test_enums () throws Error {
    var mapped = Qnet.HostAddress.from_string ("::ffff:127.0.0.1");

    assert_true (mapped.equal_full (local_host (), Qnet.AddressConversion.V4_MAPPED
                                               | Qnet.AddressConversion.LOCAL_HOST));
    assert_false (mapped.equal_full (local_host (), Qnet.AddressConversion.STRICT));
    assert_true (mapped.get_protocol () == Qnet.NetworkLayerProtocol.IPV6);
    assert_cmpint (Qnet.NetworkLayerProtocol.UNKNOWN, CompareOperator.EQ, -1);
    assert_cmpint (Qnet.SocketState.CLOSING, CompareOperator.EQ, 6);
}

void test_host_info () throws Error {
    var info = Qnet.HostInfo.from_name ("127.0.0.1");

    for (var i = 0; i < 3; i++) {
        unowned GenericArray<Qnet.HostAddress> addresses = info.get_addresses ();
        assert_cmpint (addresses.length, CompareOperator.EQ, 1);
        assert_true (addresses[0].equal (local_host ()));
    }
}

void test_lookup () throws Error {
    Qnet.HostInfo? info = null;

    Qnet.HostInfo.lookup_host_async.begin ("127.0.0.1", Priority.DEFAULT, null,
                                           (source, result) => {
        try {
            info = Qnet.HostInfo.lookup_host_async.end (result);
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    });
    iterate_until (() => info != null);
    assert_true (info.get_addresses ()[0].equal (local_host ()));
}

void test_no_address () throws Error {
    var server = new Qnet.TcpServer ();
    Qnet.HostAddress? mistyped = Qnet.HostAddress.from_string ("127.0.0.l");
    var caught = 0;

    try {
        server.listen (mistyped, 0);
    } catch (Qnet.SocketError.SOCKET_ADDRESS_NOT_AVAILABLE error) {
        caught++;
    }

    try {
        new Qnet.UdpSocket ().bind (mistyped, 0);
    } catch (Qnet.SocketError.SOCKET_ADDRESS_NOT_AVAILABLE error) {
        caught++;
    }

    try {
        Qnet.HostAddress.parse ("127.0.0.l");
    } catch (Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION error) {
        caught++;
    }

    assert_cmpint (caught, CompareOperator.EQ, 3);
    assert_false (server.is_listening ());
    assert_true (server.listen_port (0));
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/address/equal", "Addresses compare by value.", test_equal);
    add ("/vala/address/string", "Addresses convert from text and to text; invalid text is null.",
         test_string);
    add ("/vala/address/bytes", "Addresses convert to bytes and back; a wrong length is an error.",
         test_bytes);
    add ("/vala/address/native", "The bytes of a struct sockaddr are a uint8[].", test_native);
    add ("/vala/address/gio", "Addresses convert to GIO's types and back.", test_gio);
    add ("/vala/address/enums", "Flags combine, and enums are Qt's numbers.", test_enums);
    add ("/vala/address/host-info",
         "The addresses of a name are an array, however often it is asked for.", test_host_info);
    add ("/vala/address/lookup", "A lookup completes with its result.", test_lookup);

    add ("/vala/address/none", "No address never means all of them.", test_no_address);

    return Test.run ();
}
