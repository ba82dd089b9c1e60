package dev.dogear.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The house rules on size and names, read from the sources of every module with the compiler's own trees. What may break
 * a rule for now is listed in {@code tidy-allow.txt} beside this file; a line there that is no longer needed fails, so the
 * list only shrinks.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TidyTest {

    private static final int FILE_LINES_MAX = 600;
    private static final int FILE_LINES_P90_MAX = 400;
    private static final int METHOD_LINES_MAX = 60;
    private static final int METHOD_LINES_P99_MAX = 40;
    private static final int INTERFACE_METHODS_MAX = 8;
    private static final int CONSTRUCTOR_PARAMETERS_MAX = 6;
    private static final int PACKAGE_TYPES_MAX = 20;
    private static final Pattern EMPTY_NAME = Pattern.compile(".+(Manager|Helper|Utils?|Impl|Base)");

    /** The table of kernel requests: one method each, as many as the kernel has. */
    private static final String REQUEST_TABLE = "FileSystemCalls";

    private static final Path ROOT = projectRoot();
    private static final Path ALLOWED = ROOT.resolve("control-api/src/test/java/dev/dogear/control/tidy-allow.txt");
    private static final List<String> MODULES = List.of("store", "fuse-mount", "control-api");

    /** What offends, as {@code rule path}, with the findings behind it. */
    private final Map<String, List<String>> offences = new TreeMap<>();

    private final List<Integer> mainFileLines = new ArrayList<>();
    private final List<Integer> mainMethodLines = new ArrayList<>();
    private final Map<String, Integer> mainPackageTypes = new TreeMap<>();

    @BeforeAll
    void readSources() throws IOException {
        List<Path> sources = sources();
        for (Path source : sources) {
            int lines = Files.readAllLines(source, UTF_8).size();
            limit("file-lines", relative(source), lines, FILE_LINES_MAX, "the file");
            if (isMain(source)) {
                mainFileLines.add(lines);
            }
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, UTF_8)) {
            var task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Rules(unit, positions).scan(unit, null);
            }
        }
        mainPackageTypes.forEach(
                (name, types) -> limit("package-types", name, types, PACKAGE_TYPES_MAX, "the package"));
        checkPackageInfos(sources);
    }

    @Test
    void nothingOffendsThatIsNotAllowed() throws IOException {
        Map<String, List<String>> surplus = new TreeMap<>(offences);
        surplus.keySet().removeAll(allowed());
        StringBuilder report = new StringBuilder();
        surplus.forEach((key, findings) -> findings.forEach(
                finding -> report.append("\n  ").append(key).append(": ").append(finding)));
        assertEquals("", report.toString(), "house rules broken");
    }

    @Test
    void theAllowListOnlyShrinks() throws IOException {
        Set<String> stale = new TreeSet<>(allowed());
        stale.removeAll(offences.keySet());
        assertEquals(Set.of(), stale, "no longer offends, so remove from " + relative(ALLOWED));
    }

    @Test
    void mostFilesAreShort() {
        assertPercentile(mainFileLines, 90, FILE_LINES_P90_MAX, "lines of a file");
    }

    @Test
    void mostMethodsAreShort() {
        assertPercentile(mainMethodLines, 99, METHOD_LINES_P99_MAX, "lines of a method");
    }

    /** With fewer samples than the percentile can tell apart the hard limit alone counts. */
    private static void assertPercentile(List<Integer> samples, int percent, int max, String what) {
        if (samples.size() < 100 / (100 - percent)) {
            return;
        }
        List<Integer> sorted = new ArrayList<>(samples);
        Collections.sort(sorted);
        int value = sorted.get((int) Math.ceil(sorted.size() * percent / 100.0) - 1);
        if (value > max) {
            fail("p" + percent + " of " + what + " is " + value + ", more than " + max);
        }
    }

    private void checkPackageInfos(List<Path> sources) throws IOException {
        Set<Path> folders = sources.stream()
                .filter(TidyTest::isMain)
                .map(source -> source.resolveSibling(""))
                .collect(Collectors.toSet());
        for (Path folder : folders) {
            Path info = folder.resolve("package-info.java");
            if (!Files.exists(info) || !Files.readAllLines(info, UTF_8).contains("@NullMarked")) {
                offend("package-info", relative(folder), "needs a package-info.java with @NullMarked");
            }
        }
    }

    private void limit(String rule, String where, int value, int max, String what) {
        if (value > max) {
            offend(rule, where, what + " has " + value + ", more than " + max);
        }
    }

    private void offend(String rule, String where, String finding) {
        offences.computeIfAbsent(rule + " " + where, key -> new ArrayList<>()).add(finding);
    }

    private static Set<String> allowed() throws IOException {
        try (Stream<String> lines = Files.lines(ALLOWED, UTF_8)) {
            return lines.map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .collect(Collectors.toSet());
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String module : MODULES) {
            for (String kind : List.of("src/main", "src/test")) {
                Path folder = ROOT.resolve(module).resolve(kind);
                if (Files.isDirectory(folder)) {
                    try (Stream<Path> files = Files.walk(folder)) {
                        files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    private static Path projectRoot() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("fuse-mount"))) {
                return folder;
            }
        }
        throw new IllegalStateException("run from within the project");
    }

    private static boolean isMain(Path source) {
        return relative(source).contains("/src/main/");
    }

    private static String relative(Path path) {
        return ROOT.relativize(path).toString();
    }

    /** The rules on one file that need its tree. */
    private final class Rules extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final Path file;

        private Rules(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
            this.file = Path.of(unit.getSourceFile().toUri());
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            if (isMain(file) && getCurrentPath().getParentPath().getLeaf() == unit) {
                mainPackageTypes.merge(relative(file.resolveSibling("")), 1, Integer::sum);
            }
            if (EMPTY_NAME.matcher(type.getSimpleName()).matches()) {
                offend("type-name", relative(file), type.getSimpleName() + " does not say what it is");
            }
            if (type.getKind() == Tree.Kind.INTERFACE && !type.getSimpleName().contentEquals(REQUEST_TABLE)) {
                int methods = (int) type.getMembers().stream()
                        .filter(member -> member instanceof MethodTree method && isInstanceMethod(method))
                        .count();
                limit("interface-methods", relative(file), methods, INTERFACE_METHODS_MAX, type.getSimpleName() + "");
            }
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            int lines =
                    1 + line(positions.getEndPosition(unit, method)) - line(positions.getStartPosition(unit, method));
            limit("method-lines", relative(file), lines, METHOD_LINES_MAX, "method " + method.getName());
            if (isMain(file)) {
                mainMethodLines.add(lines);
            }
            boolean ofRecord = getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.RECORD;
            if (method.getReturnType() == null && !ofRecord) {
                int parameters = method.getParameters().size();
                limit(
                        "constructor-parameters",
                        relative(file),
                        parameters,
                        CONSTRUCTOR_PARAMETERS_MAX,
                        "a constructor");
            }
            return super.visitMethod(method, null);
        }

        private static boolean isInstanceMethod(MethodTree method) {
            Set<Modifier> flags = method.getModifiers().getFlags();
            return !flags.contains(Modifier.STATIC) && !flags.contains(Modifier.PRIVATE);
        }

        private int line(long position) {
            return (int) unit.getLineMap().getLineNumber(position);
        }
    }
}
