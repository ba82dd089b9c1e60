package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Version;
import dev.dogear.store.tree.merge.GitOracle.Answer;
import dev.dogear.store.tree.merge.GitOracle.GitFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What git makes of three trees and what we make of them, less what the table of the rules has as a difference. Each of
 * those is checked to be what it is said to be; all else stays in, and has to be equal.
 */
final class ByTable {
    /** Git moves a file aside for a directory that replaced it, even when the other side left the file alone. */
    private static final Pattern IN_THE_WAY = Pattern.compile(
            "CONFLICT \\(file/directory\\).* in the way of (\\S+) from (ours|theirs); moving it to (\\S+) instead\\.");

    /** Git has both beside each other; we have one, and both in the conflict. */
    private static final Pattern DISTINCT_TYPES =
            Pattern.compile("CONFLICT \\(distinct types\\): (\\S+) had different types on each side;.*");

    private static final Pattern MODIFY_DELETE = Pattern.compile(
            "CONFLICT \\(modify/delete\\): (\\S+) deleted in (ours|theirs) and modified in .*", Pattern.DOTALL);

    private final List<String> conflicts = new ArrayList<>();
    private final List<Conflict> ourConflicts;
    private final SortedMap<String, GitFile> files;
    private final SortedMap<String, GitFile> ourFiles;
    private final Set<String> differences = new TreeSet<>();

    ByTable(Answer git, MergedTree merged, SortedMap<String, GitFile> ourFiles) {
        this.conflicts.addAll(git.conflicts());
        this.files = new TreeMap<>(git.files());
        this.ourConflicts = new ArrayList<>(merged.conflicts());
        this.ourFiles = new TreeMap<>(ourFiles);
    }

    /** What made a difference. */
    Set<String> differences() {
        return differences;
    }

    /** What else is not equal; empty if nothing is. */
    String disagreement() {
        if (conflicts.isEmpty() == ourConflicts.isEmpty() && files.equals(ourFiles)) {
            return "";
        }
        SortedMap<String, GitFile> missing = new TreeMap<>(files);
        missing.entrySet().removeAll(ourFiles.entrySet());
        SortedMap<String, GitFile> more = new TreeMap<>(ourFiles);
        more.entrySet().removeAll(files.entrySet());
        List<String> here = ourConflicts.stream()
                .map(each -> each.kinds() + " " + each.path())
                .toList();
        return "git: " + conflicts + " " + missing + ", here: " + here + " " + more;
    }

    /**
     * Takes out the files that git moves aside for a directory although the side it names left them alone. The trees are
     * those that git was told.
     */
    ByTable withoutFilesInTheWay(ModelTree base, ModelTree ours, ModelTree theirs) {
        for (String conflict : List.copyOf(conflicts)) {
            Matcher said = IN_THE_WAY.matcher(conflict);
            if (said.matches()) {
                TreePath path = TreePath.parse(said.group(1));
                @Nullable TreeEntry before = base.entries().get(path);
                @Nullable
                TreeEntry after =
                        (said.group(2).equals("ours") ? ours : theirs).entries().get(path);
                if (before != null && after != null && before.sameState(after)) {
                    conflicts.remove(conflict);
                    files.remove(said.group(3));
                    differences.add("an untouched file in a directory's way");
                }
            }
        }
        return this;
    }

    /** Takes out what git has beside where three states came to one place; here they are sides of the conflict. */
    ByTable withoutThirds(GitOracle git) {
        for (Conflict our : ourConflicts) {
            for (Version side : our.sides().size() > 2 ? our.sides() : List.<Version>of()) {
                String path = side.path().toString();
                if (!ourFiles.containsKey(path) && isFile(git, side, files.get(path))) {
                    files.remove(path);
                    differences.add("a third state in one place");
                }
            }
        }
        return this;
    }

    /** Takes out what both sides made files of different types of: both are in our conflict, and ours shows. */
    ByTable withoutDistinctTypes(GitOracle git) {
        for (String conflict : List.copyOf(conflicts)) {
            Matcher said = DISTINCT_TYPES.matcher(conflict);
            for (Conflict our : said.matches() ? List.copyOf(ourConflicts) : List.<Conflict>of()) {
                String path = said.group(1);
                @Nullable GitFile there = files.get(path);
                @Nullable GitFile left = files.getOrDefault(path + "~ours", there);
                @Nullable GitFile right = files.getOrDefault(path + "~theirs", there);
                boolean here = our.path().toString().equals(path);
                if (here && left != null && right != null && isOf(git, our, left, right)) {
                    take(conflict, our, "distinct types in one place");
                    files.keySet().removeAll(Set.of(path, path + "~ours", path + "~theirs"));
                }
            }
        }
        return this;
    }

    /**
     * Takes out files that one side renamed while the other put something of another type at the old place. To git that is
     * something new, and the file deleted: it has both, each at its place. We have one, and both in the conflict.
     *
     * @param merged where a path of the base is in the result
     */
    ByTable withoutRenamedAndRetyped(GitOracle git, Function<TreePath, String> merged) {
        for (String conflict : List.copyOf(conflicts)) {
            Matcher said = MODIFY_DELETE.matcher(conflict);
            for (Conflict our : said.matches() ? List.copyOf(ourConflicts) : List.<Conflict>of()) {
                String path = said.group(1);
                if (our.path().toString().equals(path) && our.kinds().equals(Set.of(Conflict.Kind.TYPE))) {
                    String old = merged.apply(Objects.requireNonNull(our.base()).path());
                    boolean oursRetyped = said.group(2).equals("ours");
                    @Nullable GitFile renamed = files.get(path);
                    @Nullable GitFile retyped = files.get(old);
                    @Nullable GitFile left = oursRetyped ? retyped : renamed;
                    @Nullable GitFile right = oursRetyped ? renamed : retyped;
                    if (!old.equals(path) && left != null && right != null && isOf(git, our, left, right)) {
                        take(conflict, our, "a file renamed and made another type");
                        files.keySet().removeAll(Set.of(path, old));
                    }
                }
            }
        }
        return this;
    }

    /** One conflict of ours has all reasons for which the path has no answer; git says each by itself. */
    private void take(String conflict, Conflict our, String difference) {
        conflicts.remove(conflict);
        for (Conflict.Kind kind : our.kinds()) {
            conflicts.removeIf(
                    each -> each.startsWith("CONFLICT (" + kind.text() + ")") && each.contains(" " + our.path() + " "));
        }
        ourConflicts.remove(our);
        ourFiles.remove(our.path().toString());
        differences.add(difference);
    }

    /** Whether the conflict is of these two files, and ours shows. */
    private boolean isOf(GitOracle git, Conflict our, GitFile left, GitFile right) {
        return isFile(git, our.sides().get(0), left)
                && left.equals(ourFiles.get(our.path().toString()))
                && our.sides().stream().skip(1).anyMatch(side -> isFile(git, side, right));
    }

    private static boolean isFile(GitOracle git, Version version, @Nullable GitFile file) {
        @Nullable TreeEntry entry = version.entry();
        return entry != null && !Side.isDirectory(entry) && git.file(entry).equals(file);
    }

    /** Puts git's directories, told under neutral names, where they belong. */
    ByTable placed(RecordedRenames renames) {
        conflicts.replaceAll(renames::placedIn);
        @Nullable SortedMap<String, GitFile> placed = renames.placed(files);
        if (placed == null) {
            conflicts.add("two in one place");
        } else {
            files.clear();
            files.putAll(placed);
        }
        differences.add("a recorded rename of a directory");
        return this;
    }

    /**
     * Takes out our conflicts of directories themselves, which git does not know, with what is kept in one because of it.
     *
     * @param sides ours and theirs
     */
    ByTable withoutDirectories(GitOracle git, RecordedRenames renames, List<ModelTree> sides) {
        for (Conflict our : List.copyOf(ourConflicts)) {
            @Nullable Version began = our.base();
            if (began == null || !Side.isDirectory(Objects.requireNonNull(began.entry()))) {
                continue;
            }
            if (our.kinds().equals(Set.of(Conflict.Kind.RENAME_DELETE)) && renames.isRenamedAndDeleted(began.path())) {
                ourConflicts.remove(our);
                differences.add("a directory renamed and deleted");
                withoutKept(git, our, sides);
            } else if (our.kinds().equals(Set.of(Conflict.Kind.RENAME_RENAME)) && renames.isUndecided(began.path())) {
                ourConflicts.remove(our);
                differences.add("a directory renamed to two places");
            }
        }
        return this;
    }

    /** What is in the directory stays as the side that renamed it has it, as git keeps each file that was renamed. */
    private void withoutKept(GitOracle git, Conflict our, List<ModelTree> sides) {
        boolean isOurs = our.ours() != null;
        Version survivor = Objects.requireNonNull(isOurs ? our.ours() : our.theirs());
        ModelTree side = sides.get(isOurs ? 0 : 1);
        String prefix = our.path() + "/";
        for (String path : List.copyOf(ourFiles.keySet())) {
            if (path.startsWith(prefix) && !files.containsKey(path)) {
                TreePath was = TreePath.parse(survivor.path() + "/" + path.substring(prefix.length()));
                @Nullable TreeEntry entry = side.entries().get(was);
                if (entry != null && git.file(entry).equals(ourFiles.get(path))) {
                    ourFiles.remove(path);
                }
            }
        }
    }

    /** Takes out our conflict of a file with a directory that is empty, since what would be in it was moved into itself. */
    ByTable withoutEmptied(RecordedRenames renames) {
        for (Conflict our : List.copyOf(ourConflicts)) {
            String aside = our.path().toString();
            String path = aside.replaceAll("~(ours|theirs)$", "");
            boolean empty = ourFiles.subMap(path + "/", path + "0").isEmpty();
            boolean here = our.kinds().equals(Set.of(Conflict.Kind.FILE_DIRECTORY)) && ourFiles.containsKey(aside);
            if (here && empty && renames.isUndecided() && !ourFiles.containsKey(path)) {
                ourConflicts.remove(our);
                ourFiles.put(path, Objects.requireNonNull(ourFiles.remove(aside)));
                differences.add("a directory that was emptied");
            }
        }
        return this;
    }
}
