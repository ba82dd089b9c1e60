package dev.dogear.control.auth;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is kept: everything but the key itself.
 *
 * @param id names it, and is its beginning
 * @param name what people call it; changes made with it are by that name
 * @param hash SHA-256 of the key, in hexadecimal digits
 * @param limits what it is good for
 * @param tags anything its owner notes
 * @param times when it was made and ends
 */
public record Key(
        String id,
        @Nullable String name,
        String hash,
        Limits limits,
        ImmutableSortedMap<String, String> tags,
        Times times) {
    /**
     * What a key is good for.
     *
     * @param repositories ids of those it knows of; null for all, those to come too
     * @param bookmarks patterns of the bookmarks it may change and see; null for all
     * @param seen patterns of the bookmarks it may see besides
     */
    public record Limits(
            Scope scope,
            @Nullable ImmutableList<String> repositories,
            @Nullable ImmutableList<String> bookmarks,
            ImmutableList<String> seen) {}

    /**
     * When.
     *
     * @param expires null for never
     * @param revoked null if it was not
     * @param used when it was last good for a request, give or take a minute; null for never
     */
    public record Times(
            Instant created,
            @Nullable Instant expires,
            @Nullable Instant revoked,
            @Nullable Instant used) {}

    /** What operations and changes made with it say. */
    public String by() {
        return name == null ? "key-" + id : name;
    }

    /** What it is at that time. */
    public Status status(Instant now) {
        if (times.revoked() != null) {
            return Status.REVOKED;
        }
        Instant expires = times.expires();
        return expires != null && !now.isBefore(expires) ? Status.EXPIRED : Status.ACTIVE;
    }

    Key with(Times changed) {
        return new Key(id, name, hash, limits, tags, changed);
    }

    Key with(ImmutableSortedMap<String, String> changed) {
        return new Key(id, name, hash, limits, changed, times);
    }

    /** Whether a key still opens anything. */
    public enum Status {
        ACTIVE,
        REVOKED,
        EXPIRED
    }
}
