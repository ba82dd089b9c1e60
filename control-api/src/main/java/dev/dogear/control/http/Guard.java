package dev.dogear.control.http;

import dev.dogear.control.auth.Caller;
import org.jspecify.annotations.Nullable;

/** Lets requests through, or not. */
public interface Guard {
    /**
     * Who asks.
     *
     * @param user who is at the other end of a Unix socket; null on a network connection
     * @param authorization the header of that name; null without one
     * @throws ApiException 401 if that is nobody
     */
    Caller caller(@Nullable String user, @Nullable String authorization);

    /**
     * Before anything is read of a request but its head.
     *
     * @throws ApiException 429 if the caller asks too often
     */
    void admitPace(Caller caller, Route route);

    /** How many bytes the body of a request may have now. */
    int bodyBytesMax();

    /** Whether the caller is still to get what a long answer goes on to say. */
    boolean isStillGood(Caller caller);

    /** @throws ApiException if the caller may not make that call */
    void admit(Call call, Access access);

    /** Notes what came of a call, before its caller is told. */
    void answered(Call call, Route route, int status, long nanos);
}
