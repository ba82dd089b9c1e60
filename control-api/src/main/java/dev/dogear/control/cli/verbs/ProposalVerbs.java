package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.DiffStat;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Terminal;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verbs about what is to be merged and who accepts it. */
final class ProposalVerbs {
    private static final String ID = "The number of the proposal, as listed.";

    private ProposalVerbs() {}

    static Verb propose() {
        return Verb.of("propose", "Puts a bookmark up for being merged, so that others can look at it and approve it.")
                .argument("REPO/BOOKMARK", "The bookmark to be merged, such as app/proposal/login-1.")
                .option("--into", "BOOKMARK", "Where it is to be merged (default: the default bookmark).")
                .option("-m,--message", "TEXT", "What it is for.")
                .example("dogear propose app/proposal/login-1 --into main -m 'login by mail'")
                .runs(asked -> {
                    Invocation.Target source = Invocation.Target.parse(asked.argument(0));
                    Map<String, Object> body = new HashMap<>(Map.of("source", source.bookmark()));
                    asked.put(body, "target", "--into");
                    asked.put(body, "message", "--message");
                    byte[] answer = asked.send("POST", Invocation.repository(source.repository(), "/proposals"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields made = JsonText.object(answer);
                    asked.out()
                            .println("Proposal " + made.text("id") + ": " + made.text("source") + " into "
                                    + made.text("target") + ", " + missing(made));
                    if (!made.text("edits").equals("0")) {
                        asked.err().println("Its edits are no part of it before they are checkpointed.");
                    }
                    return ExitCode.OK;
                });
    }

    private static String missing(Fields proposal) {
        String needed = proposal.text("approvals_needed");
        return needed.equals("0")
                ? "needs no approval"
                : "needs " + needed + " approvals, " + proposal.text("approvals_missing") + " missing";
    }

    static Verb list() {
        return Verb.of("proposals", "Lists the open proposals of a repository, newest first.")
                .argument("REPO", Verb.REPOSITORY)
                .flag("--all", "Those that were merged, rejected or withdrawn as well.")
                .example("dogear proposals app")
                .runs(asked -> {
                    Query query = new Query(Invocation.repository(asked.argument(0), "/proposals"))
                            .with("state", asked.flag("--all") ? "all" : null);
                    List<Fields> proposals = RepositoryVerbs.pages(asked, query.toString(), "proposals");
                    if (asked.json()) {
                        return RepositoryVerbs.printAll(asked, "proposals", proposals);
                    }
                    Table table = new Table("ID", "STATE", "SOURCE", "TARGET", "HEAD", "BY", "APPROVED BY", "MISSING");
                    for (Fields each : proposals) {
                        table.row(
                                each.text("id"),
                                each.text("state"),
                                each.text("source") + (each.text("edits").equals("0") ? "" : " (edits)"),
                                each.text("target"),
                                Table.id(each.text("head_change_id")),
                                each.text("author"),
                                String.join(", ", approvers(each)),
                                each.text("approvals_missing"));
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    private static List<String> approvers(Fields proposal) {
        List<String> names = new ArrayList<>();
        for (Fields each : proposal.objects("approvals")) {
            if (each.flag("counts")) {
                names.add(each.text("by"));
            }
        }
        return names;
    }

    static Verb show() {
        return Verb.of("proposal", "Shows a proposal: what it would change, who accepted what and when.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("ID", ID)
                .flag("--stat", "Only the paths and how many lines of each differ.")
                .example("dogear proposal app 3")
                .example("dogear proposal app 3 --stat")
                .runs(asked -> {
                    String path = path(asked, "");
                    if (asked.json()) {
                        return asked.printJson(asked.get(path + "?diff=true"));
                    }
                    if (asked.flag("--stat")) {
                        Fields proposal = JsonText.object(asked.get(path + "?diff=true"));
                        describe(asked, proposal);
                        return DiffStat.print(asked, proposal.object("diff"));
                    }
                    describe(asked, JsonText.object(asked.get(path)));
                    Terminal.printPatch(asked, path);
                    return ExitCode.OK;
                });
    }

    private static String path(Invocation asked, String rest) {
        return Invocation.repository(asked.argument(0), "/proposals/" + Invocation.segment(asked.argument(1)) + rest);
    }

    private static void describe(Invocation asked, Fields proposal) {
        asked.out()
                .println("Proposal " + proposal.text("id") + " (" + proposal.text("state") + "): "
                        + proposal.text("source") + " into " + proposal.text("target"));
        asked.out().println("By " + proposal.text("author") + " at " + proposal.text("created_at"));
        if (!proposal.text("message").isEmpty()) {
            asked.out().println("    " + proposal.text("message").replace("\n", "\n    "));
        }
        asked.out()
                .println("From " + Table.id(proposal.text("base_change_id")) + " to "
                        + Table.id(proposal.text("head_change_id")) + ", commit " + proposal.text("head_commit_oid"));
        if (!proposal.text("edits").equals("0")) {
            asked.out().println("There are edits, which are not shown: nothing counts before they are checkpointed.");
        }
        for (Fields each : proposal.objects("approvals")) {
            asked.out()
                    .println("Approved by " + each.text("by") + " at " + each.text("at") + " for commit "
                            + each.text("head_commit_oid") + (each.flag("counts") ? "" : " (counts no more)"));
        }
        if (proposal.text("state").equals("open")) {
            asked.out().println("It " + missing(proposal));
        } else {
            String reason = proposal.text("reason");
            asked.out()
                    .println("Closed by " + proposal.text("closed_by") + " at " + proposal.text("closed_at")
                            + (reason.isEmpty() ? "" : ": " + reason));
        }
        asked.out().println();
    }

    static Verb approve() {
        return Verb.of("approve", "Shows what a proposal would change and accepts it, as it is now.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("ID", ID)
                .flag("--merge", "Merge it, once no approval is missing.")
                .flag("--delete-source", "With --merge: delete the merged bookmark.")
                .option("-m,--message", "TEXT", "With --merge: message of the merge (default: a generated one).")
                .flag("-y,--yes", "Do not ask.")
                .example("dogear approve app 3")
                .example("dogear approve app 3 --merge --delete-source --yes")
                .runs(ProposalVerbs::runApprove);
    }

    private static ExitCode runApprove(Invocation asked) throws IOException {
        Fields proposal = shown(asked, "Approve");
        Map<String, Object> body = new HashMap<>(Map.of("head_commit_oid", proposal.text("head_commit_oid")));
        body.put("merge", asked.flag("--merge"));
        body.put("delete_source", asked.flag("--delete-source"));
        asked.put(body, "message", "--message");
        byte[] answer = asked.send("POST", path(asked, "/approve"), body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields approved = JsonText.object(answer);
        asked.out()
                .println("Approved proposal " + approved.text("id") + " at commit " + proposal.text("head_commit_oid"));
        if (approved.has("merge")) {
            Fields merged = approved.object("merge");
            asked.out()
                    .println("Merged " + merged.text("source") + " into " + merged.text("target") + ": "
                            + Table.id(merged.text("change_id")));
            if (merged.flag("source_deleted")) {
                asked.out().println("Deleted " + merged.text("source"));
            }
        } else if (asked.flag("--merge")) {
            asked.out().println("Not merged yet: it " + missing(approved));
        }
        return ExitCode.OK;
    }

    /** Shows what is to be decided; on a terminal somebody has to agree. The head in it was read before the diff. */
    private static Fields shown(Invocation asked, String question) throws IOException {
        String path = path(asked, "");
        Fields proposal = JsonText.object(asked.get(path));
        if (!asked.json()) {
            describe(asked, proposal);
            Terminal.printPatch(asked, path);
            String asks = question + " proposal " + proposal.text("id") + " as shown?";
            if (!asked.flag("--yes") && Terminal.isInteractive() && !Terminal.agrees(asked.out(), asks)) {
                throw new CommandException(ExitCode.FAILED, "Nothing was done.");
            }
        }
        return proposal;
    }

    static Verb reject() {
        return Verb.of("reject", "Shows what a proposal would change and closes it without a merge.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("ID", ID)
                .option("-m,--message", "TEXT", "Why.")
                .flag("--delete-source", "Delete its bookmark; an undo brings that back.")
                .flag("-y,--yes", "Do not ask.")
                .example("dogear reject app 3 -m 'needs a test'")
                .example("dogear reject app 3 --delete-source --yes")
                .runs(asked -> {
                    shown(asked, "Reject");
                    Map<String, Object> body = new HashMap<>(Map.of("delete_source", asked.flag("--delete-source")));
                    asked.put(body, "reason", "--message");
                    byte[] answer = asked.send("POST", path(asked, "/reject"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields rejected = JsonText.object(answer);
                    asked.out().println("Rejected proposal " + rejected.text("id"));
                    if (asked.flag("--delete-source")) {
                        asked.out().println("Deleted " + rejected.text("source"));
                    }
                    return ExitCode.OK;
                });
    }
}
