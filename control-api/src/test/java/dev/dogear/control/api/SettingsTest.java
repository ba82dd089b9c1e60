package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveApi;
import dev.dogear.control.RawHttp;
import dev.dogear.store.config.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings by their routes: what is in force, who may change it, and that each one refuses what it says. */
final class SettingsTest {
    private static final String R = "/v1/local/app";
    private static final String DAEMON = "/v1/local/config";

    @TempDir
    private Path folder;

    private LiveApi live;
    private RawHttp http;

    @BeforeEach
    void open() throws IOException {
        live = new LiveApi(folder);
        http = live.http();
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
    }

    @AfterEach
    void close() {
        live.close();
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
    void thereAreNoMoreRepositoriesThanThereMayBe() throws IOException {
        set(DAEMON, "{\"repositories\":1}");
        refused(429, "LIMIT_EXCEEDED", http.post("/v1/local/repos", "{\"name\":\"b\"}"));
        assertEquals(404, http.get("/v1/local/b").status());
        set(DAEMON, "{\"repositories\":null}");
        assertEquals(201, http.post("/v1/local/repos", "{\"name\":\"b\"}").status());
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
