// Kills its process a given time after a signal, even while the main thread runs code that it can't
// interrupt.
import { parentPort, workerData } from "node:worker_threads";

const { signal, delay } = workerData;
parentPort.postMessage("ready");
Atomics.wait(signal, 0, 0);
// The only wait that can be shorter than a millisecond.
Atomics.wait(signal, 0, 1, delay);
process.kill(process.pid, "SIGKILL");
