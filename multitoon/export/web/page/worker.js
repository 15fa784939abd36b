// ONNX Runtime in a thread of its own, so that the page stays awake: WebGPU where it helps, WebAssembly elsewhere.

import { enlarge } from "./enlarge.js";
import { layOnPaper } from "./paper.js";

const LIBRARIES = { wasm: "./runtime/ort.wasm.bundle.min.mjs", webgpu: "./runtime/ort.webgpu.bundle.min.mjs" };
const sessions = new Map(); // by file
let ort, backend;
let queue = Promise.resolve(); // a network draws one picture at a time

self.onmessage = ({ data }) => {
  queue = queue.then(() => answer(data));
};

async function answer(data) {
  try {
    if (!backend) await start(await pick(data.precision, data.wanted));
    const toon = await draw(data);
    self.postMessage({ id: data.id, backend, ...toon }, [toon.rgba.buffer]);
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error.message ?? error) });
  }
}

// A software adapter is slower than WebAssembly, and half precision is an extra on GPUs; int8 is made for CPUs.
async function pick(precision, wanted) {
  if (wanted in LIBRARIES) return wanted;
  if (precision === "int8" || !navigator.gpu) return "wasm";
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  const real = adapter && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
  return real && (precision !== "fp16" || adapter.features.has("shader-f16")) ? "webgpu" : "wasm";
}

async function start(name) {
  ort = await import(LIBRARIES[name]);
  ort.env.logLevel = "error";
  // Threads share memory, which browsers allow to isolated pages only (COOP and COEP headers).
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
  backend = name;
}

async function session(file) {
  if (!sessions.has(file)) {
    const created = ort.InferenceSession.create(file, { executionProviders: [backend] });
    sessions.set(file, created);
    created.catch(() => sessions.delete(file)); // a lost connection may come back
  }
  return sessions.get(file);
}

// small: RGBA of the size to draw at; full: RGBA of the photo's size, or absent where that is the same.
async function draw({ file, small, w, h, full, W, H, grain, drawSize }) {
  let y, ms;
  try {
    [y, ms] = await run(file, small, w, h);
  } catch (error) {
    if (backend !== "webgpu") throw error;
    sessions.clear();
    await start("wasm");
    [y, ms] = await run(file, small, w, h);
  }
  const begun = performance.now();
  const planes = [0, 1, 2].map((c) => y.subarray(c * w * h, (c + 1) * w * h));
  const rgba = full ?? small;
  if (full) enlarge(planes, small, w, h, full, W, H);
  else for (let i = 0; i < w * h; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = (planes[c][i] + 1) * 127.5;
  await layOnPaper(rgba, W, H, grain, drawSize);
  return { rgba, ms: ms + performance.now() - begun };
}

// (1, 3, h, w) in [-1, 1], and the milliseconds it took without loading.
async function run(file, rgba, w, h) {
  const network = await session(file);
  const begun = performance.now();
  const x = new Float32Array(3 * w * h);
  for (let i = 0; i < w * h; i++) for (let c = 0; c < 3; c++) x[c * w * h + i] = rgba[4 * i + c] / 127.5 - 1;
  const photo = new ort.Tensor("float32", x, [1, 3, h, w]);
  const { toon } = await network.run({ photo });
  const y = await toon.getData();
  toon.dispose();
  return [y, performance.now() - begun];
}
