package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.doctor.Doctor;
import dev.dogear.control.cli.doctor.Finding;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The verb that looks at the host; it needs no daemon. */
final class DoctorVerb {
    private DoctorVerb() {}

    static Verb doctor() {
        return Verb.of("doctor", "Finds what is wrong with this host for Dogear, and says the mend. Needs no daemon.")
                .option("--data", "DIR", "Where everything is to be kept (also DOGEAR_DATA).")
                .option("--mount", "DIR", "Where it is to be shown (also DOGEAR_MOUNT).")
                .example("dogear doctor")
                .runs(DoctorVerb::run);
    }

    private static ExitCode run(Invocation asked) throws IOException {
        Doctor.Places places = new Doctor.Places(
                asked.settings().data(asked.option("--data")),
                asked.settings().mount(asked.option("--mount")),
                asked.socket());
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        Doctor.Asking asking = new Doctor.Asking(root, System.getProperty("sun.jnu.encoding", ""));
        List<Finding> findings = new Doctor(Path.of("/"), places, asking).examine();
        boolean healthy = findings.stream().noneMatch(each -> each.weight() == Finding.Weight.FAULT);
        if (asked.json()) {
            List<Map<String, Object>> views = new ArrayList<>();
            for (Finding each : findings) {
                views.add(Map.of(
                        "about", each.about(),
                        "weight", each.weight().name().toLowerCase(Locale.ROOT),
                        "text", each.text(),
                        "mend", each.mend()));
            }
            asked.printJson(JsonText.write(Map.of("healthy", healthy, "findings", views)));
        } else {
            for (Finding each : findings) {
                String mark =
                        switch (each.weight()) {
                            case FINE -> "  ok     ";
                            case WARNING -> "  note   ";
                            case FAULT -> "  WRONG  ";
                        };
                asked.out().println(mark + each.about() + ": " + each.text());
                if (!each.mend().isEmpty()) {
                    asked.out().println("         -> " + each.mend());
                }
            }
        }
        return healthy ? ExitCode.OK : ExitCode.FAILED;
    }
}
