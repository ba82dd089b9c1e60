package dev.dogear.store.tree.merge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.TreeEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A real git repository that is told histories and asked to merge them: many at once, since each start of git takes longer
 * than a merge.
 */
final class GitOracle {
    /** 128 + SIGABRT: an assertion of git's own, over which 2.39 falls now and then. */
    private static final int ABORTED = 134;

    private final Path repository;
    private final ObjectTable table;
    private final ByteArrayOutputStream untold = new ByteArrayOutputStream();
    private int marks;

    GitOracle(Path repository, ObjectTable table) throws IOException, InterruptedException {
        this.repository = repository;
        this.table = table;
        git(null, "init", "-q", "--bare", ".");
    }

    /** Two commits to be merged, by their marks. */
    record Sides(int ours, int theirs) {}

    /**
     * A file in git's result.
     *
     * @param mode 100644, 100755 or 120000
     * @param content with the labels of conflict markers taken off
     */
    record GitFile(String mode, String content) {}

    /**
     * What git says.
     *
     * @param conflicts types of its conflicts and what it says of them; empty if clean
     */
    record Answer(List<String> conflicts, SortedMap<String, GitFile> files) {}

    /** A commit that git is told with the next question. @return its mark */
    int commit(ModelTree tree, Integer... parents) {
        marks++;
        print("reset refs/heads/x\ncommit refs/heads/x\nmark :" + marks + "\ncommitter A <a@b> 1 +0000\ndata 1\nx\n");
        for (int i = 0; i < parents.length; i++) {
            print((i == 0 ? "from :" : "merge :") + parents[i] + "\n");
        }
        print("deleteall\n");
        tree.entries().forEach((path, entry) -> {
            if (entry.type() != EntryType.DIRECTORY) {
                byte[] content = content(entry);
                print("M " + mode(entry) + " inline " + path + "\ndata " + content.length + "\n");
                untold.writeBytes(content);
                print("\n");
            }
        });
        print("\n");
        return marks;
    }

    private void print(String text) {
        untold.writeBytes(text.getBytes(UTF_8));
    }

    /** Two children of one commit, to be merged. */
    Sides sides(ModelTree base, ModelTree ours, ModelTree theirs) {
        int root = commit(base);
        return new Sides(commit(ours, root), commit(theirs, root));
    }

    /** Merges them all. Null where git fell over it. */
    List<@Nullable Answer> merge(List<Sides> merges) throws IOException, InterruptedException {
        return merge(merges, List.of());
    }

    /** Merges two commits without git's guess which directory was renamed to which. */
    @Nullable
    Answer mergeWithoutDirectoryRenames(Sides sides) throws IOException, InterruptedException {
        return merge(List.of(sides), List.of("-c", "merge.directoryRenames=false"))
                .get(0);
    }

    private List<@Nullable Answer> merge(List<Sides> merges, List<String> options)
            throws IOException, InterruptedException {
        List<String> ids = tell();
        List<String> command = new ArrayList<>(options);
        command.addAll(List.of("-c", "merge.conflictStyle=diff3", "merge-tree", "--write-tree", "--messages"));
        command.add("--stdin");
        StringBuilder asked = new StringBuilder();
        merges.forEach(each -> asked.append(ids.get(each.ours - 1) + " " + ids.get(each.theirs - 1) + "\n"));
        byte[] said = git(asked.toString().getBytes(UTF_8), command.toArray(new String[0]));
        if (said.length > 0) {
            return answers(said, merges, ids);
        }
        List<@Nullable Answer> answers = new ArrayList<>();
        if (merges.size() == 1) {
            answers.add(null);
            return answers;
        }
        answers.addAll(merge(merges.subList(0, merges.size() / 2), options));
        answers.addAll(merge(merges.subList(merges.size() / 2, merges.size()), options));
        return answers;
    }

    /** @return the ids of all commits, in the order of their marks */
    private List<String> tell() throws IOException, InterruptedException {
        Path file = repository.resolve("known");
        if (untold.size() > 0) {
            byte[] stream = untold.toByteArray();
            untold.reset();
            git(
                    stream,
                    "fast-import",
                    "--quiet",
                    "--force",
                    "--import-marks-if-exists=" + file,
                    "--export-marks=" + file);
        }
        String[] ids = new String[marks];
        for (String line : Files.readAllLines(file)) {
            String[] columns = line.split(" ", 2);
            ids[Integer.parseInt(columns[0].substring(1)) - 1] = columns[1];
        }
        return List.of(ids);
    }

    /** Status and tree, lines of stages, nothing, messages (number of paths, paths, type, text), nothing; and the next. */
    private List<@Nullable Answer> answers(byte[] said, List<Sides> merges, List<String> ids)
            throws IOException, InterruptedException {
        String[] parts = new String(said, UTF_8).split("\0", -1);
        List<String> trees = new ArrayList<>();
        List<List<String>> conflicts = new ArrayList<>();
        int at = 0;
        for (Sides sides : merges) {
            trees.add(parts[at + 1]);
            at += 2;
            while (!parts[at].isEmpty()) {
                at++;
            }
            at++;
            List<String> found = new ArrayList<>();
            while (!parts[at].isEmpty()) {
                int type = at + 1 + Integer.parseInt(parts[at]);
                if (parts[type].startsWith("CONFLICT (")) {
                    found.add(named(parts[type + 1].strip(), sides, ids));
                }
                at = type + 2;
            }
            at++;
            conflicts.add(found);
        }
        GitTrees read = GitTrees.read(repository, trees);
        List<@Nullable Answer> answers = new ArrayList<>();
        for (int i = 0; i < merges.size(); i++) {
            Sides sides = merges.get(i);
            SortedMap<String, GitFile> files = new TreeMap<>();
            read.files(trees.get(i)).forEach((path, file) -> files.put(named(path, sides, ids), file));
            answers.add(new Answer(conflicts.get(i), files));
        }
        return answers;
    }

    private static String named(String text, Sides sides, List<String> ids) {
        return text.replace(ids.get(sides.ours - 1), "ours").replace(ids.get(sides.theirs - 1), "theirs");
    }

    /** What git would list of a tree. */
    SortedMap<String, GitFile> files(ModelTree tree) {
        SortedMap<String, GitFile> files = new TreeMap<>();
        tree.entries().forEach((path, entry) -> {
            if (entry.type() != EntryType.DIRECTORY) {
                files.put(path.toString(), file(entry));
            }
        });
        return files;
    }

    /** What git would have of a file. */
    GitFile file(TreeEntry entry) {
        return new GitFile(mode(entry), GitTrees.unlabelled(content(entry)));
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

    /** The files that git takes for renamed between two trees: new path by old. */
    SortedMap<String, String> renames(ModelTree before, ModelTree after) throws IOException, InterruptedException {
        int from = commit(before);
        int to = commit(after);
        List<String> ids = tell();
        String[] names = {"diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", ids.get(from - 1)};
        List<String> command = new ArrayList<>(List.of(names));
        command.add(ids.get(to - 1));
        String[] parts = new String(git(null, command.toArray(new String[0])), UTF_8).split("\0", -1);
        SortedMap<String, String> renames = new TreeMap<>();
        for (int i = 0; i + 2 < parts.length; i += 3) {
            renames.put(parts[i + 1], parts[i + 2]);
        }
        return renames;
    }

    /** Runs git. @return what it printed; nothing if it fell over a merge */
    private byte[] git(byte @Nullable [] input, String... arguments) throws IOException, InterruptedException {
        return run(repository, input, arguments);
    }

    static byte[] run(Path repository, byte @Nullable [] input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(repository.toFile());
        // From a file, so that none of the two waits for the other to read.
        Path told = repository.resolve("told");
        Files.write(told, input == null ? new byte[0] : input);
        builder.redirectInput(told.toFile());
        boolean merges = List.of(arguments).contains("merge-tree");
        builder.redirectError(merges ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        environment.put("GIT_CONFIG_GLOBAL", repository.resolve("none").toString());
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        Process process = builder.start();
        byte[] output = process.getInputStream().readAllBytes();
        int status = process.waitFor();
        if (status == ABORTED && merges) {
            return new byte[0];
        }
        if (status != 0) {
            throw new IOException(command + " ended with " + status);
        }
        return output;
    }
}
