package dev.dogear.control.rest.bookmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.ConflictViews;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.store.change.Merging;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Root;
import java.util.List;

/** Conflicts that are stored, their answers, and those that merges would find. */
public final class ConflictRoutes {
    private final Store store;

    public ConflictRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/conflicts",
                        Access.repository(Scope.READ).revision(Access.In.QUERY, "revision"),
                        this::list),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/resolve",
                        Access.bookmark(Scope.WRITE),
                        this::resolve),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/overlaps",
                        Access.bookmark(Scope.READ),
                        this::overlaps));
    }

    /** Of {@code revision}: a bookmark as its directory shows now, or a change as it was stored. */
    private Answer list(Call call) {
        Repository repository = store.repository(call.path("repo"));
        String revision = call.required("revision");
        Root root = repository.findBookmark(revision).isPresent()
                ? repository.liveRoot(revision)
                : Revisions.revision(repository, revision).root();
        return Answer.ok(view(repository, root).put("revision", revision));
    }

    private static ObjectNode view(Repository repository, Root root) {
        ObjectNode view = Json.object().put("is_conflicted", root.conflicts() != null);
        view.set(
                "conflicts",
                ConflictViews.told(Merging.told(
                        repository.objects(), repository.conflicts(root).values())));
        return view;
    }

    private Answer resolve(Call call) {
        Repository repository = store.repository(call.path("repo"));
        ImmutableList<Merging.Answer> answers = MergeBody.answers(call.body());
        if (answers.isEmpty()) {
            throw ApiException.invalid("The field resolutions is missing.");
        }
        Root root =
                repository.resolve(call.path("bookmark"), answers, call.caller().name());
        return Answer.ok(view(repository, root).put("bookmark", call.path("bookmark")));
    }

    private Answer overlaps(Call call) {
        Repository repository = store.repository(call.path("repo"));
        ObjectNode view = Json.object().put("bookmark", call.path("bookmark"));
        view.set("overlaps", overlaps(repository, call));
        return Answer.ok(view);
    }

    /** Which bookmarks' states would conflict with that of the one in the path, of those that the caller sees. */
    public static ArrayNode overlaps(Repository repository, Call call) {
        ArrayNode view = Json.object().arrayNode();
        for (Merging.Overlap overlap : repository.overlaps(call.path("bookmark"), call.caller()::sees)) {
            ArrayNode conflicts =
                    view.addObject().put("bookmark", overlap.bookmark()).putArray("conflicts");
            overlap.conflicts().forEach(conflict -> conflicts.add(ConflictViews.conflict(conflict)));
        }
        return view;
    }
}
