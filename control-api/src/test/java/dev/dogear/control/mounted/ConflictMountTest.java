package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of conflict of the merge rules, made by programs in the mount: refused, stored, shown in the directory, listed
 * by the control file, the command line and REST, answered each way, and settled by editing. {@link RunningDogear#close()}
 * verifies the store.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConflictMountTest {
    private static final String ATTRIBUTE = "python3 -c 'import os; os.setxattr(\"a\", \"user.k\", b\"%s\")'";
    private static final String ORG = "/v1/local/";
    private static final Map<String, String> SIDES = Map.of("ours", "target", "theirs", "source", "base", "base");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private RunningDogear dogear;
    private int repositories;

    /** What the two sides do, in a shell; conflict is its kind and the path where it shows. */
    private record Row(String conflict, String ours, String theirs) {
        String kind() {
            return conflict.substring(0, conflict.lastIndexOf(' '));
        }

        String path() {
            return conflict.substring(conflict.lastIndexOf(' ') + 1);
        }

        boolean isOfDirectory() {
            return kind().endsWith("file/directory");
        }

        @Override
        public String toString() {
            return conflict + ": " + ours + " | " + theirs;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row("content a", "sed -i s/2/ours/ a", "sed -i s/2/theirs/ a"),
                new Row("binary b", "printf '\\0ours' > b", "printf '\\0theirs' > b"),
                new Row("target s", "ln -sfn ours s", "ln -sfn theirs s"),
                new Row("type a", "ln -sfn ours a", "sed -i s/2/theirs/ a"),
                new Row("mode a", "chmod 600 a", "chmod 755 a"),
                new Row("attribute a", ATTRIBUTE.formatted("ours"), ATTRIBUTE.formatted("theirs")),
                new Row("add/add n", "echo ours > n", "echo theirs > n"),
                new Row("add/add n", "echo same > n", "echo same > n; chmod 755 n"),
                new Row("add/add n", "ln -s ours n", "echo theirs > n"),
                new Row("modify/delete a", "sed -i s/2/ours/ a", "rm a"),
                new Row("modify/delete a", "rm a", "sed -i s/2/theirs/ a"),
                new Row("modify/delete a", "chmod 755 a", "rm a"),
                new Row("rename/delete e", "mv a e", "rm a"),
                new Row("rename/delete e", "mv d e", "rm -r d"),
                new Row("rename/rename c", "mv a c", "mv a e"),
                new Row("rename/rename c", "mv d c", "mv d e"),
                new Row("add/add c", "mv a c", "mv b c"),
                new Row("add/add c", "mv a c", "echo theirs > c"),
                new Row("file/directory n~main", "echo ours > n", "mkdir n; echo theirs > n/in"),
                new Row("file/directory n~side", "mkdir n; echo ours > n/in", "echo theirs > n"),
                new Row(
                        "modify/delete, file/directory a~side",
                        "rm a; mkdir a; echo ours > a/in",
                        "sed -i s/2/theirs/ a"));
    }

    @BeforeAll
    void start() {
        dogear = RunningDogear.start(folder);
    }

    @AfterAll
    void stop() {
        dogear.close();
    }

    /** A conflicted merge, made by programs and REST. */
    private final class Scene {
        final Row row;
        final String repository;
        final Path main;
        final Path ours;
        final Path theirs;
        final Path base;
        String merged = "";

        Scene(Row row) {
            this.row = row;
            this.repository = "r" + repositories++;
            Path top = dogear.mount().resolve(repository);
            this.main = top.resolve("main");
            this.theirs = top.resolve("side");
            this.ours = top.resolve("ours");
            this.base = top.resolve("base");
            dogear.call("POST", ORG + "repos", Map.of("name", repository));
            sh(main, "umask 022; printf '1\\n2\\n3\\n' > a; printf '\\0b' > b; mkdir d; echo x > d/x; ln -s target s");
            call("bookmarks/main/checkpoint", Map.of("message", "first"));
            call("bookmarks", Map.of("name", "side", "from", "main"));
            call("bookmarks", Map.of("name", "base", "from", "main"));
            sh(main, "umask 022; " + row.ours);
            sh(theirs, "umask 022; " + row.theirs);
            call("bookmarks/main/checkpoint", Map.of("message", "ours"));
            call("bookmarks", Map.of("name", "ours", "from", "main"));
        }

        JsonNode call(String route, Map<String, ?> body) {
            return dogear.call("POST", ORG + repository + "/" + route, body);
        }

        Scene merge() {
            Map<String, Object> both = Map.of("target", "main", "source", "side");
            UnixHttp.Answer refused = dogear.tryCall("POST", ORG + repository + "/bookmarks/merge", both);
            assertEquals(409, refused.status());
            assertTrue(new String(refused.body(), UTF_8).contains("\"" + row.path() + "\""));
            JsonNode stored =
                    call("bookmarks/merge", Map.of("target", "main", "source", "side", "allow_conflicted", true));
            assertTrue(stored.path("is_conflicted").asBoolean());
            merged = stored.path("change_id").asText();
            return this;
        }

        JsonNode listed() {
            return dogear.call("GET", ORG + repository + "/conflicts?revision=main", null)
                    .path("conflicts");
        }

        String inMount() throws IOException {
            return Files.readString(main.resolve(".dogear/conflicts"));
        }

        void resolve(String take) {
            call(
                    "bookmarks/main/resolve",
                    Map.of("resolutions", List.of(Map.of("path", row.path(), "take", SIDES.get(take)))));
        }

        void back() {
            dogear.call("PATCH", ORG + repository + "/bookmarks/main", Map.of("change_id", merged));
        }

        Path of(String side) {
            return side.equals("ours") ? ours : side.equals("theirs") ? theirs : base;
        }

        /** What one side has, and where, or nothing at the path of the conflict. */
        String wanted(JsonNode conflict, String side) throws IOException {
            JsonNode version = conflict.path(SIDES.get(side));
            return version.isObject() ? described(of(side), version.path("path").asText()) : "nothing";
        }

        void assertConflicted() throws IOException {
            assertEquals(1, listed().size(), () -> listed().toString());
            assertEquals(row.conflict, inMount().lines().findFirst().orElse(""));
        }

        void assertSettled(String how) throws IOException {
            assertEquals(0, listed().size(), how);
            assertEquals("", inMount(), how);
        }
    }

    private String sh(Path in, String script) {
        return dogear.command("sh", "-c", script).in(in).run();
    }

    private static String described(Path top, String path) throws IOException {
        Path file = top.resolve(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return "nothing";
        } else if (Files.isSymbolicLink(file)) {
            return path + " link to " + Files.readSymbolicLink(file);
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        if (Files.isDirectory(file)) {
            return path + " directory " + mode;
        }
        StringBuilder text = new StringBuilder(path + " file " + mode + " " + Files.readString(file));
        UserDefinedFileAttributeView attributes = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        for (String name : attributes.list()) {
            ByteBuffer value = ByteBuffer.allocate(attributes.size(name));
            attributes.read(name, value);
            text.append(' ').append(name).append('=').append(new String(value.array(), UTF_8));
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isShownListedAndAnsweredEachWay(Row row) throws IOException {
        Scene scene = new Scene(row).merge();
        scene.assertConflicted();
        JsonNode conflict = scene.listed().get(0);
        assertEquals(row.kind(), conflict.path("kind").asText());
        assertEquals(row.path(), conflict.path("path").asText());
        assertListed(scene, conflict);
        assertShown(scene, conflict);
        for (String take : List.of("ours", "theirs", "base")) {
            if (take.equals("base") && row.isOfDirectory()) {
                assertEquals(2, answered(scene, take));
                scene.assertConflicted();
                continue;
            }
            if (take.equals("theirs")) {
                assertEquals(0, answered(scene, take));
            } else {
                scene.resolve(take);
            }
            scene.assertSettled(take);
            JsonNode version = conflict.path(SIDES.get(take));
            String path = version.isObject() ? version.path("path").asText() : row.path();
            assertEquals(scene.wanted(conflict, take), described(scene.main, path), take);
            JsonNode stored = scene.call("bookmarks/main/checkpoint", Map.of("message", "resolved"));
            assertFalse(stored.at("/change/is_conflicted").asBoolean(), stored.toString());
            scene.back();
            scene.assertConflicted();
        }
        settleByEditing(scene);
    }

    private int answered(Scene scene, String take) {
        return dogear.tryCli("resolve", scene.repository + "/main", scene.row.path(), "--take", take)
                .exit();
    }

    /** The control file and the command line name each side that has something; REST has its mode and id. */
    private void assertListed(Scene scene, JsonNode conflict) throws IOException {
        List<String> lines = new ArrayList<>(List.of(scene.row.conflict()));
        for (String side : List.of("base", "ours", "theirs")) {
            JsonNode version = conflict.path(SIDES.get(side));
            if (version.isObject()) {
                String id =
                        version.path("id").isNull() ? "-" : version.path("id").asText();
                String mode = version.path("mode").asText();
                lines.add("  " + side + " " + mode + " " + id + " "
                        + version.path("path").asText());
            }
        }
        assertEquals(lines, scene.inMount().lines().toList());
        String said = dogear.cli("conflicts", scene.repository + "/main");
        assertTrue(said.contains(scene.row.path()) && said.contains(scene.row.kind()), said);
    }

    /** Text has markers with both sides; all else is as ours, or what survived. */
    private static void assertShown(Scene scene, JsonNode conflict) throws IOException {
        String path = scene.row.path();
        String shown = described(scene.main, path);
        if (conflict.path("hunks").isEmpty()) {
            String survivor = conflict.path("target").isObject() ? "ours" : "theirs";
            boolean aside = scene.row.isOfDirectory();
            String side = aside && path.endsWith("~side") ? "theirs" : aside ? "ours" : survivor;
            String name = path.replaceAll("~.*", "");
            assertEquals(described(scene.of(side), name).replace(name + " ", path + " "), shown);
        } else {
            String text = Files.readString(scene.main.resolve(path));
            for (String part : List.of("<<<<<<< main\n", "\n||||||| base\n", "\n=======\n", "\n>>>>>>> side\n")) {
                assertTrue(text.contains(part), text);
            }
        }
        if (scene.row.conflict().equals("rename/rename c") && !Files.isDirectory(scene.main.resolve("c"))) {
            assertEquals(described(scene.theirs, "e"), described(scene.main, "e"), "both are kept");
        }
    }

    private void settleByEditing(Scene scene) throws IOException {
        String path = scene.row.path();
        if (scene.row.kind().equals("mode")) {
            sh(scene.main, "chmod 640 a");
        } else {
            sh(scene.main, "rm -r '" + path + "'");
            scene.assertSettled("deleted");
            scene.call("bookmarks/main/undo", Map.of());
            scene.assertConflicted();
            sh(scene.main, "rm -rf '" + path + "'; echo answer > '" + path + "'");
        }
        scene.assertSettled("edited");
        JsonNode stored = scene.call("bookmarks/main/checkpoint", Map.of("message", "settled"));
        assertFalse(stored.at("/change/is_conflicted").asBoolean(), stored.toString());
    }

    @Test
    void allKindsOutliveAKillAndACollection() throws IOException {
        List<Scene> scenes = new ArrayList<>();
        for (Row row : rows().toList()) {
            scenes.add(new Scene(row).merge());
        }
        List<String> before = told(scenes);
        dogear.kill9();
        dogear.restart();
        assertEquals(before, told(scenes), "killed");
        for (Scene scene : scenes) {
            scene.call("gc", Map.of());
        }
        assertEquals(before, told(scenes), "collected");
        for (Scene scene : scenes) {
            scene.resolve("ours");
            scene.assertSettled("at last");
        }
    }

    private static List<String> told(List<Scene> scenes) throws IOException {
        List<String> told = new ArrayList<>();
        for (Scene scene : scenes) {
            told.add(scene.listed() + " " + scene.inMount() + described(scene.main, scene.row.path()));
        }
        return told;
    }
}
