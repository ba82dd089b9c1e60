package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.ControlServer;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.change.DiffRoutes;
import dev.dogear.store.change.Names;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The organization and its repositories. */
public final class RepositoryRoutes {
    private static final String STANDARD_BOOKMARK = "main";

    private final Store store;
    private final Services.Daemon daemon;

    public RepositoryRoutes(Services services) {
        this.store = services.store();
        this.daemon = services.daemon();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/whoami", this::whoAmI),
                Route.of("GET", "/v1/{org}", this::organization),
                Route.of("GET", "/v1/{org}/limits", this::limits),
                Route.of("GET", "/v1/{org}/repos", this::list),
                Route.of("POST", "/v1/{org}/repos", this::create),
                Route.of("GET", "/v1/{org}/{repo}", this::get),
                Route.of("PATCH", "/v1/{org}/{repo}", this::update),
                Route.of("DELETE", "/v1/{org}/{repo}", this::delete));
    }

    private Answer whoAmI(Call call) {
        ObjectNode answer = Json.object();
        answer.putObject("org")
                .put("id", Services.ORGANIZATION)
                .put("slug", Services.ORGANIZATION)
                .put("name", Services.ORGANIZATION);
        answer.putNull("key_id").putNull("key_name");
        ArrayNode scopes = answer.putArray("scopes");
        List.of("read", "write", "admin").forEach(scopes::add);
        return Answer.ok(answer.put("user", call.caller().name()));
    }

    private Answer organization(Call call) {
        return Answer.ok(Json.object()
                .put("created_at", Views.time(daemon.started()))
                .put("num_repos", store.repositoryNames().size()));
    }

    private Answer limits(Call call) {
        ObjectNode answer = Json.object();
        answer.putObject("repository_name")
                .put("characters_max", Names.REPOSITORY_CHARACTERS_MAX)
                .put("characters", "a-z 0-9 - _ .");
        answer.putObject("bookmark_name")
                .put("bytes_max", Names.BOOKMARK_BYTES_MAX)
                .put("part_bytes_max", Names.PART_BYTES_MAX);
        answer.putObject("request").put("body_bytes_max", ControlServer.BODY_BYTES_MAX);
        answer.putObject("diff")
                .put("entries_max", DiffRoutes.ENTRIES_MAX)
                .put("file_bytes_max", DiffRoutes.FILE_BYTES_MAX);
        return Answer.ok(answer);
    }

    private Answer list(Call call) {
        // Only the page's repositories are opened: there may be thousands.
        return Page.of(call).answerSorted("repos", store.repositoryNames(), this::view, name -> name);
    }

    private ObjectNode view(String name) {
        return Views.repository(store.repository(name));
    }

    private Answer create(Call call) {
        Body body = call.body();
        String name = body.has("name")
                ? body.required("name")
                : "repo-" + UUID.randomUUID().toString();
        if (body.node("upstream") != null) {
            throw ApiException.invalid("Upstreams are not supported; import the content instead.");
        }
        String bookmark = body.text("default_bookmark").orElse(STANDARD_BOOKMARK);
        Repository made = store.createRepository(name, bookmark, call.caller().name());
        return Answer.json(201, Views.repository(made));
    }

    private Answer get(Call call) {
        return Answer.ok(Views.repository(repository(call)));
    }

    private Answer update(Call call) {
        Repository repository = repository(call);
        Body body = call.body();
        Map<String, String> present =
                Map.of("name", repository.name(), "default_bookmark", repository.defaultBookmark());
        for (String field : List.of("name", "default_bookmark", "tags", "upstream")) {
            JsonNode wanted = body.node(field);
            if (wanted != null && !wanted.asText().equals(present.get(field))) {
                throw new ApiException(400, "NOT_SUPPORTED", "The field " + field + " cannot be changed yet.");
            }
        }
        return Answer.ok(Views.repository(repository));
    }

    private Answer delete(Call call) {
        store.deleteRepository(call.path("repo"), call.caller().name());
        return Answer.success();
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
