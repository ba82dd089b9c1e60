package dev.dogear.store.tree;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The extended attributes of one file: names such as {@code user.note} (UTF-8) to values of any bytes. Immutable. */
public final class Xattrs {
    /** No extended attribute. */
    public static final Xattrs NONE = new Xattrs(ImmutableSortedMap.of());

    private final ImmutableSortedMap<String, byte[]> values;

    private Xattrs(ImmutableSortedMap<String, byte[]> values) {
        this.values = values;
    }

    /** Those names and values; the arrays are kept and must not be written to. */
    public static Xattrs of(Map<String, byte[]> values) {
        return values.isEmpty() ? NONE : new Xattrs(ImmutableSortedMap.copyOf(values));
    }

    /** The value of {@code name}, not to be written to, or null. */
    public byte @Nullable [] get(String name) {
        return values.get(name);
    }

    /** All names and values in the order of names; values not to be written to. */
    public ImmutableSortedMap<String, byte[]> asMap() {
        return values;
    }

    /** The same with {@code name} set. */
    public Xattrs with(String name, byte[] value) {
        ImmutableSortedMap.Builder<String, byte[]> builder = ImmutableSortedMap.naturalOrder();
        values.forEach((key, old) -> {
            if (!key.equals(name)) {
                builder.put(key, old);
            }
        });
        return new Xattrs(builder.put(name, value.clone()).build());
    }

    /** The same without {@code name}. */
    public Xattrs without(String name) {
        ImmutableSortedMap.Builder<String, byte[]> builder = ImmutableSortedMap.naturalOrder();
        values.forEach((key, old) -> {
            if (!key.equals(name)) {
                builder.put(key, old);
            }
        });
        return of(builder.build());
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    @Override
    public boolean equals(Object o) {
        if (!(o instanceof Xattrs other) || !values.keySet().equals(other.values.keySet())) {
            return false;
        }
        return values.entrySet().stream()
                .allMatch(entry ->
                        Arrays.equals(entry.getValue(), Objects.requireNonNull(other.values.get(entry.getKey()))));
    }

    @Override
    public int hashCode() {
        return values.keySet().hashCode();
    }
}
