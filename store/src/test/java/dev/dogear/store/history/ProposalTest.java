package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.proposal.Proposal.State;
import dev.dogear.store.proposal.Proposal.Who;
import dev.dogear.store.proposal.Proposals;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a proposal when its bookmarks move, come and go; what is approved and what is not any more. */
final class ProposalTest {
    private static final Who AGENT = new Who("agent", "key:1");
    private static final Who ANN = new Who("ann", "key:2");
    private static final Who BOB = new Who("bob", "key:3");
    private static final String SOURCE = "proposal/x-1";

    @TempDir
    Path folder;

    private LiveStore live;
    private Repository repository;
    private Proposal proposal;

    @BeforeEach
    void propose() throws PosixException {
        live = new LiveStore(folder.resolve("data"));
        repository = live.repository();
        live.files("main").write("a", "one\n");
        live.checkpoint("main", "first");
        repository.createBookmark(SOURCE, repository.bookmark("main").change(), LiveStore.BY);
        live.files(SOURCE).write("a", "two\n");
        repository.checkpoint(SOURCE, CheckpointRequest.of("second"), "agent");
        proposal = repository.propose(SOURCE, "main", "another number", AGENT);
    }

    @AfterEach
    void close() {
        live.close();
    }

    @Test
    void saysWhatIsToBeMerged() {
        assertEquals(1, proposal.number());
        assertEquals(State.OPEN, proposal.state());
        assertEquals(ImmutableSet.of("agent"), proposal.movers());
        var sides = repository.sides(repository.standing(proposal).diff());
        assertEquals(repository.bookmark("main").commit(), sides.base().commit());
        assertEquals(repository.bookmark(SOURCE).commit(), sides.head().commit());
        Operation last = repository.operations(0, 1).get(0);
        assertEquals(Operation.Kind.PROPOSE, last.kind());
        assertEquals(1, last.proposal());
        assertEquals(last.moves().get(0).from(), last.moves().get(0).to());
        assertRefused(Kind.ALREADY_EXISTS, () -> repository.propose(SOURCE, "main", "", ANN));
        assertRefused(Kind.INVALID, () -> repository.propose("main", "main", "", ANN));
        assertRefused(Kind.NOT_FOUND, () -> repository.propose("none", "main", "", ANN));
        assertRefused(Kind.NOT_FOUND, () -> repository.propose(SOURCE, "none", "", ANN));
        assertRefused(Kind.INVALID, () -> repository.propose("main", SOURCE, "x".repeat(10_001), ANN));
        assertRefused(Kind.NOT_FOUND, () -> repository.proposal(2));
    }

    @Test
    void whoMovedItOrMadeWhatIsNewIsTakenForAnAuthor() {
        var head = repository.bookmark(SOURCE).change();
        repository.createBookmark("made", head, "maker");
        repository.createBookmark("moved", repository.bookmark("main").change(), "human");
        repository.moveBookmark("moved", head, null, "mover");
        assertEquals(
                ImmutableSet.of("ann", "maker"),
                repository.propose("made", "main", "", ANN).movers());
        assertEquals(
                ImmutableSet.of("ann", "mover"),
                repository.propose("moved", "main", "", ANN).movers());
    }

    @Test
    void anApprovalIsForTheHeadThatWasSeen() throws PosixException {
        assertRefused(Kind.STALE, () -> repository.approve(1, "0".repeat(40), ANN));
        live.files(SOURCE).write("b", "unseen\n");
        assertRefused(Kind.STALE, () -> approve(ANN));
        live.files(SOURCE).delete("b");
        approve(ANN);
        approve(ANN);
        approve(BOB);
        assertEquals(3, now().approvals().size());
        assertCounted(ANN, BOB);
        live.files(SOURCE).write("b", "unseen\n");
        assertTrue(repository.standing(now()).edits() > 0);
        live.checkpoint(SOURCE, "more");
        assertCounted();
        assertEquals(ImmutableSet.of("agent", LiveStore.BY), now().movers());
        // What was there before is there again, and has to be accepted again.
        repository.undo(SOURCE, 1, "agent");
        assertCounted();
        approve(BOB);
        assertCounted(BOB);
    }

    @Test
    void anotherMessageOfTheHeadIsAnotherHead() {
        approve(ANN);
        repository.reword(SOURCE, repository.bookmark(SOURCE).change(), "reworded", "agent");
        assertCounted();
    }

    @Test
    void aTargetThatMovesEndsNoApproval() throws PosixException {
        approve(ANN);
        var diff = repository.standing(now()).diff();
        live.files("main").write("c", "elsewhere\n");
        live.checkpoint("main", "third");
        assertCounted(ANN);
        assertEquals(diff, repository.standing(now()).diff());
        assertEquals(1, merge(false).change().parents().size() - 1);
    }

    @Test
    void aMergeClosesIt() {
        approve(ANN);
        assertTrue(!merge(false).noOp());
        assertEquals(State.MERGED, now().state());
        Operation last = repository.operations(0, 1).get(0);
        assertEquals(1, last.proposal());
        assertEquals(last.number(), now().last().operation());
        assertRefused(Kind.STALE, () -> approve(BOB));
        assertRefused(Kind.STALE, () -> repository.reject(1, "", BOB));
        // Its bookmark may go on, and be proposed again.
        assertEquals(2, repository.propose(SOURCE, "main", "", AGENT).number());
    }

    @Test
    void anUndoneMergeOpensItAgainUnapproved() {
        approve(ANN);
        merge(true);
        assertEquals(State.MERGED, now().state());
        repository.undo("main", 0, "bob");
        assertEquals(State.OPEN, now().state());
        assertCounted();
        assertEquals("bob", now().last().by());
        repository.redo("main", "bob");
        assertEquals(State.MERGED, now().state());
        long redo = live.newest();
        repository.undoOperation(redo, false, "bob");
        assertEquals(State.OPEN, now().state());
    }

    @Test
    void aMergeOfSomePathsLeavesItOpen() {
        Merging.How how = new Merging.How(false, false, ImmutableList.of(TreePath.parse("a")), ImmutableList.of());
        merge(how);
        assertEquals(State.OPEN, now().state());
    }

    @Test
    void aDeletedSourceOrTargetWithdrawsIt() {
        approve(ANN);
        repository.createBookmark("stable", repository.bookmark("main").change(), LiveStore.BY);
        assertEquals(2, repository.propose(SOURCE, "stable", "", AGENT).number());
        repository.deleteBookmark("stable", null, "bob");
        assertEquals(State.WITHDRAWN, repository.proposal(2).state());
        assertEquals(State.OPEN, now().state());
        repository.deleteBookmark(SOURCE, null, "bob");
        assertEquals(State.WITHDRAWN, now().state());
        // Another bookmark of the same name is another one.
        repository.createBookmark(SOURCE, repository.bookmark("main").change(), "agent");
        assertEquals(State.WITHDRAWN, now().state());
        assertEquals(List.of(), repository.proposalsOf(SOURCE));
        repository.deleteBookmark(SOURCE, null, "agent");
        repository.undoOperation(live.newest() - 2, false, "bob");
        assertEquals(State.OPEN, now().state());
        assertCounted();
        assertEquals(State.WITHDRAWN, repository.proposal(2).state());
        repository.undo("stable", 0, "bob");
        assertEquals(State.OPEN, repository.proposal(2).state());
    }

    @Test
    void aRejectedOneStaysSo() {
        approve(ANN);
        Proposal rejected = repository.reject(1, "not now", BOB);
        assertEquals(State.REJECTED, rejected.state());
        assertEquals("not now", rejected.last().reason());
        long rejection = live.newest();
        assertRefused(Kind.STALE, () -> repository.undoOperation(rejection, false, "bob"));
        assertRefused(Kind.STALE, () -> approve(BOB));
        repository.deleteBookmark(SOURCE, null, "bob");
        repository.undo(SOURCE, 0, "bob");
        assertEquals(State.REJECTED, now().state());
        assertEquals(2, repository.propose(SOURCE, "main", "again", AGENT).number());
        assertEquals(State.REJECTED, now().state());
    }

    @Test
    void noUndoTakesAnApprovalForAMoveOfTheBookmark() throws PosixException {
        approve(ANN);
        repository.undo(SOURCE, 0, "agent");
        live.assertShows(SOURCE, "a: one");
        assertCounted();
    }

    @Test
    void itSurvivesARestart() {
        approve(ANN);
        Proposal before = now();
        live.close();
        live = LiveStore.reopen(folder.resolve("data"));
        repository = live.repository();
        assertEquals(before, now());
        assertEquals(1, repository.proposalsOf(SOURCE).size());
        assertEquals(2, repository.propose("main", SOURCE, "", ANN).number());
        merge(true);
        assertEquals(State.MERGED, now().state());
        assertEquals(State.WITHDRAWN, repository.proposal(2).state());
        assertEquals(
                List.of(2L, 1L),
                repository.proposals(Long.MAX_VALUE, each -> true, 9).stream()
                        .map(Proposal::number)
                        .toList());
        assertEquals(
                List.of(1L),
                repository.proposals(2, each -> !each.isOpen(), 9).stream()
                        .map(Proposal::number)
                        .toList());
    }

    @Test
    void aProtectedTargetAsksForApprovalsOfWhatIsMerged() throws PosixException {
        repository.protect("main", true);
        repository.configure(Map.of("approvals", "2"));
        assertEquals(2, repository.standing(now()).missing());
        assertSaid("has 0", notApproved());
        approve(ANN);
        approve(ANN);
        assertSaid("has 1 (ann)", notApproved());
        approve(BOB);
        assertEquals(0, repository.standing(now()).missing());
        live.files(SOURCE).write("b", "unseen\n");
        assertSaid("has edits", notApproved());
        live.checkpoint(SOURCE, "more");
        assertSaid("has 0", notApproved());
        approve(ANN);
        approve(BOB);
        Merging.How some = new Merging.How(false, false, ImmutableList.of(TreePath.parse("a")), ImmutableList.of());
        assertRefused(Kind.NOT_APPROVED, () -> merge(some));
        Merging.How answered = new Merging.How(
                false,
                false,
                ImmutableList.of(),
                ImmutableList.of(new Merging.Answer(TreePath.parse("a"), null, new byte[] {'x'}, ImmutableMap.of())));
        assertRefused(Kind.NOT_APPROVED, () -> merge(answered));
        live.assertShows("main", "a: one");
        merge(false);
        live.assertShows("main", "a: two", "b: unseen");
        // What comes later needs a proposal of its own.
        live.files(SOURCE).write("b", "later\n");
        live.checkpoint(SOURCE, "later");
        assertSaid("no proposal", notApproved());
        // Only what is protected asks for approvals.
        repository.merge(new MergeRequest(SOURCE, "main", false, null, null, null), "bob");
    }

    @Test
    void whoProposedOrMadeItDoesNotCount() throws PosixException {
        approve(AGENT);
        repository.protect("main", true);
        repository.configure(Map.of("approvals", "1", "approver-differs", "true"));
        // An approval from before that was set.
        assertSaid("has 0", notApproved());
        assertRefused(Kind.FORBIDDEN, () -> approve(AGENT));
        assertRefused(Kind.FORBIDDEN, () -> approve(new Who("agent", "key:another of that name")));
        live.files(SOURCE).write("b", "by bob\n");
        repository.checkpoint(SOURCE, CheckpointRequest.of("more"), "bob");
        assertRefused(Kind.FORBIDDEN, () -> approve(BOB));
        approve(ANN);
        merge(false);
        live.assertShows("main", "a: two", "b: by bob");
    }

    @Test
    void aKeyThatIsAskedForAgainMergesNothingMore() throws PosixException {
        repository.protect("main", true);
        repository.configure(Map.of("approvals", "1"));
        approve(ANN);
        MergeRequest request = new MergeRequest("main", SOURCE, false, null, null, null);
        repository.merge(request, "bob", "k");
        live.files(SOURCE).write("b", "unseen\n");
        repository.merge(request, "bob", "k");
        live.assertShows("main", "a: two");
    }

    @Test
    void aDamagedRowIsFound() {
        approve(ANN);
        List<String> problems = new ArrayList<>();
        repository.checkRows(problems::add);
        assertEquals(List.of(), problems);
        Row row = Proposals.row(now());
        byte[] value = Objects.requireNonNull(row.value());
        for (byte[] damaged : List.of(new byte[0], new byte[] {1, 9, 9}, Arrays.copyOf(value, value.length - 1))) {
            repository
                    .tables()
                    .publish(List.of(new Row(Table.META, row.key(), damaged)))
                    .join();
            problems.clear();
            repository.checkRows(problems::add);
            assertEquals(List.of("Proposal 1 is damaged"), problems);
        }
        repository.tables().publish(List.of(row)).join();
        assertCounted(ANN);
    }

    private StoreException notApproved() {
        StoreException refused = assertThrows(StoreException.class, () -> merge(false));
        assertEquals(Kind.NOT_APPROVED, refused.kind(), refused.getMessage());
        assertEquals(
                refused.getMessage(),
                assertThrows(
                                StoreException.class,
                                () -> repository.previewMerge(
                                        new MergeRequest("main", SOURCE, false, null, null, null), "bob"))
                        .getMessage());
        return refused;
    }

    private static void assertSaid(String words, StoreException refused) {
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused.getMessage());
    }

    private void merge(Merging.How how) {
        repository.merge(new MergeRequest("main", SOURCE, false, null, null, null, how), "bob");
    }

    private Proposal now() {
        return repository.proposal(1);
    }

    private void approve(Who who) {
        repository.approve(
                1, repository.change(repository.bookmark(SOURCE).change()).commitId(), who);
        assertEquals(
                who,
                repository
                        .proposal(1)
                        .approvals()
                        .get(now().approvals().size() - 1)
                        .by());
    }

    private void assertCounted(Who... who) {
        assertEquals(
                List.of(who),
                repository.standing(now()).counted().stream()
                        .map(Proposal.Approval::by)
                        .toList());
        if (who.length == 0) {
            assertNull(now().approvalOf(ANN));
        }
    }

    private MergeResult merge(boolean delete) {
        return repository.merge(new MergeRequest("main", SOURCE, delete, null, null, null), "bob");
    }

    private static void assertRefused(Kind kind, Executable verb) {
        assertEquals(kind, assertThrows(StoreException.class, verb).kind());
    }
}
