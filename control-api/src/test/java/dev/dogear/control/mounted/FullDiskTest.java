package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk is an error to the one who writes, and loses nothing of anybody. */
final class FullDiskTest {
    private static final long DISK_BYTES = 96L << 20;
    private static final int BALLAST_BYTES = 48 << 20;
    private static final int FILE_BYTES = 200_000;
    private static final int FILES_MAX = 2_000;
    private static final int CHECKPOINT_AT = 30;

    @TempDir
    Path folder;

    /** Content of every file whose fsync returned, by name. */
    private final Map<String, byte[]> synced = new LinkedHashMap<>();

    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void aFullDiskIsAnErrorAndLosesNothing() throws IOException {
        try (LoopDisk disk = LoopDisk.create(folder, DISK_BYTES)) {
            Path ballast = disk.path().resolve("ballast");
            Files.write(ballast, new byte[BALLAST_BYTES]);
            try (RunningDogear dogear =
                    RunningDogear.start(Files.createDirectory(disk.path().resolve("store")))) {
                dogear.cli("repo", "create", "app");
                Path main = dogear.mount().resolve("app/main");
                String reason = fill(dogear, main);
                assertNotNull(reason, "the disk is full, but no writer was told");
                assertTrue(reason.contains("No space left"), reason);
                System.out.println("FullDiskTest: full after " + synced.size() + " files, free " + disk.free());
                stillThere(main, "when full");
                assertEquals(
                        "ok", dogear.call("GET", "/healthz", null).get("status").asText());
                String name = synced.keySet().iterator().next();
                Files.delete(main.resolve(name));
                synced.remove(name);
                dogear.restart();
                assertFalse(Files.exists(main.resolve(name)), "a deletion on a full disk is lost");
                stillThere(main, "after down and up on a full disk");
                Files.delete(ballast);
                try {
                    goesOn(dogear, main);
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError("with " + disk.free() + " bytes free again\n" + dogear.logTail(), e);
                }
            }
        }
    }

    /** Writes until somebody says that the disk is full; answers what was said. */
    private @Nullable String fill(RunningDogear dogear, Path main) {
        for (int i = 0; i < FILES_MAX; i++) {
            try {
                write(main, "file" + i);
            } catch (IOException e) {
                return String.valueOf(e.getMessage());
            }
            if (i == CHECKPOINT_AT) {
                dogear.call("POST", "/v1/local/app/bookmarks/main/checkpoint", Map.of("message", "part"));
            }
        }
        return null;
    }

    private void write(Path main, String name) throws IOException {
        byte[] content = new byte[FILE_BYTES];
        random.nextBytes(content);
        try (FileChannel channel =
                FileChannel.open(main.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        synced.put(name, content);
    }

    private void stillThere(Path main, String when) throws IOException {
        for (Map.Entry<String, byte[]> file : synced.entrySet()) {
            assertArrayEquals(
                    file.getValue(), Files.readAllBytes(main.resolve(file.getKey())), file.getKey() + " " + when);
        }
    }

    private void goesOn(RunningDogear dogear, Path main) throws IOException {
        for (int i = 0; i < 5; i++) {
            write(main, "more" + i);
        }
        JsonNode result =
                dogear.call("POST", "/v1/local/app/bookmarks/main/checkpoint", Map.of("message", "after the flood"));
        assertFalse(result.get("unchanged").asBoolean(), result.toString());
        dogear.restart();
        stillThere(main, "after space was freed");
    }
}
