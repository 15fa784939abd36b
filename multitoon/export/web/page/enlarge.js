// From the drawing's size back to the photo's, along the photo's own edges: multitoon/filters/upsample.py.
// With I the luminance of the small photo and p the toon, in windows of radius 2:
//   a = cov(I, p) / (var(I) + eps),   toon at full size = up(p) + up(a) (I_full - up(I)).

const RADIUS = 2;
const EPSILON = 0.05 ** 2;

// toon: planes [r, g, b] in [-1, 1] and small: RGBA, both w x h; full: RGBA of W x H, which becomes the toon.
export function enlarge(toon, small, w, h, full, W, H) {
  const gray = luminance(small);
  const mean = box(gray, w, h);
  const variance = box(gray.map((v) => v * v), w, h).map((v, i) => Math.max(0, v - mean[i] ** 2) + EPSILON);
  const slopes = toon.map((p) => {
    const meanOfP = box(p, w, h);
    const covariance = box(p.map((v, i) => v * gray[i]), w, h);
    return box(covariance.map((v, i) => (v - mean[i] * meanOfP[i]) / variance[i]), w, h);
  });
  const columns = Array.from({ length: W }, (_, x) => between(x, W, w));
  const maps = [gray, ...toon, ...slopes];
  const lines = maps.map(() => new Float32Array(w));
  for (let y = 0; y < H; y++) {
    const [top, bottom, dy] = between(y, H, h);
    for (let k = 0; k < maps.length; k++)
      for (let x = 0; x < w; x++)
        lines[k][x] = maps[k][top * w + x] * (1 - dy) + maps[k][bottom * w + x] * dy;
    for (let x = 0; x < W; x++) {
      const [left, right, dx] = columns[x];
      const i = 4 * (y * W + x);
      const lost = luminanceAt(full, i) - (lines[0][left] * (1 - dx) + lines[0][right] * dx);
      for (let c = 0; c < 3; c++) {
        const up = lines[1 + c], slope = lines[4 + c];
        const value = up[left] * (1 - dx) + up[right] * dx + (slope[left] * (1 - dx) + slope[right] * dx) * lost;
        full[i + c] = (value + 1) * 127.5; // a Uint8ClampedArray rounds and clips
      }
    }
  }
}

function luminance(rgba) {
  return Float32Array.from({ length: rgba.length / 4 }, (_, i) => luminanceAt(rgba, 4 * i));
}

// BT.601, [0, 1].
function luminanceAt(rgba, i) {
  return (0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2]) / 255;
}

// Pixel centers stay where they are, the border repeats: the two neighbors and the share of the second.
function between(x, to, from) {
  const at = Math.min(Math.max(((x + 0.5) * from) / to - 0.5, 0), from - 1);
  const first = Math.floor(at);
  return [first, Math.min(first + 1, from - 1), at - first];
}

// The mean over (2 RADIUS + 1)² pixels, the border repeated: rows, then columns.
function box(map, w, h) {
  const across = new Float32Array(w * h);
  const result = new Float32Array(w * h);
  const clip = (v, size) => Math.min(Math.max(v, 0), size - 1);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let d = -RADIUS; d <= RADIUS; d++) sum += map[y * w + clip(x + d, w)];
      across[y * w + x] = sum;
    }
  const area = (2 * RADIUS + 1) ** 2;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let d = -RADIUS; d <= RADIUS; d++) sum += across[clip(y + d, h) * w + x];
      result[y * w + x] = sum / area;
    }
  return result;
}
