package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** The same suite by jnr-fuse. What is overridden here is what libfuse 2.9 cannot do; the README lists it. */
final class JnrFuseMountTest extends LiveMountTest {
    @Override
    String[] options() {
        return new String[] {"jnr-fuse"};
    }

    /** Protocol 7.19 cannot forget pages, so there is no page cache, and without one no shared mapping; programs still run. */
    @Test
    @Override
    void undoIsSeenThroughMappings() throws IOException {
        Path program = Files.copy(Path.of("/bin/true"), main.resolve("program"), StandardCopyOption.COPY_ATTRIBUTES);
        try (FileChannel open = FileChannel.open(program, StandardOpenOption.READ)) {
            assertThrows(IOException.class, () -> open.map(FileChannel.MapMode.READ_ONLY, 0, 3));
        }
        assertEquals(
                0,
                new ProcessBuilder(program.toString()).start().onExit().join().exitValue());
    }

    /** libfuse says which protocol it speaks. */
    @Override
    void anOldKernelIsServed(String protocol) {}

    @Test
    void statusSaysWhatIsSpoken() throws IOException {
        String spoken = ask("spoken");
        assertTrue(spoken.contains("transport=jnr-fuse, protocol=7.19"), spoken);
        Files.writeString(main.resolve("a"), "x");
        assertTrue(ask("counts").matches(".*CREATE=[1-9].*"));
    }

    /** jnr-fuse's own callbacks would take such a name for another. */
    @Test
    void namesAreBytes() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", "printf x > \"$(printf 'n\\377m')\" && ls | od -An -c")
                .directory(main.toFile())
                .start();
        String listed = new String(shell.getInputStream().readAllBytes(), ISO_8859_1);
        assertEquals(0, shell.waitFor());
        assertTrue(listed.contains("n 377   m"), listed);
    }
}
