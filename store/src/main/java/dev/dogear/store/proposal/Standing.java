package dev.dogear.store.proposal;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.proposal.Proposal.Approval;
import dev.dogear.store.proposal.Proposal.Diff;

/**
 * How a proposal stands at one moment.
 *
 * @param diff what would be merged; of a closed one, what was
 * @param edits how many edits its source has, roughly; with any it cannot be approved
 * @param needed how many approvals the target asks for; 0 for none, or if it is closed
 * @param counted the approvals that count
 */
public record Standing(Diff diff, int edits, int needed, ImmutableList<Approval> counted) {
    /** How many approvals are missing still. */
    public int missing() {
        return Math.max(0, needed - counted.size());
    }
}
