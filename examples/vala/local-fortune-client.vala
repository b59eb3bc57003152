/* local-fortune-client.vala: asks the fortune server of this user
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

async string ask (string name) throws Error {
    var socket = new Qnet.LocalSocket ();

    yield socket.connect_to_server_async (name);

    uint8[] fortune = yield socket.read_line_async (0);

    if (fortune.length == 0) {
        throw new IOError.FAILED ("The server has no fortune today.");
    }

    // A line becomes text with a terminating NUL.
    fortune += '\0';
    return (string) fortune;
}

int main (string[] args) {
    var options = new OptionContext ("[NAME] - ask the fortune server of this user");
    var loop = new MainLoop ();
    int status = 1;

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length > 2) {
            throw new OptionError.FAILED ("One name is enough");
        }
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    ask.begin (args.length > 1 ? args[1] : "fortune", (source, result) => {
        try {
            print ("%s", ask.end (result));
            status = 0;
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        loop.quit ();
    });

    loop.run ();

    return status;
}
