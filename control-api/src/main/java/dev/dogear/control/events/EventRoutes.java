package dev.dogear.control.events;

import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Services;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.util.List;

/** The events of a repository. */
public final class EventRoutes {
    private static final int HEARTBEAT_SECONDS = 15;
    private static final int HEARTBEAT_SECONDS_MAX = 50;

    private final Store store;

    public EventRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(Route.of("GET", "/v1/{org}/{repo}/events", Access.repository(Scope.READ), this::events));
    }

    private Answer events(Call call) {
        Repository repository = store.repository(call.path("repo"));
        Wanted wanted = Wanted.of(call);
        int heartbeat = call.number("heartbeat", HEARTBEAT_SECONDS, 1, HEARTBEAT_SECONDS_MAX);
        boolean follow = call.query("follow").isEmpty() || call.flag("follow");
        EventStream.Form form = call.prefers(Answer.LINES) ? EventStream.Form.LINES : EventStream.Form.SERVER_SENT;
        EventStream stream = new EventStream(store, repository, wanted, form, heartbeat * 1000L);
        long after = after(call, repository);
        String type = form == EventStream.Form.LINES ? Answer.LINES : "text/event-stream";
        return follow
                ? new Answer.Lasting(type, out -> stream.follow(after, out))
                : new Answer.Streamed(type, out -> stream.replay(after, out));
    }

    /** Nothing said: what is new from now on. */
    private static long after(Call call, Repository repository) {
        String text = call.query("after").orElse("");
        if (text.isEmpty()) {
            return repository.newestOperation();
        }
        try {
            long after = Long.parseLong(text);
            if (after >= 0) {
                return after;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a negative number.
        }
        throw ApiException.invalid("The query parameter after is the number of the last event seen, 0 for none.");
    }
}
