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
import dev.dogear.store.backup.Backup;
import dev.dogear.store.backup.Restore;
import dev.dogear.store.history.Store;
import java.nio.file.Path;
import java.util.List;

/** Repositories written to a folder of the daemon's machine, and made of one. */
public final class BackupRoutes {
    private final Store store;

    public BackupRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("POST", "/v1/{org}/backup", Access.host(Scope.ADMIN), this::backup),
                Route.of("POST", "/v1/{org}/restore", Access.host(Scope.ADMIN), this::restore));
    }

    private Answer backup(Call call) {
        Body body = call.body();
        Path path = body.path("path");
        List<String> named = body.texts("repos");
        List<String> names = named.isEmpty() ? store.repositoryNames() : named;
        return Work.of(call, told -> {
            Backup.Report report = new Backup(store, path, Work.stages(told)).run(names);
            return Json.object()
                    .put("path", path.toString())
                    .put("repositories", report.repositories())
                    .put("objects", report.objects())
                    .put("new_bytes", report.newBytes())
                    .put("bytes", report.bytes());
        });
    }

    private Answer restore(Call call) {
        Body body = call.body();
        Path path = body.path("path");
        String name = body.text("repo").orElse(null);
        String as = body.text("as").orElse(null);
        if (as != null && name == null) {
            throw ApiException.invalid("The field as gives another name to one repository: say which in repo.");
        }
        return Work.of(call, told -> {
            List<String> restored = new Restore(store, path, Work.stages(told)).run(name, as);
            ObjectNode answer = Json.object();
            restored.forEach(answer.putArray("repos")::add);
            return answer;
        });
    }
}
