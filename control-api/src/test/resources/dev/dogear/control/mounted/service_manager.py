"""What systemd does for a service with Type=notify, Restart=on-failure and a descriptor store, and nothing else of it.

Arguments: the socket to listen at, and the command. Prints a line for all that happens. Ends with the service's status when that
has ended by its own will.
"""
import os
import socket
import sys
import threading

path, command = sys.argv[1], sys.argv[2:]
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(path)
stored = {}
guard = threading.Lock()


def listen():
    while True:
        data, descriptors, _, _ = socket.recv_fds(notify, 4096, 8)
        said = dict(line.split("=", 1) for line in data.decode().splitlines())
        name = said.get("FDNAME")
        with guard:
            if "FDSTORE" in said:
                stored[name] = descriptors[0]
            elif "FDSTOREREMOVE" in said and name in stored:
                os.close(stored.pop(name))
        if "WATCHDOG" not in said:
            print("told", " ".join(f"{key}={value}" for key, value in said.items()), flush=True)


def start():
    with guard:
        names = list(stored)
        child = os.fork()
        if child:
            return child
        # Out of the way first: a number may be wanted by another one.
        high = [os.dup2(stored[name], 500 + i) for i, name in enumerate(names)]
        for i, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + i)
        os.closerange(3 + len(names), 1024)
        environment = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="30000000")
        if names:
            environment.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=":".join(names))
        os.execve(command[0], command, environment)


threading.Thread(target=listen, daemon=True).start()
while True:
    child = start()
    print("started", child, "with", *stored, flush=True)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print("ended", child, status, flush=True)
    if status == 0:
        sys.exit(0)
