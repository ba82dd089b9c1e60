package dev.dogear.control.rest.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.control.auth.Key;
import dev.dogear.control.auth.Keys;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.history.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** API keys: made, listed, tagged, revoked. The key itself is only in the answer that makes it. */
public final class KeyRoutes {
    private static final int LIFE_SECONDS_MIN = 100;
    private static final int LIFE_SECONDS_MAX = 31_536_000;
    private static final int NAME_CHARACTERS_MAX = 100;
    private static final int LISTED_MAX = 1000;

    private final Keys keys;
    private final Store store;

    public KeyRoutes(Services services) {
        this.keys = services.keys();
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        Access access = Access.host(Scope.ADMIN);
        return List.of(
                Route.of("GET", "/v1/{org}/api-keys", access, this::list),
                Route.of("POST", "/v1/{org}/api-keys", access, this::create),
                Route.of("PATCH", "/v1/{org}/api-keys/{id}", access, this::tag),
                Route.of("DELETE", "/v1/{org}/api-keys/{id}", access, this::revoke));
    }

    private Answer list(Call call) {
        String status = call.query("status").orElse("all");
        if (!List.of("active", "revoked", "expired", "all").contains(status)) {
            throw ApiException.invalid("The query parameter status is active, revoked, expired or all.");
        }
        Scope scope = call.query("scope").map(KeyRoutes::scope).orElse(null);
        String repository = call.query("repo_id").orElse(null);
        String text = call.query("query").orElse("").toLowerCase(Locale.ROOT);
        List<Key> found = keys.all().stream()
                .filter(key -> status.equals("all") || status.equals(Views.lower(keys.status(key))))
                .filter(key -> scope == null || key.limits().scope().covers(scope))
                .filter(key -> isGoodFor(key, repository))
                .filter(key ->
                        (key.id() + " " + key.name()).toLowerCase(Locale.ROOT).contains(text))
                .toList();
        return Page.of(call)
                .answerSorted("api_keys", found, this::view, key -> key.times().created() + " " + key.id());
    }

    private static boolean isGoodFor(Key key, @Nullable String repository) {
        ImmutableList<String> repositories = key.limits().repositories();
        return repository == null || repositories == null || repositories.contains(repository);
    }

    private Answer create(Call call) {
        Body body = call.body();
        String name = body.text("name").orElse(null);
        if (name != null && !isName(name)) {
            throw ApiException.invalid("A key's name has 1 to " + NAME_CHARACTERS_MAX
                    + " characters, and no control character, < or >: changes made with it are by that name.");
        }
        Scope scope = scope(body);
        ImmutableList<String> repositories = body.node("repo_ids") == null ? null : list(body, "repo_ids");
        if (repositories != null) {
            for (String id : repositories) {
                if (store.nameOf(id) == null) {
                    throw ApiException.notFound("There is no repository with the id " + id);
                }
            }
        }
        ImmutableList<String> bookmarks = body.node("bookmarks") == null ? null : list(body, "bookmarks");
        ImmutableList<String> seen = list(body, "sees");
        if (bookmarks == null && !seen.isEmpty()) {
            throw ApiException.invalid("The field sees adds to bookmarks; without those a key sees all.");
        }
        Duration life = body.seconds("expires_in_seconds", LIFE_SECONDS_MIN, LIFE_SECONDS_MAX);
        ImmutableSortedMap.Builder<String, String> tags = ImmutableSortedMap.naturalOrder();
        tags(body).forEach((tag, value) -> {
            if (value != null) {
                tags.put(tag, value);
            }
        });
        Keys.Made made =
                keys.create(name, new Key.Limits(scope, repositories, bookmarks, seen), tags.buildOrThrow(), life);
        return Answer.json(201, view(made.key()).put("key", made.secret()));
    }

    private static boolean isName(String name) {
        return !name.isBlank()
                && name.length() <= NAME_CHARACTERS_MAX
                && name.chars().noneMatch(KeyRoutes::isNoneOfAName);
    }

    private static boolean isNoneOfAName(int c) {
        return c < ' ' || c == 127 || c == '<' || c == '>';
    }

    private static ImmutableList<String> list(Body body, String field) {
        ImmutableList<String> texts = body.texts(field);
        if (texts.size() > LISTED_MAX || texts.contains("")) {
            throw ApiException.invalid("The field " + field + " has at most " + LISTED_MAX + " entries, none empty.");
        }
        return texts;
    }

    /** The widest of {@code scopes}; what the published API makes without one. */
    private static Scope scope(Body body) {
        return body.texts("scopes").stream()
                .map(KeyRoutes::scope)
                .max(Scope::compareTo)
                .orElse(Scope.WRITE);
    }

    private static Scope scope(String text) {
        try {
            return Scope.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(Objects.toString(e.getMessage()));
        }
    }

    private static Map<String, @Nullable String> tags(Body body) {
        Map<String, @Nullable String> tags = body.tags();
        if (tags.size() > LISTED_MAX) {
            throw ApiException.invalid("The field tags has at most " + LISTED_MAX + " entries.");
        }
        String email = tags.get("email");
        if (email != null && email.chars().anyMatch(KeyRoutes::isNoneOfAName)) {
            throw ApiException.invalid("The tag email is a mail address: no control character, < or >.");
        }
        return tags;
    }

    private Answer tag(Call call) {
        ObjectNode answer = Json.object();
        put(answer.putObject("tags"), keys.tag(call.path("id"), tags(call.body())));
        return Answer.ok(answer);
    }

    private static void put(ObjectNode tags, Key key) {
        key.tags().forEach(tags::put);
    }

    private Answer revoke(Call call) {
        keys.revoke(call.path("id"));
        return Answer.success();
    }

    private ObjectNode view(Key key) {
        ObjectNode view = Json.object().put("id", key.id()).put("name", key.name());
        ArrayNode scopes = view.putArray("scopes");
        Stream.of(Scope.values()).filter(key.limits().scope()::covers).forEach(scope -> scopes.add(scope.text()));
        put(view, "repo_ids", key.limits().repositories());
        put(view, "bookmarks", key.limits().bookmarks());
        put(view, "sees", key.limits().seen());
        view.putNull("metadata");
        put(view.putObject("tags"), key);
        Key.Times times = key.times();
        return view.put("status", Views.lower(keys.status(key)))
                .put("created_at", Views.time(times.created()))
                .put("last_used_at", time(times.used()))
                .put("expires_at", time(times.expires()))
                .put("revoked_at", time(times.revoked()));
    }

    private static void put(ObjectNode view, String field, @Nullable List<String> texts) {
        if (texts == null) {
            view.putNull(field);
        } else {
            texts.forEach(view.putArray(field)::add);
        }
    }

    private static @Nullable String time(@Nullable Instant at) {
        return at == null ? null : Views.time(at);
    }
}
