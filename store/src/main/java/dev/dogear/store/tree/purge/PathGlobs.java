package dev.dogear.store.tree.purge;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreePath;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of paths from the root of a tree: {@code *} and {@code ?} stand for what is within one name, {@code **} for any
 * number of names. What lies below a directory that matches, matches as well. Where a walk is, is a {@link State}: two
 * directories of one state have the same paths matching below them.
 */
public final class PathGlobs {
    private final ImmutableList<ImmutableList<Part>> patterns;

    private PathGlobs(ImmutableList<ImmutableList<Part>> patterns) {
        this.patterns = patterns;
    }

    /**
     * One name of a pattern.
     *
     * @param name null for {@code **}
     */
    private record Part(@Nullable Pattern name) {
        boolean isMany() {
            return name == null;
        }
    }

    /** Of each pattern how many of its parts may be behind. */
    public record State(ImmutableList<BitSet> behind) {}

    /** @throws StoreException INVALID for a pattern that nothing can match, or that is the whole tree */
    public static PathGlobs of(List<String> patterns) {
        ImmutableList.Builder<ImmutableList<Part>> parsed = ImmutableList.builder();
        patterns.forEach(pattern -> parsed.add(parse(pattern)));
        return new PathGlobs(parsed.build());
    }

    private static ImmutableList<Part> parse(String pattern) {
        String text = pattern.startsWith("/") ? pattern.substring(1) : pattern;
        text = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        List<Part> parts = new ArrayList<>();
        for (String part : text.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new StoreException(
                        Kind.INVALID,
                        "Not a pattern of paths: '" + pattern + "'. Write it from the root of the tree, such as"
                                + " config/*.pem or **/.env");
            }
            parts.add(part.equals("**") ? new Part(null) : new Part(name(part)));
        }
        if (parts.stream().allMatch(Part::isMany)) {
            throw new StoreException(
                    Kind.INVALID, "The pattern " + pattern + " is the whole tree. To purge the repository say --all");
        }
        return ImmutableList.copyOf(parts);
    }

    private static Pattern name(String part) {
        StringBuilder regex = new StringBuilder();
        part.codePoints().forEach(code -> {
            switch (code) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(code)));
            }
        });
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** At the root. */
    public State start() {
        ImmutableList.Builder<BitSet> behind = ImmutableList.builder();
        for (ImmutableList<Part> pattern : patterns) {
            BitSet first = new BitSet();
            pass(pattern, 0, first);
            behind.add(first);
        }
        return new State(behind.build());
    }

    /** One name further down. */
    public State into(State state, Name name) {
        String text = name.toString();
        ImmutableList.Builder<BitSet> behind = ImmutableList.builder();
        for (int i = 0; i < patterns.size(); i++) {
            behind.add(step(patterns.get(i), state.behind.get(i), text));
        }
        return new State(behind.build());
    }

    private static BitSet step(ImmutableList<Part> pattern, BitSet before, String name) {
        BitSet after = new BitSet();
        for (int at = before.nextSetBit(0); at >= 0; at = before.nextSetBit(at + 1)) {
            if (at == pattern.size()) {
                continue;
            }
            Pattern part = pattern.get(at).name;
            if (part == null) {
                pass(pattern, at, after);
                // A last ** is for what lies below, not for the directory itself.
                if (at + 1 == pattern.size()) {
                    after.set(at + 1);
                }
            } else if (part.matcher(name).matches()) {
                pass(pattern, at + 1, after);
            }
        }
        return after;
    }

    /** {@code **} may stand for nothing, but at the end. */
    private static void pass(ImmutableList<Part> pattern, int at, BitSet into) {
        int next = at;
        into.set(next);
        while (next + 1 < pattern.size() && pattern.get(next).isMany()) {
            into.set(++next);
        }
    }

    /** Whether the path that led here matches. */
    public boolean matches(State state) {
        for (int i = 0; i < patterns.size(); i++) {
            if (state.behind.get(i).get(patterns.get(i).size())) {
                return true;
            }
        }
        return false;
    }

    /** Whether something below may match. */
    public boolean canMatchBelow(State state) {
        for (int i = 0; i < patterns.size(); i++) {
            BitSet behind = state.behind.get(i);
            if (behind.length() > 0 && behind.nextSetBit(0) < patterns.get(i).size()) {
                return true;
            }
        }
        return false;
    }

    /** Whether that path matches, or a directory above it. */
    public boolean covers(TreePath path) {
        State state = start();
        for (Name name : path.names()) {
            state = into(state, name);
            if (matches(state)) {
                return true;
            }
        }
        return false;
    }
}
