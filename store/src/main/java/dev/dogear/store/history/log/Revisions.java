package dev.dogear.store.history.log;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the change a person means: a bookmark, a change id or a unique prefix of one (with or without {@code @} before
 * it), any of them with {@code ~n} for the n-th change before it.
 */
public final class Revisions {
    /** The shortest prefix of a change id that is looked up. */
    public static final int PREFIX_LETTERS_MIN = 4;

    private static final Pattern STEPS_BACK = Pattern.compile("(.+)~(\\d{1,6})");
    private static final Pattern CHANGE_LETTERS = Pattern.compile("[k-z]{" + PREFIX_LETTERS_MIN + ",32}");

    private final HistoryTables history;

    public Revisions(HistoryTables history) {
        this.history = history;
    }

    /** @throws StoreException NOT_FOUND or, for a prefix of several changes, INVALID */
    public Change resolve(String revision) {
        Matcher back = STEPS_BACK.matcher(revision);
        if (!back.matches()) {
            return named(revision);
        }
        Change change = named(back.group(1));
        for (int steps = Integer.parseInt(back.group(2)); steps > 0; steps--) {
            if (change.parents().isEmpty()) {
                throw new StoreException(Kind.NOT_FOUND, "The history does not go back that far: " + revision);
            }
            change = history.commit(change.parents().get(0));
        }
        return change;
    }

    private Change named(String text) {
        BookmarkState bookmark = history.bookmarks().get(text);
        if (bookmark != null) {
            return history.commit(bookmark.commit());
        }
        String bare = text.startsWith("@") ? text.substring(1) : text;
        Change change = byId(bare);
        BookmarkState named =
                change == null && !bare.equals(text) ? history.bookmarks().get(bare) : null;
        if (named != null) {
            change = history.commit(named.commit());
        }
        if (change == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no bookmark or change " + text);
        }
        return change;
    }

    private @Nullable Change byId(String letters) {
        if (!CHANGE_LETTERS.matcher(letters).matches()) {
            return null;
        }
        List<ChangeId> ids = history.changesWithPrefix(letters);
        if (ids.size() > 1) {
            throw new StoreException(
                    Kind.INVALID, "More than one change id begins with " + letters + ": give more of it");
        }
        return ids.isEmpty() ? null : history.change(ids.get(0));
    }
}
