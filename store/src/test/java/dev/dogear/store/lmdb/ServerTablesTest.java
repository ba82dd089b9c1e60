package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerTablesTest {
    @TempDir
    Path folder;

    @Test
    void rowsAndCountersLastOverReopening() {
        try (ServerTables tables = open()) {
            tables.put(ServerTables.Name.REPOSITORIES, utf8("b"), utf8("two"));
            tables.put(ServerTables.Name.REPOSITORIES, utf8("a"), utf8("one"));
            tables.put(ServerTables.Name.REPOSITORIES, utf8("c"), utf8("three"));
            tables.delete(ServerTables.Name.REPOSITORIES, utf8("b"));
            assertTrue(tables.putIfAbsent(ServerTables.Name.REPOSITORIES, utf8("d"), utf8("four")));
            assertFalse(tables.putIfAbsent(ServerTables.Name.REPOSITORIES, utf8("d"), utf8("five")));
        }
        try (ServerTables tables = open()) {
            assertArrayEquals(utf8("one"), tables.get(ServerTables.Name.REPOSITORIES, utf8("a")));
            assertNull(tables.get(ServerTables.Name.REPOSITORIES, utf8("b")));
            assertEquals(List.of("a", "c", "d"), keys(tables, "a", false));
            assertEquals(List.of("d", "c", "a"), keys(tables, "z", true));
            assertEquals(List.of(), keys(tables, "e", false));
        }
    }

    @Test
    void aMissingFileIsNotMadeAnew() throws IOException {
        open().close();
        Files.delete(folder.resolve("server/data.mdb"));
        assertThrows(StoreException.class, this::open);
    }

    private static List<String> keys(ServerTables tables, String from, boolean backwards) {
        List<String> found = new ArrayList<>();
        tables.scan(ServerTables.Name.REPOSITORIES, utf8(from), backwards, (key, value) -> {
            found.add(new String(key, UTF_8));
            return true;
        });
        return found;
    }

    private ServerTables open() {
        return ServerTables.open(folder.resolve("server"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
