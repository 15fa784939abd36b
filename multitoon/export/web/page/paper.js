// The style's paper under a toon: multitoon/paper.py. paper.bin holds its texture, SHEET x SHEET signed bytes.

const SHEET = 256;
const LARGEST = 8; // times that the texture is enlarged with the picture, at most
const PAD = 4; // pixels of the next repetition, so that the enlarged texture tiles too
let fine; // the texture as it is, once it was loaded
const enlarged = { scale: 1 }; // the last one

async function texture() {
  const bytes = new Int8Array(await (await fetch("paper.bin")).arrayBuffer());
  return standardized(Float32Array.from(bytes));
}

// Lays RGBA of W x H on paper of this grain, the root mean square of luminance in [-1, 1], in place.
export async function layOnPaper(rgba, W, H, grain, drawSize) {
  if (!grain) return;
  fine ??= await texture();
  const scale = Math.min(Math.max(1, Math.min(W, H) / drawSize), LARGEST);
  const side = Math.round(SHEET * scale);
  if (scale > 1 && enlarged.scale !== scale) Object.assign(enlarged, { scale, values: standardized(larger(scale, side)) });
  for (let y = 0, i = 0; y < H; y++)
    for (let x = 0; x < W; x++, i += 4) {
      let value = fine[(y % SHEET) * SHEET + (x % SHEET)];
      if (scale > 1) value = (value + enlarged.values[(y % side) * side + (x % side)]) / Math.SQRT2;
      const level = Math.round(127.5 * grain * value);
      for (let c = 0; c < 3; c++) rgba[i + c] += level; // a Uint8ClampedArray clips
    }
}

function larger(scale, side) {
  const border = Math.round(PAD * scale);
  const step = (SHEET + 2 * PAD) / (side + 2 * border);
  const taps = Array.from({ length: side }, (_, i) => cubic((i + border + 0.5) * step - 0.5 - PAD));
  const rows = new Float32Array(SHEET * side); // every row enlarged, then every column
  for (let y = 0; y < SHEET; y++)
    for (let x = 0; x < side; x++)
      for (const [at, weight] of taps[x]) rows[y * side + x] += weight * fine[y * SHEET + at];
  const values = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (const [at, weight] of taps[y])
      for (let x = 0; x < side; x++) values[y * side + x] += weight * rows[at * side + x];
  return values;
}

// The four pixels around `at` in the endless texture, with their weights (Keys 1981, a = -1/2).
function cubic(at) {
  const first = Math.floor(at) - 1;
  return [0, 1, 2, 3].map((k) => {
    const d = Math.abs(at - first - k);
    const weight = d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
    return [(first + k + SHEET) % SHEET, weight];
  });
}

function standardized(values) {
  let sum = 0, squares = 0;
  for (const v of values) [sum, squares] = [sum + v, squares + v * v];
  const mean = sum / values.length;
  const deviation = Math.sqrt(squares / values.length - mean * mean);
  return values.map((v) => v / deviation);
}
