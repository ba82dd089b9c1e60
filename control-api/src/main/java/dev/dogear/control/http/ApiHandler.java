package dev.dogear.control.http;

import com.google.common.io.ByteStreams;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.PeerCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes each request through the same steps: who asks, which route, the body, the answer. */
final class ApiHandler extends Handler.Abstract {
    /** The longest body of a request. */
    static final int BODY_BYTES_MAX = 32 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final String CALLER = "dev.dogear.caller";

    private final String organization;
    private final Router router;
    private final PeerCredentials peers;
    private final Followers followers = new Followers();

    ApiHandler(String organization, List<Route> routes, PeerCredentials peers) {
        this.organization = organization;
        this.router = new Router(routes);
        this.peers = peers;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws IOException {
        Answer answer;
        try {
            answer = answer(request);
        } catch (IOException | RuntimeException e) {
            answer = Errors.answer(e);
        }
        LOG.debug("{} {}", request.getMethod(), request.getHttpURI().getPath());
        if (answer instanceof Answer.Lasting lasting) {
            try {
                followers.begin(lasting, response, callback);
                return true;
            } catch (ApiException e) {
                answer = Errors.answer(e);
            }
        }
        if (answer instanceof Answer.Streamed streamed) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, streamed.type());
            try (OutputStream out = Content.Sink.asOutputStream(response)) {
                streamed.writer().write(out);
            }
            callback.succeeded();
        } else if (answer instanceof Answer.Whole whole) {
            response.setStatus(whole.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, whole.type());
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, whole.bytes().length);
            response.write(true, ByteBuffer.wrap(whole.bytes()), callback);
        }
        return true;
    }

    Followers followers() {
        return followers;
    }

    private Answer answer(Request request) throws IOException {
        Caller caller = caller(request.getConnectionMetaData());
        Router.Found found = router.find(
                request.getMethod(),
                Objects.requireNonNullElse(request.getHttpURI().getPath(), ""));
        String asked = found.values().getOrDefault("org", organization);
        if (!asked.equals(organization)) {
            throw ApiException.notFound("There is no organization " + asked + "; this daemon's is " + organization);
        }
        Map<String, String> query = new LinkedHashMap<>();
        for (Fields.Field field : query(request)) {
            query.put(field.getName(), field.getValue());
        }
        String accept = String.join(", ", request.getHeaders().getValuesList(HttpHeader.ACCEPT));
        Body body = new Body(Json.readObject(body(request)));
        long begin = System.nanoTime();
        try {
            return found.route().action().answer(new Call(caller, found.values(), query, accept, body));
        } finally {
            found.route().latency().since(begin);
        }
    }

    /** Asked of the kernel once a connection. */
    private Caller caller(ConnectionMetaData connection) throws IOException {
        if (connection.getAttribute(CALLER) instanceof Caller known) {
            return known;
        }
        if (connection.getConnection().getEndPoint().getTransport() instanceof SocketChannel channel) {
            Caller caller = peers.caller(channel)
                    .orElseThrow(() -> new ApiException(
                            403, "FORBIDDEN", "This socket serves the user who runs the daemon, and root."));
            connection.setAttribute(CALLER, caller);
            return caller;
        }
        throw new ApiException(401, "UNAUTHENTICATED", "Nobody can be recognised on this connection.");
    }

    private static Fields query(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException e) {
            throw ApiException.invalid("The query is not well-formed.");
        }
    }

    private static byte[] body(Request request) throws IOException {
        if (request.getLength() > BODY_BYTES_MAX) {
            throw tooLarge();
        }
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] bytes = ByteStreams.limit(in, BODY_BYTES_MAX + 1L).readAllBytes();
            if (bytes.length > BODY_BYTES_MAX) {
                throw tooLarge();
            }
            return bytes;
        }
    }

    private static ApiException tooLarge() {
        return new ApiException(413, "TOO_LARGE", "A request has at most " + BODY_BYTES_MAX + " bytes.");
    }
}
