package dev.dogear.store.config;

/** Patterns of names: {@code *} is any text, slashes in it too, {@code ?} one character, everything else itself. */
public final class Glob {
    private Glob() {}

    /** Whether the whole of that name fits; in time linear in the product of their lengths, whatever the pattern. */
    public static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length()) {
            char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
            if (p < pattern.length() && wanted == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length() && (wanted == '?' || wanted == name.charAt(n))) {
                p++;
                n = wanted == '?' ? name.offsetByCodePoints(n, 1) : n + 1;
            } else if (star >= 0) {
                p = star + 1;
                resume = name.offsetByCodePoints(resume, 1);
                n = resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
