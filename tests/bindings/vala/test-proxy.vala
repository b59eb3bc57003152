/* test-proxy.vala: proxies and their choice, in Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

Qnet.NetworkProxy new_socks5 () {
    return new Qnet.NetworkProxy (Qnet.ProxyType.SOCKS5, "gate", 1080, "user", "sesame");
}

Qnet.NetworkProxy new_none () {
    return new Qnet.NetworkProxy (Qnet.ProxyType.NONE, null, 0, null, null);
}

Qnet.NetworkProxyQuery new_query (int port) {
    return new Qnet.NetworkProxyQuery.for_host ("example.org", port, "http",
                                                Qnet.ProxyQueryType.TCP_SOCKET);
}

class Factory : Qnet.NetworkProxyFactory {
    public int last_port;

    public override List<Qnet.NetworkProxy> query_proxy (owned Qnet.NetworkProxyQuery query)
    throws Error {
        var proxies = new List<Qnet.NetworkProxy> ();

        last_port = query.get_peer_port ();
        if (last_port == 2)
            throw new IOError.FAILED ("no idea");
        if (last_port != 1)
            proxies.append (new_socks5 ());
        return proxies;
    }
}

void test_values () throws Error {
    var socks5 = new_socks5 ();

    assert_true (socks5.equal (socks5.with_host ("door", 9).with_host ("gate", 1080)));
    assert_cmpstr (socks5.to_string (), CompareOperator.EQ, "SOCKS5 proxy gate port 1080");
    assert_true (new Qnet.NetworkProxy.from_uri (socks5.to_uri ()).equal (socks5));
}

void test_application_proxy () throws Error {
    Qnet.set_application_proxy (new_socks5 ());
    var chosen = Qnet.NetworkProxyFactory.proxy_for_query (new_query (80));
    assert_true (chosen.data.equal (new_socks5 ()));
    Qnet.set_application_proxy (new_none ());
    assert_true (Qnet.get_application_proxy ().get_proxy_type () == Qnet.ProxyType.NONE);
}

void test_factory () throws Error {
    var factory = new Factory ();

    Qnet.set_application_proxy_factory (factory);
    var chosen = Qnet.NetworkProxyFactory.proxy_for_query (new_query (80));
    assert_true (chosen.data.equal (new_socks5 ()));
    assert_cmpint (factory.last_port, CompareOperator.EQ, 80);
    assert_cmpint (code_of (() => Qnet.NetworkProxyFactory.proxy_for_query (new_query (1))),
                   CompareOperator.EQ, Qnet.SocketError.PROXY_NOT_FOUND);
    assert_cmpint (code_of (() => Qnet.NetworkProxyFactory.proxy_for_query (new_query (2))),
                   CompareOperator.EQ, Qnet.SocketError.UNKNOWN);
    Qnet.set_application_proxy (new_none ());
}

void test_async () throws Error {
    var factory = new Factory ();
    Qnet.NetworkProxy? first = null;

    factory.query_proxy_async.begin (new_query (80), Priority.DEFAULT, null, (source, result) => {
        try {
            first = factory.query_proxy_async.end (result).data;
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    });
    iterate_until (() => first != null);
    assert_true (first.equal (new_socks5 ()));
}

void test_socket () throws Error {
    var ours = new Qnet.TcpSocket ();
    var asked = 0;
    uint16 port;
    var listener = new SocketListener ();

    port = listener.add_any_inet_port (null);
    ours.proxy = new Qnet.NetworkProxy (Qnet.ProxyType.SOCKS5, "127.0.0.1", port, null, null);
    ours.protocol_tag = "fortune";
    ours.proxy_authentication_required.connect ((proxy, authenticator) => {
        asked++;
        assert_true (proxy.equal (ours.proxy));
        ours.abort ();
    });
    ours.connect_to_host ("fortune.test", 7);
    iterate_until (() => ours.state == Qnet.SocketState.CONNECTING);
    listener.accept ().output_stream.write_all ({ 5, 2 }, null);
    iterate_until (() => ours.state == Qnet.SocketState.UNCONNECTED);
    assert_cmpint (asked, CompareOperator.EQ, 1);
}

async void listen_through_silence () throws Error {
    var server = new Qnet.TcpServer ();
    var cancellable = new Cancellable ();

    assert_true (yield server.listen_async (local_host ()));
    server.close ();

    var listener = new SocketListener ();
    server.proxy = new Qnet.NetworkProxy (Qnet.ProxyType.SOCKS5, "127.0.0.1",
                                          listener.add_any_inet_port (null), null, null);
    Idle.add (() => {
        cancellable.cancel ();
        return Source.REMOVE;
    });
    try {
        yield server.listen_async (new Qnet.HostAddress.special (Qnet.SpecialAddress.ANY), 0,
                                   Priority.DEFAULT, cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
        assert_false (server.listening);
    }

    var ours = new Qnet.UdpSocket ();
    assert_true (yield ours.bind_async (local_host ()));
    assert_true (ours.state == Qnet.SocketState.BOUND);
}

void test_listen_async () throws Error {
    AsyncResult? outcome = null;

    listen_through_silence.begin ((source, result) => { outcome = result; });
    iterate_until (() => outcome != null);
    listen_through_silence.end (outcome);
}

void test_incapable () throws Error {
    var server = new Qnet.TcpServer ();
    var datagrams = new Qnet.UdpSocket ();
    var n_failures = 0;

    server.proxy = new Qnet.NetworkProxy (Qnet.ProxyType.HTTP, "127.0.0.1", 1, null, null);
    datagrams.proxy = server.proxy;

    try {
        server.listen_port (0);
    } catch (Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION error) {
        n_failures++;
    }

    try {
        datagrams.bind_port (0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM);
    } catch (Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION error) {
        n_failures++;
    }

    assert_cmpint (n_failures, CompareOperator.EQ, 2);
}

void test_authenticator () throws Error {
    var authenticator = new Qnet.Authenticator ();

    assert_true (authenticator.is_null ());
    authenticator.user = "user";
    assert_cmpstr (authenticator.user, CompareOperator.EQ, "user");
    assert_true (authenticator.password == null);
}

void test_header () throws Error {
    var header = new Qnet.ProxyHeader (Qnet.HostAddress.from_string ("192.0.2.1"), 4711,
                                       Qnet.HostAddress.from_string ("192.0.2.2"), 443);
    var other = new Qnet.ProxyHeader.from_bytes (header.to_bytes (2));

    assert_cmpstr (other.get_source ().to_string (), CompareOperator.EQ, "192.0.2.1");
    assert_true (other.get_source_port () == 4711);
    assert_true (other.get_field (Qnet.ProxyHeaderField.ALPN) == null);
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/proxy/values", "Proxies are values, and no text shows the password.", test_values);
    add ("/vala/proxy/application", "The application's proxy is the choice.",
         test_application_proxy);
    add ("/vala/proxy/factory", "A class of Vala's own chooses, or fails.", test_factory);
    add ("/vala/proxy/async", "A factory can be asked asynchronously.", test_async);
    add ("/vala/proxy/socket", "A socket connects through its proxy, and a handler is asked.",
         test_socket);
    add ("/vala/proxy/listen-async",
         "A server waits for its proxy without blocking, and can give up.", test_listen_async);
    add ("/vala/proxy/incapable", "An HTTP proxy neither listens nor relays.", test_incapable);
    add ("/vala/proxy/header", "A header of the PROXY protocol is bytes both ways.", test_header);
    add ("/vala/proxy/authenticator", "An authenticator takes an answer.", test_authenticator);

    return Test.run ();
}
