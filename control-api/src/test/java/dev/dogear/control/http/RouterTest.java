package dev.dogear.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.control.auth.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RouterTest {
    private final Router router = new Router(List.of(
            Route.of("GET", "/v1/{org}/repos", Access.open(), call -> Answer.success()),
            Route.of("GET", "/v1/{org}/{repo}", Access.repository(Scope.READ), call -> Answer.success()),
            Route.of("DELETE", "/v1/{org}/{repo}", Access.repository(Scope.READ), call -> Answer.success()),
            Route.of(
                    "POST",
                    "/v1/{org}/{repo}/bookmarks/merge",
                    Access.repository(Scope.READ),
                    call -> Answer.success()),
            Route.of(
                    "GET",
                    "/v1/{org}/{repo}/bookmarks/{bookmark}",
                    Access.repository(Scope.READ),
                    call -> Answer.success()),
            Route.of(
                    "DELETE",
                    "/v1/{org}/{repo}/bookmarks/{bookmark}",
                    Access.repository(Scope.READ),
                    call -> Answer.success())));

    @ParameterizedTest
    @CsvSource({
        "session%2F123, session/123",
        "session%2f123, session/123",
        "a%20b, a b",
        "a+b, a+b",
        "%2E%2E, ..",
        "%252F, %2F",
        "%C3%A9, é",
        "merge, merge"
    })
    void aSegmentIsDecodedOnce(String raw, String decoded) {
        Router.Found found = router.find("GET", "/v1/local/app/bookmarks/" + raw);
        assertEquals(decoded, found.values().get("bookmark"));
        assertEquals("app", found.values().get("repo"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/local/app/",
                "/v1/local//app",
                "/v1/local/app/bookmarks/..",
                "/v1/local/app/bookmarks/.",
                "/v1/local/app/bookmarks/",
                "/v1/local/app/bookmarks/a/b",
                "/v1/local/../local/app",
                "/v1",
                "/",
                ""
            })
    void aPathThatIsNotExactlyARouteIsNone(String path) {
        ApiException e = assertThrows(ApiException.class, () -> router.find("DELETE", path));
        assertEquals(404, e.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "a%2", "%ff", "%C3"})
    void aSegmentThatCannotBeDecodedIsABadRequest(String segment) {
        ApiException e =
                assertThrows(ApiException.class, () -> router.find("GET", "/v1/local/app/bookmarks/" + segment));
        assertEquals(400, e.status());
    }

    @Test
    void anotherMethodIsRefusedWithThoseThereAre() {
        ApiException e = assertThrows(ApiException.class, () -> router.find("PUT", "/v1/local/app"));
        assertEquals(405, e.status());
        assertEquals("PUT is not for /v1/local/app, only DELETE, GET", e.getMessage());
    }
}
