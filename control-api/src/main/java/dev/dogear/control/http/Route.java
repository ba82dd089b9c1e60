package dev.dogear.control.http;

import dev.dogear.store.measure.Latency;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A method and the paths it is for. A segment of the pattern in braces takes any one segment of a path, every other
 * segment only itself. Nobody gets there without what {@code access} asks for.
 *
 * @param latency how long its requests take, work that tells of itself too; of other streams only how long until they begin
 */
public record Route(String method, List<String> pattern, Access access, Action action, Latency latency) {
    /** Answers a request of this route. */
    @FunctionalInterface
    public interface Action {
        Answer answer(Call call) throws IOException;
    }

    /** @param path such as {@code /v1/{org}/{repo}} */
    public static Route of(String method, String path, Access access, Action action) {
        Route route = new Route(method, List.of(path.substring(1).split("/", -1)), access, action, new Latency());
        boolean named = route.pattern.contains("{repo}");
        if (named != (access.where() == Access.Where.REPOSITORY)) {
            throw new IllegalArgumentException("what is asked of callers does not fit the path " + path);
        }
        return route;
    }

    /** Whether it is meant to change anything: what is kept in the audit log. */
    public boolean isMutating() {
        return !method.equals("GET") && !method.equals("HEAD");
    }

    /** The values of the segments in braces, still encoded; null if this route is not for that path. */
    @Nullable
    Map<String, String> match(List<String> segments) {
        if (segments.size() != pattern.size()) {
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < segments.size(); i++) {
            String expected = pattern.get(i);
            String segment = segments.get(i);
            if (expected.startsWith("{")) {
                values.put(expected.substring(1, expected.length() - 1), segment);
            } else if (!expected.equals(segment)) {
                return null;
            }
        }
        return values;
    }
}
