package dev.dogear.control.auth;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.change.Person;
import dev.dogear.store.config.Glob;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request, and what they may do: by the socket alone everything, with a key what the key is good for.
 *
 * @param name what the operation log and a change without an author say
 * @param user who is at the other end of the socket; null on a network connection
 * @param key the key that came with the request; null without one
 */
public record Caller(
        String name, @Nullable String user, @Nullable Key key) {
    /** Somebody unknown, who may not do anything. */
    public static final Caller NOBODY = keyed(
            null,
            new Key(
                    "",
                    "nobody",
                    "",
                    new Key.Limits(Scope.READ, ImmutableList.of(), ImmutableList.of(), ImmutableList.of()),
                    ImmutableSortedMap.of(),
                    new Key.Times(Instant.EPOCH, null, null, null)));

    /** By the socket alone. */
    public static Caller peer(String user) {
        return new Caller(user, user, null);
    }

    /** The same connection with a key: never more than the key allows. */
    public static Caller keyed(@Nullable String user, Key key) {
        return new Caller(key.by(), user, key);
    }

    /** Who its changes are by: the key's name with its tag {@code email}; null without a key that has a name. */
    public @Nullable Person author() {
        String known = key == null ? null : key.name();
        if (key == null || known == null) {
            return null;
        }
        String email = key.tags().get("email");
        return new Person(known, email == null ? known + "@localhost" : email);
    }

    /** Names the caller without doubt: what is compared where two must not be the same. */
    public String identity() {
        return key == null ? "user:" + user : "key:" + key.id();
    }

    /** The widest scope. */
    public Scope scope() {
        return key == null ? Scope.ADMIN : key.limits().scope();
    }

    /** Whether it is all repositories, those to come too. */
    public boolean allRepositories() {
        return key == null || key.limits().repositories() == null;
    }

    /** Whether it is all bookmarks of the repositories. */
    public boolean allBookmarks() {
        return key == null || key.limits().bookmarks() == null;
    }

    /** @param id of the repository, not its name: another may get that */
    public boolean seesRepository(String id) {
        ImmutableList<String> known = key == null ? null : key.limits().repositories();
        return known == null || known.contains(id);
    }

    /** Whether it may change a bookmark of that name, in a repository it sees. */
    public boolean changes(String bookmark) {
        ImmutableList<String> patterns = key == null ? null : key.limits().bookmarks();
        return patterns == null || patterns.stream().anyMatch(pattern -> Glob.matches(pattern, bookmark));
    }

    /** Whether it may know of a bookmark of that name, in a repository it sees. */
    public boolean sees(String bookmark) {
        return changes(bookmark)
                || (key != null && key.limits().seen().stream().anyMatch(pattern -> Glob.matches(pattern, bookmark)));
    }
}
