package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Proposals by the command line, and what else of it would get something into a protected bookmark. */
final class ProposalVerbsTest extends CommandTest {
    @BeforeEach
    void open() {
        ok("repo", "create", "app");
        live.write("app", "main", "a", "one\n");
        ok("checkpoint", "app/main", "-m", "one");
        ok("bookmark", "create", "app", "proposal/x-1");
        live.write("app", "proposal/x-1", "a", "two\n");
        ok("checkpoint", "app/proposal/x-1", "-m", "two");
        ok("bookmark", "protect", "app", "main");
        ok("config", "app", "approvals=1");
    }

    @Test
    void proposedShownApprovedMerged() {
        assertEquals(
                "Proposal 1: proposal/x-1 into main, needs 1 approvals, 1 missing\n",
                ok("propose", "app/proposal/x-1", "-m", "two is better"));
        assertTrue(ok("proposals", "app").contains("proposal/x-1"));
        String shown = ok("proposal", "app", "1");
        assertTrue(shown.contains("    two is better\n"), shown);
        assertTrue(shown.contains("-one\n+two\n"), shown);
        assertTrue(ok("proposal", "app", "1", "--stat").contains("a"));
        HelpTest.Run merge = run("merge", "app", "--into", "main", "--from", "proposal/x-1");
        assertEquals(1, merge.status());
        assertTrue(merge.err().contains("Proposal 1 needs 1 approvals"), merge.err());
        String approved = ok("approve", "app", "1", "--merge", "--delete-source");
        assertTrue(approved.contains("-one\n+two\n"), approved);
        assertTrue(approved.contains("Merged proposal/x-1 into main"), approved);
        assertTrue(approved.contains("Deleted proposal/x-1"), approved);
        assertFalse(ok("proposals", "app").contains("proposal/x-1"));
        assertTrue(ok("proposals", "app", "--all").contains("merged"));
        String audit = ok("audit", "--repo", "app", "--proposal", "1");
        assertTrue(audit.contains("POST /v1/local/app/proposals/1/approve"), audit);
        assertTrue(audit.contains("GET /v1/local/app/proposals/1"), audit);
        assertTrue(ok("events", "app", "--kind", "approve").contains("(proposal 1)"));
        assertEquals(2, run("audit", "--proposal", "1").status());
        assertEquals(3, run("proposal", "app", "2").status());
        assertEquals(4, run("approve", "app", "1").status());
    }

    @Test
    void rejected() {
        ok("propose", "app/proposal/x-1");
        live.write("app", "proposal/x-1", "b", "edit\n");
        HelpTest.Run approve = run("approve", "app", "1", "--yes");
        assertEquals(4, approve.status());
        assertTrue(approve.out().contains("There are edits, which are not shown"), approve.out());
        assertTrue(ok("reject", "app", "1", "-m", "no", "--delete-source").contains("Rejected proposal 1"));
        assertTrue(ok("proposal", "app", "1").contains(": no\n"));
        assertEquals(3, run("diff", "app/proposal/x-1").status());
        assertTrue(ok("propose", "app/main", "--into", "main", "--help").contains("propose"));
        assertEquals(2, run("propose", "app").status());
    }

    @Test
    void noVerbGoesAround() throws IOException {
        ok("propose", "app/proposal/x-1");
        Path in = Files.createDirectories(folder.resolve("in"));
        String before = ok("log", "app/main");
        for (String line : List.of(
                "merge app --into main --from proposal/x-1",
                "merge app --into main --from proposal/x-1 --squash",
                "merge app --into main --from proposal/x-1 --delete-source --dry-run",
                "merge app --into main --from proposal/x-1 -- a",
                "merge app --into proposal/x-1 --from main --delete-source",
                "checkpoint app/main --allow-empty",
                "checkpoint app/main --amend -m x",
                "amend app main -m x",
                "undo app/main",
                "undo app/main --checkpoints 1",
                "undo app/main -- a",
                "undo app --operation 2",
                "redo app/main",
                "bookmark move app main proposal/x-1",
                "bookmark delete app main",
                "bookmark create app main",
                "bookmark create app main/x",
                "import app " + in,
                "resolve app/main a --take theirs",
                "repo create app")) {
            HelpTest.Run run = run(line.split(" "));
            assertTrue(run.status() != 0, line + run.out());
            assertEquals(before, ok("log", "app/main"), line);
        }
    }
}
