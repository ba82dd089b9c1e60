package dev.dogear.control.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the daemon measures is what was done. */
final class MetricsTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final Pattern SAMPLE =
            Pattern.compile("[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? (\\+Inf|-?[0-9.e+-]+)");
    private static final Pattern BUCKET = Pattern.compile("(.*)_bucket\\{(.*)le=\"(.*)\"}");

    @BeforeEach
    void open() throws IOException {
        assertEquals(201, http.post("/v1/local/repos", "{\"name\":\"app\"}").status());
    }

    @Test
    void histogramsCountTheCallsMade() throws IOException {
        for (int i = 0; i < 7; i++) {
            live.write("app", "main", "f", "v" + i);
            post("/bookmarks/main/checkpoint", "{}");
        }
        post("/bookmarks", "{\"name\":\"s/1\",\"from\":\"main\"}");
        for (int i = 0; i < 3; i++) {
            live.write("app", "s/1", "g", "v" + i);
            post("/bookmarks/s%2F1/checkpoint", "{}");
            post("/bookmarks/merge", "{\"target\":\"main\",\"source\":\"s/1\"}");
        }
        post("/bookmarks/main/undo", "{}");
        post("/bookmarks/main/redo", "{}");
        assertEquals(404, http.post(R + "/bookmarks/none/undo", "{}").status());

        Map<String, Double> samples = samples();
        assertEquals(10, samples.get("dogear_checkpoint_seconds_count"));
        assertEquals(3, samples.get("dogear_merge_seconds_count"));
        assertEquals(3, samples.get("dogear_undo_seconds_count"), "undo, redo, and one that failed");
        int operations =
                http.get(R + "/operations?limit=100").json().path("operations").size();
        assertEquals(operations - 1, samples.get("dogear_publish_seconds_count"), "all but the repository's beginning");
        assertTrue(value(samples, "dogear_fsync_seconds_count") > 0);
        String route = "{method=\"POST\",route=\"/v1/{org}/{repo}/bookmarks/{bookmark}/checkpoint\"}";
        assertEquals(10, samples.get("dogear_http_seconds_count" + route));
        assertTrue(value(samples, "dogear_checkpoint_seconds_sum") > 0);
        assertTrue(value(samples, "dogear_journal_bytes{repo=\"app\"}") > 0);
        assertEquals(0, samples.get("dogear_readers{repo=\"app\"}"));
        assertEquals(0, samples.get("dogear_oldest_reader_seconds{repo=\"app\"}"));
    }

    @Test
    void bucketsGrowAndEndAtTheCount() throws IOException {
        live.write("app", "main", "f", "v");
        post("/bookmarks/main/checkpoint", "{}");
        Map<String, Double> samples = samples();
        Map<String, Double> last = new LinkedHashMap<>();
        int infinite = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            Matcher bucket = BUCKET.matcher(sample.getKey());
            if (bucket.matches()) {
                String name = bucket.group(1) + "{" + bucket.group(2) + "}";
                Double before = last.put(name, sample.getValue());
                assertTrue(before == null || before <= sample.getValue(), sample.toString());
                if (bucket.group(3).equals("+Inf")) {
                    String count = (bucket.group(1) + "_count{" + bucket.group(2) + "}")
                            .replace(",}", "}")
                            .replace("{}", "");
                    assertEquals(samples.get(count), sample.getValue(), sample.toString());
                    infinite++;
                }
            }
        }
        assertTrue(infinite >= 7, "one for each histogram: " + infinite);
    }

    private static double value(Map<String, Double> samples, String name) {
        return Objects.requireNonNull(samples.get(name), name);
    }

    private void post(String path, String body) throws IOException {
        RawHttp.Reply reply = http.post(R + path, body);
        assertTrue(reply.status() < 300, reply.body());
    }

    /** Every line of the text, which must be as Prometheus reads it. */
    private Map<String, Double> samples() throws IOException {
        RawHttp.Reply reply = http.get("/metrics");
        assertEquals(200, reply.status());
        assertTrue(reply.head().contains("content-type: text/plain; version=0.0.4"), reply.head());
        Map<String, Double> samples = new LinkedHashMap<>();
        for (String line : reply.body().strip().split("\n", -1)) {
            if (!line.startsWith("# HELP ") && !line.startsWith("# TYPE ")) {
                assertTrue(SAMPLE.matcher(line).matches(), line);
                int space = line.lastIndexOf(' ');
                Double before = samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
                assertEquals(null, before, "twice: " + line);
            }
        }
        return samples;
    }
}
