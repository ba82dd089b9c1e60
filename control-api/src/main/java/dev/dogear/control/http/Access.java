package dev.dogear.control.http;

import com.google.common.collect.ImmutableList;
import dev.dogear.control.auth.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to be let through to a route. Every route says so where it is named, and it is checked in one place before
 * the route sees the request.
 *
 * @param scope the least; null if the route tells nothing and needs no key
 * @param where what a key must know of
 * @param all whether a key limited to a part of that is refused; else a list shows such a key its part
 * @param finders which bookmarks the request touches
 */
public record Access(@Nullable Scope scope, Where where, boolean all, ImmutableList<Finder> finders) {
    /** What a route is about. */
    public enum Where {
        /** The daemon. */
        HOST,
        /** Several repositories; the route shows a caller those it sees. */
        ORGANIZATION,
        /** The repository that the path names. */
        REPOSITORY
    }

    /** A part of a request. */
    public enum In {
        PATH,
        QUERY,
        BODY
    }

    /**
     * A bookmark that a request touches.
     *
     * @param repository its repository's name; null for the one in the path
     * @param text its name; if it is a revision, anything a person would write for a change
     */
    public record Touched(
            @Nullable String repository, @Nullable String text, Kind kind) {
        /** What is done to it. */
        public enum Kind {
            /** The bookmark is looked at. */
            SEES,
            /** The bookmark is changed, made or deleted. */
            CHANGES,
            /** A state is looked at that some revision names. */
            REVISION,
            /** All of the repository is looked at, or, with a scope above read, changed. */
            ALL
        }
    }

    /** Reads from a request what it touches. */
    @FunctionalInterface
    public interface Finder {
        List<Touched> find(Call call);
    }

    /** For a route that tells nothing, not even to somebody unknown. */
    public static Access open() {
        return new Access(null, Where.HOST, false, ImmutableList.of());
    }

    /** For a route about the caller: any key will do. */
    public static Access anyKey() {
        return new Access(Scope.READ, Where.HOST, false, ImmutableList.of());
    }

    /** For a route about the daemon or its host: no key that is limited to a part. */
    public static Access host(Scope scope) {
        return new Access(scope, Where.HOST, true, ImmutableList.of());
    }

    /** For a route about several repositories, which leaves out those that the caller does not see. */
    public static Access organization(Scope scope) {
        return new Access(scope, Where.ORGANIZATION, false, ImmutableList.of());
    }

    /** For a route about the repository in the path, which leaves out bookmarks that the caller does not see. */
    public static Access repository(Scope scope) {
        return new Access(scope, Where.REPOSITORY, false, ImmutableList.of());
    }

    /** For a route about the bookmark in the path: looked at if the scope is read, else changed. */
    public static Access bookmark(Scope scope) {
        Access access = repository(scope);
        return scope == Scope.READ ? access.sees(In.PATH, "bookmark") : access.changes(In.PATH, "bookmark");
    }

    /** Refuses a key that is limited to a part of it. */
    public Access whole() {
        return new Access(scope, where, true, finders);
    }

    /** The request looks at the bookmark named there, if any is. */
    public Access sees(In in, String field) {
        return touching(in, field, Touched.Kind.SEES);
    }

    /** The request changes the bookmark named there, if any is. */
    public Access changes(In in, String field) {
        return touching(in, field, Touched.Kind.CHANGES);
    }

    /** The request looks at the state named there, by a bookmark or a change id, if any is. */
    public Access revision(In in, String field) {
        return touching(in, field, Touched.Kind.REVISION);
    }

    private Access touching(In in, String field, Touched.Kind kind) {
        return touching(call -> {
            String text = text(call, in, field);
            return text == null ? List.of() : List.of(new Touched(null, text, kind));
        });
    }

    /** The request touches what is found so. */
    public Access touching(Finder finder) {
        return new Access(
                scope,
                where,
                all,
                ImmutableList.<Finder>builder().addAll(finders).add(finder).build());
    }

    private static @Nullable String text(Call call, In in, String field) {
        return switch (in) {
            case PATH -> call.path(field);
            case QUERY -> call.query(field).orElse(null);
            case BODY -> call.body().text(field).orElse(null);
        };
    }
}
