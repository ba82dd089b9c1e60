package dev.dogear.control.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Errors;
import dev.dogear.control.http.Json;
import dev.dogear.store.care.GarbageCollector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Answers of work that takes its time. A caller that accepts lines is told of progress: objects {@code {"progress": …}},
 * then one {@code {"result": …}} or {@code {"error": …, "status": …}}.
 */
public final class Work {
    private static final long PROGRESS_INTERVAL_NS = 100_000_000;

    private Work() {}

    /** @param work told where to say how far it has come */
    public static Answer of(Call call, Function<Consumer<ObjectNode>, ObjectNode> work) {
        if (!call.prefers(Answer.LINES)) {
            return Answer.ok(work.apply(progress -> {}));
        }
        return new Answer.Working(Answer.LINES, out -> {
            try {
                ObjectNode last = Json.object();
                last.set("result", work.apply(new Told(out)));
                return new Answer.Whole(200, Answer.LINES, line(last));
            } catch (RuntimeException | Error e) {
                Answer.Whole error = Errors.answer(e);
                ObjectNode last = Json.readObject(error.bytes()).put("status", error.status());
                return new Answer.Whole(error.status(), Answer.LINES, line(last));
            }
        });
    }

    /** Progress of work that goes through stages. */
    public static GarbageCollector.Progress stages(Consumer<ObjectNode> told) {
        return (stage, done, total) ->
                told.accept(Json.object().put("stage", stage).put("done", done).put("total", total));
    }

    private static byte[] line(ObjectNode object) {
        byte[] json = Json.write(object);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** Writes progress lines, not too many. */
    private static final class Told implements Consumer<ObjectNode> {
        private final OutputStream out;
        private long last = System.nanoTime();

        Told(OutputStream out) {
            this.out = out;
        }

        @Override
        public synchronized void accept(ObjectNode progress) {
            long now = System.nanoTime();
            if (now - last < PROGRESS_INTERVAL_NS) {
                return;
            }
            last = now;
            ObjectNode line = Json.object();
            line.set("progress", progress);
            try {
                out.write(line(line));
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("the caller has gone", e);
            }
        }
    }
}
