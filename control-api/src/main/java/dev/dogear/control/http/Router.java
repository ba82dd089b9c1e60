package dev.dogear.control.http;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Finds the route of a request by the path as it was sent. Nothing is normalised: a trailing slash, an empty segment or
 * a {@code ..} makes another path, which no route is for; so a client that resolves a bookmark called {@code ..} away
 * cannot reach the repository's routes with it. Each segment is decoded once, after matching.
 */
final class Router {
    private final ImmutableList<Route> routes;

    /** @param routes a route named earlier is preferred */
    Router(List<Route> routes) {
        this.routes = ImmutableList.copyOf(routes);
    }

    /** A route found and the decoded values of its segments in braces. */
    record Found(Route route, Map<String, String> values) {}

    /** Whether that leads to a route that needs no key. */
    boolean isOpen(String method, String rawPath) {
        try {
            return find(method, rawPath).route().access().scope() == null;
        } catch (ApiException e) {
            return false;
        }
    }

    Found find(String method, String rawPath) {
        // Not every request has a path: OPTIONS may name the server itself by a star.
        List<String> segments =
                rawPath.startsWith("/") ? Arrays.asList(rawPath.substring(1).split("/", -1)) : List.of("");
        TreeSet<String> otherMethods = new TreeSet<>();
        for (Route route : routes) {
            Map<String, String> raw = isClean(segments) ? route.match(segments) : null;
            if (raw != null && route.method().equals(method)) {
                Map<String, String> values = new LinkedHashMap<>();
                raw.forEach((name, segment) -> values.put(name, decode(segment)));
                return new Found(route, values);
            } else if (raw != null) {
                otherMethods.add(route.method());
            }
        }
        if (otherMethods.isEmpty()) {
            throw new ApiException(404, "NO_ROUTE", "There is nothing at " + rawPath);
        }
        throw new ApiException(
                405,
                "METHOD_NOT_ALLOWED",
                method + " is not for " + rawPath + ", only " + String.join(", ", otherMethods));
    }

    private static boolean isClean(List<String> segments) {
        return segments.stream().noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
    }

    /** Percent-decodes one segment; a plus sign is itself. */
    static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        byte[] source = segment.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(source.length);
        for (int i = 0; i < source.length; i++) {
            if (source[i] != '%') {
                bytes.put(source[i]);
                continue;
            }
            int high = i + 2 < source.length ? Character.digit(source[i + 1], 16) : -1;
            int low = i + 2 < source.length ? Character.digit(source[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw ApiException.invalid(
                        "A percent sign in a path is followed by two hexadecimal digits: " + segment);
            }
            bytes.put((byte) (high << 4 | low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw ApiException.invalid("A path is UTF-8: " + segment);
        }
    }
}
