package dev.dogear.store.change;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The naming rules of repositories and bookmarks: each refusal says which rule was broken. */
public final class Names {
    /** The longest bookmark name, in bytes of UTF-8. */
    public static final int BOOKMARK_BYTES_MAX = 1024;

    /** The longest part of a bookmark name, in bytes of UTF-8: it becomes a directory name. */
    public static final int PART_BYTES_MAX = 255;

    /** The longest repository name, in characters. */
    public static final int REPOSITORY_CHARACTERS_MAX = 100;

    private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9_.-]{1," + REPOSITORY_CHARACTERS_MAX + "}");

    /** Words that are routes of the control API beside repository names. */
    private static final Set<String> RESERVED = Set.of(
            "repos",
            "api-keys",
            "webhook-targets",
            "whoami",
            "limits",
            "config",
            "status",
            "mounts",
            "check",
            "restart",
            "shutdown",
            "audit",
            "backup",
            "restore",
            ".",
            "..");

    private Names() {}

    /** @throws StoreException INVALID with the broken rule */
    public static String requireRepository(String name) {
        if (!REPOSITORY.matcher(name).matches()) {
            throw invalid("A repository name has 1 to 100 characters of a-z, 0-9, '-', '_' and '.': " + shown(name));
        }
        if (RESERVED.contains(name) || name.startsWith(".")) {
            throw invalid("This name is reserved, choose another one: " + name);
        }
        return name;
    }

    /** @throws StoreException INVALID with the broken rule */
    public static String requireBookmark(String name) {
        if (name.isEmpty()) {
            throw invalid("A bookmark name must not be empty.");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > BOOKMARK_BYTES_MAX) {
            throw invalid("A bookmark name has at most " + BOOKMARK_BYTES_MAX + " bytes.");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)
                || !Normalizer.isNormalized(name, Normalizer.Form.NFC)) {
            throw invalid("A bookmark name is Unicode text in its composed form (NFC): " + shown(name));
        }
        if (name.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
            throw invalid("A bookmark name has no control characters and no backslash: " + shown(name));
        }
        for (String part : name.split("/", -1)) {
            requirePart(name, part);
        }
        return name;
    }

    private static void requirePart(String name, String part) {
        if (part.isEmpty()) {
            throw invalid("A bookmark name has no empty part (no leading, trailing or double '/'): " + shown(name));
        }
        if (part.getBytes(StandardCharsets.UTF_8).length > PART_BYTES_MAX) {
            throw invalid("A part of a bookmark name has at most " + PART_BYTES_MAX + " bytes: " + shown(name));
        }
        if ("-.@".indexOf(part.charAt(0)) >= 0) {
            throw invalid("A part of a bookmark name does not begin with '-', '.' or '@': " + shown(name));
        }
        if (part.endsWith(".lock")) {
            throw invalid("A part of a bookmark name does not end in '.lock': " + shown(name));
        }
    }

    private static StoreException invalid(String text) {
        return new StoreException(Kind.INVALID, text);
    }

    /** The name as it may stand in a message: control characters made visible, cut where it is long. */
    private static String shown(String name) {
        StringBuilder text = new StringBuilder();
        name.chars().limit(PART_BYTES_MAX).forEach(c -> {
            if (Character.isISOControl(c)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        return text.toString();
    }
}
