package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import dev.dogear.control.auth.Key;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Route;
import dev.dogear.store.proposal.Proposal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who is let through to what: every route there is, with keys of every scope, of this and the other repository, for all and
 * for some bookmarks.
 */
final class AuthorizationTest extends LiveTest {
    /** Let through, these end what the others are asked about. */
    private static final Set<String> LAST = Set.of("DELETE /v1/{org}/{repo}", "POST /v1/{org}/shutdown");

    private static final String R = "/v1/local/app";
    private static final HttpClient NETWORK = HttpClient.newHttpClient();

    private List<Route> routes;
    private final List<String> faults = new ArrayList<>();

    @BeforeEach
    void open() {
        routes = ControlApi.routes(live.services());
        for (String name : List.of("app", "other")) {
            live.store().createRepository(name, "main", "test");
            live.write(name, "main", "readme", name + "\n");
            live.store()
                    .repository(name)
                    .checkpoint("main", dev.dogear.store.change.Verbs.CheckpointRequest.of("1"), "test");
            var head = live.store().repository(name).bookmark("main").change();
            live.store().repository(name).createBookmark("session/1", head, "test");
            live.store().repository(name).propose("session/1", "main", "", new Proposal.Who("test", "user:test"));
        }
    }

    @Test
    void everyRouteAsksForItsScope() throws IOException {
        for (Scope scope : Scope.values()) {
            String key = key(scope, null, null);
            for (Route route : routes) {
                Scope needed = route.access().scope();
                boolean enough = needed == null || scope.covers(needed);
                if (enough && LAST.contains(name(route))) {
                    continue;
                }
                RawHttp.Reply reply = ask(route, key, "app", "session%2F1");
                boolean refused = reply.status() == 403;
                if (refused == enough || reply.status() == 401) {
                    fault(route, reply, scope + " key");
                }
                // Whatever the table says: who may only read, changes nothing.
                if (scope == Scope.READ && route.isMutating() && !refused) {
                    fault(route, reply, "read key changes");
                }
            }
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void aKeyOfOneRepositoryLearnsNothingOfAnother() throws IOException {
        String key = key(Scope.ADMIN, "other", null);
        for (Route route : routes) {
            if (route.access().where() != Access.Where.REPOSITORY) {
                continue;
            }
            RawHttp.Reply there = ask(route, key, "app", "main");
            RawHttp.Reply nowhere = ask(route, key, "nope", "main");
            if (there.status() != 404 || !there.body().replace("app", "nope").equals(nowhere.body())) {
                fault(route, there, "of another repository");
            }
            if (!LAST.contains(name(route))) {
                RawHttp.Reply own = ask(route, key, "other", "session%2F1");
                if (own.status() == 401 || own.status() == 403 || own.body().contains("no repository")) {
                    fault(route, own, "of this repository");
                }
            }
        }
        assertEquals(List.of(), faults);
        for (String list : List.of("/v1/local/repos", "/v1/local/status", "/v1/local/mounts")) {
            RawHttp.Reply reply = http.get(list, "Authorization: Bearer " + key);
            assertEquals(200, reply.status(), list);
            assertFalse(reply.body().contains("\"app\""), reply.body());
        }
        assertEquals(
                1,
                http.get("/v1/local", "Authorization: Bearer " + key)
                        .json()
                        .path("num_repos")
                        .asInt());
        assertEquals(403, with(key, "POST", "/v1/local/repos", "{\"name\":\"third\"}"));
        // The name may go to another repository; the key does not go with it.
        live.store().deleteRepository("other", "test");
        live.store().createRepository("other", "main", "test");
        assertEquals(404, with(key, "GET", "/v1/local/other", ""));
    }

    @Test
    void aKeyOfSomeRepositoriesOrBookmarksIsKeptFromTheHost() throws IOException {
        for (String key : List.of(key(Scope.ADMIN, "app", null), key(Scope.ADMIN, null, "session/*"))) {
            for (Route route : routes) {
                boolean host = route.access().where() == Access.Where.HOST;
                if (host && route.isMutating()) {
                    RawHttp.Reply reply = ask(route, key, "app", "main");
                    if (reply.status() != 403) {
                        fault(route, reply, "limited key");
                    }
                }
            }
        }
        assertEquals(List.of(), faults);
        assertFalse(live.isShutDown());
    }

    @Test
    void aKeyForSomeBookmarksTouchesNoOther() throws IOException {
        String key = key(Scope.ADMIN, "app", "session/*");
        for (Route route : routes) {
            if (!route.pattern().contains("{bookmark}")) {
                continue;
            }
            RawHttp.Reply reply = ask(route, key, "app", "main");
            if (reply.status() != (route.isMutating() ? 403 : 404)) {
                fault(route, reply, "another bookmark");
            }
            RawHttp.Reply own = ask(route, key, "app", "session%2F1");
            if (own.status() == 401 || own.status() == 403) {
                fault(route, own, "its bookmark");
            }
            if (own.status() < 300 && route.method().equals("DELETE")) {
                live.http().post(R + "/bookmarks", "{\"name\":\"session/1\",\"from\":\"main\"}");
            }
        }
        assertEquals(List.of(), faults);
    }

    /** Of the routes of a proposal both its bookmarks count. */
    @Test
    void aKeyForSomeBookmarksDecidesOfNoOther() throws IOException {
        String source = key(Scope.ADMIN, "app", "session/*");
        String neither = key(Scope.ADMIN, "app", "proposal/*");
        Key.Limits seeing = new Key.Limits(Scope.ADMIN, null, ImmutableList.of("session/*"), ImmutableList.of("main"));
        String author =
                live.keys().create(null, seeing, ImmutableSortedMap.of(), null).secret();
        Key.Limits merging = new Key.Limits(Scope.ADMIN, null, ImmutableList.of("main"), ImmutableList.of("session/*"));
        String approver =
                live.keys().create(null, merging, ImmutableSortedMap.of(), null).secret();
        int routesSeen = 0;
        for (Route route : routes) {
            if (!route.pattern().contains("{proposal}")) {
                continue;
            }
            routesSeen++;
            boolean approve = route.pattern().contains("approve");
            for (String key : List.of(source, neither)) {
                RawHttp.Reply hidden = ask(route, key, "app", "main");
                if (hidden.status() != 404 || !hidden.body().contains("no proposal 1")) {
                    fault(route, hidden, "a bookmark it does not see");
                }
            }
            RawHttp.Reply own = ask(route, author, "app", "main");
            if (approve ? own.status() != 403 : own.status() >= 300) {
                fault(route, own, "its author");
            }
            RawHttp.Reply decided = ask(route, approver, "app", "main");
            if (decided.status() == 403 || decided.status() == 404) {
                fault(route, decided, "who may merge it");
            }
        }
        assertEquals(3, routesSeen);
        assertEquals(List.of(), faults);
        String delete = "{\"delete_source\":true}";
        live.store().repository("app").propose("session/1", "main", "", new Proposal.Who("test", "user:test"));
        assertEquals(403, with(approver, "POST", R + "/proposals/2/reject", delete));
        assertEquals(200, with(author, "POST", R + "/proposals/2/reject", delete));
        assertEquals(403, with(author, "POST", R + "/proposals", "{\"source\":\"main\",\"target\":\"session/1\"}"));
        assertEquals(404, with(source, "POST", R + "/proposals", "{\"source\":\"session/1\",\"target\":\"main\"}"));
    }

    @Test
    void theBookmarksThatARequestNamesElsewhereCountToo() throws IOException {
        String key = key(Scope.WRITE, "app", "session/*");
        String merge = R + "/bookmarks/merge";
        assertEquals(403, with(key, "POST", merge, "{\"target\":\"main\",\"source\":\"session/1\"}"));
        assertEquals(404, with(key, "POST", merge, "{\"target\":\"session/1\",\"source\":\"main\"}"));
        assertEquals(403, with(key, "POST", R + "/bookmarks", "{\"name\":\"proposal/1\",\"from\":\"session/1\"}"));
        assertEquals(404, with(key, "POST", R + "/bookmarks", "{\"name\":\"session/2\",\"from\":\"main\"}"));
        assertEquals(201, with(key, "POST", R + "/bookmarks", "{\"name\":\"session/2\",\"from\":\"session/1\"}"));
        assertEquals(404, with(key, "GET", R + "/changes", ""));
        assertEquals(200, with(key, "GET", R + "/changes?bookmark=session/1", ""));
        assertEquals(404, with(key, "GET", R + "/diff?base=main&head=session/1", ""));
        assertEquals(404, with(key, "GET", R + "/diff?base=main~1&head=session/1", ""));
        assertEquals(404, with(key, "GET", R + "/content?path=readme", ""));
        assertEquals(200, with(key, "GET", R + "/content?path=readme&revision=session/1", ""));
        assertEquals(403, with(key, "PATCH", R, "{\"name\":\"mine\"}"));
        assertEquals(403, with(key, "DELETE", R, ""));
        String head = live.store().repository("app").bookmark("main").change().toString();
        // Who has a whole id was told it; the beginning of one can be guessed.
        assertEquals(200, with(key, "GET", R + "/content?change_id=" + head, ""));
        assertEquals(404, with(key, "GET", R + "/content?revision=" + head.substring(0, 4), ""));
        RawHttp.Reply bookmarks = http.get(R + "/bookmarks", "Authorization: Bearer " + key);
        assertFalse(bookmarks.body().contains("\"main\""), bookmarks.body());
        RawHttp.Reply operations = http.get(R + "/operations", "Authorization: Bearer " + key);
        assertFalse(operations.body().contains("\"main\""), operations.body());
        assertEquals(2, operations.json().path("operations").size());
    }

    @Test
    void whatIsSeenBesidesIsNotChanged() throws IOException {
        Key.Limits limits = new Key.Limits(Scope.WRITE, null, ImmutableList.of("session/*"), ImmutableList.of("main"));
        String key = live.keys()
                .create("agent", limits, ImmutableSortedMap.of(), null)
                .secret();
        assertEquals(200, with(key, "GET", R + "/bookmarks/main", ""));
        assertEquals(200, with(key, "POST", R + "/bookmarks/merge", "{\"target\":\"session/1\",\"source\":\"main\"}"));
        assertEquals(
                403,
                with(
                        key,
                        "POST",
                        R + "/bookmarks/merge",
                        "{\"target\":\"session/1\",\"source\":\"main\",\"delete_source\":true}"));
        assertEquals(403, with(key, "POST", R + "/bookmarks/main/checkpoint", "{}"));
        assertEquals(403, with(key, "PATCH", R + "/bookmarks/main", "{\"to\":\"session/1\"}"));
    }

    @Test
    void anUndoChecksTheBookmarksItTouches() throws IOException {
        live.write("app", "session/1", "new", "x\n");
        String both = "{\"target\":\"main\",\"source\":\"session/1\",\"delete_source\":true}";
        assertEquals(200, http.post(R + "/bookmarks/merge", both).status());
        long operation = live.store().repository("app").newestOperation();
        // The undo of main's merge would bring back session/1, which is not this key's.
        String onlyMain = key(Scope.WRITE, "app", "main");
        assertEquals(403, with(onlyMain, "POST", R + "/bookmarks/main/undo", "{}"));
        assertEquals(403, with(onlyMain, "POST", R + "/operations/" + operation + "/undo", "{}"));
        String session = key(Scope.WRITE, "app", "session/*");
        assertEquals(403, with(session, "POST", R + "/operations/" + operation + "/undo", "{}"));
        Key.Limits limits =
                new Key.Limits(Scope.WRITE, null, ImmutableList.of("main", "session/*"), ImmutableList.of());
        String able =
                live.keys().create(null, limits, ImmutableSortedMap.of(), null).secret();
        assertEquals(200, with(able, "POST", R + "/bookmarks/main/undo", "{}"));
    }

    @Test
    void endedKeysOpenNothingAtOnce() throws IOException {
        Key.Limits all = new Key.Limits(Scope.ADMIN, null, null, ImmutableList.of());
        var revoked = live.keys().create("gone", all, ImmutableSortedMap.of(), null);
        assertEquals(200, with(revoked.secret(), "GET", "/v1/whoami", ""));
        assertEquals(
                200,
                http.send("DELETE", "/v1/local/api-keys/" + revoked.key().id(), "")
                        .status());
        String expired = live.keys()
                .create("old", all, ImmutableSortedMap.of(), Duration.ofNanos(1))
                .secret();
        String wrong = revoked.secret().substring(0, revoked.secret().length() - 1) + "!";
        for (String key : List.of(revoked.secret(), expired, wrong, "", "dogear_", "dogear__", "x")) {
            for (Route route : routes) {
                RawHttp.Reply reply = ask(route, key, "app", "main");
                if (route.access().scope() != null && reply.status() != 401) {
                    fault(route, reply, "key " + key);
                }
            }
        }
        assertEquals(List.of(), faults);
        assertFalse(live.isShutDown());
    }

    @Test
    void theNetworkIsForCallersWithAKey() throws IOException, InterruptedException {
        assertEquals(200, overNetwork("GET", "/healthz", null));
        for (Route route : routes) {
            int status = overNetwork(route.method(), path(route, "app", "main"), null);
            if (status != (route.access().scope() == null ? 200 : 401)) {
                faults.add(name(route) + " without a key: " + status);
            }
        }
        assertEquals(List.of(), faults);
        assertEquals(401, overNetwork("GET", "/v1/local/nothing", null));
        assertEquals(200, overNetwork("GET", "/v1/whoami", key(Scope.READ, null, null)));
        assertEquals(403, overNetwork("POST", "/v1/local/repos", key(Scope.READ, null, null)));
    }

    @Test
    void whoAmIWithAKey() throws IOException {
        Key.Limits limits = new Key.Limits(Scope.WRITE, null, null, ImmutableList.of());
        var made = live.keys().create("agent 7", limits, ImmutableSortedMap.of(), null);
        String header = "Authorization: Bearer " + made.secret();
        var answer = http.get("/v1/whoami", header).json();
        assertEquals(made.key().id(), answer.path("key_id").asText());
        assertEquals("agent 7", answer.path("key_name").asText());
        assertEquals("[\"read\",\"write\"]", answer.path("scopes").toString());
        live.write("app", "main", "f", "x");
        var change = http.send("POST", R + "/bookmarks/main/checkpoint", "{}", header)
                .json()
                .path("change");
        assertEquals("agent 7", change.path("author").path("name").asText());
        assertNotEquals("", change.path("id").asText());
        assertTrue(http.get("/v1/whoami").json().path("key_id").isNull());
    }

    private String key(Scope scope, @Nullable String repository, @Nullable String bookmarks) {
        ImmutableList<String> ids = repository == null
                ? null
                : ImmutableList.of(live.store().repository(repository).id());
        ImmutableList<String> patterns = bookmarks == null ? null : ImmutableList.of(bookmarks);
        Key.Limits limits = new Key.Limits(scope, ids, patterns, ImmutableList.of());
        return live.keys().create(null, limits, ImmutableSortedMap.of(), null).secret();
    }

    private int with(String key, String method, String path, String body) throws IOException {
        return http.send(method, path, body, "Authorization: Bearer " + key).status();
    }

    private RawHttp.Reply ask(Route route, String key, String repository, String bookmark) throws IOException {
        return http.send(route.method(), path(route, repository, bookmark), "", "Authorization: Bearer " + key);
    }

    private static String path(Route route, String repository, String bookmark) {
        String path = ("/" + String.join("/", route.pattern()))
                .replace("{org}", "local")
                .replace("{repo}", repository)
                .replace("{bookmark}", bookmark)
                .replace("{change_id}", "z".repeat(32))
                .replaceAll("\\{[a-z_]+}", "1");
        return path.endsWith("/events") ? path + "?follow=false" : path;
    }

    private static String name(Route route) {
        return route.method() + " /" + String.join("/", route.pattern());
    }

    private void fault(Route route, RawHttp.Reply reply, String what) {
        faults.add(name(route) + ", " + what + ": " + reply.status() + " " + reply.body());
    }

    private int overNetwork(String method, String path, @Nullable String key) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://" + live.services().daemon().listenAddress() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        request.timeout(Duration.ofSeconds(30));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return NETWORK.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
