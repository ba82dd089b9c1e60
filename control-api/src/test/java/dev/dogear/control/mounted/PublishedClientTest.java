package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published client, unmodified, runs each practice against a real daemon and sees it in the mount. */
final class PublishedClientTest {
    private static final String CLIENT = "@mesadev/sdk@0.38.0";

    @TempDir
    private Path folder;

    @Test
    void theExampleRunsEveryPractice() throws IOException {
        assumeTrue(isThere("npm") && isThere("node"), "npm is not there, so the published client is not tried");
        Path program = Files.createDirectories(folder.resolve("program"));
        Path example = Stream.of("scripts", "../scripts")
                .map(scripts -> Path.of(scripts, "examples/practices.mjs"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        Files.copy(example, program.resolve("practices.mjs"));
        Command.of(
                        "npm",
                        "install",
                        "--ignore-scripts",
                        "--omit=optional",
                        "--no-package-lock",
                        "--no-audit",
                        "--no-fund",
                        "--prefix",
                        program.toString(),
                        CLIENT)
                .in(program)
                .run();
        Path daemon = Files.createDirectories(folder.resolve("daemon"));
        try (RunningDogear dogear = RunningDogear.start(daemon, "--listen", "127.0.0.1:0")) {
            String mount = dogear.mount().toString();
            String address =
                    dogear.call("GET", "/v1/local/status", null).path("listen").asText();
            String key = dogear.cli("key", "create", "--scope", "write").strip();
            CliResult ran = dogear.command("node", "practices.mjs", "http://" + address, key, mount)
                    .in(program)
                    .tryRun();
            assertEquals(0, ran.exit(), ran.describe());
            List<String> steps = ran.out().lines().toList();
            assertEquals(
                    8, steps.stream().filter(step -> step.startsWith("ok  ")).count(), ran.out());
        }
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(bin -> Files.isExecutable(Path.of(bin, program)));
    }
}
