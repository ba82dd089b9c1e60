package dev.dogear.store.care;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.hash.Hashing;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Authoring;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.purge.PathGlobs;
import dev.dogear.store.tree.purge.PurgeRules;
import dev.dogear.store.tree.purge.Secrets;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is purged is nowhere: not in an answer, not in a byte of the repository's files. All else is as it was. */
final class PurgeTest {
    private static final String SECRET = "AKIA-9f3b1c-very-secret-key";
    private static final String STARS = "*".repeat(SECRET.length());

    @TempDir
    Path data;

    static Purge.Request content(String secret) {
        Secrets secrets = Secrets.of(List.of(secret.getBytes(StandardCharsets.UTF_8)), List.of());
        return new Purge.Request(new PurgeRules(PathGlobs.of(List.of()), secrets), List.of());
    }

    private static Purge.Request paths(String... patterns) {
        return new Purge.Request(
                new PurgeRules(PathGlobs.of(List.of(patterns)), Secrets.of(List.of(), List.of())), List.of());
    }

    private static Purge.Report purge(CaredStore store, Purge.Request request) {
        return new Purge(store.repository(), request, (stage, done, total) -> {}).run();
    }

    /** Files of the repository's folder that have those bytes. */
    static List<String> grep(Path data, byte[] wanted) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(data.resolve("repos"))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (indexOf(Files.readAllBytes(file), wanted) >= 0) {
                    found.add(data.relativize(file).toString());
                }
            }
        }
        return found;
    }

    private List<String> grep(String wanted) throws IOException {
        return grep(data, wanted.getBytes(StandardCharsets.UTF_8));
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (bytes[at] == wanted[0] && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    @Test
    void aSecretIsOverwrittenInEveryState() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            LiveFiles main = store.files("main");
            main.write("keep.txt", "kept\n");
            main.write("app.properties", "a=1\nkey=" + SECRET + "\nb=2\n");
            Change first = store.checkpoint("main", "prompt: with " + SECRET + " in the words");
            main.write("key.pem", SECRET + "\n");
            main.symlink("link", "../" + SECRET + "/x");
            Change second = store.checkpoint("main", "second");
            repository.createBookmark("other", first.id(), CaredStore.BY);
            store.files("other").write("other.txt", "mine " + SECRET);
            store.checkpoint("other", "other");
            repository.merge(new MergeRequest("main", "other", false, null, null, null), CaredStore.BY);
            repository.deleteBookmark("other", null, CaredStore.BY);
            main.write("edited.txt", "not checkpointed " + SECRET);
            store.fold();
            assertFalse(grep(SECRET).isEmpty(), "it was there, or the search is none");
            List<Change> before = repository.log(repository.resolve("main"), 0, 99);

            Purge.Report report = purge(store, content(SECRET));

            assertEquals(List.of(), grep(SECRET));
            assertEquals(List.of("key.pem"), report.removed());
            assertEquals(List.of("app.properties", "edited.txt", "link", "other.txt"), report.overwritten());
            assertEquals(List.of(), requireNonNull(report.proof()).left());
            assertTrue(report.proof().bytes() > 0
                    && report.proof().objects() > 0
                    && report.proof().rows() > 0);
            assertEquals(4, report.changes());
            List<Change> after = repository.log(repository.resolve("main"), 0, 99);
            assertEquals(
                    before.stream().map(Change::id).toList(),
                    after.stream().map(Change::id).toList());
            assertNotEquals(
                    first.commit(), repository.resolve(first.id().toString()).commit());
            assertEquals(
                    "prompt: with " + STARS + " in the words",
                    repository.resolve(first.id().toString()).message());
            assertEquals("a=1\nkey=" + STARS + "\nb=2\n", main.read("app.properties"));
            assertEquals("not checkpointed " + STARS, main.read("edited.txt"));
            assertNull(main.read("key.pem"));
            assertEquals("kept\n", main.read("keep.txt"));
            store.check();
            store.reopen();
            assertEquals(List.of(), grep(SECRET));
            Repository again = store.repository();
            assertEquals("not checkpointed " + STARS, store.files("main").read("edited.txt"));
            again.undo("other", 0, CaredStore.BY);
            assertEquals("mine " + STARS, store.files("other").read("other.txt"));
            again.undo("main", 1, CaredStore.BY);
            assertEquals("a=1\nkey=" + STARS + "\nb=2\n", store.files("main").read("app.properties"));
            again.redo("main", CaredStore.BY);
            assertEquals(second.id(), again.resolve("main~1").id());
            assertEquals(List.of(), grep(SECRET));
        }
    }

    @Test
    void pathsGoWithAllTheyEverHeld() throws Exception {
        byte[] noise = CaredStore.noise(7, 300_000);
        byte[] part = Arrays.copyOfRange(noise, 150_000, 150_064);
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("src/a.txt", "a\n");
            main.write("secrets/deep/big.bin", noise);
            main.write("secrets/.env", "HOME=/\n");
            main.write("src/.env", "TOKEN=1\n");
            Change with = store.checkpoint("main", "with");
            main.link("src/a.txt", "secrets/linked");
            main.delete("secrets/deep/big.bin");
            Change linked = store.checkpoint("main", "linked");
            main.write("src/b.txt", "b\n");
            store.checkpoint("main", "last");
            store.fold();
            assertFalse(grep(data, part).isEmpty(), "it was there, or the search is none");

            Purge.Report report = purge(store, paths("secrets/deep", "**/.env"));

            assertEquals(List.of(), grep(data, part));
            assertEquals(List.of("secrets/.env", "secrets/deep", "secrets/deep/big.bin", "src/.env"), report.removed());
            assertEquals(List.of("secrets/", "secrets/linked", "src/", "src/a.txt", "src/b.txt"), names(main));
            assertEquals(3, report.changes());
            Repository repository = store.repository();
            assertEquals(
                    2,
                    repository.resolve(with.id().toString()).root().directory().size());
            assertEquals(
                    List.of("src/a.txt"),
                    repository
                            .diff(
                                    repository.resolve("main~3").root(),
                                    repository.resolve(with.id().toString()).root())
                            .stream()
                            .filter(change ->
                                    change.after() != null && change.after().content() != null)
                            .map(change -> change.path().toString())
                            .filter(path -> path.endsWith(".txt"))
                            .toList());
            // A file with several names goes with all of them.
            Purge.Report link = purge(store, paths("secrets"));
            assertTrue(link.removed().contains("secrets"), link.toString());
            assertEquals(List.of("src/", "src/b.txt"), names(main));
            assertEquals(linked.id(), repository.resolve("main~1").id());
        }
    }

    private static List<String> names(LiveFiles files) throws Exception {
        return List.copyOf(files.all().keySet());
    }

    @Test
    void saysWhereTheSameContentIsStill() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("leak.txt", "the very same content\n");
            main.write("copies/of it", "the very same content\n");
            store.checkpoint("main", "two");
            Purge.Report report = purge(store, paths("leak.txt"));
            assertEquals(List.of("copies/of it"), report.elsewhere());
            assertEquals("the very same content\n", main.read("copies/of it"));
        }
    }

    @Test
    void aContentIsNamedByItsHash() throws Exception {
        byte[] noise = CaredStore.noise(8, 200_000);
        String hash = Hashing.sha256().hashBytes(noise).toString();
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("here", noise);
            main.write("kept", "k\n");
            store.checkpoint("main", "here");
            main.rename("here", "there");
            store.checkpoint("main", "there");
            store.fold();
            Purge.Request request = new Purge.Request(
                    new PurgeRules(PathGlobs.of(List.of()), Secrets.of(List.of(), List.of(hash))), List.of());
            assertEquals(List.of("here", "there"), purge(store, request).removed());
            assertEquals(List.of(), grep(data, Arrays.copyOf(noise, 64)));
            assertEquals(List.of("kept"), names(main));
        }
    }

    @Test
    void openFilesAreEmptyOrOverwrittenForWhoHoldsThem() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            Workspace workspace = store.repository().workspace("main");
            main.write("part", "xx " + SECRET + " yy");
            main.write("whole", SECRET);
            main.write("unlinked", "zz " + SECRET);
            Change change = store.checkpoint("main", "all");
            LiveFiles past = new LiveFiles(store.repository().past(change));
            FileNode pastPart = (FileNode) past.open("part");
            FileNode part = opened(workspace, main, "part");
            FileNode whole = opened(workspace, main, "whole");
            main.append("unlinked", " and more " + SECRET);
            FileNode unlinked = opened(workspace, main, "unlinked");
            main.delete("unlinked");
            purge(store, content(SECRET));
            assertEquals("xx " + STARS + " yy", main.text(part));
            assertEquals("", main.text(whole));
            assertEquals("zz " + STARS + " and more " + STARS, main.text(unlinked));
            assertEquals("xx " + STARS + " yy", past.text(pastPart));
            assertEquals(List.of(), grep(SECRET));
            for (FileNode file : List.of(part, whole, unlinked)) {
                workspace.closed(file, true);
            }
        }
    }

    private static FileNode opened(Workspace workspace, LiveFiles files, String path) throws Exception {
        FileNode file = (FileNode) files.open(path);
        workspace.opened(file, true);
        return file;
    }

    @Test
    void namesAreChangedThatHoldASecret() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("dir " + SECRET + "/file", "content\n");
            store.checkpoint("main", "named");
            purge(store, content(SECRET));
            List<String> names = names(main);
            assertEquals(2, names.size(), names.toString());
            assertTrue(names.get(1).matches("purged-[0-9a-f]+dir /file"), names.toString());
            assertEquals(List.of(), grep(SECRET));
        }
    }

    @Test
    void namesThatDifferByASecretAloneStayTwo() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("x" + SECRET, "before\n");
            main.write(SECRET + "x", "behind\n");
            main.write("y" + SECRET + "x", "between\n");
            main.write("yx" + SECRET, "after\n");
            store.checkpoint("main", "named");
            purge(store, content(SECRET));
            List<String> names = names(main);
            assertEquals(4, names.size(), names.toString());
            assertTrue(names.stream().allMatch(name -> name.matches("purged-[0-9a-f]{8}y?x")), names.toString());
            List<String> texts = new ArrayList<>();
            for (String name : names) {
                texts.add(main.read(name));
            }
            Collections.sort(texts);
            assertEquals(List.of("after\n", "before\n", "behind\n", "between\n"), texts);
        }
    }

    @Test
    void aRehearsalSaysTheSameAndChangesNothing() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("a", "is " + SECRET + " here");
            Change change = store.checkpoint("main", "a");
            main.write("b", "and " + SECRET);
            Purge.Report said = new Purge(store.repository(), content(SECRET), (stage, done, total) -> {}).rehearse();
            assertEquals(List.of("a", "b"), said.overwritten());
            assertNull(said.proof());
            assertEquals(change.commit(), store.repository().resolve("main").commit());
            assertEquals("and " + SECRET, main.read("b"));
            assertEquals(said.overwritten(), purge(store, content(SECRET)).overwritten());
            assertTrue(purge(store, content(SECRET)).isEmpty(), "there is nothing more");
        }
    }

    @Test
    void aDeletedBookmarkIsForgotten() throws Exception {
        byte[] noise = CaredStore.noise(9, 100_000);
        byte[] part = Arrays.copyOf(noise, 64);
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            store.files("main").write("a", "a\n");
            Change base = store.checkpoint("main", "a");
            repository.createBookmark("doomed", base.id(), CaredStore.BY);
            store.files("doomed").write("private", noise);
            Change gone = store.checkpoint("doomed", "private");
            Purge.Request request = new Purge.Request(
                    new PurgeRules(PathGlobs.of(List.of()), Secrets.of(List.of(), List.of())), List.of("doomed"));
            StoreException there = assertThrows(StoreException.class, () -> purge(store, request));
            assertEquals(Kind.NOT_FOUND, there.kind());
            repository.deleteBookmark("doomed", null, CaredStore.BY);
            store.fold();
            assertFalse(grep(data, part).isEmpty(), "it was there, or the search is none");
            assertEquals(1, purge(store, request).forgottenCommits());
            assertEquals(List.of(), grep(data, part));
            assertThrows(StoreException.class, () -> repository.undo("doomed", 0, CaredStore.BY));
            assertThrows(
                    StoreException.class, () -> repository.resolve(gone.id().toString()));
            assertEquals(base.id(), repository.resolve("main").id());
        }
    }

    @Test
    void aDeletedRepositoryGoesBeforeItsTime() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository doomed = store.store().createRepository("doomed", "main", CaredStore.BY);
            LiveFiles files = new LiveFiles(doomed.workspace("main"));
            files.write("a", "so " + SECRET);
            FileNode held = opened(doomed.workspace("main"), files, "a");
            assertThrows(StoreException.class, () -> store.store().purgeRepository("doomed"), "it is not deleted");
            store.store().deleteRepository("doomed", CaredStore.BY);
            assertFalse(grep(SECRET).isEmpty(), "it was there, or the search is none");
            assertEquals(doomed.id(), store.store().purgeRepository("doomed").id());
            assertEquals(List.of(), grep(SECRET));
            assertFalse(Files.exists(data.resolve("repos").resolve(doomed.id())));
            assertEquals("", files.text(held));
            assertEquals(List.of(), store.store().deletedRepositories());
        }
    }

    @Test
    void checkpointsMeanwhileBringNothingBack() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            for (int i = 0; i < 30; i++) {
                main.write("f" + i, i + " " + SECRET + " " + i);
                store.checkpoint("main", "c" + i);
            }
            AtomicReference<Throwable> failed = new AtomicReference<>();
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        main.write("w" + i % 20, "words " + i);
                        store.repository().checkpoint("main", CheckpointRequest.of("w" + i), CaredStore.BY);
                    }
                } catch (Exception e) {
                    failed.set(e);
                }
            });
            writer.start();
            Purge.Report report = purge(store, content(SECRET));
            writer.join();
            assertNull(failed.get());
            assertEquals(List.of(), requireNonNull(report.proof()).left());
            assertEquals(List.of(), grep(SECRET));
            assertEquals("words 199", main.read("w19"));
            assertEquals("7 " + STARS + " 7", main.read("f7"));
            store.collect();
            store.reopen();
            assertEquals(List.of(), grep(SECRET));
        }
    }

    @Test
    void anAmendedChangeLosesItsOlderCommitsToo() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            main.write("a", "say " + SECRET);
            Change change = store.checkpoint("main", "a");
            store.repository()
                    .amend(
                            Authoring.Amendment.files(change.id(), Authoring.FileWrite.deletion(TreePath.parse("a"))),
                            CaredStore.BY);
            assertNull(main.read("a"));
            store.fold();
            purge(store, content(SECRET));
            assertEquals(List.of(), grep(SECRET));
            store.repository().undo("main", 0, CaredStore.BY);
            assertEquals("say " + STARS, main.read("a"));
        }
    }

    @Test
    void aDictionaryThatWasTrainedOnItGoes() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles main = store.files("main");
            for (int i = 0; i < 800; i++) {
                main.write(
                        "d/f" + i, "common words of many files, " + SECRET + ", number " + i * 7919 + "\n".repeat(40));
            }
            store.checkpoint("main", "many");
            store.fold();
            assertEquals(1, store.repository().tables().packing().dictionaries(), "one was trained");
            purge(store, content(SECRET));
            assertEquals(List.of(), grep(SECRET));
            assertEquals(0, store.repository().tables().packing().dictionaries());
            assertTrue(
                    requireNonNull(main.read("d/f7")).startsWith("common words of many files, " + STARS),
                    main.read("d/f7"));
            main.write("more", "common words");
            store.checkpoint("main", "more");
            store.fold();
            store.check();
            assertEquals(List.of(), grep(SECRET));
        }
    }

    @Test
    void aProposalFollowsItsChanges() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            store.files("main").write("a", "a\n");
            Change base = store.checkpoint("main", "a");
            repository.createBookmark("proposal/1", base.id(), CaredStore.BY);
            store.files("proposal/1").write("b", "see " + SECRET);
            store.checkpoint("proposal/1", "b");
            Proposal.Who author = new Proposal.Who("ann", "user 1");
            Proposal.Who other = new Proposal.Who("bob", "user 2");
            long number = repository
                    .propose("proposal/1", "main", "use " + SECRET, author)
                    .number();
            repository.approve(
                    number, repository.bookmark("proposal/1").commit().toHex().substring(0, 40), other);
            purge(store, content(SECRET));
            Proposal proposal = repository.proposal(number);
            assertEquals("use " + STARS, proposal.message());
            assertEquals(
                    repository.bookmark("proposal/1").commit(),
                    repository.standing(proposal).diff().headCommit());
            assertEquals(
                    1,
                    proposal.approvals().stream()
                            .filter(each -> each.endedBy() == 0)
                            .count());
            repository.merge(new MergeRequest("main", "proposal/1", true, null, null, null), CaredStore.BY);
            assertEquals("see " + STARS, store.files("main").read("b"));
            assertEquals(List.of(), grep(SECRET));
        }
    }

    @Test
    void patternsAreFromTheRoot() {
        PathGlobs globs = PathGlobs.of(List.of("a/*.pem", "**/.env", "x/**/z", "logs/**"));
        for (String path : List.of("a/k.pem", ".env", "q/w/.env", "x/z", "x/1/2/z", "logs/1", "a/k.pem/below")) {
            assertTrue(globs.covers(TreePath.parse(path)), path);
        }
        for (String path : List.of("k.pem", "a/b/k.pem", "x", "z", "logs", "a/kpem", ".environment")) {
            assertFalse(globs.covers(TreePath.parse(path)), path);
        }
        for (String bad : List.of("", "a//b", "../a", "**")) {
            assertThrows(StoreException.class, () -> PathGlobs.of(List.of(bad)), bad);
        }
        assertThrows(
                StoreException.class, () -> Secrets.of(List.of("short\n".getBytes(StandardCharsets.UTF_8)), List.of()));
    }
}
