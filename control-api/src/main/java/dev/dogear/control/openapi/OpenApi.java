package dev.dogear.control.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document, and the route that shows it. */
public final class OpenApi {
    /** The operations are in a file for each noun, so that each stays short. */
    private static final List<String> NOUNS = List.of("host", "repository", "bookmark", "proposal", "change", "care");

    private static final Pattern BRACES = Pattern.compile("\\{(\\w+)}");
    private static final String ERROR = "#/components/schemas/Error";

    private final String version;
    private @Nullable ObjectNode document;

    /** @param version of Dogear */
    public OpenApi(String version) {
        this.version = version;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(Route.of("GET", "/v1/openapi.json", Access.open(), call -> Answer.ok(document())));
    }

    /** Built when first asked for. */
    private synchronized ObjectNode document() {
        if (document == null) {
            document = build();
        }
        return document;
    }

    private ObjectNode build() {
        ObjectNode built = Json.object().put("openapi", "3.1.0");
        built.putObject("info")
                .put("title", "Dogear")
                .put("version", version)
                .put("description", "Repositories, bookmarks, changes. A path is matched as it was sent.");
        built.putArray("security").addObject().putArray("key");
        ObjectNode paths = built.putObject("paths");
        for (String noun : NOUNS) {
            read(noun).properties().forEach(operation -> add(paths, operation.getKey(), operation.getValue()));
        }
        ObjectNode components = built.putObject("components");
        components
                .putObject("securitySchemes")
                .putObject("key")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "Not needed on the Unix socket, where the kernel says who asks.");
        ObjectNode schemas = components.putObject("schemas");
        words(schemas);
        read("schemas").properties().forEach(shape -> schemas.set(shape.getKey(), Shapes.object(shape.getValue())));
        return built;
    }

    private static void words(ObjectNode schemas) {
        schemas.putObject("ChangeId").put("type", "string").put("pattern", "^[zyxwvutsrqponmlk]{32}$");
        schemas.putObject("CommitId").put("type", "string").put("pattern", "^[0-9a-f]{40}$");
        schemas.putObject("Time").put("type", "string").put("format", "date-time");
        ObjectNode error = Json.object();
        error.put("code", "string")
                .put("message", "string")
                .put("details?", "object")
                .put("trace_id?", "string");
        ObjectNode envelope = schemas.putObject("Error").put("type", "object");
        envelope.putObject("properties").set("error", Shapes.object(error));
        envelope.putArray("required").add("error");
    }

    private static void add(ObjectNode paths, String route, JsonNode operation) {
        int space = route.indexOf(' ');
        String path = route.substring(space + 1);
        ObjectNode view = paths.withObjectProperty(path)
                .putObject(route.substring(0, space).toLowerCase(Locale.ROOT))
                .put("operationId", operation.path("id").asText())
                .put("summary", operation.path("summary").asText());
        ArrayNode parameters = view.putArray("parameters");
        Matcher names = BRACES.matcher(path);
        while (names.find()) {
            parameter(parameters, names.group(1), "path").putObject("schema").put("type", "string");
        }
        for (Map.Entry<String, JsonNode> each : operation.path("query").properties()) {
            parameter(parameters, each.getKey(), "query")
                    .set("schema", Shapes.type(each.getValue().textValue()));
        }
        if (operation.has("body")) {
            view.putObject("requestBody")
                    .putObject("content")
                    .putObject(Answer.JSON)
                    .set("schema", Shapes.object(operation.path("body")));
        }
        responses(view.putObject("responses"), operation);
    }

    private static ObjectNode parameter(ArrayNode parameters, String name, String in) {
        return parameters.addObject().put("name", name).put("in", in).put("required", in.equals("path"));
    }

    private static void responses(ObjectNode responses, JsonNode operation) {
        if (operation.has("answer")) {
            ObjectNode content = responses
                    .putObject(operation.path("status").asText("200"))
                    .put("description", "Done.")
                    .putObject("content");
            content.putObject(Answer.JSON)
                    .set("schema", Shapes.type(operation.path("answer").asText()));
            operation.path("also").forEach(type -> content.putObject(type.textValue()));
        }
        if (operation.has("stream")) {
            ObjectNode content =
                    responses.putObject("200").put("description", "A stream.").putObject("content");
            operation.path("stream").forEach(type -> content.putObject(type.textValue()));
        }
        ObjectNode error = responses
                .putObject(operation.path("never").asText("default"))
                .put("description", "Refused, and nothing was changed.");
        error.putObject("content").putObject(Answer.JSON).putObject("schema").put("$ref", ERROR);
    }

    private static ObjectNode read(String name) {
        try (InputStream in = OpenApi.class.getResourceAsStream(name + ".json")) {
            return Json.readObject(Objects.requireNonNull(in, name).readAllBytes());
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "The program's own files cannot be read", e);
        }
    }
}
