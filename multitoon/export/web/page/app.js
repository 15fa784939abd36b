// What one sees: a photo comes in (file, drop, paste, camera), its toon comes back from the worker.

const MAX_PIXELS = 12e6; // phones hold no larger canvas
const THUMB = 160; // shorter side in pixels of the styles' previews

const $ = (selector) => document.querySelector(selector);
const page = document.body;
const wanted = new URLSearchParams(location.search).get("backend") ?? ""; // ?backend=wasm or webgpu
const about = await (await fetch("styles.json")).json();

let photo = null; // { canvas, name }
let style = about.styles[0].name;
let turn = 0; // of the newest request: answers to older ones are dropped

// --- the worker -----------------------------------------------------------------------------------------

const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let count = 0;
worker.onmessage = ({ data }) => {
  const [resolve, reject] = waiting.get(data.id);
  waiting.delete(data.id);
  data.error ? reject(new Error(data.error)) : resolve(data);
};
worker.onerror = (event) => fail(`The drawing thread stopped: ${event.message ?? "it could not be loaded"}.`);

// The toon of `canvas` in the style called `name`, drawn with the shorter side at `side`, at the canvas's size.
function ask(name, canvas, side) {
  const { file, paper: grain } = about.styles.find((each) => each.name === name);
  const { width: W, height: H } = canvas;
  const scale = Math.min(1, side / Math.min(W, H));
  const [w, h] = [W, H].map((length) => Math.max(1, Math.round(length * scale)));
  const small = pixels(scaled(canvas, w, h));
  const full = scale < 1 ? pixels(canvas) : undefined;
  const id = ++count;
  const { precision, draw_size: drawSize } = about;
  const message = { id, wanted, precision, file, small, w, h, full, W, H, grain, drawSize };
  return new Promise((resolve, reject) => {
    waiting.set(id, [resolve, reject]);
    worker.postMessage(message, full ? [small.buffer, full.buffer] : [small.buffer]);
  });
}

// --- pictures -------------------------------------------------------------------------------------------

function blank(w, h) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [w, h];
  return canvas;
}

const brush = (canvas) => canvas.getContext("2d", { willReadFrequently: true });
const pixels = (canvas) => brush(canvas).getImageData(0, 0, canvas.width, canvas.height).data;

// By halves first: browsers look at four pixels only, and a large photo would turn to grain.
function scaled(source, w, h) {
  let from = source;
  while (from.width >= 2 * w && from.height >= 2 * h && from.width > 2 && from.height > 2)
    from = painted(from, from.width >> 1, from.height >> 1);
  return from.width === w && from.height === h ? from : painted(from, w, h);
}

function painted(source, w, h) {
  const canvas = blank(w, h);
  const context = brush(canvas);
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, w, h);
  context.drawImage(source, 0, 0, w, h);
  return canvas;
}

function show(canvas, rgba, w, h) {
  [canvas.width, canvas.height] = [w, h];
  brush(canvas).putImageData(new ImageData(rgba, w, h), 0, 0);
}

// --- drawing --------------------------------------------------------------------------------------------

async function open(source, name) {
  const { width, height } = source;
  const scale = Math.min(1, Math.sqrt(MAX_PIXELS / (width * height)));
  const canvas = painted(source, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  photo = { canvas, name };
  for (const id of ["#stage", "#styles", "#controls"]) $(id).hidden = false;
  $("#welcome").hidden = true;
  $("#frame").style.setProperty("--ratio", canvas.width / canvas.height);
  for (const id of ["#photo", "#toon"]) show($(id), pixels(canvas), canvas.width, canvas.height);
  at(100);
  if (await draw()) await previews();
}

// True if the toon is there and still wanted.
async function draw() {
  const mine = ++turn;
  $("#error").hidden = true;
  $("#save").disabled = true;
  page.dataset.state = "drawing";
  $("#status").textContent = worker.used ? "Drawing…" : "Loading the network, the first time only…";
  try {
    const { canvas } = photo;
    const strokes = $("#strokes").value;
    const { rgba, ms, backend } = await ask(style, canvas, Number(strokes));
    if (mine !== turn) return false;
    worker.used = true;
    show($("#toon"), rgba, canvas.width, canvas.height);
    const engine = backend === "webgpu" ? "WebGPU" : "WebAssembly";
    $("#status").textContent = `${canvas.width} × ${canvas.height} in ${(ms / 1000).toFixed(2)} s with ${engine}`;
    Object.assign(page.dataset, { state: "done", backend, ms: ms.toFixed(0), style, strokes });
    $("#save").disabled = false;
    if (Number($("#compare").value) > 95) reveal();
    return true;
  } catch (error) {
    if (mine === turn) fail(error.message);
    return false;
  }
}

async function previews() {
  const mine = turn;
  const { width, height } = photo.canvas;
  const scale = Math.min(1, THUMB / Math.min(width, height));
  const small = scaled(photo.canvas, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  for (const { name } of about.styles) {
    let rgba;
    try {
      ({ rgba } = await ask(name, small, THUMB));
    } catch (error) {
      return fail(error.message);
    }
    if (mine !== turn) return; // the request that came between draws them
    show($(`.style[data-name="${name}"] canvas`), rgba, small.width, small.height);
  }
  page.dataset.previews = "done";
}

function fail(reason) {
  page.dataset.state = "error";
  $("#error").hidden = false;
  $("#error").textContent = reason;
  $("#status").textContent = "";
}

// --- the slider -----------------------------------------------------------------------------------------

function at(percent) {
  $("#compare").value = percent;
  $("#frame").style.setProperty("--at", `${percent}%`);
  $(".tag.left").style.opacity = percent > 14 ? 1 : 0;
  $(".tag.right").style.opacity = percent < 86 ? 1 : 0;
}

function reveal() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return at(50);
  const begun = performance.now();
  const step = (now) => {
    if (Number($("#compare").value) !== reveal.last) return; // somebody took hold of it
    const t = Math.min(1, Math.max(0, (now - begun) / 700));
    at((100 - 50 * (1 - (1 - t) ** 3)).toFixed(1));
    reveal.last = Number($("#compare").value);
    if (t < 1) requestAnimationFrame(step);
  };
  reveal.last = Number($("#compare").value);
  requestAnimationFrame(step);
}

$("#compare").addEventListener("input", (event) => at(Number(event.target.value)));

// --- styles and controls --------------------------------------------------------------------------------

for (const { name, summary } of about.styles) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "style", title: summary });
  button.dataset.name = name;
  button.setAttribute("role", "radio");
  const label = document.createElement("span");
  label.textContent = name;
  button.append(blank(1, 1), label);
  button.addEventListener("click", () => choose(name));
  $("#styles").append(button);
}

function choose(name) {
  style = name;
  for (const button of document.querySelectorAll(".style")) {
    button.setAttribute("aria-checked", button.dataset.name === name);
    button.tabIndex = button.dataset.name === name ? 0 : -1;
  }
  if (photo) again();
}
choose(style);

async function again() {
  if ((await draw()) && page.dataset.previews !== "done") await previews();
}

$("#styles").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const names = about.styles.map((each) => each.name);
  choose(names[(names.indexOf(style) + step + names.length) % names.length]);
  $(`.style[data-name="${style}"]`).focus();
});

$("#strokes").addEventListener("change", again);

$("#save").addEventListener("click", () => {
  $("#toon").toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${photo.name}.${page.dataset.style}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }, "image/png");
});

// --- where photos come from -----------------------------------------------------------------------------

async function read(file) {
  if (!file) return;
  let source;
  try {
    source = await createImageBitmap(file);
  } catch {
    return fail(`${file.name || "That"} is not a picture that this browser can read.`);
  }
  delete page.dataset.previews;
  await open(source, (file.name || "photo").replace(/\.[^.]*$/, ""));
}

const input = $("#file");
async function chosen() {
  const [file] = input.files;
  input.value = ""; // the same file may be chosen again
  await read(file);
}
input.addEventListener("change", chosen);
addEventListener("paste", (event) => read([...event.clipboardData.files].find((file) => file.type.startsWith("image/"))));
addEventListener("dragover", (event) => {
  event.preventDefault();
  page.classList.add("dropping");
});
addEventListener("dragleave", (event) => event.relatedTarget ?? page.classList.remove("dropping"));
addEventListener("drop", (event) => {
  event.preventDefault();
  page.classList.remove("dropping");
  read(event.dataTransfer.files[0]);
});

const video = $("#camera video");
for (const button of document.querySelectorAll(".camera")) {
  button.hidden = !navigator.mediaDevices?.getUserMedia; // pages that are neither https nor localhost
  button.addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1920, height: 1440 } });
      $("#camera").showModal();
    } catch (error) {
      fail(`No camera: ${error.message}.`);
    }
  });
}
$("#cancel").addEventListener("click", () => $("#camera").close());
$("#camera").addEventListener("close", () => {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
});
$("#shoot").addEventListener("click", async () => {
  const shot = blank(video.videoWidth, video.videoHeight);
  const context = brush(shot);
  context.setTransform(-1, 0, 0, 1, shot.width, 0); // as in the mirror that was shown
  context.drawImage(video, 0, 0);
  $("#camera").close();
  delete page.dataset.previews;
  await open(shot, "camera");
});

$("#about").textContent =
  `Drawn here, in your browser, by ${about.library} and ${about.runtime}. ` +
  `License of the styles: ${[...new Set(about.styles.map((each) => each.license))].join("; ")}.`;

chosen(); // a photo may have been chosen while the list of styles was on its way
