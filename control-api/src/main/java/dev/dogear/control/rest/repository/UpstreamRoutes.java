package dev.dogear.control.rest.repository;

import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.store.history.Store;
import java.util.List;

/**
 * What the published API has and Dogear does not do: mirroring to a Git remote and delivery to web hooks. There are none,
 * and none can be made: lists are empty, a new one is refused with 501.
 */
public final class UpstreamRoutes {
    private final Store store;

    public UpstreamRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/upstream/syncs",
                        Access.repository(Scope.READ).whole(),
                        this::syncs),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/upstream/syncs",
                        Access.repository(Scope.WRITE).whole(),
                        this::sync),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/upstream/syncs/{sync}",
                        Access.repository(Scope.READ).whole(),
                        this::noSync),
                Route.of(
                        "GET",
                        "/v1/{org}/webhook-targets",
                        Access.host(Scope.ADMIN),
                        call -> none(call, "webhook_targets")),
                Route.of("POST", "/v1/{org}/webhook-targets", Access.host(Scope.ADMIN), this::target),
                Route.of("GET", "/v1/{org}/webhook-targets/{target}", Access.host(Scope.ADMIN), this::noTarget),
                Route.of("PATCH", "/v1/{org}/webhook-targets/{target}", Access.host(Scope.ADMIN), this::noTarget),
                Route.of("DELETE", "/v1/{org}/webhook-targets/{target}", Access.host(Scope.ADMIN), this::noTarget));
    }

    private Answer syncs(Call call) {
        store.repository(call.path("repo"));
        return none(call, "syncs");
    }

    private Answer sync(Call call) {
        store.repository(call.path("repo"));
        throw ApiException.notImplemented("Upstreams are not mirrored; see import and export.");
    }

    private Answer noSync(Call call) {
        store.repository(call.path("repo"));
        throw ApiException.notFound("There is no sync " + call.path("sync"));
    }

    private Answer target(Call call) {
        throw ApiException.notImplemented("Nothing is delivered to web hooks; follow R/events instead.");
    }

    private Answer noTarget(Call call) {
        throw ApiException.notFound("There is no webhook target " + call.path("target"));
    }

    private static Answer none(Call call, String field) {
        return Page.of(call).answer(field, List.<String>of(), text -> Json.object(), text -> text);
    }
}
