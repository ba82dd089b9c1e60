package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the store that a disk or a person damaged: found, said clearly, and never a crash. */
final class DamageTest {
    private static final int CUTS = 6;
    private static final int SEARCHED_BYTES = 64;
    private static final int OPERATIONS = 60;

    @TempDir
    Path folder;

    private static byte[] randomBytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private static void checkpoint(RunningDogear dogear, String bookmark) {
        dogear.call("POST", "/v1/local/app/bookmarks/" + bookmark + "/checkpoint", Map.of("message", "x"));
    }

    /** Every file below the folder whose name ends so, in order. */
    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aDamagedObjectIsReportedAndNotShown() throws IOException {
        RunningDogear dogear = RunningDogear.start(folder);
        try {
            dogear.cli("repo", "create", "app");
            Path main = dogear.mount().resolve("app/main");
            byte[] content = randomBytes(1, 40_000);
            byte[] small = randomBytes(2, 3_000);
            Files.write(main.resolve("damaged"), content);
            Files.write(main.resolve("small"), small);
            Files.writeString(main.resolve("sound"), "sound");
            checkpoint(dogear, "main");
            dogear.cli("down");
            flip(dogear.data(), Arrays.copyOfRange(content, 20_000, 20_000 + SEARCHED_BYTES));
            flip(dogear.data(), Arrays.copyOfRange(small, 1_000, 1_000 + SEARCHED_BYTES));
            dogear.restart();
            JsonNode report = dogear.call("POST", "/v1/local/check", Map.of());
            assertEquals(false, report.get("sound").asBoolean());
            String problems = report.get("problems").toString();
            assertTrue(problems.contains("Repository app: "), problems);
            assertTrue(problems.matches("(?s).*[Oo]bject [0-9a-f]{64}.*"), problems);
            CliResult check = dogear.tryCli("check");
            assertNotEquals(0, check.exit());
            assertTrue(check.out().contains("app"), check.describe());
            for (String name : List.of("damaged", "small")) {
                IOException error = assertThrows(
                        IOException.class,
                        () -> Files.readAllBytes(main.resolve(name)),
                        name + " is shown though it is damaged");
                assertTrue(String.valueOf(error.getMessage()).contains("Input/output error"), error.toString());
            }
            assertEquals("sound", Files.readString(main.resolve("sound")));
            Files.writeString(main.resolve("new"), "the daemon goes on");
            checkpoint(dogear, "main");
        } finally {
            // Not sound, and so not closed as others are.
            closeUnsound(dogear);
        }
    }

    /** The check finds nothing at the end: what was lost is stored again. */
    @Test
    void aRepairNeedsTheDaemonDownAndNamesWhatIsLost() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "app");
            dogear.cli("repo", "create", "other");
            Path main = dogear.mount().resolve("app/main");
            byte[] content = randomBytes(1, 40_000);
            Files.createDirectory(main.resolve("docs"));
            Files.write(main.resolve("docs/lost"), content);
            Files.writeString(main.resolve("sound"), "sound");
            checkpoint(dogear, "main");
            String[] repair = {"check", "--repair", "--data", dogear.data().toString()};
            CliResult refused = dogear.tryCli(repair);
            assertEquals(4, refused.exit(), refused.describe());
            assertTrue(refused.err().contains("Stop it first: dogear down"), refused.describe());
            dogear.cli("down");
            CliResult sound = dogear.tryCli(repair);
            assertEquals(0, sound.exit(), sound.describe());
            assertEquals("app: sound, nothing done\nother: sound, nothing done\n", sound.out());
            CliResult nobody =
                    dogear.tryCli("check", "--repair", "--data", dogear.data().toString(), "nobody");
            assertEquals(3, nobody.exit(), nobody.describe());
            flip(dogear.data(), Arrays.copyOfRange(content, 20_000, 20_000 + SEARCHED_BYTES));
            CliResult repaired = dogear.tryCli(repair);
            assertEquals(1, repaired.exit(), repaired.describe());
            assertTrue(repaired.out().contains("bookmark main/docs/lost refers to object "), repaired.describe());
            assertTrue(repaired.out().contains("\nother: sound, nothing done\n"), repaired.describe());
            assertTrue(repaired.out().contains("The damaged files are kept in "), repaired.describe());
            dogear.restart();
            assertThrows(IOException.class, () -> Files.readAllBytes(main.resolve("docs/lost")));
            assertEquals("sound", Files.readString(main.resolve("sound")));
            Files.write(main.resolve("the same"), content);
            checkpoint(dogear, "main");
            assertArrayEquals(content, Files.readAllBytes(main.resolve("docs/lost")));
        }
    }

    private static void closeUnsound(RunningDogear dogear) {
        AssertionError closing = assertThrows(AssertionError.class, dogear::close);
        assertTrue(String.valueOf(closing.getMessage()).contains("check: "), closing.getMessage());
        assertTrue(!String.valueOf(closing.getMessage()).contains("still"), closing.getMessage());
    }

    /** Changes one byte where those bytes are, in table files only; they must be found. */
    private static void flip(Path data, byte[] wanted) throws IOException {
        String needle = new String(wanted, ISO_8859_1);
        for (Path file : files(data, "data.mdb")) {
            int at = new String(Files.readAllBytes(file), ISO_8859_1).indexOf(needle);
            if (at >= 0) {
                try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
                    opened.seek(at + wanted.length / 2);
                    opened.write(wanted[wanted.length / 2] ^ 0x10);
                }
                return;
            }
        }
        fail("not stored in any table of " + files(data, ".mdb"));
    }

    /** Said at the first use of each repository that has one; the others are as they were, and the daemon starts and ends well. */
    @Test
    void aTruncatedTableIsAClearError() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "sound");
            Path file = dogear.mount().resolve("sound/main/file");
            Files.writeString(file, "sound");
            for (int i = 0; i < 2 * CUTS; i++) {
                makeRepository(dogear, "app" + i);
            }
            Map<String, List<Path>> tables = new LinkedHashMap<>();
            for (int i = 0; i < 2 * CUTS; i++) {
                tables.put("app" + i, tables(dogear, "app" + i));
            }
            dogear.cli("down");
            Map<Path, byte[]> whole = new LinkedHashMap<>();
            int cut = 0;
            for (List<Path> each : tables.values()) {
                Path table = each.get(cut % 2);
                byte[] content = Files.readAllBytes(table);
                whole.put(table, content);
                int[] lengths = {0, 100, 4096, 8192, content.length / 2, content.length - 4096};
                assertEquals(CUTS, lengths.length);
                Files.write(table, Arrays.copyOf(content, lengths[cut / 2]));
                cut++;
            }
            dogear.restart();
            List<Path> damaged = List.copyOf(whole.keySet());
            for (int i = 0; i < damaged.size(); i++) {
                refusesTheRepository(dogear, "app" + i, damaged.get(i));
            }
            String status = dogear.cli("status");
            assertTrue(status.contains("sound/main"), status);
            for (int i = 0; i < damaged.size(); i++) {
                assertTrue(
                        status.contains("app" + i + " is read-only: ") && status.contains("" + damaged.get(i)), status);
            }
            assertEquals("sound", Files.readString(file));
            dogear.cli("down");
            for (Map.Entry<Path, byte[]> each : whole.entrySet()) {
                Files.write(each.getKey(), each.getValue());
            }
            dogear.restart();
            for (String app : tables.keySet()) {
                byte[] read = Files.readAllBytes(dogear.mount().resolve(app + "/main/f3"));
                assertArrayEquals(randomBytes(3, 30_000), read, app);
            }
        }
    }

    private static void makeRepository(RunningDogear dogear, String name) throws IOException {
        dogear.call("POST", "/v1/local/repos", Map.of("name", name));
        for (int i = 0; i < 20; i++) {
            Files.write(dogear.mount().resolve(name + "/main/f" + i), randomBytes(i, 30_000));
        }
        dogear.call("POST", "/v1/local/" + name + "/bookmarks/main/checkpoint", Map.of("message", "x"));
    }

    private static List<Path> tables(RunningDogear dogear, String name) throws IOException {
        String id = dogear.call("GET", "/v1/local/" + name, null).get("id").asText();
        List<Path> tables = files(dogear.data(), "data.mdb").stream()
                .filter(path -> path.toString().contains(id))
                .toList();
        assertEquals(2, tables.size(), tables.toString());
        return tables;
    }

    private static void refusesTheRepository(RunningDogear dogear, String name, Path table) throws IOException {
        String when = table + " cut to " + Files.size(table);
        UnixHttp.Answer answer = dogear.tryCall("GET", "/v1/local/" + name + "/bookmarks", null);
        String body = new String(answer.body(), ISO_8859_1);
        assertEquals(500, answer.status(), when + ": " + body);
        assertTrue(body.contains("CORRUPT") && body.contains(table.toString()), when + ": " + body);
        Path file = dogear.mount().resolve(name + "/main/f3");
        assertThrows(IOException.class, () -> Files.readAllBytes(file), when);
    }

    @Test
    void aTornJournalTailIsCutToAPrefix() throws IOException {
        SplittableRandom random = new SplittableRandom(Long.getLong("dogear.seed", 5));
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "app");
            Path main = dogear.mount().resolve("app/main");
            int first = 0;
            for (int round = 0; round < 3; round++) {
                for (int i = first; i < first + OPERATIONS; i++) {
                    Files.write(main.resolve(name(i)), randomBytes(i, 500));
                }
                dogear.kill9();
                tear(dogear.data(), random);
                dogear.restart();
                List<Integer> found = found(main);
                assertTrue(found.size() >= first, "only " + found);
                for (int i = 0; i < found.size(); i++) {
                    assertEquals(i, found.get(i), "no prefix: " + found);
                    boolean last = i == found.size() - 1;
                    byte[] content = Files.readAllBytes(main.resolve(name(i)));
                    if (!last || content.length > 0) {
                        assertArrayEquals(randomBytes(i, 500), content, name(i));
                    }
                }
                if (!found.isEmpty()) {
                    Files.write(main.resolve(name(found.size() - 1)), randomBytes(found.size() - 1, 500));
                }
                first = found.size();
                checkpoint(dogear, "main");
            }
        }
    }

    private static String name(int i) {
        return String.format("file%06d", i);
    }

    private static List<Integer> found(Path main) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (Stream<Path> list = Files.list(main)) {
            list.map(path -> Integer.parseInt(path.getFileName().toString().substring(4)))
                    .sorted()
                    .forEach(found::add);
        }
        return found;
    }

    /** Takes away a part of what was appended last, as a power cut does: zeroes, or nonsense. */
    private static void tear(Path data, SplittableRandom random) throws IOException {
        List<Path> segments = files(data, "").stream()
                .filter(path -> path.toString().contains("/journal/"))
                .toList();
        Path newest = segments.get(0);
        for (Path each : segments) {
            if (Files.getLastModifiedTime(each).compareTo(Files.getLastModifiedTime(newest)) > 0) {
                newest = each;
            }
        }
        byte[] bytes = Files.readAllBytes(newest);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        int from = Math.max(0, end - 1 - random.nextInt(3_000));
        for (int i = from; i < end; i++) {
            bytes[i] = random.nextBoolean() ? 0 : bytes[i];
        }
        Files.write(newest, bytes);
    }
}
