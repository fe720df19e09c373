// Kills its process, a given time after it was told to: also in the middle of what the main thread
// cannot interrupt.
import { parentPort, workerData } from "node:worker_threads";

const { signal, delay } = workerData;
parentPort.postMessage("ready");
Atomics.wait(signal, 0, 0);
// The only wait that is shorter than a millisecond.
Atomics.wait(signal, 0, 1, delay);
process.kill(process.pid, "SIGKILL");
