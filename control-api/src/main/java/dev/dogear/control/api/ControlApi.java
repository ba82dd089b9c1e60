package dev.dogear.control.api;

import com.google.common.collect.ImmutableList;
import dev.dogear.control.access.Authorisation;
import dev.dogear.control.events.EventRoutes;
import dev.dogear.control.http.ControlServer;
import dev.dogear.control.http.Route;
import dev.dogear.control.metrics.MetricsRoutes;
import dev.dogear.control.openapi.OpenApi;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.access.AuditRoutes;
import dev.dogear.control.rest.access.KeyRoutes;
import dev.dogear.control.rest.bookmark.BookmarkRoutes;
import dev.dogear.control.rest.bookmark.ConflictRoutes;
import dev.dogear.control.rest.bookmark.WorkspaceRoutes;
import dev.dogear.control.rest.change.AuthoringRoutes;
import dev.dogear.control.rest.change.ChangeRoutes;
import dev.dogear.control.rest.change.ContentRoutes;
import dev.dogear.control.rest.change.DiffRoutes;
import dev.dogear.control.rest.change.LogRoutes;
import dev.dogear.control.rest.host.DaemonRoutes;
import dev.dogear.control.rest.proposal.ProposalRoutes;
import dev.dogear.control.rest.repository.BackupRoutes;
import dev.dogear.control.rest.repository.CareRoutes;
import dev.dogear.control.rest.repository.ConfigRoutes;
import dev.dogear.control.rest.repository.OrganizationRoutes;
import dev.dogear.control.rest.repository.PurgeRoutes;
import dev.dogear.control.rest.repository.RepositoryRoutes;
import dev.dogear.control.rest.repository.TransferRoutes;
import dev.dogear.control.rest.repository.UpstreamRoutes;
import java.util.List;

/** All routes of the control interface, and the server for them. */
public final class ControlApi {
    private ControlApi() {}

    /** Serves them at the daemon's socket until closed. */
    public static ControlServer open(Services services) {
        return ControlServer.open(
                services.daemon().socket(),
                services.daemon().listen(),
                Services.ORGANIZATION,
                routes(services),
                new Authorisation(services.keys(), services.store(), services.audit()));
    }

    /** The daemon's own routes come first: their words are no repository names. */
    static List<Route> routes(Services services) {
        ImmutableList<Route> routes = ImmutableList.<Route>builder()
                .addAll(new OpenApi(services.daemon().version()).routes())
                .addAll(new DaemonRoutes(services).routes())
                .addAll(new OrganizationRoutes(services).routes())
                .addAll(new ConfigRoutes(services).routes())
                .addAll(new PurgeRoutes(services).routes())
                .addAll(new BackupRoutes(services).routes())
                .addAll(new UpstreamRoutes(services).routes())
                .addAll(new KeyRoutes(services).routes())
                .addAll(new AuditRoutes(services).routes())
                .addAll(new RepositoryRoutes(services).routes())
                .addAll(new BookmarkRoutes(services).routes())
                .addAll(new ConflictRoutes(services).routes())
                .addAll(new WorkspaceRoutes(services).routes())
                .addAll(new ProposalRoutes(services).routes())
                .addAll(new ChangeRoutes(services).routes())
                .addAll(new AuthoringRoutes(services).routes())
                .addAll(new LogRoutes(services).routes())
                .addAll(new DiffRoutes(services).routes())
                .addAll(new ContentRoutes(services).routes())
                .addAll(new TransferRoutes(services).routes())
                .addAll(new CareRoutes(services).routes())
                .addAll(new EventRoutes(services).routes())
                .build();
        return ImmutableList.<Route>builder()
                .addAll(new MetricsRoutes(services, routes).routes())
                .addAll(routes)
                .build();
    }
}
