package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the two jars scripts/dogear runs a line with: a copy of it beside empty jars, and a java that prints what it is asked. */
final class ScriptTest {
    @TempDir
    private Path clone;

    @BeforeEach
    void copy() throws IOException {
        Files.createDirectories(clone.resolve("scripts"));
        Files.copy(ManPageTest.script("dogear"), clone.resolve("scripts/dogear"));
        Files.createDirectories(clone.resolve("control-api/target"));
        Files.createFile(clone.resolve("control-api/target/dogear.jar"));
        Path java = Files.createDirectories(clone.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
    }

    @Test
    void whatWorksOnTheDataFolderHasAllClassesAndTheDaemonsArchive() throws IOException, InterruptedException {
        runsAsDaemon("check", "--repair");
        runsAsDaemon("check", "--repair", "app");
        runsAsDaemon("check", "app", "--repair");
        runsAsDaemon("check", "--data", "/d", "--repair", "--json");
        runsAsDaemon("up", "--foreground");
        runsAsDaemon("up", "--foreground", "--allow-other");
        runsAsDaemon("up", "--data", "/d", "--foreground");
    }

    @Test
    void everythingElseStartsQuickly() throws IOException, InterruptedException {
        runsAsCommand();
        runsAsCommand("check");
        runsAsCommand("check", "app");
        runsAsCommand("up");
        runsAsCommand("run", "app", "--", "check", "--repair");
        runsAsCommand("run", "app", "--", "up", "--foreground");
        runsAsCommand("undo", "app", "up --foreground");
        runsAsCommand("checkpoint", "app", "-m", "the check with --repair works");
    }

    private void runsAsDaemon(String... line) throws IOException, InterruptedException {
        List<String> asked = asked(line);
        assertEquals(List.of("-jar", jar("dogear.jar")), asked.subList(asked.size() - 2, asked.size()));
        assertTrue(asked.contains("-XX:SharedArchiveFile=" + jar("daemon.jsa")), asked.toString());
    }

    private void runsAsCommand(String... line) throws IOException, InterruptedException {
        List<String> asked = asked(line);
        assertEquals("dev.dogear.control.cli.Dogear", asked.get(asked.size() - 1));
        assertTrue(asked.contains("-XX:SharedArchiveFile=" + jar("dogear.jsa")), asked.toString());
        assertFalse(asked.contains("-jar"), asked.toString());
    }

    /** What java is asked before the line itself. */
    private List<String> asked(String... line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(clone.resolve("scripts/dogear").toString());
        command.addAll(List.of(line));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", clone.resolve("jdk").toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        List<String> asked = out.lines().toList();
        int given = asked.size() - line.length;
        assertEquals(List.of(line), asked.subList(given, asked.size()));
        return asked.subList(0, given);
    }

    private String jar(String name) throws IOException {
        return clone.toRealPath().resolve("control-api/target").resolve(name).toString();
    }
}
