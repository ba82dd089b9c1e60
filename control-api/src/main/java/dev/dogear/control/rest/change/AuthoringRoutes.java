package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Authors;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.bookmark.MergeBody;
import dev.dogear.store.change.Authoring;
import dev.dogear.store.change.Authoring.FileWrite;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Person;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.TreePath;
import java.util.Base64;
import java.util.List;

/** Changes made of files that are sent whole, and changes amended. */
public final class AuthoringRoutes {
    private final Store store;

    public AuthoringRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/changes",
                        Access.repository(Scope.WRITE).revision(In.BODY, "base_change_id"),
                        this::create),
                Route.of(
                        "PATCH",
                        "/v1/{org}/{repo}/changes/{change_id}",
                        Access.repository(Scope.WRITE)
                                .revision(In.PATH, "change_id")
                                .touching(call -> moved(call, call.path("change_id"))),
                        this::patch),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/amend",
                        Access.repository(Scope.WRITE)
                                .revision(In.BODY, "revision")
                                .changes(In.BODY, "absorb")
                                .touching(call -> moved(
                                        call,
                                        call.body()
                                                .text("revision")
                                                .orElse(call.body()
                                                        .text("absorb")
                                                        .orElse("")))),
                        this::amend));
    }

    /** Every bookmark on top of the change is rebased with it. */
    private List<Touched> moved(Call call, String revision) {
        if (call.caller().allBookmarks() || revision.isEmpty()) {
            return List.of();
        }
        Repository repository = store.repository(call.path("repo"));
        Change change = Revisions.revision(repository, revision);
        return repository.following(change.id()).stream()
                .map(bookmark -> new Touched(null, bookmark, Touched.Kind.CHANGES))
                .toList();
    }

    private Answer create(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Body body = call.body();
        ImmutableList<FileWrite> files = files(body);
        ImmutableList<Person> authors = Authors.of(call, repository);
        if (!files.isEmpty() && (authors.isEmpty() || body.text("message").isEmpty())) {
            throw ApiException.invalid("A change with files has an author and a message.");
        }
        Authoring.NewChange request = new Authoring.NewChange(
                Body.parseChangeId("base_change_id", body.required("base_change_id")),
                body.text("message").orElse(""),
                authors,
                body.person("committer").orElse(null),
                body.metadata(),
                files);
        Change change = repository.createChange(request, call.caller().name(), call.key());
        return Answer.json(201, Views.change(repository, change));
    }

    private Answer patch(Call call) {
        Repository repository = store.repository(call.path("repo"));
        return amended(repository, Body.parseChangeId("change_id", call.path("change_id")), call);
    }

    /** The change may be named by any revision, or is the last one of the bookmark whose edits it takes. */
    private Answer amend(Call call) {
        Repository repository = store.repository(call.path("repo"));
        String absorbed = call.body().text("absorb").orElse(null);
        Change change = absorbed != null && call.body().text("revision").isEmpty()
                ? repository.change(repository.bookmark(absorbed).change())
                : Revisions.revision(repository, call.body().required("revision"));
        return amended(repository, change.id(), call);
    }

    private static Answer amended(Repository repository, ChangeId change, Call call) {
        Body body = call.body();
        if (body.node("resolutions") != null && body.node("files") != null) {
            throw ApiException.invalid("Either files or resolutions can be sent, not both.");
        }
        Authoring.Amendment request = new Authoring.Amendment(
                change,
                body.text("absorb").orElse(null),
                body.commitId("base_commit_oid").orElse(null),
                body.text("message").orElse(null),
                new Authoring.People(body.authors(), body.person("committer").orElse(null)),
                body.metadata(),
                files(body),
                MergeBody.answers(body));
        return Answer.ok(
                Views.change(repository, repository.amend(request, call.caller().name())));
    }

    private static ImmutableList<FileWrite> files(Body body) {
        JsonNode list = body.node("files");
        ImmutableList.Builder<FileWrite> files = ImmutableList.builder();
        if (list != null && !list.isArray()) {
            throw ApiException.invalid("The field files is an array.");
        } else if (list != null) {
            list.forEach(each -> files.add(file(each)));
        }
        return files.build();
    }

    private static FileWrite file(JsonNode node) {
        TreePath path;
        try {
            path = TreePath.parse(text(node, "path", ""));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("A file's path is names separated by single slashes, without . and .. parts.");
        }
        String action = text(node, "action", "upsert");
        if (action.equals("delete")) {
            return FileWrite.deletion(path);
        }
        if (!action.equals("upsert") || !text(node, "encoding", "base64").equals("base64")) {
            throw ApiException.invalid("The action of a file is upsert or delete, its encoding base64: " + path);
        }
        if (!node.path("content").isTextual()) {
            throw ApiException.invalid("A file has its content, in base64: " + path);
        }
        String mode = text(node, "mode", "");
        Boolean executable =
                switch (mode) {
                    case "" -> null;
                    case "100644" -> false;
                    case "100755" -> true;
                    default -> throw ApiException.invalid("The mode of a file is 100644 or 100755: " + path);
                };
        try {
            byte[] content = Base64.getDecoder().decode(node.path("content").textValue());
            return new FileWrite(path, content, executable);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("The content is no base64: " + path);
        }
    }

    private static String text(JsonNode node, String field, String standard) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return standard;
        }
        if (!value.isTextual()) {
            throw ApiException.invalid("The field " + field + " of a file is a string.");
        }
        return value.textValue();
    }
}
