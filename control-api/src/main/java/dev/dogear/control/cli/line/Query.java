package dev.dogear.control.cli.line;

import org.jspecify.annotations.Nullable;

/** The path of a route with parameters; those that are null are left out. */
public final class Query {
    private final StringBuilder text;

    public Query(String path) {
        this.text = new StringBuilder(path);
    }

    public Query with(String name, @Nullable String value) {
        if (value != null) {
            text.append(text.indexOf("?") < 0 ? '?' : '&')
                    .append(Invocation.segment(name))
                    .append('=')
                    .append(Invocation.segment(value));
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
