package dev.dogear.store.tree.purge;

/**
 * What is to be purged.
 *
 * @param paths files and folders at these paths go
 * @param secrets contents that are these go; where they are among others they are overwritten
 */
public record PurgeRules(PathGlobs paths, Secrets secrets) {
    public boolean isEmpty() {
        return paths.isEmpty() && secrets.isEmpty();
    }
}
