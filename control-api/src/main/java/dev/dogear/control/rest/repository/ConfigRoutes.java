package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.store.config.Config;
import dev.dogear.store.config.Form;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.Store;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of a repository and of the daemon: looked at, changed, taken back to their defaults. */
public final class ConfigRoutes {
    private final Store store;

    public ConfigRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/config", Access.organization(Scope.READ), this::ofDaemon),
                Route.of("PATCH", "/v1/{org}/config", Access.host(Scope.ADMIN), this::changeOfDaemon),
                Route.of("GET", "/v1/{org}/{repo}/config", Access.repository(Scope.READ), this::ofRepository),
                Route.of(
                        "PATCH",
                        "/v1/{org}/{repo}/config",
                        Access.repository(Scope.ADMIN).whole(),
                        this::changeOfRepository));
    }

    private Answer ofDaemon(Call call) {
        return view(store.settings().now(), Setting.Owner.DAEMON);
    }

    private Answer changeOfDaemon(Call call) {
        return view(store.settings().change(changes(call, Setting.Owner.DAEMON)), Setting.Owner.DAEMON);
    }

    private Answer ofRepository(Call call) {
        return view(store.repository(call.path("repo")).config(), Setting.Owner.REPOSITORY);
    }

    private Answer changeOfRepository(Call call) {
        return view(
                store.repository(call.path("repo")).configure(changes(call, Setting.Owner.REPOSITORY)),
                Setting.Owner.REPOSITORY);
    }

    private static Map<String, @Nullable String> changes(Call call, Setting.Owner owner) {
        Map<String, @Nullable String> changes = new LinkedHashMap<>();
        for (String key : call.body().names()) {
            Form form = Setting.named(owner, key).form();
            JsonNode value = call.body().node(key);
            if (value == null) {
                changes.put(key, null);
            } else if (fits(form, value)) {
                changes.put(key, value.asText());
            } else {
                throw ApiException.invalid("The setting " + key + " is " + form.description() + ", not: " + value);
            }
        }
        return changes;
    }

    private static boolean fits(Form form, JsonNode value) {
        boolean number = value.isIntegralNumber() && (form == Form.COUNT || form == Form.BYTES);
        return value.isTextual() || number || (value.isBoolean() && form == Form.FLAG);
    }

    private static Answer view(Config config, Setting.Owner owner) {
        ObjectNode answer = Json.object();
        ObjectNode settings = answer.putObject("settings");
        for (Setting setting : Setting.of(owner)) {
            settings.putObject(setting.key())
                    .put("value", config.text(setting))
                    .put("default", setting.standard())
                    .put("is_set", config.isSet(setting))
                    .put("form", setting.form().description())
                    .put("description", setting.description());
        }
        return Answer.ok(answer);
    }

    /** The values in force by key. */
    static ObjectNode values(Config config, Setting.Owner owner) {
        ObjectNode values = Json.object();
        Setting.of(owner).forEach(setting -> values.put(setting.key(), config.text(setting)));
        return values;
    }
}
