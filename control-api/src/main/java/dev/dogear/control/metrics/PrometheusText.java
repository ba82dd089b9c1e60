package dev.dogear.control.metrics;

import dev.dogear.store.measure.Latency;
import java.util.Locale;

/** The text Prometheus reads, version 0.0.4. */
final class PrometheusText {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    /** Begins a metric; its samples follow. */
    void metric(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /** @param labels such as {@code repo="app"}, empty for none */
    void sample(String name, String labels, double value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(number(value)).append('\n');
    }

    void histogram(String name, String labels, Latency latency) {
        String before = labels.isEmpty() ? "" : labels + ",";
        latency.buckets((seconds, count) ->
                sample(name + "_bucket", before + "le=\"" + number(seconds) + "\"", (double) count));
        sample(name + "_sum", labels, latency.seconds());
        sample(name + "_count", labels, (double) latency.count());
    }

    static String label(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return name + "=\"" + escaped + "\"";
    }

    private static String number(double value) {
        if (value == Double.POSITIVE_INFINITY) {
            return "+Inf";
        }
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.9g", value);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
