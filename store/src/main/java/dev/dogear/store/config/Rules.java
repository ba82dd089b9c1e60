package dev.dogear.store.config;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Metadata;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/** What settings refuse, with the words for it. */
public final class Rules {
    private static final String STANDARD_BOOKMARK = "main";

    private Rules() {}

    /**
     * Whether there may be another bookmark, of that name.
     *
     * @param bookmarks how many there are; asked only if there is a limit
     * @throws StoreException INVALID, LIMIT
     */
    public static void requireBookmark(Config config, String name, IntSupplier bookmarks) {
        boolean any = name.equals(STANDARD_BOOKMARK)
                || config.list(Setting.BOOKMARK_NAMES).isEmpty();
        if (!any && !config.matches(Setting.BOOKMARK_NAMES, name)) {
            throw new StoreException(
                    Kind.INVALID,
                    "New bookmarks of this repository are named "
                            + String.join(" or ", config.list(Setting.BOOKMARK_NAMES)) + ", not " + name
                            + " (setting bookmark.names)");
        }
        long most = config.number(Setting.BOOKMARKS);
        if (most < Long.MAX_VALUE && bookmarks.getAsInt() >= most) {
            throw new StoreException(
                    Kind.LIMIT,
                    "There are " + bookmarks.getAsInt() + " bookmarks and there may be " + most
                            + ": delete or merge one, or raise the setting bookmarks");
        }
    }

    /** @throws StoreException INVALID, with the metadata that a change's message has not and what to do */
    public static void requireMetadata(Config config, String message) {
        List<String> required = config.list(Setting.METADATA);
        if (required.isEmpty()) {
            return;
        }
        Set<String> given = Metadata.parse(message).entrySet().stream()
                .filter(entry -> !entry.getValue().isBlank())
                .map(entry -> entry.getKey().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        String missing = required.stream()
                .filter(key -> !given.contains(key.toLowerCase(Locale.ROOT)))
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            throw new StoreException(
                    Kind.INVALID,
                    "The metadata " + missing
                            + " is missing, which this repository asks for: give it with --meta KEY=VALUE,"
                            + " in the field metadata, or as lines KEY: VALUE after an empty one at the message's end");
        }
    }
}
