package dev.dogear.control.cli.repair;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.store.StoreException;
import dev.dogear.store.care.GarbageCollector;
import dev.dogear.store.care.Repair;
import dev.dogear.store.history.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Repairs repositories of a data folder that no daemon has open. */
public final class Repairing {
    private Repairing() {}

    /** Told how far it came. */
    @FunctionalInterface
    public interface Progress {
        /** @param total 0 if nobody knows */
        void at(String stage, long done, long total);
    }

    /**
     * Repairs some repositories, or all if none is named; answers the report as it is printed.
     *
     * @throws CommandException CONFLICT if a daemon has the folder; NOT_FOUND
     */
    public static Map<String, Object> run(Path data, List<String> names, Progress progress) {
        if (!Files.isDirectory(data.resolve("server").resolve("tables"))) {
            throw new CommandException(
                    ExitCode.NOT_FOUND, "There is no store in " + data + ". Say where it is: --data DIR");
        }
        try (Store store = Store.open(data, InstantSource.system())) {
            List<String> asked = names.isEmpty() ? store.repositoryNames() : names;
            for (String name : asked) {
                if (store.repositoryId(name) == null) {
                    throw new CommandException(ExitCode.NOT_FOUND, "There is no repository " + name + " in " + data);
                }
            }
            GarbageCollector.Progress told = progress::at;
            List<Map<String, Object>> reports = new ArrayList<>();
            for (String name : asked) {
                reports.add(view(new Repair(store, name, told).run()));
            }
            return Map.of("data", data.toString(), "repositories", reports);
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    private static Map<String, Object> view(Repair.Report report) {
        Map<String, Object> view = new HashMap<>();
        view.put("name", report.repository());
        view.put("found", report.found());
        view.put("done", report.done());
        view.put("left", report.left());
        Path aside = report.aside();
        if (aside != null) {
            view.put("aside", aside.toString());
        }
        return view;
    }

    private static CommandException failure(StoreException e) {
        String text = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case IN_USE -> new CommandException(ExitCode.CONFLICT, text + ". Stop it first: dogear down");
            case NOT_FOUND -> new CommandException(ExitCode.NOT_FOUND, text);
            default -> new CommandException(ExitCode.FAILED, text);
        };
    }
}
