package dev.dogear.control.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Puts errors the server itself finds, such as a request that is no HTTP, into our envelope. */
final class JettyErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        if (status == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505) {
            // The fault is the request's, not ours.
            status = HttpStatus.BAD_REQUEST_400;
            response.setStatus(status);
        }
        String code = status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST";
        Object message = request.getAttribute(ERROR_MESSAGE);
        Answer answer =
                Errors.answer(status, code, message == null ? "HTTP status " + status : message + "", null, null);
        if (answer instanceof Answer.Whole whole) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, whole.type());
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, whole.bytes().length);
            response.write(true, ByteBuffer.wrap(whole.bytes()), callback);
        }
        return true;
    }
}
