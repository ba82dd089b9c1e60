package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dogear.control.cli.verbs.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manual page is current and well-formed; completion completes. */
final class ManPageTest {
    static Path script(String name) {
        return Stream.of("scripts", "../scripts")
                .map(folder -> Path.of(folder, name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    /** To make it anew: scripts/dogear man > scripts/dogear.1. */
    @Test
    void theManualPageIsCurrent() throws IOException {
        assertEquals(HelpTest.Run.of(Map.of(), "man").out(), Files.readString(script("dogear.1")));
    }

    @Test
    void theManualPageReadsWithoutWarning() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "groff is not there");
        Ran page = run("groff", "-man", "-Tutf8", "-ww", script("dogear.1").toString());
        assertEquals("", page.err());
        for (String words : Commands.words()) {
            assertTrue(page.out().contains("dogear " + words), words);
        }
    }

    /** As bash does it when the tabulator key is pressed. */
    @Test
    void completionCompletesInBash() throws IOException, InterruptedException {
        assertEquals("checkpoint", complete("dogear", "checkp"));
        assertEquals("bookmark", complete("dogear", "bookm"));
        assertEquals("delete", complete("dogear", "bookmark", "del"));
        assertEquals("--checkpoints", complete("dogear", "undo", "--checkp"));
        assertEquals("--json", complete("dogear", "repo", "list", "--js"));
        for (String words : Commands.words()) {
            String[] line = ("dogear " + words).split(" ", -1);
            assertTrue(List.of(complete(line).split(" ", -1)).contains(line[line.length - 1]), words);
        }
    }

    private static String complete(String... words) throws IOException, InterruptedException {
        String line = String.join(" ", words);
        String bash = "source \"$0\"; COMP_WORDS=(" + line + "); COMP_CWORD=" + (words.length - 1) + "; COMP_LINE='"
                + line + "'; COMP_POINT=" + line.length() + "; _complete_dogear; echo \"${COMPREPLY[*]}\"";
        Ran ran = run("bash", "-c", bash, script("dogear-completion.bash").toString());
        assertEquals(0, ran.status(), ran.err());
        return ran.out().strip();
    }

    private record Ran(int status, String out, String err) {}

    private static Ran run(String... command) throws IOException, InterruptedException {
        Path err = Files.createTempFile("dogear", ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(err.toFile()).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            return new Ran(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }
}
