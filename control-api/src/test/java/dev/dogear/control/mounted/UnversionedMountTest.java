package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Unversioned paths as programs in the mount see them: over verbs, kill -9 and collections. */
final class UnversionedMountTest {
    private static final String R = "/v1/local/app";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private RunningDogear dogear;
    private Path main;

    @BeforeEach
    void start() {
        dogear = RunningDogear.start(folder);
        dogear.call("POST", "/v1/local/repos", Map.of("name", "app"));
        main = dogear.mount().resolve("app/main");
        dogear.cli("config", "app", "ignore=*.swp|node_modules/");
        sh("""
                printf 'target/\\n!keep.swp\\n' > .dogearignore
                mkdir -p src/gen target node_modules/lib docs
                printf '/gen/\\n' > src/.dogearignore
                echo code > src/a; echo made > src/gen/a; echo object > target/o; echo lib > node_modules/lib/x
                echo swap > docs/.a.swp; echo kept > docs/keep.swp; echo text > docs/text
                """);
    }

    @AfterEach
    void stop() {
        dogear.close();
    }

    private String sh(String script) {
        return dogear.command("sh", "-ec", script).in(main).run();
    }

    private void verb(String verb, Map<String, ?> body) {
        dogear.call("POST", R + "/bookmarks/main/" + verb, body);
    }

    private void assertUnversionedIsThere() {
        assertEquals("made\nobject\nlib\nswap\n", sh("cat src/gen/a target/o node_modules/lib/x docs/.a.swp"));
    }

    private List<String> edits() {
        JsonNode edits = dogear.call("GET", R + "/bookmarks/main/edits", null);
        List<String> paths = new ArrayList<>();
        edits.path("edits").forEach(edit -> paths.add(edit.path("path").asText()));
        return paths;
    }

    @Test
    void verbsKillsAndCollectionsLeaveItAlone() throws IOException {
        assertEquals(
                List.of(".dogearignore", "docs", "docs/keep.swp", "docs/text", "src", "src/.dogearignore", "src/a"),
                edits());
        verb("checkpoint", Map.of("message", "first"));
        kill();
        assertUnversionedIsThere();
        assertEquals(List.of(), edits());
        sh("echo more > src/a; echo more > target/p");
        verb("checkpoint", Map.of("message", "second"));
        verb("undo", Map.of());
        assertEquals("code\nmore\n", sh("cat src/a target/p"));
        verb("undo", Map.of());
        assertUnversionedIsThere();
        dogear.call("POST", R + "/gc", null);
        kill();
        assertUnversionedIsThere();
        verb("redo", Map.of());
        verb("redo", Map.of());
        assertEquals("more\ntext\n", sh("cat src/a docs/text"));
        sh("mv src source; mv target/p target/q");
        kill();
        assertEquals("made\nmore\n", sh("cat source/gen/a target/q"));
        dogear.call("POST", R + "/bookmarks", Map.of("name", "s", "from", "main"));
        assertEquals(
                "docs\nsrc\n",
                dogear.command("sh", "-c", "ls").in(main.resolveSibling("s")).run());
        verb("checkpoint", Map.of("message", "third"));
        assertEquals(0, edits().size());
    }

    /** Rules that are edited count at once, a folder's in that folder, the setting's everywhere. */
    @Test
    void editedRulesCountAtOnce() {
        verb("checkpoint", Map.of("message", "first"));
        sh("printf '' > src/.dogearignore");
        assertEquals(List.of("src/.dogearignore", "src/gen", "src/gen/a"), edits());
        dogear.cli("config", "app", "ignore=none");
        kill();
        assertEquals(
                List.of(
                        "docs/.a.swp",
                        "node_modules",
                        "node_modules/lib",
                        "node_modules/lib/x",
                        "src/.dogearignore",
                        "src/gen",
                        "src/gen/a"),
                edits());
        assertUnversionedIsThere();
    }

    private void kill() {
        dogear.kill9();
        dogear.restart();
    }
}
