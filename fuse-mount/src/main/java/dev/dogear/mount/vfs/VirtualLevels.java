package dev.dogear.mount.vfs;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.hash.Hashing;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.NodeAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directories above bookmarks: the mount's root lists repositories, a repository lists its bookmarks, whose names may
 * have parts in between ({@code session/42}). Nothing can be changed in them.
 *
 * <p>A level's id is made from its path, so that it is the same after a restart, and kept for life once it was given.
 * Bookmarks are read from the store at each question; only where a bookmark was found is remembered.
 */
final class VirtualLevels {
    private static final int MODE = 0555;

    /** Not 2 + subdirectories, which would mean opening each repository; 1 tells programs not to count on it. */
    private static final int LINKS = 1;

    /** Names that begin so are the history of a repository, read-only: found, but never listed. */
    private static final char PAST = '@';

    /** A change id after {@link #PAST}. */
    private static final int ID_LETTERS = 32;

    private static final int PAST_PLACES_MAX = 10_000;

    private final Store store;
    private final Remembered remembered;
    private final Attributes attributes;
    private final Level root = new Level(FileSystemCalls.ROOT, null, null, "");
    private final Map<Long, Level> byId = new ConcurrentHashMap<>();
    private final Map<String, Level> byPath = new ConcurrentHashMap<>();
    private final Map<Integer, Place> places = new ConcurrentHashMap<>();
    private final Cache<Integer, Place> pastPlaces =
            CacheBuilder.newBuilder().maximumSize(PAST_PLACES_MAX).build();

    /**
     * One directory.
     *
     * @param repository null of the mount's root
     * @param prefix of the names of bookmarks below: empty or ended by {@code /}
     */
    record Level(long id, @Nullable Level above, @Nullable String repository, String prefix) {}

    /** Where a bookmark is. */
    private record Place(String repository, String bookmark) {}

    /** What a name in a level means: another level, or else the directory of a bookmark. */
    record Child(@Nullable Level level, int bookmark) {
        long inode() {
            return level != null ? level.id : NodeIds.of(bookmark, TreeEntry.ROOT_FILE_ID);
        }
    }

    VirtualLevels(Store store, int uid, int gid, Timestamp since, Remembered remembered) {
        this.store = store;
        this.remembered = remembered;
        this.attributes = new Attributes(MODE, uid, gid, since, since, Xattrs.NONE);
        byId.put(root.id, root);
        byPath.put(path(null, ""), root);
    }

    /** The level of that id, or null. */
    @Nullable
    Level level(long id) {
        Level known = byId.get(id);
        return known != null ? known : recalled(id);
    }

    /** A level the kernel knows from an earlier daemon. */
    private @Nullable Level recalled(long id) {
        byte[] path = remembered.level(id);
        if (path == null) {
            return null;
        }
        String text = new String(path, StandardCharsets.UTF_8);
        int slash = text.indexOf('/');
        return add(text.substring(0, slash), text.substring(slash + 1), id);
    }

    /** What stat tells of the level. */
    NodeAttributes attributes(Level level) {
        return shown(level.id);
    }

    /** Attributes that any directory of ours may have: of a bookmark only inode and type are right. */
    NodeAttributes shown(long inode) {
        return new NodeAttributes(inode, EntryType.DIRECTORY, attributes, attributes.mtime(), LINKS, 0, 0, 0);
    }

    /** What the name means in that level, or null. */
    @Nullable
    Child child(Level level, byte[] bytes) {
        String name = utf8(bytes);
        if (name == null) {
            return null;
        }
        if (level.repository == null) {
            return store.repositoryNames().contains(name) ? new Child(enter(name, ""), 0) : null;
        }
        Repository repository = repository(level.repository);
        if (repository == null) {
            return null;
        }
        String path = level.prefix + name;
        return path.charAt(0) == PAST ? pastOrLevel(repository, path) : bookmarkOrLevel(repository, path);
    }

    /** Whether the name is one of history. */
    static boolean isPast(byte[] name) {
        return name.length > 0 && name[0] == PAST;
    }

    /**
     * Whether a name may lead elsewhere the next time though nobody tells the kernel: all of history do, but for a whole change
     * id. Of that the kernel is told, should the change be amended.
     */
    static boolean isPassing(String prefix, byte[] name) {
        if (!prefix.isEmpty() && prefix.charAt(0) == PAST) {
            return true;
        }
        if (!isPast(name)) {
            return false;
        }
        for (int i = 1; i < name.length; i++) {
            if (name[i] < 'k' || name[i] > 'z') {
                return true;
            }
        }
        return name.length != 1 + ID_LETTERS;
    }

    /** Names and meanings of all that is in the level. */
    Map<String, Child> children(Level level) {
        Map<String, Child> children = new TreeMap<>();
        if (level.repository == null) {
            store.repositoryNames().forEach(name -> children.put(name, new Child(enter(name, ""), 0)));
            return children;
        }
        Repository repository = repository(level.repository);
        if (repository == null) {
            return children;
        }
        for (Bookmark bookmark : repository.bookmarksStartingWith(level.prefix)) {
            String rest = bookmark.name().substring(level.prefix.length());
            int slash = rest.indexOf('/');
            if (slash < 0) {
                children.put(rest, found(repository.name(), bookmark));
            } else {
                String part = rest.substring(0, slash);
                children.computeIfAbsent(
                        part, key -> new Child(enter(repository.name(), level.prefix + part + "/"), 0));
            }
        }
        return children;
    }

    /** The level above a bookmark's directory; the mount's root if the bookmark was never found by name. */
    Level above(int bookmark) {
        Place known = places.get(bookmark);
        Place place = known != null ? known : pastPlaces.getIfPresent(bookmark);
        if (place == null) {
            return root;
        }
        return enter(place.repository, prefix(place.bookmark));
    }

    private @Nullable Child bookmarkOrLevel(Repository repository, String name) {
        Optional<Bookmark> bookmark = repository.findBookmark(name);
        if (bookmark.isPresent()) {
            return found(repository.name(), bookmark.get());
        }
        String below = name + "/";
        return repository.isBookmarkStartingWith(below) ? new Child(enter(repository.name(), below), 0) : null;
    }

    /** @param path as a revision, which may have parts as a bookmark has */
    private @Nullable Child pastOrLevel(Repository repository, String path) {
        try {
            int number = repository.past(repository.resolve(path)).number();
            pastPlaces.put(number, new Place(repository.name(), path));
            return new Child(null, number);
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.NOT_FOUND && e.kind() != StoreException.Kind.INVALID) {
                throw e;
            }
        }
        String below = path.substring(1) + "/";
        return repository.isBookmarkStartingWith(below) ? new Child(enter(repository.name(), PAST + below), 0) : null;
    }

    private Child found(String repository, Bookmark bookmark) {
        places.put(bookmark.number(), new Place(repository, bookmark.name()));
        return new Child(null, bookmark.number());
    }

    private @Nullable Repository repository(String name) {
        try {
            return store.repository(name);
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.NOT_FOUND || e.kind() == StoreException.Kind.INVALID) {
                return null;
            }
            throw e;
        }
    }

    /** The level of that path, made known if it was not. */
    private Level enter(String repository, String prefix) {
        Level known = byPath.get(path(repository, prefix));
        return known != null ? known : add(repository, prefix, 0);
    }

    /** @param id to be given, 0 for any */
    private synchronized Level add(String repository, String prefix, long id) {
        String path = path(repository, prefix);
        Level known = byPath.get(path);
        if (known != null) {
            return known;
        }
        Level above = prefix.isEmpty() ? root : enter(repository, prefix(prefix.substring(0, prefix.length() - 1)));
        Level level = new Level(id != 0 ? id : freeId(path), above, repository, prefix);
        if (id == 0) {
            remembered.noteLevel(level.id, path.getBytes(StandardCharsets.UTF_8));
        }
        byId.put(level.id, level);
        byPath.put(path, level);
        return level;
    }

    /** From the path, so that it is the same after a restart; the next free one in the rare case that two meet. */
    private long freeId(String path) {
        int hash = Hashing.sipHash24().hashString(path, StandardCharsets.UTF_8).asInt();
        long id = Integer.toUnsignedLong(hash);
        while (id <= FileSystemCalls.ROOT || byId.containsKey(id) || isOther(id, path)) {
            id = (id + 1) & 0xffff_ffffL;
        }
        return id;
    }

    private boolean isOther(long id, String path) {
        byte[] known = remembered.level(id);
        return known != null && !path.equals(new String(known, StandardCharsets.UTF_8));
    }

    /** What the name of a bookmark begins with, up to its last {@code /}; empty if there is none. */
    private static String prefix(String bookmark) {
        return bookmark.substring(0, bookmark.lastIndexOf('/') + 1);
    }

    private static String path(@Nullable String repository, String prefix) {
        return repository == null ? "" : repository + "/" + prefix;
    }

    private static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Whom the levels belong to. */
    record Owner(int uid, int gid) {
        private static final Path SELF = Path.of("/proc/self");

        /** Who this process runs as. @throws StoreException IO if the system does not say */
        static Owner ask() {
            try {
                return new Owner(
                        (int) Files.getAttribute(SELF, "unix:uid"), (int) Files.getAttribute(SELF, "unix:gid"));
            } catch (IOException e) {
                throw new StoreException(
                        StoreException.Kind.IO, "cannot read /proc/self to learn who the daemon runs as", e);
            }
        }
    }
}
