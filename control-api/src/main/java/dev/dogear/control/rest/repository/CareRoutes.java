package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.Work;
import dev.dogear.store.care.GarbageCollector;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.log.Trash;
import dev.dogear.store.lmdb.Tables;
import java.util.List;

/** Looking after repositories: what they take, what can be given back, what was deleted. */
public final class CareRoutes {
    private final Store store;

    public CareRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/repos/trash", Access.host(Scope.ADMIN), this::trash),
                Route.of("POST", "/v1/{org}/repos/restore", Access.host(Scope.ADMIN), this::restore),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/gc",
                        Access.repository(Scope.ADMIN).whole(),
                        this::collect),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/stats",
                        Access.repository(Scope.READ).whole(),
                        this::stats));
    }

    private Answer trash(Call call) {
        return Page.of(call).answerSorted("deleted", store.deletedRepositories(), CareRoutes::view, Trash.Deleted::id);
    }

    private static ObjectNode view(Trash.Deleted deleted) {
        return Json.object()
                .put("id", deleted.id())
                .put("name", deleted.name())
                .put("deleted_at", Views.time(deleted.deleted()))
                .put("deleted_by", deleted.by())
                .put("kept_until", deleted.until() == null ? null : Views.time(deleted.until()));
    }

    private Answer restore(Call call) {
        Body body = call.body();
        Repository restored =
                store.restoreRepository(body.required("name"), body.text("as").orElse(null));
        return Answer.ok(Views.repository(restored));
    }

    private Answer collect(Call call) {
        Repository repository = repository(call);
        boolean dryRun = call.body().flag("dry_run", false);
        return Work.of(call, told -> {
            GarbageCollector collector = new GarbageCollector(repository, Work.stages(told));
            GarbageCollector.Report report = dryRun ? collector.rehearse() : collector.run();
            return Json.object()
                    .put("dry_run", dryRun)
                    .put("operations", report.operations())
                    .put("changes", report.changes())
                    .put("live_objects", report.liveObjects())
                    .put("bytes_before", report.bytesBefore())
                    .put("bytes_after", report.bytesAfter())
                    .put("reclaimed_bytes", report.reclaimedBytes());
        });
    }

    private Answer stats(Call call) {
        Repository repository = repository(call);
        Tables tables = repository.tables();
        GarbageCollector.Report report = new GarbageCollector(repository, (stage, done, total) -> {}).rehearse();
        Tables.Sizes sizes = tables.sizes();
        Tables.Packing packing = tables.packing();
        return Answer.ok(Json.object()
                .put("objects_bytes", sizes.objectsBytes())
                .put("index_bytes", sizes.indexBytes())
                .put("journal_bytes", sizes.journalBytes())
                .put("unfolded_bytes", sizes.unfoldedBytes())
                .put("content_bytes", packing.contentBytes())
                .put("small_bytes", packing.smallBytes())
                .put("small_stored_bytes", packing.smallStoredBytes())
                .put("dictionaries", packing.dictionaries())
                .put("dictionary_bytes", packing.dictionaryBytes())
                .put("live_objects", report.liveObjects())
                .put("reclaimable_bytes", report.reclaimedBytes())
                .put("expired_operations", report.operations())
                .put("expired_changes", report.changes())
                .put("readers", tables.readers())
                .put("oldest_reader_seconds", tables.oldestReaderSeconds()));
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
