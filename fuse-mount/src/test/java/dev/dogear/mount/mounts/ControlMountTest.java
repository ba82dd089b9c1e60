package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code .dogear/}: whole sessions of shell tools that see a bookmark's directory and nothing else. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start() comes first
final class ControlMountTest {
    @TempDir
    Path folder;

    private MountedStore mounted;
    private Path main;

    private void start(String transport) throws IOException {
        mounted = MountedStore.start(folder, transport, "others");
        mounted.ask("repository repo");
        main = mounted.bookmark("repo", "main");
    }

    @AfterEach
    void stop() throws IOException {
        mounted.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE, MountOptions.IO_URING})
    void aSessionOfShellTools(String transport) throws IOException, InterruptedException {
        start(transport);
        for (String shell : new String[] {"bash", "sh"}) {
            assertEquals("", sh(shell, main, """
                    set -e
                    fail() { echo "$1"; exit 1; }
                    ! ls -a | grep -q dogear || fail "it is listed"
                    echo one > file
                    grep -q '^edits 1$' .dogear/status || fail "no edit: $(cat .dogear/status)"
                    grep -q '^A file$' .dogear/status || fail "no path"
                    grep -q '^+one' .dogear/diff || fail "no diff"
                    echo "prompt: begin" > .dogear/checkpoint
                    grep -q '^edits 0$' .dogear/status || fail "not stored"
                    head -1 .dogear/log | grep -q 'prompt: begin' || fail "no message: $(cat .dogear/log)"
                    echo two > file
                    mkdir dir; echo x > dir/x
                    printf 'first line\\n\\nMore of it.\\nrun: 7\\n' | tee .dogear/checkpoint > /dev/null
                    echo 1 > .dogear/undo
                    [ "$(cat file)" = one ] || fail "not undone"
                    [ ! -e dir ] || fail "dir is there"
                    echo 1 > .dogear/redo
                    [ "$(cat file dir/x | tr '\\n' ' ')" = "two x " ] || fail "not redone"
                    if echo 1 > .dogear/redo; then fail "redone twice"; fi
                    grep -q 'nothing to redo' .dogear/error || fail "no reason"
                    grep -q '^error .*nothing to redo' .dogear/status || fail "no reason in status"
                    if echo all > .dogear/undo; then fail "undid what?"; fi
                    if echo x > .dogear/status; then fail "status was written"; fi
                    if mkdir .dogear/new; then fail "made"; fi
                    if rm -rf .dogear; then fail "removed"; fi
                    if mv dir .dogear; then fail "moved into it"; fi
                    [ -d dir ] || fail "dir is gone"
                    echo three > file
                    echo "checkpoints 2" > .dogear/undo
                    [ ! -e file ] || fail "both are there"
                    echo 1 > .dogear/redo
                    [ "$(cat file)" = three ] || fail "edits are lost"
                    echo 1 > .dogear/undo
                    rm -r dir; echo end > file; echo end > .dogear/checkpoint
                    rm file; echo bare > .dogear/checkpoint
                    """));
        }
    }

    /** A conflict shows in the file, is listed, and goes when the file is written without markers. */
    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE})
    void conflictsAreReadAndSettledByEditing(String transport) throws IOException, InterruptedException {
        start(transport);
        Files.writeString(main.resolve("file"), "one\n");
        // Whatever umask other tests have left to this process.
        Files.setPosixFilePermissions(main.resolve("file"), PosixFilePermissions.fromString("rw-r--r--"));
        mounted.ask("checkpoint repo main");
        mounted.ask("bookmark repo side main");
        Files.writeString(main.resolve("file"), "ours\n");
        Files.writeString(mounted.bookmark("repo", "side").resolve("file"), "theirs\n");
        assertEquals("", sh("sh", main, "cat .dogear/conflicts"));
        mounted.ask("merge-conflicted repo main side");
        assertEquals(
                "<<<<<<< main\nours\n||||||| base\none\n=======\ntheirs\n>>>>>>> side",
                Files.readString(main.resolve("file")).strip());
        assertEquals("content file", sh("sh", main, "head -1 .dogear/conflicts"));
        assertEquals("3", sh("sh", main, "grep -c '^  [a-z]* 100644 [0-9a-f]* file$' .dogear/conflicts"));
        assertEquals("", sh("sh", main, "sed -i '/^[<|=>]/d' file; cat .dogear/conflicts"));
    }

    /** A shell's own echo writes a text of several lines by several calls. */
    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE})
    void aMessageMayHaveSeveralLines(String transport) throws IOException, InterruptedException {
        start(transport);
        assertEquals("", sh("bash", main, "echo x > a; echo 'subject\n\nbody\nrun: 42' > .dogear/checkpoint"));
        assertEquals("subject\n\nbody\nrun: 42".replace('\n', '|'), mounted.ask("message repo main"));
        assertEquals("", sh("bash", main, "cat .dogear/error"));
        assertEquals("", sh("bash", main, "echo 1 > .dogear/undo; ls"), "one undo is enough");
        assertEquals("a", sh("bash", main, "echo 1 > .dogear/redo; ls"));
        assertEquals("", sh("python3", main, """
                with open('b', 'w') as f: f.write('x')
                with open('.dogear/checkpoint', 'w') as f: f.write('by python')
                assert 'by python' in open('.dogear/log').read()
                import os
                fd = os.open('.dogear/redo', os.O_WRONLY)
                try:
                    os.write(fd, b'1')
                    raise AssertionError('redone')
                except OSError as e:
                    assert e.errno == 61, e
                os.close(fd)
                """));
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE})
    void permissionsAreThoseOfTheBookmark(String transport) throws IOException, InterruptedException {
        start(transport);
        Files.setAttribute(main, "unix:mode", 0755);
        Files.setAttribute(main, "unix:uid", 1000);
        Files.writeString(main.resolve("file"), "x");
        String other = "setpriv --reuid=1001 --regid=1001 --clear-groups ";
        String owner = "setpriv --reuid=1000 --regid=1000 --clear-groups ";
        assertNotEquals("", sh("sh", main, other + "sh -c 'echo x > .dogear/checkpoint'"));
        assertEquals("edits 1", sh("sh", main, other + "grep ^edits .dogear/status"));
        assertEquals("", sh("sh", main, owner + "sh -c 'echo x > .dogear/checkpoint'"));
        Files.setAttribute(main, "unix:mode", 0700);
        assertNotEquals("", sh("sh", main, other + "cat .dogear/status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL})
    void itIsInVolumesAndNotInThePast(String transport) throws IOException, InterruptedException {
        start(transport);
        Path volume = folder.resolve("volume");
        mounted.ask("bind repo/main " + volume);
        assertEquals("", sh("sh", volume, "echo x > file; echo by volume > .dogear/checkpoint"));
        assertEquals("", Files.readString(volume.resolve(".dogear/diff")));
        String change = mounted.ask("change repo main");
        assertFalse(Files.exists(mounted.bookmark("repo", "@" + change).resolve(".dogear")));
        assertTrue(Files.exists(mounted.bookmark("repo", "@" + change).resolve("file")));
        mounted.ask("protect repo main");
        assertNotEquals("", sh("sh", volume, "echo 1 > .dogear/undo"));
        assertTrue(Files.readString(volume.resolve(".dogear/status")).contains("\nprotected\n"));
        mounted.ask("unprotect repo main");
        mounted.ask("unbind " + volume);
    }

    /** What the program prints, errors included; its exit status if that is all it says. */
    private static String sh(String program, Path directory, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program, "-c", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        boolean silent = said.isEmpty() && process.exitValue() != 0;
        return silent ? "exit " + process.exitValue() : process.exitValue() == 0 ? quiet(said) : said;
    }

    /** Without what tools say of the refusals that a script went on after. */
    private static String quiet(String said) {
        return said.lines()
                .filter(line -> !line.contains(": "))
                .reduce((one, other) -> one + "\n" + other)
                .orElse("");
    }
}
