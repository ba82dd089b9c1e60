package dev.dogear.control.events;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Operation;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.news.ConflictNews;
import dev.dogear.store.tree.TreePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The events of one repository for one follower; read by a single thread. */
final class EventStream {
    private static final int BATCH = 256;

    /** How often edits are counted: they are made without anybody being told. */
    private static final long EDITS_EVERY_MS = 500;

    private final Store store;
    private final Repository repository;
    private final Wanted wanted;
    private final Form form;
    private final long heartbeatMs;
    private final Map<Integer, Integer> edits = new HashMap<>();
    private long after;
    private long refused;
    private long lastWritten = System.nanoTime();

    /** How an event is written. */
    enum Form {
        /** As browsers and the published client's {@code EventSource} read them. */
        SERVER_SENT,
        /** A JSON object a line; an empty line now and then. */
        LINES
    }

    EventStream(Store store, Repository repository, Wanted wanted, Form form, long heartbeatMs) {
        this.store = store;
        this.repository = repository;
        this.wanted = wanted;
        this.form = form;
        this.heartbeatMs = heartbeatMs;
    }

    /** What is in the log already. */
    void replay(long from, OutputStream out) throws IOException {
        after = from;
        while (catchUp(out)) {
            out.flush();
        }
    }

    /** What is in the log, then what comes, until the client leaves, the repository is deleted or the server ends. */
    void follow(long from, OutputStream out) throws IOException {
        after = from;
        refused = repository.conflictNews().newestRefused();
        countEdits(null);
        try {
            while (repository.id().equals(idOf(repository.name()))) {
                boolean more = catchUp(out);
                countEdits(out);
                tellRefused(out);
                if (System.nanoTime() - lastWritten > TimeUnit.MILLISECONDS.toNanos(heartbeatMs)) {
                    write(out, form == Form.LINES ? "\n" : ": alive\n\n");
                }
                out.flush();
                if (!more) {
                    repository.awaitOperation(after, Math.min(EDITS_EVERY_MS, heartbeatMs));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException ended = new InterruptedIOException("the server ends");
            ended.initCause(e);
            throw ended;
        }
    }

    private String idOf(String name) {
        return store.repositoryNames().contains(name) ? store.repository(name).id() : "";
    }

    /** Writes a batch of the log; answers whether there may be more. */
    private boolean catchUp(OutputStream out) throws IOException {
        List<Operation> operations = repository.operationsAfter(after, BATCH);
        for (Operation operation : operations) {
            tellStored(operation, out);
            if (wanted.takes(operation)) {
                String kind = Views.lower(operation.kind());
                ObjectNode view = Views.operation(operation).put("sequence", operation.number());
                event(out, operation.number(), kind, view.put("repo", repository.name()));
            }
            after = operation.number();
        }
        return operations.size() == BATCH;
    }

    /** Before the merge itself, whose number is taken up again: told twice rather than not. */
    private void tellStored(Operation operation, OutputStream out) throws IOException {
        if (operation.kind() != Operation.Kind.MERGE || !wanted.takesConflicts()) {
            return;
        }
        for (ConflictNews.Told each : stored(operation.number())) {
            if (wanted.takesConflict(each.target(), each.source())) {
                ObjectNode view = conflict(each.target(), each.source(), each.paths())
                        .put("stored", true)
                        .put("by", operation.by())
                        .put("at", Views.time(operation.at()));
                event(out, 0, Wanted.CONFLICT, view.put("sequence", operation.number()));
            }
        }
    }

    private List<ConflictNews.Told> stored(long operation) {
        return repository.upkeep().undisturbed(() -> repository.conflictNews().stored(operation));
    }

    /** Nothing was stored of these, so they have no number. */
    private void tellRefused(OutputStream out) throws IOException {
        for (ConflictNews.Told each : repository.conflictNews().refusedAfter(refused)) {
            refused = each.number();
            if (wanted.takesConflict(each.target(), each.source())) {
                ObjectNode view = conflict(each.target(), each.source(), each.paths())
                        .put("stored", false)
                        .put("by", each.by())
                        .put("at", Views.time(each.at()));
                event(out, 0, Wanted.CONFLICT, view);
            }
        }
    }

    private ObjectNode conflict(String target, String source, List<TreePath> paths) {
        ObjectNode view = Json.object()
                .put("kind", Wanted.CONFLICT)
                .put("repo", repository.name())
                .put("bookmark", target)
                .put("source", source);
        ArrayNode array = view.putArray("paths");
        paths.forEach(path -> array.add(path.toString()));
        return view;
    }

    /** Tells how many edits each bookmark has, if that is another number than last time; first of all only counts. */
    private void countEdits(@Nullable OutputStream out) throws IOException {
        if (!wanted.takesEdits()) {
            return;
        }
        for (Bookmark bookmark : repository.bookmarks()) {
            if (!wanted.takes(bookmark.name())) {
                continue;
            }
            int count = repository.editCount(bookmark.name());
            Integer before = edits.put(bookmark.number(), count);
            if (out != null && count != (before == null ? 0 : before)) {
                ObjectNode view = Json.object()
                        .put("kind", Wanted.EDITS)
                        .put("repo", repository.name())
                        .put("bookmark", bookmark.name())
                        .put("edits", count);
                event(out, 0, Wanted.EDITS, view);
            }
        }
    }

    private void event(OutputStream out, long sequence, String kind, ObjectNode view) throws IOException {
        String json = new String(Json.write(view), StandardCharsets.UTF_8);
        if (form == Form.LINES) {
            write(out, json + "\n");
        } else {
            String id = sequence == 0 ? "" : "id: " + sequence + "\n";
            write(out, id + "event: " + kind + "\ndata: " + json + "\n\n");
        }
    }

    private void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        lastWritten = System.nanoTime();
    }
}
