package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command against a real socket: what it prints, and how it ends. */
final class DogearTest extends CommandTest {
    @BeforeEach
    void open() {
        ok("repo", "create", "app");
    }

    @Test
    void aSession() {
        live.write("app", "main", "readme", "one\n");
        assertTrue(ok("checkpoint", "app/main", "-m", "first").contains(" first (1 paths"));
        ok("bookmark", "create", "app", "session/1");
        live.write("app", "session/1", "readme", "two\n");
        assertTrue(ok("diff", "app/session/1").contains("-one\n+two\n"));
        ok("checkpoint", "app/session/1", "-m", "prompt: 2", "--author", "A <a@x>", "--meta", "run=7");
        assertTrue(ok("log", "app/session/1").contains("A  prompt: 2"));
        assertTrue(ok("log", "app/session/1", "-n", "1", "--json").contains("run: 7"));
        assertTrue(ok("undo", "app/session/1").contains("  M readme"));
        assertTrue(ok("redo", "app/session/1").contains("app/session/1 is now at "));
        assertTrue(ok("diff", "app", "main", "session/1").contains("+two"));
        String merged = ok("merge", "app", "--into", "main", "--from", "session/1", "--delete-source");
        assertTrue(merged.startsWith("Merged session/1 into main"), merged);
        assertEquals(2, ok("bookmark", "list", "app").lines().count());
        assertTrue(ok("operations", "app").contains("  merge  main "));
        assertTrue(ok("status").contains("app/main"));
        assertTrue(ok("check").startsWith("No problem found"));
    }

    @Test
    void undoOfPathsAndOfOperations() {
        live.write("app", "main", "readme", "one\n");
        live.write("app", "main", "src/a.c", "one\n");
        ok("checkpoint", "app/main", "-m", "first");
        live.write("app", "main", "readme", "two\n");
        live.write("app", "main", "src/a.c", "two\n");
        String said = ok("undo", "app/main", "--dry-run");
        assertTrue(said.startsWith("app/main would be at "), said);
        assertTrue(said.contains("  M readme") && said.contains("  M src/a.c"), said);
        String undone = ok("undo", "app/main", "--", "src/");
        assertTrue(undone.contains("  M src/a.c") && !undone.contains("readme"), undone);
        assertTrue(undone.contains("The edits are kept in "), undone);
        assertTrue(ok("redo", "app/main", "--dry-run").contains("  M src/a.c"));
        assertTrue(ok("diff", "app/main").contains("+++ b/readme"));
        ok("checkpoint", "app/main", "-m", "second");
        String newest = ok("operations", "app", "-n", "1");
        String number = newest.substring(0, newest.indexOf(' '));
        live.write("app", "main", "other", "x\n");
        assertTrue(ok("undo", "app", "--operation", number, "--dry-run").contains("app/main would get a new change"));
        assertTrue(ok("undo", "app", "--operation", number).contains("  M readme"));
        HelpTest.Run again = run("undo", "app", "--operation", number);
        assertEquals(4, again.status());
        assertTrue(again.err().contains("Nothing is left of operation " + number), again.err());
        assertEquals(3, run("undo", "app", "--operation", "4711").status());
        assertEquals(2, run("undo", "app", "--operation", number, "readme").status());
        assertEquals(3, run("undo", "app/main", "--", "nowhere").status());
    }

    @Test
    void aMergeSaysWhatItWouldDo() {
        ok("bookmark", "create", "app", "session/1");
        live.write("app", "session/1", "new", "x\n");
        String said = ok("merge", "app", "--into", "main", "--from", "session/1", "--dry-run");
        assertTrue(said.startsWith("session/1 would be merged into main") && said.contains("  A new"), said);
        assertEquals("", ok("diff", "app/main"));
        ok("merge", "app", "--into", "main", "--from", "session/1");
        assertTrue(ok("merge", "app", "--into", "main", "--from", "session/1", "--dry-run")
                .startsWith("Nothing to merge"));
    }

    @Test
    void treesGoOutAndComeIn() throws IOException {
        Path in = Files.createDirectories(folder.resolve("in"));
        Files.writeString(in.resolve("f"), "text");
        assertTrue(ok("import", "app", in.toString()).startsWith("Imported "));
        Path out = folder.resolve("out");
        ok("export", "app/main", out.toString());
        assertEquals("text", Files.readString(out.resolve("f")));
        // On a terminal the same goes through a stream of progress.
        Map<String, String> terminal = Map.of("DOGEAR_SOCKET", live.socket().toString(), "DOGEAR_STDERR_TTY", "1");
        HelpTest.Run run = HelpTest.Run.of(
                terminal, "export", "app/@main", folder.resolve("again").toString());
        assertEquals(0, run.status(), run.err());
        HelpTest.Run checked = HelpTest.Run.of(terminal, "check");
        assertTrue(checked.status() == 0 && checked.out().startsWith("No problem found"), checked.err());
        HelpTest.Run refused = HelpTest.Run.of(terminal, "export", "app/main", out.toString());
        assertTrue(refused.status() != 0, refused.out());
        assertTrue(refused.err().startsWith("dogear: "), refused.err());
    }

    @Test
    void aPurgeOfAllIsTriedFirst() {
        String tried = ok("purge", "app", "--all", "--dry-run", "--json");
        assertTrue(tried.startsWith("{") && tried.contains("\"dry_run\":true"), tried);
        assertTrue(tried.contains("\"name\":\"app\""), tried);
        assertEquals("Would delete the repository app for good\n", ok("purge", "app", "--all", "--dry-run"));
        assertTrue(ok("purge", "app", "--all", "--yes").startsWith("Gone for good: app ("));
        assertEquals(3, run("log", "app/main").status());
    }

    @Test
    void aRepairIsRefusedWithAReason() {
        String none = folder.resolve("none").toString();
        assertTrue(run("check", "--repair", "--data", none).err().contains("There is no store in " + none));
        assertEquals(3, run("check", "--repair", "--data", none).status());
        assertTrue(!Files.exists(Path.of(none)), "nothing is made where there was nothing");
        assertEquals(2, run("check", "app").status());
        assertEquals(2, run("check", "--data", none).status());
    }

    @Test
    void howItEndsIsToldByTheStatus() {
        assertEquals(2, run("checkpoint", "app", "-m", "no bookmark").status());
        assertEquals(2, run("checkpoint", "app/main", "--meta", "no-value").status());
        assertEquals(2, run("checkpoint", "app/main", "--author", "nobody").status());
        assertEquals(2, run("undo", "app/main", "--checkpoints", "0").status());
        assertEquals(2, run("merge", "app", "--into", "main").status());
        assertEquals(2, run("bookmark", "create", "app", "..").status());
        assertEquals(2, run("repo", "create", "A/B").status());
        assertEquals(3, run("log", "none/main").status());
        assertEquals(3, run("bookmark", "delete", "app", "none").status());
        assertEquals(3, run("umount", folder.toString()).status());
        assertEquals(4, run("repo", "create", "app").status());
        assertEquals(4, run("redo", "app/main").status());
        HelpTest.Run nobody =
                HelpTest.Run.of(Map.of("DOGEAR_SOCKET", folder.resolve("none").toString()), "status");
        assertEquals(5, nobody.status());
        assertTrue(nobody.err().contains("Start one with: dogear up"), nobody.err());
    }

    @Test
    void aConflictIsToldPathByPath() {
        live.write("app", "main", "f", "base\n");
        ok("checkpoint", "app/main", "-m", "base");
        ok("bookmark", "create", "app", "other");
        live.write("app", "main", "f", "ours\n");
        live.write("app", "other", "f", "theirs\n");
        String status = ok("status", "app/main");
        assertTrue(status.contains("edits: 1\n  M f\nWould conflict with:\nother\n  C f: content\n"), status);
        assertTrue(ok("status", "app/main", "--json").contains("\"overlaps\":[{\"bookmark\":\"other\""));
        HelpTest.Run refused = run("merge", "app", "--into", "main", "--from", "other");
        assertEquals(4, refused.status());
        assertTrue(refused.err().contains("\n  f: "), refused.err());
    }

    @Test
    void aDaemonForOtherDataIsNotTakenForOurs() {
        HelpTest.Run up = run("up", "--data", folder.resolve("other").toString());
        assertEquals(4, up.status());
        assertTrue(up.err().contains("(pid " + ProcessHandle.current().pid() + ")"), up.err());
    }

    @Test
    void settingsOfARepositoryAndOfTheDaemon() {
        assertTrue(ok("config", "app").contains("retention "), ok("config", "app"));
        String changed =
                ok("config", "app", "retention=90d", "bookmark.clean-up=session/*", "--unset", "bookmark.idle");
        assertTrue(changed.contains("90d") && changed.contains("(default: 30d)"), changed);
        assertTrue(ok("config", "app", "--unset", "retention", "--json").contains("\"value\":\"30d\""));
        assertTrue(ok("config", "repositories=5").contains("repositories"));
        assertTrue(ok("config", "--explain").contains("How many repositories there may be"));
        HelpTest.Run unknown = run("config", "app", "retentoin=1d");
        assertEquals(2, unknown.status());
        assertTrue(unknown.err().contains("did you mean retention?"), unknown.err());
        HelpTest.Run unit = run("config", "app", "retention=1month");
        assertEquals(2, unit.status());
        assertTrue(unit.err().contains("a time span such as 30d"), unit.err());
        HelpTest.Run plain = run("config", "app", "retention");
        assertEquals(2, plain.status());
        assertTrue(plain.err().contains("as KEY=VALUE"), plain.err());
        assertEquals(3, run("config", "none").status());
    }

    @Test
    void aChangeMadeWithAKeyIsByTheKey() {
        String key = ok("key", "create", "--name", "bot", "--email", "bot@example.org")
                .strip();
        Map<String, String> environment =
                Map.of("DOGEAR_SOCKET", live.socket().toString(), "DOGEAR_KEY", key, "GIT_AUTHOR_NAME", "Git");
        HelpTest.Run made =
                HelpTest.Run.of(environment, "checkpoint", "app/main", "-m", "1", "--allow-empty", "--json");
        assertTrue(made.out().contains("\"name\":\"bot\",\"email\":\"bot@example.org\""), made.out() + made.err());
        ok("config", "app", "default-author=git", "metadata=run");
        HelpTest.Run refused = HelpTest.Run.of(environment, "checkpoint", "app/main", "-m", "2", "--allow-empty");
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains("The metadata run is missing"), refused.err());
        HelpTest.Run second = HelpTest.Run.of(
                environment, "checkpoint", "app/main", "-m", "2", "--allow-empty", "--meta", "run=1", "--json");
        assertTrue(second.out().contains("\"name\":\"Git\""), second.out() + second.err());
        ok("config", "app", "bookmark.names=session/*", "bookmarks=1");
        assertEquals(2, run("bookmark", "create", "app", "fix").status());
        HelpTest.Run full = run("bookmark", "create", "app", "session/1");
        assertEquals(1, full.status());
        assertTrue(full.err().contains("there may be 1"), full.err());
    }

    @Test
    void repositoriesAreRenamedAndTagged() {
        assertEquals("team=web\n", ok("repo", "tag", "app", "team=web"));
        assertEquals("team=web\ntier=1\n", ok("repo", "tag", "app", "tier=1"));
        assertEquals("tier=1\n", ok("repo", "tag", "app", "--remove", "team"));
        assertEquals("tier=1\n", ok("repo", "tag", "app"));
        assertEquals(2, run("repo", "tag", "app", "team").status());
        ok("repo", "create", "other");
        assertEquals(4, run("repo", "rename", "app", "other").status());
        assertEquals(2, run("repo", "rename", "app", "UPPER").status());
        assertEquals(3, run("repo", "rename", "none", "new").status());
        assertEquals("Renamed app to shop\n", ok("repo", "rename", "app", "shop"));
        assertTrue(ok("repo", "list").contains("shop"));
        ok("bookmark", "create", "shop", "session/1", "--expires", "7d");
        assertTrue(ok("bookmark", "list", "shop").lines().anyMatch(line -> line.matches("session/1 .* main +20.*Z")));
        assertTrue(ok("bookmark", "expire", "shop", "session/1", "2w").startsWith("shop/session/1 expires 20"));
        assertEquals("shop/session/1 stays\n", ok("bookmark", "expire", "shop", "session/1", "never"));
        assertEquals(2, run("bookmark", "expire", "shop", "session/1", "soon").status());
        assertEquals(
                2,
                run("bookmark", "create", "shop", "session/2", "--expires", "soon")
                        .status());
    }

    @Test
    void aKeyLowersTheRightsOfTheCommandAndIsAudited() {
        String key = ok(
                        "key",
                        "create",
                        "--scope",
                        "write",
                        "--repo",
                        "app",
                        "--bookmark",
                        "session/*",
                        "--name",
                        "bot")
                .strip();
        ok("bookmark", "create", "app", "session/1");
        Map<String, String> environment = Map.of("DOGEAR_SOCKET", live.socket().toString(), "DOGEAR_KEY", key);
        live.write("app", "session/1", "f", "x");
        assertEquals(
                0,
                HelpTest.Run.of(environment, "checkpoint", "app/session/1", "-m", "1")
                        .status());
        HelpTest.Run refused = HelpTest.Run.of(environment, "checkpoint", "app/main", "-m", "1");
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("This key changes only the bookmarks session/*."), refused.err());
        assertEquals(1, HelpTest.Run.of(environment, "key", "list").status());
        assertEquals(
                2, HelpTest.Run.of(Map.of("DOGEAR_KEY", "a b"), "repo", "list").status());
        assertEquals(2, run("key", "create", "--expires", "soon").status());
        String listed = ok("key", "list");
        assertTrue(listed.contains("bot   read,write  session/*  active"), listed);
        ok("key", "revoke", listed.lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0]);
        assertEquals(1, HelpTest.Run.of(environment, "repo", "list").status());
        ok("diff", "app", "main", "session/1");
        List<String> audit =
                ok("audit", "--repo", "app", "--since", "1h").lines().toList();
        assertEquals(5, audit.size(), audit.toString());
        assertTrue(audit.get(1).contains("GET /v1/local/app/diff"), audit.get(1));
        assertTrue(audit.get(2).contains("bot ") && audit.get(2).contains("main/checkpoint"), audit.get(2));
        assertTrue(audit.get(2).contains(" 403 "), audit.get(2));
        assertTrue(audit.get(3).contains(" 200 "), audit.get(3));
        assertTrue(!ok("audit", "--json").contains(key));
    }
}
