package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Names;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is to be different about a repository.
 *
 * @param name another name, null for the one it has
 * @param defaultBookmark another one, null for the one it has
 * @param set tags to be written
 * @param removed tags to be taken off
 */
public record RepositoryUpdate(
        @Nullable String name,
        @Nullable String defaultBookmark,
        ImmutableMap<String, String> set,
        ImmutableSet<String> removed) {
    public static final int TAGS_MAX = 64;
    public static final int TAG_KEY_CHARACTERS_MAX = 128;
    public static final int TAG_VALUE_CHARACTERS_MAX = 1024;

    /** Changes tags alone. */
    public static RepositoryUpdate ofTags(ImmutableMap<String, String> set, ImmutableSet<String> removed) {
        return new RepositoryUpdate(null, null, set, removed);
    }

    /** @throws StoreException INVALID if no repository can have those tags */
    public void requireValid() {
        set.forEach((key, value) -> {
            require(
                    !key.isEmpty() && key.length() <= TAG_KEY_CHARACTERS_MAX,
                    "The key of a tag",
                    TAG_KEY_CHARACTERS_MAX);
            require(value.length() <= TAG_VALUE_CHARACTERS_MAX, "The value of a tag", TAG_VALUE_CHARACTERS_MAX);
        });
        requireCount(set.size());
    }

    private static void requireCount(int tags) {
        if (tags > TAGS_MAX) {
            throw new StoreException(Kind.INVALID, "A repository has at most " + TAGS_MAX + " tags");
        }
    }

    /** The row as it is to be. */
    public RepositoryRow apply(RepositoryRow row) {
        requireValid();
        TreeMap<String, String> tags = new TreeMap<>(row.tags());
        tags.putAll(set);
        tags.keySet().removeAll(removed);
        requireCount(tags.size());
        return new RepositoryRow(
                name == null ? row.name() : Names.requireRepository(name),
                row.id(),
                row.created(),
                defaultBookmark == null ? row.defaultBookmark() : defaultBookmark,
                ImmutableSortedMap.copyOf(tags));
    }

    private static void require(boolean right, String what, int most) {
        if (!right) {
            throw new StoreException(Kind.INVALID, what + " has at most " + most + " characters, and a key at least 1");
        }
    }
}
