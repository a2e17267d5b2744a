# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live tests of sysgate serve share: a daemon, requests to it, verdicts."""
import http.client, json, os, re, shutil, signal, socket, ssl, subprocess, sys, time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
BUILD = os.environ.get("SYSGATE_BUILD", "build")
SYSGATE = f"{BUILD}/sysgate"
TOKEN = "0123456789abcdef0123456789abcdef"
# Of every daemon, as "--engine kmod --attach kprobe".
OPTIONS = os.environ.get("SYSGATE_SERVE", "").split()
failed = []


def holds(name, value, why="it is not so"):
    test = os.path.basename(sys.argv[0])
    if not value:
        failed.append(name)
    print(f"ok {test}: {name}" if value else f"not ok {test}: {name}: {why}", flush=True)


def until(look, seconds=20):
    """look(), until it gives something; what it gave last."""
    end = time.monotonic() + seconds
    while True:
        got = look()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.02)


def workload(name):
    """As it is built for this machine's own programs."""
    paths = [f"{BUILD}/tests/workload/{name}{gate}" for gate in ("64-syscall", "32-vdso")]
    return paths[0] if os.path.exists(paths[0]) else paths[1]


def own_workload(folder, name):
    """A copy whose name no other test's has."""
    path = f"{folder}/{name[:4]}-{os.getpid()}"
    shutil.copy(workload(name), path)
    return path


def token_file(folder):
    path = f"{folder}/token"
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as out:
        out.write(TOKEN + "\n")
    return path


class Serve:
    """sysgate serve on a free port of the loopback, unless told otherwise."""

    def __init__(self, *options, listen="127.0.0.1:0", env=None):
        self.process = subprocess.Popen([SYSGATE, "serve", "-l", listen, *OPTIONS, *options],
                                        stderr=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **(env or {})))
        self.said, self.port = [], None
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"https?://[^ ]*:(\d+)/", line)
            if found:
                self.port = int(found[1])
            if "listening on" in line:
                break
        else:
            raise RuntimeError("".join(self.said))
        self.pid = self.process.pid

    def get(self, path, tls=False, connection=None, **headers):
        c = connection or (http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=20, context=ssl._create_unverified_context()) if tls
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=20))
        c.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = c.getresponse()
        body = answer.read()
        if not connection:
            c.close()
        return answer.status, body.decode()

    def json(self, path, **headers):
        return json.loads(self.get(path, **headers)[1])

    def status(self):
        with open(f"/proc/{self.pid}/status") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def memory(self):
        return int(self.status()["VmRSS"].split()[0])

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.said += self.process.stderr.readlines()
        return self.process.wait()


def metrics(text):
    """The samples of the text format, by name and labels."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines() if line and line[0] != "#"}


def instances():
    """The tracefs instances of sysgate that there are."""
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tracefs none /mnt && ls /mnt/instances"],
        capture_output=True, text=True).stdout.split()


def module_loaded():
    """sysgate's, which is loaded only while a daemon has its probes on."""
    return os.path.exists("/sys/module/sysgate")
