package dev.dogear.store.proposal;

/**
 * What a repository asks for before something is merged into a protected bookmark.
 *
 * @param approvals how many; 0: who has the right may merge
 * @param approverDiffers whether who made a proposal, or moved its source, does not count
 */
public record Rules(int approvals, boolean approverDiffers) {}
