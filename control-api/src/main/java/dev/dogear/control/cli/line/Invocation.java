package dev.dogear.control.cli.line;

import dev.dogear.control.cli.line.JsonText.Fields;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A verb with its arguments, and the ways to ask the daemon and to answer the user.
 *
 * @param arguments as parsed
 * @param settings for what they leave out
 * @param out for answers
 * @param err for everything else
 */
public record Invocation(Arguments arguments, Settings settings, PrintStream out, PrintStream err) {
    /** What stands for itself in a path. */
    private static final String UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";

    public static final String JSON = "application/json";

    /** The positional argument at that place. */
    public String argument(int index) {
        String value = optional(index);
        if (value == null) {
            throw new IllegalArgumentException("no argument " + index);
        }
        return value;
    }

    @Nullable
    public String optional(int index) {
        List<String> positionals = arguments.positionals();
        return index < positionals.size() ? positionals.get(index) : null;
    }

    /** The positional arguments from that place on. */
    public List<String> further(int index) {
        List<String> positionals = arguments.positionals();
        return positionals.subList(Math.min(index, positionals.size()), positionals.size());
    }

    /** A path of this machine, as the daemon takes it, which has its own working directory. */
    public String hostPath(int index) {
        return Path.of(argument(index)).toAbsolutePath().normalize().toString();
    }

    /** The positional arguments from that place on, as paths of a tree; a slash that completion writes after a folder is none of its name. */
    public List<String> paths(int index) {
        return further(index).stream()
                .map(path -> path.endsWith("/") ? path.substring(0, path.length() - 1) : path)
                .toList();
    }

    @Nullable
    public String option(String name) {
        List<String> values = options(name);
        return values.isEmpty() ? null : values.get(0);
    }

    public List<String> options(String name) {
        return arguments.options().getOrDefault(name, List.of());
    }

    /** Puts the value of an option into a body, if it was given. */
    public void put(Map<String, Object> body, String field, String option) {
        String value = option(option);
        if (value != null) {
            body.put(field, value);
        }
    }

    public boolean flag(String name) {
        return arguments.options().containsKey(name);
    }

    public boolean json() {
        return flag("--json");
    }

    public Path socket() {
        return settings.socket(option("--socket"));
    }

    public SocketClient client() {
        return new SocketClient(socket(), settings.environment().getOrDefault("DOGEAR_KEY", ""));
    }

    /** Asks with a JSON body and returns the answer. */
    public byte[] send(String method, String path, Map<String, ?> body) throws IOException {
        byte[] sent = body.isEmpty() ? new byte[0] : JsonText.write(body);
        try (SocketClient.Reply reply = client().send(method, path, sent, JSON)) {
            return checked(reply);
        }
    }

    public byte[] get(String path) throws IOException {
        return send("GET", path, Map.of());
    }

    /** Asks for plain text; its bytes are as they are in files, of any encoding. */
    public byte[] getText(String path) throws IOException {
        try (SocketClient.Reply reply = client().send("GET", path, new byte[0], "text/plain")) {
            return checked(reply);
        }
    }

    /** The answer's bytes, unless it is an error. */
    public static byte[] checked(SocketClient.Reply reply) throws IOException {
        byte[] bytes = reply.bytes();
        if (reply.status() >= 400) {
            throw failure(reply.status(), JsonText.object(bytes));
        }
        return bytes;
    }

    /** The error envelope as the end of the command. */
    public static CommandException failure(int status, Fields envelope) {
        Fields error = envelope.object("error");
        ExitCode exit =
                switch (status) {
                    case 400, 405, 406 -> ExitCode.USAGE;
                    case 404 -> ExitCode.NOT_FOUND;
                    case 409 -> ExitCode.CONFLICT;
                    default -> ExitCode.FAILED;
                };
        StringBuilder text = new StringBuilder(error.text("message"));
        for (Fields conflict : error.object("details").objects("conflicts")) {
            text.append("\n  ").append(conflict.text("path")).append(": ").append(conflict.text("kind"));
        }
        if (error.text("code").equals("MERGE_CONFLICT")) {
            text.append(
                    "\nNothing was changed. Merge with --allow-conflicted to resolve there, or make these paths equal first.");
        }
        if (error.has("trace_id")) {
            text.append("\nThe daemon's log (see dogear status) says more under ")
                    .append(error.text("trace_id"));
        }
        return new CommandException(exit, text.toString());
    }

    /** Prints an answer as it came. */
    public ExitCode printJson(byte[] answer) {
        out.writeBytes(answer);
        out.println();
        return ExitCode.OK;
    }

    /** One segment of a path, encoded. */
    public static String segment(String text) {
        // A path of dots would be taken for a step up by others on the way; encoded it stays a name.
        if (text.equals(".") || text.equals("..")) {
            return text.replace(".", "%2E");
        }
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = UNRESERVED.indexOf(b) >= 0;
            if (plain) {
                encoded.append((char) b);
            } else {
                encoded.append('%')
                        .append(Character.forDigit((b >> 4) & 15, 16))
                        .append(Character.forDigit(b & 15, 16));
            }
        }
        return encoded.toString();
    }

    /** The path of a repository's route. */
    public static String repository(String name, String rest) {
        if (name.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "The repository's name is missing.");
        }
        return "/v1/local/" + segment(name) + rest;
    }

    /** {@code repository/bookmark} taken apart; a repository's name has no slash. */
    public record Target(String repository, String bookmark) {
        public static Target parse(String text) {
            int slash = text.indexOf('/');
            if (slash <= 0 || slash == text.length() - 1) {
                throw new CommandException(
                        ExitCode.USAGE, "Write REPOSITORY/BOOKMARK, such as app/session/1, instead of: " + text);
            }
            return new Target(text.substring(0, slash), text.substring(slash + 1));
        }

        /** The path of the bookmark's route. */
        public String path(String rest) {
            return Invocation.repository(repository, "/bookmarks/" + segment(bookmark) + rest);
        }

        @Override
        public String toString() {
            return repository + "/" + bookmark;
        }
    }
}
