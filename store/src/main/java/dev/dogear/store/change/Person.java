package dev.dogear.store.change;

/** Who made a change, as written in it: claims, not credentials. */
public record Person(String name, String email) {
    /**
     * Parses {@code Ada Lovelace <ada@example.org>}.
     *
     * @throws IllegalArgumentException if it has another shape
     */
    public static Person parse(String text) {
        int open = text.lastIndexOf('<');
        if (open <= 0 || !text.endsWith(">")) {
            throw new IllegalArgumentException("an author is written as Name <mail address>: " + text);
        }
        return new Person(
                text.substring(0, open).strip(),
                text.substring(open + 1, text.length() - 1).strip());
    }

    @Override
    public String toString() {
        return name + " <" + email + ">";
    }
}
