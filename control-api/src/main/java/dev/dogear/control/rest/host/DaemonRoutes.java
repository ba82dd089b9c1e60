package dev.dogear.control.rest.host;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.Work;
import dev.dogear.store.StoreException;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.history.Repository;
import dev.dogear.store.journal.Journal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** The daemon itself: how it is, what it shows, and its end. */
public final class DaemonRoutes {
    /** No success, so that a service manager starts the next one. */
    private static final int REPLACE_ME = 75;

    private static final long ANSWER_SENT_NANOS = 100_000_000;

    private final Services services;

    public DaemonRoutes(Services services) {
        this.services = services;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of(
                        "GET",
                        "/healthz",
                        Access.open(),
                        call -> Answer.ok(Json.object().put("status", "ok"))),
                Route.of("GET", "/v1/{org}/status", Access.organization(Scope.READ), this::status),
                Route.of("POST", "/v1/{org}/check", Access.host(Scope.ADMIN), this::check),
                Route.of("POST", "/v1/{org}/shutdown", Access.host(Scope.ADMIN), this::shutdown),
                Route.of("POST", "/v1/{org}/restart", Access.host(Scope.ADMIN), this::restart),
                Route.of("GET", "/v1/{org}/mounts", Access.organization(Scope.READ), this::mounts),
                Route.of("POST", "/v1/{org}/mounts", Access.host(Scope.ADMIN), this::mount),
                Route.of("DELETE", "/v1/{org}/mounts", Access.host(Scope.ADMIN), this::unmount));
    }

    private Answer status(Call call) {
        Services.Daemon daemon = services.daemon();
        ObjectNode answer = Json.object()
                .put("pid", ProcessHandle.current().pid())
                .put("version", daemon.version())
                .put("mount", Objects.toString(services.mounts().main(), null))
                .put("socket", daemon.socket().toString())
                .put("listen", daemon.listenAddress())
                .put("data", daemon.data().toString())
                .put("log", daemon.log().toString())
                .put("transport", services.mounts().way().transport())
                .put("protocol", services.mounts().way().protocol())
                .put("why_not_better", services.mounts().way().whyNotBetter())
                .put("started_at", Views.time(daemon.started()));
        ArrayNode without = answer.putArray("without");
        services.mounts().way().without().forEach(without::add);
        ObjectNode requests = answer.putObject("requests");
        services.mounts().requests().forEach(requests::put);
        Mounts.Keeper keeper = services.mounts().keeper();
        if (keeper != null) {
            answer.putObject("keeper")
                    .put("pid", keeper.pid() == 0 ? null : keeper.pid())
                    .put("epoch", keeper.epoch())
                    .put("takeovers", keeper.epoch() - 1)
                    .put("spare", keeper.spare() == 0 ? null : keeper.spare());
        } else {
            answer.putNull("keeper");
        }
        ArrayNode repositories = answer.putArray("repositories");
        for (String name : services.repositories(call.caller())) {
            repositories.add(repository(name, call.caller()));
        }
        answer.set("volumes", volumes(call.caller()));
        return Answer.ok(answer);
    }

    /** One that is damaged is shown with the reason, and without what cannot be read of it. */
    private ObjectNode repository(String name, Caller caller) {
        ObjectNode view = Json.object().put("name", name);
        try {
            Repository repository = services.store().repository(name);
            Journal journal = repository.tables().journal();
            ArrayNode bookmarks = view.put("read_only", repository.readOnlyReason())
                    .put("journal_bytes", journal.tail() - journal.head())
                    .putArray("bookmarks");
            repository.bookmarks().stream()
                    .filter(bookmark -> caller.sees(bookmark.name()))
                    .forEach(bookmark -> bookmarks.add(Views.bookmark(repository, bookmark)));
        } catch (StoreException e) {
            view.put("read_only", e.getMessage()).put("journal_bytes", 0).putArray("bookmarks");
        }
        return view;
    }

    private Answer check(Call call) {
        return Work.of(call, told -> {
            StoreCheck.Report report =
                    StoreCheck.run(services.store(), services.store().repositoryNames(), Work.stages(told));
            ObjectNode answer = Json.object().put("sound", report.isSound());
            ArrayNode problems = answer.putArray("problems");
            report.problems().forEach(problems::add);
            return answer.put("repositories", report.repositories())
                    .put("objects", report.objects())
                    .put("files", report.files());
        });
    }

    /** Ends without a word, as by a kill: the keeper starts the next daemon, from what is installed then. */
    private Answer restart(Call call) {
        Mounts.Keeper keeper = services.mounts().keeper();
        if (keeper == null) {
            throw new ApiException(
                    409,
                    "FAILED_PRECONDITION",
                    "This daemon runs without a keeper, so its mount would end with it: stop it and start the new one.");
        }
        Thread end = new Thread(
                () -> {
                    LockSupport.parkNanos(ANSWER_SENT_NANOS);
                    Runtime.getRuntime().halt(REPLACE_ME);
                },
                "dogear-restart");
        end.start();
        return Answer.json(
                202, Json.object().put("pid", ProcessHandle.current().pid()).put("epoch", keeper.epoch()));
    }

    private Answer shutdown(Call call) {
        Mounts.Keeper keeper = services.mounts().keeper();
        services.shutdown().run();
        ObjectNode answer =
                Json.object().put("pid", ProcessHandle.current().pid()).put("success", true);
        return Answer.json(202, keeper == null || keeper.pid() == 0 ? answer : answer.put("keeper", keeper.pid()));
    }

    private Answer mounts(Call call) {
        ObjectNode answer =
                Json.object().put("mount", Objects.toString(services.mounts().main(), null));
        answer.set("mounts", volumes(call.caller()));
        return Answer.ok(answer);
    }

    private ArrayNode volumes(Caller caller) {
        ArrayNode view = Json.object().arrayNode();
        services.mounts().volumes().stream()
                .filter(volume -> services.knows(caller, volume.repository()))
                .filter(volume -> volume.bookmark() == null ? caller.allBookmarks() : caller.sees(volume.bookmark()))
                .forEach(volume -> view.add(view(volume)));
        return view;
    }

    private static ObjectNode view(Mounts.Volume volume) {
        return Json.object()
                .put("path", volume.directory().toString())
                .put("repo", volume.repository())
                .put("bookmark", volume.bookmark())
                .put("read_only", volume.readOnly());
    }

    private Answer mount(Call call) {
        Body body = call.body();
        Mounts.Volume made = services.mounts()
                .add(
                        body.required("repo"),
                        body.text("bookmark").orElse(null),
                        body.path("path"),
                        body.flag("read_only", false));
        return Answer.json(201, view(made));
    }

    private Answer unmount(Call call) {
        services.mounts().remove(Body.parsePath(call.required("path")));
        return Answer.success();
    }
}
