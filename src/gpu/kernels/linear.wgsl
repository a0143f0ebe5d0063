// output = residual + activation(input · W + b).
//
// An invocation holds a tile of TILE_ROWS rows × TILE_QUADS vec4s of columns in registers, so that
// each load serves many products; SLICES invocations split the inputs of one tile between them and
// add up through workgroup memory. A line with $r is written once for every row of the tile, one
// with $q once for every vec4 of columns, since registers cannot be indexed, and one with $u once for
// every step of an unrolled loop.
//
// W lies in panels of 8 columns, [outputs / 8, INPUTS, 8].
//
// Constants: INPUTS, INPUT_QUADS (the padded width of an input row / 4), OUTPUT_QUADS (of an output
// row), ACTIVATION, RESIDUAL, TILE_ROWS, TILE_QUADS, SLICES, UNROLL
// (divides INPUTS / 4), X and Y (tiles a workgroup), PARTIALS (SLICES · TILE_ROWS · TILE_QUADS · X · Y, or 1 where SLICES is).

const IDENTITY = 0u;
const RELU = 1u;
const GELU = 2u;
const GATED = 3u;

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
// [1 or 4, OUTPUT_QUADS]: bias; if gated, gate, scale, magnitude.
@group(0) @binding(3) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(4) var<storage, read> residual: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>;

var<workgroup> partial: array<vec4f, PARTIALS>;

// x/2 · (1 + erf(x/√2)), from erfc as in Abramowitz & Stegun 7.1.26 (absolute error 1.5e-7); erfc
// itself rather than 1 − erf, which cancels for negative x.
fn gelu(x: vec4f) -> vec4f {
    // Beyond 8 · √2, erfc is 0 in f32; the bound keeps z² finite.
    let z = min(abs(x) * 0.70710678, vec4f(8.0));
    let t = 1.0 / (1.0 + 0.3275911 * z);
    let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    let tail = 0.5 * x * poly * exp(-z * z);
    return select(tail, x - tail, x > vec4f());
}

fn finish(row: u32, quad: u32, product: vec4f) {
    if row >= rows.end || quad >= OUTPUT_QUADS {
        return;
    }
    var y = product + vectors[quad];
    if ACTIVATION == RELU {
        y = max(y, vec4f());
    } else if ACTIVATION == GELU {
        y = gelu(y);
    } else if ACTIVATION == GATED {
        let gate = y + vectors[OUTPUT_QUADS + quad];
        let magnitude = y * vectors[2 * OUTPUT_QUADS + quad] + vectors[3 * OUTPUT_QUADS + quad];
        y = select(vec4f(), max(magnitude, vec4f()), gate > vec4f());
    }
    let at = row * OUTPUT_QUADS + quad;
    if RESIDUAL {
        y += residual[at];
    }
    output[at] = y;
}

@compute @workgroup_size(X, Y, SLICES)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let slice = local.z;
    let quad = id.x * TILE_QUADS;
    let row = rows.first + id.y * TILE_ROWS;

    // Rows beyond the pass read the last one and are not stored.
    let x_at$r = min(row + $r, rows.end - 1) * INPUT_QUADS;
    let w_at$q = ((quad + $q) / 2) * INPUTS * 2 + (quad + $q) % 2;
    var sum$r_$q = vec4f();
    // A tile beyond the last column has nothing to do, and must still reach the barrier.
    let steps = select(0u, (INPUTS + 3) / 4, quad < OUTPUT_QUADS);
    for (var step = slice * UNROLL; step < steps; step += SLICES * UNROLL) {
        let x$r_$u = input[x_at$r + step + $u];
        let k = step * 8;
        let a$q_$u = weight[w_at$q + k + 8 * $u];
        let b$q_$u = weight[w_at$q + k + 8 * $u + 2];
        let c$q_$u = weight[w_at$q + k + 8 * $u + 4];
        let d$q_$u = weight[w_at$q + k + 8 * $u + 6];
        sum$r_$q = fma(vec4f(x$r_$u.x), a$q_$u, sum$r_$q);
        sum$r_$q = fma(vec4f(x$r_$u.y), b$q_$u, sum$r_$q);
        sum$r_$q = fma(vec4f(x$r_$u.z), c$q_$u, sum$r_$q);
        sum$r_$q = fma(vec4f(x$r_$u.w), d$q_$u, sum$r_$q);
    }

    if SLICES == 1 {
        finish(row + $r, quad + $q, sum$r_$q);
    } else {
        let tile = local.y * X + local.x;
        partial[(($r * TILE_QUADS + $q) * SLICES + slice) * X * Y + tile] = sum$r_$q;
        workgroupBarrier();
        for (var part = slice; part < TILE_ROWS * TILE_QUADS; part += SLICES) {
            var sum = vec4f();
            for (var other = 0u; other < SLICES; other++) {
                sum += partial[(part * SLICES + other) * X * Y + tile];
            }
            finish(row + part / TILE_QUADS, quad + part % TILE_QUADS, sum);
        }
    }
}
