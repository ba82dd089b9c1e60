package dev.dogear.control.rest.proposal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.In;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Page;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.control.rest.change.DiffRoutes;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.proposal.Standing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** What is to be merged, shown to those who decide, and what they decide. */
public final class ProposalRoutes {
    private final Store store;

    public ProposalRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/v1/{org}/{repo}/proposals", Access.repository(Scope.READ), this::list),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/proposals",
                        Access.repository(Scope.WRITE)
                                .changes(In.BODY, "source")
                                .touching(call -> List.of(new Touched(null, target(call), Touched.Kind.SEES))),
                        this::propose),
                Route.of(
                        "GET",
                        "/v1/{org}/{repo}/proposals/{proposal}",
                        Access.repository(Scope.READ).touching(this::seen),
                        this::get),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/proposals/{proposal}/approve",
                        Access.repository(Scope.WRITE).touching(this::approved),
                        this::approve),
                Route.of(
                        "POST",
                        "/v1/{org}/{repo}/proposals/{proposal}/reject",
                        Access.repository(Scope.WRITE).touching(this::rejected),
                        this::reject));
    }

    /** A proposal is there for those who see both its bookmarks. */
    private List<Touched> seen(Call call) {
        if (!sees(call.caller(), proposal(call))) {
            throw ApiException.notFound("There is no proposal " + call.pathNumber("proposal"));
        }
        return List.of();
    }

    private static boolean sees(Caller caller, Proposal proposal) {
        return caller.sees(proposal.source().bookmark())
                && caller.sees(proposal.target().bookmark());
    }

    /** Who may merge it may accept it. */
    private List<Touched> approved(Call call) {
        List<Touched> touched = new ArrayList<>(seen(call));
        touched.add(changes(proposal(call).target()));
        touched.addAll(deleted(call));
        return touched;
    }

    /** It is taken back by who may change its source, or refused by who may merge it. */
    private List<Touched> rejected(Call call) {
        List<Touched> touched = new ArrayList<>(seen(call));
        Proposal proposal = proposal(call);
        boolean own = call.caller().changes(proposal.source().bookmark());
        touched.add(changes(own ? proposal.source() : proposal.target()));
        touched.addAll(deleted(call));
        return touched;
    }

    private List<Touched> deleted(Call call) {
        return call.body().flag("delete_source", false)
                ? List.of(changes(proposal(call).source()))
                : List.of();
    }

    private static Touched changes(Proposal.Side side) {
        return new Touched(null, side.bookmark(), Touched.Kind.CHANGES);
    }

    private Answer list(Call call) {
        Repository repository = repository(call);
        Predicate<Proposal> wanted = wanted(call.query("state").orElse("open"));
        Page page = Page.of(call);
        long before = page.number() == 0 ? Long.MAX_VALUE : page.number();
        List<Proposal> found =
                repository.proposals(before, each -> wanted.test(each) && sees(call.caller(), each), page.limit() + 1);
        return page.answer(
                "proposals",
                found,
                each -> ProposalViews.proposal(repository, each),
                each -> Long.toString(each.number()));
    }

    private static Predicate<Proposal> wanted(String state) {
        if (state.equals("all")) {
            return each -> true;
        }
        boolean known = Arrays.stream(Proposal.State.values())
                .anyMatch(each -> Views.lower(each).equals(state));
        if (!known) {
            throw ApiException.invalid("The query parameter state is open, merged, rejected, withdrawn or all.");
        }
        return each -> Views.lower(each.state()).equals(state);
    }

    private Answer propose(Call call) {
        Repository repository = repository(call);
        Proposal made = repository.propose(
                call.body().required("source"),
                target(call),
                call.body().text("message").orElse(""),
                who(call.caller()));
        Standing standing = repository.standing(made);
        note(call, made, standing);
        return Answer.json(201, ProposalViews.proposal(made, standing));
    }

    /** Where nothing is said, the default bookmark. */
    private String target(Call call) {
        return call.body().text("target").filter(text -> !text.isEmpty()).orElseGet(() -> repository(call)
                .defaultBookmark());
    }

    private static Proposal.Who who(Caller caller) {
        return new Proposal.Who(caller.name(), caller.identity());
    }

    private Answer get(Call call) {
        Repository repository = repository(call);
        Proposal proposal = proposal(call);
        Standing standing = repository.standing(proposal);
        boolean patch = call.prefers(DiffRoutes.PLAIN);
        boolean diff = patch || call.flag("diff");
        note(call, proposal, standing);
        call.notes().put("shown", diff ? "diff" : "summary");
        if (!diff) {
            return Answer.ok(ProposalViews.proposal(proposal, standing));
        }
        Repository.Sides sides = repository.sides(standing.diff());
        if (patch) {
            return DiffRoutes.patch(
                    repository,
                    repository.diff(sides.base().root(), sides.head().root()));
        }
        ObjectNode view = ProposalViews.proposal(proposal, standing);
        view.set("diff", DiffRoutes.between(repository, sides.base(), sides.head()));
        return Answer.ok(view);
    }

    private Answer approve(Call call) {
        Repository repository = repository(call);
        Body body = call.body();
        String head = body.commitId("head_commit_oid")
                .orElseThrow(() -> ApiException.invalid("The field head_commit_oid is missing: it says what was looked"
                        + " at, and the proposal has it."));
        boolean merge = body.flag("merge", false);
        boolean delete = body.flag("delete_source", false);
        String message = body.text("message").orElse(null);
        if (!merge && (delete || message != null)) {
            throw ApiException.invalid("The fields delete_source and message are about a merge: send merge as well.");
        }
        Proposal approved = repository.approve(call.pathNumber("proposal"), head, who(call.caller()));
        Standing standing = repository.standing(approved);
        note(call, approved, standing);
        ObjectNode view = ProposalViews.proposal(approved, standing);
        if (!merge || standing.missing() > 0) {
            return Answer.ok(view.putNull("merge"));
        }
        Verbs.MergeRequest request = new Verbs.MergeRequest(
                approved.target().bookmark(),
                approved.source().bookmark(),
                delete,
                message,
                null,
                standing.diff().head());
        Verbs.MergeResult result = repository.merge(request, call.caller().name());
        ObjectNode now = ProposalViews.proposal(repository, repository.proposal(approved.number()));
        now.set("merge", Views.merge(request, result));
        return Answer.ok(now);
    }

    private Answer reject(Call call) {
        Repository repository = repository(call);
        boolean delete = call.body().flag("delete_source", false);
        String reason = call.body().text("reason").orElse("");
        Proposal proposal = proposal(call);
        String source = proposal.source().bookmark();
        if (delete && (source.equals(repository.defaultBookmark()) || isProtected(repository, source))) {
            throw ApiException.invalid(
                    "The bookmark " + source + " is the default one or protected: it is not deleted.");
        }
        Proposal rejected = repository.reject(proposal.number(), reason, who(call.caller()));
        note(call, rejected, repository.standing(rejected));
        if (delete && repository.isThere(rejected.source())) {
            repository.deleteBookmark(source, null, call.caller().name());
        }
        return Answer.ok(ProposalViews.proposal(repository, rejected));
    }

    private static boolean isProtected(Repository repository, String bookmark) {
        return repository.findBookmark(bookmark).isPresent() && repository.isProtected(bookmark);
    }

    /** For who asks later who proposed, saw and accepted what. */
    private static void note(Call call, Proposal proposal, Standing standing) {
        call.notes()
                .put("proposal", proposal.number())
                .put("source", proposal.source().bookmark())
                .put("target", proposal.target().bookmark())
                .put("base_commit_oid", ProposalViews.commit(standing.diff().baseCommit()))
                .put("head_commit_oid", ProposalViews.commit(standing.diff().headCommit()));
    }

    private Proposal proposal(Call call) {
        return repository(call).proposal(call.pathNumber("proposal"));
    }

    private Repository repository(Call call) {
        return store.repository(call.path("repo"));
    }
}
