package dev.dogear.control.http;

import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.PeerCredentials;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes each request through the same steps: who asks, which route, the body, the answer. */
final class ApiHandler extends Handler.Abstract {
    private static final int KEY_CHARACTERS_MAX = 255;

    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final String PEER = "dev.dogear.peer";

    private final String organization;
    private final Router router;
    private final PeerCredentials peers;
    private final Followers followers = new Followers();
    private final Guard guard;
    private final Connections connections;

    ApiHandler(String organization, List<Route> routes, PeerCredentials peers, Guard guard, Connections connections) {
        this.connections = connections;
        this.organization = organization;
        this.router = new Router(routes);
        this.peers = peers;
        this.guard = guard;
    }

    /** A request whose sender and route are known; its body may not have come yet. */
    private record Asked(
            Caller caller,
            Router.Found found,
            Map<String, String> query,
            String accept,
            @Nullable String key) {}

    /** Of this version of Jetty, what reads a bounded body without a thread is marked to be replaced by what the next one has. */
    @SuppressWarnings("removal")
    @Override
    public boolean handle(Request request, Response response, Callback whenDone) throws IOException {
        Connection connection = request.getConnectionMetaData().getConnection();
        Callback callback = connections.waitingAfter(connection, whenDone);
        LOG.debug("{} {}", request.getMethod(), request.getHttpURI().getPath());
        Asked asked;
        try {
            asked = recognise(request);
        } catch (IOException | RuntimeException | Error e) {
            if (e instanceof ApiException refused && refused.retryAfterSeconds() > 0) {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, refused.retryAfterSeconds());
            }
            answer(Errors.answer(e), Caller.NOBODY, response, callback);
            return true;
        }
        // A body that comes slowly is waited for without a thread: there are more slow clients than threads.
        var unused = Content.Source.asByteArrayAsync(request, guard.bodyBytesMax())
                .whenComplete((body, failure) -> {
                    connections.answering(connection);
                    finish(asked, body, failure, response, callback);
                });
        return true;
    }

    private void finish(
            Asked asked, byte @Nullable [] body, @Nullable Throwable failure, Response response, Callback callback) {
        if (failure instanceof EofException || failure instanceof TimeoutException) {
            // It did not come whole, and nobody is there to be told, or to listen.
            callback.failed(failure);
            return;
        }
        Answer answer;
        try {
            if (failure instanceof HttpException wrong) {
                throw new ApiException(400, "BAD_REQUEST", Objects.toString(wrong.getReason(), "no HTTP"));
            } else if (body == null) {
                throw tooLarge();
            }
            answer = act(asked, body);
        } catch (RuntimeException | Error e) {
            answer = Errors.answer(e);
        }
        try {
            answer(answer, asked.caller(), response, callback);
        } catch (IOException | RuntimeException | Error e) {
            // What is thrown from here reaches nobody, and the request would hang.
            callback.failed(e);
        }
    }

    private void answer(Answer answer, Caller caller, Response response, Callback callback) throws IOException {
        if (answer instanceof Answer.Lasting lasting) {
            try {
                Answer.Lasting watched = new Answer.Lasting(lasting.type(), out -> lasting.writer()
                        .write(new Watched(out, () -> guard.isStillGood(caller))));
                followers.begin(watched, response, callback);
            } catch (ApiException e) {
                answer(Errors.answer(e), caller, response, callback);
            }
        } else if (answer instanceof Answer.Streamed streamed) {
            stream(streamed, caller, response, callback);
        } else if (answer instanceof Answer.Working working) {
            Answer.Writer writer = out -> out.write(working.work().run(out).bytes());
            stream(new Answer.Streamed(working.type(), writer), caller, response, callback);
        } else if (answer instanceof Answer.Whole whole) {
            response.setStatus(whole.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, whole.type());
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, whole.bytes().length);
            response.write(true, ByteBuffer.wrap(whole.bytes()), callback);
        }
    }

    private void stream(Answer.Streamed streamed, Caller caller, Response response, Callback callback)
            throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, streamed.type());
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            streamed.writer().write(new Watched(out, () -> guard.isStillGood(caller)));
        }
        callback.succeeded();
    }

    Followers followers() {
        return followers;
    }

    /** All that can be refused before the body has come. */
    private Asked recognise(Request request) throws IOException {
        String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
        Caller caller = caller(request, path);
        Router.Found found = router.find(request.getMethod(), path);
        String organizationAsked = found.values().getOrDefault("org", organization);
        if (!organizationAsked.equals(organization)) {
            throw ApiException.notFound(
                    "There is no organization " + organizationAsked + "; this daemon's is " + organization);
        }
        guard.admitPace(caller, found.route());
        if (request.getLength() > guard.bodyBytesMax()) {
            throw tooLarge();
        }
        Map<String, String> query = new LinkedHashMap<>();
        for (Fields.Field field : query(request)) {
            query.put(field.getName(), field.getValue());
        }
        String accept = String.join(", ", request.getHeaders().getValuesList(HttpHeader.ACCEPT));
        return new Asked(caller, found, query, accept, key(request));
    }

    private Answer act(Asked asked, byte[] sent) {
        Body body = new Body(Json.readObject(sent));
        Route route = asked.found().route();
        Call call = new Call(
                asked.caller(),
                asked.found().values(),
                asked.query(),
                asked.accept(),
                asked.key(),
                body,
                Json.object());
        long begin = System.nanoTime();
        Answer answer = answer(call, route);
        if (answer instanceof Answer.Working working) {
            return new Answer.Working(working.type(), out -> {
                Answer.Whole last = working.work().run(out);
                note(call, route, begin, last.status());
                return last;
            });
        }
        note(call, route, begin, answer instanceof Answer.Whole whole ? whole.status() : 200);
        return answer;
    }

    private Answer answer(Call call, Route route) {
        try {
            guard.admit(call, route.access());
            return route.action().answer(call);
        } catch (IOException | RuntimeException | Error e) {
            return Errors.answer(e);
        }
    }

    /** Before the caller is told: what was done is in the audit log, whoever dies then. */
    private void note(Call call, Route route, long begin, int status) {
        route.latency().since(begin);
        guard.answered(call, route, status, System.nanoTime() - begin);
    }

    private Caller caller(Request request, String path) throws IOException {
        String user = peer(request.getConnectionMetaData());
        try {
            return guard.caller(user, request.getHeaders().get(HttpHeader.AUTHORIZATION));
        } catch (ApiException e) {
            if (router.isOpen(request.getMethod(), path)) {
                return Caller.NOBODY;
            }
            throw e;
        }
    }

    /** The user at the other end of a Unix socket, asked of the kernel once a connection; null on the network. */
    private @Nullable String peer(ConnectionMetaData connection) throws IOException {
        if (!(connection.getConnector() instanceof UnixDomainServerConnector)) {
            return null;
        }
        if (connection.getAttribute(PEER) instanceof String known) {
            return known;
        }
        if (connection.getConnection().getEndPoint().getTransport() instanceof SocketChannel channel) {
            String user = peers.user(channel)
                    .orElseThrow(() -> new ApiException(
                            403, "FORBIDDEN", "This socket serves the user who runs the daemon, and root."));
            connection.setAttribute(PEER, user);
            return user;
        }
        throw new ApiException(401, "UNAUTHENTICATED", "Nobody can be recognised on this connection.");
    }

    private static @Nullable String key(Request request) {
        String key = request.getHeaders().get("Idempotency-Key");
        if (key != null && (key.isEmpty() || key.length() > KEY_CHARACTERS_MAX)) {
            throw ApiException.invalid("An Idempotency-Key has 1 to " + KEY_CHARACTERS_MAX + " characters.");
        }
        return key;
    }

    private static Fields query(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException e) {
            throw ApiException.invalid("The query is not well-formed.");
        }
    }

    /** A long answer, which ends when its caller's key does. */
    private static final class Watched extends FilterOutputStream {
        private final BooleanSupplier isGood;

        Watched(OutputStream out, BooleanSupplier isGood) {
            super(out);
            this.isGood = isGood;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!isGood.getAsBoolean()) {
                throw new IOException("the key of this answer's caller was revoked or has expired");
            }
            out.write(bytes, offset, length);
        }
    }

    private ApiException tooLarge() {
        return new ApiException(413, "TOO_LARGE", "A request has at most " + guard.bodyBytesMax() + " bytes.");
    }
}
