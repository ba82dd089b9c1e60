package dev.dogear.control.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Person;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.log.BookmarkFacts;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.TreeEntry;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The store's values as JSON. */
public final class Views {
    private Views() {}

    public static ObjectNode repository(Repository repository) {
        Bookmark head = repository.bookmark(repository.defaultBookmark());
        ObjectNode view = Json.object()
                .put("id", repository.id())
                .put("org", Services.ORGANIZATION)
                .put("name", repository.name())
                .put("default_bookmark", repository.defaultBookmark())
                .put("head_change_id", head.change().toString())
                .put("created_at", time(repository.created()));
        view.putNull("upstream");
        ObjectNode tags = view.putObject("tags");
        repository.tags().forEach(tags::put);
        return view;
    }

    public static ObjectNode bookmark(Repository repository, Bookmark bookmark) {
        BookmarkFacts.Origin origin = repository.facts().origin(bookmark.number());
        Instant expiry = repository.facts().expiry(bookmark.number());
        ObjectNode view = Json.object()
                .put("name", bookmark.name())
                .put("change_id", bookmark.change().toString())
                .put("is_default", bookmark.name().equals(repository.defaultBookmark()))
                .put("created_at", time(bookmark.created()))
                .put("updated_at", time(bookmark.updated()))
                .put("edits", repository.editCount(bookmark.name()))
                .put("protected", repository.isProtected(bookmark.name()))
                .put("expires_at", expiry == null ? null : time(expiry));
        if (origin == null) {
            return view.putNull("origin");
        }
        view.putObject("origin")
                .put("bookmark", origin.bookmark())
                .put("change_id", origin.change().toString());
        return view;
    }

    public static ObjectNode change(Repository repository, Change change) {
        ObjectNode view = Json.object()
                .put("id", change.id().toString())
                .put("current_commit_oid", change.commitId())
                .put("is_conflicted", change.root().conflicts() != null)
                .put("message", change.message());
        Person author = change.authors().isEmpty()
                ? change.committer()
                : change.authors().get(0);
        view.set("author", person(author, change.created()));
        ArrayNode authors = view.putArray("authors");
        change.authors().forEach(each -> authors.add(person(each, change.created())));
        view.set("committer", person(change.committer(), change.created()));
        ArrayNode parents = view.putArray("parents");
        repository.parents(change).forEach(parent -> parents.add(parent.toString()));
        return view.put("created_at", time(change.created())).put("updated_at", time(change.created()));
    }

    public static ObjectNode checkpoint(Repository repository, Verbs.CheckpointResult result) {
        ObjectNode view = Json.object();
        view.set("change", change(repository, result.change()));
        return view.put("files", result.files()).put("bytes", result.bytes()).put("unchanged", result.unchanged());
    }

    public static ObjectNode operation(Operation operation) {
        ObjectNode view = Json.object()
                .put("id", operation.number() == 0 ? null : Long.valueOf(operation.number()))
                .put("kind", lower(operation.kind()))
                .put("by", operation.by())
                .put("at", time(operation.at()));
        view.put("reverts", operation.reverts() == 0 ? null : Long.valueOf(operation.reverts()));
        view.put("saved_change_id", Objects.toString(operation.saved(), null));
        view.put("proposal", operation.proposal() == 0 ? null : Long.valueOf(operation.proposal()));
        ArrayNode moves = view.putArray("moves");
        for (Operation.Move move : operation.moves()) {
            moves.addObject()
                    .put("bookmark", move.bookmark())
                    .put("from_change_id", Objects.toString(move.from(), null))
                    .put("to_change_id", Objects.toString(move.to(), null));
        }
        return view;
    }

    /** What a merge did. */
    public static ObjectNode merge(Verbs.MergeRequest request, Verbs.MergeResult result) {
        return Json.object()
                .put("merge_type", result.noOp() ? "no_op" : "merge_commit")
                .put("is_conflicted", result.change().root().conflicts() != null)
                .put("commit_oid", result.change().commitId())
                .put("change_id", result.change().id().toString())
                .put("target", request.target())
                .put("source", request.source())
                .put("source_deleted", result.sourceDeleted());
    }

    /** The paths of a difference, without content. */
    public static ArrayNode paths(List<PathChange> changes) {
        ArrayNode view = Json.object().arrayNode();
        changes.forEach(change -> view.add(path(change)));
        return view;
    }

    public static ObjectNode path(PathChange change) {
        TreeEntry entry = change.after() == null ? change.before() : change.after();
        return Json.object()
                .put("path", change.path().toString())
                .put("status", lower(change.status()))
                .put("old_path", change.status() == PathChange.Status.RENAMED ? change.oldPath() + "" : null)
                .put("type", entry == null ? null : lower(entry.type()))
                .put("size_bytes", entry == null || entry.type() == EntryType.DIRECTORY ? 0 : entry.size());
    }

    public static String time(Instant instant) {
        return instant.toString();
    }

    public static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode person(Person person, @Nullable Instant at) {
        return Json.object()
                .put("name", person.name())
                .put("email", person.email())
                .put("date", at == null ? null : time(at));
    }
}
