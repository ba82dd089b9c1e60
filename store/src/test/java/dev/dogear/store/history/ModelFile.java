package dev.dogear.store.history;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@link HistoryModel} as a text: what it shows ({@link LiveFiles#states} says the same of a workspace), and behind
 * a # which file it is, as a rename keeps it.
 */
// Null is a conflict, which is neither a file nor none.
@SuppressWarnings("NullableOptional")
final class ModelFile {
    private static int numbers;

    private ModelFile() {}

    static String directory() {
        return numbered("");
    }

    static String file(boolean executable, String text) {
        return numbered((executable ? "x " : "- ") + text);
    }

    static String link(String target) {
        return numbered("-> " + target);
    }

    private static String numbered(String state) {
        return state + "#" + numbers++;
    }

    /** Another file that shows the same. */
    static String again(String file) {
        return numbered(state(file));
    }

    /** The same file with another state. */
    static String with(String file, String state) {
        return state + file.substring(file.indexOf('#'));
    }

    static String state(String file) {
        return file.substring(0, file.indexOf('#'));
    }

    static boolean isFile(@Nullable String file) {
        return file != null && (file.startsWith("x ") || file.startsWith("- "));
    }

    /** What a tree shows. */
    static SortedMap<String, String> shown(Map<String, String> tree) {
        SortedMap<String, String> shown = new TreeMap<>();
        tree.forEach((path, file) -> shown.put(path, state(file)));
        return shown;
    }

    /** Whether a side only added, edited and deleted files, and added directories. */
    static boolean isPlain(Map<String, String> base, Map<String, String> side) {
        Map<String, String> places = new HashMap<>();
        base.forEach((path, file) -> places.put(number(file), path));
        return base.keySet().stream().allMatch(path -> !path.endsWith("/") || side.containsKey(path))
                && fit(base, side)
                && side.entrySet().stream().allMatch(each -> places.getOrDefault(number(each.getValue()), each.getKey())
                        .equals(each.getKey()));
    }

    /** Whether nothing is a directory in one and a file in the other. */
    static boolean fit(Map<String, String> left, Map<String, String> right) {
        return left.keySet().stream()
                .noneMatch(path ->
                        right.containsKey(path.endsWith("/") ? path.substring(0, path.length() - 1) : path + "/"));
    }

    private static String number(String file) {
        return file.substring(file.indexOf('#'));
    }

    private static @Nullable String stateOf(@Nullable String file) {
        return file == null ? null : state(file);
    }

    /** Of one path; null if there is no single answer. */
    static @Nullable Optional<String> merged(@Nullable String base, @Nullable String ours, @Nullable String theirs) {
        @Nullable String was = stateOf(base);
        @Nullable String left = stateOf(ours);
        @Nullable String right = stateOf(theirs);
        if (Objects.equals(was, right) || Objects.equals(left, right)) {
            return Optional.ofNullable(ours);
        } else if (Objects.equals(was, left)) {
            return Optional.ofNullable(theirs);
        }
        boolean files = isFile(base) && isFile(ours) && isFile(theirs);
        if (!files || base == null || ours == null || theirs == null) {
            return null;
        }
        // Both edited a file: the mode and the text by themselves.
        @Nullable String mode = mergedPart(base.substring(0, 2), ours.substring(0, 2), theirs.substring(0, 2));
        @Nullable
        String text = mergedPart(
                state(base).substring(2),
                state(ours).substring(2),
                state(theirs).substring(2));
        return mode == null || text == null ? null : Optional.of(with(ours, mode + text));
    }

    private static @Nullable String mergedPart(String was, String left, String right) {
        return was.equals(right) || left.equals(right) ? left : was.equals(left) ? right : null;
    }
}
