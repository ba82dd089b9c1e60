package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A request is answered with an error: status, code for programs, text for people. Expected, so without a stack trace. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient @Nullable JsonNode details;
    private final long retryAfterSeconds;

    public ApiException(int status, String code, String text, @Nullable JsonNode details) {
        this(status, code, text, details, 0);
    }

    private ApiException(int status, String code, String text, @Nullable JsonNode details, long retryAfterSeconds) {
        super(text, null, false, false);
        this.retryAfterSeconds = retryAfterSeconds;
        this.status = status;
        this.code = code;
        this.details = details;
    }

    public ApiException(int status, String code, String text) {
        this(status, code, text, null);
    }

    /** The request itself is wrong. */
    public static ApiException invalid(String text) {
        return new ApiException(400, "INVALID_ARGUMENT", text);
    }

    /** There is nothing of that name. */
    public static ApiException notFound(String text) {
        return new ApiException(404, "NOT_FOUND", text);
    }

    /** The published API has it, this daemon does not. */
    public static ApiException notImplemented(String text) {
        return new ApiException(501, "NOT_IMPLEMENTED", text);
    }

    /** Too often; worth another try after that time. */
    public static ApiException tooMany(String text, long retryAfterSeconds) {
        JsonNode details = Json.object().put("retry_after_seconds", retryAfterSeconds);
        return new ApiException(429, "LIMIT_EXCEEDED", text, details, retryAfterSeconds);
    }

    /** When to try again; 0 if that is not known. */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    @Nullable
    public JsonNode details() {
        return details;
    }
}
