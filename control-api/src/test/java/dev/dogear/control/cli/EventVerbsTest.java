package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code dogear events} and {@code dogear watch}. */
final class EventVerbsTest extends CommandTest {
    @BeforeEach
    void open() {
        assertEquals(0, run("repo", "create", "app").status());
        live.write("app", "main", "f", "1");
        assertEquals(0, run("checkpoint", "app/main", "-m", "one").status());
    }

    @Test
    void eventsAreShownFromANumberOn() {
        HelpTest.Run all = run("events", "app");
        assertEquals(0, all.status(), all.err());
        assertEquals(2, all.out().lines().count(), all.out());
        assertTrue(all.out().contains("checkpoint by "), all.out());
        assertEquals("", run("events", "app", "--after", "2").out());
        assertEquals("", run("events", "app/session/*").out());
        assertTrue(run("events", "app/main", "--kind", "checkpoint", "--json")
                .out()
                .startsWith("{\"id\":2,"));
        assertEquals(2, run("events", "app", "--kind", "nonsense").status());
        assertEquals(3, run("events", "none").status());
    }

    @Test
    void aCommandRunsWhenABookmarkChanges() throws Exception {
        Path seen = folder.resolve("seen");
        String command = "echo \"$DOGEAR_EVENT\" >> " + seen;
        CompletableFuture<HelpTest.Run> watch = CompletableFuture.supplyAsync(
                () -> run("watch", "app/main", "--kind", "checkpoint,undo", "--times", "2", "--", "sh", "-c", command));
        for (int i = 0; !watch.isDone() && i < 200; i++) {
            // Until it has begun to listen, it hears nothing.
            live.write("app", "main", "f", "v" + i);
            run("checkpoint", "app/main", "-m", "more");
            Thread.sleep(50);
        }
        HelpTest.Run ended = watch.get(20, TimeUnit.SECONDS);
        assertEquals(0, ended.status(), ended.err());
        assertEquals("checkpoint\ncheckpoint\n", Files.readString(seen));
        assertEquals(2, run("watch", "app/main").status());
        assertEquals(2, run("watch", "app/main", "--times", "0", "--", "true").status());
    }
}
