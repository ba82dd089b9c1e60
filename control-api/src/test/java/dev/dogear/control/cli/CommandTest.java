package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dogear.control.LiveTest;
import java.util.List;
import java.util.Map;

/** A test of the command against a real socket. */
abstract class CommandTest extends LiveTest {
    /** What it prints when all went well. */
    final String ok(String... line) {
        HelpTest.Run run = run(line);
        assertEquals(0, run.status(), List.of(line) + " " + run.err());
        return run.out();
    }

    final HelpTest.Run run(String... line) {
        return HelpTest.Run.of(Map.of("DOGEAR_SOCKET", live.socket().toString()), line);
    }
}
