package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.change.DiffRoutes;
import dev.dogear.store.change.Names;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.log.RepositoryUpdate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The one organization: who asks it, what it has, its limits. */
public final class OrganizationRoutes {
    private final Services services;
    private final Instant created;

    public OrganizationRoutes(Services services) {
        this.services = services;
        try {
            // An organization is a data folder, and as old.
            this.created = Files.readAttributes(services.store().path(), BasicFileAttributes.class)
                    .creationTime()
                    .toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/whoami", Access.anyKey(), this::whoAmI),
                Route.of("GET", "/v1/{org}", Access.organization(Scope.READ), this::organization),
                Route.of("GET", "/v1/{org}/limits", Access.organization(Scope.READ), this::limits));
    }

    private Answer whoAmI(Call call) {
        ObjectNode answer = Json.object();
        answer.putObject("org")
                .put("id", Services.ORGANIZATION)
                .put("slug", Services.ORGANIZATION)
                .put("name", Services.ORGANIZATION);
        Caller caller = call.caller();
        answer.put("key_id", caller.key() == null ? null : caller.key().id());
        answer.put("key_name", caller.key() == null ? null : caller.key().name());
        ArrayNode scopes = answer.putArray("scopes");
        Stream.of(Scope.values()).filter(caller.scope()::covers).forEach(scope -> scopes.add(scope.text()));
        return Answer.ok(answer.put("user", caller.user()));
    }

    private Answer organization(Call call) {
        return Answer.ok(Json.object()
                .put("created_at", Views.time(created))
                .put("num_repos", services.repositories(call.caller()).size()));
    }

    private Answer limits(Call call) {
        ObjectNode answer = Json.object();
        answer.putObject("repository_name")
                .put("characters_max", Names.REPOSITORY_CHARACTERS_MAX)
                .put("characters", "a-z 0-9 - _ .");
        answer.putObject("bookmark_name")
                .put("bytes_max", Names.BOOKMARK_BYTES_MAX)
                .put("part_bytes_max", Names.PART_BYTES_MAX)
                .put("parts_begin_not_with", "- . @")
                .put("parts_end_not_in", ".lock");
        answer.putObject("tags")
                .put("count_max", RepositoryUpdate.TAGS_MAX)
                .put("key_characters_max", RepositoryUpdate.TAG_KEY_CHARACTERS_MAX)
                .put("value_characters_max", RepositoryUpdate.TAG_VALUE_CHARACTERS_MAX);
        answer.putObject("request")
                .put("body_bytes_max", services.store().settings().now().number(Setting.REQUEST_BYTES));
        answer.putObject("diff")
                .put("entries_max", DiffRoutes.ENTRIES_MAX)
                .put("file_bytes_max", DiffRoutes.FILE_BYTES_MAX);
        answer.set("daemon", ConfigRoutes.values(services.store().settings().now(), Setting.Owner.DAEMON));
        call.query("repo").ifPresent(name -> {
            if (!services.knows(call.caller(), name)) {
                throw ApiException.notFound("There is no repository " + name);
            }
            answer.set(
                    "repository",
                    ConfigRoutes.values(services.store().repository(name).config(), Setting.Owner.REPOSITORY));
        });
        return Answer.ok(answer);
    }
}
