package dev.dogear.store.history;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A named folder with its own history. Every verb throws {@link dev.dogear.store.StoreException} and takes who asks as {@code by}. */
public final class Repository {
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** 32 hexadecimal digits; becomes a path, unlike the name. */
    public String id() {
        throw new UnsupportedOperationException();
    }

    public Instant created() {
        throw new UnsupportedOperationException();
    }

    public String defaultBookmark() {
        throw new UnsupportedOperationException();
    }

    /** In the order of names. */
    public List<Bookmark> bookmarks() {
        throw new UnsupportedOperationException();
    }

    public Bookmark bookmark(String name) {
        throw new UnsupportedOperationException();
    }

    public Bookmark createBookmark(String name, ChangeId at, String by) {
        throw new UnsupportedOperationException();
    }

    public Bookmark moveBookmark(String name, ChangeId to, @Nullable ChangeId expected, String by) {
        throw new UnsupportedOperationException();
    }

    public void deleteBookmark(String name, @Nullable ChangeId expected, String by) {
        throw new UnsupportedOperationException();
    }

    /** A change id, a unique prefix of one (at least 4 letters), {@code @}-form of either, a bookmark, or {@code bookmark~n}. */
    public Change resolve(String revision) {
        throw new UnsupportedOperationException();
    }

    public Change change(ChangeId id) {
        throw new UnsupportedOperationException();
    }

    /** The change of that commit. */
    public Change changeOf(dev.dogear.store.object.ObjectId commit) {
        throw new UnsupportedOperationException();
    }

    /** Changes reachable from {@code start}, newest first; skips {@code skip}, at most {@code limit}. */
    public List<Change> log(Change start, int skip, int limit) {
        throw new UnsupportedOperationException();
    }

    /** Newest first, numbers below {@code before} (0: from the newest). */
    public List<Operation> operations(long before, int limit) {
        throw new UnsupportedOperationException();
    }

    public Verbs.CheckpointResult checkpoint(String bookmark, Verbs.CheckpointRequest request, String by) {
        throw new UnsupportedOperationException();
    }

    /** @param checkpoints 0: the plain undo of DESIGN's table; n: the state before the last n checkpoints */
    public Verbs.UndoResult undo(String bookmark, int checkpoints, String by) {
        throw new UnsupportedOperationException();
    }

    public Verbs.UndoResult redo(String bookmark, String by) {
        throw new UnsupportedOperationException();
    }

    /** @throws MergeConflictException if paths conflict */
    public Verbs.MergeResult merge(Verbs.MergeRequest request, String by) {
        throw new UnsupportedOperationException();
    }

    public List<PathChange> diff(Root base, Root head) {
        throw new UnsupportedOperationException();
    }

    /** Unified text of those changes, with three lines of context; what a patch program takes. */
    public String unified(List<PathChange> changes) {
        throw new UnsupportedOperationException();
    }

    /** The bookmark's root as it is now, edits included (stored, without making a change), for diff and export. */
    public Root liveRoot(String bookmark) {
        throw new UnsupportedOperationException();
    }

    /** Makes a change of a host directory or tar archive (by its name: .tar, .tar.gz, .tgz) on top of the bookmark; its tree replaces the bookmark's. */
    public Verbs.CheckpointResult importTree(String bookmark, Path from, String message, String by, Progress progress) {
        throw new UnsupportedOperationException();
    }

    /** Writes a tree to a new or empty directory, or as a tar archive. */
    public void exportTree(Root root, Path to, Progress progress) {
        throw new UnsupportedOperationException();
    }

    /** The live state of a bookmark. */
    public Workspace workspace(String bookmark) {
        throw new UnsupportedOperationException();
    }

    /** Objects of every state. */
    public ObjectTable objects() {
        throw new UnsupportedOperationException();
    }

    /** Told now and then how far long work has come. */
    @FunctionalInterface
    public interface Progress {
        /** @param files done so far; {@code bytes} likewise */
        void at(long files, long bytes);
    }
}
