package dev.dogear.store.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*, session/1",
        "session/*, session/1/2",
        "s?ssion/*, session/",
        "*a*b, xaxbxb",
        "?, 🔖",
        "*?, 🔖",
        "a?b?, a🔖bé",
        "[x], [x]"
    })
    void takesTheWholeName(String pattern, String name) {
        assertTrue(Glob.matches(pattern, name));
    }

    @ParameterizedTest
    @CsvSource({"'', x", "session/*, session", "?, ''", "??, 🔖", "*??, 🔖", "?*?, 🔖", "*a, xab", "[x], x"})
    void takesNoOther(String pattern, String name) {
        assertFalse(Glob.matches(pattern, name));
    }

    @Test
    void manyStarsTakeNoLonger() {
        assertFalse(Glob.matches("*a".repeat(200) + "b", "a".repeat(10_000)));
    }
}
