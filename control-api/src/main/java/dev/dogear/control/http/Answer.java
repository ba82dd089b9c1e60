package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;

/** What a route answers: known whole, or written while work goes on. */
public sealed interface Answer {
    /** The media type of almost every answer. */
    String JSON = "application/json";

    /** The media type of an answer that tells of progress: a JSON object a line. */
    String LINES = "application/x-ndjson";

    static Answer json(int status, JsonNode node) {
        return new Whole(status, JSON, Json.write(node));
    }

    static Answer ok(JsonNode node) {
        return json(200, node);
    }

    /** What a deletion answers. */
    static Answer success() {
        return ok(Json.object().put("success", true));
    }

    /** A complete answer. */
    record Whole(int status, String type, byte[] bytes) implements Answer {}

    /** An answer of status 200 that {@code writer} writes while the request is under way. */
    record Streamed(String type, Writer writer) implements Answer {}

    /** An answer of status 200 that says how far work has come, and then how it ended. */
    record Working(String type, Work work) implements Answer {}

    /**
     * An answer of status 200 that may go on for ever, so that it gets a thread of its own, of which there are not many.
     * It ends when the server does, by an interrupt.
     */
    record Lasting(String type, Writer writer) implements Answer {}

    /** Work that writes how far it has come. */
    @FunctionalInterface
    interface Work {
        /** @return what is still to be written when the end is noted, and the status it ended with */
        Whole run(OutputStream progress);
    }

    /** Writes a streamed answer; what it throws ends the connection. */
    @FunctionalInterface
    interface Writer {
        void write(OutputStream out) throws IOException;
    }
}
