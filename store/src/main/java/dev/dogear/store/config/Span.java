package dev.dogear.store.config;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Spans of time as people write them: {@code 30d}, {@code 12h}, {@code 90m}, {@code 45s}. */
public final class Span {
    private Span() {}

    /**
     * @return null for {@code forever}, {@code never} and {@code none}
     * @throws StoreException INVALID
     */
    public static @Nullable Duration parse(String text) {
        if (Form.isNone(text)) {
            return null;
        }
        if (!text.matches("[0-9]{1,9}[smhd]")) {
            throw new StoreException(
                    Kind.INVALID, "Not a time span: " + text + ". Write 30d, 12h, 90m, 45s or forever");
        }
        long count = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMinutes(count);
            case 'h' -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
