package dev.dogear.store.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.StoreException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The settings of a repository, or of the daemon, at one moment. Values are parsed once: to ask costs nothing. */
public final class Config {
    private final Setting.Owner owner;
    private final ImmutableSortedMap<String, String> set;
    private final EnumMap<Setting, Object> values = new EnumMap<>(Setting.class);

    /** @param set by key; of what a newer Dogear knows, nothing is read and nothing is lost */
    Config(Setting.Owner owner, Map<String, String> set) {
        this.owner = owner;
        this.set = ImmutableSortedMap.copyOf(set);
        for (Setting setting : Setting.of(owner)) {
            Object value = setting.parse(text(setting));
            if (value != null) {
                values.put(setting, value);
            }
        }
    }

    /**
     * The same with those changed; a null takes a setting back to its default.
     *
     * @throws StoreException INVALID for a key that is none, or a value of another form
     */
    Config with(Map<String, @Nullable String> changes) {
        Map<String, String> changed = new TreeMap<>(set);
        changes.forEach((key, value) -> {
            Setting setting = Setting.named(owner, key);
            if (value == null) {
                changed.remove(key);
            } else {
                setting.parse(value);
                changed.put(key, value.strip());
            }
        });
        return new Config(owner, changed);
    }

    ImmutableSortedMap<String, String> set() {
        return set;
    }

    /** Whether it was set, be it to its default. */
    public boolean isSet(Setting setting) {
        return set.containsKey(setting.key());
    }

    /** The value in force, as people write it. */
    public String text(Setting setting) {
        return Objects.requireNonNull(set.getOrDefault(setting.key(), setting.standard()));
    }

    /** A count or a number of bytes; {@link Long#MAX_VALUE} for none. */
    public long number(Setting setting) {
        Object value = values.get(setting);
        return value == null ? Long.MAX_VALUE : (Long) value;
    }

    /** A time span; null for ever. */
    public @Nullable Duration span(Setting setting) {
        return (Duration) values.get(setting);
    }

    /** A word. */
    public String word(Setting setting) {
        return (String) Objects.requireNonNull(values.get(setting));
    }

    public boolean flag(Setting setting) {
        return Boolean.TRUE.equals(values.get(setting));
    }

    /** Patterns, keys or lines; empty for none. */
    @SuppressWarnings("unchecked")
    public ImmutableList<String> list(Setting setting) {
        Object value = values.get(setting);
        return value == null ? ImmutableList.of() : (ImmutableList<String>) value;
    }

    /** Whether one of the patterns takes that name. */
    public boolean matches(Setting setting, String name) {
        return list(setting).stream().anyMatch(pattern -> Glob.matches(pattern, name));
    }

    /** How often something may be done; null for as often as one likes. */
    public Form.@Nullable Rate rate(Setting setting) {
        return (Form.Rate) values.get(setting);
    }
}
