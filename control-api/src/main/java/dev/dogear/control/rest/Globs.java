package dev.dogear.control.rest;

import java.util.regex.Pattern;

/** Patterns of bookmark names. */
public final class Globs {
    private Globs() {}

    /** {@code *} is any text, slashes in it too, {@code ?} one character. */
    public static Pattern pattern(String glob) {
        StringBuilder pattern = new StringBuilder();
        glob.codePoints()
                .forEach(c -> pattern.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c))));
        return Pattern.compile(pattern.toString(), Pattern.DOTALL);
    }
}
