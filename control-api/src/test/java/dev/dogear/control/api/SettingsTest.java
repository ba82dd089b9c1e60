package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.http.Route;
import dev.dogear.store.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Settings by their routes: what is in force, who may change it, and that each one refuses what it says. */
final class SettingsTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final String DAEMON = "/v1/local/config";

    @BeforeEach
    void open() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
    }

    @Test
    void areShownWithTheirDefaultsAndChanged() throws IOException {
        JsonNode retention = http.get(R + "/config").json().at("/settings/retention");
        assertEquals("30d", retention.path("value").asText());
        assertFalse(retention.path("is_set").asBoolean(true));
        JsonNode changed = set(R + "/config", "{\"retention\":\"90d\",\"approvals\":2,\"approver-differs\":true}");
        assertEquals("90d", changed.at("/settings/retention/value").asText());
        assertEquals("30d", changed.at("/settings/retention/default").asText());
        assertEquals("2", changed.at("/settings/approvals/value").asText());
        JsonNode limits = http.get("/v1/local/limits?repo=app").json();
        assertEquals("90d", limits.at("/repository/retention").asText(), limits.toString());
        assertEquals("none", limits.at("/daemon/repositories").asText(), limits.toString());
        assertEquals(404, http.get("/v1/local/limits?repo=none").status());
        assertEquals(
                "30d",
                set(R + "/config", "{\"retention\":null}")
                        .at("/settings/retention/value")
                        .asText());
    }

    @Test
    void whatCannotBeIsRefusedAndNothingIsChanged() throws IOException {
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"approvals\":3,\"retention\":\"x\"}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"approvals\":3,\"retentoin\":\"1d\"}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"approvals\":[3]}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"metadata\":true}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"approvals\":true}"));
        refused(404, "NOT_FOUND", http.send("PATCH", "/v1/local/none/config", "{\"approvals\":3}"));
        assertEquals(
                "0",
                http.get(R + "/config").json().at("/settings/approvals/value").asText());
    }

    @Test
    void areChangedByTheWidestScopeAlone() throws IOException {
        String writer = key("{\"scopes\":[\"write\"]}");
        refused(403, "FORBIDDEN", http.send("PATCH", R + "/config", "{\"approvals\":0}", writer));
        refused(403, "FORBIDDEN", http.send("PATCH", DAEMON, "{\"repositories\":9}", writer));
        assertEquals(200, http.get(R + "/config", writer).status());
        String session = key("{\"scopes\":[\"admin\"],\"bookmarks\":[\"session/*\"]}");
        refused(403, "FORBIDDEN", http.send("PATCH", R + "/config", "{\"approvals\":0}", session));
        JsonNode audit = http.get("/v1/local/audit?repo=app").json();
        assertEquals("PATCH", audit.at("/entries/0/method").asText(), audit.toString());
        assertEquals(403, audit.at("/entries/0/status").asInt(), audit.toString());
    }

    @Test
    void theDocumentNamesEverySetting() throws IOException {
        JsonNode document = http.get("/v1/openapi.json").json();
        assertEquals(keys(Setting.Owner.REPOSITORY), documented(document, "/v1/{org}/{repo}/config"));
        assertEquals(keys(Setting.Owner.DAEMON), documented(document, "/v1/{org}/config"));
    }

    private static Set<String> keys(Setting.Owner owner) {
        return Setting.of(owner).stream().map(Setting::key).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented(JsonNode document, String path) {
        Set<String> names = new TreeSet<>();
        document.path("paths")
                .path(path)
                .at("/patch/requestBody/content/application~1json/schema/properties")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    @Test
    void noRepositoryHasTheNameOfARoute() throws IOException {
        Set<String> words = ControlApi.routes(live.services()).stream()
                .map(Route::pattern)
                .filter(pattern -> pattern.size() > 2 && pattern.get(1).equals("{org}"))
                .map(pattern -> pattern.get(2))
                .filter(word -> !word.startsWith("{"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(words.containsAll(List.of("config", "limits", "repos", "audit")), words.toString());
        for (String word : words) {
            refused(400, "INVALID_ARGUMENT", http.post("/v1/local/repos", "{\"name\":\"" + word + "\"}"));
        }
    }

    @Test
    void thereAreNoMoreRepositoriesThanThereMayBe() throws IOException {
        set(DAEMON, "{\"repositories\":1}");
        refused(429, "LIMIT_EXCEEDED", http.post("/v1/local/repos", "{\"name\":\"b\"}"));
        assertEquals(404, http.get("/v1/local/b").status());
        set(DAEMON, "{\"repositories\":null}");
        assertEquals(201, http.post("/v1/local/repos", "{\"name\":\"b\"}").status());
    }

    @Test
    void bookmarksAreNamedAsIsSet() throws IOException {
        set(R + "/config", "{\"bookmark.names\":\"session/*|proposal/*\"}");
        RawHttp.Reply refused = bookmark("fix");
        refused(400, "INVALID_ARGUMENT", refused);
        assertTrue(refused.body().contains("named session/* or proposal/*, not fix"), refused.body());
        assertEquals(404, http.get(R + "/bookmarks/fix").status());
        assertEquals(201, bookmark("session/1").status());
        assertEquals(201, bookmark("proposal/login-1").status());
        http.send("PATCH", R, "{\"default_bookmark\":\"session/1\"}");
        http.send("DELETE", R + "/bookmarks/main", "");
        assertEquals(201, bookmark("main").status(), "always allowed");
        set(R + "/config", "{\"bookmark.names\":\"none\"}");
        assertEquals(201, bookmark("fix").status());
    }

    private RawHttp.Reply bookmark(String name) throws IOException {
        return http.post(R + "/bookmarks", "{\"name\":\"" + name + "\",\"from\":\"" + "z".repeat(32) + "\"}");
    }

    @Test
    void thereAreNoMoreBookmarksThanThereMayBe() throws IOException {
        set(R + "/config", "{\"bookmarks\":3}");
        assertEquals(201, bookmark("session/1").status());
        assertEquals(201, bookmark("session/2").status());
        refused(429, "LIMIT_EXCEEDED", bookmark("session/3"));
        assertEquals(404, http.get(R + "/bookmarks/session%2F3").status());
        http.send("DELETE", R + "/bookmarks/session%2F1", "");
        assertEquals(201, bookmark("session/3").status());
        RawHttp.Reply back = http.post(R + "/bookmarks/session%2F1/undo", "{}");
        assertEquals(200, back.status(), "what was deleted comes back all the same: " + back.body());
    }

    @Test
    void changesHaveTheMetadataThatIsAskedFor() throws IOException {
        set(R + "/config", "{\"metadata\":\"run,agent\"}");
        live.write("app", "main", "a", "one\n");
        String checkpoint = R + "/bookmarks/main/checkpoint";
        missing("run, agent", http.post(checkpoint, "{\"message\":\"prompt: x\"}"));
        missing("agent", http.post(checkpoint, "{\"message\":\"x\",\"metadata\":{\"run\":\"7\"}}"));
        missing("run, agent", http.post(checkpoint, "{\"message\":\"run: 7\\nagent: a\"}"));
        String trailers = "\"message\":\"x\\n\\nRun: 7\\nagent: a\"";
        RawHttp.Reply made = http.post(checkpoint, "{" + trailers + "}");
        assertEquals(200, made.status(), made.body());
        String id = made.json().at("/change/id").asText();
        String base = "\"base_change_id\":\"" + id + "\",";
        missing("run, agent", http.post(R + "/changes", "{" + base + "\"message\":\"x\"}"));
        assertEquals(201, http.post(R + "/changes", "{" + base + trailers + "}").status());
        missing("run, agent", http.send("PATCH", R + "/changes/" + id, "{\"message\":\"other\"}"));
        missing("agent", http.send("PATCH", R + "/changes/" + id, "{\"metadata\":{\"agent\":\"\"}}"));
        assertEquals(
                200,
                http.send("PATCH", R + "/changes/" + id, "{\"metadata\":{\"agent\":\"b\"}}")
                        .status());
        assertEquals(
                id, http.get(R + "/bookmarks/main").json().path("change_id").asText());
        live.write("app", "main", "a", "two\n");
        assertEquals(1, live.store().checkpointAll("unasked", "signal"), "nobody can be asked, and nothing is lost");
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"metadata\":\"a b\"}"));
    }

    @Test
    void bookmarksSayWhereTheyComeFromAndWhenTheyGo() throws IOException {
        live.write("app", "main", "a", "x");
        http.post(R + "/bookmarks/main/checkpoint", "{\"message\":\"m\"}");
        String head = http.get(R + "/bookmarks/main").json().path("change_id").asText();
        JsonNode made = http.post(R + "/bookmarks", "{\"name\":\"s/1\",\"from\":\"main\",\"expires_in_seconds\":3600}")
                .json();
        assertEquals("main", made.at("/origin/bookmark").asText(), made.toString());
        assertEquals(head, made.at("/origin/change_id").asText());
        assertEquals(
                Instant.parse(made.path("created_at").asText())
                        .plusSeconds(3600)
                        .getEpochSecond(),
                Instant.parse(made.path("expires_at").asText()).getEpochSecond());
        live.write("app", "s/1", "a", "y");
        http.post(R + "/bookmarks/s%2F1/checkpoint", "{\"message\":\"m\"}");
        JsonNode moved = http.get(R + "/bookmarks/s%2F1").json();
        assertEquals(made.path("origin"), moved.path("origin"));
        JsonNode byId = http.post(R + "/bookmarks", "{\"name\":\"s/2\",\"change_id\":\"" + head + "\"}")
                .json();
        assertEquals("main", byId.at("/origin/bookmark").asText(), byId.toString());
        assertTrue(byId.path("expires_at").isNull(), byId.toString());
        JsonNode old = bookmark("s/3").json();
        assertTrue(old.at("/origin/bookmark").isNull(), old.toString());
        for (String wrong : List.of("0", "-1", "\"7d\"", "1.5")) {
            refused(
                    400,
                    "INVALID_ARGUMENT",
                    http.post(
                            R + "/bookmarks",
                            "{\"name\":\"s/4\",\"from\":\"main\",\"expires_in_seconds\":" + wrong + "}"));
        }
    }

    @Test
    void contentIsNoMoreThanItMayBe() throws IOException {
        String base = "{\"base_change_id\":\"" + "z".repeat(32) + "\",\"message\":\"m\","
                + "\"author\":{\"name\":\"A\",\"email\":\"a@x\"},\"files\":[{\"path\":\"f\",\"content\":\"";
        String content = Base64.getEncoder().encodeToString(new byte[3000]);
        set(R + "/config", "{\"file.bytes\":\"2K\"}");
        RawHttp.Reply refused = http.post(R + "/changes", base + content + "\"}]}");
        refused(429, "LIMIT_EXCEEDED", refused);
        assertTrue(refused.body().contains("A file may have 2K bytes"), refused.body());
        set(R + "/config", "{\"file.bytes\":\"3000\",\"bytes\":\"1K\"}");
        RawHttp.Reply full = http.post(R + "/changes", base + content + "\"}]}");
        refused(429, "LIMIT_EXCEEDED", full);
        assertTrue(full.body().contains("may hold 1K"), full.body());
        Path in = Files.createDirectories(folder.resolve("in"));
        Files.write(in.resolve("f"), new byte[3000]);
        refused(429, "LIMIT_EXCEEDED", http.post(R + "/import", "{\"path\":\"" + in + "\"}"));
        assertEquals(
                "z".repeat(32),
                http.get(R + "/bookmarks/main").json().path("change_id").asText());
        set(R + "/config", "{\"bytes\":\"10M\"}");
        assertEquals(201, http.post(R + "/changes", base + content + "\"}]}").status());
        assertEquals(200, http.post(R + "/import", "{\"path\":\"" + in + "\"}").status());
        for (String wrong : List.of("-1", "10 M", "10MB", "1.5G", "")) {
            refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"bytes\":\"" + wrong + "\"}"));
        }
    }

    @Test
    void whenABookmarkGoesCanBeChanged() throws IOException {
        http.post(R + "/bookmarks", "{\"name\":\"s/1\",\"from\":\"main\",\"expires_in_seconds\":3600}");
        String one = R + "/bookmarks/s%2F1";
        Instant hour = Instant.parse(http.get(one).json().path("expires_at").asText());
        JsonNode longer =
                http.send("PATCH", one, "{\"expires_in_seconds\":86400}").json();
        assertTrue(Instant.parse(longer.path("expires_at").asText()).isAfter(hour), longer.toString());
        assertEquals(longer.path("change_id"), longer.path("from_change_id"));
        JsonNode moved = http.send("PATCH", one, "{\"to\":\"main\"}").json();
        assertEquals(longer.path("expires_at"), moved.path("expires_at"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", one, "{\"expires_in_seconds\":0}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", one, "{}"));
        JsonNode never = http.send("PATCH", one, "{\"expires_in_seconds\":null,\"to\":\"main\"}")
                .json();
        assertTrue(never.path("expires_at").isNull(), never.toString());
        assertTrue(http.get(one).json().path("expires_at").isNull());
    }

    private static void missing(String keys, RawHttp.Reply reply) {
        refused(400, "INVALID_ARGUMENT", reply);
        assertTrue(reply.body().contains("The metadata " + keys + " is missing"), reply.body());
    }

    @Test
    void aChangeIsByWhoeverTheSettingSays() throws IOException {
        String keyed = key("{\"name\":\"bot\",\"tags\":{\"email\":\"bot@example.org\"}}");
        String git = "{\"allow_empty\":true,\"default_author\":{\"name\":\"Git\",\"email\":\"g@x\"}}";
        assertEquals("bot bot@example.org", author(git, keyed));
        assertEquals("bot bot@example.org", author("{\"allow_empty\":true}", keyed));
        assertEquals("Git g@x", author(git, key("{}")), "a key without a name");
        assertEquals("Git g@x", author(git, "X-None: 1"), "no key");
        String named = "{\"allow_empty\":true,\"author\":{\"name\":\"Me\",\"email\":\"m@x\"}}";
        assertEquals("Me m@x", author(named, keyed));
        set(R + "/config", "{\"default-author\":\"git\"}");
        assertEquals("Git g@x", author(git, keyed));
        assertEquals("bot bot@example.org", author("{\"allow_empty\":true}", keyed));
        String made = git.replace("\"allow_empty\":true", "\"base_change_id\":\"" + "z".repeat(32) + "\"");
        JsonNode change = http.send("POST", R + "/changes", made, keyed).json();
        assertEquals("Git", change.at("/author/name").asText(), change.toString());
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", R + "/config", "{\"default-author\":\"me\"}"));
        refused(400, "INVALID_ARGUMENT", http.post("/v1/local/api-keys", "{\"tags\":{\"email\":\"a>b\"}}"));
    }

    private String author(String body, String header) throws IOException {
        RawHttp.Reply reply = http.send("POST", R + "/bookmarks/main/checkpoint", body, header);
        assertEquals(200, reply.status(), reply.body());
        JsonNode author = reply.json().at("/change/author");
        return author.path("name").asText() + " " + author.path("email").asText();
    }

    @Test
    void whoAsksTooOftenIsToldWhenToComeAgain() throws IOException {
        String a = key("{}");
        String b = key("{}");
        set(DAEMON, "{\"rate\":\"3/h\"}");
        for (int i = 0; i < 3; i++) {
            assertEquals(200, http.get(R, a).status());
        }
        RawHttp.Reply refused = http.get(R, a);
        refused(429, "LIMIT_EXCEEDED", refused);
        assertTrue(refused.head().contains("retry-after: 1200\r\n"), refused.head());
        assertEquals(
                1200, refused.json().at("/error/details/retry_after_seconds").asInt(), refused.body());
        assertEquals(200, http.get(R, b).status(), "each key has its own");
        assertEquals(200, http.get(R).status(), "and each user");
        assertEquals(200, http.get("/healthz", a).status(), "open to all");
        for (int i = 0; i < 5; i++) {
            http.get(R);
        }
        assertEquals(429, http.get(R).status());
        set(DAEMON, "{\"rate\":\"100/s\"}");
        assertEquals(200, http.get(R).status(), "a raised rate holds at once");
        assertEquals(200, http.get(R, a).status());
        set(DAEMON, "{\"rate\":null}");
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", DAEMON, "{\"rate\":\"0/s\"}"));
        refused(400, "INVALID_ARGUMENT", http.send("PATCH", DAEMON, "{\"rate\":\"5\"}"));
    }

    @Test
    void aRequestIsNoLongerThanItMayBe() throws IOException {
        String body = "{\"allow_empty\":true,\"message\":\"" + "x".repeat(70_000) + "\"}";
        String checkpoint = R + "/bookmarks/main/checkpoint";
        set(DAEMON, "{\"request.bytes\":\"64K\"}");
        refused(413, "TOO_LARGE", http.post(checkpoint, body));
        String chunked = "POST " + checkpoint + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                + "\r\n0\r\n\r\n";
        refused(413, "TOO_LARGE", http.exchange(chunked));
        assertEquals(
                65_536,
                http.get("/v1/local/limits")
                        .json()
                        .at("/request/body_bytes_max")
                        .asInt());
        set(DAEMON, "{\"request.bytes\":\"128k\"}");
        assertEquals(200, http.post(checkpoint, body).status());
        for (String wrong : List.of("1", "1G", "none", "-5", "12Q")) {
            RawHttp.Reply refused = http.send("PATCH", DAEMON, "{\"request.bytes\":\"" + wrong + "\"}");
            refused(400, "INVALID_ARGUMENT", refused);
            assertTrue(refused.body().contains("no less than 65536 and no more than 33554432"), refused.body());
        }
    }

    private JsonNode set(String path, String body) throws IOException {
        RawHttp.Reply reply = http.send("PATCH", path, body);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }

    private String key(String body) throws IOException {
        return "Authorization: Bearer "
                + http.post("/v1/local/api-keys", body).json().path("key").asText();
    }

    private static void refused(int status, String code, RawHttp.Reply reply) {
        assertEquals(status, reply.status(), reply.body());
        assertEquals(code, reply.code(), reply.body());
        assertTrue(reply.json().at("/error/message").asText().length() > 10, reply.body());
    }
}
