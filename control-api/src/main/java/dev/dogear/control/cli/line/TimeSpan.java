package dev.dogear.control.cli.line;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Time spans as people write them: 15m, 12h, 7d, 2w. */
public final class TimeSpan {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,6})([smhdw])");

    private TimeSpan() {}

    /** @param what the option or argument whose value it is */
    public static Duration of(String what, String text) {
        Duration span = parse(text);
        if (span == null) {
            throw new CommandException(
                    ExitCode.USAGE, what + " takes a span such as 15m, 12h or 7d instead of: " + text);
        }
        return span;
    }

    /** A moment as the daemon takes it: a span is that long ago, all else is what the daemon reads itself. */
    public static @Nullable String moment(@Nullable String text) {
        Duration ago = text == null ? null : parse(text);
        return ago == null ? text : Instant.now().minus(ago).toString();
    }

    private static @Nullable Duration parse(String text) {
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> Duration.ofDays(7 * count);
        };
    }
}
