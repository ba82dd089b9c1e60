package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
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
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.LogQuery;
import dev.dogear.store.change.Metadata;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.log.Annotation;
import dev.dogear.store.history.log.LogSearch;
import dev.dogear.store.tree.TreePath;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The history of a bookmark, searched; and of a file, line by line. */
public final class LogRoutes {
    private static final String META = "meta.";

    private final Store store;

    public LogRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/{repo}/log", asked(), this::search),
                Route.of("GET", "/v1/{org}/{repo}/annotate", asked(), this::annotate));
    }

    private Access asked() {
        return Access.repository(Scope.READ).touching(call -> {
            String revision = call.query("revision")
                    .orElseGet(() -> store.repository(call.path("repo")).defaultBookmark());
            return List.of(new Touched(null, revision, Touched.Kind.REVISION));
        });
    }

    private Answer search(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Page page = Page.of(call);
        // The cursor names the changes to go on at: a page costs what it looks at, however many came before.
        List<Change> start = page.after().isEmpty()
                ? List.of(Revisions.revision(repository, call.query("revision").orElse(repository.defaultBookmark())))
                : Splitter.on(',')
                        .splitToStream(page.after())
                        .map(id -> repository.change(Body.parseChangeId("cursor", id)))
                        .toList();
        LogSearch.Found found = repository.search(start, query(call), page.limit());
        String rest = found.rest().stream().map(Object::toString).collect(Collectors.joining(","));
        return page.answer(
                "changes", found.changes(), change -> Views.change(repository, change), rest.isEmpty() ? null : rest);
    }

    private static LogQuery query(Call call) {
        ImmutableList.Builder<TreePath> paths = ImmutableList.builder();
        call.query("paths").ifPresent(text -> Splitter.on('\n').split(text).forEach(each -> paths.add(path(each))));
        ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
        call.query().forEach((key, value) -> {
            if (key.startsWith(META)) {
                metadata.put(key.substring(META.length()), value);
            }
        });
        return new LogQuery(
                paths.build(),
                call.query("author").orElse(null),
                call.query("message").orElse(null),
                metadata.buildOrThrow(),
                moment(call, "since"),
                moment(call, "until"));
    }

    private static TreePath path(String text) {
        try {
            return TreePath.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("A path is names separated by single slashes, without . and .. parts.");
        }
    }

    private static @Nullable Instant moment(Call call, String name) {
        String text = call.query(name).orElse(null);
        if (text == null) {
            return null;
        }
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw ApiException.invalid(
                    "The query parameter " + name + " is such as 2026-01-31 or 2026-01-31T12:00:00Z.");
        }
    }

    private Answer annotate(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Change start = Revisions.revision(repository, call.query("revision").orElse(repository.defaultBookmark()));
        TreePath path = path(call.required("path"));
        Annotation.Lines annotated = repository.annotate(start, path);
        ObjectNode answer = Json.object()
                .put("path", path.toString())
                .put("change_id", start.id().toString())
                .put("complete", annotated.complete());
        Map<String, Change> changes = new LinkedHashMap<>();
        List<ObjectNode> lines = new ArrayList<>();
        for (Annotation.Line line : annotated.lines()) {
            String id = line.change().id().toString();
            changes.put(id, line.change());
            lines.add(Json.object()
                    .put("number", lines.size() + 1)
                    .put("change_id", id)
                    .put("text", new String(line.text(), StandardCharsets.UTF_8)));
        }
        ArrayNode described = answer.putArray("changes");
        changes.values().forEach(change -> {
            ObjectNode view = Views.change(repository, change);
            ObjectNode metadata = view.putObject("metadata");
            Metadata.parse(change.message()).forEach(metadata::put);
            described.add(view);
        });
        answer.putArray("lines").addAll(lines);
        return Answer.ok(answer);
    }
}
