package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.http.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what the daemon does: the same routes, and each answers what it says. */
final class OpenApiTest extends LiveTest {
    /** Routes that only answer with success where a kernel or a keeper is: other tests ask them. */
    private static final Set<String> ELSEWHERE =
            Set.of("POST /v1/{org}/mounts", "DELETE /v1/{org}/mounts", "POST /v1/{org}/restart");

    private static final String R = "/v1/local/app";
    private static final String MAIN = R + "/bookmarks/main";

    private JsonNode document;
    private final Set<String> sampled = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        document = http.get("/v1/openapi.json").json();
    }

    @Test
    void namesEveryRouteAndNoOther() {
        Set<String> routes = new TreeSet<>();
        for (Route route : ControlApi.routes(live.services())) {
            routes.add(route.method() + " /" + String.join("/", route.pattern()));
        }
        assertEquals(routes, operations(), "see the resources of dev.dogear.control.openapi");
    }

    private Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        document.path("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(method -> operations.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return operations;
    }

    @Test
    void everyRouteAnswersWhatTheDocumentSays() throws IOException {
        askAboutTheHost();
        askAboutRepositories();
        askAboutBookmarks();
        askAboutProposals();
        askAboutChanges();
        askForOperationsAndTransfers();
        get("/v1/{org}/{repo}/upstream/syncs", R + "/upstream/syncs");
        ask("POST", "/v1/{org}/{repo}/upstream/syncs", R + "/upstream/syncs", "{\"direction\":\"pull\"}");
        get("/v1/{org}/{repo}/upstream/syncs/{sync}", R + "/upstream/syncs/1");
        get("/v1/{org}/webhook-targets", "/v1/local/webhook-targets");
        ask("POST", "/v1/{org}/webhook-targets", "/v1/local/webhook-targets", "{\"url\":\"https://h\"}");
        for (String method : new String[] {"GET", "PATCH", "DELETE"}) {
            ask(method, "/v1/{org}/webhook-targets/{target}", "/v1/local/webhook-targets/1", "");
        }
        ask("DELETE", "/v1/{org}/{repo}", "/v1/local/b", "");
        askForCare();
        askWhatWasAsked();
        ask("POST", "/v1/{org}/shutdown", "/v1/local/shutdown", "");
        assertEquals(List.of(), faults);
        Set<String> missed = operations();
        missed.removeAll(sampled);
        missed.removeAll(ELSEWHERE);
        assertEquals(Set.of(), missed, "add a sample here for these");
    }

    private void askAboutTheHost() throws IOException {
        get("/healthz", "/healthz");
        get("/v1/openapi.json", "/v1/openapi.json");
        assertTrue(http.get("/metrics").body().contains("dogear_checkpoint_seconds_count 0\n"));
        sampled.add("GET /metrics");
        get("/v1/whoami", "/v1/whoami");
        get("/v1/{org}", "/v1/local");
        get("/v1/{org}/limits", "/v1/local/limits");
        get("/v1/{org}/mounts", "/v1/local/mounts");
        ask("POST", "/v1/{org}/check", "/v1/local/check", "");
        String keys = "/v1/local/api-keys";
        JsonNode key = ask("POST", "/v1/{org}/api-keys", keys, "{\"name\":\"k\",\"bookmarks\":[\"s/*\"]}");
        get("/v1/{org}/api-keys", keys + "?status=active");
        String one = keys + "/" + key.path("id").asText();
        ask("PATCH", "/v1/{org}/api-keys/{id}", one, "{\"tags\":{\"team\":\"x\"}}");
        ask("DELETE", "/v1/{org}/api-keys/{id}", one, "");
    }

    private void askAboutRepositories() throws IOException {
        JsonNode made =
                ask("POST", "/v1/{org}/repos", "/v1/local/repos", "{\"name\":\"app\",\"tags\":{\"team\":\"x\"}}");
        ask("POST", "/v1/{org}/repos", "/v1/local/repos", "{}");
        ask("POST", "/v1/{org}/repos", "/v1/local/repos", "{\"name\":\"b\"}");
        get("/v1/{org}/repos", "/v1/local/repos?limit=2");
        get("/v1/{org}/{repo}", R);
        ask("PATCH", "/v1/{org}/{repo}", R, "{\"tags\":{\"team\":null,\"tier\":\"1\"}}");
        ask(
                "PATCH",
                "/v1/{org}/repos/tags",
                "/v1/local/repos/tags",
                "{\"repo_ids\":[" + made.path("id") + "],\"action\":\"set\",\"key\":\"k\",\"value\":\"v\"}");
    }

    private void askAboutBookmarks() throws IOException {
        live.write("app", "main", "a.txt", "one\ntwo\n");
        live.write("app", "main", "b.bin", "x\0y");
        get("/v1/{org}/{repo}/bookmarks/{bookmark}/edits", MAIN + "/edits?diff=true&overlaps=true");
        String checkpoint = "/v1/{org}/{repo}/bookmarks/{bookmark}/checkpoint";
        ask("POST", checkpoint, MAIN + "/checkpoint", "{\"message\":\"first\",\"metadata\":{\"run\":\"7\"}}");
        ask("POST", "/v1/{org}/{repo}/bookmarks", R + "/bookmarks", "{\"name\":\"s/1\",\"from\":\"main\"}");
        live.write("app", "s/1", "a.txt", "one\n2\n");
        ask("POST", checkpoint, R + "/bookmarks/s%2F1/checkpoint", "{\"message\":\"second\"}");
        get("/v1/{org}/{repo}/bookmarks", R + "/bookmarks?glob=s/*");
        get("/v1/{org}/{repo}/bookmarks/{bookmark}", MAIN);
        String merge = "/v1/{org}/{repo}/bookmarks/merge";
        String both = "\"target\":\"main\",\"source\":\"s/1\"";
        askAboutConflicts();
        ask("POST", merge, R + "/bookmarks/merge", "{" + both + ",\"dry_run\":true}");
        ask("POST", merge, R + "/bookmarks/merge", "{" + both + "}");
        ask("PATCH", "/v1/{org}/{repo}/bookmarks/{bookmark}", R + "/bookmarks/s%2F1", "{\"to\":\"main\"}");
        ask("POST", "/v1/{org}/{repo}/bookmarks/{bookmark}/undo", MAIN + "/undo", "");
        ask("POST", "/v1/{org}/{repo}/bookmarks/{bookmark}/redo", MAIN + "/redo", "");
        ask("DELETE", "/v1/{org}/{repo}/bookmarks/{bookmark}", R + "/bookmarks/s%2F1", "");
        get("/v1/{org}/status", "/v1/local/status");
    }

    private void askAboutConflicts() throws IOException {
        ask("POST", "/v1/{org}/{repo}/bookmarks", R + "/bookmarks", "{\"name\":\"c/1\",\"from\":\"main\"}");
        ask("POST", "/v1/{org}/{repo}/bookmarks", R + "/bookmarks", "{\"name\":\"c/2\",\"from\":\"main\"}");
        live.write("app", "c/1", "a.txt", "one\nleft\n");
        live.write("app", "c/2", "a.txt", "one\nright\n");
        String one = R + "/bookmarks/c%2F1";
        JsonNode overlaps = get("/v1/{org}/{repo}/bookmarks/{bookmark}/overlaps", one + "/overlaps");
        assertTrue(overlaps.toString().contains("c/2"), overlaps.toString());
        String both = "{\"target\":\"c/1\",\"source\":\"c/2\"";
        String merge = "/v1/{org}/{repo}/bookmarks/merge";
        JsonNode refused = http.send("POST", R + "/bookmarks/merge", both + "}").json();
        String hunk = refused.at("/error/details/conflicts/0/hunks/0/hunk_id").asText();
        assertEquals(16, hunk.length(), refused.toString());
        String answer = "[{\"path\":\"a.txt\",\"hunk_id\":\"" + hunk + "\",\"take\":\"source\"}]";
        ask("POST", merge, R + "/bookmarks/merge", both + ",\"dry_run\":true,\"resolutions\":" + answer + "}");
        JsonNode merged = ask("POST", merge, R + "/bookmarks/merge", both + ",\"allow_conflicted\":true}");
        assertTrue(merged.path("is_conflicted").asBoolean(), merged.toString());
        String id = merged.path("change_id").asText();
        assertEquals(
                "[\"a.txt\"]",
                get("/v1/{org}/{repo}/changes/{change_id}", R + "/changes/" + id)
                        .path("conflicts")
                        .toString());
        String diff = R + "/diff?base=main&head=" + id + "&conflicts=only";
        assertEquals(
                1,
                get("/v1/{org}/{repo}/diff", diff).at("/stats/conflicted_hunks").asInt());
        assertTrue(get("/v1/{org}/{repo}/conflicts", R + "/conflicts?revision=c%2F1")
                .path("is_conflicted")
                .asBoolean());
        JsonNode left = ask(
                "POST",
                "/v1/{org}/{repo}/bookmarks/{bookmark}/resolve",
                one + "/resolve",
                "{\"resolutions\":" + answer + "}");
        assertFalse(left.path("is_conflicted").asBoolean(), left.toString());
        String protection = "/v1/{org}/{repo}/bookmarks/{bookmark}/protection";
        ask("POST", protection, one + "/protection", "{\"protected\":false}");
        String checkpoint = "/v1/{org}/{repo}/bookmarks/{bookmark}/checkpoint";
        ask("POST", checkpoint, one + "/checkpoint", "{\"message\":\"resolved\",\"overlaps\":true}");
    }

    private void askAboutProposals() throws IOException {
        ask("POST", "/v1/{org}/{repo}/bookmarks", R + "/bookmarks", "{\"name\":\"p/1\",\"from\":\"main\"}");
        live.write("app", "p/1", "p.txt", "one\n");
        http.post(R + "/bookmarks/p%2F1/checkpoint", "{\"message\":\"p\"}");
        String proposals = "/v1/{org}/{repo}/proposals";
        String body = "{\"source\":\"p/1\",\"target\":\"main\",\"message\":\"why\"}";
        ask("POST", proposals, R + "/proposals", body);
        ask("POST", proposals + "/{proposal}/reject", R + "/proposals/1/reject", "{\"reason\":\"no\"}");
        ask("POST", proposals, R + "/proposals", body);
        get(proposals, R + "/proposals?state=all&limit=1");
        JsonNode shown = get(proposals + "/{proposal}", R + "/proposals/2?diff=true");
        assertEquals(1, shown.at("/diff/stats/entries").asInt(), shown.toString());
        JsonNode approved = ask(
                "POST",
                proposals + "/{proposal}/approve",
                R + "/proposals/2/approve",
                "{\"head_commit_oid\":" + shown.path("head_commit_oid") + ",\"merge\":true,\"delete_source\":true}");
        assertEquals("merged", approved.path("state").asText(), approved.toString());
    }

    private void askAboutChanges() throws IOException {
        JsonNode page = get("/v1/{org}/{repo}/changes", R + "/changes?limit=1");
        String id = page.at("/changes/0/id").asText();
        get("/v1/{org}/{repo}/changes/{change_id}", R + "/changes/" + id);
        String made = ask(
                        "POST",
                        "/v1/{org}/{repo}/changes",
                        R + "/changes",
                        "{\"base_change_id\":\"" + id + "\",\"message\":\"m\"}")
                .path("id")
                .asText();
        String message = "{\"message\":\"n\"}";
        ask("PATCH", "/v1/{org}/{repo}/changes/{change_id}", R + "/changes/" + made, message);
        ask("POST", "/v1/{org}/{repo}/amend", R + "/amend", "{\"revision\":\"" + made + "\",\"message\":\"o\"}");
        get(
                "/v1/{org}/{repo}/diff",
                R + "/diff?base_change_id=" + "z".repeat(32) + "&head_change_id=" + id + "&conflicts=include");
        get("/v1/{org}/{repo}/log", R + "/log?paths=a.txt&limit=1");
        get("/v1/{org}/{repo}/annotate", R + "/annotate?path=a.txt");
        get("/v1/{org}/{repo}/content", R + "/content");
        get("/v1/{org}/{repo}/content", R + "/content?path=a.txt&change_id=" + id);
    }

    private void askForOperationsAndTransfers() throws IOException {
        JsonNode operations = get("/v1/{org}/{repo}/operations", R + "/operations?limit=1");
        String newest = operations.at("/operations/0/id").asText();
        RawHttp.Reply stream = http.get(R + "/events?follow=false&after=0");
        assertTrue(stream.head().contains("text/event-stream"), stream.head());
        sampled.add("GET /v1/{org}/{repo}/events");
        ask("POST", "/v1/{org}/{repo}/operations/{operation}/undo", R + "/operations/" + newest + "/undo", "");
        Path in = Files.createDirectories(folder.resolve("in"));
        Files.writeString(in.resolve("f"), "text");
        ask("POST", "/v1/{org}/{repo}/import", R + "/import", "{\"path\":\"" + in + "\"}");
        String out = folder.resolve("out").toString();
        ask("POST", "/v1/{org}/{repo}/export", R + "/export", "{\"path\":\"" + out + "\",\"bookmark\":\"main\"}");
    }

    private void askForCare() throws IOException {
        get("/v1/{org}/repos/trash", "/v1/local/repos/trash");
        ask("POST", "/v1/{org}/repos/restore", "/v1/local/repos/restore", "{\"name\":\"b\",\"as\":\"c\"}");
        get("/v1/{org}/{repo}/config", R + "/config");
        ask("PATCH", "/v1/{org}/{repo}/config", R + "/config", "{\"retention\":\"1s\",\"bookmark.idle\":\"90d\"}");
        get("/v1/{org}/config", "/v1/local/config");
        ask("PATCH", "/v1/{org}/config", "/v1/local/config", "{\"repositories\":7}");
        get("/v1/{org}/limits", "/v1/local/limits?repo=app");
        get("/v1/{org}/{repo}/stats", R + "/stats");
        ask("POST", "/v1/{org}/{repo}/gc", R + "/gc", "{\"dry_run\":true}");
        ask("POST", "/v1/{org}/{repo}/gc", R + "/gc", "");
        ask("POST", "/v1/{org}/{repo}/purge", R + "/purge", "{\"paths\":[\"**/nothing\"],\"dry_run\":true}");
        ask("POST", "/v1/{org}/{repo}/purge", R + "/purge", "{\"paths\":[\"f\"]}");
        String kept = "{\"path\":\"" + folder.resolve("backup") + "\"";
        ask("POST", "/v1/{org}/backup", "/v1/local/backup", kept + ",\"repos\":[\"app\"]}");
        ask("POST", "/v1/{org}/restore", "/v1/local/restore", kept + ",\"repo\":\"app\",\"as\":\"again\"}");
        http.send("DELETE", "/v1/local/c", "");
        ask("POST", "/v1/{org}/repos/purge", "/v1/local/repos/purge", "{\"name\":\"c\"}");
        get("/v1/{org}/{repo}/bookmarks", R + "/bookmarks?idle=0s");
    }

    /** After all else, so that the entries have what any route adds to them. */
    private void askWhatWasAsked() throws IOException {
        String next = "";
        do {
            JsonNode page = get("/v1/{org}/audit", "/v1/local/audit?limit=100&cursor=" + next);
            next = page.path("next_cursor").asText();
        } while (!next.equals("null"));
    }

    private JsonNode get(String template, String path) throws IOException {
        return ask("GET", template, path, "");
    }

    /** Asks, and compares status and answer with what the document says of that operation. */
    private JsonNode ask(String method, String template, String path, String body) throws IOException {
        RawHttp.Reply reply = http.send(method, path, body);
        String asked = method + " " + template;
        JsonNode responses = document.path("paths")
                .path(template)
                .path(method.toLowerCase(Locale.ROOT))
                .path("responses");
        assertFalse(responses.isMissingNode(), asked);
        JsonNode schema = responses.path(reply.status() + "").at("/content/application~1json/schema");
        if (schema.isMissingNode()) {
            faults.add(asked + ": status " + reply.status() + " is not in the document: " + reply.body());
        } else {
            faults.addAll(new SchemaCheck(document).faults(schema, reply.json(), asked));
        }
        sampled.add(asked);
        return reply.json();
    }
}
