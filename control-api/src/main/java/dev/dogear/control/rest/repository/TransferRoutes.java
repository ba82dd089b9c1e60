package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Errors;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.exchange.Progress;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Root;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Import and export of trees at paths of the daemon's machine. A caller that accepts lines is told of progress: objects
 * {@code {"progress": {files, bytes}}}, then one {@code {"result": …}} or {@code {"error": …}}.
 */
public final class TransferRoutes {
    private static final long PROGRESS_INTERVAL_NS = 100_000_000;

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
        Path from = hostPath(body);
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
        Path to = hostPath(body);
        // A bookmark is exported as it is now, edits included; a revision as it was stored.
        Root root = body.node("bookmark") == null
                ? Revisions.revision(repository, body.required("revision")).root()
                : repository.liveRoot(body.required("bookmark"));
        return work(call, progress -> {
            Counted counted = new Counted(progress);
            repository.exportTree(root, to, counted);
            return Json.object()
                    .put("path", to.toString())
                    .put("files", counted.files)
                    .put("bytes", counted.bytes);
        });
    }

    private static Path hostPath(Body body) {
        Path path = Path.of(body.required("path"));
        if (!path.isAbsolute()) {
            throw ApiException.invalid("The path must be absolute: the daemon has its own working directory.");
        }
        return path.normalize();
    }

    private static Answer work(Call call, Function<Progress, ObjectNode> work) {
        if (!call.prefers(Answer.LINES)) {
            return Answer.ok(work.apply((files, bytes) -> {}));
        }
        return new Answer.Streamed(Answer.LINES, out -> {
            ObjectNode last = Json.object();
            try {
                last.set("result", work.apply(new Told(out)));
            } catch (RuntimeException e) {
                Answer.Whole error = (Answer.Whole) Errors.answer(e);
                last = Json.readObject(error.bytes());
                last.put("status", error.status());
            }
            line(out, last);
        });
    }

    private static void line(OutputStream out, ObjectNode line) throws IOException {
        out.write(Json.write(line));
        out.write('\n');
        out.flush();
    }

    /** Writes progress lines, not too many. */
    private static final class Told implements Progress {
        private final OutputStream out;
        private long last = System.nanoTime();

        Told(OutputStream out) {
            this.out = out;
        }

        @Override
        public synchronized void at(long files, long bytes) {
            long now = System.nanoTime();
            if (now - last < PROGRESS_INTERVAL_NS) {
                return;
            }
            last = now;
            ObjectNode line = Json.object();
            line.putObject("progress").put("files", files).put("bytes", bytes);
            try {
                line(out, line);
            } catch (IOException e) {
                throw new UncheckedIOException("the caller has gone", e);
            }
        }
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
