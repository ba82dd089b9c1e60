package dev.dogear.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveApi;
import dev.dogear.control.RawHttp;
import dev.dogear.control.fuzz.Operations.Operation;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Settings;
import dev.dogear.store.history.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random requests made from the route table, good and bad and cut to pieces: no answer says that the daemon failed, every
 * refusal is in the envelope, nothing leaks, and the store is sound in the end.
 */
final class FuzzedApiTest {
    private static final int REQUESTS = Integer.getInteger("dogear.rounds", 600);
    private static final int DESCRIPTORS_SLACK = 40;

    /** Of a repository that is awake, and how many are: a deleted one keeps its files until others have need of their place. */
    private static final int DESCRIPTORS_EACH = 12;

    private static final int AWAKE_MAX = 64;
    private static final int THREADS_SLACK = 80;
    private static final Duration EVENTS_PATIENCE = Duration.ofMillis(500);
    private static final String ROOT = "z".repeat(32);

    private static final List<String> NAMES = List.of(
            "main",
            "session/1",
            "session/2",
            "proposal/x-1",
            "main",
            "session/1",
            "a",
            "none",
            "app",
            "b",
            "..",
            "",
            ".",
            "session",
            "x".repeat(300),
            "caf\u00e9",
            "cafe\u0301",
            "a\u0000b",
            "\ud83d\ude00",
            "A",
            "-x",
            "*",
            "s?");

    private static final List<String> RAW_SEGMENTS =
            List.of("..", ".", "%2e%2e", "%2F", "%", "%zz", "%ff", "%00", "+", "a%2Fb", "main;x=1", "%F0%9F%98%80", "");

    private final long seed = Long.getLong("dogear.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<String> ids = new ArrayList<>(List.of(ROOT));
    private final Map<Integer, Integer> statuses = new TreeMap<>();

    @TempDir
    private Path folder;

    @Test
    void noRequestMakesTheDaemonFailOrLeak() throws IOException {
        System.out.println("FuzzedApiTest: dogear.seed=" + seed + " dogear.rounds=" + REQUESTS);
        try (LiveApi live = new LiveApi(folder)) {
            RawHttp http = live.http();
            http.post("/v1/local/repos", "{\"name\":\"app\"}");
            List<Operation> operations =
                    Operations.of(http.get("/v1/openapi.json").json());
            long descriptors = 0;
            int threads = 0;
            int deleted = 0;
            for (int i = 0; i < REQUESTS; i++) {
                if (i == REQUESTS / 4) {
                    // By now all repositories and threads there will be are open.
                    descriptors = descriptors();
                    threads = Thread.activeCount();
                }
                if (random.nextInt(4) == 0) {
                    edit(live);
                }
                Operation operation = operations.get(random.nextInt(operations.size()));
                String request = request(operation);
                check(request, exchange(http, request));
                Settings settings = live.store().settings();
                if (Setting.of(Setting.Owner.DAEMON).stream().anyMatch(settings.now()::isSet)) {
                    settings.change(unset(Setting.Owner.DAEMON));
                }
                if (!live.store().repositoryNames().contains("app")) {
                    deleted++;
                    http.post("/v1/local/repos", "{\"name\":\"app\"}");
                }
            }
            System.out.println("FuzzedApiTest: statuses " + statuses);
            assertTrue(statuses.getOrDefault(200, 0) > REQUESTS / 20, "most requests are refused: " + statuses);
            assertEquals(200, http.get("/healthz").status());
            for (Repository repository : live.store().openRepositories()) {
                assertEquals(0, repository.tables().readers(), "read transactions left open, seed " + seed);
            }
            long most = descriptors + DESCRIPTORS_SLACK + (long) Math.min(AWAKE_MAX, deleted) * DESCRIPTORS_EACH;
            assertTrue(
                    descriptors() <= most,
                    "descriptors grew from " + descriptors + " to " + descriptors() + ", seed " + seed);
            assertTrue(
                    Thread.activeCount() <= threads + THREADS_SLACK,
                    "threads grew from " + threads + " to " + Thread.activeCount() + ", seed " + seed);
        }
    }

    /** Every limit goes that a request may have set: else all that follows would be refused for it. */
    private static Map<String, @Nullable String> unset(Setting.Owner owner) {
        Map<String, @Nullable String> none = new HashMap<>();
        Setting.of(owner).forEach(setting -> none.put(setting.key(), null));
        return none;
    }

    private void edit(LiveApi live) {
        Repository app = live.store().repository("app");
        String bookmark = random.nextBoolean() ? "main" : "session/1";
        boolean there = app.bookmarks().stream().anyMatch(each -> each.name().equals(bookmark));
        if (there) {
            if (Setting.of(Setting.Owner.REPOSITORY).stream().anyMatch(app.config()::isSet)) {
                app.configure(unset(Setting.Owner.REPOSITORY));
            }
            if (app.isProtected(bookmark)) {
                app.protect(bookmark, false);
            }
            live.write("app", bookmark, "f" + random.nextInt(5) + ".txt", "v" + random.nextInt(1000) + "\n");
        }
    }

    private static RawHttp.Reply exchange(RawHttp http, String request) throws IOException {
        try {
            // One damaged before its follow=false goes on for ever.
            return request.contains("/events")
                    ? http.exchangeLeaving(request, EVENTS_PATIENCE)
                    : http.exchange(request);
        } catch (IndexOutOfBoundsException e) {
            // The connection was closed without an answer, as is right where no request can be made out.
            return new RawHttp.Reply(0, "", "");
        }
    }

    private void check(String request, RawHttp.Reply reply) {
        statuses.merge(reply.status(), 1, Integer::sum);
        String asked = request.length() > 2000 ? request.substring(0, 2000) : request;
        String what = "seed " + seed + "\n" + asked + "\n" + reply.status() + " " + reply.body();
        assertTrue(reply.status() < 500 || reply.status() == 501, what);
        if (reply.status() >= 400) {
            assertTrue(reply.head().contains("content-type: application/json"), what);
            assertTrue(reply.json().path("error").path("code").isTextual(), what);
        } else if (reply.head().contains("content-type: application/json")) {
            collect(reply.json());
        }
    }

    /** Ids that answers name are used in requests. */
    private void collect(JsonNode answer) {
        for (String field : new String[] {"id", "change_id", "saved_change_id", "next_cursor"}) {
            for (String value : answer.findValuesAsText(field)) {
                if (!value.isEmpty() && ids.size() < 200) {
                    ids.add(value);
                } else if (!value.isEmpty()) {
                    ids.set(random.nextInt(ids.size()), value);
                }
            }
        }
    }

    /** A whole request; one in ten is damaged. */
    private String request(Operation operation) {
        StringBuilder path = new StringBuilder();
        for (String segment : operation.segments()) {
            path.append('/').append(segment(segment));
        }
        char separator = '?';
        for (String name : operation.query()) {
            if (random.nextInt(3) == 0) {
                path.append(separator).append(name).append('=').append(encode(value(name)));
                separator = '&';
            }
        }
        if (operation.id().equals("events")) {
            path.append(separator).append("follow=false");
        }
        String body = operation.body().isMissingNode() ? "" : body(operation.body());
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String accept = pick(List.of(
                "application/json",
                "*/*",
                "text/plain",
                "application/octet-stream",
                "application/x-ndjson",
                "text/event-stream",
                "x"));
        String request = operation.method() + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: "
                + accept + "\r\nContent-Length: " + bytes.length + "\r\n\r\n" + body;
        return random.nextInt(10) == 0 ? damaged(request) : request;
    }

    /** Cut short would only wait for the rest, so bytes are changed, inserted and doubled in the head's first line. */
    private String damaged(String request) {
        int line = request.indexOf('\r');
        int at = random.nextInt(line);
        String junk = pick(List.of("\t", "\u0001", " ", "%", "?", "#", "//", "\\", "\u00ff", "/../", ";"));
        return request.substring(0, at) + junk + request.substring(random.nextBoolean() ? at : at + 1);
    }

    private String segment(String pattern) {
        if (random.nextInt(30) == 0) {
            return pick(RAW_SEGMENTS);
        }
        return switch (pattern) {
            case "{org}" -> "local";
            case "{repo}" -> random.nextInt(8) == 0 ? encode(pick(NAMES)) : "app";
            case "{bookmark}" -> encode(pick(NAMES));
            case "{operation}" -> Integer.toString(random.nextInt(1, 60));
            default -> pattern.startsWith("{") ? encode(pick(ids)) : pattern;
        };
    }

    /** Of a parameter or field, by its name: good most times. */
    private String value(String name) {
        if (random.nextInt(10) == 0) {
            return pick(List.of("", "-1", "0", "true", "1e9", "\u0000", "x", "99999999999999999999", "%", "{}"));
        }
        return switch (name) {
            case "limit" -> Integer.toString(random.nextInt(1, 101));
            case "depth" -> Integer.toString(random.nextInt(0, 11));
            case "follow", "diff" -> "false";
            case "heartbeat" -> "1";
            case "after" -> Integer.toString(random.nextInt(50));
            case "conflicts" -> pick(List.of("include", "only", "exclude"));
            case "kind" -> pick(List.of("checkpoint", "merge,undo", "edits"));
            case "path" -> pick(List.of("f0.txt", "f1.txt", "", "none", "a/b", "..", "/"));
            case "name", "bookmark", "target", "source", "from", "to", "base", "head", "revision", "default_bookmark" ->
                pick(NAMES);
            case "action" -> pick(List.of("set", "remove"));
            default -> random.nextInt(3) == 0 ? pick(NAMES) : pick(ids);
        };
    }

    private String body(JsonNode schema) {
        StringBuilder body = new StringBuilder("{");
        for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
            if (random.nextInt(4) != 0) {
                body.append(body.length() > 1 ? "," : "")
                        .append('"')
                        .append(field.getKey())
                        .append("\":")
                        .append(json(field.getKey(), field.getValue()));
            }
        }
        return body.append('}').toString();
    }

    private String json(String name, JsonNode schema) {
        if (name.equals("path")) {
            // Paths of this machine: nothing that is there.
            return "\"/nonexistent/" + random.nextInt(10) + "\"";
        }
        if (random.nextInt(12) == 0) {
            return pick(List.of(
                    "null", "1", "-1", "1.5", "true", "[]", "{}", "\"\"", "[null]", "[[[[[]]]]]", "\"\\u0000\""));
        }
        String types = schema.toString();
        if (types.contains("\"boolean\"")) {
            return random.nextInt(3) == 0 ? "true" : "false";
        }
        if (types.contains("\"integer\"")) {
            return Integer.toString(random.nextInt(-1, 5));
        }
        if (types.contains("\"array\"")) {
            return "[\"" + escape(pick(random.nextBoolean() ? NAMES : ids)) + "\"]";
        }
        if (types.contains("additionalProperties")) {
            return "{\"k\":\"" + escape(pick(NAMES)) + "\"}";
        }
        if (types.contains("/Person")) {
            return "{\"name\":\"" + escape(pick(NAMES)) + "\",\"email\":\"a@example.org\"}";
        }
        return "\"" + escape(value(name)) + "\"";
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\u0000", "\\u0000");
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (Character.isLetterOrDigit(b & 0xff) && b > 0) {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
