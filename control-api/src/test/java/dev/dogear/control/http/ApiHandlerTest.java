package dev.dogear.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.access.Authorisation;
import dev.dogear.control.rest.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ApiHandlerTest extends LiveTest {
    private static final String LINES = "Accept: " + Answer.LINES;

    @BeforeEach
    void open() throws IOException {
        assertEquals(201, http.post("/v1/local/repos", "{\"name\":\"app\"}").status());
    }

    @Test
    void anErrorIsAnAnswer() throws IOException {
        Services services = live.services();
        Path socket = folder.resolve("errors/s");
        Route route = Route.of("GET", "/error", Access.open(), call -> {
            throw new StackOverflowError();
        });
        Authorisation guard = new Authorisation(services.keys(), services.store(), services.audit());
        ControlServer server = ControlServer.open(socket, null, "local", List.of(route), guard);
        try {
            RawHttp.Reply reply = new RawHttp(socket).get("/error");
            assertEquals(500, reply.status(), reply.body());
            assertEquals("INTERNAL_ERROR", reply.code());
        } finally {
            server.close();
        }
    }

    @Test
    void theAuditLogSaysHowWorkEnded() throws IOException {
        String nowhere = "{\"path\":\"" + folder.resolve("nowhere") + "\"}";
        JsonNode refused =
                http.send("POST", "/v1/local/app/import", nowhere, LINES).json();
        assertTrue(refused.path("status").asInt() >= 400, refused.toString());
        assertEquals(refused.path("status"), newest().path("status"));
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("f"), "text");
        RawHttp.Reply done = http.send("POST", "/v1/local/app/import", "{\"path\":\"" + tree + "\"}", LINES);
        assertTrue(done.body().contains("\"result\""), done.body());
        assertEquals(200, newest().path("status").asInt());
        assertEquals("/v1/local/app/import", newest().path("path").asText());
        assertEquals(
                3,
                http.get("/v1/local/audit").json().path("entries").size(),
                "an entry for each call, whenever it ends");
    }

    private JsonNode newest() throws IOException {
        return http.get("/v1/local/audit?limit=1").json().at("/entries/0");
    }
}
