package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Ordinary programs that know nothing of Dogear, at work in the mount. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ToolsTest {
    private static final long SEED = Long.getLong("dogear.seed", System.nanoTime());

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private RunningDogear dogear;

    @BeforeAll
    void start() {
        System.out.println("ToolsTest: dogear.seed=" + SEED);
        dogear = RunningDogear.start(folder);
    }

    @AfterAll
    void stop() {
        dogear.close();
    }

    /** The live directory of the main bookmark of a new repository. */
    private Path repository(String name) {
        dogear.call("POST", "/v1/local/repos", Map.of("name", name));
        return dogear.mount().resolve(name).resolve("main");
    }

    private void checkpoint(String repository) {
        dogear.call("POST", "/v1/local/" + repository + "/bookmarks/main/checkpoint", Map.of("message", "m"));
    }

    private String git(Path directory, String... words) {
        List<String> all = new ArrayList<>(List.of("git", "-c", "user.name=T", "-c", "user.email=t@example.org"));
        all.addAll(List.of(words));
        return dogear.command(all.toArray(String[]::new))
                .in(directory)
                .with("GIT_CONFIG_GLOBAL", "/dev/null")
                .with("GIT_CONFIG_NOSYSTEM", "1")
                .run();
    }

    @Test
    void gitClonesCommitsAndFindsNothingWrong() throws IOException {
        Path origin = Files.createDirectory(folder.resolve("origin"));
        git(origin, "init", "-q", "-b", "main", ".");
        Command.of("sh", "-c", "for i in $(seq 1 300); do mkdir -p d$((i % 7)); seq 1 $i > d$((i % 7))/f$i; done")
                .in(origin)
                .run();
        git(origin, "add", ".");
        git(origin, "commit", "-q", "-m", "first");
        Files.writeString(origin.resolve("d1/f1"), "other\n");
        git(origin, "commit", "-q", "-a", "-m", "second");

        Path home = repository("git");
        git(home, "clone", "-q", origin.toString(), "work");
        Path work = home.resolve("work");
        assertEquals("", git(work, "status", "--porcelain"));
        Files.writeString(work.resolve("d2/f2"), "edited in the mount\n");
        Files.writeString(work.resolve("new file"), "new\n");
        assertEquals(" M d2/f2\n?? \"new file\"\n", git(work, "status", "--porcelain"));
        git(work, "add", ".");
        git(work, "commit", "-q", "-m", "third");
        git(work, "mv", "d3", "d3 moved");
        git(work, "commit", "-q", "-m", "fourth");
        git(work, "checkout", "-q", "HEAD~2");
        git(work, "checkout", "-q", "main");
        git(work, "repack", "-q", "-a", "-d");
        assertEquals("", git(work, "fsck", "--full", "--strict"));
        assertEquals("", git(work, "status", "--porcelain"));

        checkpoint("git");
        // The plumbing command trusts only what stat says: not one inode, time or size may have changed.
        assertEquals("", git(work, "diff-files"));
        dogear.restart();
        assertEquals("", git(work, "diff-files"));
        assertEquals("", git(work, "fsck", "--full", "--strict"));
        assertEquals("fourth\nthird\nsecond\nfirst\n", git(work, "log", "--format=%s"));
        git(work, "push", "-q", "origin", "HEAD:refs/heads/from-the-mount");
        assertEquals(git(work, "rev-parse", "HEAD"), git(origin, "rev-parse", "from-the-mount"));
    }

    @Test
    void makeBuildsOnceAndRebuildsWhatChanged() throws IOException {
        Path work = repository("make");
        StringBuilder main = new StringBuilder("#include <stdio.h>\n");
        for (int i = 0; i < 12; i++) {
            Files.writeString(work.resolve("part" + i + ".c"), "int part" + i + "(void) { return " + i + "; }\n");
            main.append("int part").append(i).append("(void);\n");
        }
        main.append("int main(void) {\n  int sum = 0;\n");
        for (int i = 0; i < 12; i++) {
            main.append("  sum += part").append(i).append("();\n");
        }
        Files.writeString(work.resolve("main.c"), main.append("  printf(\"%d\\n\", sum);\n  return 0;\n}\n"));
        Files.writeString(work.resolve("Makefile"), """
                OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))
                sum: $(OBJECTS) lib.a
                \tgcc -o $@ main.o lib.a
                lib.a: $(OBJECTS)
                \tar rcs $@ $(filter part%,$^)
                %.o: %.c
                \tgcc -O1 -g -c -o $@ $<
                """);
        dogear.command("make", "-s", "-j2").in(work).run();
        assertEquals("66\n", dogear.command("./sum").in(work).run());
        dogear.command("make", "-q").in(work).run();
        checkpoint("make");
        dogear.command("make", "-q").in(work).run();
        dogear.restart();
        dogear.command("make", "-q").in(work).run();
        Files.writeString(work.resolve("part3.c"), "int part3(void) { return 1003; }\n");
        String rebuilt = dogear.command("make").in(work).run();
        assertEquals(1, rebuilt.lines().filter(line -> line.contains(" -c ")).count(), rebuilt);
        assertEquals("1066\n", dogear.command("./sum").in(work).run());
    }

    @Test
    void javaCompilesAndRuns() throws IOException {
        Path work = repository("java");
        Files.createDirectories(work.resolve("src/p/q"));
        Files.writeString(
                work.resolve("src/p/Shape.java"),
                "package p; public sealed interface Shape { double area(); record Square(double side) implements Shape"
                        + " { public double area() { return side * side; } } }");
        Files.writeString(
                work.resolve("src/p/q/Main.java"),
                "package p.q; import p.Shape; public final class Main { public static void main(String[] args) {"
                        + " Runnable r = () -> System.out.println(new Shape.Square(3).area()); r.run(); } }");
        String bin = Path.of(System.getProperty("java.home"), "bin").toString();
        dogear.command(bin + "/javac", "-d", "out", "src/p/Shape.java", "src/p/q/Main.java")
                .in(work)
                .run();
        String run = bin + "/java";
        assertEquals(
                "9.0\n",
                dogear.command(run, "-Xshare:auto", "-cp", "out", "p.q.Main")
                        .in(work)
                        .run());
        dogear.command(bin + "/jar", "cfe", "app.jar", "p.q.Main", "-C", "out", ".")
                .in(work)
                .run();
        assertEquals("9.0\n", dogear.command(run, "-jar", "app.jar").in(work).run());
    }

    @Test
    void aWholeTreeGoesInAndOutUnchanged() throws IOException {
        Path tree = folder.resolve("tree");
        SampleTree.make(tree, SEED);
        String sums = sums(tree);
        assertTrue(sums.lines().count() > 1700, sums);
        Path home = repository("tree");
        Path tarred = Files.createDirectory(home.resolve("tar"));
        Path synced = Files.createDirectory(home.resolve("rsync"));
        Path archive = folder.resolve("tree.tar");
        Command.of("tar", "--xattrs", "-cf", archive.toString(), ".").in(tree).run();
        dogear.command("tar", "--xattrs", "--xattrs-include=*", "-xpf", archive.toString())
                .in(tarred)
                .run();
        dogear.command("rsync", "-aHAX", "--modify-window=-1", tree + "/", synced + "/")
                .run();
        assertAllEqual(tree, sums, tarred, synced);
        checkpoint("tree");
        assertAllEqual(tree, sums, tarred, synced);
        dogear.restart();
        assertAllEqual(tree, sums, tarred, synced);
        Path back = folder.resolve("back");
        dogear.command("rsync", "-aHAX", "--modify-window=-1", synced + "/", back + "/")
                .run();
        assertEquals("", differences(tree, back));
        assertEquals(sums, sums(back));
    }

    private void assertAllEqual(Path tree, String sums, Path tarred, Path synced) {
        assertEquals("", differences(tree, tarred, SampleTree.NOT_IN_TAR));
        assertEquals(sums, sums(tarred));
        assertEquals("", differences(tree, synced));
        assertEquals(sums, sums(synced));
    }

    /** What rsync would have to do to make the second tree equal, by content, owners, modes, times, links and xattrs. */
    private String differences(Path from, Path to, String... more) {
        List<String> words = new ArrayList<>(List.of("rsync", "-aHAX", "--modify-window=-1", "-n", "-i", "-c"));
        words.add("--delete");
        words.addAll(List.of(more));
        words.addAll(List.of(from + "/", to + "/"));
        return dogear.command(words.toArray(String[]::new)).run();
    }

    private String sums(Path tree) {
        return dogear.command("sh", "-c", "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum")
                .in(tree)
                .run();
    }

    @Test
    void sqliteLosesNothingWithARollbackJournal() throws IOException {
        Path work = repository("sqlite-rollback");
        for (String mode : List.of("DELETE", "TRUNCATE", "PERSIST")) {
            sqlite("sqlite-rollback", work.resolve(mode + ".db"), mode);
        }
    }

    @Test
    void sqliteLosesNothingWithAWriteAheadLog() throws IOException {
        Path work = repository("sqlite-wal");
        sqlite("sqlite-wal", work.resolve("wal.db"), "WAL");
    }

    private void sqlite(String repository, Path database, String mode) throws IOException {
        String made = query(
                database,
                "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(writer, n, text, PRIMARY KEY(writer, n));"
                        + " CREATE INDEX i ON t(text);");
        assertEquals(mode.toLowerCase(Locale.ROOT) + "\n", made);
        int rows = 30 * Integer.getInteger("dogear.rounds", 10);
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> load(database, 1, rows));
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> load(database, 2, rows));
        CompletableFuture.allOf(first, second).join();
        String expected = "ok\n" + rows + "\n" + rows + "\n";
        String check = "PRAGMA integrity_check; SELECT count(*) FROM t WHERE text <> '' GROUP BY writer;";
        assertEquals(expected, query(database, check));
        checkpoint(repository);
        assertEquals(expected, query(database, check));
        dogear.restart();
        assertEquals(expected, query(database, check));
        query(database, "DELETE FROM t WHERE n % 3 = 0; VACUUM;");
        assertEquals("ok\n", query(database, "PRAGMA integrity_check;"));
    }

    /** Rows in transactions of different sizes, some rolled back. */
    private void load(Path database, int writer, int rows) {
        StringBuilder script = new StringBuilder(".timeout 60000\n");
        int n = 0;
        for (int size = 1; n < rows; size = size % 17 + 1) {
            script.append("BEGIN IMMEDIATE;\n");
            for (int i = 0; i < size && n < rows; i++) {
                n++;
                script.append(
                        "INSERT INTO t VALUES(%d, %d, hex(randomblob(%d)));\n".formatted(writer, n, 1 + n * 37 % 900));
            }
            script.append("COMMIT;\n");
            if (size == 5) {
                script.append("BEGIN IMMEDIATE; DELETE FROM t; ROLLBACK;\n");
            }
        }
        try {
            Path file = folder.resolve(database.getFileName() + "-" + writer + ".sql");
            Files.writeString(file, script, UTF_8);
            dogear.command("sh", "-c", "sqlite3 -bail \"$0\" < \"$1\"", database.toString(), file.toString())
                    .run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String query(Path database, String sql) {
        return dogear.command("sqlite3", "-bail", "-cmd", ".timeout 60000", database.toString(), sql)
                .run();
    }
}
