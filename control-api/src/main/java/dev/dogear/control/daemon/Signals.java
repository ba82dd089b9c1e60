package dev.dogear.control.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals of the process. The JDK has no supported way to receive one, but every JDK has {@code sun.misc.Signal}; it is
 * reached by name because the compiler's warning about it cannot be switched off.
 */
final class Signals {
    private Signals() {}

    /** Runs {@code action}, on a thread of its own, whenever the signal of that name (such as TERM) arrives. */
    static void on(String name, Runnable action) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                action.run();
            }
            return null;
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> receiver = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {receiver}, handler);
            signal.getMethod("handle", signal, receiver)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no way to receive SIG" + name, e);
        }
    }
}
