package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.Work;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.exchange.Progress;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Root;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Import and export of trees at paths of the daemon's machine. A caller that accepts lines is told of progress: objects
 * {@code {"progress": {files, bytes}}}, then one {@code {"result": …}} or {@code {"error": …}}.
 */
public final class TransferRoutes {
    private final Store store;

    public TransferRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/import",
                        Access.repository(Scope.ADMIN).touching(this::imported),
                        this::importTree),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/export",
                        Access.repository(Scope.ADMIN).sees(In.BODY, "bookmark").revision(In.BODY, "revision"),
                        this::exportTree));
    }

    private List<Touched> imported(Call call) {
        String bookmark = call.body().text("bookmark").orElseGet(() -> store.repository(call.path("repo"))
                .defaultBookmark());
        return List.of(new Touched(null, bookmark, Touched.Kind.CHANGES));
    }

    private Answer importTree(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Body body = call.body();
        Path from = body.path("path");
        String bookmark = body.text("bookmark").orElse(repository.defaultBookmark());
        String message = body.text("message").orElse("Import " + from.getFileName());
        return work(call, progress -> {
            Verbs.CheckpointResult result =
                    repository.importTree(bookmark, from, message, call.caller().name(), progress);
            return Views.checkpoint(repository, result);
        });
    }

    private Answer exportTree(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Body body = call.body();
        Path to = body.path("path");
        // Found here, so that what is wrong with it is an answer and no line of a stream.
        root(repository, body);
        return work(call, progress -> {
            Counted counted = new Counted(progress);
            repository.upkeep().undisturbed(() -> {
                repository.exportTree(root(repository, body), to, counted);
                return true;
            });
            return Json.object()
                    .put("path", to.toString())
                    .put("files", counted.files)
                    .put("bytes", counted.bytes);
        });
    }

    /** A bookmark is exported as it is now, edits included; a revision as it was stored. */
    private static Root root(Repository repository, Body body) {
        return body.node("bookmark") == null
                ? Revisions.revision(repository, body.required("revision")).root()
                : repository.liveRoot(body.required("bookmark"));
    }

    private static Answer work(Call call, Function<Progress, ObjectNode> work) {
        return Work.of(
                call,
                told -> work.apply((files, bytes) ->
                        told.accept(Json.object().put("files", files).put("bytes", bytes))));
    }

    /** Remembers the last progress: how much it was in all. */
    private static final class Counted implements Progress {
        private final Progress next;
        private volatile long files;
        private volatile long bytes;

        Counted(Progress next) {
            this.next = next;
        }

        @Override
        public void at(long files, long bytes) {
            this.files = files;
            this.bytes = bytes;
            next.at(files, bytes);
        }
    }
}
