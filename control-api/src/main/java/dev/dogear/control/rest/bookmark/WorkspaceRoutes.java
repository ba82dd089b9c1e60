package dev.dogear.control.rest.bookmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
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
import dev.dogear.control.rest.Authors;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.TreePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The live state of a bookmark: checkpoint, undo, redo; and the log of what was done, with the undo of an entry. */
public final class WorkspaceRoutes {
    private static final int CHECKPOINTS_MAX = 1_000_000;
    private static final int LOOKED_AT_ONCE = 256;

    private final Store store;

    public WorkspaceRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/checkpoint",
                        Access.bookmark(Scope.WRITE),
                        this::checkpoint),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/undo",
                        Access.bookmark(Scope.WRITE).touching(this::undone),
                        this::undo),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/redo",
                        Access.bookmark(Scope.WRITE).touching(this::redone),
                        this::redo),
                Route.of("GET", "/v1/{org}/{repo}/operations", Access.repository(Scope.READ), this::operations),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/operations/{operation}/undo",
                        Access.repository(Scope.WRITE).touching(this::reverted),
                        this::undoOperation));
    }

    /** An undo may bring back another bookmark that the operation deleted: that one is touched as well. */
    private List<Touched> undone(Call call) {
        return call.caller().allBookmarks()
                ? List.of()
                : touched(repository(call)
                        .undo(call.path("bookmark"), request(call, true), "")
                        .operation());
    }

    private List<Touched> redone(Call call) {
        return call.caller().allBookmarks()
                ? List.of()
                : touched(repository(call).redo(call.path("bookmark"), true, "").operation());
    }

    private List<Touched> reverted(Call call) {
        return repository(call).operations(call.pathNumber("operation") + 1, 1).stream()
                .flatMap(operation -> touched(operation).stream())
                .toList();
    }

    private static List<Touched> touched(Operation operation) {
        return operation.moves().stream()
                .map(move -> new Touched(null, move.bookmark(), Touched.Kind.CHANGES))
                .toList();
    }

    private Answer checkpoint(Call call) {
        Repository repository = repository(call);
        Body body = call.body();
        // All that can be refused is read before anything is done.
        boolean overlaps = body.flag("overlaps", false);
        Verbs.CheckpointRequest request = new Verbs.CheckpointRequest(
                body.text("message").orElse(""),
                Authors.of(call, repository),
                body.metadata(),
                body.changeId("expected_change_id").orElse(null),
                body.flag("allow_empty", false));
        Verbs.CheckpointResult result = repository.checkpoint(
                call.path("bookmark"), request, call.caller().name(), call.key());
        ObjectNode view = Views.checkpoint(repository, result);
        if (overlaps) {
            view.set("overlaps", ConflictRoutes.overlaps(repository, call));
        }
        return Answer.ok(view);
    }

    private Answer undo(Call call) {
        Verbs.UndoRequest request = request(call, call.body().flag("dry_run", false));
        return Answer.ok(view(repository(call)
                .undo(call.path("bookmark"), request, call.caller().name(), call.key())));
    }

    private static Verbs.UndoRequest request(Call call, boolean dryRun) {
        Body body = call.body();
        return new Verbs.UndoRequest(
                body.number("checkpoints", 0, 0, CHECKPOINTS_MAX),
                body.texts("paths").stream().map(WorkspaceRoutes::path).collect(ImmutableList.toImmutableList()),
                dryRun);
    }

    private static TreePath path(String text) {
        try {
            return TreePath.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("The field paths has paths such as src/a.c: " + e.getMessage());
        }
    }

    private Answer redo(Call call) {
        boolean dryRun = call.body().flag("dry_run", false);
        return Answer.ok(view(repository(call)
                .redo(call.path("bookmark"), dryRun, call.caller().name(), call.key())));
    }

    private static ObjectNode view(Verbs.UndoResult result) {
        ObjectNode view = begin(result.operation());
        view.put("from_change_id", result.from().toString())
                .put("to_change_id", result.to().toString())
                .put("saved_change_id", Objects.toString(result.saved(), null));
        view.set("paths", Views.paths(result.paths()));
        return view;
    }

    /** What each kind of undo answers first. */
    private static ObjectNode begin(Operation operation) {
        ObjectNode view = Json.object().put("dry_run", operation.number() == 0);
        view.set("operation", Views.operation(operation));
        return view;
    }

    private Answer undoOperation(Call call) {
        boolean dryRun = call.body().flag("dry_run", false);
        Verbs.RevertResult result = repository(call)
                .undoOperation(
                        call.pathNumber("operation"), dryRun, call.caller().name());
        ObjectNode view = begin(result.operation());
        view.put("saved_change_id", Objects.toString(result.operation().saved(), null));
        ArrayNode bookmarks = view.putArray("bookmarks");
        for (Verbs.BookmarkDifference each : result.bookmarks()) {
            ObjectNode bookmark = bookmarks
                    .addObject()
                    .put("bookmark", each.bookmark())
                    .put("from_change_id", Objects.toString(each.from(), null))
                    .put("to_change_id", Objects.toString(each.to(), null))
                    .put("new_change", each.newChange());
            bookmark.set("paths", Views.paths(each.paths()));
        }
        return Answer.ok(view);
    }

    private Answer operations(Call call) {
        Page page = Page.of(call);
        List<Operation> found = seen(call, page);
        return page.answer("operations", found, Views::operation, operation -> Long.toString(operation.number()));
    }

    /** Those of which the caller may know every bookmark. */
    private List<Operation> seen(Call call, Page page) {
        Repository repository = repository(call);
        if (call.caller().allBookmarks()) {
            return repository.operations(page.number(), page.limit() + 1);
        }
        List<Operation> found = new ArrayList<>();
        long before = page.number();
        while (found.size() <= page.limit()) {
            List<Operation> next = repository.operations(before, LOOKED_AT_ONCE);
            next.stream()
                    .filter(operation -> operation.moves().stream()
                            .allMatch(move -> call.caller().sees(move.bookmark())))
                    .forEach(found::add);
            if (next.size() < LOOKED_AT_ONCE) {
                break;
            }
            before = next.get(next.size() - 1).number();
            if (before <= 1) {
                break;
            }
        }
        return found;
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
