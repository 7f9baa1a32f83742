import { createRequire as createRequireOf } from "node:module";const require = createRequireOf(import.meta.url);
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __knownSymbol = (name, symbol2) => (symbol2 = Symbol[name]) ? symbol2 : /* @__PURE__ */ Symbol.for("Symbol." + name);
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __using = (stack, value, async) => {
  if (value != null) {
    if (typeof value !== "object" && typeof value !== "function") __typeError("Object expected");
    var dispose, inner;
    if (async) dispose = value[__knownSymbol("asyncDispose")];
    if (dispose === void 0) {
      dispose = value[__knownSymbol("dispose")];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") __typeError("Object not disposable");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    stack.push([async, dispose, value]);
  } else if (async) {
    stack.push([async]);
  }
  return value;
};
var __callDispose = (stack, error2, hasError) => {
  var E = typeof SuppressedError === "function" ? SuppressedError : function(e, s, m, _) {
    return _ = Error(m), _.name = "SuppressedError", _.error = e, _.suppressed = s, _;
  };
  var fail = (e) => error2 = hasError ? new E(e, error2, "An error was suppressed during disposal") : (hasError = true, e);
  var next = (it) => {
    while (it = stack.pop()) {
      try {
        var result2 = it[1] && it[1].call(it[2]);
        if (it[0]) return Promise.resolve(result2).then(next, (e) => (fail(e), next()));
      } catch (e) {
        fail(e);
      }
    }
    if (hasError) throw error2;
  };
  return next();
};

// src/runner/command.ts
import { spawn } from "node:child_process";
function programFailed(program2, how, output2) {
  const reason = output2.trim();
  return new Error(`${program2} ${how}${reason === "" ? "" : `: ${reason}`}`);
}
async function runProgram(program2, args, options = {}) {
  const { input: input2, output: output2, signal, cwd } = options;
  signal?.throwIfAborted();
  const child = spawn(program2, args, {
    stdio: [input2 === void 0 ? "ignore" : "pipe", output2 === void 0 ? "ignore" : "pipe", "pipe"],
    env: plainEnvironment,
    ...cwd !== void 0 && { cwd }
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text2) => {
    stderr = (stderr + text2).slice(-STDERR_CHARACTERS);
  });
  const ended = new Promise((resolve2, reject) => {
    child.once("error", (error2) => reject(programFailed(program2, "cannot be started", error2.message)));
    child.once("close", (code, name) => {
      if (code === 0) resolve2();
      else
        reject(
          programFailed(program2, code === null ? `was ended by ${name}` : `exited with ${code}`, stderr)
        );
    });
  });
  ended.catch(() => {
  });
  try {
    const work = [];
    if (input2 !== void 0 && child.stdin !== null) work.push(feed(input2, child.stdin));
    if (output2 !== void 0 && child.stdout !== null) work.push(output2(child.stdout));
    const failures = (await Promise.allSettled(work)).filter((result2) => result2.status === "rejected");
    const [failure2] = failures;
    if (failure2 !== void 0) {
      kill();
      await ended.catch(() => {
      });
      throw failure2.reason;
    }
    await ended;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
  signal?.throwIfAborted();
}
async function feed(input2, stdin) {
  let broken = false;
  stdin.on("error", () => {
    broken = true;
  });
  for await (const chunk of input2) {
    if (broken) return;
    if (!stdin.write(chunk)) {
      await new Promise((resolve2) => {
        const done2 = () => {
          stdin.off("drain", done2).off("close", done2).off("error", done2);
          resolve2();
        };
        stdin.on("drain", done2).on("close", done2).on("error", done2);
      });
    }
  }
  stdin.end();
}
var STDERR_CHARACTERS, SYSTEM_PATH, plainEnvironment;
var init_command = __esm({
  "src/runner/command.ts"() {
    "use strict";
    STDERR_CHARACTERS = 4096;
    SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
    plainEnvironment = {
      PATH: process.env.PATH ? `${process.env.PATH}:${SYSTEM_PATH}` : SYSTEM_PATH,
      LC_ALL: "C"
    };
  }
});

// src/runner/files/remove-tree.ts
async function removeTree(path) {
  await runProgram("rm", ["-rf", "--one-file-system", "--", path]);
}
var init_remove_tree = __esm({
  "src/runner/files/remove-tree.ts"() {
    "use strict";
    init_command();
  }
});

// src/runner/job-error.ts
var JobError;
var init_job_error = __esm({
  "src/runner/job-error.ts"() {
    "use strict";
    JobError = class extends Error {
      name = "JobError";
      failure;
      constructor(reason, message, details = {}) {
        super(message);
        const known2 = Object.entries(details).filter(([, value]) => value !== void 0);
        this.failure = { reason, message, ...Object.fromEntries(known2) };
      }
    };
  }
});

// src/runner/files/make-folder.ts
import { mkdirSync as mkdirSync3, statSync } from "node:fs";
import { dirname } from "node:path";
function makeFolder2(path, mode = 511) {
  if (isMade(path, mode)) return;
  makeFolder2(dirname(path), mode);
  if (!isMade(path, mode)) mkdirSync3(path, mode);
}
function isMade(path, mode) {
  try {
    mkdirSync3(path, mode);
    return true;
  } catch (error2) {
    const { code } = error2;
    if (code === "ENOENT" && dirname(path) !== path && !isFolder(dirname(path))) return false;
    if (code !== "EEXIST" || !isFolder(path)) throw error2;
    return true;
  }
}
function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
var init_make_folder = __esm({
  "src/runner/files/make-folder.ts"() {
    "use strict";
  }
});

// src/runner/sandbox/host-error.ts
var HostError;
var init_host_error = __esm({
  "src/runner/sandbox/host-error.ts"() {
    "use strict";
    HostError = class extends Error {
      name = "HostError";
    };
  }
});

// src/runner/files/file-time.ts
function fileTime(seconds) {
  return seconds < 0 ? new Date(seconds * 1e3) : seconds;
}
var init_file_time = __esm({
  "src/runner/files/file-time.ts"() {
    "use strict";
  }
});

// src/runner/snapshots/directory-attributes.ts
import { chmodSync, chownSync, lstatSync as lstatSync3, utimesSync as utimesSync2 } from "node:fs";
function setAttributes(path, { uid, gid, mode, mtime }) {
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  utimesSync2(path, fileTime(mtime), fileTime(mtime));
}
function adoptDirectory(directory2, path, layers) {
  for (const layer of layers) {
    let at = layer;
    const exists = path.split("/").every((name) => {
      at += `/${name}`;
      return lstatSync3(at, { throwIfNoEntry: false })?.isDirectory();
    });
    if (!exists) continue;
    const { uid, gid, mode, atime, mtime } = lstatSync3(at);
    chownSync(directory2, uid, gid);
    chmodSync(directory2, mode & 4095);
    utimesSync2(directory2, atime, mtime);
    return;
  }
}
var init_directory_attributes = __esm({
  "src/runner/snapshots/directory-attributes.ts"() {
    "use strict";
    init_file_time();
  }
});

// src/runner/sandbox/overlay-stacks.ts
import { mkdirSync as mkdirSync4, symlinkSync } from "node:fs";
import { join as join5 } from "node:path";
function makeStackFolders(folder, stacks, overlay) {
  for (const name of ["memory", "lower", "empty"]) mkdirSync4(join5(folder, name), { mode: 493 });
  const names2 = /* @__PURE__ */ new Map();
  const commands = [];
  for (const { name, paths, root: root2, writable } of stacks) {
    for (const part of ["", "/merged", "/upper", "/work"]) mkdirSync4(join5(folder, name + part));
    if (root2 !== void 0) setAttributes(join5(folder, name, "upper"), root2);
    const lower = [];
    for (const layer of paths) {
      let short = names2.get(layer);
      if (short === void 0) {
        short = `lower/${names2.size.toString(36)}`;
        names2.set(layer, short);
        symlinkSync(layer, join5(folder, short));
      }
      lower.unshift(short);
    }
    if (lower.length === 0 || !writable) lower.push("empty");
    if (!writable) lower.unshift(`${name}/upper`);
    const upper = writable ? `,upperdir=${name}/upper,workdir=${name}/work` : "";
    commands.push(`mount -t overlay overlay -o lowerdir=${lower.join(":")}${upper}${overlay} ${name}/merged`);
  }
  return commands;
}
var EMPTY_STACK;
var init_overlay_stacks = __esm({
  "src/runner/sandbox/overlay-stacks.ts"() {
    "use strict";
    init_directory_attributes();
    EMPTY_STACK = { name: "root", paths: [], root: void 0, writable: true };
  }
});

// src/runner/sandbox/runtime.ts
import { accessSync, constants as constants2, readFileSync as readFileSync2 } from "node:fs";
import { join as join6 } from "node:path";
function findRuntime(name) {
  if (name === void 0) return findRuntime("crun") ?? findRuntime("runc") ?? findRuntime("unshare");
  const path = findProgram(name);
  return path === void 0 ? void 0 : { name, path };
}
function hasMixedGroups() {
  try {
    return readFileSync2(`${UNIFIED}/cgroup.controllers`, "utf8").trim() !== "";
  } catch {
    return false;
  }
}
function findProgram(name) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders.filter((folder) => folder.startsWith("/")).map((folder) => join6(folder, name)).find((path) => {
    try {
      accessSync(path, constants2.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
function runtimeProgram(runtime, { bundle, hasGroups, log }) {
  const isCrun = runtime.name === "crun";
  return [
    runtime.path,
    "--root",
    `${bundle}/state`,
    ...log === void 0 ? [] : ["--log", isCrun ? `file:${log}` : log, "--log-format=json"],
    ...isCrun ? [`--cgroup-manager=${hasGroups ? "cgroupfs" : "disabled"}`] : []
  ];
}
function runtimeCommand(runtime, options) {
  const { bundle, id: id2 } = options;
  const command = [...runtimeProgram(runtime, options), "run", "--keep", "--bundle", bundle, id2];
  return runtime.name === "crun" && hasMixedGroups() ? ["sh", "-c", `mount -t tmpfs tmpfs ${UNIFIED}; exec "$0" "$@"`, ...command] : command;
}
var UNIFIED;
var init_runtime = __esm({
  "src/runner/sandbox/runtime.ts"() {
    "use strict";
    UNIFIED = "/sys/fs/cgroup/unified";
  }
});

// src/runner/files/shell-quote.ts
function quoteForShell(text2) {
  return `'${text2.replaceAll("'", "'\\''")}'`;
}
var init_shell_quote = __esm({
  "src/runner/files/shell-quote.ts"() {
    "use strict";
  }
});

// src/runner/sandbox/children.ts
import { readdirSync as readdirSync3, readFileSync as readFileSync3 } from "node:fs";
function childrenOf(pid) {
  try {
    return readdirSync3(`/proc/${pid}/task`).flatMap(
      (thread) => childrenOfThread(`/proc/${pid}/task/${thread}`)
    );
  } catch {
    return [];
  }
}
function killGroup(leader) {
  if (leader === void 0) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
  }
}
function childrenOfThread(path) {
  try {
    return readFileSync3(`${path}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
var init_children = __esm({
  "src/runner/sandbox/children.ts"() {
    "use strict";
  }
});

// src/runner/sandbox/output-pipes.ts
import { closeSync, constants as constants3, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join as join7 } from "node:path";
async function openOutputPipes() {
  while (spare.length < 2) spare.push(...await makePipes());
  const [stdout, stderr] = spare.splice(0, 2);
  return [outputPipe(stdout), outputPipe(stderr)];
}
async function makePipes() {
  const folder = await mkdtemp(join7(tmpdir(), "varve-pipes-"));
  try {
    const paths = Array.from({ length: AT_ONCE }, (_, index) => join7(folder, String(index)));
    await runProgram("mkfifo", ["-m", "666", ...paths]);
    return paths.map((path) => ({
      read: openSync(path, constants3.O_RDONLY | constants3.O_NONBLOCK),
      write: openSync(path, constants3.O_WRONLY)
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
function outputPipe({ read, write: write2 }) {
  return { read: new Socket({ fd: read, readable: true, writable: false }), write: write2 };
}
function closeWriteEnds(pipes) {
  for (const { write: write2 } of pipes) closeSync(write2);
}
var AT_ONCE, spare;
var init_output_pipes = __esm({
  "src/runner/sandbox/output-pipes.ts"() {
    "use strict";
    init_command();
    AT_ONCE = 8;
    spare = [];
  }
});

// src/runner/sandbox/user-namespace.ts
import { spawn as spawn2 } from "node:child_process";
import { once } from "node:events";
import { readFileSync as readFileSync4 } from "node:fs";
function needsUserNamespace() {
  return process.platform === "linux" && process.getuid?.() !== 0;
}
function isInUserNamespace() {
  const [first] = idMap("uid");
  return first?.inside !== 0 || first.outside !== 0 || first.count !== 2 ** 32 - 1;
}
async function userNamespaceCommand() {
  let reason = "";
  for (const mapping of MAPPINGS) {
    const command = ["unshare", "--user", ...mapping];
    const failure2 = await failureOf([...command, "true"]);
    if (failure2 === void 0) return ["setpriv", "--pdeathsig", "KILL", ...command];
    reason = failure2;
  }
  throw new HostError(`a user who is not root cannot make a user namespace here: ${reason}`);
}
async function failureOf([program2 = "", ...args]) {
  const child = spawn2(program2, args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: plainEnvironment
  });
  child.once("exit", () => killGroup(child.pid));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text2) => {
    stderr += text2;
  });
  try {
    const [code] = await once(child, "close");
    return code === 0 ? void 0 : stderr.trim() || `${program2} exited with ${code}`;
  } catch (error2) {
    return error2.message;
  }
}
function requireIds({ uid, gid }, what) {
  if (hasId("uid", uid) && hasId("gid", gid)) return;
  throw new JobError(
    "refused",
    `${what}, but the runner's user has no such ids: add ranges for it to /etc/subuid and /etc/subgid, and install newuidmap (package uidmap)`
  );
}
function hasId(kind, id2) {
  return idMap(kind).some(({ inside, count: count2 }) => id2 >= inside && id2 < inside + count2);
}
function idMap(kind) {
  const known2 = idMaps.get(kind);
  if (known2 !== void 0) return known2;
  const lines = readFileSync4(`/proc/self/${kind}_map`, "utf8").trim().split("\n");
  const ranges = lines.map((line2) => {
    const [inside = 0, outside = 0, count2 = 0] = line2.trim().split(/\s+/).map(Number);
    return { inside, outside, count: count2 };
  });
  idMaps.set(kind, ranges);
  return ranges;
}
var SAME_USERS, MAPPINGS, idMaps;
var init_user_namespace = __esm({
  "src/runner/sandbox/user-namespace.ts"() {
    "use strict";
    init_command();
    init_job_error();
    init_children();
    init_host_error();
    SAME_USERS = ["--user", "--map-users=0:0:65536", "--map-groups=0:0:65536"];
    MAPPINGS = [["--map-root-user", "--map-auto"], ["--map-root-user"]];
    idMaps = /* @__PURE__ */ new Map();
  }
});

// src/runner/sandbox/sandbox.ts
import { spawn as spawn3 } from "node:child_process";
function holder({ userNamespace }, namespaces2) {
  const ofNetwork = namespaces2?.users !== void 0;
  return [
    ...["setpriv", "--pdeathsig", "KILL"],
    // A network namespace can be entered only from its user namespace.
    ...ofNetwork ? ["nsenter", `--user=/proc/self/fd/${USERS_DESCRIPTOR}`, "--preserve-credentials"] : [],
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"],
    ...userNamespace && !ofNetwork ? SAME_USERS : []
  ];
}
var NETWORK_DESCRIPTOR, USERS_DESCRIPTOR, STDIN, PIPES, Sandbox, OWN_TERMINAL;
var init_sandbox = __esm({
  "src/runner/sandbox/sandbox.ts"() {
    "use strict";
    init_command();
    init_shell_quote();
    init_children();
    init_host_error();
    init_output_pipes();
    init_overlay_stacks();
    init_user_namespace();
    NETWORK_DESCRIPTOR = 5;
    USERS_DESCRIPTOR = 6;
    STDIN = { own: "inherit", none: "ignore", silent: "pipe", piped: "pipe" };
    PIPES = { stdin: "none", piped: true, terminal: false };
    Sandbox = class _Sandbox {
      #folder;
      #child;
      #output;
      #exit;
      constructor(folder, child, output2) {
        this.#folder = folder;
        this.#child = child;
        this.#output = output2;
        const read = output2.map((stream) => new Promise((resolve2) => stream.once("close", resolve2)));
        const ended = new Promise((resolve2) => {
          child.once("close", (code, signal) => resolve2({ code, signal }));
          child.once("error", () => resolve2({ code: null, signal: null }));
        });
        this.#exit = Promise.all([ended, ...read]).then(([exit]) => exit);
      }
      /**
       * Mounts the stacks in `folder`, and a memory file system for secrets and settings at `<folder>/memory`.
       * `run` then starts `command` inside, in the working directory `folder`.
       * @throws {HostError} when the machine cannot mount the file systems
       */
      static async open(folder, stacks, command, method, { stdin, piped, terminal, namespaces: namespaces2 } = PIPES) {
        const mounts = makeStackFolders(folder, stacks, method.overlay);
        const script2 = [
          "set -e",
          // Errors go into the pipe that reports readiness.
          `exec 7>&2 2>&3${namespaces2 === void 0 ? ` ${NETWORK_DESCRIPTOR}<&-` : ""} ${USERS_DESCRIPTOR}<&-`,
          `cd ${quoteForShell(folder)}`,
          "mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs memory",
          ...mounts,
          "echo ready >&3",
          "read -r go <&4",
          "exec 2>&7 3>&- 4>&- 7>&-",
          ...terminal ? OWN_TERMINAL : [],
          `exec ${command.map(quoteForShell).join(" ")}`
        ].join("\n");
        const pipes = piped ? await openOutputPipes() : [];
        const [stdout, stderr] = piped ? pipes.map(({ write: write2 }) => write2) : ["inherit", "inherit"];
        const [program2 = "", ...words] = holder(method, namespaces2);
        const child = spawn3(program2, [...words, "sh", "-c", script2], {
          detached: !terminal,
          stdio: [
            STDIN[stdin],
            stdout,
            stderr,
            "pipe",
            "pipe",
            namespaces2?.network ?? "ignore",
            namespaces2?.users ?? "ignore"
          ],
          // The newer interface of mount(8) accepts at most 256 bytes of lower directories.
          env: { ...plainEnvironment, LIBMOUNT_FORCE_MOUNT2: "always" }
        });
        closeWriteEnds(pipes);
        const sandbox = new _Sandbox(
          folder,
          child,
          pipes.map(({ read }) => read)
        );
        sandbox.#go.on("error", () => {
        });
        const clean = () => killGroup(child.pid);
        if (!terminal) child.once("exit", clean);
        await sandbox.#ready();
        child.off("exit", clean);
        return sandbox;
      }
      async #ready() {
        let output2 = "";
        const control = this.#child.stdio[3];
        const read = (chunk) => {
          output2 += chunk.toString();
        };
        for (const stream of this.#output) stream.on("data", read);
        await new Promise((resolve2) => {
          control.on("data", (chunk) => {
            read(chunk);
            if (output2.endsWith("ready\n")) resolve2();
          });
          control.once("error", () => resolve2());
          this.#exit.then(() => resolve2());
        });
        for (const stream of this.#output) stream.off("data", read).pause();
        if (!output2.endsWith("ready\n")) {
          throw new HostError(
            `Cannot mount the file systems of the step: ${output2.trim() || "the process ended without a message"}`
          );
        }
      }
      /** Path through which this program sees the job's folder with its mounts. */
      get inside() {
        return `/proc/${this.#child.pid}/root${this.#folder}`;
      }
      /** The process that becomes the command. */
      get pid() {
        return childrenOf(this.#child.pid)[0];
      }
      /** Output of the command; undefined when it writes to this program's output. */
      get stdout() {
        return this.#output[0];
      }
      get stderr() {
        return this.#output[1];
      }
      /** Input of the command, if it is a pipe. */
      get stdin() {
        return this.#child.stdin;
      }
      get #go() {
        return this.#child.stdio[4];
      }
      /** Starts the command. Readers of its output must be attached before. */
      run() {
        for (const stream of this.#output) stream.resume();
        this.#go.end("go\n");
      }
      /** Resolves when the command has ended and all its output was read. */
      get exit() {
        return this.#exit;
      }
      /** Sends a signal to the command, which passes it on to the container. */
      signal(name) {
        for (const pid of childrenOf(this.#child.pid)) {
          try {
            process.kill(pid, name);
          } catch {
          }
        }
      }
      /** Ends all processes inside and waits for their end. */
      async close() {
        if (this.#child.exitCode === null && this.#child.signalCode === null) {
          if (childrenOf(this.#child.pid).length > 0) this.signal("SIGKILL");
          else this.#child.kill("SIGKILL");
        }
        for (const stream of this.#output) stream.destroy();
        await this.#exit;
      }
    };
    OWN_TERMINAL = [
      "if [ -t 0 ]; then exec </dev/tty; fi",
      "if [ -t 1 ]; then exec >/dev/tty; fi",
      "if [ -t 2 ]; then exec 2>/dev/tty; fi"
    ];
  }
});

// src/runner/sandbox/ability.ts
import { mkdtemp as mkdtemp2 } from "node:fs/promises";
import { join as join8 } from "node:path";
async function findAbility(data, { runtime: name } = {}) {
  if (process.platform !== "linux") throw new UnableError("Steps run on Linux only.");
  if (needsUserNamespace()) throw new UnableError("Running steps needs root, at least of a user namespace.");
  const missing = PROGRAMS.filter((name2) => findProgram(name2) === void 0);
  if (missing.length > 0)
    throw new UnableError(`Running steps needs ${missing.join(", ")}, which is not installed.`);
  const runtime = findRuntime(name);
  if (runtime === void 0)
    throw new UnableError(`Running steps needs ${name ?? "crun or runc"}, which is not installed.`);
  const failures = [];
  for (const method of isInUserNamespace() ? OWN_METHODS : METHODS) {
    const failure2 = await tryMount(data, method);
    if (failure2 === "") return { runtime, method };
    failures.push(failure2);
  }
  const reasons = [...new Set(failures)].join("; ");
  const hint = failures.every((failure2) => /Operation not permitted|permission denied/i.test(failure2)) ? `. ${DOCKER_NEEDS}` : "";
  throw new UnableError(`Overlay file systems cannot be mounted in ${data}: ${reasons}${hint}`);
}
async function tryMount(data, method) {
  makeFolder2(data);
  const folder = await mkdtemp2(join8(data, "try-"));
  try {
    const sandbox = await Sandbox.open(folder, [EMPTY_STACK], ["true"], method);
    await sandbox.close();
    return "";
  } catch (error2) {
    if (error2 instanceof HostError) return error2.message;
    throw error2;
  } finally {
    await removeTree(folder);
  }
}
var UnableError, DOCKER_NEEDS, PLAIN, USER, machine, users, METHODS, OWN_METHODS, PROGRAMS;
var init_ability = __esm({
  "src/runner/sandbox/ability.ts"() {
    "use strict";
    init_make_folder();
    init_remove_tree();
    init_host_error();
    init_overlay_stacks();
    init_runtime();
    init_sandbox();
    init_user_namespace();
    UnableError = class extends Error {
      name = "UnableError";
    };
    DOCKER_NEEDS = "In a container, its filter of system calls may be the reason: docker needs --security-opt seccomp=unconfined and systempaths=unconfined";
    PLAIN = ",index=off,xino=off,redirect_dir=off,metacopy=off";
    USER = ",index=off,xino=off,userxattr";
    machine = { prefix: "trusted", userNamespace: false, ownsMachine: true };
    users = { prefix: "user", userNamespace: true, ownsMachine: false };
    METHODS = [
      { overlay: `${PLAIN},volatile`, ...machine },
      { overlay: PLAIN, ...machine },
      { overlay: `${USER},volatile`, ...users },
      { overlay: USER, ...users }
    ];
    OWN_METHODS = [`${USER},volatile`, USER].map((overlay) => ({
      ...users,
      overlay,
      userNamespace: false
    }));
    PROGRAMS = [
      "tar",
      "rm",
      "cp",
      "find",
      "mkfifo",
      "sh",
      "mount",
      "unshare",
      "setpriv",
      "flock"
    ];
  }
});

// src/runner/files/folder-lock.ts
import { spawn as spawn4 } from "node:child_process";
import { once as once2 } from "node:events";
import { join as join9 } from "node:path";
async function lockFolder(folder) {
  const child = spawn4("flock", ["--nonblock", join9(folder, "lock"), "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: plainEnvironment
  });
  const exited = once2(child, "close").catch(() => {
  });
  const isLocked = await Promise.race([
    once2(child.stdout, "data").then(() => true),
    exited.then(() => false)
  ]);
  if (!isLocked) throw new FolderInUseError(`Another runner uses ${folder}.`);
  child.unref();
  return {
    async release() {
      child.ref();
      child.stdin?.end();
      await exited;
    }
  };
}
var FolderInUseError;
var init_folder_lock = __esm({
  "src/runner/files/folder-lock.ts"() {
    "use strict";
    init_command();
    init_ability();
    FolderInUseError = class extends UnableError {
      name = "FolderInUseError";
    };
  }
});

// src/runner/heap-flag.ts
var HEAP_FLAG;
var init_heap_flag = __esm({
  "src/runner/heap-flag.ts"() {
    "use strict";
    HEAP_FLAG = "--initial-old-space-size=256";
  }
});

// src/runner/runner-program-words.ts
import { existsSync as existsSync4 } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
function beside(name) {
  const extension = extname(new URL(import.meta.url).pathname);
  return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url).href);
}
function hasRunnerProgram() {
  return existsSync4(program);
}
var program, runnerProgramWords, portProgramWords;
var init_runner_program_words = __esm({
  "src/runner/runner-program-words.ts"() {
    "use strict";
    init_heap_flag();
    program = beside("runner-program");
    runnerProgramWords = [process.execPath, HEAP_FLAG, program];
    portProgramWords = [process.execPath, beside("port-program")];
  }
});

// src/runner/runner-apart.ts
var runner_apart_exports = {};
__export(runner_apart_exports, {
  startRunnerApart: () => startRunnerApart
});
import { spawn as spawn9 } from "node:child_process";
import { once as once4 } from "node:events";
async function startRunnerApart({
  keyring: keyring2,
  print,
  idle,
  refused,
  unable,
  dismissed,
  stored,
  ...options
}) {
  const [command = "", ...args] = await namespace();
  const child = spawn9(command, [...args, ...runnerProgramWords], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    // Ctrl-C goes to this program only, which then closes the runner.
    detached: true
  });
  const ended = once4(child, "close").catch((error2) => [error2]);
  const send2 = (message) => {
    if (child.connected) child.send(message, () => {
    });
  };
  const started = new Promise((resolve2, reject) => {
    child.on("message", (message) => {
      switch (message.type) {
        case "started":
          resolve2(message.shortcomings);
          break;
        case "failed":
          reject(errorOf(message));
          break;
        case "print":
          (print ?? toStandardError)(message.text);
          break;
        case "idle":
          idle?.();
          break;
        case "refused":
          refused?.(message.answer);
          break;
        case "unable":
          unable?.(message.reason);
          break;
        case "dismissed":
          dismissed?.();
          break;
        case "stored":
          stored?.(message.bytes);
          break;
        case "ask":
          void answer(keyring2, message).then(send2);
      }
    });
    ended.then(([cause]) => reject(new UnableError(`The runner's process ended at its start: ${cause}`)));
  });
  const sent = { ...options, hasKeyring: keyring2 !== void 0, hasUnable: unable !== void 0 };
  send2({ type: "start", options: sent });
  const shortcomings = await started;
  return {
    shortcomings,
    ended: ended.then(
      () => child.signalCode ? `by ${child.signalCode}` : `with exit code ${child.exitCode}`
    ),
    async close(now = false) {
      send2({ type: "close", now });
      await ended;
      if (child.exitCode !== 0)
        throw new Error(`The runner exited with ${child.exitCode ?? child.signalCode}`);
    }
  };
}
async function namespace() {
  if (!needsUserNamespace()) return ["setpriv", "--pdeathsig", "KILL"];
  if (!hasRunnerProgram()) throw new UnableError("Running steps needs root.");
  try {
    return await userNamespaceCommand();
  } catch (error2) {
    if (error2 instanceof HostError)
      throw new UnableError(`Running steps needs root or a user namespace: ${error2.message}.`);
    throw error2;
  }
}
async function answer(keyring2, { number: number5, kind, id: id2 }) {
  try {
    if (keyring2 === void 0) throw new Error("the client has no secrets and no ssh agents");
    return { type: "answer", number: number5, value: await keyring2[kind](id2) };
  } catch (error2) {
    return { type: "refusal", number: number5, message: error2.message };
  }
}
function errorOf({ name, message }) {
  if (name === "FolderInUseError") return new FolderInUseError(message);
  return name === "UnableError" ? new UnableError(message) : new Error(message);
}
function toStandardError(text2) {
  process.stderr.write(`${text2}
`);
}
var init_runner_apart = __esm({
  "src/runner/runner-apart.ts"() {
    "use strict";
    init_folder_lock();
    init_runner_program_words();
    init_ability();
    init_host_error();
    init_user_namespace();
  }
});

// src/runner/runner.ts
import { randomUUID as randomUUID9 } from "node:crypto";
import { chmod as chmod5, mkdir as mkdir10, readdir as readdir4, readFile as readFile5, realpath, writeFile as writeFile5 } from "node:fs/promises";
import { join as join28 } from "node:path";

// src/runner/caches/cache-service.ts
import { setTimeout as sleep } from "node:timers/promises";

// node_modules/zod/v4/classic/external.js
var external_exports = {};
__export(external_exports, {
  $brand: () => $brand,
  $input: () => $input,
  $output: () => $output,
  INVALID: () => INVALID,
  NEVER: () => NEVER,
  TimePrecision: () => TimePrecision,
  ZodAny: () => ZodAny,
  ZodArray: () => ZodArray,
  ZodBase64: () => ZodBase64,
  ZodBase64URL: () => ZodBase64URL,
  ZodBigInt: () => ZodBigInt,
  ZodBigIntFormat: () => ZodBigIntFormat,
  ZodBoolean: () => ZodBoolean,
  ZodCIDRv4: () => ZodCIDRv4,
  ZodCIDRv6: () => ZodCIDRv6,
  ZodCUID: () => ZodCUID,
  ZodCUID2: () => ZodCUID2,
  ZodCatch: () => ZodCatch,
  ZodCodec: () => ZodCodec,
  ZodCompileAsyncError: () => ZodCompileAsyncError,
  ZodCompileUnsupportedError: () => ZodCompileUnsupportedError,
  ZodCreditCard: () => ZodCreditCard,
  ZodCustom: () => ZodCustom,
  ZodCustomStringFormat: () => ZodCustomStringFormat,
  ZodDate: () => ZodDate,
  ZodDefault: () => ZodDefault,
  ZodDiscriminatedUnion: () => ZodDiscriminatedUnion,
  ZodE164: () => ZodE164,
  ZodEmail: () => ZodEmail,
  ZodEmoji: () => ZodEmoji,
  ZodEnum: () => ZodEnum,
  ZodError: () => ZodError,
  ZodExactOptional: () => ZodExactOptional,
  ZodFile: () => ZodFile,
  ZodFirstPartyTypeKind: () => ZodFirstPartyTypeKind,
  ZodFunction: () => ZodFunction,
  ZodGUID: () => ZodGUID,
  ZodIBAN: () => ZodIBAN,
  ZodIPv4: () => ZodIPv4,
  ZodIPv6: () => ZodIPv6,
  ZodISODate: () => ZodISODate,
  ZodISODateTime: () => ZodISODateTime,
  ZodISODuration: () => ZodISODuration,
  ZodISOTime: () => ZodISOTime,
  ZodInstanceOf: () => ZodInstanceOf,
  ZodIntersection: () => ZodIntersection,
  ZodIssueCode: () => ZodIssueCode,
  ZodJWT: () => ZodJWT,
  ZodKSUID: () => ZodKSUID,
  ZodLazy: () => ZodLazy,
  ZodLiteral: () => ZodLiteral,
  ZodMAC: () => ZodMAC,
  ZodMap: () => ZodMap,
  ZodNaN: () => ZodNaN,
  ZodNanoID: () => ZodNanoID,
  ZodNever: () => ZodNever,
  ZodNonOptional: () => ZodNonOptional,
  ZodNull: () => ZodNull,
  ZodNullable: () => ZodNullable,
  ZodNumber: () => ZodNumber,
  ZodNumberFormat: () => ZodNumberFormat,
  ZodObject: () => ZodObject,
  ZodOptional: () => ZodOptional,
  ZodPipe: () => ZodPipe,
  ZodPrefault: () => ZodPrefault,
  ZodPreprocess: () => ZodPreprocess,
  ZodPromise: () => ZodPromise,
  ZodReadonly: () => ZodReadonly,
  ZodRealError: () => ZodRealError,
  ZodRecord: () => ZodRecord,
  ZodSet: () => ZodSet,
  ZodString: () => ZodString,
  ZodStringFormat: () => ZodStringFormat,
  ZodSuccess: () => ZodSuccess,
  ZodSymbol: () => ZodSymbol,
  ZodTemplateLiteral: () => ZodTemplateLiteral,
  ZodTransform: () => ZodTransform,
  ZodTuple: () => ZodTuple,
  ZodType: () => ZodType,
  ZodULID: () => ZodULID,
  ZodURL: () => ZodURL,
  ZodUUID: () => ZodUUID,
  ZodUndefined: () => ZodUndefined,
  ZodUnion: () => ZodUnion,
  ZodUnknown: () => ZodUnknown,
  ZodVoid: () => ZodVoid,
  ZodXID: () => ZodXID,
  ZodXor: () => ZodXor,
  _ZodString: () => _ZodString,
  _default: () => _default2,
  _function: () => _function,
  any: () => any,
  array: () => array,
  base64: () => base642,
  base64url: () => base64url2,
  bigint: () => bigint2,
  boolean: () => boolean2,
  catch: () => _catch2,
  check: () => check,
  cidrv4: () => cidrv42,
  cidrv6: () => cidrv62,
  clone: () => clone,
  codec: () => codec,
  coerce: () => coerce_exports,
  compile: () => compile,
  config: () => config,
  core: () => core_exports2,
  creditCard: () => creditCard2,
  cuid: () => cuid3,
  cuid2: () => cuid22,
  currencyCode: () => currencyCode2,
  custom: () => custom,
  date: () => date2,
  decode: () => decode2,
  decodeAsync: () => decodeAsync2,
  deepPartial: () => deepPartial,
  describe: () => describe2,
  discriminatedUnion: () => discriminatedUnion,
  e164: () => e1642,
  email: () => email2,
  emoji: () => emoji2,
  encode: () => encode2,
  encodeAsync: () => encodeAsync2,
  endsWith: () => _endsWith,
  enum: () => _enum2,
  exactOptional: () => exactOptional,
  file: () => file,
  flattenError: () => flattenError,
  float32: () => float32,
  float64: () => float64,
  formatError: () => formatError,
  fromJSONSchema: () => fromJSONSchema,
  function: () => _function,
  getDiscriminatedOption: () => getDiscriminatedOption,
  getErrorMap: () => getErrorMap,
  globalRegistry: () => globalRegistry,
  gt: () => _gt,
  gte: () => _gte,
  guid: () => guid2,
  hash: () => hash,
  hex: () => hex2,
  hostname: () => hostname2,
  httpUrl: () => httpUrl,
  iban: () => iban2,
  includes: () => _includes,
  input: () => input,
  instanceof: () => _instanceof,
  int: () => int,
  int32: () => int32,
  int64: () => int64,
  intersection: () => intersection,
  invertCodec: () => invertCodec,
  ipv4: () => ipv42,
  ipv6: () => ipv62,
  iso: () => iso_exports,
  json: () => json,
  jwt: () => jwt,
  keyof: () => keyof,
  ksuid: () => ksuid2,
  lazy: () => lazy,
  length: () => _length,
  literal: () => literal,
  locales: () => locales_exports,
  looseObject: () => looseObject,
  looseRecord: () => looseRecord,
  lowercase: () => _lowercase,
  lt: () => _lt,
  lte: () => _lte,
  mac: () => mac2,
  map: () => map,
  maxLength: () => _maxLength,
  maxSize: () => _maxSize,
  memoizer: () => memoizer,
  meta: () => meta2,
  mime: () => _mime,
  minLength: () => _minLength,
  minSize: () => _minSize,
  multipleOf: () => _multipleOf,
  nan: () => nan,
  nanoid: () => nanoid2,
  nativeEnum: () => nativeEnum,
  negative: () => _negative,
  never: () => never,
  nonnegative: () => _nonnegative,
  nonoptional: () => nonoptional,
  nonpositive: () => _nonpositive,
  normalize: () => _normalize,
  null: () => _null3,
  nullable: () => nullable,
  nullish: () => nullish2,
  number: () => number2,
  object: () => object,
  optional: () => optional,
  output: () => output,
  overwrite: () => _overwrite,
  parse: () => parse2,
  parseAsync: () => parseAsync2,
  partialRecord: () => partialRecord,
  pipe: () => pipe,
  positive: () => _positive,
  prefault: () => prefault,
  preprocess: () => preprocess,
  prettifyError: () => prettifyError,
  promise: () => promise,
  properties: () => _properties,
  property: () => _property,
  readonly: () => readonly,
  record: () => record,
  refine: () => refine,
  regex: () => _regex,
  regexes: () => regexes_exports,
  registry: () => registry,
  safeDecode: () => safeDecode2,
  safeDecodeAsync: () => safeDecodeAsync2,
  safeEncode: () => safeEncode2,
  safeEncodeAsync: () => safeEncodeAsync2,
  safeParse: () => safeParse2,
  safeParseAsync: () => safeParseAsync2,
  set: () => set,
  setErrorMap: () => setErrorMap,
  size: () => _size,
  slugify: () => _slugify,
  startsWith: () => _startsWith,
  strictObject: () => strictObject,
  string: () => string2,
  stringFormat: () => stringFormat,
  stringbool: () => stringbool,
  success: () => success,
  superRefine: () => superRefine,
  symbol: () => symbol,
  templateLiteral: () => templateLiteral,
  toJSONSchema: () => toJSONSchema,
  toLowerCase: () => _toLowerCase,
  toUpperCase: () => _toUpperCase,
  toZod: () => toZod,
  transform: () => transform,
  treeifyError: () => treeifyError,
  trim: () => _trim,
  tuple: () => tuple,
  uint32: () => uint32,
  uint64: () => uint64,
  ulid: () => ulid2,
  undefined: () => _undefined3,
  union: () => union,
  unknown: () => unknown,
  uppercase: () => _uppercase,
  url: () => url,
  util: () => util_exports,
  uuid: () => uuid2,
  uuidv4: () => uuidv4,
  uuidv6: () => uuidv6,
  uuidv7: () => uuidv7,
  validate: () => validate,
  validateAsync: () => validateAsync,
  void: () => _void2,
  withParser: () => withParser,
  xid: () => xid2,
  xor: () => xor
});

// node_modules/zod/v4/core/index.js
var core_exports2 = {};
__export(core_exports2, {
  $ZodAny: () => $ZodAny,
  $ZodArray: () => $ZodArray,
  $ZodAsyncError: () => $ZodAsyncError,
  $ZodBase64: () => $ZodBase64,
  $ZodBase64URL: () => $ZodBase64URL,
  $ZodBigInt: () => $ZodBigInt,
  $ZodBigIntFormat: () => $ZodBigIntFormat,
  $ZodBoolean: () => $ZodBoolean,
  $ZodCIDRv4: () => $ZodCIDRv4,
  $ZodCIDRv6: () => $ZodCIDRv6,
  $ZodCUID: () => $ZodCUID,
  $ZodCUID2: () => $ZodCUID2,
  $ZodCatch: () => $ZodCatch,
  $ZodCheck: () => $ZodCheck,
  $ZodCheckBigIntFormat: () => $ZodCheckBigIntFormat,
  $ZodCheckEndsWith: () => $ZodCheckEndsWith,
  $ZodCheckGreaterThan: () => $ZodCheckGreaterThan,
  $ZodCheckIncludes: () => $ZodCheckIncludes,
  $ZodCheckLengthEquals: () => $ZodCheckLengthEquals,
  $ZodCheckLessThan: () => $ZodCheckLessThan,
  $ZodCheckLowerCase: () => $ZodCheckLowerCase,
  $ZodCheckMaxLength: () => $ZodCheckMaxLength,
  $ZodCheckMaxSize: () => $ZodCheckMaxSize,
  $ZodCheckMimeType: () => $ZodCheckMimeType,
  $ZodCheckMinLength: () => $ZodCheckMinLength,
  $ZodCheckMinSize: () => $ZodCheckMinSize,
  $ZodCheckMultipleOf: () => $ZodCheckMultipleOf,
  $ZodCheckNumberFormat: () => $ZodCheckNumberFormat,
  $ZodCheckOverwrite: () => $ZodCheckOverwrite,
  $ZodCheckProperties: () => $ZodCheckProperties,
  $ZodCheckProperty: () => $ZodCheckProperty,
  $ZodCheckRegex: () => $ZodCheckRegex,
  $ZodCheckSizeEquals: () => $ZodCheckSizeEquals,
  $ZodCheckStartsWith: () => $ZodCheckStartsWith,
  $ZodCheckStringFormat: () => $ZodCheckStringFormat,
  $ZodCheckUpperCase: () => $ZodCheckUpperCase,
  $ZodCodec: () => $ZodCodec,
  $ZodCreditCard: () => $ZodCreditCard,
  $ZodCustom: () => $ZodCustom,
  $ZodCustomStringFormat: () => $ZodCustomStringFormat,
  $ZodCyclicError: () => $ZodCyclicError,
  $ZodDate: () => $ZodDate,
  $ZodDefault: () => $ZodDefault,
  $ZodDiscriminatedUnion: () => $ZodDiscriminatedUnion,
  $ZodE164: () => $ZodE164,
  $ZodEmail: () => $ZodEmail,
  $ZodEmoji: () => $ZodEmoji,
  $ZodEncodeError: () => $ZodEncodeError,
  $ZodEnum: () => $ZodEnum,
  $ZodError: () => $ZodError,
  $ZodExactOptional: () => $ZodExactOptional,
  $ZodFile: () => $ZodFile,
  $ZodFunction: () => $ZodFunction,
  $ZodGUID: () => $ZodGUID,
  $ZodIBAN: () => $ZodIBAN,
  $ZodIPv4: () => $ZodIPv4,
  $ZodIPv6: () => $ZodIPv6,
  $ZodISODate: () => $ZodISODate,
  $ZodISODateTime: () => $ZodISODateTime,
  $ZodISODuration: () => $ZodISODuration,
  $ZodISOTime: () => $ZodISOTime,
  $ZodIntersection: () => $ZodIntersection,
  $ZodJWT: () => $ZodJWT,
  $ZodKSUID: () => $ZodKSUID,
  $ZodLazy: () => $ZodLazy,
  $ZodLiteral: () => $ZodLiteral,
  $ZodMAC: () => $ZodMAC,
  $ZodMap: () => $ZodMap,
  $ZodNaN: () => $ZodNaN,
  $ZodNanoID: () => $ZodNanoID,
  $ZodNever: () => $ZodNever,
  $ZodNonOptional: () => $ZodNonOptional,
  $ZodNull: () => $ZodNull,
  $ZodNullable: () => $ZodNullable,
  $ZodNumber: () => $ZodNumber,
  $ZodNumberFormat: () => $ZodNumberFormat,
  $ZodObject: () => $ZodObject,
  $ZodObjectJIT: () => $ZodObjectJIT,
  $ZodOptional: () => $ZodOptional,
  $ZodPipe: () => $ZodPipe,
  $ZodPrefault: () => $ZodPrefault,
  $ZodPreprocess: () => $ZodPreprocess,
  $ZodPromise: () => $ZodPromise,
  $ZodReadonly: () => $ZodReadonly,
  $ZodRealError: () => $ZodRealError,
  $ZodRecord: () => $ZodRecord,
  $ZodRegistry: () => $ZodRegistry,
  $ZodSet: () => $ZodSet,
  $ZodString: () => $ZodString,
  $ZodStringFormat: () => $ZodStringFormat,
  $ZodSuccess: () => $ZodSuccess,
  $ZodSymbol: () => $ZodSymbol,
  $ZodTemplateLiteral: () => $ZodTemplateLiteral,
  $ZodTransform: () => $ZodTransform,
  $ZodTuple: () => $ZodTuple,
  $ZodType: () => $ZodType,
  $ZodULID: () => $ZodULID,
  $ZodURL: () => $ZodURL,
  $ZodUUID: () => $ZodUUID,
  $ZodUndefined: () => $ZodUndefined,
  $ZodUnion: () => $ZodUnion,
  $ZodUnknown: () => $ZodUnknown,
  $ZodVoid: () => $ZodVoid,
  $ZodXID: () => $ZodXID,
  $ZodXor: () => $ZodXor,
  $brand: () => $brand,
  $constructor: () => $constructor,
  $input: () => $input,
  $output: () => $output,
  Doc: () => Doc,
  INVALID: () => INVALID,
  JSONSchema: () => json_schema_exports,
  JSONSchemaGenerator: () => JSONSchemaGenerator,
  NEVER: () => NEVER,
  TimePrecision: () => TimePrecision,
  URL_BAD_FORMAT: () => URL_BAD_FORMAT,
  URL_UNPARSEABLE: () => URL_UNPARSEABLE,
  ZodCompileAsyncError: () => ZodCompileAsyncError,
  ZodCompileUnsupportedError: () => ZodCompileUnsupportedError,
  _any: () => _any,
  _array: () => _array,
  _base64: () => _base64,
  _base64url: () => _base64url,
  _bigint: () => _bigint,
  _boolean: () => _boolean,
  _catch: () => _catch,
  _check: () => _check,
  _cidrv4: () => _cidrv4,
  _cidrv6: () => _cidrv6,
  _coercedBigint: () => _coercedBigint,
  _coercedBoolean: () => _coercedBoolean,
  _coercedDate: () => _coercedDate,
  _coercedNumber: () => _coercedNumber,
  _coercedString: () => _coercedString,
  _creditCard: () => _creditCard,
  _cuid: () => _cuid,
  _cuid2: () => _cuid2,
  _custom: () => _custom,
  _date: () => _date,
  _decode: () => _decode,
  _decodeAsync: () => _decodeAsync,
  _default: () => _default,
  _discriminatedUnion: () => _discriminatedUnion,
  _e164: () => _e164,
  _email: () => _email,
  _emoji: () => _emoji2,
  _encode: () => _encode,
  _encodeAsync: () => _encodeAsync,
  _endsWith: () => _endsWith,
  _enum: () => _enum,
  _file: () => _file,
  _float32: () => _float32,
  _float64: () => _float64,
  _gt: () => _gt,
  _gte: () => _gte,
  _guid: () => _guid,
  _iban: () => _iban,
  _includes: () => _includes,
  _int: () => _int,
  _int32: () => _int32,
  _int64: () => _int64,
  _intersection: () => _intersection,
  _ipv4: () => _ipv4,
  _ipv6: () => _ipv6,
  _isoDate: () => _isoDate,
  _isoDateTime: () => _isoDateTime,
  _isoDuration: () => _isoDuration,
  _isoTime: () => _isoTime,
  _jwt: () => _jwt,
  _ksuid: () => _ksuid,
  _lazy: () => _lazy,
  _length: () => _length,
  _literal: () => _literal,
  _lowercase: () => _lowercase,
  _lt: () => _lt,
  _lte: () => _lte,
  _mac: () => _mac,
  _map: () => _map,
  _max: () => _lte,
  _maxLength: () => _maxLength,
  _maxSize: () => _maxSize,
  _mime: () => _mime,
  _min: () => _gte,
  _minLength: () => _minLength,
  _minSize: () => _minSize,
  _multipleOf: () => _multipleOf,
  _nan: () => _nan,
  _nanoid: () => _nanoid,
  _nativeEnum: () => _nativeEnum,
  _negative: () => _negative,
  _never: () => _never,
  _nonnegative: () => _nonnegative,
  _nonoptional: () => _nonoptional,
  _nonpositive: () => _nonpositive,
  _normalize: () => _normalize,
  _null: () => _null2,
  _nullable: () => _nullable,
  _number: () => _number,
  _optional: () => _optional,
  _overwrite: () => _overwrite,
  _parse: () => _parse,
  _parseAsync: () => _parseAsync,
  _pipe: () => _pipe,
  _positive: () => _positive,
  _promise: () => _promise,
  _properties: () => _properties,
  _property: () => _property,
  _readonly: () => _readonly,
  _record: () => _record,
  _refine: () => _refine,
  _regex: () => _regex,
  _safeDecode: () => _safeDecode,
  _safeDecodeAsync: () => _safeDecodeAsync,
  _safeEncode: () => _safeEncode,
  _safeEncodeAsync: () => _safeEncodeAsync,
  _safeParse: () => _safeParse,
  _safeParseAsync: () => _safeParseAsync,
  _set: () => _set,
  _size: () => _size,
  _slugify: () => _slugify,
  _startsWith: () => _startsWith,
  _string: () => _string,
  _stringFormat: () => _stringFormat,
  _stringbool: () => _stringbool,
  _success: () => _success,
  _superRefine: () => _superRefine,
  _symbol: () => _symbol,
  _templateLiteral: () => _templateLiteral,
  _toLowerCase: () => _toLowerCase,
  _toUpperCase: () => _toUpperCase,
  _transform: () => _transform,
  _trim: () => _trim,
  _tuple: () => _tuple,
  _uint32: () => _uint32,
  _uint64: () => _uint64,
  _ulid: () => _ulid,
  _undefined: () => _undefined2,
  _union: () => _union,
  _unknown: () => _unknown,
  _uppercase: () => _uppercase,
  _url: () => _url,
  _uuid: () => _uuid,
  _uuidv4: () => _uuidv4,
  _uuidv6: () => _uuidv6,
  _uuidv7: () => _uuidv7,
  _void: () => _void,
  _xid: () => _xid,
  _xor: () => _xor,
  base64Charset: () => base64Charset,
  base64urlCharset: () => base64urlCharset,
  canParseURL: () => canParseURL,
  clone: () => clone,
  compile: () => compile,
  compileFn: () => compileFn,
  config: () => config,
  createStandardJSONSchemaMethod: () => createStandardJSONSchemaMethod,
  createToJSONSchemaMethod: () => createToJSONSchemaMethod,
  decode: () => decode,
  decodeAsync: () => decodeAsync,
  describe: () => describe,
  encode: () => encode,
  encodeAsync: () => encodeAsync,
  extractDefs: () => extractDefs,
  finalize: () => finalize,
  flattenError: () => flattenError,
  formatError: () => formatError,
  getDiscriminatedOption: () => getDiscriminatedOption,
  globalConfig: () => globalConfig,
  globalRegistry: () => globalRegistry,
  handleUnrepresentable: () => handleUnrepresentable,
  initializeContext: () => initializeContext,
  isBackEdge: () => isBackEdge,
  isRecursiveSchema: () => isRecursiveSchema,
  isValidBase64: () => isValidBase64,
  isValidBase64URL: () => isValidBase64URL,
  isValidCIDRv6: () => isValidCIDRv6,
  isValidCreditCard: () => isValidCreditCard,
  isValidIBAN: () => isValidIBAN,
  isValidIPv6: () => isValidIPv6,
  isValidJWT: () => isValidJWT,
  locales: () => locales_exports,
  memoizer: () => memoizer,
  mergeValues: () => mergeValues,
  meta: () => meta,
  parse: () => parse,
  parseAsync: () => parseAsync,
  parseURLObject: () => parseURLObject,
  prettifyError: () => prettifyError,
  process: () => processSchema,
  processSchema: () => processSchema,
  regexes: () => regexes_exports,
  registry: () => registry,
  safeDecode: () => safeDecode,
  safeDecodeAsync: () => safeDecodeAsync,
  safeEncode: () => safeEncode,
  safeEncodeAsync: () => safeEncodeAsync,
  safeParse: () => safeParse,
  safeParseAsync: () => safeParseAsync,
  standardProps: () => standardProps,
  stripTabAndNewline: () => stripTabAndNewline,
  toDotPath: () => toDotPath,
  toJSONSchema: () => toJSONSchema,
  toZod: () => toZod,
  treeifyError: () => treeifyError,
  urlHostnameOk: () => urlHostnameOk,
  urlProtocolOk: () => urlProtocolOk,
  util: () => util_exports,
  validate: () => validate,
  validateAsync: () => validateAsync,
  validateURL: () => validateURL,
  version: () => version,
  withParser: () => withParser
});

// node_modules/zod/v4/core/util.js
var util_exports = {};
__export(util_exports, {
  BIGINT_FORMAT_RANGES: () => BIGINT_FORMAT_RANGES,
  CONSTANT_CATCH: () => CONSTANT_CATCH,
  Class: () => Class,
  NUMBER_FORMAT_RANGES: () => NUMBER_FORMAT_RANGES,
  aborted: () => aborted,
  allowsEval: () => allowsEval,
  assert: () => assert,
  assertEqual: () => assertEqual,
  assertIs: () => assertIs,
  assertNever: () => assertNever,
  assertNotEqual: () => assertNotEqual,
  assignProp: () => assignProp,
  attachSchema: () => attachSchema,
  base64ToUint8Array: () => base64ToUint8Array,
  base64urlToUint8Array: () => base64urlToUint8Array,
  cached: () => cached,
  captureStackTrace: () => captureStackTrace,
  cleanEnum: () => cleanEnum,
  cleanRegex: () => cleanRegex,
  clone: () => clone,
  cloneDef: () => cloneDef,
  codePointLength: () => codePointLength,
  constantCatch: () => constantCatch,
  createTransparentProxy: () => createTransparentProxy,
  defineLazy: () => defineLazy,
  defineLazyInternal: () => defineLazyInternal,
  derived: () => derived,
  esc: () => esc,
  escapeRegex: () => escapeRegex,
  explicitlyAborted: () => explicitlyAborted,
  extend: () => extend,
  finalizeIssue: () => finalizeIssue,
  floatSafeRemainder: () => floatSafeRemainder,
  getElementAtPath: () => getElementAtPath,
  getEnumValues: () => getEnumValues,
  getLengthableOrigin: () => getLengthableOrigin,
  getParsedType: () => getParsedType,
  getSizableOrigin: () => getSizableOrigin,
  hexToUint8Array: () => hexToUint8Array,
  hide: () => hide,
  installLazyProp: () => installLazyProp,
  isObject: () => isObject,
  isPlainObject: () => isPlainObject,
  issue: () => issue,
  joinValues: () => joinValues,
  jsonStringifyReplacer: () => jsonStringifyReplacer,
  members: () => members,
  merge: () => merge,
  mergeDefs: () => mergeDefs,
  normalizeParams: () => normalizeParams,
  nullish: () => nullish,
  numKeys: () => numKeys,
  objectClone: () => objectClone,
  omit: () => omit,
  optionalKeys: () => optionalKeys,
  own: () => own,
  parsedType: () => parsedType,
  partial: () => partial,
  pick: () => pick,
  prefixIssues: () => prefixIssues,
  primitiveTypes: () => primitiveTypes,
  promiseAllObject: () => promiseAllObject,
  propertyKeyTypes: () => propertyKeyTypes,
  randomString: () => randomString,
  rawShape: () => rawShape,
  required: () => required,
  safeExtend: () => safeExtend,
  shallowClone: () => shallowClone,
  sizeCaps: () => sizeCaps,
  slugify: () => slugify,
  stringifyPrimitive: () => stringifyPrimitive,
  toZod: () => toZod,
  uint8ArrayToBase64: () => uint8ArrayToBase64,
  uint8ArrayToBase64url: () => uint8ArrayToBase64url,
  uint8ArrayToHex: () => uint8ArrayToHex,
  unwrapMessage: () => unwrapMessage
});
function assertEqual(val) {
  return val;
}
function assertNotEqual(val) {
  return val;
}
function toZod() {
  return (schema) => schema;
}
function assertIs(_arg) {
}
function assertNever(_x) {
  throw new Error("Unexpected value in exhaustive check");
}
function assert(_) {
}
function getEnumValues(entries) {
  const numericValues = Object.values(entries).filter((v) => typeof v === "number");
  const values = Object.entries(entries).filter(([k, _]) => numericValues.indexOf(+k) === -1).map(([_, v]) => v);
  return values;
}
function joinValues(array2, separator = "|") {
  return array2.map((val) => stringifyPrimitive(val)).join(separator);
}
function jsonStringifyReplacer(_, value) {
  if (typeof value === "bigint")
    return value.toString();
  return value;
}
var Cached = class {
  constructor(getter) {
    this._getter = getter;
    this._value = void 0;
  }
  get value() {
    const getter = this._getter;
    if (getter !== void 0) {
      this._value = getter();
      this._getter = void 0;
    }
    return this._value;
  }
};
function cached(getter) {
  return new Cached(getter);
}
function nullish(input2) {
  return input2 === null || input2 === void 0;
}
function cleanRegex(source) {
  const start2 = source.startsWith("^") ? 1 : 0;
  const end = source.endsWith("$") ? source.length - 1 : source.length;
  return source.slice(start2, end);
}
function floatSafeRemainder(val, step) {
  const ratio = val / step;
  const roundedRatio = Math.round(ratio);
  const tolerance = 4 * Number.EPSILON * Math.max(Math.abs(ratio), 1);
  if (Math.abs(ratio - roundedRatio) < tolerance)
    return 0;
  return ratio - roundedRatio;
}
var EVALUATING = /* @__PURE__ */ Symbol("evaluating");
function defineLazy(object2, key, getter) {
  let value = void 0;
  Object.defineProperty(object2, key, {
    get() {
      if (value === EVALUATING) {
        return void 0;
      }
      if (value === void 0) {
        value = EVALUATING;
        value = getter();
      }
      return value;
    },
    set(v) {
      Object.defineProperty(object2, key, {
        value: v
        // configurable: true,
      });
    },
    configurable: true
  });
}
function objectClone(obj) {
  return Object.create(Object.getPrototypeOf(obj), Object.getOwnPropertyDescriptors(obj));
}
function assignProp(target, prop, value) {
  Object.defineProperty(target, prop, {
    value,
    writable: true,
    enumerable: true,
    configurable: true
  });
}
function rawShape(def) {
  const desc = Object.getOwnPropertyDescriptor(def, "shape");
  return desc?.get ? desc.get.raw : desc?.value;
}
function sourceShape(schema) {
  return rawShape(schema._zod.def) ?? schema._zod.def.shape;
}
function deferProp(target, key, getter) {
  Object.defineProperty(target, key, {
    get() {
      const value = getter();
      assignProp(this, key, value);
      return value;
    },
    enumerable: true,
    configurable: true
  });
}
function putProp(target, key, value) {
  if (key in target)
    assignProp(target, key, value);
  else
    target[key] = value;
}
function mirrorShape(target, source, keys, wrap) {
  const raw = sourceShape(source);
  for (const key of keys) {
    const desc = Object.getOwnPropertyDescriptor(raw, key);
    if (!desc.enumerable)
      continue;
    if (desc.get) {
      deferProp(target, key, () => {
        const value = source._zod.def.shape[key];
        return wrap ? wrap(value, key) : value;
      });
    } else
      putProp(target, key, wrap ? wrap(desc.value, key) : desc.value);
  }
}
function mirrorProps(target, source) {
  for (const key of Reflect.ownKeys(source)) {
    const desc = Object.getOwnPropertyDescriptor(source, key);
    if (!desc.enumerable)
      continue;
    if (desc.get)
      deferProp(target, key, () => source[key]);
    else
      putProp(target, key, desc.value);
  }
}
function mergeDefs(...defs) {
  const mergedDescriptors = {};
  for (const def of defs) {
    const descriptors = Object.getOwnPropertyDescriptors(def);
    Object.assign(mergedDescriptors, descriptors);
  }
  return Object.defineProperties({}, mergedDescriptors);
}
function cloneDef(schema) {
  return mergeDefs(schema._zod.def);
}
function getElementAtPath(obj, path) {
  if (!path)
    return obj;
  return path.reduce((acc, key) => acc?.[key], obj);
}
function promiseAllObject(promisesObj) {
  const keys = Object.keys(promisesObj);
  const promises = keys.map((key) => promisesObj[key]);
  return Promise.all(promises).then((results) => {
    const resolvedObj = {};
    for (let i = 0; i < keys.length; i++) {
      resolvedObj[keys[i]] = results[i];
    }
    return resolvedObj;
  });
}
function randomString(length = 10) {
  const chars = "abcdefghijklmnopqrstuvwxyz";
  let str = "";
  for (let i = 0; i < length; i++) {
    str += chars[Math.floor(Math.random() * chars.length)];
  }
  return str;
}
function esc(str) {
  return JSON.stringify(str);
}
function slugify(input2) {
  return input2.toLowerCase().trim().replace(/[^\w\s-]/g, "").replace(/[\s_-]+/g, "-").replace(/^-+|-+$/g, "");
}
var captureStackTrace = "captureStackTrace" in Error ? Error.captureStackTrace : (..._args) => {
};
function isObject(data) {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
var allowsEval = /* @__PURE__ */ cached(() => {
  if (globalConfig.jitless) {
    return false;
  }
  if (typeof navigator !== "undefined" && navigator?.userAgent?.includes("Cloudflare")) {
    return false;
  }
  try {
    const F = Function;
    new F("");
    return true;
  } catch (_) {
    return false;
  }
});
function isPlainObject(o) {
  if (isObject(o) === false)
    return false;
  const ctor = o.constructor;
  if (ctor === void 0)
    return true;
  if (typeof ctor !== "function")
    return true;
  const prot = ctor.prototype;
  if (isObject(prot) === false)
    return false;
  if (Object.prototype.hasOwnProperty.call(prot, "isPrototypeOf") === false) {
    return false;
  }
  return true;
}
function shallowClone(o) {
  if (isPlainObject(o))
    return { ...o };
  if (Array.isArray(o))
    return [...o];
  if (o instanceof Map)
    return new Map(o);
  if (o instanceof Set)
    return new Set(o);
  return o;
}
function numKeys(data) {
  let keyCount = 0;
  for (const key in data) {
    if (Object.prototype.hasOwnProperty.call(data, key)) {
      keyCount++;
    }
  }
  return keyCount;
}
var getParsedType = (data) => {
  const t = typeof data;
  switch (t) {
    case "undefined":
      return "undefined";
    case "string":
      return "string";
    case "number":
      return Number.isNaN(data) ? "nan" : "number";
    case "boolean":
      return "boolean";
    case "function":
      return "function";
    case "bigint":
      return "bigint";
    case "symbol":
      return "symbol";
    case "object":
      if (Array.isArray(data)) {
        return "array";
      }
      if (data === null) {
        return "null";
      }
      if (data.then && typeof data.then === "function" && data.catch && typeof data.catch === "function") {
        return "promise";
      }
      if (typeof Map !== "undefined" && data instanceof Map) {
        return "map";
      }
      if (typeof Set !== "undefined" && data instanceof Set) {
        return "set";
      }
      if (typeof Date !== "undefined" && data instanceof Date) {
        return "date";
      }
      if (typeof File !== "undefined" && data instanceof File) {
        return "file";
      }
      return "object";
    default:
      throw new Error(`Unknown data type: ${t}`);
  }
};
var propertyKeyTypes = /* @__PURE__ */ new Set(["string", "number", "symbol"]);
var primitiveTypes = /* @__PURE__ */ new Set([
  "string",
  "number",
  "bigint",
  "boolean",
  "symbol",
  "undefined"
]);
function escapeRegex(str) {
  return str.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function clone(inst, def, params) {
  const cl = new inst._zod.constr(def ?? inst._zod.def);
  if (!def || params?.parent)
    cl._zod.parent = inst;
  return cl;
}
function normalizeParams(_params) {
  const params = _params;
  if (!params)
    return {};
  if (typeof params === "string")
    return { error: () => params };
  if (params?.message !== void 0) {
    if (params?.error !== void 0)
      throw new Error("Cannot specify both `message` and `error` params");
    params.error = params.message;
  }
  delete params.message;
  if (typeof params.error === "string")
    return { ...params, error: () => params.error };
  return params;
}
function createTransparentProxy(getter) {
  let target;
  return new Proxy({}, {
    get(_, prop, receiver) {
      target ?? (target = getter());
      return Reflect.get(target, prop, receiver);
    },
    set(_, prop, value, receiver) {
      target ?? (target = getter());
      return Reflect.set(target, prop, value, receiver);
    },
    has(_, prop) {
      target ?? (target = getter());
      return Reflect.has(target, prop);
    },
    deleteProperty(_, prop) {
      target ?? (target = getter());
      return Reflect.deleteProperty(target, prop);
    },
    ownKeys(_) {
      target ?? (target = getter());
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor(_, prop) {
      target ?? (target = getter());
      return Reflect.getOwnPropertyDescriptor(target, prop);
    },
    defineProperty(_, prop, descriptor) {
      target ?? (target = getter());
      return Reflect.defineProperty(target, prop, descriptor);
    }
  });
}
function stringifyPrimitive(value) {
  if (typeof value === "bigint")
    return value.toString() + "n";
  if (typeof value === "string")
    return `"${value}"`;
  return `${value}`;
}
function optionalKeys(shape) {
  return Object.keys(shape).filter((k) => {
    return shape[k]._zod.optin !== void 0 && shape[k]._zod.optout === "optional";
  });
}
var NUMBER_FORMAT_RANGES = /* @__PURE__ */ (() => ({
  safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  float32: [-34028234663852886e22, 34028234663852886e22],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE]
}))();
var BIGINT_FORMAT_RANGES = {
  int64: [/* @__PURE__ */ BigInt("-9223372036854775808"), /* @__PURE__ */ BigInt("9223372036854775807")],
  uint64: [/* @__PURE__ */ BigInt(0), /* @__PURE__ */ BigInt("18446744073709551615")]
};
function pick(schema, mask) {
  const currDef = schema._zod.def;
  const checks = currDef.checks;
  const hasChecks = checks && checks.length > 0;
  if (hasChecks) {
    throw new Error(".pick() cannot be used on object schemas containing refinements");
  }
  const newShape = {};
  mirrorShape(newShape, schema, maskedKeys(schema, mask));
  return clone(schema, mergeDefs(currDef, { shape: newShape, checks: [] }));
}
function maskedKeys(schema, mask) {
  const raw = sourceShape(schema);
  const keys = [];
  for (const key of Reflect.ownKeys(mask)) {
    if (!Object.getOwnPropertyDescriptor(raw, key)?.enumerable) {
      throw new Error(`Unrecognized key: "${String(key)}"`);
    }
    if (mask[key])
      keys.push(key);
  }
  return keys;
}
function omit(schema, mask) {
  const currDef = schema._zod.def;
  const checks = currDef.checks;
  const hasChecks = checks && checks.length > 0;
  if (hasChecks) {
    throw new Error(".omit() cannot be used on object schemas containing refinements");
  }
  const omitted = new Set(maskedKeys(schema, mask));
  const newShape = {};
  mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)).filter((key) => !omitted.has(key)));
  return clone(schema, mergeDefs(currDef, { shape: newShape, checks: [] }));
}
function extend(schema, shape) {
  if (!isPlainObject(shape)) {
    throw new Error("Invalid input to extend: expected a plain object");
  }
  const checks = schema._zod.def.checks;
  const hasChecks = checks && checks.length > 0;
  if (hasChecks) {
    const existingShape = sourceShape(schema);
    for (const key of Reflect.ownKeys(shape)) {
      if (Object.getOwnPropertyDescriptor(existingShape, key) !== void 0) {
        throw new Error("Cannot overwrite keys on object schemas containing refinements. Use `.safeExtend()` instead.");
      }
    }
  }
  return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function extended(schema, shape) {
  const newShape = {};
  mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)));
  mirrorProps(newShape, shape);
  return newShape;
}
function safeExtend(schema, shape) {
  if (!isPlainObject(shape)) {
    throw new Error("Invalid input to safeExtend: expected a plain object");
  }
  return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function merge(a, b) {
  if (!b?._zod?.def) {
    throw new Error("Invalid input to merge: expected an object schema. To merge a plain shape, use `.extend()`.");
  }
  if (a._zod.def.checks?.length) {
    throw new Error(".merge() cannot be used on object schemas containing refinements. Use .safeExtend() instead.");
  }
  const newShape = {};
  mirrorShape(newShape, a, Reflect.ownKeys(sourceShape(a)));
  mirrorShape(newShape, b, Reflect.ownKeys(sourceShape(b)));
  const def = mergeDefs(a._zod.def, {
    shape: newShape,
    get catchall() {
      return b._zod.def.catchall;
    },
    checks: b._zod.def.checks ?? []
  });
  return clone(a, def);
}
function partial(Class2, schema, mask, name = "partial") {
  const currDef = schema._zod.def;
  const checks = currDef.checks;
  const hasChecks = checks && checks.length > 0;
  if (hasChecks) {
    throw new Error(`.${name}() cannot be used on object schemas containing refinements`);
  }
  const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
  const newShape = {};
  mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), Class2 && ((value, key) => selected && !selected.has(key) ? value : new Class2({ type: "optional", innerType: value })));
  return clone(schema, mergeDefs(schema._zod.def, { shape: newShape, checks: [] }));
}
function required(Class2, schema, mask) {
  const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
  const newShape = {};
  mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), (value, key) => (
    // overwrite with non-optional
    selected && !selected.has(key) ? value : new Class2({ type: "nonoptional", innerType: value })
  ));
  return clone(schema, mergeDefs(schema._zod.def, { shape: newShape }));
}
function aborted(x, startIndex = 0) {
  if (x.aborted === true)
    return true;
  for (let i = startIndex; i < x.issues.length; i++) {
    if (x.issues[i]?.continue !== true) {
      return true;
    }
  }
  return false;
}
function explicitlyAborted(x, startIndex = 0) {
  if (x.aborted === true)
    return true;
  for (let i = startIndex; i < x.issues.length; i++) {
    if (x.issues[i]?.continue === false) {
      return true;
    }
  }
  return false;
}
function prefixIssues(path, issues) {
  return issues.map((iss) => {
    var _a3;
    (_a3 = iss).path ?? (_a3.path = []);
    iss.path.unshift(path);
    return iss;
  });
}
function unwrapMessage(message) {
  return typeof message === "string" ? message : message?.message;
}
function sizeCaps(defChecks) {
  const caps = [];
  for (const ch of defChecks ?? []) {
    const d = ch._zod.def;
    if (!/_(length|size)$|_equals$/.test(d.check))
      break;
    const max = d.maximum ?? d.length ?? d.size;
    if (max >= 0)
      caps.push([max, ch]);
  }
  return caps;
}
function attachSchema(issues, start2, inst) {
  var _a3;
  for (let i = start2; i < issues.length; i++) {
    (_a3 = issues[i]).schema ?? (_a3.schema = inst);
  }
}
function finalizeIssue(iss, ctx, config2) {
  var _a3;
  const traits = iss.inst?._zod?.traits;
  if (traits?.has("$ZodType")) {
    if (traits.has("$ZodCheck"))
      (_a3 = iss).schema ?? (_a3.schema = iss.inst);
    else
      iss.schema = iss.inst;
  }
  const schemaError = iss.schema !== iss.inst ? iss.schema?._zod.def?.error : void 0;
  const message = iss.message ? iss.message : unwrapMessage(iss.inst?._zod.def?.error?.(iss)) ?? unwrapMessage(schemaError?.(iss)) ?? unwrapMessage(ctx?.error?.(iss)) ?? unwrapMessage(config2.customError?.(iss)) ?? unwrapMessage(config2.localeError?.(iss)) ?? "Invalid input";
  const full = {};
  for (const k of Object.keys(iss)) {
    if (k === "inst" || k === "schema" || k === "continue" || k === "input" || k === "__proto__")
      continue;
    full[k] = iss[k];
  }
  full.path ?? (full.path = []);
  full.message = message;
  if (ctx?.reportInput) {
    full.input = iss.input;
  }
  return full;
}
function getSizableOrigin(input2) {
  if (input2 instanceof Set)
    return "set";
  if (input2 instanceof Map)
    return "map";
  if (input2 instanceof File)
    return "file";
  return "unknown";
}
var highSurrogate = /[\uD800-\uDBFF]/;
function codePointLength(str) {
  const units = str.length;
  if (!highSurrogate.test(str))
    return units;
  let count2 = units;
  for (let i = 0; i < units - 1; i++) {
    if ((str.charCodeAt(i) & 64512) === 55296 && (str.charCodeAt(i + 1) & 64512) === 56320) {
      count2--;
      i++;
    }
  }
  return count2;
}
function getLengthableOrigin(input2) {
  if (Array.isArray(input2))
    return "array";
  if (typeof input2 === "string")
    return "string";
  return "unknown";
}
function parsedType(data) {
  const t = typeof data;
  switch (t) {
    case "number": {
      return Number.isNaN(data) ? "nan" : "number";
    }
    case "object": {
      if (data === null) {
        return "null";
      }
      if (Array.isArray(data)) {
        return "array";
      }
      const obj = data;
      if (obj && Object.getPrototypeOf(obj) !== Object.prototype && "constructor" in obj && obj.constructor) {
        return obj.constructor.name;
      }
    }
  }
  return t;
}
function issue(...args) {
  const [iss, input2, inst] = args;
  if (typeof iss === "string") {
    return {
      message: iss,
      code: "custom",
      input: input2,
      inst
    };
  }
  return { ...iss };
}
function cleanEnum(obj) {
  return Object.entries(obj).filter(([k, _]) => {
    return Number.isNaN(Number.parseInt(k, 10));
  }).map((el) => el[1]);
}
function base64ToUint8Array(base643) {
  const binaryString = atob(base643);
  const bytes2 = new Uint8Array(binaryString.length);
  for (let i = 0; i < binaryString.length; i++) {
    bytes2[i] = binaryString.charCodeAt(i);
  }
  return bytes2;
}
function uint8ArrayToBase64(bytes2) {
  let binaryString = "";
  for (let i = 0; i < bytes2.length; i++) {
    binaryString += String.fromCharCode(bytes2[i]);
  }
  return btoa(binaryString);
}
function base64urlToUint8Array(base64url3) {
  const base643 = base64url3.replace(/-/g, "+").replace(/_/g, "/");
  const padding2 = "=".repeat((4 - base643.length % 4) % 4);
  return base64ToUint8Array(base643 + padding2);
}
function uint8ArrayToBase64url(bytes2) {
  return uint8ArrayToBase64(bytes2).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
function hexToUint8Array(hex3) {
  const cleanHex = hex3.replace(/^0x/, "");
  if (cleanHex.length % 2 !== 0) {
    throw new Error("Invalid hex string length");
  }
  const bytes2 = new Uint8Array(cleanHex.length / 2);
  for (let i = 0; i < cleanHex.length; i += 2) {
    bytes2[i / 2] = Number.parseInt(cleanHex.slice(i, i + 2), 16);
  }
  return bytes2;
}
function uint8ArrayToHex(bytes2) {
  return Array.from(bytes2).map((b) => b.toString(16).padStart(2, "0")).join("");
}
var Class = class {
  constructor(..._args) {
  }
};
function members(proto, table) {
  for (const key in table) {
    const desc = Object.getOwnPropertyDescriptor(table, key);
    if (desc.get)
      Object.defineProperty(proto, key, { ...desc, enumerable: false });
    else
      defineBound(proto, key, desc.value);
  }
}
function own(inst, key, value, enumerable = true) {
  Object.defineProperty(inst, key, { configurable: true, writable: true, enumerable, value });
  return value;
}
function hide(inst, key, value) {
  return own(inst, key, value, false);
}
// @__NO_SIDE_EFFECTS__
function derived(computes, table) {
  for (const key in computes) {
    const compute = computes[key];
    Object.defineProperty(table, key, {
      configurable: true,
      enumerable: true,
      get() {
        return own(this, key, compute(this));
      },
      set(value) {
        own(this, key, value);
      }
    });
  }
  return table;
}
function defineBound(proto, key, fn) {
  Object.defineProperty(proto, key, {
    configurable: true,
    get() {
      return this == null ? fn : own(this, key, fn.bind(this));
    },
    set(value) {
      own(this, key, value);
    }
  });
}
function claim(inst, sentinel) {
  const proto = Object.getPrototypeOf(inst);
  return sentinel in proto ? void 0 : proto;
}
var installing;
var broke = false;
var breaker = {
  configurable: true,
  get() {
    broke = true;
    return void 0;
  }
};
function defineLazyInternal(inst, key, compute) {
  const proto = Object.getPrototypeOf(inst._zod);
  if (key in proto && installing !== inst._zod) {
    installing = void 0;
    return;
  }
  installing = inst._zod;
  Object.defineProperty(proto, key, {
    configurable: true,
    get() {
      Object.defineProperty(this, key, breaker);
      const outer = broke;
      broke = false;
      try {
        const value = compute(this);
        if (broke)
          delete this[key];
        else
          Object.defineProperty(this, key, { configurable: true, writable: true, value });
        broke = broke || outer;
        return value;
      } catch (err) {
        delete this[key];
        broke = broke || outer;
        throw err;
      }
    },
    set(value) {
      Object.defineProperty(this, key, { configurable: true, writable: true, value });
    }
  });
}
function installLazyProp(inst, key, make2, enumerable) {
  const proto = claim(inst, key);
  if (!proto)
    return;
  Object.defineProperty(proto, key, {
    configurable: true,
    get() {
      const desc = { configurable: true, writable: true, enumerable, value: void 0 };
      Object.defineProperty(this, key, desc);
      desc.value = make2(this);
      Object.defineProperty(this, key, desc);
      return desc.value;
    },
    set(value) {
      Object.defineProperty(this, key, { configurable: true, writable: true, enumerable, value });
    }
  });
}
var CONSTANT_CATCH = "~constantCatch";
function constantCatch(value) {
  const fn = () => value;
  fn[CONSTANT_CATCH] = true;
  return fn;
}

// node_modules/zod/v4/core/core.js
var _a;
var NEVER = /* @__PURE__ */ Object.freeze({
  status: "aborted"
});
var _zodDesc = { value: void 0, enumerable: false };
var _E = "captureStackTrace" in Error ? Error : null;
function newError(Definition) {
  const E = _E;
  if (E) {
    const saved = E.stackTraceLimit;
    if (typeof saved === "number") {
      try {
        E.stackTraceLimit = 0;
      } catch {
        _E = null;
        return new Definition();
      }
      try {
        return new Definition();
      } finally {
        E.stackTraceLimit = saved;
      }
    }
  }
  return new Definition();
}
// @__NO_SIDE_EFFECTS__
function $constructor(name, initializer3, proto, params) {
  const zodProto = {};
  function Internals(def) {
    this.def = def;
    this.constr = _;
    this.traits = /* @__PURE__ */ new Set();
  }
  Internals.prototype = zodProto;
  const protoMembers = proto;
  const initialized = protoMembers && /* @__PURE__ */ new WeakSet();
  function init(inst, def) {
    if (!inst._zod) {
      _zodDesc.value = new Internals(def);
      try {
        Object.defineProperty(inst, "_zod", _zodDesc);
      } finally {
        _zodDesc.value = void 0;
      }
    } else if (inst._zod.traits.has(name)) {
      return;
    }
    inst._zod.traits.add(name);
    initializer3(inst, def);
    if (initialized) {
      const own2 = Object.getPrototypeOf(inst);
      const ctorProto = inst._zod.constr.prototype;
      let up = own2;
      while (up && up !== ctorProto)
        up = Object.getPrototypeOf(up);
      const target = up ?? own2;
      if (!initialized.has(target)) {
        initialized.add(target);
        members(target, protoMembers);
      }
    }
    const proto2 = _.prototype;
    for (const k in proto2) {
      if (!Object.prototype.hasOwnProperty.call(proto2, k))
        continue;
      if (!(k in inst)) {
        inst[k] = proto2[k].bind(inst);
      }
    }
  }
  const Parent = params?.Parent ?? Object;
  class Definition extends Parent {
  }
  Object.defineProperty(Definition, "name", { value: name });
  function _(def) {
    const inst = params?.Parent ? newError(Definition) : this;
    init(inst, def);
    const deferred = inst._zod.deferred;
    if (deferred) {
      for (const fn of deferred) {
        fn();
      }
      inst._zod.deferred = void 0;
    }
    const pp = globalThis.__zod_globalConfig?.postProcessor;
    if (pp)
      pp(inst);
    return inst;
  }
  Object.defineProperty(_, "init", { value: init });
  Object.defineProperty(_, Symbol.hasInstance, {
    value: (inst) => {
      if (params?.Parent && inst instanceof params.Parent)
        return true;
      return inst?._zod?.traits?.has(name);
    }
  });
  Object.defineProperty(_, "name", { value: name });
  return _;
}
var $brand = /* @__PURE__ */ Symbol("zod_brand");
var $ZodAsyncError = class extends Error {
  constructor() {
    super(`Encountered Promise during synchronous parse. Use .parseAsync() instead.`);
  }
};
var $ZodEncodeError = class extends Error {
  constructor(name) {
    super(`Encountered unidirectional transform during encode: ${name}`);
    this.name = "ZodEncodeError";
  }
};
(_a = globalThis).__zod_globalConfig ?? (_a.__zod_globalConfig = {});
var globalConfig = globalThis.__zod_globalConfig;
function config(newConfig) {
  if (newConfig)
    Object.assign(globalConfig, newConfig);
  return globalConfig;
}

// node_modules/zod/v4/core/errors.js
function _getMessage() {
  const internals = this._zod;
  internals.message ?? (internals.message = JSON.stringify(internals.def, jsonStringifyReplacer, 2));
  return internals.message;
}
function _setMessage(value) {
  this._zod.message = value;
}
var _messageDesc = {
  get: _getMessage,
  set: _setMessage,
  enumerable: true,
  configurable: true
};
var _issuesDesc = { value: void 0, enumerable: false };
var _installedToString = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
var initializer = (inst, def) => {
  inst.name = "$ZodError";
  _issuesDesc.value = def;
  Object.defineProperty(inst, "issues", _issuesDesc);
  _issuesDesc.value = void 0;
  Object.defineProperty(inst, "message", _messageDesc);
  const proto = Object.getPrototypeOf(inst);
  if (!_installedToString.has(proto)) {
    _installedToString.add(proto);
    Object.defineProperty(proto, "toString", {
      configurable: true,
      enumerable: false,
      get() {
        const value = () => this.message;
        Object.defineProperty(this, "toString", { value, configurable: true, writable: true });
        return value;
      },
      set(value) {
        Object.defineProperty(this, "toString", { value, configurable: true, writable: true });
      }
    });
  }
};
var $ZodError = $constructor("$ZodError", initializer);
var $ZodRealError = $constructor("$ZodError", initializer, void 0, {
  Parent: Error
});
function node(obj, key, make2) {
  if (!Object.prototype.hasOwnProperty.call(obj, key)) {
    if (key === "__proto__") {
      Object.defineProperty(obj, key, { value: make2(), writable: true, enumerable: true, configurable: true });
    } else {
      obj[key] = make2();
    }
  }
  return obj[key];
}
function flattenError(error2, mapper = (issue2) => issue2.message) {
  const fieldErrors = {};
  const formErrors = [];
  for (const sub of error2.issues) {
    if (sub.path.length > 0) {
      node(fieldErrors, sub.path[0], () => []).push(mapper(sub));
    } else {
      formErrors.push(mapper(sub));
    }
  }
  return { formErrors, fieldErrors };
}
function formatError(error2, mapper = (issue2) => issue2.message) {
  const fieldErrors = { _errors: [] };
  const processError = (error3, path = []) => {
    for (const issue2 of error3.issues) {
      if (issue2.code === "invalid_union" && issue2.errors.length) {
        issue2.errors.map((issues) => processError({ issues }, [...path, ...issue2.path]));
      } else if (issue2.code === "invalid_key") {
        processError({ issues: issue2.issues }, [...path, ...issue2.path]);
      } else if (issue2.code === "invalid_element") {
        processError({ issues: issue2.issues }, [...path, ...issue2.path]);
      } else {
        const fullpath = [...path, ...issue2.path];
        if (fullpath.length === 0) {
          fieldErrors._errors.push(mapper(issue2));
        } else {
          let curr = fieldErrors;
          let i = 0;
          while (i < fullpath.length) {
            const el = fullpath[i];
            const terminal = i === fullpath.length - 1;
            if (el === "_errors") {
              if (terminal)
                curr._errors.push(mapper(issue2));
              i++;
              continue;
            }
            if (!Object.prototype.hasOwnProperty.call(curr, el)) {
              Object.defineProperty(curr, el, {
                value: { _errors: [] },
                enumerable: true,
                writable: true,
                configurable: true
              });
            }
            const node2 = curr[el];
            if (terminal) {
              node2._errors.push(mapper(issue2));
            }
            curr = node2;
            i++;
          }
        }
      }
    }
  };
  processError(error2);
  return fieldErrors;
}
function treeifyError(error2, mapper = (issue2) => issue2.message) {
  const result2 = { errors: [] };
  const processError = (error3, path = []) => {
    var _a3;
    for (const issue2 of error3.issues) {
      if (issue2.code === "invalid_union" && issue2.errors.length) {
        issue2.errors.map((issues) => processError({ issues }, [...path, ...issue2.path]));
      } else if (issue2.code === "invalid_key") {
        processError({ issues: issue2.issues }, [...path, ...issue2.path]);
      } else if (issue2.code === "invalid_element") {
        processError({ issues: issue2.issues }, [...path, ...issue2.path]);
      } else {
        const fullpath = [...path, ...issue2.path];
        if (fullpath.length === 0) {
          result2.errors.push(mapper(issue2));
          continue;
        }
        let curr = result2;
        let i = 0;
        while (i < fullpath.length) {
          const el = fullpath[i];
          const terminal = i === fullpath.length - 1;
          if (typeof el === "string") {
            curr.properties ?? (curr.properties = {});
            if (!Object.prototype.hasOwnProperty.call(curr.properties, el)) {
              Object.defineProperty(curr.properties, el, {
                value: { errors: [] },
                enumerable: true,
                writable: true,
                configurable: true
              });
            }
            curr = curr.properties[el];
          } else {
            curr.items ?? (curr.items = []);
            (_a3 = curr.items)[el] ?? (_a3[el] = { errors: [] });
            curr = curr.items[el];
          }
          if (terminal) {
            curr.errors.push(mapper(issue2));
          }
          i++;
        }
      }
    }
  };
  processError(error2);
  return result2;
}
function toDotPath(_path) {
  const segs = [];
  const path = _path.map((seg) => typeof seg === "object" ? seg.key : seg);
  for (const seg of path) {
    if (typeof seg === "number")
      segs.push(`[${seg}]`);
    else if (typeof seg === "symbol")
      segs.push(`[${JSON.stringify(String(seg))}]`);
    else if (/[^\w$]/.test(seg))
      segs.push(`[${JSON.stringify(seg)}]`);
    else {
      if (segs.length)
        segs.push(".");
      segs.push(seg);
    }
  }
  return segs.join("");
}
function prettifyError(error2) {
  const lines = [];
  const issues = [...error2.issues].sort((a, b) => (a.path ?? []).length - (b.path ?? []).length);
  for (const issue2 of issues) {
    lines.push(`✖ ${issue2.message}`);
    if (issue2.path?.length)
      lines.push(`  → at ${toDotPath(issue2.path)}`);
  }
  return lines.join("\n");
}

// node_modules/zod/v4/core/parse.js
function finalizeParams(callee, params) {
  return { callee: params?.callee ?? callee, Err: params?.Err };
}
var _parse = (_Err) => {
  const fn = (schema, value, _ctx, _params) => {
    const ctx = _ctx ? { ..._ctx, async: false } : { async: false };
    const result2 = schema._zod.run({ value, issues: [] }, ctx);
    if (result2 instanceof Promise) {
      throw new $ZodAsyncError();
    }
    if (result2.issues.length) {
      const e = new (_params?.Err ?? _Err)(result2.issues.map((iss) => finalizeIssue(iss, ctx, config())));
      captureStackTrace(e, _params?.callee ?? fn);
      throw e;
    }
    return result2.value;
  };
  return fn;
};
var parse = /* @__PURE__ */ _parse($ZodRealError);
var _parseAsync = (_Err) => {
  const fn = async (schema, value, _ctx, params) => {
    const ctx = _ctx ? { ..._ctx, async: true } : { async: true };
    let result2 = schema._zod.run({ value, issues: [] }, ctx);
    if (result2 instanceof Promise)
      result2 = await result2;
    if (result2.issues.length) {
      const e = new (params?.Err ?? _Err)(result2.issues.map((iss) => finalizeIssue(iss, ctx, config())));
      captureStackTrace(e, params?.callee ?? fn);
      throw e;
    }
    return result2.value;
  };
  return fn;
};
var parseAsync = /* @__PURE__ */ _parseAsync($ZodRealError);
var _safeParse = (_Err) => (schema, value, _ctx) => {
  const ctx = _ctx ? { ..._ctx, async: false } : { async: false };
  const result2 = schema._zod.run({ value, issues: [] }, ctx);
  if (result2 instanceof Promise) {
    throw new $ZodAsyncError();
  }
  return result2.issues.length ? failure(_Err, result2.issues, ctx) : { success: true, data: result2.value };
};
var safeParse = /* @__PURE__ */ _safeParse($ZodRealError);
function failure(Err, issues, ctx) {
  let error2;
  return {
    success: false,
    get error() {
      if (!error2) {
        error2 = new Err(issues.map((iss) => finalizeIssue(iss, ctx, config())));
        issues = void 0;
        ctx = void 0;
      }
      return error2;
    },
    set error(e) {
      error2 = e;
      issues = void 0;
      ctx = void 0;
    }
  };
}
var _safeParseAsync = (_Err) => async (schema, value, _ctx) => {
  const ctx = _ctx ? { ..._ctx, async: true } : { async: true };
  let result2 = schema._zod.run({ value, issues: [] }, ctx);
  if (result2 instanceof Promise)
    result2 = await result2;
  return result2.issues.length ? failure(_Err, result2.issues, ctx) : { success: true, data: result2.value };
};
var safeParseAsync = /* @__PURE__ */ _safeParseAsync($ZodRealError);
var COMPILE_INVALID = /* @__PURE__ */ Symbol.for("zod.compile.invalid");
var COMPILE_FALLBACK = /* @__PURE__ */ Symbol.for("zod.compile.fallback");
var validate = ((schema, value, _ctx) => {
  const validator = schema._zod.bag.validator;
  if (validator !== void 0) {
    if (validator(value) !== COMPILE_INVALID)
      return true;
    if (validator.definite === true && _ctx === void 0)
      return false;
  }
  return validateFallback(schema, value, _ctx);
});
function validateFallback(schema, value, _ctx) {
  const ctx = _ctx ? { ..._ctx, async: false, abortEarly: true } : { async: false, abortEarly: true };
  const fallbackRun = schema._zod.bag.fallbackRun;
  let result2;
  if (fallbackRun) {
    ctx[COMPILE_FALLBACK] = true;
    result2 = fallbackRun({ value, issues: [] }, ctx);
  } else {
    result2 = schema._zod.run({ value, issues: [] }, ctx);
  }
  if (result2 instanceof Promise) {
    throw new $ZodAsyncError();
  }
  return result2.issues.length === 0;
}
var validateAsync = async (schema, value, _ctx) => {
  const ctx = _ctx ? { ..._ctx, async: true, abortEarly: true } : { async: true, abortEarly: true };
  let result2 = schema._zod.run({ value, issues: [] }, ctx);
  if (result2 instanceof Promise)
    result2 = await result2;
  return result2.issues.length === 0;
};
var _encode = (_Err) => {
  const parse4 = _parse(_Err);
  const fn = (schema, value, _ctx, _params) => {
    const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
    return parse4(schema, value, ctx, finalizeParams(fn, _params));
  };
  return fn;
};
var encode = /* @__PURE__ */ _encode($ZodRealError);
var _decode = (_Err) => {
  const parse4 = _parse(_Err);
  const fn = (schema, value, _ctx, _params) => {
    return parse4(schema, value, _ctx, finalizeParams(fn, _params));
  };
  return fn;
};
var decode = /* @__PURE__ */ _decode($ZodRealError);
var _encodeAsync = (_Err) => {
  const parseAsync3 = _parseAsync(_Err);
  const fn = async (schema, value, _ctx, _params) => {
    const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
    return await parseAsync3(schema, value, ctx, finalizeParams(fn, _params));
  };
  return fn;
};
var encodeAsync = /* @__PURE__ */ _encodeAsync($ZodRealError);
var _decodeAsync = (_Err) => {
  const parseAsync3 = _parseAsync(_Err);
  const fn = async (schema, value, _ctx, _params) => {
    return await parseAsync3(schema, value, _ctx, finalizeParams(fn, _params));
  };
  return fn;
};
var decodeAsync = /* @__PURE__ */ _decodeAsync($ZodRealError);
var _safeEncode = (_Err) => (schema, value, _ctx) => {
  const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
  return _safeParse(_Err)(schema, value, ctx);
};
var safeEncode = /* @__PURE__ */ _safeEncode($ZodRealError);
var _safeDecode = (_Err) => (schema, value, _ctx) => {
  return _safeParse(_Err)(schema, value, _ctx);
};
var safeDecode = /* @__PURE__ */ _safeDecode($ZodRealError);
var _safeEncodeAsync = (_Err) => async (schema, value, _ctx) => {
  const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
  return _safeParseAsync(_Err)(schema, value, ctx);
};
var safeEncodeAsync = /* @__PURE__ */ _safeEncodeAsync($ZodRealError);
var _safeDecodeAsync = (_Err) => async (schema, value, _ctx) => {
  return _safeParseAsync(_Err)(schema, value, _ctx);
};
var safeDecodeAsync = /* @__PURE__ */ _safeDecodeAsync($ZodRealError);

// node_modules/zod/v4/core/regexes.js
var regexes_exports = {};
__export(regexes_exports, {
  anyString: () => anyString,
  base64: () => base64,
  base64url: () => base64url,
  bigint: () => bigint,
  boolean: () => boolean,
  browserEmail: () => browserEmail,
  cidrv4: () => cidrv4,
  cidrv6: () => cidrv6,
  creditCard: () => creditCard,
  cuid: () => cuid,
  cuid2: () => cuid2,
  currencyCode: () => currencyCode,
  date: () => date,
  datetime: () => datetime,
  domain: () => domain,
  duration: () => duration,
  e164: () => e164,
  email: () => email,
  emoji: () => emoji,
  extendedDuration: () => extendedDuration,
  guid: () => guid,
  hex: () => hex,
  hostname: () => hostname,
  html5Email: () => html5Email,
  httpProtocol: () => httpProtocol,
  iban: () => iban,
  idnEmail: () => idnEmail,
  integer: () => integer,
  ipv4: () => ipv4,
  ipv6: () => ipv6,
  ksuid: () => ksuid,
  lowercase: () => lowercase,
  mac: () => mac,
  md5_base64: () => md5_base64,
  md5_base64url: () => md5_base64url,
  md5_hex: () => md5_hex,
  nanoid: () => nanoid,
  nanoidOfLength: () => nanoidOfLength,
  null: () => _null,
  number: () => number,
  rfc5322Email: () => rfc5322Email,
  sha1_base64: () => sha1_base64,
  sha1_base64url: () => sha1_base64url,
  sha1_hex: () => sha1_hex,
  sha256_base64: () => sha256_base64,
  sha256_base64url: () => sha256_base64url,
  sha256_hex: () => sha256_hex,
  sha384_base64: () => sha384_base64,
  sha384_base64url: () => sha384_base64url,
  sha384_hex: () => sha384_hex,
  sha512_base64: () => sha512_base64,
  sha512_base64url: () => sha512_base64url,
  sha512_hex: () => sha512_hex,
  string: () => string,
  time: () => time,
  ulid: () => ulid,
  undefined: () => _undefined,
  unicodeEmail: () => unicodeEmail,
  uppercase: () => uppercase,
  uuid: () => uuid,
  uuid4: () => uuid4,
  uuid6: () => uuid6,
  uuid7: () => uuid7,
  xid: () => xid
});
var cuid = /^[cC][0-9a-z]{6,}$/;
var cuid2 = /^[0-9a-z]+$/;
var ulid = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/;
var xid = /^[0-9a-vA-V]{20}$/;
var ksuid = /^[A-Za-z0-9]{27}$/;
var nanoid = /^[a-zA-Z0-9_-]{21}$/;
function nanoidOfLength(length) {
  return new RegExp(`^[a-zA-Z0-9_-]{${length}}$`);
}
var duration = /^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$/;
var extendedDuration = /^[-+]?P(?!$)(?:(?:[-+]?\d+Y)|(?:[-+]?\d+[.,]\d+Y$))?(?:(?:[-+]?\d+M)|(?:[-+]?\d+[.,]\d+M$))?(?:(?:[-+]?\d+W)|(?:[-+]?\d+[.,]\d+W$))?(?:(?:[-+]?\d+D)|(?:[-+]?\d+[.,]\d+D$))?(?:T(?=[\d+-])(?:(?:[-+]?\d+H)|(?:[-+]?\d+[.,]\d+H$))?(?:(?:[-+]?\d+M)|(?:[-+]?\d+[.,]\d+M$))?(?:[-+]?\d+(?:[.,]\d+)?S)?)??$/;
var guid = /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/;
var uuid = (version2) => {
  if (!version2)
    return /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/;
  return new RegExp(`^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-${version2}[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$`);
};
var uuid4 = /* @__PURE__ */ uuid(4);
var uuid6 = /* @__PURE__ */ uuid(6);
var uuid7 = /* @__PURE__ */ uuid(7);
var email = /^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$/;
var html5Email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
var rfc5322Email = /^(([^<>()\[\]\\.,;:\s@"]+(\.[^<>()\[\]\\.,;:\s@"]+)*)|(".+"))@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}])|(([a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,}))$/;
var unicodeEmail = /^[^\s@"]{1,64}@[^\s@]{1,255}$/u;
var idnEmail = unicodeEmail;
var browserEmail = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
var _emoji = `^(?=[\\s\\S]*[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\u20E3])[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$`;
function emoji() {
  return new RegExp(_emoji, "u");
}
var ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])$/;
var ipv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))$/;
var mac = (delimiter) => {
  const escapedDelim = escapeRegex(delimiter ?? ":");
  return new RegExp(`^(?:[0-9A-F]{2}${escapedDelim}){5}[0-9A-F]{2}$|^(?:[0-9a-f]{2}${escapedDelim}){5}[0-9a-f]{2}$`);
};
var cidrv4 = /^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\/([0-9]|[1-2][0-9]|3[0-2])$/;
var cidrv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$/;
var base64 = /^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$/;
var base64url = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
var hostname = /^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$/;
var domain = /^(?=.{1,253}$)([a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$/;
var httpProtocol = /^https?$/;
var e164 = /^\+[1-9]\d{6,14}$/;
var creditCard = /^\d(?:[ -]?\d){11,18}$/;
var currencyCode = /^(?:AED|AFN|ALL|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BHD|BIF|BMD|BND|BOB|BOV|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHE|CHF|CHW|CLF|CLP|CNY|COP|COU|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MXV|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|USN|UYI|UYU|UYW|UZS|VED|VES|VND|VUV|WST|XAD|XAF|XAG|XAU|XBA|XBB|XBC|XBD|XCD|XCG|XDR|XOF|XPD|XPF|XPT|XSU|XTS|XUA|XXX|YER|ZAR|ZMW|ZWG)$/;
var iban = /^[A-Z]{2}(?!00|01|99)\d{2}[A-Z0-9]{11,30}$/;
var dateSource = `(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))`;
function anchor(source) {
  return new RegExp(`^${source}$`);
}
var date = /* @__PURE__ */ anchor(dateSource);
function timeSource(args) {
  const hhmm = `(?:[01]\\d|2[0-3]):[0-5]\\d`;
  const regex = typeof args.precision === "number" ? args.precision === -1 ? `${hhmm}` : args.precision === 0 ? `${hhmm}:[0-5]\\d` : `${hhmm}:[0-5]\\d\\.\\d{${args.precision}}` : args.seconds ? `${hhmm}:[0-5]\\d(?:\\.\\d+)?` : `${hhmm}(?::[0-5]\\d(?:\\.\\d+)?)?`;
  return regex;
}
function time(args) {
  return new RegExp(`^${timeSource(args)}$`);
}
function datetime(args) {
  const opts = ["Z"];
  if (args.offset)
    opts.push(`([+-](?:[01]\\d|2[0-3]):[0-5]\\d)`);
  const qualified = `${timeSource({ precision: args.precision, seconds: true })}(?:${opts.join("|")})`;
  const timeRegex = args.local ? `${qualified}|${timeSource({ precision: args.precision })}` : qualified;
  return new RegExp(`^${dateSource}T(?:${timeRegex})$`);
}
var anyString = /^[\s\S]{0,}$/;
var string = (params) => {
  const regex = params ? `[\\s\\S]{${params?.minimum ?? 0},${params?.maximum ?? ""}}` : `[\\s\\S]*`;
  return new RegExp(`^${regex}$`);
};
var bigint = /^-?\d+n?$/;
var integer = /^-?\d+$/;
var number = /^-?\d+(?:\.\d+)?$/;
var boolean = /^(?:true|false)$/i;
var _null = /^null$/i;
var _undefined = /^undefined$/i;
var lowercase = /^[^A-Z]*$/;
var uppercase = /^[^a-z]*$/;
var hex = /^[0-9a-fA-F]*$/;
function fixedBase64(bodyLength, padding2) {
  return new RegExp(`^[A-Za-z0-9+/]{${bodyLength}}${padding2}$`);
}
function fixedBase64url(length) {
  return new RegExp(`^[A-Za-z0-9_-]{${length}}$`);
}
var md5_hex = /^[0-9a-fA-F]{32}$/;
var md5_base64 = /* @__PURE__ */ fixedBase64(22, "==");
var md5_base64url = /* @__PURE__ */ fixedBase64url(22);
var sha1_hex = /^[0-9a-fA-F]{40}$/;
var sha1_base64 = /* @__PURE__ */ fixedBase64(27, "=");
var sha1_base64url = /* @__PURE__ */ fixedBase64url(27);
var sha256_hex = /^[0-9a-fA-F]{64}$/;
var sha256_base64 = /* @__PURE__ */ fixedBase64(43, "=");
var sha256_base64url = /* @__PURE__ */ fixedBase64url(43);
var sha384_hex = /^[0-9a-fA-F]{96}$/;
var sha384_base64 = /* @__PURE__ */ fixedBase64(64, "");
var sha384_base64url = /* @__PURE__ */ fixedBase64url(64);
var sha512_hex = /^[0-9a-fA-F]{128}$/;
var sha512_base64 = /* @__PURE__ */ fixedBase64(86, "==");
var sha512_base64url = /* @__PURE__ */ fixedBase64url(86);

// node_modules/zod/v4/core/checks.js
var $ZodCheck = /* @__PURE__ */ $constructor("$ZodCheck", (inst, def) => {
  var _a3;
  inst._zod ?? (inst._zod = {});
  inst._zod.def = def;
  (_a3 = inst._zod).onattach ?? (_a3.onattach = []);
});
var _whenHasSize = (payload) => {
  const val = payload.value;
  return !nullish(val) && val.size !== void 0;
};
var _whenHasLength = (payload) => {
  const val = payload.value;
  return !nullish(val) && val.length !== void 0;
};
var numericOriginMap = {
  number: "number",
  bigint: "bigint",
  object: "date"
};
var $ZodCheckLessThan = /* @__PURE__ */ $constructor("$ZodCheckLessThan", (inst, def) => {
  $ZodCheck.init(inst, def);
  const origin = numericOriginMap[typeof def.value];
  inst._zod.check = (payload) => {
    if (def.inclusive ? payload.value <= def.value : payload.value < def.value) {
      return;
    }
    payload.issues.push({
      origin: numericOriginMap[typeof payload.value] ?? origin,
      code: "too_big",
      maximum: typeof def.value === "object" ? def.value.getTime() : def.value,
      input: payload.value,
      inclusive: def.inclusive,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckGreaterThan = /* @__PURE__ */ $constructor("$ZodCheckGreaterThan", (inst, def) => {
  $ZodCheck.init(inst, def);
  const origin = numericOriginMap[typeof def.value];
  inst._zod.check = (payload) => {
    if (def.inclusive ? payload.value >= def.value : payload.value > def.value) {
      return;
    }
    payload.issues.push({
      origin: numericOriginMap[typeof payload.value] ?? origin,
      code: "too_small",
      minimum: typeof def.value === "object" ? def.value.getTime() : def.value,
      input: payload.value,
      inclusive: def.inclusive,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckMultipleOf = /* @__PURE__ */ $constructor("$ZodCheckMultipleOf", (inst, def) => {
  $ZodCheck.init(inst, def);
  inst._zod.check = (payload) => {
    if (typeof payload.value !== typeof def.value)
      throw new Error("Cannot mix number and bigint in multiple_of check.");
    const isMultiple = typeof payload.value === "bigint" ? (
      // `value % 0n` throws, and nothing is a multiple of zero — the number branch already fails this way via NaN
      def.value !== BigInt(0) && payload.value % def.value === BigInt(0)
    ) : floatSafeRemainder(payload.value, def.value) === 0;
    if (isMultiple)
      return;
    payload.issues.push({
      origin: typeof payload.value,
      code: "not_multiple_of",
      divisor: def.value,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckNumberFormat = /* @__PURE__ */ $constructor("$ZodCheckNumberFormat", (inst, def) => {
  $ZodCheck.init(inst, def);
  def.format = def.format || "float64";
  const isInt = def.format?.includes("int");
  const origin = isInt ? "int" : "number";
  const [minimum, maximum] = NUMBER_FORMAT_RANGES[def.format];
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    if (isInt) {
      if (!Number.isInteger(input2)) {
        payload.issues.push({
          expected: origin,
          format: def.format,
          code: "invalid_type",
          continue: false,
          input: input2,
          inst
        });
        return;
      }
      if (!Number.isSafeInteger(input2)) {
        if (input2 > 0) {
          payload.issues.push({
            input: input2,
            code: "too_big",
            maximum: Number.MAX_SAFE_INTEGER,
            note: "Integers must be within the safe integer range.",
            inst,
            origin,
            inclusive: true,
            continue: !def.abort
          });
        } else {
          payload.issues.push({
            input: input2,
            code: "too_small",
            minimum: Number.MIN_SAFE_INTEGER,
            note: "Integers must be within the safe integer range.",
            inst,
            origin,
            inclusive: true,
            continue: !def.abort
          });
        }
        return;
      }
    }
    if (input2 < minimum) {
      payload.issues.push({
        origin: "number",
        input: input2,
        code: "too_small",
        minimum,
        inclusive: true,
        inst,
        continue: !def.abort
      });
    }
    if (input2 > maximum) {
      payload.issues.push({
        origin: "number",
        input: input2,
        code: "too_big",
        maximum,
        inclusive: true,
        inst,
        continue: !def.abort
      });
    }
  };
});
var $ZodCheckBigIntFormat = /* @__PURE__ */ $constructor("$ZodCheckBigIntFormat", (inst, def) => {
  $ZodCheck.init(inst, def);
  const [minimum, maximum] = BIGINT_FORMAT_RANGES[def.format];
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    if (input2 < minimum) {
      payload.issues.push({
        origin: "bigint",
        input: input2,
        code: "too_small",
        minimum,
        inclusive: true,
        inst,
        continue: !def.abort
      });
    }
    if (input2 > maximum) {
      payload.issues.push({
        origin: "bigint",
        input: input2,
        code: "too_big",
        maximum,
        inclusive: true,
        inst,
        continue: !def.abort
      });
    }
  };
});
var $ZodCheckMaxSize = /* @__PURE__ */ $constructor("$ZodCheckMaxSize", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasSize);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const size = input2.size;
    if (size <= def.maximum)
      return;
    payload.issues.push({
      origin: getSizableOrigin(input2),
      code: "too_big",
      maximum: def.maximum,
      inclusive: true,
      input: input2,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckMinSize = /* @__PURE__ */ $constructor("$ZodCheckMinSize", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasSize);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const size = input2.size;
    if (size >= def.minimum)
      return;
    payload.issues.push({
      origin: getSizableOrigin(input2),
      code: "too_small",
      minimum: def.minimum,
      inclusive: true,
      input: input2,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckSizeEquals = /* @__PURE__ */ $constructor("$ZodCheckSizeEquals", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasSize);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const size = input2.size;
    if (size === def.size)
      return;
    const tooBig = size > def.size;
    payload.issues.push({
      origin: getSizableOrigin(input2),
      ...tooBig ? { code: "too_big", maximum: def.size } : { code: "too_small", minimum: def.size },
      inclusive: true,
      exact: true,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckMaxLength = /* @__PURE__ */ $constructor("$ZodCheckMaxLength", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasLength);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const units = input2.length;
    const length = typeof input2 === "string" && units > def.maximum ? codePointLength(input2) : units;
    if (length <= def.maximum)
      return;
    const origin = getLengthableOrigin(input2);
    payload.issues.push({
      origin,
      code: "too_big",
      maximum: def.maximum,
      inclusive: true,
      input: input2,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckMinLength = /* @__PURE__ */ $constructor("$ZodCheckMinLength", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasLength);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const units = input2.length;
    const length = typeof input2 === "string" && units >= def.minimum && units < def.minimum * 2 ? codePointLength(input2) : units;
    if (length >= def.minimum)
      return;
    const origin = getLengthableOrigin(input2);
    payload.issues.push({
      origin,
      code: "too_small",
      minimum: def.minimum,
      inclusive: true,
      input: input2,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckLengthEquals = /* @__PURE__ */ $constructor("$ZodCheckLengthEquals", (inst, def) => {
  var _a3;
  $ZodCheck.init(inst, def);
  (_a3 = inst._zod.def).when ?? (_a3.when = _whenHasLength);
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const units = input2.length;
    const length = typeof input2 === "string" && units >= def.length && units <= def.length * 2 ? codePointLength(input2) : units;
    if (length === def.length)
      return;
    const origin = getLengthableOrigin(input2);
    const tooBig = length > def.length;
    payload.issues.push({
      origin,
      ...tooBig ? { code: "too_big", maximum: def.length } : { code: "too_small", minimum: def.length },
      inclusive: true,
      exact: true,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckStringFormat = /* @__PURE__ */ $constructor("$ZodCheckStringFormat", (inst, def) => {
  var _a3, _b;
  $ZodCheck.init(inst, def);
  if (def.pattern)
    (_a3 = inst._zod).check ?? (_a3.check = (payload) => {
      def.pattern.lastIndex = 0;
      if (def.pattern.test(payload.value))
        return;
      payload.issues.push({
        origin: "string",
        code: "invalid_format",
        format: def.format,
        input: payload.value,
        ...def.pattern ? { pattern: def.pattern.toString() } : {},
        inst,
        continue: !def.abort
      });
    });
  else
    (_b = inst._zod).check ?? (_b.check = () => {
    });
});
var $ZodCheckRegex = /* @__PURE__ */ $constructor("$ZodCheckRegex", (inst, def) => {
  $ZodCheckStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    def.pattern.lastIndex = 0;
    if (def.pattern.test(payload.value))
      return;
    payload.issues.push({
      origin: "string",
      code: "invalid_format",
      format: "regex",
      input: payload.value,
      pattern: def.pattern.toString(),
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckLowerCase = /* @__PURE__ */ $constructor("$ZodCheckLowerCase", (inst, def) => {
  def.pattern ?? (def.pattern = lowercase);
  $ZodCheckStringFormat.init(inst, def);
});
var $ZodCheckUpperCase = /* @__PURE__ */ $constructor("$ZodCheckUpperCase", (inst, def) => {
  def.pattern ?? (def.pattern = uppercase);
  $ZodCheckStringFormat.init(inst, def);
});
var $ZodCheckIncludes = /* @__PURE__ */ $constructor("$ZodCheckIncludes", (inst, def) => {
  $ZodCheck.init(inst, def);
  const escapedRegex = escapeRegex(def.includes);
  const pattern = new RegExp(typeof def.position === "number" ? `^.{${def.position},}${escapedRegex}` : escapedRegex);
  def.pattern = pattern;
  inst._zod.check = (payload) => {
    if (payload.value.includes(def.includes, def.position))
      return;
    payload.issues.push({
      origin: "string",
      code: "invalid_format",
      format: "includes",
      includes: def.includes,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckStartsWith = /* @__PURE__ */ $constructor("$ZodCheckStartsWith", (inst, def) => {
  $ZodCheck.init(inst, def);
  const pattern = new RegExp(`^${escapeRegex(def.prefix)}.*`);
  def.pattern ?? (def.pattern = pattern);
  inst._zod.check = (payload) => {
    if (payload.value.startsWith(def.prefix))
      return;
    payload.issues.push({
      origin: "string",
      code: "invalid_format",
      format: "starts_with",
      prefix: def.prefix,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckEndsWith = /* @__PURE__ */ $constructor("$ZodCheckEndsWith", (inst, def) => {
  $ZodCheck.init(inst, def);
  const pattern = new RegExp(`.*${escapeRegex(def.suffix)}$`);
  def.pattern ?? (def.pattern = pattern);
  inst._zod.check = (payload) => {
    if (payload.value.endsWith(def.suffix))
      return;
    payload.issues.push({
      origin: "string",
      code: "invalid_format",
      format: "ends_with",
      suffix: def.suffix,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
function handleCheckPropertyResult(result2, payload, property) {
  if (result2.issues.length) {
    payload.issues.push(...prefixIssues(property, result2.issues));
  }
}
var $ZodCheckProperty = /* @__PURE__ */ $constructor("$ZodCheckProperty", (inst, def) => {
  $ZodCheck.init(inst, def);
  inst._zod.check = (payload) => {
    const result2 = def.schema._zod.run({
      value: payload.value[def.property],
      issues: []
    }, {});
    if (result2 instanceof Promise) {
      return result2.then((result3) => handleCheckPropertyResult(result3, payload, def.property));
    }
    handleCheckPropertyResult(result2, payload, def.property);
    return;
  };
});
var $ZodCheckProperties = /* @__PURE__ */ $constructor("$ZodCheckProperties", (inst, def) => {
  $ZodCheck.init(inst, def);
  hide(inst, Symbol.iterator, function* () {
    yield inst;
  });
  let entries;
  inst._zod.check = (payload) => {
    if (payload.value == null) {
      payload.issues.push({ expected: "object", code: "invalid_type", input: payload.value, inst });
      return void 0;
    }
    entries ?? (entries = Reflect.ownKeys(def.shape).map((key) => [key, def.shape[key]]));
    const input2 = payload.value;
    let proms;
    for (const [key, schema] of entries) {
      const result2 = schema._zod.run({ value: input2[key], issues: [] }, {});
      if (result2 instanceof Promise) {
        proms ?? (proms = []);
        proms.push(result2.then((result3) => handleCheckPropertyResult(result3, payload, key)));
      } else {
        handleCheckPropertyResult(result2, payload, key);
      }
    }
    if (proms)
      return Promise.all(proms).then(() => void 0);
    return void 0;
  };
});
var $ZodCheckMimeType = /* @__PURE__ */ $constructor("$ZodCheckMimeType", (inst, def) => {
  $ZodCheck.init(inst, def);
  const mimeSet = new Set(def.mime);
  inst._zod.check = (payload) => {
    if (mimeSet.has(payload.value.type))
      return;
    payload.issues.push({
      code: "invalid_value",
      values: def.mime,
      input: payload.value.type,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCheckOverwrite = /* @__PURE__ */ $constructor("$ZodCheckOverwrite", (inst, def) => {
  $ZodCheck.init(inst, def);
  inst._zod.check = (payload) => {
    payload.value = def.tx(payload.value);
  };
});

// node_modules/zod/v4/core/doc.js
var Doc = class {
  constructor(args = [], closed = {}) {
    this.content = [];
    this.indent = 0;
    this.args = args;
    this.closed = closed;
  }
  // the compiler catches a child's throw and keeps writing into this doc, so the indent has to unwind with it
  indented(fn) {
    this.indent += 1;
    try {
      fn(this);
    } finally {
      this.indent -= 1;
    }
  }
  write(arg) {
    if (typeof arg === "function") {
      arg(this, { execution: "sync" });
      arg(this, { execution: "async" });
      return;
    }
    const content = arg;
    const lines = content.split("\n").filter((x) => x);
    const minIndent = Math.min(...lines.map((x) => x.length - x.trimStart().length));
    const dedented = lines.map((x) => x.slice(minIndent)).map((x) => " ".repeat(this.indent * 2) + x);
    for (const line2 of dedented) {
      this.content.push(line2);
    }
  }
  compile() {
    const F = Function;
    const content = this?.content ?? [``];
    const factory = new F(...Object.keys(this.closed), `return function (${this.args.join(", ")}) {
${content.join("\n")}
};`);
    return factory(...Object.values(this.closed));
  }
};

// node_modules/zod/v4/core/versions.js
var version = {
  major: 4,
  minor: 6,
  patch: 7
};

// node_modules/zod/v4/core/schemas.js
var $ZodType = /* @__PURE__ */ $constructor("$ZodType", (inst, def) => {
  var _a3;
  inst ?? (inst = {});
  inst._zod.def = def;
  inst._zod.bag = inst._zod.bag || {};
  inst._zod.version = version;
  const defChecks = inst._zod.def.checks;
  const checks = inst._zod.traits.has("$ZodCheck") ? [inst, ...defChecks ?? []] : defChecks?.length ? [...defChecks] : [];
  for (const ch of checks) {
    for (const fn of ch._zod.onattach) {
      fn(inst);
    }
  }
  if (checks.length === 0) {
    (_a3 = inst._zod).deferred ?? (_a3.deferred = []);
    inst._zod.deferred?.push(() => {
      inst._zod.run = inst._zod.parse;
    });
  } else {
    const runChecks = (payload, checks2, ctx) => {
      if (payload.memo)
        return payload;
      let isAborted = aborted(payload);
      let asyncResult;
      for (const ch of checks2) {
        if (ch._zod.def.when) {
          if (explicitlyAborted(payload))
            continue;
          const shouldRun = ch._zod.def.when(payload);
          if (!shouldRun)
            continue;
        } else if (isAborted) {
          continue;
        }
        const currLen = payload.issues.length;
        const _ = ch._zod.check(payload);
        if (_ instanceof Promise && ctx?.async === false) {
          throw new $ZodAsyncError();
        }
        if (asyncResult || _ instanceof Promise) {
          asyncResult = (asyncResult ?? Promise.resolve()).then(async () => {
            await _;
            const nextLen = payload.issues.length;
            if (nextLen === currLen)
              return;
            attachSchema(payload.issues, currLen, inst);
            if (!isAborted)
              isAborted = aborted(payload, currLen);
          });
        } else {
          const nextLen = payload.issues.length;
          if (nextLen === currLen)
            continue;
          attachSchema(payload.issues, currLen, inst);
          if (!isAborted)
            isAborted = aborted(payload, currLen);
        }
      }
      if (asyncResult) {
        return asyncResult.then(() => {
          return payload;
        });
      }
      return payload;
    };
    const handleCanaryResult = (canary, payload, ctx) => {
      if (aborted(canary)) {
        canary.aborted = true;
        return canary;
      }
      const checkResult = runChecks(payload, checks, ctx);
      if (checkResult instanceof Promise) {
        if (ctx.async === false)
          throw new $ZodAsyncError();
        return checkResult.then((checkResult2) => inst._zod.parse(checkResult2, ctx));
      }
      return inst._zod.parse(checkResult, ctx);
    };
    inst._zod.run = (payload, ctx) => {
      if (ctx.skipChecks) {
        return inst._zod.parse(payload, ctx);
      }
      if (ctx.direction === "backward") {
        const canary = inst._zod.parse({ value: payload.value, issues: [] }, { ...ctx, skipChecks: true });
        if (canary instanceof Promise) {
          return canary.then((canary2) => {
            return handleCanaryResult(canary2, payload, ctx);
          });
        }
        return handleCanaryResult(canary, payload, ctx);
      }
      const result2 = inst._zod.parse(payload, ctx);
      if (result2 instanceof Promise) {
        if (ctx.async === false)
          throw new $ZodAsyncError();
        return result2.then((result3) => runChecks(result3, checks, ctx));
      }
      return runChecks(result2, checks, ctx);
    };
  }
}, {
  // Wrappers extend this by installing a richer factory over it; reading it eagerly would defeat the laziness.
  get "~standard"() {
    return hide(this, "~standard", standardProps(this));
  },
  set "~standard"(value) {
    own(this, "~standard", value);
  }
});
var toStandardResult = (r, ctx) => r.issues.length ? { issues: r.issues.map((iss) => finalizeIssue(iss, ctx, config())) } : { value: r.value };
async function validateAsync2(inst, value) {
  const ctx = { async: true };
  return toStandardResult(await inst._zod.run({ value, issues: [] }, ctx), ctx);
}
function standardProps(inst) {
  return {
    validate: (value) => {
      const ctx = { async: false };
      try {
        const r = inst._zod.run({ value, issues: [] }, ctx);
        if (!(r instanceof Promise))
          return toStandardResult(r, ctx);
      } catch (_) {
      }
      return validateAsync2(inst, value);
    },
    vendor: "zod",
    version: 1
  };
}
var $ZodString = /* @__PURE__ */ $constructor("$ZodString", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = def.pattern ?? anyString;
  inst._zod.parse = (payload, _) => {
    if (def.coerce)
      try {
        payload.value = String(payload.value);
      } catch (_2) {
      }
    if (typeof payload.value === "string")
      return payload;
    payload.issues.push({
      expected: "string",
      code: "invalid_type",
      input: payload.value,
      inst
    });
    return payload;
  };
});
var $ZodStringFormat = /* @__PURE__ */ $constructor("$ZodStringFormat", (inst, def) => {
  $ZodCheckStringFormat.init(inst, def);
  $ZodString.init(inst, def);
});
var $ZodGUID = /* @__PURE__ */ $constructor("$ZodGUID", (inst, def) => {
  def.pattern ?? (def.pattern = guid);
  $ZodStringFormat.init(inst, def);
});
var $ZodUUID = /* @__PURE__ */ $constructor("$ZodUUID", (inst, def) => {
  if (def.version) {
    const versionMap = {
      v1: 1,
      v2: 2,
      v3: 3,
      v4: 4,
      v5: 5,
      v6: 6,
      v7: 7,
      v8: 8
    };
    const v = versionMap[def.version];
    if (v === void 0)
      throw new Error(`Invalid UUID version: "${def.version}"`);
    def.pattern ?? (def.pattern = uuid(v));
  } else
    def.pattern ?? (def.pattern = uuid());
  $ZodStringFormat.init(inst, def);
});
var $ZodEmail = /* @__PURE__ */ $constructor("$ZodEmail", (inst, def) => {
  def.pattern ?? (def.pattern = email);
  $ZodStringFormat.init(inst, def);
});
var URL_BAD_FORMAT = 1;
var URL_UNPARSEABLE = 2;
function canParseURL(input2) {
  try {
    if (typeof URL !== "undefined" && typeof URL.canParse === "function")
      return URL.canParse(input2);
    new URL(input2);
    return true;
  } catch {
    return false;
  }
}
function validateURL(trimmed, def) {
  if (!("normalize" in def) && !("hostname" in def) && !("protocol" in def)) {
    return canParseURL(trimmed) || URL_UNPARSEABLE;
  }
  return parseURLObject(trimmed, def);
}
function parseURLObject(trimmed, def) {
  if (!def.normalize && def.protocol?.source === httpProtocol.source && !/^https?:\/\//i.test(trimmed)) {
    return URL_BAD_FORMAT;
  }
  try {
    if (typeof URL !== "undefined") {
      const URLStatic = URL;
      if (typeof URLStatic.parse === "function")
        return URLStatic.parse(trimmed) ?? URL_UNPARSEABLE;
    }
    return new URL(trimmed);
  } catch {
    return URL_UNPARSEABLE;
  }
}
var asciiTabOrNewline = /[\t\n\r]/g;
function stripTabAndNewline(value) {
  return value.replace(asciiTabOrNewline, "");
}
function urlHostnameOk(url2, hostname3) {
  hostname3.lastIndex = 0;
  return hostname3.test(url2.hostname);
}
function urlProtocolOk(url2, protocol) {
  protocol.lastIndex = 0;
  return protocol.test(url2.protocol.endsWith(":") ? url2.protocol.slice(0, -1) : url2.protocol);
}
var $ZodURL = /* @__PURE__ */ $constructor("$ZodURL", (inst, def) => {
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    try {
      const trimmed = payload.value.trim();
      const url2 = validateURL(trimmed, def);
      if (url2 === URL_BAD_FORMAT) {
        payload.issues.push({
          code: "invalid_format",
          format: "url",
          note: "Invalid URL format",
          input: payload.value,
          inst,
          continue: !def.abort
        });
        return;
      }
      if (url2 === URL_UNPARSEABLE) {
        payload.issues.push({
          code: "invalid_format",
          format: "url",
          input: payload.value,
          inst,
          continue: !def.abort
        });
        return;
      }
      if (url2 === true) {
        payload.value = stripTabAndNewline(trimmed);
        return;
      }
      if (def.hostname && !urlHostnameOk(url2, def.hostname)) {
        payload.issues.push({
          code: "invalid_format",
          format: "url",
          note: "Invalid hostname",
          pattern: def.hostname.source,
          input: payload.value,
          inst,
          continue: !def.abort
        });
      }
      if (def.protocol && !urlProtocolOk(url2, def.protocol)) {
        payload.issues.push({
          code: "invalid_format",
          format: "url",
          note: "Invalid protocol",
          pattern: def.protocol.source,
          input: payload.value,
          inst,
          continue: !def.abort
        });
      }
      payload.value = def.normalize ? url2.href : stripTabAndNewline(trimmed);
      return;
    } catch (_) {
      payload.issues.push({
        code: "invalid_format",
        format: "url",
        input: payload.value,
        inst,
        continue: !def.abort
      });
    }
  };
});
var $ZodEmoji = /* @__PURE__ */ $constructor("$ZodEmoji", (inst, def) => {
  def.pattern ?? (def.pattern = emoji());
  $ZodStringFormat.init(inst, def);
});
var $ZodNanoID = /* @__PURE__ */ $constructor("$ZodNanoID", (inst, def) => {
  if (def.length !== void 0 && (!Number.isInteger(def.length) || def.length < 1))
    throw new Error(`Invalid nanoid length: ${def.length}`);
  def.pattern ?? (def.pattern = def.length === void 0 ? nanoid : nanoidOfLength(def.length));
  $ZodStringFormat.init(inst, def);
});
var $ZodCUID = /* @__PURE__ */ $constructor("$ZodCUID", (inst, def) => {
  def.pattern ?? (def.pattern = cuid);
  $ZodStringFormat.init(inst, def);
});
var $ZodCUID2 = /* @__PURE__ */ $constructor("$ZodCUID2", (inst, def) => {
  def.pattern ?? (def.pattern = cuid2);
  $ZodStringFormat.init(inst, def);
});
var $ZodULID = /* @__PURE__ */ $constructor("$ZodULID", (inst, def) => {
  def.pattern ?? (def.pattern = ulid);
  $ZodStringFormat.init(inst, def);
});
var $ZodXID = /* @__PURE__ */ $constructor("$ZodXID", (inst, def) => {
  def.pattern ?? (def.pattern = xid);
  $ZodStringFormat.init(inst, def);
});
var $ZodKSUID = /* @__PURE__ */ $constructor("$ZodKSUID", (inst, def) => {
  def.pattern ?? (def.pattern = ksuid);
  $ZodStringFormat.init(inst, def);
});
var $ZodISODateTime = /* @__PURE__ */ $constructor("$ZodISODateTime", (inst, def) => {
  def.pattern ?? (def.pattern = datetime(def));
  $ZodStringFormat.init(inst, def);
});
var $ZodISODate = /* @__PURE__ */ $constructor("$ZodISODate", (inst, def) => {
  def.pattern ?? (def.pattern = date);
  $ZodStringFormat.init(inst, def);
});
var $ZodISOTime = /* @__PURE__ */ $constructor("$ZodISOTime", (inst, def) => {
  def.pattern ?? (def.pattern = time(def));
  $ZodStringFormat.init(inst, def);
});
var $ZodISODuration = /* @__PURE__ */ $constructor("$ZodISODuration", (inst, def) => {
  def.pattern ?? (def.pattern = duration);
  $ZodStringFormat.init(inst, def);
});
var $ZodIPv4 = /* @__PURE__ */ $constructor("$ZodIPv4", (inst, def) => {
  def.pattern ?? (def.pattern = ipv4);
  $ZodStringFormat.init(inst, def);
});
var ipv6Alphabet = /^[0-9a-fA-F:.]+$/;
function isValidIPv6(value) {
  if (!ipv6Alphabet.test(value))
    return false;
  return canParseURL(`http://[${value}]`);
}
var $ZodIPv6 = /* @__PURE__ */ $constructor("$ZodIPv6", (inst, def) => {
  def.pattern ?? (def.pattern = ipv6);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (!isValidIPv6(payload.value)) {
      payload.issues.push({
        code: "invalid_format",
        format: "ipv6",
        input: payload.value,
        inst,
        continue: !def.abort
      });
    }
  };
});
var $ZodMAC = /* @__PURE__ */ $constructor("$ZodMAC", (inst, def) => {
  def.pattern ?? (def.pattern = mac(def.delimiter));
  $ZodStringFormat.init(inst, def);
});
var $ZodCIDRv4 = /* @__PURE__ */ $constructor("$ZodCIDRv4", (inst, def) => {
  def.pattern ?? (def.pattern = cidrv4);
  $ZodStringFormat.init(inst, def);
});
function isValidCIDRv6(value) {
  const parts = value.split("/");
  if (parts.length !== 2)
    return false;
  const [address, prefix] = parts;
  if (!prefix)
    return false;
  const prefixNum = Number(prefix);
  if (`${prefixNum}` !== prefix)
    return false;
  if (prefixNum < 0 || prefixNum > 128)
    return false;
  return isValidIPv6(address);
}
var $ZodCIDRv6 = /* @__PURE__ */ $constructor("$ZodCIDRv6", (inst, def) => {
  def.pattern ?? (def.pattern = cidrv6);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (!isValidCIDRv6(payload.value)) {
      payload.issues.push({
        code: "invalid_format",
        format: "cidrv6",
        input: payload.value,
        inst,
        continue: !def.abort
      });
    }
  };
});
function isValidBase64(data) {
  if (data === "")
    return true;
  if (/\s/.test(data))
    return false;
  if (data.length % 4 !== 0)
    return false;
  try {
    atob(data);
    return true;
  } catch {
    return false;
  }
}
var base64Charset = /^[0-9a-zA-Z+/]*={0,2}$/;
var $ZodBase64 = /* @__PURE__ */ $constructor("$ZodBase64", (inst, def) => {
  def.pattern ?? (def.pattern = base64Charset);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (isValidBase64(payload.value))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: "base64",
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var base64urlCharset = /^[A-Za-z0-9_-]*$/;
function isValidBase64URL(data) {
  if (!base64urlCharset.test(data))
    return false;
  const base643 = data.replace(/[-_]/g, (c) => c === "-" ? "+" : "/");
  const padded = base643.padEnd(Math.ceil(base643.length / 4) * 4, "=");
  return isValidBase64(padded);
}
var $ZodBase64URL = /* @__PURE__ */ $constructor("$ZodBase64URL", (inst, def) => {
  def.pattern ?? (def.pattern = base64urlCharset);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (isValidBase64URL(payload.value))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: "base64url",
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodE164 = /* @__PURE__ */ $constructor("$ZodE164", (inst, def) => {
  def.pattern ?? (def.pattern = e164);
  $ZodStringFormat.init(inst, def);
});
var CC_SANITIZE = /[- ]/g;
function isLuhnAlgo(digits) {
  let length = digits.length;
  let bit = 1;
  let sum = 0;
  while (length) {
    const value = digits.charCodeAt(--length) - 48;
    bit ^= 1;
    sum += bit ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][value] : value;
  }
  return sum % 10 === 0;
}
function isValidCreditCard(input2) {
  if (!creditCard.test(input2))
    return false;
  return isLuhnAlgo(input2.replace(CC_SANITIZE, ""));
}
var $ZodCreditCard = /* @__PURE__ */ $constructor("$ZodCreditCard", (inst, def) => {
  def.pattern ?? (def.pattern = creditCard);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (isValidCreditCard(payload.value))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: "credit_card",
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
function isIso7064Mod97(iban3) {
  let remainder = 0;
  const len = iban3.length;
  for (let i = 4; i < len; i++) {
    const code = iban3.charCodeAt(i);
    remainder = (code >= 65 ? remainder * 100 + (code - 55) : remainder * 10 + (code - 48)) % 97;
  }
  for (let i = 0; i < 4; i++) {
    const code = iban3.charCodeAt(i);
    remainder = (code >= 65 ? remainder * 100 + (code - 55) : remainder * 10 + (code - 48)) % 97;
  }
  return remainder === 1;
}
function isValidIBAN(input2) {
  if (!iban.test(input2))
    return false;
  return isIso7064Mod97(input2);
}
var $ZodIBAN = /* @__PURE__ */ $constructor("$ZodIBAN", (inst, def) => {
  def.pattern ?? (def.pattern = iban);
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (isValidIBAN(payload.value))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: "iban",
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
function isValidJWT(token, algorithm = null) {
  try {
    const tokensParts = token.split(".");
    if (tokensParts.length !== 3)
      return false;
    const [header2] = tokensParts;
    if (!header2)
      return false;
    const parsedHeader = JSON.parse(atob(header2));
    if ("typ" in parsedHeader && parsedHeader?.typ !== "JWT")
      return false;
    if (!parsedHeader.alg)
      return false;
    if (algorithm && (!("alg" in parsedHeader) || parsedHeader.alg !== algorithm))
      return false;
    return true;
  } catch {
    return false;
  }
}
var $ZodJWT = /* @__PURE__ */ $constructor("$ZodJWT", (inst, def) => {
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (isValidJWT(payload.value, def.alg))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: "jwt",
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodCustomStringFormat = /* @__PURE__ */ $constructor("$ZodCustomStringFormat", (inst, def) => {
  $ZodStringFormat.init(inst, def);
  inst._zod.check = (payload) => {
    if (def.fn(payload.value))
      return;
    payload.issues.push({
      code: "invalid_format",
      format: def.format,
      input: payload.value,
      inst,
      continue: !def.abort
    });
  };
});
var $ZodNumber = /* @__PURE__ */ $constructor("$ZodNumber", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = number;
  inst._zod.parse = (payload, _ctx) => {
    if (def.coerce)
      try {
        payload.value = Number(payload.value);
      } catch (_) {
      }
    const input2 = payload.value;
    if (typeof input2 === "number" && !Number.isNaN(input2) && Number.isFinite(input2)) {
      return payload;
    }
    const received = typeof input2 === "number" ? Number.isNaN(input2) ? "NaN" : !Number.isFinite(input2) ? String(input2) : void 0 : void 0;
    payload.issues.push({
      expected: "number",
      code: "invalid_type",
      input: input2,
      inst,
      ...received ? { received } : {}
    });
    return payload;
  };
});
var $ZodNumberFormat = /* @__PURE__ */ $constructor("$ZodNumberFormat", (inst, def) => {
  $ZodCheckNumberFormat.init(inst, def);
  $ZodNumber.init(inst, def);
});
var $ZodBoolean = /* @__PURE__ */ $constructor("$ZodBoolean", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = boolean;
  inst._zod.parse = (payload, _ctx) => {
    if (def.coerce)
      try {
        payload.value = Boolean(payload.value);
      } catch (_) {
      }
    const input2 = payload.value;
    if (typeof input2 === "boolean")
      return payload;
    payload.issues.push({
      expected: "boolean",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodBigInt = /* @__PURE__ */ $constructor("$ZodBigInt", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = bigint;
  inst._zod.parse = (payload, _ctx) => {
    if (def.coerce)
      try {
        payload.value = BigInt(payload.value);
      } catch (_) {
      }
    if (typeof payload.value === "bigint")
      return payload;
    payload.issues.push({
      expected: "bigint",
      code: "invalid_type",
      input: payload.value,
      inst
    });
    return payload;
  };
});
var $ZodBigIntFormat = /* @__PURE__ */ $constructor("$ZodBigIntFormat", (inst, def) => {
  $ZodCheckBigIntFormat.init(inst, def);
  $ZodBigInt.init(inst, def);
});
var $ZodSymbol = /* @__PURE__ */ $constructor("$ZodSymbol", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (typeof input2 === "symbol")
      return payload;
    payload.issues.push({
      expected: "symbol",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodUndefined = /* @__PURE__ */ $constructor("$ZodUndefined", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = _undefined;
  inst._zod.values = /* @__PURE__ */ new Set([void 0]);
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (typeof input2 === "undefined")
      return payload;
    payload.issues.push({
      expected: "undefined",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodNull = /* @__PURE__ */ $constructor("$ZodNull", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.pattern = _null;
  inst._zod.values = /* @__PURE__ */ new Set([null]);
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (input2 === null)
      return payload;
    payload.issues.push({
      expected: "null",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodAny = /* @__PURE__ */ $constructor("$ZodAny", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload) => payload;
});
var $ZodUnknown = /* @__PURE__ */ $constructor("$ZodUnknown", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload) => payload;
});
var $ZodNever = /* @__PURE__ */ $constructor("$ZodNever", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    payload.issues.push({
      expected: "never",
      code: "invalid_type",
      input: payload.value,
      inst
    });
    return payload;
  };
});
var $ZodVoid = /* @__PURE__ */ $constructor("$ZodVoid", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (typeof input2 === "undefined")
      return payload;
    payload.issues.push({
      expected: "void",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodDate = /* @__PURE__ */ $constructor("$ZodDate", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    if (def.coerce) {
      try {
        payload.value = new Date(payload.value);
      } catch (_err) {
      }
    }
    const input2 = payload.value;
    const isDate = input2 instanceof Date;
    const isValidDate = isDate && !Number.isNaN(input2.getTime());
    if (isValidDate)
      return payload;
    payload.issues.push({
      expected: "date",
      code: "invalid_type",
      input: input2,
      ...isDate ? { received: "Invalid Date" } : {},
      inst
    });
    return payload;
  };
});
function capSize(inst, size) {
  const caps = sizeCaps(inst._zod.def.checks);
  if (!caps.length)
    return;
  const cap = Math.min(...caps.map((c) => c[0]));
  const parse4 = inst._zod.parse;
  inst._zod.parse = (payload, ctx) => {
    const n = size(payload.value);
    if (n > cap && !ctx?.skipChecks && ctx?.direction !== "backward") {
      for (const [max, ch] of sizeCaps(inst._zod.def.checks)) {
        if (n > max && ch._zod.def.when(payload)) {
          const start2 = payload.issues.length;
          ch._zod.check(payload);
          payload.issues[start2].continue = false;
          attachSchema(payload.issues, start2, inst);
          return payload;
        }
      }
    }
    return parse4(payload, ctx);
  };
}
var arraySize = (input2) => Array.isArray(input2) ? input2.length : -1;
var mapSize = (input2) => input2 instanceof Map ? input2.size : -1;
var setSize = (input2) => input2 instanceof Set ? input2.size : -1;
function handleArrayResult(result2, final, index) {
  if (result2.issues.length) {
    final.issues.push(...prefixIssues(index, result2.issues));
  }
  final.value[index] = result2.value;
}
var $ZodArray = /* @__PURE__ */ $constructor("$ZodArray", (inst, def) => {
  $ZodType.init(inst, def);
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!Array.isArray(input2)) {
      payload.issues.push({
        expected: "array",
        code: "invalid_type",
        input: input2,
        inst
      });
      return payload;
    }
    payload.value = memo2 ? memo2.alloc(inst, payload, Array(input2.length), ctx) : Array(input2.length);
    const proms = [];
    const abortEarly = ctx?.abortEarly;
    for (let i = 0; i < input2.length; i++) {
      const item = input2[i];
      const result2 = def.element._zod.run({
        value: item,
        issues: []
      }, ctx);
      if (result2 instanceof Promise) {
        proms.push(result2.then((result3) => handleArrayResult(result3, payload, i)));
      } else {
        handleArrayResult(result2, payload, i);
        if (abortEarly && result2.issues.length !== 0 && aborted(result2))
          break;
      }
    }
    if (proms.length) {
      return Promise.all(proms).then(() => payload);
    }
    return payload;
  };
  capSize(inst, arraySize);
});
function handlePropertyResult(result2, final, key, input2, optin, optout) {
  const isPresent = key in input2;
  const isOptionalOut = optout === "optional";
  if (!isPresent && isOptionalOut && optin === "optional") {
    return;
  }
  if (result2.issues.length) {
    if (optin !== void 0 && isOptionalOut && !isPresent) {
      return;
    }
    final.issues.push(...prefixIssues(key, result2.issues));
  }
  if (!isPresent && optin === void 0) {
    if (!result2.issues.length) {
      final.issues.push({
        code: "invalid_type",
        expected: "nonoptional",
        input: void 0,
        path: [key]
      });
    }
    return;
  }
  if (result2.value === void 0) {
    if (isPresent || optin === "defaulted" && !isOptionalOut) {
      final.value[key] = void 0;
    }
  } else {
    final.value[key] = result2.value;
  }
}
var NO_SYMBOL_KEYS = [];
function normalizeDef(def) {
  const keys = Object.keys(def.shape);
  const ownSymbols = Object.getOwnPropertySymbols(def.shape);
  const symbolKeys = ownSymbols.length ? ownSymbols : NO_SYMBOL_KEYS;
  const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
  for (const k of allKeys) {
    if (!def.shape?.[k]?._zod?.traits?.has("$ZodType")) {
      throw new Error(`Invalid element at key "${String(k)}": expected a Zod schema`);
    }
  }
  const okeys = optionalKeys(def.shape);
  return {
    ...def,
    allKeys,
    symbolKeys,
    // string-only: handleCatchall matches it against `for...in`, which never yields a symbol
    keySet: new Set(keys),
    numKeys: keys.length,
    optionalKeys: new Set(okeys)
  };
}
function handleCatchall(proms, input2, payload, ctx, def, inst, abortEarly) {
  const unrecognized = [];
  const keySet = def.keySet;
  const _catchall = def.catchall._zod;
  const t = _catchall.def.type;
  const optin = _catchall.optin;
  const optout = _catchall.optout;
  let seen = 0;
  for (const key in input2) {
    if (abortEarly && payload.issues.length !== seen) {
      if (aborted(payload, seen))
        break;
      seen = payload.issues.length;
    }
    if (keySet.has(key))
      continue;
    if (key === "__proto__") {
      if (t === "never")
        unrecognized.push(key);
      continue;
    }
    if (t === "never") {
      unrecognized.push(key);
      continue;
    }
    const r = _catchall.run({ value: input2[key], issues: [] }, ctx);
    if (r instanceof Promise) {
      proms.push(r.then((r2) => handlePropertyResult(r2, payload, key, input2, optin, optout)));
    } else {
      handlePropertyResult(r, payload, key, input2, optin, optout);
    }
  }
  if (unrecognized.length) {
    payload.issues.push({
      code: "unrecognized_keys",
      keys: unrecognized,
      input: input2,
      inst,
      // Describes the shape of the input, not the validity of the parsed value, so it never aborts. The parse still fails; the schema's own checks just get to run first, and an enclosing intersection can reconcile the key against a sibling operand.
      continue: true
    });
  }
  if (!proms.length)
    return payload;
  return Promise.all(proms).then(() => {
    return payload;
  });
}
var $ZodObject = /* @__PURE__ */ $constructor("$ZodObject", (inst, def) => {
  $ZodType.init(inst, def);
  const desc = Object.getOwnPropertyDescriptor(def, "shape");
  const sh = desc?.get ? desc.get.raw : def.shape ?? {};
  if (sh) {
    const get2 = () => {
      const newSh = { ...sh };
      Object.defineProperty(def, "shape", { value: newSh });
      get2.raw = newSh;
      return newSh;
    };
    get2.raw = sh;
    Object.defineProperty(def, "shape", { get: get2 });
  }
  const _normalized = cached(() => normalizeDef(def));
  defineLazyInternal(inst, "propValues", (zod) => {
    const shape = zod.def.shape;
    const propValues = {};
    for (const key in shape) {
      const field = shape[key]._zod;
      if (field.values) {
        if (!Object.prototype.hasOwnProperty.call(propValues, key)) {
          assignProp(propValues, key, /* @__PURE__ */ new Set());
        }
        for (const v of field.values)
          propValues[key].add(v);
        if (field.optin !== void 0)
          propValues[key].add(void 0);
      }
    }
    return propValues;
  });
  const isObject2 = isObject;
  const catchall = def.catchall;
  let value;
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    value ?? (value = _normalized.value);
    const input2 = payload.value;
    if (!isObject2(input2)) {
      payload.issues.push({
        expected: "object",
        code: "invalid_type",
        input: input2,
        inst
      });
      return payload;
    }
    payload.value = memo2 ? memo2.alloc(inst, payload, {}, ctx) : {};
    const proms = [];
    const shape = value.shape;
    const abortEarly = ctx?.abortEarly;
    let seen = payload.issues.length;
    for (const key of value.allKeys) {
      if (abortEarly && payload.issues.length !== seen) {
        if (aborted(payload, seen))
          break;
        seen = payload.issues.length;
      }
      if (key === "__proto__")
        continue;
      const el = shape[key];
      const optin = el._zod.optin;
      const optout = el._zod.optout;
      const r = el._zod.run({ value: input2[key], issues: [] }, ctx);
      if (r instanceof Promise) {
        proms.push(r.then((r2) => handlePropertyResult(r2, payload, key, input2, optin, optout)));
      } else {
        handlePropertyResult(r, payload, key, input2, optin, optout);
      }
    }
    if (!catchall) {
      return proms.length ? Promise.all(proms).then(() => payload) : payload;
    }
    return handleCatchall(proms, input2, payload, ctx, _normalized.value, inst, abortEarly === true);
  };
});
var $ZodObjectJIT = /* @__PURE__ */ $constructor("$ZodObjectJIT", (inst, def) => {
  $ZodObject.init(inst, def);
  const superParse = inst._zod.parse;
  const _normalized = cached(() => normalizeDef(def));
  const memo2 = globalConfig.memoizer;
  const generateFastpass = (shape) => {
    const normalized = _normalized.value;
    const syms = normalized.symbolKeys;
    const doc = new Doc(["payload", "ctx"], { shape, inst, memo: memo2, syms });
    const parseStr = (k) => `shape[${k}]._zod.run({ value: input[${k}], issues: [] }, ctx)`;
    const prefixStr = (id2, k) => `
          let ${id2}_ab = false;
          for (let i = 0; i < ${id2}.issues.length; i++) {
            const iss = ${id2}.issues[i];
            iss.path = iss.path ? [${k}, ...iss.path] : [${k}];
            payload.issues.push(iss);
            if (iss.continue !== true) ${id2}_ab = true;
          }
          if (${id2}_ab && ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }`;
    doc.write(`const input = payload.value;`);
    const ids2 = /* @__PURE__ */ Object.create(null);
    let counter = 0;
    for (const key of normalized.allKeys) {
      ids2[key] = `key_${counter++}`;
    }
    doc.write(memo2 ? `const newResult = memo.alloc(inst, payload, {}, ctx);` : `const newResult = {};`);
    for (const key of normalized.allKeys) {
      if (key === "__proto__")
        continue;
      const id2 = ids2[key];
      const k = typeof key === "symbol" ? `syms[${syms.indexOf(key)}]` : esc(key);
      const isPresent = `${k} in input`;
      const schema = shape[key];
      const optin = schema?._zod?.optin;
      const isOptionalIn = optin !== void 0;
      const isOptionalOut = schema?._zod?.optout === "optional";
      doc.write(`const ${id2} = ${parseStr(k)};`);
      if (isOptionalIn && isOptionalOut) {
        const assign = optin === "optional" ? `${id2}_present` : `${id2}.value !== undefined || ${id2}_present`;
        doc.write(`
        const ${id2}_present = ${isPresent};
        if (!${id2}.issues.length || ${id2}_present) {
          if (${id2}.issues.length) {${prefixStr(id2, k)}
          }

          if (${assign}) {
            newResult[${k}] = ${id2}.value;
          }
        }

      `);
      } else if (!isOptionalIn) {
        doc.write(`
        const ${id2}_present = ${isPresent};
        if (${id2}.issues.length) {${prefixStr(id2, k)}
        }
        if (!${id2}_present && !${id2}.issues.length) {
          payload.issues.push({
            code: "invalid_type",
            expected: "nonoptional",
            input: undefined,
            path: [${k}]
          });
          if (ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }
        }

        if (${id2}_present) {
          newResult[${k}] = ${id2}.value;
        }

      `);
      } else {
        doc.write(`
        if (${id2}.issues.length) {${prefixStr(id2, k)}
        }
      `);
        if (optin === "defaulted") {
          doc.write(`newResult[${k}] = ${id2}.value;`);
        } else {
          doc.write(`
        if (${id2}.value !== undefined || ${isPresent}) {
          newResult[${k}] = ${id2}.value;
        }
      `);
        }
      }
    }
    doc.write(`payload.value = newResult;`);
    doc.write(`return payload;`);
    return doc.compile();
  };
  let fastpass;
  const isObject2 = isObject;
  const jit = !globalConfig.jitless;
  const allowsEval2 = allowsEval;
  const fastEnabled = jit && allowsEval2.value;
  const catchall = def.catchall;
  let value;
  inst._zod.parse = (payload, ctx) => {
    value ?? (value = _normalized.value);
    const input2 = payload.value;
    if (!isObject2(input2)) {
      payload.issues.push({
        expected: "object",
        code: "invalid_type",
        input: input2,
        inst
      });
      return payload;
    }
    if (jit && fastEnabled && ctx?.async === false && ctx.jitless !== true) {
      if (!fastpass)
        fastpass = generateFastpass(def.shape);
      payload = fastpass(payload, ctx);
      if (!catchall)
        return payload;
      return handleCatchall([], input2, payload, ctx, value, inst, ctx?.abortEarly === true);
    }
    return superParse(payload, ctx);
  };
});
function handleUnionResults(results, final, inst, ctx) {
  for (const result2 of results) {
    if (result2.issues.length === 0) {
      final.value = result2.value;
      return final;
    }
  }
  const nonaborted = results.filter((r) => !aborted(r));
  if (nonaborted.length === 1) {
    final.value = nonaborted[0].value;
    return nonaborted[0];
  }
  final.issues.push({
    code: "invalid_union",
    input: final.value,
    inst,
    errors: results.map((result2) => result2.issues.map((iss) => finalizeIssue(iss, ctx, config())))
  });
  return final;
}
var $ZodUnion = /* @__PURE__ */ $constructor("$ZodUnion", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "optin", (zod) => zod.def.options.some((o) => o._zod.optin === "defaulted") ? "defaulted" : zod.def.options.some((o) => o._zod.optin !== void 0) ? "optional" : void 0);
  defineLazyInternal(inst, "optout", (zod) => zod.def.options.some((o) => o._zod.optout === "optional") ? "optional" : void 0);
  defineLazyInternal(inst, "values", (zod) => {
    if (zod.def.options.every((o) => o._zod.values)) {
      return new Set(zod.def.options.flatMap((option) => Array.from(option._zod.values)));
    }
    return void 0;
  });
  defineLazyInternal(inst, "pattern", (zod) => {
    if (zod.def.options.every((o) => o._zod.pattern)) {
      const patterns = zod.def.options.map((o) => o._zod.pattern);
      return new RegExp(`^(${patterns.map((p) => cleanRegex(p.source)).join("|")})$`);
    }
    return void 0;
  });
  const first = def.options.length === 1 ? def.options[0]._zod.run : null;
  inst._zod.parse = (payload, ctx) => {
    if (first) {
      return first(payload, ctx);
    }
    let async = false;
    const results = [];
    for (const option of def.options) {
      const result2 = option._zod.run({
        value: payload.value,
        issues: []
      }, ctx);
      if (result2 instanceof Promise) {
        results.push(result2);
        async = true;
      } else {
        if (result2.issues.length === 0)
          return result2;
        results.push(result2);
      }
    }
    if (!async)
      return handleUnionResults(results, payload, inst, ctx);
    return Promise.all(results).then((results2) => {
      return handleUnionResults(results2, payload, inst, ctx);
    });
  };
});
function handleExclusiveUnionResults(results, final, inst, ctx) {
  const matches = [];
  for (let i = 0; i < results.length; i++) {
    if (results[i].issues.length === 0)
      matches.push(i);
  }
  if (matches.length === 1) {
    final.value = results[matches[0]].value;
    return final;
  }
  if (matches.length === 0) {
    final.issues.push({
      code: "invalid_union",
      input: final.value,
      inst,
      errors: results.map((result2) => result2.issues.map((iss) => finalizeIssue(iss, ctx, config())))
    });
  } else {
    final.issues.push({
      code: "invalid_union",
      input: final.value,
      inst,
      errors: [],
      inclusive: false,
      matches
    });
  }
  return final;
}
var $ZodXor = /* @__PURE__ */ $constructor("$ZodXor", (inst, def) => {
  $ZodUnion.init(inst, def);
  def.inclusive = false;
  const first = def.options.length === 1 ? def.options[0]._zod.run : null;
  inst._zod.parse = (payload, ctx) => {
    if (first) {
      return first(payload, ctx);
    }
    let async = false;
    const results = [];
    for (const option of def.options) {
      const result2 = option._zod.run({
        value: payload.value,
        issues: []
      }, ctx);
      if (result2 instanceof Promise) {
        results.push(result2);
        async = true;
      } else {
        results.push(result2);
      }
    }
    if (!async)
      return handleExclusiveUnionResults(results, payload, inst, ctx);
    return Promise.all(results).then((results2) => {
      return handleExclusiveUnionResults(results2, payload, inst, ctx);
    });
  };
});
function getDiscriminatedOption(union2, value) {
  const internals = union2._zod;
  let map2 = internals.bag.optionsMap;
  if (!map2) {
    map2 = discriminatorMap(internals.def);
    internals.bag.optionsMap = map2;
  }
  const option = map2.get(value);
  if (option === null)
    throw new Error(`Ambiguous discriminator value "${String(value)}"`);
  return option;
}
function discriminatorMap(def) {
  const map2 = /* @__PURE__ */ new Map();
  for (const option of def.options) {
    const values = option._zod.propValues?.[def.discriminator];
    if (!values || values.size === 0)
      throw new Error(`Invalid discriminated union option at index "${def.options.indexOf(option)}"`);
    for (const value of values) {
      if (map2.has(value)) {
        if (value !== void 0)
          throw new Error(`Duplicate discriminator value "${String(value)}"`);
        map2.set(value, null);
      } else {
        map2.set(value, option);
      }
    }
  }
  return map2;
}
var $ZodDiscriminatedUnion = /* @__PURE__ */ $constructor("$ZodDiscriminatedUnion", (inst, def) => {
  def.inclusive = false;
  $ZodUnion.init(inst, def);
  const _super = inst._zod.parse;
  defineLazyInternal(inst, "propValues", (zod) => {
    const propValues = {};
    let undefinedCount = 0;
    for (const option of zod.def.options) {
      const pv = option._zod.propValues;
      if (!pv || Object.keys(pv).length === 0)
        throw new Error(`Invalid discriminated union option at index "${zod.def.options.indexOf(option)}"`);
      if (pv[zod.def.discriminator]?.has(void 0))
        undefinedCount++;
      for (const [k, v] of Object.entries(pv)) {
        if (!Object.prototype.hasOwnProperty.call(propValues, k)) {
          assignProp(propValues, k, /* @__PURE__ */ new Set());
        }
        for (const val of v) {
          propValues[k].add(val);
        }
      }
    }
    if (!zod.def.unionFallback && undefinedCount > 1)
      propValues[zod.def.discriminator]?.delete(void 0);
    return propValues;
  });
  def.options.forEach((option, i) => {
    const propShape = rawShape(option._zod.def);
    if (propShape && !Object.prototype.hasOwnProperty.call(propShape, def.discriminator)) {
      throw new Error(`Invalid discriminated union option at index "${i}"`);
    }
  });
  const disc = cached(() => discriminatorMap(def));
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!isObject(input2)) {
      payload.issues.push({
        code: "invalid_type",
        expected: "object",
        input: input2,
        inst
      });
      return payload;
    }
    const value = input2?.[def.discriminator];
    const opt = disc.value.get(value);
    if (opt && (value !== void 0 || ctx.direction !== "backward")) {
      return opt._zod.run(payload, ctx);
    }
    if (def.unionFallback || ctx.direction === "backward") {
      return _super(payload, ctx);
    }
    payload.issues.push({
      code: "invalid_union",
      errors: [],
      note: "No matching discriminator",
      discriminator: def.discriminator,
      options: Array.from(disc.value.keys()).filter((value2) => disc.value.get(value2) !== null),
      input: input2,
      path: [def.discriminator],
      inst
    });
    return payload;
  };
});
var $ZodIntersection = /* @__PURE__ */ $constructor("$ZodIntersection", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    const left = def.left._zod.run({ value: input2, issues: [] }, ctx);
    const right = def.right._zod.run({ value: input2, issues: [] }, ctx);
    const async = left instanceof Promise || right instanceof Promise;
    if (async) {
      return Promise.all([left, right]).then(([left2, right2]) => {
        return handleIntersectionResults(payload, left2, right2);
      });
    }
    return handleIntersectionResults(payload, left, right);
  };
});
function mergeValues(a, b) {
  if (a === b) {
    return { valid: true, data: a };
  }
  if (a instanceof Date && b instanceof Date && +a === +b) {
    return { valid: true, data: a };
  }
  if (isPlainObject(a) && isPlainObject(b)) {
    const bKeys = Object.keys(b);
    const sharedKeys = Object.keys(a).filter((key) => bKeys.indexOf(key) !== -1);
    const newObj = { ...a, ...b };
    if (Object.prototype.hasOwnProperty.call(newObj, "__proto__"))
      delete newObj.__proto__;
    for (const key of sharedKeys) {
      if (key === "__proto__")
        continue;
      const sharedValue = mergeValues(a[key], b[key]);
      if (!sharedValue.valid) {
        return {
          valid: false,
          mergeErrorPath: [key, ...sharedValue.mergeErrorPath]
        };
      }
      newObj[key] = sharedValue.data;
    }
    return { valid: true, data: newObj };
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) {
      return { valid: false, mergeErrorPath: [] };
    }
    const newArray = [];
    for (let index = 0; index < a.length; index++) {
      const itemA = a[index];
      const itemB = b[index];
      const sharedValue = mergeValues(itemA, itemB);
      if (!sharedValue.valid) {
        return {
          valid: false,
          mergeErrorPath: [index, ...sharedValue.mergeErrorPath]
        };
      }
      newArray.push(sharedValue.data);
    }
    return { valid: true, data: newArray };
  }
  return { valid: false, mergeErrorPath: [] };
}
function handleIntersectionResults(result2, left, right) {
  const unrecKeys = /* @__PURE__ */ new Map();
  let unrecIssue;
  const keyIssues = /* @__PURE__ */ new Map();
  const collect2 = (iss, side) => {
    let keys;
    if (iss.code === "unrecognized_keys" && !iss.path?.length) {
      unrecIssue ?? (unrecIssue = iss);
      keys = iss.keys;
    } else if (iss.code === "invalid_key" && iss.origin === "record" && iss.path?.length === 1) {
      const k = String(iss.path[0]);
      if (!keyIssues.has(k))
        keyIssues.set(k, iss);
      keys = [k];
    } else {
      return false;
    }
    for (const k of keys) {
      if (!unrecKeys.has(k))
        unrecKeys.set(k, {});
      unrecKeys.get(k)[side] = true;
    }
    return true;
  };
  for (const iss of left.issues) {
    if (!collect2(iss, "l"))
      result2.issues.push(iss);
  }
  for (const iss of right.issues) {
    if (!collect2(iss, "r"))
      result2.issues.push(iss);
  }
  const bothKeys = [...unrecKeys].filter(([, f]) => f.l && f.r).map(([k]) => k);
  if (bothKeys.length) {
    const aggregated = unrecIssue ? bothKeys.filter((k) => unrecIssue.keys.includes(k)) : [];
    if (aggregated.length)
      result2.issues.push({ ...unrecIssue, keys: aggregated });
    for (const k of bothKeys) {
      if (!aggregated.includes(k) && keyIssues.has(k))
        result2.issues.push(keyIssues.get(k));
    }
  }
  const merged = mergeValues(left.value, right.value);
  if (!merged.valid) {
    if (aborted(result2))
      return result2;
    throw new Error(`Unmergable intersection. Error path: ${JSON.stringify(merged.mergeErrorPath)}`);
  }
  result2.value = merged.data;
  return result2;
}
var $ZodTuple = /* @__PURE__ */ $constructor("$ZodTuple", (inst, def) => {
  $ZodType.init(inst, def);
  const items = def.items;
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!Array.isArray(input2)) {
      payload.issues.push({
        input: input2,
        inst,
        expected: "tuple",
        code: "invalid_type"
      });
      return payload;
    }
    payload.value = memo2 ? memo2.alloc(inst, payload, [], ctx) : [];
    const proms = [];
    const optinStart = getTupleOptStart(items, "optin");
    const optoutStart = getTupleOptStart(items, "optout");
    if (!def.rest) {
      if (input2.length < optinStart) {
        payload.issues.push({
          code: "too_small",
          minimum: optinStart,
          inclusive: true,
          input: input2,
          inst,
          origin: "array"
        });
        return payload;
      }
      if (input2.length > items.length) {
        payload.issues.push({
          code: "too_big",
          maximum: items.length,
          inclusive: true,
          input: input2,
          inst,
          origin: "array"
        });
      }
    }
    const itemResults = new Array(items.length);
    const abortEarly = def.rest ? ctx?.abortEarly : void 0;
    let itemAborted = false;
    for (let i = 0; i < items.length; i++) {
      const r = items[i]._zod.run({ value: input2[i], issues: [] }, ctx);
      if (r instanceof Promise) {
        proms.push(r.then((rr) => {
          itemResults[i] = rr;
        }));
      } else {
        itemResults[i] = r;
        if (abortEarly && !itemAborted && r.issues.length)
          itemAborted = aborted(r);
      }
    }
    if (def.rest && !itemAborted) {
      let i = items.length - 1;
      const rest = input2.slice(items.length);
      let seen = payload.issues.length;
      for (const el of rest) {
        if (abortEarly && payload.issues.length !== seen) {
          if (aborted(payload, seen))
            break;
          seen = payload.issues.length;
        }
        i++;
        const result2 = def.rest._zod.run({ value: el, issues: [] }, ctx);
        if (result2 instanceof Promise) {
          proms.push(result2.then((r) => handleTupleResult(r, payload, i)));
        } else {
          handleTupleResult(result2, payload, i);
        }
      }
    }
    if (proms.length) {
      return Promise.all(proms).then(() => handleTupleResults(itemResults, payload, items, input2, optoutStart));
    }
    return handleTupleResults(itemResults, payload, items, input2, optoutStart);
  };
});
function getTupleOptStart(items, key) {
  for (let i = items.length - 1; i >= 0; i--) {
    const omittable = key === "optin" ? items[i]._zod.optin !== void 0 : items[i]._zod.optout === "optional";
    if (!omittable)
      return i + 1;
  }
  return 0;
}
function handleTupleResult(result2, final, index) {
  if (result2.issues.length) {
    final.issues.push(...prefixIssues(index, result2.issues));
  }
  final.value[index] = result2.value;
}
function handleTupleResults(itemResults, final, items, input2, optoutStart) {
  for (let i = 0; i < items.length; i++) {
    const r = itemResults[i];
    const isPresent = i < input2.length;
    if (!isPresent && i >= optoutStart && items[i]._zod.optin === "optional") {
      final.value.length = i;
      break;
    }
    if (r.issues.length) {
      if (!isPresent && i >= optoutStart) {
        final.value.length = i;
        break;
      }
      final.issues.push(...prefixIssues(i, r.issues));
    }
    final.value[i] = r.value;
  }
  for (let i = final.value.length - 1; i >= input2.length; i--) {
    if (items[i]._zod.optout === "optional" && final.value[i] === void 0) {
      final.value.length = i;
    } else {
      break;
    }
  }
  return final;
}
var $ZodRecord = /* @__PURE__ */ $constructor("$ZodRecord", (inst, def) => {
  $ZodType.init(inst, def);
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!isPlainObject(input2)) {
      payload.issues.push({
        expected: "record",
        code: "invalid_type",
        input: input2,
        inst
      });
      return payload;
    }
    const proms = [];
    const values = def.keyType._zod.values;
    if (values && !def.partial) {
      payload.value = memo2 ? memo2.alloc(inst, payload, {}, ctx) : {};
      const recordKeys = /* @__PURE__ */ new Set();
      for (const key of values) {
        if (typeof key === "string" || typeof key === "number" || typeof key === "symbol") {
          recordKeys.add(typeof key === "number" ? key.toString() : key);
          if (key === "__proto__")
            continue;
          const keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
          if (keyResult instanceof Promise) {
            throw new Error("Async schemas not supported in object keys currently");
          }
          if (keyResult.issues.length) {
            payload.issues.push({
              code: "invalid_key",
              origin: "record",
              issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
              input: key,
              path: [key],
              inst
            });
            continue;
          }
          const outKey = keyResult.value;
          if (outKey === "__proto__")
            continue;
          const result2 = def.valueType._zod.run({ value: input2[key], issues: [] }, ctx);
          if (result2 instanceof Promise) {
            proms.push(result2.then((result3) => {
              if (result3.issues.length) {
                payload.issues.push(...prefixIssues(key, result3.issues));
              }
              payload.value[outKey] = result3.value;
            }));
          } else {
            if (result2.issues.length) {
              payload.issues.push(...prefixIssues(key, result2.issues));
            }
            payload.value[outKey] = result2.value;
          }
        }
      }
      let unrecognized;
      for (const key in input2) {
        if (!recordKeys.has(key)) {
          if (def.mode === "loose") {
            if (key === "__proto__")
              continue;
            payload.value[key] = input2[key];
          } else {
            unrecognized = unrecognized ?? [];
            unrecognized.push(key);
          }
        }
      }
      if (unrecognized && unrecognized.length > 0) {
        payload.issues.push({
          code: "unrecognized_keys",
          input: input2,
          inst,
          keys: unrecognized,
          continue: true
        });
      }
    } else {
      payload.value = memo2 ? memo2.alloc(inst, payload, {}, ctx) : {};
      let unrecognized;
      for (const key of Reflect.ownKeys(input2)) {
        if (key === "__proto__")
          continue;
        if (!Object.prototype.propertyIsEnumerable.call(input2, key))
          continue;
        let keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
        if (keyResult instanceof Promise) {
          throw new Error("Async schemas not supported in object keys currently");
        }
        const checkNumericKey = typeof key === "string" && number.test(key) && keyResult.issues.length;
        if (checkNumericKey) {
          const retryResult = def.keyType._zod.run({ value: Number(key), issues: [] }, ctx);
          if (retryResult instanceof Promise) {
            throw new Error("Async schemas not supported in object keys currently");
          }
          if (retryResult.issues.length === 0) {
            keyResult = retryResult;
          }
        }
        if (keyResult.issues.length) {
          if (def.mode === "loose") {
            payload.value[key] = input2[key];
          } else if (values) {
            unrecognized = unrecognized ?? [];
            unrecognized.push(key);
          } else {
            payload.issues.push({
              code: "invalid_key",
              origin: "record",
              issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
              input: key,
              path: [key],
              inst
            });
          }
          continue;
        }
        const outKey = keyResult.value;
        if (outKey === "__proto__")
          continue;
        const result2 = def.valueType._zod.run({ value: input2[key], issues: [] }, ctx);
        if (result2 instanceof Promise) {
          proms.push(result2.then((result3) => {
            if (result3.issues.length) {
              payload.issues.push(...prefixIssues(key, result3.issues));
            }
            payload.value[outKey] = result3.value;
          }));
        } else {
          if (result2.issues.length) {
            payload.issues.push(...prefixIssues(key, result2.issues));
          }
          payload.value[outKey] = result2.value;
        }
      }
      if (unrecognized && unrecognized.length > 0) {
        payload.issues.push({
          code: "unrecognized_keys",
          input: input2,
          inst,
          keys: unrecognized,
          continue: true
        });
      }
    }
    if (proms.length) {
      return Promise.all(proms).then(() => payload);
    }
    return payload;
  };
});
var $ZodMap = /* @__PURE__ */ $constructor("$ZodMap", (inst, def) => {
  $ZodType.init(inst, def);
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!(input2 instanceof Map)) {
      payload.issues.push({
        expected: "map",
        code: "invalid_type",
        input: input2,
        inst
      });
      return payload;
    }
    const proms = [];
    payload.value = memo2 ? memo2.alloc(inst, payload, /* @__PURE__ */ new Map(), ctx) : /* @__PURE__ */ new Map();
    const abortEarly = ctx?.abortEarly;
    let seen = payload.issues.length;
    for (const [key, value] of input2) {
      if (abortEarly && payload.issues.length !== seen) {
        if (aborted(payload, seen))
          break;
        seen = payload.issues.length;
      }
      const keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
      const valueResult = def.valueType._zod.run({ value, issues: [] }, ctx);
      if (keyResult instanceof Promise || valueResult instanceof Promise) {
        proms.push(Promise.all([keyResult, valueResult]).then(([keyResult2, valueResult2]) => {
          handleMapResult(keyResult2, valueResult2, payload, key, input2, inst, ctx);
        }));
      } else {
        handleMapResult(keyResult, valueResult, payload, key, input2, inst, ctx);
      }
    }
    if (proms.length)
      return Promise.all(proms).then(() => payload);
    return payload;
  };
  capSize(inst, mapSize);
});
function handleMapResult(keyResult, valueResult, final, key, input2, inst, ctx) {
  if (keyResult.issues.length) {
    if (propertyKeyTypes.has(typeof key)) {
      final.issues.push(...prefixIssues(key, keyResult.issues));
    } else {
      final.issues.push({
        code: "invalid_key",
        origin: "map",
        input: input2,
        inst,
        issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config()))
      });
    }
  }
  if (valueResult.issues.length) {
    if (propertyKeyTypes.has(typeof key)) {
      final.issues.push(...prefixIssues(key, valueResult.issues));
    } else {
      final.issues.push({
        origin: "map",
        code: "invalid_element",
        input: input2,
        inst,
        key,
        issues: valueResult.issues.map((iss) => finalizeIssue(iss, ctx, config()))
      });
    }
  }
  final.value.set(keyResult.value, valueResult.value);
}
var $ZodSet = /* @__PURE__ */ $constructor("$ZodSet", (inst, def) => {
  $ZodType.init(inst, def);
  const memo2 = globalConfig.memoizer;
  memo2?.attach(inst);
  inst._zod.parse = (payload, ctx) => {
    const input2 = payload.value;
    if (!(input2 instanceof Set)) {
      payload.issues.push({
        input: input2,
        inst,
        expected: "set",
        code: "invalid_type"
      });
      return payload;
    }
    const proms = [];
    payload.value = memo2 ? memo2.alloc(inst, payload, /* @__PURE__ */ new Set(), ctx) : /* @__PURE__ */ new Set();
    const abortEarly = ctx?.abortEarly;
    let seen = payload.issues.length;
    for (const item of input2) {
      if (abortEarly && payload.issues.length !== seen) {
        if (aborted(payload, seen))
          break;
        seen = payload.issues.length;
      }
      const result2 = def.valueType._zod.run({ value: item, issues: [] }, ctx);
      if (result2 instanceof Promise) {
        proms.push(result2.then((result3) => handleSetResult(result3, payload)));
      } else
        handleSetResult(result2, payload);
    }
    if (proms.length)
      return Promise.all(proms).then(() => payload);
    return payload;
  };
  capSize(inst, setSize);
});
function handleSetResult(result2, final) {
  if (result2.issues.length) {
    final.issues.push(...result2.issues);
  }
  final.value.add(result2.value);
}
var $ZodEnum = /* @__PURE__ */ $constructor("$ZodEnum", (inst, def) => {
  $ZodType.init(inst, def);
  const values = getEnumValues(def.entries);
  const valuesSet = new Set(values);
  inst._zod.values = valuesSet;
  defineLazyInternal(inst, "pattern", (zod) => {
    const patternValues = getEnumValues(zod.def.entries).filter((k) => propertyKeyTypes.has(typeof k));
    return new RegExp(patternValues.length ? `^(${patternValues.map((o) => escapeRegex(o.toString())).join("|")})$` : "^[^\\s\\S]$");
  });
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (valuesSet.has(input2)) {
      return payload;
    }
    payload.issues.push({
      code: "invalid_value",
      values,
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodLiteral = /* @__PURE__ */ $constructor("$ZodLiteral", (inst, def) => {
  $ZodType.init(inst, def);
  const values = new Set(def.values);
  inst._zod.values = values;
  defineLazyInternal(inst, "pattern", (zod) => {
    const vals = zod.def.values;
    return new RegExp(vals.length ? `^(${vals.map((o) => typeof o === "string" ? escapeRegex(o) : o ? escapeRegex(o.toString()) : String(o)).join("|")})$` : "^[^\\s\\S]$");
  });
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (values.has(input2)) {
      return payload;
    }
    payload.issues.push({
      code: "invalid_value",
      values: def.values,
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodFile = /* @__PURE__ */ $constructor("$ZodFile", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    const input2 = payload.value;
    if (input2 instanceof File)
      return payload;
    payload.issues.push({
      expected: "file",
      code: "invalid_type",
      input: input2,
      inst
    });
    return payload;
  };
});
var $ZodTransform = /* @__PURE__ */ $constructor("$ZodTransform", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.optin = "optional";
  globalConfig.memoizer?.guard(inst);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      throw new $ZodEncodeError(inst.constructor.name);
    }
    const _out = def.transform(payload.value, payload);
    if (ctx.async) {
      const output2 = _out instanceof Promise ? _out : Promise.resolve(_out);
      return output2.then((output3) => {
        payload.value = output3;
        return payload;
      });
    }
    if (_out instanceof Promise) {
      throw new $ZodAsyncError();
    }
    payload.value = _out;
    return payload;
  };
});
function handleOptionalResult(payload, result2) {
  payload.value = result2.issues.length ? void 0 : result2.value;
  return payload;
}
var $ZodOptional = /* @__PURE__ */ $constructor("$ZodOptional", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
  inst._zod.optout = "optional";
  defineLazyInternal(inst, "values", (zod) => {
    const values = zod.def.innerType._zod.values;
    return values ? /* @__PURE__ */ new Set([...values, void 0]) : void 0;
  });
  defineLazyInternal(inst, "pattern", (zod) => {
    const pattern = zod.def.innerType._zod.pattern;
    return pattern ? new RegExp(`^(${cleanRegex(pattern.source)})?$`) : void 0;
  });
  inst._zod.parse = (payload, ctx) => {
    if (payload.value === void 0) {
      if (def.innerType._zod.optin !== "defaulted")
        return payload;
      const result2 = def.innerType._zod.run({ value: payload.value, issues: [] }, ctx);
      if (result2 instanceof Promise)
        return result2.then((result3) => handleOptionalResult(payload, result3));
      return handleOptionalResult(payload, result2);
    }
    return def.innerType._zod.run(payload, ctx);
  };
});
var $ZodExactOptional = /* @__PURE__ */ $constructor("$ZodExactOptional", (inst, def) => {
  $ZodOptional.init(inst, def);
  defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
  defineLazyInternal(inst, "pattern", (zod) => zod.def.innerType._zod.pattern);
  inst._zod.parse = (payload, ctx) => {
    return def.innerType._zod.run(payload, ctx);
  };
});
var $ZodNullable = /* @__PURE__ */ $constructor("$ZodNullable", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin);
  defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
  defineLazyInternal(inst, "pattern", (zod) => {
    const pattern = zod.def.innerType._zod.pattern;
    return pattern ? new RegExp(`^(${cleanRegex(pattern.source)}|null)$`) : void 0;
  });
  defineLazyInternal(inst, "values", (zod) => {
    return zod.def.innerType._zod.values ? /* @__PURE__ */ new Set([...zod.def.innerType._zod.values, null]) : void 0;
  });
  inst._zod.parse = (payload, ctx) => {
    if (payload.value === null)
      return payload;
    return def.innerType._zod.run(payload, ctx);
  };
});
var $ZodDefault = /* @__PURE__ */ $constructor("$ZodDefault", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.optin = "defaulted";
  defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      return def.innerType._zod.run(payload, ctx);
    }
    if (payload.value === void 0) {
      payload.value = def.defaultValue;
      return payload;
    }
    const result2 = def.innerType._zod.run(payload, ctx);
    if (result2 instanceof Promise) {
      return result2.then((result3) => handleDefaultResult(result3, def));
    }
    return handleDefaultResult(result2, def);
  };
});
function handleDefaultResult(payload, def) {
  if (payload.value === void 0) {
    payload.value = def.defaultValue;
  }
  return payload;
}
var $ZodPrefault = /* @__PURE__ */ $constructor("$ZodPrefault", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.optin = "defaulted";
  defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      return def.innerType._zod.run(payload, ctx);
    }
    if (payload.value === void 0) {
      payload.value = def.defaultValue;
    }
    return def.innerType._zod.run(payload, ctx);
  };
});
var $ZodNonOptional = /* @__PURE__ */ $constructor("$ZodNonOptional", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "values", (zod) => {
    const v = zod.def.innerType._zod.values;
    return v ? new Set([...v].filter((x) => x !== void 0)) : void 0;
  });
  inst._zod.parse = (payload, ctx) => {
    const result2 = def.innerType._zod.run(payload, ctx);
    if (result2 instanceof Promise) {
      return result2.then((result3) => handleNonOptionalResult(result3, inst));
    }
    return handleNonOptionalResult(result2, inst);
  };
});
function handleNonOptionalResult(payload, inst) {
  if (!payload.issues.length && payload.value === void 0) {
    payload.issues.push({
      code: "invalid_type",
      expected: "nonoptional",
      input: payload.value,
      inst
    });
  }
  return payload;
}
var $ZodSuccess = /* @__PURE__ */ $constructor("$ZodSuccess", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      throw new $ZodEncodeError("ZodSuccess");
    }
    const result2 = def.innerType._zod.run(payload, ctx);
    if (result2 instanceof Promise) {
      return result2.then((result3) => {
        payload.value = result3.issues.length === 0;
        return payload;
      });
    }
    payload.value = result2.issues.length === 0;
    return payload;
  };
});
function handleCatchResult(payload, result2, def, ctx) {
  if (!result2.issues.length) {
    payload.value = result2.value;
    if (result2.memo)
      payload.memo = true;
    return payload;
  }
  payload.value = def.catchValue({
    ...result2,
    value: payload.value,
    error: {
      issues: result2.issues.map((iss) => finalizeIssue(iss, ctx, config()))
    },
    input: payload.value
  });
  return payload;
}
var $ZodCatch = /* @__PURE__ */ $constructor("$ZodCatch", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
  defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
  defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      return def.innerType._zod.run(payload, ctx);
    }
    const result2 = def.innerType._zod.run({ value: payload.value, issues: [] }, ctx);
    if (result2 instanceof Promise) {
      return result2.then((result3) => handleCatchResult(payload, result3, def, ctx));
    }
    return handleCatchResult(payload, result2, def, ctx);
  };
});
var $ZodNaN = /* @__PURE__ */ $constructor("$ZodNaN", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _ctx) => {
    if (typeof payload.value !== "number" || !Number.isNaN(payload.value)) {
      payload.issues.push({
        input: payload.value,
        inst,
        expected: "nan",
        code: "invalid_type"
      });
      return payload;
    }
    return payload;
  };
});
var $ZodPipe = /* @__PURE__ */ $constructor("$ZodPipe", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
  defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
  defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
  defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      const right = def.out._zod.run(payload, ctx);
      if (right instanceof Promise) {
        return right.then((right2) => handlePipeResult(right2, def.in, ctx));
      }
      return handlePipeResult(right, def.in, ctx);
    }
    const left = def.in._zod.run(payload, ctx);
    if (left instanceof Promise) {
      return left.then((left2) => handlePipeResult(left2, def.out, ctx));
    }
    return handlePipeResult(left, def.out, ctx);
  };
});
function handlePipeResult(left, next, ctx) {
  if (left.issues.some((iss) => iss.code !== "unrecognized_keys")) {
    left.aborted = true;
    return left;
  }
  return next._zod.run({ value: left.value, issues: left.issues }, ctx);
}
var $ZodCodec = /* @__PURE__ */ $constructor("$ZodCodec", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
  defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
  defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
  defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
  inst._zod.parse = (payload, ctx) => {
    const direction = ctx.direction || "forward";
    if (direction === "forward") {
      const left = def.in._zod.run(payload, ctx);
      if (left instanceof Promise) {
        return left.then((left2) => handleCodecAResult(left2, def, ctx));
      }
      return handleCodecAResult(left, def, ctx);
    } else {
      const right = def.out._zod.run(payload, ctx);
      if (right instanceof Promise) {
        return right.then((right2) => handleCodecAResult(right2, def, ctx));
      }
      return handleCodecAResult(right, def, ctx);
    }
  };
});
function handleCodecAResult(result2, def, ctx) {
  if (result2.issues.length) {
    result2.aborted = true;
    return result2;
  }
  const direction = ctx.direction || "forward";
  if (direction === "forward") {
    const transformed = def.transform(result2.value, result2);
    if (transformed instanceof Promise) {
      return transformed.then((value) => handleCodecTxResult(result2, value, def.out, ctx));
    }
    return handleCodecTxResult(result2, transformed, def.out, ctx);
  } else {
    const transformed = def.reverseTransform(result2.value, result2);
    if (transformed instanceof Promise) {
      return transformed.then((value) => handleCodecTxResult(result2, value, def.in, ctx));
    }
    return handleCodecTxResult(result2, transformed, def.in, ctx);
  }
}
function handleCodecTxResult(left, value, nextSchema, ctx) {
  if (left.issues.length) {
    left.aborted = true;
    return left;
  }
  return nextSchema._zod.run({ value, issues: left.issues }, ctx);
}
var $ZodPreprocess = /* @__PURE__ */ $constructor("$ZodPreprocess", (inst, def) => {
  $ZodPipe.init(inst, def);
});
var $ZodReadonly = /* @__PURE__ */ $constructor("$ZodReadonly", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazyInternal(inst, "propValues", (zod) => zod.def.innerType._zod.propValues);
  defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
  defineLazyInternal(inst, "optin", (zod) => zod.def.innerType?._zod?.optin);
  defineLazyInternal(inst, "optout", (zod) => zod.def.innerType?._zod?.optout);
  inst._zod.parse = (payload, ctx) => {
    if (ctx.direction === "backward") {
      return def.innerType._zod.run(payload, ctx);
    }
    const result2 = def.innerType._zod.run(payload, ctx);
    if (result2 instanceof Promise) {
      return result2.then(handleReadonlyResult);
    }
    return handleReadonlyResult(result2);
  };
});
function handleReadonlyResult(payload) {
  if (!payload.memo)
    payload.value = Object.freeze(payload.value);
  return payload;
}
function leafPattern(schema) {
  const def = schema._zod.def;
  let pattern = def.pattern;
  let isInt = !!def.format?.includes("int");
  let minimum;
  let maximum;
  for (const ch of def.checks ?? []) {
    const d = ch._zod.def;
    if (d.pattern)
      pattern = d.pattern;
    isInt || (isInt = !!d.format?.includes("int"));
    const lo = d.minimum ?? d.length;
    const hi = d.maximum ?? d.length;
    if (lo !== void 0 && (minimum === void 0 || lo > minimum))
      minimum = lo;
    if (hi !== void 0 && (maximum === void 0 || hi < maximum))
      maximum = hi;
  }
  if (pattern)
    return pattern.source;
  if (minimum !== void 0 && maximum !== void 0 && minimum > maximum)
    return "(?!)";
  if (minimum !== void 0 || maximum !== void 0)
    return string({ minimum, maximum }).source;
  const own2 = schema._zod.pattern;
  return (isInt && own2 === number ? integer : own2)?.source;
}
function partPattern(schema) {
  const def = schema._zod.def;
  const own2 = schema._zod.pattern?.source;
  const inner = def.innerType ?? schema._zod.innerType;
  if (inner) {
    const before = inner._zod.pattern?.source;
    const after = partPattern(inner);
    if (own2 && before && after && after !== before) {
      return own2.replace(cleanRegex(before), () => cleanRegex(after));
    }
    return own2;
  }
  if (def.options) {
    const sources = def.options.map(partPattern);
    if (sources.every(Boolean))
      return `^(${sources.map((s) => cleanRegex(s)).join("|")})$`;
  }
  return leafPattern(schema);
}
var $ZodTemplateLiteral = /* @__PURE__ */ $constructor("$ZodTemplateLiteral", (inst, def) => {
  $ZodType.init(inst, def);
  const regexParts = [];
  for (const part of def.parts) {
    if (typeof part === "object" && part !== null) {
      const source = partPattern(part);
      if (!source) {
        throw new Error(`Invalid template literal part, no pattern found: ${[...part._zod.traits].shift()}`);
      }
      regexParts.push(cleanRegex(source));
    } else if (part === null || primitiveTypes.has(typeof part)) {
      regexParts.push(escapeRegex(`${part}`));
    } else {
      throw new Error(`Invalid template literal part: ${part}`);
    }
  }
  inst._zod.pattern = new RegExp(`^${regexParts.join("")}$`);
  inst._zod.parse = (payload, _ctx) => {
    if (typeof payload.value !== "string") {
      payload.issues.push({
        input: payload.value,
        inst,
        expected: "string",
        code: "invalid_type"
      });
      return payload;
    }
    inst._zod.pattern.lastIndex = 0;
    if (!inst._zod.pattern.test(payload.value)) {
      payload.issues.push({
        input: payload.value,
        inst,
        code: "invalid_format",
        format: def.format ?? "template_literal",
        pattern: inst._zod.pattern.source
      });
      return payload;
    }
    return payload;
  };
});
var $ZodFunction = /* @__PURE__ */ $constructor("$ZodFunction", (inst, def) => {
  $ZodType.init(inst, def);
  Object.defineProperty(inst, "_def", { value: def });
  inst._zod.def = def;
  inst.implement = (func) => {
    if (typeof func !== "function") {
      throw new Error("implement() must be called with a function");
    }
    return Object.defineProperty(function(...args) {
      const parsedArgs = inst._def.input ? parse(inst._def.input, args) : args;
      const result2 = Reflect.apply(func, this, parsedArgs);
      if (inst._def.output) {
        return parse(inst._def.output, result2);
      }
      return result2;
    }, "_zod", { value: inst._zod, enumerable: false });
  };
  inst.implementAsync = (func) => {
    if (typeof func !== "function") {
      throw new Error("implementAsync() must be called with a function");
    }
    return Object.defineProperty(async function(...args) {
      const parsedArgs = inst._def.input ? await parseAsync(inst._def.input, args) : args;
      const result2 = await Reflect.apply(func, this, parsedArgs);
      if (inst._def.output) {
        return await parseAsync(inst._def.output, result2);
      }
      return result2;
    }, "_zod", { value: inst._zod, enumerable: false });
  };
  inst._zod.parse = (payload, _ctx) => {
    if (typeof payload.value !== "function") {
      payload.issues.push({
        code: "invalid_type",
        expected: "function",
        input: payload.value,
        inst
      });
      return payload;
    }
    const hasPromiseOutput = inst._def.output && inst._def.output._zod.def.type === "promise";
    if (hasPromiseOutput) {
      payload.value = inst.implementAsync(payload.value);
    } else {
      payload.value = inst.implement(payload.value);
    }
    return payload;
  };
  inst.input = (...args) => {
    const F = inst.constructor;
    if (Array.isArray(args[0])) {
      return new F({
        type: "function",
        input: new $ZodTuple({
          type: "tuple",
          items: args[0],
          rest: args[1]
        }),
        output: inst._def.output
      });
    }
    return new F({
      type: "function",
      input: args[0],
      output: inst._def.output
    });
  };
  inst.output = (output2) => {
    const F = inst.constructor;
    return new F({
      type: "function",
      input: inst._def.input,
      output: output2
    });
  };
  return inst;
});
var $ZodPromise = /* @__PURE__ */ $constructor("$ZodPromise", (inst, def) => {
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, ctx) => {
    return Promise.resolve(payload.value).then((inner) => def.innerType._zod.run({ value: inner, issues: [] }, ctx));
  };
});
var $ZodLazy = /* @__PURE__ */ $constructor("$ZodLazy", (inst, def) => {
  $ZodType.init(inst, def);
  defineLazy(inst._zod, "innerType", () => {
    const d = def;
    if (!d._cachedInner)
      d._cachedInner = def.getter();
    return d._cachedInner;
  });
  defineLazyInternal(inst, "pattern", (zod) => zod.innerType?._zod?.pattern);
  defineLazyInternal(inst, "propValues", (zod) => zod.innerType?._zod?.propValues);
  defineLazyInternal(inst, "optin", (zod) => zod.innerType?._zod?.optin ?? void 0);
  defineLazyInternal(inst, "optout", (zod) => zod.innerType?._zod?.optout ?? void 0);
  inst._zod.parse = (payload, ctx) => {
    const inner = inst._zod.innerType;
    return inner._zod.run(payload, ctx);
  };
});
var $ZodCustom = /* @__PURE__ */ $constructor("$ZodCustom", (inst, def) => {
  $ZodCheck.init(inst, def);
  $ZodType.init(inst, def);
  inst._zod.parse = (payload, _) => {
    return payload;
  };
  inst._zod.check = (payload) => {
    const input2 = payload.value;
    const r = def.fn(input2);
    if (r instanceof Promise) {
      return r.then((r2) => handleRefineResult(r2, payload, input2, inst));
    }
    handleRefineResult(r, payload, input2, inst);
    return;
  };
});
function handleRefineResult(result2, payload, input2, inst) {
  if (!result2) {
    const _iss = {
      code: "custom",
      input: input2,
      inst,
      // incorporates params.error into issue reporting
      path: [...inst._zod.def.path ?? []],
      // incorporates params.error into issue reporting
      continue: !inst._zod.def.abort
      // params: inst._zod.def.params,
    };
    if (inst._zod.def.params)
      _iss.params = inst._zod.def.params;
    payload.issues.push(issue(_iss));
  }
}

// node_modules/zod/v4/core/memoizer.js
var $ZodCyclicError = class extends Error {
  constructor() {
    super(`Cannot parse a reference cycle that closes through a transform`);
    this.name = "ZodCyclicError";
  }
};
var STATE = "~memo";
var NO_ISSUES = [];
function isRef(value) {
  return value !== null && typeof value === "object";
}
function cloneIssues(issues) {
  return issues.map((iss) => iss.path ? { ...iss, path: iss.path.slice() } : { ...iss });
}
var recursive = /* @__PURE__ */ new WeakMap();
var NONE = 0;
var ASSUMED = 1;
var PROVEN = 2;
function isRecursive(inst, stack, resolve2) {
  const cached2 = recursive.get(inst);
  if (cached2 !== void 0)
    return cached2 ? PROVEN : NONE;
  if (stack.has(inst))
    return PROVEN;
  stack.add(inst);
  let result2 = NONE;
  const check2 = (child) => {
    if (result2 !== PROVEN && child?._zod) {
      const answer2 = isRecursive(child, stack, resolve2);
      if (answer2 > result2)
        result2 = answer2;
    }
  };
  const shape = (sh, spread) => {
    let answer2 = NONE;
    for (const key of Reflect.ownKeys(sh)) {
      const desc = Object.getOwnPropertyDescriptor(sh, key);
      if (spread && !desc.enumerable)
        continue;
      const child = desc.get ? ASSUMED : desc.value?._zod ? isRecursive(desc.value, stack, resolve2) : NONE;
      if (child > answer2)
        answer2 = child;
    }
    return answer2;
  };
  const merge3 = (answer2) => {
    if (answer2 > result2)
      result2 = answer2;
  };
  const def = inst._zod.def;
  const kind = def.type;
  switch (kind) {
    case "object": {
      const raw = rawShape(def);
      merge3(raw ? shape(raw, true) : ASSUMED);
      check2(def.catchall);
      break;
    }
    case "array":
      check2(def.element);
      break;
    case "tuple":
      for (const el of def.items)
        check2(el);
      check2(def.rest);
      break;
    case "record":
    case "map":
      check2(def.keyType);
      check2(def.valueType);
      break;
    case "set":
      check2(def.valueType);
      break;
    case "union":
      for (const el of def.options)
        check2(el);
      break;
    case "intersection":
      check2(def.left);
      check2(def.right);
      break;
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "catch":
    case "readonly":
    case "nonoptional":
    case "promise":
    case "success":
      check2(def.innerType);
      break;
    case "pipe":
      check2(def.in);
      check2(def.out);
      break;
    case "function":
      check2(def.input);
      check2(def.output);
      break;
    // `$ZodLazy` caches its inner on the def, so a resolved edge is followed exactly
    case "lazy": {
      const inner = def._cachedInner ?? (resolve2 ? inst._zod.innerType : void 0);
      merge3(inner ? isRecursive(inner, stack, false) : ASSUMED);
      break;
    }
    // a leaf by choice: `parts` are regex fragments, not data positions
    case "template_literal":
    // leaves
    case "string":
    case "number":
    case "int":
    case "boolean":
    case "bigint":
    case "symbol":
    case "undefined":
    case "null":
    case "void":
    case "never":
    case "any":
    case "unknown":
    case "date":
    case "nan":
    case "enum":
    case "literal":
    case "file":
    case "transform":
    case "custom":
      break;
    default: {
      kind;
      for (const key in def) {
        const desc = Object.getOwnPropertyDescriptor(def, key);
        if (!desc || desc.get)
          continue;
        const value = desc.value;
        if (!value || typeof value !== "object")
          continue;
        if (value._zod)
          check2(value);
        else if (Array.isArray(value))
          for (const el of value)
            check2(el);
      }
    }
  }
  stack.delete(inst);
  return settle(inst, result2);
}
function settle(inst, answer2) {
  if (answer2 !== ASSUMED)
    recursive.set(inst, answer2 === PROVEN);
  return answer2;
}
function isRecursiveSchema(inst) {
  return isRecursive(inst, /* @__PURE__ */ new Set(), true) !== NONE;
}
function bucketFor(state, inst) {
  let bucket = state.buckets.get(inst);
  if (!bucket) {
    bucket = /* @__PURE__ */ new WeakMap();
    state.buckets.set(inst, bucket);
  }
  return bucket;
}
var handoff;
var open = [];
var memo = {
  alloc(_inst, payload, empty) {
    const bucket = handoff;
    if (!bucket)
      return empty;
    handoff = void 0;
    const entry = { value: empty, issues: null };
    bucket.set(payload.value, entry);
    open.push(entry);
    return empty;
  },
  guard(inst) {
    var _a3;
    (_a3 = inst._zod).deferred ?? (_a3.deferred = []);
    inst._zod.deferred.push(() => {
      const base = inst._zod.parse;
      const wrapped = (payload, ctx) => {
        if (ctx.direction !== "backward" && isBackEdge(ctx, payload.value))
          throw new $ZodCyclicError();
        return base(payload, ctx);
      };
      inst._zod.parse = wrapped;
      if (inst._zod.run === base)
        inst._zod.run = wrapped;
    });
  },
  attach(inst) {
    var _a3;
    let isRecursiveInst;
    let rechecked = false;
    let lastCtx;
    let lastBucket;
    (_a3 = inst._zod).deferred ?? (_a3.deferred = []);
    inst._zod.deferred.push(() => {
      const base = inst._zod.parse;
      const wrapped = (payload, ctx) => {
        if (isRecursiveInst === void 0) {
          const walked = isRecursive(inst, /* @__PURE__ */ new Set(), false);
          if (walked === NONE) {
            inst._zod.parse = base;
            if (inst._zod.run === wrapped)
              inst._zod.run = base;
            return base(payload, ctx);
          }
          if (walked === PROVEN || rechecked)
            isRecursiveInst = true;
          else
            rechecked = true;
        }
        const input2 = payload.value;
        if (!isRef(input2))
          return base(payload, ctx);
        let state = ctx[STATE];
        if (!state) {
          state = { buckets: /* @__PURE__ */ new WeakMap(), backEdges: void 0 };
          ctx[STATE] = state;
        }
        let bucket;
        if (lastCtx === ctx) {
          bucket = lastBucket;
        } else {
          bucket = bucketFor(state, inst);
          lastCtx = ctx;
          lastBucket = bucket;
        }
        const hit = bucket.get(input2);
        if (hit) {
          payload.value = hit.value;
          if (hit.issues) {
            if (hit.issues.length)
              payload.issues.push(...cloneIssues(hit.issues));
          } else {
            payload.memo = true;
            state.backEdges ?? (state.backEdges = /* @__PURE__ */ new WeakSet());
            state.backEdges.add(hit.value);
          }
          return payload;
        }
        handoff = bucket;
        const depth2 = open.length;
        const result2 = base(payload, ctx);
        handoff = void 0;
        const entry = open.length > depth2 ? open.pop() : void 0;
        if (result2 instanceof Promise) {
          return result2.then((r) => {
            if (entry)
              entry.issues = r.issues.length ? cloneIssues(r.issues) : NO_ISSUES;
            return r;
          });
        }
        if (entry)
          entry.issues = result2.issues.length ? cloneIssues(result2.issues) : NO_ISSUES;
        return result2;
      };
      inst._zod.parse = wrapped;
      if (inst._zod.run === base)
        inst._zod.run = wrapped;
    });
  }
};
function memoizer() {
  return memo;
}
function isBackEdge(ctx, value) {
  const backEdges = ctx[STATE]?.backEdges;
  return backEdges !== void 0 && isRef(value) && backEdges.has(value);
}

// node_modules/zod/v4/locales/index.js
var locales_exports = {};
__export(locales_exports, {
  en: () => en_default
});

// node_modules/zod/v4/locales/en.js
var error = () => {
  const Sizable = {
    string: { unit: "characters", verb: "to have" },
    file: { unit: "bytes", verb: "to have" },
    array: { unit: "items", verb: "to have" },
    set: { unit: "items", verb: "to have" },
    map: { unit: "entries", verb: "to have" }
  };
  function getSizing(origin) {
    return Sizable[origin] ?? null;
  }
  const FormatDictionary = {
    regex: "input",
    email: "email address",
    url: "URL",
    emoji: "emoji",
    uuid: "UUID",
    uuidv4: "UUIDv4",
    uuidv6: "UUIDv6",
    nanoid: "nanoid",
    guid: "GUID",
    cuid: "cuid",
    cuid2: "cuid2",
    ulid: "ULID",
    xid: "XID",
    ksuid: "KSUID",
    datetime: "ISO datetime",
    date: "ISO date",
    time: "ISO time",
    duration: "ISO duration",
    ipv4: "IPv4 address",
    ipv6: "IPv6 address",
    mac: "MAC address",
    cidrv4: "IPv4 range",
    cidrv6: "IPv6 range",
    base64: "base64-encoded string",
    base64url: "base64url-encoded string",
    json_string: "JSON string",
    e164: "E.164 number",
    currency_code: "currency code",
    credit_card: "credit card number",
    iban: "IBAN",
    jwt: "JWT",
    template_literal: "input"
  };
  const TypeDictionary = {
    // Compatibility: "nan" -> "NaN" for display
    nan: "NaN"
    // All other type names omitted - they fall back to raw values via ?? operator
  };
  function getTypeName(type, input2) {
    if (type === "number" && typeof input2 === "number" && !Number.isFinite(input2)) {
      return String(input2);
    }
    return TypeDictionary[type] ?? type;
  }
  return (issue2) => {
    switch (issue2.code) {
      case "invalid_type": {
        const expected = getTypeName(issue2.expected);
        const receivedType = parsedType(issue2.input);
        const received = getTypeName(receivedType, issue2.input);
        return `Invalid input: expected ${expected}, received ${received}`;
      }
      case "invalid_value":
        if (issue2.values.length === 1)
          return `Invalid input: expected ${stringifyPrimitive(issue2.values[0])}`;
        return `Invalid option: expected one of ${joinValues(issue2.values, "|")}`;
      case "too_big": {
        const adj = issue2.exact ? "exactly " : issue2.inclusive ? "<=" : "<";
        const sizing = getSizing(issue2.origin);
        if (sizing)
          return `Too big: expected ${issue2.origin ?? "value"} to have ${adj}${issue2.maximum.toString()} ${sizing.unit ?? "elements"}`;
        return `Too big: expected ${issue2.origin ?? "value"} to be ${adj}${issue2.maximum.toString()}`;
      }
      case "too_small": {
        const adj = issue2.exact ? "exactly " : issue2.inclusive ? ">=" : ">";
        const sizing = getSizing(issue2.origin);
        if (sizing) {
          return `Too small: expected ${issue2.origin} to have ${adj}${issue2.minimum.toString()} ${sizing.unit}`;
        }
        return `Too small: expected ${issue2.origin} to be ${adj}${issue2.minimum.toString()}`;
      }
      case "invalid_format": {
        const _issue = issue2;
        if (_issue.format === "starts_with") {
          return `Invalid string: must start with "${_issue.prefix}"`;
        }
        if (_issue.format === "ends_with")
          return `Invalid string: must end with "${_issue.suffix}"`;
        if (_issue.format === "includes")
          return `Invalid string: must include "${_issue.includes}"`;
        if (_issue.format === "regex")
          return `Invalid string: must match pattern ${_issue.pattern}`;
        return `Invalid ${FormatDictionary[_issue.format] ?? issue2.format}`;
      }
      case "not_multiple_of":
        return `Invalid number: must be a multiple of ${issue2.divisor}`;
      case "unrecognized_keys":
        return `Unrecognized key${issue2.keys.length > 1 ? "s" : ""}: ${joinValues(issue2.keys, ", ")}`;
      case "invalid_key":
        return `Invalid key in ${issue2.origin}`;
      case "invalid_union":
        if (issue2.options && Array.isArray(issue2.options) && issue2.options.length > 0) {
          const opts = issue2.options.map((o) => `'${o}'`).join(" | ");
          return `Invalid discriminator value. Expected ${opts}`;
        }
        if (issue2.inclusive === false) {
          return "Invalid input: more than one option matched";
        }
        return "Invalid input";
      case "invalid_element":
        return `Invalid value in ${issue2.origin}`;
      default:
        return `Invalid input`;
    }
  };
};
function en_default() {
  return {
    localeError: error()
  };
}

// node_modules/zod/v4/core/registries.js
var _a2;
var $output = /* @__PURE__ */ Symbol("ZodOutput");
var $input = /* @__PURE__ */ Symbol("ZodInput");
var $ZodRegistry = class {
  constructor() {
    this._map = /* @__PURE__ */ new WeakMap();
    this._idmap = /* @__PURE__ */ new Map();
  }
  add(schema, ..._meta) {
    const meta3 = _meta[0];
    this._map.set(schema, meta3);
    if (meta3 && typeof meta3 === "object" && "id" in meta3) {
      this._idmap.set(meta3.id, schema);
    }
    return this;
  }
  clear() {
    this._map = /* @__PURE__ */ new WeakMap();
    this._idmap = /* @__PURE__ */ new Map();
    return this;
  }
  remove(schema) {
    const meta3 = this._map.get(schema);
    if (meta3 && typeof meta3 === "object" && "id" in meta3) {
      this._idmap.delete(meta3.id);
    }
    this._map.delete(schema);
    return this;
  }
  get(schema) {
    const p = schema._zod.parent;
    if (p) {
      const pm = { ...this.get(p) ?? {} };
      delete pm.id;
      const f = { ...pm, ...this._map.get(schema) };
      return Object.keys(f).length ? f : void 0;
    }
    return this._map.get(schema);
  }
  has(schema) {
    return this._map.has(schema);
  }
};
function registry() {
  return new $ZodRegistry();
}
(_a2 = globalThis).__zod_globalRegistry ?? (_a2.__zod_globalRegistry = registry());
var globalRegistry = globalThis.__zod_globalRegistry;

// node_modules/zod/v4/core/compile.js
var INVALID = /* @__PURE__ */ Symbol.for("zod.compile.invalid");
var FALLBACK_FLAG = /* @__PURE__ */ Symbol.for("zod.compile.fallback");
var ZodCompileAsyncError = class extends Error {
  constructor(message = "z.compile does not support async refinements, transforms, or checks") {
    super(message);
    this.name = "ZodCompileAsyncError";
  }
};
var ZodCompileUnsupportedError = class extends Error {
  constructor(feature, islandable = true) {
    super(`z.compile does not support ${feature}; this schema must use the runtime parser`);
    this.name = "ZodCompileUnsupportedError";
    this.islandable = islandable;
  }
};
function compileValidator(schema, parser) {
  try {
    return compileFn(schema, { assertOnly: true });
  } catch {
    return parser;
  }
}
function compile(schema, options) {
  try {
    const parser = compileFn(schema);
    const clone2 = withParser(schema, parser);
    clone2._zod.bag.validator = compileValidator(schema, parser);
    return clone2;
  } catch (err) {
    if (options?.strict)
      throw err;
    return schema;
  }
}
function withParser(schema, parser) {
  if (isRecursiveSchema(schema)) {
    throw new ZodCompileUnsupportedError("a schema whose subtree contains a reference cycle");
  }
  const clone2 = clone(schema);
  const liveRun = schema._zod.run;
  const originalRun = liveRun.__originalRun ?? liveRun;
  const wrapped = (payload, ctx) => {
    if (ctx?.async || ctx?.direction === "backward" || ctx?.skipChecks || ctx?.[FALLBACK_FLAG]) {
      return originalRun(payload, ctx);
    }
    if (ctx && isBackEdge(ctx, payload.value)) {
      return originalRun(payload, ctx);
    }
    const out = parser(payload.value);
    if (out !== INVALID) {
      payload.value = out;
      return payload;
    }
    if (ctx)
      ctx[FALLBACK_FLAG] = true;
    return originalRun(payload, ctx);
  };
  wrapped.__originalRun = originalRun;
  clone2._zod.bag.fallbackRun = originalRun;
  clone2._zod.bag.validator = parser;
  clone2._zod.run = wrapped;
  if (!liveRun.__originalRun)
    installCompiledUserMethods(clone2, schema, parser);
  return clone2;
}
function installCompiledUserMethods(target, source, parser) {
  const targetAny = target;
  const sourceAny = source;
  if (typeof sourceAny.safeParse === "function") {
    const originalSafeParse = sourceAny.safeParse;
    targetAny.safeParse = (data, params) => {
      const out = parser(data);
      if (out !== INVALID) {
        return { success: true, data: out };
      }
      return originalSafeParse(data, params);
    };
  }
  if (typeof sourceAny.parse === "function") {
    const originalParse = sourceAny.parse;
    targetAny.parse = (data, params) => {
      const out = parser(data);
      if (out !== INVALID) {
        return out;
      }
      return originalParse(data, params);
    };
  }
}
function compileFn(schema, options) {
  let recursive2 = true;
  try {
    recursive2 = isRecursiveSchema(schema);
  } catch {
  }
  if (recursive2) {
    throw new ZodCompileUnsupportedError("a schema whose subtree contains a reference cycle");
  }
  const ctx = {
    constants: /* @__PURE__ */ new Map(),
    constantCounter: 0,
    varCounter: 0,
    definite: true
  };
  const doc = new Doc(["input"]);
  const outputAccessor = generateCheck(doc, ctx, schema, "input", !options?.assertOnly);
  doc.write(outputAccessor === null ? `return true;` : `return ${outputAccessor};`);
  const constantNames = ["INVALID", ...ctx.constants.keys()];
  const constantValues = [INVALID, ...ctx.constants.values()];
  const code = doc.content.join("\n");
  const fullCode = options?.debug ? constantNames.length > 0 ? `// Constants: ${constantNames.join(", ")}
${code}` : code : "";
  const F = Function;
  const factoryCode = `return (input) => {
${code}
}`;
  let fn;
  try {
    const factory = new F(...constantNames, factoryCode);
    fn = factory(...constantValues);
  } catch (err) {
    throw new ZodCompileUnsupportedError(`this schema (generated code failed to evaluate: ${err.message})`);
  }
  if (options?.debug) {
    fn.code = fullCode;
  }
  fn.definite = ctx.definite;
  return fn;
}
function addConstant(ctx, value) {
  for (const [name2, v] of ctx.constants) {
    if (v === value)
      return name2;
  }
  const name = `c${ctx.constantCounter++}`;
  ctx.constants.set(name, value);
  return name;
}
function addUserConstant(ctx, fn) {
  ctx.definite = false;
  return addConstant(ctx, fn);
}
function newVar(ctx) {
  return `v${ctx.varCounter++}`;
}
function runtimeRun(schema, value) {
  const result2 = schema._zod.run({ value, issues: [] }, {});
  if (result2 && typeof result2.then === "function")
    return INVALID;
  const r = result2;
  return r.issues.length === 0 ? r.value : INVALID;
}
function compileChild(doc, ctx, schema, accessor, needsValue = true) {
  const contentLen = doc.content.length;
  const constantCount = ctx.constants.size;
  const constantCounter = ctx.constantCounter;
  const varCounter = ctx.varCounter;
  try {
    return generateCheck(doc, ctx, schema, accessor, needsValue);
  } catch (err) {
    if (!(err instanceof ZodCompileUnsupportedError) || !err.islandable)
      throw err;
    doc.content.length = contentLen;
    if (ctx.constants.size > constantCount) {
      const trailing = Array.from(ctx.constants.keys()).slice(constantCount);
      for (const k of trailing)
        ctx.constants.delete(k);
    }
    ctx.constantCounter = constantCounter;
    ctx.varCounter = varCounter;
    return emitRuntimeIsland(doc, ctx, schema, accessor);
  }
}
function emitRuntimeIsland(doc, ctx, schema, accessor) {
  ctx.definite = false;
  const schemaConst = addConstant(ctx, schema);
  const runConst = addConstant(ctx, runtimeRun);
  const outVar = newVar(ctx);
  doc.write(`const ${outVar} = ${runConst}(${schemaConst}, ${accessor});`);
  doc.write(`if (${outVar} === INVALID) return INVALID;`);
  return outVar;
}
var WHEN_DEFAULTED_CHECKS = /* @__PURE__ */ new Set([
  "max_size",
  "min_size",
  "size_equals",
  "max_length",
  "min_length",
  "length_equals"
]);
function generateChecks(doc, ctx, schema, accessor) {
  const schemaChecks = schema._zod.def.checks;
  if (!schemaChecks || schemaChecks.length === 0)
    return accessor;
  let currentAccessor = accessor;
  for (const check2 of schemaChecks) {
    const def = check2._zod.def;
    if (def.when && !WHEN_DEFAULTED_CHECKS.has(def.check)) {
      throw new ZodCompileUnsupportedError(`check with a custom "when" condition`);
    }
    switch (def.check) {
      case "greater_than":
        generateGreaterThanCheck(doc, ctx, def, currentAccessor);
        break;
      case "less_than":
        generateLessThanCheck(doc, ctx, def, currentAccessor);
        break;
      case "multiple_of":
        generateMultipleOfCheck(doc, ctx, def, currentAccessor);
        break;
      case "number_format":
        generateNumberFormatCheck(doc, def, currentAccessor);
        break;
      case "min_length": {
        const min = numericOperand(def.minimum, "min_length");
        const len = codePointLengthVar(doc, ctx, currentAccessor, `${currentAccessor}.length >= ${min} && ${currentAccessor}.length < ${def.minimum * 2}`);
        doc.write(`if (${len} < ${min}) return INVALID;`);
        break;
      }
      case "max_length": {
        const max = numericOperand(def.maximum, "max_length");
        const len = codePointLengthVar(doc, ctx, currentAccessor, `${currentAccessor}.length > ${max}`);
        doc.write(`if (${len} > ${max}) return INVALID;`);
        break;
      }
      case "length_equals": {
        const exact = numericOperand(def.length, "length_equals");
        const len = codePointLengthVar(doc, ctx, currentAccessor, `${currentAccessor}.length >= ${exact} && ${currentAccessor}.length <= ${def.length * 2}`);
        doc.write(`if (${len} !== ${exact}) return INVALID;`);
        break;
      }
      case "min_size":
        doc.write(`if (${currentAccessor}.size < ${numericOperand(def.minimum, "min_size")}) return INVALID;`);
        break;
      case "max_size":
        doc.write(`if (${currentAccessor}.size > ${numericOperand(def.maximum, "max_size")}) return INVALID;`);
        break;
      case "size_equals":
        doc.write(`if (${currentAccessor}.size !== ${numericOperand(def.size, "size_equals")}) return INVALID;`);
        break;
      case "string_format":
        currentAccessor = generateStringFormatCheck(doc, ctx, def, currentAccessor);
        break;
      case "custom":
        currentAccessor = generateCustomRefineCheck(doc, ctx, check2, currentAccessor);
        break;
      case "bigint_format":
        generateBigIntFormatCheck(doc, def, currentAccessor);
        break;
      case "mime_type":
        generateMimeTypeCheck(doc, ctx, def, currentAccessor);
        break;
      case "property":
        generatePropertyCheck(doc, ctx, def, currentAccessor);
        break;
      case "properties":
        generatePropertiesChecks(doc, ctx, def, currentAccessor);
        break;
      case "overwrite": {
        const newAccessor = newVar(ctx);
        generateOverwriteCheck(doc, ctx, check2, currentAccessor, newAccessor);
        currentAccessor = newAccessor;
        break;
      }
      default: {
        void def;
        throw new ZodCompileUnsupportedError(`check type ${def.check}`);
      }
    }
  }
  return currentAccessor;
}
function codePointLengthVar(doc, ctx, accessor, inDoubt) {
  const cpLen = addConstant(ctx, codePointLength);
  const v = newVar(ctx);
  doc.write(`const ${v} = typeof ${accessor} === "string" && ${inDoubt} ? ${cpLen}(${accessor}) : ${accessor}.length;`);
  return v;
}
function numericOperand(value, label) {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new ZodCompileUnsupportedError(`${label} bound of type ${typeof value}`);
  }
  return `${value}`;
}
function comparisonOperand(ctx, value) {
  if (typeof value === "bigint")
    return `${value}n`;
  if (typeof value === "number") {
    if (Number.isNaN(value))
      throw new ZodCompileUnsupportedError("comparison check with NaN bound");
    return `${value}`;
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw new ZodCompileUnsupportedError("comparison check with Invalid Date bound");
    }
    return addConstant(ctx, value);
  }
  throw new ZodCompileUnsupportedError(`comparison check bound of type ${typeof value}`);
}
function generateGreaterThanCheck(doc, ctx, def, accessor) {
  const op = def.inclusive ? "<" : "<=";
  doc.write(`if (${accessor} ${op} ${comparisonOperand(ctx, def.value)}) return INVALID;`);
}
function generateLessThanCheck(doc, ctx, def, accessor) {
  const op = def.inclusive ? ">" : ">=";
  doc.write(`if (${accessor} ${op} ${comparisonOperand(ctx, def.value)}) return INVALID;`);
}
function generateMultipleOfCheck(doc, ctx, def, accessor) {
  if (typeof def.value === "bigint") {
    if (def.value === BigInt(0))
      throw new ZodCompileUnsupportedError("multiple_of check with a zero divisor");
    doc.write(`if (${accessor} % ${def.value}n !== 0n) return INVALID;`);
  } else {
    const remainder = addConstant(ctx, floatSafeRemainder);
    doc.write(`if (${remainder}(${accessor}, ${numericOperand(def.value, "multiple_of")}) !== 0) return INVALID;`);
  }
}
function generateNumberFormatCheck(doc, def, accessor) {
  const format = def.format;
  switch (format) {
    case "safeint":
      doc.write(`if (!Number.isSafeInteger(${accessor})) return INVALID;`);
      break;
    case "int32":
      doc.write(`if (!Number.isInteger(${accessor}) || ${accessor} < -2147483648 || ${accessor} > 2147483647) return INVALID;`);
      break;
    case "uint32":
      doc.write(`if (!Number.isInteger(${accessor}) || ${accessor} < 0 || ${accessor} > 4294967295) return INVALID;`);
      break;
    case "float32":
      doc.write(`if (!Number.isFinite(${accessor}) || ${accessor} < -3.4028234663852886e38 || ${accessor} > 3.4028234663852886e38) return INVALID;`);
      break;
    case "float64":
      doc.write(`if (!Number.isFinite(${accessor})) return INVALID;`);
      break;
    default: {
      void format;
      throw new ZodCompileUnsupportedError(`number format ${format}`);
    }
  }
}
function generateBigIntFormatCheck(doc, def, accessor) {
  const format = def.format;
  if (!format)
    return;
  switch (format) {
    case "int64":
      doc.write(`if (${accessor} < -9223372036854775808n || ${accessor} > 9223372036854775807n) return INVALID;`);
      break;
    case "uint64":
      doc.write(`if (${accessor} < 0n || ${accessor} > 18446744073709551615n) return INVALID;`);
      break;
    default: {
      void format;
      throw new ZodCompileUnsupportedError(`bigint format ${format}`);
    }
  }
}
function generateMimeTypeCheck(doc, ctx, def, accessor) {
  const mimeTypes = def.mime;
  if (mimeTypes && mimeTypes.length > 0) {
    const mimeSet = addConstant(ctx, new Set(mimeTypes));
    doc.write(`if (!${mimeSet}.has(${accessor}.type)) return INVALID;`);
  }
}
function generatePropertiesChecks(doc, ctx, def, accessor) {
  if (def.when) {
    throw new ZodCompileUnsupportedError(`check with a custom "when" condition`);
  }
  doc.write(`if (${accessor} == null) return INVALID;`);
  const shape = def.shape;
  for (const key of Reflect.ownKeys(shape)) {
    const keyExpr = typeof key === "symbol" ? addConstant(ctx, key) : esc(key);
    const inputVar = newVar(ctx);
    doc.write(`const ${inputVar} = ${accessor}[${keyExpr}];`);
    compileChild(doc, ctx, shape[key], inputVar, false);
  }
}
function generatePropertyCheck(doc, ctx, def, accessor) {
  const propAccessor = `${accessor}[${JSON.stringify(def.property)}]`;
  generateCheck(doc, ctx, def.schema, propAccessor);
}
function generateOverwriteCheck(doc, ctx, check2, currentAccessor, newAccessor) {
  const tx = check2._zod.def.tx;
  if (!tx) {
    throw new ZodCompileUnsupportedError("overwrite check without a transform function");
  }
  if (isAsyncFunction(tx)) {
    throw new ZodCompileAsyncError("z.compile: async overwrite transforms are not supported");
  }
  const txConst = addConstant(ctx, tx);
  doc.write(`const ${newAccessor} = ${txConst}(${currentAccessor});`);
}
function throwAsync() {
  throw new $ZodAsyncError();
}
function pushIssue(issue2) {
  this.issues.push(issue2);
}
function generateCustomRefineCheck(doc, ctx, check2, accessor) {
  const def = check2._zod.def;
  if (def.fn) {
    if (isAsyncFunction(def.fn)) {
      throw new ZodCompileAsyncError("z.compile: async .refine() predicates are not supported");
    }
    const fnConst = addUserConstant(ctx, def.fn);
    const throwAsyncConst = addConstant(ctx, throwAsync);
    const resVar = newVar(ctx);
    doc.write(`const ${resVar} = ${fnConst}(${accessor});`);
    doc.write(`if (${resVar} instanceof Promise) ${throwAsyncConst}();`);
    doc.write(`if (!${resVar}) return INVALID;`);
    return accessor;
  }
  if (check2._zod.check) {
    if (isAsyncFunction(check2._zod.check)) {
      throw new ZodCompileAsyncError("z.compile: async .superRefine() / check functions are not supported");
    }
    const checkFn = check2._zod.check;
    const helperFn = (value) => {
      const fakePayload = { value, issues: [], addIssue: pushIssue };
      const result2 = checkFn(fakePayload);
      if (result2 instanceof Promise)
        throwAsync();
      return fakePayload.issues.length === 0 ? fakePayload.value : INVALID;
    };
    const helperConst = addUserConstant(ctx, helperFn);
    const outVar = newVar(ctx);
    doc.write(`const ${outVar} = ${helperConst}(${accessor});`);
    doc.write(`if (${outVar} === INVALID) return INVALID;`);
    return outVar;
  }
  throw new ZodCompileUnsupportedError("custom check without a predicate or check function");
}
var PATTERN_IS_COMPLETE = /* @__PURE__ */ new Set([
  "cidrv4",
  "cuid",
  "cuid2",
  "date",
  "datetime",
  "duration",
  "e164",
  "email",
  "emoji",
  "ends_with",
  "guid",
  "includes",
  "ipv4",
  "ksuid",
  "lowercase",
  "mac",
  "nanoid",
  "regex",
  "starts_with",
  "time",
  "ulid",
  "uppercase",
  "uuid",
  "xid"
]);
function generateStringFormatCheck(doc, ctx, def, accessor, needsValue = true) {
  const fmt = def.format;
  if (fmt === "base64") {
    const validator = addConstant(ctx, isValidBase64);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (fmt === "base64url") {
    const validator = addConstant(ctx, isValidBase64URL);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (fmt === "jwt") {
    const validator = addConstant(ctx, isValidJWT);
    const alg = addConstant(ctx, def.alg ?? null);
    doc.write(`if (!${validator}(${accessor}, ${alg})) return INVALID;`);
    return accessor;
  }
  if (fmt === "ipv6") {
    const validator = addConstant(ctx, isValidIPv6);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (fmt === "cidrv6") {
    const validator = addConstant(ctx, isValidCIDRv6);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (fmt === "credit_card") {
    const validator = addConstant(ctx, isValidCreditCard);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (fmt === "iban") {
    const validator = addConstant(ctx, isValidIBAN);
    doc.write(`if (!${validator}(${accessor})) return INVALID;`);
    return accessor;
  }
  const formatDef = def;
  if (fmt === "url" || fmt === "httpurl" || formatDef.normalize || formatDef.hostname !== void 0 || formatDef.protocol !== void 0) {
    const parseConst = addConstant(ctx, validateURL);
    const defConst = addConstant(ctx, def);
    const trimVar = newVar(ctx);
    const urlVar = newVar(ctx);
    doc.write(`const ${trimVar} = ${accessor}.trim();`);
    doc.write(`const ${urlVar} = ${parseConst}(${trimVar}, ${defConst});`);
    doc.write(`if (typeof ${urlVar} === "number") return INVALID;`);
    if (formatDef.hostname !== void 0) {
      const hostnameConst = addConstant(ctx, urlHostnameOk);
      doc.write(`if (!${hostnameConst}(${urlVar}, ${defConst}.hostname)) return INVALID;`);
    }
    if (formatDef.protocol !== void 0) {
      const protocolConst = addConstant(ctx, urlProtocolOk);
      doc.write(`if (!${protocolConst}(${urlVar}, ${defConst}.protocol)) return INVALID;`);
    }
    if (!needsValue)
      return null;
    const outputVar = newVar(ctx);
    const outputExpr = formatDef.normalize ? `${urlVar}.href` : `${addConstant(ctx, stripTabAndNewline)}(${trimVar})`;
    doc.write(`const ${outputVar} = ${outputExpr};`);
    return outputVar;
  }
  const customFn = def.fn;
  if (customFn) {
    if (isAsyncFunction(customFn))
      throw new ZodCompileUnsupportedError(`async string format ${fmt}`);
    const fnConst = addConstant(ctx, customFn);
    doc.write(`if (!${fnConst}(${accessor})) return INVALID;`);
    return accessor;
  }
  if (PATTERN_IS_COMPLETE.has(fmt) && def.pattern) {
    const patternConst = addConstant(ctx, def.pattern);
    doc.write(`${patternConst}.lastIndex = 0;`);
    doc.write(`if (!${patternConst}.test(${accessor})) return INVALID;`);
    return accessor;
  }
  const format = def.format;
  switch (format) {
    case "regex":
      throw new ZodCompileUnsupportedError("regex format without a pattern");
    case "lowercase":
      doc.write(`if (${accessor} !== ${accessor}.toLowerCase()) return INVALID;`);
      break;
    case "uppercase":
      doc.write(`if (${accessor} !== ${accessor}.toUpperCase()) return INVALID;`);
      break;
    case "includes":
      doc.write(`if (!${accessor}.includes(${esc(def.includes)})) return INVALID;`);
      break;
    case "starts_with": {
      const prefix = def.prefix;
      doc.write(`if (${accessor}.slice(0, ${prefix.length}) !== ${esc(prefix)}) return INVALID;`);
      break;
    }
    case "ends_with": {
      const suffix = def.suffix;
      doc.write(`if (${accessor}.slice(-${suffix.length}) !== ${esc(suffix)}) return INVALID;`);
      break;
    }
    default: {
      void format;
      throw new ZodCompileUnsupportedError(`string format ${format}`);
    }
  }
  return accessor;
}
function generateCheck(doc, ctx, schema, accessor, needsValue = true) {
  const def = schema._zod.def;
  const type = def.type;
  if (def.coerce) {
    throw new ZodCompileUnsupportedError(`coercion (z.coerce.${type}())`);
  }
  const buildsValue = needsValue || !!def.checks?.length;
  let typeAccessor;
  switch (type) {
    case "string":
      typeAccessor = generateStringCheck(doc, ctx, schema, accessor, buildsValue);
      break;
    case "number":
      typeAccessor = generateNumberCheck(doc, schema, accessor);
      break;
    case "boolean":
      typeAccessor = generateBooleanCheck(doc, accessor);
      break;
    case "bigint":
      typeAccessor = generateBigIntCheck(doc, schema, accessor);
      break;
    case "symbol":
      typeAccessor = generateSymbolCheck(doc, accessor);
      break;
    case "undefined":
      typeAccessor = generateUndefinedCheck(doc, accessor);
      break;
    case "null":
      typeAccessor = generateNullCheck(doc, accessor);
      break;
    case "any":
    case "unknown":
      typeAccessor = accessor;
      break;
    case "never":
      doc.write("return INVALID;");
      typeAccessor = accessor;
      break;
    case "void":
      typeAccessor = generateVoidCheck(doc, accessor);
      break;
    case "nan":
      typeAccessor = generateNaNCheck(doc, accessor);
      break;
    case "date":
      typeAccessor = generateDateCheck(doc, accessor);
      break;
    case "object":
      typeAccessor = generateObjectCheck(doc, ctx, schema, accessor, buildsValue);
      break;
    case "optional":
      typeAccessor = generateOptionalCheck(doc, ctx, schema, accessor, buildsValue);
      break;
    case "nullable":
      typeAccessor = generateNullableCheck(doc, ctx, schema, accessor, buildsValue);
      break;
    case "array":
      typeAccessor = generateArrayCheck(doc, ctx, schema, accessor, buildsValue);
      break;
    case "literal":
      typeAccessor = generateLiteralCheck(doc, ctx, schema, accessor);
      break;
    case "enum":
      typeAccessor = generateEnumCheck(doc, ctx, schema, accessor);
      break;
    case "readonly": {
      const innerOut = generateWrapperCheck(doc, ctx, schema, accessor);
      const frozenVar = newVar(ctx);
      doc.write(`const ${frozenVar} = Object.freeze(${innerOut});`);
      typeAccessor = frozenVar;
      break;
    }
    case "success":
      generateWrapperCheck(doc, ctx, schema, accessor);
      typeAccessor = "true";
      break;
    case "default":
    case "prefault":
      typeAccessor = generateDefaultCheck(doc, ctx, schema, accessor);
      break;
    case "nonoptional":
      typeAccessor = generateNonOptionalCheck(doc, ctx, schema, accessor);
      break;
    case "tuple":
      typeAccessor = generateTupleCheck(doc, ctx, schema, accessor);
      break;
    case "union":
      typeAccessor = generateUnionCheck(doc, ctx, schema, accessor);
      break;
    case "intersection":
      typeAccessor = generateIntersectionCheck(doc, ctx, schema, accessor);
      break;
    case "record":
      typeAccessor = generateRecordCheck(doc, ctx, schema, accessor);
      break;
    case "map":
      typeAccessor = generateMapCheck(doc, ctx, schema, accessor);
      break;
    case "set":
      typeAccessor = generateSetCheck(doc, ctx, schema, accessor);
      break;
    case "file":
      typeAccessor = generateFileCheck(doc, accessor);
      break;
    case "template_literal":
      typeAccessor = generateTemplateLiteralCheck(doc, ctx, schema, accessor);
      break;
    case "lazy":
      typeAccessor = generateLazyCheck(doc, ctx, schema, accessor);
      break;
    case "pipe":
      typeAccessor = generatePipeCheck(doc, ctx, schema, accessor);
      break;
    case "custom":
      typeAccessor = generateCustomCheck(doc, ctx, schema, accessor);
      break;
    case "transform":
      typeAccessor = generateTransformCheck(doc, ctx, schema, accessor);
      break;
    case "catch":
      typeAccessor = generateCatchCheck(doc, ctx, schema, accessor);
      break;
    default: {
      void type;
      throw new ZodCompileUnsupportedError(`schema type ${type}`);
    }
  }
  if (typeAccessor === null)
    return null;
  return generateChecks(doc, ctx, schema, typeAccessor);
}
function generateStringCheck(doc, ctx, schema, accessor, needsValue = true) {
  doc.write(`if (typeof ${accessor} !== "string") return INVALID;`);
  const def = schema._zod.def;
  if (def.format === void 0)
    return accessor;
  return generateStringFormatCheck(doc, ctx, def, accessor, needsValue);
}
function generateNumberCheck(doc, schema, accessor) {
  doc.write(`if (typeof ${accessor} !== "number" || !Number.isFinite(${accessor})) return INVALID;`);
  const def = schema._zod.def;
  if (def.check === "number_format" && def.format) {
    generateNumberFormatCheck(doc, { format: def.format }, accessor);
  }
  return accessor;
}
function generateBooleanCheck(doc, accessor) {
  doc.write(`if (typeof ${accessor} !== "boolean") return INVALID;`);
  return accessor;
}
function generateBigIntCheck(doc, schema, accessor) {
  doc.write(`if (typeof ${accessor} !== "bigint") return INVALID;`);
  const def = schema._zod.def;
  if (def.format) {
    switch (def.format) {
      case "int64":
        doc.write(`if (${accessor} < -9223372036854775808n || ${accessor} > 9223372036854775807n) return INVALID;`);
        break;
      case "uint64":
        doc.write(`if (${accessor} < 0n || ${accessor} > 18446744073709551615n) return INVALID;`);
        break;
    }
  }
  return accessor;
}
function generateSymbolCheck(doc, accessor) {
  doc.write(`if (typeof ${accessor} !== "symbol") return INVALID;`);
  return accessor;
}
function generateUndefinedCheck(doc, accessor) {
  doc.write(`if (${accessor} !== undefined) return INVALID;`);
  return accessor;
}
function generateNullCheck(doc, accessor) {
  doc.write(`if (${accessor} !== null) return INVALID;`);
  return accessor;
}
function generateVoidCheck(doc, accessor) {
  doc.write(`if (${accessor} !== undefined) return INVALID;`);
  return accessor;
}
function generateNaNCheck(doc, accessor) {
  doc.write(`if (typeof ${accessor} !== "number" || !Number.isNaN(${accessor})) return INVALID;`);
  return accessor;
}
function generateDateCheck(doc, accessor) {
  doc.write(`if (!(${accessor} instanceof Date) || Number.isNaN(${accessor}.getTime())) return INVALID;`);
  return accessor;
}
function generateObjectCheck(doc, ctx, schema, accessor, buildsValue = true) {
  const def = schema._zod.def;
  doc.write(`if (typeof ${accessor} !== "object" || ${accessor} === null || Array.isArray(${accessor})) return INVALID;`);
  const shape = def.shape;
  const keys = Object.keys(shape);
  const symbolKeys = Object.getOwnPropertySymbols(shape);
  const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
  const keyExpr = (k) => typeof k === "symbol" ? addConstant(ctx, k) : esc(k);
  const propKey = (k) => typeof k === "symbol" ? `[${keyExpr(k)}]` : esc(k);
  const propShape = shape;
  if (keys.includes("__proto__")) {
    throw new ZodCompileUnsupportedError('object shape key "__proto__"');
  }
  const propOutputs = /* @__PURE__ */ new Map();
  for (const key of allKeys) {
    const propSchema = propShape[key];
    const kx = keyExpr(key);
    const inputVar = newVar(ctx);
    doc.write(`const ${inputVar} = ${accessor}[${kx}];`);
    if (propSchema._zod.optin !== void 0) {
      const outputVar2 = newVar(ctx);
      doc.write(`let ${outputVar2} = (() => {`);
      doc.indented((d) => {
        const outputAccessor = compileChild(d, ctx, propSchema, inputVar);
        d.write(`return ${outputAccessor};`);
      });
      doc.write(`})();`);
      if (propSchema._zod.optout === "optional") {
        doc.write(`if (${outputVar2} === INVALID) {`);
        doc.indented((d) => {
          d.write(`if (${kx} in ${accessor}) return INVALID;`);
          d.write(`${outputVar2} = undefined;`);
        });
        doc.write(`}`);
      } else {
        doc.write(`if (${outputVar2} === INVALID) return INVALID;`);
      }
      propOutputs.set(key, outputVar2);
    } else {
      if (requiresPresenceCheck(propSchema)) {
        doc.write(`if (!(${kx} in ${accessor})) return INVALID;`);
      }
      const outputAccessor = compileChild(doc, ctx, propSchema, inputVar, buildsValue);
      if (outputAccessor !== null)
        propOutputs.set(key, outputAccessor);
    }
  }
  const catchall = def.catchall;
  let unknownKeysMode = "none";
  if (catchall) {
    const catchallType = catchall._zod.def.type;
    if (catchallType === "never") {
      const condition = keys.map((k) => `k !== ${esc(k)}`).join(" && ") || "true";
      doc.write(`for (const k in ${accessor}) {`);
      doc.indented((d) => {
        d.write(`if (${condition}) return INVALID;`);
      });
      doc.write(`}`);
    } else if ((catchallType === "unknown" || catchallType === "any") && !catchall._zod.def.checks?.length) {
      unknownKeysMode = "passthrough";
    } else {
      unknownKeysMode = "schema";
    }
  }
  const outputVar = newVar(ctx);
  const hasConditionalKeys = allKeys.some((k) => mayOmitUndefined(propShape[k]) || dropsWhenAbsent(propShape[k]));
  if (!buildsValue) {
    if (unknownKeysMode === "schema") {
      const knownSet = keys.length > 0 ? addConstant(ctx, new Set(keys)) : null;
      doc.write(`for (const k in ${accessor}) {`);
      doc.indented((d) => {
        d.write(`if (k === "__proto__") continue;`);
        if (knownSet)
          d.write(`if (${knownSet}.has(k)) continue;`);
        const valVar = newVar(ctx);
        d.write(`const ${valVar} = ${accessor}[k];`);
        compileChild(d, ctx, catchall, valVar, false);
      });
      doc.write(`}`);
    }
    return null;
  }
  if (!hasConditionalKeys) {
    const propLiterals = allKeys.map((k) => `${propKey(k)}: ${propOutputs.get(k)}`).join(", ");
    doc.write(`const ${outputVar} = { ${propLiterals} };`);
  } else {
    doc.write(`const ${outputVar} = {};`);
    for (const k of allKeys) {
      const kx = keyExpr(k);
      const out = propOutputs.get(k);
      if (dropsWhenAbsent(propShape[k])) {
        doc.write(`if (${kx} in ${accessor}) ${outputVar}[${kx}] = ${out};`);
      } else if (mayOmitUndefined(propShape[k])) {
        doc.write(`if (${out} !== undefined || ${kx} in ${accessor}) ${outputVar}[${kx}] = ${out};`);
      } else {
        doc.write(`${outputVar}[${kx}] = ${out};`);
      }
    }
  }
  if (unknownKeysMode !== "none") {
    const knownSet = keys.length > 0 ? addConstant(ctx, new Set(keys)) : null;
    doc.write(`for (const k in ${accessor}) {`);
    doc.indented((d) => {
      d.write(`if (k === "__proto__") continue;`);
      if (knownSet)
        d.write(`if (${knownSet}.has(k)) continue;`);
      if (unknownKeysMode === "passthrough") {
        d.write(`${outputVar}[k] = ${accessor}[k];`);
      } else {
        const valVar = newVar(ctx);
        d.write(`const ${valVar} = ${accessor}[k];`);
        const catchallOut = compileChild(d, ctx, catchall, valVar);
        d.write(`${outputVar}[k] = ${catchallOut};`);
      }
    });
    doc.write(`}`);
  }
  return outputVar;
}
function generateOptionalCheck(doc, ctx, schema, accessor, buildsValue = true) {
  const def = schema._zod.def;
  if (isExactOptional(schema)) {
    return generateCheck(doc, ctx, def.innerType, accessor, buildsValue);
  }
  if (def.innerType._zod.optin === "defaulted") {
    const outputVar2 = newVar(ctx);
    const branchVar = newVar(ctx);
    doc.write(`let ${outputVar2};`);
    doc.write(`if (${accessor} === undefined) {`);
    doc.indented((d) => {
      d.write(`const ${branchVar} = (() => {`);
      d.indented((d2) => {
        const innerOutput = generateCheck(d2, ctx, def.innerType, accessor);
        d2.write(`return ${innerOutput};`);
      });
      d.write(`})();`);
      d.write(`if (${branchVar} !== INVALID) ${outputVar2} = ${branchVar};`);
    });
    doc.write(`} else {`);
    doc.indented((d) => {
      const innerOutput = generateCheck(d, ctx, def.innerType, accessor);
      d.write(`${outputVar2} = ${innerOutput};`);
    });
    doc.write(`}`);
    return outputVar2;
  }
  const outputVar = buildsValue ? newVar(ctx) : null;
  if (outputVar)
    doc.write(`let ${outputVar};`);
  doc.write(`if (${accessor} !== undefined) {`);
  doc.indented((d) => {
    const innerOutput = generateCheck(d, ctx, def.innerType, accessor, buildsValue);
    if (outputVar && innerOutput !== null)
      d.write(`${outputVar} = ${innerOutput};`);
  });
  doc.write(`}`);
  return outputVar;
}
function isExactOptional(schema) {
  return schema._zod.traits?.has("$ZodExactOptional") === true;
}
function requiresPresenceCheck(schema) {
  return schema._zod.optin === void 0 && fastPathAcceptsAbsence(schema);
}
function fastPathAcceptsAbsence(schema) {
  if (schema._zod.def.coerce)
    return true;
  const def = schema._zod.def;
  switch (def.type) {
    case "any":
    case "unknown":
    case "undefined":
    case "void":
    case "default":
    case "prefault":
    case "transform":
    case "custom":
    case "lazy":
      return true;
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "symbol":
    case "null":
    case "never":
    case "nan":
    case "date":
    case "object":
    case "array":
    case "tuple":
    case "record":
    case "map":
    case "set":
    case "file":
    case "template_literal":
      return false;
    case "nonoptional":
      return def.innerType ? fastPathAcceptsAbsence(def.innerType) : false;
    case "literal":
      return !!def.values?.includes(void 0);
    case "enum":
      return !!schema._zod.values?.has(void 0);
    case "optional":
    case "nullable":
    case "readonly":
    case "success":
      return def.innerType ? fastPathAcceptsAbsence(def.innerType) : true;
    case "catch":
      return true;
    case "union":
      return def.options ? def.options.some(fastPathAcceptsAbsence) : true;
    case "intersection":
      if (!def.left || !def.right)
        return true;
      return fastPathAcceptsAbsence(def.left) && fastPathAcceptsAbsence(def.right);
    case "pipe":
      return def.in ? fastPathAcceptsAbsence(def.in) : true;
    default:
      return true;
  }
}
function dropsWhenAbsent(schema) {
  return schema._zod.optin === "optional" && schema._zod.optout === "optional";
}
function mayOmitUndefined(schema) {
  return (schema._zod.optin !== "defaulted" || schema._zod.optout === "optional") && mayOutputUndefined(schema);
}
function mayOutputUndefined(schema) {
  const def = schema._zod.def;
  switch (def.type) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "symbol":
    case "null":
    case "nan":
    case "date":
    case "object":
    case "array":
    case "tuple":
    case "record":
    case "map":
    case "set":
    case "file":
    case "template_literal":
    case "never":
    case "success":
      return false;
    case "literal":
      return !!def.values?.includes(void 0);
    case "enum":
      return !!schema._zod.values?.has(void 0);
    case "optional":
      return true;
    case "nullable":
    case "readonly":
    case "nonoptional":
      return def.innerType ? mayOutputUndefined(def.innerType) : true;
    case "union":
      return def.options ? def.options.some(mayOutputUndefined) : true;
    case "intersection":
      return !def.left || !def.right || mayOutputUndefined(def.left) || mayOutputUndefined(def.right);
    case "pipe":
      return def.out ? mayOutputUndefined(def.out) : true;
    default:
      return true;
  }
}
function generateNullableCheck(doc, ctx, schema, accessor, buildsValue = true) {
  const def = schema._zod.def;
  const outputVar = buildsValue ? newVar(ctx) : null;
  if (outputVar)
    doc.write(`let ${outputVar} = null;`);
  doc.write(`if (${accessor} !== null) {`);
  doc.indented((d) => {
    const innerOutput = generateCheck(d, ctx, def.innerType, accessor, buildsValue);
    if (outputVar && innerOutput !== null)
      d.write(`${outputVar} = ${innerOutput};`);
  });
  doc.write(`}`);
  return outputVar;
}
function generateSizeGate(doc, schema, size) {
  for (const [max, check2] of sizeCaps(schema._zod.def.checks)) {
    doc.write(`if (${size} > ${numericOperand(max, check2._zod.def.check)}) return INVALID;`);
  }
}
function generateArrayCheck(doc, ctx, schema, accessor, buildsValue = true) {
  const def = schema._zod.def;
  doc.write(`if (!Array.isArray(${accessor})) return INVALID;`);
  generateSizeGate(doc, schema, `${accessor}.length`);
  const outputVar = buildsValue ? newVar(ctx) : null;
  const iVar = newVar(ctx);
  const elemVar = newVar(ctx);
  if (outputVar)
    doc.write(`const ${outputVar} = new Array(${accessor}.length);`);
  doc.write(`for (let ${iVar} = 0; ${iVar} < ${accessor}.length; ${iVar}++) {`);
  doc.indented((d) => {
    d.write(`const ${elemVar} = ${accessor}[${iVar}];`);
    const elemOutput = compileChild(d, ctx, def.element, elemVar, buildsValue);
    if (outputVar && elemOutput !== null)
      d.write(`${outputVar}[${iVar}] = ${elemOutput};`);
  });
  doc.write(`}`);
  return outputVar;
}
function generateLiteralCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const values = def.values;
  if (values.length !== 1) {
    const literalSet = addConstant(ctx, new Set(values));
    doc.write(`if (!${literalSet}.has(${accessor})) return INVALID;`);
    return accessor;
  }
  const value = values[0];
  if (typeof value === "number" && Number.isNaN(value)) {
    const literalSet = addConstant(ctx, new Set(values));
    doc.write(`if (!${literalSet}.has(${accessor})) return INVALID;`);
    return accessor;
  }
  if (typeof value === "string") {
    doc.write(`if (${accessor} !== ${esc(value)}) return INVALID;`);
  } else if (typeof value === "number" || typeof value === "boolean") {
    doc.write(`if (${accessor} !== ${value}) return INVALID;`);
  } else if (value === null) {
    doc.write(`if (${accessor} !== null) return INVALID;`);
  } else if (value === void 0) {
    doc.write(`if (${accessor} !== undefined) return INVALID;`);
  } else if (typeof value === "bigint") {
    doc.write(`if (${accessor} !== ${value}n) return INVALID;`);
  } else {
    throw new ZodCompileUnsupportedError(`literal type ${typeof value}`);
  }
  return accessor;
}
function generateEnumCheck(doc, ctx, schema, accessor) {
  const values = schema._zod.values;
  if (!values) {
    throw new ZodCompileUnsupportedError("enum schema without enumerated values");
  }
  const enumSet = addConstant(ctx, values);
  doc.write(`if (!${enumSet}.has(${accessor})) return INVALID;`);
  return accessor;
}
function generateWrapperCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  return generateCheck(doc, ctx, def.innerType, accessor);
}
function generateDefaultCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const descriptor = Object.getOwnPropertyDescriptor(schema._zod.def, "defaultValue");
  const defaultGetter = descriptor ? () => schema._zod.def.defaultValue : void 0;
  if (schema._zod.def.type === "prefault") {
    if (!defaultGetter) {
      return generateCheck(doc, ctx, def.innerType, accessor);
    }
    const defaultFn = addConstant(ctx, defaultGetter);
    const inputVar = newVar(ctx);
    doc.write(`let ${inputVar} = ${accessor};`);
    doc.write(`if (${accessor} === undefined) ${inputVar} = ${defaultFn}();`);
    return generateCheck(doc, ctx, def.innerType, inputVar);
  }
  const outputVar = newVar(ctx);
  if (defaultGetter) {
    const defaultFn = addConstant(ctx, defaultGetter);
    const cloneFn = addConstant(ctx, shallowClone);
    doc.write(`let ${outputVar};`);
    doc.write(`if (${accessor} === undefined) {`);
    doc.indented((d) => {
      d.write(`${outputVar} = ${cloneFn}(${defaultFn}());`);
    });
    doc.write(`} else {`);
    doc.indented((d) => {
      const innerOutput = generateCheck(d, ctx, def.innerType, accessor);
      d.write(`${outputVar} = ${innerOutput} === undefined ? ${cloneFn}(${defaultFn}()) : ${innerOutput};`);
    });
    doc.write(`}`);
  } else {
    doc.write(`let ${outputVar};`);
    doc.write(`if (${accessor} !== undefined) {`);
    doc.indented((d) => {
      const innerOutput = generateCheck(d, ctx, def.innerType, accessor);
      d.write(`${outputVar} = ${innerOutput};`);
    });
    doc.write(`}`);
  }
  return outputVar;
}
function generateNonOptionalCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const innerOutput = generateCheck(doc, ctx, def.innerType, accessor);
  const outputVar = newVar(ctx);
  doc.write(`const ${outputVar} = ${innerOutput};`);
  doc.write(`if (${outputVar} === undefined) return INVALID;`);
  return outputVar;
}
function generateTupleCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const items = def.items;
  const rest = def.rest;
  doc.write(`if (!Array.isArray(${accessor})) return INVALID;`);
  const optinStart = getTupleOptStart2(items, "optin");
  const optoutStart = getTupleOptStart2(items, "optout");
  if (rest) {
    doc.write(`if (${accessor}.length < ${optinStart}) return INVALID;`);
  } else {
    doc.write(`if (${accessor}.length < ${optinStart} || ${accessor}.length > ${items.length}) return INVALID;`);
  }
  const outputVar = newVar(ctx);
  doc.write(`const ${outputVar} = [];`);
  for (let i = 0; i < items.length; i++) {
    const itemSchema = items[i];
    if (i >= optoutStart) {
      doc.write(`if (${outputVar}.length === ${i}) {`);
      doc.indented((d) => {
        d.write(`if (${i} < ${accessor}.length) {`);
        d.indented((d2) => {
          const elemVar = newVar(ctx);
          d2.write(`const ${elemVar} = ${accessor}[${i}];`);
          const elemOutput = compileChild(d2, ctx, itemSchema, elemVar);
          d2.write(`${outputVar}[${i}] = ${elemOutput};`);
        });
        d.write(`} else {`);
        d.indented((d2) => {
          if (dropsWhenAbsent(itemSchema)) {
            d2.write(`${outputVar}.length = ${i};`);
            return;
          }
          const elemVar = newVar(ctx);
          const branchVar = newVar(ctx);
          d2.write(`const ${elemVar} = undefined;`);
          d2.write(`const ${branchVar} = (() => {`);
          d2.indented((d3) => {
            const elemOutput = compileChild(d3, ctx, itemSchema, elemVar);
            d3.write(`return ${elemOutput};`);
          });
          d2.write(`})();`);
          d2.write(`if (${branchVar} === INVALID || ${branchVar} === undefined) ${outputVar}.length = ${i};`);
          d2.write(`else ${outputVar}[${i}] = ${branchVar};`);
        });
        d.write(`}`);
      });
      doc.write(`}`);
    } else {
      const elemVar = newVar(ctx);
      doc.write(`const ${elemVar} = ${accessor}[${i}];`);
      const elemOutput = compileChild(doc, ctx, itemSchema, elemVar);
      doc.write(`${outputVar}[${i}] = ${elemOutput};`);
    }
  }
  if (rest) {
    const iVar = newVar(ctx);
    const elemVar = newVar(ctx);
    doc.write(`for (let ${iVar} = ${items.length}; ${iVar} < ${accessor}.length; ${iVar}++) {`);
    doc.indented((d) => {
      d.write(`const ${elemVar} = ${accessor}[${iVar}];`);
      const elemOutput = compileChild(d, ctx, rest, elemVar);
      d.write(`${outputVar}[${iVar}] = ${elemOutput};`);
    });
    doc.write(`}`);
  }
  return outputVar;
}
function getTupleOptStart2(items, key) {
  for (let i = items.length - 1; i >= 0; i--) {
    const omittable = key === "optin" ? items[i]._zod.optin !== void 0 : items[i]._zod.optout === "optional";
    if (!omittable)
      return i + 1;
  }
  return 0;
}
function generateUnionCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const options = def.options;
  if (def.discriminator) {
    return generateDiscriminatedUnionCheck(doc, ctx, def, accessor);
  }
  if (def.inclusive === false) {
    throw new ZodCompileUnsupportedError("exclusive unions (z.xor)");
  }
  if (options.length === 0) {
    doc.write("return INVALID;");
    return accessor;
  }
  if (options.length === 1) {
    return generateCheck(doc, ctx, options[0], accessor);
  }
  const allLiterals = options.every((opt) => opt._zod.def.type === "literal" && !opt._zod.def.checks?.length);
  if (allLiterals) {
    const values = new Set(options.flatMap((opt) => opt._zod.def.values));
    const valuesConst = addConstant(ctx, values);
    doc.write(`if (!${valuesConst}.has(${accessor})) return INVALID;`);
    return accessor;
  }
  const outputVar = newVar(ctx);
  doc.write(`let ${outputVar};`);
  for (let i = 0; i < options.length; i++) {
    const opt = options[i];
    if (i === 0) {
      doc.write(`${outputVar} = (() => {`);
    } else {
      doc.write(`if (${outputVar} === INVALID) ${outputVar} = (() => {`);
    }
    doc.indented((d) => {
      const branchOutput = generateCheck(d, ctx, opt, accessor);
      d.write(`return ${branchOutput};`);
    });
    doc.write(`})();`);
  }
  doc.write(`if (${outputVar} === INVALID) return INVALID;`);
  return outputVar;
}
function generateDiscriminatedUnionCheck(doc, ctx, def, accessor) {
  if (def.unionFallback) {
    throw new ZodCompileUnsupportedError("discriminated union with unionFallback");
  }
  if (def.options.length === 0) {
    doc.write("return INVALID;");
    return accessor;
  }
  const discVar = newVar(ctx);
  const outputVar = newVar(ctx);
  doc.write(`const ${discVar} = ${accessor}?.[${esc(def.discriminator)}];`);
  doc.write(`let ${outputVar};`);
  let firstBranch = true;
  const claimed = /* @__PURE__ */ new Set();
  for (const option of def.options) {
    const values = option._zod.propValues?.[def.discriminator];
    if (!values || values.size === 0) {
      throw new ZodCompileUnsupportedError("discriminated union option without static discriminator values");
    }
    for (const value of values) {
      if (claimed.has(value)) {
        throw new ZodCompileUnsupportedError(`duplicate discriminator value ${String(value)}`);
      }
      claimed.add(value);
    }
    const conditions = Array.from(values, (value) => literalEquality(ctx, discVar, value));
    const prefix = firstBranch ? "if" : "else if";
    doc.write(`${prefix} (${conditions.join(" || ")}) {`);
    doc.indented((d) => {
      const branchOutput = generateCheck(d, ctx, option, accessor);
      d.write(`${outputVar} = ${branchOutput};`);
    });
    doc.write(`}`);
    firstBranch = false;
  }
  doc.write(`else { return INVALID; }`);
  return outputVar;
}
function literalEquality(ctx, accessor, value) {
  if (typeof value === "string")
    return `${accessor} === ${esc(value)}`;
  if (typeof value === "number") {
    if (Number.isNaN(value))
      return `Number.isNaN(${accessor})`;
    return `${accessor} === ${value}`;
  }
  if (typeof value === "boolean")
    return `${accessor} === ${value}`;
  if (value === null)
    return `${accessor} === null`;
  if (value === void 0)
    return `${accessor} === undefined`;
  if (typeof value === "bigint")
    return `${accessor} === ${value}n`;
  if (typeof value === "symbol") {
    const symbolConst = addConstant(ctx, value);
    return `${accessor} === ${symbolConst}`;
  }
  throw new ZodCompileUnsupportedError(`literal discriminator value ${String(value)}`);
}
function generateIntersectionCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  ctx.definite = false;
  const leftOutput = compileChild(doc, ctx, def.left, accessor);
  const rightOutput = compileChild(doc, ctx, def.right, accessor);
  const mergeConst = addConstant(ctx, mergeValues);
  const mergedVar = newVar(ctx);
  doc.write(`const ${mergedVar} = ${mergeConst}(${leftOutput}, ${rightOutput});`);
  doc.write(`if (!${mergedVar}.valid) return INVALID;`);
  return `${mergedVar}.data`;
}
function generateRecordCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const isPlainObjectConst = addConstant(ctx, isPlainObject);
  doc.write(`if (!${isPlainObjectConst}(${accessor})) return INVALID;`);
  const outputVar = newVar(ctx);
  const kVar = newVar(ctx);
  const valVar = newVar(ctx);
  doc.write(`const ${outputVar} = {};`);
  const recordDef = def;
  const keyValues = recordDef.partial ? void 0 : def.keyType._zod.values;
  if (keyValues) {
    const inputKeys = [];
    for (const key of keyValues) {
      if (!(typeof key === "string" || typeof key === "number" || typeof key === "symbol")) {
        throw new ZodCompileUnsupportedError(`record key value ${String(key)}`);
      }
      const inputKey = typeof key === "number" ? key.toString() : key;
      if (inputKey === "__proto__") {
        throw new ZodCompileUnsupportedError('record key "__proto__"');
      }
      inputKeys.push(inputKey);
      const keyConst = addConstant(ctx, key);
      const outKey = generateCheck(doc, ctx, def.keyType, keyConst);
      const valueVar = newVar(ctx);
      doc.write(`const ${valueVar} = ${accessor}[${literalPropertyKey(ctx, inputKey)}];`);
      const valOutput = compileChild(doc, ctx, def.valueType, valueVar);
      doc.write(`${outputVar}[${outKey}] = ${valOutput};`);
    }
    const knownKeysConst = addConstant(ctx, new Set(inputKeys));
    doc.write(`for (const ${kVar} in ${accessor}) {`);
    doc.indented((d) => {
      d.write(`if (${knownKeysConst}.has(${kVar})) continue;`);
      if (recordDef.mode === "loose") {
        d.write(`if (${kVar} !== "__proto__") ${outputVar}[${kVar}] = ${accessor}[${kVar}];`);
      } else {
        d.write(`return INVALID;`);
      }
    });
    doc.write(`}`);
    return outputVar;
  }
  const keyDef = def.keyType._zod.def;
  const keyIsBareString = keyDef.type === "string" && keyDef.format === void 0 && !keyDef.coerce && (keyDef.checks?.length ?? 0) === 0;
  if (!keyIsBareString) {
    const isLoose = def.mode === "loose";
    const keyFn = compileFn(def.keyType);
    if (keyFn.definite === false)
      ctx.definite = false;
    const keyFast = addConstant(ctx, keyFn);
    const numericConst = addConstant(ctx, number);
    const outKeyVar = newVar(ctx);
    emitOwnKeys(doc, ctx, accessor, kVar, (d) => {
      d.write(`let ${outKeyVar} = ${keyFast}(${kVar});`);
      d.write(`if (${outKeyVar} === INVALID && typeof ${kVar} === "string" && ${numericConst}.test(${kVar})) ${outKeyVar} = ${keyFast}(Number(${kVar}));`);
      if (isLoose) {
        d.write(`if (${outKeyVar} === INVALID) { ${outputVar}[${kVar}] = ${accessor}[${kVar}]; continue; }`);
      } else {
        d.write(`if (${outKeyVar} === INVALID) return INVALID;`);
      }
      d.write(`if (${outKeyVar} === "__proto__") continue;`);
      const valueVar = newVar(ctx);
      d.write(`const ${valueVar} = ${accessor}[${kVar}];`);
      const valOutput = compileChild(d, ctx, def.valueType, valueVar);
      d.write(`${outputVar}[${outKeyVar}] = ${valOutput};`);
    });
    return outputVar;
  }
  emitOwnKeys(doc, ctx, accessor, kVar, (d) => {
    d.write(`const ${valVar} = ${accessor}[${kVar}];`);
    const valOutput = compileChild(d, ctx, def.valueType, valVar);
    d.write(`${outputVar}[${kVar}] = ${valOutput};`);
  }, `return INVALID;`);
  return outputVar;
}
function emitOwnKeys(doc, ctx, accessor, kVar, body, onSymbol) {
  const propIsEnumerableConst = addConstant(ctx, Object.prototype.propertyIsEnumerable);
  const symsVar = newVar(ctx);
  const keysVar = newVar(ctx);
  const iVar = newVar(ctx);
  doc.write(`const ${symsVar} = Object.getOwnPropertySymbols(${accessor});`);
  doc.write(`const ${keysVar} = Object.getOwnPropertyNames(${accessor});`);
  doc.write(`for (let ${iVar} = 0; ${iVar} < ${keysVar}.length; ${iVar}++) {`);
  doc.indented((d) => {
    d.write(`const ${kVar} = ${keysVar}[${iVar}];`);
    d.write(`if (${kVar} === "__proto__" || !${propIsEnumerableConst}.call(${accessor}, ${kVar})) continue;`);
    body(d);
  });
  doc.write(`}`);
  doc.write(`for (let ${iVar} = 0; ${iVar} < ${symsVar}.length; ${iVar}++) {`);
  doc.indented((d) => {
    d.write(`const ${kVar} = ${symsVar}[${iVar}];`);
    d.write(`if (!${propIsEnumerableConst}.call(${accessor}, ${kVar})) continue;`);
    if (onSymbol)
      d.write(onSymbol);
    else
      body(d);
  });
  doc.write(`}`);
}
function literalPropertyKey(ctx, key) {
  if (typeof key === "string")
    return esc(key);
  return addConstant(ctx, key);
}
function generateMapCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  doc.write(`if (!(${accessor} instanceof Map)) return INVALID;`);
  generateSizeGate(doc, schema, `${accessor}.size`);
  const outputVar = newVar(ctx);
  const kVar = newVar(ctx);
  const valVar = newVar(ctx);
  doc.write(`const ${outputVar} = new Map();`);
  doc.write(`for (const [${kVar}, ${valVar}] of ${accessor}) {`);
  doc.indented((d) => {
    const keyOutput = generateCheck(d, ctx, def.keyType, kVar);
    const valOutput = generateCheck(d, ctx, def.valueType, valVar);
    d.write(`${outputVar}.set(${keyOutput}, ${valOutput});`);
  });
  doc.write(`}`);
  return outputVar;
}
function generateSetCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  doc.write(`if (!(${accessor} instanceof Set)) return INVALID;`);
  generateSizeGate(doc, schema, `${accessor}.size`);
  const outputVar = newVar(ctx);
  const valVar = newVar(ctx);
  doc.write(`const ${outputVar} = new Set();`);
  doc.write(`for (const ${valVar} of ${accessor}) {`);
  doc.indented((d) => {
    const valOutput = generateCheck(d, ctx, def.valueType, valVar);
    d.write(`${outputVar}.add(${valOutput});`);
  });
  doc.write(`}`);
  return outputVar;
}
function generateFileCheck(doc, accessor) {
  doc.write(`if (!(${accessor} instanceof File)) return INVALID;`);
  return accessor;
}
function generateTemplateLiteralCheck(doc, ctx, schema, accessor) {
  doc.write(`if (typeof ${accessor} !== "string") return INVALID;`);
  const pattern = schema._zod.pattern;
  if (pattern) {
    const patternConst = addConstant(ctx, pattern);
    doc.write(`${patternConst}.lastIndex = 0;`);
    doc.write(`if (!${patternConst}.test(${accessor})) return INVALID;`);
  }
  return accessor;
}
function generateLazyCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const getterConst = addUserConstant(ctx, def.getter);
  const cacheConst = addConstant(ctx, { parser: null });
  doc.write(`if (!${cacheConst}.parser) {`);
  doc.indented((d) => {
    d.write(`const inner = ${getterConst}();`);
    d.write(`${cacheConst}.parser = function(input) {`);
    d.indented((d2) => {
      d2.write(`const result = inner._zod.run({ value: input, issues: [] }, {});`);
      d2.write(`return result.issues.length === 0 ? result.value : INVALID;`);
    });
    d.write(`};`);
  });
  doc.write(`}`);
  const outputVar = newVar(ctx);
  doc.write(`const ${outputVar} = ${cacheConst}.parser(${accessor});`);
  doc.write(`if (${outputVar} === INVALID) return INVALID;`);
  return outputVar;
}
function generatePipeCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  const inputOutput = generateCheck(doc, ctx, def.in, accessor);
  if (def.transform) {
    if (isAsyncFunction(def.transform)) {
      throw new ZodCompileAsyncError("z.compile: async transforms in pipes are not supported");
    }
    const transformFn = def.transform;
    const helperFn = (value) => {
      const fakePayload = { value, issues: [], addIssue: pushIssue };
      const result2 = transformFn(value, fakePayload);
      if (result2 instanceof Promise)
        return INVALID;
      return fakePayload.issues.length === 0 ? result2 : INVALID;
    };
    const helperConst = addUserConstant(ctx, helperFn);
    const transformedVar = newVar(ctx);
    doc.write(`const ${transformedVar} = ${helperConst}(${inputOutput});`);
    doc.write(`if (${transformedVar} === INVALID) return INVALID;`);
    return generateCheck(doc, ctx, def.out, transformedVar);
  } else {
    return generateCheck(doc, ctx, def.out, inputOutput);
  }
}
function isAsyncFunction(fn) {
  return typeof fn === "function" && (fn.constructor.name === "AsyncFunction" || fn[Symbol.toStringTag] === "AsyncFunction");
}
function generateCustomCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  if (def.fn) {
    if (isAsyncFunction(def.fn)) {
      throw new ZodCompileAsyncError("z.compile: async custom predicates are not supported");
    }
    const fnConst = addUserConstant(ctx, def.fn);
    const throwAsyncConst = addConstant(ctx, throwAsync);
    const resVar = newVar(ctx);
    doc.write(`const ${resVar} = ${fnConst}(${accessor});`);
    doc.write(`if (${resVar} instanceof Promise) ${throwAsyncConst}();`);
    doc.write(`if (!${resVar}) return INVALID;`);
  } else {
    throw new ZodCompileUnsupportedError("custom schema without a predicate function");
  }
  return accessor;
}
function runtimeCatch(innerSchema, catchValue, value) {
  const result2 = innerSchema._zod.run({ value, issues: [] }, {});
  if (result2 && typeof result2.then === "function")
    return INVALID;
  const r = result2;
  if (r.issues.length === 0)
    return r.value;
  return catchValue();
}
function generateCatchCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  if (!def.catchValue[CONSTANT_CATCH]) {
    throw new ZodCompileUnsupportedError("catch with a callback (only a constant catch value compiles)", false);
  }
  const outputVar = newVar(ctx);
  doc.write(`let ${outputVar} = (() => {`);
  doc.indented((d) => {
    const innerOut = compileChild(d, ctx, def.innerType, accessor);
    d.write(`return ${innerOut};`);
  });
  doc.write(`})();`);
  const innerConst = addConstant(ctx, def.innerType);
  const catchConst = addUserConstant(ctx, def.catchValue);
  const catchHelperConst = addConstant(ctx, runtimeCatch);
  doc.write(`if (${outputVar} === INVALID) {`);
  doc.indented((d) => {
    d.write(`${outputVar} = ${catchHelperConst}(${innerConst}, ${catchConst}, ${accessor});`);
    d.write(`if (${outputVar} === INVALID) return INVALID;`);
  });
  doc.write(`}`);
  return outputVar;
}
function generateTransformCheck(doc, ctx, schema, accessor) {
  const def = schema._zod.def;
  if (def.transform) {
    if (isAsyncFunction(def.transform)) {
      throw new ZodCompileAsyncError("z.compile: async transforms are not supported");
    }
    const transformFn = def.transform;
    const helperFn = (value) => {
      const fakePayload = { value, issues: [], addIssue: pushIssue };
      const result2 = transformFn(value, fakePayload);
      if (result2 instanceof Promise)
        return INVALID;
      return fakePayload.issues.length === 0 ? result2 : INVALID;
    };
    const helperConst = addUserConstant(ctx, helperFn);
    const outputVar = newVar(ctx);
    doc.write(`const ${outputVar} = ${helperConst}(${accessor});`);
    doc.write(`if (${outputVar} === INVALID) return INVALID;`);
    return outputVar;
  }
  return accessor;
}

// node_modules/zod/v4/core/api.js
function snapshotChecks(def) {
  if (def.checks)
    def.checks = [...def.checks];
  return def;
}
// @__NO_SIDE_EFFECTS__
function _string(Class2, params) {
  return new Class2(snapshotChecks({ type: "string", ...normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _coercedString(Class2, params) {
  return new Class2(snapshotChecks({ type: "string", coerce: true, ...normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _email(Class2, params) {
  return new Class2({
    type: "string",
    format: "email",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _guid(Class2, params) {
  return new Class2({
    type: "string",
    format: "guid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uuid(Class2, params) {
  return new Class2({
    type: "string",
    format: "uuid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uuidv4(Class2, params) {
  return new Class2({
    type: "string",
    format: "uuid",
    check: "string_format",
    abort: false,
    version: "v4",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uuidv6(Class2, params) {
  return new Class2({
    type: "string",
    format: "uuid",
    check: "string_format",
    abort: false,
    version: "v6",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uuidv7(Class2, params) {
  return new Class2({
    type: "string",
    format: "uuid",
    check: "string_format",
    abort: false,
    version: "v7",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _url(Class2, params) {
  return new Class2({
    type: "string",
    format: "url",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _emoji2(Class2, params) {
  return new Class2({
    type: "string",
    format: "emoji",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _nanoid(Class2, params) {
  return new Class2({
    type: "string",
    format: "nanoid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _cuid(Class2, params) {
  return new Class2({
    type: "string",
    format: "cuid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _cuid2(Class2, params) {
  return new Class2({
    type: "string",
    format: "cuid2",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _ulid(Class2, params) {
  return new Class2({
    type: "string",
    format: "ulid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _xid(Class2, params) {
  return new Class2({
    type: "string",
    format: "xid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _ksuid(Class2, params) {
  return new Class2({
    type: "string",
    format: "ksuid",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _ipv4(Class2, params) {
  return new Class2({
    type: "string",
    format: "ipv4",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _ipv6(Class2, params) {
  return new Class2({
    type: "string",
    format: "ipv6",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _mac(Class2, params) {
  return new Class2({
    type: "string",
    format: "mac",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _cidrv4(Class2, params) {
  return new Class2({
    type: "string",
    format: "cidrv4",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _cidrv6(Class2, params) {
  return new Class2({
    type: "string",
    format: "cidrv6",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _base64(Class2, params) {
  return new Class2({
    type: "string",
    format: "base64",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _base64url(Class2, params) {
  return new Class2({
    type: "string",
    format: "base64url",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _e164(Class2, params) {
  return new Class2({
    type: "string",
    format: "e164",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _creditCard(Class2, params) {
  return new Class2({
    type: "string",
    format: "credit_card",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _iban(Class2, params) {
  return new Class2({
    type: "string",
    format: "iban",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _jwt(Class2, params) {
  return new Class2({
    type: "string",
    format: "jwt",
    check: "string_format",
    abort: false,
    ...normalizeParams(params)
  });
}
var TimePrecision = {
  Any: null,
  Minute: -1,
  Second: 0,
  Millisecond: 3,
  Microsecond: 6
};
// @__NO_SIDE_EFFECTS__
function _isoDateTime(Class2, params) {
  return new Class2({
    type: "string",
    format: "datetime",
    check: "string_format",
    offset: false,
    local: false,
    precision: null,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _isoDate(Class2, params) {
  return new Class2({
    type: "string",
    format: "date",
    check: "string_format",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _isoTime(Class2, params) {
  return new Class2({
    type: "string",
    format: "time",
    check: "string_format",
    precision: null,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _isoDuration(Class2, params) {
  return new Class2({
    type: "string",
    format: "duration",
    check: "string_format",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _number(Class2, params) {
  return new Class2(snapshotChecks({ type: "number", checks: [], ...normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _coercedNumber(Class2, params) {
  return new Class2(snapshotChecks({ type: "number", coerce: true, checks: [], ...normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _int(Class2, params) {
  return new Class2({
    type: "number",
    check: "number_format",
    abort: false,
    format: "safeint",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _float32(Class2, params) {
  return new Class2({
    type: "number",
    check: "number_format",
    abort: false,
    format: "float32",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _float64(Class2, params) {
  return new Class2({
    type: "number",
    check: "number_format",
    abort: false,
    format: "float64",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _int32(Class2, params) {
  return new Class2({
    type: "number",
    check: "number_format",
    abort: false,
    format: "int32",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uint32(Class2, params) {
  return new Class2({
    type: "number",
    check: "number_format",
    abort: false,
    format: "uint32",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _boolean(Class2, params) {
  return new Class2({
    type: "boolean",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _coercedBoolean(Class2, params) {
  return new Class2({
    type: "boolean",
    coerce: true,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _bigint(Class2, params) {
  return new Class2({
    type: "bigint",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _coercedBigint(Class2, params) {
  return new Class2({
    type: "bigint",
    coerce: true,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _int64(Class2, params) {
  return new Class2({
    type: "bigint",
    check: "bigint_format",
    abort: false,
    format: "int64",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uint64(Class2, params) {
  return new Class2({
    type: "bigint",
    check: "bigint_format",
    abort: false,
    format: "uint64",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _symbol(Class2, params) {
  return new Class2({
    type: "symbol",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _undefined2(Class2, params) {
  return new Class2({
    type: "undefined",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _null2(Class2, params) {
  return new Class2({
    type: "null",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _any(Class2) {
  return new Class2({
    type: "any"
  });
}
// @__NO_SIDE_EFFECTS__
function _unknown(Class2) {
  return new Class2({
    type: "unknown"
  });
}
// @__NO_SIDE_EFFECTS__
function _never(Class2, params) {
  return new Class2({
    type: "never",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _void(Class2, params) {
  return new Class2({
    type: "void",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _date(Class2, params) {
  return new Class2({
    type: "date",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _coercedDate(Class2, params) {
  return new Class2({
    type: "date",
    coerce: true,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _nan(Class2, params) {
  return new Class2({
    type: "nan",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _lt(value, params) {
  return new $ZodCheckLessThan({
    check: "less_than",
    ...normalizeParams(params),
    value,
    inclusive: false
  });
}
// @__NO_SIDE_EFFECTS__
function _lte(value, params) {
  return new $ZodCheckLessThan({
    check: "less_than",
    ...normalizeParams(params),
    value,
    inclusive: true
  });
}
// @__NO_SIDE_EFFECTS__
function _gt(value, params) {
  return new $ZodCheckGreaterThan({
    check: "greater_than",
    ...normalizeParams(params),
    value,
    inclusive: false
  });
}
// @__NO_SIDE_EFFECTS__
function _gte(value, params) {
  return new $ZodCheckGreaterThan({
    check: "greater_than",
    ...normalizeParams(params),
    value,
    inclusive: true
  });
}
// @__NO_SIDE_EFFECTS__
function _positive(params) {
  return /* @__PURE__ */ _gt(0, params);
}
// @__NO_SIDE_EFFECTS__
function _negative(params) {
  return /* @__PURE__ */ _lt(0, params);
}
// @__NO_SIDE_EFFECTS__
function _nonpositive(params) {
  return /* @__PURE__ */ _lte(0, params);
}
// @__NO_SIDE_EFFECTS__
function _nonnegative(params) {
  return /* @__PURE__ */ _gte(0, params);
}
// @__NO_SIDE_EFFECTS__
function _multipleOf(value, params) {
  return new $ZodCheckMultipleOf({
    check: "multiple_of",
    ...normalizeParams(params),
    value
  });
}
// @__NO_SIDE_EFFECTS__
function _maxSize(maximum, params) {
  return new $ZodCheckMaxSize({
    check: "max_size",
    ...normalizeParams(params),
    maximum
  });
}
// @__NO_SIDE_EFFECTS__
function _minSize(minimum, params) {
  return new $ZodCheckMinSize({
    check: "min_size",
    ...normalizeParams(params),
    minimum
  });
}
// @__NO_SIDE_EFFECTS__
function _size(size, params) {
  return new $ZodCheckSizeEquals({
    check: "size_equals",
    ...normalizeParams(params),
    size
  });
}
// @__NO_SIDE_EFFECTS__
function _maxLength(maximum, params) {
  const ch = new $ZodCheckMaxLength({
    check: "max_length",
    ...normalizeParams(params),
    maximum
  });
  return ch;
}
// @__NO_SIDE_EFFECTS__
function _minLength(minimum, params) {
  return new $ZodCheckMinLength({
    check: "min_length",
    ...normalizeParams(params),
    minimum
  });
}
// @__NO_SIDE_EFFECTS__
function _length(length, params) {
  return new $ZodCheckLengthEquals({
    check: "length_equals",
    ...normalizeParams(params),
    length
  });
}
// @__NO_SIDE_EFFECTS__
function _regex(pattern, params) {
  return new $ZodCheckRegex({
    check: "string_format",
    format: "regex",
    ...normalizeParams(params),
    pattern
  });
}
// @__NO_SIDE_EFFECTS__
function _lowercase(params) {
  return new $ZodCheckLowerCase({
    check: "string_format",
    format: "lowercase",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _uppercase(params) {
  return new $ZodCheckUpperCase({
    check: "string_format",
    format: "uppercase",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _includes(includes, params) {
  return new $ZodCheckIncludes({
    check: "string_format",
    format: "includes",
    ...normalizeParams(params),
    includes
  });
}
// @__NO_SIDE_EFFECTS__
function _startsWith(prefix, params) {
  return new $ZodCheckStartsWith({
    check: "string_format",
    format: "starts_with",
    ...normalizeParams(params),
    prefix
  });
}
// @__NO_SIDE_EFFECTS__
function _endsWith(suffix, params) {
  return new $ZodCheckEndsWith({
    check: "string_format",
    format: "ends_with",
    ...normalizeParams(params),
    suffix
  });
}
// @__NO_SIDE_EFFECTS__
function _property(property, schema, params) {
  return new $ZodCheckProperty({
    check: "property",
    property,
    schema,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _properties(shape, params) {
  return new $ZodCheckProperties({
    check: "properties",
    shape,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _mime(types, params) {
  return new $ZodCheckMimeType({
    check: "mime_type",
    mime: types,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _overwrite(tx) {
  return new $ZodCheckOverwrite({
    check: "overwrite",
    tx
  });
}
// @__NO_SIDE_EFFECTS__
function _normalize(form) {
  return /* @__PURE__ */ _overwrite((input2) => input2.normalize(form));
}
// @__NO_SIDE_EFFECTS__
function _trim() {
  return /* @__PURE__ */ _overwrite((input2) => input2.trim());
}
// @__NO_SIDE_EFFECTS__
function _toLowerCase() {
  return /* @__PURE__ */ _overwrite((input2) => input2.toLowerCase());
}
// @__NO_SIDE_EFFECTS__
function _toUpperCase() {
  return /* @__PURE__ */ _overwrite((input2) => input2.toUpperCase());
}
// @__NO_SIDE_EFFECTS__
function _slugify() {
  return /* @__PURE__ */ _overwrite((input2) => slugify(input2));
}
// @__NO_SIDE_EFFECTS__
function _array(Class2, element, params) {
  return new Class2({
    type: "array",
    element,
    // get element() {
    //   return element;
    // },
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _union(Class2, options, params) {
  return new Class2({
    type: "union",
    options,
    ...normalizeParams(params)
  });
}
function _xor(Class2, options, params) {
  return new Class2({
    type: "union",
    options,
    inclusive: false,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _discriminatedUnion(Class2, discriminator, options, params) {
  return new Class2({
    type: "union",
    options,
    discriminator,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _intersection(Class2, left, right) {
  return new Class2({
    type: "intersection",
    left,
    right
  });
}
// @__NO_SIDE_EFFECTS__
function _tuple(Class2, items, _paramsOrRest, _params) {
  const hasRest = _paramsOrRest instanceof $ZodType;
  const params = hasRest ? _params : _paramsOrRest;
  const rest = hasRest ? _paramsOrRest : null;
  return new Class2({
    type: "tuple",
    items,
    rest,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _record(Class2, keyType, valueType, params) {
  return new Class2({
    type: "record",
    keyType,
    valueType,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _map(Class2, keyType, valueType, params) {
  return new Class2({
    type: "map",
    keyType,
    valueType,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _set(Class2, valueType, params) {
  return new Class2({
    type: "set",
    valueType,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _enum(Class2, values, params) {
  const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
  return new Class2({
    type: "enum",
    entries,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _nativeEnum(Class2, entries, params) {
  return new Class2({
    type: "enum",
    entries,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _literal(Class2, value, params) {
  return new Class2({
    type: "literal",
    values: Array.isArray(value) ? value : [value],
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _file(Class2, params) {
  return new Class2({
    type: "file",
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _transform(Class2, fn) {
  return new Class2({
    type: "transform",
    transform: fn
  });
}
// @__NO_SIDE_EFFECTS__
function _optional(Class2, innerType) {
  return new Class2({
    type: "optional",
    innerType
  });
}
// @__NO_SIDE_EFFECTS__
function _nullable(Class2, innerType) {
  return new Class2({
    type: "nullable",
    innerType
  });
}
// @__NO_SIDE_EFFECTS__
function _default(Class2, innerType, defaultValue) {
  return new Class2({
    type: "default",
    innerType,
    get defaultValue() {
      return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
    }
  });
}
// @__NO_SIDE_EFFECTS__
function _nonoptional(Class2, innerType, params) {
  return new Class2({
    type: "nonoptional",
    innerType,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _success(Class2, innerType) {
  return new Class2({
    type: "success",
    innerType
  });
}
// @__NO_SIDE_EFFECTS__
function _catch(Class2, innerType, catchValue) {
  return new Class2({
    type: "catch",
    innerType,
    catchValue: typeof catchValue === "function" ? catchValue : constantCatch(catchValue)
  });
}
// @__NO_SIDE_EFFECTS__
function _pipe(Class2, in_, out) {
  return new Class2({
    type: "pipe",
    in: in_,
    out
  });
}
// @__NO_SIDE_EFFECTS__
function _readonly(Class2, innerType) {
  return new Class2({
    type: "readonly",
    innerType
  });
}
// @__NO_SIDE_EFFECTS__
function _templateLiteral(Class2, parts, params) {
  return new Class2({
    type: "template_literal",
    parts,
    ...normalizeParams(params)
  });
}
// @__NO_SIDE_EFFECTS__
function _lazy(Class2, getter) {
  return new Class2({
    type: "lazy",
    getter
  });
}
// @__NO_SIDE_EFFECTS__
function _promise(Class2, innerType) {
  return new Class2({
    type: "promise",
    innerType
  });
}
// @__NO_SIDE_EFFECTS__
function _custom(Class2, fn, _params) {
  const norm = normalizeParams(_params);
  norm.abort ?? (norm.abort = true);
  const schema = new Class2({
    type: "custom",
    check: "custom",
    fn,
    ...norm
  });
  return schema;
}
// @__NO_SIDE_EFFECTS__
function _refine(Class2, fn, _params) {
  const schema = new Class2({
    type: "custom",
    check: "custom",
    fn,
    ...normalizeParams(_params)
  });
  return schema;
}
// @__NO_SIDE_EFFECTS__
function _superRefine(fn, params) {
  const ch = /* @__PURE__ */ _check((payload) => {
    payload.addIssue = (issue2) => {
      if (typeof issue2 === "string") {
        payload.issues.push(issue(issue2, payload.value, ch._zod.def));
      } else {
        const _issue = issue2;
        if (_issue.fatal)
          _issue.continue = false;
        _issue.code ?? (_issue.code = "custom");
        if (!("input" in _issue))
          _issue.input = payload.value;
        _issue.inst ?? (_issue.inst = ch);
        _issue.continue ?? (_issue.continue = !ch._zod.def.abort);
        payload.issues.push(issue(_issue));
      }
    };
    return fn(payload.value, payload);
  }, params);
  return ch;
}
// @__NO_SIDE_EFFECTS__
function _check(fn, params) {
  const ch = new $ZodCheck({
    check: "custom",
    ...normalizeParams(params)
  });
  ch._zod.check = fn;
  return ch;
}
// @__NO_SIDE_EFFECTS__
function describe(description) {
  const ch = new $ZodCheck({ check: "describe" });
  ch._zod.onattach = [
    (inst) => {
      const existing = globalRegistry.get(inst) ?? {};
      globalRegistry.add(inst, { ...existing, description });
    }
  ];
  ch._zod.check = () => {
  };
  return ch;
}
// @__NO_SIDE_EFFECTS__
function meta(metadata) {
  const ch = new $ZodCheck({ check: "meta" });
  ch._zod.onattach = [
    (inst) => {
      const existing = globalRegistry.get(inst) ?? {};
      globalRegistry.add(inst, { ...existing, ...metadata });
    }
  ];
  ch._zod.check = () => {
  };
  return ch;
}
// @__NO_SIDE_EFFECTS__
function _stringbool(Classes, _params) {
  const params = normalizeParams(_params);
  let truthyArray = params.truthy ?? ["true", "1", "yes", "on", "y", "enabled"];
  let falsyArray = params.falsy ?? ["false", "0", "no", "off", "n", "disabled"];
  if (params.case !== "sensitive") {
    truthyArray = truthyArray.map((v) => typeof v === "string" ? v.toLowerCase() : v);
    falsyArray = falsyArray.map((v) => typeof v === "string" ? v.toLowerCase() : v);
  }
  const truthySet = new Set(truthyArray);
  const falsySet = new Set(falsyArray);
  const _Codec = Classes.Codec ?? $ZodCodec;
  const _Boolean = Classes.Boolean ?? $ZodBoolean;
  const _String = Classes.String ?? $ZodString;
  const stringSchema = new _String({ type: "string", error: params.error });
  const booleanSchema = new _Boolean({ type: "boolean", error: params.error });
  const codec2 = new _Codec({
    type: "pipe",
    in: stringSchema,
    out: booleanSchema,
    transform: ((input2, payload) => {
      let data = input2;
      if (params.case !== "sensitive")
        data = data.toLowerCase();
      if (truthySet.has(data)) {
        return true;
      } else if (falsySet.has(data)) {
        return false;
      } else {
        payload.issues.push({
          code: "invalid_value",
          expected: "stringbool",
          values: [...truthySet, ...falsySet],
          input: payload.value,
          inst: codec2,
          continue: false
        });
        return {};
      }
    }),
    reverseTransform: ((input2, _payload) => {
      if (input2 === true) {
        return truthyArray[0] || "true";
      } else {
        return falsyArray[0] || "false";
      }
    }),
    error: params.error
  });
  codec2._zod.bag.truthy = truthyArray;
  codec2._zod.bag.falsy = falsyArray;
  codec2._zod.bag.case = params.case ?? "insensitive";
  return codec2;
}
// @__NO_SIDE_EFFECTS__
function _stringFormat(Class2, format, fnOrRegex, _params = {}) {
  const params = normalizeParams(_params);
  const def = {
    check: "string_format",
    type: "string",
    format,
    fn: typeof fnOrRegex === "function" ? fnOrRegex : (val) => fnOrRegex.test(val),
    ...params
  };
  if (fnOrRegex instanceof RegExp) {
    def.pattern = fnOrRegex;
  }
  const inst = new Class2(def);
  return inst;
}

// node_modules/zod/v4/core/to-json-schema.js
function assignProps(target, ...sources) {
  for (const source of sources) {
    for (const key of Reflect.ownKeys(source)) {
      if (Object.prototype.propertyIsEnumerable.call(source, key)) {
        assignProp(target, key, source[key]);
      }
    }
  }
  return target;
}
function initializeContext(params) {
  let target = params?.target ?? "draft-2020-12";
  if (target === "draft-4")
    target = "draft-04";
  if (target === "draft-7")
    target = "draft-07";
  return {
    processors: params.processors ?? {},
    metadataRegistry: params?.metadata ?? globalRegistry,
    target,
    unrepresentable: params?.unrepresentable ?? "throw",
    override: params?.override ?? (() => {
    }),
    io: params?.io ?? "output",
    counter: 0,
    seen: /* @__PURE__ */ new Map(),
    sharedDefsExtractedFor: void 0,
    sharedEmitDoneFor: void 0,
    cycles: params?.cycles ?? "ref",
    reused: params?.reused ?? "inline",
    intersections: [],
    deferred: [],
    external: params?.external ?? void 0
  };
}
function handleUnrepresentable(schema, ctx, json3, params, message) {
  const result2 = typeof ctx.unrepresentable === "function" ? ctx.unrepresentable({ zodSchema: schema, path: params.path, message }) : ctx.unrepresentable;
  if (result2 === "any")
    return false;
  if (result2 === void 0 || result2 === "throw")
    throw new Error(message);
  Object.assign(json3, result2);
  return true;
}
function processSchema(schema, ctx, _params = { path: [], schemaPath: [] }) {
  var _a3;
  const def = schema._zod.def;
  const seen = ctx.seen.get(schema);
  if (seen) {
    seen.count++;
    const isCycle = _params.schemaPath.includes(schema);
    if (isCycle) {
      seen.cycle = _params.path;
    }
    return seen.schema;
  }
  const result2 = { schema: {}, count: 1, cycle: void 0, path: _params.path };
  ctx.seen.set(schema, result2);
  ctx.sharedDefsExtractedFor = void 0;
  ctx.sharedEmitDoneFor = void 0;
  const overrideSchema = schema._zod.toJSONSchema?.();
  if (overrideSchema) {
    result2.schema = overrideSchema;
  } else {
    const params = {
      ..._params,
      schemaPath: [..._params.schemaPath, schema],
      path: _params.path
    };
    if (schema._zod.processJSONSchema) {
      schema._zod.processJSONSchema(ctx, result2.schema, params);
    } else {
      const _json = result2.schema;
      const processor = ctx.processors[def.type];
      if (!processor) {
        throw new Error(`[toJSONSchema]: Non-representable type encountered: ${def.type}`);
      }
      processor(schema, ctx, _json, params);
    }
    const parent = schema._zod.parent;
    if (parent) {
      if (!result2.ref)
        result2.ref = parent;
      processSchema(parent, ctx, params);
      ctx.seen.get(parent).isParent = true;
    }
  }
  const meta3 = ctx.metadataRegistry.get(schema);
  if (meta3)
    assignProps(result2.schema, meta3);
  if (ctx.io === "input" && isTransforming(schema)) {
    delete result2.schema.examples;
    delete result2.schema.default;
  }
  if (ctx.io === "input" && "_prefault" in result2.schema)
    (_a3 = result2.schema).default ?? (_a3.default = result2.schema._prefault);
  delete result2.schema._prefault;
  const _result = ctx.seen.get(schema);
  return _result.schema;
}
function encodeJSONPointerSegment(segment) {
  return segment.replace(/~/g, "~0").replace(/\//g, "~1");
}
function extractDefs(ctx, schema) {
  const root2 = ctx.seen.get(schema);
  if (!root2)
    throw new Error("Unprocessed schema. This is a bug in Zod.");
  if (ctx.external && ctx.sharedDefsExtractedFor === ctx.external)
    return;
  const idToSchema = /* @__PURE__ */ new Map();
  for (const entry of ctx.seen.entries()) {
    const id2 = ctx.metadataRegistry.get(entry[0])?.id;
    if (id2) {
      const existing = idToSchema.get(id2);
      if (existing && existing !== entry[0]) {
        throw new Error(`Duplicate schema id "${id2}" detected during JSON Schema conversion. Two different schemas cannot share the same id when converted together.`);
      }
      idToSchema.set(id2, entry[0]);
    }
  }
  const makeURI = (entry) => {
    const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
    if (ctx.external) {
      const externalId = ctx.external.registry.get(entry[0])?.id;
      const uriGenerator = ctx.external.uri ?? ((id3) => id3);
      if (externalId) {
        return { ref: uriGenerator(externalId) };
      }
      const id2 = entry[1].defId ?? entry[1].schema.id ?? `schema${ctx.counter++}`;
      entry[1].defId = id2;
      return { defId: id2, ref: `${uriGenerator("__shared")}#/${defsSegment}/${encodeJSONPointerSegment(id2)}` };
    }
    const uriPrefix = `#`;
    const defUriPrefix = `${uriPrefix}/${defsSegment}/`;
    if (entry[1] === root2 && !entry[1].schema.id) {
      return { ref: uriPrefix };
    }
    const defId = entry[1].schema.id ?? `__schema${ctx.counter++}`;
    return { defId, ref: defUriPrefix + encodeJSONPointerSegment(defId) };
  };
  const extractToDef = (entry) => {
    if (entry[1].schema.$ref) {
      return;
    }
    const seen = entry[1];
    const { ref, defId } = makeURI(entry);
    seen.def = { ...seen.schema };
    if (defId)
      seen.defId = defId;
    const schema2 = seen.schema;
    for (const key in schema2) {
      delete schema2[key];
    }
    schema2.$ref = ref;
  };
  if (ctx.cycles === "throw") {
    for (const entry of ctx.seen.entries()) {
      const seen = entry[1];
      if (seen.cycle) {
        throw new Error(`Cycle detected: #/${seen.cycle?.join("/")}/<root>

Set the \`cycles\` parameter to \`"ref"\` to resolve cyclical schemas with defs.`);
      }
    }
  }
  for (const entry of ctx.seen.entries()) {
    const seen = entry[1];
    if (schema === entry[0]) {
      extractToDef(entry);
      continue;
    }
    if (ctx.external) {
      const ext = ctx.external.registry.get(entry[0])?.id;
      if (schema !== entry[0] && ext) {
        extractToDef(entry);
        continue;
      }
    }
    const id2 = ctx.metadataRegistry.get(entry[0])?.id;
    if (id2) {
      extractToDef(entry);
      continue;
    }
    if (seen.cycle) {
      extractToDef(entry);
      continue;
    }
    if (seen.count > 1) {
      if (ctx.reused === "ref") {
        extractToDef(entry);
      }
    }
  }
  if (ctx.external)
    ctx.sharedDefsExtractedFor = ctx.external;
}
function compactTypeUnion(schema) {
  const options = schema.anyOf;
  if (!Array.isArray(options) || options.length === 0 || schema.type !== void 0)
    return;
  const types = [];
  for (const option of options) {
    if (!option || typeof option !== "object")
      return;
    compactTypeUnion(option);
    const keys = Object.keys(option);
    if (keys.length !== 1 || keys[0] !== "type")
      return;
    const type = option.type;
    for (const member of Array.isArray(type) ? type : [type]) {
      if (typeof member !== "string")
        return;
      if (!types.includes(member))
        types.push(member);
    }
  }
  delete schema.anyOf;
  schema.type = types.length === 1 ? types[0] : types;
}
var FOLDABLE_KEYS = /* @__PURE__ */ new Set(["type", "properties", "required", "additionalProperties"]);
var UNION_KEYS = ["oneOf", "anyOf"];
function undeclaredConstraint(member) {
  const extra = member.additionalProperties;
  if (extra === void 0 || extra === false || typeof extra !== "object" || extra === null)
    return null;
  return Object.keys(extra).length ? extra : null;
}
function foldObjects(members2) {
  const objects2 = [];
  for (const member of members2) {
    if (typeof member !== "object" || member.type !== "object")
      return null;
    for (const key in member) {
      if (!FOLDABLE_KEYS.has(key))
        return null;
    }
    objects2.push(member);
  }
  const properties = {};
  const required2 = /* @__PURE__ */ new Set();
  for (const object2 of objects2) {
    for (const key in object2.properties) {
      if (Object.prototype.hasOwnProperty.call(properties, key))
        continue;
      const parts = [];
      for (const other of objects2) {
        const part = other.properties?.[key] ?? undeclaredConstraint(other);
        if (part === null || part === void 0)
          continue;
        if (!parts.some((seen) => JSON.stringify(seen) === JSON.stringify(part)))
          parts.push(part);
      }
      const merged = parts.length === 1 ? parts[0] : foldObjects(parts) ?? { allOf: parts };
      assignProp(properties, key, merged);
    }
    for (const key of object2.required ?? [])
      required2.add(key);
  }
  const folded = { type: "object", properties };
  if (required2.size)
    folded.required = [...required2];
  if (objects2.every((object2) => object2.additionalProperties === false)) {
    folded.additionalProperties = false;
  } else {
    const constraints = [];
    for (const object2 of objects2) {
      const constraint = undeclaredConstraint(object2);
      if (constraint && !constraints.some((seen) => JSON.stringify(seen) === JSON.stringify(constraint)))
        constraints.push(constraint);
    }
    if (constraints.length === 1)
      folded.additionalProperties = constraints[0];
    else if (constraints.length > 1)
      folded.additionalProperties = { allOf: constraints };
  }
  return folded;
}
function foldIntersection(json3) {
  const allOf = json3.allOf;
  if (!Array.isArray(allOf) || allOf.length < 2)
    return;
  for (const key of FOLDABLE_KEYS)
    if (key in json3)
      return;
  const unions = allOf.filter((m) => UNION_KEYS.some((k) => Array.isArray(m[k])));
  let folded = null;
  if (!unions.length) {
    folded = foldObjects(allOf);
  } else {
    const union2 = unions[0];
    const keyword = UNION_KEYS.find((k) => Array.isArray(union2[k]));
    if (Object.keys(union2).length !== 1)
      return;
    const rest = allOf.filter((m) => m !== union2);
    const branches = union2[keyword].map((branch) => foldObjects([...rest, branch]));
    if (branches.some((b) => !b))
      return;
    folded = { [keyword]: branches };
  }
  if (!folded)
    return;
  delete json3.allOf;
  assignProps(json3, folded);
}
function finalize(ctx, schema) {
  const root2 = ctx.seen.get(schema);
  if (!root2)
    throw new Error("Unprocessed schema. This is a bug in Zod.");
  const flattenRef = (zodSchema) => {
    const seen = ctx.seen.get(zodSchema);
    if (seen.ref === null)
      return;
    const schema2 = seen.def ?? seen.schema;
    const _cached = { ...schema2 };
    const ref = seen.ref;
    seen.ref = null;
    if (ref) {
      flattenRef(ref);
      const refSeen = ctx.seen.get(ref);
      const refSchema = refSeen.schema;
      if (refSchema.$ref && (ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0")) {
        schema2.allOf = schema2.allOf ?? [];
        schema2.allOf.push(refSchema);
      } else {
        assignProps(schema2, refSchema);
      }
      assignProps(schema2, _cached);
      const isParentRef = zodSchema._zod.parent === ref;
      if (isParentRef) {
        for (const key in schema2) {
          if (key === "$ref" || key === "allOf")
            continue;
          if (!(key in _cached)) {
            delete schema2[key];
          }
        }
      }
      if (refSchema.$ref && refSeen.def) {
        for (const key in schema2) {
          if (key === "$ref" || key === "allOf")
            continue;
          if (key in refSeen.def && JSON.stringify(schema2[key]) === JSON.stringify(refSeen.def[key])) {
            delete schema2[key];
          }
        }
      }
    }
    const parent = zodSchema._zod.parent;
    if (parent && parent !== ref) {
      flattenRef(parent);
      const parentSeen = ctx.seen.get(parent);
      if (parentSeen?.schema.$ref) {
        schema2.$ref = parentSeen.schema.$ref;
        if (parentSeen.def) {
          for (const key in schema2) {
            if (key === "$ref" || key === "allOf")
              continue;
            if (key in parentSeen.def && JSON.stringify(schema2[key]) === JSON.stringify(parentSeen.def[key])) {
              delete schema2[key];
            }
          }
        }
      }
    }
    ctx.override({
      zodSchema,
      jsonSchema: schema2,
      path: seen.path ?? []
    });
  };
  if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
    for (const entry of [...ctx.seen.entries()].reverse()) {
      flattenRef(entry[0]);
    }
    if (ctx.target !== "openapi-3.0") {
      for (const entry of ctx.seen.entries()) {
        compactTypeUnion(entry[1].def ?? entry[1].schema);
      }
    }
    for (const rewrite of ctx.deferred)
      rewrite();
    if (ctx.intersections.length) {
      const carriers = /* @__PURE__ */ new Map();
      for (const seen of ctx.seen.values()) {
        for (const json3 of [seen.schema, seen.def]) {
          const allOf = json3?.allOf;
          if (!Array.isArray(allOf))
            continue;
          const existing = carriers.get(allOf);
          if (existing)
            existing.push(json3);
          else
            carriers.set(allOf, [json3]);
        }
      }
      for (const allOf of ctx.intersections) {
        for (const json3 of carriers.get(allOf) ?? [])
          foldIntersection(json3);
      }
    }
  }
  const result2 = {};
  if (ctx.target === "draft-2020-12") {
    result2.$schema = "https://json-schema.org/draft/2020-12/schema";
  } else if (ctx.target === "draft-07") {
    result2.$schema = "http://json-schema.org/draft-07/schema#";
  } else if (ctx.target === "draft-04") {
    result2.$schema = "http://json-schema.org/draft-04/schema#";
  } else if (ctx.target === "openapi-3.0") {
  } else {
  }
  if (ctx.external?.uri) {
    const id2 = ctx.external.registry.get(schema)?.id;
    if (!id2)
      throw new Error("Schema is missing an `id` property");
    result2.$id = ctx.external.uri(id2);
  }
  assignProps(result2, root2.defId ? root2.schema : root2.def ?? root2.schema);
  const rootMetaId = ctx.metadataRegistry.get(schema)?.id;
  if (rootMetaId !== void 0 && result2.id === rootMetaId)
    delete result2.id;
  const defs = ctx.external?.defs ?? {};
  if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
    for (const entry of ctx.seen.entries()) {
      const seen = entry[1];
      if (seen.def && seen.defId) {
        if (seen.def.id === seen.defId)
          delete seen.def.id;
        assignProp(defs, seen.defId, seen.def);
      }
    }
  }
  if (ctx.external)
    ctx.sharedEmitDoneFor = ctx.external;
  if (ctx.external) {
  } else {
    if (Object.keys(defs).length > 0) {
      if (ctx.target === "draft-2020-12") {
        result2.$defs = defs;
      } else {
        result2.definitions = defs;
      }
    }
  }
  try {
    const finalized = JSON.parse(JSON.stringify(result2));
    Object.defineProperty(finalized, "~standard", {
      value: {
        ...schema["~standard"],
        jsonSchema: {
          input: createStandardJSONSchemaMethod(schema, "input", ctx.processors),
          output: createStandardJSONSchemaMethod(schema, "output", ctx.processors)
        }
      },
      enumerable: false,
      writable: false
    });
    return finalized;
  } catch (_err) {
    throw new Error("Error converting schema to JSON.");
  }
}
function isTransforming(_schema, _ctx) {
  const ctx = _ctx ?? { seen: /* @__PURE__ */ new Set() };
  if (ctx.seen.has(_schema))
    return false;
  ctx.seen.add(_schema);
  const def = _schema._zod.def;
  if (def.type === "transform")
    return true;
  if (def.type === "array")
    return isTransforming(def.element, ctx);
  if (def.type === "set")
    return isTransforming(def.valueType, ctx);
  if (def.type === "lazy")
    return isTransforming(def.getter(), ctx);
  if (def.type === "promise" || def.type === "optional" || def.type === "nonoptional" || def.type === "nullable" || def.type === "readonly" || def.type === "default" || def.type === "prefault" || def.type === "catch") {
    return isTransforming(def.innerType, ctx);
  }
  if (def.type === "intersection") {
    return isTransforming(def.left, ctx) || isTransforming(def.right, ctx);
  }
  if (def.type === "record" || def.type === "map") {
    return isTransforming(def.keyType, ctx) || isTransforming(def.valueType, ctx);
  }
  if (def.type === "pipe") {
    if (_schema._zod.traits.has("$ZodCodec"))
      return true;
    return isTransforming(def.in, ctx) || isTransforming(def.out, ctx);
  }
  if (def.type === "object") {
    for (const key in def.shape) {
      if (isTransforming(def.shape[key], ctx))
        return true;
    }
    return false;
  }
  if (def.type === "union") {
    for (const option of def.options) {
      if (isTransforming(option, ctx))
        return true;
    }
    return false;
  }
  if (def.type === "tuple") {
    for (const item of def.items) {
      if (isTransforming(item, ctx))
        return true;
    }
    if (def.rest && isTransforming(def.rest, ctx))
      return true;
    return false;
  }
  return false;
}
var createToJSONSchemaMethod = (schema, processors = {}) => (params) => {
  const ctx = initializeContext({ ...params, processors });
  processSchema(schema, ctx);
  extractDefs(ctx, schema);
  return finalize(ctx, schema);
};
var createStandardJSONSchemaMethod = (schema, io, processors = {}) => (params) => {
  const { libraryOptions, target } = params ?? {};
  const ctx = initializeContext({ ...libraryOptions ?? {}, target, io, processors });
  processSchema(schema, ctx);
  extractDefs(ctx, schema);
  return finalize(ctx, schema);
};

// node_modules/zod/v4/core/json-schema-processors.js
var narrowMin = (agg, key, value) => {
  if (agg[key] === void 0 || value > agg[key])
    agg[key] = value;
};
var narrowMax = (agg, key, value) => {
  if (agg[key] === void 0 || value < agg[key])
    agg[key] = value;
};
var narrowBoth = (agg, value) => {
  narrowMin(agg, "minimum", value);
  narrowMax(agg, "maximum", value);
};
var addDivisor = (agg, value) => {
  agg.multipleOf ?? (agg.multipleOf = []);
  if (!agg.multipleOf.includes(value))
    agg.multipleOf.push(value);
};
var addPattern = (agg, pattern) => {
  agg.patterns ?? (agg.patterns = /* @__PURE__ */ new Set());
  agg.patterns.add(pattern);
};
var intersectMime = (agg, mime) => {
  agg.mime = agg.mime ? agg.mime.filter((m) => mime.includes(m)) : [...mime];
};
var setFormat = (agg, format) => {
  agg.format = format;
  if (format.includes("int"))
    agg.isInt = true;
};
var minContributor = (agg, def) => narrowMin(agg, "minimum", def.minimum);
var maxContributor = (agg, def) => narrowMax(agg, "maximum", def.maximum);
var formatContributor = (ranges) => (agg, def) => {
  setFormat(agg, def.format);
  const [minimum, maximum] = ranges[def.format];
  narrowMin(agg, "minimum", minimum);
  narrowMax(agg, "maximum", maximum);
};
var contributors = {
  greater_than: (agg, def) => narrowMin(agg, def.inclusive ? "minimum" : "exclusiveMinimum", def.value),
  less_than: (agg, def) => narrowMax(agg, def.inclusive ? "maximum" : "exclusiveMaximum", def.value),
  multiple_of: (agg, def) => addDivisor(agg, def.value),
  number_format: formatContributor(NUMBER_FORMAT_RANGES),
  bigint_format: formatContributor(BIGINT_FORMAT_RANGES),
  min_length: minContributor,
  max_length: maxContributor,
  length_equals: (agg, def) => narrowBoth(agg, def.length),
  min_size: minContributor,
  max_size: maxContributor,
  size_equals: (agg, def) => narrowBoth(agg, def.size),
  string_format: (agg, def) => {
    setFormat(agg, def.format);
    if (def.pattern)
      addPattern(agg, def.pattern);
    if (def.format === "base64" || def.format === "base64url")
      agg.contentEncoding = def.format;
    if (def.local || def.precision === -1)
      agg.laxFormat = true;
  },
  mime_type: (agg, def) => intersectMime(agg, def.mime)
};
function aggregateChecks(schema) {
  const agg = {};
  const def = schema._zod.def;
  const list = schema._zod.traits.has("$ZodCheck") ? [schema, ...def.checks ?? []] : def.checks ?? [];
  for (const ch of list)
    contributors[ch._zod.def.check]?.(agg, ch._zod.def);
  const bag = schema._zod.bag;
  if (bag.minimum !== void 0)
    narrowMin(agg, "minimum", bag.minimum);
  if (bag.exclusiveMinimum !== void 0)
    narrowMin(agg, "exclusiveMinimum", bag.exclusiveMinimum);
  if (bag.maximum !== void 0)
    narrowMax(agg, "maximum", bag.maximum);
  if (bag.exclusiveMaximum !== void 0)
    narrowMax(agg, "exclusiveMaximum", bag.exclusiveMaximum);
  if (bag.multipleOf !== void 0)
    addDivisor(agg, bag.multipleOf);
  if (bag.format !== void 0) {
    agg.format ?? (agg.format = bag.format);
    if (bag.format.includes("int"))
      agg.isInt = true;
  }
  if (bag.mime)
    intersectMime(agg, bag.mime);
  for (const pattern of bag.patterns ?? [])
    addPattern(agg, pattern);
  return agg;
}
var formatMap = {
  guid: "uuid",
  url: "uri",
  datetime: "date-time",
  json_string: "json-string",
  regex: ""
  // do not set
};
var exactPatterns = /* @__PURE__ */ new Map([
  [base64Charset, base64],
  [base64urlCharset, base64url]
]);
var exactPattern = (p) => exactPatterns.get(p) ?? p;
var stringProcessor = (schema, ctx, _json, _params) => {
  const json3 = _json;
  json3.type = "string";
  const { minimum, maximum, format, patterns, contentEncoding, laxFormat } = aggregateChecks(schema);
  if (typeof minimum === "number")
    json3.minLength = minimum;
  if (typeof maximum === "number")
    json3.maxLength = maximum;
  if (format) {
    json3.format = formatMap[format] ?? format;
    if (json3.format === "")
      delete json3.format;
    if (format === "time" || laxFormat) {
      delete json3.format;
    }
  }
  if (contentEncoding)
    json3.contentEncoding = contentEncoding;
  if (patterns && patterns.size > 0) {
    const patternList = [...patterns].map(exactPattern);
    if (patternList.length === 1)
      json3.pattern = patternList[0].source;
    else if (patternList.length > 1) {
      json3.allOf = [
        ...patternList.map((regex) => ({
          ...ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0" ? { type: "string" } : {},
          pattern: regex.source
        }))
      ];
    }
  }
};
var numberProcessor = (schema, ctx, _json, params) => {
  const json3 = _json;
  const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum, isInt } = aggregateChecks(schema);
  json3.type = isInt ? "integer" : "number";
  const exMin = typeof exclusiveMinimum === "number" && exclusiveMinimum >= (minimum ?? Number.NEGATIVE_INFINITY);
  const exMax = typeof exclusiveMaximum === "number" && exclusiveMaximum <= (maximum ?? Number.POSITIVE_INFINITY);
  const legacy = ctx.target === "draft-04" || ctx.target === "openapi-3.0";
  if (exMin) {
    if (legacy) {
      json3.minimum = exclusiveMinimum;
      json3.exclusiveMinimum = true;
    } else {
      json3.exclusiveMinimum = exclusiveMinimum;
    }
  } else if (typeof minimum === "number") {
    json3.minimum = minimum;
  }
  if (exMax) {
    if (legacy) {
      json3.maximum = exclusiveMaximum;
      json3.exclusiveMaximum = true;
    } else {
      json3.exclusiveMaximum = exclusiveMaximum;
    }
  } else if (typeof maximum === "number") {
    json3.maximum = maximum;
  }
  if (multipleOf) {
    const divisors = /* @__PURE__ */ new Set();
    for (const divisor of multipleOf) {
      if (Number.isFinite(divisor) && divisor !== 0)
        divisors.add(Math.abs(divisor));
      else
        handleUnrepresentable(schema, ctx, json3, params, `A multipleOf divisor of ${divisor} cannot be represented in JSON Schema`);
    }
    const [first, ...rest] = divisors;
    if (first !== void 0)
      json3.multipleOf = first;
    if (rest.length)
      json3.allOf = [...json3.allOf ?? [], ...rest.map((m) => ({ multipleOf: m }))];
  }
};
var booleanProcessor = (_schema, _ctx, json3, _params) => {
  json3.type = "boolean";
};
var bigintProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "BigInt cannot be represented in JSON Schema");
};
var symbolProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Symbols cannot be represented in JSON Schema");
};
var nullProcessor = (_schema, ctx, json3, _params) => {
  if (ctx.target === "openapi-3.0") {
    json3.type = "string";
    json3.nullable = true;
    json3.enum = [null];
  } else {
    json3.type = "null";
  }
};
var undefinedProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Undefined cannot be represented in JSON Schema");
};
var voidProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Void cannot be represented in JSON Schema");
};
var neverProcessor = (_schema, _ctx, json3, _params) => {
  json3.not = {};
};
var anyProcessor = (_schema, _ctx, _json, _params) => {
};
var unknownProcessor = (_schema, _ctx, _json, _params) => {
};
var dateProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Date cannot be represented in JSON Schema");
};
var enumProcessor = (schema, _ctx, json3, _params) => {
  const def = schema._zod.def;
  const values = getEnumValues(def.entries);
  if (values.length === 0) {
    json3.not = {};
    return;
  }
  if (values.every((v) => typeof v === "number"))
    json3.type = "number";
  if (values.every((v) => typeof v === "string"))
    json3.type = "string";
  json3.enum = values;
};
var literalProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  if (def.values.length === 0) {
    json3.not = {};
    return;
  }
  const vals = [];
  for (const val of def.values) {
    if (val === void 0) {
      if (handleUnrepresentable(schema, ctx, json3, params, "Literal `undefined` cannot be represented in JSON Schema"))
        return;
    } else if (typeof val === "bigint") {
      if (handleUnrepresentable(schema, ctx, json3, params, "BigInt literals cannot be represented in JSON Schema"))
        return;
      vals.push(Number(val));
    } else {
      vals.push(val);
    }
  }
  if (vals.length === 0) {
  } else if (vals.length === 1) {
    const val = vals[0];
    json3.type = val === null ? "null" : typeof val;
    if (ctx.target === "draft-04" || ctx.target === "openapi-3.0") {
      json3.enum = [val];
    } else {
      json3.const = val;
    }
  } else {
    if (vals.every((v) => typeof v === "number"))
      json3.type = "number";
    if (vals.every((v) => typeof v === "string"))
      json3.type = "string";
    if (vals.every((v) => typeof v === "boolean"))
      json3.type = "boolean";
    if (vals.every((v) => v === null))
      json3.type = "null";
    json3.enum = vals;
  }
};
var nanProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "NaN cannot be represented in JSON Schema");
};
var templateLiteralProcessor = (schema, _ctx, json3, _params) => {
  const _json = json3;
  const pattern = schema._zod.pattern;
  if (!pattern)
    throw new Error("Pattern not found in template literal");
  _json.type = "string";
  _json.pattern = pattern.source;
};
var fileProcessor = (schema, _ctx, json3, _params) => {
  const _json = json3;
  _json.type = "string";
  _json.format = "binary";
  _json.contentEncoding = "binary";
  const { minimum, maximum, mime } = aggregateChecks(schema);
  if (minimum !== void 0)
    _json.minLength = minimum;
  if (maximum !== void 0)
    _json.maxLength = maximum;
  if (!mime)
    return;
  if (mime.length === 0)
    _json.not = {};
  else if (mime.length === 1)
    _json.contentMediaType = mime[0];
  else
    _json.anyOf = mime.map((m) => ({ contentMediaType: m }));
};
var successProcessor = (_schema, _ctx, json3, _params) => {
  json3.type = "boolean";
};
var customProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Custom types cannot be represented in JSON Schema");
};
var functionProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Function types cannot be represented in JSON Schema");
};
var transformProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Transforms cannot be represented in JSON Schema");
};
var mapProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Map cannot be represented in JSON Schema");
};
var setProcessor = (schema, ctx, json3, params) => {
  handleUnrepresentable(schema, ctx, json3, params, "Set cannot be represented in JSON Schema");
};
var arrayProcessor = (schema, ctx, _json, params) => {
  const json3 = _json;
  const def = schema._zod.def;
  const { minimum, maximum } = aggregateChecks(schema);
  if (typeof minimum === "number")
    json3.minItems = minimum;
  if (typeof maximum === "number")
    json3.maxItems = maximum;
  json3.type = "array";
  json3.items = processSchema(def.element, ctx, {
    ...params,
    path: [...params.path, "items"]
  });
};
function inputOptin(schema) {
  const def = schema._zod.def;
  if (def.type === "pipe" && def.in._zod.traits.has("$ZodTransform")) {
    return inputOptin(def.out);
  }
  if (def.type === "catch") {
    return inputOptin(def.innerType);
  }
  return schema._zod.optin;
}
var objectProcessor = (schema, ctx, _json, params) => {
  const json3 = _json;
  const def = schema._zod.def;
  const shape = def.shape;
  const symbolKeys = Object.getOwnPropertySymbols(shape);
  if (symbolKeys.length && handleUnrepresentable(schema, ctx, json3, params, "Symbol keys cannot be represented in JSON Schema")) {
    return;
  }
  json3.type = "object";
  json3.properties = {};
  for (const key in shape) {
    assignProp(json3.properties, key, processSchema(shape[key], ctx, {
      ...params,
      path: [...params.path, "properties", key]
    }));
  }
  const requiredKeys = [];
  for (const key of Object.keys(shape)) {
    const field = def.shape[key];
    if (ctx.io === "input" ? inputOptin(field) === void 0 : field._zod.optout === void 0) {
      requiredKeys.push(key);
    }
  }
  if (requiredKeys.length > 0) {
    json3.required = requiredKeys;
  }
  if (def.catchall?._zod.def.type === "never") {
    json3.additionalProperties = false;
  } else if (!def.catchall) {
    if (ctx.io === "output")
      json3.additionalProperties = false;
  } else if (def.catchall) {
    json3.additionalProperties = processSchema(def.catchall, ctx, {
      ...params,
      path: [...params.path, "additionalProperties"]
    });
  }
};
var unionProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  const isExclusive = def.inclusive === false;
  const options = def.options.map((x, i) => processSchema(x, ctx, {
    ...params,
    path: [...params.path, isExclusive ? "oneOf" : "anyOf", i]
  }));
  if (isExclusive) {
    json3.oneOf = options;
  } else {
    json3.anyOf = options;
  }
};
var intersectionProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  const a = processSchema(def.left, ctx, {
    ...params,
    path: [...params.path, "allOf", 0]
  });
  const b = processSchema(def.right, ctx, {
    ...params,
    path: [...params.path, "allOf", 1]
  });
  const isSimpleIntersection = (val) => "allOf" in val && Object.keys(val).length === 1;
  const allOf = [
    ...isSimpleIntersection(a) ? a.allOf : [a],
    ...isSimpleIntersection(b) ? b.allOf : [b]
  ];
  json3.allOf = allOf;
  ctx.intersections.push(allOf);
};
var tupleProcessor = (schema, ctx, _json, params) => {
  const json3 = _json;
  const def = schema._zod.def;
  json3.type = "array";
  const prefixPath = ctx.target === "draft-2020-12" ? "prefixItems" : "items";
  const restPath = ctx.target === "draft-2020-12" ? "items" : ctx.target === "openapi-3.0" ? "items" : "additionalItems";
  const prefixItems = def.items.map((x, i) => processSchema(x, ctx, {
    ...params,
    path: [...params.path, prefixPath, i]
  }));
  const rest = def.rest ? processSchema(def.rest, ctx, {
    ...params,
    path: [...params.path, restPath, ...ctx.target === "openapi-3.0" ? [def.items.length] : []]
  }) : null;
  let minItems = def.items.length;
  while (minItems > 0) {
    const item = def.items[minItems - 1];
    const optional2 = ctx.io === "input" ? inputOptin(item) !== void 0 : item._zod.optout === "optional";
    if (!optional2)
      break;
    minItems--;
  }
  const maxItems = def.items.length;
  const isClosed = !def.rest;
  if (ctx.target === "draft-2020-12") {
    json3.prefixItems = prefixItems;
    if (isClosed) {
      json3.items = false;
    } else if (rest) {
      json3.items = rest;
    }
    if (minItems > 0)
      json3.minItems = minItems;
    if (isClosed)
      json3.maxItems = maxItems;
  } else if (ctx.target === "openapi-3.0") {
    json3.items = {
      anyOf: prefixItems
    };
    if (rest) {
      json3.items.anyOf.push(rest);
    }
    if (minItems > 0)
      json3.minItems = minItems;
    if (isClosed)
      json3.maxItems = maxItems;
  } else {
    json3.items = prefixItems;
    if (isClosed) {
      json3.additionalItems = false;
    } else if (rest) {
      json3.additionalItems = rest;
    }
    if (minItems > 0)
      json3.minItems = minItems;
    if (isClosed)
      json3.maxItems = maxItems;
  }
  const { minimum, maximum } = aggregateChecks(schema);
  if (typeof minimum === "number")
    json3.minItems = minimum;
  if (typeof maximum === "number")
    json3.maxItems = maximum;
};
function stringifyKeyNames(bySchema, json3, visited) {
  if (json3.$ref) {
    if (visited.has(json3))
      return json3;
    visited.add(json3);
    const def = bySchema.get(json3)?.def;
    if (!def)
      return json3;
    const inlined = stringifyKeyNames(bySchema, def, visited);
    return inlined === def ? json3 : inlined;
  }
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = json3[keyword];
    if (!Array.isArray(branches))
      continue;
    const mapped = branches.map((branch) => stringifyKeyNames(bySchema, branch, visited));
    if (mapped.some((branch, i) => branch !== branches[i]))
      json3 = { ...json3, [keyword]: mapped };
  }
  const types = Array.isArray(json3.type) ? json3.type : [json3.type];
  const numericType = !types.includes("string") && types.some((t) => t === "number" || t === "integer");
  const values = json3.enum ?? (json3.const !== void 0 ? [json3.const] : void 0);
  if (!numericType && !values?.some((v) => typeof v === "number"))
    return json3;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format, id: id2, ...rest } = json3;
  if (rest.enum)
    rest.enum = rest.enum.map((v) => typeof v === "number" ? String(v) : v);
  else if (typeof rest.const === "number")
    rest.const = String(rest.const);
  if (!numericType)
    return rest;
  rest.type = "string";
  if (!values)
    rest.pattern = (types.includes("number") ? number : integer).source;
  return rest;
}
var pendingRecords = /* @__PURE__ */ new WeakMap();
function rewriteKeyNames(ctx) {
  const bySchema = /* @__PURE__ */ new Map();
  for (const entry of ctx.seen.values()) {
    if (entry.def && !bySchema.has(entry.schema))
      bySchema.set(entry.schema, entry);
  }
  const rewrites = /* @__PURE__ */ new Map();
  for (const record2 of pendingRecords.get(ctx) ?? []) {
    const seen = ctx.seen.get(record2);
    const names2 = (seen?.def ?? seen?.schema)?.propertyNames;
    if (!names2 || names2 === true || rewrites.has(names2))
      continue;
    const rewritten = stringifyKeyNames(bySchema, names2, /* @__PURE__ */ new Set());
    if (rewritten !== names2)
      rewrites.set(names2, rewritten);
  }
  if (!rewrites.size)
    return;
  for (const entry of ctx.seen.values()) {
    for (const carrier of [entry.schema, entry.def]) {
      const rewritten = carrier && rewrites.get(carrier.propertyNames);
      if (rewritten)
        carrier.propertyNames = rewritten;
    }
  }
}
var recordProcessor = (schema, ctx, _json, params) => {
  const json3 = _json;
  const def = schema._zod.def;
  json3.type = "object";
  const keyType = def.keyType;
  const patterns = aggregateChecks(keyType).patterns;
  if (def.mode === "loose" && patterns && patterns.size > 0) {
    const valueSchema = processSchema(def.valueType, ctx, {
      ...params,
      path: [...params.path, "patternProperties", "*"]
    });
    json3.patternProperties = {};
    for (const pattern of patterns) {
      assignProp(json3.patternProperties, exactPattern(pattern).source, valueSchema);
    }
  } else {
    if (ctx.target === "draft-07" || ctx.target === "draft-2020-12") {
      json3.propertyNames = processSchema(def.keyType, ctx, {
        ...params,
        path: [...params.path, "propertyNames"]
      });
      let pending = pendingRecords.get(ctx);
      if (!pending) {
        pending = [];
        pendingRecords.set(ctx, pending);
        ctx.deferred.push(() => rewriteKeyNames(ctx));
      }
      pending.push(schema);
    }
    json3.additionalProperties = processSchema(def.valueType, ctx, {
      ...params,
      path: [...params.path, "additionalProperties"]
    });
  }
  const keyValues = keyType._zod.values;
  const omittableOnInput = ctx.io === "input" && inputOptin(def.valueType) !== void 0;
  if (keyValues && !def.partial && !omittableOnInput) {
    const validKeyValues = [...keyValues].filter((v) => typeof v === "string" || typeof v === "number");
    if (validKeyValues.length > 0) {
      json3.required = validKeyValues.map(String);
    }
  }
};
var nullableProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  const inner = processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  if (ctx.target === "openapi-3.0") {
    seen.ref = def.innerType;
    json3.nullable = true;
  } else {
    json3.anyOf = [inner, { type: "null" }];
  }
};
var nonoptionalProcessor = (schema, ctx, _json, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
};
var UNREPRESENTABLE_DEFAULT = /* @__PURE__ */ Symbol();
function serializeDefaultValue(value, schema, ctx, json3, params) {
  let unrepresentable = false;
  const serialized = JSON.stringify(value, (_, val) => {
    if (typeof val !== "bigint")
      return val;
    unrepresentable = true;
    return null;
  });
  if (!unrepresentable)
    return JSON.parse(serialized);
  handleUnrepresentable(schema, ctx, json3, params, "BigInt defaults cannot be represented in JSON Schema");
  return UNREPRESENTABLE_DEFAULT;
}
var defaultProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
  const value = serializeDefaultValue(def.defaultValue, schema, ctx, json3, params);
  if (value !== UNREPRESENTABLE_DEFAULT)
    json3.default = value;
};
var prefaultProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
  if (ctx.io !== "input")
    return;
  const value = serializeDefaultValue(def.defaultValue, schema, ctx, json3, params);
  if (value !== UNREPRESENTABLE_DEFAULT)
    json3._prefault = value;
};
var catchProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
  let catchValue;
  try {
    catchValue = def.catchValue(void 0);
  } catch {
    handleUnrepresentable(schema, ctx, json3, params, "Dynamic catch values are not supported in JSON Schema");
    return;
  }
  json3.default = catchValue;
};
var pipeProcessor = (schema, ctx, _json, params) => {
  const def = schema._zod.def;
  const inIsTransform = def.in._zod.traits.has("$ZodTransform");
  const innerType = ctx.io === "input" ? inIsTransform ? def.out : def.in : def.out;
  processSchema(innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = innerType;
};
var readonlyProcessor = (schema, ctx, json3, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
  json3.readOnly = true;
};
var promiseProcessor = (schema, ctx, _json, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
};
var optionalProcessor = (schema, ctx, _json, params) => {
  const def = schema._zod.def;
  processSchema(def.innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = def.innerType;
};
var lazyProcessor = (schema, ctx, _json, params) => {
  const innerType = schema._zod.innerType;
  processSchema(innerType, ctx, params);
  const seen = ctx.seen.get(schema);
  seen.ref = innerType;
};
var allProcessors = {
  string: stringProcessor,
  number: numberProcessor,
  boolean: booleanProcessor,
  bigint: bigintProcessor,
  symbol: symbolProcessor,
  null: nullProcessor,
  undefined: undefinedProcessor,
  void: voidProcessor,
  never: neverProcessor,
  any: anyProcessor,
  unknown: unknownProcessor,
  date: dateProcessor,
  enum: enumProcessor,
  literal: literalProcessor,
  nan: nanProcessor,
  template_literal: templateLiteralProcessor,
  file: fileProcessor,
  success: successProcessor,
  custom: customProcessor,
  function: functionProcessor,
  transform: transformProcessor,
  map: mapProcessor,
  set: setProcessor,
  array: arrayProcessor,
  object: objectProcessor,
  union: unionProcessor,
  intersection: intersectionProcessor,
  tuple: tupleProcessor,
  record: recordProcessor,
  nullable: nullableProcessor,
  nonoptional: nonoptionalProcessor,
  default: defaultProcessor,
  prefault: prefaultProcessor,
  catch: catchProcessor,
  pipe: pipeProcessor,
  readonly: readonlyProcessor,
  promise: promiseProcessor,
  optional: optionalProcessor,
  lazy: lazyProcessor
};
function toJSONSchema(input2, params) {
  if ("_idmap" in input2) {
    const registry2 = input2;
    const ctx2 = initializeContext({ ...params, processors: allProcessors });
    const defs = {};
    for (const entry of registry2._idmap.entries()) {
      const [_, schema] = entry;
      processSchema(schema, ctx2);
    }
    const schemas = {};
    const external = {
      registry: registry2,
      uri: params?.uri,
      defs
    };
    ctx2.external = external;
    for (const entry of registry2._idmap.entries()) {
      const [key, schema] = entry;
      extractDefs(ctx2, schema);
      assignProp(schemas, key, finalize(ctx2, schema));
    }
    if (Object.keys(defs).length > 0) {
      const defsSegment = ctx2.target === "draft-2020-12" ? "$defs" : "definitions";
      schemas.__shared = {
        [defsSegment]: defs
      };
    }
    return { schemas };
  }
  const ctx = initializeContext({ ...params, processors: allProcessors });
  processSchema(input2, ctx);
  extractDefs(ctx, input2);
  return finalize(ctx, input2);
}

// node_modules/zod/v4/core/json-schema-generator.js
var JSONSchemaGenerator = class {
  /** @deprecated Access via ctx instead */
  get metadataRegistry() {
    return this.ctx.metadataRegistry;
  }
  /** @deprecated Access via ctx instead */
  get target() {
    return this.ctx.target;
  }
  // annotated so the .d.cts emits an indexed access rather than an inline `import()` of an ESM path
  /** @deprecated Access via ctx instead */
  get unrepresentable() {
    return this.ctx.unrepresentable;
  }
  /** @deprecated Access via ctx instead */
  get override() {
    return this.ctx.override;
  }
  /** @deprecated Access via ctx instead */
  get io() {
    return this.ctx.io;
  }
  /** @deprecated Access via ctx instead */
  get counter() {
    return this.ctx.counter;
  }
  set counter(value) {
    this.ctx.counter = value;
  }
  /** @deprecated Access via ctx instead */
  get seen() {
    return this.ctx.seen;
  }
  constructor(params) {
    let normalizedTarget = params?.target ?? "draft-2020-12";
    if (normalizedTarget === "draft-4")
      normalizedTarget = "draft-04";
    if (normalizedTarget === "draft-7")
      normalizedTarget = "draft-07";
    this.ctx = initializeContext({
      processors: allProcessors,
      target: normalizedTarget,
      ...params?.metadata && { metadata: params.metadata },
      ...params?.unrepresentable && { unrepresentable: params.unrepresentable },
      ...params?.override && { override: params.override },
      ...params?.io && { io: params.io }
    });
  }
  /**
   * Process a schema to prepare it for JSON Schema generation.
   * This must be called before emit().
   */
  process(schema, _params = { path: [], schemaPath: [] }) {
    return processSchema(schema, this.ctx, _params);
  }
  /**
   * Emit the final JSON Schema after processing.
   * Must call process() first.
   */
  emit(schema, _params) {
    if (_params) {
      if (_params.cycles)
        this.ctx.cycles = _params.cycles;
      if (_params.reused)
        this.ctx.reused = _params.reused;
      if (_params.external)
        this.ctx.external = _params.external;
    }
    this.ctx.sharedDefsExtractedFor = void 0;
    this.ctx.sharedEmitDoneFor = void 0;
    extractDefs(this.ctx, schema);
    const result2 = finalize(this.ctx, schema);
    const { "~standard": _, ...plainResult } = result2;
    return plainResult;
  }
};

// node_modules/zod/v4/core/json-schema.js
var json_schema_exports = {};

// node_modules/zod/v4/classic/schemas.js
var schemas_exports2 = {};
__export(schemas_exports2, {
  ZodAny: () => ZodAny,
  ZodArray: () => ZodArray,
  ZodBase64: () => ZodBase64,
  ZodBase64URL: () => ZodBase64URL,
  ZodBigInt: () => ZodBigInt,
  ZodBigIntFormat: () => ZodBigIntFormat,
  ZodBoolean: () => ZodBoolean,
  ZodCIDRv4: () => ZodCIDRv4,
  ZodCIDRv6: () => ZodCIDRv6,
  ZodCUID: () => ZodCUID,
  ZodCUID2: () => ZodCUID2,
  ZodCatch: () => ZodCatch,
  ZodCodec: () => ZodCodec,
  ZodCreditCard: () => ZodCreditCard,
  ZodCustom: () => ZodCustom,
  ZodCustomStringFormat: () => ZodCustomStringFormat,
  ZodDate: () => ZodDate,
  ZodDefault: () => ZodDefault,
  ZodDiscriminatedUnion: () => ZodDiscriminatedUnion,
  ZodE164: () => ZodE164,
  ZodEmail: () => ZodEmail,
  ZodEmoji: () => ZodEmoji,
  ZodEnum: () => ZodEnum,
  ZodExactOptional: () => ZodExactOptional,
  ZodFile: () => ZodFile,
  ZodFunction: () => ZodFunction,
  ZodGUID: () => ZodGUID,
  ZodIBAN: () => ZodIBAN,
  ZodIPv4: () => ZodIPv4,
  ZodIPv6: () => ZodIPv6,
  ZodISODate: () => ZodISODate,
  ZodISODateTime: () => ZodISODateTime,
  ZodISODuration: () => ZodISODuration,
  ZodISOTime: () => ZodISOTime,
  ZodInstanceOf: () => ZodInstanceOf,
  ZodIntersection: () => ZodIntersection,
  ZodJWT: () => ZodJWT,
  ZodKSUID: () => ZodKSUID,
  ZodLazy: () => ZodLazy,
  ZodLiteral: () => ZodLiteral,
  ZodMAC: () => ZodMAC,
  ZodMap: () => ZodMap,
  ZodNaN: () => ZodNaN,
  ZodNanoID: () => ZodNanoID,
  ZodNever: () => ZodNever,
  ZodNonOptional: () => ZodNonOptional,
  ZodNull: () => ZodNull,
  ZodNullable: () => ZodNullable,
  ZodNumber: () => ZodNumber,
  ZodNumberFormat: () => ZodNumberFormat,
  ZodObject: () => ZodObject,
  ZodOptional: () => ZodOptional,
  ZodPipe: () => ZodPipe,
  ZodPrefault: () => ZodPrefault,
  ZodPreprocess: () => ZodPreprocess,
  ZodPromise: () => ZodPromise,
  ZodReadonly: () => ZodReadonly,
  ZodRecord: () => ZodRecord,
  ZodSet: () => ZodSet,
  ZodString: () => ZodString,
  ZodStringFormat: () => ZodStringFormat,
  ZodSuccess: () => ZodSuccess,
  ZodSymbol: () => ZodSymbol,
  ZodTemplateLiteral: () => ZodTemplateLiteral,
  ZodTransform: () => ZodTransform,
  ZodTuple: () => ZodTuple,
  ZodType: () => ZodType,
  ZodULID: () => ZodULID,
  ZodURL: () => ZodURL,
  ZodUUID: () => ZodUUID,
  ZodUndefined: () => ZodUndefined,
  ZodUnion: () => ZodUnion,
  ZodUnknown: () => ZodUnknown,
  ZodVoid: () => ZodVoid,
  ZodXID: () => ZodXID,
  ZodXor: () => ZodXor,
  _ZodString: () => _ZodString,
  _default: () => _default2,
  _function: () => _function,
  any: () => any,
  array: () => array,
  base64: () => base642,
  base64url: () => base64url2,
  bigint: () => bigint2,
  boolean: () => boolean2,
  catch: () => _catch2,
  check: () => check,
  cidrv4: () => cidrv42,
  cidrv6: () => cidrv62,
  codec: () => codec,
  creditCard: () => creditCard2,
  cuid: () => cuid3,
  cuid2: () => cuid22,
  currencyCode: () => currencyCode2,
  custom: () => custom,
  date: () => date2,
  describe: () => describe2,
  discriminatedUnion: () => discriminatedUnion,
  e164: () => e1642,
  email: () => email2,
  emoji: () => emoji2,
  enum: () => _enum2,
  exactOptional: () => exactOptional,
  file: () => file,
  float32: () => float32,
  float64: () => float64,
  function: () => _function,
  guid: () => guid2,
  hash: () => hash,
  hex: () => hex2,
  hostname: () => hostname2,
  httpUrl: () => httpUrl,
  iban: () => iban2,
  instanceof: () => _instanceof,
  int: () => int,
  int32: () => int32,
  int64: () => int64,
  intersection: () => intersection,
  invertCodec: () => invertCodec,
  ipv4: () => ipv42,
  ipv6: () => ipv62,
  json: () => json,
  jwt: () => jwt,
  keyof: () => keyof,
  ksuid: () => ksuid2,
  lazy: () => lazy,
  literal: () => literal,
  looseObject: () => looseObject,
  looseRecord: () => looseRecord,
  mac: () => mac2,
  map: () => map,
  meta: () => meta2,
  nan: () => nan,
  nanoid: () => nanoid2,
  nativeEnum: () => nativeEnum,
  never: () => never,
  nonoptional: () => nonoptional,
  null: () => _null3,
  nullable: () => nullable,
  nullish: () => nullish2,
  number: () => number2,
  object: () => object,
  optional: () => optional,
  partialRecord: () => partialRecord,
  pipe: () => pipe,
  prefault: () => prefault,
  preprocess: () => preprocess,
  promise: () => promise,
  readonly: () => readonly,
  record: () => record,
  refine: () => refine,
  set: () => set,
  strictObject: () => strictObject,
  string: () => string2,
  stringFormat: () => stringFormat,
  stringbool: () => stringbool,
  success: () => success,
  superRefine: () => superRefine,
  symbol: () => symbol,
  templateLiteral: () => templateLiteral,
  transform: () => transform,
  tuple: () => tuple,
  uint32: () => uint32,
  uint64: () => uint64,
  ulid: () => ulid2,
  undefined: () => _undefined3,
  union: () => union,
  unknown: () => unknown,
  url: () => url,
  uuid: () => uuid2,
  uuidv4: () => uuidv4,
  uuidv6: () => uuidv6,
  uuidv7: () => uuidv7,
  void: () => _void2,
  xid: () => xid2,
  xor: () => xor
});

// node_modules/zod/v4/classic/checks.js
var checks_exports2 = {};
__export(checks_exports2, {
  endsWith: () => _endsWith,
  gt: () => _gt,
  gte: () => _gte,
  includes: () => _includes,
  length: () => _length,
  lowercase: () => _lowercase,
  lt: () => _lt,
  lte: () => _lte,
  maxLength: () => _maxLength,
  maxSize: () => _maxSize,
  mime: () => _mime,
  minLength: () => _minLength,
  minSize: () => _minSize,
  multipleOf: () => _multipleOf,
  negative: () => _negative,
  nonnegative: () => _nonnegative,
  nonpositive: () => _nonpositive,
  normalize: () => _normalize,
  overwrite: () => _overwrite,
  positive: () => _positive,
  properties: () => _properties,
  property: () => _property,
  regex: () => _regex,
  size: () => _size,
  slugify: () => _slugify,
  startsWith: () => _startsWith,
  toLowerCase: () => _toLowerCase,
  toUpperCase: () => _toUpperCase,
  trim: () => _trim,
  uppercase: () => _uppercase
});

// node_modules/zod/v4/classic/errors.js
var _installedErrorProtos = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
function _lazyMethod(proto, key, make2) {
  Object.defineProperty(proto, key, {
    configurable: true,
    enumerable: false,
    get() {
      const value = make2(this);
      Object.defineProperty(this, key, { value, configurable: true, writable: true });
      return value;
    },
    set(value) {
      Object.defineProperty(this, key, { value, configurable: true, writable: true });
    }
  });
}
var initializer2 = (inst, issues) => {
  $ZodError.init(inst, issues);
  inst.name = "ZodError";
  const proto = Object.getPrototypeOf(inst);
  if (_installedErrorProtos.has(proto))
    return;
  _installedErrorProtos.add(proto);
  _lazyMethod(proto, "format", (self) => (mapper) => formatError(self, mapper));
  _lazyMethod(proto, "flatten", (self) => (mapper) => flattenError(self, mapper));
  _lazyMethod(proto, "addIssue", (self) => (issue2) => {
    self.issues.push(issue2);
    self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
  });
  _lazyMethod(proto, "addIssues", (self) => (issues2) => {
    self.issues.push(...issues2);
    self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
  });
  Object.defineProperty(proto, "isEmpty", {
    configurable: true,
    enumerable: false,
    get() {
      return this.issues.length === 0;
    }
  });
};
var ZodError = /* @__PURE__ */ $constructor("ZodError", initializer2);
var ZodRealError = /* @__PURE__ */ $constructor("ZodError", initializer2, void 0, {
  Parent: Error
});

// node_modules/zod/v4/classic/parse.js
var parse2 = /* @__PURE__ */ _parse(ZodRealError);
var parseAsync2 = /* @__PURE__ */ _parseAsync(ZodRealError);
var safeParse2 = /* @__PURE__ */ _safeParse(ZodRealError);
var safeParseAsync2 = /* @__PURE__ */ _safeParseAsync(ZodRealError);
var encode2 = /* @__PURE__ */ _encode(ZodRealError);
var decode2 = /* @__PURE__ */ _decode(ZodRealError);
var encodeAsync2 = /* @__PURE__ */ _encodeAsync(ZodRealError);
var decodeAsync2 = /* @__PURE__ */ _decodeAsync(ZodRealError);
var safeEncode2 = /* @__PURE__ */ _safeEncode(ZodRealError);
var safeDecode2 = /* @__PURE__ */ _safeDecode(ZodRealError);
var safeEncodeAsync2 = /* @__PURE__ */ _safeEncodeAsync(ZodRealError);
var safeDecodeAsync2 = /* @__PURE__ */ _safeDecodeAsync(ZodRealError);

// node_modules/zod/v4/classic/schemas.js
function _ensureDefaultLocale() {
  if (!globalConfig.localeError)
    config(en_default());
}
function _ensureDefaultMemoizer() {
  if (!globalConfig.memoizer)
    config({ memoizer: memoizer() });
}
var ZodType = /* @__PURE__ */ $constructor("ZodType", (inst, def) => {
  _ensureDefaultLocale();
  $ZodType.init(inst, def);
  inst.def = def;
  inst.type = def.type;
  return inst;
}, {
  check(...chks) {
    const def = this.def;
    return this.clone(util_exports.mergeDefs(def, {
      checks: [
        ...def.checks ?? [],
        ...chks.map((ch) => typeof ch === "function" ? { _zod: { check: ch, def: { check: "custom" }, onattach: [] } } : ch)
      ]
    }), { parent: true });
  },
  with(...chks) {
    return this.check(...chks);
  },
  clone(def, params) {
    return clone(this, def, params);
  },
  brand() {
    return this;
  },
  register(reg, meta3) {
    reg.add(this, meta3);
    return this;
  },
  refine(check2, params) {
    return this.check(refine(check2, params));
  },
  superRefine(refinement, params) {
    return this.check(superRefine(refinement, params));
  },
  overwrite(fn) {
    return this.check(_overwrite(fn));
  },
  optional() {
    return optional(this);
  },
  exactOptional() {
    return exactOptional(this);
  },
  nullable() {
    return nullable(this);
  },
  nullish() {
    return optional(nullable(this));
  },
  nonoptional(params) {
    return nonoptional(this, params);
  },
  array() {
    return array(this);
  },
  or(arg) {
    return union([this, arg]);
  },
  and(arg) {
    return intersection(this, arg);
  },
  transform(tx) {
    return pipe(this, transform(tx));
  },
  default(d) {
    return _default2(this, d);
  },
  prefault(d) {
    return prefault(this, d);
  },
  catch(params) {
    return _catch2(this, params);
  },
  pipe(target) {
    return pipe(this, target);
  },
  readonly() {
    return readonly(this);
  },
  describe(description) {
    const cl = this.clone();
    globalRegistry.add(cl, { description });
    return cl;
  },
  meta(...args) {
    if (args.length === 0)
      return globalRegistry.get(this);
    const cl = this.clone();
    globalRegistry.add(cl, args[0]);
    return cl;
  },
  isOptional() {
    return this.safeParse(void 0).success;
  },
  isNullable() {
    return this.safeParse(null).success;
  },
  apply(fn, ...args) {
    return args.length === 0 ? fn(this) : fn(this, ...args);
  },
  // Overrides core's `~standard` to add `jsonSchema`. Must stay a prototype entry: redefining it per instance demotes instances to dictionary mode.
  get "~standard"() {
    return util_exports.hide(this, "~standard", {
      ...standardProps(this),
      jsonSchema: {
        input: createStandardJSONSchemaMethod(this, "input"),
        output: createStandardJSONSchemaMethod(this, "output")
      }
    });
  },
  set "~standard"(value) {
    util_exports.own(this, "~standard", value);
  },
  parse: function _parse2(data, params) {
    return parse2(this, data, params, { callee: _parse2 });
  },
  parseAsync: async function _parseAsync2(data, params) {
    return await parseAsync2(this, data, params, { callee: _parseAsync2 });
  },
  safeParse(data, params) {
    return safeParse2(this, data, params);
  },
  async safeParseAsync(data, params) {
    return safeParseAsync2(this, data, params);
  },
  // `spa` is an alias: same function object as `safeParseAsync`, as before.
  get spa() {
    return this?.safeParseAsync;
  },
  set spa(value) {
    util_exports.own(this, "spa", value);
  },
  validate(data, params) {
    return validate(this, data, params);
  },
  validateAsync(data, params) {
    return validateAsync(this, data, params);
  },
  encode: function _encode2(data, params) {
    return encode2(this, data, params, { callee: _encode2 });
  },
  decode: function _decode2(data, params) {
    return decode2(this, data, params, { callee: _decode2 });
  },
  encodeAsync: async function _encodeAsync2(data, params) {
    return await encodeAsync2(this, data, params, { callee: _encodeAsync2 });
  },
  decodeAsync: async function _decodeAsync2(data, params) {
    return await decodeAsync2(this, data, params, { callee: _decodeAsync2 });
  },
  safeEncode(data, params) {
    return safeEncode2(this, data, params);
  },
  safeDecode(data, params) {
    return safeDecode2(this, data, params);
  },
  async safeEncodeAsync(data, params) {
    return safeEncodeAsync2(this, data, params);
  },
  async safeDecodeAsync(data, params) {
    return safeDecodeAsync2(this, data, params);
  },
  toJSONSchema(params) {
    return createToJSONSchemaMethod(this, {})(params);
  },
  // Reads through to the registry on every access, so it must not cache.
  get description() {
    return globalRegistry.get(this)?.description;
  },
  // No setter: `schema._def = x` throws, as it did when `_def` was a non-writable own property.
  get _def() {
    return this._zod.def;
  }
});
var _ZodString = /* @__PURE__ */ $constructor(
  "_ZodString",
  (inst, def) => {
    $ZodString.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json3, params) => stringProcessor(inst, ctx, json3, params);
  },
  /* @__PURE__ */ util_exports.derived({
    format: (inst) => aggregateChecks(inst).format ?? null,
    minLength: (inst) => aggregateChecks(inst).minimum ?? null,
    maxLength: (inst) => aggregateChecks(inst).maximum ?? null
  }, {
    regex(...args) {
      return this.check(_regex(...args));
    },
    includes(...args) {
      return this.check(_includes(...args));
    },
    startsWith(...args) {
      return this.check(_startsWith(...args));
    },
    endsWith(...args) {
      return this.check(_endsWith(...args));
    },
    min(...args) {
      return this.check(_minLength(...args));
    },
    max(...args) {
      return this.check(_maxLength(...args));
    },
    length(...args) {
      return this.check(_length(...args));
    },
    nonempty(...args) {
      return this.check(_minLength(1, ...args));
    },
    lowercase(params) {
      return this.check(_lowercase(params));
    },
    uppercase(params) {
      return this.check(_uppercase(params));
    },
    trim() {
      return this.check(_trim());
    },
    normalize(...args) {
      return this.check(_normalize(...args));
    },
    toLowerCase() {
      return this.check(_toLowerCase());
    },
    toUpperCase() {
      return this.check(_toUpperCase());
    },
    slugify() {
      return this.check(_slugify());
    }
  })
);
var ZodString = /* @__PURE__ */ $constructor("ZodString", (inst, def) => {
  $ZodString.init(inst, def);
  _ZodString.init(inst, def);
}, {
  email(params) {
    return this.check(_email(ZodEmail, params));
  },
  url(params) {
    return this.check(_url(ZodURL, params));
  },
  jwt(params) {
    return this.check(_jwt(ZodJWT, params));
  },
  emoji(params) {
    return this.check(_emoji2(ZodEmoji, params));
  },
  guid(params) {
    return this.check(_guid(ZodGUID, params));
  },
  uuid(params) {
    return this.check(_uuid(ZodUUID, params));
  },
  uuidv4(params) {
    return this.check(_uuidv4(ZodUUID, params));
  },
  uuidv6(params) {
    return this.check(_uuidv6(ZodUUID, params));
  },
  uuidv7(params) {
    return this.check(_uuidv7(ZodUUID, params));
  },
  nanoid(params) {
    return this.check(_nanoid(ZodNanoID, params));
  },
  cuid(params) {
    return this.check(_cuid(ZodCUID, params));
  },
  cuid2(params) {
    return this.check(_cuid2(ZodCUID2, params));
  },
  ulid(params) {
    return this.check(_ulid(ZodULID, params));
  },
  base64(params) {
    return this.check(_base64(ZodBase64, params));
  },
  base64url(params) {
    return this.check(_base64url(ZodBase64URL, params));
  },
  xid(params) {
    return this.check(_xid(ZodXID, params));
  },
  ksuid(params) {
    return this.check(_ksuid(ZodKSUID, params));
  },
  ipv4(params) {
    return this.check(_ipv4(ZodIPv4, params));
  },
  ipv6(params) {
    return this.check(_ipv6(ZodIPv6, params));
  },
  cidrv4(params) {
    return this.check(_cidrv4(ZodCIDRv4, params));
  },
  cidrv6(params) {
    return this.check(_cidrv6(ZodCIDRv6, params));
  },
  e164(params) {
    return this.check(_e164(ZodE164, params));
  },
  datetime(params) {
    return this.check(_isoDateTime(ZodISODateTime, params));
  },
  date(params) {
    return this.check(_isoDate(ZodISODate, params));
  },
  time(params) {
    return this.check(_isoTime(ZodISOTime, params));
  },
  duration(params) {
    return this.check(_isoDuration(ZodISODuration, params));
  }
});
function string2(params) {
  return _string(ZodString, params);
}
var ZodStringFormat = /* @__PURE__ */ $constructor("ZodStringFormat", (inst, def) => {
  $ZodStringFormat.init(inst, def);
  _ZodString.init(inst, def);
});
var ZodISODateTime = /* @__PURE__ */ $constructor("ZodISODateTime", (inst, def) => {
  $ZodISODateTime.init(inst, def);
  ZodStringFormat.init(inst, def);
});
var ZodISODate = /* @__PURE__ */ $constructor("ZodISODate", (inst, def) => {
  $ZodISODate.init(inst, def);
  ZodStringFormat.init(inst, def);
});
var ZodISOTime = /* @__PURE__ */ $constructor("ZodISOTime", (inst, def) => {
  $ZodISOTime.init(inst, def);
  ZodStringFormat.init(inst, def);
});
var ZodISODuration = /* @__PURE__ */ $constructor("ZodISODuration", (inst, def) => {
  $ZodISODuration.init(inst, def);
  ZodStringFormat.init(inst, def);
});
var ZodEmail = /* @__PURE__ */ $constructor("ZodEmail", (inst, def) => {
  $ZodEmail.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function email2(params) {
  return _email(ZodEmail, params);
}
var ZodGUID = /* @__PURE__ */ $constructor("ZodGUID", (inst, def) => {
  $ZodGUID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function guid2(params) {
  return _guid(ZodGUID, params);
}
var ZodUUID = /* @__PURE__ */ $constructor("ZodUUID", (inst, def) => {
  $ZodUUID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function uuid2(params) {
  return _uuid(ZodUUID, params);
}
function uuidv4(params) {
  return _uuidv4(ZodUUID, params);
}
function uuidv6(params) {
  return _uuidv6(ZodUUID, params);
}
function uuidv7(params) {
  return _uuidv7(ZodUUID, params);
}
var ZodURL = /* @__PURE__ */ $constructor("ZodURL", (inst, def) => {
  $ZodURL.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function url(params) {
  return _url(ZodURL, params);
}
function httpUrl(params) {
  return _url(ZodURL, {
    protocol: httpProtocol,
    hostname: domain,
    ...util_exports.normalizeParams(params)
  });
}
var ZodEmoji = /* @__PURE__ */ $constructor("ZodEmoji", (inst, def) => {
  $ZodEmoji.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function emoji2(params) {
  return _emoji2(ZodEmoji, params);
}
var ZodNanoID = /* @__PURE__ */ $constructor("ZodNanoID", (inst, def) => {
  $ZodNanoID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function nanoid2(params) {
  return _nanoid(ZodNanoID, params);
}
var ZodCUID = /* @__PURE__ */ $constructor("ZodCUID", (inst, def) => {
  $ZodCUID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function cuid3(params) {
  return _cuid(ZodCUID, params);
}
var ZodCUID2 = /* @__PURE__ */ $constructor("ZodCUID2", (inst, def) => {
  $ZodCUID2.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function cuid22(params) {
  return _cuid2(ZodCUID2, params);
}
var ZodULID = /* @__PURE__ */ $constructor("ZodULID", (inst, def) => {
  $ZodULID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function ulid2(params) {
  return _ulid(ZodULID, params);
}
var ZodXID = /* @__PURE__ */ $constructor("ZodXID", (inst, def) => {
  $ZodXID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function xid2(params) {
  return _xid(ZodXID, params);
}
var ZodKSUID = /* @__PURE__ */ $constructor("ZodKSUID", (inst, def) => {
  $ZodKSUID.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function ksuid2(params) {
  return _ksuid(ZodKSUID, params);
}
var ZodIPv4 = /* @__PURE__ */ $constructor("ZodIPv4", (inst, def) => {
  $ZodIPv4.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function ipv42(params) {
  return _ipv4(ZodIPv4, params);
}
var ZodMAC = /* @__PURE__ */ $constructor("ZodMAC", (inst, def) => {
  $ZodMAC.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function mac2(params) {
  return _mac(ZodMAC, params);
}
var ZodIPv6 = /* @__PURE__ */ $constructor("ZodIPv6", (inst, def) => {
  $ZodIPv6.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function ipv62(params) {
  return _ipv6(ZodIPv6, params);
}
var ZodCIDRv4 = /* @__PURE__ */ $constructor("ZodCIDRv4", (inst, def) => {
  $ZodCIDRv4.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function cidrv42(params) {
  return _cidrv4(ZodCIDRv4, params);
}
var ZodCIDRv6 = /* @__PURE__ */ $constructor("ZodCIDRv6", (inst, def) => {
  $ZodCIDRv6.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function cidrv62(params) {
  return _cidrv6(ZodCIDRv6, params);
}
var ZodBase64 = /* @__PURE__ */ $constructor("ZodBase64", (inst, def) => {
  $ZodBase64.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function base642(params) {
  return _base64(ZodBase64, params);
}
var ZodBase64URL = /* @__PURE__ */ $constructor("ZodBase64URL", (inst, def) => {
  $ZodBase64URL.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function base64url2(params) {
  return _base64url(ZodBase64URL, params);
}
var ZodE164 = /* @__PURE__ */ $constructor("ZodE164", (inst, def) => {
  $ZodE164.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function e1642(params) {
  return _e164(ZodE164, params);
}
var ZodCreditCard = /* @__PURE__ */ $constructor("ZodCreditCard", (inst, def) => {
  $ZodCreditCard.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function creditCard2(params) {
  return _creditCard(ZodCreditCard, params);
}
var ZodIBAN = /* @__PURE__ */ $constructor("ZodIBAN", (inst, def) => {
  $ZodIBAN.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function iban2(params) {
  return _iban(ZodIBAN, params);
}
var ZodJWT = /* @__PURE__ */ $constructor("ZodJWT", (inst, def) => {
  $ZodJWT.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function jwt(params) {
  return _jwt(ZodJWT, params);
}
var ZodCustomStringFormat = /* @__PURE__ */ $constructor("ZodCustomStringFormat", (inst, def) => {
  $ZodCustomStringFormat.init(inst, def);
  ZodStringFormat.init(inst, def);
});
function stringFormat(format, fnOrRegex, _params = {}) {
  return _stringFormat(ZodCustomStringFormat, format, fnOrRegex, _params);
}
function hostname2(_params) {
  return _stringFormat(ZodCustomStringFormat, "hostname", hostname, _params);
}
function hex2(_params) {
  return _stringFormat(ZodCustomStringFormat, "hex", hex, _params);
}
function currencyCode2(_params) {
  return _stringFormat(ZodCustomStringFormat, "currency_code", currencyCode, _params);
}
function hash(alg, params) {
  const enc = params?.enc ?? "hex";
  const format = `${alg}_${enc}`;
  const regex = regexes_exports[format];
  if (!regex)
    throw new Error(`Unrecognized hash format: ${format}`);
  return _stringFormat(ZodCustomStringFormat, format, regex, params);
}
var ZodNumber = /* @__PURE__ */ $constructor(
  "ZodNumber",
  (inst, def) => {
    $ZodNumber.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json3, params) => numberProcessor(inst, ctx, json3, params);
    inst.isFinite = true;
  },
  /* @__PURE__ */ util_exports.derived({
    minValue: (inst) => {
      const { minimum, exclusiveMinimum } = aggregateChecks(inst);
      return Math.max(minimum ?? Number.NEGATIVE_INFINITY, exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
    },
    maxValue: (inst) => {
      const { maximum, exclusiveMaximum } = aggregateChecks(inst);
      return Math.min(maximum ?? Number.POSITIVE_INFINITY, exclusiveMaximum ?? Number.POSITIVE_INFINITY);
    },
    isInt: (inst) => {
      const { isInt, multipleOf } = aggregateChecks(inst);
      return !!isInt || !!multipleOf?.some(Number.isSafeInteger);
    },
    format: (inst) => aggregateChecks(inst).format ?? null
  }, {
    gt(value, params) {
      return this.check(_gt(value, params));
    },
    gte(value, params) {
      return this.check(_gte(value, params));
    },
    min(value, params) {
      return this.check(_gte(value, params));
    },
    lt(value, params) {
      return this.check(_lt(value, params));
    },
    lte(value, params) {
      return this.check(_lte(value, params));
    },
    max(value, params) {
      return this.check(_lte(value, params));
    },
    int(params) {
      return this.check(int(params));
    },
    safe(params) {
      return this.check(int(params));
    },
    positive(params) {
      return this.check(_gt(0, params));
    },
    nonnegative(params) {
      return this.check(_gte(0, params));
    },
    negative(params) {
      return this.check(_lt(0, params));
    },
    nonpositive(params) {
      return this.check(_lte(0, params));
    },
    multipleOf(value, params) {
      return this.check(_multipleOf(value, params));
    },
    step(value, params) {
      return this.check(_multipleOf(value, params));
    },
    finite() {
      return this;
    }
  })
);
function number2(params) {
  return _number(ZodNumber, params);
}
var ZodNumberFormat = /* @__PURE__ */ $constructor("ZodNumberFormat", (inst, def) => {
  $ZodNumberFormat.init(inst, def);
  ZodNumber.init(inst, def);
});
function int(params) {
  return _int(ZodNumberFormat, params);
}
function float32(params) {
  return _float32(ZodNumberFormat, params);
}
function float64(params) {
  return _float64(ZodNumberFormat, params);
}
function int32(params) {
  return _int32(ZodNumberFormat, params);
}
function uint32(params) {
  return _uint32(ZodNumberFormat, params);
}
var ZodBoolean = /* @__PURE__ */ $constructor("ZodBoolean", (inst, def) => {
  $ZodBoolean.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => booleanProcessor(inst, ctx, json3, params);
});
function boolean2(params) {
  return _boolean(ZodBoolean, params);
}
var ZodBigInt = /* @__PURE__ */ $constructor(
  "ZodBigInt",
  (inst, def) => {
    $ZodBigInt.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json3, params) => bigintProcessor(inst, ctx, json3, params);
  },
  /* @__PURE__ */ util_exports.derived({
    minValue: (inst) => aggregateChecks(inst).minimum ?? null,
    maxValue: (inst) => aggregateChecks(inst).maximum ?? null,
    format: (inst) => aggregateChecks(inst).format ?? null
  }, {
    gte(value, params) {
      return this.check(_gte(value, params));
    },
    min(value, params) {
      return this.check(_gte(value, params));
    },
    gt(value, params) {
      return this.check(_gt(value, params));
    },
    lt(value, params) {
      return this.check(_lt(value, params));
    },
    lte(value, params) {
      return this.check(_lte(value, params));
    },
    max(value, params) {
      return this.check(_lte(value, params));
    },
    positive(params) {
      return this.check(_gt(BigInt(0), params));
    },
    negative(params) {
      return this.check(_lt(BigInt(0), params));
    },
    nonpositive(params) {
      return this.check(_lte(BigInt(0), params));
    },
    nonnegative(params) {
      return this.check(_gte(BigInt(0), params));
    },
    multipleOf(value, params) {
      return this.check(_multipleOf(value, params));
    }
  })
);
function bigint2(params) {
  return _bigint(ZodBigInt, params);
}
var ZodBigIntFormat = /* @__PURE__ */ $constructor("ZodBigIntFormat", (inst, def) => {
  $ZodBigIntFormat.init(inst, def);
  ZodBigInt.init(inst, def);
});
function int64(params) {
  return _int64(ZodBigIntFormat, params);
}
function uint64(params) {
  return _uint64(ZodBigIntFormat, params);
}
var ZodSymbol = /* @__PURE__ */ $constructor("ZodSymbol", (inst, def) => {
  $ZodSymbol.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => symbolProcessor(inst, ctx, json3, params);
});
function symbol(params) {
  return _symbol(ZodSymbol, params);
}
var ZodUndefined = /* @__PURE__ */ $constructor("ZodUndefined", (inst, def) => {
  $ZodUndefined.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => undefinedProcessor(inst, ctx, json3, params);
});
function _undefined3(params) {
  return _undefined2(ZodUndefined, params);
}
var ZodNull = /* @__PURE__ */ $constructor("ZodNull", (inst, def) => {
  $ZodNull.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => nullProcessor(inst, ctx, json3, params);
});
function _null3(params) {
  return _null2(ZodNull, params);
}
var ZodAny = /* @__PURE__ */ $constructor("ZodAny", (inst, def) => {
  $ZodAny.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => anyProcessor(inst, ctx, json3, params);
});
function any() {
  return _any(ZodAny);
}
var ZodUnknown = /* @__PURE__ */ $constructor("ZodUnknown", (inst, def) => {
  $ZodUnknown.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => unknownProcessor(inst, ctx, json3, params);
});
function unknown() {
  return _unknown(ZodUnknown);
}
var ZodNever = /* @__PURE__ */ $constructor("ZodNever", (inst, def) => {
  $ZodNever.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => neverProcessor(inst, ctx, json3, params);
});
function never(params) {
  return _never(ZodNever, params);
}
var ZodVoid = /* @__PURE__ */ $constructor("ZodVoid", (inst, def) => {
  $ZodVoid.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => voidProcessor(inst, ctx, json3, params);
});
function _void2(params) {
  return _void(ZodVoid, params);
}
var ZodDate = /* @__PURE__ */ $constructor(
  "ZodDate",
  (inst, def) => {
    $ZodDate.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json3, params) => dateProcessor(inst, ctx, json3, params);
    inst.min = (value, params) => inst.check(_gte(value, params));
    inst.max = (value, params) => inst.check(_lte(value, params));
  },
  /* @__PURE__ */ util_exports.derived({
    minDate: (inst) => {
      const { minimum } = aggregateChecks(inst);
      return minimum ? new Date(minimum) : null;
    },
    maxDate: (inst) => {
      const { maximum } = aggregateChecks(inst);
      return maximum ? new Date(maximum) : null;
    }
  }, {})
);
function date2(params) {
  return _date(ZodDate, params);
}
var ZodArray = /* @__PURE__ */ $constructor("ZodArray", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodArray.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => arrayProcessor(inst, ctx, json3, params);
  inst.element = def.element;
}, {
  min(n, params) {
    return this.check(_minLength(n, params));
  },
  nonempty(params) {
    return this.check(_minLength(1, params));
  },
  max(n, params) {
    return this.check(_maxLength(n, params));
  },
  length(n, params) {
    return this.check(_length(n, params));
  },
  unwrap() {
    return this.element;
  }
});
function array(element, params) {
  return _array(ZodArray, element, params);
}
function keyof(schema) {
  const shape = schema._zod.def.shape;
  return _enum2(Object.keys(shape));
}
var ZodObject = /* @__PURE__ */ $constructor("ZodObject", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodObjectJIT.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => objectProcessor(inst, ctx, json3, params);
  util_exports.installLazyProp(inst, "shape", (self) => self._zod.def.shape, false);
}, {
  keyof() {
    return _enum2(Object.keys(this._zod.def.shape));
  },
  catchall(catchall) {
    return this.clone(util_exports.mergeDefs(this._zod.def, { catchall }));
  },
  passthrough() {
    return this.clone(util_exports.mergeDefs(this._zod.def, { catchall: unknown() }));
  },
  loose() {
    return this.clone(util_exports.mergeDefs(this._zod.def, { catchall: unknown() }));
  },
  strict() {
    return this.clone(util_exports.mergeDefs(this._zod.def, { catchall: never() }));
  },
  strip() {
    return this.clone(util_exports.mergeDefs(this._zod.def, { catchall: void 0 }));
  },
  extend(incoming) {
    return util_exports.extend(this, incoming);
  },
  safeExtend(incoming) {
    return util_exports.safeExtend(this, incoming);
  },
  merge(other) {
    return util_exports.merge(this, other);
  },
  pick(mask) {
    return util_exports.pick(this, mask);
  },
  omit(mask) {
    return util_exports.omit(this, mask);
  },
  partial(...args) {
    return util_exports.partial(ZodOptional, this, args[0]);
  },
  exactPartial(...args) {
    return util_exports.partial(ZodExactOptional, this, args[0], "exactPartial");
  },
  required(...args) {
    return util_exports.required(ZodNonOptional, this, args[0]);
  }
});
function object(shape, params) {
  const def = {
    type: "object",
    shape: shape ?? {},
    ...util_exports.normalizeParams(params)
  };
  return new ZodObject(def);
}
function strictObject(shape, params) {
  return new ZodObject({
    type: "object",
    shape,
    catchall: never(),
    ...util_exports.normalizeParams(params)
  });
}
function looseObject(shape, params) {
  return new ZodObject({
    type: "object",
    shape,
    catchall: unknown(),
    ...util_exports.normalizeParams(params)
  });
}
var ZodUnion = /* @__PURE__ */ $constructor("ZodUnion", (inst, def) => {
  $ZodUnion.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => unionProcessor(inst, ctx, json3, params);
  inst.options = def.options;
});
function union(options, params) {
  return new ZodUnion({
    type: "union",
    options,
    ...util_exports.normalizeParams(params)
  });
}
var ZodXor = /* @__PURE__ */ $constructor("ZodXor", (inst, def) => {
  ZodUnion.init(inst, def);
  $ZodXor.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => unionProcessor(inst, ctx, json3, params);
  inst.options = def.options;
});
function xor(options, params) {
  return new ZodXor({
    type: "union",
    options,
    inclusive: false,
    ...util_exports.normalizeParams(params)
  });
}
var ZodDiscriminatedUnion = /* @__PURE__ */ $constructor("ZodDiscriminatedUnion", (inst, def) => {
  ZodUnion.init(inst, def);
  $ZodDiscriminatedUnion.init(inst, def);
});
function discriminatedUnion(discriminator, options, params) {
  return new ZodDiscriminatedUnion({
    type: "union",
    options,
    discriminator,
    ...util_exports.normalizeParams(params)
  });
}
var ZodIntersection = /* @__PURE__ */ $constructor("ZodIntersection", (inst, def) => {
  $ZodIntersection.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => intersectionProcessor(inst, ctx, json3, params);
});
function intersection(left, right) {
  return new ZodIntersection({
    type: "intersection",
    left,
    right
  });
}
var ZodTuple = /* @__PURE__ */ $constructor("ZodTuple", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodTuple.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => tupleProcessor(inst, ctx, json3, params);
}, {
  rest(rest) {
    return this.clone({
      ...this._zod.def,
      rest
    });
  },
  partial() {
    const def = this._zod.def;
    if (def.checks?.length)
      throw new Error(".partial() cannot be used on tuple schemas containing refinements");
    return this.clone({
      ...def,
      items: def.items.map((item) => new ZodOptional({ type: "optional", innerType: item }))
    });
  }
});
function tuple(items, _paramsOrRest, _params) {
  const hasRest = _paramsOrRest instanceof $ZodType;
  const params = hasRest ? _params : _paramsOrRest;
  const rest = hasRest ? _paramsOrRest : null;
  return new ZodTuple({
    type: "tuple",
    items,
    rest,
    ...util_exports.normalizeParams(params)
  });
}
var ZodRecord = /* @__PURE__ */ $constructor("ZodRecord", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodRecord.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => recordProcessor(inst, ctx, json3, params);
  inst.keyType = def.keyType;
  inst.valueType = def.valueType;
});
function record(keyType, valueType, params) {
  if (!valueType || !valueType._zod) {
    return new ZodRecord({
      type: "record",
      keyType: string2(),
      valueType: keyType,
      ...util_exports.normalizeParams(valueType)
    });
  }
  return new ZodRecord({
    type: "record",
    keyType,
    valueType,
    ...util_exports.normalizeParams(params)
  });
}
function partialRecord(keyType, valueType, params) {
  return new ZodRecord({
    type: "record",
    keyType,
    valueType,
    ...util_exports.normalizeParams(params),
    partial: true
  });
}
function looseRecord(keyType, valueType, params) {
  return new ZodRecord({
    type: "record",
    keyType,
    valueType,
    mode: "loose",
    ...util_exports.normalizeParams(params)
  });
}
var ZodMap = /* @__PURE__ */ $constructor("ZodMap", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodMap.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => mapProcessor(inst, ctx, json3, params);
  inst.keyType = def.keyType;
  inst.valueType = def.valueType;
  inst.min = (...args) => inst.check(_minSize(...args));
  inst.nonempty = (params) => inst.check(_minSize(1, params));
  inst.max = (...args) => inst.check(_maxSize(...args));
  inst.size = (...args) => inst.check(_size(...args));
});
function map(keyType, valueType, params) {
  return new ZodMap({
    type: "map",
    keyType,
    valueType,
    ...util_exports.normalizeParams(params)
  });
}
var ZodSet = /* @__PURE__ */ $constructor("ZodSet", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodSet.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => setProcessor(inst, ctx, json3, params);
  inst.min = (...args) => inst.check(_minSize(...args));
  inst.nonempty = (params) => inst.check(_minSize(1, params));
  inst.max = (...args) => inst.check(_maxSize(...args));
  inst.size = (...args) => inst.check(_size(...args));
});
function set(valueType, params) {
  return new ZodSet({
    type: "set",
    valueType,
    ...util_exports.normalizeParams(params)
  });
}
var ZodEnum = /* @__PURE__ */ $constructor("ZodEnum", (inst, def) => {
  $ZodEnum.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => enumProcessor(inst, ctx, json3, params);
  inst.enum = def.entries;
  inst.options = [...inst._zod.values];
  const keys = new Set(Object.keys(def.entries));
  inst.extract = (values, params) => {
    const newEntries = {};
    for (const value of values) {
      if (keys.has(value)) {
        newEntries[value] = def.entries[value];
      } else
        throw new Error(`Key ${value} not found in enum`);
    }
    return new ZodEnum({
      ...def,
      checks: [],
      ...util_exports.normalizeParams(params),
      entries: newEntries
    });
  };
  inst.exclude = (values, params) => {
    const newEntries = { ...def.entries };
    for (const value of values) {
      if (keys.has(value)) {
        delete newEntries[value];
      } else
        throw new Error(`Key ${value} not found in enum`);
    }
    return new ZodEnum({
      ...def,
      checks: [],
      ...util_exports.normalizeParams(params),
      entries: newEntries
    });
  };
});
function _enum2(values, params) {
  const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
  return new ZodEnum({
    type: "enum",
    entries,
    ...util_exports.normalizeParams(params)
  });
}
function nativeEnum(entries, params) {
  return new ZodEnum({
    type: "enum",
    entries,
    ...util_exports.normalizeParams(params)
  });
}
var ZodLiteral = /* @__PURE__ */ $constructor("ZodLiteral", (inst, def) => {
  $ZodLiteral.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => literalProcessor(inst, ctx, json3, params);
  inst.values = new Set(def.values);
  Object.defineProperty(inst, "value", {
    get() {
      if (def.values.length > 1) {
        throw new Error("This schema contains multiple valid literal values. Use `.values` instead.");
      }
      return def.values[0];
    }
  });
});
function literal(value, params) {
  return new ZodLiteral({
    type: "literal",
    values: Array.isArray(value) ? value : [value],
    ...util_exports.normalizeParams(params)
  });
}
var ZodFile = /* @__PURE__ */ $constructor("ZodFile", (inst, def) => {
  $ZodFile.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => fileProcessor(inst, ctx, json3, params);
  inst.min = (size, params) => inst.check(_minSize(size, params));
  inst.max = (size, params) => inst.check(_maxSize(size, params));
  inst.mime = (types, params) => inst.check(_mime(Array.isArray(types) ? types : [types], params));
});
function file(params) {
  return _file(ZodFile, params);
}
var ZodTransform = /* @__PURE__ */ $constructor("ZodTransform", (inst, def) => {
  _ensureDefaultMemoizer();
  $ZodTransform.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => transformProcessor(inst, ctx, json3, params);
  inst._zod.parse = (payload, _ctx) => {
    if (_ctx.direction === "backward") {
      throw new $ZodEncodeError(inst.constructor.name);
    }
    payload.addIssue = (issue2) => {
      if (typeof issue2 === "string") {
        payload.issues.push(util_exports.issue(issue2, payload.value, def));
      } else {
        const _issue = issue2;
        if (_issue.fatal)
          _issue.continue = false;
        _issue.code ?? (_issue.code = "custom");
        if (!("input" in _issue))
          _issue.input = payload.value;
        _issue.inst ?? (_issue.inst = inst);
        payload.issues.push(util_exports.issue(_issue));
      }
    };
    const output2 = def.transform(payload.value, payload);
    if (output2 instanceof Promise) {
      return output2.then((output3) => {
        payload.value = output3;
        return payload;
      });
    }
    payload.value = output2;
    return payload;
  };
});
function transform(fn) {
  return new ZodTransform({
    type: "transform",
    transform: fn
  });
}
var ZodOptional = /* @__PURE__ */ $constructor("ZodOptional", (inst, def) => {
  $ZodOptional.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => optionalProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function optional(innerType) {
  return new ZodOptional({
    type: "optional",
    innerType
  });
}
var ZodExactOptional = /* @__PURE__ */ $constructor("ZodExactOptional", (inst, def) => {
  $ZodExactOptional.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => optionalProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function exactOptional(innerType) {
  return new ZodExactOptional({
    type: "optional",
    innerType
  });
}
var ZodNullable = /* @__PURE__ */ $constructor("ZodNullable", (inst, def) => {
  $ZodNullable.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => nullableProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function nullable(innerType) {
  return new ZodNullable({
    type: "nullable",
    innerType
  });
}
function nullish2(innerType) {
  return optional(nullable(innerType));
}
var ZodDefault = /* @__PURE__ */ $constructor("ZodDefault", (inst, def) => {
  $ZodDefault.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => defaultProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
  inst.removeDefault = inst.unwrap;
});
function _default2(innerType, defaultValue) {
  return new ZodDefault({
    type: "default",
    innerType,
    get defaultValue() {
      return typeof defaultValue === "function" ? defaultValue() : util_exports.shallowClone(defaultValue);
    }
  });
}
var ZodPrefault = /* @__PURE__ */ $constructor("ZodPrefault", (inst, def) => {
  $ZodPrefault.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => prefaultProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function prefault(innerType, defaultValue) {
  return new ZodPrefault({
    type: "prefault",
    innerType,
    get defaultValue() {
      return typeof defaultValue === "function" ? defaultValue() : util_exports.shallowClone(defaultValue);
    }
  });
}
var ZodNonOptional = /* @__PURE__ */ $constructor("ZodNonOptional", (inst, def) => {
  $ZodNonOptional.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => nonoptionalProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function nonoptional(innerType, params) {
  return new ZodNonOptional({
    type: "nonoptional",
    innerType,
    ...util_exports.normalizeParams(params)
  });
}
var ZodSuccess = /* @__PURE__ */ $constructor("ZodSuccess", (inst, def) => {
  $ZodSuccess.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => successProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function success(innerType) {
  return new ZodSuccess({
    type: "success",
    innerType
  });
}
var ZodCatch = /* @__PURE__ */ $constructor("ZodCatch", (inst, def) => {
  $ZodCatch.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => catchProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
  inst.removeCatch = inst.unwrap;
});
function _catch2(innerType, catchValue) {
  return new ZodCatch({
    type: "catch",
    innerType,
    catchValue: typeof catchValue === "function" ? catchValue : util_exports.constantCatch(catchValue)
  });
}
var ZodNaN = /* @__PURE__ */ $constructor("ZodNaN", (inst, def) => {
  $ZodNaN.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => nanProcessor(inst, ctx, json3, params);
});
function nan(params) {
  return _nan(ZodNaN, params);
}
var ZodPipe = /* @__PURE__ */ $constructor("ZodPipe", (inst, def) => {
  $ZodPipe.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => pipeProcessor(inst, ctx, json3, params);
  inst.in = def.in;
  inst.out = def.out;
});
function pipe(in_, out) {
  return new ZodPipe({
    type: "pipe",
    in: in_,
    out
    // ...util.normalizeParams(params),
  });
}
var ZodCodec = /* @__PURE__ */ $constructor("ZodCodec", (inst, def) => {
  ZodPipe.init(inst, def);
  $ZodCodec.init(inst, def);
});
function codec(in_, out, params) {
  return new ZodCodec({
    type: "pipe",
    in: in_,
    out,
    transform: params.decode,
    reverseTransform: params.encode
  });
}
function invertCodec(codec2) {
  const def = codec2._zod.def;
  return new ZodCodec({
    type: "pipe",
    in: def.out,
    out: def.in,
    transform: def.reverseTransform,
    reverseTransform: def.transform
  });
}
var ZodPreprocess = /* @__PURE__ */ $constructor("ZodPreprocess", (inst, def) => {
  ZodPipe.init(inst, def);
  $ZodPreprocess.init(inst, def);
});
var ZodReadonly = /* @__PURE__ */ $constructor("ZodReadonly", (inst, def) => {
  $ZodReadonly.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => readonlyProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function readonly(innerType) {
  return new ZodReadonly({
    type: "readonly",
    innerType
  });
}
var ZodTemplateLiteral = /* @__PURE__ */ $constructor("ZodTemplateLiteral", (inst, def) => {
  $ZodTemplateLiteral.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => templateLiteralProcessor(inst, ctx, json3, params);
});
function templateLiteral(parts, params) {
  return new ZodTemplateLiteral({
    type: "template_literal",
    parts,
    ...util_exports.normalizeParams(params)
  });
}
var ZodLazy = /* @__PURE__ */ $constructor("ZodLazy", (inst, def) => {
  $ZodLazy.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => lazyProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.getter();
});
function lazy(getter) {
  return new ZodLazy({
    type: "lazy",
    getter
  });
}
var ZodPromise = /* @__PURE__ */ $constructor("ZodPromise", (inst, def) => {
  $ZodPromise.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => promiseProcessor(inst, ctx, json3, params);
  inst.unwrap = () => inst._zod.def.innerType;
});
function promise(innerType) {
  return new ZodPromise({
    type: "promise",
    innerType
  });
}
var ZodFunction = /* @__PURE__ */ $constructor("ZodFunction", (inst, def) => {
  $ZodFunction.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => functionProcessor(inst, ctx, json3, params);
});
function _function(params) {
  return new ZodFunction({
    type: "function",
    input: Array.isArray(params?.input) ? tuple(params?.input) : params?.input ?? array(unknown()),
    output: params?.output ?? unknown()
  });
}
var ZodCustom = /* @__PURE__ */ $constructor("ZodCustom", (inst, def) => {
  $ZodCustom.init(inst, def);
  ZodType.init(inst, def);
  inst._zod.processJSONSchema = (ctx, json3, params) => customProcessor(inst, ctx, json3, params);
});
function check(fn) {
  const ch = new $ZodCheck({
    check: "custom"
    // ...util.normalizeParams(params),
  });
  ch._zod.check = fn;
  return ch;
}
function custom(fn, _params) {
  return _custom(ZodCustom, fn ?? (() => true), _params);
}
function refine(fn, _params = {}) {
  return _refine(ZodCustom, fn, _params);
}
function superRefine(fn, params) {
  return _superRefine(fn, params);
}
var describe2 = describe;
var meta2 = meta;
var ZodInstanceOf = /* @__PURE__ */ $constructor("ZodInstanceOf", (inst, def) => {
  ZodCustom.init(inst, def);
}, {
  properties(shape, params) {
    return this.check(_properties(shape, params));
  }
});
function _instanceof(cls, params = {}) {
  const inst = new ZodInstanceOf({
    type: "custom",
    check: "custom",
    fn: (data) => data instanceof cls,
    abort: true,
    ...util_exports.normalizeParams(params)
  });
  inst._zod.bag.Class = cls;
  inst._zod.check = (payload) => {
    if (!(payload.value instanceof cls)) {
      payload.issues.push({
        code: "invalid_type",
        expected: cls.name,
        input: payload.value,
        inst,
        path: [...inst._zod.def.path ?? []]
      });
    }
  };
  return inst;
}
var stringbool = (...args) => _stringbool({
  Codec: ZodCodec,
  Boolean: ZodBoolean,
  String: ZodString
}, ...args);
function json(params) {
  const jsonSchema = lazy(() => {
    return union([string2(params), number2(), boolean2(), _null3(), array(jsonSchema), record(string2(), jsonSchema)]);
  });
  return jsonSchema;
}
function preprocess(fn, schema) {
  return new ZodPreprocess({
    type: "pipe",
    in: transform(fn),
    out: schema
  });
}

// node_modules/zod/v4/classic/compat.js
var ZodIssueCode = {
  invalid_type: "invalid_type",
  too_big: "too_big",
  too_small: "too_small",
  invalid_format: "invalid_format",
  not_multiple_of: "not_multiple_of",
  unrecognized_keys: "unrecognized_keys",
  invalid_union: "invalid_union",
  invalid_key: "invalid_key",
  invalid_element: "invalid_element",
  invalid_value: "invalid_value",
  custom: "custom"
};
function setErrorMap(map2) {
  config({
    customError: map2
  });
}
function getErrorMap() {
  return config().customError;
}
var ZodFirstPartyTypeKind;
/* @__PURE__ */ (function(ZodFirstPartyTypeKind2) {
})(ZodFirstPartyTypeKind || (ZodFirstPartyTypeKind = {}));

// node_modules/zod/v4/classic/iso.js
var iso_exports = {};
__export(iso_exports, {
  ZodISODate: () => ZodISODate,
  ZodISODateTime: () => ZodISODateTime,
  ZodISODuration: () => ZodISODuration,
  ZodISOTime: () => ZodISOTime,
  date: () => date3,
  datetime: () => datetime2,
  duration: () => duration2,
  time: () => time2
});
function datetime2(params) {
  return _isoDateTime(ZodISODateTime, params);
}
function date3(params) {
  return _isoDate(ZodISODate, params);
}
function time2(params) {
  return _isoTime(ZodISOTime, params);
}
function duration2(params) {
  return _isoDuration(ZodISODuration, params);
}

// node_modules/zod/v4/classic/from-json-schema.js
var z = {
  ...schemas_exports2,
  ...checks_exports2,
  iso: iso_exports
};
var RECOGNIZED_KEYS = /* @__PURE__ */ new Set([
  // Schema identification
  "$schema",
  "$ref",
  "$defs",
  "definitions",
  // Core schema keywords
  "$id",
  "id",
  "$comment",
  "$anchor",
  "$vocabulary",
  "$dynamicRef",
  "$dynamicAnchor",
  // Type
  "type",
  "enum",
  "const",
  // Composition
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  // Object
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  // Array
  "items",
  "prefixItems",
  "additionalItems",
  "minItems",
  "maxItems",
  "uniqueItems",
  "contains",
  "minContains",
  "maxContains",
  // String
  "minLength",
  "maxLength",
  "pattern",
  "format",
  // Number
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  // Already handled metadata
  "description",
  "default",
  // Content
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
  // Unsupported (error-throwing)
  "unevaluatedItems",
  "unevaluatedProperties",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "dependentRequired",
  // OpenAPI
  "nullable",
  "readOnly"
]);
function detectVersion(schema, defaultTarget) {
  const $schema = schema.$schema;
  if ($schema === "https://json-schema.org/draft/2020-12/schema") {
    return "draft-2020-12";
  }
  if ($schema === "http://json-schema.org/draft-07/schema#") {
    return "draft-7";
  }
  if ($schema === "http://json-schema.org/draft-04/schema#") {
    return "draft-4";
  }
  return defaultTarget ?? "draft-2020-12";
}
function applyMinItems(items, minItems) {
  return items.map((item, index) => index < minItems ? item : item.optional());
}
function decodeJSONPointerSegment(segment) {
  return segment.replace(/~1/g, "/").replace(/~0/g, "~");
}
function resolveRef(ref, ctx) {
  if (!ref.startsWith("#")) {
    throw new Error("External $ref is not supported, only local refs (#/...) are allowed");
  }
  const path = ref.slice(1).split("/").filter(Boolean);
  if (path.length === 0) {
    return ctx.rootSchema;
  }
  const defsKey = ctx.version === "draft-2020-12" ? "$defs" : "definitions";
  if (path[0] === defsKey) {
    const key = path[1] === void 0 ? void 0 : decodeJSONPointerSegment(path[1]);
    if (!key || !ctx.defs[key]) {
      throw new Error(`Reference not found: ${ref}`);
    }
    return ctx.defs[key];
  }
  throw new Error(`Reference not found: ${ref}`);
}
function checkObjectGuards(objectSchema, guards) {
  const guard = z.transform((value) => value).check((payload) => {
    const value = payload.value;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return;
    const keys = Object.getOwnPropertyNames(value);
    if (guards.minProperties !== void 0 && keys.length < guards.minProperties) {
      payload.issues.push({
        origin: "object",
        code: "too_small",
        minimum: guards.minProperties,
        inclusive: true,
        message: `Too small: expected object to have >=${guards.minProperties} properties`,
        input: value,
        inst: objectSchema,
        continue: true
      });
    }
    if (guards.maxProperties !== void 0 && keys.length > guards.maxProperties) {
      payload.issues.push({
        origin: "object",
        code: "too_big",
        maximum: guards.maxProperties,
        inclusive: true,
        message: `Too big: expected object to have <=${guards.maxProperties} properties`,
        input: value,
        inst: objectSchema,
        continue: true
      });
    }
    if (guards.keySchema) {
      for (const key of keys) {
        const result2 = guards.keySchema.safeParse(key);
        if (result2.success)
          continue;
        payload.issues.push({
          code: "invalid_key",
          origin: "record",
          issues: result2.error.issues,
          input: key,
          path: [key],
          continue: true
        });
      }
    }
  });
  return guard.pipe(objectSchema);
}
function canonicalKey(value, seen) {
  if (value === null)
    return "z";
  const type = typeof value;
  if (type !== "object") {
    if (type === "number" && Number.isNaN(value))
      return null;
    const raw = String(value);
    return `${type[0]}${raw.length}:${raw}`;
  }
  if (seen.has(value))
    return null;
  seen.add(value);
  try {
    if (Array.isArray(value)) {
      const parts2 = [];
      for (const item of value) {
        const key = canonicalKey(item, seen);
        if (key === null)
          return null;
        parts2.push(key);
      }
      return `a${parts2.length}:[${parts2.join(",")}]`;
    }
    const keys = Object.keys(value).sort();
    const parts = [];
    for (const k of keys) {
      const key = canonicalKey(value[k], seen);
      if (key === null)
        return null;
      parts.push(`${k.length}:${k}=${key}`);
    }
    return `o${parts.length}:{${parts.join(",")}}`;
  } finally {
    seen.delete(value);
  }
}
var SCHEMA_KEYWORDS = /* @__PURE__ */ new Set([
  "items",
  "prefixItems",
  "additionalItems",
  "additionalProperties",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "allOf",
  "anyOf",
  "oneOf",
  "unevaluatedItems",
  "unevaluatedProperties",
  "contentSchema"
]);
var SCHEMA_MAP_KEYWORDS = /* @__PURE__ */ new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "dependencies",
  "$defs",
  "definitions"
]);
function containsRef(value) {
  if (typeof value !== "object" || value === null)
    return false;
  if (Array.isArray(value))
    return value.some(containsRef);
  if (typeof value.$ref === "string")
    return true;
  return Object.entries(value).some(([key, sub]) => {
    if (SCHEMA_KEYWORDS.has(key))
      return containsRef(sub);
    if (!SCHEMA_MAP_KEYWORDS.has(key) || typeof sub !== "object" || sub === null)
      return false;
    return Object.values(sub).some(containsRef);
  });
}
function plural(n) {
  return n === 1 ? "element" : "elements";
}
function checkArrayGuards(arraySchema, guards) {
  const guard = z.transform((value) => value).check((payload) => {
    const items = payload.value;
    if (!Array.isArray(items))
      return;
    if (guards.uniqueItems === true) {
      const firstSeen = /* @__PURE__ */ new Map();
      for (let i = 0; i < items.length; i++) {
        const key = canonicalKey(items[i], /* @__PURE__ */ new Set());
        if (key === null)
          continue;
        const first = firstSeen.get(key);
        if (first === void 0) {
          firstSeen.set(key, i);
          continue;
        }
        payload.issues.push({
          code: "custom",
          message: `Array items must be unique: element at index ${i} duplicates the one at index ${first}`,
          input: items,
          path: [i],
          continue: true
        });
      }
    }
    if (guards.containsSchema) {
      const minContains = guards.minContains ?? 1;
      const ceiling = guards.maxContains !== void 0 ? guards.maxContains + 1 : Number.POSITIVE_INFINITY;
      let matches = 0;
      for (const item of items) {
        if (guards.containsSchema.safeParse(item).success && ++matches >= ceiling)
          break;
      }
      if (matches < minContains) {
        payload.issues.push({
          code: "custom",
          message: `Array must contain at least ${minContains} matching ${plural(minContains)}; found ${matches}`,
          input: items,
          continue: true
        });
      }
      if (guards.maxContains !== void 0 && matches > guards.maxContains) {
        payload.issues.push({
          code: "custom",
          message: `Array must contain at most ${guards.maxContains} matching ${plural(guards.maxContains)}`,
          input: items,
          continue: true
        });
      }
    }
  });
  return guard.pipe(arraySchema);
}
function getTupleRest(restSchema, ctx) {
  if (restSchema === false) {
    return void 0;
  }
  if (restSchema === void 0 || restSchema === true) {
    return z.any();
  }
  return convertSchema(restSchema, ctx);
}
var fullTime = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
function convertBaseSchema(schema, ctx) {
  if (schema.not !== void 0) {
    if (typeof schema.not === "object" && Object.keys(schema.not).length === 0) {
      return z.never();
    }
    throw new Error("not is not supported in Zod (except { not: {} } for never)");
  }
  if (schema.unevaluatedItems !== void 0) {
    throw new Error("unevaluatedItems is not supported");
  }
  if (schema.unevaluatedProperties !== void 0) {
    throw new Error("unevaluatedProperties is not supported");
  }
  if (schema.if !== void 0 || schema.then !== void 0 || schema.else !== void 0) {
    throw new Error("Conditional schemas (if/then/else) are not supported");
  }
  if (schema.dependentSchemas !== void 0 || schema.dependentRequired !== void 0) {
    throw new Error("dependentSchemas and dependentRequired are not supported");
  }
  if (schema.$ref) {
    const refPath = schema.$ref;
    if (ctx.refs.has(refPath)) {
      return ctx.refs.get(refPath);
    }
    if (ctx.processing.has(refPath)) {
      return z.lazy(() => {
        if (!ctx.refs.has(refPath)) {
          throw new Error(`Circular reference not resolved: ${refPath}`);
        }
        return ctx.refs.get(refPath);
      });
    }
    ctx.processing.add(refPath);
    const resolved = resolveRef(refPath, ctx);
    const zodSchema2 = convertSchema(resolved, ctx);
    ctx.refs.set(refPath, zodSchema2);
    ctx.processing.delete(refPath);
    return zodSchema2;
  }
  if (schema.enum !== void 0) {
    const enumValues = schema.enum;
    if (ctx.version === "openapi-3.0" && schema.nullable === true && enumValues.length === 1 && enumValues[0] === null) {
      return z.null();
    }
    if (enumValues.length === 0) {
      return z.never();
    }
    if (enumValues.length === 1) {
      return z.literal(enumValues[0]);
    }
    if (enumValues.every((v) => typeof v === "string")) {
      return z.enum(enumValues);
    }
    const literalSchemas = enumValues.map((v) => z.literal(v));
    if (literalSchemas.length < 2) {
      return literalSchemas[0];
    }
    return z.union([literalSchemas[0], literalSchemas[1], ...literalSchemas.slice(2)]);
  }
  if (schema.const !== void 0) {
    return z.literal(schema.const);
  }
  const type = schema.type;
  if (Array.isArray(type)) {
    const typeSchemas = type.map((t) => {
      const typeSchema = { ...schema, type: t };
      return convertBaseSchema(typeSchema, ctx);
    });
    if (typeSchemas.length === 0) {
      return z.never();
    }
    if (typeSchemas.length === 1) {
      return typeSchemas[0];
    }
    return z.union(typeSchemas);
  }
  if (!type) {
    return z.any();
  }
  let zodSchema;
  switch (type) {
    case "string": {
      let stringSchema = z.string();
      if (schema.format) {
        const format = schema.format;
        if (format === "email") {
          stringSchema = stringSchema.check(z.email());
        } else if (format === "uri" || format === "uri-reference") {
          stringSchema = stringSchema.check(z.url());
        } else if (format === "uuid" || format === "guid") {
          stringSchema = stringSchema.check(z.uuid());
        } else if (format === "date-time") {
          stringSchema = stringSchema.check(z.iso.datetime({ offset: true }));
        } else if (format === "date") {
          stringSchema = stringSchema.check(z.iso.date());
        } else if (format === "time") {
          stringSchema = stringSchema.check(z.regex(fullTime));
        } else if (format === "duration") {
          stringSchema = stringSchema.check(z.iso.duration());
        } else if (format === "hostname") {
          stringSchema = stringSchema.check(z.hostname());
        } else if (format === "ipv4") {
          stringSchema = stringSchema.check(z.ipv4());
        } else if (format === "ipv6") {
          stringSchema = stringSchema.check(z.ipv6());
        } else if (format === "mac") {
          stringSchema = stringSchema.check(z.mac());
        } else if (format === "cidr") {
          stringSchema = stringSchema.check(z.cidrv4());
        } else if (format === "cidr-v6") {
          stringSchema = stringSchema.check(z.cidrv6());
        } else if (format === "base64") {
          stringSchema = stringSchema.check(z.base64());
        } else if (format === "base64url") {
          stringSchema = stringSchema.check(z.base64url());
        } else if (format === "e164") {
          stringSchema = stringSchema.check(z.e164());
        } else if (format === "credit_card") {
          stringSchema = stringSchema.check(z.creditCard());
        } else if (format === "iban") {
          stringSchema = stringSchema.check(z.iban());
        } else if (format === "jwt") {
          stringSchema = stringSchema.check(z.jwt());
        } else if (format === "emoji") {
          stringSchema = stringSchema.check(z.emoji());
        } else if (format === "nanoid") {
          stringSchema = stringSchema.check(z.nanoid());
        } else if (format === "cuid") {
          stringSchema = stringSchema.check(z.cuid());
        } else if (format === "cuid2") {
          stringSchema = stringSchema.check(z.cuid2());
        } else if (format === "ulid") {
          stringSchema = stringSchema.check(z.ulid());
        } else if (format === "xid") {
          stringSchema = stringSchema.check(z.xid());
        } else if (format === "ksuid") {
          stringSchema = stringSchema.check(z.ksuid());
        }
      }
      if (typeof schema.minLength === "number") {
        stringSchema = stringSchema.min(schema.minLength);
      }
      if (typeof schema.maxLength === "number") {
        stringSchema = stringSchema.max(schema.maxLength);
      }
      if (schema.pattern) {
        stringSchema = stringSchema.regex(new RegExp(schema.pattern));
      }
      zodSchema = stringSchema;
      break;
    }
    case "number":
    case "integer": {
      let numberSchema = type === "integer" ? z.number().int() : z.number();
      if (typeof schema.minimum === "number" && schema.exclusiveMinimum !== true) {
        numberSchema = numberSchema.min(schema.minimum);
      }
      if (typeof schema.maximum === "number" && schema.exclusiveMaximum !== true) {
        numberSchema = numberSchema.max(schema.maximum);
      }
      if (typeof schema.exclusiveMinimum === "number") {
        numberSchema = numberSchema.gt(schema.exclusiveMinimum);
      } else if (schema.exclusiveMinimum === true && typeof schema.minimum === "number") {
        numberSchema = numberSchema.gt(schema.minimum);
      }
      if (typeof schema.exclusiveMaximum === "number") {
        numberSchema = numberSchema.lt(schema.exclusiveMaximum);
      } else if (schema.exclusiveMaximum === true && typeof schema.maximum === "number") {
        numberSchema = numberSchema.lt(schema.maximum);
      }
      if (typeof schema.multipleOf === "number") {
        numberSchema = numberSchema.multipleOf(schema.multipleOf);
      }
      zodSchema = numberSchema;
      break;
    }
    case "boolean": {
      zodSchema = z.boolean();
      break;
    }
    case "null": {
      zodSchema = z.null();
      break;
    }
    case "object": {
      const shape = {};
      const properties = schema.properties || {};
      const requiredSet = new Set(schema.required || []);
      const additionalSchema = typeof schema.additionalProperties === "object" ? convertSchema(schema.additionalProperties, ctx) : void 0;
      for (const [key, propSchema] of Object.entries(properties)) {
        const propZodSchema = convertSchema(propSchema, ctx);
        assignProp(shape, key, requiredSet.has(key) ? propZodSchema : propZodSchema.optional());
      }
      if (schema.patternProperties) {
        const patternProps = schema.patternProperties;
        const patternKeys = Object.keys(patternProps);
        const looseRecords = [];
        for (const pattern of patternKeys) {
          const patternValue = convertSchema(patternProps[pattern], ctx);
          const keySchema = z.string().regex(new RegExp(pattern));
          looseRecords.push(z.looseRecord(keySchema, patternValue));
        }
        const schemasToIntersect = [];
        if (Object.keys(shape).length > 0) {
          schemasToIntersect.push(z.object(shape).passthrough());
        }
        schemasToIntersect.push(...looseRecords);
        if (schemasToIntersect.length === 0) {
          zodSchema = z.object({}).passthrough();
        } else if (schemasToIntersect.length === 1) {
          zodSchema = schemasToIntersect[0];
        } else {
          let result2 = z.intersection(schemasToIntersect[0], schemasToIntersect[1]);
          for (let i = 2; i < schemasToIntersect.length; i++) {
            result2 = z.intersection(result2, schemasToIntersect[i]);
          }
          zodSchema = result2;
        }
        if (schema.additionalProperties === false) {
          const propertyKeys = Object.keys(shape);
          const patterns = patternKeys.map((p) => new RegExp(p));
          const basePatternSchema = zodSchema;
          zodSchema = zodSchema.check((payload) => {
            if (!isPlainObject(payload.value))
              return;
            const unrecognized = [];
            for (const key of Object.keys(payload.value)) {
              if (propertyKeys.includes(key))
                continue;
              if (patterns.some((regex) => regex.test(key)))
                continue;
              unrecognized.push(key);
            }
            if (unrecognized.length) {
              payload.issues.push({
                code: "unrecognized_keys",
                keys: unrecognized,
                input: payload.value,
                inst: basePatternSchema
              });
            }
          });
        }
      } else {
        const objectSchema = z.object(shape);
        if (schema.additionalProperties === false) {
          zodSchema = objectSchema.strict();
        } else if (additionalSchema) {
          zodSchema = objectSchema.catchall(additionalSchema);
        } else {
          zodSchema = objectSchema.passthrough();
        }
      }
      const hasKeyGuard = schema.propertyNames !== void 0 && schema.propertyNames !== true;
      const minProperties = typeof schema.minProperties === "number" ? schema.minProperties : void 0;
      const maxProperties = typeof schema.maxProperties === "number" ? schema.maxProperties : void 0;
      if (hasKeyGuard || minProperties !== void 0 || maxProperties !== void 0) {
        let keySchema;
        if (hasKeyGuard) {
          const keyJSONSchema = typeof schema.propertyNames === "object" && schema.propertyNames.type === void 0 ? { type: "string", ...schema.propertyNames } : schema.propertyNames;
          keySchema = convertSchema(keyJSONSchema, ctx);
        }
        zodSchema = checkObjectGuards(zodSchema, { keySchema, minProperties, maxProperties });
      }
      break;
    }
    case "array": {
      const prefixItems = schema.prefixItems;
      const items = schema.items;
      if (prefixItems && Array.isArray(prefixItems)) {
        const minItems = typeof schema.minItems === "number" ? schema.minItems : 0;
        const tupleItems = prefixItems.map((item) => convertSchema(item, ctx));
        const positionalItems = applyMinItems(tupleItems, minItems);
        const rest = !Array.isArray(items) ? getTupleRest(items, ctx) : void 0;
        const tupleSchema = z.tuple(positionalItems);
        zodSchema = rest ? tupleSchema.rest(rest) : tupleSchema;
        if (typeof schema.minItems === "number") {
          zodSchema = zodSchema.check(z.minLength(schema.minItems));
        }
        if (typeof schema.maxItems === "number") {
          zodSchema = zodSchema.check(z.maxLength(schema.maxItems));
        }
      } else if (Array.isArray(items)) {
        const minItems = typeof schema.minItems === "number" ? schema.minItems : 0;
        const tupleItems = items.map((item) => convertSchema(item, ctx));
        const positionalItems = applyMinItems(tupleItems, minItems);
        const rest = getTupleRest(schema.additionalItems, ctx);
        const tupleSchema = z.tuple(positionalItems);
        zodSchema = rest ? tupleSchema.rest(rest) : tupleSchema;
        if (typeof schema.minItems === "number") {
          zodSchema = zodSchema.check(z.minLength(schema.minItems));
        }
        if (typeof schema.maxItems === "number") {
          zodSchema = zodSchema.check(z.maxLength(schema.maxItems));
        }
      } else if (items !== void 0) {
        const element = convertSchema(items, ctx);
        let arraySchema = z.array(element);
        if (typeof schema.minItems === "number") {
          arraySchema = arraySchema.min(schema.minItems);
        }
        if (typeof schema.maxItems === "number") {
          arraySchema = arraySchema.max(schema.maxItems);
        }
        zodSchema = arraySchema;
      } else {
        zodSchema = z.array(z.any());
      }
      if (schema.uniqueItems === true || schema.contains !== void 0) {
        zodSchema = checkArrayGuards(zodSchema, {
          uniqueItems: schema.uniqueItems === true,
          containsSchema: schema.contains !== void 0 ? convertSchema(schema.contains, ctx) : void 0,
          minContains: typeof schema.minContains === "number" ? schema.minContains : void 0,
          maxContains: typeof schema.maxContains === "number" ? schema.maxContains : void 0
        });
      }
      break;
    }
    default:
      throw new Error(`Unsupported type: ${type}`);
  }
  return zodSchema;
}
function convertSchema(schema, ctx) {
  if (typeof schema === "boolean") {
    return schema ? z.any() : z.never();
  }
  let baseSchema = convertBaseSchema(schema, ctx);
  const hasExplicitType = schema.type || schema.enum !== void 0 || schema.const !== void 0;
  if (schema.anyOf && Array.isArray(schema.anyOf)) {
    const options = schema.anyOf.map((s) => convertSchema(s, ctx));
    const anyOfUnion = z.union(options);
    baseSchema = hasExplicitType ? z.intersection(baseSchema, anyOfUnion) : anyOfUnion;
  }
  if (schema.oneOf && Array.isArray(schema.oneOf)) {
    const options = schema.oneOf.map((s) => convertSchema(s, ctx));
    const oneOfUnion = z.xor(options);
    baseSchema = hasExplicitType ? z.intersection(baseSchema, oneOfUnion) : oneOfUnion;
  }
  if (schema.allOf && Array.isArray(schema.allOf)) {
    if (schema.allOf.length === 0) {
      baseSchema = hasExplicitType ? baseSchema : z.any();
    } else {
      let result2 = hasExplicitType ? baseSchema : convertSchema(schema.allOf[0], ctx);
      const startIdx = hasExplicitType ? 0 : 1;
      for (let i = startIdx; i < schema.allOf.length; i++) {
        result2 = z.intersection(result2, convertSchema(schema.allOf[i], ctx));
      }
      baseSchema = result2;
    }
  }
  if (schema.nullable === true && ctx.version === "openapi-3.0") {
    baseSchema = z.nullable(baseSchema);
  }
  if (schema.readOnly === true) {
    baseSchema = z.readonly(baseSchema);
  }
  if (schema.default !== void 0) {
    baseSchema = baseSchema.default(schema.default);
  }
  const extraMeta = {};
  const coreMetadataKeys = ["$id", "id", "$comment", "$anchor", "$vocabulary", "$dynamicRef", "$dynamicAnchor"];
  for (const key of coreMetadataKeys) {
    if (key in schema) {
      extraMeta[key] = schema[key];
    }
  }
  const contentMetadataKeys = ["contentEncoding", "contentMediaType", "contentSchema"];
  for (const key of contentMetadataKeys) {
    if (key in schema) {
      extraMeta[key] = schema[key];
    }
  }
  if (schema.type === "object" && schema.$ref === void 0) {
    if (schema.propertyNames !== void 0 && !containsRef(schema.propertyNames)) {
      extraMeta.propertyNames = schema.propertyNames;
    }
    for (const key of ["minProperties", "maxProperties"]) {
      if (schema[key] !== void 0)
        extraMeta[key] = schema[key];
    }
  }
  if (schema.type === "array" && schema.$ref === void 0) {
    if (schema.contains !== void 0 && !containsRef(schema.contains)) {
      extraMeta.contains = schema.contains;
    }
    for (const key of ["uniqueItems", "minContains", "maxContains"]) {
      if (schema[key] !== void 0)
        extraMeta[key] = schema[key];
    }
  }
  for (const key of Object.keys(schema)) {
    if (!RECOGNIZED_KEYS.has(key)) {
      assignProp(extraMeta, key, schema[key]);
    }
  }
  if (Object.keys(extraMeta).length > 0) {
    ctx.registry.add(baseSchema, extraMeta);
  }
  if (schema.description) {
    baseSchema = baseSchema.describe(schema.description);
  }
  return baseSchema;
}
function fromJSONSchema(schema, params) {
  if (typeof schema === "boolean") {
    return schema ? z.any() : z.never();
  }
  let normalized;
  try {
    normalized = JSON.parse(JSON.stringify(schema));
  } catch {
    throw new Error("fromJSONSchema input is not valid JSON (possibly cyclic); use $defs/$ref for recursive schemas");
  }
  const version2 = detectVersion(normalized, params?.defaultTarget);
  const defs = normalized.$defs || normalized.definitions || {};
  const ctx = {
    version: version2,
    defs,
    refs: /* @__PURE__ */ new Map(),
    processing: /* @__PURE__ */ new Set(),
    rootSchema: normalized,
    registry: params?.registry ?? globalRegistry
  };
  return convertSchema(normalized, ctx);
}

// node_modules/zod/v4/core/visit.js
var RESOLVING = /* @__PURE__ */ Symbol("z.visit/resolving");
function visit(schema, fnOrHandlers) {
  const fn = typeof fnOrHandlers === "function" ? fnOrHandlers : (node2, rewritten) => {
    const h = fnOrHandlers[node2._zod.def.type];
    return h ? h(node2, rewritten) : node2;
  };
  const cache = /* @__PURE__ */ new Map();
  function run(s) {
    const cached2 = cache.get(s);
    if (cached2 === RESOLVING) {
      return new $ZodLazy({
        type: "lazy",
        getter: () => cache.get(s)
      });
    }
    if (cached2 !== void 0)
      return cached2;
    cache.set(s, RESOLVING);
    const inner = mapInner(s);
    const mapped = fn(inner, inner !== s);
    cache.set(s, mapped);
    return mapped;
  }
  function mapInner(s) {
    const def = s._zod.def;
    const kind = def.type;
    switch (kind) {
      case "object": {
        const oldShape = def.shape;
        const keys = Object.keys(oldShape);
        let changed = false;
        const newShape = {};
        for (const k of keys) {
          const mapped = run(oldShape[k]);
          if (mapped !== oldShape[k])
            changed = true;
          newShape[k] = mapped;
        }
        let newCatchall = def.catchall;
        if (def.catchall) {
          newCatchall = run(def.catchall);
          if (newCatchall !== def.catchall)
            changed = true;
        }
        return changed ? clone(s, { ...def, shape: newShape, catchall: newCatchall }) : s;
      }
      case "array": {
        const mapped = run(def.element);
        return mapped === def.element ? s : clone(s, { ...def, element: mapped });
      }
      case "tuple": {
        const oldItems = def.items;
        let changed = false;
        const newItems = [];
        for (const item of oldItems) {
          const mapped = run(item);
          if (mapped !== item)
            changed = true;
          newItems.push(mapped);
        }
        let newRest = def.rest;
        if (def.rest) {
          newRest = run(def.rest);
          if (newRest !== def.rest)
            changed = true;
        }
        return changed ? clone(s, { ...def, items: newItems, rest: newRest }) : s;
      }
      case "record":
      case "map": {
        const newKey = run(def.keyType);
        const newVal = run(def.valueType);
        return newKey === def.keyType && newVal === def.valueType ? s : clone(s, { ...def, keyType: newKey, valueType: newVal });
      }
      case "set": {
        const newVal = run(def.valueType);
        return newVal === def.valueType ? s : clone(s, { ...def, valueType: newVal });
      }
      case "union": {
        const oldOptions = def.options;
        let changed = false;
        const newOptions = [];
        for (const opt of oldOptions) {
          const mapped = run(opt);
          if (mapped !== opt)
            changed = true;
          newOptions.push(mapped);
        }
        return changed ? clone(s, { ...def, options: newOptions }) : s;
      }
      case "intersection": {
        const newLeft = run(def.left);
        const newRight = run(def.right);
        return newLeft === def.left && newRight === def.right ? s : clone(s, { ...def, left: newLeft, right: newRight });
      }
      case "optional":
      case "nullable":
      case "default":
      case "prefault":
      case "catch":
      case "readonly":
      case "nonoptional":
      case "promise":
      case "success": {
        const newInner = run(def.innerType);
        return newInner === def.innerType ? s : clone(s, { ...def, innerType: newInner });
      }
      case "pipe": {
        const newIn = run(def.in);
        const newOut = run(def.out);
        return newIn === def.in && newOut === def.out ? s : clone(s, { ...def, in: newIn, out: newOut });
      }
      case "function": {
        const newInput = run(def.input);
        const newOutput = run(def.output);
        return newInput === def.input && newOutput === def.output ? s : clone(s, { ...def, input: newInput, output: newOutput });
      }
      case "lazy": {
        const original = def.getter;
        const { _cachedInner, ...rest } = def;
        return clone(s, { ...rest, getter: () => run(original()) });
      }
      // A leaf by choice: `parts` are regex fragments, not data positions.
      case "template_literal":
      // Leaves.
      case "string":
      case "number":
      case "int":
      case "boolean":
      case "bigint":
      case "symbol":
      case "undefined":
      case "null":
      case "void":
      case "never":
      case "any":
      case "unknown":
      case "date":
      case "nan":
      case "enum":
      case "literal":
      case "file":
      case "transform":
      case "custom":
        return s;
      default: {
        kind;
        return s;
      }
    }
  }
  return run(schema);
}

// node_modules/zod/v4/classic/deep-partial.js
function deepPartial(schema) {
  return visit(schema, {
    object: (s) => s.partial(),
    // Every partialed option now admits `undefined`, which the constructor rejects as a duplicate.
    union: (s) => {
      const def = s._zod.def;
      return def.discriminator === void 0 ? s : union(def.options);
    }
  });
}

// node_modules/zod/v4/classic/in-out.js
function withChecks(side, checks) {
  if (!checks?.length)
    return side;
  const def = side._zod.def;
  return clone(side, mergeDefs(def, { checks: [...def.checks ?? [], ...checks] }), { parent: true });
}
function outSide(def) {
  return withChecks(def.out, def.checks);
}
function inSide(def) {
  return def.in._zod.traits.has("$ZodTransform") ? outSide(def) : def.in;
}
function input(schema) {
  return visit(schema, {
    pipe: (s) => inSide(s._zod.def),
    // A default value belongs to the output side, so a rewritten inner type leaves it stranded. `.default()` widens the declared input type with `undefined`, and `optional` is what carries that across.
    default: (s, rewritten) => rewritten ? optional(s._zod.def.innerType) : s,
    // A catch value is output-side too, but `.catch()` leaves the declared input type alone, so the inner schema stands on its own.
    catch: (s, rewritten) => rewritten ? s._zod.def.innerType : s
  });
}
function output(schema) {
  return visit(schema, {
    pipe: (s) => outSide(s._zod.def),
    // A prefault value is fed through the schema, which makes it input-side, so a rewritten inner type leaves it stranded.
    prefault: (s, rewritten) => rewritten ? s._zod.def.innerType : s
  });
}

// node_modules/zod/v4/classic/coerce.js
var coerce_exports = {};
__export(coerce_exports, {
  bigint: () => bigint3,
  boolean: () => boolean3,
  date: () => date4,
  number: () => number3,
  string: () => string3
});
function string3(params) {
  return _coercedString(ZodString, params);
}
function number3(params) {
  return _coercedNumber(ZodNumber, params);
}
function boolean3(params) {
  return _coercedBoolean(ZodBoolean, params);
}
function bigint3(params) {
  return _coercedBigint(ZodBigInt, params);
}
function date4(params) {
  return _coercedDate(ZodDate, params);
}

// schemas/cache-mount.ts
var cacheSharing = external_exports.enum(["shared", "private", "locked"]);
var cacheRequest = external_exports.object({ sharing: cacheSharing });
var cacheGrant = external_exports.object({
  lease: external_exports.string(),
  /** Seconds after which the lease ends unless it is renewed. */
  seconds: external_exports.int(),
  /** Number of the cache, if each user has a separate one. */
  slot: external_exports.int(),
  /** Increases with each stored state; 0 without a state. */
  generation: external_exports.int(),
  /** Maximum bytes of all packs. */
  limit: external_exports.int()
});
var renewedLease = external_exports.object({
  /** Another runner recently requested the cache: save it and end the lease. */
  wanted: external_exports.boolean()
});
var MAX_CACHE_PACK = 32 * 2 ** 20;
var packId = external_exports.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
var MAX_CHUNK = 2 ** 20;
var cacheChunk = external_exports.tuple([
  external_exports.string().regex(/^[0-9a-f]{64}$/),
  external_exports.int().positive().max(MAX_CHUNK),
  external_exports.int().nonnegative(),
  external_exports.int().nonnegative(),
  external_exports.int().positive()
]);
var cacheState = external_exports.object({
  packs: external_exports.array(packId).max(1e5),
  chunks: external_exports.array(cacheChunk).max(1e6)
});
var keptState = external_exports.object({ generation: external_exports.int() });

// src/runner/server/transfer-error.ts
var TransferError = class extends Error {
  name = "TransferError";
  /** HTTP status. */
  status;
  /** A proxy rejected the size of the request. */
  isTooLarge;
  constructor(message, status, isTooLarge = false) {
    super(message);
    this.status = status;
    this.isTooLarge = isTooLarge;
  }
};
async function transferError(doing, response) {
  const { status } = response;
  const text2 = (await response.text()).slice(0, 500);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  return status === 413 && !isProblem ? new TransferError(
    `${doing}: a proxy in front of the server rejects the size of the request (413)`,
    status,
    true
  ) : new TransferError(`${doing}: the server answered ${status} ${text2}`, status);
}

// src/runner/caches/cache-service.ts
var RETRY_MS = 500;
var TIMEOUT_MS = 12e4;
var CacheLease = class _CacheLease {
  grant;
  #url;
  #renewing;
  constructor(url2, grant) {
    this.#url = url2;
    this.grant = grant;
    this.#renewing = setInterval(
      () => {
        this.#request("renew the lease", "lease", { method: "POST" }).catch(() => {
        });
      },
      grant.seconds * 1e3 / 3
    );
    this.#renewing.unref();
  }
  /**
   * Waits until no other runner has locked the cache. Undefined when the server does not keep it or is unavailable.
   * @throws {DOMException} when `signal` aborts
   */
  static async acquire(server, { id: id2, token }, key, sharing, signal) {
    const url2 = new URL(`/v1/jobs/${encodeURIComponent(id2)}/caches/${key}`, server).href;
    for (; ; ) {
      const response = await fetch(url2, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ sharing }),
        signal
      }).catch(() => void 0);
      signal.throwIfAborted();
      if (response?.ok) return new _CacheLease(url2, cacheGrant.parse(await response.json()));
      await response?.body?.cancel();
      if (response?.status !== 423) return void 0;
      await sleep(RETRY_MS, void 0, { signal });
    }
  }
  /** @throws {TransferError} */
  async state(signal) {
    const response = await this.#request("read the state of a cache", "state", { signal });
    return cacheState.parse(await response.json());
  }
  /** Part of a pack. @throws {TransferError} */
  async read(pack, offset, length, signal) {
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    const response = await this.#request("read a pack of a cache", `packs/${pack}`, { headers, signal });
    return new Uint8Array(await response.arrayBuffer());
  }
  /** @throws {TransferError} */
  async putPack(pack, bytes2, signal) {
    await this.#request("store a pack of a cache", `packs/${pack}`, { method: "PUT", body: bytes2, signal });
  }
  /**
   * @returns the generation of the state
   * @throws {TransferError} 409 when a pack no longer exists, 413 when the packs have too many bytes
   */
  async putState(state, signal) {
    const response = await this.#request("store the state of a cache", "state", {
      method: "PUT",
      body: JSON.stringify(state),
      signal
    });
    return keptState.parse(await response.json()).generation;
  }
  /** Whether another runner waits for the cache; false when the server does not answer. */
  async isWanted() {
    try {
      const response = await this.#request("renew the lease", "lease", { method: "POST" });
      return renewedLease.parse(await response.json()).wanted;
    } catch {
      return false;
    }
  }
  /** Ends the lease. A failure is ignored, because the lease expires. */
  async release() {
    clearInterval(this.#renewing);
    await this.#request("release a cache", "lease", { method: "DELETE" }).catch(() => {
    });
  }
  async #request(doing, path, request2) {
    const { signal, headers } = request2;
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${this.#url}/${path}`, {
      ...request2,
      headers: { ...headers, authorization: `Bearer ${this.grant.lease}` },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout
    });
    if (response.ok) return response;
    throw await transferError(`Cannot ${doing}`, response);
  }
};

// src/runner/caches/caches.ts
import { access, chmod, chown, mkdir as mkdir2, writeFile as writeFile2 } from "node:fs/promises";
import { join } from "node:path";

// src/streams/until-aborted.ts
async function untilAborted(work, signal) {
  work.catch(() => {
  });
  signal.throwIfAborted();
  const aborted2 = Promise.withResolvers();
  const abort = () => aborted2.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, aborted2.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

// src/runner/caches/caches.ts
init_command();

// src/runner/caches/kept-cache.ts
init_command();
init_remove_tree();
import { createHash as createHash2 } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";

// src/runner/caches/cache-archive.ts
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";

// src/streams/concat.ts
function concat(parts) {
  const [first] = parts;
  if (parts.length === 1 && first !== void 0) return first;
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// src/streams/sha256.ts
import { createHash } from "node:crypto";
var Digester = class _Digester {
  algorithm;
  #hash;
  constructor(algorithm = "sha256", hash3 = createHash(algorithm)) {
    this.algorithm = algorithm;
    this.#hash = hash3;
  }
  update(bytes2) {
    this.#hash.update(bytes2);
    return this;
  }
  /** `<algorithm>:<hex>` of all bytes. The digester cannot be used afterwards. */
  digest() {
    return `${this.algorithm}:${this.#hash.digest("hex")}`;
  }
  /** An independent copy with the same state. */
  copy() {
    return new _Digester(this.algorithm, this.#hash.copy());
  }
};
function sha256(data) {
  return `sha256:${sha256Hex(data)}`;
}
function sha256Hex(data) {
  return createHash("sha256").update(data).digest("hex");
}
function hexOf(digest) {
  return digest.slice(digest.indexOf(":") + 1);
}
var NO_BYTES = sha256("");
async function* hashWhileReading(source, hash3) {
  for await (const chunk of source) {
    hash3.update(chunk);
    yield chunk;
  }
}

// src/runner/caches/cache-archive.ts
init_command();

// src/runner/files/tar-flags.ts
var EXTRACT = [
  "--extract",
  "--file=-",
  "--numeric-owner",
  "--same-owner",
  "--preserve-permissions",
  "--xattrs",
  "--xattrs-include=*",
  "--warning=no-timestamp",
  // Otherwise a directory gets the present time when a later member is below it.
  "--delay-directory-restore"
];

// src/runner/caches/content-chunks.ts
var MIN_CHUNK = 64 * 1024;
var AVERAGE = 256 * 1024;
var MASK = AVERAGE - 1 << 32 - Math.log2(AVERAGE);
var GEAR = Uint32Array.from({ length: 256 }, (_, byte) => {
  let bits = Math.imul(byte + 1, 2654435761);
  bits = Math.imul(bits ^ bits >>> 16, 2246822507);
  bits = Math.imul(bits ^ bits >>> 13, 3266489909);
  return bits ^ bits >>> 16;
});
async function* contentChunks(source) {
  const buffer = new Uint8Array(MAX_CHUNK);
  let filled = 0;
  let hash3 = 0;
  for await (const bytes2 of source) {
    for (let at = 0; at < bytes2.length; ) {
      const room = Math.min(bytes2.length - at, MAX_CHUNK - filled);
      let taken = 0;
      let isCut = false;
      while (taken < room) {
        hash3 = (hash3 << 1) + GEAR[bytes2[at + taken]] | 0;
        taken++;
        if ((hash3 & MASK) === 0 && filled + taken >= MIN_CHUNK) {
          isCut = true;
          break;
        }
      }
      buffer.set(bytes2.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (!isCut && filled < MAX_CHUNK) continue;
      yield buffer.subarray(0, filled);
      filled = 0;
      hash3 = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

// src/runner/caches/cache-archive.ts
var compress = promisify(zstdCompress);
var decompress = promisify(zstdDecompress);
var PACK = 8 * 1024 * 1024;
var LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
var MAX_RATIO = 50;
var READ = 8 * 1024 * 1024;
async function saveFolder(folder, base, place2, { limit, signal }) {
  const writer = new StateWriter(base, place2, limit);
  await runProgram("tar", CREATE.concat(folder, "."), {
    signal,
    output: async (stdout) => {
      for await (const chunk of contentChunks(stdout)) await writer.add(chunk);
    }
  });
  return writer.finish();
}
async function loadFolder(folder, state, place2, { limit, signal }) {
  let bytes2 = 0;
  for (const [, size] of state.chunks) bytes2 += size;
  if (bytes2 > limit * MAX_RATIO) throw new Error(`a cache mount has ${bytes2} bytes`);
  await runProgram("tar", EXTRACT.concat("--directory", folder), { signal, input: contentsOf(state, place2) });
  await runProgram("find", [folder, "-xdev", "(", "-type", "b", "-o", "-type", "c", ")", "-delete"], {
    signal
  });
}
function isWasteful(state, base) {
  const ends = /* @__PURE__ */ new Map();
  const used = /* @__PURE__ */ new Map();
  for (const { packs, chunks: chunks2 } of [base, state]) {
    for (const [sha2562, , number5, offset, length] of chunks2) {
      const pack = packs[number5] ?? "";
      ends.set(pack, Math.max(ends.get(pack) ?? 0, offset + length));
      if (packs === state.packs) used.set(sha2562, length);
    }
  }
  let packBytes = 0;
  for (const pack of state.packs) packBytes += ends.get(pack) ?? 0;
  let bytes2 = 0;
  for (const length of used.values()) bytes2 += length;
  return packBytes > 2 * bytes2 + PACK;
}
async function* contentsOf({ packs, chunks: chunks2 }, place2) {
  for (let at = 0; at < chunks2.length; ) {
    const [, , pack, start2] = chunks2[at];
    let end = at;
    let length = 0;
    for (let next = chunks2[end]; next?.[2] === pack && next[3] === start2 + length; next = chunks2[++end]) {
      if (length > 0 && length + next[4] > READ) break;
      length += next[4];
    }
    const bytes2 = await place2.read(packs[pack] ?? "", start2, length);
    for (; at < end; at++) {
      const [sha2562, size, , offset, chunkLength] = chunks2[at];
      const part = bytes2.subarray(offset - start2, offset - start2 + chunkLength);
      const plain2 = await decompress(part, { maxOutputLength: size });
      if (sha256Hex(plain2) !== sha2562)
        throw new Error("Cannot read a cache mount: the digest of a chunk does not match");
      yield plain2;
    }
  }
}
var StateWriter = class {
  #place;
  #limit;
  #base;
  /** By hash: the pack of a chunk and its position in it. */
  #known = /* @__PURE__ */ new Map();
  #packs = /* @__PURE__ */ new Map();
  #chunks = [];
  #pack;
  #putting = Promise.resolve();
  #newBytes = 0;
  constructor(base, place2, limit) {
    this.#base = base;
    this.#place = place2;
    this.#limit = limit;
    for (const [sha2562, , pack, offset, length] of base?.chunks ?? []) {
      this.#known.set(sha2562, { pack: base?.packs[pack] ?? "", offset, length });
    }
  }
  async add(chunk) {
    const sha2562 = sha256Hex(chunk);
    const size = chunk.length;
    let known2 = this.#known.get(sha2562);
    if (known2 === void 0) {
      known2 = await this.#keep(await compress(chunk, LEVEL));
      this.#known.set(sha2562, known2);
    }
    this.#chunks.push([sha2562, size, this.#numberOf(known2.pack), known2.offset, known2.length]);
  }
  async finish() {
    await this.#close();
    await this.#putting;
    const isSame = this.#chunks.length === this.#base?.chunks.length && this.#chunks.every(([sha2562], index) => sha2562 === this.#base?.chunks[index]?.[0]);
    return isSame ? void 0 : { packs: [...this.#packs.keys()], chunks: this.#chunks };
  }
  async #keep(bytes2) {
    this.#newBytes += bytes2.length;
    if (this.#newBytes > this.#limit) {
      throw new Error(`a cache mount has more than the ${this.#limit} bytes that the server keeps`);
    }
    this.#pack ??= { id: randomUUID(), parts: [], bytes: 0 };
    const place2 = { pack: this.#pack.id, offset: this.#pack.bytes, length: bytes2.length };
    this.#pack.parts.push(bytes2);
    this.#pack.bytes += bytes2.length;
    if (this.#pack.bytes >= PACK) await this.#close();
    return place2;
  }
  async #close() {
    if (this.#pack === void 0) return;
    const { id: id2, parts } = this.#pack;
    this.#pack = void 0;
    await this.#putting;
    this.#putting = this.#place.put(id2, concat(parts));
    this.#putting.catch(() => {
    });
  }
  #numberOf(pack) {
    const number5 = this.#packs.get(pack) ?? this.#packs.size;
    this.#packs.set(pack, number5);
    return number5;
  }
};
var CREATE = [
  "--create",
  "--file=-",
  "--format=posix",
  // Equal files give equal bytes: no process number, no access and change times, one order.
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
  "--sort=name",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=*",
  "--warning=no-file-ignored",
  "--blocking-factor=128",
  "--directory"
];

// src/runner/caches/kept-cache.ts
var KeptCache = class {
  #path;
  #lease;
  #fingerprint;
  /** Generation of the state that was loaded or saved last. */
  #generation;
  constructor(path, lease) {
    this.#path = path;
    this.#lease = lease;
    this.#generation = lease.grant.generation;
  }
  /**
   * Loads the server's state into the folder, unless the folder already has it. False when the server has no state or
   * cannot send it.
   * @throws {DOMException} when `signal` aborts
   */
  async load(signal) {
    const { slot } = this.#lease.grant;
    const generation = this.#generation;
    if (generation === 0) return false;
    const origin = await this.#origin();
    if (origin?.slot === slot && origin.generation === generation) {
      this.#fingerprint = origin.fingerprint;
      return true;
    }
    const fresh = `${this.#path}.new`;
    try {
      await removeTree(fresh);
      await mkdir(fresh, { recursive: true, mode: 448 });
      const { limit } = this.#lease.grant;
      await loadFolder(fresh, await this.#lease.state(signal), this.#place(signal), { limit, signal });
    } catch (error2) {
      await removeTree(fresh);
      signal.throwIfAborted();
      if (!(error2 instanceof TransferError || error2 instanceof TypeError)) console.error(error2);
      return false;
    }
    await removeTree(this.#path);
    await rename(fresh, this.#path);
    await this.#note(generation, await fingerprint(this.#path, signal));
    return true;
  }
  /**
   * Saves the folder at the server if it changed since it was loaded. Nothing may write to it meanwhile.
   * @throws {DOMException} when `signal` aborts
   * @throws {TransferError | Error} when it cannot be saved
   */
  async save(signal) {
    const now = await fingerprint(this.#path, signal);
    if (now === this.#fingerprint) return;
    const { limit } = this.#lease.grant;
    const generation = this.#generation;
    const base = generation === 0 ? void 0 : await this.#lease.state(signal).catch(() => void 0);
    const place2 = this.#place(signal);
    const options = { limit, signal };
    const whole = async () => {
      const state2 = await saveFolder(this.#path, void 0, place2, options);
      return this.#lease.putState(state2, signal);
    };
    const state = await saveFolder(this.#path, base, place2, options);
    if (state === void 0) return this.#note(generation, now);
    if (base !== void 0 && isWasteful(state, base)) return this.#note(await whole(), now);
    try {
      await this.#note(await this.#lease.putState(state, signal), now);
    } catch (error2) {
      const status = error2 instanceof TransferError ? error2.status : 0;
      if (status !== 409 && status !== 413) throw error2;
      await this.#note(await whole(), now);
    }
  }
  #place(signal) {
    return {
      put: (pack, bytes2) => this.#lease.putPack(pack, bytes2, signal),
      read: (pack, offset, length) => this.#lease.read(pack, offset, length, signal)
    };
  }
  async #origin() {
    try {
      return JSON.parse(await readFile(`${this.#path}.origin`, "utf8"));
    } catch {
      return void 0;
    }
  }
  async #note(generation, fingerprint3) {
    this.#fingerprint = fingerprint3;
    this.#generation = generation;
    const origin = { slot: this.#lease.grant.slot, generation, fingerprint: fingerprint3 };
    await writeFile(`${this.#path}.origin`, JSON.stringify(origin));
  }
};
async function fingerprint(folder, signal) {
  const hash3 = createHash2("sha256");
  await runProgram("find", [folder, "-printf", "%P\\0%y %m %U %G %s %T@ %C@ %i %l\\0"], {
    signal,
    output: async (stdout) => {
      for await (const chunk of stdout) hash3.update(chunk);
    }
  });
  return hash3.digest("hex");
}

// src/runner/caches/caches.ts
var WATCH_MS = 2e3;
var Caches = class {
  #folder;
  #options;
  #slots = /* @__PURE__ */ new Map();
  #changed = Promise.withResolvers();
  #isStopped = false;
  constructor(folder, options = {}) {
    this.#folder = folder;
    this.#options = options;
  }
  /**
   * A folder for the mount, with the contents that the server keeps, if any. `shared`: one folder for all users.
   * `private`: a folder that no other step uses. `locked`: the one folder, after all other users on all machines have
   * released it.
   *
   * @param isAlone no other step of this machine uses the folder meanwhile, although it is shared
   */
  async hold(job2, mount, signal, isAlone = false) {
    const { key } = mount;
    const sharing = isAlone && mount.sharing === "shared" ? "locked" : mount.sharing;
    for (; ; ) {
      signal.throwIfAborted();
      const slot = this.#find(key, sharing);
      if (slot === void 0) {
        await untilAborted(this.#changed.promise, signal);
        continue;
      }
      if (slot.sharing !== mount.sharing) this.#startSaving(slot);
      slot.users = sharing === "shared" ? slot.users + 1 : -1;
      try {
        await this.#enter(slot, job2, mount, signal);
      } catch (error2) {
        this.#leave(slot);
        if (signal.aborted || !isAbort(error2)) throw error2;
        continue;
      }
      return {
        path: slot.path,
        fill: (source) => this.#fill(slot, source),
        release: () => this.#leave(slot)
      };
    }
  }
  /** Starts saving the caches that are not in use, unless `pause` is called meanwhile. */
  save() {
    for (const slot of this.#all()) this.#startSaving(slot, true);
  }
  /** Cancels what `save` started, because a step needs the processors. The caches stay open, to be saved later. */
  pause() {
    for (const { saving } of this.#all()) if (saving?.mayPause) saving.cancel.abort();
  }
  /** Saves all caches and releases them at the server. */
  async close() {
    for (const slot of this.#all()) this.#startSaving(slot);
    for (const slot of this.#all()) {
      await slot.saving?.ended;
      clearInterval(slot.watch);
      await (await slot.opened?.catch(() => void 0))?.lease?.release();
    }
  }
  /** Cancels saving, also of what would be saved later. */
  stopSaving() {
    this.#isStopped = true;
    for (const slot of this.#all()) slot.saving?.cancel.abort();
  }
  #all() {
    return [...this.#slots.values()].flat();
  }
  async #enter(slot, job2, mount, signal) {
    clearInterval(slot.watch);
    if (slot.sharing === mount.sharing) slot.saving?.cancel.abort();
    await slot.saving?.ended;
    if (slot.opened === void 0) {
      slot.sharing = mount.sharing;
      slot.opened = this.#open(slot, job2, mount, signal);
    }
    const { opened } = slot;
    try {
      await opened;
    } catch (error2) {
      if (slot.opened === opened) delete slot.opened;
      throw error2;
    }
    await makeFolder(slot.path, mount);
  }
  async #open(slot, job2, { key, sharing }, signal) {
    const lease = await this.#options.acquire?.(job2, key, sharing, signal);
    if (lease === void 0) return {};
    const kept = new KeptCache(slot.path, lease);
    try {
      if (await kept.load(signal)) await writeFile2(`${slot.path}.filled`, "");
    } catch (error2) {
      await lease.release();
      throw error2;
    }
    return { lease, kept };
  }
  #leave(slot) {
    slot.users = Math.max(0, slot.users - 1);
    if (slot.users === 0) this.#watch(slot);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
  /** Saves an unused cache as soon as another runner waits for it. */
  #watch(slot) {
    clearInterval(slot.watch);
    slot.watch = setInterval(async () => {
      const lease = (await slot.opened?.catch(() => void 0))?.lease;
      if (lease === void 0) clearInterval(slot.watch);
      else if (await lease.isWanted()) this.#startSaving(slot);
    }, WATCH_MS);
    slot.watch.unref();
  }
  #startSaving(slot, mayPause = false) {
    if (slot.saving !== void 0) slot.saving.mayPause &&= mayPause;
    if (this.#isStopped || slot.users !== 0 || slot.opened === void 0 || slot.saving !== void 0) return;
    const cancel = new AbortController();
    const ended = this.#save(slot, slot.opened, cancel.signal).finally(() => delete slot.saving);
    slot.saving = { cancel, ended, mayPause };
  }
  /** Saves a cache and releases it at the server. A cache whose saving is cancelled stays open. */
  async #save(slot, opened, signal) {
    const { lease, kept } = await opened;
    try {
      if (this.#options.saves !== false) await kept?.save(signal);
    } catch (error2) {
      if (!signal.aborted) this.#options.report?.(`Cannot save a cache mount: ${error2.message}`);
    }
    if (signal.aborted) return;
    clearInterval(slot.watch);
    delete slot.opened;
    await lease?.release();
  }
  async #fill(slot, source) {
    const mark = `${slot.path}.filled`;
    slot.filling ??= access(mark).catch(async () => {
      await runProgram("cp", ["-a", "--", `${source}/.`, slot.path]);
      await writeFile2(mark, "");
    });
    await slot.filling;
  }
  #find(key, sharing) {
    const slots = this.#slots.get(key) ?? [];
    this.#slots.set(key, slots);
    const free = slots.find(({ users: users2 }) => users2 === 0 || sharing === "shared" && users2 > 0);
    if (free !== void 0) return free;
    if (sharing === "locked" && slots.length > 0) return void 0;
    const slot = { path: join(this.#folder, `${key}-${slots.length}`), users: 0 };
    slots.push(slot);
    return slot;
  }
};
async function makeFolder(path, { root: root2 }) {
  const made = await mkdir2(path, { recursive: true });
  if (made === void 0) return;
  await chown(path, root2?.uid ?? 0, root2?.gid ?? 0);
  await chmod(path, root2?.mode ?? 493);
}
function isAbort(error2) {
  return error2 instanceof Error && error2.name === "AbortError";
}

// src/runner/containers/workspaces.ts
init_remove_tree();
import { mkdir as mkdir3 } from "node:fs/promises";
import { join as join4 } from "node:path";

// src/runner/containers/volumes.ts
init_command();
init_remove_tree();
import { randomUUID as randomUUID2 } from "node:crypto";
import {
  existsSync,
  lstatSync as lstatSync2,
  mkdirSync as mkdirSync2,
  readdirSync as readdirSync2,
  renameSync,
  rmSync as rmSync2,
  utimesSync,
  writeFileSync as writeFileSync2
} from "node:fs";
import { join as join3 } from "node:path";

// src/runner/files/root-path.ts
init_job_error();
import { lstatSync, readlinkSync } from "node:fs";
var MAX_LINKS = 40;
function resolveInRoot(root2, path) {
  const waiting2 = path.split("/").reverse();
  const found = [];
  const missing = [];
  let links = 0;
  for (let name = waiting2.pop(); name !== void 0; name = waiting2.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (missing.pop() === void 0) found.pop();
      continue;
    }
    if (missing.length > 0) {
      missing.push(name);
      continue;
    }
    const at = [root2, ...found, name].join("/");
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === void 0) {
      missing.push(name);
    } else if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw new JobError("refused", `${path}: too many levels of symbolic links`);
      const target = readlinkSync(at);
      if (target.startsWith("/")) found.length = 0;
      waiting2.push(...target.split("/").reverse());
    } else {
      found.push(name);
    }
  }
  return { found: found.map((name) => `/${name}`).join(""), missing };
}

// src/runner/snapshots/directory-claims.ts
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join as join2 } from "node:path";
import { setTimeout as sleep2 } from "node:timers/promises";
var EVICTING = "evicting";
var POLL_MS = 20;
var count = 0;
var DirectoryClaims = class {
  #folder;
  #own;
  #claimed = /* @__PURE__ */ new Set();
  /** Claims are files in `folder`. Removes those of programs that have ended. */
  constructor(folder) {
    this.#folder = folder;
    this.#own = programName();
    mkdirSync(join2(this.#folder, EVICTING), { recursive: true });
    for (const name of this.#programs())
      if (!isAlive(name)) rmSync(join2(this.#folder, name), { recursive: true });
    mkdirSync(join2(this.#folder, this.#own), { recursive: true });
  }
  /** Identifies this program: see `isAlive`. */
  get program() {
    return this.#own;
  }
  /** Protects a directory from other programs. False if it was protected before; otherwise it may be gone already. */
  async claim(name) {
    if (this.#claimed.has(name)) return false;
    writeFileSync(join2(this.#folder, this.#own, name), "");
    while (this.#isEvicting(name)) await sleep2(POLL_MS);
    this.#claimed.add(name);
    return true;
  }
  /** Removes a directory with `remove`, unless another program uses it. @returns whether it was removed */
  async evict(name, remove2) {
    const mark = join2(this.#folder, EVICTING, name);
    writeFileSync(mark, this.#own);
    try {
      if (this.#programs().some((other) => other !== this.#own && this.#has(other, name))) return false;
      rmSync(join2(this.#folder, this.#own, name), { force: true });
      this.#claimed.delete(name);
      await remove2();
      return true;
    } finally {
      rmSync(mark, { force: true });
    }
  }
  /** Releases all claims. */
  close() {
    rmSync(join2(this.#folder, this.#own), { recursive: true, force: true });
    this.#claimed.clear();
  }
  #programs() {
    return readdirSync(this.#folder).filter((name) => name !== EVICTING);
  }
  #has(program2, name) {
    return isAlive(program2) && readdirSync(join2(this.#folder, program2)).includes(name);
  }
  #isEvicting(name) {
    try {
      const by = readFileSync(join2(this.#folder, EVICTING, name), "utf8");
      return by !== this.#own && isAlive(by);
    } catch {
      return false;
    }
  }
};
function programName() {
  return `${processName(process.pid)}.${count++}`;
}
function processName(pid) {
  try {
    const [, fields2 = ""] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return `${pid}-${fields2.split(" ")[19]}`;
  } catch {
    return void 0;
  }
}
function isAlive(program2) {
  return processName(Number.parseInt(program2, 10)) === program2.split(".")[0];
}

// src/runner/containers/container-error.ts
var ContainerError = class extends Error {
  name = "ContainerError";
  /** As `docker run` exits: 127 the command was not found, 126 it cannot be executed, 125 any other failure. */
  exitCode;
  /** The runtime already wrote the message to standard error. */
  isReported;
  constructor(message, exitCode = 125, isReported = false) {
    super(message);
    this.exitCode = exitCode;
    this.isReported = isReported;
  }
};

// src/runner/containers/volumes.ts
var USERS = "users";
var NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
var Volumes = class {
  #folder;
  constructor(folder) {
    this.#folder = folder;
  }
  /**
   * The folder of a volume, made if missing.
   * @param user name of the program that will use it: see `programName`
   * @throws {ContainerError} with docker's message
   */
  open(name, user) {
    if (!NAME.test(name)) {
      throw new ContainerError(
        `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`
      );
    }
    const data = this.path(name);
    mkdirSync2(data, { recursive: true });
    const users2 = join3(this.#folder, name, USERS);
    mkdirSync2(users2, { recursive: true });
    for (const other of readdirSync2(users2)) if (!isAlive(other)) rmSync2(join3(users2, other), { force: true });
    writeFileSync2(join3(users2, user), "");
    return data;
  }
  /** The folder with the files of a volume. */
  path(name) {
    return join3(this.#folder, name, "_data");
  }
  /** Names, in order. */
  list() {
    return existsSync(this.#folder) ? readdirSync2(this.#folder).sort() : [];
  }
  /** @throws {ContainerError} with docker's message */
  async remove(name) {
    if (!this.list().includes(name)) throw new ContainerError(`get ${name}: no such volume`);
    const users2 = join3(this.#folder, name, USERS);
    if (existsSync(users2) && readdirSync2(users2).some(isAlive))
      throw new ContainerError(`remove ${name}: volume is in use`);
    await removeTree(join3(this.#folder, name));
  }
};
async function fillVolume(volume, root2, path) {
  if (readdirSync2(volume).length > 0) return;
  const { found, missing } = resolveInRoot(root2, path);
  if (missing.length > 0 || !lstatSync2(root2 + found).isDirectory()) return;
  const copy = `${volume}.${randomUUID2()}`;
  try {
    mkdirSync2(copy, { mode: 448 });
    await runProgram("cp", ["-a", "--", `${root2}${found}/.`, copy]);
    const { atime, mtime } = lstatSync2(copy);
    for (const name of readdirSync2(copy, "buffer")) moveEntry(name, copy, volume);
    utimesSync(copy, atime, mtime);
    if (readdirSync2(copy).length === 0) await runProgram("cp", ["-a", "--", `${copy}/.`, volume]);
  } finally {
    await removeTree(copy);
  }
}
function moveEntry(name, from, to) {
  const at = (folder) => Buffer.concat([Buffer.from(`${folder}/`), name]);
  try {
    renameSync(at(from), at(to));
  } catch (error2) {
    const { code = "" } = error2;
    if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"].includes(code)) throw error2;
  }
}

// src/runner/containers/workspaces.ts
var IDLE_MS = 30 * 6e4;
var MAX_IDLE = 16;
var Workspaces = class _Workspaces {
  #folder;
  /** By name, the most recently used last. */
  #users = /* @__PURE__ */ new Map();
  constructor(folder) {
    this.#folder = folder;
  }
  /** Removes the workspaces of an earlier runner. */
  static async open(folder) {
    await removeTree(folder);
    return new _Workspaces(folder);
  }
  /** @param name 64 hexadecimal digits */
  async hold(name) {
    if (!/^[0-9a-f]{64}$/.test(name)) throw new Error(`Cannot use a workspace named ${JSON.stringify(name)}`);
    const known2 = this.#users.get(name);
    clearTimeout(known2?.timer);
    this.#users.delete(name);
    this.#users.set(name, { count: (known2?.count ?? 0) + 1 });
    await mkdir3(this.#folder, { recursive: true, mode: 448 });
    return { volumes: new Volumes(join4(this.#folder, name)), release: () => this.#release(name) };
  }
  async close() {
    for (const { timer } of this.#users.values()) clearTimeout(timer);
    await removeTree(this.#folder);
  }
  #release(name) {
    const users2 = this.#users.get(name);
    if (users2 === void 0 || --users2.count > 0) return;
    users2.timer = setTimeout(() => this.#remove(name), IDLE_MS);
    const idle = [...this.#users].filter(([, { count: count2 }]) => count2 === 0);
    for (const [oldest] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) this.#remove(oldest);
  }
  #remove(name) {
    clearTimeout(this.#users.get(name)?.timer);
    this.#users.delete(name);
    removeTree(join4(this.#folder, name)).catch(() => {
    });
  }
};

// src/runner/files/file-reason.ts
var REASONS = {
  EACCES: "permission denied",
  EIO: "input/output error",
  EISDIR: "it is a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system"
};
function fileReason(error2) {
  const { code = "", message } = error2;
  return REASONS[code] ?? message;
}

// src/runner/runner.ts
init_folder_lock();
init_make_folder();
init_remove_tree();

// src/runner/network/step-networks.ts
init_host_error();

// src/runner/files/read-text.ts
import { readFileSync as readFileSync5 } from "node:fs";
function tryReadText(path) {
  try {
    return readFileSync5(path, "utf8");
  } catch {
    return void 0;
  }
}

// src/runner/network/network-namespace.ts
init_command();
init_children();
init_host_error();
init_runtime();
init_user_namespace();
import { spawn as spawn5 } from "node:child_process";
import { accessSync as accessSync2, closeSync as closeSync2, constants as constants4, openSync as openSync2 } from "node:fs";

// src/runner/network/own-addresses.ts
import { readFileSync as readFileSync6 } from "node:fs";
import { BlockList } from "node:net";
function readAddressTables() {
  return { fibTrie: readTable("fib_trie"), inet6: readTable("if_inet6"), routes6: readTable("ipv6_route") };
}
function readTable(name) {
  try {
    return readFileSync6(`/proc/self/net/${name}`, "utf8");
  } catch {
    return "";
  }
}
function ownAddresses({ fibTrie, inet6, routes6 }) {
  return /* @__PURE__ */ new Set([...ownIpv4(fibTrie), ...ownIpv6(inet6), ...localIpv6(routes6)]);
}
function isOwn(address, own2) {
  const list = new BlockList();
  for (const range of own2) {
    const [base = "", length] = range.split("/");
    if (length !== void 0) list.addSubnet(base, Number(length), familyOf(base));
  }
  return own2.has(canonicalAddress(address)) || list.check(address, familyOf(address));
}
function familyOf(address) {
  return address.includes(":") ? "ipv6" : "ipv4";
}
function* ownIpv4(trie) {
  let address = "";
  for (const line2 of trie.split("\n")) {
    address = /\|-- (\S+)/.exec(line2)?.[1] ?? address;
    const [, length] = /\/(\d+) host LOCAL/.exec(line2) ?? [];
    if (length !== void 0 && !address.startsWith("127.")) yield rangeText(address, length, "32");
  }
}
function* ownIpv6(table) {
  for (const [, digits = ""] of table.matchAll(/^([0-9a-f]{32}) /gm)) {
    const address = addressOf(digits);
    if (address !== LOOPBACK) yield address;
  }
}
var LOOPBACK = "::1";
var LOCAL = 2147483648;
var ANYCAST = 1048576;
function* localIpv6(table) {
  for (const line2 of table.split("\n")) {
    const [digits = "", length = "", , , , , , , flags = ""] = line2.split(/\s+/);
    if ((Number.parseInt(flags, 16) & (LOCAL | ANYCAST)) === 0) continue;
    if (length === "00") continue;
    const address = addressOf(digits);
    if (address !== LOOPBACK) yield rangeText(address, String(Number.parseInt(length, 16)), "128");
  }
}
function addressOf(digits) {
  return canonicalAddress(digits.replace(/(.{4})(?=.)/g, "$1:"));
}
function rangeText(address, length, whole) {
  return length === whole ? address : `${address}/${length}`;
}
function canonicalAddress(text2) {
  const host = `[${text2}]`;
  return text2.includes(":") && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.slice(1, -1) : text2;
}

// src/runner/network/network-namespace.ts
var NAME_SERVER = "169.254.1.1";
var PROGRAMS2 = [
  ["pasta", "passt"],
  ["ip", "iproute2"]
];
var TUN = "/dev/net/tun";
var INTERFACE = "eth0";
var REFERENCE = "/tmp/net";
var NetworkNamespace = class _NetworkNamespace {
  descriptors;
  #child;
  constructor(descriptors, child) {
    this.descriptors = descriptors;
    this.#child = child;
  }
  /**
   * @param hasOwnUsers makes it in a user namespace, for a root without the right to make it
   * @throws {HostError}
   */
  static async open(allowed, hasOwnUsers) {
    requirePrograms();
    const addresses = ownAddresses(readAddressTables());
    const holder2 = hasOwnUsers ? [...SAME_USERS, ...HOLDER] : HOLDER;
    const child = spawn5("unshare", [...holder2, "sh", "-c", script(allowed, addresses)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: plainEnvironment,
      detached: true
    });
    child.stdin.on("error", () => {
    });
    try {
      requireIsolation(addresses, await namespaceAddresses(child));
      const [first] = childrenOf(child.pid);
      const network = openSync2(`/proc/${first}/root${REFERENCE}`, constants4.O_RDONLY);
      const users2 = hasOwnUsers ? openSync2(`/proc/${first}/ns/user`, constants4.O_RDONLY) : void 0;
      return new _NetworkNamespace({ network, users: users2 }, child);
    } catch (error2) {
      child.stdin.end();
      throw error2 instanceof HostError ? error2 : new HostError(error2.message);
    }
  }
  /** Disconnects the namespace. Processes that are still in it have no network. */
  close() {
    const { network, users: users2 } = this.descriptors;
    closeSync2(network);
    if (users2 !== void 0) closeSync2(users2);
    this.#child.stdin?.end();
  }
};
function requirePrograms() {
  for (const [program2, packageName] of PROGRAMS2) {
    if (findProgram(program2) === void 0)
      throw new HostError(`${program2} is not installed (on Debian and Ubuntu: apt install ${packageName})`);
  }
  try {
    accessSync2(TUN, constants4.R_OK | constants4.W_OK);
  } catch (error2) {
    throw new HostError(
      error2.code === "ENOENT" ? `${TUN} does not exist (load the kernel module tun; in a container: docker run --device ${TUN})` : `the runner's user has no permission to read and write ${TUN}`
    );
  }
}
var HOLDER = ["--pid", "--fork", "--kill-child=KILL", "--mount", "--mount-proc"];
var END = "-- end --";
var MAX_CHARACTERS = 1e3;
function script(allowed, addresses) {
  const ports = [...new Set(allowed.map(({ port }) => port))].join(",") || "none";
  const pasta = [
    `pasta --config-net --quiet --netns-only --runas 0 --ns-ifname ${INTERFACE} --no-map-gw`,
    `--tcp-ports none --udp-ports none --tcp-ns ${ports} --udp-ns none`,
    `--dns-forward ${NAME_SERVER} --netns ${REFERENCE}`
  ].join(" ");
  return [
    "set -e",
    "mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs /tmp",
    `: >${REFERENCE}`,
    `unshare --net=${REFERENCE} true`,
    pasta,
    // Adding an address that pasta already added fails. The output of the last command is checked instead.
    `nsenter --net=${REFERENCE} ip -oneline -force -batch - 2>/dev/null <<'${END}' || :`,
    ...[...addresses].map(addressLine),
    `address show dev ${INTERFACE}`,
    `route show table local type local dev ${INTERFACE}`,
    END,
    // A batch has one family of routes.
    `nsenter --net=${REFERENCE} ip -6 route show table local type local dev ${INTERFACE} 2>/dev/null || :`,
    `echo '${END}'`,
    "read -r _ || :"
  ].join("\n");
}
function addressLine(address) {
  if (address.includes("/")) return `route add local ${address} dev ${INTERFACE}`;
  return address.includes(":") ? `address add ${address}/128 dev ${INTERFACE} nodad valid_lft forever preferred_lft 0` : `address add ${address}/32 dev ${INTERFACE}`;
}
async function namespaceAddresses(child) {
  let stdout = "";
  let stderr = "";
  return new Promise((resolve2, reject) => {
    child.once("error", reject);
    child.stderr?.setEncoding("utf8").on("data", (text2) => {
      stderr = (stderr + text2).slice(0, MAX_CHARACTERS);
    });
    child.stdout?.setEncoding("utf8").on("data", (text2) => {
      stdout += text2;
      if (!stdout.endsWith(`${END}
`)) return;
      const shown = [...stdout.matchAll(/ inet6? ([^\s/]+)/g), ...stdout.matchAll(/^local (\S+)/gm)];
      resolve2(new Set(shown.map(([, address = ""]) => canonicalAddress(address))));
    });
    child.once("close", (code) => reject(new Error(stderr.trim() || `unshare exited with ${code}`)));
  });
}
function requireIsolation(addresses, inside) {
  const hasIpv6 = [...inside].some((address) => address.includes(":"));
  for (const address of addresses) {
    if (inside.has(address) || address.includes(":") && !hasIpv6) continue;
    throw new HostError(`steps could reach ${address}, which is an address of the machine`);
  }
}

// src/runner/network/name-servers.ts
var SYSTEM_FILE = "/etc/resolv.conf";
var RESOLVED_FILE = "/run/systemd/resolve/resolv.conf";
var RESOLVED_STUB = "127.0.0.53";
var SERVER = /^\s*nameserver\s+(\S+)/;
function machineNameServers() {
  return tryReadText(SYSTEM_FILE) ?? "";
}
function stepNameServers(text2 = reachableNameServers(), own2 = machineAddresses()) {
  const servers = [];
  const rest = [];
  for (const line2 of text2.split("\n")) {
    const [, address] = SERVER.exec(line2) ?? [];
    if (address !== void 0) servers.push(isOnMachine(address, own2) ? NAME_SERVER : address);
    else if (!/^\s*(?:[#;]|$)/.test(line2)) rest.push(line2);
  }
  if (servers.length === 0) servers.push(NAME_SERVER);
  return [...new Set(servers)].map((address) => `nameserver ${address}
`).join("") + rest.map((line2) => `${line2}
`).join("");
}
function reachableNameServers() {
  const text2 = machineNameServers();
  const servers = text2.split("\n").flatMap((line2) => SERVER.exec(line2)?.slice(1) ?? []);
  const isStub = servers.length > 0 && servers.every((address) => address === RESOLVED_STUB);
  return isStub ? tryReadText(RESOLVED_FILE) || text2 : text2;
}
function machineAddresses() {
  return ownAddresses(readAddressTables());
}
function isOnMachine(address, own2) {
  return address.startsWith("127.") || address === "::1" || isOwn(address, own2);
}

// src/runner/network/step-networks.ts
var SPARE_MS = 6e4;
var CHOSEN_NONE = "Steps of this runner have no network: it was started with --network none.";
var StepNetworks = class _StepNetworks {
  #settings;
  #spare;
  #expiry;
  #isClosed = false;
  /** Why steps cannot have a separate network, with the remedy; undefined when they can. */
  shortcoming;
  constructor(settings, first) {
    this.#settings = settings;
    if (first instanceof HostError) this.shortcoming = first.message;
    else if (first !== void 0) this.#keep(Promise.resolve(first));
  }
  /** Makes a first network, to find out whether the machine can. The first step uses it. */
  static async open(settings) {
    if (settings.kind !== "default") return new _StepNetworks(settings, void 0);
    const first = await make(settings).catch((error2) => {
      if (error2 instanceof HostError) return error2;
      throw error2;
    });
    return new _StepNetworks(settings, first);
  }
  /** Returns the network that a step requests; none where the machine cannot make one. */
  async acquire(wanted) {
    const kind = wanted === "default" ? this.#settings.kind : wanted;
    if (kind !== "default")
      return withoutNamespace(kind, wanted !== "none" && kind === "none" ? CHOSEN_NONE : void 0);
    try {
      const { namespace: namespace2 } = await this.#next();
      this.#prepare();
      return {
        kind: "own",
        namespaces: namespace2.descriptors,
        nameServers: stepNameServers(),
        allowed: this.#settings.allowed,
        release: () => {
          namespace2.close();
          this.#prepare();
        }
      };
    } catch (error2) {
      if (error2 instanceof HostError) return withoutNamespace("none", networkHint(error2.message));
      throw error2;
    }
  }
  /** Closes the spare network. Networks of running steps close with their steps. */
  async close() {
    this.#isClosed = true;
    await this.#drop();
  }
  async #next() {
    const spare3 = this.#spare;
    clearTimeout(this.#expiry);
    this.#spare = void 0;
    const ready = await spare3;
    if (ready?.fingerprint === fingerprint2()) return ready;
    ready?.namespace.close();
    return make(this.#settings);
  }
  /** Makes the next network. A failure is ignored: the next step tries again and reports it. */
  #prepare() {
    if (this.#spare === void 0 && !this.#isClosed) this.#keep(make(this.#settings).catch(() => void 0));
  }
  #keep(spare3) {
    this.#spare = spare3;
    this.#expiry = setTimeout(() => void this.#drop(), SPARE_MS).unref();
  }
  async #drop() {
    clearTimeout(this.#expiry);
    const spare3 = this.#spare;
    this.#spare = void 0;
    (await spare3)?.namespace.close();
  }
};
function networkHint(reason) {
  return `The runner's machine cannot make a separate network for steps: ${reason}. To use the machine's network instead, start the runner with --network host.`;
}
function withoutNamespace(kind, hint) {
  const nameServers = machineNameServers();
  return { kind, nameServers, allowed: [], release: () => {
  }, ...hint !== void 0 && { hint } };
}
async function make({ allowed, hasOwnUsers }) {
  const before = fingerprint2();
  return { namespace: await NetworkNamespace.open(allowed, hasOwnUsers), fingerprint: before };
}
function fingerprint2() {
  return JSON.stringify([[...ownAddresses(readAddressTables())], machineNameServers()]);
}

// src/runner/runner-options.ts
var DEFAULT_LAYER_BYTES = 20 * 2 ** 30;

// src/runner/runner.ts
init_ability();

// src/runner/sandbox/control-group.ts
import { existsSync as existsSync2, mkdirSync as mkdirSync5, readdirSync as readdirSync4, readFileSync as readFileSync7, rmdirSync, writeFileSync as writeFileSync3 } from "node:fs";
import { join as join10 } from "node:path";
var ROOT = "/sys/fs/cgroup";
var ControlGroups = class {
  #parent;
  /**
   * The hierarchies with write access: one with version 2, one per controller with version 1, none where the file system
   * is read-only.
   */
  #hierarchies;
  /** @param data folder of the runner, which makes the name of the parent group unique */
  constructor(data) {
    this.#parent = `varve-${sha256Hex(data).slice(0, 12)}`;
    this.#hierarchies = hierarchies().filter((folder) => {
      try {
        mkdirSync5(join10(folder, this.#parent), { recursive: true });
        return true;
      } catch {
        return false;
      }
    });
  }
  /** Path of a container's group for its runtime; undefined when groups cannot be made. */
  path(container) {
    return this.#hierarchies.length > 0 ? `/${this.#parent}/${container}` : void 0;
  }
  /**
   * Moves a process and its future children into the container's group, for a runtime that does not use groups. Limits that
   * cannot be set are ignored.
   */
  enter(container, pid, limits2) {
    for (const hierarchy of this.#hierarchies) {
      const folder = join10(hierarchy, this.#parent, container);
      for (const above of [hierarchy, join10(hierarchy, this.#parent)]) {
        for (const controller of ["+memory", "+pids"])
          write(join10(above, "cgroup.subtree_control"), controller);
      }
      mkdirSync5(folder, { recursive: true });
      for (const [file2, value] of limitFiles(limits2)) write(join10(folder, file2), String(value));
      write(join10(folder, "cgroup.procs"), String(pid));
    }
  }
  /** Whether the kernel killed a process of the container because memory ran out. */
  ranOutOfMemory(container) {
    return this.#hasEvent(container, ["memory.events", "memory.oom_control"], /^oom_kill [1-9]/m);
  }
  /** Whether the kernel refused to start a process or thread of the container. */
  ranOutOfPids(container) {
    return this.#hasEvent(container, ["pids.events"], /^max [1-9]/m);
  }
  #hasEvent(container, files, pattern) {
    return this.#hierarchies.some(
      (hierarchy) => files.some((name) => {
        try {
          return pattern.test(readFileSync7(join10(hierarchy, this.#parent, container, name), "utf8"));
        } catch {
          return false;
        }
      })
    );
  }
  /** Removes what is left of a container's groups; its processes must have ended. */
  remove(container) {
    for (const hierarchy of this.#hierarchies) removeGroup(join10(hierarchy, this.#parent, container));
  }
  /** Removes the groups of all containers and their parent. */
  close() {
    for (const hierarchy of this.#hierarchies) removeGroup(join10(hierarchy, this.#parent));
  }
};
function limitFiles({ memory, swap, pids }) {
  const files = [];
  if (memory !== void 0) files.push(["memory.max", memory], ["memory.limit_in_bytes", memory]);
  if (memory !== void 0 && swap !== void 0)
    files.push(["memory.swap.max", swap - memory], ["memory.memsw.limit_in_bytes", swap]);
  if (pids !== void 0) files.push(["pids.max", pids]);
  return files;
}
function write(file2, text2) {
  try {
    if (existsSync2(file2)) writeFileSync3(file2, text2);
  } catch {
  }
}
function hierarchies() {
  if (existsSync2(join10(ROOT, "cgroup.controllers"))) return [ROOT];
  try {
    return readdirSync4(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join10(ROOT, name));
  } catch {
    return [];
  }
}
function removeGroup(folder) {
  try {
    for (const entry of readdirSync4(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroup(join10(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
  }
}

// src/runner/sandbox/step-limits.ts
import { readFileSync as readFileSync8 } from "node:fs";
import { totalmem } from "node:os";
var MAX_PIDS = 16384;
var RESERVE = 256 * 2 ** 20;
var RESERVE_SHARE = 0.05;
function stepLimits(settings, machine2 = readMachine()) {
  const { memory, pids = Math.min(MAX_PIDS, Math.floor(machine2.pids / 2)) } = settings;
  const usual = Math.floor(machine2.memory - Math.max(RESERVE, machine2.memory * RESERVE_SHARE));
  return {
    ...memory === void 0 ? { memory: Math.max(usual, Math.floor(machine2.memory / 2)) } : memory > 0 && { memory, swap: memory },
    ...pids > 0 && { pids }
  };
}
function readMachine() {
  const constrained = process.constrainedMemory();
  return {
    memory: constrained > 0 ? Math.min(totalmem(), constrained) : totalmem(),
    pids: Math.min(...["pid_max", "threads-max"].map(readKernelNumber))
  };
}
function readKernelNumber(name) {
  try {
    return Number(readFileSync8(`/proc/sys/kernel/${name}`, "utf8")) || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

// src/runner/sandbox/trial.ts
import { chmodSync as chmodSync3, writeFileSync as writeFileSync6 } from "node:fs";
import { mkdtemp as mkdtemp3, readFile as readFile2 } from "node:fs/promises";
import { join as join13 } from "node:path";

// src/runner/files/mount-stubs.ts
import {
  chmodSync as chmodSync2,
  chownSync as chownSync2,
  lstatSync as lstatSync4,
  mkdirSync as mkdirSync6,
  readdirSync as readdirSync5,
  rmdirSync as rmdirSync2,
  unlinkSync,
  utimesSync as utimesSync3,
  writeFileSync as writeFileSync4
} from "node:fs";
import { dirname as dirname2 } from "node:path";
var SYSTEM_POINTS = ["/proc", "/sys", "/dev"].map((target) => ({
  target,
  isDirectory: true
}));
var MountStubs = class {
  #made = [];
  /**
   * Makes the missing parts of a mount point in the tree at `root`. The runtime makes those below one of `others`.
   * @throws {JobError}
   */
  make(root2, { target, isDirectory: isDirectory4 }, others) {
    if (others.some((other) => target.startsWith(`${other.target}/`))) return;
    const { found, missing } = resolveInRoot(root2, target);
    let at = found;
    missing.forEach((name, index) => {
      const parent = root2 + at;
      at += `/${name}`;
      const path = root2 + at;
      const mode = isDirectory4 || index < missing.length - 1 ? 493 : 420;
      keepingTimes(parent, () => {
        if (mode === 493) mkdirSync6(path);
        else writeFileSync4(path, "");
      });
      chmodSync2(path, mode);
      this.#made.push(at);
    });
  }
  /** @param upper upper directory of the tree, after all its processes have ended */
  remove(upper) {
    for (const path of this.#made.reverse()) {
      const { found, missing } = resolveInRoot(upper, path);
      if (found !== path || missing.length > 0) continue;
      const stats = lstatSync4(upper + path);
      keepingTimes(dirname2(upper + path), () => {
        if (stats.isDirectory()) {
          if (readdirSync5(upper + path).length === 0) rmdirSync2(upper + path);
        } else if (stats.isFile() && stats.size === 0) {
          unlinkSync(upper + path);
        }
      });
    }
  }
};
function makeContainerWorkdir(root2, path, { uid, gid }) {
  const { found, missing } = resolveInRoot(root2, path);
  let at = root2 + found;
  for (const name of missing) {
    at += `/${name}`;
    mkdirSync6(at);
    chmodSync2(at, 493);
    chownSync2(at, uid, gid);
  }
}
function keepingTimes(directory2, change) {
  const { atime, mtime } = lstatSync4(directory2);
  change();
  utimesSync3(directory2, atime, mtime);
}

// src/runner/sandbox/trial.ts
init_remove_tree();
init_ability();

// src/runner/sandbox/launch.ts
import { writeFileSync as writeFileSync5 } from "node:fs";
import { join as join12 } from "node:path";

// src/runner/sandbox/oci-spec.ts
import { randomUUID as randomUUID3 } from "node:crypto";

// src/streams/turns.ts
var TURN = 1 << 22;
var done = 0;
var total = 0;
function spend(units) {
  addWork(units);
  if (done < TURN) return void 0;
  done = 0;
  return new Promise((resolve2) => setTimeout(resolve2, 0));
}
function addWork(units) {
  done += units;
  total += units;
}
async function inTurns(work, budget) {
  for (; ; ) {
    const { value, done: done2 } = work.next();
    if (done2) return value;
    if (budget !== void 0) {
      budget.left -= value;
      if (budget.left < 0) throw budget.exceeded();
    }
    const turn = spend(value);
    if (turn !== void 0) await turn;
  }
}
function atOnce(work) {
  for (; ; ) {
    const { value, done: done2 } = work.next();
    if (done2) return value;
  }
}

// src/streams/white-space.ts
function isSpace(unit) {
  if (unit < 128) return unit === 32 || unit >= 9 && unit <= 13;
  return unit === 133 || unit === 160 || unit === 5760 || unit >= 8192 && unit <= 8202 || unit === 8232 || unit === 8233 || unit === 8239 || unit === 8287 || unit === 12288;
}
function skipSpace(text2, from = 0) {
  let at = from;
  while (at < text2.length && isSpace(text2.charCodeAt(at))) at++;
  return at;
}
function trim(text2) {
  let end = text2.length;
  while (end > 0 && isSpace(text2.charCodeAt(end - 1))) end--;
  return text2.slice(skipSpace(text2), end);
}

// src/streams/json.ts
var MAX_DEPTH = 100;
var PIECE = 64 * 1024;
var QUOTE = 34;
var BACKSLASH = 92;
var OPEN_LIST = 91;
var CLOSE_LIST = 93;
var OPEN_OBJECT = 123;
var CLOSE_OBJECT = 125;
function parseJson(text2) {
  let depth2 = 0;
  for (let at = 0; at < text2.length; at++) {
    const code = text2.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text2, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth2 > MAX_DEPTH) throw tooDeep();
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth2--;
  }
  return JSON.parse(text2);
}
function endOfString(text2, quote) {
  for (let at = text2.indexOf('"', quote + 1); at >= 0; at = text2.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text2.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text2.length;
}
function tooDeep() {
  return new SyntaxError(`JSON has more than ${MAX_DEPTH} lists and objects within each other`);
}

// src/dockerfile/variable-name.ts
var NAME2 = new RegExp("\\p{Nd}+|[@*#?\\-$!]|[A-Za-z0-9_\\p{L}\\p{Nd}]+", "uy");

// src/dockerfile/word-lexer.ts
var MAX_SUBSTITUTED = 1 << 20;

// src/dockerfile/heredoc.ts
var MAX_DESCRIPTOR = 2 ** 32 - 1;

// src/dockerfile/keyword.ts
var keywords = [
  "ADD",
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "RUN",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR"
];
var known = new Set(keywords);

// src/dockerfile/parse.ts
var MAX_DOCKERFILE = 4 << 20;
var MAX_INSTRUCTIONS = 2e4;
var encoder = new TextEncoder();

// src/oci/digest.ts
var GRAMMAR = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/;
var HEX = { sha256: /^[0-9a-f]{64}$/, sha512: /^[0-9a-f]{128}$/ };
var MAX_LENGTH = 1024;
function parseDigest(text2) {
  const match = text2.length > MAX_LENGTH ? null : GRAMMAR.exec(text2);
  return match === null ? void 0 : { algorithm: match[1], encoded: match[2] };
}
function requireDigest(text2) {
  const problem = digestProblem(text2);
  if (problem !== void 0)
    throw new Error(`Invalid digest ${JSON.stringify(text2.slice(0, 200))}: ${problem}`);
  const { algorithm, encoded } = parseDigest(text2);
  return { algorithm, encoded };
}
function digestProblem(text2) {
  const parsed = parseDigest(text2);
  if (parsed === void 0) return "invalid checksum digest format";
  if (!isVerifiable(parsed.algorithm)) return "unsupported digest algorithm";
  if (HEX[parsed.algorithm].test(parsed.encoded)) return void 0;
  const length = parsed.algorithm === "sha256" ? 64 : 128;
  return parsed.encoded.length === length ? "invalid checksum digest format" : "invalid checksum digest length";
}
function isVerifiable(algorithm) {
  return algorithm === "sha256" || algorithm === "sha512";
}

// src/oci/document.ts
var MAX_DOCUMENT = 4 * 1024 * 1024;

// src/oci/media-types.ts
var OCI = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json"
};
var DOCKER = {
  manifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  layerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  layerZstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  foreignLayer: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
};
var MANIFEST_TYPES = [
  OCI.index,
  DOCKER.manifestList,
  OCI.manifest,
  DOCKER.manifest
];

// src/oci/manifest.ts
var MAX_LAYERS = 1024;

// src/engine/plan/limits.ts
var limits = {
  /** Characters of one text after expansion. */
  value: 1 << 20,
  /** Approximate bytes allocated while planning. */
  work: 64 << 20,
  /** FROM instructions; the longest real Dockerfiles have about a hundred. */
  stages: 1024,
  /** Steps of one build; real images have fewer than 130 layers each. */
  steps: 2048,
  /** Layers of an image, including its base. */
  layers: MAX_LAYERS,
  /** Different images that are resolved. */
  images: 256,
  /** Entries of an image's history; the same limit as for reading a base. */
  historyEntries: 1e4,
  /** Characters of an image's history. Registries reject configs of more than a few megabytes. */
  history: 4 << 20,
  /** ONBUILD triggers of one base. */
  triggers: 1024,
  /** Undefined variables that are reported. */
  findings: 1e3,
  /** Instructions, including triggers. */
  instructions: MAX_INSTRUCTIONS,
  /** Steps of matching patterns in substitutions. */
  patternWork: 64e6,
  /** Findings that include a suggestion. */
  suggested: 100,
  /** Variables searched for a suggestion. */
  suggestions: 1e3
};

// src/engine/plan/image-draft.ts
var DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// src/runner/sandbox/capabilities.ts
import { readFileSync as readFileSync9 } from "node:fs";
var DEFAULT_CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE"
];
var NUMBERED = `
  chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`.trim().split(/\s+/);
function allCapabilities() {
  const [, bounds = "0"] = /^CapBnd:\s*(\S+)$/m.exec(readFileSync9("/proc/self/status", "utf8")) ?? [];
  const bits = BigInt(`0x${bounds}`);
  return NUMBERED.filter((_, number5) => bits >> BigInt(number5) & 1n).map(
    (name) => `CAP_${name.toUpperCase()}`
  );
}

// src/runner/sandbox/seccomp.ts
import { release } from "node:os";

// src/runner/sandbox/seccomp-profile.json
var seccomp_profile_default = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    {
      architecture: "SCMP_ARCH_X86_64",
      subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    },
    {
      architecture: "SCMP_ARCH_AARCH64",
      subArchitectures: ["SCMP_ARCH_ARM"]
    },
    {
      architecture: "SCMP_ARCH_MIPS64",
      subArchitectures: ["SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32"]
    },
    {
      architecture: "SCMP_ARCH_MIPS64N32",
      subArchitectures: ["SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64"]
    },
    {
      architecture: "SCMP_ARCH_MIPSEL64",
      subArchitectures: ["SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"]
    },
    {
      architecture: "SCMP_ARCH_MIPSEL64N32",
      subArchitectures: ["SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64"]
    },
    {
      architecture: "SCMP_ARCH_S390X",
      subArchitectures: ["SCMP_ARCH_S390"]
    },
    {
      architecture: "SCMP_ARCH_RISCV64",
      subArchitectures: null
    },
    {
      architecture: "SCMP_ARCH_LOONGARCH64",
      subArchitectures: null
    }
  ],
  syscalls: [
    {
      names: [
        "accept",
        "accept4",
        "access",
        "adjtimex",
        "alarm",
        "bind",
        "brk",
        "cachestat",
        "capget",
        "capset",
        "chdir",
        "chmod",
        "chown",
        "chown32",
        "clock_adjtime",
        "clock_adjtime64",
        "clock_getres",
        "clock_getres_time64",
        "clock_gettime",
        "clock_gettime64",
        "clock_nanosleep",
        "clock_nanosleep_time64",
        "close",
        "close_range",
        "connect",
        "copy_file_range",
        "creat",
        "dup",
        "dup2",
        "dup3",
        "epoll_create",
        "epoll_create1",
        "epoll_ctl",
        "epoll_ctl_old",
        "epoll_pwait",
        "epoll_pwait2",
        "epoll_wait",
        "epoll_wait_old",
        "eventfd",
        "eventfd2",
        "execve",
        "execveat",
        "exit",
        "exit_group",
        "faccessat",
        "faccessat2",
        "fadvise64",
        "fadvise64_64",
        "fallocate",
        "fanotify_mark",
        "fchdir",
        "fchmod",
        "fchmodat",
        "fchmodat2",
        "fchown",
        "fchown32",
        "fchownat",
        "fcntl",
        "fcntl64",
        "fdatasync",
        "fgetxattr",
        "flistxattr",
        "flock",
        "fork",
        "fremovexattr",
        "fsetxattr",
        "fstat",
        "fstat64",
        "fstatat64",
        "fstatfs",
        "fstatfs64",
        "fsync",
        "ftruncate",
        "ftruncate64",
        "futex",
        "futex_requeue",
        "futex_time64",
        "futex_wait",
        "futex_waitv",
        "futex_wake",
        "futimesat",
        "getcpu",
        "getcwd",
        "getdents",
        "getdents64",
        "getegid",
        "getegid32",
        "geteuid",
        "geteuid32",
        "getgid",
        "getgid32",
        "getgroups",
        "getgroups32",
        "getitimer",
        "getpeername",
        "getpgid",
        "getpgrp",
        "getpid",
        "getppid",
        "getpriority",
        "getrandom",
        "getresgid",
        "getresgid32",
        "getresuid",
        "getresuid32",
        "getrlimit",
        "get_robust_list",
        "getrusage",
        "getsid",
        "getsockname",
        "getsockopt",
        "get_thread_area",
        "gettid",
        "gettimeofday",
        "getuid",
        "getuid32",
        "getxattr",
        "getxattrat",
        "inotify_add_watch",
        "inotify_init",
        "inotify_init1",
        "inotify_rm_watch",
        "io_cancel",
        "ioctl",
        "io_destroy",
        "io_getevents",
        "io_pgetevents",
        "io_pgetevents_time64",
        "ioprio_get",
        "ioprio_set",
        "io_setup",
        "io_submit",
        "ipc",
        "kill",
        "landlock_add_rule",
        "landlock_create_ruleset",
        "landlock_restrict_self",
        "lchown",
        "lchown32",
        "lgetxattr",
        "link",
        "linkat",
        "listen",
        "listmount",
        "listxattr",
        "listxattrat",
        "llistxattr",
        "_llseek",
        "lremovexattr",
        "lseek",
        "lsetxattr",
        "lstat",
        "lstat64",
        "madvise",
        "map_shadow_stack",
        "membarrier",
        "memfd_create",
        "memfd_secret",
        "mincore",
        "mkdir",
        "mkdirat",
        "mknod",
        "mknodat",
        "mlock",
        "mlock2",
        "mlockall",
        "mmap",
        "mmap2",
        "mprotect",
        "mq_getsetattr",
        "mq_notify",
        "mq_open",
        "mq_timedreceive",
        "mq_timedreceive_time64",
        "mq_timedsend",
        "mq_timedsend_time64",
        "mq_unlink",
        "mremap",
        "mseal",
        "msgctl",
        "msgget",
        "msgrcv",
        "msgsnd",
        "msync",
        "munlock",
        "munlockall",
        "munmap",
        "name_to_handle_at",
        "nanosleep",
        "newfstatat",
        "_newselect",
        "open",
        "openat",
        "openat2",
        "pause",
        "pidfd_open",
        "pidfd_send_signal",
        "pipe",
        "pipe2",
        "pkey_alloc",
        "pkey_free",
        "pkey_mprotect",
        "poll",
        "ppoll",
        "ppoll_time64",
        "prctl",
        "pread64",
        "preadv",
        "preadv2",
        "prlimit64",
        "process_mrelease",
        "pselect6",
        "pselect6_time64",
        "pwrite64",
        "pwritev",
        "pwritev2",
        "read",
        "readahead",
        "readlink",
        "readlinkat",
        "readv",
        "recv",
        "recvfrom",
        "recvmmsg",
        "recvmmsg_time64",
        "recvmsg",
        "remap_file_pages",
        "removexattr",
        "removexattrat",
        "rename",
        "renameat",
        "renameat2",
        "restart_syscall",
        "riscv_hwprobe",
        "rmdir",
        "rseq",
        "rt_sigaction",
        "rt_sigpending",
        "rt_sigprocmask",
        "rt_sigqueueinfo",
        "rt_sigreturn",
        "rt_sigsuspend",
        "rt_sigtimedwait",
        "rt_sigtimedwait_time64",
        "rt_tgsigqueueinfo",
        "sched_getaffinity",
        "sched_getattr",
        "sched_getparam",
        "sched_get_priority_max",
        "sched_get_priority_min",
        "sched_getscheduler",
        "sched_rr_get_interval",
        "sched_rr_get_interval_time64",
        "sched_setaffinity",
        "sched_setattr",
        "sched_setparam",
        "sched_setscheduler",
        "sched_yield",
        "seccomp",
        "select",
        "semctl",
        "semget",
        "semop",
        "semtimedop",
        "semtimedop_time64",
        "send",
        "sendfile",
        "sendfile64",
        "sendmmsg",
        "sendmsg",
        "sendto",
        "setfsgid",
        "setfsgid32",
        "setfsuid",
        "setfsuid32",
        "setgid",
        "setgid32",
        "setgroups",
        "setgroups32",
        "setitimer",
        "setpgid",
        "setpriority",
        "setregid",
        "setregid32",
        "setresgid",
        "setresgid32",
        "setresuid",
        "setresuid32",
        "setreuid",
        "setreuid32",
        "setrlimit",
        "set_robust_list",
        "setsid",
        "setsockopt",
        "set_thread_area",
        "set_tid_address",
        "setuid",
        "setuid32",
        "setxattr",
        "setxattrat",
        "shmat",
        "shmctl",
        "shmdt",
        "shmget",
        "shutdown",
        "sigaltstack",
        "signalfd",
        "signalfd4",
        "sigprocmask",
        "sigreturn",
        "socketcall",
        "socketpair",
        "splice",
        "stat",
        "stat64",
        "statfs",
        "statfs64",
        "statmount",
        "statx",
        "symlink",
        "symlinkat",
        "sync",
        "sync_file_range",
        "syncfs",
        "sysinfo",
        "tee",
        "tgkill",
        "time",
        "timer_create",
        "timer_delete",
        "timer_getoverrun",
        "timer_gettime",
        "timer_gettime64",
        "timer_settime",
        "timer_settime64",
        "timerfd_create",
        "timerfd_gettime",
        "timerfd_gettime64",
        "timerfd_settime",
        "timerfd_settime64",
        "times",
        "tkill",
        "truncate",
        "truncate64",
        "ugetrlimit",
        "umask",
        "uname",
        "unlink",
        "unlinkat",
        "uretprobe",
        "utime",
        "utimensat",
        "utimensat_time64",
        "utimes",
        "vfork",
        "vmsplice",
        "wait4",
        "waitid",
        "waitpid",
        "write",
        "writev"
      ],
      action: "SCMP_ACT_ALLOW"
    },
    {
      names: ["process_vm_readv", "process_vm_writev", "ptrace"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        minKernel: "4.8"
      }
    },
    {
      names: ["socket"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 38,
          op: "SCMP_CMP_LT"
        }
      ]
    },
    {
      names: ["socket"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 39,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["socket"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 40,
          op: "SCMP_CMP_GT"
        }
      ]
    },
    {
      names: ["personality"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 0,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["personality"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 8,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["personality"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 131072,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["personality"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 131080,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["personality"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 4294967295,
          op: "SCMP_CMP_EQ"
        }
      ]
    },
    {
      names: ["sync_file_range2", "swapcontext"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["ppc64le"]
      }
    },
    {
      names: [
        "arm_fadvise64_64",
        "arm_sync_file_range",
        "sync_file_range2",
        "breakpoint",
        "cacheflush",
        "set_tls"
      ],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["arm", "arm64"]
      }
    },
    {
      names: ["arch_prctl"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["amd64", "x32"]
      }
    },
    {
      names: ["modify_ldt"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["amd64", "x32", "x86"]
      }
    },
    {
      names: ["s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["s390", "s390x"]
      }
    },
    {
      names: ["riscv_flush_icache"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        arches: ["riscv64"]
      }
    },
    {
      names: ["open_by_handle_at"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_DAC_READ_SEARCH"]
      }
    },
    {
      names: [
        "bpf",
        "clone",
        "clone3",
        "fanotify_init",
        "fsconfig",
        "fsmount",
        "fsopen",
        "fspick",
        "lookup_dcookie",
        "lsm_get_self_attr",
        "lsm_list_modules",
        "lsm_set_self_attr",
        "mount",
        "mount_setattr",
        "move_mount",
        "open_tree",
        "perf_event_open",
        "quotactl",
        "quotactl_fd",
        "setdomainname",
        "sethostname",
        "setns",
        "syslog",
        "umount",
        "umount2",
        "unshare"
      ],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_ADMIN"]
      }
    },
    {
      names: ["clone"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 0,
          value: 2114060288,
          op: "SCMP_CMP_MASKED_EQ"
        }
      ],
      excludes: {
        caps: ["CAP_SYS_ADMIN"],
        arches: ["s390", "s390x"]
      }
    },
    {
      names: ["clone"],
      action: "SCMP_ACT_ALLOW",
      args: [
        {
          index: 1,
          value: 2114060288,
          op: "SCMP_CMP_MASKED_EQ"
        }
      ],
      comment: "s390 parameter ordering for clone is different",
      includes: {
        arches: ["s390", "s390x"]
      },
      excludes: {
        caps: ["CAP_SYS_ADMIN"]
      }
    },
    {
      names: ["clone3"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: 38,
      excludes: {
        caps: ["CAP_SYS_ADMIN"]
      }
    },
    {
      names: ["reboot"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_BOOT"]
      }
    },
    {
      names: ["chroot"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_CHROOT"]
      }
    },
    {
      names: ["delete_module", "init_module", "finit_module"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_MODULE"]
      }
    },
    {
      names: ["acct"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_PACCT"]
      }
    },
    {
      names: ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_PTRACE"]
      }
    },
    {
      names: ["iopl", "ioperm"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_RAWIO"]
      }
    },
    {
      names: ["settimeofday", "stime", "clock_settime", "clock_settime64"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_TIME"]
      }
    },
    {
      names: ["vhangup"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_TTY_CONFIG"]
      }
    },
    {
      names: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYS_NICE"]
      }
    },
    {
      names: ["syslog"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_SYSLOG"]
      }
    },
    {
      names: ["bpf"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_BPF"]
      }
    },
    {
      names: ["perf_event_open"],
      action: "SCMP_ACT_ALLOW",
      includes: {
        caps: ["CAP_PERFMON"]
      }
    }
  ]
};

// src/runner/sandbox/seccomp.ts
var ARCHITECTURES = {
  x64: ["amd64", "SCMP_ARCH_X86_64"],
  ia32: ["x86", "SCMP_ARCH_X86"],
  arm64: ["arm64", "SCMP_ARCH_AARCH64"],
  arm: ["arm", "SCMP_ARCH_ARM"],
  ppc64: ["ppc64le", "SCMP_ARCH_PPC64LE"],
  s390x: ["s390x", "SCMP_ARCH_S390X"],
  riscv64: ["riscv64", "SCMP_ARCH_RISCV64"],
  loong64: ["loong64", "SCMP_ARCH_LOONGARCH64"]
};
var profile = seccomp_profile_default;
function seccompFilter(capabilities) {
  const [name, constant] = ARCHITECTURES[process.arch] ?? [];
  const kernel = release();
  if (name === void 0 || constant === void 0) return void 0;
  const map2 = profile.archMap.find(({ architecture }) => architecture === constant);
  const isIncluded = ({ arches, caps, minKernel }) => (arches?.includes(name) ?? true) && (caps?.every((capability) => capabilities.includes(capability)) ?? true) && (minKernel === void 0 || isAtLeast(kernel, minKernel));
  const isExcluded2 = ({ arches, caps, minKernel }) => arches?.includes(name) || caps?.some((capability) => capabilities.includes(capability)) || minKernel !== void 0 && isAtLeast(kernel, minKernel);
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    architectures: [constant, ...map2?.subArchitectures ?? []],
    syscalls: profile.syscalls.filter(({ includes = {}, excludes = {} }) => isIncluded(includes) && !isExcluded2(excludes)).map(({ includes: _, excludes: __, ...rule }) => rule)
  };
}
function isAtLeast(kernel, minimum) {
  const [[major = 0, minor = 0], [minMajor = 0, minMinor = 0]] = [kernel, minimum].map(
    (text2) => text2.split(/[.-]/).slice(0, 2).map(Number)
  );
  return major > minMajor || major === minMajor && minor >= minMinor;
}

// src/runner/sandbox/system-calls.json
var system_calls_default = {
  SCMP_ARCH_X86_64: "read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11 brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 pwrite64=18 readv=19 writev=20 access=21 pipe=22 select=23 sched_yield=24 mremap=25 msync=26 mincore=27 madvise=28 shmget=29 shmat=30 shmctl=31 dup=32 dup2=33 pause=34 nanosleep=35 getitimer=36 alarm=37 setitimer=38 getpid=39 sendfile=40 socket=41 connect=42 accept=43 sendto=44 recvfrom=45 sendmsg=46 recvmsg=47 shutdown=48 bind=49 listen=50 getsockname=51 getpeername=52 socketpair=53 setsockopt=54 getsockopt=55 clone=56 fork=57 vfork=58 execve=59 exit=60 wait4=61 kill=62 uname=63 semget=64 semop=65 semctl=66 shmdt=67 msgget=68 msgsnd=69 msgrcv=70 msgctl=71 fcntl=72 flock=73 fsync=74 fdatasync=75 truncate=76 ftruncate=77 getdents=78 getcwd=79 chdir=80 fchdir=81 rename=82 mkdir=83 rmdir=84 creat=85 link=86 unlink=87 symlink=88 readlink=89 chmod=90 fchmod=91 chown=92 fchown=93 lchown=94 umask=95 gettimeofday=96 getrlimit=97 getrusage=98 sysinfo=99 times=100 ptrace=101 getuid=102 syslog=103 getgid=104 setuid=105 setgid=106 geteuid=107 getegid=108 setpgid=109 getppid=110 getpgrp=111 setsid=112 setreuid=113 setregid=114 getgroups=115 setgroups=116 setresuid=117 getresuid=118 setresgid=119 getresgid=120 getpgid=121 setfsuid=122 setfsgid=123 getsid=124 capget=125 capset=126 rt_sigpending=127 rt_sigtimedwait=128 rt_sigqueueinfo=129 rt_sigsuspend=130 sigaltstack=131 utime=132 mknod=133 personality=135 statfs=137 fstatfs=138 getpriority=140 setpriority=141 sched_setparam=142 sched_getparam=143 sched_setscheduler=144 sched_getscheduler=145 sched_get_priority_max=146 sched_get_priority_min=147 sched_rr_get_interval=148 mlock=149 munlock=150 mlockall=151 munlockall=152 vhangup=153 modify_ldt=154 prctl=157 arch_prctl=158 adjtimex=159 setrlimit=160 chroot=161 sync=162 acct=163 settimeofday=164 mount=165 umount2=166 reboot=169 sethostname=170 setdomainname=171 iopl=172 ioperm=173 init_module=175 delete_module=176 quotactl=179 gettid=186 readahead=187 setxattr=188 lsetxattr=189 fsetxattr=190 getxattr=191 lgetxattr=192 fgetxattr=193 listxattr=194 llistxattr=195 flistxattr=196 removexattr=197 lremovexattr=198 fremovexattr=199 tkill=200 time=201 futex=202 sched_setaffinity=203 sched_getaffinity=204 set_thread_area=205 io_setup=206 io_destroy=207 io_getevents=208 io_submit=209 io_cancel=210 get_thread_area=211 lookup_dcookie=212 epoll_create=213 epoll_ctl_old=214 epoll_wait_old=215 remap_file_pages=216 getdents64=217 set_tid_address=218 restart_syscall=219 semtimedop=220 fadvise64=221 timer_create=222 timer_settime=223 timer_gettime=224 timer_getoverrun=225 timer_delete=226 clock_settime=227 clock_gettime=228 clock_getres=229 clock_nanosleep=230 exit_group=231 epoll_wait=232 epoll_ctl=233 tgkill=234 utimes=235 mbind=237 set_mempolicy=238 get_mempolicy=239 mq_open=240 mq_unlink=241 mq_timedsend=242 mq_timedreceive=243 mq_notify=244 mq_getsetattr=245 waitid=247 ioprio_set=251 ioprio_get=252 inotify_init=253 inotify_add_watch=254 inotify_rm_watch=255 openat=257 mkdirat=258 mknodat=259 fchownat=260 futimesat=261 newfstatat=262 unlinkat=263 renameat=264 linkat=265 symlinkat=266 readlinkat=267 fchmodat=268 faccessat=269 pselect6=270 ppoll=271 unshare=272 set_robust_list=273 get_robust_list=274 splice=275 tee=276 sync_file_range=277 vmsplice=278 utimensat=280 epoll_pwait=281 signalfd=282 timerfd_create=283 eventfd=284 fallocate=285 timerfd_settime=286 timerfd_gettime=287 accept4=288 signalfd4=289 eventfd2=290 epoll_create1=291 dup3=292 pipe2=293 inotify_init1=294 preadv=295 pwritev=296 rt_tgsigqueueinfo=297 perf_event_open=298 recvmmsg=299 fanotify_init=300 fanotify_mark=301 prlimit64=302 name_to_handle_at=303 open_by_handle_at=304 clock_adjtime=305 syncfs=306 sendmmsg=307 setns=308 getcpu=309 process_vm_readv=310 process_vm_writev=311 kcmp=312 finit_module=313 sched_setattr=314 sched_getattr=315 renameat2=316 seccomp=317 getrandom=318 memfd_create=319 bpf=321 execveat=322 membarrier=324 mlock2=325 copy_file_range=326 preadv2=327 pwritev2=328 pkey_mprotect=329 pkey_alloc=330 pkey_free=331 statx=332 io_pgetevents=333 rseq=334 uretprobe=335 pidfd_send_signal=424 open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438 faccessat2=439 process_madvise=440 epoll_pwait2=441 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 memfd_secret=447 process_mrelease=448 futex_waitv=449 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 lsm_set_self_attr=460 lsm_list_modules=461 mseal=462 setxattrat=463 getxattrat=464 listxattrat=465 removexattrat=466",
  SCMP_ARCH_X86: "restart_syscall=0 exit=1 fork=2 read=3 write=4 open=5 close=6 waitpid=7 creat=8 link=9 unlink=10 execve=11 chdir=12 time=13 mknod=14 chmod=15 lchown=16 lseek=19 getpid=20 mount=21 umount=22 setuid=23 getuid=24 stime=25 ptrace=26 alarm=27 pause=29 utime=30 access=33 sync=36 kill=37 rename=38 mkdir=39 rmdir=40 dup=41 pipe=42 times=43 brk=45 setgid=46 getgid=47 geteuid=49 getegid=50 acct=51 umount2=52 ioctl=54 fcntl=55 setpgid=57 umask=60 chroot=61 dup2=63 getppid=64 getpgrp=65 setsid=66 setreuid=70 setregid=71 sethostname=74 setrlimit=75 getrlimit=76 getrusage=77 gettimeofday=78 settimeofday=79 getgroups=80 setgroups=81 select=82 symlink=83 readlink=85 reboot=88 mmap=90 munmap=91 truncate=92 ftruncate=93 fchmod=94 fchown=95 getpriority=96 setpriority=97 statfs=99 fstatfs=100 ioperm=101 socketcall=102 syslog=103 setitimer=104 getitimer=105 stat=106 lstat=107 fstat=108 iopl=110 vhangup=111 wait4=114 sysinfo=116 ipc=117 fsync=118 sigreturn=119 clone=120 setdomainname=121 uname=122 modify_ldt=123 adjtimex=124 mprotect=125 sigprocmask=126 init_module=128 delete_module=129 quotactl=131 getpgid=132 fchdir=133 personality=136 setfsuid=138 setfsgid=139 _llseek=140 getdents=141 _newselect=142 flock=143 msync=144 readv=145 writev=146 getsid=147 fdatasync=148 mlock=150 munlock=151 mlockall=152 munlockall=153 sched_setparam=154 sched_getparam=155 sched_setscheduler=156 sched_getscheduler=157 sched_yield=158 sched_get_priority_max=159 sched_get_priority_min=160 sched_rr_get_interval=161 nanosleep=162 mremap=163 setresuid=164 getresuid=165 poll=168 setresgid=170 getresgid=171 prctl=172 rt_sigreturn=173 rt_sigaction=174 rt_sigprocmask=175 rt_sigpending=176 rt_sigtimedwait=177 rt_sigqueueinfo=178 rt_sigsuspend=179 pread64=180 pwrite64=181 chown=182 getcwd=183 capget=184 capset=185 sigaltstack=186 sendfile=187 vfork=190 ugetrlimit=191 mmap2=192 truncate64=193 ftruncate64=194 stat64=195 lstat64=196 fstat64=197 lchown32=198 getuid32=199 getgid32=200 geteuid32=201 getegid32=202 setreuid32=203 setregid32=204 getgroups32=205 setgroups32=206 fchown32=207 setresuid32=208 getresuid32=209 setresgid32=210 getresgid32=211 chown32=212 setuid32=213 setgid32=214 setfsuid32=215 setfsgid32=216 mincore=218 madvise=219 getdents64=220 fcntl64=221 gettid=224 readahead=225 setxattr=226 lsetxattr=227 fsetxattr=228 getxattr=229 lgetxattr=230 fgetxattr=231 listxattr=232 llistxattr=233 flistxattr=234 removexattr=235 lremovexattr=236 fremovexattr=237 tkill=238 sendfile64=239 futex=240 sched_setaffinity=241 sched_getaffinity=242 set_thread_area=243 get_thread_area=244 io_setup=245 io_destroy=246 io_getevents=247 io_submit=248 io_cancel=249 fadvise64=250 exit_group=252 lookup_dcookie=253 epoll_create=254 epoll_ctl=255 epoll_wait=256 remap_file_pages=257 set_tid_address=258 timer_create=259 timer_settime=260 timer_gettime=261 timer_getoverrun=262 timer_delete=263 clock_settime=264 clock_gettime=265 clock_getres=266 clock_nanosleep=267 statfs64=268 fstatfs64=269 tgkill=270 utimes=271 fadvise64_64=272 mbind=274 get_mempolicy=275 set_mempolicy=276 mq_open=277 mq_unlink=278 mq_timedsend=279 mq_timedreceive=280 mq_notify=281 mq_getsetattr=282 waitid=284 ioprio_set=289 ioprio_get=290 inotify_init=291 inotify_add_watch=292 inotify_rm_watch=293 openat=295 mkdirat=296 mknodat=297 fchownat=298 futimesat=299 fstatat64=300 unlinkat=301 renameat=302 linkat=303 symlinkat=304 readlinkat=305 fchmodat=306 faccessat=307 pselect6=308 ppoll=309 unshare=310 set_robust_list=311 get_robust_list=312 splice=313 sync_file_range=314 tee=315 vmsplice=316 getcpu=318 epoll_pwait=319 utimensat=320 signalfd=321 timerfd_create=322 eventfd=323 fallocate=324 timerfd_settime=325 timerfd_gettime=326 signalfd4=327 eventfd2=328 epoll_create1=329 dup3=330 pipe2=331 inotify_init1=332 preadv=333 pwritev=334 rt_tgsigqueueinfo=335 perf_event_open=336 recvmmsg=337 fanotify_init=338 fanotify_mark=339 prlimit64=340 name_to_handle_at=341 open_by_handle_at=342 clock_adjtime=343 syncfs=344 sendmmsg=345 setns=346 process_vm_readv=347 process_vm_writev=348 kcmp=349 finit_module=350 sched_setattr=351 sched_getattr=352 renameat2=353 seccomp=354 getrandom=355 memfd_create=356 bpf=357 execveat=358 socket=359 socketpair=360 bind=361 connect=362 listen=363 accept4=364 getsockopt=365 setsockopt=366 getsockname=367 getpeername=368 sendto=369 sendmsg=370 recvfrom=371 recvmsg=372 shutdown=373 membarrier=375 mlock2=376 copy_file_range=377 preadv2=378 pwritev2=379 pkey_mprotect=380 pkey_alloc=381 pkey_free=382 statx=383 arch_prctl=384 io_pgetevents=385 rseq=386 semget=393 semctl=394 shmget=395 shmctl=396 shmat=397 shmdt=398 msgget=399 msgsnd=400 msgrcv=401 msgctl=402 clock_gettime64=403 clock_settime64=404 clock_adjtime64=405 clock_getres_time64=406 clock_nanosleep_time64=407 timer_gettime64=408 timer_settime64=409 timerfd_gettime64=410 timerfd_settime64=411 utimensat_time64=412 pselect6_time64=413 ppoll_time64=414 io_pgetevents_time64=416 recvmmsg_time64=417 mq_timedsend_time64=418 mq_timedreceive_time64=419 semtimedop_time64=420 rt_sigtimedwait_time64=421 futex_time64=422 sched_rr_get_interval_time64=423 pidfd_send_signal=424 open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438 faccessat2=439 process_madvise=440 epoll_pwait2=441 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 memfd_secret=447 process_mrelease=448 futex_waitv=449 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 lsm_set_self_attr=460 lsm_list_modules=461 mseal=462 setxattrat=463 getxattrat=464 listxattrat=465 removexattrat=466",
  SCMP_ARCH_X32: "read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11 brk=12 rt_sigprocmask=14 pread64=17 pwrite64=18 access=21 pipe=22 select=23 sched_yield=24 mremap=25 msync=26 mincore=27 madvise=28 shmget=29 shmat=30 shmctl=31 dup=32 dup2=33 pause=34 nanosleep=35 getitimer=36 alarm=37 setitimer=38 getpid=39 sendfile=40 socket=41 connect=42 accept=43 sendto=44 shutdown=48 bind=49 listen=50 getsockname=51 getpeername=52 socketpair=53 clone=56 fork=57 vfork=58 exit=60 wait4=61 kill=62 uname=63 semget=64 semop=65 semctl=66 shmdt=67 msgget=68 msgsnd=69 msgrcv=70 msgctl=71 fcntl=72 flock=73 fsync=74 fdatasync=75 truncate=76 ftruncate=77 getdents=78 getcwd=79 chdir=80 fchdir=81 rename=82 mkdir=83 rmdir=84 creat=85 link=86 unlink=87 symlink=88 readlink=89 chmod=90 fchmod=91 chown=92 fchown=93 lchown=94 umask=95 gettimeofday=96 getrlimit=97 getrusage=98 sysinfo=99 times=100 getuid=102 syslog=103 getgid=104 setuid=105 setgid=106 geteuid=107 getegid=108 setpgid=109 getppid=110 getpgrp=111 setsid=112 setreuid=113 setregid=114 getgroups=115 setgroups=116 setresuid=117 getresuid=118 setresgid=119 getresgid=120 getpgid=121 setfsuid=122 setfsgid=123 getsid=124 capget=125 capset=126 rt_sigsuspend=130 utime=132 mknod=133 personality=135 statfs=137 fstatfs=138 getpriority=140 setpriority=141 sched_setparam=142 sched_getparam=143 sched_setscheduler=144 sched_getscheduler=145 sched_get_priority_max=146 sched_get_priority_min=147 sched_rr_get_interval=148 mlock=149 munlock=150 mlockall=151 munlockall=152 vhangup=153 modify_ldt=154 prctl=157 arch_prctl=158 adjtimex=159 setrlimit=160 chroot=161 sync=162 acct=163 settimeofday=164 mount=165 umount2=166 reboot=169 sethostname=170 setdomainname=171 iopl=172 ioperm=173 init_module=175 delete_module=176 quotactl=179 gettid=186 readahead=187 setxattr=188 lsetxattr=189 fsetxattr=190 getxattr=191 lgetxattr=192 fgetxattr=193 listxattr=194 llistxattr=195 flistxattr=196 removexattr=197 lremovexattr=198 fremovexattr=199 tkill=200 time=201 futex=202 sched_setaffinity=203 sched_getaffinity=204 io_destroy=207 io_getevents=208 io_cancel=210 lookup_dcookie=212 epoll_create=213 remap_file_pages=216 getdents64=217 set_tid_address=218 restart_syscall=219 semtimedop=220 fadvise64=221 timer_settime=223 timer_gettime=224 timer_getoverrun=225 timer_delete=226 clock_settime=227 clock_gettime=228 clock_getres=229 clock_nanosleep=230 exit_group=231 epoll_wait=232 epoll_ctl=233 tgkill=234 utimes=235 mbind=237 set_mempolicy=238 get_mempolicy=239 mq_open=240 mq_unlink=241 mq_timedsend=242 mq_timedreceive=243 mq_getsetattr=245 ioprio_set=251 ioprio_get=252 inotify_init=253 inotify_add_watch=254 inotify_rm_watch=255 openat=257 mkdirat=258 mknodat=259 fchownat=260 futimesat=261 newfstatat=262 unlinkat=263 renameat=264 linkat=265 symlinkat=266 readlinkat=267 fchmodat=268 faccessat=269 pselect6=270 ppoll=271 unshare=272 splice=275 tee=276 sync_file_range=277 utimensat=280 epoll_pwait=281 signalfd=282 timerfd_create=283 eventfd=284 fallocate=285 timerfd_settime=286 timerfd_gettime=287 accept4=288 signalfd4=289 eventfd2=290 epoll_create1=291 dup3=292 pipe2=293 inotify_init1=294 perf_event_open=298 fanotify_init=300 fanotify_mark=301 prlimit64=302 name_to_handle_at=303 open_by_handle_at=304 clock_adjtime=305 syncfs=306 setns=308 getcpu=309 kcmp=312 finit_module=313 sched_setattr=314 sched_getattr=315 renameat2=316 seccomp=317 getrandom=318 memfd_create=319 bpf=321 membarrier=324 mlock2=325 copy_file_range=326 pkey_mprotect=329 pkey_alloc=330 pkey_free=331 statx=332 io_pgetevents=333 rseq=334 uretprobe=335 pidfd_send_signal=424 open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438 faccessat2=439 process_madvise=440 epoll_pwait2=441 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 memfd_secret=447 process_mrelease=448 futex_waitv=449 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 lsm_set_self_attr=460 lsm_list_modules=461 mseal=462 setxattrat=463 getxattrat=464 listxattrat=465 removexattrat=466 rt_sigaction=512 rt_sigreturn=513 ioctl=514 readv=515 writev=516 recvfrom=517 sendmsg=518 recvmsg=519 execve=520 ptrace=521 rt_sigpending=522 rt_sigtimedwait=523 rt_sigqueueinfo=524 sigaltstack=525 timer_create=526 mq_notify=527 waitid=529 set_robust_list=530 get_robust_list=531 vmsplice=532 preadv=534 pwritev=535 rt_tgsigqueueinfo=536 recvmmsg=537 sendmmsg=538 process_vm_readv=539 process_vm_writev=540 setsockopt=541 getsockopt=542 io_setup=543 io_submit=544 execveat=545 preadv2=546 pwritev2=547",
  SCMP_ARCH_AARCH64: "io_setup=0 io_destroy=1 io_submit=2 io_cancel=3 io_getevents=4 setxattr=5 lsetxattr=6 fsetxattr=7 getxattr=8 lgetxattr=9 fgetxattr=10 listxattr=11 llistxattr=12 flistxattr=13 removexattr=14 lremovexattr=15 fremovexattr=16 getcwd=17 lookup_dcookie=18 eventfd2=19 epoll_create1=20 epoll_ctl=21 epoll_pwait=22 dup=23 dup3=24 fcntl=25 inotify_init1=26 inotify_add_watch=27 inotify_rm_watch=28 ioctl=29 ioprio_set=30 ioprio_get=31 flock=32 mknodat=33 mkdirat=34 unlinkat=35 symlinkat=36 linkat=37 renameat=38 umount2=39 mount=40 statfs=43 fstatfs=44 truncate=45 ftruncate=46 fallocate=47 faccessat=48 chdir=49 fchdir=50 chroot=51 fchmod=52 fchmodat=53 fchownat=54 fchown=55 openat=56 close=57 vhangup=58 pipe2=59 quotactl=60 getdents64=61 lseek=62 read=63 write=64 readv=65 writev=66 pread64=67 pwrite64=68 preadv=69 pwritev=70 sendfile=71 pselect6=72 ppoll=73 signalfd4=74 vmsplice=75 splice=76 tee=77 readlinkat=78 newfstatat=79 fstat=80 sync=81 fsync=82 fdatasync=83 sync_file_range=84 timerfd_create=85 timerfd_settime=86 timerfd_gettime=87 utimensat=88 acct=89 capget=90 capset=91 personality=92 exit=93 exit_group=94 waitid=95 set_tid_address=96 unshare=97 futex=98 set_robust_list=99 get_robust_list=100 nanosleep=101 getitimer=102 setitimer=103 init_module=105 delete_module=106 timer_create=107 timer_gettime=108 timer_getoverrun=109 timer_settime=110 timer_delete=111 clock_settime=112 clock_gettime=113 clock_getres=114 clock_nanosleep=115 syslog=116 ptrace=117 sched_setparam=118 sched_setscheduler=119 sched_getscheduler=120 sched_getparam=121 sched_setaffinity=122 sched_getaffinity=123 sched_yield=124 sched_get_priority_max=125 sched_get_priority_min=126 sched_rr_get_interval=127 restart_syscall=128 kill=129 tkill=130 tgkill=131 sigaltstack=132 rt_sigsuspend=133 rt_sigaction=134 rt_sigprocmask=135 rt_sigpending=136 rt_sigtimedwait=137 rt_sigqueueinfo=138 rt_sigreturn=139 setpriority=140 getpriority=141 reboot=142 setregid=143 setgid=144 setreuid=145 setuid=146 setresuid=147 getresuid=148 setresgid=149 getresgid=150 setfsuid=151 setfsgid=152 times=153 setpgid=154 getpgid=155 getsid=156 setsid=157 getgroups=158 setgroups=159 uname=160 sethostname=161 setdomainname=162 getrlimit=163 setrlimit=164 getrusage=165 umask=166 prctl=167 getcpu=168 gettimeofday=169 settimeofday=170 adjtimex=171 getpid=172 getppid=173 getuid=174 geteuid=175 getgid=176 getegid=177 gettid=178 sysinfo=179 mq_open=180 mq_unlink=181 mq_timedsend=182 mq_timedreceive=183 mq_notify=184 mq_getsetattr=185 msgget=186 msgctl=187 msgrcv=188 msgsnd=189 semget=190 semctl=191 semtimedop=192 semop=193 shmget=194 shmctl=195 shmat=196 shmdt=197 socket=198 socketpair=199 bind=200 listen=201 accept=202 connect=203 getsockname=204 getpeername=205 sendto=206 recvfrom=207 setsockopt=208 getsockopt=209 shutdown=210 sendmsg=211 recvmsg=212 readahead=213 brk=214 munmap=215 mremap=216 clone=220 execve=221 mmap=222 fadvise64=223 mprotect=226 msync=227 mlock=228 munlock=229 mlockall=230 munlockall=231 mincore=232 madvise=233 remap_file_pages=234 mbind=235 get_mempolicy=236 set_mempolicy=237 rt_tgsigqueueinfo=240 perf_event_open=241 accept4=242 recvmmsg=243 wait4=260 prlimit64=261 fanotify_init=262 fanotify_mark=263 name_to_handle_at=264 open_by_handle_at=265 clock_adjtime=266 syncfs=267 setns=268 sendmmsg=269 process_vm_readv=270 process_vm_writev=271 kcmp=272 finit_module=273 sched_setattr=274 sched_getattr=275 renameat2=276 seccomp=277 getrandom=278 memfd_create=279 bpf=280 execveat=281 membarrier=283 mlock2=284 copy_file_range=285 preadv2=286 pwritev2=287 pkey_mprotect=288 pkey_alloc=289 pkey_free=290 statx=291 io_pgetevents=292 rseq=293 pidfd_send_signal=424 open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438 faccessat2=439 process_madvise=440 epoll_pwait2=441 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 memfd_secret=447 process_mrelease=448 futex_waitv=449 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 lsm_set_self_attr=460 lsm_list_modules=461 mseal=462 setxattrat=463 getxattrat=464 listxattrat=465 removexattrat=466",
  SCMP_ARCH_ARM: "restart_syscall=0 exit=1 fork=2 read=3 write=4 open=5 close=6 creat=8 link=9 unlink=10 execve=11 chdir=12 mknod=14 chmod=15 lchown=16 lseek=19 getpid=20 mount=21 setuid=23 getuid=24 ptrace=26 pause=29 access=33 sync=36 kill=37 rename=38 mkdir=39 rmdir=40 dup=41 pipe=42 times=43 brk=45 setgid=46 getgid=47 geteuid=49 getegid=50 acct=51 umount2=52 ioctl=54 fcntl=55 setpgid=57 umask=60 chroot=61 dup2=63 getppid=64 getpgrp=65 setsid=66 setreuid=70 setregid=71 sethostname=74 setrlimit=75 getrusage=77 gettimeofday=78 settimeofday=79 getgroups=80 setgroups=81 symlink=83 readlink=85 reboot=88 munmap=91 truncate=92 ftruncate=93 fchmod=94 fchown=95 getpriority=96 setpriority=97 statfs=99 fstatfs=100 syslog=103 setitimer=104 getitimer=105 stat=106 lstat=107 fstat=108 vhangup=111 wait4=114 sysinfo=116 fsync=118 sigreturn=119 clone=120 setdomainname=121 uname=122 adjtimex=124 mprotect=125 sigprocmask=126 init_module=128 delete_module=129 quotactl=131 getpgid=132 fchdir=133 personality=136 setfsuid=138 setfsgid=139 _llseek=140 getdents=141 _newselect=142 flock=143 msync=144 readv=145 writev=146 getsid=147 fdatasync=148 mlock=150 munlock=151 mlockall=152 munlockall=153 sched_setparam=154 sched_getparam=155 sched_setscheduler=156 sched_getscheduler=157 sched_yield=158 sched_get_priority_max=159 sched_get_priority_min=160 sched_rr_get_interval=161 nanosleep=162 mremap=163 setresuid=164 getresuid=165 poll=168 setresgid=170 getresgid=171 prctl=172 rt_sigreturn=173 rt_sigaction=174 rt_sigprocmask=175 rt_sigpending=176 rt_sigtimedwait=177 rt_sigqueueinfo=178 rt_sigsuspend=179 pread64=180 pwrite64=181 chown=182 getcwd=183 capget=184 capset=185 sigaltstack=186 sendfile=187 vfork=190 ugetrlimit=191 mmap2=192 truncate64=193 ftruncate64=194 stat64=195 lstat64=196 fstat64=197 lchown32=198 getuid32=199 getgid32=200 geteuid32=201 getegid32=202 setreuid32=203 setregid32=204 getgroups32=205 setgroups32=206 fchown32=207 setresuid32=208 getresuid32=209 setresgid32=210 getresgid32=211 chown32=212 setuid32=213 setgid32=214 setfsuid32=215 setfsgid32=216 getdents64=217 mincore=219 madvise=220 fcntl64=221 gettid=224 readahead=225 setxattr=226 lsetxattr=227 fsetxattr=228 getxattr=229 lgetxattr=230 fgetxattr=231 listxattr=232 llistxattr=233 flistxattr=234 removexattr=235 lremovexattr=236 fremovexattr=237 tkill=238 sendfile64=239 futex=240 sched_setaffinity=241 sched_getaffinity=242 io_setup=243 io_destroy=244 io_getevents=245 io_submit=246 io_cancel=247 exit_group=248 lookup_dcookie=249 epoll_create=250 epoll_ctl=251 epoll_wait=252 remap_file_pages=253 set_tid_address=256 timer_create=257 timer_settime=258 timer_gettime=259 timer_getoverrun=260 timer_delete=261 clock_settime=262 clock_gettime=263 clock_getres=264 clock_nanosleep=265 statfs64=266 fstatfs64=267 tgkill=268 utimes=269 arm_fadvise64_64=270 mq_open=274 mq_unlink=275 mq_timedsend=276 mq_timedreceive=277 mq_notify=278 mq_getsetattr=279 waitid=280 socket=281 bind=282 connect=283 listen=284 accept=285 getsockname=286 getpeername=287 socketpair=288 send=289 sendto=290 recv=291 recvfrom=292 shutdown=293 setsockopt=294 getsockopt=295 sendmsg=296 recvmsg=297 semop=298 semget=299 semctl=300 msgsnd=301 msgrcv=302 msgget=303 msgctl=304 shmat=305 shmdt=306 shmget=307 shmctl=308 semtimedop=312 ioprio_set=314 ioprio_get=315 inotify_init=316 inotify_add_watch=317 inotify_rm_watch=318 mbind=319 get_mempolicy=320 set_mempolicy=321 openat=322 mkdirat=323 mknodat=324 fchownat=325 futimesat=326 fstatat64=327 unlinkat=328 renameat=329 linkat=330 symlinkat=331 readlinkat=332 fchmodat=333 faccessat=334 pselect6=335 ppoll=336 unshare=337 set_robust_list=338 get_robust_list=339 splice=340 arm_sync_file_range=341 tee=342 vmsplice=343 getcpu=345 epoll_pwait=346 utimensat=348 signalfd=349 timerfd_create=350 eventfd=351 fallocate=352 timerfd_settime=353 timerfd_gettime=354 signalfd4=355 eventfd2=356 epoll_create1=357 dup3=358 pipe2=359 inotify_init1=360 preadv=361 pwritev=362 rt_tgsigqueueinfo=363 perf_event_open=364 recvmmsg=365 accept4=366 fanotify_init=367 fanotify_mark=368 prlimit64=369 name_to_handle_at=370 open_by_handle_at=371 clock_adjtime=372 syncfs=373 sendmmsg=374 setns=375 process_vm_readv=376 process_vm_writev=377 kcmp=378 finit_module=379 sched_setattr=380 sched_getattr=381 renameat2=382 seccomp=383 getrandom=384 memfd_create=385 bpf=386 execveat=387 membarrier=389 mlock2=390 copy_file_range=391 preadv2=392 pwritev2=393 pkey_mprotect=394 pkey_alloc=395 pkey_free=396 statx=397 rseq=398 io_pgetevents=399 clock_gettime64=403 clock_settime64=404 clock_adjtime64=405 clock_getres_time64=406 clock_nanosleep_time64=407 timer_gettime64=408 timer_settime64=409 timerfd_gettime64=410 timerfd_settime64=411 utimensat_time64=412 pselect6_time64=413 ppoll_time64=414 io_pgetevents_time64=416 recvmmsg_time64=417 mq_timedsend_time64=418 mq_timedreceive_time64=419 semtimedop_time64=420 rt_sigtimedwait_time64=421 futex_time64=422 sched_rr_get_interval_time64=423 pidfd_send_signal=424 open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438 faccessat2=439 process_madvise=440 epoll_pwait2=441 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 process_mrelease=448 futex_waitv=449 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 lsm_set_self_attr=460 lsm_list_modules=461 mseal=462 setxattrat=463 getxattrat=464 listxattrat=465 removexattrat=466 breakpoint=983041 cacheflush=983042 set_tls=983045"
};

// src/runner/sandbox/seccomp-program.ts
var LOAD = 32;
var AND = 84;
var JUMP = 5;
var JUMP_EQUAL = 21;
var JUMP_GREATER = 37;
var JUMP_GREATER_OR_EQUAL = 53;
var RETURN = 6;
var NUMBER = 0;
var ARCHITECTURE = 4;
var argument = (index) => 16 + 8 * index;
var ALLOW = 2147418112;
var KILL = 0;
var ERRNO = 327680;
var ENOSYS = 38;
var X32 = 1073741824;
var AUDIT = {
  SCMP_ARCH_X86_64: 3221225534,
  SCMP_ARCH_X32: 3221225534,
  SCMP_ARCH_X86: 1073741827,
  SCMP_ARCH_AARCH64: 3221225655,
  SCMP_ARCH_ARM: 1073741864
};
var WIDE = /* @__PURE__ */ new Set(["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]);
function seccompProgram(filter) {
  const { architectures } = filter;
  if (architectures.some((name) => AUDIT[name] === void 0)) return void 0;
  const code = [[LOAD, 0, 0, ARCHITECTURE]];
  for (const name of architectures) {
    if (name === "SCMP_ARCH_X32") continue;
    const own2 = callsOf(name, filter);
    const x32 = name === "SCMP_ARCH_X86_64" && architectures.includes("SCMP_ARCH_X32");
    const ranges = x32 ? [...own2, ...callsOf("SCMP_ARCH_X32", filter)] : own2;
    const block = [[LOAD, 0, 0, NUMBER], ...search(ranges)];
    code.push([JUMP_EQUAL, 1, 0, AUDIT[name]], [JUMP, 0, 0, block.length], ...block);
  }
  code.push([RETURN, 0, 0, KILL]);
  return encode3(code);
}
function encode3(code) {
  const bytes2 = Buffer.alloc(8 * code.length);
  for (const [index, [instruction, ifTrue, ifFalse, value]] of code.entries()) {
    const at = 8 * index;
    bytes2.writeUInt16LE(instruction, at);
    bytes2.writeUInt8(ifTrue, at + 2);
    bytes2.writeUInt8(ifFalse, at + 3);
    bytes2.writeUInt32LE(value, at + 4);
  }
  return bytes2;
}
function callsOf(architecture, filter) {
  const table = system_calls_default[architecture];
  const base = architecture === "SCMP_ARCH_X32" ? X32 : 0;
  const otherwise = result(filter.defaultAction, filter.defaultErrnoRet);
  const rules = /* @__PURE__ */ new Map();
  for (const rule of filter.syscalls)
    for (const name of rule.names) rules.set(name, [...rules.get(name) ?? [], rule]);
  const ranges = [];
  let next = base;
  for (const entry of table.split(" ")) {
    const [name = "", digits] = entry.split("=");
    const number5 = base + Number(digits);
    const own2 = rules.get(name);
    if (own2 === void 0 || number5 < next) continue;
    if (number5 > next) addRange(ranges, { from: next, code: [otherwise] });
    addRange(ranges, { from: number5, code: callCode(own2, filter, otherwise, WIDE.has(architecture)) });
    next = number5 + 1;
  }
  addRange(ranges, { from: next, code: [[RETURN, 0, 0, ERRNO | ENOSYS]] });
  return ranges;
}
function addRange(ranges, range) {
  if (ranges.at(-1)?.code.join(";") !== range.code.join(";")) ranges.push(range);
}
function search(ranges) {
  if (ranges.length < 2) return ranges[0]?.code ?? [];
  const middle = ranges.length >> 1;
  const below = search(ranges.slice(0, middle));
  const above = search(ranges.slice(middle));
  const { from = 0 } = ranges[middle] ?? {};
  return [[JUMP_GREATER_OR_EQUAL, 0, 1, from], [JUMP, 0, 0, below.length], ...below, ...above];
}
function callCode(rules, { defaultErrnoRet }, otherwise, isWide) {
  const resultOf = ({ action, errnoRet = defaultErrnoRet }) => result(action, errnoRet);
  const plain2 = rules.find(({ args = [] }) => args.length === 0);
  if (plain2 !== void 0) return [resultOf(plain2)];
  return [...rules.flatMap((rule) => ruleCode(rule, resultOf(rule), isWide)), otherwise];
}
function result(action, errno) {
  if (action === "SCMP_ACT_ALLOW") return [RETURN, 0, 0, ALLOW];
  if (action === "SCMP_ACT_ERRNO") return [RETURN, 0, 0, ERRNO | errno];
  throw new RangeError(`Cannot compile the seccomp action ${action}`);
}
function ruleCode({ args = [] }, end, isWide) {
  let code = [end];
  for (const condition of args.toReversed()) {
    code = [...lowerCode(condition, code.length), ...code];
    if (isWide) code = [...upperCode(condition, code.length), ...code];
  }
  return code;
}
function lowerCode({ index, value, valueTwo = 0, op }, beyond) {
  const load = [LOAD, 0, 0, argument(index)];
  const lower = value % 2 ** 32;
  switch (op) {
    case "SCMP_CMP_EQ":
      return [load, [JUMP_EQUAL, 0, beyond, lower]];
    case "SCMP_CMP_MASKED_EQ":
      return [load, [AND, 0, 0, lower], [JUMP_EQUAL, 0, beyond, valueTwo % 2 ** 32]];
    case "SCMP_CMP_LT":
      return [load, [JUMP_GREATER_OR_EQUAL, beyond, 0, lower]];
    case "SCMP_CMP_GT":
      return [load, [JUMP_GREATER, 0, beyond, lower]];
    default:
      throw new RangeError(`Cannot compile the seccomp comparison ${op}`);
  }
}
function upperCode({ index, value, valueTwo = 0, op }, beyond) {
  const load = [LOAD, 0, 0, argument(index) + 4];
  const upper = Math.floor(value / 2 ** 32);
  const lowerLength = 2;
  switch (op) {
    case "SCMP_CMP_LT":
      return [load, [JUMP_GREATER, beyond + 1, 0, upper], [JUMP_EQUAL, 0, lowerLength, upper]];
    case "SCMP_CMP_GT":
      return [load, [JUMP_GREATER, lowerLength + 1, 0, upper], [JUMP_EQUAL, 0, beyond, upper]];
    case "SCMP_CMP_MASKED_EQ":
      return [load, [AND, 0, 0, upper], [JUMP_EQUAL, 0, beyond, Math.floor(valueTwo / 2 ** 32)]];
    default:
      return [load, [JUMP_EQUAL, 0, beyond, upper]];
  }
}

// src/runner/sandbox/oci-spec.ts
init_user_namespace();
var FILTER_ANNOTATION = "run.oci.seccomp_bpf_data";
var programs = /* @__PURE__ */ new Map();
function filterProgram(container) {
  if (container.isInsecure) return void 0;
  const capabilities = capabilitiesOf(container);
  const key = capabilities.join(" ");
  if (!programs.has(key)) {
    const filter = seccompFilter(capabilities);
    programs.set(key, filter && seccompProgram(filter));
  }
  return programs.get(key);
}
var UNLIMITED = randomUUID3();
function ociConfig(container) {
  return JSON.stringify(ociSpec(container)).replaceAll(`"${UNLIMITED}"`, String(2n ** 64n - 1n));
}
function ociSpec(container) {
  const { account, cgroup } = container;
  const capabilities = capabilitiesOf(container);
  const filter = seccompFilter(capabilities);
  const program2 = filterProgram(container);
  return {
    ociVersion: "1.0.2",
    ...program2 !== void 0 && { annotations: { [FILTER_ANNOTATION]: program2.toString("base64") } },
    process: {
      ...container.terminal && { terminal: true },
      ...container.size && { consoleSize: { height: container.size.rows, width: container.size.columns } },
      user: {
        uid: account.uid,
        gid: account.gid,
        additionalGids: [account.gid, ...account.groups],
        umask: 18
      },
      args: container.args,
      env: environment(container.env, account.home),
      cwd: container.workdir,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: false,
      rlimits: rlimits(container)
    },
    root: { path: container.rootfs, ...container.readonly && { readonly: true } },
    hostname: container.hostname,
    mounts: lastPerDestination([...systemMounts(container), ...container.mounts]),
    linux: {
      namespaces: namespaces(container.network),
      ...cgroup !== void 0 && { cgroupsPath: cgroup, resources: resources(container) },
      ...!container.isInsecure && {
        maskedPaths: MASKED,
        readonlyPaths: READ_ONLY,
        ...filter !== void 0 && { seccomp: filter }
      }
    }
  };
}
function lastPerDestination(mounts) {
  return [...new Map(mounts.map((mount) => [mount.destination, mount])).values()];
}
function capabilitiesOf({
  cgroup,
  ownsMachine,
  capabilities,
  isInsecure
}) {
  if (isInsecure) return allCapabilities();
  const all = capabilities ?? DEFAULT_CAPABILITIES;
  return cgroup === void 0 && ownsMachine ? all.filter((name) => name !== "CAP_MKNOD") : all;
}
function ulimitsOf({ cgroup, ownsMachine, ulimits = [], limits: { pids } = {} }) {
  const own2 = [NO_CORE];
  if (cgroup === void 0 && !ownsMachine && pids !== void 0)
    own2.push({ name: "nproc", soft: pids, hard: pids });
  return [...own2.filter(({ name }) => ulimits.every((given) => given.name !== name)), ...ulimits];
}
var NO_CORE = { name: "core", soft: 0, hard: 0 };
function rlimits(container) {
  const value = (limit) => limit < 0 ? UNLIMITED : limit;
  return ulimitsOf(container).map(({ name, soft, hard }) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft: value(soft),
    hard: value(hard)
  }));
}
var CPU_PERIOD = 1e5;
function resources({ limits: { memory, swap, cpus, pids } = {}, isInsecure }) {
  return {
    devices: isInsecure ? [{ allow: true, access: "rwm" }] : DEVICES,
    ...memory !== void 0 && { memory: { limit: memory, ...swap !== void 0 && { swap } } },
    ...cpus !== void 0 && { cpu: { quota: Math.round(cpus * CPU_PERIOD), period: CPU_PERIOD } },
    ...pids !== void 0 && { pids: { limit: pids } }
  };
}
function environment(given, home) {
  const all = new Map(given);
  if (!all.get("HOME")) all.set("HOME", home);
  if (!all.has("PATH")) all.set("PATH", DEFAULT_PATH);
  return [...all].map(([name, value]) => `${name}=${value}`);
}
function namespaces(network) {
  const types = ["pid", "ipc", "uts", "mount"];
  if (network === "none") types.push("network");
  return types.map((type) => ({ type }));
}
function systemMounts({ cgroup, ownsMachine, isInsecure }) {
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"]
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...ttyGroup()]
    },
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]
    },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] }
  ];
  const safe = ["nosuid", "noexec", "nodev", isInsecure ? "rw" : "ro"];
  if (ownsMachine) {
    mounts.push({ destination: "/sys", type: "sysfs", source: "sysfs", options: safe });
  } else {
    mounts.push(
      { destination: "/sys", type: "none", source: "/sys", options: ["rbind", ...safe] },
      { destination: "/sys/fs/cgroup", type: "tmpfs", source: "tmpfs", options: safe }
    );
  }
  if (cgroup !== void 0) {
    mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: safe });
  }
  return mounts;
}
function ttyGroup() {
  return hasId("gid", 5) ? ["gid=5"] : [];
}
var DEVICES = [
  { allow: false, access: "rwm" },
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  ...[
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 2],
    [136, void 0]
  ].map(([major, minor]) => ({
    allow: true,
    type: "c",
    major,
    ...minor !== void 0 && { minor },
    access: "rwm"
  }))
];
var MASKED = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap"
];
var READ_ONLY = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger"
];

// src/runner/sandbox/launch.ts
init_runtime();
init_sandbox();

// src/runner/sandbox/unshare.ts
init_command();
import { execFileSync } from "node:child_process";
import { chmod as chmod2, copyFile, mkdir as mkdir4, rm as rm2 } from "node:fs/promises";
import { basename, join as join11 } from "node:path";
init_shell_quote();
init_job_error();
init_runtime();
init_sandbox();
var PROGRAMS3 = ["setpriv", "umount", "sh"];
var FILTER_LOADER = "perl";
var TOOLS = "/dev/.varve";
var FILTER = "/dev/.varve.filter";
var START = "/dev/.varve.start";
var OLD_ROOT = "/dev/.machine";
var LOADER = "loader";
var DEVICES2 = ["null", "zero", "full", "random", "urandom", "tty"];
var LINKS = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"]
];
function canFilter() {
  return findProgram(FILTER_LOADER) !== void 0;
}
async function copyTools(folder) {
  await rm2(folder, { recursive: true, force: true });
  await mkdir4(folder, { recursive: true, mode: 493 });
  for (const name of canFilter() ? [...PROGRAMS3, FILTER_LOADER] : PROGRAMS3) {
    const path = findProgram(name);
    if (path === void 0) throw new Error(`Cannot find the program ${name}`);
    await copyFile(path, join11(folder, name));
    await chmod2(join11(folder, name), 493);
    const linked = execFileSync("ldd", [path], { encoding: "utf8", env: plainEnvironment });
    for (const [, library = ""] of linked.matchAll(/(?:^|\s)(\/\S+) \(0x/g)) {
      const isLoader = /^ld[-.6]/.test(basename(library));
      await copyFile(library, join11(folder, isLoader ? LOADER : basename(library)));
    }
  }
}
function unshareCommand(script2, network) {
  return ["unshare", "--ipc", "--uts", ...network === "none" ? ["--net"] : [], "sh", script2];
}
function unshareScript(container, inside, { tools, start: start2, filter }) {
  const at = (path) => {
    const { found, missing } = resolveInRoot(inside, path);
    return `${container.rootfs}${found}${missing.map((name) => `/${name}`).join("")}`;
  };
  const system = new Map(["/proc", "/dev", "/sys"].map((path) => [path, at(path)]));
  const place2 = (path) => {
    const first = path.split("/", 2).join("/");
    const base = system.get(first);
    return base === void 0 ? at(path) : base + path.slice(first.length);
  };
  return [
    "set -e",
    `exec ${NETWORK_DESCRIPTOR}<&-`,
    // crun and runc do the same.
    ...container.network === "none" ? ["ip link set lo up 2>/dev/null || :"] : [],
    ...systemMounts(container).flatMap((mount) => [
      `mkdir -p ${quoteForShell(place2(mount.destination))}`,
      mountLine(mount, place2(mount.destination))
    ]),
    ...deviceLines(place2("/dev")),
    ...container.mounts.flatMap((mount) => {
      rejectNested(mount, container.mounts);
      const target = place2(mount.destination);
      const makes = mount.destination.startsWith("/dev/") ? [
        `mkdir -p ${quoteForShell(target.slice(0, target.lastIndexOf("/")))}`,
        `touch ${quoteForShell(target)}`
      ] : [];
      return [...makes, ...bindLines(mount, target)];
    }),
    ...container.isInsecure ? [] : [
      ...MASKED.map((path) => maskLine(quoteForShell(place2(path)))),
      ...READ_ONLY.map((path) => readOnlyLine(quoteForShell(place2(path))))
    ],
    `hostname ${quoteForShell(container.hostname)}`,
    ulimitLine(container),
    ...container.readonly ? [`mount -o remount,bind,ro ${quoteForShell(container.rootfs)}`] : [],
    `mkdir ${quoteForShell(place2(TOOLS))} ${quoteForShell(place2(OLD_ROOT))}`,
    `mount --bind ${quoteForShell(tools)} ${quoteForShell(place2(TOOLS))}`,
    `mount -o remount,bind,ro,nosuid,nodev ${quoteForShell(place2(TOOLS))}`,
    ...filter === void 0 ? [] : [`cp ${quoteForShell(filter)} ${quoteForShell(place2(FILTER))}`],
    `install --mode=400 --owner=${container.account.uid} --group=${container.account.gid} ${quoteForShell(start2)} ${quoteForShell(place2(START))}`,
    `cd ${quoteForShell(container.rootfs)}`,
    `pivot_root . ${quoteForShell(place2(OLD_ROOT).slice(container.rootfs.length + 1))}`,
    "cd /",
    `${tool("umount")} -n -l ${OLD_ROOT}`,
    `cd ${quoteForShell(container.workdir)}`,
    "umask 022",
    "unset LC_ALL LIBMOUNT_FORCE_MOUNT2 PATH PWD OLDPWD",
    `exec ${filter === void 0 ? "" : `${loadFilter()} `}${becomeUser(container)} -- ${tool("sh")} ${START}`,
    ""
  ].join("\n");
}
function startScript(container) {
  return [
    "unset PWD OLDPWD SHLVL",
    ...environmentLines(container),
    `exec ${container.args.map(quoteForShell).join(" ")}`,
    ""
  ].join("\n");
}
function loadFilter() {
  const program2 = [
    "my ($path, @command) = @ARGV;",
    'open my $file, "<:raw", $path or die "Cannot read $path: $!\\n";',
    "my $filter = do { local $/; <$file> };",
    'my $program = pack "S x6 P", length($filter) / 8, $filter;',
    `syscall(${SECCOMP[process.arch]}, 1, 0, $program) == 0 or die "Cannot filter system calls: $!\\n";`,
    "for my $fd (3 .. 1023) { open(my $file, '<&=', $fd) and close $file }",
    'exec { $command[0] } @command or die "Cannot start $command[0]: $!\\n";'
  ].join(" ");
  return `${tool(FILTER_LOADER)} -e ${quoteForShell(program2)} ${FILTER}`;
}
var SECCOMP = { x64: 317, arm64: 277 };
function tool(name) {
  return `${TOOLS}/${LOADER} --library-path ${TOOLS} ${TOOLS}/${name}`;
}
function rejectNested({ destination }, all) {
  const outer = all.find((mount) => destination.startsWith(`${mount.destination}/`));
  if (outer === void 0) return;
  throw new JobError(
    "refused",
    `the mount at ${destination} is inside the mount at ${outer.destination}, which needs a runner with crun or runc`
  );
}
function mountLine({ type, source, options }, target) {
  if (type === "none") return bindLines({ type, source, options, destination: "" }, target).join("\n");
  return `mount -t ${type} -o ${quoteForShell(options.join(","))} ${quoteForShell(source)} ${quoteForShell(target)}`;
}
function bindLines(mount, target) {
  if (mount.type === "tmpfs") return [mountLine(mount, target)];
  const flags = mount.options.filter((option) => !["rbind", "rw"].includes(option));
  return [
    `mount --rbind ${quoteForShell(mount.source)} ${quoteForShell(target)}`,
    ...flags.length > 0 ? [`mount -o remount,bind,${flags.join(",")} ${quoteForShell(target)}`] : []
  ];
}
function deviceLines(dev) {
  return [
    ...DEVICES2.map((name) => {
      const path = quoteForShell(`${dev}/${name}`);
      return `touch ${path}; mount --bind /dev/${name} ${path}`;
    }),
    ...LINKS.map(([name, target]) => `ln -s ${target} ${quoteForShell(`${dev}/${name}`)}`)
  ];
}
function maskLine(path) {
  return `if [ -d ${path} ]; then mount -t tmpfs -o ro tmpfs ${path}; elif [ -e ${path} ]; then mount --bind /dev/null ${path}; fi`;
}
function readOnlyLine(path) {
  return `if [ -e ${path} ]; then mount --bind ${path} ${path}; mount -o remount,bind,ro ${path}; fi`;
}
function ulimitLine(container) {
  const value = (limit) => limit < 0 ? "unlimited" : String(limit);
  const options = ulimitsOf(container).map(
    ({ name, soft, hard }) => `--${name}=${value(soft)}:${value(hard)}`
  );
  return `prlimit --pid $$ ${options.join(" ")}`;
}
function environmentLines({ env, account }) {
  return environment(env, account.home).flatMap((line2) => {
    const name = line2.slice(0, line2.indexOf("="));
    return /^[A-Za-z_]\w*$/.test(name) ? [`export ${name}=${quoteForShell(line2.slice(name.length + 1))}`] : [];
  });
}
function becomeUser(container) {
  const { uid, gid, groups: groups2 } = container.account;
  const kept = capabilitiesOf(container).map((name) => `+${name.slice("CAP_".length).toLowerCase()}`);
  return [
    tool("setpriv"),
    `--reuid=${uid} --regid=${gid} --groups=${[gid, ...groups2].join(",")}`,
    `--inh-caps=-all --bounding-set=${["-all", ...kept].join(",")}`
  ].join(" ");
}

// src/runner/sandbox/launch.ts
var SCRIPT = "run.sh";
var START2 = "start.sh";
var FILTER2 = "filter";
var ENTER_NETWORK = ["nsenter", `--net=/proc/self/fd/${NETWORK_DESCRIPTOR}`];
function launch({ groups: groups2, runtime, method, tools }, { id: id2, folder, network, log }) {
  const isScript = runtime.name === "unshare";
  const cgroup = isScript || !method.ownsMachine ? void 0 : groups2.path(id2);
  const memory = join12(folder, "memory");
  const command = isScript ? unshareCommand(join12(memory, SCRIPT), network) : runtimeCommand(runtime, { bundle: memory, id: id2, hasGroups: cgroup !== void 0, log });
  return {
    command: network === "own" ? [...ENTER_NETWORK, ...command] : command,
    method: {
      ...method,
      // Without a control group nothing else prevents the use of device files in an image.
      overlay: method.overlay + (cgroup === void 0 && method.ownsMachine ? ",nodev" : "")
    },
    cgroup,
    describe({ inside, pid }, described) {
      const rootfs = join12(folder, "root/merged");
      const container = { ...described, network, rootfs, cgroup, ownsMachine: method.ownsMachine };
      const write2 = (name, content) => writeFileSync5(`${inside}/memory/${name}`, content, { mode: 384 });
      if (!isScript) return write2("config.json", ociConfig(container));
      const filter = canFilter() ? filterProgram(container) : void 0;
      if (filter !== void 0) write2(FILTER2, filter);
      write2(START2, startScript(container));
      const files = { tools, start: join12(memory, START2), filter: filter && join12(memory, FILTER2) };
      write2(SCRIPT, unshareScript(container, `${inside}/root/merged`, files));
      if (method.ownsMachine && pid !== void 0) groups2.enter(id2, pid, described.limits ?? {});
    }
  };
}

// src/runner/sandbox/trial.ts
init_overlay_stacks();

// src/runner/sandbox/runtime-log.ts
function readRuntimeLog(text2) {
  let failure2;
  const output2 = text2.replace(/^\{.*\}\n/gm, (line2) => {
    const message = parseMessage(line2);
    if (message === void 0) return line2;
    if (/^(?:error|fatal)$/.test(message.level)) failure2 ??= message.msg;
    return "";
  });
  return { failure: failure2, output: output2.replace(/(?<!\r)\n/g, "") };
}
function parseMessage(line2) {
  try {
    const { level, msg } = JSON.parse(line2);
    return typeof level === "string" && typeof msg === "string" ? { level, msg } : void 0;
  } catch {
    return void 0;
  }
}

// src/runner/sandbox/trial.ts
init_sandbox();
var TRIAL_MS = 5e3;
var PROGRAM = "/varve-trial";
var REFUSED = /operation not permitted|permission denied|read-only file system/i;
async function tryContainer(host) {
  var _stack = [];
  try {
    const cleanup = __using(_stack, new AsyncDisposableStack(), true);
    const folder = await mkdtemp3(join13(host.jobs, "trial-"));
    cleanup.defer(() => removeTree(folder));
    const id2 = "trial";
    const log = join13(folder, "runtime.log");
    const network = host.rights.has("network.host") ? "host" : "none";
    const { command, method, describe: describe3 } = launch(host, { id: id2, folder, network, log });
    const sandbox = await Sandbox.open(folder, [EMPTY_STACK], command, method);
    cleanup.defer(() => host.groups.remove(id2));
    cleanup.defer(() => sandbox.close());
    const root2 = `${sandbox.inside}/root/merged`;
    writeFileSync6(root2 + PROGRAM, "");
    chmodSync3(root2 + PROGRAM, 493);
    for (const point of SYSTEM_POINTS) new MountStubs().make(root2, point, []);
    describe3(sandbox, {
      args: [PROGRAM],
      env: [],
      workdir: "/",
      account: { uid: 0, gid: 0, groups: [], home: "/root" },
      hostname: id2,
      mounts: [],
      limits: host.limits
    });
    const output2 = await outputOf(sandbox);
    const logged = await readFile2(log, "utf8").catch(() => "");
    const { failure: failure2 = output2 } = readRuntimeLog(logged + output2);
    if (REFUSED.test(failure2))
      throw new UnableError(
        `${host.runtime.name} cannot start containers: ${failure2.trim()}. ${DOCKER_NEEDS}, and no --cap-add SYS_ADMIN`
      );
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}
async function outputOf(sandbox) {
  let output2 = "";
  for (const stream of [sandbox.stdout, sandbox.stderr])
    stream?.setEncoding("utf8").on("data", (text2) => {
      output2 += text2;
    });
  const limit = setTimeout(() => sandbox.close(), TRIAL_MS);
  sandbox.run();
  await sandbox.exit;
  clearTimeout(limit);
  return output2;
}

// src/runner/runner.ts
init_user_namespace();

// src/dockerignore/clean-path.ts
function cleanPath(path) {
  const rooted = path.startsWith("/");
  const kept = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") kept.push(name);
    else if (kept.length > 0 && kept[kept.length - 1] !== "..") kept.pop();
    else if (!rooted) kept.push("..");
  }
  const joined = kept.join("/");
  if (rooted) return `/${joined}`;
  return joined === "" ? "." : joined;
}

// src/dockerignore/char-class.ts
function classContains(set2, codePoint) {
  for (const [first, last3] of set2.ranges) {
    if (codePoint >= first && codePoint <= last3) return !set2.negated;
  }
  return set2.negated;
}
function unitsOf(codePoint) {
  return codePoint > 65535 ? 2 : 1;
}
function readClass(pattern, at) {
  let next = at + 1;
  const negated = pattern[next] === "^";
  if (negated) next++;
  const ranges = [];
  while (pattern[next] !== "]" || ranges.length === 0) {
    const low = readMember(pattern, next);
    if (low === void 0) return void 0;
    next = low.next;
    if (pattern[next] !== "-") {
      ranges.push([low.codePoint, low.codePoint]);
      continue;
    }
    const high = readMember(pattern, next + 1);
    if (high === void 0) return void 0;
    ranges.push([low.codePoint, high.codePoint]);
    next = high.next;
  }
  return { set: { negated, ranges }, next: next + 1 };
}
function readMember(pattern, at) {
  const char = pattern[at];
  if (char === "-" || char === "]") return void 0;
  const start2 = char === "\\" ? at + 1 : at;
  const codePoint = pattern.codePointAt(start2);
  return codePoint === void 0 ? void 0 : { codePoint, next: start2 + unitsOf(codePoint) };
}

// src/dockerignore/pattern-error.ts
var PatternError = class extends Error {
  name = "PatternError";
  code;
  reason;
  constructor(code, subject, reason) {
    super(`Cannot use ${subject}: ${reason}`);
    this.code = code;
    this.reason = reason;
  }
};
function badPattern(pattern) {
  return new PatternError("BAD_PATTERN", `pattern ${JSON.stringify(pattern)}`, "syntax error in pattern");
}

// src/dockerignore/glob.ts
function compileGlob(pattern) {
  const chunks2 = readChunks(pattern);
  return { matches: (name, meter = { work: 0 }) => matchChunks(chunks2, name, meter) };
}
function hasWildcard(path) {
  for (let at = 0; at < path.length; at++) {
    const char = path[at];
    if (char === "\\") at++;
    else if (char === "*" || char === "?" || char === "[") return true;
  }
  return false;
}
function readChunks(pattern) {
  let chunk = { afterStar: false, atoms: [] };
  const chunks2 = [chunk];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at];
    if (char === "*") {
      if (!chunk.afterStar || chunk.atoms.length > 0) {
        chunk = { afterStar: true, atoms: [] };
        chunks2.push(chunk);
      }
      at++;
    } else if (char === "?") {
      chunk.atoms.push({ kind: "any" });
      at++;
    } else if (char === "[") {
      const read = readClass(pattern, at);
      if (read === void 0) throw badPattern(pattern);
      chunk.atoms.push({ kind: "class", set: read.set });
      at = read.next;
    } else {
      const start2 = char === "\\" ? at + 1 : at;
      const codePoint = pattern.codePointAt(start2);
      if (codePoint === void 0) throw badPattern(pattern);
      chunk.atoms.push({ kind: "char", codePoint });
      at = start2 + unitsOf(codePoint);
    }
  }
  return chunks2;
}
function matchChunks(chunks2, name, meter) {
  let at = 0;
  for (let index = 0; index < chunks2.length; index++) {
    const { afterStar, atoms } = chunks2[index];
    const last3 = index === chunks2.length - 1;
    let end = matchAtoms(atoms, name, at, meter);
    if (afterStar) {
      while (end === void 0 || last3 && end !== name.length) {
        const skipped = name.codePointAt(at);
        if (skipped === void 0 || skipped === SLASH) return false;
        at += unitsOf(skipped);
        end = matchAtoms(atoms, name, at, meter);
      }
    }
    if (end === void 0) return false;
    at = end;
  }
  return at === name.length;
}
var SLASH = 47;
var ATOM = 4;
function matchAtoms(atoms, name, start2, meter) {
  let at = start2;
  meter.work += ATOM;
  for (const atom of atoms) {
    meter.work += ATOM;
    const codePoint = name.codePointAt(at);
    if (codePoint === void 0) return void 0;
    if (atom.kind === "char" && codePoint !== atom.codePoint) return void 0;
    if (atom.kind === "any" && codePoint === SLASH) return void 0;
    if (atom.kind === "class" && !classContains(atom.set, codePoint)) return void 0;
    at += unitsOf(codePoint);
  }
  return at;
}

// src/dockerignore/regexp-escape.ts
var DIGIT = [[48, 57]];
var SPACE = [
  [9, 10],
  [12, 13],
  [32, 32]
];
var WORD = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122]
];
var SETS = /* @__PURE__ */ new Map([
  ["d", DIGIT],
  ["s", SPACE],
  ["w", WORD],
  ["D", complement(DIGIT)],
  ["S", complement(SPACE)],
  ["W", complement(WORD)]
]);
var CONTROL_CHARACTERS = /* @__PURE__ */ new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11]
]);
function readEscape(source, at) {
  const char = source[at + 1] ?? "";
  const set2 = SETS.get(char);
  if (set2 !== void 0) return { ranges: set2, next: at + 2 };
  const found = readEscapedCharacter(source, at);
  return found && { ranges: [[found.codePoint, found.codePoint]], next: found.next };
}
function readEscapedCharacter(source, at) {
  const char = source[at + 1];
  if (char === void 0 || char > "") return void 0;
  const control = CONTROL_CHARACTERS.get(char);
  if (control !== void 0) return { codePoint: control, next: at + 2 };
  if (!/[0-9A-Za-z]/.test(char)) return { codePoint: char.charCodeAt(0), next: at + 2 };
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(source.slice(at + 1, at + 4))?.[0];
  if (octal !== void 0) return { codePoint: Number.parseInt(octal, 8), next: at + 1 + octal.length };
  const hex3 = /^x([0-9A-Fa-f]{2})/.exec(source.slice(at + 1, at + 4))?.[1];
  return hex3 === void 0 ? void 0 : { codePoint: Number.parseInt(hex3, 16), next: at + 4 };
}
var ANCHORS = /* @__PURE__ */ new Map([
  ["A", "start"],
  ["z", "end"],
  ["b", "word edge"],
  ["B", "no word edge"]
]);
function anchorEscape(source, at) {
  return ANCHORS.get(source[at + 1] ?? "");
}
function anchorHolds(anchor2, path, at) {
  if (anchor2 === "start") return at === 0;
  if (anchor2 === "end") return at === path.length;
  const isEdge = isWord(path[at - 1]) !== isWord(path[at]);
  return isEdge === (anchor2 === "word edge");
}
function isWord(char) {
  return char !== void 0 && /[0-9A-Za-z_]/.test(char);
}
function complement(ranges) {
  const outside = [];
  let first = 0;
  for (const [low, high] of ranges) {
    if (low > first) outside.push([first, low - 1]);
    first = high + 1;
  }
  outside.push([first, 1114111]);
  return outside;
}

// src/dockerignore/regexp-class.ts
var DIGIT2 = [48, 57];
var UPPER = [65, 90];
var LOWER = [97, 122];
var POSIX = /* @__PURE__ */ new Map([
  ["alnum", [DIGIT2, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  ["ascii", [[0, 127]]],
  ["blank", single(9, 32)],
  [
    "cntrl",
    [
      [0, 31],
      [127, 127]
    ]
  ],
  ["digit", [DIGIT2]],
  ["graph", [[33, 126]]],
  ["lower", [LOWER]],
  ["print", [[32, 126]]],
  [
    "punct",
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126]
    ]
  ],
  [
    "space",
    [
      [9, 13],
      [32, 32]
    ]
  ],
  ["upper", [UPPER]],
  ["word", [DIGIT2, UPPER, [95, 95], LOWER]],
  ["xdigit", [DIGIT2, [65, 70], [97, 102]]]
]);
function readRegexpClass(source, at) {
  let next = at + 1;
  const negated = source[next] === "^";
  if (negated) next++;
  const ranges = [];
  for (let isFirst = true; isFirst || source[next] !== "]"; isFirst = false) {
    const member = readPosixClass(source, next) ?? readSet(source, next) ?? readRange(source, next);
    if (member === void 0 || member === "malformed") return void 0;
    ranges.push(...member.ranges);
    next = member.next;
  }
  return { set: { negated, ranges }, next: next + 1 };
}
function readPosixClass(source, at) {
  if (!source.startsWith("[:", at)) return void 0;
  const end = source.indexOf(":]", at + 2);
  if (end < 0) return void 0;
  const name = source.slice(at + 2, end);
  const isNegated = name.startsWith("^");
  const ranges = POSIX.get(isNegated ? name.slice(1) : name);
  if (ranges === void 0) return "malformed";
  return { ranges: isNegated ? complement(ranges) : ranges, next: end + 2 };
}
function readSet(source, at) {
  return source[at] === "\\" && /[dswDSW]/.test(source[at + 1] ?? "") ? readEscape(source, at) : void 0;
}
function readRange(source, at) {
  const low = readCharacter(source, at);
  if (low === void 0) return void 0;
  const after = source[low.next + 1];
  if (source[low.next] !== "-" || after === void 0 || after === "]") {
    return { ranges: [[low.codePoint, low.codePoint]], next: low.next };
  }
  const high = readCharacter(source, low.next + 1);
  if (high === void 0 || high.codePoint < low.codePoint) return void 0;
  return { ranges: [[low.codePoint, high.codePoint]], next: high.next };
}
function readCharacter(source, at) {
  if (source[at] === "\\") return readEscapedCharacter(source, at);
  const codePoint = source.codePointAt(at);
  return codePoint === void 0 ? void 0 : { codePoint, next: at + unitsOf(codePoint) };
}
function single(...codePoints) {
  return codePoints.map((codePoint) => [codePoint, codePoint]);
}

// src/dockerignore/regexp.ts
var DIRECTORIES = "(.*/)?";
var REST = ".*";
function readRegexp(source) {
  const pieces = [];
  let at = 0;
  while (at < source.length) {
    if (source.startsWith(DIRECTORIES, at)) {
      pieces.push({ kind: "dirs" });
      at += DIRECTORIES.length;
    } else if (source.startsWith(REST, at)) {
      pieces.push({ kind: "rest" });
      at += REST.length;
    } else if (source[at] === "[") {
      const read = readRegexpClass(source, at);
      if (read === void 0) return void 0;
      at = addClass(pieces, read.set, source, read.next);
    } else if (source[at] === "^") {
      pieces.push({ kind: "anchor", anchor: "start" });
      at++;
    } else if (source[at] === "\\") {
      const next = addEscape(pieces, source, at);
      if (next === void 0) return void 0;
      at = next;
    } else {
      const codePoint = source.codePointAt(at);
      addText(pieces, codePoint);
      at += unitsOf(codePoint);
    }
  }
  return pieces;
}
function addClass(pieces, set2, source, next) {
  const isRepeated = source[next] === "*";
  pieces.push({ kind: isRepeated ? "many" : "class", set: set2 });
  return isRepeated ? next + 1 : next;
}
function addEscape(pieces, source, at) {
  const anchor2 = anchorEscape(source, at);
  if (anchor2 !== void 0) {
    pieces.push({ kind: "anchor", anchor: anchor2 });
    return at + 2;
  }
  const read = readEscape(source, at);
  if (read === void 0) return void 0;
  const [range] = read.ranges;
  if (read.ranges.length === 1 && range !== void 0 && range[0] === range[1]) addText(pieces, range[0]);
  else pieces.push({ kind: "class", set: { negated: false, ranges: read.ranges } });
  return read.next;
}
function addText(pieces, codePoint) {
  const char = String.fromCodePoint(codePoint);
  const last3 = pieces[pieces.length - 1];
  if (last3?.kind === "text") last3.text += char;
  else pieces.push({ kind: "text", text: char });
}

// src/dockerignore/sequence.ts
var POSITION = 4;
var PIECE2 = 32;
function costOf(piece, path, positions) {
  if (piece.kind === "many") return PIECE2 + POSITION * (path.length + 1) * piece.set.ranges.length;
  const ranges = piece.kind === "class" ? piece.set.ranges.length : 1;
  return PIECE2 + POSITION * positions.length * ranges;
}
function matchesWhole(pieces, path, meter) {
  let positions = [0];
  for (const piece of pieces) {
    meter.work += costOf(piece, path, positions);
    positions = advance(piece, path, positions);
    if (positions.length === 0) return false;
  }
  return positions[positions.length - 1] === path.length;
}
function couldGoOn(pieces, path, meter) {
  let positions = [0];
  for (const piece of pieces) {
    meter.work += costOf(piece, path, positions);
    if (positions[positions.length - 1] === path.length) return true;
    if (piece.kind === "dirs" || piece.kind === "rest") return true;
    if (piece.kind === "text" && positions.some((at) => piece.text.startsWith(path.slice(at)))) return true;
    if (piece.kind === "anchor") continue;
    positions = advance(piece, path, positions);
    if (positions.length === 0) return false;
    if (piece.kind === "many" && positions[positions.length - 1] === path.length) return true;
  }
  return false;
}
function advance(piece, path, positions) {
  switch (piece.kind) {
    case "text":
      return keepAfter(
        positions,
        (at) => path.startsWith(piece.text, at) ? at + piece.text.length : void 0
      );
    case "class":
      return keepAfter(positions, (at) => {
        const codePoint = path.codePointAt(at);
        return codePoint !== void 0 && classContains(piece.set, codePoint) ? at + unitsOf(codePoint) : void 0;
      });
    case "many":
      return reachAll(path, positions, (codePoint) => classContains(piece.set, codePoint));
    case "rest":
      return reachAll(path, positions, (codePoint) => codePoint !== LINE_FEED);
    case "dirs":
      return enterDirs(path, positions);
    case "anchor":
      return positions.filter((at) => anchorHolds(piece.anchor, path, at));
  }
}
function keepAfter(positions, step) {
  const kept = [];
  for (const at of positions) {
    const next = step(at);
    if (next !== void 0) kept.push(next);
  }
  return kept;
}
var LINE_FEED = 10;
function reachAll(path, positions, accepts) {
  const reached = [];
  let done2 = -1;
  for (const start2 of positions) {
    if (start2 <= done2) continue;
    let at = start2;
    reached.push(at);
    while (at < path.length) {
      const codePoint = path.codePointAt(at);
      if (!accepts(codePoint)) break;
      at += unitsOf(codePoint);
      reached.push(at);
    }
    done2 = at;
  }
  return reached;
}
function enterDirs(path, positions) {
  const reached = [];
  let open3 = false;
  let given = 0;
  for (let at = positions[0]; at <= path.length; at++) {
    const isGiven = positions[given] === at;
    if (isGiven || open3 && path[at - 1] === "/") reached.push(at);
    if (isGiven) {
      open3 = true;
      while (positions[given] === at) given++;
    }
    if (path[at] === "\n") open3 = false;
  }
  return reached;
}

// src/dockerignore/ignore-pattern.ts
var MAX_PIECES = 500;
function compileIgnorePattern(pattern) {
  compileGlob(pattern);
  const { source, plain: plain2 } = translate(pattern);
  switch (plain2) {
    case "exact":
      return {
        of: { kind: "path", path: pattern },
        matches: (path) => path === pattern,
        couldMatchBelow: (dir) => pattern.startsWith(dir)
      };
    case "prefix": {
      const prefix = pattern.slice(0, -2);
      return {
        of: { kind: "any" },
        matches: (path) => path.startsWith(prefix),
        couldMatchBelow: (dir) => dir.startsWith(prefix) || prefix.startsWith(dir)
      };
    }
    case "suffix": {
      const suffix = pattern.slice(2);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : void 0;
      return {
        of: whole === void 0 || whole.includes("/") ? { kind: "any" } : { kind: "name", name: whole },
        matches: (path) => path.endsWith(suffix) || path === whole,
        couldMatchBelow: () => true
      };
    }
    default: {
      const pieces = readRegexp(source);
      if (pieces === void 0) throw badPattern(pattern);
      if (pieces.length > MAX_PIECES) {
        const subject = `pattern ${JSON.stringify(`${pattern.slice(0, 100)}…`)}`;
        throw new PatternError("TOO_MANY_WILDCARDS", subject, "it has too many wildcards");
      }
      const [first] = pieces;
      const last3 = pieces[pieces.length - 1];
      const prefix = first?.kind === "text" ? first.text : "";
      const suffix = last3?.kind === "text" ? last3.text : "";
      return {
        of: depthOf(pieces),
        matches: (path, meter) => path.startsWith(prefix) && path.endsWith(suffix) && matchesWhole(pieces, path, meter),
        couldMatchBelow: (dir, meter) => couldGoOn(pieces, dir, meter)
      };
    }
  }
}
function depthOf(pieces) {
  let slashes = 0;
  for (const piece of pieces) {
    if (piece.kind === "dirs" || piece.kind === "rest") return { kind: "any" };
    if ("set" in piece && matchesSlash(piece.set)) return { kind: "any" };
    if (piece.kind === "text") slashes += piece.text.split("/").length - 1;
  }
  return { kind: "depth", slashes };
}
var SLASH2 = 47;
function matchesSlash(set2) {
  return classContains(set2, SLASH2);
}
var ANY = "[^/]";
var ESCAPED = /[.+()|{}$]/;
function translate(pattern) {
  let source = "";
  let plain2 = "exact";
  let at = 0;
  while (at < pattern.length) {
    const isFirst = at === 0;
    const char = String.fromCodePoint(pattern.codePointAt(at));
    at += char.length;
    if (char === "*" && pattern[at] === "*") {
      at++;
      if (pattern[at] === "/") at++;
      if (at < pattern.length) {
        source += DIRECTORIES;
        plain2 = void 0;
      } else if (plain2 === "exact") {
        plain2 = "prefix";
      } else {
        source += REST;
        plain2 = void 0;
      }
      if (isFirst) plain2 = "suffix";
    } else if (char === "*" || char === "?") {
      source += char === "*" ? `${ANY}*` : ANY;
      plain2 = void 0;
    } else if (ESCAPED.test(char)) {
      source += `\\${char}`;
    } else if (char === "\\") {
      const escaped = String.fromCodePoint(pattern.codePointAt(at));
      source += `\\${escaped}`;
      at += escaped.length;
      plain2 = void 0;
    } else {
      source += char;
      if (char === "[" || char === "]") plain2 = void 0;
    }
  }
  return { source, plain: plain2 };
}

// src/dockerignore/match.ts
var MAX_WORK = 2 ** 31;
var MAX_REMEMBERED = 5e4;
var MAX_NUMBERS = 1e6;
var MAX_DEPTH2 = 512;
var RULE = 16;
var COMPILING = 2048;
var PIECE3 = 2 ** 16;
function ignoreMatcher(patterns, options = {}) {
  return new Matcher(readRules(patterns), options);
}
var Matcher = class {
  #rules;
  #maxWork;
  /**
   * Ascending rule numbers: those that match only one path, those that match only one name, and those for paths with a
   * number of slashes.
   */
  #byPath = /* @__PURE__ */ new Map();
  #byName = /* @__PURE__ */ new Map();
  #bySlashes = /* @__PURE__ */ new Map();
  #others = [];
  #exceptions = [];
  /** By directory, the numbers of the evaluated rules that match it or a parent. */
  #matches = /* @__PURE__ */ new Map();
  /** By directory, the number of the last rule that matches it or a parent, evaluated or not; -1 for none. */
  #lastMatches = /* @__PURE__ */ new Map();
  /** Total length of the lists in `#matches`. */
  #numbers = 0;
  /** Whether a rule that is not an exception follows an exception. */
  #canWithhold;
  #meter = { work: 0 };
  /** Work that was already yielded. */
  #yielded = 0;
  constructor(rules, { maxWork = Number.POSITIVE_INFINITY }) {
    this.#rules = rules;
    this.#maxWork = maxWork;
    for (const [number5, { pattern, exception }] of rules.entries()) {
      const { of } = pattern;
      if (of.kind === "path") add(this.#byPath, of.path, number5);
      else if (of.kind === "name") add(this.#byName, of.name, number5);
      else if (of.kind === "depth") add(this.#bySlashes, of.slashes, number5);
      else this.#others.push(number5);
      if (exception) this.#exceptions.push(number5);
    }
    const [first = rules.length] = this.#exceptions;
    this.#canWithhold = rules.some(({ exception }, number5) => number5 > first && !exception);
  }
  excludes(path) {
    return atOnce(this.excluding(path));
  }
  *excluding(path) {
    return this.#excludes((yield* this.#matchesOf(path)).at(-1));
  }
  *letsInBelow(dir) {
    const decider = (yield* this.#matchesOf(dir)).at(-1);
    if (!this.#excludes(decider)) return true;
    for (let at = this.#exceptions.length - 1; at >= 0; at--) {
      const number5 = this.#exceptions[at];
      if (number5 < (decider ?? -1)) return false;
      yield* this.#pay(RULE);
      if (this.#rules[number5]?.pattern.couldMatchBelow(`${dir}/`, this.#meter)) return true;
    }
    return false;
  }
  *withholding(path) {
    return this.#canWithhold && this.#excludes(yield* this.#lastMatchOf(path));
  }
  #excludes(decider) {
    return this.#rules[decider ?? -1]?.exception === false;
  }
  /** The evaluated rules that match a path or a parent. The last one decides. */
  *#matchesOf(path) {
    return yield* this.#fromParents(path, this.#matches, [], (at, above) => this.#consult(at, above));
  }
  /** The last rule that matches a path or a parent, evaluated or not. */
  *#lastMatchOf(path) {
    return yield* this.#fromParents(path, this.#lastMatches, -1, (at, above) => this.#lastMatch(at, above));
  }
  /** Computes a property of a path from that of its parent, starting at the nearest parent with a known value. */
  *#fromParents(path, known2, none, next) {
    if (this.#rules.length === 0 || slashesOf(path) > MAX_DEPTH2) return none;
    let slash = path.lastIndexOf("/");
    let above = none;
    for (; slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
      const found = known2.get(path.slice(0, slash));
      yield* this.#pay(RULE + slash);
      if (found !== void 0) {
        above = found;
        break;
      }
      if (slash === 0) break;
    }
    for (let end = path.indexOf("/", slash + 1); end >= 0; end = path.indexOf("/", end + 1)) {
      const dir = path.slice(0, end);
      above = yield* next(dir, above);
      if (known2.size >= MAX_REMEMBERED) known2.clear();
      known2.set(dir, above);
      this.#forget();
    }
    return yield* next(path, above);
  }
  /** The matching rules, given the `inherited` ones of the parent. */
  *#consult(path, inherited) {
    yield* this.#pay(RULE + path.length);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const certain = [this.#byPath.get(path) ?? [], this.#byName.get(name) ?? []];
    const possible = [this.#bySlashes.get(slashesOf(path)) ?? [], this.#others];
    const lists = [inherited, ...certain, ...possible];
    const cursors = lists.map(() => 0);
    const lastException = this.#exceptions.at(-1) ?? -1;
    const matches = [];
    let isExcluded2 = false;
    for (; ; ) {
      let list = -1;
      let number5 = Number.POSITIVE_INFINITY;
      for (const [index, numbers] of lists.entries()) {
        const head2 = numbers[cursors[index]];
        if (head2 === void 0 || head2 >= number5) continue;
        number5 = head2;
        list = index;
      }
      if (list < 0 || isExcluded2 && number5 > lastException) break;
      for (const [index, numbers] of lists.entries()) {
        if (numbers[cursors[index]] === number5) cursors[index] = cursors[index] + 1;
      }
      yield* this.#pay(RULE);
      const { exception, pattern } = this.#rules[number5];
      if (list > 0) {
        if (exception !== isExcluded2) continue;
        if (list > certain.length && !pattern.matches(path, this.#meter)) continue;
      }
      matches.push(number5);
      isExcluded2 = !exception;
    }
    for (let at = cursors[0]; at < inherited.length; at++) matches.push(inherited[at]);
    if (matches.length === inherited.length) return inherited;
    this.#numbers += matches.length;
    yield* this.#pay(matches.length);
    return matches;
  }
  /** Clears the cache when its lists become too long: many rules may match many directories. */
  #forget() {
    if (this.#numbers < MAX_NUMBERS) return;
    this.#numbers = 0;
    this.#matches.clear();
  }
  /** The last rule after `previous` that matches the path itself; `previous` when there is none. */
  *#lastMatch(path, previous) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    let last3 = Math.max(previous, this.#byPath.get(path)?.at(-1) ?? -1, this.#byName.get(name)?.at(-1) ?? -1);
    yield* this.#pay(RULE + path.length);
    for (const numbers of [this.#bySlashes.get(slashesOf(path)) ?? [], this.#others]) {
      for (let at = numbers.length - 1; at >= 0; at--) {
        const number5 = numbers[at];
        if (number5 <= last3) break;
        yield* this.#pay(RULE);
        if (!this.#rules[number5]?.pattern.matches(path, this.#meter)) continue;
        last3 = number5;
        break;
      }
    }
    return last3;
  }
  *#pay(work) {
    this.#meter.work += work;
    const pending = this.#meter.work - this.#yielded;
    if (pending < PIECE3) return;
    if (this.#meter.work > this.#maxWork)
      throw new PatternError(
        "TOO_MUCH_WORK",
        "the patterns",
        "comparing so many of them with so many paths takes too long"
      );
    this.#yielded = this.#meter.work;
    yield pending;
  }
};
function add(map2, key, number5) {
  const numbers = map2.get(key);
  if (numbers === void 0) map2.set(key, [number5]);
  else numbers.push(number5);
}
function slashesOf(path) {
  let count2 = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count2++;
  return count2;
}
function readRules(patterns) {
  const rules = [];
  for (const line2 of patterns) {
    const trimmed = trim(line2);
    if (trimmed === "") continue;
    const clean = cleanPath(trimmed);
    if (clean === "!") {
      throw new PatternError("EMPTY_EXCEPTION", "an ignore pattern", 'illegal exclusion pattern: "!"');
    }
    const exception = clean.startsWith("!");
    addWork(COMPILING);
    rules.push({ pattern: compileIgnorePattern(exception ? clean.slice(1) : clean), exception });
  }
  return rules;
}

// src/rootfs/path-parts.ts
function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}
function childPath(directory2, name) {
  return directory2 === "" ? name : `${directory2}/${name}`;
}
function isBelow(path, directory2) {
  if (directory2 === "") return path !== "";
  return path.length > directory2.length && path[directory2.length] === "/" && path.startsWith(directory2);
}

// src/context/context-view.ts
var views = /* @__PURE__ */ new WeakMap();
async function contextView(tree, selection) {
  const text2 = JSON.stringify([selection.ignore, selection.include]);
  const known2 = views.get(tree.entries);
  if (known2?.selection === text2) return known2.view.withContentsOf(tree);
  const verdictOf = pathJudgement(selection, { maxWork: MAX_WORK });
  let keepsAll = true;
  const judge = function* (path) {
    const verdict = yield* verdictOf(path);
    if (verdict !== "keep") keepsAll = false;
    return verdict;
  };
  const isUnchanged = await inTurns(isAsBefore(tree, text2, judge));
  const view = isUnchanged ? tree : await inTurns(tree.filter(judge));
  views.set(tree.entries, { selection: text2, view: view.withContents(), keepsAll });
  return view;
}
function pathJudgement({ ignore, include }, options = {}) {
  const matcher = ignoreMatcher(ignore, options);
  const included = include === void 0 ? void 0 : includeJudgement(include);
  return function* (path) {
    yield PATH;
    const verdict = included === void 0 ? "keep" : yield* included(path);
    if (verdict === "drop") return verdict;
    if (!(yield* matcher.excluding(path)) && !(yield* matcher.withholding(path))) return verdict;
    return (yield* matcher.letsInBelow(path)) ? "enter" : "drop";
  };
}
function includeJudgement(include) {
  const plain2 = /* @__PURE__ */ new Set();
  const plainParents = /* @__PURE__ */ new Set();
  const patterns = [];
  for (const text2 of include) {
    const path = cleanPath(text2);
    const pattern = compile2(path);
    if (pattern !== void 0) {
      patterns.push(pattern);
      continue;
    }
    plain2.add(path);
    for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) plainParents.add(parent);
  }
  const kept = /* @__PURE__ */ new Map();
  const meter = { work: 0 };
  function* some(test) {
    for (const pattern of patterns) {
      const before = meter.work;
      if (test(pattern)) return true;
      yield PATTERN + meter.work - before;
    }
    return false;
  }
  function* isMatched(path) {
    return plain2.has(path) || (yield* some((pattern) => pattern.matches(path, meter)));
  }
  function* isBelowKept(directory2) {
    if (directory2 === "") return false;
    let known2 = kept.get(directory2);
    if (known2 === void 0) {
      known2 = (yield* isMatched(directory2)) || (yield* isBelowKept(parentOf(directory2)));
      if (kept.size >= MAX_DIRECTORIES) kept.clear();
      kept.set(directory2, known2);
    }
    return known2;
  }
  return function* (path) {
    if ((yield* isBelowKept(parentOf(path))) || (yield* isMatched(path))) return "keep";
    if (plainParents.has(path)) return "enter";
    return (yield* some((pattern) => pattern.couldMatchBelow(`${path}/`, meter))) ? "enter" : "drop";
  };
}
function compile2(path) {
  if (!/[*?[\\^]/.test(path)) return void 0;
  try {
    return compileIgnorePattern(path);
  } catch (error2) {
    if (error2 instanceof PatternError) return void 0;
    throw error2;
  }
}
var PATH = 512;
var PATTERN = 16;
var MAX_DIRECTORIES = 2e3;
function* isAsBefore(tree, selection, judge) {
  const { origin } = tree;
  const before = origin && views.get(origin.entries);
  if (origin === void 0 || before?.selection !== selection || !before.keepsAll) return false;
  for (const { from, to } of origin.fresh(tree.size)) {
    for (const path of tree.paths(from, to)) if ((yield* judge(path)) !== "keep") return false;
  }
  return true;
}

// src/rootfs/block-contents.ts
var BlockContents = class _BlockContents {
  #reader;
  #list;
  #at;
  size;
  constructor(reader, list, at, size) {
    this.#reader = reader;
    this.#list = list;
    this.#at = at;
    this.size = size;
  }
  prefetch() {
    const found = this.#find();
    if (found === void 0) return;
    let reach = this.size + found.skip;
    for (let block = found.block; block !== void 0 && reach > 0; block = block.next) {
      this.#reader.prefetch(block);
      reach -= block.size;
    }
  }
  part(offset, length) {
    return new _BlockContents(this.#reader, this.#list, this.#at + offset, length);
  }
  stored() {
    return [{ list: this.#list, at: this.#at, size: this.size }];
  }
  async *read() {
    const found = this.#find();
    if (found === void 0) return;
    let { skip: skip3 } = found;
    let missing = this.size;
    for (let block = found.block; missing > 0; block = block.next) {
      if (block === void 0) throw this.#tooFew();
      const data = this.#reader.read(block);
      const part = (data instanceof Uint8Array ? data : await data).subarray(skip3, skip3 + missing);
      missing -= part.length;
      skip3 = 0;
      yield part;
    }
  }
  #find() {
    if (this.size === 0) return void 0;
    const found = this.#list.find(this.#at);
    if (found === void 0) throw this.#tooFew();
    return found;
  }
  #tooFew() {
    return new Error(`Cannot read ${this.size} bytes from byte ${this.#at}: the data has ${this.#list.size}`);
  }
};

// src/compression/members.ts
import {
  constants as constants5,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync
} from "node:zlib";

// src/compression/error.ts
var CompressionError = class extends Error {
  name = "CompressionError";
  code;
  constructor(code, format, reason, options) {
    super(`Cannot decompress ${format}: ${reason}`, options);
    this.code = code;
  }
};
function corruptError(format, reason) {
  return new CompressionError("corrupt", format, reason);
}

// src/compression/members.ts
var OS = 9;
var UNKNOWN_OS = 255;
var COMPRESS_COST = 8;
function gzipMember(bytes2, level) {
  return finishGzipMember(gzipSync(bytes2, gzipOptions(bytes2, level)));
}
function gzipOptions({ length }, level) {
  return { level, chunkSize: chunkFor(length / 2) };
}
function finishGzipMember(output2) {
  const member = plain(output2);
  member[OS] = UNKNOWN_OS;
  return member;
}
function zstdFrame(bytes2, level) {
  return finishZstdFrame(bytes2, zstdCompressSync(bytes2, zstdOptions(bytes2, level)));
}
function zstdOptions({ length }, level) {
  return {
    params: { [constants5.ZSTD_c_compressionLevel]: level },
    chunkSize: chunkFor(length / 2),
    pledgedSrcSize: length,
    ...length > SMALL_INPUT && { finishFlush: constants5.ZSTD_e_flush }
  };
}
function finishZstdFrame({ length }, output2) {
  return length <= SMALL_INPUT ? plain(output2) : concat([output2, LAST_BLOCK]);
}
var SMALL_INPUT = 32768;
var LAST_BLOCK = Uint8Array.of(1, 0, 0);
function inflateMember(bytes2, kind, expectedSize) {
  addWork(MEMBER + expectedSize);
  const options = { maxOutputLength: expectedSize + SLACK, chunkSize: chunkFor(expectedSize) };
  let contents;
  try {
    contents = plain(
      kind === "gzip" ? gunzipSync(bytes2, options) : zstdDecompressSync(fillsBuffer(expectedSize) ? concat([bytes2, SKIPPABLE]) : bytes2, options)
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompressionError("corrupt", kind, reason, { cause });
  }
  if (contents.length !== expectedSize) {
    throw new CompressionError("corrupt", kind, `${contents.length} bytes instead of ${expectedSize}`);
  }
  return contents;
}
var MEMBER = 8192;
var SLACK = 65536;
function fillsBuffer(size) {
  const buffers = size / 40960;
  return Number.isInteger(buffers) && Number.isInteger(Math.log2(buffers));
}
var SKIPPABLE = Uint8Array.of(80, 42, 77, 24, 0, 0, 0, 0);
function chunkFor(size) {
  return Math.max(64, Math.ceil(size) + 1);
}
function plain(bytes2) {
  return new Uint8Array(bytes2.buffer, bytes2.byteOffset, bytes2.length);
}

// src/streams/memory-budget.ts
var WAIT_NOTICE = 2e3;
var MemoryBudget = class {
  #total;
  #used = 0;
  #lent = 0;
  /** Number of running pieces of work that `use` has started. */
  #running = 0;
  #waiting = [];
  #cache;
  /** @param total in bytes */
  constructor(total2) {
    this.#total = total2;
  }
  /** Bytes of the budget. */
  get total() {
    return this.#total;
  }
  set total(bytes2) {
    this.#total = bytes2;
    this.#startNext();
  }
  /** Bytes that are reserved. More than the total only for work that did not fit, and for what is held. */
  get used() {
    return this.#used;
  }
  /** Sets the cache that gives way. */
  attach(cache) {
    this.#cache = cache;
  }
  /**
   * Runs `work` with `bytes` reserved.
   * @throws the reason of the signal when it aborts before the work starts
   */
  async use(bytes2, { signal, onWait }, work) {
    await this.#reserve(bytes2, signal, onWait);
    let reserved = bytes2;
    let isEnded = false;
    const grow = (more) => {
      if (isEnded || !this.#isFree(more)) return false;
      this.#used += more;
      reserved += more;
      return true;
    };
    try {
      return await work({ grow });
    } finally {
      isEnded = true;
      this.#running--;
      this.#release(reserved);
    }
  }
  /** Reserves nothing at first; the loan can grow. */
  lend() {
    let lent = 0;
    const grow = (more) => {
      if (this.#lent + more > this.#total / 2 || !this.#isFree(more)) return false;
      this.#used += more;
      this.#lent += more;
      lent += more;
      return true;
    };
    const end = () => {
      this.#lent -= lent;
      this.#release(lent);
      lent = 0;
    };
    return { grow, [Symbol.dispose]: end };
  }
  /** Reserves bytes whether or not they are free, until the result is disposed of. */
  hold(bytes2) {
    let held = bytes2;
    this.#used += bytes2;
    this.#makeRoom(0);
    const end = () => {
      this.#release(held);
      held = 0;
    };
    return { [Symbol.dispose]: end };
  }
  /** Whether bytes are free that no work waits for. */
  #isFree(bytes2) {
    if (this.#waiting.length > 0 || this.#used + bytes2 > this.#total) return false;
    this.#makeRoom(bytes2);
    return true;
  }
  /** Shrinks the cache so that so many bytes are free, as far as it can. */
  #makeRoom(bytes2) {
    const cached2 = this.#cache?.bytes ?? 0;
    const excess = this.#used + bytes2 + cached2 - this.#total;
    if (cached2 > 0 && excess > 0) this.#cache?.shrink(Math.min(excess, cached2));
  }
  async #reserve(bytes2, signal, onWait) {
    signal.throwIfAborted();
    const { promise: promise2, resolve: resolve2, reject } = Promise.withResolvers();
    const waiter = { bytes: bytes2, start: resolve2 };
    const abort = () => {
      const place2 = this.#waiting.indexOf(waiter);
      if (place2 < 0) return;
      this.#waiting.splice(place2, 1);
      reject(signal.reason);
      this.#startNext();
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.push(waiter);
    this.#startNext();
    const notice = this.#waiting.includes(waiter) && onWait && setTimeout(onWait, WAIT_NOTICE);
    try {
      await promise2;
    } finally {
      if (notice) clearTimeout(notice);
      signal.removeEventListener("abort", abort);
    }
  }
  #release(bytes2) {
    this.#used -= bytes2;
    this.#startNext();
  }
  #startNext() {
    for (let next = this.#waiting[0]; next !== void 0; next = this.#waiting[0]) {
      if (this.#running > 0 && this.#used + next.bytes > this.#total) return;
      this.#waiting.shift();
      this.#running++;
      this.#makeRoom(next.bytes);
      this.#used += next.bytes;
      next.start();
    }
  }
};
var isolateMemory = new MemoryBudget(1024 * 2 ** 20);

// src/store/recent.ts
var MAX_BYTES = 20 * 1024 * 1024;
var MAX_AGE_MS = 5 * 6e4;
var CachedObjects = class {
  #objects = /* @__PURE__ */ new Map();
  bytes = 0;
  get(key) {
    const known2 = this.#objects.get(key);
    if (known2 === void 0) return void 0;
    this.#delete(key, known2);
    if (known2.until <= Date.now()) return void 0;
    this.#add(key, known2);
    return known2;
  }
  set(key, value, size, memory) {
    const known2 = this.#objects.get(key);
    if (known2 !== void 0) this.#delete(key, known2);
    const maxBytes = Math.min(MAX_BYTES, isolateMemory.total - isolateMemory.used);
    if (memory > maxBytes) return;
    this.#add(key, { value, size, memory, until: Date.now() + MAX_AGE_MS });
    this.shrink(this.bytes - maxBytes);
  }
  shrink(bytes2) {
    const goal = this.bytes - bytes2;
    for (const [oldest, object2] of this.#objects) {
      if (this.bytes <= goal) break;
      this.#delete(oldest, object2);
    }
  }
  #add(key, object2) {
    this.#objects.set(key, object2);
    this.bytes += object2.memory;
  }
  #delete(key, { memory }) {
    this.#objects.delete(key);
    this.bytes -= memory;
  }
};
var objects = new CachedObjects();
isolateMemory.attach(objects);
var names = /* @__PURE__ */ new WeakMap();
var stores = 0;
function nameOf2(store) {
  const known2 = names.get(store) ?? stores++;
  names.set(store, known2);
  return known2;
}
var kinds = 0;
var Recent = class {
  #kind = kinds++;
  /** The decoded object under a key and its stored size. Does not check that the object still exists. */
  get(store, key) {
    const known2 = objects.get(this.#keyOf(store, key));
    return known2 && { value: known2.value, size: known2.size };
  }
  /** @param memory bytes of the value in memory */
  set(store, key, value, { size, memory }) {
    objects.set(this.#keyOf(store, key), value, size, memory);
  }
  #keyOf(store, key) {
    return `${nameOf2(store)} ${this.#kind} ${key}`;
  }
};

// src/store/block-reader.ts
var RUN = 2 * 1024 * 1024;
var DEFAULT_AHEAD = 4 * 1024 * 1024;
var DEFAULT_KEPT = 4 * 1024 * 1024;
var READER_MEMORY = DEFAULT_AHEAD + RUN + DEFAULT_KEPT;
var GETS_AT_ONCE = 4;
var spare2 = new Recent();
var BlockReader = class {
  #store;
  #ahead;
  #kept;
  #inflateEarly;
  /** Announced but not requested, in the order of the reads. */
  #queue = /* @__PURE__ */ new Set();
  #fetched = /* @__PURE__ */ new Map();
  /** The least recently used first. */
  #runs = /* @__PURE__ */ new Set();
  #fetchedBytes = 0;
  /** The first block of the last run with each block that was fetched. */
  #seen = /* @__PURE__ */ new Map();
  #fetchesAgain = false;
  #gets = 0;
  #pumpIsDue = false;
  /** The least recently used first. */
  #inflated = /* @__PURE__ */ new Map();
  #inflatedBytes = 0;
  /** The last block that was fetched without an announcement. */
  #demanded;
  constructor(store, { ahead = DEFAULT_AHEAD, kept = DEFAULT_KEPT, inflate: inflate2 } = {}) {
    this.#store = store;
    this.#ahead = ahead;
    this.#kept = kept;
    this.#inflateEarly = inflate2;
  }
  /** Announces that a block will be read soon. */
  prefetch(block) {
    if (this.#queue.has(block) || this.#inflated.has(block)) return;
    const fetched = this.#fetched.get(block);
    if (fetched !== void 0) {
      fetched.unread.add(block);
      return;
    }
    this.#queue.add(block);
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    queueMicrotask(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }
  /** The data of a block, without a promise when it is cached. Callers must not change it. */
  read(block) {
    const inflated = this.#inflated.get(block);
    if (inflated !== void 0) {
      this.#inflated.delete(block);
      this.#inflated.set(block, inflated);
      return inflated;
    }
    const fetched = this.#fetched.get(block)?.parts.get(block);
    if (fetched instanceof Uint8Array) return this.#inflate(block, fetched);
    return this.#readLater(block);
  }
  async #readLater(block) {
    if (!this.#fetched.has(block)) this.#fetchNow(block);
    const bytes2 = await this.#fetched.get(block)?.parts.get(block);
    const inflated = this.#inflated.get(block);
    if (inflated !== void 0) return inflated;
    return this.#inflate(block, bytes2 ?? await this.#received(block, await this.#get(block)));
  }
  /** The form in which `#fetched` keeps a block. */
  #received({ kind, size }, bytes2) {
    return this.#inflateEarly?.(bytes2, kind, size) ?? bytes2;
  }
  /** Bytes in memory of a fetched block. */
  #weight({ length, size }) {
    return this.#inflateEarly ? size : length;
  }
  /** Adds a fetched block to the decompressed ones. */
  #inflate(block, bytes2) {
    const data = this.#inflateEarly ? bytes2 : inflateMember(bytes2, block.kind, block.size);
    const run = this.#fetched.get(block);
    if (run !== void 0) {
      run.unread.delete(block);
      this.#runs.delete(run);
      this.#runs.add(run);
    }
    this.#inflated.set(block, data);
    this.#inflatedBytes += data.length;
    for (const [oldest, { length }] of this.#inflated) {
      if (this.#inflatedBytes <= this.#kept || oldest === block) break;
      this.#inflated.delete(oldest);
      this.#inflatedBytes -= length;
    }
    this.#pump();
    return data;
  }
  /** Fetches a requested block with its announced neighbours, or with more neighbours for sequential reads. */
  #fetchNow(block) {
    if (this.#restore(block)) return;
    const run = [block];
    const readsOn = this.#demanded?.next === block;
    extend2(run, (next) => {
      if (this.#fetched.has(next) || this.#inflated.has(next)) return false;
      return readsOn || this.#queue.has(next);
    });
    this.#demanded = run.at(-1);
    this.#makeRoomNow();
    this.#fetch(run);
  }
  #makeRoomNow() {
    this.#makeRoom();
    this.#makeRoom(true);
  }
  /** Drops runs until another one fits, or no more can be dropped. */
  #makeRoom(evenUnread = false) {
    for (const run of this.#runs) {
      if (this.#fetchedBytes <= this.#ahead) return;
      if (!run.isHere || !evenUnread && run.unread.size > 0) continue;
      this.#drop(run);
      const [first] = run.parts.keys();
      if (!this.#fetchesAgain || first === void 0) continue;
      spare2.set(this.#store, spareKey(first), run, { size: run.weight, memory: run.weight });
    }
  }
  /** Takes the run of an earlier block from spare memory, if it is still there. */
  #restore(block) {
    const first = this.#seen.get(block);
    if (first === void 0) return false;
    this.#fetchesAgain = true;
    const run = spare2.get(this.#store, spareKey(first))?.value;
    if (!run?.parts.has(block)) return false;
    this.#makeRoomNow();
    this.#hold(run);
    run.unread.add(block);
    return true;
  }
  #pump() {
    for (const first of this.#queue) {
      if (this.#gets >= GETS_AT_ONCE) return;
      this.#makeRoom();
      if (this.#fetchedBytes > this.#ahead) return;
      if (this.#restore(first)) continue;
      const run = [first];
      extend2(run, (next) => this.#queue.has(next));
      this.#fetch(run);
    }
  }
  #fetch(blocks) {
    const first = blocks[0];
    let length = 0;
    let weight = 0;
    for (const block of blocks) {
      length += block.length;
      weight += this.#weight(block);
    }
    const bytes2 = this.#get(first, length);
    const run = { parts: /* @__PURE__ */ new Map(), weight, isHere: false, unread: new Set(blocks) };
    const parts = blocks.map(async (block) => {
      const start2 = block.offset - first.offset;
      const part = bytes2.then((all) => this.#received(block, all.subarray(start2, start2 + block.length)));
      run.parts.set(block, part);
      this.#seen.set(block, first);
      run.parts.set(block, await part);
    });
    this.#hold(run);
    this.#gets++;
    Promise.all(parts).then(
      () => {
        run.isHere = true;
      },
      // The readers of the blocks receive the error; the next reader tries again.
      () => this.#drop(run)
    );
    const done2 = () => {
      this.#gets--;
      this.#pump();
    };
    bytes2.then(done2, done2);
  }
  #hold(run) {
    if (!this.#runs.has(run)) this.#fetchedBytes += run.weight;
    this.#runs.add(run);
    for (const block of run.parts.keys()) {
      if (this.#queue.delete(block)) run.unread.add(block);
      this.#fetched.set(block, run);
    }
  }
  #drop(run) {
    this.#runs.delete(run);
    this.#fetchedBytes -= run.weight;
    for (const block of run.parts.keys()) if (this.#fetched.get(block) === run) this.#fetched.delete(block);
  }
  async #get({ key, offset, ...block }, length = block.length) {
    const bytes2 = await this.#store.getBytes(key, { offset, length });
    if (bytes2 === void 0) throw new Error(`Cannot read "${key}": it no longer exists`);
    if (bytes2.length !== length) {
      throw new Error(
        `Cannot read ${length} bytes of "${key}" from byte ${offset}: received ${bytes2.length}`
      );
    }
    return bytes2;
  }
};
function extend2(run, isWanted) {
  let length = run[0]?.length ?? 0;
  for (let next = run[0]?.next; next !== void 0 && isWanted(next); next = next.next) {
    length += next.length;
    if (length > RUN) return;
    run.push(next);
  }
}
function spareKey({ key, offset }) {
  return `${key} ${offset}`;
}

// src/store/blocks.ts
var BlockList2 = class _BlockList {
  blocks;
  /** Bytes of data before each block. */
  #starts;
  /** Bytes of decompressed data. */
  size;
  /** @param offset bytes in the object before the first block */
  constructor(key, kind, lengths, offset = 0) {
    const blocks = [];
    this.#starts = new Float64Array(lengths.length);
    let start2 = 0;
    let at = offset;
    for (const [i, [length, size]] of lengths.entries()) {
      const block = { key, kind, offset: at, length, size, next: void 0 };
      const previous = blocks[i - 1];
      if (previous !== void 0) previous.next = block;
      blocks.push(block);
      this.#starts[i] = start2;
      at += length;
      start2 += size;
    }
    this.blocks = blocks;
    this.size = start2;
  }
  static of({ key, kind, lengths, offset }) {
    return new _BlockList(key, kind, lengths, offset);
  }
  plain() {
    const { key = "", kind = "zstd", offset = 0 } = this.blocks[0] ?? {};
    return { key, kind, lengths: this.blocks.map(({ length, size }) => [length, size]), offset };
  }
  /** The block that contains byte `at` of the data, and the position in it; undefined beyond the end. */
  find(at) {
    if (at >= this.size) return void 0;
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = low + high + 1 >>> 1;
      if (this.#starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return { block: this.blocks[low], skip: at - this.#starts[low] };
  }
};

// src/store/framed.ts
var PREFIX = 12;
var MAGIC = [...new TextEncoder().encode("vrv1")];
var MAX_HEADER = 64 * 1024 * 1024;
var LEVEL2 = 3;
function compressFrame(data) {
  return { bytes: zstdFrame(data, LEVEL2), size: data.length };
}
function encodeFramed(kind, version2, header2, frames) {
  const lengths = frames.map(({ bytes: bytes2, size }) => [bytes2.length, size]);
  const text2 = new TextEncoder().encode(JSON.stringify({ kind, version: version2, frames: lengths, ...header2 }));
  const prefix = new Uint8Array(PREFIX);
  prefix.set(MAGIC);
  new DataView(prefix.buffer).setUint32(8, text2.length, true);
  return [prefix, text2, ...frames.map(({ bytes: bytes2 }) => bytes2)];
}
var OtherFormatError = class extends TypeError {
  name = "OtherFormatError";
};
function decodeFramed(bytes2, kind, version2) {
  const wrong = (what) => new TypeError(`Cannot read a stored ${kind}: ${what}`);
  if (bytes2.length < PREFIX || MAGIC.some((byte, i) => bytes2[i] !== byte))
    throw wrong("the object has another format");
  const length = new DataView(bytes2.buffer, bytes2.byteOffset).getUint32(8, true);
  const offset = PREFIX + length;
  if (length > MAX_HEADER || offset > bytes2.length) throw wrong("its header is incomplete");
  const header2 = parseJson(new TextDecoder().decode(bytes2.subarray(PREFIX, offset)));
  if (header2.kind !== kind || header2.version !== version2) {
    throw new OtherFormatError(
      `Cannot read a stored ${kind} of version ${version2}: it is a ${header2.kind} of version ${header2.version}`
    );
  }
  return {
    header: header2,
    offset,
    *frames() {
      let at = offset;
      for (const [stored, size] of header2.frames) {
        yield inflateMember(bytes2.subarray(at, at + stored), "zstd", size);
        at += stored;
      }
    }
  };
}
var LineFrames = class {
  frames = [];
  #lines = [];
  #length = 0;
  push(line2) {
    this.#lines.push(line2);
    this.#length += line2.length;
    if (this.#length >= LINES_PER_FRAME) this.flush();
  }
  /** Ends the last frame. */
  flush() {
    if (this.#lines.length === 0) return;
    this.frames.push(compressFrame(new TextEncoder().encode(`${this.#lines.join("\n")}
`)));
    this.#lines = [];
    this.#length = 0;
  }
};
var LINES_PER_FRAME = 256 * 1024;

// src/context/pack.ts
function packKey(digest) {
  return `packs/${hexOf(digest)}`;
}
function packBlocks({ digest, offset, blocks }) {
  return new BlockList2(packKey(digest), "zstd", blocks, offset);
}

// src/context/place.ts
var SPAN = 2 ** 32;
function stretchesOf(place2, size) {
  if (typeof place2 === "number") return [stretchAt(place2, size)];
  const stretches = [];
  for (let i = 0; i + 1 < place2.length; i += 2) stretches.push(stretchAt(place2[i] ?? 0, place2[i + 1] ?? 0));
  return stretches;
}
function stretchAt(place2, size) {
  return { pack: Math.floor(place2 / SPAN), at: place2 % SPAN, size };
}

// src/context/pack-reader.ts
function packReader(store, packs, options) {
  const reader = new BlockReader(store, options);
  const lists = [];
  const contentsOf3 = ({ pack: number5, at, size }) => {
    let list = lists[number5];
    if (list === void 0) {
      const pack = packs[number5];
      if (pack === void 0) throw new Error(`Cannot read from pack ${number5}: there is no such pack`);
      list = packBlocks(pack);
      lists[number5] = list;
    }
    return new BlockContents(reader, list, at, size);
  };
  return (place2, size) => {
    const parts = stretchesOf(place2, size).map(contentsOf3);
    const [only] = parts;
    return parts.length === 1 && only !== void 0 ? only : new JoinedContents(parts, size);
  };
}
var JoinedContents = class {
  #parts;
  size;
  constructor(parts, size) {
    this.#parts = parts;
    this.size = size;
  }
  async *read() {
    for (const part of this.#parts) yield* part.read();
  }
  stored() {
    return this.#parts.flatMap((part) => part.stored());
  }
  prefetch() {
    for (const part of this.#parts) part.prefetch();
  }
};

// src/rootfs/line-store.ts
var SEGMENT_BITS = 22;
var SEGMENT_SIZE = 1 << SEGMENT_BITS;
var SEGMENTS = 1 << 32 - SEGMENT_BITS;
var FIRST_SEGMENT = 16 * 1024;
var MAX_FORKS = 64;
var NEWLINE = 10;
var encoder2 = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var LineStore = class _LineStore {
  #segments = [];
  /** Used bytes of the last segment. */
  #used = 0;
  /** Bytes written line by line, excluding adopted and shared bytes. */
  #written = 0;
  /** Number of stores, each a fork of the other, that share bytes with this one. */
  #forks = 0;
  /** Segment number and offset of each line. */
  #places = new Uint32Array(64);
  #count = 0;
  /** Number of lines. */
  get count() {
    return this.#count;
  }
  /** Bytes in memory. Bytes that are shared with other stores count in each of them. */
  get memory() {
    let bytes2 = this.#places.byteLength;
    for (const segment of this.#segments) bytes2 += segment.length;
    return bytes2;
  }
  /** Adds a line (without its end) and returns its number. @throws {RangeError} for one of 4 MiB or more */
  push(line2) {
    const number5 = this.#count;
    this.#reserveNumber();
    this.#places[number5] = this.#write(line2);
    this.#count++;
    return number5;
  }
  /** Replaces a line. The bytes of the old one are not freed. */
  replace(number5, line2) {
    this.#places[number5] = this.#write(line2);
  }
  /**
   * Adds whole lines with their ends, without copying: the store owns `bytes` afterwards. Most efficient with some
   * megabytes per call.
   * @throws {RangeError} when the last line has no end
   */
  pushAll(bytes2) {
    if (bytes2.length > 0 && bytes2.at(-1) !== NEWLINE)
      throw new RangeError("Cannot keep a line without an end");
    for (let start2 = 0; start2 < bytes2.length; ) {
      const end = bytes2.length - start2 <= SEGMENT_SIZE ? bytes2.length : lastLineEnd(bytes2, start2);
      const segment = bytes2.subarray(start2, end);
      this.#addSegment(segment);
      this.#used = segment.length;
      const base = (this.#segments.length - 1) * SEGMENT_SIZE;
      for (let at = 0; at < segment.length; at = segment.indexOf(NEWLINE, at) + 1) {
        this.#reserveNumber();
        this.#places[this.#count++] = base + at;
      }
      start2 = end;
    }
  }
  /** The segment of a line, and its offset there. */
  locate(number5) {
    const place2 = this.#places[number5] ?? 0;
    return { bytes: this.#segments[place2 >>> SEGMENT_BITS], start: place2 & SEGMENT_SIZE - 1 };
  }
  /** The bytes of a line without its end. */
  bytes(number5) {
    const { bytes: bytes2, start: start2 } = this.locate(number5);
    return bytes2.subarray(start2, bytes2.indexOf(NEWLINE, start2));
  }
  text(number5) {
    return decoder.decode(this.bytes(number5));
  }
  /** `sha256:<hex>` of a range of lines with their ends. */
  digest(from, to) {
    const digester = new Digester();
    let run;
    const flush = () => {
      if (run !== void 0) digester.update(run.bytes.subarray(run.start, run.end));
    };
    for (let number5 = from; number5 < to; number5++) {
      const { bytes: bytes2, start: start2 } = this.locate(number5);
      const end = bytes2.indexOf(NEWLINE, start2) + 1;
      if (run?.bytes === bytes2 && run.end === start2) run.end = end;
      else {
        flush();
        run = { bytes: bytes2, start: start2, end };
      }
    }
    flush();
    return digester.digest();
  }
  /** Reorders the lines: the new line 0 is the old line `order[0]`, and so on. */
  reorder(order) {
    const places = new Uint32Array(Math.max(1, order.length));
    for (let i = 0; i < order.length; i++) places[i] = this.#places[order[i]];
    this.#places = places;
    this.#count = order.length;
  }
  /** A store of some of the lines, in this order, which shares their bytes. */
  select(order) {
    const selected = this.fork();
    selected.reorder(order);
    return selected;
  }
  /** A copy that shares the bytes of existing lines. Writes affect only one of the two. */
  fork() {
    const fork = new _LineStore();
    if (this.#forks < MAX_FORKS) {
      fork.#forks = this.#forks + 1;
      fork.#segments.push(...this.#segments);
      fork.#used = this.#segments.at(-1)?.length ?? 0;
      fork.#places = this.#places.slice(0, this.#count);
      fork.#count = this.#count;
    } else {
      for (const { bytes: bytes2 } of this.chunks(0, this.#count, SEGMENT_SIZE / 2)) fork.pushAll(bytes2);
    }
    return fork;
  }
  /** A range of lines, by default all, in chunks of about `size` bytes. */
  *chunks(from = 0, to = this.#count, size = 256 * 1024) {
    let parts = [];
    let length = 0;
    let first = from;
    for (let i = from; i < to; i++) {
      const { bytes: bytes2, start: start2 } = this.locate(i);
      const line2 = bytes2.subarray(start2, bytes2.indexOf(NEWLINE, start2) + 1);
      parts.push(line2);
      length += line2.length;
      if (length < size) continue;
      yield { bytes: concat(parts), from: first, to: i + 1 };
      parts = [];
      length = 0;
      first = i + 1;
    }
    if (length > 0) yield { bytes: concat(parts), from: first, to };
  }
  #write(line2) {
    const maxBytes = line2.length * 3 + 1;
    let segment = this.#segments.at(-1);
    if (segment === void 0 || this.#used + maxBytes > segment.length) {
      segment = this.#makeRoom(line2, maxBytes);
    }
    const start2 = this.#used;
    const { written } = encoder2.encodeInto(line2, segment.subarray(start2));
    segment[start2 + written] = NEWLINE;
    this.#used = start2 + written + 1;
    this.#written += written + 1;
    return (this.#segments.length - 1) * SEGMENT_SIZE + start2;
  }
  #makeRoom(line2, maxBytes) {
    if (maxBytes > SEGMENT_SIZE) throw new RangeError(`Cannot keep a line of ${line2.length} characters`);
    const last3 = this.#segments.at(-1);
    if (last3 !== void 0 && this.#segments.length === 1 && this.#used + maxBytes <= SEGMENT_SIZE) {
      const larger = new Uint8Array(Math.min(SEGMENT_SIZE, Math.max(last3.length * 2, this.#used + maxBytes)));
      larger.set(last3.subarray(0, this.#used));
      this.#segments[0] = larger;
      return larger;
    }
    const size = Math.min(SEGMENT_SIZE, Math.max(FIRST_SEGMENT, this.#written, maxBytes));
    const segment = new Uint8Array(size);
    this.#addSegment(segment);
    this.#used = 0;
    return segment;
  }
  #addSegment(segment) {
    if (this.#segments.length === SEGMENTS) throw new RangeError("Cannot keep more than 4 GiB of lines");
    this.#segments.push(segment);
  }
  #reserveNumber() {
    if (this.#count < this.#places.length) return;
    const larger = new Uint32Array(this.#places.length * 2);
    larger.set(this.#places);
    this.#places = larger;
  }
};
function lastLineEnd(bytes2, start2) {
  const end = bytes2.lastIndexOf(NEWLINE, start2 + SEGMENT_SIZE - 1) + 1;
  if (end <= start2) throw new RangeError("Cannot keep a line of 4 MiB or more");
  return end;
}

// src/tar/text.ts
var decoder2 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var encoder3 = new TextEncoder();
var ESCAPE = 56320;
var SLASH3 = 47;
function decodeName(bytes2) {
  try {
    return decoder2.decode(bytes2);
  } catch {
    return decodeForeign(bytes2);
  }
}
function encodeName(name) {
  if (name.isWellFormed()) return encoder3.encode(name);
  const bytes2 = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (!isSurrogate(code)) bytes2.push(...encoder3.encode(character));
    else if (code >= ESCAPE + 128 && code <= ESCAPE + 255) bytes2.push(code - ESCAPE);
    else
      throw new TypeError(`Cannot encode ${JSON.stringify(name)}: U+${code.toString(16)} is not a character`);
  }
  return Uint8Array.from(bytes2);
}
function comparePaths(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x === SLASH3) return -1;
    if (y === SLASH3) return 1;
    if (isSurrogate(x) || isSurrogate(y)) return compareBytes(a, b);
    return x - y;
  }
  return a.length - b.length;
}
function compareBytes(a, b) {
  const left = encodeName(a);
  const right = encodeName(b);
  const shorter = Math.min(left.length, right.length);
  for (let i = 0; i < shorter; i++) {
    const x = left[i];
    const y = right[i];
    if (x === y) continue;
    if (x === SLASH3) return -1;
    if (y === SLASH3) return 1;
    return x - y;
  }
  return left.length - right.length;
}
function isSurrogate(code) {
  return code >= 55296 && code <= 57343;
}
function decodeForeign(bytes2) {
  let text2 = "";
  let start2 = 0;
  let at = 0;
  while (at < bytes2.length) {
    const length = sequenceLength(bytes2, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text2 += decoder2.decode(bytes2.subarray(start2, at)) + String.fromCharCode(ESCAPE + bytes2[at]);
    at += 1;
    start2 = at;
  }
  return text2 + decoder2.decode(bytes2.subarray(start2));
}
function sequenceLength(bytes2, at) {
  const lead = bytes2[at];
  if (lead < 128) return 1;
  if (lead < 194 || lead > 244) return 0;
  const length = lead < 224 ? 2 : lead < 240 ? 3 : 4;
  if (at + length > bytes2.length) return 0;
  const lowest = lead === 224 ? 160 : lead === 240 ? 144 : 128;
  const highest = lead === 237 ? 159 : lead === 244 ? 143 : 191;
  const second = bytes2[at + 1];
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) {
    if ((bytes2[at + i] & 192) !== 128) return 0;
  }
  return length;
}
function isAscii(text2) {
  for (let i = 0; i < text2.length; i++) if (text2.charCodeAt(i) >= 128) return false;
  return true;
}

// src/rootfs/whiteout.ts
var WHITEOUT = ".wh.";
var OPAQUE_WHITEOUT = ".wh..wh..opq";

// src/rootfs/raw-path.ts
var QUOTE2 = 34;
var BACKSLASH2 = 92;
var SLASH4 = 47;
var PATH_START = 3;
var TO_LETTER = 3;
var DIRECTORY = "d".charCodeAt(0);
var HARD_LINK = "h".charCodeAt(0);
var WHITEOUT_BYTES = [...WHITEOUT].map((character) => character.charCodeAt(0));
var decoder3 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function rawPath(lines, number5) {
  const { bytes: bytes2, start: start2 } = lines.locate(number5);
  const from = start2 + PATH_START;
  let escaped = false;
  let to = from;
  for (; bytes2[to] !== QUOTE2 && to < bytes2.length; to++) {
    if (bytes2[to] !== BACKSLASH2) continue;
    escaped = true;
    to++;
  }
  return { bytes: bytes2, from, to, escaped };
}
function pathText({ bytes: bytes2, from, to, escaped }) {
  if (!escaped) return decoder3.decode(bytes2.subarray(from, to));
  return JSON.parse(decoder3.decode(bytes2.subarray(from - 1, to + 1)));
}
function compareRawPaths(a, b) {
  if (a.escaped || b.escaped) return comparePaths(pathText(a), pathText(b));
  const shorter = Math.min(a.to - a.from, b.to - b.from);
  for (let i = 0; i < shorter; i++) {
    const x = a.bytes[a.from + i];
    const y = b.bytes[b.from + i];
    if (x === y) continue;
    if (x === SLASH4) return -1;
    return y === SLASH4 ? 1 : x - y;
  }
  return a.to - a.from - (b.to - b.from);
}
function isRawPathBelow(path, above) {
  const length = above.to - above.from;
  if (length === 0) return path.to > path.from;
  if (path.to - path.from <= length || path.bytes[path.from + length] !== SLASH4) return false;
  for (let i = length - 1; i >= 0; i--) {
    if (path.bytes[path.from + i] !== above.bytes[above.from + i]) return false;
  }
  return true;
}
function isWhiteout({ bytes: bytes2, from, to }) {
  let name = to;
  while (name > from && bytes2[name - 1] !== SLASH4) name--;
  return WHITEOUT_BYTES.every((byte, i) => bytes2[name + i] === byte);
}
function isDirectory({ bytes: bytes2, to }) {
  return bytes2[to + TO_LETTER] === DIRECTORY;
}
function isHardLink({ bytes: bytes2, to }) {
  return bytes2[to + TO_LETTER] === HARD_LINK;
}

// src/rootfs/measure-table.ts
var LINE = 128;
var PIECE4 = 1 << 18;
function* measureTable(lines) {
  const spans = new Uint32Array(lines.count);
  const open3 = [];
  let hasWhiteouts = false;
  const hardLinks = [];
  let cost = 0;
  for (let number5 = 0; number5 < lines.count; number5++) {
    const path = rawPath(lines, number5);
    cost += LINE + path.to - path.from;
    if (cost > PIECE4) {
      yield cost;
      cost = 0;
    }
    for (let top = open3.at(-1); top !== void 0 && !isRawPathBelow(path, top.path); top = open3.at(-1)) {
      spans[top.number] = number5 - top.number;
      open3.pop();
    }
    hasWhiteouts ||= isWhiteout(path);
    if (isHardLink(path)) hardLinks.push(number5);
    open3.push({ number: number5, path });
  }
  for (const { number: number5 } of open3) spans[number5] = lines.count - number5;
  return { spans, hasWhiteouts, hardLinks };
}

// src/rootfs/listing-line.ts
var CHARACTER = 4;
function formatListingLine(node2) {
  return line(node2, {});
}
function line(node2, extra) {
  const { path, type, mode, uid, gid, size, linkname, digest, device: device2, xattrs } = node2;
  const text2 = linkname === void 0 ? `"${digest ?? ""}"` : JSON.stringify(linkname);
  const columns = `${JSON.stringify(path)},"${type}",${mode},${uid},${gid},${size},${text2}`;
  if (device2 === void 0 && xattrs === void 0 && extra.mtime === void 0) return `[${columns}]`;
  const rest = {
    ...device2 && { device: [device2.major, device2.minor] },
    ...xattrs && { xattrs },
    ...extra
  };
  const others = JSON.stringify(rest);
  addWork(CHARACTER * others.length);
  return `[${columns},${others}]`;
}

// src/rootfs/node-line.ts
var SEPARATOR = "	";
var CHARACTER2 = 4;
var SHA256 = "sha256:";
var NO_CONTENTS = { size: 0, async *read() {
} };
function encodeNode(node2, place2, size = node2.size) {
  const { path, linkname, digest, mtime } = node2;
  if (digest !== void 0 && !digest.startsWith(SHA256))
    throw new TypeError(`Cannot record "${path}": its digest ${digest} is not SHA-256`);
  const rest = {
    ...node2.implied && { implied: true },
    ...linkname !== void 0 && digest !== void 0 && { target: [digest, size] }
  };
  let text2 = `[${formatListingLine(node2)},${SEPARATOR}${mtime}`;
  const hasRest = rest.implied !== void 0 || rest.target !== void 0;
  if (place2 !== void 0 || hasRest) text2 += `,${JSON.stringify(place2 ?? null)}`;
  if (hasRest) text2 += `,${JSON.stringify(rest)}`;
  return `${text2}]`;
}
function decodeNode(line2, contentsAt) {
  addWork(CHARACTER2 * line2.length);
  const [listed, mtime, place2, rest] = JSON.parse(line2);
  const [path, type, mode, uid, gid, size, text2, { device: device2, xattrs } = {}] = listed;
  const node2 = { path, type, mode, uid, gid, mtime, size };
  if (type === "symlink" || type === "hardlink") node2.linkname = text2;
  const [digest, bytes2] = rest?.target ?? [type === "file" ? text2 : "", size];
  if (digest) {
    node2.digest = digest;
    if (contentsAt !== void 0) {
      if (digest === NO_BYTES) node2.contents = NO_CONTENTS;
      else if (place2 !== void 0 && place2 !== null) node2.contents = contentsAt(place2, bytes2);
    }
  }
  if (rest?.implied) node2.implied = true;
  if (device2 !== void 0) node2.device = { major: device2[0], minor: device2[1] };
  if (xattrs !== void 0) node2.xattrs = xattrs;
  return node2;
}
function decodePlaced(line2) {
  let place2;
  const node2 = decodeNode(line2, (at) => {
    place2 = at;
    return NO_CONTENTS;
  });
  return { node: node2, place: place2 };
}
function decodePlace(line2) {
  addWork(CHARACTER2 * line2.length);
  const [listed, , place2, rest] = JSON.parse(line2);
  return { place: place2 ?? void 0, size: rest?.target?.[1] ?? listed[5] };
}

// src/rootfs/origin.ts
var Origin = class {
  /** `EntryTable.entries` of the older table. */
  entries;
  #shared;
  constructor(entries, shared) {
    this.entries = entries;
    this.#shared = shared;
  }
  /** The new number of the first of some lines of the older table, when all of them are shared and consecutive. */
  find(from, to) {
    let low = 0;
    let high = this.#shared.length;
    while (low < high) {
      const middle = low + high >>> 1;
      if (this.#shared[middle].before <= from) low = middle + 1;
      else high = middle;
    }
    const stretch = this.#shared[low - 1];
    if (stretch === void 0 || to > stretch.before + stretch.count) return void 0;
    return stretch.now + from - stretch.before;
  }
  /** Ranges of lines of this table, which has `size`, that the older one does not have. */
  *fresh(size) {
    let from = 0;
    for (const { now, count: count2 } of this.#shared) {
      if (now > from) yield { from, to: now };
      from = now + count2;
    }
    if (size > from) yield { from, to: size };
  }
};

// src/rootfs/path-index.ts
var encoder4 = new TextEncoder();
var LINE2 = 64;
var PIECE5 = 1 << 18;
var GONE = -1;
var PathIndex = class _PathIndex {
  #lines;
  /**
   * Line number + 1, or 0, or `GONE`. Its length is a power of two, two to eight times the number of non-zero slots.
   */
  #slots = new Int32Array(64);
  #count = 0;
  constructor(lines) {
    this.#lines = lines;
  }
  /** Bytes in memory. */
  get memory() {
    return this.#slots.byteLength;
  }
  /** The number of the line with this path, or -1. */
  find(path) {
    const { hash: hash3, escaped } = hashOf(path);
    const mask = this.#slots.length - 1;
    for (let slot = hash3 & mask; ; slot = slot + 1 & mask) {
      const entry = this.#slots[slot];
      if (entry === 0) return -1;
      if (entry === GONE) continue;
      const number5 = entry - 1;
      const { bytes: bytes2, start: start2 } = this.#lines.locate(number5);
      if (hasPath(bytes2, start2 + PATH_START, path, escaped)) return number5;
    }
  }
  /** Adds a line with a new path. */
  insert(number5) {
    if (this.#count * 2 >= this.#slots.length) this.#rehash(this.#slots.length * 4);
    this.#put(number5);
    this.#count++;
  }
  /** Rebuilds the index for all lines. Works in pieces: see `inTurns`. */
  *rebuildInPieces() {
    this.#count = this.#lines.count;
    let size = 64;
    while (size < this.#count * 2) size *= 2;
    this.#slots = new Int32Array(size);
    let cost = 0;
    for (let number5 = 0; number5 < this.#count; number5++) {
      cost += LINE2 + this.#put(number5);
      if (cost < PIECE5) continue;
      yield cost;
      cost = 0;
    }
  }
  /**
   * The index of a store with renumbered lines: `numbers` has the new number of each line, or -1 for a removed line.
   */
  renumber(lines, numbers) {
    const index = new _PathIndex(lines);
    index.#count = this.#count;
    index.#slots = this.#slots.map((entry) => {
      if (entry <= 0) return entry;
      const number5 = numbers[entry - 1];
      return number5 < 0 ? GONE : number5 + 1;
    });
    return index;
  }
  #rehash(size) {
    const old = this.#slots;
    this.#slots = new Int32Array(size);
    this.#count = 0;
    for (const entry of old) {
      if (entry <= 0) continue;
      this.#put(entry - 1);
      this.#count++;
    }
  }
  /** Adds a line; returns the length of its path. */
  #put(number5) {
    const { bytes: bytes2, start: start2 } = this.#lines.locate(number5);
    let hash3 = randomSeed();
    let at = start2 + PATH_START;
    for (; bytes2[at] !== QUOTE2 && at < bytes2.length; at++) {
      if (bytes2[at] === BACKSLASH2) hash3 = mix(hash3, bytes2[at++]);
      hash3 = mix(hash3, bytes2[at]);
    }
    const mask = this.#slots.length - 1;
    let slot = finish(hash3) & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    this.#slots[slot] = number5 + 1;
    return at - start2;
  }
};
var seed;
var last;
function randomSeed() {
  seed ??= Math.random() * 4294967296 | 0;
  return seed;
}
function hashOf(path) {
  if (last?.path === path) return last;
  const escaped = isPlain(path) ? void 0 : inJson(path);
  let hash3 = randomSeed();
  if (escaped === void 0) {
    for (let i = 0; i < path.length; i++) hash3 = mix(hash3, path.charCodeAt(i));
  } else {
    for (const byte of escaped) hash3 = mix(hash3, byte);
  }
  last = { path, hash: finish(hash3), escaped };
  return last;
}
function hasPath(bytes2, from, path, escaped) {
  const length = escaped === void 0 ? path.length : escaped.length;
  if (bytes2[from + length] !== QUOTE2) return false;
  if (escaped === void 0) {
    for (let i = 0; i < length; i++) if (bytes2[from + i] !== path.charCodeAt(i)) return false;
  } else {
    for (let i = 0; i < length; i++) if (bytes2[from + i] !== escaped[i]) return false;
  }
  return true;
}
function isPlain(path) {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code < 32 || code >= 128 || code === QUOTE2 || code === BACKSLASH2) return false;
  }
  return true;
}
function inJson(path) {
  return encoder4.encode(JSON.stringify(path).slice(1, -1));
}
function mix(hash3, byte) {
  const mixed = Math.imul(hash3 ^ byte, 1540483477);
  return mixed ^ mixed >>> 15;
}
function finish(hash3) {
  const mixed = Math.imul(hash3 ^ hash3 >>> 13, 3266489909);
  return mixed ^ mixed >>> 16;
}

// src/rootfs/sort-lines.ts
var LINES_PER_PIECE = 2048;
var LINE3 = 64;

// src/rootfs/settle-links.ts
var DECODING = 4096;
function* settleLinks(lines, index) {
  const firstNames = /* @__PURE__ */ new Map();
  for (let number5 = 0; number5 < lines.count; number5++) {
    if (number5 % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE3;
    if (!isHardLink(rawPath(lines, number5))) continue;
    yield DECODING;
    const line2 = lines.text(number5);
    const { linkname = "", ...link } = decodeNode(line2);
    if (link.digest === void 0) continue;
    const target = index.find(linkname);
    if (target >= 0 && decodeNode(lines.text(target)).digest === link.digest) continue;
    const file2 = `${link.digest} ${linkname}`;
    const first = firstNames.get(file2);
    if (first === void 0) firstNames.set(file2, link.path);
    const { place: place2, size } = decodePlace(line2);
    const settled = first === void 0 ? encodeNode({ ...link, type: "file", size }, place2) : encodeNode({ ...link, linkname: first }, place2, size);
    lines.replace(number5, settled);
  }
}

// src/rootfs/entry-error.ts
var MAX_LINE = 1024 * 1024;
var EntryError = class extends Error {
  name = "EntryError";
  constructor(path, reason) {
    super(`Cannot place the entry "${path}": ${reason}`);
  }
};
function requireShortLine(path, line2) {
  if (line2.length > MAX_LINE) throw new EntryError(path, "its extended attributes are too large");
}

// src/rootfs/table-patch.ts
var TablePatch = class {
  /** Ranges of lines of the base that the new table does not have. */
  dropped = [];
  #base;
  /** The lines of the base, followed by the new ones. */
  #lines;
  #shared = [];
  /**
   * For each new line: its number in the store, its number in the new table, and the number of the replaced line, or
   * -1.
   */
  #put = [];
  /** By path, the number of lines added below it. */
  #growth = [];
  /** Paths of new directories. */
  #directories = /* @__PURE__ */ new Set();
  #hasWhiteouts;
  /** First line of the base that was not processed. */
  #next = 0;
  /** Lines of the new table so far. */
  #count = 0;
  constructor(base) {
    this.#base = base;
    this.#lines = base.lines.fork();
    this.#hasWhiteouts = base.hasWhiteouts;
  }
  /** Number of entries, including the root and the rest of the base. */
  get size() {
    return this.#count + this.#base.lines.count - this.#next;
  }
  /**
   * Writes an entry, which must not be a hard link, replacing an existing one. Entries below survive only when a
   * directory replaces a directory. Returns false when its parent does not exist.
   * @throws {EntryError}
   */
  put(node2, place2) {
    const { path } = node2;
    const parent = parentOf(path);
    if (!this.#directories.has(parent) && !this.#keepsDirectory(parent)) return false;
    const text2 = encodeNode(node2, place2);
    requireShortLine(path, text2);
    const line2 = this.#lines.push(text2);
    const raw = rawPath(this.#lines, line2);
    const replaced = this.#find(path);
    this.#keepTo(replaced < 0 ? this.#placeFor(raw) : replaced);
    const dropped = replaced < 0 ? 0 : this.#staysOpen(replaced, raw) ? 1 : this.#spanOf(replaced);
    this.#drop(dropped);
    this.#grow(path, 1 - dropped);
    this.#put.push({ line: line2, now: this.#count++, replaced });
    this.#hasWhiteouts ||= isWhiteout(raw);
    if (node2.type === "dir") this.#directories.add(path);
    return true;
  }
  /** Removes an entry and everything below it. Returns false when it does not exist. */
  remove(path) {
    const number5 = this.#find(path);
    if (number5 < 0) return false;
    this.#keepTo(number5);
    const span = this.#spanOf(number5);
    this.#drop(span);
    this.#grow(path, -span);
    return true;
  }
  /** The parts of the new table, and what it shares with the base. The patch cannot be used afterwards. */
  finish() {
    this.#keepTo(this.#base.lines.count);
    const order = new Uint32Array(this.#count);
    const spans = new Uint32Array(this.#count);
    const numbers = new Int32Array(this.#base.lines.count).fill(-1);
    for (const { before, now, count: count2 } of this.#shared) {
      spans.set(this.#base.spans.subarray(before, before + count2), now);
      for (let i = 0; i < count2; i++) {
        order[now + i] = before + i;
        numbers[before + i] = now + i;
      }
    }
    for (const { line: line2, now, replaced } of this.#put) {
      const isOpen = replaced >= 0 && this.#staysOpen(replaced, rawPath(this.#lines, line2));
      spans[now] = isOpen ? this.#spanOf(replaced) : 1;
      order[now] = line2;
      if (replaced >= 0) numbers[replaced] = now;
    }
    this.#lines.reorder(order);
    const index = this.#base.index.renumber(this.#lines, numbers);
    for (const { now, replaced } of this.#put) if (replaced < 0) index.insert(now);
    for (const { path, lines } of this.#growth) {
      for (let above = path; above !== ""; ) {
        above = parentOf(above);
        const number5 = index.find(above);
        spans[number5] = spans[number5] + lines;
      }
    }
    return {
      parts: { lines: this.#lines, index, spans, hasWhiteouts: this.#hasWhiteouts, hardLinks: [] },
      shared: this.#shared
    };
  }
  #spanOf(number5) {
    return this.#base.spans[number5];
  }
  /** The number of an unprocessed line of the base, or -1. */
  #find(path) {
    const number5 = this.#base.index.find(path);
    return number5 < this.#next ? -1 : number5;
  }
  /** Paths are in order, so only the last dropped range can contain the parent. */
  #keepsDirectory(path) {
    const number5 = this.#base.index.find(path);
    const last3 = this.dropped.at(-1);
    if (number5 < 0 || last3 !== void 0 && number5 >= last3.from && number5 < last3.to) return false;
    return isDirectory(rawPath(this.#base.lines, number5));
  }
  /** Whether both are directories. */
  #staysOpen(replaced, raw) {
    return isDirectory(raw) && isDirectory(rawPath(this.#base.lines, replaced));
  }
  /** The first line of the base after a path. */
  #placeFor(path) {
    let low = this.#next;
    let high = this.#base.lines.count;
    while (low < high) {
      const middle = low + high >>> 1;
      if (compareRawPaths(rawPath(this.#base.lines, middle), path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  #keepTo(end) {
    const count2 = end - this.#next;
    if (count2 === 0) return;
    this.#shared.push({ before: this.#next, now: this.#count, count: count2 });
    this.#next = end;
    this.#count += count2;
  }
  #drop(count2) {
    if (count2 === 0) return;
    this.dropped.push({ from: this.#next, to: this.#next + count2 });
    this.#next += count2;
  }
  #grow(path, lines) {
    if (lines !== 0) this.#growth.push({ path, lines });
  }
};

// src/rootfs/tree.ts
function* walkChildren(tree, path) {
  for (const node2 of tree.children(path)) {
    yield node2;
    if (node2.type === "dir") yield* walkChildren(tree, node2.path);
  }
}
function readContents({ path, contents }) {
  if (contents === void 0) throw new TypeError(`Cannot read "${path}": it is not a file of this tree`);
  return contents.read();
}

// src/rootfs/entry-table.ts
var LISTED_START = 1;
var SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);
var NEWLINE2 = 10;
var LISTING_CHUNK = 64 * 1024;
var EntryTable = class _EntryTable {
  #parts;
  #contentsAt;
  /** The relation to the table that this one was patched from. */
  origin;
  /** The table that this one was filtered from. */
  #whole;
  /** Cached fingerprints by path. */
  #fingerprints;
  /**
   * Creates a table from `lines` in path order without duplicates, each after its parent, the root first: see
   * `TableBuilder`. Works in pieces: see `inTurns`.
   */
  static *making(lines, index, contentsAt) {
    return new _EntryTable({ lines, index, ...yield* measureTable(lines) }, contentsAt);
  }
  constructor(parts, contentsAt, origin, fingerprints = /* @__PURE__ */ new Map()) {
    this.#parts = parts;
    this.#contentsAt = contentsAt;
    this.origin = origin;
    this.#fingerprints = fingerprints;
  }
  /** Creates a table from lines written by `chunks`, without checking their order. Works in pieces: see `inTurns`. */
  static *fromLines(chunks2, contentsAt) {
    const lines = new LineStore();
    for (const chunk of chunks2) {
      lines.pushAll(chunk);
      yield 4 * chunk.length;
    }
    const index = new PathIndex(lines);
    yield* index.rebuildInPieces();
    return yield* _EntryTable.making(lines, index, contentsAt);
  }
  /** An object that all tables with these entries share, regardless of their contents. */
  get entries() {
    return this.#parts.lines;
  }
  /** Whether some name begins with `.wh.`, here or in a table that this one was patched from. */
  get hasWhiteouts() {
    return this.#parts.hasWhiteouts;
  }
  /** Whether some entry is a hard link. */
  get hasHardLinks() {
    return this.#parts.hardLinks.length > 0;
  }
  /** This table with contents read by `contentsAt`; without it, files have no contents. */
  withContents(contentsAt) {
    const table = new _EntryTable(this.#parts, contentsAt, this.origin, this.#fingerprints);
    table.#whole = this.#whole;
    return table;
  }
  /** This table with the contents of another one. */
  withContentsOf(other) {
    return this.withContents(other.#contentsAt);
  }
  /** Bytes in memory. Bytes that are shared with other tables count in each of them. */
  get memory() {
    const { lines, index, spans } = this.#parts;
    return lines.memory + index.memory + spans.byteLength;
  }
  /** Number of entries, including the root. */
  get size() {
    return this.#parts.lines.count;
  }
  /** Number of entries at and below a path. */
  sizeAt(path) {
    const number5 = this.#parts.index.find(path);
    return number5 < 0 ? 0 : this.#parts.spans[number5];
  }
  lookup(path) {
    const number5 = this.#parts.index.find(path);
    return number5 < 0 ? void 0 : this.#node(number5);
  }
  /** The number of an entry in this table, for `at`. */
  numberOf(path) {
    const number5 = this.#parts.index.find(path);
    return number5 < 0 ? void 0 : number5;
  }
  /** The entry with a number. */
  at(number5) {
    return this.#node(number5);
  }
  /** The hard links, in path order. */
  *hardLinks() {
    for (const number5 of this.#parts.hardLinks) yield this.#node(number5);
  }
  /**
   * `sha256:<hex>` of everything stored about the entries at and below a path, including times and places. Undefined
   * when the path does not exist.
   */
  fingerprint(path) {
    const known2 = this.#fingerprints.get(path);
    if (known2 !== void 0) return known2;
    const first = this.#parts.index.find(path);
    if (first < 0) return void 0;
    const fingerprint3 = this.#parts.lines.digest(first, this.#endOf(first));
    this.#fingerprints.set(path, fingerprint3);
    return fingerprint3;
  }
  *children(path) {
    const parent = this.#parts.index.find(path);
    if (parent < 0) return;
    const end = this.#endOf(parent);
    for (let number5 = parent + 1; number5 < end; number5 = this.#endOf(number5)) yield this.#node(number5);
  }
  *walk(path) {
    const parent = this.#parts.index.find(path);
    if (parent < 0) return;
    const end = this.#endOf(parent);
    for (let number5 = parent + 1; number5 < end; number5++) yield this.#node(number5);
  }
  read(node2) {
    return readContents(node2);
  }
  /**
   * A table of some of the entries, including the root, which shares the lines of this one. A hard link to an excluded
   * entry becomes a file. Works in pieces: see `inTurns`.
   * @param judge decides about each entry; also works in pieces
   */
  *filter(judge) {
    const kept = [];
    let waiting2 = [];
    for (let number5 = 0; number5 < this.#parts.lines.count; ) {
      const verdict = number5 === 0 ? "keep" : yield* judge(pathText(rawPath(this.#parts.lines, number5)));
      if (verdict === "drop") {
        number5 = this.#endOf(number5);
        continue;
      }
      while (waiting2.length > 0 && this.#endOf(waiting2.at(-1)) <= number5) waiting2.pop();
      if (verdict === "keep") {
        for (const directory2 of waiting2) kept.push(directory2);
        kept.push(number5);
        waiting2 = [];
      } else {
        waiting2.push(number5);
      }
      number5++;
    }
    if (kept.length === this.size) return this;
    const lines = this.#parts.lines.select(Uint32Array.from(kept));
    const index = new PathIndex(lines);
    yield* index.rebuildInPieces();
    yield* settleLinks(lines, index);
    const part = yield* _EntryTable.making(lines, index, this.#contentsAt);
    part.#whole = this.whole;
    return part;
  }
  /** The table that this one was filtered from, or else this one. */
  get whole() {
    return this.#whole ?? this;
  }
  /** The paths of a range of lines. */
  *paths(from, to) {
    for (let number5 = from; number5 < to; number5++) yield pathText(rawPath(this.#parts.lines, number5));
  }
  /** Starts a patch of this table. @throws {TypeError} when it has hard links */
  patch() {
    if (this.hasHardLinks) throw new TypeError("Cannot patch a table that has hard links");
    return new TablePatch(this.#parts);
  }
  /** The table that results from a patch of this one. */
  applyPatch(patch, contentsAt) {
    const { parts, shared } = patch.finish();
    const origin = new Origin(this.entries, shared);
    const fingerprints = new Map(this.#fingerprints);
    for (const path of fingerprints.keys()) {
      const first = this.#parts.index.find(path);
      const span = this.#parts.spans[first];
      const now = origin.find(first, first + span);
      if (now === void 0 || parts.spans[now] !== span) fingerprints.delete(path);
    }
    return new _EntryTable(parts, contentsAt, origin, fingerprints);
  }
  /** The canonical listing: the lines of all entries except the root, in path order, each ended by a line feed. */
  *listingChunks() {
    let chunk = new Uint8Array(LISTING_CHUNK);
    let used = 0;
    for (let number5 = 1; number5 < this.#parts.lines.count; number5++) {
      const { bytes: bytes2, start: start2 } = this.#parts.lines.locate(number5);
      const listed = bytes2.subarray(start2 + LISTED_START, bytes2.indexOf(SEPARATOR_BYTE, start2) - 1);
      if (used + listed.length + 1 > chunk.length) {
        yield chunk.subarray(0, used);
        chunk = new Uint8Array(Math.max(LISTING_CHUNK, listed.length + 1));
        used = 0;
      }
      chunk.set(listed, used);
      used += listed.length;
      chunk[used++] = NEWLINE2;
    }
    yield chunk.subarray(0, used);
  }
  /** All entries except the root, or a range of them, in path order, with the places of their contents. */
  *placed(from = 1, to = this.size) {
    for (let number5 = from; number5 < to; number5++) yield decodePlaced(this.#parts.lines.text(number5));
  }
  /** Digests, places and sizes of all non-empty files. */
  *places() {
    for (const { node: node2, place: place2 } of this.placed()) {
      const { digest, type, size } = node2;
      if (type === "file" && digest !== void 0 && place2 !== void 0) yield { digest, place: place2, size };
    }
  }
  /** The lines, or a range of them, for `fromLines`. */
  chunks(from, to) {
    return this.#parts.lines.chunks(from, to);
  }
  /** The number of the first line after those below a line. */
  #endOf(number5) {
    return number5 + this.#parts.spans[number5];
  }
  #node(number5) {
    return decodeNode(this.#parts.lines.text(number5), this.#contentsAt);
  }
};

// src/context/usage.ts
var ENTRY = 2048;
var PackUsage = class _PackUsage {
  /** Bytes of all files. */
  bytes;
  /** Number of file ranges in each pack, by number of the pack, up to the last used one. */
  stretches;
  constructor(bytes2 = 0, stretches = []) {
    this.bytes = bytes2;
    this.stretches = [...stretches];
  }
  /** Works in pieces: see `inTurns`. */
  static *of(tree) {
    const usage = new _PackUsage();
    for (const { node: node2, place: place2 } of tree.placed()) {
      if (node2.type === "file" && place2 !== void 0) usage.add(place2, node2.size);
      yield ENTRY;
    }
    return usage;
  }
  /** Adds a file at a place. */
  add(place2, size) {
    this.#count(place2, size, 1);
  }
  remove(place2, size) {
    this.#count(place2, size, -1);
  }
  /** The used packs at their numbers; undefined for the others. */
  packsOf(packs) {
    return packs.slice(0, this.stretches.length).map((pack, number5) => this.stretches[number5] ? pack : void 0);
  }
  #count(place2, size, by) {
    this.bytes += by * size;
    for (const { pack } of stretchesOf(place2, size)) {
      while (this.stretches.length <= pack) this.stretches.push(0);
      this.stretches[pack] = (this.stretches[pack] ?? 0) + by;
    }
    while (this.stretches.at(-1) === 0) this.stretches.pop();
  }
};

// src/context/store.ts
var KIND = "context";
var VERSION = 2;
var recent = new Recent();
function contextKey(digest) {
  return `contexts/${hexOf(digest)}`;
}
async function openContext(store, digest, key = contextKey(digest)) {
  const known2 = recent.get(store, key);
  if (known2 !== void 0 && (await store.head(key))?.size === known2.size) {
    const { packs: packs2, tree: tree2 } = known2.value;
    return { ...known2.value, tree: tree2.withContents(packReader(store, packs2)) };
  }
  const read = await readStored(store, key);
  if (read === void 0) return void 0;
  const { stored, packs, size } = read;
  const usage = new PackUsage(...stored.header.usage);
  const tree = await inTurns(EntryTable.fromLines(stored.frames(), packReader(store, packs)));
  const context = { digest, packs, usage, tree };
  remember(store, key, context, size);
  return context;
}
async function readStored(store, key) {
  const bytes2 = await store.getBytes(key);
  const stored = bytes2 && decode3(bytes2);
  if (stored === void 0) return void 0;
  const packs = stored.header.packs.map((pack) => {
    return pack === null ? void 0 : { digest: pack[0], offset: pack[1], blocks: pack[2] };
  });
  return { stored, packs, size: bytes2?.length ?? 0 };
}
function decode3(bytes2) {
  try {
    return decodeFramed(bytes2, KIND, VERSION);
  } catch (error2) {
    if (error2 instanceof OtherFormatError) return void 0;
    throw error2;
  }
}
function remember(store, key, context, size) {
  const { digest, packs, usage, tree } = context;
  let memory = size + tree.memory;
  for (const pack of packs) memory += BLOCK * (pack?.blocks.length ?? 0);
  recent.set(store, key, { digest, packs, usage, tree: tree.withContents() }, { size, memory });
}
var BLOCK = 64;
var MAX_HEADERS = 256 * 1024;

// src/oci/content-key.ts
function blobKey(digest) {
  return contentKey("blobs", digest);
}
function contentKey(folder, digest) {
  const { algorithm, encoded } = requireDigest(digest);
  return `${folder}/${algorithm}/${encoded}`;
}

// src/store/block-packer.ts
var BLOCK_BYTES = 256 * 1024;
var BLOCK_LEVEL = 1;
var BLOCK_COMPRESS_COST = 4;
var BlockPacker = class {
  #buffer = new Uint8Array(BLOCK_BYTES);
  #filled = 0;
  #before = 0;
  #ready = [];
  #readyBytes = 0;
  /** Compressed and decompressed sizes of the blocks so far. */
  lengths = [];
  /** Bytes of data so far. */
  get size() {
    return this.#before + this.#filled;
  }
  /** Bytes of the blocks that `take` returns. */
  get readyBytes() {
    return this.#readyBytes;
  }
  /** Bytes that still fit into the current block. */
  get room() {
    return BLOCK_BYTES - this.#filled;
  }
  add(bytes2) {
    for (let at = 0; at < bytes2.length; ) {
      const part = bytes2.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_BYTES) this.flush();
    }
  }
  /** Ends the current block. */
  flush() {
    if (this.#filled === 0) return;
    addWork(BLOCK_COMPRESS_COST * this.#filled);
    const block = zstdFrame(this.#buffer.subarray(0, this.#filled), BLOCK_LEVEL).slice();
    this.lengths.push([block.length, this.#filled]);
    this.#ready.push(block);
    this.#readyBytes += block.length;
    this.#before += this.#filled;
    this.#filled = 0;
  }
  /** Removes and returns the finished blocks. */
  take() {
    const ready = this.#ready;
    this.#ready = [];
    this.#readyBytes = 0;
    return ready;
  }
};

// src/streams/byte-reader.ts
var NOTHING = new Uint8Array(0);
var ByteReader = class {
  #source;
  #chunk = NOTHING;
  #at = 0;
  #ended = false;
  /** Bytes received before the current chunk. */
  #before = 0;
  constructor(source) {
    this.#source = source[Symbol.asyncIterator]();
  }
  /** Bytes read or skipped so far. */
  get offset() {
    return this.#before + this.#at;
  }
  /** The next `n` bytes if all of them are buffered; otherwise undefined, without consuming any. */
  take(n) {
    const end = this.#at + n;
    if (end > this.#chunk.length) return void 0;
    const bytes2 = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return bytes2;
  }
  /** The next `n` bytes; fewer only at the end of the source. Memory grows with the received bytes, not with `n`. */
  async read(n) {
    const parts = [];
    let missing = n;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === void 0) break;
      parts.push(part);
      missing -= part.length;
    }
    return concat(parts);
  }
  /** The buffered part of the next `maxBytes` bytes, without consuming it or waiting. */
  atHand(maxBytes) {
    return this.#chunk.subarray(this.#at, this.#at + maxBytes);
  }
  /** Between 1 and `maxBytes` bytes, as many as are buffered; undefined at the end of the source. */
  async some(maxBytes) {
    if (this.#at === this.#chunk.length && !await this.#pull()) return void 0;
    const end = Math.min(this.#chunk.length, this.#at + maxBytes);
    const bytes2 = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return bytes2;
  }
  /** The next `n` bytes without consuming them; fewer only at the end of the source. */
  async peek(n) {
    const bytes2 = await this.read(n);
    this.unread(bytes2);
    return bytes2;
  }
  /** Skips `n` bytes; returns how many there were, fewer only at the end of the source. */
  async skip(n) {
    let missing = n;
    while (missing > 0) {
      if (this.#at === this.#chunk.length && !await this.#pull()) break;
      const step = Math.min(missing, this.#chunk.length - this.#at);
      this.#at += step;
      missing -= step;
    }
    return n - missing;
  }
  /** The next `n` bytes in chunks; fewer only at the end of the source. */
  async *stream(n = Number.POSITIVE_INFINITY) {
    let missing = n;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === void 0) return;
      missing -= part.length;
      yield part;
    }
  }
  async atEnd() {
    return this.#at === this.#chunk.length && !await this.#pull();
  }
  /** Ends the source, which may discard unread bytes. */
  async close() {
    if (this.#ended) return;
    this.#ended = true;
    this.#before += this.#at;
    this.#chunk = NOTHING;
    this.#at = 0;
    await this.#source.return?.();
  }
  /** Returns the most recently read bytes, or the end of them, to the reader. */
  unread(bytes2) {
    if (this.#at >= bytes2.length) {
      this.#at -= bytes2.length;
      return;
    }
    const offset = this.offset - bytes2.length;
    this.#chunk = concat([bytes2, this.#chunk.subarray(this.#at)]);
    this.#at = 0;
    this.#before = offset;
  }
  /** Makes the next non-empty chunk current; returns false at the end. */
  async #pull() {
    while (!this.#ended) {
      let result2;
      try {
        result2 = await this.#source.next();
      } catch (error2) {
        this.#ended = true;
        throw error2;
      }
      if (result2.done) {
        this.#ended = true;
        break;
      }
      const turn = spend(result2.value.length);
      if (turn !== void 0) await turn;
      if (result2.value.length === 0) continue;
      this.#before += this.#chunk.length;
      this.#chunk = result2.value;
      this.#at = 0;
      return true;
    }
    return false;
  }
};

// src/tar/error.ts
var TarError = class extends Error {
  name = "TarError";
  code;
  /** Name of the member as written; undefined before the first named member. */
  entry;
  constructor(code, entry, reason) {
    super(
      entry === void 0 ? `Cannot read tar: ${reason}` : `Cannot read tar entry ${quoteName(entry)}: ${reason}`
    );
    this.code = code;
    this.entry = entry;
  }
};
function quoteName(name) {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}
function truncatedError(entry, missing) {
  return new TarError("truncated", entry, `unexpected EOF, ${missing} bytes are missing`);
}
var HeaderError = class extends Error {
  name = "HeaderError";
  code;
  constructor(reason, code = "bad-header") {
    super(reason);
    this.code = code;
  }
};

// src/tar/header.ts
var TAR_BLOCK = 512;
var USTAR = 1970500705;
function readHeader(block) {
  checkSum(block);
  const format = formatOf(block);
  const header2 = {
    name: text(block, 0, 100),
    linkname: text(block, 157, 100),
    mode: number4(block, 100, 8, "mode"),
    uid: number4(block, 108, 8, "uid"),
    gid: number4(block, 116, 8, "gid"),
    size: number4(block, 124, 12, "size"),
    mtime: number4(block, 136, 12, "mtime"),
    type: String.fromCharCode(block[156]),
    major: 0,
    minor: 0,
    format
  };
  if (format === "v7") return header2;
  header2.major = number4(block, 329, 8, "devmajor");
  header2.minor = number4(block, 337, 8, "devminor");
  if (format === "gnu" || block[345] === 0) return header2;
  header2.name = `${text(block, 345, format === "star" ? 131 : 155)}/${header2.name}`;
  return header2;
}
function isZero(block) {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}
function paddingSize(size) {
  return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}
function formatOf(block) {
  const magic = block[257] << 24 | block[258] << 16 | block[259] << 8 | block[260];
  if (magic !== USTAR || block[261] !== 114) return "v7";
  if (block[262] === 32) return "gnu";
  const isStar = block[508] === 116 && block[509] === 97 && block[510] === 114 && block[511] === 0;
  return isStar ? "star" : "ustar";
}
function checkSum(block) {
  const written = number4(block, 148, 8, "checksum");
  const unsigned = sumBytes(block);
  if (written === unsigned) return;
  let negative = 0;
  for (let i = 0; i < TAR_BLOCK; i++) {
    if ((i < 148 || i >= 156) && block[i] >= 128) negative += 256;
  }
  if (written === unsigned - negative) return;
  throw new HeaderError(`header checksum is ${written}, the block sums to ${unsigned}`, "bad-checksum");
}
function sumBytes(block) {
  let sum = 8 * 32;
  for (let i = 0; i < 148; i++) sum += block[i];
  for (let i = 156; i < TAR_BLOCK; i++) sum += block[i];
  return sum;
}
function text(block, at, length) {
  let end = at;
  const limit = at + length;
  while (end < limit && block[end] !== 0) end++;
  return end === at ? "" : decodeName(block.subarray(at, end));
}
function number4(block, at, length, field) {
  if (block[at] >= 128) return binaryNumber(block, at, length, field);
  let i = at;
  let end = at + length;
  while (i < end && isPadding(block[i])) i++;
  while (end > i && isPadding(block[end - 1])) end--;
  let value = 0;
  for (; i < end; i++) {
    const digit = block[i] - 48;
    if (digit === -48) break;
    if (digit < 0 || digit > 7) throw new HeaderError(`${field} is not an octal number`);
    value = value * 8 + digit;
  }
  return value;
}
function isPadding(byte) {
  return byte === 32 || byte === 0;
}
function binaryNumber(block, at, length, field) {
  const first = block[at];
  const isNegative = (first & 64) !== 0;
  const invert = isNegative ? 255 : 0;
  let value = (first ^ invert) & 127;
  for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] ^ invert);
  if (isNegative) value = -value - 1;
  if (!Number.isSafeInteger(value)) throw new HeaderError(`${field} is out of range`);
  return value;
}

// src/streams/base64.ts
function toBase64(bytes2) {
  let text2 = "";
  for (let i = 0; i < bytes2.length; i += 8192) {
    text2 += String.fromCharCode(...bytes2.subarray(i, i + 8192));
  }
  return btoa(text2);
}
function fromBase64(text2) {
  return Uint8Array.from(atob(text2), (character) => character.charCodeAt(0));
}

// src/streams/trim-end.ts
function trimEnd(text2, character) {
  let end = text2.length;
  while (end > 0 && text2[end - 1] === character) end--;
  return text2.slice(0, end);
}

// src/tar/pax.ts
var XATTR = "SCHILY.xattr.";
var MAX_XATTRS = 1e3;
var SPARSE_MAP = "GNU.sparse.map";
var RECORD = 1024;
var SPACE2 = 32;
var NEWLINE3 = 10;
var EQUALS = 61;
var COMMA = Uint8Array.of(44);
function readPax(bytes2) {
  const records = /* @__PURE__ */ new Map();
  const sparseMap = [];
  let at = 0;
  while (at < bytes2.length) {
    addWork(RECORD);
    let length = 0;
    let i = at;
    for (; bytes2[i] !== SPACE2; i++) {
      const digit = (bytes2[i] ?? 0) - 48;
      if (digit < 0 || digit > 9 || i - at > 9) throw new HeaderError("a record has no length");
      length = length * 10 + digit;
    }
    const end = at + length;
    const equals = bytes2.indexOf(EQUALS, i);
    if (end > bytes2.length || equals < 0 || equals >= end - 1 || bytes2[end - 1] !== NEWLINE3) {
      throw new HeaderError("a record has the wrong length");
    }
    const keyword = decodeName(bytes2.subarray(i + 1, equals));
    const value = bytes2.subarray(equals + 1, end - 1);
    if (keyword === "" || keyword.includes("\0")) throw new HeaderError("a record has no keyword");
    if (keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes") sparseMap.push(value, COMMA);
    else records.set(keyword, value);
    at = end;
  }
  if (sparseMap.length > 0) records.set(SPARSE_MAP, concat(sparseMap.slice(0, -1)));
  return records;
}
function writePax(records) {
  const parts = [];
  for (const [keyword, value] of records) {
    addWork(RECORD);
    const name = encodeName(keyword);
    const bytes2 = typeof value === "string" ? encodeName(value) : value;
    const rest = name.length + bytes2.length + 3;
    let length = rest + String(rest).length;
    length = rest + String(length).length;
    parts.push(encodeName(`${length} ${keyword}=`), bytes2, Uint8Array.of(NEWLINE3));
  }
  return concat(parts);
}
function paxText(records, keyword) {
  const value = records.get(keyword);
  if (value === void 0 || value.length === 0) return void 0;
  if (value.includes(0)) throw new HeaderError(`${keyword} contains NUL`);
  return decodeName(value);
}
function paxInteger(records, keyword) {
  const value = paxText(records, keyword);
  if (value === void 0) return void 0;
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) {
    throw new HeaderError(`${keyword} is not a number`);
  }
  return Number(value);
}
function paxTime(records, keyword) {
  const value = paxText(records, keyword);
  if (value === void 0) return void 0;
  if (!/^-?\d{1,15}(\.\d{0,40})?$/.test(value)) throw new HeaderError(`${keyword} is not a time`);
  return Number(value);
}
function paxXattrs(records) {
  const found = [];
  for (const [keyword, value] of records) {
    if (!keyword.startsWith(XATTR)) continue;
    if (found.length === MAX_XATTRS) throw new HeaderError(`more than ${MAX_XATTRS} extended attributes`);
    addWork(RECORD);
    found.push([keyword.slice(XATTR.length), toBase64(value)]);
  }
  if (found.length === 0) return void 0;
  found.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(found);
}
function decimalTime(seconds) {
  const shortest = String(seconds);
  if (/^-?\d+(\.\d{1,9})?$/.test(shortest)) return shortest;
  return trimEnd(trimEnd(seconds.toFixed(9), "0"), ".");
}

// src/tar/sparse.ts
var MapReader = class {
  #reader;
  #name;
  #maxBytes;
  /** Bytes read. */
  bytes = 0;
  constructor(reader, name, maxBytes) {
    this.#reader = reader;
    this.#name = name;
    this.#maxBytes = maxBytes;
  }
  async next() {
    this.bytes += TAR_BLOCK;
    if (this.bytes > this.#maxBytes) throw new HeaderError(`sparse map of more than ${this.#maxBytes} bytes`);
    const turn = spend(16 * TAR_BLOCK);
    if (turn !== void 0) await turn;
    const block = await this.#reader.read(TAR_BLOCK);
    if (block.length < TAR_BLOCK) throw truncatedError(this.#name, TAR_BLOCK - block.length);
    return block;
  }
};
var SEGMENT = 1024;
function isSparse(type, records) {
  if (type === "S") return true;
  return records.size > 0 && (isLeadingMap(records) || records.has(SPARSE_MAP));
}
async function readHoles(header2, records, stored, blocks) {
  if (isLeadingMap(records)) {
    const segments = await readLeadingMap(blocks);
    return checkSegments(segments, paxSize(records), stored - blocks.bytes);
  }
  if (records.has(SPARSE_MAP)) return checkSegments(readPaxMap(records), paxSize(records), stored);
  return checkSegments(await readOldMap(header2, blocks), number4(header2, 483, 12, "real size"), stored);
}
function isLeadingMap(records) {
  return paxInteger(records, "GNU.sparse.major") === 1 && paxInteger(records, "GNU.sparse.minor") === 0;
}
function paxSize(records) {
  const size = paxInteger(records, "GNU.sparse.realsize") ?? paxInteger(records, "GNU.sparse.size");
  if (size === void 0) throw new HeaderError("sparse file without a size");
  return size;
}
function checkSegments(segments, size, stored) {
  addWork(SEGMENT * segments.length);
  let end = 0;
  let total2 = 0;
  for (const { offset, length } of segments) {
    if (offset < end || length < 0) throw new HeaderError("sparse map out of order");
    end = offset + length;
    total2 += length;
  }
  if (end > size) throw new HeaderError("sparse map beyond the end of the file");
  if (total2 !== stored) throw new HeaderError("sparse map and size contradict each other");
  return { segments, size, stored };
}
async function readOldMap(header2, blocks) {
  const segments = [];
  addOldSegments(segments, header2, 386, 4);
  let isExtended = header2[482] !== 0;
  while (isExtended) {
    const block = await blocks.next();
    addOldSegments(segments, block, 0, 21);
    isExtended = block[504] !== 0;
  }
  return segments;
}
function addOldSegments(segments, block, at, max) {
  for (let i = 0; i < max; i++, at += 24) {
    if (block[at] === 0 || block[at + 12] === 0) return;
    segments.push({
      offset: number4(block, at, 12, "sparse offset"),
      length: number4(block, at + 12, 12, "sparse length")
    });
  }
}
function readPaxMap(records) {
  const text2 = paxText(records, SPARSE_MAP);
  const numbers = text2 === void 0 ? [] : text2.split(",").map(decimal);
  if (numbers.length % 2 !== 0) throw new HeaderError("sparse map with an odd count of numbers");
  return pairs(numbers);
}
async function readLeadingMap(blocks) {
  const numbers = [];
  let count2 = 1;
  let line2 = "";
  while (numbers.length < count2) {
    for (const byte of await blocks.next()) {
      if (numbers.length === count2) break;
      if (byte !== NEWLINE4) {
        line2 += String.fromCharCode(byte);
        if (line2.length > 20) throw new HeaderError("sparse map without numbers");
        continue;
      }
      numbers.push(decimal(line2));
      line2 = "";
      if (numbers.length === 1) count2 = 1 + 2 * numbers[0];
    }
  }
  return pairs(numbers.slice(1));
}
var NEWLINE4 = 10;
var ZEROS = new Uint8Array(65536);
async function* expand(stored, segments, size) {
  let at = 0;
  let chunk = ZEROS.subarray(0, 0);
  for (const { offset, length } of segments) {
    const turn = spend(SEGMENT);
    if (turn !== void 0) await turn;
    yield* zeros(offset - at);
    at = offset + length;
    for (let missing = length; missing > 0; ) {
      if (chunk.length === 0) chunk = (await stored.next()).value;
      const part = chunk.subarray(0, missing);
      chunk = chunk.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
  yield* zeros(size - at);
}
function* zeros(count2) {
  for (let missing = count2; missing > 0; missing -= ZEROS.length) {
    yield missing < ZEROS.length ? ZEROS.subarray(0, missing) : ZEROS;
  }
}
function pairs(numbers) {
  const segments = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    segments.push({ offset: numbers[i], length: numbers[i + 1] });
  }
  return segments;
}
function decimal(text2) {
  if (!/^\d{1,16}$/.test(text2) || !Number.isSafeInteger(Number(text2))) {
    throw new HeaderError("sparse map without numbers");
  }
  return Number(text2);
}

// src/tar/body.ts
var MemberBody = class {
  /** Bytes of the member that were not read yet. */
  left;
  #reader;
  #name;
  #holes;
  #isClosed = false;
  constructor(reader, name, stored, holes) {
    this.#reader = reader;
    this.#name = name;
    this.left = stored;
    this.#holes = holes;
  }
  [Symbol.asyncIterator]() {
    const stored = this.#stored();
    return this.#holes === void 0 ? stored : expand(stored, this.#holes.segments, this.#holes.size);
  }
  /** Called when the archive continues with the next member. */
  close() {
    this.#isClosed = true;
  }
  async *#stored() {
    while (this.left > 0) {
      if (this.#isClosed) throw new Error(`Cannot read ${this.#name}: the next member was already requested`);
      const part = await this.#reader.some(this.left);
      if (part === void 0) throw truncatedError(this.#name, this.left);
      this.left -= part.length;
      yield part;
    }
  }
};
var WholeBody = class {
  #bytes;
  constructor(bytes2) {
    this.#bytes = bytes2;
  }
  async *[Symbol.asyncIterator]() {
    if (this.#bytes.length > 0) yield this.#bytes;
  }
};

// src/tar/extensions.ts
var NO_EXTENSIONS = { records: /* @__PURE__ */ new Map() };
var FLAGS = "xgLK";
function isExtension(header2) {
  return FLAGS.includes(header2.type);
}
async function readExtension(header2, reader, before, maxBytes) {
  const { size, type } = header2;
  if (size < 0 || size > maxBytes) throw new HeaderError(`extended header of ${size} bytes`);
  const bytes2 = reader.take(size) ?? await reader.read(size);
  if (bytes2.length < size) throw truncatedError(header2.name, size - bytes2.length);
  await reader.skip(paddingSize(size));
  if (type === "x") return { ...before, records: readPax(bytes2) };
  if (type === "g") readPax(bytes2);
  if (type === "L") return { ...before, name: untilNul(bytes2) };
  if (type === "K") return { ...before, linkname: untilNul(bytes2) };
  return before;
}
function untilNul(bytes2) {
  const end = bytes2.indexOf(0);
  return decodeName(end < 0 ? bytes2 : bytes2.subarray(0, end));
}

// src/tar/path.ts
var NAME_LIMITS = { maxNameBytes: 4096, maxDepth: 512 };
var MAX_NAME_BYTES = 255;
var UNCLEAN = /(?:^|\/)\.{0,2}(?:\/|$)/;
function entryPath(name, escapes, limits2, entry = name) {
  checkLength(name, limits2.maxNameBytes, entry);
  let path = name.endsWith("/") ? name.slice(0, -1) : name;
  if (UNCLEAN.test(path)) {
    const refuse = () => {
      throw new TarError("escapes", entry, `"${path.slice(0, 300)}" leads out of the root`);
    };
    path = namesInRoot(path, escapes === "refuse" ? refuse : void 0).join("/");
  }
  if (path.length > limits2.maxDepth || path.length > MAX_NAME_BYTES / 3)
    checkNames(path, limits2.maxDepth, entry);
  return path;
}
function checkLength(name, maxBytes, entry) {
  if (name.length * 3 <= maxBytes) return;
  if (name.length > maxBytes || encodeName(name).length > maxBytes) {
    throw new TarError("name-too-long", entry, `a name is longer than ${maxBytes} bytes`);
  }
}
function isTooLong(path) {
  const { maxNameBytes, maxDepth } = NAME_LIMITS;
  if (path.length <= MAX_NAME_BYTES / 3 && path.length <= maxDepth) return false;
  try {
    checkLength(path, maxNameBytes, path);
    checkNames(path, maxDepth, path);
    return false;
  } catch (error2) {
    if (error2 instanceof TarError) return true;
    throw error2;
  }
}
function namesInRoot(path, onEscape) {
  const names2 = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names2.push(name);
    else if (names2.pop() === void 0) onEscape?.();
  }
  return names2;
}
function pathInRoot(path) {
  return namesInRoot(path).join("/");
}
function checkNames(path, maxDepth, entry) {
  let depth2 = 1;
  let start2 = 0;
  for (let i = 0; i <= path.length; i++) {
    if (i < path.length && path.charCodeAt(i) !== 47) continue;
    if (i - start2 > MAX_NAME_BYTES / 3) checkLength(path.slice(start2, i), MAX_NAME_BYTES, entry);
    start2 = i + 1;
    if (i < path.length) depth2 += 1;
  }
  if (depth2 > maxDepth) throw new TarError("too-deep", entry, `more than ${maxDepth} directories`);
}

// src/tar/to-entry.ts
var TYPES = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "dir",
  "6": "fifo",
  // GNU: sparse file.
  S: "file"
};
var IDS = 2 ** 32;
var MAX_DEVICE = 2 ** 32 - 1;
function memberName(header2, extensions) {
  const { records } = extensions;
  return extensions.name ?? paxText(records, "GNU.sparse.name") ?? paxText(records, "path") ?? header2.name;
}
function toEntry(header2, extensions, name, options) {
  const type = typeOf(header2, name);
  const { records } = extensions;
  const hasRecords = records.size > 0;
  const path = entryPath(name, options.escapes, options);
  const entry = {
    path,
    type,
    mode: header2.mode & 4095,
    uid: id(paxInteger(records, "uid") ?? header2.uid),
    gid: id(paxInteger(records, "gid") ?? header2.gid),
    mtime: paxTime(records, "mtime") ?? header2.mtime,
    size: 0
  };
  if (path === "" && type !== "dir") throw new TarError("bad-name", name, "only a directory can be the root");
  if (type === "symlink" || type === "hardlink") {
    const target = extensions.linkname ?? paxText(records, "linkpath") ?? header2.linkname;
    entry.linkname = linkTarget(type, target, name, options);
  } else if (type === "char" || type === "block") {
    entry.device = {
      major: device(paxInteger(records, "SCHILY.devmajor") ?? header2.major),
      minor: device(paxInteger(records, "SCHILY.devminor") ?? header2.minor)
    };
  }
  const xattrs = hasRecords ? paxXattrs(records) : void 0;
  if (xattrs !== void 0) entry.xattrs = xattrs;
  return entry;
}
function bodySize(header2, extensions, type) {
  if (type !== "file") return 0;
  const size = paxInteger(extensions.records, "size") ?? header2.size;
  if (size < 0) throw new HeaderError(`a size of ${size} bytes`);
  return size;
}
function typeOf(header2, name) {
  if (header2.type === "\0" && name.endsWith("/")) return "dir";
  const type = Object.hasOwn(TYPES, header2.type) ? TYPES[header2.type] : void 0;
  if (type !== void 0) return type;
  throw new TarError("unsupported-type", name, `type ${JSON.stringify(header2.type)} is unknown`);
}
function linkTarget(type, target, name, options) {
  if (target === "") throw new TarError("bad-name", name, "a link without a target");
  if (type === "hardlink") return entryPath(target, options.escapes, options, name);
  checkLength(target, options.maxNameBytes - 1, name);
  return target;
}
function id(value) {
  return (value % IDS + IDS) % IDS;
}
function device(value) {
  if (value < 0 || value > MAX_DEVICE) throw new HeaderError(`a device number of ${value}`);
  return value;
}

// src/tar/read.ts
var DEFAULTS = {
  escapes: "clamp",
  maxEntries: 5e5,
  ...NAME_LIMITS,
  maxBytes: 16 * 2 ** 30,
  maxPaxBytes: 2 ** 20,
  drain: true
};
var SMALL = 65536;
var HEADER = 16384;
var EXTENSIONS_PER_ENTRY = 16;
async function* readTar(source, options = {}) {
  const limits2 = { ...DEFAULTS, ...options };
  const reader = new ByteReader(source);
  const count2 = new Count(limits2);
  const last3 = { name: void 0 };
  try {
    for (; ; ) {
      const head2 = await readHead(reader, count2, limits2, last3);
      if (head2 === void 0) break;
      if (head2 === "global") continue;
      const { entry, name, stored, holes } = head2;
      count2.entry(name, entry.size);
      const bytes2 = holes === void 0 ? reader.take(stored) ?? await readSmall(reader, name, stored) : void 0;
      if (bytes2 !== void 0) {
        yield { entry, name, body: new WholeBody(bytes2), bytes: bytes2 };
      } else {
        const body = new MemberBody(reader, name, stored, holes);
        yield { entry, name, body, bytes: bytes2 };
        body.close();
        await skip(reader, name, body.left);
      }
      const pad = paddingSize(stored);
      if (reader.take(pad) === void 0) await reader.skip(pad);
    }
    if (limits2.drain) await reader.skip(Number.POSITIVE_INFINITY);
  } catch (error2) {
    throw error2 instanceof HeaderError ? new TarError(error2.code, last3.name, error2.message) : error2;
  } finally {
    await reader.close();
  }
}
async function readHead(reader, count2, limits2, last3) {
  for (let extensions = NO_EXTENSIONS; ; ) {
    const turn = spend(HEADER);
    if (turn !== void 0) await turn;
    const block = reader.take(TAR_BLOCK) ?? await readBlock(reader, last3.name);
    if (block === void 0 || block[0] === 0 && isZero(block)) {
      if (extensions !== NO_EXTENSIONS) {
        throw block === void 0 ? truncatedHeader(last3.name) : new HeaderError("extended header without a member");
      }
      if (block !== void 0) await expectZeros(reader);
      return void 0;
    }
    const header2 = parse3(block, last3.name);
    last3.name = header2.name;
    if (isExtension(header2)) {
      count2.extension(header2.name);
      extensions = await readExtension(header2, reader, extensions, limits2.maxPaxBytes);
      if (header2.type === "g") return "global";
      continue;
    }
    const name = memberName(header2, extensions);
    last3.name = name;
    const entry = toEntry(header2, extensions, name, limits2);
    let stored = bodySize(header2, extensions, entry.type);
    let holes;
    if (entry.type === "file" && isSparse(header2.type, extensions.records)) {
      const map2 = new MapReader(reader, name, limits2.maxPaxBytes);
      holes = await readHoles(block, extensions.records, stored, map2);
      stored = holes.stored;
    }
    if (entry.type === "file") entry.size = holes?.size ?? stored;
    return { entry, name, stored, holes };
  }
}
async function readBlock(reader, after) {
  const block = await reader.read(TAR_BLOCK);
  if (block.length === 0) return void 0;
  if (block.length < TAR_BLOCK) throw truncatedHeader(after);
  return block;
}
async function expectZeros(reader) {
  const block = reader.take(TAR_BLOCK) ?? await reader.read(TAR_BLOCK);
  if (!isZero(block)) throw new HeaderError("a header after the end of the archive");
}
function parse3(block, after) {
  try {
    return readHeader(block);
  } catch (error2) {
    if (!(error2 instanceof HeaderError)) throw error2;
    throw new TarError(error2.code, void 0, `${error2.message}${place(after)}`);
  }
}
function truncatedHeader(after) {
  return new TarError("truncated", void 0, `unexpected EOF in a header${place(after)}`);
}
function place(after) {
  return after === void 0 ? ", at the start" : `, after ${JSON.stringify(after.slice(0, 300))}`;
}
async function skip(reader, name, count2) {
  const missing = count2 - await reader.skip(count2);
  if (missing > 0) throw truncatedError(name, missing);
}
async function readSmall(reader, name, size) {
  if (size > SMALL) return void 0;
  const bytes2 = await reader.read(size);
  if (bytes2.length < size) throw truncatedError(name, size - bytes2.length);
  return bytes2;
}
var Count = class {
  #limits;
  #entries = 0;
  #extensions = 0;
  #bytes = 0;
  constructor(limits2) {
    this.#limits = limits2;
  }
  entry(name, size) {
    const { maxEntries, maxBytes } = this.#limits;
    this.#entries += 1;
    this.#extensions = 0;
    this.#bytes += size;
    if (this.#entries > maxEntries)
      throw new TarError("too-many-entries", name, `more than ${maxEntries} entries`);
    if (this.#bytes > maxBytes) throw new TarError("too-large", name, `more than ${maxBytes} bytes of files`);
  }
  extension(name) {
    this.#extensions += 1;
    if (this.#extensions > EXTENSIONS_PER_ENTRY) {
      throw new TarError(
        "too-many-entries",
        name,
        `more than ${EXTENSIONS_PER_ENTRY} extended headers in a row`
      );
    }
  }
};

// src/streams/verify.ts
var SizeMismatchError = class extends Error {
  name = "SizeMismatchError";
  expected;
  actual;
  constructor(digest, expected, actual) {
    const how = actual > expected ? "received more" : `received ${actual}`;
    super(`Cannot verify ${digest}: ${expected} bytes were promised, ${how}`);
    this.expected = expected;
    this.actual = actual;
  }
};
var ContentMismatchError = class extends Error {
  name = "ContentMismatchError";
  actual;
  constructor(expected, actual) {
    super(`Cannot verify ${expected}: the bytes have digest ${actual}`);
    this.actual = actual;
  }
};
async function* verifyChunks(source, expected) {
  const digester = new Digester(algorithmOf(expected.digest));
  const promised = expected.size ?? Number.POSITIVE_INFINITY;
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > promised) throw new SizeMismatchError(expected.digest, promised, size);
    const turn = spend(chunk.length);
    if (turn !== void 0) await turn;
    digester.update(chunk);
    yield chunk;
  }
  if (expected.size !== void 0 && size < promised) {
    throw new SizeMismatchError(expected.digest, promised, size);
  }
  const actual = digester.digest();
  if (actual !== expected.digest) throw new ContentMismatchError(expected.digest, actual);
}
function algorithmOf(digest) {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  if (algorithm === "sha256" || algorithm === "sha512") return algorithm;
  throw new TypeError(`Cannot verify ${digest}: its algorithm is neither sha256 nor sha512`);
}

// src/layers/refusal.ts
var LayerRefusedError = class extends Error {
  name = "LayerRefusedError";
};

// src/layers/portions.ts
var UnsupportedWorkError = class extends Error {
  name = "UnsupportedWorkError";
};
var MAX_RESTARTS = 5;
async function inPortions(what, advance2) {
  let restarts = 0;
  for (let number5 = 0; ; number5++) {
    const portion = await advance2(number5);
    if (portion.state === "done") return portion.result;
    if (portion.state === "refused") throw new LayerRefusedError(portion.message);
    if (portion.state === "more") continue;
    if (++restarts > MAX_RESTARTS) throw new Error(`Cannot ${what}: its state was lost ${restarts} times`);
    number5 = -1;
  }
}

// src/layers/foreign-workers.ts
var LARGE_LAYER = 1024 * 1024;
var workers = /* @__PURE__ */ new WeakMap();
async function makeElsewhere(store, { digest, size, mediaType, diffId }, part) {
  const worker = workers.get(store)?.();
  if (worker === void 0) return false;
  const stored = await store.head(blobKey(digest));
  if (stored === void 0 || stored.size <= LARGE_LAYER) return false;
  const layer = { digest, size, mediaType, diffId };
  try {
    await inPortions(`read layer ${digest}`, (number5) => worker.read(number5, layer, part));
    return true;
  } catch (error2) {
    if (error2 instanceof UnsupportedWorkError) return false;
    throw error2;
  }
}

// src/compression/bits.ts
var MARGIN = 4;
var BitReader = class {
  #bytes;
  #end;
  #at = 0;
  constructor(bytes2) {
    this.#bytes = new Uint8Array(bytes2.length + MARGIN);
    this.#bytes.set(bytes2);
    this.#end = bytes2.length * 8;
  }
  /** Bits read so far. */
  get position() {
    return this.#at;
  }
  /** The next `count` bits, 1 to 24. */
  read(count2) {
    const value = this.peek(count2);
    this.skip(count2);
    return value;
  }
  /** The next `count` bits, 1 to 24, without consuming them; zeros after the end. */
  peek(count2) {
    const bytes2 = this.#bytes;
    const i = this.#at >>> 3;
    const word2 = bytes2[i] << 24 | bytes2[i + 1] << 16 | bytes2[i + 2] << 8 | bytes2[i + 3];
    return word2 << (this.#at & 7) >>> 32 - count2;
  }
  /** @throws {CompressionError} (`truncated`) when there are fewer bits left */
  skip(count2) {
    this.#at += count2;
    if (this.#at > this.#end) throw new CompressionError("truncated", "bzip2", "unexpected EOF");
  }
  /** Advances to the next whole byte. */
  align() {
    this.#at = this.#at + 7 & ~7;
  }
};

// src/compression/bzip2-block.ts
var MAX_CODE_LENGTH = 20;
var FAST_BITS = 10;
var GROUP = 50;
var GROUPS = 2e3;
var NOTHING2 = new Uint8Array(0);
function* readBlock2(bits, table) {
  if (bits.read(1) === 1)
    throw new CompressionError("unsupported", "bzip2", "a randomised block of bzip2 0.9.0");
  const start2 = bits.read(24);
  const alphabet = readAlphabet(bits);
  const { codes, selectors } = readCodes(bits, alphabet.length + 2);
  const length = yield* readSymbols(bits, codes, selectors, alphabet, table);
  if (length === 0 || start2 >= length) throw corruptError("bzip2", "block starts outside of itself");
  linkColumns(table, length);
  yield NOTHING2;
  yield* undoRuns(table, length, start2);
}
function readAlphabet(bits) {
  const used = bits.read(16);
  const alphabet = [];
  for (let high = 0; high < 16; high++) {
    if ((used & 32768 >> high) === 0) continue;
    const group = bits.read(16);
    for (let low = 0; low < 16; low++) {
      if ((group & 32768 >> low) !== 0) alphabet.push(high * 16 + low);
    }
  }
  if (alphabet.length === 0) throw corruptError("bzip2", "block without bytes");
  return Uint8Array.from(alphabet);
}
function readCodes(bits, symbols) {
  const count2 = bits.read(3);
  if (count2 < 2 || count2 > 6) throw corruptError("bzip2", `${count2} Huffman codes`);
  const selectors = new Uint8Array(bits.read(15));
  if (selectors.length === 0) throw corruptError("bzip2", "no selectors");
  const recent3 = [0, 1, 2, 3, 4, 5].slice(0, count2);
  for (let i = 0; i < selectors.length; i++) {
    let index = 0;
    while (bits.read(1) === 1) if (++index === count2) throw corruptError("bzip2", "selector of no code");
    const [code = 0] = recent3.splice(index, 1);
    recent3.unshift(code);
    selectors[i] = code;
  }
  const codes = [];
  for (let i = 0; i < count2; i++) codes.push(new HuffmanCode(readLengths(bits, symbols)));
  return { codes, selectors };
}
function readLengths(bits, symbols) {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let i = 0; i < symbols; i++) {
    for (; ; ) {
      if (length < 1 || length > MAX_CODE_LENGTH) throw corruptError("bzip2", `code of ${length} bits`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 1 ? -1 : 1;
    }
    lengths[i] = length;
  }
  return lengths;
}
var HuffmanCode = class {
  /** Symbol and length (lower 5 bits) for the next `FAST_BITS` bits; 0 for longer codes. */
  #fast = new Uint16Array(1 << FAST_BITS);
  /** Symbols in the order of their codes. */
  #symbols;
  /** For each length: the code after its last one, and its first code minus the number of shorter ones. */
  #ends = new Int32Array(MAX_CODE_LENGTH + 1);
  #bases = new Int32Array(MAX_CODE_LENGTH + 1);
  constructor(lengths) {
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let count2 = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code <<= 1;
      this.#bases[length] = code - count2;
      for (let symbol2 = 0; symbol2 < lengths.length; symbol2++) {
        if (lengths[symbol2] !== length) continue;
        if (code >= 1 << length) throw corruptError("bzip2", "too many Huffman codes");
        this.#symbols[count2] = symbol2;
        if (length <= FAST_BITS) {
          const first = code << FAST_BITS - length;
          this.#fast.fill(symbol2 << 5 | length, first, first + (1 << FAST_BITS - length));
        }
        count2 += 1;
        code += 1;
      }
      this.#ends[length] = code;
    }
  }
  decode(bits) {
    const fast = this.#fast[bits.peek(FAST_BITS)];
    if (fast !== 0) {
      bits.skip(fast & 31);
      return fast >>> 5;
    }
    for (let length = FAST_BITS + 1; length <= MAX_CODE_LENGTH; length++) {
      const code = bits.peek(length);
      if (code >= this.#ends[length]) continue;
      bits.skip(length);
      return this.#symbols[code - this.#bases[length]];
    }
    throw corruptError("bzip2", "bits that are no code");
  }
};
function* readSymbols(bits, codes, selectors, alphabet, table) {
  const recent3 = alphabet.slice();
  const end = alphabet.length + 1;
  let group = 0;
  let left = 0;
  let code = codes[0];
  let length = 0;
  let run = 0;
  let weight = 1;
  for (; ; ) {
    if (left === 0) {
      if (group === selectors.length) throw corruptError("bzip2", "too few selectors");
      if (group % GROUPS === GROUPS - 1) yield NOTHING2;
      code = codes[selectors[group++]];
      left = GROUP;
    }
    left -= 1;
    const symbol2 = code.decode(bits);
    if (symbol2 <= 1) {
      run += weight << symbol2;
      weight <<= 1;
      if (run > table.length) throw corruptError("bzip2", "block longer than it may be");
      continue;
    }
    if (run > 0) {
      if (length + run > table.length) throw corruptError("bzip2", "block longer than it may be");
      table.fill(recent3[0], length, length + run);
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol2 === end) return length;
    if (length === table.length) throw corruptError("bzip2", "block longer than it may be");
    const byte = recent3[symbol2 - 1];
    recent3.copyWithin(1, 0, symbol2 - 1);
    recent3[0] = byte;
    table[length++] = byte;
  }
}
function linkColumns(table, length) {
  const next = new Uint32Array(256);
  for (let i = 0; i < length; i++) next[table[i] & 255]++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count2 = next[byte];
    next[byte] = sum;
    sum += count2;
  }
  for (let i = 0; i < length; i++) {
    const byte = table[i] & 255;
    const at = next[byte];
    next[byte] = at + 1;
    table[at] = table[at] | i << 8;
  }
}
function* undoRuns(table, length, start2) {
  let out = new Uint8Array(OUTPUT);
  let size = 0;
  let entry = table[start2];
  let last3 = -1;
  let equal = 0;
  for (let i = 0; i < length; i++) {
    entry = table[entry >>> 8];
    const byte = entry & 255;
    if (size > OUTPUT - 256) {
      yield out.subarray(0, size);
      out = new Uint8Array(OUTPUT);
      size = 0;
    }
    if (equal === 4) {
      out.fill(last3, size, size + byte);
      size += byte;
      equal = 0;
      last3 = -1;
      continue;
    }
    equal = byte === last3 ? equal + 1 : 1;
    last3 = byte;
    out[size++] = byte;
  }
  if (size > 0) yield out.subarray(0, size);
}
var OUTPUT = 65536;

// src/compression/crc.ts
function crc32Msb(crc, bytes2) {
  let value = ~crc;
  for (let i = 0; i < bytes2.length; i++) {
    value = value << 8 ^ MSB_TABLE[value >>> 24 ^ bytes2[i]];
  }
  return ~value >>> 0;
}
var Crc64 = class {
  #low = -1;
  #high = -1;
  update(bytes2) {
    let low = this.#low;
    let high = this.#high;
    let i = 0;
    for (; i + 4 <= bytes2.length; i += 4) {
      const a = (low ^ bytes2[i]) & 255;
      const b = (low >>> 8 ^ bytes2[i + 1]) & 255;
      const c = (low >>> 16 ^ bytes2[i + 2]) & 255;
      const d = low >>> 24 ^ bytes2[i + 3];
      low = high ^ LOW_TABLE[768 + a] ^ LOW_TABLE[512 + b] ^ LOW_TABLE[256 + c] ^ LOW_TABLE[d];
      high = HIGH_TABLE[768 + a] ^ HIGH_TABLE[512 + b] ^ HIGH_TABLE[256 + c] ^ HIGH_TABLE[d];
    }
    for (; i < bytes2.length; i++) {
      const index = (low ^ bytes2[i]) & 255;
      low = (low >>> 8 | high << 24) ^ LOW_TABLE[index];
      high = high >>> 8 ^ HIGH_TABLE[index];
    }
    this.#low = low;
    this.#high = high;
  }
  /** Eight bytes, lowest first. */
  digest() {
    const bytes2 = new Uint8Array(8);
    const view = new DataView(bytes2.buffer);
    view.setInt32(0, ~this.#low, true);
    view.setInt32(4, ~this.#high, true);
    return bytes2;
  }
};
var MSB_TABLE = new Int32Array(256);
var LOW_TABLE = new Int32Array(1024);
var HIGH_TABLE = new Int32Array(1024);
for (let i = 0; i < 256; i++) {
  let msb = i << 24;
  let low = i;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    msb = msb << 1 ^ (msb < 0 ? 79764919 : 0);
    const isOdd = (low & 1) !== 0;
    low = low >>> 1 | high << 31;
    high >>>= 1;
    if (isOdd) {
      low ^= 3615952706;
      high ^= 3379320725;
    }
  }
  MSB_TABLE[i] = msb;
  LOW_TABLE[i] = low;
  HIGH_TABLE[i] = high;
}
for (let i = 256; i < 1024; i++) {
  const low = LOW_TABLE[i - 256];
  const high = HIGH_TABLE[i - 256];
  LOW_TABLE[i] = (low >>> 8 | high << 24) ^ LOW_TABLE[low & 255];
  HIGH_TABLE[i] = high >>> 8 ^ HIGH_TABLE[low & 255];
}

// src/compression/bzip2.ts
var BLOCK2 = 54156738319193;
var END2 = 25779555029136;
var MAX_BLOCK = 9e5;
var PIECE6 = 2 ** 20;
var HEADER2 = 16384;
var MAX_BLOCK_BYTES = 24e5;
async function* unbzip2(input2) {
  const window = new Window(input2);
  const table = new Uint32Array(MAX_BLOCK);
  for (let first = true; ; first = false) {
    await window.fill();
    if (!first && window.isEmpty) return;
    const level = readStart(window.bits, first);
    let streamCrc = 0;
    for (; ; ) {
      const turn = spend(HEADER2);
      if (turn !== void 0) await turn;
      await window.fill();
      const { bits } = window;
      const magic = bits.read(24) * 2 ** 24 + bits.read(24);
      const crc = bits.read(16) * 2 ** 16 + bits.read(16);
      if (magic === END2) {
        if (crc !== streamCrc) throw corruptError("bzip2", "checksum of the stream differs");
        break;
      }
      if (magic !== BLOCK2) throw corruptError("bzip2", "neither a block nor the end");
      let blockCrc = 0;
      for (const chunk of readBlock2(bits, table.subarray(0, level * 1e5))) {
        const turn2 = spend(PIECE6);
        if (turn2 !== void 0) await turn2;
        if (chunk.length === 0) continue;
        blockCrc = crc32Msb(blockCrc, chunk);
        yield chunk;
      }
      if (blockCrc !== crc) throw corruptError("bzip2", "checksum of a block differs");
      streamCrc = ((streamCrc << 1 | streamCrc >>> 31) ^ blockCrc) >>> 0;
    }
    window.bits.align();
  }
}
function readStart(bits, isFirst) {
  if (bits.read(24) !== 4348520) {
    throw isFirst ? corruptError("bzip2", "not a bzip2 file") : new CompressionError("trailing-garbage", "bzip2", "something follows the last stream");
  }
  const level = bits.read(8) - 48;
  if (level < 1 || level > 9) throw corruptError("bzip2", `block size ${level}`);
  return level;
}
var Window = class {
  bits = new BitReader(new Uint8Array(0));
  #input;
  #bytes = new Uint8Array(0);
  constructor(input2) {
    this.#input = input2;
  }
  get isEmpty() {
    return this.bits.position === this.#bytes.length * 8;
  }
  async fill() {
    const rest = this.#bytes.subarray(this.bits.position >>> 3);
    if (rest.length >= MAX_BLOCK_BYTES) return;
    const more = await this.#input.read(2 * MAX_BLOCK_BYTES - rest.length);
    if (more.length === 0) return;
    const ahead = this.bits.position & 7;
    this.#bytes = concat([rest, more]);
    this.bits = new BitReader(this.#bytes);
    this.bits.skip(ahead);
  }
};

// src/compression/detect.ts
var DETECT_BYTES = 6;
var MAGIC2 = [
  ["gzip", [31, 139, 8]],
  ["zstd", [40, 181, 47, 253]],
  ["bzip2", [66, 90, 104]],
  ["xz", [253, 55, 122, 88, 90, 0]]
];
function detect(first) {
  for (const [kind, magic] of MAGIC2) {
    if (magic.every((byte, i) => first[i] === byte)) return kind;
  }
  return isSkippableFrame(first) ? "zstd" : "none";
}
function isSkippableFrame(first) {
  const [a = 0, b, c, d] = first;
  return (a & 240) === 80 && b === 42 && c === 77 && d === 24;
}

// src/compression/gzip.ts
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";

// src/compression/inflate.ts
var CHUNK = 256 * 1024;
var INPUT = 64 * 1024;
function inflateStart(inflateNow, input2, options) {
  const result2 = inflateNow(input2, { ...options, info: true });
  const { buffer, engine } = result2;
  return { bytes: buffer, used: engine.bytesWritten };
}
async function* inflate(stream, input2, format) {
  const inflater = new Inflater(stream, format);
  try {
    while (!inflater.isEnded) {
      const chunk = await input2.some(INPUT);
      inflater.write(chunk);
      for (; ; ) {
        const output2 = await inflater.read();
        if (output2 === void 0) break;
        yield output2;
      }
      if (inflater.isEnded && chunk !== void 0)
        input2.unread(chunk.subarray(chunk.length - inflater.unread));
    }
  } finally {
    inflater.close();
  }
}
var Inflater = class {
  isEnded = false;
  #stream;
  #format;
  #output = [];
  #error;
  #isBusy = false;
  #given = 0;
  #wake = () => {
  };
  constructor(stream, format) {
    this.#stream = stream;
    this.#format = format;
    stream.on("data", (bytes2) => {
      this.#output.push(new Uint8Array(bytes2.buffer, bytes2.byteOffset, bytes2.length));
      stream.pause();
      this.#wake();
    });
    stream.on("end", () => {
      this.isEnded = true;
      this.#wake();
    });
    stream.on("error", (error2) => {
      this.#error = error2;
      this.#wake();
    });
  }
  /** Writes the next chunk; undefined means the end of the input. */
  write(chunk) {
    this.#isBusy = true;
    if (chunk === void 0) {
      this.#stream.end();
      return;
    }
    this.#given += chunk.length;
    this.#stream.write(chunk, () => {
      if (this.unread > 0) return;
      this.#isBusy = false;
      this.#wake();
    });
  }
  /** The next output; undefined when it needs more input or has ended. */
  async read() {
    for (; ; ) {
      const output2 = this.#output.shift();
      if (output2 !== void 0) {
        const turn = spend(output2.length);
        if (turn !== void 0) await turn;
        return output2;
      }
      if (this.#error !== void 0) throw this.#translate(this.#error);
      if (this.isEnded || !this.#isBusy) return void 0;
      await new Promise((resolve2) => {
        this.#wake = resolve2;
        this.#stream.resume();
      });
    }
  }
  /** Unused bytes at the end of the last chunk, after the end of the stream. */
  get unread() {
    return this.#given - this.#stream.bytesWritten;
  }
  close() {
    this.#stream.destroy();
  }
  #translate(cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/unexpected end of file/i.test(reason)) {
      return new CompressionError("truncated", this.#format, "unexpected EOF", { cause });
    }
    return new CompressionError(codeOf(reason), this.#format, reason, { cause });
  }
};
function codeOf(reason) {
  if (/too much memory/i.test(reason)) return "unsupported";
  return /unknown frame descriptor/i.test(reason) ? "trailing-garbage" : "corrupt";
}

// src/compression/gzip.ts
var HEADER_CRC = 2;
var EXTRA = 4;
var NAME3 = 8;
var COMMENT = 16;
var MAX_TEXT = 65536;
var SMALL2 = 4096;
var SMALL_CONTENTS = 65536;
var MEMBER2 = 8192;
var CALL = 256;
async function* gunzip(input2) {
  for (let isFirst = true; isFirst || !await input2.atEnd(); isFirst = false) {
    const turn = spend(MEMBER2);
    if (turn !== void 0) await turn;
    await readHeader2(input2, isFirst);
    let crc = 0;
    let size = 0;
    const small = readSmall2(input2);
    const contents = small ?? inflate(createInflateRaw({ chunkSize: CHUNK }), input2, "gzip");
    for await (const chunk of contents) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    const trailer = await readExactly(input2, 8);
    const view = new DataView(trailer.buffer, trailer.byteOffset);
    if (view.getUint32(0, true) !== crc) throw corruptError("gzip", "checksum of a member differs");
    if (view.getUint32(4, true) !== size % 2 ** 32) throw corruptError("gzip", "member of another size");
  }
}
function readSmall2(input2) {
  const options = { chunkSize: SMALL2, maxOutputLength: SMALL_CONTENTS };
  try {
    const { bytes: bytes2, used } = inflateStart(inflateRawSync, input2.atHand(SMALL2), options);
    input2.take(used);
    return bytes2.length === 0 ? [] : [new Uint8Array(bytes2.buffer, bytes2.byteOffset, bytes2.length)];
  } catch {
    return void 0;
  }
}
async function readHeader2(input2, isFirst) {
  const magic = await input2.read(2);
  if (magic[0] !== 31 || (magic[1] ?? 139) !== 139) {
    throw isFirst ? corruptError("gzip", "not a gzip file") : new CompressionError("trailing-garbage", "gzip", "something follows the last member");
  }
  if (magic.length < 2) throw truncatedError2();
  const [method, flags = 0] = await readExactly(input2, 8);
  if (method !== 8) throw new CompressionError("unsupported", "gzip", `compression method ${method}`);
  if ((flags & EXTRA) !== 0) {
    const [low = 0, high = 0] = await readExactly(input2, 2);
    await readExactly(input2, low + 256 * high);
  }
  if ((flags & NAME3) !== 0) await skipText(input2);
  if ((flags & COMMENT) !== 0) await skipText(input2);
  if ((flags & HEADER_CRC) !== 0) await readExactly(input2, 2);
}
async function skipText(input2) {
  for (let left = MAX_TEXT; left > 0; ) {
    const bytes2 = await input2.some(left);
    if (bytes2 === void 0) throw truncatedError2();
    const turn = spend(CALL + bytes2.length);
    if (turn !== void 0) await turn;
    const end = bytes2.indexOf(0);
    if (end >= 0) {
      input2.unread(bytes2.subarray(end + 1));
      return;
    }
    left -= bytes2.length;
  }
  throw corruptError("gzip", "header without an end");
}
async function readExactly(input2, n) {
  const bytes2 = input2.take(n) ?? await input2.read(n);
  if (bytes2.length < n) throw truncatedError2();
  return bytes2;
}
function truncatedError2() {
  return new CompressionError("truncated", "gzip", "unexpected EOF");
}

// src/compression/xz.ts
import { createHash as createHash3 } from "node:crypto";
import { crc32 as crc322 } from "node:zlib";

// src/compression/dictionary.ts
var Dictionary = class {
  /** Total output since the last reset, in bytes. */
  #total = 0;
  /** Position after the most recent byte. */
  #at = 0;
  #bytes = new Uint8Array(0);
  #size;
  #minCapacity;
  /**
   *
   * @param size longest distance of a match.
   * @param minCapacity capacity for the output between two calls of `take`. Memory grows up to the larger of the two.
   */
  constructor(size, minCapacity) {
    this.#size = size;
    this.#minCapacity = minCapacity;
  }
  reset() {
    this.#total = 0;
  }
  /** Ensures that `count` more bytes do not overwrite older ones that may be needed. */
  reserve(count2) {
    const capacity = this.#bytes.length;
    const maxSize = Math.max(this.#size, this.#minCapacity);
    if (this.#at + count2 <= capacity || capacity >= maxSize) return;
    const grown = new Uint8Array(Math.min(maxSize, Math.max(2 * capacity, this.#at + count2)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
  put(byte) {
    if (this.#at === this.#bytes.length) this.#at = 0;
    this.#bytes[this.#at++] = byte;
    this.#total += 1;
  }
  /** The byte `distance` + 1 before the end; 0 when there is none. */
  back(distance) {
    if (distance >= this.#total) return 0;
    const at = this.#at - distance - 1;
    return this.#bytes[at < 0 ? at + this.#bytes.length : at];
  }
  /** Repeats `length` bytes from `distance` + 1 before the end. */
  copy(distance, length) {
    if (distance >= this.#total || distance >= this.#size)
      throw new CompressionError("corrupt", "xz", "match before the beginning");
    const bytes2 = this.#bytes;
    const capacity = bytes2.length;
    let to = this.#at;
    let from = to - distance - 1;
    if (from < 0) from += capacity;
    for (let i = 0; i < length; i++) {
      if (to === capacity) to = 0;
      if (from === capacity) from = 0;
      bytes2[to++] = bytes2[from++];
    }
    this.#at = to;
    this.#total += length;
  }
  append(more) {
    for (const byte of more) this.put(byte);
  }
  /** A copy of the last `count` bytes. */
  take(count2) {
    const from = this.#at - count2;
    if (from >= 0) return this.#bytes.slice(from, this.#at);
    const taken = new Uint8Array(count2);
    taken.set(this.#bytes.subarray(from + this.#bytes.length));
    taken.set(this.#bytes.subarray(0, this.#at), -from);
    return taken;
  }
};

// src/compression/range-decoder.ts
var EVEN = 1024;
var RangeDecoder = class {
  #range = 4294967295;
  #code = 0;
  #bytes = new Uint8Array(0);
  #at = 0;
  /** Starts a chunk: one unused byte, four of the code. Returns false for an invalid chunk. */
  start(bytes2) {
    if (bytes2.length < 5 || bytes2[0] !== 0) return false;
    this.#bytes = bytes2;
    this.#range = 4294967295;
    this.#code = new DataView(bytes2.buffer, bytes2.byteOffset).getUint32(1);
    this.#at = 5;
    return true;
  }
  /** Whether exactly the whole chunk was consumed. */
  get isFinished() {
    return this.#at === this.#bytes.length && this.#code === 0;
  }
  /** Decodes a bit and updates its probability. */
  bit(probabilities, i) {
    const probability = probabilities[i];
    const bound2 = (this.#range >>> 11) * probability;
    let bit;
    if (this.#code < bound2) {
      this.#range = bound2;
      probabilities[i] = probability + (2048 - probability >>> 5);
      bit = 0;
    } else {
      this.#range -= bound2;
      this.#code -= bound2;
      probabilities[i] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.#range < 16777216) this.#shift();
    return bit;
  }
  /** `count` bits of equal probability, highest first. */
  direct(count2) {
    let value = 0;
    for (let i = 0; i < count2; i++) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
      if (this.#range < 16777216) this.#shift();
    }
    return value;
  }
  /** A number of `count` bits, highest first; each bit is predicted by those before it. */
  tree(probabilities, from, count2) {
    let node2 = 1;
    for (let i = 0; i < count2; i++) node2 = node2 << 1 | this.bit(probabilities, from + node2);
    return node2 - (1 << count2);
  }
  /** Like `tree`, lowest bit first. */
  reverseTree(probabilities, from, count2) {
    let node2 = 1;
    let value = 0;
    for (let i = 0; i < count2; i++) {
      const bit = this.bit(probabilities, from + node2);
      node2 = node2 << 1 | bit;
      value |= bit << i;
    }
    return value;
  }
  #shift() {
    this.#range = this.#range << 8 >>> 0;
    this.#code = (this.#code << 8 | (this.#at < this.#bytes.length ? this.#bytes[this.#at] : 0)) >>> 0;
    this.#at += 1;
  }
};

// src/compression/lzma.ts
var STATES = 12;
var FIRST_MATCH_STATE = 7;
var POSITIONS = 16;
var MIN_MATCH = 2;
var PIECE7 = 64 * 1024;
var LzmaDecoder = class {
  #range = new RangeDecoder();
  #dictionary;
  /** Bytes since the last reset; their lowest bits select probabilities. */
  #position = 0;
  #state = 0;
  /** The last four distances. */
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #literal = new Uint16Array(0);
  #isMatch = new Uint16Array(STATES * POSITIONS);
  #isRep = new Uint16Array(STATES);
  #isRepNot0 = new Uint16Array(STATES);
  #isRep0Long = new Uint16Array(STATES * POSITIONS);
  #isRepNot1 = new Uint16Array(STATES);
  #isRepNot2 = new Uint16Array(STATES);
  #slots = new Uint16Array(4 * 64);
  #distances = new Uint16Array(128);
  #align = new Uint16Array(16);
  #matchLength = new LengthDecoder();
  #repLength = new LengthDecoder();
  constructor(dictionary) {
    this.#dictionary = dictionary;
  }
  /** Sets the properties byte: `(pb * 5 + lp) * 9 + lc`. Returns false when it is invalid in LZMA2. */
  setProperties(byte) {
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (pb > 4 || lc + lp > 4) return false;
    this.#literalContextBits = lc;
    this.#literalPositionMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#literal = new Uint16Array(768 << lc + lp);
    return true;
  }
  /** Resets the probabilities, but not the dictionary. */
  resetState() {
    this.#state = 0;
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0;
    for (const probabilities of [
      this.#literal,
      this.#isMatch,
      this.#isRep,
      this.#isRepNot0,
      this.#isRep0Long,
      this.#isRepNot1,
      this.#isRepNot2,
      this.#slots,
      this.#distances,
      this.#align
    ]) {
      probabilities.fill(EVEN);
    }
    this.#matchLength.reset();
    this.#repLength.reset();
  }
  /** Resets the position for a new dictionary. */
  resetPosition() {
    this.#position = 0;
  }
  /** Skips uncompressed bytes. */
  advance(count2) {
    this.#position += count2;
  }
  /**
   * Decodes `size` bytes to the dictionary, which must have capacity for them; yields the size of each piece. Throws
   * `CompressionError` (`corrupt`).
   */
  *decode(compressed, size) {
    const range = this.#range;
    if (!range.start(compressed)) throw corruptError("xz", "chunk without a range");
    const end = this.#position + size;
    for (let last3 = this.#position; this.#position < end; ) {
      if (this.#position - last3 >= PIECE7) {
        yield this.#position - last3;
        last3 = this.#position;
      }
      const at = this.#position & this.#positionMask;
      if (range.bit(this.#isMatch, this.#state * POSITIONS + at) === 0) {
        this.#decodeLiteral();
        this.#position += 1;
        continue;
      }
      const length = this.#decodeMatch(at);
      if (this.#position + length > end) throw corruptError("xz", "match beyond the end of a chunk");
      this.#dictionary.copy(this.#rep0, length);
      this.#position += length;
    }
    if (!range.isFinished) throw corruptError("xz", "chunk of another size");
  }
  #decodeLiteral() {
    const range = this.#range;
    const previous = this.#dictionary.back(0);
    const high = (this.#position & this.#literalPositionMask) << this.#literalContextBits;
    const from = 768 * (high + (previous >>> 8 - this.#literalContextBits));
    const literal2 = this.#literal;
    let node2 = 1;
    if (this.#state >= FIRST_MATCH_STATE) {
      let expected = this.#dictionary.back(this.#rep0);
      let offset = 256;
      while (node2 < 256) {
        expected <<= 1;
        const expectedBit = expected & offset;
        const bit = range.bit(literal2, from + offset + expectedBit + node2);
        node2 = node2 << 1 | bit;
        offset &= bit === 1 ? expectedBit : ~expectedBit;
      }
    } else {
      while (node2 < 256) node2 = node2 << 1 | range.bit(literal2, from + node2);
    }
    this.#dictionary.put(node2 & 255);
    this.#state = this.#state < 4 ? 0 : this.#state - (this.#state < 10 ? 3 : 6);
  }
  /** Sets `#rep0` to the distance minus one, and returns the length. */
  #decodeMatch(at) {
    const range = this.#range;
    const state = this.#state;
    const isAfterLiteral = state < FIRST_MATCH_STATE;
    if (range.bit(this.#isRep, state) === 0) {
      this.#rep3 = this.#rep2;
      this.#rep2 = this.#rep1;
      this.#rep1 = this.#rep0;
      this.#state = isAfterLiteral ? 7 : 10;
      const length = this.#matchLength.decode(range, at);
      this.#rep0 = this.#decodeDistance(length);
      return length;
    }
    if (range.bit(this.#isRepNot0, state) === 0) {
      if (range.bit(this.#isRep0Long, state * POSITIONS + at) === 0) {
        this.#state = isAfterLiteral ? 9 : 11;
        return 1;
      }
    } else {
      const distance = this.#recentDistance(state);
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    this.#state = isAfterLiteral ? 8 : 11;
    return this.#repLength.decode(range, at);
  }
  /** Selects one of the recent distances and moves it to the front. */
  #recentDistance(state) {
    if (this.#range.bit(this.#isRepNot1, state) === 0) return this.#rep1;
    let distance = this.#rep2;
    if (this.#range.bit(this.#isRepNot2, state) === 1) {
      distance = this.#rep3;
      this.#rep3 = this.#rep2;
    }
    this.#rep2 = this.#rep1;
    return distance;
  }
  #decodeDistance(length) {
    const range = this.#range;
    const table = Math.min(length - MIN_MATCH, 3);
    const slot = range.tree(this.#slots, table * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const base = (2 | slot & 1) << bits >>> 0;
    if (slot < 14) return base + range.reverseTree(this.#distances, base - slot, bits);
    return base + range.direct(bits - 4) * 16 + range.reverseTree(this.#align, 0, 4);
  }
};
var LengthDecoder = class {
  #choice = new Uint16Array(2);
  #low = new Uint16Array(POSITIONS * 8);
  #middle = new Uint16Array(POSITIONS * 8);
  #high = new Uint16Array(256);
  reset() {
    for (const probabilities of [this.#choice, this.#low, this.#middle, this.#high]) probabilities.fill(EVEN);
  }
  decode(range, at) {
    if (range.bit(this.#choice, 0) === 0) return MIN_MATCH + range.tree(this.#low, at * 8, 3);
    if (range.bit(this.#choice, 1) === 0) return MIN_MATCH + 8 + range.tree(this.#middle, at * 8, 3);
    return MIN_MATCH + 16 + range.tree(this.#high, 0, 8);
  }
};

// src/compression/lzma2.ts
var CHUNK2 = 2 ** 21;
var EFFORT = 32;
var CHUNK_HEADER = 4096;
var MAX_DICTIONARY = 64 * 2 ** 20;
function dictionarySize(property) {
  if (property > 40) return void 0;
  return property === 40 ? 2 ** 32 - 1 : (2 | property & 1) * 2 ** ((property >>> 1) + 11);
}
async function* readLzma2(input2, dictionaryBytes) {
  if (dictionaryBytes > MAX_DICTIONARY) {
    throw new CompressionError("unsupported", "xz", `a dictionary of ${dictionaryBytes} bytes`);
  }
  const dictionary = new Dictionary(dictionaryBytes, CHUNK2);
  const lzma = new LzmaDecoder(dictionary);
  let needs = "dictionary";
  for (; ; ) {
    const [control = 0] = await readExactly2(input2, 1);
    if (control === 0) return;
    const isStored = control < 128;
    if (isStored && control > 2) throw corruptError("xz", "chunk of no known kind");
    const resets = isStored ? 0 : control >>> 5 & 3;
    const resetsDictionary = isStored ? control === 1 : resets === 3;
    if (resetsDictionary) {
      dictionary.reset();
      lzma.resetPosition();
      if (needs === "dictionary") needs = "properties";
    } else if (needs === "dictionary") {
      throw corruptError("xz", "first chunk without a new dictionary");
    }
    const turn = spend(CHUNK_HEADER);
    if (turn !== void 0) await turn;
    const sizes = await readExactly2(input2, isStored ? 2 : 4);
    const low = 1 + sizes[0] * 256 + sizes[1];
    const size = isStored ? low : low + (control & 31) * 65536;
    dictionary.reserve(size);
    if (isStored) {
      dictionary.append(await readExactly2(input2, size));
      lzma.advance(size);
    } else {
      if (resets >= 2) {
        const [properties = 0] = await readExactly2(input2, 1);
        if (!lzma.setProperties(properties)) throw corruptError("xz", "properties without a meaning");
        needs = "nothing";
      } else if (needs === "properties") {
        throw corruptError("xz", "first chunk without properties");
      }
      if (resets >= 1) lzma.resetState();
      const compressedSize = 1 + sizes[2] * 256 + sizes[3];
      for (const done2 of lzma.decode(await readExactly2(input2, compressedSize), size)) {
        const turn2 = spend(done2 * EFFORT);
        if (turn2 !== void 0) await turn2;
      }
    }
    yield dictionary.take(size);
  }
}
async function readExactly2(input2, n) {
  const bytes2 = input2.take(n) ?? await input2.read(n);
  if (bytes2.length < n) throw new CompressionError("truncated", "xz", "unexpected EOF");
  return bytes2;
}

// src/compression/xz.ts
var MAGIC3 = [253, 55, 122, 88, 90, 0];
var FOOTER_MAGIC = [89, 90];
var LZMA2 = 33;
var CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
var STREAM = 65536;
var BLOCK3 = 16384;
var PADDING = 512;
var MAX_BLOCKS = 1e5;
async function* unxz(input2) {
  for (let first = true; ; first = false) {
    if (!first && !await skipPadding(input2)) return;
    const turn = spend(STREAM);
    if (turn !== void 0) await turn;
    const checkId = await readStreamHeader(input2, first);
    const blocks = [];
    for (; ; ) {
      const [headerSize = 0] = await readExactly2(input2, 1);
      if (headerSize === 0) break;
      if (blocks.length === MAX_BLOCKS)
        throw new CompressionError("unsupported", "xz", `more than ${MAX_BLOCKS} blocks`);
      const turn2 = spend(BLOCK3);
      if (turn2 !== void 0) await turn2;
      blocks.push(yield* readBlock3(input2, headerSize, checkId));
    }
    await readIndexAndFooter(input2, blocks, checkId);
  }
}
async function readStreamHeader(input2, isFirst) {
  const header2 = await readExactly2(input2, 12);
  if (!MAGIC3.every((byte, i) => header2[i] === byte)) {
    throw isFirst ? corruptError("xz", "not an xz file") : new CompressionError("trailing-garbage", "xz", "something follows the last stream");
  }
  verifyCrc(header2.subarray(6, 8), header2, 8, "stream header");
  return readFlags(header2[6], header2[7]);
}
function readFlags(reserved, check2) {
  if (reserved !== 0 || check2 > 15)
    throw new CompressionError("unsupported", "xz", "unknown flags of a stream");
  return check2;
}
async function skipPadding(input2) {
  for (; ; ) {
    const turn = spend(PADDING);
    if (turn !== void 0) await turn;
    const next = await input2.peek(4);
    if (next.length === 0) return false;
    if (next.some((byte) => byte !== 0)) return true;
    if (next.length < 4) throw corruptError("xz", "padding that is not a multiple of four bytes");
    await input2.skip(4);
  }
}
async function* readBlock3(input2, headerSize, checkId) {
  const size = (headerSize + 1) * 4;
  const start2 = input2.offset - 1;
  const rest = await readExactly2(input2, size - 1);
  const header2 = new Uint8Array(size);
  header2[0] = headerSize;
  header2.set(rest, 1);
  verifyCrc(header2.subarray(0, size - 4), header2, size - 4, "block header");
  const promised = readBlockHeader(new Fields(header2.subarray(1, size - 4)));
  const check2 = checkOf(checkId);
  const dataStart = input2.offset;
  let uncompressed = 0;
  for await (const chunk of readLzma2(input2, promised.dictionary)) {
    uncompressed += chunk.length;
    check2.update(chunk);
    yield chunk;
  }
  const compressed = input2.offset - dataStart;
  if (promised.compressed !== void 0 && promised.compressed !== compressed)
    throw corruptError("xz", "block of another size");
  if (promised.uncompressed !== void 0 && promised.uncompressed !== uncompressed) {
    throw corruptError("xz", "block that becomes another size");
  }
  const padding2 = await readExactly2(input2, (4 - compressed % 4) % 4);
  if (padding2.some((byte) => byte !== 0)) throw corruptError("xz", "padding of a block that is not zeros");
  const written = await readExactly2(input2, CHECK_SIZES[checkId]);
  const computed = check2.digest();
  if (computed?.some((byte, i) => byte !== written[i]))
    throw corruptError("xz", "checksum of a block differs");
  return { unpadded: input2.offset - start2 - padding2.length, uncompressed };
}
function readBlockHeader(fields2) {
  const flags = fields2.byte();
  if ((flags & 60) !== 0) throw new CompressionError("unsupported", "xz", "unknown flags of a block");
  const compressed = (flags & 64) !== 0 ? fields2.number() : void 0;
  const uncompressed = (flags & 128) !== 0 ? fields2.number() : void 0;
  const filter = fields2.number();
  if ((flags & 3) !== 0 || filter !== LZMA2) {
    throw new CompressionError("unsupported", "xz", "a filter other than LZMA2");
  }
  const dictionary = fields2.number() === 1 ? dictionarySize(fields2.byte()) : void 0;
  if (dictionary === void 0) throw corruptError("xz", "properties of a filter without a meaning");
  fields2.expectZeros();
  return { compressed, uncompressed, dictionary };
}
async function readIndexAndFooter(input2, blocks, checkId) {
  const expected = encodeIndex(blocks);
  const index = await readExactly2(input2, expected.length - 1);
  if (index.some((byte, i) => byte !== expected[i + 1]))
    throw corruptError("xz", "index that differs from the blocks");
  const footer = await readExactly2(input2, 12);
  if (!FOOTER_MAGIC.every((byte, i) => footer[10 + i] === byte))
    throw corruptError("xz", "stream without a footer");
  verifyCrc(footer.subarray(4, 10), footer, 0, "footer");
  if ((littleEndian(footer, 4) + 1) * 4 !== expected.length)
    throw corruptError("xz", "index of another size");
  if (readFlags(footer[8], footer[9]) !== checkId) {
    throw corruptError("xz", "footer that differs from the header");
  }
}
function encodeIndex(blocks) {
  const bytes2 = [0];
  putNumber(bytes2, blocks.length);
  for (const block of blocks) {
    putNumber(bytes2, block.unpadded);
    putNumber(bytes2, block.uncompressed);
  }
  while (bytes2.length % 4 !== 0) bytes2.push(0);
  const crc = crc322(Uint8Array.from(bytes2));
  bytes2.push(crc & 255, crc >>> 8 & 255, crc >>> 16 & 255, crc >>> 24);
  return Uint8Array.from(bytes2);
}
function putNumber(bytes2, value) {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes2.push(rest % 128 | 128);
  bytes2.push(rest);
}
var Fields = class {
  #bytes;
  #at = 0;
  constructor(bytes2) {
    this.#bytes = bytes2;
  }
  byte() {
    const byte = this.#bytes[this.#at++];
    if (byte === void 0) throw corruptError("xz", "block header that is too short");
    return byte;
  }
  number() {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 8; i++, weight *= 128) {
      const byte = this.byte();
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
    throw corruptError("xz", "number that is too large");
  }
  expectZeros() {
    while (this.#at < this.#bytes.length) {
      if (this.byte() !== 0)
        throw new CompressionError("unsupported", "xz", "unknown fields in a block header");
    }
  }
};
function checkOf(id2) {
  if (id2 === 1) return new Crc32();
  if (id2 === 4) return new Crc64();
  if (id2 === 10) return new Sha256();
  return { update: () => {
  }, digest: () => void 0 };
}
var Crc32 = class {
  #crc = 0;
  update(bytes2) {
    this.#crc = crc322(bytes2, this.#crc);
  }
  digest() {
    const bytes2 = new Uint8Array(4);
    new DataView(bytes2.buffer).setUint32(0, this.#crc, true);
    return bytes2;
  }
};
var Sha256 = class {
  #hash = createHash3("sha256");
  update(bytes2) {
    this.#hash.update(bytes2);
  }
  digest() {
    return this.#hash.digest();
  }
};
function verifyCrc(bytes2, header2, at, what) {
  if (crc322(bytes2) !== littleEndian(header2, at)) throw corruptError("xz", `checksum of the ${what} differs`);
}
function littleEndian(bytes2, at) {
  return new DataView(bytes2.buffer, bytes2.byteOffset, bytes2.length).getUint32(at, true);
}

// src/compression/zstd.ts
import { constants as constants6, createZstdDecompress } from "node:zlib";

// src/compression/zstd-frame.ts
var MAGIC_SIZE = 8;
var FRAME = 4247762216;
var SKIPPABLE2 = 407710288;
function readMagic(bytes2) {
  if (bytes2.length < 4) return void 0;
  const view = new DataView(bytes2.buffer, bytes2.byteOffset, bytes2.length);
  const magic = view.getUint32(0, true);
  if (magic === FRAME) return { kind: "frame" };
  if ((magic & ~15) !== SKIPPABLE2) return void 0;
  return { kind: "skippable", size: bytes2.length < MAGIC_SIZE ? 0 : view.getUint32(4, true) };
}
var RLE = 1;
var RESERVED = 3;
var FrameScanner = class {
  isEnded = false;
  /** Missing bytes of the current part, and the part itself. */
  #missing = MAGIC_SIZE_OF_FRAME;
  #part = "magic";
  #hasChecksum = false;
  #isLast = false;
  /** The block header so far, lowest byte first. */
  #blockHeader = 0;
  #blockHeaderBits = 0;
  /** Scans the next bytes; returns how many belong to the frame. */
  scan(chunk) {
    let at = 0;
    while (at < chunk.length && !this.isEnded) {
      if (this.#part === "descriptor") {
        this.#readDescriptor(chunk[at++]);
      } else if (this.#part === "block header") {
        this.#blockHeader |= chunk[at++] << this.#blockHeaderBits;
        this.#blockHeaderBits += 8;
        if (this.#blockHeaderBits === 24) this.#readBlockHeader();
      } else {
        const step = Math.min(this.#missing, chunk.length - at);
        at += step;
        this.#missing -= step;
        if (this.#missing === 0) this.#next();
      }
    }
    return at;
  }
  #readDescriptor(descriptor) {
    const isSingleSegment = (descriptor & 32) !== 0;
    this.#hasChecksum = (descriptor & 4) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3];
    const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6];
    this.#begin("header", (isSingleSegment ? 0 : 1) + dictionary + contentSize);
  }
  #readBlockHeader() {
    const type = this.#blockHeader >>> 1 & 3;
    const size = this.#blockHeader >>> 3;
    if (type === RESERVED) throw new CompressionError("corrupt", "zstd", "block of a reserved type");
    this.#isLast = (this.#blockHeader & 1) !== 0;
    this.#begin("block", type === RLE ? 1 : size);
  }
  #begin(part, bytes2) {
    this.#part = part;
    this.#missing = bytes2;
    if (bytes2 === 0) this.#next();
  }
  /** Moves on after a complete part. */
  #next() {
    if (this.#part === "magic") {
      this.#part = "descriptor";
    } else if (this.#part === "checksum" || this.#part === "block" && this.#isLast && !this.#hasChecksum) {
      this.isEnded = true;
    } else if (this.#part === "block" && this.#isLast) {
      this.#begin("checksum", 4);
    } else {
      this.#part = "block header";
      this.#blockHeader = 0;
      this.#blockHeaderBits = 0;
    }
  }
};
var MAGIC_SIZE_OF_FRAME = 4;

// src/compression/zstd.ts
var MAX_WINDOW_LOG = 25;
var FRAME2 = 8192;
async function* unzstd(input2) {
  const params = { [constants6.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  const inflater = new Inflater(createZstdDecompress({ chunkSize: CHUNK, params }), "zstd");
  try {
    let garbage;
    for (let isFirst = true; isFirst || !await input2.atEnd(); isFirst = false) {
      const turn = spend(FRAME2);
      if (turn !== void 0) await turn;
      const magic = readMagic(await input2.peek(MAGIC_SIZE));
      if (magic === void 0) {
        garbage = await noFrame(input2, isFirst);
        break;
      }
      if (magic.kind === "skippable") await skip2(input2, MAGIC_SIZE + magic.size);
      else yield* readFrame(input2, inflater);
    }
    inflater.write(void 0);
    yield* outputOf2(inflater);
    if (garbage !== void 0) throw garbage;
  } finally {
    inflater.close();
  }
}
async function noFrame(input2, isFirst) {
  if ((await input2.peek(4)).length < 4) return truncatedError3();
  return isFirst ? new CompressionError("corrupt", "zstd", "not a zstd file") : new CompressionError("trailing-garbage", "zstd", "something follows the last frame");
}
async function* readFrame(input2, inflater) {
  for (const scanner = new FrameScanner(); !scanner.isEnded; ) {
    const chunk = await input2.some(INPUT);
    if (chunk === void 0) throw truncatedError3();
    const used = scanner.scan(chunk);
    input2.unread(chunk.subarray(used));
    inflater.write(chunk.subarray(0, used));
    yield* outputOf2(inflater);
  }
}
async function* outputOf2(inflater) {
  for (let output2 = await inflater.read(); output2 !== void 0; output2 = await inflater.read()) yield output2;
}
async function skip2(input2, size) {
  if (await input2.skip(size) < size) throw truncatedError3();
}
function truncatedError3() {
  return new CompressionError("truncated", "zstd", "unexpected EOF");
}

// src/compression/decompress.ts
var DECODERS = {
  gzip: gunzip,
  zstd: unzstd,
  bzip2: unbzip2,
  xz: unxz
};
var RATIO_FROM = 2 ** 20;
async function decompress2(source, options = {}) {
  const input2 = new ByteReader(source);
  const kind = detect(await input2.peek(DETECT_BYTES));
  return { kind, body: kind === "none" ? passThrough(input2) : limitOutput(kind, input2, options) };
}
async function* passThrough(input2) {
  try {
    yield* input2.stream();
  } finally {
    await input2.close();
  }
}
async function* limitOutput(kind, input2, { maxBytes = 16 * 2 ** 30, maxRatio = Number.POSITIVE_INFINITY }) {
  let size = 0;
  try {
    for await (const chunk of DECODERS[kind](input2)) {
      size += chunk.length;
      if (size > maxBytes) throw new CompressionError("too-large", kind, `more than ${maxBytes} bytes`);
      if (size > RATIO_FROM && size > input2.offset * maxRatio) {
        throw new CompressionError(
          "too-large",
          kind,
          `${input2.offset} bytes became more than ${maxRatio} times as many`
        );
      }
      yield chunk;
    }
  } finally {
    await input2.close();
  }
}

// src/streams/chunks.ts
async function* chunks(stream, atLeast = 262144) {
  const reader = openReader(stream, atLeast);
  try {
    for (; ; ) {
      const { value, done: done2 } = await reader.read();
      if (value !== void 0 && value.length > 0) yield value;
      if (done2) return;
    }
  } finally {
    await reader.cancel().catch(() => {
    });
    reader.release();
  }
}
var ROOM = 65536;
function openReader(stream, atLeast) {
  const byob = openByteReader(stream);
  if (byob !== void 0) {
    return {
      read: () => byob.read(new Uint8Array(Math.max(atLeast, ROOM)), { min: atLeast }),
      cancel: () => byob.cancel(),
      release: () => byob.releaseLock()
    };
  }
  const reader = stream.getReader();
  return {
    read: () => reader.read(),
    cancel: () => reader.cancel(),
    release: () => reader.releaseLock()
  };
}
function openByteReader(stream) {
  if (stream.locked || !isWorkerd()) return void 0;
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return void 0;
  }
}
function isWorkerd() {
  return typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";
}

// src/layers/limits.ts
var LAYER_LIMITS = {
  maxBytes: 32 * 2 ** 30,
  maxEntries: 1e6
};

// src/layers/sources.ts
var RUN2 = 4 * 1024 * 1024;
async function* readSources(store, sources) {
  let next;
  for (const source of inRuns(sources)) {
    const bytes2 = source instanceof Uint8Array ? Promise.resolve(source) : get(store, source);
    bytes2.catch(() => {
    });
    if (next !== void 0) yield await next;
    next = bytes2;
  }
  if (next !== void 0) yield await next;
}
function* inRuns(sources) {
  let run;
  for (const source of sources) {
    if (source instanceof Uint8Array) {
      if (run !== void 0) yield run;
      run = void 0;
      yield source;
    } else if (run !== void 0 && follows(run, source) && run.length + source.length <= RUN2) {
      run = { ...run, length: run.length + source.length };
    } else {
      if (run !== void 0) yield run;
      run = source;
    }
  }
  if (run !== void 0) yield run;
}
function follows(run, source) {
  return source.key === run.key && source.offset === run.offset + run.length;
}
async function get(store, { key, offset, length }) {
  const bytes2 = await store.getBytes(key, { offset, length });
  if (bytes2 === void 0) throw new Error(`Cannot read "${key}": it was deleted`);
  if (bytes2.length !== length)
    throw new Error(`Cannot read ${length} bytes of "${key}": received ${bytes2.length}`);
  return bytes2;
}

// src/layers/layer-tar.ts
async function openTar(store, digest) {
  const stream = await store.get(blobKey(digest));
  if (stream === void 0) throw notStored(digest);
  return (await decompress2(chunks(stream), LAYER_LIMITS)).body;
}
function notStored(digest) {
  return new Error(`Cannot read layer ${digest}: its blob is not stored`);
}

// src/layers/shadow.ts
var KIND2 = "shadow index";
var VERSION2 = 1;
var Shadow = class {
  #store;
  #layer;
  #reader;
  #list;
  constructor(store, layer) {
    this.#store = store;
    this.#layer = layer;
    this.#reader = new BlockReader(store);
  }
  /** The contents of `size` bytes at an offset in the contents of all files. */
  contents(at, size) {
    const open3 = () => this.#open();
    const contentsIn = (list) => new BlockContents(this.#reader, list, at, size);
    return {
      size,
      part: (offset, length) => this.contents(at + offset, length),
      stored: async () => [{ list: await open3(), at, size }],
      async *read() {
        if (size > 0) yield* contentsIn(await open3()).read();
      },
      prefetch() {
        open3().then(
          (list) => contentsIn(list).prefetch(),
          () => {
          }
        );
      }
    };
  }
  #open() {
    if (this.#list === void 0) {
      this.#list = this.#openOrMake();
      this.#list.catch(() => {
        this.#list = void 0;
      });
    }
    return this.#list;
  }
  async #openOrMake() {
    const { digest } = this.#layer;
    const key = shadowKey(digest);
    return new BlockList2(key, "zstd", await this.#index(key) ?? await this.#make(key));
  }
  async #make(key) {
    const { digest } = this.#layer;
    if (!await makeElsewhere(this.#store, this.#layer, "shadow"))
      return storeShadow(this.#store, digest, await openTar(this.#store, digest));
    const lengths = await this.#index(key);
    if (lengths === void 0) throw new Error(`Cannot read layer ${digest}: its shadow was deleted`);
    return lengths;
  }
  async #index(key) {
    const stored = await this.#store.getBytes(`${key}.index`);
    return stored && decodeFramed(stored, KIND2, VERSION2).header.blocks;
  }
};
function shadowKey(digest) {
  return `shadows/${hexOf(digest)}`;
}
async function storeShadow(store, digest, tar) {
  const key = shadowKey(digest);
  const writer = await store.create(key);
  const packer = new BlockPacker();
  const writeReady = async () => {
    for (const block of packer.take()) await writer.write(block);
  };
  try {
    for await (const { entry, body: contents, bytes: bytes2 } of readTar(tar, LAYER_LIMITS)) {
      if (entry.type !== "file") continue;
      if (bytes2 !== void 0) {
        packer.add(bytes2);
      } else {
        for await (const chunk of contents) {
          packer.add(chunk);
          if (packer.readyBytes > 0) await writeReady();
        }
      }
      if (packer.readyBytes > 0) await writeReady();
    }
    packer.flush();
    await writeReady();
    await writer.complete();
  } catch (error2) {
    await writer.abort();
    throw error2;
  }
  const index = concat(encodeFramed(KIND2, VERSION2, { blocks: packer.lengths }, []));
  await store.put(`${key}.index`, index, index.length);
  return packer.lengths;
}

// src/layers/toc.ts
var KIND3 = "table of contents";
var VERSION3 = 2;
var recent2 = new Recent();
function tocKey(digest) {
  return `tocs/${hexOf(digest)}`;
}
function encodeToc(info, frames) {
  return encodeFramed(KIND3, VERSION3, info, frames);
}
async function decodeToc(store, digest, bytes2) {
  const toc = decodeFramed(bytes2, KIND3, VERSION3);
  const { size, mediaType, diffId, written } = toc.header;
  if (toc.header.digest !== digest)
    throw new TypeError(`Cannot read a stored ${KIND3}: it is not that of ${digest}`);
  const info = { digest, size, mediaType, diffId, ...written && { written } };
  return withTable(store, info, await inTurns(EntryTable.fromLines(toc.frames())));
}
async function openLayer(store, digest, key = tocKey(digest)) {
  const known2 = recent2.get(store, key);
  if (known2 !== void 0) return withTable(store, known2.value, known2.value.tree);
  const bytes2 = await store.getBytes(key);
  if (bytes2 === void 0) return void 0;
  try {
    const layer = await decodeToc(store, digest, bytes2);
    const memory = layer.tree.memory + CHUNK3 * (layer.written?.chunks.length ?? 0);
    recent2.set(store, key, { ...layer, tree: layer.tree.withContents() }, { size: bytes2.length, memory });
    return layer;
  } catch (error2) {
    if (UNREADABLE.some((type) => error2 instanceof type)) return void 0;
    throw error2;
  }
}
var CHUNK3 = 160;
var UNREADABLE = [TypeError, SyntaxError, RangeError, CompressionError];
function withTable(store, info, table) {
  return { ...info, tree: table.withContents(contentsOf2(store, info)) };
}
function contentsOf2(store, info) {
  const { written } = info;
  if (written === void 0) {
    const shadow = new Shadow(store, info);
    return (place2, size) => shadow.contents(place2, size);
  }
  const list = new BlockList2(blobKey(info.digest), written.compression, written.chunks);
  const reader = new BlockReader(store);
  return (place2, size) => new BlockContents(reader, list, place2, size);
}

// src/network/address.ts
function parseAddress(host) {
  if (host.startsWith("[")) return parseIpv6(host.slice(1, -1));
  return parseIpv4(host);
}
function addressKind(address) {
  if (address.length === 4) return ipv4Kind(address);
  const embedded = embeddedIpv4(address);
  if (embedded !== void 0) return ipv4Kind(embedded);
  if (startsWith(address, LOOPBACK2, 128)) return "loopback";
  if (!startsWith(address, [32], 3)) return "private";
  return IPV6_SPECIAL.some(([prefix, bits]) => startsWith(address, prefix, bits)) ? "private" : "public";
}
var LOOPBACK2 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
var IPV4_SPECIAL = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  // between a provider and its customers
  [[169, 254], 16],
  // link-local, and the metadata services of clouds
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  [[224], 4],
  // multicast
  [[240], 4]
];
var IPV6_SPECIAL = [
  [[32, 1, 0], 23],
  // Teredo, ORCHID, benchmarks
  [[32, 1, 13, 184], 32],
  [[63, 255, 0], 20]
];
var EMBEDDING = [
  [[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255], 96], 12],
  // mapped
  [[[0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0], 96], 12],
  // translated
  [[[0, 100, 255, 155, 0, 0, 0, 0, 0, 0, 0, 0], 96], 12],
  // NAT64
  [[[32, 2], 16], 2]
  // 6to4
];
function ipv4Kind(address) {
  if (address[0] === 127) return "loopback";
  return IPV4_SPECIAL.some(([prefix, bits]) => startsWith(address, prefix, bits)) ? "private" : "public";
}
function embeddedIpv4(address) {
  for (const [[prefix, bits], at] of EMBEDDING) {
    if (startsWith(address, prefix, bits)) return address.slice(at, at + 4);
  }
  return void 0;
}
function startsWith(address, prefix, bits) {
  for (let bit = 0; bit < bits; bit++) {
    const mask = 128 >> (bit & 7);
    if (((address[bit >> 3] ?? 0) & mask) !== ((prefix[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}
function parseIpv4(text2) {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text2)) return void 0;
  const bytes2 = text2.split(".").map(Number);
  return bytes2.every((byte) => byte <= 255) ? bytes2 : void 0;
}
function parseIpv6(text2) {
  if (!/^[0-9a-f:]{2,39}$/i.test(text2)) return void 0;
  const [head2 = "", tail] = text2.split("::");
  const before = groups(head2);
  const after = groups(tail ?? "");
  const missing = 8 - before.length - after.length;
  if (tail === void 0 ? missing !== 0 : missing < 0) return void 0;
  const all = [...before, ...new Array(missing).fill(0), ...after];
  return all.flatMap((group) => [group >> 8, group & 255]);
}
function groups(text2) {
  return text2 === "" ? [] : text2.split(":").map((group) => Number.parseInt(group, 16));
}

// src/network/network-policy.ts
var LOCAL_NAMES = /(?:^|\.)localhost$/;
var PRIVATE_NAMES = /(?:^|\.)(?:internal|local|localdomain|home\.arpa|intranet|lan)$/;
function isLoopbackHost(host) {
  const url2 = URL.parse(`http://${host}`);
  return url2 !== null && hostKind(withoutDots(url2.hostname)) === "loopback";
}
function withoutDots(host) {
  return trimEnd(host, ".");
}
function hostKind(host) {
  const address = parseAddress(host);
  if (address !== void 0) return addressKind(address);
  if (LOCAL_NAMES.test(host)) return "loopback";
  return PRIVATE_NAMES.test(host) || !host.includes(".") ? "private" : "public";
}

// src/streams/collect.ts
var TooLargeError = class extends Error {
  name = "TooLargeError";
  /** The limit in bytes. */
  limit;
  constructor(limit) {
    super(`Cannot read more than ${limit} bytes into memory`);
    this.limit = limit;
  }
};
async function collect(source, limit) {
  const parts = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limit) throw new TooLargeError(limit);
    parts.push(chunk);
  }
  return concat(parts);
}

// src/streams/keep-recent.ts
function keepRecent(map2, key, value, max) {
  map2.delete(key);
  map2.set(key, value);
  for (const oldest of map2.keys()) {
    if (map2.size <= max) break;
    map2.delete(oldest);
  }
}

// src/streams/readable.ts
function readable(source) {
  const iterator = Symbol.iterator in source ? source[Symbol.iterator]() : source[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done: done2 } = await iterator.next();
        if (done2) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      }
    },
    { highWaterMark: 0 }
  );
}

// src/runner/server/job-service.ts
init_job_error();

// src/runner/tasks/zlib-pool.ts
import { availableParallelism } from "node:os";
import { promisify as promisify2 } from "node:util";
import { gunzip as gunzip2, gzip, zstdCompress as zstdCompress2, zstdDecompress as zstdDecompress2 } from "node:zlib";
var gzipInPool = promisify2(gzip);
var gunzipInPool = promisify2(gunzip2);
var zstdInPool = promisify2(zstdCompress2);
var unzstdInPool = promisify2(zstdDecompress2);
var POOL_CHUNKS = 4 * availableParallelism();
function compressInPool(compression) {
  return compression === "gzip" ? async (bytes2, level) => finishGzipMember(await gzipInPool(bytes2, gzipOptions(bytes2, level))) : async (bytes2, level) => finishZstdFrame(bytes2, await zstdInPool(bytes2, zstdOptions(bytes2, level)));
}
var inflateInPool = async (bytes2, kind, expectedSize) => {
  const options = { maxOutputLength: expectedSize + 1, chunkSize: Math.max(64, expectedSize + 1) };
  const contents = await (kind === "gzip" ? gunzipInPool : unzstdInPool)(bytes2, options).catch(
    (cause) => {
      throw new CompressionError("corrupt", kind, cause.message, { cause });
    }
  );
  if (contents.length === expectedSize) return contents;
  throw new CompressionError("corrupt", kind, `${contents.length} bytes instead of ${expectedSize}`);
};
var blocksInPool = { ahead: 24 * 1024 * 1024, inflate: inflateInPool };

// src/runner/server/transfer-retries.ts
init_job_error();
import { setTimeout as sleep3 } from "node:timers/promises";
var WAITS_MS = [250, 1e3, 4e3, 8e3, 16e3, 3e4];
async function withTransferRetries(doing, signal, attempt) {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error2) {
      await waitToRetry(doing, error2, tries, signal);
    }
  }
}
async function waitToRetry(doing, error2, tries, signal) {
  signal.throwIfAborted();
  const wait = WAITS_MS[tries];
  const isTemporary = error2 instanceof TransferError ? isBusy(error2) : error2 instanceof TypeError;
  if (!isTemporary) throw error2;
  if (wait === void 0) throw asJobError(doing, error2);
  await sleep3(wait, void 0, { signal });
}
function isBusy({ status }) {
  return status >= 500 || status === 429;
}
function asJobError(doing, error2) {
  if (!(error2 instanceof TypeError)) return error2;
  const reason = error2.cause instanceof Error ? error2.cause.message : error2.message;
  return new JobError("internal", `${doing}: ${reason}`);
}

// src/runner/server/upload-parts.ts
var UPLOAD_PART = 64 * 1024 * 1024;
var MIN_PART = 512 * 1024;
var MAX_IDLE2 = 3;
async function uploadParts({ size, part, send: send2 }) {
  let limit = part;
  let idle = 0;
  for (let offset = 0; offset < size; ) {
    const length = Math.min(limit, size - offset);
    try {
      const received = await send2(offset, length);
      idle = received > offset ? 0 : idle + 1;
      offset = received;
    } catch (error2) {
      if (!(error2 instanceof TransferError && error2.isTooLarge) || length <= MIN_PART) throw error2;
      limit = Math.max(MIN_PART, Math.min(UPLOAD_PART, Math.floor(length / 2)));
    }
    if (idle > MAX_IDLE2) throw new Error(`the server does not receive bytes from ${offset} on`);
  }
}
var STALL_MS = 6e4;
async function* watchStall(source, stalled, milliseconds = STALL_MS) {
  let timer;
  try {
    for await (const chunk of source) {
      timer = setTimeout(stalled, milliseconds);
      yield chunk;
      clearTimeout(timer);
    }
  } finally {
    clearTimeout(timer);
  }
}

// src/runner/server/job-service.ts
var MAX_UPLOADS = 3;
var SPOILED = /* @__PURE__ */ new Set([400, 404, 416]);
var TOC_MS = 10 * 6e4;
var MAX_CONTEXTS = 16;
var JobService = class {
  #server;
  #contexts = /* @__PURE__ */ new Map();
  constructor(server) {
    this.#server = server;
  }
  /** A layer that the job reads. */
  async blob(job2, digest, signal) {
    const bytes2 = await this.#object(job2, blobKey(digest), signal);
    if (bytes2 !== void 0) return bytes2;
    throw new JobError("internal", `Cannot fetch layer ${digest}: the server does not have it`);
  }
  /** A context that the job reads. Contents are fetched when they are read. */
  async context(job2, { context: digest, copy, ...selection }, signal) {
    const store = this.#store(job2, signal);
    const key = copy ?? contextKey(digest);
    const known2 = this.#contexts.get(key) ?? await openContext(store, digest, key);
    if (known2 === void 0)
      throw new JobError("internal", `Cannot fetch context ${digest}: the server no longer has it`);
    const { tree, packs } = known2;
    keepRecent(this.#contexts, key, { tree: tree.withContents(), packs }, MAX_CONTEXTS);
    return contextView(tree.withContents(packReader(store, packs, blocksInPool)), selection);
  }
  /** The entries of a layer that the job reads; undefined when they are not stored. */
  async entries(job2, { digest, toc }, signal) {
    return (await openLayer(this.#store(job2, signal), digest, toc))?.tree;
  }
  /**
   * Uploads the layer that the job wrote, in parts, and its table of contents.
   * @param size bytes of the layer
   */
  async putLayer(job2, { digest, size, toc }, read, signal) {
    const doing = `Cannot upload layer ${digest}`;
    for (let uploads = 1; ; uploads++) {
      try {
        await this.#uploadLayer(doing, job2, digest, size, read, signal);
        break;
      } catch (error2) {
        const isSpoiled = error2 instanceof TransferError && SPOILED.has(error2.status);
        if (!isSpoiled || uploads === MAX_UPLOADS) throw error2;
      }
    }
    const body = toc;
    await withTransferRetries(doing, signal, () => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TOC_MS)]);
      return this.#request(doing, job2, `tocs/${digest}`, { method: "PUT", body, signal: limited });
    });
  }
  async #uploadLayer(doing, job2, digest, size, read, signal) {
    const { upload } = await withTransferRetries(doing, signal, async () => {
      const started = await this.#request(doing, job2, "layers", { method: "POST", signal });
      return await started.json();
    });
    const path = `layers/${upload}`;
    const sendPart = (offset, length) => {
      let isRepeated = false;
      return withTransferRetries(doing, signal, async () => {
        const known2 = isRepeated ? await this.#sentBytes(doing, job2, path, signal) : offset;
        isRepeated = true;
        if (known2 > offset) return known2;
        return this.#sendPart(doing, job2, `${path}?offset=${offset}`, head(read(offset), length), signal);
      });
    };
    await uploadParts({ size, part: isLoopbackHost(this.#server.host) ? size : UPLOAD_PART, send: sendPart });
    await withTransferRetries(
      doing,
      signal,
      () => this.#request(doing, job2, `${path}?digest=${digest}`, { method: "PUT", signal })
    );
  }
  /** Number of bytes of an upload that the server has. */
  async #sentBytes(doing, job2, path, signal) {
    const response = await this.#request(doing, job2, path, { method: "PATCH", signal });
    return (await response.json()).size;
  }
  /** @returns the bytes of the upload that the server has */
  async #sendPart(doing, job2, path, bytes2, signal) {
    const stall = new AbortController();
    const stalled = () => stall.abort(new TypeError("the connection accepts no bytes"));
    const body = readable(watchStall(bytes2, stalled));
    const either = AbortSignal.any([signal, stall.signal]);
    const request2 = { method: "PATCH", body, duplex: "half", signal: either };
    const response = await this.#request(doing, job2, path, request2);
    return (await response.json()).size;
  }
  /** The objects that a job may read. */
  #store(job2, signal) {
    const unsupported = async () => {
      throw new Error("A job does not write objects");
    };
    const getBytes = async (key, range) => {
      const bytes2 = await this.#object(job2, key, signal, range);
      return bytes2 && collect(bytes2, Number.POSITIVE_INFINITY);
    };
    const get2 = async (key, range) => {
      const bytes2 = await this.#object(job2, key, signal, range);
      return bytes2 && readable(bytes2);
    };
    return {
      getBytes,
      get: get2,
      head: async () => void 0,
      put: unsupported,
      create: unsupported,
      delete: unsupported,
      list: async function* () {
      }
    };
  }
  /** The bytes of a stored object; undefined when it does not exist. */
  async #object(job2, key, signal, range = { offset: 0 }) {
    const opened = await this.#open(job2, key, signal, range);
    return opened && this.#read(job2, key, signal, range, opened);
  }
  /** Reads an object. After a lost connection it continues with the bytes that are missing. */
  async *#read(job2, key, signal, { offset, length }, opened) {
    let read = 0;
    for (let response = opened, tries = 0; response?.body; tries++) {
      try {
        for await (const chunk of chunks(response.body)) {
          read += chunk.length;
          tries = 0;
          yield chunk;
        }
        return;
      } catch (error2) {
        await waitToRetry(`Cannot fetch "${key}"`, error2, tries, signal);
      }
      const rest = { offset: offset + read, ...length !== void 0 && { length: length - read } };
      response = await this.#open(job2, key, signal, rest);
    }
    throw new JobError("internal", `Cannot fetch "${key}": the server no longer has it`);
  }
  async #open(job2, key, signal, range) {
    const doing = `Cannot fetch "${key}"`;
    const isWhole = range.offset === 0 && range.length === void 0;
    const headers = !isWhole && { range: `bytes=${range.offset}-${lastOf(range)}` };
    return withTransferRetries(doing, signal, async () => {
      const path = `objects/${key.split("/").map(encodeURIComponent).join("/")}`;
      const response = await fetch(this.#url(job2, path), {
        headers: { authorization: `Bearer ${job2.token}`, ...headers },
        signal
      });
      if (response.status === 404) return void 0;
      if (!response.ok) throw await transferError(doing, response);
      return response;
    });
  }
  async #request(doing, job2, path, request2) {
    const headers = { authorization: `Bearer ${job2.token}`, "content-type": "application/octet-stream" };
    const response = await fetch(this.#url(job2, path), { ...request2, headers });
    if (!response.ok) throw await transferError(doing, response);
    return response;
  }
  #url({ id: id2 }, path) {
    return new URL(`/v1/jobs/${encodeURIComponent(id2)}/${path}`, this.#server).href;
  }
};
function lastOf({ offset, length }) {
  return length === void 0 ? "" : offset + length - 1;
}
async function* head(source, length) {
  let left = length;
  for await (const chunk of source) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

// src/runner/slots.ts
var Slots = class {
  #free;
  #waiting = [];
  constructor(count2) {
    this.#free = count2;
  }
  async use(work) {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise((resolve2) => this.#waiting.push(resolve2));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === void 0) this.#free += 1;
      else next();
    }
  }
};

// src/runner/snapshots/directory-store.ts
import { randomUUID as randomUUID6 } from "node:crypto";
import { mkdir as mkdir6 } from "node:fs/promises";
import { join as join17 } from "node:path";
init_command();
init_directory_attributes();

// src/runner/snapshots/shared-directories.ts
import { randomUUID as randomUUID5 } from "node:crypto";
import { existsSync as existsSync3 } from "node:fs";
import { mkdir as mkdir5, readdir, rename as rename3, utimes } from "node:fs/promises";
import { join as join15 } from "node:path";

// src/runner/files/disk.ts
import { statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";
var FULL_BYTES = 1024 * 1024;
var DISK_FULL = "no space left on the runner's disk";
async function isFull(folder) {
  return hasFew(await statfs(folder));
}
function isFullNow(folder) {
  try {
    return hasFew(statfsSync(folder));
  } catch {
    return false;
  }
}
function hasFew({ bavail, bsize }) {
  return bavail * bsize < FULL_BYTES;
}

// src/runner/snapshots/shared-directories.ts
init_remove_tree();
init_job_error();

// src/runner/once.ts
function once3(work) {
  let done2;
  return () => {
    done2 ??= { result: work() };
    return done2.result;
  };
}

// src/runner/snapshots/directory-record.ts
import { randomUUID as randomUUID4 } from "node:crypto";
import { readFile as readFile3, rename as rename2, stat, writeFile as writeFile3 } from "node:fs/promises";
import { basename as basename2, join as join14 } from "node:path";
var RECORD2 = "layer.json";
var VERSION4 = 2;
async function writeRecord(folder, record2) {
  const path = join14(folder, RECORD2);
  const fresh = `${path}.${randomUUID4()}.new`;
  await writeFile3(fresh, JSON.stringify({ version: VERSION4, ...record2 }));
  await rename2(fresh, path);
}
async function readRecord(folder) {
  if (/^(?:new|old)-/.test(basename2(folder))) return void 0;
  try {
    const path = join14(folder, RECORD2);
    const { version: version2, ...record2 } = JSON.parse(await readFile3(path, "utf8"));
    if (version2 !== VERSION4) return void 0;
    const { mtimeMs } = await stat(path);
    return { ...record2, usedAt: mtimeMs };
  } catch {
    return void 0;
  }
}

// src/runner/snapshots/shared-directories.ts
var NEW = "new-";
var OLD = "old-";
var CONCURRENCY = 4;
var SharedDirectories = class _SharedDirectories {
  #folder;
  #limit;
  #slots = new Slots(CONCURRENCY);
  #known = /* @__PURE__ */ new Map();
  #making = /* @__PURE__ */ new Map();
  #evicting = /* @__PURE__ */ new Map();
  #claims;
  constructor(folder, limit) {
    this.#folder = folder;
    this.#limit = limit;
    this.#claims = new DirectoryClaims(`${folder}.claims`);
  }
  /** Reads what is in `folder`. Removes directories that a program was making or removing when it ended. */
  static async open(folder, limit) {
    await mkdir5(folder, { recursive: true, mode: 448 });
    const directories = new _SharedDirectories(folder, limit);
    for (const name of await readdir(folder)) {
      const [, maker] = /^(?:new|old)-(.+)\+/.exec(name) ?? [];
      if (maker !== void 0 && isAlive(maker)) continue;
      if (!await directories.#read(name)) await removeTree(join15(folder, name));
    }
    await directories.#evict();
    return directories;
  }
  /** Releases all directories for other programs. */
  close() {
    this.#claims.close();
  }
  /** The records of the known directories by name. They may have been removed meanwhile. */
  *records() {
    for (const [name, { record: record2 }] of this.#known) yield [name, record2];
  }
  /** The record of a directory, if it is known. */
  recordOf(name) {
    return this.#known.get(name)?.record;
  }
  /** Changes the record of a directory, if it is known. */
  async update(name, change) {
    const record2 = this.recordOf(name);
    if (record2 !== void 0) await writeRecord(join15(this.#folder, name), Object.assign(record2, change));
  }
  /** Holds the directory of this name; undefined when it is missing. */
  async hold(name) {
    await this.#claim(name);
    return this.#holdKnown(name);
  }
  /** Holds the directory of this name; `fill` makes its contents when it is missing. */
  async holdOrMake(name, signal, fill) {
    for (; ; ) {
      await this.#claim(name);
      const held = this.#holdKnown(name);
      if (held !== void 0) return held;
      let making = this.#making.get(name);
      const isMine = making === void 0;
      making ??= this.#make(name, fill);
      try {
        await making;
      } catch (error2) {
        if (isMine || signal.aborted) throw error2;
      }
    }
  }
  #holdKnown(name) {
    const known2 = this.#known.get(name);
    const folder = join15(this.#folder, name);
    if (known2 === void 0 || !existsSync3(join15(folder, RECORD2))) return void 0;
    known2.holders += 1;
    known2.usedAt = Date.now();
    const release2 = once3(() => this.#release(name, known2));
    return { name, path: join15(folder, "tree"), record: known2.record, release: release2 };
  }
  /** Protects a directory from removal by other programs, and reads whether it exists. */
  async #claim(name) {
    await this.#evicting.get(name);
    if (await this.#claims.claim(name) && !await this.#read(name)) this.#known.delete(name);
  }
  /** Reads the record of a directory unless it is known. @returns whether the directory is complete */
  async #read(name) {
    const found = await readRecord(join15(this.#folder, name));
    if (found === void 0) return false;
    const { usedAt, ...record2 } = found;
    if (!this.#known.has(name)) this.#known.set(name, { record: record2, usedAt, holders: 0 });
    return true;
  }
  #release(name, known2) {
    known2.holders -= 1;
    const now = /* @__PURE__ */ new Date();
    utimes(join15(this.#folder, name, RECORD2), now, now).catch(() => {
    });
    this.#evict().catch((error2) => console.error(error2));
  }
  #make(name, fill) {
    const making = this.#slots.use(() => this.#makeNow(name, fill)).finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }
  async #makeNow(name, fill) {
    const folder = this.#temporary(NEW);
    try {
      await mkdir5(join15(folder, "tree"), { recursive: true, mode: 493 });
      const record2 = await fill(join15(folder, "tree"));
      await writeRecord(folder, record2);
      if (!await renameNew(folder, join15(this.#folder, name))) await removeTree(folder);
      this.#known.set(name, { record: record2, usedAt: Date.now(), holders: 0 });
    } catch (cause) {
      const error2 = await isFull(this.#folder) ? new JobError("out-of-disk", DISK_FULL) : cause;
      await removeTree(folder);
      throw error2;
    }
  }
  async #evict() {
    if (this.#bytes <= this.#limit) return;
    for (const name of await readdir(this.#folder)) {
      if (!this.#known.has(name) && !this.#evicting.has(name)) await this.#read(name);
    }
    const names2 = [...this.#known].sort(([, a], [, b]) => a.usedAt - b.usedAt).map(([name]) => name);
    for (const name of names2) {
      if (this.#bytes <= this.#limit) return;
      const known2 = this.#known.get(name);
      if (known2 === void 0 || known2.holders > 0) continue;
      this.#known.delete(name);
      const evicting = this.#evictOne(name, known2).finally(() => this.#evicting.delete(name));
      this.#evicting.set(name, evicting);
      await evicting;
    }
  }
  async #evictOne(name, known2) {
    const gone = this.#temporary(OLD);
    const isMine = await this.#claims.evict(
      name,
      () => rename3(join15(this.#folder, name), gone).catch((error2) => {
        if (error2.code !== "ENOENT") throw error2;
      })
    );
    if (isMine) await removeTree(gone);
    else this.#known.set(name, known2);
  }
  get #bytes() {
    let total2 = 0;
    for (const { record: record2 } of this.#known.values()) total2 += record2.bytes;
    return total2;
  }
  #temporary(kind) {
    return join15(this.#folder, `${kind}${this.#claims.program}+${randomUUID5()}`);
  }
};
async function renameNew(from, to) {
  try {
    await rename3(from, to);
    return true;
  } catch (error2) {
    const { code } = error2;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error2;
  }
}

// src/runner/snapshots/snapshot-names.ts
import { readdir as readdir2, readFile as readFile4, rm as rm3, writeFile as writeFile4 } from "node:fs/promises";
import { join as join16 } from "node:path";
var MAX_STALE = 1e3;
var SnapshotNames = class {
  /** Folder of these files. */
  folder;
  #store;
  /** Names that were kept since `removeStale`. */
  #kept = 0;
  /** @param store folder of the snapshots */
  constructor(store) {
    this.folder = `${store}.names`;
    this.#store = store;
  }
  async keep(id2, names2) {
    for (const name of names2) await writeFile4(this.#pathOf(name), id2);
    this.#kept += names2.length;
    if (this.#kept >= MAX_STALE) await this.removeStale();
  }
  /** Finds the snapshots of names. Deletes names of snapshots that were removed. */
  async find(names2) {
    const found = /* @__PURE__ */ new Map();
    for (const name of names2) {
      const snapshot = await this.#read(this.#pathOf(name));
      if (snapshot !== void 0) found.set(name, snapshot);
    }
    return found;
  }
  /** Deletes the names of snapshots that were removed, if there are many. Most are never looked up again. */
  async removeStale() {
    this.#kept = 0;
    const names2 = await readdir2(this.folder);
    const snapshots = await readdir2(this.#store);
    if (names2.length <= snapshots.length + MAX_STALE) return;
    for (const name of names2) await this.#read(join16(this.folder, name));
  }
  /** The snapshot of a name. Deletes a name whose snapshot was removed. */
  async #read(path) {
    const id2 = await readFile4(path, "utf8").catch(() => void 0);
    if (id2 === void 0) return void 0;
    const record2 = await readRecord(join16(this.#store, id2));
    if (record2 !== void 0) return { id: id2, bytes: record2.bytes };
    await rm3(path, { force: true });
    return void 0;
  }
  #pathOf(name) {
    return join16(this.folder, sha256Hex(name));
  }
};

// src/runner/snapshots/unpack.ts
import { createHash as createHash4 } from "node:crypto";

// src/streams/read-ahead.ts
async function* readAhead(source, window) {
  const ready = [];
  let size = 0;
  let isStopped = false;
  let isEnded = false;
  let wakeReader = () => {
  };
  let wakeConsumer = () => {
  };
  async function read() {
    try {
      for await (const chunk of source) {
        if (isStopped) return;
        ready.push(chunk);
        size += chunk.length;
        wakeConsumer();
        while (size >= window && !isStopped) await new Promise((wake) => wakeReader = wake);
      }
    } finally {
      isEnded = true;
      wakeConsumer();
    }
  }
  const reading = read();
  reading.catch(() => {
  });
  try {
    while (ready.length > 0 || !isEnded) {
      const chunk = ready.shift();
      if (chunk === void 0) {
        await new Promise((wake) => wakeConsumer = wake);
        continue;
      }
      size -= chunk.length;
      wakeReader();
      yield chunk;
    }
    await reading;
  } finally {
    isStopped = true;
    wakeReader();
  }
}

// src/runner/snapshots/unpack.ts
init_command();
init_user_namespace();

// src/tar/write.ts
var MAX_7 = 2097151;
var MAX_11 = 8589934591;
var TYPE_FLAGS = {
  file: 48,
  hardlink: 49,
  symlink: 50,
  char: 51,
  block: 52,
  dir: 53,
  fifo: 54
};
var PAX_FLAG = 120;
var TEMPLATE = template();
function encodeMember(entry) {
  const records = paxRecords(entry);
  const header2 = ustar(entry);
  if (records.length === 0) return header2;
  records.sort(([a], [b]) => a < b ? -1 : 1);
  const body = writePax(records);
  return concat([paxHeader(entry, body.length), body, padding(body.length), header2]);
}
function padding(size) {
  return ZEROS2.subarray(0, paddingSize(size));
}
var ZEROS2 = new Uint8Array(TAR_BLOCK);
var endOfArchive = new Uint8Array(2 * TAR_BLOCK);
function paxRecords(entry) {
  const records = [];
  const name = nameOf3(entry);
  if (!isAscii(name) || splitAt(name) < 0) records.push(["path", name]);
  const { linkname } = entry;
  if (linkname !== void 0 && (linkname.length > 100 || !isAscii(linkname)))
    records.push(["linkpath", linkname]);
  if (entry.size > MAX_11) records.push(["size", String(entry.size)]);
  if (entry.uid > MAX_7) records.push(["uid", String(entry.uid)]);
  if (entry.gid > MAX_7) records.push(["gid", String(entry.gid)]);
  if (!Number.isInteger(entry.mtime) || entry.mtime < 0 || entry.mtime > MAX_11) {
    records.push(["mtime", decimalTime(entry.mtime)]);
  }
  if (entry.device !== void 0 && (entry.device.major > MAX_7 || entry.device.minor > MAX_7)) {
    records.push(
      ["SCHILY.devmajor", String(entry.device.major)],
      ["SCHILY.devminor", String(entry.device.minor)]
    );
  }
  if (entry.xattrs !== void 0) {
    for (const [key, value] of Object.entries(entry.xattrs)) records.push([XATTR + key, fromBase64(value)]);
  }
  return records;
}
function ustar(entry) {
  const block = TEMPLATE.slice();
  const name = nameOf3(entry);
  const split2 = splitAt(name);
  if (split2 > 0) {
    putText(block, 345, 155, name.slice(0, split2));
    putText(block, 0, 100, name.slice(split2 + 1));
  } else {
    putText(block, 0, 100, name);
  }
  if (entry.linkname !== void 0) putText(block, 157, 100, entry.linkname);
  putOctal(block, 100, 7, entry.mode);
  putOctal(block, 108, 7, entry.uid > MAX_7 ? 0 : entry.uid);
  putOctal(block, 116, 7, entry.gid > MAX_7 ? 0 : entry.gid);
  putOctal(block, 124, 11, entry.size > MAX_11 ? 0 : entry.size);
  putOctal(block, 136, 11, Math.min(Math.max(Math.floor(entry.mtime), 0), MAX_11));
  block[156] = TYPE_FLAGS[entry.type];
  if (entry.device !== void 0) {
    putOctal(block, 329, 7, entry.device.major > MAX_7 ? 0 : entry.device.major);
    putOctal(block, 337, 7, entry.device.minor > MAX_7 ? 0 : entry.device.minor);
  }
  return addChecksum(block);
}
function paxHeader(entry, size) {
  const block = TEMPLATE.slice();
  const last3 = entry.path.slice(entry.path.lastIndexOf("/") + 1).replace(/[^ -~]/gu, "_");
  putText(block, 0, 100, `PaxHeaders.0/${last3.slice(0, 80)}`);
  putOctal(block, 100, 7, 420);
  putOctal(block, 124, 11, size);
  block[156] = PAX_FLAG;
  return addChecksum(block);
}
function template() {
  const block = new Uint8Array(TAR_BLOCK);
  for (const at of [100, 108, 116, 329, 337]) putOctal(block, at, 7, 0);
  for (const at of [124, 136]) putOctal(block, at, 11, 0);
  putText(block, 257, 8, "ustar\x0000");
  return block;
}
function addChecksum(block) {
  putOctal(block, 148, 6, sumBytes(block));
  block[155] = 32;
  return block;
}
function nameOf3(entry) {
  if (entry.path === "") return "./";
  return entry.type === "dir" ? `${entry.path}/` : entry.path;
}
function splitAt(name) {
  if (name.length <= 100) return 0;
  if (name.length > 256) return -1;
  const slash = name.lastIndexOf("/", Math.min(155, name.length - 2));
  return slash > 0 && name.length - slash - 1 <= 100 ? slash : -1;
}
function putText(block, at, fieldLength, text2) {
  const length = Math.min(text2.length, fieldLength);
  for (let i = 0; i < length; i++) {
    const code = text2.charCodeAt(i);
    if (code >= 128) {
      block.set(encodeName(text2).subarray(0, fieldLength), at);
      return;
    }
    block[at + i] = code;
  }
}
function putOctal(block, at, digits, value) {
  let rest = value;
  let i = at + digits - 1;
  for (; rest > 2147483647; i--) {
    block[i] = 48 + rest % 8;
    rest = Math.floor(rest / 8);
  }
  for (; i >= at; i--) {
    block[i] = 48 | rest & 7;
    rest >>= 3;
  }
}

// src/runner/snapshots/overlay-members.ts
var OVERLAY_XATTR = /^(?:trusted|user)\.overlay\./;
var FLUSH = 256 * 1024;
function emptyRecord() {
  return { implied: [], bytes: 0, index: { xattrs: {}, opaque: [], links: [], hasRemovals: false } };
}
async function* overlayMembers(members2, prefix, record2, isMade2) {
  const root2 = directory();
  const out = new Batch();
  for await (const { entry, body, bytes: bytes2 } of members2) {
    const names2 = entry.path === "" ? [] : entry.path.split("/");
    const last3 = names2.at(-1) ?? "";
    const parent = names2.length === 0 ? root2 : parentOf2(root2, names2, entry.path);
    if (last3.startsWith(WHITEOUT)) {
      if (last3 === OPAQUE_WHITEOUT) parent.opaque = true;
      else if (!last3.startsWith(".wh..wh.")) remove(parent, last3.slice(WHITEOUT.length), entry.path);
      continue;
    }
    const target = entry.type === "hardlink" ? targetOf(root2, entry) : entry;
    put(root2, parent, last3, entry);
    if (!isMade2(target)) continue;
    out.add(encodeMember(withoutOverlayXattrs(entry)));
    record2.bytes += 4096;
    if (entry.type === "file" && entry.size > 0) {
      record2.bytes += entry.size;
      if (bytes2 !== void 0) {
        out.add(bytes2);
      } else {
        for await (const chunk of body) {
          out.add(chunk);
          if (out.size >= FLUSH) yield out.take();
        }
      }
      out.add(padding(entry.size));
    }
    if (out.size >= FLUSH) yield out.take();
  }
  if (root2.entry !== void 0) {
    const { mode, uid, gid, mtime } = root2.entry;
    record2.root = { mode, uid, gid, mtime };
  }
  const links = /* @__PURE__ */ new Map();
  for (const entry of removalEntries(root2, root2, "", prefix, record2, links)) {
    out.add(encodeMember(entry));
    if (out.size >= FLUSH) yield out.take();
  }
  for (const names2 of links.values()) record2.index.links.push(names2.sort(comparePaths));
  out.add(endOfArchive);
  yield out.take();
}
function directory() {
  return { isDirectory: true, opaque: false, removed: false };
}
function parentOf2(root2, names2, path) {
  let place2 = root2;
  for (let i = 0; i < names2.length - 1; i++) {
    const name = names2[i];
    place2.children ??= /* @__PURE__ */ new Map();
    let next = place2.children.get(name);
    if (next === void 0 || !next.isDirectory && next.removed && next.entry === void 0) {
      const removed = next?.removed ?? false;
      next = { ...directory(), removed };
      place2.children.set(name, next);
    }
    if (!next.isDirectory)
      throw new TarError("escapes", path, "it is below an entry that is not a directory");
    place2 = next;
  }
  return place2;
}
function remove(parent, name, path) {
  if (name === "" || name === "." || name === "..")
    throw new TarError("bad-header", path, "it removes nothing");
  parent.children ??= /* @__PURE__ */ new Map();
  const place2 = parent.children.get(name);
  if (place2 === void 0) parent.children.set(name, { isDirectory: false, opaque: false, removed: true });
  else place2.removed = true;
}
function targetOf(root2, entry) {
  const place2 = placeAt(root2, entry.linkname ?? "");
  if (place2 === void 0 || place2.isDirectory || place2.entry === void 0) {
    throw new TarError(
      "bad-header",
      entry.path,
      `it links to ${JSON.stringify(entry.linkname)}, which is not in the layer`
    );
  }
  return place2.entry;
}
function put(root2, parent, name, entry) {
  if (name === "") {
    if (entry.type !== "dir") throw new TarError("bad-header", entry.path, "the root is not a directory");
    root2.entry = entry;
    return;
  }
  parent.children ??= /* @__PURE__ */ new Map();
  const before = parent.children.get(name);
  if (entry.type === "dir" && before?.isDirectory) {
    before.entry = entry;
    return;
  }
  if (before?.isDirectory && hasEntries(before)) {
    throw new TarError("bad-header", entry.path, "it replaces a directory that is not empty");
  }
  parent.children.set(name, {
    isDirectory: entry.type === "dir",
    entry,
    opaque: false,
    removed: before?.removed ?? false
  });
}
function hasEntries({ children }) {
  for (const child of children?.values() ?? [])
    if (child.isDirectory || child.entry !== void 0) return true;
  return false;
}
function withoutOverlayXattrs(entry) {
  if (entry.xattrs === void 0 || !Object.keys(entry.xattrs).some((key) => OVERLAY_XATTR.test(key))) {
    return entry;
  }
  const kept = Object.entries(entry.xattrs).filter(([key]) => !OVERLAY_XATTR.test(key));
  return { ...entry, xattrs: Object.fromEntries(kept) };
}
function* removalEntries(root2, place2, path, prefix, record2, links) {
  const { index } = record2;
  for (const [name, child] of place2.children ?? []) {
    const at = childPath(path, name);
    const { xattrs } = child.entry === void 0 ? {} : withoutOverlayXattrs(child.entry);
    if (xattrs !== void 0) index.xattrs[at] = xattrs;
    if (child.entry?.type === "hardlink") addLink(root2, links, at, child.entry);
    if (child.isDirectory) {
      if (child.entry === void 0) record2.implied.push(at);
      if (child.opaque || child.removed) {
        index.opaque.push(at);
        index.hasRemovals = true;
        const entry = withoutOverlayXattrs(child.entry ?? impliedDirectory(at));
        yield { ...entry, xattrs: { ...entry.xattrs, [`${prefix}.overlay.opaque`]: "eQ==" } };
      }
      yield* removalEntries(root2, child, at, prefix, record2, links);
    } else if (child.removed && child.entry === void 0) {
      index.hasRemovals = true;
      yield { ...impliedDirectory(at), type: "char", mode: 0, device: { major: 0, minor: 0 } };
    }
  }
}
function addLink(root2, links, path, entry) {
  const seen = /* @__PURE__ */ new Set([path]);
  let target = entry.linkname ?? "";
  for (let next = placeAt(root2, target)?.entry; next?.type === "hardlink" && !seen.has(target); ) {
    seen.add(target);
    target = next.linkname ?? "";
    next = placeAt(root2, target)?.entry;
  }
  const names2 = links.get(target);
  if (names2 === void 0) links.set(target, [target, path]);
  else names2.push(path);
}
function placeAt(root2, path) {
  let place2 = root2;
  for (const name of path.split("/")) place2 = place2?.children?.get(name);
  return place2;
}
function impliedDirectory(path) {
  return { path, type: "dir", mode: 493, uid: 0, gid: 0, mtime: 0, size: 0 };
}
var Batch = class {
  #parts = [];
  size = 0;
  add(part) {
    this.#parts.push(part);
    this.size += part.length;
  }
  take() {
    const whole = Buffer.concat(this.#parts, this.size);
    this.#parts = [];
    this.size = 0;
    return whole;
  }
};

// src/runner/snapshots/unpack.ts
var AHEAD = 4 * 1024 * 1024;
async function unpackLayer(layer, blob, into, options) {
  const plain2 = createHash4("sha256");
  const { body } = await decompress2(verifyChunks(blob, layer), LAYER_LIMITS);
  const tar = readAhead(hashWhileReading(body, plain2), AHEAD);
  const members2 = readTar(tar, { ...LAYER_LIMITS, escapes: "refuse" });
  const record2 = await extractMembers(members2, into, options);
  requireDiffId(layer, plain2);
  return record2;
}
function requireDiffId({ digest, diffId }, plain2) {
  const actual = `sha256:${plain2.digest("hex")}`;
  if (actual === diffId) return;
  throw new Error(`Cannot verify layer ${digest}: its diffID is ${actual}, not ${diffId}`);
}
async function verifyLayerBlob(layer, blob) {
  const plain2 = createHash4("sha256");
  const { body } = await decompress2(verifyChunks(blob, layer), LAYER_LIMITS);
  for await (const chunk of body) plain2.update(chunk);
  requireDiffId(layer, plain2);
}
async function extractMembers(members2, into, { prefix, signal }) {
  const record2 = emptyRecord();
  const input2 = overlayMembers(members2, prefix, record2, memberRule());
  await runProgram("tar", EXTRACT.concat("--absolute-names", "--directory", into), { input: input2, signal });
  return record2;
}
function memberRule() {
  if (!isInUserNamespace()) return () => true;
  return ({ path, type, uid, gid }) => {
    requireIds({ uid, gid }, `${JSON.stringify(path)} belongs to ${uid}:${gid}`);
    return type !== "char" && type !== "block";
  };
}

// src/runner/snapshots/directory-store.ts
var SnapshotMissingError = class extends Error {
  name = "SnapshotMissingError";
  id;
  constructor(id2) {
    super(`The snapshot ${id2} is no longer on this machine`);
    this.id = id2;
  }
};
var MAX_PINNED_MS = 24 * 60 * 60 * 1e3;
var SNAPSHOT = /^snapshot-[0-9a-f-]{36}$/;
var DirectoryStore = class _DirectoryStore {
  #directories;
  /** Of overlayfs's own attributes. A folder has directories of one kind only. */
  prefix;
  /** Snapshots that are kept for later builds. */
  names;
  /** Snapshots of builds that run, and when the last one was added, in milliseconds since 1970. */
  #pinned = /* @__PURE__ */ new Map();
  constructor(directories, names2, prefix) {
    this.#directories = directories;
    this.names = names2;
    this.prefix = prefix;
  }
  /**
   * Opens the store in `folder`, which several programs may share.
   * @param limit bytes
   * @param prefix of overlayfs's own attributes
   */
  static async open(folder, limit, prefix) {
    const directories = await SharedDirectories.open(folder, limit);
    const names2 = new SnapshotNames(folder);
    await mkdir6(names2.folder, { recursive: true });
    await names2.removeStale();
    return new _DirectoryStore(directories, names2, prefix);
  }
  /** Releases all directories for other programs. */
  close() {
    this.#directories.close();
  }
  /**
   * Holds a layer. Fetches and unpacks it when it is missing; concurrent callers wait for the same attempt.
   * @throws {Error} when it cannot be fetched, verified or written
   */
  async holdLayer(layer, fetchBlob, signal) {
    const held = await this.holdOrMake(unpackedName(layer.diffId), signal, async (tree) => {
      const blob = await fetchBlob(layer.digest, signal);
      const record2 = await unpackLayer(layer, blob, tree, { prefix: this.prefix, signal });
      return { ...record2, blobs: [layer.digest] };
    });
    try {
      await this.#verify(held, layer, fetchBlob, signal);
      return held;
    } catch (error2) {
      held.release();
      throw error2;
    }
  }
  /** Verifies that a blob contains the layer that its manifest names, unless it is known to. */
  async #verify({ name, record: record2 }, layer, fetchBlob, signal) {
    const { blobs = [] } = record2;
    if (blobs.includes(layer.digest)) return;
    await verifyLayerBlob(layer, await fetchBlob(layer.digest, signal));
    await this.#directories.update(name, { blobs: [...blobs, layer.digest] });
  }
  /** Holds a snapshot. @throws {SnapshotMissingError} */
  async holdSnapshot(id2) {
    const held = isSnapshot(id2) ? await this.#directories.hold(id2) : void 0;
    if (held === void 0) throw new SnapshotMissingError(id2);
    return held;
  }
  /** Holds the directory of this name; `fill` makes its contents when it is missing. */
  holdOrMake(name, signal, fill) {
    return this.#directories.holdOrMake(name, signal, fill);
  }
  /**
   * Name of the directory for a layer on top of others: the snapshot from which this machine wrote the layer, which avoids
   * a download, or the unpacked layer. The layer of a RUN omits files that are unchanged from below, so its snapshot can
   * replace it on top of the same layers only.
   */
  nameOf(layer, below) {
    if ("snapshot" in layer) return layer.snapshot;
    const unpacked = unpackedName(layer.diffId);
    if (this.#directories.recordOf(unpacked) !== void 0) return unpacked;
    const layers = this.#layersOf(below);
    for (const [name, record2] of this.#directories.records()) {
      const isLayer = record2.layer === unpacked && record2.blobs?.includes(layer.digest);
      if (isLayer && (record2.below === void 0 || this.#layersOf(record2.below) === layers)) return name;
    }
    return unpacked;
  }
  /** Identifies a stack of directories by the layers that they are, as far as they are known. */
  #layersOf(names2) {
    return names2.map((name) => this.#directories.recordOf(name)?.layer ?? name).join(" ");
  }
  /** Records the layer that was written from a snapshot. */
  setLayer(id2, { digest, diffId }) {
    return this.#directories.update(id2, { layer: unpackedName(diffId), blobs: [digest] });
  }
  /**
   * The layer as it appears above `below`, the lowest first: directories that it needs but does not contain look as
   * they do there. Few layers have such directories.
   */
  async holdAbove(below, held, chain, signal) {
    const { implied, layer: _, below: __, blobs: ___, ...record2 } = held.record;
    if (implied.length === 0 || below.length === 0) return held;
    const variant = await this.holdOrMake(`${held.name}-${chain}`, signal, async (tree) => {
      await runProgram("cp", ["-al", "--", `${held.path}/.`, tree], { signal });
      const lower = below.map(({ path }) => path).reverse();
      for (const path of implied) adoptDirectory(join17(tree, path), path, lower);
      return { ...record2, bytes: 4096 * implied.length, implied: [] };
    });
    held.release();
    return variant;
  }
  /** A snapshot whose contents `fill` makes. It stays at least until the build is released. */
  async addSnapshot(build, signal, fill) {
    const id2 = `snapshot-${randomUUID6()}`;
    const held = await this.holdOrMake(id2, signal, fill);
    const { snapshots = [] } = this.#pinned.get(build) ?? {};
    this.#pinned.set(build, { snapshots: [...snapshots, held], last: Date.now() });
    for (const [other, { last: last3 }] of this.#pinned) if (Date.now() - last3 > MAX_PINNED_MS) this.release(other);
    return { id: id2, bytes: held.record.bytes };
  }
  /** The snapshots of a build may be removed when room is needed. */
  release(build) {
    for (const held of this.#pinned.get(build)?.snapshots ?? []) held.release();
    this.#pinned.delete(build);
  }
};
function isSnapshot(name) {
  return SNAPSHOT.test(name);
}
function unpackedName(diffId) {
  const name = parseDigest(diffId)?.encoded;
  if (name === void 0) throw new Error(`Cannot unpack a layer: ${diffId} is not a digest`);
  return name;
}

// src/runner/working-runner.ts
init_job_error();
import { setTimeout as sleep5 } from "node:timers/promises";
init_ability();

// src/runner/sandbox/platforms.ts
import { readdirSync as readdirSync6, readFileSync as readFileSync10 } from "node:fs";
import { join as join18 } from "node:path";
var PLATFORMS = {
  "linux/amd64": { bits: 64, machine: 62 },
  "linux/arm64": { bits: 64, machine: 183 },
  "linux/arm/v7": { bits: 32, machine: 40 },
  "linux/386": { bits: 32, machine: 3 },
  "linux/ppc64le": { bits: 64, machine: 21 },
  "linux/riscv64": { bits: 64, machine: 243 },
  "linux/s390x": { bits: 64, bigEndian: true, machine: 22 }
};
var NATIVE = {
  x64: "amd64",
  ia32: "386",
  arm: "arm/v7",
  ppc64: "ppc64le"
};
var BINFMT = "/proc/sys/fs/binfmt_misc";
function nativePlatform() {
  return `linux/${NATIVE[process.arch] ?? process.arch}`;
}
function machinePlatforms(folder = BINFMT) {
  const native = nativePlatform();
  const related = native === "linux/amd64" ? ["linux/386"] : [];
  const interpreters = interpretersIn(folder);
  const emulated = Object.entries(PLATFORMS).flatMap(
    ([platform, elf]) => interpreters.some((interpreter) => interpreter.accepts(headerOf(elf))) ? [platform] : []
  );
  return [.../* @__PURE__ */ new Set([native, ...related, ...emulated])];
}
function interpretersIn(folder) {
  try {
    if (readFileSync10(join18(folder, "status"), "utf8").trim() !== "enabled") return [];
    return readdirSync6(folder).filter((name) => name !== "status" && name !== "register").flatMap((name) => interpreterOf(readFileSync10(join18(folder, name), "utf8")) ?? []);
  } catch {
    return [];
  }
}
function interpreterOf(text2) {
  const lines = text2.split("\n");
  const value = (key) => lines.find((line2) => line2.startsWith(`${key} `))?.slice(key.length + 1) ?? "";
  if (lines[0] !== "enabled" || !/^flags: .*F/m.test(text2) || value("magic") === "") return void 0;
  const magic = [...Buffer.from(value("magic"), "hex")];
  const mask = value("mask") === "" ? Buffer.alloc(magic.length, 255) : Buffer.from(value("mask"), "hex");
  const offset = Number(value("offset") || 0);
  return {
    accepts: (program2) => magic.every((byte, at) => {
      const bits = mask[at] ?? 255;
      return ((program2[offset + at] ?? 0) & bits) === (byte & bits);
    })
  };
}
function headerOf({ bits, bigEndian = false, machine: machine2 }) {
  const header2 = Buffer.alloc(20);
  header2.write("ELF", "latin1");
  header2.set([bits / 32, bigEndian ? 2 : 1, 1], 4);
  const executable = 2;
  if (bigEndian) {
    header2.writeUInt16BE(executable, 16);
    header2.writeUInt16BE(machine2, 18);
  } else {
    header2.writeUInt16LE(executable, 16);
    header2.writeUInt16LE(machine2, 18);
  }
  return header2;
}

// schemas/containers.ts
var word = external_exports.string().max(32 * 1024);
var absolutePath = external_exports.string().max(4096).regex(/^\/.*[^/]/, "is not an absolute path below /").refine((path) => !path.includes("\0"), "contains a character that no path has");
var containerMount = external_exports.discriminatedUnion("type", [
  /** A folder that the containers of a workspace share. */
  external_exports.strictObject({
    type: external_exports.literal("volume"),
    name: external_exports.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/, "is not the name of a volume"),
    target: absolutePath,
    readonly: external_exports.boolean().default(false)
  }),
  /** A copy of a file or folder of the build context. */
  external_exports.strictObject({
    type: external_exports.literal("bind"),
    source: external_exports.string().max(4096),
    target: absolutePath,
    readonly: external_exports.boolean().default(false)
  }),
  /** A file system in memory. */
  external_exports.strictObject({ type: external_exports.literal("tmpfs"), target: absolutePath })
]);
var terminalSize = external_exports.object({ rows: external_exports.int().min(1).max(500), columns: external_exports.int().min(1).max(1e3) });
var containerRequest = external_exports.strictObject({
  /** Replaces CMD. */
  command: external_exports.array(word).max(256).default([]),
  /** Replaces ENTRYPOINT and removes CMD. Empty: removes both. */
  entrypoint: word.optional(),
  /** `NAME=value`. */
  env: external_exports.array(word.regex(/^[^=\0]+=[^\0]*$/, "is not of the form NAME=value")).max(256).default([]),
  /** `user[:group]`. */
  user: external_exports.string().max(256).optional(),
  workdir: absolutePath.optional(),
  mounts: external_exports.array(containerMount).max(16).refine(
    (mounts) => new Set(mounts.map(({ target }) => target)).size === mounts.length,
    "have equal targets"
  ).default([]),
  /** Whether the root file system is read-only. */
  readonly: external_exports.boolean().default(false),
  /** Digest of the build context for mounts of the type `bind`. */
  context: external_exports.string().regex(/^sha256:[0-9a-f]{64}$/).optional(),
  /** An unguessable name: containers of the same workspace share volumes. */
  workspace: external_exports.string().regex(/^[0-9a-f]{32}$/, "is not 128 bits in hexadecimal digits"),
  size: terminalSize
});
var createdContainer = external_exports.object({
  id: external_exports.string(),
  /** Opens the terminal, once. */
  token: external_exports.string(),
  /** Path of its ports, which is their only credential: `8080/` after it is what the container serves at port 8080. */
  ports: external_exports.string(),
  /** Seconds after which the container is stopped. */
  seconds: external_exports.int(),
  /**
   * Maximum bytes of memory, number of processes, characters of output without an `ack`, and characters of input that wait
   * for `typed`. More input closes the terminal.
   */
  limits: external_exports.object({ memory: external_exports.int(), pids: external_exports.int(), window: external_exports.int(), input: external_exports.int() })
});
var fromTerminal = external_exports.discriminatedUnion("type", [
  external_exports.object({ type: external_exports.literal("input"), text: external_exports.string().max(64 * 1024) }),
  external_exports.object({ type: external_exports.literal("resize"), ...terminalSize.shape }),
  /** The client has shown the output up to the one with this mark, so that as much more may follow. */
  external_exports.object({ type: external_exports.literal("ack"), mark: external_exports.string().max(32) }),
  /** Sends the stop signal, and SIGKILL after some seconds. */
  external_exports.object({ type: external_exports.literal("stop") }),
  /** Executes a further process in the container, without a terminal and input. `exec` is a number of the client's. */
  external_exports.object({ type: external_exports.literal("exec"), exec: external_exports.int().min(0), command: external_exports.array(word).min(1).max(256) })
]);
var fromExec = external_exports.discriminatedUnion("type", [
  external_exports.object({ type: external_exports.literal("exec-output"), exec: external_exports.int(), text: external_exports.string() }),
  external_exports.object({ type: external_exports.literal("exec-exit"), exec: external_exports.int(), code: external_exports.int() })
]);
var toTerminal = external_exports.discriminatedUnion("type", [
  /** No runner has started it yet. */
  external_exports.object({ type: external_exports.literal("waiting") }),
  external_exports.object({ type: external_exports.literal("started") }),
  /** Output with a mark waits for `ack`. Marks cannot be guessed. */
  external_exports.object({ type: external_exports.literal("output"), text: external_exports.string(), mark: external_exports.string().optional() }),
  ...fromExec.options,
  /** The process has read this many more characters of input. */
  external_exports.object({ type: external_exports.literal("typed"), characters: external_exports.int().min(0) }),
  /** The process ended with this exit code, or with 128 plus the number of a signal. */
  external_exports.object({ type: external_exports.literal("exit"), code: external_exports.int() }),
  /** The container could not start or was lost. `reason` as in `jobFailure`. */
  external_exports.object({ type: external_exports.literal("failed"), reason: external_exports.string(), message: external_exports.string() })
]);

// schemas/provenance-option.ts
var provenanceRequest = external_exports.strictObject({
  /** `min` leaves out details that may be private: arguments, labels, names of secrets, the Dockerfile. */
  mode: external_exports.enum(["min", "max"]).default("max"),
  /** URI of the builder. Default: the server's. */
  builderId: external_exports.string().max(2048).optional(),
  /** The client's claim that a second build gives the same bytes. */
  reproducible: external_exports.boolean().default(false)
});
var booleans = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text2) => [text2, true]),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text2) => [text2, false])
]);
var IGNORED = /* @__PURE__ */ new Set(["type", "inline-only", "filename", "capture-usage", "complete-materials"]);
function readProvenance(text2) {
  if (text2 === "") return false;
  const request2 = { mode: "max", reproducible: false };
  for (const field of text2.split(",").map((part) => part.trim())) {
    const equals = field.indexOf("=");
    const [name, value] = equals < 0 ? [field, ""] : [field.slice(0, equals), field.slice(equals + 1)];
    if (equals < 0 && booleans.has(name)) {
      if (!booleans.get(name)) return false;
    } else if (name === "disabled") {
      if (readBoolean(name, value)) return false;
    } else if (name === "mode" && (value === "min" || value === "max" || value === "full")) {
      request2.mode = value === "min" ? "min" : "max";
    } else if (name === "builder-id") {
      if (value !== "") request2.builderId = value;
    } else if (name === "reproducible") {
      request2.reproducible = readBoolean(name, value);
    } else if (!(name === "version" && value === "v1") && !IGNORED.has(name)) {
      throw new TypeError(`"${field}" is not an option of provenance`);
    }
  }
  return request2;
}
function readBoolean(name, value) {
  const read = booleans.get(value);
  if (read === void 0) throw new TypeError(`${name} must be true or false, not "${value}"`);
  return read;
}
var provenanceText = external_exports.string().max(4096).transform((text2, context) => {
  try {
    return readProvenance(text2);
  } catch (error2) {
    context.addIssue({ code: "custom", message: error2.message });
    return external_exports.NEVER;
  }
});
var provenanceOption = external_exports.union([
  provenanceText,
  external_exports.boolean().transform((wanted) => wanted && readProvenance("true")),
  provenanceRequest
]);

// schemas/run-settings.ts
var hostGateway = "host-gateway";
function readExtraHost(text2) {
  const at = text2.indexOf(text2.includes("=") ? "=" : ":");
  const [name, value] = [text2.slice(0, Math.max(at, 0)).toLowerCase(), text2.slice(at + 1)];
  if (!/^\S+$/.test(name)) return void 0;
  if (value === hostGateway) return [{ name, address: hostGateway }];
  const addresses = value.split(",").map((part) => /^\[(.+)\]$/.exec(part)?.[1] ?? part);
  if (!addresses.every(isAddress)) return void 0;
  return addresses.map((part) => ({ name, address: part.toLowerCase() }));
}
function isAddress(text2) {
  return text2.includes(":") ? /^[0-9a-f:.]+$/i.test(text2) && URL.canParse(`http://[${text2}]`) : /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text2);
}
var ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack"
];
function ulimitFault({ soft, hard }) {
  if (hard === -1 || soft !== -1 && soft <= hard) return void 0;
  const pair = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
  return `ulimit soft limit must be less than or equal to hard limit: ${pair}`;
}

// schemas/run-options.ts
var networkMode = external_exports.enum(["default", "none", "host"]);
var extraHost = external_exports.string().max(300).refine((text2) => readExtraHost(text2) !== void 0, { error: ({ input: input2 }) => `invalid host ${input2}` });
var ulimit = external_exports.strictObject({ name: external_exports.enum(ulimitNames), soft: external_exports.int().min(-1), hard: external_exports.int().min(-1) }).refine((limit) => ulimitFault(limit) === void 0, {
  error: ({ input: input2 }) => ulimitFault(input2)
});
var engineUlimits = external_exports.array(external_exports.strictObject({ Name: external_exports.string(), Soft: external_exports.int(), Hard: external_exports.int() })).nullable().transform(
  (limits2) => (limits2 ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard }))
).pipe(external_exports.array(ulimit));

// schemas/options.ts
var entitlement = external_exports.enum(["network.host", "security.insecure"]);
var cachePolicy = external_exports.enum(["auto", "max", "min"]);
var buildOptions = external_exports.strictObject({
  /** Names for the image: `[host/]name[:tag]`. The host is ignored. */
  tags: external_exports.array(external_exports.string().min(1).max(512)).max(64).default([]),
  /** Path of the Dockerfile in the context. */
  dockerfile: external_exports.string().min(1).max(4096).default("Dockerfile"),
  /** Stage to build. Default: the last one. */
  target: external_exports.string().max(255).optional(),
  buildArgs: external_exports.record(external_exports.string(), external_exports.string()).default({}),
  labels: external_exports.record(external_exports.string(), external_exports.string()).default({}),
  /**
   * Annotations of the manifests. A name may have a prefix of types, such as `index:`, `manifest-descriptor:` or
   * `manifest,index:`, and a type may have a platform: `manifest[linux/amd64]:`.
   */
  annotations: external_exports.record(external_exports.string(), external_exports.string()).default({}),
  /** `os/arch[/variant]`. Several platforms make an image index. */
  platforms: external_exports.array(external_exports.string().min(1).max(64)).max(32).default([]),
  /** Named contexts: name → `docker-image://reference` or the digest of an uploaded context. */
  contexts: external_exports.record(external_exports.string(), external_exports.string()).default({}),
  noCache: external_exports.boolean().default(false),
  cache: cachePolicy.default("auto"),
  /** Stages whose steps, and those of stages that start from them, are executed without the build cache. */
  noCacheFilter: external_exports.array(external_exports.string().min(1).max(255)).max(256).default([]),
  /** Resolves tags at their registries even if they were resolved recently. */
  pull: external_exports.boolean().default(false),
  /** Rights that RUN may request. The runner must allow them, too. */
  allow: external_exports.array(entitlement).max(8).default([]),
  /** The network of RUN steps without `--network`. `host` needs the right `network.host`, which the runner must allow. */
  network: networkMode.default("default"),
  /** Lines of `/etc/hosts` of RUN steps: `NAME=ADDRESS`. */
  extraHosts: external_exports.array(extraHost).max(256).default([]),
  /** Limits of the processes of RUN steps. */
  ulimits: external_exports.array(ulimit).max(16).default([]),
  /** Bytes of `/dev/shm` of RUN steps. */
  shmSize: external_exports.int().min(1).optional(),
  compression: external_exports.enum(["gzip", "zstd"]).default("gzip"),
  /** Level of the compression: 0 to 9 for gzip, 0 to 22 for zstd. By default 4 for gzip, 3 for zstd. */
  compressionLevel: external_exports.int().min(0).max(22).optional(),
  /** Also recompresses the layers of base images. Their files and diffIDs do not change. */
  forceCompression: external_exports.boolean().default(false),
  /** `false`: manifests, configs and layers have Docker's media types. */
  ociMediaTypes: external_exports.boolean().default(true),
  /** Stores the image in the repositories of its names by digest, without tags. */
  byDigest: external_exports.boolean().default(false),
  /** Time in seconds since 1970 for `created` in config and history and for directories of WORKDIR, like the build argument. */
  sourceDateEpoch: external_exports.int().min(0).optional(),
  /**
   * `preserve`: a copied file keeps the time of its source, and a new file has the time of its creation. `fixed`: every file
   * has 1980-01-01T00:00:00Z.
   */
  timestamps: external_exports.enum(["preserve", "fixed"]).default("preserve"),
  /** Sets times in new layers that are later than SOURCE_DATE_EPOCH to that time. Has no effect without it. */
  rewriteTimestamp: external_exports.boolean().default(false),
  /** Attaches SLSA provenance: `true`, `mode=min`, `mode=max,builder-id=…`. */
  provenance: provenanceOption.default(false),
  /** Attaches an SPDX list of the packages in the image. */
  sbom: external_exports.boolean().default(false),
  /**
   * How attestations are stored. `index`: in an image index, like buildx, and as referrers. `referrers`: only as referrers,
   * which do not change the image's digest.
   */
  attestations: external_exports.enum(["index", "referrers"]).default("index"),
  /** Only lints. */
  check: external_exports.boolean().default(false)
});
var flag = external_exports.enum(["", "0", "1", "true", "false"]).transform((text2) => text2 === "" || text2 === "1" || text2 === "true");
var json2 = (schema) => external_exports.string().transform((text2, context) => {
  try {
    return JSON.parse(text2);
  } catch {
    context.addIssue({ code: "custom", message: "is not JSON" });
    return external_exports.NEVER;
  }
}).pipe(schema);
var stringMap = json2(external_exports.record(external_exports.string(), external_exports.string()));
var buildQuery = external_exports.strictObject({
  t: external_exports.array(external_exports.string()).optional(),
  dockerfile: external_exports.string().optional(),
  target: external_exports.string().optional(),
  buildargs: stringMap.optional(),
  labels: stringMap.optional(),
  annotations: stringMap.optional(),
  platform: external_exports.string().transform((text2) => text2.split(",").filter(Boolean)).optional(),
  contexts: stringMap.optional(),
  nocache: flag.optional(),
  cache: cachePolicy.optional(),
  nocachefilter: external_exports.string().transform((text2) => text2.split(",").filter(Boolean)).optional(),
  pull: flag.optional(),
  allow: external_exports.string().transform((text2) => text2.split(",").filter(Boolean)).pipe(external_exports.array(entitlement)).optional(),
  networkmode: external_exports.string().transform((text2) => text2 || "default").pipe(networkMode).optional(),
  extrahosts: external_exports.array(external_exports.string()).optional(),
  ulimits: json2(engineUlimits).optional(),
  shmsize: external_exports.coerce.number().int().min(0).optional(),
  /** Has no effect: the runner chooses the control groups of its steps. */
  cgroupparent: external_exports.string().optional(),
  compression: external_exports.enum(["gzip", "zstd"]).optional(),
  compressionlevel: external_exports.coerce.number().int().min(0).max(22).optional(),
  forcecompression: flag.optional(),
  ocimediatypes: flag.optional(),
  bydigest: flag.optional(),
  sourcedateepoch: external_exports.coerce.number().int().min(0).optional(),
  timestamps: external_exports.enum(["preserve", "fixed"]).optional(),
  rewritetimestamp: flag.optional(),
  provenance: provenanceText.optional(),
  sbom: flag.optional(),
  attestations: external_exports.enum(["index", "referrers"]).optional(),
  check: flag.optional()
});

// schemas/ports.ts
var exchange = external_exports.string().max(64);
var header = external_exports.tuple([external_exports.string().max(256), external_exports.string().max(16 * 1024)]);
var bytes = external_exports.base64();
var toPort = external_exports.discriminatedUnion("type", [
  external_exports.object({
    type: external_exports.literal("request"),
    exchange,
    port: external_exports.int().min(1).max(65535),
    method: external_exports.string().max(16),
    /** Path and query. */
    path: external_exports.string().max(16 * 1024),
    headers: external_exports.array(header).max(64),
    body: bytes.optional()
  }),
  /** Requests the next piece of the body. */
  external_exports.object({ type: external_exports.literal("more"), exchange }),
  /** The client has disconnected. */
  external_exports.object({ type: external_exports.literal("abort"), exchange })
]);
var fromPort = external_exports.discriminatedUnion("type", [
  external_exports.object({
    type: external_exports.literal("response"),
    exchange,
    status: external_exports.int().min(200).max(599),
    headers: external_exports.array(header).max(128)
  }),
  /** Answers `more`. */
  external_exports.object({ type: external_exports.literal("bytes"), exchange, bytes }),
  /** End of the response. `reason` is set when the response is missing or incomplete. */
  external_exports.object({ type: external_exports.literal("end"), exchange, reason: external_exports.string().max(500).optional() })
]);

// schemas/runner.ts
var storedLayer = external_exports.object({
  mediaType: external_exports.string(),
  digest: external_exports.string(),
  size: external_exports.int(),
  diffId: external_exports.string()
});
var heldLayer = external_exports.object({ snapshot: external_exports.string() });
var jobLayer = external_exports.union([storedLayer, heldLayer]);
var layerStack = external_exports.object({ layers: external_exports.array(jobLayer) });
var jobContext = external_exports.object({
  context: external_exports.string(),
  /** Where the copy of the scope is stored, if it has its own: see `ContextScope.saveContext`. */
  copy: external_exports.string().optional(),
  ignore: external_exports.array(external_exports.string()),
  include: external_exports.array(external_exports.string()).optional()
});
var jobTree = external_exports.union([layerStack, jobContext]);
var ids = { uid: external_exports.int(), gid: external_exports.int() };
var owned = { ...ids, mode: external_exports.int() };
var jobMount = external_exports.discriminatedUnion("type", [
  external_exports.object({
    type: external_exports.literal("bind"),
    from: jobTree,
    source: external_exports.string(),
    target: external_exports.string(),
    readonly: external_exports.boolean()
  }),
  external_exports.object({
    type: external_exports.literal("cache"),
    /** Unique in the scope that the build belongs to. */
    id: external_exports.string(),
    /** SHA-256 (hex) of the scope, the id and the initial contents: mounts of the same key share their contents. */
    key: external_exports.string(),
    sharing: external_exports.enum(["shared", "private", "locked"]),
    from: jobTree.optional(),
    source: external_exports.string(),
    target: external_exports.string(),
    readonly: external_exports.boolean(),
    root: external_exports.object(owned).optional()
  }),
  external_exports.object({ type: external_exports.literal("tmpfs"), target: external_exports.string(), readonly: external_exports.boolean(), size: external_exports.int().optional() }),
  external_exports.object({
    type: external_exports.literal("secret"),
    id: external_exports.string(),
    target: external_exports.string().optional(),
    env: external_exports.string().optional(),
    /** base64; in memory only. Without it, the runner beside the client has the secret. */
    value: external_exports.string().optional(),
    ...owned
  }),
  external_exports.object({
    type: external_exports.literal("ssh"),
    id: external_exports.string(),
    target: external_exports.string(),
    /** Without an agent the job fails; else there is no such mount. */
    required: external_exports.boolean().optional(),
    /** The runner beside the client has an agent for it. */
    forwarded: external_exports.boolean().optional(),
    ...owned
  })
]);
var times = external_exports.object({ timestamps: external_exports.enum(["preserve", "fixed"]), epoch: external_exports.number() });
var lastLayer = external_exports.object({ digest: external_exports.string(), toc: external_exports.string() });
var runTask = external_exports.object({
  kind: external_exports.literal("run"),
  /** The file system of the process, the lowest layer first. */
  layers: external_exports.array(jobLayer),
  args: external_exports.array(external_exports.string()),
  env: external_exports.array(external_exports.tuple([external_exports.string(), external_exports.string()])),
  workdir: external_exports.string(),
  /** As written in USER; empty for root. */
  user: external_exports.string(),
  mounts: external_exports.array(jobMount),
  network: external_exports.enum(["default", "none", "host"]),
  /** With all rights of root. */
  security: external_exports.literal("insecure").optional(),
  hostname: external_exports.string().optional(),
  /** Lines of `/etc/hosts`; an address may be `host-gateway`. */
  hosts: external_exports.array(external_exports.object({ name: external_exports.string(), address: external_exports.string() })).optional(),
  ulimits: external_exports.array(ulimit).optional(),
  /** An executable that is at `path` while the process runs. */
  script: external_exports.object({ path: external_exports.string(), content: external_exports.string() }).optional()
});
var principal = external_exports.union([external_exports.object({ id: external_exports.number() }), external_exports.object({ name: external_exports.string() })]);
var owner = external_exports.object({ user: principal, group: principal.optional() });
var chmod3 = external_exports.union([
  external_exports.object({ octal: external_exports.int() }),
  external_exports.object({
    changes: external_exports.array(
      external_exports.discriminatedUnion("op", [
        external_exports.object({ op: external_exports.enum(["+", "-", "X"]), bits: external_exports.int() }),
        external_exports.object({
          op: external_exports.literal("copy"),
          from: external_exports.union([external_exports.literal(6), external_exports.literal(3), external_exports.literal(0)]),
          to: external_exports.int(),
          how: external_exports.enum(["+", "-", "="])
        })
      ])
    )
  })
]);
var jobSource = external_exports.object({
  from: external_exports.union([jobTree, external_exports.object({ name: external_exports.string(), content: external_exports.string() })]),
  /** Name of the tree in error messages. */
  ref: external_exports.string(),
  path: external_exports.string(),
  parents: external_exports.string().optional(),
  literal: external_exports.boolean().optional(),
  keepOwner: external_exports.boolean(),
  madeNow: external_exports.boolean().optional()
});
var copyTask = external_exports.object({
  kind: external_exports.literal("copy"),
  /** The file system that is changed, the lowest layer first. */
  layers: external_exports.array(jobLayer),
  action: external_exports.discriminatedUnion("kind", [
    external_exports.object({
      kind: external_exports.literal("copy"),
      sources: external_exports.array(jobSource),
      dest: external_exports.string(),
      destIsDirectory: external_exports.boolean(),
      owner: owner.optional(),
      chmod: chmod3.optional(),
      link: external_exports.boolean(),
      excludes: external_exports.array(external_exports.string())
    }),
    external_exports.object({ kind: external_exports.literal("workdir"), path: external_exports.string(), owner: owner.optional() })
  ]),
  times,
  /** The last version of the layer: unchanged files of contexts keep the times that they have there. */
  last: lastLayer.optional()
});
var selectTask = external_exports.object({
  kind: external_exports.literal("select"),
  sources: external_exports.array(external_exports.object({ source: jobSource, excludes: external_exports.array(external_exports.string()) }))
});
var layerTask = external_exports.object({
  kind: external_exports.literal("layer"),
  snapshot: external_exports.string(),
  /** The layers below the snapshot, the lowest first. */
  layers: external_exports.array(jobLayer),
  compression: external_exports.enum(["gzip", "zstd"]),
  level: external_exports.int(),
  times
});
var containerTask = external_exports.object({
  kind: external_exports.literal("container"),
  layers: external_exports.array(storedLayer),
  args: external_exports.array(external_exports.string()),
  env: external_exports.array(external_exports.tuple([external_exports.string(), external_exports.string()])),
  workdir: external_exports.string(),
  /** As written in USER; empty for root. */
  user: external_exports.string(),
  mounts: external_exports.array(
    external_exports.discriminatedUnion("type", [
      /** Without a name it ends with the container. */
      external_exports.object({
        type: external_exports.literal("volume"),
        name: external_exports.string().optional(),
        target: external_exports.string(),
        readonly: external_exports.boolean()
      }),
      /** A copy of what is at `source`, which ends with the container. */
      external_exports.object({
        type: external_exports.literal("bind"),
        from: jobContext,
        source: external_exports.string(),
        target: external_exports.string(),
        readonly: external_exports.boolean()
      }),
      external_exports.object({ type: external_exports.literal("tmpfs"), target: external_exports.string() })
    ])
  ),
  readonly: external_exports.boolean(),
  /** Named volumes are those of this workspace. */
  workspace: external_exports.string(),
  stopSignal: external_exports.string().optional(),
  size: terminalSize
});
var task = external_exports.discriminatedUnion("kind", [runTask, copyTask, selectTask, layerTask, containerTask]);
var job = external_exports.object({
  id: external_exports.string(),
  /** For the requests that belong to this job; ends with it. */
  token: external_exports.string(),
  /** Build id: snapshots of a build are kept at least until the build ends. */
  build: external_exports.string(),
  /** Of the process of a RUN; of other tasks that of the processes that will read their results. */
  platform: external_exports.string(),
  /** Seconds after which the process of a RUN is killed. */
  timeoutSeconds: external_exports.int(),
  task
});
var copyWarning = external_exports.object({
  code: external_exports.enum(["unknown-user", "unknown-group"]),
  name: external_exports.string(),
  message: external_exports.string()
});
var jobResult = external_exports.discriminatedUnion("kind", [
  external_exports.object({
    kind: external_exports.literal("run"),
    snapshot: external_exports.string(),
    /** Of the files that changed, about. */
    bytes: external_exports.number(),
    /** Duration of the process. */
    milliseconds: external_exports.number()
  }),
  external_exports.object({
    kind: external_exports.literal("copy"),
    snapshot: external_exports.string(),
    bytes: external_exports.number(),
    warnings: external_exports.array(copyWarning)
  }),
  external_exports.object({ kind: external_exports.literal("select"), digests: external_exports.array(external_exports.string()) }),
  /** The layer was uploaded, and its table of contents. */
  external_exports.object({ kind: external_exports.literal("layer"), layer: storedLayer }),
  /** The process of the container has ended. */
  external_exports.object({ kind: external_exports.literal("container"), exitCode: external_exports.int() })
]);
var jobFailure = external_exports.object({
  reason: external_exports.enum([
    "exit",
    "signal",
    "timeout",
    "out-of-memory",
    "out-of-disk",
    "cancelled",
    "refused",
    /** COPY, ADD or WORKDIR cannot be executed: `code` is that of the build error. */
    "copy",
    /** The runner no longer has a snapshot that the job needs: `snapshots` names it. */
    "snapshot-lost",
    "internal"
  ]),
  exitCode: external_exports.int().optional(),
  message: external_exports.string(),
  code: external_exports.enum(["source-not-found", "copy-failed"]).optional(),
  /** Known cause, and what the user can do. */
  hint: external_exports.string().max(2e3).optional(),
  /** Spellings of the word of the Dockerfile that is wrong. */
  words: external_exports.array(external_exports.string()).optional(),
  snapshots: external_exports.array(external_exports.string()).optional()
});

// schemas/runner-messages.ts
var fromRunner = external_exports.discriminatedUnion("type", [
  external_exports.object({
    type: external_exports.literal("hello"),
    /** Identifies the folder of snapshots, through restarts of the runner. */
    instance: external_exports.string(),
    /** `linux/amd64` and so on, natively or by emulation. */
    platforms: external_exports.array(external_exports.string()),
    /** Processes of RUN at a time. */
    capacity: external_exports.int().min(1),
    /** Containers with terminals at a time. Default: none. */
    containers: external_exports.int().min(0).optional(),
    labels: external_exports.record(external_exports.string(), external_exports.string()),
    /** Rights that its operator lets steps have. */
    allow: external_exports.array(entitlement).optional(),
    /** The runner of a client keeps its folder for later builds: the machine does not end with the job. */
    isLasting: external_exports.boolean().optional(),
    /** Jobs that it still executes, after the connection was lost. It has forgotten any others that it had. */
    jobs: external_exports.array(external_exports.string()).optional()
  }),
  external_exports.object({
    type: external_exports.literal("log"),
    job: external_exports.string(),
    stream: external_exports.enum(["stdout", "stderr"]),
    text: external_exports.string()
  }),
  external_exports.object({ type: external_exports.literal("done"), job: external_exports.string(), result: jobResult }),
  external_exports.object({ type: external_exports.literal("failed"), job: external_exports.string(), failure: jobFailure }),
  /** The container of the job has started. */
  external_exports.object({ type: external_exports.literal("started"), job: external_exports.string() }),
  /** Output to its terminal. */
  external_exports.object({
    type: external_exports.literal("output"),
    job: external_exports.string(),
    text: external_exports.string(),
    mark: external_exports.string().max(32).optional()
  }),
  /** It has read so many characters of input. */
  external_exports.object({ type: external_exports.literal("typed"), job: external_exports.string(), characters: external_exports.int().min(0) }),
  /** Output and end of a process of `exec`, for the client of the terminal. */
  external_exports.object({ type: external_exports.literal("exec"), job: external_exports.string(), message: fromExec }),
  /** Data from a port of a container. */
  external_exports.object({ type: external_exports.literal("port"), job: external_exports.string(), message: fromPort }),
  /** Answers `find`: the snapshots that are kept under those names, by name. */
  external_exports.object({
    type: external_exports.literal("found"),
    request: external_exports.string(),
    snapshots: external_exports.record(external_exports.string(), external_exports.object({ id: external_exports.string(), bytes: external_exports.number() }))
  }),
  /** Stops: it finishes the jobs it has, and accepts only tasks that write layers of its snapshots. */
  external_exports.object({ type: external_exports.literal("bye") })
]);
var toRunner = external_exports.discriminatedUnion("type", [
  external_exports.object({ type: external_exports.literal("job"), job }),
  external_exports.object({ type: external_exports.literal("cancel"), job: external_exports.string() }),
  /** Input from the client of a terminal. */
  external_exports.object({ type: external_exports.literal("terminal"), job: external_exports.string(), message: fromTerminal }),
  /** A request to a port of a container. */
  external_exports.object({ type: external_exports.literal("port"), job: external_exports.string(), message: toPort }),
  /** Asks which of these names it keeps snapshots under. */
  external_exports.object({ type: external_exports.literal("find"), request: external_exports.string(), names: external_exports.array(external_exports.string()) }),
  /** Keeps a snapshot under names, for later builds. */
  external_exports.object({ type: external_exports.literal("keep"), snapshot: external_exports.string(), names: external_exports.array(external_exports.string()) }),
  /** A build has ended: its snapshots may be removed when room is needed. */
  external_exports.object({ type: external_exports.literal("release"), build: external_exports.string() })
]);
var ENDED_CLOSE_CODE = 4001;

// src/streams/pause.ts
function pause(milliseconds) {
  return new Promise((resolve2) => setTimeout(resolve2, milliseconds));
}

// src/runner/server/handshake.ts
import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
var TEMPORARY = /* @__PURE__ */ new Set([408, 425, 429]);
var MAX_BYTES2 = 4096;
var TIMEOUT_MS2 = 1e4;
async function refusedHandshake(url2, protocols, signal) {
  const isSecure = url2.protocol === "wss:";
  const target = new URL(url2);
  target.protocol = isSecure ? "https:" : "http:";
  const request2 = (isSecure ? overHttps : overHttp)(target.href, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
      "sec-websocket-protocol": protocols.join(", ")
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS2)])
  });
  try {
    return await new Promise((resolve2, reject) => {
      request2.on("error", reject);
      request2.on("upgrade", () => resolve2(void 0));
      request2.on("response", async (response) => {
        const { statusCode: status = 0, headers } = response;
        let body = "";
        try {
          for await (const chunk of response.setEncoding("utf8")) {
            body += chunk;
            if (body.length > MAX_BYTES2) break;
          }
        } catch (error2) {
          return reject(error2);
        }
        const named = Object.entries(headers).flatMap(
          ([name, value]) => typeof value === "string" ? [[name, value]] : []
        );
        resolve2({ status, headers: Object.fromEntries(named), body: body.slice(0, MAX_BYTES2) });
      });
      request2.end();
    });
  } finally {
    request2.destroy();
  }
}
function isFinal({ status }, isKnown) {
  if (status === 401 || status === 403) return true;
  return !isKnown && status < 500 && !TEMPORARY.has(status);
}

// src/runner/server/web-socket.ts
var { WebSocket } = globalThis;

// src/runner/server/connection.ts
var FIRST_WAIT_MS = 250;
var MAX_WAIT_MS = 15e3;
var MAX_WAITING = 1024 * 1024;
var RESEND_MS = 6e4;
var POLL_MS2 = 50;
var PING_MS = 2e4;
var ServerConnection = class {
  #url;
  #token;
  #events;
  #socket;
  #isOpen = false;
  /** Whether there was a connection before. */
  #isKnown = false;
  #isUnreached = false;
  #isClosed = false;
  #closing = new AbortController();
  #wait = FIRST_WAIT_MS;
  #retry;
  #ping;
  /** Whether nothing was received since the last ping. */
  #isQuiet = false;
  #waiting = [];
  #waitingLength = 0;
  #outcomes = [];
  /** @param pool name of the pool; by default the token or the server decides */
  constructor(server, { token, pool }, events) {
    this.#url = new URL("/v1/runners", server);
    if (pool !== void 0) this.#url.searchParams.set("pool", pool);
    this.#url.protocol = server.protocol === "https:" ? "wss:" : "ws:";
    this.#token = token;
    this.#events = events;
    this.#dial();
  }
  /** Sends a message, now or once the connection is open again. A returned promise applies backpressure. */
  send(message) {
    const text2 = JSON.stringify(message);
    if (message.type === "done" || message.type === "failed") {
      const recent3 = Date.now() - RESEND_MS;
      this.#outcomes = this.#outcomes.filter(({ at }) => at > recent3);
      this.#outcomes.push({ at: Date.now(), text: text2 });
    }
    if (this.#isOpen) this.#socket?.send(text2);
    else this.#keep(text2);
    return this.#load > MAX_WAITING ? this.#drain() : void 0;
  }
  /** Sends what waits, for up to two seconds, and closes the connection for good. */
  async close() {
    this.#isClosed = true;
    this.#closing.abort();
    clearTimeout(this.#retry);
    clearInterval(this.#ping);
    const socket = this.#socket;
    if (socket === void 0) return;
    if (this.#isOpen) {
      for (let waited = 0; socket.bufferedAmount > 0 && waited < 2e3; waited += POLL_MS2)
        await pause(POLL_MS2);
    }
    await new Promise((resolve2) => {
      const timer = setTimeout(resolve2, 1e3);
      socket.addEventListener("close", () => {
        clearTimeout(timer);
        resolve2();
      });
      socket.close(1e3);
    });
  }
  get #protocols() {
    return ["varve.runner", `token.${this.#token}`];
  }
  get #load() {
    return this.#waitingLength + (this.#isOpen ? this.#socket?.bufferedAmount ?? 0 : 0);
  }
  async #drain() {
    while (this.#load > MAX_WAITING / 2 && !this.#isClosed) await pause(POLL_MS2);
  }
  #keep(text2) {
    this.#waiting.push(text2);
    this.#waitingLength += text2.length;
  }
  #dial() {
    const socket = new WebSocket(this.#url.href, this.#protocols);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#received(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (code === ENDED_CLOSE_CODE && !this.#isClosed) {
        this.#isClosed = true;
        this.#events.dismissed?.();
      }
      if (this.#socket === socket)
        this.#closed(reason || (code === 1006 ? "it was interrupted" : `code ${code}`));
    });
  }
  #opened(socket) {
    this.#isOpen = true;
    this.#isKnown = true;
    this.#isUnreached = false;
    this.#events.opened?.();
    this.#wait = FIRST_WAIT_MS;
    socket.send(JSON.stringify(this.#events.hello()));
    this.#isQuiet = false;
    this.#ping = setInterval(() => this.#sendPing(socket), PING_MS);
    const recent3 = Date.now() - RESEND_MS;
    const waiting2 = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const { at, text: text2 } of this.#outcomes) {
      if (at > recent3 && !waiting2.includes(text2)) socket.send(text2);
    }
    for (const text2 of waiting2) socket.send(text2);
  }
  /** Detects a connection that was cut without a close. */
  #sendPing(socket) {
    if (this.#isQuiet) {
      socket.close();
      this.#closed(`the server did not answer for ${PING_MS / 1e3} seconds`);
      return;
    }
    this.#isQuiet = true;
    socket.send("ping");
  }
  #received(data) {
    this.#isQuiet = false;
    if (data === "pong") return;
    let message;
    try {
      message = toRunner.parse(JSON.parse(String(data)));
    } catch {
      this.#events.lost?.("the server sent an unknown message; is its version another one?");
      return;
    }
    this.#events.message(message);
  }
  #closed(reason) {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#socket = void 0;
    clearInterval(this.#ping);
    if (this.#isClosed) return;
    if (wasOpen) {
      this.#events.lost?.(reason);
      this.#dialLater();
    } else void this.#diagnose();
  }
  /** Finds out why no connection was opened, and whether to retry. */
  async #diagnose() {
    let reason;
    try {
      const answer2 = await refusedHandshake(this.#url, this.#protocols, this.#closing.signal);
      if (this.#isClosed) return;
      if (answer2 !== void 0 && isFinal(answer2, this.#isKnown)) {
        this.#isClosed = true;
        this.#events.refused?.(answer2);
        return;
      }
      reason = answer2 === void 0 ? "it was interrupted" : `the server answered with status ${answer2.status}`;
    } catch (error2) {
      reason = reasonOf(error2);
    }
    if (this.#isClosed) return;
    if (!this.#isUnreached) this.#events.unreached?.(reason);
    this.#isUnreached = true;
    this.#dialLater();
  }
  #dialLater() {
    this.#retry = setTimeout(() => this.#dial(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, MAX_WAIT_MS);
  }
};
function reasonOf(error2) {
  const [first = error2] = error2 instanceof AggregateError ? error2.errors : [];
  if (first.message.includes("wrong version number")) return "it does not speak TLS; is it http://?";
  return first.message || String(first.code);
}

// src/runner/tasks/execute-job.ts
import { mkdtemp as mkdtemp6 } from "node:fs/promises";
import { join as join27 } from "node:path";

// src/engine/errors.ts
var BuildError = class extends Error {
  name = "BuildError";
  code;
  lines;
  /** Lint findings about the Dockerfile that may explain the error. */
  warnings = [];
  hint;
  /** The words of the Dockerfile at fault, in possible spellings, the likeliest first. */
  words = [];
  /** Host of a registry that refused a request, to which other credentials may have access. */
  registry;
  /** Id of the step that failed. */
  step;
  /** The last output lines of a RUN process. */
  log;
  constructor(code, message, options = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.lines = options.lines;
    this.hint = options.hint;
    this.log = options.log ?? [];
    this.registry = options.registry;
  }
  /** Sets the lines of the Dockerfile, unless they are set. */
  at(lines) {
    this.lines = lines;
    return this;
  }
  /** Sets the words at fault, as written. */
  about(...words) {
    this.words = words;
    return this;
  }
  /** Sets the lint findings; an ignored file, for example, explains why it is missing. */
  withFindings(findings) {
    this.warnings = findings;
    const ignored = findings.find(
      ({ code, lines }) => code === "CopyIgnoredFile" && lines.start === this.lines?.start
    );
    this.hint = ignored?.message ?? this.hint;
    return this;
  }
};

// src/runner/tasks/execute-job.ts
init_remove_tree();
init_job_error();

// src/runner/tasks/container-task.ts
init_command();
import { randomBytes as randomBytes2, randomUUID as randomUUID7 } from "node:crypto";
import { mkdirSync as mkdirSync9 } from "node:fs";
import { mkdir as mkdir8 } from "node:fs/promises";
import { join as join21 } from "node:path";

// src/runner/containers/container.ts
import { randomBytes } from "node:crypto";
import { mkdirSync as mkdirSync8, readdirSync as readdirSync8, readFileSync as readFileSync14 } from "node:fs";
import { mkdir as mkdir7 } from "node:fs/promises";
import { constants as constants7, hostname as machineName } from "node:os";
import { join as join20 } from "node:path";
import { isatty } from "node:tty";
init_remove_tree();
init_shell_quote();

// src/runner/network/container-network.ts
init_command();
import { spawn as spawn6 } from "node:child_process";
import { closeSync as closeSync3, openSync as openSync3, readlinkSync as readlinkSync2 } from "node:fs";
init_runner_program_words();
init_children();
var NETWORK_DESCRIPTOR2 = 4;
var ContainerNetwork = class {
  #sandbox;
  /** Whether the namespace belongs to the user namespace of the sandbox. */
  #hasOwnUsers;
  #child;
  #waiting = /* @__PURE__ */ new Map();
  #last = 0;
  #isClosed = false;
  constructor(sandbox, hasOwnUsers) {
    this.#sandbox = sandbox;
    this.#hasOwnUsers = hasOwnUsers;
  }
  /** @throws {ContainerError} */
  async connect(port) {
    if (this.#isClosed) throw new ContainerError("the container has ended");
    this.#child ??= this.#start();
    const number5 = ++this.#last;
    const waiting2 = Promise.withResolvers();
    this.#waiting.set(number5, waiting2);
    this.#child.send({ number: number5, port }, (error2) => {
      if (error2 !== null) this.#fail(number5, "the program that connects has ended");
    });
    return waiting2.promise;
  }
  /** Ends the program. Sockets that are open stay so until the container ends. */
  close() {
    this.#isClosed = true;
    this.#child?.kill("SIGKILL");
  }
  #start() {
    const { pid } = this.#sandbox;
    const network = pid === void 0 ? void 0 : openNetwork(pid);
    if (network === void 0) throw new ContainerError("the container is not running");
    const users2 = this.#hasOwnUsers ? [`--user=/proc/${pid}/ns/user`, "--preserve-credentials"] : [];
    const enter = [...users2, `--net=/proc/self/fd/${NETWORK_DESCRIPTOR2}`];
    const child = spawn6("nsenter", [...enter, "--", ...portProgramWords], {
      stdio: ["ignore", "ignore", "ignore", "ipc", network],
      env: plainEnvironment
    });
    closeSync3(network);
    child.on("message", ({ number: number5, failure: failure2 }, socket) => {
      if (socket === void 0 || failure2 !== void 0) this.#fail(number5, reasonOf2(failure2));
      else this.#succeed(number5, socket);
    });
    const ended = () => {
      if (this.#child === child) this.#child = void 0;
      for (const number5 of this.#waiting.keys()) this.#fail(number5, "the program that connects has ended");
    };
    child.once("error", ended);
    child.once("exit", ended);
    return child;
  }
  #succeed(number5, socket) {
    const waiting2 = this.#waiting.get(number5);
    this.#waiting.delete(number5);
    if (waiting2 === void 0 || this.#isClosed) socket.destroy();
    else waiting2.resolve(socket);
  }
  #fail(number5, reason) {
    this.#waiting.get(number5)?.reject(new ContainerError(reason));
    this.#waiting.delete(number5);
  }
};
function reasonOf2(failure2) {
  return failure2 === "ECONNREFUSED" ? "no program in the container listens there" : `connecting failed with ${failure2 ?? "no socket"}`;
}
function openNetwork(pid) {
  const own2 = readlinkSync2("/proc/self/ns/net");
  const pids = [pid];
  for (const one of pids) {
    const path = `/proc/${one}/ns/net`;
    try {
      if (readlinkSync2(path) !== own2) return openSync3(path, "r");
    } catch {
    }
    pids.push(...childrenOf(one));
  }
  return void 0;
}

// src/runner/sandbox/accounts.ts
import { lstatSync as lstatSync5, readFileSync as readFileSync11 } from "node:fs";

// src/rootfs/resolve.ts
var MAX_LINKS2 = 255;
var MAX_NAMES = 8192;
var TooManyLinksError = class extends Error {
  name = "TooManyLinksError";
  path;
  constructor(path) {
    super(`Cannot resolve "${path}": too many links`);
    this.path = path;
  }
};
function resolvePath(tree, path, { followLast = true } = {}) {
  const ahead = path.split("/").reverse();
  let at = "";
  let node2 = tree.lookup("");
  let links = 0;
  let names2 = 0;
  while (ahead.length > 0) {
    const name = ahead.pop();
    if (name === "" || name === ".") continue;
    if (++names2 > MAX_NAMES) throw new TooManyLinksError(path);
    if (name === "..") {
      at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
      node2 = tree.lookup(at);
      continue;
    }
    const here = childPath(at, name);
    node2 = node2 === void 0 ? void 0 : tree.lookup(here);
    if (node2?.type !== "symlink" || !followLast && ahead.every(isNothing)) {
      at = here;
      continue;
    }
    if (++links > MAX_LINKS2) throw new TooManyLinksError(path);
    const target = node2.linkname ?? "";
    if (target.startsWith("/")) at = "";
    node2 = tree.lookup(at);
    for (const next of target.split("/").reverse()) ahead.push(next);
  }
  return { path: at, names: names2, ...node2 !== void 0 && { node: node2 } };
}
function isNothing(name) {
  return name === "" || name === ".";
}

// src/rootfs/users.ts
var MAX_LIST = 16 * 1024 * 1024;
var MAX_ID = 2 ** 31 - 1;
async function lookupUser(tree, name) {
  return parseUsers(await readList(tree, "etc/passwd")).find((user) => user.name === name);
}
async function lookupGroup(tree, name) {
  return parseGroups(await readList(tree, "etc/group")).find((group) => group.name === name);
}
function parseUsers(text2) {
  return fieldsOf(text2).map(([name = "", , uid, gid, , home = ""]) => ({
    name,
    uid: idOf(uid),
    gid: idOf(gid),
    home
  }));
}
function parseGroups(text2) {
  return fieldsOf(text2).map(([name = "", , gid, members2 = ""]) => ({
    name,
    gid: idOf(gid),
    members: members2.split(",").filter(Boolean)
  }));
}
function fieldsOf(text2) {
  return text2.split("\n").map((line2) => line2.trim()).filter((line2) => line2 !== "" && !line2.startsWith("#")).map((line2) => line2.split(":"));
}
async function readList(tree, path) {
  const node2 = followFile(tree, path);
  return node2 === void 0 ? "" : new TextDecoder().decode(await collect(tree.read(node2), MAX_LIST));
}
function followFile(tree, path) {
  const { node: node2 } = resolvePath(tree, path);
  const file2 = node2?.type === "hardlink" ? tree.lookup(node2.linkname ?? "") : node2;
  return file2?.type === "file" ? file2 : void 0;
}
function idOf(text2 = "") {
  return /^\d{1,10}$/.test(text2) && Number(text2) <= MAX_ID ? Number(text2) : 0;
}

// src/runner/sandbox/accounts.ts
init_job_error();
var MAX_BYTES3 = 10 * 1024 * 1024;
function accountOf(root2, user) {
  const [name = "", groupName] = (user || "0").split(":", 2);
  const users2 = readUsers(root2);
  const numbers = [numericId(name), groupName === void 0 ? void 0 : numericId(groupName)];
  const [uid, gid] = numbers;
  if (uid !== void 0 && gid !== void 0) {
    return { uid, gid, groups: [], home: homeOf(users2, uid) };
  }
  const groups2 = parseGroups(readSmallFile(root2, "/etc/group") ?? "");
  const account = findUser(users2, name, user);
  if (groupName) {
    account.gid = findGroup(groups2, groupName, user);
    return account;
  }
  if (account.name !== void 0) {
    const { name: member } = account;
    account.groups = groups2.flatMap(({ gid: gid2, members: members2 }) => members2.includes(member) ? [gid2] : []);
    account.groups = [...new Set(account.groups)].filter((gid2) => gid2 !== account.gid);
  }
  return account;
}
function findUser(users2, name, given) {
  const number5 = /^\d+$/.test(name) ? Number(name) : void 0;
  const found = users2?.find((user) => number5 === void 0 ? user.name === name : user.uid === number5);
  if (found !== void 0) return { ...found, groups: [] };
  if (number5 === void 0) {
    if (given === "") return { uid: 0, gid: 0, groups: [], home: "/" };
    throw new JobError("refused", `unable to find user ${name}: no matching entries in passwd file`);
  }
  return { uid: inRange(number5), gid: 0, groups: [], home: "/" };
}
function findGroup(groups2, name, given) {
  const number5 = /^\d+$/.test(name) ? Number(name) : void 0;
  const found = groups2.find((group) => number5 === void 0 ? group.name === name : group.gid === number5);
  if (found !== void 0) return found.gid;
  if (number5 !== void 0) return inRange(number5);
  throw new JobError(
    "refused",
    `unable to find group ${given.slice(given.indexOf(":") + 1)}: no matching entries in group file`
  );
}
function inRange(id2) {
  if (id2 <= MAX_ID) return id2;
  throw new JobError("refused", `uids and gids must be in range 0-${MAX_ID}`);
}
function numericId(text2) {
  if (text2 === "root") return 0;
  return /^\d{1,10}$/.test(text2) && Number(text2) < 2 ** 32 ? Number(text2) : void 0;
}
function homeOf(users2, uid) {
  return users2?.find((user) => user.uid === uid)?.home || "/";
}
function readUsers(root2) {
  const text2 = readSmallFile(root2, "/etc/passwd");
  return text2 === void 0 ? void 0 : parseUsers(text2).map((user) => ({ ...user, home: user.home || "/" }));
}
function readSmallFile(root2, path) {
  let place2;
  try {
    place2 = resolveInRoot(root2, path);
  } catch (error2) {
    if (error2 instanceof JobError) return void 0;
    throw error2;
  }
  if (place2.missing.length > 0) return void 0;
  const stats = lstatSync5(root2 + place2.found);
  if (!stats.isFile()) return void 0;
  if (stats.size > MAX_BYTES3) throw new JobError("refused", `"${path}" exceeds ${MAX_BYTES3} bytes`);
  return readFileSync11(root2 + place2.found, "utf8");
}

// src/runner/containers/container.ts
init_sandbox();

// src/runner/sandbox/terminal-control.ts
init_command();
init_children();
import { spawn as spawn7 } from "node:child_process";
import { readFileSync as readFileSync12 } from "node:fs";
import { setTimeout as sleep4 } from "node:timers/promises";
var MAX_INPUT = 1024 * 1024;
var RETRY_MS2 = 50;
var MAX_TRIES = 200;
function firstSize({ rows, columns }) {
  return `stty rows ${rows} columns ${columns}`;
}
function setsFirstSize(pid) {
  try {
    return /\0stty rows \d+ columns \d+(?: echo)?; exec /.test(readFileSync12(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return false;
  }
}
var TerminalControl = class {
  #sandbox;
  #isResizing = false;
  /** The size that the terminal is to have when it has the one before. */
  #nextSize;
  #hasEnded = false;
  constructor(sandbox, { output: output2 }) {
    this.#sandbox = sandbox;
    sandbox.stdout?.on("data", output2);
    sandbox.stderr?.on("data", output2);
    void sandbox.exit.then(() => {
      this.#hasEnded = true;
    });
    sandbox.stdin?.on("error", () => {
    });
  }
  /**
   * Sends typed characters. Drops them while the buffer is full.
   * @param done called when they are no longer buffered
   */
  write(text2, done2) {
    const { stdin } = this.#sandbox;
    if (stdin?.writable && stdin.writableLength < MAX_INPUT) stdin.write(text2, () => done2());
    else done2();
  }
  /** One program sets the size at a time. Of the sizes requested in the meantime, only the last one is set. */
  resize(size) {
    this.#nextSize = size;
    if (!this.#isResizing) void this.#setSizes();
  }
  async #setSizes() {
    this.#isResizing = true;
    for (let tries = 0; this.#nextSize !== void 0 && tries < MAX_TRIES && !this.#hasEnded; tries++) {
      const size = this.#nextSize;
      this.#nextSize = void 0;
      if (await this.#setSize(size)) {
        tries = 0;
        continue;
      }
      this.#nextSize ??= size;
      await sleep4(RETRY_MS2);
    }
    this.#nextSize = void 0;
    this.#isResizing = false;
  }
  /** @returns false when the runtime has no terminal yet, or the shell before it would set the first size afterwards */
  async #setSize({ rows, columns }) {
    const pid = this.#runtime;
    if (pid === void 0 || setsFirstSize(pid)) return false;
    const words = ["-F", `/proc/${pid}/fd/0`, "rows", String(rows), "columns", String(columns)];
    const child = spawn7("stty", words, { stdio: "ignore", env: plainEnvironment });
    return new Promise((resolve2) => {
      child.once("error", () => resolve2(false)).once("exit", (code) => resolve2(code === 0));
    });
  }
  /** Stops reading, so that the container blocks when it writes. */
  pause() {
    this.#sandbox.stdout?.pause();
    this.#sandbox.stderr?.pause();
  }
  resume() {
    this.#sandbox.stdout?.resume();
    this.#sandbox.stderr?.resume();
  }
  /** Sends a signal to the runtime, which passes it on to the container. */
  signal(name) {
    const pid = this.#runtime;
    try {
      if (pid === void 0) this.#sandbox.signal(name);
      else process.kill(pid, name);
    } catch {
    }
  }
  get #runtime() {
    return childrenOf(this.#sandbox.pid)[0];
  }
};

// src/runner/containers/container.ts
init_user_namespace();

// src/rootfs/hard-links.ts
function* hardLinksOf(tree) {
  for (const node2 of tree.hardLinks?.() ?? tree.walk("")) if (node2.type === "hardlink") yield node2;
}

// src/rootfs/parents.ts
var IMPLIED = {
  type: "dir",
  mode: 493,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  implied: true
};
var Parents = class {
  /** The existing directories on the path of the last entry, the root first. */
  #open = [];
  #last;
  /** The missing directories above this entry, highest first. Undefined when something above it is not a directory. */
  missingBefore(entry) {
    const { path } = entry;
    if (this.#last !== void 0 && this.#last.type !== "dir" && isBelow(path, this.#last.path))
      return void 0;
    this.#last = entry;
    while (this.#open.length > 0 && !isBelow(path, this.#open.at(-1))) this.#open.pop();
    const missing = [];
    for (let above = this.#open.at(-1); path !== "" && above !== parentOf(path); ) {
      above = above === void 0 ? "" : path.slice(0, path.indexOf("/", above === "" ? 0 : above.length + 1));
      missing.push({ ...IMPLIED, path: above });
      this.#open.push(above);
    }
    if (entry.type === "dir") this.#open.push(path);
    return missing;
  }
};

// src/rootfs/merge.ts
var REMEMBERED = 4096;
function mergeLayers(layers) {
  return new MergedTree(layers);
}
var MergedTree = class _MergedTree {
  /** Base layer first. */
  #layers;
  #root;
  #directories = /* @__PURE__ */ new Map();
  /** For each layer, the merged tree up to it. */
  #upTo = /* @__PURE__ */ new Map();
  /** For each layer, the first visible hard link to each target. */
  #firstLinks = /* @__PURE__ */ new Map();
  constructor(layers) {
    this.#layers = layers;
    this.#root = merge2("", layers.toReversed()) ?? {
      node: { ...IMPLIED, path: "" },
      from: void 0,
      parts: []
    };
  }
  get layerCount() {
    return this.#layers.length;
  }
  lookup(path) {
    const found = this.#find(path);
    return found && this.#present(found.node, found.from);
  }
  *children(path) {
    const directory2 = this.#directory(path);
    if (directory2 === void 0) return;
    for (const { node: node2, from } of mergeChildren(path, directory2.parts)) yield this.#present(node2, from);
  }
  *walk(path) {
    const directory2 = this.#directory(path);
    if (directory2 !== void 0) yield* this.#walk(path, directory2.parts);
  }
  *hardLinks() {
    for (const layer of this.#layers) {
      for (const { path } of hardLinksOf(layer)) {
        const node2 = this.lookup(path);
        if (node2?.type === "hardlink") yield node2;
      }
    }
  }
  read(node2) {
    return readContents(node2);
  }
  *#walk(path, parts) {
    const [only] = parts;
    if (parts.length === 1 && only !== void 0 && !only.hasWhiteouts) {
      for (const node2 of only.walk(path)) yield this.#present(node2, only);
      return;
    }
    for (const child of mergeChildren(path, parts)) {
      yield this.#present(child.node, child.from);
      if (child.parts.length > 0) yield* this.#walk(child.node.path, child.parts);
    }
  }
  #find(path) {
    if (path === "") return this.#root;
    const parent = this.#directory(parentOf(path));
    return parent && merge2(path, parent.parts);
  }
  #directory(path) {
    if (path === "") return this.#root;
    if (this.#directories.has(path)) return this.#directories.get(path);
    const found = this.#find(path);
    const directory2 = found?.node.type === "dir" ? found : void 0;
    if (this.#directories.size >= REMEMBERED) this.#directories.clear();
    this.#directories.set(path, directory2);
    return directory2;
  }
  /**
   * A hard link refers to the file that its layer has at the target; here another file or none may be visible there.
   */
  #present(node2, from) {
    if (node2.type !== "hardlink" || from === void 0) return node2;
    const target = node2.linkname ?? "";
    const below = this.#treeUpTo(from);
    const meant = below.#find(target);
    if (meant === void 0 || meant.from === this.#find(target)?.from) return node2;
    const file2 = below.#present(meant.node, meant.from);
    if (file2.type === "hardlink") return { ...file2, path: node2.path };
    const first = this.#firstLink(from, target);
    return first === node2.path ? { ...file2, path: node2.path, type: "file" } : { ...node2, linkname: first };
  }
  /** The first hard link of a layer to a target that this tree shows. */
  #firstLink(layer, target) {
    let targets = this.#firstLinks.get(layer);
    if (targets === void 0) {
      targets = /* @__PURE__ */ new Map();
      for (const { path, linkname = "" } of hardLinksOf(layer)) {
        if (!targets.has(linkname) && this.#find(path)?.from === layer) targets.set(linkname, path);
      }
      this.#firstLinks.set(layer, targets);
    }
    return targets.get(target) ?? target;
  }
  #treeUpTo(layer) {
    let tree = this.#upTo.get(layer);
    if (tree === void 0) {
      tree = new _MergedTree(this.#layers.slice(0, this.#layers.indexOf(layer) + 1));
      this.#upTo.set(layer, tree);
    }
    return tree;
  }
};
function merge2(path, layers) {
  return unite(path, layers, (layer) => layer.lookup(path));
}
function unite(path, layers, entryOf) {
  if (nameOf(path).startsWith(WHITEOUT)) return void 0;
  let node2;
  let from;
  const parts = [];
  for (const [index, layer] of layers.entries()) {
    const found = entryOf(layer, index);
    if (found !== void 0) {
      if (node2 === void 0 || node2.implied && found.type === "dir" && !found.implied) {
        node2 = found;
        from = layer;
      }
      if (found.type !== "dir") break;
      parts.push(layer);
    }
    if (layer.hasWhiteouts && hides(layer, path)) break;
  }
  return node2 && { node: node2, from, parts };
}
function hides(layer, path) {
  if (layer.lookup(childPath(path, OPAQUE_WHITEOUT)) !== void 0) return true;
  if (path === "") return false;
  const parent = parentOf(path);
  const whiteout3 = WHITEOUT + nameOf(path);
  return layer.lookup(childPath(parent, whiteout3)) !== void 0;
}
function* mergeChildren(path, layers) {
  const cursors = layers.map((layer) => layer.children(path)[Symbol.iterator]());
  const next = (cursor) => cursor.next().value;
  const heads = cursors.map(next);
  for (; ; ) {
    let lowest;
    for (const head2 of heads) {
      if (head2 !== void 0 && (lowest === void 0 || comparePaths(head2.path, lowest) < 0)) {
        lowest = head2.path;
      }
    }
    if (lowest === void 0) return;
    const merged = unite(lowest, layers, (_, index) => {
      const head2 = heads[index];
      return head2?.path === lowest ? head2 : void 0;
    });
    if (merged !== void 0) yield merged;
    for (const [index, cursor] of cursors.entries()) {
      if (heads[index]?.path === lowest) heads[index] = next(cursor);
    }
  }
}

// src/runner/snapshots/directory-tree.ts
import { lstatSync as lstatSync6, readdirSync as readdirSync7, readlinkSync as readlinkSync3 } from "node:fs";

// src/runner/snapshots/file-contents.ts
import { closeSync as closeSync4, openSync as openSync4, readSync } from "node:fs";
var CHUNK4 = 512 * 1024;
var LocalContents = class {
  size;
  #path;
  /** `sha256:<hex>`, once it was computed. */
  digest;
  constructor(path, size) {
    this.#path = path;
    this.size = size;
  }
  async *read() {
    const file2 = openSync4(this.#path, "r");
    try {
      for (let left = this.size; left > 0; ) {
        const chunk = Buffer.allocUnsafe(Math.min(left, CHUNK4));
        const read = readSync(file2, chunk);
        if (read === 0) return;
        left -= read;
        yield read === chunk.length ? chunk : chunk.subarray(0, read);
      }
    } finally {
      closeSync4(file2);
    }
  }
  /** Computes the digest. */
  async hash() {
    if (this.digest === void 0) {
      const digester = new Digester();
      for await (const chunk of this.read()) digester.update(chunk);
      this.digest = digester.digest();
    }
    return this.digest;
  }
};

// src/runner/snapshots/directory-tree.ts
var OPAQUE = { "trusted.overlay.opaque": "eQ==" };
var DirectoryTree = class {
  #folder;
  #index;
  #implied;
  #opaque;
  /** The first name of a file by its other names. */
  #firstNames = /* @__PURE__ */ new Map();
  /** By path, so that a digest is computed once. */
  #contents = /* @__PURE__ */ new Map();
  /** @param implied directories that exist only because something is below them */
  constructor(folder, index, implied = []) {
    this.#folder = folder;
    this.#index = index;
    this.#implied = new Set(implied);
    this.#opaque = new Set(index.opaque);
    for (const [first = "", ...others] of index.links) {
      for (const name of others) this.#firstNames.set(name, first);
    }
  }
  lookup(path) {
    const stats = lstatSync6(this.#diskPath(path), { throwIfNoEntry: false });
    return stats && this.#node(path, stats);
  }
  *children(path) {
    for (const name of this.#names(path)) {
      const node2 = this.lookup(childPath(path, name));
      if (node2 !== void 0) yield node2;
    }
  }
  walk(path) {
    return walkChildren(this, path);
  }
  read(node2) {
    return readContents(node2);
  }
  #names(path) {
    try {
      return readdirSync7(this.#diskPath(path), { encoding: "buffer" }).map(decodeName).sort(comparePaths);
    } catch (error2) {
      if (["ENOENT", "ENOTDIR"].includes(error2.code ?? "")) return [];
      throw error2;
    }
  }
  #node(path, stats) {
    const type = typeOf2(stats);
    if (type === void 0) return void 0;
    const { mode, uid, gid, mtimeMs } = stats;
    const node2 = { path, type, mode: mode & 4095, uid, gid, mtime: mtimeMs / 1e3, size: 0 };
    const xattrs = { ...this.#index.xattrs[path], ...this.#opaque.has(path) && OPAQUE };
    if (Object.keys(xattrs).length > 0) node2.xattrs = xattrs;
    if (this.#implied.has(path)) node2.implied = true;
    if (type === "symlink") node2.linkname = decodeName(readlinkSync3(this.#diskPath(path), "buffer"));
    if (type === "char" || type === "block") node2.device = deviceOf(stats.rdev);
    if (type !== "file") return node2;
    const first = this.#firstNames.get(path);
    const contents = this.#contentsOf(first ?? path, stats.size);
    node2.contents = contents;
    if (contents.digest !== void 0) node2.digest = contents.digest;
    if (first === void 0) node2.size = stats.size;
    else Object.assign(node2, { type: "hardlink", linkname: first });
    return node2;
  }
  #contentsOf(path, size) {
    let contents = this.#contents.get(path);
    if (contents === void 0) {
      contents = new LocalContents(this.#diskPath(path), size);
      this.#contents.set(path, contents);
    }
    return contents;
  }
  /** Names that are not UTF-8 need bytes. */
  #diskPath(path) {
    const whole = path === "" ? this.#folder : `${this.#folder}/${path}`;
    return whole.isWellFormed() ? whole : Buffer.from(encodeName(whole));
  }
};
function typeOf2(stats) {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "dir";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isBlockDevice()) return "block";
  return stats.isFIFO() ? "fifo" : void 0;
}
function deviceOf(rdev) {
  const high = Math.floor(rdev / 2 ** 32);
  const low = rdev % 2 ** 32;
  return {
    major: (low >>> 8 & 4095) + (high & 4294963200),
    minor: (low & 255) + (low >>> 12 & 1048320)
  };
}

// src/engine/copy/apply-chmod.ts
function applyChmod(chmod6, mode, isDirectory4) {
  if ("octal" in chmod6) return chmod6.octal;
  const before = mode & 4095;
  let after = before;
  for (const change of chmod6.changes) {
    if (change.op === "+") after |= change.bits;
    else if (change.op === "-") after &= ~change.bits;
    else if (change.op === "X") after |= isDirectory4 || (before & 73) !== 0 ? change.bits : 0;
    else {
      const three = after >> change.from & 7;
      const spread = three * 73;
      if (change.how === "=") after &= ~change.to;
      if (change.how === "-") after &= ~(spread & change.to);
      else after |= spread & change.to;
    }
  }
  return after;
}

// src/engine/copy/hard-link.ts
var MAX_HARD_LINKS = 16;
function resolveHardLink(tree, node2) {
  let found = node2;
  for (let hops = 0; found.type === "hardlink" && hops < MAX_HARD_LINKS; hops++) {
    const next = tree.lookup(found.linkname ?? "");
    if (next === void 0) break;
    found = next;
  }
  return found;
}

// src/engine/copy/sorted-names.ts
function sortedNames(names2) {
  const list = [...names2];
  return list.some((name) => ABOVE_SURROGATES.test(name)) ? list.sort(comparePaths) : list.sort();
}
var ABOVE_SURROGATES = /[\ud800-\uffff]/;

// src/engine/copy/changes.ts
var CopyChange = class {
  origin;
  /** Whether several paths share this object. */
  linked = false;
  /** The source, or its number in the table of the origin. */
  #source;
  constructor(source, origin) {
    this.origin = origin;
    this.#source = origin.table?.numberOf(source.path) ?? source;
  }
  /** The source. One in a table is decoded on each call. */
  get node() {
    return typeof this.#source === "number" ? this.origin.table.at(this.#source) : this.#source;
  }
  /** Replaces the source. */
  set node(node2) {
    this.#source = node2;
  }
};
var DirChange = class {
  /** Entries that the step wrote, or null for an entry of the base that it removed. */
  children;
  /** Whether the entries of the base at the same path are visible. */
  overBase;
  mode;
  uid;
  gid;
  mtime;
  /** See `LayerEntry`; false when the time comes from a directory of a stage, an image or an archive. */
  hasFreeTime = true;
  xattrs;
  constructor(meta3, overBase) {
    this.overBase = overBase;
    this.mode = meta3.mode;
    this.uid = meta3.uid;
    this.gid = meta3.gid;
    this.mtime = meta3.mtime;
    this.xattrs = meta3.xattrs;
  }
};
var Changes = class {
  base;
  mtimeOf;
  root;
  /** Whether some file that the instruction writes has several names. */
  hasLinkedFiles = false;
  constructor(base, mtimeOf) {
    this.base = base;
    this.mtimeOf = mtimeOf;
    this.root = new DirChange(base.lookup("") ?? { mode: 493, uid: 0, gid: 0, mtime: void 0 }, true);
  }
  /** The entry `name` of a directory; a node when it comes from the base. */
  get(directory2, path, name) {
    const change = directory2.children?.get(name);
    if (change !== void 0) return change ?? void 0;
    return directory2.overBase ? this.base.lookup(childPath(path, name)) : void 0;
  }
  /** Opens an existing directory for changes; undefined when there is none at `path`. */
  open(path) {
    let directory2 = this.root;
    if (path === "") return directory2;
    let at = "";
    for (const name of path.split("/")) {
      const child = this.openChild(directory2, at, name);
      if (child === void 0) return void 0;
      directory2 = child;
      at = childPath(at, name);
    }
    return directory2;
  }
  /** Opens an existing subdirectory for changes; undefined when there is none of that name. */
  openChild(directory2, path, name) {
    const found = this.get(directory2, path, name);
    if (found === void 0 || found instanceof CopyChange) return void 0;
    if (found instanceof DirChange) return found;
    if (found.type !== "dir") return void 0;
    const copy = new DirChange(found, true);
    childrenOf2(directory2).set(name, copy);
    return copy;
  }
  /** Creates an empty directory. The name must be unused. */
  makeDirectory(directory2, name, meta3) {
    const made = new DirChange(meta3, false);
    childrenOf2(directory2).set(name, made);
    directory2.mtime = void 0;
    return made;
  }
  /** Writes a file, replacing an existing one. */
  put(directory2, name, change) {
    childrenOf2(directory2).set(name, change);
    directory2.mtime = void 0;
  }
  /** The file that this instruction wrote at an entry path. */
  fileAt(path) {
    const found = path === "" ? void 0 : this.#find(path);
    return found instanceof CopyChange ? found : void 0;
  }
  /** Marks a file as one that has several names. */
  markLinked(change) {
    change.linked = true;
    this.hasLinkedFiles = true;
  }
  /** Turns a file of the base into a change, so that other names can be linked to it. */
  adopt(directory2, path, name) {
    const found = this.get(directory2, path, name);
    if (found instanceof CopyChange) return found;
    if (found === void 0 || found instanceof DirChange || found.type === "dir") return void 0;
    const change = new CopyChange(resolveHardLink(this.base, found), this.base);
    childrenOf2(directory2).set(name, change);
    return change;
  }
  /** Removes an entry and everything below it. */
  remove(directory2, path, name) {
    const inBase = directory2.overBase && this.base.lookup(childPath(path, name)) !== void 0;
    if (inBase) childrenOf2(directory2).set(name, null);
    else directory2.children?.delete(name);
    directory2.mtime = void 0;
  }
  lookup(path) {
    if (path === "") return this.directoryNode(this.root, "");
    const found = this.#find(path);
    if (found instanceof DirChange) return this.directoryNode(found, path);
    if (found instanceof CopyChange) return this.fileNode(found, path);
    return found;
  }
  *children(path) {
    const found = path === "" ? this.root : this.#find(path);
    if (found === void 0 || found instanceof CopyChange) return;
    if (!(found instanceof DirChange)) {
      yield* this.base.children(path);
      return;
    }
    const changed = found.children;
    const names2 = sortedNames(changed?.keys() ?? []);
    let at = 0;
    const below = found.overBase ? this.base.children(path) : [];
    for (const node2 of below) {
      const name = node2.path.slice(path === "" ? 0 : path.length + 1);
      while (at < names2.length && comparePaths(names2[at], name) < 0) {
        yield* this.#changedChild(found, path, names2[at++]);
      }
      if (!changed?.has(name)) yield node2;
    }
    while (at < names2.length) yield* this.#changedChild(found, path, names2[at++]);
  }
  walk(path) {
    return walkChildren(this, path);
  }
  read(node2) {
    const found = this.#find(node2.path);
    return found instanceof CopyChange ? found.origin.read(found.node) : this.base.read(node2);
  }
  fileNode({ node: node2, origin }, path) {
    const isLink = node2.type === "symlink";
    const made = {
      path,
      type: node2.type,
      mode: isLink ? 511 : origin.chmod === void 0 ? node2.mode : applyChmod(origin.chmod, node2.mode, false),
      uid: origin.owner?.uid ?? node2.uid,
      gid: origin.owner?.gid ?? node2.gid,
      mtime: this.mtimeOf(origin.madeNow ? void 0 : node2.mtime),
      size: node2.size
    };
    if (node2.linkname !== void 0) made.linkname = node2.linkname;
    if (node2.device !== void 0) made.device = node2.device;
    if (node2.xattrs !== void 0 && !origin.withoutXattrs) made.xattrs = node2.xattrs;
    if (node2.digest !== void 0) made.digest = node2.digest;
    if (node2.contents !== void 0) made.contents = node2.contents;
    return made;
  }
  directoryNode(directory2, path) {
    const { mode, uid, gid, mtime, xattrs } = directory2;
    const node2 = { path, type: "dir", mode, uid, gid, mtime: this.mtimeOf(mtime), size: 0 };
    if (xattrs !== void 0) node2.xattrs = xattrs;
    return node2;
  }
  *#changedChild(directory2, path, name) {
    const change = directory2.children?.get(name);
    const at = childPath(path, name);
    if (change instanceof DirChange) yield this.directoryNode(change, at);
    else if (change instanceof CopyChange) yield this.fileNode(change, at);
  }
  #find(path) {
    let directory2 = this.root;
    let start2 = 0;
    for (; ; ) {
      const slash = path.indexOf("/", start2);
      const change = directory2.children?.get(slash < 0 ? path.slice(start2) : path.slice(start2, slash));
      if (change === void 0) return directory2.overBase ? this.base.lookup(path) : void 0;
      if (slash < 0) return change ?? void 0;
      if (!(change instanceof DirChange)) return void 0;
      directory2 = change;
      start2 = slash + 1;
    }
  }
};
function childrenOf2(directory2) {
  directory2.children ??= /* @__PURE__ */ new Map();
  return directory2.children;
}

// src/engine/run/overlay-diff.ts
var OPAQUE2 = ["trusted.overlay.opaque", "user.overlay.opaque"];
var ENTRY2 = 2048;
var ALWAYS_MOUNTED = ["/etc/resolv.conf", "/etc/hosts"];
function* overlayChanges({
  upper,
  base,
  mounted,
  mtimeOf
}) {
  const changes = new Changes(base, mtimeOf);
  const stubs = stubsOf(upper, base, [...ALWAYS_MOUNTED, ...mounted]);
  const linked = yield* linkTargets(upper);
  const firstPlaces = /* @__PURE__ */ new Map();
  const ancestors = [
    { path: "", change: changes.root, mtime: void 0 }
  ];
  const leave = () => {
    const left = ancestors.pop();
    if (left?.mtime !== void 0) left.change.mtime = left.mtime;
  };
  for (const node2 of upper.walk("")) {
    const { path } = node2;
    yield ENTRY2 + 4 * path.length;
    if (stubs.has(path)) continue;
    const above = parentOf(path);
    while (ancestors.at(-1)?.path !== above) leave();
    const parent = ancestors.at(-1).change;
    const name = nameOf(path);
    if (isRemoval(node2)) {
      changes.remove(parent, above, name);
    } else if (node2.type === "dir") {
      const change = directoryChange(changes, parent, node2);
      ancestors.push({ path, change, mtime: node2.implied ? change.mtime : node2.mtime });
    } else {
      const file2 = resolveHardLink(upper, node2);
      const first = firstPlaces.get(file2.path);
      if (first !== void 0) changes.markLinked(first);
      const change = first ?? new CopyChange(file2, upper);
      if (linked.has(file2.path)) firstPlaces.set(file2.path, change);
      changes.put(parent, name, change);
    }
  }
  while (ancestors.length > 0) leave();
  return changes;
}
function isRemoval({ type, device: device2 }) {
  return type === "char" && device2?.major === 0 && device2.minor === 0;
}
function isOpaque({ xattrs }) {
  return xattrs !== void 0 && OPAQUE2.some((name) => /^[Yy]$/.test(atob(xattrs[name] ?? "")));
}
function directoryChange(changes, parent, node2) {
  const { path, mode, uid, gid, mtime, xattrs } = node2;
  const name = nameOf(path);
  const open3 = isOpaque(node2) ? void 0 : changes.openChild(parent, parentOf(path), name);
  if (open3 === void 0) return changes.makeDirectory(parent, name, { mode, uid, gid, mtime, xattrs });
  if (!node2.implied) Object.assign(open3, { mode, uid, gid, xattrs });
  return open3;
}
function* linkTargets(upper) {
  const targets = /* @__PURE__ */ new Set();
  for (const node2 of upper.walk("")) {
    yield ENTRY2;
    if (node2.type === "hardlink") targets.add(resolveHardLink(upper, node2).path);
  }
  return targets;
}
function stubsOf(upper, base, mounted) {
  const stubs = /* @__PURE__ */ new Set();
  for (const target of mounted) {
    for (let path = placeOf(base, target); path !== "" && !base.lookup(path); path = parentOf(path)) {
      const node2 = upper.lookup(path);
      if (node2 === void 0) continue;
      if (node2.type === "dir" ? !isEmpty(upper, path, stubs) : node2.size > 0 || node2.type !== "file") break;
      stubs.add(path);
    }
  }
  return stubs;
}
function isEmpty(tree, path, without) {
  for (const child of tree.children(path)) if (!without.has(child.path)) return false;
  return true;
}
function placeOf(base, target) {
  const path = pathInRoot(target);
  try {
    return resolvePath(base, path).path;
  } catch (error2) {
    if (error2 instanceof TooManyLinksError) return path;
    throw error2;
  }
}

// src/runner/snapshots/overlay-layer.ts
var OverlayLayer = class {
  #tree;
  #opaque;
  #links;
  hasWhiteouts;
  constructor(tree, index) {
    this.#tree = tree;
    this.#opaque = new Set(index.opaque);
    this.#links = index.links;
    this.hasWhiteouts = index.hasRemovals;
  }
  lookup(path) {
    const name = nameOf(path);
    if (name === OPAQUE_WHITEOUT) return this.#opaque.has(parentOf(path)) ? whiteout(path) : void 0;
    if (name.startsWith(WHITEOUT)) {
      const parent = parentOf(path);
      const removed = name.slice(WHITEOUT.length);
      const node3 = removed && this.#tree.lookup(childPath(parent, removed));
      return node3 && isRemoval(node3) ? whiteout(path) : void 0;
    }
    const node2 = this.#tree.lookup(path);
    return node2 && !isRemoval(node2) ? withoutMarks(node2) : void 0;
  }
  children(path) {
    if (!this.hasWhiteouts) return this.#tree.children(path);
    const nodes = this.#opaque.has(path) ? [whiteout(childPath(path, OPAQUE_WHITEOUT))] : [];
    for (const node2 of this.#tree.children(path)) {
      nodes.push(
        isRemoval(node2) ? whiteout(childPath(path, WHITEOUT + nameOf(node2.path))) : withoutMarks(node2)
      );
    }
    return nodes.sort((a, b) => comparePaths(a.path, b.path));
  }
  walk(path) {
    return walkChildren(this, path);
  }
  *hardLinks() {
    for (const path of this.#links.flatMap(([, ...others]) => others).sort(comparePaths)) {
      const node2 = this.lookup(path);
      if (node2 !== void 0) yield node2;
    }
  }
  read(node2) {
    return this.#tree.read(node2);
  }
};
function whiteout(path) {
  return { path, type: "file", mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 };
}
function withoutMarks(node2) {
  if (node2.xattrs?.["trusted.overlay.opaque"] === void 0) return node2;
  const { "trusted.overlay.opaque": _, ...xattrs } = node2.xattrs;
  const { xattrs: __, ...rest } = node2;
  return Object.keys(xattrs).length === 0 ? rest : { ...rest, xattrs };
}

// src/runner/snapshots/layer-stack.ts
async function holdStack(store, layers, fetchBlob, signal) {
  const names2 = [];
  for (const layer of layers) names2.push(store.nameOf(layer, names2));
  const results = await Promise.allSettled(
    layers.map(async (layer, index) => {
      const name = names2[index];
      if ("snapshot" in layer) return store.holdSnapshot(name);
      const held2 = isSnapshot(name) ? await holdWritten(store, name) : void 0;
      return held2 ?? store.holdLayer(layer, fetchBlob, signal);
    })
  );
  const held = results.flatMap((result2) => result2.status === "fulfilled" ? [result2.value] : []);
  const release2 = () => {
    for (const layer of held) layer.release();
  };
  try {
    for (const result2 of results) if (result2.status === "rejected") throw result2.reason;
    let chain = "";
    for (const [index, plain2] of [...held].entries()) {
      held[index] = await store.holdAbove(held.slice(0, index), plain2, chain, signal);
      chain = sha256Hex(`${chain} ${plain2.name}`);
    }
  } catch (error2) {
    release2();
    throw error2;
  }
  return {
    paths: onceEach(held.map(({ path }) => path)),
    names: names2,
    root: held.findLast(({ record: record2 }) => record2.root)?.record.root,
    tree: () => mergeLayers(held.map(layerTree)),
    release: release2
  };
}
async function holdWritten(store, name) {
  try {
    return await store.holdSnapshot(name);
  } catch (error2) {
    if (error2 instanceof SnapshotMissingError) return void 0;
    throw error2;
  }
}
function layerTree({ path, record: record2 }) {
  return new OverlayLayer(rawTree({ path, record: record2 }), record2.index);
}
function rawTree({ path, record: record2 }) {
  const { index, implied, root: root2 } = record2;
  return new DirectoryTree(path, index, root2 === void 0 ? ["", ...implied] : implied);
}
function onceEach(paths) {
  return [...new Set(paths.toReversed())].reverse();
}

// src/runner/containers/container-exec.ts
init_command();
init_runtime();
import { spawn as spawn8 } from "node:child_process";
import { readFileSync as readFileSync13, writeFileSync as writeFileSync7 } from "node:fs";
var MAX_OUTPUT = 1024 * 1024;
var CANNOT_EXECUTE = 126;
var last2 = 0;
async function execInContainer({ id: id2, sandbox, bundle, hasGroups }, { runtime, method }, command, output2) {
  const { pid } = sandbox;
  if (runtime.name === "unshare") {
    output2("exec: the runner has neither crun nor runc\n");
    return CANNOT_EXECUTE;
  }
  if (pid === void 0) {
    output2("exec: the container is not running\n");
    return CANNOT_EXECUTE;
  }
  const file2 = `exec-${++last2}.json`;
  const memory = `${sandbox.inside}/memory`;
  const { process: main } = JSON.parse(readFileSync13(`${memory}/config.json`, "utf8"));
  const { consoleSize: _, ...shared } = main;
  writeFileSync7(`${memory}/${file2}`, JSON.stringify({ ...shared, args: command, terminal: false }), {
    mode: 384
  });
  const enter = ["--target", String(pid), "--mount", "--pid", ...method.userNamespace ? ["--user"] : []];
  const words = [
    ...runtimeProgram(runtime, { bundle, hasGroups }),
    "exec",
    "--process",
    `${bundle}/${file2}`,
    id2
  ];
  const child = spawn8("nsenter", [...enter, "--", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: plainEnvironment
  });
  let bytes2 = 0;
  for (const stream of [child.stdout, child.stderr]) {
    const decoder4 = new TextDecoder();
    stream.on("data", (chunk) => {
      const rest = MAX_OUTPUT - bytes2;
      bytes2 += chunk.length;
      if (rest > 0) output2(decoder4.decode(chunk.subarray(0, rest), { stream: true }));
    });
  }
  return await new Promise((resolve2) => {
    child.once("error", () => resolve2(CANNOT_EXECUTE));
    child.once("close", (code) => resolve2(code ?? 137));
  });
}

// src/runner/containers/container-mounts.ts
import { existsSync as existsSync5, lstatSync as lstatSync7, mkdirSync as mkdirSync7, statSync as statSync2, writeFileSync as writeFileSync8 } from "node:fs";
import { join as join19 } from "node:path";
async function placeContainerMounts(mounts, { root: root2, folder, volumes }) {
  const sorted = mounts.toSorted((a, b) => depth(a.target) - depth(b.target));
  const placed = [];
  for (const [index, mount] of sorted.entries()) {
    if (mount.type === "tmpfs") placed.push(placeTmpfs(mount, root2));
    else if (mount.type === "bind") placed.push(placeBind(mount));
    else {
      const source = mount.name === void 0 ? join19(folder, `volume-${index}`) : volumes.open(mount.name, programName());
      mkdirSync7(source, { recursive: true });
      if (mount.copy) await fillVolume(source, root2, mount.target);
      placed.push(bound({ ...mount, source }));
    }
  }
  return placed;
}
function placeNetworkFiles(folder, { hostname: hostname3, network, hosts }) {
  const files = {
    "resolv.conf": network === "host" ? tryReadText("/etc/resolv.conf") ?? "" : "",
    hosts: (network === "host" ? tryReadText("/etc/hosts") ?? "" : ownHosts) + hosts.map(([name, address]) => `${address}	${name}
`).join(""),
    hostname: `${hostname3}
`
  };
  return Object.entries(files).map(([name, text2]) => {
    const source = join19(folder, name);
    writeFileSync8(source, text2, { mode: 420 });
    return bound({ source, target: `/etc/${name}`, readonly: false });
  });
}
var ownHosts = [
  "127.0.0.1	localhost",
  "::1	localhost ip6-localhost ip6-loopback",
  "fe00::0	ip6-localnet",
  "ff00::0	ip6-mcastprefix",
  "ff02::1	ip6-allnodes",
  "ff02::2	ip6-allrouters",
  ""
].join("\n");
function placeBind(mount) {
  if (mount.create && !existsSync5(mount.source)) mkdirSync7(mount.source, { recursive: true });
  return bound(mount);
}
function placeTmpfs({ target, options }, root2) {
  const given = new Set(options.map((option) => option.split("=")[0]));
  const safe = ["noexec", "nosuid", "nodev"].filter((name) => !given.has(name.replace(/^no/, "")));
  const mode = given.has("mode") ? [] : [`mode=${tmpfsMode(root2, target)}`];
  return {
    spec: { destination: target, type: "tmpfs", source: "tmpfs", options: [...safe, ...mode, ...options] },
    point: { target, isDirectory: true }
  };
}
function bound({
  source,
  target,
  readonly: readonly2
}) {
  const stats = statSync2(source, { throwIfNoEntry: false });
  if (stats === void 0) {
    throw new Error(`invalid mount config for type "bind": bind source path does not exist: ${source}`);
  }
  return {
    spec: { destination: target, type: "bind", source, options: ["rbind", readonly2 ? "ro" : "rw"] },
    point: { target, isDirectory: stats.isDirectory() }
  };
}
function tmpfsMode(root2, target) {
  const { found, missing } = resolveInRoot(root2, target);
  const isHidden = SYSTEM_POINTS.some((point) => target.startsWith(`${point.target}/`));
  return (isHidden || missing.length > 0 ? 1023 : lstatSync7(root2 + found).mode & 4095).toString(8);
}
function depth(path) {
  return path.split("/").filter(Boolean).length;
}

// src/runner/containers/container.ts
async function executeContainer(options, host) {
  var _stack = [];
  try {
    const id2 = randomBytes(32).toString("hex");
    await removeLeftovers(host.containers);
    const folder = makeFolder3(host.containers, options.name ?? id2);
    const undo = __using(_stack, new AsyncDisposableStack(), true);
    undo.defer(() => removeTree(folder));
    const stack = await holdStack(host.store, options.layers, options.fetchBlob, new AbortController().signal);
    undo.defer(() => stack.release());
    const { network, terminal, stdin, attached } = options;
    const log = join20(folder, "runtime.log");
    const { command, method, cgroup, describe: describe3 } = launch(host, { id: id2, folder, network, log });
    if (!options.canBeUnlimited && cgroup === void 0 && Object.keys(options.limits).length > 0) {
      throw new ContainerError(
        "Cannot limit memory, processors or processes: this machine has no control groups to write to"
      );
    }
    const isTyped = terminal && attached === void 0 && isatty(0);
    const sandbox = await Sandbox.open(
      folder,
      [{ name: "root", paths: stack.paths, root: stack.root, writable: true }],
      terminal && !isTyped ? withTerminal(command, attached, host.runtime.name === "unshare") : command,
      method,
      // `script` would pass the end of its input on as a character, so the input of a terminal stays open.
      attached === void 0 ? { stdin: stdin || isTyped ? "own" : terminal ? "silent" : "none", piped: false, terminal } : { stdin: "piped", piped: true, terminal: false }
    );
    undo.defer(() => host.groups.remove(id2));
    undo.defer(() => sandbox.close());
    const root2 = `${sandbox.inside}/root/merged`;
    const account = accountOf(root2, options.user);
    requireIds(account, `the command runs as ${account.uid}:${account.gid}`);
    makeContainerWorkdir(root2, options.workdir, { uid: 0, gid: 0 });
    const hostname3 = options.hostname ?? (network === "host" ? machineName() : id2.slice(0, 12));
    const placed = [
      ...placeNetworkFiles(folder, { hostname: hostname3, network, hosts: options.hosts }),
      ...await placeContainerMounts(options.mounts, { root: root2, folder, volumes: host.volumes })
    ];
    const points = placed.map(({ point }) => point);
    for (const [index, point] of [...SYSTEM_POINTS, ...points].entries())
      new MountStubs().make(root2, point, [...SYSTEM_POINTS, ...points].slice(0, index));
    describe3(sandbox, {
      ...options,
      account,
      hostname: hostname3,
      env: [["HOSTNAME", hostname3], ...terminal ? [["TERM", "xterm"]] : [], ...options.env],
      mounts: placed.map(({ spec }) => spec),
      ...terminal && isatty(1) && { size: process.stdout },
      ...attached && { size: attached.size }
    });
    const loopback = new ContainerNetwork(sandbox, host.method.userNamespace);
    undo.defer(() => loopback.close());
    const cleanup = undo.move();
    const control = attached && new TerminalControl(sandbox, attached);
    sandbox.run();
    const close = once3(() => cleanup.disposeAsync());
    const target = { id: id2, sandbox, bundle: join20(folder, "memory"), hasGroups: cgroup !== void 0 };
    return {
      exit: sandbox.exit.then(async (exit) => {
        const { failure: failure2, output: output2 } = readLog(log);
        await close();
        if (failure2 !== void 0) throw startError(failure2);
        if (output2 !== "") (attached?.output ?? writeOut)(Buffer.from(output2));
        return exitCodeOf(exit);
      }),
      signal: (name) => control === void 0 ? sandbox.signal(name) : control.signal(name),
      ...control && { terminal: control },
      connect: (port) => loopback.connect(port),
      exec: (words, output2) => execInContainer(target, host, words, output2),
      close
    };
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}
function withTerminal(command, attached, isOwn2) {
  const setUp = attached && `${firstSize(attached.size)}${isOwn2 ? " echo" : ""}; `;
  return [
    "script",
    "--quiet",
    "--echo",
    "never",
    "--return",
    "--command",
    `${setUp ?? ""}exec ${command.map(quoteForShell).join(" ")}`,
    "/dev/null"
  ];
}
function exitCodeOf({ code, signal }) {
  return code ?? 128 + (signal === null ? 0 : constants7.signals[signal]);
}
function readLog(path) {
  try {
    return readRuntimeLog(readFileSync14(path, "utf8"));
  } catch {
    return { failure: void 0, output: "" };
  }
}
function writeOut(bytes2) {
  process.stdout.write(bytes2);
}
function startError(message) {
  const isMissing = /not found|no such file/i.test(message);
  const isRefused = /not executable|permission denied|not a regular file|is a directory/i.test(message);
  return new ContainerError(message, isMissing ? 127 : isRefused ? 126 : 125, true);
}
function makeFolder3(containers, name) {
  const mine = `${programName()}+${name}`;
  if (readdirSync8(containers).some((other) => other.slice(other.indexOf("+") + 1) === name)) {
    throw new ContainerError(`Conflict. The container name "/${name}" is already in use.`);
  }
  const folder = join20(containers, mine);
  mkdirSync8(folder, { mode: 448 });
  return folder;
}
async function removeLeftovers(containers) {
  await mkdir7(containers, { recursive: true, mode: 448 });
  for (const name of readdirSync8(containers)) {
    if (!isAlive(name.slice(0, name.indexOf("+")))) await removeTree(join20(containers, name));
  }
}

// src/runner/tasks/container-task.ts
init_remove_tree();
init_job_error();

// src/runner/sandbox/signals.ts
import { constants as constants8 } from "node:os";
var SIGNALS = Object.entries(constants8.signals);
function signalNamed(text2) {
  const name = text2.toUpperCase();
  return SIGNALS.find(
    ([known2, number5]) => known2 === name || known2 === `SIG${name}` || String(number5) === text2
  )?.[0];
}

// src/runner/tasks/port-exchanges.ts
import { request as sendRequest } from "node:http";
var MAX_EXCHANGES = 16;
var HEAD_MS = 3e4;
var TOTAL_MS = 5 * 6e4;
var MAX_BYTES4 = 64 * 2 ** 20;
var PIECE8 = 64 * 1024;
var ContainerExchanges = class {
  #container;
  #send;
  #exchanges = /* @__PURE__ */ new Map();
  constructor(container, send2) {
    this.#container = container;
    this.#send = send2;
  }
  receive(message) {
    switch (message.type) {
      case "request":
        void this.#request(message);
        break;
      case "more":
        void this.#more(message.exchange);
        break;
      case "abort":
        this.#forget(message.exchange);
    }
  }
  close() {
    for (const id2 of this.#exchanges.keys()) this.#end(id2, "the container has ended");
  }
  async #request({
    exchange: id2,
    port,
    method,
    path,
    headers,
    body
  }) {
    if (this.#exchanges.has(id2)) return;
    if (this.#exchanges.size >= MAX_EXCHANGES) {
      this.#send({ type: "end", exchange: id2, reason: "too many requests wait for the container" });
      return;
    }
    const late = () => this.#end(id2, "the program in the container did not answer in time");
    const exchange2 = { rest: Buffer.alloc(0), sent: 0, timer: setTimeout(late, HEAD_MS) };
    this.#exchanges.set(id2, exchange2);
    try {
      const socket = await this.#container.connect(port);
      if (this.#exchanges.get(id2) !== exchange2) {
        socket.destroy();
        return;
      }
      const content = body === void 0 ? void 0 : Buffer.from(body, "base64");
      const request2 = sendRequest({
        createConnection: () => socket,
        method,
        path,
        setHost: false,
        headers: [
          ...headers.flat(),
          ...["host", `localhost:${port}`, "connection", "close"],
          ...content === void 0 ? [] : ["content-length", String(content.length)]
        ]
      });
      exchange2.request = request2;
      request2.on("error", ({ message }) => this.#end(id2, message));
      request2.once("close", () => {
        if (exchange2.response === void 0)
          this.#end(id2, "the program in the container closed the connection");
      });
      request2.once("response", (response) => {
        clearTimeout(exchange2.timer);
        exchange2.timer = setTimeout(() => this.#end(id2, "the response took too long"), TOTAL_MS);
        exchange2.response = response;
        exchange2.chunks = response[Symbol.asyncIterator]();
        response.on("error", () => {
        });
        this.#send({
          type: "response",
          exchange: id2,
          status: response.statusCode ?? 502,
          headers: pairsOf(response.rawHeaders)
        });
      });
      request2.end(content);
    } catch (error2) {
      this.#end(
        id2,
        error2 instanceof ContainerError ? error2.message : `the request failed: ${error2.message}`
      );
    }
  }
  /** Sends the next piece of a body. */
  async #more(id2) {
    const exchange2 = this.#exchanges.get(id2);
    if (exchange2?.chunks === void 0) return;
    try {
      if (exchange2.rest.length === 0) {
        const { done: done2, value } = await exchange2.chunks.next();
        if (done2 === true) return this.#end(id2);
        exchange2.rest = value;
      }
    } catch (error2) {
      return this.#end(id2, `the response was interrupted: ${error2.message}`);
    }
    if (this.#exchanges.get(id2) !== exchange2) return;
    const piece = exchange2.rest.subarray(0, PIECE8);
    exchange2.rest = exchange2.rest.subarray(PIECE8);
    exchange2.sent += piece.length;
    if (exchange2.sent > MAX_BYTES4) return this.#end(id2, `the response has more than ${MAX_BYTES4} bytes`);
    this.#send({ type: "bytes", exchange: id2, bytes: piece.toString("base64") });
  }
  #end(id2, reason) {
    if (!this.#exchanges.has(id2)) return;
    this.#forget(id2);
    this.#send({ type: "end", exchange: id2, ...reason !== void 0 && { reason: reason.slice(0, 500) } });
  }
  #forget(id2) {
    const exchange2 = this.#exchanges.get(id2);
    if (exchange2 === void 0) return;
    this.#exchanges.delete(id2);
    clearTimeout(exchange2.timer);
    exchange2.request?.destroy();
  }
};
function pairsOf(raw) {
  const pairs2 = Array.from(
    { length: raw.length / 2 },
    (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""]
  );
  return pairs2.filter(([name, value]) => name.length <= 256 && value.length <= 16 * 1024).slice(0, 128);
}

// src/layers/look-ahead.ts
var WINDOW = 16 * 1024 * 1024;
var ENTRIES = 4096;
async function* lookAhead(entries) {
  let ready = [];
  let batch = [];
  let size = 0;
  for await (const entry of entries) {
    batch.push(entry);
    size += entry.node.size;
    if (size < WINDOW / 2 && batch.length < ENTRIES / 2) continue;
    announce(batch);
    yield* ready;
    ready = batch;
    batch = [];
    size = 0;
  }
  announce(batch);
  yield* ready;
  yield* batch;
}
function announce(batch) {
  for (const { node: node2, read } of batch) if (read === void 0) node2.contents?.prefetch?.();
}

// src/streams/single-chunk.ts
async function* singleChunk(bytes2) {
  if (bytes2.length > 0) yield bytes2;
}

// src/runner/tasks/entry-members.ts
async function* entryMembers(entries) {
  for await (const { node: node2, read } of lookAhead(entries)) {
    const { digest: _, contents, implied: __, ...entry } = node2;
    const content = read?.() ?? contents?.read() ?? nothing;
    if (content instanceof Uint8Array) yield { entry, bytes: content, body: singleChunk(content) };
    else yield { entry, bytes: void 0, body: content };
  }
}
var nothing = new Uint8Array(0);

// src/runner/tasks/task-trees.ts
var TaskTrees = class {
  #job;
  #context;
  #signal;
  #cleanup;
  constructor(job2, context, signal, cleanup) {
    this.#job = job2;
    this.#context = context;
    this.#signal = signal;
    this.#cleanup = cleanup;
  }
  /** A stack of layers on this machine, for a mount. */
  async stack(layers) {
    const { store, service } = this.#context;
    const fetchBlob = (digest, signal) => service.blob(this.#job, digest, signal);
    const stack = await holdStack(store, layers, fetchBlob, this.#signal);
    this.#cleanup.defer(() => stack.release());
    return stack;
  }
  /** The files of a tree. Those of a context are fetched when they are read. */
  async open(tree) {
    if ("layers" in tree) return (await this.stack(tree.layers)).tree();
    return this.#context.service.context(this.#job, tree, this.#signal);
  }
  /** Directories on this machine that contain `source` of a tree, and its path in them. */
  async mounted(tree, source) {
    if ("layers" in tree) {
      const { paths, root: root2 } = await this.stack(tree.layers);
      return { paths, root: root2, source };
    }
    const files = await this.open(tree);
    const { path } = resolvePath(files, source);
    const { store } = this.#context;
    const identity = sha256Hex(JSON.stringify([tree, path]));
    const directory2 = await store.holdOrMake(`context-${identity}`, this.#signal, (into) => {
      const options = { prefix: store.prefix, signal: this.#signal };
      return extractMembers(entryMembers(partOf(files, path)), into, options);
    });
    this.#cleanup.defer(() => directory2.release());
    return { paths: [directory2.path], root: directory2.record.root, source: `/${path}` };
  }
};
function* partOf(tree, path) {
  const firstNames = /* @__PURE__ */ new Map();
  const entry = (node2) => {
    const file2 = resolveHardLink(tree, node2);
    const owned2 = { ...file2, path: node2.path, uid: 0, gid: 0 };
    if (file2.type !== "file") return { node: owned2 };
    const first = firstNames.get(file2.path);
    if (first !== void 0) return { node: { ...owned2, type: "hardlink", size: 0, linkname: first } };
    firstNames.set(file2.path, node2.path);
    return { node: owned2 };
  };
  const names2 = path.split("/");
  for (let depth2 = 1; path !== "" && depth2 <= names2.length; depth2++) {
    const node2 = tree.lookup(names2.slice(0, depth2).join("/"));
    if (node2 !== void 0) yield entry(node2);
  }
  for (const node2 of tree.walk(path)) yield entry(node2);
}

// src/runner/tasks/container-task.ts
var LIMITS = { memory: 512 * 2 ** 20, pids: 256, cpus: 1 };
var WINDOW2 = 256 * 1024;
var MAX_EXECS = 8;
var MARK_AFTER = WINDOW2 / 8;
var STOP_MS = 1e4;
async function containerTask2(job2, task2, context, { terminal, cancelled }) {
  var _stack = [];
  try {
    const cleanup = __using(_stack, new AsyncDisposableStack(), true);
    const workspace = await context.workspaces.hold(task2.workspace);
    cleanup.defer(() => workspace.release());
    const copies = join21(context.jobs, `container-${randomUUID7()}`);
    await mkdir8(copies, { mode: 448 });
    cleanup.defer(() => removeTree(copies));
    const mounts = await mountsOf(job2, task2, context, { copies, cancelled, cleanup });
    const output2 = new TerminalOutput(terminal);
    const container = await executeContainer(
      {
        ...task2,
        layers: task2.layers,
        fetchBlob: (digest, signal) => context.service.blob(job2, digest, AbortSignal.any([signal, cancelled])),
        network: "none",
        mounts,
        limits: limitsOf(context.limits),
        canBeUnlimited: true,
        capabilities: DEFAULT_CAPABILITIES,
        hosts: [],
        stdin: true,
        terminal: true,
        attached: { size: task2.size, output: (chunk) => output2.add(chunk) }
      },
      { ...context, containers: context.containers, volumes: workspace.volumes }
    ).catch((error2) => {
      if (error2 instanceof ContainerError) throw new JobError("refused", error2.message);
      throw error2;
    });
    cleanup.defer(() => container.close());
    output2.follow(container);
    terminal.started();
    return await supervise(job2, task2, container, { terminal, output: output2, cancelled });
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}
async function supervise(job2, task2, container, { terminal, output: output2, cancelled }) {
  let kill;
  const stop = () => {
    container.signal(signalNamed(task2.stopSignal ?? "SIGTERM") ?? "SIGTERM");
    kill ??= setTimeout(() => container.close(), STOP_MS);
  };
  let execs = 0;
  const executeFurther = async ({ exec, command }) => {
    const output3 = (text2) => terminal.exec({ type: "exec-output", exec, text: text2 });
    if (execs >= MAX_EXECS) {
      output3(`exec: the container has ${MAX_EXECS} further processes already
`);
      return terminal.exec({ type: "exec-exit", exec, code: 126 });
    }
    execs++;
    const code = await container.exec(command, output3).catch((error2) => {
      output3(`exec: ${error2.message}
`);
      return 126;
    });
    execs--;
    terminal.exec({ type: "exec-exit", exec, code });
  };
  terminal.listen((message) => {
    switch (message.type) {
      case "input":
        container.terminal?.write(message.text, () => terminal.typed(message.text.length));
        break;
      case "resize":
        container.terminal?.resize(message);
        break;
      case "ack":
        output2.acknowledge(message.mark);
        break;
      case "stop":
        stop();
        break;
      case "exec":
        void executeFurther(message);
    }
  });
  const ports = new ContainerExchanges(container, (message) => terminal.port(message));
  terminal.listenToPorts((message) => ports.receive(message));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void container.close();
  }, job2.timeoutSeconds * 1e3);
  const cancel = () => void container.close();
  cancelled.addEventListener("abort", cancel, { once: true });
  if (cancelled.aborted) cancel();
  try {
    const exitCode = await exitOf(container);
    output2.end();
    cancelled.throwIfAborted();
    if (isLate) throw new JobError("timeout", `it exceeded its time limit of ${job2.timeoutSeconds} s`);
    return { kind: "container", exitCode };
  } finally {
    ports.close();
    clearTimeout(timer);
    clearTimeout(kill);
    cancelled.removeEventListener("abort", cancel);
  }
}
async function exitOf(container) {
  try {
    return await container.exit;
  } catch (error2) {
    if (error2 instanceof ContainerError) throw new JobError("refused", error2.message);
    throw error2;
  }
}
var TerminalOutput = class {
  #terminal;
  #decoder = new TextDecoder();
  #container;
  /** Characters up to each mark that was not acknowledged, by mark, in the order in which they were sent. */
  #marks = /* @__PURE__ */ new Map();
  /** Characters since the last mark. */
  #unmarked = 0;
  #waiting = 0;
  constructor(terminal) {
    this.#terminal = terminal;
  }
  follow(container) {
    this.#container = container;
    if (this.#waiting > WINDOW2) container.terminal?.pause();
  }
  add(chunk) {
    this.#send(this.#decoder.decode(chunk, { stream: true }));
  }
  acknowledge(mark) {
    if (!this.#marks.has(mark)) return;
    for (const [earlier, characters] of this.#marks) {
      this.#marks.delete(earlier);
      this.#waiting -= characters;
      if (earlier === mark) break;
    }
    if (this.#waiting <= WINDOW2) this.#container?.terminal?.resume();
  }
  end() {
    this.#send(this.#decoder.decode());
  }
  #send(text2) {
    if (text2 === "") return;
    this.#waiting += text2.length;
    this.#unmarked += text2.length;
    const mark = this.#unmarked < MARK_AFTER ? void 0 : randomBytes2(8).toString("hex");
    if (mark !== void 0) {
      this.#marks.set(mark, this.#unmarked);
      this.#unmarked = 0;
    }
    this.#terminal.output(text2, mark);
    if (this.#waiting > WINDOW2) this.#container?.terminal?.pause();
  }
};
function limitsOf({
  memory = Number.POSITIVE_INFINITY,
  pids = Number.POSITIVE_INFINITY
}) {
  const bytes2 = Math.min(LIMITS.memory, memory);
  return { memory: bytes2, swap: bytes2, cpus: LIMITS.cpus, pids: Math.min(LIMITS.pids, pids) };
}
async function mountsOf(job2, { mounts }, context, { copies, cancelled, cleanup }) {
  const trees = new TaskTrees(job2, context, cancelled, cleanup);
  const made = [];
  for (const [index, mount] of mounts.entries()) {
    if (mount.type === "tmpfs") made.push({ ...mount, options: [`size=${LIMITS.memory}`] });
    else if (mount.type === "volume") {
      const { name, target, readonly: readonly2 } = mount;
      made.push({ type: "volume", target, readonly: readonly2, copy: true, ...name !== void 0 && { name } });
    } else {
      const { target, readonly: readonly2 } = mount;
      const copy = join21(copies, String(index));
      made.push({ type: "bind", source: await copyOf(mount, trees, copy), target, readonly: readonly2, create: false });
    }
  }
  return made;
}
async function copyOf({ from, source }, trees, copy) {
  const { paths, source: path } = await trees.mounted(from, source);
  mkdirSync9(copy);
  for (const directory2 of paths) await runProgram("cp", ["-a", "--", `${directory2}/.`, copy]);
  const { found, missing } = resolveInRoot(copy, path);
  if (missing.length > 0)
    throw new JobError("refused", `${JSON.stringify(source)} is not in the build context`);
  return copy + found;
}

// src/engine/copy/copy-error.ts
var CopyError = class _CopyError extends BuildError {
  name = "CopyError";
  phase;
  /** The path at fault, absolute. */
  path;
  constructor(phase, path, message) {
    super(phase === "inputs" ? "source-not-found" : "copy-failed", message);
    this.phase = phase;
    this.path = path;
    this.about(path, path.slice(1));
  }
  /** The same error, as a failure to compute the cache key of the step that reads from `ref`. */
  whileComputingKey(ref) {
    const message = `failed to compute cache key: failed to calculate checksum of ref ${ref}: ${this.message}`;
    return new _CopyError(this.phase, this.path, message);
  }
};
function systemCallError(call, path, reason) {
  const absolute = `/${path}`;
  return new CopyError("write", absolute, `${call} ${absolute}: ${reason}`);
}
function noMatchHint(path) {
  return `Nothing matches ${JSON.stringify(path)}.`;
}

// src/engine/copy/empty-tree.ts
var root = { path: "", type: "dir", mode: 493, uid: 0, gid: 0, mtime: 0, size: 0 };
var emptyTree = {
  lookup: (path) => path === "" ? root : void 0,
  children: () => [],
  walk: () => [],
  read: (node2) => {
    throw new TypeError(`Cannot read ${JSON.stringify(node2.path)}: an empty tree has no files`);
  }
};

// src/engine/copy/heredoc.ts
var encoder5 = new TextEncoder();
function heredocSource(name, content) {
  const names2 = namesInRoot(name);
  const path = names2.join("/");
  if (names2.length === 0) throw systemCallError("open", "", "is a directory");
  if (names2.length > 1) throw systemCallError("open", path, "no such file or directory");
  const bytes2 = encoder5.encode(content);
  const node2 = {
    path,
    type: "file",
    mode: 420,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes2.length,
    digest: sha256(bytes2)
  };
  const tree = singleFile(node2, bytes2);
  return { tree, ref: "inline", path: `/${path}`, literal: true, keepOwner: true, madeNow: true };
}
function singleFile(node2, bytes2) {
  return {
    lookup: (path) => path === node2.path ? node2 : emptyTree.lookup(path),
    children: (path) => path === "" ? [node2] : [],
    walk: (path) => path === "" ? [node2] : [],
    read: async function* () {
      yield bytes2;
    }
  };
}

// src/engine/copy/filters.ts
function parseCopyFilters(parents, excludes) {
  const filters = {};
  if (parents !== void 0) filters.include = includeFilter(pathInRoot(parents));
  if (excludes.length > 0) filters.exclude = compile3("exclude", excludes);
  return filters;
}
function includeFilter(pattern) {
  const matcher = compile3("include", [pattern]);
  const names2 = pattern.split("/");
  const wild = names2.findIndex((name) => hasWildcard(name) || name.startsWith("!"));
  const fixed = wild < 0 ? names2 : names2.slice(0, wild);
  return {
    including: (path) => matcher.excluding(path),
    mayContainIncluded(directory2) {
      const way = directory2.split("/");
      return fixed.every((name, at) => at >= way.length || name === way[at]);
    }
  };
}
function compile3(kind, patterns) {
  try {
    return ignoreMatcher(patterns, { maxWork: MAX_WORK });
  } catch (error2) {
    if (!(error2 instanceof PatternError)) throw error2;
    const all = patterns.join(" ");
    throw new CopyError("inputs", all, `invalid ${kind}patterns: [${all}]: ${error2.reason}`);
  }
}
function* walkSelected(tree, directory2, filters, visitor) {
  try {
    yield* walkBelow(tree, directory2, "", { filters, visitor, pending: 0 });
  } catch (error2) {
    if (!(error2 instanceof PatternError)) throw error2;
    throw new CopyError("inputs", directory2, error2.message);
  }
}
var ENTRY3 = 1024;
var PIECE9 = 64 * ENTRY3;
function* walkBelow(tree, at, below, walk) {
  const { visitor } = walk;
  const { include, exclude } = walk.filters;
  const unfiltered = include === void 0 && exclude === void 0;
  const skip3 = at === "" ? 0 : at.length + 1;
  for (const node2 of tree.children(at)) {
    walk.pending += ENTRY3 + 8 * node2.path.length + (visitor.effort ?? 0);
    if (walk.pending >= PIECE9) {
      yield walk.pending;
      walk.pending = 0;
    }
    const name = node2.path.slice(skip3);
    const isDirectory4 = node2.type === "dir";
    const relative = unfiltered ? "" : childPath(below, name);
    let included = true;
    if (!unfiltered) {
      const excluded = exclude !== void 0 && (yield* exclude.excluding(relative));
      included = !excluded && (include === void 0 || (yield* include.including(relative)));
      if (isDirectory4 && excluded && !(yield* exclude.letsInBelow(relative))) continue;
      if (isDirectory4 && !included && include?.mayContainIncluded(relative) === false) continue;
    }
    if (isDirectory4) {
      visitor.enter(node2, name, included);
      yield* walkBelow(tree, node2.path, relative, walk);
      visitor.leave();
    } else if (included) {
      visitor.file(node2, name);
    }
  }
}

// src/engine/copy/root-path.ts
var SHOWN = 100;
function requireValidPath(path, call) {
  if (path.includes("\0")) throw systemCallError(call, path, "invalid argument");
  if (!isTooLong(path)) return;
  const shown = path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path;
  throw systemCallError(call, shown, "file name too long");
}
function resolveInTree(tree, path) {
  const resolved = resolve(tree, path, "write");
  if (resolved.node === void 0) {
    const through = fileOnTheWay(tree, resolved.path);
    if (through !== void 0) throw systemCallError("lstat", through, "not a directory");
  }
  return resolved.path;
}
function resolve(tree, path, phase) {
  try {
    return resolvePath(tree, pathInRoot(path));
  } catch (error2) {
    if (error2 instanceof TooManyLinksError) throw new CopyError(phase, path, "too many links");
    throw error2;
  }
}
function fileOnTheWay(tree, path) {
  for (let child = path; child !== ""; child = parentOf(child)) {
    const above = tree.lookup(parentOf(child));
    if (above !== void 0) return above.type === "dir" ? void 0 : child;
  }
  return void 0;
}

// src/engine/copy/select.ts
function* checkSource(source, excludes) {
  const { tree } = source;
  const path = pathOf(source);
  if (source.literal) return;
  if (hasWildcard(path)) {
    for (const { path: match, asWritten } of yield* wildcardMatches(tree, path)) {
      yield ENTRY4;
      follow(tree, match, asWritten);
    }
    return;
  }
  if (source.parents !== void 0) requireParents(source, path, excludes);
  else if (excludes.length === 0 || tree.lookup(path)?.type === "symlink") follow(tree, path, path);
}
function* selectSources(source) {
  const { tree } = source;
  const path = pathOf(source);
  if (source.literal) return [selectNode(tree, path, path)];
  if (!hasWildcard(path)) return [selectNode(tree, resolveInTree(tree, path), path)];
  const start2 = resolveInTree(tree, fixedPart(path).fixed);
  if (tree.lookup(start2) === void 0) throw withoutMatch(start2, path);
  const selected = [];
  for (const match of yield* wildcardMatches(tree, path)) {
    yield ENTRY4;
    selected.push(selectNode(tree, resolveInTree(tree, match.path), match.path));
  }
  return selected;
}
function pathOf(source) {
  const path = pathInRoot(source.path);
  requireValidPath(hasWildcard(path) ? fixedPart(path).fixed : path, "lstat");
  return path;
}
function selectNode(tree, followed, path) {
  const node2 = tree.lookup(followed);
  if (node2 === void 0) throw systemCallError("lstat", followed, "no such file or directory");
  return { node: node2, path };
}
function withoutMatch(directory2, path) {
  const error2 = systemCallError("lstat", directory2, "no such file or directory");
  error2.hint = noMatchHint(path);
  return error2.about(`/${path}`, path);
}
function follow(tree, path, asWritten) {
  if (resolve(tree, path, "inputs").node === void 0) throw notFound(asWritten);
}
function notFound(path) {
  return new CopyError("inputs", `/${path}`, `${JSON.stringify(`/${path}`)}: not found`);
}
function requireParents(source, path, excludes) {
  const { tree, parents = "" } = source;
  if (hasWildcard(parents)) return;
  const below = pathInRoot(parents);
  const required2 = [path, below].filter((part) => part !== "").join("/");
  const start2 = path === "" ? "" : childPath(resolve(tree, parentOf(path), "inputs").path, nameOf(path));
  const node2 = below === "" ? void 0 : tree.lookup(childPath(start2, below));
  if (node2 === void 0 || isExcluded(tree, start2, node2, excludes)) throw notFound(required2);
}
function isExcluded(tree, start2, node2, excludes) {
  const { exclude } = parseCopyFilters(void 0, excludes);
  if (exclude === void 0) return false;
  const leavesOut = (path) => exclude.excludes(start2 === "" ? path : path.slice(start2.length + 1));
  if (!leavesOut(node2.path)) return false;
  for (const { path } of tree.walk(node2.path)) if (!leavesOut(path)) return false;
  return true;
}
function fixedPart(path) {
  const names2 = path.split("/");
  const first = names2.findIndex((name) => hasWildcard(name));
  return { fixed: names2.slice(0, first).join("/"), wild: names2.slice(first) };
}
var MATCH = 256;
var ENTRY4 = 2048;
function* wildcardMatches(tree, path) {
  const { fixed, wild } = fixedPart(path);
  const start2 = resolve(tree, fixed, "inputs").path;
  const matches = path.includes("[") ? yield* matchAny(tree, start2, wild.join("/")) : yield* matchByName(tree, start2, wild);
  return matches.map((match) => ({ path: match, asWritten: fixed + match.slice(start2.length) }));
}
var lastListed = /* @__PURE__ */ new WeakMap();
function* childPaths(tree, directory2) {
  const last3 = lastListed.get(tree);
  if (last3?.directory === directory2) return last3.paths;
  const paths = [];
  for (const { path } of tree.children(directory2)) {
    yield ENTRY4;
    paths.push(path);
  }
  lastListed.set(tree, { directory: directory2, paths });
  return paths;
}
function* matchByName(tree, start2, wild) {
  let found = [start2];
  for (const [depth2, name] of wild.entries()) {
    const glob = compile4(name);
    const next = [];
    for (const directory2 of found) {
      if (depth2 > 0 && tree.lookup(directory2)?.type !== "dir") continue;
      for (const path of yield* childPaths(tree, directory2)) {
        yield MATCH + path.length + name.length;
        if (glob.matches(path.slice(directory2 === "" ? 0 : directory2.length + 1))) next.push(path);
      }
    }
    found = next;
  }
  return found;
}
function* matchAny(tree, start2, pattern) {
  const glob = compile4(pattern);
  const found = [];
  const skip3 = start2 === "" ? 0 : start2.length + 1;
  const search2 = function* (directory2) {
    for (const child of tree.children(directory2)) {
      yield MATCH + child.path.length * pattern.length / 8;
      if (glob.matches(child.path.slice(skip3))) found.push(child.path);
      else if (child.type === "dir") yield* search2(child.path);
    }
  };
  yield* search2(start2);
  return found;
}
function compile4(pattern) {
  try {
    return compileGlob(pattern);
  } catch (error2) {
    if (error2 instanceof PatternError) throw new CopyError("inputs", pattern, error2.reason);
    throw error2;
  }
}

// src/engine/copy/digest-inputs.ts
function* visitInputs(source, excludes, visit2) {
  const { filters, selected } = yield* selectInputs(source, excludes);
  const [only] = selected;
  const named = only !== void 0 && selected.length === 1 && only.path === pathInRoot(source.path);
  for (const one of selected)
    yield* new InputReader(source, filters, visit2).read(one, named ? "" : nameOf(one.path));
}
function* selectInputs(source, excludes) {
  try {
    yield* checkSource(source, excludes);
    return { filters: parseCopyFilters(source.parents, excludes), selected: yield* selectSources(source) };
  } catch (error2) {
    if (!(error2 instanceof CopyError && error2.phase === "inputs")) throw error2;
    throw error2.whileComputingKey(source.ref);
  }
}
function* digestInputs(source, excludes) {
  const lines = new LineDigest();
  lines.add(nameOf(trimEnd(source.path, "/")));
  yield* visitInputs(source, excludes, (input2) => lines.add(input2));
  return lines.digest();
}
var BATCH = 1 << 16;
var LineDigest = class {
  #encoder = new TextEncoder();
  #digester = new Digester();
  #pending = "";
  add(value) {
    this.#pending += `${JSON.stringify(value)}
`;
    if (this.#pending.length >= BATCH) this.#flush();
  }
  digest() {
    this.#flush();
    return this.#digester.digest();
  }
  #flush() {
    this.#digester.update(this.#encoder.encode(this.#pending));
    this.#pending = "";
  }
};
var InputReader = class {
  #source;
  #filters;
  #visit;
  /** The directories on the path of the walk; `reported` is true once a directory was visited. */
  #directories = [];
  constructor(source, filters, visit2) {
    this.#source = source;
    this.#filters = filters;
    this.#visit = visit2;
  }
  *read({ node: node2 }, path) {
    if (node2.type !== "dir") {
      this.#report(node2, path);
      return;
    }
    this.#directories.push({ node: node2, path, reported: true });
    this.#report(node2, path);
    yield* walkSelected(this.#source.tree, node2.path, this.#filters, this);
  }
  enter(node2, name, included) {
    this.#directories.push({ node: node2, path: this.#below(name), reported: false });
    if (included) this.#reportDirectories();
  }
  leave() {
    this.#directories.pop();
  }
  file(node2, name) {
    this.#reportDirectories();
    this.#report(node2, this.#below(name));
  }
  #below(name) {
    return childPath(this.#directories.at(-1)?.path ?? "", name);
  }
  #reportDirectories() {
    if (this.#directories.at(-1)?.reported) return;
    for (const step of this.#directories) {
      if (!step.reported) this.#report(step.node, step.path);
      step.reported = true;
    }
  }
  #report(entry, path) {
    const node2 = resolveHardLink(this.#source.tree, entry);
    const { type, mode, digest, linkname, device: device2 } = node2;
    const xattrs = countedXattrs(node2.xattrs);
    const input2 = {
      path,
      type,
      mode,
      ...this.#source.keepOwner && { owner: [node2.uid, node2.gid] },
      ...digest !== void 0 && { digest },
      ...type === "symlink" && linkname !== void 0 && { linkname },
      ...device2 !== void 0 && { device: [device2.major, device2.minor] },
      ...xattrs !== void 0 && { xattrs }
    };
    this.#visit(input2, node2);
  }
};
function countedXattrs(xattrs = {}) {
  const counted = Object.entries(xattrs).filter(
    ([name]) => name === "security.capability" || !/^(?:security|system)\./.test(name)
  );
  if (counted.length === 0) return void 0;
  return Object.fromEntries(counted.sort(([a], [b]) => a < b ? -1 : 1));
}

// src/dockerfile/suggest.ts
var MAX_DISTANCE = 2;
var MAX_LENGTH2 = 64;
function suggest(word2, options, ignoreCase = false) {
  if (word2.length > MAX_LENGTH2) return void 0;
  const wanted = ignoreCase ? word2.toLowerCase() : word2;
  let best;
  let bestDistance = MAX_DISTANCE + 1;
  for (const option of options) {
    const candidate = ignoreCase ? option.toLowerCase() : option;
    if (candidate === wanted) return void 0;
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate, bestDistance - 1);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = ignoreCase && word2 === word2.toUpperCase() && word2 !== word2.toLowerCase() ? candidate.toUpperCase() : candidate;
    }
  }
  return best;
}
function editDistance(a, b, max) {
  const far = max + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [];
    const last3 = Math.min(b.length, row + max);
    let lowest = far;
    for (let column = Math.max(0, row - max); column <= last3; column++) {
      const substitution = column === 0 ? row : (previous[column - 1] ?? far) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const distance = Math.min(
        substitution,
        (previous[column] ?? far) + 1,
        (current[column - 1] ?? far) + 1
      );
      current[column] = distance;
      lowest = Math.min(lowest, distance);
    }
    if (lowest > max) return far;
    previous = current;
  }
  return previous[b.length] ?? far;
}

// src/engine/keys/similar-path.ts
var MAX_SEARCHED = 1e5;
var ENTRY5 = 2048;
function* similarPath(namesIn, path) {
  const names2 = path.split("/").filter((name) => name !== "" && name !== ".");
  let parent = "";
  for (const [index, name] of names2.entries()) {
    const siblings = [];
    for (const sibling of namesIn(parent)) {
      yield ENTRY5;
      siblings.push(sibling);
      if (siblings.length === MAX_SEARCHED) break;
    }
    if (!siblings.includes(name)) {
      const meant = siblings.find((sibling) => sibling.toLowerCase() === name.toLowerCase()) ?? suggest(name, siblings);
      const rest = names2.slice(index + 1);
      const guess = meant === void 0 ? void 0 : findPath(namesIn, childPath(parent, meant), rest);
      return guess ?? (yield* findElsewhere(namesIn, names2.at(-1) ?? ""));
    }
    parent = childPath(parent, name);
  }
  return void 0;
}
function literalPathHint(hint, namesIn) {
  const [, quoted] = /^Nothing matches ("(?:[^"\\]|\\.)+")\.$/.exec(hint ?? "") ?? [];
  if (quoted === void 0) return hint;
  const path = JSON.parse(quoted);
  if (findPath(namesIn, "", path.split("/")) === void 0) return hint;
  if (/[*?\\]/.test(path)) return `${hint} A file has exactly this name: COPY its folder.`;
  return `${hint} A file has exactly this name: write ${JSON.stringify(path.replaceAll("[", "[[]"))}.`;
}
function namesOfTree(tree) {
  return (directory2) => Array.from(tree.children(directory2), ({ path }) => nameOf(path));
}
function findPath(namesIn, directory2, names2) {
  let path = directory2;
  for (const name of names2) {
    if (![...namesIn(path)].includes(name)) return void 0;
    path = childPath(path, name);
  }
  return path;
}
function* findElsewhere(namesIn, name) {
  const directories = [""];
  let searched = 0;
  for (let directory2 = directories.shift(); directory2 !== void 0; directory2 = directories.shift()) {
    for (const found of namesIn(directory2)) {
      yield ENTRY5;
      const path = childPath(directory2, found);
      if (found === name) return path;
      if (++searched === MAX_SEARCHED) return void 0;
      directories.push(path);
    }
  }
  return void 0;
}

// src/engine/keys/selections.ts
var DAY_MS = 24 * 60 * 60 * 1e3;
var MAX_WORK2 = 2 ** 33;
function selectEntries(source, excludes, budget) {
  return withSuggestion(source, async () => ({
    digest: await computeDigest(source, excludes, budget),
    lines: () => inputLines(source, excludes)
  }));
}
async function selectNodes(source, excludes) {
  const nodes = [];
  await withSuggestion(source, () => inTurns(visitInputs(source, excludes, (_, node2) => nodes.push(node2))));
  return nodes;
}
async function withSuggestion(source, work) {
  try {
    return await work();
  } catch (error2) {
    if (!(error2 instanceof CopyError)) throw error2;
    const { tree } = source;
    const names2 = namesOfTree(tree instanceof EntryTable ? tree.whole : tree);
    const literal2 = literalPathHint(error2.hint, names2);
    const similar = await inTurns(similarPath(names2, error2.path));
    error2.hint = literal2 === error2.hint && similar !== void 0 ? `Did you mean "${similar}"?` : literal2;
    throw error2;
  }
}
var MAX_DIGESTS = 1e3;
var digests = /* @__PURE__ */ new Map();
async function computeDigest(source, excludes, budget) {
  const { path, parents, literal: literal2, keepOwner, tree } = source;
  const fingerprint3 = tree instanceof EntryTable ? fingerprintOf(tree, source) : void 0;
  if (fingerprint3 === void 0) return inTurns(digestInputs(source, excludes), budget);
  const name = JSON.stringify([fingerprint3, path, parents, literal2, keepOwner, excludes]);
  const digest = digests.get(name) ?? await inTurns(digestInputs(source, excludes), budget);
  keepRecent(digests, name, digest, MAX_DIGESTS);
  return digest;
}
function fingerprintOf(tree, { path }) {
  const place2 = trimEnd(path.replace(/^\/+/, ""), "/");
  const type = tree.hasHardLinks || hasWildcard(place2) ? void 0 : tree.lookup(place2)?.type;
  return tree.fingerprint(type === "dir" || type === "file" ? place2 : "");
}
async function* inputLines(source, excludes) {
  const place2 = trimEnd(source.path.replace(/^\/+/, ""), "/");
  const prefix = hasWildcard(place2) ? place2.slice(0, place2.lastIndexOf("/") + 1) : place2 === "" ? "" : `${place2}/`;
  let lines = [];
  const visits = visitInputs(source, excludes, ({ path, ...rest }) => {
    lines.push(JSON.stringify([`${prefix}${path}`.replace(/\/$/, ""), rest]));
  });
  for (const cost of visits) {
    const turn = spend(cost);
    if (turn !== void 0) await turn;
    yield* lines;
    lines = [];
  }
  yield* lines;
}

// src/engine/copy/copier.ts
var ENTRY6 = 1024;
var LAYER = 256;
var Copier = class {
  effort;
  #changes;
  #tree;
  #origin;
  #filters;
  #place;
  /** Source and destination of the directory whose contents are copied. */
  #top;
  /** Source path of a hard-linked file → the change it became. */
  #linked = /* @__PURE__ */ new Map();
  constructor(changes, tree, origin, filters) {
    this.effort = ENTRY6 + LAYER * (changes.base.layerCount ?? 1);
    this.#changes = changes;
    this.#tree = tree;
    this.#origin = origin;
    this.#filters = filters;
  }
  /** Copies a file to `name` in the directory at `path`. */
  copyFile(source, directory2, path, name) {
    this.#put(source, directory2, path, name);
  }
  /**
   * Copies the contents of a directory to an existing one and sets its timestamp to that of the source. With `made`,
   * the destination was just created and also receives mode and owner of the source.
   */
  *copyContents(source, directory2, path, made) {
    this.#top = { from: source.path, to: path };
    this.#place = { source, above: void 0, name: "", path, included: true, directory: directory2 };
    yield* walkSelected(this.#tree, source.path, this.#filters, this);
    if (made) this.#copyMeta(source, directory2);
    this.#copyTime(source, directory2);
  }
  enter(source, name, included) {
    const above = this.#place;
    const path = childPath(above.path, name);
    requireValidPath(path, "mkdir");
    this.#place = { source, above, name, path, included, directory: void 0 };
    if (included) this.#open(this.#place);
  }
  leave() {
    const place2 = this.#place;
    if (place2.included) this.#copyMeta(place2.source, place2.directory);
    this.#place = place2.above;
  }
  file(source, name) {
    const place2 = this.#place;
    this.#put(source, this.#directoryOf(place2), place2.path, name);
  }
  /** The directory of a place, created on first use. */
  #directoryOf(place2) {
    if (place2.directory !== void 0) return place2.directory;
    const { directory: directory2, made } = this.#open(place2);
    if (made) this.#copyMeta(place2.source, directory2);
    else directory2.mode = place2.source.mode;
    return directory2;
  }
  #open(place2) {
    const above = place2.above;
    const parent = this.#directoryOf(above);
    let directory2 = this.#changes.openChild(parent, above.path, place2.name);
    const made = directory2 === void 0;
    if (directory2 === void 0) {
      if (this.#changes.get(parent, above.path, place2.name) !== void 0) throw notADirectory(place2.path);
      const { mode } = place2.source;
      directory2 = this.#changes.makeDirectory(parent, place2.name, { mode, uid: 0, gid: 0, mtime: void 0 });
    }
    place2.directory = directory2;
    return { directory: directory2, made };
  }
  #copyMeta(source, directory2) {
    const { owner: owner2, chmod: chmod6 } = this.#origin;
    directory2.uid = owner2?.uid ?? source.uid;
    directory2.gid = owner2?.gid ?? source.gid;
    directory2.mode = chmod6 === void 0 ? source.mode : applyChmod(chmod6, source.mode, true);
    this.#copyTime(source, directory2);
    if (source.xattrs !== void 0) directory2.xattrs = { ...directory2.xattrs, ...source.xattrs };
  }
  /** The root of a context or image has no timestamp. */
  #copyTime(source, directory2) {
    directory2.mtime = this.#origin.madeNow || source.path === "" ? void 0 : source.mtime;
    directory2.hasFreeTime = this.#origin.hasFreeTimes ?? false;
  }
  #put(source, directory2, path, name) {
    requireValidPath(childPath(path, name), "open");
    const existing = this.#changes.get(directory2, path, name);
    if (existing instanceof DirChange || existing !== void 0 && isDirectory2(existing)) {
      const target = `/${childPath(path, name)}`;
      throw new CopyError("write", target, `cannot replace to directory ${target} with file`);
    }
    this.#changes.put(directory2, name, this.#changeOf(source));
  }
  /** A new file, or the existing change for another name of the same file. */
  #changeOf(source) {
    if (source.type !== "hardlink") {
      const other = this.#linked.size > 0 ? this.#linked.get(source.path) : void 0;
      if (other === void 0) return new CopyChange(source, this.#origin);
      this.#changes.markLinked(other);
      return other;
    }
    const target = resolveHardLink(this.#tree, source);
    if (target.type === "hardlink" || target.type === "dir") {
      const message = `hard link /${source.path} leads to no file: /${target.linkname ?? target.path}`;
      throw new CopyError("write", `/${source.path}`, message);
    }
    const known2 = this.#linked.get(target.path) ?? this.#copyOf(target);
    if (known2 !== void 0) this.#changes.markLinked(known2);
    const change = known2 ?? new CopyChange(target, this.#origin);
    this.#linked.set(target.path, change);
    return change;
  }
  /** The change that an already visited file became. */
  #copyOf(target) {
    if (this.#top === void 0) return void 0;
    const { from, to } = this.#top;
    const prefix = from === "" ? "" : `${from}/`;
    if (!target.path.startsWith(prefix)) return void 0;
    const found = this.#changes.fileAt(childPath(to, target.path.slice(prefix.length)));
    return found?.node.path === target.path && found.origin === this.#origin ? found : void 0;
  }
};
function isDirectory2(found) {
  return !(found instanceof CopyChange) && found.type === "dir";
}
function notADirectory(path) {
  return new CopyError("write", `/${path}`, `cannot copy to non-directory: /${path}`);
}

// src/engine/copy/make-directories.ts
var SET_GROUP = 1024;
function makeDirectories(changes, path, meta3, isOwned) {
  let directory2 = changes.root;
  if (path === "") return directory2;
  requireValidPath(path, "mkdir");
  let at = "";
  for (const name of path.split("/")) {
    const child = childPath(at, name);
    const found = changes.get(directory2, at, name);
    if (found === void 0)
      directory2 = changes.makeDirectory(directory2, name, inheritGroup(directory2, meta3, isOwned));
    else if (found instanceof DirChange) directory2 = found;
    else if (found instanceof CopyChange || found.type !== "dir")
      throw systemCallError("mkdir", child, "not a directory");
    else directory2 = changes.openChild(directory2, at, name);
    at = child;
  }
  return directory2;
}
function inheritGroup(parent, meta3, isOwned) {
  if ((parent.mode & SET_GROUP) === 0) return meta3;
  return { ...meta3, mode: meta3.mode | SET_GROUP, gid: isOwned ? meta3.gid : parent.gid };
}

// src/engine/copy/owner-ids.ts
var UNCHANGED = 4294967295;
async function resolveOwner(owner2, tree) {
  const warnings = [];
  const { user, group } = owner2;
  let uid = 0;
  let gid = 0;
  if ("id" in user) {
    uid = user.id;
    gid = user.id;
  } else {
    const found = await lookupUser(requireTree(tree), user.name);
    if (found === void 0) warnings.push(unknownName("user", user.name));
    else ({ uid, gid } = found);
  }
  if (group !== void 0) {
    if ("id" in group) gid = group.id;
    else {
      const found = await lookupGroup(requireTree(tree), group.name);
      if (found === void 0) warnings.push(unknownName("group", group.name));
      else gid = found.gid;
    }
  }
  return { ids: { uid: uid === UNCHANGED ? 0 : uid, gid: gid === UNCHANGED ? 0 : gid }, warnings };
}
function requireTree(tree) {
  if (tree === void 0) throw new CopyError("write", "/etc/passwd", "invalid user index: -1");
  return tree;
}
function unknownName(kind, name) {
  const file2 = kind === "user" ? "/etc/passwd" : "/etc/group";
  const message = `no ${kind} ${JSON.stringify(name)} in ${file2} of the image: root is used instead`;
  return { code: `unknown-${kind}`, name, message };
}

// src/engine/copy/unpack.ts
var MODE_OF_IMPLIED_DIRECTORIES = 493;
var ROOT2 = { uid: 0, gid: 0 };
var MAX_TIME = 2 ** 63 / 1e9;
var ENTRY7 = 4096;
function* unpackInto(changes, dest, archive, owner2) {
  const path = resolveInTree(changes, dest);
  const ids2 = owner2 ?? { uid: 0, gid: 0 };
  makeDirectories(changes, path, { ...ids2, mode: 493, mtime: void 0 }, owner2 !== void 0);
  const unpacker = new Unpacker(changes, path, archive, owner2);
  for (const entry of archive.entries) {
    yield ENTRY7 + 4 * entry.path.length;
    unpacker.apply(entry.mtime < 0 || entry.mtime > MAX_TIME ? { ...entry, mtime: 0 } : entry);
  }
  unpacker.finish();
}
var Unpacker = class {
  #changes;
  #root;
  /** The tree with the destination directory as its root. */
  #inRoot;
  #origin;
  #owner;
  /** The directory of the last entry, with its name in the archive. */
  #last;
  /** Files with the contents of the entry they come from, even where that entry is a hard link. */
  #rewritten = /* @__PURE__ */ new Set();
  /** Timestamps of directories, set last because each write into a directory changes its timestamp. */
  #times = [];
  constructor(changes, root2, archive, owner2) {
    this.#changes = changes;
    this.#root = root2;
    this.#inRoot = { lookup: (path) => changes.lookup(path === "" ? root2 : childPath(root2, path)) };
    this.#origin = { read: (node2) => archive.read(node2), ...owner2 !== void 0 && { owner: owner2 } };
    this.#owner = owner2;
  }
  apply(entry) {
    const names2 = namesInRoot(entry.path);
    const name = names2.pop();
    if (name === void 0) {
      this.#describe(this.#top().directory, entry);
      return;
    }
    const parent = this.#parentOf(entry, names2);
    requireValidPath(childPath(parent.path, name), callOf(entry));
    const existing = this.#changes.get(parent.directory, parent.path, name);
    if (existing !== void 0 && !(entry.type === "dir" && isDirectory3(existing))) {
      this.#changes.remove(parent.directory, parent.path, name);
      this.#last = void 0;
    }
    if (entry.type === "dir") this.#putDirectory(entry, parent, name);
    else if (entry.type === "hardlink") this.#putHardLink(entry, parent, name);
    else this.#changes.put(parent.directory, name, new CopyChange(this.#owned(entry), this.#origin));
  }
  /** A new file with the owner that it gets. */
  #owned(entry) {
    if (entry.uid !== UNCHANGED && entry.gid !== UNCHANGED) return entry;
    return { ...entry, ...this.#ownerOf(entry, ROOT2) };
  }
  /** The owner of an entry. Like chown(2), keeps that of an existing file for the id -1. */
  #ownerOf(entry, before) {
    if (this.#owner !== void 0) return this.#owner;
    const { uid, gid } = entry;
    return { uid: uid === UNCHANGED ? before.uid : uid, gid: gid === UNCHANGED ? before.gid : gid };
  }
  finish() {
    for (const { path, mtime } of this.#times) this.#touch(path, mtime);
  }
  /** Sets the timestamp of the entry at a path. */
  #touch(path, mtime) {
    const names2 = namesInRoot(this.#resolve(namesInRoot(path)) ?? path);
    const name = names2.pop();
    const parent = this.#find(names2);
    if (name === void 0) {
      const top = this.#top().directory;
      top.mtime = mtime;
      top.hasFreeTime = false;
      return;
    }
    if (typeof parent === "string") throw systemCallError("chtimes", path, parent);
    const directory2 = this.#changes.openChild(parent.directory, parent.path, name);
    if (directory2 !== void 0) {
      directory2.mtime = mtime;
      directory2.hasFreeTime = false;
      return;
    }
    const file2 = this.#changes.adopt(parent.directory, parent.path, name);
    if (file2 === void 0) throw systemCallError("chtimes", path, "no such file or directory");
    file2.node = { ...file2.node, mtime };
  }
  #putDirectory(entry, { directory: parent, path }, name) {
    let directory2 = this.#changes.openChild(parent, path, name);
    if (directory2 === void 0) {
      const meta3 = { mode: entry.mode, uid: 0, gid: 0, mtime: void 0 };
      directory2 = this.#changes.makeDirectory(parent, name, meta3);
    }
    this.#describe(directory2, entry);
  }
  /** Gives a directory the metadata of an entry. */
  #describe(directory2, entry) {
    const { uid, gid } = this.#ownerOf(entry, directory2);
    directory2.mode = entry.mode;
    directory2.uid = uid;
    directory2.gid = gid;
    if (entry.xattrs !== void 0) directory2.xattrs = { ...directory2.xattrs, ...entry.xattrs };
    this.#times.push({ path: entry.path, mtime: entry.mtime });
  }
  #putHardLink(entry, parent, name) {
    const names2 = namesInRoot(entry.linkname ?? "");
    const call = `link /${names2.join("/")}`;
    const last3 = names2.pop();
    const found = this.#find(names2);
    if (typeof found === "string") throw systemCallError(call, entry.path, found);
    const target = last3 && this.#changes.get(found.directory, found.path, last3);
    if (last3 === void 0 || target && isDirectory3(target))
      throw systemCallError(call, entry.path, "operation not permitted");
    const change = this.#changes.adopt(found.directory, found.path, last3);
    if (change === void 0) throw systemCallError(call, entry.path, "no such file or directory");
    this.#changes.markLinked(change);
    this.#rewrite(change, entry);
    this.#changes.put(parent.directory, name, change);
  }
  /** Applies the header of a hard link, which describes the linked file. */
  #rewrite(change, entry) {
    const { node: node2, origin } = change;
    const xattrs = entry.xattrs === void 0 ? node2.xattrs : { ...node2.xattrs, ...entry.xattrs };
    if (xattrs !== void 0 && Object.keys(xattrs).length > MAX_XATTRS)
      throw systemCallError("setxattr", entry.path, "no space left on device");
    const { uid, gid } = this.#ownerOf(entry, node2);
    change.node = {
      ...node2,
      mode: entry.mode,
      uid,
      gid,
      mtime: entry.mtime,
      ...xattrs !== void 0 && { xattrs }
    };
    if (this.#rewritten.has(change)) return;
    this.#rewritten.add(change);
    change.origin = { read: () => origin.read(node2) };
  }
  /** The directory of an entry, created when the archive has no entry for it. */
  #parentOf(entry, names2) {
    const name = names2.join("/");
    if (this.#last?.name === name) return this.#last.found;
    let found = this.#find(names2);
    if (found === "no such file or directory" && !this.#isLink(names2)) found = this.#makeImplied(names2);
    if (typeof found === "string") throw systemCallError(callOf(entry), entry.path, found);
    this.#last = { name, found };
    return found;
  }
  #isLink(names2) {
    const above = this.#find(names2.slice(0, -1));
    if (typeof above === "string") return false;
    const found = this.#changes.get(above.directory, above.path, names2.at(-1));
    return found instanceof CopyChange || found !== void 0 && !(found instanceof DirChange);
  }
  #makeImplied(names2) {
    const meta3 = { mode: MODE_OF_IMPLIED_DIRECTORIES, uid: 0, gid: 0, mtime: void 0 };
    let at = this.#top();
    for (const [depth2, name] of names2.entries()) {
      const { directory: directory2, path } = at;
      let child = this.#changes.openChild(directory2, path, name);
      if (child === void 0 && this.#changes.get(directory2, path, name) === void 0) {
        requireValidPath(childPath(path, name), "mkdir");
        child = this.#changes.makeDirectory(directory2, name, meta3);
      }
      if (child !== void 0) {
        at = { directory: child, path: childPath(path, name) };
        continue;
      }
      const way = names2.slice(0, depth2 + 1);
      const found = this.#find(way);
      if (found === "no such file or directory") throw systemCallError("mkdir", way.join("/"), "file exists");
      if (typeof found === "string") return found;
      at = found;
    }
    return at;
  }
  #top() {
    return { directory: this.#changes.open(this.#root), path: this.#root };
  }
  /** Finds a directory as the kernel does after `chroot`. */
  #find(names2) {
    let at = this.#top();
    for (const name of names2) {
      const child = this.#changes.openChild(at.directory, at.path, name);
      if (child === void 0) return this.#findThroughLinks(names2);
      at = { directory: child, path: childPath(at.path, name) };
    }
    return at;
  }
  #findThroughLinks(names2) {
    const path = this.#resolve(names2);
    if (path === void 0) return "too many levels of symbolic links";
    const inTree = path === "" ? this.#root : childPath(this.#root, path);
    const directory2 = this.#changes.open(inTree);
    if (directory2 !== void 0) return { directory: directory2, path: inTree };
    const isFile = this.#inRoot.lookup(path) !== void 0 || fileOnTheWay(this.#inRoot, path) !== void 0;
    return isFile ? "not a directory" : "no such file or directory";
  }
  #resolve(names2) {
    try {
      return resolvePath(this.#inRoot, names2.join("/")).path;
    } catch (error2) {
      if (error2 instanceof TooManyLinksError) return void 0;
      throw error2;
    }
  }
};
function isDirectory3(found) {
  return found instanceof DirChange || !(found instanceof CopyChange) && found.type === "dir";
}
function callOf(entry) {
  switch (entry.type) {
    case "dir":
      return "mkdir";
    case "file":
      return "open";
    case "symlink":
      return `symlink ${entry.linkname ?? ""}`;
    case "hardlink":
      return `link /${entry.linkname ?? ""}`;
    default:
      return "mknod";
  }
}

// src/engine/copy/copy.ts
var ROOT3 = { uid: 0, gid: 0 };
var MODE_OF_MADE_DIRECTORIES = 493;
function isIndependent(request2) {
  return request2.link && request2.chmod === void 0;
}
async function copyInto(base, request2) {
  const { excludes } = request2;
  const prepared = [];
  for (const source of request2.sources) {
    await inTurns(checkSource(source, excludes));
    prepared.push({ source, filters: parseCopyFilters(source.parents, excludes) });
  }
  const independent = isIndependent(request2);
  const { ids: ids2, warnings } = await destinationOwner(request2, base, independent);
  const changes = new Changes(independent ? emptyTree : base, request2.mtimeOf);
  const destination = new Destination(changes, request2, ids2);
  for (const { source, filters } of prepared) {
    for (const selected of await inTurns(selectSources(source)))
      await destination.receive(source, filters, selected);
  }
  return { changes, warnings };
}
async function destinationOwner(request2, base, independent) {
  if (request2.owner === void 0) return { ids: void 0, warnings: [] };
  return resolveOwner(request2.owner, independent || request2.noLayers ? void 0 : base);
}
var Destination = class {
  #changes;
  #dest;
  #isDirectory;
  #owner;
  #chmod;
  /** Metadata for directories that must be created. */
  #meta;
  constructor(changes, request2, owner2) {
    const { chmod: chmod6 } = request2;
    this.#changes = changes;
    this.#dest = pathInRoot(request2.dest);
    requireValidPath(this.#dest, "lstat");
    this.#isDirectory = request2.destIsDirectory || this.#dest === "";
    this.#owner = owner2;
    this.#chmod = chmod6;
    const mode = chmod6 !== void 0 && "octal" in chmod6 ? chmod6.octal & 511 : MODE_OF_MADE_DIRECTORIES;
    this.#meta = { ...owner2 ?? ROOT3, mode, mtime: void 0 };
  }
  async receive(source, filters, selected) {
    const node2 = resolveHardLink(source.tree, selected.node);
    if (source.unpack !== void 0 && node2.type === "file") {
      const archive = await source.unpack(node2);
      if (archive !== void 0) {
        await inTurns(unpackInto(this.#changes, this.#dest, archive, this.#owner));
        return;
      }
    }
    await inTurns(this.#copy(source, filters, { ...selected, node: node2 }));
  }
  *#copy(source, filters, { node: node2, path }) {
    const copier = new Copier(this.#changes, source.tree, this.#originOf(source), filters);
    this.#makeDirectories(
      resolveInTree(this.#changes, this.#isDirectory ? this.#dest : parentOf(this.#dest))
    );
    let target = resolveInTree(this.#changes, this.#dest);
    const existing = this.#changes.lookup(target);
    const isDirectory4 = node2.type === "dir";
    const isNamed = nameOf(path) !== "";
    const goesInside = isDirectory4 ? source.literal && isNamed && existing !== void 0 : existing?.type === "dir";
    if (goesInside) target = childPath(target, nameOf(path));
    if (isDirectory4 && !source.literal && existing === void 0) this.#makeDirectories(target);
    const parent = this.#makeDirectories(parentOf(target));
    if (isDirectory4) yield* this.#copyDirectory(copier, node2, parent, target);
    else copier.copyFile(node2, parent, parentOf(target), nameOf(target));
  }
  *#copyDirectory(copier, node2, parent, target) {
    let directory2 = this.#changes.open(target);
    const made = directory2 === void 0;
    if (directory2 === void 0) {
      if (this.#changes.lookup(target) !== void 0) throw notADirectory(target);
      const { mode } = node2;
      directory2 = this.#changes.makeDirectory(parent, nameOf(target), { ...ROOT3, mode, mtime: void 0 });
    }
    yield* copier.copyContents(node2, directory2, target, made);
  }
  #makeDirectories(path) {
    return makeDirectories(this.#changes, path, this.#meta, this.#owner !== void 0);
  }
  #originOf(source) {
    const owner2 = this.#owner ?? (source.keepOwner ? void 0 : ROOT3);
    return {
      read: (node2) => source.tree.read(node2),
      ...source.tree instanceof EntryTable && { table: source.tree },
      ...owner2 !== void 0 && { owner: owner2 },
      ...this.#chmod !== void 0 && { chmod: this.#chmod },
      ...source.madeNow !== void 0 && { madeNow: source.madeNow },
      // Giving the files of a context to root clears their capabilities, as chown(2) does.
      ...!source.keepOwner && { withoutXattrs: true },
      ...(source.madeNow || !source.keepOwner) && { hasFreeTimes: true }
    };
  }
};

// src/rootfs/same-entry.ts
function sameEntry(a, b) {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.size === b.size && a.digest === b.digest && a.linkname === b.linkname && a.device?.major === b.device?.major && a.device?.minor === b.device?.minor && sameAttributes(a.xattrs, b.xattrs);
}
function sameAttributes(a = {}, b = {}) {
  const names2 = Object.keys(a);
  return names2.length === Object.keys(b).length && names2.every((name) => a[name] === b[name]);
}

// src/engine/copy/keep-times.ts
function* findKeptTimes(entries, last3) {
  const kept = /* @__PURE__ */ new Map();
  const directories = /* @__PURE__ */ new Map();
  const isChanged = /* @__PURE__ */ new Set();
  for (const { node: node2, hasFreeTime } of entries) {
    const { path, type } = node2;
    yield ENTRY8 + 8 * path.length;
    const before = last3.lookup(path);
    const parent = parentOf(path);
    const count2 = directories.get(parent);
    if (before === void 0) isChanged.add(parent);
    else if (count2 !== void 0) directories.set(parent, count2 + 1);
    const isAsBefore2 = before !== void 0 && sameEntry(before, node2);
    if (isAsBefore2 && hasFreeTime && before.mtime !== node2.mtime) {
      kept.set(path, before.mtime);
      if (type === "dir") directories.set(path, 0);
    }
    const source = type === "dir" || isAsBefore2 ? void 0 : sourceOf(path);
    if (source !== void 0) isChanged.add(source);
  }
  for (const [path, count2] of directories) {
    let before = 0;
    for (const child of last3.children(path)) {
      yield ENTRY8 + 8 * child.path.length;
      before++;
    }
    if (before !== count2) kept.delete(path);
  }
  for (const path of isChanged) kept.delete(path);
  return kept;
}
function* keepTimes(entries, kept) {
  for (const entry of entries) {
    const { path, type, linkname } = entry.node;
    const mtime = kept.get(type === "hardlink" && linkname !== void 0 ? linkname : path);
    yield mtime === void 0 ? entry : { ...entry, node: { ...entry.node, mtime } };
  }
}
var ENTRY8 = 4096;
function sourceOf(path) {
  const name = nameOf(path);
  if (!name.endsWith(".pyc")) return void 0;
  const directory2 = parentOf(path);
  if (nameOf(directory2) !== "__pycache__") return childPath(directory2, `${name.slice(0, -".pyc".length)}.py`);
  return childPath(parentOf(directory2), `${name.split(".", 1)[0]}.py`);
}

// src/engine/copy/layer-entries.ts
var CAPABILITY = "security.capability";
var NOTHING3 = new Uint8Array(0);
var DIGEST_OF_NOTHING = sha256(NOTHING3);
function* layerEntries(changes, differs = atOnce(findDifferences(changes))) {
  const firstPlace = /* @__PURE__ */ new Map();
  const frames = [openFrame(changes.base, changes.root, "", true)];
  for (let frame = frames.at(-1); frame !== void 0; frame = frames.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === void 0) {
      frames.pop();
      continue;
    }
    const path = childPath(frame.path, name);
    if (frame.removed.has(name)) {
      yield whiteout2(path, changes);
      continue;
    }
    const change = frame.directory.children?.get(name);
    if (change instanceof DirChange) {
      const baseNode = frame.baseVisible ? changes.base.lookup(path) : void 0;
      if (!differs.directory(change, baseNode)) continue;
      const isFree = change.mtime === void 0 || change.hasFreeTime;
      yield {
        node: withoutLocalXattrs(changes.directoryNode(change, path)),
        ...isFree && { hasFreeTime: true }
      };
      frames.push(openFrame(changes.base, change, path, baseNode?.type === "dir"));
    } else if (change instanceof CopyChange) {
      const node2 = changes.fileNode(change, path);
      if (frame.baseVisible && differs.sameFile(change, node2)) continue;
      yield fileEntry(change, withoutLocalXattrs(node2), firstPlace);
    }
  }
}
function fileEntry(change, node2, firstPlace) {
  const free = change.origin.hasFreeTimes && { hasFreeTime: true };
  if (change.linked) {
    const first = firstPlace.get(change);
    if (first !== void 0) {
      return { node: { ...node2, type: "hardlink", size: 0, linkname: first }, ...free };
    }
    firstPlace.set(change, node2.path);
  }
  if (node2.type !== "file" || node2.contents !== void 0) return { node: node2, ...free };
  return { node: node2, read: () => change.origin.read(change.node), ...free };
}
function openFrame(base, directory2, path, baseVisible) {
  const names2 = [];
  const removed = /* @__PURE__ */ new Set();
  for (const [name, change] of directory2.children ?? []) {
    if (change !== null) names2.push(name);
    else removed.add(WHITEOUT + name);
  }
  if (baseVisible && !directory2.overBase) {
    for (const node2 of base.children(path)) {
      const name = node2.path.slice(path.length + 1);
      if (!directory2.children?.get(name)) removed.add(WHITEOUT + name);
    }
  }
  for (const name of removed) {
    if (directory2.children?.get(name)) removed.delete(name);
    else names2.push(name);
  }
  return { directory: directory2, path, names: sortedNames(names2), removed, baseVisible, next: 0 };
}
function whiteout2(path, changes) {
  const mtime = changes.mtimeOf(0);
  const node2 = {
    path,
    type: "file",
    mode: 0,
    uid: 0,
    gid: 0,
    mtime,
    size: 0,
    digest: DIGEST_OF_NOTHING
  };
  return { node: node2, read: () => NOTHING3 };
}
function withoutLocalXattrs(node2) {
  if (node2.xattrs === void 0) return node2;
  const { xattrs, ...rest } = node2;
  const capability = xattrs[CAPABILITY];
  return capability === void 0 ? rest : { ...rest, xattrs: { [CAPABILITY]: capability } };
}
var ENTRY9 = 2048;
var LAYER2 = 128;
function* findDifferences(changes) {
  const differences = new Differences(changes);
  yield* differences.find();
  return differences;
}
var Differences = class {
  #changes;
  /** Directories of the base in which something differs. */
  #differs = /* @__PURE__ */ new Set();
  /** The names of files of the base that have several, by each of the names. */
  #namesInBase = /* @__PURE__ */ new Map();
  /** Files with several names that are equal in the base, where they are the only names of one file. */
  #sameLinked = /* @__PURE__ */ new Set();
  constructor(changes) {
    this.#changes = changes;
  }
  *find() {
    yield* this.#findNamesInBase();
    yield* this.#compareLinked();
    yield* this.#visit(this.#changes.root, "");
  }
  /** Whether a directory, or anything in it, differs from the base, which has `baseNode` there. */
  directory(directory2, baseNode) {
    if (baseNode?.type !== "dir" || !sameMeta(directory2, baseNode)) return true;
    return this.#differs.has(directory2);
  }
  /** Compares a directory, and visits every directory in it. */
  *#visit(directory2, path) {
    const { base } = this.#changes;
    let differs = false;
    for (const [name, change] of directory2.children ?? []) {
      yield ENTRY9 + 8 * path.length + LAYER2 * (base.layerCount ?? 1);
      const at = childPath(path, name);
      if (change instanceof DirChange) {
        const baseNode = base.lookup(at);
        if (baseNode?.type === "dir") yield* this.#visit(change, at);
        differs ||= this.directory(change, baseNode);
      } else {
        differs ||= change === null || !this.sameFile(change, this.#changes.fileNode(change, at));
      }
    }
    if (!differs && !directory2.overBase) differs = yield* this.#anyGone(directory2, path);
    if (differs) this.#differs.add(directory2);
  }
  /** Whether the base has an entry that is missing in the directory that replaced it. */
  *#anyGone({ children }, path) {
    for (const { path: at } of this.#changes.base.children(path)) {
      yield ENTRY9 + at.length;
      if (!children?.has(nameOf(at))) return true;
    }
    return false;
  }
  /** Whether the base has an equal file at this path: metadata, timestamp in seconds, contents, hard links. */
  sameFile(change, node2) {
    if (change.linked) return this.#sameLinked.has(change);
    return !this.#namesInBase.has(node2.path) && this.#sameAlone(change, node2);
  }
  *#findNamesInBase() {
    const { base } = this.#changes;
    const names2 = /* @__PURE__ */ new Map();
    for (const link of hardLinksOf(base)) {
      yield ENTRY9;
      const target = resolveHardLink(base, link).path;
      const others = names2.get(target) ?? /* @__PURE__ */ new Set([target]);
      names2.set(target, others.add(link.path));
      this.#namesInBase.set(target, others).set(link.path, others);
    }
  }
  *#compareLinked() {
    const linked = /* @__PURE__ */ new Map();
    if (this.#changes.hasLinkedFiles) yield* this.#collectLinked(this.#changes.root, "", linked);
    for (const [change, paths] of linked) {
      const [first = ""] = paths;
      const before = this.#namesInBase.get(first) ?? /* @__PURE__ */ new Set([first]);
      yield ENTRY9 * paths.length;
      const isSame = (path) => before.has(path) && this.#sameAlone(change, this.#changes.fileNode(change, path));
      if (paths.length === before.size && paths.every(isSame)) this.#sameLinked.add(change);
    }
  }
  *#collectLinked(directory2, path, linked) {
    for (const [name, change] of directory2.children ?? []) {
      yield ENTRY9 + 4 * path.length;
      const at = childPath(path, name);
      if (change instanceof DirChange) yield* this.#collectLinked(change, at, linked);
      if (!(change instanceof CopyChange && change.linked)) continue;
      const paths = linked.get(change);
      if (paths === void 0) linked.set(change, [at]);
      else paths.push(at);
    }
  }
  #sameAlone(change, node2) {
    const { base } = this.#changes;
    const entry = base.lookup(node2.path);
    if (entry === void 0 || change.origin.madeNow) return false;
    const before = resolveHardLink(base, entry);
    return before.type === node2.type && sameMeta(before, node2) && before.size === node2.size && Math.floor(before.mtime) === Math.floor(node2.mtime) && (node2.type !== "symlink" || before.linkname === node2.linkname) && (node2.type !== "file" || node2.digest !== void 0 && before.digest === node2.digest) && before.device?.major === node2.device?.major && before.device?.minor === node2.device?.minor;
  }
};
function sameMeta(a, b) {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.xattrs?.[CAPABILITY] === b.xattrs?.[CAPABILITY];
}

// src/engine/copy/workdir.ts
async function makeWorkdir(base, request2) {
  const { owner: owner2, noLayers, mtimeOf } = request2;
  const changes = new Changes(base, mtimeOf);
  let ids2 = { uid: 0, gid: 0 };
  let warnings = [];
  if (owner2 !== void 0) ({ ids: ids2, warnings } = await resolveOwner(owner2, noLayers ? void 0 : base));
  const meta3 = { ...ids2, mode: 493, mtime: void 0 };
  requireValidPath(pathInRoot(request2.path), "lstat");
  makeDirectories(changes, resolveInTree(changes, request2.path), meta3, owner2 !== void 0);
  return { changes, warnings };
}

// src/engine/times.ts
var FIXED_EPOCH = 315532800;
function timesOf({ timestamps, epoch }) {
  return (mtime) => mtime === void 0 ? epoch : timestamps === "fixed" ? FIXED_EPOCH : Math.floor(mtime);
}

// src/engine/solve/change-files.ts
async function changeFiles(definition, sources, parent, times2, last3) {
  const mtimeOf = timesOf(times2);
  const noLayers = parent.hasNoLayers;
  if (definition.kind === "workdir") {
    const { path, owner: owner3 } = definition;
    const request3 = { path, noLayers, mtimeOf, ...owner3 && { owner: owner3 } };
    return stepChanges(await makeWorkdir(await parent.tree(), request3));
  }
  const { dest, destIsDirectory, owner: owner2, chmod: chmod6, link, excludes } = definition;
  const request2 = {
    sources,
    dest,
    destIsDirectory,
    link,
    excludes,
    noLayers,
    mtimeOf,
    ...owner2 && { owner: owner2 },
    ...chmod6 && { chmod: chmod6 }
  };
  const base = isIndependent(request2) ? emptyTree : await parent.tree();
  const copied = await stepChanges(await copyInto(base, request2));
  if (last3 === void 0) return copied;
  const kept = await inTurns(findKeptTimes(copied.entries(), last3));
  return { ...copied, entries: () => keepTimes(copied.entries(), kept) };
}
async function stepChanges({
  changes,
  warnings = []
}) {
  const differences = await inTurns(findDifferences(changes));
  return { entries: () => layerEntries(changes, differences), warnings };
}

// src/engine/run/task-work.ts
async function copyFiles({ action, layers, times: times2 }, open3, last3) {
  const sources = action.kind === "workdir" ? [] : await Promise.all(action.sources.map((one) => openSource(one, open3)));
  const parent = { hasNoLayers: layers.length === 0, tree: () => open3({ layers }) };
  return changeFiles(action, sources, parent, times2, last3);
}
async function selectFiles({ sources }, open3, hash3) {
  const digests2 = [];
  for (const { source, excludes } of sources) {
    const opened = await openSource(source, open3);
    await hash3(await selectNodes(opened, excludes));
    const { digest } = await selectEntries(opened, excludes);
    digests2.push(digest);
  }
  return digests2;
}
async function runEntries({ times: times2 }, upper, base, mounted) {
  const changes = await inTurns(overlayChanges({ upper, base, mounted, mtimeOf: timesOf(times2) }));
  return (await stepChanges({ changes })).entries();
}
async function openSource(source, open3) {
  const { from, ref, path, parents, literal: literal2, keepOwner, madeNow } = source;
  if ("content" in from) return heredocSource(from.name, from.content);
  return {
    tree: await open3(from),
    ref,
    path,
    keepOwner,
    ...parents !== void 0 && { parents },
    ...literal2 && { literal: literal2 },
    ...madeNow && { madeNow }
  };
}

// src/runner/tasks/copy-task.ts
async function copyTask2(job2, task2, context, signal) {
  var _stack = [];
  try {
    const cleanup = __using(_stack, new AsyncDisposableStack(), true);
    const trees = new TaskTrees(job2, context, signal, cleanup);
    const { store, service } = context;
    const last3 = task2.last && await service.entries(job2, task2.last, signal);
    const { entries, warnings } = await copyFiles(task2, (tree) => trees.open(tree), last3);
    const { id: id2, bytes: bytes2 } = await store.addSnapshot(
      job2.build,
      signal,
      (into) => extractMembers(entryMembers(entries()), into, { prefix: store.prefix, signal })
    );
    return { kind: "copy", snapshot: id2, bytes: bytes2, warnings: [...warnings] };
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}
async function selectTask2(job2, task2, context, signal) {
  var _stack = [];
  try {
    const cleanup = __using(_stack, new AsyncDisposableStack(), true);
    const trees = new TaskTrees(job2, context, signal, cleanup);
    const digests2 = await selectFiles(
      task2,
      (tree) => trees.open(tree),
      async (nodes) => {
        for (const { contents } of nodes) {
          signal.throwIfAborted();
          if (contents instanceof LocalContents) await contents.hash();
        }
      }
    );
    return { kind: "select", digests: digests2 };
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}

// src/runner/tasks/layer-task.ts
import { mkdtemp as mkdtemp4 } from "node:fs/promises";
import { join as join23 } from "node:path";

// src/layers/spool.ts
var spoolPrefix = "spool/";
function spoolKey() {
  return `${spoolPrefix}${crypto.randomUUID()}`;
}
function keepUpTo(maxBytes) {
  let kept = 0;
  return (bytes2) => {
    if (kept + bytes2 > maxBytes) return false;
    kept += bytes2;
    return true;
  };
}
var Spool = class {
  #store;
  #keep;
  #spooled = 0;
  #writer;
  #key = spoolKey();
  constructor(store, keep) {
    this.#store = store;
    this.#keep = keep;
  }
  /** Key of the object; undefined when everything is in memory. */
  get key() {
    return this.#writer && this.#key;
  }
  /** Adds bytes without copying them. */
  async add(bytes2) {
    if (this.#writer === void 0 && this.#keep(bytes2.length)) return bytes2;
    this.#writer ??= await this.#store.create(this.#key);
    await this.#writer.write(bytes2);
    const place2 = { key: this.#key, offset: this.#spooled, length: bytes2.length };
    this.#spooled += bytes2.length;
    return place2;
  }
  /** Completes the object. Added bytes can be read afterwards. */
  async complete() {
    await this.#writer?.complete();
  }
  async abort() {
    await this.#writer?.abort();
  }
};

// src/layers/chunk-writer.ts
var KEPT = 24 * 1024 * 1024;
var REUSED_AT_ONCE = 16 * 1024 * 1024;
var BUFFER = 1024 * 1024;
var ChunkWriter = class {
  #options;
  #compress;
  #spool;
  #digest = new Digester();
  #sources = [];
  #list = [];
  /** Chunks being compressed, in order. */
  #pending = [];
  /** Buffers for their copies. Memory that is used once costs garbage collections. */
  #free = [];
  #size = 0;
  #reusedBytes = 0;
  /** Reused chunks that are not read yet. */
  #reused = [];
  #reusedWaiting = 0;
  constructor(options) {
    this.#options = options;
    this.#compress = options.compress ?? (options.compression === "gzip" ? gzipMember : zstdFrame);
    this.#spool = new Spool(options.spool, options.keep ?? keepUpTo(KEPT));
  }
  /** The chunk may be reused by the caller once this resolves. */
  async add(chunk) {
    const hex3 = sha256Hex(chunk);
    const known2 = this.#options.reuse?.get(hex3);
    if (known2 !== void 0) return this.#addReused(known2, chunk.length, hex3);
    const { level, pending = 1 } = this.#options;
    const size = chunk.length;
    const turn = spend(COMPRESS_COST * size);
    if (turn !== void 0) await turn;
    if (pending === 1) return this.#addCompressed(await this.#compress(chunk, level), size, hex3);
    const buffer = this.#bufferFor(size);
    buffer.set(chunk);
    const bytes2 = Promise.resolve(this.#compress(buffer.subarray(0, size), level));
    bytes2.then(
      () => this.#free.push(buffer),
      // The rejection is handled where the chunk is awaited.
      () => {
      }
    );
    this.#pending.push({ size, hex: hex3, bytes: bytes2 });
    if (this.#pending.length >= pending) await this.#finishOldest();
  }
  async complete() {
    while (this.#pending.length > 0) await this.#finishOldest();
    await this.#readReused();
    await this.#spool.complete();
    const { blob } = this.#options;
    return {
      digest: blob === void 0 ? this.#digest.digest() : `sha256:${blob.digest()}`,
      size: this.#size,
      sources: this.#sources,
      list: this.#list,
      spoolKey: this.#spool.key,
      reusedBytes: this.#reusedBytes
    };
  }
  async abort() {
    await this.#spool.abort();
    await this.#options.blob?.abort();
  }
  async #addReused(known2, size, hex3) {
    while (this.#pending.length > 0) await this.#finishOldest();
    this.#list.push([known2.length, size, hex3]);
    this.#size += known2.length;
    this.#reusedBytes += known2.length;
    if (this.#options.blob === void 0) this.#sources.push(known2);
    this.#reused.push(known2);
    this.#reusedWaiting += known2.length;
    if (this.#reusedWaiting >= REUSED_AT_ONCE) await this.#readReused();
  }
  #bufferFor(size) {
    const free = this.#free.pop();
    return free !== void 0 && free.length >= size ? free : new Uint8Array(Math.max(size, BUFFER));
  }
  async #finishOldest() {
    const oldest = this.#pending.shift();
    if (oldest !== void 0) await this.#addCompressed(await oldest.bytes, oldest.size, oldest.hex);
  }
  async #addCompressed(bytes2, size, hex3) {
    await this.#readReused();
    this.#list.push([bytes2.length, size, hex3]);
    this.#size += bytes2.length;
    const { blob } = this.#options;
    if (blob !== void 0) return blob.write(bytes2);
    this.#digest.update(bytes2);
    this.#sources.push(await this.#spool.add(bytes2));
  }
  /** Hashes the collected chunks. */
  async #readReused() {
    if (this.#reused.length === 0) return;
    const { spool, blob } = this.#options;
    for await (const bytes2 of readSources(spool, this.#reused)) {
      if (blob === void 0) this.#digest.update(bytes2);
      else await blob.write(bytes2);
    }
    this.#reused = [];
    this.#reusedWaiting = 0;
  }
};

// src/layers/chunker.ts
var KIB = 1024;
var MIN_CHUNK2 = 128 * KIB;
var EXPECTED = 256 * KIB;
var MAX_CHUNK2 = 512 * KIB;
var PIECE10 = 512 * KIB;
function cutsBefore(node2, filled) {
  if (filled < MIN_CHUNK2) return false;
  if (filled >= MAX_CHUNK2) return true;
  return hash2(node2) < (node2.size + KIB) * (4294967296 / EXPECTED);
}
function hash2(node2) {
  let value = 2166136261;
  for (const text2 of [node2.path, node2.type, node2.digest ?? node2.linkname ?? ""]) {
    for (let i = 0; i < text2.length; i++) value = Math.imul(value ^ text2.charCodeAt(i), 16777619);
    value = Math.imul(value ^ 255, 16777619);
  }
  value = Math.imul(value ^ value >>> 16, 2246822507);
  value = Math.imul(value ^ value >>> 13, 3266489909);
  return (value ^ value >>> 16) >>> 0;
}

// src/layers/tar-writer.ts
function layerEntryError(path, reason) {
  return new Error(`Cannot write the layer entry "${path}": ${reason}`);
}
var TarWriter = class {
  #sink;
  lines = new LineFrames();
  #last;
  #parents = new Parents();
  constructor(sink) {
    this.#sink = sink;
  }
  async add(entry) {
    const { node: node2 } = entry;
    if (this.#last !== void 0 && comparePaths(this.#last, node2.path) >= 0) {
      throw layerEntryError(node2.path, `it comes after "${this.#last}"`);
    }
    this.#last = node2.path;
    const missing = this.#parents.missingBefore(node2);
    if (missing === void 0) throw layerEntryError(node2.path, "something above it is not a directory");
    for (const directory2 of missing) this.lines.push(encodeNode(directory2));
    if (cutsBefore(node2, this.#sink.filled)) await this.#sink.cut();
    this.#sink.append(encodeMember(node2));
    if (node2.type !== "file" || node2.size === 0) {
      this.lines.push(encodeNode(node2.type === "file" ? { ...node2, digest: NO_BYTES } : node2));
      return;
    }
    if (node2.size >= PIECE10) await this.#sink.cut();
    const place2 = this.#sink.size;
    const digest = await this.#sink.appendFile(entry);
    this.#sink.append(padding(node2.size));
    this.lines.push(encodeNode({ ...node2, digest }, place2));
  }
  async end() {
    if (this.#last === void 0) this.lines.push(encodeNode({ ...IMPLIED, path: "" }));
    this.#sink.append(endOfArchive);
    await this.#sink.cut();
    this.lines.flush();
  }
};

// src/layers/write.ts
async function writeLayer(entries, options) {
  const { compression, level } = options;
  const chunks2 = new ChunkWriter(options);
  const buffer = new ChunkBuffer(chunks2);
  const tar = new TarWriter(buffer);
  try {
    for await (const entry of lookAhead(entries)) {
      const turn = spend(ENTRY10);
      if (turn !== void 0) await turn;
      await tar.add(entry);
    }
    await tar.end();
    const { digest, size, sources, spoolKey: spoolKey2, reusedBytes, list } = await chunks2.complete();
    return {
      digest,
      size,
      mediaType: compression === "gzip" ? OCI.layerGzip : OCI.layerZstd,
      diffId: buffer.diffId(),
      written: { compression, level, chunks: list },
      entries: tar.lines,
      sources,
      spoolKeys: spoolKey2 === void 0 ? [] : [spoolKey2],
      reusedBytes
    };
  } catch (error2) {
    await chunks2.abort();
    throw error2;
  }
}
var ENTRY10 = 8192;
var ChunkBuffer = class {
  #chunks;
  #diffId = new Digester();
  /** The current chunk. */
  #buffer = new Uint8Array(2 * PIECE10);
  #filled = 0;
  /** Bytes of the chunks before it. */
  #before = 0;
  constructor(chunks2) {
    this.#chunks = chunks2;
  }
  get filled() {
    return this.#filled;
  }
  get size() {
    return this.#before + this.#filled;
  }
  diffId() {
    return this.#diffId.digest();
  }
  async appendFile({ node: node2, read }) {
    const contents = read?.() ?? node2.contents?.read();
    if (contents === void 0) throw layerEntryError(node2.path, "it has no contents");
    const digester = node2.digest === void 0 ? new Digester() : void 0;
    let size = 0;
    for await (const chunk of contents instanceof Uint8Array ? [contents] : contents) {
      size += chunk.length;
      if (size > node2.size) throw layerEntryError(node2.path, `it has more than ${node2.size} bytes`);
      digester?.update(chunk);
      if (node2.size < PIECE10) this.append(chunk);
      else await this.#appendPieces(chunk);
    }
    if (size < node2.size) throw layerEntryError(node2.path, `it has ${size} bytes, not ${node2.size}`);
    return digester?.digest() ?? node2.digest;
  }
  async #appendPieces(bytes2) {
    for (let at = 0; at < bytes2.length; ) {
      const part = bytes2.subarray(at, at + PIECE10 - this.#filled);
      this.append(part);
      at += part.length;
      if (this.#filled === PIECE10) await this.cut();
    }
  }
  append(bytes2) {
    const filled = this.#filled + bytes2.length;
    if (filled > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(filled, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes2, this.#filled);
    this.#filled = filled;
  }
  async cut() {
    if (this.#filled === 0) return;
    const chunk = this.#buffer.subarray(0, this.#filled);
    this.#diffId.update(chunk);
    await this.#chunks.add(chunk);
    this.#before += this.#filled;
    this.#filled = 0;
  }
};

// src/runner/tasks/layer-task.ts
init_remove_tree();

// src/runner/tasks/spool-file.ts
import { createReadStream } from "node:fs";
import { open as open2, rm as rm4 } from "node:fs/promises";
import { join as join22 } from "node:path";
var SpoolFile = class {
  #folder;
  constructor(folder) {
    this.#folder = folder;
  }
  async create(key) {
    const file2 = await open2(this.#path(key), "wx");
    let isOpen = true;
    const close = async () => {
      if (isOpen) await file2.close();
      isOpen = false;
    };
    return {
      write: async (bytes2) => writeAll(file2, bytes2),
      complete: close,
      abort: async () => {
        await close();
        await this.delete(key);
      }
    };
  }
  async getBytes(key, { offset = 0, length } = {}) {
    const file2 = await open2(this.#path(key));
    try {
      const size = length ?? (await file2.stat()).size - offset;
      const bytes2 = Buffer.allocUnsafe(size);
      const { bytesRead } = await file2.read(bytes2, 0, size, offset);
      return bytes2.subarray(0, bytesRead);
    } finally {
      await file2.close();
    }
  }
  async delete(...keys) {
    for (const key of keys) await rm4(this.#path(key), { force: true });
  }
  /** The bytes of chunks, from an offset into all of them. */
  async *read(sources, offset) {
    let skip3 = offset;
    for (const source of sources) {
      const { length } = source;
      if (length <= skip3) {
        skip3 -= length;
        continue;
      }
      if (source instanceof Uint8Array) yield source.subarray(skip3);
      else {
        const start2 = source.offset + skip3;
        yield* createReadStream(this.#path(source.key), { start: start2, end: source.offset + length - 1 });
      }
      skip3 = 0;
    }
  }
  #path(key) {
    return join22(this.#folder, key.replaceAll("/", "-"));
  }
};
async function writeAll(file2, bytes2) {
  for (let at = 0; at < bytes2.length; ) at += (await file2.write(bytes2, at)).bytesWritten;
}

// src/runner/tasks/layer-task.ts
var KEPT_BYTES = 32 * 1024 * 1024;
async function layerTask2(job2, task2, context, signal) {
  return context.writers.use(async () => {
    var _stack = [];
    try {
      const cleanup = __using(_stack, new AsyncDisposableStack(), true);
      const snapshot = await context.store.holdSnapshot(task2.snapshot);
      cleanup.defer(() => snapshot.release());
      const folder = await mkdtemp4(join23(context.jobs, "layer-"));
      cleanup.defer(() => removeTree(folder));
      const trees = new TaskTrees(job2, context, signal, cleanup);
      const spool = new SpoolFile(folder);
      const draft = await writeLayer(untilAborted2(await entriesOf(snapshot, task2, trees), signal), {
        compression: task2.compression,
        level: task2.level,
        spool,
        keep: keepUpTo(KEPT_BYTES),
        compress: compressInPool(task2.compression),
        pending: POOL_CHUNKS
      });
      const { digest, size, mediaType, diffId } = draft;
      const toc = tocOf(draft);
      await context.service.putLayer(
        job2,
        { digest, size, toc },
        (offset) => spool.read(draft.sources, offset),
        signal
      );
      await context.store.setLayer(task2.snapshot, { digest, diffId });
      return { kind: "layer", layer: { mediaType, digest, size, diffId } };
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise2 = __callDispose(_stack, _error, _hasError);
      _promise2 && await _promise2;
    }
  });
}
async function entriesOf(snapshot, task2, trees) {
  const { mounted } = snapshot.record;
  if (mounted === void 0) return copiedEntries(snapshot);
  const base = (await trees.stack(task2.layers)).tree();
  return runEntries(task2, rawTree(snapshot), base, mounted);
}
function* copiedEntries(snapshot) {
  for (const node2 of layerTree(snapshot).walk("")) yield { node: node2 };
}
function* untilAborted2(entries, signal) {
  for (const entry of entries) {
    signal.throwIfAborted();
    yield entry;
  }
}
function tocOf({ digest, size, mediaType, diffId, written, entries }) {
  const info = { digest, size, mediaType, diffId, ...written && { written } };
  return concat(encodeToc(info, entries.frames));
}

// src/runner/tasks/run-task.ts
import { randomUUID as randomUUID8 } from "node:crypto";
import { mkdir as mkdir9, rename as rename4 } from "node:fs/promises";
import { join as join26 } from "node:path";

// schemas/task-needs.ts
function rightsOf(of) {
  if (of.kind !== "run") return [];
  const rights = [];
  if (of.network === "host") rights.push("network.host");
  if (of.security === "insecure") rights.push("security.insecure");
  return rights;
}

// src/runner/files/log-text.ts
var MAX_CHARACTERS2 = 16 * 1024;
var MAX_BYTES5 = 4 * 1024 * 1024;
var LogText = class {
  #decoder = new TextDecoder();
  #budget;
  /** Streams of one process share a budget. */
  constructor(budget) {
    this.#budget = budget;
  }
  write(chunk) {
    if (this.#budget.left <= 0) return [];
    const kept = chunk.subarray(0, this.#budget.left);
    this.#budget.left -= kept.length;
    return split(this.#decoder.decode(kept, { stream: true }));
  }
  end() {
    return split(this.#decoder.decode());
  }
};
function logBudget() {
  return { left: MAX_BYTES5 };
}
function split(text2) {
  const parts = [];
  for (let at = 0; at < text2.length; ) {
    let end = Math.min(at + MAX_CHARACTERS2, text2.length);
    if (end < text2.length && (text2.charCodeAt(end - 1) & 64512) === 55296) end -= 1;
    parts.push(text2.slice(at, end));
    at = end;
  }
  return parts;
}

// src/runner/tasks/run-task.ts
init_remove_tree();
init_job_error();
init_sandbox();
init_user_namespace();

// src/runner/snapshots/scan-tree.ts
import { readdir as readdir3 } from "node:fs/promises";
init_command();
init_runtime();
var SYSTEM_CALLS = {
  x64: [195, 192],
  arm64: [12, 9],
  riscv64: [12, 9],
  loong64: [12, 9],
  ppc64: [216, 213],
  s390x: [231, 228]
};
var OPAQUE3 = /^(?:trusted|user)\.overlay\.opaque$/;
var ENTRY_BYTES = 4096;
async function scanTree(folder, signal) {
  if ((await readdir3(folder)).length === 0) return { index: new IndexBuilder().finish(), bytes: ENTRY_BYTES };
  const calls = SYSTEM_CALLS[process.arch];
  const perl = calls && findProgram("perl");
  return perl === void 0 || calls === void 0 ? scanArchive(folder, signal) : scanWithPerl(perl, calls, folder, signal);
}
var IndexBuilder = class {
  #index = { xattrs: {}, opaque: [], links: [], hasRemovals: false };
  #names = /* @__PURE__ */ new Map();
  addRemoval() {
    this.#index.hasRemovals = true;
  }
  /** @param file equal for all names of one file */
  addName(path, file2) {
    const names2 = this.#names.get(file2);
    if (names2 === void 0) this.#names.set(file2, [path]);
    else names2.push(path);
  }
  /** @param value in base64 */
  addAttribute(path, name, value) {
    if (OPAQUE3.test(name)) {
      if (!/^[Yy]$/.test(atob(value))) return;
      this.#index.opaque.push(path);
      this.#index.hasRemovals = true;
    } else if (!OVERLAY_XATTR.test(name)) {
      this.#index.xattrs[path] = { ...this.#index.xattrs[path], [name]: value };
    }
  }
  finish() {
    for (const names2 of this.#names.values()) {
      if (names2.length > 1) this.#index.links.push(names2.sort(comparePaths));
    }
    return this.#index;
  }
};
var SCRIPT2 = `
use strict;
my ($list, $get, $top) = @ARGV;
my ($bytes, %seen) = (0);
binmode STDOUT;
sub visit {
  my ($path, $name) = @_;
  my ($dev, $ino, $links, $rdev, $size) = (lstat $path)[0, 1, 3, 6, 7] or die "$path: $!";
  my $is_directory = -d _;
  print "R\\0$name\\0" if -c _ && $rdev == 0;
  print "L\\0$name\\0$dev:$ino\\0" if !$is_directory && $links > 1;
  $bytes += ${ENTRY_BYTES} + (-f _ ? $size : 0) unless $links > 1 && !$is_directory && $seen{"$dev:$ino"}++;
  my $names = "\\0" x 65536;
  my $length = syscall($list, $path, $names, 65536);
  for my $attribute ($length > 0 ? split(/\\0/, substr($names, 0, $length)) : ()) {
    my $value = "\\0" x 65536;
    my $got = syscall($get, $path, $attribute, $value, 65536);
    print join("\\0", "A", $name, unpack("H*", $attribute), unpack("H*", substr($value, 0, $got))), "\\0" if $got >= 0;
  }
  return unless $is_directory;
  opendir(my $handle, $path) or die "$path: $!";
  my @entries = grep { $_ ne "." && $_ ne ".." } readdir $handle;
  closedir $handle;
  visit("$path/$_", $name eq "" ? $_ : "$name/$_") for @entries;
}
visit($top, "");
print "B\\0$bytes\\0";
`;
async function scanWithPerl(perl, [list, get2], folder, signal) {
  const chunks2 = [];
  await runProgram(perl, ["-e", SCRIPT2, String(list), String(get2), folder], {
    signal,
    output: async (stdout) => {
      for await (const chunk of stdout) chunks2.push(chunk);
    }
  });
  const index = new IndexBuilder();
  let bytes2 = 0;
  const next = fields(Buffer.concat(chunks2));
  const text2 = () => decodeName(next() ?? new Uint8Array());
  for (let kind = next(); kind !== void 0; kind = next()) {
    switch (String.fromCharCode(kind[0] ?? 0)) {
      case "R":
        text2();
        index.addRemoval();
        break;
      case "L":
        index.addName(text2(), text2());
        break;
      case "A":
        index.addAttribute(text2(), fromHex(text2()).toString("latin1"), fromHex(text2()).toString("base64"));
        break;
      default:
        bytes2 = Number(text2());
    }
  }
  return { index: index.finish(), bytes: bytes2 };
}
function fields(bytes2) {
  let start2 = 0;
  return () => {
    const end = bytes2.indexOf(0, start2);
    if (end < 0) return void 0;
    const field = bytes2.subarray(start2, end);
    start2 = end + 1;
    return field;
  };
}
function fromHex(text2) {
  return Buffer.from(text2, "hex");
}
var ARCHIVE = [
  "--create",
  "--file=-",
  "--format=posix",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=*",
  "--sparse",
  "--blocking-factor=128",
  "--directory"
];
async function scanArchive(folder, signal) {
  const index = new IndexBuilder();
  let bytes2 = 0;
  await runProgram("tar", ARCHIVE.concat(folder, "."), {
    signal,
    output: async (stdout) => {
      for await (const { entry } of readTar(stdout)) {
        const { path, type, size, linkname = "", device: device2, xattrs = {} } = entry;
        if (type === "char" && device2?.major === 0 && device2.minor === 0) index.addRemoval();
        if (type === "file") index.addName(path, path);
        else if (type === "hardlink") index.addName(path, linkname);
        if (type !== "hardlink") bytes2 += ENTRY_BYTES + size;
        for (const [name, value] of Object.entries(xattrs)) index.addAttribute(path, name, value);
      }
    }
  });
  return { index: index.finish(), bytes: bytes2 };
}

// src/runner/step-failure.ts
init_job_error();
async function stepFailure(exit, step) {
  const { id: id2, folder, groups: groups2, limits: limits2, networkHint: networkHint2 } = step;
  const exitCode = exit.code ?? void 0;
  if (groups2.ranOutOfMemory(id2)) {
    const hint2 = limits2.memory === void 0 ? "The machine of the runner has no memory left." : `A step of this runner may use ${limits2.memory} bytes of memory (--memory).`;
    return new JobError("out-of-memory", "it was killed because memory ran out", { exitCode, hint: hint2 });
  }
  if (await isFull(folder)) return new JobError("out-of-disk", DISK_FULL, { exitCode });
  const hint = groups2.ranOutOfPids(id2) ? `The step reached the limit of ${limits2.pids} processes and threads that a step of this runner may have (--pids-limit).` : networkHint2;
  return exitCode === void 0 ? new JobError("signal", `it was ended by ${exit.signal ?? "a signal"}`, { hint }) : new JobError("exit", `exit code: ${exitCode}`, { exitCode, hint });
}

// src/runner/tasks/mounts.ts
import { chmodSync as chmodSync4, chownSync as chownSync3, lstatSync as lstatSync8, writeFileSync as writeFileSync9 } from "node:fs";
import { join as join25 } from "node:path";

// src/runner/agent-socket.ts
import { chmod as chmod4, chown as chown2, mkdtemp as mkdtemp5, rm as rm5 } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir as tmpdir2 } from "node:os";
import { join as join24 } from "node:path";
async function openAgentSocket(agent, { uid, gid, mode }) {
  const folder = await mkdtemp5(join24(tmpdir2(), "varve-ssh-"));
  const path = join24(folder, "agent");
  const server = createServer((client) => {
    const upstream = connect(agent);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", end).on("close", end).pipe(upstream);
    upstream.on("error", end).on("close", end).pipe(client);
  });
  server.unref();
  const close = async () => {
    server.close();
    await rm5(folder, { recursive: true, force: true });
  };
  try {
    await new Promise((resolve2, reject) => server.once("error", reject).listen(path, resolve2));
    await chown2(path, uid, gid);
    await chmod4(path, mode);
  } catch (error2) {
    await close();
    throw error2;
  }
  return { path, close };
}

// src/runner/tasks/mounts.ts
init_job_error();

// src/runner/network/allowed-port.ts
var ADDRESS = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+)$/;
function formatPorts(ports) {
  return [...new Set(ports.map(({ host }) => host))].filter((host) => !ADDRESS.test(host));
}

// src/runner/network/loopback-listeners.ts
function readSocketTables() {
  return { tcp: readTable("tcp"), tcp6: readTable("tcp6") };
}
var IPV4_LOOPBACK = "127.0.0.1";
var IPV6_LOOPBACK = "::1";
var SERVES_IPV6 = /^0{24}(?:01000000|00000001)$/;
var SERVES_IPV4 = /^(?:0{8}|0{32}|(?:0{16}(?:FFFF0000|0000FFFF))?(?:0100007F|7F000001))$/;
function loopbackOf(ports, tables) {
  const wanted = new Set(ports);
  let address = IPV4_LOOPBACK;
  for (const { host, port } of listeners(`${tables.tcp}
${tables.tcp6}`)) {
    if (!wanted.has(port)) continue;
    if (SERVES_IPV4.test(host)) return IPV4_LOOPBACK;
    if (SERVES_IPV6.test(host)) address = IPV6_LOOPBACK;
  }
  return address;
}
function* listeners(table) {
  for (const [, host = "", port = ""] of table.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gm))
    yield { host, port: Number.parseInt(port, 16) };
}

// src/runner/network/hosts-file.ts
function hostsFile(hostname3, hosts, allowed, readSockets) {
  const sockets = allowed.length === 0 ? { tcp: "", tcp6: "" } : readSockets();
  const addressOf2 = (name) => {
    const ports = allowed.filter(({ host }) => name === void 0 || host === name);
    return loopbackOf(
      ports.map(({ port }) => port),
      sockets
    );
  };
  const names2 = formatPorts(allowed);
  const localhost = names2.includes("localhost") ? [addressOf2("localhost")] : ["127.0.0.1", "::1"];
  const namesAt = (address, ...rest) => `${address}	${[...localhost.includes(address) ? ["localhost"] : [], ...rest].join(" ")}`;
  return [
    namesAt("127.0.0.1", hostname3),
    namesAt("::1", "ip6-localhost", "ip6-loopback"),
    ...names2.filter((name) => name !== "localhost").map((name) => `${addressOf2(name)}	${name}`),
    ...hosts.map(({ name, address }) => `${address === hostGateway ? addressOf2() : address}	${name}`),
    ""
  ].join("\n");
}

// src/runner/tasks/mounts.ts
async function prepareMounts(job2, task2, context) {
  const makers = [
    memoryFile("resolv.conf", "/etc/resolv.conf", context.network.nameServers),
    memoryFile(
      "hosts",
      "/etc/hosts",
      hostsFile(hostnameOf(task2), task2.hosts ?? [], context.network.allowed, readSocketTables)
    )
  ];
  const caches = await holdCaches(job2, task2, context);
  for (const [index, mount] of task2.mounts.entries())
    makers.push(await prepare(mount, index, context, caches));
  if (task2.script !== void 0) {
    makers.push(memoryFile("script", task2.script.path, task2.script.content, { mode: 493 }));
  }
  return async (inside, folder) => {
    const placed = { spec: [], points: [], env: [] };
    for (const make2 of makers) {
      const { spec, isDirectory: isDirectory4 = true, env } = await make2(inside, folder);
      if (env !== void 0) placed.env.push(env);
      if (spec === void 0) continue;
      placed.spec.push(spec);
      placed.points.push({ target: spec.destination, isDirectory: isDirectory4 });
    }
    return placed;
  };
}
async function prepare(mount, index, context, caches) {
  switch (mount.type) {
    case "bind":
      return prepareBind(mount, `bind-${index}`, context);
    case "cache":
      return prepareCache(mount, `cache-${index}`, context, caches.get(mount.key));
    case "tmpfs":
      return async (inside) => ({ spec: tmpfs(mount, `${inside}/root/merged`) });
    case "secret": {
      const value = await secretOf(mount, context.keyring);
      const { target, env } = mount;
      const file2 = target === void 0 ? void 0 : memoryFile(`secret-${index}`, target, value, mount);
      return async (inside, folder) => ({
        ...file2 !== void 0 && await file2(inside, folder),
        ...env !== void 0 && { env: [env, value.toString()] }
      });
    }
    case "ssh":
      return prepareAgent(mount, context);
  }
}
async function secretOf({ id: id2, value }, keyring2) {
  if (value !== void 0) return Buffer.from(value, "base64");
  return Buffer.from(await readKeyring(`secret ${id2}`, keyring2, (own2) => own2.secret(id2)));
}
async function prepareAgent(mount, { keyring: keyring2, cleanup }) {
  const { id: id2, target, required: required2, forwarded } = mount;
  if (!forwarded) {
    if (!required2) return async () => ({});
    throw new JobError("refused", `unset ssh forward key ${id2}`);
  }
  const agent = await readKeyring(`ssh agent ${id2}`, keyring2, (own2) => own2.agent(id2));
  const socket = await openAgentSocket(agent, mount);
  cleanup.defer(() => socket.close());
  const options = ["rbind", "nosuid", "nodev", "noexec"];
  return async () => ({
    spec: { destination: target, type: "bind", source: socket.path, options },
    isDirectory: false
  });
}
async function readKeyring(what, keyring2, read) {
  if (keyring2 === void 0) throw new JobError("refused", `this runner has no ${what}`);
  try {
    return await read(keyring2);
  } catch (error2) {
    throw new JobError("refused", `Cannot read ${what} from the client: ${error2.message}`);
  }
}
function tmpfs({ target, readonly: readonly2, size }, root2) {
  const options = ["nosuid", `mode=${tmpfsMode(root2, target)}`];
  if (readonly2) options.push("ro");
  if (size !== void 0) options.push(`size=${size}`);
  return { destination: target, type: "tmpfs", source: "tmpfs", options };
}
async function prepareBind(mount, name, { trees, stacks }) {
  const { paths, root: root2, source } = await trees.mounted(mount.from, mount.source);
  stacks.push({ name, paths, root: root2, writable: !mount.readonly });
  return async (inside, folder) => within(inside, folder, `/${name}/merged`, { ...mount, source });
}
async function holdCaches(job2, task2, { caches, cleanup, signal }) {
  const held = /* @__PURE__ */ new Map();
  const mounts = task2.mounts.filter((mount) => mount.type === "cache");
  for (const mount of mounts.sort((a, b) => a.key < b.key ? -1 : 1)) {
    if (held.has(mount.key)) continue;
    const isAlone = mounts.some(({ key, source }) => key === mount.key && !isRoot(source));
    const cache = await caches.hold(job2, mount, signal, isAlone);
    cleanup.defer(() => cache.release());
    held.set(mount.key, cache);
  }
  return held;
}
function isRoot(path) {
  return path.split("/").every((name) => name === "" || name === ".");
}
async function prepareCache(mount, name, { trees, stacks }, cache) {
  if (mount.from !== void 0) {
    const { paths, root: root2 } = await trees.mounted(mount.from, mount.source);
    stacks.push({ name, paths, root: root2, writable: false });
  }
  return async (inside) => {
    if (mount.from !== void 0) await cache.fill(`${inside}/${name}/merged`);
    return within("", "", cache.path, mount);
  };
}
function within(inside, folder, base, { source, target, readonly: readonly2 }) {
  const { found, missing } = resolveInRoot(inside + base, source);
  if (missing.length > 0) throw new JobError("refused", `${JSON.stringify(source)}: not found`);
  return {
    spec: {
      destination: target,
      type: "bind",
      source: folder + base + found,
      options: ["rbind", readonly2 ? "ro" : "rw"]
    },
    isDirectory: lstatSync8(inside + base + found).isDirectory()
  };
}
function memoryFile(name, target, content, { mode = 420, uid = 0, gid = 0 } = {}) {
  return async (inside, folder) => {
    const path = `${inside}/memory/${name}`;
    writeFileSync9(path, content, { mode: 384 });
    chownSync3(path, uid, gid);
    chmodSync4(path, mode);
    const options = ["rbind", "ro", "nosuid", "nodev", ...(mode & 73) === 0 ? ["noexec"] : []];
    const source = join25(folder, "memory", name);
    return { spec: { destination: target, type: "bind", source, options }, isDirectory: false };
  };
}
function hostnameOf({ hostname: hostname3 }) {
  return hostname3 || "buildkitsandbox";
}

// src/runner/tasks/step-output.ts
var StepOutput = class {
  #log;
  #folder;
  #held = [];
  /** @param folder a folder on the disk that the step writes to */
  constructor(log, folder) {
    this.#log = log;
    this.#folder = folder;
  }
  log = (stream, text2) => {
    if (isFullNow(this.#folder)) {
      this.#held.push([stream, text2]);
      return void 0;
    }
    this.flush();
    return this.#log(stream, text2);
  };
  /** Sends the output that was held back. */
  flush() {
    for (const [stream, text2] of this.#held) void this.#log(stream, text2);
    this.#held = [];
  }
};

// src/runner/tasks/run-task.ts
var GRACE_MS = 1500;
async function runTask2(job2, task2, context, { log, done: done2, cancelled }) {
  var _stack = [];
  try {
    const id2 = `job-${randomUUID8()}`;
    const folder = join26(context.jobs, id2);
    const cleanup = __using(_stack, new AsyncDisposableStack(), true);
    await mkdir9(folder, { recursive: true, mode: 448 });
    const output2 = new StepOutput(log, context.jobs);
    cleanup.defer(() => output2.flush());
    cleanup.defer(() => removeTree(folder));
    for (const right of rightsOf(task2)) {
      if (!context.rights.has(right)) throw new JobError("refused", `${right} is not allowed`);
    }
    const trees = new TaskTrees(job2, context, cancelled, cleanup);
    const root2 = await trees.stack(task2.layers);
    const stacks = [{ name: "root", paths: root2.paths, root: root2.root, writable: true }];
    const { caches, keyring: keyring2, groups: groups2, networks, limits: limits2 } = context;
    const network = await networks.acquire(task2.network);
    cleanup.defer(() => network.release());
    const mountContext = { trees, caches, keyring: keyring2, stacks, cleanup, signal: cancelled, network };
    const placeMounts = await prepareMounts(job2, task2, mountContext);
    const { command, method, describe: describe3 } = launch(context, { id: id2, folder, network: network.kind });
    const { namespaces: namespaces2 } = network;
    const sandbox = await Sandbox.open(folder, stacks, command, method, { ...PIPES, namespaces: namespaces2 });
    cleanup.defer(() => groups2.remove(id2));
    cleanup.defer(() => sandbox.close());
    const merged = `${sandbox.inside}/root/merged`;
    const account = accountOf(merged, task2.user);
    requireIds(account, `the step runs as ${account.uid}:${account.gid}`);
    makeContainerWorkdir(merged, task2.workdir, account);
    const { spec: mounts, points, env } = await placeMounts(sandbox.inside, folder);
    for (const point of SYSTEM_POINTS) new MountStubs().make(merged, point, []);
    const stubs = new MountStubs();
    points.forEach((point, index) => {
      stubs.make(merged, point, [...SYSTEM_POINTS, ...points.slice(0, index)]);
    });
    describe3(sandbox, {
      args: task2.args,
      env: [...task2.env, ...env],
      workdir: task2.workdir,
      account,
      hostname: hostnameOf(task2),
      mounts,
      isInsecure: task2.security === "insecure",
      limits: limits2,
      ...task2.ulimits && { ulimits: task2.ulimits }
    });
    const began = Date.now();
    const exit = await supervise2(job2, sandbox, output2.log, cancelled);
    const milliseconds = Date.now() - began;
    if (exit.code !== 0) {
      throw await stepFailure(exit, { id: id2, folder, groups: groups2, limits: limits2, networkHint: network.hint });
    }
    await sandbox.close();
    const upper = join26(folder, "root/upper");
    stubs.remove(upper);
    const mounted = points.map(({ target }) => target);
    const snapshot = await context.store.addSnapshot(job2.build, cancelled, async (tree) => {
      await rename4(upper, tree);
      const { index, bytes: bytes2 } = await scanTree(tree, cancelled);
      const { names: below } = root2;
      return { index, bytes: bytes2, implied: [], ...root2.root && { root: root2.root }, mounted, below };
    });
    output2.flush();
    done2({ kind: "run", snapshot: snapshot.id, bytes: snapshot.bytes, milliseconds });
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise2 = __callDispose(_stack, _error, _hasError);
    _promise2 && await _promise2;
  }
}
async function supervise2(job2, sandbox, log, cancelled) {
  cancelled.throwIfAborted();
  const budget = logBudget();
  const piped = [pipe2("stdout"), pipe2("stderr")];
  function pipe2(name) {
    const text2 = new LogText(budget);
    const stream = sandbox[name];
    const send2 = (texts) => {
      for (const part of texts) {
        const backpressure = log(name, part);
        if (backpressure === void 0) continue;
        stream.pause();
        backpressure.then(() => stream.resume());
      }
    };
    stream.on("data", (chunk) => send2(text2.write(chunk)));
    return new Promise((resolve2) => {
      stream.once("close", () => {
        send2(text2.end());
        resolve2();
      });
    });
  }
  let kill;
  let isLate = false;
  const stop = () => {
    sandbox.signal("SIGTERM");
    kill ??= setTimeout(() => sandbox.close(), GRACE_MS);
  };
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, job2.timeoutSeconds * 1e3);
  cancelled.addEventListener("abort", stop, { once: true });
  try {
    sandbox.run();
    const exit = await sandbox.exit;
    await Promise.all(piped);
    cancelled.throwIfAborted();
    if (isLate) throw new JobError("timeout", `it exceeded its time limit of ${job2.timeoutSeconds} s`);
    return exit;
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    cancelled.removeEventListener("abort", stop);
  }
}

// src/runner/tasks/execute-job.ts
async function executeJob(job2, context, { log, done: done2, terminal, cancelled }) {
  try {
    cancelled.throwIfAborted();
    const { task: task2 } = job2;
    switch (task2.kind) {
      case "run":
        return await runTask2(job2, task2, context, { log, done: done2, cancelled });
      case "copy":
        return done2(await copyTask2(job2, task2, context, cancelled));
      case "select":
        return done2(await selectTask2(job2, task2, context, cancelled));
      case "layer":
        return done2(await layerTask2(job2, task2, context, cancelled));
      case "container":
        return done2(await containerTask2(job2, task2, context, { terminal, cancelled }));
    }
  } catch (error2) {
    throw await jobError(error2, context, cancelled);
  }
}
async function jobError(error2, { jobs }, cancelled) {
  if (error2 instanceof JobError) return error2;
  if (cancelled.aborted) return new JobError("cancelled", "it was cancelled");
  if (error2 instanceof BuildError) return copyError(error2);
  if (error2 instanceof SnapshotMissingError) {
    return new JobError("snapshot-lost", error2.message, { snapshots: [error2.id] });
  }
  const message = error2 instanceof Error ? error2.message : String(error2);
  if (/ENOSPC|No space left on device/.test(message) || await isFull(jobs).catch(() => false)) {
    return new JobError("out-of-disk", DISK_FULL);
  }
  const lost = await lostDisk(jobs);
  return new JobError("internal", lost === void 0 ? message : `the runner lost its disk: ${lost}`);
}
function copyError({ code, message, hint, words }) {
  return new JobError("copy", message, {
    code: code === "source-not-found" ? code : "copy-failed",
    words: [...words],
    ...hint !== void 0 && { hint }
  });
}
async function lostDisk(folder) {
  try {
    await removeTree(await mkdtemp6(join27(folder, "try-")));
    return void 0;
  } catch (error2) {
    return error2.message;
  }
}

// src/runner/working-runner.ts
var CONTAINERS = 8;
var SAVE_AFTER_MS = 2e3;
var STORE_MS = 1e4;
var WorkingRunner = class {
  #connection;
  #context;
  #platforms = machinePlatforms();
  #lock;
  #print;
  #running = /* @__PURE__ */ new Map();
  /** Receivers of clients' messages, by job. */
  #terminals = /* @__PURE__ */ new Map();
  /** Receivers of requests to ports, by job. */
  #ports = /* @__PURE__ */ new Map();
  /** Running builds whose snapshots it holds. */
  #builds = /* @__PURE__ */ new Set();
  #closing;
  /** Whether it closes without waiting for builds. */
  #isHurried = false;
  #changed = Promise.withResolvers();
  /** Whether this machine has started a container, as far as known. */
  #isAble;
  /** Resolves to whether the machine cannot start containers. */
  #trial;
  #saving;
  #options;
  #idling;
  /** @param instance identifies the folder of snapshots */
  constructor(options, context, lock, instance) {
    const server = new URL(options.server);
    this.#print = options.print ?? ((text2) => process.stderr.write(`${text2}
`));
    this.#context = context;
    this.#lock = lock;
    this.#options = options;
    this.#isAble = options.unable === void 0;
    this.#startIdleTimers();
    this.#connection = new ServerConnection(server, options, {
      hello: () => ({
        type: "hello",
        instance,
        platforms: this.#platforms,
        capacity: options.capacity,
        containers: options.containers ?? CONTAINERS,
        labels: options.labels ?? {},
        allow: [...this.#context.rights],
        isLasting: options.isLasting ?? false,
        jobs: [...this.#running.keys()]
      }),
      message: (message) => this.#receive(message),
      opened: () => this.#print(`Connected: this machine executes steps for ${server.origin}`),
      lost: (reason) => this.#print(`Lost the connection to ${server.origin}: ${reason}. Reconnecting.`),
      unreached: (reason) => this.#print(`Cannot connect to ${server.origin}: ${reason}. Retrying.`),
      refused: (answer2) => options.refused?.(answer2),
      dismissed: () => options.dismissed?.()
    });
  }
  get shortcomings() {
    const { networks, runtime } = this.#context;
    return [
      ...networks.shortcoming === void 0 ? [] : [networkHint(networks.shortcoming)],
      ...runtime.name === "unshare" && !canFilter() ? ["System calls of steps are not filtered: install crun, runc or perl."] : []
    ];
  }
  close(now = false) {
    if (now) {
      this.#isHurried = true;
      for (const { cancel } of this.#running.values()) cancel.abort();
      this.#context.caches.stopSaving();
    }
    for (const { job: job2, cancel } of this.#running.values()) if (job2.task.kind === "container") cancel.abort();
    this.#closing ??= this.#close();
    this.#wake();
    return this.#closing;
  }
  async #close() {
    clearTimeout(this.#idling);
    clearTimeout(this.#saving);
    this.#connection.send({ type: "bye" });
    await this.#finish();
    await this.#context.caches.close();
    await this.#connection.close();
    await this.#context.networks.close();
    await this.#context.workspaces.close();
    this.#context.groups.close();
    await this.#lock.release();
  }
  /** Waits until no job runs and no build needs a snapshot, or until nothing changed for `STORE_MS`. */
  async #finish() {
    for (; ; ) {
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
      if (this.#running.size > 0) continue;
      if (this.#isHurried || this.#builds.size === 0) return;
      const { promise: promise2 } = this.#changed;
      const timeout = new AbortController();
      const isOver = await Promise.race([
        promise2.then(() => false),
        sleep5(STORE_MS, true, { signal: timeout.signal }).catch(() => false)
      ]);
      timeout.abort();
      if (isOver) return;
    }
  }
  #wake() {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
  #receive(message) {
    const { store } = this.#context;
    switch (message.type) {
      case "job":
        if (!this.#running.has(message.job.id)) this.#start(message.job);
        break;
      case "cancel":
        this.#running.get(message.job)?.cancel.abort();
        break;
      case "terminal":
        this.#terminals.get(message.job)?.(message.message);
        break;
      case "port":
        this.#ports.get(message.job)?.(message.message);
        break;
      case "find":
        void this.#find(message.request, message.names);
        break;
      case "keep":
        store.names.keep(message.snapshot, message.names).catch(() => {
        });
        break;
      case "release":
        store.release(message.build);
        this.#builds.delete(message.build);
        this.#wake();
    }
  }
  async #find(request2, names2) {
    const found = await this.#context.store.names.find(names2);
    this.#connection.send({ type: "found", request: request2, snapshots: Object.fromEntries(found) });
  }
  #start(job2) {
    const cancel = new AbortController();
    clearTimeout(this.#idling);
    clearTimeout(this.#saving);
    this.#context.caches.pause();
    const ended = this.#execute(job2, cancel.signal).finally(() => {
      this.#running.delete(job2.id);
      this.#terminals.delete(job2.id);
      this.#ports.delete(job2.id);
      this.#startIdleTimers();
    });
    this.#running.set(job2.id, { job: job2, cancel, ended });
    if (job2.task.kind !== "container") this.#builds.add(job2.build);
    this.#wake();
  }
  /** Without a job, cache mounts are saved after a while, and `idle` is called after its time. */
  #startIdleTimers() {
    if (this.#running.size > 0 || this.#closing !== void 0) return;
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#context.caches.save(), SAVE_AFTER_MS);
    const { idle, idleSeconds } = this.#options;
    if (idle === void 0 || idleSeconds === void 0) return;
    clearTimeout(this.#idling);
    this.#idling = setTimeout(idle, idleSeconds * 1e3);
  }
  async #execute(job2, cancelled) {
    let isDone = false;
    let isSuspect = false;
    try {
      if (this.#isHurried || this.#closing !== void 0 && job2.task.kind !== "layer") {
        throw new JobError("cancelled", "the runner is closing");
      }
      const hasProcess = job2.task.kind === "run" || job2.task.kind === "container";
      if (hasProcess && !this.#platforms.includes(job2.platform)) {
        throw new JobError(
          "refused",
          `this runner executes steps for ${this.#platforms.join(", ")}, not for ${job2.platform}`
        );
      }
      const log = (stream, text2) => {
        isSuspect ||= !this.#isAble && REFUSED.test(text2);
        return this.#connection.send({ type: "log", job: job2.id, stream, text: text2 });
      };
      const done2 = (result2) => {
        isDone = true;
        if (result2.kind === "run") this.#isAble = true;
        if (result2.kind === "layer") this.#options.stored?.(result2.layer.size);
        this.#connection.send({ type: "done", job: job2.id, result: result2 });
      };
      const terminal = {
        started: () => void this.#connection.send({ type: "started", job: job2.id }),
        output: (text2, mark) => void this.#connection.send({ type: "output", job: job2.id, text: text2, ...mark && { mark } }),
        typed: (characters) => void this.#connection.send({ type: "typed", job: job2.id, characters }),
        exec: (message) => void this.#connection.send({ type: "exec", job: job2.id, message }),
        listen: (receive) => void this.#terminals.set(job2.id, receive),
        port: (message) => void this.#connection.send({ type: "port", job: job2.id, message }),
        listenToPorts: (receive) => void this.#ports.set(job2.id, receive)
      };
      await executeJob(job2, this.#context, { log, done: done2, terminal, cancelled });
    } catch (error2) {
      if (isDone) return this.#print(`Cannot remove the files of job ${job2.id}: ${error2}`);
      const known2 = error2 instanceof JobError ? error2 : new JobError("internal", String(error2));
      const isUnable = isSuspect && known2.failure.reason === "exit" && await this.#findUnable();
      const { failure: failure2 } = isUnable ? new JobError("cancelled", "the runner is closing") : known2;
      this.#connection.send({ type: "failed", job: job2.id, failure: failure2 });
    }
  }
  /**
   * Whether this machine cannot start containers. The runner then accepts no further steps, so that others execute them, and
   * closes when these have its snapshots.
   */
  #findUnable() {
    this.#trial ??= tryContainer(this.#context).then(
      () => false,
      (error2) => {
        if (!(error2 instanceof UnableError)) return false;
        this.close().catch(() => {
        });
        this.#options.unable?.(error2.message);
        return true;
      }
    );
    return this.#trial;
  }
};

// src/runner/runner.ts
function makeDataFolder(path) {
  try {
    makeFolder2(path, 448);
  } catch (error2) {
    throw new UnableError(
      `Cannot create the folder ${path} for layers and cache mounts: ${fileReason(error2)}. Choose another one with --data (varve runner) or XDG_CACHE_HOME (varve build).`
    );
  }
}
async function startRunner(options) {
  if (needsUserNamespace()) return (await Promise.resolve().then(() => (init_runner_apart(), runner_apart_exports))).startRunnerApart(options);
  makeDataFolder(options.data);
  const data = await realpath(options.data);
  const ability = await findAbility(data, options);
  const lock = await lockFolder(data);
  const networks = StepNetworks.open({
    kind: options.network ?? "default",
    allowed: options.networkAllow ?? [],
    hasOwnUsers: ability.method.userNamespace
  });
  networks.catch(() => {
  });
  const print = options.print ?? ((text2) => process.stderr.write(`${text2}
`));
  try {
    const jobs = join28(data, "jobs");
    await removeLeftovers2(jobs);
    new ControlGroups(data).close();
    const containers = join28(data, "containers");
    await removeTree(containers);
    const tools = join28(data, "tools");
    if (ability.runtime.name === "unshare") await copyTools(tools);
    const caches = join28(data, "caches");
    makeFolder2(caches, 448);
    await chmod5(caches, 448);
    const layers = join28(options.layers ?? join28(data, "layers"), ability.method.prefix);
    const context = {
      jobs,
      containers,
      workspaces: await Workspaces.open(join28(data, "workspaces")),
      store: await DirectoryStore.open(
        layers,
        options.layerBytes ?? DEFAULT_LAYER_BYTES,
        ability.method.prefix
      ),
      writers: new Slots(1),
      service: new JobService(new URL(options.server)),
      caches: new Caches(caches, {
        acquire: (job2, key, sharing, signal) => CacheLease.acquire(new URL(options.server), job2, key, sharing, signal),
        saves: options.savesCaches ?? true,
        report: print
      }),
      groups: new ControlGroups(data),
      runtime: ability.runtime,
      method: ability.method,
      tools,
      networks: await networks,
      limits: stepLimits(options),
      rights: grantedRights(options),
      ...options.keyring && { keyring: options.keyring }
    };
    if (options.unable === void 0) await tryContainer(context);
    return new WorkingRunner(options, context, lock, await instanceOf(layers));
  } catch (error2) {
    await networks.then((opened) => opened.close()).catch(() => {
    });
    await lock.release();
    throw error2;
  }
}
function grantedRights({ allow = [], network }) {
  return /* @__PURE__ */ new Set([...allow, ...network === "host" ? ["network.host"] : []]);
}
async function instanceOf(layers) {
  const path = `${layers}.instance`;
  try {
    await writeFile5(path, randomUUID9(), { flag: "wx" });
  } catch (error2) {
    if (error2.code !== "EEXIST") throw error2;
  }
  return (await readFile5(path, "utf8")).trim();
}
async function removeLeftovers2(jobs) {
  await mkdir10(jobs, { recursive: true, mode: 448 });
  for (const name of await readdir4(jobs)) {
    await removeTree(join28(jobs, name));
  }
}

// src/runner/runner-program.ts
var requests = 0;
var waiting = /* @__PURE__ */ new Map();
var runner;
function send(message) {
  if (process.connected) process.send?.(message);
}
var keyring = {
  secret: async (id2) => await request("secret", id2),
  agent: async (id2) => await request("agent", id2)
};
async function request(kind, id2) {
  const number5 = requests++;
  const answer2 = await new Promise((resolve2) => {
    waiting.set(number5, resolve2);
    send({ type: "ask", number: number5, kind, id: id2 });
  });
  if (answer2.type === "refusal") throw new Error(answer2.message);
  return answer2.value;
}
async function start({ options }) {
  const { hasKeyring, hasUnable, ...given } = options;
  runner = startRunner({
    ...given,
    ...hasKeyring && { keyring },
    ...hasUnable && { unable: (reason) => send({ type: "unable", reason }) },
    print: (text2) => send({ type: "print", text: text2 }),
    idle: () => send({ type: "idle" }),
    refused: (answer2) => send({ type: "refused", answer: answer2 }),
    dismissed: () => send({ type: "dismissed" }),
    stored: (bytes2) => send({ type: "stored", bytes: bytes2 })
  });
  try {
    const { shortcomings } = await runner;
    send({ type: "started", shortcomings });
  } catch (error2) {
    const { name, message } = error2;
    send({ type: "failed", name, message });
    process.disconnect();
  }
}
process.on("message", async (message) => {
  switch (message.type) {
    case "start":
      return start(message);
    case "close":
      await (await runner)?.close(message.now);
      return process.exit(0);
    default:
      waiting.get(message.number)?.(message);
      waiting.delete(message.number);
  }
});
