package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Work;
import dev.dogear.store.care.Purge;
import dev.dogear.store.care.PurgeProof;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.log.Trash;
import dev.dogear.store.tree.purge.PathGlobs;
import dev.dogear.store.tree.purge.PurgeRules;
import dev.dogear.store.tree.purge.Secrets;
import java.util.Base64;
import java.util.List;

/** Takes what must not be there out of a repository for good, or a deleted repository out of the trash. */
public final class PurgeRoutes {
    private final Store store;
    private final ServerLogs logs;

    public PurgeRoutes(Services services) {
        this.store = services.store();
        this.logs = new ServerLogs(services.daemon().data().resolve("server"));
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("POST", "/v1/{org}/repos/purge", Access.host(Scope.ADMIN), this::purgeDeleted),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/purge",
                        Access.repository(Scope.ADMIN).whole(),
                        this::purge));
    }

    private Answer purgeDeleted(Call call) {
        Trash.Deleted gone = store.purgeRepository(call.body().required("name"));
        return Answer.ok(Json.object().put("name", gone.name()).put("id", gone.id()));
    }

    private Answer purge(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Body body = call.body();
        Purge.Request request = request(body);
        boolean dryRun = body.flag("dry_run", false);
        return Work.of(call, told -> {
            Purge purge = new Purge(repository, request, Work.stages(told));
            Purge.Report report = dryRun ? purge.rehearse() : purge.run();
            int logLines = dryRun ? 0 : logs.overwrite(request.rules().secrets());
            return view(report, dryRun).put("log_places", logLines);
        });
    }

    private static Purge.Request request(Body body) {
        List<byte[]> contents =
                body.texts("contents").stream().map(PurgeRoutes::decoded).toList();
        PurgeRules rules =
                new PurgeRules(PathGlobs.of(body.texts("paths")), Secrets.of(contents, body.texts("hashes")));
        List<String> bookmarks = body.texts("bookmarks");
        if (rules.isEmpty() && bookmarks.isEmpty()) {
            throw ApiException.invalid("Say what is to be purged: paths, contents, hashes or bookmarks.");
        }
        return new Purge.Request(rules, bookmarks);
    }

    private static byte[] decoded(String content) {
        try {
            return Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("The field contents is an array of base64.");
        }
    }

    private static ObjectNode view(Purge.Report report, boolean dryRun) {
        ObjectNode view = Json.object()
                .put("dry_run", dryRun)
                .put("changes", report.changes())
                .put("commits", report.commits())
                .put("forgotten_commits", report.forgottenCommits());
        list(view, "removed", report.removed());
        list(view, "overwritten", report.overwritten());
        list(view, "elsewhere", report.elsewhere());
        PurgeProof.Seen proof = report.proof();
        if (proof == null) {
            return view.putNull("proof");
        }
        ObjectNode seen = view.putObject("proof")
                .put("files", proof.files())
                .put("bytes", proof.bytes())
                .put("objects", proof.objects())
                .put("rows", proof.rows());
        list(seen, "left", proof.left());
        return view;
    }

    private static void list(ObjectNode view, String field, List<String> values) {
        values.forEach(view.putArray(field)::add);
    }
}
