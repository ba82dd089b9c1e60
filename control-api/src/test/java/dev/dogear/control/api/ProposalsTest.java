package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.auth.Key;
import dev.dogear.control.auth.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An agent proposes, people look and accept, and only what they accepted gets into the protected bookmark: by every way that
 * can be asked for.
 */
final class ProposalsTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final String MAIN = R + "/bookmarks/main";
    private static final String SOURCE = "proposal/x-1";
    private static final String MERGE = "{\"target\":\"main\",\"source\":\"proposal/x-1\"";

    /** For the agent's own bookmarks, and seeing main. */
    private String agent;
    /** For everything in the repository, but not its settings. */
    private String writer;

    private String ann;

    @BeforeEach
    void propose() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        live.write("app", "main", "a", "one\n");
        http.post(MAIN + "/checkpoint", "{\"message\":\"one\"}");
        agent = key("agent", Scope.WRITE, "proposal/*", "main");
        writer = key("writer", Scope.WRITE, null, null);
        ann = key("ann", Scope.WRITE, null, null);
        ok(with(agent, "POST", R + "/bookmarks", "{\"name\":\"proposal/x-1\",\"from\":\"main\"}"));
        change("two\n", agent);
        ok(http.post(MAIN + "/protection", "{\"protected\":true}"));
        ok(http.send("PATCH", R + "/config", "{\"approvals\":\"1\",\"approver-differs\":\"true\"}"));
        ok(with(agent, "POST", R + "/proposals", "{\"source\":\"proposal/x-1\",\"message\":\"two is better\"}"));
    }

    @Test
    void whatWasAcceptedIsMergedAndTheAuditLogSaysByWhom() throws IOException {
        JsonNode shown = ok(with(ann, "GET", R + "/proposals/1?diff=true", ""));
        assertEquals("open", shown.path("state").asText());
        assertEquals("two is better", shown.path("message").asText());
        assertEquals("agent", shown.path("author").asText());
        assertEquals(1, shown.path("approvals_missing").asInt());
        assertEquals("a", shown.at("/diff/entries/0/path").asText());
        RawHttp.Reply patch = http.get(R + "/proposals/1", "Accept: text/plain", "Authorization: Bearer " + ann);
        assertTrue(patch.body().contains("-one\n+two\n"), patch.body());
        String head = shown.path("head_commit_oid").asText();
        JsonNode approved = ok(with(ann, "POST", R + "/proposals/1/approve", approval(head, ",\"merge\":true")));
        assertEquals("merged", approved.path("state").asText(), approved.toString());
        assertEquals("main", approved.at("/merge/target").asText());
        assertEquals("two\n", content());

        List<String> told = new ArrayList<>();
        for (JsonNode each : ok(http.get("/v1/local/audit?repo=app&proposal=1")).path("entries")) {
            told.add(
                    0,
                    each.path("by").asText() + " " + each.path("method").asText() + " "
                            + each.path("path").asText().replace(R, "") + " "
                            + each.path("status").asText());
            assertEquals(head, each.path("head_commit_oid").asText(), each.toString());
            assertFalse(each.path("base_commit_oid").asText().isEmpty());
        }
        assertEquals(
                List.of(
                        "agent POST /proposals 201",
                        "ann GET /proposals/1 200",
                        "ann GET /proposals/1 200",
                        "ann POST /proposals/1/approve 200"),
                told);
        assertEquals(400, http.get("/v1/local/audit?proposal=1").status());
        List<String> events = new ArrayList<>();
        for (String line : http.get(
                        R + "/events?follow=false&after=0&kind=propose,approve,merge", "Accept: application/x-ndjson")
                .body()
                .lines()
                .toList()) {
            int kind = line.indexOf("\"kind\":\"") + 8;
            assertTrue(line.contains("\"proposal\":1"), line);
            events.add(line.substring(kind, line.indexOf('"', kind)));
        }
        assertEquals(List.of("propose", "approve", "merge"), events);
    }

    @Test
    void theDiffThatTheClientAsksForIsFoundInTheAuditLogToo() throws IOException {
        String main = id("main");
        ok(with(ann, "GET", R + "/diff?base_change_id=" + main + "&head_change_id=" + id(SOURCE), ""));
        JsonNode entry =
                ok(http.get("/v1/local/audit?repo=app&proposal=1&limit=1")).at("/entries/0");
        assertEquals("ann", entry.path("by").asText());
        assertTrue(entry.path("path").asText().endsWith("/diff"), entry.toString());
    }

    private static List<String[]> byBookmarksAndChanges(String main, String source, String loose) {
        return List.of(
                new String[] {"POST", R + "/bookmarks/merge", MERGE + "}"},
                new String[] {"POST", R + "/bookmarks/merge", MERGE + ",\"squash\":true}"},
                new String[] {"POST", R + "/bookmarks/merge", MERGE + ",\"delete_source\":true}"},
                new String[] {"POST", R + "/bookmarks/merge", MERGE + ",\"paths\":[\"a\"]}"},
                new String[] {"POST", R + "/bookmarks/merge", MERGE + ",\"allow_conflicted\":true}"},
                new String[] {
                    "POST", R + "/bookmarks/merge", MERGE + ",\"resolutions\":[{\"path\":\"a\",\"content\":\"eA==\"}]}"
                },
                new String[] {
                    "POST",
                    R + "/bookmarks/merge",
                    "{\"target\":\"proposal/x-1\",\"source\":\"main\",\"delete_source\":true}"
                },
                new String[] {"PATCH", MAIN, "{\"change_id\":\"" + source + "\"}"},
                new String[] {"PATCH", MAIN, "{\"change_id\":\"" + loose + "\",\"allow_backwards\":false}"},
                new String[] {"DELETE", MAIN, ""},
                new String[] {"POST", R + "/bookmarks", "{\"name\":\"main\",\"change_id\":\"" + loose + "\"}"},
                new String[] {"POST", R + "/bookmarks", "{\"name\":\"main/x\",\"change_id\":\"" + loose + "\"}"},
                new String[] {"POST", R + "/bookmarks", "{\"name\":\"Main\",\"change_id\":\"" + loose + "\"}"},
                new String[] {"PATCH", R + "/changes/" + main, "{\"message\":\"another\"}"},
                new String[] {"PATCH", R + "/changes/" + main, "{\"files\":[{\"path\":\"a\",\"content\":\"eA==\"}]}"},
                new String[] {"POST", R + "/amend", "{\"revision\":\"main\",\"message\":\"x\"}"});
    }

    private static List<String[]> byVerbsAndSettings(Path in) {
        return List.of(
                new String[] {"POST", MAIN + "/checkpoint", "{\"allow_empty\":true}"},
                new String[] {"POST", MAIN + "/undo", "{}"},
                new String[] {"POST", MAIN + "/undo", "{\"checkpoints\":1}"},
                new String[] {"POST", MAIN + "/undo", "{\"checkpoints\":1,\"paths\":[\"a\"]}"},
                new String[] {"POST", MAIN + "/redo", "{}"},
                new String[] {"POST", R + "/operations/2/undo", "{}"},
                new String[] {"POST", MAIN + "/resolve", "{\"resolutions\":[{\"path\":\"a\",\"take\":\"source\"}]}"},
                new String[] {"POST", R + "/import", "{\"path\":\"" + in + "\",\"bookmark\":\"main\"}"},
                new String[] {"POST", MAIN + "/protection", "{\"protected\":false}"},
                new String[] {"PATCH", R + "/config", "{\"approvals\":\"0\"}"},
                new String[] {"PATCH", R, "{\"default_bookmark\":\"proposal/x-1\"}"},
                new String[] {"PATCH", R, "{\"name\":\"elsewhere\"}"},
                new String[] {"DELETE", R, ""},
                new String[] {"POST", R + "/purge", "{\"paths\":[\"a\"]}"},
                new String[] {"POST", "/v1/local/repos/restore", "{\"name\":\"app\"}"},
                new String[] {"POST", "/v1/local/repos", "{\"name\":\"app\"}"},
                new String[] {"POST", "/v1/local/api-keys", "{\"scopes\":[\"admin\"]}"},
                new String[] {"POST", R + "/proposals/1/approve", approval("0".repeat(40), ",\"merge\":true")});
    }

    /** None of these gets anything into main that nobody accepted. */
    @Test
    void everyWayAround() throws IOException {
        String before = id("main");
        String other = id(SOURCE);
        JsonNode made = ok(with(
                writer,
                "POST",
                R + "/changes",
                "{\"base_change_id\":\"" + before
                        + "\",\"message\":\"m\",\"author\":{\"name\":\"w\",\"email\":\"w@x\"},"
                        + "\"files\":[{\"path\":\"a\",\"content\":\"eA==\"}]}"));
        String loose = made.path("id").asText();
        Path in = Files.createDirectories(folder.resolve("in"));
        List<String[]> tried = new ArrayList<>(byBookmarksAndChanges(before, other, loose));
        tried.addAll(byVerbsAndSettings(in));
        for (String[] each : tried) {
            RawHttp.Reply reply = with(writer, each[0], each[1], each[2]);
            assertTrue(
                    reply.status() >= 400 && reply.status() < 500,
                    List.of(each) + ": " + reply.status() + reply.body());
            assertEquals(before, id("main"), List.of(each).toString());
            assertEquals("one\n", content(), List.of(each).toString());
        }
        // Nor for an agent, who may write its own bookmarks alone.
        for (String[] each : tried) {
            int status = with(agent, each[0], each[1], each[2]).status();
            assertTrue(status >= 400 && status < 500, List.of(each) + ": " + status);
        }
        // What the one who asks made himself, he does not accept.
        assertEquals(
                403,
                with(agent, "POST", R + "/proposals/1/approve", approval(head(SOURCE), ""))
                        .status());
        ok(with(writer, "POST", R + "/bookmarks", "{\"name\":\"proposal/w-1\",\"change_id\":\"" + loose + "\"}"));
        ok(with(agent, "POST", R + "/proposals", "{\"source\":\"proposal/w-1\"}"));
        RawHttp.Reply own = with(writer, "POST", R + "/proposals/2/approve", approval(head("proposal/w-1"), ""));
        assertEquals(403, own.status(), own.body());
        assertEquals(before, id("main"));
        assertEquals("main", ok(http.get(R)).path("default_bookmark").asText());
    }

    @Test
    void aMergedChangeCannotBeRewrittenBehindItsBookmark() throws IOException {
        ok(with(ann, "POST", R + "/proposals/1/approve", approval(head(SOURCE), ",\"merge\":true")));
        String source = id(SOURCE);
        String main = id("main");
        for (String body : List.of("{\"message\":\"x\"}", "{\"files\":[{\"path\":\"a\",\"content\":\"eA==\"}]}")) {
            refused("READ_ONLY", with(writer, "PATCH", R + "/changes/" + source, body));
        }
        // The undo of the checkpoint that made it moves its own bookmark alone.
        ok(with(agent, "POST", R + "/bookmarks/proposal%2Fx-1/undo", "{\"checkpoints\":1}"));
        assertEquals(main, id("main"));
        assertEquals("two\n", content());
        assertEquals("merged", state(1));
    }

    @Test
    void whatMovesAfterItWasAcceptedIsNotMerged() throws IOException {
        String seen = head(SOURCE);
        ok(with(ann, "POST", R + "/proposals/1/approve", approval(seen, "")));
        live.write("app", SOURCE, "b", "not seen\n");
        refused("NOT_APPROVED", with(writer, "POST", R + "/bookmarks/merge", MERGE + "}"));
        assertFalse(ok(http.get(R + "/proposals/1")).at("/approvals/0/counts").asBoolean());
        ok(with(agent, "POST", R + "/bookmarks/proposal%2Fx-1/checkpoint", "{\"message\":\"b\"}"));
        RawHttp.Reply reply = with(writer, "POST", R + "/bookmarks/merge", MERGE + "}");
        refused("NOT_APPROVED", reply);
        assertTrue(reply.body().contains("needs 1 approvals of commit " + head(SOURCE)), reply.body());
        refused("STALE", with(ann, "POST", R + "/proposals/1/approve", approval(seen, "")));
        // Back where it was seen: who accepted it is asked again.
        ok(with(agent, "POST", R + "/bookmarks/proposal%2Fx-1/undo", "{\"checkpoints\":1}"));
        assertEquals(seen, head(SOURCE));
        refused("NOT_APPROVED", with(writer, "POST", R + "/bookmarks/merge", MERGE + "}"));
        ok(with(ann, "POST", R + "/proposals/1/approve", approval(seen, "")));
        ok(with(writer, "POST", R + "/bookmarks/merge", MERGE + "}"));
        assertEquals("two\n", content());
    }

    @Test
    void aTargetThatMovedIsMergedWithOrRefused() throws IOException {
        ok(with(ann, "POST", R + "/proposals/1/approve", approval(head(SOURCE), "")));
        proposeAndMerge("proposal/y-1", "y", "elsewhere\n");
        JsonNode shown = ok(http.get(R + "/proposals/1"));
        assertEquals(0, shown.path("approvals_missing").asInt(), shown.toString());
        ok(with(writer, "POST", R + "/bookmarks/merge", MERGE + "}"));
        assertEquals("two\n", content());
        // Conflicts are for the source to solve, and then it is another head.
        ok(with(agent, "POST", R + "/bookmarks", "{\"name\":\"proposal/z-1\",\"from\":\"main\"}"));
        live.write("app", "proposal/z-1", "a", "three\n");
        ok(with(agent, "POST", R + "/bookmarks/proposal%2Fz-1/checkpoint", "{}"));
        JsonNode third = ok(with(agent, "POST", R + "/proposals", "{\"source\":\"proposal/z-1\"}"));
        String approve = R + "/proposals/" + third.path("id") + "/approve";
        ok(with(ann, "POST", approve, approval(head("proposal/z-1"), "")));
        proposeAndMerge("proposal/y-2", "a", "four\n");
        RawHttp.Reply conflict = with(writer, "POST", R + "/bookmarks/merge", MERGE.replace("x-1", "z-1") + "}");
        refused("MERGE_CONFLICT", conflict);
        refused(
                "NOT_APPROVED",
                with(
                        writer,
                        "POST",
                        R + "/bookmarks/merge",
                        MERGE.replace("x-1", "z-1") + ",\"resolutions\":[{\"path\":\"a\",\"take\":\"source\"}]}"));
        assertEquals("four\n", content());
    }

    private void proposeAndMerge(String name, String path, String text) throws IOException {
        String segment = name.replace("/", "%2F");
        ok(with(agent, "POST", R + "/bookmarks", "{\"name\":\"" + name + "\",\"from\":\"main\"}"));
        live.write("app", name, path, text);
        ok(with(agent, "POST", R + "/bookmarks/" + segment + "/checkpoint", "{}"));
        JsonNode made = ok(with(agent, "POST", R + "/proposals", "{\"source\":\"" + name + "\"}"));
        String approve = R + "/proposals/" + made.path("id") + "/approve";
        JsonNode merged =
                ok(with(ann, "POST", approve, approval(head(name), ",\"merge\":true,\"delete_source\":true")));
        assertTrue(merged.at("/merge/source_deleted").asBoolean(), merged.toString());
    }

    @Test
    void aRejectedOneMayLoseItsBookmark() throws IOException {
        refused(
                "FORBIDDEN",
                with(key("other", Scope.WRITE, "session/*", "*"), "POST", R + "/proposals/1/reject", "{}"));
        JsonNode rejected =
                ok(with(ann, "POST", R + "/proposals/1/reject", "{\"reason\":\"no\",\"delete_source\":true}"));
        assertEquals("rejected", rejected.path("state").asText());
        assertEquals("no", rejected.path("reason").asText());
        assertEquals(404, http.get(R + "/bookmarks/proposal%2Fx-1").status());
        refused("STALE", with(ann, "POST", R + "/proposals/1/reject", "{}"));
        assertEquals(0, ok(http.get(R + "/proposals")).path("proposals").size());
        assertEquals(
                1,
                ok(http.get(R + "/proposals?state=rejected")).path("proposals").size());
        // Its diff can be seen for as long as the changes are kept.
        assertEquals(
                1,
                ok(http.get(R + "/proposals/1?diff=true"))
                        .at("/diff/stats/entries")
                        .asInt());
    }

    @Test
    void aKeySeesProposalsOfBookmarksItSees() throws IOException {
        String blind = key("blind", Scope.WRITE, "proposal/*", null);
        RawHttp.Reply there = with(blind, "GET", R + "/proposals/1", "");
        RawHttp.Reply nowhere = with(blind, "GET", R + "/proposals/9", "");
        assertEquals(404, there.status());
        assertEquals(nowhere.body().replace("9", "1"), there.body());
        assertEquals(
                0,
                ok(with(blind, "GET", R + "/proposals?state=all", ""))
                        .path("proposals")
                        .size());
        assertEquals(
                1,
                ok(with(agent, "GET", R + "/proposals", "")).path("proposals").size());
        assertEquals(
                404,
                with(blind, "POST", R + "/proposals", "{\"source\":\"proposal/x-1\"}")
                        .status());
        assertEquals(
                404,
                with(blind, "POST", R + "/proposals/1/approve", approval(head(SOURCE), ""))
                        .status());
        assertEquals(
                403,
                with(agent, "POST", R + "/proposals", "{\"source\":\"main\",\"target\":\"proposal/x-1\"}")
                        .status());
        String reader = key("reader", Scope.READ, null, null);
        ok(with(reader, "GET", R + "/proposals/1", ""));
        assertEquals(403, with(reader, "POST", R + "/proposals/1/reject", "{}").status());
        // Its author takes it back, but does not delete what is not his.
        ok(with(agent, "POST", R + "/proposals/1/reject", "{}"));
        assertEquals("rejected", state(1));
    }

    @Test
    void badRequestsChangeNothing() throws IOException {
        String approve = R + "/proposals/1/approve";
        for (String body : List.of(
                "{",
                "[]",
                "{\"head_commit_oid\":7}",
                "{\"head_commit_oid\":\"x\"}",
                "{}",
                "\u0000",
                "{\"merge\":\"yes\"}")) {
            assertEquals(400, with(ann, "POST", approve, body).status(), body);
        }
        String head = head(SOURCE);
        assertEquals(
                400,
                with(ann, "POST", approve, approval(head, ",\"merge\":\"yes\"")).status());
        assertEquals(
                400,
                with(ann, "POST", approve, approval(head, ",\"delete_source\":true"))
                        .status());
        for (String body : List.of("{\"source\":7}", "{}", "{\"source\":\"main\",\"target\":\"main\"}")) {
            assertEquals(400, http.post(R + "/proposals", body).status(), body);
        }
        assertEquals(
                400,
                http.post(
                                R + "/proposals",
                                "{\"source\":\"main\",\"target\":\"proposal/x-1\",\"message\":\"" + "x".repeat(10_001)
                                        + "\"}")
                        .status());
        assertEquals(
                409,
                http.post(R + "/proposals", "{\"source\":\"proposal/x-1\"}").status());
        assertEquals(404, http.post(R + "/proposals", "{\"source\":\"none\"}").status());
        assertEquals(
                413,
                http.exchange(
                                "POST " + R
                                        + "/proposals HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n")
                        .status());
        for (Map.Entry<String, Integer> each : Map.of(
                        "/proposals/", 404,
                        "/proposals/1/", 404,
                        "/proposals/../bookmarks", 404,
                        "/proposals/%2e%2e", 400,
                        "/proposals/1%2Fapprove", 400,
                        "/proposals/x", 400,
                        "/proposals/-1", 404,
                        "/proposals/99999999999999999999", 400,
                        "/proposals?state=none", 400,
                        "/proposals?cursor=x!", 400)
                .entrySet()) {
            assertEquals(each.getValue(), http.get(R + each.getKey()).status(), each.getKey());
        }
        assertEquals("open", state(1));
        assertEquals(0, ok(http.get(R + "/proposals/1")).path("approvals").size());
        assertEquals(
                1, ok(http.get(R + "/proposals?state=all")).path("proposals").size());
    }

    @Test
    void aRepositoryInTheTrashComesBackWithItsProtection() throws IOException {
        String first = ok(http.get(R)).path("id").asText();
        ok(http.send("DELETE", R, ""));
        ok(with(writer, "POST", "/v1/local/repos", "{\"name\":\"app\"}"));
        assertEquals(404, http.get(R + "/proposals/1").status());
        ok(http.send("DELETE", R, ""));
        ok(http.post("/v1/local/repos/restore", "{\"name\":\"" + first + "\",\"as\":\"again\"}"));
        assertTrue(
                ok(http.get("/v1/local/again/bookmarks/main")).path("protected").asBoolean());
        assertEquals(
                "open",
                ok(http.get("/v1/local/again/proposals/1")).path("state").asText());
        assertEquals(
                403,
                with(writer, "POST", "/v1/local/again/bookmarks/merge", MERGE + "}")
                        .status());
    }

    private static String approval(String head, String more) {
        return "{\"head_commit_oid\":\"" + head + "\"" + more + "}";
    }

    private void change(String text, String key) throws IOException {
        live.write("app", SOURCE, "a", text);
        ok(with(key, "POST", R + "/bookmarks/proposal%2Fx-1/checkpoint", "{\"message\":\"change\"}"));
    }

    private String key(String name, Scope scope, @Nullable String bookmarks, @Nullable String sees) {
        ImmutableList<String> patterns = bookmarks == null ? null : ImmutableList.of(bookmarks);
        ImmutableList<String> seen = sees == null ? ImmutableList.of() : ImmutableList.of(sees);
        return live.keys()
                .create(name, new Key.Limits(scope, null, patterns, seen), ImmutableSortedMap.of(), null)
                .secret();
    }

    private RawHttp.Reply with(String key, String method, String path, String body) throws IOException {
        return http.send(method, path, body, "Authorization: Bearer " + key);
    }

    private static JsonNode ok(RawHttp.Reply reply) {
        assertTrue(reply.status() < 300, reply.status() + " " + reply.body());
        return reply.json();
    }

    private static void refused(String code, RawHttp.Reply reply) {
        assertEquals(code, reply.code(), reply.body());
    }

    private String id(String bookmark) throws IOException {
        return ok(http.get(R + "/bookmarks/" + bookmark.replace("/", "%2F")))
                .path("change_id")
                .asText();
    }

    private String head(String bookmark) throws IOException {
        return ok(http.get(R + "/changes/" + id(bookmark)))
                .path("current_commit_oid")
                .asText();
    }

    private String state(int proposal) throws IOException {
        return ok(http.get(R + "/proposals/" + proposal)).path("state").asText();
    }

    private String content() throws IOException {
        return http.get(R + "/content?path=a&revision=main", "Accept: application/octet-stream")
                .body();
    }
}
