package dev.dogear.control.auth;

import java.util.Locale;

/** How much a key may do; each one may do what those before it may. */
public enum Scope {
    /** See. */
    READ,
    /** Change what is in repositories, make and delete them. */
    WRITE,
    /** Keys, settings, the daemon and the host it runs on. */
    ADMIN;

    /** Whether this is enough where {@code needed} is. */
    public boolean covers(Scope needed) {
        return compareTo(needed) >= 0;
    }

    /** As the interface writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Scope parse(String text) {
        for (Scope each : values()) {
            if (each.text().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException("A scope is read, write or admin, not " + text);
    }
}
