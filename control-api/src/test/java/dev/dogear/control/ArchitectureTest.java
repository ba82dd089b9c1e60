package dev.dogear.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The shape of the code as rules: which package may know which. It lives in the last module because only that one sees
 * all three. A rule about a package that does not exist yet holds.
 */
@AnalyzeClasses(
        packages = "dev.dogear",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {

    private static final String STORE = "dev.dogear.store..";
    private static final String MOUNT = "dev.dogear.mount..";
    private static final String CONTROL = "dev.dogear.control..";

    @ArchTest
    static final ArchRule STORE_KNOWS_NO_OTHER_MODULE = noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(MOUNT, CONTROL)
            .because("dependencies run store, fuse-mount, control-api, never back")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule MOUNT_KNOWS_ONLY_THE_STORE = noClasses()
            .that()
            .resideInAPackage(MOUNT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CONTROL)
            .because("dependencies run store, fuse-mount, control-api, never back")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule NATIVE_CALLS_STAY_IN_THE_TRANSPORTS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.dogear.mount.kernel..",
                    "dev.dogear.mount.uring..",
                    "dev.dogear.mount.jnrfuse..",
                    "dev.dogear.mount.mounts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai.jffi..", "ru.serce..")
            .because("struct offsets and system calls belong to the transports and to mounting")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule LIBFUSE_STAYS_IN_ITS_TRANSPORT = noClasses()
            .that()
            .resideOutsideOfPackage("dev.dogear.mount.jnrfuse..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ru.serce..")
            .because("jnr-fuse is the second transport and nothing more")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule LMDB_STAYS_IN_ITS_PACKAGE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.dogear.store.lmdb..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.lmdbjava..")
            .because("the object table is a seam with a second implementation")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule TREES_AND_OBJECTS_DO_NO_IO = noClasses()
            .that()
            .resideInAnyPackage("dev.dogear.store.tree..", "dev.dogear.store.object..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|RandomAccessFile).*")
            .because("they are pure functions on immutable values")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().matching("dev.dogear.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule NO_STATE_HIDES_IN_A_THREAD = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.lang\\.(Inheritable)?ThreadLocal.*")
            .because("state has an owner that closes it")
            .allowEmptyShould(true);

    /** Leaves out the test jars of the other modules, which hold the contract suites. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
