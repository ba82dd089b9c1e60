package dev.dogear.control.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Route;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the audit log says of a call: who, what, what came of it. Never content, nor a key. */
final class AuditEntry {
    private static final int CHARACTERS_MAX = 300;

    /** What a body or query says of which bookmark goes where. */
    private static final List<String> FIELDS = List.of(
            "name",
            "target",
            "source",
            "head_commit_oid",
            "bookmark",
            "from",
            "to",
            "base",
            "head",
            "change_id",
            "base_change_id",
            "head_change_id",
            "expected_change_id",
            "message",
            "path",
            "revision",
            "delete_source",
            "dry_run",
            "default_bookmark");

    private AuditEntry() {}

    static ObjectNode of(Call call, Route route, int status, long nanos) {
        Caller caller = call.caller();
        ObjectNode entry = AuditLog.entry()
                .put("by", cut(caller.name()))
                .put("key_id", caller.key() == null ? null : caller.key().id())
                .put("user", caller.user())
                .put("method", route.method())
                .put("path", cut(path(call, route)))
                .put("repo", cut(call.path().get("repo")))
                .put("status", status)
                .put("ms", TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0);
        entry.setAll(call.notes());
        ObjectNode asked = entry.putObject("asked");
        for (String field : FIELDS) {
            JsonNode value = call.body().node(field);
            if (value != null && value.isValueNode()) {
                asked.put(field, cut(value.asText()));
            } else if (call.query().get(field) != null) {
                asked.put(field, cut(call.query().get(field)));
            }
        }
        return entry;
    }

    private static String path(Call call, Route route) {
        String path = "/" + String.join("/", route.pattern());
        for (var each : call.path().entrySet()) {
            path = path.replace("{" + each.getKey() + "}", each.getValue());
        }
        return path;
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null || text.length() <= CHARACTERS_MAX ? text : text.substring(0, CHARACTERS_MAX) + "…";
    }
}
