package dev.dogear.store.tree.merge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A real git repository that is told histories and asked to merge them. */
final class GitOracle {
    /** 128 + SIGABRT. */
    private static final int ABORTED = 134;

    private final Path repository;
    private final ObjectTable table;

    GitOracle(Path repository, ObjectTable table) throws IOException, InterruptedException {
        this.repository = repository;
        this.table = table;
        git(null, "init", "-q", "--bare", ".");
    }

    /**
     * What git says.
     *
     * @param conflicts types of its conflicts and what it says of them; empty if clean
     * @param files mode and blob id by path
     */
    record Answer(List<String> conflicts, SortedMap<String, String> files) {}

    /** Merges two children of one commit. Null if git fell over it, as 2.39 does now and then (an assertion of its own). */
    @Nullable
    Answer merge(ModelTree base, ModelTree ours, ModelTree theirs) throws IOException, InterruptedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        commit(stream, "base", 1, null, base);
        commit(stream, "ours", 2, ":1", ours);
        commit(stream, "theirs", 3, ":1", theirs);
        git(stream.toByteArray(), "fast-import", "--quiet", "--force");
        return merged("merge-tree", "--write-tree", "-z", "ours", "theirs");
    }

    /** Merges two merges of the same two commits: a base, its two children, and the two merges. */
    @Nullable
    Answer mergeCrissCross(List<ModelTree> trees) throws IOException, InterruptedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        commit(stream, "base", 1, null, trees.get(0));
        commit(stream, "left", 2, ":1", trees.get(1));
        commit(stream, "right", 3, ":1", trees.get(2));
        commit(stream, "ours", 4, ":2\nmerge :3", trees.get(3));
        commit(stream, "theirs", 5, ":3\nmerge :2", trees.get(4));
        git(stream.toByteArray(), "fast-import", "--quiet", "--force");
        return merged("merge-tree", "--write-tree", "-z", "ours", "theirs");
    }

    /** The same merge again, without git's guess which directory was renamed to which. */
    @Nullable
    Answer mergeWithoutDirectoryRenames() throws IOException, InterruptedException {
        return merged("-c", "merge.directoryRenames=false", "merge-tree", "--write-tree", "-z", "ours", "theirs");
    }

    private @Nullable Answer merged(String... command) throws IOException, InterruptedException {
        String merged = new String(git(null, command), UTF_8);
        if (merged.isEmpty()) {
            return null;
        }
        String tree = merged.substring(0, merged.indexOf('\0'));
        List<String> conflicts = new ArrayList<>();
        String[] parts = merged.split("\0", -1);
        for (int i = 0; i + 1 < parts.length; i++) {
            if (parts[i].startsWith("CONFLICT (") && !parts[i].contains("\n")) {
                conflicts.add(parts[i] + " " + parts[i + 1].strip());
            }
        }
        SortedMap<String, String> files = new TreeMap<>();
        for (String line : new String(git(null, "ls-tree", "-r", "-z", tree), UTF_8).split("\0", -1)) {
            if (!line.isEmpty()) {
                String[] columns = line.split("[ \t]", 4);
                files.put(columns[3], columns[0] + " " + columns[2]);
            }
        }
        return new Answer(conflicts, files);
    }

    /** What git would list of a tree. */
    SortedMap<String, String> files(ModelTree tree) {
        SortedMap<String, String> files = new TreeMap<>();
        for (Map.Entry<TreePath, TreeEntry> each : tree.entries().entrySet()) {
            if (each.getValue().type() != EntryType.DIRECTORY) {
                byte[] content = content(each.getValue());
                byte[] head = ("blob " + content.length + "\0").getBytes(ISO_8859_1);
                @SuppressWarnings("deprecation") // Git's blob ids are SHA-1.
                String id = Hashing.sha1()
                        .newHasher()
                        .putBytes(head)
                        .putBytes(content)
                        .hash()
                        .toString();
                files.put(each.getKey().toString(), mode(each.getValue()) + " " + id);
            }
        }
        return files;
    }

    private static String mode(TreeEntry entry) {
        if (entry.type() == EntryType.SYMLINK) {
            return "120000";
        }
        return (entry.attributes().mode() & 0100) != 0 ? "100755" : "100644";
    }

    private byte[] content(TreeEntry entry) {
        if (entry.type() == EntryType.SYMLINK) {
            return entry.payload();
        }
        byte[] bytes = new byte[(int) entry.size()];
        new StoredContent(table, entry.content(), entry.size()).read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private void commit(ByteArrayOutputStream out, String branch, int mark, @Nullable String parent, ModelTree tree) {
        print(out, "commit refs/heads/" + branch + "\nmark :" + mark + "\ncommitter A <a@b> 1 +0000\ndata 1\nx\n");
        print(out, parent == null ? "" : "from " + parent + "\n");
        print(out, "deleteall\n");
        tree.entries().forEach((path, entry) -> {
            if (entry.type() != EntryType.DIRECTORY) {
                byte[] content = content(entry);
                print(out, "M " + mode(entry) + " inline " + path + "\ndata " + content.length + "\n");
                out.writeBytes(content);
                print(out, "\n");
            }
        });
        print(out, "\n");
    }

    private static void print(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(UTF_8));
    }

    /** Runs git; 1 from merge-tree means conflicts. */
    private byte[] git(byte @Nullable [] input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(repository.toFile());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put("GIT_CONFIG_GLOBAL", repository.resolve("none").toString());
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            if (input != null) {
                in.write(input);
            }
        }
        byte[] output = process.getInputStream().readAllBytes();
        int status = process.waitFor();
        boolean merges = List.of(arguments).contains("merge-tree");
        if (status == ABORTED && merges) {
            return new byte[0];
        }
        if (status != 0 && !(status == 1 && merges)) {
            throw new IOException(command + " ended with " + status);
        }
        return output;
    }
}
