package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Settings;
import dev.dogear.control.cli.verbs.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class HelpTest {
    static Stream<String> verbs() {
        return Commands.words().stream();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbHasHelpWithAnExampleAndTheExitCodes(String words) {
        String[] line = (words + " --help").split(" ");
        Run run = Run.of(Map.of(), line);
        assertEquals(0, run.status());
        assertTrue(run.out().contains("Usage: dogear " + words), run.out());
        assertTrue(run.out().contains("Example: dogear "), run.out());
        assertTrue(run.out().contains("--json"), run.out());
        assertTrue(run.out().contains("  5  no daemon answers"), run.out());
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void wrongUseSaysWhatIsWrongAndWhereToLook(String words) {
        Run run = Run.of(Map.of(), (words + " --no-such-option x").split(" ", -1));
        assertEquals(2, run.status(), run.err());
        assertTrue(run.err().contains("--no-such-option") || run.err().contains("Missing required"), run.err());
        assertTrue(run.err().contains("See: dogear " + words + " --help"), run.err());
        assertEquals("", run.out());
    }

    @Test
    void helpOfAllNamesEveryVerb() {
        String help = Run.of(Map.of(), "--help").out();
        for (String words : Commands.words()) {
            assertTrue(help.contains("  " + words.substring(0, (words + " ").indexOf(' ')) + " "), words);
        }
        assertEquals(2, Run.of(Map.of()).status());
        assertEquals(2, Run.of(Map.of(), "frobnicate").status());
        assertEquals(0, Run.of(Map.of(), "repo", "--help").status());
        assertEquals(0, Run.of(Map.of(), "--version").status());
    }

    /** To make it anew: scripts/dogear completion > scripts/dogear-completion.bash. */
    @Test
    void theCompletionScriptIsCurrent() throws IOException {
        Path script = Stream.of("scripts", "../scripts")
                .map(folder -> Path.of(folder, "dogear-completion.bash"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        assertEquals(Files.readString(script), Run.of(Map.of(), "completion").out());
    }

    /** The README says the exit codes as the command does. */
    @Test
    void theReadmeListsTheExitCodes() throws IOException {
        Path readme = Stream.of("control-api/README.md", "README.md")
                .map(Path::of)
                .filter(path -> Files.exists(path.resolveSibling("pom.xml"))
                        && path.toAbsolutePath().toString().contains("control-api"))
                .findFirst()
                .orElseThrow();
        List<String> lines = Files.readAllLines(readme);
        for (ExitCode code : ExitCode.values()) {
            assertTrue(lines.contains("| " + code.number() + " | " + code.meaning() + " |"), code.meaning());
        }
    }

    /** A command line run in this process. */
    record Run(int status, String out, String err) {
        static Run of(Map<String, String> environment, String... line) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status = new Dogear(
                            new Settings(environment),
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8))
                    .run(line);
            return new Run(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }
    }
}
