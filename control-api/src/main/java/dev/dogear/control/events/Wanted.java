package dev.dogear.control.events;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.store.change.Operation;
import dev.dogear.store.config.Glob;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which events a follower wants.
 *
 * @param caller who follows, and hears nothing of bookmarks he does not see
 * @param bookmark a pattern of names
 * @param kinds empty for all
 */
record Wanted(Caller caller, String bookmark, ImmutableSet<String> kinds) {
    /** How many edits a bookmark has; no operation, so without a number. */
    static final String EDITS = "edits";

    /** That a merge stored conflicts, or was refused for them; without a number of its own. */
    static final String CONFLICT = "conflict";

    private static final Set<String> KINDS = Arrays.stream(Operation.Kind.values())
            .map(kind -> kind.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());

    static Wanted of(Call call) {
        String kinds = call.query("kind").orElse("");
        for (String kind : Splitter.on(',').omitEmptyStrings().split(kinds)) {
            if (!kind.equals(EDITS) && !kind.equals(CONFLICT) && !KINDS.contains(kind)) {
                throw ApiException.invalid(
                        "There are no events of the kind " + kind + "; there are edits, conflict and "
                                + KINDS.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        return new Wanted(
                call.caller(),
                call.query("bookmark").orElse("*"),
                ImmutableSet.copyOf(Splitter.on(',').omitEmptyStrings().split(kinds)));
    }

    boolean takes(Operation operation) {
        String kind = operation.kind().name().toLowerCase(Locale.ROOT);
        return (kinds.isEmpty() || kinds.contains(kind))
                && operation.moves().stream().allMatch(move -> caller.sees(move.bookmark()))
                && operation.moves().stream().anyMatch(move -> takes(move.bookmark()));
    }

    boolean takes(String name) {
        return caller.sees(name) && Glob.matches(bookmark, name);
    }

    /** @param source the bookmark that was to be merged into it */
    boolean takesConflict(String bookmarkName, String source) {
        return takesConflicts() && takes(bookmarkName) && caller.sees(source);
    }

    boolean takesConflicts() {
        return kinds.isEmpty() || kinds.contains(CONFLICT);
    }

    boolean takesEdits() {
        return kinds.isEmpty() || kinds.contains(EDITS);
    }
}
