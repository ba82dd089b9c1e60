package dev.dogear.control.rest.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/** Who asked for what. */
public final class AuditRoutes {
    private final AuditLog log;

    public AuditRoutes(Services services) {
        this.log = services.audit();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(Route.of("GET", "/v1/{org}/audit", Access.host(Scope.ADMIN), this::list));
    }

    private Answer list(Call call) {
        Page page = Page.of(call);
        Instant since = call.query("since").map(AuditRoutes::time).orElse(Instant.EPOCH);
        long before = page.number() == 0 ? Long.MAX_VALUE : page.number();
        String repository = call.query("repo").orElse("");
        String proposal = call.query("proposal").orElse("");
        if (!proposal.isEmpty() && repository.isEmpty()) {
            throw ApiException.invalid("A proposal is one of a repository: the query parameter repo is missing.");
        }
        List<JsonNode> found = log.read(
                entry -> fits(entry, "repo", repository) && fits(entry, "proposal", proposal),
                since,
                before,
                page.limit() + 1);
        return page.answer(
                "entries", found, entry -> entry, entry -> entry.path("id").asText());
    }

    private static boolean fits(JsonNode entry, String field, String wanted) {
        return wanted.isEmpty() || entry.path(field).asText().equals(wanted);
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw ApiException.invalid("The query parameter since is a time such as 2026-01-31T12:00:00Z.");
        }
    }
}
