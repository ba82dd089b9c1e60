package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A request is answered with an error: status, code for programs, text for people. Expected, so without a stack trace. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient @Nullable JsonNode details;

    public ApiException(int status, String code, String text, @Nullable JsonNode details) {
        super(text, null, false, false);
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
