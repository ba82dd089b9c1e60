package dev.dogear.mount.mounts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The same suite by io_uring, with nothing left out. */
@EnabledIf("dev.dogear.mount.mounts.RingSwitch#possible")
final class IoUringMountTest extends LiveMountTest {
    private static final int PROGRAMS = 200;

    @Override
    String[] options() {
        return new String[] {MountOptions.IO_URING};
    }

    /** These have none. */
    @Override
    void anOldKernelIsServed(String protocol) {}

    /** A protocol without it is one more reason to go by the device. */
    @Test
    void withoutItTheDeviceServes() throws IOException {
        startAgain("7.41", "others", MountOptions.IO_URING);
        String spoken = ask("spoken");
        assertTrue(spoken.contains("transport=kernel, protocol=7.41"), spoken);
        assertTrue(spoken.contains("whyNotBetter=io-uring: protocol 7.41 has none"), spoken);
        Files.writeString(main.resolve("a"), "x");
        assertEquals("x", Files.readString(main.resolve("a")));
        startAgain(options());
    }

    @Test
    void longestRequestsComeWhole() throws IOException {
        byte[] content = new byte[(3 << 20) + 17];
        new SplittableRandom(1).nextBytes(content);
        Path file = Files.write(main.resolve("file"), content);
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
            open.force(true);
        }
        ask("checkpoint repo main");
        startAgain(options());
        assertArrayEquals(content, Files.readAllBytes(main.resolve("file")));
        Files.setAttribute(main.resolve("file"), "user:long", ByteBuffer.wrap(Arrays.copyOf(content, 3000)));
        assertArrayEquals(Arrays.copyOf(content, 3000), (byte[]) Files.getAttribute(main.resolve("file"), "user:long"));
    }

    /** More requests wait at once, for the disk, than a queue has places. */
    @Test
    void manyWaitAtOnce() throws Exception {
        ExecutorService programs = Executors.newFixedThreadPool(PROGRAMS);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < PROGRAMS; i++) {
                Path file = main.resolve("file" + i);
                running.add(programs.submit(() -> {
                    for (int round = 0; round < 5; round++) {
                        try (FileChannel open =
                                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                            open.write(ByteBuffer.wrap(new byte[] {(byte) round}));
                            open.force(true);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> one : running) {
                one.get();
            }
        } finally {
            programs.shutdownNow();
        }
        assertEquals(PROGRAMS + " files", ask("checkpoint repo main"));
    }
}
