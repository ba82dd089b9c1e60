package dev.dogear.store.config;

import com.google.common.collect.Range;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All there is to set, of a repository and of the daemon. */
public enum Setting {
    RETENTION(
            "retention",
            Form.SPAN,
            "30d",
            "How long operations can be undone, and abandoned changes and deleted things be had back"),
    APPROVALS("approvals", Form.COUNT, "0", "How many approvals a merge into a protected bookmark needs"),
    APPROVER_DIFFERS("approver-differs", Form.FLAG, "false", "Whether who approves must be another than the author"),
    BOOKMARK_NAMES("bookmark.names", Form.PATTERNS, "*", "Which names new bookmarks may have; main always may"),
    BOOKMARKS("bookmarks", Form.COUNT, "none", "How many bookmarks there may be"),
    BYTES("bytes", Form.BYTES, "none", "How much content the repository may hold, with its history"),
    FILE_BYTES("file.bytes", Form.BYTES, "none", "How long a file may be"),
    FILES("files", Form.COUNT, "none", "How many files, directories and links a bookmark may show"),
    METADATA("metadata", Form.KEYS, "none", "Which metadata every checkpoint and change that somebody makes must have"),
    DEFAULT_AUTHOR(
            "default-author",
            Form.AUTHOR,
            "key",
            "Whose name a change has if none is given: first the key's it is made with, or first the one that git knows"),
    BOOKMARK_IDLE("bookmark.idle", Form.SPAN, "7d", "After how long without an edit or a change a bookmark is idle"),
    BOOKMARK_CLEAN_UP(
            "bookmark.clean-up",
            Form.PATTERNS,
            "none",
            "Which bookmarks are deleted when they are idle, by an operation that can be undone"),
    IGNORE("ignore", Form.LINES, "none", "What is unversioned in every bookmark, besides what .dogearignore names"),
    REPOSITORIES("repositories", Form.COUNT, "none", "How many repositories there may be", Owner.DAEMON),
    RATE("rate", Form.RATE, "none", "How many requests each key, or user of the socket, may make", Owner.DAEMON),
    REQUEST_BYTES(
            "request.bytes",
            Form.BYTES,
            "32M",
            "How long a request may be, from 64K to 32M",
            Owner.DAEMON,
            Range.closed(64L << 10, 32L << 20));

    private static final int VALUE_CHARACTERS_MAX = 8_000;
    private static final int FAR = 4;

    private final String key;
    private final Form form;
    private final String standard;
    private final String description;
    private final Owner owner;
    private final @Nullable Range<Long> range;

    Setting(String key, Form form, String standard, String description) {
        this(key, form, standard, description, Owner.REPOSITORY);
    }

    Setting(String key, Form form, String standard, String description, Owner owner) {
        this(key, form, standard, description, owner, null);
    }

    /** @param range of the numbers it may be; null for any, and none */
    Setting(String key, Form form, String standard, String description, Owner owner, @Nullable Range<Long> range) {
        this.key = key;
        this.form = form;
        this.standard = standard;
        this.description = description;
        this.owner = owner;
        this.range = range;
    }

    /** How people write it. */
    public String key() {
        return key;
    }

    public Form form() {
        return form;
    }

    /** Its value where nothing was set, as text. */
    public String standard() {
        return standard;
    }

    /** What it does, as a sentence without its stop. */
    public String description() {
        return description;
    }

    /** Whose it is. */
    public Owner owner() {
        return owner;
    }

    /** Whose settings they are. */
    public enum Owner {
        REPOSITORY,
        DAEMON
    }

    /** Those of that owner, in the order people see them. */
    public static List<Setting> of(Owner owner) {
        return Stream.of(values()).filter(each -> each.owner() == owner).toList();
    }

    /** @throws StoreException INVALID, with the keys there are and the one that was probably meant */
    public static Setting named(Owner owner, String key) {
        for (Setting each : of(owner)) {
            if (each.key.equals(key)) {
                return each;
            }
        }
        for (Setting each : values()) {
            if (each.key.equals(key)) {
                throw new StoreException(
                        Kind.INVALID,
                        key
                                + (owner == Owner.DAEMON
                                        ? " is set for a repository: dogear config REPO "
                                        : " is set for the whole daemon: dogear config ")
                                + key + "=…");
            }
        }
        Setting meant = nearest(owner, key);
        throw new StoreException(
                Kind.INVALID,
                "There is no setting " + key + (meant == null ? "." : "; did you mean " + meant.key + "?")
                        + " There are " + of(owner).stream().map(Setting::key).collect(Collectors.joining(", ")));
    }

    private static @Nullable Setting nearest(Owner owner, String key) {
        return of(owner).stream()
                .min(Comparator.comparingInt(each -> distance(each.key, key)))
                .filter(each -> distance(each.key, key) < FAR)
                .orElse(null);
    }

    /** How many letters are to be put in, taken out or changed to make one of the other. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int changed = a.charAt(i - 1) == b.charAt(j - 1) ? diagonal : diagonal + 1;
                row[j] = Math.min(changed, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    private String bounds() {
        return range == null
                ? ""
                : ", no less than " + range.lowerEndpoint() + " and no more than " + range.upperEndpoint();
    }

    /** @throws StoreException INVALID, with how a value of it is written */
    @Nullable
    Object parse(String text) {
        try {
            if (text.length() <= VALUE_CHARACTERS_MAX) {
                Object value = form.parse(text.strip());
                if (range == null || (value instanceof Long number && range.contains(number))) {
                    return value;
                }
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new StoreException(
                Kind.INVALID,
                "The setting " + key + " is " + form.description() + bounds() + ", not: "
                        + (text.length() > 80 ? text.substring(0, 80) + "…" : text));
    }
}
