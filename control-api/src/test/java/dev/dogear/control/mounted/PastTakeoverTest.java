package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trees of changes and the commands as files go on when the daemon is killed. */
final class PastTakeoverTest {
    @TempDir
    Path folder;

    @Test
    void theNextDaemonFindsThem() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.cli("repo", "create", "tools");
            Path main = dogear.mount().resolve("tools/main");
            Files.createDirectory(main.resolve("folder"));
            Files.writeString(main.resolve("folder/file"), "then");
            dogear.cli("checkpoint", "tools/main", "-m", "first");
            Files.writeString(main.resolve("folder/file"), "now");
            dogear.cli("checkpoint", "tools/main", "-m", "second");
            Path then = dogear.mount().resolve("tools/@main~1/folder");
            long inode = (long) Files.getAttribute(then.resolve("file"), "unix:ino");
            try (ShellInside shell = ShellInside.start(then, 0);
                    FileChannel open = FileChannel.open(then.resolve("file"))) {
                assertEquals("then", shell.tell("cat file"));
                int epoch = dogear.epoch();
                ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
                ByteBuffer text = ByteBuffer.allocate(10);
                open.read(text, 0);
                assertEquals("then", new String(text.array(), 0, text.position(), UTF_8));
                assertEquals("file", shell.tell("ls"));
                assertEquals("then", shell.tell("cat file"));
                dogear.awaitEpochAfter(epoch);
            }
            assertEquals(inode, (long) Files.getAttribute(then.resolve("file"), "unix:ino"));
            Files.writeString(main.resolve("folder/file"), "later");
            assertTrue(Files.readString(main.resolve(".dogear/status")).contains("\nM folder/file\n"));
            Files.writeString(main.resolve(".dogear/checkpoint"), "third");
            assertEquals("now", Files.readString(then.resolve("file")));
        }
    }
}
