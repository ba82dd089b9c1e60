package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.log.RepositoryUpdate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Repositories: made, listed, renamed, tagged, deleted. */
public final class RepositoryRoutes {
    private static final String STANDARD_BOOKMARK = "main";
    private static final int TAGGED_MAX = 100;

    private final Store store;
    private final Services services;

    public RepositoryRoutes(Services services) {
        this.store = services.store();
        this.services = services;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/repos", Access.organization(Scope.READ), this::list),
                Route.of(
                        "POST",
                        "/v1/{org}/repos",
                        Access.organization(Scope.WRITE).whole(),
                        this::create),
                Route.of(
                        "PATCH",
                        "/v1/{org}/repos/tags",
                        Access.organization(Scope.WRITE).touching(this::tagged),
                        this::tag),
                Route.of("GET", "/v1/{org}/{repo}", Access.repository(Scope.READ), this::get),
                Route.of(
                        "PATCH",
                        "/v1/{org}/{repo}",
                        Access.repository(Scope.WRITE).whole(),
                        this::update),
                Route.of(
                        "DELETE",
                        "/v1/{org}/{repo}",
                        Access.repository(Scope.WRITE).whole(),
                        this::delete));
    }

    /** An id that is none touches nothing; the route says what it makes of it. */
    private List<Touched> tagged(Call call) {
        return call.body().texts("repo_ids").stream()
                .map(id -> new Touched(Objects.requireNonNullElse(store.nameOf(id), id), null, Touched.Kind.ALL))
                .toList();
    }

    private Answer list(Call call) {
        TagFilter wanted = TagFilter.of(call.query("tags").orElse(""));
        List<String> names = services.repositories(call.caller()).stream()
                .filter(name -> wanted.takes(store.tags(name)))
                .toList();
        // Only the page's repositories are opened: there may be thousands.
        return Page.of(call).answerSorted("repos", names, this::view, name -> name);
    }

    private ObjectNode view(String name) {
        return Views.repository(store.repository(name));
    }

    private Answer create(Call call) {
        Body body = call.body();
        String name = body.has("name")
                ? body.required("name")
                : "repo-" + UUID.randomUUID().toString();
        refuseUpstream(body);
        TagChange tags = TagChange.of(body);
        String bookmark = body.has("default_bookmark") ? body.required("default_bookmark") : STANDARD_BOOKMARK;
        RepositoryUpdate update = RepositoryUpdate.ofTags(tags.set(), tags.removed());
        update.requireValid();
        Repository made = store.createRepository(name, bookmark, call.caller().name());
        if (!tags.set().isEmpty()) {
            store.updateRepository(made.name(), update);
        }
        return Answer.json(201, Views.repository(made));
    }

    private static void refuseUpstream(Body body) {
        if (body.node("upstream") != null) {
            throw ApiException.notImplemented("Upstreams are not mirrored; import the content instead.");
        }
    }

    private Answer get(Call call) {
        return Answer.ok(Views.repository(repository(call)));
    }

    private Answer update(Call call) {
        Body body = call.body();
        refuseUpstream(body);
        if (body.has("name") || body.has("default_bookmark")) {
            requireRightToStandIn(call);
        }
        TagChange tags = TagChange.of(body);
        Repository updated = store.updateRepository(
                call.path("repo"),
                new RepositoryUpdate(
                        body.has("name") ? body.required("name") : null,
                        body.has("default_bookmark") ? body.required("default_bookmark") : null,
                        tags.set(),
                        tags.removed()));
        return Answer.ok(Views.repository(updated));
    }

    /** One tag of many repositories: of all of them or, when one is not there, of none. */
    private Answer tag(Call call) {
        Body body = call.body();
        List<String> ids = body.texts("repo_ids");
        if (ids.isEmpty() || ids.size() > TAGGED_MAX) {
            throw ApiException.invalid("The field repo_ids names 1 to " + TAGGED_MAX + " repositories by their ids.");
        }
        String key = body.required("key");
        RepositoryUpdate update =
                switch (body.required("action")) {
                    case "set" ->
                        RepositoryUpdate.ofTags(
                                ImmutableMap.of(
                                        key,
                                        body.text("value")
                                                .orElseThrow(
                                                        () -> ApiException.invalid("The field value is missing."))),
                                ImmutableSet.of());
                    case "remove" -> RepositoryUpdate.ofTags(ImmutableMap.of(), ImmutableSet.of(key));
                    default -> throw ApiException.invalid("The field action is set or remove.");
                };
        List<String> names = ids.stream().distinct().map(this::nameOf).toList();
        names.forEach(name -> store.updateRepository(name, update));
        return Answer.ok(Json.object().put("updated", names.size()));
    }

    private String nameOf(String id) {
        String name = store.nameOf(id);
        if (name == null) {
            throw ApiException.notFound("There is no repository with the id " + id);
        }
        return name;
    }

    /**
     * Who may not touch a protected bookmark may not put another one in its place either: under the repository's name, or as
     * its default one.
     */
    private void requireRightToStandIn(Call call) {
        Repository repository = repository(call);
        if (repository.hasProtected() && !call.caller().scope().covers(Scope.ADMIN)) {
            throw new ApiException(
                    403,
                    "FORBIDDEN",
                    "The repository " + repository.name() + " has protected bookmarks: to rename or delete it, or to"
                            + " make another bookmark the default one, takes the scope admin.");
        }
    }

    private Answer delete(Call call) {
        requireRightToStandIn(call);
        store.deleteRepository(call.path("repo"), call.caller().name());
        return Answer.success();
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
