package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several bookmarks of several repositories, written at once by processes of their own, each with its checkpoints. */
final class ParallelTest {
    private static final int PROMPTS = 8;
    private static final int FILES = 25;

    /** Arguments: directory, socket, route of the checkpoint, name of the writer, prompts, files. */
    private static final String SCRIPT = """
            set -eu
            cd "$0"
            p=1
            while [ $p -le $4 ]; do
              mkdir -p src/p$p
              f=1
              while [ $f -le $5 ]; do
                echo "$3 $p $f" > src/p$p/new
                mv src/p$p/new src/p$p/file$f
                echo "$3 $p $f" >> log
                f=$((f + 1))
              done
              if [ $p -gt 1 ]; then rm src/p$((p - 1))/file1; ln -s ../p$p src/p$((p - 1))/next; fi
              curl -sSf --unix-socket "$1" -X POST -H 'Content-Type: application/json' \\
                -d "{\\"message\\":\\"prompt $p of $3\\"}" "http://localhost$2" > /dev/null
              p=$((p + 1))
            done
            """;

    @TempDir
    Path folder;

    @Test
    void parallelWritersDoNotMeet() throws IOException, InterruptedException {
        List<String> bookmarks =
                List.of("one/main", "one/session/1", "one/session/2", "two/main", "two/proposal/x", "three/main");
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            for (String repository : List.of("one", "two", "three")) {
                dogear.cli("repo", "create", repository);
            }
            for (String bookmark : bookmarks) {
                String[] parts = bookmark.split("/", 2);
                if (!parts[1].equals("main")) {
                    dogear.cli("bookmark", "create", parts[0], parts[1], "--from", "main");
                }
            }
            runAll(dogear, bookmarks);
            for (String bookmark : bookmarks) {
                verify(dogear, bookmark);
            }
            dogear.restart();
            for (String bookmark : bookmarks) {
                verify(dogear, bookmark);
            }
        }
    }

    private static void runAll(RunningDogear dogear, List<String> bookmarks) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(bookmarks.size());
        try {
            List<Future<String>> all = new ArrayList<>();
            for (String bookmark : bookmarks) {
                Command script = dogear.command(
                        "/bin/sh",
                        "-c",
                        SCRIPT,
                        dogear.mount().resolve(bookmark).toString(),
                        dogear.socket().toString(),
                        route(bookmark) + "/checkpoint",
                        bookmark,
                        Integer.toString(PROMPTS),
                        Integer.toString(FILES));
                all.add(threads.submit(script::run));
            }
            for (Future<String> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a writer failed\n" + dogear.logTail(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static String route(String bookmark) {
        String[] parts = bookmark.split("/", 2);
        return "/v1/local/" + parts[0] + "/bookmarks/" + parts[1].replace("/", "%2F");
    }

    private static void verify(RunningDogear dogear, String bookmark) throws IOException {
        Path root = dogear.mount().resolve(bookmark);
        StringBuilder log = new StringBuilder();
        for (int p = 1; p <= PROMPTS; p++) {
            for (int f = 1; f <= FILES; f++) {
                String line = bookmark + " " + p + " " + f + "\n";
                log.append(line);
                Path file = root.resolve("src/p" + p + "/file" + f);
                if (f == 1 && p < PROMPTS) {
                    assertEquals(false, Files.exists(file), file.toString());
                } else {
                    assertEquals(line, Files.readString(file));
                }
            }
            if (p < PROMPTS) {
                assertEquals(
                        "../p" + (p + 1),
                        Files.readSymbolicLink(root.resolve("src/p" + p + "/next"))
                                .toString());
            }
        }
        assertEquals(log.toString(), Files.readString(root.resolve("log")));
        String[] parts = bookmark.split("/", 2);
        JsonNode changes = dogear.call(
                        "GET", "/v1/local/" + parts[0] + "/changes?bookmark=" + parts[1].replace("/", "%2F"), null)
                .get("changes");
        List<String> messages = new ArrayList<>();
        changes.findValuesAsText("message").forEach(message -> messages.add(0, message.strip()));
        List<String> expected = new ArrayList<>();
        for (int p = 1; p <= PROMPTS; p++) {
            expected.add("prompt " + p + " of " + bookmark);
        }
        messages.removeIf(message -> !message.startsWith("prompt"));
        assertEquals(expected, messages, bookmark);
        assertEquals(
                0,
                dogear.call("GET", route(bookmark), Map.of()).get("edits").asInt(),
                "edits of " + bookmark + " after its last checkpoint");
    }
}
