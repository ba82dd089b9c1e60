package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.MergeConflictException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one mapper from what went wrong to status, code and envelope. */
public final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    private Errors() {}

    /** The answer for a failed request; failures nobody expects are logged under the answer's trace id. */
    public static Answer.Whole answer(Throwable failure) {
        if (failure instanceof ApiException e) {
            return answer(e.status(), e.code(), text(e), e.details(), null);
        }
        if (failure instanceof MergeConflictException e) {
            return answer(409, "MERGE_CONFLICT", text(e), conflicts(e), null);
        }
        String traceId = null;
        int status = 500;
        String code = "INTERNAL_ERROR";
        String text = "The daemon failed at this request; its log says more under the trace id.";
        if (failure instanceof StoreException e) {
            status = status(e.kind());
            code = code(e.kind());
            text = text(e);
        }
        if (status >= 500) {
            traceId = UUID.randomUUID().toString();
            LOG.error("{} {}", traceId, code, failure);
        }
        return answer(status, code, text, null, traceId);
    }

    /** The envelope of every error. */
    static Answer.Whole answer(
            int status, String code, String text, @Nullable JsonNode details, @Nullable String traceId) {
        ObjectNode error = Json.object();
        ObjectNode inner = error.putObject("error");
        inner.put("code", code).put("message", text);
        if (details != null) {
            inner.set("details", details);
        }
        if (traceId != null) {
            inner.put("trace_id", traceId);
        }
        return new Answer.Whole(status, Answer.JSON, Json.write(error));
    }

    private static String text(Throwable failure) {
        String text = failure.getMessage();
        return text == null ? failure.getClass().getSimpleName() : text;
    }

    private static JsonNode conflicts(MergeConflictException conflict) {
        ObjectNode details = Json.object();
        ArrayNode paths = details.putArray("conflict_paths");
        conflict.paths().forEach(each -> paths.add(each.conflict().path().toString()));
        details.set("conflicts", ConflictViews.told(conflict.paths()));
        return details;
    }

    private static int status(StoreException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> 404;
            case INVALID -> 400;
            case ALREADY_EXISTS, MERGE_CONFLICT, STALE, IN_USE -> 409;
            case FORBIDDEN, NOT_APPROVED, READ_ONLY -> 403;
            case LIMIT -> 429;
            case NO_SPACE -> 507;
            case CORRUPT, NEWER_FORMAT, IO -> 500;
        };
    }

    private static String code(StoreException.Kind kind) {
        return switch (kind) {
            case INVALID -> "INVALID_ARGUMENT";
            case LIMIT -> "LIMIT_EXCEEDED";
            case IN_USE -> "LOCK_CONFLICT";
            case IO -> "IO_ERROR";
            default -> kind.name();
        };
    }
}
