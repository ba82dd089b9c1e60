package dev.dogear.control.cli.line;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person at a terminal gets, and whom git would name. */
final class TerminalTest {
    private static final String ROOT = "z".repeat(32);

    @TempDir
    private Path folder;

    @Test
    void noColourWhereItIsNotWanted() {
        assertFalse(Terminal.isColoured(new Settings(Map.of("NO_COLOR", "1", "TERM", "xterm"))));
        assertFalse(Terminal.isColoured(new Settings(Map.of("TERM", "dumb"))));
        assertFalse(Terminal.isColoured(new Settings(Map.of())));
    }

    @Test
    void aPatchInColoursHasEveryByteOfThePatch() {
        byte[] patch = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-caf\u00e9\n+\u00fc\n same\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal.patch(new PrintStream(out, true, StandardCharsets.UTF_8), patch);
        String coloured = out.toString(StandardCharsets.ISO_8859_1);
        assertEquals(new String(patch, StandardCharsets.ISO_8859_1), coloured.replaceAll("\u001b\\[[0-9]*m", ""));
        assertEquals(true, coloured.contains("\u001b[32m+\u00fc\u001b[0m\n same\n"));
    }

    @Test
    void aGraphShowsWhereLinesPartAndMeet() {
        Graph graph = new Graph();
        List<String> lines = new ArrayList<>();
        lines.addAll(graph.add("m", List.of("a", "b"), "merge"));
        lines.addAll(graph.add("b", List.of("c"), "side"));
        lines.addAll(graph.add("a", List.of("c"), "main"));
        lines.addAll(graph.add("c", List.of(ROOT), "base"));
        assertEquals(List.of("* merge", "|\\", "| * side", "* | main", "|/", "* base"), lines);
    }

    @Test
    void theAuthorIsWhomGitWouldName() throws IOException {
        Files.writeString(
                folder.resolve(".gitconfig"),
                "# mine\n[core]\n\tname = no\n[user]\n\tname = \"Ada Lovelace\"\n\temail = ada@example.org ; home\n[alias]\n\tname = no\n");
        Map<String, String> home = Map.of("HOME", folder.toString());
        assertEquals(Map.of("name", "Ada Lovelace", "email", "ada@example.org"), GitAuthor.of(new Settings(home)));
        assertEquals(
                Map.of("name", "Other", "email", "ada@example.org"),
                GitAuthor.of(new Settings(Map.of("HOME", folder.toString(), "GIT_AUTHOR_NAME", "Other"))));
        assertNull(
                GitAuthor.of(new Settings(Map.of("HOME", folder.resolve("none").toString()))));
    }
}
