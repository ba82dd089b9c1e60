package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.tree.TreePath;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a change must be to be found in a log. Null, or empty, asks for nothing.
 *
 * @param paths it changed one of these files, or something below one of these directories
 * @param author part of a name or mail address of an author, in any case
 * @param message part of the message, in any case
 * @param metadata trailers it has
 * @param since made then or later
 * @param until made before
 */
public record LogQuery(
        ImmutableList<TreePath> paths,
        @Nullable String author,
        @Nullable String message,
        ImmutableMap<String, String> metadata,
        @Nullable Instant since,
        @Nullable Instant until) {
    /** Every change. */
    public static final LogQuery ALL = new LogQuery(ImmutableList.of(), null, null, ImmutableMap.of(), null, null);

    /** Whether a change is as asked for, but for the paths. */
    public boolean matches(Change change) {
        return (since == null || !change.created().isBefore(since))
                && (until == null || change.created().isBefore(until))
                && (author == null || change.authors().stream().anyMatch(person -> contains(person.toString(), author)))
                && (message == null || contains(change.message(), message))
                && hasMetadata(change);
    }

    private boolean hasMetadata(Change change) {
        if (metadata.isEmpty()) {
            return true;
        }
        Map<String, String> there = Metadata.parse(change.message());
        return metadata.entrySet().stream().allMatch(wanted -> wanted.getValue().equals(there.get(wanted.getKey())));
    }

    private static boolean contains(String text, String part) {
        return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }
}
