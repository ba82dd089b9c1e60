package dev.dogear.control.auth;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.lmdb.ServerTables;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All keys of the daemon, in its tables and in memory. What a change answered holds from then on: a revoked key opens
 * nothing in the request after. Any thread; changes one at a time.
 *
 * <p>A key reads {@code dogear_ID_SECRET}: 16 hexadecimal digits that name it, 43 letters that are 256 random bits. Only its
 * hash is kept; a fast one will do, since nobody can try that many.
 */
public final class Keys {
    private static final String PREFIX = "dogear_";
    private static final String ROW = "key ";
    private static final int ID_BYTES = 8;
    private static final int SECRET_BYTES = 32;
    private static final Duration USED_EVERY = Duration.ofMinutes(1);

    /** What an unknown id is compared with, so that it takes as long as a known one. */
    private static final String NO_HASH = "0".repeat(64);

    private final ServerTables tables;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Key> keys = new ConcurrentHashMap<>();

    public Keys(ServerTables tables, InstantSource clock) {
        this.tables = tables;
        this.clock = clock;
        tables.scan(ServerTables.Name.SETTINGS, ROW.getBytes(StandardCharsets.UTF_8), false, (row, value) -> {
            String name = new String(row, StandardCharsets.UTF_8);
            if (!name.startsWith(ROW)) {
                return false;
            }
            Key key = KeyCodec.decode(name.substring(ROW.length()), value);
            keys.put(key.id(), key);
            return true;
        });
    }

    /** A new key, and the only time it is seen. */
    public record Made(Key key, String secret) {}

    /** @param life null for ever */
    public synchronized Made create(
            @Nullable String name,
            Key.Limits limits,
            ImmutableSortedMap<String, String> tags,
            @Nullable Duration life) {
        byte[] id = new byte[ID_BYTES];
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(id);
        random.nextBytes(secret);
        String idText = BaseEncoding.base16().lowerCase().encode(id);
        String text =
                PREFIX + idText + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant now = clock.instant();
        Key.Times times = new Key.Times(now, life == null ? null : now.plus(life), null, null);
        Key key = new Key(idText, name, hash(text), limits, tags, times);
        save(key);
        return new Made(key, text);
    }

    /** The key of that text if it opens anything now; null otherwise, whatever the reason. */
    public @Nullable Key find(String text) {
        int end = text.indexOf('_', PREFIX.length());
        String id = text.startsWith(PREFIX) && end > 0 ? text.substring(PREFIX.length(), end) : "";
        Key known = keys.get(id);
        byte[] expected = (known == null ? NO_HASH : known.hash()).getBytes(StandardCharsets.US_ASCII);
        boolean same = MessageDigest.isEqual(expected, hash(text).getBytes(StandardCharsets.US_ASCII));
        if (known == null || !same || !isActive(known)) {
            return null;
        }
        Instant used = known.times().used();
        return used == null || used.plus(USED_EVERY).isBefore(clock.instant()) ? used(id) : known;
    }

    /** Whether the key still opens anything: for requests that go on for long. */
    public boolean isActive(Key key) {
        Key now = keys.get(key.id());
        return now != null && now.status(clock.instant()) == Key.Status.ACTIVE;
    }

    private synchronized @Nullable Key used(String id) {
        Key key = keys.get(id);
        if (key == null || key.status(clock.instant()) != Key.Status.ACTIVE) {
            return null;
        }
        Key.Times times = key.times();
        Key changed = key.with(new Key.Times(times.created(), times.expires(), times.revoked(), clock.instant()));
        save(changed);
        return changed;
    }

    /** All keys ever made, the oldest first. */
    public List<Key> all() {
        return keys.values().stream()
                .sorted((a, b) -> a.times().created().equals(b.times().created())
                        ? a.id().compareTo(b.id())
                        : a.times().created().compareTo(b.times().created()))
                .collect(ImmutableList.toImmutableList());
    }

    /** @throws StoreException NOT_FOUND */
    public Key get(String id) {
        Key key = keys.get(id);
        if (key == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no key " + id);
        }
        return key;
    }

    /** Ends a key; one that was ended before stays as it is. */
    public synchronized Key revoke(String id) {
        Key key = get(id);
        if (key.times().revoked() != null) {
            return key;
        }
        Key.Times times = key.times();
        Key revoked = key.with(new Key.Times(times.created(), times.expires(), clock.instant(), times.used()));
        save(revoked);
        return revoked;
    }

    /** @param changes a null value takes the tag away */
    public synchronized Key tag(String id, Map<String, @Nullable String> changes) {
        Key key = get(id);
        Map<String, String> tags = new java.util.TreeMap<>(key.tags());
        changes.forEach((name, value) -> {
            if (value == null) {
                tags.remove(name);
            } else {
                tags.put(name, value);
            }
        });
        Key tagged = key.with(ImmutableSortedMap.copyOf(tags));
        save(tagged);
        return tagged;
    }

    /** What a key is at this moment. */
    public Key.Status status(Key key) {
        return key.status(clock.instant());
    }

    /** Durable first: what is in memory is never lost again. */
    private void save(Key key) {
        tables.put(ServerTables.Name.SETTINGS, (ROW + key.id()).getBytes(StandardCharsets.UTF_8), KeyCodec.encode(key));
        keys.put(key.id(), key);
    }

    private static String hash(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }
}
