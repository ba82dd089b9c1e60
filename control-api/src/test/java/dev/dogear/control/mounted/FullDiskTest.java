package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk is an error to the one who writes, and loses nothing of anybody. */
final class FullDiskTest {
    private static final long DISK_BYTES = 96L << 20;
    private static final int BALLAST_BYTES = 48 << 20;
    private static final int FILE_BYTES = 200_000;
    private static final int CHECKPOINT_AT = 30;

    @TempDir
    Path folder;

    @Test
    void aFullDiskIsAnErrorAndLosesNothing() throws IOException {
        try (LoopDisk disk = LoopDisk.create(folder, DISK_BYTES)) {
            Path ballast = disk.path().resolve("ballast");
            Files.write(ballast, new byte[BALLAST_BYTES]);
            try (RunningDogear dogear =
                    RunningDogear.start(Files.createDirectory(disk.path().resolve("store")))) {
                dogear.cli("repo", "create", "app");
                Path main = dogear.mount().resolve("app/main");
                SyncedFiles files = new SyncedFiles(main, 7);
                String reason = files.fill("file", FILE_BYTES, number -> checkpoint(dogear, number));
                assertNotNull(reason, "the disk is full, but no writer was told");
                assertTrue(reason.contains("No space left"), reason);
                System.out.println("FullDiskTest: full after " + files.count() + " files, free " + disk.free());
                files.stillThere("when full");
                assertEquals(
                        "ok", dogear.call("GET", "/healthz", null).get("status").asText());
                Path deleted = files.first();
                files.delete(deleted);
                dogear.restart();
                assertFalse(Files.exists(deleted), "a deletion on a full disk is lost");
                files.stillThere("after down and up on a full disk");
                Files.delete(ballast);
                try {
                    goesOn(dogear, files);
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError("with " + disk.free() + " bytes free again\n" + dogear.logTail(), e);
                }
            }
        }
    }

    private static void checkpoint(RunningDogear dogear, int file) {
        if (file == CHECKPOINT_AT) {
            dogear.call("POST", "/v1/local/app/bookmarks/main/checkpoint", Map.of("message", "part"));
        }
    }

    private static void goesOn(RunningDogear dogear, SyncedFiles files) throws IOException {
        for (int i = 0; i < 5; i++) {
            files.write("more" + i, FILE_BYTES);
        }
        JsonNode result =
                dogear.call("POST", "/v1/local/app/bookmarks/main/checkpoint", Map.of("message", "after the flood"));
        assertFalse(result.get("unchanged").asBoolean(), result.toString());
        dogear.restart();
        files.stillThere("after space was freed");
    }
}
