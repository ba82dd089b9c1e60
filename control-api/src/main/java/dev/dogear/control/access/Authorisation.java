package dev.dogear.control.access;

import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.Key;
import dev.dogear.control.auth.Keys;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Access.Where;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Guard;
import dev.dogear.control.http.Route;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.config.Form;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks every request against what its route asks for.
 *
 * <p>What a key does not know of is not there for it: it gets the same 404 as for a name nobody has. What it sees but may
 * not change is a 403. A whole change id is 128 random bits: who has one was told it, so within a repository it may be
 * looked at by those who see the repository; the beginning of one may not.
 */
public final class Authorisation implements Guard {
    private static final String SCHEME = "bearer ";
    private static final String ENDED = "This key is none, was revoked or has expired.";
    private static final Pattern STEPS_BACK = Pattern.compile("(.+)~(\\d{1,6})");

    private final Keys keys;
    private final Store store;
    private final AuditLog audit;
    private final Pace pace = new Pace(System::nanoTime);

    public Authorisation(Keys keys, Store store, AuditLog audit) {
        this.keys = keys;
        this.store = store;
        this.audit = audit;
    }

    @Override
    public Caller caller(@Nullable String user, @Nullable String authorization) {
        if (authorization == null) {
            if (user == null) {
                throw unauthenticated(
                        "A key is needed here: Authorization: Bearer KEY. Make one with: dogear key create");
            }
            return Caller.peer(user);
        }
        boolean bearer = authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME);
        Key key = bearer ? keys.find(authorization.substring(SCHEME.length()).strip()) : null;
        if (key == null) {
            // Which of the reasons it is would tell a thief something.
            throw unauthenticated(ENDED);
        }
        return Caller.keyed(user, key);
    }

    private static ApiException unauthenticated(String text) {
        return new ApiException(401, "UNAUTHENTICATED", text);
    }

    /** Who looks after the daemon gets through: they may have to set another rate. */
    @Override
    public void admitPace(Caller caller, Route route) {
        Form.Rate rate = store.settings().now().rate(Setting.RATE);
        boolean open = route.access().scope() == null;
        boolean care = caller.scope() == Scope.ADMIN && route.access().where() == Where.HOST;
        if (rate != null && !open && !care) {
            pace.require(caller.identity(), rate);
        }
    }

    @Override
    public int bodyBytesMax() {
        return (int) store.settings().now().number(Setting.REQUEST_BYTES);
    }

    @Override
    public boolean isStillGood(Caller caller) {
        return caller.key() == null || caller.equals(Caller.NOBODY) || keys.isActive(caller.key());
    }

    @Override
    public void admit(Call call, Access access) {
        Caller caller = call.caller();
        Scope needed = access.scope();
        if (needed == null) {
            return;
        }
        // Its body may have been long in coming.
        if (!isStillGood(caller)) {
            throw unauthenticated(ENDED);
        }
        if (!caller.scope().covers(needed)) {
            throw forbidden("This takes the scope " + needed.text() + "; this key has "
                    + caller.scope().text() + ".");
        }
        String repository = access.where() == Where.REPOSITORY ? call.path("repo") : null;
        if (repository != null) {
            requireRepository(caller, repository);
        }
        boolean limited = !caller.allBookmarks() || (repository == null && !caller.allRepositories());
        if (access.all() && limited) {
            throw forbidden("This key is limited to a part of what this is about.");
        }
        if (caller.key() == null) {
            return;
        }
        for (Access.Finder finder : access.finders()) {
            for (Touched touched : finder.find(call)) {
                requireTouched(caller, touched, repository);
            }
        }
    }

    private void requireRepository(Caller caller, String name) {
        if (caller.allRepositories()) {
            return;
        }
        String id = store.repositoryId(name);
        if (id == null || !caller.seesRepository(id)) {
            throw ApiException.notFound("There is no repository " + name);
        }
    }

    private void requireTouched(Caller caller, Touched touched, @Nullable String inPath) {
        String name = touched.repository() == null ? inPath : touched.repository();
        if (touched.repository() != null) {
            requireRepository(caller, touched.repository());
        }
        String text = touched.text();
        if (caller.allBookmarks()) {
            return;
        }
        switch (touched.kind()) {
            case ALL -> throw forbidden("This key is for single bookmarks of a repository, not for all of it.");
            case CHANGES -> requireChanges(caller, text);
            case SEES -> {
                if (text == null || !caller.sees(text)) {
                    throw ApiException.notFound("There is no bookmark " + text);
                }
            }
            case REVISION -> {
                if (text == null || name == null || !seesRevision(caller, store.repository(name), text)) {
                    throw ApiException.notFound("There is no bookmark or change " + text);
                }
            }
        }
    }

    private static void requireChanges(Caller caller, @Nullable String bookmark) {
        if (bookmark == null || !caller.changes(bookmark)) {
            Key key = caller.key();
            throw forbidden("This key changes only the bookmarks "
                    + (key == null ? "" : String.join(", ", key.limits().bookmarks())) + ".");
        }
    }

    /** Reads a revision as {@code Revisions} does. */
    private static boolean seesRevision(Caller caller, Repository repository, String text) {
        Matcher back = STEPS_BACK.matcher(text);
        String start = back.matches() ? back.group(1) : text;
        for (String name : start.startsWith("@") ? List.of(start, start.substring(1)) : List.of(start)) {
            if (repository.findBookmark(name).isPresent()) {
                return caller.sees(name);
            }
            if (isChangeId(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isChangeId(String text) {
        try {
            ChangeId.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Calls that change something, and the diffs and proposals that people decide by. */
    @Override
    public void answered(Call call, Route route, int status, long nanos) {
        boolean shown = route.pattern().get(route.pattern().size() - 1).equals("diff")
                || route.pattern().contains("{proposal}");
        if (route.isMutating() || shown) {
            audit.add(AuditEntry.of(call, route, status, nanos));
        }
    }

    private static ApiException forbidden(String text) {
        return new ApiException(403, "FORBIDDEN", text);
    }
}
