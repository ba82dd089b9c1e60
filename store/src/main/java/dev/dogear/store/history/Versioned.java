package dev.dogear.store.history;

import com.google.common.hash.Hashing;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Settings;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.unversioned.IgnoreRules;
import dev.dogear.store.tree.unversioned.VersionedTree;
import dev.dogear.store.tree.unversioned.WholeTree;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The versioned part of each workspace's root: what verbs see, where {@link Workspace#base()} is what the directory shows. They
 * are the same as long as nothing is left out by {@code .dogearignore} files and the setting {@code ignore}; else the part has
 * a row of its own in {@link Table#WORKSPACES}, beside the workspace's and published with it. Callers hold the bookmark's lock.
 */
final class Versioned {
    private static final int HASH_BYTES = 32;
    private static final byte[] KEY_END = {'v'};

    private final Tables tables;
    private final Settings settings;
    private final Map<Integer, Optional<Part>> parts = new ConcurrentHashMap<>();

    /**
     * A part that is not the whole.
     *
     * @param rules hash of the setting it was made by
     */
    private record Part(Root root, byte[] rules) {}

    /** Two roots of one workspace, and the hash of the setting they were made by. */
    record Split(Root whole, Root part, byte[] rules) {}

    Versioned(Tables tables, Settings settings) {
        this.tables = tables;
        this.settings = settings;
    }

    /** What is unversioned in every bookmark, as lines of a gitignore. */
    private byte[] setting() {
        return String.join("\n", settings.now().list(Setting.IGNORE)).getBytes(StandardCharsets.UTF_8);
    }

    /** What verbs see of the workspace, as it was stored last. */
    Root of(Workspace workspace) {
        return of(workspace.number(), workspace.base());
    }

    /** The same of a workspace that is not live and has that base. */
    Root of(int number, Root base) {
        Part part = part(number);
        return part == null ? base : part.root;
    }

    /** Whether that was made by the setting there is now; rules of files are edits like others. */
    boolean isCurrent(Workspace workspace) {
        Part part = part(workspace.number());
        return part == null || Arrays.equals(part.rules, hash(setting()));
    }

    /**
     * The workspace as it is stored now, its edits included.
     *
     * @param objects the repository's, or what the verb knows of them
     */
    Split split(ObjectTable objects, Workspace workspace, Root whole) {
        Part part = part(workspace.number());
        byte[] text = setting();
        byte[] rules = hash(text);
        Root before = workspace.base();
        Root known = part == null ? before : part.root;
        if (part != null && !Arrays.equals(part.rules, rules)) {
            before = known;
        }
        return new Split(whole, VersionedTree.of(objects, before, known, whole, IgnoreRules.of(text)), rules);
    }

    /** What the workspace's directory is to show so that verbs see {@code target}: what they do not see stays. */
    Split showing(Workspaces workspaces, Workspace workspace, Root target) {
        Root whole = WholeTree.of(tables.objects(), workspace.base(), of(workspace), target, workspaces::newFileId);
        return new Split(whole, target, hash(setting()));
    }

    /** The rows that say from where a workspace goes on after a restart. */
    List<Row> rows(int number, Split split, long cut) {
        byte[] value = split.whole.equals(split.part)
                ? null
                : Bytes.concat(new byte[Long.BYTES], Roots.encode(split.part), split.rules);
        Row workspace = LiveRepository.workspaceRow(number, split.whole, cut);
        return part(number) == null && value == null
                ? List.of(workspace)
                : List.of(workspace, new Row(Table.WORKSPACES, key(number), value));
    }

    /** Those rows are published. */
    void published(int number, Split split) {
        parts.put(
                number,
                split.whole.equals(split.part) ? Optional.empty() : Optional.of(new Part(split.part, split.rules)));
    }

    /** The workspace is no more. */
    List<Row> goneRows(int number) {
        Row workspace = LiveRepository.noWorkspaceRow(number);
        return part(number) == null
                ? List.of(workspace)
                : List.of(workspace, new Row(Table.WORKSPACES, key(number), null));
    }

    /** What was read is read again: somebody wrote the rows anew. */
    void forget() {
        parts.clear();
    }

    private @Nullable Part part(int number) {
        return parts.computeIfAbsent(number, missing -> {
                    byte[] value = tables.get(Table.WORKSPACES, key(number));
                    if (value == null) {
                        return Optional.empty();
                    }
                    ByteBuffer in = ByteBuffer.wrap(value);
                    in.position(Long.BYTES);
                    Root root = Roots.read(in);
                    byte[] rules = new byte[HASH_BYTES];
                    in.get(rules);
                    return Optional.of(new Part(root, rules));
                })
                .orElse(null);
    }

    private static byte[] hash(byte[] text) {
        return Hashing.sha256().hashBytes(text).asBytes();
    }

    private static byte[] key(int number) {
        return Bytes.concat(Ints.toByteArray(number), KEY_END);
    }
}
