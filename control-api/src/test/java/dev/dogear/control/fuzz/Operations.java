package dev.dogear.control.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The operations of the OpenAPI document, which another test holds equal to the routes. */
final class Operations {
    /** What would end the daemon, or write where a test must not. */
    private static final Set<String> LEFT_OUT = Set.of(
            "shutdown", "restart", "export", "mounts.create", "mounts.delete", "backup", "backups.create", "restore");

    private Operations() {}

    /**
     * One operation.
     *
     * @param body the schema of its body, missing if it takes none
     */
    record Operation(String id, String method, String path, List<String> query, JsonNode body) {
        List<String> segments() {
            return List.of(path.substring(1).split("/", -1));
        }
    }

    static List<Operation> of(JsonNode document) {
        List<Operation> operations = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    JsonNode view = method.getValue();
                    List<String> query = new ArrayList<>();
                    for (JsonNode parameter : view.path("parameters")) {
                        if (parameter.path("in").asText().equals("query")) {
                            query.add(parameter.path("name").asText());
                        }
                    }
                    String id = view.path("operationId").asText();
                    if (!LEFT_OUT.contains(id)) {
                        operations.add(new Operation(
                                id,
                                method.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                query,
                                view.at("/requestBody/content/application~1json/schema")));
                    }
                }));
        return operations;
    }
}
