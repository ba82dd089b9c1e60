package dev.dogear.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.fuzz.Operations.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every route with bad input: the right status in the right envelope, and nothing changed by a refused call. */
final class BadRequestsTest extends LiveTest {
    private static final String R = "/v1/local/app";

    private List<Operation> operations = List.of();
    private final List<String> faults = new ArrayList<>();
    private String before = "";

    @BeforeEach
    void open() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        live.write("app", "main", "f", "text");
        http.post(R + "/bookmarks/main/checkpoint", "{}");
        http.post(R + "/bookmarks", "{\"name\":\"session/1\",\"from\":\"main\"}");
        live.write("app", "session/1", "f", "edited");
        operations = Operations.of(http.get("/v1/openapi.json").json());
        assertTrue(operations.size() >= 32, "the whole API: " + operations.size());
        before = state();
    }

    @AfterEach
    void close() throws IOException {
        assertEquals(before, state(), "a refused call changes nothing");
        assertEquals(List.of(), faults);
    }

    /** All a refused call could have changed. */
    private String state() throws IOException {
        return http.get("/v1/local/repos").body()
                + http.get(R + "/bookmarks").body()
                + http.get(R + "/operations").body()
                + http.get(R + "/bookmarks/session%2F1/edits").body();
    }

    @Test
    void bodiesThatAreNoObjects() throws IOException {
        for (Operation operation : operations) {
            if (!operation.body().isMissingNode()) {
                for (String body :
                        new String[] {"{", "[]", "1", "null", "{\"a\":1,\"a\":2}", "{} {}", "\"", "\u0000"}) {
                    refused(operation, path(operation, Map.of()), body, Set.of(400));
                }
            }
        }
    }

    @Test
    void fieldsOfWrongTypes() throws IOException {
        for (Operation operation : operations) {
            for (Map.Entry<String, JsonNode> field :
                    operation.body().path("properties").properties()) {
                for (String wrong : wrong(field.getValue())) {
                    String body = "{\"" + field.getKey() + "\":" + wrong + "}";
                    refused(operation, path(operation, Map.of()), body, Set.of(400, 404, 409, 501));
                }
            }
        }
    }

    /** Values that are of none of the types of a field. */
    private static List<String> wrong(JsonNode schema) {
        String types = schema.toString();
        List<String> wrong = new ArrayList<>();
        if (!types.contains("object") && !types.contains("$ref\":\"#/components/schemas/P")) {
            wrong.add("{\"x\":1}");
        }
        if (!types.contains("array")) {
            wrong.add("[[]]");
        }
        if (!types.contains("integer")) {
            wrong.add("1.5");
        }
        if (!types.contains("boolean")) {
            wrong.add("true");
        }
        return wrong;
    }

    @Test
    void pathsThatTryToLeaveTheirPlace() throws IOException {
        for (Operation operation : operations) {
            String good = path(operation, Map.of());
            refused(operation, good + "/", "", Set.of(404, 405));
            refused(operation, "/" + good, "", Set.of(404, 405));
            refused(operation, "/." + good, "", Set.of(404, 405));
            refused(operation, good + "/..", "", Set.of(400, 404, 405));
            refused(operation, good + "/%2e%2e", "", Set.of(400, 404, 405));
            refused(operation, good + "%00", "", Set.of(400, 404, 405));
            for (String name : new String[] {"repo", "bookmark", "change_id", "operation", "id", "proposal"}) {
                if (operation.path().contains("{" + name + "}")) {
                    for (String value : new String[] {
                        "..",
                        ".",
                        "%2e%2e",
                        "%2E",
                        "..%2f..",
                        "a%2f%2fb",
                        "%",
                        "%zz",
                        "%ff",
                        "%00",
                        "-x",
                        "none",
                        "%20",
                        "x".repeat(2000)
                    }) {
                        refused(operation, path(operation, Map.of(name, value)), "{}", Set.of(400, 404, 405, 409, 501));
                    }
                }
            }
        }
        assertEquals(200, http.get(R).status());
    }

    @Test
    void methodsThatAreNotThere() throws IOException {
        for (Operation operation : operations) {
            RawHttp.Reply reply = http.send("TRACE", path(operation, Map.of()), "");
            check(operation, "TRACE", reply, Set.of(405));
            check(operation, "get", http.send("get", path(operation, Map.of()), ""), Set.of(405));
        }
    }

    @Test
    void bodiesThatAreTooLarge() throws IOException {
        for (Operation operation : operations) {
            RawHttp.Reply reply = http.exchange(operation.method() + " " + path(operation, Map.of())
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000000000\r\n\r\n");
            check(operation, "huge", reply, Set.of(413));
        }
        String chunk = "100000\r\n" + " ".repeat(0x100000) + "\r\n";
        RawHttp.Reply chunked = http.exchange("POST " + R + "/bookmarks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(33) + "0\r\n\r\n");
        assertEquals(413, chunked.status(), chunked.body());
    }

    @Test
    void queriesThatMeanNothing() throws IOException {
        for (Operation operation : operations) {
            for (String name : operation.query()) {
                if (Set.of(
                                "limit",
                                "cursor",
                                "depth",
                                "after",
                                "heartbeat",
                                "follow",
                                "diff",
                                "change_id",
                                "base_change_id",
                                "head_change_id",
                                "expected_change_id",
                                "conflicts")
                        .contains(name)) {
                    refused(operation, path(operation, Map.of()) + "?" + name + "=%21wrong", "", Set.of(400, 404));
                }
            }
            if (operation.path().contains("{repo}")) {
                refused(operation, path(operation, Map.of("repo", "none")) + "?x=%zz", "{}", Set.of(400, 404, 501));
            }
        }
    }

    private void refused(Operation operation, String path, String body, Set<Integer> statuses) throws IOException {
        check(operation, path + " " + body, http.send(operation.method(), path, body), statuses);
    }

    private void check(Operation operation, String what, RawHttp.Reply reply, Set<Integer> statuses) {
        String asked = operation.id() + " " + what;
        if (!statuses.contains(reply.status())) {
            faults.add(asked.substring(0, Math.min(200, asked.length())) + ": " + reply.status() + " " + reply.body());
        } else {
            assertTrue(reply.head().contains("content-type: application/json"), asked + reply.head());
            JsonNode error = reply.json().path("error");
            assertFalse(error.path("code").asText().isEmpty(), asked + reply.body());
            assertFalse(error.path("message").asText().isEmpty(), asked + reply.body());
        }
    }

    /** A path that is good but for the values given. */
    private static String path(Operation operation, Map<String, String> values) {
        List<String> segments = new ArrayList<>();
        for (String segment : operation.segments()) {
            String name = segment.startsWith("{") ? segment.substring(1, segment.length() - 1) : "";
            segments.add(values.getOrDefault(
                    name,
                    switch (name) {
                        case "" -> segment;
                        case "org" -> "local";
                        case "repo" -> "app";
                        case "bookmark" -> "session%2F1";
                        case "change_id" -> "z".repeat(32);
                        default -> "999";
                    }));
        }
        return "/" + String.join("/", segments);
    }
}
