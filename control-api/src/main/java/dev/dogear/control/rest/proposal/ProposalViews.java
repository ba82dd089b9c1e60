package dev.dogear.control.rest.proposal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import dev.dogear.control.rest.Views;
import dev.dogear.store.change.Change;
import dev.dogear.store.history.Repository;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.proposal.Standing;

/** Proposals as JSON. */
final class ProposalViews {
    private ProposalViews() {}

    static ObjectNode proposal(Repository repository, Proposal proposal) {
        return proposal(proposal, repository.standing(proposal));
    }

    static ObjectNode proposal(Proposal proposal, Standing standing) {
        ObjectNode view = Json.object()
                .put("id", proposal.number())
                .put("state", Views.lower(proposal.state()))
                .put("source", proposal.source().bookmark())
                .put("target", proposal.target().bookmark())
                .put("author", proposal.author().name())
                .put("message", proposal.message())
                .put("created_at", Views.time(proposal.at()));
        put(view, standing.diff());
        view.put("edits", standing.edits());
        ArrayNode approvals = view.putArray("approvals");
        for (Proposal.Approval each : proposal.approvals()) {
            ObjectNode approval =
                    approvals.addObject().put("by", each.by().name()).put("at", Views.time(each.at()));
            put(approval, each.diff());
            approval.put("counts", standing.edits() == 0 && standing.counted().contains(each))
                    .put("ended_by", each.endedBy() == 0 ? null : Long.valueOf(each.endedBy()));
        }
        view.put("approvals_needed", standing.needed()).put("approvals_missing", standing.missing());
        Proposal.Last last = proposal.last();
        boolean changed = last.operation() != 0;
        return view.put("operation", changed ? Long.valueOf(last.operation()) : null)
                .put("closed_by", proposal.isOpen() ? null : last.by())
                .put("closed_at", proposal.isOpen() ? null : Views.time(last.at()))
                .put("reason", last.reason());
    }

    /** Both ends of a diff, as change and as commit. */
    private static void put(ObjectNode view, Proposal.Diff diff) {
        view.put("base_change_id", diff.base().toString())
                .put("base_commit_oid", commit(diff.baseCommit()))
                .put("head_change_id", diff.head().toString())
                .put("head_commit_oid", commit(diff.headCommit()));
    }

    static String commit(ObjectId commit) {
        return commit.toHex().substring(0, Change.COMMIT_ID_DIGITS);
    }
}
