package dev.dogear.control.metrics;

import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.measure.Measures;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the daemon measures, for a monitor that comes and reads it. Only repositories that are open are told of. */
public final class MetricsRoutes {
    private final Store store;
    private final Mounts mounts;
    private final List<Route> measured;

    /** @param measured the routes whose latency is told */
    public MetricsRoutes(Services services, List<Route> measured) {
        this.store = services.store();
        this.mounts = services.mounts();
        this.measured = measured;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(Route.of("GET", "/metrics", Access.host(Scope.READ), this::metrics));
    }

    private Answer metrics(Call call) {
        PrometheusText text = new PrometheusText();
        verbs(text);
        text.metric("dogear_http_seconds", "histogram", "Requests of the control interface, by route.");
        for (Route route : measured) {
            if (route.latency().count() > 0) {
                String labels = PrometheusText.label("method", route.method()) + ","
                        + PrometheusText.label("route", "/" + String.join("/", route.pattern()));
                text.histogram("dogear_http_seconds", labels, route.latency());
            }
        }
        text.metric("dogear_fuse_seconds", "histogram", "Requests of the kernel that were answered, by kind.");
        mounts.latencies()
                .forEach((kind, latency) ->
                        text.histogram("dogear_fuse_seconds", PrometheusText.label("kind", kind), latency));
        text.metric("dogear_fuse_requests_total", "counter", "Requests of the kernel that came, by kind.");
        mounts.requests()
                .forEach((kind, count) ->
                        text.sample("dogear_fuse_requests_total", PrometheusText.label("kind", kind), count));
        repositories(text);
        process(text);
        return new Answer.Whole(200, PrometheusText.TYPE, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void verbs(PrometheusText text) {
        Measures measures = store.measures();
        Map.of(
                        "checkpoint",
                        measures.checkpoint(),
                        "merge",
                        measures.merge(),
                        "undo",
                        measures.undo(),
                        "publish",
                        measures.publish(),
                        "fsync",
                        measures.fsync())
                .forEach((name, latency) -> {
                    text.metric(
                            "dogear_" + name + "_seconds", "histogram", "From the call of " + name + " to its end.");
                    text.histogram("dogear_" + name + "_seconds", "", latency);
                });
    }

    private void repositories(PrometheusText text) {
        List<Repository> open = store.openRepositories();
        gauge(
                text,
                open,
                "dogear_journal_bytes",
                "What the journal holds.",
                tables -> tables.journal().tail() - tables.journal().head());
        gauge(text, open, "dogear_fold_pending_bytes", "Objects that are not in the tables yet.", Tables::pendingBytes);
        gauge(text, open, "dogear_readers", "Read transactions under way.", Tables::readers);
        gauge(text, open, "dogear_oldest_reader_seconds", "Age of the oldest of them.", Tables::oldestReaderSeconds);
        text.metric("dogear_repositories", "gauge", "Repositories there are.");
        text.sample("dogear_repositories", "", store.repositoryNames().size());
    }

    private static void gauge(
            PrometheusText text, List<Repository> open, String name, String help, ToDoubleFunction<Tables> value) {
        text.metric(name, "gauge", help);
        for (Repository repository : open) {
            text.sample(
                    name, PrometheusText.label("repo", repository.name()), value.applyAsDouble(repository.tables()));
        }
    }

    private static void process(PrometheusText text) {
        Runtime runtime = Runtime.getRuntime();
        text.metric("dogear_heap_bytes", "gauge", "Heap in use.");
        text.sample("dogear_heap_bytes", "", (double) (runtime.totalMemory() - runtime.freeMemory()));
        text.metric("dogear_threads", "gauge", "Threads of the daemon.");
        text.sample("dogear_threads", "", ManagementFactory.getThreadMXBean().getThreadCount());
        text.metric("dogear_uptime_seconds", "gauge", "Since the daemon began.");
        text.sample(
                "dogear_uptime_seconds",
                "",
                ManagementFactory.getRuntimeMXBean().getUptime() / 1e3);
    }
}
