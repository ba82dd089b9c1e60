package dev.dogear.store.change;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a repository keeps what is in nobody's view any more.
 *
 * @param kept operations that can be undone, changes no bookmark leads to, deleted bookmarks, the repository once it is
 *     deleted; null: for ever
 * @param idle bookmarks without an edit or a change for so long are deleted; null: never
 */
public record Retention(@Nullable Duration kept, @Nullable Duration idle) {
    /** Of a repository where nothing was set. */
    public static final Retention DEFAULT = new Retention(Duration.ofDays(30), null);

    private static final String FOR_EVER = "forever";
    private static final String NEVER = "never";

    /**
     * {@code 30d}, {@code 12h}, {@code 90m}, {@code 45s}; {@code forever} and {@code never} are null.
     *
     * @throws StoreException INVALID
     */
    public static @Nullable Duration parse(String text) {
        if (text.equals(FOR_EVER) || text.equals(NEVER)) {
            return null;
        }
        if (!text.matches("[0-9]{1,9}[smhd]")) {
            throw new StoreException(
                    Kind.INVALID, "Not a time span: " + text + ". Write 30d, 12h, 90m, 45s or " + FOR_EVER);
        }
        long count = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMinutes(count);
            case 'h' -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** What {@link #parse} takes, in the largest unit that fits. */
    public static String text(@Nullable Duration span) {
        if (span == null) {
            return FOR_EVER;
        }
        long seconds = span.toSeconds();
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
