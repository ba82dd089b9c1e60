package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.PathChange;
import java.util.ArrayList;
import java.util.List;

/** Changes as they were stored. */
public final class ChangeRoutes {
    private final Store store;

    public ChangeRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/changes",
                        Access.repository(Scope.READ).touching(this::listed),
                        this::list),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/changes/{change_id}",
                        Access.repository(Scope.READ).revision(In.PATH, "change_id"),
                        this::get));
    }

    private List<Touched> listed(Call call) {
        String bookmark = call.query("bookmark")
                .orElseGet(() -> store.repository(call.path("repo")).defaultBookmark());
        return List.of(new Touched(null, bookmark, Touched.Kind.SEES));
    }

    private Answer list(Call call) {
        Repository repository = store.repository(call.path("repo"));
        String bookmark = call.query("bookmark").orElse(repository.defaultBookmark());
        Page page = Page.of(call);
        // The cursor names the tip the first page began at: pages fit together though the bookmark moves on.
        int colon = page.after().indexOf(':');
        ChangeId tip = colon < 0
                ? repository.bookmark(bookmark).change()
                : Body.parseChangeId("cursor", page.after().substring(colon + 1));
        int skip = colon < 0 ? 0 : new Page(0, page.after().substring(0, colon)).number();
        List<Numbered> found = new ArrayList<>();
        for (Change change : repository.log(repository.change(tip), skip, page.limit() + 1)) {
            found.add(new Numbered(skip + found.size() + 1, change));
        }
        return page.answer(
                "changes", found, each -> Views.change(repository, each.change()), each -> each.number() + ":" + tip);
    }

    /** A change and how many of the list end with it. */
    private record Numbered(int number, Change change) {}

    private Answer get(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Change change = repository.change(Body.parseChangeId("change_id", call.path("change_id")));
        ObjectNode view = Views.change(repository, change);
        List<PathChange> entries = files(repository, change);
        ArrayNode files = view.putArray("files");
        entries.forEach(entry -> files.add(entry.path().toString()));
        view.set("entries", Views.paths(entries));
        ArrayNode conflicts = view.putArray("conflicts");
        repository.conflicts(change.root()).keySet().forEach(path -> conflicts.add(path.toString()));
        return Answer.ok(view);
    }

    /** What the change did to its first parent. */
    private static List<PathChange> files(Repository repository, Change change) {
        List<ChangeId> parents = repository.parents(change);
        Change parent = repository.change(parents.isEmpty() ? ChangeId.VIRTUAL_ROOT : parents.get(0));
        return repository.diff(parent.root(), change.root());
    }
}
