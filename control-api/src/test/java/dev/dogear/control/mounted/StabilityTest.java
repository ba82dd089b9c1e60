package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was not changed stays as it was to every tool: inode number, times, mode, links and size are the same after a
 * checkpoint, in a new bookmark, after a restart, a death and an undo; and {@code git status} reads no file again.
 */
final class StabilityTest {
    private static final int FILES = Integer.getInteger("dogear.rounds", 2000);
    private static final int FILES_IN_DIRECTORY = 100;

    private static final String SHOWN = "%P\\t%i\\t%T@\\t%C@\\t%m\\t%n\\t%s\\t%U:%G\\t%y\\0";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private RunningDogear dogear;

    @BeforeEach
    void start() {
        dogear = RunningDogear.start(folder);
        dogear.call("POST", "/v1/local/repos", Map.of("name", "work"));
    }

    @AfterEach
    void stop() {
        dogear.close();
    }

    private Path bookmark(String name) {
        return dogear.mount().resolve("work").resolve(name);
    }

    private void verb(String verb, Map<String, ?> body) {
        dogear.call("POST", "/v1/local/work/bookmarks/main/" + verb, body);
    }

    private void newBookmark(String name) {
        dogear.call("POST", "/v1/local/work/bookmarks", Map.of("name", name, "from", "main"));
    }

    /** Every path with all that stat tells of it but atime; inode numbers without the bookmark's part. */
    private Map<String, List<String>> stats(Path directory) {
        Map<String, List<String>> all = new TreeMap<>();
        for (String line : dogear.command("find", directory.toString(), "-printf", SHOWN)
                .run()
                .split("\0", -1)) {
            if (!line.isEmpty()) {
                List<String> parts = new ArrayList<>(List.of(line.split("\t", -1)));
                String path = parts.remove(0);
                parts.set(0, Long.toString(Long.parseLong(parts.get(0)) & 0xffff_ffffL));
                all.put(path, parts);
            }
        }
        return all;
    }

    private static void assertSame(Map<String, List<String>> before, Map<String, List<String>> after, String when) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> paths = new TreeSet<>(before.keySet());
        paths.addAll(after.keySet());
        for (String path : paths) {
            List<String> old = before.getOrDefault(path, List.of());
            if (!old.equals(after.get(path))) {
                differences.add(path + ": " + old + " became " + after.get(path));
            }
        }
        assertEquals(List.of(), differences, when);
    }

    private static final String TREE = """
            set -e
            mkdir -p a/b/c empty 'odd
            name'
            for i in $(seq 40); do seq $i > a/f$i; done
            head -c 3000000 /dev/urandom > a/b/large
            truncate -s 1G a/b/sparse
            ln a/f1 a/b/linked
            ln a/b/large c-large
            ln -s ../a/f2 a/s
            mkfifo a/p
            mknod a/null c 1 3
            setfattr -n user.note -v yes a/f3 2>/dev/null || true
            chmod 4711 a/f4
            chmod 1777 empty
            chown 12:34 a/f5
            touch -d '2001-02-03 04:05:06.789012345' a/f6 a/b
            mv a/f7 a/b/moved
            cp -p a/f8 a/b/c/
            rm a/f9
            """;

    @Test
    void whatWasNotChangedIsTheSame() {
        Path main = bookmark("main");
        dogear.command("bash", "-c", TREE).in(main).run();
        Map<String, List<String>> before = stats(main);
        assertTrue(before.size() > 40);
        dogear.restart();
        assertSame(before, stats(main), "after a restart with edits");
        verb("checkpoint", Map.of("message", "one"));
        assertSame(before, stats(main), "after a checkpoint");
        newBookmark("other");
        assertSame(before, stats(bookmark("other")), "in a new bookmark");
        assertSame(before, stats(main), "beside a new bookmark");
        dogear.restart();
        assertSame(before, stats(bookmark("other")), "in a bookmark after a restart");
        assertSame(before, stats(main), "after a restart");
        dogear.kill9();
        dogear.restart();
        assertSame(before, stats(main), "after a death");
    }

    @Test
    void undoChangesWhatItPutsBack() {
        Path main = bookmark("main");
        dogear.command("bash", "-c", TREE).in(main).run();
        verb("checkpoint", Map.of("message", "one"));
        Map<String, List<String>> before = stats(main);
        dogear.command("bash", "-c", "echo more >> a/f10; chmod 600 a/f11; echo new > a/b/c/new; rm a/f12")
                .in(main)
                .run();
        verb("checkpoint", Map.of("message", "two"));
        verb("undo", Map.of());
        Map<String, List<String>> after = stats(main);
        // ctime says that something happened to these; all else of them is as it was.
        for (String path : List.of("a/f10", "a/f11", "a/f12", "a/b/c", "a")) {
            List<String> changed = Objects.requireNonNull(after.get(path), path);
            List<String> old = Objects.requireNonNull(before.get(path), path);
            assertEquals(old.subList(0, 2), changed.subList(0, 2), path);
            assertEquals(old.subList(3, old.size()), changed.subList(3, changed.size()), path);
            before.put(path, changed);
        }
        assertSame(before, after, "but for what was put back");
    }

    @Test
    void gitStatusReadsNoUnchangedFile() throws IOException {
        Path main = bookmark("main");
        commitAll(main);
        assertReadsNothing(main, "at once");
        verb("checkpoint", Map.of("message", "one"));
        assertReadsNothing(main, "after a checkpoint");
        newBookmark("other");
        assertReadsNothing(bookmark("other"), "in a new bookmark");
        // Without a keeper each daemon makes a mount of its own, so nothing comes from the kernel's memory.
        dogear.restart();
        assertReadsNothing(main, "after a remount");
        assertReadsNothing(bookmark("other"), "in the bookmark after a remount");
        dogear.kill9();
        dogear.restart();
        assertReadsNothing(main, "after a death");
        // What git has to look at is seen by this count.
        Files.setLastModifiedTime(main.resolve("d0/f2"), FileTime.fromMillis(0));
        long before = reads();
        assertEquals("", status(main), "only touched");
        assertEquals(1, reads() - before, "files read that were touched");
        Files.writeString(main.resolve("d0/f1"), "edited\n");
        verb("undo", Map.of());
        assertEquals("", status(main), "after an undo");
    }

    @Test
    void gitStatusReadsNoUnchangedFileAfterARestart() throws IOException {
        dogear.close();
        dogear = RunningDogear.startKept(Files.createDirectory(folder.resolve("kept")));
        dogear.call("POST", "/v1/local/repos", Map.of("name", "work"));
        Path main = bookmark("main");
        commitAll(main);
        int epoch = dogear.epoch();
        dogear.call("POST", "/v1/local/restart", Map.of());
        dogear.awaitEpochAfter(epoch);
        assertReadsNothing(main, "after a restart");
        verb("checkpoint", Map.of("message", "one"));
        dogear.kill9();
        dogear.awaitEpochAfter(epoch + 1);
        assertReadsNothing(main, "after a takeover");
    }

    /** Git's own files are outside, so that every READ request is one for a file of the tree. */
    private void commitAll(Path tree) throws IOException {
        Path script = Files.writeString(folder.resolve("make.sh"), """
                set -e
                for i in $(seq %d); do
                  d=d$((i / %d)); [ -d $d ] || mkdir $d
                  echo "file $i" > $d/f$i
                done
                # Older than the index, or git would have to look.
                find . -type f -exec touch -d '1 hour ago' {} +
                git init -q
                git config gc.auto 0
                git add .
                git -c user.name=T -c user.email=t@example.org commit -q -m all
                """.formatted(FILES, FILES_IN_DIRECTORY));
        git(tree, "bash", script.toString());
    }

    private void assertReadsNothing(Path tree, String when) {
        long before = reads();
        assertEquals("", status(tree), when);
        assertEquals(0, reads() - before, "files read " + when);
    }

    private String status(Path tree) {
        return git(tree, "git", "--no-optional-locks", "status", "--porcelain");
    }

    private String git(Path tree, String... words) {
        return dogear.command(words)
                .with("GIT_DIR", folder.resolve("git").toString())
                .with("GIT_WORK_TREE", tree.toString())
                .with("GIT_CONFIG_GLOBAL", "/dev/null")
                .with("GIT_CONFIG_NOSYSTEM", "1")
                .in(tree)
                .run();
    }

    private long reads() {
        return dogear.call("GET", "/v1/local/status", null)
                .path("requests")
                .path("READ")
                .asLong();
    }
}
