package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.ConflictViews;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.bookmark.ConflictRoutes;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Merging;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What differs between two states, as JSON with hunks or as a patch. */
public final class DiffRoutes {
    /** More entries than these are left out, and the answer says {@code truncated}. */
    public static final int ENTRIES_MAX = 10_000;

    /** No hunks are shown for a larger file. */
    public static final long FILE_BYTES_MAX = 1 << 20;

    /** No hunks are shown for the entries after these. */
    static final int HUNK_ENTRIES_MAX = 1_000;

    /** The media type of a patch. */
    public static final String PLAIN = "text/plain";

    private final Store store;

    public DiffRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/diff",
                        Access.repository(Scope.READ)
                                .revision(In.QUERY, "base")
                                .revision(In.QUERY, "head")
                                .revision(In.QUERY, "base_change_id")
                                .revision(In.QUERY, "head_change_id"),
                        this::diff),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/edits",
                        Access.bookmark(Scope.READ),
                        this::edits));
    }

    private Answer diff(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Change base = side(repository, call, "base");
        Change head = side(repository, call, "head");
        List<PathChange> changes = repository.diff(base.root(), head.root());
        note(call, repository, base, head);
        if (call.prefers(PLAIN)) {
            return patch(repository, changes);
        }
        Shown shown = new Shown(head.root(), call.query("conflicts").orElse("include"));
        return Answer.ok(fill(ends(base, head), repository, changes, shown));
    }

    /** The JSON form of what differs between two changes, conflicts included. */
    public static ObjectNode between(Repository repository, Change base, Change head) {
        List<PathChange> changes = repository.diff(base.root(), head.root());
        return fill(ends(base, head), repository, changes, new Shown(head.root(), "include"));
    }

    private static ObjectNode ends(Change base, Change head) {
        return Json.object()
                .put("base_change_id", base.id().toString())
                .put("head_change_id", head.id().toString());
    }

    /** Which commits were shown, and of which open proposal that is the head, by whatever names it was asked for. */
    private static void note(Call call, Repository repository, Change base, Change head) {
        call.notes().put("base_commit_oid", base.commitId()).put("head_commit_oid", head.commitId());
        repository.proposalsOf(head).stream().findFirst().ifPresent(proposal -> call.notes()
                .put("proposal", proposal.number()));
    }

    /** One side: a strict {@code base_change_id}, or {@code base} with any revision. */
    private static Change side(Repository repository, Call call, String side) {
        String strict = side + "_change_id";
        if (call.query(strict).isEmpty() && call.query(side).isPresent()) {
            return Revisions.revision(repository, call.required(side));
        }
        return repository.change(Body.parseChangeId(strict, call.required(strict)));
    }

    private Answer edits(Call call) {
        Repository repository = store.repository(call.path("repo"));
        String bookmark = call.path("bookmark");
        boolean patch = call.prefers(PLAIN);
        Change change = repository.change(repository.bookmark(bookmark).change());
        ObjectNode answer = Json.object()
                .put("bookmark", bookmark)
                .put("change_id", change.id().toString());
        if (!patch && call.flag("overlaps")) {
            answer.set("overlaps", ConflictRoutes.overlaps(repository, call));
        }
        if (!patch && !call.flag("diff")) {
            answer.set("edits", Views.paths(repository.edits(bookmark)));
            return Answer.ok(answer);
        }
        Root live = repository.liveRoot(bookmark);
        List<PathChange> changes = repository.diff(change.root(), live);
        if (patch) {
            return patch(repository, changes);
        }
        answer.set("edits", Views.paths(changes));
        ObjectNode diff = answer.putObject("diff")
                .put("base_change_id", change.id().toString())
                .putNull("head_change_id");
        fill(diff, repository, changes, new Shown(live, "include"));
        return Answer.ok(answer);
    }

    /** The patch form. */
    public static Answer patch(Repository repository, List<PathChange> changes) {
        byte[] text = repository.unified(changes);
        return new Answer.Whole(200, PLAIN + ";charset=utf-8", text);
    }

    /** The newer side, and what is shown of its conflicts: {@code include}, {@code only} or {@code exclude}. */
    private record Shown(Root head, String conflicts) {
        Shown {
            if (!List.of("include", "only", "exclude").contains(conflicts)) {
                throw ApiException.invalid("The query parameter conflicts is include, only or exclude.");
            }
        }
    }

    /** Conflicted paths are in a list of their own, with what each side has, instead of among the entries. */
    private static ObjectNode fill(ObjectNode answer, Repository repository, List<PathChange> all, Shown shown) {
        SortedMap<TreePath, Conflict> conflicts = repository.conflicts(shown.head());
        List<PathChange> changes = shown.conflicts().equals("only")
                ? List.of()
                : all.stream()
                        .filter(change -> !conflicts.containsKey(change.path()))
                        .toList();
        ObjectNode stats = Json.object();
        answer.set("stats", stats);
        answer.put("truncated", changes.size() > ENTRIES_MAX);
        ArrayNode entries = answer.putArray("entries");
        long additions = 0;
        long deletions = 0;
        for (PathChange change : changes.subList(0, Math.min(changes.size(), ENTRIES_MAX))) {
            PatchHunks hunks = entry(entries.addObject(), repository, change, entries.size());
            additions += hunks == null ? 0 : hunks.additions();
            deletions += hunks == null ? 0 : hunks.deletions();
        }
        stats.put("entries", changes.size())
                .put("additions", additions)
                .put("deletions", deletions)
                .put("changes", additions + deletions);
        ArrayNode conflicted = answer.putArray("conflicted_entries");
        int hunks = 0;
        if (!shown.conflicts().equals("exclude")) {
            conflicted.addAll(ConflictViews.told(Merging.told(repository.objects(), conflicts.values())));
            for (JsonNode each : conflicted) {
                hunks += each.path("hunks").size();
            }
        }
        stats.put("conflicted_entries", conflicted.size()).put("conflicted_hunks", hunks);
        return answer;
    }

    private static @Nullable PatchHunks entry(
            ObjectNode entry, Repository repository, PathChange change, int position) {
        entry.setAll(Views.path(change));
        entry.put("is_conflicted", false);
        entry.putNull("conflict_hunks");
        String omitted = omittedReason(change, position);
        PatchHunks hunks = omitted == null
                ? PatchHunks.parse(new String(repository.unified(List.of(change)), StandardCharsets.UTF_8))
                : null;
        if (hunks != null && hunks.isBinary()) {
            omitted = "binary";
        }
        entry.put("omitted_reason", omitted);
        entry.set("hunks", omitted == null && hunks != null ? hunks.view() : null);
        return hunks;
    }

    private static @Nullable String omittedReason(PathChange change, int position) {
        if (size(change.before()) > FILE_BYTES_MAX || size(change.after()) > FILE_BYTES_MAX) {
            return "too_large";
        }
        return position > HUNK_ENTRIES_MAX ? "file_limit" : null;
    }

    private static long size(@Nullable TreeEntry entry) {
        return entry == null || entry.type() != EntryType.FILE ? 0 : entry.size();
    }
}
