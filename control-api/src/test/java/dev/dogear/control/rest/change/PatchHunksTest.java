package dev.dogear.control.rest.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

final class PatchHunksTest {
    @Test
    void readsLinesByTheCountsOfTheirHunk() {
        PatchHunks hunks = PatchHunks.parse("""
                diff --git a/x b/x
                --- a/x
                +++ b/x
                @@ -1,3 +1,3 @@
                 one
                --- two
                +++ deux
                 three
                @@ -9 +9,2 @@ context
                -nine
                +neuf
                +dix
                \\ No newline at end of file
                """);
        assertEquals(3, hunks.additions());
        assertEquals(2, hunks.deletions());
        JsonNode first = hunks.view().get(0);
        assertEquals("-- two", first.path("lines").get(1).path("text").asText());
        assertEquals("deleted", first.path("lines").get(1).path("kind").asText());
        JsonNode second = hunks.view().get(1);
        assertEquals(1, second.path("old_lines").asInt());
        assertEquals(2, second.path("new_lines").asInt());
        assertEquals("annotation", second.path("lines").get(3).path("kind").asText());
    }

    @Test
    void saysWhenThereAreOnlyBytes() {
        assertTrue(PatchHunks.parse("diff --git a/x b/x\nBinary files a/x and b/x differ\n")
                .isBinary());
    }
}
