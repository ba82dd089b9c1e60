package dev.dogear.control.rest.bookmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.ConflictViews;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.config.Glob;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Span;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bookmarks: what they point at and how they are joined. */
public final class BookmarkRoutes {
    /** Ten years. */
    private static final int LIFE_SECONDS_MAX = 315_360_000;

    private static final String LIFE = "expires_in_seconds";

    private final Store store;

    public BookmarkRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/{repo}/bookmarks", Access.repository(Scope.READ), this::list),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks",
                        Access.repository(Scope.WRITE)
                                .changes(In.BODY, "name")
                                .revision(In.BODY, "change_id")
                                .revision(In.BODY, "from"),
                        this::create),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/merge",
                        Access.repository(Scope.WRITE)
                                .changes(In.BODY, "target")
                                .sees(In.BODY, "source")
                                .touching(BookmarkRoutes::deleted),
                        this::merge),
                Route.of("GET", "/v1/{org}/{repo}/bookmarks/{bookmark}", Access.bookmark(Scope.READ), this::get),
                Route.of(
                        "PATCH",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}",
                        Access.bookmark(Scope.WRITE)
                                .revision(In.BODY, "change_id")
                                .revision(In.BODY, "to"),
                        this::change),
                Route.of("DELETE", "/v1/{org}/{repo}/bookmarks/{bookmark}", Access.bookmark(Scope.WRITE), this::delete),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/bookmarks/{bookmark}/protection",
                        Access.bookmark(Scope.ADMIN),
                        this::protect));
    }

    /** A source that is to go is changed, too. */
    private static List<Touched> deleted(Call call) {
        return call.body().flag("delete_source", false)
                ? List.of(new Touched(null, call.body().required("source"), Touched.Kind.CHANGES))
                : List.of();
    }

    private Answer list(Call call) {
        Repository repository = repository(call);
        String wanted = call.query("glob").orElse("*");
        List<Bookmark> found =
                call.query("idle").map(span -> idle(repository, span)).orElseGet(repository::bookmarks).stream()
                        .filter(bookmark ->
                                call.caller().sees(bookmark.name()) && Glob.matches(wanted, bookmark.name()))
                        .toList();
        return Page.of(call)
                .answerSorted("bookmarks", found, bookmark -> Views.bookmark(repository, bookmark), Bookmark::name);
    }

    private static List<Bookmark> idle(Repository repository, String span) {
        Duration since = span.equals("configured") ? repository.config().span(Setting.BOOKMARK_IDLE) : Span.parse(span);
        return since == null ? List.of() : repository.upkeep().idle(since, repository.defaultBookmark());
    }

    private Answer create(Call call) {
        Repository repository = repository(call);
        Body body = call.body();
        String name = body.required("name");
        ChangeId at = Revisions.target(repository, body, "change_id", "from");
        Verbs.NewBookmark request = new Verbs.NewBookmark(name, at, origin(repository, body, at), life(body));
        Bookmark made = repository.createBookmark(request, call.caller().name());
        return Answer.json(201, Views.bookmark(repository, made));
    }

    /** The bookmark that was named; for a change id the default one, if it points there. */
    private static @Nullable String origin(Repository repository, Body body, ChangeId at) {
        String named = body.node("change_id") == null ? body.text("from").orElse("") : repository.defaultBookmark();
        return repository
                .findBookmark(named)
                .filter(bookmark -> bookmark.change().equals(at))
                .map(Bookmark::name)
                .orElse(null);
    }

    private static @Nullable Duration life(Body body) {
        return body.seconds(LIFE, 1, LIFE_SECONDS_MAX);
    }

    private Answer get(Call call) {
        Repository repository = repository(call);
        return Answer.ok(Views.bookmark(repository, repository.bookmark(call.path("bookmark"))));
    }

    /** Who may write what a bookmark protects may not take that away: it asks for a wider scope than moving it. */
    private Answer protect(Call call) {
        Repository repository = repository(call);
        String name = call.path("bookmark");
        repository.protect(name, call.body().flag("protected", true));
        return Answer.ok(Views.bookmark(repository, repository.bookmark(name)));
    }

    private Answer change(Call call) {
        Repository repository = repository(call);
        Body body = call.body();
        Duration life = life(body);
        Bookmark before = repository.bookmark(call.path("bookmark"));
        boolean moves = body.node("change_id") != null || body.node("to") != null;
        Bookmark after = moves || !body.has(LIFE) ? moved(repository, before, call) : before;
        if (body.has(LIFE)) {
            repository.upkeep().expire(after.number(), life);
        }
        ObjectNode view = Views.bookmark(repository, after);
        return Answer.ok(view.put("from_change_id", before.change().toString()));
    }

    private static Bookmark moved(Repository repository, Bookmark before, Call call) {
        Body body = call.body();
        ChangeId to = Revisions.target(repository, body, "change_id", "to");
        ChangeId expected = body.changeId("expected_change_id").orElse(null);
        if (!body.flag("allow_backwards", true)) {
            requireForward(repository, before, to);
            // What was checked must still hold when the bookmark moves.
            expected = before.change();
        }
        return repository.moveBookmark(
                before.name(), to, expected, call.caller().name());
    }

    private static void requireForward(Repository repository, Bookmark bookmark, ChangeId to) {
        Change target = repository.change(to);
        boolean forward = bookmark.change().equals(ChangeId.VIRTUAL_ROOT)
                || repository.log(target, 0, Integer.MAX_VALUE).stream()
                        .anyMatch(change -> change.id().equals(bookmark.change()));
        if (!forward) {
            throw new StoreException(
                    StoreException.Kind.STALE,
                    "The bookmark would not move forward: " + to + " does not follow " + bookmark.change());
        }
    }

    private Answer delete(Call call) {
        ChangeId expected = call.query("expected_change_id")
                .map(text -> Body.parseChangeId("expected_change_id", text))
                .orElse(null);
        repository(call)
                .deleteBookmark(call.path("bookmark"), expected, call.caller().name());
        return Answer.success();
    }

    private Answer merge(Call call) {
        Body body = call.body();
        Verbs.MergeRequest request = new Verbs.MergeRequest(
                body.required("target"),
                body.required("source"),
                body.flag("delete_source", false),
                body.text("message").orElse(null),
                body.changeId("expected_target_change_id").orElse(null),
                body.changeId("expected_source_change_id").orElse(null),
                MergeBody.how(body));
        note(call, request);
        if (body.flag("dry_run", false)) {
            return preview(repository(call).previewMerge(request, call.caller().name()), request);
        }
        Verbs.MergeResult result = repository(call).merge(request, call.caller().name(), call.key());
        return Answer.ok(Views.merge(request, result));
    }

    /** Which proposal this is about, for the audit log. */
    private void note(Call call, Verbs.MergeRequest request) {
        repository(call).proposalsOf(request.source()).stream()
                .filter(proposal -> proposal.target().bookmark().equals(request.target()))
                .findFirst()
                .ifPresent(proposal -> call.notes().put("proposal", proposal.number()));
    }

    private static Answer preview(Verbs.MergePreview preview, Verbs.MergeRequest request) {
        ObjectNode view = Json.object()
                .put("dry_run", true)
                .put("merge_type", preview.noOp() ? "no_op" : "merge_commit")
                .put("target", request.target())
                .put("source", request.source());
        view.set("paths", Views.paths(preview.paths()));
        view.put("is_conflicted", !preview.conflicts().isEmpty());
        view.set("conflicts", ConflictViews.told(preview.conflicts()));
        return Answer.ok(view);
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
