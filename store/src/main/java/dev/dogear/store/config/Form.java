package dev.dogear.store.config;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a setting's value looks like. */
public enum Form {
    /** A {@link Long}, no less than 0. */
    COUNT("a whole number such as 100, or none"),
    /** A {@link Long}: bytes. */
    BYTES("a number of bytes such as 500K, 20M or 2G (by 1,024), or none"),
    /** A {@link java.time.Duration}. */
    SPAN("a time span such as 30d, 12h, 90m or 45s, or forever"),
    /** A {@link Boolean}. */
    FLAG("true or false"),
    /** A list of patterns: {@code *} is any text, {@code ?} one character. */
    PATTERNS("patterns of names separated by '|', such as session/*|proposal/*, or none"),
    /** A list of metadata keys. */
    KEYS("metadata keys separated by ',', such as run,agent, or none"),
    /** A list of lines as in a .gitignore. */
    LINES("lines as of a .gitignore separated by '|', such as target/|*.o, or none"),
    /** A {@link Rate}. */
    RATE("a number in a time such as 100/s or 600/m, or none"),
    /** A {@link String}. */
    AUTHOR("key or git");

    private static final Set<String> NONE = Set.of("none", "never", "forever");
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
    private static final Pattern BYTE_COUNT = Pattern.compile("([0-9]{1,9})([KMGT]?)");
    private static final List<String> UNITS = List.of("", "K", "M", "G", "T");
    private static final Pattern PER = Pattern.compile("([0-9]{1,9})/([smh])");

    private final String description;

    Form(String description) {
        this.description = description;
    }

    /** The words that follow "is". */
    public String description() {
        return description;
    }

    /** So many in so many milliseconds. */
    public record Rate(long count, long periodMs) {}

    static boolean isNone(String text) {
        return NONE.contains(text);
    }

    /** Whether {@link #parse} can answer null. */
    private boolean canBeNone() {
        return this != FLAG && this != AUTHOR;
    }

    /**
     * The value, as the constant says of what class; null for none.
     *
     * @throws IllegalArgumentException if the text is none of this form
     */
    @Nullable
    Object parse(String text) {
        if (isNone(text) && canBeNone()) {
            return null;
        }
        return switch (this) {
            case COUNT -> Long.valueOf(count(text));
            case BYTES -> Long.valueOf(bytes(text));
            case SPAN -> span(text);
            case FLAG -> flag(text);
            case PATTERNS -> list(text, "|", part -> !part.isEmpty());
            case KEYS -> list(text, ",", part -> KEY.matcher(part).matches());
            case LINES -> list(text.replace("\r\n", "|").replace('\n', '|'), "|", part -> true);
            case RATE -> rate(text);
            case AUTHOR -> word(text, Set.of("key", "git"));
        };
    }

    private static long count(String text) {
        require(text.matches("[0-9]{1,9}"));
        return Long.parseLong(text);
    }

    private static long bytes(String text) {
        Matcher matcher = BYTE_COUNT.matcher(text.toUpperCase(Locale.ROOT));
        require(matcher.matches());
        long count = Long.parseLong(matcher.group(1));
        int shift = 10 * UNITS.indexOf(matcher.group(2));
        require(count <= Long.MAX_VALUE >> shift);
        return count << shift;
    }

    private static Object span(String text) {
        require(text.matches("[0-9]{1,9}[smhd]"));
        return Objects.requireNonNull(Span.parse(text));
    }

    private static Boolean flag(String text) {
        require(text.equals("true") || text.equals("false"));
        return text.equals("true");
    }

    private static ImmutableList<String> list(String text, String separator, Predicate<String> good) {
        ImmutableList<String> parts =
                ImmutableList.copyOf(Splitter.on(separator).trimResults().split(text));
        require(!parts.isEmpty() && parts.stream().allMatch(good));
        require(parts.stream().noneMatch(part -> part.chars().anyMatch(Character::isISOControl)));
        return parts;
    }

    private static Rate rate(String text) {
        Matcher matcher = PER.matcher(text);
        require(matcher.matches() && Long.parseLong(matcher.group(1)) > 0);
        long periodMs =
                switch (matcher.group(2)) {
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    default -> 3_600_000;
                };
        return new Rate(Long.parseLong(matcher.group(1)), periodMs);
    }

    private static String word(String text, Set<String> words) {
        require(words.contains(text));
        return text;
    }

    private static void require(boolean right) {
        if (!right) {
            throw new IllegalArgumentException();
        }
    }
}
